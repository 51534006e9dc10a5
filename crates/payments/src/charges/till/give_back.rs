//! Giving money back: from the request to the processor's answer, and asking where there was none.

use base::{Cents, Failure, Ref, Result};
use books::idempotency::Once;
use books::orgs::Tenant;

use super::super::claims::ClaimRefund;
use super::super::machine::RefundState;
use super::super::settle::Outcome;
use super::super::{Charge, Refund, RefundId, by_id, find, refunds};
use super::{
    PATIENCE, SUBMIT_DEADLINE, Till, no_answer_in_time, outcome_of, outcome_of_record, stable_key,
    still_running,
};
use crate::processor::Lookup;

impl Till {
    /// Gives money back on a charge; all that is left where no amount is named. From the moment the refund is
    /// claimed nothing is an error any more: it is given as it stands.
    pub async fn refund(
        &self,
        tenant: &Tenant,
        which: &Ref,
        amount: Option<Cents>,
        once: Option<&Once>,
    ) -> Result<(Charge, Refund, bool)> {
        let tx = self.db.read().await?;
        let charge = find(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
        self.processor(tenant)?;
        let id: RefundId = tx.new_id();
        drop(tx);
        let accept = refunds::Accept {
            tenant,
            id,
            charge: charge.id,
            amount,
            once,
            pkey: stable_key(tenant, "refund", once, id.0),
            now: self.now(tenant),
            db_now: self.db.now().await?,
        };
        let (claimed, charge) = match self.db.run(&accept).await? {
            refunds::Accepted::Claimed(claimed) => *claimed,
            refunds::Accepted::Before(id) => {
                return Ok((charge, self.replayed_refund(tenant, id).await?, true));
            }
        };
        let (till, owned) = (self.clone(), tenant.clone());
        let (sent, charge_key) = (claimed.clone(), charge.pkey.clone());
        let finishing = tokio::spawn(async move { till.submit_refund(&owned, &sent, &charge_key).await });
        let refund = match tokio::time::timeout(PATIENCE, finishing).await {
            Ok(Ok(Ok(settled))) => settled,
            Ok(Ok(Err(failure))) => {
                tracing::error!(refund = %id, error = failure.chain(), "a claimed refund could not be finished; the reconciler will");
                claimed
            }
            Ok(Err(panic)) => {
                tracing::error!(refund = %id, %panic, "finishing a refund panicked; the reconciler goes on");
                claimed
            }
            Err(_elapsed) => claimed,
        };
        let now = async { by_id(&self.db.read().await?, tenant, charge.id).await };
        Ok((now.await.ok().flatten().unwrap_or(charge), refund, false))
    }

    /// Shows what the same refund request did before, driven on where it was left half-done.
    pub async fn replayed_refund(&self, tenant: &Tenant, id: RefundId) -> Result<Refund> {
        let refund =
            refunds::by_id(&self.db.read().await?, tenant, id).await?.ok_or_else(Failure::not_found)?;
        if refund.state.is_open() && self.is_due(refund.due_at).await? {
            return self.ask_about_refund(tenant, refund).await;
        }
        if refund.state == RefundState::Submitting {
            return Err(still_running());
        }
        Ok(refund)
    }

    async fn submit_refund(&self, tenant: &Tenant, refund: &Refund, charge_key: &str) -> Result<Refund> {
        let processor = self.processor(tenant)?;
        let asked = tokio::time::timeout(
            SUBMIT_DEADLINE,
            processor.refund(self.now(tenant), &refund.pkey, charge_key, refund.amount),
        )
        .await;
        let outcome = asked.map_or_else(|_| no_answer_in_time(), outcome_of);
        self.settle_refund(tenant, refund.id, refund.fence, &outcome).await
    }

    async fn settle_refund(
        &self,
        tenant: &Tenant,
        refund: RefundId,
        fence: i64,
        outcome: &Outcome,
    ) -> Result<Refund> {
        let settle = refunds::Settle {
            tenant,
            refund,
            fence,
            outcome,
            now: self.now(tenant),
            db_now: self.db.now().await?,
        };
        self.db.run(&settle).await
    }

    pub(super) async fn ask_about_refund(&self, tenant: &Tenant, refund: Refund) -> Result<Refund> {
        let claim = ClaimRefund { tenant: tenant.id, refund: &refund, db_now: self.db.now().await? };
        let tx = self.db.read().await?;
        let charge = by_id(&tx, tenant, refund.charge_id).await?.ok_or_else(Failure::not_found)?;
        drop(tx);
        let Some(fence) = self.db.run(&claim).await? else { return Ok(refund) };
        let outcome = match self.look_up(tenant, &refund.pkey).await? {
            Lookup::Found(record) if record.amount != refund.amount => {
                Outcome::Review { why: "the processor knows this key for another amount".into() }
            }
            Lookup::Found(record) => outcome_of_record(record),
            Lookup::Unreachable(why) => Outcome::NoAnswer { why },
            Lookup::NotFound if refund.state == RefundState::Pending => {
                Outcome::Review { why: "the processor does not know a refund it took".into() }
            }
            Lookup::NotFound
                if self.may_resubmit(tenant, self.processor(tenant)?.as_ref(), refund.created_at) =>
            {
                return self.submit_refund(tenant, &Refund { fence, ..refund }, &charge.pkey).await;
            }
            Lookup::NotFound => Outcome::Review {
                why: "the processor does not know it, and might not know its key any more".into(),
            },
        };
        self.settle_refund(tenant, refund.id, fence, &outcome).await
    }
}
