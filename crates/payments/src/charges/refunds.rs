//! Giving money back: in part or in whole, never above what was taken, each with its own intent and key; and taking
//! a charge back before it settles, a void, which is a refund of all of it by another name.
//!
//! A refund's amount counts as given back from its claim on, unless it is declined, so two at once cannot give
//! back more than was paid. It un-applies the charge's own split.

use base::db::{Command, Ids, Texts, Tx, Write};
use base::{Cents, Code, Failure, Result, TenantId, Ts};
use books::debts::{Debt, DebtId, Family, lock_families_of};
use books::events::{self, EventRow};
use books::idempotency::{self, Once};
use books::ledger;
use books::orgs::Tenant;

use super::accept::{LEASE_SECONDS, change, event};
use super::machine::{Event, RefundEvent, RefundState, State};
use super::postings::{self, Rail, Share};
use super::settle::{Outcome, changed, raise, reversal, transaction_event, voided};
use super::{
    Back, Charge, ChargeId, PartRow, Refund, RefundId, RefundKind, instalments, next_check_seconds, parts_of,
};
use crate::transactions::{self, Kind, Status, Txn};

base::record! {
    struct RefundPart in "refund_part" { tenant_id: TenantId, refund_id: RefundId, debt_id: DebtId, amount: Cents }
}

/// Claims a refund.
pub struct Accept<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: RefundId,
    /// The charge.
    pub charge: ChargeId,
    /// What is wanted back.
    pub back: Back,
    /// The request, where its caller may send it again.
    pub once: Option<&'a Once>,
    /// Its stable key at the processor.
    pub pkey: String,
    /// The business instant.
    pub now: Ts,
    /// The database's instant.
    pub db_now: Ts,
}

/// What became of a refund's request.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// Claimed: send it. The refund, and its charge.
    Claimed(Box<(Refund, Charge)>),
    /// The same request was accepted before, as this refund.
    Before(RefundId),
}

impl Command for Accept<'_> {
    type Out = Accepted;

    fn name(&self) -> &'static str {
        "refunds.accept"
    }

    async fn exec(&self, tx: &Tx) -> Result<Accepted> {
        if let Some(once) = self.once {
            let row = idempotency::row(tx, self.tenant, once, "charge.refund", self.id.0, true);
            if tx.insert_if_new(&[row]).await? == 0
                && let Some(effect) = idempotency::before(tx, self.tenant, once).await?
            {
                return Ok(Accepted::Before(RefundId(effect.of("charge.refund")?)));
            }
        }
        let (charge, parts) = locked(tx, self.tenant, self.charge).await?;
        let (kind, amount) = wanted(&charge, self.back)?;
        let shares = postings::refund_parts(&parts_of(&charge, &parts), amount);
        let shares = shares.filter(|_| amount <= charge.refundable()).ok_or_else(|| {
            Failure::field(
                "amount",
                format!(
                    "The amount field must not be greater than {}, which is what is left of the charge.",
                    charge.refundable().get()
                ),
            )
        })?;
        let refund = Refund {
            tenant_id: self.tenant.id,
            id: self.id,
            charge_id: charge.id,
            kind,
            amount,
            state: RefundState::Submitting,
            review: false,
            pkey: self.pkey.clone(),
            fence: 1,
            due_at: Some(self.db_now.plus_seconds(LEASE_SECONDS)),
            checks: 0,
            asked_until: None,
            processor_id: None,
            code: None,
            message: None,
            created_at: self.now,
            updated_at: self.now,
        };
        let own =
            |debt_id, amount| RefundPart { tenant_id: self.tenant.id, refund_id: self.id, debt_id, amount };
        let own: Vec<RefundPart> =
            shares.iter().filter_map(|s| Some(own(DebtId(s.debt?), s.amount))).collect();
        let mut charge = charge;
        let parts = counted(&mut charge, parts, amount, &own, true)?;
        charge.updated_at = self.now;
        let (charges, refunds) = ([charge], [refund]);
        // By itself and first: where its key is taken, that is what is said.
        tx.insert(&refunds).await?;
        tx.batch(&[Write::update(2, &charges), Write::update(3, &part_counts(&parts)), Write::insert(&own)])
            .await?;
        let ([charge], [refund]) = (charges, refunds);
        Ok(Accepted::Claimed(Box::new((refund, charge))))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Accepted>> {
        let Some(refund) = by_id(tx, self.tenant, self.id).await? else { return Ok(None) };
        let charge = super::by_id(tx, self.tenant, self.charge).await?.ok_or_else(Failure::not_found)?;
        Ok(Some(Accepted::Claimed(Box::new((refund, charge)))))
    }
}

/// By which way, and how much, a charge that stands like this can be given back.
fn wanted(charge: &Charge, back: Back) -> Result<(RefundKind, Cents)> {
    let refuse = |say: String| Err(Failure::refused(Code::NotAllowedNow, say));
    let left = charge.refundable();
    match (charge.state, back) {
        // A void of it is on its way.
        (State::Pending, _) if left != charge.amount => {
            refuse("The charge is being taken back already.".into())
        }
        (State::Pending, Back::Void) => Ok((RefundKind::Void, charge.amount)),
        (State::Pending, Back::Money(amount)) => match amount.unwrap_or(charge.amount) {
            amount if amount < charge.amount => {
                refuse("The charge has not settled: until then it can only be taken back in whole.".into())
            }
            // Above what was taken is said by what comes next.
            amount => Ok((RefundKind::Void, amount)),
        },
        (State::Succeeded, Back::Money(amount)) => Ok((RefundKind::Refund, amount.unwrap_or(left))),
        (State::Succeeded, Back::Void) if charge.rail == Rail::Ach => {
            refuse("The charge has settled; refund it instead.".into())
        }
        (State::Succeeded, Back::Void) if left != charge.amount => {
            refuse("A part of the charge was given back already; refund the rest instead.".into())
        }
        (State::Succeeded, Back::Void) => Ok((RefundKind::Void, charge.amount)),
        (state, Back::Money(_)) => {
            refuse(format!("Only a charge that succeeded can be refunded; this one is {}.", state.as_str()))
        }
        (state, Back::Void) => {
            refuse(format!("Only a charge that was taken can be voided; this one is {}.", state.as_str()))
        }
    }
}

base::record! {
    struct PartCount in "charge_part" { tenant_id: TenantId, charge_id: ChargeId, debt_id: DebtId, refunded: Cents }
}

fn part_counts(parts: &[PartRow]) -> Vec<PartCount> {
    parts
        .iter()
        .map(|p| PartCount {
            tenant_id: p.tenant_id,
            charge_id: p.charge_id,
            debt_id: p.debt_id,
            refunded: p.refunded,
        })
        .collect()
}

/// Counts a refund into what was given back of a charge and its parts, or out of it again.
fn counted(
    charge: &mut Charge,
    mut parts: Vec<PartRow>,
    amount: Cents,
    own: &[RefundPart],
    into: bool,
) -> Result<Vec<PartRow>> {
    let moved = |now: Cents, by: Cents| if into { now.plus(by) } else { now.minus(by) };
    let overflow = || Failure::broken("counting a refund", "it does not fit");
    charge.refunded_amount = moved(charge.refunded_amount, amount).ok_or_else(overflow)?;
    for part in &mut parts {
        if let Some(share) = own.iter().find(|o| o.debt_id == part.debt_id) {
            part.refunded = moved(part.refunded, share.amount).ok_or_else(overflow)?;
        }
    }
    Ok(parts)
}

/// A charge and its parts, locked.
async fn locked(tx: &Tx, tenant: &Tenant, id: ChargeId) -> Result<(Charge, Vec<PartRow>)> {
    let charge = tx.find::<Charge>("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant.id, &id]).await?;
    let parts =
        tx.select("WHERE tenant_id = $1 AND charge_id = $2 ORDER BY debt_id", &[&tenant.id, &id]).await?;
    Ok((charge.ok_or_else(Failure::not_found)?, parts))
}

/// The refund of an id, if it is the tenant's.
pub async fn by_id(tx: &Tx, tenant: &Tenant, id: RefundId) -> Result<Option<Refund>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// The refund under this key at the processor, if it is the tenant's.
pub async fn of_key(tx: &Tx, tenant: &Tenant, key: &str) -> Result<Option<Refund>> {
    tx.find("WHERE tenant_id = $1 AND pkey = $2", &[&tenant.id, &key]).await
}

/// The refunds under these keys.
pub async fn of_keys(tx: &Tx, tenant: TenantId, keys: &Texts) -> Result<Vec<Refund>> {
    tx.select("WHERE tenant_id = $1 AND pkey IN texts($2)", &[&tenant, keys]).await
}

/// Settles what is known of one claimed refund; gives it as it stands afterwards.
pub struct Settle<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub refund: RefundId,
    /// The fence of the claim under which it was asked.
    pub fence: i64,
    /// What is known.
    pub outcome: &'a Outcome,
    /// The business instant.
    pub now: Ts,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for Settle<'_> {
    type Out = Refund;

    fn name(&self) -> &'static str {
        "refunds.settle"
    }

    async fn exec(&self, tx: &Tx) -> Result<Refund> {
        let own: Vec<RefundPart> = tx
            .select(
                "WHERE tenant_id = $1 AND refund_id = $2 ORDER BY debt_id",
                &[&self.tenant.id, &self.refund],
            )
            .await?;
        let debts: Vec<DebtId> = own.iter().map(|p| p.debt_id).collect();
        let mut families = lock_families_of(tx, self.tenant, &debts).await?;
        let before: Vec<Debt> = families.iter().flat_map(Family::members).cloned().collect();
        let look = by_id(tx, self.tenant, self.refund).await?.ok_or_else(Failure::not_found)?;
        let (mut charge, mut parts) = locked(tx, self.tenant, look.charge_id).await?;
        // The charge's lock is the refund's too: every change of a refund takes it first.
        let mut refund = by_id(tx, self.tenant, self.refund).await?.ok_or_else(Failure::not_found)?;
        if refund.fence != self.fence || !refund.state.is_open() {
            return Ok(refund);
        }
        let (asked, review) = match self.outcome {
            Outcome::Succeeded { processor_id } => {
                (RefundEvent::Succeeded, self.note(&mut refund, processor_id))
            }
            Outcome::Accepted { processor_id } => {
                (RefundEvent::Accepted, self.note(&mut refund, processor_id))
            }
            Outcome::Voided { .. } => {
                refund.code = Some(voided().code);
                refund.message = Some(voided().message);
                (RefundEvent::Declined, false)
            }
            Outcome::Declined { decline, .. } | Outcome::Returned { decline, .. } => {
                refund.code = Some(decline.code.clone());
                refund.message = Some(decline.message.clone());
                (RefundEvent::Declined, false)
            }
            Outcome::NoAnswer { why } => {
                tracing::warn!(refund = %refund.id, why, "the processor gave no answer");
                (RefundEvent::NoAnswer, false)
            }
            Outcome::Review { why } => {
                tracing::error!(refund = %refund.id, why, "a person must decide this refund");
                (RefundEvent::NoAnswer, true)
            }
        };
        refund.state = refund.state.on(asked).unwrap_or(refund.state);
        refund.review = review;
        refund.asked_until = None;
        refund.updated_at = self.now;
        refund.due_at = (refund.state.is_open() && !review)
            .then(|| self.db_now.plus_seconds(next_check_seconds(refund.checks)));
        refund.checks += i64::from(refund.state.is_open());

        let (mut txns, mut entries, mut rows): (Vec<Txn>, Vec<_>, Vec<EventRow>) = Default::default();
        let mut payments: Vec<Txn> = Vec::new();
        match refund.state {
            // Before it settled: nothing had moved, so nothing is given back.
            RefundState::Succeeded if matches!(charge.state, State::Pending | State::Canceled) => {
                parts = counted(&mut charge, parts, refund.amount, &own, false)?;
                if let Some(next) = charge.state.on(Event::Voided) {
                    charge.state = next;
                    charge.due_at = None;
                    charge.completed_at = Some(self.now);
                    charge.updated_at = self.now;
                    charge.blame(&voided());
                    for share in shares_of(&refund, &own) {
                        release(&mut families, &share)?;
                    }
                    payments = self.failed(tx, &charge).await?;
                    rows.push(event(tx, self.tenant, "charge.canceled", &charge));
                    let told = std::slice::from_ref(&charge);
                    entries = instalments::tell(tx, self.tenant, told, &mut families, self.db_now).await?;
                }
            }
            // A person must look: it was taken back at the processor, and the bank had returned it.
            RefundState::Succeeded if refund.kind == RefundKind::Void && charge.state == State::Returned => {
                tracing::error!(refund = %refund.id, "a charge that came back was voided too");
                refund.review = true;
            }
            RefundState::Succeeded => {
                let shares = shares_of(&refund, &own);
                let mut moved = postings::refunded(charge.rail, &shares)
                    .ok_or_else(|| Failure::broken("posting a refund", "it does not fit"))?;
                for share in &shares {
                    moved.extend(raise(&mut families, share)?);
                }
                let whole = charge.refunded_amount == charge.amount && !self.others_open(tx, &refund).await?;
                let happened = if whole { Event::RefundedInWhole } else { Event::RefundedInPart };
                charge.state = charge.state.on(happened).unwrap_or(charge.state);
                charge.updated_at = self.now;
                let txn = self.transaction(tx, &charge, &refund, Status::Completed);
                entries = ledger::rows(tx, self.tenant, "refunded", Some(txn.id.0), &moved);
                rows.push(event(tx, self.tenant, "charge.refunded", &charge));
                rows.push(transaction_event(tx, self.tenant, &txn));
                txns.push(txn);
            }
            RefundState::Declined => {
                parts = counted(&mut charge, parts, refund.amount, &own, false)?;
                charge.updated_at = self.now;
                txns.push(self.transaction(tx, &charge, &refund, Status::Failed));
                if charge.state == State::Returned && self.had_come(tx, &charge).await? {
                    // The charge came back while this was on its way, and this part was left out of it then.
                    let shares = shares_of(&refund, &own);
                    let mut moved = postings::returned(charge.rail, &shares);
                    for share in &shares {
                        moved.extend(raise(&mut families, share)?);
                    }
                    let reversal = reversal(tx, &charge, refund.amount, self.now);
                    entries = ledger::rows(tx, self.tenant, "returned", Some(reversal.id.0), &moved);
                    rows.push(transaction_event(tx, self.tenant, &reversal));
                    txns.push(reversal);
                }
            }
            RefundState::Submitting | RefundState::Unknown | RefundState::Pending => {}
        }
        let touched = changed(&before, &families, self.now);
        for debt in touched.iter().filter(|d| before.iter().any(|b| b.id == d.id && b.status != d.status)) {
            rows.push(events::row(
                tx,
                self.tenant,
                "debt-account.update",
                "debt_account",
                debt.id,
                &debt.event_body(),
            ));
        }
        let (refunds, charges, counts) = ([refund.clone()], [charge], part_counts(&parts));
        tx.batch(&[
            Write::update(2, &refunds),
            Write::update(2, &charges),
            Write::update(3, &counts),
            Write::update(2, &touched),
            Write::insert(&txns),
            Write::update(2, &payments),
            Write::insert(&entries),
            Write::insert(&rows),
        ])
        .await?;
        Ok(refund)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<Refund>> {
        Ok(None) // settling again what is settled changes nothing
    }
}

/// A charge's payment.
const PAYMENT: &str = "WHERE tenant_id = $1 AND charge_id = $2 AND kind = 'payment'";

/// Ends the reservation of a share.
fn release(families: &mut [Family], share: &Share) -> Result<()> {
    let Some(debt) = share.debt.map(DebtId) else { return Ok(()) };
    let family = families.iter_mut().find(|f| f.members().any(|m| m.id == debt));
    let family = family.ok_or_else(|| Failure::broken("voiding a charge", "its account is not locked"))?;
    change(family, debt, |account| {
        account.reserved.minus(share.amount).map(|reserved| account.reserved = reserved)
    })
}

impl Settle<'_> {
    fn note(&self, refund: &mut Refund, processor_id: &str) -> bool {
        refund.processor_id = Some(processor_id.to_owned());
        false
    }

    /// The payment's own transaction, which came to nothing.
    async fn failed(&self, tx: &Tx, charge: &Charge) -> Result<Vec<Txn>> {
        let found: Vec<Txn> = tx.select(PAYMENT, &[&self.tenant.id, &charge.id]).await?;
        let failed = |txn: Txn| Txn {
            status: Status::Failed,
            code: charge.code.clone(),
            message: charge.message.clone(),
            updated_at: self.now,
            ..txn
        };
        Ok(found.into_iter().map(failed).collect())
    }

    /// Whether the money of a charge had come before it went back.
    async fn had_come(&self, tx: &Tx, charge: &Charge) -> Result<bool> {
        let found: Vec<Txn> = tx.select(PAYMENT, &[&self.tenant.id, &charge.id]).await?;
        Ok(found.iter().any(|txn| txn.status == Status::Completed))
    }

    async fn others_open(&self, tx: &Tx, refund: &Refund) -> Result<bool> {
        let open = tx
            .number(
                "SELECT count(*) FROM refund WHERE tenant_id = $1 AND charge_id = $2 AND id <> $3 AND state IN ('submitting', 'unknown', 'pending')",
                &[&self.tenant.id, &refund.charge_id, &refund.id],
            )
            .await?;
        Ok(open > 0)
    }

    fn transaction(&self, tx: &Tx, charge: &Charge, refund: &Refund, status: Status) -> Txn {
        let txn = transactions::of_charge(tx, charge, status);
        Txn {
            refund_id: Some(refund.id),
            kind: Kind::Refund,
            amount: refund.amount,
            code: refund.code.clone(),
            message: refund.message.clone(),
            processor_id: refund.processor_id.clone(),
            submitted_at: refund.created_at,
            ..txn
        }
    }
}

/// Makes of a claimed refund that the processor refuses, because the charge has not settled there, a void under a key
/// of its own. Nothing moved under the first one, and nothing will. Gives whether the claim still holds.
pub struct TurnIntoVoid<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub refund: &'a Refund,
    /// The void's own stable key.
    pub pkey: String,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for TurnIntoVoid<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "refunds.turn_into_void"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let (refund, until) = (self.refund, self.db_now.plus_seconds(LEASE_SECONDS));
        let sql = "UPDATE refund SET kind = 'void', pkey = $4, due_at = $5 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state IN ('submitting', 'unknown')";
        let done = tx.run(sql, &[&self.tenant.id, &refund.id, &refund.fence, &self.pkey, &until]).await?;
        Ok(done == 1)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // the same again
    }
}

/// A refund's shares as the postings see them.
fn shares_of(refund: &Refund, own: &[RefundPart]) -> Vec<Share> {
    if own.is_empty() {
        return vec![Share { debt: None, amount: refund.amount }];
    }
    own.iter().map(|part| Share { debt: Some(part.debt_id.0), amount: part.amount }).collect()
}

/// The refunds of a charge, oldest first.
pub async fn of_charge(tx: &Tx, tenant: &Tenant, charge: ChargeId) -> Result<Vec<Refund>> {
    tx.select("WHERE tenant_id = $1 AND charge_id = $2 ORDER BY id", &[&tenant.id, &charge]).await
}

/// Refunds whose lease has ended or that are to be asked about: tenant, id, fence.
pub(super) async fn due(tx: &Tx, now: Ts, limit: i64) -> Result<Vec<Refund>> {
    tx.select("WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT $2", &[&now, &limit]).await
}

/// The refunds of these ids.
pub async fn load(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Refund>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}
