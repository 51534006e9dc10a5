//! What waits is applied: by whichever node claims it, some pieces at a time.

use base::db::{Command, Db, Tx};
use base::{Failure, Result, TenantId, Ts};
use books::orgs::{Tenant, Tenants};
use books::queues::Standing;

use super::apply::{Batch, LEASE_SECONDS, Origin};
use super::intake::Forget;
use super::model::{Bulk, BulkId, Format, PieceRow, State, Words};
use super::spool::unpack;
use super::store::{end, held};
use crate::upsert::Rules;

/// The field rules of each spelling.
pub trait Readers: Send + Sync {
    /// Those that speak these words, over what is written so.
    fn of(&self, words: Words, format: Format) -> &dyn Rules;
}

/// How many pieces are applied at a turn, before others have theirs.
const PIECES: usize = 8;

base::record! {
    struct Due in "bulk" { tenant_id: TenantId, id: BulkId, state: State }
}

/// Claims what is due and applies some of it; gives how many records that were.
pub async fn step(db: &Db, tenants: &Tenants, readers: &dyn Readers) -> Result<u64> {
    let now = db.now().await?;
    let tx = db.read().await?;
    let due: Vec<Due> =
        tx.select("WHERE due_at <= $1 AND tenant_id IN served() ORDER BY due_at LIMIT 4", &[&now]).await?;
    drop(tx);
    let mut done = 0;
    for Due { tenant_id, id, state } in due {
        if state == State::Receiving {
            db.run(&Forget { tenant: tenant_id, id }).await?;
            continue;
        }
        let tenant = tenants.open(&db.read().await?, tenant_id).await?;
        match turn(db, &tenant, id, now, readers).await {
            Ok(records) => done += records,
            // One tenant's trouble must not hold up the others.
            Err(failure) => {
                tracing::error!(tenant = ?tenant_id, error = failure.chain(), "records could not be applied; it will be tried again");
            }
        }
    }
    Ok(done)
}

/// How the queue stands, for an operator.
pub async fn standing(tx: &Tx, now: Ts) -> Result<Standing> {
    let sql = "SELECT (SELECT count(*) FROM bulk WHERE state IN ('pending', 'processing')), \
               (SELECT count(*) FROM bulk WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served()), \
               (SELECT count(*) FROM bulk WHERE state = 'failed'), \
               (SELECT min(due_at) FROM bulk WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served())";
    tx.one(sql, &[&now]).await
}

/// One turn: some pieces of one.
async fn turn(db: &Db, tenant: &Tenant, id: BulkId, now: Ts, readers: &dyn Readers) -> Result<u64> {
    let Some(mut bulk) = db.run(&Claim { tenant: tenant.id, id, now }).await? else { return Ok(0) };
    let mut done = 0;
    for _ in 0..PIECES {
        let Some(piece) = next_piece(db, &bulk).await? else {
            let why = "a part of it is missing".to_owned();
            db.run(&Fail { tenant, id, fence: bulk.fence, why }).await?;
            return Ok(done);
        };
        let plain = tenant.key.open("bulk_piece", "body", piece.id, &piece.body)?;
        let mut items = unpack(&plain)?;
        // Some of the piece may be applied already, where it had to be divided.
        let behind =
            usize::try_from(bulk.place - piece.first).map_err(|e| Failure::broken("finding a place", e))?;
        items.drain(..behind.min(items.len()));
        let many = items.len();
        let rules = readers.of(bulk.words, bulk.format);
        let batch =
            Batch { tenant, rules, from: bulk.place, items, origin: Origin::Piece(piece.id), bulk: &bulk };
        if batch.apply(db).await?.is_none() {
            return Ok(done);
        }
        done += many as u64;
        bulk.place += i64::try_from(many).unwrap_or(i64::MAX);
        if bulk.place >= bulk.total {
            return Ok(done.max(1));
        }
    }
    db.run(&Release { tenant: tenant.id, id, fence: bulk.fence }).await?;
    Ok(done)
}

/// The piece in which the next record is.
async fn next_piece(db: &Db, bulk: &Bulk) -> Result<Option<PieceRow>> {
    let tail = "WHERE tenant_id = $1 AND bulk_id = $2 AND first <= $3 ORDER BY first DESC LIMIT 1";
    let piece: Option<PieceRow> =
        db.read().await?.find(tail, &[&bulk.tenant_id, &bulk.id, &bulk.place]).await?;
    Ok(piece.filter(|piece| bulk.place < piece.first + piece.records))
}

/// Takes what is due for oneself; `None` where somebody was faster.
struct Claim {
    tenant: TenantId,
    id: BulkId,
    /// The database's time, when it was found to be due.
    now: Ts,
}

impl Command for Claim {
    type Out = Option<Bulk>;

    fn name(&self) -> &'static str {
        "bulk.claim"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Bulk>> {
        let Some(bulk) = held(tx, self.tenant, self.id).await? else { return Ok(None) };
        let is_due = bulk.due_at.is_some_and(|due| due <= self.now);
        if !is_due || !matches!(bulk.state, State::Pending | State::Processing) {
            return Ok(None);
        }
        let due_at = Some(tx.clock().await?.plus_seconds(LEASE_SECONDS));
        let bulk = Bulk {
            state: State::Processing,
            fence: bulk.fence + 1,
            due_at,
            started_at: bulk.started_at.or(Some(tx.now())),
            ..bulk
        };
        tx.update(2, std::slice::from_ref(&bulk)).await?;
        Ok(Some(bulk))
    }

    async fn check(&self, _: &Tx) -> Result<Option<Option<Bulk>>> {
        Ok(None) // claimed again, under a higher fence, once the lease ends
    }
}

/// Lets others go on at once.
struct Release {
    tenant: TenantId,
    id: BulkId,
    fence: i64,
}

impl Command for Release {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.release"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let now = tx.clock().await?;
        let sql = "UPDATE bulk SET due_at = $4 WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state = 'processing'";
        tx.run(sql, &[&self.tenant, &self.id, &self.fence, &now]).await.map(drop)
    }

    async fn check(&self, _: &Tx) -> Result<Option<()>> {
        Ok(None)
    }
}

struct Fail<'a> {
    tenant: &'a Tenant,
    id: BulkId,
    fence: i64,
    why: String,
}

impl Command for Fail<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.fail"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let Some(bulk) = held(tx, self.tenant.id, self.id).await? else { return Ok(()) };
        if bulk.fence != self.fence || bulk.state != State::Processing {
            return Ok(());
        }
        end(tx, self.tenant, bulk, State::Failed, Some(self.why.clone())).await
    }

    async fn check(&self, _: &Tx) -> Result<Option<()>> {
        Ok(None)
    }
}
