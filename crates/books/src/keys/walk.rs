//! The walks over the rows: some of them in each transaction, and the place in the rotation's row.

use base::db::{Ids, Texts, Tx};
use base::secret::Secret;
use base::vault::{Sealed, Use, version_of};
use base::{Failure, Result, Ts};
use uuid::Uuid;

use super::places::{By, PLACES, Place, of_tenant};
use crate::orgs::Tenant;
use crate::people::{self, CustomerId};

base::record! {
    struct Found { id: Uuid }
}
base::record! {
    struct Cell { id: Uuid, value: Sealed }
}
base::record! {
    struct Print { key: String, value: Vec<u8> }
}

/// One stretch of a walk.
pub(super) struct Walked {
    /// Rows looked at.
    pub(super) rows: usize,
    /// The last of them; `None` at the end of the place.
    pub(super) after: Option<String>,
}

impl Walked {
    fn of(ids: &[impl ToString], most: i64) -> Walked {
        let full = i64::try_from(ids.len()).is_ok_and(|rows| rows >= most);
        Walked { rows: ids.len(), after: ids.last().filter(|_| full).map(ToString::to_string) }
    }
}

/// The places a rotation of this key walks through. A customer's indexes, and
/// those of their addresses, are made in one go, at the first.
pub(super) fn places(to: Use) -> Vec<(&'static Place, String)> {
    let mut all = of_tenant(to);
    all.retain(|(place, _)| place.by != By::Index || place.column == "name_index");
    all
}

/// Seals, indexes or empties the next rows of a place.
pub(super) async fn stretch(
    tx: &Tx,
    tenant: &Tenant,
    (place, only): &(&'static Place, String),
    after: &str,
    most: i64,
) -> Result<Walked> {
    if place.walked_by() == "key" {
        return empty_requests(tx, tenant, after, most).await;
    }
    let from = if after.is_empty() { Uuid::nil() } else { parse(after)? };
    if place.by == By::Index {
        let ids = people::index_again(tx, tenant, CustomerId(from), most).await?;
        let ids: Vec<Uuid> = ids.into_iter().map(Uuid::from).collect();
        return Ok(Walked::of(&ids, most));
    }
    let Place { table, column, .. } = place;
    // First which, then their locks: a row that changed while its lock was awaited may not be one of them any more.
    let found: Vec<Found> = tx
        .all(
            &format!("SELECT id FROM {table} WHERE tenant_id = $1 AND id > $2 AND {column} IS NOT NULL{only} ORDER BY id LIMIT $3"),
            &[&tenant.id, &from, &most],
        )
        .await?;
    let ids: Vec<Uuid> = found.iter().map(|found| found.id).collect();
    if ids.is_empty() {
        return Ok(Walked { rows: 0, after: None });
    }
    let cells: Vec<Cell> = tx
        .all(
            &format!("SELECT id, {column} FROM {table} WHERE tenant_id = $1 AND id IN ids($2) AND {column} IS NOT NULL{only} ORDER BY id FOR UPDATE"),
            &[&tenant.id, &Ids::of(ids.iter().copied())],
        )
        .await?;
    let of_index = matches!(place.by, By::Print | By::IndexOf(_));
    let newest = tenant.key.writes(if of_index { Use::Index } else { Use::Seal });
    // What was erased is empty.
    for cell in cells.iter().filter(|cell| !cell.value.0.is_empty() && cell.value.version() != newest) {
        let value = match place.by {
            By::Print => None,
            By::IndexOf(of) => Some(index_of(tx, tenant, place, of, cell.id).await?),
            _ => {
                let plain = Secret::new(tenant.key.open(table, column, cell.id, &cell.value)?);
                Some(tenant.key.seal(tx.seams(), table, column, cell.id, plain.reveal()))
            }
        };
        tx.run(
            &format!("UPDATE {table} SET {column} = $3 WHERE tenant_id = $1 AND id = $2"),
            &[&tenant.id, &cell.id, &value],
        )
        .await?;
    }
    Ok(Walked::of(&ids, most))
}

/// A blind index made anew from the value that it is of, which stands in the same row.
async fn index_of(tx: &Tx, tenant: &Tenant, place: &Place, of: &str, id: Uuid) -> Result<Sealed> {
    let Place { table, column, .. } = place;
    let sql = format!("SELECT id, {of} FROM {table} WHERE tenant_id = $1 AND id = $2");
    let cell: Cell = tx.one(&sql, &[&tenant.id, &id]).await?;
    let plain = String::from_utf8(tenant.key.open(table, of, id, &cell.value)?)
        .map(Secret::new)
        .map_err(|e| Failure::broken("making an index anew", e.utf8_error()))?;
    Ok(Sealed(tenant.key.index(&format!("{table}.{column}"), &[plain.reveal().as_str()])))
}

/// Empties the fingerprints of requests that were made with an older key.
async fn empty_requests(tx: &Tx, tenant: &Tenant, after: &str, most: i64) -> Result<Walked> {
    let rows: Vec<Print> = tx
        .all(
            "SELECT key, fingerprint FROM idempotency WHERE tenant_id = $1 AND key > $2 ORDER BY key LIMIT $3",
            &[&tenant.id, &after, &most],
        )
        .await?;
    let newest = tenant.key.writes(Use::Index);
    let old = rows.iter().filter(|row| version_of(&row.value).is_some_and(|version| version != newest));
    let old: Vec<String> = old.map(|row| row.key.clone()).collect();
    if !old.is_empty() {
        tx.run(
            "UPDATE idempotency SET fingerprint = $3 WHERE tenant_id = $1 AND key IN texts($2)",
            &[&tenant.id, &Texts(old), &Vec::<u8>::new()],
        )
        .await?;
    }
    let keys: Vec<&String> = rows.iter().map(|row| &row.key).collect();
    Ok(Walked::of(&keys, most))
}

base::record! {
    struct Held in "customer" { id: Uuid, data_key: Option<Sealed> }
}

/// The next customer whose data key is to be exchanged.
pub(super) async fn next_person(
    tx: &Tx,
    tenant: &Tenant,
    after: &str,
    before: Ts,
    only: Option<Uuid>,
) -> Result<Option<Uuid>> {
    let from = if after.is_empty() { Uuid::nil() } else { parse(after)? };
    let found: Option<Found> = tx
        .opt(
            "SELECT id FROM customer WHERE tenant_id = $1 AND id > $2 AND data_key IS NOT NULL \
             AND coalesce(data_key_at, created_at) < $3 AND id = coalesce($4, id) ORDER BY id LIMIT 1",
            &[&tenant.id, &from, &before, &only],
        )
        .await?;
    Ok(found.map(|found| found.id))
}

/// Exchanges one person's data key, and seals anew everything that is sealed with it. Their row is held meanwhile.
pub(super) async fn exchange(tx: &Tx, tenant: &Tenant, person: Uuid, now: Ts) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND id = $2 AND data_key IS NOT NULL FOR UPDATE";
    // Erased in between: there is nothing to seal any more.
    let Some(held) = tx.find::<Held>(tail, &[&tenant.id, &person]).await? else { return Ok(()) };
    let Some(wrapped) = held.data_key else { return Ok(()) };
    let old = tenant.key.open_person_key(held.id, &wrapped)?;
    let (new, wrapped) = tenant.key.new_person_key(tx.seams(), person, Some(&old));
    for (place, whose) in PLACES.iter().filter_map(|place| Some((place, place.person()?))) {
        let Place { table, column, .. } = place;
        let cells: Vec<Cell> = tx
            .all(
                &format!("SELECT id, {column} FROM {table} WHERE tenant_id = $1 AND {whose} = $2 AND {column} IS NOT NULL ORDER BY id"),
                &[&tenant.id, &person],
            )
            .await?;
        // What was erased is empty, and stays so where that happens meanwhile: not everybody who empties holds the person.
        for cell in cells.iter().filter(|cell| !cell.value.0.is_empty()) {
            let plain = Secret::new(old.open(table, column, cell.id, &cell.value)?);
            let sealed = new.seal(tx.seams(), table, column, cell.id, plain.reveal());
            tx.run(
                &format!(
                    "UPDATE {table} SET {column} = $3 WHERE tenant_id = $1 AND id = $2 AND {column} = $4"
                ),
                &[&tenant.id, &cell.id, &sealed, &cell.value],
            )
            .await?;
        }
    }
    tx.run(
        "UPDATE customer SET data_key = $3, data_key_at = $4 WHERE tenant_id = $1 AND id = $2",
        &[&tenant.id, &person, &wrapped, &now],
    )
    .await
    .map(drop)
}

fn parse(id: &str) -> Result<Uuid> {
    Uuid::try_parse(id).map_err(|e| Failure::broken("reading how far a rotation is", e))
}
