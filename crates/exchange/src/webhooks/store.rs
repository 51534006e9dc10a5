//! Webhooks in the database.

use base::db::{Command, Tx};
use base::page::{Listed, Page, Which};
use base::secret::Secret;
use base::vault::Sealed;
use base::{Code, Failure, Result, TenantId, Ts};
use books::events;
use books::orgs::Tenant;

use super::model::{Fields, MOST, Webhook, WebhookId};

base::record! {
    struct Row in "webhook" {
        tenant_id: TenantId,
        id: WebhookId,
        url: Sealed,
        secret: Sealed,
        made_secret: bool,
        previous_secret: Option<Sealed>,
        previous_until: Option<Ts>,
        events: String,
        active: bool,
        created_at: Ts,
        updated_at: Ts,
    }
}

fn opened(tenant: &Tenant, row: Row) -> Result<Webhook> {
    let text = |column: &'static str, sealed: &Sealed| -> Result<String> {
        let bytes = tenant.key.open("webhook", column, row.id, sealed)?;
        String::from_utf8(bytes).map_err(|_| Failure::broken("opening a webhook", "it is no text"))
    };
    let previous = match (&row.previous_secret, row.previous_until) {
        (Some(sealed), Some(until)) => Some((Secret::new(text("previous_secret", sealed)?), until)),
        _ => None,
    };
    Ok(Webhook {
        id: row.id,
        url: text("url", &row.url)?,
        secret: Secret::new(text("secret", &row.secret)?),
        made_secret: row.made_secret,
        previous,
        events: row.events.split(' ').map(str::to_owned).collect(),
        active: row.active,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn row(tx: &Tx, tenant: &Tenant, hook: &Webhook) -> Row {
    let seal = |column: &'static str, text: &str| {
        tenant.key.seal(tx.seams(), "webhook", column, hook.id, text.as_bytes())
    };
    Row {
        tenant_id: tenant.id,
        id: hook.id,
        url: seal("url", &hook.url),
        secret: seal("secret", hook.secret.reveal()),
        made_secret: hook.made_secret,
        previous_secret: hook.previous.as_ref().map(|(old, _)| seal("previous_secret", old.reveal())),
        previous_until: hook.previous.as_ref().map(|(_, until)| *until),
        events: hook.events.join(" "),
        active: hook.active,
        created_at: hook.created_at,
        updated_at: hook.updated_at,
    }
}

/// A page of webhooks, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, active: Option<bool>, page: Page) -> Result<Listed<Webhook>> {
    let which = Which::of(tenant.id, "id IS NOT NULL").filter_if("active = ?", active);
    let Listed { rows, total, capped, more } = which.page::<Row>(tx, page).await?;
    let rows = rows.into_iter().map(|row| opened(tenant, row)).collect::<Result<_>>()?;
    Ok(Listed { rows, total, capped, more })
}

/// A webhook.
pub async fn find(tx: &Tx, tenant: &Tenant, id: WebhookId) -> Result<Option<Webhook>> {
    let found: Option<Row> = tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await?;
    found.map(|row| opened(tenant, row)).transpose()
}

async fn locked(tx: &Tx, tenant: &Tenant, id: WebhookId) -> Result<Webhook> {
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let found: Option<Row> = tx.find(tail, &[&tenant.id, &id]).await?;
    found.map(|row| opened(tenant, row)).transpose()?.ok_or_else(Failure::not_found)
}

async fn tell(tx: &Tx, tenant: &Tenant, name: &str, hook: &Webhook) -> Result<()> {
    events::emit(tx, tenant, name, "webhook", hook.id, &hook.view()).await
}

/// Makes a webhook.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: WebhookId,
    /// What it is.
    pub fields: &'a Fields,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let sql = "SELECT count(*) FROM webhook WHERE tenant_id = $1";
        if tx.number(sql, &[&self.tenant.id]).await? >= MOST {
            let say = format!("There cannot be more than {MOST} webhooks.");
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let (fields, now) = (self.fields.clone(), tx.now());
        let hook = Webhook {
            id: self.id,
            url: fields.url.unwrap_or_default(),
            made_secret: fields.secret.is_none(),
            secret: fields.secret.unwrap_or_else(|| tx.seams().random_hex()),
            previous: None,
            events: fields.events.unwrap_or_default(),
            active: fields.active.unwrap_or(true),
            created_at: now,
            updated_at: now,
        };
        tx.insert(&[row(tx, self.tenant, &hook)]).await?;
        tell(tx, self.tenant, "webhook.create", &hook).await
    }
}

/// Changes a webhook.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: WebhookId,
    /// What changes.
    pub fields: &'a Fields,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let before = locked(tx, self.tenant, self.id).await?;
        let after = before.clone().changed(self.fields, tx.now());
        if after == before {
            return Ok(());
        }
        let after = Webhook { updated_at: tx.now(), ..after };
        tx.update(2, &[row(tx, self.tenant, &after)]).await?;
        tell(tx, self.tenant, "webhook.update", &after).await
    }
}

/// Deletes a webhook: nothing is told there any more.
pub struct Delete<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: WebhookId,
}

impl Command for Delete<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "webhooks.delete"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let hook = locked(tx, self.tenant, self.id).await?;
        tx.run("DELETE FROM webhook WHERE tenant_id = $1 AND id = $2", &[&self.tenant.id, &self.id]).await?;
        tell(tx, self.tenant, "webhook.delete", &hook).await
    }
}
