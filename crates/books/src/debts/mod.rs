//! Debt accounts: what was placed, what is still owed, and how accounts are grouped.
//!
//! - Balances are columns and always equal what the ledger's entries say; every change of one is one entry.
//! - One level of nesting. A parent's balance, current balance and reservation are the sums of its children at
//!   every instant; what is sent for a parent's own balances is ignored.
//! - A family (a parent and its children) is locked as a whole, in id order, before any of it changes.
//! - A deleted account is hidden and stays in the ledger.

mod family;
mod input;
pub mod limits;
pub mod many;
mod model;
pub mod offers;
pub mod plans;

use base::db::{Command, Ids, Texts, Tx};
use base::page::{Listed, Page, Which};
use base::{Cents, Change, Code, Failure, Ref, Result, Ts};

pub use self::family::{
    Family, lock_families, lock_families_due, lock_families_named, lock_families_of, lock_families_of_charges,
};
pub use self::input::{Changes, FurtherGiven, LocationGiven, New, PlanGiven};
pub use self::many::{Many, Outcome, Placing};
pub use self::model::{
    BillingType, BillingTypes, Debt, DebtId, Frequency, Metadata, OfferId, PlanId, Rules, Status, sums,
};
use crate::counts::{self, List};
use crate::ledger::placements;
use crate::locations::LocationId;
use crate::orgs::Tenant;
use crate::people::CustomerId;
use crate::{events, ledger, locations, metadata, people, refs};

/// The account a reference names, ours first, then theirs; never a deleted one.
pub async fn resolve(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<DebtId>> {
    Ok(refs::resolve(tx, tenant.id, "debt", which).await?.map(DebtId))
}

/// The account a reference names, with everything about it.
pub async fn find(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<Option<Debt>> {
    match resolve(tx, tenant, which).await? {
        Some(id) => {
            tx.find("WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL", &[&tenant.id, &id]).await
        }
        None => Ok(None),
    }
}

/// Which accounts a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// One customer's.
    pub customer: Option<CustomerId>,
    /// One location's.
    pub location: Option<LocationId>,
    /// Those under one account.
    pub parent: Option<DebtId>,
    /// Those in one of these states.
    pub status: Option<Vec<Status>>,
    /// The one with this id of the caller's.
    pub external_id: Option<String>,
    /// Those with this number at the creditor.
    pub account_number: Option<String>,
    /// Those with this status of the caller's.
    pub external_status: Option<String>,
    /// Those of which at least this much is owed.
    pub owes_from: Option<Cents>,
    /// Those of which at most this much is owed.
    pub owes_to: Option<Cents>,
}

/// A page of accounts, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Debt>> {
    let words = |all: &Vec<Status>| Texts(all.iter().map(|s| s.as_str().to_owned()).collect());
    // One alone is found in the order of the list, however rare it is.
    let (alone, several) = match filter.status.as_deref() {
        Some([one]) => (Some(one.as_str()), None),
        _ => (None, filter.status.as_ref().map(words)),
    };
    let which = Which::of(tenant.id, "deleted_at IS NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("location_id = ?", filter.location)
        .filter_if("parent_id = ?", filter.parent)
        .filter_if("status = ?", alone)
        .filter_if("status IN texts(?)", several)
        .filter_if("external_id = ?", filter.external_id.as_deref())
        .filter_if("account_number = ?", filter.account_number.as_deref())
        .filter_if("external_status = ?", filter.external_status.as_deref())
        .filter_if("current_balance >= ?", filter.owes_from)
        .filter_if("current_balance <= ?", filter.owes_to);
    let counted = counts::of(tx, tenant, List::Debts, &which, page).await?;
    which.page_of(tx, page, counted).await
}

/// The accounts under these, newest first.
pub async fn children(tx: &Tx, tenant: &Tenant, parents: &Ids) -> Result<Vec<Debt>> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    tx.select(
        "WHERE tenant_id = $1 AND parent_id IN ids($2) AND deleted_at IS NULL ORDER BY id DESC",
        &[&tenant.id, parents],
    )
    .await
}

/// The accounts of these customers, newest first.
pub async fn of_customers(tx: &Tx, tenant: &Tenant, customers: &Ids) -> Result<Vec<Debt>> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    tx.select(
        "WHERE tenant_id = $1 AND customer_id IN ids($2) AND deleted_at IS NULL ORDER BY id DESC",
        &[&tenant.id, customers],
    )
    .await
}

/// The accounts of these ids, deleted ones too: what money once touched can always be shown.
pub async fn load(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Debt>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}

base::record! {
    /// Which further locations an account has, in order.
    pub struct FurtherLocation in "debt_location" {
        tenant_id: base::TenantId,
        /// The account.
        pub debt_id: DebtId,
        position: i64,
        /// The location.
        pub location_id: LocationId,
    }
}

/// The further locations of these accounts, each account's in order.
pub async fn further_locations(tx: &Tx, tenant: &Tenant, debts: &Ids) -> Result<Vec<FurtherLocation>> {
    tx.select("WHERE tenant_id = $1 AND debt_id IN ids($2) ORDER BY debt_id, position", &[&tenant.id, debts])
        .await
}

/// Places a new account.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Its id.
    pub id: DebtId,
    /// What was sent.
    pub new: New,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "debts.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        create(tx, self.tenant, self.id, &self.new).await
    }
}

/// Places a new account; see [`Create`].
pub async fn create(tx: &Tx, tenant: &Tenant, id: DebtId, new: &New) -> Result<()> {
    let parent = match &new.parent {
        Some(parent) => Some(
            resolve(tx, tenant, parent)
                .await?
                .ok_or_else(|| Failure::unknown_reference("parent_external_id"))?,
        ),
        None => None,
    };
    let mut family = match parent {
        Some(parent) => {
            let alive =
                lock_families(tx, tenant, &[parent]).await?.pop().filter(|f| f.root.deleted_at.is_none());
            Some(alive.ok_or_else(|| Failure::unknown_reference("parent_external_id"))?)
        }
        None => None,
    };
    let customer = match (&new.customer, &family) {
        (Some(customer), _) => people::resolve(tx, tenant, customer)
            .await?
            .ok_or_else(|| Failure::unknown_reference("customer_id"))?,
        (None, Some(family)) => family.root.customer_id,
        (None, None) => return Err(Failure::field("customer_id", "The customer id field is required.")),
    };
    let location = match (&new.location, &family) {
        (Some(given), _) => Some(place_at(tx, tenant, given).await?),
        (None, Some(family)) => family.root.location_id,
        (None, None) => None,
    };
    free_external_id(tx, tenant, new.external_id.as_deref(), None).await?;
    let debt = fresh(tx, tenant, id, new, customer, location, parent);
    let current = debt.current_balance;
    tx.insert(std::slice::from_ref(&debt)).await?;
    still_there(tx, tenant, &debt).await?;
    ledger::post(tx, tenant, "placed", placements::placed(id.0, current).as_slice()).await?;
    set_further_locations(tx, tenant, id, &new.locations).await?;
    if let Some(plan) = &new.plan {
        plans::replace_pending(tx, tenant, id, Some(plan)).await?;
    }
    events::emit(tx, tenant, "debt-account.create", "debt_account", id, &debt.event_body()).await?;
    if let Some(family) = &mut family {
        family.adopt(tx, tenant, debt).await?;
    }
    Ok(())
}

/// A new account as its row, by itself.
fn fresh(
    tx: &Tx,
    tenant: &Tenant,
    id: DebtId,
    new: &New,
    customer: CustomerId,
    location: Option<LocationId>,
    parent: Option<DebtId>,
) -> Debt {
    let current = new.current_balance.unwrap_or(new.balance);
    Debt {
        tenant_id: tenant.id,
        id,
        external_id: new.external_id.clone(),
        customer_id: customer,
        location_id: location,
        parent_id: parent,
        status: new.status.unwrap_or(Status::Active.at_balance(current)),
        balance: new.balance,
        current_balance: current,
        reserved: Cents::ZERO,
        children: 0,
        account_number: new.account_number.clone(),
        external_status: new.external_status.clone(),
        external_company_id: new.external_company_id.clone(),
        description: new.description.clone(),
        billing_type: new.billing_type.clone(),
        metadata: Metadata(metadata::merged(Default::default(), &new.metadata)),
        rules: new.rules.clone(),
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
    }
}

/// Changes an account by what was sent.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub which: Ref,
    /// What was sent.
    pub changes: Changes,
}

impl Command for Update<'_> {
    type Out = DebtId;

    fn name(&self) -> &'static str {
        "debts.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<DebtId> {
        update(tx, self.tenant, &self.which, &self.changes).await
    }
}

/// Changes an account; see [`Update`].
pub async fn update(tx: &Tx, tenant: &Tenant, which: &Ref, sent: &Changes) -> Result<DebtId> {
    let seen = find(tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
    let new_parent = match &sent.parent {
        Change::Keep => seen.parent_id,
        Change::Clear => None,
        Change::Set(parent) => Some(
            resolve(tx, tenant, parent)
                .await?
                .ok_or_else(|| Failure::unknown_reference("parent_external_id"))?,
        ),
    };
    // Every family this may touch, locked together so that ids are taken in one order.
    let roots: Vec<DebtId> = [Some(seen.root()), new_parent].into_iter().flatten().collect();
    let mut families = lock_families(tx, tenant, &roots).await?;
    let before = family::as_seen(&families, &seen)?;
    if let Some(parent) = new_parent.filter(|_| new_parent != before.parent_id) {
        let may_adopt =
            |f: &Family| f.root.id == parent && f.root.parent_id.is_none() && f.root.deleted_at.is_none();
        if !families.iter().any(may_adopt) {
            return Err(Failure::unknown_reference("parent_external_id"));
        }
    }
    let moves = new_parent != before.parent_id;
    if moves && before.is_parent() && new_parent.is_some() {
        return Err(Failure::field(
            "parent_external_id",
            "The parent external id field is prohibited: this account has accounts under it.",
        ));
    }

    let mut after = before.clone();
    if let Some(customer) = &sent.customer {
        after.customer_id = people::resolve(tx, tenant, customer)
            .await?
            .ok_or_else(|| Failure::unknown_reference("customer_id"))?;
        if after.customer_id != before.customer_id && (before.is_parent() || new_parent.is_some()) {
            return Err(Failure::field(
                "customer_id",
                "The customer id field cannot change while the account is nested.",
            ));
        }
        // The plan charges what is the old customer's, by their word.
        if after.customer_id != before.customer_id && plans::enrolled(tx, tenant, before.id).await? {
            return Err(Failure::field(
                "customer_id",
                "The customer id field cannot change while a payment plan on the account is running.",
            ));
        }
    }
    match &sent.location {
        Change::Keep => {}
        Change::Clear => after.location_id = None,
        Change::Set(given) => after.location_id = Some(place_at(tx, tenant, given).await?),
    }
    if sent.external_id != Change::Keep {
        after.external_id = sent.external_id.clone().over(before.external_id.clone());
        free_external_id(tx, tenant, after.external_id.as_deref(), Some(before.id)).await?;
    }
    after.parent_id = new_parent;
    let after = revised(&before, after, sent)?;

    let changed = before != after;
    let after = if changed { Debt { updated_at: tx.now(), ..after } } else { after };
    if changed {
        tx.update(2, std::slice::from_ref(&after)).await?;
        if (after.customer_id, after.location_id) != (before.customer_id, before.location_id) {
            still_there(tx, tenant, &after).await?;
        }
        let moved = placements::adjusted(before.id.0, before.current_balance, after.current_balance);
        if !before.is_parent() {
            ledger::post(tx, tenant, "adjusted", moved.as_slice()).await?;
            after_paid_off(tx, tenant, std::slice::from_ref(&before), [&after], tx.now()).await?;
        }
    }
    let mut other = false;
    if let Some(given) = &sent.locations {
        other |= set_further_locations(tx, tenant, before.id, given).await?;
    }
    if sent.plan != Change::Keep {
        other |= plans::replace_pending(tx, tenant, before.id, sent.plan.clone().set().as_ref()).await?;
    }
    if changed || other {
        events::emit(tx, tenant, "debt-account.update", "debt_account", before.id, &after.event_body())
            .await?;
    }
    regroup(tx, tenant, &mut families, &before, after).await?;
    Ok(before.id)
}

/// What follows where accounts have come to owe nothing: what was agreed upon or offered on them ends. Asks the database
/// only where one has.
pub async fn after_paid_off<'a>(
    tx: &Tx,
    tenant: &Tenant,
    before: &[Debt],
    after: impl IntoIterator<Item = &'a Debt>,
    now: Ts,
) -> Result<()> {
    let owed = |debt: &Debt| before.iter().any(|b| b.id == debt.id && b.current_balance.is_positive());
    let cleared = Ids::of(after.into_iter().filter(|d| d.current_balance.is_zero() && owed(d)).map(|d| d.id));
    if cleared.is_empty() {
        return Ok(());
    }
    plans::nothing_owed(tx, tenant, &cleared, now).await?;
    offers::withdraw_all(tx, tenant, &cleared, "paid_off", now).await
}

/// What of an update asks nobody: `after`, whose references are set, with everything else that was sent.
fn revised(before: &Debt, mut after: Debt, sent: &Changes) -> Result<Debt> {
    let text = |change: &Change<String>, now: &Option<String>| change.clone().over(now.clone());
    after.account_number = text(&sent.account_number, &before.account_number);
    after.external_status = text(&sent.external_status, &before.external_status);
    after.external_company_id = text(&sent.external_company_id, &before.external_company_id);
    after.description = text(&sent.description, &before.description);
    match &sent.billing_type {
        Change::Keep => {}
        Change::Clear => after.billing_type = BillingTypes::default(),
        Change::Set(types) => after.billing_type = types.clone(),
    }
    match &sent.metadata {
        Change::Keep => {}
        Change::Clear => after.metadata = Metadata::default(),
        Change::Set(changes) => after.metadata = Metadata(metadata::merged(after.metadata.0, changes)),
    }
    match &sent.rules {
        Change::Keep => {}
        Change::Clear => after.rules = Rules::default(),
        Change::Set(change) => {
            after.rules.min_payment_amount = change.clone().over(before.rules.min_payment_amount)
        }
    }
    if !before.is_parent() {
        rebalance(before, &mut after, sent)?;
    }
    after.status = sent.status.unwrap_or_else(|| after.status.at_balance(after.current_balance));
    Ok(after)
}

/// Brings the parents of a changed account up to date: the one it left, the one it joined, the one it is in.
async fn regroup(
    tx: &Tx,
    tenant: &Tenant,
    families: &mut [Family],
    before: &Debt,
    after: Debt,
) -> Result<()> {
    let (old, new) = (before.parent_id, after.parent_id);
    if new.is_some_and(|parent| !families.iter().any(|f| f.root.id == parent)) {
        return Err(Failure::broken("grouping an account", "its parent is not locked"));
    }
    for family in families {
        if Some(family.root.id) == old && old == new {
            family.replace(tx, tenant, after.clone()).await?;
        } else if Some(family.root.id) == old {
            family.release(tx, tenant, before.id).await?;
        } else if Some(family.root.id) == new {
            family.adopt(tx, tenant, after.clone()).await?;
        }
    }
    Ok(())
}

/// The balances after a change: a changed `balance` moves what is owed by the same difference, not below nothing;
/// a `current_balance` that was sent is set. Never below what charges under way have reserved.
fn rebalance(before: &Debt, after: &mut Debt, sent: &Changes) -> Result<()> {
    if let Some(balance) = sent.balance
        && balance != before.balance
    {
        after.balance = balance;
        let moved = balance.minus(before.balance).and_then(|by| before.current_balance.plus(by));
        after.current_balance = moved.map_or(Cents::ZERO, |current| current.max(Cents::ZERO));
    }
    if let Some(current) = sent.current_balance {
        after.current_balance = current;
    }
    if after.current_balance < before.reserved {
        let field = if sent.current_balance.is_some() { "current_balance" } else { "balance" };
        return Err(Failure::field(
            field,
            format!(
                "The {} field must be at least {}: charges of that amount are under way.",
                field.replace('_', " "),
                before.reserved.get()
            ),
        ));
    }
    Ok(())
}

/// Hides an account; it stays in the ledger. Refused while money is on its way, or accounts are under it.
pub async fn delete(tx: &Tx, tenant: &Tenant, which: &Ref) -> Result<DebtId> {
    let seen = find(tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
    let mut families = lock_families(tx, tenant, &[seen.root()]).await?;
    let debt = family::as_seen(&families, &seen)?;
    let refused = |why: &str| Err(Failure::refused(Code::NotAllowedNow, why));
    if debt.is_parent() {
        return refused("This account has accounts under it; delete or detach them first.");
    }
    if debt.reserved.is_positive() {
        return refused("A charge on this account is under way.");
    }
    if plans::enrolled(tx, tenant, debt.id).await? {
        return refused("A payment plan on this account is running; cancel it first.");
    }
    // What was only offered on it is no offer any more.
    plans::drop_pending(tx, tenant, debt.id).await?;
    offers::withdraw_all(tx, tenant, &Ids::of([debt.id]), "account_deleted", tx.now()).await?;
    tx.run(
        "UPDATE debt SET deleted_at = $3, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
        &[&tenant.id, &debt.id, &tx.now()],
    )
    .await?;
    events::emit(tx, tenant, "debt-account.delete", "debt_account", debt.id, &debt.event_body()).await?;
    if let Some(family) = families.iter_mut().find(|f| Some(f.root.id) == debt.parent_id) {
        family.release(tx, tenant, debt.id).await?;
    }
    Ok(debt.id)
}

/// The location a request means: a known one, or a new one that it names.
async fn place_at(tx: &Tx, tenant: &Tenant, given: &LocationGiven) -> Result<LocationId> {
    locations::resolve_or_create(tx, tenant, &given.which, given.name.as_deref(), given.kind).await
}

/// Makes these the account's further locations, in this order; gives whether anything changed.
async fn set_further_locations(
    tx: &Tx,
    tenant: &Tenant,
    debt: DebtId,
    given: &[FurtherGiven],
) -> Result<bool> {
    let mut rows: Vec<FurtherLocation> = Vec::new();
    for (position, given) in (0..).zip(given) {
        let location_id =
            locations::match_or_create(tx, tenant, given.external_id.as_deref(), &given.name, given.kind)
                .await?;
        if !rows.iter().any(|row| row.location_id == location_id) {
            rows.push(FurtherLocation { tenant_id: tenant.id, debt_id: debt, position, location_id });
        }
    }
    let before = further_locations(tx, tenant, &Ids::of([debt])).await?;
    if before.iter().map(|row| row.location_id).eq(rows.iter().map(|row| row.location_id)) {
        return Ok(false);
    }
    tx.run("DELETE FROM debt_location WHERE tenant_id = $1 AND debt_id = $2", &[&tenant.id, &debt]).await?;
    tx.insert(&rows).await?;
    Ok(true)
}

/// Refuses an account whose customer or location was deleted while it was written. Asked after the write, whose
/// foreign keys wait for whoever is deleting.
async fn still_there(tx: &Tx, tenant: &Tenant, debt: &Debt) -> Result<()> {
    if !refs::is_live(tx, tenant.id, "customer", debt.customer_id.0).await? {
        return Err(Failure::unknown_reference("customer_id"));
    }
    match debt.location_id {
        Some(location) if !refs::is_live(tx, tenant.id, "location", location.0).await? => {
            Err(Failure::unknown_reference("location_id"))
        }
        _ => Ok(()),
    }
}

/// Refuses an external id that another account has, or that none may have.
async fn free_external_id(
    tx: &Tx,
    tenant: &Tenant,
    external_id: Option<&str>,
    own: Option<DebtId>,
) -> Result<()> {
    let Some(external_id) = external_id else { return Ok(()) };
    if let Some(fault) = refs::fault(external_id) {
        return Err(Failure::field("external_id", fault));
    }
    match refs::by_external_id(tx, tenant.id, "debt", external_id).await? {
        Some(holder) if Some(DebtId(holder)) != own => Err(Failure::field("external_id", refs::TAKEN)),
        _ => Ok(()),
    }
}
