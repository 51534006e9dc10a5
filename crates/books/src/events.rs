//! What happened, written in the transaction in which it happened.
//!
//! An event's body is the object as it was, without what it refers to, sealed. Its place in the tenant's stream
//! (`seq`) is given after the commit by one step, so the stream has no gaps and no reader ever skips an event
//! whose transaction committed late. Whoever must hear of every event ([`Follow`]) is told in the transaction that gives
//! the places, so nobody who follows has to remember how far they came.

use std::collections::{BTreeMap, HashSet};
use std::pin::Pin;

use base::db::{Command, Db, Ids, Tx};
use base::vault::{PersonKey, Sealed};
use base::{Failure, Result, TenantId, Ts};
use uuid::Uuid;

use crate::counts;
use crate::orgs::Tenant;

base::ids! {
    /// Something that happened.
    EventId "event"
}

base::record! {
    /// An event's row.
    pub struct EventRow in "event" {
        tenant_id: TenantId,
        id: EventId,
        seq: Option<i64>,
        name: String,
        object: String,
        object_id: Uuid,
        person_id: Option<Uuid>,
        body: Sealed,
        created_at: Ts,
    }
}

impl EventRow {
    /// Its id.
    pub fn id(&self) -> EventId {
        self.id
    }
}

/// The row of something that happened to an object that names nobody. `name` is the event's, `object` the kind
/// of thing, `body` the thing as it is now.
pub fn row(
    tx: &Tx,
    tenant: &Tenant,
    name: &str,
    object: &str,
    object_id: impl Into<Uuid>,
    body: &serde_json::Value,
) -> EventRow {
    tx.ring();
    let id: EventId = tx.new_id();
    let body = tenant.key.seal(tx.seams(), "event", "body", id, body.to_string().as_bytes());
    EventRow {
        tenant_id: tenant.id,
        id,
        seq: None,
        name: name.into(),
        object: object.into(),
        object_id: object_id.into(),
        person_id: None,
        body,
        created_at: tx.now(),
    }
}

/// The row of something that happened to a person; it is erased with them.
pub fn personal_row(
    tx: &Tx,
    tenant: &Tenant,
    name: &str,
    object: &str,
    object_id: impl Into<Uuid>,
    person: (Uuid, &PersonKey),
    body: &serde_json::Value,
) -> EventRow {
    tx.ring();
    let id: EventId = tx.new_id();
    let sealed = person.1.seal(tx.seams(), "event", "body", id, body.to_string().as_bytes());
    EventRow {
        tenant_id: tenant.id,
        id,
        seq: None,
        name: name.into(),
        object: object.into(),
        object_id: object_id.into(),
        person_id: Some(person.0),
        body: sealed,
        created_at: tx.now(),
    }
}

/// Writes that something happened; see [`row`].
pub async fn emit(
    tx: &Tx,
    tenant: &Tenant,
    name: &str,
    object: &str,
    object_id: impl Into<Uuid>,
    body: &serde_json::Value,
) -> Result<()> {
    tx.insert(&[row(tx, tenant, name, object, object_id, body)]).await
}

/// Events that say of a thing what no later one repeats: how its customer wants to be reached, what the holder signed, who
/// decided. What they say is kept for ever.
pub const SAY_MORE: &[&str] = &[
    "charge.resolved",
    "customer.preferences",
    "debt-account.itemized",
    "debt-account.itemization_withdrawn",
    "lookup.exhausted",
    "lookup.unlock",
    "payment-method.reauthorized",
];

/// Those of them that say nothing else: after one of these, an earlier event is still the last that says what the thing is.
pub const SAY_NO_WHOLE: &[&str] = &[
    "customer.preferences",
    "debt-account.itemized",
    "debt-account.itemization_withdrawn",
    "lookup.exhausted",
    "lookup.unlock",
];

/// How far the clocks of nodes may lie apart, in seconds. An event's id and place are of the clock of whoever wrote it, so of
/// two events that are not further apart either may be the later one.
pub const CLOCKS_DIFFER_SECONDS: i64 = 30;

/// How many events one run of the sequencer takes.
const BATCH: i64 = 500;

/// An event that has just got its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its id.
    pub id: EventId,
    /// Its place in the tenant's stream.
    pub seq: i64,
    /// The name it is kept under.
    pub name: String,
    /// What it happened to.
    pub object_id: Uuid,
}

/// Whoever hears of every event, once, in the order of the stream.
pub trait Follow: Send + Sync {
    /// These got their places, in the transaction in which they do. The tenant's head is locked.
    fn placed<'a>(
        &'a self,
        tx: &'a Tx,
        tenant: TenantId,
        placed: &'a [Placed],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

    /// Which of the events about these things somebody is still to be told of.
    fn waits_for<'a>(
        &'a self,
        tx: &'a Tx,
        tenant: TenantId,
        things: &'a Ids,
    ) -> Pin<Box<dyn Future<Output = Result<HashSet<EventId>>> + Send + 'a>>;
}

/// Gives committed events their place in their tenants' streams, some at a time; gives how many. `follower` is told.
pub async fn sequence(db: &Db, follower: &dyn Follow) -> Result<u64> {
    let waiting: Vec<Waiting> = db
        .read()
        .await?
        .all("SELECT tenant_id, id FROM event WHERE seq IS NULL AND tenant_id IN served() ORDER BY id LIMIT $1", &[&BATCH])
        .await?;
    let mut tenants: BTreeMap<TenantId, Vec<EventId>> = BTreeMap::new();
    for one in waiting {
        tenants.entry(one.tenant_id).or_default().push(one.id);
    }
    let mut done = 0;
    for (tenant, waiting) in tenants {
        match db.run(&Sequence { tenant, waiting: Ids::of(waiting), follower }).await {
            Ok(placed) => done += placed,
            // One tenant's trouble must not stop the others' streams.
            Err(failure) => {
                tracing::error!(?tenant, error = failure.chain(), "events could not be sequenced")
            }
        }
    }
    Ok(done)
}

base::record! {
    struct Waiting in "event" { tenant_id: TenantId, id: EventId }
}
base::record! {
    struct Told in "event" { tenant_id: TenantId, id: EventId, name: String, object_id: Uuid }
}
base::record! {
    struct Place in "event" { tenant_id: TenantId, id: EventId, seq: Option<i64> }
}
base::record! {
    struct Head in "event_head" { tenant_id: TenantId, seq: i64 }
}

/// A tenant's head, locked: sequencers of several nodes take turns.
async fn head(tx: &Tx, tenant: TenantId) -> Result<Head> {
    tx.insert_if_new(&[Head { tenant_id: tenant, seq: 0 }]).await?;
    let head = tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&tenant]).await?;
    head.ok_or_else(|| Failure::broken("sequencing events", "the head is gone"))
}

/// Holds a tenant's head, so that no event gets a place meanwhile.
pub(crate) async fn lock_head(tx: &Tx, tenant: TenantId) -> Result<()> {
    head(tx, tenant).await.map(drop)
}

struct Sequence<'a> {
    tenant: TenantId,
    waiting: Ids,
    follower: &'a dyn Follow,
}

impl Command for Sequence<'_> {
    type Out = u64;

    fn name(&self) -> &'static str {
        "events.sequence"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let head = head(tx, self.tenant).await?;
        let waiting: Vec<Told> = tx
            .select(
                "WHERE tenant_id = $1 AND id IN ids($2) AND seq IS NULL ORDER BY id",
                &[&self.tenant, &self.waiting],
            )
            .await?;
        let placed: Vec<Placed> = (head.seq + 1..)
            .zip(waiting)
            .map(|(seq, w)| Placed { id: w.id, seq, name: w.name, object_id: w.object_id })
            .collect();
        let place = |p: &Placed| Place { tenant_id: self.tenant, id: p.id, seq: Some(p.seq) };
        tx.update(2, &placed.iter().map(place).collect::<Vec<_>>()).await?;
        let told: Vec<(&str, Uuid)> = placed.iter().map(|p| (p.name.as_str(), p.object_id)).collect();
        counts::note(tx, self.tenant, &told).await?;
        self.follower.placed(tx, self.tenant, &placed).await?;
        let seq =
            head.seq + i64::try_from(placed.len()).map_err(|e| Failure::broken("counting events", e))?;
        tx.update(1, &[Head { tenant_id: self.tenant, seq }]).await?;
        Ok(placed.len() as u64)
    }
}
