//! What there is: accounts, files, statements, lines, expectations, matches. Rows and what they show, without a statement of SQL.

use base::secret::Secret;
use base::vault::Sealed;
use base::{Cents, Day, TenantId, Ts};
use serde_json::{Value, json};
use uuid::Uuid;

use super::words::{
    AccountKind, Act, BankAccountId, BankFileId, BankLineId, BankStatementId, Direction, ExpectationId,
    ExpectationKind, ExpectationStatus, FileFormat, LineStatus, MatchId, Rule, StatementStatus,
};

/// How many accounts an environment may have that are not closed.
pub const MOST_ACCOUNTS: i64 = 200;

/// An account number as it is kept and compared: letters and digits alone, without zeros in front, which some banks fill up with.
#[derive(Clone, PartialEq, Eq)]
pub struct Number {
    kept: Secret<String>,
    last_four: String,
}

impl Number {
    /// This number: 4 to 34 letters and digits, between which blanks and hyphens may stand.
    pub fn parse(written: &str) -> Option<Number> {
        let plain: String = written.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_one = (4..=34).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_alphanumeric());
        let plain = plain.to_ascii_uppercase();
        let kept = plain.trim_start_matches('0').to_owned();
        let last_four = plain.chars().skip(plain.len().saturating_sub(4)).collect();
        (is_one && !kept.is_empty()).then(|| Number { kept: Secret::new(kept), last_four })
    }

    /// As it is sealed and indexed. Whoever is given it must not print it.
    pub(super) fn kept(&self) -> &str {
        self.kept.reveal()
    }

    /// What may be shown of it.
    pub fn last_four(&self) -> &str {
        &self.last_four
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number")
    }
}

base::record! {
    /// An account of the organization's at a bank.
    pub struct Account in "bank_account" {
        pub(super) tenant_id: TenantId,
        /// Its id.
        pub id: BankAccountId,
        /// What it is called.
        pub name: String,
        /// Whose money is on it.
        pub kind: AccountKind,
        /// The bank's routing number.
        pub routing_number: String,
        pub(super) number: Sealed,
        pub(super) number_index: Option<Vec<u8>>,
        /// The end of its number.
        pub last_four: String,
        /// Its currency.
        pub currency: String,
        pub(super) match_at: Option<Ts>,
        /// When it was closed.
        pub closed_at: Option<Ts>,
        /// When it was made here.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Account {
    /// As it is shown.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "name": self.name,
            "kind": self.kind.as_str(),
            "routing_number": self.routing_number,
            "last_four": self.last_four,
            "currency": self.currency,
            "closed_at": self.closed_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// A new account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What it is called.
    pub name: String,
    /// Whose money is on it.
    pub kind: AccountKind,
    /// The bank's routing number.
    pub routing_number: String,
    /// Its number.
    pub number: Number,
}

/// What changes about an account. Its numbers never do: that would be another one.
#[derive(Clone, Debug, Default)]
pub struct AccountChanges {
    /// What it is called.
    pub name: Option<String>,
    /// Whose money is on it.
    pub kind: Option<AccountKind>,
}

base::record! {
    /// A file of statements that was read.
    pub struct File in "bank_file" {
        pub(super) tenant_id: TenantId,
        /// Its id.
        pub id: BankFileId,
        pub(super) digest: Option<Vec<u8>>,
        /// What it is written in.
        pub format: FileFormat,
        /// How long it is.
        pub bytes: i64,
        /// How many of its statements were not kept.
        pub passed_over: i64,
        /// Who brought it.
        pub by_whom: String,
        /// When.
        pub created_at: Ts,
    }
}

base::record! {
    /// A statement of one account.
    pub struct Statement in "bank_statement" {
        pub(super) tenant_id: TenantId,
        /// Its id.
        pub id: BankStatementId,
        /// The file it came in.
        pub bank_file_id: BankFileId,
        /// Whose it is.
        pub bank_account_id: BankAccountId,
        /// How it stands.
        pub status: StatementStatus,
        /// Its first day, where it says so.
        pub from_day: Option<Day>,
        /// Its last day.
        pub day: Day,
        /// Its number among the account's statements, where the bank counts them.
        pub sequence: Option<i64>,
        /// Which of its pages it is.
        pub page: i64,
        /// What was on the account when it begins.
        pub opening: Option<Cents>,
        /// What was on the account when it ends.
        pub closing: Option<Cents>,
        /// What could be used then.
        pub available: Option<Cents>,
        /// How many lines it has.
        pub lines: i64,
        /// What came in.
        pub credits: Cents,
        /// What went out.
        pub debits: Cents,
        /// Its opening balance less the closing balance before it, where both are known.
        pub gap: Option<Cents>,
        /// Its closing balance less what its opening balance and its lines come to, where both balances are known.
        pub unexplained: Option<Cents>,
        /// When it came.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Statement {
    /// Its place among the booked statements of its account.
    pub(super) fn place(&self) -> (Day, i64, i64) {
        (self.day, self.sequence.unwrap_or(0), self.page)
    }

    /// As it is shown.
    pub fn view(&self) -> Value {
        let cents = |cents: Option<Cents>| cents.map(Cents::get);
        json!({
            "id": self.id.to_string(),
            "bank_account_id": self.bank_account_id.to_string(),
            "file_id": self.bank_file_id.to_string(),
            "status": self.status.as_str(),
            "from_day": self.from_day.map(|day| day.to_string()),
            "day": self.day.to_string(),
            "sequence": self.sequence,
            "page": self.page,
            "opening_balance": cents(self.opening),
            "closing_balance": cents(self.closing),
            "available_balance": cents(self.available),
            "lines": self.lines,
            "credits": self.credits.get(),
            "debits": self.debits.get(),
            "gap": cents(self.gap),
            "unexplained": cents(self.unexplained),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

base::record! {
    /// A movement on an account. What is about persons is sealed in it.
    pub struct Line in "bank_line" {
        pub(super) tenant_id: TenantId,
        /// Its id.
        pub id: BankLineId,
        /// On which account.
        pub bank_account_id: BankAccountId,
        /// In which statement.
        pub bank_statement_id: BankStatementId,
        /// Its number there, from 1.
        pub number: i64,
        /// How much.
        pub amount: Cents,
        /// Which way.
        pub direction: Direction,
        /// Whether it takes back what was booked before.
        pub is_reversal: bool,
        /// On which day it was booked.
        pub day: Day,
        /// From which day on it counts.
        pub value_day: Option<Day>,
        /// The bank's own kind.
        pub bank_code: String,
        /// Why it came back, where it did.
        pub return_reason: Option<String>,
        /// How many payments it stands for.
        pub payments: i64,
        pub(super) body: Sealed,
        /// How it stands.
        pub status: LineStatus,
        /// The match that it is in.
        pub match_id: Option<MatchId>,
        pub(super) is_by_hand: bool,
        pub(super) due_at: Option<Ts>,
        /// Since when it waits for a person.
        pub queued_at: Option<Ts>,
        /// When it came.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Line {
    /// What it does to the balance.
    pub fn signed(&self) -> i128 {
        signed(self.amount, self.direction)
    }

    /// What events carry: everything but what is about persons, which could not be erased with them there.
    pub(super) fn event_body(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "bank_account_id": self.bank_account_id.to_string(),
            "bank_statement_id": self.bank_statement_id.to_string(),
            "number": self.number,
            "amount": self.amount.get(),
            "direction": self.direction.as_str(),
            "is_reversal": self.is_reversal,
            "day": self.day.to_string(),
            "value_day": self.value_day.map(|day| day.to_string()),
            "bank_code": self.bank_code,
            "return_reason": self.return_reason,
            "payments": self.payments,
            "status": self.status.as_str(),
            "match_id": self.match_id.map(|id| id.to_string()),
            "queued_at": self.queued_at.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// What money does to a balance when it goes this way.
pub(super) fn signed(amount: Cents, direction: Direction) -> i128 {
    match direction {
        Direction::Credit => i128::from(amount.get()),
        Direction::Debit => -i128::from(amount.get()),
    }
}

base::record! {
    /// A movement that is expected.
    pub struct Expectation in "bank_expectation" {
        pub(super) tenant_id: TenantId,
        /// Its id.
        pub id: ExpectationId,
        /// On which account.
        pub bank_account_id: BankAccountId,
        /// What for.
        pub kind: ExpectationKind,
        /// How much.
        pub amount: Cents,
        /// Which way.
        pub direction: Direction,
        /// On which day at the earliest.
        pub from_day: Day,
        /// On which day at the latest.
        pub to_day: Day,
        /// What the bank repeats of it.
        pub exact_key: Option<String>,
        /// The table of the row that it comes from.
        pub source: Option<String>,
        /// That row.
        pub source_id: Option<Uuid>,
        /// How it stands.
        pub status: ExpectationStatus,
        /// The match that it is in.
        pub match_id: Option<MatchId>,
        pub(super) is_by_hand: bool,
        pub(super) due_at: Option<Ts>,
        /// Since when it is late.
        pub overdue_at: Option<Ts>,
        /// Who expects it.
        pub by_whom: String,
        /// Since when.
        pub created_at: Ts,
        /// When it last changed.
        pub updated_at: Ts,
    }
}

impl Expectation {
    /// What it will do to the balance.
    pub fn signed(&self) -> i128 {
        signed(self.amount, self.direction)
    }

    /// As it is shown.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "bank_account_id": self.bank_account_id.to_string(),
            "kind": self.kind.as_str(),
            "amount": self.amount.get(),
            "direction": self.direction.as_str(),
            "from_day": self.from_day.to_string(),
            "to_day": self.to_day.to_string(),
            "key": self.exact_key,
            "source": self.source,
            "source_id": self.source_id.map(|id| id.to_string()),
            "status": self.status.as_str(),
            "match_id": self.match_id.map(|id| id.to_string()),
            "overdue_at": self.overdue_at.map(|at| at.to_string()),
            "created_by": self.by_whom,
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// The row that an expectation comes from: its table, and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub id: Uuid,
}

/// What is to be expected.
#[derive(Clone, Debug)]
pub struct NewExpectation {
    /// On which account.
    pub account: BankAccountId,
    /// What for.
    pub kind: ExpectationKind,
    /// How much.
    pub amount: Cents,
    /// Which way.
    pub direction: Direction,
    /// On which day at the earliest.
    pub from_day: Day,
    /// On which day at the latest.
    pub to_day: Day,
    /// What the bank will repeat of it: a trace number, a batch's reference. Nothing about a person.
    pub key: Option<String>,
    /// The row that it comes from. Of one row there is one of each kind.
    pub source: Option<Source>,
}

base::record! {
    /// Lines and expectations that belong together.
    pub(super) struct MatchRow in "bank_match" {
        pub(super) tenant_id: TenantId,
        pub(super) id: MatchId,
        pub(super) bank_account_id: BankAccountId,
        pub(super) rule: Rule,
        pub(super) amount: Cents,
        pub(super) by_whom: String,
        pub(super) created_at: Ts,
        pub(super) undone_at: Option<Ts>,
        pub(super) undone_by: Option<String>,
    }
}

base::record! {
    /// What was decided about a line or an expectation.
    pub(super) struct Change in "bank_change" {
        pub(super) tenant_id: TenantId,
        pub(super) id: Uuid,
        pub(super) bank_line_id: Option<BankLineId>,
        pub(super) bank_expectation_id: Option<ExpectationId>,
        pub(super) act: Act,
        pub(super) match_id: Option<MatchId>,
        pub(super) by_whom: String,
        pub(super) note: Option<Sealed>,
        pub(super) created_at: Ts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_fill_numbers_up_and_people_group_them() {
        let number = |text| Number::parse(text).unwrap();
        assert_eq!(number("0044 1775-2200").kept(), number("4417752200").kept());
        assert_eq!(number("us12abcd0042").last_four(), "0042");
        for none in ["", "123", "0000", "12.345", "é1234", &"9".repeat(35)] {
            assert!(Number::parse(none).is_none(), "{none}");
        }
        assert_eq!(format!("{:?}", number("4417752200")), "Number");
    }
}
