//! The ledger: double entry, append only, written in the transaction of the state it explains.
//!
//! An entry has two ends and one amount, so the books balance by construction; what `verify` proves is that
//! every balance column is what its entries say. The ledger knows no business event: capabilities say which
//! accounts move ([`placements`], and each capability's own postings) and this stores it.

pub mod placements;
pub mod posting;

use base::db::Tx;
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
