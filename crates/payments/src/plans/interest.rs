//! The interest that a plan is expected to pay: Actual/365, from its terms alone.
//!
//! A projection. It moves no balance: interest is owed once the system of record adds it to the account.
//!
//! Must always hold:
//! - A period is the days from one payment's to the next one's, the first from the day the plan is agreed on. Each day bears
//!   a 365th of the yearly rate on the principal that is not paid yet, in leap years too.
//! - It is rounded once a period, to whole cents, half a cent up. Interest bears no interest.
//! - A payment goes to what stands before the principal, then to the principal and then to the interest that has accrued by
//!   then; where interest is collected first, to that before the principal.
//! - What the payments pay of each adds up to all of it, to the cent.
//!
//! | 1,000.00 at 6.5 % from 2026-11-20, 500.00 monthly from 2026-12-20 | days | interest | pays |
//! |---|---|---|---|
//! | 2026-12-20 | 30 on 1,000.00 | 5.34 | 500.00 |
//! | 2027-01-20 | 31 on 500.00 | 2.76 | 500.00 |
//! | 2027-02-20 | none | none | 8.10, all of it interest |

use base::{Cents, Day};
use books::debts::Frequency;
use books::debts::plans::Rate;

use super::schedule::{Down, MOST, Odd, nth};

/// What bears interest, and how it is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearing {
    /// The yearly rate.
    pub rate: Rate,
    /// What bears it.
    pub principal: Cents,
    /// What is paid before that, and bears none.
    pub before: Cents,
    /// Whether interest is collected once the principal is paid.
    pub after_principal: bool,
    /// From which day on.
    pub from: Day,
}

/// The payments, as far as they decide about interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payments {
    /// How often.
    pub frequency: Frequency,
    /// From when on.
    pub start: Day,
    /// How much each time.
    pub amount: Cents,
    /// What is paid before.
    pub down: Option<Down>,
}

/// The interest that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    /// All of it.
    pub interest: Cents,
    /// How much of each payment it is.
    pub each: Vec<Cents>,
}

/// Actual/365 of a principal, in cents: half a cent up.
fn accrued(principal: i64, rate: Rate, days: i64) -> i64 {
    /// A year, and the thousandths of a percent that make one.
    const WHOLE: i128 = 365 * 100_000;
    let exact = i128::from(principal) * i128::from(rate.thousandths()) * i128::from(days);
    i64::try_from((2 * exact + WHOLE) / (2 * WHOLE)).unwrap_or(i64::MAX)
}

fn days(from: Day, to: Day) -> i64 {
    i64::from((to.0 - from.0).get_days()).max(0)
}

/// Takes as much as there is of what is left of a payment.
fn take(left: &mut i64, of: &mut i64) -> i64 {
    let taken = (*left).min(*of);
    *left -= taken;
    *of -= taken;
    taken
}

/// What interest a plan with these payments is expected to pay. [`Odd::Unending`] where as many payments as a plan may have do not pay
/// it off.
pub fn project(bearing: &Bearing, payments: &Payments) -> Result<Projected, Odd> {
    if !payments.amount.is_positive() || payments.down.is_some_and(|down| !down.amount.is_positive()) {
        return Err(Odd::Nothing);
    }
    let (mut before, mut principal) = (bearing.before.get(), bearing.principal.get());
    let (mut due, mut all, mut from, mut each) = (0, 0, bearing.from, Vec::new());
    let regular = |n| Some((nth(payments.frequency, payments.start, n)?, payments.amount.get()));
    let down = payments.down.map(|down| Some((down.on, down.amount.get())));
    for payment in down.into_iter().chain((0..).map(regular)) {
        if before + principal + due == 0 {
            break;
        }
        if i64::try_from(each.len()).is_ok_and(|many| many >= MOST) {
            return Err(Odd::Unending);
        }
        let (on, mut left) = payment.ok_or(Odd::Never)?;
        let accrues = accrued(principal, bearing.rate, days(from, on));
        (due, all, from) = (due + accrues, all + accrues, on);
        take(&mut left, &mut before);
        if bearing.after_principal {
            take(&mut left, &mut principal);
            each.push(Cents::new(take(&mut left, &mut due)));
        } else {
            each.push(Cents::new(take(&mut left, &mut due)));
            take(&mut left, &mut principal);
        }
    }
    Ok(Projected { interest: Cents::new(all), each })
}

/// How much of each of these payments is interest, where so much of it is still expected: the last of them where it is
/// collected after the principal, else the first.
pub(super) fn spread(amounts: &[Cents], interest: Cents, after_principal: bool) -> Vec<Cents> {
    let mut left = interest;
    let mut share = |amount: &Cents| {
        let part = left.min(*amount);
        left = left.minus_down_to_zero(part);
        part
    };
    if after_principal {
        let mut each: Vec<Cents> = amounts.iter().rev().map(share).collect();
        each.reverse();
        each
    } else {
        amounts.iter().map(&mut share).collect()
    }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plans::schedule::{Terms, schedule};

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn bearing(rate: &str, principal: i64, before: i64, from: &str) -> Bearing {
        Bearing {
            rate: Rate::parse(rate).unwrap(),
            principal: Cents::new(principal),
            before: Cents::new(before),
            after_principal: true,
            from: day(from),
        }
    }

    fn monthly(start: &str, amount: i64) -> Payments {
        Payments { frequency: Frequency::Monthly, start: day(start), amount: Cents::new(amount), down: None }
    }

    /// All of it, and that of each payment.
    fn told(bearing: &Bearing, payments: &Payments) -> (i64, Vec<i64>) {
        let Projected { interest, each } = project(bearing, payments).unwrap();
        (interest.get(), each.into_iter().map(Cents::get).collect())
    }

    #[test]
    fn the_documented_plan() {
        // 1,000.00 x 0.065 x 30/365 = 5.3424…; 500.00 x 0.065 x 31/365 = 2.7602…
        let plan = bearing("6.5", 1_000_00, 0, "2026-11-20");
        assert_eq!(told(&plan, &monthly("2026-12-20", 500_00)), (8_10, vec![0, 0, 8_10]));
    }

    #[test]
    fn interest_that_is_collected_first_leaves_more_principal() {
        // 5.34 of the first 500.00, so 494.66 of principal: 505.34 x 0.065 x 31/365 = 2.7897…, and of the next 500.00
        // 497.21: 8.13 x 0.065 x 31/365 = 0.0448… is 0.04.
        let plan = Bearing { after_principal: false, ..bearing("6.5", 1_000_00, 0, "2026-11-20") };
        assert_eq!(told(&plan, &monthly("2026-12-20", 500_00)), (8_17, vec![5_34, 2_79, 4]));
    }

    #[test]
    fn a_year_has_365_days_whatever_the_calendar_says() {
        // The days are those of the calendar: 29 to 2028-03-01, 28 to 2027-03-01, 31 and 30 in January and April.
        // 36.5 % is a tenth of a percent a day.
        for (from, to, days) in [
            ("2028-02-01", "2028-03-01", 29),
            ("2027-02-01", "2027-03-01", 28),
            ("2027-01-01", "2027-02-01", 31),
            ("2027-04-01", "2027-05-01", 30),
            ("2028-01-01", "2029-01-01", 366),
            ("2027-01-01", "2028-01-01", 365),
            ("2028-02-29", "2028-03-01", 1),
            ("2027-05-01", "2027-05-01", 0),
        ] {
            let plan = bearing("36.5", 1_000_00, 0, from);
            assert_eq!(
                told(&plan, &monthly(to, 2_000_00)),
                (days * 1_00, vec![days * 1_00]),
                "{from} to {to}"
            );
        }
    }

    #[test]
    fn half_a_cent_is_a_cent_and_less_is_none() {
        let one_day = |principal: i64| {
            told(&bearing("36.5", principal, 0, "2026-11-20"), &monthly("2026-11-21", 1_000_00)).0
        };
        assert_eq!([one_day(4_99), one_day(5_00), one_day(14_99), one_day(15_00)], [0, 1, 1, 2]);
        // Rounded once a period: 0.4 + 0.4 + 0.4 cents are none.
        let three = bearing("36.5", 4_00, 0, "2026-11-20");
        let daily = |n: i64| accrued(three.principal.get(), three.rate, n);
        assert_eq!((daily(1) * 3, daily(3)), (0, 1));
    }

    #[test]
    fn what_stands_before_the_principal_is_paid_first_and_bears_nothing() {
        // 100.00 before. The first 150.00 pay that and 50.00 of 300.00: 300.00 x 0.365 x 30/365 = 9.00;
        // 250.00 for 31 days 7.75; 100.00 for 31 days 3.10.
        let plan = bearing("36.5", 300_00, 100_00, "2026-11-20");
        assert_eq!(told(&plan, &monthly("2026-12-20", 150_00)), (19_85, vec![0, 0, 19_85]));
        // Collected first, though after what stands before: 9.00, then 259.00 x 31/1000 = 8.029, 117.03 x 31/1000 = 3.62793.
        let first = Bearing { after_principal: false, ..plan };
        assert_eq!(told(&first, &monthly("2026-12-20", 150_00)), (20_66, vec![9_00, 8_03, 3_63]));
    }

    #[test]
    fn a_down_payment_begins_a_period() {
        // Nothing by the same day; 800.00 for 30 days 24.00, 300.00 for 31 days 9.30.
        let down = Some(Down { amount: Cents::new(200_00), on: day("2026-11-20") });
        let payments = Payments { down, ..monthly("2026-12-20", 500_00) };
        let plan = bearing("36.5", 1_000_00, 0, "2026-11-20");
        assert_eq!(told(&plan, &payments), (33_30, vec![0, 0, 33_30]));
    }

    #[test]
    fn without_a_rate_there_is_none_and_what_never_ends_is_refused() {
        let nothing = bearing("0", 1_000_00, 50_00, "2026-11-20");
        assert_eq!(told(&nothing, &monthly("2026-12-20", 500_00)), (0, vec![0, 0, 0]));
        // 10.00 a month, of which there are more in interest.
        let heavy = Bearing { after_principal: false, ..bearing("100", 1_000_00, 0, "2026-11-20") };
        assert_eq!(project(&heavy, &monthly("2026-12-20", 10_00)), Err(Odd::Unending));
        assert_eq!(project(&heavy, &monthly("2026-12-20", 0)), Err(Odd::Nothing));
    }

    #[test]
    fn what_is_left_of_it_is_spread_over_what_is_left() {
        let amounts = [10_00, 10_00, 5_00].map(Cents::new);
        let cents = |all: Vec<Cents>| all.into_iter().map(Cents::get).collect::<Vec<_>>();
        assert_eq!(cents(spread(&amounts, Cents::new(6_00), true)), [0, 1_00, 5_00]);
        assert_eq!(cents(spread(&amounts, Cents::new(12_00), false)), [10_00, 2_00, 0]);
        assert_eq!(cents(spread(&amounts, Cents::ZERO, true)), [0, 0, 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn whatever_the_terms_the_interest_adds_up_and_fits_the_schedule(
            (thousandths, principal, before) in (0i64..=100_000, 1i64..500_000, 0i64..50_000),
            (amount, wait, after_principal) in (100i64..100_000, 0i64..40, any::<bool>()),
            frequency in prop::sample::select(Frequency::ALL),
        ) {
            let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
            let bearing = Bearing { after_principal, ..bearing(&text, principal, before, "2027-01-15") };
            let start = Day(day("2027-01-16").0.checked_add(jiff::Span::new().days(wait)).unwrap());
            let payments = Payments { frequency, start, amount: Cents::new(amount), down: None };
            let Ok(projected) = project(&bearing, &payments) else { return Ok(()) };
            prop_assert_eq!(Cents::sum(projected.each.iter().copied()), Some(projected.interest));
            let total = Cents::new(principal + before + projected.interest.get());
            let all = schedule(&Terms { frequency, start, amount: payments.amount, total, down: None }).unwrap();
            prop_assert_eq!(all.len(), projected.each.len());
            prop_assert!(all.iter().zip(&projected.each).all(|(paid, interest)| *interest <= paid.amount));
            // No more than on all of it until the end, and half a cent a payment.
            let last = all.last().unwrap().on;
            let most = accrued(principal, bearing.rate, days(bearing.from, last));
            prop_assert!(projected.interest.get() <= most + i64::try_from(all.len()).unwrap());
        }
    }
}
