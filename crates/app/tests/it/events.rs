//! Events: everything that happened, once, in order, for whoever follows.

use books::tokens::Revoke;
use serde_json::{Value, json};

use crate::support::agency::Agency;

/// The events that a query finds: sequence and name.
async fn told(agency: &Agency, query: &str) -> Vec<String> {
    let all = agency.get(&format!("/events?{query}")).await.data();
    all.as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["sequence"], e["event"].as_str().unwrap()))
        .collect()
}

on_both_engines! {
    async fn the_stream_is_followed_by_cursor_and_by_sequence_without_gaps(agency: &Agency) {
        for n in 0..7 {
            agency.post("/locations", json!({ "name": format!("Bank {n}") })).await.made();
        }
        agency.steps().await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = agency.get(&format!("/events?limit=3&cursor={cursor}")).await;
            seen.extend(page.data().as_array().unwrap().iter().map(|e| e["sequence"].as_i64().unwrap()));
            match page["meta"]["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, (1..=i64::try_from(seen.len()).unwrap()).collect::<Vec<_>>());
        let last = seen.len();
        assert_eq!(told(agency, &format!("after={last}")).await, [""; 0]);
        agency.post("/locations", json!({ "name": "Another" })).await.made();
        agency.steps().await;
        assert_eq!(told(agency, &format!("after={last}")).await, [format!("{} location.create", last + 1)]);
    }

    async fn an_event_shows_the_thing_as_it_was(agency: &Agency) {
        let id = agency.post("/customers", json!({ "name": "Ada Lovelace" })).await.made();
        agency.put(&format!("/customers/{id}"), json!({ "name": "Ada Byron" })).await.is(200);
        agency.steps().await;
        let both = agency.get(&format!("/events?object_id={id}")).await.data();
        let names: Vec<&Value> = both.as_array().unwrap().iter().map(|e| &e["data"]["name"]).collect();
        assert_eq!(names, [&json!("Ada Lovelace"), &json!("Ada Byron")]);
        let one = agency.get(&format!("/events/{}", both[0]["id"].as_str().unwrap())).await.data();
        assert_eq!(one, both[0]);
        // Who is erased is erased here too; that something happened stays.
        agency.delete(&format!("/customers/{id}")).await.is(200);
        agency.steps().await;
        let all = agency.get(&format!("/events?object_id={id}")).await;
        assert!(!all.text.contains("Ada"), "{}", all.text);
        assert_eq!(all.data().as_array().unwrap().len(), 3);
    }

    async fn a_token_that_is_made_or_revoked_is_told_of_without_its_text(agency: &Agency) {
        let (id, text) = agency.token("customers:read events:read").await;
        for _ in 0..2 {
            agency.db.run(&Revoke { tenants: &agency.tenants, id }).await.unwrap();
        }
        agency.steps().await;
        let told = agency.get(&format!("/events?object_id={id}")).await;
        let all = told.data();
        let names: Vec<&str> = all.as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["token.create", "token.revoke"]);
        assert_eq!(all[0]["data"]["scopes"], json!(["customers:read", "events:read"]));
        assert_eq!((all[0]["data"]["revoked_at"].is_null(), all[1]["data"]["revoked_at"].is_string()), (true, true));
        assert!(!told.text.contains(&text) && !told.text.contains(&text[..12]), "{}", told.text);
    }

    async fn events_are_found_by_name_in_either_words_by_thing_and_by_time(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let plan = json!({ "debt_account_id": debtor.debt, "amount": 10_00, "frequency": "weekly", "payment_method_id": debtor.method });
        let plan = agency.post("/payment-plans", plan).await.made();
        agency.seconds(60).await;
        let then = agency.now();
        agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        agency.steps().await;
        for (name, most) in [("payment-plan.create", 1), ("payment_plan.created", 1), ("payment_plan.cancelled", 1), ("nothing.ever", 0)] {
            assert_eq!(told(agency, &format!("name={name}&limit=500")).await.len(), most, "{name}");
        }
        let cancelled = agency.get("/events?name=payment_plan.cancelled").await.data();
        assert_eq!(cancelled[0]["data"]["status"], "cancelled");
        assert_eq!(cancelled[0]["names"], json!(["payment_plan.cancelled", "payment-plan.update"]));
        let plans = told(agency, "object=payment_plan&limit=500").await;
        let late = told(agency, &format!("object=payment_plan&since={then}&limit=500")).await;
        assert!(late.len() < plans.len() && !late.is_empty(), "{plans:?} {late:?}");
        agency.get("/events?object_id=nope&since=yesterday&limit=0&after=-1").await.refuses(422, &["limit", "after", "object_id", "since"]);
        agency.get("/events?cursor=bm8").await.refuses(422, &["cursor"]);
    }
}
