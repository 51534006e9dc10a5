//! What a bank asks to be changed, and why that is refused. Source: Nacha Operating Rules, Appendix Five.

use std::fmt;

use super::TransactionCode;
use crate::{Private, RoutingNumber, Text};

/// Who says what with a change code, and so how its addenda is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The receiving bank notifies of a change.
    Notification,
    /// The originating bank refuses the notification.
    Refusal,
}

/// A change code: `C` and two digits, of which some have no meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeCode(u8);

impl ChangeCode {
    /// `C` and this number, known or not.
    pub fn of(number: u8) -> Option<ChangeCode> {
        (1..=99).contains(&number).then_some(ChangeCode(number))
    }

    /// As it is written: `C01`.
    pub fn parse(text: &str) -> Option<ChangeCode> {
        let digits =
            text.strip_prefix('C').filter(|d| d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok().and_then(ChangeCode::of)
    }

    /// The number after the `C`.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Who says it.
    pub fn kind(self) -> ChangeKind {
        if (61..=69).contains(&self.0) { ChangeKind::Refusal } else { ChangeKind::Notification }
    }

    /// A few words; nothing for a code that has no meaning.
    pub fn title(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// What it says, to whoever reads it.
    pub fn meaning(self) -> Option<&'static str> {
        self.row().map(|row| row.2)
    }

    /// All that have a meaning.
    pub fn all() -> impl Iterator<Item = ChangeCode> {
        CODES.iter().map(|row| ChangeCode(row.0))
    }

    fn row(self) -> Option<&'static (u8, &'static str, &'static str)> {
        CODES.iter().find(|row| row.0 == self.0)
    }

    /// What the corrected data say, where it is as this code lays it out.
    ///
    /// C01 account 1-17; C02 and C08 routing number 1-9; C03 routing number 1-9, account 13-29; C04 name 1-22; C05
    /// transaction code 1-2; C06 account 1-17, transaction code 21-22; C07 routing number 1-9, account 10-26, transaction
    /// code 27-28; C09 id 1-22.
    pub fn corrected(self, data: &Private<35>) -> Option<Corrected> {
        let columns = data.reveal_columns();
        let text = |from: usize, to: usize| {
            columns.get(from - 1..to).and_then(|c| str::from_utf8(c).ok()).map(str::trim)
        };
        let some = |from, to| text(from, to).filter(|text| !text.is_empty());
        let account = |from, to| some(from, to).and_then(|text| Text::new(text).ok()).map(Private::new);
        let name = |from, to| some(from, to).and_then(|text| Text::new(text).ok()).map(Private::new);
        let routing = |from, to| text(from, to).and_then(RoutingNumber::parse);
        let code = |from, to| text(from, to).and_then(|text| text.parse().ok()).and_then(TransactionCode::of);
        let nothing = Corrected::default();
        Some(match self.0 {
            1 => Corrected { account: Some(account(1, 17)?), ..nothing },
            2 | 8 => Corrected { routing: Some(routing(1, 9)?), ..nothing },
            3 => Corrected { routing: Some(routing(1, 9)?), account: Some(account(13, 29)?), ..nothing },
            4 => Corrected { name: Some(name(1, 22)?), ..nothing },
            5 => Corrected { code: Some(code(1, 2)?), ..nothing },
            6 => Corrected { account: Some(account(1, 17)?), code: Some(code(21, 22)?), ..nothing },
            7 => Corrected {
                routing: Some(routing(1, 9)?),
                account: Some(account(10, 26)?),
                code: Some(code(27, 28)?),
                ..nothing
            },
            9 => Corrected { id: Some(name(1, 22)?), ..nothing },
            _ => return None,
        })
    }
}

/// What is right instead. Only what the code asks to be changed is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// The account number.
    pub account: Option<Private<17>>,
    /// The routing number, with its check digit right.
    pub routing: Option<RoutingNumber>,
    /// The receiver's name.
    pub name: Option<Private<22>>,
    /// The transaction code.
    pub code: Option<TransactionCode>,
    /// The receiver's id.
    pub id: Option<Private<22>>,
}

/// What is right instead, to be written: one for each code that an entry we hold can need.
#[derive(Clone, Copy, Debug)]
pub enum Correction<'a> {
    /// C01.
    Account(&'a str),
    /// C02.
    Routing(RoutingNumber),
    /// C03.
    RoutingAndAccount(RoutingNumber, &'a str),
    /// C04.
    Name(&'a str),
    /// C05.
    Code(TransactionCode),
    /// C06.
    AccountAndCode(&'a str, TransactionCode),
    /// C07.
    All(RoutingNumber, &'a str, TransactionCode),
    /// C09.
    Id(&'a str),
}

impl Correction<'_> {
    /// The code that asks for it.
    pub fn change_code(&self) -> ChangeCode {
        ChangeCode(match self {
            Correction::Account(_) => 1,
            Correction::Routing(_) => 2,
            Correction::RoutingAndAccount(..) => 3,
            Correction::Name(_) => 4,
            Correction::Code(_) => 5,
            Correction::AccountAndCode(..) => 6,
            Correction::All(..) => 7,
            Correction::Id(_) => 9,
        })
    }

    /// The corrected data as their code lays them out.
    pub(crate) fn data(&self) -> Result<Private<35>, crate::TextRefused> {
        let account = |text: &str| Text::<17>::new(text).map(|t| format!("{:17}", t.as_str()));
        let text = match *self {
            Correction::Account(to) => account(to)?,
            Correction::Routing(to) => to.to_string(),
            Correction::RoutingAndAccount(routing, to) => format!("{routing}   {}", account(to)?),
            Correction::Name(to) => Text::<22>::cut(to)?.as_str().to_owned(),
            Correction::Code(to) => to.get().to_string(),
            Correction::AccountAndCode(to, code) => format!("{}   {}", account(to)?, code.get()),
            Correction::All(routing, to, code) => format!("{routing}{}{}", account(to)?, code.get()),
            Correction::Id(to) => Text::<22>::spelled(to)?.as_str().to_owned(),
        };
        Text::new(&text).map(Private::new)
    }
}

impl fmt::Display for ChangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C{:02}", self.0)
    }
}

impl fmt::Debug for ChangeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[rustfmt::skip]
const CODES: &[(u8, &str, &str)] = &[
    (1, "Account number", "The account number is wrong or wrongly written."),
    (2, "Routing number", "The routing number was right once and has changed."),
    (3, "Routing and account number", "The routing number has changed, and with it the account number."),
    (4, "Name", "The receiver's name has changed, or was wrong."),
    (5, "Transaction code", "The account is of another kind: checking instead of savings, or the other way."),
    (6, "Account number and transaction code", "The account number is wrong, and the account is of another kind."),
    (7, "Routing number, account number and transaction code", "All three are to be changed."),
    (8, "Routing number of an international entry", "The foreign receiving bank's id is wrong."),
    (9, "Individual id number", "The receiver's id is wrong."),
    (13, "Addenda format", "The entry was processed, and its addenda could not be read."),
    (14, "Entry should be international", "The payment goes abroad and must be sent under the international class."),
    (61, "Refused: misrouted", "The notification went to the wrong bank."),
    (62, "Refused: trace number", "The notification names a trace number that is not the entry's."),
    (63, "Refused: company id", "The notification names a company id that is not the entry's."),
    (64, "Refused: individual id", "The notification names an individual id that is not the entry's."),
    (65, "Refused: corrected data", "The corrected data are not laid out as their code asks."),
    (66, "Refused: discretionary data", "The notification's discretionary data are not the entry's."),
    (67, "Refused: routing number", "The notification names a routing number that is not the entry's."),
    (68, "Refused: account number", "The notification names an account number that is not the entry's."),
    (69, "Refused: transaction code", "The notification's transaction code does not fit the entry's."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str, data: &str) -> Option<Corrected> {
        ChangeCode::parse(code).unwrap().corrected(&Private::new(Text::new(data).unwrap()))
    }

    #[test]
    fn what_is_written_for_a_correction_is_read_again() {
        let routing = RoutingNumber::parse("121042882").unwrap();
        for correction in [
            Correction::Account("1918171614"),
            Correction::Routing(routing),
            Correction::RoutingAndAccount(routing, "744-5678-99"),
            Correction::Name("Ada Lovelace"),
            Correction::Code(TransactionCode::SAVINGS_DEBIT),
            Correction::AccountAndCode("12345678901234567", TransactionCode::SAVINGS_DEBIT),
            Correction::All(routing, "744-5678-99", TransactionCode::CHECKING_DEBIT),
            Correction::Id("HPR-1006"),
        ] {
            let corrected = correction.change_code().corrected(&correction.data().unwrap()).unwrap();
            let (account, code) = (corrected.account.map(|a| a.reveal().to_owned()), corrected.code);
            match correction {
                Correction::Account(to) => assert_eq!(account.as_deref(), Some(to)),
                Correction::Routing(to) => assert_eq!(corrected.routing, Some(to)),
                Correction::RoutingAndAccount(to, number) => {
                    assert_eq!((corrected.routing, account.as_deref()), (Some(to), Some(number)));
                }
                Correction::Name(to) => assert_eq!(corrected.name.unwrap().reveal(), to),
                Correction::Code(to) => assert_eq!(code, Some(to)),
                Correction::AccountAndCode(number, to) => {
                    assert_eq!((account.as_deref(), code), (Some(number), Some(to)))
                }
                Correction::All(to, number, tc) => {
                    assert_eq!(
                        (corrected.routing, account.as_deref(), code),
                        (Some(to), Some(number), Some(tc))
                    );
                }
                Correction::Id(to) => assert_eq!(corrected.id.unwrap().reveal(), to),
            }
        }
    }

    #[test]
    fn corrected_data_that_are_not_as_their_code_asks_are_not_guessed_at() {
        assert_eq!(read("C02", "121042883"), None, "the check digit");
        assert_eq!(read("C03", "121042882"), None, "the account is missing");
        assert_eq!(read("C05", "99"), None, "no such transaction code");
        assert_eq!(read("C01", ""), None);
        assert_eq!(read("C13", "anything"), None, "this code corrects nothing");
    }

    #[test]
    fn refusals_are_told_from_notifications() {
        let kind = |code| ChangeCode::parse(code).unwrap().kind();
        assert_eq!((kind("C05"), kind("C65")), (ChangeKind::Notification, ChangeKind::Refusal));
        assert!(ChangeCode::all().collect::<Vec<_>>().is_sorted_by(|a, b| a < b));
    }
}
