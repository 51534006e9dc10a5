//! Webhooks in the database.

use base::db::{Command, Tx};
use base::page::{Listed, Page, Which};
use base::secret::Secret;
use base::vault::Sealed;
use base::{Code, Failure, Result, TenantId, Ts};
use books::events;
use books::orgs::Tenant;

use super::model::{Fields, MOST, TEST, Webhook, WebhookId, Why};
use super::queue::{self, Queue};
use super::signing;

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
        paused_at: Option<Ts>,
        disabled_at: Option<Ts>,
        disabled_why: Option<Why>,
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
        paused_at: row.paused_at,
        disabled: row.disabled_at.zip(row.disabled_why),
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
        paused_at: hook.paused_at,
        disabled_at: hook.disabled.map(|(at, _)| at),
        disabled_why: hook.disabled.map(|(_, why)| why),
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

/// A webhook, and before it what is on its way there: whoever changes either holds that.
async fn locked(tx: &Tx, tenant: &Tenant, id: WebhookId) -> Result<(Queue, Webhook)> {
    let queue = queue::held(tx, tenant.id, id).await?;
    Ok((queue, find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?))
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
            secret: fields.secret.unwrap_or_else(|| a_secret(tx)),
            previous: None,
            events: fields.events.unwrap_or_default(),
            active: fields.active.unwrap_or(true),
            paused_at: None,
            disabled: None,
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
        let (mut queue, before) = locked(tx, self.tenant, self.id).await?;
        let after = before.clone().changed(self.fields, tx.now());
        if after == before {
            return Ok(());
        }
        if after.active && !before.active {
            queue.begin_anew(tx.clock().await?);
            queue.keep(tx).await?;
        }
        save(tx, self.tenant, after, "webhook.update").await
    }
}

/// Writes a webhook that has changed, and that it has.
pub(super) async fn save(tx: &Tx, tenant: &Tenant, hook: Webhook, event: &str) -> Result<()> {
    let hook = Webhook { updated_at: tx.now(), ..hook };
    tx.update(2, &[row(tx, tenant, &hook)]).await?;
    tell(tx, tenant, event, &hook).await
}

fn a_secret(tx: &Tx) -> Secret<String> {
    signing::new_secret(&Secret::new(tx.seams().random()))
}

/// What somebody does to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing is sent from now on; what happens is kept.
    Pause,
    /// What was kept is sent, and what happens from now on.
    Resume,
    /// It gets another secret, made by us. The one before signs as well for a day.
    RotateSecret,
    /// It is told that somebody tries it out.
    Test,
}

/// Does it.
pub struct Perform<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// To which.
    pub id: WebhookId,
    /// What.
    pub act: Act,
}

impl Command for Perform<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        match self.act {
            Act::Pause => "webhooks.pause",
            Act::Resume => "webhooks.resume",
            Act::RotateSecret => "webhooks.rotate_secret",
            Act::Test => "webhooks.test",
        }
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (mut queue, hook) = locked(tx, self.tenant, self.id).await?;
        let now = tx.now();
        let after = match self.act {
            Act::Pause if hook.paused_at.is_some() => return Ok(()),
            Act::Pause => Webhook { paused_at: Some(now), ..hook },
            Act::Resume if hook.paused_at.is_none() => return Ok(()),
            Act::Resume => {
                queue.begin_anew(tx.clock().await?);
                queue.keep(tx).await?;
                Webhook { paused_at: None, ..hook }
            }
            Act::RotateSecret => Webhook { made_secret: true, ..hook.signing_with(a_secret(tx), now) },
            Act::Test if !hook.is_sent_to() => {
                let say = "The webhook is paused or not active; nothing is sent to it.";
                return Err(Failure::refused(Code::NotAllowedNow, say));
            }
            Act::Test => return tell(tx, self.tenant, TEST, &hook).await,
        };
        save(tx, self.tenant, after, "webhook.update").await
    }
}

/// Deletes a webhook: nothing is told there any more. What was on its way is removed by a step.
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
        let (_, hook) = locked(tx, self.tenant, self.id).await?;
        tx.run("DELETE FROM webhook WHERE tenant_id = $1 AND id = $2", &[&self.tenant.id, &self.id]).await?;
        tell(tx, self.tenant, "webhook.delete", &hook).await
    }
}
