//! Accounts: each balance against its entries, its children, the charges under way, and what its last event said.
//!
//! A page of accounts and all it is compared with come from one snapshot.

use std::collections::HashMap;

use base::Result;
use base::db::Tx;
use books::orgs::Tenant;
use uuid::Uuid;

use super::stated::{Kept, Stated};
use super::{Checks, EVERY, Pages, Sight, money};

base::record! {
    struct Account { id: Uuid, status: String, balance: i64, current_balance: i64, reserved: i64, children: i64 }
}
base::record! {
    struct Total { id: Uuid, total: i64 }
}
base::record! {
    struct Children { id: Uuid, children: i64, balance: i64, current_balance: i64, reserved: i64 }
}

/// Sums are of amounts cut to one more than there can be, so that a spoiled one can be found and not only fail.
const POSTED: &str = "SELECT debt_id, CAST(sum(CASE WHEN debit = 'receivable' THEN CASE WHEN amount > 1000000000000 THEN 1000000000001 ELSE amount END ELSE 0 END \
     - CASE WHEN credit = 'receivable' THEN CASE WHEN amount > 1000000000000 THEN 1000000000001 ELSE amount END ELSE 0 END) AS bigint) \
     FROM entry WHERE tenant_id = $1 AND debt_id > $2 AND debt_id <= $3 GROUP BY debt_id";
const CHILDREN: &str = "SELECT parent_id, count(*), \
     CAST(sum(CASE WHEN balance > 1000000000000 THEN 1000000000001 ELSE balance END) AS bigint), \
     CAST(sum(CASE WHEN current_balance > 1000000000000 THEN 1000000000001 ELSE current_balance END) AS bigint), \
     CAST(sum(CASE WHEN reserved > 1000000000000 THEN 1000000000001 ELSE reserved END) AS bigint) \
     FROM debt WHERE tenant_id = $1 AND parent_id > $2 AND parent_id <= $3 AND deleted_at IS NULL GROUP BY parent_id";
/// In two halves, each of which an index of few rows answers.
const UNDER_WAY: &str = "SELECT charge_part.debt_id, charge_part.amount FROM charge \
     JOIN charge_part ON charge_part.tenant_id = charge.tenant_id AND charge_part.charge_id = charge.id \
     WHERE charge.tenant_id = $1 AND charge.due_at IS NOT NULL AND charge.state IN ('submitting', 'unknown', 'pending') \
     UNION ALL SELECT charge_part.debt_id, charge_part.amount FROM charge \
     JOIN charge_part ON charge_part.tenant_id = charge.tenant_id AND charge_part.charge_id = charge.id \
     WHERE charge.tenant_id = $1 AND charge.due_at IS NULL AND charge.review AND charge.state IN ('submitting', 'unknown', 'pending')";

/// Compares every account of a tenant.
pub(super) async fn check(
    sight: &mut Sight<'_>,
    tenant: &Tenant,
    checks: &mut Checks<'_>,
    stated: &mut Stated,
) -> Result<()> {
    let mut pages = Pages::default();
    let (mut under_way, mut seen_at) = (HashMap::new(), 0);
    while let Some(after) = pages.next() {
        let (tx, look) = sight.look_at().await?;
        if seen_at != look {
            (under_way, seen_at) = (reserved(tx, tenant).await?, look);
        }
        let accounts: Vec<Account> = tx
            .all(
                "SELECT id, status, balance, current_balance, reserved, children FROM debt \
                 WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&tenant.id, &after, &EVERY],
            )
            .await?;
        let upto = pages.turn(accounts.iter().map(|a| a.id));
        let posted: Vec<Total> = tx.all(POSTED, &[&tenant.id, &after, &upto]).await?;
        let children: Vec<Children> = tx.all(CHILDREN, &[&tenant.id, &after, &upto]).await?;
        checks.told("accounts", accounts.len());
        compare(checks, &accounts, posted, children, &under_way);
        for account in accounts {
            stated.keep(account.id, Kept::Account { balance: account.balance, status: account.status });
        }
        if stated.is_full() {
            stated.settle(sight, tenant, checks).await?;
        }
    }
    Ok(())
}

/// What charges under way have reserved, by account.
async fn reserved(tx: &Tx, tenant: &Tenant) -> Result<HashMap<Uuid, i128>> {
    let mut sums: HashMap<Uuid, i128> = HashMap::new();
    for part in tx.all::<Total>(UNDER_WAY, &[&tenant.id]).await? {
        *sums.entry(part.id).or_default() += i128::from(part.total);
    }
    Ok(sums)
}

fn compare(
    checks: &mut Checks<'_>,
    accounts: &[Account],
    posted: Vec<Total>,
    children: Vec<Children>,
    under_way: &HashMap<Uuid, i128>,
) {
    let mut posted: HashMap<Uuid, i64> = posted.into_iter().map(|row| (row.id, row.total)).collect();
    let mut children: HashMap<Uuid, Children> = children.into_iter().map(|row| (row.id, row)).collect();
    for account in accounts {
        let says = |what: &str, kept: i64, computed: i128| {
            format!("{what} of {}: {} is kept, {} computed", account.id, money(kept.into()), money(computed))
        };
        let moved = i128::from(posted.remove(&account.id).unwrap_or(0));
        let own = children.remove(&account.id);
        let is_parent = account.children > 0;
        // A parent's own debt was replaced by its children's, so what it posted itself comes to nothing.
        let owed = if is_parent { 0 } else { account.current_balance };
        checks.balances.compare(i128::from(owed) == moved, || says("the balance", owed, moved));
        if is_parent || own.is_some() {
            let own = own.unwrap_or(Children {
                id: account.id,
                children: 0,
                balance: 0,
                current_balance: 0,
                reserved: 0,
            });
            checks.parents.compare(account.children == own.children, || {
                format!("{} has {} children, and counts {}", account.id, own.children, account.children)
            });
            for (what, kept, sum) in [
                ("balance", account.balance, own.balance),
                ("current_balance", account.current_balance, own.current_balance),
                ("reserved", account.reserved, own.reserved),
            ] {
                checks.parents.compare(kept == sum, || says(what, kept, sum.into()));
            }
        } else {
            let open = under_way.get(&account.id).copied().unwrap_or(0);
            checks
                .reserved
                .compare(i128::from(account.reserved) == open, || says("reserved", account.reserved, open));
        }
    }
    for id in posted.keys() {
        checks.references.fault(format!("entries name the account {id}, which does not exist"));
    }
}
