//! What elements hold, read as what it should be.

use super::xml::Value;
use crate::bai::spell;
use crate::date::Date;
use crate::fault::{Found, Glimpse, Kind, Spoils};
use crate::forms::Form;
use crate::money::{self, Currency};
use crate::sink::{Sink, Wrong};
use crate::statement::Direction;

/// Says what is wrong with a value, so many characters from its beginning.
pub(super) fn wrong(
    value: &Value,
    at: usize,
    field: &'static str,
    kind: Kind,
    found: Found,
    expected: &'static str,
    sink: &mut Sink,
) {
    let column = value.place.column + u64::try_from(at).unwrap_or(0);
    sink.at(value.place.line, column, field, Wrong::new(kind, found, expected, Spoils::Statement));
}

fn glimpse(value: &Value) -> Found {
    if value.text.is_empty() { Found::Nothing } else { Found::Glimpse(Glimpse::of(value.text.as_bytes())) }
}

/// An amount and its currency.
pub(super) fn amount(value: &Value, field: &'static str, sink: &mut Sink) -> Option<(i64, Currency)> {
    let named = value.currency.as_deref().unwrap_or_default();
    let Some(currency) = Currency::of(named) else {
        let found =
            if named.is_empty() { Found::Nothing } else { Found::Glimpse(Glimpse::of(named.as_bytes())) };
        wrong(value, 0, field, Kind::Currency, found, "the currency of the amount, such as USD", sink);
        return None;
    };
    cents(value, field, currency, sink).map(|cents| (cents, currency))
}

/// An amount of that currency.
pub(super) fn cents(value: &Value, field: &'static str, currency: Currency, sink: &mut Sink) -> Option<i64> {
    let digits = "digits, and a point before the decimals";
    let bytes = value.text.as_bytes();
    if let Some(sign) = bytes.first().filter(|byte| matches!(byte, b'+' | b'-')) {
        wrong(
            value,
            0,
            field,
            Kind::Amount,
            Found::Byte(*sign),
            "no sign: credit or debit is said beside",
            sink,
        );
        return None;
    }
    match money::decimal(bytes, currency) {
        Ok(read) => {
            if read.extra_zeros {
                sink.note(Form::ExtraZeros, value.place.line);
            }
            Some(read.cents)
        }
        Err(bad) => {
            let (at, found, expected) = spell(bad, digits);
            wrong(value, at, field, Kind::Amount, found, expected, sink);
            None
        }
    }
}

/// A day, or the day of a time.
pub(super) fn day(value: &Value, field: &'static str, sink: &mut Sink) -> Option<Date> {
    let day = Date::from_iso(&value.text);
    if day.is_none() {
        wrong(value, 0, field, Kind::Date, glimpse(value), "a day as YYYY-MM-DD", sink);
    }
    day
}

/// A whole number.
pub(super) fn number(value: &Value, field: &'static str, sink: &mut Sink) -> Option<u64> {
    // ISO 20022 lets sequence numbers be decimals that have none.
    let number = value.text.parse().ok();
    if number.is_none() {
        wrong(value, 0, field, Kind::Count, glimpse(value), "a whole number", sink);
    }
    number
}

/// CRDT or DBIT.
pub(super) fn direction(value: &Value, field: &'static str, sink: &mut Sink) -> Option<Direction> {
    let direction = match value.text.as_str() {
        "CRDT" => Some(Direction::Credit),
        "DBIT" => Some(Direction::Debit),
        _ => None,
    };
    if direction.is_none() {
        wrong(value, 0, field, Kind::Code, glimpse(value), "CRDT or DBIT", sink);
    }
    direction
}

/// Yes or no, as XML writes it.
pub(super) fn flag(value: &Value, field: &'static str, sink: &mut Sink) -> Option<bool> {
    let flag = match value.text.as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    };
    if flag.is_none() {
        wrong(value, 0, field, Kind::Code, glimpse(value), "true or false", sink);
    }
    flag
}

/// A code of a list.
pub(super) fn code<T: Copy>(
    value: &Value,
    field: &'static str,
    known: &[(&str, T)],
    expected: &'static str,
    sink: &mut Sink,
) -> Option<T> {
    let found = known.iter().find(|(code, _)| *code == value.text).map(|(_, meaning)| *meaning);
    if found.is_none() {
        wrong(value, 0, field, Kind::Code, glimpse(value), expected, sink);
    }
    found
}
