//! What may be charged: checked, split, reserved and claimed in one transaction, before anything is sent.

use base::db::{Command, Ids, Tx, Write};
use base::{Cents, Code, Day, Failure, Result, Ts};
use books::debts::{Debt, DebtId, Family, lock_families_of};
use books::idempotency::{self, Once};
use books::orgs::Tenant;
use books::people::CustomerId;
use books::{events, events::EventRow, refs};

use super::allocation::{Child, Policy, allocate};
use super::consequences::{self, Tried};
use super::machine::State;
use super::postings::Rail;
use super::{Charge, ChargeId, PartRow};
use crate::methods::{self, MethodId, NewMethod};
use crate::processor::Decline;
use crate::transactions::{self, Txn};

/// How long a claim lasts. Longer than the deadline of a submission, so that nobody asks while it runs.
pub const LEASE_SECONDS: i64 = 30;

/// What is charged.
#[derive(Clone, Debug)]
pub enum Instrument {
    /// A stored method.
    Stored(MethodId),
    /// One that came with the request, already tokenized.
    New(MethodId, Box<NewMethod>),
}

impl Instrument {
    fn id(&self) -> MethodId {
        match self {
            Instrument::Stored(id) | Instrument::New(id, _) => *id,
        }
    }
}

/// A charge as it is intended.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The id it will have.
    pub id: ChargeId,
    /// The request, where its caller may send it again.
    pub once: Option<Once>,
    /// Its stable key at the processor.
    pub pkey: String,
    /// The account, if any.
    pub debt: Option<DebtId>,
    /// Whether the account's balance moves.
    pub linked: bool,
    /// What is charged.
    pub instrument: Instrument,
    /// How much.
    pub amount: Cents,
    /// A later day, where it is not now.
    pub scheduled_at: Option<Day>,
    /// Who asks for it.
    pub source: &'static str,
    /// The caller's words.
    pub description: Option<String>,
}

/// What became of an intent.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// Reserved and claimed: send it.
    Claimed(Charge),
    /// Waiting for its day, or declined without asking anybody.
    Done(Charge),
    /// The same request was accepted before, as this charge.
    Before(ChargeId),
}

/// Accepts intents of one tenant, together: each is accepted or refused by itself.
pub struct Accept<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What is intended.
    pub intents: &'a [Intent],
    /// The business day and instant.
    pub now: Ts,
    /// The database's instant, for the lease.
    pub db_now: Ts,
}

/// What of a method decides about a charge.
struct Chargeable {
    owner: Option<CustomerId>,
    rail: Rail,
    is_expired: bool,
}

/// What one [`Accept`] will write.
#[derive(Default)]
struct Writes {
    charges: Vec<Charge>,
    parts: Vec<PartRow>,
    txns: Vec<Txn>,
    events: Vec<EventRow>,
}

impl Command for Accept<'_> {
    type Out = Vec<Result<Accepted>>;

    fn name(&self) -> &'static str {
        "charges.accept"
    }

    async fn exec(&self, tx: &Tx) -> Result<Self::Out> {
        let debts: Vec<DebtId> = self.intents.iter().filter_map(|i| i.debt).collect();
        let mut families = lock_families_of(tx, self.tenant, &debts).await?;
        let mut writes = Writes::default();
        let mut answers = Vec::with_capacity(self.intents.len());
        for intent in self.intents {
            let answer = self.one(tx, intent, &mut families, &mut writes).await;
            if let Err(failure) = &answer {
                // Not this intent's fault: nothing of the whole may stand.
                if matches!(failure.code(), None | Some(Code::Unavailable)) {
                    return Err(answer.err().unwrap_or_else(Failure::not_found));
                }
                if let Some(once) = &intent.once {
                    // A refusal made nothing: its key stays free. Only if the row is this intent's own.
                    tx.run(
                        "DELETE FROM idempotency WHERE tenant_id = $1 AND key = $2 AND object_id = $3",
                        &[&self.tenant.id, &once.key, &intent.id],
                    )
                    .await?;
                }
            }
            answers.push(answer);
        }
        let reserved: Vec<Debt> = reserved(&writes.parts, &families);
        tx.batch(&[
            Write::update(2, &reserved),
            Write::insert(&writes.charges),
            Write::insert(&writes.parts),
            Write::insert(&writes.txns),
            Write::insert(&writes.events),
        ])
        .await?;
        for charge in &writes.charges {
            // The charge's foreign key has waited for whoever was deleting the method; now it shows.
            if !refs::is_live(tx, self.tenant.id, "payment_method", charge.payment_method_id.0).await? {
                return Err(base::db::lost_race());
            }
        }
        Ok(answers)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Self::Out>> {
        let found = super::load(tx, self.tenant, &Ids::of(self.intents.iter().map(|i| i.id))).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let answer = |intent: &Intent| match found.iter().find(|c| c.id == intent.id) {
            // Under a later fence somebody else has it already.
            Some(charge) if charge.state == State::Submitting && charge.fence == 1 => {
                Ok(Accepted::Claimed(charge.clone()))
            }
            Some(charge) => Ok(Accepted::Done(charge.clone())),
            None => Err(Failure::refused(
                Code::Unavailable,
                "The outcome of this request is not known; please look before you repeat it.",
            )),
        };
        Ok(Some(self.intents.iter().map(answer).collect()))
    }
}

impl Accept<'_> {
    async fn one(
        &self,
        tx: &Tx,
        intent: &Intent,
        families: &mut [Family],
        writes: &mut Writes,
    ) -> Result<Accepted> {
        if let Some(once) = &intent.once {
            let row = idempotency::row(tx, self.tenant, once, "charge", intent.id.0, true);
            if tx.insert_if_new(&[row]).await? == 0
                && let Some(effect) = idempotency::before(tx, self.tenant, once).await?
            {
                return Ok(Accepted::Before(ChargeId(effect.object)));
            }
        }
        let family = match intent.debt {
            Some(debt) => {
                Some(family_of(families, debt).ok_or_else(|| Failure::unknown_reference("debt_account_id"))?)
            }
            None => None,
        };
        let customer = family.as_ref().map(|f| f.root.customer_id);
        let method = self.method(tx, intent, customer).await?;
        let mut charge = self.charge(intent, &method, customer.or(method.owner));
        let parts = match (family, intent.debt) {
            (Some(family), Some(debt)) if intent.linked => {
                let parts = admit(family, debt, intent.amount, self.tenant)?;
                Some((family, parts))
            }
            _ => None,
        };
        let mut taken = Vec::new();
        if let Some(day) = intent.scheduled_at {
            charge.state = State::Scheduled;
            charge.due_at = Some(day.start_in(&self.tenant.zone));
        } else if method.is_expired {
            decline_unasked(&mut charge, self.tenant, self.now);
            writes.txns.push(transactions::of_charge(tx, &charge, transactions::Status::Failed));
        } else if let Some((family, parts)) = parts {
            reserve(family, &parts)?;
            taken = parts;
        }
        if let Instrument::New(id, new) = &intent.instrument {
            // Only now: a refused charge leaves nothing behind that could be charged.
            methods::insert(tx, self.tenant, *id, None, new).await?;
        }
        writes.parts.extend(taken.iter().map(|&(debt_id, amount)| PartRow {
            tenant_id: self.tenant.id,
            charge_id: intent.id,
            debt_id,
            amount,
            refunded: Cents::ZERO,
        }));
        writes.events.push(event(tx, self.tenant, "charge.created", &charge));
        if charge.state == State::Declined {
            writes.events.push(event(tx, self.tenant, "charge.failed", &charge));
        }
        writes.charges.push(charge.clone());
        Ok(if charge.state == State::Submitting { Accepted::Claimed(charge) } else { Accepted::Done(charge) })
    }

    /// The method to charge, which must be the account's customer's own or nobody's.
    async fn method(&self, tx: &Tx, intent: &Intent, customer: Option<CustomerId>) -> Result<Chargeable> {
        let today = self.tenant.today(self.now);
        let at = intent.scheduled_at.map_or(self.now, |day| day.start_in(&self.tenant.zone).max(self.now));
        let id = match &intent.instrument {
            Instrument::New(_, new) => {
                if let Some(halt) = methods::halt::known(tx, self.tenant, new.fingerprint.as_ref()).await? {
                    halt.allows(at)?;
                }
                let is_expired = new.expiry.is_some_and(|expiry| expiry.is_expired(today));
                return Ok(Chargeable { owner: None, rail: new.kind.rail(), is_expired });
            }
            Instrument::Stored(id) => *id,
        };
        let method = methods::by_id(tx, self.tenant, id).await?;
        let method = method.ok_or_else(|| Failure::unknown_reference("payment_method_id"))?;
        if method.customer_id.is_some_and(|owner| customer.is_some_and(|debtor| debtor != owner)) {
            return Err(Failure::unknown_reference("payment_method_id"));
        }
        consequences::admit(tx, self.tenant, &Tried::of(&method), (intent.id, intent.amount), at).await?;
        Ok(Chargeable {
            owner: method.customer_id,
            rail: method.rail(),
            is_expired: method.is_expired(today),
        })
    }

    fn charge(&self, intent: &Intent, method: &Chargeable, customer: Option<CustomerId>) -> Charge {
        Charge {
            tenant_id: self.tenant.id,
            id: intent.id,
            debt_id: intent.debt,
            customer_id: customer,
            payment_method_id: intent.instrument.id(),
            rail: method.rail,
            amount: intent.amount,
            refunded_amount: Cents::ZERO,
            state: State::Submitting,
            review: false,
            linked: intent.linked && intent.debt.is_some(),
            source: intent.source.into(),
            pkey: intent.pkey.clone(),
            fence: 1,
            due_at: Some(self.db_now.plus_seconds(LEASE_SECONDS)),
            checks: 0,
            scheduled_at: intent.scheduled_at,
            processor_id: None,
            code: None,
            network_code: None,
            advice_code: None,
            decline_class: None,
            decline_retry: None,
            retry_at: None,
            settles_on: None,
            message: None,
            description: intent.description.clone(),
            created_at: self.now,
            updated_at: self.now,
            submitted_at: intent.scheduled_at.is_none().then_some(self.now),
            completed_at: None,
        }
    }
}

/// Notes on a charge that its card had expired, which needs no processor to know.
pub(super) fn decline_unasked(charge: &mut Charge, tenant: &Tenant, now: Ts) {
    charge.state = State::Declined;
    charge.due_at = None;
    charge.completed_at = Some(now);
    charge.blame(&Decline {
        code: "expired_card".into(),
        network_code: Some("54".into()),
        advice_code: None,
        message: "The card has expired.".into(),
    });
    consequences::note_unasked(charge, tenant.today(now));
}

/// The living family in which `debt` is.
fn family_of(families: &mut [Family], debt: DebtId) -> Option<&mut Family> {
    families.iter_mut().find(|f| f.root.deleted_at.is_none() && f.members().any(|m| m.id == debt))
}

/// Whether `amount` may be taken on `debt`, and how it is split: status, what is open, the minimum.
pub(super) fn admit(
    family: &Family,
    debt: DebtId,
    amount: Cents,
    tenant: &Tenant,
) -> Result<Vec<(DebtId, Cents)>> {
    let target = family
        .members()
        .find(|d| d.id == debt)
        .ok_or_else(|| Failure::unknown_reference("debt_account_id"))?;
    for account in [Some(&family.root), Some(target)].into_iter().flatten() {
        if !account.status.is_payable() {
            let word = account.status.as_str().replace('_', " ");
            return Err(Failure::refused(
                Code::NotAllowedNow,
                format!("No payment can be taken on this account: it is {word}."),
            ));
        }
    }
    let accounts = if debt == family.root.id { family.payable() } else { std::slice::from_ref(target) };
    let children: Vec<Child<DebtId>> = accounts
        .iter()
        .map(|account| Child {
            id: account.id,
            external_id: account.external_id.clone(),
            open: account.open(),
            held: !account.status.is_payable(),
            opened_on: account.created_at.day_in(&tenant.zone),
            rate_bps: 0,
        })
        .collect();
    let open = Cents::sum(children.iter().filter(|c| !c.held).map(|c| c.open)).unwrap_or(Cents::ZERO);
    if amount > open {
        let say = format!(
            "The amount field must not be greater than {}, which is what is owed and not reserved.",
            open.get()
        );
        return Err(refused_amount(Code::AboveBalance, say));
    }
    let least = family
        .root
        .rules
        .min_payment_amount
        .filter(|_| debt == family.root.id)
        .or(target.rules.min_payment_amount);
    if let Some(least) = least.filter(|least| amount < *least && amount < open) {
        let say = format!(
            "The amount field must be at least {}, or the whole balance of {}.",
            least.get(),
            open.get()
        );
        return Err(refused_amount(Code::BelowMinimum, say));
    }
    let split = allocate(amount, &children, &[], Policy::default())
        .map_err(|e| Failure::broken("splitting a payment", format!("{e:?}")))?;
    Ok(split.parts)
}

fn refused_amount(code: Code, say: String) -> Failure {
    let Failure::Refused(mut refusal) = Failure::field("amount", say) else {
        unreachable!("`field` makes a refusal")
    };
    refusal.code = code;
    Failure::Refused(refusal)
}

/// Reserves the parts on their accounts and on the parent.
pub(super) fn reserve(family: &mut Family, parts: &[(DebtId, Cents)]) -> Result<()> {
    for (debt, amount) in parts {
        change(family, *debt, |account| {
            account.reserved.plus(*amount).map(|reserved| account.reserved = reserved)
        })?;
    }
    Ok(())
}

/// Changes one account of a family, and the parent's sums with it.
pub(super) fn change(
    family: &mut Family,
    debt: DebtId,
    work: impl FnOnce(&mut Debt) -> Option<()>,
) -> Result<()> {
    let overflow = || Failure::broken("changing a balance", "it does not fit");
    if family.children.is_empty() {
        return work(&mut family.root).ok_or_else(overflow);
    }
    let account = family.children.iter_mut().find(|d| d.id == debt).ok_or_else(overflow)?;
    work(account).ok_or_else(overflow)?;
    family.sum_up().map(drop)
}

/// The accounts whose reservation these parts changed, and their parents.
fn reserved(parts: &[PartRow], families: &[Family]) -> Vec<Debt> {
    let touched = |family: &&Family| family.members().any(|m| parts.iter().any(|p| p.debt_id == m.id));
    let of = |family: &Family| -> Vec<Debt> {
        family
            .members()
            .filter(|m| m.id == family.root.id || parts.iter().any(|p| p.debt_id == m.id))
            .cloned()
            .collect()
    };
    families.iter().filter(touched).flat_map(of).collect()
}

/// The row of something that happened to a charge.
pub(super) fn event(tx: &Tx, tenant: &Tenant, name: &str, charge: &Charge) -> EventRow {
    events::row(tx, tenant, name, "charge", charge.id, &charge.event_body())
}
