//! Many accounts made and changed in one transaction, by the rules of [`create`](super::create) and
//! [`update`](super::update), with one statement a table however many they are.
//!
//! Everything is decided in memory over accounts that are locked, and written at the end. So one thing of many can be
//! taken back where it is refused ([`Many::undo`]) without touching the others.

use std::collections::{HashMap, HashSet};

use base::db::{Ids, Tx, Write};
use base::{Cents, Change, Failure, Ref, Result};

use super::family::lock_families_named;
use super::input::{Changes, FurtherGiven, New, PlanGiven};
use super::model::{Debt, DebtId, too_large};
use super::{after_paid_off, fresh, plans, revised, set_further_locations};
use crate::ledger::{self, EntryRow, placements};
use crate::locations::LocationId;
use crate::orgs::Tenant;
use crate::people::CustomerId;
use crate::{events, refs};

/// What references in a request were found to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Placing {
    /// Who owes it.
    pub customer: Option<CustomerId>,
    /// Where it belongs.
    pub location: Option<LocationId>,
}

/// What became of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is as it was.
    Unchanged,
    /// It changed.
    Updated,
    /// It is new.
    Created,
}

/// Accounts that one transaction makes and changes.
pub struct Many<'a> {
    tx: &'a Tx,
    tenant: &'a Tenant,
    /// As they will be.
    accounts: HashMap<DebtId, Debt>,
    /// As they are stored.
    before: HashMap<DebtId, Debt>,
    theirs: HashMap<String, DebtId>,
    /// Accounts with a plan that is enrolled.
    running: HashSet<DebtId>,
    /// Accounts that are new or changed, in the order in which they first were.
    touched: Vec<DebtId>,
    entries: Vec<EntryRow>,
    further: Vec<(DebtId, Vec<FurtherGiven>)>,
    plans: Vec<(DebtId, Option<PlanGiven>)>,
    undo: Vec<Undo>,
}

enum Undo {
    Account(DebtId, Option<Box<Debt>>),
    Theirs(String, Option<DebtId>),
}

/// A point to which everything can be taken back.
#[derive(Clone, Copy)]
pub struct Mark([usize; 5]);

impl<'a> Many<'a> {
    /// Locks the families of all accounts that are named: to be changed, or as parents.
    pub async fn hold(tx: &'a Tx, tenant: &'a Tenant, named: &[&Ref], parents: &[&Ref]) -> Result<Many<'a>> {
        let all: Vec<&Ref> = named.iter().chain(parents).copied().collect();
        let (families, _) = lock_families_named(tx, tenant, &all).await?;
        let mut many = Many {
            tx,
            tenant,
            accounts: HashMap::new(),
            before: HashMap::new(),
            theirs: HashMap::new(),
            running: HashSet::new(),
            touched: Vec::new(),
            entries: Vec::new(),
            further: Vec::new(),
            plans: Vec::new(),
            undo: Vec::new(),
        };
        for family in families {
            for account in std::iter::once(family.root).chain(family.children) {
                many.theirs.extend(account.external_id.clone().map(|theirs| (theirs, account.id)));
                many.before.insert(account.id, account.clone());
                many.accounts.insert(account.id, account);
            }
        }
        let held = Ids::of(many.accounts.keys().copied());
        many.running = plans::enrolled_of(tx, tenant, &held).await?.into_iter().collect();
        Ok(many)
    }

    /// The account that a reference names by now, ours first, then theirs.
    pub fn find(&self, which: &Ref) -> Option<&Debt> {
        let ours = which.ours().map(DebtId).and_then(|id| self.accounts.get(&id));
        ours.or_else(|| self.accounts.get(self.theirs.get(which.theirs())?))
    }

    /// The account as it is by now.
    pub fn get(&self, id: DebtId) -> Option<&Debt> {
        self.accounts.get(&id)
    }

    /// Whether accounts are under it by now.
    pub fn is_parent(&self, id: DebtId) -> bool {
        self.accounts.get(&id).is_some_and(Debt::is_parent)
    }

    /// What there is by now.
    pub fn mark(&self) -> Mark {
        Mark([self.undo.len(), self.touched.len(), self.entries.len(), self.further.len(), self.plans.len()])
    }

    /// Nothing before this point will be taken back any more.
    pub fn keep(&mut self) {
        self.undo.clear();
    }

    /// Takes back everything since `mark`.
    pub fn undo(&mut self, Mark([undo, touched, entries, further, plans]): Mark) {
        for undo in self.undo.drain(undo..).rev() {
            match undo {
                Undo::Account(id, Some(before)) => drop(self.accounts.insert(id, *before)),
                Undo::Account(id, None) => drop(self.accounts.remove(&id)),
                Undo::Theirs(theirs, Some(id)) => drop(self.theirs.insert(theirs, id)),
                Undo::Theirs(theirs, None) => drop(self.theirs.remove(&theirs)),
            }
        }
        self.touched.truncate(touched);
        self.entries.truncate(entries);
        self.further.truncate(further);
        self.plans.truncate(plans);
    }

    /// Places a new account; see [`create`](super::create).
    pub fn create(&mut self, id: DebtId, new: &New, placing: Placing) -> Result<Outcome> {
        let parent = match &new.parent {
            Some(which) => Some(self.find(which).ok_or_else(unknown_parent)?.clone()),
            None => None,
        };
        let customer = placing.customer.or(parent.as_ref().map(|p| p.customer_id));
        let customer =
            customer.ok_or_else(|| Failure::field("customer_id", "The customer id field is required."))?;
        let location = placing.location.or(parent.as_ref().and_then(|p| p.location_id));
        self.free(new.external_id.as_deref(), None)?;
        let parent = parent.map(|p| p.id);
        let debt = fresh(self.tx, self.tenant, id, new, customer, location, parent);
        self.enter("placed", placements::placed(id.0, debt.current_balance).as_slice());
        self.put(debt);
        if !new.locations.is_empty() {
            self.further.push((id, new.locations.clone()));
        }
        if let Some(plan) = &new.plan {
            self.plans.push((id, Some(plan.clone())));
        }
        if let Some(parent) = parent {
            self.adopt(parent, id)?;
        }
        Ok(Outcome::Created)
    }

    /// Changes an account; see [`update`](super::update). Balances sent for an account that has others under it are
    /// ignored.
    pub fn update(&mut self, id: DebtId, sent: &Changes, placing: Placing) -> Result<Outcome> {
        let before = self.accounts.get(&id).ok_or_else(Failure::not_found)?.clone();
        let is_parent = self.is_parent(id);
        let parent = self.parent_of(id, &sent.parent)?;
        let moves = parent != before.parent_id;
        let mut after = before.clone();
        if let Some(customer) = placing.customer {
            after.customer_id = customer;
            if customer != before.customer_id && (is_parent || parent.is_some()) {
                return Err(Failure::field(
                    "customer_id",
                    "The customer id field cannot change while the account is nested.",
                ));
            }
            if customer != before.customer_id && self.running.contains(&id) {
                return Err(Failure::field(
                    "customer_id",
                    "The customer id field cannot change while a payment plan on the account is running.",
                ));
            }
        }
        match (&sent.location, placing.location) {
            (_, Some(location)) => after.location_id = Some(location),
            (Change::Clear, None) => after.location_id = None,
            (Change::Keep | Change::Set(_), None) => {}
        }
        if sent.external_id != Change::Keep {
            after.external_id = sent.external_id.clone().over(before.external_id.clone());
            self.free(after.external_id.as_deref(), Some(id))?;
        }
        after.parent_id = parent;
        let after = revised(&before, after, sent)?;
        let mut outcome = Outcome::Unchanged;
        if before != after {
            outcome = Outcome::Updated;
            if !is_parent {
                let moved = placements::adjusted(id.0, before.current_balance, after.current_balance);
                self.enter("adjusted", moved.as_slice());
            }
            self.put(Debt { updated_at: self.tx.now(), ..after });
        }
        if let Some(further) = &sent.locations {
            self.further.push((id, further.clone()));
        }
        if sent.plan != Change::Keep {
            self.plans.push((id, sent.plan.clone().set()));
        }
        let after = self.accounts[&id].clone();
        if moves {
            if let Some(left) = before.parent_id {
                self.sum_up(left, Some(&before), None)?;
            }
            if let Some(joined) = parent {
                self.adopt(joined, id)?;
            }
        } else if let Some(parent) = parent {
            self.sum_up(parent, Some(&before), Some(&after))?;
        }
        Ok(outcome)
    }

    /// The account under which an account will stand once this was sent. Refused where it may not: also before anything
    /// else of what was sent is looked at.
    pub fn parent_of(&self, id: DebtId, sent: &Change<Ref>) -> Result<Option<DebtId>> {
        let before = self.accounts.get(&id).ok_or_else(Failure::not_found)?.parent_id;
        let parent = match sent {
            Change::Keep => before,
            Change::Clear => None,
            Change::Set(which) => Some(self.find(which).ok_or_else(unknown_parent)?.id),
        };
        let Some(new) = parent.filter(|_| parent != before) else { return Ok(parent) };
        if self.accounts.get(&new).is_none_or(|root| root.parent_id.is_some()) {
            return Err(unknown_parent());
        }
        if self.is_parent(id) {
            return Err(Failure::field(
                "parent_external_id",
                "The parent external id field is prohibited: this account has accounts under it.",
            ));
        }
        if new == id { Err(unknown_parent()) } else { Ok(parent) }
    }

    /// Takes a child in. The first one replaces the parent's own balances.
    fn adopt(&mut self, parent: DebtId, child: DebtId) -> Result<()> {
        let root = self.accounts.get(&parent).ok_or_else(unknown_parent)?;
        let invalid = |why: &str| Err(Failure::field("parent_external_id", why));
        if parent == child || root.parent_id.is_some() || root.deleted_at.is_some() {
            return Err(unknown_parent());
        }
        if self.accounts.get(&child).is_none_or(|c| c.customer_id != root.customer_id) {
            return Err(Failure::field(
                "customer_id",
                "The customer id field must match the parent account's customer.",
            ));
        }
        if !self.is_parent(parent) {
            if root.reserved.is_positive() {
                return invalid(
                    "The selected parent external id is invalid: a charge on that account is under way.",
                );
            }
            if self.running.contains(&parent) {
                return invalid(
                    "The selected parent external id is invalid: a payment plan on that account is running.",
                );
            }
            let own = placements::adjusted(parent.0, root.current_balance, Cents::ZERO);
            let root = Debt { balance: Cents::ZERO, current_balance: Cents::ZERO, ..root.clone() };
            self.put(root);
            self.enter("replaced_by_children", own.as_slice());
        } else if self.running.contains(&child) && self.running.contains(&parent) {
            return invalid(
                "The selected parent external id is invalid: payment plans on both accounts are running.",
            );
        }
        let child = self.accounts[&child].clone();
        self.sum_up(parent, None, Some(&child))
    }

    /// Brings a parent to the sums of its children, of which one came, went or changed.
    fn sum_up(&mut self, parent: DebtId, before: Option<&Debt>, after: Option<&Debt>) -> Result<()> {
        let root = self.accounts.get(&parent).ok_or_else(|| missing("its parent"))?;
        let sum = |of: fn(&Debt) -> Cents| {
            let without = before.map_or(Some(of(root)), |before| of(root).minus(of(before)));
            let sum = without.and_then(|sum| after.map_or(Some(sum), |after| sum.plus(of(after))));
            sum.ok_or_else(too_large)
        };
        let (balance, current_balance, reserved) =
            (sum(|d| d.balance)?, sum(|d| d.current_balance)?, sum(|d| d.reserved)?);
        let summed = Debt {
            balance,
            current_balance,
            reserved,
            children: root.children - i64::from(before.is_some()) + i64::from(after.is_some()),
            status: root.status.at_balance(current_balance),
            ..root.clone()
        };
        if summed != *root {
            self.put(Debt { updated_at: self.tx.now(), ..summed });
        }
        Ok(())
    }

    /// Notes an account as it is from now on.
    fn put(&mut self, debt: Debt) {
        let id = debt.id;
        if let Some(theirs) = debt.external_id.clone() {
            let known = self.theirs.insert(theirs.clone(), id);
            self.undo.push(Undo::Theirs(theirs, known));
        }
        let before = self.accounts.insert(id, debt);
        let gone = before.as_ref().and_then(|b| b.external_id.clone());
        if let Some(gone) = gone.filter(|gone| self.accounts[&id].external_id.as_ref() != Some(gone))
            && let Some(held) = self.theirs.remove(&gone)
        {
            self.undo.push(Undo::Theirs(gone, Some(held)));
        }
        self.undo.push(Undo::Account(id, before.map(Box::new)));
        self.touched.push(id);
    }

    fn enter(&mut self, what: &str, postings: &[ledger::posting::Posting]) {
        self.entries.extend(ledger::rows(self.tx, self.tenant, what, None, postings));
    }

    /// Refuses an external id that another account has, or that none may have.
    fn free(&self, external_id: Option<&str>, own: Option<DebtId>) -> Result<()> {
        let Some(external_id) = external_id else { return Ok(()) };
        if let Some(fault) = refs::fault(external_id) {
            return Err(Failure::field("external_id", fault));
        }
        match self.theirs.get(external_id) {
            Some(holder) if Some(*holder) != own => Err(Failure::field("external_id", refs::TAKEN)),
            _ => Ok(()),
        }
    }

    /// Writes all of it, with its entries and events.
    pub async fn save(mut self) -> Result<()> {
        let (tx, tenant) = (self.tx, self.tenant);
        let mut touched = std::mem::take(&mut self.touched);
        let mut seen = HashSet::with_capacity(touched.len());
        touched.retain(|id| seen.insert(*id));
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for id in touched {
            let after = self.accounts.remove(&id).ok_or_else(|| missing("it"))?;
            match self.before.get(&id) {
                None => new.push(after),
                Some(before) if *before != after => changed.push(after),
                Some(_) => {}
            }
        }
        new.sort_by_key(|d| d.parent_id.is_some()); // a parent before its children
        let refers: Vec<&Debt> = {
            let moved = |d: &&Debt| {
                self.before
                    .get(&d.id)
                    .is_none_or(|b| (b.customer_id, b.location_id) != (d.customer_id, d.location_id))
            };
            new.iter().chain(&changed).filter(moved).collect()
        };
        let guards = [
            Write::all_live("customer", tenant.id, Ids::of(refers.iter().map(|d| d.customer_id))),
            Write::all_live("location", tenant.id, Ids::of(refers.iter().filter_map(|d| d.location_id))),
        ];
        let [customers, locations] = guards;
        let rows = [
            Write::insert(&new),
            Write::update(2, &changed),
            customers,
            locations,
            Write::insert(&self.entries),
        ];
        let mut told: HashSet<DebtId> = new.iter().chain(&changed).map(|d| d.id).collect();
        let tell =
            |name: &str, d: &Debt| events::row(tx, tenant, name, "debt_account", d.id, &d.event_body());
        let mut events: Vec<_> = new.iter().map(|d| tell("debt-account.create", d)).collect();
        events.extend(changed.iter().map(|d| tell("debt-account.update", d)));
        let before: Vec<Debt> = changed.iter().filter_map(|d| self.before.get(&d.id).cloned()).collect();
        if self.further.is_empty() && self.plans.is_empty() {
            let [a, b, c, d, e] = rows;
            tx.batch(&[a, b, c, d, e, Write::insert(&events)]).await?;
            return after_paid_off(tx, tenant, &before, &changed, tx.now()).await;
        }
        tx.batch(&rows).await?;
        after_paid_off(tx, tenant, &before, &changed, tx.now()).await?;
        let mut others = Vec::new();
        for (id, further) in &self.further {
            if set_further_locations(tx, tenant, *id, further).await? {
                others.push(*id);
            }
        }
        for (id, plan) in &self.plans {
            if plans::replace_pending(tx, tenant, *id, plan.as_ref()).await? {
                others.push(*id);
            }
        }
        for id in others.into_iter().filter(|id| told.insert(*id)) {
            let unchanged = self.accounts.get(&id).or_else(|| self.before.get(&id));
            events.push(tell("debt-account.update", unchanged.ok_or_else(|| missing("it"))?));
        }
        tx.insert(&events).await
    }
}

fn unknown_parent() -> Failure {
    Failure::unknown_reference("parent_external_id")
}

fn missing(what: &'static str) -> Failure {
    Failure::broken("writing accounts", format!("{what} is not held"))
}
