//! No answer is a state of its own: the reservation stays, nothing is charged twice, and it resolves by itself.

use base::Cents;
use books::orgs::Environment;
use futures_util::future::join_all;
use payments::charges::ChargeId;
use payments::charges::accept::Accepted;
use payments::charges::settle::{Answered, Outcome, Settle};
use payments::charges::till::{Ask, Paying};
use payments::processor::{Decline, Processor};
use serde_json::json;

use crate::support::agency::{Agency, Debtor};

/// The till's own request to pay, without an idempotency key.
pub(super) fn ask(debtor: &Debtor, cents: i64) -> Ask {
    Ask {
        once: None,
        debt: base::Ref::new(&debtor.debt),
        linked: true,
        paying: Paying::Stored(base::Ref::new(&debtor.method).expect("an id")),
        amount: Cents::new(cents),
        scheduled_at: None,
        source: "api",
        payer: books::holds::Payer::Customer,
        description: None,
        receipt_to: None,
        authorized: None,
    }
}

on_both_engines! {
    async fn a_charge_whose_answer_was_lost_resolves_by_itself(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        let sent = agency.once("order-1", "/charges", debtor.pays(30_00)).await;
        let charge = sent.made();
        assert_eq!((sent["data"]["status"].as_str(), sent["data"]["state"].as_str()), (Some("pending"), Some("unknown")));
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        // What may have been paid already cannot be paid again.
        let more = agency.post("/charges", debtor.pays(20_01)).await;
        assert_eq!(more.refused(422), "above_balance");

        agency.seconds(5).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
        assert_eq!(agency.bank.charges(), 1);
        assert_eq!(agency.bank.submits(), 1, "it is asked about, not sent again");
    }

    async fn the_same_request_drives_an_unanswered_charge_to_its_end(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        let charge = agency.once("order-1", "/charges", debtor.pays(30_00)).await.made();
        let again = agency.once("order-1", "/charges", debtor.pays(30_00)).await;
        assert_eq!(again.made(), charge);
        assert_eq!(again["data"]["state"], "succeeded");
        assert_eq!(agency.bank.charges(), 1);
    }

    async fn a_charge_that_never_arrived_is_sent_again_under_the_same_key(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost_before").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        assert_eq!(agency.state(&charge).await, "unknown");
        assert_eq!(agency.bank.charges(), 0);
        agency.seconds(5).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        let keys = agency.bank.stats().keys;
        let told: Vec<(u64, u64)> = keys.values().map(|k| (k.submits, k.charges)).collect();
        assert_eq!(told, [(2, 1)], "one key, sent twice, charged once");
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
    }

    async fn a_charge_that_hangs_is_pending_for_its_caller_and_then_unknown(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_hang").await;
        let story = async {
            agency.bank.hangs().await;
            agency.patience_of(9).await; // the caller's
        };
        let (sent, ()) = futures_util::join!(agency.post("/charges", debtor.pays(30_00)), story);
        let charge = sent.made();
        assert_eq!((sent["data"]["status"].as_str(), sent["data"]["state"].as_str()), (Some("pending"), Some("submitting")));
        agency.patience_of(2).await; // the till's
        until(async || agency.state(&charge).await == "unknown").await;
        assert_eq!(agency.owed(&debtor.debt).await, 50_00);
        agency.seconds(5).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.bank.charges(), 1);
    }

    async fn a_repetition_while_the_first_still_runs_is_told_so(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_hang").await;
        let story = async {
            agency.bank.hangs().await;
            let again = agency.once("order-1", "/charges", debtor.pays(30_00)).await;
            assert_eq!(again.refused(409), "idempotency_in_progress");
            agency.patience_of(11).await;
        };
        let (sent, ()) = futures_util::join!(agency.once("order-1", "/charges", debtor.pays(30_00)), story);
        let charge = sent.made();
        until(async || agency.state(&charge).await == "unknown").await;
        let again = agency.once("order-1", "/charges", debtor.pays(30_00)).await;
        assert_eq!((again.made(), again["data"]["state"].as_str()), (charge, Some("succeeded")));
    }

    async fn a_worker_that_died_before_sending_is_made_good(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let tenant = agency.tenant(Environment::Sandbox).await;
        let Ok(Accepted::Claimed(charge)) = agency.till.accept(&tenant, ask(&debtor, 30_00)).await else {
            panic!("it is claimed")
        };
        let id = charge.id.to_string();
        agency.seconds(29).await;
        agency.steps().await;
        assert_eq!(agency.state(&id).await, "submitting", "its lease has not ended");
        agency.seconds(2).await;
        agency.steps().await;
        assert_eq!(agency.state(&id).await, "succeeded");
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (1, 20_00));
    }

    async fn an_answer_that_comes_after_somebody_else_took_over_changes_nothing(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let tenant = agency.tenant(Environment::Sandbox).await;
        let Ok(Accepted::Claimed(charge)) = agency.till.accept(&tenant, ask(&debtor, 30_00)).await else {
            panic!("it is claimed")
        };
        agency.seconds(31).await;
        agency.steps().await;
        let id = charge.id.to_string();
        let (before, told) = (agency.charge(&id).await, agency.statement(&id).await);
        assert_eq!(before["state"], "succeeded");
        agency.seconds(60).await;
        let late = agency.till.finish(&tenant, charge).await; // under the first fence
        assert_eq!(late.state.as_str(), "succeeded");
        assert_eq!((agency.charge(&id).await, agency.statement(&id).await), (before, told));
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (1, 20_00));
    }

    async fn a_late_answer_under_an_old_claim_does_not_decide_what_another_is_asking(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        agency.seconds(5).await;
        agency.steps().await; // somebody else has claimed it since, and knows no more
        let tenant = agency.tenant(Environment::Sandbox).await;
        let decline = Decline { code: "x".into(), network_code: None, advice_code: None, message: "No.".into() };
        let id = ChargeId(charge.parse().unwrap());
        for outcome in [
            Outcome::Declined { processor_id: None, decline },
            Outcome::NoAnswer { why: "late".into() },
            Outcome::Succeeded { processor_id: "late".into() },
        ] {
            let before = (agency.charge(&charge).await, agency.events().await);
            let answers = [Answered { charge: id, fence: 1, outcome }];
            let late = Settle { tenant: &tenant, answers: &answers, now: agency.now() };
            assert_eq!(agency.db.run(&late).await.unwrap()[0].state.as_str(), "unknown");
            assert_eq!((agency.charge(&charge).await, agency.events().await), before);
        }
        agency.bank.script(json!([]));
        agency.seconds(60).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
    }

    async fn a_processor_that_is_broken_for_days_loses_and_invents_nothing(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_processor_error").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        for _ in 0..20 {
            agency.seconds(3_600).await;
            agency.steps().await;
        }
        // It answers 500 every time and never charges: the reservation stays, and it is asked about for ever.
        assert!(matches!(&*agency.state(&charge).await, "unknown"));
        assert_eq!((agency.bank.charges(), agency.owed(&debtor.debt).await), (0, 50_00));
    }

    async fn a_processor_that_cannot_be_asked_is_asked_again_later(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        for _ in 0..12 {
            agency.seconds(600).await;
            agency.steps().await;
            assert_eq!(agency.state(&charge).await, "unknown");
        }
        agency.bank.script(json!([]));
        agency.seconds(3_600).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        assert_eq!(agency.bank.submits(), 1);
    }

    async fn a_charge_that_the_processor_may_have_forgotten_is_for_a_person(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost_before").await;
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.days(800).await; // the network was down for longer than any processor remembers a key
        agency.steps().await;
        agency.bank.script(json!([]));
        agency.seconds(3_600).await;
        agency.steps().await;
        let forgets = agency.bank.capabilities().idempotency_seconds.is_some();
        let expected = if forgets { "unknown" } else { "succeeded" };
        assert_eq!(agency.state(&charge).await, expected);
        assert_eq!(agency.bank.charges(), u64::from(!forgets));
    }

    async fn whatever_the_processor_does_every_charge_ends_and_none_is_made_twice(agency: &Agency) {
        let mut debtors = Vec::new();
        for token in ["tok_visa", "tok_bank", "tok_insufficient_funds", "tok_bank_r01", "tok_answer_lost", "tok_answer_lost_before"] {
            debtors.push(agency.debtor(90_00, token).await);
            debtors.push(agency.debtor(90_00, token).await);
        }
        agency.bank.script(json!([
            { "match": { "op": "submit", "one_in": 4, "seed": 1 }, "do": "drop_answer_after" },
            { "match": { "op": "submit", "one_in": 4, "seed": 2 }, "do": "drop_answer_before" },
            { "match": { "op": "submit", "one_in": 5, "seed": 3 }, "do": "error_500_after" },
            { "match": { "op": "lookup", "one_in": 3, "seed": 4 }, "do": "error_500" }
        ]));
        let request = |(n, debtor): (usize, &Debtor)| {
            let (key, body) = (format!("key-{n}"), debtor.pays(9_00));
            async move { agency.once(&key, "/charges", body).await }
        };
        let all = || (0..4).flat_map(|round| debtors.iter().enumerate().map(move |(n, d)| (round * 100 + n, d)));
        let first = join_all(all().map(request)).await;
        assert!(first.iter().all(|answer| matches!(answer.status, 201 | 400)), "{:?}", first.iter().map(|a| a.status).collect::<Vec<_>>());
        for _ in 0..20 {
            agency.seconds(3_600).await;
            agency.steps().await;
        }
        // Each is repeated under its key, and is what it was, at its end.
        let again = join_all(all().map(request)).await;
        for (first, again) in first.iter().zip(&again) {
            assert!(again.is_replay());
            assert_eq!(first["data"]["id"], again["data"]["id"]);
            let state = again["data"]["state"].as_str().unwrap();
            assert!(matches!(state, "succeeded" | "declined" | "returned"), "{state}");
            if first.status == 400 {
                assert_eq!(again.essence(), first.essence(), "a definite no stays one");
            }
        }
    }
}

/// Lets other tasks go on until this holds.
async fn until(holds: impl AsyncFn() -> bool) {
    for _ in 0..10_000 {
        if holds().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came to that");
}
