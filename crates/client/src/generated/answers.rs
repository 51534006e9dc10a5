//! What is answered. Made from the route table; see `generated`.

use serde::Deserialize;

use super::words::*;
use crate::values::{Cents, Object, Secret};

/// Address, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Address {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Line1.
    pub line1: Option<String>,
    /// Line2.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Is primary.
    pub is_primary: bool,
}

/// Attribute, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Attribute {
    /// Attribute.
    pub attribute: String,
    /// Value.
    pub value: String,
}

/// Customer, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Customer {
    /// Id.
    pub id: String,
    /// External id.
    pub external_id: Option<String>,
    /// Status.
    pub status: CustomerStatus,
    /// Name.
    pub name: String,
    /// Dob. `YYYY-MM-DD`.
    pub dob: Option<String>,
    /// Date of birth. `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    /// Ssn.
    pub ssn: Option<String>,
    /// Address.
    pub address: Vec<Address>,
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Metadata.
    pub metadata: Vec<Attribute>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Debt accounts.
    pub debt_accounts: Option<Vec<Object>>,
    /// Payment methods.
    pub payment_methods: Option<Vec<Object>>,
    /// Charges.
    pub charges: Option<Vec<Object>>,
    /// Transactions.
    pub transactions: Option<Vec<Object>>,
    /// Tickets.
    pub tickets: Option<Vec<Object>>,
}

/// Payment method card token, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentMethodCardToken {
    /// Card holder.
    pub card_holder: Option<String>,
    /// Card number.
    pub card_number: String,
    /// Expiration month.
    pub expiration_month: Option<String>,
    /// Expiration year.
    pub expiration_year: Option<String>,
    /// Card type.
    pub card_type: Option<String>,
    /// Card zip.
    pub card_zip: Option<String>,
}

/// Payment method bank account, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentMethodBankAccount {
    /// Account holder.
    pub account_holder: Option<String>,
    /// Account type.
    pub account_type: Option<String>,
    /// Ownership type.
    pub ownership_type: Option<String>,
    /// Routing number.
    pub routing_number: Option<String>,
    /// Account number.
    pub account_number: String,
    /// Account zip.
    pub account_zip: Option<String>,
    /// Account state.
    pub account_state: Option<String>,
}

/// Payment method stopped, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentMethodStopped {
    /// Code.
    pub code: String,
    /// Reason.
    pub reason: PaymentMethodStoppedReason,
    /// Since. RFC 3339, in UTC.
    pub since: String,
    /// Lifted by.
    pub lifted_by: PaymentMethodStoppedLiftedBy,
}

/// Payment method, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentMethod {
    /// Id.
    pub id: String,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Type.
    pub r#type: PaymentMethodType,
    /// Card token.
    pub card_token: Option<PaymentMethodCardToken>,
    /// Bank account.
    pub bank_account: Option<PaymentMethodBankAccount>,
    /// Is primary.
    pub is_primary: bool,
    /// Is expired.
    pub is_expired: bool,
    /// Stopped.
    pub stopped: Option<PaymentMethodStopped>,
    /// Retry at. RFC 3339, in UTC.
    pub retry_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Last four.
    pub last_four: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// Funding.
    pub funding: Option<PaymentMethodFunding>,
    /// Expiry month.
    pub expiry_month: Option<i64>,
    /// Expiry year.
    pub expiry_year: Option<i64>,
    /// Customer.
    pub customer: Option<Object>,
    /// Charges.
    pub charges: Option<Vec<Object>>,
    /// Transactions.
    pub transactions: Option<Vec<Object>>,
}

/// Location, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Location {
    /// Id.
    pub id: String,
    /// External id.
    pub external_id: Option<String>,
    /// Name.
    pub name: String,
    /// Type.
    pub r#type: LocationType,
    /// Parent id.
    pub parent_id: Option<String>,
    /// Metadata.
    pub metadata: Vec<Attribute>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Parent.
    pub parent: Option<Object>,
    /// Children.
    pub children: Option<Vec<Object>>,
    /// Debt accounts.
    pub debt_accounts: Option<Vec<Object>>,
}

/// Charge decline, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeDecline {
    /// Code.
    pub code: String,
    /// Network code.
    pub network_code: Option<String>,
    /// Advice code.
    pub advice_code: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Class.
    pub class: Option<ChargeDeclineClass>,
    /// Retry.
    pub retry: Option<ChargeDeclineRetry>,
    /// Retry at. RFC 3339, in UTC.
    pub retry_at: Option<String>,
}

/// Charge authorization, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeAuthorization {
    /// Channel.
    pub channel: ChargeAuthorizationChannel,
    /// Payment method id.
    pub payment_method_id: String,
    /// Terms.
    pub terms: String,
    /// Text.
    pub text: String,
    /// Text version.
    pub text_version: Option<String>,
    /// Given by.
    pub given_by: Option<String>,
    /// Given at. RFC 3339, in UTC.
    pub given_at: String,
    /// Ip address.
    pub ip_address: Option<String>,
    /// Sha256.
    pub sha256: String,
    /// Recorded by.
    pub recorded_by: String,
}

/// Charge, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Charge {
    /// Id.
    pub id: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Refunded amount. Whole cents.
    pub refunded_amount: Cents,
    /// Status.
    pub status: ChargeStatus,
    /// State.
    pub state: ChargeState,
    /// Review.
    pub review: bool,
    /// Type.
    pub r#type: PaymentMethodType,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Linked debt account.
    pub linked_debt_account: bool,
    /// Payment source.
    pub payment_source: String,
    /// Payer.
    pub payer: ChargePayer,
    /// Scheduled.
    pub scheduled: bool,
    /// Scheduled at. `YYYY-MM-DD`.
    pub scheduled_at: Option<String>,
    /// Instalment id.
    pub instalment_id: Option<String>,
    /// Charge date. RFC 3339, in UTC.
    pub charge_date: String,
    /// Charged at. RFC 3339, in UTC.
    pub charged_at: Option<String>,
    /// Decline.
    pub decline: Option<ChargeDecline>,
    /// Settles on. `YYYY-MM-DD`.
    pub settles_on: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Payment method id.
    pub payment_method_id: Option<String>,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Authorization.
    pub authorization: Option<ChargeAuthorization>,
    /// Customer.
    pub customer: Option<Object>,
    /// Debt account.
    pub debt_account: Option<Object>,
    /// Payment method.
    pub payment_method: Option<Object>,
    /// Payment plan.
    pub payment_plan: Option<Object>,
    /// Transactions.
    pub transactions: Option<Vec<Object>>,
}

/// Transaction, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Transaction {
    /// Id.
    pub id: String,
    /// Type.
    pub r#type: TransactionType,
    /// Status.
    pub status: TransactionStatus,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Refund id.
    pub refund_id: Option<String>,
    /// Batch number.
    pub batch_number: Option<String>,
    /// Payment method details.
    pub payment_method_details: Option<Object>,
    /// Shipping details.
    pub shipping_details: Option<Object>,
    /// Processor id.
    pub processor_id: Option<String>,
    /// Code.
    pub code: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Submitted date.
    pub submitted_date: i64,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Charge id.
    pub charge_id: Option<String>,
    /// Payment source.
    pub payment_source: Option<String>,
    /// Charge.
    pub charge: Option<Object>,
    /// Customer.
    pub customer: Option<Object>,
    /// Debt account.
    pub debt_account: Option<Object>,
    /// Payment method.
    pub payment_method: Option<Object>,
    /// Payment plan.
    pub payment_plan: Option<Object>,
    /// Charges.
    pub charges: Option<Vec<Object>>,
}

/// Bank account, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankAccount {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: BankAccountKind,
    /// Routing number.
    pub routing_number: String,
    /// Last four.
    pub last_four: String,
    /// Currency.
    pub currency: BankAccountCurrency,
    /// Closed at. RFC 3339, in UTC.
    pub closed_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Balance. Whole cents.
    pub balance: Option<Cents>,
    /// Balance day. `YYYY-MM-DD`.
    pub balance_day: Option<String>,
}

/// Bank statement, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankStatement {
    /// Id.
    pub id: String,
    /// Bank account id.
    pub bank_account_id: String,
    /// File id.
    pub file_id: String,
    /// Status.
    pub status: BankStatementStatus,
    /// From day. `YYYY-MM-DD`.
    pub from_day: Option<String>,
    /// Day. `YYYY-MM-DD`.
    pub day: String,
    /// Sequence.
    pub sequence: Option<i64>,
    /// Page.
    pub page: i64,
    /// Opening balance. Whole cents.
    pub opening_balance: Option<Cents>,
    /// Closing balance. Whole cents.
    pub closing_balance: Option<Cents>,
    /// Available balance. Whole cents.
    pub available_balance: Option<Cents>,
    /// Lines.
    pub lines: i64,
    /// Credits. Whole cents.
    pub credits: Cents,
    /// Debits. Whole cents.
    pub debits: Cents,
    /// Gap. Whole cents.
    pub gap: Option<Cents>,
    /// Unexplained. Whole cents.
    pub unexplained: Option<Cents>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Bank line references, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankLineReferences {
    /// Bank.
    pub bank: Option<String>,
    /// Customer.
    pub customer: Option<String>,
    /// Entry.
    pub entry: Option<String>,
    /// End to end.
    pub end_to_end: Option<String>,
    /// Transaction.
    pub transaction: Option<String>,
    /// Clearing.
    pub clearing: Option<String>,
    /// Batch.
    pub batch: Option<String>,
    /// Message.
    pub message: Option<String>,
    /// Mandate.
    pub mandate: Option<String>,
    /// Check.
    pub check: Option<String>,
    /// Creditor.
    pub creditor: Option<String>,
    /// Ach trace.
    pub ach_trace: Option<String>,
}

/// Bank line part, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankLinePart {
    /// Amount. Whole cents.
    pub amount: Option<Cents>,
    /// Direction.
    pub direction: Option<BankLineDirection>,
    /// Return reason.
    pub return_reason: Option<String>,
    /// Debtor.
    pub debtor: Option<String>,
    /// Creditor.
    pub creditor: Option<String>,
    /// Text.
    pub text: Option<String>,
    /// References.
    pub references: Object,
}

/// Bank line history, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankLineHistory {
    /// Act.
    pub act: BankLineHistoryAct,
    /// By.
    pub by: String,
    /// Reason.
    pub reason: Option<String>,
    /// Match id.
    pub match_id: Option<String>,
    /// At. RFC 3339, in UTC.
    pub at: String,
}

/// Bank line, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankLine {
    /// Id.
    pub id: String,
    /// Bank account id.
    pub bank_account_id: String,
    /// Bank statement id.
    pub bank_statement_id: String,
    /// Number.
    pub number: i64,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Direction.
    pub direction: BankLineDirection,
    /// Is reversal.
    pub is_reversal: bool,
    /// Day. `YYYY-MM-DD`.
    pub day: String,
    /// Value day. `YYYY-MM-DD`.
    pub value_day: Option<String>,
    /// Bank code.
    pub bank_code: String,
    /// Return reason.
    pub return_reason: Option<String>,
    /// Payments.
    pub payments: i64,
    /// Status.
    pub status: BankLineStatus,
    /// Match id.
    pub match_id: Option<String>,
    /// Queued at. RFC 3339, in UTC.
    pub queued_at: Option<String>,
    /// Debtor.
    pub debtor: Option<String>,
    /// Creditor.
    pub creditor: Option<String>,
    /// Text.
    pub text: Option<String>,
    /// References.
    pub references: BankLineReferences,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Parts.
    pub parts: Option<Vec<BankLinePart>>,
    /// History.
    pub history: Option<Vec<BankLineHistory>>,
}

/// Bank expectation, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankExpectation {
    /// Id.
    pub id: String,
    /// Bank account id.
    pub bank_account_id: String,
    /// Kind.
    pub kind: BankExpectationKind,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Direction.
    pub direction: BankLineDirection,
    /// From day. `YYYY-MM-DD`.
    pub from_day: String,
    /// To day. `YYYY-MM-DD`.
    pub to_day: String,
    /// Key.
    pub key: Option<String>,
    /// Source.
    pub source: Option<String>,
    /// Source id.
    pub source_id: Option<String>,
    /// Status.
    pub status: BankExpectationStatus,
    /// Match id.
    pub match_id: Option<String>,
    /// Overdue at. RFC 3339, in UTC.
    pub overdue_at: Option<String>,
    /// Created by.
    pub created_by: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// History.
    pub history: Option<Vec<BankLineHistory>>,
}

/// Ach file, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AchFile {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// State.
    pub state: AchFileState,
    /// Entries.
    pub entries: i64,
    /// Debits. Whole cents.
    pub debits: Cents,
    /// Credits. Whole cents.
    pub credits: Cents,
    /// Created on. `YYYY-MM-DD`.
    pub created_on: String,
    /// Effective on. `YYYY-MM-DD`.
    pub effective_on: String,
    /// Sha256.
    pub sha256: Option<String>,
    /// Attempts failed.
    pub attempts_failed: i64,
    /// Next attempt at. RFC 3339, in UTC.
    pub next_attempt_at: Option<String>,
    /// Note.
    pub note: Option<String>,
    /// Delivered at. RFC 3339, in UTC.
    pub delivered_at: Option<String>,
    /// Said by.
    pub said_by: Option<String>,
    /// Said at. RFC 3339, in UTC.
    pub said_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Payment plan rules, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanRules {
    /// Unscheduled payment plan editable.
    pub unscheduled_payment_plan_editable: bool,
}

/// Payment plan charge notice, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanChargeNotice {
    /// Message id.
    pub message_id: Option<String>,
    /// Status.
    pub status: String,
}

/// Payment plan charge, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanCharge {
    /// Id.
    pub id: String,
    /// Number.
    pub number: i64,
    /// Charge date. RFC 3339, in UTC.
    pub charge_date: String,
    /// Due date. `YYYY-MM-DD`.
    pub due_date: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Interest. Whole cents.
    pub interest: Option<Cents>,
    /// State.
    pub state: PaymentPlanChargeState,
    /// Scheduled.
    pub scheduled: bool,
    /// Charge id.
    pub charge_id: Option<String>,
    /// Presented at. RFC 3339, in UTC.
    pub presented_at: Option<String>,
    /// Refusals.
    pub refusals: i64,
    /// Charged at. RFC 3339, in UTC.
    pub charged_at: Option<String>,
    /// Notice.
    pub notice: Option<PaymentPlanChargeNotice>,
}

/// Payment plan authorization, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanAuthorization {
    /// Id.
    pub id: String,
    /// Channel.
    pub channel: ChargeAuthorizationChannel,
    /// Payment method id.
    pub payment_method_id: String,
    /// Terms.
    pub terms: String,
    /// Text.
    pub text: Option<String>,
    /// Text version.
    pub text_version: Option<String>,
    /// Given by.
    pub given_by: Option<String>,
    /// Given at. RFC 3339, in UTC.
    pub given_at: String,
    /// Ip address.
    pub ip_address: Option<String>,
    /// Sha256.
    pub sha256: Option<String>,
    /// Copy.
    pub copy: Option<PaymentPlanChargeNotice>,
    /// Recorded by.
    pub recorded_by: String,
    /// Recorded at. RFC 3339, in UTC.
    pub recorded_at: Option<String>,
    /// Ended at. RFC 3339, in UTC.
    pub ended_at: Option<String>,
}

/// Payment plan request, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanRequest {
    /// Id.
    pub id: String,
    /// Type.
    pub r#type: Option<PaymentPlanRequestType>,
    /// Status.
    pub status: PaymentPlanRequestStatus,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
}

/// Payment plan, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlan {
    /// Id.
    pub id: String,
    /// Debt account id.
    pub debt_account_id: String,
    /// Status.
    pub status: PaymentPlanStatus,
    /// State.
    pub state: PaymentPlanState,
    /// Frequency exact.
    pub frequency_exact: Option<PaymentPlanFrequencyExact>,
    /// Amount. Whole cents.
    pub amount: Option<Cents>,
    /// Open ended.
    pub open_ended: bool,
    /// Settled balance. Whole cents.
    pub settled_balance: Option<Cents>,
    /// Discount amount. Whole cents.
    pub discount_amount: Option<Cents>,
    /// Down payment amount. Whole cents.
    pub down_payment_amount: Option<Cents>,
    /// Down payment date. `YYYY-MM-DD`.
    pub down_payment_date: Option<String>,
    /// Annual percentage rate.
    pub annual_percentage_rate: Option<String>,
    /// Principal balance. Whole cents.
    pub principal_balance: Option<Cents>,
    /// Pre principal balance. Whole cents.
    pub pre_principal_balance: Option<Cents>,
    /// Interest collected after principal.
    pub interest_collected_after_principal: Option<bool>,
    /// Projected interest. Whole cents.
    pub projected_interest: Option<Cents>,
    /// Min payment amount. Whole cents.
    pub min_payment_amount: Option<Cents>,
    /// Payment method id.
    pub payment_method_id: Option<String>,
    /// Settlement offer id.
    pub settlement_offer_id: Option<String>,
    /// Replaces id.
    pub replaces_id: Option<String>,
    /// Is paused.
    pub is_paused: bool,
    /// Count.
    pub count: i64,
    /// Paid amount. Whole cents.
    pub paid_amount: Cents,
    /// Last payment date. `YYYY-MM-DD`.
    pub last_payment_date: Option<String>,
    /// Rules.
    pub rules: PaymentPlanRules,
    /// Charges.
    pub charges: Vec<PaymentPlanCharge>,
    /// Enrolled at. RFC 3339, in UTC.
    pub enrolled_at: Option<String>,
    /// Paused at. RFC 3339, in UTC.
    pub paused_at: Option<String>,
    /// Ended at. RFC 3339, in UTC.
    pub ended_at: Option<String>,
    /// Reason.
    pub reason: Option<String>,
    /// Failures.
    pub failures: i64,
    /// Breaks at. RFC 3339, in UTC.
    pub breaks_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Total amount. Whole cents.
    pub total_amount: Option<Cents>,
    /// Installment amount. Whole cents.
    pub installment_amount: Option<Cents>,
    /// Frequency.
    pub frequency: Option<PaymentPlanFrequency>,
    /// Payment source.
    pub payment_source: Option<String>,
    /// Start date. `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// Next payment date. `YYYY-MM-DD`.
    pub next_payment_date: Option<String>,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Authorization.
    pub authorization: Option<PaymentPlanAuthorization>,
    /// Request.
    pub request: Option<PaymentPlanRequest>,
    /// Customer.
    pub customer: Option<Object>,
    /// Debt account.
    pub debt_account: Option<Object>,
    /// Payment method.
    pub payment_method: Option<Object>,
}

/// Settlement offer, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SettlementOffer {
    /// Id.
    pub id: String,
    /// Debt account id.
    pub debt_account_id: String,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Type.
    pub r#type: SettlementOfferType,
    /// Status.
    pub status: SettlementOfferStatus,
    /// State.
    pub state: SettlementOfferState,
    /// Balance. Whole cents.
    pub balance: Cents,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Discount amount. Whole cents.
    pub discount_amount: Cents,
    /// Discount percent.
    pub discount_percent: i64,
    /// Max installments.
    pub max_installments: i64,
    /// Expires on. `YYYY-MM-DD`.
    pub expires_on: Option<String>,
    /// Payment plan id.
    pub payment_plan_id: Option<String>,
    /// Reason.
    pub reason: Option<String>,
    /// Ended at. RFC 3339, in UTC.
    pub ended_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Customer.
    pub customer: Option<Object>,
    /// Debt account.
    pub debt_account: Option<Object>,
}

/// Block effects, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BlockEffects {
    /// Visible.
    pub visible: bool,
    /// Pays.
    pub pays: String,
    /// Applies.
    pub applies: String,
    /// Autopay.
    pub autopay: String,
    /// Contact.
    pub contact: String,
    /// Report.
    pub report: String,
}

/// Block history, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BlockHistory {
    /// What.
    pub what: BlockHistoryWhat,
    /// By.
    pub by: String,
    /// At. RFC 3339, in UTC.
    pub at: String,
    /// Block.
    pub block: Option<Object>,
}

/// Block, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Block {
    /// Id.
    pub id: String,
    /// Customer id.
    pub customer_id: String,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Payment method id.
    pub payment_method_id: Option<String>,
    /// Reason.
    pub reason: String,
    /// Kind.
    pub kind: Option<String>,
    /// Effects.
    pub effects: Option<BlockEffects>,
    /// Note.
    pub note: Option<String>,
    /// Evidence.
    pub evidence: Option<String>,
    /// Source.
    pub source: String,
    /// Placed by.
    pub placed_by: String,
    /// Reviewer.
    pub reviewer: Option<String>,
    /// Review on. `YYYY-MM-DD`.
    pub review_on: Option<String>,
    /// Starts at. RFC 3339, in UTC.
    pub starts_at: String,
    /// Ends at. RFC 3339, in UTC.
    pub ends_at: Option<String>,
    /// Active.
    pub active: bool,
    /// Lifted at. RFC 3339, in UTC.
    pub lifted_at: Option<String>,
    /// Lifted by.
    pub lifted_by: Option<String>,
    /// Lift reason.
    pub lift_reason: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// History.
    pub history: Option<Vec<BlockHistory>>,
}

/// Customer session tag, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CustomerSessionTag {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Customer session, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CustomerSession {
    /// Id.
    pub id: String,
    /// Customer id.
    pub customer_id: String,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Debt account dispute id.
    pub debt_account_dispute_id: Option<String>,
    /// Destination.
    pub destination: CustomerSessionDestination,
    /// Status.
    pub status: CustomerSessionStatus,
    /// Sliding.
    pub sliding: bool,
    /// Return url.
    pub return_url: Option<String>,
    /// Expiration return url.
    pub expiration_return_url: Option<String>,
    /// Tags.
    pub tags: Vec<CustomerSessionTag>,
    /// Expiration. RFC 3339, in UTC.
    pub expiration: String,
    /// Expires at. RFC 3339, in UTC.
    pub expires_at: String,
    /// Created by.
    pub created_by: String,
    /// Last used at. RFC 3339, in UTC.
    pub last_used_at: Option<String>,
    /// Revoked at. RFC 3339, in UTC.
    pub revoked_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Portal url.
    pub portal_url: Option<Secret>,
    /// Magic link.
    pub magic_link: Option<Secret>,
}

/// Ticket message, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TicketMessage {
    /// Id.
    pub id: String,
    /// Ticket id.
    pub ticket_id: String,
    /// Author.
    pub author: TicketMessageAuthor,
    /// Message.
    pub message: Option<String>,
    /// Created by.
    pub created_by: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
}

/// Ticket, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Ticket {
    /// Id.
    pub id: String,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Category.
    pub category: TicketCategory,
    /// Status.
    pub status: TicketStatus,
    /// Source.
    pub source: TicketSource,
    /// Is read by customer.
    pub is_read_by_customer: bool,
    /// Is read by organization.
    pub is_read_by_organization: bool,
    /// Last activity at. RFC 3339, in UTC.
    pub last_activity_at: String,
    /// Resolved at. RFC 3339, in UTC.
    pub resolved_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Subject.
    pub subject: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Messages.
    pub messages: Option<Vec<TicketMessage>>,
    /// Customer.
    pub customer: Option<Object>,
    /// Debt account.
    pub debt_account: Option<Object>,
    /// Payment plan.
    pub payment_plan: Option<Object>,
}

/// Dispute answer, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DisputeAnswer {
    /// Id.
    pub id: String,
    /// Message.
    pub message: Option<String>,
    /// Created by.
    pub created_by: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
}

/// Dispute, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Dispute {
    /// Id.
    pub id: String,
    /// Customer id.
    pub customer_id: String,
    /// Debt account id.
    pub debt_account_id: String,
    /// Kind.
    pub kind: DisputeKind,
    /// Amount. Whole cents.
    pub amount: Option<Cents>,
    /// Reasons.
    pub reasons: Vec<DisputeReason>,
    /// Description.
    pub description: Option<String>,
    /// Status.
    pub status: DisputeStatus,
    /// Source.
    pub source: String,
    /// Received on. `YYYY-MM-DD`.
    pub received_on: String,
    /// Duplicate of.
    pub duplicate_of: Option<String>,
    /// Block id.
    pub block_id: Option<String>,
    /// Answered at. RFC 3339, in UTC.
    pub answered_at: Option<String>,
    /// Closed at. RFC 3339, in UTC.
    pub closed_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Answers.
    pub answers: Option<Vec<DisputeAnswer>>,
}

/// Document, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Document {
    /// Id.
    pub id: String,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Debt account dispute id.
    pub debt_account_dispute_id: Option<String>,
    /// Ticket id.
    pub ticket_id: Option<String>,
    /// Kind.
    pub kind: DocumentKind,
    /// Name.
    pub name: Option<String>,
    /// Media type.
    pub media_type: DocumentMediaType,
    /// Bytes.
    pub bytes: i64,
    /// Visible to customer.
    pub visible_to_customer: bool,
    /// Created by.
    pub created_by: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Client term fee rule, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ClientTermFeeRule {
    /// Basis points.
    pub basis_points: i64,
    /// From. `YYYY-MM-DD`.
    pub from: Option<String>,
    /// Min age days.
    pub min_age_days: Option<i64>,
    /// Max age days.
    pub max_age_days: Option<i64>,
    /// Min balance. Whole cents.
    pub min_balance: Option<Cents>,
    /// Max balance. Whole cents.
    pub max_balance: Option<Cents>,
}

/// Client term, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ClientTerm {
    /// Id.
    pub id: String,
    /// Location id.
    pub location_id: String,
    /// Method.
    pub method: ClientTermMethod,
    /// Card hold days.
    pub card_hold_days: i64,
    /// Ach hold days.
    pub ach_hold_days: i64,
    /// Since. `YYYY-MM-DD`.
    pub since: Option<String>,
    /// Fee rules.
    pub fee_rules: Vec<ClientTermFeeRule>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Remittance, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Remittance {
    /// Id.
    pub id: String,
    /// Client terms id.
    pub client_terms_id: String,
    /// Location id.
    pub location_id: String,
    /// State.
    pub state: RemittanceState,
    /// Method.
    pub method: ClientTermMethod,
    /// First day. `YYYY-MM-DD`.
    pub first_day: Option<String>,
    /// Last day. `YYYY-MM-DD`.
    pub last_day: String,
    /// Lines.
    pub lines: i64,
    /// Gross. Whole cents.
    pub gross: Cents,
    /// Clawed back. Whole cents.
    pub clawed_back: Cents,
    /// Fees. Whole cents.
    pub fees: Cents,
    /// Fees back. Whole cents.
    pub fees_back: Cents,
    /// Billed. Whole cents.
    pub billed: Cents,
    /// Carried in. Whole cents.
    pub carried_in: Cents,
    /// Net. Whole cents.
    pub net: Cents,
    /// Carried to id.
    pub carried_to_id: Option<String>,
    /// Prepared by.
    pub prepared_by: String,
    /// Approved by.
    pub approved_by: Option<String>,
    /// Approved at. RFC 3339, in UTC.
    pub approved_at: Option<String>,
    /// Paid by.
    pub paid_by: Option<String>,
    /// Paid at. RFC 3339, in UTC.
    pub paid_at: Option<String>,
    /// Bank reference.
    pub bank_reference: Option<String>,
    /// Voided by.
    pub voided_by: Option<String>,
    /// Voided at. RFC 3339, in UTC.
    pub voided_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Trust deposit, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TrustDeposit {
    /// Id.
    pub id: String,
    /// Account.
    pub account: TrustDepositAccount,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Reference.
    pub reference: String,
    /// Received on. `YYYY-MM-DD`.
    pub received_on: String,
    /// Recorded by.
    pub recorded_by: String,
    /// Reversed by.
    pub reversed_by: Option<String>,
    /// Reversed at. RFC 3339, in UTC.
    pub reversed_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Webhook health, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WebhookHealth {
    /// Failures.
    pub failures: i64,
    /// Failing since. RFC 3339, in UTC.
    pub failing_since: Option<String>,
    /// Resting until. RFC 3339, in UTC.
    pub resting_until: Option<String>,
    /// Last delivered at. RFC 3339, in UTC.
    pub last_delivered_at: Option<String>,
    /// Next attempt at. RFC 3339, in UTC.
    pub next_attempt_at: Option<String>,
}

/// Webhook, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Webhook {
    /// Id.
    pub id: String,
    /// Url.
    pub url: String,
    /// Events.
    pub events: Vec<WebhookEvent>,
    /// Active.
    pub active: bool,
    /// Paused at. RFC 3339, in UTC.
    pub paused_at: Option<String>,
    /// Disabled at. RFC 3339, in UTC.
    pub disabled_at: Option<String>,
    /// Disabled reason.
    pub disabled_reason: Option<WebhookDisabledReason>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Secret.
    pub secret: Option<Secret>,
    /// Health.
    pub health: Option<WebhookHealth>,
}

/// Message, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Message {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Channel.
    pub channel: MessageChannel,
    /// Language.
    pub language: String,
    /// To.
    pub to: Option<String>,
    /// Customer id.
    pub customer_id: Option<String>,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Object.
    pub object: Option<String>,
    /// Object id.
    pub object_id: Option<String>,
    /// State.
    pub state: MessageState,
    /// Attempts.
    pub attempts: i64,
    /// Last error.
    pub last_error: Option<String>,
    /// Next attempt at. RFC 3339, in UTC.
    pub next_attempt_at: Option<String>,
    /// Provider id.
    pub provider_id: Option<String>,
    /// Sent at. RFC 3339, in UTC.
    pub sent_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Message template variable, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MessageTemplateVariable {
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Always.
    pub always: bool,
}

/// Message template, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MessageTemplate {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: MessageTemplateKind,
    /// Channel.
    pub channel: MessageChannel,
    /// Language.
    pub language: MessageTemplateLanguage,
    /// Source.
    pub source: MessageTemplateSource,
    /// Subject.
    pub subject: Option<String>,
    /// Body.
    pub body: String,
    /// Variables.
    pub variables: Vec<MessageTemplateVariable>,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: Option<String>,
}

/// Event, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Event {
    /// Id.
    pub id: String,
    /// Sequence.
    pub sequence: Option<i64>,
    /// Event.
    pub event: String,
    /// Names.
    pub names: Vec<String>,
    /// Object.
    pub object: String,
    /// Object id.
    pub object_id: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Data.
    pub data: Option<Object>,
}

/// Bulk, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Bulk {
    /// Id.
    pub id: String,
    /// Status.
    pub status: BulkStatus,
    /// State.
    pub state: BulkState,
    /// Type.
    pub r#type: BulkType,
    /// Format.
    pub format: BulkFormat,
    /// Source.
    pub source: BulkSource,
    /// Total.
    pub total: i64,
    /// Processed.
    pub processed: i64,
    /// Created.
    pub created: i64,
    /// Updated.
    pub updated: i64,
    /// Unchanged.
    pub unchanged: i64,
    /// Failed.
    pub failed: i64,
    /// Balances kept.
    pub balances_kept: i64,
    /// Total balance. Whole cents.
    pub total_balance: Cents,
    /// Bytes.
    pub bytes: i64,
    /// Rows per second.
    pub rows_per_second: Option<i64>,
    /// Ignored columns.
    pub ignored_columns: Vec<String>,
    /// Reason.
    pub reason: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Started at. RFC 3339, in UTC.
    pub started_at: Option<String>,
    /// Finished at. RFC 3339, in UTC.
    pub finished_at: Option<String>,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Debt account rules, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DebtAccountRules {
    /// Min payment amount. Whole cents.
    pub min_payment_amount: Option<Cents>,
}

/// Debt account, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DebtAccount {
    /// Id.
    pub id: String,
    /// External id.
    pub external_id: Option<String>,
    /// Customer id.
    pub customer_id: String,
    /// Parent id.
    pub parent_id: Option<String>,
    /// Parent external id.
    pub parent_external_id: Option<String>,
    /// Status.
    pub status: DebtAccountStatus,
    /// State.
    pub state: DebtAccountState,
    /// Balance. Whole cents.
    pub balance: Cents,
    /// Original balance. Whole cents.
    pub original_balance: Cents,
    /// Current balance. Whole cents.
    pub current_balance: Cents,
    /// External account number.
    pub external_account_number: Option<String>,
    /// External status.
    pub external_status: Option<String>,
    /// External company id.
    pub external_company_id: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Billing type.
    pub billing_type: Vec<String>,
    /// Rules.
    pub rules: DebtAccountRules,
    /// Metadata.
    pub metadata: Vec<Attribute>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Account number.
    pub account_number: Option<String>,
    /// Customer.
    pub customer: Option<Object>,
    /// Location.
    pub location: Option<Object>,
    /// Locations.
    pub locations: Option<Vec<Object>>,
    /// Transactions.
    pub transactions: Option<Vec<Object>>,
    /// Payment plan.
    pub payment_plan: Option<PaymentPlan>,
    /// Tickets.
    pub tickets: Option<Vec<Object>>,
    /// Charges.
    pub charges: Option<Vec<Object>>,
    /// Parent.
    pub parent: Option<Object>,
    /// Children.
    pub children: Option<Vec<Object>>,
}

/// Balance account, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BalanceAccount {
    /// Account.
    pub account: BalanceAccountAccount,
    /// Normal side.
    pub normal_side: BalanceAccountNormalSide,
    /// Debits. Whole cents.
    pub debits: Cents,
    /// Credits. Whole cents.
    pub credits: Cents,
    /// Balance. Whole cents.
    pub balance: Cents,
}

/// Balance, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Balance {
    /// As of. RFC 3339, in UTC.
    pub as_of: String,
    /// From. RFC 3339, in UTC.
    pub from: Option<String>,
    /// To. RFC 3339, in UTC.
    pub to: Option<String>,
    /// Entries.
    pub entries: i64,
    /// Accounts.
    pub accounts: Vec<BalanceAccount>,
}

/// Bank statement made, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BankStatementMade {
    /// Id.
    pub id: String,
    /// Format.
    pub format: BankStatementMadeFormat,
    /// Bytes.
    pub bytes: i64,
    /// Passed over.
    pub passed_over: i64,
    /// Created by.
    pub created_by: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Statements.
    pub statements: Vec<BankStatement>,
}

/// Ach originator, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AchOriginator {
    /// Company name.
    pub company_name: String,
    /// Company id.
    pub company_id: String,
    /// Odfi.
    pub odfi: String,
    /// Destination.
    pub destination: String,
    /// Destination name.
    pub destination_name: String,
    /// Origin.
    pub origin: String,
    /// Origin name.
    pub origin_name: String,
    /// Description.
    pub description: String,
    /// Entry class.
    pub entry_class: AchOriginatorEntryClass,
    /// Prenotes.
    pub prenotes: bool,
    /// Same day.
    pub same_day: bool,
    /// Cut offs.
    pub cut_offs: Vec<String>,
    /// Next cut off at. RFC 3339, in UTC.
    pub next_cut_off_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Ach notice, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AchNotice {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: AchNoticeKind,
    /// Code.
    pub code: String,
    /// Title.
    pub title: Option<String>,
    /// Result.
    pub result: AchNoticeResult,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Entry id.
    pub entry_id: Option<String>,
    /// Trace number.
    pub trace_number: String,
    /// Original trace number.
    pub original_trace_number: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Ach return rate, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AchReturnRate {
    /// Counter.
    pub counter: AchReturnRateCounter,
    /// Debits.
    pub debits: i64,
    /// Returns.
    pub returns: i64,
    /// Percent.
    pub percent: String,
    /// Limit percent.
    pub limit_percent: String,
    /// Days.
    pub days: i64,
    /// Standing.
    pub standing: AchReturnRateStanding,
}

/// Payment plan preview charge, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanPreviewCharge {
    /// Number.
    pub number: i64,
    /// Charge date. RFC 3339, in UTC.
    pub charge_date: String,
    /// Due date. `YYYY-MM-DD`.
    pub due_date: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Interest. Whole cents.
    pub interest: Option<Cents>,
    /// Scheduled.
    pub scheduled: bool,
}

/// Payment plan preview, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PaymentPlanPreview {
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Frequency.
    pub frequency: String,
    /// Frequency exact.
    pub frequency_exact: String,
    /// Start date. `YYYY-MM-DD`.
    pub start_date: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Installment amount. Whole cents.
    pub installment_amount: Cents,
    /// Open ended.
    pub open_ended: bool,
    /// Total amount. Whole cents.
    pub total_amount: Cents,
    /// Count.
    pub count: i64,
    /// First payment date. `YYYY-MM-DD`.
    pub first_payment_date: String,
    /// Last payment date. `YYYY-MM-DD`.
    pub last_payment_date: String,
    /// Last payment amount. Whole cents.
    pub last_payment_amount: Cents,
    /// Settled balance. Whole cents.
    pub settled_balance: Option<Cents>,
    /// Discount amount. Whole cents.
    pub discount_amount: Option<Cents>,
    /// Down payment amount. Whole cents.
    pub down_payment_amount: Option<Cents>,
    /// Down payment date. `YYYY-MM-DD`.
    pub down_payment_date: Option<String>,
    /// Annual percentage rate.
    pub annual_percentage_rate: Option<String>,
    /// Principal balance. Whole cents.
    pub principal_balance: Option<Cents>,
    /// Pre principal balance. Whole cents.
    pub pre_principal_balance: Option<Cents>,
    /// Interest collected after principal.
    pub interest_collected_after_principal: Option<bool>,
    /// Projected interest. Whole cents.
    pub projected_interest: Option<Cents>,
    /// Charges.
    pub charges: Vec<PaymentPlanPreviewCharge>,
}

/// Block reason, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BlockReason {
    /// Reason.
    pub reason: String,
    /// Kind.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Effects.
    pub effects: BlockEffects,
    /// From. `YYYY-MM-DD`.
    pub from: String,
    /// To. `YYYY-MM-DD`.
    pub to: Option<String>,
    /// Source.
    pub source: String,
}

/// Itemization component, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ItemizationComponent {
    /// Kind.
    pub kind: ItemizationComponentKind,
    /// Date. `YYYY-MM-DD`.
    pub date: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Description.
    pub description: Option<String>,
}

/// Itemization totals, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ItemizationTotals {
    /// Interest. Whole cents.
    pub interest: Cents,
    /// Fees. Whole cents.
    pub fees: Cents,
    /// Payments. Whole cents.
    pub payments: Cents,
    /// Credits. Whole cents.
    pub credits: Cents,
}

/// Itemization since, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ItemizationSince {
    /// Payments. Whole cents.
    pub payments: Cents,
    /// Payments given back. Whole cents.
    pub payments_given_back: Cents,
    /// Increases. Whole cents.
    pub increases: Cents,
    /// Decreases. Whole cents.
    pub decreases: Cents,
}

/// Itemization, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Itemization {
    /// Debt account id.
    pub debt_account_id: String,
    /// Itemization date. `YYYY-MM-DD`.
    pub itemization_date: String,
    /// Itemization date kind.
    pub itemization_date_kind: ItemizationItemizationDateKind,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Components.
    pub components: Vec<ItemizationComponent>,
    /// Totals.
    pub totals: ItemizationTotals,
    /// Recorded balance. Whole cents.
    pub recorded_balance: Cents,
    /// Since.
    pub since: ItemizationSince,
    /// Current balance. Whole cents.
    pub current_balance: Cents,
    /// Created by.
    pub created_by: String,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
}

/// Preferences channels, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PreferencesChannels {
    /// Email.
    pub email: bool,
    /// Sms.
    pub sms: bool,
    /// Phone.
    pub phone: bool,
    /// Mail.
    pub mail: bool,
}

/// Preferences address, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PreferencesAddress {
    /// Channel.
    pub channel: String,
    /// Address.
    pub address: String,
    /// Allowed.
    pub allowed: bool,
}

/// Preferences convenient time, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PreferencesConvenientTime {
    /// Days.
    pub days: Vec<String>,
    /// From.
    pub from: String,
    /// Until.
    pub until: String,
}

/// Preferences, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Preferences {
    /// Customer id.
    pub customer_id: String,
    /// Version.
    pub version: i64,
    /// Language.
    pub language: MessageTemplateLanguage,
    /// Channels.
    pub channels: PreferencesChannels,
    /// Addresses.
    pub addresses: Vec<PreferencesAddress>,
    /// Convenient times.
    pub convenient_times: Vec<PreferencesConvenientTime>,
    /// Transactional emails allowed.
    pub transactional_emails_allowed: bool,
    /// Campaign emails allowed.
    pub campaign_emails_allowed: bool,
    /// How.
    pub how: Option<String>,
    /// Updated by.
    pub updated_by: Option<String>,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: Option<String>,
}

/// Charge receipt paid to, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeReceiptPaidTo {
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Website.
    pub website: Option<String>,
}

/// Charge receipt method, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeReceiptMethod {
    /// Type.
    pub r#type: String,
    /// Brand.
    pub brand: Option<String>,
    /// Last four.
    pub last_four: Option<String>,
}

/// Charge receipt allocation, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeReceiptAllocation {
    /// Debt account id.
    pub debt_account_id: String,
    /// Account number.
    pub account_number: Option<String>,
    /// Creditor.
    pub creditor: Option<String>,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Refunded amount. Whole cents.
    pub refunded_amount: Cents,
    /// Balance after. Whole cents.
    pub balance_after: Cents,
}

/// Charge receipt authorization, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeReceiptAuthorization {
    /// Text.
    pub text: String,
    /// Text version.
    pub text_version: Option<String>,
    /// Given at. RFC 3339, in UTC.
    pub given_at: String,
    /// Sha256.
    pub sha256: String,
}

/// Charge receipt, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ChargeReceipt {
    /// Reference.
    pub reference: String,
    /// Processor reference.
    pub processor_reference: Option<String>,
    /// Outcome.
    pub outcome: ChargeReceiptOutcome,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Refunded amount. Whole cents.
    pub refunded_amount: Cents,
    /// Currency.
    pub currency: String,
    /// Paid at. RFC 3339, in UTC.
    pub paid_at: Option<String>,
    /// Paid by.
    pub paid_by: Option<String>,
    /// Paid to.
    pub paid_to: ChargeReceiptPaidTo,
    /// Method.
    pub method: ChargeReceiptMethod,
    /// Debt account id.
    pub debt_account_id: Option<String>,
    /// Account number.
    pub account_number: Option<String>,
    /// Creditor.
    pub creditor: Option<String>,
    /// Allocations.
    pub allocations: Vec<ChargeReceiptAllocation>,
    /// Balance after. Whole cents.
    pub balance_after: Option<Cents>,
    /// Reason.
    pub reason: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Authorization.
    pub authorization: Option<ChargeReceiptAuthorization>,
}

/// Remittance line, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RemittanceLine {
    /// Id.
    pub id: String,
    /// Type.
    pub r#type: RemittanceLineType,
    /// Payment line id.
    pub payment_line_id: String,
    /// Moved on. `YYYY-MM-DD`.
    pub moved_on: String,
    /// Debt account id.
    pub debt_account_id: String,
    /// Debt account external id.
    pub debt_account_external_id: Option<String>,
    /// Account number.
    pub account_number: Option<String>,
    /// Charge id.
    pub charge_id: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Fee rule.
    pub fee_rule: i64,
    /// Basis points.
    pub basis_points: i64,
    /// Fee. Whole cents.
    pub fee: Cents,
    /// Net. Whole cents.
    pub net: Cents,
}

/// Organization brand, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationBrand {
    /// Logo url.
    pub logo_url: Option<String>,
    /// Logo path.
    pub logo_path: Option<String>,
    /// Primary color.
    pub primary_color: Option<String>,
    /// Website url.
    pub website_url: Option<String>,
    /// Privacy url.
    pub privacy_url: Option<String>,
    /// Support email.
    pub support_email: Option<String>,
    /// Support phone.
    pub support_phone: Option<String>,
    /// Support hours.
    pub support_hours: Option<String>,
}

/// Organization payment rules, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationPaymentRules {
    /// Min payment amount. Whole cents.
    pub min_payment_amount: Option<Cents>,
    /// Payment plans enabled.
    pub payment_plans_enabled: bool,
    /// Min installment amount. Whole cents.
    pub min_installment_amount: Option<Cents>,
    /// Payment plan max months.
    pub payment_plan_max_months: i64,
    /// Payment plan max days until start date.
    pub payment_plan_max_days_until_start_date: i64,
    /// Unscheduled payment plan editable.
    pub unscheduled_payment_plan_editable: bool,
    /// Settlements enabled.
    pub settlements_enabled: bool,
    /// Settlement max discount percent.
    pub settlement_max_discount_percent: i64,
    /// Settlement max months.
    pub settlement_max_months: i64,
    /// Payment plan retries.
    pub payment_plan_retries: i64,
    /// Payment plan retry after days.
    pub payment_plan_retry_after_days: i64,
    /// Payment plan break after.
    pub payment_plan_break_after: i64,
    /// Payment plan grace days.
    pub payment_plan_grace_days: i64,
    /// Payment plan catch up per minute.
    pub payment_plan_catch_up_per_minute: i64,
    /// Merchant category code.
    pub merchant_category_code: Option<String>,
    /// Card brands.
    pub card_brands: Option<Vec<String>>,
    /// Unknown funding accepted.
    pub unknown_funding_accepted: bool,
}

/// Organization lookup, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationLookup {
    /// Flows.
    pub flows: Vec<OrganizationLookupFlow>,
    /// Failures a day.
    pub failures_a_day: i64,
}

/// Organization events, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationEvents {
    /// Superseded kept days.
    pub superseded_kept_days: Option<i64>,
}

/// Organization portal texts en, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationPortalTextsEn {
    /// Door.
    pub door: Option<String>,
    /// Accounts.
    pub accounts: Option<String>,
    /// Payment.
    pub payment: Option<String>,
    /// Footer.
    pub footer: Option<String>,
}

/// Organization portal texts, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationPortalTexts {
    /// En.
    pub en: OrganizationPortalTextsEn,
    /// Es.
    pub es: OrganizationPortalTextsEn,
}

/// Organization portal, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OrganizationPortal {
    /// Check.
    pub check: OrganizationPortalCheck,
    /// Log in.
    pub log_in: bool,
    /// Log in path.
    pub log_in_path: Option<String>,
    /// Texts.
    pub texts: OrganizationPortalTexts,
}

/// Organization, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Organization {
    /// Id.
    pub id: String,
    /// Environment.
    pub environment: OrganizationEnvironment,
    /// Name.
    pub name: String,
    /// Time zone.
    pub time_zone: String,
    /// Week start.
    pub week_start: OrganizationWeekStart,
    /// Brand.
    pub brand: OrganizationBrand,
    /// Allowed origins.
    pub allowed_origins: Vec<String>,
    /// Payment rules.
    pub payment_rules: OrganizationPaymentRules,
    /// Lookup.
    pub lookup: OrganizationLookup,
    /// Events.
    pub events: OrganizationEvents,
    /// Portal.
    pub portal: OrganizationPortal,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Webhook deliverie log, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WebhookDeliverieLog {
    /// Number.
    pub number: i64,
    /// At. RFC 3339, in UTC.
    pub at: String,
    /// Duration ms.
    pub duration_ms: i64,
    /// Status.
    pub status: Option<i64>,
    /// Outcome.
    pub outcome: WebhookDeliverieLogOutcome,
    /// Answer.
    pub answer: Option<String>,
}

/// Webhook deliverie, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WebhookDeliverie {
    /// Id.
    pub id: String,
    /// Webhook id.
    pub webhook_id: String,
    /// Event id.
    pub event_id: String,
    /// Sequence.
    pub sequence: i64,
    /// Event.
    pub event: String,
    /// Object id.
    pub object_id: String,
    /// State.
    pub state: WebhookDeliverieState,
    /// Attempts.
    pub attempts: i64,
    /// Last status.
    pub last_status: Option<i64>,
    /// Last outcome.
    pub last_outcome: Option<WebhookDeliverieLastOutcome>,
    /// Last attempt at. RFC 3339, in UTC.
    pub last_attempt_at: Option<String>,
    /// Next attempt at. RFC 3339, in UTC.
    pub next_attempt_at: Option<String>,
    /// Ended at. RFC 3339, in UTC.
    pub ended_at: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
    /// Log.
    pub log: Option<Vec<WebhookDeliverieLog>>,
}

/// Webhook replay, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WebhookReplay {
    /// Id.
    pub id: String,
    /// Webhook id.
    pub webhook_id: String,
    /// State.
    pub state: WebhookReplayState,
    /// Which.
    pub which: WebhookReplayWhich,
    /// First sequence.
    pub first_sequence: i64,
    /// Last sequence.
    pub last_sequence: i64,
    /// Processed.
    pub processed: i64,
    /// Total.
    pub total: i64,
    /// Queued.
    pub queued: i64,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Message template preview, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MessageTemplatePreview {
    /// Subject.
    pub subject: Option<String>,
    /// Body.
    pub body: String,
    /// Characters.
    pub characters: i64,
}

/// Just in time, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct JustInTime {
    /// Id.
    pub id: String,
    /// Url.
    pub url: String,
    /// Has secret.
    pub has_secret: bool,
    /// Failures.
    pub failures: i64,
    /// Paused until. RFC 3339, in UTC.
    pub paused_until: Option<String>,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Updated at. RFC 3339, in UTC.
    pub updated_at: String,
}

/// Just in time trigger, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct JustInTimeTrigger {
    /// Customer.
    pub customer: Object,
    /// Location.
    pub location: Option<Object>,
    /// Debt account.
    pub debt_account: Object,
    /// Child debt accounts.
    pub child_debt_accounts: Vec<Object>,
}

/// Bulk error, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BulkError {
    /// Position.
    pub position: i64,
    /// Line.
    pub line: Option<i64>,
    /// External id.
    pub external_id: Option<String>,
    /// Errors.
    pub errors: Object,
}

/// Bulk export, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BulkExport {
    /// Name.
    pub name: String,
    /// Scope.
    pub scope: String,
    /// Columns.
    pub columns: Vec<String>,
}

/// Key, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Key {
    /// Kind.
    pub kind: KeyKind,
    /// Version.
    pub version: String,
    /// State.
    pub state: KeyState,
    /// Rows.
    pub rows: i64,
    /// Created at. RFC 3339, in UTC.
    pub created_at: Option<String>,
    /// Retired at. RFC 3339, in UTC.
    pub retired_at: Option<String>,
}

/// Key rotation, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct KeyRotation {
    /// Kind.
    pub kind: KeyRotationKind,
    /// Phase.
    pub phase: KeyRotationPhase,
    /// Done.
    pub done: bool,
    /// Walked.
    pub walked: i64,
    /// Rows.
    pub rows: i64,
    /// Created at. RFC 3339, in UTC.
    pub created_at: String,
    /// Finished at. RFC 3339, in UTC.
    pub finished_at: Option<String>,
}

/// Test clock, as answered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TestClock {
    /// Status.
    pub status: TestClockStatus,
    /// Now. RFC 3339, in UTC.
    pub now: String,
    /// Advancing from. RFC 3339, in UTC.
    pub advancing_from: Option<String>,
    /// Advancing to. RFC 3339, in UTC.
    pub advancing_to: Option<String>,
    /// Percent.
    pub percent: Option<i64>,
}
