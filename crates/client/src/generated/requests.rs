//! What is sent. Made from the route table; see `generated`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::words::*;
use crate::values::{Cents, Change, Secret};

/// List customers, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListCustomers {
    /// The customer with this id of yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Only customers with this e-mail, whatever its case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Only customers with this phone, however written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Only customers of this whole name, whatever its case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Only customers in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CustomerStatus>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// New customer address, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCustomerAddress {
    /// Updates this address; without it, one is added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Line1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Line2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Is primary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
}

/// New customer, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCustomer {
    /// Of a person or a company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Date of birth. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Vec<NewCustomerAddress>>,
    /// Your own id of them. Unique; not a word that stands in a path, as `lookup` does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CustomerStatus>,
    /// Email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A US phone number in any punctuation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The last four digits of the Social Security number; missing zeros are put in front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssn_last4: Option<Secret>,
    /// Metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
}

/// Customer changes address, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CustomerChangesAddress {
    /// Updates this address; without it, one is added.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub id: Change<String>,
    /// Name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
    /// Line1.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub line1: Change<String>,
    /// Line2.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub line2: Change<String>,
    /// City.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub city: Change<String>,
    /// State.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub state: Change<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub postal_code: Change<String>,
    /// Country.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub country: Change<String>,
    /// Is primary.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub is_primary: Change<bool>,
}

/// Customer changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CustomerChanges {
    /// Of a person or a company.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
    /// First name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub first_name: Change<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub last_name: Change<String>,
    /// Date of birth. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub date_of_birth: Change<String>,
    /// Address.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub address: Change<Vec<CustomerChangesAddress>>,
    /// Your own id of them. Unique; not a word that stands in a path, as `lookup` does.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_id: Change<String>,
    /// Status.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub status: Change<CustomerStatus>,
    /// Email.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub email: Change<String>,
    /// A US phone number in any punctuation.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub phone: Change<String>,
    /// The last four digits of the Social Security number; missing zeros are put in front.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub ssn_last4: Change<Secret>,
    /// Metadata.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub metadata: Change<BTreeMap<String, Option<String>>>,
}

/// List customer addresses, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListCustomerAddresses {
    /// Rows on a page; all of them unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// New address, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewAddress {
    /// Five digits.
    pub postal_code: String,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Line1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Line2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Is primary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
}

/// Address changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AddressChanges {
    /// Five digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub name: Change<String>,
    /// Line1.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub line1: Change<String>,
    /// Line2.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub line2: Change<String>,
    /// City.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub city: Change<String>,
    /// State.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub state: Change<String>,
    /// Country.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub country: Change<String>,
    /// Is primary.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub is_primary: Change<bool>,
}

/// List customer payment methods, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListCustomerPaymentMethods {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only cards, or only bank accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaymentMethodType>,
    /// Only their customers' first choices, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// Only those that are not charged any more, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stopped: Option<bool>,
}

/// New card, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCard {
    /// Card expiration month.
    pub card_expiration_month: String,
    /// Two digits or four.
    pub card_expiration_year: String,
    /// Card holder.
    pub card_holder: String,
    /// Card number.
    pub card_number: Secret,
    /// Card security code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_security_code: Option<Secret>,
    /// Card postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_postal_code: Option<String>,
}

/// New bank account, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewBankAccount {
    /// Account holder.
    pub account_holder: String,
    /// Account type.
    pub account_type: BankAccountType,
    /// Routing number.
    pub routing_number: String,
    /// Account number.
    pub account_number: Secret,
    /// Account zip.
    pub account_zip: String,
    /// A US state, by its two letters or its name.
    pub account_state: String,
    /// Whose account it is; a person's unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership_type: Option<BankAccountOwnership>,
}

/// New customer payment method, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCustomerPaymentMethod {
    /// Type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaymentMethodType>,
    /// The first one is in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// Card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<NewCard>,
    /// Ach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ach: Option<NewBankAccount>,
    /// A token that you made with the processor directly, or one that hosted fields gave your page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// List payment methods, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListPaymentMethods {
    /// Only this customer's methods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only cards, or only bank accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaymentMethodType>,
    /// Only their customers' first choices, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// Only those that are not charged any more, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stopped: Option<bool>,
}

/// New payment method, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewPaymentMethod {
    /// Customer id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaymentMethodType>,
    /// The first one is in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
    /// Card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<NewCard>,
    /// Ach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ach: Option<NewBankAccount>,
    /// A token that you made with the processor directly, or one that hosted fields gave your page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// Payment method changes card, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PaymentMethodChangesCard {
    /// Card expiration month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_expiration_month: Option<String>,
    /// Card expiration year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_expiration_year: Option<String>,
    /// Card holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_holder: Option<String>,
    /// Card postal code.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub card_postal_code: Change<String>,
}

/// Payment method changes ach, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PaymentMethodChangesAch {
    /// Account holder.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub account_holder: Change<String>,
    /// Account zip.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub account_zip: Change<String>,
    /// Account state.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub account_state: Change<String>,
}

/// Payment method changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PaymentMethodChanges {
    /// Card.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub card: Change<PaymentMethodChangesCard>,
    /// Ach.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub ach: Change<PaymentMethodChangesAch>,
    /// `true` makes it the primary one; to unmake it, make another one primary.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub is_primary: Change<bool>,
    /// Expiry month.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub expiry_month: Change<i64>,
    /// Expiry year.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub expiry_year: Change<i64>,
}

/// Reauthorize payment method, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReauthorizePaymentMethod {
    /// What proves the new authorization, or who looked: kept with the event.
    pub evidence: String,
}

/// List locations, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListLocations {
    /// The location with this id of yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Only locations of exactly this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Only locations of this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LocationType>,
    /// Only locations that belong to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
}

/// New location, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewLocation {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LocationType>,
    /// Your own id of it. Unique; not a word that stands in a path, as `lookup` does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The location it belongs to: our id or yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
}

/// Location changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LocationChanges {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Type.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub r#type: Change<LocationType>,
    /// Your own id of it. Unique; not a word that stands in a path, as `lookup` does.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_id: Change<String>,
    /// The location it belongs to: our id or yours.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub parent_id: Change<String>,
    /// Metadata.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub metadata: Change<BTreeMap<String, Option<String>>>,
}

/// List debt accounts, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListDebtAccounts {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListDebtAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only this customer's accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only accounts of this location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Only accounts under this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_external_id: Option<String>,
    /// Only accounts in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DebtAccountStatus>,
    /// The account with this id of yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Only accounts with this number at the creditor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_account_number: Option<String>,
    /// Only accounts with this status of yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_status: Option<String>,
    /// Only accounts of which at least this much is owed. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_balance_from: Option<Cents>,
    /// Only accounts of which at most this much is owed. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_balance_to: Option<Cents>,
}

/// New debt account location, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDebtAccountLocation {
    /// Name.
    pub name: String,
    /// External id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LocationType>,
}

/// New debt account payment plan, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDebtAccountPaymentPlan {
    /// Ignored, but that it tells which plan a reply of ours is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Frequency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<PaymentPlanFrequency>,
    /// Start date. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// Amount. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
}

/// New debt account rules, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDebtAccountRules {
    /// The least a payment may be, in whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_payment_amount: Option<Cents>,
}

/// New debt account, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDebtAccount {
    /// Who owes it: our id or yours. A child takes its parent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Where it belongs: our id or yours. An unknown one is made, by `location_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Location name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    /// Location type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_type: Option<NewDebtAccountLocationType>,
    /// What was placed, in whole cents.
    pub balance: Cents,
    /// What is still owed, in whole cents; `balance` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_balance: Option<Cents>,
    /// Locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locations: Option<Vec<NewDebtAccountLocation>>,
    /// External id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The account to group it under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_external_id: Option<String>,
    /// Billing type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_type: Option<Vec<NewDebtAccountBillingType>>,
    /// External account number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_account_number: Option<String>,
    /// Payment plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_plan: Option<NewDebtAccountPaymentPlan>,
    /// Metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, Option<String>>>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DebtAccountStatus>,
    /// External status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_status: Option<String>,
    /// External company id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_company_id: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<NewDebtAccountRules>,
}

/// Debt account changes location, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DebtAccountChangesLocation {
    /// Name.
    pub name: String,
    /// External id.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_id: Change<String>,
    /// Type.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub r#type: Change<LocationType>,
}

/// Debt account changes payment plan, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DebtAccountChangesPaymentPlan {
    /// Ignored, but that it tells which plan a reply of ours is about.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub id: Change<String>,
    /// Frequency.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub frequency: Change<PaymentPlanFrequency>,
    /// Start date. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub start_date: Change<String>,
    /// Amount. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub amount: Change<Cents>,
}

/// Debt account changes rules, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DebtAccountChangesRules {
    /// The least a payment may be, in whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub min_payment_amount: Change<Cents>,
}

/// Debt account changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DebtAccountChanges {
    /// Location id.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub location_id: Change<String>,
    /// Location name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub location_name: Change<String>,
    /// Location type.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub location_type: Change<NewDebtAccountLocationType>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DebtAccountStatus>,
    /// Customer id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Balance. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Cents>,
    /// Current balance. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_balance: Option<Cents>,
    /// Locations.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub locations: Change<Vec<DebtAccountChangesLocation>>,
    /// External id.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_id: Change<String>,
    /// Parent external id.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub parent_external_id: Change<String>,
    /// Billing type.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub billing_type: Change<Vec<NewDebtAccountBillingType>>,
    /// External account number.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_account_number: Change<String>,
    /// Payment plan.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan: Change<DebtAccountChangesPaymentPlan>,
    /// Metadata.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub metadata: Change<BTreeMap<String, Option<String>>>,
    /// External status.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_status: Change<String>,
    /// External company id.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub external_company_id: Change<String>,
    /// Description.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<String>,
    /// Rules.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub rules: Change<DebtAccountChangesRules>,
}

/// Lookup debt accounts by query, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LookupDebtAccountsByQuery {
    /// By what to look.
    pub lookup_flow_type: LookupFlowType,
    /// Phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Ssn last4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssn_last4: Option<Secret>,
    /// Date of birth. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
}

/// Lookup debt accounts, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LookupDebtAccounts {
    /// By what to look.
    pub lookup_flow_type: LookupFlowType,
    /// Phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Ssn last4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssn_last4: Option<Secret>,
    /// Date of birth. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
}

/// Unlock lookup, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UnlockLookup {
    /// The phone that was tried; or both names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
}

/// List charges, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListCharges {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListChargesSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only this customer's charges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only charges on this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only charges of this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// Only charges that stand like this, in either spelling's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ChargeStatus>,
    /// Only charges that wait for a person, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<bool>,
    /// Only charges of cards, or only of bank accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaymentMethodType>,
    /// Only charges that came from there, as `api`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_source: Option<String>,
    /// Only charges that are for this day or later. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_from: Option<String>,
    /// Only charges that are for this day or earlier. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_to: Option<String>,
}

/// New charge, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCharge {
    /// How much, in whole cents.
    pub amount: Cents,
    /// The account to pay: our id or yours. Without one the money waits in suspense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// `false` records the account and leaves its balance alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_debt_account: Option<bool>,
    /// A later day; absent, now. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<String>,
    /// A stored method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// Card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<NewCard>,
    /// Ach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ach: Option<NewBankAccount>,
    /// A token that you made with the processor directly, or one that hosted fields gave your page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Who pays, where a block lets only the bankruptcy trustee or the estate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<ChargePayer>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where the receipt goes; absent, to the customer's own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether a receipt is sent once the charge has succeeded. A customer who wants none gets none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_email: Option<bool>,
}

/// Refund charge, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RefundCharge {
    /// How much, in whole cents; all that is left where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
}

/// Resolve charge, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResolveCharge {
    /// `succeeded`: the money moved. `declined`: it did not. `retry`: it did not; send it again.
    pub outcome: ResolveChargeOutcome,
    /// Why, in your words.
    pub reason: String,
    /// A refund of the charge that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
}

/// List transactions, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListTransactions {
    /// In which order; with a minus, the largest or newest first. `-submitted_date` unless said. But
    /// for submitted_date, -submitted_date, created_at, -created_at, a list has at most 10,000 rows,
    /// after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListTransactionsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// From this day or instant on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// To this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// One of today, yesterday, this_week, this_week_to_date, this_month, this_month_to_date,
    /// this_quarter, this_quarter_to_date, this_year, this_year_to_date, this_year_to_last_month,
    /// last_week, last_week_to_date, last_month, last_month_to_date, last_quarter,
    /// last_quarter_to_date, last_year, last_year_to_date, since_30_days_ago, since_60_days_ago,
    /// since_90_days_ago, since_365_days_ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_range: Option<ListTransactionsDateRange>,
    /// Customer id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Debt account id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Charge id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_id: Option<String>,
    /// Type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<TransactionType>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TransactionStatus>,
    /// Only transactions of this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// Only transactions that came from there, as `api`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_source: Option<String>,
}

/// Get balance, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GetBalance {
    /// Only what moved from this day or instant on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// Only what moved to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
}

/// List bank accounts, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBankAccounts {
    /// Only those that are not closed, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// New bank account made, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewBankAccountMade {
    /// What you call it.
    pub name: String,
    /// `trust`: what was collected for those who are owed. `operating`: your own money.
    pub kind: BankAccountKind,
    /// Routing number.
    pub routing_number: String,
    /// Letters and digits, as the bank writes it in its statements; zeros in front do not count.
    pub account_number: Secret,
}

/// Bank account changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BankAccountChanges {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<BankAccountKind>,
}

/// List bank statements, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBankStatements {
    /// Only those of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account_id: Option<String>,
    /// Only those that stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BankStatementStatus>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// New bank statement, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewBankStatement {
    /// Pass over statements of accounts that are no bank accounts here; else they make the file be
    /// refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_unknown_accounts: Option<bool>,
    /// Book statements that do not follow the ones before them; the difference stands on them as `gap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_gaps: Option<bool>,
}

/// List bank lines, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBankLines {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only those of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account_id: Option<String>,
    /// Only those of this statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_statement_id: Option<String>,
    /// Only those that stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BankLineStatus>,
    /// Only those that go this way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<BankLineDirection>,
    /// Only those that wait for a person, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<bool>,
}

/// Match bank line, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MatchBankLine {
    /// What the line is.
    pub bank_expectation_ids: Vec<String>,
    /// Further lines, where several are one expectation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_line_ids: Option<Vec<String>>,
}

/// Ignore bank line, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IgnoreBankLine {
    /// Why, in your words. It is sealed.
    pub reason: String,
}

/// List bank expectations, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBankExpectations {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only those of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account_id: Option<String>,
    /// Only those that stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BankExpectationStatus>,
    /// Only those of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<BankExpectationKind>,
    /// Only those that are late and still waited for, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
}

/// New bank expectation, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewBankExpectation {
    /// On which account.
    pub bank_account_id: String,
    /// Kind.
    pub kind: BankExpectationKind,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// `credit`: to the account. `debit`: from it.
    pub direction: BankLineDirection,
    /// The first day on which it may be booked. `YYYY-MM-DD`.
    pub from_day: String,
    /// The last; when that is over, it is late. `YYYY-MM-DD`.
    pub to_day: String,
    /// What the bank repeats of it: a trace number, a batch's reference. Nothing about a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Ach originator changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AchOriginatorChanges {
    /// What receivers know you by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// What your bank gave you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// The routing number of the bank that originates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odfi: Option<String>,
    /// To whom files go: a routing number, your bank's or its operator's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_name: Option<String>,
    /// From whom they come: nine digits, or what your bank gave you.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_name: Option<String>,
    /// What receivers read on their statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How debits are authorized that do not come from the portal, which are `web`: `tel` orally, `ppd`
    /// in writing. `tel` if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_class: Option<AchOriginatorEntryClass>,
    /// Whether an account is tried with a prenote before its first debit, which then waits for three
    /// banking days. `true` if nothing is said; `false` where you validate accounts otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prenotes: Option<bool>,
    /// Whether entries settle on the same day, where the network allows it. `false` if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_day: Option<bool>,
    /// At which times of banking days files are made, Eastern: before your bank's own. `16:00` if
    /// nothing is said.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub cut_offs: Change<Vec<String>>,
}

/// List ach files, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListAchFiles {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only those that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<AchFileState>,
}

/// List ach notices, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListAchNotices {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only those of which this came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<AchNoticeResult>,
}

/// List payment plans, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListPaymentPlans {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListPaymentPlansSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only this customer's plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only plans on this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only plans that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PaymentPlanStatus>,
    /// Only plans that pay this often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<PaymentPlanFrequency>,
    /// Only plans that begin on this day or later. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_from: Option<String>,
    /// Only plans that begin on this day or earlier. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_to: Option<String>,
    /// Only plans that this method pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// Only plans without an end, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ended: Option<bool>,
}

/// New payment plan authorization, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewPaymentPlanAuthorization {
    /// How it was given: `api` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChargeAuthorizationChannel>,
    /// The words that were agreed to, as they were shown or read out. Without them it is our own text,
    /// filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Which text of yours that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
    /// The name of who gave it: the customer's unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_by: Option<String>,
    /// When it was given: now unless said. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_at: Option<String>,
    /// The address from which it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
}

/// New payment plan, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewPaymentPlan {
    /// The account: our id or yours.
    pub debt_account_id: String,
    /// How often.
    pub frequency: PaymentPlanFrequency,
    /// From when on: tomorrow where absent. At least one day ahead, and no more than
    /// `payment_plan_max_days_until_start_date`, usually 31. With `last_of_month` a day of the first
    /// month. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// How much each time, in whole cents. The last instalment takes what is left.
    pub amount: Cents,
    /// How much in all: what is owed, where absent. Less is a settlement, within your organization's
    /// limits. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Cents>,
    /// `true`: it pays until nothing is owed, whatever that comes to, one instalment at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ended: Option<bool>,
    /// What is paid before the instalments. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_payment_amount: Option<Cents>,
    /// When that is paid: today, where absent. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_payment_date: Option<String>,
    /// With it the plan is expected to pay interest, Actual/365, which is part of its total: the rate a
    /// year in percent, as `"6.5"` or as a number, with three decimals at most. Not for settlements,
    /// nor for plans without an end. A projection: interest is owed once you add it to the balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_percentage_rate: Option<String>,
    /// What of the balance bears interest: where absent, all but `pre_principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_balance: Option<Cents>,
    /// What of the balance is paid before the principal and bears none: where absent, all but
    /// `principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_principal_balance: Option<Cents>,
    /// Whether interest is collected once the principal is paid: `true` unless said. `false`: what has
    /// accrued is, before the principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest_collected_after_principal: Option<bool>,
    /// What is charged. With it the plan is `active` at once, and you confirm that its holder
    /// authorized it; without it the plan waits for its customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// A settlement offer on the account that the plan takes up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_offer_id: Option<String>,
    /// What there is to say of the customer's authorization: kept as evidence, and the customer gets a
    /// copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<NewPaymentPlanAuthorization>,
}

/// Preview payment plan, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PreviewPaymentPlan {
    /// The account: our id or yours. Without one, `total_amount` is needed, or `principal_balance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// How often.
    pub frequency: PaymentPlanFrequency,
    /// From when on: tomorrow where absent. At least one day ahead, and no more than
    /// `payment_plan_max_days_until_start_date`, usually 31. With `last_of_month` a day of the first
    /// month. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// How much each time, in whole cents. The last instalment takes what is left.
    pub amount: Cents,
    /// How much in all: what is owed, where absent. Less is a settlement, within your organization's
    /// limits. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Cents>,
    /// `true`: it pays until nothing is owed, whatever that comes to, one instalment at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ended: Option<bool>,
    /// What is paid before the instalments. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_payment_amount: Option<Cents>,
    /// When that is paid: today, where absent. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_payment_date: Option<String>,
    /// With it the plan is expected to pay interest, Actual/365, which is part of its total: the rate a
    /// year in percent, as `"6.5"` or as a number, with three decimals at most. Not for settlements,
    /// nor for plans without an end. A projection: interest is owed once you add it to the balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_percentage_rate: Option<String>,
    /// What of the balance bears interest: where absent, all but `pre_principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_balance: Option<Cents>,
    /// What of the balance is paid before the principal and bears none: where absent, all but
    /// `principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_principal_balance: Option<Cents>,
    /// Whether interest is collected once the principal is paid: `true` unless said. `false`: what has
    /// accrued is, before the principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest_collected_after_principal: Option<bool>,
    /// A settlement offer on the account that the plan takes up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_offer_id: Option<String>,
}

/// Request payment plan, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RequestPaymentPlan {
    /// How the customer is asked. Absent, a request is made and nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PaymentPlanRequestType>,
    /// Where the request goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where the request goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The account: our id or yours.
    pub debt_account_external_id: String,
    /// How often. What is absent is the customer's to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<PaymentPlanFrequency>,
    /// From when on. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// How much each time. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// The least instalment that the customer may choose. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_payment_amount: Option<Cents>,
}

/// Payment plan changes authorization, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PaymentPlanChangesAuthorization {
    /// How it was given: `api` unless said.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub channel: Change<ChargeAuthorizationChannel>,
    /// The words that were agreed to, as they were shown or read out. Without them it is our own text,
    /// filled in.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub text: Change<String>,
    /// Which text of yours that is.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub text_version: Change<String>,
    /// The name of who gave it: the customer's unless said.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub given_by: Change<String>,
    /// When it was given: now unless said. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub given_at: Change<String>,
    /// The address from which it was given.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub ip_address: Change<String>,
}

/// Payment plan changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PaymentPlanChanges {
    /// The plan's account; it cannot change.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub debt_account_id: Change<String>,
    /// How often.
    pub frequency: PaymentPlanFrequency,
    /// From when on; see the creation of a plan. `YYYY-MM-DD`.
    pub start_date: String,
    /// How much each time, in whole cents.
    pub amount: Cents,
    /// How much in all. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub total_amount: Change<Cents>,
    /// With it the plan is expected to pay interest, Actual/365, which is part of its total: the rate a
    /// year in percent, as `"6.5"` or as a number, with three decimals at most. Not for settlements,
    /// nor for plans without an end. A projection: interest is owed once you add it to the balance.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub annual_percentage_rate: Change<String>,
    /// What of the balance bears interest: where absent, all but `pre_principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub principal_balance: Change<Cents>,
    /// What of the balance is paid before the principal and bears none: where absent, all but
    /// `principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub pre_principal_balance: Change<Cents>,
    /// Whether interest is collected once the principal is paid: `true` unless said. `false`: what has
    /// accrued is, before the principal.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub interest_collected_after_principal: Change<bool>,
    /// What is charged from now on. A pending plan becomes `active` by it.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_method_id: Change<String>,
    /// What there is to say of the customer's authorization: kept as evidence, and the customer gets a
    /// copy.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub authorization: Change<PaymentPlanChangesAuthorization>,
}

/// List payment plan authorizations, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListPaymentPlanAuthorizations {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// New payment plan replace, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewPaymentPlanReplace {
    /// How often.
    pub frequency: PaymentPlanFrequency,
    /// From when on: tomorrow where absent. At least one day ahead, and no more than
    /// `payment_plan_max_days_until_start_date`, usually 31. With `last_of_month` a day of the first
    /// month. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// How much each time, in whole cents. The last instalment takes what is left.
    pub amount: Cents,
    /// How much in all: what is owed, where absent. Less is a settlement, within your organization's
    /// limits. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<Cents>,
    /// `true`: it pays until nothing is owed, whatever that comes to, one instalment at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ended: Option<bool>,
    /// What is paid before the instalments. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_payment_amount: Option<Cents>,
    /// When that is paid: today, where absent. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_payment_date: Option<String>,
    /// With it the plan is expected to pay interest, Actual/365, which is part of its total: the rate a
    /// year in percent, as `"6.5"` or as a number, with three decimals at most. Not for settlements,
    /// nor for plans without an end. A projection: interest is owed once you add it to the balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_percentage_rate: Option<String>,
    /// What of the balance bears interest: where absent, all but `pre_principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_balance: Option<Cents>,
    /// What of the balance is paid before the principal and bears none: where absent, all but
    /// `principal_balance`. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_principal_balance: Option<Cents>,
    /// Whether interest is collected once the principal is paid: `true` unless said. `false`: what has
    /// accrued is, before the principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest_collected_after_principal: Option<bool>,
    /// What is charged: what the plan before charged, where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// A settlement offer on the account that the plan takes up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement_offer_id: Option<String>,
    /// What there is to say of the customer's authorization: kept as evidence, and the customer gets a
    /// copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<NewPaymentPlanAuthorization>,
}

/// Reinstate payment plan, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReinstatePaymentPlan {
    /// What is charged from then on: what the plan charged before, where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// What there is to say of the customer's authorization: kept as evidence, and the customer gets a
    /// copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<NewPaymentPlanAuthorization>,
}

/// List settlement offers, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListSettlementOffers {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListSettlementOffersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only this customer's offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only offers on this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only offers to be paid like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<SettlementOfferType>,
    /// Only offers that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SettlementOfferStatus>,
}

/// New settlement offer, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewSettlementOffer {
    /// The account: our id or yours.
    pub debt_account_id: String,
    /// Whether it is paid at once or in instalments.
    pub r#type: SettlementOfferType,
    /// What settles the account, in whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// What is forgiven, in whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<Cents>,
    /// How much of what is owed is forgiven, in whole percent, rounded down to the cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<i64>,
    /// In how many instalments at most; one a month over the longest time a settlement may take, where
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_installments: Option<i64>,
    /// Its last day, where your organization is. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
}

/// Settlement offer changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SettlementOfferChanges {
    /// What settles the account, in whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub amount: Change<Cents>,
    /// What is forgiven, in whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub discount_amount: Change<Cents>,
    /// How much of what is owed is forgiven, in whole percent, rounded down to the cent.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub discount_percent: Change<i64>,
    /// In how many instalments at most; one a month over the longest time a settlement may take, where
    /// absent.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub max_installments: Change<i64>,
    /// Its last day, where your organization is. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub expires_on: Change<String>,
}

/// List blocks, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBlocks {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBlocksSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only blocks about this customer, on whatever of theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only blocks on this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only blocks on this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// Only blocks for this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Only those in force, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// New block, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewBlock {
    /// All that is this customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// This account, and those under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// This method of a customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_id: Option<String>,
    /// One of `GET /blocks/reasons`.
    pub reason: BlockReasonWord,
    /// In your words; sealed with the customer's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What proves it: a case number, a letter's date; sealed too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Who is to look at it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// When they are to. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_on: Option<String>,
    /// From when; absent, now. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// Until when; absent, until it is lifted. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
}

/// Block changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BlockChanges {
    /// Note.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub note: Change<String>,
    /// Evidence.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub evidence: Change<String>,
    /// Reviewer.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub reviewer: Change<String>,
    /// Review on. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub review_on: Change<String>,
    /// Starts at. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// Ends at. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub ends_at: Change<String>,
}

/// Lift block, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LiftBlock {
    /// Why, in your words; sealed with the customer's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// List customer sessions, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListCustomerSessions {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomerSessionsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only this customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only those that open this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only those that open this dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_dispute_id: Option<String>,
    /// Only those that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CustomerSessionStatus>,
}

/// New customer session tag, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCustomerSessionTag {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// New customer session, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewCustomerSession {
    /// Opens all that is this customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Opens this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Opens this dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_dispute_id: Option<String>,
    /// Where it begins. For a customer `accounts_list`; for an account any but
    /// `account_disputes_detail`, which is a dispute's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<CustomerSessionDestination>,
    /// Hours it lasts, whether it is used or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<i64>,
    /// The same in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// Where the customer goes after a payment: an origin of the organization's `allowed_origins`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Where the customer goes once the session has expired: likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_return_url: Option<String>,
    /// Query parameters of the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<NewCustomerSessionTag>>,
    /// Send the link to the customer's own address or number, unless they want no such messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_by: Option<NewCustomerSessionSendBy>,
}

/// List tickets, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListTickets {
    /// In which order; with a minus, the largest or newest first. `-last_activity_at` unless said. But
    /// for last_activity_at, -last_activity_at, created_at, -created_at, a list has at most 10,000
    /// rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListTicketsSort>,
    /// Rows on a page; 15 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Comma-separated, singular or plural: address, charge, child, customer, debt_account, location,
    /// parent, payment_method, payment_plan, ticket, transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<String>,
    /// Only this customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only those about this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only those that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<TicketStatus>>,
    /// Only those that came from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Vec<TicketSource>>,
    /// Only those about this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<TicketCategory>>,
    /// Only those that their customer has read, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_read_by_customer: Option<bool>,
    /// Only those that somebody of yours has read, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_read_by_organization: Option<bool>,
}

/// New ticket, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewTicket {
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The account it is about; of that customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Subject.
    pub subject: String,
    /// The first message.
    pub description: String,
    /// Category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<TicketCategory>,
    /// Who wrote it; the customer unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NewTicketFrom>,
    /// Who wrote; the customer's name unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Ticket changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TicketChanges {
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TicketStatus>,
    /// Category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<TicketCategory>,
    /// Subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// Read ticket, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReadTicket {
    /// Who has read it; the organization unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ReadTicketBy>,
}

/// List ticket messages, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListTicketMessages {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 15 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// New ticket message, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewTicketMessage {
    /// Message.
    pub message: String,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NewTicketFrom>,
}

/// List debt account disputes, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListDebtAccountDisputes {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListDebtAccountDisputesSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only this customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only those on this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only those that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<DisputeStatus>>,
    /// Only those of the whole of a debt, or only of a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DisputeKind>,
}

/// New dispute, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDispute {
    /// The account that is disputed.
    pub debt_account_id: String,
    /// All of the debt, or a part; all unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DisputeKind>,
    /// Of a part: how much is disputed. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<DisputeReason>>,
    /// In the customer's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The day it was received; today unless said. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_on: Option<String>,
    /// The earlier dispute of the account that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
}

/// Dispute changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DisputeChanges {
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DisputeStatus>,
    /// Amount. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub amount: Change<Cents>,
    /// Reasons.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub reasons: Change<Vec<DisputeReason>>,
}

/// New dispute answer, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDisputeAnswer {
    /// What is said, for the customer to read.
    pub message: String,
    /// The earlier, answered dispute of the account that it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
}

/// List documents, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListDocuments {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only this customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only those of this account, and of its disputes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_id: Option<String>,
    /// Only those of this dispute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_account_dispute_id: Option<String>,
    /// Only those of this ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<String>,
    /// Only those of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// Only those the customer may read, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_to_customer: Option<bool>,
}

/// Document changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DocumentChanges {
    /// Kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Visible to customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_to_customer: Option<bool>,
}

/// List debt account documents, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListDebtAccountDocuments {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// New document, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDocument {
    /// What it is; `other` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// What it is called; the file's own name unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether its customer may read it; no unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_to_customer: Option<bool>,
}

/// List debt account dispute documents, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListDebtAccountDisputeDocuments {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// List ticket documents, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListTicketDocuments {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// Itemization changes component, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ItemizationChangesComponent {
    /// Kind.
    pub kind: ItemizationComponentKind,
    /// Date. `YYYY-MM-DD`.
    pub date: String,
    /// Amount. Whole cents.
    pub amount: Cents,
    /// Description.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<String>,
}

/// Itemization changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ItemizationChanges {
    /// What happened on the date.
    pub itemization_date_kind: ItemizationItemizationDateKind,
    /// Itemization date. `YYYY-MM-DD`.
    pub itemization_date: String,
    /// What was owed on the itemization date. Whole cents.
    pub amount: Cents,
    /// What was added and taken off from then on.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub components: Change<Vec<ItemizationChangesComponent>>,
}

/// Preferences changes channels, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PreferencesChangesChannels {
    /// Email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<bool>,
    /// Sms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<bool>,
    /// Phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<bool>,
    /// Mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<bool>,
}

/// Preferences changes address, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PreferencesChangesAddress {
    /// Channel.
    pub channel: PreferencesChangesAddressChannel,
    /// An e-mail address, a US phone number, or a postal address.
    pub address: String,
    /// No stops it.
    pub allowed: bool,
}

/// Preferences changes convenient time, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PreferencesChangesConvenientTime {
    /// Days.
    pub days: Vec<PreferencesChangesConvenientTimeDay>,
    /// From.
    pub from: String,
    /// Until.
    pub until: String,
}

/// Preferences changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PreferencesChanges {
    /// Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<MessageTemplateLanguage>,
    /// Whether a medium may be used: a customer may stop any of them (12 CFR 1006.14(h)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<PreferencesChangesChannels>,
    /// Single addresses and numbers (12 CFR 1006.6(d)(4), 1006.6(e)).
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub addresses: Change<Vec<PreferencesChangesAddress>>,
    /// When they may be reached, in their own time (12 CFR 1006.6(b)).
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub convenient_times: Change<Vec<PreferencesChangesConvenientTime>>,
    /// E-mails that a payment brings about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactional_emails_allowed: Option<bool>,
    /// E-mails of campaigns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign_emails_allowed: Option<bool>,
    /// How it was learned: `phone call`, `letter`. `api` unless said.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub how: Change<String>,
}

/// List customer preferences history, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListCustomerPreferencesHistory {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// List client terms, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListClientTerms {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only this client's terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Only terms with this method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<ClientTermMethod>,
}

/// New client term fee rule, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewClientTermFeeRule {
    /// The fee in hundredths of a percent: 2500 is 25 %.
    pub basis_points: i64,
    /// Only payments from this day on. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only accounts placed at least so many days before the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_age_days: Option<i64>,
    /// Only accounts placed at most so many days before the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<i64>,
    /// Only accounts placed with at least this. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_balance: Option<Cents>,
    /// Only accounts placed with at most this. Whole cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_balance: Option<Cents>,
}

/// New client term, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewClientTerm {
    /// The creditor, which is a client from now on: our id or yours.
    pub location_id: String,
    /// `net`: less your fee, which is kept; `gross`: all of it, and your fee is billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<ClientTermMethod>,
    /// For how many days a card payment waits before it is remitted; 2 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_hold_days: Option<i64>,
    /// The same for a bank debit; 5 where nothing is said: by then ordinary returns have come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ach_hold_days: Option<i64>,
    /// Payments of earlier days are never remitted. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What of a payment is yours: the first rule counts whose conditions hold on the payment's day.
    /// The last has none.
    pub fee_rules: Vec<NewClientTermFeeRule>,
}

/// Client term changes fee rule, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClientTermChangesFeeRule {
    /// The fee in hundredths of a percent: 2500 is 25 %.
    pub basis_points: i64,
    /// Only payments from this day on. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub from: Change<String>,
    /// Only accounts placed at least so many days before the payment.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub min_age_days: Change<i64>,
    /// Only accounts placed at most so many days before the payment.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub max_age_days: Change<i64>,
    /// Only accounts placed with at least this. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub min_balance: Change<Cents>,
    /// Only accounts placed with at most this. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub max_balance: Change<Cents>,
}

/// Client term changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClientTermChanges {
    /// `net`: less your fee, which is kept; `gross`: all of it, and your fee is billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<ClientTermMethod>,
    /// For how many days a card payment waits before it is remitted; 2 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_hold_days: Option<i64>,
    /// The same for a bank debit; 5 where nothing is said: by then ordinary returns have come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ach_hold_days: Option<i64>,
    /// Payments of earlier days are never remitted. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub since: Change<String>,
    /// What of a payment is yours: the first rule counts whose conditions hold on the payment's day.
    /// The last has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_rules: Option<Vec<ClientTermChangesFeeRule>>,
}

/// List remittances, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListRemittances {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListRemittancesSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only what is remitted to this client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Only remittances that have come so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<RemittanceState>,
}

/// New remittance, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewRemittance {
    /// The client: our id or yours.
    pub location_id: String,
    /// Its last day; yesterday, where your organization is, unless said. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<String>,
}

/// List remittance lines, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListRemittanceLines {
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// Get remittance statement, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GetRemittanceStatement {
    /// `csv` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<GetRemittanceStatementFormat>,
}

/// Pay remittance, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PayRemittance {
    /// The bank's reference of the payment.
    pub bank_reference: String,
}

/// List trust deposits, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListTrustDeposits {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListTrustDepositsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only what cleared there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<TrustDepositAccount>,
    /// Only deposits of exactly this reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// New trust deposit, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewTrustDeposit {
    /// Where it cleared, as the ledger calls it.
    pub account: TrustDepositAccount,
    /// How much, in whole cents.
    pub amount: Cents,
    /// The bank's reference of it.
    pub reference: String,
    /// The day on which it arrived; today, where your organization is, unless said. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_on: Option<String>,
}

/// Organization changes lookup, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesLookup {
    /// By what customers may be looked up; the others are refused.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub flows: Change<Vec<OrganizationLookupFlow>>,
    /// How many lookups may fail in a day before all are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures_a_day: Option<i64>,
}

/// Organization changes events, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesEvents {
    /// For how many days an event says what a thing was, once a later one says what it is; its `data`
    /// is null then. `null`: for ever.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub superseded_kept_days: Change<i64>,
}

/// Organization changes portal texts en, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesPortalTextsEn {
    /// Before anybody came in. It must not speak of a debt: anybody may read it.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub door: Change<String>,
    /// Above the accounts.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub accounts: Change<String>,
    /// Where a payment is looked over before it is made.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment: Change<String>,
    /// At the foot of every page, once somebody is in.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub footer: Change<String>,
}

/// Organization changes portal texts, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesPortalTexts {
    /// En.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub en: Change<OrganizationChangesPortalTextsEn>,
    /// Es.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub es: Change<OrganizationChangesPortalTextsEn>,
}

/// Organization changes portal, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesPortal {
    /// Whom a session's link asks for their birthday, the last four digits of their Social Security
    /// number or their ZIP before it lets them in: every browser but the first, or everybody. Links
    /// that are sent with `send_by` always ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<OrganizationPortalCheck>,
    /// Whether customers may come in without a link, at `log_in_path`, by what they say of themselves:
    /// by `lookup.flows`, and as often as lookups may fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_in: Option<bool>,
    /// Texts.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub texts: Change<OrganizationChangesPortalTexts>,
}

/// Organization changes brand, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesBrand {
    /// Logo url.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub logo_url: Change<String>,
    /// The logo that your pages show: a PNG or JPEG of at most 64 KiB as a `data:` URL. It is kept
    /// here, so that no page asks another server for it; `logo_path` says where.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub logo: Change<String>,
    /// Primary color.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub primary_color: Change<String>,
    /// Website url.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub website_url: Change<String>,
    /// Privacy url.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub privacy_url: Change<String>,
    /// Support email.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub support_email: Change<String>,
    /// Support phone.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub support_phone: Change<String>,
    /// Support hours.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub support_hours: Change<String>,
}

/// Organization changes payment rules, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChangesPaymentRules {
    /// The least a payment may be where the account says nothing, unless it clears the balance. Whole
    /// cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub min_payment_amount: Change<Cents>,
    /// Payment plans enabled.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plans_enabled: Change<bool>,
    /// The least an instalment may be, but for the last one. Whole cents.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub min_installment_amount: Change<Cents>,
    /// How long a plan may run.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_max_months: Change<i64>,
    /// How far ahead a plan may begin; 31 where nothing is said.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_max_days_until_start_date: Change<i64>,
    /// Whether a plan of which nothing is scheduled yet may be changed.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub unscheduled_payment_plan_editable: Change<bool>,
    /// Settlements enabled.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub settlements_enabled: Change<bool>,
    /// The most a settlement may take off the balance.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub settlement_max_discount_percent: Change<i64>,
    /// How long a settlement may be paid off over.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub settlement_max_months: Change<i64>,
    /// How often a refused instalment is tried again before it counts as failed; 2 where nothing is
    /// said, and never more than the networks allow.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_retries: Change<i64>,
    /// How many days later at the earliest; for want of money on the payday after that.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_retry_after_days: Change<i64>,
    /// After how many failed payments, one after the other, a plan breaks.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_break_after: Change<i64>,
    /// How many days it has then, in which a payment that succeeds saves it.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_grace_days: Change<i64>,
    /// How many instalments that are more than a day late are sent out in a minute.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_plan_catch_up_per_minute: Change<i64>,
    /// The category of your account for cards. Under `7322`, debt collection, no credit card is taken.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub merchant_category_code: Change<String>,
    /// The brands of cards that are taken; `null`: those that your category takes, or all.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub card_brands: Change<Vec<OrganizationChangesPaymentRulesCardBrand>>,
    /// Whether a card is taken of which the processor does not tell whether it is a credit card, where
    /// those are refused.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub unknown_funding_accepted: Change<bool>,
}

/// Organization changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrganizationChanges {
    /// Lookup.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub lookup: Change<OrganizationChangesLookup>,
    /// Events.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub events: Change<OrganizationChangesEvents>,
    /// Portal.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub portal: Change<OrganizationChangesPortal>,
    /// As customers see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An IANA name. Days begin and end by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Week start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_start: Option<OrganizationWeekStart>,
    /// Brand.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub brand: Change<OrganizationChangesBrand>,
    /// Where `return_url` and `expiration_return_url` of a session may lead.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub allowed_origins: Change<Vec<String>>,
    /// Payment rules.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub payment_rules: Change<OrganizationChangesPaymentRules>,
}

/// List webhooks, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListWebhooks {
    /// Only those that are told, or only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; all of them unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// New webhook, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewWebhook {
    /// Url.
    pub url: String,
    /// Events.
    pub events: Vec<WebhookEvent>,
    /// Signs what is sent. Best 32 random bytes or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Whether it is told anything; true unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Webhook changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WebhookChanges {
    /// Url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<WebhookEvent>>,
    /// Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// Active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// List webhook deliveries, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListWebhookDeliveries {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListWebhookDeliveriesSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only those that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Vec<WebhookDeliverieState>>,
    /// Only those whose last attempt came to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Vec<WebhookDeliverieLogOutcome>>,
    /// Only those that were told under this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Only that of this event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Only those about this thing: our id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
}

/// Replay webhook, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReplayWebhook {
    /// From this event on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// From this instant on. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// From behind this `sequence` on; 0 for everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// Only what happened before this instant. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// All of it, unless said: `missing` for what has not arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub which: Option<WebhookReplayWhich>,
}

/// List webhook replays, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListWebhookReplays {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBankAccountsSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// List messages, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListMessages {
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListMessagesSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
    /// Only those to this customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Only those of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<MessageTemplateKind>,
    /// Only e-mails, or only text messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<MessageChannel>,
    /// Only those that stand like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<MessageState>,
}

/// List message templates, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListMessageTemplates {
    /// Only texts of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<MessageTemplateKind>,
    /// Only e-mails, or only text messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<MessageChannel>,
    /// Only texts in this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<MessageTemplateLanguage>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListCustomersSort>,
    /// Rows on a page; all of them unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// Message template changes, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MessageTemplateChanges {
    /// Of an e-mail: one line.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub subject: Change<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Preview message template, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PreviewMessageTemplate {
    /// Of an e-mail: one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// List events, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListEvents {
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only events after this `sequence`. A cursor is beyond it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// Only events of this name, in either source's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Only events about such things: `debt_account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Only events about this thing: our id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// Only events at or after this instant. RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// Register just in time, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RegisterJustInTime {
    /// Url.
    pub url: String,
    /// Sent with each call. Letters, digits and signs of ASCII, without spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

/// Trigger just in time, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TriggerJustInTime {
    /// The account that is asked about.
    pub debt_account_external_id: String,
}

/// List bulk, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBulk {
    /// Only operations that stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ListBulkStatus>,
    /// Only operations on these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<BulkType>,
    /// Only operations from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<BulkSource>,
    /// In which order; with a minus, the largest or newest first. `-created_at` unless said. But for
    /// created_at, -created_at, a list has at most 10,000 rows, after all filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListBulkSort>,
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Only what was made on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<String>,
    /// Only what was last changed on this day, at this instant or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_from: Option<String>,
    /// Only what was last changed to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_to: Option<String>,
}

/// Bulk options, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BulkOptions {
    /// How many records there are: where it is not so, nothing is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_rows: Option<i64>,
    /// The sum of their balances, in whole cents: where it is not so, nothing is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_balance: Option<Cents>,
    /// Apply it though the same bytes came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<bool>,
    /// Set `current_balance` also where a payment is later than the record's `last_payment_date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overwrite_later_payments: Option<bool>,
}

/// Send debt accounts, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SendDebtAccounts {
    /// Debt accounts.
    pub debt_accounts: Vec<Value>,
    /// How many records there are: where it is not so, nothing is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_rows: Option<i64>,
    /// The sum of their balances, in whole cents: where it is not so, nothing is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_balance: Option<Cents>,
    /// Apply it though the same bytes came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force: Option<bool>,
    /// Set `current_balance` also where a payment is later than the record's `last_payment_date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overwrite_later_payments: Option<bool>,
}

/// List bulk errors, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListBulkErrors {
    /// Rows on a page; 10 unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// `csv`: all of them, as a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<ListBulkErrorsFormat>,
}

/// Export filter, as asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExportFilter {
    /// Only what was made from this day or instant on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// Only what was made to this day, including it, or instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// `csv` unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<ExportFilterFormat>,
}

/// Rotate keys, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RotateKeys {
    /// Which keys.
    pub kind: KeyRotationKind,
    /// Of customers' keys only this one's: our id or yours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Of customers' keys only those made before this day. `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_before: Option<String>,
}

/// Freeze test clock, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FreezeTestClock {
    /// Where it stands at first; by default at the world's time. Of a sandbox in which nothing has
    /// happened yet any instant, else a later one, to which it is advanced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

/// Set test clock, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SetTestClock {
    /// `running`: as fast as the world's time, from where it is.
    pub status: SetTestClockStatus,
}

/// Advance test clock, as sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AdvanceTestClock {
    /// Until when, or give `days`, `hours` or `seconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// Hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<i64>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
}
