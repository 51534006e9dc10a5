//! The named date ranges a list can be asked for: `last_month`, `this_quarter_to_date`, `since_90_days_ago`, …
//!
//! The names are those of the compatible API's transactions. Both ends are inclusive civil days in whatever zone
//! the caller's `today` is in; a quarter is of the calendar. The name is the whole rule, so that a saved report
//! means the same next month.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use crate::Day;

/// Every name there is, in the order of the documentation: for the schema and for the words of a refusal.
pub const NAMES: &[&str] = &[
    "today",
    "yesterday",
    "this_week",
    "this_week_to_date",
    "this_month",
    "this_month_to_date",
    "this_quarter",
    "this_quarter_to_date",
    "this_year",
    "this_year_to_date",
    "this_year_to_last_month",
    "last_week",
    "last_week_to_date",
    "last_month",
    "last_month_to_date",
    "last_quarter",
    "last_quarter_to_date",
    "last_year",
    "last_year_to_date",
    "since_30_days_ago",
    "since_60_days_ago",
    "since_90_days_ago",
    "since_365_days_ago",
];

/// The first and last day of the range called `name`, both inclusive, or `None` for a name that is not there.
///
/// - `today`, `yesterday`: that one day.
/// - `this_week`, `this_month`, `this_quarter`, `this_year`: the whole period `today` is in, days to come included.
/// - `last_week`, `last_month`, `last_quarter`, `last_year`: the whole period before that.
/// - `…_to_date`: from the first day of that period to `today`, so `last_month_to_date` is last month and this one
///   so far.
/// - `this_year_to_last_month`: from 1 January to the end of last month. In January no month of the year has
///   ended: the range ends the day before it begins, and nothing lies in it.
/// - `since_N_days_ago`: from N days before `today` to `today`, so N + 1 days.
pub fn date_range(name: &str, today: Day, week_starts_on: Weekday) -> Option<(Day, Day)> {
    let now = today.0;
    let this = |period: Period| period.around(now, week_starts_on);
    let last = |period: Period| period.around(day_before(this(period).0), week_starts_on);
    let to_date = |(first, _): (Date, Date)| (first, now);
    let since = |days: i32| (now.saturating_sub(days.days()), now);
    let (first, last) = match name {
        "today" => (now, now),
        "yesterday" => (day_before(now), day_before(now)),
        "this_week" => this(Period::Week),
        "this_week_to_date" => to_date(this(Period::Week)),
        "this_month" => this(Period::Month),
        "this_month_to_date" => to_date(this(Period::Month)),
        "this_quarter" => this(Period::Quarter),
        "this_quarter_to_date" => to_date(this(Period::Quarter)),
        "this_year" => this(Period::Year),
        "this_year_to_date" => to_date(this(Period::Year)),
        "this_year_to_last_month" => (this(Period::Year).0, day_before(this(Period::Month).0)),
        "last_week" => last(Period::Week),
        "last_week_to_date" => to_date(last(Period::Week)),
        "last_month" => last(Period::Month),
        "last_month_to_date" => to_date(last(Period::Month)),
        "last_quarter" => last(Period::Quarter),
        "last_quarter_to_date" => to_date(last(Period::Quarter)),
        "last_year" => last(Period::Year),
        "last_year_to_date" => to_date(last(Period::Year)),
        "since_30_days_ago" => since(30),
        "since_60_days_ago" => since(60),
        "since_90_days_ago" => since(90),
        "since_365_days_ago" => since(365),
        _ => return None,
    };
    Some((Day(first), Day(last)))
}

#[derive(Clone, Copy)]
enum Period {
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    /// The first and last day of the period that `day` is in. Stays at the bounds of the calendar.
    fn around(self, day: Date, week_starts_on: Weekday) -> (Date, Date) {
        let first = match self {
            Period::Week => day.saturating_sub(i32::from(day.weekday().since(week_starts_on)).days()),
            Period::Month => day.first_of_month(),
            Period::Quarter => {
                let into_quarter = i32::from((day.month() - 1) % 3);
                day.first_of_month().saturating_sub(into_quarter.months())
            }
            Period::Year => day.first_of_year(),
        };
        let last = match self {
            Period::Week => first.saturating_add(6.days()),
            Period::Month => first.last_of_month(),
            Period::Quarter => first.saturating_add(2.months()).last_of_month(),
            Period::Year => first.last_of_year(),
        };
        (first, last)
    }
}

fn day_before(day: Date) -> Date {
    day.yesterday().unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn told(today: &str, week_starts_on: Weekday, names: &[&str]) -> String {
        let today = Day::parse(today).unwrap();
        names.iter().fold(String::new(), |mut told, name| {
            let (first, last) = date_range(name, today, week_starts_on).unwrap();
            writeln!(told, "{name} {first} {last}").unwrap();
            told
        })
    }

    #[test]
    fn every_name_on_an_ordinary_friday() {
        assert_eq!(
            told("2026-11-20", Weekday::Sunday, NAMES),
            "\
today 2026-11-20 2026-11-20
yesterday 2026-11-19 2026-11-19
this_week 2026-11-15 2026-11-21
this_week_to_date 2026-11-15 2026-11-20
this_month 2026-11-01 2026-11-30
this_month_to_date 2026-11-01 2026-11-20
this_quarter 2026-10-01 2026-12-31
this_quarter_to_date 2026-10-01 2026-11-20
this_year 2026-01-01 2026-12-31
this_year_to_date 2026-01-01 2026-11-20
this_year_to_last_month 2026-01-01 2026-10-31
last_week 2026-11-08 2026-11-14
last_week_to_date 2026-11-08 2026-11-20
last_month 2026-10-01 2026-10-31
last_month_to_date 2026-10-01 2026-11-20
last_quarter 2026-07-01 2026-09-30
last_quarter_to_date 2026-07-01 2026-11-20
last_year 2025-01-01 2025-12-31
last_year_to_date 2025-01-01 2026-11-20
since_30_days_ago 2026-10-21 2026-11-20
since_60_days_ago 2026-09-21 2026-11-20
since_90_days_ago 2026-08-22 2026-11-20
since_365_days_ago 2025-11-20 2026-11-20
"
        );
    }

    #[test]
    fn every_name_on_the_first_day_of_a_year() {
        assert_eq!(
            told("2027-01-01", Weekday::Monday, NAMES),
            "\
today 2027-01-01 2027-01-01
yesterday 2026-12-31 2026-12-31
this_week 2026-12-28 2027-01-03
this_week_to_date 2026-12-28 2027-01-01
this_month 2027-01-01 2027-01-31
this_month_to_date 2027-01-01 2027-01-01
this_quarter 2027-01-01 2027-03-31
this_quarter_to_date 2027-01-01 2027-01-01
this_year 2027-01-01 2027-12-31
this_year_to_date 2027-01-01 2027-01-01
this_year_to_last_month 2027-01-01 2026-12-31
last_week 2026-12-21 2026-12-27
last_week_to_date 2026-12-21 2027-01-01
last_month 2026-12-01 2026-12-31
last_month_to_date 2026-12-01 2027-01-01
last_quarter 2026-10-01 2026-12-31
last_quarter_to_date 2026-10-01 2027-01-01
last_year 2026-01-01 2026-12-31
last_year_to_date 2026-01-01 2027-01-01
since_30_days_ago 2026-12-02 2027-01-01
since_60_days_ago 2026-11-02 2027-01-01
since_90_days_ago 2026-10-03 2027-01-01
since_365_days_ago 2026-01-01 2027-01-01
"
        );
    }

    #[test]
    fn months_and_quarters_end_on_their_own_last_days() {
        let names = &["this_month", "last_month", "this_quarter", "last_quarter"];
        assert_eq!(
            told("2028-03-31", Weekday::Sunday, names),
            "\
this_month 2028-03-01 2028-03-31
last_month 2028-02-01 2028-02-29
this_quarter 2028-01-01 2028-03-31
last_quarter 2027-10-01 2027-12-31
"
        );
        assert_eq!(
            told("2028-04-01", Weekday::Sunday, names),
            "\
this_month 2028-04-01 2028-04-30
last_month 2028-03-01 2028-03-31
this_quarter 2028-04-01 2028-06-30
last_quarter 2028-01-01 2028-03-31
"
        );
    }

    #[test]
    fn the_agency_says_on_which_day_its_week_begins() {
        // A Sunday: the first day of one week, the last of another.
        assert_eq!(told("2026-11-22", Weekday::Sunday, &["this_week"]), "this_week 2026-11-22 2026-11-28\n");
        assert_eq!(told("2026-11-22", Weekday::Monday, &["this_week"]), "this_week 2026-11-16 2026-11-22\n");
        assert_eq!(
            told("2026-11-22", Weekday::Saturday, &["last_week"]),
            "last_week 2026-11-14 2026-11-20\n"
        );
    }

    #[test]
    fn a_name_that_is_not_listed_is_refused() {
        let today = Day::parse("2026-11-20").unwrap();
        for bad in ["", "Today", "last_decade", "since_31_days_ago", "today_to_date"] {
            assert_eq!(date_range(bad, today, Weekday::Sunday), None, "{bad}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for today in [Day(Date::MIN), Day(Date::MAX)] {
            for name in NAMES {
                assert!(date_range(name, today, Weekday::Wednesday).is_some());
            }
        }
    }
}
