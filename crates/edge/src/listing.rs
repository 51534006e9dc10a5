//! Lists: which part is asked for, and what stands around the part that is given.
//!
//! Must always hold: a page far past the end is an empty list and not an error, and a walk by cursor costs the same
//! on the first and the last page, so it computes no total.

use base::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::call::{Call, Gate};
use crate::reply::Reply;
use crate::rules::Reader;

/// The most rows of one page.
pub const MOST: u32 = 500;

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How many rows a page has. `None`: all of them.
    pub limit: Option<u32>,
    /// Which part.
    pub part: Part,
    /// In which order.
    pub sort: Sort,
}

/// In which order: newest first, unless said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// By what, as [`paging`] was told it; `None` for when the rows were made.
    pub by: Option<&'static str>,
    /// The smallest or the oldest first.
    pub is_ascending: bool,
    /// By an instant that a list of any length can be walked by.
    pub is_instant: bool,
}

impl Sort {
    /// By when the rows were made.
    pub const fn by_age(is_ascending: bool) -> Sort {
        Sort { by: None, is_ascending, is_instant: false }
    }

    /// By an instant that every row has.
    pub const fn by_instant(key: &'static str, is_ascending: bool) -> Sort {
        Sort { by: Some(key), is_ascending, is_instant: true }
    }

    /// By something else.
    pub const fn by(key: &'static str, is_ascending: bool) -> Sort {
        Sort { by: Some(key), is_ascending, is_instant: false }
    }

    /// Whether a list of any length can be had in this order.
    fn walks(self) -> bool {
        self.by.is_none() || self.is_instant
    }
}

/// The orders that a list can be asked for, by name; the second is meant where nobody says.
pub type Sorts = &'static [(&'static str, Sort)];

/// [`Sorts`] by `created_at` and these fields, each with what the handler calls it, and by each turned round. What stands
/// before a semicolon is an instant, by which the list is sorted where nobody says.
#[macro_export]
macro_rules! sorts {
    ($first:literal => $at:literal; $($name:literal => $key:literal),* $(,)?) => {
        &[
            ($first, $crate::Sort::by_instant($at, true)),
            (concat!("-", $first), $crate::Sort::by_instant($at, false)),
            ("created_at", $crate::Sort::by_age(true)),
            ("-created_at", $crate::Sort::by_age(false)),
            $(($name, $crate::Sort::by($key, true)), (concat!("-", $name), $crate::Sort::by($key, false)),)*
        ]
    };
    ($($name:literal => $key:literal),* $(,)?) => {
        &[
            ("created_at", $crate::Sort::by_age(true)),
            ("-created_at", $crate::Sort::by_age(false)),
            $(($name, $crate::Sort::by($key, true)), (concat!("-", $name), $crate::Sort::by($key, false)),)*
        ]
    };
}

/// Of a list that is sorted by the age of its rows alone.
pub const BY_AGE: Sorts = sorts![];

/// By number, or by the row before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// This page, counted from 1.
    Page(u64),
    /// The page after the row with this key, which [`Paging::reply`] gave out; `None` for the first.
    After(Option<String>),
}

/// `limit`, `page`, `cursor` and `sort` of a query. `default` is how many rows there are on a page where nobody says;
/// `None` for all of them.
pub fn paging(r: &mut Reader<'_>, default: Option<u32>, sorts: Sorts) -> Paging {
    let walking: Vec<&str> = sorts.iter().filter(|(_, sort)| sort.walks()).map(|(name, _)| *name).collect();
    let (usual, usually) = sorts.get(1).copied().unwrap_or(("-created_at", Sort::default()));
    let about = match walking.len() < sorts.len() {
        true => {
            format!(" But for {}, a list has at most 10,000 rows, after all filters.", walking.join(", "))
        }
        false => String::new(),
    };
    let sort = r
        .one_of("sort", sorts)
        .describe(format!(
            "In which order; with a minus, the largest or newest first. `{usual}` unless said.{about}"
        ))
        .or(usually);
    let paging = Paging { sort, ..unsorted(r, default) };
    if paging.is_walk() && !sort.walks() {
        r.fault("cursor", &format!("prohibits sort from being anything but {}.", walking.join(", ")));
    }
    paging
}

/// The same of a list that has one order.
pub fn unsorted(r: &mut Reader<'_>, default: Option<u32>) -> Paging {
    let limit = limit(r, default);
    let page = r.int("page").at_least(1).describe("Which page, from 1.").optional();
    let walks = r.was_sent("cursor");
    let cursor = cursor(r);
    if walks && page.is_some() {
        r.fault("cursor", "prohibits page from being present.");
    }
    let part = match walks {
        true => Part::After(cursor),
        false => Part::Page(page.and_then(|n| u64::try_from(n).ok()).unwrap_or(1).max(1)),
    };
    Paging { limit, part, sort: Sort::default() }
}

/// `limit` and `cursor` of a list that has no numbered pages, because it only grows.
pub fn walking(r: &mut Reader<'_>, default: u32) -> Paging {
    Paging { limit: limit(r, Some(default)), part: Part::After(cursor(r)), sort: Sort::default() }
}

fn limit(r: &mut Reader<'_>, default: Option<u32>) -> Option<u32> {
    let about = match default {
        Some(n) => format!("Rows on a page; {n} unless said."),
        None => "Rows on a page; all of them unless said.".into(),
    };
    let limit = r.int("limit").between(1, i64::from(MOST)).describe(about).optional();
    limit.and_then(|n| u32::try_from(n).ok()).or(default)
}

fn cursor(r: &mut Reader<'_>) -> Option<String> {
    r.text("cursor")
        .max(1000)
        .looks_like(r"^\s*[A-Za-z0-9_-]*\s*$")
        .describe("Walks a long list at constant cost: empty for its beginning, then `meta.next_cursor`.")
        .try_parse("", |text| decode(text).ok_or_else(|| "is invalid.".into()))
        .optional()
}

fn decode(text: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    String::from_utf8(bytes).ok().filter(|key| !key.contains('\0'))
}

/// The rows of one page, and what is known about the rest.
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many there are in all. Only where the pages are numbered.
    pub total: Option<u64>,
    /// Whether there are more than `total`, which was counted no further.
    pub is_capped: bool,
    /// The key of the last of `rows`, where more follow it: what the next page comes after.
    pub next: Option<String>,
    /// What else `meta` says.
    pub meta: Map<String, Value>,
}

impl Paging {
    /// How many rows to skip.
    pub fn offset(&self) -> u64 {
        match self.part {
            Part::Page(page) => (page - 1).saturating_mul(u64::from(self.limit.unwrap_or(0))),
            Part::After(_) => 0,
        }
    }

    /// How many rows to give at most; far more than there are where there is no limit.
    pub fn take(&self) -> u64 {
        self.limit.map_or(u64::from(u32::MAX), u64::from)
    }

    /// The key after which to begin, where the list is walked.
    pub fn after(&self) -> Option<&str> {
        match &self.part {
            Part::After(Some(key)) => Some(key),
            _ => None,
        }
    }

    /// Whether the list is walked by cursor, so that no total need be counted.
    pub fn is_walk(&self) -> bool {
        matches!(self.part, Part::After(_))
    }

    /// The answer: `data`, `meta` and `links`.
    pub fn reply<S: Gate, T: Serialize>(&self, call: &Call<S>, page: Rows<T>) -> Result<Reply> {
        let (meta, links) = self.around(&call.url(), call.raw_query(), &page);
        #[derive(Serialize)]
        struct List<T> {
            data: Vec<T>,
            meta: Value,
            links: Value,
        }
        Ok(Reply::json(200, &List { data: page.rows, meta, links }))
    }

    fn around<T>(&self, url: &str, query: &str, page: &Rows<T>) -> (Value, Value) {
        let shown = u64::try_from(page.rows.len()).unwrap_or(u64::MAX);
        let link = |name: &str, value: &str| format!("{url}?{}", replaced(query, name, value));
        let cursor = page.next.as_ref().map(|key| URL_SAFE_NO_PAD.encode(key));
        let mut meta = Map::new();
        let mut links = Map::new();
        let mut put = |name: &str, value: Value| drop(meta.insert(name.into(), value));
        match &self.part {
            Part::Page(number) => {
                let total = page.total.unwrap_or(shown);
                let size = self.limit.map_or(total.max(1), u64::from);
                let last = total.div_ceil(size).max(1);
                let from = (shown > 0).then(|| self.offset() + 1);
                put("total", total.into());
                if page.is_capped {
                    put("total_is_capped", true.into());
                }
                put("per_page", size.into());
                put("current_page", (*number).into());
                put("last_page", last.into());
                put("total_pages", last.into());
                put("from", json!(from));
                put("to", json!(from.map(|from| from + shown - 1)));
                let at = |page: u64| Value::from(link("page", &page.to_string()));
                links.insert("first".into(), at(1));
                // From past the end the way back is the last page there is.
                links.insert(
                    "prev".into(),
                    if *number > 1 { at((number - 1).min(last)) } else { Value::Null },
                );
                links.insert("next".into(), if *number < last { at(number + 1) } else { Value::Null });
                links.insert("last".into(), at(last));
            }
            Part::After(_) => {
                put("per_page", self.limit.map_or(shown, u64::from).into());
                links.insert("first".into(), link("cursor", "").into());
                links.insert("prev".into(), Value::Null);
                links.insert("next".into(), json!(cursor.as_ref().map(|cursor| link("cursor", cursor))));
            }
        }
        put("path", url.into());
        put("next_cursor", json!(cursor));
        meta.extend(page.meta.clone());
        (meta.into(), links.into())
    }
}

/// `query` with `name=value` in place of whatever part of the list it asked for. The rest stays as it was sent.
fn replaced(query: &str, name: &str, value: &str) -> String {
    let is_kept =
        |pair: &&str| !pair.is_empty() && !matches!(pair.split('=').next(), Some("page" | "cursor"));
    let said = format!("{name}={value}");
    query.split('&').filter(is_kept).chain([said.as_str()]).collect::<Vec<_>>().join("&")
}

/// The schema of a list of `row`s.
pub fn schema(row: Value) -> Value {
    let whole = json!({"type": "integer"});
    let maybe = json!({"type": ["integer", "null"]});
    let url = json!({"type": ["string", "null"], "format": "uri"});
    json!({
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": row},
            "meta": {"type": "object", "properties": {
                "total": whole, "per_page": whole, "current_page": whole, "last_page": whole, "total_pages": whole,
                "total_is_capped": {"type": "boolean", "description": "There are more than total; walk by cursor."},
                "from": maybe, "to": maybe, "path": {"type": "string"}, "next_cursor": {"type": ["string", "null"]},
            }},
            "links": {"type": "object", "properties": {
                "first": {"type": "string"}, "prev": url, "next": url, "last": {"type": "string"},
            }},
        },
        "required": ["data", "meta", "links"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(number: u64, rows: usize, total: u64) -> (Value, Value) {
        let paging = Paging { limit: Some(10), part: Part::Page(number), sort: Sort::default() };
        let next = (number * 10 < total).then(|| "id9".to_owned());
        paging.around(
            "https://x/a",
            "q=1&page=7&limit=10",
            &Rows { rows: vec![0; rows], total: Some(total), is_capped: false, next, meta: Map::new() },
        )
    }

    #[test]
    fn the_links_lead_through_all_pages_and_keep_the_question() {
        let (meta, links) = page(2, 10, 25);
        assert_eq!(meta["from"], 11);
        assert_eq!(meta["to"], 20);
        assert_eq!(meta["last_page"], 3);
        assert_eq!(meta["next_cursor"], URL_SAFE_NO_PAD.encode("id9"));
        assert_eq!(links["next"], "https://x/a?q=1&limit=10&page=3");
        assert_eq!(links["prev"], "https://x/a?q=1&limit=10&page=1");
        assert_eq!(links["last"], "https://x/a?q=1&limit=10&page=3");
    }

    #[test]
    fn past_the_end_there_is_a_way_back() {
        let (meta, links) = page(1_000_000_000, 0, 25);
        assert_eq!((&meta["from"], &meta["to"]), (&Value::Null, &Value::Null));
        assert_eq!(links["prev"], "https://x/a?q=1&limit=10&page=3");
        assert_eq!(links["next"], Value::Null);
        assert_eq!(page(1, 0, 0).0["last_page"], 1);
    }

    #[test]
    fn a_walk_leaves_out_what_it_did_not_count() {
        let paging = Paging { limit: Some(2), part: Part::After(None), sort: Sort::default() };
        let rows = Rows {
            rows: vec![1, 2],
            total: None,
            is_capped: false,
            next: Some("k".into()),
            meta: Map::new(),
        };
        let (meta, links) = paging.around("https://x/a", "cursor=", &rows);
        assert!(meta.get("total").is_none() && links.get("last").is_none());
        let cursor = meta["next_cursor"].as_str().unwrap();
        assert_eq!(decode(cursor).as_deref(), Some("k"));
        assert_eq!(links["next"], format!("https://x/a?cursor={cursor}"));
    }
}
