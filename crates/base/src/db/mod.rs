//! The database seam: SQLite and PostgreSQL behind one small set of verbs and one SQL text.
//!
//! - A [`Command`] is a business operation as a value; [`Db::run`] alone begins, commits, retries and injects
//!   faults. Nobody is answered before the commit is on disk.
//! - A [`Tx`] is owned and has no lifetime. Dropped without a commit it rolls back.
//! - SQL is written once, in what both engines speak, with `$n` bound by number on both, and five words of
//!   our own that are lowered to each engine: `IN ids($n)`, `IN texts($n)` (arrays, see [`Ids`], [`Texts`]),
//!   `IN each(SELECT …)` (a list that a statement gives), `IN served()` (the tenants whose queues are served, see
//!   [`Db::in_time_of`]) and `FOR UPDATE` (nothing on SQLite, which has one writer).
//! - A [`Batcher`] runs what waits together as one command.
//! - Rows are declared with [`record!`](crate::record): the same declaration reads, inserts and updates, one
//!   row or many, one statement a table.
//!
//! A driver is named nowhere else.

mod batcher;
mod column;
mod expect;
mod fault;
mod lite;
mod lower;
pub mod migrate;
mod pg;
mod record;
mod tx;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub use self::batcher::{Batcher, Together};
#[doc(hidden)]
pub use self::column::own;
pub use self::column::{Column, Ids, Param, Texts};
pub use self::fault::{DbError, Kind, lost_race};
pub use self::pg::Server;
#[doc(hidden)]
pub use self::record::bare;
pub use self::record::{Record, Row};
use self::tx::Inner;
pub use self::tx::{Tx, Write};
use crate::{Code, Failure, Result, TenantId, Ts, seams::Seams};

#[doc(hidden)]
pub use {rusqlite, tokio_postgres};

/// Parameters of a statement, `$1` first.
pub type Params<'a> = &'a [&'a (dyn Param + 'a)];

/// How often a command is tried again after a conflict with another before the caller hears of it.
const TRIES: u32 = 12;

/// A business operation that reads and writes in one transaction. It may be run more than once, so it changes
/// nothing but the database.
pub trait Command: Sync {
    /// What it gives.
    type Out: Send;

    /// Its name in metrics, logs and fault injection: `customers.create`.
    fn name(&self) -> &'static str;

    /// The work. An error rolls everything back.
    fn exec(&self, tx: &Tx) -> impl Future<Output = Result<Self::Out>> + Send;

    /// Asked when the connection broke during the commit: was it committed after all? `Some` with what it
    /// gave, or `None` to run it again. Commands that move money find themselves by their unique key.
    fn check(&self, _tx: &Tx) -> impl Future<Output = Result<Option<Self::Out>>> + Send {
        async {
            Err(Failure::broken(
                "looking whether a commit happened",
                "this command leaves nothing to be found by",
            ))
        }
    }
}

/// What became of a commit.
#[derive(Debug)]
enum Commit {
    Committed,
    Aborted(Failure),
    Unknown(DbError),
}

/// Faults to plant around a commit, for tests.
pub trait Faults: Send + Sync {
    /// Asked before each commit of the named command.
    fn before_commit(&self, command: &'static str) -> Planted;
}

/// What a [`Faults`] plants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// Nothing.
    Nothing,
    /// The commit fails as if another transaction had won (40001).
    Serialization,
    /// The commit happens, its answer is lost.
    LostAnswer,
}

/// Where the database is and how to use it.
#[derive(Clone, Debug)]
pub enum Location {
    /// An embedded SQLite file, owned by this process alone.
    Lite {
        /// The file.
        path: std::path::PathBuf,
        /// Whether a commit runs on the calling thread, by itself: for simulations.
        inline: bool,
    },
    /// An embedded SQLite file, read beside the process that owns it.
    LiteReader {
        /// The file.
        path: std::path::PathBuf,
    },
    /// A PostgreSQL server, by its connection URL.
    Pg {
        /// `postgres://user:password@host/database?…`
        url: crate::secret::Secret<String>,
        /// The most connections held.
        connections: usize,
    },
}

/// From how many changed rows on it matters what PostgreSQL knows of a table.
const TABLE_OF_NOTE: i64 = 200;

crate::record! {
    struct Named { name: String }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    seams: Seams,
    faults: Option<Arc<dyn Faults>>,
    bell: watch::Sender<()>,
    /// The one tenant whose queues are served.
    alone: Option<TenantId>,
}

#[derive(Clone)]
enum Engine {
    Lite(Arc<lite::Lite>),
    Pg(Arc<pg::Pg>),
}

impl Db {
    /// Opens the database and proves that it answers. Refuses, saying what to do, where it is unreachable, is
    /// another process's, or its library has a known corruption bug.
    pub async fn open(location: &Location, seams: Seams) -> Result<Db> {
        let engine = match location {
            Location::Lite { path, inline } => Engine::Lite(lite::Lite::open(path, *inline, seams.clone())?),
            Location::LiteReader { path } => Engine::Lite(lite::Lite::open_reader(path, seams.clone())?),
            Location::Pg { url, connections } => Engine::Pg(pg::Pg::open(url, *connections).await?),
        };
        Ok(Db { engine, seams, faults: None, bell: watch::Sender::new(()), alone: None })
    }

    /// The same database with faults planted around its commits.
    #[must_use]
    pub fn with_faults(mut self, faults: Arc<dyn Faults>) -> Db {
        self.faults = Some(faults);
        self
    }

    /// The same database, as it is for a tenant whose time stands at this instant: it is that instant by every clock,
    /// leases and due-ness included, and steps serve that tenant's queues alone (`IN served()`). Through any other handle they
    /// serve everybody who has no such clock.
    #[must_use]
    pub fn in_time_of(&self, tenant: TenantId, at: Ts) -> Db {
        Db { seams: self.seams.standing_at(at), alone: Some(tenant), ..self.clone() }
    }

    /// The tenant in whose own time this is, where it is in somebody's.
    pub fn alone(&self) -> Option<TenantId> {
        self.alone
    }

    /// Time and chance.
    pub fn seams(&self) -> &Seams {
        &self.seams
    }

    /// Changes whenever something was committed here for which a transaction has rung ([`Tx::ring`]): a step need not
    /// wait for its next turn then. Nothing may depend on it, since other nodes commit without it.
    pub fn bell(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }

    /// `SQLite` or `PostgreSQL`.
    pub fn engine_name(&self) -> &'static str {
        match &self.engine {
            Engine::Lite(_) => "SQLite",
            Engine::Pg(_) => "PostgreSQL",
        }
    }

    /// The database's own time: for leases and due-ness, which all nodes must agree on.
    pub async fn now(&self) -> Result<Ts> {
        match (&self.engine, self.seams.stands_at()) {
            (_, Some(at)) => Ok(at),
            (Engine::Lite(_), None) => Ok(self.seams.now()),
            (Engine::Pg(_), None) => self.read().await?.clock().await,
        }
    }

    /// Reads, each statement seeing what is committed by then. On SQLite all of them see one snapshot.
    pub async fn read(&self) -> Result<Tx> {
        self.tx(match &self.engine {
            Engine::Lite(lite) => Inner::Lite(lite.read().await?),
            Engine::Pg(pg) => Inner::Pg(pg.autocommit().await?),
        })
    }

    /// Reads of one snapshot, without a time limit: for `verify` and `backup`.
    pub async fn snapshot(&self) -> Result<Tx> {
        self.tx(match &self.engine {
            Engine::Lite(lite) => Inner::Lite(lite.snapshot()?),
            Engine::Pg(pg) => Inner::Pg(pg.snapshot().await?),
        })
    }

    /// Whether a long-held snapshot keeps the engine from shortening its log: then long reads come in slices.
    pub fn snapshots_hold_up_the_log(&self) -> bool {
        matches!(self.engine, Engine::Lite(_))
    }

    /// Has PostgreSQL look at the tables that are twice as large as when it last looked; gives how many. Its own service
    /// does so once a minute: until then the plans made when a table was empty are kept, and may seek a row through all
    /// rows of its tenant. Passed over where the server does not tell such figures.
    pub async fn look_at_grown_tables(&self) -> Result<u64> {
        if matches!(self.engine, Engine::Lite(_)) {
            return Ok(0);
        }
        let tx = self.read().await?;
        let sql = "SELECT CAST(c.relname AS text) AS name FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid
            WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze > $1 AND s.n_mod_since_analyze > c.reltuples";
        let grown: Vec<Named> = match tx.all(sql, &[&TABLE_OF_NOTE]).await {
            Ok(grown) => grown,
            Err(failure) if failure.code().is_some() => return Err(failure),
            Err(failure) => {
                tracing::debug!(error = failure.chain(), "this server does not say how its tables grow");
                return Ok(0);
            }
        };
        let mut looked_at = 0;
        for table in &grown {
            match tx.run(&format!("ANALYZE \"{}\"", table.name), &[]).await {
                Ok(_) => looked_at += 1,
                // The server's own service is at it, or it takes longer than a statement may.
                Err(failure) => tracing::debug!(table = table.name, error = failure.chain(), "not looked at"),
            }
        }
        Ok(looked_at)
    }

    /// Has SQLite move what has gathered in its log into the database, beside whoever writes; gives how many pages.
    pub async fn shorten_log(&self) -> Result<u64> {
        match &self.engine {
            Engine::Lite(lite) => Ok(lite.shorten_log().await?),
            Engine::Pg(_) => Ok(0),
        }
    }

    fn tx(&self, inner: Inner) -> Result<Tx> {
        Ok(Tx::new(inner, self.seams.clone(), self.alone))
    }

    /// Runs a command in a transaction of its own, again where it lost against another.
    ///
    /// Where a commit's answer was lost, nothing is said to have failed before [`Command::check`] was asked: what
    /// was committed after all is a success, however the repetition fared.
    pub async fn run<C: Command>(&self, command: &C) -> Result<C::Out> {
        self.run_up_to(command, TRIES).await
    }

    /// The same, but gives up sooner: for several things done together, of which each can be done by itself.
    pub async fn run_once<C: Command>(&self, command: &C) -> Result<C::Out> {
        self.run_up_to(command, 1).await
    }

    async fn run_up_to<C: Command>(&self, command: &C, tries_at_most: u32) -> Result<C::Out> {
        let mut unsure = false;
        for tries in 1.. {
            let lost = match self.attempt(command).await {
                Attempt::Done(out) => return Ok(out),
                Attempt::Unknown(error) => {
                    tracing::warn!(command = command.name(), %error, "the commit's answer was lost");
                    unsure = true;
                    lost_race()
                }
                Attempt::Failed(failure) => failure,
            };
            if unsure && let Some(out) = self.was_committed(command).await? {
                return Ok(out);
            }
            let kind = DbError::in_failure(&lost).map(DbError::kind);
            let most = tries_at_most.min(if kind == Some(Kind::Duplicate) { 3 } else { TRIES });
            match kind {
                Some(Kind::Conflict | Kind::Duplicate) if tries < most => {
                    tracing::debug!(command = command.name(), tries, "trying again after a conflict");
                    if matches!(self.engine, Engine::Pg(_)) {
                        let jitter = u64::from(u16::from_le_bytes(self.seams.random())) % (4 << tries.min(6));
                        tokio::time::sleep(Duration::from_millis(jitter)).await;
                    }
                }
                Some(Kind::Conflict | Kind::Duplicate) => {
                    return Err(Failure::refused(
                        Code::Conflict,
                        "Somebody else changed this at the same time; please try again.",
                    ));
                }
                Some(Kind::Away | Kind::Mistake) | None => return Err(lost),
            }
        }
        unreachable!("the last try returns")
    }

    /// Asks whether a commit whose answer was lost happened, while the database comes back. Where that cannot be
    /// found out, the caller is told to look before repeating.
    async fn was_committed<C: Command>(&self, command: &C) -> Result<Option<C::Out>> {
        for tries in 0..20 {
            let asked = async { command.check(&self.read().await?).await };
            match asked.await {
                Ok(found) => return Ok(found),
                Err(failure) if failure.code() == Some(Code::Unavailable) && tries < 19 => {
                    tokio::time::sleep(Duration::from_millis(50 << tries.min(4))).await;
                }
                Err(failure) => {
                    tracing::error!(
                        command = command.name(),
                        error = failure.chain(),
                        "whether it was committed cannot be found out"
                    );
                    break;
                }
            }
        }
        Err(not_known())
    }

    async fn attempt<C: Command>(&self, command: &C) -> Attempt<C::Out> {
        let begun = match &self.engine {
            Engine::Lite(lite) => lite.begin().await.map(Inner::Lite),
            Engine::Pg(pg) => pg.begin().await.map(Inner::Pg),
        };
        let tx = match begun {
            Ok(inner) => Tx::new(inner, self.seams.clone(), self.alone),
            Err(error) => return Attempt::Failed(error.into()),
        };
        let out = match command.exec(&tx).await {
            Ok(out) => out,
            // Nobody hears a refusal whose reasons were never committed.
            Err(failure) => {
                return Attempt::Failed(tx.rollback().await.map_or_else(Failure::from, |()| failure));
            }
        };
        let planted = self.faults.as_ref().map_or(Planted::Nothing, |f| f.before_commit(command.name()));
        let rings = tx.rings();
        let commit = match planted {
            Planted::Serialization => {
                Commit::Aborted(tx.rollback().await.err().unwrap_or_else(DbError::planted).into())
            }
            Planted::Nothing => tx.commit().await,
            Planted::LostAnswer => match tx.commit().await {
                Commit::Committed => Commit::Unknown(DbError::planted()),
                other => other,
            },
        };
        if rings && !matches!(commit, Commit::Aborted(_)) {
            self.bell.send_replace(());
        }
        match commit {
            Commit::Committed => Attempt::Done(out),
            Commit::Aborted(failure) => Attempt::Failed(failure),
            Commit::Unknown(error) => Attempt::Unknown(error),
        }
    }

    /// Copies the embedded database, live and consistent, to `target`. `progress` hears pages left and in all.
    pub fn backup(&self, target: &std::path::Path, progress: impl FnMut(u64, u64)) -> Result<()> {
        match &self.engine {
            Engine::Lite(lite) => lite.backup(target, progress),
            Engine::Pg(_) => Err(Failure::refused(
                Code::NotAllowedNow,
                "A PostgreSQL database is backed up with its own tools: pg_dump, or a base backup with its write-ahead log.",
            )),
        }
    }

    /// Ends what the engine holds, after everything that uses it has ended.
    pub fn close(&self) {
        if let Engine::Lite(lite) = &self.engine {
            lite.close();
        }
    }
}

/// What became of one run of a command.
enum Attempt<T> {
    Done(T),
    Failed(Failure),
    Unknown(DbError),
}

/// The answer where nobody can say whether it was done.
fn not_known() -> Failure {
    Failure::refused(
        Code::Unavailable,
        "The outcome of this request is not known. Look whether it was done before you repeat it, or repeat it with the same idempotency key.",
    )
}

/// Takes an embedded database's place for this process alone, without opening what may be there: to put another file
/// into it. Held until it is dropped.
pub fn claim_file(path: &std::path::Path) -> Result<std::fs::File> {
    lite::lock(path)
}

/// The version of the SQLite library in this build.
pub fn lite_version() -> &'static str {
    rusqlite::version()
}
