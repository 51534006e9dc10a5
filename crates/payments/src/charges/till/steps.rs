//! The steps that finish what was left open: asking about charges and refunds, and starting what is due.
//!
//! A step claims what it works on, so any number of nodes may run it. What cannot be looked at is put off, ever
//! longer, so that it neither spins nor stands in others' way.

use base::{Failure, Result, TenantId};
use futures_util::future::ready;
use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use super::super::claims::{Postpone, Start};
use super::super::{Charge, Refund, refunds};
use super::Till;

/// How many things a step works on at once.
const AT_ONCE: usize = 16;

/// A row that a step works on.
#[derive(Clone, Copy)]
struct Row {
    table: &'static str,
    tenant: TenantId,
    id: Uuid,
    checks: i64,
}

impl Till {
    /// Charges whose lease ended or that are to be asked about. Gives how many were.
    pub async fn reconcile(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let tail =
            "WHERE due_at <= $1 AND state IN ('submitting', 'unknown', 'pending') ORDER BY due_at LIMIT $2";
        let due: Vec<Charge> = self.db.read().await?.select(tail, &[&now, &budget]).await?;
        Ok(stream::iter(due)
            .map(|c| self.ask_one(c))
            .buffer_unordered(AT_ONCE)
            .filter(|ok| ready(*ok))
            .count()
            .await as u64)
    }

    async fn ask_one(&self, charge: Charge) -> bool {
        let row = row(&charge);
        let asked = async { self.ask_about(&self.open(charge.tenant_id).await?, charge).await };
        self.done_or_put_off(asked.await.map(drop), row).await
    }

    /// Scheduled charges whose day has come. Gives how many were started.
    pub async fn start_due(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let tail = "WHERE due_at <= $1 AND state = 'scheduled' ORDER BY due_at LIMIT $2";
        let due: Vec<Charge> = self.db.read().await?.select(tail, &[&now, &budget]).await?;
        Ok(stream::iter(due)
            .map(|c| self.start_one(c))
            .buffer_unordered(AT_ONCE)
            .filter(|ok| ready(*ok))
            .count()
            .await as u64)
    }

    async fn start_one(&self, charge: Charge) -> bool {
        let started = async {
            let tenant = self.open(charge.tenant_id).await?;
            self.processor(&tenant)?;
            // Its lease begins now, not when the step did.
            let db_now = self.db.now().await?;
            let start = Start { tenant: &tenant, charge: charge.id, now: self.now(&tenant), db_now };
            if let Some(claimed) = self.db.run(&start).await? {
                self.finish(&tenant, claimed).await;
            }
            Ok(())
        };
        self.done_or_put_off(started.await, row(&charge)).await
    }

    /// Refunds whose lease ended or that are to be asked about. Gives how many were.
    pub async fn reconcile_refunds(&self, budget: i64) -> Result<u64> {
        let now = self.db.now().await?;
        let due = refunds::due(&self.db.read().await?, now, budget).await?;
        Ok(stream::iter(due)
            .map(|r| self.ask_one_refund(r))
            .buffer_unordered(AT_ONCE)
            .filter(|ok| ready(*ok))
            .count()
            .await as u64)
    }

    async fn ask_one_refund(&self, refund: Refund) -> bool {
        let row = Row { table: "refund", tenant: refund.tenant_id, id: refund.id.0, checks: refund.checks };
        let asked = async { self.ask_about_refund(&self.open(refund.tenant_id).await?, refund).await };
        self.done_or_put_off(asked.await.map(drop), row).await
    }

    async fn done_or_put_off(&self, done: Result<()>, row: Row) -> bool {
        let Err(failure) = done else { return true };
        let Row { table, tenant, id, checks } = row;
        tracing::error!(table, %id, error = failure.chain(), "this could not be looked at; it will be tried again");
        let put_off = async {
            let postpone = Postpone { tenant, table, id, checks, db_now: self.db.now().await? };
            self.db.run(&postpone).await
        };
        if let Err(failure) = put_off.await {
            tracing::error!(table, %id, error = Failure::chain(&failure), "nor could it be put off");
        }
        false
    }
}

fn row(charge: &Charge) -> Row {
    Row { table: "charge", tenant: charge.tenant_id, id: charge.id.0, checks: charge.checks }
}
