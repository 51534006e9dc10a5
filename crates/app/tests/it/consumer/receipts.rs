//! Receipts: what was paid, to whom, for what, and what is still owed.

use http::Method;
use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn a_receipt_says_what_was_paid_and_what_was_owed_then(agency: &Agency) {
        agency.put("/organization", json!({ "name": "Acme & Sons" })).await.is(200);
        let customer = agency.customer().await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let parent = agency.debt_of(&customer, 0).await;
        for (id, balance) in [("A", 60_00), ("B", 40_00)] {
            let child = json!({ "parent_external_id": parent, "external_id": id, "balance": balance, "external_account_number": format!("99887766{id}123"),
                                "location_id": "bank", "location_name": "First Bank" });
            agency.post("/debt-accounts", child).await.made();
        }
        let pays = |amount: i64| json!({ "debt_account_id": parent, "payment_method_id": method, "amount": amount });
        let first = agency.post("/charges", pays(70_00)).await.made();
        agency.seconds(5).await;
        agency.post("/charges", pays(10_00)).await.made();
        let receipt = agency.get(&format!("/charges/{first}/receipt")).await;
        let receipt = &receipt.is(200)["data"];
        assert_eq!((&receipt["outcome"], &receipt["amount"], &receipt["balance_after"]), (&json!("paid"), &json!(70_00), &json!(30_00)));
        assert_eq!((&receipt["paid_by"], &receipt["paid_to"]["name"]), (&json!("Ada Lovelace"), &json!("Acme & Sons")));
        let parts = receipt["allocations"].as_array().unwrap();
        assert_eq!(parts.iter().map(|p| p["amount"].as_i64().unwrap()).sum::<i64>(), 70_00);
        assert_eq!(parts.iter().map(|p| p["balance_after"].as_i64().unwrap()).sum::<i64>(), 30_00);
        assert!(parts.iter().all(|p| p["creditor"] == "First Bank" && p["account_number"].as_str().unwrap().starts_with('…')));
        let page = agency.ask(Method::GET, &format!("/charges/{first}/receipt")).header("accept", "text/html,*/*").send().await;
        assert!(page.text.contains("Acme &amp; Sons") && page.text.contains("$70.00") && !page.text.contains("99887766"), "{}", page.text);
        let text = agency.get(&format!("/charges/{first}/receipt.txt")).await;
        assert!(text.text.contains("Balance after: $30.00") && text.text.contains("Paid with: Visa ending in"), "{}", text.text);
        agency.post(&format!("/charges/{first}/refund"), json!({})).await.is(200);
        assert_eq!(agency.get(&format!("/charges/{first}/receipt")).await["data"]["outcome"], "refunded");
    }

    async fn a_declined_payment_says_so_and_what_has_not_happened_has_none(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut later = debtor.pays(10_00);
        later["scheduled_at"] = agency.day(3).into();
        let later = agency.post("/charges", later).await.made();
        assert_eq!(agency.get(&format!("/charges/{later}/receipt")).await.refused(400), "not_allowed_now");
        assert_eq!(agency.get(&format!("/charges/{later}/receipt.txt")).await.refused(400), "not_allowed_now");
        let card = json!({ "card_holder": "Ada", "card_number": "4000000000009995", "card_expiration_month": 4, "card_expiration_year": 2031 });
        let declined = agency.post("/charges", json!({ "debt_account_id": debtor.debt, "amount": 5_00, "card": card })).await;
        let id = declined.is(400)["data"]["id"].as_str().unwrap().to_owned();
        let receipt = agency.get(&format!("/charges/{id}/receipt")).await;
        let receipt = &receipt.is(200)["data"];
        assert_eq!((&receipt["outcome"], &receipt["balance_after"]), (&json!("declined"), &json!(100_00)));
        assert!(receipt["reason"].is_string());
        assert!(agency.get(&format!("/charges/{id}/receipt.txt")).await.text.contains("Declined: nothing was paid"));
    }
}
