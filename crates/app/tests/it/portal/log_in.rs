//! Coming in without a link.

use serde_json::json;

use super::browser::{Browser, known, says_nothing};
use crate::support::agency::Agency;

/// Where it is, once the organization lets customers come in so.
async fn place(agency: &Agency, flows: &[&str]) -> String {
    let settings = json!({ "portal": { "log_in": true }, "lookup": { "flows": flows } });
    let set = agency.put("/organization", settings).await;
    set.is(200)["data"]["portal"]["log_in_path"].as_str().unwrap().to_owned()
}

const BY_PHONE: &[&str] = &["phone_ssn_last4"];

fn ada(ssn: &'static str) -> [(&'static str, &'static str); 3] {
    [("by", "phone_ssn_last4"), ("phone", "(212) 555-0101"), ("ssn", ssn)]
}

on_both_engines! {
    async fn who_says_who_they_are_comes_in_and_no_link_is_told(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let place = place(agency, BY_PHONE).await;
        let mut browser = Browser::new(agency);
        let page = browser.get(&place).await;
        assert!(page.text.contains("Find your page") && !page.text.contains("something else"), "{}", page.text);
        says_nothing(&page);
        let page = browser.send(&place, &ada("0042")).await;
        assert_eq!(browser.place(), "/portal/accounts");
        assert!(page.text.contains("$123.45"), "{}", page.text);
        let sessions = agency.get(&format!("/customer-sessions?customer_id={customer}")).await.data();
        assert_eq!((sessions.as_array().unwrap().len(), &sessions[0]["created_by"]), (1, &json!("portal")));
        assert!(sessions[0].get("portal_url").is_none(), "{sessions}");
        // What found somebody was no failure, and another browser says anew who it is.
        for _ in 0..6 {
            let mut other = Browser::new(agency);
            other.get("/portal/accounts").await.is(401);
            other.get(&place).await.is(200);
            other.send(&place, &ada("0042")).await.is(200);
        }
    }

    async fn nobody_and_somebody_else_are_answered_alike_and_soon_not_at_all(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let place = place(agency, BY_PHONE).await;
        let mut browser = Browser::new(agency);
        browser.get(&place).await.is(200);
        let wrong = browser.send(&place, &ada("0043")).await;
        says_nothing(&wrong);
        let mut unknown = Browser::new(agency);
        unknown.get(&place).await.is(200);
        let nobody = unknown.send(&place, &[("by", "phone_ssn_last4"), ("phone", "(212) 555-0101"), ("ssn", "0044")]).await;
        let nonce = |page: &str| page.split("name=\"form\" value=\"").nth(1).unwrap()[..32].to_owned();
        assert_eq!(wrong.text.replace(&nonce(&wrong.text), ""), nobody.text.replace(&nonce(&nobody.text), ""));
        assert!(wrong.status == 422 && wrong.text.contains("could not find your page") && !wrong.text.contains("0043"), "{}", wrong.text);
        for _ in 0..3 {
            browser.send(&place, &ada("0043")).await;
        }
        // The sixth is not looked at, were it right.
        let closed = browser.send(&place, &ada("0042")).await;
        assert_eq!(closed.status, 429);
        says_nothing(&closed);
        agency.post("/debt-accounts/lookup/unlock", json!({ "phone": "212-555-0101" })).await.is(200);
        // Who may see nothing is nobody.
        agency.post("/blocks", json!({ "customer_id": customer, "reason": "identity_theft" })).await.made();
        browser.get(&place).await.is(200);
        let hidden = browser.send(&place, &ada("0042")).await;
        assert_eq!((hidden.status, agency.many("/customer-sessions").await), (422, 0), "{}", hidden.text);
    }

    async fn what_is_missing_is_said_field_by_field_and_is_no_try(agency: &Agency) {
        known(agency).await;
        let place = place(agency, &["phone_ssn_last4", "first_name_last_name_date_of_birth", "phone_postal_code"]).await;
        let mut browser = Browser::new(agency);
        let page = browser.get(&place).await;
        assert!(page.text.contains(&format!("{place}?by=phone_postal_code")), "{}", page.text);
        for (by, fields) in [
            ("phone_ssn_last4", &["phone", "ssn"][..]),
            ("first_name_last_name_date_of_birth", &["first", "last", "month"]),
            ("phone_postal_code", &["phone", "zip"]),
        ] {
            let page = browser.get(&format!("{place}?by={by}")).await;
            for field in fields {
                assert!(page.text.contains(&format!("id=\"{field}\"")), "{field}: {}", page.text);
            }
            for _ in 0..6 {
                let wrong = browser.send(&place, &[("by", by), ("ssn", "12"), ("year", "87")]).await;
                assert_eq!(wrong.status, 422);
                for field in fields {
                    assert!(wrong.text.contains(&format!("href=\"#{field}\"")), "{field}: {}", wrong.text);
                }
            }
        }
        let ada = [("by", "first_name_last_name_date_of_birth"), ("first", "ada"), ("last", "LOVELACE"), ("month", "6"), ("day", "5"), ("year", "1987")];
        assert!(browser.send(&place, &ada).await.text.contains("$123.45"));
        // By what the organization does not look people up, nobody comes in: it is the first way that is meant.
        browser.get(&place).await.is(200);
        assert_eq!(browser.send(&place, &[("by", "phone_date_of_birth")]).await.status, 422);
    }

    async fn it_is_nowhere_unless_the_organization_wants_it(agency: &Agency) {
        let place = place(agency, BY_PHONE).await;
        let mut browser = Browser::new(agency);
        browser.get(&place).await.is(200);
        assert_eq!(Browser::new(agency).send(&place, &ada("0042")).await.status, 403, "a form of elsewhere");
        let other = agency.db.seams().id::<uuid::Uuid>();
        for path in [format!("/portal/in/{other}"), format!("/portal/in/{other}/sandbox"), "/portal/in/x".to_owned()] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        agency.put("/organization", json!({ "portal": { "log_in": false } })).await.is(200);
        assert_eq!(browser.get(&place).await.status, 404);
        assert_eq!(browser.send(&place, &ada("0042")).await.status, 404);
    }
}
