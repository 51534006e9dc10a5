//! Many at one instant: they are taken together, each by its own rules.

use base::db::Db;
use base::seams::{Seams, SystemEntropy};
use books::orgs::Environment;
use futures_util::future::join_all;
use payments::charges::till::{Processors, Till};
use serde_json::json;
use std::sync::Arc;

use crate::support::Engine;
use crate::support::agency::Agency;
use crate::support::client::Answer;
use crate::support::postgres;

/// Another node's till, over the same database where there can be several.
async fn another_node(agency: &Agency) -> Till {
    let db = match agency.engine {
        Engine::Sqlite => agency.db.clone(),
        Engine::Postgres => {
            let seams = Seams::new(agency.clock.clone(), Arc::new(SystemEntropy));
            Db::open(&agency.home.location, seams).await.expect("the database opens")
        }
    };
    let processors = Processors { production: None, sandbox: Some(Arc::new(agency.bank.clone())) };
    Till::new(db, agency.tenants.clone(), processors)
}

on_both_engines! {
    async fn of_charges_taken_together_each_is_answered_by_itself(agency: &Agency) {
        let mut requests = Vec::new();
        for n in 0..40 {
            let token = if n % 10 == 3 { "tok_insufficient_funds" } else { "tok_visa" };
            let debtor = agency.debtor(10_00, token).await;
            requests.push((n, debtor.pays(if n % 10 == 7 { 10_01 } else { 10_00 })));
        }
        let ask = |(n, body): &(i32, serde_json::Value)| {
            let (key, body) = (format!("key-{n}"), body.clone());
            async move { agency.once(&key, "/charges", body).await }
        };
        let told = |(n, answer): (usize, &Answer)| match n % 10 {
            3 => assert_eq!(answer.refused(400), "charge_declined"),
            7 => assert_eq!(answer.refused(422), "above_balance"),
            _ => assert_eq!(answer.is(201)["data"]["state"], "succeeded"),
        };
        let first = join_all(requests.iter().map(ask)).await;
        first.iter().enumerate().for_each(told);
        let again = join_all(requests.iter().map(ask)).await;
        again.iter().enumerate().for_each(told);
        assert!(again.iter().enumerate().all(|(n, answer)| answer.is_replay() != (n % 10 == 7)));
        assert_eq!(agency.bank.charges(), 32);
    }

    async fn one_that_breaks_the_batch_spoils_it_for_nobody(agency: &Agency) {
        let mut debtors = Vec::new();
        for _ in 0..12 {
            debtors.push(agency.debtor(10_00, "tok_visa").await);
        }
        // Somebody else's charge already has this request's stable key, as after a restore without its key's row.
        agency.once("again", "/charges", debtors[0].pays(1_00)).await.made();
        agency.number("SELECT count(*) FROM idempotency").await;
        struct Forget;
        impl base::db::Command for Forget {
            type Out = u64;
            fn name(&self) -> &'static str {
                "test.forget"
            }
            async fn exec(&self, tx: &base::db::Tx) -> base::Result<u64> {
                tx.run("DELETE FROM idempotency WHERE key = 'again'", &[]).await
            }
        }
        assert_eq!(agency.db.run(&Forget).await.unwrap(), 1);
        let all = join_all(debtors.iter().enumerate().map(|(n, debtor)| async move {
            let key = if n == 5 { "again".to_owned() } else { format!("key-{n}") };
            agency.once(&key, "/charges", debtor.pays(1_00)).await
        }))
        .await;
        for (n, answer) in all.iter().enumerate().filter(|(n, _)| *n != 5) {
            assert_eq!(answer.status, 201, "{n}: {}", answer.text);
        }
        assert_ne!(all[5].status, 500, "{}", all[5].text);
        assert_eq!(agency.bank.charges(), 12);
    }

    async fn what_is_due_at_one_instant_is_started_once_by_several_nodes(agency: &Agency) {
        let mut due = 0;
        for n in 0..30 {
            let debtor = agency.debtor(50_00, if n % 7 == 0 { "tok_bank" } else { "tok_visa" }).await;
            let mut request = debtor.pays(20_00);
            request["scheduled_at"] = json!(agency.day(2));
            agency.post("/charges", request).await.made();
            due += 1;
        }
        agency.days(2).await;
        let nodes = [agency.till.clone(), another_node(agency).await, another_node(agency).await];
        for _ in 0..40 {
            let done = join_all(nodes.iter().map(|till| till.start_due(8))).await;
            if done.into_iter().map(|n| n.unwrap()).sum::<u64>() == 0 {
                break;
            }
        }
        assert_eq!((agency.bank.charges(), agency.bank.submits()), (due, due));
        assert_eq!(agency.number("SELECT count(*) FROM charge WHERE state = 'scheduled'").await, 0);
    }

    async fn a_lease_begins_after_the_wait_for_an_account(agency: &Agency) {
        let Some(database) = &agency.home.database else { return };
        let debtor = agency.debtor(50_00, "tok_visa").await;
        let tenant = agency.tenant(Environment::Sandbox).await;
        let mut other = postgres::server().expect("it is on it").client(database).await;
        let holding = other.transaction().await.unwrap();
        holding.execute("SELECT id FROM debt FOR UPDATE", &[]).await.unwrap();
        let ask = super::unanswered::ask(&debtor, 5_00);
        let accepting = agency.till.accept(&tenant, ask);
        let waiting = async {
            let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while holding.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                tokio::task::yield_now().await;
            }
            agency.seconds(20).await;
            holding.commit().await.unwrap();
        };
        let (accepted, ()) = futures_util::join!(accepting, waiting);
        let payments::charges::accept::Accepted::Claimed(charge) = accepted.unwrap() else { panic!("it is claimed") };
        assert_eq!(charge.due_at, Some(agency.now().plus_seconds(30)));
        agency.seconds(31).await;
    }
}
