//! Disputes: placing one stops collecting, ending it lets it go on.

use serde_json::{Value, json};

use crate::support::agency::Agency;

async fn dispute(agency: &Agency, body: Value) -> String {
    format!("/debt-account-disputes/{}", agency.post("/debt-account-disputes", body).await.made())
}

on_both_engines! {
    async fn a_dispute_blocks_its_account_until_it_ends(agency: &Agency) {
        let customer = agency.customer().await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let parent = agency.debt_of(&customer, 0).await;
        let child = json!({ "parent_external_id": parent, "balance": 60_00 });
        let child = agency.post("/debt-accounts", child).await.made();
        let pays = json!({ "debt_account_id": parent, "payment_method_id": method, "amount": 1_00 });
        let sent = json!({ "debt_account_id": child, "kind": "part", "amount": 20_00, "reasons": ["wrong_amount", "already_paid"], "description": "I paid in May." });
        let path = dispute(agency, sent).await;
        let shown = agency.get(&path).await;
        let shown = &shown.is(200)["data"];
        assert_eq!((&shown["status"], &shown["amount"], &shown["description"]), (&json!("open"), &json!(20_00), &json!("I paid in May.")));
        let block = agency.get(&format!("/blocks/{}", shown["block_id"].as_str().unwrap())).await;
        assert_eq!((&block["data"]["reason"], &block["data"]["active"]), (&json!("dispute"), &json!(true)));
        // A payment on the parent passes the disputed account over.
        assert_eq!(agency.post("/charges", pays.clone()).await.refused(400), "blocked");
        let answered = agency.post(&format!("{path}/answers"), json!({ "message": "Here is the statement." })).await;
        assert_eq!(answered.is(201)["data"]["status"], "answered");
        assert_eq!(answered["data"]["answers"][0]["message"], "Here is the statement.");
        assert_eq!(agency.post("/charges", pays.clone()).await.status, 400, "an answer ends nothing");
        let ended = agency.put(&path, json!({ "status": "rejected" })).await;
        assert!(ended.is(200)["data"]["closed_at"].is_string());
        agency.post("/charges", pays).await.made();
        // Ended it stays as it is, and may be said again.
        agency.put(&path, json!({ "status": "rejected" })).await.is(200);
        assert_eq!(agency.put(&path, json!({ "status": "upheld" })).await.refused(400), "not_allowed_now");
        assert_eq!(agency.post(&format!("{path}/answers"), json!({ "message": "x" })).await.refused(400), "not_allowed_now");
        let told = agency.number("SELECT count(*) FROM event WHERE name IN ('dispute.create', 'dispute.update')").await;
        assert_eq!(told, 3);
    }

    async fn one_that_repeats_an_earlier_one_is_answered_by_naming_it(agency: &Agency) {
        let debtor = agency.debtor(60_00, "tok_visa").await;
        let first = dispute(agency, json!({ "debt_account_id": debtor.debt })).await;
        let id = first.rsplit('/').next().unwrap().to_owned();
        let second = dispute(agency, json!({ "debt_account_id": debtor.debt })).await;
        let answer = json!({ "message": "See our answer.", "duplicate_of": id });
        agency.post(&format!("{second}/answers"), answer.clone()).await.invalid("duplicate_of"); // not answered yet
        agency.post(&format!("{first}/answers"), json!({ "message": "Verified." })).await.is(201);
        let answered = agency.post(&format!("{second}/answers"), answer).await;
        assert_eq!((&answered.is(201)["data"]["duplicate_of"], &answered["data"]["status"]), (&json!(id), &json!("answered")));
        let other = agency.debtor(10_00, "tok_visa").await;
        let foreign = json!({ "debt_account_id": other.debt, "duplicate_of": id });
        agency.post("/debt-account-disputes", foreign).await.invalid("duplicate_of");
    }

    async fn what_a_dispute_needs_is_said_and_lists_are_filtered(agency: &Agency) {
        let debtor = agency.debtor(60_00, "tok_visa").await;
        agency.post("/debt-account-disputes", json!({ "kind": "part", "reasons": ["because"] })).await
            .refuses(422, &["debt_account_id", "amount", "reasons.0"]);
        let more = json!({ "debt_account_id": debtor.debt, "kind": "part", "amount": 60_01 });
        agency.post("/debt-account-disputes", more).await.invalid("amount");
        let path = dispute(agency, json!({ "debt_account_id": debtor.debt })).await;
        let other = agency.debtor(10_00, "tok_visa").await;
        agency.form("/debt_account_disputes", &format!("debt_account_id={}&reasons[]=not_my_debt", other.debt)).await.made();
        agency.put(&path, json!({ "status": "open" })).await.is(200);
        agency.put(&path, json!({ "status": "answered" })).await.invalid("status");
        agency.put(&path, json!({ "status": "withdrawn" })).await.is(200);
        for (query, many) in [
            (format!("customer_id={}", debtor.customer), 1), (format!("debt_account_id={}", other.debt), 1),
            ("status=open".into(), 1), ("status=open,withdrawn".into(), 2), ("status=upheld".into(), 0),
        ] {
            assert_eq!(agency.many(&format!("/debt-account-disputes?{query}")).await, many, "{query}");
        }
        let session = agency.post("/customer-sessions", json!({ "debt_account_dispute_id": path.rsplit('/').next() })).await;
        assert_eq!(session.is(201)["data"]["destination"], "account_disputes_detail");
    }
}
