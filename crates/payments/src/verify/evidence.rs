//! What customers authorized: whether the hash of each authorization is over what is kept of it.

use base::Result;
use base::db::Record;
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Checks, EVERY, Sight};
use crate::{charges::authorization, plans};

/// Makes every hash anew. One that does not open is told of by [`sealed`](super::sealed).
pub(super) async fn check(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let of_plans = |row: plans::Authorization| {
        let id = row.id.0;
        (id, plans::Evidence::open(tenant, row).map(|evidence| evidence.is_right()).ok())
    };
    of(sight, tenant, checks, "AND sha256 IS NOT NULL ", of_plans).await?;
    let of_payments = |row: authorization::Authorization| {
        let id = row.id.0;
        (id, authorization::Evidence::open(tenant, row).map(|evidence| evidence.is_right()).ok())
    };
    of(sight, tenant, checks, "", of_payments).await
}

/// The same of one table; `told` gives a row's id, and whether its hash is right, where it opens.
async fn of<R: Record>(
    sight: &mut Sight<'_>,
    tenant: &Tenant,
    checks: &mut Checks<'_>,
    which: &str,
    told: impl Fn(R) -> (Uuid, Option<bool>),
) -> Result<()> {
    let tail = format!("WHERE tenant_id = $1 AND id > $2 {which}ORDER BY id LIMIT $3");
    let mut after = Uuid::nil();
    loop {
        let tx = sight.look().await?;
        let rows: Vec<R> = tx.select(&tail, &[&tenant.id, &after, &EVERY]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        checks.told("authorizations", rows.len());
        for (id, is_right) in rows.into_iter().map(&told) {
            after = id;
            let Some(is_right) = is_right else { continue };
            checks
                .evidence
                .compare(is_right, || format!("the hash of authorization {id} is not of what is kept"));
        }
    }
}
