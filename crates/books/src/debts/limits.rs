//! Within what plans and settlements may be agreed upon: what an organization's rules of payment mean for them.

use base::{Cents, Day, Failure, Result};

use crate::orgs::PaymentRules;

impl PaymentRules {
    /// The least an instalment may be on an account with this rule of its own.
    pub fn least_instalment(&self, own: Option<Cents>) -> Cents {
        let payment = own.or(self.min_payment_amount).unwrap_or(Cents::new(1));
        payment.max(self.min_installment_amount.unwrap_or(Cents::ZERO))
    }

    /// The last day on which a plan that is agreed upon today may begin.
    pub fn last_start(&self, today: Day) -> Day {
        let span = jiff::Span::new().try_days(self.payment_plan_max_days_until_start_date);
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
        let limits = PaymentRules::default();
        assert_eq!(limits.most_off(cents(999)), cents(799));
        assert!(limits.refuse_discount("total_amount", cents(999), cents(200)).is_ok());
        assert!(limits.refuse_discount("total_amount", cents(999), cents(199)).is_err());
        let none = PaymentRules { settlements_enabled: false, ..limits };
        assert!(none.refuse_discount("total_amount", cents(999), cents(998)).is_err());
        assert_eq!(percent(cents(799), cents(999)), 79);
    }

    #[test]
    fn an_accounts_own_minimum_goes_before_the_organizations() {
        let limits = PaymentRules { min_payment_amount: Some(cents(500)), ..PaymentRules::default() };
        assert_eq!(
            [limits.least_instalment(None), limits.least_instalment(Some(cents(300)))],
            [cents(500), cents(300)]
        );
        let limits = PaymentRules { min_installment_amount: Some(cents(400)), ..limits };
        assert_eq!(limits.least_instalment(Some(cents(300))), cents(400));
    }
}
