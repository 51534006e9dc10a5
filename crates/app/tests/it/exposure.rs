//! What replies show, and what requests may set: no more than is said, for every row of the route table.

use edge::{Access, Endpoint};
use http::Method;
use serde_json::{Map, Value, json};

use crate::support::agency::{Agency, table};
use crate::support::world::{NOBODYS, World};

type Row = Endpoint<api::App>;

/// What is kept inside: whatever a table has that nobody outside has a use for.
const INSIDE: &[&str] = &[
    "tenant_id",
    "organization_id",
    "deleted_at",
    "data_key",
    "fence",
    "pkey",
    "due_at",
    "checks",
    "asked_until",
    "reserved",
    "fingerprint",
    "hash",
    "key_version",
    "digest",
    "person_id",
    "name_index",
    "email_index",
    "phone_index",
    "lookup_version",
    "security_code",
    "card_code",
    "routing",
    "hold_id",
];

/// What stands in others' replies, and the scope that reads it by itself.
const WITHIN: &[(&str, &str)] = &[
    ("customer", "customers:read"),
    ("customers", "customers:read"),
    ("addresses", "customers:read"),
    ("debt_account", "debt_accounts:read"),
    ("debt_accounts", "debt_accounts:read"),
    ("parent", "debt_accounts:read"),
    ("children", "debt_accounts:read"),
    ("payment_plan", "payment_plans:read"),
    ("payment_method", "payment_methods:read"),
    ("payment_methods", "payment_methods:read"),
    ("charge", "charges:read"),
    ("charges", "charges:read"),
    ("transactions", "transactions:read"),
    ("location", "locations:read"),
    ("locations", "locations:read"),
    ("tickets", "tickets:read"),
];

/// What nobody would send but to set what is not theirs to set.
const TEXT: &str = "set by a stranger";
const NUMBER: i64 = 987_654_321;
const DAY: &str = "2001-02-03";

fn data_schema(row: &Row) -> Option<&Value> {
    let (_, schema) = row.responses.iter().find(|(status, _)| matches!(status, 200 | 201))?;
    let data = schema["properties"].get("data")?;
    Some(if data["items"].is_object() { &data["items"] } else { data })
}

/// Every property name in a schema.
fn names<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    match schema {
        Value::Object(all) => {
            for (name, inner) in all {
                if name == "properties" {
                    found.extend(inner.as_object().into_iter().flatten().map(|(name, _)| name.as_str()));
                }
                names(inner, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

/// Fields that a reply shows and no request may set, with values that can be told again.
fn not_theirs(row: &Row) -> Map<String, Value> {
    let may = row.body.schema["properties"].as_object();
    let shown = data_schema(row).and_then(|schema| schema["properties"].as_object());
    let mut all = Map::new();
    for (name, schema) in shown.into_iter().flatten() {
        let value = match (schema["format"].as_str(), &schema["type"]) {
            (Some("uuid"), _) => json!(NOBODYS),
            (Some("date-time"), _) => json!(format!("{DAY}T04:05:06Z")),
            (Some("date"), _) => json!(DAY),
            (_, kind) if kind == "integer" || kind[0] == "integer" => json!(NUMBER),
            (_, kind) if kind == "string" || kind[0] == "string" => json!(TEXT),
            _ => continue,
        };
        all.insert(name.clone(), value);
    }
    for name in INSIDE {
        all.insert((*name).to_owned(), json!(TEXT));
    }
    // Names that only one of the two sources has are in the schema as well, as aliases.
    all.retain(|name, _| may.is_none_or(|may| !may.contains_key(name)));
    all
}

/// The first of what is shown within something that this scope does not read.
fn more_than_may_be_read<'a>(shown: &'a Value, scope: &str, at: &str) -> Option<(String, &'a Value)> {
    match shown {
        Value::Array(all) => all.iter().find_map(|one| more_than_may_be_read(one, scope, at)),
        Value::Object(all) => all.iter().find_map(|(name, inner)| {
            let is_there = inner.as_object().is_some_and(|o| !o.is_empty())
                || inner.as_array().is_some_and(|a| a.first().is_some_and(Value::is_object));
            let needs = WITHIN.iter().find(|(known, _)| known == name).map(|(_, needs)| *needs);
            let at = format!("{at}.{name}");
            match needs {
                Some(needs) if needs != scope && is_there => Some((at, inner)),
                _ => more_than_may_be_read(inner, scope, &at),
            }
        }),
        _ => None,
    }
}

#[test]
fn no_reply_has_a_field_that_is_kept_inside() {
    let mut looked_at = 0;
    for row in table().rows() {
        for (_, schema) in &row.responses {
            let mut found = Vec::new();
            names(schema, &mut found);
            looked_at += found.len();
            let shown: Vec<&&str> = found.iter().filter(|name| INSIDE.contains(*name)).collect();
            assert!(shown.is_empty(), "{} {} shows {shown:?}", row.method, row.path);
        }
    }
    assert!(looked_at > 3_000, "only {looked_at} fields");
}

on_both_engines! {
    async fn a_reply_shows_within_only_what_its_token_reads_by_itself(agency: &Agency) {
        let world = World::make(agency).await;
        let all = WITHIN.iter().map(|(name, _)| *name).filter(|name| *name != "locations").collect::<Vec<_>>().join(",");
        // Their own scopes are for all that they tell: an account to whoever proved to be its debtor, and everything that
        // happened to whoever keeps books of their own.
        let is_whole = |row: &&Row| row.path.ends_with("/lookup") || row.path.starts_with("/events");
        let rows = table().rows().iter().filter(|row| row.method == Method::GET && !is_whole(row));
        let (mut looked_at, mut embedded) = (0, 0);
        for row in rows {
            let Access::Scope(scope) = row.access else { continue };
            let (_, token) = agency.token(scope).await;
            let has_include = row.query.schema["properties"].get("include").is_some();
            let path = if has_include { format!("{}?include={all}", world.path(row)) } else { world.path(row) };
            let answer = agency.ask(Method::GET, &path).token(&token).send().await;
            if answer.status != 200 || !answer.text.starts_with('{') {
                continue; // a file
            }
            looked_at += 1;
            // What has a name of `WITHIN` and is its own.
            let own = match row.path.as_str() {
                path if path.contains("plan") => "charges", // its instalments
                path if path.contains("addresses") => "addresses",
                _ => "",
            };
            let mut told = answer["data"].clone();
            for one in told.as_array_mut().map_or_else(Vec::new, |all| all.iter_mut().collect()) {
                one.as_object_mut().map(|one| one.remove(own));
            }
            told.as_object_mut().map(|one| one.remove(own));
            if let Some((at, what)) = more_than_may_be_read(&told, scope, "data") {
                panic!("{} shows {at} to a token with only {scope}: {what}", row.path);
            }
            if has_include {
                let whole = agency.get(&path).await;
                embedded += usize::from(more_than_may_be_read(&whole["data"], scope, "data").is_some());
            }
        }
        assert!(looked_at > 60, "only {looked_at} replies");
        assert!(embedded > 15, "only {embedded} replies showed more to a token with every scope");
    }

    async fn what_a_request_may_not_set_stays_what_it_is(agency: &Agency) {
        let world = World::make(agency).await;
        let (mut done, mut set) = (0, 0);
        for row in table().rows().iter().filter(|row| matches!(row.method, Method::POST | Method::PUT)) {
            let mut body = world.body(row);
            let more = not_theirs(row);
            set += more.len();
            match &mut body {
                Value::Object(body) => more.iter().for_each(|(name, value)| drop(body.insert(name.clone(), value.clone()))),
                Value::Array(all) => all.iter_mut().for_each(|one| one["tenant_id"] = json!(NOBODYS)),
                _ => {}
            }
            let answer = agency.ask(row.method.clone(), &world.path(row)).json(&body).send().await;
            assert!(answer.status < 500 || answer.status == 502, "{} {}: {}", row.method, row.path, answer.text);
            done += usize::from(answer.status < 300);
            for mark in [TEXT, NOBODYS, DAY, "987654321"] {
                assert!(!answer.text.contains(mark), "{} {} took {mark}: {body:#} {}", row.method, row.path, answer.text);
            }
        }
        // And nowhere else either.
        for row in table().rows().iter().filter(|row| row.method == Method::GET && row.twin_of.is_none()) {
            let text = agency.get(&world.path(row)).await.text;
            for mark in [TEXT, DAY, "987654321"] {
                assert!(!text.contains(mark), "{} shows {mark}: {text}", row.path);
            }
        }
        assert!(done > 60, "only {done} requests were done");
        assert!(set > 1_500, "only {set} fields were sent");
    }
}
