//! The columns of an export's table, from the schema of what it shows.

use serde_json::Value;

use super::Export;
use crate::csv::Row;

/// A column.
pub(super) struct Column {
    /// Its name: a dotted path, as an import reads it.
    pub(super) name: String,
    path: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What somebody wrote.
    Text,
    /// A number, a day, an id of ours, a word of a fixed list.
    Plain,
    /// Several words.
    Words,
    /// Attributes and values.
    Metadata,
}

/// The columns, in the order of the schema. Lists of other things have no place in a table, but for the primary one of
/// those that have one.
pub(super) fn columns(export: &Export) -> Vec<Column> {
    let mut all = Vec::new();
    collect(&(export.schema)(), &[], &mut all);
    let is_left_out = |column: &Column| {
        let below = |name: &&str| {
            column.name.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        export.leaves_out.iter().any(below)
    };
    all.retain(|column| !is_left_out(column));
    all
}

fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(some) => some.iter().any(|one| one == kind),
        _ => false,
    }
}

fn collect(schema: &Value, above: &[String], all: &mut Vec<Column>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path: Vec<String> = above.iter().chain([name]).cloned().collect();
        let mut add = |kind| all.push(Column { name: path.join("."), path: path.clone(), kind });
        if is(field, "string") {
            add(if field.get("format").is_some() || field.get("enum").is_some() {
                Kind::Plain
            } else {
                Kind::Text
            });
        } else if is(field, "integer") || is(field, "boolean") || is(field, "number") {
            add(Kind::Plain);
        } else if is(field, "object") {
            collect(field, &path, all);
        } else if is(field, "array") {
            let items = &field["items"];
            if is(items, "string") {
                add(Kind::Words);
            } else if items["properties"].get("attribute").is_some() {
                add(Kind::Metadata);
            } else if items["properties"].get("is_primary").is_some() {
                collect(items, &path, all);
            }
        }
    }
}

impl Column {
    /// Writes the cell of an object.
    pub(super) fn write(&self, object: &Value, row: &mut Row) {
        let mut value = Some(object);
        for step in &self.path {
            value = value.and_then(|value| match value {
                Value::Array(all) => primary(all)?.get(step),
                value => value.get(step),
            });
        }
        match (value, self.kind) {
            (None | Some(Value::Null), _) => row.nothing(),
            (Some(Value::String(text)), Kind::Text) => row.text(text),
            (Some(Value::String(word)), _) => row.plain(word),
            (Some(Value::Array(all)), Kind::Metadata) => row.text(&attributes(all)),
            (Some(Value::Array(all)), _) => {
                row.text(&all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"));
            }
            (Some(value), _) => row.plain(value),
        }
    }
}

fn primary(all: &[Value]) -> Option<&Value> {
    all.iter().find(|one| one["is_primary"] == true)
}

/// Attributes as an object, the form in which an import takes them; nothing where there are none.
fn attributes(all: &[Value]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let pairs =
        all.iter().filter_map(|one| Some((one["attribute"].as_str()?.to_owned(), one["value"].clone())));
    Value::Object(pairs.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::registry::EXPORTS;
    use super::*;

    #[test]
    fn every_export_has_columns_of_its_own_names() {
        for export in EXPORTS {
            let names: Vec<String> = columns(export).into_iter().map(|column| column.name).collect();
            assert!(names.contains(&"id".to_owned()) && names.len() > 5, "{}: {names:?}", export.name);
            for (index, name) in names.iter().enumerate() {
                assert!(!names[..index].contains(name), "{} has {name} twice", export.name);
            }
        }
        let debts: Vec<String> =
            columns(super::super::find("debt_accounts").unwrap()).into_iter().map(|c| c.name).collect();
        assert!(debts.contains(&"rules.min_payment_amount".to_owned()), "{debts:?}");
        let customers: Vec<String> =
            columns(super::super::find("customers").unwrap()).into_iter().map(|c| c.name).collect();
        assert!(customers.contains(&"address.line1".to_owned()), "{customers:?}");
    }
}
