//! The sweep: what the processor did and the books do not know finds its way into them, once.

use base::db::Planted;
use futures_util::join;
use serde_json::json;

use crate::support::agency::Agency;
use crate::support::stale::Sql;

on_both_engines! {
    async fn a_bank_debit_settles_and_comes_back_without_being_asked_about(agency: &Agency) {
        agency.sweeps().await;
        let settling = agency.debtor(50_00, "tok_bank").await;
        let bouncing = agency.debtor(50_00, "tok_bank_r01").await;
        let late = agency.debtor(50_00, "tok_bank_r10_late").await;
        let mut charges = Vec::new();
        for debtor in [&settling, &bouncing, &late] {
            charges.push(agency.post("/charges", debtor.pays(30_00)).await.made());
        }
        agency.bank.script(json!([{ "match": { "op": "lookup" }, "do": "refuse_connection" }]));
        agency.seconds(120).await;
        agency.sweeps().await;
        let states = async || {
            let mut states = Vec::new();
            for charge in &charges {
                states.push(agency.state(charge).await);
            }
            states
        };
        assert_eq!(states().await, ["succeeded", "returned", "succeeded"]);
        assert_eq!((agency.owed(&settling.debt).await, agency.owed(&late.debt).await), (20_00, 20_00));
        agency.days(2).await;
        agency.sweeps().await;
        assert_eq!(states().await, ["succeeded", "returned", "returned"]);
        assert_eq!(agency.owed(&late.debt).await, 50_00);
        assert_eq!(agency.statement(&charges[2]).await, ["payment completed 3000", "reversal completed 3000"]);
        assert!(!agency.is_verifying().await);
    }

    async fn a_chargeback_is_found(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_chargeback").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.sweeps().await;
        agency.days(3).await;
        agency.sweeps().await;
        assert_eq!((&*agency.state(&charge).await, agency.owed(&debtor.debt).await), ("returned", 30_00));
    }

    async fn a_chargeback_is_not_lost_with_the_claim_of_its_charge(agency: &Agency) {
        let debtor = agency.debtor(30_00, "tok_chargeback").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.sweeps().await;
        agency.days(3).await;
        agency.faults.plant("charges.claim", Planted::LostAnswer);
        agency.sweeps().await;
        assert!(agency.faults.all_happened());
        assert_eq!((&*agency.state(&charge).await, agency.owed(&debtor.debt).await), ("returned", 30_00));
    }

    async fn an_answer_that_was_lost_is_found_where_keys_cannot_be_asked_about(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_answer_lost").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.sweeps().await;
        assert_eq!((&*agency.state(&charge).await, agency.bank.submits()), ("succeeded", 1));
    }

    async fn what_is_the_same_is_left_alone(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let charge = agency.post("/charges", debtor.pays(30_00)).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 10_00 })).await.is(200);
        agency.post("/charges", debtor.pays(5_00)).await.made();
        let before = (agency.charge(&charge).await, agency.events().await, agency.entries().await);
        for _ in 0..3 {
            agency.seconds(61).await;
            agency.sweeps().await;
        }
        assert_eq!((agency.charge(&charge).await, agency.events().await, agency.entries().await), before);
        assert_eq!(agency.number("SELECT count(*) FROM processor_finding").await, 0);
    }

    async fn a_refund_whose_answer_was_lost_is_found(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_refund_lost").await;
        let charge = agency.post("/charges", debtor.pays(50_00)).await.made();
        agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 20_00 })).await.is(200);
        agency.sweeps().await;
        assert_eq!(agency.owed(&debtor.debt).await, 20_00);
        assert_eq!(agency.statement(&charge).await, ["payment completed 5000", "refund completed 2000"]);
    }

    async fn two_sweeps_at_once_put_every_lost_charge_back_once(agency: &Agency) {
        agency.sweeps().await;
        let mut debtors = Vec::new();
        for _ in 0..6 {
            debtors.push(agency.debtor(50_00, "tok_visa").await);
        }
        agency.save().await;
        for debtor in &debtors {
            agency.post("/charges", debtor.pays(50_00)).await.made();
        }
        agency.restore().await;
        // The second believes that the first one's lease is over, and both have the same page in their hands.
        agency.bank.list_meets(2);
        agency.seconds(61).await;
        let second = async {
            while agency.number("SELECT count(*) FROM processor_watch WHERE lease_until IS NOT NULL").await == 0 {
                tokio::task::yield_now().await;
            }
            agency.sql("UPDATE processor_watch SET lease_until = NULL").await;
            agency.till.sweep(1_000).await
        };
        let (one, two) = join!(agency.till.sweep(1_000), second);
        assert_eq!((one.unwrap(), two.unwrap()), (6, 6));
        agency.bank.list_meets(1);
        agency.sweeps().await;
        for debtor in &debtors {
            assert_eq!(agency.owed(&debtor.debt).await, 0);
        }
        assert_eq!((agency.many("/charges").await, agency.bank.charges()), (6, 6));
    }

    async fn a_sweep_under_an_old_claim_notes_nothing(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(10_00)).await.made();
        let db = agency.db.clone();
        agency.bank.meanwhile(async move {
            // Another has claimed it.
            db.run(&Sql("UPDATE processor_watch SET fence = fence + 1")).await.unwrap();
        });
        agency.till.sweep(1_000).await.unwrap();
        let under_way = "SELECT count(*) FROM processor_watch WHERE sweep_began IS NOT NULL";
        assert_eq!(agency.number(under_way).await, 1, "its end is not noted");
        agency.seconds(31).await;
        agency.till.sweep(1_000).await.unwrap();
        assert_eq!(agency.number(under_way).await, 0, "who comes after its lease goes on");
    }

    async fn what_cannot_be_read_is_noted_once_and_never_posted(agency: &Agency) {
        agency.sweeps().await;
        agency.bank.lists("somebody-else", 12_34, agency.now(), &[]);
        let label = [("tenant", "01900000-0000-7000-8000-000000000000"), ("charge", "01900000-0000-7000-8000-000000000001"),
                     ("method", "01900000-0000-7000-8000-000000000002"), ("rail", "card"), ("linked", "true"), ("source", "api")];
        agency.bank.lists("another-house", 56_78, agency.now(), &label);
        agency.seconds(61).await;
        agency.sweeps().await;
        agency.seconds(61).await;
        agency.sweeps().await;
        let open = agency.findings().await;
        assert_eq!(open, ["unreadable 1234 nowhere", "unreadable 5678 nowhere"]);
        assert_eq!(agency.many("/charges").await, 0);
    }
}
