//! What an organization's banks say, held against what was expected of them.
//!
//! A bank account is one that the organization has at a bank: its customers' money is on those of kind `trust`. A statement
//! comes in as a file ([`read`], [`TakeIn`]): all of it or nothing, and the same file never twice. Only what is meant to be
//! booked is ([`statements::Head::is_binding`]); reports within a day are pending until a statement stands in their place.
//!
//! What must always hold:
//!
//! - the booked statements of an account follow one another: each opens with what the one before closed with, unless somebody
//!   said that it may not, and then the difference stands on it;
//! - a line is in one match at most, and so is an expectation; what is in a match comes to the same on both sides;
//! - by themselves only one line and one expectation come together, and only where no other could be meant (`matching`).
//!   Everything else is for a person, whose name stands beside it;
//! - whatever changes something of an account holds that account's row.
//!
//! Whoever expects money says so in the transaction in which it comes to be expected ([`expect`]), and takes it back in the one
//! in which that ends ([`withdraw`]).

mod accounts;
mod book;
mod decide;
mod expectations;
mod intake;
mod lines;
mod matching;
mod model;
mod received;
mod steps;
mod store;
mod words;

pub use self::accounts::{Close, Create, Update, balance, find_account, list_accounts};
pub use self::decide::{Ignore, Match, Unmatch};
pub use self::expectations::{
    Add, Cancel, ExpectationFilter, Withdrawn, expect, find_expectation, list_expectations, withdraw,
};
pub use self::intake::{Asked, FILE, TakeIn, Taken, find_file};
pub use self::lines::{
    LineFilter, history_of_expectation, history_of_line, line_views, list_lines, parts_of,
};
pub use self::model::{
    Account, AccountChanges, Expectation, File, Line, MOST_ACCOUNTS, NewAccount, NewExpectation, Number,
    Source, Statement,
};
pub use self::received::{LARGEST, Received, read, read_aside};
pub use self::steps::step;
pub use self::store::{StatementFilter, find_line, find_statement, list_statements, statements_of_file};
pub use self::words::{
    AccountKind, BankAccountId, BankFileId, BankLineId, BankStatementId, Direction, ExpectationId,
    ExpectationKind, ExpectationStatus, FileFormat, LineStatus, MatchId, Rule, StatementStatus,
};

/// By whom that is done which the program does by itself.
const OURSELVES: &str = "quittance";
