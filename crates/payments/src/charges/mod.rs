//! Charges: how one lives, how it is split, what it moves in the ledger.
//!
//! A charge is accepted and claimed in one transaction, sent to the processor outside any, and settled in
//! another. Its key at the processor is stable for the intended charge, so whatever is sent again, by whomever,
//! charges once. "No answer" is a state, and the reservation stays with it until the processor says what
//! became of it. A claim has a fence: an answer that comes back under an older one changes nothing.
//!
//! - [`accept`]: what may be charged, reserved and claimed;
//! - [`authorization`]: what its customer authorized, where they were asked by a page of ours;
//! - [`settle`]: what an answer does to charge, accounts, ledger, transactions and events;
//! - `instalments`: what that does to the plan that a charge belongs to;
//! - `receipt`: that it succeeded is told to whoever paid, where that was asked for;
//! - [`refunds`]: the same for giving money back;
//! - [`label`], [`recreate`], [`findings`]: what the processor did and the books do not know;
//! - [`resolve`]: what a person decides where nobody else can;
//! - [`till`]: the whole way of one charge, and the steps that finish what was left open.

pub mod accept;
pub mod allocation;
pub mod authorization;
pub mod claims;
pub(crate) mod consequences;
pub mod findings;
pub(crate) mod instalments;
pub mod label;
pub mod machine;
pub mod postings;
pub(crate) mod receipt;
pub mod recreate;
pub mod refunds;
pub mod resolve;
pub mod settle;
pub mod till;

use base::db::{Ids, Texts, Tx};
use base::page::{Listed, Page, Which};
use base::vault::Sealed;
use base::{Cents, Day, Ref, Result, TenantId, Ts};
use books::counts::{self, List};
use books::debts::DebtId;
use books::debts::plans::InstalmentId;
use books::holds::Payer;
use books::orgs::Tenant;
use books::people::CustomerId;

use self::machine::{RefundState, State};
use self::postings::{Part, Rail};
use crate::methods::MethodId;
use crate::networks::{Class, Retry};
use crate::processor::{Decline, Trace};

base::ids! {
    /// A charge.
    ChargeId "chg"
    /// A refund of a charge.
    RefundId "rfd"
}

base::record! {
    /// A charge.
    pub struct Charge in "charge" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: ChargeId,
        /// The account it is about; a parent's payment is split over its children.
        pub debt_id: Option<DebtId>,
        /// Who pays.
        pub customer_id: Option<CustomerId>,
        /// What is charged.
        pub payment_method_id: MethodId,
        /// Over which network.
        pub rail: Rail,
        /// How much.
        pub amount: Cents,
        /// How much was given back, or is on its way back.
        pub refunded_amount: Cents,
        /// How it stands.
        pub state: State,
        /// Whether only a person can decide it.
        pub review: bool,
        /// Whether the account's balance moves with it.
        pub linked: bool,
        /// Who asked for it: `api`, `portal`, `schedule`.
        pub source: String,
        /// Who pays, where it is not the customer.
        pub payer: Payer,
        /// The stable key of this intended charge at the processor.
        pub pkey: String,
        /// Rises with every claim.
        pub fence: i64,
        /// Scheduled: when it is due. Submitting: when its lease ends. Unknown and pending: when to ask.
        pub due_at: Option<Ts>,
        /// How often the reconciler has asked.
        pub checks: i64,
        /// Until when somebody is asking the processor about it.
        pub asked_until: Option<Ts>,
        /// The day it was scheduled for.
        pub scheduled_at: Option<Day>,
        /// The instalment of a plan that it pays.
        pub instalment_id: Option<InstalmentId>,
        /// The processor's id of it.
        pub processor_id: Option<String>,
        /// Why it was declined, came back, or was called off.
        pub code: Option<String>,
        /// The network's response code.
        pub network_code: Option<String>,
        /// The network's advice code.
        pub advice_code: Option<String>,
        /// What kind of no it was, where a network said it.
        pub decline_class: Option<Class>,
        /// Whether the same may be tried again.
        pub decline_retry: Option<Retry>,
        /// Not before this instant, where the network names one.
        pub retry_at: Option<Ts>,
        /// Of a bank debit: the banking day on which it is expected to settle.
        pub settles_on: Option<Day>,
        /// The same in words.
        pub message: Option<String>,
        /// The caller's words.
        pub description: Option<String>,
        /// Where a receipt goes once it has succeeded, sealed; gone as soon as that is decided.
        pub receipt_to: Option<Sealed>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
        /// When it was first sent.
        pub submitted_at: Option<Ts>,
        /// When its outcome was known.
        pub completed_at: Option<Ts>,
    }
}

impl Charge {
    /// By what the processor may find it.
    pub(crate) fn trace(&self) -> Trace {
        let of_key = Trace::of_key(&self.pkey, self.submitted_at.unwrap_or(self.created_at));
        Trace { processor_id: self.processor_id.clone(), ..of_key }
    }

    /// One to which nothing has happened: so much of a method, under this key at the processor.
    pub(crate) fn fresh(
        tenant_id: TenantId,
        id: ChargeId,
        (payment_method_id, rail): (MethodId, Rail),
        amount: Cents,
        pkey: String,
        now: Ts,
    ) -> Charge {
        Charge {
            tenant_id,
            id,
            debt_id: None,
            customer_id: None,
            payment_method_id,
            rail,
            amount,
            refunded_amount: Cents::ZERO,
            state: State::Submitting,
            review: false,
            linked: false,
            source: String::new(),
            payer: Payer::Customer,
            pkey,
            fence: 1,
            due_at: None,
            checks: 0,
            asked_until: None,
            scheduled_at: None,
            instalment_id: None,
            processor_id: None,
            code: None,
            network_code: None,
            advice_code: None,
            decline_class: None,
            decline_retry: None,
            retry_at: None,
            settles_on: None,
            message: None,
            description: None,
            receipt_to: None,
            created_at: now,
            updated_at: now,
            submitted_at: None,
            completed_at: None,
        }
    }

    /// What is left of it to give back.
    pub fn refundable(&self) -> Cents {
        self.amount.minus_down_to_zero(self.refunded_amount)
    }

    /// Notes why it was declined or came back.
    fn blame(&mut self, decline: &Decline) {
        self.code = Some(decline.code.clone());
        self.network_code.clone_from(&decline.network_code);
        self.advice_code.clone_from(&decline.advice_code);
        self.message = Some(decline.message.clone());
    }

    /// The object an event about it carries.
    pub fn event_body(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id.to_string(),
            "debt_account_id": self.debt_id.map(|id| id.to_string()),
            "customer_id": self.customer_id.map(|id| id.to_string()),
            "payment_method_id": self.payment_method_id.to_string(),
            "amount": self.amount.get(),
            "refunded_amount": self.refunded_amount.get(),
            "state": self.state.as_str(),
            "type": self.rail.as_str(),
            "linked_debt_account": self.linked,
            "payment_source": self.source,
            "payer": self.payer.as_str(),
            "scheduled_at": self.scheduled_at.map(|day| day.to_string()),
            "instalment_id": self.instalment_id.map(|id| id.to_string()),
            "code": self.code,
            "network_code": self.network_code,
            "advice_code": self.advice_code,
            "class": self.decline_class.map(Class::as_str),
            "retry": self.decline_retry.map(Retry::as_str),
            "retry_at": self.retry_at.map(|at| at.to_string()),
            "settles_on": self.settles_on.map(|day| day.to_string()),
            "message": self.message,
            "description": self.description,
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

base::record! {
    /// A part of a charge and the account it is applied to, fixed when the charge was accepted.
    pub struct PartRow in "charge_part" {
        /// Whose.
        pub tenant_id: TenantId,
        /// The charge.
        pub charge_id: ChargeId,
        /// The account.
        pub debt_id: DebtId,
        /// How much of the charge.
        pub amount: Cents,
        /// How much of that was given back, or is on its way back.
        pub refunded: Cents,
    }
}

/// A charge's parts as the postings see them: a charge that moves no account is one part in suspense.
fn parts_of(charge: &Charge, rows: &[PartRow]) -> Vec<Part> {
    if rows.is_empty() {
        return vec![Part { debt: None, amount: charge.amount, refunded: charge.refunded_amount }];
    }
    rows.iter()
        .map(|row| Part { debt: Some(row.debt_id.0), amount: row.amount, refunded: row.refunded })
        .collect()
}

base::words! {
    /// How money goes back.
    RefundKind {
        /// After the charge settled, in part or in whole.
        Refund = "refund",
        /// Before it settled, in whole: the processor forgets it.
        Void = "void",
    }
}

base::record! {
    /// Money given back, or on its way back.
    pub struct Refund in "refund" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: RefundId,
        /// The charge.
        pub charge_id: ChargeId,
        /// By a refund or a void.
        pub kind: RefundKind,
        /// How much.
        pub amount: Cents,
        /// How it stands.
        pub state: RefundState,
        /// Whether only a person can decide it.
        pub review: bool,
        /// The stable key of this intended refund at the processor.
        pub pkey: String,
        /// Rises with every claim.
        pub fence: i64,
        /// When its lease ends, or when to ask.
        pub due_at: Option<Ts>,
        /// How often the reconciler has asked.
        pub checks: i64,
        /// Until when somebody is asking the processor about it.
        pub asked_until: Option<Ts>,
        /// The processor's id of it.
        pub processor_id: Option<String>,
        /// Why it was refused.
        pub code: Option<String>,
        /// The same in words.
        pub message: Option<String>,
        /// When it was made.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Refund {
    /// By what the processor may find it, which is a refund or void of `charge`.
    pub(crate) fn trace(&self, charge: &Charge) -> Trace {
        let of_key = Trace::of_key(&self.pkey, self.created_at);
        let of = Some(Box::new(charge.trace()));
        Trace { processor_id: self.processor_id.clone(), of, ..of_key }
    }
}

/// The charge of an id, if it is the tenant's.
pub async fn by_id(tx: &Tx, tenant: &Tenant, id: ChargeId) -> Result<Option<Charge>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// The charge a reference names. Charges have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Charge>> {
    match which.ours() {
        Some(id) => by_id(tx, tenant, ChargeId(id)).await,
        None => Ok(None),
    }
}

/// The charges of these ids.
pub async fn load(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Charge>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}

/// Which charges a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One customer's.
    pub customer: Option<CustomerId>,
    /// Those on one account.
    pub debt: Option<DebtId>,
    /// Those of one method.
    pub method: Option<MethodId>,
    /// Those that stand like one of these.
    pub states: Option<Vec<State>>,
    /// Those that wait for a person, or those that do not.
    pub review: Option<bool>,
    /// Those that cards pay, or bank accounts.
    pub rail: Option<crate::methods::Kind>,
    /// Those that came from there.
    pub source: Option<String>,
    /// Those for this day or later.
    pub due_from: Option<Day>,
    /// Those for this day or earlier.
    pub due_to: Option<Day>,
}

/// A page of charges, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Charge>> {
    let words = |all: &Vec<State>| Texts(all.iter().map(|s| s.as_str().to_owned()).collect());
    let which = Which::of(tenant.id, "true")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("payment_method_id = ?", filter.method)
        .filter_if("state IN texts(?)", filter.states.as_ref().map(words))
        .flagged_if("review", filter.review)
        .filter_if("rail = ?", filter.rail.map(crate::methods::Kind::as_str))
        .filter_if("source = ?", filter.source.as_deref())
        .filter_if("scheduled_at >= ?", filter.due_from)
        .filter_if("scheduled_at <= ?", filter.due_to);
    let counted = counts::of(tx, tenant, List::Charges, &which, page).await?;
    which.page_of(tx, page, counted).await
}

/// What a caller wants back of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// This much, or all that is left: of a charge that has not settled only all of it, by a void.
    Money(Option<Cents>),
    /// All of it, before it settles.
    Void,
}

/// Seconds until an unanswered question is asked again: 5 s, doubling, an hour at most.
fn next_check_seconds(checks: i64) -> i64 {
    5i64.checked_shl(u32::try_from(checks.clamp(0, 20)).unwrap_or(20)).unwrap_or(3_600).clamp(5, 3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_repeated_ever_more_rarely_but_at_least_hourly() {
        assert_eq!([0, 1, 2, 9, 10, 500].map(next_check_seconds), [5, 10, 20, 2_560, 3_600, 3_600]);
    }
}
