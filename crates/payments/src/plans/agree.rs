//! What is agreed upon: the terms that somebody asks for, held against what is owed and allowed.

use base::{Cents, Code, Day, Failure, Result};
use books::debts::Frequency;
use books::debts::offers::Offer;
use books::orgs::PaymentRules;

use super::schedule::{Down, MOST, Odd, Planned, Terms, is_within, nth, schedule};

/// Terms as they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How often.
    pub frequency: Frequency,
    /// From when on; the next day, where absent.
    pub start: Option<Day>,
    /// How much each time.
    pub amount: Cents,
    /// How much in all; what is owed, where absent.
    pub total: Option<Cents>,
    /// Whether it pays until nothing is owed, whatever that comes to.
    pub open_ended: bool,
    /// What is paid before.
    pub down: Option<Cents>,
    /// When that is; today, where absent.
    pub down_on: Option<Day>,
}

/// What terms are held against.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// What is owed; none where no account is named.
    pub balance: Option<Cents>,
    /// The account's own minimum.
    pub own_minimum: Option<Cents>,
    /// The organization's limits.
    pub limits: &'a PaymentRules,
    /// The offer that is taken up.
    pub offer: Option<&'a Offer>,
    /// The day it is, where the organization is.
    pub today: Day,
}

/// Terms that may be agreed upon, and what they come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// How often.
    pub frequency: Frequency,
    /// From when on.
    pub start: Day,
    /// How much each time.
    pub amount: Cents,
    /// How much in all; none where it is open-ended.
    pub total: Option<Cents>,
    /// Of a settlement: the balance that the total settles.
    pub settles: Option<Cents>,
    /// What is paid before.
    pub down: Option<Down>,
    /// Every instalment; where it is open-ended, as they would be if the balance stayed what it is.
    pub all: Vec<Planned>,
}

impl Agreed {
    /// The instalments that are scheduled when it is enrolled in: an open-ended plan schedules one at a time.
    pub fn to_schedule(&self) -> &[Planned] {
        match self.total {
            Some(_) => &self.all,
            None => self.all.get(..1).unwrap_or_default(),
        }
    }

    /// The day of the first payment.
    pub fn first(&self) -> Day {
        self.all.first().map_or(self.start, |planned| planned.on)
    }
}

/// The faults found so far.
struct Faults(Vec<(String, Vec<String>)>);

impl Faults {
    /// "The … field `predicate`".
    fn say(&mut self, field: &str, predicate: &str) {
        self.0.push((field.into(), vec![format!("The {} field {predicate}", field.replace('_', " "))]));
    }
}

/// The day on which a plan that is agreed upon today begins: at least one day later, and within the limits.
fn start(asked: Option<Day>, basis: &Basis<'_>, faults: &mut Faults) -> Day {
    let start = asked.unwrap_or(basis.today.next());
    let last = basis.limits.last_start(basis.today);
    if start <= basis.today {
        faults.say("start_date", "must be a date after today.");
    } else if start > last {
        faults.say("start_date", &format!("must be a date before or equal to {last}."));
    }
    start
}

/// Refuses a first day that no plan of today may begin on.
pub fn refuse_start(asked: Day, limits: &PaymentRules, today: Day) -> Result<()> {
    let mut faults = Faults(Vec::new());
    start(Some(asked), &Basis { balance: None, own_minimum: None, limits, offer: None, today }, &mut faults);
    if faults.0.is_empty() { Ok(()) } else { Err(Failure::fields(faults.0)) }
}

/// What the plan pays in all, and of a settlement the balance it settles.
fn total(asked: &Asked, basis: &Basis<'_>, faults: &mut Faults) -> (Option<Cents>, Option<Cents>) {
    if asked.open_ended {
        let prohibited = [
            ("total_amount", asked.total.is_some()),
            ("down_payment_amount", asked.down.is_some()),
            ("settlement_offer_id", basis.offer.is_some()),
        ];
        for (field, _) in prohibited.iter().filter(|(_, sent)| *sent) {
            faults.say(field, "is prohibited when open ended is true.");
        }
        return (basis.balance, None);
    }
    let offered = basis.offer.map(|offer| offer.amount);
    let Some(total) = asked.total.or(offered).or(basis.balance) else {
        faults.say("total_amount", "is required.");
        return (None, None);
    };
    if let Some(offered) = offered.filter(|offered| *offered != total) {
        faults.say("total_amount", &format!("must be {}, as the settlement offer says.", offered.get()));
    }
    let Some(balance) = basis.balance else { return (Some(total), None) };
    if total > balance {
        let field = if asked.total.is_none() && basis.offer.is_some() {
            "settlement_offer_id"
        } else {
            "total_amount"
        };
        let said = format!("must not be greater than {}, which is what is owed.", balance.get());
        faults.say(field, &said);
    }
    if total >= balance {
        return (Some(total), None);
    }
    if let Err(Failure::Refused(refusal)) = basis.limits.refuse_discount("total_amount", balance, total) {
        faults.0.extend(refusal.fields);
    }
    (Some(total), Some(balance))
}

/// Refuses where the organization lets nobody pay by a plan. What was agreed upon before goes on.
pub fn refuse_disabled(limits: &PaymentRules) -> Result<()> {
    if limits.payment_plans_enabled {
        return Ok(());
    }
    Err(Failure::refused(Code::NotAllowedNow, "Payment plans are switched off by your organization's rules."))
}

/// Holds terms against what is owed and allowed. Names everything that is wrong at once.
pub fn agree(asked: &Asked, basis: &Basis<'_>) -> Result<Agreed> {
    refuse_disabled(basis.limits)?;
    let mut faults = Faults(Vec::new());
    let start = start(asked.start, basis, &mut faults);
    let (total, settles) = total(asked, basis, &mut faults);
    let down = asked.down.map(|amount| Down { amount, on: asked.down_on.unwrap_or(basis.today) });
    if down.is_some_and(|down| down.on < basis.today) {
        faults.say("down_payment_date", "must be a date after or equal to today.");
    }
    let Some(whole) = total else {
        return Err(Failure::fields(faults.0));
    };
    let least = basis.limits.least_instalment(basis.own_minimum);
    for (field, amount) in [("amount", Some(asked.amount)), ("down_payment_amount", asked.down)] {
        if amount.is_some_and(|amount| amount < least && amount < whole) {
            faults.say(field, &format!("must be at least {}.", least.get()));
        }
    }
    let terms = Terms { frequency: asked.frequency, start, amount: asked.amount, total: whole, down };
    let all = match schedule(&terms) {
        Ok(all) => all,
        Err(odd) => {
            odd_terms(odd, &mut faults);
            return Err(Failure::fields(faults.0));
        }
    };
    too_long(&terms, &all, settles.is_some(), basis, &mut faults);
    if let Some(most) = basis.offer.map(|offer| offer.max_instalments)
        && i64::try_from(all.len()).is_ok_and(|many| many > most)
    {
        let said = match most {
            1 => "must be the whole amount: the settlement offer is for one payment.".to_owned(),
            most => format!("makes {} payments; the settlement offer is for {most} at most.", all.len()),
        };
        faults.say("amount", &said);
    }
    if !faults.0.is_empty() {
        return Err(Failure::fields(faults.0));
    }
    let total = total.filter(|_| !asked.open_ended);
    Ok(Agreed { frequency: asked.frequency, start, amount: asked.amount, total, settles, down, all })
}

fn odd_terms(odd: Odd, faults: &mut Faults) {
    match odd {
        Odd::Nothing => faults.say("amount", "must be at least 1."),
        Odd::DownIsAll => faults.say("down_payment_amount", "must be less than the total amount."),
        Odd::DownTooLate { first } => {
            faults
                .say("down_payment_date", &format!("must be a date before {first}, the first instalment's."));
        }
        Odd::TooMany { count, least } => faults.say(
            "amount",
            &format!(
                "must be at least {}: the plan would take {count} payments, and may take {MOST}.",
                least.get()
            ),
        ),
        Odd::Never => faults.say("start_date", "must be a date before the end of the calendar."),
    }
}

/// Refuses a plan that runs longer than it may. Where nobody ends it, an open-ended one may run as long as any.
fn too_long(terms: &Terms, all: &[Planned], is_settlement: bool, basis: &Basis<'_>, faults: &mut Faults) {
    let limits = basis.limits;
    let (months, what) = match is_settlement {
        true => (limits.settlement_max_months, "settlement"),
        false => (limits.payment_plan_max_months, "plan"),
    };
    let (Some(first), Some(last)) = (nth(terms.frequency, terms.start, 0), all.last()) else { return };
    if is_within(first, last.on, months) {
        return;
    }
    let day = |n: i64| nth(terms.frequency, terms.start, n).filter(|day| is_within(first, *day, months));
    let fitting = (0..MOST).take_while(|n| day(*n).is_some()).count();
    let rest = terms.total.minus_down_to_zero(terms.down.map_or(Cents::ZERO, |down| down.amount)).get();
    let least = i64::try_from(fitting).ok().filter(|n| *n > 0).map_or(rest, |n| (rest - 1) / n + 1);
    faults.say("amount", &format!("must be at least {least}: a {what} may run {months} months."));
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn asked(amount: i64, total: Option<i64>) -> Asked {
        Asked {
            frequency: Frequency::Monthly,
            start: None,
            amount: Cents::new(amount),
            total: total.map(Cents::new),
            open_ended: false,
            down: None,
            down_on: None,
        }
    }

    fn with(asked: &Asked, balance: i64) -> Result<Agreed> {
        let limits = PaymentRules::default();
        let basis = Basis {
            balance: Some(Cents::new(balance)),
            own_minimum: Some(Cents::new(5_00)),
            limits: &limits,
            offer: None,
            today: day("2026-11-20"),
        };
        agree(asked, &basis)
    }

    fn said(asked: &Asked, balance: i64) -> Vec<String> {
        match with(asked, balance) {
            Err(Failure::Refused(refusal)) => refusal.fields.into_iter().flat_map(|(_, said)| said).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_owed_is_paid_from_the_next_day_on() {
        let agreed = with(&asked(40_00, None), 100_00).unwrap();
        assert_eq!(
            (agreed.start, agreed.total, agreed.settles),
            (day("2026-11-21"), Some(Cents::new(100_00)), None)
        );
        assert_eq!((agreed.all.len(), agreed.all[2].on), (3, day("2027-01-21")));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = Asked {
            start: Some(day("2026-11-20")),
            down: Some(Cents::new(1_00)),
            down_on: Some(day("2026-11-19")),
            ..asked(4_99, Some(100_01))
        };
        assert_eq!(
            said(&wrong, 100_00),
            [
                "The start date field must be a date after today.",
                "The total amount field must not be greater than 10000, which is what is owed.",
                "The down payment date field must be a date after or equal to today.",
                "The amount field must be at least 500.",
                "The down payment amount field must be at least 500.",
            ]
        );
        let late = Asked { start: Some(day("2026-12-22")), ..asked(40_00, None) };
        assert_eq!(
            said(&late, 100_00),
            ["The start date field must be a date before or equal to 2026-12-21."]
        );
    }

    #[test]
    fn a_settlement_is_a_lower_total_within_its_limits() {
        let agreed = with(&asked(10_00, Some(20_00)), 100_00).unwrap();
        assert_eq!(agreed.settles, Some(Cents::new(100_00)));
        assert_eq!(
            said(&asked(10_00, Some(19_99)), 100_00),
            ["The total amount field must be at least 2000: a settlement may take off 80 percent."]
        );
        // 24 months are 24 payments.
        assert!(with(&asked(10_00, Some(240_00)), 300_00).is_ok());
        assert_eq!(
            said(&asked(10_00, Some(250_00)), 300_00),
            ["The amount field must be at least 1042: a settlement may run 24 months."]
        );
        assert!(with(&asked(10_00, None), 250_00).is_ok(), "a plain plan may run longer");
    }

    #[test]
    fn an_open_ended_plan_schedules_one_at_a_time() {
        let open = Asked { open_ended: true, ..asked(40_00, None) };
        let agreed = with(&open, 100_00).unwrap();
        assert_eq!((agreed.total, agreed.all.len(), agreed.to_schedule().len()), (None, 3, 1));
        assert_eq!(
            said(&Asked { total: Some(Cents::new(50_00)), ..open }, 100_00),
            ["The total amount field is prohibited when open ended is true."]
        );
    }
}
