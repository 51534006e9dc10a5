//! Giving money back: from the request to the processor's answer, and asking where there was none.

use base::{Code, Failure, Ref, Result};
use books::idempotency::Once;
use books::orgs::Tenant;

use super::super::claims::ClaimRefund;
use super::super::label::RefundLabel;
use super::super::machine::{RefundState, State};
use super::super::recreate::Adopt;
use super::super::settle::Outcome;
use super::super::{Back, Charge, Refund, RefundId, RefundKind, by_id, find, refunds};
use super::ask::Asked;
use super::watch;
use super::{
    FRESH, PATIENCE, SUBMIT_DEADLINE, Till, no_answer_in_time, outcome_of, outcome_of_record, stable_key,
    still_running,
};
use crate::processor::RefundOrder;

/// What a processor says to a refund of what it has not settled yet.
const NOT_SETTLED: &str = "not_settled";

impl Till {
    /// Gives money back on a charge, or takes it back before it settles. From the moment the refund is
    /// claimed nothing is an error any more: it is given as it stands.
    pub async fn refund(
        &self,
        tenant: &Tenant,
        which: &Ref,
        back: Back,
        once: Option<&Once>,
    ) -> Result<(Charge, Refund, bool)> {
        let tx = self.db.read().await?;
        let charge = find(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
        let can_void = self.processor(tenant)?.capabilities().void;
        if !can_void && (back == Back::Void || charge.state == State::Pending) {
            let say = "The payment processor cannot take a charge back before it settles.";
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let id: RefundId = tx.new_id();
        drop(tx);
        let accept = refunds::Accept {
            tenant,
            id,
            charge: charge.id,
            back,
            once,
            pkey: stable_key(tenant, if back == Back::Void { "void" } else { "refund" }, once, id.0),
            now: self.now(),
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
        let (sent, of) = (claimed.clone(), charge.clone());
        let finishing = self.tasks.spawn(async move {
            let settled = till.send_refund(&owned, &sent, &of).await?;
            till.catch_up(&owned, &settled).await;
            Ok::<_, Failure>(settled)
        });
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
        let same = match accept.back {
            Back::Money(amount) => amount.is_none_or(|amount| amount == refund.amount),
            Back::Void => refund.kind == RefundKind::Void,
        };
        if refund.charge_id != accept.charge || !same {
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
    async fn send_refund(&self, tenant: &Tenant, refund: &Refund, charge: &Charge) -> Result<Refund> {
        if watch::is_verifying(&self.db.read().await?, tenant.environment).await? {
            let trace = self.lost_maybe(tenant, refund.trace(charge)).await?;
            let asked = self.asked(tenant, &trace).await?;
            if !matches!(asked, Asked::NotFound) {
                return self.settle_refund(tenant, refund.id, refund.fence, &told(refund, asked)).await;
            }
        }
        self.submit_refund(tenant, refund, charge).await
    }

    pub(super) async fn submit_refund(
        &self,
        tenant: &Tenant,
        refund: &Refund,
        charge: &Charge,
    ) -> Result<Refund> {
        let outcome = self.order_back(tenant, refund, charge).await?;
        let Some(void) = self.void_instead(tenant, refund, &outcome).await? else {
            return self.settle_refund(tenant, refund.id, refund.fence, &outcome).await;
        };
        let outcome = self.order_back(tenant, &void, charge).await?;
        self.settle_refund(tenant, void.id, void.fence, &outcome).await
    }

    async fn order_back(&self, tenant: &Tenant, refund: &Refund, charge: &Charge) -> Result<Outcome> {
        let (processor, now, charge) = (self.processor(tenant)?, self.now(), charge.trace());
        let order = RefundOrder {
            key: refund.pkey.clone(),
            charge: charge.clone(),
            amount: refund.amount,
            metadata: RefundLabel::of(refund).write(),
        };
        let answer = match refund.kind {
            RefundKind::Refund => processor.refund(now, &order),
            RefundKind::Void => processor.void(now, &refund.pkey, &charge),
        };
        let asked = tokio::time::timeout(SUBMIT_DEADLINE, answer).await;
        Ok(asked.map_or_else(|_| no_answer_in_time(), outcome_of))
    }

    /// The void to send in the place of a refund in whole that the processor refuses because the charge has not
    /// settled there. Its key follows from the refund's, so whoever comes to this again sends the same.
    async fn void_instead(&self, tenant: &Tenant, refund: &Refund, said: &Outcome) -> Result<Option<Refund>> {
        let unsettled = matches!(said, Outcome::Declined { decline, .. } if decline.code == NOT_SETTLED);
        if !unsettled || refund.kind == RefundKind::Void || !self.processor(tenant)?.capabilities().void {
            return Ok(None);
        }
        let charge = by_id(&self.db.read().await?, tenant, refund.charge_id).await?;
        if charge.is_none_or(|charge| charge.amount != refund.amount) {
            return Ok(None);
        }
        let pkey = format!("{}-void", refund.pkey);
        let turn = refunds::TurnIntoVoid { tenant, refund, pkey, db_now: self.db.now().await? };
        let holds = self.db.run(&turn).await?;
        Ok(holds.then(|| Refund { kind: RefundKind::Void, pkey: turn.pkey, ..refund.clone() }))
    }

    /// After a void that came too late: learns that the charge has settled, so that it can be refunded.
    async fn catch_up(&self, tenant: &Tenant, refund: &Refund) {
        if refund.kind != RefundKind::Void || refund.state != RefundState::Declined {
            return;
        }
        let asked = async {
            let charge = by_id(&self.db.read().await?, tenant, refund.charge_id).await?;
            match charge.filter(|charge| charge.state == State::Pending) {
                Some(charge) => self.ask_about(tenant, charge).await.map(drop),
                None => Ok(()),
            }
        };
        if let Err(failure) = asked.await {
            tracing::warn!(charge = %refund.charge_id, error = failure.chain(), "a charge whose void was refused could not be asked about");
        }
    }

    pub(super) async fn settle_refund(
        &self,
        tenant: &Tenant,
        refund: RefundId,
        fence: i64,
        outcome: &Outcome,
    ) -> Result<Refund> {
        let settle =
            refunds::Settle { tenant, refund, fence, outcome, now: self.now(), db_now: self.db.now().await? };
        self.db.run(&settle).await
    }

    pub(super) async fn ask_about_refund(&self, tenant: &Tenant, refund: Refund) -> Result<Refund> {
        let claim = ClaimRefund { tenant: tenant.id, refund: &refund, db_now: self.db.now().await? };
        let tx = self.db.read().await?;
        let charge = by_id(&tx, tenant, refund.charge_id).await?.ok_or_else(Failure::not_found)?;
        drop(tx);
        let Some(fence) = self.db.run(&claim).await? else { return Ok(refund) };
        let asked = self.asked(tenant, &refund.trace(&charge)).await?;
        if matches!(asked, Asked::NotFound)
            && refund.state != RefundState::Pending
            && self.may_resubmit(tenant, refund.created_at).await?
        {
            return self.submit_refund(tenant, &Refund { fence, ..refund }, &charge).await;
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
