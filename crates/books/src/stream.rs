//! A tenant's events as they are read: oldest first, by their place in the stream.
//!
//! - The stream has no gaps, and what was read is never followed by something that belongs before it: a place is given
//!   only after the commit (see [`events`](crate::events)).
//! - One change is one event. Where the sources tell of the same change under several names, it has all of them.
//! - What a person's key sealed is gone once they are erased, and what a thing was once that is superseded for long enough
//!   (see [`retention`](crate::retention)); the event stays.

use std::collections::HashMap;

use base::db::{Ids, Param, Texts, Tx};
use base::page::least_id;
use base::vault::{PersonKey, Sealed};
use base::{Failure, Result, TenantId, Ts};
use serde_json::Value;
use uuid::Uuid;

use crate::events::EventId;
use crate::orgs::Tenant;
use crate::people::{self, CustomerId};

/// The other names of an event: those of the sources that tell of the same change in their own words. A plan that is
/// broken is cancelled, and a charge that is canceled or comes back is failed, for whoever knows no finer word.
const ALSO: &[(&str, &[&str])] = &[
    ("payment-plan.create", &["payment_plan.created"]),
    ("payment-plan.update", &["payment_plan.updated"]),
    ("payment_plan.completed", &["payment-plan.update"]),
    ("payment_plan.cancelled", &["payment-plan.update"]),
    ("payment_plan.broken", &["payment-plan.update", "payment_plan.cancelled"]),
    ("charge.canceled", &["charge.failed"]),
    ("charge.returned", &["charge.failed"]),
];

/// Every name of an event, the one that it is kept under first.
pub fn names(kept: &str) -> Vec<&str> {
    let also = ALSO.iter().find(|(name, _)| *name == kept).map_or(&[][..], |(_, also)| also);
    std::iter::once(kept).chain(also.iter().copied()).collect()
}

/// The names under which events are kept that have this name.
fn kept_as(name: &str) -> Texts {
    let others = ALSO.iter().filter(|(_, also)| also.contains(&name)).map(|(kept, _)| *kept);
    Texts(std::iter::once(name).chain(others).map(str::to_owned).collect())
}

base::record! {
    struct Row in "event" {
        tenant_id: TenantId,
        id: EventId,
        seq: Option<i64>,
        name: String,
        object: String,
        object_id: Uuid,
        person_id: Option<Uuid>,
        body: Sealed,
        created_at: Ts,
    }
}

/// An event, opened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its place in the stream, from 1; none for a moment after it happened.
    pub seq: Option<i64>,
    /// The name it is kept under; [`names`] has the others.
    pub name: String,
    /// What kind of thing it happened to.
    pub object: String,
    /// Which.
    pub object_id: Uuid,
    /// The thing as it was then; nothing once its person is erased, or it is superseded and no longer kept.
    pub body: Option<Value>,
    /// When.
    pub created_at: Ts,
}

/// Which events a reader wants.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this name, whichever of its names it is.
    pub name: Option<String>,
    /// About this kind of thing.
    pub object: Option<String>,
    /// About this thing.
    pub object_id: Option<Uuid>,
    /// Not before this instant.
    pub since: Option<Ts>,
}

/// How many events may be told in another order than that of their ids: as many as are under way at once, and more.
const OUT_OF_ORDER: i64 = 5_000;

base::record! {
    struct Found { seq: Option<i64> }
}

/// The first place of what happened at an instant or later; none where nothing has a place that did. Found by the ids, which rise
/// with time but for those of a tenant of own time.
pub async fn first_since(tx: &Tx, tenant: &Tenant, at: Ts) -> Result<Option<i64>> {
    let found: Found = if tenant.own_time.is_some() {
        let sql = "SELECT min(seq) FROM event WHERE tenant_id = $1 AND seq IS NOT NULL AND created_at >= $2";
        tx.one(sql, &[&tenant.id, &at]).await?
    } else {
        let sql = "SELECT min(seq) FROM (SELECT seq FROM event WHERE tenant_id = $1 AND id >= $2 ORDER BY id LIMIT $3) AS first";
        tx.one(sql, &[&tenant.id, &least_id(at), &OUT_OF_ORDER]).await?
    };
    Ok(found.seq)
}

/// The last place of what happened before an instant; none where nothing has a place that did. Found as [`first_since`] finds.
pub async fn last_before(tx: &Tx, tenant: &Tenant, at: Ts) -> Result<Option<i64>> {
    let found: Found = if tenant.own_time.is_some() {
        let sql = "SELECT max(seq) FROM event WHERE tenant_id = $1 AND seq IS NOT NULL AND created_at < $2";
        tx.one(sql, &[&tenant.id, &at]).await?
    } else {
        let sql = "SELECT max(seq) FROM (SELECT seq FROM event WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3) AS last";
        tx.one(sql, &[&tenant.id, &least_id(at), &OUT_OF_ORDER]).await?
    };
    Ok(found.seq)
}

/// The first `limit` events after a place, oldest first, and whether more follow.
pub async fn after(
    tx: &Tx,
    tenant: &Tenant,
    place: i64,
    filter: &Filter,
    limit: i64,
) -> Result<(Vec<Event>, bool)> {
    let names = filter.name.as_deref().map(kept_as);
    let place = match filter.since {
        Some(since) => match first_since(tx, tenant, since).await? {
            Some(first) => place.max(first - 1),
            None => return Ok((Vec::new(), false)),
        },
        None => place,
    };
    let one_more = limit.saturating_add(1);
    let mut params: Vec<&dyn Param> = vec![&tenant.id, &place];
    let mut tail = String::from("WHERE tenant_id = $1 AND seq > $2");
    let mut and = |condition: &str, value| {
        params.push(value);
        tail.push_str(&condition.replace('?', &format!("${}", params.len())));
    };
    if let Some(names) = &names {
        and(" AND name IN texts(?)", names);
    }
    if let Some(object) = &filter.object {
        and(" AND object = ?", object);
    }
    if let Some(id) = &filter.object_id {
        and(" AND object_id = ?", id);
    }
    if let Some(since) = &filter.since {
        and(" AND created_at >= ?", since);
    }
    and(" ORDER BY seq LIMIT ?", &one_more);
    let mut rows: Vec<Row> = tx.select(&tail, &params).await?;
    let most = usize::try_from(limit).map_err(|e| Failure::broken("reading a page's limit", e))?;
    let more = rows.len() > most;
    rows.truncate(most);
    Ok((opened(tx, tenant, rows).await?, more))
}

/// Events by their ids, each with what keeps it from being opened where something does. The order is that of no list.
pub async fn of(tx: &Tx, tenant: &Tenant, ids: Vec<EventId>) -> Result<Vec<(EventId, Result<Event>)>> {
    let tail = "WHERE tenant_id = $1 AND id IN ids($2)";
    let rows: Vec<Row> = tx.select(tail, &[&tenant.id, &Ids::of(ids)]).await?;
    let people = rows.iter().filter_map(|row| row.person_id.map(CustomerId));
    let keys = people::keys(tx, tenant, people.collect::<Vec<_>>()).await?;
    Ok(rows.into_iter().map(|row| (row.id, open(tenant, &keys, row))).collect())
}

/// An event.
pub async fn find(tx: &Tx, tenant: &Tenant, id: EventId) -> Result<Option<Event>> {
    let found: Option<Row> = tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await?;
    Ok(opened(tx, tenant, found.into_iter().collect()).await?.pop())
}

async fn opened(tx: &Tx, tenant: &Tenant, rows: Vec<Row>) -> Result<Vec<Event>> {
    let people = rows.iter().filter_map(|row| row.person_id.map(CustomerId));
    let keys = people::keys(tx, tenant, people.collect::<Vec<_>>()).await?;
    rows.into_iter().map(|row| open(tenant, &keys, row)).collect()
}

fn open(tenant: &Tenant, keys: &HashMap<CustomerId, PersonKey>, row: Row) -> Result<Event> {
    let bytes = match row.person_id {
        _ if row.body.0.is_empty() => None,
        None => Some(tenant.key.open("event", "body", row.id, &row.body)?),
        Some(person) => match keys.get(&CustomerId(person)) {
            Some(key) => Some(key.open("event", "body", row.id, &row.body)?),
            None => None,
        },
    };
    let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes);
    Ok(Event {
        id: row.id,
        seq: row.seq,
        body: bytes.map(read).transpose().map_err(|e| Failure::broken("reading an event", e))?,
        name: row.name,
        object: row.object,
        object_id: row.object_id,
        created_at: row.created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_finds_what_happened_under_other_names() {
        for (asked, kept) in [
            ("payment_plan.updated", vec!["payment_plan.updated", "payment-plan.update"]),
            ("payment_plan.cancelled", vec!["payment_plan.cancelled", "payment_plan.broken"]),
            ("customer.create", vec!["customer.create"]),
        ] {
            assert_eq!(kept_as(asked).0, kept);
            assert!(kept.iter().all(|kept| *kept == asked || names(kept).contains(&asked)));
        }
    }
}
