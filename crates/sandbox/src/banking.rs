//! When a bank debit settles: after some time, or by the Federal Reserve's calendar.
//!
//! The calendar is made here once more, by other means than the platform's: the sandbox depends on nothing of it, and
//! a mistake of one of the two shows.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, tz::TimeZone};

/// What bank debits settle by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Settles {
    /// So many microseconds.
    After(i64),
    /// The morning of the banking day after the one on which they are processed.
    OnBankingDays,
}

impl Settles {
    /// When what is taken at `now` settles; both in microseconds since 1970.
    pub(crate) fn after(self, now: i64) -> i64 {
        match self {
            Settles::After(micros) => now.saturating_add(micros),
            Settles::OnBankingDays => next_morning(now).unwrap_or(now),
        }
    }
}

/// 8:30 in New York on the banking day after the one on which `now` is processed; what comes at 16:45 or later is
/// processed on the next one. `None` outside the years that can be told.
fn next_morning(now: i64) -> Option<i64> {
    let zone = TimeZone::get("America/New_York").ok()?;
    let local = zone.to_datetime(Timestamp::from_microsecond(now).ok()?);
    let mut day = local.date();
    let in_time = is_open(day) && (local.hour(), local.minute()) < (16, 45);
    for _ in 0..if in_time { 1 } else { 2 } {
        day = next_open(day)?;
    }
    Some(day.at(8, 30, 0, 0).to_zoned(zone).ok()?.timestamp().as_microsecond())
}

fn next_open(day: Date) -> Option<Date> {
    let mut day = day.tomorrow().ok()?;
    while !is_open(day) {
        day = day.tomorrow().ok()?;
    }
    Some(day)
}

/// Whether the Federal Reserve settles on a day: told by the day itself, without looking for the year's holidays.
fn is_open(day: Date) -> bool {
    use Weekday::{Monday, Saturday, Sunday, Thursday};
    let weekday = day.weekday();
    let of_the_month = (day.day() - 1) / 7 + 1;
    let fixed =
        |date: Date| matches!((date.month(), date.day()), (1, 1) | (6, 19) | (7, 4) | (11, 11) | (12, 25));
    let yesterdays = weekday == Monday && day.yesterday().is_ok_and(fixed);
    let moving = match (day.month(), weekday) {
        (1 | 2, Monday) => of_the_month == 3,
        (5, Monday) => day.day() > 24,
        (9, Monday) => of_the_month == 1,
        (10, Monday) => of_the_month == 2,
        (11, Thursday) => of_the_month == 4,
        _ => false,
    };
    !matches!(weekday, Saturday | Sunday) && !fixed(day) && !yesterdays && !moving
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settles(taken: &str) -> String {
        let now: Timestamp = taken.parse().unwrap();
        let at = Settles::OnBankingDays.after(now.as_microsecond());
        Timestamp::from_microsecond(at).unwrap().to_string()
    }

    #[test]
    fn a_debit_settles_on_the_morning_of_the_next_banking_day() {
        assert_eq!(settles("2026-11-20T15:00:00Z"), "2026-11-23T13:30:00Z", "over the weekend");
        assert_eq!(settles("2026-11-20T22:00:00Z"), "2026-11-24T13:30:00Z", "after the cut-off");
        assert_eq!(settles("2026-11-25T15:00:00Z"), "2026-11-27T13:30:00Z", "over Thanksgiving");
        assert_eq!(
            settles("2026-07-02T15:00:00Z"),
            "2026-07-03T12:30:00Z",
            "a Saturday's holiday is not kept"
        );
        assert_eq!(settles("2027-07-02T15:00:00Z"), "2027-07-06T12:30:00Z", "a Sunday's is, on the Monday");
    }

    #[test]
    fn or_after_some_time() {
        assert_eq!(Settles::After(60).after(5), 65);
        assert_eq!(Settles::After(60).after(i64::MAX), i64::MAX);
    }
}
