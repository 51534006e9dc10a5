//! A plan and its account: neither makes nonsense of the other.

use serde_json::json;

use super::told;
use crate::support::agency::Agency;

on_both_engines! {
    async fn an_account_that_is_paid_off_otherwise_completes_its_plan(agency: &Agency) {
        // By a payment.
        let (debtor, plan) = agency.enrolled(40_00, 10_00, "weekly").await;
        agency.post("/charges", debtor.pays(15_00)).await.made();
        assert_eq!((&agency.plan(&plan).await["state"], agency.waiting().await), (&json!("active"), 4), "it still owes");
        agency.post("/charges", debtor.pays(25_00)).await.made();
        let done = agency.plan(&plan).await;
        assert_eq!((&done["state"], &done["reason"], agency.waiting().await), (&json!("completed"), &json!("paid_off"), 0));
        assert!(told(&done).iter().all(|one| one.ends_with("cancelled")), "{done}");
        assert_eq!(agency.told_of("payment_plan").await, ["payment-plan.create", "payment_plan.completed"]);
        // By a bank debit, once it settles and not before.
        let bank = agency.debtor(20_00, "tok_bank").await;
        let plan = agency.post("/payment-plans", bank.enrols(10_00, "monthly")).await.made();
        agency.post("/charges", bank.pays(20_00)).await.made();
        assert_eq!(agency.plan(&plan).await["state"], "active");
        agency.days(10).await;
        agency.steps().await;
        assert_eq!((agency.owed(&bank.debt).await, &agency.plan(&plan).await["state"]), (0, &json!("completed")));
        // By a correction, of the account and of one under it.
        let (debtor, plan) = agency.enrolled(40_00, 10_00, "weekly").await;
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 0 })).await.is(200);
        assert_eq!(agency.plan(&plan).await["state"], "completed");
        let parent = agency.debtor(1_00, "tok_visa").await;
        let child = json!({ "parent_external_id": parent.debt, "balance": 50_00 });
        let child = agency.post("/debt-accounts", child).await.made();
        let plan = agency.post("/payment-plans", parent.enrols(10_00, "weekly")).await.made();
        agency.put(&format!("/debt-accounts/{child}"), json!({ "current_balance": 0 })).await.is(200);
        assert_eq!((&agency.plan(&plan).await["state"], agency.waiting().await), (&json!("completed"), 0));
    }

    async fn a_running_plan_holds_its_account(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(40_00, 10_00, "weekly").await;
        let path = format!("/debt-accounts/{}", debtor.debt);
        assert_eq!(agency.delete(&path).await.refused(400), "not_allowed_now");
        let other = agency.customer().await;
        agency.put(&path, json!({ "customer_id": other })).await.invalid("customer_id");
        let offered = json!({ "payment_plan": { "frequency": "weekly", "start_date": agency.day(3), "amount": 5_00 } });
        assert_eq!(agency.put(&path, offered.clone()).await.refused(400), "not_allowed_now");
        let child = json!({ "parent_external_id": debtor.debt, "balance": 5_00 });
        agency.post("/debt-accounts", child).await.invalid("parent_external_id");
        agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        // What was got of an account whose plan has ended can be put back, and offers nothing anew.
        let before = agency.debt(&debtor.debt).await;
        assert_eq!(before["payment_plan"]["state"], "cancelled");
        agency.put(&path, before.clone()).await.is(200);
        assert_eq!(agency.debt(&debtor.debt).await["payment_plan"]["id"], plan.as_str());
        let now = agency.put(&path, offered).await;
        assert_eq!(now.is(200)["data"]["payment_plan"]["state"], "pending");
        agency.put(&path, json!({ "customer_id": other })).await.is(200);
        agency.delete(&path).await.is(200);
        assert_eq!(agency.many("/payment-plans?status=pending").await, 0, "nothing is offered on an account that is gone");
    }

    async fn a_plan_that_came_with_its_account_can_be_enrolled_in(agency: &Agency) {
        let customer = agency.customer().await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let made = agency.post("/debt-accounts", json!({
            "customer_id": customer, "balance": 100_00, "external_id": "D-9",
            "payment_plan": { "frequency": "monthly", "start_date": "2020-01-31", "amount": 40_00 }
        })).await;
        let plan = made.is(201)["data"]["payment_plan"]["id"].as_str().unwrap().to_owned();
        let path = format!("/payment-plans/{plan}");
        let mut enrols = json!({ "frequency": "monthly", "start_date": "2020-01-31", "amount": 40_00, "payment_method_id": method });
        assert_eq!(agency.put(&path, enrols.clone()).await.invalid("start_date"), "The start date field must be a date after today.");
        enrols["start_date"] = json!("2026-11-30");
        enrols["debt_account_id"] = json!("D-9");
        let plan = agency.put(&path, enrols).await.is(200)["data"].clone();
        assert_eq!(told(&plan), ["2026-11-30 4000 scheduled", "2026-12-30 4000 scheduled", "2027-01-30 2000 scheduled"]);
        assert_eq!(agency.debt("D-9").await["payment_plan"]["status"], "active");
    }

    async fn a_block_lets_no_plan_begin_or_go_on(agency: &Agency) {
        let (debtor, running) = agency.enrolled(100_00, 10_00, "weekly").await;
        let path = format!("/payment-plans/{running}");
        let other = agency.debt_of(&debtor.customer, 100_00).await;
        let pending = json!({ "debt_account_id": other, "amount": 10_00, "frequency": "weekly" });
        let waiting = agency.post("/payment-plans", pending.clone()).await.made();
        for (reason, stops) in [("vip", false), ("dispute", true), ("bankruptcy_chapter_7", true)] {
            let block = agency.post("/blocks", json!({ "customer_id": debtor.customer, "reason": reason })).await.made();
            agency.post(&format!("{path}/pause"), json!({})).await.is(200);
            let enrols = json!({ "amount": 11_00, "frequency": "weekly", "start_date": agency.day(2), "payment_method_id": debtor.method });
            let offer = json!({ "debt_account_id": other, "type": "plan", "discount_percent": 10 });
            let refused = [
                agency.post("/payment-plans", pending.clone()).await,
                agency.post("/payment-plans/preview", pending.clone()).await,
                agency.post("/payment-plans/request", json!({ "debt_account_id": other })).await,
                agency.post("/settlement-offers", offer).await,
                agency.post(&format!("{path}/resume"), json!({})).await,
            ];
            for answer in &refused {
                match stops {
                    true => assert_eq!(answer.refused(400), "blocked", "{reason}"),
                    false => assert!(answer.status < 300, "{reason}: {}", answer.text),
                }
            }
            if stops {
                let answer = agency.put(&format!("/payment-plans/{waiting}"), enrols).await;
                // A plan of before the block; or one that another took the place of.
                assert!([400, 404].contains(&answer.status), "{reason}: {}", answer.text);
            }
            agency.post(&format!("/blocks/{block}/lift"), json!({})).await.is(200);
        }
        agency.post(&format!("{path}/resume"), json!({})).await.is(200);
        agency.post("/blocks", json!({ "payment_method_id": debtor.method, "reason": "identity_theft" })).await.made();
        let mut enrols = pending;
        enrols["payment_method_id"] = json!(debtor.method);
        assert_eq!(agency.post("/payment-plans", enrols).await.refused(400), "blocked");
        // What is only to stop is never stopped.
        agency.post(&format!("{path}/cancel"), json!({})).await.is(200);
    }

    async fn a_stopped_or_expired_method_enrols_in_nothing(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let card = json!({ "card_holder": "Ada", "card_number": "4242424242424242", "card_expiration_month": 10, "card_expiration_year": 2026 });
        let expired = agency.post("/payment-methods", json!({ "customer_id": debtor.customer, "card": card })).await.made();
        let mut asked = debtor.plans(10_00, "weekly");
        asked["payment_method_id"] = json!(expired);
        agency.post("/payment-plans", asked.clone()).await.invalid("payment_method_id");
        let stolen = agency.debtor(100_00, "tok_stolen_card").await;
        agency.post("/charges", stolen.pays(5_00)).await.is(400);
        assert_eq!(agency.post("/payment-plans", stolen.enrols(10_00, "weekly")).await.refused(400), "payment_method_stopped");
    }
}
