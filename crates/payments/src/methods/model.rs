//! A payment method, opened, and what may be said about one in a request.

use std::fmt;

use base::secret::Secret;
use base::{Change, Code, Day, Failure, Result, Ts};
use books::orgs::Tenant;
use books::people::CustomerId;
use serde_json::{Value, json};

use super::halt::{Halt, Stop};
use super::one_time::OneTimeId;
use crate::acceptance;
use crate::card::{CardNumber, Expiry};
use crate::charges::postings::Rail;
use crate::networks::Network;
use crate::processor::{BankKind, Funding, Ownership};

base::ids! {
    /// A card or bank account that can be charged.
    MethodId "method"
}

/// Which rail a method pays by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A card.
    Card,
    /// A bank account, debited through ACH.
    Ach,
}

impl Kind {
    /// Over which network it is charged.
    pub const fn rail(self) -> Rail {
        match self {
            Kind::Card => Rail::Card,
            Kind::Ach => Rail::Ach,
        }
    }

    /// By whose rules one of this brand is charged.
    pub fn network(self, brand: Option<&str>) -> Network {
        match self {
            Kind::Card => Network::of_brand(brand),
            Kind::Ach => Network::Ach,
        }
    }

    /// The words of both spellings.
    pub const WORDS: &'static [(&'static str, Kind)] =
        &[("card", Kind::Card), ("ach", Kind::Ach), ("bank_account", Kind::Ach)];

    /// `card` or `ach`, as the guides and the database have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Card => "card",
            Kind::Ach => "ach",
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

/// The words for kinds of bank accounts.
pub const BANK_KINDS: &[(&str, BankKind)] =
    &[("checking", BankKind::Checking), ("savings", BankKind::Savings)];

/// `checking` or `savings`.
pub const fn bank_kind_str(kind: BankKind) -> &'static str {
    match kind {
        BankKind::Checking => "checking",
        BankKind::Savings => "savings",
    }
}

/// What of a live method decides about a charge, and the token to charge it.
#[derive(Clone, Debug)]
pub struct Chargeable {
    /// Our id.
    pub id: MethodId,
    /// Whose; a standalone one is nobody's.
    pub owner: Option<CustomerId>,
    /// Card or bank account.
    pub kind: Kind,
    /// By whose rules it is charged.
    pub network: Network,
    /// Of a card: `Visa`, …
    pub brand: Option<String>,
    /// Of a card: whose money it spends, where that is known.
    pub funding: Option<Funding>,
    /// Of a card: through when it is good.
    pub expiry: Option<Expiry>,
    /// Why it is not charged, if it is not.
    pub halt: Halt,
    /// The processor's token, where it could be opened.
    pub token: Option<Secret<String>>,
}

impl Chargeable {
    /// Refuses a card of a kind that the organization does not take on that day.
    pub fn is_taken_by(&self, tenant: &Tenant, day: Day) -> Result<()> {
        let brand = self.brand.as_deref().filter(|_| self.kind == Kind::Card);
        match acceptance::against(&tenant.rules, day, brand, self.funding) {
            Some(why) => Err(Failure::refused(Code::CardNotAccepted, why.words())),
            None => Ok(()),
        }
    }

    /// Whether a card's last day has passed.
    pub fn is_expired(&self, today: Day) -> bool {
        self.expiry.is_some_and(|expiry| expiry.is_expired(today))
    }
}

/// A payment method, opened; never with its number, its token or a security code.
#[derive(Clone, PartialEq, Eq)]
pub struct Method {
    /// Our id.
    pub id: MethodId,
    /// Whose; a standalone one is nobody's.
    pub customer_id: Option<CustomerId>,
    /// Card or bank account.
    pub kind: Kind,
    /// Of a card: `Visa`, …
    pub brand: Option<String>,
    /// Of a card: the first six digits.
    pub bin: Option<String>,
    /// Of a card: whose money it spends, where that is known.
    pub funding: Option<Funding>,
    /// The last four digits of the card or account number.
    pub last_four: String,
    /// Of a card: through when it is good.
    pub expiry: Option<Expiry>,
    /// Whose name stands on it.
    pub holder: Option<String>,
    /// The billing ZIP.
    pub postal_code: Option<String>,
    /// Of a bank account: the holder's state.
    pub state: Option<String>,
    /// Of a bank account: checking or savings, where that is known.
    pub account_type: Option<BankKind>,
    /// Of a bank account: whose it is.
    pub ownership: Option<Ownership>,
    /// Of a bank account: the routing number.
    pub routing_number: Option<String>,
    /// Whether it is its customer's first choice. It is never charged without being named.
    pub is_primary: bool,
    /// Why it is not charged, if it is not.
    pub halt: Halt,
    /// Whether it was deleted; then it can be shown with past charges, but not charged.
    pub is_deleted: bool,
    /// When it was made.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

impl Method {
    /// What it is to a charge.
    pub fn rail(&self) -> Rail {
        self.kind.rail()
    }

    /// The object an event about it carries: nothing that names its holder.
    pub(super) fn event_body(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "customer_id": self.customer_id.map(|id| id.to_string()),
            "type": self.kind.as_str(),
            "brand": self.brand,
            "funding": self.funding.map(Funding::as_str),
            "last_four": self.last_four,
            "expiry_month": self.expiry.map(Expiry::month),
            "expiry_year": self.expiry.map(Expiry::year),
            "is_primary": self.is_primary,
            "stopped": self.halt.stopped.as_ref().map(Stop::told),
            "retry_at": self.halt.retry_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }

    /// Whether it is a card whose last month is over.
    pub fn is_expired(&self, today: Day) -> bool {
        self.expiry.is_some_and(|expiry| expiry.is_expired(today))
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

/// What a caller gives to make a method of. On its way to the tokenizer, and nowhere else.
#[derive(Clone)]
pub enum Given {
    /// A card.
    Card {
        /// The number.
        number: CardNumber,
        /// Through when it is good; an expired one can be stored.
        expiry: Expiry,
        /// The security code. Never stored.
        security_code: Option<Secret<String>>,
        /// Whose name stands on it.
        holder: String,
        /// The billing ZIP.
        postal_code: Option<String>,
    },
    /// A bank account.
    Ach {
        /// The ABA routing number.
        routing_number: String,
        /// 4 to 17 digits.
        account_number: Secret<String>,
        /// Checking or savings.
        account_type: BankKind,
        /// Whose it is.
        ownership: Ownership,
        /// Whose name stands on it.
        holder: String,
        /// The ZIP.
        postal_code: Option<String>,
        /// The state.
        state: Option<String>,
    },
    /// A token that the caller made with the processor directly.
    Token {
        /// The token.
        token: Secret<String>,
        /// What the caller says it stands for.
        kind: Option<Kind>,
    },
}

/// A method that has a token and is not stored yet.
#[derive(Clone)]
pub struct NewMethod {
    /// The processor's token.
    pub token: Secret<String>,
    /// A keyed hash of the number, the same for the same card; of a token there is none.
    pub fingerprint: Option<Vec<u8>>,
    /// Card or bank account.
    pub kind: Kind,
    /// Of a card.
    pub brand: Option<String>,
    /// Of a card: the first six digits.
    pub bin: Option<String>,
    /// Of a card: whose money it spends, where the processor tells it.
    pub funding: Option<Funding>,
    /// The last four digits.
    pub last_four: String,
    /// Of a card.
    pub expiry: Option<Expiry>,
    /// Whose name stands on it.
    pub holder: Option<String>,
    /// The billing ZIP.
    pub postal_code: Option<String>,
    /// Of a bank account: the holder's state.
    pub state: Option<String>,
    /// Of a bank account.
    pub account_type: Option<BankKind>,
    /// Of a bank account.
    pub ownership: Option<Ownership>,
    /// Of a bank account.
    pub routing_number: Option<String>,
    /// The one-time token that it came by: spent where this is charged or kept.
    pub one_time: Option<OneTimeId>,
}

impl fmt::Debug for NewMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewMethod({} ***)", self.kind.as_str())
    }
}

/// What an update may change. A number never changes.
#[derive(Clone, Default)]
pub struct Fields {
    /// Whose name stands on it.
    pub holder: Change<String>,
    /// Of a card: the month, alone or with the year.
    pub expiry_month: Option<String>,
    /// Of a card: the year, in two digits or four.
    pub expiry_year: Option<String>,
    /// The billing ZIP.
    pub postal_code: Change<String>,
    /// Of a bank account: the holder's state.
    pub state: Change<String>,
    /// `true` makes it the primary one; `false` changes nothing.
    pub is_primary: Option<bool>,
}

/// What a list of methods may be filtered by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Whose.
    pub customer_id: Option<CustomerId>,
    /// Card or bank account.
    pub kind: Option<Kind>,
    /// Their customer's first choice, or the others.
    pub is_primary: Option<bool>,
    /// Those that are not charged any more, or the others.
    pub is_stopped: Option<bool>,
}
