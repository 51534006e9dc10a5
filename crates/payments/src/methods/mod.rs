//! Payment methods: cards and bank accounts that can be charged by their processor's token.
//!
//! Must always hold:
//! - No number and no security code is ever stored; the token is sealed.
//! - Exactly one of a customer's live methods is primary as long as there is any. Whoever changes which holds the
//!   customer's row. A standalone method is nobody's and never primary.
//! - A method that an open charge uses is not deleted; a deleted one has no token any more.
//! - What came by a one-time token spends it ([`one_time`]).
//! - A method that a refusal has stopped is not charged until that is lifted ([`Halt`]).

mod correct;
pub(crate) mod halt;
mod model;
pub mod one_time;
mod store;
mod tokenize;
mod write;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::page::Which;
use base::secret::Secret;
use base::{Failure, Listed, Page, Ref, Result};
use books::orgs::Tenant;
use books::people::CustomerId;

pub use crate::processor::Ownership;
pub use correct::{Right, correct};
pub use halt::{Halt, Reauthorize, Stop};
pub use model::{
    BANK_KINDS, Chargeable, Fields, Filter, Given, Kind, Method, MethodId, NewMethod, bank_kind_str,
};
pub(crate) use store::NewRow;
pub use tokenize::{given_on_page, of_kind, open_page, tokenize};
pub use write::{Create, Delete, Keep, Update, create, stand_in};

/// The live method that `reference` names. Methods have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, reference: &Ref) -> Result<Option<Method>> {
    match reference.ours() {
        Some(id) => by_id(tx, tenant, MethodId(id)).await,
        None => Ok(None),
    }
}

/// A live method.
pub async fn by_id(tx: &Tx, tenant: &Tenant, id: MethodId) -> Result<Option<Method>> {
    store::one(tx, tenant, id, false).await
}

/// Methods by their ids, deleted ones too: to be shown with the charges they paid.
pub async fn load(
    tx: &Tx,
    tenant: &Tenant,
    ids: impl IntoIterator<Item = MethodId> + Send,
) -> Result<HashMap<MethodId, Method>> {
    let ids = Ids::of(ids);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, &ids]).await?;
    let opened = store::opened(tx, tenant, rows).await?;
    Ok(opened.into_iter().map(|method| (method.id, method)).collect())
}

/// The newest live methods of some customers.
pub async fn of_customers(
    tx: &Tx,
    tenant: &Tenant,
    customers: impl IntoIterator<Item = CustomerId> + Send,
) -> Result<HashMap<CustomerId, Vec<Method>>> {
    let ids = Ids::of(customers);
    let mut of: HashMap<CustomerId, Vec<Method>> = HashMap::new();
    if ids.is_empty() {
        return Ok(of);
    }
    let tail = "WHERE tenant_id = $1 AND customer_id IN ids($2) AND deleted_at IS NULL ORDER BY id DESC";
    let rows = tx.select(tail, &[&tenant.id, &ids]).await?;
    for method in store::opened(tx, tenant, rows).await? {
        if let Some(customer) = method.customer_id {
            of.entry(customer).or_default().push(method);
        }
    }
    Ok(of)
}

/// What of these live methods decides about a charge, with their tokens.
pub async fn chargeable(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Chargeable>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tail = "WHERE tenant_id = $1 AND id IN ids($2) AND deleted_at IS NULL";
    let rows: Vec<store::ChargeableRow> = tx.select(tail, &[&tenant.id, ids]).await?;
    rows.into_iter().map(|row| row.opened(tenant)).collect()
}

/// The same for the methods that these charges name.
pub async fn chargeable_by(tx: &Tx, tenant: &Tenant, charges: &Ids) -> Result<Vec<Chargeable>> {
    let tail = "WHERE tenant_id = $1 AND deleted_at IS NULL \
                AND id IN each(SELECT payment_method_id FROM charge WHERE tenant_id = $1 AND id IN ids($2))";
    let rows: Vec<store::ChargeableRow> = tx.select(tail, &[&tenant.id, charges]).await?;
    rows.into_iter().map(|row| row.opened(tenant)).collect()
}

/// The row of a new method of nobody's, to be written with the charge it came with.
pub(crate) fn new_row(tx: &Tx, tenant: &Tenant, id: MethodId, new: &NewMethod) -> NewRow {
    store::new_row(tx, tenant, id, None, new, false)
}

/// A page of live methods, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: Filter, page: Page) -> Result<Listed<Method>> {
    let Listed { rows, total, capped, more } = Which::of(tenant.id, "deleted_at IS NULL")
        .filter_if("customer_id = ?", filter.customer_id)
        .filter_if("type = ?", filter.kind.map(Kind::as_str))
        .filter_if("is_primary = ?", filter.is_primary)
        .filter_if("(stopped_at IS NOT NULL) = ?", filter.is_stopped)
        .page(tx, page)
        .await?;
    Ok(Listed { rows: store::opened(tx, tenant, rows).await?, total, capped, more })
}

/// The processor's token of a live method, to charge it.
pub async fn token(tx: &Tx, tenant: &Tenant, id: MethodId) -> Result<Secret<String>> {
    let token = store::token(tx, tenant, id).await?;
    token.ok_or_else(|| Failure::broken("loading a token", "the payment method was deleted"))
}
