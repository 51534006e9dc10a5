//! The verbs of a transaction, and writes of many rows.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;

use super::{Commit, DbError, Ids, Params, Record, lite, lost_race, lower, pg, record};
use crate::{Failure, Result, TenantId, Ts, seams::Seams};

/// An open transaction, or reads. Verbs take `&self`, so that several statements can be joined into one round
/// trip: they reach the server in the order in which they are first polled.
pub struct Tx {
    inner: Inner,
    seams: Seams,
    /// The one tenant whose queues are served.
    alone: Option<TenantId>,
    /// What goes to the server together with the commit.
    last: Mutex<Vec<Write<'static>>>,
    rings: AtomicBool,
}

pub(super) enum Inner {
    Lite(lite::LiteTx),
    Pg(pg::PgTx),
}

impl Tx {
    pub(super) fn new(inner: Inner, seams: Seams, alone: Option<TenantId>) -> Tx {
        Tx { inner, seams, alone, last: Mutex::default(), rings: AtomicBool::new(false) }
    }

    /// The instant it is: by the wall clock, unless this is [of somebody's own time](super::Db::in_time_of).
    pub fn now(&self) -> Ts {
        self.seams.now()
    }

    /// Whether this is of somebody's own time: then ids, which are of the world's, say nothing of when something was made.
    pub fn is_of_own_time(&self) -> bool {
        self.alone.is_some()
    }

    /// A new time-ordered id.
    pub fn new_id<I: From<uuid::Uuid>>(&self) -> I {
        self.seams.id()
    }

    /// Something is written that a step waits for: once it is committed, the [bell](super::Db::bell) rings.
    pub fn ring(&self) {
        self.rings.store(true, Ordering::Relaxed);
    }

    pub(super) fn rings(&self) -> bool {
        self.rings.load(Ordering::Relaxed)
    }

    /// Time and chance.
    pub fn seams(&self) -> &Seams {
        &self.seams
    }

    /// The database's own time, for leases and due-ness. Asked for after a statement that waits for locks, it is the
    /// instant after that wait.
    pub async fn clock(&self) -> Result<Ts> {
        match (&self.inner, self.seams.stands_at()) {
            (_, Some(at)) => Ok(at),
            (Inner::Lite(_), None) => Ok(self.seams.now()),
            (Inner::Pg(_), None) => Ok(self.one::<OneTs>("SELECT clock_timestamp()", &[]).await?.at),
        }
    }

    /// All rows of a whole statement.
    pub async fn all<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<Vec<T>> {
        let sql = &*self.of_whom(sql);
        match &self.inner {
            Inner::Lite(tx) => Ok(tx.all(&lower::for_lite(sql), params)?),
            Inner::Pg(tx) => Ok(tx.all(&lower::for_pg(sql), params).await?),
        }
    }

    /// The one row of a whole statement; none or several is our mistake.
    pub async fn one<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<T> {
        self.opt(sql, params).await?.ok_or_else(|| DbError::rows("one", 0).into())
    }

    /// The row of a whole statement, if there is one; several is our mistake.
    pub async fn opt<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<Option<T>> {
        let mut rows = self.all(sql, params).await?;
        if rows.len() > 1 {
            return Err(DbError::rows("at most one", rows.len()).into());
        }
        Ok(rows.pop())
    }

    /// All rows of `T`'s table that `tail` (`WHERE … ORDER BY …`) leaves.
    pub async fn select<T: Record>(&self, tail: &str, params: Params<'_>) -> Result<Vec<T>> {
        self.all(&record::select::<T>(tail), params).await
    }

    /// The row of `T`'s table that `tail` leaves, if there is one.
    pub async fn find<T: Record>(&self, tail: &str, params: Params<'_>) -> Result<Option<T>> {
        self.opt(&record::select::<T>(tail), params).await
    }

    /// A single number that a statement gives: a count, a sum.
    pub async fn number(&self, sql: &str, params: Params<'_>) -> Result<i64> {
        Ok(self.one::<OneNumber>(sql, params).await?.number)
    }

    /// Runs one statement; gives the number of rows it touched.
    pub async fn run(&self, sql: &str, params: Params<'_>) -> Result<u64> {
        let sql = &*self.of_whom(sql);
        match &self.inner {
            Inner::Lite(tx) => Ok(tx.run(&lower::for_lite(sql), params)?),
            Inner::Pg(tx) => Ok(tx.run(&lower::for_pg(sql), params).await?),
        }
    }

    fn of_whom<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        lower::served(sql, self.alone, matches!(self.inner, Inner::Lite(_)))
    }

    /// Inserts rows, in one statement.
    pub async fn insert<T: Record>(&self, rows: &[T]) -> Result<()> {
        let done = self.insert_if_new(rows).await?;
        if done < rows.len() as u64 {
            return Err(DbError::duplicate(T::TABLE).into());
        }
        Ok(())
    }

    /// Inserts the rows that break no unique key, in one statement; gives how many did not.
    pub async fn insert_if_new<T: Record>(&self, rows: &[T]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        Ok(self.write(&Write::insert_if_new(rows)).await?)
    }

    /// Updates rows found by their first `keys` columns, in one statement; every row must be there.
    pub async fn update<T: Record>(&self, keys: usize, rows: &[T]) -> Result<()> {
        self.batch(&[Write::update(keys, rows)]).await
    }

    /// Runs writes in their order, on PostgreSQL in one round trip. Each must touch as many rows as it has.
    pub async fn batch(&self, writes: &[Write<'_>]) -> Result<()> {
        let mut writes = writes.iter().filter(|w| w.count > 0);
        match &self.inner {
            // One after the other: after an error SQLite may have rolled everything back by itself.
            Inner::Lite(tx) => Ok(writes.try_for_each(|w| w.on_lite(tx))?),
            Inner::Pg(_) => {
                let done = join_all(writes.map(async |w| self.write(w).await.map_err(|e| w.failed(e)))).await;
                done.into_iter().try_for_each(|one| one.map(drop))
            }
        }
    }

    /// Leaves writes to be made last, in their order and as [`batch`](Tx::batch) makes them: on PostgreSQL they travel
    /// together with the commit, and whichever fails turns that into a rollback. Nothing is read after them.
    pub async fn with_commit(&self, writes: Vec<Write<'static>>) -> Result<()> {
        match &self.inner {
            Inner::Lite(_) => self.batch(&writes).await,
            Inner::Pg(_) => {
                let writes = writes.into_iter().filter(|w| w.count > 0);
                self.last.lock().unwrap_or_else(PoisonError::into_inner).extend(writes);
                Ok(())
            }
        }
    }

    async fn write(&self, write: &Write<'_>) -> Result<u64, DbError> {
        match &self.inner {
            Inner::Lite(tx) => tx.run_each(&write.lite, write.rows.as_ref()),
            Inner::Pg(tx) => {
                let columns = write.rows.columns();
                let columns: Vec<pg::PgParam<'_>> = columns.iter().map(|c| &**c as pg::PgParam<'_>).collect();
                tx.run_raw(&write.pg, &columns).await
            }
        }
    }

    pub(super) async fn commit(self) -> Commit {
        let last = self.last.into_inner().unwrap_or_else(PoisonError::into_inner);
        match self.inner {
            Inner::Lite(tx) => tx.commit().await,
            Inner::Pg(tx) => tx.commit(&last).await,
        }
    }

    /// Takes everything back. An error where what it had read was taken back too, so that nobody may rely on it.
    pub(super) async fn rollback(self) -> Result<(), DbError> {
        match self.inner {
            Inner::Lite(tx) => tx.rollback().await,
            Inner::Pg(tx) => {
                tx.rollback().await;
                Ok(())
            }
        }
    }
}

crate::record! {
    struct OneNumber { number: i64 }
}
crate::record! {
    struct OneTs { at: Ts }
}

/// One write of many rows to one table, as part of a [`Tx::batch`] or [`Tx::with_commit`].
pub struct Write<'a> {
    pub(super) pg: String,
    lite: String,
    pub(super) rows: Box<dyn record::Rows + 'a>,
    count: u64,
    table: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Insert,
    Update,
    /// Writes nothing; fails where something no longer holds.
    Guard,
}

impl<'a> Write<'a> {
    /// Inserts `rows`.
    pub fn insert<T: Record>(rows: &'a [T]) -> Write<'a> {
        Write::of::<T>(record::insert::<T>(false), rows.len(), Box::new(rows), Kind::Insert)
    }

    fn insert_if_new<T: Record>(rows: &'a [T]) -> Write<'a> {
        Write::of::<T>(record::insert::<T>(true), rows.len(), Box::new(rows), Kind::Insert)
    }

    /// Updates `rows`, each found by its first `keys` columns.
    pub fn update<T: Record>(keys: usize, rows: &'a [T]) -> Write<'a> {
        Write::of::<T>(record::update::<T>(keys), rows.len(), Box::new(rows), Kind::Update)
    }

    fn of<T: Record>(
        (pg, lite): (String, String),
        count: usize,
        rows: Box<dyn record::Rows + 'a>,
        kind: Kind,
    ) -> Write<'a> {
        Write { pg, lite, rows, count: count as u64, table: T::TABLE, kind }
    }

    fn on_lite(&self, tx: &lite::LiteTx) -> Result<(), DbError> {
        if self.kind == Kind::Guard {
            return Ok(()); // there is one writer: what was read still holds
        }
        match tx.run_each(&self.lite, self.rows.as_ref())? {
            done if done == self.count => Ok(()),
            _ if self.kind == Kind::Insert => Err(DbError::duplicate(self.table)),
            done => Err(DbError::rows(self.table, usize::try_from(done).unwrap_or(usize::MAX))),
        }
    }

    /// What its failure means.
    pub(super) fn failed(&self, error: DbError) -> Failure {
        match self.kind {
            Kind::Guard if error.is_short() => lost_race(),
            Kind::Update if error.is_short() => DbError::rows(self.table, 0).into(),
            _ => error.into(),
        }
    }
}

impl Write<'static> {
    /// Inserts rows that it keeps: for [`Tx::with_commit`].
    pub fn inserting<T: Record + 'static>(rows: Vec<T>) -> Write<'static> {
        Write::of::<T>(record::insert::<T>(false), rows.len(), Box::new(rows), Kind::Insert)
    }

    /// Updates rows that it keeps: for [`Tx::with_commit`].
    pub fn updating<T: Record + 'static>(keys: usize, rows: Vec<T>) -> Write<'static> {
        Write::of::<T>(record::update::<T>(keys), rows.len(), Box::new(rows), Kind::Update)
    }

    /// Loses the race where one of these rows of `table` is not live any more. Placed behind the insert of rows that
    /// refer to them: those rows' foreign keys wait for whoever is deleting, and whoever comes second sees the first.
    pub fn all_live(table: &'static str, tenant: TenantId, ids: Ids) -> Write<'static> {
        let count = u64::from(!ids.is_empty());
        let rows = Box::new(Guarded(tenant, ids));
        Write { pg: record::all_live(table), lite: String::new(), rows, count, table, kind: Kind::Guard }
    }
}

/// The parameters of a guard.
struct Guarded(TenantId, Ids);

impl record::Rows for Guarded {
    fn each(&self, _visit: record::Visit<'_>) -> Result<u64, DbError> {
        Ok(0)
    }

    fn columns(&self) -> Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>> {
        vec![Box::new(self.0), Box::new(&self.1)]
    }
}
