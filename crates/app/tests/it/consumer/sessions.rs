//! Customer sessions: links that log a customer in.

use http::Method;
use serde_json::{Value, json};

use crate::portal::browser::Browser;
use crate::support::agency::Agency;
use crate::support::client::Answer;

/// The path of a link.
fn path(url: &Value) -> String {
    url.as_str().unwrap().strip_prefix("https://pay.example.com").unwrap().to_owned()
}

async fn opens(agency: &Agency, link: &str) -> Answer {
    agency.ask(Method::GET, link).nobody().send().await
}

async fn session(agency: &Agency, body: Value) -> Value {
    agency.post("/customer-sessions", body).await.is(201)["data"].clone()
}

on_both_engines! {
    async fn both_spellings_and_forms_give_a_link_that_opens_a_page_about_nobody(agency: &Agency) {
        agency.put("/organization", json!({ "name": "Acme <Recovery>", "brand": { "support_phone": "(212) 555-0100" } })).await.is(200);
        let debtor = agency.debtor(123_45, "tok_visa").await;
        let guide = session(agency, json!({ "customer_id": debtor.customer })).await;
        assert_eq!((&guide["portal_url"], &guide["expiration"]), (&guide["magic_link"], &guide["expires_at"]));
        assert_eq!(guide["destination"], "accounts_list");
        let form = agency.form("/customer-sessions", &format!("customer_id={}&valid_until=2&tags[0][name]=utm_source&tags[0][value]=a b", debtor.customer)).await;
        assert!(form.is(201)["data"]["portal_url"].as_str().unwrap().ends_with("?utm_source=a+b"), "{}", form.text);
        let openapi = agency.post("/customer_sessions", json!({ "customer_id": debtor.customer, "expires_in": 3600 })).await;
        assert_eq!(openapi.is(201)["data"]["expires_at"], agency.now().plus_seconds(3_600).to_string());
        for link in [&guide["portal_url"], &form["data"]["portal_url"], &openapi["data"]["magic_link"]] {
            let page = opens(agency, &path(link)).await;
            assert_eq!(page.status, 200, "{}", page.text);
            assert!(page.text.contains("Acme &#60;Recovery&#62;") && page.text.contains("+12125550100"), "{}", page.text);
            for told in ["Ada", "Lovelace", "123.45", "12345", &debtor.customer, &debtor.debt, "<script"] {
                assert!(!page.text.contains(told), "{told}: {}", page.text);
            }
            let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("cache-control"), "no-store");
            assert!(header("x-robots-tag").contains("noindex"));
            assert!(header("content-security-policy").starts_with("default-src 'none'"));
        }
    }

    async fn the_link_is_told_when_it_is_made_and_to_the_same_request_again_and_never_after(agency: &Agency) {
        let customer = agency.customer().await;
        let body = json!({ "customer_id": customer });
        let first = agency.once("k1", "/customer-sessions", body.clone()).await;
        let id = first.made();
        let again = agency.once("k1", "/customer-sessions", body).await;
        assert!(again.is_replay());
        assert_eq!(again["data"]["portal_url"], first["data"]["portal_url"]);
        assert_eq!(agency.many("/customer-sessions").await, 1);
        for told in [agency.get("/customer-sessions").await, agency.get(&format!("/customer_sessions/{id}")).await] {
            assert!(!told.text.contains("/portal/"), "{}", told.text);
        }
        let secret = path(&first["data"]["portal_url"]).replace("/portal/", "");
        assert_eq!(secret.len(), 64, "256 bits");
    }

    async fn it_slides_a_day_after_its_last_use_or_ends_when_it_was_said(agency: &Agency) {
        let customer = agency.customer().await;
        let sliding = session(agency, json!({ "customer_id": customer })).await;
        let fixed = session(agency, json!({ "customer_id": customer, "valid_until": 30 })).await;
        let (sliding_link, fixed_link) = (path(&sliding["portal_url"]), path(&fixed["portal_url"]));
        agency.seconds(20 * 3_600).await;
        for link in [&sliding_link, &fixed_link] {
            assert_eq!(opens(agency, link).await.status, 200);
            assert_eq!(opens(agency, link).await.status, 200, "opening it consumes nothing");
            Browser::new(agency).comes_by(link).await.is(200);
        }
        agency.seconds(11 * 3_600).await;
        assert_eq!(opens(agency, &fixed_link).await.status, 404);
        assert_eq!(opens(agency, &sliding_link).await.status, 200);
        agency.seconds(13 * 3_600 - 1).await; // a day after somebody came in, less a second: opening it was no use
        assert_eq!(opens(agency, &sliding_link).await.status, 200);
        agency.seconds(1).await;
        assert_eq!(opens(agency, &sliding_link).await.status, 404);
        assert_eq!(agency.many("/customer-sessions?status=expired").await, 2);
    }

    async fn an_unknown_a_revoked_and_an_erased_customers_link_answer_the_same(agency: &Agency) {
        agency.put("/organization", json!({ "brand": { "support_phone": "(212) 555-0100" } })).await.is(200);
        let customer = agency.customer().await;
        let unknown = opens(agency, &format!("/portal/{}", "0".repeat(64))).await;
        assert_eq!(unknown.status, 404);
        let revoked = session(agency, json!({ "customer_id": customer })).await;
        agency.delete(&format!("/customer-sessions/{}", revoked["id"].as_str().unwrap())).await.is(200);
        let again = agency.post(&format!("/customer_sessions/{}/revoke", revoked["id"].as_str().unwrap()), json!({})).await;
        assert_eq!(again.is(200)["data"]["status"], "revoked");
        let expired = session(agency, json!({ "customer_id": customer, "expires_in": 60 })).await;
        agency.seconds(60).await;
        let locked = session(agency, json!({ "customer_id": customer })).await;
        agency.put(&format!("/customers/{customer}"), json!({ "status": "locked" })).await.is(200);
        for link in [&revoked["portal_url"], &locked["portal_url"]] {
            assert_eq!(opens(agency, &path(link)).await.text, unknown.text);
        }
        let page = opens(agency, &path(&expired["portal_url"])).await;
        assert_eq!(page.status, 404);
        assert!(page.text.contains("+12125550100") && !unknown.text.contains("+12125550100"));
        agency.put(&format!("/customers/{customer}"), json!({ "status": "active" })).await.is(200);
        assert_eq!(opens(agency, &path(&locked["portal_url"])).await.status, 200);
        agency.delete(&format!("/customers/{customer}")).await.is(200);
        assert_eq!(opens(agency, &path(&locked["portal_url"])).await.text, unknown.text);
        assert_eq!(opens(agency, &path(&expired["portal_url"])).await.text, unknown.text);
    }

    async fn customers_are_sent_only_where_the_organization_allows(agency: &Agency) {
        let customer = agency.customer().await;
        let asks = async |field: &str, to: &str| {
            agency.post("/customer-sessions", json!({ "customer_id": customer, field: to })).await
        };
        for field in ["return_url", "redirect_url", "expiration_return_url"] {
            let said = asks(field, "https://shop.example/thanks").await.invalid(field);
            assert!(said.contains("https://shop.example") && said.contains("PUT /organization"), "{said}");
        }
        for evil in ["javascript:alert(1)", "//shop.example", "https://shop.example@evil.example/", "https:\\\\shop.example"] {
            asks("return_url", evil).await.invalid("return_url");
        }
        agency.put("/organization", json!({ "allowed_origins": ["https://shop.example"] })).await.is(200);
        let made = asks("redirect_url", "https://shop.example/thanks").await;
        assert_eq!(made.is(201)["data"]["return_url"], "https://shop.example/thanks");
        asks("return_url", "http://127.0.0.1:8080/x").await.made(); // a rehearsal, on the machine itself
        asks("return_url", "https://shop.example.evil.example/").await.invalid("return_url");

        let body = json!({ "customer_id": customer, "expires_in": 60, "expiration_return_url": "https://shop.example/over" });
        let made = session(agency, body).await;
        agency.seconds(61).await;
        let sent = opens(agency, &path(&made["portal_url"])).await;
        assert_eq!((sent.status, sent.headers["location"].to_str().unwrap()), (303, "https://shop.example/over"));
        agency.put("/organization", json!({ "allowed_origins": [] })).await.is(200);
        assert_eq!(opens(agency, &path(&made["portal_url"])).await.status, 404, "it is not allowed any more");
    }

    async fn who_may_not_see_it_gets_no_link(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let ask = async || agency.post("/customer-sessions", json!({ "debt_account_id": debtor.debt })).await;
        let account = format!("/debt-accounts/{}", debtor.debt);
        for (status, answer) in [("closed", 201), ("locked", 400), ("archived", 400), ("active", 201)] {
            agency.put(&account, json!({ "status": status })).await.is(200);
            assert_eq!(ask().await.status, answer, "{status}");
        }
        let block = json!({ "debt_account_id": debtor.debt, "reason": "creditor_recall" });
        agency.post("/blocks", block).await.made();
        assert_eq!(ask().await.refused(400), "blocked");
        // A link to an account that was deleted since opens what one that never was does.
        let other = agency.debt_of(&debtor.customer, 10_00).await;
        let link = path(&session(agency, json!({ "debt_account_id": other })).await["portal_url"]);
        agency.delete(&format!("/debt-accounts/{other}")).await.is(200);
        let unknown = opens(agency, &format!("/portal/{}", "0".repeat(64))).await;
        assert_eq!(opens(agency, &link).await.text, unknown.text);
        // The customer as such may still come.
        session(agency, json!({ "customer_id": debtor.customer })).await;
        agency.put(&format!("/customers/{}", debtor.customer), json!({ "status": "archived" })).await.is(200);
        let refused = agency.post("/customer-sessions", json!({ "customer_id": debtor.customer })).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
    }

    async fn one_way_to_pay_is_where_the_customer_goes_and_several_are_nowhere(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = async |ways: Value| {
            let body = json!({ "customer_id": customer, "balance": 10_00, "billing_type": ways });
            agency.post("/debt-accounts", body).await.made()
        };
        let (one, two) = (debt(json!(["payment-plan"])).await, debt(json!(["payment-plan", "partial-payment"])).await);
        let plan = session(agency, json!({ "debt_account_id": one, "tags": [{ "name": "a", "value": "1" }] })).await;
        let (portal, back) = (path(&plan["portal_url"]), path(&plan["return_url"]));
        assert_eq!(back, portal.replace("?a=1", "/payment-plan?a=1"));
        assert_eq!(opens(agency, &back).await.status, 200);
        assert_eq!(session(agency, json!({ "debt_account_id": two })).await["return_url"], Value::Null);
        let own = json!({ "debt_account_id": one, "return_url": "http://localhost/x" });
        assert_eq!(session(agency, own).await["return_url"], "http://localhost/x");
    }

    async fn what_a_session_needs_is_said_field_by_field(agency: &Agency) {
        let debtor = agency.debtor(10_00, "tok_visa").await;
        agency.post("/customer-sessions", json!({})).await.invalid("customer_id");
        let both = json!({ "customer_id": debtor.customer, "debt_account_id": debtor.debt });
        agency.post("/customer-sessions", both).await.invalid("customer_id");
        let wrong = json!({ "customer_id": debtor.customer, "valid_until": 2161, "expires_in": 59, "return_url": "x", "tags": [{ "name": "" }] });
        let refused = agency.post("/customer-sessions", wrong).await;
        refused.refuses(422, &["valid_until", "expires_in", "return_url", "tags.0.name", "tags.0.value"]);
        let both = json!({ "customer_id": debtor.customer, "valid_until": 1, "expires_in": 60 });
        agency.post("/customer-sessions", both).await.invalid("valid_until");
        for (body, destination) in [
            (json!({ "customer_id": debtor.customer }), "account_checkout"),
            (json!({ "debt_account_id": debtor.debt }), "account_disputes_detail"),
        ] {
            let mut body = body;
            body["destination"] = destination.into();
            agency.post("/customer-sessions", body).await.invalid("destination");
        }
        let body = json!({ "debt_account_id": debtor.debt, "destination": "account_checkout" });
        assert_eq!(session(agency, body).await["destination"], "account_checkout");
        assert_eq!(agency.many("/customer-sessions").await, 1);
        assert_eq!(agency.many(&format!("/customer-sessions?debt_account_id={}&status=active", debtor.debt)).await, 1);
    }
}
