//! Nobody is written to at night, where they are, or at an hour that they did not name; and what has begun meanwhile is seen before
//! anything is sent.

use serde_json::{Value, json};

use super::{all, asked, only, receipted, told};
use crate::support::agency::{Agency, Debtor};
use crate::support::letters::Does;

/// How the one message there is stands, and when it is looked at next.
async fn waits(agency: &Agency) -> [Value; 4] {
    let one = only(agency).await;
    ["state", "last_error", "attempts", "next_attempt_at"].map(|name| one[name].clone())
}

async fn lives_in(agency: &Agency, debtor: &Debtor, state: &str) {
    let address = json!({ "address": { "line1": "1 Main St", "city": "A City", "state": state, "postal_code": "12207" } });
    agency.put(&format!("/customers/{}", debtor.customer), address).await.is(200);
}

async fn block(agency: &Agency, debtor: &Debtor, reason: &str, in_seconds: i64) {
    let starts_at = agency.now().plus_seconds(in_seconds).to_string();
    let block = json!({ "customer_id": debtor.customer, "reason": reason, "starts_at": starts_at });
    agency.post("/blocks", block).await.made();
}

on_both_engines! {
    async fn a_request_waits_for_the_morning_where_its_customer_is(agency: &Agency) {
        // Ten in New York, where their number is, and seven in California, where they live.
        let debtor = agency.debtor(100_00, "tok_visa").await;
        lives_in(agency, &debtor, "California").await;
        asked(agency, &debtor).await;
        agency.steps().await;
        assert_eq!(waits(agency).await, [json!("pending"), json!("quiet_hours"), json!(0), json!("2026-11-20T16:00:00Z")]);
        agency.seconds(3_599).await;
        agency.steps().await;
        assert!(agency.letters.given().is_empty());
        agency.seconds(1).await;
        agency.steps().await;
        assert_eq!(told(agency).await, ["sent"]);
        assert_eq!(agency.letters.only().to, "+12125550101");
    }

    async fn at_night_only_what_somebody_has_just_done_is_answered(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        // A second after nine in the evening in New York.
        agency.seconds(11 * 3_600 + 1).await;
        asked(agency, &debtor).await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.post("/customer-sessions", json!({ "customer_id": debtor.customer, "send_by": "email" })).await.made();
        agency.steps().await;
        assert_eq!(told(agency).await, ["pending quiet_hours", "sent", "sent"]);
        let waiting = all(agency).await.into_iter().find(|message| message["state"] == "pending").unwrap();
        assert_eq!(waiting["next_attempt_at"], "2026-11-21T13:00:00Z");
        agency.seconds(11 * 3_600).await;
        agency.steps().await;
        assert_eq!(told(agency).await, ["sent", "sent", "sent"]);
    }

    async fn a_receipt_of_a_payment_that_came_by_itself_at_night_waits_too(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        lives_in(agency, &debtor, "NY").await;
        let mut pays = debtor.pays(10_00);
        pays["scheduled_at"] = json!(agency.day(1));
        pays["send_email"] = json!(true);
        agency.post("/charges", pays).await.made();
        // Midnight in New York, when the day of the payment begins.
        agency.seconds(14 * 3_600).await;
        agency.steps().await;
        assert_eq!(agency.owed(&debtor.debt).await, 90_00);
        assert_eq!(waits(agency).await[1..], [json!("quiet_hours"), json!(0), json!("2026-11-21T13:00:00Z")]);
    }

    async fn of_whom_nothing_is_known_the_hour_has_to_suit_from_maine_to_hawaii(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let asks = json!({ "debt_account_id": debtor.debt, "type": "email", "email": "ada@example.com" });
        agency.post("/payment-plans/request", asks).await.made();
        agency.steps().await;
        assert_eq!(waits(agency).await[3], "2026-11-20T18:00:00Z");
    }

    async fn times_that_a_customer_named_are_waited_for(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let times = json!({ "convenient_times": [{ "days": ["saturday"], "from": "21:30", "until": "22:00" }] });
        agency.put(&format!("/customers/{}/preferences", debtor.customer), times).await.is(200);
        asked(agency, &debtor).await;
        agency.steps().await;
        assert_eq!(waits(agency).await[3], "2026-11-22T02:30:00Z");
        // They name others meanwhile, and those hold.
        let times = json!({ "convenient_times": [{ "days": ["sunday"], "from": "12:00", "until": "13:00" }] });
        agency.put(&format!("/customers/{}/preferences", debtor.customer), times).await.is(200);
        agency.seconds(36 * 3_600).await;
        agency.steps().await;
        assert_eq!(waits(agency).await[3], "2026-11-22T17:00:00Z");
        agency.seconds(14 * 3_600).await;
        agency.steps().await;
        assert_eq!(told(agency).await, ["sent"]);
    }

    async fn a_block_that_has_begun_since_it_was_queued_calls_a_message_off(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.letters.will([Does::Later(None)]);
        asked(agency, &debtor).await;
        agency.steps().await;
        block(agency, &debtor, "cease_and_desist", 30).await;
        assert_eq!(told(agency).await, ["pending try_later"]);
        agency.seconds(70).await;
        agency.steps().await;
        assert_eq!(told(agency).await, ["canceled held"]);
        assert_eq!(agency.letters.given().len(), 1);
    }

    async fn whom_a_person_looks_after_since_it_was_queued_gets_what_was_asked_for_by_name_alone(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.letters.will([Does::Later(None); 2]);
        receipted(agency, &debtor, "ada@example.com").await;
        agency.seconds(1).await;
        asked(agency, &debtor).await;
        agency.steps().await;
        block(agency, &debtor, "vip", 30).await;
        agency.seconds(70).await;
        agency.steps().await;
        assert_eq!(told(agency).await, ["canceled held", "sent"]);
        // By name the receipt goes too.
        let receipt = all(agency).await.pop().unwrap()["id"].as_str().unwrap().to_owned();
        agency.post(&format!("/messages/{receipt}/resend"), json!({})).await.made();
        agency.steps().await;
        assert_eq!(told(agency).await, ["canceled held", "sent", "sent"]);
    }

    async fn what_an_operator_sends_again_is_held_against_the_wishes_of_now(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.letters.will([Does::Refuses]);
        asked(agency, &debtor).await;
        agency.steps().await;
        agency.put(&format!("/customers/{}/preferences", debtor.customer), json!({ "channels": { "sms": false } })).await.is(200);
        assert_eq!(told(agency).await, ["failed refused"]);
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await.id;
        let failed = books::messages::given_up_by(&agency.db.read().await.unwrap(), tenant, 1).await.unwrap();
        agency.db.run(&books::messages::Retry { tenant, id: failed[0].id }).await.unwrap();
        agency.steps().await;
        assert_eq!(told(agency).await, ["canceled opted_out"]);
    }
}
