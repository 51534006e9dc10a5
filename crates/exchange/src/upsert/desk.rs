//! The desk at which a batch of records is worked on: what they name, locked and read at once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use base::db::{Ids, Tx};
use base::ids::Uuid;
use base::{Change, Failure, Ref, Result, Ts};
use books::debts::plans::{Plan, latest_plans};
use books::debts::{self, DebtId, Outcome, Placing};
use books::locations::{self, LocationId};
use books::orgs::Tenant;
use books::people::{self, CustomerId};
use books::{ledger, refs};
use serde_json::Value;

use super::model::{Account, Faults, How, Made, Piece, Record, Rules, Said, below, faults};

/// The field that names an account's parent.
pub(super) const PARENT: &str = "parent_external_id";

/// The text of a field, where it is one and not blank.
pub(super) fn text<'v>(raw: &'v Value, name: &str) -> Option<&'v str> {
    raw.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// What names the object itself: our id first, then theirs.
fn own_names(raw: &Value) -> impl Iterator<Item = Ref> + '_ {
    ["id", "uuid", "external_id"].into_iter().filter_map(|name| Ref::new(text(raw, name)?))
}

fn named(raw: &Value, name: &str) -> Option<Ref> {
    Ref::new(text(raw, name)?)
}

/// The desk.
pub(super) struct Desk<'a> {
    tx: &'a Tx,
    tenant: &'a Tenant,
    rules: &'a dyn Rules,
    how: How,
    now: Ts,
    debts: debts::Many<'a>,
    people: people::Many<'a>,
    /// Customers that accounts name, by the reference's text.
    owners: HashMap<String, Uuid>,
    /// Locations, by the reference's text.
    places: HashMap<String, Uuid>,
    /// Locations by what was sent of them, so that a thousand records at one location ask for it once.
    sent_places: Vec<(Piece, LocationId)>,
    last_payments: HashMap<Uuid, Ts>,
    plans: HashMap<DebtId, Plan>,
    wrote: bool,
}

/// A point to which everything but locations can be taken back.
pub(super) type Mark = (debts::many::Mark, (usize, usize));

impl<'a> Desk<'a> {
    /// Locks and reads everything that the records name.
    pub(super) async fn set_up(
        tx: &'a Tx,
        tenant: &'a Tenant,
        rules: &'a dyn Rules,
        records: &[&Record],
        how: How,
    ) -> Result<Desk<'a>> {
        let pieces = || records.iter().flat_map(|record| record.all_accounts());
        let own: Vec<Ref> = pieces().flat_map(|piece| own_names(&piece.raw)).collect();
        let parents: Vec<Ref> = {
            let mut seen = HashSet::new();
            let all = pieces().filter_map(|piece| text(&piece.raw, PARENT)).filter(|p| seen.insert(*p));
            all.filter_map(Ref::new).collect()
        };
        let debts = debts::Many::hold(
            tx,
            tenant,
            &own.iter().collect::<Vec<_>>(),
            &parents.iter().collect::<Vec<_>>(),
        )
        .await?;
        let customers = records.iter().filter_map(|record| record.customer.as_ref());
        let customers: Vec<Ref> = customers.flat_map(|piece| own_names(&piece.raw)).collect();
        let people = people::Many::hold(tx, tenant, &customers.iter().collect::<Vec<_>>()).await?;
        let resolve = async |table: &str, references: Vec<Ref>| {
            let mut seen = HashSet::new();
            let each: Vec<&Ref> = references.iter().filter(|which| seen.insert(which.theirs())).collect();
            refs::resolve_all(tx, tenant.id, table, &each).await
        };
        let owners =
            resolve("customer", pieces().filter_map(|p| named(&p.raw, "customer_id")).collect()).await?;
        let located = records.iter().filter_map(|record| record.location.as_ref());
        let located = located.flat_map(|piece| own_names(&piece.raw));
        let located = located.chain(pieces().filter_map(|p| named(&p.raw, "location_id")));
        let places = resolve("location", located.collect()).await?;
        let stored = |piece: &&Piece, field: &str| {
            piece.raw.get(field)?;
            own_names(&piece.raw).find_map(|which| debts.find(&which)).map(|debt| debt.id)
        };
        let with = |field: &str| Ids::of(pieces().filter_map(|piece| stored(&piece, field)));
        let last_payments = match how.keep_later_payments {
            true => ledger::last_payments(tx, tenant, &with("current_balance")).await?,
            false => HashMap::new(),
        };
        let planned = with("payment_plan");
        let plans = match planned.is_empty() {
            true => Vec::new(),
            false => latest_plans(tx, tenant, &planned).await?,
        };
        let plans = plans.into_iter().map(|plan| (plan.debt_id, plan)).collect();
        let now = tx.now();
        let (sent_places, wrote) = (Vec::new(), false);
        Ok(Desk {
            tx,
            tenant,
            rules,
            how,
            now,
            debts,
            people,
            owners,
            places,
            sent_places,
            last_payments,
            plans,
            wrote,
        })
    }

    /// Whether an account of this name is known by now.
    pub(super) fn knows(&self, name: &str) -> bool {
        Ref::new(name).is_some_and(|which| self.debts.find(&which).is_some())
    }

    pub(super) fn mark(&self) -> Mark {
        (self.debts.mark(), self.people.mark())
    }

    /// Nothing before this point will be taken back any more.
    pub(super) fn keep(&mut self) {
        self.debts.keep();
        self.people.keep();
    }

    pub(super) fn undo(&mut self, (debts, people): Mark) {
        self.debts.undo(debts);
        self.people.undo(people);
    }

    /// Whether anything was written that no mark takes back.
    pub(super) fn has_written(&self) -> bool {
        self.wrote
    }

    /// Writes everything.
    pub(super) async fn save(self) -> Result<()> {
        self.people.save().await?;
        self.debts.save().await
    }

    /// Applies one record.
    pub(super) async fn record(&mut self, record: &Record) -> Result<Made> {
        let mut made = Made {
            outcome: Outcome::Unchanged,
            location: None,
            customer: None,
            accounts: Vec::new(),
            kept: 0,
        };
        if let Some(piece) = &record.location {
            made.location = Some(self.location(piece).await?);
        }
        if let Some(piece) = &record.customer {
            let (id, outcome) = self.customer(piece)?;
            (made.customer, made.outcome) = (Some(id), made.outcome.max(outcome));
        }
        // A parent has the sums of its children, whatever is sent for it.
        let grouping: HashSet<&str> =
            record.accounts.iter().filter_map(|account| text(&account.raw, PARENT)).collect();
        let mut under = None;
        for piece in &record.parents {
            let has_children = record.nested && !record.accounts.is_empty()
                || text(&piece.raw, "external_id").is_some_and(|theirs| grouping.contains(theirs));
            let id = self.account(piece, &mut made, None, has_children).await?;
            made.accounts.push(id);
            under = Some(id).filter(|_| record.nested);
        }
        let mut ids: Vec<Option<DebtId>> = vec![None; record.accounts.len()];
        for children in [false, true] {
            for (piece, slot) in record.accounts.iter().zip(&mut ids) {
                if text(&piece.raw, PARENT).is_some() != children {
                    continue;
                }
                let has_children =
                    text(&piece.raw, "external_id").is_some_and(|theirs| grouping.contains(theirs));
                *slot = Some(self.account(piece, &mut made, under, has_children).await?);
            }
        }
        made.accounts.extend(ids.into_iter().flatten());
        Ok(made)
    }

    /// What is wrong with each object of a record by the field rules alone. An account is read as whosever the record's
    /// customer turns out to be.
    pub(super) fn faults(&self, record: &Record) -> Result<Faults> {
        let nobody = Uuid::nil();
        let made = Made {
            outcome: Outcome::Unchanged,
            location: record.location.as_ref().map(|_| LocationId(nobody)),
            customer: record.customer.as_ref().map(|_| CustomerId(nobody)),
            accounts: Vec::new(),
            kept: 0,
        };
        let mut all = Faults::new();
        let mut keep = |refused: Option<Failure>| -> Result<()> {
            all.extend(refused.map(faults).transpose()?.unwrap_or_default());
            Ok(())
        };
        if let Some(piece) = &record.location {
            let is_new = !own_names(&piece.raw).any(|which| self.places.contains_key(which.theirs()));
            keep(self.rules.location(piece, self.now, is_new).err())?;
        }
        if let Some(piece) = &record.customer {
            let stored = own_names(&piece.raw).next().and_then(|which| self.people.find(&which));
            keep(self.rules.customer(piece, self.now, stored).err())?;
        }
        for (index, piece) in record.all_accounts().enumerate() {
            let stored = own_names(&piece.raw).next().and_then(|which| self.debts.find(&which));
            let is_parent = record.nested && index < record.parents.len() && !record.accounts.is_empty();
            let piece = completed(piece, &made, None, is_parent && stored.is_none());
            let known = stored.map(|debt| (debt, self.plans.get(&debt.id)));
            keep(self.rules.account(&piece, self.now, known).err())?;
        }
        Ok(all)
    }

    fn customer(&mut self, piece: &Piece) -> Result<(CustomerId, Outcome)> {
        let stored = match own_names(&piece.raw).next() {
            Some(which) => match self.people.find(&which).cloned() {
                None if is_ours(&piece.raw) => {
                    return Err(below(&piece.at, Failure::unknown_reference("id")));
                }
                found => found,
            },
            None => None,
        };
        let fields = self.rules.customer(piece, self.now, stored.as_ref())?;
        let placed = |e| below(&piece.at, e);
        match stored {
            Some(customer) => {
                let changed = self.people.update(customer.id, &fields).map_err(placed)?;
                Ok((customer.id, if changed { Outcome::Updated } else { Outcome::Unchanged }))
            }
            None => {
                let id = self.tx.new_id();
                self.people.create(id, &fields).map_err(placed)?;
                Ok((id, Outcome::Created))
            }
        }
    }

    async fn location(&mut self, piece: &Piece) -> Result<LocationId> {
        if let Some((_, id)) = self.sent_places.iter().find(|(sent, _)| sent.raw == piece.raw) {
            return Ok(*id);
        }
        let which = own_names(&piece.raw).next();
        let known = which.as_ref().and_then(|w| self.places.get(w.theirs())).map(|id| LocationId(*id));
        let mut fields = self.rules.location(piece, self.now, known.is_none())?;
        let placed = |e| below(&piece.at, e);
        let (tx, tenant) = (self.tx, self.tenant);
        let id = match (known, which) {
            (Some(id), _) => id,
            (None, Some(_)) if is_ours(&piece.raw) => return Err(placed(Failure::unknown_reference("id"))),
            (None, which) => {
                self.wrote = true;
                let (name, kind) = (fields.name.clone().set(), fields.kind.as_set().copied());
                match &which {
                    Some(which) => {
                        locations::resolve_or_create(tx, tenant, which, name.as_deref(), kind).await
                    }
                    None => {
                        locations::match_or_create(tx, tenant, None, &name.unwrap_or_default(), kind).await
                    }
                }
                .map_err(|failure| placed(renamed(failure, "location_name", "name")))?
            }
        };
        if known.is_none() {
            // Its name, type and id are as they were sent by now.
            (fields.name, fields.kind, fields.external_id) = (Change::Keep, Change::Keep, Change::Keep);
        }
        self.wrote |= locations::merge(tx, tenant, id, &fields).await.map_err(placed)?;
        if let Some(theirs) = named(&piece.raw, "external_id") {
            self.places.insert(theirs.theirs().to_owned(), id.0);
        }
        self.sent_places.push((piece.clone(), id));
        Ok(id)
    }

    async fn account(
        &mut self,
        piece: &Piece,
        made: &mut Made,
        under: Option<DebtId>,
        has_children: bool,
    ) -> Result<DebtId> {
        let stored = match own_names(&piece.raw).next() {
            Some(which) => match self.debts.find(&which).cloned() {
                None if is_ours(&piece.raw) => {
                    return Err(below(&piece.at, Failure::unknown_reference("id")));
                }
                found => found,
            },
            None => None,
        };
        let piece = completed(piece, made, under, has_children && stored.is_none());
        let placed = |e| below(&piece.at, e);
        let known = stored.as_ref().map(|debt| (debt, self.plans.get(&debt.id)));
        let Account { said, last_payment } = self.rules.account(&piece, self.now, known)?;
        // In the order in which a single request is looked at, so that it is refused in the same words.
        match (&said, &stored) {
            (Said::New(new), _) if new.parent.as_ref().is_some_and(|p| self.debts.find(p).is_none()) => {
                return Err(placed(Failure::unknown_reference(PARENT)));
            }
            (Said::Changes(changes), Some(debt)) => {
                self.debts.parent_of(debt.id, &changes.parent).map_err(placed)?;
            }
            _ => {}
        }
        let (customer, location) = match &said {
            Said::New(new) => (new.customer.as_ref(), new.location.as_ref()),
            Said::Changes(changes) => (changes.customer.as_ref(), changes.location.as_set()),
        };
        let customer = match customer {
            Some(which) => Some(self.owner(which).map_err(placed)?),
            None => None,
        };
        let location = match location {
            Some(given) => Some(self.place(given).await.map_err(placed)?),
            None => None,
        };
        let placing = Placing { customer, location };
        match (said, stored) {
            (Said::New(mut new), _) => {
                if has_children {
                    (new.balance, new.current_balance) = (base::Cents::ZERO, None);
                }
                let id = self.tx.new_id();
                let outcome = self.debts.create(id, &new, placing).map_err(placed)?;
                made.outcome = made.outcome.max(outcome);
                Ok(id)
            }
            (Said::Changes(mut changes), Some(debt)) => {
                if has_children || self.debts.is_parent(debt.id) {
                    (changes.balance, changes.current_balance) = (None, None);
                }
                let ours = self.last_payments.get(&debt.id.0);
                let is_later =
                    ours.is_some_and(|at| last_payment.is_none_or(|paid| paid.is_before(*at, self.tenant)));
                if self.how.keep_later_payments
                    && is_later
                    && let Some(current) = changes.current_balance.take()
                {
                    made.kept += i64::from(current != debt.current_balance);
                }
                let outcome = self.debts.update(debt.id, &changes, placing).map_err(placed)?;
                made.outcome = made.outcome.max(outcome);
                Ok(debt.id)
            }
            (Said::Changes(_), None) => {
                Err(Failure::broken("applying a record", "an account that is not there changes"))
            }
        }
    }

    fn owner(&self, which: &Ref) -> Result<CustomerId> {
        if let Some(customer) = self.people.find(which) {
            return Ok(customer.id);
        }
        let found = self.owners.get(which.theirs()).map(|id| CustomerId(*id));
        found.ok_or_else(|| Failure::unknown_reference("customer_id"))
    }

    async fn place(&mut self, given: &debts::LocationGiven) -> Result<LocationId> {
        if let Some(id) = self.places.get(given.which.theirs()) {
            return Ok(LocationId(*id));
        }
        if let Some((_, id)) = self.sent_places.iter().find(|(_, id)| given.which.ours() == Some(id.0)) {
            return Ok(*id);
        }
        let name = given.name.as_deref();
        let id = locations::resolve_or_create(self.tx, self.tenant, &given.which, name, given.kind).await?;
        self.wrote = true;
        self.places.insert(given.which.theirs().to_owned(), id.0);
        Ok(id)
    }
}

/// Whether it is named by our id.
fn is_ours(raw: &Value) -> bool {
    text(raw, "id").or_else(|| text(raw, "uuid")).is_some()
}

/// The piece with what its record says for it: whose it is, where it belongs, what it stands under.
fn completed<'p>(piece: &'p Piece, made: &Made, under: Option<DebtId>, has_children: bool) -> Cow<'p, Piece> {
    let missing = |name: &str| piece.raw.get(name).is_none_or(Value::is_null);
    let mut given: Vec<(&str, Value)> = Vec::new();
    let mut give = |name: &'static str, id: Option<Uuid>| {
        if let Some(id) = id.filter(|_| missing(name)) {
            given.push((name, id.to_string().into()));
        }
    };
    give("customer_id", made.customer.map(|id| id.0));
    give("location_id", made.location.map(|id| id.0));
    give(PARENT, under.map(|id| id.0));
    if has_children && missing("balance") && missing("original_balance") {
        given.push(("balance", 0.into()));
    }
    let Some(fields) = piece.raw.as_object().filter(|_| !given.is_empty()) else {
        return Cow::Borrowed(piece);
    };
    let mut fields = fields.clone();
    fields.extend(given.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Cow::Owned(Piece { at: piece.at.clone(), raw: fields.into() })
}

/// The same failure about a field of another name.
fn renamed(failure: Failure, from: &str, to: &str) -> Failure {
    let Failure::Refused(mut refusal) = failure else { return failure };
    for (field, said) in &mut refusal.fields {
        if field == from {
            *field = to.to_owned();
            for sentence in said {
                *sentence = sentence.replace(&from.replace('_', " "), &to.replace('_', " "));
            }
        }
    }
    Failure::Refused(refusal)
}
