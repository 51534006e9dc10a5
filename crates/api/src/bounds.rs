//! The ends of a span of time, as people write them in a query.

use base::{Day, Ts};
use edge::Reader;
use jiff::civil::DateTime;

/// One end of a span: a day, a civil instant, or an instant.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Day(Day),
    Civil(DateTime),
    Instant(Ts),
}

impl Bound {
    /// The field of this name.
    pub(crate) fn of(r: &mut Reader<'_>, name: &'static str, about: &str) -> Option<Bound> {
        r.text(name).describe(about).parse("must be a valid date.", "2026-11-20", Bound::parse).optional()
    }

    pub(crate) fn parse(text: &str) -> Option<Bound> {
        if let Some(day) = Day::parse(text) {
            return Some(Bound::Day(day));
        }
        if let Some(instant) = Ts::parse(text) {
            return Some(Bound::Instant(instant));
        }
        let shaped = text.len() == 19 && text.as_bytes().get(10) == Some(&b' ');
        shaped.then(|| text.parse::<DateTime>().ok()).flatten().map(Bound::Civil)
    }

    /// The first instant that is not before this bound.
    pub(crate) fn start(self, zone: &jiff::tz::TimeZone) -> Ts {
        match self {
            Bound::Day(day) => day.start_in(zone),
            Bound::Civil(civil) => {
                civil.to_zoned(zone.clone()).map_or(Ts::from_micros(i64::MAX), |z| Ts::from(z.timestamp()))
            }
            Bound::Instant(at) => at,
        }
    }

    /// The first instant after this bound: a day is included whole, an instant to the second.
    pub(crate) fn end(self, zone: &jiff::tz::TimeZone) -> Ts {
        match self {
            Bound::Day(day) => day.next().start_in(zone),
            Bound::Civil(_) | Bound::Instant(_) => self.start(zone).plus_seconds(1),
        }
    }
}
