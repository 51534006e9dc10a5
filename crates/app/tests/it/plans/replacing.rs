//! A plan that runs gives way to one with other terms.

use serde_json::json;

use super::running::so;
use super::told;
use crate::support::agency::Agency;

on_both_engines! {
    async fn other_terms_are_another_plan_by_another_authorization(agency: &Agency) {
        let (debtor, old) = agency.enrolled(50_00, 10_00, "weekly").await;
        agency.lives(8).await; // two are paid
        let asked = json!({ "amount": 20_00, "frequency": "monthly", "start_date": agency.day(5), "authorization": { "channel": "phone", "given_by": "Ada Lovelace" } });
        let path = format!("/payment-plans/{old}/replace");
        let made = agency.once("k", &path, asked.clone()).await;
        let new = made.is(201)["data"].clone();
        assert_eq!(told(&new), ["2026-12-03 2000 scheduled", "2027-01-03 1000 scheduled"]);
        assert_eq!((&new["state"], &new["replaces_id"], &new["payment_method_id"]), (&json!("active"), &json!(old), &json!(debtor.method)));
        assert_eq!((&new["authorization"]["channel"], &new["authorization"]["given_by"]), (&json!("phone"), &json!("Ada Lovelace")));
        assert!(new["authorization"]["terms"].as_str().unwrap().contains("USD 20.00 monthly from 2026-12-03"), "{new}");
        let before = agency.plan(&old).await;
        assert_eq!(agency.stands(&old).await, so("cancelled", "replaced"));
        assert_eq!(told(&before)[1..3], ["2026-11-28 1000 paid", "2026-12-05 1000 cancelled"]);
        assert!(before["authorization"]["ended_at"].is_string());
        // The same request again is the same plan, and there is nothing left to replace.
        assert_eq!(agency.once("k", &path, asked.clone()).await.is(201)["data"]["id"], new["id"]);
        assert_eq!(agency.post(&path, asked).await.refused(400), "not_allowed_now");
        let events = ["payment-plan.create", "payment_plan.cancelled", "payment-plan.create"];
        assert_eq!(agency.told_of("payment_plan").await, events);
        agency.lives(40).await;
        assert_eq!(agency.stands(new["id"].as_str().unwrap()).await, so("completed", "fulfilled"));
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.charges()), (0, 4));
        agency.books_hold().await;
    }

    async fn what_is_wrong_with_the_new_terms_leaves_the_old_plan_as_it_was(agency: &Agency) {
        let (debtor, old) = agency.enrolled(50_00, 10_00, "weekly").await;
        let path = format!("/payment-plans/{old}/replace");
        let before = agency.plan(&old).await;
        agency.post(&path, json!({})).await.refuses(422, &["frequency", "amount"]);
        let ask = |field: &str, value| {
            let mut asked = json!({ "amount": 20_00, "frequency": "monthly" });
            asked[field] = value;
            agency.post(&path, asked)
        };
        ask("start_date", json!(agency.day(0))).await.invalid("start_date");
        ask("total_amount", json!(50_01)).await.invalid("total_amount");
        ask("payment_method_id", json!(debtor.customer)).await.invalid("payment_method_id");
        ask("settlement_offer_id", json!(debtor.customer)).await.invalid("settlement_offer_id");
        let hold = json!({ "debt_account_id": debtor.debt, "reason": "dispute" });
        let hold = agency.post("/blocks", hold).await.made();
        ask("amount", json!(20_00)).await.refused(400);
        agency.post(&format!("/blocks/{hold}/lift"), json!({})).await;
        let after = agency.plan(&old).await;
        for part in ["state", "charges", "updated_at"] {
            assert_eq!(after[part], before[part]);
        }
        assert_eq!(after["authorization"]["ended_at"], json!(null));
        assert_eq!(agency.many("/payment-plans").await, 1);
        let pending = agency.debtor(50_00, "tok_visa").await;
        let pending = agency.post("/payment-plans", pending.plans(10_00, "weekly")).await.made();
        let said = agency.post(&format!("/payment-plans/{pending}/replace"), json!({ "amount": 20_00, "frequency": "monthly" })).await;
        assert_eq!(said.refused(400), "not_allowed_now");
    }

    async fn what_is_under_way_goes_on_and_is_not_asked_for_again(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let old = agency.post("/payment-plans", debtor.enrols(10_00, "monthly")).await.made();
        agency.lives(3).await;
        assert_eq!(told(&agency.plan(&old).await)[0], "2026-11-23 1000 submitting");
        let new = agency.post(&format!("/payment-plans/{old}/replace"), json!({ "amount": 20_00, "frequency": "monthly" })).await;
        let new = new.is(201)["data"].clone();
        assert_eq!((&new["total_amount"], new["charges"].as_array().map(Vec::len)), (&json!(40_00), Some(2)));
        agency.lives(60).await;
        assert_eq!(told(&agency.plan(&old).await)[0], "2026-11-23 1000 paid");
        assert_eq!(agency.stands(new["id"].as_str().unwrap()).await, so("completed", "fulfilled"));
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.charges()), (0, 3));
        agency.books_hold().await;
    }

    async fn what_is_left_of_a_settlement_settles_it_by_other_terms(agency: &Agency) {
        agency.rules(json!({ "settlement_max_discount_percent": 40 })).await;
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut asked = debtor.enrols(20_00, "weekly");
        asked["total_amount"] = json!(60_00);
        let old = agency.post("/payment-plans", asked).await.made();
        agency.lives(1).await; // 80.00 are owed, 40.00 are left to pay: half of it, which is more than a new settlement may forgive
        let path = format!("/payment-plans/{old}/replace");
        let too_low = json!({ "amount": 20_00, "frequency": "monthly", "total_amount": 39_00 });
        agency.post(&path, too_low).await.invalid("total_amount");
        let new = agency.post(&path, json!({ "amount": 20_00, "frequency": "monthly" })).await;
        let new = new.is(201)["data"].clone();
        assert_eq!((&new["total_amount"], &new["settled_balance"], &new["discount_amount"]), (&json!(40_00), &json!(80_00), &json!(40_00)));
        agency.lives(70).await;
        assert_eq!(agency.stands(new["id"].as_str().unwrap()).await, so("completed", "settled"));
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.charges()), (0, 3));
        agency.books_hold().await;
    }
}
