//! What waits for a person, and what one may decide.

use http::Method;
use sandbox::wire::{CAPABILITIES, Capabilities};
use serde_json::{Value, json};

use crate::support::agency::Agency;
use crate::support::{Engine, tell_where};

const FORGETS: Capabilities = Capabilities { idempotency_seconds: Some(0), ..CAPABILITIES };

/// Tells a story on both engines, with a processor that remembers no keys: what it never saw is for a person.
macro_rules! for_a_person {
    ($($(#[$meta:meta])* async fn $name:ident($agency:ident) $body:block)*) => {
        $($(#[$meta])*
        #[test]
        fn $name() {
            for engine in [Engine::Sqlite, Engine::Postgres] {
                tell_where(engine, FORGETS, async |$agency: &Agency| $body);
            }
        })*
    };
}

/// A charge of 30.00 that never arrived and waits for a person; its account, which owes 50.00.
async fn waiting(agency: &Agency) -> (String, String) {
    let debtor = agency.debtor(50_00, "tok_answer_lost_before").await;
    let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
    agency.seconds(60).await;
    agency.steps().await;
    assert_eq!(agency.charge(&charge).await["review"], true);
    (charge, debtor.debt)
}

fn decision(outcome: &str) -> Value {
    json!({ "outcome": outcome, "reason": "the processor's support said so" })
}

for_a_person! {
    async fn what_never_arrived_is_declined_by_a_person_once(agency) {
        let (charge, debt) = waiting(agency).await;
        let path = format!("/charges/{charge}/resolve");
        assert_eq!(agency.get("/charges?review=true").await.is(200)["meta"]["total"], 1);
        let done = agency.once("decide-1", &path, decision("declined")).await;
        assert_eq!(done.is(200)["data"]["state"], "declined");
        assert_eq!(done["data"]["decline"]["code"], "decided_by_a_person");
        let events = agency.events().await;
        let again = agency.once("decide-1", &path, decision("declined")).await;
        assert!(again.is_replay());
        assert_eq!(again.is(200)["data"]["state"], "declined");
        assert_eq!(agency.post(&path, decision("declined")).await.refused(400), "not_allowed_now");
        assert_eq!(agency.events().await, events);
        let told = "SELECT count(*) FROM event WHERE name = 'charge.resolved'";
        assert_eq!(agency.number(told).await, 1);
        assert_eq!(agency.get("/charges?review=true").await.is(200)["meta"]["total"], 0);
        // What was reserved is free again.
        let debtor = agency.debt(&debt).await;
        assert_eq!(debtor["current_balance"], 50_00);
        assert_eq!(agency.bank.charges(), 0);
    }

    async fn what_never_arrived_is_sent_again_where_a_person_says_so(agency) {
        let (charge, debt) = waiting(agency).await;
        let sent = agency.post(&format!("/charges/{charge}/resolve"), decision("retry")).await;
        assert_eq!(sent.is(200)["data"]["state"], "succeeded");
        assert_eq!((agency.owed(&debt).await, agency.bank.charges()), (20_00, 1));
    }

    async fn nothing_is_declined_that_the_processor_took(agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.days(2).await;
        let path = format!("/charges/{charge}/resolve");
        let silent = agency.post(&path, decision("declined")).await;
        assert_eq!(silent.refused(503), "busy");
        agency.bank.script(json!([]));
        for outcome in ["declined", "retry"] {
            let refused = agency.post(&path, decision(outcome)).await;
            assert_eq!(refused.refused(400), "not_allowed_now");
            assert!(refused["message"].as_str().unwrap().contains("succeeded"), "{}", refused.text);
        }
        assert_eq!(agency.state(&charge).await, "unknown");
        assert_eq!(agency.post(&path, decision("succeeded")).await.is(200)["data"]["state"], "succeeded");
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
    }

    async fn what_is_settled_or_still_being_asked_about_is_nobodys_to_decide(agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        for outcome in ["succeeded", "declined", "retry"] {
            let refused = agency.post(&format!("/charges/{charge}/resolve"), decision(outcome)).await;
            assert_eq!(refused.refused(400), "not_allowed_now");
        }
        let lost = agency.debtor(50_00, "tok_answer_lost").await;
        let charge = agency.post("/charges", lost.pays(10_00)).await.made();
        let early = agency.post(&format!("/charges/{charge}/resolve"), decision("declined")).await;
        assert_eq!(early.refused(400), "not_allowed_now");
    }

    async fn a_decision_needs_its_scope_and_a_reason(agency) {
        let (charge, _) = waiting(agency).await;
        let path = format!("/charges/{charge}/resolve");
        let (_, token) = agency.token("charges:read charges:write").await;
        let ask = agency.ask(Method::POST, &path).token(&token).json(&decision("declined"));
        assert_eq!(ask.send().await.refused(403), "forbidden");
        agency.post(&path, json!({ "outcome": "declined" })).await.invalid("reason");
        agency.post(&path, json!({ "outcome": "lost", "reason": "x" })).await.invalid("outcome");
        assert_eq!(agency.state(&charge).await, "unknown");
    }

    async fn a_refund_that_never_arrived_is_decided_too(agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.bank.script(json!([{ "match": { "op": "refund", "at_most": 1 }, "do": "drop_answer_before" }]));
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 20_00 })).await.is(200);
        agency.seconds(60).await;
        agency.steps().await;
        let figures = agency.till.figures().await.unwrap();
        assert_eq!((figures.review, figures.open), (1, 0));
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await;
        let tx = agency.db.read().await.unwrap();
        let id = payments::charges::ChargeId(charge.parse().unwrap());
        let refund = payments::charges::refunds::of_charge(&tx, &tenant, id).await.unwrap().remove(0);
        drop(tx);
        let mut body = decision("declined");
        body["refund_id"] = json!(refund.id.to_string());
        let done = agency.post(&format!("/charges/{charge}/resolve"), body).await;
        assert_eq!(done.is(200)["data"]["refunded_amount"], 0);
        assert_eq!(agency.statement(&charge).await, ["payment completed 5000", "refund failed 2000"]);
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.stats().refunds), (0, 0));
    }

    async fn what_waits_in_suspense_is_acknowledged(agency) {
        agency.sweeps().await;
        agency.save().await;
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.restore().await;
        agency.sweeps().await;
        assert_eq!(agency.findings().await, ["charge 5000 suspense"]);
        let path = format!("/charges/{charge}/resolve");
        assert_eq!(agency.post(&path, decision("declined")).await.refused(400), "not_allowed_now");
        let done = agency.post(&path, decision("succeeded")).await;
        assert_eq!((&done.is(200)["data"]["state"], &done["data"]["review"]), (&json!("succeeded"), &json!(false)));
        assert!(agency.findings().await.is_empty());
    }
}
