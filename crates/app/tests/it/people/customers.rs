//! Customers: kept in one form, found by any, sent back and erased.

use serde_json::{Value, json};

use super::ana;
use crate::support::agency::Agency;

on_both_engines! {
    async fn a_customer_is_kept_in_one_form_and_found_by_any(agency: &Agency) {
        let c = agency.post("/customers", ana()).await.data();
        for (field, kept) in [
            ("first_name", json!("Ana De La")),
            ("last_name", json!("Cruz")),
            ("phone", json!("+12125550123")),
            ("ssn", json!("***-**-0042")),
            ("dob", json!("1991-12-31")),
            ("status", json!("active")),
        ] {
            assert_eq!(c[field], kept, "{field}");
        }
        assert_eq!(c["address"], c["addresses"]);
        assert_eq!(
            (&c["address"][0]["postal_code"], &c["address"][0]["is_primary"]),
            (&json!("02139"), &json!(true))
        );
        agency.post("/customers", json!({"name": "Bob Roe"})).await.data();
        for query in
            ["name=ana%20DE%20la%20cruz", "email=ana@example.COM", "phone=212.555.0123", "external_id=C-1"]
        {
            assert_eq!(agency.many(&format!("/customers?{query}")).await, 1, "{query}");
        }
        for query in ["name=Ana", "email=x", "phone=x", "status=locked", "external_id=c-1"] {
            assert_eq!(agency.many(&format!("/customers?{query}")).await, 0, "{query}");
        }
        let bob = agency.get("/customers?limit=1").await.json["data"][0].clone();
        assert!(bob.get("email").is_none() && bob["dob"].is_null());
    }

    async fn everything_wrong_with_a_customer_is_said_at_once(agency: &Agency) {
        let all = json!({
            "email": "bad", "phone": "911", "ssn_last4": "12345", "status": "gone", "date_of_birth": "2999-01-01",
            "external_id": "lookup",
        });
        let fields = ["name", "date_of_birth", "external_id", "status", "email", "phone", "ssn_last4"];
        agency.post("/customers", all).await.refuses(422, &fields);
        agency.post("/customers", json!({"first_name": "A"})).await.refuses(422, &["last_name"]);
        agency.post("/customers", json!({"name": "A B", "first_name": "C"})).await.refuses(422, &["name"]);
        agency.post("/customers", json!({"name": "A B", "address": {"id": "x"}})).await.refuses(422, &["address.id"]);
        agency.post("/customers", json!({"name": "A B", "dob": "1990-01-01", "date_of_birth": "1990-01-02"})).await.refuses(422, &["dob"]);
        agency.post("/customers", ana()).await.data();
        agency.post("/customers", json!({"name": "B", "external_id": "C-1"})).await.refuses(422, &["external_id"]);
        agency.get("/customers?include=nonsense").await.refuses(422, &["include"]);
        agency.get("/customers/nobody").await.refuses(404, &[]);
    }

    async fn a_reply_sent_back_changes_nothing_and_tells_nobody(agency: &Agency) {
        let c = agency.post("/customers", ana()).await.data();
        let events = agency.events().await;
        agency.seconds(60).await;
        assert_eq!(agency.put("/customers/C-1", c.clone()).await.data(), c);
        assert_eq!(agency.events().await, events);
        // With one of two names for the same field changed, that one counts.
        let mut changed = c;
        changed["dob"] = json!("1990-01-01");
        changed["address"][0]["city"] = json!("Cambridge");
        (changed["first_name"], changed["last_name"]) = (json!("Ana"), json!("De La Cruz"));
        let c = agency.put("/customers/C-1", changed).await.data();
        assert_eq!(c["date_of_birth"], "1990-01-01");
        assert_eq!(c["addresses"][0]["city"], "Cambridge");
        assert_eq!((&c["name"], &c["first_name"]), (&json!("Ana De La Cruz"), &json!("Ana")));
        assert_eq!(agency.events().await, events + 1);
    }

    async fn what_is_sent_empty_is_cleared_and_what_is_not_sent_stays(agency: &Agency) {
        agency.post("/customers", ana()).await.data();
        let put = json!({"email": null, "metadata": {"a": "", "c": true}, "addresses": {"line1": "2 Side", "postal_code": "02139", "is_primary": 1}});
        let c = agency.put("/customers/C-1", put).await.data();
        assert!(c.get("email").is_none());
        assert_eq!(c["phone"], "+12125550123");
        assert_eq!(c["metadata"], json!([{"attribute": "b", "value": "x"}, {"attribute": "c", "value": "true"}]));
        let primary: Vec<&Value> = c["addresses"].as_array().unwrap().iter().map(|one| &one["is_primary"]).collect();
        assert_eq!(primary, [&json!(false), &json!(true)]);
        agency.put("/customers/C-1", json!({"name": ""})).await.refuses(422, &["name"]);
    }

    async fn an_address_that_a_change_adds_needs_its_postal_code_and_one_that_is_there_does_not(agency: &Agency) {
        let bare = json!({"line1": "1 Main St", "city": "Albany"});
        agency.post("/customers", json!({"name": "A B", "external_id": "C-2", "address": bare})).await.made();
        agency.put("/customers/C-2", json!({"address": {"line1": "2 Side"}})).await.refuses(422, &["address.postal_code"]);
        let same = agency.put("/customers/C-2", json!({"address": bare})).await.data();
        assert_eq!(same["addresses"].as_array().unwrap().len(), 1, "what is sent again is added nowhere");
        let id = &same["addresses"][0]["id"];
        let moved = agency.put("/customers/C-2", json!({"address": {"id": id, "city": "Troy"}})).await.data();
        assert_eq!(moved["addresses"][0]["city"], "Troy");
    }

    async fn the_same_request_under_one_key_makes_one_customer(agency: &Agency) {
        let (one, other) =
            tokio::join!(agency.once("k", "/customers", ana()), agency.once("k", "/customers", ana()));
        assert_eq!(one.data()["id"], other.data()["id"]);
        agency.once("k", "/customers", json!({"name": "B"})).await.refuses(422, &[]);
        assert_eq!(agency.many("/customers").await, 1);
    }

    async fn a_list_is_walked_by_page_and_by_cursor(agency: &Agency) {
        for n in 0..13 {
            agency.post("/customers", json!({"name": format!("Bob {n}")})).await.data();
        }
        let len = |body: &Value| body["data"].as_array().unwrap().len();
        assert_eq!(len(&agency.get("/customers").await.json), 10);
        assert_eq!(len(&agency.get("/customers?page=2").await.json), 3);
        let walk = agency.get("/customers?cursor=&limit=5").await.json;
        let next = walk["meta"]["next_cursor"].as_str().unwrap();
        let rest = agency.get(&format!("/customers?cursor={next}&limit=500")).await.json;
        assert_eq!((len(&walk), len(&rest)), (5, 8));
    }

    async fn a_customer_who_owes_stays_and_one_who_does_not_is_erased(agency: &Agency) {
        let id = agency.post("/customers", ana()).await.data()["id"].as_str().unwrap().to_owned();
        agency.post("/customers/C-1/payment-methods", json!({"token": "tok_visa"})).await.data();
        agency.post("/debt-accounts", json!({"customer_id": "C-1", "balance": 100, "external_id": "D-1"})).await.data();
        agency.delete("/customers/C-1").await.refuses(400, &[]);
        agency.put("/debt-accounts/D-1", json!({"current_balance": 0})).await.data();
        assert_eq!(agency.delete("/customers/C-1").await.status, 200);
        for path in
            ["/customers/C-1".to_owned(), format!("/customers/{id}"), format!("/customers/{id}/addresses")]
        {
            agency.get(&path).await.refuses(404, &[]);
        }
        agency.delete(&format!("/customers/{id}")).await.refuses(404, &[]);
        let known =
            "name IS NOT NULL OR email_index IS NOT NULL OR data_key IS NOT NULL OR external_id IS NOT NULL";
        assert_eq!(agency.number(&format!("SELECT count(*) FROM customer WHERE {known}")).await, 0);
        assert_eq!(agency.number("SELECT count(*) FROM address").await, 0);
        assert_eq!(agency.many("/payment-methods").await, 0);
        assert_eq!(agency.get("/debt-accounts/D-1").await.data()["customer"], Value::Null);
        agency.post("/customers", ana()).await.data();
    }
}
