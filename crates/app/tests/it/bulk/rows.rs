//! Records: what each makes, changes, or is refused for.

use http::Method;
use serde_json::{Value, json};

use crate::support::Agency;

fn counts(operation: &Value) -> Vec<i64> {
    ["total", "processed", "created", "updated", "unchanged", "failed"]
        .iter()
        .map(|name| operation[*name].as_i64().expect("a number"))
        .collect()
}

on_both_engines! {
    async fn accounts_are_made_and_sent_again_they_change_what_differs_and_nothing_else(agency: &Agency) {
        let customer = agency.customer().await;
        let all: Vec<Value> = (0..40).map(|n| json!({
            "external_id": format!("A-{n}"), "customer_id": customer, "balance": 100_00 + n, "metadata": { "desk": "7" }
        })).collect();
        let first = agency.bulk(json!(all)).await;
        assert_eq!(counts(&first), [40, 40, 40, 0, 0, 0]);
        assert_eq!((first["status"].as_str(), first["total_balance"].as_i64()), (Some("completed"), Some(40 * 100_00 + 780)));
        let (events, entries) = (agency.events().await, agency.entries().await);
        // One differs; another writes its money as text.
        let mut again = all.clone();
        again[3]["external_status"] = json!("called");
        again[4]["balance"] = json!("10004.00");
        let second = agency.bulk(json!(again)).await;
        assert_eq!(counts(&second), [40, 40, 0, 1, 39, 0]);
        assert_eq!(agency.many("/debt-accounts").await, 40);
        // Its own event, and that the operation came to its end.
        assert_eq!((agency.events().await - events, agency.entries().await - entries), (2, 0));
        let changed = agency.debt("A-3").await;
        assert_eq!((&changed["external_status"], &changed["metadata"][0]["value"]), (&json!("called"), &json!("7")));
    }

    async fn a_bad_record_is_told_with_its_position_and_its_fields_and_spoils_no_other(agency: &Agency) {
        let customer = agency.customer().await;
        let good = |n: i64| json!({ "external_id": format!("G-{n}"), "customer_id": customer, "balance": 1_00 });
        let told = agency.bulk(json!([
            good(1),
            { "external_id": "B-2", "customer_id": customer, "balance": 1.5, "current_balance": -1, "status": "asleep" },
            { "external_id": "B-3", "balance": 100 },
            { "customer_id": "nobody", "balance": 100 },
            good(5),
            { "customer_id": customer, "balance": 100, "external_id": "lookup" },
            { "customer_id": customer, "balance": 100, "parent_external_id": "nothing" },
            7,
            { "id": "01900000-0000-7000-8000-000000000000", "balance": 5 },
            good(10),
        ])).await;
        assert_eq!(counts(&told), [10, 10, 3, 0, 0, 7]);
        assert_eq!(told["status"], "completed");
        assert_eq!(agency.wrong(&told).await, [
            "2 balance: The balance field must be an integer.",
            "2 current_balance: The current balance field must be at least 0.",
            "2 status: The selected status is invalid.",
            "3 customer_id: The customer id field is required when parent external id is not present.",
            "4 customer_id: The selected customer id is invalid.",
            "6 external_id: The selected external id is invalid: it is a word of our paths.",
            "7 parent_external_id: The selected parent external id is invalid.",
            "8 : The record must be an object.",
            "9 id: The selected id is invalid.",
        ]);
        assert_eq!(agency.many("/debt-accounts").await, 3);
        let id = told["id"].as_str().unwrap();
        let errors = agency.get(&format!("/bulk/{id}/errors?limit=2&page=2")).await;
        assert_eq!(errors["data"][0]["position"], 4);
        assert_eq!(errors["meta"]["total"], 7);
        let walked = agency.get(&format!("/bulk/{id}/errors?limit=3&cursor=")).await;
        let next = walked["meta"]["next_cursor"].as_str().unwrap().to_owned();
        let rest = agency.get(&format!("/bulk/{id}/errors?limit=10&cursor={next}")).await;
        assert_eq!(rest["data"].as_array().unwrap().len(), 4);
        let table = agency.get(&format!("/bulk/{id}/errors?format=csv")).await;
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        assert!(table.text.starts_with("position,line,external_id,field,message\r\n2,,B-2,balance,The balance field must be an integer.\r\n"), "{}", table.text);
        assert_eq!(table.text.lines().count(), 10);
    }

    async fn children_find_their_parent_in_the_same_file_and_the_parent_is_their_sum(agency: &Agency) {
        let customer = agency.customer().await;
        // A child that comes before its parent, a parent that is there already, and two parents that are new.
        agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 70_00, "external_id": "P-0" })).await.made();
        let told = agency.bulk(json!([
            { "external_id": "C-1", "parent_external_id": "P-1", "balance": 10_00 },
            { "external_id": "P-1", "customer_id": customer, "balance": 999_00 },
            { "external_id": "C-2", "parent_external_id": "P-1", "balance": 20_00, "current_balance": 5_00 },
            { "external_id": "C-3", "parent_external_id": "P-0", "balance": 3_00 },
            { "external_id": "C-4", "parent_external_id": "C-3", "balance": 3_00 },
        ])).await;
        assert_eq!(agency.wrong(&told).await, ["5 parent_external_id: The selected parent external id is invalid."]);
        let parent = agency.debt("P-1").await;
        assert_eq!((&parent["balance"], &parent["current_balance"]), (&json!(30_00), &json!(15_00)));
        assert_eq!(agency.owed("P-0").await, 3_00);
        // What is sent for a parent's own balances is ignored; a child may be let go and taken in again.
        let again = agency.bulk(json!([
            { "external_id": "P-1", "balance": 1, "current_balance": 1 },
            { "external_id": "C-3", "parent_external_id": null },
            { "external_id": "C-2", "current_balance": 6_00 },
        ])).await;
        assert_eq!(agency.wrong(&again).await, [""; 0]);
        assert_eq!((agency.owed("P-1").await, agency.owed("P-0").await, agency.owed("C-3").await), (16_00, 0, 3_00));
    }

    async fn plans_locations_and_rules_come_in_as_they_do_one_by_one(agency: &Agency) {
        let customer = agency.customer().await;
        let one = json!({
            "external_id": "A-1", "customer_id": customer, "balance": 500_00, "location_id": "L-1", "location_name": "First Bank",
            "locations": [{ "name": "Cards", "type": "product_type" }, { "name": "Second Bank", "external_id": "L-2" }],
            "rules": { "min_payment_amount": 5_00 }, "billing_type": ["payment-plan"],
            "payment_plan": { "frequency": "monthly", "start_date": "2027-01-01", "amount": 50_00 }
        });
        let told = agency.bulk(json!([one, { "external_id": "A-2", "customer_id": customer, "balance": 1_00, "location_id": "L-1" }])).await;
        assert_eq!(agency.wrong(&told).await, [""; 0]);
        let debt = agency.debt("A-1").await;
        assert_eq!((&debt["location"]["name"], &debt["locations"][1]["name"]), (&json!("First Bank"), &json!("Second Bank")));
        assert_eq!((&debt["payment_plan"]["frequency"], &debt["rules"]["min_payment_amount"]), (&json!("monthly"), &json!(5_00)));
        assert_eq!(agency.debt("A-2").await["location"]["external_id"], "L-1");
        let events = agency.events().await;
        assert_eq!(counts(&agency.bulk(json!([one])).await), [1, 1, 0, 0, 1, 0]);
        assert_eq!(agency.events().await - events, 1);
        // A location that only a refused record wanted is not made.
        let told = agency.bulk(json!([
            { "external_id": "A-3", "customer_id": "nobody", "balance": 1, "location_id": "L-9", "location_name": "Ghost" },
            { "external_id": "A-4", "customer_id": customer, "balance": 1, "location_id": "L-8", "location_name": "Real" },
        ])).await;
        assert_eq!(counts(&told), [2, 2, 1, 0, 0, 1]);
        agency.get("/locations/L-9").await.is(404);
        agency.get("/locations/L-8").await.is(200);
    }

    async fn both_spellings_and_both_vocabularies_are_taken(agency: &Agency) {
        let customer = agency.customer().await;
        let debt = agency.post("/debt-accounts", json!({ "customer_id": customer, "balance": 9_00, "external_id": "A", "status": "locked" })).await.made();
        let sent = json!({ "debt_accounts": [{ "external_id": "A", "original_balance": 10_00, "account_number": "X-7", "status": "active" }] });
        // On the OpenAPI's path `active` already describes a locked account.
        let told = agency.applied(&agency.post("/bulk/debt_accounts", sent.clone()).await).await;
        assert_eq!(counts(&told), [1, 1, 0, 1, 0, 0]);
        let now = agency.debt(&debt).await;
        assert_eq!((&now["state"], &now["balance"], &now["external_account_number"]), (&json!("locked"), &json!(10_00), &json!("X-7")));
        agency.applied(&agency.post("/bulk/debt-accounts", sent).await).await;
        assert_eq!(agency.debt(&debt).await["state"], "active");
        // As a form.
        let form = format!("debt_accounts[0][customer_id]={customer}&debt_accounts[0][balance]=700&debt_accounts[0][billing_type][]=partial-payment&total_rows=1");
        let told = agency.applied(&agency.form("/bulk/debt-accounts", &form).await).await;
        assert_eq!((counts(&told), &told["format"]), (vec![1, 1, 1, 0, 0, 0], &json!("form")));
    }

    async fn a_charge_under_way_is_never_undercut(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        agency.ask(Method::POST, "/charges").json(&debtor.pays(20_00)).send().await.made();
        let told = agency.bulk(json!([{ "id": debtor.debt, "current_balance": 10_00 }, { "id": debtor.debt, "current_balance": 30_00 }])).await;
        assert_eq!(agency.wrong(&told).await, ["1 current_balance: The current_balance field must be at least 2000: charges of that amount are under way.".replace("current_balance field", "current balance field")]);
    }

    async fn whatever_a_record_refers_to_another_organizations_is_like_an_unknown_one(agency: &Agency) {
        let theirs = &agency.template.theirs.sandbox;
        let make = async |path: &str, body: Value| agency.ask(Method::POST, path).token(theirs).json(&body).send().await.made();
        let customer = make("/customers", json!({ "name": "Theirs" })).await;
        let location = make("/locations", json!({ "name": "Theirs" })).await;
        let debt = make("/debt-accounts", json!({ "customer_id": customer, "balance": 1_00 })).await;
        let ours = agency.customer().await;
        let nobody = "01900000-0000-7000-8000-000000000000";
        for (field, foreign) in [("customer_id", &customer), ("location_id", &location), ("parent_external_id", &debt), ("id", &debt)] {
            let told = async |id: &str| {
                let mut row = json!({ "customer_id": ours, "balance": 5_00 });
                row[field] = json!(id);
                let told = agency.bulk(json!([row])).await;
                (told["failed"].clone(), agency.wrong(&told).await)
            };
            let (foreign, unknown) = (told(foreign).await, told(nobody).await);
            assert_eq!(foreign, unknown, "{field}");
            assert_eq!(foreign.0, 1, "{field}");
        }
        assert_eq!(agency.many("/debt-accounts").await, 0);
    }
}
