//! The schema is brought up to date from wherever it stopped, by one node at a time.

use std::sync::Arc;

use base::db::migrate::{Migration, migrate, newest};
use base::db::{Command, Db, Tx};
use base::seams::Seams;
use base::{Code, Result, Ts};

use crate::support::Engine;
use crate::support::agency::Agency;
use crate::support::engine::Home;

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    sql: "CREATE TABLE a (id bigint NOT NULL PRIMARY KEY);\nCREATE TABLE b (id bigint NOT NULL PRIMARY KEY);\n",
};
const BROKEN: Migration = Migration {
    version: 2,
    name: "second",
    sql: "CREATE TABLE c (id bigint NOT NULL PRIMARY KEY);\nCREATE TABLE broken (id bigint NOT, NULL);\n\
          CREATE TABLE d (id bigint NOT NULL PRIMARY KEY);\n",
};
const MENDED: Migration = Migration {
    version: 2,
    name: "second",
    sql: "CREATE TABLE c (id bigint NOT NULL PRIMARY KEY);\nCREATE TABLE mended (id bigint NOT NULL PRIMARY KEY);\n\
          CREATE TABLE d (id bigint NOT NULL PRIMARY KEY);\n",
};

struct Lease(Ts);

impl Command for Lease {
    type Out = ();
    fn name(&self) -> &'static str {
        "test.lease"
    }
    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.run("DELETE FROM schema_lease", &[]).await?;
        let sql = "INSERT INTO schema_lease (id, holder, until) VALUES (1, 'another node', $1)";
        tx.run(sql, &[&self.0]).await.map(drop)
    }
}

/// An empty database beside the story's own.
async fn empty(agency: &Agency) -> (Home, Db) {
    let home = Home::empty(agency.engine).await;
    let seams = Seams::new(agency.clock.clone(), Arc::new(base::seams::SystemEntropy));
    let db = Db::open(&home.location, seams).await.unwrap();
    (home, db)
}

on_both_engines! {
    async fn a_migration_that_failed_half_way_goes_on_where_it_stopped(agency: &Agency) {
        let (home, db) = empty(agency).await;
        assert!(migrate(&db, &[FIRST, BROKEN]).await.is_err());
        assert_eq!(newest(&db).await.unwrap(), 2);
        assert_eq!(migrate(&db, &[FIRST, MENDED]).await.unwrap().steps_run, 2, "the mended step and the last one");
        assert_eq!(migrate(&db, &[FIRST, MENDED]).await.unwrap().steps_run, 0);
        let tx = db.read().await.unwrap();
        for table in ["a", "b", "c", "mended", "d"] {
            assert_eq!(tx.number(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap(), 0);
        }
        drop(tx);
        drop(db);
        Home::forget(home.database.as_deref()).await;
    }

    async fn a_schema_newer_than_the_program_is_refused(agency: &Agency) {
        let (home, db) = empty(agency).await;
        migrate(&db, &[FIRST, MENDED]).await.unwrap();
        let refused = migrate(&db, &[FIRST]).await.unwrap_err();
        assert_eq!(refused.code(), Some(Code::Unavailable));
        assert!(refused.to_string().contains("version 2, this program knows 1"), "{refused}");
        drop(db);
        Home::forget(home.database.as_deref()).await;
    }

    async fn one_node_migrates_at_a_time_and_a_dead_one_is_followed(agency: &Agency) {
        let (home, db) = empty(agency).await;
        migrate(&db, &[FIRST]).await.unwrap();
        db.run(&Lease(Ts::parse("2099-01-01T00:00:00Z").unwrap())).await.unwrap();
        if agency.engine == Engine::Postgres {
            assert_eq!(migrate(&db, &[FIRST, MENDED]).await.unwrap_err().code(), Some(Code::Busy));
            db.run(&Lease(Ts::parse("2020-01-01T00:00:00Z").unwrap())).await.unwrap();
        } // else this process has the file to itself, and whoever held the lease is dead
        assert_eq!(migrate(&db, &[FIRST, MENDED]).await.unwrap().steps_run, 3);
        drop(db);
        Home::forget(home.database.as_deref()).await;
    }

    async fn the_programs_own_schema_needs_nothing_more(agency: &Agency) {
        assert_eq!(migrate(&agency.db, books::schema::MIGRATIONS).await.unwrap().steps_run, 0);
    }
}

#[tokio::test]
async fn a_second_process_on_one_sqlite_file_is_refused_and_a_reader_is_not() {
    let home = Home::empty(crate::support::Engine::Sqlite).await;
    let first = Db::open(&home.location, Seams::system()).await.unwrap();
    migrate(&first, &[FIRST]).await.unwrap();
    let second = Db::open(&home.location, Seams::system()).await.err().expect("it is refused");
    assert_eq!(second.code(), Some(Code::Unavailable));
    assert!(second.to_string().contains("Another quittance process"), "{second}");
    let path = home.dir.path().join("quittance.db");
    let reader = Db::open(&base::db::Location::LiteReader { path }, Seams::system()).await.unwrap();
    assert_eq!(reader.read().await.unwrap().number("SELECT count(*) FROM a", &[]).await.unwrap(), 0);
    assert!(reader.run(&Lease(Ts::from_micros(0))).await.is_err(), "a reader cannot write");
    drop(first);
    Db::open(&home.location, Seams::system()).await.unwrap();
}
