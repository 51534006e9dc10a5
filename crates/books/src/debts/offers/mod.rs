//! Offers to settle an account for less than is owed.
//!
//! Must always hold:
//! - What an offer takes off is within the organization's limits when it is made, and again when it is taken up.
//! - An offer names an amount, never a share: what the customer was told stays what settles the account.
//! - Only an open offer changes. Whoever changes one holds its account's family.
//! - An account that owes nothing any more has no open offer.

mod model;
mod write;

use base::db::{Ids, Tx};
use base::page::{Listed, Page, Which};
use base::{Cents, Code, Day, Failure, Ref, Result, Ts};

pub use self::model::{Offer, OfferKind, OfferStatus, Standing};
pub use self::write::{Changes, Delete, New, Update, Withdraw, create};
use super::limits::percent_of;
use super::model::{DebtId, OfferId, PlanId};
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

fn closed(offer: &Offer) -> Failure {
    let say = match offer.status {
        OfferStatus::Accepted => "This settlement offer was taken up by a payment plan.",
        OfferStatus::Withdrawn | OfferStatus::Open => "This settlement offer was withdrawn.",
    };
    Failure::refused(Code::NotAllowedNow, say)
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
