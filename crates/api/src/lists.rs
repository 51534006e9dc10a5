//! Lists: from the edge's paging to the database's page and back.

use base::page::{Key, Listed, Order, Page};
use base::{Failure, Result};
use edge::{Paging, Part, Reply, Rows};
use serde::Serialize;
use uuid::Uuid;

use crate::Call;

/// The page that is asked for.
pub(crate) fn page(paging: &Paging) -> Result<Page> {
    let past = match paging.after() {
        Some(key) => {
            Some(Uuid::try_parse(key).map_err(|_| Failure::field("cursor", "The cursor field is invalid."))?)
        }
        // Walking begins before the first row there can be, so that nothing is counted.
        None if paging.is_walk() && paging.sort.is_ascending => Some(Uuid::nil()),
        None if paging.is_walk() => Some(Uuid::max()),
        None => None,
    };
    Ok(Page {
        limit: i64::try_from(paging.take()).unwrap_or(i64::MAX - 1),
        offset: i64::try_from(paging.offset()).unwrap_or(i64::MAX),
        past,
        order: Order {
            by: paging.sort.by.map_or(Key::Age, Key::Column),
            is_ascending: paging.sort.is_ascending,
        },
    })
}

/// The answer: each row shown, and around them where in the list they are. `rows` are `listed`'s, presented.
pub(crate) fn reply<T, U: Serialize>(
    call: &Call,
    paging: &Paging,
    listed: &Listed<T>,
    rows: Vec<U>,
    last: Option<Uuid>,
) -> Result<Reply> {
    let total = match &paging.part {
        Part::Page(_) => listed.total.and_then(|n| u64::try_from(n).ok()),
        Part::After(_) => None,
    };
    paging.reply(
        call,
        Rows {
            rows,
            total,
            is_capped: listed.capped,
            next: last.filter(|_| listed.more).map(|id| id.to_string()),
        },
    )
}
