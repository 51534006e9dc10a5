//! Running plans: what is due is charged, once, on the right day.
//!
//! Must always hold:
//! - An instalment is claimed in the transaction that makes its charge, under its account's lock: whoever comes second
//!   finds it claimed. Its key at the processor is its own and its presentment's, so that even a restore finds the charge
//!   that there was.
//! - Nothing is early: what is due is decided by the database's clock, and the day is the organization's.
//! - A plan takes one payment a day at most, whatever has piled up; what has waited for more than a day goes out no faster
//!   than the organization wants.
//! - A bank account is debited on banking days, later and never earlier than agreed (12 CFR 1006.22(c)).

use std::collections::HashMap;

use base::db::{Command, Db, Ids, Texts, Tx};
use base::secret::Secret;
use base::{Cents, Code, Day, Failure, Result, TenantId, Ts, in_turn, us};
use books::debts::plans::follow::stand;
use books::debts::plans::{self, Instalment, InstalmentId, InstalmentState, Plan, PlanStatus};
use books::debts::{Debt, DebtId, Family, PlanId, lock_families_of};
use books::events;
use books::holds::{self, Autopay, InForce};
use books::orgs::Tenant;
use futures_util::{StreamExt as _, stream};

use super::schedule::following;
use crate::charges::claims::Start;
use crate::charges::consequences::{Tried, against};
use crate::charges::instalments;
use crate::charges::machine::State;
use crate::charges::postings::Rail;
use crate::charges::settle::changed;
use crate::charges::till::Till;
use crate::charges::{Charge, ChargeId, receipt};
use crate::methods::{self, Chargeable, MethodId};

/// How many instalments of a tenant are sent out in one transaction.
const TOGETHER: usize = 64;
/// How many times more is looked at than is taken, where much is due at one instant.
pub(super) const WINDOW: i64 = 8;
/// After how many seconds what is due is late, and caught up on no faster than the organization wants.
const LATE_SECONDS: i64 = 86_400;
/// Seconds until what could not be looked at is looked at again.
const PUT_OFF_SECONDS: i64 = 300;

base::record! {
    struct Due in "instalment" { tenant_id: TenantId, id: InstalmentId }
}

/// Charges instalments whose day has come, longest due first and one tenant after the other. Gives how many were looked at.
/// Any number of nodes may run it; where much is due each takes from a place of its own.
pub async fn present_due(till: &Till, budget: i64) -> Result<u64> {
    if !till.may_start() {
        return Ok(0);
    }
    let db = till.db();
    let now = db.now().await?;
    let tail =
        "WHERE due_at <= $1 AND state = 'scheduled' AND tenant_id IN served() ORDER BY due_at, id LIMIT $2";
    let due: Vec<Due> = db.read().await?.select(tail, &[&now, &(budget * WINDOW)]).await?;
    let most = usize::try_from(budget).unwrap_or(TOGETHER).max(1);
    let place = usize::from(u16::from_le_bytes(db.seams().random()));
    let from = place % due.len().div_ceil(most).max(1) * most;
    let mut taken = in_turn(due.into_iter().skip(from).collect(), |due| due.tenant_id, budget);
    taken.sort_by_key(|due| due.tenant_id);
    let groups: Vec<(TenantId, Vec<InstalmentId>)> = taken
        .chunk_by(|a, b| a.tenant_id == b.tenant_id)
        .flat_map(|of_one| of_one.chunks(TOGETHER))
        .map(|group| (group[0].tenant_id, group.iter().map(|due| due.id).collect()))
        .collect();
    let done = stream::iter(groups).map(|(tenant, group)| some(till, tenant, group));
    Ok(done.buffer_unordered(till.at_once()).fold(0, async |sum, n| sum + n).await)
}

/// Sends out instalments of one tenant together, and each by itself where that fails. Gives how many could be.
async fn some(till: &Till, tenant: TenantId, group: Vec<InstalmentId>) -> u64 {
    let tenant = match till.ready(tenant).await {
        Ok(tenant) => tenant,
        Err(failure) => {
            put_off(till.db(), tenant, &group, &failure).await;
            return 0;
        }
    };
    let failure = match together(till, &tenant, &group).await {
        Ok(()) => return group.len() as u64,
        Err(failure) => failure,
    };
    if group.len() == 1 {
        put_off(till.db(), tenant.id, &group, &failure).await;
        return 0;
    }
    tracing::debug!(why = failure.chain(), "each due instalment is sent out by itself");
    let mut done = 0;
    for one in &group {
        match together(till, &tenant, std::slice::from_ref(one)).await {
            Ok(()) => done += 1,
            Err(failure) => put_off(till.db(), tenant.id, std::slice::from_ref(one), &failure).await,
        }
    }
    done
}

async fn together(till: &Till, tenant: &Tenant, group: &[InstalmentId]) -> Result<()> {
    let present = Present { tenant, instalments: group };
    let claimed =
        if group.len() == 1 { till.db().run(&present).await } else { till.db().run_once(&present).await }?;
    till.finish_all(tenant, claimed).await;
    Ok(())
}

async fn put_off(db: &Db, tenant: TenantId, group: &[InstalmentId], failure: &Failure) {
    tracing::error!(
        many = group.len(),
        error = failure.chain(),
        "due instalments could not be looked at; they will be tried again"
    );
    let put_off = async {
        let until = db.now().await?.plus_seconds(PUT_OFF_SECONDS);
        db.run(&PutOff { tenant, instalments: Ids::of(group.iter().copied()), until }).await
    };
    if let Err(failure) = put_off.await {
        tracing::error!(error = Failure::chain(&failure), "nor could they be put off");
    }
}

struct PutOff {
    tenant: TenantId,
    instalments: Ids,
    until: Ts,
}

impl Command for PutOff {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.put_off"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "UPDATE instalment SET due_at = $3 WHERE tenant_id = $1 AND id IN ids($2) AND state = 'scheduled' AND due_at < $3";
        tx.run(sql, &[&self.tenant, &self.instalments, &self.until]).await.map(drop)
    }
}

/// Claims due instalments of a tenant: makes a charge for each, and starts it. Gives those to send, each with its token
/// where that could be read.
struct Present<'a> {
    tenant: &'a Tenant,
    instalments: &'a [InstalmentId],
}

/// What stands in the database about due instalments, under their accounts' locks.
struct Found {
    families: Vec<Family>,
    plans: HashMap<PlanId, Plan>,
    due: Vec<Instalment>,
    methods: Vec<Chargeable>,
    holds: InForce,
    /// When each plan last took a payment.
    last: HashMap<PlanId, Ts>,
    /// What goes out in this transaction so far.
    beside: Vec<(MethodId, Cents)>,
    /// Charges that were made for these presentments before: the books came out of a backup.
    known: Vec<Charge>,
    /// The database's instant, after the locks.
    now: Ts,
}

/// What becomes of a due instalment.
enum Decided {
    /// It is charged.
    Send(Box<Charge>),
    /// It was charged before.
    Known(Box<Charge>),
    /// Not today.
    On(Day),
    /// Not now; from this instant on.
    At(Ts),
    /// A block lets it wait.
    Held,
    /// Its plan stands still, for this reason.
    Stand(&'static str),
    /// Its plan ends.
    End,
    /// It waits for nothing: its plan does not go on.
    Drop,
    /// Somebody else has it.
    Nothing,
}

base::record! {
    struct LastPaid { plan_id: PlanId, at: Option<Ts> }
}

impl Command for Present<'_> {
    type Out = Vec<(Charge, Option<Secret<String>>)>;

    fn name(&self) -> &'static str {
        "payment_plans.present"
    }

    async fn exec(&self, tx: &Tx) -> Result<Self::Out> {
        let tenant = self.tenant;
        let mut found = self.find(tx).await?;
        let today = tenant.today(found.now);
        let late = found.now.plus_seconds(-LATE_SECONDS);
        let is_late = |one: &Instalment| one.due_on.start_in(&tenant.zone) < late;
        let many_late = found.due.iter().filter(|one| is_late(one)).count();
        let (mut may, pace) = self.caught_up(tx, many_late, found.now).await?;
        let (mut moved, mut charges, mut events) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = Vec::new();
        for mut one in std::mem::take(&mut found.due) {
            let is_late = is_late(&one);
            let decided = match self.decide(tx, &found, &one, today).await? {
                Decided::Send(_) if is_late && may == 0 => Decided::At(next_minute(found.now)),
                decided => decided,
            };
            let plan = found.plans.get(&one.plan_id);
            match (decided, plan) {
                (Decided::Send(charge), _) => {
                    may -= usize::from(is_late);
                    found.last.insert(one.plan_id, found.now);
                    found.beside.push((charge.payment_method_id, charge.amount));
                    one.state = InstalmentState::Submitting;
                    one.charge_id = Some(charge.id.0);
                    one.presented_at = Some(found.now);
                    one.fence += 1;
                    one.due_at = None;
                    events.push(events::row(
                        tx,
                        tenant,
                        "charge.created",
                        "charge",
                        charge.id,
                        &charge.event_body(),
                    ));
                    charges.push(*charge);
                }
                (Decided::Known(charge), _) => {
                    one.state = InstalmentState::Submitting;
                    one.charge_id = Some(charge.id.0);
                    one.presented_at = Some(charge.created_at);
                    one.due_at = None;
                    let last = found.last.entry(one.plan_id).or_insert(charge.created_at);
                    *last = charge.created_at.max(*last);
                    told.push(Charge { instalment_id: Some(one.id), ..*charge });
                }
                (Decided::On(day), _) if is_late => one.wait_for(day, &tenant.zone, found.now),
                (Decided::On(day), _) => one.put_on(day, &tenant.zone, found.now),
                (Decided::At(at), _) => one.due_at = Some(at),
                (Decided::Drop, _) => one.due_at = None,
                (Decided::Held, Some(plan)) => {
                    held_up(tx, tenant, plan, found.now).await?;
                    found.plans.remove(&one.plan_id);
                    continue;
                }
                (Decided::Stand(reason), Some(plan)) => {
                    stand(tx, tenant, plan.clone(), reason, found.now).await?;
                    found.plans.remove(&one.plan_id);
                    continue;
                }
                (Decided::End, Some(plan)) => {
                    plans::end(tx, tenant, plan.clone(), PlanStatus::Cancelled, "blocked", found.now).await?;
                    found.plans.remove(&one.plan_id);
                    continue;
                }
                (Decided::Held | Decided::Stand(_) | Decided::End | Decided::Nothing, _) => continue,
            }
            one.updated_at = found.now;
            moved.push(one);
        }
        if let Some(pace) = pace {
            // What could have gone out and did not leaves its place to others.
            let presented = pace.presented - i64::try_from(may).unwrap_or(0);
            tx.update(1, &[CatchUp { presented, ..pace }]).await?;
        }
        tx.insert(&charges).await?;
        tx.update(2, &moved).await?;
        tx.insert(&events).await?;
        self.tell_again(tx, &mut found.families, &told, found.now).await?;
        if charges.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<ChargeId> = charges.iter().map(|charge| charge.id).collect();
        Start { tenant, charges: &ids, now: found.now }.exec(tx).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Self::Out>> {
        Ok(Some(Vec::new())) // if they were claimed, their charges' leases will end
    }
}

impl Present<'_> {
    async fn find(&self, tx: &Tx) -> Result<Found> {
        let tenant = self.tenant;
        let ids = Ids::of(self.instalments.iter().copied());
        let of_due = "WHERE tenant_id = $1 AND id IN each(SELECT plan_id FROM instalment WHERE tenant_id = $1 AND id IN ids($2)) ORDER BY id";
        let seen: Vec<Plan> = tx.select(of_due, &[&tenant.id, &ids]).await?;
        let mut debts: Vec<DebtId> = seen.iter().map(|plan| plan.debt_id).collect();
        debts.sort_unstable();
        debts.dedup();
        let families = lock_families_of(tx, tenant, &debts).await?;
        // Only now: whoever changes a plan holds its account.
        let plans: Vec<Plan> = tx.select(of_due, &[&tenant.id, &ids]).await?;
        let now = tx.clock().await?;
        let of_plans = Ids::of(plans.iter().map(|plan| plan.id));
        // Of each plan all that is due, wherever in the queue the others stand: the first of them goes first.
        let tail = "WHERE tenant_id = $1 AND plan_id IN ids($2) AND state = 'scheduled' AND due_at <= $3 \
                    ORDER BY plan_id, due_at, number";
        let due: Vec<Instalment> = tx.select(tail, &[&tenant.id, &of_plans, &now]).await?;
        let last: Vec<LastPaid> = tx
            .all(
                "SELECT plan_id, max(presented_at) FROM instalment WHERE tenant_id = $1 AND plan_id IN ids($2) GROUP BY plan_id",
                &[&tenant.id, &of_plans],
            )
            .await?;
        let which = Ids::of(plans.iter().filter_map(|plan| plan.payment_method_id));
        let owners = Ids::of(families.iter().map(|family| family.root.customer_id));
        let keys = Texts(due.iter().map(key).collect());
        Ok(Found {
            methods: methods::chargeable(tx, tenant, &which).await?,
            holds: holds::of_customers(tx, tenant, &owners, now).await?,
            known: tx
                .select(
                    "WHERE tenant_id = $1 AND pkey IN texts($2) ORDER BY id FOR UPDATE",
                    &[&tenant.id, &keys],
                )
                .await?,
            beside: Vec::new(),
            last: last.into_iter().filter_map(|row| Some((row.plan_id, row.at?))).collect(),
            plans: plans.into_iter().map(|plan| (plan.id, plan)).collect(),
            families,
            due,
            now,
        })
    }

    /// How many of so many late ones may go out in this minute, and what is written down where all of them do. Counted in the
    /// database, by all nodes together: the row is held until it is written.
    async fn caught_up(&self, tx: &Tx, late: usize, now: Ts) -> Result<(usize, Option<CatchUp>)> {
        if late == 0 {
            return Ok((0, None));
        }
        let (tenant, minute) = (self.tenant, now.micros().div_euclid(60_000_000));
        tx.run(
            "INSERT INTO plan_catch_up (tenant_id, minute, presented) VALUES ($1, $2, 0) ON CONFLICT (tenant_id) DO NOTHING",
            &[&tenant.id, &minute],
        )
        .await?;
        let tail = "WHERE tenant_id = $1 FOR UPDATE";
        let Some(before): Option<CatchUp> = tx.find(tail, &[&tenant.id]).await? else { return Ok((0, None)) };
        let used = if before.minute == minute { before.presented } else { 0 };
        let left = (tenant.rules.payment_plan_catch_up_per_minute - used).max(0);
        let may = left.min(i64::try_from(late).unwrap_or(i64::MAX));
        let pace = CatchUp { tenant_id: tenant.id, minute, presented: used + may };
        Ok((usize::try_from(may).unwrap_or(0), Some(pace)))
    }

    async fn decide(&self, tx: &Tx, found: &Found, one: &Instalment, today: Day) -> Result<Decided> {
        let (tenant, now) = (self.tenant, found.now);
        let Some(plan) = found.plans.get(&one.plan_id) else { return Ok(Decided::Nothing) };
        let is_due = one.state == InstalmentState::Scheduled && one.due_at.is_some_and(|at| at <= now);
        if !is_due {
            return Ok(Decided::Nothing);
        }
        if plan.status != PlanStatus::Active {
            return Ok(Decided::Drop);
        }
        if let Some(known) = found.known.iter().find(|charge| charge.pkey == key(one)) {
            return Ok(Decided::Known(Box::new(known.clone())));
        }
        if one.due_on > today {
            // It was put into the queue where the day begins sooner: the organization has moved.
            return Ok(Decided::At(one.due_on.start_in(&tenant.zone)));
        }
        if found.last.get(&plan.id).is_some_and(|at| tenant.today(*at) >= today) {
            return Ok(Decided::On(today.next()));
        }
        let account = found.families.iter().find_map(|family| {
            Some((family, family.members().find(|m| m.id == plan.debt_id && m.deleted_at.is_none())?))
        });
        let Some((family, account)) = account else { return Ok(Decided::Stand("account_deleted")) };
        let which = plan.payment_method_id.map(MethodId);
        let Some(method) = found.methods.iter().find(|m| Some(m.id) == which) else {
            return Ok(Decided::Stand("payment_method_deleted"));
        };
        match held(&found.holds, account, method) {
            Autopay::Keep => {}
            Autopay::Pause => return Ok(Decided::Held),
            Autopay::Stop => return Ok(Decided::Stand("blocked")),
            Autopay::Cancel => return Ok(Decided::End),
        }
        if method.kind.rail() == Rail::Ach && !us::is_banking_day(today) {
            return Ok(Decided::On(us::banking_day_from(today)));
        }
        let amount = one.amount.min(account.current_balance);
        if amount > account.open() || !amount.is_positive() {
            return Ok(Decided::On(today.next())); // what is owed is being paid otherwise; that may fail
        }
        let charge = self.charge(tx, one, (family, plan.debt_id), method, amount, now);
        let (payer, beside) = (Some(family.root.customer_id), found.beside.as_slice());
        let tried = Tried { charge: charge.id, amount, at: now, method, payer, print: None, beside };
        match against(tx, tenant, &tried).await? {
            None => Ok(Decided::Send(Box::new(charge))),
            Some(Failure::Refused(refusal)) if refusal.code == Code::RetryTooEarly => {
                let until = now.plus_seconds(refusal.retry_after.map_or(3_600, i64::from));
                Ok(Decided::On(until.whole_day_in(&tenant.zone).max(today.next())))
            }
            Some(Failure::Refused(_)) => Ok(Decided::Stand("payment_method_stopped")),
            Some(failure) => Err(failure),
        }
    }

    /// The charge that pays an instalment, as one that was scheduled for now.
    fn charge(
        &self,
        tx: &Tx,
        one: &Instalment,
        (family, debt): (&Family, DebtId),
        method: &Chargeable,
        amount: Cents,
        now: Ts,
    ) -> Charge {
        let (id, paid_by) = (tx.new_id(), (method.id, method.kind.rail()));
        Charge {
            debt_id: Some(debt),
            customer_id: Some(family.root.customer_id),
            state: State::Scheduled,
            linked: true,
            source: "schedule".into(),
            fence: 0,
            due_at: Some(now),
            scheduled_at: Some(one.due_on),
            instalment_id: Some(one.id),
            receipt_to: Some(receipt::to_their_address(tx, self.tenant, id)),
            ..Charge::fresh(self.tenant.id, id, paid_by, amount, key(one), now)
        }
    }

    /// What came of charges that the books had lost, and that were put back from the processor's list.
    async fn tell_again(&self, tx: &Tx, families: &mut [Family], told: &[Charge], now: Ts) -> Result<()> {
        if told.is_empty() {
            return Ok(());
        }
        tx.update(2, told).await?;
        let before: Vec<Debt> = families.iter().flat_map(Family::members).cloned().collect();
        let entries = instalments::tell(tx, self.tenant, told, families, now).await?;
        tx.insert(&entries).await?;
        tx.update(2, &changed(&before, families, now)).await
    }
}

base::record! {
    struct CatchUp in "plan_catch_up" { tenant_id: TenantId, minute: i64, presented: i64 }
}

/// Lets what a block holds up wait for a day. Once another payment has come due meanwhile, all that waits takes the next days of
/// the plan's own calendar: whoever was to be left alone is not charged day after day for what they were spared.
async fn held_up(tx: &Tx, tenant: &Tenant, plan: &Plan, now: Ts) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND plan_id = $2 AND state = 'scheduled' AND due_at IS NOT NULL ORDER BY number";
    let mut waiting: Vec<Instalment> = tx.select(tail, &[&tenant.id, &plan.id]).await?;
    let today = tenant.today(now);
    let piled_up = waiting.iter().filter(|one| one.due_on <= today).count() > 1;
    let regular = plan.frequency.zip(plan.start_date).filter(|_| piled_up);
    match regular.and_then(|(frequency, start)| following(frequency, start, today, waiting.len())) {
        Some(days) => {
            for (one, day) in waiting.iter_mut().zip(days) {
                one.put_on(day, &tenant.zone, now);
            }
        }
        None => {
            for one in waiting.iter_mut().filter(|one| one.due_on <= today) {
                one.put_on(today.next(), &tenant.zone, now);
            }
        }
    }
    for one in &mut waiting {
        one.updated_at = now;
    }
    tx.update(2, &waiting).await
}

fn next_minute(now: Ts) -> Ts {
    Ts::from_micros((now.micros().div_euclid(60_000_000) + 1) * 60_000_000)
}

/// The stable key of an instalment's presentment at the processor.
fn key(one: &Instalment) -> String {
    format!("{}-{}", one.id.0.simple(), one.presentment)
}

/// What holds have to say about a payment that was agreed for later: the strictest.
fn held(holds: &InForce, account: &Debt, method: &Chargeable) -> Autopay {
    let both = [holds.on_account(account).autopay, holds.on_method(method.id.0, method.owner).autopay];
    Autopay::ALL.iter().rev().copied().find(|word| both.contains(word)).unwrap_or(Autopay::Keep)
}
