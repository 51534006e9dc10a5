//! One name in three fields: the whole, and its two parts.
//!
//! The whole and the parts always agree. A division that somebody sent is never divided anew as long as the
//! whole stays what it was.

use base::Change;
use base::us::{fold_name, split_name};

/// A name and its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) whole: String,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

/// What is wrong: the field and the sentence about it.
pub(super) type Fault = (&'static str, String);

fn required(field: &'static str) -> Fault {
    (field, format!("The {} field is required.", field.replace('_', " ")))
}

fn mismatch() -> Fault {
    ("name", "The name field must match first name and last name.".into())
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn joined(first: Option<&str>, last: &str) -> String {
    first.map_or_else(|| last.to_owned(), |first| format!("{first} {last}"))
}

/// Whether two spellings name the same: equal but for case, accents, spaces and punctuation.
fn same(a: &str, b: &str) -> bool {
    let (x, y) = (fold_name(a), fold_name(b));
    if x.is_empty() || y.is_empty() { words(a) == words(b) } else { x == y }
}

/// The parts of `whole`, given those that were said.
fn parts(
    whole: &str,
    first: Option<String>,
    last: Option<String>,
) -> Result<(Option<String>, String), Fault> {
    let all = words(whole);
    match (first, last) {
        (None, None) => Ok(split_name(whole)),
        (Some(first), Some(last)) if same(whole, &joined(Some(&first), &last)) => Ok((Some(first), last)),
        (Some(first), None) => match all.split_at_checked(words(&first).len()) {
            Some((front, rest)) if !rest.is_empty() && same(&front.join(" "), &first) => {
                Ok((Some(first), rest.join(" ")))
            }
            _ => Err(mismatch()),
        },
        (None, Some(last)) => {
            let at = all.len().checked_sub(words(&last).len()).ok_or_else(mismatch)?;
            let (rest, back) = all.split_at(at);
            if !same(&back.join(" "), &last) {
                return Err(mismatch());
            }
            Ok(((!rest.is_empty()).then(|| rest.join(" ")), last))
        }
        (Some(_), Some(_)) => Err(mismatch()),
    }
}

fn said(change: &Change<String>) -> Option<String> {
    change.as_set().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The name of a new customer: the whole, or both parts.
pub(super) fn new(
    name: &Change<String>,
    first: &Change<String>,
    last: &Change<String>,
) -> Result<Name, Vec<Fault>> {
    let (first, last) = (said(first), said(last));
    let whole = match (said(name), &first, &last) {
        (Some(whole), _, _) => whole,
        (None, Some(first), Some(last)) => joined(Some(first), last),
        (None, Some(_), None) => return Err(vec![required("last_name")]),
        (None, None, Some(_)) => return Err(vec![required("first_name")]),
        (None, None, None) => return Err(vec![required("name")]),
    };
    let (first, last) = parts(&whole, first, last).map_err(|fault| vec![fault])?;
    Ok(Name { whole, first, last: Some(last) })
}

/// The name after an update. What repeats the stored value counts as not sent.
pub(super) fn updated(
    now: Name,
    name: &Change<String>,
    first: &Change<String>,
    last: &Change<String>,
) -> Result<Name, Vec<Fault>> {
    let blank = |change: &Change<String>| matches!(change, Change::Clear) || said(change).is_none();
    let changed = |change: &Change<String>, stored: Option<&str>| {
        !change.is_keep() && said(change).as_deref() != stored
    };
    let whole_changed = changed(name, Some(&now.whole));
    let first_changed = changed(first, now.first.as_deref());
    let last_changed = changed(last, now.last.as_deref());
    if !whole_changed && !first_changed && !last_changed {
        return Ok(now);
    }
    if whole_changed && !blank(name) {
        let whole = said(name).unwrap_or_default();
        let part = |is_changed: bool, change| if is_changed { said(change) } else { None };
        let (first, last) = parts(&whole, part(first_changed, first), part(last_changed, last))
            .map_err(|fault| vec![fault])?;
        return Ok(Name { whole, first, last: Some(last) });
    }
    if whole_changed && !(first_changed && last_changed) {
        return Err(vec![required("name")]);
    }
    let mut faults = Vec::new();
    for (field, is_changed, change) in
        [("first_name", first_changed, first), ("last_name", last_changed, last)]
    {
        if is_changed && blank(change) {
            faults.push(required(field));
        }
    }
    let first = if first_changed { said(first) } else { now.first };
    match if last_changed { said(last) } else { now.last } {
        _ if !faults.is_empty() => Err(faults),
        Some(last) => Ok(Name { whole: joined(first.as_deref(), &last), first, last: Some(last) }),
        None => Err(vec![required("last_name")]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Change<String> {
        Change::Set(text.into())
    }

    fn shown(name: Result<Name, Vec<Fault>>) -> String {
        match name {
            Ok(n) => format!("{}|{}|{}", n.whole, n.first.unwrap_or_default(), n.last.unwrap_or_default()),
            Err(faults) => faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>().join(","),
        }
    }

    fn made(name: &str, first: &str, last: &str) -> String {
        let change = |text: &str| if text.is_empty() { Change::Keep } else { set(text) };
        shown(new(&change(name), &change(first), &change(last)))
    }

    #[test]
    fn a_new_name_is_whole_or_in_two_parts_and_the_missing_one_is_named() {
        assert_eq!(made("Ana De La Cruz", "", ""), "Ana De La Cruz|Ana De La|Cruz");
        assert_eq!(made("Acme", "", ""), "Acme||Acme");
        assert_eq!(made("", "Ana", "De La Cruz"), "Ana De La Cruz|Ana|De La Cruz");
        assert_eq!(made("Ana De La Cruz", "Ana", ""), "Ana De La Cruz|Ana|De La Cruz");
        assert_eq!(made("Ana De La Cruz", "", "De La Cruz"), "Ana De La Cruz|Ana|De La Cruz");
        assert_eq!(made("ANA DÍAZ", "Ana", "Diaz"), "ANA DÍAZ|Ana|Diaz");
        assert_eq!(made("ANA  DÍAZ ROE", "Ana", ""), "ANA  DÍAZ ROE|Ana|DÍAZ ROE");
        assert_eq!(made("Ana Roe", "", "Ana Roe"), "Ana Roe||Ana Roe");
        assert_eq!(made("Ana Roe", "Ana Roe", ""), "name");
        assert_eq!(made("", "", ""), "name");
        assert_eq!(made("", "Ana", ""), "last_name");
        assert_eq!(made("", "", "Cruz"), "first_name");
        assert_eq!(made("Ana Cruz", "Bea", "Cruz"), "name");
        assert_eq!(made("Ana Cruz", "Bea", ""), "name");
    }

    #[test]
    fn a_division_that_was_sent_stays_while_the_whole_does() {
        let now = || new(&Change::Keep, &set("Ana"), &set("De La Cruz")).unwrap();
        let put = |name, first, last| shown(updated(now(), &name, &first, &last));
        let keep = || Change::Keep;
        assert_eq!(put(set("Ana De La Cruz"), keep(), keep()), "Ana De La Cruz|Ana|De La Cruz");
        assert_eq!(put(keep(), set("Bea"), keep()), "Bea De La Cruz|Bea|De La Cruz");
        assert_eq!(put(keep(), keep(), set("Roe")), "Ana Roe|Ana|Roe");
        assert_eq!(put(set("Bea Roe"), keep(), keep()), "Bea Roe|Bea|Roe");
        // A reply sent back with one of the names changed.
        assert_eq!(put(set("Bea Roe"), set("Ana"), set("De La Cruz")), "Bea Roe|Bea|Roe");
        assert_eq!(
            put(set("Ana De La Cruz"), set("Bea"), set("De La Cruz")),
            "Bea De La Cruz|Bea|De La Cruz"
        );
        assert_eq!(put(set("Bea Roe"), set("Bea"), set("Roe")), "Bea Roe|Bea|Roe");
        assert_eq!(put(set("Bea Roe"), set("Cid"), keep()), "name");
        assert_eq!(put(Change::Clear, keep(), keep()), "name");
        assert_eq!(put(keep(), Change::Clear, keep()), "first_name");
        assert_eq!(put(keep(), Change::Clear, Change::Clear), "first_name,last_name");
        assert_eq!(put(Change::Clear, set("Bea"), set("Roe")), "Bea Roe|Bea|Roe");
    }

    #[test]
    fn one_word_has_no_first_name_until_one_is_sent() {
        let now = || new(&set("Acme"), &Change::Keep, &Change::Keep).unwrap();
        let put = |first, last| shown(updated(now(), &Change::Keep, &first, &last));
        assert_eq!(put(Change::Clear, Change::Keep), "Acme||Acme");
        assert_eq!(put(Change::Keep, set("Apex")), "Apex||Apex");
        assert_eq!(put(set("Bob"), Change::Keep), "Bob Acme|Bob|Acme");
    }
}
