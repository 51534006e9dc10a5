//! What a plan on an account would be about: what is owed, and what its organization has proposed or offered; or a plan that runs,
//! and would give way.

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
use payments::plans::{preview, preview_instead, refuse_closed, with_terms};

use super::terms::Written;
use super::{Way, find, path};
use crate::accounts::Shown;
use crate::page::{self, Frame};
use crate::texts::Texts;
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

/// Whether a plan's customer may choose other terms than those it runs by. What settles an account, or was offered, is what the
/// organization allowed this once; and whoever proposes plans as they are has them stay so.
pub(super) fn may_change(plan: &Plan, rules: &PaymentRules) -> bool {
    let is_own = plan.source == "portal" || rules.unscheduled_payment_plan_editable;
    plan.status.is_enrolled() && plan.settles.is_none() && plan.offer_id.is_none() && is_own
}

/// A plan that would give way to other terms.
pub(super) struct Running {
    pub(super) plan: Plan,
    /// The day that its next payment is of.
    next: Option<Day>,
}

/// What a plan would be about.
pub(super) struct Matter {
    pub(super) account: Account,
    /// What would give way to it.
    pub(super) running: Option<Box<Running>>,
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
    if !call.param("plan").is_empty() {
        return instead(call, visitor).await;
    }
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
    Ok(Ok(Matter { account, running: None, pending, offer, today, rules, path }))
}

/// That of other terms for the plan that the path names.
async fn instead(call: &Call, visitor: &Visitor) -> Result<std::result::Result<Matter, Reply>> {
    let (plan, account) = find(call, visitor).await?;
    let (today, rules) = (visitor.tenant.today(call.now), visitor.tenant.rules.clone());
    if !may_change(&plan, &rules) {
        return Ok(Err(page::see(&path(plan.id))));
    }
    let (tx, path) = (call.state.db.read().await?, format!("{}/change", path(plan.id)));
    let next = plans::instalments(&tx, &visitor.tenant, &Ids::of([plan.id]), 1).await?.remove(&plan.id);
    let next = next.and_then(|all| all.first().map(|one| one.due_on));
    let running = Some(Box::new(Running { plan, next }));
    Ok(Ok(Matter { account, running, pending: None, offer: None, today, rules, path }))
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
        let old = self.running.as_ref().map(|running| &running.plan);
        match &self.pending {
            Some(plan) => Asked::of_pending(plan, frequency, start, amount, self.today),
            None => Asked {
                frequency,
                start: Some(start),
                amount,
                total: None,
                open_ended: old.is_some_and(|old| old.open_ended),
                down,
                down_on: None,
                // Nobody chooses how much interest they pay.
                interest: Interest {
                    rate: old.and_then(|old| old.annual_percentage_rate),
                    after_principal: old.and_then(|old| old.interest_collected_after_principal),
                    ..Interest::default()
                },
            },
        }
    }

    /// What these terms come to, where they may be agreed on.
    pub(super) async fn preview(&self, call: &Call, visitor: &Visitor, asked: &Asked) -> Result<Agreed> {
        let tx = call.state.db.read().await?;
        if let Some(Running { plan, .. }) = self.running.as_deref() {
            let agreed = preview_instead(&tx, &visitor.tenant, plan, asked, call.now).await?;
            refuse_below_proposed(plan, agreed.amount)?;
            return Ok(agreed);
        }
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
            balance: Some(match self.running {
                Some(_) => self.account.debt.open(),
                None => self.account.debt.current_balance,
            }),
            own_minimum: self.account.debt.rules.min_payment_amount,
            limits: &self.rules,
            offer: self.offer.as_ref(),
            settlement_left: None,
            today: self.today,
        }
    }

    /// The plan that would be enrolled in.
    pub(super) fn plan(&self, visitor: &Visitor, id: PlanId, agreed: &Agreed, now: Ts) -> Plan {
        let old = self.running.as_ref().map(|running| &running.plan);
        let plan = match &self.pending {
            Some(plan) => (**plan).clone(),
            None => Plan {
                open_ended: old.is_some_and(|old| old.open_ended),
                ..Plan::pending(visitor.tenant.id, id, self.account.debt.id, now)
            },
        };
        with_terms(plan, agreed)
    }

    /// What its first page is called, by the key of its words.
    pub(super) fn title(&self) -> &'static str {
        if self.running.is_some() { "plan-change" } else { "plan-title" }
    }

    /// Where somebody comes from who looks at it.
    pub(super) fn back(&self, t: Texts) -> Way {
        match &self.running {
            Some(running) => Way { path: path(running.plan.id), say: t.say("plan-running-title") },
            None => {
                let account = Shown::of(&self.account, t);
                Way { path: format!("{PREFIX}/accounts/{}", account.id), say: account.name }
            }
        }
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

    /// The plan whose terms these are, or stand in the place of.
    pub(super) fn proposed(&self) -> Option<&Plan> {
        self.pending.as_deref().or(self.running.as_ref().map(|running| &running.plan))
    }

    /// The day that the first payment is of where nobody says another: that of what was proposed or runs, or the next that may be.
    pub(super) fn first(&self) -> Day {
        let (earliest, latest) = self.span();
        let usual = match &self.running {
            Some(running) => running.next,
            None => self.pending.as_ref().and_then(|plan| plan.start_date),
        };
        let first = usual.map_or(earliest, |day| day.max(earliest));
        if self.running.is_some() { first.min(latest) } else { first }
    }

    /// Whether something may be paid before the regular payments. A proposal says itself what is.
    pub(super) fn takes_down(&self) -> bool {
        self.pending.is_none() && self.running.is_none() && !self.is_one()
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
        let proposed = self.proposed().and_then(|plan| plan.min_payment_amount);
        // More than all of it, interest included, is never needed.
        let (mut low, mut high) = (1, self.account.debt.current_balance.get().saturating_mul(4).max(1));
        if !is_enough(high) {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_enough(middle) { high = middle } else { low = middle + 1 }
        }
        Some(Cents::new(low).max(proposed.unwrap_or(Cents::ZERO)))
    }
}
