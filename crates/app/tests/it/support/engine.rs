//! The two engines, their templates, and how a story is told on one of them.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use base::db::{Db, Location, migrate};
use base::seams::{Seams, StillClock, SystemEntropy};
use base::secret::Secret;
use base::vault::MasterKey;
use base::{OrgId, Ts};
use books::orgs::{self, Environment, Tenants};
use books::tokens::{self, Scopes};
use futures_util::FutureExt;
use tempfile::TempDir;

use super::agency::Agency;
use super::postgres;

/// Where a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// What every agency begins with: two organizations, each with both environments and a token for each.
pub(crate) struct Template {
    /// What the SQLite file holds, or nothing. In memory, since nothing removes a directory of a template.
    file: Option<Vec<u8>>,
    /// The PostgreSQL database's name, or nothing.
    pub(crate) database: Option<String>,
    pub(crate) master: Secret<String>,
    pub(crate) ours: Org,
    pub(crate) theirs: Org,
}

impl Template {
    /// Of a database that was kept; nobody copies it.
    pub(crate) fn kept(master: &str, ours: Org, theirs: Org) -> &'static Template {
        // A story needs it for as long as it is told, and there are few.
        Box::leak(Box::new(Template {
            file: None,
            database: None,
            master: Secret::new(master.into()),
            ours,
            theirs,
        }))
    }
}

/// An organization and its tokens.
pub(crate) struct Org {
    pub(crate) id: OrgId,
    pub(crate) sandbox: String,
    pub(crate) production: String,
}

/// The instant at which every story begins: a Friday, ten in the morning in New York.
pub(crate) const BEGIN: &str = "2026-11-20T15:00:00Z";

static SQLITE: OnceLock<Template> = OnceLock::new();
static POSTGRES: OnceLock<Template> = OnceLock::new();

impl Engine {
    /// The template, made by the first who asks.
    pub(crate) fn template(self) -> &'static Template {
        let cell = match self {
            Engine::Sqlite => &SQLITE,
            Engine::Postgres => &POSTGRES,
        };
        cell.get_or_init(|| runtime(false).block_on(make_template(self)))
    }
}

/// A directory in memory where there is one: what is proven here needs no disk.
pub(crate) fn directory() -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix("quittance-it");
    builder.tempdir_in("/dev/shm").or_else(|_| builder.tempdir()).expect("a directory can be made")
}

/// What makes the server's clock stand still, at an instant.
pub(crate) fn test_clock(at: Ts) -> String {
    format!(
        "CREATE SCHEMA test_clock; CREATE TABLE test_clock.instant (at timestamptz NOT NULL);
         INSERT INTO test_clock.instant VALUES ('{at}');
         CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql
         AS 'SELECT at FROM test_clock.instant'"
    )
}

async fn make_template(engine: Engine) -> Template {
    let before = Ts::parse(BEGIN).expect("an instant").plus_seconds(-3_600);
    let seams = Seams::new(Arc::new(StillClock::at(before)), Arc::new(SystemEntropy));
    let (place, dir, database) = match engine {
        Engine::Sqlite => {
            let dir = directory();
            (Location::Lite { path: dir.path().join("quittance.db"), inline: false }, Some(dir), None)
        }
        Engine::Postgres => {
            let server = postgres::server().expect("asked before");
            let database = server.create().await;
            let client = server.client(&database).await;
            client.batch_execute(&test_clock(before)).await.expect("a clock");
            let url = Secret::new(server.url(&database));
            (Location::Pg { url, connections: 2 }, None, Some(database))
        }
    };
    let db = Db::open(&place, seams.clone()).await.expect("the database opens");
    migrate::migrate(&db, books::schema::MIGRATIONS).await.expect("the schema is made");
    let master = MasterKey::generate(&seams);
    let text = master.to_text();
    let tenants = Tenants::new(master);
    let ours = make_org(&db, &tenants, "Acme Recovery").await;
    let theirs = make_org(&db, &tenants, "Zenith Collections").await;
    // By the program's own backup, which is one whole file: closing may leave a part in the write-ahead log.
    let file = dir.map(|dir| {
        let copy = dir.path().join("template.db");
        db.backup(&copy, |_, _| {}).expect("the template can be copied");
        std::fs::read(copy).expect("a file can be read")
    });
    db.close();
    drop(db);
    if let Some(database) = &database {
        // The pool's connections end a moment after it: a copy needs them gone.
        let admin = postgres::server().expect("asked before").client("postgres").await;
        let others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
        admin.execute(others, &[database]).await.expect("nobody is left");
    }
    Template { file, database, master: text, ours, theirs }
}

async fn make_org(db: &Db, tenants: &Tenants, name: &str) -> Org {
    let create = orgs::Create { tenants, name: name.into(), time_zone: "America/New_York".into() };
    let id = db.run(&create).await.expect("an organization is made");
    let [production, sandbox] =
        [Environment::Production, Environment::Sandbox].map(|environment| async move {
            let tenant = tenants.of(&db.read().await?, id, environment).await?;
            let all = tokens::Create {
                tenant: &tenant,
                name: "all".into(),
                scopes: Scopes::all(),
                expires_at: None,
            };
            Ok::<_, base::Failure>(db.run(&all).await?.1.reveal().clone())
        });
    Org { id, sandbox: sandbox.await.expect("a token"), production: production.await.expect("a token") }
}

/// A database of one story.
pub(crate) struct Home {
    pub(crate) dir: TempDir,
    pub(crate) location: Location,
    pub(crate) database: Option<String>,
}

impl Home {
    /// A copy of the template.
    pub(crate) async fn copy(engine: Engine) -> Home {
        let (template, dir) = (engine.template(), directory());
        match engine {
            Engine::Sqlite => {
                let path: PathBuf = dir.path().join("quittance.db");
                let file = template.file.as_ref().expect("SQLite's template is a file");
                std::fs::write(&path, file).expect("a file can be written");
                Home { dir, location: Location::Lite { path, inline: false }, database: None }
            }
            Engine::Postgres => {
                let server = postgres::server().expect("asked before");
                let from = template.database.as_ref().expect("PostgreSQL's template is a database");
                Home::on(dir, server.copy(from).await)
            }
        }
    }

    /// An empty one, without a schema.
    pub(crate) async fn empty(engine: Engine) -> Home {
        let dir = directory();
        match engine {
            Engine::Sqlite => {
                let path = dir.path().join("quittance.db");
                Home { dir, location: Location::Lite { path, inline: false }, database: None }
            }
            Engine::Postgres => {
                let server = postgres::server().expect("asked before");
                let database = server.create().await;
                Home::on(dir, database)
            }
        }
    }

    fn on(dir: TempDir, database: String) -> Home {
        let url = Secret::new(postgres::server().expect("asked before").url(&database));
        Home { dir, location: Location::Pg { url, connections: 12 }, database: Some(database) }
    }

    /// Removes what is not removed by itself.
    pub(crate) async fn forget(database: Option<&str>) {
        if let (Some(database), Some(server)) = (database, postgres::server()) {
            server.forget(database).await;
        }
    }
}

pub(crate) fn runtime(threads: bool) -> tokio::runtime::Runtime {
    let mut builder = if threads {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build().expect("a runtime")
}

/// Whether there is this engine here.
pub(crate) fn is_here(engine: Engine) -> bool {
    engine == Engine::Sqlite || postgres::server().is_some()
}

/// Tells a story on an engine, on one thread, so that it can stop the clock of time-outs; asks in the end whether
/// the books hold.
pub(crate) fn tell(engine: Engine, story: impl AsyncFn(&Agency)) {
    tell_on(engine, false, sandbox::wire::CAPABILITIES, story);
}

/// Tells a story in which the processor can do no more than this.
pub(crate) fn tell_where(
    engine: Engine,
    capabilities: sandbox::wire::Capabilities,
    story: impl AsyncFn(&Agency),
) {
    tell_on(engine, false, capabilities, story);
}

/// The same on several threads.
pub(crate) fn tell_in_threads(engine: Engine, story: impl AsyncFn(&Agency)) {
    tell_on(engine, true, sandbox::wire::CAPABILITIES, story);
}

fn tell_on(
    engine: Engine,
    threads: bool,
    capabilities: sandbox::wire::Capabilities,
    story: impl AsyncFn(&Agency),
) {
    if !is_here(engine) {
        return;
    }
    engine.template();
    runtime(threads).block_on(async {
        let agency = Agency::pretending(engine, capabilities).await;
        let told = AssertUnwindSafe(async {
            story(&agency).await;
            agency.books_hold().await;
        })
        .catch_unwind()
        .await;
        let database = agency.home.database.clone();
        drop(agency);
        Home::forget(database.as_deref()).await;
        if let Err(panic) = told {
            std::panic::resume_unwind(panic);
        }
    });
}
