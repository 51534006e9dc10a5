//! The plan that an account offers: pending until its customer enrols.

use base::db::{Ids, Tx};
use base::{Cents, Code, Day, Failure, Result, TenantId, Ts};

use super::input::PlanGiven;
use super::model::{DebtId, Frequency, PlanId};
use crate::orgs::Tenant;

base::words! {
    /// How a plan stands.
    PlanStatus {
        /// Offered; the customer has not enrolled.
        Pending = "pending",
        /// Enrolled and paying.
        Active = "active",
        /// Enrolled, and standing still.
        Paused = "paused",
        /// Paid to its end.
        Completed = "completed",
        /// Ended by failed payments.
        Broken = "broken",
        /// Ended by somebody.
        Cancelled = "cancelled",
    }
}

base::record! {
    /// A plan on an account.
    pub struct Plan in "payment_plan" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: PlanId,
        /// The account.
        pub debt_id: DebtId,
        /// How it stands.
        pub status: PlanStatus,
        /// How often it pays.
        pub frequency: Option<Frequency>,
        /// From when on.
        pub start_date: Option<Day>,
        /// How much each time.
        pub amount: Option<Cents>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

/// The newest plan of each of these accounts.
pub async fn latest_plans(tx: &Tx, tenant: &Tenant, debts: &Ids) -> Result<Vec<Plan>> {
    let mut plans: Vec<Plan> = tx
        .select("WHERE tenant_id = $1 AND debt_id IN ids($2) ORDER BY debt_id, id DESC", &[&tenant.id, debts])
        .await?;
    plans.dedup_by_key(|plan| plan.debt_id);
    Ok(plans)
}

/// Whether a plan on the account is enrolled and not ended.
pub(super) async fn enrolled(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<bool> {
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
        let same = PlanGiven { frequency: plan.frequency, start_date: plan.start_date, amount: plan.amount };
        let ended = !matches!(plan.status, PlanStatus::Pending | PlanStatus::Active | PlanStatus::Paused);
        given == Some(&same) && !ended || given.is_none() && ended
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
    tx.run(
        "DELETE FROM payment_plan WHERE tenant_id = $1 AND debt_id = $2 AND status = 'pending'",
        &[&tenant.id, &debt],
    )
    .await?;
    let Some(given) = given else { return Ok(true) };
    let (now, id) = (tx.now(), tx.new_id());
    tx.insert(&[Plan {
        tenant_id: tenant.id,
        id,
        debt_id: debt,
        status: PlanStatus::Pending,
        frequency: given.frequency,
        start_date: given.start_date,
        amount: given.amount,
        created_at: now,
        updated_at: now,
    }])
    .await?;
    Ok(true)
}
