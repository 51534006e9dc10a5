//! Every statement on sessions.

use base::db::{Command, Db, Ids, Tx};
use base::page::{Listed, Page, Which};
use base::secret::Secret;
use base::vault::{hex, sha256};
use base::web::Address;
use base::{Code, Failure, Result, Ts};
use books::debts::{self, BillingType, Debt, DebtId};
use books::events;
use books::holds::{self, blocked};
use books::orgs::{self, Settings, Tenant, Tenants};
use books::people::{self, Customer, CustomerId};
use books::sealing::{Sealer, at, told};
use serde_json::{Value, json};

use super::model::{About, Lifetime, New, Session, SessionId, State, Tag, ends, fault, may_see};
use crate::disputes::{self, DisputeId};

const TABLE: &str = "customer_session";

/// What a link's secret is made for.
const PURPOSE: &str = "customer session";

/// Makes a session.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: SessionId,
    /// What it is.
    pub new: &'a New,
    /// Who makes it.
    pub by: &'a str,
    /// Whether we send its link ourselves: then whoever opens it says first who they are, since it may reach somebody else.
    pub sent: bool,
}

/// An account that was not deleted.
async fn live(tx: &Tx, tenant: &Tenant, debt: DebtId) -> Result<Option<Debt>> {
    let found = debts::load(tx, tenant, &Ids::of([debt])).await?.pop();
    Ok(found.filter(|debt| debt.deleted_at.is_none()))
}

/// Whose session it will be, and the account it opens.
async fn subject(tx: &Tx, tenant: &Tenant, about: About) -> Result<(CustomerId, Option<DebtId>)> {
    let unknown = || Failure::unknown_reference(about.field());
    match about {
        About::Customer(customer) => Ok((customer, None)),
        About::Account(debt) => {
            live(tx, tenant, debt).await?.map(|debt| (debt.customer_id, Some(debt.id))).ok_or_else(unknown)
        }
        About::Dispute(dispute) => {
            let found = disputes::find(tx, tenant, dispute).await?.ok_or_else(unknown)?;
            Ok((found.customer_id, Some(found.debt_id)))
        }
    }
}

/// Refuses where the customer may not be shown it. Gives the customer.
pub(super) async fn visible(
    tx: &Tx,
    tenant: &Tenant,
    customer: CustomerId,
    debt: Option<DebtId>,
    now: Ts,
) -> Result<Customer> {
    let unknown = || Failure::unknown_reference("customer_id");
    let person = people::find(tx, tenant, customer).await?.ok_or_else(unknown)?;
    let account = match debt {
        Some(debt) => {
            let gone = || Failure::unknown_reference("debt_account_id");
            Some(live(tx, tenant, debt).await?.ok_or_else(gone)?)
        }
        None => None,
    };
    may_see(&person, account.as_ref())?;
    let held = holds::of_customers(tx, tenant, &Ids::of([customer]), now).await?;
    match &account {
        Some(account) if !held.on_account(account).visible => {
            Err(blocked("The debt account is hidden from the customer", held.on_account(account).by.visible))
        }
        None if !held.on_customer(customer).visible => Err(blocked(
            "All that is the customer's is hidden from them",
            held.on_customer(customer).by.visible,
        )),
        _ => Ok(person),
    }
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "sessions.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (new, tenant, id, now) = (self.new, self.tenant, self.id, tx.now());
        let (customer, debt) = subject(tx, tenant, new.about).await?;
        let sealer = Sealer::hold(tx, tenant, Some(customer)).await?;
        let settings = orgs::settings(tx, tenant).await?;
        let mut faults: Vec<_> = [&new.return_to, &new.expired_to]
            .into_iter()
            .flatten()
            .filter_map(|to| fault(&settings, tenant.environment, to))
            .collect();
        let allowed = new.about.destinations();
        let destination = new.destination.unwrap_or(allowed[0]);
        if !allowed.contains(&destination) {
            faults.push(("destination".into(), vec!["The selected destination is invalid.".into()]));
        }
        if !faults.is_empty() {
            return Err(Failure::fields(faults));
        }
        visible(tx, tenant, customer, debt, now).await?;
        let (version, secret) = tenant.key.derived(PURPOSE, id);
        let tags: Vec<Value> =
            new.tags.iter().map(|tag| json!({ "name": tag.name, "value": tag.value })).collect();
        let tags = (!tags.is_empty()).then(|| Value::from(tags).to_string());
        let url = |to: &Option<super::ReturnTo>| to.as_ref().map(|to| to.to.as_str().to_owned());
        let sealed =
            |column, text: Option<String>| sealer.seal_if(tx, at(TABLE, column, id), text.as_deref());
        let session = Session {
            tenant_id: tenant.id,
            id,
            customer_id: customer,
            debt_id: debt,
            dispute_id: match new.about {
                About::Dispute(dispute) => Some(dispute),
                _ => None,
            },
            destination,
            slides: new.lifetime == Lifetime::Sliding,
            hash: sha256(hex(secret.reveal()).as_bytes()).to_vec(),
            key_version: version.into(),
            return_url: sealed("return_url", url(&new.return_to)),
            expiration_return_url: sealed("expiration_return_url", url(&new.expired_to)),
            tags: sealed("tags", tags),
            created_by: self.by.to_owned(),
            expires_at: ends(new.lifetime, now, now),
            last_used_at: None,
            revoked_at: None,
            sent: self.sent,
            bound_at: None,
            wrong_answers: 0,
            created_at: now,
            updated_at: now,
        };
        tx.insert(std::slice::from_ref(&session)).await?;
        tell(tx, tenant, "customer-session.create", &session).await
    }
}

/// Writes that something happened to a session; never with its link.
async fn tell(tx: &Tx, tenant: &Tenant, event: &str, session: &Session) -> Result<()> {
    let body = view(tx, tenant, std::slice::from_ref(session), tx.now()).await?.pop().unwrap_or_default();
    let key = people::key(tx, tenant, session.customer_id).await?.ok_or_else(Failure::not_found)?;
    let person = (session.customer_id.0, &key);
    tx.insert(&[events::personal_row(tx, tenant, event, "customer_session", session.id, person, &body)]).await
}

/// A session.
pub async fn find(tx: &Tx, tenant: &Tenant, id: SessionId) -> Result<Option<Session>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// Which sessions a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A customer's.
    pub customer: Option<CustomerId>,
    /// Those that open an account.
    pub debt: Option<DebtId>,
    /// Those that open a dispute.
    pub dispute: Option<DisputeId>,
    /// Those that stand like this.
    pub state: Option<State>,
}

/// A page of sessions, newest first.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, now: Ts, page: Page) -> Result<Listed<Session>> {
    let which = Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("dispute_id = ?", filter.dispute);
    let which = match filter.state {
        None => which,
        Some(State::Active) => which.filter("revoked_at IS NULL AND expires_at > ?", now),
        Some(State::Expired) => which.filter("revoked_at IS NULL AND expires_at <= ?", now),
        Some(State::Revoked) => which.filter("revoked_at IS NOT NULL AND id <> ?", uuid::Uuid::nil()),
    };
    which.page(tx, page).await
}

fn tags_of(text: Option<String>) -> Vec<Tag> {
    let all: Vec<Value> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let word = |tag: &Value, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
    all.iter().map(|tag| Tag { name: word(tag, "name"), value: word(tag, "value") }).collect()
}

/// Sessions as they are told, in their order: without their links.
pub async fn view(tx: &Tx, tenant: &Tenant, sessions: &[Session], now: Ts) -> Result<Vec<Value>> {
    told(
        tx,
        tenant,
        sessions,
        |s| (s.id.0, Some(s.customer_id)),
        |opener, s: &Session| {
            let text = |column, sealed| opener.text(Some(s.customer_id), at(TABLE, column, s.id), sealed);
            let tags = tags_of(text("tags", s.tags.as_ref())?);
            let tags: Vec<Value> =
                tags.iter().map(|tag| json!({ "name": tag.name, "value": tag.value })).collect();
            Ok(json!({
                "id": s.id.to_string(),
                "customer_id": s.customer_id.to_string(),
                "debt_account_id": s.debt_id.map(|id| id.to_string()),
                "debt_account_dispute_id": s.dispute_id.map(|id| id.to_string()),
                "destination": s.destination.as_str(),
                "status": s.state(now).as_str(),
                "sliding": s.slides,
                "return_url": text("return_url", s.return_url.as_ref())?,
                "expiration_return_url": text("expiration_return_url", s.expiration_return_url.as_ref())?,
                "tags": tags,
                "expiration": s.expires_at.to_string(),
                "expires_at": s.expires_at.to_string(),
                "created_by": s.created_by,
                "last_used_at": s.last_used_at.map(|at| at.to_string()),
                "revoked_at": s.revoked_at.map(|at| at.to_string()),
                "created_at": s.created_at.to_string(),
                "updated_at": s.updated_at.to_string(),
            }))
        },
    )
    .await
}

/// The link that opens a session. Refused once the key it was made with is gone.
fn bare_link(tenant: &Tenant, session: &Session, base: &str) -> Result<Secret<String>> {
    let version = u32::try_from(session.key_version).unwrap_or(0);
    let gone = || {
        Failure::refused(
            Code::NotAllowedNow,
            "The link cannot be told again: the key it was made with was exchanged. It still works; where it is lost, make another session.",
        )
    };
    let secret = tenant.key.derived_with(version, PURPOSE, session.id).ok_or_else(gone)?;
    Ok(Secret::new(format!("{base}/portal/{}", hex(secret.reveal()))))
}

/// Makes a session and gives it with its link, as part of somebody's transaction.
pub(crate) async fn linked(tx: &Tx, create: &Create<'_>, base: &str) -> Result<(Session, Secret<String>)> {
    create.exec(tx).await?;
    let session = find(tx, create.tenant, create.id).await?.ok_or_else(Failure::not_found)?;
    let mut told = view(tx, create.tenant, std::slice::from_ref(&session), tx.now()).await?.remove(0);
    link(tx, create.tenant, &session, base, &mut told).await?;
    let link = told["portal_url"].as_str().unwrap_or_default().to_owned();
    Ok((session, Secret::new(link)))
}

/// Puts the link into what is told of a session: for whoever makes it, and never after. Where the caller gave no
/// `return_url` and the account can be paid in one way only, it is that way's page. Refused once the key it was made
/// with is gone.
pub async fn link(tx: &Tx, tenant: &Tenant, session: &Session, base: &str, told: &mut Value) -> Result<()> {
    let bare = bare_link(tenant, session, base)?.reveal().clone();
    let tags: Vec<(String, String)> = told["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| {
            let word = |name: &str| tag[name].as_str().unwrap_or_default().to_owned();
            (word("name"), word("value"))
        })
        .collect();
    let with_tags = |text: String| -> String {
        let pairs = tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Address::parse(&text).map_or(text, |address| address.with_query(pairs).as_str().to_owned())
    };
    if told["return_url"].is_null()
        && session.dispute_id.is_none()
        && let Some(debt) = session.debt_id
        && let Some(debt) = debts::load(tx, tenant, &Ids::of([debt])).await?.pop()
        && let [only] = debt.billing_type.0[..]
    {
        told["return_url"] = with_tags(format!("{bare}/{}", BillingType::as_str(only))).into();
    }
    let url = with_tags(bare);
    told["portal_url"] = url.clone().into();
    told["magic_link"] = url.into();
    Ok(())
}

/// Ends a session at once; one that was ended stays as it is.
pub struct Revoke<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: SessionId,
}

impl Command for Revoke<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "sessions.revoke"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let seen = find(tx, self.tenant, self.id).await?.ok_or_else(Failure::not_found)?;
        people::lock(tx, self.tenant, seen.customer_id).await?;
        let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
        let session: Option<Session> = tx.find(tail, &[&self.tenant.id, &self.id]).await?;
        let session = session.ok_or_else(Failure::not_found)?;
        if session.revoked_at.is_some() {
            return Ok(());
        }
        let now = tx.now();
        let session = Session { revoked_at: Some(now), updated_at: now, ..session };
        tx.update(2, std::slice::from_ref(&session)).await?;
        tell(tx, self.tenant, "customer-session.revoke", &session).await
    }
}

/// What opening a link comes to.
pub enum Opened {
    /// It works.
    Works(Box<Link>),
    /// It worked once; where the customer may be sent to, if anywhere.
    Expired(Box<Settings>, Option<Address>),
    /// No link that works or ever ran out: unknown, revoked, or of what may not be seen any more.
    Nothing,
}

/// A link that works.
pub struct Link {
    /// Whose customers come by it.
    pub tenant: Tenant,
    /// What that organization decided.
    pub settings: Settings,
    /// What it opens.
    pub session: Session,
}

base::record! {
    struct Found in "customer_session" { tenant_id: base::TenantId, id: SessionId }
}

/// Opens a link by its secret. Nothing is changed by it: mail scanners open links too.
pub async fn open(db: &Db, tenants: &Tenants, secret: &str) -> Result<Opened> {
    let tx = db.read().await?;
    let hash = sha256(secret.as_bytes()).to_vec();
    let mut found: Vec<Found> =
        tx.all("SELECT tenant_id, id FROM customer_session WHERE hash = $1", &[&hash]).await?;
    let Some(Found { tenant_id, id }) = found.pop() else { return Ok(Opened::Nothing) };
    let tenant = tenants.open(&tx, tenant_id).await?;
    // One at a time: who holds one connection and waits for another may wait for somebody who does the same.
    drop(tx);
    // Whoever opens a link says nothing of whose it is, nor of what time it is there.
    let tx = tenant.db(db).read().await?;
    let Some(session) = find(&tx, &tenant, id).await? else { return Ok(Opened::Nothing) };
    let (now, settings) = (tx.now(), orgs::settings(&tx, &tenant).await?);
    match session.state(now) {
        State::Revoked => Ok(Opened::Nothing),
        State::Expired => {
            let to = expired_to(&tx, &tenant, &settings, &session).await?;
            Ok(Opened::Expired(Box::new(settings), to))
        }
        State::Active => match visible(&tx, &tenant, session.customer_id, session.debt_id, now).await {
            Ok(_) => Ok(Opened::Works(Box::new(Link { tenant, settings, session }))),
            Err(Failure::Refused(_)) => Ok(Opened::Nothing),
            Err(broken) => Err(broken),
        },
    }
}

/// Where the customer of an expired session is sent to.
pub(super) async fn expired_to(
    tx: &Tx,
    tenant: &Tenant,
    settings: &Settings,
    session: &Session,
) -> Result<Option<Address>> {
    leads_to(tx, tenant, settings, session, "expiration_return_url").await
}

/// Where the customer of a session is sent to after a payment.
pub async fn return_to(
    tx: &Tx,
    tenant: &Tenant,
    settings: &Settings,
    session: &Session,
) -> Result<Option<Address>> {
    leads_to(tx, tenant, settings, session, "return_url").await
}

/// Where an address of a session leads, if that is still allowed.
async fn leads_to(
    tx: &Tx,
    tenant: &Tenant,
    settings: &Settings,
    session: &Session,
    field: &'static str,
) -> Result<Option<Address>> {
    let shown = view(tx, tenant, std::slice::from_ref(session), tx.now()).await?.pop().unwrap_or_default();
    let to = shown[field].as_str().and_then(Address::parse);
    // What was allowed when it was made may not be any more.
    Ok(to.filter(|to| {
        let to = super::ReturnTo { field, to: to.clone() };
        fault(settings, tenant.environment, &to).is_none()
    }))
}
