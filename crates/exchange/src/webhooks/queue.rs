//! What is on its way to webhooks: a row for each webhook that says when to look and who does, and one for each delivery.
//!
//! - A delivery is made in the transaction that gives its event a place in the stream, so what is committed is told.
//! - Of one thing a webhook hears in order: only the earliest of its pending deliveries has an instant at which it is due.
//! - Whoever changes deliveries of a webhook holds its queue, and that before the webhook itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::pin::Pin;

use base::db::{Ids, Tx};
use base::vault::sha256;
use base::{Failure, Result, TenantId, Ts};
use books::events::{EventId, Follow, Placed};
use books::stream;
use uuid::Uuid;

use super::delivery::{Delivery, DeliveryId, State};
use super::model::{TEST, WebhookId, told_as};

base::record! {
    /// How a webhook stands with what is on its way there.
    pub struct Queue in "webhook_queue" {
        /// Whose.
        pub tenant_id: TenantId,
        /// The webhook's.
        pub id: WebhookId,
        /// When somebody has to look at it.
        pub due_at: Option<Ts>,
        /// Somebody is at it until then.
        pub lease_until: Option<Ts>,
        /// It is left alone until then.
        pub rest_until: Option<Ts>,
        /// Rises with every claim.
        pub fence: i64,
        /// Attempts in a row that failed.
        pub failures: i64,
        /// Since when nothing else has come of it.
        pub failing_since: Option<Ts>,
        /// When something arrived last.
        pub succeeded_at: Option<Ts>,
    }
}

impl Queue {
    fn new(tenant: TenantId, id: WebhookId) -> Queue {
        Queue {
            tenant_id: tenant,
            id,
            due_at: None,
            lease_until: None,
            rest_until: None,
            fence: 0,
            failures: 0,
            failing_since: None,
            succeeded_at: None,
        }
    }

    /// Something of it is due at `at`. Whoever is at it will find that by themselves, and nobody else may look before
    /// they are gone; nor does a rest end sooner.
    pub(super) fn look(&mut self, at: Ts) {
        if self.lease_until.is_none() {
            let at = at.max(self.rest_until.unwrap_or(at));
            self.due_at = Some(self.due_at.map_or(at, |due| due.min(at)));
        }
    }

    /// It is looked at now, as if nothing had ever failed.
    pub(super) fn begin_anew(&mut self, now: Ts) {
        (self.failures, self.failing_since, self.rest_until) = (0, None, None);
        self.look(now);
    }

    pub(super) async fn keep(&self, tx: &Tx) -> Result<()> {
        tx.ring();
        tx.update(2, std::slice::from_ref(self)).await
    }
}

/// A webhook's queue, locked; made where there is none yet.
pub(super) async fn held(tx: &Tx, tenant: TenantId, id: WebhookId) -> Result<Queue> {
    tx.insert_if_new(&[Queue::new(tenant, id)]).await?;
    let found = tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant, &id]).await?;
    found.ok_or_else(|| Failure::broken("holding a webhook's queue", "it is gone"))
}

/// How webhooks stand.
pub async fn queues(tx: &Tx, tenant: TenantId, of: Vec<WebhookId>) -> Result<Vec<Queue>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant, &Ids::of(of)]).await
}

/// The delivery of an event to a webhook. Its id is the event's, but for the bits that are random there: those are made
/// of both, so that it is in the order of the events, and there is one.
pub(super) fn id_of(event: EventId, webhook: WebhookId) -> DeliveryId {
    let mut bytes = *event.0.as_bytes();
    let mixed = sha256(&[event.0.as_bytes().as_slice(), webhook.0.as_bytes()].concat());
    bytes[9..].copy_from_slice(&mixed[..7]);
    DeliveryId(Uuid::from_bytes(bytes))
}

/// Makes the deliveries of events as they get their places.
pub struct FanOut;

impl Follow for FanOut {
    fn placed<'a>(
        &'a self,
        tx: &'a Tx,
        tenant: TenantId,
        placed: &'a [Placed],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(fan_out(tx, tenant, placed))
    }

    fn waits_for<'a>(
        &'a self,
        tx: &'a Tx,
        tenant: TenantId,
        things: &'a Ids,
    ) -> Pin<Box<dyn Future<Output = Result<HashSet<EventId>>> + Send + 'a>> {
        Box::pin(async move {
            let tail = "WHERE tenant_id = $1 AND object_id IN ids($2) AND state = 'pending'";
            let pending: Vec<OnItsWay> = tx.select(tail, &[&tenant, things]).await?;
            Ok(pending.into_iter().map(|row| row.event_id).collect())
        })
    }
}

base::record! {
    struct OnItsWay in "delivery" { event_id: EventId }
}

base::record! {
    struct Asks in "webhook" { id: WebhookId, events: String }
}

async fn fan_out(tx: &Tx, tenant: TenantId, placed: &[Placed]) -> Result<()> {
    let asking: Vec<Asks> =
        tx.select("WHERE tenant_id = $1 AND active = true ORDER BY id", &[&tenant]).await?;
    let mut new: BTreeMap<WebhookId, Vec<New<'_>>> = BTreeMap::new();
    for hook in &asking {
        for event in placed {
            if let Some(name) = wanted(hook, event) {
                new.entry(hook.id).or_default().push(New {
                    event: event.id,
                    seq: event.seq,
                    object: event.object_id,
                    name,
                });
            }
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let fresh: Vec<Queue> = new.keys().map(|id| Queue::new(tenant, *id)).collect();
    tx.insert_if_new(&fresh).await?;
    let tail = "WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id FOR UPDATE";
    let mut queues: Vec<Queue> = tx.select(tail, &[&tenant, &Ids::of(new.keys().copied())]).await?;
    let now = tx.clock().await?;
    let objects: BTreeSet<Uuid> = new.values().flatten().map(|one| one.object).collect();
    let mut waiting = waiting(tx, tenant, objects).await?;
    let mut rows = Vec::new();
    for queue in &mut queues {
        queue.look(now);
        let of = new.remove(&queue.id).unwrap_or_default();
        rows.extend(of.iter().map(|one| one.row(tenant, queue.id, &mut waiting, now)));
    }
    tx.insert_if_new(&rows).await?;
    tx.update(2, &queues).await
}

fn wanted<'a>(hook: &'a Asks, event: &'a Placed) -> Option<&'a str> {
    // What happened before there was a webhook is none of its. Ids are in the order in which they were given.
    if event.id.0 < hook.id.0 {
        return None;
    }
    if event.name == TEST {
        return (event.object_id == hook.id.0).then_some(TEST);
    }
    told_as(hook.events.split(' '), &stream::names(&event.name))
}

/// A delivery to be made.
pub(super) struct New<'a> {
    pub(super) event: EventId,
    pub(super) seq: i64,
    pub(super) object: Uuid,
    pub(super) name: &'a str,
}

impl New<'_> {
    /// Its row. `waiting` are things of which something is pending already, and this becomes one of them.
    pub(super) fn row(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        waiting: &mut HashSet<(Uuid, WebhookId)>,
        now: Ts,
    ) -> Delivery {
        Delivery {
            tenant_id: tenant,
            id: id_of(self.event, webhook),
            webhook_id: webhook,
            event_id: self.event,
            seq: self.seq,
            object_id: self.object,
            name: self.name.to_owned(),
            state: State::Pending,
            due_at: waiting.insert((self.object, webhook)).then_some(now),
            tries: 0,
            attempts: 0,
            status: None,
            outcome: None,
            log: None,
            attempted_at: None,
            ended_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

base::record! {
    struct Waiting { object_id: Uuid, webhook_id: WebhookId }
}

/// Of which of these things something is pending, and for which webhooks.
pub(super) async fn waiting(
    tx: &Tx,
    tenant: TenantId,
    objects: impl IntoIterator<Item = Uuid> + Send,
) -> Result<HashSet<(Uuid, WebhookId)>> {
    let sql = "SELECT DISTINCT object_id, webhook_id FROM delivery WHERE tenant_id = $1 AND object_id IN ids($2) AND state = 'pending'";
    let rows: Vec<Waiting> = tx.all(sql, &[&tenant, &Ids::of(objects)]).await?;
    Ok(rows.into_iter().map(|row| (row.object_id, row.webhook_id)).collect())
}

base::record! {
    struct Following { next: Option<Uuid> }
}

/// After these deliveries came to their end: of each thing they were about, whatever comes first now is due.
pub(super) async fn move_up(tx: &Tx, queue: &Queue, ended: &[DeliveryId], now: Ts) -> Result<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let sql = "SELECT (SELECT n.id FROM delivery AS n WHERE n.tenant_id = $1 AND n.object_id = d.object_id AND n.webhook_id = $2 \
               AND n.state = 'pending' ORDER BY n.seq LIMIT 1) AS next FROM delivery AS d WHERE d.tenant_id = $1 AND d.id IN ids($3)";
    let ended = Ids::of(ended.iter().copied());
    let found: Vec<Following> = tx.all(sql, &[&queue.tenant_id, &queue.id, &ended]).await?;
    let next = Ids::of(found.into_iter().filter_map(|row| row.next));
    if next.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE delivery SET due_at = $3 WHERE tenant_id = $1 AND id IN ids($2) AND due_at IS NULL";
    tx.run(sql, &[&queue.tenant_id, &next, &now]).await.map(drop)
}

base::record! {
    struct Next { due_at: Option<Ts> }
}

/// When the next delivery of a webhook is due.
pub(super) async fn next_due(tx: &Tx, queue: &Queue) -> Result<Option<Ts>> {
    let sql =
        "SELECT min(due_at) FROM delivery WHERE tenant_id = $1 AND webhook_id = $2 AND due_at IS NOT NULL";
    Ok(tx.one::<Next>(sql, &[&queue.tenant_id, &queue.id]).await?.due_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_has_an_id_of_its_own_in_the_order_of_the_events() {
        let event = |n: u128| EventId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | n << 80));
        let hook = |n| WebhookId(Uuid::from_u128(n));
        assert_eq!(id_of(event(1), hook(1)), id_of(event(1), hook(1)));
        assert_ne!(id_of(event(1), hook(1)), id_of(event(1), hook(2)));
        assert!(id_of(event(1), hook(2)) < id_of(event(2), hook(1)));
        assert_eq!(id_of(event(1), hook(1)).0.get_version_num(), 7);
    }

    #[test]
    fn nobody_looks_while_somebody_is_at_it_or_while_it_rests() {
        let at = |n| Ts::from_micros(n);
        let queue = Queue::new(TenantId(Uuid::nil()), WebhookId(Uuid::nil()));
        let look = |queue: &Queue, when| {
            let mut queue = queue.clone();
            queue.look(at(when));
            queue.due_at
        };
        assert_eq!(look(&queue, 5), Some(at(5)));
        let later = Queue { due_at: Some(at(9)), ..queue.clone() };
        assert_eq!((look(&later, 5), look(&later, 12)), (Some(at(5)), Some(at(9))));
        let leased = Queue { lease_until: Some(at(9)), ..later.clone() };
        assert_eq!(look(&leased, 5), Some(at(9)));
        assert_eq!(look(&Queue { rest_until: Some(at(7)), ..queue }, 5), Some(at(7)));
    }
}
