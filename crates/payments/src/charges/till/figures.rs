//! What an operator wants to see of the till: for readiness and metrics.

use base::Result;
use base::db::Tx;
use books::orgs::Environment;

use super::{Till, watch};

/// The till in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Charges whose outcome is not known yet.
    pub open: i64,
    /// Charges and refunds that wait for a person.
    pub review: i64,
    /// For how many seconds the oldest charge without an outcome has been open.
    pub oldest_open_seconds: i64,
    /// What the processors had done and the books did not know, ever.
    pub orphans: i64,
    /// What was found at the processors and nobody has dealt with.
    pub findings: i64,
    /// Each environment that has a processor: whether verify mode is on, and how many seconds ago the last whole sweep
    /// began.
    pub watched: Vec<(Environment, bool, i64)>,
}

base::record! {
    struct Oldest { created_at: base::Ts }
}

impl Till {
    /// The till in figures, as they are now.
    pub async fn figures(&self) -> Result<Figures> {
        let now = self.db.seams().now();
        let tx = self.db.read().await?;
        let oldest: Option<Oldest> = tx
            .opt("SELECT created_at FROM charge WHERE due_at IS NOT NULL AND state IN ('submitting', 'unknown') AND tenant_id IN served() ORDER BY created_at LIMIT 1", &[])
            .await?;
        let mut figures = Figures {
            open: count(
                &tx,
                "SELECT count(*) FROM charge WHERE due_at IS NOT NULL AND state IN ('submitting', 'unknown') AND tenant_id IN served()",
            )
            .await?,
            review: count(&tx, "SELECT count(*) FROM charge WHERE review").await?
                + count(&tx, "SELECT count(*) FROM refund WHERE review").await?,
            oldest_open_seconds: oldest.map_or(0, |oldest| now.since(oldest.created_at).as_secs().max(0)),
            orphans: count(&tx, "SELECT count(*) FROM processor_finding WHERE kind <> 'contradiction'")
                .await?,
            findings: count(&tx, "SELECT count(*) FROM processor_finding WHERE closed_at IS NULL").await?,
            watched: Vec::new(),
        };
        for environment in Environment::ALL.into_iter().filter(|e| self.processor_of(*e).is_some()) {
            if let Some(watch) = watch::of(&tx, environment).await? {
                let ago = now.since(watch.swept_to).as_secs().max(0);
                figures.watched.push((environment, watch.verify_since.is_some(), ago));
            }
        }
        Ok(figures)
    }
}

async fn count(tx: &Tx, sql: &str) -> Result<i64> {
    tx.number(sql, &[]).await
}
