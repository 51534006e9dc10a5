//! Making a plan, and enrolling in one.

use base::db::{Command, Ids, Tx};
use base::{Cents, Code, Day, Failure, Ref, Result, Ts};
use books::debts::offers::{self, Offer};
use books::debts::plans::{self, Instalment, Plan, PlanStatus};
use books::debts::{self, Debt, DebtId, Family, PlanId, lock_families_of};
use books::holds::{self, Autopay, InForce, Payer, blocked};
use books::orgs::Tenant;
use books::people::CustomerId;

use super::agree::{Agreed, Asked, Basis, agree};
use super::evidence::{Authorize, Given};
use crate::charges::accept::{may_pay, may_use, payable};
use crate::methods::{self, MethodId};

/// A plan as it is asked for.
#[derive(Clone, Debug)]
pub struct New {
    /// The account.
    pub debt: Ref,
    /// The terms.
    pub asked: Asked,
    /// What is charged; without it the plan waits for its customer.
    pub method: Option<Ref>,
    /// The settlement offer that it takes up.
    pub offer: Option<Ref>,
    /// What is said of its customer's authorization, where it names a method.
    pub given: Given,
    /// Who asks for it: `api`, `portal`.
    pub source: &'static str,
}

/// Makes a plan: pending without a payment method, enrolled in with one.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: PlanId,
    /// What was sent.
    pub new: &'a New,
    /// Who sent it, as the authorization names them.
    pub by: String,
    /// The business instant.
    pub now: Ts,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "payment_plans.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, new, now) = (self.tenant, self.new, self.now);
        let unknown = || Failure::unknown_reference("debt_account_id");
        let debt = debts::resolve(tx, tenant, &new.debt).await?.ok_or_else(unknown)?;
        let ground = Ground::of(tx, tenant, debt, now).await?.ok_or_else(unknown)?;
        ground.refuse_running(tx).await?;
        let offer = match &new.offer {
            Some(which) => Some(offers::to_take_up(tx, tenant, which, debt, tenant.today(now)).await?),
            None => None,
        };
        let agreed = ground.agree(&new.asked, offer.as_ref(), now)?;
        plans::drop_pending(tx, tenant, debt).await?;
        let plan = Plan {
            open_ended: new.asked.open_ended,
            offer_id: offer.as_ref().map(|offer| offer.id),
            source: new.source.into(),
            ..Plan::pending(tenant.id, self.id, debt, now)
        };
        let plan = with_terms(plan, &agreed);
        match &new.method {
            Some(which) => {
                let method = ground.method(tx, which, agreed.first()).await?;
                let customer = ground.account.customer_id;
                let (agreed, given, by) = (&agreed, &new.given, self.by.as_str());
                let enrol = Enrol { tenant, agreed, customer, method, offer, given, by, now };
                enrol.run(tx, plan, true).await
            }
            None => {
                tx.insert(std::slice::from_ref(&plan)).await?;
                plans::tell(tx, tenant, "payment-plan.create", &plan).await
            }
        }
    }
}

/// A plan with these terms.
pub fn with_terms(plan: Plan, agreed: &Agreed) -> Plan {
    let bearing = agreed.interest.as_ref().map(|(bearing, _)| bearing);
    Plan {
        frequency: Some(agreed.frequency),
        start_date: Some(agreed.start),
        amount: Some(agreed.amount),
        total_amount: agreed.total,
        settles: agreed.settles,
        down_payment: agreed.down.map(|down| down.amount),
        down_payment_date: agreed.down.map(|down| down.on),
        annual_percentage_rate: bearing.map(|bearing| bearing.rate),
        principal_balance: bearing.map(|bearing| bearing.principal),
        pre_principal_balance: bearing.map(|bearing| bearing.before),
        interest_collected_after_principal: bearing.map(|bearing| bearing.after_principal),
        projected_interest: agreed.interest.as_ref().map(|(_, projected)| projected.interest),
        ..plan
    }
}

/// Where a plan stands: an account that can be paid, locked with its family.
pub(super) struct Ground<'a> {
    tenant: &'a Tenant,
    family: Family,
    holds: InForce,
    pub(super) account: Debt,
}

impl<'a> Ground<'a> {
    /// That of an account; `None` where it is not there any more. Refuses an account that cannot be paid, or owes nothing.
    pub(super) async fn of(tx: &Tx, tenant: &'a Tenant, debt: DebtId, now: Ts) -> Result<Option<Ground<'a>>> {
        let families = lock_families_of(tx, tenant, &[debt]).await?;
        let family =
            families.into_iter().find(|f| f.root.deleted_at.is_none() && f.members().any(|m| m.id == debt));
        let Some(family) = family else { return Ok(None) };
        let Some(account) = family.members().find(|m| m.id == debt && m.deleted_at.is_none()).cloned() else {
            return Ok(None);
        };
        payable(&family, debt)?;
        let holds = holds::of_customers(tx, tenant, &Ids::of([family.root.customer_id]), now).await?;
        refuse_held(&holds, &account)?;
        if !account.current_balance.is_positive() {
            return Err(Failure::refused(Code::NotAllowedNow, "Nothing is owed on this account."));
        }
        Ok(Some(Ground { tenant, family, holds, account }))
    }

    /// Refuses where a plan runs on the account, or on one whose payments would be the same money: its parent, or one
    /// under it.
    pub(super) async fn refuse_running(&self, tx: &Tx) -> Result<()> {
        if plans::enrolled(tx, self.tenant, self.account.id).await? {
            let say = "The customer has enrolled in this account's payment plan; change or cancel that plan instead.";
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let related: Vec<DebtId> = match self.account.parent_id {
            Some(parent) => vec![parent],
            None => self.family.children.iter().map(|child| child.id).collect(),
        };
        if related.is_empty() {
            return Ok(());
        }
        let running = tx
            .number(
                "SELECT count(*) FROM payment_plan WHERE tenant_id = $1 AND debt_id IN ids($2) AND status IN ('active', 'paused')",
                &[&self.tenant.id, &Ids::of(related)],
            )
            .await?;
        if running > 0 {
            let say =
                "A payment plan is running on another account of the same group; cancel that one first.";
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        Ok(())
    }

    /// The terms, held against this account.
    pub(super) fn agree(&self, asked: &Asked, offer: Option<&Offer>, now: Ts) -> Result<Agreed> {
        agree(asked, &self.basis(offer, now))
    }

    /// Terms in place of a plan, held against what is not being paid already; `settlement_left` is what was left of a settlement.
    pub(super) fn agree_anew(
        &self,
        asked: &Asked,
        offer: Option<&Offer>,
        settlement_left: Option<Cents>,
        now: Ts,
    ) -> Result<Agreed> {
        let balance = Some(self.account.open());
        agree(asked, &Basis { balance, settlement_left, ..self.basis(offer, now) })
    }

    fn basis<'b>(&'b self, offer: Option<&'b Offer>, now: Ts) -> Basis<'b> {
        Basis {
            balance: Some(self.account.current_balance),
            own_minimum: self.account.rules.min_payment_amount,
            limits: &self.tenant.rules,
            offer,
            settlement_left: None,
            today: self.tenant.today(now),
        }
    }

    /// The method that a plan may charge: its customer's own or nobody's, not stopped, and good on the first day.
    pub(super) async fn method(&self, tx: &Tx, which: &Ref, first: Day) -> Result<MethodId> {
        let unknown = || Failure::unknown_reference("payment_method_id");
        let id = which.ours().map(MethodId).ok_or_else(unknown)?;
        let found = methods::chargeable(tx, self.tenant, &Ids::of([id])).await?.pop();
        let is_theirs = |owner: Option<_>| owner.is_none_or(|owner| owner == self.family.root.customer_id);
        let method = found.filter(|method| is_theirs(method.owner)).ok_or_else(unknown)?;
        may_use(&self.holds, &method, Payer::Customer)?;
        method.halt.allows(first.start_in(&self.tenant.zone))?;
        method.is_taken_by(self.tenant, first)?;
        if method.is_expired(first) {
            let say = "The payment method id field names a card that expires before the first payment.";
            return Err(Failure::field("payment_method_id", say));
        }
        Ok(id)
    }
}

/// Refuses an account on which a hold lets nobody pay, or no payment be agreed for later.
pub(super) fn refuse_held(holds: &InForce, account: &Debt) -> Result<()> {
    let effects = holds.on_account(account);
    let (autopay, by) = (effects.autopay, effects.by.autopay);
    may_pay(Some(effects), Payer::Customer)?;
    match autopay {
        Autopay::Keep => Ok(()),
        Autopay::Pause | Autopay::Stop | Autopay::Cancel => {
            Err(blocked("No payments can be agreed for later on this account", by))
        }
    }
}

/// Enrols in a plan.
pub(super) struct Enrol<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) agreed: &'a Agreed,
    pub(super) customer: CustomerId,
    pub(super) method: MethodId,
    pub(super) offer: Option<Offer>,
    pub(super) given: &'a Given,
    pub(super) by: &'a str,
    pub(super) now: Ts,
}

impl Enrol<'_> {
    /// Makes `plan`, whose terms are the agreed ones, an enrolled one; `is_new` where it has no row yet.
    pub(super) async fn run(self, tx: &Tx, plan: Plan, is_new: bool) -> Result<()> {
        let (tenant, now) = (self.tenant, self.now);
        let plan = Plan {
            status: PlanStatus::Active,
            payment_method_id: Some(self.method.0),
            enrolled_at: Some(now),
            updated_at: now,
            ..plan
        };
        let rows = std::slice::from_ref(&plan);
        if is_new {
            tx.insert(rows).await?
        } else {
            tx.update(2, rows).await?
        }
        let (customer, method, first) = (self.customer, self.method, self.agreed.first());
        let (given, by) = (self.given, self.by);
        let evidence =
            Authorize { tenant, plan: &plan, customer, method, first, ahead: None, given, by, now };
        evidence.run(tx).await?;
        let instalment = |planned: &super::schedule::Planned| {
            let when = (planned.on, planned.amount);
            let interest = self.agreed.interest_of(planned);
            Instalment { interest, ..Instalment::scheduled(&plan, planned.number, when, &tenant.zone, now) }
        };
        let instalments: Vec<Instalment> = self.agreed.to_schedule().iter().map(instalment).collect();
        tx.insert(&instalments).await?;
        if let Some(offer) = self.offer {
            offers::accept(tx, tenant, offer, plan.id, now).await?;
        }
        plans::tell(tx, tenant, if is_new { "payment-plan.create" } else { "payment-plan.update" }, &plan)
            .await
    }
}
