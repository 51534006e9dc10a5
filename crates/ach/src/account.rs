//! A bank account, as it travels behind a payment method's sealed token: there is no vault besides.

use std::fmt;

use base::secret::Secret;
use base::us::routing_number;
use nacha::{AccountType, Corrected, TransactionCode, spell};
use payments::methods::{BANK_KINDS, bank_kind_str};
use payments::processor::{BankKind, Instrument, Ownership};

/// By what a token of ours begins.
const PREFIX: &str = "bank1";
/// An account number is of so many characters. Source: Nacha Operating Rules, Appendix Three, DFI Account Number.
const NUMBER: std::ops::RangeInclusive<usize> = 1..=17;

/// A bank account and its holder.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// The routing number.
    pub(crate) routing: String,
    /// The account number.
    pub(crate) number: Secret<String>,
    /// Checking or savings.
    pub(crate) kind: BankKind,
    /// Whose it is.
    pub(crate) ownership: Ownership,
    /// The holder's name.
    pub(crate) holder: Secret<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(***)")
    }
}

impl Account {
    /// The account of an instrument; what is wrong with it where no entry could be made for it.
    pub(crate) fn of(instrument: &Instrument) -> Result<Account, &'static str> {
        let Instrument::Bank { routing_number, account_number, kind, ownership, holder } = instrument else {
            return Err("A card cannot be debited through a bank's file.");
        };
        let account = Account {
            routing: routing_number.clone(),
            number: account_number.clone(),
            kind: *kind,
            ownership: *ownership,
            holder: Secret::new(holder.clone()),
        };
        account.check().map(|()| account)
    }

    fn check(&self) -> Result<(), &'static str> {
        if routing_number(&self.routing).is_none() {
            return Err("The routing number is none of a bank.");
        }
        let number = self.number.reveal();
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b' ');
        if !NUMBER.contains(&number.len()) || !number.bytes().all(fits) {
            return Err("The account number has at most 17 letters, digits and hyphens.");
        }
        match spell(self.holder.reveal()) {
            Ok(name) if !name.trim().is_empty() => Ok(()),
            _ => Err("The holder's name cannot be written in letters that banks read."),
        }
    }

    /// Its token.
    pub(crate) fn token(&self) -> Secret<String> {
        let (kind, ownership) = (bank_kind_str(self.kind), self.ownership.as_str());
        let (number, holder) = (self.number.reveal(), self.holder.reveal());
        Secret::new(format!("{PREFIX}|{}|{number}|{kind}|{ownership}|{holder}", self.routing))
    }

    /// Whether a token is one of these.
    pub(crate) fn is_ours(token: &Secret<String>) -> bool {
        token.reveal().split('|').next() == Some(PREFIX)
    }

    /// The account of a token.
    pub(crate) fn parse(token: &Secret<String>) -> Option<Account> {
        let mut parts = token.reveal().splitn(6, '|');
        if parts.next() != Some(PREFIX) {
            return None;
        }
        let (routing, number) = (parts.next()?, parts.next()?);
        let word = parts.next()?;
        let kind = BANK_KINDS.iter().find(|(known, _)| *known == word)?.1;
        let word = parts.next()?;
        let ownership = Ownership::WORDS.iter().find(|(known, _)| *known == word)?.1;
        let account = Account {
            routing: routing.to_owned(),
            number: Secret::new(number.to_owned()),
            kind,
            ownership,
            holder: Secret::new(parts.next()?.to_owned()),
        };
        account.check().is_ok().then_some(account)
    }

    /// What tells it from others: not its holder, whose name may be written otherwise.
    pub(crate) fn signs(&self) -> [&str; 3] {
        [&self.routing, self.number.reveal(), bank_kind_str(self.kind)]
    }

    /// The last four characters of its number.
    pub(crate) fn last_four(&self) -> String {
        let number = self.number.reveal();
        number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
    }

    /// As a bank says that it is right; `None` where that leaves nothing that an entry can be made for.
    pub(crate) fn corrected(&self, by: &Corrected) -> Option<Account> {
        let mut right = self.clone();
        if let Some(routing) = by.routing {
            right.routing = routing.to_string();
        }
        if let Some(number) = by.account {
            right.number = Secret::new(number.reveal().to_owned());
        }
        if let Some(name) = by.name {
            right.holder = Secret::new(name.reveal().to_owned());
        }
        if let Some(code) = by.code {
            right.kind = match code.account() {
                AccountType::Checking => BankKind::Checking,
                AccountType::Savings => BankKind::Savings,
                // A general ledger or loan account is nobody's that pays a debt.
                _ => return None,
            };
        }
        right.check().is_ok().then_some(right)
    }

    /// By which code it is debited, credited, or tried.
    pub(crate) fn code(&self, kind: crate::model::Kind) -> TransactionCode {
        use crate::model::Kind::{Credit, Debit, Prenote};
        match (self.kind, kind) {
            (BankKind::Checking, Debit) => TransactionCode::CHECKING_DEBIT,
            (BankKind::Checking, Credit) => TransactionCode::CHECKING_CREDIT,
            (BankKind::Checking, Prenote) => TransactionCode::CHECKING_DEBIT_PRENOTE,
            (BankKind::Savings, Debit) => TransactionCode::SAVINGS_DEBIT,
            (BankKind::Savings, Credit) => TransactionCode::SAVINGS_CREDIT,
            (BankKind::Savings, Prenote) => TransactionCode::SAVINGS_DEBIT_PRENOTE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: &str, holder: &str) -> Result<Account, &'static str> {
        Account::of(&Instrument::Bank {
            routing_number: "121042882".into(),
            account_number: Secret::new(number.into()),
            kind: BankKind::Savings,
            ownership: Ownership::Personal,
            holder: holder.into(),
        })
    }

    #[test]
    fn a_token_is_the_account_again_and_prints_nothing_of_it() {
        let ada = account("744-5678", "Ada | Lovelace").unwrap();
        assert!(Account::is_ours(&ada.token()));
        assert_eq!(Account::parse(&ada.token()), Some(ada.clone()));
        assert_eq!((ada.last_four().as_str(), format!("{ada:?}").as_str()), ("5678", "Account(***)"));
    }

    #[test]
    fn what_no_entry_can_be_made_for_is_no_account() {
        assert!(account("123456789012345678", "Ada").is_err());
        assert!(account("12|34", "Ada").is_err());
        assert!(account("", "Ada").is_err());
        assert!(account("1234", "  ").is_err());
        assert_eq!(Account::parse(&Secret::new("bank1|121042883|1234|savings|personal|Ada".into())), None);
        assert_eq!(Account::parse(&Secret::new("tok_visa".into())), None);
    }
}
