//! Organizations and their two environments, which never mix.
//!
//! A [`Tenant`] is one environment of one organization, opened: with its zone and its keys. Every operation of
//! the business takes one, and every row it touches is that tenant's.

mod looks;
mod own_time;
mod settings;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use base::db::{Command, Db, Tx};
use base::vault::{KeyRing, Live, MasterKeys, Sealed, TenantKey, Use};
use base::{Code, Day, Failure, OrgId, Result, TenantId, Ts};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

pub(crate) use self::looks::drop_logo;
pub use self::looks::{LARGEST_LOGO, Logo, PortalTexts, Spot, logo};
pub use self::own_time::OwnTime;
pub(crate) use self::settings::forgetful;
pub use self::settings::{
    Flow, Flows, Origins, PaymentRules, PortalCheck, Settings, WEEKDAYS, of as settings, origin,
};

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
    /// How its customers may pay.
    pub rules: PaymentRules,
    /// Its keys, as they were when it was opened. Nobody holds on to a tenant: it is opened for each request and each
    /// step anew.
    pub key: Arc<KeyRing>,
    /// Its own time, where it is a sandbox whose clock somebody holds.
    pub own_time: Option<OwnTime>,
}

impl Tenant {
    /// The database as this tenant has it: in its own time, where it has one.
    pub fn db(&self, db: &Db) -> Db {
        match self.own_time {
            Some(time) => db.in_time_of(self.id, time.at(db.seams().wall())),
            None => db.clone(),
        }
    }

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
    /// Its name, for whoever runs the server.
    pub name: String,
    /// The IANA time zone of its production.
    pub time_zone: String,
    /// When it was made.
    pub created_at: Ts,
}

base::record! {
    struct OrgRow in "organization" { id: OrgId, name: String, created_at: Ts }
}
base::record! {
    struct ListedRow { id: OrgId, name: String, time_zone: String, created_at: Ts }
}
base::record! {
    struct TenantRow in "tenant" { id: TenantId, organization_id: OrgId, environment: String, created_at: Ts }
}
base::record! {
    struct KeyRow in "tenant_key" {
        tenant_id: TenantId, version: i64, wrapped: Sealed, created_at: Ts, serves: String, state: String
    }
}
base::record! {
    pub(crate) struct OpenRow {
        pub(crate) id: TenantId,
        pub(crate) organization_id: OrgId,
        pub(crate) environment: String,
        pub(crate) time_zone: String,
        pub(crate) week_start: i64,
        pub(crate) rules: PaymentRules,
        pub(crate) version: i64,
        pub(crate) serves: String,
        pub(crate) state: String,
        pub(crate) made_at: Ts,
        pub(crate) stands_at: Option<Ts>,
        pub(crate) runs_since: Option<Ts>,
    }
}

/// A tenant with each of its keys that live. Which of them is written with is read here, with every opening: no node
/// has to be told of a rotation.
const OPEN: &str = "SELECT tenant.id, tenant.organization_id, tenant.environment, setting.time_zone, setting.week_start, setting.payment_rules, \
                    tenant_key.version, tenant_key.serves, tenant_key.state, tenant_key.created_at, test_clock.stands_at, test_clock.runs_since \
                    FROM tenant JOIN setting ON setting.tenant_id = tenant.id \
                    LEFT JOIN test_clock ON test_clock.tenant_id = tenant.id \
                    JOIN tenant_key ON tenant_key.tenant_id = tenant.id AND tenant_key.state <> 'retired'";

/// How long anybody may work with a tenant once it was opened, in seconds, where nothing else is said. Requests and
/// steps end within one minute.
pub const KEY_WAIT_SECONDS: i64 = 300;

/// Opens tenants. What one version of a key is never changes, so that is kept in memory; which versions there are, and
/// which is written with, is read from the database each time.
pub struct Tenants {
    masters: MasterKeys,
    key_wait_seconds: i64,
    keys: RwLock<Known>,
}

/// Versions of tenants' keys, each with the instant at which it was made.
type Known = HashMap<(TenantId, i64), (Ts, Arc<TenantKey>)>;

impl Tenants {
    /// With the keys that wrap all others.
    pub fn new(masters: impl Into<MasterKeys>) -> Tenants {
        Tenants { masters: masters.into(), key_wait_seconds: KEY_WAIT_SECONDS, keys: RwLock::default() }
    }

    /// The same, for a program in which nobody works with an opened tenant longer than this: rotations wait so long
    /// before a new key is used, and again before the old one is destroyed.
    #[must_use]
    pub fn with_key_wait(self, seconds: i64) -> Tenants {
        Tenants { key_wait_seconds: seconds, ..self }
    }

    /// How long a rotation waits; see [`with_key_wait`](Tenants::with_key_wait).
    pub fn key_wait_seconds(&self) -> i64 {
        self.key_wait_seconds
    }

    /// The keys that wrap all others.
    pub fn masters(&self) -> &MasterKeys {
        &self.masters
    }

    /// Refuses where any tenant's key is wrapped with a master key that is not here.
    pub async fn check_master_key(&self, db: &Db) -> Result<()> {
        let rows: Vec<KeyRow> =
            db.read().await?.select("WHERE state <> 'retired' ORDER BY created_at", &[]).await?;
        let mut seen = Vec::new();
        for row in &rows {
            if !seen.contains(&row.wrapped.version()) {
                seen.push(row.wrapped.version());
                self.open_key(row)?;
            }
        }
        Ok(())
    }

    /// One tenant.
    pub async fn open(&self, tx: &Tx, id: TenantId) -> Result<Tenant> {
        let rows: Vec<OpenRow> = tx.all(&format!("{OPEN} WHERE tenant.id = $1"), &[&id]).await?;
        self.opened(tx, &rows).await
    }

    /// An organization's tenant in one environment.
    pub async fn of(&self, tx: &Tx, org: OrgId, environment: Environment) -> Result<Tenant> {
        let rows: Vec<OpenRow> = tx
            .all(
                &format!("{OPEN} WHERE tenant.organization_id = $1 AND tenant.environment = $2"),
                &[&org, &environment.as_str()],
            )
            .await?;
        if rows.is_empty() {
            return Err(Failure::refused(
                Code::NotFound,
                format!("There is no organization {org}. `quittance org list` shows them all."),
            ));
        }
        self.opened(tx, &rows).await
    }

    /// Every tenant, oldest first.
    pub async fn all(&self, tx: &Tx) -> Result<Vec<Tenant>> {
        let mut tenants = Vec::new();
        let rows: Vec<OpenRow> = tx.all(&format!("{OPEN} ORDER BY tenant.id"), &[]).await?;
        for of_one in rows.chunk_by(|a, b| a.id == b.id) {
            tenants.push(self.opened(tx, of_one).await?);
        }
        Ok(tenants)
    }

    /// The tenant of these rows, one for each of its keys.
    pub(crate) async fn opened(&self, tx: &Tx, rows: &[OpenRow]) -> Result<Tenant> {
        let row = rows
            .first()
            .ok_or_else(|| Failure::broken("opening a tenant", "it is not there, or has no key"))?;
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
            rules: row.rules.clone(),
            key: Arc::new(self.ring(tx, row.id, rows).await?),
            own_time: row.stands_at.map(|stands_at| OwnTime { stands_at, runs_since: row.runs_since }),
        })
    }

    async fn ring(&self, tx: &Tx, tenant: TenantId, rows: &[OpenRow]) -> Result<KeyRing> {
        let unknown = rows.iter().any(|row| self.known(row).is_none());
        if unknown {
            self.learn(tx, tenant).await?;
        }
        let mut living = Vec::with_capacity(rows.len());
        for row in rows {
            // One that was retired in between is needed by no row any more.
            let Some(key) = self.known(row) else { continue };
            living.push(Live { key, serves: row.serves.parse()?, writes: row.state == "active" });
        }
        KeyRing::new(tenant, living)
    }

    fn known(&self, row: &OpenRow) -> Option<Arc<TenantKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        // Made at another instant, it is another key: the database was restored, and the number given again.
        keys.get(&(row.id, row.version))
            .filter(|(made_at, _)| *made_at == row.made_at)
            .map(|(_, key)| key.clone())
    }

    /// Reads a tenant's keys, and forgets those that do not live any more.
    async fn learn(&self, tx: &Tx, tenant: TenantId) -> Result<()> {
        let rows: Vec<KeyRow> = tx.select("WHERE tenant_id = $1 AND state <> 'retired'", &[&tenant]).await?;
        let opened: Result<Vec<_>> = rows
            .iter()
            .map(|row| Ok(((tenant, row.version), (row.created_at, Arc::new(self.open_key(row)?)))))
            .collect();
        let opened = opened?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|(of, _), _| *of != tenant);
        keys.extend(opened);
        Ok(())
    }

    fn open_key(&self, row: &KeyRow) -> Result<TenantKey> {
        self.masters.open_tenant_key(row.tenant_id, version(row.version)?, &row.wrapped)
    }

    /// Makes a new version of a tenant's key for `serves`. Until it is `active`, it is only read with.
    pub(crate) async fn make_key(
        &self,
        tx: &Tx,
        tenant: TenantId,
        number: i64,
        serves: Use,
        active: bool,
    ) -> Result<()> {
        let (_, wrapped) = self.masters.newest().new_tenant_key(tx.seams(), tenant, version(number)?);
        let state = if active { "active" } else { "coming" };
        tx.insert(&[KeyRow {
            tenant_id: tenant,
            version: number,
            wrapped,
            created_at: tx.now(),
            serves: serves.as_str().into(),
            state: state.into(),
        }])
        .await
    }
}

fn version(number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|e| Failure::broken("reading a key's version", e))
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
        tx.insert(&[OrgRow { id, name: self.name.trim().to_owned(), created_at: now }]).await?;
        for environment in Environment::ALL {
            let tenant: TenantId = tx.new_id();
            tx.insert(&[TenantRow {
                id: tenant,
                organization_id: id,
                environment: environment.as_str().into(),
                created_at: now,
            }])
            .await?;
            tx.insert(&[settings::first(tenant, self.name.trim(), &self.time_zone, now)]).await?;
            self.tenants.make_key(tx, tenant, 1, Use::Seal, true).await?;
            self.tenants.make_key(tx, tenant, 2, Use::Index, true).await?;
        }
        Ok(id)
    }
}

/// All organizations, oldest first.
pub async fn list(tx: &Tx) -> Result<Vec<Organization>> {
    let rows: Vec<ListedRow> = tx
        .all(
            "SELECT organization.id, organization.name, setting.time_zone, organization.created_at FROM organization \
             JOIN tenant ON tenant.organization_id = organization.id AND tenant.environment = 'production' \
             JOIN setting ON setting.tenant_id = tenant.id ORDER BY organization.id",
            &[],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|r| Organization { id: r.id, name: r.name, time_zone: r.time_zone, created_at: r.created_at })
        .collect())
}
