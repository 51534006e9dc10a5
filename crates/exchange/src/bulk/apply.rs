//! Applying some of the records, with the place that this leads to: one transaction.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use base::db::{Command, Db, DbError, Ids, Tx};
use base::{Code, Failure, Result, Ts};
use books::orgs::Tenant;

use super::model::{Bulk, Item, State, Wrong};
use super::store::{end, error_rows, held};
use crate::upsert::{self, Faults, How, Made, Outcome, Record, Rules};

/// How long whoever applies records has before another may go on, in seconds.
pub(super) const LEASE_SECONDS: i64 = 60;

/// Some records of something, the first of them at its place.
pub struct Batch<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// How records are read.
    pub rules: &'a dyn Rules,
    /// What they are of, as it was claimed.
    pub bulk: &'a Bulk,
    /// How many records were applied or refused before.
    pub from: i64,
    /// The records.
    pub items: Vec<Item>,
    /// Where they come from.
    pub origin: Origin,
}

/// Where records come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A piece that was put aside; it is gone with them.
    Piece(super::PieceId),
    /// A file that is being read; at its last records, the sum of all balances.
    File(Option<i64>),
}

/// What became of the records of a batch.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// Those that made something new.
    pub created: i64,
    /// Those that changed something.
    pub updated: i64,
    /// Those that changed nothing.
    pub unchanged: i64,
    /// Balances left alone.
    pub kept: i64,
    /// Those that were refused.
    pub wrong: Vec<Wrong>,
}

/// One record, ready.
struct Ready {
    position: i64,
    line: Option<i64>,
    external_id: Option<String>,
    record: Result<Record, Faults>,
}

impl<'a> Batch<'a> {
    fn ready(&mut self) -> Vec<Ready> {
        let (kind, format) = (self.bulk.kind, self.bulk.format);
        let items = std::mem::take(&mut self.items);
        let one = |(position, item): (i64, Item)| Ready {
            position,
            line: item.line,
            external_id: item.external_id(kind),
            record: item.record(kind, format),
        };
        (self.from + 1..).zip(items).map(one).collect()
    }

    /// Applies them all. Where they cannot be applied together, in halves, down to each by itself. `None` where
    /// somebody else goes on with it, or it was stopped.
    pub async fn apply(mut self, db: &Db) -> Result<Option<Outcomes>> {
        let mut ready = self.ready();
        let mut all = Outcomes::default();
        // What is still to be done, as stretches; the next is the last.
        let mut stretches = vec![(0, ready.len())];
        while let Some((from, to)) = stretches.pop() {
            let is_last = stretches.is_empty();
            let apply = Apply {
                batch: &self,
                ready: &ready[from..to],
                from: self.from + i64::try_from(from).unwrap_or(i64::MAX),
                is_last,
            };
            match db.run(&apply).await {
                Ok(Some(outcomes)) => all.add(outcomes),
                Ok(None) => return Ok(None),
                Err(failure) if to - from > 1 && may_be_divided(&failure) => {
                    let middle = from.midpoint(to);
                    stretches.extend([(middle, to), (from, middle)]);
                }
                Err(failure) if ready[from].record.is_err() => return Err(failure),
                Err(failure) => {
                    // This one record cannot be applied; or nothing can be, at the moment.
                    ready[from].record = Err(its_own(failure)?);
                    stretches.push((from, to));
                }
            }
        }
        Ok(Some(all))
    }
}

/// Whether smaller batches may get further.
fn may_be_divided(failure: &Failure) -> bool {
    upsert::is_to_be_divided(failure)
        || failure.code() == Some(Code::Conflict)
        || matches!(failure, Failure::Broken { .. }) && !is_of_the_moment(failure)
}

/// Whether it may be otherwise in a moment.
fn is_of_the_moment(failure: &Failure) -> bool {
    use base::db::Kind::{Away, Conflict};
    let database = DbError::in_failure(failure).map(DbError::kind);
    failure.code().is_some_and(|code| code.status() >= 500 || code == Code::Conflict)
        || matches!(database, Some(Away | Conflict))
}

/// What is wrong with the one record of a batch that failed.
fn its_own(failure: Failure) -> Result<Faults> {
    if is_of_the_moment(&failure) {
        return Err(failure);
    }
    match failure {
        Failure::Refused(refusal) if !refusal.fields.is_empty() => Ok(refusal.fields),
        Failure::Refused(refusal) => Ok(vec![(String::new(), vec![refusal.say])]),
        broken => {
            tracing::error!(error = broken.chain(), "a record could not be applied");
            Ok(vec![(String::new(), vec!["Something went wrong on our side over this record.".into()])])
        }
    }
}

impl Outcomes {
    /// Adds what became of others.
    pub fn add(&mut self, other: Outcomes) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.kept += other.kept;
        self.wrong.extend(other.wrong);
    }

    fn of(ready: &[Ready], done: Vec<Result<Made, Faults>>) -> Outcomes {
        let (mut all, mut done) = (Outcomes::default(), done.into_iter());
        for one in ready {
            let told = match &one.record {
                Ok(_) => done.next().unwrap_or_else(|| Err(Faults::new())),
                Err(faults) => Err(faults.clone()),
            };
            match told {
                Ok(made) => {
                    match made.outcome {
                        Outcome::Created => all.created += 1,
                        Outcome::Updated => all.updated += 1,
                        Outcome::Unchanged => all.unchanged += 1,
                    }
                    all.kept += made.kept;
                }
                Err(errors) => all.wrong.push(Wrong {
                    position: one.position,
                    line: one.line,
                    external_id: one.external_id.clone(),
                    errors,
                }),
            }
        }
        all
    }
}

struct Apply<'a> {
    batch: &'a Batch<'a>,
    ready: &'a [Ready],
    from: i64,
    /// Whether no other records of the batch are left.
    is_last: bool,
}

impl Command for Apply<'_> {
    type Out = Option<Outcomes>;

    fn name(&self) -> &'static str {
        "bulk.apply"
    }

    async fn exec(&self, tx: &Tx) -> Result<Option<Outcomes>> {
        let Batch { tenant, rules, bulk, origin, .. } = *self.batch;
        let Some(now) = held(tx, tenant.id, bulk.id).await? else { return Ok(None) };
        if now.state != State::Processing || now.fence != bulk.fence || now.place != self.from {
            return Ok(None);
        }
        let records: Vec<&Record> = self.ready.iter().filter_map(|one| one.record.as_ref().ok()).collect();
        let how = How { keep_later_payments: bulk.keep_later_payments };
        let done = upsert::apply(tx, tenant, rules, &records, how).await?;
        let outcomes = Outcomes::of(self.ready, done);
        tx.insert(&error_rows(tx, tenant.id, bulk.id, outcomes.wrong.clone())).await?;
        if let (Origin::Piece(piece), true) = (origin, self.is_last) {
            let sql = "DELETE FROM bulk_piece WHERE tenant_id = $1 AND id IN ids($2)";
            tx.run(sql, &[&tenant.id, &Ids::of([piece])]).await?;
        }
        let many = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        // Nobody but who reads a file can go on with it.
        let due_at: Option<Ts> = match origin {
            Origin::Piece(_) => Some(tx.clock().await?.plus_seconds(LEASE_SECONDS)),
            Origin::File(_) => None,
        };
        let place = now.place + many(self.ready.len());
        let after = Bulk {
            place,
            total: now.total.max(place),
            created: now.created + outcomes.created,
            updated: now.updated + outcomes.updated,
            failed: now.failed + many(outcomes.wrong.len()),
            kept: now.kept + outcomes.kept,
            started_at: now.started_at.or(Some(tx.now())),
            due_at,
            updated_at: tx.now(),
            ..now
        };
        let is_over = match origin {
            Origin::Piece(_) => after.place >= after.total,
            Origin::File(sum) => sum.is_some() && self.is_last,
        };
        let balance = match origin {
            Origin::File(Some(sum)) => base::Cents::new(sum),
            _ => after.balance,
        };
        let after = Bulk { balance, ..after };
        if is_over {
            end(tx, tenant, after, State::Completed, None).await?;
        } else {
            tx.update(2, &[after]).await?;
        }
        Ok(Some(outcomes))
    }

    async fn check(&self, tx: &Tx) -> Result<Option<Option<Outcomes>>> {
        // The place tells whether it was committed; whoever counts what became of it asks the row.
        let bulk = super::store::find(tx, self.batch.tenant, self.batch.bulk.id).await?;
        let to = self.from + i64::try_from(self.ready.len()).unwrap_or(i64::MAX);
        let ours = bulk.filter(|bulk| bulk.fence == self.batch.bulk.fence && bulk.place == to);
        Ok(ours.map(|_| Some(Outcomes::default())))
    }
}

/// Looks what would become of records, without writing any of it. `made` is what earlier records of the same file have
/// made, by a hash of its id: what refers to that is right, though it is not there.
pub async fn rehearse(batch: Batch<'_>, db: &Db, made: &mut HashSet<u64>) -> Result<Outcomes> {
    let mut batch = batch;
    let ready = batch.ready();
    let rehearsal = Rehearsal { batch: &batch, ready: &ready, told: Mutex::default() };
    match db.run(&rehearsal).await {
        Err(failure) if is_rehearsed(&failure) => {}
        Err(failure) => return Err(failure),
        Ok(()) => {}
    }
    let mut told = rehearsal.told.into_inner().unwrap_or_else(PoisonError::into_inner);
    let refers_to_made = |wrong: &Wrong, made: &HashSet<u64>| {
        let at = usize::try_from(wrong.position - batch.from - 1).unwrap_or(usize::MAX);
        let Some(Ok(record)) = ready.get(at).map(|one| &one.record) else { return false };
        let names = |field: &str| {
            let last = field.rsplit('.').next().unwrap_or(field);
            let named = record.all_accounts().filter_map(|piece| piece.raw.get(last)?.as_str());
            matches!(last, "customer_id" | "parent_external_id")
                && named.into_iter().any(|id| made.contains(&hash(id)))
        };
        wrong.errors.iter().all(|(field, _)| names(field))
    };
    let before = told.wrong.len();
    told.wrong.retain(|wrong| !refers_to_made(wrong, made));
    told.created += i64::try_from(before - told.wrong.len()).unwrap_or(0);
    let refused: HashSet<i64> = told.wrong.iter().map(|wrong| wrong.position).collect();
    for one in ready.iter().filter(|one| !refused.contains(&one.position)) {
        let Ok(record) = &one.record else { continue };
        let pieces = record.all_accounts().chain(&record.customer);
        made.extend(pieces.filter_map(|piece| piece.raw.get("external_id")?.as_str().map(hash)));
    }
    Ok(told)
}

fn hash(id: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    id.trim().hash(&mut hasher);
    hasher.finish()
}

struct Rehearsal<'a> {
    batch: &'a Batch<'a>,
    ready: &'a [Ready],
    told: Mutex<Outcomes>,
}

/// What ends a rehearsal: everything is rolled back.
#[derive(Debug)]
struct Rehearsed;

impl std::fmt::Display for Rehearsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it was only a rehearsal")
    }
}

impl std::error::Error for Rehearsed {}

fn is_rehearsed(failure: &Failure) -> bool {
    matches!(failure, Failure::Broken { cause, .. } if cause.is::<Rehearsed>())
}

impl Command for Rehearsal<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "bulk.rehearse"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let Batch { tenant, rules, bulk, .. } = *self.batch;
        let records: Vec<&Record> = self.ready.iter().filter_map(|one| one.record.as_ref().ok()).collect();
        let how = How { keep_later_payments: bulk.keep_later_payments };
        let done = upsert::rehearse(tx, tenant, rules, &records, how).await?;
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Outcomes::of(self.ready, done);
        Err(Failure::broken("rehearsing", Rehearsed))
    }
}
