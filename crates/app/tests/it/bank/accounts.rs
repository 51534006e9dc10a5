//! Bank accounts.

use serde_json::json;

use super::NUMBER;
use crate::support::agency::Agency;
use crate::support::statements::{Said, moved};

on_both_engines! {
    async fn a_bank_account_is_shown_by_its_end_alone(agency: &Agency) {
        let new = json!({ "name": "Trust", "kind": "trust", "routing_number": "091000019", "account_number": "0044-1775 2200" });
        let made = agency.once("k", "/bank-accounts", new.clone()).await;
        let id = made.made();
        assert_eq!((&made["data"]["last_four"], &made["data"]["currency"]), (&json!("2200"), &json!("USD")));
        assert!(agency.once("k", "/bank-accounts", new).await.is_replay());
        agency.steps().await;
        for path in [format!("/bank-accounts/{id}"), "/bank-accounts".into(), "/events?limit=100".into()] {
            let text = agency.get(&path).await.text;
            assert!(!text.contains("4417752200") && !text.contains("0044-1775"), "{path}");
        }
    }

    async fn one_number_at_one_bank_is_one_account_until_that_is_closed(agency: &Agency) {
        let first = agency.bank_account(NUMBER).await;
        let same = json!({ "name": "Another", "kind": "operating", "routing_number": "091000019", "account_number": "4417752200" });
        assert_eq!(agency.post("/bank-accounts", same.clone()).await.invalid("account_number"), "The account number has already been taken.");
        let elsewhere = json!({ "name": "Another", "kind": "operating", "routing_number": "021000021", "account_number": NUMBER });
        agency.post("/bank-accounts", elsewhere).await.made();
        for _ in 0..2 {
            let closed = agency.post(&format!("/bank-accounts/{first}/close"), json!({})).await;
            assert!(closed.data()["closed_at"].is_string());
        }
        agency.post("/bank-accounts", same).await.made();
        assert_eq!((agency.many("/bank-accounts?open=true").await, agency.many("/bank-accounts?open=false").await), (2, 1));
    }

    async fn what_is_wrong_with_a_bank_account_is_said_at_once(agency: &Agency) {
        agency.post("/bank-accounts", json!({})).await.refuses(422, &["name", "kind", "routing_number", "account_number"]);
        let wrong = json!({ "name": "T", "kind": "savings", "routing_number": "123456789", "account_number": "12.4567" });
        let said = agency.post("/bank-accounts", wrong).await;
        said.refuses(422, &["kind", "routing_number", "account_number"]);
        assert!(!said.text.contains("12.4567"), "{}", said.text);
    }

    async fn a_name_changes_and_a_number_never_does(agency: &Agency) {
        let id = agency.bank_account(NUMBER).await;
        let path = format!("/bank-accounts/{id}");
        let now = agency.put(&path, json!({ "name": "Clients' money", "account_number": "999999", "routing_number": "021000021" })).await.data();
        assert_eq!((&now["name"], &now["last_four"], &now["routing_number"]), (&json!("Clients' money"), &json!("2200"), &json!("091000019")));
        let events = agency.events().await;
        agency.put(&path, json!({ "name": "Clients' money" })).await.is(200);
        assert_eq!(agency.events().await, events, "nothing has changed");
    }

    async fn an_account_on_which_something_is_expected_stays_open(agency: &Agency) {
        let id = agency.bank_account(NUMBER).await;
        let expected = agency.expects(&id, ("fee", 5_00, "debit"), ("2026-11-20", "2026-11-21"), None).await;
        assert_eq!(agency.post(&format!("/bank-accounts/{id}/close"), json!({})).await.refused(400), "not_allowed_now");
        agency.post(&format!("/bank-expectations/{expected}/cancel"), json!({})).await.is(200);
        agency.post(&format!("/bank-accounts/{id}/close"), json!({})).await.is(200);
        let late = json!({ "bank_account_id": id, "kind": "fee", "amount": 1, "direction": "debit", "from_day": "2026-11-20", "to_day": "2026-11-20" });
        assert_eq!(agency.post("/bank-expectations", late).await.refused(400), "not_allowed_now");
        // Nor is a statement of it known.
        let said = Said::of(NUMBER, "261119", 0, vec![moved(165, 1_00, "A")]);
        assert!(agency.bank_file(&said.text()).await.invalid("file").contains("is no bank account here"));
    }
}
