//! Placing, changing and lifting holds.

use base::db::{Command, Tx};
use base::vault::{PersonKey, Sealed};
use base::{Change, Code, Day, Failure, Result, Ts};
use uuid::Uuid;

use super::{ChangeRow, Hold, HoldId, lets_write, rule};
use crate::debts::{DebtId, lock_families_of};
use crate::events;
use crate::messages::{self, Kind};
use crate::orgs::Tenant;
use crate::people::{self, CustomerId};

/// What a hold is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that is a customer's.
    Customer(CustomerId),
    /// An account, and those under it.
    Account(DebtId),
    /// A payment method of a customer's.
    Method(Uuid),
}

/// A new hold.
#[derive(Clone, Debug)]
pub struct New {
    /// What it is on.
    pub scope: Scope,
    /// Why: a reason of the rules.
    pub reason: String,
    /// In words.
    pub note: Option<String>,
    /// What proves it: a case number, a letter's date.
    pub evidence: Option<String>,
    /// Who is to look at it again.
    pub reviewer: Option<String>,
    /// When they are to.
    pub review_on: Option<Day>,
    /// From when; from now on where nothing is said.
    pub starts_at: Option<Ts>,
    /// Until when.
    pub ends_at: Option<Ts>,
}

/// Places a hold.
pub struct Place<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: HoldId,
    /// What it is.
    pub new: &'a New,
    /// Who places it.
    pub by: &'a str,
}

base::record! {
    struct Owner { customer_id: Option<CustomerId> }
}
base::record! {
    struct Theirs in "debt" { id: DebtId }
}

/// Locks the accounts that a hold is about, in the order in which everybody does; gives whose it is.
async fn lock(tx: &Tx, tenant: &Tenant, scope: Scope) -> Result<CustomerId> {
    let (customer, field) = match scope {
        Scope::Customer(customer) => (Some(customer), "customer_id"),
        Scope::Account(debt) => {
            let families = lock_families_of(tx, tenant, &[debt]).await?;
            let live =
                families.iter().flat_map(|f| f.members()).find(|d| d.id == debt && d.deleted_at.is_none());
            return live.map(|d| d.customer_id).ok_or_else(|| Failure::unknown_reference("debt_account_id"));
        }
        Scope::Method(method) => {
            let sql = "SELECT customer_id FROM payment_method WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
            let owner: Option<Owner> = tx.opt(sql, &[&tenant.id, &method]).await?;
            (owner.and_then(|owner| owner.customer_id), "payment_method_id")
        }
    };
    let customer = customer.ok_or_else(|| Failure::unknown_reference(field))?;
    let tail = "WHERE tenant_id = $1 AND customer_id = $2 AND deleted_at IS NULL ORDER BY id";
    let theirs: Vec<Theirs> = tx.select(tail, &[&tenant.id, &customer]).await?;
    let theirs: Vec<DebtId> = theirs.into_iter().map(|row| row.id).collect();
    lock_families_of(tx, tenant, &theirs).await?;
    Ok(customer)
}

fn sealed(tx: &Tx, key: &PersonKey, column: &str, id: HoldId, text: Option<&str>) -> Option<Sealed> {
    text.map(|text| key.seal(tx.seams(), "hold", column, id, text.as_bytes()))
}

fn ends_after(starts_at: Ts, ends_at: Option<Ts>) -> Result<()> {
    match ends_at {
        Some(end) if end <= starts_at => {
            Err(Failure::field("ends_at", "The ends at field must be a date after starts at."))
        }
        _ => Ok(()),
    }
}

impl Command for Place<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "holds.place"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (new, now) = (self.new, tx.now());
        let customer = lock(tx, self.tenant, new.scope).await?;
        let unknown = || Failure::unknown_reference("customer_id");
        let key = people::key(tx, self.tenant, customer).await?.ok_or_else(unknown)?;
        let starts_at = new.starts_at.unwrap_or(now);
        ends_after(starts_at, new.ends_at)?;
        let hold = Hold {
            tenant_id: self.tenant.id,
            id: self.id,
            customer_id: customer,
            debt_id: match new.scope {
                Scope::Account(debt) => Some(debt),
                _ => None,
            },
            payment_method_id: match new.scope {
                Scope::Method(method) => Some(method),
                _ => None,
            },
            reason: new.reason.clone(),
            note: sealed(tx, &key, "note", self.id, new.note.as_deref()),
            evidence: sealed(tx, &key, "evidence", self.id, new.evidence.as_deref()),
            source: "api".into(),
            placed_by: self.by.to_owned(),
            reviewer: new.reviewer.clone(),
            review_on: new.review_on,
            starts_at,
            ends_at: new.ends_at,
            lifted_at: None,
            lifted_by: None,
            lift_reason: None,
            created_at: now,
            updated_at: now,
        };
        tx.insert(std::slice::from_ref(&hold)).await?;
        call_off(tx, self.tenant, &hold).await?;
        note(tx, self.tenant, &hold, &key, ("placed", "block.create"), self.by).await
    }
}

/// Calls off what waits to be sent to a customer who may not be written to any more.
async fn call_off(tx: &Tx, tenant: &Tenant, hold: &Hold) -> Result<()> {
    let now = tx.now();
    if hold.payment_method_id.is_some() || !hold.is_in_force(now) {
        return Ok(());
    }
    let Some(rule) = rule(&hold.reason, tenant.today(now)) else { return Ok(()) };
    let account = hold.debt_id.map(|id| id.0);
    for by_name in [false, true] {
        let is_stopped = |kind: &Kind| kind.is_to_a_customer() && !lets_write(rule.contact, *kind, by_name);
        let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(is_stopped).collect();
        messages::call_off_kinds(tx, tenant, hold.customer_id, account, (&kinds, by_name)).await?;
    }
    Ok(())
}

/// Writes what happened to a hold: into its history and into the stream of events.
async fn note(
    tx: &Tx,
    tenant: &Tenant,
    hold: &Hold,
    key: &PersonKey,
    (what, event): (&str, &str),
    by: &str,
) -> Result<()> {
    let body = hold.view(Some(key), tenant, tx.now())?;
    let id: Uuid = tx.new_id();
    let sealed = key.seal(tx.seams(), "hold_change", "body", id, body.to_string().as_bytes());
    tx.insert(&[ChangeRow {
        tenant_id: tenant.id,
        id,
        hold_id: hold.id,
        customer_id: hold.customer_id,
        what: what.to_owned(),
        by_whom: by.to_owned(),
        body: sealed,
        created_at: tx.now(),
    }])
    .await?;
    let person = (hold.customer_id.0, key);
    tx.insert(&[events::personal_row(tx, tenant, event, "block", hold.id, person, &body)]).await
}

/// What a request changes of a hold. Its reason and what it is on never change: that is another hold.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// In words.
    pub note: Change<String>,
    /// What proves it.
    pub evidence: Change<String>,
    /// Who is to look at it again.
    pub reviewer: Change<String>,
    /// When they are to.
    pub review_on: Change<Day>,
    /// From when.
    pub starts_at: Option<Ts>,
    /// Until when.
    pub ends_at: Change<Ts>,
}

/// Changes a hold.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: HoldId,
    /// What changes.
    pub changes: &'a Changes,
    /// Who changes it.
    pub by: &'a str,
}

/// A hold and its person's key, with the accounts it is about and itself locked. 404 where there is none.
async fn locked(tx: &Tx, tenant: &Tenant, id: HoldId) -> Result<(Hold, PersonKey)> {
    let seen = super::find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    lock(tx, tenant, seen.debt_id.map_or(Scope::Customer(seen.customer_id), Scope::Account)).await?;
    let hold: Option<Hold> =
        tx.find("WHERE tenant_id = $1 AND id = $2 FOR UPDATE", &[&tenant.id, &id]).await?;
    let hold = hold.ok_or_else(Failure::not_found)?;
    let erased = || Failure::refused(Code::NotAllowedNow, "The customer was deleted.");
    let key = people::key(tx, tenant, hold.customer_id).await?.ok_or_else(erased)?;
    Ok((hold, key))
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "holds.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, key) = locked(tx, self.tenant, self.id).await?;
        if before.lifted_at.is_some() {
            return Err(Failure::refused(Code::NotAllowedNow, "The block was lifted; place another one."));
        }
        let sent = self.changes;
        let text = |column: &'static str, change: &Change<String>, now: &Option<Sealed>| match change {
            Change::Keep => now.clone(),
            Change::Clear => None,
            Change::Set(text) => sealed(tx, &key, column, self.id, Some(text)),
        };
        let after = Hold {
            note: text("note", &sent.note, &before.note),
            evidence: text("evidence", &sent.evidence, &before.evidence),
            reviewer: sent.reviewer.clone().over(before.reviewer.clone()),
            review_on: sent.review_on.clone().over(before.review_on),
            starts_at: sent.starts_at.unwrap_or(before.starts_at),
            ends_at: sent.ends_at.clone().over(before.ends_at),
            ..before.clone()
        };
        ends_after(after.starts_at, after.ends_at)?;
        let now = tx.now();
        if after.view(Some(&key), self.tenant, now)? == before.view(Some(&key), self.tenant, now)? {
            return Ok(());
        }
        let after = Hold { updated_at: now, ..after };
        tx.update(2, std::slice::from_ref(&after)).await?;
        call_off(tx, self.tenant, &after).await?;
        note(tx, self.tenant, &after, &key, ("changed", "block.update"), self.by).await
    }
}

/// Lifts a hold; one that was lifted stays as it is.
pub struct Lift<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: HoldId,
    /// Why.
    pub reason: Option<String>,
    /// Who lifts it.
    pub by: &'a str,
}

impl Command for Lift<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "holds.lift"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, key) = locked(tx, self.tenant, self.id).await?;
        if before.lifted_at.is_some() {
            return Ok(());
        }
        let now = tx.now();
        let after = Hold {
            lifted_at: Some(now),
            lifted_by: Some(self.by.to_owned()),
            lift_reason: sealed(tx, &key, "lift_reason", self.id, self.reason.as_deref()),
            updated_at: now,
            ..before
        };
        tx.update(2, std::slice::from_ref(&after)).await?;
        note(tx, self.tenant, &after, &key, ("lifted", "block.update"), self.by).await
    }
}
