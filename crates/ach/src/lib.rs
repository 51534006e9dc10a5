//! Bank debits and credits by file: a processor of our own, whose remote end is a bank that reads files.
//!
//! [`Rail`] stands behind the seam of `payments` as any processor does. What is ordered becomes an entry in this
//! database; at each cut-off of an organization the entries that wait go into a file ([`originate`]); the file is brought
//! to the bank ([`deliver`]); it settles on its day ([`settle`]); and what the bank sends back is read and applied ([`collect`]).
//! What follows from a return for a charge, a plan or a payment method is decided where it is for every processor: the till's
//! sweep reads [`Rail`]'s list.
//!
//! Must always hold:
//! - An entry is in one file that was not rejected, at most. It goes into another only after somebody has said that the bank refused
//!   the first as a whole.
//! - A file is brought once. All of it lies at the bank under a name at which nobody looks before the books say that it is to be
//!   placed; who finds the books saying so places it if it is still there, and else knows that it was placed.
//! - A trace number is never used again.
//! - An account number stands sealed in the payment method and in its entries, and nowhere else; entries lose it once
//!   nothing more can be done with it.

mod account;
pub mod beside;
mod calendar;
pub mod check;
pub mod collect;
pub mod deliver;
mod label;
mod model;
pub mod originate;
mod originators;
mod processor;
mod queue;
pub mod rates;
mod records;
mod render;
pub mod settle;
mod store;

pub use calendar::cut_offs;
pub use model::{
    Class, EntryId, EntryState, File, FileId, FileState, Kind, Notice, NoticeId, NoticeKind, Originator,
    Outcome, Received, ReceivedId,
};
pub use originators::{CutNow, Heading, SetUp, Terms};
pub use processor::Rail;
pub use store::{file, files, notices, originator, standing};
