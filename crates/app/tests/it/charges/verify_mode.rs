//! After a restore, or a database that went over to a standby: nothing is charged again, and what was lost comes back.

use books::orgs::Environment;
use futures_util::future::join_all;
use futures_util::join;
use payments::charges::till::watch;
use serde_json::json;

use crate::support::Engine;
use crate::support::agency::{Agency, Debtor};

async fn debtors(agency: &Agency, many: usize, token: &str) -> Vec<Debtor> {
    let mut all = Vec::new();
    for _ in 0..many {
        all.push(agency.debtor(50_00, token).await);
    }
    all
}

on_both_engines! {
    async fn a_stale_copy_of_the_books_charges_nobody_again_and_one_sweep_finds_all(agency: &Agency) {
        let debtors = debtors(agency, 12, "tok_visa").await;
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        agency.seconds(600).await;
        let pay = async |n: usize| agency.once(&format!("order-{n}"), "/charges", debtors[n].pays(50_00)).await;
        let before = join_all((0..12).map(&pay)).await;
        let refunded = before[0].made();
        agency.once("back-0", &format!("/charges/{refunded}/refund"), json!({ "amount": 20_00 })).await.is(200);
        let told = agency.statement(&refunded).await;

        agency.restore().await;
        watch::enter_verify_mode(&agency.db, "restored from a copy").await.unwrap();
        assert!(agency.is_verifying().await);
        // Some customers repeat their request before the sweep comes to them: they are looked up, not charged.
        for n in 10..12 {
            assert_eq!(pay(n).await.is(201)["data"]["state"], "succeeded");
        }
        agency.till.sweep(1_000).await.unwrap();
        assert_eq!(agency.many("/charges").await, 12, "one sweep found all");
        assert!(agency.is_verifying().await, "a sweep that found something does not end it");
        agency.till.sweep(1_000).await.unwrap();
        assert!(!agency.is_verifying().await, "a sweep over the whole gap that found nothing does");

        // The rest repeat theirs afterwards: the idempotency keys are lost, the charges are not.
        for (n, first) in before.iter().enumerate().take(10) {
            let again = pay(n).await;
            assert_eq!((again.made(), again.is_replay()), (first.made(), true));
            assert_eq!(again["data"]["amount"], 50_00);
        }
        let back = agency.once("back-0", &format!("/charges/{refunded}/refund"), json!({ "amount": 20_00 })).await;
        assert!(back.is_replay(), "{} {}", back.status, back.text);
        assert_eq!(back.is(200)["data"]["refunded_amount"], 20_00);
        assert_eq!(agency.statement(&refunded).await, told);
        assert_eq!((agency.bank.charges(), agency.bank.submits()), (12, 12));
        assert_eq!(agency.bank.stats().refunds, 1);
        for (n, debtor) in debtors.iter().enumerate() {
            assert_eq!(agency.owed(&debtor.debt).await, if n == 0 { 20_00 } else { 0 });
        }
        // Its key stands for this request and no other.
        let other = agency.once("order-1", "/charges", debtors[1].pays(49_00)).await;
        assert_eq!(other.refused(422), "idempotency_conflict");
    }

    async fn a_restore_that_nobody_told_of_is_noticed_by_the_first_sweep(agency: &Agency) {
        let debtors = debtors(agency, 3, "tok_visa").await;
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        agency.days(2).await;
        for debtor in &debtors {
            agency.post("/charges", debtor.pays(20_00)).await.made();
        }
        agency.restore().await;
        let till = agency.till.clone().closed_until_swept();
        let refused = agency.post("/charges", debtors[0].pays(20_00)).await;
        assert_eq!(refused.refused(503), "busy");
        assert_eq!(refused.headers["retry-after"], "5");
        assert_eq!(till.start_due(10).await.unwrap(), 0);
        assert!(till.first_sweep().await.unwrap());
        assert!(agency.is_verifying().await);
        assert_eq!(agency.many("/charges").await, 3);
        agency.post("/charges", debtors[0].pays(20_00)).await.made();
        agency.sweeps().await;
        assert!(!agency.is_verifying().await);
    }

    async fn nothing_is_charged_before_the_processors_list_was_read(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let mut later = debtor.pays(10_00);
        later["scheduled_at"] = json!(agency.day(1));
        let scheduled = agency.post("/charges", later).await.made();
        let made = agency.once("order-1", "/charges", debtor.pays(5_00)).await.made();
        agency.days(2).await;
        let till = agency.till.clone().closed_until_swept();
        agency.bank.script(json!([{ "match": { "op": "list" }, "do": "refuse_connection" }]));
        assert!(till.first_sweep().await.is_err());
        agency.steps().await;
        assert_eq!(agency.state(&scheduled).await, "scheduled");
        assert_eq!(agency.post("/charges", debtor.pays(10_00)).await.refused(503), "busy");
        let again = agency.once("order-1", "/charges", debtor.pays(5_00)).await;
        assert_eq!(again.refused(503), "busy");
        assert!(!again.text.contains("nothing was charged"), "its first time something was: {}", again.text);
        assert_eq!(agency.bank.submits(), 1);
        agency.bank.script(json!([]));
        assert!(till.first_sweep().await.unwrap());
        agency.steps().await;
        assert_eq!((&*agency.state(&scheduled).await, agency.bank.submits()), ("succeeded", 2));
        assert_eq!(agency.once("order-1", "/charges", debtor.pays(5_00)).await.made(), made);
    }

    async fn a_node_that_starts_waits_for_nobody_elses_sweep(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let starting = agency.till.clone().closed_until_swept();
        agency.bank.meanwhile({
            let starting = starting.clone();
            async move { assert!(starting.first_sweep().await.unwrap()) }
        });
        agency.till.sweep(1_000).await.unwrap();
        assert!(starting.is_open(Environment::Sandbox));
        agency.post("/charges", debtor.pays(10_00)).await.made();
    }

    async fn books_that_come_into_doubt_while_a_node_starts_are_looked_through_from_further_back(agency: &Agency) {
        agency.sweeps().await;
        let starting = agency.till.clone().closed_until_swept();
        let db = agency.db.clone();
        agency.bank.meanwhile(async move { watch::enter_verify_mode(&db, "restored").await.unwrap() });
        assert!(!starting.first_sweep().await.unwrap());
        assert!(!starting.is_open(Environment::Sandbox));
        assert!(agency.is_verifying().await);
        assert!(starting.first_sweep().await.unwrap());
        assert!(!agency.is_verifying().await, "the whole gap was looked through and nothing was missing");
    }

    async fn a_repetition_whose_charge_was_put_back_is_answered_with_it(agency: &Agency) {
        // Nothing refuses it but its key: enough is still owed.
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        let pay = async || agency.once("order-1", "/charges", debtor.pays(10_00)).await;
        let first = pay().await.made();
        agency.restore().await;
        agency.sweeps().await;
        for _ in 0..2 {
            let again = pay().await;
            assert_eq!((again.made(), again.is_replay()), (first.clone(), true));
        }
        assert_eq!((agency.many("/charges").await, agency.bank.submits()), (1, 1));
        assert_eq!(agency.owed(&debtor.debt).await, 40_00);
    }

    async fn a_repetition_and_the_sweep_at_once_make_one_charge(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        let pay = || agency.once("order-1", "/charges", debtor.pays(10_00));
        pay().await.made();
        for _ in 0..4 {
            agency.restore().await;
            watch::enter_verify_mode(&agency.db, "restored").await.unwrap();
            let (swept, again) = join!(agency.till.sweep(1_000), pay());
            swept.unwrap();
            assert!(matches!(again.status, 201 | 409), "{}", again.text);
            agency.sweeps().await;
            agency.seconds(60).await;
            agency.steps().await;
            assert_eq!(pay().await.is(201)["data"]["state"], "succeeded");
            assert_eq!((agency.many("/charges").await, agency.bank.charges()), (1, 1));
            assert_eq!(agency.owed(&debtor.debt).await, 40_00);
        }
    }

    async fn a_scheduled_charge_that_was_sent_in_the_lost_time_is_not_sent_again(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let mut later = debtor.pays(30_00);
        later["scheduled_at"] = json!(agency.day(1));
        let charge = agency.post("/charges", later).await.made();
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        agency.days(2).await;
        agency.steps().await;
        assert_eq!(agency.state(&charge).await, "succeeded");
        agency.restore().await;
        assert_eq!(agency.state(&charge).await, "scheduled");
        agency.sweeps().await;
        agency.steps().await;
        assert_eq!((&*agency.state(&charge).await, agency.bank.submits()), ("succeeded", 1));
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
    }

    async fn what_has_no_place_in_the_stale_books_waits_in_suspense_for_a_person(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        let newer = agency.debtor(80_00, "tok_visa").await;
        let card = json!({ "card_number": "4242424242424242", "card_expiration_month": "12", "card_expiration_year": "2031",
                           "card_security_code": "123", "card_holder": "Ada Lovelace" });
        let mut with_card = debtor.pays(50_00);
        with_card.as_object_mut().unwrap().remove("payment_method_id");
        with_card["card"] = card;
        let lost = agency.post("/charges", newer.pays(80_00)).await.made();
        let by_card = agency.post("/charges", with_card).await.made();
        agency.restore().await;
        // Meanwhile the account that is known owes less.
        agency.put(&format!("/debt-accounts/{}", debtor.debt), json!({ "current_balance": 10_00 })).await.is(200);
        agency.sweeps().await;
        assert_eq!(agency.in_suspense().await, 130_00);
        assert_eq!(agency.findings().await, ["charge 5000 suspense", "charge 8000 suspense"]);
        let waiting = agency.get("/charges?review=true").await;
        assert_eq!(waiting.is(200)["data"].as_array().unwrap().len(), 2);
        for charge in [&lost, &by_card] {
            let shown = agency.charge(charge).await;
            assert_eq!((shown["state"].as_str(), shown["review"].as_bool()), (Some("succeeded"), Some(true)));
            // What paid it is shown, and cannot be charged.
            let method = shown["payment_method_id"].as_str().unwrap();
            agency.get(&format!("/payment-methods/{method}")).await.is(404);
            let again = json!({ "debt_account_id": debtor.debt, "payment_method_id": method, "amount": 1_00 });
            agency.post("/charges", again).await.is(422);
        }
        assert_eq!(agency.owed(&debtor.debt).await, 10_00);
    }

    async fn a_bank_debit_and_its_return_are_put_back_as_they_went_on(agency: &Agency) {
        let pending = agency.debtor(50_00, "tok_bank").await;
        let bounced = agency.debtor(50_00, "tok_bank_r01").await;
        agency.till.sweep(1_000).await.unwrap();
        agency.save().await;
        let bounce = agency.post("/charges", bounced.pays(30_00)).await.made();
        agency.seconds(600).await;
        let wait = agency.post("/charges", pending.pays(30_00)).await.made();
        agency.restore().await;
        agency.sweeps().await;
        assert_eq!((&*agency.state(&bounce).await, &*agency.state(&wait).await), ("returned", "pending"));
        assert_eq!((agency.owed(&bounced.debt).await, agency.owed(&pending.debt).await), (50_00, 50_00));
        agency.seconds(3_600).await;
        agency.sweeps().await;
        assert_eq!((&*agency.state(&wait).await, agency.owed(&pending.debt).await), ("succeeded", 20_00));
    }

    async fn in_verify_mode_a_processor_that_cannot_be_asked_is_sent_nothing(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        watch::enter_verify_mode(&agency.db, "restored").await.unwrap();
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
        assert_eq!((&*agency.state(&charge).await, agency.bank.submits()), ("unknown", 0));
        agency.bank.script(json!([]));
        agency.seconds(60).await;
        agency.steps().await;
        assert_eq!((&*agency.state(&charge).await, agency.bank.submits()), ("succeeded", 1));
    }

    async fn another_database_than_before_switches_it_on_and_a_person_may_switch_it_off(agency: &Agency) {
        assert_eq!(agency.till.recognize().await.unwrap(), 0, "seen for the first time");
        assert_eq!(agency.till.recognize().await.unwrap(), 0, "the same again");
        agency.till.sweep(1_000).await.unwrap();
        if agency.engine == Engine::Postgres {
            agency.sql("UPDATE processor_watch SET epoch = '1/1'").await;
            assert_eq!(agency.till.recognize().await.unwrap(), 2, "in both environments");
            assert!(agency.is_verifying().await);
            assert_eq!(agency.till.recognize().await.unwrap(), 0);
        } else {
            watch::enter_verify_mode(&agency.db, "restored").await.unwrap();
        }
        let by = "somebody";
        assert!(watch::leave_verify_mode(&agency.db, Environment::Sandbox, by).await.unwrap());
        assert!(!watch::leave_verify_mode(&agency.db, Environment::Sandbox, by).await.unwrap());
        assert!(!agency.is_verifying().await);
    }

    async fn a_processor_that_is_away_for_three_days_loses_and_doubles_nothing(agency: &Agency) {
        let debtors = debtors(agency, 24, "tok_visa").await;
        agency.sweeps().await;
        agency.bank.script(json!([
            { "match": { "op": "submit", "one_in": 2, "seed": 3 }, "do": "drop_answer_after" },
            { "match": { "op": "submit" }, "do": "refuse_connection" },
            { "match": { "op": "lookup" }, "do": "refuse_connection" },
            { "match": { "op": "list" }, "do": "refuse_connection" }
        ]));
        let sent = join_all(debtors.iter().map(|d| agency.post("/charges", d.pays(50_00)))).await;
        let charges: Vec<String> = sent.iter().map(|answer| answer.made()).collect();
        for _ in 0..72 {
            agency.seconds(3_600).await;
            agency.steps().await;
            assert!(agency.till.sweep(1_000).await.is_err());
        }
        let figures = agency.till.figures().await.unwrap();
        assert_eq!((figures.open, figures.oldest_open_seconds), (24, 72 * 3_600));
        let made = agency.bank.charges();
        assert!((1..24).contains(&made), "{made} arrived");
        agency.bank.script(json!([]));
        agency.sweeps().await;
        agency.seconds(3_600).await;
        agency.steps().await;
        for (charge, debtor) in charges.iter().zip(&debtors) {
            assert_eq!((&*agency.state(charge).await, agency.owed(&debtor.debt).await), ("succeeded", 0));
        }
        assert_eq!(agency.bank.charges(), 24);
        assert!(!agency.is_verifying().await, "what is ours is no orphan");
    }
}
