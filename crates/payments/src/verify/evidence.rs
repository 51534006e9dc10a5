//! What customers authorized: whether the hash of each authorization is over what is kept of it.

use base::Result;
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Checks, EVERY, Sight};
use crate::plans::{Authorization, Evidence};

/// Makes every hash anew. One that does not open is told of by [`sealed`](super::sealed).
pub(super) async fn check(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND id > $2 AND sha256 IS NOT NULL ORDER BY id LIMIT $3";
    let mut after = Uuid::nil();
    loop {
        let tx = sight.look().await?;
        let rows: Vec<Authorization> = tx.select(tail, &[&tenant.id, &after, &EVERY]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id.0;
        checks.told("authorizations", rows.len());
        for row in rows {
            let id = row.id;
            let Ok(evidence) = Evidence::open(tenant, row) else { continue };
            checks.evidence.compare(evidence.is_right(), || {
                format!("the hash of authorization {id} is not of what is kept")
            });
        }
    }
}
