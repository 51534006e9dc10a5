//! Plans: what an account offers to pay by, until its customer enrols; and what they enrolled in.
//!
//! Must always hold:
//! - An account has at most one plan that lives (pending, active or paused).
//! - Whoever changes a plan or its instalments holds its account's family: so plans need no locks of their own.
//! - Only an enrolled plan has instalments. While it stands still, and once it has ended, none of them has an instant
//!   at which it is due; one whose charge is under way is left alone, and the charge decides.
//! - A plan that ended is kept, and so is who authorized it; a pending one that is taken away is gone.
//! - An account that owes nothing any more, by whatever way, has no enrolled plan.
//!
//! [`follow`] is what comes of the charges: retries, failures, the end.

mod announced;
mod calendar;
pub mod follow;
mod model;
mod rate;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::{Cents, Code, Day, Failure, Result, TenantId, Ts};

pub use self::announced::{Announced, announced};
pub use self::calendar::{following, nth};
pub use self::model::{
    AHEAD, Instalment, InstalmentId, InstalmentState, Plan, PlanStatus, Progress, breaks_after,
};
pub use self::rate::Rate;
use super::input::PlanGiven;
use super::model::{DebtId, PlanId};
use crate::events;
use crate::messages::{self, Reason};
use crate::orgs::Tenant;

/// The newest plan of each of these accounts.
pub async fn latest_plans(tx: &Tx, tenant: &Tenant, debts: &Ids) -> Result<Vec<Plan>> {
    let mut plans: Vec<Plan> = tx
        .select("WHERE tenant_id = $1 AND debt_id IN ids($2) ORDER BY debt_id, id DESC", &[&tenant.id, debts])
        .await?;
    plans.dedup_by_key(|plan| plan.debt_id);
    Ok(plans)
}

/// The plan of each of these accounts that lives: pending, active or paused.
pub async fn living(tx: &Tx, tenant: &Tenant, debts: &Ids) -> Result<Vec<Plan>> {
    if debts.is_empty() {
        return Ok(Vec::new());
    }
    let tail = "WHERE tenant_id = $1 AND debt_id IN ids($2) AND status IN ('pending', 'active', 'paused') ORDER BY id";
    tx.select(tail, &[&tenant.id, debts]).await
}

/// Whether a plan on the account is enrolled and not ended.
pub async fn enrolled(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<bool> {
    let running = tx.number("SELECT count(*) FROM payment_plan WHERE tenant_id = $1 AND debt_id = $2 AND status IN ('active', 'paused')", &[&tenant.id, &debt]).await?;
    Ok(running > 0)
}

/// Which of these accounts have a plan that is enrolled and not ended.
pub(super) async fn enrolled_of(tx: &Tx, tenant: &Tenant, debts: &Ids) -> Result<Vec<DebtId>> {
    if debts.is_empty() {
        return Ok(Vec::new());
    }
    let tail = "WHERE tenant_id = $1 AND debt_id IN ids($2) AND status IN ('active', 'paused')";
    let running: Vec<Running> = tx.select(tail, &[&tenant.id, debts]).await?;
    Ok(running.into_iter().map(|plan| plan.debt_id).collect())
}

base::record! {
    struct Running in "payment_plan" { debt_id: DebtId }
}

/// Puts a plan in place of the pending one, if any; `None` only takes that away. Refused where one is enrolled.
/// The plan as it already stands changes nothing; gives whether anything changed.
pub(super) async fn replace_pending(
    tx: &Tx,
    tenant: &Tenant,
    debt: DebtId,
    given: Option<&PlanGiven>,
) -> Result<bool> {
    let latest = latest_plans(tx, tenant, &Ids::of([debt])).await?.pop();
    let stands = |plan: &Plan| {
        // One that has ended is only meant where our own reply is sent back, with its id.
        let is_meant = |given: &PlanGiven| given.id == Some(plan.id) || !plan.status.has_ended();
        let same = |given: &PlanGiven| {
            (given.frequency, given.start_date, given.amount)
                == (plan.frequency, plan.start_date, plan.amount)
        };
        given.map_or(plan.status.has_ended(), |given| is_meant(given) && same(given))
    };
    if latest.as_ref().map_or(given.is_none(), stands) {
        return Ok(false);
    }
    if enrolled(tx, tenant, debt).await? {
        return Err(Failure::refused(
            Code::NotAllowedNow,
            "The customer has enrolled in this account's payment plan; change or cancel that plan instead.",
        ));
    }
    drop_pending(tx, tenant, debt).await?;
    let Some(given) = given else { return Ok(true) };
    let plan = Plan {
        frequency: given.frequency,
        start_date: given.start_date,
        amount: given.amount,
        ..Plan::pending(tenant.id, tx.new_id(), debt, tx.now())
    };
    tx.insert(std::slice::from_ref(&plan)).await?;
    tell(tx, tenant, "payment-plan.create", &plan).await?;
    Ok(true)
}

/// Takes the pending plan of an account away, with the requests to agree on it; gives whether there was one.
pub async fn drop_pending(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<bool> {
    let tail = "WHERE tenant_id = $1 AND debt_id = $2 AND status = 'pending'";
    let Some(plan) = tx.find::<Plan>(tail, &[&tenant.id, &debt]).await? else { return Ok(false) };
    messages::call_off_about(tx, tenant, "payment_plan", plan.id, Reason::Over).await?;
    tx.run("DELETE FROM plan_request WHERE tenant_id = $1 AND plan_id = $2", &[&tenant.id, &plan.id]).await?;
    tx.run("DELETE FROM payment_plan WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &plan.id]).await?;
    let now = tx.now();
    let gone = Plan { status: PlanStatus::Cancelled, ended_at: Some(now), updated_at: now, ..plan };
    tell(tx, tenant, "payment_plan.cancelled", &gone).await?;
    Ok(true)
}

/// Ends an enrolled plan: nothing that waits is charged any more, and its authorization is over.
pub async fn end(
    tx: &Tx,
    tenant: &Tenant,
    plan: Plan,
    status: PlanStatus,
    reason: &str,
    now: Ts,
) -> Result<()> {
    let plan = Plan {
        status,
        reason: Some(reason.into()),
        ended_at: Some(now),
        breaks_at: None,
        updated_at: now,
        ..plan
    };
    tx.run(
        "UPDATE instalment SET state = 'cancelled', due_at = NULL, updated_at = $3 \
         WHERE tenant_id = $1 AND plan_id = $2 AND state = 'scheduled'",
        &[&tenant.id, &plan.id, &now],
    )
    .await?;
    tx.run(
        "UPDATE plan_authorization SET ended_at = $3 WHERE tenant_id = $1 AND plan_id = $2 AND ended_at IS NULL",
        &[&tenant.id, &plan.id, &now],
    )
    .await?;
    stop_asking(tx, tenant, plan.id, now).await?;
    tx.update(2, std::slice::from_ref(&plan)).await?;
    let name = match status {
        PlanStatus::Completed => "payment_plan.completed",
        PlanStatus::Broken => "payment_plan.broken",
        PlanStatus::Cancelled | PlanStatus::Pending | PlanStatus::Active | PlanStatus::Paused => {
            "payment_plan.cancelled"
        }
    };
    tell(tx, tenant, name, &plan).await
}

/// Calls off requests to agree on a plan: there is nothing to agree on any more.
pub async fn stop_asking(tx: &Tx, tenant: &Tenant, plan: PlanId, now: Ts) -> Result<()> {
    messages::call_off_about(tx, tenant, "payment_plan", plan, Reason::Over).await?;
    tx.run(
        "UPDATE plan_request SET state = 'cancelled', updated_at = $3 \
         WHERE tenant_id = $1 AND plan_id = $2 AND state = 'queued'",
        &[&tenant.id, &plan, &now],
    )
    .await
    .map(drop)
}

/// Ends the plans of these accounts, which owe nothing any more: an enrolled one is completed, and a settlement that
/// was only offered has nothing left to settle. Other pending ones stay: they say how to pay whatever comes to be owed.
pub(super) async fn nothing_owed(tx: &Tx, tenant: &Tenant, debts: &Ids, now: Ts) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND debt_id IN ids($2) \
                AND (status IN ('active', 'paused') OR status = 'pending' AND settles IS NOT NULL) ORDER BY id";
    let plans: Vec<Plan> = tx.select(tail, &[&tenant.id, debts]).await?;
    for plan in plans {
        if plan.status == PlanStatus::Pending {
            drop_pending(tx, tenant, plan.debt_id).await?;
        } else {
            end(tx, tenant, plan, PlanStatus::Completed, "paid_off", now).await?;
        }
    }
    Ok(())
}

/// Writes that something happened to a plan.
pub async fn tell(tx: &Tx, tenant: &Tenant, name: &str, plan: &Plan) -> Result<()> {
    events::emit(tx, tenant, name, "payment_plan", plan.id, &plan.event_body()).await
}

/// A plan.
pub async fn plan(tx: &Tx, tenant: &Tenant, id: PlanId) -> Result<Option<Plan>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

base::record! {
    struct Ranked { tenant_id: TenantId, id: InstalmentId }
}

/// The instalments of these plans, each plan's in order; of each at most `most`, those that are due next before others.
pub async fn instalments(
    tx: &Tx,
    tenant: &Tenant,
    plans: &Ids,
    most: i64,
) -> Result<HashMap<PlanId, Vec<Instalment>>> {
    let mut of: HashMap<PlanId, Vec<Instalment>> = HashMap::new();
    if plans.is_empty() {
        return Ok(of);
    }
    let ranked: Vec<Ranked> = tx
        .all(
            "SELECT tenant_id, id FROM (SELECT tenant_id, id, row_number() OVER (PARTITION BY plan_id \
             ORDER BY CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, number) AS place \
             FROM instalment WHERE tenant_id = $1 AND plan_id IN ids($2)) AS ranked WHERE place <= $3",
            &[&tenant.id, plans, &most],
        )
        .await?;
    let ids = Ids::of(ranked.iter().map(|row| row.id));
    let rows: Vec<Instalment> = tx
        .select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY plan_id, number", &[&tenant.id, &ids])
        .await?;
    for row in rows {
        of.entry(row.plan_id).or_default().push(row);
    }
    Ok(of)
}

base::record! {
    struct Summed {
        plan_id: PlanId, count: i64, paid: i64, next: Option<Day>, last: Option<Day>
    }
}

/// How far these plans are.
pub async fn progress(tx: &Tx, tenant: &Tenant, plans: &Ids) -> Result<HashMap<PlanId, Progress>> {
    if plans.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Summed> = tx
        .all(
            "SELECT plan_id, count(*), CAST(sum(CASE WHEN state = 'paid' THEN amount ELSE 0 END) AS bigint), \
             min(CASE WHEN due_at IS NOT NULL THEN due_on END), max(CASE WHEN state <> 'cancelled' THEN due_on END) \
             FROM instalment WHERE tenant_id = $1 AND plan_id IN ids($2) GROUP BY plan_id",
            &[&tenant.id, plans],
        )
        .await?;
    let of = |row: Summed| {
        let Summed { plan_id, count, paid, next, last } = row;
        (plan_id, Progress { count, paid: Cents::new(paid), next, last })
    };
    Ok(rows.into_iter().map(of).collect())
}
