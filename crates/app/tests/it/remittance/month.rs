//! What a month comes to: held, remitted, come back, and for whom.

use serde_json::json;

use super::{id, says};
use crate::support::agency::{Agency, Debtor};

const ACCOUNTS: [&str; 5] =
    ["client_payable", "trust_bank", "operating_bank", "fee_income", "fees_receivable"];

on_both_engines! {
    async fn a_net_client_gets_what_was_collected_less_what_came_back_and_the_fee(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({})).await;
        let card = agency.owes(&bank, 500_00, "tok_visa").await;
        let charge = agency.paid(&card, 100_00).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_bank").await, 80_00).await;
        let late = agency.paid(&agency.owes(&bank, 500_00, "tok_bank_r01_late").await, 60_00).await;
        agency.paid(&agency.debtor(500_00, "tok_visa").await, 33_00).await; // of nobody's client
        agency.days(1).await;
        agency.comes_back(&late).await;
        agency.refunds(&charge, 10_00).await;
        agency.days(6).await;

        let draft = agency.prepared(&bank).await;
        says(&draft, &[
            ("lines", 5), ("gross", 240_00), ("clawed_back", 70_00), ("fees", 60_00), ("fees_back", 17_50), ("carried_in", 0), ("billed", 0),
            ("net", 127_50),
        ]);
        assert_eq!((&draft["state"], &draft["first_day"], &draft["last_day"]), (&json!("draft"), &json!(null), &json!(agency.day(-1))));
        assert_eq!(agency.told(&draft).await, [
            "payment 10000 fee 2500 net 7500",
            "payment 8000 fee 2000 net 6000",
            "payment 6000 fee 1500 net 4500",
            "return -6000 fee -1500 net -4500",
            "refund -1000 fee -250 net -750",
        ]);
        assert_eq!(agency.stands_on(ACCOUNTS).await, [0; 5], "a draft moves nothing");

        let second = agency.second().await;
        let path = format!("/remittances/{}/approve", id(&draft));
        let refused = agency.post(&path, json!({})).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert!(refused.text.contains("a second person has to"), "{}", refused.text);
        let approved = second.approves(agency, id(&draft)).await.is(200)["data"].clone();
        assert_eq!(approved["state"], "approved");
        assert_ne!(approved["approved_by"], approved["prepared_by"]);
        assert_eq!(agency.stands_on(ACCOUNTS).await, [127_50, 0, 0, 42_50, 0]);

        let refused = agency.pays(&draft).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert!(refused.text.contains("The trust account has 0.00, which is less than the 170.00"), "{}", refused.text);
        agency.deposits("card_clearing", 90_00, "D-1").await.made();
        agency.deposits("ach_clearing", 80_00, "D-2").await.made();
        let paid = agency.pays(&draft).await;
        assert_eq!((&paid["data"]["state"], &paid["data"]["bank_reference"]), (&json!("paid"), &json!("WIRE-1")));
        assert_eq!(agency.stands_on(ACCOUNTS).await, [0, 0, 42_50, 42_50, 0]);

        agency.days(1).await;
        let next = agency.prepared(&bank).await;
        says(&next, &[("lines", 0), ("net", 0)]);
        assert_eq!(next["first_day"], agency.day(-1), "it goes on where the last one ended");
        let names = ["remittance.prepared", "remittance.approved", "remittance.paid"].map(|name| format!("'{name}'")).join(", ");
        assert_eq!(agency.number(&format!("SELECT count(*) FROM event WHERE object = 'remittance' AND name IN ({names})")).await, 4);
    }

    async fn a_gross_client_gets_all_of_it_and_a_bill(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({ "method": "gross" })).await;
        let charge = agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 99_99).await;
        agency.days(3).await;
        let sent = agency.approved(&bank).await;
        says(&sent, &[("gross", 99_99), ("fees", 25_00), ("billed", 25_00), ("net", 99_99)]);
        agency.deposits("card_clearing", 99_99, "D-1").await.made();
        agency.pays(&sent).await.is(200);
        assert_eq!(agency.stands_on(ACCOUNTS).await, [0, 0, 0, 25_00, 25_00]);

        // What is given back takes its part of the bill back too, to the cent.
        for cents in [33_33, 33_33, 33_33] {
            agency.refunds(&charge, cents).await;
        }
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 200_00).await;
        agency.days(3).await;
        let sent = agency.approved(&bank).await;
        says(&sent, &[("gross", 200_00), ("clawed_back", 99_99), ("fees_back", 25_00), ("billed", 25_00), ("net", 100_01)]);
        assert_eq!(agency.stands_on(ACCOUNTS).await, [100_01, 0, 0, 50_00, 50_00]);
    }

    async fn a_payment_waits_for_its_days_of_hold_and_comes_back_within_them_unremitted(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({ "card_hold_days": 1, "ach_hold_days": 4 })).await;
        agency.paid(&agency.owes(&bank, 500_00, "tok_visa").await, 10_00).await;
        let late = agency.paid(&agency.owes(&bank, 500_00, "tok_bank_r01_late").await, 60_00).await;
        let on = async |day: i64| {
            let body = json!({ "location_id": bank, "last_day": agency.day(day) });
            let draft = agency.post("/remittances", body).await.is(201)["data"].clone();
            let told = agency.told(&draft).await;
            agency.voids(&draft).await.is(200);
            told
        };
        assert_eq!(on(0).await, [""; 0]);
        agency.days(1).await;
        assert_eq!(on(-1).await, [""; 0]);
        assert_eq!(on(0).await, ["payment 1000 fee 250 net 750"]);
        agency.comes_back(&late).await;
        agency.days(2).await;
        assert_eq!(on(0).await, ["payment 1000 fee 250 net 750"], "what is held is on none, nor is what took it back");
        agency.days(1).await;
        let all = ["payment 1000 fee 250 net 750", "payment 6000 fee 1500 net 4500", "return -6000 fee -1500 net -4500"];
        assert_eq!(on(0).await, all);
        assert_eq!(on(0).await, all, "what was thrown away is free again");
        agency.post("/remittances", json!({ "location_id": bank, "last_day": agency.day(1) })).await.invalid("last_day");
    }

    async fn a_family_of_two_clients_accounts_is_remitted_to_each_its_part(agency: &Agency) {
        let first = agency.client("First Example Bank", json!({})).await;
        let second = agency.client("Second Example Bank", json!({ "method": "gross", "fee_rules": [{ "basis_points": 3000 }] })).await;
        let parent = agency.debtor(1_00, "tok_visa").await;
        for (cents, location) in [(30_00, &first), (20_00, &second), (50_00, &first)] {
            agency.days(1).await;
            let child = json!({ "parent_external_id": parent.debt, "balance": cents, "location_id": location });
            agency.post("/debt-accounts", child).await.made();
        }
        let charge = agency.paid(&parent, 60_00).await;
        agency.refunds(&charge, 12_00).await;
        agency.days(3).await;
        let to_first = agency.approved(&first).await;
        says(&to_first, &[("gross", 40_00), ("clawed_back", 8_00), ("fees", 10_00), ("fees_back", 2_00), ("net", 24_00)]);
        let to_second = agency.approved(&second).await;
        says(&to_second, &[("gross", 20_00), ("clawed_back", 4_00), ("billed", 4_80), ("net", 16_00)]);
        agency.deposits("card_clearing", 48_00, "D-1").await.made();
        for one in [to_first, to_second] {
            agency.pays(&one).await.is(200);
        }
        assert_eq!(agency.stands_on(ACCOUNTS).await, [0, 0, 8_00, 12_80, 4_80]);
    }

    async fn the_fee_is_the_first_rule_s_that_holds_on_the_payment_s_day(agency: &Agency) {
        let bank = agency.client("First Example Bank", json!({
            "card_hold_days": 0,
            "fee_rules": [
                { "basis_points": 1000, "from": agency.day(30) },
                { "basis_points": 2000, "max_age_days": 5 },
                { "basis_points": 3000, "min_balance": 500_00 },
                { "basis_points": 4000 },
            ],
        })).await;
        let (small, large) = (agency.owes(&bank, 499_99, "tok_visa").await, agency.owes(&bank, 500_00, "tok_visa").await);
        for days in [5, 1, 24] {
            agency.days(days).await;
            for debtor in [&small, &large] {
                agency.paid(debtor, 10_00).await;
            }
        }
        let body = json!({ "location_id": bank, "last_day": agency.day(0) });
        let draft = agency.post("/remittances", body).await.is(201)["data"].clone();
        let lines = agency.get(&format!("/remittances/{}/lines?limit=100", id(&draft))).await;
        let rules: Vec<(i64, i64)> = lines.is(200)["data"].as_array().unwrap().iter()
            .map(|line| (line["fee_rule"].as_i64().unwrap(), line["fee"].as_i64().unwrap())).collect();
        assert_eq!(rules, [(2, 2_00), (2, 2_00), (4, 4_00), (3, 3_00), (1, 1_00), (1, 1_00)]);
    }

    async fn an_account_is_its_current_creditor_s_where_that_is_a_client(agency: &Agency) {
        let original = agency.client("First Example Bank", json!({ "card_hold_days": 0 })).await;
        let buyer = agency.creditor("Debt Buyer", "current_creditor").await;
        let terms = json!({ "location_id": buyer, "card_hold_days": 0, "fee_rules": [{ "basis_points": 0 }] });
        let customer = agency.customer().await;
        let sold = json!({
            "customer_id": customer, "balance": 100_00, "location_id": original,
            "locations": [{ "name": "Debt Buyer", "type": "current_creditor" }],
        });
        let sold = agency.post("/debt-accounts", sold).await.made();
        let method = agency.method_of(&customer, "tok_visa").await;
        let debtor = Debtor { customer, debt: sold, method };
        agency.paid(&debtor, 10_00).await;
        let today = json!(agency.day(0));
        let sent = agency.post("/remittances", json!({ "location_id": original, "last_day": today })).await;
        says(&sent.is(201)["data"], &[("gross", 10_00)]);
        agency.second().await.approves(agency, id(&sent["data"])).await.is(200);

        agency.post("/client-terms", terms).await.made();
        let charge = agency.paid(&debtor, 20_00).await;
        let both = async || {
            let mut all = Vec::new();
            for location in [&original, &buyer] {
                let draft = agency.post("/remittances", json!({ "location_id": location, "last_day": today })).await;
                let draft = draft.is(201)["data"].clone();
                all.push(agency.told(&draft).await);
                agency.voids(&draft).await.is(200);
            }
            all
        };
        assert_eq!(both().await, [vec![], vec!["payment 2000 fee 0 net 2000".to_owned()]]);
        // What was remitted to the first is taken back from the first, whoever's it is since.
        let before = agency.get("/charges?limit=100").await.is(200)["data"][1]["id"].as_str().unwrap().to_owned();
        agency.refunds(&before, 10_00).await;
        agency.refunds(&charge, 20_00).await;
        let told = both().await;
        assert_eq!(told[0], ["refund -1000 fee -250 net -750"]);
        assert_eq!(told[1], ["payment 2000 fee 0 net 2000", "refund -2000 fee 0 net -2000"]);
    }

    async fn payments_of_before_are_remitted_unless_terms_say_since_when(agency: &Agency) {
        let (all, some) = (agency.creditor("All", "original_creditor").await, agency.creditor("Some", "original_creditor").await);
        let (of_all, of_some) = (agency.owes(&all, 100_00, "tok_visa").await, agency.owes(&some, 100_00, "tok_visa").await);
        for debtor in [&of_all, &of_some] {
            let charge = agency.paid(debtor, 10_00).await;
            agency.refunds(&charge, 10_00).await;
        }
        agency.days(1).await;
        for debtor in [&of_all, &of_some] {
            agency.paid(debtor, 20_00).await;
        }
        agency.days(4).await;
        let rules = json!([{ "basis_points": 0 }]);
        agency.post("/client-terms", json!({ "location_id": all, "fee_rules": rules })).await.made();
        agency.post("/client-terms", json!({ "location_id": some, "since": agency.day(-4), "fee_rules": rules })).await.made();
        says(&agency.prepared(&all).await, &[("gross", 30_00), ("clawed_back", 10_00)]);
        let since = agency.prepared(&some).await;
        says(&since, &[("gross", 20_00), ("clawed_back", 0)]);
        assert_eq!(since["first_day"], agency.day(-4));
    }
}
