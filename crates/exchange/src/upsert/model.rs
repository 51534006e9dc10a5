//! What another system sends of one customer, and what is made of it.

use base::{Day, Failure, Result, Ts};
use books::debts::plans::Plan;
use books::debts::{self, Debt, DebtId};
use books::locations::{self, LocationId};
use books::orgs::Tenant;
use books::people::{self, Customer, CustomerId};
use serde_json::Value;

pub use books::debts::Outcome;

/// One object as it was sent.
#[derive(Clone, PartialEq)]
pub struct Piece {
    /// Where it stands, for messages: `customer`, `debt_accounts.3`; empty where the record is this object.
    pub at: String,
    /// What was sent, in either spelling's fields.
    pub raw: Value,
}

impl Piece {
    /// What stands at `at`.
    pub fn new(at: impl Into<String>, raw: Value) -> Piece {
        Piece { at: at.into(), raw }
    }
}

/// What is applied as a whole or not at all: in this order, location, customer, parents, accounts.
#[derive(Clone, Default, PartialEq)]
pub struct Record {
    /// Where the accounts belong that name no location.
    pub location: Option<Piece>,
    /// Who owes the accounts that name no customer.
    pub customer: Option<Piece>,
    /// Accounts that group others.
    pub parents: Vec<Piece>,
    /// The accounts; those without a parent come first.
    pub accounts: Vec<Piece>,
    /// Whether accounts that name no parent stand under the one parent.
    pub nested: bool,
}

impl Record {
    /// One account by itself.
    pub fn of_account(raw: Value) -> Record {
        Record { accounts: vec![Piece::new("", raw)], ..Record::default() }
    }

    /// Every account in it, parents first.
    pub fn all_accounts(&self) -> impl Iterator<Item = &Piece> {
        self.parents.iter().chain(&self.accounts)
    }
}

/// When a creditor last heard of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    /// On this day, where the organization is.
    On(Day),
    /// At this instant.
    At(Ts),
}

impl Paid {
    /// Whether a payment at `ours` is later than this one.
    pub fn is_before(self, ours: Ts, tenant: &Tenant) -> bool {
        match self {
            Paid::On(day) => ours.day_in(&tenant.zone) > day,
            Paid::At(at) => ours > at,
        }
    }
}

/// An account as it was read.
pub enum Said {
    /// It is not known yet.
    New(Box<debts::New>),
    /// It is.
    Changes(Box<debts::Changes>),
}

/// An account as it was read, and the last payment that its sender knows of.
pub struct Account {
    /// What is said of it.
    pub said: Said,
    /// The last payment its sender knows of.
    pub last_payment: Option<Paid>,
}

/// How objects are read: by the field rules of the API, which live with it. All failing fields at once, with their
/// whole path.
pub trait Rules: Send + Sync {
    /// An account: a new one, or a change to one that is `stored`, with its newest plan.
    fn account(&self, piece: &Piece, now: Ts, stored: Option<(&Debt, Option<&Plan>)>) -> Result<Account>;

    /// A customer.
    fn customer(&self, piece: &Piece, now: Ts, stored: Option<&Customer>) -> Result<people::Fields>;

    /// A location.
    fn location(&self, piece: &Piece, now: Ts, is_new: bool) -> Result<locations::Fields>;
}

/// How a batch is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// Whether a `current_balance` is left alone where a payment of ours is later than the last one that the sender
    /// knows of.
    pub keep_later_payments: bool,
}

/// Failing fields: path and messages.
pub type Faults = Vec<(String, Vec<String>)>;

/// What a record made or changed.
#[derive(Clone, Debug)]
pub struct Made {
    /// The most that became of anything in it.
    pub outcome: Outcome,
    /// Its location.
    pub location: Option<LocationId>,
    /// Its customer.
    pub customer: Option<CustomerId>,
    /// Its accounts: parents first, then the others as they were sent.
    pub accounts: Vec<DebtId>,
    /// How many balances were left alone, because a payment of ours is later.
    pub kept: i64,
}

/// What is wrong with a record, field by field; every other failure is not the record's.
pub(super) fn faults(failure: Failure) -> Result<Faults> {
    match failure {
        Failure::Refused(refusal) if refusal.code.status() < 500 => match refusal.fields.is_empty() {
            true => Ok(vec![(String::new(), vec![refusal.say.clone()])]),
            false => Ok(refusal.fields),
        },
        other => Err(other),
    }
}

/// A failure's fields, below the place where its object stands.
pub(super) fn below(at: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(mut refusal) if !at.is_empty() => {
            if refusal.fields.is_empty() {
                refusal.fields = vec![(at.to_owned(), vec![refusal.say.clone()])];
            } else {
                for (field, _) in &mut refusal.fields {
                    *field = if field.is_empty() { at.to_owned() } else { format!("{at}.{field}") };
                }
            }
            Failure::Refused(refusal)
        }
        other => other,
    }
}
