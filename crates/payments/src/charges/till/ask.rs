//! Asking what became of a charge: on a replay, on request, and for the reconciler.
//!
//! A charge is claimed before it is asked about, and sent again only where the processor answers that it never saw
//! the key and surely still would know it.

use base::db::Ids;
use base::{Failure, Ref, Result, Ts};
use books::orgs::Tenant;

use super::super::claims::{Claim, Resubmit};
use super::super::machine::State;
use super::super::settle::Outcome;
use super::super::{Charge, ChargeId, by_id, find, refunds};
use super::{SUBMIT_DEADLINE, Taken, Till, outcome_of_record, still_running, watch};
use crate::methods;
use crate::processor::{Decline, Lookup, Record, Trace};

/// How late an order may still arrive at a processor after it was sent, as far as its list is believed.
const LATE_SECONDS: i64 = 120;
/// After how long a charge is for a person, where the processor can neither be asked nor lists what it did, and does
/// not say for how long it knows a key.
const BLIND_SECONDS: i64 = 3_600;

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
        let sent_at = charge.submitted_at.unwrap_or(charge.created_at);
        let asked = self.asked(tenant, &charge.trace()).await?;
        let open = matches!(charge.state, State::Submitting | State::Unknown);
        if matches!(asked, Asked::NotFound) && open && self.may_resubmit(tenant, sent_at).await? {
            if let Some(decline) = self.stopped_since(tenant, &charge).await? {
                let outcome = Outcome::Declined { processor_id: None, decline };
                return self.settle(tenant, charge.id, fence, outcome).await;
            }
            return self.resubmit(tenant, Charge { fence, ..charge }).await;
        }
        let outcome = told(&charge, asked);
        self.settle(tenant, charge.id, fence, outcome).await
    }

    /// Why a charge that was never seen is not sent again: since it was lost, another one by the same card or account was refused in
    /// a way after which nothing may be presented, or not yet.
    async fn stopped_since(&self, tenant: &Tenant, charge: &Charge) -> Result<Option<Decline>> {
        let which = Ids::of([charge.payment_method_id]);
        let method = methods::chargeable(&self.db.read().await?, tenant, &which).await?.pop();
        match method.map(|method| method.halt.allows(self.now())) {
            Some(Err(Failure::Refused(refusal))) => Ok(Some(Decline {
                code: refusal.code.name().into(),
                network_code: None,
                advice_code: None,
                message: refusal.say,
            })),
            Some(Err(failure)) => Err(failure),
            None | Some(Ok(())) => Ok(None),
        }
    }

    /// Sends a claimed charge of which the processor knows nothing: once more, or for the first time where its claim
    /// was all that happened.
    pub(super) async fn resubmit(&self, tenant: &Tenant, charge: Charge) -> Result<Charge> {
        let db_now = self.db.now().await?;
        let resubmit = Resubmit { tenant: tenant.id, charge: charge.id, fence: charge.fence, db_now };
        if !self.db.run(&resubmit).await? {
            return by_id(&self.db.read().await?, tenant, charge.id).await?.ok_or_else(Failure::not_found);
        }
        self.send_out(tenant, &Charge { state: State::Submitting, ..charge }, None).await
    }

    /// Asks about a charge before it is sent for the first time, because the books may have lost an earlier sending.
    pub(super) async fn verify_and_send(&self, tenant: &Tenant, claimed: &Charge) -> Result<Charge> {
        let trace = self.lost_maybe(tenant, claimed.trace()).await?;
        match self.asked(tenant, &trace).await? {
            Asked::NotFound => self.resubmit(tenant, claimed.clone()).await,
            asked => self.settle(tenant, claimed.id, claimed.fence, told(claimed, asked)).await,
        }
    }

    /// A trace of what is about to be sent for the first time, and which the books may have lost: it may have been made at any
    /// time since they were last known to be whole.
    pub(super) async fn lost_maybe(&self, tenant: &Tenant, trace: Trace) -> Result<Trace> {
        let watch = watch::of(&self.db.read().await?, tenant.environment).await?;
        Ok(match watch {
            Some(watch) => trace.or_earlier(watch.doubtful_since(0)),
            None => trace,
        })
    }

    /// Asks what became of a trace: by its look-up where there is one. Else by the list, which the sweep reads: where it has
    /// been read since, what was made is in the books, and the rest was never made.
    pub(super) async fn asked(&self, tenant: &Tenant, trace: &Trace) -> Result<Asked> {
        let processor = self.processor(tenant)?;
        let can = processor.capabilities();
        if can.lookup {
            let asked = tokio::time::timeout(SUBMIT_DEADLINE, processor.lookup(self.now(), trace)).await;
            return Ok(match asked {
                Ok(Lookup::Found(record)) => Asked::Found(record),
                Ok(Lookup::NotFound) => Asked::NotFound,
                Ok(Lookup::Unreachable(why)) => Asked::Silent(why),
                Err(_elapsed) => Asked::Silent("no answer within the deadline".into()),
            });
        }
        if can.list {
            let watch = watch::of(&self.db.read().await?, tenant.environment).await?;
            let read = watch.is_some_and(|watch| watch.swept_to > trace.since.plus_seconds(LATE_SECONDS));
            return Ok(if read {
                Asked::NotFound
            } else {
                Asked::Silent("this processor cannot be asked; its list will tell".into())
            });
        }
        let patience = can.idempotency_seconds.filter(|window| *window > 0).map_or(BLIND_SECONDS, |w| w / 2);
        let age = self.db.now().await?.since(trace.since).as_secs();
        Ok(if age < patience {
            Asked::Silent("this processor cannot be asked".into())
        } else {
            Asked::Hopeless("this processor cannot be asked, and has no list".into())
        })
    }

    /// Whether the processor surely still knows the key: less than half its window has passed, by the clock that all
    /// nodes share.
    pub(super) async fn may_resubmit(&self, tenant: &Tenant, sent_at: Ts) -> Result<bool> {
        let Some(window) = self.processor(tenant)?.capabilities().idempotency_seconds else {
            return Ok(true);
        };
        Ok(self.db.now().await?.since(sent_at).as_secs() < window / 2)
    }
}

/// What is known of a key after asking.
#[expect(clippy::large_enum_variant, reason = "one at a time, and looked at at once")]
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// The processor knows it.
    Found(Record),
    /// It never saw it.
    NotFound,
    /// No answer now; perhaps later.
    Silent(String),
    /// No answer, and there will be none.
    Hopeless(String),
}

/// What the processor said of a charge, where it is not sent again.
pub(super) fn told(charge: &Charge, asked: Asked) -> Outcome {
    match asked {
        Asked::Found(record) if record.refund_of.is_some() => {
            Outcome::Review { why: "the processor knows this key for a refund".into() }
        }
        Asked::Found(record) if record.amount != charge.amount => Outcome::Review {
            why: format!(
                "the processor knows this key for {} cents, not {}",
                record.amount.get(),
                charge.amount.get()
            ),
        },
        Asked::Found(record) => outcome_of_record(record),
        Asked::Silent(why) => Outcome::NoAnswer { why },
        Asked::Hopeless(why) => Outcome::Review { why },
        Asked::NotFound if matches!(charge.state, State::Pending | State::Succeeded) => {
            Outcome::Review { why: "the processor does not know a charge it took".into() }
        }
        Asked::NotFound => Outcome::Review {
            why: "the processor does not know it, and might not know its key any more".into(),
        },
    }
}
