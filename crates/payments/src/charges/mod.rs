//! Charges: how one lives, how it is split, what it moves in the ledger.

pub mod allocation;
pub mod machine;
pub mod postings;
