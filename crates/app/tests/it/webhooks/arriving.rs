//! What is committed arrives: signed, in order of each thing, again while it fails, and under one id however often.

use std::sync::Mutex;

use base::Result;
use base::db::{Command, Planted, Tx};
use base::vault::hmac_sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use books::orgs::{Environment, Tenant};
use exchange::webhooks::{Courier, Room};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::hook;
use crate::support::agency::Agency;
use crate::support::engine::Engine;
use crate::support::theirs::Theirs;

/// A server of theirs that answers 200, and the webhook that leads there.
pub(super) async fn listening(agency: &Agency, events: &[&str]) -> (Theirs, String) {
    let theirs = Theirs::answering(200, "{}").await;
    let id = agency.post("/webhooks", hook(&theirs.url("/in?token=1"), events)).await.made();
    (theirs, id)
}

/// A request that was received: its headers and its body.
pub(super) struct Received {
    head: String,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a delivery is JSON")
    }

    /// The name of the thing that it is about.
    pub(super) fn about(&self) -> String {
        self.json()["data"]["name"].as_str().unwrap_or_default().to_owned()
    }
}

/// Every delivery that a server got.
pub(super) fn received(theirs: &Theirs) -> Vec<Received> {
    let split = |text: String| {
        let (head, body) = text.split_once("\r\n\r\n").expect("a request has a head");
        Received { head: head.to_owned(), body: body.to_owned() }
    };
    theirs.asked().into_iter().map(split).collect()
}

/// The names of the things that a server was told about, in order.
fn told(theirs: &Theirs) -> Vec<String> {
    received(theirs).iter().map(Received::about).collect()
}

async fn location(agency: &Agency, name: &str) -> String {
    agency.post("/locations", json!({ "name": name })).await.made()
}

/// The deliveries of a webhook, the newest first, as `state attempts last_outcome`.
pub(super) async fn deliveries(agency: &Agency, hook: &str) -> Vec<String> {
    let all = agency.get(&format!("/webhooks/{hook}/deliveries?limit=500")).await.data();
    let word = |d: &Value, name: &str| d[name].as_str().unwrap_or("-").to_owned();
    let line = |d: &Value| format!("{} {} {}", word(d, "state"), d["attempts"], word(d, "last_outcome"));
    all.as_array().unwrap().iter().map(line).collect()
}

/// The one delivery of a webhook, with its attempts.
async fn the_delivery(agency: &Agency, hook: &str) -> Value {
    let all = agency.get(&format!("/webhooks/{hook}/deliveries")).await.data();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    agency.get(&format!("/webhooks/{hook}/deliveries/{}", all[0]["id"].as_str().unwrap())).await.data()
}

/// A transaction that tells of something, and stays open until it may end.
struct Long<'a> {
    tenant: &'a Tenant,
    begun: Mutex<Option<oneshot::Sender<()>>>,
    may_end: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Command for Long<'_> {
    type Out = ();
    fn name(&self) -> &'static str {
        "test.long"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        let id: base::ids::Uuid = tx.new_id();
        books::events::emit(tx, self.tenant, "ticket.create", "ticket", id, &json!({ "name": "late" }))
            .await?;
        let begun = self.begun.lock().unwrap().take();
        let may_end = self.may_end.lock().unwrap().take();
        begun.unwrap().send(()).unwrap();
        may_end.unwrap().await.unwrap();
        Ok(())
    }
}

on_both_engines! {
    async fn what_happened_arrives_as_the_object_it_is_signed_in_both_ways(agency: &Agency) {
        let theirs = Theirs::answering(204, "").await;
        let made = agency.post("/webhooks", hook(&theirs.url("/in?token=1"), &["customer.create"])).await;
        let secret = made["data"]["secret"].as_str().unwrap().to_owned();
        let customer = agency.post("/customers", json!({ "name": "Ada Lovelace", "email": "ada@example.com" })).await.made();
        agency.steps().await;
        let all = received(&theirs);
        assert_eq!(all.len(), 1);
        let (one, body) = (&all[0], all[0].json());
        assert!(one.head.starts_with("POST /in?token=1 HTTP/1.1\r\n"), "{}", one.head);
        assert_eq!(one.header("content-type"), Some("application/json"));
        assert_eq!(one.header("x-tratta-event-name"), Some("customer.create"));
        assert_eq!((&body["event"], &body["data"]["name"]), (&json!("customer.create"), &json!("Ada Lovelace")));
        assert_eq!(body["data"]["id"], customer.as_str());
        let event = agency.get(&format!("/events/{}", body["id"].as_str().unwrap())).await.data();
        assert_eq!((&event["data"], &event["created_at"]), (&body["data"], &body["created_at"]));
        let id = one.header("webhook-id").unwrap();
        assert_eq!(one.header("x-tratta-webhook-id"), Some(id));
        let hex: String = hmac_sha256(secret.as_bytes(), one.body.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(one.header("x-tratta-signature-256"), Some(hex.as_str()));
        let at = one.header("webhook-timestamp").unwrap();
        assert_eq!(at, agency.now().seconds().to_string());
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = hmac_sha256(&key, format!("{id}.{at}.{}", one.body).as_bytes());
        assert_eq!(one.header("webhook-signature"), Some(format!("v1,{}", STANDARD.encode(signed)).as_str()));
        let hook = made.made();
        let delivery = the_delivery(agency, &hook).await;
        assert_eq!((delivery["id"].as_str(), &delivery["state"], &delivery["last_status"]), (Some(id), &json!("delivered"), &json!(204)));
        assert_eq!(delivery["log"][0]["outcome"], "delivered");
        // Nothing is told twice.
        agency.days(4).await;
        agency.steps().await;
        assert_eq!(theirs.asked().len(), 1);
    }

    async fn a_webhook_hears_of_what_it_asks_for_and_of_each_change_once(agency: &Agency) {
        let (both, _) = listening(agency, &["payment_plan.created", "payment-plan.create"]).await;
        let (every, _) = listening(agency, &["*"]).await;
        let (other, _) = listening(agency, &["ticket.create"]).await;
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let plan = json!({ "debt_account_id": debtor.debt, "amount": 10_00, "frequency": "every_other_week" });
        agency.post("/payment-plans", plan).await.made();
        agency.steps().await;
        let plans = received(&both);
        assert_eq!(plans.len(), 1);
        // Under the name that is first in its list, in the words of that name.
        assert_eq!((&plans[0].json()["event"], &plans[0].json()["data"]["frequency"]), (&json!("payment_plan.created"), &json!("biweekly")));
        let events = agency.get("/events?limit=500").await.data().as_array().unwrap().len();
        assert!(events > 4);
        // All but what was before it: the token that all of this is asked with, and how the first one began.
        assert_eq!(received(&every).len(), events - 2);
        assert!(received(&every).iter().any(|one| one.json()["event"] == "payment-plan.create"));
        assert_eq!(other.asked().len(), 0);
    }

    async fn another_organizations_webhook_hears_nothing(agency: &Agency) {
        let theirs = Theirs::answering(200, "").await;
        let foreign = agency.ask(http::Method::POST, "/webhooks").token(&agency.template.theirs.sandbox);
        foreign.json(&hook(&theirs.url("/"), &["*"])).send().await.made();
        let live = agency.ask(http::Method::POST, "/webhooks").token(&agency.template.ours.production);
        live.json(&hook(&theirs.url("/").replace("http:", "https:"), &["customer.create"])).send().await.made();
        agency.steps().await;
        let before = theirs.asked().len();
        agency.customer().await;
        agency.steps().await;
        assert_eq!(theirs.asked().len(), before);
    }

    async fn what_fails_comes_again_three_times_after_900_seconds_and_then_for_72_hours(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        theirs.say(500, r#"{"oops": true}"#);
        location(agency, "A").await;
        let mut at = Vec::new();
        let began = agency.now();
        for _ in 0..80 * 12 {
            let before = theirs.asked().len();
            agency.steps().await;
            if theirs.asked().len() > before {
                at.push(agency.now().since(began).as_secs());
            }
            agency.seconds(300).await;
        }
        assert_eq!((at.len(), &at[..4]), (12, &[0, 900, 1_800, 2_700][..]));
        assert!(at[11] >= 72 * 3_600 && at[11] < 80 * 3_600, "{at:?}");
        let delivery = the_delivery(agency, &hook).await;
        assert_eq!((&delivery["state"], &delivery["attempts"], &delivery["last_status"]), (&json!("failed"), &json!(12), &json!(500)));
        assert_eq!(delivery["log"].as_array().unwrap().len(), 12);
        assert_eq!(delivery["log"][3]["answer"], r#"{"oops": true}"#);
        let ids: Vec<Option<String>> = received(&theirs).iter().map(|one| one.header("webhook-id").map(str::to_owned)).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "every attempt has the delivery's id");
        // Whoever wants it all the same asks for it.
        theirs.say(200, "");
        agency.post(&format!("/webhooks/{hook}/deliveries/{}/resend", delivery["id"].as_str().unwrap()), json!({})).await.is(200);
        agency.steps().await;
        assert_eq!(deliveries(agency, &hook).await, ["delivered 13 delivered"]);
    }

    async fn whoever_is_away_for_72_hours_misses_nothing(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        let (neighbour, _) = listening(agency, &["location.create"]).await;
        theirs.say(503, "");
        let mut made = 0;
        for quarter in 0..72 * 4 {
            if quarter % 4 == 0 {
                for _ in 0..3 {
                    made += 1;
                    location(agency, &format!("{made}")).await;
                }
            }
            agency.steps().await;
            assert_eq!(neighbour.asked().len(), made, "the neighbour hears at once");
            agency.seconds(900).await;
        }
        theirs.say(200, "");
        let before = theirs.asked().len();
        for _ in 0..24 {
            agency.steps().await;
            agency.seconds(3_600).await;
        }
        let mut arrived: Vec<usize> = told(&theirs)[before..].iter().map(|name| name.parse().unwrap()).collect();
        arrived.sort_unstable();
        assert_eq!(arrived, (1..=made).collect::<Vec<_>>());
        let all = agency.get(&format!("/webhooks/{hook}/deliveries?limit=500")).await.data();
        for delivery in all.as_array().unwrap() {
            let id = delivery["id"].as_str().unwrap();
            let log = agency.get(&format!("/webhooks/{hook}/deliveries/{id}")).await.data()["log"].clone();
            let at: Vec<base::Ts> = log.as_array().unwrap().iter().map(|a| base::Ts::parse(a["at"].as_str().unwrap()).unwrap()).collect();
            for pair in at[..at.len().min(4)].windows(2) {
                assert_eq!(pair[1].since(pair[0]).as_secs(), 900, "{log}");
            }
        }
    }

    async fn what_commits_late_is_told_and_keeps_nobody_waiting(agency: &Agency) {
        if agency.engine == Engine::Sqlite {
            return; // one writer: nothing commits while somebody else's transaction is open
        }
        let (theirs, _) = listening(agency, &["location.create", "ticket.create"]).await;
        let tenant = agency.tenant(Environment::Sandbox).await;
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_end) = oneshot::channel();
        let long = Long { tenant: &tenant, begun: Mutex::new(Some(begun)), may_end: Mutex::new(Some(may_end)) };
        let beside = async {
            has_begun.await.unwrap();
            for name in ["A", "B"] {
                location(agency, name).await;
            }
            agency.steps().await;
            assert_eq!(told(&theirs), ["A", "B"]);
            go_on.send(()).unwrap();
        };
        futures_util::join!(agency.db.run(&long), beside).0.unwrap();
        agency.steps().await;
        // Its event is older than theirs, and comes after them in the stream.
        assert_eq!(told(&theirs), ["A", "B", "late"]);
    }

    async fn of_one_thing_it_hears_in_order_and_of_others_meanwhile(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create", "location.update"]).await;
        theirs.say(503, "");
        let first = location(agency, "A").await;
        agency.steps().await;
        for name in ["A2", "A3"] {
            agency.put(&format!("/locations/{first}"), json!({ "name": name })).await.is(200);
        }
        theirs.say(200, "");
        location(agency, "B").await;
        agency.steps().await;
        // What came later about the first is not told before what came first.
        assert_eq!(told(&theirs), ["A", "B"]);
        assert_eq!(deliveries(agency, &hook).await, ["delivered 1 delivered", "pending 0 -", "pending 0 -", "pending 1 refused"]);
        agency.seconds(900).await;
        agency.steps().await;
        assert_eq!(told(&theirs), ["A", "B", "A", "A2", "A3"]);
        // Once the first is given up, or taken back, the next one has its turn.
        theirs.say(503, "");
        agency.put(&format!("/locations/{first}"), json!({ "name": "A4" })).await.is(200);
        agency.steps().await;
        agency.put(&format!("/locations/{first}"), json!({ "name": "A5" })).await.is(200);
        theirs.say(200, "");
        agency.steps().await;
        let stuck = agency.get(&format!("/webhooks/{hook}/deliveries?state=pending&outcome=refused")).await.data()[0]["id"].as_str().unwrap().to_owned();
        agency.post(&format!("/webhooks/{hook}/deliveries/{stuck}/cancel"), json!({})).await.is(200);
        agency.steps().await;
        assert_eq!(told(&theirs)[5..], ["A4", "A5"]);
        agency.post(&format!("/webhooks/{hook}/deliveries/{stuck}/cancel"), json!({})).await.is(200);
    }

    async fn an_answer_may_ask_for_patience_lead_elsewhere_or_say_that_it_is_gone(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        let elsewhere = Theirs::answering(200, "").await;
        theirs.say_raw(429, &["retry-after: 3600"], b"");
        location(agency, "A").await;
        agency.steps().await;
        let next = |d: &Value| d["next_attempt_at"].as_str().unwrap().to_owned();
        assert_eq!(next(&the_delivery(agency, &hook).await), agency.now().plus_seconds(3_600).to_string());
        theirs.say_raw(302, &[&format!("location: {}", elsewhere.url("/"))], b"");
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!((deliveries(agency, &hook).await, elsewhere.asked().len()), (vec!["pending 2 redirected".to_owned()], 0));
        theirs.hang_up();
        agency.seconds(900).await;
        agency.steps().await;
        assert_eq!(deliveries(agency, &hook).await, ["pending 3 unreachable"]);
        theirs.say(410, "");
        agency.seconds(900).await;
        agency.steps().await;
        assert_eq!(deliveries(agency, &hook).await, ["failed 4 gone"]);
        let now = agency.get(&format!("/webhooks/{hook}")).await.data();
        assert_eq!((&now["active"], &now["disabled_reason"]), (&json!(false), &json!("gone")));
        assert_eq!(agency.get("/events?name=webhook.disabled").await.data()[0]["object_id"], hook.as_str());
        location(agency, "B").await;
        agency.steps().await;
        assert_eq!(theirs.asked().len(), 4, "nothing is told to who is gone");
        // Whoever switches it on again is told from then on, and replays what was missed.
        theirs.say(200, "");
        let on = agency.put(&format!("/webhooks/{hook}"), json!({ "active": true })).await.data();
        assert_eq!((&on["active"], &on["disabled_at"]), (&json!(true), &Value::Null));
        location(agency, "C").await;
        agency.steps().await;
        assert_eq!(told(&theirs)[4..], ["C"]);
    }

    async fn five_days_of_nothing_but_failures_switch_it_off(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        let (alarm, _) = listening(agency, &["webhook.disabled"]).await;
        agency.put("/organization", json!({ "brand": { "support_email": "help@acme.example" } })).await.is(200);
        theirs.say(500, "");
        let is_active = async || agency.get(&format!("/webhooks/{hook}")).await.data()["active"] == true;
        for day in 0..5 {
            location(agency, &format!("{day}")).await;
            agency.steps().await;
            assert!(is_active().await, "after {day} days");
            agency.days(1).await;
        }
        agency.steps().await;
        assert!(!is_active().await);
        let shown = agency.get(&format!("/webhooks/{hook}")).await.data();
        assert_eq!(shown["disabled_reason"], "failures");
        assert!(shown["health"]["failures"].as_i64().unwrap() >= 5);
        assert_eq!(received(&alarm)[0].json()["data"]["id"], hook.as_str());
        let mails = agency.get("/messages?kind=webhook_disabled").await.data();
        assert_eq!((mails.as_array().unwrap().len(), &mails[0]["to"]), (1, &json!("h***@acme.example")));
        // What waits is sent once it is on again.
        theirs.say(200, "");
        agency.put(&format!("/webhooks/{hook}"), json!({ "active": true })).await.is(200);
        agency.days(1).await;
        agency.steps().await;
        assert!(deliveries(agency, &hook).await.iter().all(|d| d.starts_with("delivered")));
    }

    async fn while_it_is_paused_all_is_kept(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        let paused = agency.post(&format!("/webhooks/{hook}/pause"), json!({})).await.data();
        assert!(paused["paused_at"].is_string() && paused["active"] == true);
        for name in ["A", "B"] {
            location(agency, name).await;
        }
        agency.steps().await;
        agency.days(30).await;
        agency.steps().await;
        assert_eq!(theirs.asked().len(), 0);
        agency.post(&format!("/webhooks/{hook}/test"), json!({})).await.is(400);
        agency.post(&format!("/webhooks/{hook}/resume"), json!({})).await.is(200);
        agency.steps().await;
        let mut names = told(&theirs);
        names.sort();
        assert_eq!(names, ["A", "B"]);
    }

    async fn whoever_tries_it_out_sees_what_came_of_it(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        let (other, _) = listening(agency, &["location.create"]).await;
        theirs.say_raw(500, &[], &vec![b'x'; 200_000]);
        agency.post(&format!("/webhooks/{hook}/test"), json!({})).await.is(200);
        agency.steps().await;
        assert_eq!((received(&theirs)[0].header("x-tratta-event-name"), other.asked().len()), (Some("webhook.test"), 0));
        let delivery = the_delivery(agency, &hook).await;
        assert_eq!((&delivery["event"], &delivery["last_outcome"]), (&json!("webhook.test"), &json!("refused")));
        // However much is answered, only its beginning is kept.
        assert_eq!(delivery["log"][0]["answer"].as_str().unwrap().len(), 1_024);
    }

    async fn while_a_secret_is_replaced_both_sign(agency: &Agency) {
        let theirs = Theirs::answering(200, "").await;
        let made = agency.post("/webhooks", hook(&theirs.url("/"), &["location.create"])).await;
        let (id, old) = (made.made(), made["data"]["secret"].as_str().unwrap().to_owned());
        let new = agency.post(&format!("/webhooks/{id}/rotate-secret"), json!({})).await.data()["secret"].as_str().unwrap().to_owned();
        assert_ne!(old, new);
        let signs = |one: &Received, secret: &str| {
            let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
            let (id, at) = (one.header("webhook-id").unwrap(), one.header("webhook-timestamp").unwrap());
            let expected = STANDARD.encode(hmac_sha256(&key, format!("{id}.{at}.{}", one.body).as_bytes()));
            one.header("webhook-signature").unwrap().split(' ').any(|s| s == format!("v1,{expected}"))
        };
        let hex = |secret: &str, body: &str| -> String {
            hmac_sha256(secret.as_bytes(), body.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
        };
        location(agency, "A").await;
        agency.steps().await;
        let one = &received(&theirs)[0];
        assert!(signs(one, &old) && signs(one, &new));
        assert_eq!(one.header("x-tratta-signature-256"), Some(hex(&new, &one.body).as_str()));
        assert_eq!(one.header("x-tratta-signature-256-previous"), Some(hex(&old, &one.body).as_str()));
        agency.seconds(24 * 3_600).await;
        location(agency, "B").await;
        agency.steps().await;
        let one = &received(&theirs)[1];
        assert!(!signs(one, &old) && signs(one, &new));
        assert_eq!(one.header("x-tratta-signature-256-previous"), None);
    }

    async fn who_was_too_slow_records_nothing_and_what_they_sent_has_the_same_id(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        location(agency, "A").await;
        books::events::sequence(&agency.db, &exchange::webhooks::FanOut).await.unwrap();
        let (slow, quick) = (agency.courier(), agency.courier());
        let turn = slow.claim(Room::of(4)).await.unwrap().remove(0);
        assert_eq!(quick.step(4).await.unwrap(), 0, "one node at a time");
        agency.seconds(21).await;
        assert_eq!(quick.step(4).await.unwrap(), 1);
        assert_eq!(slow.bring(turn, || true).await.attempts(), 1);
        let ids: Vec<String> = received(&theirs).iter().map(|one| one.header("webhook-id").unwrap().to_owned()).collect();
        assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
        assert_eq!(deliveries(agency, &hook).await, ["delivered 1 delivered"]);
    }

    async fn what_was_noted_is_noted_once_though_the_answer_was_lost(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        theirs.say(500, "");
        location(agency, "A").await;
        agency.faults.plant("webhooks.record", Planted::LostAnswer);
        agency.steps().await;
        assert!(agency.faults.all_happened());
        assert_eq!((deliveries(agency, &hook).await, theirs.asked().len()), (vec!["pending 1 refused".to_owned()], 1));
        assert_eq!(agency.get(&format!("/webhooks/{hook}")).await.data()["health"]["failures"], 1);
    }

    async fn what_cannot_be_built_or_panics_harms_nothing_else(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        for name in ["A", "poison", "B", "panic", "C"] {
            location(agency, name).await;
        }
        books::events::sequence(&agency.db, &exchange::webhooks::FanOut).await.unwrap();
        // The second event's body is nothing that any key opens.
        let poisoned = agency.get("/events?name=location.create&limit=2").await.data()[1]["id"].as_str().unwrap().to_owned();
        agency.spoil("event", "body", &poisoned).await;
        let present = |_: &str, _: &str, body: Value| {
            assert_ne!(body["name"], "panic", "a fault of ours");
            body
        };
        let courier = Courier::new(agency.db.clone(), agency.tenants.clone(), agency.app.egress.clone(), present);
        assert_eq!(courier.step(4).await.unwrap(), 5);
        let mut names = told(&theirs);
        names.sort();
        assert_eq!(names, ["A", "B", "C"]);
        let mut all = deliveries(agency, &hook).await;
        all.sort();
        assert_eq!(all, ["delivered 1 delivered", "delivered 1 delivered", "delivered 1 delivered", "pending 1 broken", "pending 1 broken"]);
        // Whose fault it was is not held against their server.
        assert_eq!(agency.get(&format!("/webhooks/{hook}")).await.data()["health"]["failures"], 0);
    }

    async fn who_is_erased_is_not_told_about_any_more(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["customer.create"]).await;
        agency.post(&format!("/webhooks/{hook}/pause"), json!({})).await.is(200);
        let id = agency.customer().await;
        agency.delete(&format!("/customers/{id}")).await.is(200);
        agency.steps().await;
        agency.post(&format!("/webhooks/{hook}/resume"), json!({})).await.is(200);
        agency.steps().await;
        assert_eq!(received(&theirs)[0].json()["data"], Value::Null);
    }

    async fn a_server_that_says_nothing_is_waited_for_ten_seconds(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        theirs.fall_silent();
        location(agency, "A").await;
        books::events::sequence(&agency.db, &exchange::webhooks::FanOut).await.unwrap();
        let courier = agency.courier();
        let patience = async {
            theirs.called(1).await;
            agency.patience_of(10).await;
        };
        futures_util::join!(courier.step(4), patience).0.unwrap();
        assert_eq!(deliveries(agency, &hook).await, ["pending 1 timed_out"]);
    }

    async fn a_webhook_that_is_deleted_leaves_nothing_behind(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        theirs.say(500, "");
        location(agency, "A").await;
        agency.steps().await;
        agency.delete(&format!("/webhooks/{hook}")).await.is(200);
        agency.days(1).await;
        agency.steps().await;
        assert_eq!(theirs.asked().len(), 1);
        while exchange::webhooks::forget(&agency.db).await.unwrap() > 0 {}
        for table in ["delivery", "webhook_queue"] {
            assert_eq!(agency.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
    }
}
