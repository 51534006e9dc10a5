//! Commands: what they bind, what they roll back, and when they are run again.

use std::sync::atomic::{AtomicU32, Ordering};

use base::db::{Command, Ids, Planted, Texts, Tx};
use base::ids::Uuid;
use base::{Code, Failure, Result, Ts};
use futures_util::future::join_all;
use serde_json::json;

use super::{Entry, Insert, Pay, TENANT, Toy, toy};
use crate::support::agency::Agency;

/// A command out of a closure over a text and its parameters.
struct Run<'a> {
    sql: &'static str,
    params: Vec<&'a (dyn base::db::Param + 'a)>,
}

impl Command for Run<'_> {
    type Out = u64;
    fn name(&self) -> &'static str {
        "toys.run"
    }
    async fn exec(&self, tx: &Tx) -> Result<u64> {
        tx.run(self.sql, &self.params).await
    }
}

/// Inserts one row twice and goes on.
struct InsertTwice;

impl Command for InsertTwice {
    type Out = (u64, u64);
    fn name(&self) -> &'static str {
        "toys.twice"
    }
    async fn exec(&self, tx: &Tx) -> Result<(u64, u64)> {
        let first = tx.insert_if_new(&[toy(1, 5)]).await?;
        let second = tx.insert_if_new(&[toy(1, 6), toy(2, 7)]).await?;
        Ok((first, second))
    }
}

/// Writes, and then refuses.
struct WriteAndRefuse;

impl Command for WriteAndRefuse {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.refuse"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.insert(&[toy(1, 5)]).await?;
        Err(Failure::refused(Code::NotAllowedNow, "no"))
    }
}

/// Runs into an error, and goes on as if nothing had been.
struct Swallow;

impl Command for Swallow {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.swallow"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.insert(&[toy(2, 1)]).await?;
        let sql = "INSERT INTO toy (tenant_id, id, balance) VALUES ($1, $2, 7)";
        let _ = tx.run(sql, &[&TENANT, &Uuid::from_u128(1)]).await; // taken
        Ok(())
    }
}

/// Adds one where nobody changed the row meanwhile; counts how often it was tried.
struct Guarded {
    tries: AtomicU32,
}

impl Command for Guarded {
    type Out = ();
    fn name(&self) -> &'static str {
        "toys.guarded"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        self.tries.fetch_add(1, Ordering::Relaxed);
        let id = Uuid::from_u128(1);
        let seen: Toy = tx
            .find("WHERE tenant_id = $1 AND id = $2", &[&TENANT, &id])
            .await?
            .ok_or_else(Failure::not_found)?;
        let sql = "UPDATE toy SET balance = $4 WHERE tenant_id = $1 AND id = $2 AND balance = $3";
        if tx.run(sql, &[&TENANT, &id, &seen.balance, &(seen.balance + 1)]).await? == 0 {
            return Err(base::db::lost_race());
        }
        Ok(())
    }
}

/// Pays and can tell afterwards whether it did.
struct CheckedPay(Pay);

impl Command for CheckedPay {
    type Out = i64;
    fn name(&self) -> &'static str {
        "toys.checked"
    }
    async fn exec(&self, tx: &Tx) -> Result<i64> {
        self.0.exec(tx).await
    }
    async fn check(&self, tx: &Tx) -> Result<Option<i64>> {
        let entry: Option<Entry> =
            tx.find("WHERE tenant_id = $1 AND id = $2", &[&TENANT, &self.0.entry]).await?;
        Ok(entry.map(|entry| entry.amount))
    }
}

fn pay(entry: u128) -> Pay {
    Pay { toy: 1, entry: Uuid::from_u128(entry) }
}

on_both_engines! {
    async fn parameters_are_bound_by_their_number(agency: &Agency) {
        agency.toys(vec![toy(1, 5)]).await;
        let (id, balance, note) = (Uuid::from_u128(1), 7i64, "seven".to_owned());
        // In SQLite a `$2` that stands first would be the first parameter, if bound by place.
        let sql = "UPDATE toy SET note = $4, balance = $2 WHERE id = $1 AND tenant_id = $3";
        let done = agency.db.run(&Run { sql, params: vec![&id, &balance, &TENANT, &note] }).await.unwrap();
        assert_eq!(done, 1);
        let toy = agency.toy(1).await;
        assert_eq!((toy.balance, toy.note.as_deref()), (7, Some("seven")));
    }

    async fn a_parameter_can_be_used_twice(agency: &Agency) {
        agency.toys(vec![toy(1, 5)]).await;
        let (id, n) = (Uuid::from_u128(1), 5i64);
        let sql = "UPDATE toy SET balance = $1 + $1 WHERE id = $2 AND balance = $1";
        assert_eq!(agency.db.run(&Run { sql, params: vec![&n, &id] }).await.unwrap(), 1);
        assert_eq!(agency.toy(1).await.balance, 10);
    }

    async fn a_taken_key_does_not_poison_the_transaction(agency: &Agency) {
        agency.toys(vec![]).await;
        assert_eq!(agency.db.run(&InsertTwice).await.unwrap(), (1, 1));
        assert_eq!((agency.toy(1).await.balance, agency.toy(2).await.balance), (5, 7));
    }

    async fn a_key_that_stays_taken_is_a_conflict_and_nothing_is_written(agency: &Agency) {
        agency.toys(vec![toy(1, 5)]).await;
        let refused = agency.db.run(&Insert(vec![toy(2, 1), toy(1, 9)])).await.unwrap_err();
        assert_eq!(refused.code(), Some(Code::Conflict));
        assert_eq!(agency.count("SELECT count(*) FROM toy").await, 1);
        agency.db.run(&Insert(vec![toy(3, 1)])).await.unwrap(); // the connection is as good as new
    }

    async fn a_refusal_rolls_back_what_was_written(agency: &Agency) {
        agency.toys(vec![]).await;
        assert_eq!(agency.db.run(&WriteAndRefuse).await.unwrap_err().code(), Some(Code::NotAllowedNow));
        assert_eq!(agency.count("SELECT count(*) FROM toy").await, 0);
    }

    async fn nobody_is_told_committed_after_an_error_that_undid_it(agency: &Agency) {
        agency.toys(vec![toy(1, 5)]).await;
        let told = agency.db.run(&Swallow).await.is_ok();
        let kept = agency.count("SELECT count(*) FROM toy").await == 2;
        assert_eq!(told, kept);
    }

    async fn an_update_of_a_row_that_is_not_there_is_our_mistake(agency: &Agency) {
        struct Update;
        impl Command for Update {
            type Out = ();
            fn name(&self) -> &'static str {
                "toys.update"
            }
            async fn exec(&self, tx: &Tx) -> Result<()> {
                tx.update(2, &[toy(1, 6), toy(9, 6)]).await
            }
        }
        agency.toys(vec![toy(1, 5)]).await;
        assert!(agency.db.run(&Update).await.unwrap_err().code().is_none());
        assert_eq!(agency.toy(1).await.balance, 5);
    }

    async fn instants_are_equal_after_a_round_trip(agency: &Agency) {
        let instants = [
            "2026-11-20T15:00:00Z", "2026-11-20T15:00:00.5Z", "2026-11-20T15:00:00.000001Z",
            "2026-11-20T15:00:00.123456789Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z",
            "2099-12-31T23:59:59.999999Z",
        ];
        let at: Vec<Ts> = instants.iter().map(|text| Ts::parse(text).unwrap()).collect();
        let rows = (1..).zip(&at).map(|(n, at)| Toy { at: Some(*at), ..toy(n, 0) }).collect();
        agency.toys(rows).await;
        let tx = agency.db.read().await.unwrap();
        for (n, at) in (1..).zip(&at) {
            assert_eq!(agency.toy(n).await.at, Some(*at));
            let found: Vec<Toy> = tx.select("WHERE at = $1", &[at]).await.unwrap();
            assert_eq!(found.len(), 1, "{at}");
        }
        let sorted: Vec<Toy> = tx.select("ORDER BY at", &[]).await.unwrap();
        assert!(sorted.is_sorted_by_key(|toy| toy.at));
    }

    async fn lists_of_ids_and_texts_are_bound_as_one(agency: &Agency) {
        let named = |n: u128, note: &str| Toy { note: Some(note.into()), ..toy(n, 0) };
        agency.toys(vec![named(1, "a"), named(2, "b'"), named(3, "ü💥")]).await;
        let tx = agency.db.read().await.unwrap();
        let by_ids = async |ids: &[u128]| -> Vec<u128> {
            let ids = Ids::of(ids.iter().map(|n| Uuid::from_u128(*n)));
            let sql = "WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id";
            let found: Vec<Toy> = tx.select(sql, &[&TENANT, &ids]).await.unwrap();
            found.iter().map(|toy| toy.id.as_u128()).collect()
        };
        assert_eq!(by_ids(&[3, 1, 9]).await, [1, 3]);
        assert_eq!(by_ids(&[]).await, [0u128; 0]);
        let texts = Texts(vec!["b'".into(), "ü💥".into(), "z".into()]);
        let found: Vec<Toy> = tx.select("WHERE note IN texts($1) ORDER BY id", &[&texts]).await.unwrap();
        assert_eq!(found.iter().map(|toy| toy.id.as_u128()).collect::<Vec<_>>(), [2, 3]);
    }

    async fn a_command_that_lost_is_run_again(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        for _ in 0..5 {
            agency.faults.plant("toys.pay", Planted::Serialization);
        }
        assert_eq!(agency.db.run(&pay(1)).await.unwrap(), 9);
        assert!(agency.faults.all_happened());
        assert_eq!(agency.count("SELECT count(*) FROM toy_entry").await, 1);
    }

    async fn a_command_that_always_loses_is_told_to_its_caller(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        for _ in 0..12 {
            agency.faults.plant("toys.pay", Planted::Serialization);
        }
        assert_eq!(agency.db.run(&pay(1)).await.unwrap_err().code(), Some(Code::Conflict));
        assert_eq!(agency.toy(1).await.balance, 10);
    }

    async fn after_a_lost_answer_a_command_looks_whether_it_was_committed(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        agency.faults.plant("toys.checked", Planted::LostAnswer);
        assert_eq!(agency.db.run(&CheckedPay(pay(1))).await.unwrap(), 1);
        assert_eq!((agency.toy(1).await.balance, agency.count("SELECT count(*) FROM toy_entry").await), (9, 1));
    }

    async fn a_command_that_cannot_look_says_that_it_does_not_know(agency: &Agency) {
        agency.toys(vec![toy(1, 10)]).await;
        agency.faults.plant("toys.pay", Planted::LostAnswer);
        assert_eq!(agency.db.run(&pay(1)).await.unwrap_err().code(), Some(Code::Unavailable));
        assert_eq!(agency.toy(1).await.balance, 9);
    }

    async fn a_payment_survives_every_fault_around_its_commits(agency: &Agency) {
        let debtor = agency.debtor(100_00, "tok_visa").await;
        let mut paid = 0;
        for fault in [Planted::Serialization, Planted::LostAnswer] {
            for command in ["charges.accept", "charges.settle"] {
                agency.faults.plant(command, fault);
                let key = format!("{command} {fault:?}");
                let charge = agency.once(&key, "/charges", debtor.pays(10_00)).await.made();
                paid += 1;
                assert!(agency.faults.all_happened(), "{key}");
                assert_eq!(agency.state(&charge).await, "succeeded", "{key}");
                assert_eq!(agency.once(&key, "/charges", debtor.pays(10_00)).await.made(), charge);
                assert_eq!(agency.bank.charges(), paid);
            }
            for command in ["refunds.accept", "refunds.settle"] {
                let charge = agency.post("/charges", debtor.pays(10_00)).await.made();
                paid += 1;
                agency.faults.plant(command, fault);
                let back = agency.post(&format!("/charges/{charge}/refund"), json!({ "amount": 5_00 })).await;
                assert_eq!(back.is(200)["data"]["refunded_amount"], 5_00, "{command} {fault:?}");
                assert!(agency.faults.all_happened());
            }
        }
        assert_eq!(agency.owed(&debtor.debt).await, 100_00 - 8 * 10_00 + 4 * 5_00);
    }

    async fn every_creating_request_survives_a_lost_answer_under_its_key(agency: &Agency) {
        let customer = agency.customer().await;
        let requests = [
            ("customers.create", "/customers", json!({ "name": "Grace Hopper" })),
            ("debts.create", "/debt-accounts", json!({ "customer_id": customer, "balance": 5_00 })),
            ("locations.create", "/locations", json!({ "name": "First Bank", "type": "original_creditor" })),
            ("payment_methods.create", "/payment-methods", json!({ "customer_id": customer, "token": "tok_visa" })),
        ];
        for (command, path, body) in requests {
            agency.faults.plant(command, Planted::LostAnswer);
            let made = agency.once(command, path, body.clone()).await.made();
            assert!(agency.faults.all_happened(), "{command} is not what makes {path}");
            assert_eq!(agency.once(command, path, body).await.made(), made);
        }
    }
}

on_both_engines! { in threads
    async fn no_update_is_lost_where_rows_are_locked(agency: &Agency) {
        agency.toys(vec![toy(1, 100)]).await;
        let all = join_all((0..32).map(|n| {
            let db = agency.db.clone();
            tokio::spawn(async move { db.run(&pay(n)).await })
        }))
        .await;
        assert!(all.into_iter().all(|paid| paid.unwrap().is_ok()));
        assert_eq!(agency.toy(1).await.balance, 68);
    }

    async fn no_update_is_lost_where_rows_are_guarded(agency: &Agency) {
        agency.toys(vec![toy(1, 0)]).await;
        let all = join_all((0..6).map(|_| {
            let db = agency.db.clone();
            tokio::spawn(async move { db.run(&Guarded { tries: AtomicU32::new(0) }).await })
        }))
        .await;
        let done = all.into_iter().filter(|paid| paid.as_ref().unwrap().is_ok()).count() as i64;
        assert_eq!(agency.toy(1).await.balance, done);
        assert!(done > 0);
    }

    async fn a_refusal_among_others_takes_only_its_own_back(agency: &Agency) {
        agency.toys(vec![toy(7, 1_000)]).await;
        let all = join_all((0..60).map(|n| {
            let db = agency.db.clone();
            tokio::spawn(async move {
                if n % 3 == 0 {
                    assert_eq!(db.run(&WriteAndRefuse).await.unwrap_err().code(), Some(Code::NotAllowedNow));
                } else {
                    db.run(&Pay { toy: 7, entry: Uuid::from_u128(n) }).await.unwrap();
                }
            })
        }))
        .await;
        all.into_iter().for_each(|told| told.unwrap());
        assert_eq!(agency.count("SELECT count(*) FROM toy").await, 1);
        let (left, entries) = (agency.toy(7).await.balance, agency.count("SELECT count(*) FROM toy_entry").await);
        assert_eq!((left, entries), (960, 40));
    }

    async fn whoever_is_answered_can_be_seen_by_everybody(agency: &Agency) {
        agency.toys(vec![toy(1, 1_000)]).await;
        let witness = agency.witness().await;
        let all = join_all((0..32).map(|n| {
            let (db, witness) = (agency.db.clone(), witness.clone());
            tokio::spawn(async move {
                db.run(&pay(n)).await.unwrap();
                // Another connection, which sees only what is committed.
                let id = Uuid::from_u128(n);
                let sql = "SELECT count(*) FROM toy_entry WHERE id = $1";
                assert_eq!(witness.read().await.unwrap().number(sql, &[&id]).await.unwrap(), 1);
            })
        }))
        .await;
        all.into_iter().for_each(|seen| seen.unwrap());
    }
}
