//! What a person decides about a charge or refund that nobody else can decide: with a reason, by whom, and told in an
//! event of the same transaction.

use base::db::{Command, Tx, Write};
use base::{Code, Failure, Result, Ts};
use books::events;
use books::orgs::Tenant;
use serde_json::json;

use super::claims::Resubmit;
use super::settle::Settle;
use super::{Charge, Refund, refunds};

base::words! {
    /// What a person says of it.
    Decision {
        /// The money moved.
        Succeeded = "succeeded",
        /// It did not, and will not.
        Declined = "declined",
        /// It did not; it is to be sent once more under the same key.
        Retry = "retry",
    }
}

/// A person's decision.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// What it is.
    pub decision: Decision,
    /// Why, in their words.
    pub reason: String,
    /// Who: the token that said so.
    pub by: String,
}

/// What is done about it.
pub enum Work<'a> {
    /// The charge is settled.
    Charge(Settle<'a>),
    /// The refund is settled.
    Refund(refunds::Settle<'a>),
    /// The charge goes out again.
    Resubmit(Resubmit),
    /// Nothing: it stays as it is, and waits for nobody any more.
    Nothing,
}

/// Carries a decision out: under the fence of the claim it was made with, together with its event.
pub struct Decide<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The charge as it was seen.
    pub charge: &'a Charge,
    /// The refund, where it is about one of the charge's.
    pub refund: Option<&'a Refund>,
    /// The fence of the claim; the one that was seen where there is none.
    pub fence: i64,
    /// The decision.
    pub resolution: &'a Resolution,
    /// What is done about it.
    pub work: Work<'a>,
    /// The database's instant.
    pub db_now: Ts,
}

impl Command for Decide<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "charges.resolve"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let is_ours = match self.refund {
            Some(refund) => {
                refunds::by_id(tx, self.tenant, refund.id).await?.is_some_and(|now| now.fence == self.fence)
            }
            None => super::by_id(tx, self.tenant, self.charge.id)
                .await?
                .is_some_and(|now| now.fence == self.fence),
        };
        let went_on = || Failure::refused(Code::Conflict, "It went on meanwhile; please look at it again.");
        if !is_ours {
            return Err(went_on());
        }
        match &self.work {
            Work::Charge(settle) => drop(settle.exec(tx).await?),
            Work::Refund(settle) => drop(settle.exec(tx).await?),
            Work::Resubmit(resubmit) => {
                if !resubmit.exec(tx).await? {
                    return Err(went_on());
                }
                self.wait_no_more(tx).await?;
            }
            Work::Nothing => self.wait_no_more(tx).await?,
        }
        let close = "UPDATE processor_finding SET closed_at = $3, closed_by = $4 WHERE tenant_id = $1 AND charge_id = $2 AND closed_at IS NULL";
        tx.run(close, &[&self.tenant.id, &self.charge.id, &self.db_now, &self.resolution.by]).await?;
        tx.with_commit(vec![Write::inserting(vec![self.event(tx)])]).await
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // a fence that has moved on says that it may have been done
    }
}

impl Decide<'_> {
    async fn wait_no_more(&self, tx: &Tx) -> Result<()> {
        match self.refund {
            Some(refund) => {
                let sql = "UPDATE refund SET review = $3 WHERE tenant_id = $1 AND id = $2";
                tx.run(sql, &[&self.tenant.id, &refund.id, &false]).await.map(drop)
            }
            None => {
                let sql = "UPDATE charge SET review = $3 WHERE tenant_id = $1 AND id = $2";
                tx.run(sql, &[&self.tenant.id, &self.charge.id, &false]).await.map(drop)
            }
        }
    }

    fn event(&self, tx: &Tx) -> events::EventRow {
        let Resolution { decision, reason, by } = self.resolution;
        let mut body = self.charge.event_body();
        body["resolution"] = json!({
            "outcome": decision.as_str(),
            "reason": reason,
            "by": by,
            "refund_id": self.refund.map(|refund| refund.id.to_string()),
        });
        events::row(tx, self.tenant, "charge.resolved", "charge", self.charge.id, &body)
    }
}
