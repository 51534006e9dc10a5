//! Banks over HTTP: accounts there, their statements, what is on them, and what is expected.

mod accounts;
mod expectations;
mod lines;
mod statements;

use edge::Endpoint;
use payments::bank::Direction;
use serde_json::Value;

pub(crate) use self::accounts::schema as account_schema;
pub(crate) use self::expectations::schema as expectation_schema;
pub(crate) use self::lines::schema as line_schema;
pub(crate) use self::statements::schema as statement_schema;
use crate::App;
use crate::schema::{id, instant, list, maybe, object, text, word};

const DIRECTIONS: &[(&str, Direction)] = &[("credit", Direction::Credit), ("debit", Direction::Debit)];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let mut rows = accounts::rows();
    rows.extend(statements::rows());
    rows.extend(lines::rows());
    rows.extend(expectations::rows());
    rows
}

/// What was decided about something, oldest first.
fn history_schema() -> Value {
    let acts = ["matched", "unmatched", "ignored", "restored", "withdrawn", "cancelled"];
    list(object(
        &[
            ("act", word(&acts)),
            ("by", text()),
            ("reason", maybe(text())),
            ("match_id", maybe(id())),
            ("at", instant()),
        ],
        &[],
    ))
}
