//! Cards and bank accounts as forms hold them: the one place of the portal where their numbers are read.
//!
//! The same fields stand on the pages at `/portal/tokenizer` and in hosted fields. What comes back to a page where something is
//! wrong is never a number.

use base::secret::Secret;
use base::us::{postal_code5, routing_number};
use base::{Code, Day, Failure, Result};
use books::orgs::Tenant;
use consumer::sessions::Visitor;
use edge::Reply;
use payments::card::{CardNumber, Expiry};
use payments::methods::{BANK_KINDS, Given, Kind, NewMethod, Ownership};

use crate::page::{self, Fault, Frame};
use crate::texts::Texts;
use crate::{Call, forms};

/// What was written besides numbers, to be shown again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) holder: String,
    /// Of a card.
    pub(crate) postal_code: String,
    /// Of a bank account: `checking` or `savings`.
    pub(crate) account_type: String,
    /// Whether it is to be kept.
    pub(crate) keep: bool,
}

impl Written {
    /// What a form holds.
    pub(crate) fn of(call: &Call) -> Written {
        Written {
            holder: forms::text(call, "holder"),
            postal_code: forms::text(call, "zip"),
            account_type: forms::text(call, "kind"),
            keep: forms::has(call, "keep"),
        }
    }

    /// Nothing yet but the name of whoever writes.
    pub(crate) fn by(name: &str) -> Written {
        Written { holder: name.to_owned(), ..Written::default() }
    }
}

/// How a new one is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It is written here.
    Here,
    /// On a page of the processor's own.
    Elsewhere,
}

/// How a new one of a kind is given; `None` where it is not.
pub(crate) fn how(call: &Call, tenant: &Tenant, kind: Kind) -> Option<How> {
    let processor = call.state.till.processor(tenant).ok()?;
    let is_taken = match kind {
        Kind::Card => processor.takes_cards(),
        Kind::Ach => processor.takes_accounts(),
    };
    if is_taken { Some(How::Here) } else { processor.has_pages().then_some(How::Elsewhere) }
}

/// What may be written anew here, each by the word that the paths have and in words.
pub(crate) fn new_ones(call: &Call, tenant: &Tenant, t: Texts) -> Vec<(String, String)> {
    let all = [(Kind::Card, "card", "pay-new-card"), (Kind::Ach, "bank", "pay-new-bank")];
    let taken = all.into_iter().filter(|(kind, ..)| how(call, tenant, *kind).is_some());
    taken.map(|(_, word, key)| (word.to_owned(), t.say(key))).collect()
}

/// The page that says that none may be.
pub(crate) fn none_taken(call: &Call, visitor: &Visitor) -> Result<Reply> {
    page::notice(422, Frame::inside(call, visitor, "pay-title"), &["pay-no-new"])
}

/// What somebody pays with and writes anew, by the word that the paths have.
pub(crate) fn kind(word: &str) -> Option<Kind> {
    match word {
        "card" => Some(Kind::Card),
        "bank" => Some(Kind::Ach),
        _ => None,
    }
}

/// The card or bank account that a form holds, or what is wrong with it.
pub(crate) fn given(call: &Call, kind: Kind, today: Day, t: Texts) -> std::result::Result<Given, Vec<Fault>> {
    match kind {
        Kind::Card => card(call, today, t),
        Kind::Ach => bank(call, t),
    }
}

/// Why the processor or the organization takes none like this, where it is that.
pub(crate) fn refused(kind: Kind, failure: &Failure, t: Texts) -> Option<Fault> {
    let (field, key) = match (failure.code()?, kind) {
        (Code::CardNotAccepted, _) => ("number", "card-not-taken"),
        (Code::ValidationFailed, Kind::Card) => ("number", "card-number-wrong"),
        (Code::ValidationFailed, Kind::Ach) => ("account", "bank-account-wrong"),
        _ => return None,
    };
    Some(Fault { field, say: t.say(key) })
}

/// The range of numbers that it is of: of a card's number the first six digits, of an account its bank.
pub(crate) fn range(given: &Given) -> &str {
    match given {
        Given::Card { number, .. } => number.bin(),
        Given::Ach { routing_number, .. } => routing_number,
        Given::Token { .. } => "",
    }
}

/// How what was made of it is told to a page: never more than a receipt shows.
pub(crate) fn told(new: &NewMethod) -> serde_json::Value {
    serde_json::json!({
        "type": new.kind.as_str(),
        "brand": new.brand,
        "last_four": new.last_four,
        "expiry_month": new.expiry.map(Expiry::month),
        "expiry_year": new.expiry.map(Expiry::year),
    })
}

fn holder(call: &Call) -> Option<String> {
    Some(forms::text(call, "holder")).filter(|name| !name.is_empty() && name.chars().count() <= 255)
}

fn card(call: &Call, today: Day, t: Texts) -> std::result::Result<Given, Vec<Fault>> {
    let text = |field| Secret::new(forms::text(call, field));
    let mut faults = Vec::new();
    let mut fault = |field: &'static str, key: &str| faults.push(Fault { field, say: t.say(key) });
    let (holder, zip, code) = (holder(call), forms::text(call, "zip"), text("code"));
    if holder.is_none() {
        fault("holder", "card-holder-wrong");
    }
    let number = CardNumber::parse(text("number").reveal());
    if number.is_none() {
        fault("number", "card-number-wrong");
    }
    let expiry = Expiry::parse(&forms::text(call, "month"), &forms::text(call, "year"));
    let expiry = expiry.filter(|expiry| !expiry.is_expired(today));
    if expiry.is_none() {
        fault("month", "card-expiry-wrong");
    }
    let fits = number.as_ref().is_none_or(|number| number.brand().fits_security_code(code.reveal()));
    if !fits || !are_digits(code.reveal(), 3..=4) {
        fault("code", "card-code-wrong");
    }
    let postal_code = postal_code5(&zip);
    if postal_code.is_none() {
        fault("zip", "check-zip-wrong");
    }
    match (number, expiry, holder) {
        (Some(number), Some(expiry), Some(holder)) if faults.is_empty() => {
            Ok(Given::Card { number, expiry, security_code: Some(code), holder, postal_code })
        }
        _ => Err(faults),
    }
}

fn bank(call: &Call, t: Texts) -> std::result::Result<Given, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut fault = |field: &'static str, key: &str| faults.push(Fault { field, say: t.say(key) });
    let holder = holder(call);
    if holder.is_none() {
        fault("holder", "bank-holder-wrong");
    }
    let word = forms::text(call, "kind");
    let account_type = BANK_KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
    if account_type.is_none() {
        fault("kind", "bank-kind-wrong");
    }
    let routing_number = routing_number(&plain(&forms::text(call, "routing")));
    if routing_number.is_none() {
        fault("routing", "bank-routing-wrong");
    }
    let [account_number, again] =
        ["account", "again"].map(|field| Secret::new(plain(&forms::text(call, field))));
    if !are_digits(account_number.reveal(), 4..=17) {
        fault("account", "bank-account-wrong");
    } else if account_number != again {
        fault("again", "bank-again-wrong");
    }
    match (routing_number, account_type, holder) {
        (Some(routing_number), Some(account_type), Some(holder)) if faults.is_empty() => Ok(Given::Ach {
            routing_number,
            account_number,
            account_type,
            ownership: Ownership::Personal,
            holder,
            postal_code: None,
            state: None,
        }),
        _ => Err(faults),
    }
}

/// A number without the blanks and hyphens that people group it by.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '-')).collect()
}

fn are_digits(text: &str, many: std::ops::RangeInclusive<usize>) -> bool {
    many.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
