//! As much of JSON Schema as our own documentation uses.

use base::Ts;
use base::ids::Uuid;
use serde_json::{Map, Value};

/// Whether `value` is what `schema` says; where not, what is wrong, by path.
pub(crate) fn validate(value: &Value, schema: &Value) -> Result<(), String> {
    check("$", value, schema)
}

fn check(at: &str, value: &Value, schema: &Value) -> Result<(), String> {
    let Some(rules) = schema.as_object() else { return Ok(()) };
    for (rule, says) in rules {
        match rule.as_str() {
            "type" => is_type(at, value, says)?,
            "enum" => {
                let known = says.as_array().ok_or_else(|| format!("{at}: an enum that is no list"))?;
                if !known.contains(value) {
                    return Err(format!("{at}: {value} is none of {says}"));
                }
            }
            "const" if value != says => return Err(format!("{at}: {value} is not {says}")),
            "required" => {
                for name in says.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.as_object().is_some_and(|object| !object.contains_key(name)) {
                        return Err(format!("{at}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                properties(at, value, says.as_object())?;
                if !rules.contains_key("additionalProperties") {
                    nothing_else(at, value, says)?;
                }
            }
            "additionalProperties" if says.is_object() => {
                let known = rules.get("properties").and_then(Value::as_object);
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if known.is_none_or(|known| !known.contains_key(name)) {
                        check(&format!("{at}.{name}"), inner, says)?;
                    }
                }
            }
            "items" => {
                for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                    check(&format!("{at}[{i}]"), inner, says)?;
                }
            }
            "anyOf" => {
                let mut why = Vec::new();
                let fits = says
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|option| check(at, value, option).map_err(|wrong| why.push(wrong)).is_ok());
                if !fits {
                    return Err(why.join("; or "));
                }
            }
            "format" => has_format(at, value, says.as_str().unwrap_or_default())?,
            "minimum" => {
                if value.as_i64().zip(says.as_i64()).is_some_and(|(is, least)| is < least) {
                    return Err(format!("{at}: {value} is less than {says}"));
                }
            }
            // The one pattern that decides between options: nothing but blanks.
            "pattern"
                if says == edge::rules::BLANK
                    && value.as_str().is_some_and(|text| !text.trim().is_empty()) =>
            {
                return Err(format!("{at}: {value} is not blank"));
            }
            "pattern"
            | "const"
            | "additionalProperties"
            | "description"
            | "examples"
            | "maxLength"
            | "default"
            | "title"
            | "minLength"
            | "maxItems"
            | "propertyNames" => {}
            other => return Err(format!("{at}: this validator does not know `{other}`")),
        }
    }
    Ok(())
}

fn properties(at: &str, value: &Value, known: Option<&Map<String, Value>>) -> Result<(), String> {
    for (name, schema) in known.into_iter().flatten() {
        if let Some(inner) = value.get(name) {
            check(&format!("{at}.{name}"), inner, schema)?;
        }
    }
    Ok(())
}

/// That an object has no field that nobody said anything of: what is not documented is not to be seen.
fn nothing_else(at: &str, value: &Value, known: &Value) -> Result<(), String> {
    let surplus = value.as_object().into_iter().flatten().find(|(name, _)| known.get(name).is_none());
    surplus.map_or(Ok(()), |(name, _)| Err(format!("{at}: {name} is not documented")))
}

fn is_type(at: &str, value: &Value, says: &Value) -> Result<(), String> {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let fits = match says {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("{at}: {value} is not of type {says}")) }
}

fn has_format(at: &str, value: &Value, format: &str) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let fits = match format {
        "uuid" => Uuid::try_parse(text).is_ok(),
        "date-time" => text.ends_with('Z') && Ts::parse(text).is_some(),
        "date" => base::Day::parse(text).is_some(),
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("{at}: {text:?} is no {format}")) }
}
