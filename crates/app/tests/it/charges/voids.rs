//! Voids: what has not settled is taken back in whole, and is never both taken back and settled.

use payments::charges::findings;
use serde_json::json;

use crate::support::agency::Agency;

on_both_engines! {
    async fn a_bank_debit_that_has_not_settled_is_taken_back(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        let voided = agency.post(&format!("/charges/{charge}/void"), json!({})).await;
        let data = &voided.is(200)["data"];
        assert_eq!((&data["state"], &data["status"]), (&json!("canceled"), &json!("failed")));
        assert_eq!((&data["refunded_amount"], &data["decline"]["code"]), (&json!(0), &json!("voided")));
        assert_eq!(agency.statement(&charge).await, ["payment failed 3000"]);
        // The account is free again, and nothing settles later.
        agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "canceled");
        assert_eq!(agency.owed(&debtor.debt).await, 0);
        let again = agency.post(&format!("/charges/{charge}/void"), json!({})).await;
        assert_eq!(again.refused(400), "not_allowed_now");
    }

    async fn a_refund_in_whole_of_what_has_not_settled_is_a_void(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        let path = format!("/charges/{charge}/refund");
        assert_eq!(agency.post(&path, json!({ "amount": 10_00 })).await.refused(400), "not_allowed_now");
        agency.post(&path, json!({ "amount": 30_01 })).await.invalid("amount");
        let back = agency.once("back-1", &path, json!({})).await;
        assert_eq!(back.is(200)["data"]["state"], "canceled");
        let again = agency.once("back-1", &path, json!({})).await;
        assert_eq!((again.is_replay(), &again.is(200)["data"]["state"]), (true, &json!("canceled")));
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.stats().refunds), (50_00, 0));
    }

    async fn a_void_on_a_parent_frees_all_its_children(agency: &Agency) {
        let (parent, children) = super::families::family(agency, "tok_bank").await;
        let charge = agency.post("/charges", parent.pays(45_00)).await.made();
        agency.post(&format!("/charges/{charge}/void"), json!({})).await.is(200);
        assert_eq!(super::families::owed(agency, &children).await, [30_00, 20_00, 50_00]);
        agency.post("/charges", parent.pays(100_00)).await.made();
    }

    async fn a_void_that_comes_too_late_is_refused_and_the_charge_can_be_refunded(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.seconds(120).await; // it has settled, and nobody has asked yet
        let late = agency.post(&format!("/charges/{charge}/void"), json!({})).await;
        assert_eq!(late.refused(400), "refund_declined");
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
        let again = agency.post(&format!("/charges/{charge}/void"), json!({})).await;
        assert_eq!(again.refused(400), "not_allowed_now");
        let back = agency.post(&format!("/charges/{charge}/refund"), json!({})).await;
        assert_eq!(back.is(200)["data"]["state"], "refunded");
        assert_eq!(
            agency.statement(&charge).await,
            ["payment completed 3000", "refund failed 3000", "refund completed 3000"]
        );
    }

    async fn a_void_whose_answer_was_lost_is_found_again(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.bank.script(json!([{ "match": { "op": "void" }, "do": "drop_answer_after" }]));
        let path = format!("/charges/{charge}/void");
        assert_eq!(agency.post(&path, json!({})).await.is(200)["data"]["state"], "pending");
        // What is not known to be free is not free.
        assert_eq!(agency.post("/charges", debtor.pays(20_01)).await.refused(422), "above_balance");
        assert_eq!(agency.post(&path, json!({})).await.refused(400), "not_allowed_now");
        agency.bank.script(json!([]));
        agency.seconds(10).await;
        agency.steps().await;
        let canceled = agency.charge(&charge).await;
        assert_eq!((&canceled["state"], &canceled["refunded_amount"]), (&json!("canceled"), &json!(0)));
        agency.post("/charges", debtor.pays(50_00)).await.made();
    }

    async fn a_void_that_never_arrived_is_sent_again_and_settles_nothing_twice(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.bank.script(json!([{ "match": { "op": "void" }, "do": "drop_answer_before" }]));
        agency.post(&format!("/charges/{charge}/void"), json!({})).await.is(200);
        agency.bank.script(json!([]));
        agency.seconds(3_600).await; // meanwhile it has settled
        agency.steps().await;
        let settled = agency.charge(&charge).await;
        assert_eq!((&settled["state"], &settled["refunded_amount"]), (&json!("succeeded"), &json!(0)));
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
    }

    async fn a_debit_that_bounces_while_its_void_is_open_gives_back_its_reservation_once(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_bank_r01").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.bank.script(json!([{ "match": { "op": "void" }, "do": "drop_answer_before" }]));
        agency.post(&format!("/charges/{charge}/void"), json!({})).await.is(200);
        agency.bank.script(json!([]));
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "returned");
        assert_eq!(agency.statement(&charge).await, ["payment failed 3000", "refund failed 3000"]);
        agency.post("/charges", debtor.pays(50_00)).await.made();
    }

    async fn void_and_settlement_at_once_end_in_one_of_the_two(agency: &Agency) {
        for seconds in [58, 59, 60, 61] {
            let debtor = agency.debtor(50_00, "tok_bank").await;
            let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
            agency.seconds(seconds).await;
            let path = format!("/charges/{charge}/void");
            let (void, ()) = futures_util::join!(agency.post(&path, json!({})), agency.steps());
            let told = (void.status, agency.state(&charge).await, agency.owed(&debtor.debt).await);
            let is_one = matches!((told.0, told.1.as_str(), told.2), (200, "canceled", 50_00) | (400, "succeeded", 20_00));
            assert!(is_one, "{told:?} after {seconds} seconds: {}", void.text);
        }
    }

    async fn a_card_is_voided_on_the_day_it_was_charged(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        let voided = agency.post(&format!("/charges/{charge}/void"), json!({})).await;
        assert_eq!(voided.is(200)["data"]["state"], "refunded");
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        assert_eq!(agency.statement(&charge).await, ["payment completed 3000", "refund completed 3000"]);
        agency.post(&format!("/charges/{charge}/sync"), json!({})).await.is(200);
        assert_eq!(agency.state(&charge).await, "refunded");

        let late = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.seconds(7_200).await;
        let refused = agency.post(&format!("/charges/{late}/void"), json!({})).await;
        assert_eq!(refused.refused(400), "refund_declined");
        assert_eq!(agency.state(&late).await, "succeeded");
    }

    async fn a_refund_in_whole_of_a_card_that_has_not_settled_becomes_a_void(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_not_settled").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        let path = format!("/charges/{charge}/refund");
        let part = agency.post(&path, json!({ "amount": 10_00 })).await;
        assert_eq!(part.refused(400), "refund_declined");
        let whole = agency.once("back-1", &path, json!({})).await;
        assert_eq!(whole.is(200)["data"]["state"], "refunded");
        assert!(agency.once("back-1", &path, json!({})).await.is_replay());
        assert_eq!((agency.owed(&debtor.debt).await, agency.bank.stats().refunds), (50_00, 0));
    }

    async fn what_was_voided_at_the_processor_by_somebody_else_is_noticed(agency: &Agency) {
        use payments::processor::{Processor as _, Trace};
        let debtor = agency.debtor(50_00, "tok_bank").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        let key = agency.bank.list(agency.now())[0].key.clone();
        agency.bank.void(agency.now(), "by-hand", &Trace::of_key(key, agency.now())).await;
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "canceled");
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
    }

    async fn only_what_was_taken_can_be_voided(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let mut later = debtor.pays(10_00);
        later["scheduled_at"] = json!(agency.day(3));
        let scheduled = agency.post("/charges", later).await.made();
        let refused = agency.post(&format!("/charges/{scheduled}/void"), json!({})).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
        let paid = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.post(&format!("/charges/{paid}/refund"), json!({ "amount": 10_00 })).await.is(200);
        let refused = agency.post(&format!("/charges/{paid}/void"), json!({})).await;
        assert_eq!(refused.refused(400), "not_allowed_now");
    }

    async fn a_void_of_a_card_charge_agrees_with_the_processors_list(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.post(&format!("/charges/{charge}/void"), json!({})).await.is(200);
        agency.sweeps().await;
        let tx = agency.db.read().await.unwrap();
        assert_eq!(findings::open(&tx, 10).await.unwrap().len(), 0, "the sweep finds nothing odd about it");
        let charge = agency.charge(&charge).await;
        assert_eq!((&charge["state"], &charge["review"]), (&json!("refunded"), &json!(false)));
        let differing = crate::proof::reconcile::kinds(agency, None).await;
        assert_eq!(differing.keys().copied().collect::<Vec<_>>(), ["matched"]);
    }
}
