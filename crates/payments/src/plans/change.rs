//! Changing a plan.
//!
//! The vendor's rule: terms change only as long as nothing is scheduled, and the organization's rule
//! `unscheduled_payment_plan_editable` allows it; an enrolled plan gives way to another instead ([`super::Replace`]). What
//! else is charged for an enrolled plan may change at any time, by a new authorization; and the same may be authorized anew,
//! where more is said of it.

use base::db::{Command, Ids, Tx};
use base::{Cents, Change, Code, Day, Failure, Ref, Result, Ts};
use books::debts::Frequency;
use books::debts::offers;
use books::debts::plans::{self, Plan, PlanStatus, Rate};
use books::debts::{self, PlanId};
use books::orgs::Tenant;

use super::agree::{Asked, Interest, refuse_below_proposed};
use super::enrol::{Enrol, Ground, with_terms};
use super::evidence::{Authorize, Given};
use super::steps::NextDays;

/// What an update says.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The account; it cannot change.
    pub debt: Option<Ref>,
    /// How often.
    pub frequency: Frequency,
    /// From when on.
    pub start: Day,
    /// How much each time.
    pub amount: Cents,
    /// How much in all; the plan's own, where absent.
    pub total: Option<Cents>,
    /// The rate at which it is expected to pay interest, which can go.
    pub rate: Change<Rate>,
    /// That interest; the plan's own, where absent.
    pub interest: Interest,
    /// What is charged; a pending plan is enrolled in by it.
    pub method: Option<Ref>,
    /// What is said of its customer's authorization.
    pub given: Option<Given>,
}

/// Changes a plan. 404 where there is none.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: PlanId,
    /// What was sent.
    pub changes: &'a Changes,
    /// Who sent it, as an authorization names them.
    pub by: String,
    /// The business instant.
    pub now: Ts,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, sent) = (self.tenant, self.changes);
        let plan = super::held(tx, tenant, self.id).await?;
        if let Some(debt) = &sent.debt
            && debts::resolve(tx, tenant, debt).await? != Some(plan.debt_id)
        {
            return Err(Failure::unknown_reference("debt_account_id"));
        }
        let is_rest_same = sent.total.is_none_or(|total| Some(total) == plan.total_amount)
            && sent.rate.clone().over(plan.annual_percentage_rate) == plan.annual_percentage_rate
            && sent.interest.is_of(&plan);
        // What a proposal leaves open is its customer's to choose.
        let is_kept = is_rest_same
            && plan.frequency.is_none_or(|own| own == sent.frequency)
            && plan.start_date.is_none_or(|own| own == sent.start)
            && plan.amount.is_none_or(|own| own == sent.amount);
        let is_same = is_kept && plan.has_terms();
        let is_same_method = sent
            .method
            .as_ref()
            .is_none_or(|which| which.ours().is_some() && which.ours() == plan.payment_method_id);
        let given = self.news(tx, plan.id).await?;
        match plan.status {
            _ if is_same && is_same_method && given.is_none() => Ok(()),
            PlanStatus::Pending => self.pending(tx, plan, is_kept, given).await,
            PlanStatus::Active | PlanStatus::Paused if is_same => self.recharge(tx, plan, given).await,
            PlanStatus::Active | PlanStatus::Paused => Err(refused(
                "The payment plan has scheduled charges and its terms cannot be changed; replace it instead.",
            )),
            PlanStatus::Completed | PlanStatus::Broken | PlanStatus::Cancelled => {
                Err(refused("The payment plan has ended and cannot be changed."))
            }
        }
    }
}

fn refused(say: &str) -> Failure {
    Failure::refused(Code::NotAllowedNow, say)
}

impl Update<'_> {
    /// What is said of an authorization that the plan's last one does not say already.
    async fn news(&self, tx: &Tx, plan: PlanId) -> Result<Option<&Given>> {
        let Some(given) = &self.changes.given else { return Ok(None) };
        let last = super::authorizations(tx, self.tenant, &Ids::of([plan])).await?.remove(&plan);
        Ok(given.is_news(last.as_ref()).then_some(given))
    }

    /// Changes a pending plan's terms, enrols in it, or both.
    async fn pending(&self, tx: &Tx, plan: Plan, is_kept: bool, given: Option<&Given>) -> Result<()> {
        let (tenant, sent, now) = (self.tenant, self.changes, self.now);
        if given.is_some() && sent.method.is_none() {
            let say = "The payment method id field is required when authorization is present.";
            return Err(Failure::field("payment_method_id", say));
        }
        let ground = Ground::of(tx, tenant, plan.debt_id, now).await?.ok_or_else(Failure::not_found)?;
        if !is_kept && !tenant.rules.unscheduled_payment_plan_editable {
            return Err(refused(
                "Payment plans cannot be changed: unscheduled_payment_plan_editable is off.",
            ));
        }
        let today = tenant.today(now);
        let offer = match plan.offer_id {
            Some(id) => {
                let which = Ref::new(&id.to_string()).ok_or_else(Failure::not_found)?;
                Some(offers::to_take_up(tx, tenant, &which, plan.debt_id, today).await?)
            }
            None => None,
        };
        let kept = Asked::of_pending(&plan, sent.frequency, sent.start, sent.amount, today);
        let asked = Asked {
            total: sent.total.filter(|total| Some(*total) != plan.total_amount).or(kept.total),
            interest: sent.interest.over(&plan, sent.rate.clone()),
            ..kept
        };
        let agreed = ground.agree(&asked, offer.as_ref(), now)?;
        let before = plan.event_body();
        let plan = with_terms(plan, &agreed);
        refuse_below_proposed(&plan, agreed.amount)?;
        match &sent.method {
            Some(which) => {
                ground.refuse_running(tx).await?;
                let method = ground.method(tx, which, agreed.first()).await?;
                let customer = ground.account.customer_id;
                let (agreed, nothing, by) = (&agreed, Given::default(), self.by.as_str());
                let given = given.unwrap_or(&nothing);
                let enrol = Enrol { tenant, agreed, customer, method, offer, given, by, now };
                enrol.run(tx, plan, false).await
            }
            None if plan.event_body() == before => Ok(()),
            None => {
                let plan = Plan { updated_at: now, ..plan };
                tx.update(2, std::slice::from_ref(&plan)).await?;
                plans::tell(tx, tenant, "payment-plan.update", &plan).await
            }
        }
    }

    /// Lets an enrolled plan charge another method from now on, or the same by a new authorization.
    async fn recharge(&self, tx: &Tx, plan: Plan, given: Option<&Given>) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let stands = || plan.payment_method_id.and_then(|id| Ref::new(&id.to_string()));
        let Some(which) = self.changes.method.clone().or_else(stands) else { return Ok(()) };
        let ground = Ground::of(tx, tenant, plan.debt_id, now).await?.ok_or_else(Failure::not_found)?;
        let waiting = NextDays::of(tx, tenant, &plan, now).await?;
        let (first, ahead) = waiting.ahead(tenant, &plan, now);
        let method = ground.method(tx, &which, first).await?;
        // It stood still for want of a method that can be charged.
        let waited =
            matches!(plan.reason.as_deref(), Some("payment_method_stopped" | "payment_method_deleted"));
        let plan = Plan { payment_method_id: Some(method.0), updated_at: now, ..plan };
        let plan = if plan.status == PlanStatus::Paused && waited {
            waiting.queue(tx, tenant, plan, now).await?
        } else {
            waiting.spare(tenant, plan)
        };
        tx.update(2, std::slice::from_ref(&plan)).await?;
        let (customer, nothing, by) = (ground.account.customer_id, Given::default(), self.by.as_str());
        let given = given.unwrap_or(&nothing);
        let evidence = Authorize { tenant, plan: &plan, customer, method, first, ahead, given, by, now };
        evidence.run(tx).await?;
        plans::tell(tx, tenant, "payment-plan.update", &plan).await
    }
}
