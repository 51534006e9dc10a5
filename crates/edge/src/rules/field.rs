//! A declared field: how it may be left out, cleared, or named otherwise.

pub use base::Change;
use serde_json::{Value, json};

use super::sketch::{and_something, or_nothing};
use super::{Kind, Reader, Spot, join, words};

/// What was found under a field's name, or names.
enum Found<T> {
    Absent,
    Nothing,
    Value(T),
    Wrong,
}

/// Another name for the same field, how two values compare, and what is stored (`None`: not known).
struct Alias<T> {
    name: &'static str,
    same: fn(&T, &T) -> bool,
    stored: Option<Option<T>>,
}

/// A declared field of kind `K`. It does nothing until one of its endings says how it may be missing:
/// [`required`](Field::required), [`optional`](Field::optional), [`or`](Field::or), [`change`](Field::change),
/// [`replace`](Field::replace) or one of the `required_…`.
#[must_use = "say how the field may be missing: required, optional, or, change, replace"]
pub struct Field<'r, 'v, K: Kind> {
    reader: &'r mut Reader<'v>,
    name: &'static str,
    pub(super) kind: K,
    alias: Option<Alias<K::Out>>,
    about: Option<String>,
    example: Option<Value>,
    left_out: bool,
    write_only: bool,
}

impl<'r, 'v, K: Kind> Field<'r, 'v, K> {
    pub(super) fn new(reader: &'r mut Reader<'v>, name: &'static str, kind: K) -> Self {
        Field {
            reader,
            name,
            kind,
            alias: None,
            about: None,
            example: None,
            left_out: false,
            write_only: false,
        }
    }

    /// A sentence for the documentation.
    pub fn describe(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }

    /// An example for the documentation.
    pub fn example(mut self, example: impl Into<Value>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// Keeps the value out of every fingerprint: security codes, which must not even be guessable from one.
    pub fn never_kept(mut self) -> Self {
        self.left_out = true;
        self
    }

    /// Says in the documentation that the value is written and never read back.
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    pub(super) fn with<K2: Kind>(self, kind: impl FnOnce(K) -> K2) -> Field<'r, 'v, K2> {
        debug_assert!(self.alias.is_none(), "name the alias last");
        let Field { reader, name, about, example, left_out, write_only, .. } = self;
        Field { reader, name, kind: kind(self.kind), alias: None, about, example, left_out, write_only }
    }

    /// Another name for the same field. Both sent with different values is an error about `alias`. Name it after
    /// everything that changes what the field means.
    pub fn alias(mut self, alias: &'static str) -> Self
    where
        K::Out: PartialEq,
    {
        self.reader.known.push(alias);
        self.alias = Some(Alias { name: alias, same: |a, b| a == b, stored: None });
        self
    }

    /// For updates: an alias that repeats the stored value counts as not sent, since callers send back what they
    /// were given with one of the names changed.
    pub fn stored(mut self, stored: Option<K::Out>) -> Self {
        if let Some(alias) = &mut self.alias {
            alias.stored = Some(stored);
        }
        self
    }

    fn find(&mut self) -> Found<K::Out> {
        let first = self.find_as(self.name);
        let Some(alias) = self.alias.take() else { return first };
        let second = self.find_as(alias.name);
        let is_stored = |value: Option<&K::Out>| match (&alias.stored, value) {
            (Some(Some(stored)), Some(value)) => (alias.same)(stored, value),
            (Some(None), None) => true,
            _ => false,
        };
        match (first, second) {
            (Found::Wrong, _) | (_, Found::Wrong) => Found::Wrong,
            (Found::Absent, other) | (other, Found::Absent) => other,
            (Found::Nothing, Found::Nothing) => Found::Nothing,
            (Found::Value(a), Found::Value(b)) => {
                if (alias.same)(&a, &b) || is_stored(Some(&b)) {
                    Found::Value(a)
                } else if is_stored(Some(&a)) {
                    Found::Value(b)
                } else {
                    let said = format!("must match {}.", words(self.name));
                    self.reader.fault(alias.name, &said);
                    Found::Wrong
                }
            }
            // A blank beside a value: on create as if the blank were not there; on update one of the two has to
            // be what is stored already.
            (Found::Value(v), Found::Nothing) | (Found::Nothing, Found::Value(v)) => {
                if alias.stored.is_none() || is_stored(None) {
                    Found::Value(v)
                } else if is_stored(Some(&v)) {
                    Found::Nothing
                } else {
                    let said = format!("must match {}.", words(self.name));
                    self.reader.fault(alias.name, &said);
                    Found::Wrong
                }
            }
        }
    }

    fn find_as(&mut self, name: &str) -> Found<K::Out> {
        let Some(value) = self.reader.raw(name) else { return Found::Absent };
        if self.kind.is_nothing(value) {
            return Found::Nothing;
        }
        // Most fields are right, and a bulk load has millions: no path is made for them at the top level.
        let path = match self.reader.prefix.as_str() {
            "" => name.into(),
            prefix => join(prefix, name).into(),
        };
        let mut spot = Spot { path, errors: &mut self.reader.errors, context: self.reader.context };
        match self.kind.read(value, &mut spot) {
            Some(value) => Found::Value(value),
            None => Found::Wrong,
        }
    }

    fn draw(&mut self, is_required: bool, may_be_nothing: bool) {
        let Some(mut sketch) = self.reader.sketch.take() else { return };
        let names: Vec<&'static str> =
            std::iter::once(self.name).chain(self.alias.as_ref().map(|alias| alias.name)).collect();
        let mut schema = self.kind.schema(&mut sketch);
        // A nested rule set hands up what it leaves out, not knowing the name it stands under.
        let inner = sketch.take_inner();
        schema = if may_be_nothing { or_nothing(schema) } else { and_something(schema) };
        if self.write_only
            && let Some(fields) = schema.as_object_mut()
        {
            fields.insert("writeOnly".into(), true.into());
        }
        if let Some(example) = self.example.take()
            && let Some(fields) = schema.as_object_mut()
        {
            fields.insert("examples".into(), json!([example]));
        }
        for (index, name) in names.iter().enumerate() {
            let mut schema = schema.clone();
            let about = match (&self.about, index) {
                (Some(about), 0) => Some(about.clone()),
                (None, 0) => None,
                _ => Some(format!("Another name for `{}`.", self.name)),
            };
            if let (Some(about), Some(fields)) = (about, schema.as_object_mut()) {
                fields.insert("description".into(), about.into());
            }
            sketch.properties.insert((*name).to_owned(), schema);
            sketch.adopt(name, inner.clone());
            if self.left_out {
                sketch.leave_out(vec![(*name).to_owned()]);
            }
        }
        match (is_required, &names[..]) {
            (false, _) => {}
            (true, [name]) => sketch.required.push(name),
            (true, names) => sketch.any_of(names),
        }
        self.reader.sketch = Some(sketch);
    }

    fn must(mut self, why: Option<String>) -> Option<K::Out> {
        match self.find() {
            Found::Value(value) => Some(value),
            Found::Wrong => None,
            Found::Absent | Found::Nothing => {
                if let Some(why) = why {
                    self.reader.fault(self.name, &why);
                }
                None
            }
        }
    }

    /// Has to be there.
    pub fn required(mut self) -> K::Out {
        self.draw(true, self.alias.is_some());
        // Where an error was said, a value is still needed to go on reading with.
        match self.find() {
            Found::Value(value) => value,
            Found::Wrong => self.kind.harmless(),
            Found::Absent | Found::Nothing => {
                self.reader.fault(self.name, "is required.");
                self.kind.harmless()
            }
        }
    }

    /// May be missing, `null` or blank: all the same.
    pub fn optional(mut self) -> Option<K::Out> {
        self.draw(false, true);
        self.must(None)
    }

    /// `default` where it is missing, `null` or blank.
    pub fn or(self, default: K::Out) -> K::Out {
        self.optional().unwrap_or(default)
    }

    /// For merging updates of something that may be empty.
    pub fn change(mut self) -> Change<K::Out> {
        self.draw(false, true);
        match self.find() {
            Found::Value(value) => Change::Set(value),
            Found::Nothing => Change::Clear,
            Found::Absent | Found::Wrong => Change::Keep,
        }
    }

    /// For merging updates of something that is required on create: missing keeps it, blank is refused.
    pub fn replace(mut self) -> Option<K::Out> {
        self.draw(false, false);
        match self.find() {
            Found::Value(value) => Some(value),
            Found::Absent | Found::Wrong => None,
            Found::Nothing => {
                self.reader.fault(self.name, "is required.");
                None
            }
        }
    }

    /// Has to be there when `other` is.
    pub fn required_with(mut self, other: &str) -> Option<K::Out> {
        self.draw(false, true);
        let why = self.reader.has(other).then(|| format!("is required when {} is present.", words(other)));
        self.must(why)
    }

    /// Has to be there when `other` is not.
    pub fn required_without(mut self, other: &'static str) -> Option<K::Out> {
        self.draw(false, true);
        if let Some(sketch) = &mut self.reader.sketch {
            sketch.any_of(&[self.name, other]);
        }
        let why =
            (!self.reader.has(other)).then(|| format!("is required when {} is not present.", words(other)));
        self.must(why)
    }

    /// Has to be there when `is_needed`: "is required when `condition`.", as in `lookup flow type is phone`.
    pub fn required_when(mut self, is_needed: bool, condition: &str) -> Option<K::Out> {
        self.draw(false, true);
        self.must(is_needed.then(|| format!("is required when {condition}.")))
    }
}
