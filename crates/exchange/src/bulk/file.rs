//! A file that the command line reads: nothing of it is put aside, since it is there to be read again.
//!
//! It is known by its bytes. Whoever was killed over it, or stopped, gives the same command again and goes on where it
//! was.

use base::db::{Command, Db, Tx};
use base::page::Which;
use base::{Cents, Page, Result};
use books::orgs::Tenant;

use super::intake::{Asked, Open, fresh};
use super::model::{Bulk, BulkId, Source, State};
use super::store::{find, same_as, take_turn};

/// What is known of a file before its records are applied.
#[derive(Clone, Debug)]
pub struct File {
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes it has.
    pub bytes: i64,
    /// Its records and the sum of their balances, where they were counted.
    pub told: Option<(i64, i64)>,
}

/// What became of beginning with a file.
#[derive(Clone, Debug)]
pub enum Begun {
    /// It is new.
    New(Bulk),
    /// It was begun before: the records up to its place are applied.
    GoesOn(Bulk),
    /// It was applied, or sent, within a day.
    Known(Bulk),
}

/// Begins with a file, or goes on with it.
pub async fn begin_file(db: &Db, tenant: &Tenant, open: &Open, asked: &Asked, file: &File) -> Result<Begun> {
    let what = open.what(asked, &file.digest);
    let id: BulkId = db.seams().id();
    let (total, balance) = file.told.unwrap_or((0, 0));
    let bulk = Bulk {
        keep_later_payments: asked.keep_later_payments,
        digest: Some(tenant.key.index("bulk", &[&what])),
        bytes: file.bytes,
        total,
        balance: Cents::new(balance),
        fence: 1,
        ..fresh(db, tenant, id, open, State::Processing)
    };
    let known_as = tenant.key.indexes("bulk", &[&what]);
    db.run(&Begin { tenant, bulk, known_as, force: asked.force }).await
}

/// Something that is never begun with: for a rehearsal.
pub fn only_told(db: &Db, tenant: &Tenant, open: &Open, asked: &Asked) -> Bulk {
    let bulk = fresh(db, tenant, db.seams().id(), open, State::Processing);
    Bulk { keep_later_payments: asked.keep_later_payments, ..bulk }
}

struct Begin<'a> {
    tenant: &'a Tenant,
    bulk: Bulk,
    known_as: Vec<Vec<u8>>,
    force: bool,
}

impl Command for Begin<'_> {
    type Out = Begun;

    fn name(&self) -> &'static str {
        "bulk.begin_file"
    }

    async fn exec(&self, tx: &Tx) -> Result<Begun> {
        take_turn(tx, self.tenant).await?;
        if !self.force {
            let begun = Which::of(self.tenant.id, "state = 'processing' AND source = 'file'")
                .filter_any("digest", Some(self.known_as.clone()))
                .page::<Bulk>(tx, Page::older(1, uuid::Uuid::max()))
                .await?;
            if let Some(bulk) = begun.rows.into_iter().next() {
                // Whoever else is at it finds another fence.
                let bulk = Bulk { fence: bulk.fence + 1, updated_at: tx.now(), ..bulk };
                tx.update(2, std::slice::from_ref(&bulk)).await?;
                return Ok(Begun::GoesOn(bulk));
            }
            if let Some(bulk) = same_as(tx, self.tenant, &self.known_as).await? {
                return Ok(Begun::Known(bulk));
            }
        }
        debug_assert!(self.bulk.source == Source::File);
        tx.insert(std::slice::from_ref(&self.bulk)).await?;
        Ok(Begun::New(self.bulk.clone()))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Begun>> {
        Ok(find(tx, self.tenant, self.bulk.id).await?.map(Begun::New))
    }
}
