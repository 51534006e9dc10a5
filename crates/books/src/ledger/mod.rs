//! The ledger: what moves when something happens. Postings here are values; storing them is the store's work.

pub mod placements;
pub mod posting;
