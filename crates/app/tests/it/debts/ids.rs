//! The caller's own ids.

use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn an_account_is_found_by_our_id_and_by_theirs(agency: &Agency) {
        let customer = agency.post("/customers", json!({ "name": "Ada Lovelace", "external_id": "C 1/ä" })).await.made();
        let body = json!({ "customer_id": "C 1/ä", "balance": 5_00, "external_id": "D-1" });
        let debt = agency.post("/debt-accounts", body).await;
        assert_eq!(debt.is(201)["data"]["customer_id"], customer.as_str());
        for id in [debt.made(), "D-1".into()] {
            assert_eq!(agency.debt(&id).await["external_id"], "D-1");
        }
        assert_eq!(agency.get("/debt-accounts/d-1").await.refused(404), "not_found", "case matters");
        assert_eq!(agency.get("/customers/C%201%2F%C3%A4").await.is(200)["data"]["id"], customer.as_str());
    }

    async fn an_id_that_is_taken_is_refused_and_free_again_after_a_delete(agency: &Agency) {
        let customer = agency.customer().await;
        let body = json!({ "customer_id": customer, "balance": 5_00, "external_id": "D-1" });
        let first = agency.post("/debt-accounts", body.clone()).await.made();
        let taken = agency.post("/debt-accounts", body.clone()).await;
        assert_eq!(taken.invalid("external_id"), "The external id has already been taken.");
        let other = agency.debt_of(&customer, 1_00).await;
        let taken = agency.put(&format!("/debt-accounts/{other}"), json!({ "external_id": "D-1" })).await;
        assert_eq!(taken.invalid("external_id"), "The external id has already been taken.");
        agency.put("/debt-accounts/D-1", json!({ "external_id": "D-1" })).await.is(200); // its own
        agency.delete("/debt-accounts/D-1").await.is(200);
        let second = agency.post("/debt-accounts", body).await.made();
        assert_ne!(first, second);
        assert_eq!(agency.debt("D-1").await["id"], second.as_str());
    }

    async fn an_id_that_could_not_stand_in_a_path_is_refused(agency: &Agency) {
        let customer = agency.customer().await;
        for bad in ["lookup", "request", ".", "..", &"x".repeat(256)] {
            let body = json!({ "customer_id": customer, "balance": 5_00, "external_id": bad });
            agency.post("/debt-accounts", body).await.invalid("external_id");
        }
        let longest = "x".repeat(255);
        let body = json!({ "customer_id": customer, "balance": 5_00, "external_id": longest });
        agency.post("/debt-accounts", body).await.made();
        assert_eq!(agency.debt(&longest).await["external_id"], longest.as_str());
    }

    async fn of_many_who_take_one_id_at_once_one_gets_it(agency: &Agency) {
        let customer = agency.customer().await;
        let body = json!({ "customer_id": customer, "balance": 5_00, "external_id": "D-1" });
        let all = futures_util::future::join_all((0..8).map(|_| agency.post("/debt-accounts", body.clone()))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 1);
        for refused in all.iter().filter(|answer| answer.status != 201) {
            assert_eq!(refused.invalid("external_id"), "The external id has already been taken.");
        }
    }
}
