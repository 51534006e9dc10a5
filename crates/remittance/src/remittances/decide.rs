//! What becomes of a draft: approved by a second person, paid, or thrown away.

use base::db::{Command, Tx};
use base::{Cents, Code, Failure, Result, Ts};
use books::orgs::Tenant;

use super::{Remittance, RemittanceId, State, held, tell};
use crate::trust;

fn refused(say: &str) -> Failure {
    Failure::refused(Code::NotAllowedNow, say)
}

/// Why what only a draft allows is not allowed any more.
fn decided(remittance: &Remittance) -> Failure {
    refused(match remittance.state {
        State::Void => "This remittance was thrown away.",
        State::Paid => "This remittance is paid already.",
        State::Approved | State::Draft => "This remittance is approved already.",
    })
}

/// Approves a draft: from now on the ledger says what the client has coming. 404 where there is none, 400 for whoever
/// prepared it and where it is no draft.
pub struct Approve<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: RemittanceId,
    /// Who approves it.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Approve<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "remittances.approve"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let draft = held(tx, self.tenant, self.id).await?;
        if draft.state != State::Draft {
            return Err(decided(&draft));
        }
        if draft.prepared_by == self.by {
            return Err(refused(
                "Whoever prepared a remittance cannot approve it: a second person has to, with a token of their own.",
            ));
        }
        let approved = Remittance {
            state: State::Approved,
            approved_by: Some(self.by.to_owned()),
            approved_at: Some(self.now),
            updated_at: self.now,
            ..draft
        };
        tx.update(2, std::slice::from_ref(&approved)).await?;
        trust::post(tx, self.tenant, "remittance_approved", self.id.0, &approved.on_approval()?).await?;
        tell(tx, self.tenant, "remittance.approved", &approved).await
    }
}

/// Notes that an approved remittance is paid, out of the trust account. 404 where there is none, 400 where it is not
/// approved, leaves nothing to pay, or takes more than the account has.
pub struct Pay<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: RemittanceId,
    /// The bank's reference.
    pub bank_reference: &'a str,
    /// Who says so.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Pay<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "remittances.pay"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let approved = held(tx, self.tenant, self.id).await?;
        match approved.state {
            State::Approved if approved.net < Cents::ZERO => {
                return Err(refused(
                    "This remittance leaves nothing to pay; the client's next one takes over what is below nothing.",
                ));
            }
            State::Approved => {}
            State::Draft => return Err(refused("This remittance is not approved yet.")),
            State::Paid | State::Void => return Err(decided(&approved)),
        }
        let paid = Remittance {
            state: State::Paid,
            paid_by: Some(self.by.to_owned()),
            paid_at: Some(self.now),
            bank_reference: Some(self.bank_reference.to_owned()),
            updated_at: self.now,
            ..approved
        };
        tx.update(2, std::slice::from_ref(&paid)).await?;
        trust::move_by(tx, self.tenant, "remittance_paid", self.id.0, &paid.on_payment()?).await?;
        tell(tx, self.tenant, "remittance.paid", &paid).await
    }
}

/// Throws a draft away; one that was thrown away stays so. 404 where there is none, 400 where it is no draft any more.
pub struct Void<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: RemittanceId,
    /// Who throws it away.
    pub by: &'a str,
    /// The business instant.
    pub now: Ts,
}

impl Command for Void<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "remittances.void"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (tenant, id) = (self.tenant, self.id);
        let draft = held(tx, tenant, id).await?;
        match draft.state {
            State::Draft => {}
            State::Void => return Ok(()),
            State::Approved | State::Paid => return Err(decided(&draft)),
        }
        let lines = "DELETE FROM remittance_line WHERE tenant_id = $1 AND remittance_id = $2";
        tx.run(lines, &[&tenant.id, &id]).await?;
        let carried = "UPDATE remittance SET carried_to = NULL WHERE tenant_id = $1 AND carried_to = $2";
        tx.run(carried, &[&tenant.id, &id]).await?;
        let void = Remittance {
            state: State::Void,
            voided_by: Some(self.by.to_owned()),
            voided_at: Some(self.now),
            updated_at: self.now,
            ..draft
        };
        tx.update(2, std::slice::from_ref(&void)).await?;
        tell(tx, tenant, "remittance.voided", &void).await
    }
}
