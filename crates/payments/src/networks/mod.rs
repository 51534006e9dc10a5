//! What the networks' rules say about a refused charge: rows with a first day and a source, looked up by day.
//!
//! The rows are the files of `rules/`; `docs/NETWORK-RULES.md` shows them. A code that no row knows is for a
//! person: it is not tried again, and the method is stopped until somebody has looked.
//!
//! - [`verdict`]: what a response code, and an advice code beside it, mean on a day;
//! - [`limits`]: how often a method may be tried again;
//! - [`ach`]: when a bank debit settles, and until when it can come back.

pub mod ach;
mod document;
mod rows;

use base::Day;

pub use document::markdown;
pub use rows::{Limit, Line, Per, Rule, Term, changes, limits, lines, rules};

base::words! {
    /// Whose rules apply.
    Network {
        /// Bank debits: the Nacha Operating Rules.
        Ach = "ach",
        /// Visa.
        Visa = "visa",
        /// Mastercard.
        Mastercard = "mastercard",
        /// Any other card network, and what all of them share.
        Any = "any",
    }
}

impl Network {
    /// The network of a card's brand.
    pub fn of_brand(brand: Option<&str>) -> Network {
        match brand {
            Some("Visa") => Network::Visa,
            Some("Mastercard") => Network::Mastercard,
            _ => Network::Any,
        }
    }
}

base::words! {
    /// What kind of no it is.
    Class {
        /// There is not enough money, or not yet.
        Funds = "funds",
        /// The account or card does not exist, is closed, or cannot be debited.
        Account = "account",
        /// The holder says they did not authorize it, or revoked the authorization.
        Unauthorized = "unauthorized",
        /// It was authorized otherwise: another amount, another day.
        Terms = "terms",
        /// The holder stopped this payment.
        StopPayment = "stop_payment",
        /// The holder has died.
        Deceased = "deceased",
        /// Frozen by the bank, a court, or a sanctions list.
        Frozen = "frozen",
        /// Lost, stolen, or suspected fraud.
        Fraud = "fraud",
        /// What is known of the card is wrong or out of date.
        Details = "details",
        /// The issuer's limit of amount or frequency.
        Limit = "limit",
        /// The issuer cannot say yes at the moment.
        Later = "later",
        /// The issuer gives no reason.
        Declined = "declined",
        /// This card or account may not pay like this.
        NotPermitted = "not_permitted",
        /// The message was wrong, not the account.
        Format = "format",
        /// It was sent twice.
        Duplicate = "duplicate",
        /// Our own bank asked for it.
        Requested = "requested",
        /// Between the banks.
        BankSide = "bank_side",
        /// No row knows the code.
        Unknown = "unknown",
    }
}

base::words! {
    /// Whether the same may be tried again. In the order of their strictness, the strictest first.
    Retry {
        /// Never.
        Never = "never",
        /// A person must look first.
        Ask = "ask",
        /// Only after the holder authorized it anew.
        Reauthorize = "reauthorize",
        /// Only with other details, or another method.
        NewDetails = "new_details",
        /// Later, within the network's limits.
        After = "after",
    }
}

base::words! {
    /// What lets a stopped method be charged again.
    Lift {
        /// Nothing: another method is needed.
        Nothing = "nothing",
        /// A person who has looked at it, and says so by reauthorizing it.
        Person = "person",
        /// A new authorization by its holder.
        Reauthorization = "reauthorization",
        /// A new expiration.
        NewDetails = "new_details",
    }
}

base::words! {
    /// What Nacha counts against what was originated; see [`ach::rates`].
    Counter {
        /// The receiver did not authorize them.
        Unauthorized = "unauthorized",
        /// The account is not there, or not as it was written.
        Administrative = "administrative",
        /// All.
        Overall = "overall",
    }
}

/// What the rules make of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What kind of no it is.
    pub class: Class,
    /// Whether it may be tried again.
    pub retry: Retry,
    /// For how many hours it may not, where the network says so.
    pub wait_hours: Option<u32>,
    /// What lets the method be charged again, where this stops it.
    pub lifted_by: Option<Lift>,
}

/// What is done where no row knows the code.
const UNKNOWN: Verdict =
    Verdict { class: Class::Unknown, retry: Retry::Ask, wait_hours: None, lifted_by: Some(Lift::Person) };

/// What a refusal with this response code, and this advice code beside it, means on `day`. `None` where no network
/// spoke: the processor refused the order by itself, which says nothing of the method.
///
/// Of two codes the stricter decides; what both allow may be tried again after the longer wait.
pub fn verdict(network: Network, code: Option<&str>, advice: Option<&str>, day: Day) -> Option<Verdict> {
    let of_code = code.map(|code| rule(network, code, day).map_or(UNKNOWN, Rule::verdict));
    let of_advice = advice.and_then(|advice| rows::advice(network, advice, day)).map(Rule::verdict);
    match (of_code, of_advice) {
        (Some(one), Some(other)) => Some(stricter(one, other)),
        (one, other) => one.or(other),
    }
}

/// The row of a response code on a day: the network's own, else what all card networks share.
pub fn rule(network: Network, code: &str, day: Day) -> Option<&'static Rule> {
    let of = |network: Network| {
        rules().iter().find(|rule| rule.network == network && rule.code == code && rule.is_in_force(day))
    };
    match network {
        Network::Ach => of(Network::Ach),
        _ => of(network).or_else(|| of(Network::Any)),
    }
}

fn stricter(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict: Verdict| Retry::ALL.iter().position(|retry| *retry == verdict.retry);
    let first = if rank(other) < rank(one) { other } else { one };
    let lifts = [one.lifted_by, other.lifted_by];
    Verdict {
        wait_hours: one.wait_hours.max(other.wait_hours),
        lifted_by: Lift::ALL.iter().copied().find(|lift| lifts.contains(&Some(*lift))),
        ..first
    }
}

/// The limits on how often a method is tried again after a refusal of this class, on a day.
pub fn limits_on(network: Network, class: Class, day: Day) -> impl Iterator<Item = &'static Limit> {
    limits().iter().filter(move |limit| {
        limit.network == network
            && limit.class.is_none_or(|counted| counted == class)
            && limit.is_in_force(day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn today() -> Day {
        day("2026-11-20")
    }

    fn told(network: Network, code: &str, advice: Option<&str>) -> (Class, Retry, Option<u32>, Option<Lift>) {
        let verdict = verdict(network, Some(code), advice, today()).unwrap();
        (verdict.class, verdict.retry, verdict.wait_hours, verdict.lifted_by)
    }

    #[test]
    fn a_bank_debit_without_funds_may_be_tried_again_and_an_unauthorized_one_never() {
        assert_eq!(told(Network::Ach, "R01", None), (Class::Funds, Retry::After, None, None));
        for code in ["R05", "R07", "R10", "R29", "R51"] {
            let stopped = (Class::Unauthorized, Retry::Never, None, Some(Lift::Reauthorization));
            assert_eq!(told(Network::Ach, code, None), stopped, "{code}");
        }
        let stopped = (Class::StopPayment, Retry::Reauthorize, None, Some(Lift::Reauthorization));
        assert_eq!(told(Network::Ach, "R08", None), stopped);
        for code in ["R14", "R15"] {
            assert_eq!(
                told(Network::Ach, code, None),
                (Class::Deceased, Retry::Never, None, Some(Lift::Person))
            );
        }
    }

    #[test]
    fn visa_never_approves_its_first_category_and_may_approve_all_else_later() {
        for code in ["04", "07", "12", "14", "41", "43", "46", "57", "R0", "R1", "R3"] {
            assert_eq!(told(Network::Visa, code, None).1, Retry::Never, "{code}");
            assert!(told(Network::Visa, code, None).3.is_some(), "{code} stops the card");
        }
        for code in ["51", "61", "65", "91", "05"] {
            assert_eq!(told(Network::Visa, code, None).1, Retry::After, "{code}");
            assert_eq!(told(Network::Visa, code, None).3, None, "{code}");
        }
    }

    #[test]
    fn a_rule_is_asked_by_its_day() {
        let on = |text| rule(Network::Visa, "15", day(text)).unwrap().retry;
        assert_eq!((on("2025-04-10"), on("2025-04-11")), (Retry::Never, Retry::Ask));
        let counts = |text| rule(Network::Ach, "R11", day(text)).unwrap().counts.clone();
        assert!(!counts("2021-03-31").contains(&Counter::Unauthorized));
        assert!(counts("2021-04-01").contains(&Counter::Unauthorized));
        assert!(rule(Network::Visa, "9G", day("2025-04-10")).is_none());
        assert!(rule(Network::Visa, "9G", day("2025-04-11")).is_some());
    }

    #[test]
    fn an_advice_code_says_how_long_to_wait_and_never_wins_over_never() {
        let waits: Vec<_> = ["24", "25", "26", "27", "28", "29", "30"]
            .iter()
            .map(|advice| told(Network::Mastercard, "51", Some(advice)).2)
            .collect();
        assert_eq!(waits, [1, 24, 48, 96, 144, 192, 240].map(Some));
        assert_eq!(told(Network::Mastercard, "51", Some("24")).0, Class::Funds);
        let never = (Class::Declined, Retry::Never, None, Some(Lift::Nothing));
        assert_eq!(told(Network::Mastercard, "05", Some("03")), never);
        let stolen = (Class::Fraud, Retry::Never, Some(1), Some(Lift::Nothing));
        assert_eq!(told(Network::Mastercard, "43", Some("24")), stolen);
        assert_eq!(told(Network::Mastercard, "05", Some("01")).1, Retry::NewDetails);
        assert_eq!(told(Network::Visa, "51", Some("03")).1, Retry::After, "another network's advice");
    }

    #[test]
    fn a_code_that_nobody_knows_is_for_a_person() {
        for (network, code) in [
            (Network::Ach, "R98"),
            (Network::Ach, ""),
            (Network::Visa, "Z9"),
            (Network::Any, "R01"),
            (Network::Ach, "51"),
        ] {
            assert_eq!(verdict(network, Some(code), None, today()), Some(UNKNOWN), "{code}");
        }
        // Before any rule was in force too.
        assert_eq!(verdict(Network::Ach, Some("R01"), None, day("1970-01-01")), Some(UNKNOWN));
    }

    #[test]
    fn where_no_network_spoke_nothing_follows_for_the_method() {
        assert_eq!(verdict(Network::Visa, None, None, today()), None);
        assert_eq!(verdict(Network::Visa, None, Some("03"), today()), None);
        assert!(verdict(Network::Mastercard, None, Some("03"), today()).is_some());
    }

    #[test]
    fn funds_may_be_presented_three_times_in_180_days() {
        let limit = limits_on(Network::Ach, Class::Funds, today()).next().unwrap();
        assert_eq!((limit.attempts, limit.hours / 24, limit.per), (3, 180, Per::Amount));
        assert_eq!(limits_on(Network::Ach, Class::Account, today()).count(), 0);
        assert_eq!(limits_on(Network::Mastercard, Class::Later, today()).count(), 2);
        assert_eq!(limits_on(Network::Visa, Class::Funds, day("2020-01-01")).count(), 0);
    }
}
