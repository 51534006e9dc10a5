//! The schemas of what we answer, in few words.
//!
//! `text` is always there and text; `maybe(text)` is always there and may be null; a field that is not in
//! `always` is left out when it is empty and never null.

use serde_json::{Map, Value, json};

/// Text.
pub(crate) fn text() -> Value {
    json!({ "type": "string" })
}

/// One of these words.
pub(crate) fn word(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

/// The words of a table that says what each means.
pub(crate) fn words<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(word, _)| *word).collect()
}

/// A UUID of ours.
pub(crate) fn id() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// Whole cents.
pub(crate) fn cents() -> Value {
    json!({ "type": "integer", "description": "Whole cents." })
}

/// A whole number.
pub(crate) fn whole() -> Value {
    json!({ "type": "integer" })
}

/// True or false.
pub(crate) fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// An instant, RFC 3339 in UTC.
pub(crate) fn instant() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A day, `YYYY-MM-DD`.
pub(crate) fn day() -> Value {
    json!({ "type": "string", "format": "date" })
}

/// Any object.
pub(crate) fn any_object() -> Value {
    json!({ "type": "object" })
}

/// A list.
pub(crate) fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// The same, or null.
pub(crate) fn maybe(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
    schema
}

/// What a caller keeps with a thing.
pub(crate) fn metadata() -> Value {
    list(object(&[("attribute", text()), ("value", text())], &[]))
}

/// An object: fields that are always there, and fields that are left out when empty.
pub(crate) fn object(always: &[(&str, Value)], sometimes: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        always.iter().chain(sometimes).map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    let required: Vec<&str> = always.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// The body that shows one thing: `{"data": …}`.
pub(crate) fn shown(thing: Value) -> Value {
    object(&[("data", thing)], &[])
}

/// The body of a delete: `{"success": true}`.
pub(crate) fn success() -> Value {
    object(&[("success", flag())], &[])
}
