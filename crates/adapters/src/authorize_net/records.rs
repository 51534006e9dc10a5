//! Authorize.net's transactions as records of ours, and what we write on them to know them again.
//!
//! A list tells of a transaction's invoice number and nothing else that is ours, and that has twenty characters; so it is a mark
//! made of the key. The key itself and the label stand in line items, the only thing of a free form that comes back with a
//! transaction: user fields come back with the first answer and never again.
//! <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-transaction-details>
//!
//! What must hold: whatever is not certain stands as pending, which is asked about again, and never as declined. What carries no
//! mark of ours belongs to somebody else who uses the same account, and is none of our business.

use base::vault::sha256;
use base::{Cents, Ts};
use payments::processor::{Metadata, Record, Standing};

use super::declines;
use super::objects::Response;
use super::requests::{LineItem, LineItems, OrderInfo};
use super::transactions::{Details, Item, Status, Summary};

/// The key of a charge or refund, on itself.
const KEY: &str = "quittance_key";
/// The key of the charge, on its refund.
const CHARGE_KEY: &str = "quittance_charge_key";
/// How items of ours are named.
const OURS: &str = "quittance";
const LABEL: &str = "label";

/// How a mark begins.
const START: char = 'Q';
/// The most characters of an invoice number: "no symbols" among them.
const MARK_LENGTH: usize = 20;
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The most of an item's id, of its description, and of items; and of the description of all of it.
const ITEM_ID_LENGTH: usize = 31;
const ITEM_LENGTH: usize = 255;
const ITEMS: usize = 30;
const DESCRIPTION_LENGTH: usize = 255;

/// What stands in the place of an invoice number for what is made under a key: 95 bits of its hash.
pub(super) fn mark(key: &str) -> String {
    let bits =
        sha256(key.as_bytes()).into_iter().take(12).fold(0_u128, |all, byte| (all << 8) | u128::from(byte));
    let digit =
        |place: usize| char::from(DIGITS[usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default()]);
    std::iter::once(START).chain((0..MARK_LENGTH - 1).map(digit)).collect()
}

/// Whether an invoice number looks like a mark of ours.
pub(super) fn is_mark(invoice: &str) -> bool {
    invoice.len() == MARK_LENGTH
        && invoice.starts_with(START)
        && invoice.bytes().all(|byte| DIGITS.contains(&byte))
}

/// The mark, and the caller's words as far as there is room.
pub(super) fn order(key: &str, description: Option<&String>) -> OrderInfo {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let words = description.map(|text| text.chars().map(plain).take(DESCRIPTION_LENGTH).collect());
    OrderInfo { invoice_number: mark(key), description: words }
}

/// The key, that of the charge on a refund, and the label. What is too long to be one is left out, so that nothing fails of it.
pub(super) fn items(key: &str, charge: Option<&str>, label: &Metadata) -> LineItems {
    let item = |id: &str, name, value: &str| LineItem {
        item_id: id.to_owned(),
        name,
        description: value.to_owned(),
        quantity: "1",
        unit_price: "0.00",
    };
    let fits = |(name, value): &(&String, &String)| {
        (1..=ITEM_ID_LENGTH).contains(&name.len()) && value.chars().count() <= ITEM_LENGTH
    };
    let keys = std::iter::once(item(KEY, OURS, key)).chain(charge.map(|key| item(CHARGE_KEY, OURS, key)));
    let label = label.iter().filter(fits).map(|(name, value)| item(name, LABEL, value));
    LineItems { line_item: keys.chain(label).take(ITEMS).collect() }
}

/// Dollars and cents, as they are written there.
pub(super) fn dollars(amount: Cents) -> String {
    format!("{}.{:02}", amount.get() / 100, amount.get() % 100)
}

fn named<'a>(details: &'a Details, name: &'a str) -> impl Iterator<Item = &'a Item> {
    details.line_items.iter().flatten().filter(move |item| item.name == name)
}

fn ours<'a>(details: &'a Details, id: &'a str) -> Option<&'a str> {
    named(details, OURS).find(|item| item.item_id == id).map(|item| item.description.as_str())
}

/// The key of a charge or refund, where it is ours. Where its items were lost, the mark tells that it is, and stands for the key,
/// which nobody knows: a person must look at it.
fn key(details: &Details) -> Option<&str> {
    let marked = is_mark(details.invoice()).then(|| details.invoice());
    ours(details, KEY).filter(|key| Some(mark(key).as_str()) == marked).or(marked)
}

/// Whether it was made under this key. A refund by hand may have the invoice number of its charge.
pub(super) fn is_of(details: &Details, sought: &str) -> bool {
    let by_hand = details.is_refund() && ours(details, CHARGE_KEY).is_none();
    details.invoice() == mark(sought) && !by_hand && ours(details, KEY).is_none_or(|key| key == sought)
}

fn label(details: &Details) -> Metadata {
    let pair = |item: &Item| (item.item_id.clone(), item.description.clone());
    named(details, LABEL).map(pair).collect()
}

/// How a transaction stands.
pub(super) fn standing(details: &Details) -> Standing {
    let pending_bank = |otherwise| if details.is_bank() { Standing::Pending } else { otherwise };
    match details.transaction_status {
        Status::SettledSuccessfully | Status::RefundSettledSuccessfully => match details.returned() {
            Some(item) if details.is_refund() => Standing::Declined(declines::of_returned_refund(item)),
            Some(item) => Standing::Returned(declines::of_return(details.is_bank(), item)),
            None => Standing::Succeeded,
        },
        // A card's approval is the money; of a bank debit nothing is known before it has gone out.
        Status::CapturedPendingSettlement | Status::RefundPendingSettlement => {
            pending_bank(Standing::Succeeded)
        }
        Status::Voided | Status::Expired => Standing::Voided,
        // What was held was taken for processing before, and called off by whoever looked at it.
        Status::Declined | Status::FailedReview
            if details.was_held() || details.transaction_status == Status::FailedReview =>
        {
            Standing::Voided
        }
        Status::Declined | Status::FailedReview => Standing::Declined(declines::of_details(details)),
        // Approved first, and then rejected by the processor behind it: its money did not come.
        Status::CommunicationError if details.response() == Response::Approved => {
            Standing::Returned(declines::rejected())
        }
        Status::CommunicationError => Standing::Declined(declines::of_details(details)),
        Status::GeneralError if details.response() == Response::Error => match declines::of_error(details) {
            Some(decline) => Standing::Declined(decline),
            None => Standing::Pending,
        },
        Status::AuthorizedPendingCapture
        | Status::AuthorizedPendingRelease
        | Status::UnderReview
        | Status::FdsPendingReview
        | Status::FdsAuthorizedPendingReview
        | Status::SettlementError
        | Status::GeneralError
        | Status::ReturnedItem
        | Status::Chargeback
        | Status::ChargebackReversal
        | Status::Other => Standing::Pending,
    }
}

fn record(details: &Details, key: &str) -> Option<Record> {
    let made_at = details.submitted_at()?;
    let settled = details.batch.as_ref().and_then(|batch| Ts::parse(batch.settled.as_ref()?));
    let came_back = details.returned().and_then(|item| Ts::parse(&item.at));
    Some(Record {
        key: key.to_owned(),
        processor_id: details.trans_id.0.clone(),
        refund_of: None,
        amount: details.auth_amount.cents()?,
        refunded: Cents::ZERO,
        standing: standing(details),
        made_at,
        changed_at: [settled, came_back].into_iter().flatten().fold(made_at, Ts::max),
        metadata: label(details),
    })
}

/// A payment of which so much was given back; `None` where it is not ours, or cannot be read.
pub(super) fn of_charge(details: &Details, refunded: Cents) -> Option<Record> {
    let record = record(details, key(details)?)?;
    Some(Record { refunded, ..record })
}

/// A refund of `charge`; `None` where neither it nor its payment is ours. One of our payments that was made by hand at
/// Authorize.net goes by its id there: the books do not know it, and a person is told.
pub(super) fn of_refund(details: &Details, charge: Option<&Details>) -> Option<Record> {
    let own = ours(details, CHARGE_KEY);
    let of = own.or_else(|| charge.and_then(key))?.to_owned();
    let key = if own.is_some() { key(details)? } else { details.trans_id.0.as_str() };
    Some(Record { refund_of: Some(of), ..record(details, key)? })
}

/// What took a payment back before it settled: it has no place of its own there.
pub(super) fn of_void(details: &Details, key: &str, charge_key: &str) -> Option<Record> {
    let charge = record(details, key)?;
    Some(Record { refund_of: Some(charge_key.to_owned()), standing: Standing::Succeeded, ..charge })
}

/// Whether a transaction in a list must be read whole, because it may have been made or changed since.
pub(super) fn is_news(summary: &Summary, since: Ts) -> bool {
    let made_since = summary.submitted_at().is_none_or(|at| at >= since);
    let status = summary.transaction_status;
    if status.is_news() || status.is_refund() && made_since {
        return true; // Whose it is stands in the one that it is about.
    }
    let is_usual = matches!(
        status,
        Status::CapturedPendingSettlement
            | Status::RefundPendingSettlement
            | Status::SettledSuccessfully
            | Status::RefundSettledSuccessfully
            | Status::Declined
            | Status::GeneralError
    );
    // A bank debit changes by settling; a card payment does not.
    let changes = summary.is_bank()
        && matches!(status, Status::SettledSuccessfully | Status::RefundSettledSuccessfully);
    is_mark(&summary.invoice_number.0)
        && (made_since || !is_usual || changes || summary.came_back() || summary.was_filtered())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_fits_an_invoice_number_and_tells_keys_apart() {
        let one = mark("0193b0c5a1b27d3e8f90a1b2c3d4e5f6");
        assert!(is_mark(&one) && one.len() == 20, "{one}");
        assert_eq!(one, mark("0193b0c5a1b27d3e8f90a1b2c3d4e5f6"), "the same on every node and for ever");
        assert_ne!(one, mark("0193b0c5a1b27d3e8f90a1b2c3d4e5f7"));
        let all: std::collections::BTreeSet<String> = (0..1_000).map(|n| mark(&n.to_string())).collect();
        assert_eq!(all.len(), 1_000);
        for other in ["", "INV-1006", "q0000000000000000000", "Q000000000000000000", "QOOOOOOOOOOOOOOOOOOO"] {
            assert!(!is_mark(other), "{other}");
        }
    }

    #[test]
    fn what_is_too_long_for_an_item_is_left_out_and_nothing_fails_of_it() {
        let long = "x".repeat(300);
        let label =
            Metadata::from([("of".into(), "ours".into()), ("long".into(), long.clone()), (long, "x".into())]);
        let items = items("k", Some("c"), &label).line_item;
        let ids: Vec<&str> = items.iter().map(|item| item.item_id.as_str()).collect();
        assert_eq!(ids, [KEY, CHARGE_KEY, "of"]);
        let many: Metadata = (0..40).map(|n| (n.to_string(), "x".into())).collect();
        assert_eq!(super::items("k", None, &many).line_item.len(), 30);
        let words = order("k", Some(&"a\u{7}\n".repeat(200))).description.unwrap();
        assert!(words.chars().count() == 255 && !words.chars().any(char::is_control));
    }

    #[test]
    fn money_is_written_in_dollars_and_cents() {
        for (cents, written) in [(1, "0.01"), (99, "0.99"), (100, "1.00"), (1_234_567, "12345.67")] {
            assert_eq!(dollars(Cents::new(cents)), written);
        }
    }
}
