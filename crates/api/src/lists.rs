//! Lists: from the edge's paging to the database's page and back.

use std::ops::Deref;

use base::page::{Key, Listed, Order, Page, Past};
use base::{Failure, Result, Ts};
use books::orgs::Tenant;
use edge::{Paging, Part, Reader, Reply, Rows, Sorts, paging};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Call;
use crate::bounds::Bound;

/// What is asked of a list: which part, in which order, and of when.
pub(crate) struct Listing {
    paging: Paging,
    made: [Option<Bound>; 2],
    changed: [Option<Bound>; 2],
}

impl Deref for Listing {
    type Target = Paging;

    fn deref(&self) -> &Paging {
        &self.paging
    }
}

/// [`paging`], and `created_from`, `created_to`, `updated_from` and `updated_to`.
pub(crate) fn listing(r: &mut Reader<'_>, default: Option<u32>, sorts: Sorts) -> Listing {
    Listing {
        paging: paging(r, default, sorts),
        made: [
            Bound::of(r, "created_from", "Only what was made on this day, at this instant or later."),
            Bound::of(r, "created_to", "Only what was made to this day, including it, or instant."),
        ],
        changed: [
            Bound::of(r, "updated_from", "Only what was last changed on this day, at this instant or later."),
            Bound::of(r, "updated_to", "Only what was last changed to this day, including it, or instant."),
        ],
    }
}

impl Listing {
    /// The page that is asked for; days are the organization's.
    pub(crate) fn page(&self, tenant: &Tenant) -> Result<Page> {
        let between = |[from, to]: [Option<Bound>; 2]| {
            (from.map(|bound| bound.start(&tenant.zone)), to.map(|bound| bound.end(&tenant.zone)))
        };
        Ok(Page { made: between(self.made), changed: between(self.changed), ..page(&self.paging)? })
    }
}

/// The page that is asked for.
pub(crate) fn page(paging: &Paging) -> Result<Page> {
    let sort = paging.sort;
    let by = match sort.by {
        None => Key::Age,
        Some(column) if sort.is_instant => Key::Instant(column),
        Some(column) => Key::Column(column),
    };
    let past = match paging.after() {
        None => None,
        Some(key) => {
            let past = read(key, sort.is_instant);
            Some(past.ok_or_else(|| Failure::field("cursor", "The cursor field is invalid."))?)
        }
    };
    Ok(Page {
        limit: i64::try_from(paging.take()).unwrap_or(i64::MAX - 1),
        offset: i64::try_from(paging.offset()).unwrap_or(i64::MAX),
        walks: paging.is_walk(),
        past,
        order: Order { by, is_ascending: sort.is_ascending },
        ..Page::first(0)
    })
}

/// What a cursor says of the row before: its id, and its instant before that where the list is sorted by one.
fn read(key: &str, is_instant: bool) -> Option<Past> {
    if !is_instant {
        return Some(Past { at: None, id: Uuid::try_parse(key).ok()? });
    }
    let (at, id) = key.split_once(' ')?;
    let at = Some(Ts::from_micros(at.parse().ok()?)).filter(|at| Ts::from(at.timestamp()) == *at)?;
    Some(Past { at: Some(at), id: Uuid::try_parse(id).ok()? })
}

/// What a cursor says of a row with this instant, by which the list may be sorted, and this id.
pub(crate) fn key(paging: &Paging, at: Ts, id: Uuid) -> String {
    if paging.sort.is_instant { format!("{} {id}", at.micros()) } else { id.to_string() }
}

/// The answer: each row shown, and around them where in the list they are. `rows` are `listed`'s, presented.
pub(crate) fn reply<T, U: Serialize>(
    call: &Call,
    paging: &Paging,
    listed: &Listed<T>,
    rows: Vec<U>,
    last: Option<Uuid>,
) -> Result<Reply> {
    reply_saying(call, paging, listed, rows, last.map(|id| id.to_string()), Map::new())
}

/// The same with the [`key`] of the last row, and more in `meta`.
pub(crate) fn reply_saying<T, U: Serialize>(
    call: &Call,
    paging: &Paging,
    listed: &Listed<T>,
    rows: Vec<U>,
    last: Option<String>,
    meta: Map<String, Value>,
) -> Result<Reply> {
    let total = match &paging.part {
        Part::Page(_) => listed.total.and_then(|n| u64::try_from(n).ok()),
        Part::After(_) => None,
    };
    paging
        .reply(call, Rows { rows, total, is_capped: listed.capped, next: last.filter(|_| listed.more), meta })
}
