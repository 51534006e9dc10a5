//! Numbers whose charges do not all go alike: what becomes of each is written in the number.
//!
//! What must hold: a turn follows from the digits and from how many charges the token has had, both of which are in the
//! journal. So the same charges go the same way on every machine, and after a restart.

use crate::magic::Scenario;

/// How a card number and an account number begin that take turns.
const CARD: &str = "40000077";
const ACCOUNT: &str = "000777";

/// How many digits say what happens, before they begin again.
const LENGTH: usize = 6;

/// What each digit stands for: the row of a card, and that of an account.
const DIGITS: [(&str, &str); 10] = [
    ("visa", "bank"),
    ("insufficient_funds", "bank_r01"),
    ("issuer_unavailable", "bank_r09"),
    ("do_not_honor", "bank_r01_late"),
    ("closed_account", "bank_r02"),
    ("authorization_revoked", "bank_r07"),
    ("expired_card", "bank_r08"),
    ("lost_card", "bank_r10_late"),
    ("stop_payment", "bank_r07_day30"),
    ("chargeback", "bank_r10_day60"),
];

/// The digits of a number that takes turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turns([u8; LENGTH]);

impl Turns {
    /// Those of a card number.
    pub(crate) fn of_card(number: &str) -> Option<Turns> {
        Turns::parse(number.strip_prefix(CARD)?.get(..LENGTH)?)
    }

    /// Those of an account number.
    pub(crate) fn of_account(account: &str) -> Option<Turns> {
        Turns::parse(account.strip_prefix(ACCOUNT)?.get(..LENGTH)?)
    }

    /// Digits, as the journal has them.
    pub(crate) fn parse(digits: &str) -> Option<Turns> {
        let digit = |c: char| c.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
        let digits: Vec<u8> = digits.chars().map(digit).collect::<Option<_>>()?;
        digits.try_into().ok().map(Turns)
    }

    /// The same, to be written down.
    pub(crate) fn digits(&self) -> String {
        self.0.iter().map(|digit| char::from(b'0' + digit)).collect()
    }

    /// The row that decides a charge before which the token had so many.
    pub(crate) fn row(&self, is_card: bool, before: usize) -> Option<&'static Scenario> {
        let (card, account) = DIGITS[usize::from(self.0[before % LENGTH])];
        Scenario::named(if is_card { card } else { account })
    }
}

/// The table of `docs/SANDBOX.md`, in Markdown.
pub(crate) fn markdown() -> String {
    let about = |name| Scenario::named(name).map(Scenario::about).unwrap_or_default();
    let rows = DIGITS.iter().enumerate();
    let rows = rows.map(|(n, (card, account))| format!("| {n} | {} | {} |\n", about(card), about(account)));
    format!(
        "\n| digit | on a card number that begins with {CARD} | on an account number that begins with {ACCOUNT} |\n\
         |---|---|---|\n{}",
        rows.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_say_what_becomes_of_each_charge_and_then_begin_again() {
        let turns = Turns::of_card("4000007701203408").unwrap();
        let told: Vec<&str> = (0..8).map(|before| turns.row(true, before).unwrap().name).collect();
        assert_eq!(
            told.join(" "),
            "visa insufficient_funds issuer_unavailable visa do_not_honor closed_account visa insufficient_funds"
        );
        assert_eq!(Turns::of_account("00077701203499"), Some(turns.clone()));
        assert_eq!(Turns::parse(&turns.digits()), Some(turns));
    }

    #[test]
    fn what_is_too_short_takes_no_turns() {
        for account in ["00077712345", "000777", "000123456789"] {
            assert_eq!(Turns::of_account(account), None, "{account}");
        }
        assert_eq!(Turns::of_card("4242424242424242"), None);
    }

    #[test]
    fn every_digit_is_a_row_of_its_kind() {
        for (card, account) in DIGITS {
            assert!(Scenario::named(card).unwrap().is_card() && !Scenario::named(account).unwrap().is_card());
        }
    }
}
