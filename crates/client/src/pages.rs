//! Lists, walked by cursor at constant cost, or looked at by number.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Call, Error};

/// One page of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where they stand in the whole.
    pub meta: Meta,
}

/// Where a page stands in the whole. What a walk does not count is `None`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Meta {
    /// How many rows there are in all.
    pub total: Option<u64>,
    /// Whether there are more than `total`, which was counted no further.
    #[serde(default)]
    pub total_is_capped: bool,
    /// How many rows a page has at most.
    pub per_page: Option<u64>,
    /// Which page this is, from 1.
    pub current_page: Option<u64>,
    /// Which page is the last.
    pub last_page: Option<u64>,
    /// What leads to the rows after these.
    pub next_cursor: Option<String>,
}

enum Next {
    First,
    After(String),
    Over,
}

/// A list that is asked for piece by piece, newest first unless its endpoint says otherwise.
pub struct Pages<T> {
    ask: Call<List<T>>,
    next: Next,
    held: std::vec::IntoIter<T>,
}

impl<T: DeserializeOwned + Send + 'static> Pages<T> {
    pub(crate) fn new(ask: Call<List<T>>) -> Pages<T> {
        Pages { ask, next: Next::First, held: Vec::new().into_iter() }
    }

    /// The next piece of the list; `None` when it is over.
    pub async fn next_page(&mut self) -> Result<Option<Vec<T>>, Error> {
        let cursor = match &self.next {
            Next::First => String::new(),
            Next::After(cursor) => cursor.clone(),
            Next::Over => return Ok(None),
        };
        let page = self.ask.clone().query("cursor", cursor).await?;
        self.next = page.meta.next_cursor.map_or(Next::Over, Next::After);
        Ok(Some(page.data))
    }

    /// The next row; `None` when there is none.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        loop {
            if let Some(row) = self.held.next() {
                return Ok(Some(row));
            }
            match self.next_page().await? {
                Some(page) => self.held = page.into_iter(),
                None => return Ok(None),
            }
        }
    }

    /// All rows that are left.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all: Vec<T> = self.held.by_ref().collect();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// One page by its number, from 1, with the totals.
    pub async fn page(&self, number: u64) -> Result<List<T>, Error> {
        self.ask.clone().query("page", number.to_string()).await
    }
}
