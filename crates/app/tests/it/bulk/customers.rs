//! The guides' list: customers with an address, a location, parents and accounts.

use http::Method;
use serde_json::{Value, json};

use crate::support::Agency;

fn person(n: usize) -> Value {
    json!({
        "customer": {
            "name": format!("Debtor Number{n}"), "external_id": format!("C-{n}"), "email": format!("d{n}@example.com"), "phone": "212-555-0101",
            "date_of_birth": "1980-02-03", "ssn_last4": "0042", "metadata": { "tier": "b" },
            "address": { "line1": format!("{n} Main St"), "city": "Albany", "state": "NY", "postal_code": "12207-1234", "country": "USA" }
        },
        "location": { "name": "First Bank", "external_id": "L-1" },
        "parent_debt_accounts": [{ "external_id": format!("P-{n}") }],
        "debt_accounts": [
            { "external_id": format!("A-{n}"), "parent_external_id": format!("P-{n}"), "balance": 10_00, "billing_type": ["partial-payment"] },
            { "external_id": format!("B-{n}"), "parent_external_id": format!("P-{n}"), "balance": 5_00, "current_balance": 4_00 },
            { "external_id": format!("S-{n}"), "balance": 7_00 }
        ]
    })
}

on_both_engines! {
    async fn the_guides_list_makes_customers_with_everything_that_is_theirs(agency: &Agency) {
        let all: Vec<Value> = (0..30).map(person).collect();
        let told = agency.applied(&agency.post("/bulk", json!(all)).await).await;
        assert_eq!(agency.wrong(&told).await, [""; 0]);
        assert_eq!((&told["type"], &told["created"], &told["total_balance"]), (&json!("customers"), &json!(30), &json!(30 * 22_00)));
        let customer = agency.get("/customers/C-7").await;
        let data = &customer.is(200)["data"];
        assert_eq!((&data["phone"], &data["ssn"], &data["addresses"][0]["line1"]), (&json!("+12125550101"), &json!("***-**-0042"), &json!("7 Main St")));
        assert_eq!(data["addresses"][0]["is_primary"], true);
        let parent = agency.debt("P-7").await;
        assert_eq!((&parent["balance"], &parent["current_balance"], &parent["customer"]["external_id"]), (&json!(15_00), &json!(14_00), &json!("C-7")));
        assert_eq!(parent["location"]["external_id"], "L-1");
        assert_eq!(agency.many("/locations").await, 1);
        // No money was placed on the parent for a moment, and written off again.
        assert_eq!(agency.number("SELECT count(*) FROM entry WHERE debit = 'write_offs'").await, 0);

        let events = agency.events().await;
        let mut again = all;
        again[3]["customer"]["address"]["line1"] = json!("1 New St");
        again[3]["customer"]["metadata"] = json!({ "tier": "", "note": "moved" });
        let told = agency.applied(&agency.post("/bulk", json!(again)).await).await;
        assert_eq!((&told["created"], &told["updated"], &told["unchanged"]), (&json!(0), &json!(1), &json!(29)));
        assert_eq!(agency.events().await - events, 2);
        let moved = agency.get("/customers/C-3").await;
        assert_eq!(moved["data"]["addresses"].as_array().unwrap().len(), 2);
        assert_eq!(moved["data"]["metadata"], json!([{ "attribute": "note", "value": "moved" }]));
        assert_eq!(agency.many("/customers").await, 30);
    }

    async fn a_record_is_applied_as_a_whole_or_not_at_all(agency: &Agency) {
        let mut bad = person(2);
        bad["customer"]["email"] = json!("nobody");
        bad["debt_accounts"][1]["balance"] = json!("1.5");
        let mut late = person(3);
        late["debt_accounts"][2]["parent_external_id"] = json!("A-3"); // a second level
        let mut listless = person(4);
        listless["debt_accounts"] = json!({});
        let told = agency.applied(&agency.post("/bulk", json!([person(1), bad, late, listless, person(5)])).await).await;
        assert_eq!(agency.wrong(&told).await, [
            "2 customer.email: The customer.email field must be a valid email address.",
            "3 debt_accounts.2.parent_external_id: The selected parent external id is invalid.",
            "4 debt_accounts: The debt accounts field must be an array.",
        ]);
        assert_eq!((agency.many("/customers").await, agency.many("/debt-accounts").await), (2, 8));
        let id = told["id"].as_str().unwrap();
        assert_eq!(agency.get(&format!("/bulk/{id}/errors")).await["data"][1]["external_id"], "C-3");
    }

    async fn a_list_of_too_many_or_of_none_is_refused_as_a_whole(agency: &Agency) {
        let many: Vec<Value> = (0..1_001).map(|n| json!({ "customer": { "name": "A", "external_id": format!("{n}") } })).collect();
        let refused = agency.post("/bulk", json!(many)).await;
        assert_eq!(refused.is(422)["message"], "The body must not have more than 1000 items.");
        assert_eq!(agency.post("/bulk", json!([])).await.is(422)["message"], "The body must have at least 1 item.");
        assert_eq!(agency.post("/bulk", json!({ "customer": {} })).await.refused(400), "malformed_body");
        assert_eq!(agency.ask(Method::POST, "/bulk").form("a=1").send().await.refused(415), "unsupported_media_type");
        assert_eq!(agency.many("/bulk").await, 0);
        assert_eq!(agency.number("SELECT (SELECT count(*) FROM bulk) + (SELECT count(*) FROM bulk_piece)").await, 0);
        agency.applied(&agency.post("/bulk", json!(many[..1_000])).await).await;
        assert_eq!(agency.many("/customers").await, 1_000);
    }

    async fn a_customer_of_another_organization_is_nobodys(agency: &Agency) {
        let theirs = &agency.template.theirs.sandbox;
        let foreign = agency.ask(Method::POST, "/customers").token(theirs).json(&json!({ "name": "Not Ours", "external_id": "C-1" })).send().await.made();
        let told = agency.applied(&agency.post("/bulk", json!([
            { "customer": { "id": foreign, "name": "Stolen" } },
            { "customer": { "external_id": "C-1", "name": "Our Own" }, "debt_accounts": [{ "balance": 1, "customer_id": foreign }] },
            { "customer": { "external_id": "C-1", "name": "Our Own" } },
        ])).await).await;
        assert_eq!(agency.wrong(&told).await, [
            "1 customer.id: The selected id is invalid.",
            "2 debt_accounts.0.customer_id: The selected customer id is invalid.",
        ]);
        let seen = agency.ask(Method::GET, "/customers/C-1").token(theirs).send().await;
        assert_eq!(seen.is(200)["data"]["name"], "Not Ours");
        assert_eq!(agency.get("/customers/C-1").await.is(200)["data"]["name"], "Our Own");
    }
}
