//! The client's source, made from the route table in the guides' spelling.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use api::App;
use edge::Endpoint;
use edge::routes::Takes;
use serde_json::Value;

use super::names::{Does, body_name, camel, method_name, shown_name};
use super::shapes::{Shapes, Use, wrapped};

/// Where it is kept.
pub(super) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../client/src/generated")
}

/// How an endpoint answers.
enum Answers {
    Nothing,
    File,
    Data(String),
    Whole(String),
    Pages(String),
}

/// Each file's name and what is in it.
pub(super) fn files() -> Vec<(&'static str, String)> {
    let table = api::table();
    let rows: Vec<&Endpoint<App>> = table.rows().iter().filter(|row| row.twin_of.is_none()).collect();
    let mut shapes = Shapes::default();
    // A thing is called by the path that shows it alone, wherever else it is shown.
    let is_alone = |row: &&&Endpoint<App>| row.method == "GET" && row.path.ends_with("/{id}");
    let mut alone: Vec<_> = rows.iter().filter(is_alone).collect();
    // An account holds the most of what is shown alone elsewhere.
    alone.sort_by_key(|row| row.path == "/debt-accounts/{id}");
    for row in alone {
        answers(&mut shapes, row);
    }
    let methods: Vec<String> = rows.iter().map(|row| method(&mut shapes, row)).collect();
    let about = |what: &str| format!("//! {what} Made from the route table; see `generated`.\n\n");
    let uses = |source: &str, name: &str| {
        let places = [format!(": {name}"), format!("<{name}"), format!(", {name}>")];
        places.iter().any(|place| source.contains(place))
    };
    let head = |source: &str, what: &str, serde: &str| {
        let mut out = about(what);
        for (name, line) in [
            ("BTreeMap", "use std::collections::BTreeMap;\n\n"),
            ("", serde),
            ("Value", "use serde_json::Value;\n"),
            ("", "\nuse super::words::*;\n"),
        ] {
            if name.is_empty() || uses(source, name) {
                out.push_str(line);
            }
        }
        let used = ["Cents", "Change", "Object", "Secret"].into_iter().filter(|name| uses(source, name));
        let used: Vec<&str> = used.collect();
        format!("{out}use crate::values::{{{}}};\n\n{source}", used.join(", "))
    };
    vec![
        ("answers.rs", head(&shapes.answers, "What is answered.", "use serde::Deserialize;\n")),
        ("requests.rs", head(&shapes.requests, "What is sent.", "use serde::Serialize;\n")),
        (
            "words.rs",
            format!("{}use crate::values::words;\n\n{}", about("The words that fields are made of."), shapes.words_source),
        ),
        (
            "endpoints.rs",
            format!(
                "{}use reqwest::Method;\n\nuse super::answers::*;\nuse super::requests::*;\nuse crate::call::{{Call, read}};\n\
                 use crate::query::step;\nuse crate::upload::{{File, Upload}};\n                 use crate::{{Client, Pages}};\n\nimpl Client {{\n{}}}\n",
                about("Every endpoint."),
                methods.join("\n"),
            ),
        ),
    ]
    .into_iter()
    .map(|(name, source)| (name, formatted(&source)))
    .collect()
}

/// As rustfmt writes it, by the workspace's own settings.
fn formatted(source: &str) -> String {
    use std::io::Write as _;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt, which comes with Rust");
    rustfmt.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    let done = rustfmt.wait_with_output().unwrap();
    assert!(done.status.success(), "rustfmt cannot read this:\n{source}");
    String::from_utf8(done.stdout).unwrap()
}

fn answers(shapes: &mut Shapes, row: &Endpoint<App>) -> Answers {
    if !row.gives.is_empty() && !row.gives_json {
        return Answers::File;
    }
    let success = row.responses.iter().find(|(status, _)| *status < 300);
    let Some((_, schema)) = success else { return Answers::Nothing };
    let properties = &schema["properties"];
    let has = |name: &str| properties[name].is_object();
    let list = |shapes: &mut Shapes, items: &Value| match items["properties"].is_object() {
        true => shapes.object(items, &shown_name(&row.path, true), Use::Answer),
        false => "Object".to_owned(),
    };
    if has("success") {
        return Answers::Nothing;
    }
    if has("meta") && has("links") {
        return Answers::Pages(list(shapes, &properties["data"]["items"]));
    }
    if has("data") {
        let data = &properties["data"];
        return Answers::Data(match data["items"].is_object() {
            true => format!("Vec<{}>", list(shapes, &data["items"])),
            false if data["properties"].is_object() => {
                shapes.object(data, &shown_name(&row.path, false), Use::Answer)
            }
            false => "Object".into(),
        });
    }
    Answers::Whole(match properties.is_object() {
        true => shapes.object(schema, &shown_name(&row.path, false), Use::Answer),
        false => "Object".into(),
    })
}

fn method(shapes: &mut Shapes, row: &Endpoint<App>) -> String {
    let answer = answers(shapes, row);
    let makes = row.responses.iter().any(|(status, _)| *status == 201);
    let does = match &answer {
        Answers::Pages(_) => Does::List,
        Answers::Data(kind) if kind.starts_with("Vec<") => Does::List,
        _ if makes => Does::Make,
        _ => Does::Other,
    };
    let name = method_name(row.method.as_str(), &row.path, does);
    let (kind, read) = match &answer {
        Answers::Nothing => ("Call<()>".to_owned(), "read::nothing"),
        Answers::File => ("Call<File>".into(), "read::file"),
        Answers::Data(data) => (format!("Call<{data}>"), "read::data"),
        Answers::Whole(whole) => (format!("Call<{whole}>"), "read::whole"),
        Answers::Pages(item) => (format!("Pages<{item}>"), "read::whole"),
    };
    let mut arguments = Vec::new();
    let mut steps = String::new();
    for step in row.path.split('/').filter(|step| !step.is_empty()) {
        match step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) {
            Some(name) => {
                arguments.push(format!("{name}: &str"));
                let _ = write!(steps, "/{{}}");
            }
            None => {
                let _ = write!(steps, "/{step}");
            }
        }
    }
    let ids: Vec<String> =
        arguments.iter().map(|a| format!("step({})", a.trim_end_matches(": &str"))).collect();
    let path = match ids.is_empty() {
        true => format!("\"{steps}\".to_owned()"),
        false => format!("format!(\"{steps}\", {})", ids.join(", ")),
    };
    let mut call = format!("Call::new(self, Method::{}, {path}, {read})", row.method);
    let asks = row.query.schema["properties"].as_object().into_iter().flatten();
    if asks.clone().any(|(name, _)| !matches!(name.as_str(), "include" | "page" | "cursor")) {
        let of = filter_name(&name, row);
        arguments.push(format!("filter: &{}", shapes.object(&row.query.schema, &of, Use::Filter)));
        call.push_str(".filter(filter)");
    }
    let body = body(shapes, row, &name);
    let mut also = String::new();
    match (row.takes, body) {
        (_, None) => {}
        (Takes::Object, Some(kind)) if row.takes_files => {
            arguments.push(format!("file: &Upload, fields: &{kind}"));
            call.push_str(".upload(file, fields)");
        }
        (takes, Some(kind)) => {
            if takes == Takes::Stream && row.body.schema["type"] != "array" {
                let said = "The same as bytes of another content type: lines of JSON (`application/x-ndjson`) or a table (`text/csv`).";
                let call = format!("{call}.bytes(content_type, bytes){}", keyed(row));
                let _ = write!(
                    also,
                    "\n{}pub fn {name}_as(&self, {}content_type: &str, bytes: impl Into<Vec<u8>>) -> {kind_of} {{ {call} }}\n",
                    wrapped(said, ""),
                    arguments.iter().map(|a| format!("{a}, ")).collect::<String>(),
                    kind_of = answer_kind(&answer),
                );
            }
            arguments.push(format!("body: &{kind}"));
            call.push_str(".json(body)");
        }
    }
    call.push_str(keyed(row));
    if matches!(answer, Answers::Pages(_)) {
        call = format!("Pages::new({call})");
    }
    let about = format!("{}. `{} {}`", row.summary.trim_end_matches('.'), row.method, row.path);
    let mut docs = wrapped(&about, "");
    if !row.description.is_empty() {
        docs.push_str("///\n");
        docs.push_str(&wrapped(&row.description, ""));
    }
    let arguments: String = arguments.iter().map(|argument| format!(", {argument}")).collect();
    format!("{docs}pub fn {name}(&self{arguments}) -> {kind} {{ {call} }}\n{also}")
}

fn answer_kind(answer: &Answers) -> String {
    match answer {
        Answers::Data(data) => format!("Call<{data}>"),
        _ => "Call<Object>".into(),
    }
}

fn keyed(row: &Endpoint<App>) -> &'static str {
    if row.idempotent { ".keyed()" } else { "" }
}

fn filter_name(method: &str, row: &Endpoint<App>) -> String {
    match row.takes {
        Takes::Stream => "BulkOptions".into(),
        _ if row.path.starts_with("/bulk/exports/") => "ExportFilter".into(),
        _ => camel(method),
    }
}

/// The type of a body.
fn body(shapes: &mut Shapes, row: &Endpoint<App>, method: &str) -> Option<String> {
    let schema = &row.body.schema;
    let of = if row.method == "PUT" { Use::Changes } else { Use::New };
    match row.takes {
        Takes::Nothing => None,
        _ if schema["type"] == "array" => Some("[serde_json::Value]".into()),
        _ => Some(shapes.object(schema, &body_name(method), of)),
    }
}
