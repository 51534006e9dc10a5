//! Telling whoever paid that the money came, where that was asked for with the charge; and whoever pays by a plan also where
//! it did not.
//!
//! Where it goes is kept sealed on the charge until its outcome is known. It is decided in the transaction that settles it:
//! whatever keeps a receipt from being written keeps no charge from being settled.

use base::db::{DbError, Ids, Tx};
use base::secret::Secret;
use base::vault::Sealed;
use base::{Cents, Code, Failure, Result, Ts};
use books::contact::{self, Notice};
use books::debts::DebtId;
use books::messages::{self, Channel, Kind, Language, NewMessage, Variables};
use books::orgs::Tenant;
use books::people::CustomerId;
use uuid::Uuid;

use super::accept::Intent;
use super::{Charge, ChargeId};
use crate::methods::MethodId;

/// Where the receipt of an intended charge goes, to be kept with it.
pub(super) fn sealed(tx: &Tx, tenant: &Tenant, intent: &Intent) -> Option<Sealed> {
    let to = intent.receipt_to.as_ref()?;
    Some(tenant.key.seal(tx.seams(), "charge", "receipt_to", intent.id, to.reveal().as_bytes()))
}

/// The same of a charge that nobody asked a receipt for by name: it goes to the address that is known.
pub(crate) fn to_their_address(tx: &Tx, tenant: &Tenant, charge: ChargeId) -> Sealed {
    tenant.key.seal(tx.seams(), "charge", "receipt_to", charge, b"")
}

/// A receipt that is due, or the notice that there is none.
pub(super) struct Due {
    kind: Kind,
    charge: ChargeId,
    customer: Option<CustomerId>,
    debt: Option<DebtId>,
    method: MethodId,
    amount: Cents,
    to: Option<Sealed>,
    made_at: Ts,
    is_of_plan: bool,
}

/// For how many seconds whoever pays waits for their receipt: one that comes later, or of a payment that came by itself, answers
/// nobody who is still awake.
const WAITED_FOR_SECONDS: i64 = 3_600;

impl Due {
    /// That of a charge which has just succeeded.
    pub(super) fn of(charge: &Charge, to: Sealed) -> Due {
        Due { kind: Kind::PaymentReceipt, to: Some(to), ..Due::failed(charge) }
    }

    /// That a payment of a plan was refused, or came back.
    pub(super) fn failed(charge: &Charge) -> Due {
        Due {
            kind: Kind::PaymentFailed,
            charge: charge.id,
            customer: charge.customer_id,
            debt: charge.debt_id,
            method: charge.payment_method_id,
            amount: charge.amount,
            to: None,
            made_at: charge.created_at,
            is_of_plan: charge.instalment_id.is_some(),
        }
    }
}

base::record! {
    struct LastFour in "payment_method" { id: MethodId, last_four: String }
}

/// Queues receipts, each by itself. Those of charges without one cost no statement.
pub(super) async fn queue(tx: &Tx, tenant: &Tenant, mut due: Vec<Due>) -> Result<()> {
    if due.is_empty() {
        return Ok(());
    }
    due.sort_by_key(|receipt| receipt.customer); // whoever holds several customers holds them in this order
    let methods = Ids::of(due.iter().map(|receipt| receipt.method));
    let methods: Vec<LastFour> =
        tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, &methods]).await?;
    for receipt in due {
        let last_four = methods.iter().find(|m| m.id == receipt.method).map(|m| m.last_four.clone());
        let charge = receipt.charge;
        match one(tx, tenant, receipt, last_four.unwrap_or_default()).await {
            Ok(()) => {}
            // The database's troubles are the settlement's too.
            Err(failure)
                if failure.code() == Some(Code::Unavailable) || DbError::in_failure(&failure).is_some() =>
            {
                return Err(failure);
            }
            Err(failure) => {
                tracing::error!(%charge, error = failure.chain(), "a receipt could not be written");
            }
        }
    }
    Ok(())
}

async fn one(tx: &Tx, tenant: &Tenant, receipt: Due, last_four: String) -> Result<()> {
    let bytes = match &receipt.to {
        Some(to) => tenant.key.open("charge", "receipt_to", receipt.charge, to)?,
        None => Vec::new(),
    };
    let to = String::from_utf8(bytes)
        .map_err(|_| Failure::broken("reading a receipt's address", "it is no text"))?;
    let to = (!to.is_empty()).then(|| Secret::new(to));
    let about = ("charge".to_owned(), Uuid::from(receipt.charge));
    let variables = Variables::of([
        ("amount", format!("${}", receipt.amount)),
        (
            if receipt.kind == Kind::PaymentFailed { "failed_on" } else { "paid_on" },
            tenant.today(tx.now()).to_string(),
        ),
        ("last_four", last_four),
        ("reference", receipt.charge.to_string()),
    ]);
    match (receipt.customer, to) {
        (Some(customer), to) => {
            let notice = Notice {
                id: None,
                kind: receipt.kind,
                channel: Channel::Email,
                to,
                debt: receipt.debt,
                about: Some(about),
                variables,
                by_name: false,
                scheduled: receipt.is_of_plan || receipt.made_at.plus_seconds(WAITED_FOR_SECONDS) < tx.now(),
            };
            let said = contact::write(tx, tenant, customer, notice).await?;
            tracing::debug!(charge = %receipt.charge, ?said, "whether a receipt is sent");
        }
        // Of a payment for nobody we know.
        (None, Some(to)) => {
            let new = NewMessage {
                id: None,
                kind: receipt.kind,
                channel: Channel::Email,
                language: Language::English,
                to,
                customer: None,
                debt: None,
                about: Some(about),
                variables: variables.with("customer_name", ""),
                by_name: false,
                at_once: true,
            };
            messages::queue(tx, tenant, new).await?;
        }
        (None, None) => {}
    }
    Ok(())
}
