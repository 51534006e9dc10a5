//! What is told again because somebody asks for it: one delivery, or a part of the stream.
//!
//! There is one delivery of an event to a webhook, so whoever is told again is told under the same id. A part of the stream
//! is gone through by a step, some events at a time, and its place commits with what was queued.

use std::collections::{HashMap, HashSet};

use base::db::{Command, Db, Ids, Tx};
use base::page::{Listed, Page, Which};
use base::{Code, Failure, Result, TenantId, Ts};
use books::events::EventId;
use books::orgs::Tenant;
use books::stream;
use serde_json::{Value, json};
use uuid::Uuid;

use super::delivery::{Delivery, DeliveryId, State};
use super::model::{TEST, WebhookId, told_as};
use super::queue::{self, New, Queue};

base::ids! {
    /// A part of the stream that is told again.
    ReplayId "replay"
}

base::words! {
    /// How it stands.
    ReplayState {
        /// It goes on.
        Running = "running",
        /// All of it was looked at.
        Completed = "completed",
        /// Somebody stopped it.
        Canceled = "canceled",
    }
}

base::words! {
    /// Which events of it are told again.
    What {
        /// All that the webhook asks for.
        All = "all",
        /// Those of them that have not arrived.
        Missing = "missing",
    }
}

/// How many events are looked at in one transaction.
const SLICE: i64 = 500;

/// How many slices a step does at a time.
const SLICES: usize = 8;

/// How many replays of a webhook may run at once.
const MOST_RUNNING: i64 = 5;

base::record! {
    /// A replay.
    pub struct Replay in "webhook_replay" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Its id.
        pub id: ReplayId,
        /// Which webhook is told.
        pub webhook_id: WebhookId,
        /// How it stands.
        pub state: ReplayState,
        /// Which events.
        pub which: What,
        /// The first event's place in the stream.
        pub first_seq: i64,
        /// The last one's.
        pub last_seq: i64,
        /// How far it has come.
        pub place: i64,
        /// How many deliveries it has asked for.
        pub queued: i64,
        /// When it goes on.
        pub due_at: Option<Ts>,
        /// When it was asked for.
        pub created_at: Ts,
        /// When it last went on.
        pub updated_at: Ts,
    }
}

impl Replay {
    /// The object that the API answers with.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "webhook_id": self.webhook_id.to_string(),
            "state": self.state.as_str(),
            "which": self.which.as_str(),
            "first_sequence": self.first_seq,
            "last_sequence": self.last_seq,
            "processed": (self.place - self.first_seq + 1).max(0),
            "total": (self.last_seq - self.first_seq + 1).max(0),
            "queued": self.queued,
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// Where a replay begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With this event.
    Event(EventId),
    /// With the first event at or after this instant.
    Instant(Ts),
    /// Behind this place in the stream.
    After(i64),
}

/// Begins to tell a part of the stream again.
pub struct Begin<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: ReplayId,
    /// Which webhook is told.
    pub hook: WebhookId,
    /// Where it begins.
    pub from: Start,
    /// The instant before which events happened; none, and it goes to the end of the stream as it is now.
    pub until: Option<Ts>,
    /// Which events.
    pub which: What,
}

base::record! {
    struct Place { seq: Option<i64> }
}

impl Begin<'_> {
    /// The first place, and the last.
    async fn range(&self, tx: &Tx) -> Result<(i64, i64)> {
        let t = &self.tenant.id;
        let head = tx.one::<Place>("SELECT max(seq) FROM event_head WHERE tenant_id = $1", &[t]).await?;
        let head = head.seq.unwrap_or(0);
        let last = match self.until {
            None => head,
            Some(until) => stream::last_before(tx, self.tenant, until).await?.unwrap_or(0),
        };
        let first = match self.from {
            Start::After(place) => place.saturating_add(1),
            Start::Instant(at) => stream::first_since(tx, self.tenant, at).await?.unwrap_or(head + 1),
            Start::Event(id) => {
                let sql = "SELECT max(seq) FROM event WHERE tenant_id = $1 AND id = $2";
                let unknown = || Failure::field("event_id", "The selected event id is invalid.");
                tx.one::<Place>(sql, &[t, &id]).await?.seq.ok_or_else(unknown)?
            }
        };
        Ok((first.max(1), last.min(head)))
    }
}

impl Command for Begin<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.replay"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        queue::held(tx, self.tenant.id, self.hook).await?;
        let sql = "SELECT count(*) FROM webhook_replay WHERE tenant_id = $1 AND webhook_id = $2 AND state = 'running'";
        if tx.number(sql, &[&self.tenant.id, &self.hook]).await? >= MOST_RUNNING {
            let say = format!("{MOST_RUNNING} replays of this webhook are running already.");
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let (first, last) = self.range(tx).await?;
        let (now, is_empty) = (tx.now(), first > last);
        let replay = Replay {
            tenant_id: self.tenant.id,
            id: self.id,
            webhook_id: self.hook,
            state: if is_empty { ReplayState::Completed } else { ReplayState::Running },
            which: self.which,
            first_seq: first,
            last_seq: last,
            place: first - 1,
            queued: 0,
            due_at: if is_empty { None } else { Some(tx.clock().await?) },
            created_at: now,
            updated_at: now,
        };
        tx.ring();
        tx.insert(&[replay]).await
    }
}

/// A page of a webhook's replays, newest first.
pub async fn replays(tx: &Tx, tenant: &Tenant, hook: WebhookId, page: Page) -> Result<Listed<Replay>> {
    Which::of(tenant.id, "id IS NOT NULL").filter("webhook_id = ?", hook).page(tx, page).await
}

/// A replay of a webhook.
pub async fn replay(tx: &Tx, tenant: &Tenant, hook: WebhookId, id: ReplayId) -> Result<Option<Replay>> {
    let tail = "WHERE tenant_id = $1 AND id = $2 AND webhook_id = $3";
    tx.find(tail, &[&tenant.id, &id, &hook]).await
}

/// Stops a replay. What it has queued is sent.
pub struct Stop<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: ReplayId,
}

impl Command for Stop<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.stop_replay"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        let found: Option<Replay> = tx.find(tail, &[&self.tenant.id, &self.id]).await?;
        let replay = found.ok_or_else(Failure::not_found)?;
        match replay.state {
            ReplayState::Canceled => Ok(()),
            ReplayState::Completed => {
                Err(Failure::refused(Code::NotAllowedNow, "The replay has come to its end already."))
            }
            ReplayState::Running => {
                let canceled = ReplayState::Canceled;
                tx.update(2, &[Replay { state: canceled, due_at: None, updated_at: tx.now(), ..replay }])
                    .await
            }
        }
    }
}

base::record! {
    struct DueReplay in "webhook_replay" { tenant_id: TenantId, id: ReplayId }
}

/// A step: goes on with replays; gives how many events were looked at.
pub async fn go_on(db: &Db) -> Result<u64> {
    let now = db.now().await?;
    let tail = "WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT 8";
    let due: Vec<DueReplay> = db.read().await?.select(tail, &[&now]).await?;
    let mut done = 0;
    for DueReplay { tenant_id, id } in due {
        for _ in 0..SLICES {
            match db.run(&Slice { tenant: tenant_id, id }).await {
                Ok(0) => break,
                Ok(looked_at) => done += looked_at,
                Err(failure) => {
                    tracing::error!(replay = %id, error = failure.chain(), "a replay could not go on; it will be tried again");
                    break;
                }
            }
        }
    }
    Ok(done)
}

base::record! {
    struct Told in "event" { id: EventId, seq: Option<i64>, name: String, object_id: Uuid }
}
base::record! {
    struct Asks in "webhook" { events: String }
}

/// The next events of a replay.
struct Slice {
    tenant: TenantId,
    id: ReplayId,
}

impl Command for Slice {
    type Out = u64;

    fn name(&self) -> &'static str {
        "webhooks.replay_slice"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let t = &self.tenant;
        let found: Option<Replay> = tx.find("WHERE tenant_id = $1 AND id = $2", &[t, &self.id]).await?;
        let Some(Replay { webhook_id, .. }) = found else { return Ok(0) };
        // The queue first, as whoever begins or brings something does; then the place, which somebody may have moved on.
        let mut queue = queue::held(tx, self.tenant, webhook_id).await?;
        let found: Option<Replay> =
            tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[t, &self.id]).await?;
        let Some(replay) = found.filter(|replay| replay.state == ReplayState::Running) else { return Ok(0) };
        let asks: Option<Asks> = tx.find("WHERE tenant_id = $1 AND id = $2", &[t, &webhook_id]).await?;
        let Some(asks) = asks else {
            tx.update(2, &[Replay { state: ReplayState::Canceled, due_at: None, ..replay }]).await?;
            return Ok(0);
        };
        let to = replay.last_seq.min(replay.place + SLICE);
        let tail = "WHERE tenant_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq";
        let events: Vec<Told> = tx.select(tail, &[t, &replay.place, &to]).await?;
        let queued = queue_again(tx, &mut queue, &asks.events, replay.which, &events).await?;
        let is_at_end = to >= replay.last_seq;
        let looked_at = to - replay.place;
        let replay = Replay {
            state: if is_at_end { ReplayState::Completed } else { ReplayState::Running },
            due_at: replay.due_at.filter(|_| !is_at_end),
            place: to,
            queued: replay.queued + queued,
            updated_at: tx.now(),
            ..replay
        };
        tx.update(2, &[replay]).await?;
        queue.keep(tx).await?;
        Ok(looked_at.unsigned_abs())
    }

    async fn check(&self, _: &Tx) -> Result<Option<u64>> {
        Ok(None) // its place says how far it is
    }
}

/// Queues what a webhook asks for of these events; gives how many deliveries that were.
async fn queue_again(tx: &Tx, queue: &mut Queue, asks: &str, which: What, events: &[Told]) -> Result<i64> {
    let (tenant, hook, now) = (queue.tenant_id, queue.id, tx.clock().await?);
    let wanted: Vec<New<'_>> = events
        .iter()
        .filter(|event| event.name != TEST) // told to one webhook, once
        .filter_map(|event| {
            let name = told_as(asks.split(' '), &stream::names(&event.name))?;
            Some(New { event: event.id, seq: event.seq?, object: event.object_id, name })
        })
        .collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    let ids = Ids::of(wanted.iter().map(|one| queue::id_of(one.event, hook)));
    let tail = "WHERE tenant_id = $1 AND id IN ids($2)";
    let known: Vec<Delivery> = tx.select(tail, &[&tenant, &ids]).await?;
    let mut known: HashMap<DeliveryId, Delivery> = known.into_iter().map(|row| (row.id, row)).collect();
    let mut waiting = queue::waiting(tx, tenant, wanted.iter().map(|one| one.object)).await?;
    let (mut new, mut again) = (Vec::new(), Vec::new());
    for one in &wanted {
        match known.remove(&queue::id_of(one.event, hook)) {
            None => new.push(one.row(tenant, hook, &mut waiting, now)),
            Some(row) if row.state == State::Pending => {}
            Some(row) if which == What::Missing && row.state == State::Delivered => {}
            Some(row) => again.push(asked_again(row, &mut waiting, now)),
        }
    }
    tx.insert(&new).await?;
    tx.update(2, &again).await?;
    queue.look(now);
    Ok(i64::try_from(new.len() + again.len()).unwrap_or(i64::MAX))
}

fn asked_again(row: Delivery, waiting: &mut HashSet<(Uuid, WebhookId)>, now: Ts) -> Delivery {
    let due_at = waiting.insert((row.object_id, row.webhook_id)).then_some(now);
    row.again(due_at, now)
}

/// Sends a delivery again, whether it has arrived or not; one that waits is sent now.
pub struct Resend<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Where it goes.
    pub hook: WebhookId,
    /// Which.
    pub id: DeliveryId,
}

impl Command for Resend<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.resend"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let mut queue = queue::held(tx, self.tenant.id, self.hook).await?;
        let row = one(tx, self.tenant, self.hook, self.id).await?;
        let now = tx.clock().await?;
        let after = match row.state {
            // Behind something earlier it stays there.
            State::Pending => row.clone().again(row.due_at.map(|_| now), now),
            _ => {
                asked_again(row.clone(), &mut queue::waiting(tx, self.tenant.id, [row.object_id]).await?, now)
            }
        };
        tx.update(2, &[after]).await?;
        queue.look(now);
        queue.keep(tx).await
    }
}

/// Takes a delivery back that has not arrived. One that is on the wire may arrive all the same.
pub struct Cancel<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Where it goes.
    pub hook: WebhookId,
    /// Which.
    pub id: DeliveryId,
}

impl Command for Cancel<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.cancel"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let mut queue = queue::held(tx, self.tenant.id, self.hook).await?;
        let row = one(tx, self.tenant, self.hook, self.id).await?;
        let now = tx.clock().await?;
        match row.state {
            State::Canceled => return Ok(()),
            State::Pending => {}
            State::Delivered | State::Failed => {
                let say = "It has come to its end and cannot be taken back any more.";
                return Err(Failure::refused(Code::NotAllowedNow, say));
            }
        }
        tx.update(2, &[row.ended(State::Canceled, now)]).await?;
        queue::move_up(tx, &queue, &[self.id], now).await?;
        queue.look(now);
        queue.keep(tx).await
    }
}

async fn one(tx: &Tx, tenant: &Tenant, hook: WebhookId, id: DeliveryId) -> Result<Delivery> {
    super::delivery::find(tx, tenant, hook, id).await?.ok_or_else(Failure::not_found)
}
