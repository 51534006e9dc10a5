//! What may be charged: checked before anything is sent.

use http::Method;
use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn more_than_is_owed_and_not_reserved_is_refused(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let refused = agency.post("/charges", debtor.pays(50_01)).await;
        assert_eq!(refused.refused(422), "above_balance");
        refused.invalid("amount");
        let bank = agency.method_of(&debtor.customer, "tok_bank").await;
        let pending = json!({ "debt_account_id": debtor.debt, "payment_method_id": bank, "amount": 20_00 });
        agency.post("/charges", pending).await.made();
        assert_eq!(agency.post("/charges", debtor.pays(30_01)).await.refused(422), "above_balance");
        agency.post("/charges", debtor.pays(30_00)).await.made();
        assert_eq!(agency.bank.charges(), 2);
    }

    async fn the_minimum_holds_unless_the_payment_clears_the_balance(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let rules = json!({ "rules": { "min_payment_amount": 20_00 } });
        agency.put(&format!("/debt-accounts/{}", debtor.debt), rules).await.is(200);
        assert_eq!(agency.post("/charges", debtor.pays(19_99)).await.refused(422), "below_minimum");
        agency.post("/charges", debtor.pays(35_00)).await.made();
        assert_eq!(agency.post("/charges", debtor.pays(14_99)).await.refused(422), "below_minimum");
        agency.post("/charges", debtor.pays(15_00)).await.made();
        assert_eq!(agency.owed(&debtor.debt).await, 0);
    }

    async fn only_an_active_account_can_be_paid(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}", debtor.debt);
        for status in ["archived", "closed", "locked"] {
            agency.put(&path, json!({ "status": status })).await.is(200);
            let refused = agency.post("/charges", debtor.pays(10_00)).await;
            assert_eq!(refused.refused(400), "not_allowed_now", "{status}");
            assert!(refused["message"].as_str().unwrap().contains(status));
        }
        agency.put(&path, json!({ "status": "active" })).await.is(200);
        agency.post("/charges", debtor.pays(10_00)).await.made();
        assert_eq!(agency.bank.submits(), 1);
    }

    async fn another_customers_method_is_refused_like_an_unknown_one(agency: &Agency) {
        let (debtor, other) = (agency.debtor(50_00, "tok_visa").await, agency.debtor(50_00, "tok_visa").await);
        let charge = |method: &str| {
            agency.post("/charges", json!({ "debt_account_id": debtor.debt, "payment_method_id": method, "amount": 1_00 }))
        };
        let theirs = charge(&other.method).await;
        let unknown = charge("018f0000-0000-7000-8000-000000000000").await;
        assert_eq!(theirs.invalid("payment_method_id"), "The selected payment method id is invalid.");
        assert_eq!(theirs.essence(), unknown.essence());
        assert_eq!(agency.bank.submits(), 0);
    }

    async fn a_method_is_never_silently_the_primary_one(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let refused =
            agency.post("/charges", json!({ "debt_account_id": debtor.debt, "amount": 1_00 })).await;
        refused.is(422);
        assert_eq!(agency.bank.submits(), 0);
    }

    async fn production_without_a_processor_takes_no_charges(agency: &Agency) {
        let request = json!({ "token": "tok_visa", "amount": 1_00 });
        let production = &agency.template.ours.production;
        let refused = agency.ask(Method::POST, "/charges").token(production).json(&request).send().await;
        assert_eq!(refused.refused(503), "no_processor");
        assert_eq!(agency.bank.submits(), 0);
    }

    async fn amounts_are_whole_cents_above_nothing(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        for amount in [json!(0), json!(-1), json!(1.5), json!("1.50"), json!("ten"), json!(null), json!([1]), json!(1e30)] {
            let mut request = debtor.pays(1);
            request["amount"] = amount;
            agency.post("/charges", request).await.invalid("amount");
        }
        for (amount, is) in [(json!("100"), 100), (json!(200.0), 200)] {
            let mut request = debtor.pays(1);
            request["amount"] = amount;
            let made = agency.post("/charges", request).await;
            made.made();
            assert_eq!(made["data"]["amount"], is);
        }
    }

    async fn an_account_with_an_open_or_scheduled_charge_is_not_deleted(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        let path = format!("/debt-accounts/{}", debtor.debt);
        assert_eq!(agency.delete(&path).await.refused(400), "not_allowed_now");
        agency.seconds(3_600).await;
        agency.steps().await;
        let mut later = debtor.pays(10_00);
        later["scheduled_at"] = json!(agency.day(5));
        let scheduled = agency.post("/charges", later).await.made();
        assert_eq!(agency.delete(&path).await.refused(400), "not_allowed_now");
        agency.post(&format!("/charges/{scheduled}/cancel"), json!({})).await.is(200);
        agency.delete(&path).await.is(200);
        assert_eq!(agency.get(&path).await.refused(404), "not_found");
        assert_eq!(agency.state(&charge).await, "succeeded");
        // Money that once touched it can still be given back; the ledger remembers the account.
        agency.post(&format!("/charges/{charge}/refund"), json!({})).await.is(200);
    }

    async fn a_balance_cannot_be_put_below_what_is_reserved(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        agency.post("/charges", debtor.pays(30_00)).await.made();
        let path = format!("/debt-accounts/{}", debtor.debt);
        agency.put(&path, json!({ "current_balance": 29_99 })).await.invalid("current_balance");
        agency.put(&path, json!({ "balance": 29_99 })).await.invalid("balance");
        agency.put(&path, json!({ "current_balance": 30_00 })).await.is(200);
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.debt(&debtor.debt).await["status"], "paid_off");
    }
}
