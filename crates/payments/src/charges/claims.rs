//! Claims on charges and refunds that are already there: to ask about them, to send them again, to start them on
//! their day, or to call them off.

use base::db::{Command, Ids, Tx, Write, lost_race};
use base::secret::Secret;
use base::{Cents, Code, Failure, Result, TenantId, Ts};
use books::debts::{Debt, Family, lock_families_due};
use books::events::EventRow;
use books::holds::{self, Autopay, InForce};
use books::orgs::Tenant;
use futures_util::try_join;

use super::accept::{Held, LEASE_SECONDS, admit, decline_unasked, event, may_use, reserve};
use super::consequences::{self, Tried};
use super::machine::{Event, State};
use super::receipt::{self, Due};
use super::settle::changed;
use super::till::watch::is_verifying;
use super::{Charge, ChargeId, PartRow, Refund, instalments};
use crate::methods::{self, Chargeable, MethodId};
use crate::transactions::{self, Status, Txn};

/// Claims an open charge for one question; gives the new fence, or `None` where somebody else has it or is asking.
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
        let open = self.charge.state != State::Succeeded;
        let (lease, asked) =
            if open { (Some(until), Some(until)) } else { (self.charge.due_at, self.charge.asked_until) };
        let done = tx
            .run(
                "UPDATE charge SET fence = $4, due_at = $5, asked_until = $7 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = $6 AND (asked_until IS NULL OR asked_until <= $8)",
                &[&self.tenant, &self.charge.id, &self.charge.fence, &next, &lease, &self.charge.state, &asked, &self.db_now],
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
        let (next, until) = (self.refund.fence + 1, self.db_now.plus_seconds(LEASE_SECONDS));
        let done = tx
            .run(
                "UPDATE refund SET fence = $4, due_at = $5, asked_until = $5 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = $6 AND (asked_until IS NULL OR asked_until <= $7)",
                &[&self.tenant, &self.refund.id, &self.refund.fence, &next, &until, &self.refund.state, &self.db_now],
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
                "UPDATE charge SET state = 'submitting', due_at = $4, asked_until = $4 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state IN ('submitting', 'unknown')",
                &[&self.tenant, &self.charge, &self.fence, &self.db_now.plus_seconds(LEASE_SECONDS)],
            )
            .await?;
        Ok(done == 1)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // the same again
    }
}

/// Starts scheduled charges whose day has come: reserves and claims each, cut to what is still owed, or calls it off
/// where nothing may be taken any more. Gives those to send, each with its token where that could be read.
pub struct Start<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub charges: &'a [ChargeId],
    /// The business instant.
    pub now: Ts,
}

/// What one [`Start`] will write.
#[derive(Default)]
struct Started {
    charges: Vec<Charge>,
    parts: Vec<PartRow>,
    txns: Vec<Txn>,
    events: Vec<EventRow>,
}

impl Command for Start<'_> {
    type Out = Vec<(Charge, Option<Secret<String>>)>;

    fn name(&self) -> &'static str {
        "charges.start"
    }

    async fn exec(&self, tx: &Tx) -> Result<Self::Out> {
        let ids = Ids::of(self.charges.iter().copied());
        let params: [&(dyn base::db::Param + '_); 2] = [&self.tenant.id, &ids];
        // As everywhere: accounts before charges, and the clock after every wait.
        let (mut families, charges, methods, holds, db_now, verifying) = try_join!(
            lock_families_due(tx, self.tenant, &ids),
            tx.select::<Charge>("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id FOR UPDATE", &params),
            methods::chargeable_by(tx, self.tenant, &ids),
            holds::of_charges(tx, self.tenant, &ids, self.now),
            tx.clock(),
            is_verifying(tx, self.tenant.environment),
        )?;
        let before: Vec<Debt> = families.iter().flat_map(Family::members).cloned().collect();
        let mut started = Started::default();
        let (mut to_send, mut beside) = (Vec::new(), Vec::new());
        let is_due = |c: &Charge| c.state == State::Scheduled && c.due_at.is_some_and(|due| due <= db_now);
        for charge in charges.into_iter().filter(is_due) {
            let family = match charge.debt_id {
                // Its account has moved to another family while we waited.
                Some(debt) => Some(
                    families.iter_mut().find(|f| f.members().any(|m| m.id == debt)).ok_or_else(lost_race)?,
                ),
                None => None,
            };
            let method = methods.iter().find(|m| m.id == charge.payment_method_id);
            let barred = self.rules_against(tx, method, &charge, &beside).await?;
            let at = (db_now, &holds);
            let charge = self.one(tx, charge, family, (method, barred), at, &mut started)?;
            if charge.state == State::Submitting {
                beside.push((charge.payment_method_id, charge.amount));
                let token = method.filter(|_| !verifying).and_then(|m| m.token.clone());
                to_send.push((charge.clone(), token));
            }
            started.charges.push(charge);
        }
        let forgiven = instalments::tell(tx, self.tenant, &started.charges, &mut families, self.now).await?;
        let refused = |c: &&Charge| c.instalment_id.is_some() && c.state == State::Declined;
        receipt::queue(tx, self.tenant, started.charges.iter().filter(refused).map(Due::failed).collect())
            .await?;
        let touched = changed(&before, &families, self.now);
        tx.with_commit(vec![
            Write::updating(2, started.charges),
            Write::updating(2, touched),
            Write::inserting(forgiven),
            Write::inserting(started.parts),
            Write::inserting(started.txns),
            Write::inserting(started.events),
        ])
        .await?;
        Ok(to_send)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Self::Out>> {
        Ok(Some(Vec::new())) // if they were claimed, their leases will end
    }
}

/// How long a charge that a hold lets wait waits before it is looked at again.
const HELD_SECONDS: i64 = 24 * 3_600;

/// What holds have to say about a payment that was agreed for later.
fn autopay(
    charge: &Charge,
    family: Option<&Family>,
    method: Option<&Chargeable>,
    holds: &InForce,
) -> Autopay {
    let account = family.and_then(|f| f.members().find(|m| Some(m.id) == charge.debt_id));
    let on_account = match (account, charge.customer_id) {
        (Some(account), _) => holds.on_account(account).autopay,
        (None, Some(customer)) => holds.on_customer(customer).autopay,
        (None, None) => Autopay::Keep,
    };
    let on_method = method.map_or(Autopay::Keep, |m| holds.on_method(m.id.0, m.owner).autopay);
    let place = |word: Autopay| Autopay::ALL.iter().position(|w| *w == word);
    if place(on_account) >= place(on_method) { on_account } else { on_method }
}

impl Start<'_> {
    /// Decides one charge that is due.
    fn one(
        &self,
        tx: &Tx,
        mut charge: Charge,
        family: Option<&mut Family>,
        (method, barred): (Option<&Chargeable>, Option<Failure>),
        (db_now, holds): (Ts, &InForce),
        started: &mut Started,
    ) -> Result<Charge> {
        charge.fence += 1;
        let autopay = autopay(&charge, family.as_deref(), method, holds);
        if autopay == Autopay::Pause {
            charge.due_at = Some(db_now.plus_seconds(HELD_SECONDS));
            return Ok(charge);
        }
        charge.updated_at = self.now;
        charge.submitted_at = Some(self.now);
        let mut parts = Vec::new();
        let refusal = match &family {
            Some(family) if charge.linked => match self.cut_and_admit(family, &mut charge, holds) {
                Ok(split) => {
                    parts = split;
                    None
                }
                Err(Failure::Refused(refusal)) => Some(refusal),
                Err(failure) => return Err(failure),
            },
            _ => None,
        };
        let stopped = || match autopay {
            Autopay::Keep | Autopay::Pause => Ok(()),
            Autopay::Stop | Autopay::Cancel => Err(Failure::refused(
                Code::Blocked,
                "A block on the account, its customer or its payment method stops what was agreed for later.",
            )),
        };
        let held = method.map_or(Ok(()), |m| may_use(holds, m, charge.payer)).and_then(|()| stopped()).err();
        let refusal = match (refusal, held.or(barred)) {
            (None, Some(Failure::Refused(barred))) => Some(barred),
            (refusal, _) => refusal,
        };
        let is_not_theirs = |method: &Chargeable| {
            method.owner.is_some_and(|owner| {
                charge.customer_id != Some(owner)
                    || family.as_ref().is_some_and(|f| f.root.customer_id != owner)
            })
        };
        match (refusal, method) {
            (None, Some(method)) if is_not_theirs(method) => {
                let say = "The payment method is not the account's customer's.";
                self.call_off(&mut charge, "payment_method_not_theirs", say);
            }
            (Some(refusal), _) => self.call_off(&mut charge, refusal.code.name(), &refusal.say),
            (None, None) => {
                self.call_off(&mut charge, "payment_method_deleted", "The payment method was deleted.")
            }
            (_, Some(method)) if method.is_expired(self.tenant.today(self.now)) => {
                decline_unasked(&mut charge, self.tenant, self.now);
                started.txns.push(transactions::of_charge(tx, &charge, Status::Failed));
            }
            _ => {
                charge.state = charge.state.on(Event::Claimed).unwrap_or(charge.state);
                charge.due_at = Some(db_now.plus_seconds(LEASE_SECONDS));
                if let Some(family) = family {
                    reserve(family, &parts)?;
                }
            }
        }
        if charge.state != State::Submitting {
            started.events.push(event(tx, self.tenant, "charge.failed", &charge));
            return Ok(charge);
        }
        started.parts.extend(parts.iter().map(|&(debt_id, amount)| PartRow {
            tenant_id: self.tenant.id,
            charge_id: charge.id,
            debt_id,
            amount,
            refunded: Cents::ZERO,
        }));
        Ok(charge)
    }

    /// What the networks' rules have against charging this method now. Asks the database only where it was refused lately.
    async fn rules_against(
        &self,
        tx: &Tx,
        method: Option<&Chargeable>,
        charge: &Charge,
        beside: &[(MethodId, Cents)],
    ) -> Result<Option<Failure>> {
        let Some(method) = method else { return Ok(None) };
        let (id, amount) = (charge.id, charge.amount);
        let payer = charge.customer_id;
        let tried = Tried { charge: id, amount, at: self.now, method, payer, print: None, beside };
        consequences::against(tx, self.tenant, &tried).await
    }

    /// A payment above what is owed by now is cut to it.
    fn cut_and_admit(
        &self,
        family: &Family,
        charge: &mut Charge,
        holds: &InForce,
    ) -> Result<Vec<(books::debts::DebtId, Cents)>> {
        let debt = charge.debt_id.ok_or_else(|| Failure::unknown_reference("debt_account_id"))?;
        let target = family.members().find(|d| d.id == debt && d.deleted_at.is_none());
        let target =
            target.ok_or_else(|| Failure::refused(Code::NotAllowedNow, "The account was deleted."))?;
        if target.open().is_zero() {
            return Err(Failure::refused(Code::NotAllowedNow, "Nothing is owed on this account any more."));
        }
        let (amount, agreed) = (charge.amount.min(target.open()), charge.instalment_id.is_some());
        let parts = admit(family, debt, amount, self.tenant, Held { holds, payer: charge.payer, agreed })?;
        charge.amount = Cents::sum(parts.iter().map(|(_, part)| *part)).unwrap_or(amount);
        Ok(parts)
    }

    fn call_off(&self, charge: &mut Charge, code: &str, say: &str) {
        charge.state = charge.state.on(Event::Canceled).unwrap_or(charge.state);
        charge.due_at = None;
        charge.receipt_to = None;
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
        let mut families = lock_families_due(tx, self.tenant, &Ids::of([self.charge])).await?;
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
        charge.receipt_to = None;
        charge.updated_at = self.now;
        charge.completed_at = Some(self.now);
        let events = [event(tx, self.tenant, "charge.canceled", &charge)];
        let charges = [charge];
        instalments::tell(tx, self.tenant, &charges, &mut families, self.now).await?;
        tx.batch(&[Write::update(2, &charges), Write::insert(&events)]).await
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
