//! A parent account and the accounts under it, locked as a whole.

use std::collections::{HashMap, HashSet};

use base::db::{Ids, Params, Record, Texts, Tx, lost_race};
use base::{Cents, Failure, Ref, Result};

use super::model::{Debt, DebtId, sums};
use crate::ledger::placements;
use crate::orgs::Tenant;
use crate::{events, ledger, refs};

/// An account at the top and its children (none for an ordinary account), all locked.
#[derive(Clone, Debug)]
pub struct Family {
    /// The account at the top.
    pub root: Debt,
    /// The accounts under it, by id.
    pub children: Vec<Debt>,
}

/// Locks the families of these top accounts, in id order. A deleted account is a family of its own: nobody may
/// act on it any more, but money that once touched it can still come back.
pub async fn lock_families(tx: &Tx, tenant: &Tenant, roots: &[DebtId]) -> Result<Vec<Family>> {
    let ids = Ids::of(roots.iter().copied());
    let locked: Vec<Debt> = tx
        .select(
            "WHERE tenant_id = $1 AND id IN each(SELECT id FROM debt WHERE tenant_id = $1 AND id IN ids($2) \
             UNION ALL SELECT id FROM debt WHERE tenant_id = $1 AND parent_id IN ids($2) AND deleted_at IS NULL) \
             ORDER BY id FOR UPDATE",
            &[&tenant.id, &ids],
        )
        .await?;
    grouped(&locked, roots)
}

/// Locked accounts by family, of which these are the top ones.
fn grouped(locked: &[Debt], roots: &[DebtId]) -> Result<Vec<Family>> {
    let roots: HashSet<DebtId> = roots.iter().copied().collect();
    let mut under: HashMap<DebtId, Vec<&Debt>> = HashMap::new();
    for child in locked.iter().filter(|d| d.deleted_at.is_none()) {
        under.entry(child.parent_id.unwrap_or(child.id)).or_default().push(child);
    }
    let mut families: Vec<Family> = Vec::with_capacity(roots.len());
    for root in locked.iter().filter(|d| roots.contains(&d.id)) {
        let grouped =
            root.deleted_at.is_none() && root.parent_id.is_some_and(|parent| roots.contains(&parent));
        if grouped {
            continue; // a child named beside its own parent: it is in that family
        }
        let children = under.get(&root.id).into_iter().flatten().filter(|d| d.id != root.id);
        let children: Vec<Debt> = children.map(|child| (*child).clone()).collect();
        // A child that came or went while we waited for the lock is not in what the statement saw.
        if i64::try_from(children.len()).ok() != Some(root.children) {
            return Err(lost_race());
        }
        families.push(Family { root: root.clone(), children });
    }
    Ok(families)
}

/// Locks the families that these accounts are in.
pub async fn lock_families_of(tx: &Tx, tenant: &Tenant, debts: &[DebtId]) -> Result<Vec<Family>> {
    if debts.is_empty() {
        return Ok(Vec::new());
    }
    let seen = super::load(tx, tenant, &Ids::of(debts.iter().copied())).await?;
    let roots: Vec<DebtId> =
        seen.iter().map(|d| if d.deleted_at.is_some() { d.id } else { d.root() }).collect();
    let families = lock_families(tx, tenant, &roots).await?;
    for account in &seen {
        as_seen(&families, account)?;
    }
    Ok(families)
}

/// Locks the families of the accounts that these references name, ours first, then theirs, in one statement. Gives
/// also which account each reference names, in their order; a deleted one is never named.
pub async fn lock_families_named(
    tx: &Tx,
    tenant: &Tenant,
    named: &[&Ref],
) -> Result<(Vec<Family>, Vec<Option<DebtId>>)> {
    if named.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let ours = Ids::of(named.iter().filter_map(|which| which.ours()));
    let theirs = Texts(named.iter().map(|which| which.theirs().to_owned()).collect());
    let families = lock_families_under(
        tx,
        "SELECT coalesce(parent_id, id) AS id FROM debt WHERE tenant_id = $1 AND deleted_at IS NULL AND id IN ids($2) \
         UNION ALL SELECT coalesce(parent_id, id) FROM debt \
         WHERE tenant_id = $1 AND deleted_at IS NULL AND external_id IS NOT NULL AND external_id IN texts($3)",
        &[&tenant.id, &ours, &theirs],
    )
    .await?;
    let mut by_id: HashSet<DebtId> = HashSet::new();
    let mut by_theirs: HashMap<&str, DebtId> = HashMap::new();
    for member in families.iter().flat_map(Family::members).filter(|d| d.deleted_at.is_none()) {
        by_id.insert(member.id);
        by_theirs.extend(member.external_id.as_deref().map(|theirs| (theirs, member.id)));
    }
    let find = |which: &&Ref| {
        let ours = which.ours().map(DebtId).filter(|id| by_id.contains(id));
        ours.or_else(|| by_theirs.get(which.theirs()).copied())
    };
    let found: Vec<Option<DebtId>> = named.iter().map(find).collect();
    let missed: Vec<&Ref> =
        named.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(w, _)| *w).collect();
    // What is named and was not locked may have moved to another family, or come, while we waited.
    if !refs::resolve_all(tx, tenant.id, "debt", &missed).await?.is_empty() {
        return Err(lost_race());
    }
    Ok((families, found))
}

/// Locks the families of the accounts to which the parts of these charges are applied, in one statement, and of those
/// whose plans they pay: an account may have left its parent's family since. Parts never change, so nothing need be locked
/// to find the accounts.
pub async fn lock_families_of_charges(tx: &Tx, tenant: &Tenant, charges: &Ids) -> Result<Vec<Family>> {
    let tops = "SELECT CASE WHEN deleted_at IS NULL THEN coalesce(parent_id, id) ELSE id END AS id FROM debt \
                WHERE tenant_id = $1 AND id IN each(SELECT debt_id FROM charge_part WHERE tenant_id = $1 AND charge_id IN ids($2) \
                UNION ALL SELECT debt_id FROM charge WHERE tenant_id = $1 AND id IN ids($2) AND instalment_id IS NOT NULL)";
    lock_families_under(tx, tops, &[&tenant.id, charges]).await
}

/// Locks the families of the accounts that scheduled charges are about, in one statement; a deleted one is none.
pub async fn lock_families_due(tx: &Tx, tenant: &Tenant, charges: &Ids) -> Result<Vec<Family>> {
    let tops = "SELECT CASE WHEN deleted_at IS NULL THEN coalesce(parent_id, id) ELSE id END AS id FROM debt \
                WHERE tenant_id = $1 AND id IN each(SELECT debt_id FROM charge WHERE tenant_id = $1 AND id IN ids($2) AND debt_id IS NOT NULL)";
    lock_families_under(tx, tops, &[&tenant.id, charges]).await
}

/// Locks the families of the top accounts that `tops`, a statement, gives; `$1` is the tenant.
///
/// Which account is whose parent is read before anything is locked, and may be otherwise by then: an account that has
/// moved to a parent that is not locked is in no family here, and the race is lost.
async fn lock_families_under(tx: &Tx, tops: &str, params: Params<'_>) -> Result<Vec<Family>> {
    let sql = format!(
        "WITH top AS ({tops}) SELECT {} FROM debt WHERE tenant_id = $1 AND id IN each(SELECT id FROM top \
         UNION ALL SELECT id FROM debt WHERE tenant_id = $1 AND parent_id IN each(SELECT id FROM top) AND deleted_at IS NULL) \
         ORDER BY id FOR UPDATE",
        Debt::COLUMNS.join(", ")
    );
    let locked: Vec<Debt> = tx.all(&sql, params).await?;
    let is_top = |d: &&Debt| d.deleted_at.is_some() || d.parent_id.is_none();
    let tops: Vec<DebtId> = locked.iter().filter(is_top).map(|d| d.id).collect();
    let families = grouped(&locked, &tops)?;
    // Each account must be in a family that is locked as a whole.
    let settled: HashSet<DebtId> = families.iter().flat_map(Family::members).map(|m| m.id).collect();
    if locked.iter().all(|d| settled.contains(&d.id)) { Ok(families) } else { Err(lost_race()) }
}

/// The locked account, which must still be where it was seen before it was locked: between the look and the lock
/// it may have been moved to another parent, which then is not locked.
pub(super) fn as_seen(families: &[Family], seen: &Debt) -> Result<Debt> {
    let same = |d: &&Debt| {
        d.id == seen.id
            && d.parent_id == seen.parent_id
            && d.deleted_at.is_some() == seen.deleted_at.is_some()
    };
    families.iter().flat_map(Family::members).find(same).cloned().ok_or_else(lost_race)
}

impl Family {
    /// The account at the top and those under it.
    pub fn members(&self) -> impl Iterator<Item = &Debt> {
        std::iter::once(&self.root).chain(&self.children)
    }

    /// The accounts that money is applied to: the children, or the account itself where it has none.
    pub fn payable(&self) -> &[Debt] {
        if self.children.is_empty() { std::slice::from_ref(&self.root) } else { &self.children }
    }

    /// Takes a child in. The first one replaces the parent's own balances.
    pub(super) async fn adopt(&mut self, tx: &Tx, tenant: &Tenant, child: Debt) -> Result<()> {
        let invalid = |why: &str| Err(Failure::field("parent_external_id", why));
        if child.id == self.root.id || self.root.parent_id.is_some() {
            return invalid("The selected parent external id is invalid.");
        }
        if child.customer_id != self.root.customer_id {
            return Err(Failure::field(
                "customer_id",
                "The customer id field must match the parent account's customer.",
            ));
        }
        if self.children.is_empty() {
            if self.root.reserved.is_positive() {
                return invalid(
                    "The selected parent external id is invalid: a charge on that account is under way.",
                );
            }
            if super::plans::enrolled(tx, tenant, self.root.id).await? {
                return invalid(
                    "The selected parent external id is invalid: a payment plan on that account is running.",
                );
            }
            let own = placements::adjusted(self.root.id.0, self.root.current_balance, Cents::ZERO);
            ledger::post(tx, tenant, "replaced_by_children", own.as_slice()).await?;
        } else if super::plans::enrolled(tx, tenant, child.id).await?
            && super::plans::enrolled(tx, tenant, self.root.id).await?
        {
            return invalid(
                "The selected parent external id is invalid: payment plans on both accounts are running.",
            );
        }
        self.children.push(child);
        self.store_root(tx, tenant).await
    }

    /// Lets a child go. Without its last one the parent owes nothing and is an ordinary account.
    pub(super) async fn release(&mut self, tx: &Tx, tenant: &Tenant, child: DebtId) -> Result<()> {
        self.children.retain(|d| d.id != child);
        self.store_root(tx, tenant).await
    }

    /// Takes over a child's new values.
    pub(super) async fn replace(&mut self, tx: &Tx, tenant: &Tenant, child: Debt) -> Result<()> {
        if let Some(slot) = self.children.iter_mut().find(|d| d.id == child.id) {
            *slot = child;
        }
        self.store_root(tx, tenant).await
    }

    /// Brings the top account's sums and status to what its children say; gives whether anything changed.
    /// Nothing for an ordinary account.
    pub fn sum_up(&mut self) -> Result<bool> {
        let now = (
            self.root.balance,
            self.root.current_balance,
            self.root.reserved,
            self.root.children,
            self.root.status,
        );
        let (balance, current, reserved) = sums(&self.children)?;
        let children =
            i64::try_from(self.children.len()).map_err(|e| Failure::broken("counting accounts", e))?;
        let status = self.root.status.at_balance(current);
        (self.root.balance, self.root.current_balance, self.root.reserved) = (balance, current, reserved);
        (self.root.children, self.root.status) = (children, status);
        Ok(now != (balance, current, reserved, children, status))
    }

    async fn store_root(&mut self, tx: &Tx, tenant: &Tenant) -> Result<()> {
        let before = self.root.clone();
        if !self.sum_up()? {
            return Ok(());
        }
        self.root.updated_at = tx.now();
        tx.update(2, std::slice::from_ref(&self.root)).await?;
        super::after_paid_off(tx, tenant, &[before], [&self.root], tx.now()).await?;
        events::emit(tx, tenant, "debt-account.update", "debt_account", self.root.id, &self.root.event_body())
            .await
    }
}
