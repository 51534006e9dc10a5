//! What can be exported. A resource that gets a list gets a line here.

use std::collections::HashMap;
use std::pin::Pin;

use base::Result;
use base::db::{Ids, Tx};
use base::page::{Listed, Page};
use books::debts::{self, Debt, offers};
use books::holds;
use books::locations;
use books::messages;
use books::orgs::Tenant;
use books::people;
use consumer::{disputes, documents, sessions, tickets};
use exchange::{bulk, webhooks};
use payments::{bank, charges, methods, plans, transactions};
use remittance::{remittances, terms, trust};
use serde_json::Value;
use uuid::Uuid;

use crate::include::View;
use crate::schema::{id, maybe, object, text};
use crate::spelling::Words;
use crate::{
    addresses as address_api, bank as bank_api, bank_debits, blocks as block_api, bulk as bulk_api,
    charges as charge_api, client_terms as terms_api, customer_sessions as session_api,
    customers as customer_api, debt_accounts, disputes as dispute_api, documents as document_api,
    locations as location_api, message_templates as template_api, messages as message_api, payment_methods,
    payment_plans, remittances as remittance_api, settlement_offers as offer_api, tickets as ticket_api,
    transactions as transaction_api, trust_deposits as deposit_api, webhooks as webhook_api,
};

/// A page of rows: each with the id by which the list is walked.
type Rows = Result<Listed<(Uuid, Value)>>;
type Paged<'a> = Pin<Box<dyn Future<Output = Rows> + Send + 'a>>;

/// Something that can be exported.
pub struct Export {
    /// Its name, in the guides' spelling.
    pub name: &'static str,
    /// The scope that a token needs.
    pub scope: &'static str,
    /// What a row looks like.
    pub(super) schema: fn() -> Value,
    /// Columns that would say again what another says, with what is below them.
    pub(super) leaves_out: &'static [&'static str],
    /// A page of it.
    pub(super) page: for<'a> fn(&'a Tx, &'a Tenant, Page) -> Paged<'a>,
}

/// All of them.
pub(super) const EXPORTS: &[Export] = &[
    Export {
        name: "customers",
        scope: "customers:read",
        schema: customer_api::schema,
        leaves_out: &["date_of_birth", "address.id", "address.is_primary", "addresses"],
        page: |tx, tenant, page| Box::pin(customers(tx, tenant, page)),
    },
    Export {
        name: "addresses",
        scope: "customers:read",
        schema: address_schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(addresses(tx, tenant, page)),
    },
    Export {
        name: "locations",
        scope: "locations:read",
        schema: location_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_locations(tx, tenant, page)),
    },
    Export {
        name: "debt-accounts",
        scope: "debt_accounts:read",
        schema: debt_schema,
        leaves_out: &["original_balance", "account_number"],
        page: |tx, tenant, page| Box::pin(accounts(tx, tenant, page)),
    },
    Export {
        name: "payment-methods",
        scope: "payment_methods:read",
        schema: payment_methods::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_methods(tx, tenant, page)),
    },
    Export {
        name: "charges",
        scope: "charges:read",
        schema: charge_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_charges(tx, tenant, page)),
    },
    Export {
        name: "transactions",
        scope: "transactions:read",
        schema: transaction_api::schema,
        leaves_out: &["batch_number"],
        page: |tx, tenant, page| Box::pin(all_transactions(tx, tenant, page)),
    },
    Export {
        name: "payment-plans",
        scope: "payment_plans:read",
        schema: payment_plans::schema,
        leaves_out: &["installment_amount", "customer", "debt_account", "payment_method"],
        page: |tx, tenant, page| Box::pin(plans_of(tx, tenant, page)),
    },
    Export {
        name: "settlement-offers",
        scope: "settlement_offers:read",
        schema: offer_api::schema,
        leaves_out: &["customer", "debt_account"],
        page: |tx, tenant, page| Box::pin(all_offers(tx, tenant, page)),
    },
    Export {
        name: "customer-sessions",
        scope: "customer_sessions:read",
        schema: session_api::schema,
        leaves_out: &["expires_at"],
        page: |tx, tenant, page| Box::pin(all_sessions(tx, tenant, page)),
    },
    Export {
        name: "tickets",
        scope: "tickets:read",
        schema: ticket_api::schema,
        leaves_out: &["customer", "debt_account"],
        page: |tx, tenant, page| Box::pin(all_tickets(tx, tenant, page)),
    },
    Export {
        name: "blocks",
        scope: "blocks:read",
        schema: block_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_blocks(tx, tenant, page)),
    },
    Export {
        name: "debt-account-disputes",
        scope: "disputes:read",
        schema: dispute_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_disputes(tx, tenant, page)),
    },
    Export {
        name: "documents",
        scope: "documents:read",
        schema: document_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_documents(tx, tenant, page)),
    },
    Export {
        name: "webhooks",
        scope: "webhooks:read",
        schema: webhook_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_webhooks(tx, tenant, page)),
    },
    Export {
        name: "messages",
        scope: "messages:read",
        schema: message_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_messages(tx, tenant, page)),
    },
    Export {
        name: "ach-files",
        scope: "ach:read",
        schema: bank_debits::file_schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_files(tx, tenant, page)),
    },
    Export {
        name: "ach-notices",
        scope: "ach:read",
        schema: bank_debits::notice_schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_notices(tx, tenant, page)),
    },
    Export {
        name: "message-templates",
        scope: "messages:read",
        schema: template_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_templates(tx, tenant, page)),
    },
    Export {
        name: "client-terms",
        scope: "client_terms:read",
        schema: terms_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_terms(tx, tenant, page)),
    },
    Export {
        name: "remittances",
        scope: "remittances:read",
        schema: remittance_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_remittances(tx, tenant, page)),
    },
    Export {
        name: "trust-deposits",
        scope: "trust_deposits:read",
        schema: deposit_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(all_deposits(tx, tenant, page)),
    },
    Export {
        name: "bulk",
        scope: "bulk:read",
        schema: bulk_api::schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(operations(tx, tenant, page)),
    },
    Export {
        name: "bank-accounts",
        scope: "bank_accounts:read",
        schema: bank_api::account_schema,
        leaves_out: &["balance", "balance_day"],
        page: |tx, tenant, page| Box::pin(bank_accounts(tx, tenant, page)),
    },
    Export {
        name: "bank-statements",
        scope: "bank_statements:read",
        schema: bank_api::statement_schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(bank_statements(tx, tenant, page)),
    },
    Export {
        name: "bank-lines",
        scope: "bank_lines:read",
        schema: bank_api::line_schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(bank_lines(tx, tenant, page)),
    },
    Export {
        name: "bank-expectations",
        scope: "bank_expectations:read",
        schema: bank_api::expectation_schema,
        leaves_out: &[],
        page: |tx, tenant, page| Box::pin(bank_expectations(tx, tenant, page)),
    },
];

async fn customers(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = people::list(tx, tenant, &people::Filter::default(), page).await?;
    Ok(listed.map(|c| (c.id.0, people::view::customer(&c))))
}

fn address_schema() -> Value {
    let mut schema = address_api::schema();
    schema["properties"]["customer_id"] = id();
    schema
}

async fn addresses(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = people::list_addresses(tx, tenant, page).await?;
    Ok(listed.map(|(customer, address)| {
        let mut shown = people::view::address(&address);
        shown["customer_id"] = customer.to_string().into();
        (address.id.0, shown)
    }))
}

async fn all_locations(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = locations::list(tx, tenant, &locations::Filter::default(), page).await?;
    Ok(listed.map(|l| (l.id.0, locations::view(&l))))
}

fn debt_schema() -> Value {
    let mut schema = debt_accounts::schema();
    let more = object(
        &[
            ("customer_external_id", maybe(text())),
            ("location_id", maybe(id())),
            ("location_name", maybe(text())),
        ],
        &[],
    );
    if let (Some(all), Some(more)) = (schema["properties"].as_object_mut(), more["properties"].as_object()) {
        // Lists and embedded objects are exports of their own.
        for embedded in [
            "customer",
            "location",
            "locations",
            "transactions",
            "payment_plan",
            "charges",
            "parent",
            "children",
        ] {
            all.shift_remove(embedded);
        }
        all.extend(more.clone());
    }
    schema
}

async fn accounts(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = debts::list(tx, tenant, &debts::Filter::default(), page).await?;
    let owners = people::load(tx, tenant, listed.rows.iter().map(|d| d.customer_id)).await?;
    let places = locations::load(tx, tenant, listed.rows.iter().filter_map(|d| d.location_id)).await?;
    let parents = Ids::of(listed.rows.iter().filter_map(|d| d.parent_id));
    let parents: HashMap<_, Debt> =
        debts::load(tx, tenant, &parents).await?.into_iter().map(|d| (d.id, d)).collect();
    Ok(listed.map(|debt| {
        let mut shown = debt_accounts::json(&debt, Words::Guide);
        let parent = debt.parent_id.and_then(|id| parents.get(&id));
        let parent = parent.map(|p| p.external_id.clone().unwrap_or_else(|| p.id.to_string()));
        let place = debt.location_id.and_then(|id| places.get(&id));
        let owner = owners.get(&debt.customer_id);
        shown["parent_external_id"] = parent.into();
        shown["customer_external_id"] = owner.and_then(|c| c.external_id.clone()).into();
        shown["location_id"] = debt.location_id.map(|id| id.to_string()).into();
        shown["location_name"] = place.map(|l| l.name.clone()).into();
        (debt.id.0, shown)
    }))
}

async fn all_methods(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let today = tenant.today(tx.now());
    let listed = methods::list(tx, tenant, methods::Filter::default(), page).await?;
    Ok(listed.map(|m| (m.id.0, payment_methods::json(&m, Words::Guide, today))))
}

async fn all_charges(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = charges::list(tx, tenant, &charges::Filter::default(), page).await?;
    Ok(listed.map(|c| (c.id.0, charge_api::json(&c, Words::Guide))))
}

async fn all_transactions(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = transactions::list(tx, tenant, &transactions::Filter::default(), page).await?;
    // Who may export transactions only is not told where people live.
    let told = transaction_api::views(tx, tenant, &listed.rows, false).await?;
    Ok(zipped(&listed, |txn| txn.id.0, told))
}

async fn operations(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = bulk::list(tx, tenant, &bulk::Filter::default(), page).await?;
    Ok(listed.map(|b| (b.id.0, bulk_api::json(&b))))
}

async fn bank_accounts(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = bank::list_accounts(tx, tenant, None, page).await?;
    Ok(listed.map(|account| (account.id.0, account.view())))
}

async fn bank_statements(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = bank::list_statements(tx, tenant, bank::StatementFilter::default(), page).await?;
    Ok(listed.map(|statement| (statement.id.0, statement.view())))
}

async fn bank_lines(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = bank::list_lines(tx, tenant, bank::LineFilter::default(), page).await?;
    let told = bank::line_views(tenant, &listed.rows)?;
    Ok(zipped(&listed, |line| line.id.0, told))
}

async fn bank_expectations(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = bank::list_expectations(tx, tenant, bank::ExpectationFilter::default(), page).await?;
    Ok(listed.map(|one| (one.id.0, one.view())))
}

async fn plans_of(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = plans::list(tx, tenant, &plans::Filter::default(), page).await?;
    let facts = payment_plans::Facts::of(tx, tenant, &listed.rows).await?;
    let told = payment_plans::present(&View::bare(tx, tenant), &listed.rows, &facts).await?;
    Ok(zipped(&listed, |plan| plan.id.0, told))
}

async fn all_offers(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = offers::list(tx, tenant, &offers::Filter::default(), page).await?;
    let told = offer_api::present(&View::bare(tx, tenant), &listed.rows, tenant.today(tx.now())).await?;
    Ok(zipped(&listed, |offer| offer.id.0, told))
}

async fn all_sessions(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = sessions::list(tx, tenant, &sessions::Filter::default(), tx.now(), page).await?;
    let told = sessions::view(tx, tenant, &listed.rows, tx.now()).await?;
    Ok(zipped(&listed, |session| session.id.0, told))
}

async fn all_tickets(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = tickets::list(tx, tenant, &tickets::Filter::default(), page).await?;
    let told = ticket_api::present(&View::bare(tx, tenant), &listed.rows).await?;
    Ok(zipped(&listed, |ticket| ticket.id.0, told))
}

async fn all_blocks(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = holds::list(tx, tenant, &holds::Filter::default(), tx.now(), page).await?;
    let told = holds::views(tx, tenant, &listed.rows, tx.now()).await?;
    Ok(zipped(&listed, |hold| hold.id.0, told))
}

async fn all_disputes(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = disputes::list(tx, tenant, &disputes::Filter::default(), page).await?;
    let told = disputes::views(tx, tenant, &listed.rows).await?;
    Ok(zipped(&listed, |dispute| dispute.id.0, told))
}

async fn all_documents(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = documents::list(tx, tenant, &documents::Filter::default(), page).await?;
    let told = documents::views(tx, tenant, &listed.rows).await?;
    Ok(zipped(&listed, |document| document.id.0, told))
}

async fn all_webhooks(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = webhooks::list(tx, tenant, None, page).await?;
    Ok(listed.map(|hook| (hook.id.0, hook.view())))
}

async fn all_messages(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = messages::list(tx, tenant, &messages::Filter::default(), page).await?;
    let told = messages::views(tx, tenant, &listed.rows).await?;
    Ok(zipped(&listed, |message| message.id.0, told))
}

async fn all_files(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = ach::files(tx, tenant, None, page).await?;
    Ok(listed.map(|file| (file.id.0, bank_debits::file_view(&file))))
}

async fn all_notices(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = ach::notices(tx, tenant, None, page).await?;
    Ok(listed.map(|notice| (notice.id.0, bank_debits::notice_view(&notice))))
}

async fn all_templates(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = messages::templates(tx, tenant, &messages::Wanted::default(), page).await?;
    Ok(listed.map(|text| (text.key(), text.view())))
}

async fn all_terms(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = terms::list(tx, tenant, &terms::Filter::default(), page).await?;
    Ok(listed.map(|terms| (terms.row.id.0, terms.view())))
}

async fn all_remittances(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = remittances::list(tx, tenant, &remittances::Filter::default(), page).await?;
    Ok(listed.map(|remittance| (remittance.id.0, remittance.view())))
}

async fn all_deposits(tx: &Tx, tenant: &Tenant, page: Page) -> Rows {
    let listed = trust::list(tx, tenant, &trust::Filter::default(), page).await?;
    Ok(listed.map(|deposit| (deposit.id.0, deposit.view())))
}

/// Each row of a page with its id, as it is told.
fn zipped<T>(listed: &Listed<T>, id: fn(&T) -> Uuid, told: Vec<Value>) -> Listed<(Uuid, Value)> {
    listed.with(listed.rows.iter().map(id).zip(told).collect())
}
