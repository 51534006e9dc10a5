//! Transaction codes: what an entry does to which kind of account. Source: Nacha Operating Rules, Appendix Three,
//! "Transaction Code".

/// Whether money goes to the receiver's account or comes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Money goes to the receiver.
    Credit,
    /// Money comes from the receiver.
    Debit,
}

impl Direction {
    /// `credit` or `debit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Credit => "credit",
            Direction::Debit => "debit",
        }
    }
}

/// What kind of account the receiver has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountType {
    /// A demand account: checking, share draft, NOW.
    Checking,
    /// A savings account.
    Savings,
    /// A general ledger account of a bank.
    GeneralLedger,
    /// A loan account.
    Loan,
    /// None: an accounting advice of an ACH operator.
    Advice,
}

impl AccountType {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountType::Checking => "checking",
            AccountType::Savings => "savings",
            AccountType::GeneralLedger => "general ledger",
            AccountType::Loan => "loan",
            AccountType::Advice => "advice",
        }
    }
}

/// What an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To move money.
    Live,
    /// To try an account without money: a prenotification.
    Prenote,
    /// To carry remittance data or an acknowledgment without money.
    ZeroDollar,
    /// To return an entry, or to notify of a change.
    ReturnOrChange,
    /// To tell of an operator's accounting.
    Advice,
}

impl Purpose {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Live => "live",
            Purpose::Prenote => "prenote",
            Purpose::ZeroDollar => "zero-dollar",
            Purpose::ReturnOrChange => "return or change",
            Purpose::Advice => "advice",
        }
    }
}

/// A transaction code that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransactionCode(u8);

impl TransactionCode {
    /// 22.
    pub const CHECKING_CREDIT: TransactionCode = TransactionCode(22);
    /// 23.
    pub const CHECKING_CREDIT_PRENOTE: TransactionCode = TransactionCode(23);
    /// 27.
    pub const CHECKING_DEBIT: TransactionCode = TransactionCode(27);
    /// 28.
    pub const CHECKING_DEBIT_PRENOTE: TransactionCode = TransactionCode(28);
    /// 32.
    pub const SAVINGS_CREDIT: TransactionCode = TransactionCode(32);
    /// 33.
    pub const SAVINGS_CREDIT_PRENOTE: TransactionCode = TransactionCode(33);
    /// 37.
    pub const SAVINGS_DEBIT: TransactionCode = TransactionCode(37);
    /// 38.
    pub const SAVINGS_DEBIT_PRENOTE: TransactionCode = TransactionCode(38);

    /// The code with this number. Loan accounts are debited by reversals alone (55), and 81 to 88 are advices.
    pub fn of(number: u32) -> Option<TransactionCode> {
        let exists = matches!(number,
            21..=24 | 26..=29 | 31..=34 | 36..=39 | 41..=44 | 46..=49 | 51..=56 | 81..=88);
        u8::try_from(number).ok().filter(|_| exists).map(TransactionCode)
    }

    /// Its number.
    pub fn get(self) -> u32 {
        u32::from(self.0)
    }

    /// Which way money goes. A return's is that of the entry it returns.
    pub fn direction(self) -> Direction {
        match self.0 {
            // Advices in turn: 81 is a credit (for debits originated), 82 a debit, and so on to 88.
            81..=88 if self.0 % 2 == 1 => Direction::Credit,
            81..=88 => Direction::Debit,
            _ if self.0 % 10 < 5 => Direction::Credit,
            _ => Direction::Debit,
        }
    }

    /// Which kind of account.
    pub fn account(self) -> AccountType {
        match self.0 / 10 {
            2 => AccountType::Checking,
            3 => AccountType::Savings,
            4 => AccountType::GeneralLedger,
            5 => AccountType::Loan,
            _ => AccountType::Advice,
        }
    }

    /// What for.
    pub fn purpose(self) -> Purpose {
        match self.0 {
            81..=88 => Purpose::Advice,
            55 => Purpose::Live,
            _ => match self.0 % 10 {
                1 | 6 => Purpose::ReturnOrChange,
                3 | 8 => Purpose::Prenote,
                4 | 9 => Purpose::ZeroDollar,
                _ => Purpose::Live,
            },
        }
    }

    /// The code that an entry with this one is returned or corrected under.
    pub fn for_return(self) -> TransactionCode {
        let direction = if self.direction() == Direction::Credit { 1 } else { 6 };
        match self.account() {
            AccountType::Advice => self,
            _ => TransactionCode(self.0 / 10 * 10 + direction),
        }
    }

    /// The code that takes a live entry back.
    pub fn for_reversal(self) -> Option<TransactionCode> {
        Some(TransactionCode(match self.0 {
            22 => 27,
            27 => 22,
            32 => 37,
            37 => 32,
            42 => 47,
            47 => 42,
            52 => 55,
            _ => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_account_direction_and_purpose() {
        let told = |n| {
            let code = TransactionCode::of(n).unwrap();
            (code.account(), code.direction(), code.purpose())
        };
        assert_eq!(told(22), (AccountType::Checking, Direction::Credit, Purpose::Live));
        assert_eq!(told(38), (AccountType::Savings, Direction::Debit, Purpose::Prenote));
        assert_eq!(told(26), (AccountType::Checking, Direction::Debit, Purpose::ReturnOrChange));
        assert_eq!(told(44), (AccountType::GeneralLedger, Direction::Credit, Purpose::ZeroDollar));
        assert_eq!(told(55), (AccountType::Loan, Direction::Debit, Purpose::Live), "a reversal");
        assert_eq!(told(56), (AccountType::Loan, Direction::Debit, Purpose::ReturnOrChange));
        assert_eq!(told(81), (AccountType::Advice, Direction::Credit, Purpose::Advice));
        for none in [0, 20, 25, 30, 57, 80, 89, 99, 122] {
            assert_eq!(TransactionCode::of(none), None, "{none}");
        }
    }

    #[test]
    fn returns_keep_the_direction_and_reversals_turn_it() {
        for (code, returned) in [(22, 21), (27, 26), (28, 26), (33, 31), (37, 36), (52, 51), (55, 56)] {
            let code = TransactionCode::of(code).unwrap();
            assert_eq!(code.for_return().get(), returned);
            assert_eq!(code.for_return().direction(), code.direction());
        }
        let back = TransactionCode::CHECKING_DEBIT.for_reversal();
        assert_eq!(back, Some(TransactionCode::CHECKING_CREDIT));
        assert_eq!(TransactionCode::CHECKING_DEBIT_PRENOTE.for_reversal(), None);
    }
}
