//! Nobody sees, changes or learns of what is another's. The matrix is made from the route table: a new row is in it
//! by itself, and fails here until `World` has a real object for each of its parameters.

use books::tokens::Revoke;
use edge::{Access, Endpoint};
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::{Agency, table};
use crate::support::client::{Answer, Ask};
use crate::support::world::{NOBODYS, World};

type Row = Endpoint<api::App>;

fn asked<'a>(agency: &'a Agency, row: &Row, path: &str, body: &Value) -> Ask<'a> {
    let ask = agency.ask(row.method.clone(), path);
    if matches!(row.method, Method::POST | Method::PUT) { ask.json(body) } else { ask }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    table().rows().iter().filter(|row| row.access != Access::Anyone)
}

fn told(row: &Row) -> String {
    format!("{} {}", row.method, row.path)
}

/// Every scope but one.
fn all_but(scope: &str) -> String {
    api::SCOPES.iter().filter(|s| **s != scope).copied().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn same(row: &Row, who: &str, real: &Answer, made_up: &Answer) {
    let (real, made_up) = (real.essence(), made_up.essence());
    assert_eq!(real, made_up, "{} by {who} tells a real id from a made-up one", told(row));
}

/// A path that needs a query to be answered.
const LOOKUP: &str = "?lookup_flow_type=phone_ssn_last4&phone=212-555-0101&ssn_last4=0042";

on_both_engines! {
    async fn every_endpoint_asks_who_is_there(agency: &Agency) {
        let world = World::make(agency).await;
        let (revoked, revoked_text) = agency.token("*").await;
        agency.db.run(&Revoke { tenants: &agency.tenants, id: revoked }).await.unwrap();
        let ours = agency.template.ours.id;
        for row in rows() {
            let (path, body) = (world.path(row), json!({}));
            let ask = || asked(agency, row, &path, &body);
            let strangers = [
                ("nobody", ask().nobody()),
                ("a garbage token", ask().token("qt_test_0000")),
                ("a token that is no text", ask().header("authorization", "Bearer \t")),
                ("a password", ask().header("authorization", "Basic YWxhZGRpbjpvcGVu")),
                ("a revoked token", ask().token(&revoked_text)),
                ("the host of another organization", ask().header("host", &format!("{}.sandbox.example.com", agency.template.theirs.id))),
                ("the host of the other environment", ask().header("host", &format!("{ours}.production.example.com"))),
            ];
            for (who, ask) in strangers {
                let refused = ask.send().await;
                assert_eq!(refused.refused(401), "unauthenticated", "{} by {who}", told(row));
            }
            let made_up = asked(agency, row, &World::nobodys_path(row), &body).nobody().send().await;
            same(row, "nobody", &ask().nobody().send().await, &made_up);
        }
    }

    async fn every_endpoint_asks_for_its_scope(agency: &Agency) {
        let world = World::make(agency).await;
        for row in rows() {
            let Access::Scope(scope) = row.access else { continue };
            assert!(api::SCOPES.contains(&scope), "{} asks for {scope}, which no token can have", told(row));
            let (_, token) = agency.token(&all_but(scope)).await;
            let refused = asked(agency, row, &world.path(row), &json!({})).token(&token).send().await;
            assert_eq!(refused.refused(403), "forbidden", "{}", told(row));
            let made_up = asked(agency, row, &World::nobodys_path(row), &json!({})).token(&token).send().await;
            same(row, "a token without scope", &refused, &made_up);
        }
    }

    async fn to_others_a_real_id_is_like_a_made_up_one(agency: &Agency) {
        let world = World::make(agency).await;
        let (ours, theirs) = (&agency.template.ours, &agency.template.theirs);
        // The scopes are all there: what is refused here is refused because of whose it is.
        let strangers = [
            ("another organization", &theirs.sandbox),
            ("another organization's production", &theirs.production),
            ("our own production", &ours.production),
        ];
        for row in rows() {
            let body = if matches!(row.method, Method::POST | Method::PUT) { world.body(row) } else { json!({}) };
            for (who, token) in strangers {
                let path = world.path(row);
                let answer = asked(agency, row, &path, &body).token(token).send().await;
                if path != row.path {
                    assert_eq!(answer.refused(404), "not_found", "{} by {who}", told(row));
                    let made_up = asked(agency, row, &World::nobodys_path(row), &body).token(token).send().await;
                    same(row, who, &answer, &made_up);
                    let nonsense = json!({ "amount": "nonsense", "customer_id": 7, "card": 1, "name": [] });
                    let real = asked(agency, row, &path, &nonsense).token(token).send().await;
                    let made_up = asked(agency, row, &World::nobodys_path(row), &nonsense).token(token).send().await;
                    same(row, who, &real, &made_up);
                }
                for id in world.ids() {
                    assert!(!answer.text.contains(id), "{} shows {who} what is ours: {}", told(row), answer.text);
                }
            }
        }
        for row in rows().filter(|row| row.method == Method::GET) {
            // Everything is still there, and the fixtures are real.
            let asks = if row.path.ends_with("/lookup") { LOOKUP } else { "" };
            agency.get(&format!("{}{asks}", world.path(row))).await.is(200);
        }
    }

    async fn a_foreign_id_in_a_query_reads_like_an_unknown_one(agency: &Agency) {
        let theirs = World::of(agency, &agency.template.theirs.sandbox).await;
        let world = World::make(agency).await;
        let mut tried = 0;
        for row in rows().filter(|row| row.method == Method::GET) {
            for name in references(&row.query.schema) {
                let ask = async |id: &str| agency.get(&format!("{}?{name}={id}", world.path(row))).await;
                let (foreign, unknown) = (ask(theirs.id(resource(name))).await, ask(NOBODYS).await);
                let said = foreign.is(422)["message"].as_str().unwrap().to_owned();
                assert!(said.starts_with("The selected ") && said.ends_with(" id is invalid."), "{} {name}: {said}", told(row));
                same(row, name, &foreign, &unknown);
                tried += 1;
            }
        }
        assert!(tried >= 15, "only {tried} references were found in queries");
    }

    async fn a_foreign_id_in_a_body_reads_like_an_unknown_one(agency: &Agency) {
        let theirs = World::of(agency, &agency.template.theirs.sandbox).await;
        let world = World::make(agency).await;
        let mut tried = 0;
        // What is asked about just in time need not be known yet; its own story says that a foreign one is not.
        let names_known = |row: &&Row| !row.path.ends_with("/trigger");
        for row in rows().filter(|row| matches!(row.method, Method::POST | Method::PUT)).filter(names_known) {
            for name in references(&row.body.schema) {
                let ask = async |id: &str| {
                    let mut body = world.body(row);
                    body[name] = json!(id);
                    asked(agency, row, &world.path(row), &body).send().await
                };
                let (foreign, unknown) = (ask(theirs.id(resource(name))).await, ask(NOBODYS).await);
                assert_eq!(foreign.status, 422, "{} {name}: {}", told(row), foreign.text);
                same(row, name, &foreign, &unknown);
                tried += 1;
            }
        }
        assert!(tried >= 10, "only {tried} references were found in bodies");
        // An address inside a customer is named by its id too.
        let path = format!("/customers/{}", world.id("customers"));
        let ask = async |id: &str| agency.put(&path, json!({ "address": { "id": id, "line1": "x" } })).await;
        let (foreign, unknown) = (ask(theirs.id("addresses")).await, ask(NOBODYS).await);
        foreign.is(422);
        assert_eq!(foreign.essence(), unknown.essence());
    }

    async fn the_same_external_id_means_each_ones_own(agency: &Agency) {
        let body = json!({ "name": "Mary Shelley", "external_id": "C-1" });
        let ours = agency.post("/customers", body.clone()).await.made();
        let other = &agency.template.theirs.sandbox;
        let theirs = agency.ask(Method::POST, "/customers").token(other).json(&body).send().await.made();
        assert_ne!(ours, theirs);
        assert_eq!(agency.get("/customers/C-1").await.is(200)["data"]["id"], ours.as_str());
        let seen = agency.ask(Method::GET, "/customers/C-1").token(other).send().await;
        assert_eq!(seen.is(200)["data"]["id"], theirs.as_str());
    }

    async fn the_same_idempotency_key_means_each_ones_own(agency: &Agency) {
        let body = json!({ "name": "Mary Shelley" });
        let ours = agency.once("key-1", "/customers", body.clone()).await;
        let other = &agency.template.theirs.sandbox;
        let theirs = agency.ask(Method::POST, "/customers").token(other).key("key-1").json(&body).send().await;
        assert_ne!(ours.made(), theirs.made());
        assert!(!theirs.is_replay());
    }

    async fn a_host_of_our_own_and_any_other_host_are_fine(agency: &Agency) {
        let ours = agency.template.ours.id;
        for host in [&*format!("{ours}.sandbox.example.com:8443"), "localhost:8080", "api.sandbox.example.com"] {
            agency.ask(Method::GET, "/customers").header("host", host).send().await.is(200);
        }
    }
}

/// The fields that name another of our objects.
fn references(schema: &Value) -> Vec<&'static str> {
    let known = [
        "customer_id",
        "debt_account_id",
        "debt_account_external_id",
        "payment_method_id",
        "charge_id",
        "instalment_id",
        "refund_id",
        "settlement_offer_id",
        "location_id",
        "parent_external_id",
        "parent_id",
        "transaction_id",
        "address_id",
        "debt_account_dispute_id",
        "ticket_id",
        "event_id",
        "duplicate_of",
        "bank_account_id",
        "bank_statement_id",
    ];
    // An event may be about a thing that is gone, so what it happened to is looked up nowhere.
    let own = ["external_id", "external_company_id", "id", "object_id", "company_id"];
    let mut found = Vec::new();
    for name in schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
        match known.iter().find(|known| **known == name) {
            Some(known) => found.push(*known),
            None => assert!(
                !name.ends_with("_id") || own.contains(&name),
                "`{name}` looks like a reference: say what it refers to"
            ),
        }
    }
    found
}

/// What a reference refers to.
fn resource(name: &str) -> &'static str {
    match name {
        "customer_id" => "customers",
        "debt_account_id" | "debt_account_external_id" | "parent_external_id" => "debt_accounts",
        "debt_account_dispute_id" | "duplicate_of" => "debt_account_disputes",
        "payment_method_id" => "payment_methods",
        "ticket_id" => "tickets",
        "event_id" => "events",
        "charge_id" => "charges",
        "instalment_id" => "instalments",
        "refund_id" => "refunds",
        "settlement_offer_id" => "settlement_offers",
        "location_id" | "parent_id" => "locations",
        "transaction_id" => "transactions",
        "address_id" => "addresses",
        "bank_account_id" => "bank_accounts",
        "bank_statement_id" => "bank_statements",
        other => panic!("`{other}` refers to nothing known"),
    }
}
