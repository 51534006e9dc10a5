//! Endpoints in the database, who is asked about now, and what is applied.

use base::db::{Command, Tx};
use base::secret::Secret;
use base::vault::Sealed;
use base::web::Address;
use base::{Code, Failure, Result, TenantId, Ts};
use books::events;
use books::idempotency::{self, Once};
use books::orgs::Tenant;
use uuid::Uuid;

use super::model::{AT_ONCE, Endpoint, EndpointId, FAILURES, PAUSE_SECONDS};
use crate::upsert::{self, Faults, How, Made, Record, Rules};

/// How long an account may be asked about: longer than a call and what is done with its answer.
const FLIGHT_SECONDS: i64 = 30;

base::record! {
    struct Row in "jit_endpoint" {
        tenant_id: TenantId,
        id: EndpointId,
        url: Sealed,
        secret: Option<Sealed>,
        failures: i64,
        open_until: Option<Ts>,
        created_at: Ts,
        updated_at: Ts,
    }
}

base::record! {
    struct Flight in "jit_flight" { tenant_id: TenantId, account: String, token: Uuid, until: Ts }
}

fn opened(tenant: &Tenant, row: Row) -> Result<Endpoint> {
    let text = |column: &'static str, sealed: &Sealed| -> Result<String> {
        let bytes = tenant.key.open("jit_endpoint", column, row.id, sealed)?;
        String::from_utf8(bytes).map_err(|_| Failure::broken("opening an endpoint", "it is no text"))
    };
    Ok(Endpoint {
        id: row.id,
        url: text("url", &row.url)?,
        secret: row.secret.as_ref().map(|sealed| text("secret", sealed).map(Secret::new)).transpose()?,
        failures: row.failures,
        open_until: row.open_until,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The organization's endpoint.
pub async fn find(tx: &Tx, tenant: &Tenant) -> Result<Option<Endpoint>> {
    let found: Option<Row> = tx.find("WHERE tenant_id = $1", &[&tenant.id]).await?;
    found.map(|row| opened(tenant, row)).transpose()
}

async fn locked(tx: &Tx, tenant: &Tenant) -> Result<Option<Row>> {
    tx.find("WHERE tenant_id = $1 FOR UPDATE", &[&tenant.id]).await
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, row: Row) -> Result<()> {
    let endpoint = opened(tenant, row)?;
    events::emit(tx, tenant, name, "just_in_time", endpoint.id, &endpoint.view()).await
}

/// Registers an endpoint, in the place of the one before.
pub struct Register<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: EndpointId,
    /// Where it is.
    pub url: &'a str,
    /// What is sent with each call.
    pub secret: Option<&'a Secret<String>>,
}

impl Register<'_> {
    fn row(&self, tx: &Tx, id: EndpointId, created_at: Ts) -> Row {
        let seal = |column: &'static str, text: &str| {
            self.tenant.key.seal(tx.seams(), "jit_endpoint", column, id, text.as_bytes())
        };
        Row {
            tenant_id: self.tenant.id,
            id,
            url: seal("url", self.url),
            secret: self.secret.map(|secret| seal("secret", secret.reveal())),
            failures: 0,
            open_until: None,
            created_at,
            updated_at: tx.now(),
        }
    }
}

impl Command for Register<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "jit.register"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let new = self.row(tx, self.id, tx.now());
        if tx.insert_if_new(std::slice::from_ref(&new)).await? > 0 {
            return tell(tx, self.tenant, "just-in-time.create", new).await;
        }
        let before = locked(tx, self.tenant).await?.ok_or_else(base::db::lost_race)?;
        let after = self.row(tx, before.id, before.created_at);
        if opened(self.tenant, before).is_ok_and(|known| known.is(self.url, self.secret)) {
            return Ok(());
        }
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, self.tenant, "just-in-time.update", after).await
    }
}

/// Takes the endpoint away: nobody is asked any more.
pub struct Remove<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
}

impl Command for Remove<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "jit.remove"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let row = locked(tx, self.tenant).await?.ok_or_else(Failure::not_found)?;
        tx.run("DELETE FROM jit_endpoint WHERE tenant_id = $1", &[&self.tenant.id]).await?;
        tell(tx, self.tenant, "just-in-time.delete", row).await
    }

    async fn check(&self, tx: &Tx) -> Result<Option<()>> {
        Ok(if find(tx, self.tenant).await?.is_none() { Some(()) } else { None })
    }
}

/// Takes an account to be asked about, unless somebody else has, or the endpoint is left alone.
pub(super) struct Begin<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) account: &'a str,
    pub(super) token: Uuid,
}

/// Where to ask.
pub(super) struct Begun {
    pub(super) url: Address,
    pub(super) secret: Option<Secret<String>>,
}

impl Command for Begin<'_> {
    type Out = Begun;

    fn name(&self) -> &'static str {
        "jit.begin"
    }

    async fn exec(&self, tx: &Tx) -> Result<Begun> {
        let (t, now) = (&self.tenant.id, tx.now());
        let mut row = locked(tx, self.tenant)
            .await?
            .ok_or_else(|| Failure::refused(Code::NotFound, "No just in time endpoint is registered."))?;
        tx.run("DELETE FROM jit_flight WHERE tenant_id = $1 AND until <= $2", &[t, &now]).await?;
        let flight = Flight {
            tenant_id: *t,
            account: self.account.to_owned(),
            token: self.token,
            until: now.plus_seconds(FLIGHT_SECONDS),
        };
        if tx.insert_if_new(&[flight]).await? == 0 {
            let sql = "SELECT count(*) FROM jit_flight WHERE tenant_id = $1 AND account = $2 AND token = $3";
            if tx.number(sql, &[t, &self.account, &self.token]).await? == 0 {
                let say = "This account is being asked about already.";
                return Err(Failure::refused_for_now(Code::Conflict, say, 10));
            }
        }
        if let Some(until) = row.open_until {
            if now < until {
                let wait = u32::try_from(until.since(now).as_secs().max(1)).unwrap_or(1);
                let say = "The just in time endpoint failed repeatedly and is left alone for a while.";
                return Err(Failure::refused_for_now(Code::JitPaused, say, wait));
            }
            // One call sees whether it is well again; whoever comes meanwhile waits.
            row.open_until = Some(now.plus_seconds(PAUSE_SECONDS));
            tx.update(2, std::slice::from_ref(&row)).await?;
        }
        // Counted under the endpoint's lock, this flight among them.
        let sql = "SELECT count(*) FROM jit_flight WHERE tenant_id = $1";
        if tx.number(sql, &[t]).await? > AT_ONCE {
            let say = "Too many accounts are being asked about at once.";
            return Err(Failure::refused_for_now(Code::RateLimited, say, 10));
        }
        let endpoint = opened(self.tenant, row)?;
        let url = Address::parse(&endpoint.url)
            .ok_or_else(|| Failure::broken("reading an endpoint", "its address is none"))?;
        Ok(Begun { url, secret: endpoint.secret })
    }

    async fn check(&self, _: &Tx) -> Result<Option<Begun>> {
        Ok(None) // once more finds its own token
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Their side lives: it answered.
    Answered,
    /// It does not, or only fails.
    Failed,
}

async fn release(tx: &Tx, tenant: &Tenant, token: Uuid) -> Result<bool> {
    let sql = "DELETE FROM jit_flight WHERE tenant_id = $1 AND token = $2";
    Ok(tx.run(sql, &[&tenant.id, &token]).await? > 0)
}

async fn note(tx: &Tx, tenant: &Tenant, ended: Ended) -> Result<()> {
    let Some(mut row) = locked(tx, tenant).await? else { return Ok(()) };
    match ended {
        Ended::Answered if row.failures == 0 && row.open_until.is_none() => return Ok(()),
        Ended::Answered => (row.failures, row.open_until) = (0, None),
        Ended::Failed => {
            row.failures = row.failures.saturating_add(1);
            if row.failures >= FAILURES {
                row.open_until = Some(tx.now().plus_seconds(PAUSE_SECONDS));
            }
        }
    }
    tx.update(2, &[row]).await
}

/// Lets an account go again, and remembers how it went.
pub(super) struct Land<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) token: Uuid,
    pub(super) ended: Ended,
}

impl Command for Land<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "jit.land"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        // The endpoint first, as whoever begins does.
        locked(tx, self.tenant).await?;
        if release(tx, self.tenant, self.token).await? {
            note(tx, self.tenant, self.ended).await?;
        }
        Ok(())
    }

    async fn check(&self, _: &Tx) -> Result<Option<()>> {
        Ok(None) // done twice is done once
    }
}

/// Applies an answer, whole or not at all, and lets the account go.
pub(super) struct Apply<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) rules: &'a dyn Rules,
    pub(super) record: Record,
    pub(super) faults: Faults,
    pub(super) token: Uuid,
    pub(super) once: Option<&'a Once>,
    pub(super) kind: &'static str,
}

impl Command for Apply<'_> {
    type Out = Made;

    fn name(&self) -> &'static str {
        "jit.apply"
    }

    async fn exec(&self, tx: &Tx) -> Result<Made> {
        const HOW: How = How { keep_later_payments: false };
        let mut faults = self.faults.clone();
        for (path, said) in upsert::faults(tx, self.tenant, self.rules, &self.record, HOW).await? {
            if !faults.iter().any(|(known, _)| *known == path) {
                faults.push((path, said));
            }
        }
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        let made = upsert::one(tx, self.tenant, self.rules, &self.record, HOW).await?;
        let account = made.accounts.first().copied();
        let account = account.ok_or_else(|| Failure::broken("applying an answer", "it made no account"))?;
        if let Some(once) = self.once {
            let row = idempotency::row(tx, self.tenant, once, self.kind, account.0, false);
            if tx.insert_if_new(&[row]).await? == 0 {
                let say = "The first request with this idempotency key was answered meanwhile.";
                return Err(Failure::refused(Code::IdempotencyInProgress, say));
            }
        }
        // Last, so that who was too slow changes nothing: another call may have brought newer data.
        locked(tx, self.tenant).await?;
        if !release(tx, self.tenant, self.token).await? {
            return Err(Failure::refused(Code::Conflict, "This account was asked about again meanwhile."));
        }
        note(tx, self.tenant, Ended::Answered).await?;
        Ok(made)
    }
}
