//! A plan shows the interest that it is expected to pay; what is owed stays what the system of record says.

use serde_json::{Value, json};

use super::told;
use crate::support::agency::Agency;

/// What each payment has of interest.
fn interest(plan: &Value) -> Vec<Option<i64>> {
    plan["charges"].as_array().expect("charges").iter().map(|one| one["interest"].as_i64()).collect()
}

on_both_engines! {
    async fn interest_is_projected_shown_and_part_of_the_total(agency: &Agency) {
        // 1,000.00 at 6.5 % from 2026-11-20: 5.34 for 30 days, and 2.76 for 31 on 500.00.
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        let mut asked = debtor.enrols(500_00, "monthly");
        asked["start_date"] = json!("2026-12-20");
        asked["annual_percentage_rate"] = json!("6.5");
        for path in ["/payment-plans/preview", "/payment_plans/preview"] {
            let seen = agency.post(path, asked.clone()).await.is(200)["data"].clone();
            for (name, value) in [
                ("total_amount", json!(1_008_10)), ("projected_interest", json!(8_10)), ("annual_percentage_rate", json!("6.5")),
                ("principal_balance", json!(1_000_00)), ("pre_principal_balance", json!(0)), ("count", json!(3)),
                ("interest_collected_after_principal", json!(true)), ("last_payment_amount", json!(8_10)), ("settled_balance", json!(null)),
            ] {
                assert_eq!(seen[name], value, "{path} {name}");
            }
            assert_eq!(interest(&seen), [Some(0), Some(0), Some(8_10)]);
        }
        asked["annual_percentage_rate"] = json!(6.5);
        let made = agency.post("/payment-plans", asked).await;
        let plan = &made.is(201)["data"];
        assert_eq!(told(plan), ["2026-12-20 50000 scheduled", "2027-01-20 50000 scheduled", "2027-02-20 810 scheduled"]);
        assert_eq!((&plan["annual_percentage_rate"], &plan["projected_interest"], &plan["total_amount"]), (&json!("6.5"), &json!(8_10), &json!(1_008_10)));
        assert_eq!(interest(plan), [Some(0), Some(0), Some(8_10)]);
        assert_eq!(plan["authorization"]["terms"], "USD 500.00 monthly from 2026-12-20 to 2027-02-20: 3 payments, USD 1,008.10 in all, of it USD 8.10 of projected interest at 6.5 % a year");
        assert_eq!(agency.owed(&debtor.debt).await, 1_000_00, "a projection moves no balance");
        assert_eq!(agency.debt(&debtor.debt).await["payment_plan"]["projected_interest"], 8_10);
        agency.steps().await;
        let event = agency.get("/events?name=payment-plan.create").await.data()[0]["data"].clone();
        assert_eq!((&event["annual_percentage_rate"], &event["projected_interest"]), (&json!("6.5"), &json!(8_10)));
        let table = agency.get("/bulk/exports/payment-plans").await.text;
        assert!(table.lines().next().unwrap().contains("annual_percentage_rate"), "{table}");
        assert!(table.lines().nth(1).unwrap().contains("6.5"), "{table}");
    }

    async fn nothing_is_taken_that_the_system_of_record_has_not_added(agency: &Agency) {
        for added in [false, true] {
            let debtor = agency.debtor(100_00, "tok_visa").await;
            let mut asked = debtor.enrols(50_00, "weekly");
            asked["annual_percentage_rate"] = json!("36.5");
            // A day on 100.00, a week on 50.00: 0.10 and 0.35.
            let plan = agency.post("/payment-plans", asked).await.made();
            assert_eq!(interest(&agency.plan(&plan).await), [Some(0), Some(0), Some(45)]);
            for day in 0..16 {
                agency.days(1).await;
                if added && day == 2 {
                    agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 50_45 })).await.is(200);
                }
                agency.steps().await;
            }
            let after = agency.plan(&plan).await;
            assert_eq!((after["state"].as_str(), agency.owed(&debtor.debt).await), (Some("completed"), 0), "{after}");
            let last = if added { (Some(100_45), Some("fulfilled")) } else { (Some(100_00), Some("paid_off")) };
            assert_eq!((after["paid_amount"].as_i64(), after["reason"].as_str()), last);
        }
        agency.books_hold().await;
    }

    async fn what_bears_interest_is_said_and_what_cannot_be_is_refused(agency: &Agency) {
        let debtor = agency.debtor(400_00, "tok_visa").await;
        let plan = |more: Value| {
            let mut plan = debtor.plans(150_00, "monthly");
            plan["start_date"] = json!("2026-12-20");
            plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            plan
        };
        let look = async |more: Value| agency.post("/payment-plans/preview", plan(more)).await;
        let first = json!({ "annual_percentage_rate": "36.5", "pre_principal_balance": 100_00, "interest_collected_after_principal": false });
        let seen = look(first).await.is(200)["data"].clone();
        assert_eq!((interest(&seen), &seen["principal_balance"]), (vec![Some(9_00), Some(8_03), Some(3_63)], &json!(300_00)));
        for bad in [json!("6.5001"), json!("101"), json!(-1), json!("six"), json!([6])] {
            let said = look(json!({ "annual_percentage_rate": bad })).await.invalid("annual_percentage_rate");
            assert_eq!(said, "The annual percentage rate field must be a percentage from 0 to 100 with at most 3 decimals.");
        }
        look(json!({ "principal_balance": 400_00 })).await.invalid("annual_percentage_rate");
        look(json!({ "annual_percentage_rate": 5, "total_amount": 200_00 })).await.invalid("total_amount");
        look(json!({ "annual_percentage_rate": 5, "open_ended": true })).await.invalid("open_ended");
        look(json!({ "annual_percentage_rate": 5, "principal_balance": 300_00, "pre_principal_balance": 99_99 })).await.invalid("principal_balance");
        let offer = json!({ "debt_account_id": debtor.debt, "type": "plan", "discount_percent": 10 });
        let offer = agency.post("/settlement-offers", offer).await.made();
        look(json!({ "annual_percentage_rate": 5, "settlement_offer_id": offer })).await.invalid("settlement_offer_id");
        // Without an account, what bears it is the amount.
        let nobodys = json!({ "amount": 500_00, "frequency": "monthly", "start_date": "2026-12-20", "annual_percentage_rate": "6.5", "principal_balance": 1_000_00 });
        assert_eq!(agency.post("/payment-plans/preview", nobodys).await.is(200)["data"]["total_amount"], 1_008_10);
    }

    async fn a_pending_plan_keeps_its_interest_and_projects_it_anew(agency: &Agency) {
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        let mut asked = debtor.plans(500_00, "monthly");
        asked["start_date"] = json!("2026-12-20");
        asked["annual_percentage_rate"] = json!("6.5");
        let plan = agency.post("/payment-plans", asked).await.made();
        let path = format!("/payment-plans/{plan}");
        let (events, before) = (agency.events().await, agency.plan(&plan).await);
        assert_eq!(agency.put(&path, before.clone()).await.is(200)["data"], before, "what was got can be put back");
        assert_eq!(agency.events().await, events);
        let mut without = before.clone();
        without["annual_percentage_rate"] = Value::Null;
        let without = agency.put(&path, without).await.is(200)["data"].clone();
        assert_eq!((&without["annual_percentage_rate"], &without["projected_interest"], &without["total_amount"]), (&Value::Null, &Value::Null, &json!(1_000_00)));
        let mut again = without;
        again["annual_percentage_rate"] = json!("6.5");
        assert_eq!(agency.put(&path, again).await.is(200)["data"]["total_amount"], before["total_amount"]);
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 900_00 })).await.is(200);
        let enrols = json!({ "amount": 500_00, "frequency": "monthly", "start_date": "2026-12-20", "payment_method_id": debtor.method });
        // 900.00 for 30 days are 4.81, 400.00 for 31 days 2.21.
        let enrolled = agency.put(&path, enrols).await.is(200)["data"].clone();
        assert_eq!((&enrolled["principal_balance"], &enrolled["projected_interest"]), (&json!(900_00), &json!(7_02)));
        assert_eq!(told(&enrolled), ["2026-12-20 50000 scheduled", "2027-01-20 40702 scheduled"]);
        assert_eq!(interest(&enrolled), [Some(0), Some(7_02)]);
        // What is skipped stands at the end with its interest.
        let second = enrolled["charges"][1]["id"].as_str().unwrap();
        let skipped = agency.post(&format!("{path}/instalments/{second}/skip"), json!({})).await.is(200)["data"].clone();
        assert_eq!(told(&skipped)[2], "2027-01-20 40702 scheduled");
        assert_eq!(interest(&skipped), [Some(0), Some(7_02), Some(7_02)]);
        let plain = agency.debtor(50_00, "tok_visa").await;
        let plain = agency.post("/payment-plans", plain.enrols(25_00, "weekly")).await.is(201)["data"].clone();
        assert_eq!((&plain["annual_percentage_rate"], interest(&plain)), (&Value::Null, vec![None, None]));
    }

    async fn a_reinstated_plan_still_expects_what_was_not_paid_of_its_interest(agency: &Agency) {
        let rules = json!({ "payment_plan_retries": 0, "payment_plan_break_after": 1, "payment_plan_grace_days": 0 });
        agency.put("/organization", json!({ "payment_rules": rules })).await.is(200);
        let debtor = agency.debtor(100_00, "tok_insufficient_funds").await;
        let mut asked = debtor.enrols(50_00, "weekly");
        asked["annual_percentage_rate"] = json!("36.5");
        let plan = agency.post("/payment-plans", asked).await.made();
        agency.days(1).await;
        agency.steps().await;
        let back = agency.post(&format!("/payment-plans/{plan}/reinstate"), json!({})).await.is(200)["data"].clone();
        let open: Vec<String> = told(&back).into_iter().filter(|one| one.ends_with("scheduled")).collect();
        assert_eq!(open, ["2026-11-28 5000 scheduled", "2026-12-05 5000 scheduled", "2026-12-12 45 scheduled"]);
        assert_eq!(back["charges"].as_array().unwrap().last().unwrap()["interest"], 45);
    }
}
