//! A sample as a line of curl for a POSIX shell, where `$API` is the base address and `$TOKEN` the token.

use serde_json::{Map, Value};

use crate::samples::{Content, Sample, placeholder};

/// The line. Copied into a shell where its placeholders are set, it sends the sample.
pub(crate) fn line(sample: &Sample) -> String {
    let mut parts = vec![match sample.method.as_str() {
        "GET" => format!("curl {}", address(sample)),
        method => format!("curl -X {method} {}", address(sample)),
    }];
    if sample.has_token {
        parts.push("-H \"Authorization: Bearer $TOKEN\"".into());
    }
    if sample.has_key {
        parts.push("-H \"Idempotency-Key: $KEY\"".into());
    }
    let mut rest = String::new();
    let typed = |kind: &str| format!("-H 'Content-Type: {kind}'");
    match &sample.content {
        Content::Nothing => {}
        Content::Json(body) => {
            parts.push(typed("application/json"));
            let text = serde_json::to_string_pretty(body).unwrap_or_default();
            if has_placeholder(body) {
                parts.push("-d @- <<JSON".into());
                rest = format!("\n{}\nJSON", here(&text));
            } else {
                parts.push(format!("-d {}", quoted(&text)));
            }
        }
        Content::Form(fields) => {
            parts.extend(fields.iter().map(|(name, value)| format!("{} {}", flag(value), pair(name, value))));
        }
        Content::Upload(fields, file) => {
            parts.extend(fields.iter().map(|(name, value)| format!("-F {}", pair(name, value))));
            parts.push(format!("-F file=@{file}"));
        }
        Content::Text(kind, text) => {
            parts.push(typed(kind));
            parts.push("--data-binary @- <<ROWS".into());
            rest = format!("\n{}\nROWS", here(text.trim_end()));
        }
    }
    parts.join(" \\\n  ") + &rest
}

fn address(sample: &Sample) -> String {
    let query: Vec<String> = sample.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    match query.is_empty() {
        true => format!("\"$API{}\"", sample.path),
        false => format!("\"$API{}?{}\"", sample.path, query.join("&")),
    }
}

fn has_placeholder(value: &Value) -> bool {
    let any = |fields: &Map<String, Value>| fields.values().any(has_placeholder);
    match value {
        Value::String(text) => placeholder(text).is_some(),
        Value::Array(items) => items.iter().any(has_placeholder),
        Value::Object(fields) => any(fields),
        _ => false,
    }
}

/// A text between `<<` and its end, where the shell fills in what begins with a dollar.
fn here(text: &str) -> String {
    text.replace('\\', r"\\").replace('`', r"\`")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `name=value` as one word.
fn pair(name: &str, value: &str) -> String {
    let text = format!("{name}={value}");
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '=' | '_' | '-' | '.' | ',' | ':' | '/' | '@');
    match placeholder(value) {
        Some(_) => format!("\"{text}\""),
        None if text.chars().all(is_plain) => text,
        None => quoted(&text),
    }
}

/// What a form cannot hold as it is, curl has to encode.
fn flag(value: &str) -> &'static str {
    let is_safe = |c: char| c.is_ascii() && !c.is_control() && !matches!(c, '&' | '+' | '%' | '=' | '#');
    if value.chars().all(is_safe) { "-d" } else { "--data-urlencode" }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;

    fn told(content: Content) -> String {
        let path = "/charges".into();
        line(&Sample {
            method: Method::POST,
            path,
            query: Vec::new(),
            has_token: true,
            has_key: false,
            content,
        })
    }

    #[test]
    fn the_shell_fills_in_what_only_the_reader_knows() {
        let body = json!({"debt_account_id": "$DEBT_ACCOUNT_ID"});
        assert_eq!(
            told(Content::Json(body)),
            "curl -X POST \"$API/charges\" \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
             -H 'Content-Type: application/json' \\\n  -d @- <<JSON\n\
             {\n  \"debt_account_id\": \"$DEBT_ACCOUNT_ID\"\n}\nJSON"
        );
        assert!(told(Content::Json(json!({"say": "it's"}))).ends_with("-d '{\n  \"say\": \"it'\\''s\"\n}'"));
    }

    #[test]
    fn a_form_is_quoted_where_the_shell_or_the_form_needs_it() {
        let fields = [("amount", "5000"), ("card[holder]", "Ada"), ("id", "$ID"), ("phone", "+1 212")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let told = told(Content::Form(fields));
        let ends: Vec<&str> = told.lines().skip(2).map(|l| l.trim().trim_end_matches(" \\")).collect();
        assert_eq!(
            ends,
            ["-d amount=5000", "-d 'card[holder]=Ada'", "-d \"id=$ID\"", "--data-urlencode 'phone=+1 212'"]
        );
    }
}
