//! The samples as a Postman collection, v2.1. It never holds a token: the reader puts theirs into a variable.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Map, Value, json};

use crate::call::Gate;
use crate::docs;
use crate::routes::Endpoint;
use crate::samples::{self, Content, Sample, id_of, placeholder};
use crate::table::Table;

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// Fills in what has to lie ahead of whatever today is.
const BEFORE: &[&str] = &[
    "if (!pm.variables.get(\"START_DATE\")) {",
    "    const day = new Date(Date.now() + 7 * 86400 * 1000).toISOString().slice(0, 10);",
    "    pm.collectionVariables.set(\"START_DATE\", day);",
    "}",
];

/// The whole collection: a folder for each spelling, in it one for each tag, and one for what deletes. It can be run from
/// top to bottom: what makes something comes first in its folder and keeps its id, and what deletes comes last, in the
/// reverse order.
pub(crate) fn collection<S: Gate>(table: &Table<S>, public_url: &str) -> Value {
    let mut names = BTreeSet::new();
    let paths: Vec<String> = table.rows().iter().map(|row| samples::path(&row.path)).collect();
    let steps = paths.iter().flat_map(|path| path.split('/'));
    let in_paths: BTreeSet<String> = steps.filter_map(placeholder).map(str::to_owned).collect();
    let mut deletions = Vec::new();
    let mut spelling = |name: &str, about: &str, is_twin: bool| {
        let rows = table.rows().iter().filter(|row| row.twin_of.is_some() == is_twin);
        let (last, mut rows): (Vec<&Endpoint<S>>, Vec<_>) =
            rows.partition(|row| row.method == Method::DELETE);
        let tags = docs::tags(&rows);
        rows.sort_by_key(|row| !makes_something(row));
        let mut item = |row: &Endpoint<S>| request(row, &in_paths, &mut names);
        let folders = tags.into_iter().map(|tag| {
            let requests = rows.iter().filter(|row| row.tag == tag).map(|row| item(row));
            json!({"name": docs::heading(tag), "item": requests.collect::<Vec<_>>()})
        });
        let folders: Vec<Value> = folders.collect();
        deletions
            .insert(0, json!({"name": name, "item": last.into_iter().rev().map(item).collect::<Vec<_>>()}));
        json!({"name": name, "description": about, "item": folders})
    };
    let mut items = vec![
        spelling(
            "Everything, with hyphens",
            "The spelling of the vendor's guides, and paths that have only one.",
            false,
        ),
        spelling("The other spelling, with underscores", "The same endpoints under their other names.", true),
    ];
    items.push(json!({"name": "Delete", "description": "What the others have made.", "item": deletions}));
    let mut variables = vec![
        variable("API", &format!("{public_url}{}", table.base()), "What every path stands below."),
        variable("TOKEN", "", "Your token. Keep it in an environment if you share this collection."),
    ];
    variables.extend(names.iter().map(|name| variable(name, "", about(name))));
    json!({
        "info": {"name": table.title, "version": table.version, "description": table.about, "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{TOKEN}}", "type": "string"}]},
        "event": [{"listen": "prerequest", "script": {"type": "text/javascript", "exec": BEFORE}}],
        "variable": variables,
        "item": items,
    })
}

fn about(name: &str) -> &'static str {
    match name {
        "EXTERNAL_ID" => "Your own id of what you make; none where it is empty.",
        "START_DATE" => "The first day of a payment plan: a week from now where it is empty.",
        _ => "Filled in by the request that makes one, or lists them.",
    }
}

fn variable(key: &str, value: &str, about: &str) -> Value {
    json!({"key": key, "value": value, "type": "string", "description": about})
}

/// The first of a row's samples as a request.
fn request<S: Gate>(row: &Endpoint<S>, in_paths: &BTreeSet<String>, names: &mut BTreeSet<String>) -> Value {
    let samples = row.samples();
    let Some(sample) = samples.first() else { return Value::Null };
    let mut request = Map::new();
    let mut put = |name: &str, value: Value| drop(request.insert(name.into(), value));
    put("method", sample.method.as_str().into());
    put("description", row.description.clone().into());
    if !sample.has_token {
        put("auth", json!({"type": "noauth"}));
    }
    let mut headers = Vec::new();
    if sample.has_key {
        // A new one for each press of the button: Postman's own variable.
        headers.push(json!({"key": "Idempotency-Key", "value": "{{$guid}}"}));
    }
    if let Content::Text(kind, _) = &sample.content {
        headers.push(json!({"key": "Content-Type", "value": kind}));
    }
    put("header", headers.into());
    put("url", address(sample, names));
    if let Some(body) = body(&sample.content, names) {
        put("body", body);
    }
    let mut item = json!({"name": row.summary, "request": request});
    if let Some(name) = keeps(row, sample).filter(|name| in_paths.contains(name)) {
        let keep = match row.method {
            Method::GET => "const [kept] = pm.response.code === 200 ? pm.response.json().data : [];",
            _ => "const kept = pm.response.code === 201 ? pm.response.json().data : undefined;",
        };
        let set = format!("if (kept) pm.collectionVariables.set(\"{name}\", kept.id);");
        names.insert(name);
        let script = json!({"type": "text/javascript", "exec": [keep, set]});
        item["event"] = json!([{"listen": "test", "script": script}]);
    }
    item
}

fn makes_something<S: Gate>(row: &Endpoint<S>) -> bool {
    row.responses.iter().any(|(status, _)| *status == 201)
}

/// The variable for an id that a request learns of: a POST on a collection makes one of it, and one of anything below
/// `/bulk` an operation. What nobody makes is learned of by listing it.
fn keeps<S: Gate>(row: &Endpoint<S>, sample: &Sample) -> Option<String> {
    let mut steps = sample.path.split('/').filter(|step| !step.is_empty());
    let first = steps.next()?;
    let last = steps.next_back().unwrap_or(first);
    let is_listed = row.method == Method::GET && matches!(sample.path.as_str(), "/transactions" | "/events");
    let is_made = row.responses.iter().any(|(status, schema)| {
        *status == 201 && schema["properties"]["data"]["properties"]["id"].is_object()
    });
    (is_made || is_listed).then(|| id_of(if first == "bulk" { first } else { last }))
}

fn filled(text: &str, names: &mut BTreeSet<String>) -> String {
    match placeholder(text) {
        Some(name) => {
            names.insert(name.into());
            format!("{{{{{name}}}}}")
        }
        None => text.into(),
    }
}

fn address(sample: &Sample, names: &mut BTreeSet<String>) -> Value {
    let steps: Vec<String> =
        sample.path.split('/').filter(|step| !step.is_empty()).map(|step| filled(step, names)).collect();
    let pairs: Vec<(&String, String)> =
        sample.query.iter().map(|(name, value)| (name, filled(value, names))).collect();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let mut url = json!({
        "raw": format!("{{{{API}}}}/{}{mark}{}", steps.join("/"), query.join("&")),
        "host": ["{{API}}"],
        "path": steps,
    });
    if !pairs.is_empty() {
        let pairs = pairs.iter().map(|(name, value)| json!({"key": name, "value": value}));
        url["query"] = pairs.collect();
    }
    url
}

fn body(content: &Content, names: &mut BTreeSet<String>) -> Option<Value> {
    Some(match content {
        Content::Nothing => return None,
        Content::Json(body) => {
            let text = serde_json::to_string_pretty(&with_variables(body, names)).unwrap_or_default();
            json!({"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}})
        }
        Content::Form(fields) => json!({"mode": "urlencoded", "urlencoded": pairs(fields, names)}),
        Content::Upload(fields, file) => {
            let mut all = pairs(fields, names);
            all.push(json!({"key": "file", "type": "file", "src": file}));
            json!({"mode": "formdata", "formdata": all})
        }
        Content::Text(_, text) => json!({"mode": "raw", "raw": text}),
    })
}

fn pairs(fields: &[(String, String)], names: &mut BTreeSet<String>) -> Vec<Value> {
    let pair = |(name, value): &(String, String)| json!({"key": name, "value": filled(value, names), "type": "text"});
    fields.iter().map(pair).collect()
}

fn with_variables(value: &Value, names: &mut BTreeSet<String>) -> Value {
    match value {
        Value::String(text) => filled(text, names).into(),
        Value::Array(items) => items.iter().map(|item| with_variables(item, names)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, inner)| (name.clone(), with_variables(inner, names))).collect()
        }
        other => other.clone(),
    }
}
