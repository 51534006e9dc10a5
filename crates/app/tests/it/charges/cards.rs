//! Cards: the money moves at once, or not at all.

use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn a_refused_charge_leaves_nothing_behind_that_could_be_charged(agency: &Agency) {
        let debt = agency.debt_of(&agency.customer().await, 50_00).await;
        let body = json!({ "debt_account_id": debt, "token": "tok_visa", "amount": 50_01 });
        agency.once("order-1", "/charges", body).await.invalid("amount");
        assert_eq!(agency.get("/payment-methods").await["meta"]["total"], 0);
        // Nor is its key used up.
        let body = json!({ "debt_account_id": debt, "token": "tok_visa", "amount": 50_00 });
        agency.once("order-1", "/charges", body).await.made();
    }

    async fn a_card_payment_lowers_the_balance_and_is_booked(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        let paid = agency.post("/charges", debtor.pays(50_00)).await;
        let charge = paid.made();
        assert_eq!(paid["data"]["status"], "completed");
        assert_eq!(paid["data"]["state"], "succeeded");
        assert_eq!(paid["data"]["charged_at"], "2026-11-20T15:00:00Z");
        assert_eq!(agency.owed(&debtor.debt).await, 100_00);
        assert_eq!(agency.statement(&charge).await, ["payment completed 5000"]);
        assert_eq!(agency.bank.charges(), 1);
    }

    async fn a_declined_charge_is_shown_and_moves_nothing(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_insufficient_funds").await;
        let declined = agency.post("/charges", debtor.pays(50_00)).await;
        assert_eq!(declined.refused(400), "charge_declined");
        let charge = &declined["data"];
        assert_eq!((&charge["status"], &charge["state"]), (&json!("failed"), &json!("declined")));
        assert_eq!(charge["decline"]["code"], "insufficient_funds");
        assert_eq!(charge["decline"]["network_code"], "51");
        assert_eq!(agency.owed(&debtor.debt).await, 150_00);
        let id = charge["id"].as_str().unwrap();
        assert_eq!(agency.statement(id).await, ["payment failed 5000"]);
        agency.get(&format!("/charges/{id}")).await.is(200);
    }

    async fn a_declined_charge_is_replayed_for_ever(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_insufficient_funds").await;
        let first = agency.once("order-1", "/charges", debtor.pays(50_00)).await;
        assert_eq!(first.refused(400), "charge_declined");
        assert!(!first.is_replay());
        for days in [0, 1, 31, 400] {
            agency.days(days).await;
            agency.steps().await;
            let again = agency.once("order-1", "/charges", debtor.pays(50_00)).await;
            assert_eq!(again.refused(400), "charge_declined");
            assert!(again.is_replay());
            assert_eq!(again["data"], first["data"]);
        }
        assert_eq!(agency.bank.submits(), 1);
    }

    async fn the_same_request_is_answered_with_the_same_charge(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        let first = agency.once("order-1", "/charges", debtor.pays(50_00)).await;
        agency.days(40).await;
        agency.steps().await;
        let again = agency.once("order-1", "/charges", debtor.pays(50_00)).await;
        assert_eq!(again.made(), first.made());
        assert!(again.is_replay() && !first.is_replay());
        assert_eq!(agency.owed(&debtor.debt).await, 100_00);
        assert_eq!(agency.bank.charges(), 1);
    }

    async fn a_key_that_was_used_for_another_request_is_refused(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        agency.once("order-1", "/charges", debtor.pays(50_00)).await.made();
        let other = agency.once("order-1", "/charges", debtor.pays(50_01)).await;
        assert_eq!(other.refused(422), "idempotency_conflict");
        assert_eq!(agency.owed(&debtor.debt).await, 100_00);
    }

    async fn a_refused_request_leaves_its_key_free(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        agency.once("order-1", "/charges", debtor.pays(150_01)).await.is(422);
        agency.once("order-1", "/charges", debtor.pays(150_00)).await.made();
        assert_eq!(agency.owed(&debtor.debt).await, 0);
    }

    async fn an_expired_card_is_declined_without_asking_the_processor(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        let card = json!({ "card_holder": "Ada Lovelace", "card_number": "4242424242424242",
                           "card_expiration_month": "10", "card_expiration_year": "26" });
        let stored = agency.post("/payment-methods", json!({ "customer_id": debtor.customer, "card": card })).await;
        assert_eq!(stored["data"]["is_expired"], true);
        let request = json!({ "debt_account_id": debtor.debt, "payment_method_id": stored.made(), "amount": 50_00 });
        let declined = agency.post("/charges", request).await;
        assert_eq!(declined.refused(400), "charge_declined");
        assert_eq!(declined["data"]["decline"]["code"], "expired_card");
        assert_eq!(agency.bank.submits(), 0);
        assert_eq!(agency.owed(&debtor.debt).await, 150_00);
    }

    async fn a_card_can_be_charged_as_it_is_sent(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        let card = json!({ "card_holder": "Ada Lovelace", "card_number": "5555 5555 5555 4444",
                           "card_expiration_month": 4, "card_expiration_year": 2031, "card_security_code": "123" });
        let paid = agency
            .post("/charges", json!({ "debt_account_id": debtor.debt, "card": card, "amount": 50_00 }))
            .await;
        paid.made();
        assert_eq!(paid["data"]["state"], "succeeded");
        assert_eq!(agency.owed(&debtor.debt).await, 100_00);
    }

    async fn a_form_charges_like_json(agency: &Agency) {
        let debtor = agency.debtor(150_00, "tok_visa").await;
        let form = format!(
            "debt_account_id={}&amount=5000&card[card_holder]=Ada+Lovelace&card%5Bcard_number%5D=4242424242424242\
             &card[card_expiration_month]=4&card[card_expiration_year]=31",
            debtor.debt
        );
        agency.form("/charges", &form).await.made();
        assert_eq!(agency.owed(&debtor.debt).await, 100_00);
    }

    async fn paying_all_of_it_pays_the_account_off(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(50_00)).await.made();
        let debt = agency.debt(&debtor.debt).await;
        assert_eq!((&debt["status"], &debt["current_balance"]), (&json!("paid_off"), &json!(0)));
        let more = agency.post("/charges", debtor.pays(1)).await;
        assert_eq!(more.refused(400), "not_allowed_now");
    }

    async fn a_payment_for_no_account_waits_in_suspense(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let paid =
            agency.post("/charges", json!({ "payment_method_id": debtor.method, "amount": 20_00 })).await;
        assert_eq!(paid["data"]["state"], "succeeded");
        assert_eq!(paid["data"].get("debt_account_id"), None);
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        assert_eq!(agency.in_suspense().await, 20_00);
        let back = agency.post(&format!("/charges/{}/refund", paid.made()), json!({})).await;
        assert_eq!(back.is(200)["data"]["state"], "refunded");
        assert_eq!(agency.in_suspense().await, 0);
    }

    async fn a_payment_that_is_not_linked_names_the_account_and_leaves_its_balance_alone(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let mut request = debtor.pays(80_00); // more than is owed: nothing of it is applied
        request["linked_debt_account"] = json!(false);
        let paid = agency.post("/charges", request).await;
        assert_eq!(paid["data"]["debt_account_id"], debtor.debt.as_str());
        assert_eq!(paid["data"]["linked_debt_account"], false);
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        assert_eq!(agency.in_suspense().await, 80_00);
        agency.post(&format!("/charges/{}/refund", paid.made()), json!({})).await.is(200);
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
    }
}
