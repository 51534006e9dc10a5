//! The days of plans: when the regular instalments fall, and when what was refused is tried again.

use base::Day;
use base::us::banking_day_from;
use jiff::Span;
use jiff::civil::Weekday;

use super::super::model::Frequency;

/// The day of the `n`th regular instalment, from 0; `None` beyond the calendar.
pub fn nth(frequency: Frequency, start: Day, n: i64) -> Option<Day> {
    let day = match frequency {
        Frequency::Weekly => start.0.checked_add(Span::new().try_days(n.checked_mul(7)?).ok()?),
        Frequency::EveryOtherWeek => start.0.checked_add(Span::new().try_days(n.checked_mul(14)?).ok()?),
        Frequency::Monthly => start.0.checked_add(Span::new().try_months(n).ok()?),
        Frequency::LastOfMonth => {
            let month = start.0.first_of_month().checked_add(Span::new().try_months(n).ok()?);
            month.map(jiff::civil::Date::last_of_month)
        }
    };
    day.ok().map(Day)
}

/// The `count` next regular days after `after`.
pub fn following(frequency: Frequency, start: Day, after: Day, count: usize) -> Option<Vec<Day>> {
    let mut days = Vec::with_capacity(count);
    for n in 0.. {
        if days.len() == count {
            break;
        }
        days.push(nth(frequency, start, n)?);
        if days.last().is_some_and(|day| *day <= after) {
            days.clear();
        }
    }
    Some(days)
}

/// How what was refused is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Again {
    /// How many days later at the earliest.
    pub(super) after_days: i64,
    /// Whether there was not enough money, so that a payday is waited for.
    pub(super) at_payday: bool,
    /// Whether a bank account is debited: then on a banking day.
    pub(super) by_bank: bool,
}

impl Again {
    /// The day for what was refused on `refused`, no earlier than `not_before`, and none of `taken`.
    ///
    /// Wages are mostly paid on a Friday, on the 1st and the 15th, or on the last day of a month; where that is no banking
    /// day the debit is later, never earlier. Source: U.S. Bureau of Labor Statistics, Current Employment Statistics,
    /// "Length of pay periods" (biweekly 43 %, weekly 27 %, semimonthly 20 %, monthly 10 % of establishments).
    pub(super) fn day(self, refused: Day, not_before: Option<Day>, taken: &[Day]) -> Day {
        let earliest = (0..self.after_days.max(1)).fold(refused, |day, _| day.next());
        let mut day = not_before.map_or(earliest, |other| other.max(earliest));
        loop {
            while self.at_payday && !is_payday(day) && day.next() != day {
                day = day.next();
            }
            let found = if self.by_bank { banking_day_from(day) } else { day };
            if !taken.contains(&found) || day.next() == day {
                return found;
            }
            day = found.next();
        }
    }
}

fn is_payday(day: Day) -> bool {
    let date = day.0;
    date.weekday() == Weekday::Friday || matches!(date.day(), 1 | 15) || date == date.last_of_month()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn what_was_refused_for_want_of_money_waits_for_a_payday() {
        let again = Again { after_days: 3, at_payday: true, by_bank: true };
        for (refused, tried) in [
            ("2026-11-30", "2026-12-04"), // a Monday: Friday
            ("2026-12-09", "2026-12-15"), // a Wednesday: the 15th, since the 11th is too soon
            ("2026-12-28", "2026-12-31"), // the last of the month
            ("2026-12-22", "2026-12-28"), // Christmas is a Friday: the banking day after
            ("2027-07-29", "2027-08-02"), // the 1st is a Sunday
        ] {
            assert_eq!(again.day(day(refused), None, &[]), day(tried), "{refused}");
        }
    }

    #[test]
    fn a_day_that_another_instalment_has_is_passed_over() {
        let again = Again { after_days: 1, at_payday: false, by_bank: false };
        let taken = [day("2026-12-05"), day("2026-12-06")];
        assert_eq!(again.day(day("2026-12-04"), None, &taken), day("2026-12-07"));
        assert_eq!(again.day(day("2026-12-04"), Some(day("2027-01-01")), &taken), day("2027-01-01"));
    }

    #[test]
    fn the_next_regular_days_are_counted_from_the_first() {
        let days = following(Frequency::Monthly, day("2027-01-31"), day("2027-02-28"), 2);
        assert_eq!(days, Some(vec![day("2027-03-31"), day("2027-04-30")]));
    }
}
