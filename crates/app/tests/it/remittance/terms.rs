//! On which terms a creditor is a client.

use serde_json::{Value, json};

use crate::support::agency::Agency;

on_both_engines! {
    async fn terms_are_made_changed_and_deleted(agency: &Agency) {
        let bank = agency.creditor("First Example Bank", "original_creditor").await;
        let rules = json!([{ "basis_points": 2000, "max_age_days": 89, "from": "2026-01-01" }, { "basis_points": 2500, "min_balance": 0 }, { "basis_points": 0 }]);
        let made = agency.post("/client-terms", json!({ "location_id": bank, "fee_rules": rules })).await;
        let terms = made.is(201)["data"].clone();
        assert_eq!((&terms["method"], &terms["card_hold_days"], &terms["ach_hold_days"], &terms["since"]), (&json!("net"), &json!(2), &json!(5), &json!(null)));
        assert_eq!((&terms["fee_rules"][0]["from"], &terms["fee_rules"][1]["min_balance"]), (&json!("2026-01-01"), &json!(0)));
        let path = format!("/client-terms/{}", super::id(&terms));
        let change = json!({ "method": "gross", "ach_hold_days": 0, "since": agency.day(0), "fee_rules": [{ "basis_points": 10_000 }] });
        let changed = agency.put(&path, change).await;
        assert_eq!((&changed["data"]["method"], &changed["data"]["since"], &changed["data"]["card_hold_days"]), (&json!("gross"), &json!(agency.day(0)), &json!(2)));
        assert_eq!(changed["data"]["fee_rules"].as_array().unwrap().len(), 1);
        let events = agency.events().await;
        assert_eq!(agency.put(&path, changed["data"].clone()).await.is(200)["data"], changed["data"]);
        assert_eq!(agency.events().await, events, "what changes nothing is told to nobody");
        assert_eq!(agency.put(&path, json!({ "since": null })).await["data"]["since"], Value::Null);
        assert_eq!(agency.many(&format!("/client_terms?location_id={bank}&method=gross")).await, 1);
        assert_eq!(agency.many("/client-terms?method=net").await, 0);

        let refused = agency.delete(&format!("/locations/{bank}")).await;
        assert!(refused.refused(400) == "not_allowed_now" && refused.text.contains("is a client"), "{}", refused.text);
        agency.delete(&path).await.is(200);
        agency.get(&path).await.refused(404);
        agency.delete(&format!("/locations/{bank}")).await.is(200);
    }

    async fn terms_stay_once_something_was_remitted_by_them(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({})).await;
        let terms = agency.get(&format!("/client-terms?location_id={bank}")).await["data"][0].clone();
        agency.prepared(&bank).await;
        assert_eq!(agency.delete(&format!("/client-terms/{}", super::id(&terms))).await.refused(400), "not_allowed_now");
    }

    async fn one_rule_must_always_count(agency: &Agency) {
        let bank = agency.creditor("First Example Bank", "original_creditor").await;
        let flat = json!({ "basis_points": 2500 });
        for (rules, field) in [
            (json!([]), "fee_rules"),
            (json!([{ "basis_points": 2500, "from": "2026-01-01" }]), "fee_rules"),
            (json!([flat, flat]), "fee_rules"),
            (json!([flat, { "basis_points": 1, "max_balance": 1 }]), "fee_rules"),
            (json!([{ "basis_points": 10_001 }]), "fee_rules.0.basis_points"),
            (json!([{ "basis_points": -1 }]), "fee_rules.0.basis_points"),
            (json!([{ "basis_points": 1, "min_age_days": 9, "max_age_days": 8 }, flat]), "fee_rules.0.max_age_days"),
            (json!([{ "basis_points": 1, "min_balance": 9, "max_balance": 8 }, flat]), "fee_rules.0.max_balance"),
            (json!([{ "basis_points": 1, "from": "soon" }, flat]), "fee_rules.0.from"),
        ] {
            agency.post("/client-terms", json!({ "location_id": bank, "fee_rules": rules })).await.refuses(422, &[field]);
        }
        agency.post("/client-terms", json!({})).await.refuses(422, &["location_id", "fee_rules"]);
        assert_eq!(agency.many("/client-terms").await, 0);
    }

    async fn a_creditor_is_a_client_once_and_a_product_never(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({})).await;
        let rules = json!([{ "basis_points": 2500 }]);
        let again = agency.post("/client-terms", json!({ "location_id": bank, "fee_rules": rules })).await;
        assert_eq!(again.invalid("location_id"), "The location id has already been taken.");
        let cards = agency.creditor("Cards", "product_type").await;
        agency.post("/client-terms", json!({ "location_id": cards, "fee_rules": rules })).await.invalid("location_id");
        let nobody = agency.creditor("Nobody", "original_creditor").await;
        let none = agency.post("/remittances", json!({ "location_id": nobody })).await;
        assert!(none.invalid("location_id").contains("no client"), "{}", none.text);
    }
}
