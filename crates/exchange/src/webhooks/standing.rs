//! How deliveries stand, over all organizations: for operators.

use base::db::{Ids, Tx};
use base::{Result, TenantId, Ts};
use books::queues::Standing;
use uuid::Uuid;

use super::delivery::Delivery;
use super::schedule::FAILING;

/// How the queue stands.
pub async fn standing(tx: &Tx, now: Ts) -> Result<Standing> {
    let sql = "SELECT (SELECT count(*) FROM delivery WHERE state = 'pending'), \
               (SELECT count(*) FROM delivery WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served()), \
               (SELECT count(*) FROM delivery WHERE state = 'failed'), \
               (SELECT min(due_at) FROM webhook_queue WHERE due_at IS NOT NULL AND due_at <= $1 AND tenant_id IN served())";
    tx.one(sql, &[&now]).await
}

/// How many webhooks fail again and again.
pub async fn failing(tx: &Tx) -> Result<i64> {
    tx.number("SELECT count(*) FROM webhook_queue WHERE failures >= $1", &[&FAILING]).await
}

/// Deliveries that were given up, the newest first.
pub async fn given_up(tx: &Tx, most: i64) -> Result<Vec<Delivery>> {
    tx.select("WHERE state = 'failed' ORDER BY id DESC LIMIT $1", &[&most]).await
}

/// The oldest of those of one organization's environment.
pub async fn given_up_by(tx: &Tx, tenant: TenantId, most: i64) -> Result<Vec<Delivery>> {
    tx.select("WHERE tenant_id = $1 AND state = 'failed' ORDER BY id LIMIT $2", &[&tenant, &most]).await
}

/// Those of these that were given up by it.
pub async fn given_up_of(tx: &Tx, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Delivery>> {
    let ids = Ids::of(ids.iter().copied());
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) AND state = 'failed'", &[&tenant, &ids]).await
}
