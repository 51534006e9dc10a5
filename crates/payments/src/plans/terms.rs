//! The terms of a plan in words, as an authorization, its text and its copy say them.

use base::{Cents, Day};
use books::debts::Frequency;
use books::debts::plans::Plan;
use books::messages::Language;

use super::schedule::{Down, Terms, schedule};

/// What is still to be paid, where an authorization is not of the whole plan: from which day on, and how much, where it has an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ahead {
    /// By another method, or anew.
    GoesOn(Day, Option<Cents>),
    /// Of a broken plan that goes on.
    Reinstated(Day, Option<Cents>),
}

impl Ahead {
    fn told(self, language: Language) -> String {
        let (Ahead::GoesOn(first, left) | Ahead::Reinstated(first, left)) = self;
        let is_reinstated = matches!(self, Ahead::Reinstated(..));
        let (begins, to_pay) = match (language, is_reinstated) {
            (Language::English, true) => (format!("reinstated from {first}"), "to pay"),
            (Language::English, false) => (format!("from {first} on"), "to pay"),
            (Language::Spanish, true) => (format!("reanudado desde el {first}"), "por pagar"),
            (Language::Spanish, false) => (format!("desde el {first}"), "por pagar"),
        };
        let with = if language == Language::English { "with" } else { "con" };
        match left {
            Some(left) => format!("{begins} {with} USD {left} {to_pay}: "),
            None => format!("{begins}: "),
        }
    }
}

/// What is said of the interest that a plan is expected to pay.
fn bears(plan: &Plan, language: Language) -> String {
    match (plan.projected_interest, plan.annual_percentage_rate, language) {
        (Some(interest), Some(rate), Language::English) => {
            format!(", of it USD {interest} of projected interest at {rate} % a year")
        }
        (Some(interest), Some(rate), Language::Spanish) => {
            format!(", de ello USD {interest} de intereses previstos al {rate} % anual")
        }
        _ => String::new(),
    }
}

fn often(frequency: Frequency, language: Language) -> String {
    match (language, frequency) {
        (Language::English, frequency) => frequency.as_str().replace('_', " "),
        (Language::Spanish, Frequency::Weekly) => "cada semana".into(),
        (Language::Spanish, Frequency::EveryOtherWeek) => "cada dos semanas".into(),
        (Language::Spanish, Frequency::Monthly) => "cada mes".into(),
        (Language::Spanish, Frequency::LastOfMonth) => "el último día de cada mes".into(),
    }
}

/// The terms of a plan; nothing of one whose terms are not known.
pub(super) fn told(plan: &Plan, ahead: Option<Ahead>, language: Language) -> String {
    let (Some(frequency), Some(start), Some(each)) = (plan.frequency, plan.start_date, plan.amount) else {
        return String::new();
    };
    let ahead = ahead.map(|ahead| ahead.told(language)).unwrap_or_default();
    let often = often(frequency, language);
    let Some(total) = plan.total_amount else {
        return match language {
            Language::English => format!("{ahead}USD {each} {often} from {start} until nothing is owed"),
            Language::Spanish => {
                format!("{ahead}USD {each} {often} desde el {start} hasta que no se deba nada")
            }
        };
    };
    let down = plan.down_payment.zip(plan.down_payment_date).map(|(amount, on)| Down { amount, on });
    // Whoever enrols has just seen that these terms make a plan.
    let all = schedule(&Terms { frequency, start, amount: each, total, down }).unwrap_or_default();
    let (count, last) = (all.len(), all.last().map_or(start, |planned| planned.on));
    let bears = bears(plan, language);
    match language {
        Language::English => {
            let down = down.map_or_else(String::new, |d| format!("USD {} on {}, then ", d.amount, d.on));
            let settles = plan.settles.map_or_else(String::new, |b| format!(", in settlement of USD {b}"));
            let payments = if count == 1 { "payment" } else { "payments" };
            format!(
                "{ahead}{down}USD {each} {often} from {start} to {last}: {count} {payments}, USD {total} in all{bears}{settles}"
            )
        }
        Language::Spanish => {
            let down = down.map_or_else(String::new, |d| format!("USD {} el {}, luego ", d.amount, d.on));
            let settles = plan.settles.map_or_else(String::new, |b| format!(", en liquidación de USD {b}"));
            let payments = if count == 1 { "pago" } else { "pagos" };
            format!(
                "{ahead}{down}USD {each} {often} desde el {start} hasta el {last}: {count} {payments}, USD {total} en total{bears}{settles}"
            )
        }
    }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use base::ids::Uuid;
    use base::{TenantId, Ts};
    use books::debts::plans::Rate;
    use books::debts::{DebtId, PlanId};

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn plan(frequency: Frequency, total: Option<i64>) -> Plan {
        let nil = Uuid::nil();
        Plan {
            frequency: Some(frequency),
            start_date: Some(day("2026-11-21")),
            amount: Some(Cents::new(40_00)),
            total_amount: total.map(Cents::new),
            ..Plan::pending(TenantId(nil), PlanId(nil), DebtId(nil), Ts::from_micros(0))
        }
    }

    #[test]
    fn terms_are_told_in_both_languages() {
        let plain = plan(Frequency::Monthly, Some(100_00));
        assert_eq!(
            told(&plain, None, Language::English),
            "USD 40.00 monthly from 2026-11-21 to 2027-01-21: 3 payments, USD 100.00 in all"
        );
        assert_eq!(
            told(&plain, None, Language::Spanish),
            "USD 40.00 cada mes desde el 2026-11-21 hasta el 2027-01-21: 3 pagos, USD 100.00 en total"
        );
        let settles = Plan {
            settles: Some(Cents::new(200_00)),
            down_payment: Some(Cents::new(20_00)),
            down_payment_date: Some(day("2026-11-20")),
            ..plain.clone()
        };
        assert_eq!(
            told(&settles, None, Language::English),
            "USD 20.00 on 2026-11-20, then USD 40.00 monthly from 2026-11-21 to 2026-12-21: 3 payments, USD 100.00 in all, \
             in settlement of USD 200.00"
        );
        assert_eq!(
            told(&settles, None, Language::Spanish),
            "USD 20.00 el 2026-11-20, luego USD 40.00 cada mes desde el 2026-11-21 hasta el 2026-12-21: 3 pagos, USD 100.00 en \
             total, en liquidación de USD 200.00"
        );
        let bears = Plan {
            annual_percentage_rate: Rate::parse("6.5"),
            projected_interest: Some(Cents::new(1_23)),
            ..plain
        };
        assert!(
            told(&bears, None, Language::English)
                .ends_with("USD 100.00 in all, of it USD 1.23 of projected interest at 6.5 % a year")
        );
        assert!(
            told(&bears, None, Language::Spanish)
                .ends_with("USD 100.00 en total, de ello USD 1.23 de intereses previstos al 6.5 % anual")
        );
        let open = plan(Frequency::EveryOtherWeek, None);
        assert_eq!(
            told(&open, None, Language::English),
            "USD 40.00 every other week from 2026-11-21 until nothing is owed"
        );
        assert_eq!(
            told(&open, None, Language::Spanish),
            "USD 40.00 cada dos semanas desde el 2026-11-21 hasta que no se deba nada"
        );
    }

    #[test]
    fn what_is_left_is_told_first() {
        let plain = plan(Frequency::Monthly, Some(80_00));
        let (first, left) = (day("2026-12-21"), Cents::new(40_00));
        assert_eq!(
            told(&plain, Some(Ahead::Reinstated(first, Some(left))), Language::English),
            "reinstated from 2026-12-21 with USD 40.00 to pay: USD 40.00 monthly from 2026-11-21 to 2026-12-21: 2 payments, \
             USD 80.00 in all"
        );
        assert!(
            told(&plain, Some(Ahead::GoesOn(first, Some(left))), Language::Spanish)
                .starts_with("desde el 2026-12-21 con USD 40.00 por pagar: USD 40.00 cada mes")
        );
    }
}
