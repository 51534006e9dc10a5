//! Kinds that hold other values: objects, lists, and free attributes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::sketch::trimmed;
use super::sketch::{Sketch, and_something};
use super::{Field, Kind, Reader, Spot, describe};

/// A nested object with rules of its own.
pub struct Object<F> {
    rules: F,
    empty_is_nothing: bool,
}

impl<F> Object<F> {
    /// An object read by `rules`.
    pub fn new(rules: F) -> Object<F> {
        Object { rules, empty_is_nothing: false }
    }
}

impl<F> Field<'_, '_, Object<F>>
where
    Object<F>: Kind,
{
    /// `{}` (and a form's empty list) clears, like `null`.
    pub fn empty_clears(mut self) -> Self {
        self.kind.empty_is_nothing = true;
        self
    }
}

impl<T, F: Fn(&mut Reader<'_>) -> T> Kind for Object<F> {
    type Out = T;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<T> {
        let Value::Object(fields) = value else {
            spot.say("must be an object.");
            return None;
        };
        let mut reader = Reader::over(fields, spot.path.to_string(), spot.context);
        let read = (self.rules)(&mut reader);
        if reader.errors.is_empty() {
            return Some(read);
        }
        spot.errors.append(&mut reader.errors);
        None
    }

    fn schema(&self, sketch: &mut Sketch) -> Value {
        sketch.draw_inner(describe(&self.rules), None)
    }

    fn harmless(&self) -> T {
        (self.rules)(&mut Reader::mute())
    }

    fn is_nothing(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => trimmed(text).is_empty(),
            Value::Object(fields) => self.empty_is_nothing && fields.is_empty(),
            Value::Array(items) => self.empty_is_nothing && items.is_empty(),
            _ => false,
        }
    }
}

/// A list of a limited number of values.
pub struct List<K> {
    most: usize,
    of: K,
    empty_is_nothing: bool,
}

impl<K> List<K> {
    /// At most `most` values of this kind.
    pub fn new(most: usize, of: K) -> List<K> {
        List { most, of, empty_is_nothing: false }
    }
}

impl<K: Kind> Field<'_, '_, List<K>> {
    /// An empty list is none: where the field is required, it has to hold something.
    pub fn not_empty(mut self) -> Self {
        self.kind.empty_is_nothing = true;
        self
    }
}

/// The elements of a list. A form's `a[0]=…&a[1]=…` arrives as an object with numbers for keys.
fn elements<'v>(value: &'v Value, spot: &Spot<'_>) -> Option<Vec<&'v Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(fields) if spot.context.is_form => numbered(fields),
        _ => None,
    }
}

fn numbered(fields: &Map<String, Value>) -> Option<Vec<&Value>> {
    let mut rows = fields
        .iter()
        .map(|(key, value)| Some((key.parse::<u32>().ok()?, value)))
        .collect::<Option<Vec<_>>>()?;
    rows.sort_by_key(|(index, _)| *index);
    Some(rows.into_iter().map(|(_, value)| value).collect())
}

impl<K: Kind> Kind for List<K> {
    type Out = Vec<K::Out>;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Vec<K::Out>> {
        let Some(items) = elements(value, spot) else {
            spot.say("must be an array.");
            return None;
        };
        if items.len() > self.most {
            spot.say(&format!("must not have more than {} items.", self.most));
            return None;
        }
        let mut all = Vec::with_capacity(items.len());
        let before = spot.errors.len();
        for (index, item) in items.into_iter().enumerate() {
            let mut spot = spot.below(&index.to_string());
            if self.of.is_nothing(item) {
                spot.say("is required.");
            } else {
                all.extend(self.of.read(item, &mut spot));
            }
        }
        (spot.errors.len() == before).then_some(all)
    }

    fn schema(&self, sketch: &mut Sketch) -> Value {
        let items = and_something(self.of.schema(sketch));
        let inner = sketch.take_inner().into_iter().map(|mut path| {
            path.insert(0, "*".into());
            path
        });
        let inner = inner.collect();
        sketch.put_inner(inner);
        let mut schema = json!({"type": "array", "maxItems": self.most, "items": items});
        if self.empty_is_nothing {
            schema["minItems"] = 1.into();
        }
        schema
    }

    fn harmless(&self) -> Vec<K::Out> {
        Vec::new()
    }

    fn is_nothing(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => trimmed(text).is_empty(),
            Value::Object(fields) => self.empty_is_nothing && fields.is_empty(),
            Value::Array(items) => self.empty_is_nothing && items.is_empty(),
            _ => false,
        }
    }
}

/// An object, or a list of them.
pub struct OneOrMany<F>(List<Object<F>>);

impl<F> OneOrMany<F> {
    /// At most `most` objects read by `rules`.
    pub fn new(most: usize, rules: F) -> OneOrMany<F> {
        OneOrMany(List::new(most, Object::new(rules)))
    }
}

impl<T, F: Fn(&mut Reader<'_>) -> T> Kind for OneOrMany<F> {
    type Out = Vec<T>;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Vec<T>> {
        let is_list = match value {
            Value::Array(_) => true,
            Value::Object(fields) => spot.context.is_form && !fields.is_empty() && numbered(fields).is_some(),
            _ => false,
        };
        if is_list { self.0.read(value, spot) } else { self.0.of.read(value, spot).map(|one| vec![one]) }
    }

    fn schema(&self, sketch: &mut Sketch) -> Value {
        let one = self.0.of.schema(sketch);
        let direct = sketch.take_inner();
        let many = self.0.schema(sketch);
        let mut both = sketch.take_inner();
        both.extend(direct);
        sketch.put_inner(both);
        json!({"anyOf": [one, many]})
    }

    fn harmless(&self) -> Vec<T> {
        Vec::new()
    }
}

/// Free attributes: an object, or the list of `{attribute, value}` that we answer with. `None` deletes one.
pub struct Metadata;

impl Metadata {
    /// The longest name and value, in characters.
    const LONGEST: usize = 255;

    fn entry(name: &str, value: &Value, spot: &mut Spot<'_>) -> Option<Option<String>> {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => trimmed(text).to_owned(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => {
                spot.say("must be a string, a number or a boolean.");
                return None;
            }
        };
        if text.chars().count() > Metadata::LONGEST || name.chars().count() > Metadata::LONGEST {
            spot.say(&format!("must not be greater than {} characters.", Metadata::LONGEST));
            return None;
        }
        Some((!text.is_empty()).then_some(text))
    }
}

impl Kind for Metadata {
    type Out = BTreeMap<String, Option<String>>;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Self::Out> {
        let before = spot.errors.len();
        let mut all = BTreeMap::new();
        // In a form our own list arrives as an object with numbers for keys. A form has no other objects in it.
        let listed = match value {
            Value::Array(items) => Some(items.iter().collect()),
            Value::Object(fields) if spot.context.is_form && fields.values().all(Value::is_object) => {
                numbered(fields)
            }
            _ => None,
        };
        match value {
            Value::Object(fields) if listed.is_none() => {
                for (name, value) in fields {
                    // Long names stand in no message: they may be anything.
                    let step = if name.len() <= Metadata::LONGEST { name.as_str() } else { "name" };
                    if trimmed(name).is_empty() {
                        spot.say("must not have an empty name.");
                    } else if let Some(value) = Metadata::entry(name, value, &mut spot.below(step)) {
                        all.insert(trimmed(name).to_owned(), value);
                    }
                }
            }
            Value::Object(_) | Value::Array(_) => {
                for (index, item) in listed.into_iter().flatten().enumerate() {
                    let mut spot = spot.below(&index.to_string());
                    match (item.get("attribute"), item.get("value")) {
                        (Some(Value::String(name)), value) if !trimmed(name).is_empty() => {
                            let value = value.unwrap_or(&Value::Null);
                            if let Some(value) = Metadata::entry(name, value, &mut spot)
                                && all.insert(trimmed(name).to_owned(), value).is_some()
                            {
                                spot.say("has a duplicate value.");
                            }
                        }
                        _ => spot.say("must have an attribute and a value."),
                    }
                }
            }
            _ => spot.say("must be an object."),
        }
        (spot.errors.len() == before).then_some(all)
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        let value = json!({"type": ["string", "number", "boolean", "null"], "maxLength": Metadata::LONGEST});
        json!({"anyOf": [
            {"type": "object", "additionalProperties": value, "propertyNames": {"pattern": r"\S", "maxLength": Metadata::LONGEST}},
            {"type": "array", "items": {
                "type": "object",
                "properties": {"attribute": {"type": "string", "pattern": r"\S", "maxLength": Metadata::LONGEST}, "value": value},
                "required": ["attribute"],
            }},
        ]})
    }

    fn harmless(&self) -> Self::Out {
        BTreeMap::new()
    }

    fn is_nothing(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => trimmed(text).is_empty(),
            Value::Object(fields) => fields.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        }
    }
}
