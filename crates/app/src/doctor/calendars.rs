//! Both calendars: that of the Federal Reserve, by which bank debits settle, and that of the statutes, by which the periods of
//! notices are counted. The program knows both by their rules; what was published says how far those were held against others.

use base::{Day, Ts, us};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::{Finding, fine, mend};

/// How far ahead they must be right, in months: a plan may be agreed upon for a year.
const MONTHS: i32 = 13;

const FEDERAL_RESERVE: &str = include_str!("../../../../docs/calendars/federal-reserve.csv");
const STATUTORY: &str = include_str!("../../../../docs/calendars/statutory.csv");

pub(super) fn look(now: Ts) -> Vec<Finding> {
    let today = now.day_in(&TimeZone::UTC);
    vec![
        of("banking calendar", FEDERAL_RESERVE, today, us::is_banking_day),
        of("statutory calendar", STATUTORY, today, us::is_business_day),
    ]
}

fn of(check: &'static str, published: &str, today: Day, is_open: fn(Day) -> bool) -> Finding {
    let closed: Vec<Day> =
        published.lines().skip(1).filter_map(|line| Day::parse(line.split(',').next()?)).collect();
    let until = today.0.checked_add(MONTHS.months()).map_or(today, Day);
    let Some(last) = closed.last().filter(|last| **last >= until) else {
        let last = closed.last().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        return mend(
            check,
            format!("it was held against what is published up to {last}"),
            "use a newer program",
        );
    };
    let mut day = today;
    while day <= until {
        let is_weekday =
            !matches!(day.0.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        if is_weekday && is_open(day) == closed.contains(&day) {
            return mend(check, format!("{day} is not what is published"), "use a newer program");
        }
        day = day.next();
    }
    fine(check, format!("right for {MONTHS} months, and known up to {last}"))
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn a_program_that_is_too_old_for_its_day_is_told_of() {
        let marks = |at: &str| look(Ts::parse(at).unwrap()).iter().map(|one| one.mark).collect::<Vec<_>>();
        assert_eq!(marks("2026-11-20T12:00:00Z"), [Mark::Fine, Mark::Fine]);
        assert_eq!(marks("2046-06-01T12:00:00Z"), [Mark::Mend, Mark::Mend]);
    }

    #[test]
    fn a_day_that_is_not_what_was_published_is_named() {
        let today = Day::parse("2026-11-20").unwrap();
        let found = of("x", FEDERAL_RESERVE, today, |_| true);
        assert_eq!((found.mark, found.says.as_str()), (Mark::Mend, "2026-11-26 is not what is published"));
    }
}
