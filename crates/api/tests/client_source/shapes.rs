//! Schemas as Rust types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::names::{camel, singular, type_name};

/// What a struct is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// It is answered.
    Answer,
    /// It makes something: what is not said is left out.
    New,
    /// It changes something: what may be empty can be emptied.
    Changes,
    /// It narrows a list.
    Filter,
}

/// All types so far.
#[derive(Default)]
pub(super) struct Shapes {
    known: BTreeMap<(String, Use), String>,
    taken: BTreeSet<String>,
    words: BTreeMap<(String, Vec<String>), String>,
    /// The enums of words.
    pub(super) words_source: String,
    /// What is answered.
    pub(super) answers: String,
    /// What is sent.
    pub(super) requests: String,
}

/// A type, and whether a value may be absent.
struct Typed {
    name: String,
    may_be_null: bool,
}

/// Every schema that `schema` allows besides nothing, and whether it allows nothing.
fn options(schema: &Value) -> (Vec<&Value>, bool) {
    let Some(all) = schema["anyOf"].as_array() else {
        let says_null = |keyword: &str| schema[keyword].as_array().is_some_and(|all| all.iter().any(is_null));
        return (vec![schema], says_null("type") || says_null("enum"));
    };
    let is_nothing = |option: &Value| option["type"] == "null" || option["pattern"] == edge::rules::BLANK;
    let mut left = Vec::new();
    let mut may_be_null = all.iter().any(is_nothing);
    for option in all.iter().filter(|option| !is_nothing(option)) {
        let (inner, null) = options(option);
        left.extend(inner);
        may_be_null |= null;
    }
    (left, may_be_null)
}

fn is_null(value: &Value) -> bool {
    value.is_null() || value == "null"
}

fn kind(schema: &Value) -> &str {
    let several = || schema["type"].as_array()?.iter().find(|kind| !is_null(kind))?.as_str();
    schema["type"].as_str().or_else(several).unwrap_or_default()
}

/// A shape by itself: whether it may be null is said where it stands.
fn bare(schema: &Value) -> String {
    let mut schema = schema.clone();
    if schema["type"].is_array() {
        schema["type"] = "object".into();
    }
    schema.to_string()
}

impl Shapes {
    /// The type of what stands in `field` of `owner`.
    fn type_of(&mut self, schema: &Value, owner: &str, field: &str, of: Use) -> Typed {
        let (options, may_be_null) = options(schema);
        // What signs, and what logs somebody in, is shown once and printed never.
        let is_shown_secret = matches!(field, "secret" | "magic_link" | "portal_url");
        let is_secret = schema["writeOnly"] == true || is_shown_secret;
        let name = match options[..] {
            // Kept as a text for its zeros, though a number is taken too.
            [text, number] if kind(text) == "string" && kind(number) == "integer" => text_type(is_secret),
            [number, text] if kind(number) == "integer" && kind(text) == "string" => whole(number, schema),
            // What may be one or many is many.
            [one, many] if kind(one) == "object" && many["items"] == *one => {
                self.type_of(many, owner, field, of).name
            }
            [map, list] if map["additionalProperties"].is_object() && kind(list) == "array" => {
                "BTreeMap<String, Option<String>>".into()
            }
            [list, text] if kind(list) == "array" && kind(text) == "string" => {
                self.type_of(list, owner, field, of).name
            }
            [text] if is_secret && kind(text) == "string" => "Secret".into(),
            [one] => self.plain(one, schema, owner, field, of),
            _ => "Value".into(),
        };
        Typed { name, may_be_null }
    }

    fn plain(&mut self, schema: &Value, outer: &Value, owner: &str, field: &str, of: Use) -> String {
        if let Some(words) = schema["enum"].as_array() {
            if words.contains(&Value::Bool(true)) {
                return "bool".into();
            }
            let words = words.iter().filter_map(Value::as_str).filter(|word| !word.is_empty());
            return self.words(words.map(str::to_owned).collect(), owner, field);
        }
        match kind(schema) {
            "string" => "String".into(),
            "integer" => whole(schema, outer),
            "number" => "f64".into(),
            "boolean" => "bool".into(),
            "array" => format!("Vec<{}>", self.type_of(&schema["items"], owner, &singular(field), of).name),
            "object" if schema["properties"].is_object() => {
                let name = format!("{owner}{}", camel(field));
                self.object(schema, &name, of)
            }
            "object" if schema["additionalProperties"].is_object() => {
                let inner = self.type_of(&schema["additionalProperties"], owner, field, of);
                format!("BTreeMap<String, {}>", optional(inner.name, inner.may_be_null))
            }
            "object" => "Object".into(),
            _ if schema["const"].is_boolean() => "bool".into(),
            _ => "Value".into(),
        }
    }

    fn words(&mut self, words: Vec<String>, owner: &str, field: &str) -> String {
        let mut sorted = words.clone();
        sorted.sort();
        if let Some(known) = self.words.get(&(field.to_owned(), sorted.clone())) {
            return known.clone();
        }
        let name = self.fresh(&format!("{owner}{}", camel(field)));
        let mut variants = BTreeSet::new();
        let mut lines = String::new();
        for word in &words {
            let variant = match word.as_str() {
                "other" => "Otherwise".to_owned(),
                "*" => "Everything".to_owned(),
                _ => camel(word),
            };
            // Two spellings of one event.
            let variant =
                if variants.contains(&variant) { format!("{variant}InOtherWords") } else { variant };
            let _ = writeln!(lines, "        {variant} = \"{word}\",");
            variants.insert(variant);
        }
        let about = format!("Words for `{field}`.");
        let _ = writeln!(self.words_source, "words! {{\n    /// {about}\n    {name} {{\n{lines}    }}\n}}\n");
        self.words.insert((field.to_owned(), sorted), name.clone());
        name
    }

    fn fresh(&mut self, wanted: &str) -> String {
        let mut name = type_name(wanted);
        while !self.taken.insert(name.clone()) {
            name = format!("{name}Made");
        }
        name
    }

    /// The struct for an object.
    pub(super) fn object(&mut self, schema: &Value, wanted: &str, of: Use) -> String {
        // Of filters each list has its own, whatever is the same for now.
        let key = if of == Use::Filter { wanted.to_owned() } else { bare(schema) };
        let key = (key, of);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let name = self.fresh(wanted);
        self.known.insert(key, name.clone());
        let required: Vec<&str> = needed(schema);
        let mut fields = String::new();
        for (field, inner) in schema["properties"].as_object().into_iter().flatten() {
            let about = inner["description"].as_str().unwrap_or_default();
            let is_alias = of != Use::Answer && about.starts_with("Another name for `");
            let is_paging = of == Use::Filter && matches!(field.as_str(), "page" | "cursor");
            if is_alias || is_paging {
                continue;
            }
            let typed = self.type_of(inner, &name, field, of);
            let is_required = required.contains(&field.as_str());
            let (kind, skip) = match of {
                Use::Answer => (optional(typed.name.clone(), typed.may_be_null || !is_required), None),
                _ if is_required => (typed.name.clone(), None),
                Use::Changes if typed.may_be_null => {
                    (format!("Change<{}>", typed.name), Some("Change::is_keep"))
                }
                _ => (optional(typed.name.clone(), true), Some("Option::is_none")),
            };
            if let Some(skip) = skip {
                let _ = writeln!(fields, "    #[serde(skip_serializing_if = \"{skip}\")]");
            }
            let said = documented(about, field, inner, &typed.name);
            let said = fields_docs(&said);
            let ident = if field == "type" { "r#type" } else { field };
            // The attribute stands after the sentence.
            let line = fields.rfind("    #[serde").filter(|_| skip.is_some()).unwrap_or(fields.len());
            fields.insert_str(line, &said);
            let _ = writeln!(fields, "    pub {ident}: {kind},");
        }
        let (derives, about, out) = match of {
            Use::Answer => ("Clone, Debug, PartialEq, Deserialize", "as answered", &mut self.answers),
            Use::New => ("Clone, Debug, Default, Serialize", "as sent", &mut self.requests),
            Use::Changes => ("Clone, Debug, Default, Serialize", "as sent", &mut self.requests),
            Use::Filter => ("Clone, Debug, Default, Serialize", "as asked", &mut self.requests),
        };
        let _ = writeln!(
            out,
            "/// {}, {about}.\n#[derive({derives})]\npub struct {name} {{\n{fields}}}\n",
            spoken(&name)
        );
        name
    }
}

/// The fields that have to be there: those that the schema names, and those of which any one name will do.
fn needed(schema: &Value) -> Vec<&str> {
    let mut all: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for group in schema["allOf"].as_array().into_iter().flatten() {
        let names: Vec<&str> = group["anyOf"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|option| match option["required"].as_array().map(Vec::as_slice) {
                Some([one]) => one.as_str(),
                _ => None,
            })
            .collect();
        if let [first, rest @ ..] = &names[..] {
            let is_alias = |name: &&str| {
                schema["properties"][name]["description"] == format!("Another name for `{first}`.").as_str()
            };
            if !rest.is_empty() && rest.iter().all(is_alias) {
                all.push(first);
            }
        }
    }
    all
}

fn optional(name: String, is: bool) -> String {
    if is && name != "Value" { format!("Option<{name}>") } else { name }
}

fn text_type(is_secret: bool) -> String {
    if is_secret { "Secret".into() } else { "String".into() }
}

/// Cents or a number: cents say so, or have the bounds of cents.
fn whole(schema: &Value, outer: &Value) -> String {
    let says = |schema: &Value| schema["description"] == "Whole cents.";
    let is_cents = says(schema) || says(outer) || schema["maximum"] == base::Cents::MOST.get();
    if is_cents { "Cents".into() } else { "i64".into() }
}

/// A sentence for a field.
fn documented(about: &str, field: &str, schema: &Value, kind: &str) -> String {
    let form = options(schema).0.first().and_then(|schema| schema["format"].as_str().map(str::to_owned));
    let form = match form.as_deref() {
        Some("date-time") => "RFC 3339, in UTC.",
        Some("date") => "`YYYY-MM-DD`.",
        _ if kind == "Cents" => "Whole cents.",
        _ => "",
    };
    let about = match about {
        "" | "Whole cents." => {
            let mut letters = field.chars();
            let first: String = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().collect();
            format!("{first}{}.", letters.as_str().replace('_', " "))
        }
        said => said.to_owned(),
    };
    let is_said = form.is_empty() || (form == "Whole cents." && about.contains("cents"));
    if is_said { about } else { format!("{about} {form}") }
}

/// Lines of documentation, none of them too long.
pub(super) fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() + word.len() + indent.len() > 100 {
            let _ = writeln!(out, "{indent}///{line}");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{indent}///{line}");
    out
}

fn fields_docs(text: &str) -> String {
    wrapped(text, "    ")
}

/// `NewDebtAccount` as "New debt account".
fn spoken(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(if out.is_empty() { c } else { c.to_ascii_lowercase() });
    }
    out
}
