//! Reads: none may take for ever, plans keep up with growth, and a copy of an embedded database is whole.

use base::db::{Command, Db, Location, Tx};
use base::{Code, Result};

use super::{Insert, Toy, toy};
use crate::support::Engine;
use crate::support::agency::Agency;

base::record! {
    struct Shown { value: String }
}

base::record! {
    struct Step { id: i64, parent: i64, notused: i64, detail: String }
}

/// Inserts, and has PostgreSQL note with the commit how much that was, not a while later.
struct Grow(Vec<Toy>);

impl Command for Grow {
    type Out = i64;
    fn name(&self) -> &'static str {
        "toys.grow"
    }
    async fn exec(&self, tx: &Tx) -> Result<i64> {
        tx.insert(&self.0).await?;
        tx.number("SELECT count(pg_stat_force_next_flush())", &[]).await
    }
}

on_both_engines! {
    async fn a_read_that_takes_too_long_is_ended(agency: &Agency) {
        let tx = agency.db.read().await.unwrap();
        match agency.engine {
            Engine::Sqlite => {
                agency.clock.advance(6);
                let endless = "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) \
                               SELECT count(*) FROM endless";
                let ended = tx.number(endless, &[]).await.unwrap_err();
                assert_eq!(ended.code(), Some(Code::Unavailable));
                // The next one has its own time.
                drop(tx);
                assert_eq!(agency.db.read().await.unwrap().number("SELECT count(*) FROM debt", &[]).await.unwrap(), 0);
            }
            Engine::Postgres => {
                let limit: Shown = tx.one("SHOW statement_timeout", &[]).await.unwrap();
                assert_eq!(limit.value, "5s");
            }
        }
    }

    async fn what_is_asked_often_is_found_without_reading_all_there_is(agency: &Agency) {
        if agency.engine == Engine::Postgres {
            return; // it goes by what there is, and nothing is here
        }
        let tx = agency.db.read().await.unwrap();
        for (sql, found_by) in [
            ("SELECT object_id FROM event WHERE tenant_id = 'x' AND seq IS NULL AND name = 'a'", "event_waiting (tenant_id=?)"),
            ("SELECT count(*) FROM charge WHERE review", "charge_review"),
            ("SELECT count(*) FROM refund WHERE review", "refund_review"),
            ("SELECT id FROM txn WHERE tenant_id = 'x' AND customer_id = 'y' ORDER BY submitted_at DESC, id DESC", "txn_by (tenant_id=? AND customer_id=?)"),
        ] {
            let plan: Vec<Step> = tx.all(&format!("EXPLAIN QUERY PLAN {sql}"), &[]).await.unwrap();
            assert!(plan[0].detail.contains(found_by), "{sql}: {}", plan[0].detail);
        }
    }

    async fn a_table_that_has_grown_is_looked_at_before_its_plans_are_bad(agency: &Agency) {
        agency.toys(vec![]).await;
        if agency.engine == Engine::Sqlite {
            assert_eq!(agency.db.look_at_grown_tables().await.unwrap(), 0, "it needs no such help");
            return;
        }
        let known = "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE relname = 'toy'";
        for (from, to) in [(1, 500), (501, 2_000)] {
            agency.db.run(&Grow((from..=to).map(|n| toy(n, 0)).collect())).await.unwrap();
            assert!(agency.db.look_at_grown_tables().await.unwrap() >= 1);
            assert_eq!(agency.count(known).await, i64::try_from(to).unwrap());
            assert_eq!(agency.db.look_at_grown_tables().await.unwrap(), 0, "it is not twice as large again");
        }
    }

    async fn what_has_gathered_in_the_log_is_brought_home_beside_the_writer(agency: &Agency) {
        agency.toys(vec![]).await;
        let is_lite = agency.engine == Engine::Sqlite;
        let rows = (1..=2_500).map(|n| Toy { note: Some("n".repeat(4_000)), ..toy(n, 0) }).collect();
        agency.db.run(&Insert(rows)).await.unwrap();
        assert_eq!(agency.db.shorten_log().await.unwrap() >= 2_000, is_lite);
        assert_eq!(agency.db.shorten_log().await.unwrap(), 0, "little is left to the next time");
        assert_eq!(agency.count("SELECT count(*) FROM toy").await, 2_500);
    }

    async fn a_backup_is_a_whole_database(agency: &Agency) {
        let debtor = agency.debtor(50_00, "tok_visa").await;
        agency.post("/charges", debtor.pays(20_00)).await.made();
        let target = agency.home.dir.path().join("copy.db");
        let copied = agency.db.backup(&target, |_, _| {});
        if agency.engine == Engine::Postgres {
            assert_eq!(copied.unwrap_err().code(), Some(Code::NotAllowedNow)); // it has its own tools
            return;
        }
        copied.unwrap();
        let copy = Db::open(&Location::LiteReader { path: target }, agency.db.seams().clone()).await.unwrap();
        let (here, there) = (agency.db.read().await.unwrap(), copy.read().await.unwrap());
        for table in ["debt", "charge", "entry", "event", "txn"] {
            let sql = format!("SELECT count(*) FROM {table}");
            assert_eq!(here.number(&sql, &[]).await.unwrap(), there.number(&sql, &[]).await.unwrap(), "{table}");
        }
        assert_eq!(there.number("SELECT count(*) FROM entry", &[]).await.unwrap(), 2);
    }
}
