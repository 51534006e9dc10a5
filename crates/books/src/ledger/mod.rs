//! The ledger: double entry, append only, written in the transaction of the state it explains.
//!
//! An entry has two ends and one amount, so the books balance by construction; what `verify` proves is that
//! every balance column is what its entries say. The ledger knows no business event: capabilities say which
//! accounts move ([`placements`], and each capability's own postings) and this stores it.

pub mod placements;
pub mod posting;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::{Cents, Result, TenantId, Ts};
use uuid::Uuid;

use crate::orgs::Tenant;
use posting::Posting;

base::ids! {
    /// A movement in the ledger.
    EntryId "entry"
}

base::record! {
    /// An entry's row.
    pub struct EntryRow in "entry" {
        tenant_id: TenantId,
        id: EntryId,
        what: String,
        debit: String,
        credit: String,
        debt_id: Option<Uuid>,
        txn_id: Option<Uuid>,
        amount: Cents,
        created_at: Ts,
    }
}

/// The entries of a business event: `what` it was, the transaction it explains, and what moved.
pub fn rows(tx: &Tx, tenant: &Tenant, what: &str, txn: Option<Uuid>, postings: &[Posting]) -> Vec<EntryRow> {
    let row = |posting: &Posting| EntryRow {
        tenant_id: tenant.id,
        id: tx.new_id(),
        what: what.into(),
        debit: posting.debit.as_str().into(),
        credit: posting.credit.as_str().into(),
        debt_id: posting.debt,
        txn_id: txn,
        amount: posting.amount,
        created_at: tx.now(),
    };
    postings.iter().map(row).collect()
}

/// Writes the entries of a business event that is no transaction: a placement, an adjustment.
pub async fn post(tx: &Tx, tenant: &Tenant, what: &str, postings: &[Posting]) -> Result<()> {
    tx.insert(&rows(tx, tenant, what, None, postings)).await
}

base::record! {
    struct Moved { debt_id: Uuid, at: Ts }
}

/// When a payment, or one coming back, last moved each of these debts; those that none ever moved are left out.
pub async fn last_payments(tx: &Tx, tenant: &Tenant, debts: &Ids) -> Result<HashMap<Uuid, Ts>> {
    if debts.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT debt_id, max(created_at) AS at FROM entry \
               WHERE tenant_id = $1 AND debt_id IN ids($2) AND txn_id IS NOT NULL GROUP BY debt_id";
    let moved: Vec<Moved> = tx.all(sql, &[&tenant.id, debts]).await?;
    Ok(moved.into_iter().map(|row| (row.debt_id, row.at)).collect())
}
