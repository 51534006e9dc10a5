//! A list of objects taken from a JSON text while it arrives.
//!
//! The list is the text itself, or stands under a name in an object. Everything but the list's elements is kept and
//! read at the end, as strictly as any other body; each element is read as soon as it is whole.

use base::{Code, Failure, Result};
use serde_json::Value;

use super::model::Item;
use super::split::{Parse, RECORD_BYTES, too_large};

/// The most bytes of the text around the list.
const AROUND_BYTES: usize = 64 << 10;

/// Takes a JSON text apart.
pub(super) struct Json {
    /// The names the list may stand under; none: the text is the list.
    names: &'static [&'static str],
    parse: Parse,
    state: State,
    /// The text without the elements.
    around: Vec<u8>,
    /// The element that is arriving.
    element: Vec<u8>,
    key: Vec<u8>,
    depth: usize,
    in_string: bool,
    escaped: bool,
    expects_key: bool,
    found: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Around,
    /// In the list: before an element; whether there may be none.
    Before {
        may_end: bool,
    },
    Element,
    After,
}

impl Json {
    pub(super) fn new(names: &'static [&'static str], parse: Parse) -> Json {
        Json {
            names,
            parse,
            state: State::Around,
            around: Vec::new(),
            element: Vec::new(),
            key: Vec::new(),
            depth: 0,
            in_string: false,
            escaped: false,
            expects_key: false,
            found: false,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match self.state {
                State::Around => {
                    self.around(byte)?;
                    at += 1;
                }
                State::Before { may_end } => {
                    match byte {
                        b' ' | b'\t' | b'\n' | b'\r' => {}
                        b']' if may_end => self.end_list(),
                        b',' | b']' => return Err(malformed("The body is not valid JSON.")),
                        _ => {
                            self.state = State::Element;
                            self.depth = 0;
                            continue;
                        }
                    }
                    at += 1;
                }
                State::Element => {
                    let length = self.element_length(&bytes[at..]);
                    let (whole, length) = length.map_or((false, bytes.len() - at), |length| (true, length));
                    if self.element.len() + length > RECORD_BYTES {
                        return Err(too_large());
                    }
                    self.element.extend_from_slice(&bytes[at..at + length]);
                    at += length;
                    if whole {
                        let fields = (self.parse)(&self.element).map_err(malformed)?;
                        self.element.clear();
                        self.state = State::After;
                        take(Item { line: None, fields: Ok(fields) })?;
                    }
                }
                State::After => {
                    match byte {
                        b' ' | b'\t' | b'\n' | b'\r' => {}
                        b',' => self.state = State::Before { may_end: false },
                        b']' => self.end_list(),
                        _ => return Err(malformed("The body is not valid JSON.")),
                    }
                    at += 1;
                }
            }
        }
        Ok(())
    }

    /// How many of these bytes belong to the element; `None` where it goes on behind them.
    fn element_length(&mut self, bytes: &[u8]) -> Option<usize> {
        for (n, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => {
                    self.depth = 0;
                    return Some(n + 1);
                }
                // A bare value ends before what follows it.
                b',' | b']' | b'}' if self.depth == 0 => return Some(n),
                _ => {}
            }
        }
        None
    }

    fn around(&mut self, byte: u8) -> Result<()> {
        if self.around.len() >= AROUND_BYTES {
            return Err(Failure::refused(
                Code::BodyTooLarge,
                format!("What stands around the list must not be larger than {AROUND_BYTES} bytes."),
            ));
        }
        self.around.push(byte);
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    self.expects_key = false;
                    return Ok(());
                }
                _ => {}
            }
            if self.expects_key && self.depth == 1 {
                self.key.push(byte);
            }
            return Ok(());
        }
        match byte {
            b'"' => {
                self.in_string = true;
                if self.expects_key {
                    self.key.clear();
                }
            }
            b'[' if self.is_the_list() => {
                (self.state, self.found) = (State::Before { may_end: true }, true);
                self.depth += 1;
            }
            b'{' => {
                self.depth += 1;
                self.expects_key = self.depth == 1;
            }
            b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b',' => self.expects_key = self.depth == 1,
            _ => {}
        }
        Ok(())
    }

    fn is_the_list(&self) -> bool {
        match self.names {
            [] => self.depth == 0 && !self.found,
            names => {
                self.depth == 1
                    && !self.expects_key
                    && self.around.first() != Some(&b'[')
                    && names.iter().any(|name| name.as_bytes() == self.key)
            }
        }
    }

    fn end_list(&mut self) {
        self.around.push(b']');
        self.state = State::Around;
        self.depth = if self.names.is_empty() { 0 } else { 1 };
    }

    /// What stood around the list; whether there was one.
    pub(super) fn end(self) -> Result<(Value, bool)> {
        if self.state != State::Around {
            return Err(malformed("The body broke off within the list."));
        }
        if self.around.iter().all(u8::is_ascii_whitespace) {
            return Ok((Value::Null, false));
        }
        let around = (self.parse)(&self.around).map_err(malformed)?;
        let is_right = if self.names.is_empty() { around.is_array() } else { around.is_object() };
        if !is_right {
            let what = if self.names.is_empty() { "a list" } else { "an object" };
            return Err(malformed(format!("The body must be {what}.")));
        }
        Ok((around, self.found))
    }
}

fn malformed(say: impl Into<String>) -> Failure {
    Failure::refused(Code::MalformedBody, say)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(bytes: &[u8]) -> Result<Value, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    fn read(names: &'static [&'static str], text: &str, step: usize) -> Result<(Vec<Value>, Value), Failure> {
        let (mut json, mut all) = (Json::new(names, parse), Vec::new());
        for part in text.as_bytes().chunks(step) {
            json.push(part, &mut |item| {
                all.push(item.fields.unwrap());
                Ok(())
            })?;
        }
        Ok((all, json.end()?.0))
    }

    const ACCOUNTS: &[&str] = &["debt_accounts", "debt-accounts"];

    #[test]
    fn the_list_is_found_however_the_text_is_cut() {
        let text = r#" {"force": true, "x": {"debt_accounts": [9], "s": "]}"}, "debt_accounts" : [ {"a":"]\"}{"} ,{"b":[{"c":1}]}, 7 ,"t,]" ] , "total_rows": 4} "#;
        for step in [1, 2, 3, 7, 1_000] {
            let (all, around) = read(ACCOUNTS, text, step).unwrap();
            assert_eq!(all, [json!({ "a": "]\"}{" }), json!({ "b": [{ "c": 1 }] }), json!(7), json!("t,]")]);
            assert_eq!(around["force"], json!(true));
            assert_eq!(around["total_rows"], json!(4));
            assert_eq!(around["x"]["debt_accounts"], json!([9]));
        }
        let (all, _) = read(&[], r#"[{"customer":{"name":"A"}}, {}]"#, 2).unwrap();
        assert_eq!(all, [json!({ "customer": { "name": "A" } }), json!({})]);
    }

    #[test]
    fn what_is_no_json_is_refused_wherever_it_is_wrong() {
        for text in [
            r#"{"debt_accounts":[{"a":1}"#,
            r#"{"debt_accounts":[{"a":1}{"b":2}]}"#,
            r#"{"debt_accounts":[,]}"#,
            r#"{"debt_accounts":[{"a":1},]}"#,
            r#"{"debt_accounts":[{"a":}]}"#,
            r#"{"debt_accounts":[]}}"#,
            r#"[]"#,
            "7",
            r#"{"a" 1}"#,
            r#"{"debt_accounts":[]"#,
        ] {
            assert!(read(ACCOUNTS, text, 3).is_err(), "{text}");
        }
        for text in ["{}", "[1", "[] []", "[}", "[{]"] {
            assert!(read(&[], text, 1).is_err(), "{text}");
        }
    }
}
