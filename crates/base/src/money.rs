//! Whole US cents. Arithmetic that can overflow says so, and a float never holds money.

use std::fmt;

/// US cents. No `+` and no conversion from a float: a sum that cannot be right is `None`, and only
/// a presenter may turn cents into anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(i64);

impl Cents {
    /// No money.
    pub const ZERO: Cents = Cents(0);

    /// The most a single amount may be: ten billion dollars. Far below `i64::MAX`, so that a million
    /// of them still add up.
    pub const MOST: Cents = Cents(1_000_000_000_000);

    /// `cents` whole cents.
    pub const fn new(cents: i64) -> Cents {
        Cents(cents)
    }

    /// The number of cents, for storage and for presenters.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The exact sum, or `None` where it does not fit.
    #[must_use]
    pub fn plus(self, other: Cents) -> Option<Cents> {
        self.0.checked_add(other.0).map(Cents)
    }

    /// The exact difference, or `None` where it does not fit. May be negative.
    #[must_use]
    pub fn minus(self, other: Cents) -> Option<Cents> {
        self.0.checked_sub(other.0).map(Cents)
    }

    /// The difference, or `ZERO` where it would be negative.
    #[must_use]
    pub fn minus_down_to_zero(self, other: Cents) -> Cents {
        Cents(self.0.saturating_sub(other.0).max(0))
    }

    /// More than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum of all, or `None` where it does not fit.
    pub fn sum(all: impl IntoIterator<Item = Cents>) -> Option<Cents> {
        all.into_iter().try_fold(Cents::ZERO, Cents::plus)
    }

    /// Shares `self` (not negative) by weight. The parts always add up to `self`; odd cents go to the
    /// largest remainders, earlier parts first. `None` where no weight is positive or one is negative.
    pub fn share(self, weights: &[Cents]) -> Option<Vec<Cents>> {
        if self.0 < 0 || weights.iter().any(|w| w.0 < 0) {
            return None;
        }
        let whole: i128 = weights.iter().map(|w| i128::from(w.0)).sum();
        if whole == 0 {
            return None;
        }
        let exact = |w: &Cents| i128::from(self.0) * i128::from(w.0);
        let mut parts = Vec::with_capacity(weights.len());
        for w in weights {
            parts.push(Cents(i64::try_from(exact(w) / whole).ok()?));
        }
        let mut odd = self.minus(Cents::sum(parts.iter().copied())?)?.0;
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|&i| std::cmp::Reverse(exact(&weights[i]) % whole));
        for i in by_remainder {
            if odd == 0 {
                break;
            }
            parts[i].0 += 1;
            odd -= 1;
        }
        Some(parts)
    }
}

/// Dollars for people: `1,234.05`, `-0.50`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, abs) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (dollars, cents) = ((abs / 100).to_string(), abs % 100);
        let mut grouped = String::new();
        for (i, digit) in dollars.chars().enumerate() {
            if i > 0 && (dollars.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.pad(&format!("{sign}{grouped}.{cents:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharing_never_makes_or_loses_a_cent() {
        for total in 0..500 {
            for weights in [vec![1, 1, 1], vec![70, 20, 10], vec![0, 3], vec![1; 7], vec![5]] {
                let weights: Vec<Cents> = weights.into_iter().map(Cents::new).collect();
                let parts = Cents::new(total).share(&weights).unwrap();
                assert_eq!(Cents::sum(parts), Some(Cents::new(total)));
            }
        }
    }

    #[test]
    fn a_share_of_nothing_to_nobody_is_refused() {
        assert_eq!(Cents::new(5).share(&[]), None);
        assert_eq!(Cents::new(5).share(&[Cents::ZERO]), None);
        assert_eq!(Cents::new(-5).share(&[Cents::new(1)]), None);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_none_and_not_a_smaller_number() {
        assert_eq!(Cents::new(i64::MAX).plus(Cents::new(1)), None);
        assert_eq!(Cents::new(i64::MIN).minus(Cents::new(1)), None);
    }

    #[test]
    fn people_read_dollars() {
        let shown = [0, 5, -50, 123_405, 100_000_000].map(|c| Cents::new(c).to_string());
        assert_eq!(shown, ["0.00", "0.05", "-0.50", "1,234.05", "1,000,000.00"]);
    }
}
