//! Authorize.net: a processor for real money, over its JSON API.
//!
//! How the seam ([`Processor`]) is kept, and by which page of Authorize.net's documentation:
//!
//! - **A charge** is one `authCaptureTransaction` on a customer's payment profile
//!   (<https://developer.authorize.net/api/reference/index.html#payment-transactions-charge-a-customer-profile>). It is approved,
//!   declined, an error, or held for a person, which is pending (<https://developer.authorize.net/api/reference/responseCodes.html>).
//! - **Its key.** There are no idempotency keys (`Capabilities::idempotency_seconds` is 0): nothing is sent twice by itself. As a
//!   net below that the window for duplicates is as long as it may be, 28,800 seconds: the same order again, its mark included, is
//!   refused, and answered by what was made first
//!   (<https://support.authorize.net/s/article/Error-11-A-duplicate-transaction-has-been-submitted>).
//! - **No answer** is everything but a transaction's own result and an error about what stands in the request (`line`).
//! - **A look-up** reads a transaction by its id, or looks through the lists for the mark of its key (`look`, `records`).
//! - **The list** is what is in no batch yet, and the batches since; what is news in them is read whole (`list`).
//! - **States**: an approved card payment is ours; a bank debit is pending until it settles, and comes back as a transaction of
//!   its own, by Nacha's code; what is held is pending until somebody decides it there (`records`).
//! - **Refunds** are taken of what has settled; what has not is voided. A void is no transaction: its charge tells of it.
//! - **Declines** are told by reasons of Authorize.net's own (`declines`).
//! - **Numbers** never come here. They go to Accept.js, and what we take is its nonce, or a profile (`tokens`).
//!
//! Not supported: chargebacks of cards as far as Authorize.net is not told of them, currencies other than the dollar, the networks'
//! words for payments of stored cards that their holders did not begin.

mod declines;
mod line;
mod list;
mod look;
mod objects;
mod records;
mod requests;
mod tokens;
mod transactions;
mod webhook;

use std::time::Duration;

use base::{Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Decline, Instrument, Later, Lookup, Order, Page, Processor, Record, RefundOrder,
    Standing, TokenizeError, Tokenized, Trace, Unreachable,
};

use self::declines::About;
pub use self::line::NotUsable;
use self::line::{Line, Not};
use self::objects::{Response, Said};
use self::requests::{Charged, ChargedBy, Create, Setting, Settings, Transaction};
use self::tokens::{Kind, Token};
use self::transactions::Status;
pub use self::webhook::Signing;

/// For how long the same again is refused: the longest that there is.
/// <https://support.authorize.net/s/article/Error-11-A-duplicate-transaction-has-been-submitted>
const WINDOW_SECONDS: i64 = 28_800;
const WINDOW: Settings =
    Settings { setting: [Setting { setting_name: "duplicateWindow", setting_value: "28800" }] };
/// What it says of the same again, and where the processor behind it does.
const DUPLICATE: [&str; 2] = ["11", "318"];
/// What it says of what was voided before.
const VOIDED_BEFORE: &str = "310";

/// Authorize.net, by one account's login and key. Cheap to clone.
#[derive(Clone)]
pub struct AuthorizeNet {
    line: Line,
}

impl AuthorizeNet {
    /// Where Authorize.net is.
    pub const ADDRESS: &'static str = "https://api.authorize.net";
    /// How long a call may take.
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// Authorize.net at `address`, which knows us by an API login id and its transaction key.
    pub fn new(
        address: &str,
        login: Secret<String>,
        key: Secret<String>,
        deadline: Duration,
    ) -> Result<AuthorizeNet, NotUsable> {
        Ok(AuthorizeNet { line: Line::new(address, login, key, deadline)? })
    }

    /// Whether real money moves: at its address for tests none does.
    pub fn is_live(&self) -> bool {
        self.line.is_live()
    }

    async fn charge(&self, now: Ts, order: &Order) -> Result<Answer, Not> {
        let Some(token) = Token::parse(order.token.reveal()) else {
            return Ok(declined("unknown_token", "The token is not known at the processor."));
        };
        let transaction = Transaction {
            transaction_type: "authCaptureTransaction",
            amount: Some(records::dollars(order.amount)),
            currency_code: Some("USD"),
            profile: Some(token.charged()),
            order: Some(records::order(&order.key, order.description.as_ref())),
            line_items: Some(records::items(&order.key, None, &order.metadata)),
            transaction_settings: Some(WINDOW),
            ..Transaction::default()
        };
        let said = match self.act(About::Order, transaction).await? {
            Ok(said) => said,
            Err(decline) => return Ok(Answer::Declined { processor_id: None, decline }),
        };
        let is_bank = token.kind == Kind::Bank;
        match said.response() {
            Response::Approved => taken(is_bank, &said),
            Response::Held => taken(true, &said),
            Response::Declined => Ok(Answer::Declined {
                processor_id: said.id().map(str::to_owned),
                decline: declines::of_said(is_bank, &said),
            }),
            Response::Error if DUPLICATE.contains(&said.reason()) => self.made_before(now, &order.key).await,
            Response::Error => match declines::of_mistake(is_bank, said.reason()) {
                Some(decline) => Ok(Answer::Declined { processor_id: said.id().map(str::to_owned), decline }),
                None => Err(unsaid(&said)),
            },
            Response::Other => Err(unsaid(&said)),
        }
    }

    async fn give_back(&self, now: Ts, order: &RefundOrder) -> Result<Answer, Not> {
        let Some(charge) = self.made(now, &order.charge).await? else {
            return Ok(declined("charge_not_found", "The processor knows no such charge."));
        };
        match charge.transaction_status {
            Status::SettledSuccessfully => {}
            status if status.is_nothing() => {
                return Ok(declined("not_refundable", "No money came by this charge."));
            }
            _ => return Ok(declined("not_settled", "The charge has not settled yet.")),
        }
        let Some(of) = charge.profile.as_ref() else {
            return Ok(declined(
                "not_refundable",
                "The charge was not made of a card or account that is kept.",
            ));
        };
        let payment_profile = ChargedBy { payment_profile_id: &of.customer_payment_profile_id.0 };
        let transaction = Transaction {
            transaction_type: "refundTransaction",
            amount: Some(records::dollars(order.amount)),
            currency_code: Some("USD"),
            profile: Some(Charged { customer_profile_id: &of.customer_profile_id.0, payment_profile }),
            ref_trans_id: Some(&charge.trans_id.0),
            order: Some(records::order(&order.key, None)),
            line_items: Some(records::items(&order.key, Some(&order.charge.key), &order.metadata)),
            transaction_settings: Some(WINDOW),
        };
        let said = match self.act(About::Refund, transaction).await? {
            Ok(said) => said,
            Err(decline) => return Ok(Answer::Declined { processor_id: None, decline }),
        };
        match said.response() {
            Response::Approved => taken(charge.is_bank(), &said),
            Response::Held => taken(true, &said),
            Response::Error if DUPLICATE.contains(&said.reason()) => self.made_before(now, &order.key).await,
            Response::Declined | Response::Error => no(About::Refund, &said),
            Response::Other => Err(unsaid(&said)),
        }
    }

    async fn take_back(&self, now: Ts, charge: &Trace) -> Result<Answer, Not> {
        let Some(charge) = self.made(now, charge).await? else {
            return Ok(declined("charge_not_found", "The processor knows no such charge."));
        };
        let voided = || Answer::Succeeded { processor_id: charge.trans_id.0.clone() };
        // There is one void of a payment at most, whoever asks for it and how often.
        if charge.transaction_status == Status::Voided {
            return Ok(voided());
        }
        if !charge.transaction_status.is_unsettled() {
            return Ok(declined("already_settled", "It cannot be taken back any more."));
        }
        let transaction = Transaction {
            transaction_type: "voidTransaction",
            ref_trans_id: Some(&charge.trans_id.0),
            ..Transaction::default()
        };
        let said = match self.act(About::Void, transaction).await? {
            Ok(said) => said,
            Err(decline) => return Ok(Answer::Declined { processor_id: None, decline }),
        };
        match said.response() {
            Response::Approved => Ok(voided()),
            Response::Error if said.reason() == VOIDED_BEFORE => Ok(voided()),
            Response::Declined | Response::Error => no(About::Void, &said),
            Response::Held | Response::Other => Err(unsaid(&said)),
        }
    }

    /// What came of it; or why it was refused before it began, where the reason is known.
    async fn act(&self, about: About, transaction: Transaction<'_>) -> Result<Result<Said, Decline>, Not> {
        match self.line.act(&Create { transaction_request: transaction }).await {
            Ok(said) => Ok(Ok(said)),
            Err(Not::Refused(code)) => match declines::of_refusal(about, &code) {
                Some(decline) => Ok(Err(decline)),
                None => Err(Not::Refused(code)),
            },
            Err(silent) => Err(silent),
        }
    }

    /// What was made under a key that Authorize.net will not have again.
    async fn made_before(&self, now: Ts, key: &str) -> Result<Answer, Not> {
        let found = self.found(now, &Trace::of_key(key, now.plus_seconds(-WINDOW_SECONDS))).await?;
        found.and_then(as_answered).ok_or_else(|| {
            Not::Silent(
                "Authorize.net has made it before, and its lists do not tell what became of it".into(),
            )
        })
    }
}

/// What the first answer must have been.
fn as_answered(record: Record) -> Option<Answer> {
    let processor_id = record.processor_id;
    match record.standing {
        Standing::Succeeded => Some(Answer::Succeeded { processor_id }),
        Standing::Pending => Some(Answer::Accepted { processor_id }),
        Standing::Declined(decline) => Some(Answer::Declined { processor_id: Some(processor_id), decline }),
        Standing::Returned(_) | Standing::Voided => None,
    }
}

/// It was taken; without an id nothing was kept of it, as in an account that is in test mode.
fn taken(is_pending: bool, said: &Said) -> Result<Answer, Not> {
    let Some(id) = said.id() else {
        return Err(Not::Silent(
            "Authorize.net approved and kept nothing: is its account in test mode?".into(),
        ));
    };
    let processor_id = id.to_owned();
    Ok(if is_pending { Answer::Accepted { processor_id } } else { Answer::Succeeded { processor_id } })
}

fn no(about: About, said: &Said) -> Result<Answer, Not> {
    match declines::of_refusal(about, said.reason()) {
        Some(decline) => Ok(Answer::Declined { processor_id: said.id().map(str::to_owned), decline }),
        None => Err(unsaid(said)),
    }
}

/// An answer that leaves it open. Its reason is a number, or is not repeated.
fn unsaid(said: &Said) -> Not {
    let reason = said.reason();
    let is_number = !reason.is_empty() && reason.bytes().all(|byte| byte.is_ascii_digit());
    let reason = if is_number { reason } else { "no reason" };
    Not::Silent(format!("Authorize.net could not say what became of it ({reason})"))
}

fn declined(code: &str, message: &str) -> Answer {
    let decline =
        Decline { code: code.into(), network_code: None, advice_code: None, message: message.into() };
    Answer::Declined { processor_id: None, decline }
}

fn unknown(not: Not) -> Answer {
    Answer::Unknown { why: not.words() }
}

impl Processor for AuthorizeNet {
    fn capabilities(&self) -> Capabilities {
        Capabilities { idempotency_seconds: Some(0), lookup: true, list: true, void: true }
    }

    fn takes_cards(&self) -> bool {
        false
    }

    fn takes_accounts(&self) -> bool {
        false
    }

    /// Refuses: a raw number is not for us to have, and not for us to pass on.
    fn tokenize<'a>(
        &'a self,
        _now: Ts,
        _instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        let words = "This payment processor takes numbers only in a page with its own script. Send what Accept.js gives, as COMMON.ACCEPT.INAPP.PAYMENT:<dataValue>.";
        Box::pin(async move { Err(TokenizeError::Refused(words.into())) })
    }

    fn inspect<'a>(
        &'a self,
        _now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(self.describe(token))
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(async move { self.charge(now, order).await.unwrap_or_else(unknown) })
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async move { self.give_back(now, order).await.unwrap_or_else(unknown) })
    }

    fn void<'a>(&'a self, now: Ts, _key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        Box::pin(async move { self.take_back(now, charge).await.unwrap_or_else(unknown) })
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(self.look(now, what))
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move {
            self.page(now, since, after.as_deref()).await.map_err(|not| Unreachable(not.words()))
        })
    }
}
