//! What is removed: deliveries long after their end, and everything of webhooks that were deleted.

use base::db::{Command, Db, Tx};
use base::page::least_id;
use base::{Result, TenantId, Ts};
use uuid::Uuid;

use super::model::WebhookId;

/// How long deliveries are kept after they happened, in days. Events are kept: a replay makes deliveries anew.
pub const KEPT_DAYS: i64 = 30;

/// How many rows are removed in one transaction.
const SLICE: i64 = 500;

base::record! {
    struct Of in "webhook_queue" { tenant_id: TenantId, id: WebhookId }
}

/// A step: removes some; gives how many.
pub async fn forget(db: &Db) -> Result<u64> {
    let before = db.seams().now().plus_seconds(-KEPT_DAYS * 86_400);
    let all: Vec<Of> = db.read().await?.select("ORDER BY tenant_id, id", &[]).await?;
    let mut done = 0;
    for Of { tenant_id, id } in all {
        done += db.run(&Forget { tenant: tenant_id, hook: id, before }).await?;
    }
    Ok(done)
}

struct Forget {
    tenant: TenantId,
    hook: WebhookId,
    before: Ts,
}

impl Command for Forget {
    type Out = u64;

    fn name(&self) -> &'static str {
        "webhooks.forget"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let (t, hook) = (&self.tenant, &self.hook);
        let sql = "SELECT count(*) FROM webhook WHERE tenant_id = $1 AND id = $2";
        let is_gone = tx.number(sql, &[t, hook]).await? == 0;
        // Of a webhook that is gone everything; else what is old and at its end. Ids are in the order of time.
        let (which, below) = match is_gone {
            true => ("", Uuid::max()),
            false => (" AND state <> 'pending'", least_id(self.before)),
        };
        let sql = format!(
            "DELETE FROM delivery WHERE tenant_id = $1 AND id IN each(SELECT id FROM delivery \
             WHERE tenant_id = $1 AND webhook_id = $2 AND id < $3{which} ORDER BY id LIMIT $4)"
        );
        let deleted = tx.run(&sql, &[t, hook, &below, &SLICE]).await?;
        if is_gone && deleted == 0 {
            tx.run("DELETE FROM webhook_replay WHERE tenant_id = $1 AND webhook_id = $2", &[t, hook]).await?;
            tx.run("DELETE FROM webhook_queue WHERE tenant_id = $1 AND id = $2", &[t, hook]).await?;
        }
        Ok(deleted)
    }

    async fn check(&self, _: &Tx) -> Result<Option<u64>> {
        Ok(None) // what is gone is gone
    }
}
