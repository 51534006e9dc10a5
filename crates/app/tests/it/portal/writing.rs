//! Messages on the portal: what somebody asks, and what they are answered.

use serde_json::json;

use super::browser::{Browser, known, link_of};
use crate::support::agency::Agency;

const NEW: &str = "/portal/messages/new";

/// A browser of somebody who came in.
async fn of<'a>(agency: &'a Agency, customer: &str) -> Browser<'a> {
    let mut browser = Browser::new(agency);
    browser.comes_by(&link_of(agency, customer).await).await.is(200);
    browser
}

on_both_engines! {
    async fn a_question_is_asked_once_answered_and_read(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let mut ada = of(agency, &customer).await;
        assert!(ada.get("/portal/messages").await.text.contains(NEW));
        let form = ada.get(&format!("{NEW}?account={debt}")).await;
        assert!(form.text.contains(&format!("value=\"{debt}\" selected")), "{}", form.text);
        let once = ada.hidden("once");
        let all = [("once", once.as_str()), ("about", "change-payment-plan-info"), ("account", &debt), ("subject", "My <plan>"), ("text", "Could I pay\nless?")];
        let page = ada.send(NEW, &all).await;
        let place = ada.place().to_owned();
        for told in ["My &#60;plan&#62;", "Could I pay\nless?", "We will answer you here"] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        ada.get(NEW).await.is(200);
        ada.send(NEW, &all).await.is(200);
        assert_eq!((ada.place(), agency.many("/tickets").await), (place.as_str(), 1));
        let id = place.rsplit('/').next().unwrap().to_owned();
        let ticket = agency.get(&format!("/tickets/{id}")).await.data();
        assert_eq!((&ticket["source"], &ticket["category"], &ticket["debt_account_id"]), (&json!("collect"), &json!("change-payment-plan-info"), &json!(debt)));
        // The organization answers; that it was read only its customer says, never whoever fetches the page.
        agency.post(&format!("/tickets/{id}/messages"), json!({ "message": "Yes, $10 a week." })).await.made();
        assert!(ada.get("/portal/messages").await.text.contains("<strong>New</strong>"));
        assert!(ada.get(&place).await.text.contains("Yes, $10 a week."));
        let is_read = async || agency.get(&format!("/tickets/{id}")).await.data()["is_read_by_customer"].clone();
        assert_eq!(is_read().await, false);
        ada.send(&format!("{place}/read"), &[]).await.is(200);
        assert_eq!(is_read().await, true);
        let once = ada.hidden("once");
        for _ in 0..2 {
            let said = ada.send(&place, &[("once", &once), ("text", "Thank you")]).await;
            assert_eq!((said.status, said.text.matches("Thank you").count()), (200, 1));
        }
        let messages = agency.get(&format!("/tickets/{id}/messages")).await;
        let authors: Vec<&str> = messages.is(200)["data"].as_array().unwrap().iter().map(|one| one["author"].as_str().unwrap()).collect();
        assert_eq!(authors, ["customer", "organization", "customer"]);
        agency.put(&format!("/tickets/{id}"), json!({ "status": "closed" })).await.is(200);
        let late = ada.send(&place, &[("once", &agency.db.seams().id::<uuid::Uuid>().to_string()), ("text", "One more")]).await;
        assert!(late.text.contains("This conversation is closed") && !late.text.contains("One more"), "{}", late.text);
    }

    async fn what_is_missing_is_said_field_by_field_and_nothing_is_sent(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let mut ada = of(agency, &customer).await;
        ada.get(NEW).await.is(200);
        let once = ada.hidden("once");
        let elsewhere = agency.debtor(10_00, "tok_visa").await;
        let long = "x".repeat(201);
        let wrong = [("once", once.as_str()), ("about", "trouble-logging-in"), ("account", &elsewhere.debt), ("subject", &long), ("text", " ")];
        let refused = ada.send(NEW, &wrong).await;
        assert_eq!(refused.status, 422);
        for field in ["about", "account", "subject", "text"] {
            assert!(refused.text.contains(&format!("href=\"#{field}\"")), "{field}: {}", refused.text);
        }
        assert_eq!((ada.hidden("once"), agency.many("/tickets").await), (once.clone(), 0));
        let all = [("once", once.as_str()), ("about", "other"), ("account", ""), ("subject", "Hello"), ("text", "It is me")];
        ada.send(NEW, &all).await.is(200);
        let place = ada.place().to_owned();
        let (stranger, _) = known(agency).await;
        let mut bob = of(agency, &stranger).await;
        assert_eq!(bob.get(&place).await.status, 404);
        let list = bob.get("/portal/messages").await;
        assert!(!list.text.contains("Hello"), "{}", list.text);
        assert_eq!((bob.send(&place, &[("once", &once), ("text", "Me too")]).await.status, agency.many("/tickets").await), (404, 1));
    }

    async fn nobody_begins_conversations_without_end(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let mut ada = of(agency, &customer).await;
        for nth in 0..21 {
            ada.get(NEW).await.is(200);
            let once = ada.hidden("once");
            let sent = ada.send(NEW, &[("once", &once), ("about", "other"), ("subject", "Again"), ("text", "And again")]).await;
            assert_eq!(sent.status, if nth < 20 { 200 } else { 429 });
        }
        assert_eq!(agency.many("/tickets").await, 20);
    }
}
