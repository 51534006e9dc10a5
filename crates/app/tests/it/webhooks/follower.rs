//! A consumer that knows nothing but the stream, read from its beginning, knows everything that the lists show.

use std::collections::BTreeMap;

use books::keys::{self, Kind, Wish};
use books::orgs::Environment;
use http::Method;
use serde_json::{Value, json};

use super::arriving::{Received, listening, received};
use crate::support::agency::Agency;
use crate::support::world::World;

/// What follows the stream: the last that was told of each thing.
#[derive(Default)]
struct Follower {
    after: i64,
    known: BTreeMap<(String, String), Value>,
}

impl Follower {
    /// Reads on from where it stopped, to the end.
    async fn catch_up(&mut self, agency: &Agency) {
        loop {
            let page = agency.get(&format!("/events?limit=50&after={}", self.after)).await.data();
            let Some(last) = page.as_array().unwrap().last() else { return };
            self.after = last["sequence"].as_i64().unwrap();
            for event in page.as_array().unwrap() {
                self.hear(event);
            }
        }
    }

    fn hear(&mut self, event: &Value) {
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let (object, id, name) = (text("object"), text("object_id"), text("event"));
        if name.ends_with(".delete") {
            self.known.remove(&(object, id));
            return;
        }
        // What an event says of a thing besides the thing itself adds to it.
        let known = self.known.entry((object, id)).or_insert_with(|| json!({}));
        for (field, value) in event["data"].as_object().into_iter().flatten() {
            known[field] = value.clone();
        }
    }

    fn of(&self, object: &str) -> BTreeMap<&str, &Value> {
        self.known
            .iter()
            .filter(|((kind, _), _)| kind == object)
            .map(|((_, id), data)| (id.as_str(), data))
            .collect()
    }
}

/// Every list, and how events call what is in it.
const LISTS: &[(&str, &str)] = &[
    ("/customers", "customer"),
    ("/locations", "location"),
    ("/debt-accounts", "debt_account"),
    ("/payment-methods", "payment_method"),
    ("/charges", "charge"),
    ("/transactions", "transaction"),
    ("/payment-plans", "payment_plan"),
    ("/settlement-offers", "settlement_offer"),
    ("/tickets", "ticket"),
    ("/blocks", "block"),
    ("/debt-account-disputes", "dispute"),
    ("/customer-sessions", "customer_session"),
    ("/webhooks", "webhook"),
    ("/bulk", "bulk"),
];

/// What a list shows that depends on the instant or on the reader.
const FLEETING: &[&str] = &["status", "type", "frequency", "decline", "updated_at"];

/// What the consumer does not know, or knows otherwise than the lists show it.
async fn differs(agency: &Agency, follower: &Follower) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, object) in LISTS {
        let shown = agency.get(&format!("{path}?limit=500")).await.data();
        let known = follower.of(object);
        for one in shown.as_array().unwrap() {
            let id = one["id"].as_str().unwrap();
            // Transactions show the vendor's form of an id.
            let found =
                known.iter().find(|(known, _)| **known == id || id.ends_with(&known.replace('-', "")));
            let Some((_, data)) = found else {
                wrong.push(format!("{object} {id} is unknown"));
                continue;
            };
            for (field, value) in one.as_object().unwrap() {
                let told = &data[field];
                if !told.is_null() && told != value && !FLEETING.contains(&field.as_str()) && field != "id" {
                    wrong.push(format!("{object}: {field} is {value}, and was told as {told}"));
                }
            }
        }
        if known.len() > shown.as_array().unwrap().len() {
            wrong.push(format!(
                "{object}: {} are known, {} are shown",
                known.len(),
                shown.as_array().unwrap().len()
            ));
        }
    }
    wrong
}

on_both_engines! {
    async fn everything_can_be_had_again_from_the_stream_alone(agency: &Agency) {
        let world = World::make(agency).await;
        let customer = world.id("customers");
        agency.steps().await;
        let mut follower = Follower::default();
        follower.catch_up(agency).await;
        assert_eq!(differs(agency, &follower).await, [""; 0]);
        // And it keeps up with what changes.
        agency.put(&format!("/customers/{customer}"), json!({ "name": "Mary Wollstonecraft" })).await.is(200);
        agency.put(&format!("/debt-accounts/{}", world.id("debt_accounts")), json!({ "status": "locked" })).await.is(200);
        agency.put(&format!("/locations/{}", world.id("locations")), json!({ "name": "A Bank" })).await.is(200);
        let second = agency.post("/payment-methods", json!({ "customer_id": customer, "token": "tok_visa", "is_primary": true })).await.made();
        let debt = agency.debt_of(customer, 80_00).await;
        agency.post("/charges", json!({ "debt_account_id": debt, "payment_method_id": second, "amount": 80_00 })).await.made();
        agency.ask(Method::DELETE, &format!("/payment-methods/{second}")).send().await.is(200);
        agency.post(&format!("/tickets/{}/messages", world.id("tickets")), json!({ "message": "Yes." })).await.made();
        agency.post(&format!("/blocks/{}/lift", world.id("blocks")), json!({})).await.is(200);
        agency.post(&format!("/webhooks/{}/pause", world.id("webhooks")), json!({})).await.is(200);
        let gone = agency.debtor(5_00, "tok_visa").await;
        agency.delete(&format!("/debt-accounts/{}", gone.debt)).await.is(200);
        agency.steps().await;
        follower.catch_up(agency).await;
        assert_eq!(differs(agency, &follower).await, [""; 0]);
    }

    async fn what_is_superseded_is_emptied_in_the_end_and_whoever_comes_late_still_knows_everything(agency: &Agency) {
        let world = World::make(agency).await;
        let (customer, debt) = (world.id("customers"), world.id("debt_accounts"));
        agency.put("/organization", json!({ "events": { "superseded_kept_days": 30 } })).await.is(200);
        agency.put(&format!("/customers/{customer}/preferences"), json!({ "language": "es" })).await.is(200);
        for (n, name) in [(1, "Mary Godwin"), (2, "Mary Wollstonecraft")] {
            agency.seconds(60).await;
            agency.put(&format!("/customers/{customer}"), json!({ "name": name })).await.is(200);
            agency.put(&format!("/debt-accounts/{debt}"), json!({ "description": name })).await.is(200);
            agency.put(&format!("/locations/{}", world.id("locations")), json!({ "name": format!("Bank {n}") })).await.is(200);
        }
        agency.steps().await;
        let mut follower = Follower::default();
        follower.catch_up(agency).await;
        let says = async || {
            let all = agency.get(&format!("/events?object_id={customer}&limit=100")).await.data();
            let one = |event: &Value| format!("{} {}", event["event"].as_str().unwrap(), event["data"].is_object());
            all.as_array().unwrap().iter().map(one).collect::<Vec<_>>()
        };
        agency.days(29).await;
        agency.steps().await;
        assert!(says().await.iter().all(|event| event.ends_with("true")), "{:?}", says().await);
        agency.days(2).await;
        agency.steps().await;
        // The customer was made, got an address, said how to be reached, and was renamed twice.
        assert_eq!(says().await, [
            "customer.create false", "customer.update false", "customer.preferences true", "customer.update false", "customer.update true",
        ]);
        follower.catch_up(agency).await;
        let mut late = Follower::default();
        late.catch_up(agency).await;
        assert_eq!(late.known, follower.known);
        // What was emptied stays so, under another key too.
        let tenant = agency.tenant(Environment::Sandbox).await.id;
        for kind in [Kind::Tenant, Kind::Customers] {
            keys::begin(&agency.db, &agency.tenants, tenant, &Wish::all(kind)).await.unwrap();
            for _ in 0..3 {
                agency.days(1).await;
                while keys::step(&agency.db, &agency.tenants, 100).await.unwrap() > 0 {}
            }
            assert_eq!(keys::next_at(&agency.db).await.unwrap(), None);
        }
        let mut later = Follower::default();
        later.catch_up(agency).await;
        assert_eq!(later.known, late.known);
    }

    async fn what_somebody_is_still_to_be_told_of_is_kept_until_they_are(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create", "location.update"]).await;
        agency.put("/organization", json!({ "events": { "superseded_kept_days": 1 } })).await.is(200);
        agency.post(&format!("/webhooks/{hook}/pause"), json!({})).await.is(200);
        let bank = agency.post("/locations", json!({ "name": "Bank 1" })).await.made();
        agency.seconds(60).await;
        agency.put(&format!("/locations/{bank}"), json!({ "name": "Bank 2" })).await.is(200);
        agency.days(3).await;
        agency.steps().await;
        assert!(theirs.asked().is_empty());
        agency.post(&format!("/webhooks/{hook}/resume"), json!({})).await.is(200);
        agency.steps().await;
        let told: Vec<String> = received(&theirs).iter().map(Received::about).collect();
        assert_eq!(told, ["Bank 1", "Bank 2"]);
        agency.days(2).await;
        agency.steps().await;
        // Whoever asks for it again is told that it happened, and no longer what it was then.
        agency.post(&format!("/webhooks/{hook}/replay"), json!({ "after": 0 })).await.is(200);
        agency.steps().await;
        let again: Vec<(Value, String)> =
            received(&theirs)[2..].iter().map(|one| (one.json()["event"].clone(), one.about())).collect();
        assert_eq!(again, [(json!("location.create"), String::new()), (json!("location.update"), "Bank 2".to_owned())]);
    }
}
