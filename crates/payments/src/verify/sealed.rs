//! Sealed values: whether each still opens with its key in its place.

use std::collections::HashMap;

use base::Result;
use base::db::{Ids, Tx};
use base::vault::{PersonKey, Sealed};
use books::keys::{By, PLACES, Place};
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Checks, EVERY, Sight};

base::record! {
    struct Cell { id: Uuid, person: Option<Uuid>, value: Sealed }
}
base::record! {
    struct KeyRow { id: Uuid, data_key: Option<Sealed> }
}

/// Opens everything that is sealed for a tenant, place by place. A person's data key that is gone was taken away on
/// purpose: what it sealed cannot be opened, and that is right.
pub(super) async fn check(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    for place in PLACES {
        match place.by {
            By::Tenant | By::Person(_) | By::PersonOrTenant(_) => {
                cells(sight, tenant, place, checks).await?;
            }
            By::Master | By::Index | By::IndexOf(_) | By::Print => {}
        }
    }
    Ok(())
}

/// How many pieces are opened at a time.
const PIECES: i64 = 8;

async fn cells(sight: &mut Sight<'_>, tenant: &Tenant, place: &Place, checks: &mut Checks<'_>) -> Result<()> {
    let Place { table, column, .. } = place;
    let whose = place.person().unwrap_or("NULL");
    let whose = if whose == "NULL" { "CAST(NULL AS uuid)" } else { whose };
    let sql = format!(
        "SELECT id, {whose}, {column} FROM {table} WHERE tenant_id = $1 AND id > $2 AND {column} IS NOT NULL \
         AND length({column}) > 0 ORDER BY id LIMIT $3"
    );
    // What waits in pieces is large.
    let most = if *table == "bulk_piece" { PIECES } else { EVERY };
    let mut after = Uuid::nil();
    loop {
        let tx = sight.look().await?;
        let rows: Vec<Cell> = tx.all(&sql, &[&tenant.id, &after, &most]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        let keys = keys(tx, tenant, rows.iter().filter_map(|r| r.person)).await?;
        checks.told("sealed values", rows.len());
        for row in rows {
            let opened = match row.person {
                None => opens(tenant, place, &row),
                Some(person) => match keys.get(&person) {
                    Some(key) => key.open(table, column, row.id, &row.value).is_ok(),
                    None => continue,
                },
            };
            checks.sealed.compare(opened, || format!("{column} of {table} {} does not open", row.id));
        }
    }
}

fn opens(tenant: &Tenant, place: &Place, row: &Cell) -> bool {
    if (place.table, place.column) == ("customer", "data_key") {
        return tenant.key.open_person_key(row.id, &row.value).is_ok();
    }
    tenant.key.open(place.table, place.column, row.id, &row.value).is_ok()
}

/// The data keys of these people, of those that have one that opens.
async fn keys(
    tx: &Tx,
    tenant: &Tenant,
    people: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, PersonKey>> {
    let ids = Ids::of(people);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<KeyRow> = tx
        .all("SELECT id, data_key FROM customer WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, &ids])
        .await?;
    let open = |row: KeyRow| Some((row.id, tenant.key.open_person_key(row.id, &row.data_key?).ok()?));
    Ok(rows.into_iter().filter_map(open).collect())
}
