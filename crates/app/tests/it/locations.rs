//! Locations: where a debt comes from, one for each name and type, for as long as an account names it.

use serde_json::{Value, json};

use crate::support::agency::Agency;

/// The names in a list, as listed.
async fn names(agency: &Agency, query: &str) -> Vec<String> {
    let list = agency.get(&format!("/locations?{query}")).await;
    let all = list.is(200)["data"].as_array().unwrap();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_location_is_unique_by_name_and_type_and_made_by_the_first_account_that_names_it(agency: &Agency) {
        agency.post("/locations", json!({})).await.refuses(422, &["name"]);
        let bank = agency.post("/locations", json!({"name": "Bank", "external_id": "L-1"})).await.data();
        assert_eq!(bank["type"], "original_creditor");
        agency.post("/locations", json!({"name": "Bank"})).await.refuses(422, &["name"]);
        agency.post("/locations", json!({"name": "X", "external_id": "L-1"})).await.refuses(422, &["external_id"]);
        agency.post("/locations", json!({"name": "X", "parent_id": "nope"})).await.refuses(422, &["parent_id"]);
        let loans = json!({"name": "Bank", "type": "product_type", "parent_id": "L-1"});
        let loans = agency.post("/locations?include=parent", loans).await.data();
        assert_eq!(loans["parent"]["id"], bank["id"]);
        agency.put("/locations/L-1", json!({"parent_id": loans["id"]})).await.refuses(422, &["parent_id"]);
        assert_eq!(agency.put("/locations/L-1", bank.clone()).await.data(), bank);
        agency.delete("/locations/L-1").await.refuses(400, &[]);

        agency.post("/customers", json!({"name": "A B", "external_id": "C"})).await.data();
        let debt = json!({"customer_id": "C", "balance": 5, "location_id": "L-2"});
        agency.post("/debt-accounts", debt.clone()).await.refuses(422, &["location_name"]);
        let mut named = debt;
        named["location_name"] = json!("Two");
        agency.post("/debt-accounts", named).await.data();
        assert_eq!(agency.get("/locations/L-2").await.data()["name"], "Two");
        agency.delete("/locations/L-2").await.refuses(400, &[]);
    }

    async fn a_location_is_shown_as_it_was_said(agency: &Agency) {
        let said = json!({ "name": "  First Bank ", "type": "current_creditor", "external_id": "L-1", "metadata": { "b": 2, "a": true } });
        let made = agency.post("/locations", said).await;
        let id = made.made();
        for (field, kept) in [
            ("name", json!("First Bank")),
            ("type", json!("current_creditor")),
            ("external_id", json!("L-1")),
            ("parent_id", Value::Null),
            ("metadata", json!([{ "attribute": "a", "value": "true" }, { "attribute": "b", "value": "2" }])),
            ("created_at", json!("2026-11-20T15:00:00Z")),
        ] {
            assert_eq!(made["data"][field], kept, "{field}");
        }
        for path in [format!("/locations/{id}"), "/locations/L-1".into()] {
            assert_eq!(agency.get(&path).await.data(), made["data"], "{path}");
        }
        agency.post("/locations", json!({ "type": "bank", "metadata": { "a": {} } })).await.is(422);
        agency.post("/locations", json!({ "name": "X", "type": "bank" })).await.refuses(422, &["type"]);
        assert_eq!(agency.many("/locations").await, 1);
    }

    async fn a_name_is_taken_once_for_each_type(agency: &Agency) {
        let post = async |name: &str, kind: &str| agency.post("/locations", json!({ "name": name, "type": kind })).await;
        let first = post("Bank", "original_creditor").await.made();
        let second = post("Bank", "current_creditor").await.made();
        assert_eq!(post("Bank", "original_creditor").await.invalid("name"), "The name has already been taken.");
        post(" Bank ", "current_creditor").await.refuses(422, &["name"]);
        let other = post("Fund", "original_creditor").await.made();
        // Nor by a change of either of the two.
        agency.put(&format!("/locations/{other}"), json!({ "name": "Bank" })).await.refuses(422, &["name"]);
        agency.put(&format!("/locations/{second}"), json!({ "type": "original_creditor" })).await.refuses(422, &["name"]);
        assert_eq!(agency.get(&format!("/locations/{second}")).await.data()["type"], "current_creditor");
        // What is deleted is free again.
        agency.delete(&format!("/locations/{first}")).await.is(200);
        agency.put(&format!("/locations/{second}"), json!({ "type": "original_creditor" })).await.is(200);
        post("Bank", "original_creditor").await.refuses(422, &["name"]);
    }

    async fn locations_that_come_at_once_are_made_once(agency: &Agency) {
        let body = json!({ "name": "Bank", "external_id": "L-1" });
        let all = futures_util::future::join_all((0..6).map(|_| agency.post("/locations", body.clone()))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(all.iter().all(|answer| matches!(answer.status, 201 | 409 | 422)));
        assert_eq!(agency.many("/locations").await, 1);
    }

    async fn an_id_of_yours_names_one_location_until_it_is_deleted(agency: &Agency) {
        let post = async |name: &str, id: &str| agency.post("/locations", json!({ "name": name, "external_id": id })).await;
        let bank = post("Bank", "L-1").await.made();
        assert_eq!(post("Fund", "L-1").await.invalid("external_id"), "The external id has already been taken.");
        let fund = post("Fund", "l-1").await.made(); // another one: case counts
        assert_eq!(agency.get("/locations/l-1").await.data()["id"], fund.as_str());
        assert_eq!(agency.get("/locations/L-1").await.data()["id"], bank.as_str());
        for word in ["lookup", "request", ".", &"x".repeat(256)] {
            post("Other", word).await.refuses(422, &["external_id"]);
        }
        agency.put("/locations/l-1", json!({ "external_id": "L-1" })).await.refuses(422, &["external_id"]);
        agency.put("/locations/l-1", json!({ "external_id": "F-1" })).await.is(200);
        agency.get("/locations/l-1").await.refuses(404, &[]);
        agency.delete("/locations/L-1").await.is(200);
        for path in ["/locations/L-1".to_owned(), format!("/locations/{bank}")] {
            agency.get(&path).await.refuses(404, &[]);
            agency.put(&path, json!({ "name": "X" })).await.refuses(404, &[]);
            agency.delete(&path).await.refuses(404, &[]);
        }
        agency.put("/locations/F-1", json!({ "external_id": "L-1" })).await.is(200);
        assert_eq!(agency.get("/locations/L-1").await.data()["id"], fund.as_str());
    }

    async fn a_list_of_locations_shows_only_what_is_asked_for(agency: &Agency) {
        for (name, kind, id) in [
            ("Bank", "original_creditor", "L-1"),
            ("Fund", "current_creditor", "L-2"),
            ("Bank", "product_type", "L-3"),
            ("Loan", "product_type", "L-4"),
        ] {
            agency.post("/locations", json!({ "name": name, "type": kind, "external_id": id })).await.made();
        }
        for (query, expected) in [
            ("", vec!["Loan", "Bank", "Fund", "Bank"]),
            ("name=Bank", vec!["Bank", "Bank"]),
            ("name=Ban", vec![]),
            ("type=product_type", vec!["Loan", "Bank"]),
            ("type=current_creditor", vec!["Fund"]),
            ("external_id=L-2", vec!["Fund"]),
            ("external_id=L-9", vec![]),
            ("external_id=l-2", vec![]),
            ("name=Bank&type=product_type", vec!["Bank"]),
            ("name=Fund&type=product_type", vec![]),
            ("limit=1&page=2", vec!["Bank"]),
        ] {
            assert_eq!(names(agency, query).await, expected, "{query}");
        }
        agency.get("/locations?type=bank").await.refuses(422, &["type"]);
        agency.get("/locations?include=nonsense").await.refuses(422, &["include"]);
    }

    async fn what_a_change_does_not_say_stays(agency: &Agency) {
        agency.post("/locations", json!({ "name": "Group", "external_id": "G" })).await.made();
        let all = json!({ "name": "Bank", "type": "product_type", "external_id": "L-1", "parent_id": "G", "metadata": { "a": "1", "b": "2" } });
        let before = agency.post("/locations", all).await;
        let path = format!("/locations/{}", before.made());
        agency.seconds(60).await;
        let now = agency.put(&path, json!({ "name": "New Bank", "metadata": { "a": "", "c": "3" } })).await.data();
        for (field, kept) in [
            ("name", json!("New Bank")),
            ("metadata", json!([{ "attribute": "b", "value": "2" }, { "attribute": "c", "value": "3" }])),
            ("updated_at", json!("2026-11-20T15:01:00Z")),
        ] {
            assert_eq!(now[field], kept, "{field}");
        }
        for field in ["id", "type", "external_id", "parent_id", "created_at"] {
            assert_eq!(now[field], before["data"][field], "{field}");
        }
        let now = agency.put(&path, json!({ "parent_id": null, "external_id": "", "metadata": null })).await.data();
        assert_eq!((&now["parent_id"], &now["external_id"], &now["metadata"]), (&Value::Null, &Value::Null, &json!([])));
        for nothing in [json!(null), json!(""), json!("  ")] {
            agency.put(&path, json!({ "name": nothing })).await.refuses(422, &["name"]);
        }
        assert_eq!(agency.get(&path).await.data(), now);
    }

    async fn a_location_sent_back_changes_nothing_and_tells_nobody(agency: &Agency) {
        agency.post("/locations", json!({ "name": "Group", "external_id": "G" })).await.made();
        let full = json!({ "name": "Bank", "type": "product_type", "external_id": "L-1", "parent_id": "G", "metadata": { "a": "1" } });
        agency.post("/locations", full).await.made();
        agency.post("/locations", json!({ "name": "Branch", "parent_id": "L-1" })).await.made();
        let customer = agency.customer().await;
        agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 1_00, "location_id": "L-1" })).await.made();
        agency.seconds(60).await;
        let events = agency.events().await;
        for path in ["/locations/G", "/locations/L-1", "/locations/L-1?include=parent,children,debt_accounts"] {
            let shown = agency.get(path).await.data();
            assert_eq!(agency.put(path, shown.clone()).await.data(), shown, "{path}");
        }
        assert_eq!(agency.events().await, events);
        agency.put("/locations/L-1", json!({ "name": "Bank 2" })).await.is(200);
        assert_eq!(agency.events().await, events + 1);
    }

    async fn a_location_stays_while_an_account_uses_it(agency: &Agency) {
        let customer = agency.customer().await;
        for id in ["L-1", "L-2", "L-3"] {
            agency.post("/locations", json!({ "name": id, "external_id": id })).await.made();
        }
        let debt = json!({ "customer_id": customer, "balance": 1_00, "location_id": "L-1", "locations": [{ "name": "L-2", "external_id": "L-2" }] });
        let debt = agency.post("/debt-accounts", debt).await.made();
        for used in ["/locations/L-1", "/locations/L-2"] {
            assert_eq!(agency.delete(used).await.refused(400), "not_allowed_now", "{used}");
            agency.get(used).await.is(200);
        }
        assert_eq!(agency.delete("/locations/L-3").await.is(200), &json!({ "success": true }));
        agency.get("/locations/L-3").await.refuses(404, &[]);
        // Once no account names it, it can go.
        agency.put(&format!("/debt-accounts/{debt}"), json!({ "locations": [] })).await.is(200);
        agency.delete("/locations/L-2").await.is(200);
        agency.delete("/locations/L-1").await.is(400);
        agency.delete(&format!("/debt-accounts/{debt}")).await.is(200);
        agency.delete("/locations/L-1").await.is(200);
        assert_eq!(agency.many("/locations").await, 0);
    }
}
