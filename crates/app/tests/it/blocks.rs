//! Blocks: what a hold stops, for whom, and what is told about it.

use serde_json::{Value, json};

use crate::support::agency::Agency;

async fn block(agency: &Agency, on: (&str, &str), reason: &str) -> String {
    agency.post("/blocks", json!({ on.0: on.1, "reason": reason })).await.made()
}

on_both_engines! {
    async fn a_block_stops_payments_and_its_refusal_names_the_kind_alone(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let sent = json!({
            "debt_account_id": debtor.debt, "reason": "identity_theft",
            "note": "The daughter used her card.", "evidence": "FTC report 117",
        });
        let placed = agency.post("/blocks", sent).await.made();
        let refused = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(refused.refused(400), "blocked");
        assert!(refused.text.contains("of the kind fraud"), "{}", refused.text);
        for secret in ["daughter", "FTC", "identity_theft", placed.as_str()] {
            assert!(!refused.text.contains(secret), "{}", refused.text);
        }
        assert_eq!(agency.owed(&debtor.debt).await, 100_00);
        agency.post(&format!("/blocks/{placed}/lift"), json!({ "reason": "It was a mistake." })).await.is(200);
        agency.post("/charges", debtor.pays(10_00)).await.made();
    }

    async fn it_reaches_what_it_is_on_and_nothing_else(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let other = agency.debt_of(&debtor.customer, 100_00).await;
        let pays = async |debt: &str, method: &str| {
            let body = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 1_00 });
            agency.post("/charges", body).await.status
        };
        let second = agency.method_of(&debtor.customer, "tok_mastercard").await;
        let on_account = block(agency, ("debt_account_id", &debtor.debt), "other").await;
        assert_eq!(pays(&debtor.debt, &debtor.method).await, 400);
        assert_eq!(pays(&other, &debtor.method).await, 201);
        agency.delete(&format!("/blocks/{on_account}")).await.is(200);

        let on_method = block(agency, ("payment_method_id", &debtor.method), "identity_theft").await;
        assert_eq!(pays(&debtor.debt, &debtor.method).await, 400);
        assert_eq!(pays(&debtor.debt, &second).await, 201);
        agency.delete(&format!("/blocks/{on_method}")).await.is(200);

        block(agency, ("customer_id", &debtor.customer), "creditor_recall").await;
        assert_eq!(pays(&debtor.debt, &debtor.method).await, 400);
        assert_eq!(pays(&other, &second).await, 400);
        let neighbour = agency.debtor(100_00, "tok_visa").await;
        agency.post("/charges", neighbour.pays(1_00)).await.made();
    }

    async fn the_trustee_may_pay_in_a_bankruptcy_and_the_strictest_of_several_wins(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        block(agency, ("customer_id", &debtor.customer), "bankruptcy_chapter_13").await;
        let by = async |payer: &str| {
            let mut body = debtor.pays(10_00);
            body["payer"] = payer.into();
            agency.post("/charges", body).await.status
        };
        assert_eq!(by("customer").await, 400);
        assert_eq!(by("estate").await, 400);
        assert_eq!(by("trustee").await, 201);
        let discharged = block(agency, ("debt_account_id", &debtor.debt), "bankruptcy_discharged").await;
        assert_eq!(by("trustee").await, 400);
        agency.delete(&format!("/blocks/{discharged}")).await.is(200);
        assert_eq!(by("trustee").await, 201);
    }

    async fn a_payment_on_the_parent_passes_a_disputed_account_over(agency: &Agency) {
        let customer = agency.customer().await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let parent = agency.debt_of(&customer, 0).await;
        let child = async |id: &str, balance: i64| {
            let body = json!({ "parent_external_id": parent, "external_id": id, "balance": balance });
            agency.post("/debt-accounts", body).await.made()
        };
        let (disputed, clear) = (child("A", 60_00).await, child("B", 40_00).await);
        block(agency, ("debt_account_id", &disputed), "dispute").await;
        let pay = async |debt: &str, amount: i64| {
            let body = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": amount });
            agency.post("/charges", body).await
        };
        pay(&parent, 40_01).await.invalid("amount");
        pay(&parent, 40_00).await.made();
        assert_eq!((agency.owed(&disputed).await, agency.owed(&clear).await), (60_00, 0));
        assert_eq!(pay(&parent, 1_00).await.refused(400), "blocked");
        // The customer may direct a payment to it (15 USC 1692h).
        pay(&disputed, 10_00).await.made();
        assert_eq!(agency.owed(&parent).await, 50_00);
    }

    async fn what_was_agreed_for_later_waits_or_ends_as_the_reason_says(agency: &Agency) {
        let waits = agency.debtor(100_00, "tok_visa").await;
        let ends = agency.debtor(100_00, "tok_visa").await;
        let later = async |body: Value| {
            let mut body = body;
            body["scheduled_at"] = agency.day(3).into();
            agency.post("/charges", body).await.made()
        };
        let (waiting, ending) = (later(waits.pays(10_00)).await, later(ends.pays(10_00)).await);
        let hardship = block(agency, ("customer_id", &waits.customer), "hardship").await;
        block(agency, ("customer_id", &ends.customer), "bankruptcy_chapter_7").await;
        agency.days(4).await;
        agency.steps().await;
        assert_eq!(agency.state(&waiting).await, "scheduled");
        assert_eq!(agency.state(&ending).await, "canceled");
        assert_eq!(agency.charge(&ending).await["decline"]["code"], "blocked");
        agency.delete(&format!("/blocks/{hardship}")).await.is(200);
        agency.days(1).await;
        agency.steps().await;
        assert_eq!(agency.state(&waiting).await, "succeeded");
    }

    async fn it_is_in_force_from_its_start_to_its_end(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let at = |hours: i64| agency.now().plus_seconds(hours * 3_600).to_string();
        let sent = json!({ "customer_id": debtor.customer, "reason": "other", "starts_at": at(1), "ends_at": at(3) });
        let placed = agency.post("/blocks", sent).await.made();
        let status = async || agency.post("/charges", debtor.pays(1_00)).await.status;
        assert_eq!(status().await, 201);
        agency.seconds(3_600).await;
        assert_eq!(status().await, 400);
        assert_eq!(agency.many("/blocks?active=true").await, 1);
        agency.seconds(2 * 3_600).await;
        assert_eq!(status().await, 201);
        assert_eq!(agency.many("/blocks?active=true").await, 0);
        assert_eq!(agency.get(&format!("/blocks/{placed}")).await.is(200)["data"]["active"], false);
    }

    async fn lifting_never_erases_and_who_did_what_stays(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let path = format!("/blocks/{}", block(agency, ("customer_id", &debtor.customer), "attorney_represented").await);
        agency.put(&path, json!({ "note": "J. Doe, Esq.", "reviewer": "legal" })).await.is(200);
        agency.put(&path, json!({ "note": "J. Doe, Esq." })).await.is(200); // changes nothing
        agency.post(&format!("{path}/lift"), json!({ "reason": "no longer represented" })).await.is(200);
        agency.post(&format!("{path}/lift"), json!({})).await.is(200); // a second click
        let all = agency.get(&path).await;
        let block = &all.is(200)["data"];
        assert_eq!(block["lift_reason"], "no longer represented");
        let told: Vec<String> = block["history"].as_array().unwrap().iter()
            .map(|h| format!("{} {}", h["what"].as_str().unwrap(), h["block"]["note"].as_str().unwrap_or("-"))).collect();
        assert_eq!(told, ["placed -", "changed J. Doe, Esq.", "lifted J. Doe, Esq."]);
        assert_eq!(agency.put(&path, json!({ "note": "x" })).await.refused(400), "not_allowed_now");
        assert_eq!(agency.many(&format!("/blocks?customer_id={}&reason=attorney_represented", debtor.customer)).await, 1);
    }

    async fn what_a_block_needs_is_said_field_by_field(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.post("/blocks", json!({ "reason": "other" })).await.invalid("customer_id");
        let both = json!({ "customer_id": debtor.customer, "debt_account_id": debtor.debt, "reason": "other" });
        agency.post("/blocks", both).await.invalid("customer_id");
        agency.post("/blocks", json!({ "customer_id": debtor.customer, "reason": "because" })).await.invalid("reason");
        let ends = json!({ "customer_id": debtor.customer, "reason": "other", "ends_at": "2020-01-01T00:00:00Z" });
        agency.post("/blocks", ends).await.invalid("ends_at");
        assert_eq!(agency.many("/blocks").await, 0);
        let reasons = agency.get("/blocks/reasons").await;
        let reasons = reasons.is(200)["data"].as_array().unwrap();
        assert!(reasons.iter().any(|r| r["reason"] == "dispute" && r["effects"]["applies"] == "named"));
        assert!(reasons.iter().all(|r| r["source"].as_str().is_some_and(|s| !s.is_empty())));
    }

    async fn a_customer_is_not_shown_what_a_block_hides(agency: &Agency) {
        let person = json!({ "name": "Ada Lovelace", "phone": "212-555-0101", "ssn_last4": "0042" });
        let customer = agency.post("/customers", person).await.made();
        let (hidden, shown) = (agency.debt_of(&customer, 10_00).await, agency.debt_of(&customer, 20_00).await);
        block(agency, ("debt_account_id", &hidden), "creditor_recall").await;
        block(agency, ("debt_account_id", &shown), "dispute").await;
        let asked = json!({ "lookup_flow_type": "phone_ssn_last4", "phone": "212-555-0101", "ssn_last4": "0042" });
        let found = agency.post("/debt-accounts/lookup", asked).await;
        let found: Vec<&Value> = found.is(200)["data"].as_array().unwrap().iter().map(|d| &d["id"]).collect();
        assert_eq!(found, [&json!(shown)]);
    }
}
