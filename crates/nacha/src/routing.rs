//! Routing numbers and their check digit. Source: American Bankers Association, Routing Number Policy.

use std::fmt;

/// A bank's routing number: eight digits and their check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoutingNumber(u32);

impl RoutingNumber {
    /// The number with these nine digits, where its check digit is right and its first two are assigned.
    pub fn new(nine_digits: u32) -> Option<RoutingNumber> {
        let number = RoutingNumber(nine_digits);
        (nine_digits <= 999_999_999 && number.is_valid()).then_some(number)
    }

    /// As [`RoutingNumber::new`], of text.
    pub fn parse(text: &str) -> Option<RoutingNumber> {
        let digits = text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().and_then(RoutingNumber::new)
    }

    /// As it was read, right or wrong.
    pub(crate) fn unchecked(nine_digits: u32) -> RoutingNumber {
        RoutingNumber(nine_digits)
    }

    /// All nine digits as a number.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The eight digits before the check digit: what identifies the bank, and what hashes and trace numbers are made of.
    pub fn bank(self) -> u32 {
        self.0 / 10
    }

    /// The ninth digit.
    pub fn check_digit(self) -> u32 {
        self.0 % 10
    }

    /// Whether the check digit is right and the first two digits are assigned: 00 to 12 (Federal Reserve districts, 00 the
    /// government), 21 to 32 (thrift institutions), 61 to 72 (electronic), 80 (traveler's checks).
    pub fn is_valid(self) -> bool {
        let assigned = matches!(self.0 / 10_000_000, 0..=12 | 21..=32 | 61..=72 | 80);
        self.0 != 0 && assigned && self.check_digit() == check_digit(self.bank())
    }

    /// Whether it is the federal government's.
    pub fn is_government(self) -> bool {
        self.0 / 10_000_000 == 0
    }
}

impl fmt::Display for RoutingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

/// The digit that makes the sum of digits, weighted 3, 7, 1 in turn, a multiple of ten.
pub fn check_digit(bank: u32) -> u32 {
    let (mut rest, mut sum) = (bank, 0);
    // From the right: the eighth digit has the weight 7.
    for weight in [7, 3, 1, 7, 3, 1, 7, 3] {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_pass_and_changed_ones_do_not() {
        for good in ["021000021", "011401533", "091000019", "121042882", "122000247"] {
            assert_eq!(RoutingNumber::parse(good).map(|n| n.to_string()).as_deref(), Some(good));
        }
        for bad in ["123456789", "021000022", "000000000", "02100002", "0210000210", "02100002x", "131042885"]
        {
            assert_eq!(RoutingNumber::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn zeros_have_a_right_check_digit_and_are_nobody() {
        assert_eq!(check_digit(0), 0);
        assert_eq!(RoutingNumber::new(0), None);
        assert!(RoutingNumber::new(10).is_none());
        assert_eq!(RoutingNumber::new(1_000_000_000), None);
    }
}
