//! What a plan on an account would be about: what is owed, and what its organization has proposed or offered.

use base::db::Ids;
use base::{Cents, Day, Failure, Ref, Result, Ts};
use books::debts::offers::Offer;
use books::debts::plans::{self, Plan};
use books::debts::{BillingType, Frequency, PlanId};
use books::orgs::PaymentRules;
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::Reply;
use payments::plans::agree::{Agreed, Asked, Basis, Interest, agree, refuse_below_proposed};
use payments::plans::{preview, refuse_closed, with_terms};

use super::path;
use super::terms::Written;
use crate::page::{self, Frame};
use crate::{Call, PREFIX, accounts, offers};

/// How an account stands with plans.
pub(crate) enum Standing {
    /// Nothing can be agreed on.
    Closed,
    /// A plan runs.
    Runs(Box<Plan>),
    /// One can be agreed on; the one that was proposed, where one was.
    Open(Option<Box<Plan>>),
}

/// How an account stands with plans.
pub(crate) async fn standing(call: &Call, visitor: &Visitor, account: &Account) -> Result<Standing> {
    let (tenant, debt) = (&visitor.tenant, &account.debt);
    let tx = call.state.db.read().await?;
    let own = plans::living(&tx, tenant, &Ids::of([debt.id])).await?.pop().map(Box::new);
    if own.as_ref().is_some_and(|plan| plan.status.is_enrolled()) {
        return Ok(own.map_or(Standing::Closed, Standing::Runs));
    }
    // A plan on the account that groups it, or on one that it groups, pays the same money.
    let related = debt.parent_id.into_iter().chain(account.under.iter().map(|one| one.debt.id));
    let beside = plans::living(&tx, tenant, &Ids::of(related)).await?;
    if beside.iter().any(|plan| plan.status.is_enrolled()) {
        return Ok(Standing::Closed);
    }
    match refuse_closed(&tx, tenant, debt, call.now).await {
        Ok(()) => Ok(Standing::Open(own)),
        Err(Failure::Refused(_)) => Ok(Standing::Closed),
        Err(broken) => Err(broken),
    }
}

/// Whether a plan may begin by its customer's own choice. Whoever narrows how an account is paid, and proposes a plan, means
/// that plan.
pub(crate) fn may_begin(account: &Account, pending: Option<&Plan>) -> bool {
    let narrowed = &account.debt.billing_type.0;
    narrowed.is_empty() || narrowed.contains(&BillingType::Plan) || pending.is_some()
}

/// What a plan would be about.
pub(super) struct Matter {
    pub(super) account: Account,
    /// What was proposed. An offer that is looked at takes its place.
    pub(super) pending: Option<Box<Plan>>,
    /// What is offered, or what the proposal takes up.
    pub(super) offer: Option<Offer>,
    pub(super) today: Day,
    rules: PaymentRules,
    /// Where its pages are.
    pub(super) path: String,
}

/// The matter that the path names; or the page that is shown instead.
pub(super) async fn of(call: &Call, visitor: &Visitor) -> Result<std::result::Result<Matter, Reply>> {
    let account = accounts::find(call, visitor).await?;
    let standing = standing(call, visitor, &account).await?;
    if let Standing::Runs(plan) = &standing {
        return Ok(Err(page::see(&path(plan.id))));
    }
    let offered = offers::in_path(call, visitor, &account).await?;
    let pending = match standing {
        Standing::Open(pending) => pending.filter(|_| offered.is_none()),
        Standing::Closed | Standing::Runs(_) => return Ok(Err(nothing(call, visitor)?)),
    };
    if offered.is_none() && !may_begin(&account, pending.as_deref()) {
        return Ok(Err(nothing(call, visitor)?));
    }
    let id = account.debt.id;
    let path = match &offered {
        Some(offer) => format!("{PREFIX}/accounts/{id}/offers/{}", offer.id),
        None => format!("{PREFIX}/accounts/{id}/plan"),
    };
    let offer = match pending.as_ref().and_then(|plan| plan.offer_id) {
        Some(taken_up) => match offers::find(call, visitor, &account, taken_up).await? {
            Some(offer) => Some(offer),
            None => return Ok(Err(nothing(call, visitor)?)),
        },
        None => offered,
    };
    let (today, rules) = (visitor.tenant.today(call.now), visitor.tenant.rules.clone());
    Ok(Ok(Matter { account, pending, offer, today, rules, path }))
}

/// That nothing can be agreed on.
pub(super) fn nothing(call: &Call, visitor: &Visitor) -> Result<Reply> {
    page::notice(200, Frame::inside(call, visitor, "plan-title"), &["plan-none"])
}

impl Matter {
    /// These terms, as operations are asked for them.
    pub(super) fn asked(
        &self,
        (frequency, start, amount): (Frequency, Day, Cents),
        down: Option<Cents>,
    ) -> Asked {
        match &self.pending {
            Some(plan) => Asked::of_pending(plan, frequency, start, amount, self.today),
            None => Asked {
                frequency,
                start: Some(start),
                amount,
                total: None,
                open_ended: false,
                down,
                down_on: None,
                interest: Interest::default(),
            },
        }
    }

    /// What these terms come to, where they may be agreed on.
    pub(super) async fn preview(&self, call: &Call, visitor: &Visitor, asked: &Asked) -> Result<Agreed> {
        let tx = call.state.db.read().await?;
        let debt = Ref::new(&self.account.debt.id.to_string()).ok_or_else(Failure::not_found)?;
        let offer = self.offer_ref();
        let agreed = preview(&tx, &visitor.tenant, Some(&debt), offer.as_ref(), asked, call.now).await?;
        if let Some(plan) = &self.pending {
            refuse_below_proposed(plan, agreed.amount)?;
        }
        Ok(agreed)
    }

    pub(super) fn offer_ref(&self) -> Option<Ref> {
        Ref::new(&self.offer.as_ref()?.id.to_string())
    }

    fn basis(&self) -> Basis<'_> {
        Basis {
            balance: Some(self.account.debt.current_balance),
            own_minimum: self.account.debt.rules.min_payment_amount,
            limits: &self.rules,
            offer: self.offer.as_ref(),
            settlement_left: None,
            today: self.today,
        }
    }

    /// The plan that would be enrolled in.
    pub(super) fn plan(&self, visitor: &Visitor, id: PlanId, agreed: &Agreed, now: Ts) -> Plan {
        let plan = match &self.pending {
            Some(plan) => (**plan).clone(),
            None => Plan::pending(visitor.tenant.id, id, self.account.debt.id, now),
        };
        with_terms(plan, agreed)
    }

    /// Whether the offer is for one payment: then only its day is to be chosen.
    pub(super) fn is_one(&self) -> bool {
        self.offer.as_ref().is_some_and(|offer| offer.max_instalments == 1)
    }

    /// Whether its customer may choose something of its terms.
    pub(super) fn may_choose(&self) -> bool {
        self.rules.unscheduled_payment_plan_editable
            || self.pending.as_ref().is_none_or(|plan| !plan.has_terms())
    }

    /// Whether its customer may choose these terms: other ones than those that were proposed only where the organization lets
    /// them.
    pub(super) fn lets(&self, written: &Written) -> bool {
        self.rules.unscheduled_payment_plan_editable
            || self.pending.as_ref().is_none_or(|plan| written.keep(plan))
    }

    /// Whether something may be paid before the regular payments. A proposal says itself what is.
    pub(super) fn takes_down(&self) -> bool {
        self.pending.is_none() && !self.is_one()
    }

    /// The least that may be paid before them.
    pub(super) fn least_down(&self) -> Cents {
        self.rules.least_instalment(self.account.debt.rules.min_payment_amount)
    }

    /// The days from which and to which the first payment may be.
    pub(super) fn span(&self) -> (Day, Day) {
        (self.today.next(), self.rules.last_start(self.today))
    }

    /// The least that a payment may be by these terms, found by asking what may be agreed on; none where no amount would do.
    pub(super) fn least(&self, asked: &Asked) -> Option<Cents> {
        let basis = self.basis();
        let is_enough = |cents: i64| match agree(&Asked { amount: Cents::new(cents), ..*asked }, &basis) {
            Err(Failure::Refused(refusal)) => refusal.fields.iter().all(|(field, _)| field != "amount"),
            Ok(_) | Err(_) => true,
        };
        let own = self.pending.as_ref().and_then(|plan| plan.min_payment_amount).unwrap_or(Cents::new(1));
        // More than all of it, interest included, is never needed.
        let (mut low, mut high) = (1, self.account.debt.current_balance.get().saturating_mul(4).max(1));
        if !is_enough(high) {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_enough(middle) { high = middle } else { low = middle + 1 }
        }
        Some(Cents::new(low).max(own))
    }
}
