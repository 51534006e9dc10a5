//! What is told again because somebody asks: under the ids it had, in order, all of it or what is missing.

use serde_json::{Value, json};

use super::arriving::{deliveries, listening, received};
use crate::support::agency::Agency;
use crate::support::theirs::Theirs;

async fn locations(agency: &Agency, names: &[&str]) {
    for name in names {
        agency.post("/locations", json!({ "name": name })).await.made();
    }
    agency.steps().await;
}

/// Each delivery's name and id, in the order of the names.
fn got(theirs: &Theirs) -> Vec<(String, String)> {
    let one = |one: &super::arriving::Received| (one.about(), one.header("webhook-id").unwrap().to_owned());
    let mut all: Vec<_> = received(theirs).iter().map(one).collect();
    all.sort();
    all
}

async fn replay(agency: &Agency, hook: &str, body: Value) -> Value {
    let begun = agency.post(&format!("/webhooks/{hook}/replay"), body).await.data();
    agency.steps().await;
    agency.get(&format!("/webhooks/{hook}/replays/{}", begun["id"].as_str().unwrap())).await.data()
}

on_both_engines! {
    async fn all_that_happened_is_told_again_under_the_ids_it_had(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        locations(agency, &["A", "B", "C"]).await;
        let once = got(&theirs);
        let done = replay(agency, &hook, json!({ "after": 0 })).await;
        assert_eq!((&done["state"], &done["queued"], &done["which"]), (&json!("completed"), &json!(3), &json!("all")));
        assert_eq!(done["processed"], done["total"]);
        let twice = got(&theirs);
        assert_eq!(twice, once.iter().flat_map(|one| [one.clone(), one.clone()]).collect::<Vec<_>>());
        assert!(deliveries(agency, &hook).await.iter().all(|d| d == "delivered 2 delivered"));
    }

    async fn from_an_event_an_instant_or_a_place_and_no_further_than_said(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        locations(agency, &["A"]).await;
        agency.seconds(60).await;
        let then = agency.now();
        locations(agency, &["B"]).await;
        agency.seconds(60).await;
        let later = agency.now();
        locations(agency, &["C"]).await;
        let events = agency.get("/events?name=location.create").await.data();
        let (id, seq) = (&events[1]["id"], events[1]["sequence"].as_i64().unwrap());
        for (asked, again) in [
            (json!({ "event_id": id }), "BC"),
            (json!({ "since": then.to_string() }), "BC"),
            (json!({ "after": seq }), "C"),
            (json!({ "since": then.to_string(), "until": later.to_string() }), "B"),
            (json!({ "after": 1_000_000 }), ""),
        ] {
            let before = theirs.asked().len();
            replay(agency, &hook, asked.clone()).await;
            let mut names: Vec<String> = received(&theirs)[before..].iter().map(|one| one.about()).collect();
            names.sort();
            assert_eq!(names.concat(), again, "{asked}");
        }
        let path = format!("/webhooks/{hook}/replay");
        agency.post(&path, json!({})).await.refused(422);
        agency.post(&path, json!({ "after": 0, "since": "2026-11-01T00:00:00Z" })).await.refused(422);
        agency.post(&path, json!({ "event_id": "01900000-0000-7000-8000-000000000000" })).await.refuses(422, &["event_id"]);
        assert_eq!(agency.get(&format!("/webhooks/{hook}/replays")).await.data().as_array().unwrap().len(), 5);
    }

    async fn what_is_missing_is_what_never_arrived_or_was_never_asked_for(agency: &Agency) {
        let (theirs, hook) = listening(agency, &["location.create"]).await;
        agency.post("/customers", json!({ "name": "Ada" })).await.made();
        locations(agency, &["A"]).await;
        theirs.say(500, "");
        locations(agency, &["B"]).await;
        let failed = agency.get(&format!("/webhooks/{hook}/deliveries?state=pending")).await.data()[0]["id"].as_str().unwrap().to_owned();
        agency.post(&format!("/webhooks/{hook}/deliveries/{failed}/cancel"), json!({})).await.is(200);
        theirs.say(200, "");
        // It asks for more now than it did then.
        agency.put(&format!("/webhooks/{hook}"), json!({ "events": ["location.create", "customer.create"] })).await.is(200);
        let before = theirs.asked().len();
        let done = replay(agency, &hook, json!({ "after": 0, "which": "missing" })).await;
        let mut names: Vec<String> = received(&theirs)[before..].iter().map(|one| one.about()).collect();
        names.sort();
        assert_eq!((names, &done["queued"]), (vec!["Ada".to_owned(), "B".to_owned()], &json!(2)));
    }

    async fn a_replay_can_be_stopped_and_is_begun_once_for_a_key(agency: &Agency) {
        let (_theirs, hook) = listening(agency, &["location.create"]).await;
        locations(agency, &["A"]).await;
        let path = format!("/webhooks/{hook}/replay");
        let begun = agency.once("k", &path, json!({ "after": 0 })).await;
        let again = agency.once("k", &path, json!({ "after": 0 })).await;
        assert!(again.is_replay() && begun["data"]["id"] == again["data"]["id"]);
        let id = begun["data"]["id"].as_str().unwrap();
        let stopped = agency.post(&format!("/webhooks/{hook}/replays/{id}/cancel"), json!({})).await.data();
        assert_eq!(stopped["state"], "canceled");
        agency.steps().await;
        assert_eq!(deliveries(agency, &hook).await, ["delivered 1 delivered"]);
        let (_, other) = listening(agency, &["location.create"]).await;
        agency.get(&format!("/webhooks/{other}/replays/{id}")).await.refused(404);
        agency.post(&format!("/webhooks/{other}/replays/{id}/cancel"), json!({})).await.refused(404);
    }
}
