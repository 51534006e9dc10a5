//! Payment methods: what is kept of a card or a bank account, and who may change or remove it.

use serde_json::{Value, json};

use crate::support::agency::Agency;

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

/// The customer `C`, who has nothing yet.
async fn debtor(agency: &Agency) {
    agency.post("/customers", json!({ "name": "A B", "external_id": "C" })).await.made();
}

on_both_engines! {
    async fn a_collection_agency_takes_no_credit_card_and_only_brands_that_take_it(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let category = |code: Value| json!({ "payment_rules": { "merchant_category_code": code } });
        agency.put("/organization", category(json!("7322"))).await.is(200);
        let credit = agency.post("/payment-methods", json!({ "customer_id": debtor.customer, "token": "tok_visa" })).await;
        assert_eq!(credit.refused(400), "card_not_accepted");
        assert!(credit.text.contains("Credit cards are not accepted here"), "{}", credit.text);
        let amex = agency.post("/payment-methods", json!({ "customer_id": debtor.customer, "token": "tok_amex" })).await;
        assert!(amex.text.contains("American Express cards are not accepted"), "{}", amex.text);
        let number = json!({ "card_holder": "Ada", "card_number": "4242424242424242", "card_expiration_month": 12, "card_expiration_year": 30 });
        let number = json!({ "customer_id": debtor.customer, "card": number });
        assert_eq!(agency.post("/payment-methods", number).await.refused(400), "card_not_accepted");
        // One that was kept before is not charged any more either.
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "card_not_accepted");
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);

        let debit = agency.post("/payment-methods", json!({ "customer_id": debtor.customer, "token": "tok_visa_debit" })).await;
        assert_eq!(debit.is(201)["data"]["funding"], "debit");
        let pays = json!({ "debt_account_id": debtor.debt, "payment_method_id": debit["data"]["id"], "amount": 10_00 });
        agency.post("/charges", pays).await.is(201);
        let unknown = json!({ "payment_rules": { "merchant_category_code": "732" } });
        agency.put("/organization", unknown).await.is(422);
        agency.put("/organization", category(Value::Null)).await.is(200);
        agency.post("/charges", debtor.pays(10_00)).await.is(201);
        agency.put("/organization", json!({ "payment_rules": { "card_brands": ["Mastercard"] } })).await.is(200);
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(400), "card_not_accepted");
    }

    async fn a_card_is_answered_with_four_digits_of_it_and_kept_with_no_more(agency: &Agency) {
        debtor(agency).await;
        let m = agency.post(OF_C, card("4242 4242-4242 4242")).await.data();
        let token = json!({
            "card_holder": "John Doe", "card_number": "4242", "expiration_month": "12", "expiration_year": "2099",
            "card_type": "Visa", "card_zip": "10001",
        });
        assert_eq!((&m["card_token"], &m["bank_account"]), (&token, &Value::Null));
        assert_eq!((&m["expiry_month"], &m["expiry_year"]), (&json!(12), &json!(2099)));
        assert_eq!((&m["is_primary"], &m["is_expired"]), (&json!(true), &json!(false)));
        for secret in ["4242424242424242", "4242 4242-4242 4242", "tok_", "\"123\""] {
            assert!(!m.to_string().contains(secret), "{secret} is shown: {m}");
        }
    }

    async fn a_method_is_card_or_bank_account_in_the_words_of_the_path(agency: &Agency) {
        debtor(agency).await;
        let m = agency.post(OF_C, ach()).await.data();
        assert_eq!(m["type"], "ach");
        let id = m["id"].as_str().unwrap();
        assert_eq!(agency.get(&format!("/payment_methods/{id}")).await.data()["type"], "bank_account");
        let bank = json!({"bank_account": ach()["ach"]});
        assert_eq!(agency.post("/customers/C/payment_methods", bank).await.data()["type"], "bank_account");
        for (kind, many) in [("ach", 2), ("bank_account", 2), ("card", 0)] {
            assert_eq!(agency.many(&format!("{OF_C}?type={kind}")).await, many, "{kind}");
        }
    }

    async fn what_cannot_be_charged_is_refused_at_its_field(agency: &Agency) {
        debtor(agency).await;
        let with = |field: &str, value: Value| {
            let mut body = card("4242424242424242");
            body["card"][field] = value;
            body
        };
        agency.post(OF_C, json!({})).await.refuses(422, &["card"]);
        let both = json!({"card": card("4242424242424242")["card"], "ach": ach()["ach"]});
        agency.post(OF_C, both).await.refuses(422, &["card"]);
        let mistyped = agency.post(OF_C, card("4242424242424241")).await;
        mistyped.refuses(422, &["card.card_number"]);
        agency.post(OF_C, with("card_expiration_month", json!(13))).await.refuses(422, &["card.card_expiration_month"]);
        agency.post(OF_C, with("card_security_code", json!("1234"))).await.refuses(422, &["card.card_security_code"]);
        agency.post(OF_C, with("card_holder", json!(""))).await.refuses(422, &["card.card_holder"]);
        let ach_fields = ["ach.account_holder", "ach.account_type", "ach.routing_number", "ach.account_number", "ach.account_zip", "ach.account_state"];
        agency.post(OF_C, json!({"ach": {}})).await.refuses(422, &ach_fields);
        // The processor's no, and its silence.
        let unwanted = agency.post(OF_C, card("4012888888881881")).await;
        unwanted.refuses(422, &["card.card_number"]);
        assert_ne!(unwanted.invalid("card.card_number"), mistyped.invalid("card.card_number"));
        agency.bank.script(json!([{ "match": { "op": "tokenize" }, "do": "refuse_connection" }]));
        agency.post(OF_C, card("4242424242424242")).await.refuses(503, &[]);
        agency.bank.script(json!([]));
        for (body, field) in [
            (json!({"token": "tok_visa", "type": "bank_account"}), "type"),
            (json!({"token": "tok_visa", "customer_id": "nope"}), "customer_id"),
            (json!({"token": "tok_of_nothing"}), "token"),
        ] {
            agency.post("/payment_methods", body).await.refuses(422, &[field]);
        }
        assert_eq!(agency.many("/payment-methods").await, 0);
    }

    async fn the_vendors_own_curls_store_a_card_and_a_bank_account(agency: &Agency) {
        debtor(agency).await;
        let card = "card[card_holder]=John+Doe&card[card_number]=4242424242424242&card[card_expiration_month]=12\
                    &card[card_expiration_year]=25&card[card_security_code]=123&card[card_postal_code]=10001";
        // Printed in 2025 and expired since: it can be stored all the same.
        assert_eq!(agency.form(OF_C, card).await.data()["is_expired"], true);
        let ach = "ach[account_holder]=John+Doe&ach[account_type]=checking&ach[routing_number]=021000021\
                   &ach[account_number]=123456789&ach[account_zip]=10001&ach[account_state]=NY";
        assert_eq!(agency.form(OF_C, ach).await.data()["bank_account"]["account_number"], "6789");
    }

    async fn the_first_is_primary_until_another_is_made_so_or_it_goes(agency: &Agency) {
        debtor(agency).await;
        let (one, two) = (agency.post(OF_C, card("4242424242424242")).await.data(), agency.post(OF_C, ach()).await.data());
        assert_eq!((&one["is_primary"], &two["is_primary"]), (&json!(true), &json!(false)));
        assert_eq!(agency.put(&at(&two), json!({"is_primary": true})).await.data()["is_primary"], true);
        assert_eq!(agency.get(&at(&one)).await.data()["is_primary"], false);
        assert_eq!(agency.put(&at(&two), json!({"is_primary": false})).await.data()["is_primary"], true);
        assert_eq!(agency.delete(&at(&two)).await.status, 200);
        agency.get(&at(&two)).await.refuses(404, &[]);
        assert_eq!(agency.get(&at(&one)).await.data()["is_primary"], true);
        // A standalone one is nobody's, and first of nobody's.
        let alone = agency.post("/payment-methods", json!({"token": "tok_visa", "is_primary": true})).await.data();
        assert_eq!((&alone["customer_id"], &alone["is_primary"]), (&Value::Null, &json!(false)));
    }

    async fn the_holder_expiration_and_zip_change_and_the_number_never(agency: &Agency) {
        debtor(agency).await;
        let (c, b) = (agency.post(OF_C, card("4242424242424242")).await.data(), agency.post(OF_C, ach()).await.data());
        agency.seconds(60).await;
        for m in [&c, &b] {
            assert_eq!(agency.put(&at(m), m.clone()).await.data(), *m);
        }
        let put = json!({"card": {
            "card_expiration_year": "98", "card_postal_code": null, "card_holder": "Jane", "card_number": "4111111111111111",
        }});
        let m = agency.put(&at(&c), put).await.data();
        assert_eq!((&m["expiry_year"], &m["expiry_month"]), (&json!(2098), &json!(12)));
        assert_eq!(
            (&m["card_token"]["card_zip"], &m["card_token"]["card_holder"]),
            (&Value::Null, &json!("Jane"))
        );
        assert_eq!(m["last_four"], "4242");
        agency.put(&at(&c), json!({"card": {"card_holder": ""}})).await.refuses(422, &["card.card_holder"]);
        agency.put(&at(&b), json!({"bank_account": {"account_zip": ""}})).await.refuses(422, &["ach.account_zip"]);
        agency.put(&at(&b), json!({"card": {"card_holder": "x"}})).await.refuses(422, &["card"]);
    }

    async fn a_method_that_a_scheduled_charge_uses_is_not_deleted(agency: &Agency) {
        debtor(agency).await;
        let m = agency.once("m", OF_C, card("4242424242424242")).await.data();
        assert_eq!(agency.once("m", OF_C, card("4242424242424242")).await.data()["id"], m["id"]);
        agency.post("/debt-accounts", json!({"customer_id": "C", "balance": 500, "external_id": "D"})).await.data();
        let later = json!({"debt_account_id": "D", "amount": 100, "payment_method_id": m["id"], "scheduled_at": "2099-01-01"});
        let charge = agency.post("/charges", later).await.data();
        agency.delete(&at(&m)).await.refuses(400, &[]);
        agency.delete("/customers/C").await.refuses(400, &[]);
        let charge = format!("/charges/{}", charge["id"].as_str().unwrap());
        assert_eq!(agency.post(&format!("{charge}/cancel"), json!({})).await.status, 200);
        assert_eq!(agency.delete(&at(&m)).await.status, 200);
        // It still shows what it paid, or did not.
        let shown = agency.get(&format!("{charge}?include=payment_method")).await.data();
        assert_eq!(shown["payment_method"]["last_four"], "4242");
        let bank = json!({"debt_account_id": "D", "amount": 100, "bank_account": ach()["ach"], "scheduled_at": "2099-01-01"});
        agency.post("/charges", bank).await.data();
    }
}
