//! What another system says of customers and accounts, made true: unknown ones are made, known ones changed.
//!
//! - Things are known by our id or by their `external_id`; without either they are new each time.
//! - The rules are those of single requests, field for field: they are read by the API's own rules ([`Rules`]) and
//!   decided by the same functions (`debts::Many`, `people::Many`).
//! - A record is applied as a whole or not at all. In a batch, one that is refused says why and spoils no other.
//! - A parent that gets children in the same record has no balances of its own: those sent for it are read and ignored.
//! - A creditor's balance never overwrites a payment that the creditor does not know of yet.
//! - Locks are taken on accounts first (in id order, families as a whole), then on customers.

mod desk;
mod model;

use std::collections::HashMap;

use base::db::Tx;
use base::{Failure, Result};
use books::orgs::Tenant;

use self::desk::Desk;
pub use self::model::{Account, Faults, How, Made, Outcome, Paid, Piece, Record, Rules, Said};

/// A batch wrote something that a refused record wanted: it has to be applied again in smaller batches.
#[derive(Debug)]
struct Spoiled;

impl std::fmt::Display for Spoiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a record that was refused had made a location")
    }
}

impl std::error::Error for Spoiled {}

/// Whether a batch has to be applied again in smaller ones: nothing of it is written.
pub fn is_to_be_divided(failure: &Failure) -> bool {
    match failure {
        Failure::Broken { cause, .. } => cause.is::<Spoiled>(),
        Failure::Refused(refusal) => refusal.code.status() < 500,
    }
}

/// Applies records in their order, and gives what became of each. Fails as a whole only where
/// [`is_to_be_divided`] says that smaller batches get further, and where the database is away.
pub async fn apply(
    tx: &Tx,
    tenant: &Tenant,
    rules: &dyn Rules,
    records: &[&Record],
    how: How,
) -> Result<Vec<Result<Made, Faults>>> {
    let mut desk = Desk::set_up(tx, tenant, rules, records, how).await?;
    let mut done = work(&mut desk, records).await?;
    if desk.has_written() && done.iter().any(Result::is_err) {
        return Err(match done.pop() {
            // Nothing is left to divide: what is wrong with it is said, and what it wrote is rolled back.
            Some(Err(faults)) if records.len() == 1 => Failure::fields(faults),
            _ => Failure::broken("applying records", Spoiled),
        });
    }
    desk.save().await?;
    Ok(done)
}

/// Looks what would become of the records, and writes nothing but locations: for whoever rolls back.
pub async fn rehearse(
    tx: &Tx,
    tenant: &Tenant,
    rules: &dyn Rules,
    records: &[&Record],
    how: How,
) -> Result<Vec<Result<Made, Faults>>> {
    work(&mut Desk::set_up(tx, tenant, rules, records, how).await?, records).await
}

/// Works on each record, and takes back what is refused.
async fn work(desk: &mut Desk<'_>, records: &[&Record]) -> Result<Vec<Result<Made, Faults>>> {
    let mut done: Vec<Option<Result<Made, Faults>>> = records.iter().map(|_| None).collect();
    for index in in_order(desk, records) {
        let mark = desk.mark();
        done[index] = Some(match desk.record(records[index]).await {
            Ok(made) => {
                desk.keep();
                Ok(made)
            }
            Err(failure) => {
                desk.undo(mark);
                Err(model::faults(failure)?)
            }
        });
    }
    Ok(done.into_iter().flatten().collect())
}

/// Applies one record, whole or not at all; what is wrong with it is the failure.
pub async fn one(tx: &Tx, tenant: &Tenant, rules: &dyn Rules, record: &Record, how: How) -> Result<Made> {
    let mut desk = Desk::set_up(tx, tenant, rules, &[record], how).await?;
    let made = desk.record(record).await?;
    desk.save().await?;
    Ok(made)
}

/// What is wrong with a record by the field rules alone, in all of its objects at once. Whoever wants to say everything at
/// once asks this before [`one`], which stops at the first object that is refused.
pub async fn faults(
    tx: &Tx,
    tenant: &Tenant,
    rules: &dyn Rules,
    record: &Record,
    how: How,
) -> Result<Faults> {
    Desk::set_up(tx, tenant, rules, &[record], how).await?.faults(record)
}

/// The order in which records are applied: as they come, but for accounts whose unknown parent comes later.
fn in_order(desk: &Desk<'_>, records: &[&Record]) -> Vec<usize> {
    let mut made: HashMap<&str, usize> = HashMap::new();
    let (mut now, mut later) = (Vec::with_capacity(records.len()), Vec::new());
    let names_parents =
        |record: &Record| record.accounts.iter().any(|a| desk::text(&a.raw, desk::PARENT).is_some());
    if records.iter().any(|record| names_parents(record)) {
        for (index, record) in records.iter().enumerate() {
            for account in record.all_accounts() {
                if let Some(theirs) = desk::text(&account.raw, "external_id") {
                    made.entry(theirs).or_insert(index);
                }
            }
        }
    }
    for (index, record) in records.iter().enumerate() {
        let parents = record.accounts.iter().filter_map(|a| desk::text(&a.raw, desk::PARENT));
        let waits = parents.into_iter().any(|p| made.get(p).is_some_and(|at| *at > index) && !desk.knows(p));
        if waits { later.push(index) } else { now.push(index) }
    }
    now.extend(later);
    now
}
