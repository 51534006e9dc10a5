//! Stripe's payments and refunds as records of ours, and what we write on them to know them again.
//!
//! What must hold: whatever is not certain stands as pending, which is asked about again, and never as declined. What
//! carries no key of ours belongs to somebody else who uses the same account, and is none of our business.

use base::vault::{hex, sha256};
use base::{Cents, Ts};
use payments::processor::{Answer, Metadata, Record, Standing};

use super::declines;
use super::objects::{Charge, Dispute, Expanded, Intent, Refund, Status};

/// All names that we write besides the label begin so.
const OURS: &str = "quittance_";
/// The key of a charge or refund, on itself.
pub(super) const KEY: &str = "quittance_key";
/// The key of the charge, on its refund.
pub(super) const CHARGE_KEY: &str = "quittance_charge_key";
/// How a payment that is called off begins to say so.
const VOID: &str = "quittance_void_";

/// Under which name the key of a refund stands on its payment, from before it is sent: refunds cannot be searched for.
/// A name has 40 characters at most, <https://docs.stripe.com/api/metadata>.
pub(super) fn refund_mark(key: &str) -> String {
    mark("quittance_refund_", key)
}

/// The same for a void.
pub(super) fn void_mark(key: &str) -> String {
    mark(VOID, key)
}

fn mark(start: &str, key: &str) -> String {
    format!("{start}{}", hex(&sha256(key.as_bytes())[..10]))
}

/// The label, without what we write besides.
fn label(metadata: &Metadata) -> Metadata {
    let is_label = |(name, _): &(&String, &String)| !name.starts_with(OURS);
    metadata.iter().filter(is_label).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn at(seconds: i64) -> Ts {
    Ts::from_micros(seconds.saturating_mul(1_000_000))
}

fn charge(intent: &Intent) -> Option<&Charge> {
    intent.latest_charge.as_ref().and_then(Expanded::whole)
}

fn is_bank(intent: &Intent) -> bool {
    intent.payment_method_types.iter().any(|kind| kind == "us_bank_account")
}

/// Whether its money is disputed, so that the dispute must be read to know how it stands.
pub(super) fn is_disputed(intent: &Intent) -> bool {
    charge(intent).is_some_and(|charge| charge.disputed)
}

/// Whether money moved by it, or may yet.
pub(super) fn may_have_moved(intent: &Intent) -> bool {
    matches!(intent.status, Status::Succeeded | Status::Processing)
}

/// Whether it can still be called off. <https://docs.stripe.com/api/payment_intents/cancel>
pub(super) fn can_be_called_off(intent: &Intent) -> bool {
    !matches!(intent.status, Status::Succeeded | Status::Canceled)
}

/// A payment; `None` where it is not ours.
pub(super) fn of_intent(intent: &Intent, dispute: Option<&Dispute>) -> Option<Record> {
    let charge = charge(intent);
    let changes = [charge.map(|charge| charge.created), dispute.map(|dispute| dispute.created)];
    let changed = changes.into_iter().flatten().fold(intent.created, i64::max);
    Some(Record {
        key: intent.metadata.get(KEY)?.clone(),
        processor_id: intent.id.clone(),
        refund_of: None,
        amount: Cents::new(intent.amount),
        refunded: Cents::new(charge.map_or(0, |charge| charge.amount_refunded)),
        standing: standing(intent, dispute),
        made_at: at(intent.created),
        changed_at: at(changed),
        metadata: label(&intent.metadata),
    })
}

/// How a payment stands. A bank debit that fails after it was taken goes back to where it asks for another method, as a
/// declined card does: <https://docs.stripe.com/payments/ach-direct-debit>. One that waits for a person or for us may yet
/// move money unless it is called off.
fn standing(intent: &Intent, dispute: Option<&Dispute>) -> Standing {
    match (intent.status, &intent.last_payment_error) {
        (Status::Succeeded, _) => match dispute.filter(|dispute| took_all(intent, dispute)) {
            Some(dispute) => Standing::Returned(declines::of_dispute(is_bank(intent), dispute)),
            None => Standing::Succeeded,
        },
        (Status::RequiresPaymentMethod, Some(error)) if is_bank(intent) => {
            Standing::Returned(declines::of_error(true, error))
        }
        (Status::RequiresPaymentMethod, Some(error)) => Standing::Declined(declines::of_error(false, error)),
        (Status::Canceled, _) => Standing::Voided,
        (
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction
            | Status::RequiresCapture
            | Status::Processing
            | Status::Other,
            _,
        ) => Standing::Pending,
    }
}

/// Whether a dispute took the whole of a payment back. Of a part the books know nothing: a person sees it at Stripe.
fn took_all(intent: &Intent, dispute: &Dispute) -> bool {
    let took = dispute.took_money();
    if took && dispute.amount < intent.amount {
        tracing::warn!(
            processor_id = intent.id,
            dispute = dispute.id,
            amount = dispute.amount,
            "only a part of a payment is disputed: a person must look at it at Stripe"
        );
    }
    took && dispute.amount >= intent.amount
}

/// What the answer to a new payment says. `None` where it waits for something that will not come.
pub(super) fn answer(intent: &Intent) -> Option<Answer> {
    let processor_id = intent.id.clone();
    match (intent.status, standing(intent, None)) {
        (Status::Processing, _) => Some(Answer::Accepted { processor_id }),
        (_, Standing::Succeeded) => Some(Answer::Succeeded { processor_id }),
        (_, Standing::Declined(decline) | Standing::Returned(decline)) => {
            Some(Answer::Declined { processor_id: Some(processor_id), decline })
        }
        (_, Standing::Pending | Standing::Voided) => None,
    }
}

/// What took a payment back before it settled, under its own key.
pub(super) fn voids(intent: &Intent) -> impl Iterator<Item = Record> {
    let is_canceled = intent.status == Status::Canceled;
    let marks = intent.metadata.iter().filter(move |(name, _)| is_canceled && name.starts_with(VOID));
    marks.filter_map(move |(_, key)| {
        let charge = of_intent(intent, None)?;
        Some(Record {
            key: key.clone(),
            refund_of: Some(charge.key.clone()),
            standing: Standing::Succeeded,
            ..charge
        })
    })
}

/// A refund; `None` where neither it nor its payment is ours. One of our payments that was made by hand at Stripe goes by
/// Stripe's id: the books do not know it, and a person is told.
pub(super) fn of_refund(refund: &Refund) -> Option<Record> {
    let of_payment = refund.payment_intent.as_ref().and_then(Expanded::whole);
    let of_payment = of_payment.and_then(|intent| intent.metadata.get(KEY));
    Some(Record {
        key: refund.metadata.get(KEY).unwrap_or(&refund.id).clone(),
        processor_id: refund.id.clone(),
        refund_of: Some(refund.metadata.get(CHARGE_KEY).or(of_payment)?.clone()),
        amount: Cents::new(refund.amount),
        refunded: Cents::new(0),
        standing: given_back(refund),
        made_at: at(refund.created),
        changed_at: at(refund.created),
        metadata: label(&refund.metadata),
    })
}

/// How a refund stands. <https://docs.stripe.com/refunds#failed-refunds>
fn given_back(refund: &Refund) -> Standing {
    match refund.status.as_deref() {
        Some("succeeded") => Standing::Succeeded,
        Some("failed" | "canceled") => Standing::Declined(declines::of_failed_refund(refund)),
        _ => Standing::Pending,
    }
}

/// What the answer to a new refund says.
pub(super) fn answer_back(refund: &Refund) -> Answer {
    let processor_id = refund.id.clone();
    match given_back(refund) {
        Standing::Succeeded => Answer::Succeeded { processor_id },
        Standing::Declined(decline) => Answer::Declined { processor_id: Some(processor_id), decline },
        _ => Answer::Accepted { processor_id },
    }
}
