//! What the documentation shows: that it shows everything, in each spelling, and that what it shows works when a shell and
//! curl read it.

use std::collections::BTreeMap;
use std::process::Stdio;

use edge::samples::{Content, placeholder};
use edge::{Access, Endpoint};
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, table};
use crate::support::world::World;

type Row = Endpoint<api::App>;

/// What is refused although the sample is right, and why.
const REFUSED: &[(&str, &str, &str)] = &[
    ("POST", "/charges/{id}/cancel", "400"),  // it was charged at once
    ("POST", "/charges/{id}/resolve", "400"), // nobody need decide
    ("POST", "/charges/{id}/void", "400"),    // a part was given back
    ("POST", "/payment-methods/{id}/reauthorize", "400"), // nothing stopped it
    ("POST", "/payment-plans/{id}/replace", "400"), // nobody has enrolled in it
    ("POST", "/payment-plans/{id}/reinstate", "400"), // it is not broken
    ("POST", "/remittances/{id}/approve", "400"), // a second person has to
    ("POST", "/remittances/{id}/pay", "400"), // nobody has approved it
    ("POST", "/just-in-time/trigger", "404"), // what the organization's own server says
];

/// The same endpoint in the guides' spelling.
fn hyphens(row: &Row) -> &str {
    row.twin_of.as_deref().unwrap_or(&row.path)
}

/// As the page shows a text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Runs a line of curl as a shell does; the status, and what was answered.
async fn run(line: String, settings: BTreeMap<String, String>, home: &std::path::Path) -> (String, String) {
    // The line stays as it is shown: the shell's own function adds what a program wants to know.
    let script = format!("curl() {{ command curl -s -g -w '\\n%{{http_code}}' \"$@\"; }}\n{line}\n");
    let mut shell = std::process::Command::new("bash");
    shell.arg("-euc").arg(script).envs(settings).env("no_proxy", "*").current_dir(home).stdin(Stdio::null());
    let done = tokio::task::spawn_blocking(move || shell.output()).await.unwrap();
    let done = done.expect("this story needs bash and curl");
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    let said = String::from_utf8_lossy(&done.stderr);
    let (body, status) = told.rsplit_once('\n').unwrap_or_else(|| panic!("{line}\n{said}"));
    (status.to_owned(), body.to_owned())
}

/// What the placeholders stand for: objects of this world.
fn settings(world: &World, row: &Row) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let resources = [
        "customers",
        "addresses",
        "locations",
        "debt_accounts",
        "payment_methods",
        "charges",
        "transactions",
        "payment_plans",
        "instalments",
        "settlement_offers",
        "blocks",
        "tickets",
        "debt_account_disputes",
        "customer_sessions",
        "documents",
        "ach_files",
        "webhooks",
        "deliveries",
        "replays",
        "events",
        "bulk",
        "messages",
        "message_templates",
        "bank_accounts",
        "bank_statements",
        "bank_lines",
        "bank_expectations",
        "client_terms",
        "remittances",
        "trust_deposits",
    ];
    for resource in resources {
        let one = match resource {
            "addresses" => "address",
            "deliveries" => "delivery",
            plural => plural.trim_end_matches('s'),
        };
        all.insert(format!("{}_ID", one.to_ascii_uppercase()), world.id(resource).to_owned());
    }
    assert!(
        row.samples()
            .iter()
            .flat_map(|s| s.path.split('/'))
            .filter_map(placeholder)
            .all(|p| all.contains_key(p))
    );
    all
}

/// What must not have been touched by an earlier sample.
async fn fresh(agency: &Agency, world: &World, row: &Row, line: &str) -> Vec<(String, String)> {
    let (customer, is_write) = (world.id("customers"), matches!(row.method, Method::POST | Method::PUT));
    let names = |name: &str| is_write && line.contains(&format!("${name}"));
    let mut all = Vec::new();
    let mut put = |name: &str, id: String| all.push((name.to_owned(), id));
    match hyphens(row) {
        // Whoever owes cannot be deleted, and neither can a bank that is owed, or a method that a plan charges.
        "/customers/{id}" if row.method == Method::DELETE => put("CUSTOMER_ID", agency.customer().await),
        "/payment-methods/{id}" if row.method == Method::DELETE => {
            put("PAYMENT_METHOD_ID", agency.method_of(customer, "tok_visa").await);
        }
        "/locations/{id}" if row.method == Method::DELETE => {
            let new = json!({ "name": "A bank nobody owes", "type": "original_creditor" });
            put("LOCATION_ID", agency.post("/locations", new).await.made());
        }
        // A creditor is made a client once, has one draft at a time, and stays one once it had any.
        "/client-terms" | "/remittances" if is_write => {
            let new = json!({ "name": format!("Lender of {line:.12} {}", agency.events().await), "type": "original_creditor" });
            let lender = agency.post("/locations", new).await.made();
            if hyphens(row) == "/remittances" {
                let terms = json!({ "location_id": lender, "fee_rules": [{ "basis_points": 2500 }] });
                agency.post("/client-terms", terms).await.made();
            }
            put("LOCATION_ID", lender);
        }
        "/client-terms/{id}" if row.method == Method::DELETE => {
            let new =
                json!({ "name": format!("Lender {}", agency.events().await), "type": "original_creditor" });
            let lender = agency.post("/locations", new).await.made();
            let terms = json!({ "location_id": lender, "fee_rules": [{ "basis_points": 2500 }] });
            put("CLIENT_TERM_ID", agency.post("/client-terms", terms).await.made());
        }
        "/payment-plans/{id}/pause" | "/payment-plans/{id}/resume" | "/payment-plans/{id}/cancel" => {
            let (debt, method) = (agency.debt_of(customer, 150_00).await, world.id("payment_methods"));
            let new = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "frequency": "monthly" });
            put("PAYMENT_PLAN_ID", agency.post("/payment-plans", new).await.made());
        }
        "/payment-plans/{id}/instalments/{instalment_id}/skip" => {
            let (debt, method) = (agency.debt_of(customer, 150_00).await, world.id("payment_methods"));
            let new = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00, "frequency": "monthly" });
            let plan = agency.post("/payment-plans", new).await;
            put(
                "INSTALMENT_ID",
                plan["data"]["charges"][0]["id"].as_str().expect("an instalment").to_owned(),
            );
            put("PAYMENT_PLAN_ID", plan.made());
        }
        "/test-clock" | "/test-clock/advance" => drop(agency.post("/test-clock", json!({})).await.is(201)),
        // A number is one account's.
        "/bank-accounts" if row.method == Method::POST => {
            for known in agency.get("/bank-accounts?open=true&limit=500").await.data().as_array().unwrap() {
                if known["last_four"] == "2200" {
                    let path = format!("/bank-accounts/{}/close", known["id"].as_str().unwrap());
                    agency.post(&path, json!({})).await.is(200);
                }
            }
        }
        "/bank-accounts/{id}/close" => put(
            "BANK_ACCOUNT_ID",
            agency.bank_account(&agency.db.seams().id::<base::ids::Uuid>().simple().to_string()[..32]).await,
        ),
        "/bank-lines/{id}/match" | "/bank-lines/{id}/ignore" => {
            agency.post(&format!("/bank-lines/{}/unmatch", world.id("bank_lines")), json!({})).await.is(200);
        }
        "/bank-expectations/{id}/cancel" => {
            let days = ("2026-11-20", "2026-11-21");
            put(
                "BANK_EXPECTATION_ID",
                agency.expects(world.id("bank_accounts"), ("fee", 5_00, "debit"), days, None).await,
            );
        }
        // One kind of key is exchanged at a time.
        "/keys/rotate" => agency.steps().await,
        // The samples look for somebody, and whoever is not found is soon not looked for any more.
        "/debt-accounts/lookup" => {
            let new = json!({ "name": "Grace Hopper", "phone": "212-555-0101", "ssn_last4": "0042" });
            let known = agency.post("/customers", new).await.made();
            agency.debt_of(&known, 20_00).await;
        }
        _ => {}
    }
    if names("DEBT_ACCOUNT_ID") {
        put("DEBT_ACCOUNT_ID", agency.debt_of(customer, 150_00).await);
    }
    if names("DEBT_ACCOUNT_DISPUTE_ID") {
        let new = json!({ "debt_account_id": agency.debt_of(customer, 150_00).await });
        put("DEBT_ACCOUNT_DISPUTE_ID", agency.post("/debt-account-disputes", new).await.made());
    }
    all
}

on_both_engines! {
    async fn what_the_page_shows_works_in_a_shell(agency: &Agency) {
        let served = agency.served().await;
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("letter.pdf"), b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n").unwrap();
        let page = agency.ask(Method::GET, "/docs").nobody().send().await;
        let mut world = World::make(agency).await;
        std::fs::write(home.path().join("statement.bai"), &world.statement).unwrap();
        let mut wrong = Vec::new();
        let mut lines = 0;
        for row in table().rows() {
            let told = format!("{} {}", row.method, row.path);
            for sample in row.samples() {
                let line = sample.curl();
                assert!(page.text.contains(&escaped(&line)), "the page does not show {told}:\n{line}");
                lines += 1;
                let mut settings = settings(&world, row);
                settings.extend(fresh(agency, &world, row, &line).await);
                for (name, value) in [
                    ("API", served.api()),
                    ("TOKEN", agency.template.ours.sandbox.clone()),
                    ("KEY", format!("sample-{lines}")),
                    ("EXTERNAL_ID", format!("X-{lines}")),
                    ("START_DATE", agency.day(7)),
                ] {
                    settings.insert(name.into(), value);
                }
                let (status, body) = run(line.clone(), settings, home.path()).await;
                let expected = REFUSED.iter().find(|(m, p, _)| *m == row.method.as_str() && *p == hyphens(row));
                let is_right = expected.map_or(status.starts_with('2'), |(.., refused)| status == *refused);
                if !is_right {
                    wrong.push(format!("{status}\n{line}\n{body}"));
                }
                if hyphens(row) == "/locations" && row.method == Method::POST {
                    // A name is one bank's.
                    let made: Value = serde_json::from_str(&body).unwrap();
                    agency.delete(&format!("/locations/{}", made["data"]["id"].as_str().unwrap())).await.is(200);
                }
                if row.method == Method::DELETE {
                    world = World::make(agency).await;
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {lines} do not work:\n\n{}", wrong.len(), wrong.join("\n\n"));
    }
}

#[test]
fn every_endpoint_is_shown_in_each_way_to_call_it() {
    for row in table().rows() {
        let told = format!("{} {}", row.method, row.path);
        let samples = row.samples();
        assert!(!samples.is_empty(), "{told} is not shown");
        assert!(samples.iter().all(|sample| sample.has_token == (row.access != Access::Anyone)), "{told}");
        let has_fields = row.body.schema["properties"].as_object().is_some_and(|all| !all.is_empty());
        let ways: Vec<&str> = samples
            .iter()
            .map(|sample| match &sample.content {
                Content::Nothing => "nothing",
                Content::Json(_) => "json",
                Content::Form(_) => "form",
                Content::Upload(..) => "upload",
                Content::Text(kind, _) => kind,
            })
            .collect();
        match &ways[..] {
            ["nothing"] => assert!(
                row.body.schema["required"].is_null() && row.body.schema["allOf"].is_null(),
                "{told} needs a body"
            ),
            ["upload"] => assert!(row.takes_files, "{told}"),
            ["json"] => assert!(!has_fields, "{told} is not shown as a form"),
            ["json", "form", ..] => {}
            other => panic!("{told} is shown as {other:?}"),
        }
        // Each enumeration speaks the words of its path.
        let shown = samples
            .iter()
            .map(|sample| format!("{:?}", sample.content) + &format!("{:?}", sample.query))
            .collect::<String>();
        let theirs = if row.path.contains('_') && row.twin_of.is_some() {
            ["every_other_week", "\"paid_off\"", "\"ach\""]
        } else {
            ["biweekly", "\"resolved\"", "\"bank_account\""]
        };
        for word in theirs {
            assert!(!shown.contains(word), "{told} speaks {word}");
        }
    }
}

/// Every request of a collection, with the folders it stands in.
fn requests<'a>(item: &'a Value, folders: &mut Vec<&'a str>, found: &mut Vec<(Vec<&'a str>, &'a Value)>) {
    for inner in item["item"].as_array().into_iter().flatten() {
        if inner["request"].is_object() {
            found.push((folders.clone(), inner));
        } else {
            folders.push(inner["name"].as_str().expect("a folder has a name"));
            requests(inner, folders, found);
            folders.pop();
        }
    }
}

on_both_engines! {
    async fn the_postman_collection_holds_every_endpoint_and_no_token(agency: &Agency) {
        let collection = agency.ask(Method::GET, "/postman.json").nobody().send().await;
        let text = collection.text.clone();
        let collection = collection.is(200);
        assert!(collection["info"]["schema"].as_str().unwrap().ends_with("/v2.1.0/collection.json"));
        assert_eq!(collection["auth"]["bearer"][0]["value"], "{{TOKEN}}");
        let variables: BTreeMap<&str, &str> = collection["variable"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| (v["key"].as_str().unwrap(), v["value"].as_str().unwrap()))
            .collect();
        assert_eq!(variables["API"], "https://pay.example.com/api/v1");
        assert!(variables.iter().all(|(name, value)| *name == "API" || value.is_empty()), "{variables:?}");
        assert!(!text.contains("qt_test_") && !text.contains("qt_live_"));
        for (at, _) in text.match_indices("{{") {
            let name = text[at + 2..].split("}}").next().unwrap();
            assert!(name == "$guid" || variables.contains_key(name), "{name} is no variable");
        }
        let mut found = Vec::new();
        requests(collection, &mut Vec::new(), &mut found);
        assert_eq!(found.len(), table().rows().len());
        for row in table().rows() {
            let wanted = row.path.split('/').filter(|step| !step.is_empty());
            let is_it = |(_, item): &&(Vec<&str>, &Value)| {
                let steps = item["request"]["url"]["path"].as_array().unwrap();
                item["request"]["method"] == row.method.as_str()
                    && steps.len() == wanted.clone().count()
                    && steps.iter().zip(wanted.clone()).all(|(a, b)| a == b || (b.starts_with('{') && a.as_str().unwrap().starts_with("{{")))
            };
            let (folders, item) = found.iter().find(is_it).unwrap_or_else(|| panic!("{} {} is not there", row.method, row.path));
            assert_eq!(folders.len(), 2, "{folders:?}");
            assert_eq!(item["name"], row.summary.as_str());
            if item["request"]["body"]["mode"] == "raw" {
                let body: Value = serde_json::from_str(item["request"]["body"]["raw"].as_str().unwrap()).unwrap();
                assert_ne!(body, json!(null));
            }
        }
        let page = agency.ask(Method::GET, "/docs").nobody().send().await;
        assert!(page.text.contains("href=\"/postman.json\""));
    }
}
