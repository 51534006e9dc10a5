//! The portal: pages on which people see what they owe, why, and settle it.
//!
//! The way of a request: a row of a `rows()`, its handler there, operations of the domain, one template of `templates/`.
//! Its words are in `texts/`, a catalogue for each language; its looks in one stylesheet.
//!
//! Must always hold:
//! - A page says nothing of a debt or a person before somebody came in (`door`), not even in a title or a refusal.
//! - Only a POST changes anything, and only one that comes from a page of ours (`forms`).
//! - There is no script, and nothing is asked of anybody else's server. Hosted fields (`fields.rs`) alone have one: they stand in
//!   others' pages, and are all that may be framed.

mod accounts;
mod disputes;
mod documents;
mod door;
mod fields;
mod forms;
mod instruments;
mod items;
mod keeping;
mod kept;
mod log_in;
mod offers;
mod page;
mod pay;
mod payments;
mod plans;
mod proofs;
mod scripts;
mod state;
mod style;
mod taking;
mod texts;
mod tickets;
mod tokenizer;
mod wishes;

use edge::{Endpoint, Table};

pub use state::{Guest, Portal};

/// One request to the portal.
pub type Call = edge::Call<Portal>;

/// Where all of it stands.
pub const PREFIX: &str = "/portal";

/// Every page there is.
pub fn table() -> Table<Portal> {
    let rows: Vec<Endpoint<Portal>> = [
        style::rows(),
        door::rows(),
        log_in::rows(),
        accounts::rows(),
        disputes::rows(),
        documents::rows(),
        payments::rows(),
        pay::rows(),
        tickets::rows(),
        plans::rows(),
        tokenizer::rows(),
        kept::rows(),
        fields::rows(),
        scripts::rows(),
        wishes::rows(),
    ]
    .into_iter()
    .flatten()
    .collect();
    Table::new(PREFIX, rows).undocumented()
}
