//! At what hours a customer may be written to, where they are: the rows of `rules/hours.csv`, or the times that they named
//! themselves.
//!
//! Where they are is known as well as the primary address and the numbers of theirs say it: a state, an area code, each of them
//! of one time zone or of several (`rules/zones.csv`). What is known may contradict itself, and then the hour has to be right
//! in each of those zones; where nothing is known, in every state there is (12 CFR part 1006, Supplement I, comments to
//! 6(b)(1)).

use std::collections::BTreeSet;
use std::sync::OnceLock;

use base::{Day, Ts, us};
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::messages::Channel;
use crate::orgs::WEEKDAYS;
use crate::preferences::{Span, clock};

/// A row of the hours.
#[derive(Clone, Debug)]
struct Hours {
    channel: Channel,
    begins: Time,
    ends: Time,
    from: Day,
    to: Option<Day>,
}

/// A row of the zones.
#[derive(Clone, Debug)]
struct Place {
    state: String,
    zones: Vec<String>,
    area_codes: Vec<String>,
}

const HOURS: &str = include_str!("../../rules/hours.csv");
const ZONES: &str = include_str!("../../rules/zones.csv");

/// The states and the District: where somebody may be of whom nothing is known.
const STATES: usize = 51;

fn hours() -> &'static [Hours] {
    static ROWS: OnceLock<Vec<Hours>> = OnceLock::new();
    ROWS.get_or_init(|| read_hours().expect("the program's own file can be read, as a test has seen"))
}

fn places() -> &'static [Place] {
    static ROWS: OnceLock<Vec<Place>> = OnceLock::new();
    ROWS.get_or_init(|| read_zones().expect("the program's own file can be read, as a test has seen"))
}

/// The rows of a file, each as what `row` makes of its cells; none of them without its source.
fn read<T>(file: &str, row: impl Fn(&csv::StringRecord) -> Option<T>) -> Option<Vec<T>> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let has_source =
        |cells: &csv::StringRecord| cells.iter().next_back().is_some_and(|source| !source.is_empty());
    reader.records().map(|cells| row(&cells.ok().filter(has_source)?)).collect()
}

fn read_hours() -> Option<Vec<Hours>> {
    read(HOURS, |cells| {
        Some(Hours {
            channel: Channel::parse(cells.get(0)?)?,
            begins: clock(cells.get(1)?)?,
            ends: clock(cells.get(2)?)?,
            from: Day::parse(cells.get(3)?)?,
            to: match cells.get(4)? {
                "" => None,
                day => Some(Day::parse(day)?),
            },
        })
    })
}

fn read_zones() -> Option<Vec<Place>> {
    read(ZONES, |cells| {
        let words = |at: usize| Some(cells.get(at)?.split_whitespace().map(str::to_owned).collect());
        Some(Place { state: us::state(cells.get(0)?)?.to_owned(), zones: words(1)?, area_codes: words(2)? })
    })
}

/// The hours of a medium on a day; none where no rule says any.
pub(super) fn of(channel: Channel, day: Day) -> Vec<Span> {
    let in_force =
        |row: &&Hours| row.channel == channel && row.from <= day && row.to.is_none_or(|last| day <= last);
    let every_day = || WEEKDAYS.iter().map(|(_, day)| *day).collect();
    let span = |row: &Hours| Span { days: every_day(), begins: row.begins, ends: row.ends };
    hours().iter().filter(in_force).map(span).collect()
}

/// Every zone in which somebody may be, of whom this address and these numbers are known.
pub(super) fn zones(state: Option<&str>, numbers: &[&str]) -> Vec<TimeZone> {
    let state = state.and_then(us::state);
    let of_state = |place: &&Place| Some(&*place.state) == state;
    let of_number = |place: &&Place| {
        let mut codes = numbers.iter().filter_map(|number| number.strip_prefix("+1")?.get(..3));
        codes.any(|code| place.area_codes.iter().any(|known| known == code))
    };
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for place in places().iter().filter(|place| of_state(place) || of_number(place)) {
        names.extend(place.zones.iter().map(String::as_str));
    }
    if names.is_empty() {
        names.extend(places().iter().take(STATES).flat_map(|place| &place.zones).map(String::as_str));
    }
    names.into_iter().filter_map(|name| TimeZone::get(name).ok()).collect()
}

/// The first instant from `now` on that is within one of these spans in every zone; `None` where there is none for weeks.
pub(super) fn next(now: Ts, spans: &[Span], zones: &[TimeZone]) -> Option<Ts> {
    const TRIES: usize = 200;
    let mut at = now;
    for _ in 0..TRIES {
        let each: Option<Vec<Ts>> = zones.iter().map(|zone| next_in(at, spans, zone)).collect();
        match each?.into_iter().max() {
            Some(latest) if latest > at => at = latest,
            _ => return Some(at),
        }
    }
    None
}

fn next_in(at: Ts, spans: &[Span], zone: &TimeZone) -> Option<Ts> {
    let mut day = at.day_in(zone);
    for _ in 0..8 {
        let instant =
            |time: Time| day.0.to_datetime(time).to_zoned(zone.clone()).map(|z| Ts::from(z.timestamp()));
        let of_day = spans.iter().filter(|span| span.days.contains(&day.0.weekday()));
        let within = of_day.filter_map(|span| {
            let (begins, ends) = (instant(span.begins).ok()?, instant(span.ends).ok()?);
            (at <= ends).then_some(begins.max(at))
        });
        if let Some(first) = within.min() {
            return Some(first);
        }
        day = day.next();
    }
    None
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    fn at(text: &str) -> Ts {
        Ts::parse(text).unwrap()
    }

    fn usual() -> Vec<Span> {
        of(Channel::Sms, Day::parse("2026-11-20").unwrap())
    }

    fn told(now: &str, state: Option<&str>, numbers: &[&str]) -> String {
        next(at(now), &usual(), &zones(state, numbers)).unwrap().to_string()
    }

    #[test]
    fn every_row_can_be_read_and_every_zone_is_one() {
        assert!(read_hours().unwrap().len() >= Channel::ALL.len());
        let all = read_zones().unwrap();
        let mut codes: Vec<String> = all.iter().flat_map(|place| place.area_codes.clone()).collect();
        let many = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!((codes.len(), many > 330), (many, true), "an area code is of one state");
        for place in &all {
            assert!(place.zones.iter().all(|zone| TimeZone::get(zone).is_ok()), "{place:?}");
        }
        assert_eq!(all[STATES - 1].state, "WY", "the states come first");
    }

    #[test]
    fn from_eight_to_nine_where_the_consumer_is_and_not_a_second_longer() {
        // 12 CFR 1006.6(b)(1)(i): before 8 a.m. and after 9 p.m.
        for (now, then) in [
            ("2026-11-20T12:59:59Z", "2026-11-20T13:00:00Z"),
            ("2026-11-20T13:00:00Z", "2026-11-20T13:00:00Z"),
            ("2026-11-21T02:00:00Z", "2026-11-21T02:00:00Z"),
            ("2026-11-21T02:00:01Z", "2026-11-21T13:00:00Z"),
        ] {
            assert_eq!(told(now, Some("New York"), &[]), then);
        }
        // On the night on which the clocks go back, eight is nine hours after midnight.
        assert_eq!(told("2026-11-01T04:00:00Z", Some("NY"), &[]), "2026-11-01T13:00:00Z");
    }

    #[test]
    fn an_hour_is_right_in_every_zone_in_which_somebody_may_be() {
        let morning = "2026-11-20T13:30:00Z";
        assert_eq!(told(morning, Some("NY"), &["+12125550101"]), morning);
        assert_eq!(told(morning, Some("NY"), &["+12135550101"]), "2026-11-20T16:00:00Z");
        // Florida has two zones.
        assert_eq!(told(morning, Some("FL"), &[]), "2026-11-20T14:00:00Z");
        // Nobody knows: when it is eight in Hawaii it is not yet nine in Maine.
        for (state, numbers) in
            [(None, &[][..]), (Some("AE"), &["+18005550101"]), (Some("Ontario"), &["nonsense"])]
        {
            assert_eq!(told(morning, state, numbers), "2026-11-20T18:00:00Z");
        }
        assert_eq!(told("2026-11-21T02:30:00Z", None, &[]), "2026-11-21T18:00:00Z");
    }

    #[test]
    fn times_that_somebody_named_are_waited_for_through_the_week() {
        let span = |days: &[Weekday], begins, ends| Span {
            days: days.to_vec(),
            begins: clock(begins).unwrap(),
            ends: clock(ends).unwrap(),
        };
        let zones = zones(Some("CA"), &[]);
        let spans = [
            span(&[Weekday::Monday], "22:00", "23:30"),
            span(&[Weekday::Saturday, Weekday::Sunday], "10:00", "11:00"),
        ];
        let then = |now: &str| next(at(now), &spans, &zones).unwrap().to_string();
        assert_eq!(then("2026-11-20T15:00:00Z"), "2026-11-21T18:00:00Z");
        assert_eq!(then("2026-11-22T19:00:01Z"), "2026-11-24T06:00:00Z");
        // Never at once in both zones.
        let both = self::zones(Some("CA"), &["+12125550101"]);
        assert_eq!(
            next(at("2026-11-20T15:00:00Z"), &[span(&[Weekday::Monday], "08:00", "09:00")], &both),
            None
        );
    }
}
