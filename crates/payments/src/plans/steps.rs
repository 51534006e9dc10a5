//! What becomes of a plan: it stands still, goes on, ends.

use base::db::{Command, Tx};
use base::{Cents, Code, Day, Failure, Ref, Result, Ts};
use books::debts::PlanId;
use books::debts::plans::{
    self, AHEAD, Instalment, InstalmentId, InstalmentState, Plan, PlanStatus, breaks_after, follow,
};
use books::orgs::Tenant;

use super::enrol::Ground;
use super::evidence::{Authorize, Given};
use super::interest::spread;
use super::schedule::following;
use super::terms::Ahead;
use crate::methods;

/// What somebody wants of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It stands still: nothing is charged until it goes on.
    Pause,
    /// It goes on.
    Resume,
    /// It ends.
    Cancel,
    /// A broken one goes on.
    Reinstate,
}

/// Does what somebody wants of a plan; what is so already stays so. 404 where there is none.
pub struct Step<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: PlanId,
    /// What is wanted.
    pub wish: Wish,
    /// What a broken plan that goes on charges from then on; what it charged before, where absent.
    pub method: Option<&'a Ref>,
    /// What is said of the authorization by which a broken plan goes on.
    pub given: &'a Given,
    /// Who wants it, as an authorization names them.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Step<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        match self.wish {
            Wish::Pause => "payment_plans.pause",
            Wish::Resume => "payment_plans.resume",
            Wish::Cancel => "payment_plans.cancel",
            Wish::Reinstate => "payment_plans.reinstate",
        }
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let plan = super::held(tx, tenant, self.id).await?;
        if let Some(which) = self.method
            && methods::find(tx, tenant, which).await?.is_none()
        {
            return Err(Failure::unknown_reference("payment_method_id"));
        }
        match (self.wish, plan.status) {
            (Wish::Pause, PlanStatus::Paused)
            | (Wish::Resume | Wish::Reinstate, PlanStatus::Active)
            | (Wish::Cancel, PlanStatus::Cancelled) => Ok(()),
            (Wish::Pause, PlanStatus::Active) => self.pause(tx, plan).await,
            (Wish::Resume, PlanStatus::Paused) => self.resume(tx, plan).await,
            (Wish::Reinstate, PlanStatus::Broken) => self.reinstate(tx, plan).await,
            (Wish::Reinstate, _) => Err(refused("Only a broken payment plan can be reinstated.")),
            (Wish::Cancel, PlanStatus::Pending | PlanStatus::Active | PlanStatus::Paused) => {
                plans::end(tx, tenant, plan, PlanStatus::Cancelled, "cancelled", now).await
            }
            (Wish::Pause | Wish::Resume, PlanStatus::Pending) => Err(refused(
                "The customer has not enrolled in the payment plan, so nothing of it is charged yet.",
            )),
            (_, PlanStatus::Completed | PlanStatus::Broken | PlanStatus::Cancelled) => {
                let say = format!("The payment plan has ended: it is {}.", plan.status.as_str());
                Err(refused(&say))
            }
        }
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // what is so already stays so
    }
}

fn refused(say: &str) -> Failure {
    Failure::refused(Code::NotAllowedNow, say)
}

/// What is left to pay of a plan with this total. What is under way may still be paid, and is not left.
pub(super) async fn left_of(tx: &Tx, tenant: &Tenant, plan: &Plan, total: Cents) -> Result<Cents> {
    let paid = "SELECT CAST(coalesce(sum(amount), 0) AS bigint) FROM instalment WHERE tenant_id = $1 AND plan_id = $2 AND state IN ('paid', 'submitting')";
    let paid = Cents::new(tx.number(paid, &[&tenant.id, &plan.id]).await?);
    Ok(total.minus_down_to_zero(paid))
}

impl Step<'_> {
    /// Takes what waits out of the queue. What is under way goes on.
    async fn pause(&self, tx: &Tx, plan: Plan) -> Result<()> {
        tx.run(
            "UPDATE instalment SET due_at = NULL, updated_at = $3 \
             WHERE tenant_id = $1 AND plan_id = $2 AND state = 'scheduled'",
            &[&self.tenant.id, &plan.id, &self.now],
        )
        .await?;
        let plan =
            Plan { status: PlanStatus::Paused, paused_at: Some(self.now), updated_at: self.now, ..plan };
        tx.update(2, std::slice::from_ref(&plan)).await?;
        plans::tell(tx, self.tenant, "payment-plan.update", &plan).await
    }

    /// Puts what waits back into the queue, on its next days.
    async fn resume(&self, tx: &Tx, plan: Plan) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let ground = Ground::of(tx, tenant, plan.debt_id, now).await?;
        ground.ok_or_else(|| refused("The account of the payment plan was deleted."))?;
        let waiting = NextDays::of(tx, tenant, &plan, now).await?;
        let plan = waiting.queue(tx, tenant, plan, now).await?;
        tx.update(2, std::slice::from_ref(&plan)).await?;
        plans::tell(tx, tenant, "payment-plan.update", &plan).await
    }

    /// Lets a broken plan go on: what it still lacks is paid by the same terms, on the next days of its calendar, and
    /// authorized anew. What was forgiven by nobody is owed as before.
    async fn reinstate(&self, tx: &Tx, plan: Plan) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let ground = Ground::of(tx, tenant, plan.debt_id, now).await?;
        let ground = ground.ok_or_else(|| refused("The account of the payment plan was deleted."))?;
        ground.refuse_running(tx).await?;
        let stands = plan.payment_method_id.and_then(|id| Ref::new(&id.to_string()));
        let (Some(frequency), Some(start), Some(each), Some(which)) =
            (plan.frequency, plan.start_date, plan.amount, self.method.cloned().or(stands))
        else {
            return Err(refused("The payment plan was never enrolled in."));
        };
        let owed = ground.account.open();
        // Interest that is still expected is not owed yet.
        let expected = match plan.projected_interest {
            Some(all) => {
                let had = "SELECT CAST(coalesce(sum(interest), 0) AS bigint) FROM instalment WHERE tenant_id = $1 AND plan_id = $2 AND state IN ('paid', 'submitting')";
                all.minus_down_to_zero(Cents::new(tx.number(had, &[&tenant.id, &plan.id]).await?))
            }
            None => Cents::ZERO,
        };
        let most = owed.plus(expected).unwrap_or(owed);
        let left = match plan.total_amount {
            Some(total) => left_of(tx, tenant, &plan, total).await?.min(most),
            None => (0..AHEAD).fold(Cents::ZERO, |sum, _| sum.plus(each).unwrap_or(owed)).min(owed),
        };
        let many = usize::try_from((left.get() - 1).div_euclid(each.get()) + 1).unwrap_or(0);
        let days = following(frequency, start, tenant.today(now), many)
            .ok_or_else(|| refused("The payment plan would go on beyond the end of the calendar."))?;
        let Some(first) = days.first().copied() else {
            return Err(refused("Everything that was agreed upon is paid."));
        };
        let method = ground.method(tx, &which, first).await?;
        plans::drop_pending(tx, tenant, plan.debt_id).await?;
        let number = tx
            .number(
                "SELECT max(number) FROM instalment WHERE tenant_id = $1 AND plan_id = $2",
                &[&tenant.id, &plan.id],
            )
            .await?;
        let plan = Plan {
            status: PlanStatus::Active,
            payment_method_id: Some(method.0),
            failures: 0,
            reason: None,
            ended_at: None,
            updated_at: now,
            ..plan
        };
        let (mut instalments, mut rest) = (Vec::new(), left);
        for (nth, day) in (1..).zip(days) {
            let amount = each.min(rest);
            rest = rest.minus_down_to_zero(amount);
            let when = (day, amount);
            instalments.push(Instalment::scheduled(&plan, number + nth, when, &tenant.zone, now));
        }
        if plan.projected_interest.is_some() {
            let amounts: Vec<Cents> = instalments.iter().map(|one| one.amount).collect();
            let after = plan.interest_collected_after_principal.unwrap_or(true);
            for (one, interest) in instalments.iter_mut().zip(spread(&amounts, expected, after)) {
                one.interest = Some(interest);
            }
        }
        tx.insert(&instalments).await?;
        tx.update(2, std::slice::from_ref(&plan)).await?;
        let (customer, ahead) =
            (ground.account.customer_id, Some(Ahead::Reinstated(first, plan.total_amount.map(|_| left))));
        let (given, by) = (self.given, self.by);
        let evidence = Authorize { tenant, plan: &plan, customer, method, first, ahead, given, by, now };
        evidence.run(tx).await?;
        plans::tell(tx, tenant, "payment-plan.update", &plan).await
    }
}

/// What waits of a plan, on the days that it has once the plan goes on. Days that have passed are not made up for in one go: where
/// there are any, what waits takes the next days of the plan's own calendar, in its order, and the plan ends so much later.
pub(super) struct NextDays(Vec<Instalment>);

impl NextDays {
    /// As it would be if the plan went on now.
    pub(super) async fn of(tx: &Tx, tenant: &Tenant, plan: &Plan, now: Ts) -> Result<NextDays> {
        let tail = "WHERE tenant_id = $1 AND plan_id = $2 AND state = 'scheduled' ORDER BY number";
        let mut waiting: Vec<Instalment> = tx.select(tail, &[&tenant.id, &plan.id]).await?;
        let today = tenant.today(now);
        if plan.status == PlanStatus::Paused
            && waiting.iter().any(|instalment| instalment.due_on < today)
            && let (Some(frequency), Some(start)) = (plan.frequency, plan.start_date)
        {
            let days = following(frequency, start, today, waiting.len())
                .ok_or_else(|| refused("The payment plan would go on beyond the end of the calendar."))?;
            for (instalment, day) in waiting.iter_mut().zip(days) {
                instalment.due_on = day;
            }
        }
        Ok(NextDays(waiting))
    }

    /// The first of them.
    pub(super) fn first(&self) -> Option<Day> {
        self.0.iter().map(|instalment| instalment.due_on).min()
    }

    /// How much they come to.
    pub(super) fn sum(&self) -> Cents {
        Cents::sum(self.0.iter().map(|instalment| instalment.amount)).unwrap_or(Cents::MOST)
    }

    /// What is authorized where the plan goes on by another method: the day of its first payment, and what is to be paid from
    /// then on. Once something of the plan is past, that is only what is ahead; without an end there is no sum to name.
    pub(super) fn ahead(&self, tenant: &Tenant, plan: &Plan, now: Ts) -> (Day, Option<Ahead>) {
        let (first, left) = (self.first().unwrap_or(tenant.today(now)), self.sum());
        let agreed = plan.down_payment_date.or(plan.start_date);
        let is_begun = plan
            .total_amount
            .is_some_and(|total| total != left || agreed.is_some_and(|agreed| agreed < first));
        (first, is_begun.then_some(Ahead::GoesOn(first, Some(left))))
    }

    /// The plan as one that has just been mended: where it was about to break it does not before the next payment, and its days
    /// of grace.
    pub(super) fn spare(&self, tenant: &Tenant, plan: Plan) -> Plan {
        let after = |day| breaks_after(day, tenant.rules.payment_plan_grace_days, &tenant.zone);
        let breaks_at = plan.breaks_at.map(|at| self.first().map_or(at, |day| at.max(after(day))));
        Plan { breaks_at, ..plan }
    }

    /// Puts them into the queue, and gives the plan as one that goes on.
    pub(super) async fn queue(mut self, tx: &Tx, tenant: &Tenant, plan: Plan, now: Ts) -> Result<Plan> {
        for instalment in &mut self.0 {
            instalment.put_on(instalment.due_on, &tenant.zone, now);
            instalment.updated_at = now;
        }
        tx.update(2, &self.0).await?;
        let plan = self.spare(tenant, plan);
        Ok(Plan { status: PlanStatus::Active, paused_at: None, reason: None, updated_at: now, ..plan })
    }
}

/// Deletes a plan in which nobody has enrolled. 404 where there is none; 400 for one with a history, which can be
/// cancelled.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: PlanId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let plan = super::held(tx, self.tenant, self.id).await?;
        if plan.status != PlanStatus::Pending {
            return Err(refused("Only a pending payment plan can be deleted; cancel this one instead."));
        }
        plans::drop_pending(tx, self.tenant, plan.debt_id).await.map(drop)
    }
}

/// Skips an instalment that waits: the same amount stands at the plan's end. 404 where there is none.
pub struct Skip<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which plan.
    pub plan: PlanId,
    /// Which of its instalments.
    pub instalment: InstalmentId,
    /// The business instant.
    pub now: Ts,
}

impl Command for Skip<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.skip"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let plan = super::held(tx, self.tenant, self.plan).await?;
        let tail = "WHERE tenant_id = $1 AND plan_id = $2 AND id = $3";
        let found = tx.find::<Instalment>(tail, &[&self.tenant.id, &self.plan, &self.instalment]).await?;
        let one = found.ok_or_else(Failure::not_found)?;
        match one.state {
            InstalmentState::Cancelled => Ok(()),
            InstalmentState::Scheduled if plan.status.is_enrolled() => {
                follow::skip(tx, self.tenant, plan, one.id, self.now).await
            }
            state => Err(Failure::refused(
                Code::NotAllowedNow,
                format!("Only a payment that waits can be skipped; this one is {}.", state.as_str()),
            )),
        }
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // what is skipped stays skipped
    }
}
