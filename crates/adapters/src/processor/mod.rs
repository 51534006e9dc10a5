//! The sandbox processor behind the seam of `payments`: [`InProcess`] and [`Remote`], which answer alike.
//!
//! What must hold: only what the processor said in so many words is a decline. A refused connection, a time-out, a 500
//! or an answer that cannot be read is "unknown".

mod in_process;
mod remote;

pub use in_process::InProcess;
pub use remote::{NotAnAddress, Remote};

use base::{Cents, Ts};
use payments::processor::{
    About, Answer, Capabilities, Decline, Funding, Instrument, Lookup, Page, Record, Standing, TokenizeError,
    Tokenized, Trace, Unreachable,
};
use sandbox::wire;

/// Everything in the sandbox's journal at `path`, as it stands at `now`. Takes no lock and needs no running sandbox:
/// for checking our books against the processor's.
pub fn read_journal(path: &std::path::Path, now: Ts) -> Result<Vec<Record>, sandbox::JournalError> {
    Ok(sandbox::read_journal(path)?.all(now.micros()).into_iter().map(record).collect())
}

const fn capabilities(c: wire::Capabilities) -> Capabilities {
    Capabilities { idempotency_seconds: c.idempotency_seconds, lookup: c.lookup, list: c.list, void: c.void }
}

fn tokenize(now: Ts, instrument: &Instrument) -> wire::Tokenize {
    let instrument = match instrument {
        Instrument::Card { number, security_code, expiry_month, expiry_year, .. } => wire::Instrument::Card {
            number: number.reveal().clone(),
            security_code: security_code.as_ref().map(|code| code.reveal().clone()),
            expiry_month: *expiry_month,
            expiry_year: *expiry_year,
        },
        Instrument::Bank { routing_number, account_number, .. } => wire::Instrument::Bank {
            routing_number: routing_number.clone(),
            account_number: account_number.reveal().clone(),
        },
    };
    wire::Tokenize { now: now.micros(), instrument }
}

fn inspect(now: Ts, token: &base::secret::Secret<String>) -> wire::Inspect {
    wire::Inspect { now: now.micros(), token: token.reveal().clone() }
}

fn charge(now: Ts, order: &payments::processor::Order) -> wire::Charge {
    wire::Charge {
        now: now.micros(),
        key: order.key.clone(),
        token: order.token.reveal().clone(),
        amount: order.amount.get(),
        metadata: order.metadata.clone(),
    }
}

fn refund(now: Ts, order: &payments::processor::RefundOrder) -> wire::Refund {
    wire::Refund {
        now: now.micros(),
        key: order.key.clone(),
        charge_key: order.charge.key.clone(),
        amount: order.amount.get(),
        metadata: order.metadata.clone(),
    }
}

fn void(now: Ts, key: &str, charge: &Trace) -> wire::Void {
    wire::Void { now: now.micros(), key: key.into(), charge_key: charge.key.clone() }
}

fn answer(said: Result<wire::Answer, impl std::fmt::Display>) -> Answer {
    match said {
        Ok(wire::Answer::Succeeded { processor_id }) => Answer::Succeeded { processor_id },
        Ok(wire::Answer::Accepted { processor_id }) => Answer::Accepted { processor_id },
        // Another order stands under this key: nothing moved now, but something may have moved under it before.
        Ok(wire::Answer::Declined { decline: why, .. }) if why.code == "key_conflict" => {
            Answer::Unknown { why: why.message }
        }
        Ok(wire::Answer::Declined { processor_id, decline: why }) => {
            Answer::Declined { processor_id, decline: decline(why) }
        }
        Err(why) => Answer::Unknown { why: why.to_string() },
    }
}

fn tokenized(said: Result<wire::TokenAnswer, impl std::fmt::Display>) -> Result<Tokenized, TokenizeError> {
    match said {
        Ok(wire::TokenAnswer::Made { token, about }) => {
            Ok(Tokenized { token: base::secret::Secret::new(token), about: describe(about) })
        }
        Ok(wire::TokenAnswer::Refused { message }) => Err(TokenizeError::Refused(message)),
        Err(why) => Err(TokenizeError::Unreachable(why.to_string())),
    }
}

fn lookup(said: Result<wire::Found, impl std::fmt::Display>) -> Lookup {
    match said {
        Ok(wire::Found { record: Some(found) }) => Lookup::Found(record(found)),
        Ok(wire::Found { record: None }) => Lookup::NotFound,
        Err(why) => Lookup::Unreachable(why.to_string()),
    }
}

fn page(said: Result<wire::Page, impl std::fmt::Display>) -> Result<Page, Unreachable> {
    let page = said.map_err(|why| Unreachable(why.to_string()))?;
    Ok(Page { records: page.records.into_iter().map(record).collect(), cursor: page.cursor })
}

fn describe(about: wire::About) -> About {
    match about {
        wire::About::Card { brand, bin, last_four, expiry_month, expiry_year, funding } => {
            let funding = funding.as_deref().and_then(Funding::parse);
            About::Card { brand, bin, last_four, expiry_month, expiry_year, funding }
        }
        wire::About::Bank { routing_number, last_four } => About::Bank { routing_number, last_four },
    }
}

fn decline(d: wire::Decline) -> Decline {
    let wire::Decline { code, network_code, advice_code, message } = d;
    Decline { code, network_code, advice_code, message }
}

fn record(r: wire::Record) -> Record {
    Record {
        key: r.key,
        processor_id: r.processor_id,
        refund_of: r.refund_of,
        amount: Cents::new(r.amount),
        refunded: Cents::new(r.refunded),
        standing: match r.standing {
            wire::Standing::Succeeded => Standing::Succeeded,
            wire::Standing::Pending => Standing::Pending,
            wire::Standing::Declined(why) => Standing::Declined(decline(why)),
            wire::Standing::Returned(why) => Standing::Returned(decline(why)),
            wire::Standing::Voided => Standing::Voided,
        },
        made_at: Ts::from_micros(r.made_at),
        changed_at: Ts::from_micros(r.changed_at),
        metadata: r.metadata,
    }
}
