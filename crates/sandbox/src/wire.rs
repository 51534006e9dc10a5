//! What is said to the sandbox and what it answers: the same types in process and as JSON over HTTP.
//!
//! What must hold: nothing here that can be printed carries a card number, a security code, an account number
//! or a token.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// `POST /tokens`: turn raw card or bank data into a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tokenize {
    /// The caller's instant, in microseconds since 1970.
    pub now: i64,
    /// What to tokenize.
    #[serde(flatten)]
    pub instrument: Instrument,
}

/// Raw card or bank data. Cannot be printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Instrument {
    /// A card.
    Card {
        /// The number, digits only.
        number: String,
        /// The security code. Taken and forgotten.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        security_code: Option<String>,
        /// 1 to 12.
        expiry_month: u8,
        /// Four digits.
        expiry_year: u16,
    },
    /// A bank account.
    Bank {
        /// The nine-digit ABA routing number.
        routing_number: String,
        /// 4 to 17 digits.
        account_number: String,
    },
}

impl fmt::Debug for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Instrument::Card { .. } => "Card(***)",
            Instrument::Bank { .. } => "Bank(***)",
        })
    }
}

/// `POST /tokens/inspect`: describe a token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Inspect {
    /// The caller's instant.
    pub now: i64,
    /// The token.
    pub token: String,
}

/// What tokenizing or inspecting gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum TokenAnswer {
    /// The token, and what may be known about what is behind it.
    Made {
        /// `tok_…`.
        token: String,
        /// What is behind it.
        about: About,
    },
    /// The instrument is not taken, or the token not known.
    Refused {
        /// Why, for people.
        message: String,
    },
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenAnswer::Made { about, .. } => write!(f, "Made(***, {about:?})"),
            TokenAnswer::Refused { message } => write!(f, "Refused({message})"),
        }
    }
}

/// What may be known about a tokenized instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum About {
    /// A card.
    Card {
        /// `Visa`, `Mastercard`, `American Express`, `Discover`.
        brand: String,
        /// The first six digits.
        bin: String,
        /// The last four digits.
        last_four: String,
        /// 1 to 12.
        expiry_month: u8,
        /// Four digits.
        expiry_year: u16,
        /// `credit`, `debit` or `prepaid`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        funding: Option<String>,
    },
    /// A bank account.
    Bank {
        /// The routing number.
        routing_number: String,
        /// The last four digits.
        last_four: String,
    },
}

/// `POST /charges`: charge a token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Charge {
    /// The caller's instant.
    pub now: i64,
    /// The caller's stable key of this intended charge.
    pub key: String,
    /// The token.
    pub token: String,
    /// Cents.
    pub amount: i64,
    /// What the caller wants to find on it again. Kept and given back as it is; no part of what the key stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl fmt::Debug for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Charge({}, {} cents)", self.key, self.amount)
    }
}

/// `POST /refunds`: give money back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The caller's instant.
    pub now: i64,
    /// The caller's stable key of this refund.
    pub key: String,
    /// The key of the charge.
    pub charge_key: String,
    /// Cents.
    pub amount: i64,
    /// What the caller wants to find on it again. Kept and given back as it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// `POST /voids`: take back the whole of a charge that is not settled yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Void {
    /// The caller's instant.
    pub now: i64,
    /// The caller's stable key of this void.
    pub key: String,
    /// The key of the charge.
    pub charge_key: String,
}

/// What is said to a charge, refund or void. No answer at all is [`crate::NoAnswer`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Answer {
    /// Done.
    Succeeded {
        /// The sandbox's id of it.
        processor_id: String,
    },
    /// Taken; it will settle or be returned.
    Accepted {
        /// The sandbox's id of it.
        processor_id: String,
    },
    /// A definite no. Nothing moved, and nothing will under this key because of this order.
    Declined {
        /// The sandbox's id of it; absent for a key conflict, which is not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        processor_id: Option<String>,
        /// Why.
        decline: Decline,
    },
}

/// Why something was declined or came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// The stable word.
    pub code: String,
    /// The network's or Nacha's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_code: Option<String>,
    /// Mastercard's merchant advice code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice_code: Option<String>,
    /// Words for people.
    pub message: String,
}

/// `GET /lookup?key=…&now=…`: what became of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The charge, refund or void made under the key; `None` where the key was never seen, or moved nothing
    /// because the order never arrived. It is always said: an answer without it is not this answer.
    #[serde(deserialize_with = "Option::deserialize")]
    pub record: Option<Record>,
}

/// A charge, refund or void as it stands at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The key it was made under.
    pub key: String,
    /// The sandbox's id.
    pub processor_id: String,
    /// For a refund or void, the key of its charge.
    pub refund_of: Option<String>,
    /// Cents.
    pub amount: i64,
    /// Cents of a charge that were given back.
    pub refunded: i64,
    /// How it stands.
    pub standing: Standing,
    /// When it was made.
    pub made_at: i64,
    /// When it last changed.
    pub changed_at: i64,
    /// What the caller wrote on it; nothing on what was made before there was such a thing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// How a record stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// Money moved.
    Succeeded,
    /// Taken, not settled.
    Pending,
    /// Refused; nothing moved.
    Declined(Decline),
    /// Came back, before or after it settled.
    Returned(Decline),
    /// Taken back before it settled.
    Voided,
}

/// `GET /transactions?since=…&cursor=…&now=…`: a page of charges and refunds, by last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The records, oldest change first.
    pub records: Vec<Record>,
    /// Where the next page begins; `None` on the last.
    pub cursor: Option<String>,
}

/// `GET /capabilities`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// For how many seconds the same key gives the same answer; `None` for ever.
    pub idempotency_seconds: Option<i64>,
    /// Whether keys can be looked up.
    pub lookup: bool,
    /// Whether there is a list.
    pub list: bool,
    /// Whether charges can be voided.
    pub void: bool,
}

/// What the sandbox can do, unless it is told to pretend less.
pub const CAPABILITIES: Capabilities =
    Capabilities { idempotency_seconds: None, lookup: true, list: true, void: true };

/// `GET /stats`: the figures a fault test compares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Charges that moved money, or will at settlement.
    pub charges: u64,
    /// Their cents.
    pub charged: i64,
    /// Refunds that moved money.
    pub refunds: u64,
    /// Their cents.
    pub refunded: i64,
    /// How often the journal was synced since it was opened.
    pub syncs: u64,
    /// Key by key, for charges only.
    pub keys: std::collections::BTreeMap<String, KeyStats>,
}

/// Those who submit charges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callers {
    /// How many wait for their answer at this moment.
    pub submitting: u64,
    /// How many went away before they were answered, since the start: their process ended, or they lost patience.
    pub gone: u64,
}

/// One key of a charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStats {
    /// How often a charge was submitted under it and arrived.
    pub submits: u64,
    /// How often it moved money: 0 or 1, or more where the sandbox pretends to forget keys.
    pub charges: u64,
    /// Cents it moved.
    pub charged: i64,
}
