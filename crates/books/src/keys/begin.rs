//! How a rotation begins.

use base::db::{Command, Db, Tx};
use base::vault::Use;
use base::{Code, Failure, Result, TenantId, Ts};
use uuid::Uuid;

use super::places::{PLACES, of_tenant};
use super::{Kind, Row, Wish, locked};
use crate::orgs::Tenants;

/// Begins a rotation of a tenant's keys; [`step`](super::step) does it. Refuses where one of this kind runs.
///
/// Where the tenant's first key still serves both uses, the rotation of one is the rotation of both: a key is
/// destroyed only when it serves nothing any more.
pub async fn begin(db: &Db, tenants: &Tenants, tenant: TenantId, wish: &Wish) -> Result<()> {
    let now = db.now().await?;
    let counted = |kind| many(db, tenant, kind);
    let many = [counted(Kind::Tenant).await?, counted(Kind::Index).await?, counted(wish.kind).await?];
    db.run(&Begin { tenants, tenant, wish, now, many }).await
}

/// How many rows a rotation will look at, about.
async fn many(db: &Db, tenant: TenantId, kind: Kind) -> Result<i64> {
    let tx = db.snapshot().await?;
    let tables: Vec<&str> = match kind {
        Kind::Tenant => of_tenant(Use::Seal).iter().map(|(place, _)| place.table).collect(),
        Kind::Index => vec!["customer", "payment_method", "idempotency"],
        Kind::Customers => vec!["customer"],
        Kind::Master => PLACES.iter().take(1).map(|place| place.table).collect(),
    };
    let mut sum = 0;
    for table in tables {
        sum += tx.number(&format!("SELECT count(*) FROM {table} WHERE tenant_id = $1"), &[&tenant]).await?;
    }
    Ok(sum)
}

struct Begin<'a> {
    tenants: &'a Tenants,
    tenant: TenantId,
    wish: &'a Wish,
    now: Ts,
    /// Of the tenant's key, of the index key, of what was asked for.
    many: [i64; 3],
}

base::record! {
    struct KeyRow in "tenant_key" { version: i64, serves: String, state: String }
}

impl Command for Begin<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "keys.begin"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let to = match self.wish.kind {
            Kind::Master => return self.write(tx, Kind::Master, "moving", 0, self.many[2]).await,
            Kind::Customers => return self.write(tx, Kind::Customers, "moving", 0, self.many[2]).await,
            Kind::Tenant => Use::Seal,
            Kind::Index => Use::Index,
        };
        let tail = "WHERE tenant_id = $1 ORDER BY version FOR UPDATE";
        let keys: Vec<KeyRow> = tx.select(tail, &[&self.tenant]).await?;
        let last = keys.last().ok_or_else(Failure::not_found)?.version;
        let mut shared = false;
        for key in keys.iter().filter(|key| key.state != "retired") {
            shared |= key.serves.parse::<Use>()? == Use::Both;
        }
        let new = if shared { vec![Use::Seal, Use::Index] } else { vec![to] };
        for (version, serves) in (last + 1..).zip(new) {
            self.tenants.make_key(tx, self.tenant, version, serves, false).await?;
            let (kind, many) = match serves {
                Use::Index => (Kind::Index, self.many[1]),
                _ => (Kind::Tenant, self.many[0]),
            };
            self.write(tx, kind, "coming", version, many).await?;
        }
        Ok(())
    }
}

impl Begin<'_> {
    async fn write(&self, tx: &Tx, kind: Kind, phase: &str, version: i64, many: i64) -> Result<()> {
        let before = locked(tx, self.tenant, kind).await?;
        if before.as_ref().is_some_and(|row| row.phase != "done") {
            return Err(Failure::refused(
                Code::Conflict,
                format!("A rotation of this kind ({}) is running already.", kind.as_str()),
            ));
        }
        let wait = self.tenants.key_wait_seconds();
        let row = Row {
            tenant_id: self.tenant,
            kind: kind.as_str().into(),
            phase: phase.into(),
            version,
            wait_seconds: wait,
            next_at: if phase == "coming" { self.now.plus_seconds(wait) } else { self.now },
            settles_at: None,
            place: 0,
            after: String::new(),
            before: self.wish.before.or((kind == Kind::Customers).then_some(self.now)),
            only_id: self.wish.only.map(Uuid::from),
            walked: 0,
            many,
            created_at: self.now,
            finished_at: None,
        };
        match before {
            Some(_) => tx.update(2, &[row]).await,
            None => tx.insert(&[row]).await,
        }
    }
}
