//! Accounts under one account: one level, and sums at every instant.

use serde_json::{Value, json};

use crate::support::agency::Agency;

async fn child(agency: &Agency, parent: &str, cents: i64) -> String {
    agency.post("/debt-accounts", json!({ "parent_external_id": parent, "balance": cents })).await.made()
}

async fn sums(agency: &Agency, parent: &str) -> (i64, i64) {
    let debt = agency.debt(parent).await;
    (debt["balance"].as_i64().unwrap(), debt["current_balance"].as_i64().unwrap())
}

async fn put(agency: &Agency, debt: &str, body: Value) -> Value {
    agency.put(&format!("/debt-accounts/{debt}"), body).await.is(200)["data"].clone()
}

on_both_engines! {
    async fn the_first_child_replaces_the_parents_own_balances(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 100_00).await;
        child(agency, &parent, 30_00).await;
        assert_eq!(sums(agency, &parent).await, (30_00, 30_00));
        agency.books_hold().await;
        child(agency, &parent, 12_00).await;
        assert_eq!(sums(agency, &parent).await, (42_00, 42_00));
    }

    async fn a_parent_is_the_sum_of_its_children_at_every_instant(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 1_00).await;
        let (a, b) = (child(agency, &parent, 30_00).await, child(agency, &parent, 12_00).await);
        put(agency, &a, json!({ "balance": 40_00 })).await;
        assert_eq!(sums(agency, &parent).await, (52_00, 52_00));
        put(agency, &b, json!({ "current_balance": 0 })).await;
        assert_eq!(sums(agency, &parent).await, (52_00, 40_00));
        put(agency, &a, json!({ "current_balance": 0 })).await;
        assert_eq!(agency.debt(&parent).await["status"], "paid_off");
        put(agency, &a, json!({ "current_balance": 1 })).await;
        assert_eq!(agency.debt(&parent).await["status"], "active");
        agency.delete(&format!("/debt-accounts/{b}")).await.is(200);
        assert_eq!(sums(agency, &parent).await, (40_00, 1));
        let shown = agency.get(&format!("/debt-accounts/{parent}?include=children")).await;
        assert_eq!(shown.is(200)["data"]["children"].as_array().unwrap().len(), 1);
        assert_eq!(agency.get(&format!("/debt-accounts/{a}?include=parent")).await.is(200)["data"]["parent"]["id"], parent.as_str());
    }

    async fn what_is_sent_for_a_parents_own_balances_is_ignored(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 1_00).await;
        child(agency, &parent, 30_00).await;
        let now = put(agency, &parent, json!({ "balance": 7, "current_balance": 7, "description": "x" })).await;
        assert_eq!((&now["balance"], &now["current_balance"], &now["description"]), (&json!(30_00), &json!(30_00), &json!("x")));
        agency.put(&format!("/debt-accounts/{parent}"), json!({ "balance": -7 })).await.invalid("balance");
    }

    async fn without_its_last_child_a_parent_owes_nothing_and_is_ordinary(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 100_00).await;
        let only = child(agency, &parent, 30_00).await;
        let freed = put(agency, &only, json!({ "parent_external_id": null })).await;
        assert_eq!((&freed["parent_id"], &freed["current_balance"]), (&json!(null), &json!(30_00)));
        assert_eq!(sums(agency, &parent).await, (0, 0));
        put(agency, &parent, json!({ "balance": 9_00, "current_balance": 9_00 })).await;
        assert_eq!(sums(agency, &parent).await, (9_00, 9_00));
        agency.delete(&format!("/debt-accounts/{parent}")).await.is(200);
    }

    async fn a_child_can_move_from_one_parent_to_another(agency: &Agency) {
        let customer = agency.customer().await;
        let (a, b) = (agency.debt_of(&customer, 1_00).await, agency.debt_of(&customer, 2_00).await);
        let (moving, _) = (child(agency, &a, 30_00).await, child(agency, &a, 5_00).await);
        put(agency, &moving, json!({ "parent_external_id": b, "balance": 31_00 })).await;
        assert_eq!((sums(agency, &a).await, sums(agency, &b).await), ((5_00, 5_00), (31_00, 31_00)));
    }

    async fn a_child_takes_its_parents_customer_and_location(agency: &Agency) {
        let customer = agency.customer().await;
        let parent = json!({ "customer_id": customer, "balance": 1_00, "external_id": "P", "location_id": "L", "location_name": "Bank" });
        let parent = agency.post("/debt-accounts", parent).await.made();
        let made = agency.post("/debt-accounts", json!({ "parent_external_id": "P", "balance": 2_00 })).await;
        let debt = &made.is(201)["data"];
        assert_eq!((&debt["customer_id"], &debt["location"]["external_id"]), (&json!(customer), &json!("L")));
        assert_eq!((&debt["parent_id"], &debt["parent_external_id"]), (&json!(parent), &json!("P")));
    }

    async fn nesting_has_one_level_and_one_customer(agency: &Agency) {
        let customer = agency.customer().await;
        let (parent, lone) = (agency.debt_of(&customer, 1_00).await, agency.debt_of(&customer, 1_00).await);
        let nested = child(agency, &parent, 5_00).await;
        let under = |parent: &str| json!({ "parent_external_id": parent, "balance": 1_00 });
        agency.post("/debt-accounts", under(&nested)).await.invalid("parent_external_id"); // a second level
        agency.post("/debt-accounts", under("nobody")).await.invalid("parent_external_id");
        let put = async |debt: &str, parent: &str| {
            agency.put(&format!("/debt-accounts/{debt}"), json!({ "parent_external_id": parent })).await
        };
        put(&lone, &lone).await.is(422); // itself
        put(&parent, &lone).await.invalid("parent_external_id"); // a parent with accounts under it
        put(&lone, &nested).await.invalid("parent_external_id");
        let other = agency.customer().await;
        let theirs = agency.debt_of(&other, 1_00).await;
        put(&theirs, &parent).await.is(422); // another customer
        let named = json!({ "parent_external_id": parent, "customer_id": other, "balance": 1_00 });
        agency.post("/debt-accounts", named).await.is(422);
        agency.put(&format!("/debt-accounts/{nested}"), json!({ "customer_id": other })).await.is(422);
        assert_eq!(agency.delete(&format!("/debt-accounts/{parent}")).await.refused(400), "not_allowed_now");
        assert_eq!(sums(agency, &parent).await, (5_00, 5_00));
    }

    async fn a_child_cannot_be_put_under_itself_or_a_sibling(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 1_00).await;
        let (one, two) = (child(agency, &parent, 5_00).await, child(agency, &parent, 7_00).await);
        for under in [&one, &two] {
            let body = json!({ "parent_external_id": under });
            agency.put(&format!("/debt-accounts/{one}"), body).await.invalid("parent_external_id");
        }
        // Nothing was changed, and both can still be worked with.
        put(agency, &one, json!({ "balance": 6_00 })).await;
        put(agency, &two, json!({ "balance": 8_00 })).await;
        assert_eq!(sums(agency, &parent).await, (14_00, 14_00));
    }

    async fn children_that_come_at_once_are_all_counted(agency: &Agency) {
        let parent = agency.debt_of(&agency.customer().await, 100_00).await;
        let body = json!({ "parent_external_id": parent, "balance": 3_00 });
        let all = futures_util::future::join_all((0..10).map(|_| agency.post("/debt-accounts", body.clone()))).await;
        let made = all.iter().filter(|answer| answer.status == 201).count() as i64;
        assert!(all.iter().all(|answer| matches!(answer.status, 201 | 409)));
        assert_eq!(sums(agency, &parent).await, (3_00 * made, 3_00 * made));
    }
}
