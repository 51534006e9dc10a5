//! Who owes what to whom: organizations, customers, debt accounts, the ledger, events.

pub mod ledger;
