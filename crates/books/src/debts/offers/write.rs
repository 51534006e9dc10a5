//! Making, changing, withdrawing and deleting offers.

use base::db::{Command, Tx};
use base::{Change, Code, Day, Failure, Result, Ts};

use super::super::lock_families_of;
use super::super::model::{Debt, DebtId, OfferId};
use super::{Offer, OfferKind, OfferStatus, Price, close, closed, tell};
use crate::orgs::{PaymentRules, Tenant};

/// A new offer.
#[derive(Clone, Debug)]
pub struct New {
    /// How it is to be paid.
    pub kind: OfferKind,
    /// How much it takes off.
    pub price: Price,
    /// In how many instalments at most; one a month over the longest time there is, where absent.
    pub max_instalments: Option<i64>,
    /// Its last day.
    pub expires_on: Option<Day>,
}

/// Makes an offer on an account that is payable and owes, under its lock.
pub async fn create(tx: &Tx, tenant: &Tenant, id: OfferId, new: &New, account: &Debt, now: Ts) -> Result<()> {
    not_past(new.expires_on, tenant.today(now))?;
    let offer = Offer {
        tenant_id: tenant.id,
        id,
        debt_id: account.id,
        kind: new.kind,
        balance: account.current_balance,
        amount: new.price.of(account.current_balance, &tenant.rules)?,
        max_instalments: instalments(new.kind, new.max_instalments, &tenant.rules)?,
        expires_on: new.expires_on,
        status: OfferStatus::Open,
        plan_id: None,
        reason: None,
        ended_at: None,
        created_at: now,
        updated_at: now,
    };
    tx.insert(std::slice::from_ref(&offer)).await?;
    tell(tx, tenant, "settlement-offer.create", &offer).await
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
