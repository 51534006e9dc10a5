//! One account: made, changed, shown, deleted.

use http::Method;
use serde_json::{Value, json};

use crate::support::agency::Agency;

async fn put(agency: &Agency, debt: &str, body: Value) -> Value {
    agency.put(&format!("/debt-accounts/{debt}"), body).await.is(200)["data"].clone()
}

on_both_engines! {
    async fn an_account_is_placed_with_everything_that_is_said_of_it(agency: &Agency) {
        let customer = agency.customer().await;
        let made = agency.post("/debt-accounts", json!({
            "customer_id": customer, "balance": 150_00, "current_balance": "12000", "external_id": "D-1",
            "location_id": "L-1", "location_name": "First Example Bank", "location_type": "current_creditor",
            "locations": [{ "name": "Portfolio 7", "type": "product_type", "external_id": "P-7" }],
            "external_account_number": "4711", "external_status": "N1", "external_company_id": "co-9", "description": "a loan",
            "billing_type": ["partial-payment", "payment-plan"], "rules": { "min_payment_amount": 500 },
            "metadata": { "tag": "a", "count": 3, "vip": true },
            "payment_plan": { "frequency": "monthly", "start_date": "2026-12-01", "amount": 50_00 }
        })).await;
        let debt = &made.is(201)["data"];
        for (name, value) in [
            ("external_id", json!("D-1")), ("customer_id", json!(customer)), ("status", json!("active")), ("state", json!("active")),
            ("balance", json!(150_00)), ("original_balance", json!(150_00)), ("current_balance", json!(120_00)),
            ("external_account_number", json!("4711")), ("account_number", json!("4711")), ("external_status", json!("N1")),
            ("external_company_id", json!("co-9")), ("description", json!("a loan")),
            ("billing_type", json!(["partial-payment", "payment-plan"])), ("rules", json!({ "min_payment_amount": 500 })),
            ("metadata", json!([{ "attribute": "count", "value": "3" }, { "attribute": "tag", "value": "a" }, { "attribute": "vip", "value": "true" }])),
            ("parent_id", json!(null)), ("transactions", json!([])), ("charges", json!([])),
        ] {
            assert_eq!(debt[name], value, "{name}");
        }
        assert_eq!(debt["customer"]["id"], customer.as_str());
        assert_eq!((&debt["location"]["external_id"], &debt["location"]["type"]), (&json!("L-1"), &json!("current_creditor")));
        assert_eq!(debt["locations"][0]["external_id"], "P-7");
        assert_eq!((&debt["payment_plan"]["status"], &debt["payment_plan"]["amount"]), (&json!("pending"), &json!(50_00)));
    }

    async fn what_is_needed_is_asked_for_all_at_once(agency: &Agency) {
        let refused = agency.post("/debt-accounts", json!({})).await;
        assert_eq!(refused.invalid("balance"), "The balance field is required.");
        refused.invalid("customer_id");
        assert!(refused["message"].as_str().unwrap().contains("(and 1 more error)"));
        let customer = agency.customer().await;
        for (field, value) in [
            ("balance", json!(-1)), ("balance", json!("150.50")), ("balance", json!(99.5)), ("status", json!("open")),
            ("billing_type", json!(["cash"])), ("rules", json!({ "min": 1 })), ("metadata", json!("x")), ("customer_id", json!(7)),
        ] {
            let mut body = json!({ "customer_id": customer, "balance": 1_00 });
            body[field] = value.clone();
            let refused = agency.post("/debt-accounts", body).await;
            assert_eq!(refused.status, 422, "{field} {value}: {}", refused.text);
            assert!(refused["errors"].as_object().unwrap().keys().any(|k| k.starts_with(field)), "{field}: {}", refused.text);
        }
    }

    async fn aliases_say_the_same_and_must_not_contradict_each_other(agency: &Agency) {
        let customer = agency.customer().await;
        let made = agency.post("/debt_accounts", json!({ "customer_id": customer, "original_balance": 10_00, "account_number": "1" })).await;
        assert_eq!((&made.is(201)["data"]["balance"], &made["data"]["external_account_number"]), (&json!(10_00), &json!("1")));
        agency.post("/debt_accounts", json!({ "customer_id": customer, "original_balance": 10_00, "balance": 10_00 })).await.is(201);
        agency.post("/debt_accounts", json!({ "customer_id": customer, "original_balance": 10_00, "balance": 11_00 })).await.is(422);
        // On PUT an alias that equals what is stored counts as not sent.
        let id = made.made();
        assert_eq!(put(agency, &id, json!({ "original_balance": 10_00, "balance": 12_00 })).await["balance"], 12_00);
        agency.put(&format!("/debt-accounts/{id}"), json!({ "original_balance": 1_00, "balance": 2_00 })).await.is(422);
    }

    async fn a_change_keeps_what_was_not_sent(agency: &Agency) {
        let customer = agency.customer().await;
        let all = json!({ "customer_id": customer, "balance": 10_00, "description": "a", "external_status": "x", "metadata": { "a": "1", "b": "2" } });
        let debt = agency.post("/debt-accounts", all).await.made();
        let now = put(agency, &debt, json!({ "external_status": "y", "metadata": { "b": null, "c": "3" } })).await;
        assert_eq!((&now["description"], &now["external_status"]), (&json!("a"), &json!("y")));
        assert_eq!(now["metadata"], json!([{ "attribute": "a", "value": "1" }, { "attribute": "c", "value": "3" }]));
        let now = put(agency, &debt, json!({ "description": null, "external_status": "", "metadata": {} })).await;
        assert_eq!((&now["description"], &now["external_status"], &now["metadata"]), (&json!(null), &json!(null), &json!([])));
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "customer_id": null })).await.is(422);
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "balance": "" })).await.is(422);
    }

    async fn what_was_got_can_be_put_back_and_changes_nothing(agency: &Agency) {
        let customer = agency.customer().await;
        let all = json!({
            "customer_id": customer, "balance": 100_00, "current_balance": 70_00, "external_id": "D-1", "location_id": "L-1",
            "location_name": "First Example Bank", "locations": [{ "name": "P", "external_id": "P-7" }], "metadata": { "a": "1" },
            "rules": { "min_payment_amount": 500 }, "billing_type": ["full-amount-payment"], "account_number": "7",
            "payment_plan": { "frequency": "last_of_month", "start_date": "2026-12-31", "amount": 10_00 }
        });
        let debt = agency.post("/debt-accounts", all).await.made();
        let child = agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 5_00, "parent_external_id": agency.debt_of(&customer, 1_00).await })).await.made();
        for id in [&debt, &child] {
            for path in [format!("/debt-accounts/{id}"), format!("/debt_accounts/{id}")] {
                let events = agency.events().await;
                let before = agency.get(&path).await.is(200)["data"].clone();
                agency.seconds(60).await;
                let after = agency.put(&path, before.clone()).await.is(200)["data"].clone();
                assert_eq!(after, before, "{path}");
                assert_eq!(agency.events().await, events, "what changes nothing is no event: {path}");
            }
        }
    }

    async fn a_changed_balance_moves_what_is_owed_by_the_same(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 100_00, "current_balance": 70_00 })).await.made();
        for (body, balance, current) in [
            (json!({ "balance": 100_00 }), 100_00, 70_00),
            (json!({ "balance": 110_00 }), 110_00, 80_00),
            (json!({ "balance": 60_00 }), 60_00, 30_00),
            (json!({ "balance": 10_00 }), 10_00, 0), // not below nothing
            (json!({ "balance": 20_00 }), 20_00, 10_00),
            (json!({ "current_balance": 55_00 }), 20_00, 55_00),
            (json!({ "balance": 30_00, "current_balance": 5_00 }), 30_00, 5_00),
        ] {
            let entries = agency.entries().await;
            let before = agency.owed(&debt).await;
            let now = put(agency, &debt, body.clone()).await;
            assert_eq!((&now["balance"], &now["current_balance"]), (&json!(balance), &json!(current)), "{body}");
            let moved = i64::from(before != current);
            assert_eq!(agency.entries().await, entries + moved, "each movement is one entry: {body}");
        }
    }

    async fn reaching_nothing_pays_off_and_rising_opens_again(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = agency.debt_of(&customer, 100_00).await;
        assert_eq!(put(agency, &debt, json!({ "current_balance": 0 })).await["status"], "paid_off");
        assert_eq!(put(agency, &debt, json!({ "current_balance": 1 })).await["status"], "active");
        for status in ["locked", "archived", "closed"] {
            put(agency, &debt, json!({ "status": status })).await;
            assert_eq!(put(agency, &debt, json!({ "current_balance": 0 })).await["status"], status);
            assert_eq!(put(agency, &debt, json!({ "current_balance": 5 })).await["status"], status);
            put(agency, &debt, json!({ "status": "active" })).await;
        }
        let none = agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 0 })).await;
        assert_eq!(none.is(201)["data"]["status"], "paid_off");
    }

    async fn each_spelling_has_its_words_and_takes_the_others(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = agency.debt_of(&customer, 100_00).await;
        let (guide, openapi) = (format!("/debt-accounts/{debt}"), format!("/debt_accounts/{debt}"));
        for (sent, exact, coarse) in [
            ("locked", "locked", "active"), ("archived", "archived", "closed"), ("closed", "closed", "closed"),
            ("active", "active", "active"),
        ] {
            assert_eq!(agency.put(&guide, json!({ "status": sent })).await.is(200)["data"]["status"], exact);
            let shown = agency.get(&openapi).await;
            assert_eq!((&shown["data"]["status"], &shown["data"]["state"]), (&json!(coarse), &json!(exact)));
            // The coarse word that describes it already changes nothing.
            let kept = agency.put(&openapi, json!({ "status": coarse })).await;
            assert_eq!(kept.is(200)["data"]["state"], exact);
        }
        agency.put(&openapi, json!({ "status": "resolved" })).await.is(200);
        assert_eq!(agency.debt(&debt).await["status"], "paid_off");
    }

    async fn a_location_is_made_on_first_mention(agency: &Agency) {
        let customer = agency.customer().await;
        let place = |location: Value| {
            let mut body = json!({ "customer_id": customer, "balance": 1_00 });
            body.as_object_mut().unwrap().extend(location.as_object().unwrap().clone());
            agency.post("/debt-accounts", body)
        };
        place(json!({ "location_id": "L-1" })).await.is(422);
        let made = place(json!({ "location_id": "L-1", "location_name": "First Example Bank" })).await;
        let location = made.is(201)["data"]["location"].clone();
        assert_eq!((&location["external_id"], &location["type"]), (&json!("L-1"), &json!("original_creditor")));
        let again = place(json!({ "location_id": "L-1" })).await;
        assert_eq!(again.is(201)["data"]["location"]["id"], location["id"]);
        let none = place(json!({})).await;
        assert_eq!(none.is(201)["data"]["location"], json!(null));
        assert_eq!(agency.get("/locations").await.is(200)["meta"]["total"], 1);
    }

    async fn a_deleted_account_is_hidden_and_stays_in_the_ledger(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = agency.debt_of(&customer, 100_00).await;
        let entries = agency.entries().await;
        assert_eq!(agency.delete(&format!("/debt-accounts/{debt}")).await.is(200), &json!({ "success": true }));
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let gone = agency.ask(method, &format!("/debt_accounts/{debt}")).json(&json!({})).send().await;
            assert_eq!(gone.refused(404), "not_found");
        }
        assert_eq!(agency.get("/debt-accounts").await.is(200)["meta"]["total"], 0);
        assert_eq!(agency.entries().await, entries);
    }

    async fn a_created_account_is_the_same_under_its_key(agency: &Agency) {
        let customer = agency.customer().await;
        let body = json!({ "customer_id": customer, "balance": 5_00 });
        let first = agency.once("k", "/debt-accounts", body.clone()).await;
        let again = agency.once("k", "/debt-accounts", body.clone()).await;
        assert_eq!(first.made(), again.made());
        assert!(again.is_replay());
        assert_eq!(agency.once("k", "/debt-accounts", json!({ "customer_id": customer, "balance": 6_00 })).await.refused(422), "idempotency_conflict");
        agency.days(31).await;
        agency.steps().await;
        assert_ne!(agency.once("k", "/debt-accounts", body).await.made(), first.made(), "keys that move no money are kept 30 days");
    }
}
