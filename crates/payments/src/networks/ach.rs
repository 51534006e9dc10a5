//! When a bank debit settles, and until when it can come back.
//!
//! A debit taken on a banking day before the cut-off is processed that day, any other on the next banking day; its
//! effective entry date is the banking day after, and on it the Federal Reserve settles. A bank returns what it
//! cannot pay within two banking days, and what its customer says they did not authorize within sixty days. A return
//! may be later still, where the banks agree: nothing here ends a debit's life. The figures are `rules/ach_timing.csv`'s.
//! Source: Nacha Operating Rules, Subsection 3.3.1 (settlement).

use std::sync::OnceLock;

use base::us::{banking_day_from, is_banking_day, next_banking_day, plus_banking_days};
use base::{Cents, Day, Ts};
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::Counter;
use super::rows::{Term, lines};

/// Where the Federal Reserve's clocks stand.
const ZONE: &str = "America/New_York";

const TIMING: &str = include_str!("../../rules/ach_timing.csv");
const SAME_DAY: &str = include_str!("../../rules/ach_same_day.csv");
const RATES: &str = include_str!("../../rules/ach_return_rates.csv");

/// When debits are processed, settle and come back, as long as it is in force.
#[derive(Clone, Debug)]
pub struct Timing {
    /// After which a debit belongs to the next banking day, Eastern time.
    pub cut_off: Time,
    /// At which debits of the day before settle, Eastern time.
    pub settles: Time,
    /// How many banking days an ordinary return takes at most.
    pub ordinary_return_days: u32,
    /// How many calendar days a consumer has to say that they did not authorize a debit.
    pub unauthorized_return_days: u32,
    /// How many banking days after a prenote has settled its account may be debited.
    pub prenote_days: u32,
    /// When, and by which source.
    pub term: Term,
}

/// What may settle on the day on which it is sent, as long as it is in force.
#[derive(Clone, Debug)]
pub struct SameDay {
    /// The end of the last window, Eastern time.
    pub until: Time,
    /// The most that one entry may be about.
    pub most: Cents,
    /// When, and by which source.
    pub term: Term,
}

/// How many of a counter's returns are too many, as long as it is in force.
#[derive(Clone, Debug)]
pub struct Rate {
    /// Which returns.
    pub counter: Counter,
    /// Of a thousand debits.
    pub most_per_mille: i64,
    /// Within how many days.
    pub days: u32,
    /// When, and by which source.
    pub term: Term,
}

/// Every row.
pub(super) fn same_days() -> &'static [SameDay] {
    static ROWS: OnceLock<Vec<SameDay>> = OnceLock::new();
    let read = || {
        lines(SAME_DAY, |line| {
            Some(SameDay {
                until: line.text("until").parse().ok()?,
                most: Cents::new(line.text("most_cents").parse().ok()?),
                term: line.term()?,
            })
        })
    };
    ROWS.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

/// Every row.
pub(super) fn all_rates() -> &'static [Rate] {
    static ROWS: OnceLock<Vec<Rate>> = OnceLock::new();
    let read = || {
        lines(RATES, |line| {
            Some(Rate {
                counter: Counter::parse(line.text("counter"))?,
                most_per_mille: line.text("most_per_mille").parse().ok()?,
                days: line.text("days").parse().ok()?,
                term: line.term()?,
            })
        })
    };
    ROWS.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

/// What may settle on `day` itself; `None` where nothing may.
pub fn same_day(day: Day) -> Option<&'static SameDay> {
    same_days().iter().find(|row| row.term.holds(day))
}

/// The rates that are in force on `day`.
pub fn rates(day: Day) -> impl Iterator<Item = &'static Rate> {
    all_rates().iter().filter(move |row| row.term.holds(day))
}

/// Every row.
pub(super) fn timings() -> &'static [Timing] {
    static ROWS: OnceLock<Vec<Timing>> = OnceLock::new();
    let read = || {
        lines(TIMING, |line| {
            Some(Timing {
                cut_off: line.text("cut_off").parse().ok()?,
                settles: line.text("settles").parse().ok()?,
                ordinary_return_days: line.text("ordinary_return_days").parse().ok()?,
                unauthorized_return_days: line.text("unauthorized_return_days").parse().ok()?,
                prenote_days: line.text("prenote_days").parse().ok()?,
                term: line.term()?,
            })
        })
    };
    ROWS.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

/// The row of a day; before the first as by that.
fn timing(day: Day) -> &'static Timing {
    let rows = timings();
    rows.iter().find(|row| row.term.holds(day)).unwrap_or(&rows[0])
}

fn eastern() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

/// The civil day at `at`, where the Federal Reserve is.
pub fn day(at: Ts) -> Day {
    at.day_in(&eastern())
}

/// The instant of a day at which the Federal Reserve's clocks show `time`.
pub fn at(day: Day, time: Time) -> Ts {
    let local = day.0.to_datetime(time);
    local.to_zoned(eastern()).map_or(Ts::from_micros(i64::MAX), |zoned| Ts::from(zoned.timestamp()))
}

/// The time there at `at`.
pub fn time(at: Ts) -> Time {
    eastern().to_datetime(at.timestamp()).time()
}

/// The banking day on which a debit taken at `at` is processed.
pub fn processed_on(at: Ts) -> Day {
    let local = eastern().to_datetime(at.timestamp());
    let today = Day(local.date());
    if is_banking_day(today) && local.time() < timing(today).cut_off {
        today
    } else {
        next_banking_day(today)
    }
}

/// The effective entry date of a debit taken at `at`: one banking day after it is processed. It is expected to settle
/// on that day.
pub fn settles_on(at: Ts) -> Day {
    next_banking_day(processed_on(at))
}

/// The instant at which what settles on `day` has settled.
pub fn settled_at(day: Day) -> Ts {
    at(day, timing(day).settles)
}

/// The first day on which an account may be debited whose prenote settled on `day`: whoever does not know it has said so by then.
pub fn debited_after_prenote(day: Day) -> Day {
    plus_banking_days(banking_day_from(day), timing(day).prenote_days)
}

/// The last day of an ordinary return of what settled on `day`.
pub fn ordinary_returns_until(day: Day) -> Day {
    plus_banking_days(banking_day_from(day), timing(day).ordinary_return_days)
}

/// The last day of a return of what settled on `day` and was not authorized.
pub fn unauthorized_returns_until(day: Day) -> Day {
    (0..timing(day).unauthorized_return_days).fold(day, |day, _| day.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Ts {
        Ts::parse(text).unwrap()
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_debit_settles_on_the_banking_day_after_it_is_processed() {
        for (taken, settles) in [
            ("2026-11-18T10:00:00-05:00", "2026-11-19"), // a Wednesday
            ("2026-11-18T16:44:59-05:00", "2026-11-19"),
            ("2026-11-18T16:45:00-05:00", "2026-11-20"), // after the cut-off
            ("2026-11-18T23:59:59-05:00", "2026-11-20"),
            ("2026-11-20T10:00:00-05:00", "2026-11-23"), // a Friday
            ("2026-11-20T17:00:00-05:00", "2026-11-24"),
            ("2026-11-21T09:00:00-05:00", "2026-11-24"), // a Saturday
            ("2026-11-25T10:00:00-05:00", "2026-11-27"), // the day before Thanksgiving
            ("2026-11-26T10:00:00-05:00", "2026-11-30"), // Thanksgiving itself
            ("2026-07-02T10:00:00-04:00", "2026-07-03"), // Independence Day is a Saturday: open on Friday
        ] {
            assert_eq!(settles_on(at(taken)), day(settles), "{taken}");
        }
    }

    #[test]
    fn what_may_settle_on_the_same_day_and_how_much_may_come_back_is_dated() {
        let most = |text| same_day(day(text)).map(|row| row.most);
        assert_eq!(most("2020-01-01"), None, "before the rows begin");
        assert_eq!(most("2022-03-17"), Some(Cents::new(10_000_000)));
        assert_eq!(most("2026-11-20"), Some(Cents::new(100_000_000)));
        let of: Vec<_> =
            rates(day("2026-11-20")).map(|row| (row.counter, row.most_per_mille, row.days)).collect();
        assert_eq!(
            of,
            [(Counter::Unauthorized, 5, 60), (Counter::Administrative, 30, 60), (Counter::Overall, 150, 60)]
        );
        assert_eq!(
            debited_after_prenote(day("2026-11-24")),
            day("2026-11-30"),
            "over Thanksgiving and a weekend"
        );
    }

    #[test]
    fn the_day_is_the_one_in_new_york() {
        assert_eq!(
            processed_on(at("2026-11-19T02:00:00Z")),
            day("2026-11-19"),
            "still the 18th, after the cut-off"
        );
        assert_eq!(processed_on(at("2026-11-19T21:44:00Z")), day("2026-11-19"));
        assert_eq!(processed_on(at("2026-06-18T20:44:00Z")), day("2026-06-18"), "in summer an hour earlier");
        assert_eq!(
            processed_on(at("2026-06-18T20:45:00Z")),
            day("2026-06-22"),
            "over Juneteenth and the weekend"
        );
    }

    #[test]
    fn it_has_settled_in_the_morning_of_its_day() {
        assert_eq!(settled_at(day("2026-11-23")).to_string(), "2026-11-23T13:30:00Z");
        assert_eq!(settled_at(day("2026-06-22")).to_string(), "2026-06-22T12:30:00Z");
    }

    #[test]
    fn it_can_come_back_for_two_banking_days_and_unauthorized_for_sixty_days() {
        assert_eq!(ordinary_returns_until(day("2026-11-25")), day("2026-11-30"));
        assert_eq!(unauthorized_returns_until(day("2026-11-25")), day("2027-01-24"));
    }
}
