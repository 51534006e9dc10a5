//! JSON as a payment API may accept it: no duplicate keys, no depth bombs, and no number that would be rounded.
//!
//! Must always hold: what the fingerprint sees is what the handler sees. A parser that quietly keeps the last of
//! two `amount` keys, or turns 20 digits into a float, would break that.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The deepest nesting that is read.
pub const DEEPEST: usize = 32;

/// The most values one body may hold: each costs many times its own length in memory.
pub const MOST_VALUES: usize = 50_000;

/// Reads one JSON text. `Err` says in one sentence what is wrong with it, without quoting it.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "The body is not valid UTF-8.".to_owned())?;
    scan(text.as_bytes())?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict.deserialize(&mut reader).map_err(|e| sentence(&e))?;
    reader.end().map_err(|e| sentence(&e))?;
    Ok(value)
}

fn sentence(e: &serde_json::Error) -> String {
    let said = e.to_string();
    // serde_json quotes no input in syntax errors, and ours name nothing but the place.
    format!("The body is not valid JSON: {said}.")
}

/// Before anything is built: depth, and numbers that no exact type of ours can hold.
fn scan(bytes: &[u8]) -> Result<(), String> {
    let (mut depth, mut at, mut values) = (0usize, 0usize, 1usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(format!("The body is nested deeper than {DEEPEST} levels."));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                values += 1;
                if values > MOST_VALUES {
                    return Err(format!("The body holds more than {MOST_VALUES} values."));
                }
            }
            b'-' | b'0'..=b'9' => {
                let from = at;
                while at < bytes.len() && matches!(bytes[at], b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
                {
                    at += 1;
                }
                if !is_exact(&bytes[from..at]) {
                    return Err("The body has a number with more digits than can be kept exactly.".into());
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// Whether a number's text survives as a 64-bit integer, or as a float that agrees with it in 17 digits and in
/// whether it is whole. Text that is no number at all passes: the parser will say so.
fn is_exact(token: &[u8]) -> bool {
    let Ok(token) = std::str::from_utf8(token) else { return true };
    if token.len() > 64 {
        return false;
    }
    if !token.contains(['.', 'e', 'E']) {
        return token.parse::<i64>().is_ok()
            || token.parse::<u64>().is_ok()
            || token.trim_start_matches('-').len() < 19;
    }
    let Ok(float) = token.parse::<f64>() else { return true };
    let (mantissa, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
    let significant = digits.trim_matches('0').len();
    let Ok(exponent) = exponent.parse::<i64>() else { return false };
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let shift = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    // The number is its digits without trailing zeros, times ten to this.
    let power = exponent.saturating_sub(shift(fraction.len())).saturating_add(shift(zeros));
    let is_whole = significant == 0 || power >= 0;
    float.is_finite()
        && significant <= 17
        && (float != 0.0 || significant == 0)
        && is_whole == (float.fract() == 0.0)
}

/// Builds a `Value`, refusing what `Value`'s own deserializer would let through.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

fn text<E: de::Error>(text: &str) -> Result<&str, E> {
    if text.contains('\0') { Err(E::custom("a string holds a NUL character")) } else { Ok(text) }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, is: bool) -> Result<Value, E> {
        Ok(Value::Bool(is))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Value, E> {
        Ok(n.into())
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Value, E> {
        Ok(n.into())
    }

    fn visit_f64<E: de::Error>(self, n: f64) -> Result<Value, E> {
        Number::from_f64(n).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E: de::Error>(self, s: &str) -> Result<Value, E> {
        Ok(Value::String(text(s)?.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(Strict)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            text::<A::Error>(&key)?;
            let value = from.next_value_seed(Strict)?;
            if fields.insert(key, value).is_some() {
                return Err(de::Error::custom("an object has the same key twice"));
            }
        }
        Ok(Value::Object(fields))
    }
}

/// `value` with every object's keys in order and the fields named by `left_out` gone, as bytes that are the same
/// for the same request. A `*` in a path stands for every element of a list.
pub fn canonical(value: &Value, left_out: &[Vec<String>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write_canonical(value, &left_out.iter().map(Vec::as_slice).collect::<Vec<_>>(), &mut out);
    out
}

fn write_canonical(value: &Value, left_out: &[&[String]], out: &mut Vec<u8>) {
    let below = |step: &str| -> Vec<&[String]> {
        left_out
            .iter()
            .filter(|p| p.first().is_some_and(|s| s == step || s == "*"))
            .map(|p| &p[1..])
            .collect()
    };
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            out.push(b'{');
            for key in keys {
                let inner = below(key);
                if inner.iter().any(|p| p.is_empty()) {
                    continue;
                }
                out.extend(Value::from(key.as_str()).to_string().bytes());
                out.push(b':');
                write_canonical(&fields[key], &inner, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                write_canonical(item, &below(&index.to_string()), out);
                out.push(b',');
            }
            out.push(b']');
        }
        plain => out.extend(plain.to_string().bytes()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_plain_json_is_refused() {
        let nines = "9".repeat(1_000_000);
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let cases: [(&[u8], &str); 14] = [
            (b"", "EOF"),
            (b"{", "EOF"),
            (b"{} x", "trailing"),
            (br#"{"a":1,"a":2}"#, "twice"),
            (br#"{"a":1,"\u0061":2}"#, "twice"),
            (b"{\"a\":\"\xff\"}", "UTF-8"),
            (br#"{"a":"\u0000"}"#, "NUL"),
            (br#"{"\u0000":1}"#, "NUL"),
            (b"NaN", "expected"),
            (b"1e400", "exactly"),
            (b"123456789012345678901234", "exactly"),
            (b"100000000000000.0000001", "exactly"),
            (nines.as_bytes(), "exactly"),
            (deep.as_bytes(), "deeper"),
        ];
        for (bytes, says) in cases {
            let said = parse(bytes).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
        let edge = format!("{}1{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert!(parse(edge.as_bytes()).is_ok());
        assert!(parse(format!("[{edge}]").as_bytes()).is_err());
    }

    #[test]
    fn numbers_stay_what_they_are() {
        for text in [
            "0",
            "-0",
            "15000",
            "18446744073709551615",
            "-9223372036854775808",
            "15000.0",
            "1.5",
            "0.1",
            "0.30000000000000004",
            "-2.5e-3",
            "1e5",
            "150e-1",
            "1500e-2",
            "0.0",
            "0e9",
            "0.00",
        ] {
            assert_eq!(
                parse(text.as_bytes()).unwrap(),
                serde_json::from_str::<Value>(text).unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn the_same_request_has_the_same_bytes_without_its_secrets() {
        let out =
            vec![vec!["card".to_owned(), "cvv".to_owned()], vec!["list".into(), "*".into(), "cvv".into()]];
        let a = json!({"b": 1, "card": {"cvv": "123", "n": "4"}, "list": [{"cvv": 1, "x": 2}]});
        let b = json!({"list": [{"x": 2, "cvv": 9}], "card": {"n": "4"}, "b": 1});
        assert_eq!(canonical(&a, &out), canonical(&b, &out));
        assert_ne!(canonical(&a, &out), canonical(&json!({"b": 2}), &out));
        assert_ne!(canonical(&json!([1, 23]), &[]), canonical(&json!([12, 3]), &[]));
    }
}
