//! Keys that rotate while everything is in use.
//!
//! A rotation of a tenant's key (`tenant` seals, `index` makes blind indexes) goes through these phases, each one a
//! change in the database, by the database's time:
//! 1. `coming`: the new version is there to be read with. Whoever opened the tenant before does not know it; after
//!    `wait_seconds` nobody is left who did, and it becomes `active`.
//! 2. `moving`: everybody who opens the tenant from now on writes with it; what stands under the old one is sealed,
//!    or indexed, anew, some rows at a time. Both versions are read with; lookups ask for the index under each.
//! 3. `settling`: after `wait_seconds` nobody is left who wrote with the old one. Rows are counted; if one came late,
//!    the walk begins anew.
//! 4. `done`: no row is left, and the old key is destroyed.
//!
//! A person's data key (`customers`) is exchanged in one transaction for each person, under their row's lock, which
//! every writer of their data holds; readers who met key and value of different moments read again. The master
//! (`master`) wraps a handful of rows anew.
//!
//! Must always hold:
//! - Every value says which version it needs, and that version lives.
//! - Nothing a node remembers decides with which key is written: that is read with each opening of a tenant.
//! - A step may be killed anywhere and run by any node: its place is in the row, changed in the same transaction.

mod begin;
mod list;
mod places;
mod steps;
mod walk;

use base::db::{Db, Tx};
use base::{Failure, Result, TenantId, Ts};
use uuid::Uuid;

pub use begin::begin;
pub use list::{Line, list};
pub use places::{By, PLACES, Place};
pub use steps::step;

use crate::people::CustomerId;

/// Which keys are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The wraps by an older master key are replaced by wraps by the newest.
    Master,
    /// The tenant's sealing key.
    Tenant,
    /// The tenant's key for blind indexes and fingerprints.
    Index,
    /// People's data keys.
    Customers,
}

impl Kind {
    /// The words of command line, API and database.
    pub const WORDS: &'static [(&'static str, Kind)] = &[
        ("master", Kind::Master),
        ("tenant", Kind::Tenant),
        ("index", Kind::Index),
        ("customers", Kind::Customers),
    ];

    /// `master`, `tenant`, `index` or `customers`.
    pub fn as_str(self) -> &'static str {
        Kind::WORDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    fn parse(word: &str) -> Result<Kind> {
        let found = Kind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        found.ok_or_else(|| Failure::broken("reading a rotation", format!("`{word}` is no kind")))
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Which keys.
    pub kind: Kind,
    /// Of customers' keys only those made before; absent: all there are now.
    pub before: Option<Ts>,
    /// Of customers' keys only this one's.
    pub only: Option<CustomerId>,
}

impl Wish {
    /// All keys of this kind.
    pub const fn all(kind: Kind) -> Wish {
        Wish { kind, before: None, only: None }
    }
}

base::record! {
    /// A rotation, running or done.
    pub(crate) struct Row in "key_rotation" {
        tenant_id: TenantId,
        kind: String,
        phase: String,
        version: i64,
        wait_seconds: i64,
        next_at: Ts,
        settles_at: Option<Ts>,
        place: i64,
        after: String,
        before: Option<Ts>,
        only_id: Option<Uuid>,
        walked: i64,
        many: i64,
        created_at: Ts,
        finished_at: Option<Ts>,
    }
}

/// How far a rotation is.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Which keys.
    pub kind: Kind,
    /// `coming`, `moving`, `settling` or `done`.
    pub phase: String,
    /// Rows looked at; a second walk counts again.
    pub walked: i64,
    /// Rows there were to look at when it began.
    pub many: i64,
    /// When it began.
    pub created_at: Ts,
    /// When it ended.
    pub finished_at: Option<Ts>,
}

impl Rotation {
    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        self.finished_at.is_some()
    }
}

/// A tenant's rotations, the newest of each kind.
pub async fn rotations(tx: &Tx, tenant: TenantId) -> Result<Vec<Rotation>> {
    let rows: Vec<Row> = tx.select("WHERE tenant_id = $1 ORDER BY kind", &[&tenant]).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Rotation {
                kind: Kind::parse(&row.kind)?,
                phase: row.phase,
                walked: row.walked,
                many: row.many,
                created_at: row.created_at,
                finished_at: row.finished_at,
            })
        })
        .collect()
}

/// A rotation's row, locked.
async fn locked(tx: &Tx, tenant: TenantId, kind: Kind) -> Result<Option<Row>> {
    tx.find("WHERE tenant_id = $1 AND kind = $2 FOR UPDATE", &[&tenant, &kind.as_str()]).await
}

/// When the next step of any rotation is due; `None` where none runs.
pub async fn next_at(db: &Db) -> Result<Option<Ts>> {
    let tail = "WHERE phase <> 'done' ORDER BY next_at LIMIT 1";
    Ok(db.read().await?.find::<Row>(tail, &[]).await?.map(|row| row.next_at))
}
