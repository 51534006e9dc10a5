//! Whatever is sent, the answer is a refusal or a success, never a failure of ours, and a refusal changes nothing.

use edge::routes::Takes;
use edge::{Access, Endpoint};
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, table};
use crate::support::client::Answer;
use crate::support::world::World;

type Row = Endpoint<api::App>;

/// The tables that a refused request must leave as they are: all, but for what counts failed lookups.
fn tables() -> impl Iterator<Item = &'static str> {
    let lines = books::schema::MIGRATIONS.iter().flat_map(|migration| migration.sql.lines());
    let made = lines.filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split(' ').next());
    made.filter(|table| *table != "lookup_count")
}

async fn rows_in_all(agency: &Agency) -> i64 {
    let counts: Vec<String> = tables().map(|table| format!("(SELECT count(*) FROM {table})")).collect();
    agency.number(&format!("SELECT {}", counts.join(" + "))).await
}

fn writing_rows() -> impl Iterator<Item = &'static Row> {
    // The twin spellings share handler and rules.
    let writes = |row: &&Row| matches!(row.method, Method::POST | Method::PUT);
    table().rows().iter().filter(writes).filter(|row| row.access != Access::Anyone && row.twin_of.is_none())
}

/// Bodies that can be no request, whatever the endpoint.
fn unreadable() -> Vec<(&'static str, &'static str, Vec<u8>, u16)> {
    let json = "application/json";
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("half of an object", json, text("{\"amount\": 1"), 400),
        ("a bare word", json, text("nonsense"), 400),
        ("a list", json, text("[]"), 400),
        ("a number", json, text("7"), 400),
        ("two objects", json, text("{}{}"), 400),
        ("a byte that is no UTF-8", json, b"{\"name\": \"\xff\xfe\"}".to_vec(), 400),
        ("a lone surrogate", json, text(r#"{"name": "\ud800"}"#), 400),
        (
            "ten thousand levels",
            json,
            text(&format!("{}{}", "{\"a\":".repeat(10_000), "[".repeat(10_000))),
            400,
        ),
        ("forty closed levels", json, text(&format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40))), 400),
        ("one key twice", json, text(r#"{"amount": 1, "amount": 2, "name": "a", "name": "b"}"#), 400),
        ("twelve megabytes", json, text(&format!("{{\"name\": \"{}\"}}", "x".repeat(12 << 20))), 413),
        ("an unknown type", "text/plain", text("hello"), 415),
        ("XML", "application/xml", text("<a/>"), 415),
        ("another charset", "application/json; charset=utf-16", text("{}"), 415),
        ("a multipart without a boundary", "multipart/form-data", text("x"), 400),
    ]
}

/// Values that fit few fields.
fn odd_values() -> Vec<Value> {
    let mut deep = json!("deep");
    for _ in 0..20 {
        deep = json!([deep]);
    }
    vec![
        json!(null),
        json!(""),
        json!("   "),
        json!([]),
        json!({}),
        json!([null]),
        json!({ "": "" }),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!("99999999999999999999999"),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("💥"),
        json!("é\u{202e}x"),
        json!("' OR 1=1; --"),
        json!("../../etc/passwd"),
        json!("x".repeat(5_000)),
        json!("0".repeat(5_000)),
        deep,
        json!("2026-02-30"),
        json!("0000-00-00"),
        json!("+0099999-01-01"),
        json!("NaN"),
        json!("true"),
    ]
}

#[track_caller]
fn never_our_failure(row: &Row, what: &str, answer: &Answer) {
    assert!(
        answer.status < 500,
        "{} {} fails over {what}: {} {}",
        row.method,
        row.path,
        answer.status,
        answer.text
    );
}

/// Adds what is sent under `name`, as text, so that also what no JSON value can hold is sent.
fn with_raw(body: &Value, name: &str, raw: &str) -> String {
    let mut all = body.clone();
    all.as_object_mut().expect("an object").remove(name);
    let rest = all.to_string();
    let comma = if rest == "{}" { "" } else { "," };
    format!("{{\"{name}\":{raw}{comma}{}", &rest[1..])
}

on_both_engines! {
    async fn what_cannot_be_read_is_refused_and_changes_nothing(agency: &Agency) {
        let world = World::make(agency).await;
        let before = rows_in_all(agency).await;
        for row in writing_rows() {
            // Where no body is taken, one that comes has to be readable, and no more.
            let readable = |what: &str| row.takes == Takes::Nothing && matches!(what, "a list" | "a number");
            for (what, kind, body, status) in unreadable().into_iter().filter(|(what, ..)| !readable(what)) {
                let status = match what {
                    "a list" if row.path == "/bulk" => 422, // which is what it takes, but there is nothing in it
                    "a multipart without a boundary" if row.path == "/bulk" => 415,
                    _ => status,
                };
                let answer = agency.ask(row.method.clone(), &world.path(row)).raw(kind, body).send().await;
                assert_eq!(answer.status, status, "{} {} with {what}: {}", row.method, row.path, answer.text);
            }
            let zipped = agency.ask(row.method.clone(), &world.path(row)).raw("application/json", "\u{1f}x").header("content-encoding", "gzip");
            zipped.send().await.refused(415);
        }
        assert_eq!(rows_in_all(agency).await, before);
    }

    async fn odd_values_in_every_field_are_refused_or_taken_and_never_our_failure(agency: &Agency) {
        let mut tried = 0;
        for row in writing_rows() {
            let world = World::make(agency).await; // each row its own, whatever the last one did to it
            let path = world.path(row);
            for name in row.body.schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
                for value in odd_values() {
                    let mut body = world.body(row);
                    body[name] = value.clone();
                    let before = rows_in_all(agency).await;
                    let answer = agency.ask(row.method.clone(), &path).json(&body).send().await;
                    never_our_failure(row, &format!("{name} = {value:.60}"), &answer);
                    // A declined charge is a result, and is kept.
                    if answer.status >= 400 && answer["errorCode"] != "charge_declined" {
                        let now = rows_in_all(agency).await;
                        assert_eq!(now, before, "{} {} refused {name} = {value:.60} and wrote", row.method, row.path);
                    }
                    tried += 1;
                }
                for raw in [&*"9".repeat(1_000_000), "1e999", "-0", "1.0000000000000000000000001", "9223372036854775808"] {
                    let sent = with_raw(&world.body(row), name, raw);
                    let answer = agency.ask(row.method.clone(), &path).raw("application/json", sent).send().await;
                    never_our_failure(row, &format!("{name} = {raw:.30}"), &answer);
                }
            }
        }
        assert!(tried > 1_000, "only {tried} were tried");
    }

    async fn odd_values_within_what_is_nested_are_never_our_failure(agency: &Agency) {
        let customer = agency.customer().await;
        let card = json!({ "card_holder": "A", "card_number": "4242424242424242", "card_expiration_month": 4, "card_expiration_year": 2031,
                           "card_security_code": "123", "card_postal_code": "12207" });
        let ach = json!({ "account_holder": "A", "account_type": "checking", "routing_number": "110000000", "account_number": "000123456789",
                          "account_zip": "12207", "account_state": "NY", "ownership_type": "personal" });
        let address = json!({ "line1": "1", "line2": "2", "city": "c", "state": "NY", "postal_code": "12207", "country": "US",
                              "name": "n", "is_primary": true, "id": "x" });
        let plan = json!({ "frequency": "monthly", "start_date": "2026-12-01", "amount": 1_00, "id": "x" });
        let place = json!({ "name": "a", "external_id": "b", "type": "product_type" });
        let debt = |name: &str, inner: &Value| {
            let mut all = json!({ "customer_id": customer, "balance": 1_00 });
            all[name] = inner.clone();
            all
        };
        let mut tried = 0;
        for (path, whole, inner) in [
            ("/payment-methods", json!({ "customer_id": customer, "card": card }), "/card"),
            ("/payment-methods", json!({ "customer_id": customer, "ach": ach }), "/ach"),
            ("/charges", json!({ "amount": 1_00, "card": card }), "/card"),
            ("/charges", json!({ "amount": 1_00, "bank_account": ach }), "/bank_account"),
            ("/customers", json!({ "name": "A", "address": address }), "/address"),
            ("/customers", json!({ "name": "A", "addresses": [address] }), "/addresses/0"),
            ("/debt-accounts", debt("payment_plan", &plan), "/payment_plan"),
            ("/debt-accounts", debt("rules", &json!({ "min_payment_amount": 500 })), "/rules"),
            ("/debt-accounts", debt("locations", &json!([place])), "/locations/0"),
            ("/debt-accounts", debt("metadata", &json!({ "a": "b" })), "/metadata"),
            ("/debt-accounts", debt("billing_type", &json!({ "0": "partial-payment" })), "/billing_type"),
        ] {
            let names: Vec<String> = whole.pointer(inner).unwrap().as_object().unwrap().keys().cloned().collect();
            for name in names {
                for value in odd_values() {
                    let mut body = whole.clone();
                    body.pointer_mut(inner).unwrap()[&name] = value.clone();
                    let answer = agency.post(path, body).await;
                    assert!(answer.status < 500, "{path} {inner}/{name} = {value:.60}: {}", answer.text);
                    tried += 1;
                }
            }
        }
        assert!(tried > 1_000, "only {tried} were tried");
    }

    async fn odd_queries_and_paths_are_never_our_failure(agency: &Agency) {
        let world = World::make(agency).await;
        let before = rows_in_all(agency).await;
        for row in table().rows().iter().filter(|row| row.method == Method::GET && row.twin_of.is_none()) {
            let path = world.path(row);
            let names = row.query.schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
            for name in names.chain(["unknown"]) {
                for value in ["", "x", "-1", "0", "1000000000", "%00", "%F0%9F%92%A5", "%FF", "'", "99999999999999999999", "a,b,,", "2026-02-30"] {
                    for query in [format!("{name}={value}"), format!("{name}[]={value}"), format!("{name}[a][b]={value}"), format!("{name}={value}&{name}={value}")] {
                        never_our_failure(row, &query, &agency.get(&format!("{path}?{query}")).await);
                    }
                }
            }
            let long = "x".repeat(3_000);
            for id in ["%00", "%FF", "%F0%9F%92%A5", "..", "%2e%2e", "'", "a%2Fb", "lookup", &long, "%20"] {
                let odd = path.split('/').map(|step| if step.len() == 36 { id } else { step }).collect::<Vec<_>>().join("/");
                never_our_failure(row, &odd, &agency.get(&odd).await);
            }
        }
        assert_eq!(rows_in_all(agency).await, before);
    }

    async fn an_empty_body_is_an_empty_object(agency: &Agency) {
        for body in ["", "{}"] {
            let answer = agency.ask(Method::POST, "/debt-accounts").raw("application/json", body).send().await;
            assert_eq!(answer.invalid("balance"), "The balance field is required.");
        }
        agency.ask(Method::POST, "/debt-accounts").send().await.invalid("balance");
    }

    async fn emoji_and_accents_are_kept_as_sent(agency: &Agency) {
        let name = "Zoë 💥 O’Neil-Ngô";
        let made = agency.post("/customers", json!({ "name": name, "metadata": { "🔑": "💰" } })).await.made();
        let shown = agency.get(&format!("/customers/{made}")).await;
        assert_eq!(shown["data"]["name"], name);
        assert_eq!(shown["data"]["metadata"], json!([{ "attribute": "🔑", "value": "💰" }]));
    }

    async fn odd_headers_are_refused(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        for key in ["", &"k".repeat(256), "ключ"] {
            let answer = agency.ask(Method::POST, "/charges").key(key).json(&debtor.pays(1_00)).send().await;
            assert!(matches!(answer.status, 400 | 422), "{key}: {}", answer.text);
        }
        assert_eq!(agency.bank.submits(), 0);
    }
}
