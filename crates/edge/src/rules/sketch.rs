//! The schema side of a rule set: what its fields are called, what they take, and which of them are secret.

use std::sync::Arc;

use serde_json::{Map, Value, json};

/// The pattern of a text that is taken for nothing.
pub const BLANK: &str = r"^\s*$";

/// A text without the blanks around it: those that `\s` means in a JSON schema, so that the documentation and the rules
/// call the same nothing. The standard library has one more and one less.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c == '\u{feff}' || c.is_whitespace() && c != '\u{85}')
}

/// The schema of an object while its rules are walked.
#[derive(Default)]
pub struct Sketch {
    pub(crate) properties: Map<String, Value>,
    pub(crate) required: Vec<&'static str>,
    pub(crate) closed: bool,
    one_at_least: Vec<Value>,
    left_out: Vec<Vec<String>>,
    // What the field being drawn leaves out below itself.
    inner: Vec<Vec<String>>,
}

/// What a rule set says about itself.
#[derive(Clone, Debug, Default)]
pub struct Described {
    /// The JSON schema (OpenAPI 3.1) of the object. Shared: every spelling of a path has the same one.
    pub schema: Arc<Value>,
    /// The fields that no fingerprint may contain, as steps; `*` is every element of a list.
    pub left_out: Vec<Vec<String>>,
}

impl Sketch {
    /// At least one of these has to be there, with something in it.
    pub(crate) fn any_of(&mut self, names: &[&str]) {
        let sets: Vec<&[&str]> = names.iter().map(std::slice::from_ref).collect();
        self.any_set_of(&sets);
    }

    /// All of one of these sets have to be there, with something in them.
    pub(crate) fn any_set_of(&mut self, sets: &[&[&str]]) {
        let sent = json!({"anyOf": [
            {"type": "string", "pattern": r"\S"}, {"type": ["object", "array", "number", "boolean"]},
        ]});
        let all_of = |names: &&[&str]| {
            let sent: Map<String, Value> =
                names.iter().map(|name| ((*name).to_owned(), sent.clone())).collect();
            json!({"required": names, "properties": sent})
        };
        self.one_at_least.push(json!({"anyOf": sets.iter().map(all_of).collect::<Vec<_>>()}));
    }

    /// `path` below this object is never part of a fingerprint.
    pub(crate) fn leave_out(&mut self, path: Vec<String>) {
        self.left_out.push(path);
    }

    /// Takes over what a nested rule set left out, below `step`.
    pub(crate) fn adopt(&mut self, step: &str, inner: Vec<Vec<String>>) {
        for mut path in inner {
            path.insert(0, step.to_owned());
            self.left_out.push(path);
        }
    }

    /// A nested rule set was drawn: `step` is `*` for the elements of a list.
    pub(crate) fn draw_inner(&mut self, inner: Described, step: Option<&str>) -> Value {
        let steps = step.map(str::to_owned);
        self.inner.extend(inner.left_out.into_iter().map(|path| steps.iter().cloned().chain(path).collect()));
        Arc::unwrap_or_clone(inner.schema)
    }

    pub(crate) fn take_inner(&mut self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.inner)
    }

    pub(crate) fn put_inner(&mut self, inner: Vec<Vec<String>>) {
        self.inner = inner;
    }

    pub(crate) fn finish(self) -> Described {
        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        schema.insert("properties".into(), self.properties.into());
        if !self.required.is_empty() {
            schema.insert("required".into(), self.required.into());
        }
        if !self.one_at_least.is_empty() {
            schema.insert("allOf".into(), self.one_at_least.into());
        }
        if self.closed {
            schema.insert("additionalProperties".into(), false.into());
        }
        Described { schema: Arc::new(schema.into()), left_out: self.left_out }
    }
}

/// The same in a form or a query, which have no `null`: there, nothing is blank text.
pub(crate) fn without_null(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            fields.iter().map(|(name, inner)| (name.clone(), keyword_without_null(name, inner))).collect()
        }
        Value::Array(items) => items.iter().map(without_null).collect(),
        other => other.clone(),
    }
}

fn keyword_without_null(name: &str, inner: &Value) -> Value {
    let is_null = |kind: &Value| match name {
        "type" => *kind == "null",
        "enum" => kind.is_null(),
        "anyOf" => *kind == json!({"type": "null"}),
        _ => false,
    };
    let Value::Array(items) = inner else { return without_null(inner) };
    match (name, &items.iter().filter(|kind| !is_null(kind)).cloned().collect::<Vec<_>>()[..]) {
        ("type", [one]) => one.clone(),
        ("type" | "enum", left) => left.to_vec().into(),
        (_, left) => left.iter().map(without_null).collect(),
    }
}

fn is_text(fields: &Map<String, Value>) -> bool {
    fields.get("type").is_some_and(|t| t == "string")
}

fn is_any_text(fields: &Map<String, Value>) -> bool {
    !["pattern", "format", "minLength", "const", "enum"].iter().any(|k| fields.contains_key(*k))
}

/// `schema` where blank text is the same as nothing, and nothing will not do.
pub(crate) fn and_something(mut schema: Value) -> Value {
    if let Some(fields) = schema.as_object_mut()
        && is_text(fields)
        && is_any_text(fields)
    {
        fields.insert("pattern".into(), r"\S".into());
    }
    schema
}

/// `schema`, or nothing: `null`, and blank text, which is the same here.
pub(crate) fn or_nothing(schema: Value) -> Value {
    let Value::Object(mut fields) = schema else { return schema };
    let is_text = is_text(&fields);
    if is_text && let Some(Value::Array(words)) = fields.get_mut("enum") {
        words.extend(["".into(), Value::Null]);
        fields.insert("type".into(), json!(["string", "null"]));
        return fields.into();
    }
    if is_text && is_any_text(&fields) {
        fields.insert("type".into(), json!(["string", "null"]));
        return fields.into();
    }
    json!({"anyOf": [fields, {"type": "null"}, {"type": "string", "pattern": BLANK}]})
}
