//! A filter as the pairs of a query.

use serde::Serialize;
use serde_json::Value;

/// The pairs of a filter; what is nested gets brackets.
pub(crate) fn pairs(filter: &impl Serialize) -> Vec<(String, String)> {
    let mut all = Vec::new();
    // A filter has nothing in it that JSON cannot say.
    if let Ok(Value::Object(fields)) = serde_json::to_value(filter) {
        fields.iter().for_each(|(name, value)| add(name, value, &mut all));
    }
    all
}

fn add(name: &str, value: &Value, all: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            fields.iter().for_each(|(inner, value)| add(&format!("{name}[{inner}]"), value, all));
        }
        Value::Array(items) => items.iter().for_each(|item| add(&format!("{name}[]"), item, all)),
        Value::String(text) => all.push((name.into(), text.clone())),
        Value::Bool(_) | Value::Number(_) => all.push((name.into(), value.to_string())),
    }
}

/// One step of a path, with whatever might end it encoded.
pub(crate) fn step(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            // A dot too: a step of dots alone leads elsewhere.
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_says_in_a_query_what_it_says_in_json() {
        let filter = json!({"limit": 5, "status": ["open", "closed"], "within": {"from": "a"}, "page": null});
        let told: Vec<String> =
            pairs(&filter).iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(told, ["limit=5", "status[]=open", "status[]=closed", "within[from]=a"]);
    }

    #[test]
    fn an_id_never_leaves_its_place_in_the_path() {
        assert_eq!(step("HPR-1006"), "HPR-1006");
        assert_eq!(step("a/b?c#d"), "a%2Fb%3Fc%23d");
        assert_eq!(step(".."), "%2E%2E");
    }
}
