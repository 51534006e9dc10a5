//! A consumer that knows nothing but the stream, read from its beginning, knows everything that the lists show.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

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
}
