//! The JSON API: the endpoints, their presenters, and the two spellings.
//!
//! The way of a request: a row of `endpoints`, its handler here, one operation of the domain, one presenter.
//! Handlers read, ask or run one operation, and show; rules of the business are not here.

mod addresses;
mod authorizations;
mod balance;
mod bank;
mod bank_debits;
mod blocks;
mod bounds;
pub mod bulk;
mod caller;
mod charges;
mod client_terms;
mod csv;
mod customer_sessions;
mod customers;
mod debt_accounts;
mod disputes;
mod documents;
mod endpoints;
mod event_data;
mod events;
pub mod exports;
mod include;
mod itemization;
mod just_in_time;
mod keys;
mod lists;
mod locations;
mod lookup;
pub mod mailbox;
mod message_templates;
mod messages;
mod named;
mod once;
mod organization;
mod payment_methods;
mod payment_plans;
mod plain;
mod preferences;
mod receipts;
mod remittances;
mod resolve;
mod schema;
mod settlement_offers;
mod several;
mod spelling;
mod test_clock;
mod tickets;
mod transactions;
mod trust_deposits;
mod webhooks;

pub use caller::{App, Caller, SCOPES};
pub use endpoints::table;
pub use event_data::told;
use once::{before, once};

/// One request to this API.
pub type Call = edge::Call<App>;
