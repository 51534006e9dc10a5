//! Form fields with Laravel's brackets as a tree: `card[number]=…`, `events[]=…`, `locations[0][name]=…`.
//!
//! Must always hold: two requests that a person would call different never give the same tree. Hence a field given
//! twice, `a=1&a[b]=2`, and a bracket that does not close are refused. serde_qs keeps the rest of a too deep key as
//! a literal name and makes a list of a field given twice, neither of which it can be told to refuse.

use serde_json::{Map, Value};

/// The deepest nesting of brackets that is read.
const DEEPEST: usize = 8;

/// Why form fields make no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bad {
    /// The same field was given twice: its name.
    Twice(String),
    /// A name or value that cannot be read: what is wrong, as a sentence.
    Unreadable(&'static str),
}

/// Reads `a=1&b[c]=2`. Everything in the tree is a string; `a[0]` and `a[2]` make an object with those keys, which
/// the rules for lists accept, and `a[]` makes an array.
pub fn parse(text: &[u8]) -> Result<Value, Bad> {
    if text.iter().filter(|b| **b == b'&').count() >= crate::json::MOST_VALUES {
        return Err(Bad::Unreadable("The form holds too many fields."));
    }
    let mut tree = Map::new();
    for pair in text.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &b""[..]),
        };
        insert(&mut tree, &decode(name)?, decode(value)?)?;
    }
    Ok(Value::Object(tree))
}

fn decode(raw: &[u8]) -> Result<String, Bad> {
    let spaced: Vec<u8> = raw.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    let text = percent_encoding::percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| Bad::Unreadable("The form is not valid UTF-8."))?;
    if text.contains('\0') {
        return Err(Bad::Unreadable("The form holds a NUL character."));
    }
    Ok(text.into_owned())
}

/// Puts one field where its name says.
pub fn insert(tree: &mut Map<String, Value>, name: &str, value: String) -> Result<(), Bad> {
    let (first, steps) = steps(name)?;
    let twice = || Bad::Twice(name.to_owned());
    if steps.is_empty() {
        return match tree.insert(first.to_owned(), Value::String(value)) {
            None => Ok(()),
            Some(_) => Err(twice()),
        };
    }
    let empty =
        |step: &str| if step.is_empty() { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    let mut node = tree.entry(first).or_insert_with(|| empty(steps[0]));
    for (depth, step) in steps.iter().enumerate() {
        let leaf = match steps.get(depth + 1) {
            None => Value::String(value.clone()),
            Some(next) => empty(next),
        };
        let is_last = depth + 1 == steps.len();
        node = match node {
            Value::Array(items) if step.is_empty() => {
                items.push(leaf);
                items.last_mut().ok_or_else(twice)?
            }
            Value::Object(fields) if !step.is_empty() => {
                if is_last && fields.contains_key(*step) {
                    return Err(twice());
                }
                fields.entry(*step).or_insert(leaf)
            }
            _ => return Err(twice()),
        };
    }
    Ok(())
}

/// `a[b][]` is `a`, then `b`, then "the next of a list" (an empty step).
fn steps(name: &str) -> Result<(&str, Vec<&str>), Bad> {
    const SHAPE: Bad = Bad::Unreadable("A field name has brackets that do not match.");
    let Some(open) = name.find('[') else {
        return if name.contains(']') { Err(SHAPE) } else { Ok((name, Vec::new())) };
    };
    let (first, mut rest) = name.split_at(open);
    let mut steps = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        let close = inner.find(']').ok_or(SHAPE)?;
        steps.push(&inner[..close]);
        rest = &inner[close + 1..];
    }
    let clean = |s: &str| !s.contains(['[', ']']);
    match rest.is_empty() && clean(first) && steps.iter().all(|s| clean(s)) {
        true if steps.len() > DEEPEST => Err(Bad::Unreadable("A field name has too many brackets.")),
        true => Ok((first, steps)),
        false => Err(SHAPE),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_make_the_tree_they_say() {
        for (form, tree) in [
            ("", json!({})),
            ("a=1&b=two+words&c", json!({"a": "1", "b": "two words", "c": ""})),
            ("card[card_number]=4242&card%5Bcvv%5D=1", json!({"card": {"card_number": "4242", "cvv": "1"}})),
            ("events[]=a&events[]=b", json!({"events": ["a", "b"]})),
            (
                "locations[0][name]=A&locations[0][type]=x&locations[1][name]=B",
                json!({"locations": {"0": {"name": "A", "type": "x"}, "1": {"name": "B"}}}),
            ),
            ("metadata[2]=", json!({"metadata": {"2": ""}})),
            ("name=%F0%9F%98%80", json!({"name": "😀"})),
            ("a[b][]=1&a[b][]=2", json!({"a": {"b": ["1", "2"]}})),
        ] {
            assert_eq!(parse(form.as_bytes()), Ok(tree), "{form}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for form in [
            "a=1&a=2",
            "a[b]=1&a[b]=2",
            "a=1&a[b]=2",
            "a[b]=1&a=2",
            "a[]=1&a[b]=2",
            "a[b]=1&a[]=2",
            "a[b=1",
            "a]b=1",
            "a[b]c=1",
            "a[[b]]=1",
            "a[1][2][3][4][5][6][7][8][9]=1",
            "a=%ff",
            "a=%00",
            "a%00=1",
        ] {
            assert!(parse(form.as_bytes()).is_err(), "{form}");
        }
    }
}
