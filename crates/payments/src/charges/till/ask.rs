//! Asking what became of a charge: on a replay, on request, and for the reconciler.
//!
//! A charge is claimed before it is asked about, and sent again only where the processor answers that it never saw
//! the key and surely still would know it.

use base::{Failure, Ref, Result, Ts};
use books::orgs::Tenant;

use super::super::claims::{Claim, Resubmit};
use super::super::machine::State;
use super::super::settle::Outcome;
use super::super::{Charge, ChargeId, by_id, find, refunds};
use super::{SUBMIT_DEADLINE, Taken, Till, outcome_of_record, still_running};
use crate::processor::{Lookup, Processor};

impl Till {
    /// The charge that the same request made before: as it is now, driven on where it was left half-done.
    pub(super) async fn replay(&self, tenant: &Tenant, id: ChargeId) -> Result<Taken> {
        let charge = by_id(&self.db.read().await?, tenant, id).await?.ok_or_else(Failure::not_found)?;
        let charge = match charge.state {
            State::Unknown => self.ask_about(tenant, charge).await?,
            State::Submitting if self.is_due(charge.due_at).await? => self.ask_about(tenant, charge).await?,
            State::Submitting => return Err(still_running()),
            _ => charge,
        };
        Ok(Taken { charge, before: true })
    }

    /// Shows what the same request did before, without doing anything new.
    pub async fn replayed(&self, tenant: &Tenant, id: ChargeId) -> Result<Charge> {
        self.replay(tenant, id).await.map(|taken| taken.charge)
    }

    /// Whether a lease has ended or a question is due, by the clock that all nodes share.
    pub(super) async fn is_due(&self, due_at: Option<Ts>) -> Result<bool> {
        match due_at {
            Some(due) => Ok(due <= self.db.now().await?),
            None => Ok(false),
        }
    }

    /// Asks the processor now what became of a charge and of its open refunds, whatever was to be asked next.
    pub async fn sync(&self, tenant: &Tenant, which: &Ref) -> Result<Charge> {
        let tx = self.db.read().await?;
        let charge = find(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
        let refunds = refunds::of_charge(&tx, tenant, charge.id).await?;
        drop(tx);
        for refund in refunds.into_iter().filter(|r| r.state.is_open()) {
            if refund.review || self.is_due(refund.due_at).await? {
                self.ask_about_refund(tenant, refund).await?;
            }
        }
        match charge.state {
            State::Unknown | State::Pending | State::Succeeded => self.ask_about(tenant, charge).await,
            State::Submitting if self.is_due(charge.due_at).await? => self.ask_about(tenant, charge).await,
            _ => by_id(&self.db.read().await?, tenant, charge.id).await?.ok_or_else(Failure::not_found),
        }
    }

    /// Claims an open charge and asks the processor about it; sends it again only where the processor never saw
    /// it and still would know its key.
    pub(super) async fn ask_about(&self, tenant: &Tenant, charge: Charge) -> Result<Charge> {
        let claim = Claim { tenant: tenant.id, charge: &charge, db_now: self.db.now().await? };
        let Some(fence) = self.db.run(&claim).await? else {
            return by_id(&self.db.read().await?, tenant, charge.id).await?.ok_or_else(Failure::not_found);
        };
        let processor = self.processor(tenant)?;
        let outcome = match self.look_up(tenant, &charge.pkey).await? {
            Lookup::Found(record) if record.amount != charge.amount || record.refund_of.is_some() => {
                Outcome::Review {
                    why: format!(
                        "the processor knows this key for {} cents, not {}",
                        record.amount.get(),
                        charge.amount.get()
                    ),
                }
            }
            Lookup::Found(record) => outcome_of_record(record),
            Lookup::Unreachable(why) => Outcome::NoAnswer { why },
            Lookup::NotFound if matches!(charge.state, State::Pending | State::Succeeded) => {
                Outcome::Review { why: "the processor does not know a charge it took".into() }
            }
            Lookup::NotFound
                if self.may_resubmit(
                    tenant,
                    processor.as_ref(),
                    charge.submitted_at.unwrap_or(charge.created_at),
                ) =>
            {
                let resubmit =
                    Resubmit { tenant: tenant.id, charge: charge.id, fence, db_now: self.db.now().await? };
                if !self.db.run(&resubmit).await? {
                    return by_id(&self.db.read().await?, tenant, charge.id)
                        .await?
                        .ok_or_else(Failure::not_found);
                }
                return self.send(tenant, &Charge { fence, state: State::Submitting, ..charge }).await;
            }
            Lookup::NotFound => Outcome::Review {
                why: "the processor does not know it, and might not know its key any more".into(),
            },
        };
        self.settle(tenant, charge.id, fence, outcome).await
    }

    pub(super) async fn look_up(&self, tenant: &Tenant, key: &str) -> Result<Lookup> {
        let processor = self.processor(tenant)?;
        if !processor.capabilities().lookup {
            return Ok(Lookup::Unreachable("this processor cannot be asked".into()));
        }
        let asked = tokio::time::timeout(SUBMIT_DEADLINE, processor.lookup(self.now(tenant), key)).await;
        Ok(asked.unwrap_or_else(|_| Lookup::Unreachable("no answer within the deadline".into())))
    }

    /// Whether the processor surely still knows the key: less than half its window has passed.
    pub(super) fn may_resubmit(&self, tenant: &Tenant, processor: &dyn Processor, sent_at: Ts) -> bool {
        let age = self.now(tenant).since(sent_at).as_secs();
        processor.capabilities().idempotency_seconds.is_none_or(|window| age < window / 2)
    }
}
