//! Who owes what to whom: organizations, customers, debt accounts, the ledger, events.
//!
//! In reading order; each may call only those above it. What must go down goes through [`events`].

pub mod schema;

pub mod orgs;

pub mod idempotency;

pub mod counts;

pub mod events;

pub mod retention;

pub mod tokens;

pub mod queues;

pub mod clocks;

pub mod settings;

pub mod ledger;

pub mod metadata;

pub mod refs;

pub mod people;

pub mod sealing;

pub mod messages;

pub mod preferences;

pub mod stream;

pub mod lookup;

pub mod locations;

pub mod debts;

pub mod holds;

pub mod contact;

pub mod keys;
