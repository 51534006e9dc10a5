//! Instalments of plans: each against the charge that pays it, and no charge beside it.

use base::Result;
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Checks, EVERY, Pages, Sight};
use crate::charges::machine::State;

base::record! {
    struct Instalment {
        id: Uuid, state: String, amount: i64, charge_id: Option<Uuid>,
        charge_state: Option<String>, charge_amount: Option<i64>, pays: Option<Uuid>
    }
}
base::record! {
    /// A charge that took money for an instalment, or may still, while the instalment names another one.
    struct Beside { id: Uuid, instalment_id: Uuid, state: String }
}

impl Instalment {
    /// What cannot be between it and its charge.
    fn fault(&self) -> Option<&'static str> {
        let charge = self.charge_state.as_deref().and_then(State::parse);
        let is_open =
            matches!(charge, Some(State::Scheduled | State::Submitting | State::Unknown | State::Pending));
        let is_paid = matches!(charge, Some(State::Succeeded | State::Refunded));
        if self.charge_id.is_some() && (charge.is_none() || self.pays != Some(self.id)) {
            return Some("its charge is not there, or pays another one");
        }
        match self.state.as_str() {
            "paid" if !is_paid => Some("it is paid, and its charge did not succeed"),
            "paid" if self.charge_amount != Some(self.amount) => Some("another amount was charged"),
            "submitting" if !is_open => Some("it is being paid, and its charge has come to an end"),
            "scheduled" | "failed" | "cancelled" if is_open || is_paid => {
                Some("it is not paid, and its charge took money or still may")
            }
            _ => None,
        }
    }
}

/// Compares every instalment of a tenant.
pub(super) async fn check(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let rows: Vec<Instalment> = sight
            .look()
            .await?
            .all(
                "SELECT instalment.id, instalment.state, instalment.amount, instalment.charge_id, charge.state, charge.amount, \
                 charge.instalment_id FROM instalment LEFT JOIN charge ON charge.tenant_id = instalment.tenant_id \
                 AND charge.id = instalment.charge_id \
                 WHERE instalment.tenant_id = $1 AND instalment.id > $2 ORDER BY instalment.id LIMIT $3",
                &[&tenant.id, &after, &EVERY],
            )
            .await?;
        pages.turn(rows.iter().map(|row| row.id));
        checks.told("instalments", rows.len());
        for row in rows {
            let fault = row.fault();
            checks.instalments.compare(fault.is_none(), || {
                format!("{}: {} ({})", row.id, fault.unwrap_or_default(), row.state)
            });
        }
    }
    if checks.instalments.compared == 0 {
        return Ok(());
    }
    // Whatever is under way or was taken for an instalment is the one that it names.
    let beside: Vec<Beside> = sight
        .look()
        .await?
        .all(
            "SELECT charge.id, charge.instalment_id, charge.state FROM charge JOIN instalment \
             ON instalment.tenant_id = charge.tenant_id AND instalment.id = charge.instalment_id \
             WHERE charge.tenant_id = $1 AND charge.state IN ('submitting', 'unknown', 'pending', 'succeeded') \
             AND (instalment.charge_id IS NULL OR instalment.charge_id <> charge.id) ORDER BY charge.id LIMIT $2",
            &[&tenant.id, &EVERY],
        )
        .await?;
    for Beside { id, instalment_id, state } in beside {
        checks
            .instalments
            .fault(format!("{instalment_id}: charge {id} is {state} beside the one that pays it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instalment(state: &str, charge: Option<(&str, i64)>) -> Instalment {
        let charge_id = charge.map(|_| Uuid::from_u128(7));
        Instalment {
            id: Uuid::from_u128(1),
            state: state.into(),
            amount: 500,
            charge_id,
            charge_state: charge.map(|(state, _)| state.into()),
            charge_amount: charge.map(|(_, amount)| amount),
            pays: charge_id.map(|_| Uuid::from_u128(1)),
        }
    }

    #[test]
    fn an_instalment_and_its_charge_tell_one_story() {
        for right in [
            instalment("scheduled", None),
            instalment("scheduled", Some(("declined", 500))),
            instalment("submitting", Some(("pending", 500))),
            instalment("paid", Some(("succeeded", 500))),
            instalment("paid", Some(("refunded", 500))),
            instalment("failed", Some(("returned", 500))),
            instalment("cancelled", None),
        ] {
            assert_eq!(right.fault(), None, "{} {:?}", right.state, right.charge_state);
        }
        for wrong in [
            instalment("paid", None),
            instalment("paid", Some(("declined", 500))),
            instalment("paid", Some(("succeeded", 499))),
            instalment("submitting", Some(("succeeded", 500))),
            instalment("scheduled", Some(("succeeded", 500))),
            instalment("failed", Some(("unknown", 500))),
            Instalment { pays: Some(Uuid::from_u128(2)), ..instalment("paid", Some(("succeeded", 500))) },
        ] {
            assert!(wrong.fault().is_some(), "{} {:?}", wrong.state, wrong.charge_state);
        }
    }
}
