//! Databases of earlier releases, kept with the tests: each is brought up to today's schema, killed at every statement
//! on the way, and goes on as if nothing had been.
//!
//! A release keeps its own before its number is raised:
//! `QUITTANCE_KEEP=0.1.0 cargo test -p quittance --test it -- --ignored keep_this_release`

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base::db::migrate::{Migration, migrate, statements};
use base::db::{Db, Faults, Location, Planted};
use base::seams::{Seams, StillClock, SystemEntropy};
use base::{OrgId, Ts};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::flips::months;
use crate::support::agency::Agency;
use crate::support::engine::{self, Engine, Home, Org, Template};
use crate::support::{postgres, tell};

/// A schema beyond today's, so that there is always something to upgrade to.
const NEXT: Migration = Migration {
    version: 9_999,
    name: "next",
    sql: "CREATE TABLE next_thing (\n  tenant_id uuid NOT NULL REFERENCES tenant (id),\n  id uuid NOT NULL,\n  amount bigint NOT NULL,\n  PRIMARY KEY (tenant_id, id)\n);\n\
          ALTER TABLE charge ADD COLUMN next_word text;\nCREATE INDEX charge_next ON charge (tenant_id, next_word);\n\
          ALTER TABLE debt ADD COLUMN next_day date;\n",
};

fn today() -> Vec<Migration> {
    books::schema::MIGRATIONS.iter().copied().chain([NEXT]).collect()
}

fn releases() -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrades");
    let mut all: Vec<PathBuf> = std::fs::read_dir(home).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|path| path.is_dir());
    all.sort();
    assert!(!all.is_empty());
    all
}

fn word(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}

fn unzipped(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn zip(path: &Path, bytes: &[u8]) {
    let mut out = GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap();
}

/// What is known of a kept database.
fn about(release: &Path, engine: Engine) -> Value {
    serde_json::from_slice(&std::fs::read(release.join(format!("{}.json", word(engine)))).unwrap()).unwrap()
}

/// A kept database, where a story can open it.
async fn restored(release: &Path, engine: Engine, about: &Value) -> Home {
    let home = Home::empty(engine).await;
    let held = unzipped(&release.join(format!("{}.gz", word(engine))));
    match &home.location {
        Location::Lite { path, .. } => std::fs::write(path, held).unwrap(),
        _ => {
            let client = postgres::server().unwrap().client(home.database.as_ref().unwrap()).await;
            let plain = String::from_utf8(held).unwrap();
            // Orders to psql, and the schema that every database begins with.
            let order = |line: &&str| !line.starts_with('\\') && !line.starts_with("CREATE SCHEMA public");
            client.batch_execute(&plain.lines().filter(order).collect::<Vec<_>>().join("\n")).await.unwrap();
            client.batch_execute("RESET ALL").await.unwrap();
            let at = Ts::parse(about["at"].as_str().unwrap()).unwrap();
            client.batch_execute(&engine::test_clock(at)).await.unwrap();
        }
    }
    let journal = unzipped(&release.join(format!("{}.journal.gz", word(engine))));
    std::fs::write(home.dir.path().join("sandbox.journal"), journal).unwrap();
    home
}

/// Stops the program at the n-th commit of a migration, as if it had been killed there.
struct Kill(AtomicI64);

impl Faults for Kill {
    fn before_commit(&self, _command: &'static str) -> Planted {
        assert!(self.0.fetch_sub(1, Ordering::Relaxed) > 0, "killed");
        Planted::Nothing
    }
}

/// Upgrades, killed before its n-th commit; whether it came to its end before that.
async fn upgraded_until(home: &Home, clock: &Arc<StillClock>, commits: i64) -> bool {
    let seams = Seams::new(clock.clone(), Arc::new(SystemEntropy));
    let db =
        Db::open(&home.location, seams).await.unwrap().with_faults(Arc::new(Kill(AtomicI64::new(commits))));
    let all = today();
    let ended = AssertUnwindSafe(migrate(&db, &all)).catch_unwind().await;
    db.close();
    ended.is_ok_and(|done| done.is_ok())
}

base::record! {
    struct Text { text: String }
}

/// What an engine's catalog says of a schema, as text.
async fn catalog(db: &Db, engine: Engine) -> Vec<String> {
    let all: &[&str] = match engine {
        Engine::Sqlite => {
            &["SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1"]
        }
        Engine::Postgres => &[
            "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1",
            "SELECT CAST(indexdef AS text) FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT CAST(conrelid AS regclass) || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = CAST('public' AS regnamespace) ORDER BY 1",
        ],
    };
    let tx = db.read().await.unwrap();
    let mut said = Vec::new();
    for sql in all {
        said.extend(tx.all::<Text>(sql, &[]).await.unwrap().into_iter().map(|row| row.text));
    }
    said
}

const TABLES: &[&str] = &[
    "organization",
    "tenant",
    "tenant_key",
    "token",
    "idempotency",
    "customer",
    "address",
    "location",
    "debt",
    "debt_location",
    "payment_plan",
    "instalment",
    "plan_authorization",
    "plan_request",
    "settlement_offer",
    "payment_method",
    "charge",
    "charge_part",
    "refund",
    "refund_part",
    "txn",
    "entry",
    "event",
    "event_head",
];

async fn counts(db: &Db) -> BTreeMap<&'static str, i64> {
    let tx = db.read().await.unwrap();
    let mut counts = BTreeMap::new();
    for table in TABLES {
        counts.insert(*table, tx.number(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap());
    }
    counts
}

const OWED: &str = "SELECT CAST(sum(current_balance) AS bigint) FROM debt WHERE children = 0";

/// Keeps a database of this release, every table filled, for those after it.
async fn keep(agency: &Agency) {
    let Some(release) = postgres::env("QUITTANCE_KEEP") else {
        panic!("QUITTANCE_KEEP=0.1.0 says which release this is")
    };
    months(agency, 1).await;
    let customer = agency.customer().await;
    let full = json!({
        "customer_id": customer, "balance": 77_00, "external_id": "KEPT-1",
        "location": { "name": "First Bank", "external_id": "first-bank" },
        "locations": [{ "name": "Acme Recovery", "type": "current_creditor" }],
        "payment_plan": { "frequency": "monthly", "start_date": agency.day(30), "amount": 7_00 },
    });
    let debt = agency.once("kept-debt", "/debt-accounts", full).await.made();
    let lives = json!({ "address": { "line1": "1 Main St", "city": "Boston", "state": "MA", "postal_code": "02108" } });
    agency.put(&format!("/customers/{customer}"), lives).await.is(200);
    let method = agency.method_of(&customer, "tok_visa").await;
    let pays = json!({ "debt_account_id": debt, "payment_method_id": method, "amount": 7_77 });
    agency.once("kept-charge", "/charges", pays).await.made();
    let offer = json!({ "debt_account_id": debt, "type": "plan", "discount_percent": 20 });
    agency.post("/settlement-offers", offer).await.made();
    let asked = json!({ "debt_account_external_id": debt, "type": "email", "email": "ada@example.com" });
    agency.post("/payment-plans/request", asked).await.made();
    let other = agency.debtor(60_00, "tok_visa").await;
    let plan = json!({ "debt_account_id": other.debt, "payment_method_id": other.method, "amount": 20_00, "frequency": "monthly" });
    agency.post("/payment-plans", plan).await.made();
    agency.steps().await;
    let counts = counts(&agency.db).await;
    assert!(counts.values().all(|rows| *rows > 0), "{counts:?}");
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upgrades").join(release);
    std::fs::create_dir_all(&home).unwrap();
    let org =
        |org: &Org| json!({ "id": org.id.to_string(), "sandbox": org.sandbox, "production": org.production });
    let told = json!({
        "at": agency.now().to_string(), "master": agency.template.master.reveal(), "ours": org(&agency.template.ours),
        "theirs": org(&agency.template.theirs), "rows": counts, "owed": agency.number(OWED).await, "debt": debt, "method": method,
    });
    std::fs::write(home.join(format!("{}.json", word(agency.engine))), format!("{told:#}\n")).unwrap();
    let held = match &agency.home.database {
        Some(database) => postgres::server().unwrap().dump(database).into_bytes(),
        None => {
            let copy = agency.home.dir.path().join("copy.db");
            agency.db.backup(&copy, |_, _| {}).unwrap();
            std::fs::read(copy).unwrap()
        }
    };
    zip(&home.join(format!("{}.gz", word(agency.engine))), &held);
    let journal = std::fs::read(agency.home.dir.path().join("sandbox.journal")).unwrap();
    zip(&home.join(format!("{}.journal.gz", word(agency.engine))), &journal);
}

#[test]
#[ignore = "writes the database that the next releases are tested with"]
fn keep_this_release() {
    tell(Engine::Sqlite, keep);
    tell(Engine::Postgres, keep);
}

async fn every_release_is_brought_up_to_date(engine: Engine) {
    for release in releases() {
        let about = about(&release, engine);
        let at = about["at"].as_str().unwrap();
        let clock = Arc::new(StillClock::at(Ts::parse(at).unwrap()));
        let home = restored(&release, engine, &about).await;
        let client = match &home.database {
            Some(database) => Some(postgres::server().unwrap().client(database).await),
            None => None,
        };
        // Each try gets one commit further than the last: so it is killed before every single one, on one database.
        let mut kills = 0;
        while !upgraded_until(&home, &clock, kills + 1).await {
            kills += 1;
            assert!(kills < 1_000, "it never comes to its end");
            clock.advance(60); // the lease of the dead ends
            if let Some(client) = &client {
                client
                    .batch_execute("UPDATE test_clock.instant SET at = at + interval '60 seconds'")
                    .await
                    .unwrap();
            }
        }
        assert!(kills >= i64::try_from(statements(NEXT.sql).len()).unwrap(), "killed only {kills} times");

        let fresh = Home::empty(engine).await;
        let seams = Seams::new(clock.clone(), Arc::new(SystemEntropy));
        let new = Db::open(&fresh.location, seams.clone()).await.unwrap();
        migrate(&new, &today()).await.unwrap();
        let old = Db::open(&home.location, seams).await.unwrap();
        assert_eq!(catalog(&old, engine).await, catalog(&new, engine).await, "{}", release.display());
        let rows: BTreeMap<String, i64> = serde_json::from_value(about["rows"].clone()).unwrap();
        for (table, count) in counts(&old).await {
            // What a release did not have yet has no rows.
            assert_eq!(
                count,
                rows.get(table).copied().unwrap_or(0),
                "rows of {table} in {}",
                release.display()
            );
        }
        old.close();
        drop((old, new));

        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let org = |name: &str| Org {
            id: OrgId(text(&about[name]["id"]).parse().unwrap()),
            sandbox: text(&about[name]["sandbox"]),
            production: text(&about[name]["production"]),
        };
        let template = Template::kept(&text(&about["master"]), org("ours"), org("theirs"));
        let later = clock_now(&clock).to_string();
        let agency = Agency::over(engine, home, template, &later).await;
        assert_eq!(agency.number(OWED).await, about["owed"].as_i64().unwrap());
        agency.books_hold().await;
        let pays =
            json!({ "debt_account_id": about["debt"], "payment_method_id": about["method"], "amount": 5_00 });
        let charge = agency.post("/charges", pays).await.made();
        assert_eq!(agency.state(&charge).await, "succeeded");
        let again =
            json!({ "debt_account_id": about["debt"], "payment_method_id": about["method"], "amount": 7_77 });
        assert!(agency.once("kept-charge", "/charges", again).await.is_replay(), "a key of before is known");
        agency.books_hold().await;
        let database = agency.home.database.clone();
        drop(agency);
        Home::forget(database.as_deref()).await;
        Home::forget(fresh.database.as_deref()).await;
    }
}

fn clock_now(clock: &Arc<StillClock>) -> Ts {
    Seams::new(clock.clone(), Arc::new(SystemEntropy)).now()
}

mod every_release_is_brought_up_to_date_killed_at_every_statement {
    use super::*;

    #[test]
    fn sqlite() {
        engine::runtime(false).block_on(super::every_release_is_brought_up_to_date(Engine::Sqlite));
    }

    #[test]
    fn postgres() {
        if engine::is_here(Engine::Postgres) {
            engine::runtime(false).block_on(super::every_release_is_brought_up_to_date(Engine::Postgres));
        }
    }
}
