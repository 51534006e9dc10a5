//! What a check reads through: one snapshot, or one after the other.
//!
//! A long read transaction on SQLite keeps the write-ahead log from being checkpointed, so it grows for as long as
//! the read takes. There a sight takes a fresh snapshot every [`SLICE`], and between two looks anything may have
//! changed: what is compared must come from one look, or be looked at again in one (see [`super`]). PostgreSQL pays
//! little for an old snapshot, so there it is one for the whole run.

use std::time::Duration;

use base::Result;
use base::db::{Db, Tx};
use base::seams::Seams;

/// How long one snapshot of an embedded database is held.
const SLICE: Duration = Duration::from_secs(2);

/// What a check reads through.
pub struct Sight<'a> {
    from: From<'a>,
    looks: u64,
}

enum From<'a> {
    Given(&'a Tx),
    Taken { db: &'a Db, tx: Box<Option<Tx>>, since: Duration },
}

impl<'a> Sight<'a> {
    /// Through this one snapshot.
    pub fn of(tx: &'a Tx) -> Sight<'a> {
        Sight { from: From::Given(tx), looks: 1 }
    }

    /// Beside whoever writes.
    pub fn beside(db: &'a Db) -> Sight<'a> {
        Sight { from: From::Taken { db, tx: Box::new(None), since: Duration::ZERO }, looks: 0 }
    }

    /// Whether two looks may see different instants.
    pub(super) fn moves(&self) -> bool {
        matches!(&self.from, From::Taken { db, .. } if db.snapshots_hold_up_the_log())
    }

    /// Time and chance.
    pub(super) fn seams(&self) -> &Seams {
        match &self.from {
            From::Given(tx) => tx.seams(),
            From::Taken { db, .. } => db.seams(),
        }
    }

    /// The snapshot to read the next page through.
    pub async fn look(&mut self) -> Result<&Tx> {
        let moves = self.moves();
        if let From::Taken { db, tx, since } = &mut self.from
            && moves
            && db.seams().monotonic().saturating_sub(*since) > SLICE
        {
            **tx = None;
        }
        self.taken().await
    }

    /// The same, and which snapshot it is: 1, 2, 3, …
    pub(super) async fn look_at(&mut self) -> Result<(&Tx, u64)> {
        self.look().await?;
        let look = self.looks;
        Ok((self.taken().await?, look))
    }

    /// A snapshot of now, to look again at what differed. Held until the next look.
    pub(crate) async fn look_again(&mut self) -> Result<&Tx> {
        if self.moves()
            && let From::Taken { tx, .. } = &mut self.from
        {
            **tx = None;
        }
        self.taken().await
    }

    async fn taken(&mut self) -> Result<&Tx> {
        match &mut self.from {
            From::Given(tx) => Ok(tx),
            From::Taken { db, tx, since } => {
                if tx.is_none() {
                    *since = db.seams().monotonic();
                    self.looks += 1;
                    **tx = Some(db.snapshot().await?);
                }
                (**tx).as_ref().ok_or_else(|| base::Failure::broken("taking a snapshot", "it is gone"))
            }
        }
    }
}
