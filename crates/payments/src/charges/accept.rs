//! What may be charged: checked, split, reserved and claimed in one transaction, before anything is sent.
//!
//! One or many charges of a tenant, in two round trips: the accounts are locked with their families, the keys claimed,
//! the methods and the clock read; then everything is decided in memory, and written together with the commit.

use base::db::{Command, Ids, Tx, Write};
use base::secret::Secret;
use base::{Cents, Code, Day, Failure, Ref, Result, Ts};
use books::debts::{Debt, DebtId, Family, lock_families_named};
use books::holds::{self, Applies, Effects, InForce, Payer, blocked};
use books::idempotency::{self, KeyRow, Once};
use books::orgs::Tenant;
use books::people::CustomerId;
use books::{events, events::EventRow};
use futures_util::try_join;

use super::allocation::{Child, Policy, allocate};
use super::authorization::{self, Authorization};
use super::consequences::{self, Tried};
use super::machine::State;
use super::till::watch::is_verifying;
use super::{Charge, ChargeId, PartRow, receipt};
use crate::methods::one_time::{self, Spent};
use crate::methods::{self, Chargeable, Halt, MethodId, NewMethod};
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
    pub debt: Option<Ref>,
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
    /// Who pays, where it is not the customer.
    pub payer: Payer,
    /// The caller's words.
    pub description: Option<String>,
    /// Where a receipt goes once it has succeeded; empty: to the address that is known of the customer.
    pub receipt_to: Option<Secret<String>>,
    /// What its customer authorized, where that is recorded with it.
    pub authorized: Option<authorization::Given>,
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

/// What became of an intent, and the token of a claimed one, where it could be read: to be sent at once.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What became of it.
    pub accepted: Accepted,
    /// The processor's token; none in verify mode, where the processor is asked before.
    pub token: Option<Secret<String>>,
}

/// Accepts intents of one tenant, together: each is accepted or refused by itself. No two have the same idempotency
/// key. The only one of a command that is refused is an error of the whole.
pub struct Accept<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// What is intended.
    pub intents: &'a [&'a Intent],
    /// The business day and instant.
    pub now: Ts,
}

/// What stands in the database about the intents of one [`Accept`], locked where it will change.
struct Found {
    families: Vec<Family>,
    /// Keys that were used before.
    taken: Vec<KeyRow>,
    methods: Vec<Chargeable>,
    /// What is held.
    holds: InForce,
    /// What the networks' rules, or a one-time token, have against some of the charges.
    barred: Vec<(ChargeId, Failure)>,
    /// The one-time tokens that some came by, each to be spent once.
    one_time: Vec<Spent>,
    /// The database's instant, after the locks: leases begin here.
    db_now: Ts,
    /// Whether each charge is looked up before it is sent: then it is not sent with the token from here.
    verifying: bool,
}

/// What one [`Accept`] will write.
#[derive(Default)]
struct Writes {
    one_time: Vec<Spent>,
    methods: Vec<methods::NewRow>,
    charges: Vec<Charge>,
    authorizations: Vec<Authorization>,
    parts: Vec<PartRow>,
    txns: Vec<Txn>,
    events: Vec<EventRow>,
}

impl Command for Accept<'_> {
    type Out = Vec<Result<Answer>>;

    fn name(&self) -> &'static str {
        "charges.accept"
    }

    async fn exec(&self, tx: &Tx) -> Result<Self::Out> {
        let (mut found, debts) = self.find(tx).await?;
        self.ask_the_rules(tx, &mut found).await?;
        let mut writes = Writes::default();
        let mut answers = Vec::with_capacity(self.intents.len());
        let mut refused = Vec::new();
        for (intent, debt) in self.intents.iter().zip(debts) {
            let answer = self.one(tx, intent, debt, &mut found, &mut writes);
            if let Err(failure) = &answer {
                // Not this intent's fault, or the only one: nothing of the whole may stand.
                if self.intents.len() == 1 || matches!(failure.code(), None | Some(Code::Unavailable)) {
                    return Err(answer.err().unwrap_or_else(Failure::not_found));
                }
                refused.push(*intent);
            }
            answers.push(answer);
        }
        let keys: Vec<String> =
            refused.iter().filter_map(|i| i.once.as_ref()).map(|o| o.key.clone()).collect();
        if !keys.is_empty() {
            // A refusal made nothing: its key stays free. Only where the row is this intent's own.
            let own = Ids::of(refused.iter().map(|i| i.id));
            idempotency::give_back(tx, self.tenant, keys, &own).await?;
        }
        self.write(tx, &found, writes).await?;
        Ok(answers)
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Self::Out>> {
        let found = super::load(tx, self.tenant, &Ids::of(self.intents.iter().map(|i| i.id))).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let accepted = |intent: &&Intent| match found.iter().find(|c| c.id == intent.id) {
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
        let answer = |intent| Ok(Answer { accepted: accepted(intent)?, token: None });
        Ok(Some(self.intents.iter().map(answer).collect()))
    }
}

impl Accept<'_> {
    /// The first round trip: locks and reads all there is to know, and claims the keys. Gives also which account each
    /// intent names.
    async fn find(&self, tx: &Tx) -> Result<(Found, Vec<Option<DebtId>>)> {
        let named: Vec<&Ref> = self.intents.iter().filter_map(|i| i.debt.as_ref()).collect();
        let key = |intent: &&Intent| {
            let once = intent.once.as_ref()?;
            Some(idempotency::row(tx, self.tenant, once, "charge", intent.id.0, true))
        };
        let keys: Vec<KeyRow> = self.intents.iter().filter_map(key).collect();
        let stored = Ids::of(self.intents.iter().filter_map(|i| match i.instrument {
            Instrument::Stored(id) => Some(id),
            Instrument::New(..) => None,
        }));
        // In this order on the wire: whoever waits for an account's lock has claimed no key yet, and the clock is asked
        // after every wait.
        let ((families, found), taken, holds, methods, db_now, verifying) = try_join!(
            lock_families_named(tx, self.tenant, &named),
            idempotency::claim(tx, self.tenant, keys),
            holds::of_named(tx, self.tenant, &named, &stored, self.now),
            methods::chargeable(tx, self.tenant, &stored),
            tx.clock(),
            is_verifying(tx, self.tenant.environment),
        )?;
        let mut found = found.into_iter();
        let debts =
            self.intents.iter().map(|i| i.debt.as_ref().and_then(|_| found.next().flatten())).collect();
        Ok((
            Found {
                families,
                taken,
                methods,
                holds,
                barred: Vec::new(),
                one_time: Vec::new(),
                db_now,
                verifying,
            },
            debts,
        ))
    }

    /// What the networks' rules have against charging these methods. Asks the database only about those that were
    /// refused lately, and about numbers that come with the request.
    async fn ask_the_rules(&self, tx: &Tx, found: &mut Found) -> Result<()> {
        let mut beside = Vec::new();
        for intent in self.intents {
            let (method, print) = match &intent.instrument {
                Instrument::New(id, new) => {
                    if let Some(failure) = self.hold_one_time(tx, new, found).await? {
                        found.barred.push((intent.id, failure));
                        continue;
                    }
                    let print = new.fingerprint.as_ref();
                    let halt = methods::halt::known(tx, self.tenant, print).await?.unwrap_or_default();
                    (Chargeable { halt, ..unstored(*id, new) }, print)
                }
                Instrument::Stored(id) => match found.methods.iter().find(|m| m.id == *id) {
                    Some(method) => (method.clone(), None),
                    None => continue,
                },
            };
            let day = intent.scheduled_at.map(|day| day.start_in(&self.tenant.zone));
            let at = day.map_or(self.now, |day| day.max(self.now));
            let (charge, amount) = (intent.id, intent.amount);
            let tried = Tried { charge, amount, at, method: &method, payer: None, print, beside: &beside };
            match consequences::against(tx, self.tenant, &tried).await? {
                Some(failure) => found.barred.push((intent.id, failure)),
                None if day.is_none() => beside.push((method.id, amount)),
                None => {}
            }
        }
        Ok(())
    }

    /// Holds the one-time token that a method came by, or says why it cannot be used.
    async fn hold_one_time(&self, tx: &Tx, new: &NewMethod, found: &mut Found) -> Result<Option<Failure>> {
        let Some(id) = new.one_time.filter(|id| !found.one_time.iter().any(|held| held.id == *id)) else {
            return Ok(None);
        };
        match one_time::hold(tx, self.tenant, id).await {
            Ok(held) => found.one_time.push(held),
            Err(refused) if refused.code() == Some(Code::ValidationFailed) => return Ok(Some(refused)),
            Err(failure) => return Err(failure),
        }
        Ok(None)
    }

    /// The second: everything at once, with the commit.
    async fn write(&self, tx: &Tx, found: &Found, writes: Writes) -> Result<()> {
        let reserved = reserved(&writes.parts, &found.families);
        let charged = Ids::of(writes.charges.iter().map(|c| c.payment_method_id));
        tx.with_commit(vec![
            Write::updating(2, reserved),
            Write::updating(2, writes.one_time),
            Write::inserting(writes.methods),
            Write::inserting(writes.charges),
            Write::inserting(writes.authorizations),
            Write::inserting(writes.parts),
            Write::inserting(writes.txns),
            Write::inserting(writes.events),
            Write::all_live("payment_method", self.tenant.id, charged),
        ])
        .await
    }

    /// Decides one intent.
    fn one(
        &self,
        tx: &Tx,
        intent: &Intent,
        debt: Option<DebtId>,
        found: &mut Found,
        writes: &mut Writes,
    ) -> Result<Answer> {
        if let Some(once) = &intent.once
            && let Some(row) = found.taken.iter().find(|row| row.key == once.key)
        {
            let effect = idempotency::effect(row.clone(), once)?;
            return Ok(Answer { accepted: Accepted::Before(ChargeId(effect.of("charge")?)), token: None });
        }
        let unknown_account = || Failure::unknown_reference("debt_account_id");
        let debt = match &intent.debt {
            Some(_) => Some(debt.ok_or_else(unknown_account)?),
            None => None,
        };
        let family = match debt {
            Some(debt) => Some(family_of(&mut found.families, debt).ok_or_else(unknown_account)?),
            None => None,
        };
        let customer = family.as_ref().map(|f| f.root.customer_id);
        let method = method(&found.methods, intent, customer)?;
        if let Some(at) = found.barred.iter().position(|(id, _)| *id == intent.id) {
            return Err(found.barred.swap_remove(at).1);
        }
        may_use(&found.holds, &method, intent.payer)?;
        let spent = spent(intent, &mut found.one_time)?;
        let lease = found.db_now.plus_seconds(LEASE_SECONDS);
        let mut charge = self.charge(intent, debt, &method, customer.or(method.owner), lease);
        charge.receipt_to = receipt::sealed(tx, self.tenant, intent);
        let parts = match (family, debt) {
            (Some(family), Some(debt)) if intent.linked => {
                let held = Held { holds: &found.holds, payer: intent.payer, agreed: false };
                let parts = admit(family, debt, intent.amount, self.tenant, held)?;
                Some((family, parts))
            }
            (Some(family), Some(debt)) => {
                may_pay(
                    family.members().find(|d| d.id == debt).map(|d| found.holds.on_account(d)),
                    intent.payer,
                )?;
                None
            }
            _ => None,
        };
        let mut taken = Vec::new();
        if let Some(day) = intent.scheduled_at {
            charge.state = State::Scheduled;
            charge.due_at = Some(day.start_in(&self.tenant.zone));
        } else if method.is_expired(self.tenant.today(self.now)) {
            decline_unasked(&mut charge, self.tenant, self.now);
            writes.txns.push(transactions::of_charge(tx, &charge, transactions::Status::Failed));
        } else if let Some((family, parts)) = parts {
            reserve(family, &parts)?;
            taken = parts;
        }
        if let Instrument::New(id, new) = &intent.instrument {
            // Only now: a refused charge leaves nothing behind that could be charged, and spends no token.
            writes.one_time.extend(spent);
            writes.methods.push(methods::new_row(tx, self.tenant, *id, new));
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
        let authorized = intent.authorized.as_ref();
        writes
            .authorizations
            .extend(authorized.map(|given| authorization::row(tx, self.tenant, &charge, given, self.now)));
        writes.charges.push(charge.clone());
        Ok(match charge.state {
            State::Submitting => {
                let token = method.token.filter(|_| !found.verifying);
                Answer { accepted: Accepted::Claimed(charge), token }
            }
            _ => Answer { accepted: Accepted::Done(charge), token: None },
        })
    }

    fn charge(
        &self,
        intent: &Intent,
        debt: Option<DebtId>,
        method: &Chargeable,
        customer: Option<CustomerId>,
        lease: Ts,
    ) -> Charge {
        let paid_by = (method.id, method.kind.rail());
        let (id, amount, pkey) = (intent.id, intent.amount, intent.pkey.clone());
        Charge {
            debt_id: debt,
            customer_id: customer,
            linked: intent.linked && debt.is_some(),
            source: intent.source.into(),
            payer: intent.payer,
            due_at: Some(lease),
            scheduled_at: intent.scheduled_at,
            description: intent.description.clone(),
            submitted_at: intent.scheduled_at.is_none().then_some(self.now),
            ..Charge::fresh(self.tenant.id, id, paid_by, amount, pkey, self.now)
        }
    }
}

/// The one-time token that an intent came by, taken from those that are held: another intent beside it does not get it.
fn spent(intent: &Intent, held: &mut Vec<Spent>) -> Result<Option<Spent>> {
    let Instrument::New(_, new) = &intent.instrument else { return Ok(None) };
    let Some(id) = new.one_time else { return Ok(None) };
    let at = held.iter().position(|one| one.id == id).ok_or_else(one_time::is_spent)?;
    Ok(Some(held.swap_remove(at)))
}

/// The method to charge, which must be the account's customer's own or nobody's.
fn method(methods: &[Chargeable], intent: &Intent, customer: Option<CustomerId>) -> Result<Chargeable> {
    let stored = match &intent.instrument {
        Instrument::New(id, new) => {
            return Ok(unstored(*id, new));
        }
        Instrument::Stored(id) => methods.iter().find(|m| m.id == *id),
    };
    let is_theirs =
        |m: &&Chargeable| m.owner.is_none_or(|owner| customer.is_none_or(|debtor| debtor == owner));
    stored.filter(is_theirs).cloned().ok_or_else(|| Failure::unknown_reference("payment_method_id"))
}

/// What a method that came with the request is to its charge.
fn unstored(id: MethodId, new: &NewMethod) -> Chargeable {
    Chargeable {
        id,
        owner: None,
        kind: new.kind,
        network: new.kind.network(new.brand.as_deref()),
        brand: new.brand.clone(),
        funding: new.funding,
        expiry: new.expiry,
        halt: Halt::default(),
        token: Some(new.token.clone()),
    }
}

/// Notes on a charge that its card had expired, which needs no processor to know.
pub(super) fn decline_unasked(charge: &mut Charge, tenant: &Tenant, now: Ts) {
    charge.state = State::Declined;
    charge.due_at = None;
    charge.receipt_to = None;
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

/// The holds in force, who pays in spite of them, and whether the amount was agreed upon before: then no minimum applies, and
/// no more is taken than may be.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) holds: &'a InForce,
    pub(super) payer: Payer,
    pub(super) agreed: bool,
}

pub(crate) fn may_pay(effects: Option<Effects>, payer: Payer) -> Result<()> {
    match effects.filter(|effects| !effects.lets_pay(payer)) {
        Some(effects) => Err(blocked("No payment can be taken on this account", effects.by.pays)),
        None => Ok(()),
    }
}

/// Whether no hold on the method, or on its owner as such, stops its being charged.
pub(crate) fn may_use(holds: &InForce, method: &Chargeable, payer: Payer) -> Result<()> {
    let effects = holds.on_method(method.id.0, method.owner);
    if effects.lets_pay(payer) {
        return Ok(());
    }
    Err(blocked("This payment method cannot be charged", effects.by.pays))
}

/// The account of a family on which a payment may be taken: refuses it by its status, and by its parent's.
pub(crate) fn payable(family: &Family, debt: DebtId) -> Result<&Debt> {
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
    Ok(target)
}

/// Whether `amount` may be taken on `debt`, and how it is split: status, holds, what is open, the minimum.
pub(super) fn admit(
    family: &Family,
    debt: DebtId,
    amount: Cents,
    tenant: &Tenant,
    Held { holds, payer, agreed }: Held<'_>,
) -> Result<Vec<(DebtId, Cents)>> {
    let target = payable(family, debt)?;
    may_pay(Some(holds.on_account(target)), payer)?;
    let accounts = if debt == family.root.id { family.payable() } else { std::slice::from_ref(target) };
    // On its parent's payment an account under a hold of its own may be passed over (15 USC 1692h).
    let passed_over = |account: &Debt| {
        let effects = holds.on_account_alone(account.id);
        (account.id != debt && (effects.applies != Applies::Any || !effects.lets_pay(payer)))
            .then_some(effects)
    };
    let children: Vec<Child<DebtId>> = accounts
        .iter()
        .map(|account| Child {
            id: account.id,
            external_id: account.external_id.clone(),
            open: account.open(),
            held: !account.status.is_payable() || passed_over(account).is_some(),
            opened_on: account.created_at.day_in(&tenant.zone),
            rate_bps: 0,
        })
        .collect();
    let open = Cents::sum(children.iter().filter(|c| !c.held).map(|c| c.open)).unwrap_or(Cents::ZERO);
    if let Some(effects) = accounts.iter().find_map(passed_over).filter(|_| open.is_zero()) {
        return Err(blocked("No payment can be taken on this account", effects.by.pays));
    }
    // Of what was agreed upon as much is taken as may be: a block may have come over a part of it since.
    let amount = if agreed && open.is_positive() { amount.min(open) } else { amount };
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
        .or(target.rules.min_payment_amount)
        .or(tenant.rules.min_payment_amount);
    if let Some(least) = least.filter(|least| !agreed && amount < *least && amount < open) {
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
