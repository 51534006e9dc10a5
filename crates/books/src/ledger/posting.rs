//! The ledger's vocabulary: accounts, and movements between two of them.
//!
//! A posting has two ends and one amount, so no set of postings can be out of balance. A posting is never
//! edited: what was wrong is put right by another one.

use std::fmt;

use base::{Cents, ids::Uuid};

/// An account of the chart. Each has one normal side, and its balance is told on that side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What consumers owe, kept debt by debt: a posting to it names its debt, and a debt's balance is the sum of
    /// its postings here. The money is the client's: the account tells what may be collected, not what we own.
    Receivable,
    /// What creditors have given us to collect, the other end of every debt's beginning. No payment lowers it: it falls
    /// by correction, and as what was collected becomes a client's money by a remittance.
    Placed,
    /// Card money taken by the processor and on its way to the bank.
    CardClearing,
    /// Bank debits that have settled.
    AchClearing,
    /// Money given back. Passed through by every refund and left at zero by it, so that each of its two sides
    /// shows the volume.
    Refunds,
    /// What was taken off debts without being paid: adjustments and settlements.
    WriteOffs,
    /// Convenience fees. A line of their own: a fee never makes a debt smaller.
    Fees,
    /// Money that has come in for no debt we know, until somebody says whose it is. Never silently kept.
    Suspense,
    /// What clients have coming of what was collected for them. Below nothing where more came back than was collected
    /// since.
    ClientPayable,
    /// What collecting has earned: contingency fees.
    FeeIncome,
    /// Fees that clients are billed for, since all that was collected goes to them.
    FeesReceivable,
    /// Clients' money at the bank. Never below nothing.
    TrustBank,
    /// Money at the bank that is ours: fees that have left the trust account.
    OperatingBank,
}

/// Debit or credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What debits make larger: assets and losses.
    Debit,
    /// What credits make larger: obligations and income.
    Credit,
}

impl Account {
    /// The whole chart.
    pub const ALL: &[Account] = &[
        Account::Receivable,
        Account::Placed,
        Account::CardClearing,
        Account::AchClearing,
        Account::Refunds,
        Account::WriteOffs,
        Account::Fees,
        Account::Suspense,
        Account::ClientPayable,
        Account::FeeIncome,
        Account::FeesReceivable,
        Account::TrustBank,
        Account::OperatingBank,
    ];

    /// The stable word the ledger stores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Account::Receivable => "receivable",
            Account::Placed => "placed",
            Account::CardClearing => "card_clearing",
            Account::AchClearing => "ach_clearing",
            Account::Refunds => "refunds",
            Account::WriteOffs => "write_offs",
            Account::Fees => "fees",
            Account::Suspense => "suspense",
            Account::ClientPayable => "client_payable",
            Account::FeeIncome => "fee_income",
            Account::FeesReceivable => "fees_receivable",
            Account::TrustBank => "trust_bank",
            Account::OperatingBank => "operating_bank",
        }
    }

    /// The account of a stored word.
    pub fn parse(word: &str) -> Option<Account> {
        Account::ALL.iter().copied().find(|account| account.as_str() == word)
    }

    /// The side on which its balance ordinarily stands.
    pub const fn normal_side(self) -> Side {
        match self {
            Account::Receivable
            | Account::CardClearing
            | Account::AchClearing
            | Account::Refunds
            | Account::WriteOffs
            | Account::FeesReceivable
            | Account::TrustBank
            | Account::OperatingBank => Side::Debit,
            Account::Placed
            | Account::Fees
            | Account::Suspense
            | Account::ClientPayable
            | Account::FeeIncome => Side::Credit,
        }
    }

    /// Whether a posting to it must name a debt.
    pub const fn is_per_debt(self) -> bool {
        match self {
            Account::Receivable => true,
            Account::Placed
            | Account::CardClearing
            | Account::AchClearing
            | Account::Refunds
            | Account::WriteOffs
            | Account::Fees
            | Account::Suspense
            | Account::ClientPayable
            | Account::FeeIncome
            | Account::FeesReceivable
            | Account::TrustBank
            | Account::OperatingBank => false,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An amount, more than nothing, that leaves one account and reaches another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account debited.
    pub debit: Account,
    /// The account credited.
    pub credit: Account,
    /// The debt it is about; always there where either end is kept debt by debt.
    pub debt: Option<Uuid>,
    /// How much.
    pub amount: Cents,
}

impl Posting {
    /// A movement about one debt; `None` where nothing moves.
    pub fn on_debt(debit: Account, credit: Account, debt: Uuid, amount: Cents) -> Option<Posting> {
        amount.is_positive().then_some(Posting { debit, credit, debt: Some(debt), amount })
    }

    /// A movement about no debt; `None` where nothing moves, and where an end is kept debt by debt.
    pub fn of_money(debit: Account, credit: Account, amount: Cents) -> Option<Posting> {
        let movable = !debit.is_per_debt() && !credit.is_per_debt() && amount.is_positive();
        movable.then_some(Posting { debit, credit, debt: None, amount })
    }

    /// What this does to `account`, told on its normal side: more than nothing where its balance grows.
    pub fn effect_on(&self, account: Account) -> Cents {
        let debited = if self.debit == account { self.amount } else { Cents::ZERO };
        let credited = if self.credit == account { self.amount } else { Cents::ZERO };
        // Neither is negative, so the difference always fits.
        Cents::new(match account.normal_side() {
            Side::Debit => debited.get() - credited.get(),
            Side::Credit => credited.get() - debited.get(),
        })
    }
}

/// As an accountant reads it: `Dr card_clearing Cr receivable(1f) 50.00`, the debt by the end of its id.
impl fmt::Display for Posting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |account: Account| match self.debt {
            Some(debt) if account.is_per_debt() => format!("{account}({:02x})", debt.as_bytes()[15]),
            Some(_) | None => account.to_string(),
        };
        write!(f, "Dr {} Cr {} {}", end(self.debit), end(self.credit), self.amount)
    }
}

/// Postings as a table, one line each.
pub fn told(postings: &[Posting]) -> String {
    postings.iter().map(|posting| format!("{posting}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_of_accounts() {
        let chart: String = Account::ALL
            .iter()
            .map(|a| {
                format!("{a} {:?}{}\n", a.normal_side(), if a.is_per_debt() { ", debt by debt" } else { "" })
            })
            .collect();
        assert_eq!(
            chart,
            "\
receivable Debit, debt by debt
placed Credit
card_clearing Debit
ach_clearing Debit
refunds Debit
write_offs Debit
fees Credit
suspense Credit
client_payable Credit
fee_income Credit
fees_receivable Debit
trust_bank Debit
operating_bank Debit
"
        );
    }

    #[test]
    fn every_account_reads_back_from_its_word() {
        for account in Account::ALL {
            assert_eq!(Account::parse(account.as_str()), Some(*account));
        }
        assert_eq!(Account::parse("Receivable"), None);
    }

    #[test]
    fn a_posting_grows_one_account_and_shrinks_or_grows_the_other_by_the_same() {
        let paid = Posting::on_debt(
            Account::CardClearing,
            Account::Receivable,
            Uuid::from_u128(0x1f),
            Cents::new(50_00),
        )
        .unwrap();
        assert_eq!(paid.to_string(), "Dr card_clearing Cr receivable(1f) 50.00");
        assert_eq!(paid.effect_on(Account::CardClearing), Cents::new(50_00));
        assert_eq!(paid.effect_on(Account::Receivable), Cents::new(-50_00));
        assert_eq!(paid.effect_on(Account::Suspense), Cents::ZERO);
    }

    #[test]
    fn nothing_is_no_posting_and_a_receivable_without_its_debt_is_none_either() {
        assert_eq!(Posting::of_money(Account::CardClearing, Account::Suspense, Cents::ZERO), None);
        assert_eq!(Posting::of_money(Account::CardClearing, Account::Suspense, Cents::new(-1)), None);
        assert_eq!(Posting::of_money(Account::CardClearing, Account::Receivable, Cents::new(1)), None);
        assert_eq!(
            Posting::on_debt(Account::CardClearing, Account::Receivable, Uuid::nil(), Cents::ZERO),
            None
        );
    }
}
