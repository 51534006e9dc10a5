//! What an organization decides for itself, and where that is felt.

use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn what_is_not_sent_stays_and_a_cleared_rule_gets_its_default_back(agency: &Agency) {
        let before = agency.get("/organization").await;
        let before = &before.is(200)["data"];
        assert_eq!(before["name"], "Acme Recovery");
        assert_eq!(before["environment"], "sandbox");
        assert_eq!(before["payment_rules"]["settlement_max_discount_percent"], 80);
        let sent = json!({
            "name": "Acme", "time_zone": "America/Phoenix", "week_start": "monday",
            "brand": { "primary_color": "#1A5FB4", "support_phone": "(212) 555-0100" },
            "allowed_origins": ["https://Pay.Acme.example", "http://localhost:3000"],
            "payment_rules": { "settlement_max_discount_percent": 40, "min_payment_amount": 2500 },
        });
        agency.put("/organization", sent).await.is(200);
        let after = agency.put("/organization", json!({ "payment_rules": { "settlement_max_discount_percent": null } })).await;
        let after = &after.is(200)["data"];
        assert_eq!(after["name"], "Acme");
        assert_eq!(after["week_start"], "monday");
        assert_eq!(after["brand"]["primary_color"], "#1a5fb4");
        assert_eq!(after["brand"]["support_phone"], "+12125550100");
        assert_eq!(after["allowed_origins"], json!(["https://pay.acme.example", "http://localhost:3000"]));
        assert_eq!(after["payment_rules"]["settlement_max_discount_percent"], 80);
        assert_eq!(after["payment_rules"]["min_payment_amount"], 2500);
        // What we answer may be sent back.
        assert_eq!(agency.put("/organization", after.clone()).await.is(200)["data"], *after);
    }

    async fn events_say_what_things_were_for_ever_unless_an_end_is_set(agency: &Agency) {
        let kept = async || agency.get("/organization").await.data()["events"]["superseded_kept_days"].clone();
        assert_eq!(kept().await, json!(null));
        agency.put("/organization", json!({ "events": { "superseded_kept_days": "400" } })).await.is(200);
        agency.put("/organization", json!({ "name": "Acme", "events": {} })).await.is(200);
        assert_eq!(kept().await, json!(400));
        agency.put("/organization", json!({ "events": { "superseded_kept_days": 0 } })).await.invalid("events.superseded_kept_days");
        agency.put("/organization", json!({ "events": { "superseded_kept_days": null } })).await.is(200);
        assert_eq!(kept().await, json!(null));
    }

    async fn what_is_wrong_is_said_field_by_field_and_changes_nothing(agency: &Agency) {
        let before = agency.get("/organization").await.text;
        let sent = json!({
            "name": "", "time_zone": "Mars/Olympus", "week_start": "someday",
            "brand": { "logo_url": "http://plain.example/logo.png", "primary_color": "red", "support_email": "nobody" },
            "allowed_origins": ["https://ok.example", "https://bad.example/path", "javascript:alert(1)"],
            "payment_rules": { "settlement_max_discount_percent": 101, "min_payment_amount": 99, "no_such_rule": 1 },
            "lookup": { "flows": ["shoe_size"], "failures_a_day": 0 },
        });
        let refused = agency.put("/organization", sent).await;
        let mut named: Vec<&String> = refused.is(422)["errors"].as_object().unwrap().keys().collect();
        named.sort();
        assert_eq!(
            named,
            [
                "allowed_origins.1", "allowed_origins.2", "brand.logo_url", "brand.primary_color", "brand.support_email",
                "lookup.failures_a_day", "lookup.flows.0", "name", "payment_rules.min_payment_amount",
                "payment_rules.no_such_rule", "payment_rules.settlement_max_discount_percent", "time_zone", "week_start",
            ]
        );
        assert_eq!(agency.get("/organization").await.text, before);
    }

    async fn a_sandbox_decides_for_itself_alone(agency: &Agency) {
        agency.put("/organization", json!({ "name": "Rehearsal", "time_zone": "Pacific/Honolulu" })).await.is(200);
        let production = agency.ask(http::Method::GET, "/organization").token(&agency.template.ours.production);
        let production = production.send().await;
        assert_eq!(production.is(200)["data"]["name"], "Acme Recovery");
        assert_eq!(production["data"]["time_zone"], "America/New_York");
        // Plain http to one's own machine is for rehearsals.
        let local = json!({ "allowed_origins": ["http://localhost:3000"] });
        let real = agency.ask(http::Method::PUT, "/organization").token(&agency.template.ours.production);
        real.json(&local).send().await.invalid("allowed_origins.0");
    }

    async fn the_least_payment_is_the_accounts_own_or_the_organizations(agency: &Agency) {
        agency.put("/organization", json!({ "payment_rules": { "min_payment_amount": 2500 } })).await.is(200);
        let customer = agency.customer().await;
        let method = agency.method_of(&customer, "tok_visa").await;
        let usual = agency.debt_of(&customer, 100_00).await;
        let own = json!({ "customer_id": customer, "balance": 100_00, "rules": { "min_payment_amount": 500 } });
        let own = agency.post("/debt-accounts", own).await.made();
        let pay = async |debt: &str, amount: i64| {
            let body = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": amount });
            agency.post("/charges", body).await.status
        };
        assert_eq!(pay(&usual, 2_499).await, 422);
        assert_eq!(pay(&usual, 2_500).await, 201);
        assert_eq!(pay(&own, 499).await, 422);
        assert_eq!(pay(&own, 500).await, 201);
    }
}
