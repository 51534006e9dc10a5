//! Which keys there are, and how many rows need each.

use std::collections::BTreeMap;

use base::db::Tx;
use base::vault::{Sealed, Use, version_of};
use base::{Result, Ts};
use serde_json::{Value, json};

use super::Kind;
use super::places::of_tenant;
use crate::orgs::{Tenant, Tenants};

/// A version of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `master`, `tenant`, `index`, `both` or `customers`.
    pub kind: String,
    /// Its version; a master's is a digest of itself.
    pub version: u32,
    /// `coming`, `active`, `leaving` or `retired`; `missing` where rows need a key that does not live.
    pub state: String,
    /// How many values stand under it; of a master, keys; of data keys, people.
    pub rows: i64,
    /// When it was made, where that is known.
    pub made_at: Option<Ts>,
    /// When it was destroyed.
    pub retired_at: Option<Ts>,
}

base::record! {
    struct KeyRow in "tenant_key" {
        version: i64, wrapped: Sealed, created_at: Ts, serves: String, state: String, retired_at: Option<Ts>
    }
}
base::record! {
    struct Counted { prefix: Vec<u8>, rows: i64 }
}

/// A tenant's keys with the rows under each. Looks at every row: in a snapshot.
pub async fn list(tx: &Tx, tenants: &Tenants, tenant: &Tenant) -> Result<Vec<Line>> {
    let keys: Vec<KeyRow> = tx.select("WHERE tenant_id = $1 ORDER BY version", &[&tenant.id]).await?;
    let mut lines = masters(tenants, &keys);
    let mut rows = under(tx, tenant, Use::Seal).await?;
    for (version, more) in under(tx, tenant, Use::Index).await? {
        *rows.entry(version).or_default() += more;
    }
    for key in &keys {
        let (version, serves) = (u32::try_from(key.version).unwrap_or(0), key.serves.parse::<Use>()?);
        let newest =
            [Use::Seal, Use::Index].iter().any(|to| serves.serves(*to) && tenant.key.writes(*to) == version);
        lines.push(Line {
            kind: key.serves.clone(),
            version,
            state: if key.state == "active" && !newest { "leaving".into() } else { key.state.clone() },
            rows: rows.remove(&version).unwrap_or(0),
            made_at: Some(key.created_at),
            retired_at: key.retired_at,
        });
    }
    lines.extend(rows.into_iter().map(|(version, rows)| Line::of(Kind::Tenant, version, "missing", rows)));
    for (version, rows) in counted(tx, tenant, "customer", "name", "").await? {
        lines.push(Line::of(Kind::Customers, version, "active", rows));
    }
    Ok(lines)
}

impl Line {
    /// It as API and command line show it.
    pub fn to_json(&self) -> Value {
        // A master's version is a digest, the others' are counted.
        let version =
            if self.kind == "master" { format!("{:08x}", self.version) } else { self.version.to_string() };
        json!({
            "kind": self.kind, "version": version, "state": self.state, "rows": self.rows,
            "created_at": self.made_at.map(|at| at.to_string()),
            "retired_at": self.retired_at.map(|at| at.to_string()),
        })
    }

    fn of(kind: Kind, version: u32, state: &str, rows: i64) -> Line {
        Line {
            kind: kind.as_str().into(),
            version,
            state: state.into(),
            rows,
            made_at: None,
            retired_at: None,
        }
    }
}

fn masters(tenants: &Tenants, keys: &[KeyRow]) -> Vec<Line> {
    let newest = tenants.masters().newest().version();
    let mut wraps = BTreeMap::from([(newest, 0)]);
    for key in keys.iter().filter(|key| key.state != "retired") {
        *wraps.entry(key.wrapped.version()).or_default() += 1;
    }
    let state = |version| if version == newest { "active" } else { "leaving" };
    wraps.into_iter().map(|(version, rows)| Line::of(Kind::Master, version, state(version), rows)).collect()
}

/// How many values stand under each version of a tenant's key.
async fn under(tx: &Tx, tenant: &Tenant, to: Use) -> Result<BTreeMap<u32, i64>> {
    let mut sums = BTreeMap::new();
    for (place, only) in of_tenant(to) {
        for (version, rows) in counted(tx, tenant, place.table, place.column, &only).await? {
            *sums.entry(version).or_default() += rows;
        }
    }
    Ok(sums)
}

async fn counted(
    tx: &Tx,
    tenant: &Tenant,
    table: &str,
    column: &str,
    only: &str,
) -> Result<BTreeMap<u32, i64>> {
    let rows: Vec<Counted> = tx
        .all(
            &format!(
                "SELECT substr({column}, 1, 4), count(*) FROM {table} WHERE tenant_id = $1 \
                 AND {column} IS NOT NULL AND length({column}) > 0{only} GROUP BY substr({column}, 1, 4)"
            ),
            &[&tenant.id],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (version_of(&row.prefix).unwrap_or(0), row.rows)).collect())
}

/// How many values stand under another version than the one that is written with.
pub(super) async fn left(tx: &Tx, tenant: &Tenant, to: Use) -> Result<i64> {
    let newest = tenant.key.writes(to);
    Ok(under(tx, tenant, to)
        .await?
        .into_iter()
        .filter(|(version, _)| *version != newest)
        .map(|(_, n)| n)
        .sum())
}
