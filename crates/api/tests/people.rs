//! Customers, their addresses, and locations, as a caller meets them.

mod agency;

use agency::Agency;
use serde_json::{Value, json};

fn ana() -> Value {
    json!({
        "name": "Ana De La Cruz", "external_id": "C-1", "email": "Ana@Example.com", "phone": "(212) 555-0123",
        "date_of_birth": "1991-12-31", "ssn_last4": 42, "metadata": {"a": 1, "b": "x"},
        "address": {"line1": "1 Main", "postal_code": 2139, "is_primary": false},
    })
}

#[tokio::test]
async fn a_customer_is_kept_in_one_form_and_found_by_any() {
    let a = Agency::new().await;
    let c = a.post("/customers", ana()).await.data();
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
    a.post("/customers", json!({"name": "Bob Roe"})).await.data();
    for query in
        ["name=ana%20DE%20la%20cruz", "email=ana@example.COM", "phone=212.555.0123", "external_id=C-1"]
    {
        assert_eq!(a.many(&format!("/customers?{query}")).await, 1, "{query}");
    }
    for query in ["name=Ana", "email=x", "phone=x", "status=locked", "external_id=c-1"] {
        assert_eq!(a.many(&format!("/customers?{query}")).await, 0, "{query}");
    }
    let bob = a.get("/customers?limit=1").await.body["data"][0].clone();
    assert!(bob.get("email").is_none() && bob["dob"].is_null());
}

#[tokio::test]
async fn everything_wrong_with_a_customer_is_said_at_once() {
    let a = Agency::new().await;
    let all = json!({
        "email": "bad", "phone": "911", "ssn_last4": "12345", "status": "gone", "date_of_birth": "2999-01-01",
        "external_id": "lookup",
    });
    let fields = ["name", "date_of_birth", "external_id", "status", "email", "phone", "ssn_last4"];
    a.post("/customers", all).await.refused(422, &fields);
    a.post("/customers", json!({"first_name": "A"})).await.refused(422, &["last_name"]);
    a.post("/customers", json!({"name": "A B", "first_name": "C"})).await.refused(422, &["name"]);
    a.post("/customers", json!({"name": "A B", "address": {"id": "x"}})).await.refused(422, &["address.id"]);
    a.post("/customers", json!({"name": "A B", "dob": "1990-01-01", "date_of_birth": "1990-01-02"}))
        .await
        .refused(422, &["dob"]);
    a.post("/customers", ana()).await.data();
    a.post("/customers", json!({"name": "B", "external_id": "C-1"})).await.refused(422, &["external_id"]);
    a.get("/customers?include=nonsense").await.refused(422, &["include"]);
    a.get("/customers/nobody").await.refused(404, &[]);
}

#[tokio::test]
async fn a_reply_sent_back_changes_nothing_and_tells_nobody() {
    let a = Agency::new().await;
    let c = a.post("/customers", ana()).await.data();
    let events = a.count("SELECT count(*) FROM event").await;
    assert_eq!(a.put("/customers/C-1", c.clone()).await.data(), c);
    assert_eq!(a.count("SELECT count(*) FROM event").await, events);
    // With one of two names for the same field changed, that one counts.
    let mut changed = c;
    changed["dob"] = json!("1990-01-01");
    changed["address"][0]["city"] = json!("Cambridge");
    (changed["first_name"], changed["last_name"]) = (json!("Ana"), json!("De La Cruz"));
    let c = a.put("/customers/C-1", changed).await.data();
    assert_eq!(c["date_of_birth"], "1990-01-01");
    assert_eq!(c["addresses"][0]["city"], "Cambridge");
    assert_eq!((&c["name"], &c["first_name"]), (&json!("Ana De La Cruz"), &json!("Ana")));
    assert_eq!(a.count("SELECT count(*) FROM event").await, events + 1);
}

#[tokio::test]
async fn what_is_sent_empty_is_cleared_and_what_is_not_sent_stays() {
    let a = Agency::new().await;
    a.post("/customers", ana()).await.data();
    let put = json!({"email": null, "metadata": {"a": "", "c": true}, "addresses": {"line1": "2 Side", "is_primary": 1}});
    let c = a.put("/customers/C-1", put).await.data();
    assert!(c.get("email").is_none());
    assert_eq!(c["phone"], "+12125550123");
    assert_eq!(c["metadata"], json!([{"attribute": "b", "value": "x"}, {"attribute": "c", "value": "true"}]));
    let primary: Vec<&Value> = c["addresses"].as_array().unwrap().iter().map(|a| &a["is_primary"]).collect();
    assert_eq!(primary, [&json!(false), &json!(true)]);
    a.put("/customers/C-1", json!({"name": ""})).await.refused(422, &["name"]);
}

#[tokio::test]
async fn the_same_request_under_one_key_makes_one_customer() {
    let a = Agency::new().await;
    let (one, other) =
        tokio::join!(a.post_once("/customers", "k", ana()), a.post_once("/customers", "k", ana()));
    assert_eq!(one.data()["id"], other.data()["id"]);
    a.post_once("/customers", "k", json!({"name": "B"})).await.refused(422, &[]);
    assert_eq!(a.many("/customers").await, 1);
}

#[tokio::test]
async fn a_list_is_walked_by_page_and_by_cursor() {
    let a = Agency::new().await;
    for n in 0..13 {
        a.post("/customers", json!({"name": format!("Bob {n}")})).await.data();
    }
    let len = |body: &Value| body["data"].as_array().unwrap().len();
    assert_eq!(len(&a.get("/customers").await.body), 10);
    assert_eq!(len(&a.get("/customers?page=2").await.body), 3);
    let walk = a.get("/customers?cursor=&limit=5").await.body;
    let next = walk["meta"]["next_cursor"].as_str().unwrap();
    let rest = a.get(&format!("/customers?cursor={next}&limit=500")).await.body;
    assert_eq!((len(&walk), len(&rest)), (5, 8));
}

#[tokio::test]
async fn of_a_customers_addresses_one_is_primary() {
    let a = Agency::new().await;
    a.post("/customers", ana()).await.data();
    let base = "/customers/C-1/addresses";
    a.post(base, json!({"name": "x"})).await.refused(422, &["postal_code"]);
    a.post(base, json!({"postal_code": "1234"})).await.refused(422, &["postal_code"]);
    a.delete(base).await.refused(405, &[]);
    let second = a.post(base, json!({"postal_code": "12345", "is_primary": "true"})).await.data();
    let path = format!("{base}/{}", second["id"].as_str().unwrap());
    a.put(&path, json!({"postal_code": ""})).await.refused(422, &["postal_code"]);
    let second = a.put(&path, json!({"line2": "B", "is_primary": false})).await.data();
    assert_eq!((&second["is_primary"], &second["line2"]), (&json!(true), &json!("B")));
    let listed = a.get(base).await.body;
    assert_eq!((&listed["meta"]["total"], &listed["data"][1]["is_primary"]), (&json!(2), &json!(false)));
    assert_eq!(a.delete(&path).await.body, json!({"success": true}));
    a.get(&path).await.refused(404, &[]);
    assert_eq!(a.get(base).await.body["data"][0]["is_primary"], true);
}

#[tokio::test]
async fn a_customer_who_owes_stays_and_one_who_does_not_is_erased() {
    let a = Agency::new().await;
    let id = a.post("/customers", ana()).await.data()["id"].as_str().unwrap().to_owned();
    a.post("/customers/C-1/payment-methods", json!({"token": "tok_x"})).await.data();
    a.post("/debt-accounts", json!({"customer_id": "C-1", "balance": 100, "external_id": "D-1"}))
        .await
        .data();
    a.delete("/customers/C-1").await.refused(400, &[]);
    a.put("/debt-accounts/D-1", json!({"current_balance": 0})).await.data();
    assert_eq!(a.delete("/customers/C-1").await.status, 200);
    for path in
        ["/customers/C-1".to_owned(), format!("/customers/{id}"), format!("/customers/{id}/addresses")]
    {
        a.get(&path).await.refused(404, &[]);
    }
    a.delete(&format!("/customers/{id}")).await.refused(404, &[]);
    let known =
        "name IS NOT NULL OR email_index IS NOT NULL OR data_key IS NOT NULL OR external_id IS NOT NULL";
    assert_eq!(a.count(&format!("SELECT count(*) FROM customer WHERE {known}")).await, 0);
    assert_eq!(a.count("SELECT count(*) FROM address").await, 0);
    assert_eq!(a.many("/payment-methods").await, 0);
    assert_eq!(a.get("/debt-accounts/D-1").await.data()["customer"], Value::Null);
    a.post("/customers", ana()).await.data();
}

#[tokio::test]
async fn a_location_is_unique_by_name_and_type_and_made_by_the_first_account_that_names_it() {
    let a = Agency::new().await;
    a.post("/locations", json!({})).await.refused(422, &["name"]);
    let bank = a.post("/locations", json!({"name": "Bank", "external_id": "L-1"})).await.data();
    assert_eq!(bank["type"], "original_creditor");
    a.post("/locations", json!({"name": "Bank"})).await.refused(422, &["name"]);
    a.post("/locations", json!({"name": "X", "external_id": "L-1"})).await.refused(422, &["external_id"]);
    a.post("/locations", json!({"name": "X", "parent_id": "nope"})).await.refused(422, &["parent_id"]);
    let loans = json!({"name": "Bank", "type": "product_type", "parent_id": "L-1"});
    let loans = a.post("/locations?include=parent", loans).await.data();
    assert_eq!(loans["parent"]["id"], bank["id"]);
    a.put("/locations/L-1", json!({"parent_id": loans["id"]})).await.refused(422, &["parent_id"]);
    assert_eq!(a.put("/locations/L-1", bank.clone()).await.data(), bank);
    a.delete("/locations/L-1").await.refused(400, &[]);

    a.post("/customers", json!({"name": "A B", "external_id": "C"})).await.data();
    let debt = json!({"customer_id": "C", "balance": 5, "location_id": "L-2"});
    a.post("/debt-accounts", debt.clone()).await.refused(422, &["location_name"]);
    let mut named = debt;
    named["location_name"] = json!("Two");
    a.post("/debt-accounts", named).await.data();
    assert_eq!(a.get("/locations/L-2").await.data()["name"], "Two");
    a.delete("/locations/L-2").await.refused(400, &[]);
}
