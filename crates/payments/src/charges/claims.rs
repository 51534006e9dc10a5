//! Claims on charges and refunds that are already there: to ask about them, to send them again, to start them on
//! their day, or to call them off.

use base::db::{Command, Tx, Write};
use base::{Cents, Code, Failure, Result, TenantId, Ts};
use books::debts::{Debt, Family, lock_families_of};
use books::orgs::Tenant;

use super::accept::{LEASE_SECONDS, admit, decline_unasked, event, reserve};
use super::consequences::{self, Tried};
use super::machine::{Event, State};
use super::settle::changed;
use super::{Charge, ChargeId, PartRow, Refund};
use crate::methods::{self, Method};
use crate::transactions::{self, Status};

/// Claims an open charge for one question; gives the new fence, or `None` where somebody else has it.
pub struct Claim<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// The charge as it was seen.
    pub charge: &'a Charge,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for Claim<'_> {
    type Out = Option<i64>;

    fn name(&self) -> &'static str {
        "charges.claim"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<i64>> {
        let next = self.charge.fence + 1;
        let until = self.db_now.plus_seconds(LEASE_SECONDS);
        // A settled charge has no lease to hold; the fence alone guards the question about it.
        let lease = (self.charge.state != State::Succeeded).then_some(until);
        let done = tx
            .run(
                "UPDATE charge SET fence = $4, due_at = $5 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = $6",
                &[&self.tenant, &self.charge.id, &self.charge.fence, &next, &lease, &self.charge.state],
            )
            .await?;
        Ok((done == 1).then_some(next))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<i64>>> {
        Ok(Some(None)) // if it was claimed, its lease will end
    }
}

/// Claims an open refund for one question; gives the new fence, or `None` where somebody else has it.
pub struct ClaimRefund<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// The refund as it was seen.
    pub refund: &'a Refund,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for ClaimRefund<'_> {
    type Out = Option<i64>;

    fn name(&self) -> &'static str {
        "refunds.claim"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<i64>> {
        let next = self.refund.fence + 1;
        let done = tx
            .run(
                "UPDATE refund SET fence = $4, due_at = $5 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = $6",
                &[&self.tenant, &self.refund.id, &self.refund.fence, &next, &self.db_now.plus_seconds(LEASE_SECONDS), &self.refund.state],
            )
            .await?;
        Ok((done == 1).then_some(next))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<i64>>> {
        Ok(Some(None))
    }
}

/// Notes that a claimed charge goes out once more under the same key; gives whether the claim still holds.
pub struct Resubmit {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub charge: ChargeId,
    /// The fence of the claim.
    pub fence: i64,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for Resubmit {
    type Out = bool;

    fn name(&self) -> &'static str {
        "charges.resubmit"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let done = tx
            .run(
                "UPDATE charge SET state = 'submitting', due_at = $4 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state IN ('submitting', 'unknown')",
                &[&self.tenant, &self.charge, &self.fence, &self.db_now.plus_seconds(LEASE_SECONDS)],
            )
            .await?;
        Ok(done == 1)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // the same again
    }
}

/// Starts a scheduled charge whose day has come: reserves and claims it, cut to what is still owed, or calls it
/// off where nothing may be taken any more. Gives the charge to send, if any.
pub struct Start<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub charge: ChargeId,
    /// The business instant.
    pub now: Ts,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for Start<'_> {
    type Out = Option<Charge>;

    fn name(&self) -> &'static str {
        "charges.start"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Charge>> {
        let Some(seen) = super::by_id(tx, self.tenant, self.charge).await? else { return Ok(None) };
        let debts: Vec<_> = seen.debt_id.into_iter().collect();
        let mut families = lock_families_of(tx, self.tenant, &debts).await?;
        let before: Vec<Debt> = families.iter().flat_map(Family::members).cloned().collect();
        let charge: Option<Charge> =
            tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&self.tenant.id, &self.charge]).await?;
        let Some(mut charge) =
            charge.filter(|c| c.state == State::Scheduled && c.due_at.is_some_and(|due| due <= self.db_now))
        else {
            return Ok(None);
        };
        charge.fence += 1;
        charge.updated_at = self.now;
        charge.submitted_at = Some(self.now);

        let mut parts = Vec::new();
        let refusal = match families.first_mut() {
            Some(family) if charge.linked => match self.cut_and_admit(family, &mut charge) {
                Ok(split) => {
                    parts = split;
                    None
                }
                Err(failure) if failure.code().is_some() => Some(failure),
                Err(failure) => return Err(failure),
            },
            _ => None,
        };
        let method = methods::by_id(tx, self.tenant, charge.payment_method_id).await?;
        let refusal = match (refusal, &method) {
            (None, Some(method)) => self.rules_against(tx, method, &charge).await?,
            (refusal, _) => refusal,
        };
        let mut txns = Vec::new();
        let mut events = Vec::new();
        match (refusal, method) {
            (None, Some(method))
                if method.customer_id.is_some_and(|owner| {
                    charge.customer_id != Some(owner)
                        || families.first().is_some_and(|f| f.root.customer_id != owner)
                }) =>
            {
                self.call_off(
                    &mut charge,
                    "payment_method_not_theirs",
                    "The payment method is not the account's customer's.",
                );
            }
            (Some(Failure::Refused(refusal)), _) => {
                self.call_off(&mut charge, refusal.code.name(), &refusal.say)
            }
            (None, None) => {
                self.call_off(&mut charge, "payment_method_deleted", "The payment method was deleted.")
            }
            (_, Some(method)) if method.is_expired(self.tenant.today(self.now)) => {
                decline_unasked(&mut charge, self.tenant, self.now);
                txns.push(transactions::of_charge(tx, &charge, Status::Failed));
            }
            _ => {
                charge.state = charge.state.on(Event::Claimed).unwrap_or(charge.state);
                charge.due_at = Some(self.db_now.plus_seconds(LEASE_SECONDS));
                if let Some(family) = families.first_mut() {
                    reserve(family, &parts)?;
                }
            }
        }
        let claimed = charge.state == State::Submitting;
        if !claimed {
            parts.clear();
            events.push(event(tx, self.tenant, "charge.failed", &charge));
        }
        let rows: Vec<PartRow> = parts
            .iter()
            .map(|&(debt_id, amount)| PartRow {
                tenant_id: self.tenant.id,
                charge_id: charge.id,
                debt_id,
                amount,
                refunded: Cents::ZERO,
            })
            .collect();
        let touched = changed(&before, &families, self.now);
        let charges = [charge];
        tx.batch(&[
            Write::update(2, &charges),
            Write::update(2, &touched),
            Write::insert(&rows),
            Write::insert(&txns),
            Write::insert(&events),
        ])
        .await?;
        let [charge] = charges;
        Ok(claimed.then_some(charge))
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Option<Charge>>> {
        Ok(Some(None)) // if it was claimed, its lease will end
    }
}

impl Start<'_> {
    /// A payment above what is owed by now is cut to it.
    fn cut_and_admit(
        &self,
        family: &Family,
        charge: &mut Charge,
    ) -> Result<Vec<(books::debts::DebtId, Cents)>> {
        let debt = charge.debt_id.ok_or_else(|| Failure::unknown_reference("debt_account_id"))?;
        let target = family.members().find(|d| d.id == debt && d.deleted_at.is_none());
        let target =
            target.ok_or_else(|| Failure::refused(Code::NotAllowedNow, "The account was deleted."))?;
        if target.open().is_zero() {
            return Err(Failure::refused(Code::NotAllowedNow, "Nothing is owed on this account any more."));
        }
        charge.amount = charge.amount.min(target.open());
        admit(family, debt, charge.amount, self.tenant)
    }

    /// What the networks' rules have against charging this method now.
    async fn rules_against(&self, tx: &Tx, method: &Method, charge: &Charge) -> Result<Option<Failure>> {
        let this = (charge.id, charge.amount);
        match consequences::admit(tx, self.tenant, &Tried::of(method), this, self.now).await {
            Err(failure)
                if matches!(failure.code(), Some(Code::PaymentMethodStopped | Code::RetryTooEarly)) =>
            {
                Ok(Some(failure))
            }
            Err(failure) => Err(failure),
            Ok(()) => Ok(None),
        }
    }

    fn call_off(&self, charge: &mut Charge, code: &str, say: &str) {
        charge.state = charge.state.on(Event::Canceled).unwrap_or(charge.state);
        charge.due_at = None;
        charge.completed_at = Some(self.now);
        charge.code = Some(code.to_owned());
        charge.message = Some(say.to_owned());
    }
}

/// Calls a scheduled charge off before it is sent.
pub struct Cancel<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub charge: ChargeId,
    /// The business instant.
    pub now: Ts,
}

impl Command for Cancel<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "charges.cancel"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let charge: Option<Charge> =
            tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&self.tenant.id, &self.charge]).await?;
        let mut charge = charge.ok_or_else(Failure::not_found)?;
        let Some(next) = charge.state.on(Event::Canceled) else {
            let hint = if charge.state == State::Succeeded { " Refund it instead." } else { "" };
            let say = format!(
                "Only a scheduled charge can be canceled; this one is {}.{hint}",
                charge.state.as_str()
            );
            return Err(Failure::refused(Code::NotAllowedNow, say));
        };
        charge.state = next;
        charge.due_at = None;
        charge.updated_at = self.now;
        charge.completed_at = Some(self.now);
        let events = [event(tx, self.tenant, "charge.canceled", &charge)];
        tx.batch(&[Write::update(2, &[charge]), Write::insert(&events)]).await
    }
}

/// Deletes an account on which no charge is scheduled or under way.
pub struct DeleteDebt<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub which: base::Ref,
}

impl Command for DeleteDebt<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "debts.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let debt = books::debts::delete(tx, self.tenant, &self.which).await?;
        let open = tx
            .number("SELECT count(*) FROM charge WHERE tenant_id = $1 AND debt_id = $2 AND state IN ('scheduled', 'submitting', 'unknown', 'pending')", &[&self.tenant.id, &debt])
            .await?;
        if open > 0 {
            return Err(Failure::refused(
                Code::NotAllowedNow,
                "A charge on this account is scheduled or under way; cancel it first or wait for it.",
            ));
        }
        Ok(())
    }
}

/// Puts off what could not be looked at, ever longer, so that it neither spins nor stands in others' way.
pub struct Postpone {
    /// Whose.
    pub tenant: TenantId,
    /// `charge` or `refund`.
    pub table: &'static str,
    /// Which.
    pub id: uuid::Uuid,
    /// How often it was looked at before.
    pub checks: i64,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for Postpone {
    type Out = ();

    fn name(&self) -> &'static str {
        "charges.postpone"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let due = self.db_now.plus_seconds(super::next_check_seconds(self.checks));
        let sql = format!(
            "UPDATE {} SET due_at = $3, checks = checks + 1 WHERE tenant_id = $1 AND id = $2 AND due_at IS NOT NULL AND due_at < $3",
            self.table
        );
        tx.run(&sql, &[&self.tenant, &self.id, &due]).await.map(drop)
    }
}
