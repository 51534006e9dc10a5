//! Sealed values: whether each still opens with its key in its place.

use std::collections::HashMap;

use base::Result;
use base::db::{Ids, Tx};
use base::vault::{PersonKey, Sealed};
use books::orgs::Tenant;
use uuid::Uuid;

use super::{Checks, EVERY, Pages, Sight};

base::record! {
    struct Person {
        id: Uuid, data_key: Option<Sealed>, name: Option<Sealed>, first_name: Option<Sealed>, last_name: Option<Sealed>,
        email: Option<Sealed>, phone: Option<Sealed>, date_of_birth: Option<Sealed>, ssn_last4: Option<Sealed>,
        metadata: Option<Sealed>,
    }
}
base::record! {
    struct Address {
        id: Uuid, customer_id: Uuid, name: Option<Sealed>, line1: Option<Sealed>, line2: Option<Sealed>,
        city: Option<Sealed>, state: Option<Sealed>, postal_code: Option<Sealed>, country: Option<Sealed>,
    }
}
base::record! {
    struct Method {
        id: Uuid, customer_id: Option<Uuid>, token: Sealed, holder: Option<Sealed>, postal_code: Option<Sealed>,
        state: Option<Sealed>,
    }
}
base::record! {
    struct Event { id: Uuid, person_id: Option<Uuid>, body: Sealed }
}
base::record! {
    struct KeyRow { id: Uuid, data_key: Option<Sealed> }
}

/// Opens everything that is sealed for a tenant. A person's data key that is gone was taken away on purpose: what it
/// sealed cannot be opened, and that is right.
pub(super) async fn check(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    people(sight, tenant, checks).await?;
    addresses(sight, tenant, checks).await?;
    methods(sight, tenant, checks).await?;
    events(sight, tenant, checks).await?;
    waiting(sight, tenant, checks).await
}

/// How many pieces are opened at a time: each is large.
const PIECES: i64 = 8;

/// What was received and waits to be applied.
async fn waiting(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let sql = "SELECT id, body FROM bulk_piece WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows: Vec<Piece> = sight.look().await?.all(sql, &[&tenant.id, &after, &PIECES]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in rows {
            opens(checks, tenant, None, "bulk_piece", row.id, &[("body", &Some(row.body))]);
        }
    }
}

base::record! {
    struct Piece { id: Uuid, body: Sealed }
}

async fn people(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let rows: Vec<Person> = sight
            .look()
            .await?
            .all(
                "SELECT id, data_key, name, first_name, last_name, email, phone, date_of_birth, ssn_last4, metadata \
                 FROM customer WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&tenant.id, &after, &EVERY],
            )
            .await?;
        pages.turn(rows.iter().map(|r| r.id));
        checks.told("people", rows.len());
        for row in rows {
            let Some(wrapped) = &row.data_key else { continue };
            let key = tenant.key.open_person_key(row.id, wrapped);
            checks
                .sealed
                .compare(key.is_ok(), || format!("the data key of customer {} does not open", row.id));
            let Ok(key) = key else { continue };
            let columns = [
                ("name", &row.name),
                ("first_name", &row.first_name),
                ("last_name", &row.last_name),
                ("email", &row.email),
                ("phone", &row.phone),
                ("date_of_birth", &row.date_of_birth),
                ("ssn_last4", &row.ssn_last4),
                ("metadata", &row.metadata),
            ];
            opens(checks, tenant, Some(&key), "customer", row.id, &columns);
        }
    }
    Ok(())
}

async fn addresses(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let tx = sight.look().await?;
        let rows: Vec<Address> = tx
            .all(
                "SELECT id, customer_id, name, line1, line2, city, state, postal_code, country \
                 FROM address WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&tenant.id, &after, &EVERY],
            )
            .await?;
        let keys = keys(tx, tenant, rows.iter().map(|r| r.customer_id)).await?;
        pages.turn(rows.iter().map(|r| r.id));
        checks.told("addresses", rows.len());
        for row in rows {
            let Some(key) = keys.get(&row.customer_id) else { continue };
            let columns = [
                ("name", &row.name),
                ("line1", &row.line1),
                ("line2", &row.line2),
                ("city", &row.city),
                ("state", &row.state),
                ("postal_code", &row.postal_code),
                ("country", &row.country),
            ];
            opens(checks, tenant, Some(key), "address", row.id, &columns);
        }
    }
    Ok(())
}

async fn methods(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let tx = sight.look().await?;
        let rows: Vec<Method> = tx
            .all(
                "SELECT id, customer_id, token, holder, postal_code, state FROM payment_method \
                 WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&tenant.id, &after, &EVERY],
            )
            .await?;
        let keys = keys(tx, tenant, rows.iter().filter_map(|r| r.customer_id)).await?;
        pages.turn(rows.iter().map(|r| r.id));
        checks.told("payment methods", rows.len());
        for row in rows {
            opens(checks, tenant, None, "payment_method", row.id, &[("token", &Some(row.token))]);
            let key = match row.customer_id {
                Some(customer) => match keys.get(&customer) {
                    Some(key) => Some(key),
                    None => continue,
                },
                None => None,
            };
            let columns = [("holder", &row.holder), ("postal_code", &row.postal_code), ("state", &row.state)];
            opens(checks, tenant, key, "payment_method", row.id, &columns);
        }
    }
    Ok(())
}

async fn events(sight: &mut Sight<'_>, tenant: &Tenant, checks: &mut Checks<'_>) -> Result<()> {
    let mut pages = Pages::default();
    while let Some(after) = pages.next() {
        let tx = sight.look().await?;
        let rows: Vec<Event> = tx
            .all(
                "SELECT id, person_id, body FROM event WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&tenant.id, &after, &EVERY],
            )
            .await?;
        let keys = keys(tx, tenant, rows.iter().filter_map(|r| r.person_id)).await?;
        pages.turn(rows.iter().map(|r| r.id));
        checks.told("sealed events", rows.len());
        for row in rows {
            let key = match row.person_id {
                Some(person) => match keys.get(&person) {
                    Some(key) => Some(key),
                    None => continue,
                },
                None => None,
            };
            opens(checks, tenant, key, "event", row.id, &[("body", &Some(row.body))]);
        }
    }
    Ok(())
}

fn opens(
    checks: &mut Checks<'_>,
    tenant: &Tenant,
    key: Option<&PersonKey>,
    table: &'static str,
    row: Uuid,
    columns: &[(&'static str, &Option<Sealed>)],
) {
    for (column, sealed) in columns {
        let Some(sealed) = sealed else { continue };
        let opened = match key {
            Some(key) => key.open(table, column, row, sealed),
            None => tenant.key.open(table, column, row, sealed),
        };
        checks.sealed.compare(opened.is_ok(), || format!("{column} of {table} {row} does not open"));
    }
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
