//! `/docs`: the table as a page to read. One HTML document and one stylesheet, no script, nothing from elsewhere.
//!
//! Must always hold: it reads well without the stylesheet, on a phone and aloud; and every text in it is escaped.

use std::fmt::Write as _;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use serde_json::Value;

use crate::call::Gate;
use crate::reply::Reply;
use crate::routes::{Access, Endpoint, Takes};
use crate::samples::{Content, Sample};
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
    let base = escape(&format!("{public_url}{}", table.base()));
    out.push_str(&format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/docs.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#endpoints\">Skip to the endpoints</a>\n<header>\n<h1>{title}</h1>\n<p>{about}</p>\n\
         <p>Everything stands below <code>{base}</code>. The same as files: <a href=\"/openapi.json\">openapi.json</a>, and \
         <a href=\"/postman.json\">postman.json</a>, a collection to import.</p>\n\
         <p>Each endpoint is shown with curl, as a shell reads it. Say once who and where you are:</p>\n\
         <pre role=\"group\" tabindex=\"0\" aria-label=\"Settings for the samples\"><code>export API={base} TOKEN=your-token \
         KEY=$(date +%s)</code></pre>\n\
         <p><code>$CUSTOMER_ID</code> and its like are ids of yours or of ours, <code>$START_DATE</code> is a \
         day that lies ahead, <code>YYYY-MM-DD</code>. <code>$KEY</code> is one text for each request \
         that you mean: sent again under the same key, it happens once.</p>\n\
         </header>\n",
    ));
    let rows: Vec<&Endpoint<S>> = table.rows().iter().filter(|row| row.twin_of.is_none()).collect();
    let tags = tags(&rows);
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
            section(&mut out, table, row);
        }
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// The tags of rows, in their order.
pub(crate) fn tags<'r, S: Gate>(rows: &[&'r Endpoint<S>]) -> Vec<&'r str> {
    let mut tags: Vec<&str> = Vec::new();
    for row in rows {
        if !tags.contains(&row.tag.as_str()) {
            tags.push(&row.tag);
        }
    }
    tags
}

pub(crate) fn heading(tag: &str) -> String {
    let mut letters = tag.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn anchor<S: Gate>(row: &Endpoint<S>) -> String {
    let path: String = row.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}{path}", row.method.as_str().to_ascii_lowercase())
}

fn section<S: Gate>(out: &mut String, table: &Table<S>, row: &Endpoint<S>) {
    let title = if row.summary.is_empty() { row.path.as_str() } else { row.summary.as_str() };
    let mut put = |text: String| out.push_str(&text);
    put(format!("<section aria-labelledby=\"{0}\">\n<h3 id=\"{0}\">{1}</h3>\n", anchor(row), escape(title)));
    let path = |row: &Endpoint<S>| format!("{}{}", table.base(), row.path);
    put(format!(
        "<p class=\"where\"><code><span class=\"method\">{}</span> {}</code></p>\n",
        row.method,
        escape(&path(row))
    ));
    let is_twin = |r: &&Endpoint<S>| r.method == row.method && r.twin_of.as_deref() == Some(&*row.path);
    let twins: Vec<&Endpoint<S>> = table.rows().iter().filter(is_twin).collect();
    for twin in &twins {
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
    samples(out, row, &twins);
    out.push_str("</section>\n");
}

/// How the row is called: first as a rule, then in the other ways to say it, then the same in its other spellings.
fn samples<S: Gate>(out: &mut String, row: &Endpoint<S>, twins: &[&Endpoint<S>]) {
    let mut all = row.samples().into_iter();
    for first in all.by_ref().take(1) {
        out.push_str(&line(&first));
    }
    for other in all {
        let way = way(&other.content);
        out.push_str(&format!("<details>\n<summary>{way}</summary>\n{}</details>\n", line(&other)));
    }
    for twin in twins {
        let lines: String = twin.samples().iter().map(line).collect();
        let path = escape(&twin.path);
        out.push_str(&format!("<details>\n<summary>As <code>{path}</code></summary>\n{lines}</details>\n"));
    }
}

fn line(sample: &Sample) -> String {
    let label = match way(&sample.content) {
        "" => "With curl".to_owned(),
        way => format!("With curl, {}", way.replacen("As", "as", 1)),
    };
    // It scrolls sideways on a phone, so it has to be reachable by keyboard and named.
    format!(
        "<pre role=\"group\" tabindex=\"0\" aria-label=\"{label}\"><code>{}</code></pre>\n",
        escape(&sample.curl())
    )
}

/// How the body of a sample is said.
fn way(content: &Content) -> &'static str {
    match content {
        Content::Nothing => "",
        Content::Json(_) => "As JSON",
        Content::Form(_) => "As a form",
        Content::Upload(..) => "As a form with a file",
        Content::Text("text/csv", _) => "As a table",
        Content::Text(..) => "As lines",
    }
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
