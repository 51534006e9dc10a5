//! A plan is agreed upon: by whom, for how much, until when.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::told;
use crate::support::agency::Agency;

on_both_engines! {
    async fn with_a_method_a_plan_runs_at_once_and_shows_every_instalment(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut asked = debtor.enrols(30_00, "weekly");
        asked["start_date"] = json!(agency.day(7));
        let made = agency.post("/payment-plans", asked).await;
        let plan = &made.is(201)["data"];
        for (name, value) in [
            ("status", json!("active")), ("state", json!("active")), ("frequency", json!("weekly")), ("frequency_exact", json!("weekly")),
            ("amount", json!(30_00)), ("installment_amount", json!(30_00)), ("total_amount", json!(100_00)),
            ("start_date", json!("2026-11-27")), ("next_payment_date", json!("2026-11-27")), ("last_payment_date", json!("2026-12-18")),
            ("count", json!(4)), ("paid_amount", json!(0)), ("discount_amount", json!(null)), ("payment_source", json!("api")),
            ("debt_account_id", json!(debtor.debt)), ("customer_id", json!(debtor.customer)), ("payment_method_id", json!(debtor.method)),
            ("rules", json!({ "unscheduled_payment_plan_editable": true })), ("is_paused", json!(false)), ("ended_at", json!(null)),
        ] {
            assert_eq!(plan[name], value, "{name}");
        }
        assert_eq!(told(plan), [
            "2026-11-27 3000 scheduled", "2026-12-04 3000 scheduled", "2026-12-11 3000 scheduled", "2026-12-18 1000 scheduled"
        ]);
        // As the guide has it: midnight where the organization is.
        assert_eq!(plan["charges"][0]["charge_date"], "2026-11-27T05:00:00Z");
        assert_eq!((&plan["charges"][0]["scheduled"], &plan["charges"][0]["charged_at"]), (&json!(true), &json!(null)));
        let given = &plan["authorization"];
        assert_eq!((&given["channel"], &given["payment_method_id"]), (&json!("api"), &json!(debtor.method)));
        assert_eq!(given["terms"], "USD 30.00 weekly from 2026-11-27 to 2026-12-18: 4 payments, USD 100.00 in all");
        // Its account shows the same plan, and the other spelling its own words.
        let shown = agency.debt(&debtor.debt).await["payment_plan"].clone();
        assert_eq!((&shown["id"], told(&shown)), (&plan["id"], told(plan)));
        assert_eq!(agency.told_of("payment_plan").await, ["payment-plan.create"]);
        let with = agency.get(&format!("/payment_plans/{}?include=customer,debt_account,payment_method,charges", made.made())).await;
        assert_eq!(with.is(200)["data"]["customer"]["id"], debtor.customer.as_str());
        assert_eq!(with["data"]["debt_account"]["id"], debtor.debt.as_str());
        assert_eq!(with["data"]["payment_method"]["id"], debtor.method.as_str());
        assert_eq!(with["data"]["charges"], plan["charges"]);
    }

    async fn without_a_method_a_plan_waits_until_one_is_given(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let id = agency.post("/payment_plans", debtor.plans(50_00, "monthly")).await.made();
        let path = format!("/payment_plans/{id}");
        let plan = agency.get(&path).await.is(200)["data"].clone();
        assert_eq!((&plan["status"], &plan["state"]), (&json!("paused"), &json!("pending")));
        assert_eq!((&plan["charges"], &plan["authorization"], agency.waiting().await), (&json!([]), &json!(null), 0));
        assert_eq!(plan["start_date"], "2026-11-21", "the next day, where nothing is said");
        assert!(plan.get("next_payment_date").is_none());
        // Another pending one takes its place.
        let other = agency.post("/payment-plans", debtor.plans(40_00, "last_of_month")).await.made();
        agency.get(&path).await.refused(404);
        let enrols = json!({ "frequency": "last_of_month", "start_date": "2026-11-30", "amount": 40_00, "payment_method_id": debtor.method });
        let plan = agency.put(&format!("/payment_plans/{other}"), enrols).await.is(200)["data"].clone();
        assert_eq!((&plan["status"], &plan["frequency"], &plan["frequency_exact"]), (&json!("active"), &json!("monthly"), &json!("last_of_month")));
        assert_eq!(told(&plan), ["2026-11-30 4000 scheduled", "2026-12-31 4000 scheduled", "2027-01-31 2000 scheduled"]);
        assert_eq!(
            agency.told_of("payment_plan").await,
            ["payment-plan.create", "payment_plan.cancelled", "payment-plan.create", "payment-plan.update"]
        );
    }

    async fn a_preview_is_what_the_plan_will_be_and_keeps_nothing(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let events = agency.events().await;
        let mut asked = debtor.plans(25_00, "every_other_week");
        asked["down_payment_amount"] = json!(10_00);
        asked["total_amount"] = json!(70_00);
        let look = agency.post("/payment_plans/preview", asked.clone()).await;
        let look = &look.is(200)["data"];
        for (name, value) in [
            ("frequency", json!("biweekly")), ("total_amount", json!(70_00)), ("count", json!(4)), ("settled_balance", json!(100_00)),
            ("discount_amount", json!(30_00)), ("first_payment_date", json!("2026-11-20")), ("last_payment_date", json!("2026-12-19")),
            ("last_payment_amount", json!(10_00)), ("down_payment_date", json!("2026-11-20")), ("debt_account_id", json!(debtor.debt)),
        ] {
            assert_eq!(look[name], value, "{name}");
        }
        assert_eq!(agency.events().await, events);
        asked["payment_method_id"] = json!(debtor.method);
        let made = agency.post("/payment-plans", asked).await;
        let days = |all: &Value| -> Vec<(Value, Value)> {
            all["charges"].as_array().unwrap().iter().map(|c| (c["due_date"].clone(), c["amount"].clone())).collect()
        };
        assert_eq!(days(&made.is(201)["data"]), days(look));
        let alone = json!({ "amount": 25_00, "frequency": "weekly" });
        assert_eq!(agency.post("/payment-plans/preview", alone.clone()).await.invalid("total_amount"), "The total amount field is required.");
        let mut alone = alone;
        alone["total_amount"] = json!(50_00);
        assert_eq!(agency.post("/payment-plans/preview", alone).await.is(200)["data"]["count"], 2);
    }

    async fn a_total_is_what_is_owed_or_a_settlement_within_limits(agency: &Agency) {
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        let ask = async |total: i64, cents: i64| {
            let mut asked = debtor.enrols(cents, "monthly");
            asked["total_amount"] = json!(total);
            agency.post("/payment-plans", asked).await
        };
        assert_eq!(ask(1_000_01, 100_00).await.invalid("total_amount"), "The total amount field must not be greater than 100000, which is what is owed.");
        assert_eq!(ask(199_99, 100_00).await.invalid("total_amount"), "The total amount field must be at least 20000: a settlement may take off 80 percent.");
        assert_eq!(ask(600_00, 24_00).await.invalid("amount"), "The amount field must be at least 2500: a settlement may run 24 months.");
        let made = ask(600_00, 25_00).await;
        let plan = &made.is(201)["data"];
        assert_eq!((&plan["settled_balance"], &plan["discount_amount"], &plan["count"]), (&json!(1_000_00), &json!(400_00), &json!(24)));
        assert!(plan["authorization"]["terms"].as_str().unwrap().ends_with("in settlement of USD 1,000.00"));
    }

    async fn everything_that_is_wrong_with_a_plan_is_said_at_once(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.post("/payment-plans", json!({})).await.refuses(422, &["debt_account_id", "frequency", "amount"]);
        let mut asked = debtor.plans(30_00, "weekly");
        for (name, value) in [("start_date", json!(agency.day(0))), ("total_amount", json!(100_01)), ("down_payment_date", json!("2026-11-01")), ("down_payment_amount", json!(5))] {
            asked[name] = value;
        }
        agency.post("/payment-plans", asked.clone()).await.refuses(422, &["start_date", "total_amount", "down_payment_date"]);
        asked = debtor.plans(30_00, "weekly");
        asked["start_date"] = json!(agency.day(32));
        assert_eq!(agency.post("/payment-plans", asked.clone()).await.invalid("start_date"), "The start date field must be a date before or equal to 2026-12-21.");
        asked["start_date"] = json!(agency.day(31));
        agency.post("/payment-plans", asked).await.is(201);
        for (name, value) in [("frequency", json!("daily")), ("amount", json!(0)), ("amount", json!("30.50")), ("open_ended", json!("maybe")), ("payment_method_id", json!("x"))] {
            let mut asked = debtor.plans(30_00, "weekly");
            asked[name] = value.clone();
            agency.post("/payment-plans", asked).await.invalid(name);
        }
        assert_eq!(
            agency.post("/payment-plans", debtor.plans(1, "weekly")).await.invalid("amount"),
            "The amount field must be at least 17: the plan would take 10000 payments, and may take 600."
        );
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "rules": { "min_payment_amount": 500 } })).await.is(200);
        assert_eq!(agency.post("/payment-plans", debtor.plans(4_99, "weekly")).await.invalid("amount"), "The amount field must be at least 500.");
    }

    async fn an_account_that_cannot_be_paid_gets_no_plan(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let path = format!("/debt-accounts/{}", debtor.debt);
        for status in ["locked", "archived", "closed"] {
            agency.put(&path, json!({ "status": status })).await.is(200);
            for way in ["/payment-plans", "/payment-plans/preview", "/payment-plans/request"] {
                let refused = agency.post(way, debtor.plans(10_00, "weekly")).await;
                // A request says from when on together with how often.
                assert!([400, 422].contains(&refused.status), "{way}: {}", refused.text);
            }
            assert_eq!(agency.post("/payment-plans", debtor.enrols(10_00, "weekly")).await.refused(400), "not_allowed_now");
        }
        agency.put(&path, json!({ "status": "active" })).await.is(200);
        let stranger = agency.debtor(1_00, "tok_visa").await;
        let mut asked = debtor.plans(10_00, "weekly");
        asked["payment_method_id"] = json!(stranger.method);
        assert_eq!(agency.post("/payment-plans", asked).await.invalid("payment_method_id"), "The selected payment method id is invalid.");
    }

    async fn an_account_has_one_plan_that_lives(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let all = join_all((0..6).map(|_| agency.post("/payment-plans", debtor.enrols(10_00, "weekly")))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(all.iter().all(|answer| [201, 400].contains(&answer.status)));
        assert_eq!(agency.post("/payment-plans", debtor.plans(10_00, "weekly")).await.refused(400), "not_allowed_now");
        assert_eq!((agency.many("/payment-plans").await, agency.waiting().await), (1, 10));
        // Nor do a group's account and one under it, whose payments would be the same money.
        let parent = agency.debtor(1_00, "tok_visa").await;
        let child = json!({ "parent_external_id": parent.debt, "balance": 50_00 });
        let child = agency.post("/debt-accounts", child).await.made();
        let plan = agency.post("/payment-plans", parent.enrols(10_00, "weekly")).await.made();
        let on_child = json!({ "debt_account_id": child, "amount": 10_00, "frequency": "weekly", "payment_method_id": parent.method });
        assert_eq!(agency.post("/payment-plans", on_child.clone()).await.refused(400), "not_allowed_now");
        agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        agency.post("/payment-plans", on_child).await.is(201);
        assert_eq!(agency.post("/payment-plans", parent.enrols(10_00, "weekly")).await.refused(400), "not_allowed_now");
    }

    async fn an_open_ended_plan_schedules_its_next_payments_only(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut asked = debtor.enrols(30_00, "monthly");
        asked["open_ended"] = json!(true);
        let plan = agency.post("/payment-plans", asked.clone()).await.is(201)["data"].clone();
        assert_eq!((told(&plan), &plan["open_ended"], plan.get("total_amount")), (vec!["2026-11-21 3000 scheduled".into(), "2026-12-21 3000 scheduled".into()], &json!(true), None));
        assert_eq!(plan["authorization"]["terms"], "USD 30.00 monthly from 2026-11-21 until nothing is owed");
        asked["total_amount"] = json!(50_00);
        asked.as_object_mut().unwrap().remove("payment_method_id");
        assert_eq!(agency.post("/payment-plans/preview", asked).await.invalid("total_amount"), "The total amount field is prohibited when open ended is true.");
    }

    async fn the_same_key_makes_the_same_plan(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let first = agency.once("k", "/payment-plans", debtor.enrols(10_00, "weekly")).await;
        let again = agency.once("k", "/payment-plans", debtor.enrols(10_00, "weekly")).await;
        assert_eq!((first.made(), again.is_replay()), (again.made(), true));
        assert_eq!(agency.once("k", "/payment-plans", debtor.enrols(11_00, "weekly")).await.refused(422), "idempotency_conflict");
        assert_eq!(agency.waiting().await, 10);
    }

    async fn plans_are_listed_by_what_they_are(agency: &Agency) {
        let (weekly, _) = agency.enrolled(100_00, 50_00, "weekly").await;
        let (_, paused) = agency.enrolled(100_00, 50_00, "last_of_month").await;
        agency.post(&format!("/payment-plans/{paused}/pause"), json!({})).await.is(200);
        let (_, over) = agency.enrolled(100_00, 50_00, "monthly").await;
        agency.post(&format!("/payment-plans/{over}/cancel"), json!({})).await.is(200);
        let later = agency.debtor(100_00, "tok_visa").await;
        let mut asked = later.plans(50_00, "biweekly");
        asked["start_date"] = json!(agency.day(20));
        agency.form("/payment_plans", &format!("debt_account_external_id={}&installment_amount=5000&frequency=biweekly&start_date={}", later.debt, agency.day(20))).await.is(201);
        for (query, guide, openapi) in [
            ("", 4, 4),
            (&*format!("?customer_id={}", weekly.customer), 1, 1),
            (&*format!("?debt_account_external_id={}", weekly.debt), 1, 1),
            ("?status=active", 1, 1),
            ("?status=paused", 1, 2), // there, a pending one is paused too
            ("?status=pending", 1, 1),
            ("?status=cancelled", 1, 1),
            ("?frequency=monthly", 1, 2),
            ("?frequency=last_of_month", 1, 1),
            ("?frequency=biweekly", 1, 1),
            (&*format!("?start_date_from={}", agency.day(2)), 1, 1),
            (&*format!("?start_date_to={}", agency.day(2)), 3, 3),
            (&*format!("?start_date_from={}&start_date_to={}", agency.day(1), agency.day(1)), 3, 3),
        ] {
            assert_eq!(agency.many(&format!("/payment-plans{query}")).await, guide, "{query}");
            assert_eq!(agency.many(&format!("/payment_plans{query}")).await, openapi, "{query}");
        }
        let long = agency.debtor(1_000_00, "tok_visa").await;
        agency.post("/payment-plans", long.enrols(10_00, "weekly")).await.is(201);
        let listed = agency.get("/payment-plans?limit=1").await;
        let first = &listed.is(200)["data"][0];
        assert_eq!((first["charges"].as_array().unwrap().len(), &first["count"]), (25, &json!(100)), "a list shows the next ones");
        assert_eq!(agency.plan(first["id"].as_str().unwrap()).await["charges"].as_array().unwrap().len(), 100);
    }
}
