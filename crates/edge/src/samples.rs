//! Requests that show how endpoints are called. `/docs` prints them as lines of curl, `/postman.json` as a collection, and
//! the tests send them.
//!
//! `$CUSTOMER_ID` and its like, alone in a text, stand for what only the reader knows. Must always hold: the rules of an
//! endpoint take every sample of it.

use http::Method;
use serde_json::{Map, Value};

use crate::call::{Gate, Spelling};
use crate::routes::{Access, Endpoint, Takes};

/// Name and value, as in a query.
type Pairs = &'static [(&'static str, &'static str)];

/// What a row says of its own samples.
#[derive(Clone, Default)]
pub(crate) struct Samples {
    body: Option<Value>,
    underscored: Option<Value>,
    query: Pairs,
    underscored_query: Option<Pairs>,
    texts: Vec<(&'static str, &'static str)>,
    file: Option<&'static str>,
}

/// What a sample sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// No body.
    Nothing,
    /// JSON.
    Json(Value),
    /// A form with brackets.
    Form(Vec<(String, String)>),
    /// A form with the file of this name in the field `file`.
    Upload(Vec<(String, String)>, &'static str),
    /// A body of this content type.
    Text(&'static str, String),
}

/// A request that shows how an endpoint is called.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The method.
    pub method: Method,
    /// The path below the table's base, with a placeholder for each parameter.
    pub path: String,
    /// The query.
    pub query: Vec<(String, String)>,
    /// Whether it carries a token.
    pub has_token: bool,
    /// Whether it carries an idempotency key.
    pub has_key: bool,
    /// The body.
    pub content: Content,
}

/// The name of the placeholder that a text is.
pub fn placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_name.then_some(name)
}

impl Sample {
    /// As a line of curl, for a shell in which `$API`, `$TOKEN`, `$KEY` and the placeholders are set.
    pub fn curl(&self) -> String {
        crate::curl::line(self)
    }
}

impl<S: Gate> Endpoint<S> {
    /// A body that shows how it is called.
    #[must_use]
    pub fn sample(mut self, body: Value) -> Self {
        self.samples.body = Some(body);
        self
    }

    /// The same where the two spellings have different words for it: the hyphens' first.
    #[must_use]
    pub fn sample_spelled(mut self, hyphens: Value, underscores: Value) -> Self {
        (self.samples.body, self.samples.underscored) = (Some(hyphens), Some(underscores));
        self
    }

    /// A query that shows how it is called.
    #[must_use]
    pub fn sample_query(mut self, query: Pairs) -> Self {
        self.samples.query = query;
        self
    }

    /// The same where the two spellings have different words for it: the hyphens' first.
    #[must_use]
    pub fn sample_query_spelled(mut self, hyphens: Pairs, underscores: Pairs) -> Self {
        (self.samples.query, self.samples.underscored_query) = (hyphens, Some(underscores));
        self
    }

    /// A body of another content type that it takes as well.
    #[must_use]
    pub fn sample_text(mut self, content_type: &'static str, text: &'static str) -> Self {
        self.samples.texts.push((content_type, text));
        self
    }

    /// The name of the file that it is shown with, where it takes one.
    #[must_use]
    pub fn sample_file(mut self, name: &'static str) -> Self {
        self.samples.file = Some(name);
        self
    }

    /// Its samples, in the spelling of its own path. The first is how it is called as a rule, the others are the other
    /// ways to say the same.
    pub fn samples(&self) -> Vec<Sample> {
        let is_underscored = Spelling::of(&self.path) == Spelling::Underscores;
        let spelled = self.samples.underscored.as_ref().filter(|_| is_underscored);
        let body = spelled.or(self.samples.body.as_ref()).cloned().or_else(|| self.derived());
        let query = self.samples.underscored_query.filter(|_| is_underscored).unwrap_or(self.samples.query);
        let with = |content| Sample {
            method: self.method.clone(),
            path: path(&self.path),
            query: query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            has_token: self.access != Access::Anyone,
            has_key: self.idempotent,
            content,
        };
        let mut contents = match (self.takes, body) {
            (Takes::Nothing, _) | (_, None) => vec![Content::Nothing],
            (_, Some(body)) if self.takes_files => {
                vec![Content::Upload(form(&body), self.samples.file.unwrap_or("letter.pdf"))]
            }
            (_, Some(Value::Object(fields))) if fields.is_empty() => vec![Content::Nothing],
            (_, Some(body @ Value::Object(_))) => {
                let form = Content::Form(form(&body));
                vec![Content::Json(body), form]
            }
            (_, Some(body)) => vec![Content::Json(body)],
        };
        let texts = self.samples.texts.iter();
        contents.extend(texts.map(|(content_type, text)| Content::Text(content_type, (*text).into())));
        contents.into_iter().map(with).collect()
    }

    /// What the field rules alone say of a body.
    fn derived(&self) -> Option<Value> {
        match self.takes {
            Takes::Nothing => None,
            Takes::Object | Takes::List | Takes::Stream => derive(&self.body.schema),
        }
    }
}

/// `/customers/{id}/addresses/{address_id}` as `/customers/$CUSTOMER_ID/addresses/$ADDRESS_ID`.
pub(crate) fn path(pattern: &str) -> String {
    let mut before = "";
    let mut out = String::new();
    for step in pattern.split('/').filter(|step| !step.is_empty()) {
        out.push('/');
        match step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) {
            Some("id") => out.push_str(&format!("${}", id_of(before))),
            Some(name) => out.push_str(&format!("${}", shout(name))),
            None => out.push_str(step),
        }
        before = step;
    }
    out
}

/// The placeholder for the id of one thing of a collection.
pub(crate) fn id_of(collection: &str) -> String {
    format!("{}_ID", shout(singular(collection)))
}

fn shout(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}

fn singular(plural: &str) -> &str {
    match plural.strip_suffix("sses") {
        Some(_) => &plural[..plural.len() - 2],
        None => plural.strip_suffix('s').unwrap_or(plural),
    }
}

/// An object as form fields with brackets.
fn form(body: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        flatten(name, value, &mut all);
    }
    all
}

fn flatten(name: &str, value: &Value, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(inner, value)| flatten(&format!("{name}[{inner}]"), value, all));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let step = if item.is_object() { index.to_string() } else { String::new() };
                flatten(&format!("{name}[{step}]"), item, all);
            }
        }
        Value::Null => all.push((name.into(), String::new())),
        Value::String(text) => all.push((name.into(), text.clone())),
        Value::Bool(_) | Value::Number(_) => all.push((name.into(), value.to_string())),
    }
}

/// Whether a sample has to show the field: of several that may stand for one another, the first.
fn is_shown(schema: &Value, name: &str) -> bool {
    let groups = schema["allOf"].as_array().into_iter().flatten();
    schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name))
        || groups.into_iter().any(|group| group["anyOf"][0]["required"][0] == name)
}

/// A value that fits the schema: what has to be there, and what has an example.
fn derive(schema: &Value) -> Option<Value> {
    if let Some(example) = schema["examples"].get(0) {
        return Some(example.clone());
    }
    if let Some(options) = schema["anyOf"].as_array() {
        return options.iter().find_map(derive);
    }
    if schema["type"] == "object" || schema["properties"].is_object() {
        let shown = schema["properties"].as_object()?.iter().filter_map(|(name, field)| {
            let has_example = field["examples"].get(0).is_some();
            (is_shown(schema, name) || has_example).then(|| Some((name.clone(), derive(field)?)))?
        });
        return Some(shown.collect::<Map<_, _>>().into());
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.first()?.as_str());
    match kind {
        _ if schema["enum"].is_array() => schema["enum"].get(0).cloned(),
        Some("integer") => Some(schema["minimum"].as_i64().filter(|n| *n > 1).unwrap_or(1000).into()),
        Some("array") => Some(Value::Array(derive(&schema["items"]).into_iter().collect())),
        Some("string") if schema["format"] == "date" => Some("2026-11-20".into()),
        Some("string") if schema["format"] == "date-time" => Some("2026-11-20T13:37:00Z".into()),
        Some("string") => Some("text".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_names_what_its_reader_has_to_fill_in() {
        for (pattern, shown) in [
            ("/customers/{id}/addresses/{address_id}", "/customers/$CUSTOMER_ID/addresses/$ADDRESS_ID"),
            ("/debt_accounts/{id}", "/debt_accounts/$DEBT_ACCOUNT_ID"),
            ("/bulk/{id}/errors", "/bulk/$BULK_ID/errors"),
            ("/charges", "/charges"),
        ] {
            assert_eq!(path(pattern), shown);
        }
    }

    #[test]
    fn only_a_whole_text_in_capitals_is_a_placeholder() {
        assert_eq!(placeholder("$CUSTOMER_ID"), Some("CUSTOMER_ID"));
        for text in ["CUSTOMER_ID", "$5", "$", "$CUSTOMER_ID more", "$customer"] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    #[test]
    fn a_form_says_the_same_in_brackets() {
        let body = json!({"a": 1, "b": {"c": "x", "d": [true, null]}, "e": [{"f": "y"}, {"f": "z"}]});
        let told: Vec<String> = form(&body).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(told, ["a=1", "b[c]=x", "b[d][]=true", "b[d][]=", "e[0][f]=y", "e[1][f]=z"]);
    }
}
