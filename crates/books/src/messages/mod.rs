//! Messages: what is to be said to whom, written in the transaction that decides it.
//!
//! Must always hold:
//! - Nothing is sent before the commit: a message is a row, and a step sends what is due (`exchange::post`).
//! - Who it goes to and what it says are sealed, with the customer's own key where it goes to one: it is erased with them.
//! - A message is claimed with a fence and a lease, like a charge. Whoever dies between sending and noting it leaves a claim
//!   whose lease ends, and it is sent once more under the same id.
//! - What cannot be sent ends as `failed` with one of our own words for why; what is not to be sent any more as `canceled`.
//!
//! The texts are an organization's own ([`templates`](Template)) or ours; what may stand in one says [`faults`].

mod kinds;
mod model;
mod outbox;
mod render;
mod templates;

use std::collections::HashMap;

use base::db::{Command, Ids, Tx};
use base::page::{Listed, Page, Which};
use base::secret::Secret;
use base::vault::PersonKey;
use base::{Code, Failure, Result};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::kinds::{OPT_OUT, Variable, opt_out};
pub use self::model::{
    Channel, Kind, Language, Message, MessageId, NewMessage, Reason, State, Variables, masked,
};
pub use self::outbox::{
    Claim, Claimed, Contents, Due, Ended, Loaded, MOST_ATTEMPTS, PutOff, Record, Retry, due, given_up,
    given_up_by, given_up_of, load, opened, standing,
};
pub use self::render::{Faults, LONGEST_TEXT_MESSAGE, Text, Unfit, faults, fill};
pub use self::templates::{Reset, Save, Template, TemplateId, Wanted, find as template, list as templates};
use crate::orgs::{self, Settings, Tenant};
use crate::people::CustomerId;
use crate::sealing::{Sealer, at, told};

const TABLE: &str = "message";

/// Queues a message: it is sent once the transaction has committed. A customer it goes to is held until then; one who was
/// deleted is refused as unknown.
pub async fn queue(tx: &Tx, tenant: &Tenant, new: NewMessage) -> Result<MessageId> {
    let sealer = Sealer::hold(tx, tenant, new.customer).await?;
    let (id, now) = (new.id.unwrap_or_else(|| tx.new_id()), tx.now());
    let sealed =
        |column: &'static str, text: &str| Some(sealer.seal(tx, at(TABLE, column, id), text.as_bytes()));
    tx.insert(&[Message {
        tenant_id: tenant.id,
        id,
        kind: new.kind.as_str().into(),
        channel: new.channel,
        language: new.language.as_str().into(),
        customer_id: new.customer,
        debt_id: new.debt,
        by_name: new.by_name,
        at_once: new.at_once,
        object_id: new.about.as_ref().map(|(_, id)| *id),
        object: new.about.map(|(object, _)| object),
        recipient: sealed("recipient", new.to.reveal()),
        variables: sealed("variables", new.variables.to_text().reveal()),
        state: State::Pending,
        due_at: Some(now),
        fence: 0,
        attempts: 0,
        last_error: None,
        provider_id: None,
        created_at: now,
        updated_at: now,
        sent_at: None,
    }])
    .await?;
    Ok(id)
}

/// Queues an e-mail to the organization itself, at the address where it can be reached; `None` where it named none.
pub async fn tell_organization(
    tx: &Tx,
    tenant: &Tenant,
    kind: Kind,
    about: (&str, Uuid),
    variables: Variables,
) -> Result<Option<MessageId>> {
    let Some(to) = orgs::settings(tx, tenant).await?.support_email else { return Ok(None) };
    let new = NewMessage {
        id: None,
        kind,
        channel: Channel::Email,
        language: Language::English,
        to: Secret::new(to),
        customer: None,
        debt: None,
        about: Some((about.0.to_owned(), about.1)),
        variables,
        by_name: false,
        at_once: true,
    };
    queue(tx, tenant, new).await.map(Some)
}

/// What every text knows, of this organization.
pub fn of_all(settings: &Settings, kind: Kind, channel: Channel, language: Language) -> Variables {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let all = Variables::of([
        ("organization_name", settings.name.clone()),
        ("support_email", or_empty(&settings.support_email)),
        ("support_phone", or_empty(&settings.support_phone)),
        ("website_url", or_empty(&settings.website_url)),
    ]);
    match kind.is_to_a_customer() {
        true => all.with(OPT_OUT, opt_out(channel, language, settings.support_phone.as_deref())),
        false => all,
    }
}

/// Which messages a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// To one customer.
    pub customer: Option<CustomerId>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// That go like this.
    pub channel: Option<Channel>,
    /// That stand like this.
    pub state: Option<State>,
}

/// A page of messages, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Message>> {
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("kind = ?", filter.kind.map(Kind::as_str))
        .filter_if("channel = ?", filter.channel)
        .filter_if("state = ?", filter.state)
        .page(tx, page)
        .await
}

/// A message.
pub async fn find(tx: &Tx, tenant: &Tenant, id: MessageId) -> Result<Option<Message>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// Messages as they are told, in their order: with their recipients masked, and never with what they say.
pub async fn views(tx: &Tx, tenant: &Tenant, messages: &[Message]) -> Result<Vec<Value>> {
    told(
        tx,
        tenant,
        messages,
        |m| (m.id.0, m.customer_id),
        |opener, m: &Message| {
            let to = opener.text(m.customer_id, at(TABLE, "recipient", m.id), m.recipient.as_ref())?;
            Ok(json!({
                "id": m.id.to_string(),
                "kind": m.kind,
                "channel": m.channel.as_str(),
                "language": m.language,
                "to": to.map(|to| masked(m.channel, &to)),
                "customer_id": m.customer_id.map(|id| id.to_string()),
                "debt_account_id": m.debt_id.map(|id| id.to_string()),
                "object": m.object,
                "object_id": m.object_id.map(|id| id.to_string()),
                "state": m.state.as_str(),
                "attempts": m.attempts,
                "last_error": m.last_error,
                "next_attempt_at": m.due_at.map(|at| at.to_string()),
                "provider_id": m.provider_id,
                "sent_at": m.sent_at.map(|at| at.to_string()),
                "created_at": m.created_at.to_string(),
                "updated_at": m.updated_at.to_string(),
            }))
        },
    )
    .await
}

/// How each of these messages stands.
pub async fn states(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<HashMap<MessageId, State>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Sent> = tx.select("WHERE tenant_id = $1 AND id IN ids($2)", &[&tenant.id, ids]).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.state)).collect())
}

base::record! {
    struct Sent in "message" { id: MessageId, state: State }
}

/// How the last message of a kind about each of these things stands.
pub async fn states_about(
    tx: &Tx,
    tenant: &Tenant,
    kind: Kind,
    object: &str,
    ids: &Ids,
) -> Result<HashMap<Uuid, State>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let tail = "WHERE tenant_id = $1 AND object = $2 AND object_id IN ids($3) AND kind = $4 ORDER BY id";
    let rows: Vec<Standing> = tx.select(tail, &[&tenant.id, &object, ids, &kind]).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.object_id?, row.state))).collect())
}

base::record! {
    struct Standing in "message" { object_id: Option<Uuid>, state: State }
}

/// Calls a message off that was not sent yet; one that was called off stays so.
pub struct Cancel<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: MessageId,
}

impl Command for Cancel<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "messages.cancel"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        let message: Option<Message> = tx.find(tail, &[&self.tenant.id, &self.id]).await?;
        match message.ok_or_else(Failure::not_found)?.state {
            State::Pending => cancel(tx, self.tenant, Ids::of([self.id]), Reason::CalledOff).await,
            State::Canceled => Ok(()),
            state @ (State::Sent | State::Failed) => {
                let say = format!(
                    "Only a message that waits to be sent can be canceled; this one is {}.",
                    state.as_str()
                );
                Err(Failure::refused(Code::NotAllowedNow, say))
            }
        }
    }

    async fn check(&self, _tx: &Tx) -> Result<Option<()>> {
        Ok(None) // what is called off stays so
    }
}

/// Calls these off, as far as they wait. Whoever is sending one meanwhile notes that it was sent all the same.
async fn cancel(tx: &Tx, tenant: &Tenant, ids: Ids, why: Reason) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE message SET state = 'canceled', due_at = NULL, last_error = $3, updated_at = $4 \
               WHERE tenant_id = $1 AND id IN ids($2) AND state = 'pending'";
    tx.run(sql, &[&tenant.id, &ids, &why.as_str(), &tx.now()]).await.map(drop)
}

/// Calls off what waits to be said about a thing.
pub async fn call_off_about(
    tx: &Tx,
    tenant: &Tenant,
    object: &str,
    id: impl Into<Uuid>,
    why: Reason,
) -> Result<()> {
    let sql = "UPDATE message SET state = 'canceled', due_at = NULL, last_error = $4, updated_at = $5 \
               WHERE tenant_id = $1 AND object = $2 AND object_id = $3 AND state = 'pending'";
    tx.run(sql, &[&tenant.id, &object, &id.into(), &why.as_str(), &tx.now()]).await.map(drop)
}

base::record! {
    struct Waiting in "message" {
        id: MessageId,
        kind: String,
        channel: Channel,
        recipient: Option<base::vault::Sealed>,
    }
}

/// Calls off what waits for a customer and is unwanted there. The customer's row is held.
pub(crate) async fn call_off(
    tx: &Tx,
    tenant: &Tenant,
    (customer, key): (CustomerId, &PersonKey),
    why: Reason,
    unwanted: impl Fn(Kind, Channel, &str) -> bool,
) -> Result<()> {
    let tail = "WHERE tenant_id = $1 AND customer_id = $2 AND state = 'pending' ORDER BY id";
    let waiting: Vec<Waiting> = tx.select(tail, &[&tenant.id, &customer]).await?;
    let mut gone = Vec::new();
    for message in waiting {
        let (Some(kind), Some(sealed)) = (Kind::parse(&message.kind), &message.recipient) else { continue };
        let to = key.open_text(TABLE, "recipient", message.id, sealed)?;
        if unwanted(kind, message.channel, &to) {
            gone.push(message.id);
        }
    }
    cancel(tx, tenant, Ids::of(gone), why).await
}

/// Calls off what waits for a customer, of these kinds, as far as somebody asked for it by name or nobody did: all of it, or
/// what is about one account and those under it.
pub(crate) async fn call_off_kinds(
    tx: &Tx,
    tenant: &Tenant,
    customer: CustomerId,
    account: Option<Uuid>,
    (kinds, by_name): (&[Kind], bool),
) -> Result<()> {
    if kinds.is_empty() {
        return Ok(());
    }
    let kinds = base::db::Texts(kinds.iter().map(|kind| kind.as_str().to_owned()).collect());
    let why = Reason::Held.as_str();
    let sql = "UPDATE message SET state = 'canceled', due_at = NULL, last_error = $4, updated_at = $5 \
               WHERE tenant_id = $1 AND customer_id = $2 AND state = 'pending' AND kind IN texts($3) AND by_name = $6";
    match account {
        None => tx.run(sql, &[&tenant.id, &customer, &kinds, &why, &tx.now(), &by_name]).await.map(drop),
        Some(debt) => {
            let sql = format!(
                "{sql} AND (debt_id = $7 OR debt_id IN (SELECT id FROM debt WHERE tenant_id = $1 AND parent_id = $7))"
            );
            tx.run(&sql, &[&tenant.id, &customer, &kinds, &why, &tx.now(), &by_name, &debt]).await.map(drop)
        }
    }
}
