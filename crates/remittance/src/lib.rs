//! Money that reaches the client: on which terms, which payments are remitted when, and what stands on the trust account.
//!
//! In reading order; each may call only those above it. The ledger is the source of truth: a line of a remittance is one of
//! its entries, and has its id.

pub mod terms;

pub mod trust;

pub mod remittances;

pub mod statement;

pub mod verify;
