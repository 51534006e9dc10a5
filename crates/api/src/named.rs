//! Things that a query names, found for the caller's tenant: 422 for what is unknown or somebody else's.

use base::db::Tx;
use base::{Failure, Ref, Result};
use books::debts::{self, DebtId};
use books::locations::{self, LocationId};
use books::orgs::Tenant;
use books::people::{self, CustomerId};
use consumer::disputes::{self, DisputeId};
use consumer::tickets::{self, TicketId};
use payments::bank::{self, BankAccountId, BankStatementId};
use payments::charges::{self, ChargeId};
use payments::methods::{self, MethodId};

/// What was found for a field, or the field's refusal.
fn found<T>(found: Option<T>, field: &str) -> Result<Option<T>> {
    found.map(Some).ok_or_else(|| Failure::unknown_reference(field))
}

/// `customer_id`.
pub(crate) async fn customer(tx: &Tx, tenant: &Tenant, which: Option<&Ref>) -> Result<Option<CustomerId>> {
    let Some(which) = which else { return Ok(None) };
    found(people::resolve(tx, tenant, which).await?, "customer_id")
}

/// An account, by whatever field names it.
pub(crate) async fn debt(
    tx: &Tx,
    tenant: &Tenant,
    which: Option<&Ref>,
    field: &str,
) -> Result<Option<DebtId>> {
    let Some(which) = which else { return Ok(None) };
    found(debts::resolve(tx, tenant, which).await?, field)
}

/// `location_id`.
pub(crate) async fn location(tx: &Tx, tenant: &Tenant, which: Option<&Ref>) -> Result<Option<LocationId>> {
    let Some(which) = which else { return Ok(None) };
    found(locations::resolve(tx, tenant, which).await?, "location_id")
}

/// `parent_id`, of a location.
pub(crate) async fn parent_location(
    tx: &Tx,
    tenant: &Tenant,
    which: Option<&Ref>,
) -> Result<Option<LocationId>> {
    let Some(which) = which else { return Ok(None) };
    found(locations::resolve(tx, tenant, which).await?, "parent_id")
}

/// `payment_method_id`.
pub(crate) async fn method(tx: &Tx, tenant: &Tenant, which: Option<&Ref>) -> Result<Option<MethodId>> {
    let Some(which) = which else { return Ok(None) };
    found(methods::find(tx, tenant, which).await?.map(|m| m.id), "payment_method_id")
}

/// `charge_id`.
pub(crate) async fn charge(tx: &Tx, tenant: &Tenant, which: Option<&Ref>) -> Result<Option<ChargeId>> {
    let Some(which) = which else { return Ok(None) };
    found(charges::find(tx, tenant, which).await?.map(|c| c.id), "charge_id")
}

/// A dispute, by whatever field names it. Disputes have no external ids.
pub(crate) async fn dispute(
    tx: &Tx,
    tenant: &Tenant,
    which: Option<&Ref>,
    field: &str,
) -> Result<Option<DisputeId>> {
    let Some(which) = which else { return Ok(None) };
    let dispute = match which.ours() {
        Some(id) => disputes::find(tx, tenant, DisputeId(id)).await?.map(|d| d.id),
        None => None,
    };
    found(dispute, field)
}

/// `ticket_id`. Tickets have no external ids.
pub(crate) async fn ticket(tx: &Tx, tenant: &Tenant, which: Option<&Ref>) -> Result<Option<TicketId>> {
    let Some(which) = which else { return Ok(None) };
    let ours = which.ours().map(TicketId);
    let ticket = match ours {
        Some(id) => tickets::find(tx, tenant, id).await?.map(|ticket| ticket.id),
        None => None,
    };
    found(ticket, "ticket_id")
}

/// `bank_account_id`. Bank accounts have no external ids.
pub(crate) async fn bank_account(
    tx: &Tx,
    tenant: &Tenant,
    which: Option<&Ref>,
) -> Result<Option<BankAccountId>> {
    let Some(which) = which else { return Ok(None) };
    let account = match which.ours() {
        Some(id) => bank::find_account(tx, tenant, BankAccountId(id)).await?.map(|account| account.id),
        None => None,
    };
    found(account, "bank_account_id")
}

/// `bank_statement_id`. Bank statements have no external ids.
pub(crate) async fn bank_statement(
    tx: &Tx,
    tenant: &Tenant,
    which: Option<&Ref>,
) -> Result<Option<BankStatementId>> {
    let Some(which) = which else { return Ok(None) };
    let statement = match which.ours() {
        Some(id) => bank::find_statement(tx, tenant, BankStatementId(id)).await?.map(|one| one.id),
        None => None,
    };
    found(statement, "bank_statement_id")
}
