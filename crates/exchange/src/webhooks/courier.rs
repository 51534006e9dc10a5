//! Who brings deliveries to webhooks: any number of nodes, each webhook one of them at a time.
//!
//! - A turn claims a webhook (fence + 1, a lease), sends what is due with nothing held, and records all of it in one
//!   transaction under the fence. Whoever was too slow records nothing; what they sent is sent again, under the same id.
//! - Of one thing, one delivery after the other; of several, some at once.
//! - A webhook that fails again and again is told one thing at a time and rests nine times as long as that took, so it
//!   never has more than a tenth of somebody's time. Whatever is due meanwhile waits without counting as tried.
//! - What cannot be built, or panics while it is, harms nothing but itself.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::db::{Command, Db, Ids, Tx};
use base::web::Address;
use base::{Failure, Result, TenantId, Ts, in_turn};
use books::events::EventId;
use books::messages::{self, Kind, Variables};
use books::orgs::{Tenant, Tenants};
use books::stream::{self, Event};
use futures_util::future::join_all;
use futures_util::{FutureExt as _, StreamExt as _, stream as streams};
use serde_json::{Value, json};

use super::delivery::{Attempt, Delivery, DeliveryId, Outcome, State};
use super::model::{DISABLED, Webhook, WebhookId, Why};
use super::queue::{self, Queue};
use super::schedule::{self, FAILING, WITHIN};
use super::signing::{self, Message};
use super::store;
use crate::egress::{Ask, Egress, Line, NoAnswer, Reads};

/// How many deliveries of a webhook are on the wire at once.
const AT_ONCE: usize = 4;

/// How many things a turn tells about, and how many deliveries it has besides, which follow one of those.
const HEADS: i64 = 64;
const FOLLOWERS: i64 = 192;

/// The same for a webhook that fails.
const HEADS_OF_FAILING: i64 = 16;

/// Within this time a turn begins what it sends.
const BEGINS_WITHIN: Duration = Duration::from_secs(2);

/// How long a claim lasts: longer than beginning, sending and recording.
const LEASE_SECONDS: i64 = 20;

/// How many turns a webhook may have in a row before others have theirs.
const ROUNDS: usize = 32;

/// How much of an answer is read.
const MOST_READ: usize = 16 * 1024;

/// How many more webhooks are looked at than are taken.
const WINDOW: usize = 8;

/// How the object of an event looks that is told under a name: name, kind of thing, and the object as it was kept.
pub type Present = fn(&str, &str, Value) -> Value;

/// What is free to take on.
#[derive(Clone, Debug)]
pub struct Room {
    /// Webhooks that do well.
    pub well: usize,
    /// Webhooks that fail.
    pub failing: usize,
    /// Webhooks of one organization's environment, those that it has taken on already among them.
    pub of_one: usize,
    /// How many of each it has taken on.
    pub taken: HashMap<TenantId, usize>,
}

impl Room {
    /// For so many at once, half of which one environment may have.
    pub fn of(webhooks: usize) -> Room {
        Room { well: webhooks, failing: webhooks / 4, of_one: webhooks / 2, taken: HashMap::new() }
    }

    /// Takes a place, if there is one.
    fn take(&mut self, tenant: TenantId, is_failing: bool) -> bool {
        let lane = if is_failing { &mut self.failing } else { &mut self.well };
        let taken = self.taken.entry(tenant).or_default();
        if *lane == 0 || *taken >= self.of_one {
            return false;
        }
        (*lane, *taken) = (*lane - 1, *taken + 1);
        true
    }
}

/// A webhook that was claimed, and what is to be sent there.
pub struct Turn {
    tenant: Tenant,
    hook: Webhook,
    load: Load,
}

/// What is sent in one go.
struct Load {
    fence: i64,
    is_failing: bool,
    /// One for each thing, its deliveries in order.
    chains: Vec<Vec<Delivery>>,
}

impl Turn {
    /// Whose it is.
    pub fn tenant(&self) -> TenantId {
        self.tenant.id
    }

    /// Whether the webhook fails.
    pub fn is_failing(&self) -> bool {
        self.load.is_failing
    }
}

/// What became of a turn's attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// How many arrived.
    pub delivered: u64,
    /// How many did not.
    pub failed: u64,
}

impl Brought {
    /// How many there were.
    pub fn attempts(self) -> u64 {
        self.delivered + self.failed
    }
}

/// The one who brings them. Cheap to clone.
#[derive(Clone)]
pub struct Courier {
    db: Db,
    tenants: Arc<Tenants>,
    egress: Arc<dyn Egress>,
    present: Present,
}

base::record! {
    struct Candidate in "webhook_queue" { tenant_id: TenantId, id: WebhookId, failures: i64 }
}

impl Courier {
    /// Over this database and this way out.
    pub fn new(db: Db, tenants: Arc<Tenants>, egress: Arc<dyn Egress>, present: Present) -> Courier {
        Courier { db, tenants, egress, present }
    }

    /// A step: claims what is due, brings it, and gives how many attempts that were.
    pub async fn step(&self, most: usize) -> Result<u64> {
        let turns = self.claim(Room::of(most)).await?;
        let brought = streams::iter(turns).map(|turn| self.bring(turn, || true));
        Ok(brought.buffer_unordered(most.max(1)).fold(0, async |sum, one| sum + one.attempts()).await)
    }

    /// Claims webhooks of which something is due, as many as there is room for: those that wait longest, but each
    /// environment in turn, so that one with many does not make the others wait.
    pub async fn claim(&self, mut room: Room) -> Result<Vec<Turn>> {
        let most = room.well + room.failing;
        if most == 0 {
            return Ok(Vec::new());
        }
        let now = self.db.now().await?;
        let window = i64::try_from(most * WINDOW).unwrap_or(i64::MAX);
        let tail = "WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT $2";
        let due: Vec<Candidate> = self.db.read().await?.select(tail, &[&now, &window]).await?;
        let mut turns = Vec::new();
        for one in in_turn(due, |one| one.tenant_id, i64::MAX) {
            if !room.take(one.tenant_id, one.failures >= FAILING) {
                continue;
            }
            match self.claim_one(&one, now).await {
                Ok(turn) => turns.extend(turn),
                // One organization's trouble must not hold up the others.
                Err(failure) => {
                    tracing::error!(webhook = %one.id, error = failure.chain(), "a webhook could not be claimed");
                    self.put_off(&one).await;
                }
            }
        }
        Ok(turns)
    }

    async fn claim_one(&self, one: &Candidate, now: Ts) -> Result<Option<Turn>> {
        let tenant = self.tenants.open(&self.db.read().await?, one.tenant_id).await?;
        let claimed = self.db.run(&Claim { tenant: &tenant, id: one.id, now }).await?;
        Ok(claimed.map(|(hook, load)| Turn { tenant, hook, load }))
    }

    /// What cannot even be claimed is looked at a while later, so that it does not stand in the others' way.
    async fn put_off(&self, one: &Candidate) {
        let put_off = async {
            let later = self.db.now().await?.plus_seconds(60);
            self.db.run(&PutOff { tenant: one.tenant_id, id: one.id, later }).await
        };
        if let Err(failure) = put_off.await {
            tracing::error!(webhook = %one.id, error = failure.chain(), "nor could it be put off");
        }
    }

    /// Sends what a turn has, and goes on while there is more and it may.
    pub async fn bring(&self, turn: Turn, may_go_on: impl Fn() -> bool) -> Brought {
        let Turn { tenant, hook, mut load } = turn;
        let mut brought = Brought::default();
        for round in 1..=ROUNDS {
            let began = self.db.seams().monotonic();
            let done = self.send(&tenant, &hook, &load).await;
            for one in &done {
                let has_arrived = one.attempt.outcome == Outcome::Delivered;
                *(if has_arrived { &mut brought.delivered } else { &mut brought.failed }) += 1;
            }
            let took = self.db.seams().monotonic().saturating_sub(began);
            let record = Record {
                tenant: &tenant,
                hook: hook.id,
                known: hook.updated_at,
                fence: load.fence,
                done: &done,
                took,
                goes_on: round < ROUNDS && may_go_on(),
            };
            match self.db.run(&record).await {
                Ok(Some(next)) => load = next,
                Ok(None) => break,
                Err(failure) => {
                    tracing::error!(webhook = %hook.id, error = failure.chain(), "what was sent could not be noted; it will be sent again");
                    break;
                }
            }
        }
        brought
    }

    async fn send(&self, tenant: &Tenant, hook: &Webhook, load: &Load) -> Vec<Done> {
        let events = self.events(tenant, load).await;
        let began = self.db.seams().monotonic();
        let is_late = || self.db.seams().monotonic().saturating_sub(began) > BEGINS_WITHIN;
        let waiting: Mutex<VecDeque<&Vec<Delivery>>> = Mutex::new(load.chains.iter().collect());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let workers = if load.is_failing { 1 } else { AT_ONCE.min(load.chains.len()) };
        let work = async || {
            let mut line = self.egress.line();
            let mut done = Vec::new();
            while let Some(chain) = next().filter(|_| !is_late()) {
                for delivery in chain {
                    let attempt =
                        self.attempt(&mut *line, hook, delivery, events.get(&delivery.event_id)).await;
                    let has_arrived = attempt.outcome == Outcome::Delivered;
                    done.push(Done { id: delivery.id, at: self.db.seams().monotonic(), attempt });
                    if !has_arrived || is_late() {
                        break;
                    }
                }
            }
            done
        };
        let mut done: Vec<Done> = join_all((0..workers).map(|_| work())).await.concat();
        done.sort_by_key(|one| one.at);
        done
    }

    /// The events of a load, each opened by itself where they cannot be all together.
    async fn events(&self, tenant: &Tenant, load: &Load) -> HashMap<EventId, Result<Event>> {
        let ids: Vec<EventId> = load.chains.iter().flatten().map(|delivery| delivery.event_id).collect();
        let read = async |ids: Vec<EventId>| stream::of(&self.db.read().await?, tenant, ids).await;
        if let Ok(all) = read(ids.clone()).await {
            return all.into_iter().collect();
        }
        let mut all = HashMap::new();
        for id in ids {
            match read(vec![id]).await {
                Ok(found) => all.extend(found),
                Err(failure) => drop(all.insert(id, Err(failure))),
            }
        }
        all
    }

    async fn attempt(
        &self,
        line: &mut dyn Line,
        hook: &Webhook,
        delivery: &Delivery,
        event: Option<&Result<Event>>,
    ) -> Attempt {
        let (at, began) = (self.db.seams().now(), self.db.seams().monotonic());
        let built = std::panic::catch_unwind(AssertUnwindSafe(|| self.build(hook, delivery, event, at)));
        let ask = match built {
            Ok(Ok(ask)) => ask,
            Ok(Err(failure)) => return broken(delivery, at, &failure.chain()),
            Err(_) => return broken(delivery, at, "it panicked"),
        };
        let answer = match AssertUnwindSafe(line.send(&ask)).catch_unwind().await {
            Ok(answer) => answer,
            Err(_) => return broken(delivery, at, "sending it panicked"),
        };
        let took = self.db.seams().monotonic().saturating_sub(began);
        match answer {
            Ok(answer) => Attempt {
                at,
                millis: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
                status: Some(answer.status),
                outcome: Outcome::of(answer.status),
                answer: answer.body.ok().and_then(|bytes| Attempt::text_of(&bytes)),
                asked_to_wait: answer
                    .retry_after
                    .and_then(|text| schedule::asked_for(&text, self.db.seams().wall())),
            },
            Err(none) => Attempt {
                at,
                millis: i64::try_from(took.as_millis().div_ceil(1_000) * 1_000).unwrap_or(i64::MAX),
                status: None,
                outcome: match none {
                    NoAnswer::Late => Outcome::TimedOut,
                    NoAnswer::None => Outcome::Unreachable,
                },
                answer: None,
                asked_to_wait: None,
            },
        }
    }

    fn build(
        &self,
        hook: &Webhook,
        delivery: &Delivery,
        event: Option<&Result<Event>>,
        at: Ts,
    ) -> Result<Ask> {
        let event = match event {
            Some(Ok(event)) => event,
            Some(Err(failure)) => return Err(Failure::broken("opening an event", failure.chain())),
            None => return Err(Failure::broken("opening an event", "it is not there any more")),
        };
        let url = Address::parse(&hook.url);
        let data = event.body.clone().map(|body| (self.present)(&delivery.name, &event.object, body));
        let body = json!({
            "id": event.id.to_string(),
            "event": delivery.name,
            "created_at": event.created_at.to_string(),
            "data": data,
        });
        let (id, body) = (delivery.id.to_string(), body.to_string().into_bytes());
        // Whoever verifies it looks at their own clock.
        let signed_at = self.db.seams().wall();
        let message = Message { event: &delivery.name, id: &id, at: signed_at, body: &body };
        Ok(Ask {
            headers: signing::headers(&message, &hook.secrets(at)),
            url: url.ok_or_else(|| Failure::broken("reading a webhook", "its address is none"))?,
            body: Some(body),
            within: WITHIN,
            reads: Reads::First(MOST_READ),
        })
    }
}

fn broken(delivery: &Delivery, at: Ts, why: &str) -> Attempt {
    tracing::error!(delivery = %delivery.id, why, "a delivery could not be made");
    Attempt { at, millis: 0, status: None, outcome: Outcome::Broken, answer: None, asked_to_wait: None }
}

/// An attempt that was made.
#[derive(Clone)]
struct Done {
    id: DeliveryId,
    /// When it ended, by the monotonic clock.
    at: Duration,
    attempt: Attempt,
}

/// Takes a webhook for oneself, with what is due of it; `None` where somebody was faster or nothing is to be sent.
struct Claim<'a> {
    tenant: &'a Tenant,
    id: WebhookId,
    /// The database's time, when it was found to be due.
    now: Ts,
}

impl Command for Claim<'_> {
    type Out = Option<(Webhook, Load)>;

    fn name(&self) -> &'static str {
        "webhooks.claim"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<(Webhook, Load)>> {
        let mut queue = queue::held(tx, self.tenant.id, self.id).await?;
        if queue.due_at.is_none_or(|due| due > self.now) {
            return Ok(None);
        }
        let hook = store::find(tx, self.tenant, self.id).await?;
        let Some(hook) = hook.filter(Webhook::is_sent_to) else {
            // Whoever lets it go on looks at it again.
            (queue.due_at, queue.lease_until) = (None, None);
            tx.update(2, &[queue]).await?;
            return Ok(None);
        };
        let now = tx.clock().await?;
        let load = take_on(tx, &mut queue, now).await?;
        tx.update(2, &[queue]).await?;
        Ok(load.map(|load| (hook, load)))
    }

    async fn check(&self, _: &Tx) -> Result<Option<Self::Out>> {
        Ok(None) // claimed again, under a higher fence, once the lease ends
    }
}

/// What is due of a webhook is taken on, for as long as a lease lasts; where nothing is, the webhook is let go.
async fn take_on(tx: &Tx, queue: &mut Queue, now: Ts) -> Result<Option<Load>> {
    let (tenant, id) = (queue.tenant_id, queue.id);
    let is_failing = queue.failures >= FAILING;
    let most = if is_failing { HEADS_OF_FAILING } else { HEADS };
    let tail = "WHERE tenant_id = $1 AND webhook_id = $2 AND due_at <= $3 ORDER BY due_at, seq LIMIT $4";
    let mut all: Vec<Delivery> = tx.select(tail, &[&tenant, &id, &now, &most]).await?;
    if all.is_empty() {
        queue.lease_until = None;
        queue.due_at = queue::next_due(tx, queue).await?;
        return Ok(None);
    }
    let objects: Vec<_> = all.iter().map(|delivery| delivery.object_id).collect();
    if !is_failing {
        let tail = "WHERE tenant_id = $1 AND object_id IN ids($2) AND webhook_id = $3 AND state = 'pending' AND due_at IS NULL ORDER BY seq LIMIT $4";
        let objects = Ids::of(objects.iter().copied());
        all.extend(tx.select::<Delivery>(tail, &[&tenant, &objects, &id, &FOLLOWERS]).await?);
    }
    let mut chains: HashMap<_, Vec<Delivery>> = HashMap::new();
    for delivery in all {
        chains.entry(delivery.object_id).or_default().push(delivery);
    }
    let mut seen = HashSet::new();
    let chains = objects.into_iter().filter(|object| seen.insert(*object)).filter_map(|object| {
        let mut chain = chains.remove(&object)?;
        chain.sort_by_key(|delivery| delivery.seq);
        Some(chain)
    });
    let until = now.plus_seconds(LEASE_SECONDS);
    queue.fence += 1;
    (queue.lease_until, queue.due_at) = (Some(until), Some(until));
    Ok(Some(Load { fence: queue.fence, is_failing, chains: chains.collect() }))
}

/// Notes what was sent, under the fence, and takes on what is due next where there is more.
struct Record<'a> {
    tenant: &'a Tenant,
    hook: WebhookId,
    /// When the webhook last changed, as far as the turn knows.
    known: Ts,
    fence: i64,
    done: &'a [Done],
    took: Duration,
    goes_on: bool,
}

impl Command for Record<'_> {
    type Out = Option<Load>;

    fn name(&self) -> &'static str {
        "webhooks.record"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Load>> {
        let mut queue = queue::held(tx, self.tenant.id, self.hook).await?;
        if queue.fence != self.fence {
            tracing::warn!(webhook = %self.hook, "somebody else has taken over; what was sent is sent again");
            return Ok(None);
        }
        // Used up: whoever notes the same once more, because the commit's answer was lost, finds another.
        queue.fence += 1;
        let now = tx.clock().await?;
        let ended = self.note(tx, now).await?;
        queue::move_up(tx, &queue, &ended, now).await?;
        let why = self.judge(&mut queue, now);
        let rest = schedule::rest(queue.failures, self.took);
        queue.rest_until = (!rest.is_zero()).then(|| now.plus(rest));
        if let Some(why) = why {
            (queue.lease_until, queue.due_at) = (None, None);
            self.switch_off(tx, why, queue.failing_since.unwrap_or(now)).await?;
        } else if self.goes_on && queue.rest_until.is_none() {
            let load = self.next(tx, &mut queue, now).await?;
            tx.update(2, &[queue]).await?;
            return Ok(load);
        } else {
            queue.lease_until = None;
            queue.due_at =
                queue::next_due(tx, &queue).await?.map(|due| due.max(queue.rest_until.unwrap_or(due)));
        }
        tx.update(2, &[queue]).await?;
        Ok(None)
    }

    async fn check(&self, _: &Tx) -> Result<Option<Option<Load>>> {
        Ok(None) // noted once more it is under an old fence; what was taken on with it waits for the lease to end
    }
}

impl Record<'_> {
    /// Writes each delivery as it is after its attempt; gives those that have come to their end.
    async fn note(&self, tx: &Tx, now: Ts) -> Result<Vec<DeliveryId>> {
        let ids = Ids::of(self.done.iter().map(|one| one.id));
        let tail = "WHERE tenant_id = $1 AND id IN ids($2)";
        let rows: Vec<Delivery> = tx.select(tail, &[&self.tenant.id, &ids]).await?;
        let attempts: HashMap<DeliveryId, &Attempt> =
            self.done.iter().map(|one| (one.id, &one.attempt)).collect();
        let mut after = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(attempt) = attempts.get(&row.id) {
                after.push(row.after(tx, self.tenant, attempt, now)?);
            }
        }
        tx.update(2, &after).await?;
        Ok(after.iter().filter(|row| row.state != State::Pending).map(|row| row.id).collect())
    }

    /// How the webhook fares after these attempts; gives why it is to be switched off, if it is.
    fn judge(&self, queue: &mut Queue, now: Ts) -> Option<Why> {
        let mut is_gone = false;
        for Done { attempt, .. } in self.done {
            match attempt.outcome {
                Outcome::Broken => {} // none of theirs
                Outcome::Delivered => {
                    (queue.failures, queue.failing_since) = (0, None);
                    queue.succeeded_at = Some(now);
                }
                outcome => {
                    queue.failures += 1;
                    queue.failing_since.get_or_insert(now);
                    is_gone |= outcome == Outcome::Gone;
                }
            }
        }
        let given_up = |since: Ts| since.plus_seconds(schedule::GIVES_UP_SECONDS) <= now;
        match queue.failing_since {
            _ if is_gone => Some(Why::Gone),
            Some(since) if given_up(since) => Some(Why::Failures),
            _ => None,
        }
    }

    async fn switch_off(&self, tx: &Tx, why: Why, since: Ts) -> Result<()> {
        // Nobody changes or deletes it while its queue is held.
        let Some(hook) = store::find(tx, self.tenant, self.hook).await?.filter(|hook| hook.active) else {
            return Ok(());
        };
        let hook = Webhook { active: false, disabled: Some((tx.now(), why)), ..hook };
        tracing::warn!(webhook = %self.hook, why = why.as_str(), "a webhook was switched off");
        // Only the host: what stands behind it in an address may be a token.
        let url = Address::parse(&hook.url);
        let host = url.as_ref().and_then(|url| url.url().host_str()).unwrap_or_default();
        let variables = Variables::of([
            ("webhook_id", self.hook.to_string()),
            ("endpoint", host.to_owned()),
            ("reason", why.as_str().to_owned()),
            ("failing_since", since.day_in(&self.tenant.zone).to_string()),
        ]);
        let about = ("webhook", self.hook.0);
        messages::tell_organization(tx, self.tenant, Kind::WebhookDisabled, about, variables).await?;
        store::save(tx, self.tenant, hook, DISABLED).await
    }

    /// What is due next, unless somebody paused, changed or deleted the webhook meanwhile.
    async fn next(&self, tx: &Tx, queue: &mut Queue, now: Ts) -> Result<Option<Load>> {
        let sql = "SELECT count(*) FROM webhook WHERE tenant_id = $1 AND id = $2 AND active = true AND paused_at IS NULL AND updated_at = $3";
        if tx.number(sql, &[&self.tenant.id, &self.hook, &self.known]).await? == 0 {
            queue.lease_until = None;
            queue.due_at = Some(now);
            return Ok(None);
        }
        take_on(tx, queue, now).await
    }
}

/// Looks at a webhook later.
struct PutOff {
    tenant: TenantId,
    id: WebhookId,
    later: Ts,
}

impl Command for PutOff {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.put_off"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "UPDATE webhook_queue SET due_at = $3 WHERE tenant_id = $1 AND id = $2";
        tx.run(sql, &[&self.tenant, &self.id, &self.later]).await.map(drop)
    }

    async fn check(&self, _: &Tx) -> Result<Option<()>> {
        Ok(None)
    }
}

/// Nobody is at anything: the only process that could be has just begun. For embedded databases, where whoever had a
/// claim is surely gone.
pub async fn let_go_of_all(db: &Db) -> Result<u64> {
    struct LetGo(Ts);
    impl Command for LetGo {
        type Out = u64;

        fn name(&self) -> &'static str {
            "webhooks.let_go"
        }

        async fn exec(&self, tx: &Tx) -> Result<u64> {
            let sql = "UPDATE webhook_queue SET due_at = $1, lease_until = NULL, fence = fence + 1 WHERE lease_until IS NOT NULL";
            tx.run(sql, &[&self.0]).await
        }
    }
    db.run(&LetGo(db.now().await?)).await
}
