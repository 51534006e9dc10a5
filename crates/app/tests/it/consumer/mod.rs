//! The debtor's side.

mod disputes;
mod documents;
mod itemization;
mod preferences;
mod receipts;
mod sessions;
mod tickets;
