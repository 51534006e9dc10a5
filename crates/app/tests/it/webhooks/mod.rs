//! Webhooks: where an organization is told what happened. The secret is seen once.

mod again;
mod arriving;
mod follower;

use base::Ts;
use exchange::webhooks::{self, WebhookId};
use http::Method;
use serde_json::{Value, json};

use crate::support::agency::Agency;
use crate::support::theirs::Theirs;

fn hook(url: &str, events: &[&str]) -> Value {
    json!({ "url": url, "events": events })
}

on_both_engines! {
    async fn a_webhook_is_shown_as_it_was_made_and_its_secret_once(agency: &Agency) {
        let made = agency.once("k", "/webhooks", hook("https://a.example/in?token=1", &["charge.completed", "customer.create"])).await;
        let (id, secret) = (made.made(), made["data"]["secret"].as_str().unwrap().to_owned());
        assert!(secret.len() >= 32);
        assert_eq!(made["data"]["url"], "https://a.example/in?token=1");
        assert_eq!(made["data"]["events"], json!(["charge.completed", "customer.create"]));
        assert_eq!(made["data"]["active"], true);
        // Whoever lost the answer asks again with the same key.
        let again = agency.once("k", "/webhooks", hook("https://a.example/in?token=1", &["charge.completed", "customer.create"])).await;
        assert!(again.is_replay());
        assert_eq!(again["data"]["secret"], secret.as_str());
        for path in [format!("/webhooks/{id}"), "/webhooks".into()] {
            assert!(!agency.get(&path).await.text.contains(&secret), "{path}");
        }
        agency.steps().await;
        assert!(!agency.get("/events?limit=500").await.text.contains(&secret));
        let own = json!({ "url": "https://b.example/", "events": ["charge.failed"], "secret": "sixteen letters!" });
        assert_eq!(agency.post("/webhooks", own).await.data()["secret"], Value::Null);
    }

    async fn all_webhooks_are_listed_unless_a_limit_is_sent(agency: &Agency) {
        for n in 0..12 {
            agency.post("/webhooks", hook(&format!("https://a.example/{n}"), &["charge.completed"])).await.made();
        }
        assert_eq!(agency.get("/webhooks").await.data().as_array().unwrap().len(), 12);
        assert_eq!(agency.get("/webhooks?limit=5").await.data().as_array().unwrap().len(), 5);
    }

    async fn a_webhook_is_changed_field_by_field_and_its_events_as_a_whole(agency: &Agency) {
        let id = agency.post("/webhooks", hook("https://a.example/", &["charge.completed", "charge.failed"])).await.made();
        let path = format!("/webhooks/{id}");
        let shown = agency.get(&path).await.data();
        let events = agency.events().await;
        assert_eq!(agency.put(&path, shown.clone()).await.data(), shown);
        assert_eq!(agency.events().await, events);
        let now = agency.put(&path, json!({ "events": ["customer.create", "customer.create"], "active": "0" })).await.data();
        assert_eq!((&now["events"], &now["active"]), (&json!(["customer.create"]), &json!(false)));
        assert_eq!(now["url"], "https://a.example/");
        agency.put(&path, json!({ "events": [], "url": null, "secret": "short", "active": "" })).await.refuses(422, &["url", "events", "secret", "active"]);
        assert_eq!(agency.get(&path).await.data(), now);
        assert_eq!(agency.delete(&path).await.is(200), &json!({ "success": true }));
        agency.get(&path).await.refuses(404, &[]);
        agency.delete(&path).await.refuses(404, &[]);
    }

    async fn the_secret_before_signs_beside_a_new_one_for_a_day(agency: &Agency) {
        let id = agency.post("/webhooks", hook("https://a.example/", &["charge.completed"])).await.made();
        agency.put(&format!("/webhooks/{id}"), json!({ "secret": "a secret of my own" })).await.is(200);
        let tenant = agency.tenant(books::orgs::Environment::Sandbox).await;
        let id = WebhookId(id.parse().unwrap());
        let hook = webhooks::find(&agency.db.read().await.unwrap(), &tenant, id).await.unwrap().unwrap();
        let now: Ts = agency.now();
        assert_eq!(hook.secrets(now).len(), 2);
        assert_eq!(hook.secrets(now)[0].reveal(), "a secret of my own");
        assert_eq!(hook.secrets(now.plus_seconds(webhooks::OVERLAP_SECONDS)).len(), 1);
    }

    async fn what_is_wrong_is_said_at_once(agency: &Agency) {
        agency.post("/webhooks", json!({})).await.refuses(422, &["url", "events"]);
        let wrong = json!({ "url": "ftp://a.example", "events": ["charge.exploded"], "secret": "fifteen letters" });
        agency.post("/webhooks", wrong).await.refuses(422, &["url", "events.0", "secret"]);
        agency.post("/webhooks", hook("https://a.example/", &[])).await.refuses(422, &["events"]);
        assert_eq!(agency.many("/webhooks").await, 0);
        // By form, as the guides send it.
        let form = "url=https%3A%2F%2Fa.example%2F&events[]=customer.create&events[]=debt-account.update&secret=0123456789abcdef";
        agency.form("/webhooks", form).await.made();
    }

    async fn production_is_told_over_https_alone(agency: &Agency) {
        let plain = hook("http://a.example/", &["charge.completed"]);
        agency.post("/webhooks", plain.clone()).await.made();
        let production = &agency.template.ours.production;
        let refused = agency.ask(Method::POST, "/webhooks").token(production).json(&plain).send().await;
        assert_eq!(refused.invalid("url"), "The url field must be a valid URL that begins with https.");
    }

    async fn there_is_an_end_to_webhooks(agency: &Agency) {
        for n in 0..webhooks::MOST {
            agency.post("/webhooks", hook(&format!("https://a.example/{n}"), &["charge.completed"])).await.made();
        }
        assert_eq!(agency.post("/webhooks", hook("https://a.example/", &["charge.failed"])).await.refused(400), "not_allowed_now");
    }

    async fn a_queue_is_held_by_somebody_until_it_is_let_go(agency: &Agency) {
        use books::queues::{self, Queue};
        let held = async || queues::held(&agency.db.read().await.unwrap()).await.unwrap();
        assert!(held().await.is_empty());
        assert!(queues::set(&agency.db, Queue::Deliveries, Some("Ann Lee")).await.unwrap());
        assert!(!queues::set(&agency.db, Queue::Deliveries, Some("Bob")).await.unwrap());
        assert_eq!(held().await.iter().map(|one| (one.id, one.held_by.clone())).collect::<Vec<_>>(), [(Queue::Deliveries, "Ann Lee".to_owned())]);
        assert!(queues::set(&agency.db, Queue::Deliveries, None).await.unwrap());
        assert!(held().await.is_empty());
    }

    async fn an_operator_sees_how_the_queue_stands(agency: &Agency) {
        let gone = Theirs::answering(410, "").await;
        agency.post("/webhooks", hook(&gone.url("/"), &["location.create"])).await.made();
        agency.post("/locations", json!({ "name": "A" })).await.made();
        agency.steps().await;
        let (now, tx) = (agency.db.now().await.unwrap(), agency.db.read().await.unwrap());
        let standing = webhooks::standing(&tx, now).await.unwrap();
        assert_eq!((standing.waiting, standing.due, standing.failed), (0, 0, 1));
        assert_eq!(webhooks::given_up(&tx, 5).await.unwrap().len(), 1);
    }
}
