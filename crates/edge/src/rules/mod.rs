//! One declaration per field gives its typed value, its message in Laravel's words, and its OpenAPI schema.
//!
//! A rule set is ordinary code that walks a [`Reader`]. It runs over a real body, where it collects values and
//! every error at once, and over nothing, where it collects the schema. So it must not branch on values in a way
//! that skips fields: read first, compare afterwards. Must always hold: what the schema allows, the reader takes;
//! and a value read while there were errors never leaves [`read`].

mod field;
mod kinds;
mod numbers;
mod shapes;
mod sketch;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use base::{Cents, Failure, Result, Ts};
use serde_json::{Map, Value};

pub use field::{Change, Field};
pub use kinds::{Digits, Flag, OneOf, Parsed, Reference, Text, Veiled, parsed};
pub use numbers::{Days, Int, Moment, Money};
pub use shapes::{List, Metadata, Object, OneOrMany};
pub use sketch::{BLANK, Described, Sketch};
pub(crate) use sketch::{trimmed, without_null};

/// How a declared field turns a value into what it means. Fields are made by [`Reader`]'s methods; a crate may
/// bring kinds of its own through [`Reader::field`].
pub trait Kind {
    /// What the field means.
    type Out;

    /// Reads a value that is there. `None` after having said to `spot` what is wrong.
    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Self::Out>;

    /// The JSON schema of what [`Kind::read`] takes.
    fn schema(&self, sketch: &mut Sketch) -> Value;

    /// Any value, to go on reading with after an error. It never leaves [`read`].
    fn harmless(&self) -> Self::Out;

    /// Whether the value is the same as none: `null` and blank text, for most.
    fn is_nothing(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => trimmed(text).is_empty(),
            _ => false,
        }
    }
}

/// What a rule set is read with, besides the values.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The instant the request came.
    pub now: Ts,
    /// Whether the values came as form fields, where a list may be an object with numbers for keys.
    pub is_form: bool,
}

impl Context {
    /// A JSON body read at `now`.
    pub fn json(now: Ts) -> Context {
        Context { now, is_form: false }
    }
}

/// Errors so far, field by field in the order found.
pub(crate) type Errors = Vec<(String, Vec<String>)>;

/// Where a value stands, for the messages about it.
pub struct Spot<'e> {
    pub(crate) path: Cow<'e, str>,
    pub(crate) errors: &'e mut Errors,
    /// What the rule set is read with.
    pub context: Context,
}

impl Spot<'_> {
    /// "The … field `predicate`", as in `must be an integer.` The value itself must not stand in it.
    pub fn say(&mut self, predicate: &str) {
        let sentence = format!("The {} field {predicate}", words(&self.path));
        self.say_all(sentence);
    }

    /// "The selected … is invalid."
    pub fn say_invalid(&mut self) {
        let sentence = format!("The selected {} is invalid.", words(&self.path));
        self.say_all(sentence);
    }

    fn say_all(&mut self, sentence: String) {
        note(self.errors, &self.path, sentence);
    }

    pub(crate) fn below(&mut self, step: &str) -> Spot<'_> {
        Spot { path: join(&self.path, step).into(), errors: self.errors, context: self.context }
    }
}

fn note(errors: &mut Errors, path: &str, sentence: String) {
    match errors.iter_mut().find(|(at, _)| at == path) {
        Some((_, said)) => said.push(sentence),
        None => errors.push((path.to_owned(), vec![sentence])),
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// A path as Laravel prints it in a sentence: `card.card_number` is "card.card number".
fn words(path: &str) -> String {
    path.replace('_', " ")
}

enum Over<'v> {
    Values(&'v Map<String, Value>),
    Nothing,
}

/// Walks an object's fields: over real values, or over nothing to collect the schema.
pub struct Reader<'v> {
    over: Over<'v>,
    prefix: String,
    errors: Errors,
    sketch: Option<Sketch>,
    known: Vec<&'static str>,
    context: Context,
}

impl<'v> Reader<'v> {
    pub(crate) fn over(fields: &'v Map<String, Value>, prefix: String, context: Context) -> Reader<'v> {
        let (errors, known) = Default::default();
        Reader { over: Over::Values(fields), prefix, errors, sketch: None, known, context }
    }

    /// Over nothing and unheard: for a harmless value.
    pub(crate) fn mute() -> Reader<'static> {
        let (prefix, errors, known) = Default::default();
        let context = Context::json(Ts::from_micros(0));
        Reader { over: Over::Nothing, prefix, errors, sketch: None, known, context }
    }

    pub(crate) fn describing() -> Reader<'static> {
        Reader { sketch: Some(Sketch::default()), ..Reader::mute() }
    }

    /// The instant the request came. 1970 while the schema is collected.
    pub fn now(&self) -> Ts {
        self.context.now
    }

    /// Text, trimmed, of at most 255 characters unless said otherwise.
    pub fn text(&mut self, name: &'static str) -> Field<'_, 'v, Text> {
        self.field(name, Text::default())
    }

    /// Whole cents: an integer, a digit string, or a number with zero fraction. Not negative unless `signed`.
    pub fn cents(&mut self, name: &'static str) -> Field<'_, 'v, Money> {
        self.field(name, Money::default())
    }

    /// A whole number.
    pub fn int(&mut self, name: &'static str) -> Field<'_, 'v, Int> {
        self.field(name, Int::default())
    }

    /// `true`, `false`, `1`, `0`, also as strings.
    pub fn boolean(&mut self, name: &'static str) -> Field<'_, 'v, Flag> {
        self.field(name, Flag)
    }

    /// A civil day, `YYYY-MM-DD`.
    pub fn day(&mut self, name: &'static str) -> Field<'_, 'v, Days> {
        self.field(name, Days::default())
    }

    /// An instant in RFC 3339.
    pub fn timestamp(&mut self, name: &'static str) -> Field<'_, 'v, Moment> {
        self.field(name, Moment::default())
    }

    /// One of these words. Several words may mean the same.
    pub fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        table: &'static [(&'static str, T)],
    ) -> Field<'_, 'v, OneOf<T>> {
        self.field(name, OneOf(table))
    }

    /// How the caller names a thing: our UUID or their `external_id`.
    pub fn reference(&mut self, name: &'static str) -> Field<'_, 'v, Reference> {
        self.field(name, Reference)
    }

    /// Digits kept as text, given as a string or as a JSON number: postal codes, card and bank numbers, expiry.
    pub fn digits(&mut self, name: &'static str) -> Field<'_, 'v, Digits> {
        self.field(name, Digits::default())
    }

    /// A nested object with rules of its own.
    pub fn object<T, F: Fn(&mut Reader<'_>) -> T>(
        &mut self,
        name: &'static str,
        rules: F,
    ) -> Field<'_, 'v, Object<F>> {
        self.field(name, Object::new(rules))
    }

    /// A list of at most `most` objects.
    pub fn list<T, F: Fn(&mut Reader<'_>) -> T>(
        &mut self,
        name: &'static str,
        most: usize,
        rules: F,
    ) -> Field<'_, 'v, List<Object<F>>> {
        self.field(name, List::new(most, Object::new(rules)))
    }

    /// An object, or a list of at most `most` of them; a list either way.
    pub fn one_or_many<T, F: Fn(&mut Reader<'_>) -> T>(
        &mut self,
        name: &'static str,
        most: usize,
        rules: F,
    ) -> Field<'_, 'v, OneOrMany<F>> {
        self.field(name, OneOrMany::new(most, rules))
    }

    /// A list of at most `most` plain values: `r.each("events", 100, OneOf(EVENTS))`.
    pub fn each<K: Kind>(&mut self, name: &'static str, most: usize, kind: K) -> Field<'_, 'v, List<K>> {
        self.field(name, List::new(most, kind))
    }

    /// Free attributes. `Clear` deletes all; a `None` within deletes that one.
    pub fn metadata(&mut self, name: &'static str) -> Field<'_, 'v, Metadata> {
        self.field(name, Metadata)
    }

    /// A field of any kind.
    pub fn field<K: Kind>(&mut self, name: &'static str, kind: K) -> Field<'_, 'v, K> {
        self.known.push(name);
        Field::new(self, name, kind)
    }

    /// Whether the field was sent with something in it. Never while the schema is collected.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|value| match value {
            Value::Null => false,
            Value::String(text) => !trimmed(text).is_empty(),
            _ => true,
        })
    }

    /// Whether the field was sent at all, if only to clear it.
    pub fn was_sent(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'v Value> {
        match self.over {
            Over::Values(fields) => fields.get(name),
            Over::Nothing => None,
        }
    }

    /// "The … field `predicate`": for checks between fields.
    pub fn fault(&mut self, name: &str, predicate: &str) {
        let path = join(&self.prefix, name);
        let sentence = format!("The {} field {predicate}", words(&path));
        self.refuse(name, sentence);
    }

    /// A whole sentence of one's own about a field.
    pub fn refuse(&mut self, name: &str, sentence: impl Into<String>) {
        let path = join(&self.prefix, name);
        if matches!(self.over, Over::Values(_)) {
            note(&mut self.errors, &path, sentence.into());
        }
    }

    /// Exactly one of these fields has to be sent.
    pub fn exactly_one_of(&mut self, names: &'static [&'static str]) {
        if let Some(sketch) = &mut self.sketch {
            sketch.any_of(names);
        }
        self.at_most_one_of(names);
        if names.iter().all(|name| !self.has(name)) {
            let others = names[1..].iter().map(|n| words(n)).collect::<Vec<_>>().join(" / ");
            self.fault(names[0], &format!("is required when none of {others} are present."));
        }
    }

    /// Says in the documentation that all of one of these sets have to be sent. The rule set itself demands it.
    pub fn needs(&mut self, sets: &[&[&str]]) {
        if let Some(sketch) = &mut self.sketch {
            sketch.any_set_of(sets);
        }
    }

    /// At most one of these fields may be sent.
    pub fn at_most_one_of(&mut self, names: &'static [&'static str]) {
        let sent: Vec<_> = names.iter().filter(|name| self.has(name)).collect();
        if let [first, second, ..] = sent[..] {
            let said = format!("prohibits {} from being present.", words(second));
            self.fault(first, &said);
        }
    }

    /// Refuses fields that were not declared before this call. Elsewhere they are ignored, as Laravel does.
    pub fn only_known(&mut self) {
        if let Some(sketch) = &mut self.sketch {
            sketch.closed = true;
        }
        let Over::Values(fields) = self.over else { return };
        for name in fields.keys().filter(|name| !self.known.contains(&name.as_str())).collect::<Vec<_>>() {
            self.fault(name, "is prohibited.");
        }
    }

    /// `include=customer,debt_accounts`: which of `vocabulary`'s words were asked for. Each row is a word, in the
    /// singular and in the plural, and its meaning. Empty parts are ignored, any other word is 422.
    pub fn includes<T: Copy + PartialEq>(
        &mut self,
        vocabulary: &'static [(&'static str, &'static str, T)],
    ) -> Vec<T> {
        let mut words: Vec<&str> = vocabulary.iter().map(|(one, _, _)| *one).collect();
        words.sort_unstable();
        let about = format!("Comma-separated, singular or plural: {}.", words.join(", "));
        let word =
            vocabulary.iter().map(|(one, many, _)| format!("{one}|{many}")).collect::<Vec<_>>().join("|");
        let part = format!(r"\s*({word})?\s*");
        let asked = self
            .text("include")
            .max(1000)
            .looks_like(format!("^{part}(,{part})*$"))
            .describe(about)
            .optional()
            .unwrap_or_default();
        let mut wanted = Vec::new();
        for word in asked.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match vocabulary.iter().find(|(one, many, _)| word == *one || word == *many) {
                Some((_, _, what)) if !wanted.contains(what) => wanted.push(*what),
                Some(_) => {}
                None => {
                    self.refuse("include", "The selected include is invalid.");
                    break;
                }
            }
        }
        wanted
    }
}

/// Reads an object by `rules`. All failing fields are named at once.
pub fn read<T>(value: &Value, context: Context, rules: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T> {
    let Value::Object(fields) = value else {
        return Err(Failure::refused(base::Code::MalformedBody, "The body must be an object."));
    };
    let mut reader = Reader::over(fields, String::new(), context);
    let read = rules(&mut reader);
    if reader.errors.is_empty() { Ok(read) } else { Err(Failure::fields(reader.errors)) }
}

/// Reads an object that stands at `at` in something larger: messages name the whole path. At an empty place it is the
/// record itself.
pub fn read_at<T>(
    value: &Value,
    at: &str,
    context: Context,
    rules: impl FnOnce(&mut Reader<'_>) -> T,
) -> Result<T> {
    let Value::Object(fields) = value else {
        let what = if at.is_empty() { "The record".to_owned() } else { format!("The {} field", words(at)) };
        return Err(Failure::field(at, format!("{what} must be an object.")));
    };
    let mut reader = Reader::over(fields, at.to_owned(), context);
    let read = rules(&mut reader);
    if reader.errors.is_empty() { Ok(read) } else { Err(Failure::fields(reader.errors)) }
}

/// Reads a list of at most `most` objects, each by `rules`. Paths begin with the position: `3.name`.
pub fn read_all<T>(
    value: &Value,
    most: usize,
    context: Context,
    rules: impl Fn(&mut Reader<'_>) -> T,
) -> Result<Vec<T>> {
    let Value::Array(items) = value else {
        return Err(Failure::refused(base::Code::MalformedBody, "The body must be a list."));
    };
    if items.len() > most {
        return Err(Failure::refused(
            base::Code::ValidationFailed,
            format!("The body must not have more than {most} items."),
        ));
    }
    let mut errors = Errors::new();
    let mut all = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut spot = Spot { path: index.to_string().into(), errors: &mut errors, context };
        all.extend(Object::new(&rules).read(item, &mut spot));
    }
    if errors.is_empty() { Ok(all) } else { Err(Failure::fields(errors)) }
}

/// Runs `rules` over nothing and gives the schema they collect.
pub fn describe<T>(rules: impl FnOnce(&mut Reader<'_>) -> T) -> Described {
    let mut reader = Reader::describing();
    rules(&mut reader);
    reader.sketch.take().unwrap_or_default().finish()
}

/// Cents that stand for nothing in particular.
const NO_CENTS: Cents = Cents::ZERO;
