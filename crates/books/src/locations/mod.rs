//! Where a debt comes from: its original creditor, its current one, or a kind of product.
//!
//! Must always hold: among a tenant's live locations of one type no two have the same name, and no two the same
//! external id; a location that a live account or a client's terms name is not deleted; none is its own ancestor.

mod write;

use std::collections::HashMap;

use base::db::{Ids, Tx};
use base::page::Which;
use base::{Change, Failure, Listed, Page, Ref, Result, TenantId, Ts};
use serde_json::{Value, json};

use crate::counts::{self, List};
use crate::metadata::{self, Metadata};
use crate::orgs::Tenant;
use crate::people::view;
use crate::refs;
pub use write::{Create, Delete, Update, create, delete, match_or_create, merge, resolve_or_create, update};

base::ids! {
    /// Where a debt comes from.
    LocationId "location"
}

/// What a location is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Whom the debt was first owed to.
    #[default]
    OriginalCreditor,
    /// Whom it is owed to now.
    CurrentCreditor,
    /// What was bought.
    ProductType,
}

impl Kind {
    /// The words on the wire and in the database.
    pub const WORDS: &'static [(&'static str, Kind)] = &[
        ("original_creditor", Kind::OriginalCreditor),
        ("current_creditor", Kind::CurrentCreditor),
        ("product_type", Kind::ProductType),
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::OriginalCreditor => "original_creditor",
            Kind::CurrentCreditor => "current_creditor",
            Kind::ProductType => "product_type",
        }
    }

    /// The type of a stored word.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}

/// A location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Our id.
    pub id: LocationId,
    /// The caller's.
    pub external_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The location it belongs to.
    pub parent: Option<LocationId>,
    /// What the caller keeps with it.
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Ts,
    /// When it last changed.
    pub updated_at: Ts,
}

/// What a request says about a location. On create, `Clear` is as good as `Keep`.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Its name; required on create.
    pub name: Change<String>,
    /// What it is; an original creditor where nothing is said.
    pub kind: Change<Kind>,
    /// The caller's id.
    pub external_id: Change<String>,
    /// The location it belongs to.
    pub parent: Change<Ref>,
    /// Attributes; clearing deletes all.
    pub metadata: Change<metadata::Changes>,
}

/// What a list of locations may be filtered by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The caller's id, exactly.
    pub external_id: Option<String>,
    /// The name, exactly.
    pub name: Option<String>,
    /// What it is.
    pub kind: Option<Kind>,
    /// Those that belong to this one.
    pub parent: Option<LocationId>,
}

base::record! {
    struct Row in "location" {
        tenant_id: TenantId,
        id: LocationId,
        external_id: Option<String>,
        name: String,
        r#type: String,
        parent_id: Option<LocationId>,
        metadata: String,
        created_at: Ts,
        updated_at: Ts,
    }
}

fn opened(row: Row) -> Result<Location> {
    Ok(Location {
        id: row.id,
        external_id: row.external_id,
        name: row.name,
        kind: Kind::parse(&row.r#type)
            .ok_or_else(|| Failure::broken("opening a location", "the type is unknown"))?,
        parent: row.parent_id,
        metadata: metadata::from_text(&row.metadata)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn row(tenant: &Tenant, location: &Location) -> Row {
    let l = location.clone();
    Row {
        tenant_id: tenant.id,
        id: l.id,
        external_id: l.external_id,
        name: l.name,
        r#type: l.kind.as_str().into(),
        parent_id: l.parent,
        metadata: metadata::to_text(&l.metadata),
        created_at: l.created_at,
        updated_at: l.updated_at,
    }
}

/// A location as the object that events carry: what the API answers with, without embedded ones.
pub fn view(location: &Location) -> Value {
    json!({
        "id": location.id.to_string(),
        "external_id": location.external_id,
        "name": location.name,
        "type": location.kind.as_str(),
        "parent_id": location.parent.map(|id| id.to_string()),
        "metadata": view::metadata(&location.metadata),
        "created_at": location.created_at.to_string(),
        "updated_at": location.updated_at.to_string(),
    })
}

/// The live location that `reference` names: by our id first, then by the caller's.
pub async fn resolve(tx: &Tx, tenant: &Tenant, reference: &Ref) -> Result<Option<LocationId>> {
    Ok(refs::resolve(tx, tenant.id, "location", reference).await?.map(LocationId))
}

/// A live location.
pub async fn find(tx: &Tx, tenant: &Tenant, id: LocationId) -> Result<Option<Location>> {
    read(tx, tenant, id, false).await
}

async fn read(tx: &Tx, tenant: &Tenant, id: LocationId, lock: bool) -> Result<Option<Location>> {
    let for_update = if lock { " FOR UPDATE" } else { "" };
    let tail = format!("WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL{for_update}");
    tx.find(&tail, &[&tenant.id, &id]).await?.map(opened).transpose()
}

/// Live locations by their ids; those that are not there are left out.
pub async fn load(
    tx: &Tx,
    tenant: &Tenant,
    ids: impl IntoIterator<Item = LocationId> + Send,
) -> Result<HashMap<LocationId, Location>> {
    let ids = Ids::of(ids);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = tx
        .select("WHERE tenant_id = $1 AND id IN ids($2) AND deleted_at IS NULL", &[&tenant.id, &ids])
        .await?;
    rows.into_iter().map(|row| opened(row).map(|location| (location.id, location))).collect()
}

/// The newest locations that belong to `parent`.
pub async fn children(tx: &Tx, tenant: &Tenant, parent: LocationId, most: i64) -> Result<Vec<Location>> {
    let tail = "WHERE tenant_id = $1 AND parent_id = $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT $3";
    let rows: Vec<Row> = tx.select(tail, &[&tenant.id, &parent, &most]).await?;
    rows.into_iter().map(opened).collect()
}

/// A page of locations, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Location>> {
    let which = Which::of(tenant.id, "deleted_at IS NULL")
        .filter_if("external_id = ?", filter.external_id.as_deref())
        .filter_if("name = ?", filter.name.as_deref())
        .filter_if("type = ?", filter.kind.map(Kind::as_str))
        .filter_if("parent_id = ?", filter.parent);
    let counted = counts::of(tx, tenant, List::Locations, &which, page).await?;
    let Listed { rows, total, capped, more } = which.page_of::<Row>(tx, page, counted).await?;
    Ok(Listed { rows: rows.into_iter().map(opened).collect::<Result<_>>()?, total, capped, more })
}

async fn by_name(tx: &Tx, tenant: &Tenant, name: &str, kind: Kind) -> Result<Option<Location>> {
    let tail = "WHERE tenant_id = $1 AND type = $2 AND name = $3 AND deleted_at IS NULL";
    tx.find(tail, &[&tenant.id, &kind.as_str(), &name]).await?.map(opened).transpose()
}
