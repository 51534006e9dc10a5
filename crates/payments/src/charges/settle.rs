//! What an answer does: to the charge, its accounts, the ledger, its transactions and the events, all in one
//! transaction, and only under the fence it was claimed with.

use base::db::{Command, Ids, Tx, Write, lost_race};
use base::{Cents, Failure, Result, Ts};
use books::debts::{Debt, DebtId, Family, after_paid_off, lock_families_of_charges};
use books::events::{self, EventRow};
use books::ledger::{self, EntryRow, placements, posting::Posting};
use books::orgs::Tenant;
use futures_util::try_join;

use super::accept::{change, event};
use super::consequences::Consequences;
use super::machine::{Event, State};
use super::postings::{self, Rail, Share};
use super::receipt::Due;
use super::{Charge, ChargeId, PartRow, instalments, next_check_seconds, parts_of, receipt};
use crate::networks::ach;
use crate::processor::Decline;
use crate::transactions::{self, Kind, Status, Txn};

/// What is known of a charge now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money is ours.
    Succeeded {
        /// The processor's id.
        processor_id: String,
    },
    /// Taken; it will settle or come back.
    Accepted {
        /// The processor's id.
        processor_id: String,
    },
    /// It was taken back at the processor before it settled: no money moved.
    Voided {
        /// The processor's id.
        processor_id: String,
    },
    /// A definite no.
    Declined {
        /// The processor's id, where it keeps declines.
        processor_id: Option<String>,
        /// Why.
        decline: Decline,
    },
    /// It came back, or was taken back.
    Returned {
        /// The processor's id.
        processor_id: String,
        /// Why.
        decline: Decline,
    },
    /// Nothing: ask again later.
    NoAnswer {
        /// What happened, for the operator.
        why: String,
    },
    /// Asking again cannot help: a person must decide.
    Review {
        /// What is odd, for the operator.
        why: String,
    },
}

/// Seconds until a bank debit is expected to have settled, once it has been asked about often enough that nothing
/// sooner is to be expected: the first questions come quickly, for a refusal and for a processor that settles at once.
fn until_it_settles(charge: &Charge, now: Ts) -> i64 {
    const QUICK_QUESTIONS: i64 = 10;
    match charge.settles_on {
        Some(day) if charge.checks >= QUICK_QUESTIONS => ach::settled_at(day).since(now).as_secs(),
        _ => 0,
    }
}

/// What is known of one claimed charge.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Which.
    pub charge: ChargeId,
    /// The fence of the claim under which it was asked.
    pub fence: i64,
    /// What is known.
    pub outcome: Outcome,
}

/// Settles answers for one tenant; gives the charges as they stand afterwards.
pub struct Settle<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What is known.
    pub answers: &'a [Answered],
    /// The business instant.
    pub now: Ts,
}

/// What stands in the database about the charges of one [`Settle`], locked where it will change.
struct Found {
    families: Vec<Family>,
    charges: Vec<Charge>,
    parts: Vec<PartRow>,
    /// The payments' transactions that there are already.
    payments: Vec<Txn>,
    /// The database's instant, after the locks: the next question is asked from here.
    db_now: Ts,
}

/// What one [`Settle`] will write.
#[derive(Default)]
struct Writes {
    charges: Vec<Charge>,
    new_txns: Vec<Txn>,
    txns: Vec<Txn>,
    entries: Vec<EntryRow>,
    events: Vec<EventRow>,
    receipts: Vec<Due>,
}

impl Command for Settle<'_> {
    type Out = Vec<Charge>;

    fn name(&self) -> &'static str {
        "charges.settle"
    }

    async fn exec(&self, tx: &Tx) -> Result<Vec<Charge>> {
        let Found { mut families, charges, parts, payments, db_now } = self.find(tx).await?;
        let before: Vec<Debt> = families.iter().flat_map(Family::members).cloned().collect();
        let rules = Consequences::of(tx, self.tenant, &charges, self.answers, self.now).await?;
        let mut writes = Writes::default();
        let mut stand = Vec::with_capacity(charges.len());
        for charge in charges {
            let answer = self.answers.iter().find(|a| a.charge == charge.id && a.fence == charge.fence);
            let Some(answer) = answer else {
                tracing::info!(charge = %charge.id, "an answer came back under an old fence");
                stand.push(charge);
                continue;
            };
            if !is_news(&charge, &answer.outcome) {
                stand.push(contradicted(charge, &answer.outcome, self.now, &mut writes));
                continue;
            }
            let own: Vec<PartRow> = parts.iter().filter(|p| p.charge_id == charge.id).cloned().collect();
            let payment = payments.iter().find(|t| t.charge_id == charge.id);
            let mut step = One {
                settle: self,
                tx,
                db_now,
                families: &mut families,
                writes: &mut writes,
                rules: &rules,
                parts: &own,
                payment: payment.cloned(),
            };
            stand.push(step.apply(charge, &answer.outcome)?);
        }
        let forgiven = instalments::tell(tx, self.tenant, &writes.charges, &mut families, db_now).await?;
        writes.entries.extend(forgiven);
        let touched = changed(&before, &families, self.now);
        for debt in touched.iter().filter(|d| before.iter().any(|b| b.id == d.id && b.status != d.status)) {
            writes.events.push(events::row(
                tx,
                self.tenant,
                "debt-account.update",
                "debt_account",
                debt.id,
                &debt.event_body(),
            ));
        }
        after_paid_off(tx, self.tenant, &before, &touched, self.now).await?;
        receipt::queue(tx, self.tenant, writes.receipts).await?;
        tx.with_commit(vec![
            Write::updating(2, writes.charges),
            Write::updating(2, touched),
            Write::inserting(writes.new_txns),
            Write::updating(2, writes.txns),
            Write::inserting(writes.entries),
            Write::inserting(writes.events),
            Write::updating(2, rules.halts),
            Write::inserting(rules.events),
        ])
        .await?;
        Ok(stand)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Vec<Charge>>> {
        Ok(None) // settling again what is settled changes nothing
    }
}

impl Settle<'_> {
    /// The first round trip: locks and reads all there is to know. Accounts before charges, everywhere: one order of
    /// locks. The parts are read after the charges are locked, since until then a refund may change what is left of
    /// them.
    async fn find(&self, tx: &Tx) -> Result<Found> {
        let ids = Ids::of(self.answers.iter().map(|a| a.charge));
        let params: [&(dyn base::db::Param + '_); 2] = [&self.tenant.id, &ids];
        let (families, charges, parts, payments, db_now) = try_join!(
            lock_families_of_charges(tx, self.tenant, &ids),
            tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id FOR UPDATE", &params),
            tx.select("WHERE tenant_id = $1 AND charge_id IN ids($2) ORDER BY charge_id, debt_id", &params),
            tx.select("WHERE tenant_id = $1 AND charge_id IN ids($2) AND kind = 'payment'", &params),
            tx.clock(),
        )?;
        let parts: Vec<PartRow> = parts;
        let is_locked =
            |part: &PartRow| families.iter().flat_map(Family::members).any(|m| m.id == part.debt_id);
        if !parts.iter().all(is_locked) {
            return Err(lost_race()); // an account has moved to another family while we waited
        }
        Ok(Found { families, charges, parts, payments, db_now })
    }
}

/// Whether an outcome can still change a charge that stands like this. What was settled stays settled.
fn is_news(charge: &Charge, outcome: &Outcome) -> bool {
    let open = matches!(charge.state, State::Submitting | State::Unknown | State::Pending);
    let taken_back = match outcome {
        Outcome::Returned { .. } => true,
        // Where all of it is on its way back already, the void is our own, and settles by itself.
        Outcome::Voided { .. } => !charge.refundable().is_zero(),
        _ => false,
    };
    open || charge.state == State::Succeeded && taken_back
}

/// A charge that is settled, and an answer that cannot change it: where the two contradict each other a person must
/// look.
fn contradicted(mut charge: Charge, outcome: &Outcome, now: Ts, writes: &mut Writes) -> Charge {
    let taken = matches!(charge.state, State::Succeeded | State::Refunded);
    if taken
        && matches!(outcome, Outcome::Review { .. } | Outcome::Returned { .. } | Outcome::Declined { .. })
        && !charge.review
    {
        tracing::error!(charge = %charge.id, state = charge.state.as_str(), ?outcome, "the processor contradicts a settled charge");
        charge.review = true;
        charge.updated_at = now;
        writes.charges.push(charge.clone());
    }
    charge
}

/// The accounts that differ from how they were, with the instant of the change.
pub(crate) fn changed(before: &[Debt], families: &[Family], now: Ts) -> Vec<Debt> {
    let told = |d: &Debt| (d.balance, d.current_balance, d.reserved, d.status, d.children);
    let differs = |d: &&Debt| before.iter().any(|b| b.id == d.id && told(b) != told(d));
    let stamp = |d: &Debt| Debt { updated_at: now, ..d.clone() };
    families.iter().flat_map(Family::members).filter(differs).map(stamp).collect()
}

/// One charge and its answer.
struct One<'a, 'b> {
    settle: &'a Settle<'a>,
    tx: &'a Tx,
    db_now: Ts,
    families: &'b mut [Family],
    writes: &'b mut Writes,
    rules: &'b Consequences,
    parts: &'b [PartRow],
    payment: Option<Txn>,
}

impl One<'_, '_> {
    fn apply(&mut self, mut charge: Charge, outcome: &Outcome) -> Result<Charge> {
        charge.asked_until = None;
        let polled = charge.state == State::Pending
            && matches!(outcome, Outcome::Accepted { .. } | Outcome::NoAnswer { .. });
        if !polled {
            charge.updated_at = self.settle.now;
        }
        match outcome {
            Outcome::Succeeded { processor_id } => {
                charge.processor_id = Some(processor_id.clone());
                self.step(&mut charge, Event::Succeeded)?;
            }
            Outcome::Accepted { processor_id } => {
                charge.processor_id = Some(processor_id.clone());
                if charge.state == State::Pending {
                    self.ask_later(&mut charge); // still on its way
                } else {
                    self.step(&mut charge, Event::Accepted)?;
                }
            }
            Outcome::Declined { processor_id, decline } => {
                charge.processor_id.clone_from(processor_id);
                charge.blame(decline);
                self.rules.note(&mut charge);
                self.step(&mut charge, Event::Declined)?;
            }
            Outcome::Returned { processor_id, decline } => {
                charge.processor_id = Some(processor_id.clone());
                if matches!(charge.state, State::Submitting | State::Unknown) {
                    self.step(&mut charge, Event::Accepted)?;
                }
                charge.blame(decline);
                self.rules.note(&mut charge);
                self.step(&mut charge, Event::Returned)?;
            }
            Outcome::Voided { processor_id } => {
                charge.processor_id = Some(processor_id.clone());
                if matches!(charge.state, State::Submitting | State::Unknown) {
                    self.step(&mut charge, Event::Accepted)?;
                }
                charge.blame(&voided());
                let taken = charge.state == State::Succeeded;
                self.step(&mut charge, if taken { Event::Returned } else { Event::Voided })?;
            }
            Outcome::NoAnswer { why } => {
                tracing::warn!(charge = %charge.id, why, "the processor gave no answer");
                if matches!(charge.state, State::Submitting) {
                    self.step(&mut charge, Event::NoAnswer)?;
                }
                self.ask_later(&mut charge);
            }
            Outcome::Review { why } => {
                tracing::error!(charge = %charge.id, why, "a person must decide this charge");
                if matches!(charge.state, State::Submitting) {
                    self.step(&mut charge, Event::NoAnswer)?;
                }
                charge.review = true;
                charge.due_at = None;
            }
        }
        self.writes.charges.push(charge.clone());
        Ok(charge)
    }

    fn ask_later(&self, charge: &mut Charge) {
        let wait = next_check_seconds(charge.checks).max(until_it_settles(charge, self.settle.now));
        charge.due_at = Some(self.db_now.plus_seconds(wait));
        charge.checks += 1;
    }

    /// One step of the machine, and everything that goes with it. An answer that cannot be is for a person.
    fn step(&mut self, charge: &mut Charge, event_of: Event) -> Result<()> {
        let (was, tenant) = (charge.state, self.settle.tenant);
        let Some(next) = was.on(event_of) else {
            tracing::error!(charge = %charge.id, state = was.as_str(), event = ?event_of, "this cannot happen to a charge");
            charge.review = true;
            charge.due_at = None;
            return Ok(());
        };
        charge.state = next;
        charge.due_at = None;
        charge.review = false;
        if !matches!(next, State::Submitting | State::Unknown | State::Pending)
            && let Some(to) = charge.receipt_to.take()
            && event_of == Event::Succeeded
        {
            self.writes.receipts.push(Due::of(charge, to));
        }
        let is_refused = matches!(event_of, Event::Declined | Event::Returned);
        if charge.instalment_id.is_some() && is_refused && charge.code.as_deref() != Some("voided") {
            self.writes.receipts.push(Due::failed(charge));
        }
        match event_of {
            Event::Succeeded => {
                charge.completed_at = Some(self.settle.now);
                let txn = self.transaction(charge, Status::Completed);
                self.take(charge, &txn)?;
                self.tell("charge.completed", charge);
            }
            Event::Accepted => {
                charge.checks = 0;
                if charge.rail == Rail::Ach {
                    charge.settles_on = Some(ach::settles_on(charge.submitted_at.unwrap_or(self.settle.now)));
                }
                self.ask_later(charge);
                self.transaction(charge, Status::Pending);
                self.tell("charge.pending", charge);
            }
            Event::Declined => {
                self.release()?;
                self.transaction(charge, Status::Failed);
                charge.completed_at = Some(self.settle.now);
                self.tell("charge.failed", charge);
            }
            Event::Voided => {
                self.release()?;
                self.transaction(charge, Status::Failed);
                charge.completed_at = Some(self.settle.now);
                self.tell("charge.canceled", charge);
            }
            Event::Returned if was == State::Pending => {
                self.release()?;
                self.transaction(charge, Status::Failed);
                charge.completed_at = Some(self.settle.now);
                self.tell("charge.returned", charge);
            }
            Event::Returned => {
                self.give_back(charge)?;
                self.tell("charge.returned", charge);
            }
            Event::NoAnswer => self.tell("charge.unknown", charge),
            Event::Claimed
            | Event::Canceled
            | Event::Resubmitted
            | Event::RefundedInPart
            | Event::RefundedInWhole => {
                return Err(Failure::broken(
                    "settling a charge",
                    format!("{event_of:?} is no answer of tenant {:?}", tenant.id),
                ));
            }
        }
        Ok(())
    }

    /// The money came: reservation and balance fall together.
    fn take(&mut self, charge: &Charge, txn: &Txn) -> Result<()> {
        for part in self.parts {
            self.on_account(part.debt_id, |account| {
                account.reserved = account.reserved.minus(part.amount)?;
                account.current_balance = account.current_balance.minus(part.amount)?;
                account.status = account.status.at_balance(account.current_balance);
                Some(())
            })?;
        }
        let shares: Vec<Share> =
            parts_of(charge, self.parts).iter().map(|p| Share { debt: p.debt, amount: p.amount }).collect();
        let entries = ledger::rows(
            self.tx,
            self.settle.tenant,
            "paid",
            Some(txn.id.0),
            &postings::settled(charge.rail, &shares),
        );
        self.writes.entries.extend(entries);
        Ok(())
    }

    /// Nothing moved: the reservation ends.
    fn release(&mut self) -> Result<()> {
        for part in self.parts {
            self.on_account(part.debt_id, |account| {
                account.reserved.minus(part.amount).map(|r| account.reserved = r)
            })?;
        }
        Ok(())
    }

    /// What had come went back: the same split is un-applied, less what was refunded before.
    fn give_back(&mut self, charge: &mut Charge) -> Result<()> {
        let left = postings::what_is_left(&parts_of(charge, self.parts));
        let amount = Cents::sum(left.iter().map(|s| s.amount)).unwrap_or(Cents::ZERO);
        let mut postings = postings::returned(charge.rail, &left);
        for share in &left {
            postings.extend(raise(self.families, share)?);
        }
        if amount.is_positive() {
            let reversal = reversal(self.tx, charge, amount, self.settle.now);
            self.writes.events.push(transaction_event(self.tx, self.settle.tenant, &reversal));
            let entries =
                ledger::rows(self.tx, self.settle.tenant, "returned", Some(reversal.id.0), &postings);
            self.writes.entries.extend(entries);
            self.writes.new_txns.push(reversal);
        }
        Ok(())
    }

    fn on_account(&mut self, debt: DebtId, work: impl FnOnce(&mut Debt) -> Option<()>) -> Result<()> {
        let family = self.families.iter_mut().find(|f| f.members().any(|m| m.id == debt));
        change(
            family.ok_or_else(|| Failure::broken("settling a charge", "its account is not locked"))?,
            debt,
            work,
        )
    }

    /// The payment's own transaction: made at the first answer, changed by later ones.
    fn transaction(&mut self, charge: &Charge, status: Status) -> Txn {
        let txn = match self.payment.take() {
            Some(txn) => {
                let txn = Txn {
                    status,
                    code: charge.code.clone(),
                    message: charge.message.clone(),
                    processor_id: charge.processor_id.clone(),
                    updated_at: self.settle.now,
                    ..txn
                };
                // Made earlier in this very settlement: changed there.
                match self.writes.new_txns.iter_mut().find(|t| t.id == txn.id) {
                    Some(made) => *made = txn.clone(),
                    None => self.writes.txns.push(txn.clone()),
                }
                txn
            }
            None => {
                let txn = transactions::of_charge(self.tx, charge, status);
                self.writes.new_txns.push(txn.clone());
                txn
            }
        };
        if status == Status::Completed {
            self.writes.events.push(transaction_event(self.tx, self.settle.tenant, &txn));
        }
        self.payment = Some(txn.clone());
        txn
    }

    fn tell(&mut self, name: &str, charge: &Charge) {
        self.writes.events.push(event(self.tx, self.settle.tenant, name, charge));
    }
}

/// Why a charge ended that was taken back at the processor.
pub(super) fn voided() -> Decline {
    Decline {
        code: "voided".into(),
        network_code: None,
        advice_code: None,
        message: "It was taken back at the processor before it settled.".into(),
    }
}

/// Raises an account by what comes back to it. Where it has become a parent meanwhile, its own debt was replaced
/// by its children's: what comes back is taken off again, so that its sums stay its children's.
pub(super) fn raise(families: &mut [Family], share: &Share) -> Result<Option<Posting>> {
    let Some(debt) = share.debt.map(DebtId) else { return Ok(None) };
    let family = families.iter_mut().find(|f| f.members().any(|m| m.id == debt));
    let family = family.ok_or_else(|| Failure::broken("giving money back", "its account is not locked"))?;
    if family.root.id == debt && !family.children.is_empty() {
        return Ok(placements::lowered(debt.0, share.amount));
    }
    change(family, debt, |account| {
        account.current_balance = account.current_balance.plus(share.amount)?;
        account.status = account.status.at_balance(account.current_balance);
        Some(())
    })?;
    Ok(None)
}

/// The transaction of money of a charge that was taken back.
pub(super) fn reversal(tx: &Tx, charge: &Charge, amount: Cents, now: Ts) -> Txn {
    let payment = transactions::of_charge(tx, charge, Status::Completed);
    Txn { kind: Kind::Reversal, amount, submitted_at: now, created_at: now, updated_at: now, ..payment }
}

/// The row of a completed transaction's event.
pub(super) fn transaction_event(tx: &Tx, tenant: &Tenant, txn: &Txn) -> EventRow {
    events::row(tx, tenant, "transaction.completed", "transaction", txn.id, &txn.event_body())
}
