//! The invariants, each by itself: what is compared, and what is wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::books::{Books, Charge, Refund};
use super::oracle::{Charged, Oracle};
use crate::history::{Account, Asked, Heard, Line, What};

/// How many examples of one fault are kept; all are counted.
const EXAMPLES: usize = 8;

/// What one invariant's check found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) compared: u64,
    pub(crate) wrong: u64,
    pub(crate) examples: Vec<String>,
}

impl Finding {
    fn expect(&mut self, right: bool, says: impl FnOnce() -> String) {
        self.compared += 1;
        if !right {
            self.wrong += 1;
            if self.examples.len() < EXAMPLES {
                self.examples.push(says());
            }
        }
    }
}

/// A request with everything that was heard of it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) asked: Asked,
    pub(crate) heard: Vec<Heard>,
}

/// Everything that is held against each other.
pub(crate) struct Case {
    pub(crate) accounts: HashMap<Uuid, Account>,
    pub(crate) requests: Vec<Request>,
    pub(crate) books: Books,
    pub(crate) oracle: Oracle,
    /// The instant of the check, for what comes back on a later day.
    pub(crate) now: i64,
    charges: HashMap<Uuid, usize>,
    refunds: HashMap<Uuid, usize>,
    keys: HashMap<(Uuid, String), (String, Uuid)>,
    /// The tenant of an organization, by its place among the tokens.
    tenants: HashMap<usize, Uuid>,
    /// Cents that came in by a charge, by its entries.
    paid: HashMap<Uuid, i64>,
}

impl Case {
    pub(crate) fn new(lines: &[Line], books: Books, oracle: Oracle, now: i64) -> Case {
        let (accounts, requests) = gathered(lines);
        let charges = books.charges.iter().enumerate().map(|(i, c)| (c.id, i)).collect();
        let refunds = books.refunds.iter().enumerate().map(|(i, r)| (r.id, i)).collect();
        let keys = books
            .keys
            .iter()
            .map(|k| ((k.tenant_id, k.key.clone()), (k.kind.clone(), k.object_id)))
            .collect();
        let of_debt: HashMap<Uuid, Uuid> = books.debts.iter().map(|d| (d.id, d.tenant_id)).collect();
        let tenants = accounts.values().filter_map(|a| Some((a.org, *of_debt.get(&id(&a.id)?)?))).collect();
        let of_txn: HashMap<Uuid, Uuid> = books.txns.iter().map(|t| (t.id, t.charge_id)).collect();
        let mut paid: HashMap<Uuid, i64> = HashMap::new();
        for entry in books.entries.iter().filter(|e| e.what == "paid" && e.debit.ends_with("_clearing")) {
            if let Some(charge) = entry.txn_id.and_then(|txn| of_txn.get(&txn)) {
                *paid.entry(*charge).or_default() += entry.amount;
            }
        }
        Case { accounts, requests, books, oracle, now, charges, refunds, keys, tenants, paid }
    }

    fn charge(&self, id: Uuid) -> Option<&Charge> {
        self.charges.get(&id).map(|&i| &self.books.charges[i])
    }

    /// The row that a request's key left: what kind of thing it made, and which.
    fn effect(&self, request: &Request) -> Option<&(String, Uuid)> {
        let tenant = self.tenants.get(&request.asked.org)?;
        self.keys.get(&(*tenant, request.asked.key.clone()))
    }

    /// The charges that a request asked for and their amounts, which are nobody else's.
    fn intents(&self) -> HashMap<i64, &Request> {
        let intent = |r| match &Request::asked(r).what {
            What::Charge { amount, .. } => Some((*amount, r)),
            What::Refund { .. } => None,
        };
        self.requests.iter().filter_map(intent).collect()
    }
}

impl Request {
    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn acknowledged(&self) -> Option<&Heard> {
        self.heard.iter().find(|h| h.is_acknowledged())
    }

    fn succeeded(&self) -> bool {
        self.heard.iter().any(|h| h.is_acknowledged() && h.state.as_deref() == Some("succeeded"))
    }

    fn declined(&self) -> bool {
        let codes = [Some("charge_declined"), Some("refund_declined")];
        self.heard.iter().any(|h| h.status == 400 && codes.contains(&h.code.as_deref()))
    }
}

/// The accounts, and the requests with what was heard of them. Several histories may follow one another.
fn gathered(lines: &[Line]) -> (HashMap<Uuid, Account>, Vec<Request>) {
    let (mut accounts, mut requests) = (HashMap::new(), Vec::<Request>::new());
    let (mut by_key, mut by_number) = (HashMap::new(), HashMap::new());
    for line in lines {
        match line {
            Line::Account(account) => {
                accounts.extend(id(&account.id).map(|id| (id, account.clone())));
            }
            Line::Asked(asked) => {
                let at = *by_key.entry((asked.org, asked.key.clone())).or_insert_with(|| {
                    requests.push(Request { asked: asked.clone(), heard: Vec::new() });
                    requests.len() - 1
                });
                by_number.insert(asked.n, at);
            }
            Line::Heard(heard) => {
                if let Some(at) = by_number.get(&heard.n) {
                    requests[*at].heard.push(heard.clone());
                }
            }
        }
    }
    (accounts, requests)
}

fn id(text: &str) -> Option<Uuid> {
    text.parse().ok()
}

fn heard_id(heard: &Heard) -> Option<Uuid> {
    id(heard.charge.as_deref()?)
}

type Check = fn(&Case, &mut Finding);

/// Every invariant, in the order of the catalogue.
const ALL: &[(&str, Check)] = &[
    ("I1  an acknowledged payment is in the ledger once", in_the_ledger_once),
    ("I1  an acknowledged refund is in the books", refund_in_the_books),
    ("I2  at most one charge for a key at the processor", one_charge_a_key),
    ("I2  at most one charge for an intent, by its amount", one_charge_an_intent),
    ("I2  nothing charged under a key we do not know", no_orphans),
    ("I3  books and processor agree", agree),
    ("I3  every intent is final", all_final),
    ("I4  balances = placed, less what the processor took", balances),
    ("I5  never more taken than was owed", within_what_was_owed),
    ("I6  a definite no is never followed by success", no_stays_no),
    ("I7  states change along the machine's edges", along_the_edges),
    ("I8  one event for each change, places without gaps", events),
    ("I9  one key, one resource", one_resource),
    ("I10 nothing crosses tenants", nothing_crosses),
    ("F13 a refusal for now is a 503 that says when", says_when),
    ("F13 every client was answered in the end", all_answered),
];

/// Checks all of them.
pub(crate) fn all(case: &Case) -> Vec<Finding> {
    let run = |&(name, check): &(&'static str, Check)| {
        let mut finding = Finding { name, compared: 0, wrong: 0, examples: Vec::new() };
        check(case, &mut finding);
        finding
    };
    ALL.iter().map(run).collect()
}

fn in_the_ledger_once(case: &Case, found: &mut Finding) {
    let mut payments: HashMap<Uuid, u64> = HashMap::new();
    for txn in case.books.txns.iter().filter(|t| t.kind == "payment") {
        *payments.entry(txn.charge_id).or_default() += 1;
    }
    for request in &case.requests {
        let What::Charge { account, amount, .. } = &request.asked.what else { continue };
        let Some(heard) = request.acknowledged() else { continue };
        let key = &request.asked.key;
        let Some(charge) = heard_id(heard).and_then(|id| case.charge(id)) else {
            found.expect(false, || {
                format!("{key} was acknowledged as {:?}, which is in no book", heard.charge)
            });
            continue;
        };
        let is_it = charge.amount == *amount && charge.debt_id == id(account);
        found
            .expect(is_it, || format!("{key} asked for {amount} on {account}, and {} is another", charge.id));
        let paid = case.paid.get(&charge.id).copied().unwrap_or(0);
        let (is_paid, is_unpaid) = (paid == *amount, paid == 0);
        let right = match charge.state.as_str() {
            "succeeded" | "refunded" => is_paid,
            "returned" => is_paid || is_unpaid && !request.succeeded(),
            _ => is_unpaid && !request.succeeded(),
        };
        found.expect(right, || {
            format!("{} is {}, and {paid} of {amount} is in the ledger", charge.id, charge.state)
        });
        let times = payments.get(&charge.id).copied().unwrap_or(0);
        let open = matches!(charge.state.as_str(), "submitting" | "unknown" | "scheduled" | "canceled");
        found.expect(times == 1 || open && times == 0, || format!("{} has {times} payments", charge.id));
    }
}

fn refund_in_the_books(case: &Case, found: &mut Finding) {
    for request in &case.requests {
        let What::Refund { charge, amount } = &request.asked.what else { continue };
        if request.acknowledged().is_none() {
            continue;
        }
        let effect = case.effect(request).filter(|(kind, _)| kind == "charge.refund");
        let refund: Option<&Refund> =
            effect.and_then(|(_, id)| case.refunds.get(id)).map(|&i| &case.books.refunds[i]);
        let right =
            refund.is_some_and(|r| Some(r.charge_id) == id(charge) && amount.is_none_or(|a| a == r.amount));
        found.expect(right, || format!("{} gave back {amount:?} of {charge}: {refund:?}", request.asked.key));
    }
}

fn one_charge_a_key(case: &Case, found: &mut Finding) {
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    for key in case.oracle.charges.iter().filter(|c| !c.declined).map(|c| c.key.as_str()) {
        *times.entry(key).or_default() += 1;
    }
    for key in case.oracle.refunds.iter().filter(|r| !r.declined).map(|r| r.key.as_str()) {
        *times.entry(key).or_default() += 1;
    }
    for (key, times) in times {
        found.expect(times == 1, || format!("money moved {times} times under {key}"));
    }
}

fn one_charge_an_intent(case: &Case, found: &mut Finding) {
    if case.requests.is_empty() {
        return;
    }
    let intents = case.intents();
    let mut seen: HashMap<i64, &str> = HashMap::new();
    for charge in case.oracle.charges.iter().filter(|c| !c.declined) {
        let before = seen.insert(charge.amount, &charge.key);
        found.expect(before.is_none(), || {
            format!("{} was charged under {} and again under {before:?}", charge.amount, charge.key)
        });
        found.expect(intents.contains_key(&charge.amount), || {
            format!("nobody asked for {}, charged under {}", charge.amount, charge.key)
        });
    }
}

fn no_orphans(case: &Case, found: &mut Finding) {
    let charges: HashMap<&str, &Charge> = case.books.charges.iter().map(|c| (c.pkey.as_str(), c)).collect();
    let refunds: HashMap<&str, &Refund> = case.books.refunds.iter().map(|r| (r.pkey.as_str(), r)).collect();
    for charge in case.oracle.charges.iter().filter(|c| !c.declined) {
        let ours = charges.get(charge.key.as_str());
        found.expect(ours.is_some_and(|c| c.amount == charge.amount), || {
            format!("{} was charged under {}, and ours is {ours:?}", charge.amount, charge.key)
        });
    }
    for refund in case.oracle.refunds.iter().filter(|r| !r.declined) {
        let ours = refunds.get(refund.key.as_str());
        let charge = ours.and_then(|r| case.charge(r.charge_id));
        let right = ours.is_some_and(|r| r.amount == refund.amount)
            && charge.is_some_and(|c| c.pkey == refund.charge_key);
        found.expect(right, || {
            format!("{} was given back under {}, and ours is {ours:?}", refund.amount, refund.key)
        });
    }
}

fn agree(case: &Case, found: &mut Finding) {
    let charged: HashMap<&str, &Charged> =
        case.oracle.charges.iter().filter(|c| !c.declined).map(|c| (c.key.as_str(), c)).collect();
    let given: HashSet<&str> =
        case.oracle.refunds.iter().filter(|r| !r.declined).map(|r| r.key.as_str()).collect();
    for charge in &case.books.charges {
        let theirs = charged.get(charge.pkey.as_str());
        let right = match charge.state.as_str() {
            "succeeded" | "refunded" | "pending" => theirs.is_some_and(|t| t.amount == charge.amount),
            "returned" => theirs.is_some_and(|t| !t.moved(case.now)),
            "submitting" | "unknown" => true,
            _ => theirs.is_none(),
        };
        found.expect(right, || format!("{} is {} here, and there {theirs:?}", charge.id, charge.state));
    }
    for refund in &case.books.refunds {
        let theirs = given.contains(refund.pkey.as_str());
        let right = match refund.state.as_str() {
            "succeeded" => theirs,
            "declined" => !theirs,
            _ => true,
        };
        found
            .expect(right, || format!("refund {} is {} here, made there: {theirs}", refund.id, refund.state));
    }
}

fn all_final(case: &Case, found: &mut Finding) {
    let open = |state: &str| matches!(state, "submitting" | "unknown" | "pending");
    for charge in &case.books.charges {
        let right = !open(&charge.state) && !charge.review;
        found.expect(right, || format!("{} is {}, review: {}", charge.id, charge.state, charge.review));
    }
    for refund in &case.books.refunds {
        let right = !open(&refund.state) && !refund.review;
        found
            .expect(right, || format!("refund {} is {}, review: {}", refund.id, refund.state, refund.review));
    }
}

fn balances(case: &Case, found: &mut Finding) {
    let debt_of: HashMap<&str, Uuid> =
        case.books.charges.iter().filter_map(|c| Some((c.pkey.as_str(), c.debt_id?))).collect();
    let unlinked: HashSet<&str> =
        case.books.charges.iter().filter(|c| !c.linked).map(|c| c.pkey.as_str()).collect();
    let mut taken: HashMap<Uuid, i64> = HashMap::new();
    let mut took = |key: &str, amount: i64| {
        if let Some(debt) = debt_of.get(key).filter(|_| !unlinked.contains(key)) {
            *taken.entry(*debt).or_default() += amount;
        }
    };
    for charge in case.oracle.charges.iter().filter(|c| c.moved(case.now)) {
        took(&charge.key, charge.amount);
    }
    for refund in case.oracle.refunds.iter().filter(|r| !r.declined) {
        took(&refund.charge_key, -refund.amount);
    }
    for debt in case.books.debts.iter().filter(|d| d.parent_id.is_none() && d.children == 0) {
        found.expect(debt.reserved >= 0 && debt.reserved <= debt.current_balance, || {
            format!("{} has {} reserved of {}", debt.id, debt.reserved, debt.current_balance)
        });
        let Some(account) = case.accounts.get(&debt.id) else { continue };
        let right = account.placed - taken.get(&debt.id).copied().unwrap_or(0);
        found.expect(debt.current_balance == right && debt.reserved == 0, || {
            format!(
                "{} owes {} ({} reserved), and should owe {right}",
                debt.id, debt.current_balance, debt.reserved
            )
        });
    }
}

/// By what clients asked for, and not by our books: a charge is known by its amount.
fn within_what_was_owed(case: &Case, found: &mut Finding) {
    let intents = case.intents();
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    let mut account_of: HashMap<&str, &str> = HashMap::new();
    for charge in case.oracle.charges.iter().filter(|c| c.moved(case.now)) {
        if let Some(What::Charge { account, .. }) = intents.get(&charge.amount).map(|r| &r.asked.what) {
            *taken.entry(account).or_default() += charge.amount;
            account_of.insert(&charge.key, account);
        }
    }
    for refund in case.oracle.refunds.iter().filter(|r| !r.declined) {
        if let Some(account) = account_of.get(refund.charge_key.as_str()) {
            *taken.entry(account).or_default() -= refund.amount;
        }
    }
    for (account, taken) in taken {
        let placed = id(account).and_then(|id| case.accounts.get(&id)).map_or(0, |a| a.placed);
        found.expect(taken <= placed, || format!("{taken} was taken of {placed} on {account}"));
    }
}

fn no_stays_no(case: &Case, found: &mut Finding) {
    for request in &case.requests {
        let both = request.declined() && request.acknowledged().is_some_and(|_| request.succeeded());
        found.expect(!both, || format!("{} was declined and succeeded", request.asked.key));
        let effect = request.declined().then(|| case.effect(request)).flatten();
        if let Some(charge) = effect.and_then(|(_, id)| case.charge(*id)) {
            found.expect(charge.state == "declined", || {
                format!("{} was declined, and is {}", charge.id, charge.state)
            });
        }
    }
    let mut declined = BTreeSet::new();
    for charge in &case.oracle.charges {
        if charge.declined {
            declined.insert(charge.key.as_str());
        } else {
            found.expect(!declined.contains(charge.key.as_str()), || {
                format!("{} was declined and charged later", charge.key)
            });
        }
    }
}

/// What may follow an event of a charge.
fn may_follow(before: Option<&str>, name: &str) -> bool {
    match before {
        None => name == "charge.created",
        Some("charge.created" | "charge.unknown") => matches!(
            name,
            "charge.unknown" | "charge.pending" | "charge.completed" | "charge.failed" | "charge.canceled"
        ),
        Some("charge.pending") => matches!(name, "charge.completed" | "charge.returned"),
        Some("charge.completed" | "charge.refunded") => matches!(name, "charge.refunded" | "charge.returned"),
        Some(_) => false,
    }
}

/// The states in which a charge may be after its last event.
fn leads_to(last: &str) -> &'static [&'static str] {
    match last {
        "charge.created" => &["submitting", "scheduled"],
        "charge.unknown" => &["unknown", "submitting"],
        "charge.pending" => &["pending"],
        "charge.completed" => &["succeeded"],
        "charge.failed" => &["declined", "canceled"],
        "charge.canceled" => &["canceled"],
        "charge.refunded" => &["succeeded", "refunded"],
        "charge.returned" => &["returned"],
        _ => &[],
    }
}

/// The names of each charge's events, in the order of the stream.
fn told(case: &Case) -> HashMap<Uuid, Vec<&str>> {
    let mut told: HashMap<Uuid, Vec<&str>> = HashMap::new();
    for event in case.books.events.iter().filter(|e| e.object == "charge") {
        told.entry(event.object_id).or_default().push(&event.name);
    }
    told
}

fn along_the_edges(case: &Case, found: &mut Finding) {
    let told = told(case);
    for charge in &case.books.charges {
        let names = told.get(&charge.id).map_or(&[][..], Vec::as_slice);
        let mut before = None;
        let mut right = true;
        for &name in names {
            right &= may_follow(before, name);
            before = Some(name);
        }
        right &= before.is_some_and(|last| leads_to(last).contains(&charge.state.as_str()));
        found.expect(right, || format!("{} is {} after {names:?}", charge.id, charge.state));
    }
}

fn events(case: &Case, found: &mut Finding) {
    let mut places: BTreeMap<Uuid, Vec<Option<i64>>> = BTreeMap::new();
    let mut completed: HashMap<Uuid, u64> = HashMap::new();
    for event in &case.books.events {
        places.entry(event.tenant_id).or_default().push(event.seq);
        if event.name == "transaction.completed" {
            *completed.entry(event.object_id).or_default() += 1;
        }
    }
    for (tenant, mut places) in places {
        places.sort_unstable();
        for (right, place) in (1i64..).zip(places) {
            found.expect(place == Some(right), || format!("place {right} of {tenant} holds {place:?}"));
        }
    }
    for txn in &case.books.txns {
        let right = u64::from(txn.status == "completed");
        let times = completed.get(&txn.id).copied().unwrap_or(0);
        found.expect(times == right, || format!("{} {} was told {times} times", txn.status, txn.id));
    }
    let told = told(case);
    let mut refunds: HashMap<Uuid, usize> = HashMap::new();
    for refund in case.books.refunds.iter().filter(|r| r.state == "succeeded") {
        *refunds.entry(refund.charge_id).or_default() += 1;
    }
    for charge in &case.books.charges {
        let count =
            |name: &str| told.get(&charge.id).map_or(0, |all| all.iter().filter(|n| **n == name).count());
        let right = refunds.get(&charge.id).copied().unwrap_or(0);
        found.expect(count("charge.created") == 1 && count("charge.refunded") == right, || {
            format!("{} was refunded {right} times, and told of {:?}", charge.id, told.get(&charge.id))
        });
    }
}

fn one_resource(case: &Case, found: &mut Finding) {
    let mut owners: HashMap<Uuid, &str> = HashMap::new();
    for request in &case.requests {
        let ids: BTreeSet<Uuid> = request.heard.iter().filter_map(heard_id).collect();
        let amounts: BTreeSet<i64> = request.heard.iter().filter_map(|h| h.amount).collect();
        let key = &request.asked.key;
        found.expect(ids.len() <= 1 && amounts.len() <= 1, || {
            format!("{key} was answered with {ids:?} for {amounts:?}")
        });
        if let (What::Charge { .. }, Some(id)) = (&request.asked.what, ids.first()) {
            let before = owners.insert(*id, key);
            found.expect(before.is_none(), || format!("{id} is of {key} and of {before:?}"));
            let effect = case.effect(request);
            found.expect(effect.is_some_and(|(kind, object)| kind == "charge" && object == id), || {
                format!("{key} was answered with {id}, and its row says {effect:?}")
            });
        }
    }
}

fn nothing_crosses(case: &Case, found: &mut Finding) {
    let debts: HashMap<Uuid, Uuid> = case.books.debts.iter().map(|d| (d.id, d.tenant_id)).collect();
    let txns: HashMap<Uuid, Uuid> = case.books.txns.iter().map(|t| (t.id, t.tenant_id)).collect();
    let tenant_of = |charge: Uuid| case.charge(charge).map(|c| c.tenant_id);
    let mut keys: HashMap<&str, Uuid> = HashMap::new();
    for charge in &case.books.charges {
        let right = charge.debt_id.is_none_or(|debt| debts.get(&debt) == Some(&charge.tenant_id));
        found.expect(right, || format!("{} is on a foreign account", charge.id));
        let before = keys.insert(&charge.pkey, charge.tenant_id);
        found.expect(before.is_none(), || format!("{} is the key of two charges", charge.pkey));
    }
    for refund in &case.books.refunds {
        found.expect(tenant_of(refund.charge_id) == Some(refund.tenant_id), || {
            format!("refund {}", refund.id)
        });
    }
    for txn in &case.books.txns {
        found.expect(tenant_of(txn.charge_id) == Some(txn.tenant_id), || format!("transaction {}", txn.id));
    }
    for entry in &case.books.entries {
        let right = entry.debt_id.is_none_or(|debt| debts.get(&debt) == Some(&entry.tenant_id))
            && entry.txn_id.is_none_or(|txn| txns.get(&txn) == Some(&entry.tenant_id));
        found.expect(right, || {
            format!("an entry from {} to {} of {}", entry.debit, entry.credit, entry.amount)
        });
    }
    for event in &case.books.events {
        let owner = match event.object.as_str() {
            "charge" => tenant_of(event.object_id),
            "transaction" => txns.get(&event.object_id).copied(),
            "debt_account" => debts.get(&event.object_id).copied(),
            _ => continue,
        };
        found.expect(owner == Some(event.tenant_id), || format!("event {} {}", event.name, event.id));
    }
    for request in &case.requests {
        for charge in request.heard.iter().filter_map(heard_id).filter_map(|id| case.charge(id)) {
            found.expect(case.tenants.get(&request.asked.org) == Some(&charge.tenant_id), || {
                format!("{} was shown {} of another tenant", request.asked.key, charge.id)
            });
        }
    }
}

fn says_when(case: &Case, found: &mut Finding) {
    for heard in case.requests.iter().flat_map(|r| &r.heard).filter(|h| h.status >= 500) {
        found.expect(heard.status == 503 && heard.retry_after, || {
            format!("request {} was answered {} {:?}", heard.n, heard.status, heard.code)
        });
    }
}

fn all_answered(case: &Case, found: &mut Finding) {
    for request in &case.requests {
        let last = request.heard.last();
        found.expect(request.heard.iter().any(Heard::is_definite), || {
            format!("{} was never answered: {last:?}", request.asked.key)
        });
    }
}
