//! Documents: what proves a debt, what a dispute is answered with, what comes with a ticket.
//!
//! - A document is what its bytes say it is, whatever its name: PDF, PNG, JPEG or plain text, 10 MiB at most.
//! - Its bytes are sealed in pieces with its customer's key (of nobody's ticket with the tenant's), in the database.
//! - All of a customer's may be 64 MiB together, so that exchanging their key stays one short transaction.

mod model;
mod store;

pub use model::{Changes, Document, DocumentId, Kind, LARGEST, MediaType, New, On};
pub use store::{Add, Delete, Filter, Update, content, find, list, views};
