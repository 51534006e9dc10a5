//! The table of all rows. The router, the documentation and the tests are made from it, so none of the three can know
//! an endpoint that the others do not.

use std::collections::HashSet;

use axum::Router;
use serde_json::Value;

use crate::call::{Gate, Spelling};
use crate::routes::Endpoint;

/// All rows, below one base path.
pub struct Table<S: Gate> {
    base: String,
    rows: Vec<Endpoint<S>>,
    /// What the documentation calls it.
    pub title: String,
    /// The version in the documentation.
    pub version: String,
    /// What the documentation begins with, in sentences.
    pub about: String,
    pub(crate) schemas: Vec<(String, Value)>,
    pub(crate) pages: Vec<Endpoint<S>>,
    pub(crate) is_documented: bool,
    pub(crate) beside: Vec<(&'static str, Router)>,
}

impl<S: Gate> Clone for Table<S> {
    fn clone(&self) -> Self {
        Table {
            base: self.base.clone(),
            rows: self.rows.clone(),
            title: self.title.clone(),
            version: self.version.clone(),
            about: self.about.clone(),
            schemas: self.schemas.clone(),
            pages: self.pages.clone(),
            is_documented: self.is_documented,
            beside: self.beside.clone(),
        }
    }
}

impl<S: Gate> Table<S> {
    /// The rows below `base` (`/api/v1`), each also under its twin spelling.
    ///
    /// # Panics
    /// Where two rows have the same method and path: one of them could never be called.
    pub fn new(base: &str, rows: Vec<Endpoint<S>>) -> Table<S> {
        let mut all = Vec::with_capacity(rows.len() * 2);
        let mut seen = HashSet::new();
        for row in rows {
            for other in std::iter::once(row.path.clone()).chain(row.other_paths()) {
                assert!(
                    seen.insert((row.method.clone(), other.clone())),
                    "two rows for {} {other}",
                    row.method
                );
                let twin_of = (other != row.path).then(|| row.path.clone());
                let mut spelled = row.clone();
                (spelled.path, spelled.twin_of) = (other, twin_of);
                all.push(spelled);
            }
        }
        Table {
            base: base.into(),
            rows: all,
            title: "API".into(),
            version: "1".into(),
            about: String::new(),
            schemas: Vec::new(),
            pages: Vec::new(),
            is_documented: true,
            beside: Vec::new(),
        }
    }

    /// The same without pages about itself: what people see in a browser needs none.
    #[must_use]
    pub fn undocumented(self) -> Self {
        Table { is_documented: false, ..self }
    }

    /// Another face beside this one: what is asked for at `prefix` and below, and is no row here, is that one's.
    #[must_use]
    pub fn beside(mut self, prefix: &'static str, face: Router) -> Self {
        self.beside.push((prefix, face));
        self
    }

    /// Names it for the documentation.
    #[must_use]
    pub fn titled(mut self, title: &str, version: &str, about: &str) -> Self {
        (self.title, self.version, self.about) = (title.into(), version.into(), about.into());
        self
    }

    /// A schema that answers refer to by name: [`openapi::named`](crate::openapi::named).
    #[must_use]
    pub fn schema(mut self, name: &str, schema: Value) -> Self {
        self.schemas.push((name.into(), schema));
        self
    }

    /// Pages for people: they stand at the root, and are no part of the API's documentation.
    #[must_use]
    pub fn pages(mut self, rows: Vec<Endpoint<S>>) -> Self {
        self.pages.extend(rows.into_iter().map(Endpoint::outside));
        self
    }

    /// Every row, each spelling its own.
    pub fn rows(&self) -> &[Endpoint<S>] {
        &self.rows
    }

    /// The path all rows stand below.
    pub fn base(&self) -> &str {
        &self.base
    }
}

/// The path in the other spelling: hyphens and underscores of its fixed parts changed for one another.
pub(crate) fn twin(path: &str) -> Option<String> {
    let (from, to) = match Spelling::of(path) {
        Spelling::Hyphens => ('-', "_"),
        Spelling::Underscores => ('_', "-"),
        Spelling::Plain => return None,
    };
    let steps =
        path.split('/').map(|step| if step.starts_with('{') { step.into() } else { step.replace(from, to) });
    Some(steps.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_changes_the_fixed_parts_only() {
        for (path, other) in [
            ("/debt-accounts/{debt_account_id}/x", Some("/debt_accounts/{debt_account_id}/x")),
            ("/bulk/debt_accounts", Some("/bulk/debt-accounts")),
            ("/customers/{id}", None),
        ] {
            assert_eq!(twin(path).as_deref(), other, "{path}");
        }
    }
}
