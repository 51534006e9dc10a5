//! The organization's logo and texts on its customers' pages.

use serde_json::json;

use super::browser::{Browser, known, link_of};
use crate::support::agency::Agency;

const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

on_both_engines! {
    async fn a_logo_stands_in_place_of_the_name_and_is_asked_for_here(agency: &Agency) {
        let (customer, _) = known(agency).await;
        let link = link_of(agency, &customer).await;
        let set = agency.put("/organization", json!({ "name": "Acme \"R\"", "brand": { "logo": DOT } })).await;
        let brand = set.is(200)["data"]["brand"].clone();
        let path = brand["logo_path"].as_str().unwrap().to_owned();
        assert!(brand.get("logo").is_none(), "{brand}");
        let door = Browser::new(agency).get(&link).await;
        assert!(door.text.contains(&format!("<img src=\"{path}\" alt=\"Acme &#34;R&#34;\">")), "{}", door.text);
        let picture = agency.ask(http::Method::GET, &path).nobody().send().await;
        assert_eq!((picture.status, picture.headers["content-type"].as_bytes()), (200, &b"image/png"[..]));
        let other = path.replace(".png", ".jpg");
        assert_eq!(Browser::new(agency).get(&other).await.status, 404);
        for bad in ["https://agency.example/logo.png", "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=", "data:image/png;base64,PHN2Zz48L3N2Zz4="] {
            agency.put("/organization", json!({ "brand": { "logo": bad } })).await.invalid("brand.logo");
        }
        // What is sent back keeps it, `null` takes it away.
        let settings = agency.get("/organization").await.data();
        assert_eq!(agency.put("/organization", settings).await.is(200)["data"]["brand"]["logo_path"], json!(path));
        let gone = agency.put("/organization", json!({ "brand": { "logo": null } })).await;
        assert_eq!(gone.is(200)["data"]["brand"]["logo_path"], json!(null));
        assert_eq!(Browser::new(agency).get(&path).await.status, 404);
        assert!(Browser::new(agency).get(&link).await.text.contains("Acme"));
    }

    async fn texts_of_the_organization_stand_where_they_belong_in_their_language(agency: &Agency) {
        let (customer, debt) = known(agency).await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let link = link_of(agency, &customer).await;
        let texts = json!({ "en": { "door": "Hello <b>you</b>", "accounts": "We are here", "payment": "No fees", "footer": "License 1" }, "es": { "footer": "Licencia 1" } });
        let set = agency.put("/organization", json!({ "portal": { "texts": texts } })).await;
        assert_eq!(set.is(200)["data"]["portal"]["texts"]["es"], json!({ "door": null, "accounts": null, "payment": null, "footer": "Licencia 1" }));
        let mut ada = Browser::new(agency);
        let door = ada.get(&link).await;
        assert!(door.text.contains("Hello &#60;b&#62;you") && !door.text.contains("License 1"), "{}", door.text);
        let accounts = ada.send(&link, &[]).await;
        assert!(accounts.text.contains("We are here") && accounts.text.contains("License 1"), "{}", accounts.text);
        let review = ada.get(&format!("/portal/accounts/{debt}/review?how=whole&amount=&with={method}")).await;
        assert!(review.text.contains("No fees"), "{}", review.text);
        ada.cookies.insert("quittance-language".into(), "es".into());
        let page = ada.get("/portal/accounts").await;
        assert!(page.text.contains("Licencia 1") && !page.text.contains("We are here"), "{}", page.text);
        let long = json!({ "portal": { "texts": { "en": { "door": "x".repeat(1_001) } } } });
        agency.put("/organization", long).await.invalid("portal.texts.en.door");
        let less = agency.put("/organization", json!({ "portal": { "texts": { "en": { "door": null } } } })).await;
        assert_eq!((&less.is(200)["data"]["portal"]["texts"]["en"]["door"], &less["data"]["portal"]["texts"]["en"]["footer"]), (&json!(null), &json!("License 1")));
    }
}
