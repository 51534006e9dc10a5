//! Payment methods, as a caller meets them.

mod agency;

use agency::Agency;
use serde_json::{Value, json};

const OF_C: &str = "/customers/C/payment-methods";

fn card(number: &str) -> Value {
    json!({"card": {
        "card_holder": "John Doe", "card_number": number, "card_expiration_month": "12",
        "card_expiration_year": "99", "card_security_code": "123", "card_postal_code": "10001",
    }})
}

fn ach() -> Value {
    json!({"ach": {
        "account_holder": "John Doe", "account_type": "checking", "routing_number": "021000021",
        "account_number": "123456789", "account_zip": "10001", "account_state": "NY",
    }})
}

fn at(method: &Value) -> String {
    format!("/payment-methods/{}", method["id"].as_str().unwrap_or_default())
}

async fn agency() -> Agency {
    let a = Agency::new().await;
    a.post("/customers", json!({"name": "A B", "external_id": "C"})).await.data();
    a
}

#[tokio::test]
async fn a_card_is_answered_with_four_digits_of_it_and_kept_with_no_more() {
    let a = agency().await;
    let m = a.post(OF_C, card("4242 4242-4242 4242")).await.data();
    let token = json!({
        "card_holder": "John Doe", "card_number": "4242", "expiration_month": "12", "expiration_year": "2099",
        "card_type": "Visa", "card_zip": "10001",
    });
    assert_eq!((&m["card_token"], &m["bank_account"]), (&token, &Value::Null));
    assert_eq!((&m["expiry_month"], &m["expiry_year"]), (&json!(12), &json!(2099)));
    assert_eq!((&m["is_primary"], &m["is_expired"]), (&json!(true), &json!(false)));
    assert!(!m.to_string().contains("4242424242424242") && !m.to_string().contains("tok_card"));
}

#[tokio::test]
async fn a_method_is_card_or_bank_account_in_the_words_of_the_path() {
    let a = agency().await;
    let m = a.post(OF_C, ach()).await.data();
    assert_eq!(m["type"], "ach");
    let id = m["id"].as_str().unwrap();
    assert_eq!(a.get(&format!("/payment_methods/{id}")).await.data()["type"], "bank_account");
    let bank = json!({"bank_account": ach()["ach"]});
    assert_eq!(a.post("/customers/C/payment_methods", bank).await.data()["type"], "bank_account");
    for (kind, many) in [("ach", 2), ("bank_account", 2), ("card", 0)] {
        assert_eq!(a.many(&format!("{OF_C}?type={kind}")).await, many, "{kind}");
    }
}

#[tokio::test]
async fn what_cannot_be_charged_is_refused_at_its_field() {
    let a = agency().await;
    let with = |field: &str, value: Value| {
        let mut body = card("4242424242424242");
        body["card"][field] = value;
        body
    };
    a.post(OF_C, json!({})).await.refused(422, &["card"]);
    let both = json!({"card": card("4242424242424242")["card"], "ach": ach()["ach"]});
    a.post(OF_C, both).await.refused(422, &["card"]);
    a.post(OF_C, card("4242424242424241")).await.refused(422, &["card.card_number"]);
    a.post(OF_C, with("card_expiration_month", json!(13)))
        .await
        .refused(422, &["card.card_expiration_month"]);
    a.post(OF_C, with("card_security_code", json!("1234"))).await.refused(422, &["card.card_security_code"]);
    a.post(OF_C, with("card_holder", json!(""))).await.refused(422, &["card.card_holder"]);
    a.post(OF_C, json!({"ach": {}})).await.refused(
        422,
        &[
            "ach.account_holder",
            "ach.account_type",
            "ach.routing_number",
            "ach.account_number",
            "ach.account_zip",
            "ach.account_state",
        ],
    );
    // The processor's no, and its silence.
    a.post(OF_C, card("4000000000000002")).await.refused(422, &["card.card_number"]);
    a.post(OF_C, card("5555555555554444")).await.refused(503, &[]);
    a.post("/payment_methods", json!({"type": "bank_account", "token": "t"})).await.refused(422, &["type"]);
    a.post("/payment_methods", json!({"customer_id": "nope", "token": "t"}))
        .await
        .refused(422, &["customer_id"]);
    assert_eq!(a.many("/payment-methods").await, 0);
}

#[tokio::test]
async fn the_vendors_own_curls_store_a_card_and_a_bank_account() {
    let a = agency().await;
    let card = "card[card_holder]=John+Doe&card[card_number]=4242424242424242&card[card_expiration_month]=12\
                &card[card_expiration_year]=25&card[card_security_code]=123&card[card_postal_code]=10001";
    // Printed in 2025 and expired since: it can be stored all the same.
    assert_eq!(a.post_form(OF_C, card).await.data()["is_expired"], true);
    let ach = "ach[account_holder]=John+Doe&ach[account_type]=checking&ach[routing_number]=021000021\
               &ach[account_number]=123456789&ach[account_zip]=10001&ach[account_state]=NY";
    assert_eq!(a.post_form(OF_C, ach).await.data()["bank_account"]["account_number"], "6789");
}

#[tokio::test]
async fn the_first_is_primary_until_another_is_made_so_or_it_goes() {
    let a = agency().await;
    let (one, two) = (a.post(OF_C, card("4242424242424242")).await.data(), a.post(OF_C, ach()).await.data());
    assert_eq!((&one["is_primary"], &two["is_primary"]), (&json!(true), &json!(false)));
    assert_eq!(a.put(&at(&two), json!({"is_primary": true})).await.data()["is_primary"], true);
    assert_eq!(a.get(&at(&one)).await.data()["is_primary"], false);
    assert_eq!(a.put(&at(&two), json!({"is_primary": false})).await.data()["is_primary"], true);
    assert_eq!(a.delete(&at(&two)).await.status, 200);
    a.get(&at(&two)).await.refused(404, &[]);
    assert_eq!(a.get(&at(&one)).await.data()["is_primary"], true);
    // A standalone one is nobody's, and first of nobody's.
    let alone = a.post("/payment-methods", json!({"token": "tok_x", "is_primary": true})).await.data();
    assert_eq!((&alone["customer_id"], &alone["is_primary"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn the_holder_expiration_and_zip_change_and_the_number_never() {
    let a = agency().await;
    let (c, b) = (a.post(OF_C, card("4242424242424242")).await.data(), a.post(OF_C, ach()).await.data());
    for m in [&c, &b] {
        assert_eq!(a.put(&at(m), m.clone()).await.data(), *m);
    }
    let put = json!({"card": {
        "card_expiration_year": "98", "card_postal_code": null, "card_holder": "Jane", "card_number": "4111111111111111",
    }});
    let m = a.put(&at(&c), put).await.data();
    assert_eq!((&m["expiry_year"], &m["expiry_month"]), (&json!(2098), &json!(12)));
    assert_eq!(
        (&m["card_token"]["card_zip"], &m["card_token"]["card_holder"]),
        (&Value::Null, &json!("Jane"))
    );
    assert_eq!(m["last_four"], "4242");
    a.put(&at(&c), json!({"card": {"card_holder": ""}})).await.refused(422, &["card.card_holder"]);
    a.put(&at(&b), json!({"bank_account": {"account_zip": ""}})).await.refused(422, &["ach.account_zip"]);
    a.put(&at(&b), json!({"card": {"card_holder": "x"}})).await.refused(422, &["card"]);
}

#[tokio::test]
async fn a_method_that_a_scheduled_charge_uses_is_not_deleted() {
    let a = agency().await;
    let m = a.post_once(OF_C, "m", card("4242424242424242")).await.data();
    assert_eq!(a.post_once(OF_C, "m", card("4242424242424242")).await.data()["id"], m["id"]);
    a.post("/debt-accounts", json!({"customer_id": "C", "balance": 500, "external_id": "D"})).await.data();
    let later = json!({"debt_account_id": "D", "amount": 100, "payment_method_id": m["id"], "scheduled_at": "2099-01-01"});
    let charge = a.post("/charges", later).await.data();
    a.delete(&at(&m)).await.refused(400, &[]);
    a.delete("/customers/C").await.refused(400, &[]);
    let charge = format!("/charges/{}", charge["id"].as_str().unwrap());
    assert_eq!(a.post(&format!("{charge}/cancel"), json!({})).await.status, 200);
    assert_eq!(a.delete(&at(&m)).await.status, 200);
    // It still shows what it paid, or did not.
    let shown = a.get(&format!("{charge}?include=payment_method")).await.data();
    assert_eq!(shown["payment_method"]["last_four"], "4242");
    let bank = json!({"debt_account_id": "D", "amount": 100, "bank_account": ach()["ach"], "scheduled_at": "2099-01-01"});
    a.post("/charges", bank).await.data();
}
