//! HTTP without the business: bodies, rules, errors, limits, the route table, OpenAPI.
//!
//! A face of the application (the JSON API, the pages) is a [`Table`] of [`routes`] rows over a state that is a
//! [`Gate`]. Each row has a handler, which takes a [`Call`] and gives a [`Reply`] or a [`base::Failure`], and the
//! [`rules`] of its body and query, from which come the checks, their messages and the documentation alike.

pub mod body;
pub mod brackets;
pub mod call;
mod curl;
mod dispatch;
mod docs;
mod entry;
pub mod headers;
pub mod json;
pub mod limits;
pub mod listing;
pub mod openapi;
mod postman;
pub mod reply;
pub mod routes;
pub mod rules;
pub mod samples;
pub mod server;
mod settings;
mod table;

pub use call::{Call, Caller, Door, Gate, Spelling, Teller};
pub use dispatch::Peer;
pub use listing::{BY_AGE, Paging, Part, Rows, Sort, Sorts, paging, unsorted};
pub use reply::Reply;
pub use routes::{Access, Endpoint};
pub use rules::{Change, Reader};
pub use settings::{Recorder, Settings};
pub use table::Table;
