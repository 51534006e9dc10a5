//! The seam behind which a card and bank processor stands: what we may ask, and what it can answer.
//!
//! "It did not answer" is an answer of its own ([`Answer::Unknown`]) and never a decline. Every call carries
//! `now`, so that a sandbox can live by a test clock.

use std::collections::BTreeMap;
use std::{future::Future, pin::Pin};

use base::{Cents, Ts, secret::Secret};

/// What a processor's call gives, later. No transaction, lock or pooled connection may be held meanwhile.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A card and bank processor.
pub trait Processor: Send + Sync + 'static {
    /// What it can do; decides what the reconciler may do when an answer was lost.
    fn capabilities(&self) -> Capabilities;

    /// Whether it takes cards' numbers from us at all; else holders give them in fields of its own.
    fn takes_cards(&self) -> bool {
        true
    }

    /// The same of bank accounts.
    fn takes_accounts(&self) -> bool {
        true
    }

    /// Whether it has pages of its own, on which holders give what it does not take from us.
    fn has_pages(&self) -> bool {
        false
    }

    /// Opens such a page; gives its address. Moves no money.
    fn open_page<'a>(&'a self, _now: Ts, _ask: &'a PageAsk) -> Later<'a, Result<String, TokenizeError>> {
        Box::pin(async {
            Err(TokenizeError::Refused("This payment processor has no page of its own.".into()))
        })
    }

    /// What was given on a page, by the name with which its holder came back. Refused to anybody but who opened it.
    fn given_on_page<'a>(
        &'a self,
        _now: Ts,
        _page: &'a str,
        _opener: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async {
            Err(TokenizeError::Refused("This payment processor has no page of its own.".into()))
        })
    }

    /// Turns raw card or bank data into a token that can be charged many times. Moves no money.
    fn tokenize<'a>(
        &'a self,
        now: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>>;

    /// Describes a token that the caller made with the processor directly (`tok_…`).
    fn inspect<'a>(
        &'a self,
        now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>>;

    /// Charges a token. The same `key` never charges twice, and answers as it answered first, for as long as
    /// [`Capabilities::idempotency_seconds`] says.
    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer>;

    /// Gives money back on a charge. The same key never refunds twice, for as long.
    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer>;

    /// Takes back the whole of a charge that has not been settled yet. The same `key` never acts twice.
    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer>;

    /// What became of the charge, refund or void made under a key. [`Lookup::NotFound`] is said only where nothing was made
    /// under it, and nothing will be by what was sent before.
    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup>;

    /// Everything made or changed at or after `since`, charges and refunds alike, in an order of the processor's own;
    /// `after` is the `cursor` of the last page. What changes while pages are turned may come again.
    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>>;
}

/// What a processor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// For how many seconds the same key gives the same answer; `None` for ever, 0 where it has no such keys.
    pub idempotency_seconds: Option<i64>,
    /// Whether [`Processor::lookup`] works.
    pub lookup: bool,
    /// Whether [`Processor::list_since`] works.
    pub list: bool,
    /// Whether [`Processor::void`] works.
    pub void: bool,
}

/// A page of a processor's own to be opened, on which a holder gives a card or bank account.
#[derive(Clone, Debug)]
pub struct PageAsk {
    /// The stable key of this page.
    pub key: String,
    /// Whether a card is given there, or else a bank account.
    pub is_card: bool,
    /// Who opens it: a word that only they can repeat, and that names nobody.
    pub opener: Secret<String>,
    /// Where they come back to. The processor writes the page's name behind it.
    pub back: String,
    /// Where they come back to who give nothing.
    pub away: String,
}

/// Raw card or bank data on its way to the tokenizer. Never stored, never printed.
#[derive(Clone)]
pub enum Instrument {
    /// A card.
    Card {
        /// The number, digits only.
        number: Secret<String>,
        /// The security code, where it was given. Never stored anywhere (PCI DSS 3.3.1).
        security_code: Option<Secret<String>>,
        /// 1 to 12.
        expiry_month: u8,
        /// Four digits.
        expiry_year: u16,
        /// The holder's name.
        holder: String,
        /// The billing postal code.
        postal_code: Option<String>,
    },
    /// A bank account.
    Bank {
        /// The nine-digit ABA routing number.
        routing_number: String,
        /// 4 to 17 digits.
        account_number: Secret<String>,
        /// Checking or savings.
        kind: BankKind,
        /// A person's, or a company's.
        ownership: Ownership,
        /// The holder's name.
        holder: String,
    },
}

impl std::fmt::Debug for Instrument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Instrument::Card { .. } => "Card(***)",
            Instrument::Bank { .. } => "Bank(***)",
        })
    }
}

/// Which kind of bank account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankKind {
    /// A checking account.
    Checking,
    /// A savings account.
    Savings,
}

/// Whose bank account it is; decides the entry class of a debit (WEB or CCD).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ownership {
    /// A person's.
    #[default]
    Personal,
    /// A company's.
    Business,
}

impl Ownership {
    /// The words on the wire and in the database.
    pub const WORDS: &'static [(&'static str, Ownership)] =
        &[("personal", Ownership::Personal), ("business", Ownership::Business)];

    /// `personal` or `business`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Ownership::Personal => "personal",
            Ownership::Business => "business",
        }
    }
}

/// What the tokenizer gives.
#[derive(Clone, Debug)]
pub struct Tokenized {
    /// The processor's token.
    pub token: Secret<String>,
    /// What may be known about the instrument behind it.
    pub about: About,
}

/// What may be known about a tokenized instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A card.
    Card {
        /// `Visa`, `Mastercard`, …
        brand: String,
        /// The first six digits; empty where the processor does not tell them.
        bin: String,
        /// The last four digits.
        last_four: String,
        /// 1 to 12.
        expiry_month: u8,
        /// Four digits.
        expiry_year: u16,
        /// Whose money it spends, where the processor tells it.
        funding: Option<Funding>,
    },
    /// A bank account.
    Bank {
        /// The routing number; empty where the processor does not tell it.
        routing_number: String,
        /// The last four digits.
        last_four: String,
    },
}

base::words! {
    /// Whose money a card spends.
    Funding {
        /// The issuer's: a credit or charge card.
        Credit = "credit",
        /// Its holder's, from an account.
        Debit = "debit",
        /// Its holder's, put on it before.
        Prepaid = "prepaid",
    }
}

/// Why a token could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenizeError {
    /// The processor will not take this instrument or does not know this token; words for the caller.
    Refused(String),
    /// It did not answer, or not sensibly; words for the operator.
    Unreachable(String),
}

/// A charge to make.
#[derive(Clone, Debug)]
pub struct Order {
    /// The stable key of this intended charge.
    pub key: String,
    /// The token to charge.
    pub token: Secret<String>,
    /// How much, more than nothing.
    pub amount: Cents,
    /// Words for the statement.
    pub description: Option<String>,
    /// What we want to find on it again.
    pub metadata: Metadata,
}

/// Money to give back.
#[derive(Clone, Debug)]
pub struct RefundOrder {
    /// The stable key of this intended refund.
    pub key: String,
    /// The charge.
    pub charge: Trace,
    /// How much, more than nothing.
    pub amount: Cents,
    /// What we want to find on it again.
    pub metadata: Metadata,
}

/// By what something at the processor is known here. Its key is enough for a processor that finds things by our keys; the rest is
/// for one that knows only ids of its own, and lists by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The stable key.
    pub key: String,
    /// The processor's id, once it has said one.
    pub processor_id: Option<String>,
    /// Where it was made, it was made at this instant or later.
    pub since: Ts,
    /// Of a refund or void: the charge.
    pub of: Option<Box<Trace>>,
}

impl Trace {
    /// Of what nothing but its key is known, and since when it may have been made.
    pub fn of_key(key: impl Into<String>, since: Ts) -> Trace {
        Trace { key: key.into(), processor_id: None, since, of: None }
    }

    /// The same, sought from an earlier instant on.
    #[must_use]
    pub fn or_earlier(self, since: Ts) -> Trace {
        Trace { since: self.since.min(since), ..self }
    }
}

/// Names and values that a processor keeps on a charge or refund and gives back with it. It reads nothing in them,
/// and nothing stands there that names a person.
pub type Metadata = BTreeMap<String, String>;

/// What a processor says to a charge, refund or void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done: the money is ours (or, for a refund, theirs).
    Succeeded {
        /// The processor's id of it.
        processor_id: String,
    },
    /// Taken for processing; it will settle or be returned (ACH).
    Accepted {
        /// The processor's id of it.
        processor_id: String,
    },
    /// A definite no. Nothing moved, and nothing will under this key.
    Declined {
        /// The processor's id of it, where it keeps declines.
        processor_id: Option<String>,
        /// Why.
        decline: Decline,
    },
    /// No answer, or none that can be understood. Something may have moved.
    Unknown {
        /// What happened, for the operator.
        why: String,
    },
}

/// Why a charge was declined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// Our stable word: `insufficient_funds`, `expired_card`, `do_not_honor`, …
    pub code: String,
    /// The network's response code: `51`, `05`, `R01`, …
    pub network_code: Option<String>,
    /// The network's advice code, where it sent one: `03`, `24`, …
    pub advice_code: Option<String>,
    /// Words for people.
    pub message: String,
}

/// What became of a key.
#[expect(clippy::large_enum_variant, reason = "one at a time, and looked at at once")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The processor knows it, and this is how it stands.
    Found(Record),
    /// The processor answers that it never saw this key.
    NotFound,
    /// No answer.
    Unreachable(String),
}

/// No answer; words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable(pub String);

/// A charge or refund in the processor's own books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The key it was made under.
    pub key: String,
    /// The processor's id.
    pub processor_id: String,
    /// A charge, or a refund of the charge under this key.
    pub refund_of: Option<String>,
    /// How much.
    pub amount: Cents,
    /// How much of a charge has been given back.
    pub refunded: Cents,
    /// How it stands.
    pub standing: Standing,
    /// When it was made.
    pub made_at: Ts,
    /// When it last changed.
    pub changed_at: Ts,
    /// What was written on it; nothing where the processor keeps none.
    pub metadata: Metadata,
}

impl Record {
    /// Whether money moved, or will unless something happens.
    pub fn moved(&self) -> bool {
        matches!(self.standing, Standing::Succeeded | Standing::Pending)
    }
}

/// How a charge or refund stands in the processor's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Money moved.
    Succeeded,
    /// Taken, not settled.
    Pending,
    /// Refused; nothing moved.
    Declined(Decline),
    /// Came back, before or after it settled: an ACH return, a chargeback. The code is in the decline.
    Returned(Decline),
    /// Taken back before it settled.
    Voided,
}

/// A page of the processor's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Where the next page begins; `None` on the last.
    pub cursor: Option<String>,
}
