//! Kinds that are counted: money, whole numbers, days, instants.
//!
//! Must always hold: a fraction of a cent is refused, never rounded.

use base::{Cents, Day, Ts};
use serde_json::{Map, Value, json};

use super::sketch::Sketch;
use super::sketch::trimmed;
use super::{Field, Kind, NO_CENTS, Spot};

/// Why a value is no whole number.
pub(super) enum Odd {
    NotWhole,
    TooBig,
}

/// Digits before a JSON number or string says it is whole: `15000`, `15000.0`, `"15000.00"`.
pub(super) fn whole(value: &Value) -> Result<i64, Odd> {
    /// Up to here every whole float is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), _, _) => Ok(n),
            (None, Some(_), _) => Err(Odd::TooBig),
            (None, None, Some(f)) if f.fract() == 0.0 && f.abs() <= EXACT => {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
                let n = f as i64;
                Ok(n)
            }
            (None, None, Some(f)) if f.fract() == 0.0 => Err(Odd::TooBig),
            _ => Err(Odd::NotWhole),
        },
        Value::String(text) => {
            let text = trimmed(text);
            let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
            let (digits, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
            let is_number = !digits.is_empty()
                && !fraction.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
                && fraction.bytes().all(|b| b == b'0');
            if !is_number {
                return Err(Odd::NotWhole);
            }
            let digits = digits.trim_start_matches('0');
            if digits.is_empty() {
                Ok(0)
            } else {
                digits.parse::<i64>().map(|n| sign * n).map_err(|_| Odd::TooBig)
            }
        }
        _ => Err(Odd::NotWhole),
    }
}

fn bounded(value: &Value, least: Option<i64>, most: Option<i64>, spot: &mut Spot<'_>) -> Option<i64> {
    let is_negative = |value: &Value| match value {
        Value::String(text) => trimmed(text).starts_with('-'),
        other => other.as_f64().is_some_and(|f| f < 0.0),
    };
    let n = match whole(value) {
        Ok(n) => n,
        Err(Odd::NotWhole) => {
            spot.say("must be an integer.");
            return None;
        }
        Err(Odd::TooBig) if is_negative(value) => i64::MIN,
        Err(Odd::TooBig) => i64::MAX,
    };
    let (low, high) = (least.is_some_and(|least| n < least), most.is_some_and(|most| n > most));
    match (least, most) {
        _ if !low && !high => return Some(n),
        (Some(least), Some(most)) if most < Cents::MOST.get() => {
            spot.say(&format!("must be between {least} and {most}."));
        }
        (Some(least), _) if low => spot.say(&format!("must be at least {least}.")),
        (_, most) => spot.say(&format!("must not be greater than {}.", most.unwrap_or(i64::MAX))),
    }
    None
}

fn schema(least: Option<i64>, most: Option<i64>) -> Value {
    let mut number = Map::from_iter([("type".into(), json!("integer"))]);
    let bounds = [("minimum", least), ("maximum", most)];
    number.extend(bounds.into_iter().filter_map(|(name, n)| Some((name.to_owned(), n?.into()))));
    let pattern = match least {
        Some(1..) => r"^\s*0*[1-9][0-9]*(\.0+)?\s*$",
        Some(0) => r"^\s*[0-9]+(\.0+)?\s*$",
        _ => r"^\s*-?[0-9]+(\.0+)?\s*$",
    };
    json!({"anyOf": [number, {"type": "string", "pattern": pattern}]})
}

/// Whole cents.
pub struct Money {
    least: i64,
    most: i64,
}

impl Default for Money {
    fn default() -> Money {
        Money { least: 0, most: Cents::MOST.get() }
    }
}

impl Field<'_, '_, Money> {
    /// More than nothing.
    pub fn positive(mut self) -> Self {
        self.kind.least = 1;
        self
    }

    /// Negative amounts make sense here.
    pub fn signed(mut self) -> Self {
        self.kind.least = -Cents::MOST.get();
        self
    }

    /// No less than this.
    pub fn at_least(mut self, least: Cents) -> Self {
        self.kind.least = least.get();
        self
    }

    /// No more than this.
    pub fn at_most(mut self, most: Cents) -> Self {
        self.kind.most = most.get();
        self
    }
}

impl Kind for Money {
    type Out = Cents;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Cents> {
        bounded(value, Some(self.least), Some(self.most), spot).map(Cents::new)
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        schema(Some(self.least), Some(self.most))
    }

    fn harmless(&self) -> Cents {
        NO_CENTS
    }
}

/// A whole number.
#[derive(Default)]
pub struct Int {
    least: Option<i64>,
    most: Option<i64>,
}

impl Field<'_, '_, Int> {
    /// No less and no more than these.
    pub fn between(mut self, least: i64, most: i64) -> Self {
        (self.kind.least, self.kind.most) = (Some(least), Some(most));
        self
    }

    /// No less than this.
    pub fn at_least(mut self, least: i64) -> Self {
        self.kind.least = Some(least);
        self
    }
}

impl Kind for Int {
    type Out = i64;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<i64> {
        bounded(value, self.least, self.most.or(Some(i64::MAX - 1)), spot)
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        schema(self.least, self.most)
    }

    fn harmless(&self) -> i64 {
        self.least.unwrap_or(0)
    }
}

/// A civil day.
#[derive(Default)]
pub struct Days {
    before: Option<Day>,
    from: Option<Day>,
}

impl Field<'_, '_, Days> {
    /// A day before `today`: dates of birth.
    pub fn before_today(mut self, today: Day) -> Self {
        self.kind.before = Some(today);
        self
    }

    /// `today` or later.
    pub fn from_today(mut self, today: Day) -> Self {
        self.kind.from = Some(today);
        self
    }
}

impl Kind for Days {
    type Out = Day;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Day> {
        let Some(day) = value.as_str().and_then(|text| Day::parse(trimmed(text))) else {
            spot.say("must match the format Y-m-d.");
            return None;
        };
        if self.before.is_some_and(|today| day >= today) {
            spot.say("must be a date before today.");
            None
        } else if self.from.is_some_and(|today| day < today) {
            spot.say("must be a date after or equal to today.");
            None
        } else {
            Some(day)
        }
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        json!({"type": "string", "format": "date"})
    }

    fn harmless(&self) -> Day {
        Ts::from_micros(0).day_in(&jiff::tz::TimeZone::UTC)
    }
}

/// An instant.
#[derive(Default)]
pub struct Moment {
    after: Option<Ts>,
    until: Option<Ts>,
}

impl Field<'_, '_, Moment> {
    /// Later than `now`.
    pub fn after(mut self, now: Ts) -> Self {
        self.kind.after = Some(now);
        self
    }

    /// `now` or earlier.
    pub fn until(mut self, now: Ts) -> Self {
        self.kind.until = Some(now);
        self
    }
}

impl Kind for Moment {
    type Out = Ts;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Ts> {
        match value.as_str().and_then(|text| Ts::parse(trimmed(text))) {
            None => {
                spot.say("must be a valid date.");
                None
            }
            Some(at) if self.after.is_some_and(|now| at <= now) => {
                spot.say("must be a date after now.");
                None
            }
            Some(at) if self.until.is_some_and(|now| at > now) => {
                spot.say("must be a date before or equal to now.");
                None
            }
            at => at,
        }
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        json!({"type": "string", "format": "date-time"})
    }

    fn harmless(&self) -> Ts {
        Ts::from_micros(0)
    }
}
