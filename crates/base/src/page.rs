//! One page of a list, newest first unless said otherwise.
//!
//! Ids are time-ordered, so newest first is by id, descending, and a cursor is the last id seen. Totals without
//! filters are exact; with filters they are counted no further than [`COUNTED`]. By anything else than age only lists
//! of at most [`COUNTED`] rows are sorted: an index for each order would cost every payment, and a list without one
//! would be read whole for a page.

use uuid::Uuid;

use crate::db::{Param, Record, Tx};
use crate::{Failure, Result, TenantId, Ts};

/// How far the rows of a filtered list are counted.
pub const COUNTED: i64 = 10_000;

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// When its rows were made.
    Age,
    /// A column with an instant in every row and an index of it with the id, ties by age.
    Instant(&'static str),
    /// A column of its table; rows without a value come last, ties by age.
    Column(&'static str),
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: Key,
    /// The smallest or the oldest first.
    pub is_ascending: bool,
}

impl Order {
    /// Newest first.
    pub const NEWEST: Order = Order { by: Key::Age, is_ascending: false };

    fn words(self) -> &'static str {
        if self.is_ascending { "ASC" } else { "DESC" }
    }
}

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The most rows it may have.
    pub limit: i64,
    /// How many rows come before it; 0 when walking by cursor.
    pub offset: i64,
    /// Walking by cursor: nothing is counted.
    pub walks: bool,
    /// Only rows that come after this one.
    pub past: Option<Past>,
    /// In which order.
    pub order: Order,
    /// Only rows that were made then.
    pub made: Between,
    /// Only rows that were last changed then.
    pub changed: Between,
}

/// A row, as far as it says what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its instant, in an order by one.
    pub at: Option<Ts>,
    /// Its id.
    pub id: Uuid,
}

/// From this instant on, and before that.
pub type Between = (Option<Ts>, Option<Ts>);

impl Page {
    /// The newest `limit` rows.
    pub const fn first(limit: i64) -> Page {
        let always = (None, None);
        Page {
            limit,
            offset: 0,
            walks: false,
            past: None,
            order: Order::NEWEST,
            made: always,
            changed: always,
        }
    }

    /// Whether it is of some rows only, by their times.
    pub fn is_narrowed(&self) -> bool {
        (self.made, self.changed) != ((None, None), (None, None))
    }

    /// The newest `limit` rows that are older than this one; nothing is counted.
    pub const fn older(limit: i64, than: Uuid) -> Page {
        Page { walks: true, past: Some(Past { at: None, id: than }), ..Page::first(limit) }
    }
}

/// The least id that a row made at this instant can have: ids are ordered by time, to the millisecond.
pub fn least_id(at: Ts) -> Uuid {
    let millis = u128::try_from(at.micros() / 1_000).unwrap_or(0).min((1 << 48) - 1);
    Uuid::from_u128(millis << 80)
}

/// A list that somebody has counted already: how many rows it has, and where the page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many rows there are in all pages.
    pub total: i64,
    /// Where the page begins; `None` where the list does.
    pub begin: Option<Begin>,
}

/// Where a page begins, in a list by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Newest first: only rows older than this one. Oldest first: only this one and newer ones.
    pub from: Option<Uuid>,
    /// How many of those come before the page.
    pub skip: i64,
}

/// A page, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// How many rows there are in all pages; `None` when walking by cursor.
    pub total: Option<i64>,
    /// Whether there are more than `total`, which was counted no further.
    pub capped: bool,
    /// Whether rows follow.
    pub more: bool,
}

impl<T> Listed<T> {
    /// The same page of something else, in the same order.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        let Listed { rows, total, capped, more } = self;
        Listed { rows: rows.into_iter().map(f).collect(), total, capped, more }
    }

    /// The same page with other rows in the place of its own.
    pub fn with<U>(&self, rows: Vec<U>) -> Listed<U> {
        Listed { rows, total: self.total, capped: self.capped, more: self.more }
    }
}

/// Which rows of a tenant a list shows: what always holds, and what the caller filters by.
pub struct Which<'a> {
    text: String,
    params: Vec<Box<dyn Param + 'a>>,
    filtered: bool,
}

impl<'a> Which<'a> {
    /// The tenant's rows of which `always` holds, a condition without parameters: `deleted_at IS NULL`.
    pub fn of(tenant: TenantId, always: &str) -> Which<'a> {
        Which {
            text: format!("WHERE tenant_id = $1 AND {always}"),
            params: vec![Box::new(tenant)],
            filtered: false,
        }
    }

    /// Only those of which `condition` holds with `value` in the place of `?`: `status = ?`.
    #[must_use]
    pub fn filter(mut self, condition: &str, value: impl Param + 'a) -> Which<'a> {
        self.filtered = true;
        self.and(condition, value);
        self
    }

    /// [`Which::filter`], where there is a value.
    #[must_use]
    pub fn filter_if(self, condition: &str, value: Option<impl Param + 'a>) -> Which<'a> {
        match value {
            Some(value) => self.filter(condition, value),
            None => self,
        }
    }

    /// Only those that are flagged, or only those that are not: said in the words of a partial index, which a value cannot be.
    #[must_use]
    pub fn flagged_if(mut self, flag: &str, value: Option<bool>) -> Which<'a> {
        if let Some(value) = value {
            self.filtered = true;
            self.text = format!("{} AND {}{flag}", self.text, if value { "" } else { "NOT " });
        }
        self
    }

    /// Only those of which `column` is one of `values`.
    #[must_use]
    pub fn filter_any(mut self, column: &str, values: Option<Vec<impl Param + 'a>>) -> Which<'a> {
        let Some(values) = values else { return self };
        self.filtered = true;
        let first = self.params.len() + 1;
        let places: Vec<String> = (first..first + values.len()).map(|n| format!("${n}")).collect();
        self.params.extend(values.into_iter().map(|value| Box::new(value) as Box<dyn Param + 'a>));
        self.text = format!("{} AND {column} IN ({})", self.text, places.join(", "));
        self
    }

    fn and(&mut self, condition: &str, value: impl Param + 'a) {
        self.params.push(Box::new(value));
        let place = format!("${}", self.params.len());
        self.text = format!("{} AND {}", self.text, condition.replace('?', &place));
    }

    /// Whether the caller filters.
    pub fn is_filtered(&self) -> bool {
        self.filtered
    }

    /// Reads a page of `T`'s table.
    pub async fn page<T: Record>(self, tx: &Tx, page: Page) -> Result<Listed<T>> {
        self.page_of(tx, page, None).await
    }

    /// The same of a list that somebody may have counted.
    pub async fn page_of<T: Record>(
        mut self,
        tx: &Tx,
        page: Page,
        counted: Option<Counted>,
    ) -> Result<Listed<T>> {
        // By id, so that the part of a long list that is meant is found at once.
        self = if tx.is_of_own_time() {
            self.filter_if("created_at >= ?", page.made.0).filter_if("created_at < ?", page.made.1)
        } else {
            self.filter_if("id >= ?", page.made.0.map(least_id))
                .filter_if("id < ?", page.made.1.map(least_id))
        };
        self = self.filter_if("updated_at >= ?", page.changed.0).filter_if("updated_at < ?", page.changed.1);
        let (total, capped) = match (page.walks, counted) {
            (true, _) => (None, false),
            (false, Some(counted)) => (Some(counted.total), false),
            (false, None) => {
                let (total, capped) = self.count::<T>(tx, page.order.by).await?;
                (Some(total), capped)
            }
        };
        if capped && page.offset >= COUNTED {
            return Err(Failure::field(
                "page",
                format!(
                    "The page field must stay within the first {COUNTED} rows of a filtered list; walk it with cursor."
                ),
            ));
        }
        let direction = page.order.words();
        let (sorted, begin) = match page.order.by {
            Key::Age => (format!("id {direction}"), counted.and_then(|counted| counted.begin)),
            Key::Instant(column) => (format!("{column} {direction}, id {direction}"), None),
            Key::Column(_) if capped || total.is_some_and(|total| total > COUNTED) => {
                return Err(Failure::field(
                    "sort",
                    format!(
                        "The sort field must be the list's own order or created_at in a list of more than {COUNTED} rows; \
                         narrow it by filters."
                    ),
                ));
            }
            Key::Column(column) => (format!("{column} {direction} NULLS LAST, id {direction}"), None),
        };
        let is_ascending = page.order.is_ascending;
        match (page.past, page.order.by) {
            (Some(Past { at: Some(at), id }), Key::Instant(column)) => {
                self.beyond(column, if is_ascending { ">" } else { "<" }, at, id);
            }
            (Some(Past { id, .. }), _) => self.and(if is_ascending { "id > ?" } else { "id < ?" }, id),
            (None, _) => {}
        }
        if let Some(from) = begin.and_then(|begin| begin.from) {
            self.and(if is_ascending { "id >= ?" } else { "id < ?" }, from);
        }
        let offset = begin.map_or(page.offset, |begin| begin.skip);
        self.rows(tx, &sorted, (page.limit, offset), (total, capped)).await
    }

    /// The part of the rows that is asked for, in this order, and what is known of them all.
    async fn rows<T: Record>(
        mut self,
        tx: &Tx,
        sorted: &str,
        (limit, offset): (i64, i64),
        (total, capped): (Option<i64>, bool),
    ) -> Result<Listed<T>> {
        let n = self.params.len();
        self.params.push(Box::new(limit.saturating_add(1)));
        self.params.push(Box::new(offset));
        let tail = format!("{} ORDER BY {sorted} LIMIT ${} OFFSET ${}", self.text, n + 1, n + 2);
        let mut rows: Vec<T> = tx.select(&tail, &self.params()).await?;
        let limit = usize::try_from(limit).map_err(|e| Failure::broken("reading a page's limit", e))?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok(Listed { rows, total, capped, more })
    }

    /// Only rows that come after one with this instant and id.
    fn beyond(&mut self, column: &str, than: &str, at: Ts, id: Uuid) {
        let n = self.params.len();
        self.params.push(Box::new(at));
        self.params.push(Box::new(id));
        let (at, id) = (format!("${}", n + 1), format!("${}", n + 2));
        self.text =
            format!("{} AND ({column} {than} {at} OR ({column} = {at} AND id {than} {id}))", self.text);
    }

    async fn count<T: Record>(&self, tx: &Tx, by: Key) -> Result<(i64, bool)> {
        let (table, text) = (T::TABLE, &self.text);
        if !self.filtered {
            let total = tx.number(&format!("SELECT count(*) FROM {table} {text}"), &self.params()).await?;
            return Ok((total, false));
        }
        let one_more = COUNTED + 1;
        // In the order of the page, so that it is found by the index that the page is found by: planned for a filter that
        // nearly all rows meet, a rare one would be looked for in all of them.
        let order = match by {
            Key::Instant(column) => format!("{column} DESC, id DESC"),
            Key::Age | Key::Column(_) => "id DESC".to_owned(),
        };
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 AS one FROM {table} {text} ORDER BY {order} LIMIT {one_more}) AS counted"
        );
        let found = tx.number(&sql, &self.params()).await?;
        Ok((found.min(COUNTED), found > COUNTED))
    }

    fn params(&self) -> Vec<&(dyn Param + 'a)> {
        self.params.iter().map(|param| &**param).collect()
    }
}
