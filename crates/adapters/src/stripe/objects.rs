//! Stripe's objects, as far as we read them.
//!
//! What must hold: nothing that Stripe adds breaks the reading of the rest, and a word we do not know is kept apart
//! ([`Status::Other`]) and never taken for one that we do. Nothing here prints a token.

use payments::processor::Metadata;
use serde::Deserialize;

/// A payment: <https://docs.stripe.com/api/payment_intents/object>.
#[derive(Clone, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) status: Status,
    pub(super) created: i64,
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) payment_method_types: Vec<String>,
    pub(super) latest_charge: Option<Expanded<Charge>>,
    pub(super) last_payment_error: Option<Box<Error>>,
}

/// How a payment stands: <https://docs.stripe.com/payments/paymentintents/lifecycle>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Processing,
    Succeeded,
    Canceled,
    #[serde(other)]
    Other,
}

/// What stands for an object unless the object itself was asked for: <https://docs.stripe.com/expand>.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Expanded<T> {
    Whole(T),
    Id(#[expect(dead_code, reason = "that it is one says enough")] String),
}

impl<T> Expanded<T> {
    pub(super) fn whole(&self) -> Option<&T> {
        match self {
            Expanded::Whole(it) => Some(it),
            Expanded::Id(_) => None,
        }
    }
}

/// An attempt to take the money: <https://docs.stripe.com/api/charges/object>.
#[derive(Clone, Deserialize)]
pub(super) struct Charge {
    pub(super) created: i64,
    #[serde(default)]
    pub(super) amount_refunded: i64,
    #[serde(default)]
    pub(super) disputed: bool,
}

/// Money given back: <https://docs.stripe.com/api/refunds/object>.
#[derive(Clone, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) created: i64,
    pub(super) status: Option<String>,
    pub(super) failure_reason: Option<String>,
    pub(super) payment_intent: Option<Expanded<Intent>>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// A dispute: <https://docs.stripe.com/api/disputes/object>.
#[derive(Clone, Deserialize)]
pub(super) struct Dispute {
    pub(super) id: String,
    pub(super) amount: i64,
    pub(super) created: i64,
    pub(super) reason: String,
    pub(super) status: String,
    pub(super) payment_method_details: Option<DisputedBy>,
}

#[derive(Clone, Deserialize)]
pub(super) struct DisputedBy {
    pub(super) card: Option<DisputedCard>,
}

#[derive(Clone, Deserialize)]
pub(super) struct DisputedCard {
    pub(super) network_reason_code: Option<String>,
}

impl Dispute {
    /// Whether the money was taken from us for it: an inquiry (`warning_…`) takes none, one that was won brought it back,
    /// one that was prevented never took it. <https://docs.stripe.com/disputes/how-disputes-work>
    pub(super) fn took_money(&self) -> bool {
        matches!(self.status.as_str(), "needs_response" | "under_review" | "lost")
    }
}

/// A card or bank account: <https://docs.stripe.com/api/payment_methods/object>.
#[derive(Clone, Deserialize)]
pub(super) struct Method {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) customer: Option<String>,
    pub(super) card: Option<Card>,
    pub(super) us_bank_account: Option<Account>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Card {
    pub(super) brand: String,
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) last4: String,
    /// The first six digits. Stripe gives them only to accounts that asked for it.
    pub(super) iin: Option<String>,
    /// `credit`, `debit`, `prepaid` or `unknown`.
    pub(super) funding: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Account {
    pub(super) last4: Option<String>,
    pub(super) routing_number: Option<String>,
}

/// A card that is being made ready for later: <https://docs.stripe.com/api/setup_intents/object>.
#[derive(Deserialize)]
pub(super) struct Setup {
    pub(super) status: String,
    pub(super) payment_method: Option<String>,
}

/// A page of Stripe's that was opened: <https://docs.stripe.com/api/checkout/sessions/object>.
#[derive(Deserialize)]
pub(super) struct Opened {
    pub(super) url: String,
}

/// The same, later.
#[derive(Deserialize)]
pub(super) struct Session {
    pub(super) status: String,
    pub(super) client_reference_id: Option<String>,
    pub(super) setup_intent: Option<Expanded<Setup>>,
}

/// Whatever is only known by its id.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// Something that happened: <https://docs.stripe.com/api/events/object>. What it carries is how the thing was then, in
/// the account's own version of the API: only ids are read from it.
#[derive(Clone, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) data: EventData,
}

#[derive(Clone, Deserialize)]
pub(super) struct EventData {
    pub(super) object: Subject,
}

/// What an event is about.
#[derive(Clone, Deserialize)]
pub(super) struct Subject {
    pub(super) id: String,
    pub(super) object: String,
    pub(super) payment_intent: Option<String>,
}

/// A page: <https://docs.stripe.com/api/pagination>.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
}

/// What an error holds: <https://docs.stripe.com/api/errors>.
#[derive(Deserialize)]
pub(super) struct Failed {
    pub(super) error: Error,
}

/// Why something was refused. Its words are not read: they may repeat a token.
#[derive(Clone, Deserialize)]
pub(super) struct Error {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) param: Option<String>,
    pub(super) advice_code: Option<String>,
    pub(super) network_advice_code: Option<String>,
    pub(super) network_decline_code: Option<String>,
    pub(super) payment_intent: Option<Box<Intent>>,
}
