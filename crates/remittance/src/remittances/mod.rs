//! What is remitted to a client at one time: prepared, approved by a second person, paid.
//!
//! Must always hold:
//! - A line is a ledger entry and has its id, so nothing is ever remitted twice. What comes back has a line of its own, with
//!   whoever the payment was remitted to, whatever became of the account since.
//! - A client has one draft at most. Only a draft is thrown away; its lines are free then.
//! - Whoever prepared a remittance does not approve it. Only what is approved moves anything in the ledger.
//! - What a remittance leaves below nothing is never paid: the next one takes it over.

mod decide;
mod gather;
mod model;
mod prepare;

use base::db::Tx;
use base::page::{Listed, Page, Which};
use base::{Ref, Result};
use books::events;
use books::locations::LocationId;
use books::orgs::Tenant;

pub use self::decide::{Approve, Pay, Void};
pub use self::model::{Line, LineKind, Remittance, RemittanceId, State};
pub(crate) use self::model::{fits, less};
pub use self::prepare::Prepare;

/// Which remittances a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those of this client.
    pub location: Option<LocationId>,
    /// Those that have come so far.
    pub state: Option<State>,
}

/// A page of remittances, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Remittance>> {
    Which::of(tenant.id, "true")
        .filter_if("location_id = ?", filter.location)
        .filter_if("state = ?", filter.state)
        .page(tx, page)
        .await
}

/// The remittance a reference names. They have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Remittance>> {
    match which.ours() {
        Some(id) => by_id(tx, tenant, RemittanceId(id)).await,
        None => Ok(None),
    }
}

/// A remittance by its id.
pub async fn by_id(tx: &Tx, tenant: &Tenant, id: RemittanceId) -> Result<Option<Remittance>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// A page of a remittance's lines, in the order of the page.
pub async fn lines(tx: &Tx, tenant: &Tenant, of: RemittanceId, page: Page) -> Result<Listed<Line>> {
    Which::of(tenant.id, "true").filter("remittance_id = ?", of).page(tx, page).await
}

/// A remittance under its lock.
async fn held(tx: &Tx, tenant: &Tenant, id: RemittanceId) -> Result<Remittance> {
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let found: Option<Remittance> = tx.find(tail, &[&tenant.id, &id]).await?;
    found.ok_or_else(base::Failure::not_found)
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, remittance: &Remittance) -> Result<()> {
    events::emit(tx, tenant, name, "remittance", remittance.id, &remittance.view()).await
}
