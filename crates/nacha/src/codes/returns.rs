//! Why an entry was returned, a return dishonored, a dishonored return contested. Source: Nacha Operating Rules, Appendix
//! Four, Parts 4.2 to 4.7 (R11 as since 2021-04-01).

use std::fmt;

/// Who says what with a return code, and so how its addenda is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnKind {
    /// The receiving bank, a gateway, an operator or an agency returns an entry.
    Return,
    /// The originating bank does not accept the return.
    Dishonored,
    /// The receiving bank insists on it.
    Contested,
}

/// A return reason code: `R` and two digits, of which some have no meaning yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReturnCode(u8);

impl ReturnCode {
    /// `R` and this number, known or not.
    pub fn of(number: u8) -> Option<ReturnCode> {
        (1..=99).contains(&number).then_some(ReturnCode(number))
    }

    /// As it is written: `R01`.
    pub fn parse(text: &str) -> Option<ReturnCode> {
        let digits =
            text.strip_prefix('R').filter(|d| d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok().and_then(ReturnCode::of)
    }

    /// The number after the `R`.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Who says it.
    pub fn kind(self) -> ReturnKind {
        match self.0 {
            61 | 62 | 67..=70 => ReturnKind::Dishonored,
            71..=77 => ReturnKind::Contested,
            _ => ReturnKind::Return,
        }
    }

    /// A few words; nothing for a code that has no meaning yet.
    pub fn title(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// What it says, to whoever reads it.
    pub fn meaning(self) -> Option<&'static str> {
        self.row().map(|row| row.2)
    }

    /// All that have a meaning.
    pub fn all() -> impl Iterator<Item = ReturnCode> {
        CODES.iter().map(|row| ReturnCode(row.0))
    }

    fn row(self) -> Option<&'static (u8, &'static str, &'static str)> {
        CODES.iter().find(|row| row.0 == self.0)
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{:02}", self.0)
    }
}

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[rustfmt::skip]
const CODES: &[(u8, &str, &str)] = &[
    (1, "Insufficient funds", "There was less on the account than the debit asked for."),
    (2, "Account closed", "The account existed and was closed."),
    (3, "No account, or not this holder's", "The number could be one of this bank's, and no open account of this holder has it."),
    (4, "Invalid account number", "The number cannot be one of this bank's: its length or its check digit is wrong."),
    (5, "Improper debit to a consumer account", "A corporate debit reached a consumer's account without their authorization."),
    (6, "Returned at the originating bank's request", "The originating bank asked for the entry back."),
    (7, "Authorization revoked", "The consumer had authorized the debit and has taken that back."),
    (8, "Payment stopped", "The receiver stopped this payment."),
    (9, "Uncollected funds", "There is enough on the account, and part of it is still being collected."),
    (10, "Originator not known or not authorized", "The receiver does not know the originator, or never authorized them to debit."),
    (11, "Not in accordance with the terms of the authorization", "The receiver authorized a debit, and this one differs from what was agreed: its amount, its day, or more than once."),
    (12, "Branch sold to another bank", "The account moved to another bank with its branch."),
    (13, "Bank does not take ACH entries", "The routing number belongs to a bank that takes no part."),
    (14, "Representative payee deceased", "Whoever received for the beneficiary has died or cannot go on."),
    (15, "Beneficiary or account holder deceased", "The person entitled to the payment, or who held the account, has died."),
    (16, "Account frozen, or returned per OFAC instruction", "Law, a court or the bank has closed access to the account, or a sanctions authority asked for the return."),
    (17, "Edit criteria, or initiated under questionable circumstances", "The bank cannot process a field, or suspects that the entry or the reversal was not rightful."),
    (18, "Improper effective entry date", "The effective entry date is not one on which the entry could be processed."),
    (19, "Amount field error", "The amount is not a number, is zero where it may not be, or is not zero where it must be."),
    (20, "Account takes no debits", "The account is of a kind that these entries may not reach."),
    (21, "Invalid company identification", "The company's id is not one the receiver knows it by."),
    (22, "Invalid individual id number", "The receiver's id is not one the company knows them by."),
    (23, "Credit entry refused by the receiver", "The receiver does not want this credit."),
    (24, "Duplicate entry", "The entry looks the same as one that was received before."),
    (25, "Addenda error", "An addenda record is missing, not allowed, or cannot be read."),
    (26, "Mandatory field error", "A field that must be filled is not, or is wrong."),
    (27, "Trace number error", "A trace number is missing, or differs between an entry and its addenda."),
    (28, "Routing number check digit error", "The check digit does not fit the routing number."),
    (29, "Corporate customer did not authorize", "A business says that it did not authorize the debit."),
    (30, "Bank not in the check truncation program", "The bank does not keep checks for others."),
    (31, "Permissible return of a corporate entry", "The originating bank agreed to take a corporate entry back late."),
    (32, "Bank cannot settle", "The receiving bank cannot settle the entry."),
    (33, "Return of a destroyed check entry", "The bank chose to return an entry for a destroyed check."),
    (34, "Bank's participation is limited", "An authority has limited what this bank may take."),
    (35, "Improper debit entry", "A debit of a class that has credits alone, or to an account that may not be debited."),
    (36, "Improper credit entry", "A credit of a class that has debits alone."),
    (37, "Source document presented for payment", "The check that was converted has been presented as well."),
    (38, "Stop payment on the source document", "The check that was converted had been stopped."),
    (39, "Improper source document", "The check may not be converted."),
    (40, "Enrollment returned by an agency", "The federal agency returns the enrollment."),
    (41, "Enrollment: transaction code", "The enrollment's transaction code is wrong."),
    (42, "Enrollment: routing number", "The enrollment's routing number is wrong."),
    (43, "Enrollment: account number", "The enrollment's account number is wrong."),
    (44, "Enrollment: individual id", "The enrollment's id is not one the agency has."),
    (45, "Enrollment: name", "The enrollment's name is not that which the agency has."),
    (46, "Enrollment: representative payee", "The enrollment's representative payee indicator is wrong."),
    (47, "Enrollment: duplicate", "The enrollment was made before."),
    (50, "State law affects re-presented checks", "The law of the bank's state does not allow the entry."),
    (51, "Re-presented check ineligible or improper", "The check may not be re-presented so, or the receiver was not told, or the entry differs from it."),
    (52, "Stop payment on a re-presented check", "The check had been stopped."),
    (53, "Check and its re-presentment both presented", "The check has been presented as well as the entry."),
    (61, "Dishonored: misrouted return", "The return went to the wrong bank."),
    (62, "Dishonored: erroneous or reversing debit", "Returning one of an erroneous entry and its reversal left the receiver with money that is not theirs."),
    (67, "Dishonored: duplicate return", "The entry had been returned before."),
    (68, "Dishonored: untimely return", "The return came after its deadline."),
    (69, "Dishonored: field errors", "A field of the return is wrong."),
    (70, "Dishonored: return not accepted", "The originating bank had not agreed to the return, or had not asked for it."),
    (71, "Contested: misrouted dishonored return", "The dishonored return went to the wrong bank."),
    (72, "Contested: untimely dishonored return", "The dishonored return came after its deadline."),
    (73, "Contested: timely original return", "The receiving bank certifies that its return was in time."),
    (74, "Contested: corrected return", "The receiving bank sends its return again with the fields put right."),
    (75, "Contested: not a duplicate", "The entry had not been returned before."),
    (76, "Contested: no errors found", "The return's fields were right."),
    (77, "Contested: R62 not accepted", "Both the erroneous entry and its reversal were returned, or the money cannot be had back."),
    (80, "International: coding error", "A country, currency, bank qualifier or transaction type code is wrong."),
    (81, "International: bank does not participate", "The gateway has no agreement to send this entry abroad."),
    (82, "International: foreign bank's id", "The foreign bank's id is wrong."),
    (83, "International: foreign bank cannot settle", "The foreign payment system could not settle it."),
    (84, "International: gateway did not process", "The gateway would not, or the foreign payment system could not, process it."),
    (85, "International: coded as domestic", "An international payment came under a domestic class."),
    (90, "Sanctions", "The entry was returned under sanctions."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_r_and_two_digits_known_or_not() {
        assert_eq!(ReturnCode::parse("R01").and_then(ReturnCode::title), Some("Insufficient funds"));
        assert_eq!(
            ReturnCode::parse("R95").map(|code| code.title()),
            Some(None),
            "a file with a new code is read"
        );
        for none in ["R00", "r01", "C01", "R1", "R001", "R+1", "", "R０１"] {
            assert_eq!(ReturnCode::parse(none), None, "{none}");
        }
    }

    #[test]
    fn codes_are_in_order_and_each_says_something() {
        let all: Vec<ReturnCode> = ReturnCode::all().collect();
        assert!(all.is_sorted_by(|a, b| a < b));
        assert!(all.iter().all(|code| code.meaning().is_some_and(|words| words.ends_with('.'))));
        let kind = |code| ReturnCode::parse(code).unwrap().kind();
        assert_eq!(
            (kind("R10"), kind("R68"), kind("R73")),
            (ReturnKind::Return, ReturnKind::Dishonored, ReturnKind::Contested)
        );
    }
}
