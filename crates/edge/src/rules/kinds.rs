//! Kinds that are written: text, digits, words from a table, references, and whatever a caller's parser reads.
//!
//! Must always hold: no message repeats the value. It may be a card number.

use base::Ref;
use base::secret::Secret;
use serde_json::{Value, json};

use super::numbers::whole;
use super::sketch::Sketch;
use super::sketch::trimmed;
use super::{Field, Kind, Spot};

/// Text, trimmed.
pub struct Text {
    least: usize,
    most: usize,
    pattern: Option<String>,
    words: Vec<String>,
}

impl Default for Text {
    fn default() -> Text {
        Text { least: 0, most: 255, pattern: None, words: Vec::new() }
    }
}

impl Field<'_, '_, Text> {
    /// At most this many characters (255 unless said).
    pub fn max(mut self, characters: usize) -> Self {
        self.kind.most = characters;
        self
    }

    /// What the documentation says about its form. It is for whoever reads the text to demand it.
    pub fn looks_like(mut self, pattern: impl Into<String>) -> Self {
        self.kind.pattern = Some(pattern.into());
        self
    }

    /// The same for one of these words.
    pub fn is_one_of<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.kind.words = words.into_iter().map(str::to_owned).collect();
        self
    }

    /// At least this many characters.
    pub fn min(mut self, characters: usize) -> Self {
        self.kind.least = characters;
        self
    }
}

impl Kind for Text {
    type Out = String;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<String> {
        let Some(text) = value.as_str().map(str::trim) else {
            spot.say("must be a string.");
            return None;
        };
        let length = text.chars().take(self.most.saturating_add(1)).count();
        if length > self.most {
            spot.say(&format!("must not be greater than {} characters.", self.most));
            None
        } else if length < self.least {
            spot.say(&format!("must be at least {} characters.", self.least));
            None
        } else {
            Some(text.to_owned())
        }
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        let mut schema = json!({"type": "string", "maxLength": self.most});
        if self.least > 0 {
            schema["minLength"] = self.least.into();
        }
        if let Some(pattern) = &self.pattern {
            schema["pattern"] = pattern.as_str().into();
        }
        if !self.words.is_empty() {
            schema["enum"] = self.words.as_slice().into();
        }
        schema
    }

    fn harmless(&self) -> String {
        String::new()
    }
}

/// Digits kept as text.
pub struct Digits {
    least: usize,
    most: usize,
    separators: bool,
}

impl Default for Digits {
    fn default() -> Digits {
        Digits { least: 1, most: 20, separators: false }
    }
}

impl Field<'_, '_, Digits> {
    /// No fewer and no more digits than these.
    pub fn long(mut self, least: usize, most: usize) -> Self {
        (self.kind.least, self.kind.most) = (least, most);
        self
    }

    /// Spaces and hyphens between the digits are dropped, as people group card numbers.
    pub fn grouped(mut self) -> Self {
        self.kind.separators = true;
        self
    }
}

impl Kind for Digits {
    type Out = String;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<String> {
        let text = match value {
            Value::String(text) => trimmed(text).to_owned(),
            // A number has no leading zeros; 10001.0 is one with five digits.
            Value::Number(_) => match whole(value) {
                Ok(n) if n >= 0 => n.to_string(),
                _ => String::from("?"),
            },
            _ => String::from("?"),
        };
        let text: String = match self.separators {
            true => text.chars().filter(|c| !matches!(c, ' ' | '-')).collect(),
            false => text,
        };
        if (self.least..=self.most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            return Some(text);
        }
        if self.least == self.most {
            spot.say(&format!("must be {} digits.", self.least));
        } else {
            spot.say(&format!("must be between {} and {} digits.", self.least, self.most));
        }
        None
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        let (least, most) = (self.least, self.most);
        let pattern = match self.separators {
            true => format!(r"^\s*-*([0-9][ -]*){{{least},{most}}}\s*$"),
            false => format!(r"^\s*[0-9]{{{least},{most}}}\s*$"),
        };
        // The smallest and the largest number with so many digits.
        let power = |digits: usize| 10_i64.checked_pow(u32::try_from(digits).unwrap_or(u32::MAX));
        let minimum = if least < 2 { Some(0) } else { power(least - 1) };
        let maximum = power(most).map_or(i64::MAX, |n| n - 1);
        match minimum {
            Some(minimum) => json!({"anyOf": [
                {"type": "string", "pattern": pattern},
                {"type": "integer", "minimum": minimum, "maximum": maximum},
            ]}),
            None => json!({"type": "string", "pattern": pattern}),
        }
    }

    fn harmless(&self) -> String {
        "0".repeat(self.least)
    }
}

/// `true`, `false`, `1`, `0`, also as strings.
pub struct Flag;

impl Kind for Flag {
    type Out = bool;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<bool> {
        let read = match value {
            Value::Bool(is) => Some(*is),
            Value::Number(n) => match n.as_f64() {
                Some(1.0) => Some(true),
                Some(0.0) => Some(false),
                _ => None,
            },
            Value::String(text) => match trimmed(text) {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if read.is_none() {
            spot.say("must be true or false.");
        }
        read
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        json!({"enum": [true, false, 1, 0, "true", "false", "1", "0"]})
    }

    fn harmless(&self) -> bool {
        false
    }
}

/// One of a table's words.
pub struct OneOf<T: 'static>(pub &'static [(&'static str, T)]);

impl<T: Copy> Kind for OneOf<T> {
    type Out = T;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<T> {
        let said = value.as_str().map(str::trim);
        let read = self.0.iter().find(|(word, _)| said == Some(*word)).map(|(_, meaning)| *meaning);
        if read.is_none() {
            spot.say_invalid();
        }
        read
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        json!({"type": "string", "enum": self.0.iter().map(|(word, _)| *word).collect::<Vec<_>>()})
    }

    fn harmless(&self) -> T {
        self.0[0].1
    }
}

/// Our UUID or the caller's `external_id`.
pub struct Reference;

impl Kind for Reference {
    type Out = Ref;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Ref> {
        let Some(text) = value.as_str() else {
            spot.say("must be a string.");
            return None;
        };
        let read = Ref::new(text);
        if read.is_none() {
            spot.say(&format!("must not be greater than {} characters.", Ref::LONGEST));
        }
        read
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        json!({"type": "string", "pattern": r"\S", "maxLength": Ref::LONGEST})
    }

    fn harmless(&self) -> Ref {
        Ref::new("-").expect("a hyphen is a reference")
    }
}

/// What a parser of the caller's makes of the text of another kind.
pub struct Parsed<K, F> {
    inner: K,
    example: &'static str,
    parser: F,
}

/// Text as one of a list's values, read with `parser`; see [`Field::parse`].
pub fn parsed<T>(
    predicate: &'static str,
    example: &'static str,
    parser: impl Fn(&str) -> Option<T>,
) -> Parsed<Text, impl Fn(&str) -> Result<T, String>> {
    let parser = move |text: &str| parser(text).ok_or_else(|| predicate.to_owned());
    Parsed { inner: Text::default(), example, parser }
}

impl<'r, 'v, K: Kind<Out = String>> Field<'r, 'v, K> {
    /// Reads the text with `parser`; "The … field `predicate`" where it gives `None`, as in `must be a valid phone
    /// number.` The example stands in the documentation and has to parse.
    pub fn parse<T>(
        self,
        predicate: &'static str,
        example: &'static str,
        parser: impl Fn(&str) -> Option<T>,
    ) -> Field<'r, 'v, Parsed<K, impl Fn(&str) -> Result<T, String>>> {
        self.try_parse(example, move |text| parser(text).ok_or_else(|| predicate.to_owned()))
    }

    /// Like [`Field::parse`], with a parser that gives the predicate itself. It must not repeat the text.
    pub fn try_parse<T, F: Fn(&str) -> Result<T, String>>(
        self,
        example: &'static str,
        parser: F,
    ) -> Field<'r, 'v, Parsed<K, F>> {
        let field = self.with(|inner| Parsed { inner, example, parser });
        if example.is_empty() { field } else { field.example(example) }
    }

    /// A value that is written and never read back: it becomes a [`Secret`], and the documentation says so.
    pub fn secret(self) -> Field<'r, 'v, Veiled<K>> {
        self.with(Veiled).write_only()
    }
}

impl<T, K: Kind<Out = String>, F: Fn(&str) -> Result<T, String>> Kind for Parsed<K, F> {
    type Out = T;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<T> {
        let text = self.inner.read(value, spot)?;
        (self.parser)(&text).map_err(|predicate| spot.say(&predicate)).ok()
    }

    fn schema(&self, sketch: &mut Sketch) -> Value {
        self.inner.schema(sketch)
    }

    fn harmless(&self) -> T {
        match (self.parser)(self.example) {
            Ok(value) => value,
            // Met when the table is built, since every rule set describes itself then.
            Err(why) => panic!("the example {:?} of a rule does not parse: it {why}", self.example),
        }
    }
}

/// Text that becomes a [`Secret`].
pub struct Veiled<K>(K);

impl<K: Kind<Out = String>> Kind for Veiled<K> {
    type Out = Secret<String>;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<Secret<String>> {
        self.0.read(value, spot).map(Secret::new)
    }

    fn schema(&self, sketch: &mut Sketch) -> Value {
        self.0.schema(sketch)
    }

    fn harmless(&self) -> Secret<String> {
        Secret::new(self.0.harmless())
    }
}
