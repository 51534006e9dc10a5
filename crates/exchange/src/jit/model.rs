//! What an endpoint is, and how its answer becomes a record.

use base::secret::Secret;
use base::{Ref, Ts};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::upsert::{Faults, Piece, Record};

base::ids! {
    /// An endpoint that is asked just in time.
    EndpointId "jit"
}

/// The shortest secret that is taken, in characters.
pub const SHORTEST_SECRET: usize = 16;

/// After how many failures in a row an endpoint is left alone.
pub const FAILURES: i64 = 5;

/// For how long, in seconds; then it is asked once to see.
pub const PAUSE_SECONDS: i64 = 30;

/// About how many accounts an endpoint is asked at once: one that hangs must not take the room of everybody's requests.
pub const AT_ONCE: i64 = 32;

/// How many children may come with an account.
const MOST_CHILDREN: usize = 500;

/// An organization's endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Where it is.
    pub url: String,
    /// What is sent with each call, so that their side knows it is us.
    pub secret: Option<Secret<String>>,
    /// How often in a row there was no answer that is one.
    pub failures: i64,
    /// Until when it is left alone.
    pub open_until: Option<Ts>,
    /// When it was registered.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

impl Endpoint {
    /// Whether it is at this address, is sent this secret, and has not failed lately: registering it again changes nothing.
    pub(super) fn is(&self, url: &str, secret: Option<&Secret<String>>) -> bool {
        self.url == url
            && self.secret.as_ref().map(Secret::reveal) == secret.map(Secret::reveal)
            && (self.failures, self.open_until) == (0, None)
    }

    /// The object that the API answers with: never the secret.
    pub fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "url": self.url,
            "has_secret": self.secret.is_some(),
            "failures": self.failures,
            "paused_until": self.open_until.map(|at| at.to_string()),
            "created_at": self.created_at.to_string(),
            "updated_at": self.updated_at.to_string(),
        })
    }
}

/// The account that is asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Their id of it, which is sent.
    pub theirs: String,
    /// Ours, where we know it.
    pub ours: Option<Uuid>,
}

impl Asked {
    /// The account that `which` names: ours, with its id and theirs, or one that only they know.
    pub fn of(which: &Ref, known: Option<(Uuid, Option<String>)>) -> Asked {
        match known {
            Some((ours, theirs)) => {
                Asked { theirs: theirs.unwrap_or_else(|| ours.to_string()), ours: Some(ours) }
            }
            None => Asked { theirs: which.theirs().to_owned(), ours: None },
        }
    }

    /// Whether a text names it.
    fn is(&self, text: &str) -> bool {
        let text = text.trim();
        text == self.theirs || self.ours.is_some_and(|ours| Uuid::try_parse(text) == Ok(ours))
    }
}

fn words(path: &str) -> String {
    path.replace('_', " ")
}

/// The record that an answer is, and what about its shape is wrong.
pub(super) fn record(body: Value, asked: &Asked) -> (Record, Faults) {
    let mut faults = Faults::new();
    let mut say =
        |path: &str, what: &str| faults.push((path.to_owned(), vec![what.replace('*', &words(path))]));
    let data = match body {
        Value::Object(mut all) => all.shift_remove("data").unwrap_or_default(),
        _ => Value::Null,
    };
    let mut data = match data {
        Value::Object(data) => data,
        Value::Null => {
            say("data", "The * field is required.");
            return (Record::default(), faults);
        }
        _ => {
            say("data", "The * field must be an object.");
            return (Record::default(), faults);
        }
    };
    let mut take = |name: &str| data.shift_remove(name).filter(|value| !value.is_null());
    let piece = |name: &str, raw: Value| Piece::new(format!("data.{name}"), raw);
    let location = take("location").map(|raw| piece("location", raw));
    let customer = take("customer").map(|raw| piece("customer", raw));
    let children = match take("child_debt_accounts") {
        None => Vec::new(),
        Some(Value::Array(all)) if all.len() <= MOST_CHILDREN => all,
        Some(Value::Array(_)) => {
            say(
                "data.child_debt_accounts",
                &format!("The * field must not have more than {MOST_CHILDREN} items."),
            );
            Vec::new()
        }
        Some(_) => {
            say("data.child_debt_accounts", "The * field must be an array.");
            Vec::new()
        }
    };
    let account = match take("debt_account") {
        None => {
            say("data.debt_account", "The * field is required.");
            None
        }
        Some(raw) => {
            if let Value::Object(fields) = &raw {
                is_the_one(fields, asked, &mut say);
            }
            Some(piece("debt_account", raw))
        }
    };
    let children: Vec<Piece> = children
        .into_iter()
        .enumerate()
        .map(|(n, raw)| {
            let at = format!("data.child_debt_accounts.{n}");
            let parent = raw.get("parent_external_id").and_then(Value::as_str);
            if parent.is_some_and(|parent| !parent.trim().is_empty() && !asked.is(parent)) {
                say(&format!("{at}.parent_external_id"), "The selected * is invalid.");
            }
            Piece::new(at, raw)
        })
        .collect();
    let nested = !children.is_empty();
    let account = account.into_iter().collect();
    let (parents, accounts) = if nested { (account, children) } else { (Vec::new(), account) };
    (Record { location, customer, parents, accounts, nested }, faults)
}

/// Says where an account is not the one that was asked for.
fn is_the_one(fields: &Map<String, Value>, asked: &Asked, say: &mut impl FnMut(&str, &str)) {
    let mut named = false;
    for name in ["id", "uuid", "external_id"] {
        let text = fields.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let Some(text) = text else { continue };
        named = true;
        if !asked.is(text) {
            say(&format!("data.debt_account.{name}"), "The selected * is invalid.");
        }
    }
    let is_text = fields.get("external_id").is_none_or(|id| id.is_null() || id.is_string());
    if !named && is_text {
        say("data.debt_account.external_id", "The * field is required.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked { theirs: "D-1".into(), ours: None }
    }

    fn faults(body: Value) -> Vec<String> {
        record(body, &asked()).1.into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn an_answer_is_about_the_account_that_was_asked_for() {
        assert_eq!(faults(json!({ "data": { "debt_account": { "external_id": "D-1" } } })), [""; 0]);
        for (body, wrong) in [
            (json!([]), vec!["data"]),
            (json!({}), vec!["data"]),
            (json!({ "data": [] }), vec!["data"]),
            (json!({ "data": {} }), vec!["data.debt_account"]),
            (json!({ "data": { "debt_account": {} } }), vec!["data.debt_account.external_id"]),
            (
                json!({ "data": { "debt_account": { "external_id": "D-2" } } }),
                vec!["data.debt_account.external_id"],
            ),
            (
                json!({ "data": { "debt_account": { "external_id": "D-2" }, "child_debt_accounts": [
                    { "parent_external_id": "D-1" }, { "parent_external_id": "D-3" }, {} ] } }),
                vec!["data.debt_account.external_id", "data.child_debt_accounts.1.parent_external_id"],
            ),
            (
                json!({ "data": { "child_debt_accounts": {} } }),
                vec!["data.child_debt_accounts", "data.debt_account"],
            ),
        ] {
            assert_eq!(faults(body.clone()), wrong, "{body}");
        }
    }

    #[test]
    fn children_stand_under_the_account() {
        let body = json!({ "data": { "debt_account": { "external_id": "D-1" }, "child_debt_accounts": [{ "balance": 5 }] } });
        let (record, _) = record(body, &asked());
        assert!(record.nested);
        assert_eq!((record.parents.len(), record.accounts.len()), (1, 1));
        assert_eq!(record.accounts[0].at, "data.child_debt_accounts.0");
    }
}
