//! Giving money back: from the request to the processor's answer, and asking where there was none.

use base::{Cents, Failure, Ref, Result};
use books::idempotency::Once;
use books::orgs::Tenant;

use super::super::claims::ClaimRefund;
use super::super::label::RefundLabel;
use super::super::machine::RefundState;
use super::super::recreate::Adopt;
use super::super::settle::Outcome;
use super::super::{Charge, Refund, RefundId, by_id, find, refunds};
use super::ask::Asked;
use super::watch;
use super::{
    FRESH, PATIENCE, SUBMIT_DEADLINE, Till, no_answer_in_time, outcome_of, outcome_of_record, stable_key,
    still_running,
};
use crate::processor::RefundOrder;

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
        let began = self.db.seams().monotonic();
        let accepted = match self.db.run(&accept).await {
            Err(refused) if refused.code() != Some(base::Code::Unavailable) => {
                self.refunded_before(tenant, &accept, refused).await?
            }
            done => done?,
        };
        let (claimed, charge) = match accepted {
            refunds::Accepted::Claimed(claimed) => *claimed,
            refunds::Accepted::Before(id) => {
                return Ok((charge, self.replayed_refund(tenant, id).await?, true));
            }
        };
        if self.db.seams().monotonic().saturating_sub(began) > FRESH {
            tracing::warn!(refund = %id, "its claim waited too long to be sent now; the reconciler will");
            return Ok((charge, claimed, false));
        }
        let (till, owned) = (self.clone(), tenant.clone());
        let (sent, charge_key) = (claimed.clone(), charge.pkey.clone());
        let finishing = self.tasks.spawn(async move { till.send_refund(&owned, &sent, &charge_key).await });
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

    /// The refund that the same request made, where only its key at the processor still tells of it; see
    /// [`Till::accept`].
    async fn refunded_before(
        &self,
        tenant: &Tenant,
        accept: &refunds::Accept<'_>,
        refused: Failure,
    ) -> Result<refunds::Accepted> {
        let Some(once) = accept.once else { return Err(refused) };
        let tx = self.db.read().await?;
        if books::idempotency::before(&tx, tenant, once).await.is_err() {
            return Err(refused);
        }
        let Some(refund) = refunds::of_key(&tx, tenant, &accept.pkey).await? else { return Err(refused) };
        drop(tx);
        if refund.charge_id != accept.charge || accept.amount.is_some_and(|amount| amount != refund.amount) {
            return Err(Failure::refused(
                base::Code::IdempotencyConflict,
                "This idempotency key was used for another request.",
            ));
        }
        let adopt = Adopt { tenant, once, kind: "charge.refund", object: refund.id.0 };
        self.db.run(&adopt).await.map(|id| refunds::Accepted::Before(RefundId(id)))
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

    /// Sends a claimed refund for the first time. In verify mode the processor is asked before.
    async fn send_refund(&self, tenant: &Tenant, refund: &Refund, charge_key: &str) -> Result<Refund> {
        if watch::is_verifying(&self.db.read().await?, tenant.environment).await? {
            let asked = self.asked(tenant, &refund.pkey, refund.created_at).await?;
            if !matches!(asked, Asked::NotFound) {
                return self.settle_refund(tenant, refund.id, refund.fence, &told(refund, asked)).await;
            }
        }
        self.submit_refund(tenant, refund, charge_key).await
    }

    pub(super) async fn submit_refund(
        &self,
        tenant: &Tenant,
        refund: &Refund,
        charge_key: &str,
    ) -> Result<Refund> {
        let processor = self.processor(tenant)?;
        let order = RefundOrder {
            key: refund.pkey.clone(),
            charge_key: charge_key.to_owned(),
            amount: refund.amount,
            metadata: RefundLabel::of(refund).write(),
        };
        let asked = tokio::time::timeout(SUBMIT_DEADLINE, processor.refund(self.now(tenant), &order)).await;
        let outcome = asked.map_or_else(|_| no_answer_in_time(), outcome_of);
        self.settle_refund(tenant, refund.id, refund.fence, &outcome).await
    }

    pub(super) async fn settle_refund(
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
        let asked = self.asked(tenant, &refund.pkey, refund.created_at).await?;
        if matches!(asked, Asked::NotFound)
            && refund.state != RefundState::Pending
            && self.may_resubmit(tenant, refund.created_at).await?
        {
            return self.submit_refund(tenant, &Refund { fence, ..refund }, &charge.pkey).await;
        }
        self.settle_refund(tenant, refund.id, fence, &told(&refund, asked)).await
    }
}

/// What the processor said of a refund, where it is not sent again.
pub(super) fn told(refund: &Refund, asked: Asked) -> Outcome {
    match asked {
        Asked::Found(record) if record.amount != refund.amount || record.refund_of.is_none() => {
            Outcome::Review { why: "the processor knows this key for something else".into() }
        }
        Asked::Found(record) => outcome_of_record(record),
        Asked::Silent(why) => Outcome::NoAnswer { why },
        Asked::Hopeless(why) => Outcome::Review { why },
        Asked::NotFound if refund.state == RefundState::Pending => {
            Outcome::Review { why: "the processor does not know a refund it took".into() }
        }
        Asked::NotFound => Outcome::Review {
            why: "the processor does not know it, and might not know its key any more".into(),
        },
    }
}
