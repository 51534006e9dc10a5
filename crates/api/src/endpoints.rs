//! Every endpoint there is: the router, the documentation and the tests are made from this one table.

use edge::{Endpoint, Table};

use crate::{
    App, addresses, balance, bank, bank_debits, blocks, bulk, charges, client_terms, customer_sessions,
    customers, debt_accounts, disputes, documents, events, exports, itemization, just_in_time, keys,
    locations, lookup, message_templates, messages, organization, payment_methods, payment_plans, plain,
    preferences, receipts, remittances, resolve, settlement_offers, test_clock, tickets, transactions,
    trust_deposits, webhooks,
};

/// The table, below `/api/v1`.
pub fn table() -> Table<App> {
    let rows: Vec<Endpoint<App>> = [
        customers::rows(),
        addresses::rows(),
        payment_methods::rows(),
        locations::rows(),
        debt_accounts::rows(),
        lookup::rows(),
        charges::rows(),
        resolve::rows(),
        transactions::rows(),
        balance::rows(),
        bank::rows(),
        bank_debits::rows(),
        payment_plans::rows(),
        settlement_offers::rows(),
        blocks::rows(),
        customer_sessions::rows(),
        tickets::rows(),
        disputes::rows(),
        documents::rows(),
        itemization::rows(),
        preferences::rows(),
        receipts::rows(),
        client_terms::rows(),
        remittances::rows(),
        trust_deposits::rows(),
        organization::rows(),
        webhooks::rows(),
        messages::rows(),
        message_templates::rows(),
        events::rows(),
        just_in_time::rows(),
        bulk::rows(),
        exports::rows(),
        keys::rows(),
        test_clock::rows(),
    ]
    .into_iter()
    .flatten()
    .collect();
    Table::new("/api/v1", rows).pages(plain::pages()).titled(
        "Quittance API",
        env!("CARGO_PKG_VERSION"),
        "Customers, debt accounts and payments, in both spellings of the service whose API this speaks. \
         Money is whole cents: `15000` is $150.00, and `150.00` is not. Every request carries a bearer token, which \
         alone decides organization and environment.",
    )
}
