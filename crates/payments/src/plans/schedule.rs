//! When a plan pays how much: civil days and cents, from its terms alone.
//!
//! Must always hold:
//! - The parts add up to the total, to the cent; each is positive; the last regular one takes what is left.
//! - Days rise strictly, so a plan never takes two payments on one day.
//! - Every day is counted from the first one, so a short month moves no later day: a plan that begins on the 31st pays
//!   on the last day of shorter months, and on the 31st again where there is one.
//!
//! | terms | pays |
//! |---|---|
//! | 100.00 by 30.00, weekly from 2026-11-27 | 30.00 on 11-27, 12-04, 12-11, and 10.00 on 12-18 |
//! | 90.00 by 30.00, monthly from 2027-12-31 | 30.00 on 2027-12-31, 2028-01-31, 2028-02-29 |
//! | 60.00 by 30.00, last_of_month from 2027-02-10 | 30.00 on 2027-02-28, 2027-03-31 |
//! | 100.00 by 50.00, 20.00 down on 2026-11-20, every_other_week from 2026-12-01 | 20.00 on 11-20, 50.00 on 12-01, 30.00 on 12-15 |

use base::{Cents, Day};
use books::debts::Frequency;
pub use books::debts::plans::{following, nth};
use jiff::Span;

/// The most instalments a plan may have: ten years of weeks, and some. Whatever an organization allows, more is a slip.
pub const MOST: i64 = 600;

/// What a plan is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How often.
    pub frequency: Frequency,
    /// From when on; for `last_of_month` a day of the first month.
    pub start: Day,
    /// How much each time.
    pub amount: Cents,
    /// How much in all.
    pub total: Cents,
    /// What is paid before.
    pub down: Option<Down>,
}

/// What is paid before the regular instalments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Down {
    /// How much.
    pub amount: Cents,
    /// When.
    pub on: Day,
}

/// An instalment as it is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which, from 1; a down payment is the first.
    pub number: i64,
    /// The day.
    pub on: Day,
    /// How much.
    pub amount: Cents,
}

/// Why terms make no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// An amount is not positive.
    Nothing,
    /// The down payment leaves nothing to be paid.
    DownIsAll,
    /// The down payment is not before the first instalment.
    DownTooLate {
        /// The day of the first instalment.
        first: Day,
    },
    /// It takes more instalments than any plan may have.
    TooMany {
        /// How many it takes.
        count: i64,
        /// The least amount with which there are few enough.
        least: Cents,
    },
    /// It goes beyond the calendar.
    Never,
    /// As many payments as any plan may have do not pay it off, with its interest.
    Unending,
}

/// Whether a plan whose first regular instalment is on `first` and whose last is on `last` runs no longer than so many
/// months: 24 months are 24 monthly payments.
pub fn is_within(first: Day, last: Day, months: i64) -> bool {
    let end = Span::new().try_months(months).and_then(|span| first.0.checked_add(span));
    end.is_ok_and(|end| last.0 < end)
}

/// The instalments of a plan, in order.
pub fn schedule(terms: &Terms) -> Result<Vec<Planned>, Odd> {
    let down = terms.down.map_or(Cents::ZERO, |down| down.amount);
    if !terms.amount.is_positive()
        || !terms.total.is_positive()
        || terms.down.is_some_and(|d| !d.amount.is_positive())
    {
        return Err(Odd::Nothing);
    }
    let rest = terms.total.minus(down).filter(|rest| rest.is_positive()).ok_or(Odd::DownIsAll)?;
    let first = nth(terms.frequency, terms.start, 0).ok_or(Odd::Never)?;
    if terms.down.is_some_and(|down| down.on >= first) {
        return Err(Odd::DownTooLate { first });
    }
    let (rest, each, extra) = (rest.get(), terms.amount.get(), i64::from(terms.down.is_some()));
    let regular = (rest - 1) / each + 1;
    if regular > MOST - extra {
        let least = Cents::new((rest - 1) / (MOST - extra) + 1);
        return Err(Odd::TooMany { count: regular + extra, least });
    }
    let mut all: Vec<Planned> =
        terms.down.iter().map(|down| Planned { number: 1, on: down.on, amount: down.amount }).collect();
    for n in 0..regular {
        let on = nth(terms.frequency, terms.start, n).ok_or(Odd::Never)?;
        let amount = Cents::new(each.min(rest - n * each));
        all.push(Planned { number: n + 1 + extra, on, amount });
    }
    Ok(all)
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn terms(frequency: Frequency, start: &str, amount: i64, total: i64) -> Terms {
        Terms {
            frequency,
            start: day(start),
            amount: Cents::new(amount),
            total: Cents::new(total),
            down: None,
        }
    }

    fn told(terms: &Terms) -> Vec<String> {
        schedule(terms).unwrap().iter().map(|p| format!("{} {} {}", p.number, p.on, p.amount)).collect()
    }

    #[test]
    fn the_documented_plans() {
        assert_eq!(
            told(&terms(Frequency::Weekly, "2026-11-27", 30_00, 100_00)),
            ["1 2026-11-27 30.00", "2 2026-12-04 30.00", "3 2026-12-11 30.00", "4 2026-12-18 10.00"]
        );
        assert_eq!(
            told(&terms(Frequency::Monthly, "2027-12-31", 30_00, 90_00)),
            ["1 2027-12-31 30.00", "2 2028-01-31 30.00", "3 2028-02-29 30.00"]
        );
        assert_eq!(
            told(&terms(Frequency::LastOfMonth, "2027-02-10", 30_00, 60_00)),
            ["1 2027-02-28 30.00", "2 2027-03-31 30.00"]
        );
        let down = Some(Down { amount: Cents::new(20_00), on: day("2026-11-20") });
        let with_down = Terms { down, ..terms(Frequency::EveryOtherWeek, "2026-12-01", 50_00, 100_00) };
        assert_eq!(told(&with_down), ["1 2026-11-20 20.00", "2 2026-12-01 50.00", "3 2026-12-15 30.00"]);
    }

    #[test]
    fn the_31st_comes_back_after_a_short_month() {
        let days: Vec<String> = schedule(&terms(Frequency::Monthly, "2027-01-31", 1, 5))
            .unwrap()
            .iter()
            .map(|p| p.on.to_string())
            .collect();
        assert_eq!(days, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]);
    }

    #[test]
    fn a_plan_of_a_leap_day_pays_on_the_29th_of_other_months() {
        assert_eq!(nth(Frequency::Monthly, day("2028-02-29"), 12), Some(day("2029-02-28")));
        assert_eq!(nth(Frequency::Monthly, day("2028-02-29"), 13), Some(day("2029-03-29")));
        assert_eq!(nth(Frequency::LastOfMonth, day("2028-02-01"), 0), Some(day("2028-02-29")));
    }

    #[test]
    fn absurd_terms_make_no_plan() {
        let odd = |terms: &Terms| schedule(terms).unwrap_err();
        let too_many = terms(Frequency::Weekly, "2026-12-01", 1, 1_000_00);
        let Odd::TooMany { count, least } = odd(&too_many) else { panic!() };
        assert_eq!((count, least), (1_000_00, Cents::new(167)));
        assert!(schedule(&Terms { amount: least, ..too_many }).is_ok());
        assert_eq!(odd(&terms(Frequency::Weekly, "2026-12-01", 0, 5)), Odd::Nothing);
        assert_eq!(odd(&terms(Frequency::Monthly, "9999-12-01", 1, 5)), Odd::Never);
        let down = |amount, on| Some(Down { amount: Cents::new(amount), on: day(on) });
        let plan = terms(Frequency::Weekly, "2026-12-01", 5, 10);
        assert_eq!(odd(&Terms { down: down(10, "2026-11-20"), ..plan }), Odd::DownIsAll);
        assert_eq!(
            odd(&Terms { down: down(5, "2026-12-01"), ..plan }),
            Odd::DownTooLate { first: day("2026-12-01") }
        );
    }

    #[test]
    fn so_many_months_are_so_many_monthly_payments() {
        let first = day("2027-01-31");
        let last = |n| nth(Frequency::Monthly, first, n).unwrap();
        assert!(is_within(first, last(23), 24));
        assert!(!is_within(first, last(24), 24));
        assert!(is_within(first, nth(Frequency::Weekly, first, 104).unwrap(), 24));
        assert!(!is_within(first, nth(Frequency::Weekly, first, 105).unwrap(), 24));
    }

    #[test]
    fn a_plan_goes_on_by_its_own_calendar() {
        let days = following(Frequency::Monthly, day("2027-01-31"), day("2027-02-28"), 2).unwrap();
        assert_eq!(days, [day("2027-03-31"), day("2027-04-30")]);
        let not_begun = following(Frequency::Weekly, day("2027-01-31"), day("2027-01-01"), 1).unwrap();
        assert_eq!(not_begun, [day("2027-01-31")]);
    }

    fn any_terms() -> impl Strategy<Value = Terms> {
        let frequency = prop::sample::select(Frequency::ALL);
        (frequency, 0i64..20_000, 1i64..60_000, 1i64..500_000, prop::option::of((1i64..300_000, 1i64..60)))
            .prop_map(|(frequency, offset, amount, total, down)| {
                let start = Day(day("2000-01-01").0.checked_add(Span::new().days(offset)).unwrap());
                let down = down.map(|(amount, before)| Down {
                    amount: Cents::new(amount),
                    on: Day(start.0.checked_sub(Span::new().days(before)).unwrap()),
                });
                Terms { frequency, start, amount: Cents::new(amount), total: Cents::new(total), down }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn whatever_the_terms_the_parts_add_up_and_the_days_rise(terms in any_terms()) {
            let all = match schedule(&terms) {
                Ok(all) => all,
                Err(Odd::DownIsAll) => {
                    prop_assert!(terms.down.unwrap().amount >= terms.total);
                    return Ok(());
                }
                Err(Odd::TooMany { count, least }) => {
                    prop_assert!(count > MOST);
                    let by = |amount| schedule(&Terms { amount, ..terms });
                    prop_assert!(by(least).is_ok());
                    prop_assert!(by(Cents::new(least.get() - 1)).is_err());
                    return Ok(());
                }
                Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            prop_assert_eq!(Cents::sum(all.iter().map(|p| p.amount)), Some(terms.total));
            prop_assert!(all.iter().all(|p| p.amount.is_positive()));
            prop_assert!(all.windows(2).all(|two| two[0].on < two[1].on));
            let numbers: Vec<i64> = all.iter().map(|p| p.number).collect();
            prop_assert_eq!(numbers, (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>());
            let regular = &all[usize::from(terms.down.is_some())..];
            let (last, full) = regular.split_last().unwrap();
            prop_assert!(full.iter().all(|p| p.amount == terms.amount));
            prop_assert!(last.amount <= terms.amount);
            for (n, p) in regular.iter().enumerate() {
                let n = i64::try_from(n).unwrap();
                match terms.frequency {
                    Frequency::Weekly => prop_assert_eq!((p.on.0 - terms.start.0).get_days(), i32::try_from(n * 7).unwrap()),
                    Frequency::EveryOtherWeek => prop_assert_eq!((p.on.0 - terms.start.0).get_days(), i32::try_from(n * 14).unwrap()),
                    // The anchor's day, or the last one of a month that has no such day.
                    Frequency::Monthly => prop_assert_eq!(p.on.0.day(), terms.start.0.day().min(p.on.0.days_in_month())),
                    Frequency::LastOfMonth => prop_assert_eq!(p.on.0, p.on.0.last_of_month()),
                }
                if matches!(terms.frequency, Frequency::Monthly | Frequency::LastOfMonth) {
                    let months = |d: Day| i64::from(d.0.year()) * 12 + i64::from(d.0.month());
                    prop_assert_eq!(months(p.on) - months(terms.start), n);
                }
            }
        }

        #[test]
        fn an_instalment_is_due_on_its_own_day_whatever_the_clocks_do(terms in any_terms(), zone in prop::sample::select(&["America/New_York", "America/Los_Angeles", "Pacific/Apia", "America/Havana", "UTC"][..])) {
            let zone = jiff::tz::TimeZone::get(zone).unwrap();
            let Ok(all) = schedule(&terms) else { return Ok(()) };
            for p in all {
                // Apia left out a whole day, 2011-12-30: what was due on it is due when the next begins.
                let due = p.on.start_in(&zone).day_in(&zone);
                prop_assert!(due == p.on || due == p.on.next());
                prop_assert!(due == p.on || p.on == day("2011-12-30"));
            }
        }

        #[test]
        fn what_goes_on_goes_on_after_the_day_and_never_twice(terms in any_terms(), late in 0i64..4_000, count in 1usize..40) {
            let after = Day(terms.start.0.checked_add(Span::new().days(late)).unwrap());
            let days = following(terms.frequency, terms.start, after, count).unwrap();
            prop_assert_eq!(days.len(), count);
            prop_assert!(days[0] > after);
            prop_assert!(days.windows(2).all(|two| two[0] < two[1]));
            prop_assert!((0..).map_while(|n| nth(terms.frequency, terms.start, n)).take_while(|d| *d <= *days.last().unwrap()).filter(|d| *d > after).eq(days.iter().copied()));
        }
    }
}
