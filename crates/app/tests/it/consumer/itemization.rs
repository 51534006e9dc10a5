//! The itemization of a debt: it adds up, and goes on adding up.

use serde_json::{Value, json};

use crate::support::agency::Agency;

fn charged_off(amount: i64, components: Value) -> Value {
    json!({ "itemization_date": "2026-01-31", "itemization_date_kind": "charge_off", "amount": amount, "components": components })
}

fn components() -> Value {
    json!([
        { "kind": "interest", "date": "2026-02-28", "amount": 5_00 },
        { "kind": "fee", "date": "2026-03-01", "amount": 25_00, "description": "Late fee" },
        { "kind": "payment", "date": "2026-04-01", "amount": 20_00 },
        { "kind": "credit", "date": "2026-05-01", "amount": 10_00 },
    ])
}

on_both_engines! {
    async fn it_adds_up_to_the_cent_and_stays_true_whatever_is_booked(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}/itemization", debtor.debt);
        agency.get(&path).await.refused(404);
        let said = agency.put(&path, charged_off(100_01, components())).await.invalid("amount");
        assert!(said.contains("difference of 1."), "{said}");
        agency.put(&path, charged_off(100_00, components())).await.is(200);
        let is_true = async |payments: i64, back: i64, up: i64, down: i64| {
            let now = agency.get(&path.replace("debt-accounts", "debt_accounts")).await;
            let now = &now.is(200)["data"];
            let since = json!({ "payments": payments, "payments_given_back": back, "increases": up, "decreases": down });
            assert_eq!(now["since"], since);
            assert_eq!(now["current_balance"], agency.owed(&debtor.debt).await);
        };
        is_true(0, 0, 0, 0).await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        is_true(30_00, 0, 0, 0).await;
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 5_00 })).await.is(200);
        is_true(30_00, 5_00, 0, 0).await;
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 80_00 })).await.is(200);
        is_true(30_00, 5_00, 5_00, 0).await;
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 60_00 })).await.is(200);
        is_true(30_00, 5_00, 5_00, 20_00).await;
    }

    async fn what_it_tells_does_not_stand_for_what_the_account_is(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.seconds(3_600).await;
        let path = format!("/debt-accounts/{}/itemization", debtor.debt);
        agency.put(&path, charged_off(50_00, json!([]))).await.is(200);
        // `verify` holds the account against the last event that says what it is.
        agency.books_hold().await;
    }

    async fn its_date_is_chosen_once_and_withdrawing_it_lets_another_be(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}/itemization", debtor.debt);
        agency.put(&path, charged_off(50_00, json!([]))).await.is(200);
        agency.put(&path, charged_off(40_00, json!([{ "kind": "fee", "date": "2026-02-01", "amount": 10_00 }]))).await.is(200);
        let mut other = charged_off(50_00, json!([]));
        other["itemization_date_kind"] = "judgment".into();
        agency.put(&path, other.clone()).await.invalid("itemization_date");
        agency.delete(&path).await.is(200);
        agency.get(&path).await.refused(404);
        agency.delete(&path).await.refused(404);
        assert_eq!(agency.put(&path, other).await.is(200)["data"]["itemization_date_kind"], "judgment");
    }

    async fn what_it_needs_is_said_field_by_field(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}/itemization", debtor.debt);
        agency.put(&path, json!({ "itemization_date_kind": "birthday", "components": [{ "kind": "gift", "date": "x", "amount": 0 }] })).await
            .refuses(422, &["itemization_date_kind", "itemization_date", "amount", "components.0.kind", "components.0.date", "components.0.amount"]);
        let early = json!([{ "kind": "fee", "date": "2026-01-30", "amount": 1_00 }]);
        agency.put(&path, charged_off(49_00, early)).await.invalid("components.0.date");
        let mut future = charged_off(50_00, json!([]));
        future["itemization_date"] = agency.day(1).into();
        agency.put(&path, future).await.invalid("itemization_date");
        let child = json!({ "parent_external_id": debtor.debt, "balance": 50_00 });
        agency.post("/debt-accounts", child).await.made();
        assert_eq!(agency.put(&path, charged_off(50_00, json!([]))).await.refused(400), "not_allowed_now");
    }
}
