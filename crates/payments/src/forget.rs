//! Deleting rows whose time is over: those of tables that have a `tenant_id`, an `id` and an `ends_at`.

use base::db::{Command, Db, Tx};
use base::ids::Uuid;
use base::{Result, TenantId, Ts};

/// How many are deleted at a time.
const MOST: i64 = 500;

base::record! {
    struct Over { tenant_id: TenantId, id: Uuid }
}

struct Forget {
    table: &'static str,
    now: Ts,
}

impl Command for Forget {
    type Out = u64;

    fn name(&self) -> &'static str {
        "payments.forget"
    }

    async fn exec(&self, tx: &Tx) -> Result<u64> {
        let table = self.table;
        let over: Vec<Over> = tx
            .all(
                &format!(
                    "SELECT tenant_id, id FROM {table} WHERE ends_at < $1 AND tenant_id IN served() ORDER BY ends_at LIMIT $2"
                ),
                &[&self.now, &MOST],
            )
            .await?;
        for one in &over {
            let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND id = $2 AND ends_at < $3");
            tx.run(&sql, &[&one.tenant_id, &one.id, &self.now]).await?;
        }
        Ok(over.len() as u64)
    }
}

/// Deletes some of a table's rows that are over; gives how many.
pub(crate) async fn over(db: &Db, table: &'static str) -> Result<u64> {
    db.run(&Forget { table, now: db.now().await? }).await
}
