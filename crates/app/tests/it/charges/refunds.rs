//! Refunds: never above what was taken, and what is given back is owed again.

use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn a_charge_is_refunded_in_part_and_then_in_whole(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        assert_eq!(agency.debt(&debtor.debt).await["status"], "paid_off");
        let path = format!("/charges/{charge}/refund");

        let part = agency.post(&path, json!({ "amount": 20_00 })).await;
        assert_eq!(part.is(200)["data"]["state"], "succeeded");
        assert_eq!(part["data"]["refunded_amount"], 20_00);
        let debt = agency.debt(&debtor.debt).await;
        assert_eq!((&debt["current_balance"], &debt["status"]), (&json!(20_00), &json!("active")));

        let rest = agency.post(&path, json!({})).await;
        assert_eq!(rest.is(200)["data"]["state"], "refunded");
        assert_eq!(rest["data"]["status"], "refunded");
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        assert_eq!(
            agency.statement(&charge).await,
            ["payment completed 5000", "refund completed 2000", "refund completed 3000"]
        );
    }

    async fn a_refund_above_what_is_left_is_refused(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        let path = format!("/charges/{charge}/refund");
        agency.post(&path, json!({ "amount": 50_01 })).await.invalid("amount");
        agency.post(&path, json!({ "amount": 30_00 })).await.is(200);
        agency.post(&path, json!({ "amount": 20_01 })).await.invalid("amount");
        agency.post(&path, json!({ "amount": 20_00 })).await.is(200);
        assert_eq!(agency.post(&path, json!({})).await.refused(400), "not_allowed_now");
        assert_eq!(agency.bank.stats().refunded, 50_00);
    }

    async fn the_same_refund_request_gives_back_once(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        let path = format!("/charges/{charge}/refund");
        agency.once("back-1", &path, json!({ "amount": 10_00 })).await.is(200);
        let again = agency.once("back-1", &path, json!({ "amount": 10_00 })).await;
        assert!(again.is_replay());
        assert_eq!(again.is(200)["data"]["refunded_amount"], 10_00);
        assert_eq!(agency.once("back-1", &path, json!({ "amount": 11_00 })).await.refused(422), "idempotency_conflict");
        assert_eq!(agency.bank.stats().refunds, 1);
    }

    async fn a_refund_that_the_processor_refuses_leaves_the_charge_as_it_was(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_refund_declined").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        let refused = agency.post(&format!("/charges/{charge}/refund"), json!({})).await;
        assert_eq!(refused.refused(400), "refund_declined");
        assert_eq!(refused["data"]["refunded_amount"], 0);
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.owed(&debtor.debt).await, 0);
        assert_eq!(agency.statement(&charge).await, ["payment completed 5000", "refund failed 5000"]);
    }

    async fn a_refund_whose_answer_was_lost_is_found_again(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_refund_lost").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        let sent = agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 20_00 })).await;
        assert_eq!(sent.is(200)["data"]["refunded_amount"], 20_00);
        assert_eq!(agency.owed(&debtor.debt).await, 0, "nothing is owed before it is sure");
        agency.seconds(10).await;
        agency.steps().await;
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
        assert_eq!(agency.bank.stats().refunds, 1);
        assert_eq!(agency.statement(&charge).await, ["payment completed 5000", "refund completed 2000"]);
    }

    async fn a_return_that_crosses_a_refund_leaves_nothing_in_the_books(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_chargeback").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.bank.script(json!([{ "match": { "op": "refund", "at_most": 1 }, "do": "drop_answer_before" }]));
        agency.post(&format!("/charges/{charge}/refund"), json!({})).await.is(200);
        // The card network takes the money back while the refund's fate is not known; nothing is left to return yet.
        agency.bank.script(json!([{ "match": { "op": "lookup", "at_most": 1 }, "do": "refuse_connection" }]));
        agency.days(3).await;
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        assert_eq!(agency.state(&charge).await, "returned");
        agency.days(1).await;
        agency.steps().await;
        // The processor refuses to refund what was charged back, and the account owes all of it again.
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        assert_eq!(
            agency.statement(&charge).await,
            ["payment completed 5000", "refund failed 5000", "reversal completed 5000"]
        );
    }

    async fn only_money_that_came_can_be_given_back(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_insufficient_funds").await;
        let declined = agency.post("/charges", debtor.pays(50_00)).await;
        let id = declined.is(400)["data"]["id"].as_str().unwrap().to_owned();
        let refused = agency.post(&format!("/charges/{id}/refund"), json!({})).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        assert_eq!(agency.post("/charges/nothing/refund", json!({})).await.refused(404), "not_found");
    }
}
