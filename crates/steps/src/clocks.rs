//! Test clocks that go on: a sandbox whose time is moved stops at whatever is due on the way, and everything is done there.
//!
//! It stops at every midnight of the organization too, because what a processor does by itself (a bank debit settles, or
//! comes back) is in nobody's queue.

use std::sync::PoisonError;
use std::time::Duration;

use base::db::Tx;
use base::{Result, TenantId, Ts};
use books::clocks::{self, Clock};
use books::orgs::Tenant;

use super::{ALL, BUDGET, Due, TO_BRING, TO_PLACE, Work, turn, turn_for};

/// How long one clock is moved at a time, before others have their turn.
const SLICE: Duration = Duration::from_millis(1_000);
/// How often everything is done at one stop, until nothing is left. More than any stop takes.
const ROUNDS: usize = 50;
/// How far back the processor's list is read at each stop, in seconds: what changed since the stop before, a day of 25 hours
/// ago at most, or before the clock was made.
const LOOKS_BACK_SECONDS: i64 = 26 * 3_600;

/// A step: moves a clock on that is to be moved, and does what is due where a clock stands or runs. Gives how much was done; as
/// long as one is on its way, enough to be run again at once.
pub async fn go_on(work: &Work) -> Result<u64> {
    let db = &work.app.db;
    let mut done = 0;
    // Read to its end first: whoever reads holds a connection.
    let all = clocks::all(&db.read().await?).await?;
    for clock in all {
        let tenant = clock.tenant_id;
        let Some(_in_hand) = InHand::take(work, tenant) else { continue };
        let went_on = match clock.moves_to {
            Some(_) => moved(work, tenant).await,
            None => at_rest(work, &clock).await,
        };
        match went_on {
            Ok(here) => done += here,
            // Where it was claimed its lease ends, and it is tried again; the others go on.
            Err(failure) => {
                tracing::error!(%tenant, error = failure.chain(), "a test clock could not go on; it will be tried again");
            }
        }
    }
    Ok(done)
}

/// A clock that is in hand in this process, until this is dropped.
struct InHand<'a>(&'a Work, TenantId);

impl<'a> InHand<'a> {
    fn take(work: &'a Work, tenant: TenantId) -> Option<InHand<'a>> {
        let is_free = work.in_hand.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
        is_free.then(|| InHand(work, tenant))
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// Moves a clock on, unless another node does.
async fn moved(work: &Work, tenant: TenantId) -> Result<u64> {
    match clocks::claim(&work.app.db, tenant).await? {
        Some(clock) => advance(work, clock).await.map(|()| BUDGET.unsigned_abs()),
        None => Ok(0),
    }
}

/// Does what is due where a clock stands or runs.
async fn at_rest(work: &Work, clock: &Clock) -> Result<u64> {
    let db = &work.app.db;
    let (tenant, now) = (clock.tenant_id, clock.time().at(db.seams().wall()));
    let own = work.over(db.in_time_of(tenant, now));
    if clock.runs_since.is_some() {
        // Where time stands the processor does nothing by itself.
        own.till().look_at_own(now.plus_seconds(-LOOKS_BACK_SECONDS)).await?;
    }
    let due = due(&db.read().await?, tenant, BEGINNING, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let due: Vec<Due> = due.into_iter().map(|(by, _)| by).collect();
    turn_for(&own, &due).await
}

/// Moves a claimed clock, as far as it gets in a while.
async fn advance(work: &Work, mut clock: Clock) -> Result<()> {
    let db = &work.app.db;
    let began = db.seams().monotonic();
    let tenant = work.app.tenants.open(&db.read().await?, clock.tenant_id).await?;
    let mut since = clock.stands_at.plus_seconds(-LOOKS_BACK_SECONDS);
    let mut is_whole = true;
    loop {
        stop(work, &clock, since, is_whole).await?;
        since = clock.stands_at;
        let Some(at) = next(&db.read().await?, &tenant, &clock).await? else { break };
        match clocks::put(db, &clock, at).await? {
            Some(put) => clock = put,
            None => return Ok(()), // it was stopped, or another node has it
        }
        is_whole = midnight_before(&tenant, at) == at;
        if db.seams().monotonic().saturating_sub(began) > SLICE {
            break;
        }
    }
    clocks::let_go(db, &clock).await
}

/// Does what is to be done where a clock stands: what the processor has done since the stop before, and what is due; and where
/// it is to be `whole`, also what looks for itself.
async fn stop(work: &Work, clock: &Clock, since: Ts, mut whole: bool) -> Result<()> {
    let (db, tenant, now) = (&work.app.db, clock.tenant_id, clock.stands_at);
    let own = work.over(db.in_time_of(tenant, now));
    for _ in 0..ROUNDS {
        own.till().look_at_own(since).await?;
        let done = if std::mem::take(&mut whole) {
            turn(&own).await?
        } else {
            let due = due(&db.read().await?, tenant, BEGINNING, now).await?;
            let due: Vec<Due> = due.into_iter().map(|(by, _)| by).collect();
            if due.is_empty() { 0 } else { turn_for(&own, &due).await? }
        };
        if done == 0 {
            return Ok(());
        }
    }
    tracing::warn!(%tenant, at = %now, "a test clock goes on, though there is still something to do");
    Ok(())
}

/// The midnight with which the day of an instant began, where the organization is.
fn midnight_before(tenant: &Tenant, at: Ts) -> Ts {
    tenant.today(at).start_in(&tenant.zone)
}

/// Where a clock that is moved stops next; `None` where it has got to where it was to get.
async fn next(tx: &Tx, tenant: &Tenant, clock: &Clock) -> Result<Option<Ts>> {
    let now = clock.stands_at;
    let Some(to) = clock.moves_to.filter(|to| *to > now) else { return Ok(None) };
    let midnight = tenant.today(now).next().start_in(&tenant.zone);
    let due = due(tx, tenant.id, now, to).await?.into_iter().map(|(_, at)| at);
    Ok(Some(due.chain([midnight]).filter(|at| *at > now).min().unwrap_or(to).min(to)))
}

/// Before everything.
const BEGINNING: Ts = Ts::from_micros(0);

base::record! {
    struct First { n: i64, at: Option<Ts> }
}

/// When something is due first by each of the columns that say so, of what is due after one instant and not after another.
async fn due(tx: &Tx, tenant: TenantId, after: Ts, until: Ts) -> Result<Vec<(Due, Ts)>> {
    let mut all: Vec<Due> = ALL.iter().flat_map(|step| step.due_by).copied().collect();
    all.extend([TO_BRING, TO_PLACE]);
    all.sort_unstable();
    all.dedup();
    let of = |(n, (table, column)): (usize, &Due)| {
        let waits = if (*table, *column) == TO_PLACE { "AND seq IS NULL" } else { "" };
        format!(
            "SELECT CAST({n} AS bigint) AS n, min({column}) AS at FROM {table} \
             WHERE tenant_id = $1 AND {column} > $2 AND {column} <= $3 {waits}"
        )
    };
    let sql = all.iter().enumerate().map(of).collect::<Vec<_>>().join(" UNION ALL ");
    let rows: Vec<First> = tx.all(&sql, &[&tenant, &after, &until]).await?;
    let by = |n: i64| usize::try_from(n).ok().and_then(|n| all.get(n)).copied();
    Ok(rows.into_iter().filter_map(|row| Some((by(row.n)?, row.at?))).collect())
}
