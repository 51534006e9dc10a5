//! Other terms for a plan that runs.
//!
//! Its customer authorized the terms as they were, so others are another plan: in one transaction the old one ends and the
//! new one begins, by an authorization of its own. What was paid stays paid; what is under way goes on and counts as paid.

use base::db::{Command, Ids, Tx};
use base::{Cents, Code, Failure, Ref, Result, Ts};
use books::debts::plans::{self, Plan, PlanStatus};
use books::debts::{self, PlanId, offers};
use books::orgs::Tenant;

use super::agree::{Agreed, Asked, Basis, agree};
use super::enrol::{Enrol, Ground, with_terms};
use super::evidence::Given;
use super::refuse_closed;
use super::steps::left_of;
use crate::methods;

/// Lets an enrolled plan give way to another on the same account. 404 where there is none; 400 where it is not enrolled in.
/// Of a settlement the new plan pays what is left of it, unless it says what it pays.
pub struct Replace<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The plan that gives way.
    pub old: PlanId,
    /// The id of the new one.
    pub id: PlanId,
    /// Its terms.
    pub asked: &'a Asked,
    /// What it charges; what the old one charged, where absent.
    pub method: Option<&'a Ref>,
    /// The settlement offer that it takes up.
    pub offer: Option<&'a Ref>,
    /// What is said of its customer's authorization.
    pub given: &'a Given,
    /// Who made it: `api`, `portal`.
    pub source: &'static str,
    /// Who sent it, as the authorization names them.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Replace<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.replace"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let old = super::held(tx, tenant, self.old).await?;
        self.refuse_unknown(tx).await?;
        match old.status {
            PlanStatus::Active | PlanStatus::Paused => {}
            PlanStatus::Pending => {
                return Err(refused("The customer has not enrolled in the payment plan: change it instead."));
            }
            PlanStatus::Completed | PlanStatus::Broken | PlanStatus::Cancelled => {
                return Err(refused("The payment plan has ended; make a new one."));
            }
        }
        let settlement_left = settlement_left(tx, tenant, &old).await?;
        let stands = old.payment_method_id.and_then(|id| Ref::new(&id.to_string()));
        let (debt, min_payment_amount) = (old.debt_id, old.min_payment_amount);
        plans::end(tx, tenant, old, PlanStatus::Cancelled, "replaced", now).await?;
        let ground = Ground::of(tx, tenant, debt, now).await?;
        let ground = ground.ok_or_else(|| refused("The account of the payment plan was deleted."))?;
        ground.refuse_running(tx).await?;
        let offer = match self.offer {
            Some(which) => Some(offers::to_take_up(tx, tenant, which, debt, tenant.today(now)).await?),
            None => None,
        };
        if !ground.account.open().is_positive() {
            return Err(refused("All that is owed is being paid already."));
        }
        let agreed = ground.agree_anew(self.asked, offer.as_ref(), settlement_left, now)?;
        let which = self.method.cloned().or(stands);
        let which = which.ok_or_else(|| Failure::unknown_reference("payment_method_id"))?;
        let method = ground.method(tx, &which, agreed.first()).await?;
        let plan = Plan {
            open_ended: self.asked.open_ended,
            offer_id: offer.as_ref().map(|offer| offer.id),
            replaces_id: Some(self.old),
            min_payment_amount,
            source: self.source.into(),
            ..Plan::pending(tenant.id, self.id, debt, now)
        };
        let (customer, agreed, given, by) = (ground.account.customer_id, &agreed, self.given, self.by);
        let plan = with_terms(plan, agreed);
        Enrol { tenant, agreed, customer, method, offer, given, by, now }.run(tx, plan, true).await
    }
}

impl Replace<'_> {
    /// Refuses what names nothing, whatever the plan's state: so nobody learns of another's.
    async fn refuse_unknown(&self, tx: &Tx) -> Result<()> {
        if let Some(which) = self.method
            && methods::find(tx, self.tenant, which).await?.is_none()
        {
            return Err(Failure::unknown_reference("payment_method_id"));
        }
        if let Some(which) = self.offer
            && offers::find(tx, self.tenant, which).await?.is_none()
        {
            return Err(Failure::unknown_reference("settlement_offer_id"));
        }
        Ok(())
    }
}

/// What is left to pay of a settlement.
async fn settlement_left(tx: &Tx, tenant: &Tenant, old: &Plan) -> Result<Option<Cents>> {
    Ok(match old.total_amount.filter(|_| old.settles.is_some()) {
        Some(total) => Some(left_of(tx, tenant, old, total).await?).filter(|left| left.is_positive()),
        None => None,
    })
}

/// What terms in the place of a plan's would come to today. Nothing is kept.
pub async fn preview_instead(tx: &Tx, tenant: &Tenant, old: &Plan, asked: &Asked, now: Ts) -> Result<Agreed> {
    let found = debts::load(tx, tenant, &Ids::of([old.debt_id])).await?.pop();
    let account = found.filter(|account| account.deleted_at.is_none()).ok_or_else(Failure::not_found)?;
    refuse_closed(tx, tenant, &account, now).await?;
    let settlement_left = settlement_left(tx, tenant, old).await?;
    agree(
        asked,
        &Basis {
            balance: Some(account.open()),
            own_minimum: account.rules.min_payment_amount,
            limits: &tenant.rules,
            offer: None,
            settlement_left,
            today: tenant.today(now),
        },
    )
}

fn refused(say: &str) -> Failure {
    Failure::refused(Code::NotAllowedNow, say)
}
