//! Stripe: a processor for real money, over its API.
//!
//! How the seam ([`Processor`]) is kept, and by which page of Stripe's documentation:
//!
//! - **A charge** is one request, a PaymentIntent that is confirmed as it is made, off session and with no other method than
//!   the one ordered (<https://docs.stripe.com/api/payment_intents/create>). So it succeeds, fails, or (a bank debit) goes
//!   on; nobody is asked to authenticate, and one for which somebody would have to be is called off.
//! - **Its key** is the `Idempotency-Key` and stands in the metadata. Under it Stripe gives the first answer again for 24
//!   hours at least, also where that was an error of its own, and refuses another order
//!   (<https://docs.stripe.com/api/idempotent_requests>). After that it would charge anew: nothing is sent again by then
//!   (`Capabilities::idempotency_seconds`).
//! - **No answer** is everything but a success and an error about the card or the order (`line`): a time-out, a cut line,
//!   409, 429, 5xx, an answer that cannot be read (<https://docs.stripe.com/error-low-level>).
//! - **A look-up** by key asks the search, and the lists of the last hours, which the search may not know yet (`look`). The
//!   search knows payments alone: so before a refund or void is sent its key is noted in the metadata of its payment.
//! - **The list** is what was made since, and what events say has changed, read as it is now (`list`).
//! - **States**: `succeeded` is ours; `processing` is pending; `requires_payment_method` after an error is declined, for a
//!   bank debit returned; `canceled` is voided; a dispute over the whole that took the money is a return. All else is
//!   pending, until it is called off.
//! - **Declines** are told in the network's own code where it is one, else by the table (`declines`).
//! - **Numbers** never come here. Raw ones are refused: they go to Stripe's own fields, and what we take is the id of the
//!   payment method made there (`tokens`), or what was given on a page of Stripe's (`pages`).
//!
//! Not supported: parts of a payment that are disputed (a warning in the log), currencies other than the dollar, connected
//! accounts, changes that are older than the 30 days of Stripe's events.

mod declines;
mod line;
mod list;
mod look;
mod objects;
mod pages;
mod records;
mod tokens;
mod webhook;

use std::time::Duration;

use base::{Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Decline, Instrument, Later, Lookup, Order, Page, PageAsk, Processor, RefundOrder,
    TokenizeError, Tokenized, Trace, Unreachable,
};

use self::declines::About;
pub use self::line::NotUsable;
use self::line::{Fields, Line, Not};
use self::objects::{Intent, Refund, Status};
use self::records::{CHARGE_KEY, KEY};
use self::tokens::{Kind, Token};
pub use self::webhook::Signing;

/// For how long Stripe surely knows a key. <https://docs.stripe.com/api/idempotent_requests>
const KNOWS_KEYS_SECONDS: i64 = 24 * 3_600;

/// Stripe, by one account's key. Cheap to clone.
#[derive(Clone)]
pub struct Stripe {
    line: Line,
}

impl Stripe {
    /// Where Stripe is.
    pub const ADDRESS: &'static str = "https://api.stripe.com";
    /// How long a call may take.
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// Stripe at `address`, which knows us by `key`.
    pub fn new(address: &str, key: Secret<String>, deadline: Duration) -> Result<Stripe, NotUsable> {
        Ok(Stripe { line: Line::new(address, key, deadline)? })
    }

    /// Whether real money moves: with a test key none does.
    pub fn is_live(&self) -> bool {
        self.line.is_live()
    }

    async fn charge(&self, order: &Order) -> Answer {
        let Some(token) = Token::parse(order.token.reveal()) else {
            return declined(None, "unknown_token", "The token is not known at the processor.");
        };
        let form = Fields::default()
            .with("amount", order.amount.get())
            .with("currency", "usd")
            .with("customer", &token.customer)
            .with("payment_method", &token.method)
            .with("payment_method_types[]", token.kind.word())
            .with("confirm", true)
            .with("off_session", true)
            .with("expand[]", "latest_charge")
            .with_some("description", order.description.as_ref())
            .with_metadata(&order.metadata)
            .with(&format!("metadata[{KEY}]"), &order.key);
        match self.line.post::<Intent>(&["payment_intents"], &order.key, form).await {
            Ok(intent) => match records::answer(&intent) {
                Some(answer) => answer,
                None => self.call_off(&intent).await,
            },
            Err(Not::Refused(error)) => {
                let processor_id = error.payment_intent.as_ref().map(|intent| intent.id.clone());
                let decline = match error.kind.as_str() {
                    "card_error" => Some(declines::of_error(token.kind == Kind::Bank, &error)),
                    _ => declines::of_refusal(About::Order, &error),
                };
                match decline {
                    Some(decline) => Answer::Declined { processor_id, decline },
                    None => unknown(Not::Refused(error)),
                }
            }
            Err(silent) => unknown(silent),
        }
    }

    /// Takes back a payment that waits for somebody who is not there.
    async fn call_off(&self, intent: &Intent) -> Answer {
        let key = format!("call-off-{}", intent.id);
        let path = ["payment_intents", intent.id.as_str(), "cancel"];
        match self.line.post::<Intent>(&path, &key, Fields::default()).await {
            Ok(now) if now.status == Status::Canceled => declined(
                Some(now.id),
                "authentication_required",
                "The issuer asks the holder to authenticate.",
            ),
            Ok(_) => Answer::Unknown { why: "a payment that waits could not be called off".into() },
            Err(not) => unknown(not),
        }
    }

    async fn give_back(&self, now: Ts, order: &RefundOrder) -> Result<Answer, Not> {
        let Some(intent) = self.payment_of(now, &order.charge.key).await? else {
            return Ok(declined(None, "charge_not_found", "The processor knows no such charge."));
        };
        // Nothing that came in can be given back before it has: but all of it can be taken back.
        if intent.status == Status::Processing {
            return Ok(declined(None, "not_settled", "The charge has not settled yet."));
        }
        self.mark(&intent, &records::refund_mark(&order.key), &order.key).await?;
        let form = Fields::default()
            .with("payment_intent", &intent.id)
            .with("amount", order.amount.get())
            .with_metadata(&order.metadata)
            .with(&format!("metadata[{CHARGE_KEY}]"), &order.charge.key)
            .with(&format!("metadata[{KEY}]"), &order.key);
        let made = self.line.post::<Refund>(&["refunds"], &order.key, form).await;
        taken(made, About::Refund, |refund| Some(records::answer_back(refund)))
    }

    async fn take_back(&self, now: Ts, key: &str, charge_key: &str) -> Result<Answer, Not> {
        let Some(intent) = self.payment_of(now, charge_key).await? else {
            return Ok(declined(None, "charge_not_found", "The processor knows no such charge."));
        };
        let mark = records::void_mark(key);
        let is_mine = intent.metadata.contains_key(&mark);
        if is_mine && intent.status == Status::Canceled {
            return Ok(Answer::Succeeded { processor_id: intent.id });
        }
        if !records::can_be_called_off(&intent) {
            return Ok(declined(None, "already_settled", "It cannot be taken back any more."));
        }
        self.mark(&intent, &mark, key).await?;
        let path = ["payment_intents", intent.id.as_str(), "cancel"];
        let made = self.line.post::<Intent>(&path, key, Fields::default()).await;
        taken(made, About::Void, |now| {
            (now.status == Status::Canceled).then(|| Answer::Succeeded { processor_id: now.id.clone() })
        })
    }

    /// Notes the key of what is about to be done with a payment on the payment, so that it is found by it.
    async fn mark(&self, intent: &Intent, name: &str, key: &str) -> Result<(), Not> {
        if intent.metadata.contains_key(name) {
            return Ok(());
        }
        let form = Fields::default().with(&format!("metadata[{name}]"), key);
        let path = ["payment_intents", intent.id.as_str()];
        self.line.post::<Intent>(&path, &format!("mark-{key}"), form).await.map(drop)
    }
}

/// What came of doing something with a payment.
fn taken<T>(
    made: Result<T, Not>,
    about: About,
    answer: impl FnOnce(&T) -> Option<Answer>,
) -> Result<Answer, Not> {
    match made {
        Ok(it) => answer(&it).ok_or_else(|| Not::Silent("Stripe's answer says neither yes nor no".into())),
        Err(Not::Refused(error)) => match declines::of_refusal(about, &error) {
            Some(decline) => Ok(Answer::Declined { processor_id: None, decline }),
            None => Err(Not::Refused(error)),
        },
        Err(silent) => Err(silent),
    }
}

fn unknown(not: Not) -> Answer {
    Answer::Unknown { why: not.words() }
}

fn declined(processor_id: Option<String>, code: &str, message: &str) -> Answer {
    let decline =
        Decline { code: code.into(), network_code: None, advice_code: None, message: message.into() };
    Answer::Declined { processor_id, decline }
}

impl Processor for Stripe {
    fn capabilities(&self) -> Capabilities {
        Capabilities { idempotency_seconds: Some(KNOWS_KEYS_SECONDS), lookup: true, list: true, void: true }
    }

    fn takes_cards(&self) -> bool {
        false
    }

    fn takes_accounts(&self) -> bool {
        false
    }

    fn has_pages(&self) -> bool {
        true
    }

    fn open_page<'a>(&'a self, _now: Ts, ask: &'a PageAsk) -> Later<'a, Result<String, TokenizeError>> {
        Box::pin(self.open(ask))
    }

    fn given_on_page<'a>(
        &'a self,
        _now: Ts,
        page: &'a str,
        opener: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(self.given(page, opener))
    }

    /// Refuses: a raw number is not for us to have, and not for us to pass on.
    fn tokenize<'a>(
        &'a self,
        _now: Ts,
        _instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        let words = "This payment processor takes numbers only in its own fields. Send the token that they give (pm_…).";
        Box::pin(async move { Err(TokenizeError::Refused(words.into())) })
    }

    fn inspect<'a>(
        &'a self,
        _now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(self.describe(token))
    }

    fn submit<'a>(&'a self, _now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(self.charge(order))
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async move { self.give_back(now, order).await.unwrap_or_else(unknown) })
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        Box::pin(async move { self.take_back(now, key, &charge.key).await.unwrap_or_else(unknown) })
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(self.look(now, &what.key))
    }

    fn list_since<'a>(
        &'a self,
        _now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(
            async move { self.page(since, after.as_deref()).await.map_err(|not| Unreachable(not.words())) },
        )
    }
}
