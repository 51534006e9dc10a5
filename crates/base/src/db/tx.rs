//! The verbs of a transaction, and writes of many rows.

use futures_util::future::join_all;

use super::{Commit, DbError, Params, Record, lite, lower, pg, record};
use crate::{Result, Ts, seams::Seams};

/// An open transaction, or reads. Verbs take `&self`, so that several statements can be joined into one round
/// trip.
pub struct Tx {
    pub(super) inner: Inner,
    pub(super) seams: Seams,
}

pub(super) enum Inner {
    Lite(lite::LiteTx),
    Pg(pg::PgTx),
}

impl Tx {
    /// The instant it is, by the wall clock.
    pub fn now(&self) -> Ts {
        self.seams.now()
    }

    /// A new time-ordered id.
    pub fn new_id<I: From<uuid::Uuid>>(&self) -> I {
        self.seams.id()
    }

    /// Time and chance.
    pub fn seams(&self) -> &Seams {
        &self.seams
    }

    /// All rows of a whole statement.
    pub async fn all<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<Vec<T>> {
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
        match &self.inner {
            Inner::Lite(tx) => Ok(tx.run(&lower::for_lite(sql), params)?),
            Inner::Pg(tx) => Ok(tx.run(&lower::for_pg(sql), params).await?),
        }
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
        Ok(self.write(&Write::insert(rows)).await?)
    }

    /// Updates rows found by their first `keys` columns, in one statement; every row must be there.
    pub async fn update<T: Record>(&self, keys: usize, rows: &[T]) -> Result<()> {
        self.batch(&[Write::update(keys, rows)]).await
    }

    /// Runs writes in their order, on PostgreSQL in one round trip. Each must touch as many rows as it has.
    pub async fn batch(&self, writes: &[Write<'_>]) -> Result<()> {
        let writes: Vec<&Write<'_>> = writes.iter().filter(|w| w.expect != Some(0)).collect();
        if let Inner::Pg(tx) = &self.inner {
            for write in &writes {
                tx.prepare(&write.pg).await?; // so that joining below keeps their order on the wire
            }
        }
        let done = match &self.inner {
            // One after the other: after an error SQLite may have rolled everything back by itself.
            Inner::Lite(tx) => {
                writes.iter().map(|w| tx.run_each(&w.lite, w.rows.as_ref())).collect::<Result<Vec<_>, _>>()?
            }
            Inner::Pg(_) => join_all(writes.iter().map(|w| self.write(w)))
                .await
                .into_iter()
                .collect::<Result<Vec<_>, _>>()?,
        };
        for (write, done) in writes.iter().zip(done) {
            match write.expect {
                Some(expected) if expected != done && write.inserts => {
                    return Err(DbError::duplicate(write.table).into());
                }
                Some(expected) if expected != done => {
                    return Err(
                        DbError::rows(write.table, usize::try_from(done).unwrap_or(usize::MAX)).into()
                    );
                }
                _ => {}
            }
        }
        Ok(())
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
        match self.inner {
            Inner::Lite(tx) => tx.commit().await,
            Inner::Pg(tx) => tx.commit().await,
        }
    }

    pub(super) async fn rollback(self) {
        match self.inner {
            Inner::Lite(tx) => drop(tx),
            Inner::Pg(tx) => tx.rollback().await,
        }
    }
}

crate::record! {
    struct OneNumber { number: i64 }
}

/// One write of many rows to one table, as part of a [`Tx::batch`].
pub struct Write<'a> {
    pg: String,
    lite: String,
    rows: Box<dyn record::Rows + 'a>,
    expect: Option<u64>,
    table: &'static str,
    inserts: bool,
}

impl<'a> Write<'a> {
    /// Inserts `rows`.
    pub fn insert<T: Record>(rows: &'a [T]) -> Write<'a> {
        let (pg, lite) = record::insert::<T>();
        Write {
            pg,
            lite,
            expect: Some(rows.len() as u64),
            rows: Box::new(rows),
            table: T::TABLE,
            inserts: true,
        }
    }

    /// Updates `rows`, each found by its first `keys` columns.
    pub fn update<T: Record>(keys: usize, rows: &'a [T]) -> Write<'a> {
        let (pg, lite) = record::update::<T>(keys);
        Write {
            pg,
            lite,
            expect: Some(rows.len() as u64),
            rows: Box::new(rows),
            table: T::TABLE,
            inserts: false,
        }
    }
}
