//! A person decides, where the processor cannot: after it was asked once more, and never against what it says.

use base::{Code, Failure, Result};
use books::idempotency::{AtMostOnce, Made, Once};
use books::orgs::Tenant;

use super::super::claims::{Claim, ClaimRefund, Resubmit};
use super::super::machine::{RefundState, State};
use super::super::resolve::{Decide, Decision, Resolution, Work};
use super::super::settle::{Answered, Outcome, Settle};
use super::super::{Charge, Refund, by_id, refunds};
use super::ask::Asked;
use super::{SUBMIT_DEADLINE, Till, outcome_of_record};
use crate::processor::{Decline, Record, Standing, Trace};

/// After how long without an answer a person may decide, where the processor does not say for how long it knows a key.
const PATIENT_SECONDS: i64 = 86_400;
/// How far before its sending a key is sought in the processor's list.
const BEFORE_SECONDS: i64 = 3_600;

/// What a decision comes to after the processor was asked.
#[expect(clippy::large_enum_variant, reason = "one at a time, and looked at at once")]
enum Judged {
    /// It says the same, and more exactly.
    AsRecorded(Record),
    /// It says nothing against it.
    AsDecided,
    /// It never saw it: it can be sent.
    Send,
}

impl Till {
    /// Carries out what a person decided about a charge. Refused unless it waits for a person, or was without an answer
    /// for longer than the processor knows a key; and where the processor says otherwise. Gives whether the same request
    /// had done it before.
    pub async fn resolve(
        &self,
        tenant: &Tenant,
        charge: &Charge,
        resolution: &Resolution,
        once: Option<&Once>,
    ) -> Result<bool> {
        let sent_at = charge.submitted_at.unwrap_or(charge.created_at);
        self.is_for_a_person(tenant, charge.review, charge.state == State::Unknown, sent_at).await?;
        let asked = self.asked_for_sure(tenant, &charge.trace()).await?;
        let decide =
            |fence, work, db_now| Decide { tenant, charge, refund: None, fence, resolution, work, db_now };
        let db_now = self.db.now().await?;
        if !matches!(charge.state, State::Submitting | State::Unknown | State::Pending) {
            let stands = matches!(charge.state, State::Succeeded | State::Refunded);
            acknowledged(resolution.decision, stands, charge.amount, &asked)?;
            let work = decide(charge.fence, Work::Nothing, db_now);
            return self.once(tenant, once, charge.id.0, work).await;
        }
        let judged = self.judge(tenant, resolution.decision, charge.amount, asked)?;
        if matches!(judged, Judged::Send) && charge.state == State::Pending {
            return Err(refused("The processor took it already; it cannot be sent again."));
        }
        let Some(fence) = self.db.run(&Claim { tenant: tenant.id, charge, db_now }).await? else {
            return Err(being_asked());
        };
        let outcome = match judged {
            Judged::Send => {
                let resubmit = Resubmit { tenant: tenant.id, charge: charge.id, fence, db_now };
                let before = self
                    .once(tenant, once, charge.id.0, decide(fence, Work::Resubmit(resubmit), db_now))
                    .await?;
                if !before {
                    let sent = Charge { fence, state: State::Submitting, ..charge.clone() };
                    self.send_out(tenant, &sent, None).await?;
                }
                return Ok(before);
            }
            Judged::AsRecorded(record) => outcome_of_record(record),
            Judged::AsDecided => {
                decided(charge.processor_id.as_deref(), charge.state == State::Pending, resolution)
            }
        };
        let answers = [Answered { charge: charge.id, fence, outcome }];
        let settle = Settle { tenant, answers: &answers, now: self.now() };
        self.once(tenant, once, charge.id.0, decide(fence, Work::Charge(settle), db_now)).await
    }

    /// The same for a refund of the charge.
    pub async fn resolve_refund(
        &self,
        tenant: &Tenant,
        charge: &Charge,
        refund: &Refund,
        resolution: &Resolution,
        once: Option<&Once>,
    ) -> Result<bool> {
        let unknown = refund.state == RefundState::Unknown;
        self.is_for_a_person(tenant, refund.review, unknown, refund.created_at).await?;
        let asked = self.asked_for_sure(tenant, &refund.trace(charge)).await?;
        let decide = |fence, work, db_now| Decide {
            tenant,
            charge,
            refund: Some(refund),
            fence,
            resolution,
            work,
            db_now,
        };
        let db_now = self.db.now().await?;
        if !refund.state.is_open() {
            let stands = refund.state == RefundState::Succeeded;
            acknowledged(resolution.decision, stands, refund.amount, &asked)?;
            return self.once(tenant, once, refund.id.0, decide(refund.fence, Work::Nothing, db_now)).await;
        }
        let judged = self.judge(tenant, resolution.decision, refund.amount, asked)?;
        if matches!(judged, Judged::Send) && refund.state == RefundState::Pending {
            return Err(refused("The processor took it already; it cannot be sent again."));
        }
        let Some(fence) = self.db.run(&ClaimRefund { tenant: tenant.id, refund, db_now }).await? else {
            return Err(being_asked());
        };
        let outcome = match judged {
            Judged::Send => {
                let work = decide(fence, Work::Nothing, db_now);
                let before = self.once(tenant, once, refund.id.0, work).await?;
                if !before {
                    let sent = Refund { fence, ..refund.clone() };
                    self.submit_refund(tenant, &sent, charge).await?;
                }
                return Ok(before);
            }
            Judged::AsRecorded(record) => outcome_of_record(record),
            Judged::AsDecided => decided(refund.processor_id.as_deref(), false, resolution),
        };
        let now = self.now();
        let settle = refunds::Settle { tenant, refund: refund.id, fence, outcome: &outcome, now, db_now };
        self.once(tenant, once, refund.id.0, decide(fence, Work::Refund(settle), db_now)).await
    }

    /// A charge as it is now.
    pub async fn resolved(&self, tenant: &Tenant, id: super::ChargeId) -> Result<Charge> {
        by_id(&self.db.read().await?, tenant, id).await?.ok_or_else(Failure::not_found)
    }

    async fn once(
        &self,
        tenant: &Tenant,
        once: Option<&Once>,
        object: uuid::Uuid,
        work: Decide<'_>,
    ) -> Result<bool> {
        let made = self.db.run(&AtMostOnce { tenant, once, kind: "charge.resolve", object, work }).await?;
        Ok(matches!(made, Made::Before(_)))
    }

    async fn is_for_a_person(
        &self,
        tenant: &Tenant,
        review: bool,
        unknown: bool,
        sent_at: base::Ts,
    ) -> Result<()> {
        let window = self.processor(tenant)?.capabilities().idempotency_seconds;
        let patience = window.filter(|seconds| *seconds > 0).unwrap_or(PATIENT_SECONDS);
        let waited = self.db.now().await?.since(sent_at).as_secs() > patience;
        if review || unknown && waited {
            return Ok(());
        }
        Err(refused("It waits for nobody: it is settled, or will be by itself."))
    }

    /// Asks the processor by every way it has. Refused for now where it should answer and does not.
    async fn asked_for_sure(&self, tenant: &Tenant, trace: &Trace) -> Result<Asked> {
        let processor = self.processor(tenant)?;
        let can = processor.capabilities();
        let silent = || {
            let say = "The processor does not answer at the moment; decide when it does.";
            Failure::refused_for_now(Code::Busy, say, 60)
        };
        if can.lookup {
            return match self.asked(tenant, trace).await? {
                Asked::Silent(_) => Err(silent()),
                told => Ok(told),
            };
        }
        if !can.list {
            return Ok(Asked::Hopeless("it cannot be asked".into()));
        }
        let (since, mut cursor) = (trace.since.plus_seconds(-BEFORE_SECONDS), None);
        loop {
            let listed =
                tokio::time::timeout(SUBMIT_DEADLINE, processor.list_since(self.now(), since, cursor));
            let page = listed.await.map_err(|_| silent())?.map_err(|_| silent())?;
            if let Some(record) = page.records.into_iter().find(|record| record.key == trace.key) {
                return Ok(Asked::Found(record));
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(Asked::NotFound);
            }
        }
    }

    fn judge(
        &self,
        tenant: &Tenant,
        decision: Decision,
        amount: base::Cents,
        asked: Asked,
    ) -> Result<Judged> {
        let forgets = self.processor(tenant)?.capabilities().idempotency_seconds.is_some();
        Ok(match (decision, asked) {
            (Decision::Succeeded, Asked::Found(record))
                if record.standing == Standing::Succeeded && record.amount == amount =>
            {
                Judged::AsRecorded(record)
            }
            (Decision::Declined, Asked::Found(record)) if !holds_money(&record) => {
                if record.amount == amount && !record.moved() {
                    Judged::AsRecorded(record)
                } else {
                    Judged::AsDecided // given back there in whole
                }
            }
            (_, Asked::Found(record)) => return Err(says_otherwise(&record)),
            (Decision::Succeeded, Asked::NotFound) if !forgets => {
                return Err(refused("The processor forgets nothing and does not know it: no money moved."));
            }
            (Decision::Retry, Asked::NotFound) => Judged::Send,
            (Decision::Retry, Asked::Silent(_) | Asked::Hopeless(_)) => {
                return Err(refused(
                    "The processor cannot say that it never saw it: it cannot be sent again.",
                ));
            }
            (Decision::Succeeded | Decision::Declined, _) => Judged::AsDecided,
        })
    }
}

/// Whether a settled one may stay as it is.
fn acknowledged(decision: Decision, stands: bool, amount: base::Cents, asked: &Asked) -> Result<()> {
    match (decision, asked) {
        (Decision::Succeeded, _) if stands => Ok(()),
        (Decision::Declined, Asked::Found(record)) if !stands && holds_money(record) && !amount.is_zero() => {
            Err(says_otherwise(record))
        }
        (Decision::Declined, _) if !stands => Ok(()),
        _ => Err(refused("It is settled otherwise; that can only be acknowledged.")),
    }
}

/// Whether the processor holds money under it that was not given back.
fn holds_money(record: &Record) -> bool {
    record.moved() && record.refunded < record.amount
}

/// What is settled where the processor says nothing.
fn decided(processor_id: Option<&str>, pending: bool, resolution: &Resolution) -> Outcome {
    let processor_id = processor_id.unwrap_or("decided by a person").to_owned();
    let decline = Decline {
        code: "decided_by_a_person".into(),
        network_code: None,
        advice_code: None,
        message: format!("A person decided that nothing moved: {}", resolution.reason),
    };
    match resolution.decision {
        Decision::Succeeded => Outcome::Succeeded { processor_id },
        Decision::Declined | Decision::Retry if pending => Outcome::Returned { processor_id, decline },
        Decision::Declined | Decision::Retry => Outcome::Declined { processor_id: None, decline },
    }
}

fn says_otherwise(record: &Record) -> Failure {
    let standing = match &record.standing {
        Standing::Succeeded => "succeeded".to_owned(),
        Standing::Pending => "is pending".to_owned(),
        Standing::Declined(decline) => format!("was declined ({})", decline.code),
        Standing::Returned(decline) => format!("came back ({})", decline.code),
        Standing::Voided => "was voided".to_owned(),
    };
    refused(&format!(
        "The processor says that {} cents under {} {standing}, {} of them given back.",
        record.amount.get(),
        record.processor_id,
        record.refunded.get()
    ))
}

fn refused(say: &str) -> Failure {
    Failure::refused(Code::NotAllowedNow, say)
}

fn being_asked() -> Failure {
    Failure::refused_for_now(Code::Conflict, "The processor is being asked about it right now.", 10)
}
