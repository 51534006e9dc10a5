//! The debtor's side: the links customers come by, what they write to the organization, what they dispute, what of
//! their debt is broken down and proven to them, what is sent to them by name, and what they get for their money.
//!
//! Whatever names or quotes somebody is sealed with that person's key, and goes with it.

pub mod disputes;
pub mod documents;
pub mod finding;
pub mod itemization;
pub mod notices;
pub mod owed;
pub mod receipts;
pub mod sessions;
pub mod tickets;
