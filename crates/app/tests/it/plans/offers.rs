//! Settlement offers: made, changed, taken up, taken back.

use serde_json::json;

use super::told;
use crate::support::agency::Agency;

on_both_engines! {
    async fn an_offer_is_one_amount_however_it_is_said(agency: &Agency) {
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        for (said, value) in [("amount", 600_00), ("discount_amount", 400_00), ("discount_percent", 40)] {
            let mut body = json!({ "debt_account_id": debtor.debt, "type": "plan" });
            body[said] = json!(value);
            let made = agency.post("/settlement-offers", body).await;
            let offer = &made.is(201)["data"];
            for (name, value) in [
                ("balance", json!(1_000_00)), ("amount", json!(600_00)), ("discount_amount", json!(400_00)), ("discount_percent", json!(40)),
                ("max_installments", json!(24)), ("status", json!("active")), ("customer_id", json!(debtor.customer)), ("expires_on", json!(null)),
            ] {
                assert_eq!(offer[name], value, "{said}: {name}");
            }
        }
        assert_eq!(agency.told_of("settlement_offer").await, ["settlement-offer.create"; 3]);
        let with = agency.get("/settlement_offers?include=customer,debt_account&limit=1").await;
        assert_eq!(with.is(200)["data"][0]["debt_account"]["id"], debtor.debt.as_str());
    }

    async fn an_offer_stays_within_the_limits(agency: &Agency) {
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        let ask = async |field: &str, value: serde_json::Value| {
            let mut body = json!({ "debt_account_id": debtor.debt, "type": "plan" });
            if field != "amount" { body["discount_percent"] = json!(40); }
            if field.starts_with("discount") { body.as_object_mut().unwrap().remove("discount_percent"); }
            body[field] = value;
            agency.post("/settlement-offers", body).await
        };
        assert_eq!(ask("amount", json!(199_99)).await.invalid("amount"), "The amount field must be at least 20000: a settlement may take off 80 percent.");
        assert_eq!(ask("amount", json!(1_000_00)).await.invalid("amount"), "The amount field must be less than 100000, which is what is owed.");
        assert_eq!(ask("discount_percent", json!(81)).await.invalid("discount_percent"), "The discount percent field must not be greater than 80.");
        assert_eq!(ask("discount_amount", json!(800_01)).await.invalid("discount_amount"), "The discount amount field must not be greater than 80000.");
        ask("max_installments", json!(107)).await.invalid("max_installments");
        ask("expires_on", json!(agency.day(-1))).await.invalid("expires_on");
        ask("discount_percent", json!(100)).await.invalid("discount_percent");
        ask("discount_percent", json!(80)).await.is(201);
        agency.post("/settlement-offers", json!({})).await.refuses(422, &["debt_account_id", "type", "amount"]);
        let both = json!({ "debt_account_id": debtor.debt, "type": "plan", "amount": 1, "discount_percent": 1 });
        agency.post("/settlement-offers", both).await.invalid("amount");
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "status": "locked" })).await.is(200);
        assert_eq!(ask("discount_percent", json!(80)).await.refused(400), "not_allowed_now");
    }

    async fn an_offer_is_taken_up_by_a_plan(agency: &Agency) {
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        let offer = json!({ "debt_account_id": debtor.debt, "type": "plan", "amount": 600_00, "max_installments": 3, "expires_on": agency.day(5) });
        let offer = agency.post("/settlement-offers", offer).await.made();
        let ask = async |cents: i64, total: Option<i64>| {
            let mut asked = debtor.enrols(cents, "monthly");
            asked["settlement_offer_id"] = json!(offer);
            if let Some(total) = total { asked["total_amount"] = json!(total); }
            agency.post("/payment-plans", asked).await
        };
        assert_eq!(ask(150_00, None).await.invalid("amount"), "The amount field makes 4 payments; the settlement offer is for 3 at most.");
        assert_eq!(ask(200_00, Some(599_00)).await.invalid("total_amount"), "The total amount field must be 60000, as the settlement offer says.");
        let made = ask(250_00, None).await;
        let plan = &made.is(201)["data"];
        assert_eq!(told(plan), ["2026-11-21 25000 scheduled", "2026-12-21 25000 scheduled", "2027-01-21 10000 scheduled"]);
        assert_eq!((&plan["settlement_offer_id"], &plan["discount_amount"]), (&json!(offer), &json!(400_00)));
        let path = format!("/settlement-offers/{offer}");
        let taken = agency.get(&path).await.is(200)["data"].clone();
        assert_eq!((&taken["status"], &taken["payment_plan_id"]), (&json!("accepted"), &plan["id"]));
        assert_eq!(agency.post(&format!("{path}/withdraw"), json!({})).await.refused(400), "not_allowed_now");
        assert_eq!(agency.delete(&path).await.refused(400), "not_allowed_now");
        assert_eq!(agency.put(&path, json!({ "amount": 500_00 })).await.refused(400), "not_allowed_now");
        assert_eq!(agency.put(&path, taken.clone()).await.is(200)["data"], taken, "what changes nothing is taken");
        assert_eq!(agency.told_of("settlement_offer").await, ["settlement-offer.create", "settlement-offer.update"]);
    }

    async fn an_offer_ends_with_its_last_day_and_when_it_is_taken_back(agency: &Agency) {
        let debtor = agency.debtor(1_000_00, "tok_visa").await;
        let offer = json!({ "debt_account_id": debtor.debt, "type": "one_time", "discount_percent": 50, "expires_on": agency.day(2) });
        let offer = agency.post("/settlement-offers", offer).await.made();
        let path = format!("/settlement-offers/{offer}");
        let mut asked = debtor.enrols(500_00, "monthly");
        asked["settlement_offer_id"] = json!(offer);
        let mut in_two = asked.clone();
        in_two["amount"] = json!(250_00);
        assert_eq!(agency.post("/payment-plans/preview", in_two).await.invalid("amount"), "The amount field must be the whole amount: the settlement offer is for one payment.");
        agency.post("/payment-plans/preview", asked.clone()).await.is(200);
        agency.days(3).await;
        assert_eq!(agency.get(&path).await.is(200)["data"]["status"], "expired");
        assert_eq!(agency.post("/payment-plans", asked.clone()).await.refused(400), "not_allowed_now");
        let changed = agency.put(&path, json!({ "expires_on": agency.day(5), "amount": 450_00 })).await;
        assert_eq!((&changed.is(200)["data"]["status"], &changed["data"]["amount"]), (&json!("active"), &json!(450_00)));
        for (query, many) in [("status=active", 1), ("status=expired", 0), ("type=one_time", 1), ("type=plan", 0), (&*format!("debt_account_id={}", debtor.debt), 1), (&*format!("customer_id={}", debtor.customer), 1)] {
            assert_eq!(agency.many(&format!("/settlement-offers?{query}")).await, many, "{query}");
        }
        for _ in 0..2 {
            assert_eq!(agency.post(&format!("{path}/withdraw"), json!({})).await.is(200)["data"]["status"], "withdrawn");
        }
        assert_eq!(agency.post("/payment-plans", asked).await.refused(400), "not_allowed_now");
        agency.delete(&path).await.is(200);
        agency.get(&path).await.refused(404);
    }

    async fn an_account_that_owes_nothing_has_nothing_to_settle(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let offer = json!({ "debt_account_id": debtor.debt, "type": "one_time", "discount_percent": 50 });
        let id = agency.once("o", "/settlement-offers", offer.clone()).await.made();
        assert_eq!(agency.once("o", "/settlement-offers", offer.clone()).await.made(), id);
        let mut waiting = debtor.plans(50_00, "weekly");
        waiting["settlement_offer_id"] = json!(id);
        agency.post("/payment-plans", waiting).await.is(201);
        assert_eq!(agency.delete(&format!("/settlement-offers/{id}")).await.refused(400), "not_allowed_now");
        agency.post("/charges", debtor.pays(100_00)).await.made();
        let over = agency.get(&format!("/settlement-offers/{id}")).await.is(200)["data"].clone();
        assert_eq!((&over["status"], &over["reason"]), (&json!("withdrawn"), &json!("paid_off")));
        assert_eq!(agency.many("/payment-plans").await, 0, "what was to settle it waits for nothing any more");
        assert_eq!(agency.post("/settlement-offers", offer).await.refused(400), "not_allowed_now");
    }
}
