//! Making, changing and deleting locations. The commands are for callers who do nothing else in their
//! transaction; the functions of the same names are for those who do.

use base::db::{Command, Tx};
use base::{Change, Code, Failure, Ref, Result};

use super::{Fields, Kind, Location, LocationId, by_name, find, read, resolve, row, view};
use crate::metadata::{self, Metadata};
use crate::orgs::Tenant;
use crate::{events, refs};

/// How many locations may stand above one another.
const LEVELS: usize = 16;

/// The location a debt account names. An unknown reference makes one: `name` is required then, and the
/// reference becomes its external id. One of the same name and type that has no external id yet is taken.
pub async fn resolve_or_create(
    tx: &Tx,
    tenant: &Tenant,
    reference: &Ref,
    name: Option<&str>,
    kind: Option<Kind>,
) -> Result<LocationId> {
    if let Some(found) = resolve(tx, tenant, reference).await? {
        return Ok(found);
    }
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return Err(Failure::field("location_name", "The location name field is required."));
    };
    if refs::fault(reference.theirs()).is_some() {
        return Err(Failure::unknown_reference("location_id"));
    }
    let (kind, external_id) = (kind.unwrap_or_default(), Change::Set(reference.theirs().to_owned()));
    match by_name(tx, tenant, name, kind).await? {
        Some(same) if same.external_id.is_none() => {
            update(tx, tenant, same.id, &Fields { external_id, ..Fields::default() }).await?;
            Ok(same.id)
        }
        Some(_) => Err(Failure::field("location_name", "The location name has already been taken.")),
        None => {
            let name = Change::Set(name.to_owned());
            let id = tx.new_id();
            create(
                tx,
                tenant,
                id,
                &Fields { name, kind: Change::Set(kind), external_id, ..Fields::default() },
            )
            .await?;
            Ok(id)
        }
    }
}

/// A location of a debt account's further ones: the one with this external id, else with this name and type, else
/// a new one.
pub async fn match_or_create(
    tx: &Tx,
    tenant: &Tenant,
    external_id: Option<&str>,
    name: &str,
    kind: Option<Kind>,
) -> Result<LocationId> {
    let kind = kind.unwrap_or_default();
    if let Some(external_id) = external_id
        && let Some(id) = refs::by_external_id(tx, tenant.id, "location", external_id).await?
    {
        return Ok(LocationId(id));
    }
    if let Some(same) = by_name(tx, tenant, name.trim(), kind).await? {
        return Ok(same.id);
    }
    let id = tx.new_id();
    let fields = Fields {
        name: Change::Set(name.to_owned()),
        kind: Change::Set(kind),
        external_id: external_id.map(str::to_owned).into(),
        ..Fields::default()
    };
    create(tx, tenant, id, &fields).await?;
    Ok(id)
}

/// Makes a location.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: LocationId,
    /// What it is.
    pub fields: &'a Fields,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "locations.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        create(tx, self.tenant, self.id, self.fields).await
    }
}

/// Changes a location.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: LocationId,
    /// What changes.
    pub fields: &'a Fields,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "locations.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        update(tx, self.tenant, self.id, self.fields).await
    }
}

/// Deletes a location that no live account names.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: LocationId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "locations.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        delete(tx, self.tenant, self.id).await
    }
}

/// Makes a location.
pub async fn create(tx: &Tx, tenant: &Tenant, id: LocationId, fields: &Fields) -> Result<()> {
    let at = tx.now();
    let nowhere = Location {
        id,
        external_id: None,
        name: String::new(),
        kind: Kind::default(),
        parent: None,
        metadata: Metadata::new(),
        created_at: at,
        updated_at: at,
    };
    let location = applied(tx, tenant, nowhere, fields).await?;
    tx.insert(&[row(tenant, &location)]).await?;
    events::emit(tx, tenant, "location.create", "location", id, &view(&location)).await
}

/// Changes a location. 404 where there is none.
pub async fn update(tx: &Tx, tenant: &Tenant, id: LocationId, fields: &Fields) -> Result<()> {
    merge(tx, tenant, id, fields).await.map(drop)
}

/// The same; gives whether anything changed.
pub async fn merge(tx: &Tx, tenant: &Tenant, id: LocationId, fields: &Fields) -> Result<bool> {
    let before = read(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?;
    let after = applied(tx, tenant, before.clone(), fields).await?;
    if after == before {
        return Ok(false);
    }
    let after = Location { updated_at: tx.now(), ..after };
    tx.update(2, &[row(tenant, &after)]).await?;
    events::emit(tx, tenant, "location.update", "location", id, &view(&after)).await?;
    Ok(true)
}

/// Deletes a location. 404 where there is none, 400 while a live account, another location or a client's terms name it.
pub async fn delete(tx: &Tx, tenant: &Tenant, id: LocationId) -> Result<()> {
    let location = read(tx, tenant, id, true).await?.ok_or_else(Failure::not_found)?;
    let (t, at) = (&tenant.id, tx.now());
    let uses = [
        (
            "SELECT count(*) FROM debt WHERE tenant_id = $1 AND location_id = $2 AND deleted_at IS NULL",
            "The location has debt accounts and cannot be deleted.",
        ),
        (
            "SELECT count(*) FROM debt_location JOIN debt ON debt.tenant_id = debt_location.tenant_id AND debt.id = debt_location.debt_id WHERE debt_location.tenant_id = $1 AND debt_location.location_id = $2 AND debt.deleted_at IS NULL",
            "The location has debt accounts and cannot be deleted.",
        ),
        (
            "SELECT count(*) FROM location WHERE tenant_id = $1 AND parent_id = $2 AND deleted_at IS NULL",
            "The location has locations below it and cannot be deleted.",
        ),
        (
            "SELECT count(*) FROM client_terms WHERE tenant_id = $1 AND location_id = $2",
            "The location is a client, by its terms, and cannot be deleted.",
        ),
    ];
    for (count, say) in uses {
        if tx.number(count, &[t, &id]).await? > 0 {
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
    }
    tx.run("UPDATE location SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2", &[t, &id, &at]).await?;
    events::emit(tx, tenant, "location.delete", "location", id, &view(&location)).await
}

/// `now` as `fields` say; refuses everything that is wrong at once.
async fn applied(tx: &Tx, tenant: &Tenant, now: Location, fields: &Fields) -> Result<Location> {
    let mut faults: Vec<(String, Vec<String>)> = Vec::new();
    let mut fault = |field: &str, say: &str| faults.push((field.to_owned(), vec![say.to_owned()]));
    let text = |change: &Change<String>, now: Option<String>| {
        change.clone().over(now).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let after = Location {
        name: text(&fields.name, Some(now.name.clone())).unwrap_or_default(),
        kind: fields.kind.as_set().copied().unwrap_or(now.kind),
        external_id: text(&fields.external_id, now.external_id.clone()),
        metadata: match &fields.metadata {
            Change::Keep => now.metadata.clone(),
            Change::Clear => Metadata::new(),
            Change::Set(changes) => metadata::merged(now.metadata.clone(), changes),
        },
        parent: match &fields.parent {
            Change::Keep => now.parent,
            Change::Clear => None,
            Change::Set(reference) => match parent(tx, tenant, now.id, reference).await? {
                Some(parent) => Some(parent),
                None => {
                    fault("parent_id", "The selected parent id is invalid.");
                    None
                }
            },
        },
        ..now.clone()
    };
    if after.name.is_empty() {
        fault("name", "The name field is required.");
    } else if (&after.name, after.kind) != (&now.name, now.kind)
        && by_name(tx, tenant, &after.name, after.kind).await?.is_some_and(|other| other.id != now.id)
    {
        fault("name", "The name has already been taken.");
    }
    if let Some(external_id) =
        after.external_id.as_deref().filter(|id| now.external_id.as_deref() != Some(id))
    {
        if let Some(say) = refs::fault(external_id) {
            fault("external_id", &say);
        } else if refs::by_external_id(tx, tenant.id, "location", external_id).await?.is_some() {
            fault("external_id", refs::TAKEN);
        }
    }
    if faults.is_empty() { Ok(after) } else { Err(Failure::fields(faults)) }
}

/// The location `reference` names, unless it is `of` or below it.
async fn parent(tx: &Tx, tenant: &Tenant, of: LocationId, reference: &Ref) -> Result<Option<LocationId>> {
    let Some(found) = resolve(tx, tenant, reference).await? else { return Ok(None) };
    let mut above = Some(found);
    for _ in 0..LEVELS {
        match above {
            Some(id) if id == of => return Ok(None),
            Some(id) => above = find(tx, tenant, id).await?.and_then(|location| location.parent),
            None => return Ok(Some(found)),
        }
    }
    Ok(None)
}
