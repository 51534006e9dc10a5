//! What is agreed upon: the terms that somebody asks for, held against what is owed and allowed.

use base::{Cents, Change, Code, Day, Failure, Result};
use books::debts::Frequency;
use books::debts::offers::Offer;
use books::debts::plans::{AHEAD, Plan, Rate};
use books::orgs::PaymentRules;

use super::interest::{Bearing, Payments, Projected, project};
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
    /// The interest it is expected to pay.
    pub interest: Interest,
}

impl Asked {
    /// What a pending plan comes to by these terms: besides them whatever it says. What is no settlement is about all that is
    /// owed, whatever that was when the plan was made.
    pub fn of_pending(plan: &Plan, frequency: Frequency, start: Day, amount: Cents, today: Day) -> Asked {
        Asked {
            frequency,
            start: Some(start),
            amount,
            total: plan.total_amount.filter(|_| plan.settles.is_some()),
            open_ended: plan.open_ended,
            down: plan.down_payment,
            down_on: plan.down_payment_date.map(|on| on.max(today)),
            interest: Interest::default().over(plan, Change::Keep),
        }
    }
}

/// Interest as it is asked for: none, where there is no rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The yearly rate.
    pub rate: Option<Rate>,
    /// What bears it; where absent, what is owed but for what is paid before.
    pub principal: Option<Cents>,
    /// What is paid before; where absent, what is owed but for the principal.
    pub before: Option<Cents>,
    /// Whether it is collected once the principal is paid; so, where absent.
    pub after_principal: Option<bool>,
}

impl Interest {
    /// Whether a plan says nothing else, but for the rate.
    pub(super) fn is_of(&self, plan: &Plan) -> bool {
        self.principal.is_none_or(|sent| Some(sent) == plan.principal_balance)
            && self.before.is_none_or(|sent| Some(sent) == plan.pre_principal_balance)
            && self.after_principal.is_none_or(|sent| Some(sent) == plan.interest_collected_after_principal)
    }

    /// This, and what a pending plan says besides: all that is owed by now, whatever that was when the plan was made. Without
    /// its rate a plan expects none.
    pub(super) fn over(&self, plan: &Plan, rate: Change<Rate>) -> Interest {
        let rate = rate.over(plan.annual_percentage_rate);
        let principal = self.principal.filter(|sent| Some(*sent) != plan.principal_balance);
        let kept = plan.pre_principal_balance.filter(|_| rate.is_some() && principal.is_none());
        Interest {
            rate,
            principal,
            before: self.before.filter(|sent| Some(*sent) != plan.pre_principal_balance).or(kept),
            after_principal: self.after_principal.or(plan.interest_collected_after_principal),
        }
    }
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
    /// What is left to pay of a settlement that these terms replace: it was allowed once, and is again.
    pub settlement_left: Option<Cents>,
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
    /// What bears interest, and how much is expected.
    pub interest: Option<(Bearing, Projected)>,
}

impl Agreed {
    /// The instalments that are scheduled when it is enrolled in: of an open-ended plan only the next.
    pub fn to_schedule(&self) -> &[Planned] {
        match self.total {
            Some(_) => &self.all,
            None => self.all.get(..AHEAD).unwrap_or(&self.all),
        }
    }

    /// How much of an instalment is expected to be interest.
    pub fn interest_of(&self, planned: &Planned) -> Option<Cents> {
        let (_, projected) = self.interest.as_ref()?;
        let nth = usize::try_from(planned.number - 1).ok()?;
        Some(projected.each.get(nth).copied().unwrap_or(Cents::ZERO))
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
    start(
        Some(asked),
        &Basis { balance: None, own_minimum: None, limits, offer: None, settlement_left: None, today },
        &mut faults,
    );
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
    let Some(total) = asked.total.or(offered).or(basis.settlement_left).or(basis.balance) else {
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
    if basis.settlement_left == Some(total) {
        return (Some(total), Some(balance));
    }
    if let Err(Failure::Refused(refusal)) = basis.limits.refuse_discount("total_amount", balance, total) {
        faults.0.extend(refusal.fields);
    }
    (Some(total), Some(balance))
}

/// What of a plan bears interest. Its parts add up to what is owed: a plan that pays less is a settlement.
fn bearing(rate: Rate, asked: &Asked, basis: &Basis<'_>, faults: &mut Faults) -> Option<Bearing> {
    let prohibited = [
        ("open_ended", asked.open_ended),
        ("total_amount", asked.total.is_some()),
        ("settlement_offer_id", basis.offer.is_some()),
    ];
    for (field, _) in prohibited.iter().filter(|(_, sent)| *sent) {
        faults.say(field, "is prohibited when annual percentage rate is present.");
    }
    let Interest { principal, before, after_principal, .. } = asked.interest;
    let (principal, before) = match (principal, before, basis.balance) {
        (None, before, Some(owed)) => {
            let before = before.unwrap_or(Cents::ZERO);
            if before >= owed {
                let said = format!("must be less than {}, which is what is owed.", owed.get());
                faults.say("pre_principal_balance", &said);
            }
            (owed.minus_down_to_zero(before), before)
        }
        (Some(principal), None, Some(owed)) => {
            if principal > owed {
                let said = format!("must not be greater than {}, which is what is owed.", owed.get());
                faults.say("principal_balance", &said);
            }
            (principal, owed.minus_down_to_zero(principal))
        }
        (Some(principal), Some(before), owed) => {
            if let Some(owed) = owed.filter(|owed| principal.plus(before) != Some(*owed)) {
                let said = format!(
                    "must add up to {}, which is what is owed, with the pre principal balance.",
                    owed.get()
                );
                faults.say("principal_balance", &said);
            }
            (principal, before)
        }
        (Some(principal), None, None) => (principal, Cents::ZERO),
        (None, _, None) => {
            faults.say("principal_balance", "is required.");
            return None;
        }
    };
    Some(Bearing {
        rate,
        principal,
        before,
        after_principal: after_principal.unwrap_or(true),
        from: basis.today,
    })
}

/// Refuses where the organization lets nobody pay by a plan. What was agreed upon before goes on.
pub fn refuse_disabled(limits: &PaymentRules) -> Result<()> {
    if limits.payment_plans_enabled {
        return Ok(());
    }
    Err(Failure::refused(Code::NotAllowedNow, "Payment plans are switched off by your organization's rules."))
}

/// Refuses less each time than a proposal lets its customer choose.
pub fn refuse_below_proposed(plan: &Plan, amount: Cents) -> Result<()> {
    match plan.min_payment_amount.filter(|least| amount < *least) {
        Some(least) => {
            Err(Failure::field("amount", format!("The amount field must be at least {}.", least.get())))
        }
        None => Ok(()),
    }
}

/// Holds terms against what is owed and allowed. Names everything that is wrong at once.
pub fn agree(asked: &Asked, basis: &Basis<'_>) -> Result<Agreed> {
    refuse_disabled(basis.limits)?;
    let mut faults = Faults(Vec::new());
    let start = start(asked.start, basis, &mut faults);
    let down = asked.down.map(|amount| Down { amount, on: asked.down_on.unwrap_or(basis.today) });
    let (total, settles, interest) = match asked.interest.rate {
        Some(rate) => {
            let Some(bearing) = bearing(rate, asked, basis, &mut faults) else {
                return Err(Failure::fields(faults.0));
            };
            let payments = Payments { frequency: asked.frequency, start, amount: asked.amount, down };
            let projected = match project(&bearing, &payments) {
                Ok(projected) => projected,
                Err(odd) => {
                    odd_terms(odd, &mut faults);
                    return Err(Failure::fields(faults.0));
                }
            };
            let total = Cents::sum([bearing.principal, bearing.before, projected.interest]);
            if total.is_none() {
                let said = format!("must not be greater than {} with its interest.", Cents::MOST.get());
                faults.say("principal_balance", &said);
            }
            (total, None, Some((bearing, projected)))
        }
        None => {
            if asked.interest.principal.or(asked.interest.before).is_some() {
                faults.say("annual_percentage_rate", "is required when principal balance is present.");
            }
            let (total, settles) = total(asked, basis, &mut faults);
            (total, settles, None)
        }
    };
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
    Ok(Agreed {
        frequency: asked.frequency,
        start,
        amount: asked.amount,
        total,
        settles,
        down,
        all,
        interest,
    })
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
        Odd::Unending => {
            faults.say("amount", &format!("must be more: with interest {MOST} payments do not pay it off."));
        }
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
            interest: Interest::default(),
        }
    }

    fn with(asked: &Asked, balance: i64) -> Result<Agreed> {
        let limits = PaymentRules::default();
        let basis = Basis {
            balance: Some(Cents::new(balance)),
            own_minimum: Some(Cents::new(5_00)),
            limits: &limits,
            offer: None,
            settlement_left: None,
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

    fn bears(rate: &str, principal: Option<i64>, before: Option<i64>) -> Interest {
        Interest {
            rate: Rate::parse(rate),
            principal: principal.map(Cents::new),
            before: before.map(Cents::new),
            after_principal: None,
        }
    }

    #[test]
    fn interest_is_part_of_the_total_and_of_the_last_payments() {
        // 100.00 for 30 days at 36.5 % are 3.00; 50.00 for 31 days 1.55.
        let start = Some(day("2026-12-20"));
        let plan = Asked { start, interest: bears("36.5", None, None), ..asked(50_00, None) };
        let agreed = with(&plan, 100_00).unwrap();
        assert_eq!((agreed.total, agreed.settles), (Some(Cents::new(104_55)), None));
        let told: Vec<(i64, i64)> =
            agreed.all.iter().map(|p| (p.amount.get(), agreed.interest_of(p).unwrap().get())).collect();
        assert_eq!(told, [(50_00, 0), (50_00, 0), (4_55, 4_55)]);
        // The parts of what is owed: the one that is not said is the rest.
        for (principal, before, parts) in [
            (None, Some(40_00), (60_00, 40_00)),
            (Some(60_00), None, (60_00, 40_00)),
            (Some(60_00), Some(40_00), (60_00, 40_00)),
            (Some(100_00), None, (100_00, 0)),
        ] {
            let plan = Asked { interest: bears("36.5", principal, before), ..plan };
            let (bearing, _) = with(&plan, 100_00).unwrap().interest.unwrap();
            assert_eq!((bearing.principal.get(), bearing.before.get()), parts);
        }
    }

    #[test]
    fn interest_is_for_plain_plans_and_what_is_owed() {
        let plan = |interest| Asked { interest, ..asked(50_00, None) };
        assert_eq!(
            said(&plan(bears("5", Some(60_00), Some(39_99))), 100_00),
            [
                "The principal balance field must add up to 10000, which is what is owed, with the pre principal balance."
            ]
        );
        assert_eq!(
            said(&plan(bears("5", Some(100_01), None)), 100_00),
            ["The principal balance field must not be greater than 10000, which is what is owed."]
        );
        assert_eq!(
            said(&plan(bears("5", None, Some(100_00))), 100_00),
            ["The pre principal balance field must be less than 10000, which is what is owed."]
        );
        assert_eq!(
            said(&Asked { total: Some(Cents::new(50_00)), ..plan(bears("5", None, None)) }, 100_00),
            ["The total amount field is prohibited when annual percentage rate is present."]
        );
        assert_eq!(
            said(&Asked { open_ended: true, ..plan(bears("5", None, None)) }, 100_00),
            ["The open ended field is prohibited when annual percentage rate is present."]
        );
        assert_eq!(
            said(&plan(bears("", Some(50_00), None)), 100_00),
            ["The annual percentage rate field is required when principal balance is present."]
        );
        let heavy = Interest { after_principal: Some(false), ..bears("100", None, None) };
        assert_eq!(
            said(&Asked { interest: heavy, ..asked(5_00, None) }, 1_000_00),
            ["The amount field must be more: with interest 600 payments do not pay it off."]
        );
    }

    #[test]
    fn an_open_ended_plan_schedules_its_next_payments_only() {
        let open = Asked { open_ended: true, ..asked(40_00, None) };
        let agreed = with(&open, 100_00).unwrap();
        assert_eq!((agreed.total, agreed.all.len(), agreed.to_schedule().len()), (None, 3, 2));
        assert_eq!(
            said(&Asked { total: Some(Cents::new(50_00)), ..open }, 100_00),
            ["The total amount field is prohibited when open ended is true."]
        );
    }
}
