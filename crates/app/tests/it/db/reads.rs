//! Reads: none may take for ever, and a copy of an embedded database is whole.

use base::Code;
use base::db::{Db, Location};

use crate::support::Engine;
use crate::support::agency::Agency;

base::record! {
    struct Shown { value: String }
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
