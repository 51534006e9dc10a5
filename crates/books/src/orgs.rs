//! Organizations and their two environments, which never mix.
//!
//! A [`Tenant`] is one environment of one organization, opened: with its zone and its keys. Every operation of
//! the business takes one, and every row it touches is that tenant's.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use base::db::{Command, Db, Tx};
use base::vault::{MasterKey, Sealed, TenantKey};
use base::{Code, Day, Failure, OrgId, Result, TenantId, Ts};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// Which of an organization's two worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real people, real money.
    Production,
    /// For rehearsal; its processor moves no money.
    Sandbox,
}

impl Environment {
    /// Both.
    pub const ALL: [Environment; 2] = [Environment::Production, Environment::Sandbox];

    /// `production` or `sandbox`, as host names have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Sandbox => "sandbox",
        }
    }
}

impl FromStr for Environment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Environment::ALL
            .into_iter()
            .find(|e| e.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not an environment: production or sandbox"))
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An organization's environment, opened: what every operation of the business needs to know of whom it serves.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The tenant of every row.
    pub id: TenantId,
    /// Its organization.
    pub org: OrgId,
    /// Which of the two.
    pub environment: Environment,
    /// The organization's time zone: days begin and end by it.
    pub zone: TimeZone,
    /// The day on which its weeks begin.
    pub week_start: Weekday,
    /// Its key.
    pub key: Arc<TenantKey>,
}

impl Tenant {
    /// The civil day at `now`, where the organization is.
    pub fn today(&self, now: Ts) -> Day {
        now.day_in(&self.zone)
    }
}

/// An organization as `org list` shows it.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its id, the first label of its host names.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Its IANA time zone.
    pub time_zone: String,
    /// When it was made.
    pub created_at: Ts,
}

base::record! {
    struct OrgRow in "organization" { id: OrgId, name: String, time_zone: String, week_start: i64, created_at: Ts }
}
base::record! {
    struct TenantRow in "tenant" { id: TenantId, organization_id: OrgId, environment: String, created_at: Ts }
}
base::record! {
    struct KeyRow in "tenant_key" { tenant_id: TenantId, version: i64, wrapped: Sealed, created_at: Ts }
}
base::record! {
    pub(crate) struct OpenRow {
        pub(crate) id: TenantId,
        pub(crate) organization_id: OrgId,
        pub(crate) environment: String,
        pub(crate) time_zone: String,
        pub(crate) week_start: i64,
    }
}

const OPEN: &str = "SELECT tenant.id, tenant.organization_id, tenant.environment, organization.time_zone, organization.week_start \
                    FROM tenant JOIN organization ON organization.id = tenant.organization_id";

/// Opens tenants; keeps their keys, which never change once made, in memory.
pub struct Tenants {
    master: MasterKey,
    keys: RwLock<HashMap<TenantId, Arc<TenantKey>>>,
}

impl Tenants {
    /// With the key that wraps all others.
    pub fn new(master: MasterKey) -> Tenants {
        Tenants { master, keys: RwLock::default() }
    }

    /// Refuses where the master key is not the one this database was set up with.
    pub async fn check_master_key(&self, db: &Db) -> Result<()> {
        let row: Option<KeyRow> = db.read().await?.find("ORDER BY created_at LIMIT 1", &[]).await?;
        row.map_or(Ok(()), |row| self.open_key(&row).map(drop))
    }

    /// One tenant.
    pub async fn open(&self, tx: &Tx, id: TenantId) -> Result<Tenant> {
        let row: OpenRow = tx.one(&format!("{OPEN} WHERE tenant.id = $1"), &[&id]).await?;
        self.opened(tx, row).await
    }

    /// An organization's tenant in one environment.
    pub async fn of(&self, tx: &Tx, org: OrgId, environment: Environment) -> Result<Tenant> {
        let row: Option<OpenRow> = tx
            .opt(
                &format!("{OPEN} WHERE tenant.organization_id = $1 AND tenant.environment = $2"),
                &[&org, &environment.as_str()],
            )
            .await?;
        let row = row.ok_or_else(|| {
            Failure::refused(
                Code::NotFound,
                format!("There is no organization {org}. `quittance org list` shows them all."),
            )
        })?;
        self.opened(tx, row).await
    }

    /// Every tenant, oldest first.
    pub async fn all(&self, tx: &Tx) -> Result<Vec<Tenant>> {
        let mut tenants = Vec::new();
        for row in tx.all::<OpenRow>(&format!("{OPEN} ORDER BY tenant.id"), &[]).await? {
            tenants.push(self.opened(tx, row).await?);
        }
        Ok(tenants)
    }

    /// The tenant of a row, with its key.
    pub(crate) async fn opened(&self, tx: &Tx, row: OpenRow) -> Result<Tenant> {
        let zone = TimeZone::get(&row.time_zone).map_err(|e| Failure::broken("reading a time zone", e))?;
        let week_start =
            i8::try_from(row.week_start).ok().and_then(|d| Weekday::from_monday_one_offset(d).ok());
        Ok(Tenant {
            id: row.id,
            org: row.organization_id,
            environment: row
                .environment
                .parse()
                .map_err(|e: String| Failure::broken("reading an environment", e))?,
            zone,
            week_start: week_start.unwrap_or(Weekday::Sunday),
            key: self.key(tx, row.id).await?,
        })
    }

    async fn key(&self, tx: &Tx, tenant: TenantId) -> Result<Arc<TenantKey>> {
        if let Some(key) = self.keys.read().unwrap_or_else(PoisonError::into_inner).get(&tenant) {
            return Ok(key.clone());
        }
        let row: Option<KeyRow> =
            tx.find("WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1", &[&tenant]).await?;
        let row = row.ok_or_else(|| Failure::broken("opening a tenant", "it has no key"))?;
        let key = Arc::new(self.open_key(&row)?);
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, key.clone());
        Ok(key)
    }

    fn open_key(&self, row: &KeyRow) -> Result<TenantKey> {
        let version =
            u32::try_from(row.version).map_err(|e| Failure::broken("reading a key's version", e))?;
        self.master.open_tenant_key(row.tenant_id, version, &row.wrapped)
    }
}

/// Makes an organization with both environments and their keys.
pub struct Create<'a> {
    /// Where tenants are opened.
    pub tenants: &'a Tenants,
    /// Its name.
    pub name: String,
    /// Its IANA time zone.
    pub time_zone: String,
}

impl Command for Create<'_> {
    type Out = OrgId;

    fn name(&self) -> &'static str {
        "orgs.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<OrgId> {
        if self.name.trim().is_empty() {
            return Err(Failure::field("name", "The name field is required."));
        }
        if TimeZone::get(&self.time_zone).is_err() {
            return Err(Failure::field(
                "time_zone",
                format!("`{}` is not a time zone; write one like America/New_York.", self.time_zone),
            ));
        }
        let (now, id) = (tx.now(), tx.new_id());
        tx.insert(&[OrgRow {
            id,
            name: self.name.trim().to_owned(),
            time_zone: self.time_zone.clone(),
            week_start: 7,
            created_at: now,
        }])
        .await?;
        for environment in Environment::ALL {
            let tenant: TenantId = tx.new_id();
            tx.insert(&[TenantRow {
                id: tenant,
                organization_id: id,
                environment: environment.as_str().into(),
                created_at: now,
            }])
            .await?;
            let (_, wrapped) = self.tenants.master.new_tenant_key(tx.seams(), tenant, 1);
            tx.insert(&[KeyRow { tenant_id: tenant, version: 1, wrapped, created_at: now }]).await?;
        }
        Ok(id)
    }
}

/// All organizations, oldest first.
pub async fn list(tx: &Tx) -> Result<Vec<Organization>> {
    let rows: Vec<OrgRow> = tx.select("ORDER BY id", &[]).await?;
    Ok(rows
        .into_iter()
        .map(|r| Organization { id: r.id, name: r.name, time_zone: r.time_zone, created_at: r.created_at })
        .collect())
}
