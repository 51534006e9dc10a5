//! What is to be done about an order: decided from the book alone, changing nothing.
//!
//! What must hold: a key that was decided is never decided again; a refusal names its reason; a decision that moves
//! money says so in exactly one entry.

use crate::banking::Settles;
use crate::book::{Book, Kind};
use crate::journal::{ChargeEntry, Entry};
use crate::magic::{Does, Scenario, Why};
use crate::wire::{About, Answer, Charge, Decline, Refund, Standing};

const HOUR: i64 = 3_600 * 1_000_000;
const DAY: i64 = 24 * HOUR;

/// How an answer reaches the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// At once.
    Prompt,
    /// After the sandbox's `slow`.
    Slow,
    /// After so many milliseconds.
    After(u64),
    /// Never.
    Hang,
    /// The connection is closed instead.
    HangUp,
    /// A 500 instead.
    Error,
}

/// What is to be done.
pub(crate) enum Decision {
    /// It was decided before, under this number.
    Again(usize),
    /// The key stands for another order.
    Conflict,
    /// The order does not arrive, or breaks something; nothing is kept.
    Lost(Manner),
    /// Keep this, then answer so.
    Keep(Box<Entry>, Manner),
}

/// How long things take.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// When a bank debit settles.
    pub(crate) settles: Settles,
    /// For how long a key is remembered; `None` for ever.
    pub(crate) window: Option<i64>,
}

/// A charge on the token with this `hash`.
pub(crate) fn charge(book: &Book, order: &Charge, hash: &str, terms: Terms) -> Decision {
    let Charge { now, ref key, amount, .. } = *order;
    if let Some((seq, act)) = book.remembered(now, key, terms.window) {
        let same = matches!(&act.kind, Kind::Charge { token, .. } if token == hash);
        return if same && act.amount == amount { Decision::Again(seq) } else { Decision::Conflict };
    }
    let mut entry = ChargeEntry {
        key: key.clone(),
        token: hash.into(),
        scenario: "visa".into(),
        amount,
        at: now,
        decline: None,
        settles_at: None,
        returns: None,
        metadata: order.metadata.clone(),
    };
    let Some(known) = book.token(hash) else {
        entry.decline = Some(refusal("unknown_token", "The token is not known here."));
        return Decision::Keep(Box::new(Entry::Charge(entry)), Manner::Prompt);
    };
    let scenario = book.row(hash, known).with_amount(amount);
    entry.scenario = scenario.name.into();
    let settled = terms.settles.after(now);
    if !known.scenario.is_card() {
        entry.settles_at = Some(settled);
    }
    let mut manner = Manner::Prompt;
    match scenario.does {
        Does::Approve | Does::Settle | Does::RefundDeclined(_) | Does::RefundLost | Does::SettlesLater => {}
        Does::Decline(why) => entry.decline = Some(decline(why)),
        Does::Error => return Decision::Lost(Manner::Error),
        Does::LostBefore if book.submits(key) == 0 => return Decision::Lost(Manner::HangUp),
        Does::LostBefore => {}
        Does::LostAfter => manner = Manner::HangUp,
        Does::ErrorAfter => manner = Manner::Error,
        Does::Slow => manner = Manner::Slow,
        Does::Hang => manner = Manner::Hang,
        Does::Return(why) => entry.returns = Some((settled, decline(why))),
        Does::Chargeback(why) => entry.returns = Some((settled.saturating_add(DAY), decline(why))),
        Does::ReturnLate(days, why) => {
            entry.returns = Some((settled.saturating_add(i64::from(days) * DAY), decline(why)));
        }
    }
    if amount <= 0 {
        entry.decline = Some(refusal("invalid_amount", "The amount must be more than nothing."));
    } else if expired(&known.about, now) && entry.decline.is_none() {
        let expired = Scenario::named("expired_card");
        if let Some(Scenario { does: Does::Decline(why), .. }) = expired {
            entry.decline = Some(decline(*why));
        }
    }
    if entry.decline.is_some() {
        (entry.settles_at, entry.returns, manner) = (None, None, Manner::Prompt);
    }
    Decision::Keep(Box::new(Entry::Charge(entry)), manner)
}

/// A refund.
pub(crate) fn refund(book: &Book, order: &Refund, terms: Terms) -> Decision {
    let Refund { now, ref key, ref charge_key, amount, .. } = *order;
    if let Some((seq, act)) = book.remembered(now, key, terms.window) {
        let same = matches!(&act.kind, Kind::Refund { charge_key: c } if c == charge_key);
        return if same && act.amount == amount { Decision::Again(seq) } else { Decision::Conflict };
    }
    let refused = refuse_refund(book, now, charge_key, amount);
    let (decline, manner) = match refused {
        Ok(manner) => (None, manner),
        Err(decline) => (Some(decline), Manner::Prompt),
    };
    let (key, charge_key, metadata) = (key.clone(), charge_key.clone(), order.metadata.clone());
    Decision::Keep(Box::new(Entry::Refund { key, charge_key, amount, at: now, decline, metadata }), manner)
}

fn refuse_refund(book: &Book, now: i64, charge_key: &str, amount: i64) -> Result<Manner, Decline> {
    let Some((act, Kind::Charge { scenario, refunded, .. })) =
        book.act(charge_key).map(|(_, act)| (act, &act.kind))
    else {
        return Err(refusal("charge_not_found", "There is no such charge."));
    };
    match act.standing(now).0 {
        Standing::Succeeded => {}
        Standing::Pending => {
            return Err(refusal("not_settled", "The charge has not settled yet; void it instead."));
        }
        Standing::Declined(_) | Standing::Returned(_) | Standing::Voided => {
            return Err(refusal("not_refundable", "The charge holds no money."));
        }
    }
    if amount <= 0 {
        return Err(refusal("invalid_amount", "The amount must be more than nothing."));
    }
    if amount > act.amount - refunded {
        return Err(refusal("above_charge", "The amount is more than is left of the charge."));
    }
    match scenario.does {
        Does::SettlesLater if now.saturating_sub(act.at) < HOUR => {
            Err(refusal("not_settled", "The charge has not settled yet; void it instead."))
        }
        Does::RefundDeclined(why) => Err(decline(why)),
        Does::RefundLost => Ok(Manner::HangUp),
        _ => Ok(Manner::Prompt),
    }
}

/// A void of the charge under `charge_key`.
pub(crate) fn void(book: &Book, now: i64, key: &str, charge_key: &str) -> Decision {
    if let Some((seq, act)) = book.act(key) {
        let same = matches!(&act.kind, Kind::Void { charge_key: c } if c == charge_key);
        return if same { Decision::Again(seq) } else { Decision::Conflict };
    }
    let decline = refuse_void(book, now, charge_key);
    let (key, charge_key) = (key.to_owned(), charge_key.to_owned());
    Decision::Keep(Box::new(Entry::Void { key, charge_key, at: now, decline }), Manner::Prompt)
}

fn refuse_void(book: &Book, now: i64, charge_key: &str) -> Option<Decline> {
    let Some((act, Kind::Charge { settles_at, refunded, .. })) =
        book.act(charge_key).map(|(_, act)| (act, &act.kind))
    else {
        return Some(refusal("charge_not_found", "There is no such charge."));
    };
    let settled = Some(refusal("already_settled", "The charge has settled; refund it instead."));
    match act.standing(now).0 {
        Standing::Pending => None,
        Standing::Succeeded if settles_at.is_some() => settled,
        Standing::Succeeded if *refunded > 0 => {
            Some(refusal("already_refunded", "A part of the charge was given back already."))
        }
        Standing::Succeeded if now.saturating_sub(act.at) >= HOUR => settled,
        Standing::Succeeded => None,
        Standing::Voided => Some(refusal("already_voided", "The charge was voided already.")),
        Standing::Declined(_) | Standing::Returned(_) => {
            Some(refusal("not_voidable", "The charge holds no money."))
        }
    }
}

/// What is said where a key stands for another order.
pub(crate) fn conflict() -> Answer {
    let decline = refusal("key_conflict", "The key was used for another order.");
    Answer::Declined { processor_id: None, decline }
}

fn decline(why: Why) -> Decline {
    Decline {
        code: why.code.into(),
        network_code: why.network.map(Into::into),
        advice_code: why.advice.map(Into::into),
        message: why.message.into(),
    }
}

fn refusal(code: &'static str, message: &'static str) -> Decline {
    decline(Why { code, network: None, advice: None, message })
}

/// A card is good to the end of its month, everywhere on earth.
fn expired(about: &About, now: i64) -> bool {
    let About::Card { expiry_month, expiry_year, .. } = about else { return false };
    let Ok(today) = jiff::Timestamp::from_microsecond(now.saturating_sub(DAY / 2)) else { return false };
    let today = today.to_zoned(jiff::tz::TimeZone::UTC);
    let (year, month) = (i32::from(today.year()), i32::from(today.month()));
    (year, month) > (i32::from(*expiry_year), i32::from(*expiry_month))
}
