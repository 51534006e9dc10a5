//! The steps of rotations, which any node may run and any crash may end.

use base::db::{Command, Db, Tx};
use base::vault::Use;
use base::{Failure, Result, TenantId, Ts};

use super::{Kind, Row, list, locked, walk};
use crate::orgs::{Tenant, Tenants};

/// How many rotations one step looks at.
const ROTATIONS: i64 = 16;

base::record! {
    struct Due in "key_rotation" { tenant_id: TenantId, kind: String }
}

/// Does a part of every rotation that is due, about `budget` rows of each; gives how much was done, `budget` or more
/// where there is more to do at once.
pub async fn step(db: &Db, tenants: &Tenants, budget: i64) -> Result<u64> {
    let now = db.now().await?;
    let tail = "WHERE phase <> 'done' AND next_at <= $1 ORDER BY next_at LIMIT $2";
    let due: Vec<Due> = db.read().await?.select(tail, &[&now, &ROTATIONS]).await?;
    let mut done = 0;
    for Due { tenant_id, kind } in due {
        match advance(db, tenants, tenant_id, Kind::parse(&kind)?, budget).await {
            Ok(rows) => done += rows,
            // One tenant's trouble must not stop the others' rotations.
            Err(failure) => {
                tracing::error!(?tenant_id, kind, error = failure.chain(), "a rotation of keys cannot go on")
            }
        }
    }
    Ok(done)
}

async fn advance(db: &Db, tenants: &Tenants, id: TenantId, kind: Kind, budget: i64) -> Result<u64> {
    let full = u64::try_from(budget).unwrap_or(1).max(1);
    if kind == Kind::Customers {
        for person in 0..full {
            let now = db.now().await?;
            if !db.run(&Exchange { tenants, tenant: id, now }).await? {
                return Ok(person + 1);
            }
        }
        return Ok(full);
    }
    let use_of = if kind == Kind::Index { Use::Index } else { Use::Seal };
    let now = db.now().await?;
    // Counting looks at every row: in a snapshot of its own, before the short transaction.
    let is_settling = phase(&db.read().await?, id, kind).await?.as_deref() == Some("settling");
    let left = if is_settling {
        let tx = db.snapshot().await?;
        let tenant = tenants.open(&tx, id).await?;
        Some(list::left(&tx, &tenant, use_of).await?)
    } else {
        None
    };
    let step = Step { tenants, tenant: id, kind, use_of, now, left, budget };
    Ok(if db.run(&step).await? { full } else { 1 })
}

async fn phase(tx: &Tx, tenant: TenantId, kind: Kind) -> Result<Option<String>> {
    let row: Option<Row> = tx.find("WHERE tenant_id = $1 AND kind = $2", &[&tenant, &kind.as_str()]).await?;
    Ok(row.map(|row| row.phase))
}

/// One transaction of a rotation of the master's, the tenant's or the index key. Gives whether there is more to do at
/// once.
struct Step<'a> {
    tenants: &'a Tenants,
    tenant: TenantId,
    kind: Kind,
    use_of: Use,
    now: Ts,
    /// While settling: how many rows are left under older keys.
    left: Option<i64>,
    budget: i64,
}

impl Command for Step<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "keys.step"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let Some(mut row) = locked(tx, self.tenant, self.kind).await? else { return Ok(false) };
        if row.phase == "done" || row.next_at > self.now {
            return Ok(false); // another node was here
        }
        match (self.kind, row.phase.as_str()) {
            (Kind::Master, _) => self.rewrap(tx, &mut row).await?,
            (_, "coming") => self.activate(tx, &mut row).await?,
            (_, "moving") => self.walk(tx, &mut row).await?,
            (_, "settling") => match self.left {
                Some(0) => self.retire(tx, &mut row).await?,
                Some(left) => {
                    tracing::info!(left, "rows came late under the old key; they are moved too");
                    (row.phase, row.place, row.after) = ("moving".into(), 0, String::new());
                }
                None => return Ok(false), // it settled since the count
            },
            (_, other) => {
                return Err(Failure::broken("rotating keys", format!("`{other}` is no phase")));
            }
        }
        let more = row.phase == "moving";
        tx.update(2, &[row]).await?;
        Ok(more)
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // the row says how far it is: again is never too often
    }
}

impl Step<'_> {
    /// Everybody who opens the tenant from now on writes with the new key.
    async fn activate(&self, tx: &Tx, row: &mut Row) -> Result<()> {
        tx.run(
            "UPDATE tenant_key SET state = 'active' WHERE tenant_id = $1 AND version = $2 AND state = 'coming'",
            &[&self.tenant, &row.version],
        )
        .await?;
        row.phase = "moving".into();
        row.settles_at = Some(self.now.plus_seconds(row.wait_seconds));
        Ok(())
    }

    async fn walk(&self, tx: &Tx, row: &mut Row) -> Result<()> {
        let tenant = self.tenants.open(tx, self.tenant).await?;
        let places = walk::places(self.use_of);
        let place = usize::try_from(row.place).ok().and_then(|at| places.get(at));
        let Some(place) = place else {
            row.phase = "settling".into();
            row.next_at = row.settles_at.map_or(self.now, |at| at.max(self.now));
            return Ok(());
        };
        let walked = walk::stretch(tx, &tenant, place, &row.after, self.budget).await?;
        row.walked += i64::try_from(walked.rows).unwrap_or(0);
        match walked.after {
            Some(after) => row.after = after,
            None => (row.place, row.after) = (row.place + 1, String::new()),
        }
        Ok(())
    }

    /// No row is left: the old keys are destroyed. One that served both uses goes on for the other.
    async fn retire(&self, tx: &Tx, row: &mut Row) -> Result<()> {
        let other = if self.use_of == Use::Index { Use::Seal } else { Use::Index };
        let (mine, both) = (self.use_of.as_str(), Use::Both.as_str());
        tx.run(
            "UPDATE tenant_key SET state = 'retired', wrapped = $4, retired_at = $5 \
             WHERE tenant_id = $1 AND version < $2 AND serves = $3 AND state <> 'retired'",
            &[&self.tenant, &row.version, &mine, &Vec::<u8>::new(), &self.now],
        )
        .await?;
        tx.run(
            "UPDATE tenant_key SET serves = $3 WHERE tenant_id = $1 AND version < $2 AND serves = $4 AND state <> 'retired'",
            &[&self.tenant, &row.version, &other.as_str(), &both],
        )
        .await?;
        self.end(row);
        Ok(())
    }

    async fn rewrap(&self, tx: &Tx, row: &mut Row) -> Result<()> {
        let tail = "WHERE tenant_id = $1 AND state <> 'retired' ORDER BY version FOR UPDATE";
        let keys: Vec<Wrapped> = tx.select(tail, &[&self.tenant]).await?;
        for key in keys {
            row.walked += 1;
            if let Some(wrapped) = self.tenants.masters().rewrap(tx.seams(), self.tenant, &key.wrapped)? {
                tx.update(2, &[Wrapped { wrapped, ..key }]).await?;
            }
        }
        self.end(row);
        Ok(())
    }

    fn end(&self, row: &mut Row) {
        (row.phase, row.finished_at) = ("done".into(), Some(self.now));
    }
}

base::record! {
    struct Wrapped in "tenant_key" { tenant_id: TenantId, version: i64, wrapped: base::vault::Sealed }
}

/// Exchanges one person's data key: the whole of it in one transaction. Gives whether there was one.
struct Exchange<'a> {
    tenants: &'a Tenants,
    tenant: TenantId,
    now: Ts,
}

impl Command for Exchange<'_> {
    type Out = bool;

    fn name(&self) -> &'static str {
        "keys.exchange"
    }

    async fn exec(&self, tx: &Tx) -> Result<bool> {
        let Some(mut row) = locked(tx, self.tenant, Kind::Customers).await? else { return Ok(false) };
        if row.phase == "done" {
            return Ok(false);
        }
        let tenant: Tenant = self.tenants.open(tx, self.tenant).await?;
        let before = row.before.unwrap_or(row.created_at);
        let person = walk::next_person(tx, &tenant, &row.after, before, row.only_id).await?;
        if let Some(person) = person {
            walk::exchange(tx, &tenant, person, self.now).await?;
            row.walked += 1;
            row.after = person.to_string();
        } else {
            (row.phase, row.finished_at) = ("done".into(), Some(self.now));
        }
        tx.update(2, &[row]).await?;
        Ok(person.is_some())
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<bool>> {
        Ok(None) // the row says how far it is: again is never too often
    }
}
