//! What banks say, held against what was expected of them.

mod accounts;
mod command_line;
mod deciding;
mod matching;
mod proof;
mod reading;

/// A bank account's number.
const NUMBER: &str = "004417752200";
