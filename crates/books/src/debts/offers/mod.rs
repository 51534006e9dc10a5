//! Offers to settle an account for less than is owed.
//!
//! Must always hold:
//! - What an offer takes off is within the organization's limits when it is made, and again when it is taken up.
//! - An offer names an amount, never a share: what the customer was told stays what settles the account.
//! - Only an open offer changes. Whoever changes one holds its account's family.
//! - An account that owes nothing any more has no open offer.

mod model;

use base::db::{Command, Ids, Tx};
use base::page::{Listed, Page, Which};
use base::{Cents, Change, Code, Day, Failure, Ref, Result, Ts};

pub use self::model::{Offer, OfferKind, OfferStatus, Standing};
use super::limits::percent_of;
use super::model::{Debt, DebtId, OfferId, PlanId};
use super::{lock_families_of, resolve};
use crate::events;
use crate::orgs::{PaymentRules, Tenant};
use crate::people::CustomerId;

/// How much an offer takes off, as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// What settles the account.
    Amount(Cents),
    /// What is forgiven.
    Off(Cents),
    /// How much of the balance is forgiven, in whole percent.
    Percent(i64),
}

impl Price {
    fn field(self) -> &'static str {
        match self {
            Price::Amount(_) => "amount",
            Price::Off(_) => "discount_amount",
            Price::Percent(_) => "discount_percent",
        }
    }

    /// What settles `balance`, within the limits.
    fn of(self, balance: Cents, limits: &PaymentRules) -> Result<Cents> {
        let off = match self {
            Price::Amount(amount) if amount < balance => {
                limits.refuse_discount("amount", balance, amount)?;
                return Ok(amount);
            }
            Price::Amount(_) => {
                return Err(Failure::field(
                    "amount",
                    format!("The amount field must be less than {}, which is what is owed.", balance.get()),
                ));
            }
            Price::Off(off) => off,
            Price::Percent(percent) => percent_of(balance, percent),
        };
        let most = limits.most_off(balance);
        let amount = balance.minus_down_to_zero(off);
        if off > most || !amount.is_positive() {
            let most = match self {
                Price::Percent(_) if limits.settlements_enabled => {
                    limits.settlement_max_discount_percent.min(99)
                }
                Price::Percent(_) => 0,
                _ => most.min(balance.minus_down_to_zero(Cents::new(1))).get(),
            };
            let words = self.field().replace('_', " ");
            return Err(Failure::field(
                self.field(),
                format!("The {words} field must not be greater than {most}."),
            ));
        }
        if off.is_zero() {
            let words = self.field().replace('_', " ");
            return Err(Failure::field(self.field(), format!("The {words} field takes nothing off.")));
        }
        Ok(amount)
    }
}

/// Which offers a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those on one account.
    pub debt: Option<DebtId>,
    /// Those of one customer.
    pub customer: Option<CustomerId>,
    /// Those to be paid like this.
    pub kind: Option<OfferKind>,
    /// Those that stand like this, on this day.
    pub standing: Option<(Standing, Day)>,
}

/// A page of offers, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Offer>> {
    let which = Which::of(tenant.id, "true")
        .filter_if("debt_id = ?", filter.debt)
        .filter_if(
            "debt_id IN (SELECT id FROM debt WHERE tenant_id = $1 AND customer_id = ?)",
            filter.customer,
        )
        .filter_if("kind = ?", filter.kind);
    match filter.standing {
        None => which,
        Some((Standing::Active, today)) => {
            which.filter("status = 'open' AND (expires_on IS NULL OR expires_on >= ?)", today)
        }
        Some((Standing::Expired, today)) => which.filter("status = 'open' AND expires_on < ?", today),
        Some((Standing::Accepted, _)) => which.filter("status = ?", OfferStatus::Accepted),
        Some((Standing::Withdrawn, _)) => which.filter("status = ?", OfferStatus::Withdrawn),
    }
    .page(tx, page)
    .await
}

/// The offer a reference names. Offers have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Offer>> {
    match which.ours() {
        Some(id) => tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &OfferId(id)]).await,
        None => Ok(None),
    }
}

/// A new offer.
#[derive(Clone, Debug)]
pub struct New {
    /// The account.
    pub debt: Ref,
    /// How it is to be paid.
    pub kind: OfferKind,
    /// How much it takes off.
    pub price: Price,
    /// In how many instalments at most; one a month over the longest time there is, where absent.
    pub max_instalments: Option<i64>,
    /// Its last day.
    pub expires_on: Option<Day>,
}

/// Makes an offer.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Its id.
    pub id: OfferId,
    /// What was sent.
    pub new: New,
    /// The business instant.
    pub now: Ts,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "settlement_offers.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, new) = (self.tenant, &self.new);
        let unknown = || Failure::unknown_reference("debt_account_id");
        let debt = resolve(tx, tenant, &new.debt).await?.ok_or_else(unknown)?;
        let account = locked(tx, tenant, debt).await?.ok_or_else(unknown)?;
        let limits = &tenant.rules;
        not_past(new.expires_on, tenant.today(self.now))?;
        let amount = new.price.of(account.current_balance, limits)?;
        let offer = Offer {
            tenant_id: tenant.id,
            id: self.id,
            debt_id: debt,
            kind: new.kind,
            balance: account.current_balance,
            amount,
            max_instalments: instalments(new.kind, new.max_instalments, limits)?,
            expires_on: new.expires_on,
            status: OfferStatus::Open,
            plan_id: None,
            reason: None,
            ended_at: None,
            created_at: self.now,
            updated_at: self.now,
        };
        tx.insert(std::slice::from_ref(&offer)).await?;
        tell(tx, tenant, "settlement-offer.create", &offer).await
    }
}

/// What an update changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// How much it takes off what is owed by now.
    pub price: Option<Price>,
    /// In how many instalments at most.
    pub max_instalments: Option<i64>,
    /// Its last day.
    pub expires_on: Change<Day>,
}

/// Changes an open offer. 404 where there is none.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: OfferId,
    /// What was sent.
    pub changes: Changes,
    /// The business instant.
    pub now: Ts,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "settlement_offers.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, sent) = (self.tenant, &self.changes);
        let (before, account) = held(tx, tenant, self.id).await?;
        let limits = &tenant.rules;
        let mut after = before.clone();
        if let Some(price) = sent.price {
            let account = account.ok_or_else(not_payable)?;
            (after.balance, after.amount) =
                (account.current_balance, price.of(account.current_balance, limits)?);
        }
        if let Some(most) = sent.max_instalments.filter(|most| *most != before.max_instalments) {
            after.max_instalments = instalments(before.kind, Some(most), limits)?;
        }
        after.expires_on = sent.expires_on.clone().over(before.expires_on);
        if after.expires_on != before.expires_on {
            not_past(after.expires_on, tenant.today(self.now))?;
        }
        if after.event_body() == before.event_body() {
            return Ok(());
        }
        if before.status != OfferStatus::Open {
            return Err(closed(&before));
        }
        after.updated_at = self.now;
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, tenant, "settlement-offer.update", &after).await
    }
}

/// Takes an offer back; one that was taken back stays so. 404 where there is none, 400 where a plan took it up.
pub struct Withdraw<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: OfferId,
    /// The business instant.
    pub now: Ts,
}

impl Command for Withdraw<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "settlement_offers.withdraw"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (offer, _) = held(tx, self.tenant, self.id).await?;
        match offer.status {
            OfferStatus::Open => {
                close(tx, self.tenant, offer, OfferStatus::Withdrawn, "withdrawn", self.now).await
            }
            OfferStatus::Withdrawn => Ok(()),
            OfferStatus::Accepted => Err(closed(&offer)),
        }
    }
}

/// Deletes an offer that no plan refers to. 404 where there is none.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: OfferId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "settlement_offers.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (offer, _) = held(tx, self.tenant, self.id).await?;
        let plans = tx
            .number(
                "SELECT count(*) FROM payment_plan WHERE tenant_id = $1 AND debt_id = $2 AND offer_id = $3",
                &[&self.tenant.id, &offer.debt_id, &offer.id],
            )
            .await?;
        if plans > 0 {
            return Err(Failure::refused(
                Code::NotAllowedNow,
                "A payment plan takes this offer up; it can be withdrawn as long as nobody has enrolled.",
            ));
        }
        tx.run(
            "DELETE FROM settlement_offer WHERE tenant_id = $1 AND id = $2",
            &[&self.tenant.id, &offer.id],
        )
        .await?;
        tell(tx, self.tenant, "settlement-offer.delete", &offer).await
    }
}

/// The offer that a plan on this account takes up, under the account's lock: refused for `settlement_offer_id` where it
/// is none of this account's, 400 where it cannot be taken up any more.
pub async fn to_take_up(tx: &Tx, tenant: &Tenant, which: &Ref, debt: DebtId, today: Day) -> Result<Offer> {
    let offer = find(tx, tenant, which).await?.filter(|offer| offer.debt_id == debt);
    let offer = offer.ok_or_else(|| Failure::unknown_reference("settlement_offer_id"))?;
    match offer.on(today) {
        Standing::Active => Ok(offer),
        Standing::Expired => Err(Failure::refused(
            Code::NotAllowedNow,
            "The settlement offer has expired; make a new one, or give it a later day.",
        )),
        Standing::Accepted | Standing::Withdrawn => Err(closed(&offer)),
    }
}

/// Notes that a plan took an offer up.
pub async fn accept(tx: &Tx, tenant: &Tenant, offer: Offer, plan: PlanId, now: Ts) -> Result<()> {
    let offer = Offer { plan_id: Some(plan), ..offer };
    close(tx, tenant, offer, OfferStatus::Accepted, "accepted", now).await
}

/// Takes back the open offers of these accounts.
pub(super) async fn withdraw_all(tx: &Tx, tenant: &Tenant, debts: &Ids, reason: &str, now: Ts) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND debt_id IN ids($2) AND status = 'open' ORDER BY id";
    let open: Vec<Offer> = tx.select(tail, &[&tenant.id, debts]).await?;
    for offer in open {
        close(tx, tenant, offer, OfferStatus::Withdrawn, reason, now).await?;
    }
    Ok(())
}

async fn close(
    tx: &Tx,
    tenant: &Tenant,
    offer: Offer,
    status: OfferStatus,
    reason: &str,
    now: Ts,
) -> Result<()> {
    let offer = Offer { status, reason: Some(reason.into()), ended_at: Some(now), updated_at: now, ..offer };
    tx.update(2, std::slice::from_ref(&offer)).await?;
    tell(tx, tenant, "settlement-offer.update", &offer).await
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, offer: &Offer) -> Result<()> {
    events::emit(tx, tenant, name, "settlement_offer", offer.id, &offer.event_body()).await
}

/// An account under its family's lock, where something can be settled: payable, and owing.
async fn locked(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<Option<Debt>> {
    let families = lock_families_of(tx, tenant, &[debt]).await?;
    let Some(family) = families.iter().find(|f| f.members().any(|m| m.id == debt)) else { return Ok(None) };
    let account = family.members().find(|m| m.id == debt && m.deleted_at.is_none()).cloned();
    if let Some(account) = &account
        && (!account.status.is_payable()
            || !family.root.status.is_payable()
            || !account.current_balance.is_positive())
    {
        return Err(not_payable());
    }
    Ok(account)
}

/// An offer under its account's lock, and that account where something can be settled.
async fn held(tx: &Tx, tenant: &Tenant, id: OfferId) -> Result<(Offer, Option<Debt>)> {
    let tail = "WHERE tenant_id = $1 AND id = $2";
    let seen: Offer = tx.find(tail, &[&tenant.id, &id]).await?.ok_or_else(Failure::not_found)?;
    let account = match locked(tx, tenant, seen.debt_id).await {
        Err(Failure::Refused(refusal)) if refusal.code == Code::NotAllowedNow => None,
        found => found?,
    };
    let offer = tx.find(tail, &[&tenant.id, &id]).await?.ok_or_else(Failure::not_found)?;
    Ok((offer, account))
}

fn not_payable() -> Failure {
    Failure::refused(
        Code::NotAllowedNow,
        "Nothing can be settled on this account: no payment can be taken on it, or nothing is owed.",
    )
}

fn closed(offer: &Offer) -> Failure {
    let say = match offer.status {
        OfferStatus::Accepted => "This settlement offer was taken up by a payment plan.",
        OfferStatus::Withdrawn | OfferStatus::Open => "This settlement offer was withdrawn.",
    };
    Failure::refused(Code::NotAllowedNow, say)
}

fn not_past(day: Option<Day>, today: Day) -> Result<()> {
    match day {
        Some(day) if day < today => {
            Err(Failure::field("expires_on", "The expires on field must be a date after or equal to today."))
        }
        _ => Ok(()),
    }
}

/// In how many instalments an offer may be paid: one at once; else as many weeks as the longest time there is has, at
/// most.
fn instalments(kind: OfferKind, given: Option<i64>, limits: &PaymentRules) -> Result<i64> {
    let (usual, most) = match kind {
        OfferKind::OneTime => (1, 1),
        OfferKind::Plan => (limits.settlement_max_months, limits.settlement_max_months * 53 / 12),
    };
    let many = given.unwrap_or(usual);
    if !(1..=most).contains(&many) {
        let say = format!("The max installments field must be between 1 and {most}.");
        return Err(Failure::field("max_installments", say));
    }
    Ok(many)
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_one_amount_however_it_is_said() {
        let limits = PaymentRules::default();
        let price = |price: Price| price.of(Cents::new(1_000_01), &limits).ok().map(Cents::get);
        assert_eq!(price(Price::Amount(Cents::new(600_00))), Some(600_00));
        assert_eq!(price(Price::Off(Cents::new(400_01))), Some(600_00));
        assert_eq!(price(Price::Percent(40)), Some(600_01));
        for refused in [
            Price::Amount(Cents::new(1_000_01)),
            Price::Amount(Cents::new(199_99)),
            Price::Off(Cents::new(800_01)),
            Price::Off(Cents::ZERO),
            Price::Percent(81),
            Price::Percent(0),
        ] {
            assert_eq!(price(refused), None, "{refused:?}");
        }
    }
}
