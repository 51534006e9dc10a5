//! Type codes: what a balance, a total or a movement of BAI2 is. Source: BAI2, appendix A, "uniform type codes".

use std::fmt;

use crate::statement::Direction;

/// Three digits that say what an amount is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeCode(u16);

/// What a type code can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// The state of an account. It stands in record 03 alone.
    Status,
    /// A total in record 03, a movement in record 16.
    Activity(Direction),
    /// A text without money, in record 16.
    Text,
    /// Nothing that the specification knows.
    Unknown,
}

impl TypeCode {
    /// What was on the account in the morning.
    pub const OPENING_LEDGER: TypeCode = TypeCode(10);
    /// What was on the account in the evening.
    pub const CLOSING_LEDGER: TypeCode = TypeCode(15);
    /// What could be used in the morning.
    pub const OPENING_AVAILABLE: TypeCode = TypeCode(40);
    /// What can be used in the evening.
    pub const CLOSING_AVAILABLE: TypeCode = TypeCode(45);
    /// What can be used now.
    pub const CURRENT_AVAILABLE: TypeCode = TypeCode(60);
    /// All credits.
    pub const TOTAL_CREDITS: TypeCode = TypeCode(100);
    /// All debits.
    pub const TOTAL_DEBITS: TypeCode = TypeCode(400);
    /// A text, no movement.
    pub const NON_MONETARY: TypeCode = TypeCode(890);

    /// This code, where it is three digits.
    pub fn from_digits(digits: &[u8]) -> Option<TypeCode> {
        let [a, b, c] = digits else { return None };
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| u16::from(*byte - b'0'));
        Some(TypeCode(digit(a)? * 100 + digit(b)? * 10 + digit(c)?))
    }

    /// Its number.
    pub fn get(self) -> u16 {
        self.0
    }

    /// What it can be used for.
    ///
    /// Of loans the specification knows 701 to 709 (states), 720 to 728 (credits) and 760 (a debit); what lies between goes
    /// with the one before. A bank's own codes are those from 900 on, and their ranges are those of section 2, "uniform type
    /// codes". The publisher's answers to frequent questions draw them otherwise (status to 929, credits to 959): of 920 to
    /// 929 a bank has to say what it means.
    pub fn level(self) -> Level {
        match self.0 {
            1..=99 | 700..=719 | 900..=919 => Level::Status,
            100..=399 | 720..=759 | 920..=959 => Level::Activity(Direction::Credit),
            400..=699 | 760..=799 | 960..=999 => Level::Activity(Direction::Debit),
            890 => Level::Text,
            _ => Level::Unknown,
        }
    }

    /// Whether it is about loans: credits and debits are those of the loan.
    pub fn is_loan(self) -> bool {
        (700..=799).contains(&self.0)
    }

    /// Whether a bank made it up for its customers.
    pub fn is_custom(self) -> bool {
        self.0 >= 900
    }

    /// Whether it is a movement of the ACH that came back or was taken back.
    pub fn is_ach_return(self) -> bool {
        matches!(self.0, 168 | 256..=258 | 468 | 556..=558)
    }

    /// What it is, of those that a collection agency meets most.
    pub fn says(self) -> Option<&'static str> {
        let known = SAYS.binary_search_by_key(&self.0, |(code, _)| *code).ok()?;
        SAYS.get(known).map(|(_, says)| *says)
    }
}

impl fmt::Display for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

impl fmt::Debug for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// In the order of their numbers.
const SAYS: &[(u16, &str)] = &[
    (10, "ledger balance in the morning"),
    (15, "ledger balance in the evening"),
    (30, "ledger balance now"),
    (40, "available in the morning"),
    (45, "available in the evening"),
    (60, "available now"),
    (72, "available a day later"),
    (74, "available two days later or after"),
    (100, "all credits"),
    (108, "credit of any kind"),
    (115, "lockbox deposit"),
    (142, "ACH credit received"),
    (145, "ACH concentration credit"),
    (147, "card deposit"),
    (165, "preauthorized ACH credit"),
    (166, "settlement of ACH debits that were originated"),
    (168, "settlement of ACH returns and adjustments, credit"),
    (169, "other ACH credit"),
    (175, "deposit of checks"),
    (191, "transfer received within the bank"),
    (195, "wire received"),
    (206, "book transfer, credit"),
    (252, "debit taken back"),
    (257, "ACH credit that came back"),
    (258, "ACH entry taken back, credit"),
    (266, "returned item, credit"),
    (275, "zero balance transfer, credit"),
    (301, "deposit"),
    (354, "interest"),
    (399, "other credit"),
    (400, "all debits"),
    (409, "debit of any kind"),
    (447, "funding of ACH credits that were originated"),
    (451, "ACH debit received"),
    (455, "preauthorized ACH debit"),
    (466, "settlement of ACH credits that were originated"),
    (468, "settlement of ACH returns and adjustments, debit"),
    (469, "other ACH debit"),
    (475, "check paid"),
    (495, "wire sent"),
    (506, "book transfer, debit"),
    (552, "credit taken back"),
    (555, "deposited check that came back"),
    (557, "ACH debit that came back"),
    (558, "ACH entry taken back, debit"),
    (566, "returned item, debit"),
    (575, "zero balance transfer, debit"),
    (661, "account analysis fee"),
    (695, "correction of a deposit"),
    (698, "fees"),
    (699, "other debit"),
    (890, "a text without money"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn code(number: u16) -> TypeCode {
        TypeCode(number)
    }

    #[test]
    fn ranges_are_those_of_appendix_a() {
        for (from, to, level) in [
            (1, 99, Level::Status),
            (100, 399, Level::Activity(Direction::Credit)),
            (400, 699, Level::Activity(Direction::Debit)),
            (700, 719, Level::Status),
            (720, 759, Level::Activity(Direction::Credit)),
            (760, 799, Level::Activity(Direction::Debit)),
            (900, 919, Level::Status),
            (920, 959, Level::Activity(Direction::Credit)),
            (960, 999, Level::Activity(Direction::Debit)),
        ] {
            assert!((from..=to).all(|number| code(number).level() == level), "{from} to {to}");
        }
        assert_eq!(
            (code(890).level(), code(800).level(), code(0).level()),
            (Level::Text, Level::Unknown, Level::Unknown)
        );
    }

    #[test]
    fn a_code_is_three_digits() {
        assert_eq!(TypeCode::from_digits(b"015"), Some(TypeCode::CLOSING_LEDGER));
        assert_eq!(
            (TypeCode::from_digits(b"15"), TypeCode::from_digits(b"1a5"), TypeCode::from_digits(b"0150")),
            (None, None, None)
        );
        assert_eq!(TypeCode::CLOSING_LEDGER.to_string(), "015");
    }

    #[test]
    fn known_codes_stand_in_order() {
        assert!(SAYS.is_sorted_by_key(|(code, _)| *code));
        assert_eq!(code(557).says(), Some("ACH debit that came back"));
        assert!(code(557).is_ach_return() && !code(142).is_ach_return());
        assert_eq!(code(123).says(), None);
    }
}
