//! Instants and civil days, in the forms the database keeps exactly.

use std::fmt;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// An instant, cut to microseconds when it is made, so that it equals what the database gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(i64);

impl Ts {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Ts {
        Ts(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// As a jiff timestamp. Instants outside jiff's years -9999 to 9999 become its nearest bound.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// `span` later (earlier where negative); stays at the bounds of what can be kept.
    #[must_use]
    pub fn plus(self, span: SignedDuration) -> Ts {
        let micros =
            i64::try_from(span.as_micros()).unwrap_or(if span.is_negative() { i64::MIN } else { i64::MAX });
        Ts(self.0.saturating_add(micros))
    }

    /// `n` seconds later.
    #[must_use]
    pub fn plus_seconds(self, n: i64) -> Ts {
        self.plus(SignedDuration::from_secs(n))
    }

    /// How long after `earlier` this is; negative where it is before.
    pub fn since(self, earlier: Ts) -> SignedDuration {
        SignedDuration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The first civil day in `zone` that begins at this instant or after it.
    pub fn whole_day_in(self, zone: &TimeZone) -> Day {
        let day = self.day_in(zone);
        if day.start_in(zone) < self { day.next() } else { day }
    }

    /// The civil day on which this instant falls in `zone`.
    pub fn day_in(self, zone: &TimeZone) -> Day {
        Day(zone.to_datetime(self.timestamp()).date())
    }

    /// The instant of an RFC 3339 text, whatever its offset.
    pub fn parse(text: &str) -> Option<Ts> {
        text.parse::<Timestamp>().ok().map(Ts::from)
    }
}

impl From<Timestamp> for Ts {
    fn from(t: Timestamp) -> Ts {
        Ts(t.as_microsecond())
    }
}

/// RFC 3339 in UTC with whole seconds: `2026-11-20T13:37:00Z`.
impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// A civil day, without a time or a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl Day {
    /// The day of a text that is exactly `YYYY-MM-DD`, from the year 1 on.
    pub fn parse(text: &str) -> Option<Day> {
        let shaped = text.len() == 10
            && text
                .bytes()
                .enumerate()
                .all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        let day: Date = if shaped { text.parse().ok()? } else { return None };
        (day.year() >= 1).then_some(Day(day))
    }

    /// The first instant of this day in `zone`. Where the clocks skip midnight, the first that exists.
    pub fn start_in(self, zone: &TimeZone) -> Ts {
        self.0.to_zoned(zone.clone()).map_or(Ts(i64::MAX), |z| Ts::from(z.timestamp()))
    }

    /// The next day; the last day there is stays itself.
    #[must_use]
    pub fn next(self) -> Day {
        Day(self.0.tomorrow().unwrap_or(Date::MAX))
    }
}

/// `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_in_utc_and_reads_back_from_any_offset() {
        let t = Ts::parse("2026-11-20T08:37:00.123456789-05:00").unwrap();
        assert_eq!(t.to_string(), "2026-11-20T13:37:00Z");
        assert_eq!(t.micros() % 1_000_000, 123_456);
    }

    #[test]
    fn only_the_plain_form_is_a_day() {
        for bad in ["2026-2-1", "2026-02-30", "20260201", "2026-02-01T00:00", "0000-01-01", "", "2026-02-01 "]
        {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
        assert_eq!(Day::parse("2028-02-29").unwrap().to_string(), "2028-02-29");
    }

    #[test]
    fn a_day_begins_where_the_zone_says() {
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(Day::parse("2026-11-20").unwrap().start_in(&zone).to_string(), "2026-11-20T05:00:00Z");
        assert_eq!(Ts::parse("2026-11-20T04:59:59Z").unwrap().day_in(&zone).to_string(), "2026-11-19");
    }
}
