//! A customer is asked to agree on a plan.

use serde_json::{Value, json};

use crate::support::agency::Agency;

on_both_engines! {
    async fn a_request_makes_a_pending_plan_and_waits_to_be_sent(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let asked = json!({
            "debt_account_external_id": debtor.debt, "type": "email", "email": "ada@example.com", "frequency": "weekly",
            "start_date": agency.day(7), "amount": 20_00, "min_payment_amount": 7_00
        });
        let made = agency.once("r", "/payment-plans/request", asked.clone()).await;
        let plan = &made.is(201)["data"];
        assert_eq!((&plan["status"], &plan["amount"], &plan["min_payment_amount"]), (&json!("pending"), &json!(20_00), &json!(7_00)));
        assert_eq!((&plan["request"]["type"], &plan["request"]["status"]), (&json!("email"), &json!("queued")));
        assert!(!made.text.contains("ada@example.com"), "where it goes is not told");
        assert_eq!(agency.number("SELECT count(*) FROM message WHERE due_at IS NOT NULL AND recipient IS NOT NULL").await, 1);
        let again = agency.once("r", "/payment-plans/request", asked).await;
        assert_eq!((again.made(), again.is_replay()), (made.made(), true));
        // Another takes its place.
        let bare = agency.post("/payment-plans/request", json!({ "debt_account_id": debtor.debt })).await;
        assert_eq!((&bare.is(201)["data"]["request"]["status"], &bare["data"]["request"]["type"]), (&json!("made"), &json!(null)));
        assert_eq!(agency.many("/payment-plans").await, 1);
        assert_eq!(agency.number("SELECT count(*) FROM plan_request").await, 1);
        // Below what was said their customer may not go.
        let least = json!({ "debt_account_id": debtor.debt, "min_payment_amount": 15_00 });
        let plan = agency.post("/payment-plans/request", least).await.made();
        let enrols = |cents: i64| json!({ "frequency": "weekly", "start_date": agency.day(1), "amount": cents, "payment_method_id": debtor.method });
        agency.put(&format!("/payment-plans/{plan}"), enrols(14_99)).await.invalid("amount");
        assert_eq!(agency.put(&format!("/payment-plans/{plan}"), enrols(15_00)).await.is(200)["data"]["status"], "active");
    }

    async fn a_request_says_how_it_was_sent_whatever_else_is_said_of_the_plan(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let asked = json!({ "debt_account_id": debtor.debt, "type": "email", "email": "ada@example.com" });
        let plan = agency.post("/payment-plans/request", asked).await.made();
        agency.seconds(6 * 3_600).await; // until it is day wherever they may be
        agency.steps().await;
        assert_eq!(agency.plan(&plan).await["request"]["status"], "sent");
        let enrols = json!({ "frequency": "weekly", "start_date": agency.day(1), "amount": 50_00, "payment_method_id": debtor.method });
        agency.put(&format!("/payment-plans/{plan}"), enrols).await.is(200);
        let after = agency.plan(&plan).await;
        assert_eq!((&after["request"]["status"], &after["authorization"]["copy"]["status"]), (&json!("sent"), &json!("pending")));
    }

    async fn what_a_request_needs_depends_on_how_it_goes(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let ask = async |more: Value| {
            let mut body = json!({ "debt_account_external_id": debtor.debt });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            agency.post("/payment-plans/request", body).await
        };
        agency.post("/payment-plans/request", json!({})).await.refuses(422, &["debt_account_external_id"]);
        assert_eq!(ask(json!({ "type": "email" })).await.invalid("email"), "The email field is required when type is email.");
        assert_eq!(ask(json!({ "type": "sms" })).await.invalid("phone"), "The phone field is required when type is sms.");
        ask(json!({ "type": "letter" })).await.invalid("type");
        ask(json!({ "type": "sms", "phone": "12" })).await.invalid("phone");
        ask(json!({ "frequency": "weekly" })).await.invalid("start_date");
        ask(json!({ "frequency": "weekly", "start_date": agency.day(0) })).await.invalid("start_date");
        ask(json!({ "amount": 100_01 })).await.invalid("amount");
        ask(json!({ "min_payment_amount": 99 })).await.invalid("min_payment_amount");
        assert_eq!(agency.many("/payment-plans").await, 0);
        ask(json!({ "type": "sms", "phone": "212-555-0101" })).await.is(201);
    }

    async fn nobody_is_asked_any_more_once_the_plan_is_settled(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let asked = json!({ "debt_account_id": debtor.debt, "type": "sms", "phone": "212-555-0101" });
        let queued = "SELECT count(*) FROM message WHERE due_at IS NOT NULL";
        for end in ["cancel", "enrol", "delete"] {
            let plan = agency.post("/payment-plans/request", asked.clone()).await.made();
            assert_eq!(agency.number(queued).await, 1);
            let path = format!("/payment-plans/{plan}");
            match end {
                "cancel" => agency.post(&format!("{path}/cancel"), json!({})).await.is(200).clone(),
                "delete" => agency.delete(&path).await.is(200).clone(),
                _ => {
                    let enrols = json!({ "frequency": "weekly", "start_date": agency.day(1), "amount": 50_00, "payment_method_id": debtor.method });
                    agency.put(&path, enrols).await.is(200);
                    agency.post(&format!("{path}/cancel"), json!({})).await.is(200).clone()
                }
            };
            assert_eq!(agency.number(queued).await, 0, "{end}");
        }
        // Where a request went is erased with its customer.
        let plan = agency.post("/payment-plans/request", asked).await.made();
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 0 })).await.is(200);
        agency.delete(&format!("/customers/{}", debtor.customer)).await.is(200);
        assert_eq!(agency.number("SELECT count(*) FROM message WHERE recipient IS NOT NULL OR variables IS NOT NULL").await, 0);
        agency.get(&format!("/payment-plans/{plan}")).await.is(200);
    }
}
