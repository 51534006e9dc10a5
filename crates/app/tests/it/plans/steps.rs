//! A plan changes, stands still, goes on, ends.

use serde_json::json;

use super::told;
use crate::support::agency::Agency;

on_both_engines! {
    async fn a_paused_plan_waits_and_goes_on_without_catching_up(agency: &Agency) {
        let (_, plan) = agency.enrolled(40_00, 10_00, "weekly").await;
        let step = async |what: &str| agency.post(&format!("/payment-plans/{plan}/{what}"), json!({})).await;
        assert_eq!(step("resume").await.is(200)["data"]["state"], "active", "what is so already stays so");
        let paused = step("pause").await;
        assert_eq!((&paused.is(200)["data"]["state"], agency.waiting().await), (&json!("paused"), 0));
        assert!(paused["data"].get("next_payment_date").is_none());
        assert_eq!(told(&paused["data"]).len(), 4);
        let events = agency.events().await;
        step("pause").await.is(200);
        assert_eq!(agency.events().await, events);
        // Nothing has passed: the same days.
        assert_eq!(told(&step("resume").await.is(200)["data"])[0], "2026-11-21 1000 scheduled");
        step("pause").await.is(200);
        agency.days(17).await; // 2026-12-07: three of them have passed
        let on = step("resume").await;
        assert_eq!(told(&on.is(200)["data"]), [
            "2026-12-12 1000 scheduled", "2026-12-19 1000 scheduled", "2026-12-26 1000 scheduled", "2027-01-02 1000 scheduled"
        ]);
        assert_eq!((&on["data"]["next_payment_date"], agency.waiting().await), (&json!("2026-12-12"), 4));
    }

    async fn a_cancelled_plan_charges_nothing_more_and_is_kept(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(40_00, 10_00, "weekly").await;
        let path = format!("/payment-plans/{plan}");
        assert_eq!(agency.delete(&path).await.refused(400), "not_allowed_now");
        let ended = agency.post(&format!("{path}/cancel"), json!({})).await;
        let data = &ended.is(200)["data"];
        assert_eq!((&data["state"], &data["reason"], agency.waiting().await), (&json!("cancelled"), &json!("cancelled"), 0));
        assert!(told(data).iter().all(|one| one.ends_with("cancelled")));
        assert_eq!((&data["charges"][0]["scheduled"], &data["last_payment_date"]), (&json!(false), &json!(null)));
        assert!(data["authorization"]["ended_at"].is_string());
        let events = agency.events().await;
        agency.post(&format!("{path}/cancel"), json!({})).await.is(200);
        assert_eq!(agency.events().await, events);
        for what in ["pause", "resume"] {
            assert_eq!(agency.post(&format!("{path}/{what}"), json!({})).await.refused(400), "not_allowed_now");
        }
        assert_eq!(agency.told_of("payment_plan").await, ["payment-plan.create", "payment_plan.cancelled"]);
        // Another may follow.
        agency.post("/payment-plans", debtor.enrols(20_00, "monthly")).await.is(201);
        assert_eq!(agency.many(&format!("/payment-plans?debt_account_id={}", debtor.debt)).await, 2);
    }

    async fn a_pending_plan_can_be_changed_cancelled_and_deleted(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let plan = agency.post("/payment-plans", debtor.plans(10_00, "weekly")).await.made();
        let path = format!("/payment-plans/{plan}");
        agency.put(&path, json!({ "amount": 20_00 })).await.refuses(422, &["frequency", "start_date"]);
        let terms = |cents: i64, day: i64| json!({ "amount": cents, "frequency": "monthly", "start_date": agency.day(day) });
        agency.put(&path, terms(20_00, 0)).await.invalid("start_date");
        agency.put(&path, terms(20_00, 32)).await.invalid("start_date");
        let changed = agency.put(&path, terms(20_00, 31)).await;
        assert_eq!((&changed.is(200)["data"]["amount"], &changed["data"]["start_date"]), (&json!(20_00), &json!("2026-12-21")));
        for what in ["pause", "resume"] {
            assert_eq!(agency.post(&format!("{path}/{what}"), json!({})).await.refused(400), "not_allowed_now");
        }
        assert_eq!(agency.post(&format!("{path}/cancel"), json!({})).await.is(200)["data"]["state"], "cancelled");
        let other = agency.post("/payment-plans", debtor.plans(10_00, "weekly")).await.made();
        agency.delete(&format!("/payment_plans/{other}")).await.is(200);
        agency.get(&format!("/payment-plans/{other}")).await.refused(404);
        assert_eq!(agency.put(&path, terms(5_00, 3)).await.refused(400), "not_allowed_now");
    }

    async fn what_is_scheduled_keeps_its_terms_and_can_change_its_method(agency: &Agency) {
        let (debtor, plan) = agency.enrolled(100_00, 10_00, "weekly").await;
        let path = format!("/payment-plans/{plan}");
        let terms = |cents: i64| json!({ "amount": cents, "frequency": "weekly", "start_date": agency.day(1) });
        assert_eq!(agency.put(&path, terms(20_00)).await.refused(400), "not_allowed_now");
        let other = agency.method_of(&debtor.customer, "tok_mastercard").await;
        let mut body = terms(10_00);
        body["payment_method_id"] = json!(other);
        let changed = agency.put(&path, body).await;
        assert_eq!(changed.is(200)["data"]["payment_method_id"], other.as_str());
        assert_eq!(changed["data"]["authorization"]["payment_method_id"], other.as_str());
        assert_eq!(agency.number("SELECT count(*) FROM plan_authorization WHERE ended_at IS NOT NULL").await, 1);
        // The one it has now is needed; the other one is not any more.
        assert_eq!(agency.delete(&format!("/payment-methods/{other}")).await.refused(400), "not_allowed_now");
        agency.delete(&format!("/payment-methods/{}", debtor.method)).await.is(200);
        agency.post(&format!("{path}/cancel"), json!({})).await.is(200);
        agency.delete(&format!("/payment-methods/{other}")).await.is(200);
    }

    async fn a_plan_that_was_got_can_be_put_back_and_changes_nothing(agency: &Agency) {
        let (_, active) = agency.enrolled(100_00, 10_00, "last_of_month").await;
        let (_, paused) = agency.enrolled(100_00, 10_00, "monthly").await;
        agency.post(&format!("/payment-plans/{paused}/pause"), json!({})).await.is(200);
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut asked = debtor.plans(10_00, "last_of_month");
        asked["total_amount"] = json!(70_00);
        let pending = agency.post("/payment-plans", asked).await.made();
        for plan in [&active, &paused, &pending] {
            for path in [format!("/payment-plans/{plan}"), format!("/payment_plans/{plan}")] {
                let (events, before) = (agency.events().await, agency.get(&path).await.is(200)["data"].clone());
                agency.seconds(60).await;
                assert_eq!(agency.put(&path, before.clone()).await.is(200)["data"], before, "{path}");
                assert_eq!(agency.events().await, events, "{path}");
            }
        }
    }

    async fn the_organizations_rules_hold_for_plans(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let pending = agency.post("/payment-plans", debtor.plans(20_00, "weekly")).await.made();
        let (runner, running) = agency.enrolled(100_00, 10_00, "weekly").await;
        let rule = async |name: &str, value: serde_json::Value| {
            agency.put("/organization", json!({ "payment_rules": { name: value } })).await.is(200);
        };
        rule("unscheduled_payment_plan_editable", json!(false)).await;
        let path = format!("/payment-plans/{pending}");
        assert_eq!(agency.plan(&pending).await["rules"], json!({ "unscheduled_payment_plan_editable": false }));
        let terms = |cents: i64| json!({ "amount": cents, "frequency": "weekly", "start_date": agency.day(1) });
        assert_eq!(agency.put(&path, terms(25_00)).await.refused(400), "not_allowed_now");
        agency.put(&path, terms(20_00)).await.is(200);
        rule("unscheduled_payment_plan_editable", json!(null)).await;
        rule("payment_plan_max_days_until_start_date", json!(10)).await;
        let starts = |day: i64| json!({ "amount": 20_00, "frequency": "weekly", "start_date": agency.day(day) });
        agency.put(&path, starts(11)).await.invalid("start_date");
        agency.put(&path, starts(10)).await.is(200);
        rule("min_installment_amount", json!(15_00)).await;
        assert_eq!(agency.put(&path, terms(14_99)).await.invalid("amount"), "The amount field must be at least 1500.");
        rule("payment_plan_max_months", json!(1)).await;
        assert_eq!(agency.put(&path, terms(15_00)).await.invalid("amount"), "The amount field must be at least 2000: a plan may run 1 months.");
        rule("settlements_enabled", json!(false)).await;
        let offer = json!({ "debt_account_id": debtor.debt, "type": "plan", "amount": 50_00 });
        agency.post("/settlement-offers", offer).await.invalid("amount");
        let mut less = debtor.plans(20_00, "weekly");
        less["total_amount"] = json!(50_00);
        agency.post("/payment-plans", less).await.invalid("total_amount");
        // What was agreed upon goes on without new ones.
        rule("payment_plans_enabled", json!(false)).await;
        for way in ["/payment-plans", "/payment-plans/preview"] {
            assert_eq!(agency.post(way, debtor.plans(20_00, "weekly")).await.refused(400), "not_allowed_now");
        }
        assert_eq!(agency.post("/payment-plans/request", json!({ "debt_account_id": debtor.debt })).await.refused(400), "not_allowed_now");
        for what in ["pause", "resume"] {
            agency.post(&format!("/payment-plans/{running}/{what}"), json!({})).await.is(200);
        }
        assert_eq!(agency.owed(&runner.debt).await, 100_00);
    }

    async fn a_step_is_done_once_under_its_key(agency: &Agency) {
        let (_, plan) = agency.enrolled(40_00, 10_00, "weekly").await;
        let path = format!("/payment-plans/{plan}");
        agency.once("p", &format!("{path}/pause"), json!({})).await.is(200);
        agency.post(&format!("{path}/resume"), json!({})).await.is(200);
        let again = agency.once("p", &format!("{path}/pause"), json!({})).await;
        assert_eq!((&again.is(200)["data"]["state"], again.is_replay()), (&json!("active"), true));
    }
}
