//! Many customers made and changed in one transaction, by the rules of [`create`](super::create) and
//! [`update`](super::update), with one statement a table however many they are.
//!
//! As with accounts (`debts::Many`) everything is decided in memory and written at the end, so that one of many can
//! be taken back without touching the others.

use std::collections::{HashMap, HashSet};

use base::db::Tx;
use base::vault::{PersonKey, Sealed};
use base::{Change, Failure, Ref, Result};

use super::model::{Customer, CustomerId, Fields};
use super::store::{self, Loaded};
use super::view;
use super::write::{Faults, decided, named_anew, renamed};
use crate::orgs::Tenant;
use crate::{events, refs};

/// Customers that one transaction makes and changes.
pub struct Many<'a> {
    tx: &'a Tx,
    tenant: &'a Tenant,
    /// As they will be, with the keys of those that are stored.
    customers: HashMap<CustomerId, (Customer, Option<(PersonKey, Sealed)>)>,
    /// As they are stored.
    before: HashMap<CustomerId, Customer>,
    theirs: HashMap<String, CustomerId>,
    touched: Vec<CustomerId>,
    undo: Vec<Undo>,
}

enum Undo {
    Customer(CustomerId, Option<Box<Customer>>),
    Theirs(String, Option<CustomerId>),
}

impl<'a> Many<'a> {
    /// Locks the customers that are named, to be changed.
    pub async fn hold(tx: &'a Tx, tenant: &'a Tenant, named: &[&Ref]) -> Result<Many<'a>> {
        let mut many = Many {
            tx,
            tenant,
            customers: HashMap::new(),
            before: HashMap::new(),
            theirs: HashMap::new(),
            touched: Vec::new(),
            undo: Vec::new(),
        };
        for Loaded { customer, key, wrapped } in store::held(tx, tenant, named).await? {
            many.theirs.extend(customer.external_id.clone().map(|theirs| (theirs, customer.id)));
            many.before.insert(customer.id, customer.clone());
            many.customers.insert(customer.id, (customer, Some((key, wrapped))));
        }
        Ok(many)
    }

    /// The customer that a reference names by now, ours first, then theirs; of those that are held.
    pub fn find(&self, which: &Ref) -> Option<&Customer> {
        let ours = which.ours().map(CustomerId).and_then(|id| self.customers.get(&id));
        let found = ours.or_else(|| self.customers.get(self.theirs.get(which.theirs())?));
        found.map(|(customer, _)| customer)
    }

    /// What there is by now: for [`undo`](Many::undo).
    pub fn mark(&self) -> (usize, usize) {
        (self.undo.len(), self.touched.len())
    }

    /// Nothing before this point will be taken back any more.
    pub fn keep(&mut self) {
        self.undo.clear();
    }

    /// Takes back everything since `mark`.
    pub fn undo(&mut self, (undo, touched): (usize, usize)) {
        for undo in self.undo.drain(undo..).rev() {
            match undo {
                Undo::Customer(id, Some(before)) => {
                    if let Some((now, _)) = self.customers.get_mut(&id) {
                        *now = *before;
                    }
                }
                Undo::Customer(id, None) => drop(self.customers.remove(&id)),
                Undo::Theirs(theirs, Some(id)) => drop(self.theirs.insert(theirs, id)),
                Undo::Theirs(theirs, None) => drop(self.theirs.remove(&theirs)),
            }
        }
        self.touched.truncate(touched);
    }

    /// Makes a customer; see [`create`](super::create).
    pub fn create(&mut self, id: CustomerId, fields: &Fields) -> Result<()> {
        let mut faults = Faults::new();
        let nobody = named_anew(self.tx, id, fields, &mut faults);
        let customer = decided(self.tx, self.tenant, nobody, fields, self.taken(id, fields), &mut faults);
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        self.put(customer);
        Ok(())
    }

    /// Changes a customer that is held; see [`update`](super::update). Gives whether anything changed.
    pub fn update(&mut self, id: CustomerId, fields: &Fields) -> Result<bool> {
        let (now, _) = self.customers.get(&id).ok_or_else(Failure::not_found)?;
        let now = now.clone();
        let mut faults = Faults::new();
        let named = renamed(now.clone(), fields, &mut faults);
        let after = decided(self.tx, self.tenant, named, fields, self.taken(id, fields), &mut faults);
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        let changed = after != now;
        if changed {
            self.put(Customer { updated_at: self.tx.now(), ..after });
        }
        Ok(changed)
    }

    fn taken(&self, id: CustomerId, fields: &Fields) -> Option<String> {
        let Change::Set(external_id) = &fields.external_id else { return None };
        let holder = self.theirs.get(external_id.trim())?;
        (*holder != id).then(|| refs::TAKEN.to_owned())
    }

    fn put(&mut self, customer: Customer) {
        let id = customer.id;
        if let Some(theirs) = customer.external_id.clone() {
            let known = self.theirs.insert(theirs.clone(), id);
            self.undo.push(Undo::Theirs(theirs, known));
        }
        let kept = customer.external_id.clone();
        let before = match self.customers.get_mut(&id) {
            Some((now, _)) => Some(std::mem::replace(now, customer)),
            None => {
                self.customers.insert(id, (customer, None));
                None
            }
        };
        let gone =
            before.as_ref().and_then(|b| b.external_id.clone()).filter(|gone| kept.as_ref() != Some(gone));
        if let Some(gone) = gone
            && let Some(held) = self.theirs.remove(&gone)
        {
            self.undo.push(Undo::Theirs(gone, Some(held)));
        }
        self.undo.push(Undo::Customer(id, before.map(Box::new)));
        self.touched.push(id);
    }

    /// Writes all of it, with its events.
    pub async fn save(mut self) -> Result<()> {
        let (tx, tenant) = (self.tx, self.tenant);
        let mut seen = HashSet::with_capacity(self.touched.len());
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for id in std::mem::take(&mut self.touched).into_iter().filter(|id| seen.insert(*id)) {
            let Some((customer, keys)) = self.customers.remove(&id) else { continue };
            let (key, wrapped) = keys.unwrap_or_else(|| tenant.key.new_person_key(tx.seams(), id.0, None));
            let loaded = Loaded { customer, key, wrapped };
            match self.before.remove(&id) {
                None => new.push(loaded),
                Some(before) if before != loaded.customer => changed.push((before, loaded)),
                Some(_) => {}
            }
        }
        if new.is_empty() && changed.is_empty() {
            return Ok(());
        }
        store::save_all(tx, tenant, &new, &changed).await?;
        let tell = |name: &str, loaded: &Loaded| {
            let (c, person) = (&loaded.customer, (loaded.customer.id.0, &loaded.key));
            events::personal_row(tx, tenant, name, "customer", c.id, person, &view::customer(c))
        };
        let mut events: Vec<_> = new.iter().map(|loaded| tell("customer.create", loaded)).collect();
        events.extend(changed.iter().map(|(_, loaded)| tell("customer.update", loaded)));
        tx.insert(&events).await
    }
}
