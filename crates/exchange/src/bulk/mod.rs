//! Files and lists that come in one piece.
//!
//! - What arrives is taken apart as it comes ([`Splitter`]) and put aside, sealed, in pieces of some hundred records
//!   ([`Intake`]); memory does not grow with it. Nothing is applied before all of it is there and its control totals
//!   are right.
//! - The same bytes within a day are the same thing: the earlier one is given, unless somebody insists.
//! - A piece is applied in one transaction, with the place it leads to: whoever is killed in between loses nothing and
//!   applies nothing twice. Any node goes on, by a claim with a fence and a lease.
//! - A record that is refused is told with its position and its fields, and costs no other record anything.
//! - What is applied is gone from the spool in the same transaction.

mod apply;
mod csv;
mod file;
mod intake;
mod json;
mod model;
mod split;
mod spool;
mod steps;
mod store;

pub use self::apply::{Batch, Origin, Outcomes, rehearse};
pub use self::file::{Begun, File, begin_file, only_told};
pub use self::intake::{Asked, Finished, Intake, Open};
pub use self::model::{Bulk, BulkId, Format, Item, Kind, PieceId, Source, State, Words, Wrong};
pub use self::split::{MOST_CUSTOMERS, Parse, Reading, Splitter, Told};
pub use self::spool::RECORDS;
pub use self::steps::{Readers, standing, step};
pub use self::store::{Cancel, Filter, IDEMPOTENCY_KIND, find, list, resolve, wrong_after};
