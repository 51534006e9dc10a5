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
        let flows = json!({ "lookup": { "flows": [
            "phone_ssn_last4", "phone_date_of_birth", "phone_postal_code", "first_name_last_name_ssn_last4",
            "first_name_last_name_date_of_birth",
        ] } });
        agency.put("/organization", flows).await.is(200);
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

    async fn a_flow_that_is_off_says_so_and_the_postal_code_is_off_until_it_is_switched_on(agency: &Agency) {
        siobhan(agency).await;
        let query = "/debt-accounts/lookup?lookup_flow_type=phone_postal_code&phone=212-555-0101&postal_code=10001";
        let refused = agency.get(query).await;
        assert!(refused.invalid("lookup_flow_type").contains("not switched on"), "{}", refused.text);
    }

    async fn changed_details_are_found_and_the_old_ones_are_not(agency: &Agency) {
        let customer = siobhan(agency).await;
        let debt = agency.debt_of(&customer, 50_00).await;
        agency.put("/organization", json!({ "lookup": { "flows": ["phone_ssn_last4", "phone_postal_code"] } })).await.is(200);
        agency.put(&format!("/customers/{customer}"), json!({ "phone": "212-555-0102" })).await.is(200);
        assert_eq!(found(agency, "phone_postal_code&phone=212-555-0102&postal_code=10001").await.join(","), debt);
        assert_eq!(found(agency, "phone_ssn_last4&phone=212-555-0102&ssn_last4=0042").await.join(","), debt);
        assert_eq!(found(agency, "phone_postal_code&phone=212-555-0101&postal_code=10001").await.join(","), "");
    }

    async fn five_failures_an_hour_ten_a_day_and_twenty_in_thirty_days_are_all_there_is(agency: &Agency) {
        agency.debt_of(&siobhan(agency).await, 50_00).await;
        let tries = async |phone: &str, ssn: u32| {
            let body = json!({ "lookup_flow_type": "phone_ssn_last4", "phone": phone, "ssn_last4": format!("{ssn:04}") });
            agency.post("/debt-accounts/lookup", body).await
        };
        // Somebody known and somebody unknown are refused at the same try, with the same words.
        for phone in ["212-555-0101", "212-555-0199"] {
            let mut answers = Vec::new();
            for hour in 0..24 * 4 {
                for ssn in 0..7 {
                    answers.push((hour, tries(phone, 1_000 + ssn).await));
                }
                agency.seconds(3_600).await;
            }
            let let_through: Vec<i32> = answers.iter().filter(|(_, a)| a.status == 200).map(|(hour, _)| *hour).collect();
            assert_eq!(let_through, [vec![0; 5], vec![1; 5], vec![24; 5], vec![25; 5]].concat(), "{phone}");
            let refused = &answers[5].1;
            assert_eq!(refused.refused(429), "rate_limited");
            assert!(refused.headers.contains_key("retry-after"));
        }
        // Even the right answer is refused now, until a person unlocks it.
        assert_eq!(tries("212-555-0101", 42).await.status, 429);
        agency.post("/debt-accounts/lookup/unlock", json!({ "phone": "(212) 555-0101" })).await.is(200);
        assert_eq!(tries("212-555-0101", 42).await.is(200)["data"].as_array().unwrap().len(), 1);
    }

    async fn a_customer_who_is_found_every_day_gives_nobody_new_tries(agency: &Agency) {
        agency.debt_of(&siobhan(agency).await, 50_00).await;
        let tries = async |ssn: String| {
            let body = json!({ "lookup_flow_type": "phone_ssn_last4", "phone": "212-555-0101", "ssn_last4": ssn });
            agency.post("/debt-accounts/lookup", body).await.status
        };
        let mut let_through = 0;
        for day in 0..30 {
            tries("0042".into()).await;
            for n in 0..7 {
                let_through += i32::from(tries(format!("{}", 1_000 + 10 * day + n)).await == 200);
            }
            agency.days(1).await;
        }
        assert_eq!(let_through, 20);
    }

    async fn who_is_found_and_has_nothing_to_show_is_let_try_no_oftener_than_a_stranger(agency: &Agency) {
        let customer = siobhan(agency).await;
        let hidden = json!({ "customer_id": customer, "balance": 5_00, "status": "archived" });
        agency.post("/debt-accounts", hidden).await.made();
        let right = "/debt-accounts/lookup?lookup_flow_type=phone_ssn_last4&phone=212-555-0101&ssn_last4=0042";
        for _ in 0..5 {
            assert_eq!(agency.get(right).await.is(200)["data"], json!([]));
        }
        assert_eq!(agency.get(right).await.refused(429), "rate_limited");
    }

    async fn a_success_is_no_failure_and_all_flows_of_a_phone_count_together(agency: &Agency) {
        agency.debt_of(&siobhan(agency).await, 50_00).await;
        let right = "phone_ssn_last4&phone=212-555-0101&ssn_last4=0042";
        for _ in 0..12 {
            assert_eq!(found(agency, right).await.len(), 1);
        }
        for day in 1..=5 {
            let wrong = format!("phone_date_of_birth&phone=212-555-0101&date_of_birth=1980-01-{day:02}");
            assert_eq!(found(agency, &wrong).await.len(), 0);
        }
        let asked = agency.get(&format!("/debt-accounts/lookup?lookup_flow_type={right}")).await;
        assert_eq!(asked.refused(429), "rate_limited");
    }

    async fn an_organizations_failures_of_a_day_are_a_budget(agency: &Agency) {
        agency.put("/organization", json!({ "lookup": { "failures_a_day": 3 } })).await.is(200);
        let tries = async |n: u32| {
            let body = json!({ "lookup_flow_type": "phone_ssn_last4", "phone": format!("212-555-01{n:02}"), "ssn_last4": "0001" });
            agency.post("/debt-accounts/lookup", body).await.status
        };
        let told: Vec<u16> = vec![tries(1).await, tries(2).await, tries(3).await, tries(4).await];
        assert_eq!(told, [200, 200, 200, 429]);
        assert_eq!(agency.number("SELECT count(*) FROM event WHERE name = 'lookup.exhausted'").await, 1);
        agency.days(1).await;
        assert_eq!(tries(4).await, 200);
    }
}
