//! The ledger: double entry, append only, written in the transaction of the state it explains.
//!
//! An entry has two ends and one amount, so the books balance by construction; what `verify` proves is that
//! every balance column is what its entries say. The ledger knows no business event: capabilities say which
//! accounts move ([`placements`], and each capability's own postings) and this stores it.

pub mod placements;
pub mod posting;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::page::least_id;
use base::{Cents, Failure, Result, TenantId, Ts};
use uuid::Uuid;

use crate::orgs::Tenant;
use posting::{Account, Posting, Side};

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

impl EntryRow {
    /// Its id.
    pub fn id(&self) -> EntryId {
        self.id
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
    struct Between { debit: String, credit: String, entries: i64, amount: Cents }
}

/// What an account has moved, and what stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moves {
    /// The account.
    pub account: Account,
    /// All that was debited.
    pub debits: Cents,
    /// All that was credited.
    pub credits: Cents,
}

fn too_much() -> Failure {
    Failure::broken("summing an account", "it comes to more than can be said")
}

impl Moves {
    /// What stands on the account, on its normal side; negative where it stands on the other.
    pub fn balance(&self) -> Result<Cents> {
        let (more, less) = match self.account.normal_side() {
            Side::Debit => (self.debits, self.credits),
            Side::Credit => (self.credits, self.debits),
        };
        more.minus(less).ok_or_else(too_much)
    }
}

/// After everything that can happen: 9999-01-01T00:00:00Z.
const NEVER: Ts = Ts::from_micros(253_370_764_800_000_000);

/// What every account has moved between two instants, by the entries themselves, and how many those are. It reads each of
/// them: no row is kept that every payment would have to update.
pub async fn moves(tx: &Tx, tenant: &Tenant, from: Option<Ts>, to: Option<Ts>) -> Result<(Vec<Moves>, i64)> {
    let sql = |column: &str| {
        format!(
            "SELECT debit, credit, count(*) AS entries, CAST(sum(amount) AS bigint) AS amount FROM entry \
             WHERE tenant_id = $1 AND {column} >= $2 AND {column} < $3 GROUP BY debit, credit"
        )
    };
    let between: Vec<Between> = if tx.is_of_own_time() {
        let (least, most) = (from.unwrap_or(Ts::from_micros(0)), to.unwrap_or(NEVER));
        tx.all(&sql("created_at"), &[&tenant.id, &least, &most]).await?
    } else {
        let (least, most) = (from.map_or(Uuid::nil(), least_id), to.map_or(Uuid::max(), least_id));
        tx.all(&sql("id"), &[&tenant.id, &least, &most]).await?
    };
    let mut all = Vec::new();
    for account in Account::ALL.iter().copied() {
        let sum = |side: fn(&Between) -> &String| {
            let mine = between.iter().filter(|row| side(row) == account.as_str());
            Cents::sum(mine.map(|row| row.amount)).ok_or_else(too_much)
        };
        all.push(Moves { account, debits: sum(|row| &row.debit)?, credits: sum(|row| &row.credit)? });
    }
    Ok((all, between.iter().map(|row| row.entries).sum()))
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
