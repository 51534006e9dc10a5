//! What the sandbox promises, as stories. Time is the caller's, so nothing here waits for it.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing where it did")]

mod http;
mod journal;
mod kill;
mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sandbox::wire::{Answer, Charge, Instrument, Record, Refund, Standing, TokenAnswer, Tokenize, Void};
use sandbox::{NoAnswer, Random, Service, Settings, magic};

/// 2026-11-20T13:37:00Z.
const NOW: i64 = 1_795_181_820_000_000;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Different every time, the same in every run.
fn counting() -> Random {
    let next = AtomicU64::new(1);
    Arc::new(move |bytes| {
        for chunk in bytes.chunks_mut(8) {
            let n = next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&n.to_le_bytes()[..chunk.len()]);
        }
    })
}

fn open() -> Service {
    Service::open(Settings::in_memory(), counting()).unwrap()
}

fn charge(key: &str, token: &str, amount: i64) -> Charge {
    Charge { now: NOW, key: key.into(), token: token.into(), amount, metadata: Default::default() }
}

fn refund(now: i64, key: &str, charge_key: &str, amount: i64) -> Refund {
    Refund { now, key: key.into(), charge_key: charge_key.into(), amount, metadata: Default::default() }
}

fn void(now: i64, key: &str, charge_key: &str) -> Void {
    Void { now, key: key.into(), charge_key: charge_key.into() }
}

fn tokenize(scenario: &magic::Scenario) -> Tokenize {
    let instrument = match scenario.on {
        magic::On::Card(_, number) => Instrument::Card {
            number: number.into(),
            security_code: Some("737".into()),
            expiry_month: 12,
            expiry_year: 2031,
        },
        magic::On::Bank(account) => {
            Instrument::Bank { routing_number: "021000021".into(), account_number: account.into() }
        }
    };
    Tokenize { now: NOW, instrument }
}

async fn token_of(service: &Service, scenario: &magic::Scenario) -> String {
    match service.tokenize(tokenize(scenario)).await {
        Ok(TokenAnswer::Made { token, .. }) => token,
        other => panic!("{}: {other:?}", scenario.name),
    }
}

async fn found(service: &Service, now: i64, key: &str) -> Option<Record> {
    service.lookup(now, key).await.unwrap().record
}

async fn standing(service: &Service, now: i64, key: &str) -> String {
    found(service, now, key).await.map_or("never seen".into(), |r| in_a_word(&r.standing))
}

fn in_a_word(standing: &Standing) -> String {
    match standing {
        Standing::Succeeded => "succeeded".into(),
        Standing::Pending => "pending".into(),
        Standing::Declined(d) => format!("declined {}", d.code),
        Standing::Returned(d) => format!("returned {}", d.network_code.as_deref().unwrap_or("?")),
        Standing::Voided => "voided".into(),
    }
}

/// What was said, without ids.
fn said(answer: &Result<Answer, NoAnswer>) -> String {
    match answer {
        Ok(Answer::Succeeded { .. }) => "succeeded".into(),
        Ok(Answer::Accepted { .. }) => "accepted".into(),
        Ok(Answer::Declined { decline, .. }) => format!("declined {}", decline.code),
        Err(NoAnswer::HungUp) => "hung up".into(),
        Err(NoAnswer::Error) => "error".into(),
        Err(NoAnswer::NotOffered) => "not offered".into(),
        Err(NoAnswer::Broken(_)) => "broken".into(),
    }
}
