//! Breaking plans: one whose payments failed too often ends when its days of grace are over, and nothing saved it meanwhile.
//!
//! Nothing breaks before what is due was tried, while a payment is under way, or while somebody lets it stand still.

use base::db::{Command, Db, Tx};
use base::{Cents, Result, TenantId, Ts, in_turn};
use books::debts::PlanId;
use books::debts::plans::{self, Plan, PlanStatus};
use books::orgs::{Tenant, Tenants};

use super::run::WINDOW;

/// Seconds until a plan that would break, but for a payment under way, is looked at again.
const BREAKS_LATER_SECONDS: i64 = 3_600;
/// Seconds until a plan that would break, but for a payment that is due, is looked at again.
const DUE_FIRST_SECONDS: i64 = 60;

base::record! {
    struct Late in "payment_plan" { tenant_id: TenantId, id: PlanId }
}

/// Ends plans whose last chance has passed. Gives how many.
pub async fn break_due(db: &Db, tenants: &Tenants, budget: i64) -> Result<u64> {
    let now = db.now().await?;
    let tail = "WHERE breaks_at <= $1 AND tenant_id IN served() ORDER BY breaks_at LIMIT $2";
    let late: Vec<Late> = db.read().await?.select(tail, &[&now, &(budget * WINDOW)]).await?;
    let mut done = 0;
    for one in in_turn(late, |late| late.tenant_id, budget) {
        let broken = async {
            let tenant = tenants.open(&db.read().await?, one.tenant_id).await?;
            db.run(&Break { tenant: &tenant, id: one.id }).await
        };
        match broken.await {
            Ok(()) => done += 1,
            // One organization's trouble must not hold up the others.
            Err(failure) => {
                tracing::error!(plan = %one.id, error = failure.chain(), "a plan could not be broken; it will be tried again");
                let until = now.plus_seconds(BREAKS_LATER_SECONDS);
                db.run(&BreakLater { tenant: one.tenant_id, id: one.id, until }).await?;
            }
        }
    }
    Ok(done)
}

/// Looks at a plan a while later, so that it does not stand in the others' way.
struct BreakLater {
    tenant: TenantId,
    id: PlanId,
    until: Ts,
}

impl Command for BreakLater {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.break_later"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql =
            "UPDATE payment_plan SET breaks_at = $3 WHERE tenant_id = $1 AND id = $2 AND breaks_at < $3";
        tx.run(sql, &[&self.tenant, &self.id, &self.until]).await.map(drop)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // later once more
    }
}

/// Breaks a plan whose last chance has passed.
struct Break<'a> {
    tenant: &'a Tenant,
    id: PlanId,
}

impl Command for Break<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.break"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let plan = super::held(tx, self.tenant, self.id).await?;
        let now = tx.clock().await?;
        if plan.breaks_at.is_none_or(|at| at > now) {
            return Ok(());
        }
        let sql =
            "SELECT count(*) FROM instalment WHERE tenant_id = $1 AND plan_id = $2 AND state = 'submitting'";
        let is_under_way = tx.number(sql, &[&self.tenant.id, &plan.id]).await? > 0;
        // Where much is due at one instant, its turn may not have come yet; and what is late waits for its minute.
        let sql = "SELECT count(*) FROM instalment WHERE tenant_id = $1 AND plan_id = $2 AND state = 'scheduled' \
                   AND due_at IS NOT NULL AND due_on <= $3";
        let today = self.tenant.today(now);
        let is_due = tx.number(sql, &[&self.tenant.id, &plan.id, &today]).await? > 0;
        if plan.status == PlanStatus::Active && is_due {
            let later = Some(now.plus_seconds(DUE_FIRST_SECONDS));
            return tx.update(2, &[Plan { breaks_at: later, ..plan }]).await;
        }
        let is_held = plan.status == PlanStatus::Paused && plan.reason.is_none();
        if plan.status.is_enrolled() && (is_under_way || is_held) {
            // A payment that succeeds still saves it; and whoever lets it stand still has a reason.
            let later = Some(now.plus_seconds(BREAKS_LATER_SECONDS));
            return tx.update(2, &[Plan { breaks_at: later, ..plan }]).await;
        }
        if plan.status.is_enrolled() && self.was_paid_otherwise(tx, &plan, now).await? {
            let plan = Plan { failures: 0, breaks_at: None, updated_at: now, ..plan };
            tx.update(2, std::slice::from_ref(&plan)).await?;
            return plans::tell(tx, self.tenant, "payment-plan.update", &plan).await;
        }
        if plan.status.is_enrolled() {
            return plans::end(tx, self.tenant, plan, PlanStatus::Broken, "payments_failed", now).await;
        }
        tx.update(2, &[Plan { breaks_at: None, ..plan }]).await
    }
}

impl Break<'_> {
    /// Whether as much as an instalment was paid on the plan's account since its last payment failed, by whatever charge.
    async fn was_paid_otherwise(&self, tx: &Tx, plan: &Plan, now: Ts) -> Result<bool> {
        let sql = "SELECT count(*) FROM charge AS paid WHERE paid.tenant_id = $1 AND paid.debt_id = $2 AND paid.state = 'succeeded' \
                   AND paid.amount >= $3 AND paid.completed_at >= (SELECT coalesce(max(failed.updated_at), $4) FROM charge AS failed \
                   WHERE failed.tenant_id = $1 AND failed.debt_id = $2 AND failed.instalment_id IS NOT NULL \
                   AND failed.state IN ('declined', 'returned'))";
        let least = plan.amount.unwrap_or(Cents::MOST);
        Ok(tx.number(sql, &[&self.tenant.id, &plan.debt_id, &least, &now]).await? > 0)
    }
}
