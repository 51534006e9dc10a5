//! Transactions, as Authorize.net lists them and tells of each.
//!
//! What must hold: a status that we do not know is kept apart ([`Status::Other`]) and never taken for one that we do.

use base::Ts;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::objects::{Plain, Response};

/// A transaction in a list.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) trans_id: Plain,
    #[serde(rename = "submitTimeUTC")]
    submitted: String,
    pub(super) transaction_status: Status,
    #[serde(default)]
    pub(super) invoice_number: Plain,
    #[serde(default)]
    pub(super) account_type: Plain,
    #[serde(default)]
    has_returned_items: Plain,
    fraud_information: Option<IgnoredAny>,
}

impl Summary {
    pub(super) fn submitted_at(&self) -> Option<Ts> {
        Ts::parse(&self.submitted)
    }

    pub(super) fn came_back(&self) -> bool {
        self.has_returned_items.is_true()
    }

    /// Whether a filter against fraud has looked at it, so that a person may have changed how it stands.
    pub(super) fn was_filtered(&self) -> bool {
        self.fraud_information.is_some()
    }

    pub(super) fn is_bank(&self) -> bool {
        self.account_type.0 == "eCheck"
    }
}

/// A page of a list. One that is empty may have none at all.
#[derive(Deserialize)]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) transactions: Option<Vec<Summary>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchList {
    #[serde(default)]
    pub(super) batch_list: Option<Vec<Batch>>,
}

/// A batch. <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-settled-batch-list>
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Batch {
    pub(super) batch_id: Plain,
    #[serde(rename = "settlementTimeUTC")]
    pub(super) settled: Option<String>,
}

/// How a transaction stands: the words of the documentation, and what one of its authors said of them.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-transaction-details>,
/// <https://community.developer.cybersource.com/t5/Integration-and-Testing/Getting-transaction-details/m-p/14198>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Status {
    AuthorizedPendingCapture,
    AuthorizedPendingRelease,
    CapturedPendingSettlement,
    RefundPendingSettlement,
    SettledSuccessfully,
    RefundSettledSuccessfully,
    Voided,
    Expired,
    Declined,
    /// A bank debit that a person at Authorize.net looks at.
    UnderReview,
    FailedReview,
    /// A card payment that a person of ours must look at there.
    #[serde(rename = "FDSPendingReview")]
    FdsPendingReview,
    #[serde(rename = "FDSAuthorizedPendingReview")]
    FdsAuthorizedPendingReview,
    /// It was rejected by the processor behind Authorize.net, for good.
    CommunicationError,
    /// Its batch was rejected, which may be made good.
    SettlementError,
    GeneralError,
    /// A transaction of its own, which tells that another came back.
    ReturnedItem,
    Chargeback,
    ChargebackReversal,
    #[serde(other)]
    Other,
}

impl Status {
    /// Whether it is not a payment or refund, but tells what happened to one.
    pub(super) fn is_news(self) -> bool {
        matches!(self, Status::ReturnedItem | Status::Chargeback | Status::ChargebackReversal)
    }

    pub(super) fn is_refund(self) -> bool {
        matches!(self, Status::RefundPendingSettlement | Status::RefundSettledSuccessfully)
    }

    /// Whether no money moved by it, and none will.
    pub(super) fn is_nothing(self) -> bool {
        matches!(self, Status::Voided | Status::Expired | Status::Declined | Status::FailedReview)
    }

    /// Whether it can still be taken back. <https://developer.authorize.net/api/reference/index.html#payment-transactions-void-a-transaction>
    pub(super) fn is_unsettled(self) -> bool {
        matches!(
            self,
            Status::AuthorizedPendingCapture
                | Status::AuthorizedPendingRelease
                | Status::CapturedPendingSettlement
                | Status::RefundPendingSettlement
                | Status::UnderReview
                | Status::FdsPendingReview
                | Status::FdsAuthorizedPendingReview
        )
    }
}

#[derive(Deserialize)]
pub(super) struct Detailed {
    pub(super) transaction: Details,
}

/// A transaction, whole.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    pub(super) trans_id: Plain,
    #[serde(default)]
    pub(super) ref_trans_id: Plain,
    #[serde(rename = "submitTimeUTC")]
    submitted: String,
    #[serde(default)]
    pub(super) transaction_type: Plain,
    pub(super) transaction_status: Status,
    #[serde(default)]
    response_code: Plain,
    #[serde(default)]
    pub(super) response_reason_code: Plain,
    #[serde(default, rename = "FDSFilterAction")]
    filter_action: Plain,
    pub(super) batch: Option<Batch>,
    order: Option<Ordered>,
    #[serde(default)]
    pub(super) auth_amount: Plain,
    #[serde(default)]
    pub(super) line_items: Option<Vec<Item>>,
    payment: Option<PaidBy>,
    #[serde(default)]
    pub(super) returned_items: Option<Vec<ReturnedItem>>,
    pub(super) profile: Option<OfProfile>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ordered {
    #[serde(default)]
    invoice_number: Plain,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) item_id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaidBy {
    bank_account: Option<IgnoredAny>,
}

/// Why and when it came back. <https://account.authorize.net/help/Reports/Returns/Returned_Transactions.htm>
#[derive(Clone, Deserialize)]
pub(super) struct ReturnedItem {
    #[serde(default, rename = "dateUTC")]
    pub(super) at: String,
    #[serde(default)]
    pub(super) code: Plain,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfProfile {
    #[serde(default)]
    pub(super) customer_profile_id: Plain,
    #[serde(default)]
    pub(super) customer_payment_profile_id: Plain,
}

impl Details {
    pub(super) fn submitted_at(&self) -> Option<Ts> {
        Ts::parse(&self.submitted)
    }

    pub(super) fn invoice(&self) -> &str {
        self.order.as_ref().map_or("", |order| &order.invoice_number.0)
    }

    pub(super) fn response(&self) -> Response {
        Response::of(&self.response_code.0)
    }

    pub(super) fn is_bank(&self) -> bool {
        self.payment.as_ref().is_some_and(|by| by.bank_account.is_some())
    }

    pub(super) fn is_refund(&self) -> bool {
        self.transaction_type.0.starts_with("refund") || self.transaction_status.is_refund()
    }

    /// Whether it waited for a person, who then decided.
    pub(super) fn was_held(&self) -> bool {
        matches!(self.filter_action.0.as_str(), "hold" | "authAndHold")
    }

    pub(super) fn returned(&self) -> Option<&ReturnedItem> {
        self.returned_items.as_ref().and_then(|all| all.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_tomorrow_is_none_that_we_know() {
        for (word, status) in [
            ("ofTomorrow", Status::Other),
            ("FDSPendingReview", Status::FdsPendingReview),
            ("FDSAuthorizedPendingReview", Status::FdsAuthorizedPendingReview),
            ("capturedPendingSettlement", Status::CapturedPendingSettlement),
        ] {
            assert_eq!(serde_json::from_value::<Status>(serde_json::json!(word)).unwrap(), status);
        }
    }
}
