//! What somebody says on the portal: that something is not right, and how they want to be reached.

use http::Method;
use serde_json::json;

use super::browser::{Browser, known, link, link_of};
use crate::support::agency::Agency;

/// The number of the form on the page that is shown.
fn once(browser: &Browser<'_>) -> String {
    let text = &browser.page.as_ref().unwrap().1.text;
    text.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

on_both_engines! {
    async fn a_dispute_stops_collecting_once_however_often_it_is_sent(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let path = format!("/portal/accounts/{debt}/dispute");
        let mut ada = Browser::new(agency);
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        let page = ada.get(&format!("/portal/accounts/{debt}")).await;
        let (dispute, pay) = (page.text.find("/dispute\"").unwrap(), page.text.find("/pay\"").unwrap());
        assert!(dispute < pay, "to dispute comes before to pay");
        assert!(ada.get(&path).await.text.contains("This is not my debt"));
        let number = once(&ada);
        let refused = ada.send(&path, &[("once", &number), ("text", "<b>No</b>")]).await;
        assert!(refused.status == 422 && refused.text.contains("href=\"#reason\"") && refused.text.contains("&#60;b&#62;No"), "{}", refused.text);
        assert_eq!(once(&ada), number);
        let all = [("once", number.as_str()), ("reason", "not_my_debt"), ("text", "<b>No</b>")];
        let placed = ada.send(&path, &all).await;
        let place = ada.place().to_owned();
        assert!(placed.text.contains("We have received it") && placed.text.contains("&#60;b&#62;No"), "{}", placed.text);
        ada.get(&path).await.is(200);
        ada.send(&path, &all).await.is(200);
        assert_eq!(ada.place(), place);
        let told = agency.get("/debt-account-disputes").await;
        let told = &told.is(200)["data"];
        assert_eq!((told.as_array().unwrap().len(), &told[0]["source"], &told[0]["reasons"]), (1, &json!("portal"), &json!(["not_my_debt"])));
        assert_eq!(agency.get(&format!("/blocks?debt_account_id={debt}&active=true")).await.is(200)["data"][0]["reason"], "dispute");
        // The organization answers, with a document, and the customer sees both.
        let id = told[0]["id"].as_str().unwrap().to_owned();
        agency.post(&format!("/debt-account-disputes/{id}/answers"), json!({ "message": "We asked the hospital." })).await.made();
        let letter = ("letter.txt", "text/plain", &b"It is yours."[..]);
        let documents = format!("/debt-account-disputes/{id}/documents");
        let shown = agency.ask(Method::POST, &documents).upload(&[("visible_to_customer", "true")], letter).send().await.made();
        let kept = agency.ask(Method::POST, &documents).upload(&[("visible_to_customer", "false")], letter).send().await.made();
        let page = ada.get(&place).await;
        assert!(page.text.contains("We asked the hospital.") && page.text.contains(&shown) && !page.text.contains(&kept), "{}", page.text);
        let file = ada.get(&format!("/portal/documents/{shown}")).await;
        assert_eq!((file.status, file.text.as_str()), (200, "It is yours."));
        assert_eq!(ada.get(&format!("/portal/documents/{kept}")).await.status, 404);
        // And takes it back.
        ada.get(&place).await.is(200);
        let over = ada.send(&format!("{place}/withdraw"), &[]).await;
        assert!(over.text.contains("You took it back") && !over.text.contains("/withdraw"), "{}", over.text);
        assert_eq!(agency.get(&format!("/blocks?debt_account_id={debt}&active=true")).await.is(200)["data"], json!([]));
        // A link to it leads there; another's is nowhere.
        let to_it = link(agency, json!({ "debt_account_dispute_id": id })).await;
        let mut other = Browser::new(agency);
        other.comes_by(&to_it).await.is(200);
        assert_eq!(other.place(), place);
        let (stranger, theirs) = known(agency).await;
        let mut bob = Browser::new(agency);
        bob.comes_by(&link_of(agency, &stranger).await).await.is(200);
        for path in [place.clone(), format!("/portal/accounts/{theirs}/disputes/{id}"), format!("/portal/documents/{shown}"), path] {
            assert_eq!(bob.get(&path).await.status, 404, "{path}");
        }
        agency.books_hold().await;
    }

    async fn what_is_wished_holds_at_once(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let mut ada = Browser::new(agency);
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        let page = ada.get("/portal/contact").await;
        assert!(page.text.contains("ada@example.com") && page.text.contains("checked"), "{}", page.text);
        let refused = ada.send("/portal/contact", &[("language", "fr")]).await;
        assert!(refused.status == 422 && refused.text.contains("href=\"#language\""), "{}", refused.text);
        let saved = ada.send("/portal/contact", &[("language", "es"), ("email", "1"), ("mail", "1")]).await;
        assert!(saved.text.contains("Guardado"), "in the language that was chosen: {}", saved.text);
        let wishes = agency.get(&format!("/customers/{customer}/preferences")).await.data();
        assert_eq!((&wishes["language"], &wishes["how"], &wishes["updated_by"]), (&json!("es"), &json!("portal"), &json!("customer")));
        assert_eq!(wishes["channels"], json!({ "email": true, "sms": false, "phone": false, "mail": true }));
    }

    async fn whoever_asks_for_it_is_not_contacted_any_more(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let mut ada = Browser::new(agency);
        ada.comes_by(&link_of(agency, &customer).await).await.is(200);
        ada.get("/portal/contact").await.is(200);
        for _ in 0..2 {
            let stopped = ada.send("/portal/contact/stop", &[]).await;
            assert!(stopped.text.contains("we have stopped"), "{}", stopped.text);
        }
        let blocks = agency.get(&format!("/blocks?customer_id={customer}")).await;
        let blocks = &blocks.is(200)["data"];
        assert_eq!((blocks.as_array().unwrap().len(), &blocks[0]["reason"], &blocks[0]["placed_by"]), (1, &json!("cease_and_desist"), &json!("customer")));
        let refused = agency.post("/customer-sessions", json!({ "customer_id": customer, "send_by": "email" })).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(ada.get(&format!("/portal/accounts/{debt}")).await.text.contains("/pay\""), "they may still pay");
    }
}
