//! Hosted fields: a frame in an organization's own page, and the one-time token that it gives that page.

use books::tokens::{Revoke, TOKENIZE, TokenId};
use http::Method;
use payments::velocity::{self, Try};
use serde_json::{Value, json};

use crate::support::agency::Agency;
use crate::support::client::Answer;

const SHOP: &str = "https://shop.example";

/// A publishable key of our sandbox.
async fn key(agency: &Agency) -> TokenId {
    agency.token(TOKENIZE).await.0
}

fn path(key: &TokenId, kind: &str) -> String {
    format!("/portal/tokenizer/fields/{key}/{kind}")
}

async fn allow(agency: &Agency, origins: &[&str]) {
    agency.put("/organization", json!({ "allowed_origins": origins })).await.is(200);
}

fn card(number: &str) -> String {
    format!("holder=Ada+Lovelace&number={number}&month=12&year=30&code=123&zip=12207")
}

fn bank(account: &str) -> String {
    format!("holder=Ada+Lovelace&kind=savings&routing=110000000&account={account}&again={account}")
}

/// Sends what was written in a frame.
async fn writes(agency: &Agency, path: &str, form: &str) -> Answer {
    let ask = agency.ask(Method::POST, path).nobody().header("sec-fetch-site", "same-origin");
    ask.header("origin", "https://pay.example.com").form(form).send().await
}

/// A one-time token for a card of this number.
pub(crate) async fn token_of(agency: &Agency, number: &str) -> String {
    let key = key(agency).await;
    token(&writes(agency, &path(&key, "card"), &card(number)).await)
}

fn token(answer: &Answer) -> String {
    answer.is(200)["token"].as_str().expect("a token").to_owned()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn pays(debt: &str, token: &str, cents: i64) -> Value {
    json!({ "debt_account_id": debt, "token": token, "amount": cents })
}

on_both_engines! {
    async fn a_frame_is_for_the_one_allowed_origin_that_it_names(agency: &Agency) {
        allow(agency, &[SHOP, "https://other.example"]).await;
        let key = key(agency).await;
        for (kind, field) in [("card", "cc-number"), ("bank", "routing")] {
            let page = agency.ask(Method::GET, &format!("{}?origin={SHOP}", path(&key, kind))).nobody().send().await;
            assert!(page.status == 200 && page.text.contains(field), "{}", page.text);
            let policy = header(&page, "content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';") && policy.ends_with("; frame-ancestors https://shop.example"), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
            assert_eq!(header(&page, "x-frame-options"), "", "it would contradict the policy: {:?}", page.headers);
            assert_eq!((header(&page, "cache-control"), header(&page, "referrer-policy"), header(&page, "x-content-type-options")), ("no-store", "no-referrer", "nosniff"));
            assert!(page.headers.get("set-cookie").is_none() && page.text.contains("data-origin=\"https://shop.example\""), "{}", page.text);
            for word in [" style=", " onclick", "http://", "<script>"] {
                assert!(!page.text.contains(word), "{word}: {}", page.text);
            }
        }
        // The machine itself, in a rehearsal.
        let here = agency.ask(Method::GET, &format!("{}?origin=http://localhost:3000", path(&key, "card"))).nobody().send().await;
        assert!(here.status == 200 && header(&here, "content-security-policy").ends_with("frame-ancestors http://localhost:3000"), "{}", here.text);
        for origin in [
            "", "https://evil.example", "https://shop.example.evil.example", "https://shop.example:8443", "http://shop.example", "https://shop.example/path",
            "https://shop.example%20https://evil.example", "https://shop.example%3Bscript-src%20*", "*", "null", "https://*.example", "https://other.example,https://evil.example",
        ] {
            let refused = agency.ask(Method::GET, &format!("{}?origin={origin}", path(&key, "card"))).nobody().send().await;
            assert_eq!(refused.status, 403, "{origin}");
            assert!(header(&refused, "content-security-policy").contains("frame-ancestors 'none'") && header(&refused, "x-frame-options") == "DENY", "{origin}");
        }
        let spanish = agency.ask(Method::GET, &format!("{}?origin={SHOP}&language=es", path(&key, "bank"))).nobody().send().await;
        assert!(spanish.text.contains("<html lang=\"es\"") && spanish.text.contains("Número de ruta"), "{}", spanish.text);
    }

    async fn only_a_token_that_was_made_for_it_publishes_fields(agency: &Agency) {
        let (all, _) = agency.token("*").await;
        let (other, _) = agency.token("payment_methods:write").await;
        let (revoked, text) = agency.token(TOKENIZE).await;
        let ask = async |key: String| {
            let path = format!("/portal/tokenizer/fields/{key}/card");
            let page = agency.ask(Method::GET, &format!("{path}?origin=http://localhost:3000")).nobody().send().await;
            (page.status, writes(agency, &path, &card("4242424242424242")).await.status)
        };
        assert_eq!(ask(revoked.to_string()).await, (200, 200));
        // By itself it opens nothing else.
        assert_eq!(agency.ask(Method::GET, "/payment-methods").token(&text).send().await.refused(403), "forbidden");
        agency.db.run(&Revoke { tenants: &agency.tenants, id: revoked }).await.unwrap();
        for key in [all.to_string(), other.to_string(), revoked.to_string(), "0193c0de-0000-7000-8000-000000000000".into(), text, "x".into()] {
            assert_eq!(ask(key.clone()).await, (404, 404), "{key}");
        }
        let key = key(agency).await;
        assert_eq!(writes(agency, &path(&key, "cash"), &card("4242424242424242")).await.status, 404);
        assert_eq!(agency.number("SELECT count(*) FROM one_time_token").await, 1);
    }

    async fn a_card_becomes_a_token_that_pays_once(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let key = key(agency).await;
        let made = writes(agency, &path(&key, "card"), &card("4242+4242+4242+4242")).await;
        let told = made.is(200);
        assert_eq!((&told["type"], &told["brand"], &told["last_four"], &told["expiry_month"], &told["expiry_year"]), (&json!("card"), &json!("Visa"), &json!("4242"), &json!(12), &json!(2030)));
        let token = token(&made);
        assert!(token.starts_with("qt_once_") && !made.text.contains("tok_") && !made.text.contains("424242424242"), "{}", made.text);
        let charge = agency.post("/charges", pays(&debtor.debt, &token, 20_00)).await;
        assert_eq!(agency.owed(&debtor.debt).await, 30_00);
        let method = charge.data()["payment_method_id"].as_str().unwrap().to_owned();
        let method = agency.get(&format!("/payment-methods/{method}")).await.data();
        assert_eq!((&method["card_token"]["card_holder"], &method["card_token"]["card_zip"]), (&json!("Ada Lovelace"), &json!("12207")));
        for again in [agency.post("/charges", pays(&debtor.debt, &token, 1_00)).await, agency.post("/payment-methods", json!({ "token": token })).await] {
            assert!(again.invalid("token").contains("used before"), "{}", again.text);
        }
        // What it stood for is gone from where it waited.
        let waits = "SELECT count(*) FROM one_time_token WHERE length(body) > 0 OR fingerprint IS NOT NULL OR used_at IS NULL";
        assert_eq!(agency.number(waits).await, 0);
        let kept = json!({ "customer_id": debtor.customer, "token": token_of(agency, "5555555555554444").await, "type": "card" });
        assert_eq!(agency.post("/payment-methods", kept).await.data()["brand"], "Mastercard");
        agency.books_hold().await;
    }

    async fn a_bank_account_becomes_one_too(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let key = key(agency).await;
        let made = writes(agency, &path(&key, "bank"), &bank("000123456789")).await;
        assert_eq!((&made.is(200)["type"], &made["last_four"], &made["brand"]), (&json!("ach"), &json!("6789"), &json!(null)));
        let kept = json!({ "customer_id": debtor.customer, "type": "card", "token": token(&made) });
        agency.post("/payment-methods", kept).await.invalid("type");
        let kept = json!({ "customer_id": debtor.customer, "type": "ach", "token": token(&made) });
        let method = agency.post("/payment-methods", kept).await.data();
        let about = &method["bank_account"];
        assert_eq!((&about["account_holder"], &about["account_type"], &about["routing_number"]), (&json!("Ada Lovelace"), &json!("savings"), &json!("110000000")));
        let charge = json!({ "debt_account_id": debtor.debt, "payment_method_id": method["id"], "amount": 10_00 });
        assert_eq!(agency.post("/charges", charge).await.data()["state"], "pending");
    }

    async fn what_is_refused_spends_no_token_and_the_same_request_is_the_same_payment(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let token = token_of(agency, "4242424242424242").await;
        assert_eq!(agency.post("/charges", pays(&debtor.debt, &token, 50_01)).await.refused(422), "above_balance");
        agency.post("/charges", pays("0193c0de-0000-7000-8000-000000000000", &token, 1_00)).await.invalid("debt_account_id");
        let first = agency.once("order-1", "/charges", pays(&debtor.debt, &token, 10_00)).await;
        let again = agency.once("order-1", "/charges", pays(&debtor.debt, &token, 10_00)).await;
        assert!(again.is_replay());
        assert_eq!(first.made(), again.made());
        assert_eq!(agency.owed(&debtor.debt).await, 40_00);
        // A declined one was tried: it is spent.
        let declined = token_of(agency, "4000000000000002").await;
        assert_eq!(agency.post("/charges", pays(&debtor.debt, &declined, 10_00)).await.refused(400), "charge_declined");
        agency.post("/charges", pays(&debtor.debt, &declined, 10_00)).await.invalid("token");
        // One that is too old is as good as none, and forgotten.
        let old = token_of(agency, "4242424242424242").await;
        agency.seconds(30 * 60).await;
        agency.post("/charges", pays(&debtor.debt, &old, 1_00)).await.invalid("token");
        agency.seconds(1).await;
        agency.steps().await;
        assert_eq!(agency.number("SELECT count(*) FROM one_time_token").await, 0);
        agency.books_hold().await;
    }

    async fn a_token_is_its_own_environment_s_alone(agency: &Agency) {
        let token = token_of(agency, "4242424242424242").await;
        let (ours, theirs) = (&agency.template.ours, &agency.template.theirs);
        let body = json!({ "token": token });
        let refused = agency.ask(Method::POST, "/payment-methods").token(&theirs.sandbox).json(&body).send().await;
        let unknown = agency.ask(Method::POST, "/payment-methods").token(&theirs.sandbox).json(&json!({ "token": format!("{token}0") })).send().await;
        refused.invalid("token");
        assert_eq!(refused.essence(), unknown.essence());
        assert!(agency.ask(Method::POST, "/payment-methods").token(&ours.production).json(&body).send().await.status >= 400);
        agency.post("/payment-methods", body).await.made();
    }

    async fn what_is_wrong_is_said_field_by_field_and_nothing_is_kept(agency: &Agency) {
        let key = key(agency).await;
        let fields = |answer: &Answer| -> Vec<String> {
            answer.is(422)["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect()
        };
        let nothing = writes(agency, &path(&key, "card"), "").await;
        assert_eq!(fields(&nothing), ["holder", "number", "month", "code", "zip"]);
        assert_eq!(nothing["message"], "There is a problem");
        let nothing = writes(agency, &format!("{}?language=es", path(&key, "bank")), "").await;
        assert_eq!(fields(&nothing), ["holder", "kind", "routing", "account"]);
        assert_eq!(nothing["errors"][3]["message"], "Escriba el número de cuenta completo, de 4 a 17 dígitos");
        let wrong = writes(agency, &path(&key, "card"), &card("4242424242424241")).await;
        assert_eq!(fields(&wrong), ["number"]);
        assert!(!wrong.text.contains("42424242"), "{}", wrong.text);
        // What the processor does not take.
        assert_eq!(fields(&writes(agency, &path(&key, "card"), &card("4012888888881881")).await), ["number"]);
        assert_eq!(agency.number("SELECT count(*) FROM one_time_token").await, 0);
    }

    async fn a_form_of_another_site_gets_no_token(agency: &Agency) {
        let key = key(agency).await;
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://shop.example"), ("host", "pay.example.com")],
        ] {
            let ask = agency.ask(Method::POST, &path(&key, "card")).nobody();
            let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
            assert_eq!(ask.form(&card("4242424242424242")).send().await.status, 403, "{headers:?}");
        }
        assert_eq!(agency.number("SELECT count(*) FROM one_time_token").await, 0);
    }

    async fn whoever_writes_card_after_card_is_stopped(agency: &Agency) {
        let path = path(&key(agency).await, "card");
        for _ in 0..20 {
            writes(agency, &path, &card("4242424242424242")).await.is(200);
        }
        let refused = writes(agency, &path, &card("5555555555554444")).await;
        assert_eq!(refused.is(429)["message"], "Too many cards or accounts were entered here. Nothing was charged. Please try again later.");
        assert_eq!(header(&refused, "retry-after"), "3600");
        // What is no card at all is told for nothing.
        writes(agency, &path, &card("1234")).await.is(422);
        agency.seconds(3_600).await;
        writes(agency, &path, &card("4242424242424242")).await.is(200);
        // From however many addresses, a range of numbers is tried a hundred times an hour.
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await;
        let tries = async |n: i32, range: &str| {
            agency.db.run(&Try { tenant: &tenant, limits: &velocity::of_token(&n.to_string(), range) }).await.is_ok()
        };
        for n in 0..99 {
            assert!(tries(n, "424242").await, "{n}");
        }
        assert!(!tries(100, "424242").await && tries(100, "555555").await);
        assert_eq!(writes(agency, &path, &card("4242424242424242")).await.status, 429);
        writes(agency, &path, &card("5555555555554444")).await.is(200);
    }

    async fn the_scripts_are_for_any_page_and_ask_nobody_else(agency: &Agency) {
        let script = agency.ask(Method::GET, "/portal/fields.js").nobody().send().await;
        script.is(200);
        assert_eq!((header(&script, "content-type"), header(&script, "cross-origin-resource-policy"), header(&script, "access-control-allow-origin")), ("text/javascript; charset=utf-8", "cross-origin", "*"));
        let page = agency.ask(Method::GET, &format!("{}?origin=http://localhost:3000", path(&key(agency).await, "card"))).nobody().send().await;
        let within = page.text.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let within = agency.ask(Method::GET, &within).nobody().send().await;
        within.is(200);
        assert_eq!((header(&within, "cache-control"), header(&within, "cross-origin-resource-policy")), ("public, max-age=31536000, immutable", "same-origin"));
        let other = agency.ask(Method::GET, "/portal/script/0000.js").nobody().send().await;
        assert_eq!(header(&other, "cache-control"), "no-store");
    }
}

on_both_engines! { in threads
    async fn of_many_that_pay_with_one_token_at_once_one_does(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let token = token_of(agency, "4242424242424242").await;
        let all = (0..12).map(|n| {
            let body = pays(&debtor.debt, &token, 1_00);
            async move {
                match n % 2 {
                    0 => agency.post("/charges", body).await,
                    _ => agency.post("/payment-methods", json!({ "token": body["token"] })).await,
                }
            }
        });
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            refused.invalid("token");
        }
        agency.books_hold().await;
    }
}
