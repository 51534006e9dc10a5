//! What somebody sees of what they owe, and what not.

use serde_json::json;

use super::browser::{Browser, known, link, link_of};
use crate::support::agency::Agency;

on_both_engines! {
    async fn accounts_are_shown_by_their_status_and_what_holds_them(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let (path, account) = (format!("/portal/accounts/{debt}"), format!("/debt-accounts/{debt}"));
        let mut ada = Browser::new(agency);
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        for (status, shown) in [("active", true), ("archived", false), ("closed", true), ("locked", false), ("active", true)] {
            agency.put(&account, json!({ "status": status })).await.is(200);
            let list = ada.get("/portal/accounts").await;
            assert_eq!(list.text.contains("General Memorial Hospital"), shown, "{status}: {}", list.text);
            let page = ada.get(&path).await;
            assert_eq!(page.status, if shown { 200 } else { 404 }, "{status}");
            assert_eq!(page.text.contains("$123.45"), shown, "{status}: {}", page.text);
            assert_eq!(page.text.contains("closed"), status == "closed", "{status}: {}", page.text);
        }
        let block = agency.post("/blocks", json!({ "debt_account_id": debt, "reason": "creditor_recall" })).await.made();
        assert_eq!(ada.get(&path).await.status, 404);
        let list = ada.get("/portal/accounts").await;
        assert!(list.text.contains("There is nothing to show you"), "{}", list.text);
        agency.post(&format!("/blocks/{block}/lift"), json!({})).await.is(200);
        agency.put(&account, json!({ "current_balance": 0 })).await.is(200);
        assert!(ada.get(&path).await.text.contains("Paid in full"));
    }

    async fn an_account_says_to_whom_it_is_owed_and_what_it_is_made_of(agency: &Agency) {
        let (_, debt) = known(agency).await;
        let current = json!({ "locations": [{ "name": "Harbor Funding LLC", "type": "current_creditor", "external_id": "hf" }] });
        agency.put(&format!("/debt-accounts/{debt}"), current).await.is(200);
        let session = link(agency, json!({ "debt_account_id": debt })).await;
        let mut ada = Browser::new(agency);
        let page = ada.comes_by(&session).await;
        assert_eq!(ada.place(), format!("/portal/accounts/{debt}"));
        for told in ["Original creditor", "General Memorial Hospital", "Current creditor", "Harbor Funding LLC", "…8877", "$123.45"] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        assert!(!page.text.contains("ACCT-998877"), "a number is cut to its end");
        let child = |cents: i64, number: &str| json!({ "parent_external_id": debt, "balance": cents, "account_number": number });
        let one = agency.post("/debt-accounts", child(20_00, "CHILD-1111")).await.made();
        let two = agency.post("/debt-accounts", child(30_00, "CHILD-2222")).await.made();
        let page = ada.get(&format!("/portal/accounts/{debt}")).await;
        for told in ["$50.00", "$20.00", "$30.00", &one, &two] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        let list = ada.get("/portal/accounts").await;
        assert!(list.text.contains("$50.00") && !list.text.contains(&one), "{}", list.text);
        let page = ada.get(&format!("/portal/accounts/{one}")).await;
        assert!(page.text.contains("$20.00") && page.text.contains("…1111"), "{}", page.text);
    }

    async fn nobody_sees_what_is_another_s(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let (_, theirs) = known(agency).await;
        let other = agency.ask(http::Method::POST, "/customers").token(&agency.template.theirs.sandbox);
        let other = other.json(&json!({ "name": "Eve Other" })).send().await.made();
        let foreign = agency.ask(http::Method::POST, "/debt-accounts").token(&agency.template.theirs.sandbox);
        let foreign = foreign.json(&json!({ "customer_id": other, "balance": 777_77 })).send().await.made();
        let mut ada = Browser::new(agency);
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        let nowhere = ada.get("/portal/accounts/0193c0de-0000-7000-8000-000000000000").await;
        assert_eq!(nowhere.status, 404);
        let essence = |text: &str, id: &str| text.replace(id, "");
        for id in [&theirs, &foreign] {
            let page = ada.get(&format!("/portal/accounts/{id}")).await;
            assert_eq!(page.status, 404);
            assert_eq!(essence(&page.text, id), essence(&nowhere.text, "0193c0de-0000-7000-8000-000000000000"));
        }
        assert_eq!(ada.get("/portal/accounts/x").await.status, 404);
    }
}

on_both_engines! {
    async fn an_account_says_how_it_came_to_what_is_owed(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let mut ada = Browser::new(agency);
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        let path = format!("/portal/accounts/{debt}");
        assert!(ada.get(&path).await.text.contains("There is no breakdown"));
        let items = json!({
            "itemization_date": "2026-01-31", "itemization_date_kind": "charge_off", "amount": 110_00,
            "components": [
                { "kind": "interest", "date": "2026-03-01", "amount": 20_00 },
                { "kind": "fee", "date": "2026-04-02", "amount": 3_45, "description": "Late <fee>" },
                { "kind": "payment", "date": "2026-05-03", "amount": 10_00 },
            ],
        });
        agency.put(&format!("/debt-accounts/{debt}/itemization"), items).await.is(200);
        let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 23_45 });
        agency.post("/charges", pays).await.made();
        let page = ada.get(&path).await;
        for told in [
            "charge-off", "January 31, 2026", "$110.00", "March 1, 2026", "$20.00", "Late &#60;fee&#62;", "April 2, 2026", "$3.45",
            "May 3, 2026", "−$10.00", "Paid since", "−$23.45", "Owed now", "$100.00",
        ] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
    }
}
