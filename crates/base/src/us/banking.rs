//! Two calendars. *Banking days* are those on which the Federal Reserve settles: the calendar of ACH. *Business days* are
//! those that the periods of consumers' notices count: no weekends, no legal holidays.
//!
//! They differ where a holiday is a Saturday: the statutes keep it on the Friday before (5 USC 6103(b)), and the Federal
//! Reserve Banks are open then. A Sunday's holiday is kept on the Monday by both (Executive Order 11582).
//! Sources: Holiday Schedules of the Federal Reserve Banks, <https://www.frbservices.org/about/holiday-schedules>; 5 USC
//! 6103(a), to which 12 CFR 1006.22(c) and 1006.34(b)(5) refer. `docs/calendars` has both to 2046.

use jiff::civil::{Date, Weekday};

use crate::Day;

/// A holiday of the Federal Reserve Banks: when it falls, and since which year it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Holiday {
    /// Its name.
    pub name: &'static str,
    /// The first year in which it is kept.
    pub since: i16,
    falls: Falls,
}

#[derive(Clone, Copy, Debug)]
enum Falls {
    /// On this day of this month.
    On(i8, i8),
    /// On this Monday or Thursday of this month: the first is 1, the last -1.
    Nth(i8, Weekday, i8),
}

const fn holiday(name: &'static str, since: i16, falls: Falls) -> Holiday {
    Holiday { name, since, falls }
}

/// Every holiday there is. Monday holidays: Pub. L. 90-363, in force from 1971. Veterans Day on its own day again:
/// Pub. L. 94-97, from 1978. Martin Luther King's: Pub. L. 98-144, from 1986. Juneteenth: Pub. L. 117-17, of 2021.
pub const HOLIDAYS: &[Holiday] = &[
    holiday("New Year's Day", 1971, Falls::On(1, 1)),
    holiday("Martin Luther King Jr.'s Birthday", 1986, Falls::Nth(1, Weekday::Monday, 3)),
    holiday("Washington's Birthday", 1971, Falls::Nth(2, Weekday::Monday, 3)),
    holiday("Memorial Day", 1971, Falls::Nth(5, Weekday::Monday, -1)),
    holiday("Juneteenth", 2021, Falls::On(6, 19)),
    holiday("Independence Day", 1971, Falls::On(7, 4)),
    holiday("Labor Day", 1971, Falls::Nth(9, Weekday::Monday, 1)),
    holiday("Columbus Day", 1971, Falls::Nth(10, Weekday::Monday, 2)),
    holiday("Veterans Day", 1978, Falls::On(11, 11)),
    holiday("Thanksgiving Day", 1971, Falls::Nth(11, Weekday::Thursday, 4)),
    holiday("Christmas Day", 1971, Falls::On(12, 25)),
];

impl Holiday {
    /// The day it falls on in `year`; `None` where there was none yet.
    fn falls_on(&self, year: i16) -> Option<Date> {
        if year < self.since {
            return None;
        }
        match self.falls {
            Falls::On(month, day) => Date::new(year, month, day).ok(),
            Falls::Nth(month, weekday, nth) => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
        }
    }

    /// The weekday on which it closes the banks in `year`; `None` where it is not kept.
    pub fn in_year(&self, year: i16) -> Option<Day> {
        let day = self.falls_on(year)?;
        match day.weekday() {
            Weekday::Saturday => None,
            Weekday::Sunday => day.tomorrow().ok().map(Day),
            _ => Some(Day(day)),
        }
    }
}

/// The legal holiday that is kept on `day`, if one is. New Year's Day may be kept on the last day of the year before.
pub fn legal_holiday(day: Day) -> Option<&'static Holiday> {
    let kept = |holiday: &&Holiday| {
        [day.0.year(), day.0.year().saturating_add(1)].iter().filter_map(|year| holiday.falls_on(*year)).any(
            |falls| {
                let kept = match falls.weekday() {
                    Weekday::Saturday => falls.yesterday().ok(),
                    Weekday::Sunday => falls.tomorrow().ok(),
                    _ => Some(falls),
                };
                kept == Some(day.0)
            },
        )
    };
    HOLIDAYS.iter().find(kept)
}

/// Whether `day` is neither on a weekend nor a legal holiday.
pub fn is_business_day(day: Day) -> bool {
    !matches!(day.0.weekday(), Weekday::Saturday | Weekday::Sunday) && legal_holiday(day).is_none()
}

/// `n` business days before `day`, which need not be one itself; with 0 the day itself.
pub fn minus_business_days(day: Day, n: u32) -> Day {
    let before = |day: Day| {
        let mut at = day.0.yesterday().map_or(day, Day);
        while !is_business_day(at) && at.0 != Date::MIN {
            at = at.0.yesterday().map_or(at, Day);
        }
        at
    };
    (0..n).fold(day, |day, _| before(day))
}

/// The holiday that closes the banks on `day`, if one does. None of them moves into another year.
pub fn banking_holiday(day: Day) -> Option<&'static Holiday> {
    HOLIDAYS.iter().find(|holiday| holiday.in_year(day.0.year()) == Some(day))
}

/// Whether the Federal Reserve settles on `day`.
pub fn is_banking_day(day: Day) -> bool {
    !matches!(day.0.weekday(), Weekday::Saturday | Weekday::Sunday) && banking_holiday(day).is_none()
}

/// `day` itself where it is a banking day, else the next one.
pub fn banking_day_from(day: Day) -> Day {
    let mut day = day;
    while !is_banking_day(day) && day.next() != day {
        day = day.next();
    }
    day
}

/// The first banking day after `day`.
pub fn next_banking_day(day: Day) -> Day {
    banking_day_from(day.next())
}

/// `n` banking days after `day`; with 0 the day itself, whatever it is.
pub fn plus_banking_days(day: Day, n: u32) -> Day {
    (0..n).fold(day, |day, _| next_banking_day(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A calendar of `docs/calendars`, which others have computed (`script/calendars`).
    fn published(file: &str) -> Vec<&str> {
        file.lines().skip(1).filter_map(|line| line.split(',').next()).collect()
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// The weekdays of 2026 to 2046 that are not `open`.
    fn closed(open: impl Fn(Day) -> bool) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = day("2026-01-01");
        while at.0.year() <= 2046 {
            let is_weekend = matches!(at.0.weekday(), Weekday::Saturday | Weekday::Sunday);
            if !is_weekend && !open(at) {
                found.push(at.to_string());
            }
            at = at.next();
        }
        found
    }

    #[test]
    fn both_calendars_are_the_published_ones() {
        let banks = include_str!("../../../../docs/calendars/federal-reserve.csv");
        let statutes = include_str!("../../../../docs/calendars/statutory.csv");
        assert_eq!(closed(is_banking_day), published(banks));
        assert_eq!(closed(is_business_day), published(statutes));
    }

    #[test]
    fn business_days_are_counted_backwards_over_what_is_no_business_day() {
        for (day_of, n, before) in [
            ("2026-07-06", 1, "2026-07-02"), // Independence Day is a Saturday and kept on Friday
            ("2026-11-30", 2, "2026-11-25"), // Thanksgiving
            ("2026-11-28", 1, "2026-11-27"), // from a Saturday
            ("2028-01-03", 1, "2027-12-30"), // New Year's Day is a Saturday
        ] {
            assert_eq!(minus_business_days(day(day_of), n), day(before), "{day_of}");
        }
    }

    #[test]
    fn a_saturdays_holiday_leaves_the_friday_open_and_a_sundays_closes_the_monday() {
        assert!(is_banking_day(day("2026-07-03")), "Independence Day is a Saturday in 2026");
        assert!(!is_banking_day(day("2027-07-05")), "and a Sunday in 2027");
        assert_eq!(banking_holiday(day("2027-07-05")).map(|h| h.name), Some("Independence Day"));
    }

    #[test]
    fn a_holiday_is_kept_from_its_first_year_on() {
        assert!(is_banking_day(day("2020-06-19")) && !is_banking_day(day("2023-06-19")));
        assert!(is_banking_day(day("1985-01-21")) && !is_banking_day(day("1986-01-20")));
    }

    #[test]
    fn banking_days_are_counted_over_weekends_and_holidays() {
        assert_eq!(next_banking_day(day("2026-11-25")), day("2026-11-27"), "over Thanksgiving");
        assert_eq!(plus_banking_days(day("2026-11-20"), 1), day("2026-11-23"));
        assert_eq!(plus_banking_days(day("2026-12-24"), 2), day("2026-12-29"));
        assert_eq!(plus_banking_days(day("2026-11-21"), 0), day("2026-11-21"));
        assert_eq!(banking_day_from(day("2026-11-21")), day("2026-11-23"));
        assert_eq!(banking_day_from(day("2026-11-23")), day("2026-11-23"));
    }

    #[test]
    fn the_end_of_time_is_no_trap() {
        assert_eq!(next_banking_day(Day(Date::MAX)), Day(Date::MAX));
    }
}
