//! What terms say, and the fee that follows from them.

use base::{Cents, Day, Failure, Result, TenantId, Ts};
use books::locations::LocationId;
use serde_json::{Value, json};

base::ids! {
    /// On which terms a creditor is a client.
    TermsId "terms"
}

base::words! {
    /// How a client gets what was collected.
    Method {
        /// Less the fee, which we keep.
        Net = "net",
        /// All of it; the fee is billed.
        Gross = "gross",
    }
}

base::record! {
    /// The terms' own row.
    pub struct TermsRow in "client_terms" {
        /// Whose.
        pub tenant_id: TenantId,
        /// Our id.
        pub id: TermsId,
        /// The creditor that is a client by them.
        pub location_id: LocationId,
        /// How it gets what was collected.
        pub method: Method,
        /// For how many days a card payment waits before it is remitted.
        pub card_hold_days: i64,
        /// The same for a bank debit.
        pub ach_hold_days: i64,
        /// Payments of earlier days are never remitted; `None`: all are.
        pub since: Option<Day>,
        /// When they were made.
        pub created_at: Ts,
        /// When they last changed.
        pub updated_at: Ts,
    }
}

/// How many fee rules terms may have.
pub const NO_MORE_RULES: usize = 50;

/// For payments of which the fee is this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeRule {
    /// The fee, in hundredths of a percent.
    pub basis_points: i64,
    /// The first day on which it counts.
    pub from: Option<Day>,
    /// Only accounts that were placed at least so many days before the payment.
    pub min_age_days: Option<i64>,
    /// Only accounts that were placed at most so many days before it.
    pub max_age_days: Option<i64>,
    /// Only accounts placed with at least this.
    pub min_balance: Option<Cents>,
    /// Only accounts placed with at most this.
    pub max_balance: Option<Cents>,
}

impl FeeRule {
    /// Whether it counts whatever the payment is.
    pub fn is_for_all(&self) -> bool {
        *self == FeeRule::flat(self.basis_points)
    }

    /// The rule without conditions.
    pub const fn flat(basis_points: i64) -> FeeRule {
        FeeRule {
            basis_points,
            from: None,
            min_age_days: None,
            max_age_days: None,
            min_balance: None,
            max_balance: None,
        }
    }

    /// Whether it counts for a payment on this day, on an account of this age, placed with this.
    fn holds(&self, day: Day, age_days: i64, placed: Cents) -> bool {
        self.from.is_none_or(|from| day >= from)
            && self.min_age_days.is_none_or(|least| age_days >= least)
            && self.max_age_days.is_none_or(|most| age_days <= most)
            && self.min_balance.is_none_or(|least| placed >= least)
            && self.max_balance.is_none_or(|most| placed <= most)
    }

    fn view(&self) -> Value {
        json!({
            "basis_points": self.basis_points,
            "from": self.from.map(|day| day.to_string()),
            "min_age_days": self.min_age_days,
            "max_age_days": self.max_age_days,
            "min_balance": self.min_balance.map(Cents::get),
            "max_balance": self.max_balance.map(Cents::get),
        })
    }
}

/// The rule that counts for a payment on `day`, on an account placed on `placed_on` with `placed`: its position, from 1,
/// and its basis points.
pub fn which_rule(rules: &[FeeRule], day: Day, placed_on: Day, placed: Cents) -> Result<(i64, i64)> {
    let age_days = i64::from((day.0 - placed_on.0).get_days()).max(0);
    let found = (1..).zip(rules).find(|(_, rule)| rule.holds(day, age_days, placed));
    let found = found.map(|(position, rule)| (position, rule.basis_points));
    found.ok_or_else(|| Failure::broken("finding a fee", "the last rule has conditions"))
}

/// The fee on an amount, half a cent rounded up.
pub fn fee_of(amount: Cents, basis_points: i64) -> Result<Cents> {
    let parts = [Cents::new(basis_points), Cents::new(10_000 - basis_points)];
    let parts = amount.share(&parts).and_then(|parts| parts.first().copied());
    parts.ok_or_else(|| Failure::broken("reckoning a fee", "it is no part of the amount"))
}

/// On which terms a creditor is a client.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Their own row.
    pub row: TermsRow,
    /// What of a payment is ours: the first that holds counts.
    pub rules: Vec<FeeRule>,
}

impl Terms {
    /// The object that the API answers with and events carry.
    pub fn view(&self) -> Value {
        let row = &self.row;
        json!({
            "id": row.id.to_string(),
            "location_id": row.location_id.to_string(),
            "method": row.method.as_str(),
            "card_hold_days": row.card_hold_days,
            "ach_hold_days": row.ach_hold_days,
            "since": row.since.map(|day| day.to_string()),
            "fee_rules": self.rules.iter().map(FeeRule::view).collect::<Vec<_>>(),
            "created_at": row.created_at.to_string(),
            "updated_at": row.updated_at.to_string(),
        })
    }
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn the_first_rule_that_holds_counts() {
        let rules = [
            FeeRule { from: Some(day("2027-01-01")), ..FeeRule::flat(10) },
            FeeRule { min_age_days: Some(90), max_balance: Some(Cents::new(500_00)), ..FeeRule::flat(20) },
            FeeRule { max_age_days: Some(29), ..FeeRule::flat(30) },
            FeeRule { min_balance: Some(Cents::new(1_000_00)), ..FeeRule::flat(40) },
            FeeRule::flat(50),
        ];
        for (on, placed_on, placed, rule) in [
            ("2027-01-01", "2026-01-01", 100_00, 1),
            ("2026-12-31", "2026-10-02", 500_00, 2),
            ("2026-12-31", "2026-10-03", 500_00, 5),
            ("2026-12-31", "2026-10-02", 500_01, 5),
            ("2026-12-31", "2026-12-02", 5_000_00, 3),
            ("2026-12-31", "2026-12-01", 1_000_00, 4),
            ("2026-12-31", "2026-12-01", 999_99, 5),
            // Placed after it was paid, as where a lost payment is put back: of no age.
            ("2026-12-31", "2027-02-01", 100_00, 3),
        ] {
            let found = which_rule(&rules, day(on), day(placed_on), Cents::new(placed)).unwrap();
            assert_eq!(found, (rule, rule * 10), "{on} {placed_on} {placed}");
        }
        assert!(which_rule(&rules[..1], day("2026-01-01"), day("2026-01-01"), Cents::ZERO).is_err());
        assert!(rules[4].is_for_all() && rules[..4].iter().all(|rule| !rule.is_for_all()));
    }

    #[test]
    fn half_a_cent_of_fee_is_a_cent() {
        for (amount, basis_points, fee) in [
            (100_00, 2_500, 25_00),
            (1, 5_000, 1),
            (1, 4_999, 0),
            (99, 3_333, 33),
            (0, 3_333, 0),
            (77, 0, 0),
            (77, 10_000, 77),
        ] {
            let found = fee_of(Cents::new(amount), basis_points).unwrap();
            assert_eq!(found, Cents::new(fee), "{amount} {basis_points}");
        }
    }

    proptest! {
        #[test]
        fn however_a_payment_comes_back_its_whole_fee_does(amount in 1i64..1_000_000, basis_points in 0i64..=10_000, cuts in prop::collection::vec(1i64..500_000, 0..6)) {
            let fee = |cents: i64| fee_of(Cents::new(cents), basis_points).unwrap().get();
            let (mut rest, mut back) = (amount, 0);
            for cut in cuts.into_iter().chain([i64::MAX]) {
                let part = cut.min(rest);
                let given = fee(rest) - fee(rest - part);
                prop_assert!(given >= 0 && given <= part);
                (rest, back) = (rest - part, back + given);
            }
            prop_assert_eq!((rest, back), (0, fee(amount)));
        }
    }
}
