//! Clients: creditors, and on which terms what is collected for them reaches them.
//!
//! Must always hold:
//! - A location is a client by one row of terms at most, and only a creditor is one.
//! - The last fee rule has no conditions and is the only one without, so one always counts.
//! - Terms to which a remittance refers are not deleted. What a line was reckoned by stands on the line, so terms may change.

mod model;
mod write;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::page::{Listed, Page, Which};
use base::{Ref, Result};
use books::locations::LocationId;
use books::orgs::Tenant;

pub use self::model::{FeeRule, Method, NO_MORE_RULES, Terms, TermsId, TermsRow, fee_of, which_rule};
pub use self::write::{Create, Delete, Fields, Update};

base::record! {
    /// A fee rule's row.
    struct FeeRow in "client_fee" {
        tenant_id: base::TenantId,
        terms_id: TermsId,
        position: i64,
        basis_points: i64,
        first_day: Option<base::Day>,
        min_age_days: Option<i64>,
        max_age_days: Option<i64>,
        min_balance: Option<base::Cents>,
        max_balance: Option<base::Cents>,
    }
}

/// Which terms a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those of this client.
    pub location: Option<LocationId>,
    /// Those with this method.
    pub method: Option<Method>,
}

/// A page of terms, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Terms>> {
    let which = Which::of(tenant.id, "true")
        .filter_if("location_id = ?", filter.location)
        .filter_if("method = ?", filter.method);
    let listed = which.page::<TermsRow>(tx, page).await?;
    let whole = whole(tx, tenant, listed.rows.clone()).await?;
    Ok(listed.with(whole))
}

/// The terms a reference names. They have no external ids.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Terms>> {
    match which.ours() {
        Some(id) => by_id(tx, tenant, TermsId(id)).await,
        None => Ok(None),
    }
}

/// Terms by their id.
pub async fn by_id(tx: &Tx, tenant: &Tenant, id: TermsId) -> Result<Option<Terms>> {
    let row: Option<TermsRow> = tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await?;
    Ok(whole(tx, tenant, row.into_iter().collect()).await?.pop())
}

/// The terms by which a location is a client, held: nobody else prepares a remittance for it or changes them meanwhile.
pub(crate) async fn hold(tx: &Tx, tenant: &Tenant, location: LocationId) -> Result<Option<Terms>> {
    let tail = "WHERE tenant_id = $1 AND location_id = $2 FOR UPDATE";
    let row: Option<TermsRow> = tx.find(tail, &[&tenant.id, &location]).await?;
    Ok(whole(tx, tenant, row.into_iter().collect()).await?.pop())
}

async fn whole(tx: &Tx, tenant: &Tenant, rows: Vec<TermsRow>) -> Result<Vec<Terms>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = Ids::of(rows.iter().map(|row| row.id));
    let tail = "WHERE tenant_id = $1 AND terms_id IN ids($2) ORDER BY terms_id, position";
    let mut rules: HashMap<TermsId, Vec<FeeRule>> = HashMap::new();
    for row in tx.select::<FeeRow>(tail, &[&tenant.id, &ids]).await? {
        rules.entry(row.terms_id).or_default().push(FeeRule {
            basis_points: row.basis_points,
            from: row.first_day,
            min_age_days: row.min_age_days,
            max_age_days: row.max_age_days,
            min_balance: row.min_balance,
            max_balance: row.max_balance,
        });
    }
    Ok(rows.into_iter().map(|row| Terms { rules: rules.remove(&row.id).unwrap_or_default(), row }).collect())
}
