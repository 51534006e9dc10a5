//! What Authorize.net is asked, as far as we ask it.
//!
//! What must hold: elements stand in the order of the schema. Their JSON is read as XML, in which the order counts: one that is
//! out of it ends as an error about the request (E00003).
//! <https://api.authorize.net/xml/v1/schema/AnetApiSchema.xsd>, <https://support.authorize.net/knowledgebase/Knowledgearticle/?code=000001206>

use serde::Serialize;

/// A request, by the name it goes under.
pub(super) trait Request: Serialize + Sync {
    const NAME: &'static str;
}

macro_rules! requests {
    ($($what:ty = $name:literal),*) => {
        $(impl Request for $what {
            const NAME: &'static str = $name;
        })*
    };
}

requests!(
    Create<'_> = "createTransactionRequest",
    Details<'_> = "getTransactionDetailsRequest",
    Unsettled = "getUnsettledTransactionListRequest",
    Batches = "getSettledBatchListRequest",
    OfBatch<'_> = "getTransactionListRequest",
    OfCustomer<'_> = "getTransactionListForCustomerRequest",
    CreateProfile<'_> = "createCustomerProfileRequest",
    Profile<'_> = "getCustomerProfileRequest",
    PaymentProfile<'_> = "getCustomerPaymentProfileRequest"
);

/// Something to be done with money.
/// <https://developer.authorize.net/api/reference/index.html#payment-transactions>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Create<'a> {
    pub(super) transaction_request: Transaction<'a>,
}

/// What is to be done. All but its kind depends on that.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction<'a> {
    pub(super) transaction_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) currency_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<Charged<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ref_trans_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<OrderInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line_items: Option<LineItems>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transaction_settings: Option<Settings>,
}

/// Whose card or account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Charged<'a> {
    pub(super) customer_profile_id: &'a str,
    pub(super) payment_profile: ChargedBy<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChargedBy<'a> {
    pub(super) payment_profile_id: &'a str,
}

/// By what it is found again, and the caller's words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderInfo {
    pub(super) invoice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineItems {
    pub(super) line_item: Vec<LineItem>,
}

/// The only thing of a free form that comes back with a transaction: at most thirty of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineItem {
    pub(super) item_id: String,
    pub(super) name: &'static str,
    pub(super) description: String,
    pub(super) quantity: &'static str,
    pub(super) unit_price: &'static str,
}

#[derive(Serialize)]
pub(super) struct Settings {
    pub(super) setting: [Setting; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Setting {
    pub(super) setting_name: &'static str,
    pub(super) setting_value: &'static str,
}

/// One transaction as it is now.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-transaction-details>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details<'a> {
    pub(super) trans_id: &'a str,
}

/// What is in no batch yet.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-unsettled-transaction-list>
#[derive(Serialize)]
pub(super) struct Unsettled {
    pub(super) sorting: Sorting,
    pub(super) paging: Paging,
}

/// Which batches settled between two instants, 31 days apart at most.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-settled-batch-list>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Batches {
    pub(super) first_settlement_date: String,
    pub(super) last_settlement_date: String,
}

/// What is in a batch.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-transaction-list>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfBatch<'a> {
    pub(super) batch_id: &'a str,
    pub(super) sorting: Sorting,
    pub(super) paging: Paging,
}

/// What was done with a customer's cards and accounts.
/// <https://developer.authorize.net/api/reference/index.html#transaction-reporting-get-customer-profile-transaction-list>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfCustomer<'a> {
    pub(super) customer_profile_id: &'a str,
    pub(super) sorting: Sorting,
    pub(super) paging: Paging,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sorting {
    order_by: &'static str,
    order_descending: &'static str,
}

/// The newest first.
pub(super) const NEWEST_FIRST: Sorting = Sorting { order_by: "submitTimeUTC", order_descending: "true" };

/// A page by its number, from 1 on; a thousand on one at most.
#[derive(Serialize)]
pub(super) struct Paging {
    limit: String,
    offset: String,
}

impl Paging {
    pub(super) fn page(number: usize, limit: usize) -> Paging {
        Paging { limit: limit.to_string(), offset: number.to_string() }
    }
}

/// A customer of theirs with a card or account that was given in Accept.js.
/// <https://developer.authorize.net/api/reference/index.html#customer-profiles-create-customer-profile>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateProfile<'a> {
    pub(super) profile: NewProfile<'a>,
    pub(super) validation_mode: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewProfile<'a> {
    pub(super) merchant_customer_id: &'a str,
    pub(super) payment_profiles: NewPaymentProfile<'a>,
}

#[derive(Serialize)]
pub(super) struct NewPaymentProfile<'a> {
    pub(super) payment: Payment<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment<'a> {
    pub(super) opaque_data: OpaqueData<'a>,
}

/// What Accept.js gives: good once, and for fifteen minutes.
/// <https://developer.authorize.net/api/reference/features/acceptjs.html>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpaqueData<'a> {
    pub(super) data_descriptor: &'static str,
    pub(super) data_value: &'a str,
}

/// A customer of theirs, by what we call it.
/// <https://developer.authorize.net/api/reference/index.html#customer-profiles-get-customer-profile>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile<'a> {
    pub(super) merchant_customer_id: &'a str,
}

/// A card or account of a customer of theirs.
/// <https://developer.authorize.net/api/reference/index.html#customer-profiles-get-customer-payment-profile>
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentProfile<'a> {
    pub(super) customer_profile_id: &'a str,
    pub(super) customer_payment_profile_id: &'a str,
    pub(super) unmask_expiration_date: &'static str,
    pub(super) include_issuer_info: &'static str,
}
