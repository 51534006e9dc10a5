//! When the customer of a plan is told of a payment before it is taken: the rows of `rules/notices.csv`.

use std::sync::OnceLock;

use base::us::minus_business_days;
use base::{Day, Ts};
use jiff::tz::TimeZone;

const NOTICES: &str = include_str!("../../../rules/notices.csv");
/// How many business days before the day we tell them: within the rule's, and never fewer calendar days than it wants.
const BUSINESS_DAYS: u32 = 8;
/// At what hour, where the organization is: in the morning, long after the earliest (12 CFR 1006.6(b)(1)).
const AT_TEN_SECONDS: i64 = 10 * 3_600;

/// A row: how payments are announced, as long as it is in force.
#[derive(Clone, Debug)]
pub struct Announced {
    /// What is at most so many days ahead is not announced.
    pub near_days: u32,
    /// At most so many business days before.
    pub earliest_business_days: u32,
    /// At least so many business days before.
    pub latest_business_days: u32,
    /// And at least so many calendar days.
    pub least_days: u32,
    from: Day,
    to: Option<Day>,
}

fn rows() -> &'static [Announced] {
    static ROWS: OnceLock<Vec<Announced>> = OnceLock::new();
    ROWS.get_or_init(|| read().expect("the program's own file can be read, as a test has seen"))
}

fn read() -> Option<Vec<Announced>> {
    let mut reader = csv::Reader::from_reader(NOTICES.as_bytes());
    let row = |cells: csv::StringRecord| {
        let number = |at: usize| cells.get(at)?.parse().ok();
        let to = cells.get(5)?;
        cells.get(6).filter(|source| !source.is_empty())?;
        Some(Announced {
            near_days: number(0)?,
            earliest_business_days: number(1)?,
            latest_business_days: number(2)?,
            least_days: number(3)?,
            from: Day::parse(cells.get(4)?)?,
            to: if to.is_empty() { None } else { Some(Day::parse(to)?) },
        })
    };
    reader.records().map(|cells| row(cells.ok()?)).collect()
}

/// How a payment of a day is announced; before the first row as by that.
pub fn announced(day: Day) -> &'static Announced {
    let rows = rows();
    rows.iter().find(|row| row.from <= day && row.to.is_none_or(|last| day <= last)).unwrap_or(&rows[0])
}

/// When the customer is told of a payment of `day` that is put into the queue now; none where it is too near.
pub(super) fn told_at(day: Day, zone: &TimeZone, now: Ts) -> Option<Ts> {
    let near = (0..announced(day).near_days).fold(now.day_in(zone), |day, _| day.next());
    let at = minus_business_days(day, BUSINESS_DAYS).start_in(zone).plus_seconds(AT_TEN_SECONDS);
    (day > near).then(|| at.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_on_which_we_tell_them_keeps_the_rule_on_every_day_of_twenty_years() {
        let mut day = Day::parse("2026-01-01").unwrap();
        while day < Day::parse("2046-01-01").unwrap() {
            let rule = announced(day);
            let told = minus_business_days(day, BUSINESS_DAYS);
            assert!(told >= minus_business_days(day, rule.earliest_business_days), "{day}: too early");
            assert!(told <= minus_business_days(day, rule.latest_business_days), "{day}: too late");
            let least = (0..rule.least_days).fold(told, |day, _| day.next());
            assert!(least <= day, "{day}: fewer than {} days before", rule.least_days);
            day = day.next();
        }
    }
}
