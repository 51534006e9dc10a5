//! Secrets that must be nowhere: sent in every place of a whole story, then looked for in every file and every log
//! line.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::sync::Once;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use edge::routes::post;
use edge::{Access, Settings, Table};
use http::Method;
use serde_json::json;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::prelude::*;

use crate::portal::browser::Browser;
use crate::portal::fields;
use crate::support::Engine;
use crate::support::agency::Agency;

thread_local! {
    /// Everything that this thread logs, while somebody listens.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes to the log of the thread that logs.
struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.as_mut().map(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens to everything that this thread logs from now on. For the whole process there can be but one listener; it
/// hears only threads that ask for it.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The driver tells the parameters of statements, so the program never lets it tell more than warnings.
        let driver = |target: &str| target.starts_with("tokio_postgres");
        let listening = dynamic_filter_fn(move |meta, _| {
            let quiet = driver(meta.target()) && *meta.level() > tracing::Level::WARN;
            !quiet && LOG.with_borrow(Option::is_some)
        });
        let layer =
            tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| ToLog).with_filter(listening);
        tracing_subscriber::registry().with(layer).init();
    });
    LOG.set(Some(Vec::new()));
}

/// What this thread has logged.
fn logged() -> Vec<u8> {
    LOG.with_borrow(|log| log.clone().unwrap_or_default())
}

/// Each way in which a text could have been written down.
fn disguises(canary: &str) -> Vec<Vec<u8>> {
    let mut all = vec![canary.as_bytes().to_vec()];
    let hex: String = canary.bytes().map(|b| format!("{b:02x}")).collect();
    all.push(hex.to_uppercase().into_bytes());
    all.push(hex.into_bytes());
    for front in 0..3 {
        // In base64 a text looks otherwise by where it begins; its inner characters tell.
        let padded = [&b"\0\0"[..front], canary.as_bytes()].concat();
        for encoded in [STANDARD.encode(&padded), URL_SAFE.encode(&padded)] {
            all.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
        }
    }
    all.push(canary.bytes().rev().collect());
    all
}

fn holds(hay: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|b| *b == first) {
        if hay[from + at..].starts_with(needle) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// Where any of the canaries was found.
fn found(places: &[(String, Vec<u8>)], canaries: &[(&str, &str)]) -> Vec<String> {
    let mut all = Vec::new();
    for (what, canary) in canaries {
        for needle in disguises(canary) {
            for (place, _) in places.iter().filter(|(_, bytes)| holds(bytes, &needle)) {
                all.push(format!("{what} is in {place}, as {}", String::from_utf8_lossy(&needle)));
            }
        }
    }
    all
}

fn files(dir: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for path in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Everything that is kept: the files of the data directory, and what a database server keeps for us.
async fn kept(agency: &Agency) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    files(agency.home.dir.path(), &mut all);
    if agency.engine == Engine::Postgres {
        let server = crate::support::postgres::server().unwrap();
        let client = server.client(agency.home.database.as_ref().unwrap()).await;
        let tables =
            "SELECT CAST(table_name AS text) FROM information_schema.tables WHERE table_schema = 'public'";
        for table in client.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            let rows = client.query(&format!("SELECT CAST(t AS text) FROM {table} AS t"), &[]).await.unwrap();
            let text: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            all.push((table, text.join("\n").into_bytes()));
        }
    }
    assert!(all.iter().any(|(_, bytes)| bytes.len() > 100));
    all
}

/// A number that passes the Luhn check, in the range of the sandbox's test cards.
fn card_number(middle: &str) -> String {
    let luhn = |digits: &str| {
        let sum: u32 = digits
            .bytes()
            .rev()
            .enumerate()
            .map(|(i, b)| u32::from(b - b'0') * if i % 2 == 1 { 2 } else { 1 })
            .map(|n| if n > 9 { n - 9 } else { n })
            .sum();
        sum.is_multiple_of(10)
    };
    let whole = |check: u32| format!("400000{middle}{check}");
    (0..10).map(whole).find(|number| luhn(number)).unwrap()
}

on_both_engines! {
    async fn no_secret_is_written_down_anywhere(agency: &Agency) {
        listen();

        let card = card_number("731846205");
        let wrong_card = format!("4{}", "83716402957318"); // no card at all
        let (code, long_code) = ("739", "73917391739173917");
        let (account, ssn, ssn_plain) = ("48201759368", "912-83-7465", "912837465");
        let (email, phone, name) = ("canary.7c1f@example.com", "2125550187", "Wilhelmina Canaryfeather");
        let (street, tag) = ("4711 Canary Wharf Lane", "canary-metadata-5f2e");
        let (_, token) = agency.token("*").await;
        let foreign_token = "qt_test_feedfacefeedfacefeedfacefeedfacefeedfacefeedfacefeedfacefeedface";

        let whole_card = |number: &str, code: &str| json!({
            "card_holder": name, "card_number": number, "card_security_code": code,
            "card_expiration_month": 4, "card_expiration_year": 2031, "card_postal_code": "12207"
        });
        let bank = json!({
            "account_holder": name, "account_type": "checking", "routing_number": "110000000", "account_number": account,
            "account_zip": "12207", "account_state": "NY"
        });
        let ask = |method: Method, path: &str| agency.ask(method, path).token(&token);
        let send = async |path: &str, body: serde_json::Value| ask(Method::POST, path).json(&body).send().await;

        // A whole story.
        let person = json!({
            "name": name, "email": email, "phone": phone, "ssn": ssn, "ssn_last4": "7465", "date_of_birth": "1987-06-05",
            "metadata": { "tag": tag }, "address": { "line1": street, "city": "Albany", "state": "NY", "postal_code": "12207" }
        });
        let customer = send("/customers", person).await.made();
        let debt = send("/debt-accounts", json!({ "customer_id": customer, "balance": 500_00 })).await.made();
        let method = send("/payment-methods", json!({ "customer_id": customer, "card": whole_card(&card, code) })).await.made();
        let ach = send(&format!("/customers/{customer}/payment-methods"), json!({ "ach": bank })).await.made();
        for (number, method) in [("1", &method), ("2", &ach)] {
            let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 10_00 });
            ask(Method::POST, "/charges").key(&format!("key-{number}")).json(&pays).send().await.made();
        }
        let direct = json!({ "debt_account_id": debt, "card": whole_card(&card, code), "amount": 10_00 });
        ask(Method::POST, "/charges").key("key-3").json(&direct).send().await.made();
        let declined = json!({ "debt_account_id": debt, "card": whole_card("4000000000009995", code), "amount": 10_00 });
        assert_eq!(send("/charges", declined).await.refused(400), "charge_declined");
        let form = format!("amount=100&card[card_holder]=W&card[card_number]={card}&card[card_security_code]={long_code}");
        ask(Method::POST, "/charges").form(&form).send().await.is(422);

        let asked = json!({ "debt_account_id": debt, "type": "sms", "phone": phone, "email": email });
        send("/payment-plans/request", asked).await.made();
        let asked = json!({ "debt_account_id": debt, "type": "email", "email": email });
        send("/payment-plans/request", asked).await.made();
        let words = "a canary sings 8d2b in the mine";
        let plan = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 100_00, "frequency": "weekly",
                           "authorization": { "text": words, "given_by": name } });
        let plan = send("/payment-plans", plan).await.made();
        send(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        // What they write, prove and wish.
        send("/tickets", json!({ "customer_id": customer, "subject": words, "description": words })).await.made();
        send("/tickets", json!({ "subject": words, "description": words, "name": name, "email": email })).await.made();
        send("/debt-account-disputes", json!({ "debt_account_id": debt, "description": words })).await.made();
        let back = format!("http://localhost/back?who={email}");
        let link = json!({ "customer_id": customer, "return_url": back, "tags": [{ "name": "who", "value": words }] });
        let link = ask(Method::POST, "/customer-sessions").key("link").json(&link).send().await;
        let link = link.is(201)["data"]["portal_url"].as_str().unwrap().replace("https://pay.example.com", "");
        let link = link.split('?').next().unwrap().to_owned();
        let mut browser = Browser::new(agency);
        browser.comes_by(&link).await.is(200);
        let (cookie, place) = (browser.cookies["__Host-quittance"].clone(), format!("/portal/tokenizer/card/{debt}/1000"));
        browser.get(&place).await.is(200);
        let (once, words_of) = (browser.hidden("once"), browser.hidden("words"));
        let written = [("once", once.as_str()), ("words", &words_of), ("keep", "yes"), ("holder", name), ("number", &card), ("month", "4"), ("year", "2031"), ("code", code), ("zip", "12207")];
        assert!(browser.send(&place, &written).await.text.contains("Paid"));
        browser.get(&place).await.is(200);
        let once = browser.hidden("once");
        let wrong = [("once", once.as_str()), ("holder", name), ("number", &wrong_card), ("code", long_code), ("zip", ssn)];
        browser.send(&place, &wrong).await.is(422);
        let place = place.replace("/card/", "/bank/");
        browser.get(&place).await.is(200);
        let (once, words_of) = (browser.hidden("once"), browser.hidden("words"));
        let written = [("once", once.as_str()), ("words", &words_of), ("keep", "yes"), ("holder", name), ("routing", "110000000"), ("account", account), ("again", account), ("kind", "checking")];
        assert!(browser.send(&place, &written).await.text.contains("On its way"));
        // A page of the agency's own.
        let one_time = fields::token_of(agency, &card).await;
        let pays = json!({ "debt_account_id": debt, "token": one_time, "amount": 1_00 });
        ask(Method::POST, "/charges").json(&pays).send().await.made();
        let waiting = fields::token_of(agency, &card).await;
        send("/charges", json!({ "token": one_time, "amount": 1_00 })).await.is(422);
        let secret_link = link.replace("/portal/", "");
        let mut other = Browser::new(agency);
        other.comes_by(&link).await.is(200);
        other.send(&link, &[("question", "ssn_last4"), ("answer", ssn)]).await.is(422);
        ask(Method::POST, &format!("/debt-accounts/{debt}/documents")).upload(&[], (&format!("{name}.txt"), "text/plain", words.as_bytes())).send().await.made();
        let wishes = json!({ "addresses": [{ "channel": "email", "address": email, "allowed": false }] });
        ask(Method::PUT, &format!("/customers/{customer}/preferences")).json(&wishes).send().await.is(200);

        // Everything that can go wrong with them.
        send("/payment-methods", json!({ "customer_id": customer, "card": whole_card(&wrong_card, code) })).await.is(422);
        send("/payment-methods", json!({ "customer_id": customer, "card": whole_card(&card, long_code) })).await.is(422);
        send("/payment-methods", json!({ "customer_id": card, "card": whole_card(&card, code) })).await.is(422);
        send("/payment-methods", json!({ "token": card, "customer_id": customer })).await.is(422);
        send("/charges", json!({ "amount": card, "card": card, "token": account })).await.is(422);
        send("/charges", json!({ "amount": 1, "payment_method_id": account })).await.is(422);
        send("/customers", json!({ "name": name, "email": ssn, "phone": card, "ssn_last4": ssn_plain })).await.is(422);
        for path in [format!("/customers/{ssn}"), format!("/charges/{card}"), format!("/debt-accounts/{account}")] {
            ask(Method::GET, &path).send().await.is(404);
        }
        ask(Method::GET, &format!("/customers?email={email}&phone={phone}&name=Wilhelmina")).send().await.is(200);
        ask(Method::GET, &format!("/customers?status={ssn_plain}&limit={card}")).send().await.is(422);
        ask(Method::POST, "/charges").raw("application/json", format!("{{\"card\": {{\"card_number\": \"{card}\"")).send().await.is(400);
        ask(Method::POST, "/charges").raw("text/plain", card.clone()).send().await.is(415);
        ask(Method::POST, &format!("/charges?card_number={card}&ssn={ssn}")).send().await.is(422);
        agency.ask(Method::GET, "/customers").token(foreign_token).send().await.is(401);
        agency.ask(Method::GET, "/customers").header("authorization", &format!("Basic {foreign_token}")).send().await.is(401);
        agency.ask(Method::GET, "/nowhere").token(foreign_token).send().await.is(404);

        // Files, whole and broken, applied and waiting.
        let many = json!([
            { "customer": { "name": name, "email": email, "phone": phone, "ssn_last4": ssn, "external_id": "bulk-1" } },
            { "customer": { "name": name, "email": email, "metadata": { "tag": tag }, "external_id": "bulk-2", "address": { "line1": street } } },
            { "customer": { "name": name, "email": ssn, "phone": card } }, ssn_plain, name,
        ]);
        send("/bulk", many).await.made();
        let file = async |kind: &str, text: String| ask(Method::POST, "/bulk/debt-accounts").raw(kind, text).send().await;
        let table = format!("external_id,customer.name,customer.email,balance\nbulk-3,{name},{email},{ssn}\nbulk-4,{name},{ssn},5\n{name}\n");
        file("text/csv", table.clone()).await.made();
        file("text/csv", format!("{name},{ssn}\n{card},{email}\n")).await.is(422);
        file("application/x-ndjson", format!("{{\"customer_id\": \"{ssn}\", \"balance\": \"{card}\", \"status\": \"{email}\"}}\n{{{name}\n")).await.made();
        file("application/json", format!("{{\"debt_accounts\": [{{\"description\": \"{name}\"}}")).await.is(400);
        agency.steps().await;
        file("text/csv", table.replace("bulk-", "waits-")).await.made();

        // A handler that dies over them.
        let dies = post("/payment-methods", Access::Token, async |_: api::Call| -> base::Result<edge::Reply> { panic!("a bug of ours") });
        let door = Table::new("/api/v1", vec![dies]).router(agency.app.clone(), Settings::new("https://x.example"));
        let dying = agency.behind(door);
        let died = dying.ask(Method::POST, "/payment-methods").token(&token).json(&json!({ "card": whole_card(&card, code), "ssn": ssn })).send().await;
        assert_eq!(died.refused(500), "internal_error");
        drop(dying);

        for kind in ["tenant", "index", "customers", "master"] {
            send("/keys/rotate", json!({ "kind": kind })).await.is(200);
        }
        agency.days(3).await;
        agency.steps().await;
        agency.days(1).await;
        agency.steps().await;
        assert!(ask(Method::GET, "/keys").send().await.text.contains("retired"), "the keys were exchanged");
        ask(Method::PUT, &format!("/customers/{customer}")).json(&json!({ "phone": "2125550188", "ssn": ssn })).send().await.is(200);
        ask(Method::DELETE, &format!("/payment-methods/{method}")).send().await.is(200);

        let canaries: Vec<(&str, &str)> = vec![
            ("the card number", &card), ("a wrong card number", &wrong_card), ("a long security code", long_code), ("the account number", account),
            ("the SSN", ssn), ("the SSN without hyphens", ssn_plain), ("the e-mail", email), ("the phone", phone), ("the name", name),
            ("the street", street), ("the metadata", tag), ("the token", &token), ("their words", words), ("the link", &secret_link), ("the browser's cookie", &cookie), ("a token that is none", foreign_token),
            ("a token that was used", &one_time), ("a token that waits", &waiting),
        ];
        let mut places = kept(agency).await;
        let told = logged();
        assert!(holds(&told, b"/api/v1/charges"), "the log was captured");
        places.push(("the log".into(), told));
        assert_eq!(found(&places, &canaries), [""; 0]);

        // The scan bites: in a file, in a table, in the log, and disguised.
        std::fs::write(agency.home.dir.path().join("planted"), STANDARD.encode(format!("x{card}y"))).unwrap();
        tracing::info!(oops = %token, "planted");
        let plant = json!({ "customer_id": customer, "balance": 1_00, "description": ssn });
        ask(Method::POST, "/debt-accounts").json(&plant).send().await.made();
        agency.db.close();
        let mut places = kept(agency).await;
        places.push(("the log".into(), logged()));
        let bitten = found(&places, &canaries);
        for what in ["the card number is in", "the token is in the log", "the SSN is in"] {
            assert!(bitten.iter().any(|found| found.starts_with(what)), "{what}: {bitten:?}");
        }
    }

    async fn the_security_code_is_not_even_part_of_what_a_request_is_known_by(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let pay = |code: &str| {
            let card = json!({ "card_holder": "Ada", "card_number": "4242424242424242", "card_security_code": code,
                               "card_expiration_month": 4, "card_expiration_year": 2031 });
            agency.once("k", "/charges", json!({ "debt_account_id": debtor.debt, "amount": 1_00, "card": card }))
        };
        let first = pay("123").await.made();
        let again = pay("456").await;
        assert!(again.is_replay());
        assert_eq!(again.made(), first);
    }
}
