//! The days on which the Federal Reserve settles: the calendar of ACH.
//!
//! It is not the calendar of the federal government (5 USC 6103), which keeps a Saturday's holiday on the Friday
//! before: the Federal Reserve Banks are open then. A Sunday's holiday is kept on the Monday by both.
//! Source: Holiday Schedules of the Federal Reserve Banks, <https://www.frbservices.org/about/holiday-schedules>.

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
    /// The weekday on which it closes the banks in `year`; `None` where it is not kept.
    pub fn in_year(&self, year: i16) -> Option<Day> {
        if year < self.since {
            return None;
        }
        let day = match self.falls {
            Falls::On(month, day) => Date::new(year, month, day).ok()?,
            Falls::Nth(month, weekday, nth) => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()?
            }
        };
        match day.weekday() {
            Weekday::Saturday => None,
            Weekday::Sunday => day.tomorrow().ok().map(Day),
            _ => Some(Day(day)),
        }
    }
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

    /// Year by year the days on which the banks are closed besides weekends: 2026 to 2030 as the Federal Reserve
    /// publishes them, the later ones computed by other means.
    const CLOSED: &[(i16, &str)] = &[
        (2026, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25"),
        (2027, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25"),
        (2028, "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
        (2029, "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25"),
        (2030, "01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
        (2031, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
        (2032, "01-01 01-19 02-16 05-31 07-05 09-06 10-11 11-11 11-25"),
        (2033, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        (2034, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
        (2035, "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25"),
        (2036, "01-01 01-21 02-18 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
        (2037, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25"),
        (2038, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25"),
        (2039, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        (2040, "01-02 01-16 02-20 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25"),
        (2041, "01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"),
        (2042, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"),
        (2043, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25"),
        (2044, "01-01 01-18 02-15 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        (2045, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),
        (2046, "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25"),
    ];

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn the_banks_close_on_the_published_days_and_on_no_others() {
        for (year, closed) in CLOSED {
            let mut found = Vec::new();
            let mut at = day(&format!("{year}-01-01"));
            while at.0.year() == *year {
                let is_weekend = matches!(at.0.weekday(), Weekday::Saturday | Weekday::Sunday);
                if !is_weekend && !is_banking_day(at) {
                    found.push(at.to_string()[5..].to_owned());
                }
                at = at.next();
            }
            assert_eq!(found.join(" "), *closed, "{year}");
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
