//! What an itemization is, and its sum.

use base::{Cents, Day, TenantId, Ts};
use books::debts::DebtId;
use uuid::Uuid;

base::words! {
    /// What day it is of: the five that 12 CFR 1006.34(b)(3) allows.
    DateKind {
        /// Of the last statement.
        LastStatement = "last_statement",
        /// Of the charge-off.
        ChargeOff = "charge_off",
        /// Of the last payment.
        LastPayment = "last_payment",
        /// Of the transaction that made the debt.
        Transaction = "transaction",
        /// Of the judgment.
        Judgment = "judgment",
    }
}

base::words! {
    /// What a line is.
    LineKind {
        /// Makes the debt larger.
        Interest = "interest",
        /// Likewise.
        Fee = "fee",
        /// Makes it smaller.
        Payment = "payment",
        /// Likewise.
        Credit = "credit",
    }
}

/// Something that happened between the day and the recording.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// The day it happened.
    pub day: Day,
    /// How much.
    pub amount: Cents,
    /// In words.
    pub description: Option<String>,
}

/// An itemization to be recorded.
#[derive(Clone, Debug)]
pub struct New {
    /// What day it is of.
    pub date_kind: DateKind,
    /// The day.
    pub as_of: Day,
    /// What was owed on it.
    pub amount: Cents,
    /// What happened from then on.
    pub lines: Vec<Line>,
}

/// The sum of the lines of a kind.
pub(crate) fn total<'a>(lines: impl IntoIterator<Item = (LineKind, &'a Cents)>, kind: LineKind) -> i128 {
    lines.into_iter().filter(|(of, _)| *of == kind).map(|(_, amount)| i128::from(amount.get())).sum()
}

impl New {
    /// What it comes to.
    pub(crate) fn sum(&self) -> i128 {
        let of = |kind| total(self.lines.iter().map(|line| (line.kind, &line.amount)), kind);
        i128::from(self.amount.get()) + of(LineKind::Interest) + of(LineKind::Fee)
            - of(LineKind::Payment)
            - of(LineKind::Credit)
    }
}

base::record! {
    /// A recorded itemization, with what the ledger said of its account by then.
    pub struct Itemization in "itemization" {
        pub(crate) tenant_id: TenantId,
        pub(crate) id: Uuid,
        /// The account.
        pub debt_id: DebtId,
        pub(crate) version: i64,
        /// What day it is of.
        pub date_kind: DateKind,
        /// The day.
        pub as_of: Day,
        /// What was owed on it.
        pub amount: Cents,
        /// What was owed when it was recorded.
        pub balance: Cents,
        pub(crate) paid: i64,
        pub(crate) given_back: i64,
        pub(crate) raised: i64,
        pub(crate) lowered: i64,
        /// Who recorded it.
        pub created_by: String,
        /// When it was recorded.
        pub created_at: Ts,
        pub(crate) withdrawn_at: Option<Ts>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interest_and_fees_make_it_larger_payments_and_credits_smaller() {
        let day = Day::parse("2026-01-31").unwrap();
        let line = |kind, amount| Line { kind, day, amount: Cents::new(amount), description: None };
        let new = New {
            date_kind: DateKind::ChargeOff,
            as_of: day,
            amount: Cents::new(10_000),
            lines: vec![
                line(LineKind::Interest, 501),
                line(LineKind::Fee, 2_500),
                line(LineKind::Payment, 3_000),
                line(LineKind::Credit, 1),
            ],
        };
        assert_eq!(new.sum(), 10_000);
    }
}
