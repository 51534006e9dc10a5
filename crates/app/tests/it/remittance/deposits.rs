//! Money that arrives on the trust account, and what was recorded wrongly.

use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn what_has_cleared_arrives_once(agency: &Agency) {
        agency.paid(&agency.debtor(500_00, "tok_visa").await, 100_00).await;
        let refused = agency.deposits("card_clearing", 100_01, "D-1").await;
        assert_eq!(refused.invalid("amount"), "The amount field must not be greater than 10000, which is what stands on card_clearing.");
        agency.deposits("ach_clearing", 1, "D-1").await.invalid("amount");
        let made = agency.deposits("card_clearing", 60_00, "D-1").await.is(201)["data"].clone();
        assert_eq!((&made["received_on"], &made["reversed_at"]), (&json!(agency.day(0)), &json!(null)));
        assert_eq!(agency.deposits("card_clearing", 10_00, "D-1").await.invalid("reference"), "The reference has already been taken.");
        agency.deposits("card_clearing", 40_01, "D-2").await.invalid("amount");
        agency.deposits("card_clearing", 40_00, "D-2").await.made();
        assert_eq!(agency.stands_on(["card_clearing", "trust_bank"]).await, [0, 100_00]);
        let future = json!({ "account": "card_clearing", "amount": 1, "reference": "D-3", "received_on": agency.day(1) });
        agency.post("/trust-deposits", future).await.is(422);
        agency.post("/trust-deposits", json!({})).await.refuses(422, &["account", "amount", "reference"]);
        for (query, many) in [("account=card_clearing", 2), ("account=ach_clearing", 0), ("reference=D-2", 1)] {
            assert_eq!(agency.many(&format!("/trust-deposits?{query}")).await, many, "{query}");
        }
    }

    async fn a_deposit_is_undone_by_its_contrary_while_its_money_is_there(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({ "card_hold_days": 0 })).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 100_00).await;
        let wrong = agency.deposits("card_clearing", 70_00, "D-1").await.made();
        let path = format!("/trust-deposits/{wrong}/reverse");
        for _ in 0..2 {
            let undone = agency.post(&path, json!({})).await;
            assert!(undone.is(200)["data"]["reversed_by"].is_string());
        }
        assert_eq!(agency.stands_on(["card_clearing", "trust_bank"]).await, [100_00, 0]);
        let right = agency.deposits("card_clearing", 100_00, "D-1").await.made();
        let draft = agency.post("/remittances", json!({ "location_id": bank, "last_day": agency.day(0) })).await;
        let draft = draft.is(201)["data"].clone();
        agency.second().await.approves(agency, super::id(&draft)).await.is(200);
        agency.pays(&draft).await.is(200);
        let refused = agency.post(&format!("/trust-deposits/{right}/reverse"), json!({})).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert_eq!(agency.get(&format!("/trust-deposits/{right}")).await["data"]["reversed_at"], json!(null));
    }
}
