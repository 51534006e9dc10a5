//! Declined cards: what the network lets us do next, and what it does not.

use serde_json::{Value, json};

use crate::support::agency::{Agency, Debtor};

async fn method(agency: &Agency, id: &str) -> Value {
    agency.get(&format!("/payment-methods/{id}")).await.data()
}

/// A card as it is sent, with the number of a test card.
fn card(number: &str) -> Value {
    json!({ "card_holder": "Ada Lovelace", "card_number": number, "card_expiration_month": 4,
            "card_expiration_year": 2031, "card_security_code": "123" })
}

/// Somebody who owes, with this card.
async fn holder(agency: &Agency, number: &str) -> Debtor {
    let customer = agency.customer().await;
    let debt = agency.debt_of(&customer, 90_00).await;
    let body = json!({ "customer_id": customer, "card": card(number) });
    let method = agency.post("/payment-methods", body).await.made();
    Debtor { customer, debt, method }
}

on_both_engines! {
    async fn a_card_that_was_stolen_is_never_charged_again(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_stolen_card").await;
        let declined = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(declined.refused(400), "charge_declined");
        let decline = &declined["data"]["decline"];
        assert_eq!((&decline["class"], &decline["retry"]), (&json!("fraud"), &json!("never")));
        assert_eq!(method(agency, &debtor.method).await["stopped"]["lifted_by"], "nothing");
        for amount in [10_00, 1] {
            assert_eq!(agency.post("/charges", debtor.pays(amount)).await.refused(400), "payment_method_stopped");
        }
        assert_eq!(agency.bank.submits(), 1);
        let path = format!("/payment-methods/{}/reauthorize", debtor.method);
        let no = agency.post(&path, json!({ "evidence": "a signed form" })).await;
        assert_eq!(no.refused(400), "payment_method_stopped");
        assert_eq!(agency.number("SELECT count(*) FROM event WHERE name = 'payment-method.stopped'").await, 1);
    }

    async fn a_card_is_not_charged_before_the_network_allows_it(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_advice_24").await;
        let declined = agency.post("/charges", debtor.pays(10_00)).await;
        let decline = &declined.is(400)["data"]["decline"];
        assert_eq!((&decline["class"], &decline["retry"]), (&json!("funds"), &json!("after")));
        assert_eq!(decline["retry_at"], "2026-11-20T16:00:00Z");
        assert_eq!(method(agency, &debtor.method).await["retry_at"], "2026-11-20T16:00:00Z");

        agency.seconds(3_599).await;
        let early = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(early.refused(400), "retry_too_early");
        assert!(early["message"].as_str().unwrap().contains("2026-11-20T16:00:00Z"), "{}", early.text);
        assert_eq!(early.headers["retry-after"], "1");
        assert_eq!(agency.bank.submits(), 1);
        // For tomorrow it may be scheduled.
        let mut later = debtor.pays(10_00);
        later["scheduled_at"] = json!(agency.day(1));
        agency.post("/charges", later).await.made();

        agency.seconds(1).await;
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "charge_declined");
        assert_eq!(agency.bank.submits(), 2);
    }

    async fn a_scheduled_charge_that_comes_too_early_is_called_off(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_advice_30").await;
        let mut later = debtor.pays(10_00);
        later["scheduled_at"] = json!(agency.day(2));
        let scheduled = agency.post("/charges", later).await.made();
        agency.post("/charges", debtor.pays(10_00)).await.is(400);
        agency.days(2).await;
        agency.steps().await;
        let off = agency.charge(&scheduled).await;
        assert_eq!((&off["state"], &off["decline"]["code"]), (&json!("canceled"), &json!("retry_too_early")));
        assert_eq!(agency.bank.submits(), 1);
    }

    async fn a_card_without_funds_may_be_tried_again_but_not_for_ever(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_insufficient_funds").await;
        for _ in 0..16 {
            assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "charge_declined");
            agency.seconds(60).await;
        }
        let refused = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(refused.refused(400), "retry_too_early");
        assert_eq!(agency.bank.submits(), 16, "fifteen times again, as Visa allows");
        agency.days(31).await;
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "charge_declined");
    }

    async fn a_card_that_its_issuer_replaced_waits_for_its_new_expiration(agency: &Agency) {
        let debtor = agency.debtor(9_000_00, "tok_visa").await;
        // The amount makes the processor say that the card has expired, which we cannot know.
        let declined = agency.post("/charges", debtor.pays(6_660_54)).await;
        assert_eq!(declined.is(400)["data"]["decline"]["network_code"], "54");
        assert_eq!(declined["data"]["decline"]["retry"], "new_details");
        assert_eq!(method(agency, &debtor.method).await["stopped"]["lifted_by"], "new_details");
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "payment_method_stopped");
        let path = format!("/payment-methods/{}", debtor.method);
        agency.put(&path, json!({ "is_primary": true })).await.is(200);
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "payment_method_stopped");
        agency.put(&path, json!({ "card": { "card_expiration_year": "39" } })).await.is(200);
        assert_eq!(method(agency, &debtor.method).await["stopped"], Value::Null);
        agency.post("/charges", debtor.pays(10_00)).await.made();
    }

    async fn a_card_that_is_known_to_have_expired_says_that_it_needs_new_details(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = agency.debt_of(&customer, 90_00).await;
        let mut old = card("4242424242424242");
        old["card_expiration_year"] = json!(2026);
        let method = agency.post("/payment-methods", json!({ "customer_id": customer, "card": old })).await.made();
        let debtor = Debtor { customer, debt, method };
        let declined = agency.post("/charges", debtor.pays(10_00)).await;
        let decline = &declined.is(400)["data"]["decline"];
        assert_eq!((&decline["class"], &decline["retry"]), (&json!("details"), &json!("new_details")));
        assert_eq!(agency.bank.submits(), 0);
    }

    async fn the_same_card_is_stopped_wherever_it_is_kept(agency: &Agency) {
        let stolen = "4000000000009979";
        let (one, other) = (holder(agency, stolen).await, holder(agency, stolen).await);
        let innocent = holder(agency, "4242424242424242").await;
        assert_eq!(agency.post("/charges", one.pays(10_00)).await.refused(400), "charge_declined");
        assert_eq!(method(agency, &other.method).await["stopped"]["code"], "43");
        assert_eq!(agency.post("/charges", other.pays(10_00)).await.refused(400), "payment_method_stopped");
        assert_eq!(method(agency, &innocent.method).await["stopped"], Value::Null);
        // Neither storing it once more helps, nor deleting it first, nor sending it with the charge.
        for method in [&one.method, &other.method] {
            agency.delete(&format!("/payment-methods/{method}")).await.is(200);
        }
        let again = holder(agency, stolen).await;
        assert_eq!(agency.post("/charges", again.pays(10_00)).await.refused(400), "payment_method_stopped");
        let sent = json!({ "debt_account_id": again.debt, "card": card(stolen), "amount": 10_00 });
        assert_eq!(agency.post("/charges", sent).await.refused(400), "payment_method_stopped");
        assert_eq!((agency.bank.submits(), agency.owed(&again.debt).await), (1, 90_00));
    }

    async fn a_mistyped_security_code_does_not_stop_a_card(agency: &Agency) {
        let debtor = holder(agency, "4000000000000127").await;
        let declined = agency.post("/charges", debtor.pays(10_00)).await;
        assert_eq!(declined.is(400)["data"]["decline"]["retry"], "new_details");
        assert_eq!(method(agency, &debtor.method).await["stopped"], Value::Null);
    }

    async fn a_dispute_stops_the_card_until_its_holder_authorizes_it_anew(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_chargeback").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.days(3).await;
        let synced = agency.post(&format!("/charges/{charge}/sync"), json!({})).await;
        assert_eq!(synced.is(200)["data"]["decline"]["class"], "unauthorized");
        assert_eq!(agency.post("/charges", debtor.pays(30_00)).await.refused(400), "payment_method_stopped");
    }

    async fn a_refusal_is_told_with_its_event(agency: &Agency) {
        let debtor = agency.debtor(90_00, "tok_advice_24").await;
        agency.post("/charges", debtor.pays(10_00)).await.is(400);
        assert_eq!(agency.number("SELECT count(*) FROM event WHERE name = 'payment-method.update'").await, 1);
        assert_eq!(agency.number("SELECT count(*) FROM event WHERE name = 'payment-method.stopped'").await, 0);
    }
}
