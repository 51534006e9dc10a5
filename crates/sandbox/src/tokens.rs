//! Tokens: making them, hashing them, and the ready-made ones.
//!
//! What must hold: the raw number is read here, its row and its last digits are taken, and it goes no further; a
//! token is kept only as its hash.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::book::Known;
use crate::magic::{self, Brand, On, Scenario};
use crate::turns::Turns;
use crate::wire::{About, Instrument};

/// The routing number of the ready-made bank accounts.
const ROUTING: &str = "110000000";

/// What the journal keeps of a token.
pub(crate) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// A new token from random bytes.
pub(crate) fn fresh(random: &(dyn Fn(&mut [u8]) + Send + Sync)) -> String {
    let mut bytes = [0; 16];
    random(&mut bytes);
    format!("tok_{}", hex(&bytes))
}

/// The ready-made token, where `token` is one.
pub(crate) fn ready_made(token: &str) -> Option<Known> {
    let scenario = Scenario::of_token(token)?;
    let about = match scenario.on {
        On::Card(brand, number) => card(brand, number, 12, 2099),
        On::Bank(account) => bank(ROUTING, account),
    };
    Some(Known { scenario, about, turns: None })
}

/// The row of raw data and what may be known of it, or why it is not taken.
pub(crate) fn read(instrument: &Instrument) -> Result<Known, &'static str> {
    match instrument {
        Instrument::Card { number, expiry_month, expiry_year, .. } => {
            if !magic::passes_luhn(number) {
                return Err("The card number is not valid.");
            }
            if !(1..=12).contains(expiry_month) || !(2000..=9999).contains(expiry_year) {
                return Err("The expiry date is not valid.");
            }
            let scenario = Scenario::of_card(number)
                .ok_or("This is a sandbox: it takes only the test card numbers of its documentation.")?;
            let brand = match scenario.on {
                On::Card(brand, _) => brand,
                On::Bank(_) => Brand::Visa,
            };
            let about = card(brand, number, *expiry_month, *expiry_year);
            Ok(Known { scenario, about, turns: Turns::of_card(number) })
        }
        Instrument::Bank { routing_number, account_number } => {
            if !magic::passes_aba(routing_number) {
                return Err("The routing number is not valid.");
            }
            let digits = account_number.bytes().all(|b| b.is_ascii_digit());
            if !digits || !(4..=17).contains(&account_number.len()) {
                return Err("The account number is not valid.");
            }
            let scenario = Scenario::of_account(account_number).ok_or("The account is not taken.")?;
            let about = bank(routing_number, account_number);
            Ok(Known { scenario, about, turns: Turns::of_account(account_number) })
        }
    }
}

fn card(brand: Brand, number: &str, expiry_month: u8, expiry_year: u16) -> About {
    About::Card {
        brand: brand.name().into(),
        bin: number.chars().take(6).collect(),
        last_four: last_four(number),
        expiry_month,
        expiry_year,
        funding: Some(magic::funding(number).into()),
    }
}

fn bank(routing: &str, account: &str) -> About {
    About::Bank { routing_number: routing.into(), last_four: last_four(account) }
}

/// The last four digits; of a very short number no more than half, since all of it would be the number itself.
fn last_four(number: &str) -> String {
    let shown = (number.len() / 2).min(4);
    number.chars().skip(number.len() - shown).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}
