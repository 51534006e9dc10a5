//! Every statement on tickets and their messages.

use base::db::{Command, Ids, Texts, Tx};
use base::page::{Listed, Page, Which};
use base::vault::Sealed;
use base::{Code, Failure, Result, TenantId, Ts};
use books::debts::{self, DebtId};
use books::events;
use books::orgs::Tenant;
use books::people::{self, CustomerId};
use books::sealing::{Opener, Sealer, at, told};
use serde_json::{Map, Value, json};

use super::model::{Author, Category, Changes, MessageId, New, Source, Status, Ticket, TicketId};

base::record! {
    /// A message of a ticket, still sealed.
    pub struct Message in "ticket_message" {
        tenant_id: TenantId,
        /// Its id.
        pub id: MessageId,
        ticket_id: TicketId,
        customer_id: Option<CustomerId>,
        author: Author,
        body: Sealed,
        by_whom: String,
        created_at: Ts,
    }
}

/// A ticket.
pub async fn find(tx: &Tx, tenant: &Tenant, id: TicketId) -> Result<Option<Ticket>> {
    tx.find("WHERE tenant_id = $1 AND id = $2", &[&tenant.id, &id]).await
}

/// The tickets of these ids.
pub async fn load(tx: &Tx, tenant: &Tenant, ids: &Ids) -> Result<Vec<Ticket>> {
    tx.select("WHERE tenant_id = $1 AND id IN ids($2) ORDER BY id", &[&tenant.id, ids]).await
}

/// Which tickets a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A customer's.
    pub customer: Option<CustomerId>,
    /// Those about an account.
    pub debt: Option<DebtId>,
    /// Those that stand like one of these.
    pub status: Option<Vec<Status>>,
    /// Those that came from one of these.
    pub source: Option<Vec<Source>>,
    /// Those about one of these.
    pub category: Option<Vec<Category>>,
    /// Those that their customer has read, or the others.
    pub read_by_customer: Option<bool>,
    /// Those that the organization has read, or the others.
    pub read_by_organization: Option<bool>,
}

/// A page of tickets.
pub async fn list(tx: &Tx, tenant: &Tenant, filter: &Filter, page: Page) -> Result<Listed<Ticket>> {
    fn words<T: Copy>(all: &Option<Vec<T>>, word: fn(T) -> &'static str) -> Option<Texts> {
        all.as_ref().map(|all| Texts(all.iter().map(|one| word(*one).to_owned()).collect()))
    }
    Which::of(tenant.id, "id IS NOT NULL")
        .filter_if("customer_id = ?", filter.customer)
        .filter_if("debt_id = ?", filter.debt)
        .filter_if("status IN texts(?)", words(&filter.status, Status::as_str))
        .filter_if("source IN texts(?)", words(&filter.source, Source::as_str))
        .filter_if("category IN texts(?)", words(&filter.category, Category::as_str))
        .filter_if("is_read_by_customer = ?", filter.read_by_customer)
        .filter_if("is_read_by_organization = ?", filter.read_by_organization)
        .page(tx, page)
        .await
}

/// Tickets as they are told, in their order, without their messages.
pub async fn views(tx: &Tx, tenant: &Tenant, tickets: &[Ticket]) -> Result<Vec<Value>> {
    told(tx, tenant, tickets, |t| (t.id.0, t.customer_id), one).await
}

fn one(opener: &Opener<'_>, t: &Ticket) -> Result<Value> {
    let text = |column, sealed| opener.text(t.customer_id, at("ticket", column, t.id), sealed);
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| drop(all.insert(name.into(), value));
    put("id", t.id.to_string().into());
    put("customer_id", json!(t.customer_id.map(|id| id.to_string())));
    put("debt_account_id", json!(t.debt_id.map(|id| id.to_string())));
    put("name", json!(text("name", t.name.as_ref())?));
    put("email", json!(text("email", t.email.as_ref())?));
    put("phone", json!(text("phone", t.phone.as_ref())?));
    put("category", t.category.as_str().into());
    // Never null, in either spelling: of somebody who was erased they are left out.
    if let Some(subject) = text("subject", Some(&t.subject))? {
        put("subject", subject.into());
    }
    if let Some(description) = text("description", Some(&t.description))? {
        put("description", description.into());
    }
    put("status", t.status.as_str().into());
    put("source", t.source.as_str().into());
    put("is_read_by_customer", t.is_read_by_customer.into());
    put("is_read_by_organization", t.is_read_by_organization.into());
    put("last_activity_at", t.last_activity_at.to_string().into());
    put("resolved_at", json!(t.resolved_at.map(|at| at.to_string())));
    put("created_at", t.created_at.to_string().into());
    put("updated_at", t.updated_at.to_string().into());
    Ok(all.into())
}

/// A message of a ticket.
pub async fn message(tx: &Tx, tenant: &Tenant, ticket: TicketId, id: MessageId) -> Result<Option<Message>> {
    tx.find("WHERE tenant_id = $1 AND id = $2 AND ticket_id = $3", &[&tenant.id, &id, &ticket]).await
}

/// A page of a ticket's messages, newest first.
pub async fn messages(tx: &Tx, tenant: &Tenant, ticket: TicketId, page: Page) -> Result<Listed<Message>> {
    Which::of(tenant.id, "id IS NOT NULL").filter("ticket_id = ?", ticket).page(tx, page).await
}

/// Messages as they are told, in their order.
pub async fn message_views(tx: &Tx, tenant: &Tenant, messages: &[Message]) -> Result<Vec<Value>> {
    told(
        tx,
        tenant,
        messages,
        |m| (m.id.0, m.customer_id),
        |opener, m: &Message| {
            let text = opener.text(m.customer_id, at("ticket_message", "body", m.id), Some(&m.body))?;
            Ok(json!({
                "id": m.id.to_string(),
                "ticket_id": m.ticket_id.to_string(),
                "author": m.author.as_str(),
                "message": text,
                "created_by": m.by_whom,
                "created_at": m.created_at.to_string(),
            }))
        },
    )
    .await
}

async fn tell(tx: &Tx, tenant: &Tenant, sealer: &Sealer<'_>, event: &str, ticket: &Ticket) -> Result<()> {
    let body = views(tx, tenant, std::slice::from_ref(ticket)).await?.pop().unwrap_or_default();
    let row = match (ticket.customer_id, &sealer.key) {
        (Some(customer), Some(key)) => {
            events::personal_row(tx, tenant, event, "ticket", ticket.id, (customer.0, key), &body)
        }
        _ => events::row(tx, tenant, event, "ticket", ticket.id, &body),
    };
    tx.insert(&[row]).await
}

async fn say(
    tx: &Tx,
    sealer: &Sealer<'_>,
    ticket: &Ticket,
    id: MessageId,
    (author, text): (Author, &str),
    by: &str,
) -> Result<()> {
    tx.insert(&[Message {
        tenant_id: ticket.tenant_id,
        id,
        ticket_id: ticket.id,
        customer_id: ticket.customer_id,
        author,
        body: sealer.seal(tx, at("ticket_message", "body", id), text.as_bytes()),
        by_whom: by.to_owned(),
        created_at: tx.now(),
    }])
    .await
}

/// Makes a ticket, with its first message.
pub struct Create<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// The id it will have.
    pub id: TicketId,
    /// What it is.
    pub new: &'a New,
    /// Who makes it.
    pub by: &'a str,
}

impl Command for Create<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "tickets.create"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (new, tenant, id, now) = (self.new, self.tenant, self.id, tx.now());
        let account = match new.debt {
            Some(debt) => {
                let found = debts::load(tx, tenant, &Ids::of([debt])).await?.pop();
                found.filter(|account| account.deleted_at.is_none())
            }
            None => None,
        };
        if new.debt.is_some() && account.is_none() {
            return Err(Failure::unknown_reference("debt_account_id"));
        }
        let owner = account.as_ref().map(|account| account.customer_id);
        if let (Some(given), Some(owner)) = (new.customer, owner)
            && given != owner
        {
            return Err(Failure::field(
                "debt_account_id",
                "The debt account id field must name an account of the customer.",
            ));
        }
        let customer = new.customer.or(owner);
        let sealer = Sealer::hold(tx, tenant, customer).await?;
        // How they could be reached then, which later changes of the customer do not rewrite.
        let person = match customer {
            Some(customer) => people::find(tx, tenant, customer).await?,
            None => None,
        };
        let contact = new.contact.clone();
        let name = contact.name.or(person.as_ref().map(|p| p.name.clone()));
        let email = contact.email.or(person.as_ref().and_then(|p| p.email.clone()));
        let phone = contact.phone.or(person.as_ref().and_then(|p| p.phone.clone()));
        let sealed = |column, text: &str| sealer.seal(tx, at("ticket", column, id), text.as_bytes());
        let ticket = Ticket {
            tenant_id: tenant.id,
            id,
            customer_id: customer,
            debt_id: new.debt,
            status: Status::Open,
            source: new.source,
            category: new.category,
            subject: sealed("subject", &new.subject),
            description: sealed("description", &new.description),
            name: name.map(|text| sealed("name", &text)),
            email: email.map(|text| sealed("email", &text)),
            phone: phone.map(|text| sealed("phone", &text)),
            is_read_by_customer: false,
            is_read_by_organization: false,
            last_activity_at: now,
            resolved_at: None,
            created_at: now,
            updated_at: now,
        }
        .answered(new.author, now);
        tx.insert(std::slice::from_ref(&ticket)).await?;
        say(tx, &sealer, &ticket, tx.new_id(), (new.author, &new.description), self.by).await?;
        tell(tx, tenant, &sealer, "ticket.create", &ticket).await
    }
}

/// A ticket under its lock, and who seals for it. 404 where there is none, 400 where its customer was deleted.
async fn locked<'t>(tx: &Tx, tenant: &'t Tenant, id: TicketId) -> Result<(Ticket, Sealer<'t>)> {
    let seen = find(tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let sealer = Sealer::hold(tx, tenant, seen.customer_id).await.map_err(|failure| match failure {
        Failure::Refused(_) => Failure::refused(Code::NotAllowedNow, "The customer was deleted."),
        broken => broken,
    })?;
    let tail = "WHERE tenant_id = $1 AND id = $2 FOR UPDATE";
    let ticket: Option<Ticket> = tx.find(tail, &[&tenant.id, &id]).await?;
    Ok((ticket.ok_or_else(Failure::not_found)?, sealer))
}

/// Changes a ticket.
pub struct Update<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: TicketId,
    /// What changes.
    pub changes: &'a Changes,
}

impl Command for Update<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "tickets.update"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, sealer) = locked(tx, self.tenant, self.id).await?;
        let (sent, now) = (self.changes, tx.now());
        let told_before = views(tx, self.tenant, std::slice::from_ref(&before)).await?;
        let subject = match &sent.subject {
            Some(text) => sealer.seal(tx, at("ticket", "subject", self.id), text.as_bytes()),
            None => before.subject.clone(),
        };
        let category = sent.category.unwrap_or(before.category);
        let status = sent.status.unwrap_or(before.status);
        let after = Ticket { category, subject, ..before }.turned(status, now);
        if views(tx, self.tenant, std::slice::from_ref(&after)).await? == told_before {
            return Ok(());
        }
        let after = Ticket { last_activity_at: now, updated_at: now, ..after };
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, self.tenant, &sealer, "ticket.update", &after).await
    }
}

/// Adds a message.
pub struct Write<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which ticket.
    pub id: TicketId,
    /// The id the message will have.
    pub message: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// What.
    pub text: &'a str,
    /// Who adds it.
    pub by: &'a str,
}

impl Command for Write<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "tickets.write"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, sealer) = locked(tx, self.tenant, self.id).await?;
        if before.status == Status::Closed {
            let say = "The ticket is closed; open it again to write to it.";
            return Err(Failure::refused(Code::NotAllowedNow, say));
        }
        let after = before.answered(self.author, tx.now());
        say(tx, &sealer, &after, self.message, (self.author, self.text), self.by).await?;
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, self.tenant, &sealer, "ticket.update", &after).await
    }
}

/// Marks a ticket as read by one side.
pub struct MarkRead<'a> {
    /// Whose.
    pub tenant: &'a Tenant,
    /// Which.
    pub id: TicketId,
    /// Who has read it.
    pub by: Author,
}

impl Command for MarkRead<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "tickets.read"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        let (before, sealer) = locked(tx, self.tenant, self.id).await?;
        let is_read = match self.by {
            Author::Customer => before.is_read_by_customer,
            Author::Organization => before.is_read_by_organization,
        };
        if is_read {
            return Ok(());
        }
        let mut after = Ticket { updated_at: tx.now(), ..before };
        match self.by {
            Author::Customer => after.is_read_by_customer = true,
            Author::Organization => after.is_read_by_organization = true,
        }
        tx.update(2, std::slice::from_ref(&after)).await?;
        tell(tx, self.tenant, &sealer, "ticket.update", &after).await
    }
}
