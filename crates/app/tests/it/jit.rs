//! Just in time: fresh data from an organization's own server, whole or not at all, and never an answer that does not end.

use std::io::Write as _;

use http::Method;
use serde_json::{Value, json};

use crate::support::agency::Agency;
use crate::support::client::Answer;
use crate::support::theirs::Theirs;

/// A server that is registered, and answers with this.
async fn registered(agency: &Agency, status: u16, body: &Value) -> Theirs {
    let theirs = Theirs::answering(status, &body.to_string()).await;
    agency.post("/just-in-time", json!({ "url": theirs.url("/in?key=a%20b&x=1") })).await.made();
    theirs
}

async fn trigger(agency: &Agency, account: &str) -> Answer {
    agency.post("/just-in-time/trigger", json!({ "debt_account_external_id": account })).await
}

/// The guide's own example.
fn whole() -> Value {
    json!({ "data": {
        "location": { "external_id": "location-123", "name": "Test Location" },
        "customer": { "external_id": "customer-123", "name": "Test Customer" },
        "debt_account": { "external_id": "debt-account-123", "balance": 2000, "current_balance": 2000 },
        "child_debt_accounts": [{ "external_id": "debt-account-124", "parent_external_id": "debt-account-123", "balance": 1000, "current_balance": 1000 }],
    } })
}

fn one(account: &str, balance: i64) -> Value {
    json!({ "data": { "customer": { "external_id": "C", "name": "Ada Lovelace" }, "debt_account": { "external_id": account, "balance": balance } } })
}

async fn rows(agency: &Agency) -> i64 {
    let tables = ["customer", "location", "debt", "entry", "event"];
    let counts: Vec<String> = tables.iter().map(|table| format!("(SELECT count(*) FROM {table})")).collect();
    agency.number(&format!("SELECT {}", counts.join(" + "))).await
}

on_both_engines! {
    async fn the_guides_answer_makes_everything_and_then_changes_it(agency: &Agency) {
        let theirs = registered(agency, 200, &whole()).await;
        let made = trigger(agency, "debt-account-123").await;
        let data = &made.is(200)["data"];
        assert_eq!(data["customer"]["external_id"], "customer-123");
        assert_eq!(data["location"]["name"], "Test Location");
        // A parent has the sums of its children.
        assert_eq!((&data["debt_account"]["external_id"], &data["debt_account"]["balance"]), (&json!("debt-account-123"), &json!(1000)));
        assert_eq!(data["child_debt_accounts"][0]["parent_external_id"], "debt-account-123");
        let head = &theirs.asked()[0];
        assert!(head.starts_with("GET /in?key=a%20b&x=1&debt_account_external_id=debt-account-123 HTTP/1.1\r\n"), "{head}");

        let mut again = whole();
        again["data"]["customer"]["name"] = json!("Another Name");
        again["data"]["child_debt_accounts"][0]["balance"] = json!(1500);
        theirs.say(200, &again.to_string());
        let now = agency.post("/just_in_time/trigger", json!({ "debt_account_external_id": "debt-account-123" })).await;
        assert_eq!(now.data()["customer"]["name"], "Another Name");
        assert_eq!(now.data()["debt_account"]["balance"], 1500);
        assert_eq!(now.data()["debt_account"]["id"], data["debt_account"]["id"]);
        assert_eq!((agency.many("/customers").await, agency.many("/debt-accounts").await), (1, 2));
        // By our id it is the same account, and is asked about by theirs.
        let ours = data["debt_account"]["id"].as_str().unwrap();
        trigger(agency, ours).await.is(200);
        assert!(theirs.asked()[2].contains("debt_account_external_id=debt-account-123 "), "{}", theirs.asked()[2]);
    }

    async fn whoever_follows_hears_where_is_asked_and_never_the_secret(agency: &Agency) {
        let there = json!({ "url": "https://127.0.0.1:9/in", "secret": "a-secret-of-ours" });
        agency.post("/just-in-time", there.clone()).await.made();
        // The same again is no change.
        agency.post("/just-in-time", there).await.made();
        agency.post("/just-in-time", json!({ "url": "https://127.0.0.1:9/other" })).await.made();
        agency.delete("/just-in-time").await.is(200);
        agency.delete("/just-in-time").await.refused(404);
        agency.steps().await;
        let told = agency.get("/events?object=just_in_time").await;
        let line = |event: &Value| format!("{} {} {}", event["event"].as_str().unwrap(), event["data"]["url"].as_str().unwrap(), event["data"]["has_secret"]);
        assert_eq!(told.data().as_array().unwrap().iter().map(line).collect::<Vec<_>>(), [
            "just-in-time.create https://127.0.0.1:9/in true",
            "just-in-time.update https://127.0.0.1:9/other false",
            "just-in-time.delete https://127.0.0.1:9/other false",
        ]);
        assert!(!told.text.contains("a-secret-of-ours"));
    }

    async fn everything_that_is_wrong_is_said_at_once_and_nothing_is_applied(agency: &Agency) {
        let theirs = registered(agency, 200, &json!({})).await;
        let before = rows(agency).await;
        let wrong = json!({ "data": {
            "location": { "external_id": "L", "type": "nonsense" },
            "customer": { "external_id": "C", "email": "nobody" },
            "debt_account": { "external_id": "D-2", "balance": "much" },
            "child_debt_accounts": [{ "external_id": "D-3", "parent_external_id": "D-9", "balance": -1 }],
        } });
        theirs.say(200, &wrong.to_string());
        let refused = trigger(agency, "D-1").await;
        let mut said: Vec<String> = refused.is(422)["errors"].as_object().unwrap().keys().cloned().collect();
        said.sort();
        assert_eq!(said, [
            "data.child_debt_accounts.0.balance", "data.child_debt_accounts.0.parent_external_id", "data.customer.email",
            "data.customer.name", "data.debt_account.balance", "data.debt_account.external_id", "data.location.name", "data.location.type",
        ]);
        // What is refused only while it is applied takes everything back with it.
        let mut late = one("D-1", 100);
        late["data"]["debt_account"]["location_id"] = json!("nowhere");
        late["data"]["location"] = json!({ "name": "Fine", "external_id": "F" });
        late["data"]["customer"]["id"] = json!("01900000-0000-7000-8000-000000000000");
        theirs.say(200, &late.to_string());
        trigger(agency, "D-1").await.is(422);
        for (body, field) in [("{}", "data"), ("[]", "data"), (r#"{"data": []}"#, "data"), (r#"{"data": {}}"#, "data.debt_account"), ("", "data"), ("nonsense", "data")] {
            theirs.say(200, body);
            trigger(agency, "D-1").await.refuses(422, &[field]);
        }
        assert_eq!(rows(agency).await, before);
    }

    async fn another_organizations_account_is_like_one_that_nobody_knows(agency: &Agency) {
        let theirs = registered(agency, 404, &json!({ "error": "unknown" })).await;
        let other = &agency.template.theirs.sandbox;
        let customer = agency.ask(Method::POST, "/customers").token(other).json(&json!({ "name": "A B" })).send().await.made();
        let debt = json!({ "customer_id": customer, "balance": 5, "external_id": "THEIRS" });
        let foreign = agency.ask(Method::POST, "/debt-accounts").token(other).json(&debt).send().await.made();
        let unknown = "01900000-0000-7000-8000-000000000000";
        assert_eq!(trigger(agency, &foreign).await.essence(), trigger(agency, unknown).await.essence());
        assert!(theirs.asked()[0].contains(&format!("debt_account_external_id={foreign} ")), "their id of it is not looked up");
    }

    async fn what_goes_wrong_on_their_side_is_handed_on(agency: &Agency) {
        agency.post("/just-in-time/trigger", json!({ "debt_account_external_id": "D" })).await.refuses(404, &[]);
        let theirs = registered(agency, 404, &json!({ "oops": [1, 2] })).await;
        let relayed = trigger(agency, "D").await;
        assert_eq!(relayed.is(404), &json!({ "oops": [1, 2] }));
        assert_eq!(relayed.headers["x-just-in-time"], "upstream");
        theirs.say(418, r#"{"a": 1, "a": 2}"#);
        assert_eq!(trigger(agency, "D").await.refused(418), "jit_upstream");
        theirs.say_raw(500, &["content-type: text/html"], b"<h1>Oops</h1>");
        let quoted = trigger(agency, "D").await;
        assert_eq!(quoted.is(500)["upstream"], json!({ "status": 500, "body": "<h1>Oops</h1>" }));
        theirs.say(500, &json!({ "long": "x".repeat(70_000) }).to_string());
        assert_eq!(trigger(agency, "D").await.is(500)["upstream"]["body"], Value::Null);
        // Neither a success nor a failure: a redirect goes nowhere.
        theirs.say_raw(302, &["location: http://127.0.0.1:9/"], b"");
        assert_eq!(trigger(agency, "D").await.refused(502), "jit_upstream");
        theirs.say(201, &one("D", 5).to_string());
        assert_eq!(trigger(agency, "D").await.refused(502), "jit_upstream");
        assert_eq!(agency.many("/debt-accounts").await, 0);
    }

    async fn bombs_and_oddities_are_refused(agency: &Agency) {
        let theirs = registered(agency, 200, &json!({})).await;
        let before = rows(agency).await;
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        bomb.write_all(&vec![b' '; 32 * 1024 * 1024]).unwrap();
        theirs.say_raw(200, &["content-encoding: gzip"], &bomb.finish().unwrap());
        trigger(agency, "D").await.refuses(422, &["data"]);
        let deep = format!("{}1{}", "{\"data\":".repeat(40), "}".repeat(40));
        for body in [deep.as_str(), r#"{"data": {"debt_account": {"balance": NaN}}}"#, r#"{"data": {}, "data": {}}"#, r#"{"data": {"debt_account": {"balance": 1e999}}}"#] {
            theirs.say(200, body);
            trigger(agency, "D").await.refuses(422, &["data"]);
        }
        theirs.say_raw(200, &[], &vec![b' '; 1024 * 1024 + 1]);
        trigger(agency, "D").await.refuses(422, &["data"]);
        theirs.say_raw(200, &["content-encoding: br"], b"{}");
        trigger(agency, "D").await.refuses(422, &["data"]);
        assert_eq!(rows(agency).await, before);
    }

    async fn an_endpoint_that_fails_is_left_alone_and_then_asked_once(agency: &Agency) {
        let theirs = registered(agency, 500, &json!({ "error": "down" })).await;
        for _ in 0..5 {
            assert_eq!(trigger(agency, "D").await.is(500), &json!({ "error": "down" }));
        }
        let refused = trigger(agency, "D").await;
        assert_eq!((refused.refused(503).as_str(), &refused.headers["retry-after"]), ("jit_paused", &"30".parse().unwrap()));
        assert_eq!(theirs.asked().len(), 5);
        // Another organization's calls go on.
        let other = &agency.template.theirs.sandbox;
        let well = Theirs::answering(200, &one("D", 5).to_string()).await;
        agency.ask(Method::POST, "/just-in-time").token(other).json(&json!({ "url": well.url("/") })).send().await.is(201);
        agency.ask(Method::POST, "/just-in-time/trigger").token(other).json(&json!({ "debt_account_external_id": "D" })).send().await.is(200);
        agency.seconds(30).await;
        trigger(agency, "D").await.is(500);
        assert_eq!(trigger(agency, "D").await.refused(503), "jit_paused");
        assert_eq!(theirs.asked().len(), 6);
        agency.seconds(30).await;
        theirs.say(200, &one("D", 700).to_string());
        trigger(agency, "D").await.is(200);
        trigger(agency, "D").await.is(200);
        assert_eq!(agency.get("/just-in-time").await.data()["failures"], 0);
        // A new registration starts anew.
        theirs.say(500, "{}");
        for _ in 0..5 {
            trigger(agency, "D").await.is(500);
        }
        agency.post("/just-in-time", json!({ "url": theirs.url("/") })).await.made();
        trigger(agency, "D").await.is(500);
    }

    async fn nobody_there_and_nobody_allowed_read_the_same(agency: &Agency) {
        let mut said = Vec::new();
        for url in ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "http://no-such-name.invalid/"] {
            agency.post("/just-in-time", json!({ "url": url })).await.made();
            said.push(trigger(agency, "D").await.essence());
        }
        assert_eq!(said[0].0, 502);
        assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
        for url in ["http://10.0.0.1/", "https://169.254.169.254/latest", "https://[fd00:ec2::254]/", "https://user@a.example/", "ftp://a.example/", "https://8.8.8.8:22/"] {
            agency.post("/just-in-time", json!({ "url": url })).await.refuses(422, &["url"]);
        }
    }

    async fn an_endpoint_is_replaced_shown_and_removed_and_its_secret_is_sent_and_never_shown(agency: &Agency) {
        agency.get("/just-in-time").await.refuses(404, &[]);
        let first = registered(agency, 200, &one("D", 5)).await;
        let second = Theirs::answering(200, &one("D", 5).to_string()).await;
        let body = json!({ "url": second.url("/two"), "secret": "sixteen-letters!" });
        let made = agency.once("k", "/just-in-time", body.clone()).await;
        made.made();
        assert!(agency.once("k", "/just_in_time", body.clone()).await.status == 422 && agency.once("k", "/just-in-time", body).await.is_replay());
        let shown = agency.get("/just_in_time").await;
        assert_eq!((&shown.data()["url"], &shown.data()["has_secret"]), (&json!(second.url("/two")), &json!(true)));
        assert!(!shown.text.contains("sixteen"));
        trigger(agency, "D").await.is(200);
        assert!(first.asked().is_empty() && second.asked()[0].contains("authorization: Bearer sixteen-letters!\r\n"));
        agency.delete("/just-in-time").await.is(200);
        agency.delete("/just-in-time").await.refuses(404, &[]);
        trigger(agency, "D").await.refuses(404, &[]);
        agency.post("/just-in-time", json!({})).await.refuses(422, &["url"]);
        agency.post("/just-in-time/trigger", json!({})).await.refuses(422, &["debt_account_external_id"]);
    }

    async fn a_trigger_that_is_sent_again_asks_once(agency: &Agency) {
        let theirs = registered(agency, 200, &whole()).await;
        let body = json!({ "debt_account_external_id": "debt-account-123" });
        let first = agency.once("k", "/just-in-time/trigger", body.clone()).await;
        let again = agency.once("k", "/just-in-time/trigger", body).await;
        assert!(again.is_replay());
        assert_eq!(again.is(200), first.is(200));
        assert_eq!(theirs.asked().len(), 1);
    }

    async fn an_account_is_asked_about_once_at_a_time(agency: &Agency) {
        let theirs = registered(agency, 200, &json!({})).await;
        theirs.fall_silent();
        let second = async {
            theirs.called(1).await;
            let refused = trigger(agency, "D").await;
            // Another account is not kept waiting, and no transaction is open meanwhile.
            theirs.say(200, &one("E", 5).to_string());
            trigger(agency, "E").await.is(200);
            agency.patience_of(11).await;
            refused
        };
        let (first, second) = futures_util::future::join(trigger(agency, "D"), second).await;
        assert_eq!(second.refused(409), "conflict");
        assert_eq!(first.refused(504), "jit_timeout");
        theirs.say(200, &one("D", 5).to_string());
        trigger(agency, "D").await.is(200);
    }

    async fn an_endpoint_that_hangs_takes_no_more_than_its_own_room(agency: &Agency) {
        let theirs = registered(agency, 200, &json!({})).await;
        theirs.fall_silent();
        let hanging = (0..32).map(|n| async move { trigger(agency, &format!("D-{n}")).await });
        let one_more = async {
            theirs.called(32).await;
            let refused = trigger(agency, "D-32").await;
            agency.patience_of(11).await;
            refused
        };
        let (hung, refused) = futures_util::future::join(futures_util::future::join_all(hanging), one_more).await;
        assert_eq!(refused.refused(429), "rate_limited");
        assert!(refused.headers.contains_key("retry-after"));
        assert!(hung.iter().all(|one| one.refused(504) == "jit_timeout"));
        assert_eq!(theirs.asked().len(), 32);
    }
}
