//! SQLite: one writer with group commit, and a few read-only connections.
//!
//! Callers queue for the writer in order; each transaction is a savepoint. The first to finish puts one
//! `COMMIT` behind everybody already waiting, so that one sync serves them all. What must always hold: nobody
//! is told "committed" before that `COMMIT` returned; a savepoint whose caller went away is rolled back before
//! anybody else gets the writer; and where SQLite rolls back by itself (a full disk), the whole group hears it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Mutex as FairMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, watch};

use super::{Commit, DbError, Params, Record, Row, record::Rows};
use crate::{Code, Failure, Result, seams::Seams};

/// Releases before this one can corrupt a database in WAL mode (WAL-reset bug, fixed in 3.51.3).
const OLDEST_LIBRARY: i32 = 3_051_003;
/// Read-only connections.
const READERS: usize = 4;
/// From how many pages of the log on it is worth bringing them home in the background.
const PAGES_OF_NOTE: i64 = 2_000;
/// How long a read may take, in milliseconds, before it is interrupted.
const READ_LIMIT_MS: u64 = 5_000;

pub(super) struct Lite {
    path: PathBuf,
    seams: Seams,
    inline: bool,
    writer: Option<Arc<FairMutex<Writer>>>,
    /// Moves pages from the log into the database, where somebody else may do so.
    mover: Option<Arc<Mutex<Connection>>>,
    readers: Arc<Mutex<Vec<Reader>>>,
    permits: Arc<Semaphore>,
    /// Held for the life of the process: two writers on one file would each believe the other's pages.
    _lock: Option<File>,
}

struct Writer {
    conn: Connection,
    group: Option<Group>,
}

/// The transactions that one `COMMIT` will end.
#[derive(Clone)]
struct Group {
    done: watch::Sender<Option<Result<(), String>>>,
    scheduled: bool,
}

struct Reader {
    conn: Connection,
    /// When the running read must end, on the monotonic clock in ms.
    until: Arc<AtomicU64>,
}

impl Lite {
    pub(super) fn open(path: &Path, inline: bool, seams: Seams) -> Result<Arc<Lite>> {
        refuse_old_library(rusqlite::version_number())?;
        let lock = lock(path)?;
        let conn = Connection::open(path).map_err(|e| unreadable(path, &e))?;
        set_up(&conn).map_err(|e| unreadable(path, &e))?;
        let mover = if inline { None } else { Some(mover(path).map_err(|e| unreadable(path, &e))?) };
        let writer = Arc::new(FairMutex::new(Writer { conn, group: None }));
        let mut lite = Self::with_readers(path, inline, seams, Some(writer), Some(lock))?;
        lite.mover = mover.map(|conn| Arc::new(Mutex::new(conn)));
        Ok(Arc::new(lite))
    }

    pub(super) fn open_reader(path: &Path, seams: Seams) -> Result<Arc<Lite>> {
        refuse_old_library(rusqlite::version_number())?;
        if !path.exists() {
            return Err(Failure::refused(
                Code::Unavailable,
                format!(
                    "There is no database at {}. Name the data directory with --data-dir.",
                    path.display()
                ),
            ));
        }
        Self::with_readers(path, true, seams, None, None).map(Arc::new)
    }

    fn with_readers(
        path: &Path,
        inline: bool,
        seams: Seams,
        writer: Option<Arc<FairMutex<Writer>>>,
        lock: Option<File>,
    ) -> Result<Lite> {
        let readers = (0..READERS).map(|_| Reader::open(path, &seams)).collect::<Result<Vec<_>, _>>();
        let readers = readers.map_err(|e| unreadable(path, &e))?;
        Ok(Lite {
            path: path.to_owned(),
            seams,
            inline,
            writer,
            mover: None,
            readers: Arc::new(Mutex::new(readers)),
            permits: Arc::new(Semaphore::new(READERS)),
            _lock: lock,
        })
    }

    pub(super) async fn begin(&self) -> Result<LiteTx, DbError> {
        let Some(writer) = &self.writer else {
            return Err(DbError::away("this database was opened for reading"));
        };
        let mut guard = writer.clone().lock_owned().await;
        if guard.conn.is_autocommit() {
            // IMMEDIATE: a deferred transaction that reads first cannot become a writer without failing.
            guard.conn.execute_batch("BEGIN IMMEDIATE").map_err(sound)?;
            guard.group = Some(Group { done: watch::channel(None).0, scheduled: false });
        }
        guard.conn.execute_batch("SAVEPOINT tx").map_err(sound)?;
        Ok(LiteTx {
            held: Held::Writer(Mutex::new(Some(guard))),
            writer: Some(writer.clone()),
            inline: self.inline,
        })
    }

    pub(super) async fn read(&self) -> Result<LiteTx, DbError> {
        let permit = self.permits.clone().acquire_owned().await.map_err(DbError::away)?;
        let reader = lock_of(&self.readers).pop();
        let reader = reader.ok_or_else(|| DbError::away("no reader is free"))?;
        reader.until.store(self.millis() + READ_LIMIT_MS, Ordering::Relaxed);
        let lent = Lent { reader: Some(reader), home: self.readers.clone(), _permit: permit };
        lent.begin()?;
        Ok(LiteTx { held: Held::Reader(Mutex::new(lent)), writer: None, inline: true })
    }

    /// A reader of its own, without a time limit.
    pub(super) fn snapshot(&self) -> Result<LiteTx, DbError> {
        let reader = Reader::open(&self.path, &self.seams)?;
        reader.until.store(u64::MAX, Ordering::Relaxed);
        reader.conn.execute_batch("BEGIN")?;
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().map_err(DbError::away)?;
        let lent = Lent { reader: Some(reader), home: Arc::default(), _permit: permit };
        Ok(LiteTx { held: Held::Reader(Mutex::new(lent)), writer: None, inline: true })
    }

    /// Brings home what has gathered in the log, beside the writer, who otherwise does it all at once between two
    /// payments. Gives how many pages.
    pub(super) async fn shorten_log(&self) -> Result<u64, DbError> {
        let Some(mover) = self.mover.clone() else { return Ok(0) };
        let moved = tokio::task::spawn_blocking(move || {
            let mover = lock_of(&mover);
            let pages = |sql: &str| {
                mover
                    .query_row(sql, [], |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
                    .map_err(sound)
            };
            let (logged, home) = pages("PRAGMA wal_checkpoint(NOOP)")?;
            if logged - home < PAGES_OF_NOTE {
                return Ok(0);
            }
            let (_, now_home) = pages("PRAGMA wal_checkpoint(PASSIVE)")?;
            Ok(u64::try_from(now_home - home).unwrap_or(0))
        });
        moved.await.map_err(DbError::away)?
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.seams.monotonic().as_millis()).unwrap_or(u64::MAX / 2)
    }

    pub(super) fn backup(&self, target: &Path, mut progress: impl FnMut(u64, u64)) -> Result<()> {
        let from = Reader::open(&self.path, &self.seams).map_err(Failure::from)?;
        let mut to = Connection::open(target).map_err(DbError::from)?;
        // A read transaction on the source keeps it still; else every commit would begin the copy anew.
        from.conn.execute_batch("BEGIN; SELECT 1 FROM sqlite_master LIMIT 1").map_err(DbError::from)?;
        let backup = rusqlite::backup::Backup::new(&from.conn, &mut to).map_err(DbError::from)?;
        loop {
            let step = backup.step(1_000).map_err(DbError::from)?;
            let pages = backup.progress();
            progress(
                u64::try_from(pages.remaining).unwrap_or(0),
                u64::try_from(pages.pagecount).unwrap_or(0),
            );
            if step == rusqlite::backup::StepResult::Done {
                break;
            }
        }
        drop(backup);
        // The copy must be whole before anybody relies on it.
        to.pragma_update(None, "journal_mode", "DELETE").map_err(DbError::from)?;
        drop(to);
        File::open(target).and_then(|f| f.sync_all()).map_err(|e| Failure::broken("syncing the backup", e))
    }

    pub(super) fn close(&self) {
        if let Some(Ok(writer)) = self.writer.as_ref().map(|w| w.try_lock()) {
            // Best effort: the next start replays whatever is left in the WAL.
            let _ = writer.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}

impl Reader {
    fn open(path: &Path, seams: &Seams) -> Result<Reader, DbError> {
        let mut conn = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.execute_batch(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -1000;",
        )?;
        conn.set_prepared_statement_cache_capacity(256);
        prepare_once(&conn)?;
        let until = Arc::new(AtomicU64::new(u64::MAX));
        let (limit, seams) = (until.clone(), seams.clone());
        conn.progress_handler(
            20_000,
            Some(move || {
                u64::try_from(seams.monotonic().as_millis())
                    .is_ok_and(|now| now > limit.load(Ordering::Relaxed))
            }),
        )?;
        Ok(Reader { conn, until })
    }
}

/// Takes the lock beside the database for the life of the process.
pub(super) fn lock(path: &Path) -> Result<File> {
    let lock_path = path.with_extension("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(|e| {
        Failure::refused(
            Code::Unavailable,
            format!(
                "{} cannot be opened ({e}). Check that the data directory exists and may be written to.",
                lock_path.display()
            ),
        )
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Failure::refused(
            Code::Unavailable,
            format!(
                "Another quittance process uses {}. Stop it first, or name another directory with --data-dir; to run several nodes, set QUITTANCE_DATABASE_URL to a PostgreSQL database.",
                path.display()
            ),
        )),
        Err(std::fs::TryLockError::Error(e)) => Err(Failure::broken("locking the database", e)),
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::refused(Code::Unavailable, format!("{} cannot be used as a database: {error}.", path.display()))
}

/// Refuses a library with the WAL-reset bug.
pub(super) fn refuse_old_library(version: i32) -> Result<()> {
    if version < OLDEST_LIBRARY {
        return Err(Failure::refused(
            Code::Unavailable,
            format!(
                "This build uses SQLite {version}, which can corrupt a database; 3051003 (3.51.3) or newer is needed. Build with the bundled library."
            ),
        ));
    }
    Ok(())
}

fn mover(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -100;")?;
    Ok(conn)
}

/// Keeps the plan of a prepared statement whatever is bound to it. Without this SQLite plans anew at each execution,
/// which costs about as much as executing.
fn prepare_once(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn set_up(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(512);
    prepare_once(conn)?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    debug_assert!(mode == "wal" || mode == "memory", "the journal mode is {mode}");
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
         PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 20000;",
    )
}

fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A reader on loan; goes home when dropped.
struct Lent {
    reader: Option<Reader>,
    home: Arc<Mutex<Vec<Reader>>>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    fn begin(&self) -> Result<(), DbError> {
        let reader = self.reader.as_ref().expect("a loan holds its reader");
        Ok(reader.conn.execute_batch("BEGIN").map_err(sound)?)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.until.store(u64::MAX, Ordering::Relaxed);
            let _ = reader.conn.execute_batch("ROLLBACK"); // fails only where SQLite ended it by itself
            lock_of(&self.home).push(reader);
        }
    }
}

enum Held {
    Writer(Mutex<Option<OwnedMutexGuard<Writer>>>),
    Reader(Mutex<Lent>),
}

pub(super) struct LiteTx {
    held: Held,
    writer: Option<Arc<FairMutex<Writer>>>,
    inline: bool,
}

impl LiteTx {
    fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, LiteError>) -> Result<T, DbError> {
        match &self.held {
            Held::Writer(guard) => {
                let guard = lock_of(guard);
                let writer = guard.as_ref().expect("a transaction holds the writer until it ends");
                if writer.conn.is_autocommit() {
                    // What came before is gone; what came now would be committed by itself.
                    return Err(DbError::away("SQLite rolled the transaction back"));
                }
                work(&writer.conn).map_err(LiteError::judged)
            }
            Held::Reader(lent) => {
                let lent = lock_of(lent);
                work(&lent.reader.as_ref().expect("a loan holds its reader").conn).map_err(LiteError::judged)
            }
        }
    }

    pub(super) fn all<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<Vec<T>, DbError> {
        self.with(|conn| {
            let mut statement = conn.prepare_cached(sql)?;
            bind(&mut statement, params)?;
            let mut rows = statement.raw_query();
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push(T::read(&Row::Lite(row))?);
            }
            Ok(all)
        })
    }

    pub(super) fn run(&self, sql: &str, params: Params<'_>) -> Result<u64, DbError> {
        self.with(|conn| execute(conn, sql, params))
    }

    /// One statement over many rows, prepared once.
    pub(super) fn run_each(&self, sql: &str, rows: &dyn Rows) -> Result<u64, DbError> {
        self.with(|conn| {
            let mut statement = conn.prepare_cached(sql)?;
            let numbers = numbers(&statement);
            Ok(rows.each(&mut |params| {
                let run = |statement: &mut rusqlite::Statement<'_>| {
                    bind_by(&numbers, statement, params)?;
                    Ok(statement.raw_execute()? as u64)
                };
                run(&mut statement).map_err(LiteError::judged)
            })?)
        })
    }

    /// Takes back what this transaction did. What it had read may have been written by others of the group, who are
    /// not committed yet: what follows from it is known only once they are, and is void where they are not.
    pub(super) async fn rollback(mut self) -> Result<(), DbError> {
        let taken = match &mut self.held {
            Held::Writer(guard) => lock_of(guard).take(),
            Held::Reader(_) => None,
        };
        let Some(mut guard) = taken else { return Ok(()) };
        let Some(mut done) = guard.give_up() else { return Ok(()) };
        drop(guard);
        match done.wait_for(Option::is_some).await.map(|end| end.clone()) {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(says))) => Err(DbError::away(says)),
            Ok(None) | Err(_) => Err(DbError::away("the group's commit did not end")),
        }
    }

    pub(super) async fn commit(mut self) -> Commit {
        let taken = match &mut self.held {
            Held::Writer(guard) => lock_of(guard).take(),
            Held::Reader(_) => return Commit::Committed,
        };
        let (Some(mut guard), Some(writer)) = (taken, self.writer.take()) else { return Commit::Committed };
        if let Err(error) = guard.conn.execute_batch("RELEASE tx") {
            // Still open, or gone with everything: dropping tells which, and cleans up.
            self.held = Held::Writer(Mutex::new(Some(guard)));
            return Commit::Aborted(DbError::from(sound(error)).into());
        }
        if self.inline {
            return match guard.commit() {
                Ok(()) => Commit::Committed,
                Err(error) => Commit::Aborted(DbError::away(error).into()),
            };
        }
        let Some(group) = guard.group.as_mut() else {
            return Commit::Aborted(DbError::away("the transaction is gone").into());
        };
        let mut done = group.done.subscribe();
        if !std::mem::replace(&mut group.scheduled, true) {
            // A task of its own: the group must end though this caller may go away.
            tokio::spawn(async move {
                let mut guard = writer.lock_owned().await;
                let ended = tokio::task::spawn_blocking(move || guard.commit()).await;
                if let Err(panic) = ended {
                    tracing::error!(%panic, "the group's commit panicked");
                }
            });
        }
        drop(guard);
        match done.wait_for(Option::is_some).await.map(|end| end.clone()) {
            Ok(Some(Ok(()))) => Commit::Committed,
            Ok(Some(Err(says))) => Commit::Aborted(DbError::away(says).into()),
            Ok(None) | Err(_) => Commit::Unknown(DbError::away("the group's commit did not end")),
        }
    }
}

impl Writer {
    /// Ends one transaction of the group with nothing done. Gives what tells of the group's end, where others of it are
    /// to be committed.
    fn give_up(&mut self) -> Option<watch::Receiver<Option<Result<(), String>>>> {
        let _ = self.conn.execute_batch("ROLLBACK TO tx; RELEASE tx"); // fails where SQLite has done so
        self.fail_if_rolled_back();
        let group = self.group.as_ref()?;
        if group.scheduled {
            return Some(group.done.subscribe());
        }
        // Nobody in this group has anything to commit.
        let _ = self.conn.execute_batch("ROLLBACK");
        self.group = None;
        None
    }

    /// Ends the group: commits, and tells everybody in it.
    fn commit(&mut self) -> Result<(), String> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let ended = self.conn.execute_batch("COMMIT").map_err(|error| {
            let error = sound(error);
            let _ = self.conn.execute_batch("ROLLBACK"); // fails where SQLite has done so
            error.to_string()
        });
        group.done.send_replace(Some(ended.clone()));
        ended
    }

    /// Tells the group where SQLite rolled everything back by itself.
    fn fail_if_rolled_back(&mut self) {
        if self.conn.is_autocommit()
            && let Some(group) = self.group.take()
        {
            group.done.send_replace(Some(Err("SQLite rolled the transaction back".into())));
        }
    }
}

impl Drop for LiteTx {
    fn drop(&mut self) {
        if let Held::Writer(guard) = &mut self.held
            && let Some(mut writer) = lock_of(guard).take()
        {
            writer.give_up();
        }
    }
}

/// What a statement's work can end with: SQLite's own error, or ours.
enum LiteError {
    Theirs(rusqlite::Error),
    Ours(DbError),
}

impl From<rusqlite::Error> for LiteError {
    fn from(error: rusqlite::Error) -> LiteError {
        LiteError::Theirs(error)
    }
}

impl From<DbError> for LiteError {
    fn from(error: DbError) -> LiteError {
        LiteError::Ours(error)
    }
}

impl LiteError {
    fn judged(self) -> DbError {
        match self {
            LiteError::Theirs(error) => sound(error).into(),
            LiteError::Ours(error) => error,
        }
    }
}

/// Stops the process where the disk or the file is not sound any more: after a failed read or sync nobody knows what is
/// on disk; only a restart, which replays the log, does. A disk that is full is no such thing.
fn sound(error: rusqlite::Error) -> rusqlite::Error {
    if is_unsound(error.sqlite_error()) {
        tracing::error!(%error, "the disk or the database file failed; stopping");
        std::process::abort();
    }
    error
}

fn is_unsound(error: Option<&rusqlite::ffi::Error>) -> bool {
    use rusqlite::ffi;
    // The memory shared by connections is a file too, and a full disk keeps it from growing.
    let full = [ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_SHMOPEN, ffi::SQLITE_IOERR_SHMMAP];
    error.is_some_and(|e| {
        matches!(
            e.code,
            rusqlite::ErrorCode::SystemIoFailure
                | rusqlite::ErrorCode::DatabaseCorrupt
                | rusqlite::ErrorCode::NotADatabase
        ) && !full.contains(&e.extended_code)
    })
}

fn execute(conn: &Connection, sql: &str, params: Params<'_>) -> Result<u64, LiteError> {
    let mut statement = conn.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    Ok(statement.raw_execute()? as u64)
}

/// Binds by number: to SQLite `$2` is a *name*, numbered by first appearance.
fn bind(statement: &mut rusqlite::Statement<'_>, params: Params<'_>) -> Result<(), LiteError> {
    bind_by(&numbers(statement), statement, params)
}

/// The number in each parameter's name, in the order of its places: looked up once for many rows.
fn numbers(statement: &rusqlite::Statement<'_>) -> Vec<Option<usize>> {
    let number = |index| statement.parameter_name(index)?.get(1..)?.parse::<usize>().ok();
    (1..=statement.parameter_count()).map(number).collect()
}

fn bind_by(
    numbers: &[Option<usize>],
    statement: &mut rusqlite::Statement<'_>,
    params: Params<'_>,
) -> Result<(), LiteError> {
    for (index, number) in (1..).zip(numbers) {
        let param = number.and_then(|n| params.get(n.checked_sub(1)?));
        let param = param.ok_or_else(|| DbError::rows("a parameter for each number", params.len()))?;
        statement.raw_bind_parameter(index, param)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_disk_or_file_that_failed_stops_the_process() {
        use rusqlite::ffi;
        let stops = |code| is_unsound(Some(&ffi::Error::new(code)));
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_READ, ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB]
        {
            assert!(stops(code), "{code}");
        }
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_BUSY, ffi::SQLITE_INTERRUPT, ffi::SQLITE_IOERR_SHMSIZE] {
            assert!(!stops(code), "{code}");
        }
        assert!(!is_unsound(None));
    }

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_it() {
        let conn = Connection::open_in_memory().unwrap();
        set_up(&conn).unwrap();
        conn.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON t (b, a)")
            .unwrap();
        let mut statement =
            conn.prepare("SELECT a FROM t WHERE b = $1 AND a > $2 ORDER BY a LIMIT $3").unwrap();
        for run in 1..4 {
            assert!(!statement.exists(rusqlite::params!["x", run, 5]).unwrap());
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }

    #[test]
    fn a_library_with_the_wal_reset_bug_is_refused() {
        assert!(refuse_old_library(3_040_001).is_err());
        assert!(refuse_old_library(3_051_002).is_err());
        assert!(refuse_old_library(3_051_003).is_ok());
        assert!(refuse_old_library(rusqlite::version_number()).is_ok());
    }
}
