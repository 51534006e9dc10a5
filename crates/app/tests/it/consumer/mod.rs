//! The debtor's side.

mod disputes;
mod sessions;
mod tickets;
