//! Idempotency keys: the same key and the same request give the same resource.
//!
//! The key's row is written in the transaction that does the work, so there is never a key without its effect
//! or an effect without its key. No answer is kept: a replay shows the resource as it is now. A request that is
//! refused rolls its row back with everything else.

use base::db::{Command, Db, Ids, Texts, Tx, lost_race};
use base::vault::Prints;
use base::{Code, Failure, Result, TenantId, Ts};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::orgs::Tenant;

/// How long keys of requests that move no money are kept.
const KEPT_HOURS: i64 = 30 * 24;

/// A request that its caller may send again.
#[derive(Clone, Debug)]
pub struct Once {
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// The keyed fingerprints of the request.
    pub fingerprint: Prints,
}

/// What a request made under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What kind of thing: `customer`, `charge`, `charge.refund`, …
    pub kind: String,
    /// Its id.
    pub object: Uuid,
}

impl Effect {
    /// The object, if it is of this kind; else the key was used for another request.
    pub fn of(self, kind: &str) -> Result<Uuid> {
        if self.kind == kind { Ok(self.object) } else { Err(other_request()) }
    }
}

/// What a creating command gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It was done now; the id of what was made.
    New(Uuid),
    /// The same request had done it before; the id of what was made then.
    Before(Uuid),
}

impl Made {
    /// The id of what was made, now or before.
    pub fn id(self) -> Uuid {
        match self {
            Made::New(id) | Made::Before(id) => id,
        }
    }
}

base::record! {
    /// The row of a key.
    pub struct KeyRow in "idempotency" {
        tenant_id: TenantId,
        /// The caller's `Idempotency-Key`.
        pub key: String,
        fingerprint: Vec<u8>,
        kind: String,
        object_id: Uuid,
        keep_until: Option<Ts>,
        created_at: Ts,
    }
}

/// What `once` did before, if it was sent before. Refuses a key that was used for another request.
pub async fn before(tx: &Tx, tenant: &Tenant, once: &Once) -> Result<Option<Effect>> {
    let row: Option<KeyRow> = tx.find("WHERE tenant_id = $1 AND key = $2", &[&tenant.id, &once.key]).await?;
    row.map(|row| effect(row, once)).transpose()
}

/// The effect a key's row tells of, for the same request.
pub fn effect(row: KeyRow, once: &Once) -> Result<Effect> {
    // Where it cannot be told any more, it counts as the same: the caller is shown what the key made then, and nothing
    // is ever made, or charged, twice.
    if once.fingerprint.is(&row.fingerprint) == Some(false) {
        return Err(other_request());
    }
    Ok(Effect { kind: row.kind, object: row.object_id })
}

/// The refusal of a key that was used for another request.
fn other_request() -> Failure {
    Failure::refused(Code::IdempotencyConflict, "This idempotency key was used for another request.")
}

/// Writes the rows of keys that nobody has used yet, in the order of their keys; gives the rows of the others.
pub async fn claim(tx: &Tx, tenant: &Tenant, mut rows: Vec<KeyRow>) -> Result<Vec<KeyRow>> {
    rows.sort_by(|a, b| a.key.cmp(&b.key)); // whoever claims several claims them in this order
    if tx.insert_if_new(&rows).await? == rows.len() as u64 {
        return Ok(Vec::new());
    }
    let keys = Texts(rows.iter().map(|row| row.key.clone()).collect());
    let found: Vec<KeyRow> =
        tx.select("WHERE tenant_id = $1 AND key IN texts($2)", &[&tenant.id, &keys]).await?;
    if rows.iter().any(|row| !found.iter().any(|f| f.key == row.key)) {
        return Err(lost_race()); // its first user was refused meanwhile
    }
    let is_ours = |f: &KeyRow| rows.iter().any(|row| row.key == f.key && row.object_id == f.object_id);
    Ok(found.into_iter().filter(|f| !is_ours(f)).collect())
}

/// Gives keys back that were claimed for these objects: what was refused has made nothing.
pub async fn give_back(tx: &Tx, tenant: &Tenant, keys: Vec<String>, objects: &Ids) -> Result<()> {
    let sql = "DELETE FROM idempotency WHERE tenant_id = $1 AND key IN texts($2) AND object_id IN ids($3)";
    tx.run(sql, &[&tenant.id, &Texts(keys), objects]).await.map(drop)
}

/// The row that `once` will leave, kept for ever where money moves.
pub fn row(tx: &Tx, tenant: &Tenant, once: &Once, kind: &str, object: Uuid, for_ever: bool) -> KeyRow {
    let keep_until = (!for_ever).then(|| tx.now().plus(SignedDuration::from_hours(KEPT_HOURS)));
    KeyRow {
        tenant_id: tenant.id,
        key: once.key.clone(),
        fingerprint: once.fingerprint.written().to_vec(),
        kind: kind.into(),
        object_id: object,
        keep_until,
        created_at: tx.now(),
    }
}

/// A command that makes `object`, done at most once under its key.
pub struct AtMostOnce<'a, C> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The request, where its caller sent a key.
    pub once: Option<&'a Once>,
    /// What kind of thing it makes.
    pub kind: &'static str,
    /// The id that what it makes will have.
    pub object: Uuid,
    /// The work.
    pub work: C,
}

impl<C: Command<Out = ()>> Command for AtMostOnce<'_, C> {
    type Out = Made;

    fn name(&self) -> &'static str {
        self.work.name()
    }

    async fn exec(&self, tx: &Tx) -> Result<Made> {
        if let Some(once) = self.once {
            let row = row(tx, self.tenant, once, self.kind, self.object, false);
            if tx.insert_if_new(&[row]).await? == 0
                && let Some(effect) = before(tx, self.tenant, once).await?
            {
                return Ok(Made::Before(effect.of(self.kind)?));
            }
        }
        self.work.exec(tx).await?;
        Ok(Made::New(self.object))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Made>> {
        match self.once {
            Some(once) => Ok(before(tx, self.tenant, once).await?.map(|effect| Made::New(effect.object))),
            None => Err(Failure::broken(
                "looking whether a commit happened",
                "the request had no key to be found by",
            )),
        }
    }
}

/// Forgets the keys that need not be kept any longer, some at a time; gives how many.
pub async fn forget_old(db: &Db) -> Result<u64> {
    db.run(&ForgetOld { now: db.now().await? }).await
}

struct ForgetOld {
    now: Ts,
}

base::record! {
    struct OldKey in "idempotency" { tenant_id: TenantId, key: String }
}

impl Command for ForgetOld {
    type Out = u64;

    fn name(&self) -> &'static str {
        "idempotency.forget"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let old: Vec<OldKey> = tx
            .select(
                "WHERE keep_until < $1 AND tenant_id IN served() ORDER BY keep_until LIMIT 500",
                &[&self.now],
            )
            .await?;
        for key in &old {
            tx.run(
                "DELETE FROM idempotency WHERE tenant_id = $1 AND key = $2 AND keep_until < $3",
                &[&key.tenant_id, &key.key, &self.now],
            )
            .await?;
        }
        Ok(old.len() as u64)
    }
}
