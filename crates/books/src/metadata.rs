//! What a caller wants to keep with a customer, account or location: attributes and values, all text.

use std::collections::BTreeMap;

use base::{Failure, Result};

/// Attributes and values, by attribute.
pub type Metadata = BTreeMap<String, String>;

/// A change to metadata: `None` for a value deletes its attribute.
pub type Changes = Vec<(String, Option<String>)>;

/// `now` with `changes` made.
pub fn merged(mut now: Metadata, changes: &Changes) -> Metadata {
    for (attribute, value) in changes {
        match value {
            Some(value) => now.insert(attribute.clone(), value.clone()),
            None => now.remove(attribute),
        };
    }
    now
}

/// The text in which metadata is stored.
pub fn to_text(metadata: &Metadata) -> String {
    serde_json::to_string(metadata).expect("a map of texts is JSON")
}

/// Metadata from the text in which it is stored.
pub fn from_text(text: &str) -> Result<Metadata> {
    serde_json::from_str(text).map_err(|e| Failure::broken("reading metadata", e))
}
