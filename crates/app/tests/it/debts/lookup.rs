//! Looking up: all that is told must be true, and nobody learns which part was not.

use serde_json::{Value, json};

use crate::support::agency::Agency;

async fn siobhan(agency: &Agency) -> String {
    let body = json!({
        "name": "Siobhán O'Connor", "phone": "212-555-0101", "ssn_last4": "0042", "date_of_birth": "1988-09-17",
        "address": { "line1": "1 Main St", "postal_code": "10001" },
    });
    agency.post("/customers", body).await.made()
}

/// The ids of what is found by a query.
async fn found(agency: &Agency, query: &str) -> Vec<String> {
    let answer = agency.get(&format!("/debt-accounts/lookup?lookup_flow_type={query}")).await;
    answer.is(200)["data"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn each_flow_finds_the_accounts_of_whom_all_is_true(agency: &Agency) {
        let debt = agency.debt_of(&siobhan(agency).await, 50_00).await;
        for query in [
            "phone_ssn_last4&phone=(212)+555-0101&ssn_last4=0042",
            "phone_ssn_last4&phone=2125550101&ssn_last4=42", // a spreadsheet dropped the zeros
            "phone_date_of_birth&phone=212.555.0101&date_of_birth=1988-09-17",
            "phone_postal_code&phone=212-555-0101&postal_code=10001",
            "first_name_last_name_ssn_last4&first_name=SIOBHAN&last_name=OConnor&ssn_last4=0042",
            "first_name_last_name_date_of_birth&first_name=Siobh%C3%A1n&last_name=o%27connor&date_of_birth=1988-09-17",
        ] {
            assert_eq!(found(agency, query).await.join(","), debt, "{query}");
        }
        let posted = json!({ "lookup_flow_type": "phone_ssn_last4", "phone": "212-555-0101", "ssn_last4": 42 });
        let answer = agency.post("/debt_accounts/lookup", posted).await;
        assert_eq!(answer.is(200)["data"][0]["id"], debt.as_str());
        assert_eq!(answer["data"][0]["customer"]["ssn"], "***-**-0042");
    }

    async fn a_wrong_proof_and_an_unknown_person_are_answered_alike(agency: &Agency) {
        agency.debt_of(&siobhan(agency).await, 50_00).await;
        let nothing: Vec<String> = Vec::new();
        for query in [
            "phone_ssn_last4&phone=212-555-0101&ssn_last4=0043",
            "phone_ssn_last4&phone=212-555-0199&ssn_last4=0042",
            "phone_postal_code&phone=212-555-0101&postal_code=10002",
            "first_name_last_name_ssn_last4&first_name=Siobhan&last_name=Kelly&ssn_last4=0042",
        ] {
            assert_eq!(found(agency, query).await, nothing, "{query}");
        }
    }

    async fn what_the_customer_may_not_see_is_not_found(agency: &Agency) {
        let customer = siobhan(agency).await;
        let parent = agency.debt_of(&customer, 1_00).await;
        agency.post("/debt-accounts", json!({ "parent_external_id": parent, "balance": 5_00 })).await.made();
        for status in ["archived", "locked"] {
            let hidden = json!({ "customer_id": customer, "balance": 5_00, "status": status });
            agency.post("/debt-accounts", hidden).await.made();
        }
        let query = "phone_ssn_last4&phone=212-555-0101&ssn_last4=0042";
        assert_eq!(found(agency, query).await, [parent]);
        agency.put(&format!("/customers/{customer}"), json!({ "status": "archived" })).await.is(200);
        assert_eq!(found(agency, query).await, Vec::<String>::new());
    }

    async fn a_flow_asks_for_its_own_fields(agency: &Agency) {
        let asked = agency.get("/debt-accounts/lookup").await;
        assert_eq!(asked.invalid("lookup_flow_type"), "The lookup flow type field is required.");
        let asked = agency.get("/debt-accounts/lookup?lookup_flow_type=phone_ssn_last4").await;
        assert_eq!(asked.invalid("phone"), "The phone field is required when lookup flow type is phone_ssn_last4.");
        let errors: Vec<&str> = asked["errors"].as_object().map(|e| e.keys().map(String::as_str).collect()).unwrap_or_default();
        assert_eq!(errors, ["phone", "ssn_last4"]);
        agency.get("/debt-accounts/lookup?lookup_flow_type=shoe_size").await.invalid("lookup_flow_type");
        let _: &Value = agency.get("/debt-accounts/lookup?lookup_flow_type=phone_postal_code&phone=1&postal_code=x").await.is(422);
    }
}
