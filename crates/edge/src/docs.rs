//! `/docs`: the table as a page to read. One HTML document and one stylesheet, no script, nothing from elsewhere.
//!
//! Must always hold: it reads well without the stylesheet, on a phone and aloud; and every text in it is escaped.

use std::fmt::Write as _;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use serde_json::{Map, Value};

use crate::call::Gate;
use crate::openapi::path_parameters;
use crate::reply::Reply;
use crate::routes::{Access, Endpoint, Takes};
use crate::table::Table;

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn reply(page: Vec<u8>) -> Reply {
    Reply::raw(200, "text/html; charset=utf-8", page).header(CONTENT_SECURITY_POLICY, POLICY)
}

pub(crate) fn style() -> Reply {
    Reply::raw(200, "text/css; charset=utf-8", include_bytes!("docs.css").to_vec())
        .header(CACHE_CONTROL, "max-age=300")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text with `code` in backticks.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        1 => format!("<code>{}</code>", escape(part)),
        _ => escape(part),
    });
    parts.collect()
}

/// The whole page.
pub(crate) fn page<S: Gate>(table: &Table<S>, public_url: &str) -> String {
    let mut out = String::with_capacity(64 << 10);
    let title = escape(&table.title);
    let about = prose(&table.about);
    out.push_str(&format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/docs.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#endpoints\">Skip to the endpoints</a>\n<header>\n<h1>{title}</h1>\n<p>{about}</p>\n\
         <p>Everything stands below <code>{}{}</code>. The same as a file: <a href=\"/openapi.json\">openapi.json</a>.</p>\n\
         </header>\n",
        escape(public_url),
        escape(table.base()),
    ));
    let rows: Vec<&Endpoint<S>> = table.rows().iter().filter(|row| row.twin_of.is_none()).collect();
    let mut tags: Vec<&str> = Vec::new();
    for row in &rows {
        if !tags.contains(&row.tag.as_str()) {
            tags.push(&row.tag);
        }
    }
    out.push_str("<nav aria-label=\"Endpoints\">\n");
    for tag in &tags {
        out.push_str(&format!("<p>{}</p>\n<ul>\n", escape(&heading(tag))));
        for row in rows.iter().filter(|row| row.tag == *tag) {
            let label = if row.summary.is_empty() { row.path.as_str() } else { row.summary.as_str() };
            out.push_str(&format!("<li><a href=\"#{}\">{}</a></li>\n", anchor(row), escape(label)));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</nav>\n<main id=\"endpoints\">\n");
    for tag in &tags {
        out.push_str(&format!("<h2>{}</h2>\n", escape(&heading(tag))));
        for row in rows.iter().filter(|row| row.tag == *tag) {
            section(&mut out, table, row, public_url);
        }
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn heading(tag: &str) -> String {
    let mut letters = tag.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn anchor<S: Gate>(row: &Endpoint<S>) -> String {
    let path: String = row.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}{path}", row.method.as_str().to_ascii_lowercase())
}

fn section<S: Gate>(out: &mut String, table: &Table<S>, row: &Endpoint<S>, public_url: &str) {
    let title = if row.summary.is_empty() { row.path.as_str() } else { row.summary.as_str() };
    let mut put = |text: String| out.push_str(&text);
    put(format!("<section aria-labelledby=\"{0}\">\n<h3 id=\"{0}\">{1}</h3>\n", anchor(row), escape(title)));
    let path = |row: &Endpoint<S>| format!("{}{}", table.base(), row.path);
    put(format!(
        "<p class=\"where\"><code><span class=\"method\">{}</span> {}</code></p>\n",
        row.method,
        escape(&path(row))
    ));
    let twins =
        table.rows().iter().filter(|r| r.method == row.method && r.twin_of.as_deref() == Some(&*row.path));
    for twin in twins {
        put(format!("<p class=\"where\">Also as <code>{}</code>.</p>\n", escape(&path(twin))));
    }
    if !row.description.is_empty() {
        put(format!("<p>{}</p>\n", prose(&row.description)));
    }
    put(match row.access {
        Access::Anyone => "<p>No token needed.</p>\n".into(),
        Access::Token => "<p>Needs a token.</p>\n".into(),
        Access::Scope(scope) => {
            format!("<p>Needs a token with the scope <code>{}</code>.</p>\n", escape(scope))
        }
    });
    if let Some(rows) = fields(&row.query.schema, "") {
        put(field_table("Query", &rows));
    }
    let body = if row.takes == Takes::List { &row.body.schema["items"] } else { &row.body.schema };
    if let Some(rows) = fields(body, "") {
        put(field_table(if row.takes == Takes::List { "Body: a list of" } else { "Body" }, &rows));
    }
    put(format!(
        "<pre tabindex=\"0\" aria-label=\"curl sample\"><code>{}</code></pre>\n",
        escape(&curl(row, &path(row), public_url))
    ));
    put("</section>\n".into());
}

/// Name, whether it has to be there and instead of what, what it takes, what it means.
type Row = (String, Option<String>, String, String);

/// Whether the field has to be there: `Some` of what may be sent in its place, nothing as a rule.
fn need(schema: &Value, name: &str) -> Option<String> {
    if schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name)) {
        return Some(String::new());
    }
    schema["allOf"].as_array().into_iter().flatten().find_map(|group| {
        let names: Vec<&str> =
            group["anyOf"].as_array()?.iter().filter_map(|option| option["required"][0].as_str()).collect();
        let others: Vec<String> = names.iter().filter(|n| **n != name).map(|n| format!("`{n}`")).collect();
        names.contains(&name).then(|| format!(", or {}", others.join(", ")))
    })
}

/// Whether a sample has to show the field: of several that may stand for one another, the first.
fn is_shown(schema: &Value, name: &str) -> bool {
    let groups = schema["allOf"].as_array().into_iter().flatten();
    schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name))
        || groups.into_iter().any(|group| group["anyOf"][0]["required"][0] == name)
}

fn field_table(caption: &str, rows: &[Row]) -> String {
    let mut out = format!(
        "<div class=\"wide\"><table>\n<caption>{caption}</caption>\n\
         <thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Takes</th><th scope=\"col\">About</th></tr></thead>\n<tbody>\n"
    );
    for (name, need, takes, about) in rows {
        let required =
            need.as_ref().map_or(String::new(), |or| format!(" <strong>required{}</strong>", prose(or)));
        let (name, takes, about) = (escape(name), prose(takes), prose(about));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><code>{name}</code>{required}</th><td>{takes}</td><td>{about}</td></tr>"
        );
    }
    out.push_str("</tbody>\n</table></div>\n");
    out
}

/// The fields of an object's schema, nested ones below their parent by dotted name.
fn fields(schema: &Value, prefix: &str) -> Option<Vec<Row>> {
    let properties = schema.get("properties")?.as_object()?;
    let mut rows = Vec::new();
    for (name, field) in properties {
        let about = field["description"].as_str().unwrap_or_default();
        let path = format!("{prefix}{name}");
        rows.push((path.clone(), need(schema, name), takes(field), about.to_owned()));
        for option in std::iter::once(field).chain(field["anyOf"].as_array().into_iter().flatten()) {
            let inner = fields(option, &format!("{path}."));
            let inner = inner.or_else(|| fields(&option["items"], &format!("{path}[].")));
            for row in inner.into_iter().flatten() {
                if !rows.iter().any(|(known, ..)| *known == row.0) {
                    rows.push(row);
                }
            }
        }
    }
    (!rows.is_empty()).then_some(rows)
}

fn takes(schema: &Value) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut add = |word: String| {
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    };
    if let Some(options) = schema["anyOf"].as_array() {
        // The blank text and the digit string that are taken beside the real thing would only be noise here.
        options
            .iter()
            .filter(|o| o["pattern"] != crate::rules::BLANK && o["type"] != "null")
            .for_each(|o| add(takes(o)));
        return words.join(" or ");
    }
    if let Some(choices) = schema["enum"].as_array() {
        let shown = choices.iter().filter(|c| !c.is_null() && **c != "");
        return shown
            .map(|c| format!("`{}`", c.as_str().map_or(c.to_string(), str::to_owned)))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let kind = schema["type"]
        .as_str()
        .or_else(|| schema["type"].as_array()?.first()?.as_str())
        .unwrap_or("anything");
    match (kind, schema["format"].as_str(), schema["maxLength"].as_u64()) {
        ("string", Some("date"), _) => "`YYYY-MM-DD`".into(),
        ("string", Some("date-time"), _) => "RFC 3339 instant".into(),
        ("string", _, Some(most)) => format!("text, at most {most}"),
        ("string", _, None) => "digits as text".into(),
        ("array", ..) => "list".into(),
        (kind, ..) => kind.into(),
    }
}

fn sample(schema: &Value) -> Option<Value> {
    if let Some(example) = schema["examples"].get(0) {
        return Some(example.clone());
    }
    if let Some(options) = schema["anyOf"].as_array() {
        return options.iter().find_map(sample);
    }
    if schema["type"] == "object" || schema["properties"].is_object() {
        let shown = schema["properties"].as_object()?.iter().filter_map(|(name, field)| {
            let has_example = field["examples"].get(0).is_some();
            (is_shown(schema, name) || has_example).then(|| Some((name.clone(), sample(field)?)))?
        });
        return Some(shown.collect::<Map<_, _>>().into());
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].as_array()?.first()?.as_str());
    match kind {
        _ if schema["enum"].is_array() => schema["enum"].get(0).cloned(),
        Some("integer") => Some(schema["minimum"].as_i64().filter(|n| *n > 1).unwrap_or(1000).into()),
        Some("array") => Some(Value::Array(sample(&schema["items"]).into_iter().collect())),
        Some("string") if schema["format"] == "date" => Some("2026-11-20".into()),
        Some("string") if schema["format"] == "date-time" => Some("2026-11-20T13:37:00Z".into()),
        Some("string") => Some("text".into()),
        _ => None,
    }
}

fn curl<S: Gate>(row: &Endpoint<S>, path: &str, public_url: &str) -> String {
    let mut path = path.to_owned();
    for name in path_parameters(&row.path) {
        path = path.replace(&format!("{{{name}}}"), &name.to_ascii_uppercase());
    }
    let method = if row.method == http::Method::GET { String::new() } else { format!("-X {} ", row.method) };
    let mut out = format!("curl {method}{public_url}{path}");
    if row.access != Access::Anyone {
        out.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    if row.idempotent {
        out.push_str(" \\\n  -H 'Idempotency-Key: order-1'");
    }
    match (row.takes, sample(&row.body.schema)) {
        (Takes::Object | Takes::List, Some(body)) => {
            let body = serde_json::to_string_pretty(&body).unwrap_or_default().replace('\'', r"'\''");
            out.push_str(&format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"));
        }
        (Takes::Stream, _) => {
            out.push_str(" \\\n  -H 'Content-Type: application/x-ndjson' \\\n  --data-binary @rows.ndjson")
        }
        _ => {}
    }
    out
}
