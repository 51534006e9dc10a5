//! Within what plans and settlements may be agreed upon.

use base::{Cents, Day, Failure, Result};

use crate::orgs::Tenant;

/// The limits of plans and settlements.
///
/// The vendor's pages name `payment_plan_max_days_until_start_date` (31) and `unscheduled_payment_plan_editable`; its
/// release notes cap settlements at 80 % off and 24 months. The others are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLimits {
    /// Whether anybody may pay by a plan.
    pub plans_enabled: bool,
    /// The least a payment may be, unless it clears what is left; an account's own rule goes before it.
    pub min_payment: Option<Cents>,
    /// The least an instalment may be, but for the last one.
    pub min_instalment: Option<Cents>,
    /// How long a plan may run, in months.
    pub max_months: i64,
    /// How far ahead a plan may begin, in days.
    pub max_days_until_start: i64,
    /// Whether a plan of which nothing is scheduled yet may be changed.
    pub unscheduled_editable: bool,
    /// Whether less than the balance may be agreed upon.
    pub settlements_enabled: bool,
    /// The most that a settlement may take off the balance, in whole percent.
    pub settlement_max_discount_percent: i64,
    /// How long a settlement may be paid off over, in months.
    pub settlement_max_months: i64,
}

impl Default for PlanLimits {
    fn default() -> PlanLimits {
        PlanLimits {
            plans_enabled: true,
            min_payment: None,
            min_instalment: None,
            max_months: 120,
            max_days_until_start: 31,
            unscheduled_editable: true,
            settlements_enabled: true,
            settlement_max_discount_percent: 80,
            settlement_max_months: 24,
        }
    }
}

impl PlanLimits {
    /// A tenant's.
    pub fn of(_tenant: &Tenant) -> PlanLimits {
        PlanLimits::default()
    }

    /// The least an instalment may be on an account with this rule of its own.
    pub fn least(&self, own: Option<Cents>) -> Cents {
        let payment = own.or(self.min_payment).unwrap_or(Cents::new(1));
        payment.max(self.min_instalment.unwrap_or(Cents::ZERO))
    }

    /// The last day on which a plan that is agreed upon today may begin.
    pub fn last_start(&self, today: Day) -> Day {
        let span = jiff::Span::new().try_days(self.max_days_until_start);
        span.and_then(|span| today.0.checked_add(span)).map_or(today, Day)
    }

    /// The most that `balance` may be lowered by.
    pub fn most_off(&self, balance: Cents) -> Cents {
        if self.settlements_enabled {
            percent_of(balance, self.settlement_max_discount_percent)
        } else {
            Cents::ZERO
        }
    }

    /// Refuses, for `field`, a settlement of `balance` for `amount` that takes off more than may be.
    pub fn refuse_discount(&self, field: &str, balance: Cents, amount: Cents) -> Result<()> {
        let words = field.replace('_', " ");
        if !self.settlements_enabled {
            let say = format!("The {words} field must be {}: no settlements are agreed upon.", balance.get());
            return Err(Failure::field(field, say));
        }
        let least = balance.minus_down_to_zero(self.most_off(balance));
        if amount < least {
            let say = format!(
                "The {words} field must be at least {}: a settlement may take off {} percent.",
                least.get(),
                self.settlement_max_discount_percent
            );
            return Err(Failure::field(field, say));
        }
        Ok(())
    }
}

/// `percent` of an amount, rounded down to the cent: a discount is never more than was said.
pub fn percent_of(amount: Cents, percent: i64) -> Cents {
    let part = i128::from(amount.get()) * i128::from(percent) / 100;
    Cents::new(i64::try_from(part).unwrap_or(0))
}

/// How many whole percent `part` is of `whole`, rounded down.
pub fn percent(part: Cents, whole: Cents) -> i64 {
    if !whole.is_positive() {
        return 0;
    }
    i64::try_from(i128::from(part.get()) * 100 / i128::from(whole.get())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(cents: i64) -> Cents {
        Cents::new(cents)
    }

    #[test]
    fn a_discount_is_never_more_than_its_percent() {
        let limits = PlanLimits::default();
        assert_eq!(limits.most_off(cents(999)), cents(799));
        assert!(limits.refuse_discount("total_amount", cents(999), cents(200)).is_ok());
        assert!(limits.refuse_discount("total_amount", cents(999), cents(199)).is_err());
        let none = PlanLimits { settlements_enabled: false, ..limits };
        assert!(none.refuse_discount("total_amount", cents(999), cents(998)).is_err());
        assert_eq!(percent(cents(799), cents(999)), 79);
    }

    #[test]
    fn an_accounts_own_minimum_goes_before_the_organizations() {
        let limits = PlanLimits { min_payment: Some(cents(500)), ..PlanLimits::default() };
        assert_eq!([limits.least(None), limits.least(Some(cents(300)))], [cents(500), cents(300)]);
        let limits = PlanLimits { min_instalment: Some(cents(400)), ..limits };
        assert_eq!(limits.least(Some(cents(300))), cents(400));
    }
}
