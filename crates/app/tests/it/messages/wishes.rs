//! Nobody is written to who does not want it, may not be, or is not there any more.

use serde_json::{Value, json};

use super::{all, asked, only, receipted, told};
use crate::support::agency::{Agency, Debtor};

async fn wishes(agency: &Agency, debtor: &Debtor, wishes: Value) {
    agency.put(&format!("/customers/{}/preferences", debtor.customer), wishes).await.is(200);
}

on_both_engines! {
    async fn who_wants_no_text_messages_is_asked_by_none_and_nothing_is_made(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        wishes(agency, &debtor, json!({ "channels": { "sms": false } })).await;
        let asks = json!({ "debt_account_id": debtor.debt, "type": "sms", "phone": "212-555-0101" });
        let refused = agency.post("/payment-plans/request", asks).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert_eq!((agency.many("/payment-plans").await, agency.many("/customer-sessions").await), (0, 0));
        assert!(all(agency).await.is_empty());
        let asks = json!({ "debt_account_id": debtor.debt, "type": "email", "email": "ada@example.com" });
        agency.post("/payment-plans/request", asks).await.made();
    }

    async fn who_wants_no_receipts_pays_without(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        wishes(agency, &debtor, json!({ "transactional_emails_allowed": false })).await;
        receipted(agency, &debtor, "ada@example.com").await;
        wishes(agency, &debtor, json!({
            "transactional_emails_allowed": true, "addresses": [{ "channel": "email", "address": "old@example.com", "allowed": false }],
        })).await;
        receipted(agency, &debtor, "old@example.com").await;
        assert!(all(agency).await.is_empty());
        receipted(agency, &debtor, "ada@example.com").await;
        assert_eq!(agency.owed(&debtor.debt).await, 70_00);
        assert_eq!(told(agency).await, ["pending"]);
    }

    async fn a_wish_calls_off_what_still_waits(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        asked(agency, &debtor).await;
        wishes(agency, &debtor, json!({ "channels": { "email": false } })).await;
        assert_eq!(told(agency).await, ["canceled opted_out", "pending"]);
        agency.steps().await;
        assert_eq!(agency.letters.only().to, "+12125550101");
    }

    async fn messages_are_in_the_customers_language(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        wishes(agency, &debtor, json!({ "language": "es" })).await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.steps().await;
        let letter = agency.letters.only();
        assert_eq!(letter.subject, "Su recibo de pago de Acme Recovery");
        assert!(letter.body.contains("responda con la palabra STOP") && letter.body.contains("cobrador de deudas"), "{}", letter.body);
        assert_eq!(only(agency).await["language"], "es");
    }

    async fn a_block_keeps_a_customer_from_being_written_to(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        let plan = asked(agency, &debtor).await;
        let block = json!({ "customer_id": debtor.customer, "reason": "cease_and_desist" });
        let block = agency.post("/blocks", block).await.made();
        assert_eq!(told(agency).await, ["canceled held", "canceled held"]);
        assert_eq!(agency.get(&format!("/payment-plans/{plan}")).await.data()["request"]["status"], "cancelled");
        // They may still pay, and are not written to.
        receipted(agency, &debtor, "ada@example.com").await;
        let asks = json!({ "debt_account_id": debtor.debt, "type": "email", "email": "ada@example.com" });
        let refused = agency.post("/payment-plans/request", asks).await;
        assert_eq!(refused.refused(400), "blocked");
        assert!(refused.text.contains("a block of the kind contact"), "{}", refused.text);
        let again = format!("/messages/{}/resend", all(agency).await[0]["id"].as_str().unwrap());
        assert_eq!(agency.post(&again, json!({})).await.refused(400), "blocked");
        agency.steps().await;
        assert!(agency.letters.given().is_empty());
        agency.post(&format!("/blocks/{block}/lift"), json!({})).await.is(200);
        agency.post(&again, json!({})).await.made();
    }

    async fn a_block_on_one_account_calls_off_what_is_about_that_one(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let other = Debtor { debt: agency.debt_of(&debtor.customer, 50_00).await, customer: debtor.customer.clone(), method: debtor.method.clone() };
        receipted(agency, &debtor, "one@example.com").await;
        receipted(agency, &other, "two@example.com").await;
        agency.post("/debt-account-disputes", json!({ "debt_account_id": other.debt })).await.made();
        assert_eq!(told(agency).await, ["pending", "canceled held"]);
    }

    async fn whom_a_person_looks_after_is_written_to_by_name_alone(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        agency.post("/blocks", json!({ "customer_id": debtor.customer, "reason": "vip" })).await.made();
        receipted(agency, &debtor, "ada@example.com").await;
        assert!(all(agency).await.is_empty());
        asked(agency, &debtor).await;
        assert_eq!(told(agency).await, ["pending"]);
    }

    async fn an_erased_customer_is_written_to_no_more_and_what_was_said_is_gone(agency: &Agency) {
        let debtor = agency.debtor(20_00, "tok_visa").await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.steps().await;
        receipted(agency, &debtor, "ada@example.com").await;
        agency.delete(&format!("/customers/{}", debtor.customer)).await.is(200);
        agency.steps().await;
        assert_eq!(agency.letters.given().len(), 1);
        assert_eq!(told(agency).await, ["sent", "canceled erased"]);
        let gone = all(agency).await;
        assert!(gone.iter().all(|message| message["to"].is_null()), "{gone:?}");
        assert_eq!(agency.number("SELECT count(*) FROM message WHERE recipient IS NOT NULL OR variables IS NOT NULL").await, 0);
        let again = format!("/messages/{}/resend", gone[1]["id"].as_str().unwrap());
        assert_eq!(agency.post(&again, json!({})).await.refused(400), "not_allowed_now");
    }

    async fn a_request_whose_plan_is_over_is_not_sent(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let plan = asked(agency, &debtor).await;
        agency.post(&format!("/payment-plans/{plan}/cancel"), json!({})).await.is(200);
        assert_eq!(told(agency).await, ["canceled over"]);
        let again = format!("/messages/{}/resend", only(agency).await["id"].as_str().unwrap());
        agency.post(&again, json!({})).await.refused(400);
        agency.steps().await;
        assert!(agency.letters.given().is_empty());
    }
}
