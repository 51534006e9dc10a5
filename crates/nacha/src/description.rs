//! Company entry descriptions that mean something to the network. Source: Nacha Operating Rules, Sections 2.5, 2.7, 2.9
//! and 2.13 and Subsection 2.12.4.

/// Entries that take others back.
pub const REVERSAL: &str = "REVERSAL";
/// Debits that came back for want of money, presented again.
pub const RETRY_PAYMENT: &str = "RETRY PYMT";
/// The fee for a debit that came back.
pub const RETURN_FEE: &str = "RETURN FEE";
/// Micro-entries: small amounts that prove an account.
pub const MICRO_ENTRY: &str = "ACCTVERIFY";
/// Checks that came back, presented again: RCK.
pub const REDEPOSITED_CHECK: &str = "REDEPCHECK";
/// Enrollments with a federal agency: ENR.
pub const ENROLLMENT: &str = "AUTOENROLL";
