//! Tickets over HTTP: what customers and the organization write to each other.

use base::{Failure, Ref, Result, us};
use books::idempotency::{AtMostOnce, Made};
use consumer::tickets::{
    self, Author, Category, Changes, Contact, Filter, MessageId, New, Source, Status, Ticket, TicketId,
};
use edge::routes::{get, post, put};
use edge::{Access, BY_AGE, Endpoint, Paging, Reader, Reply, Sorts, paging, sorts};
use serde_json::{Value, json};

use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{any_object, flag, id, instant, list, maybe, object, shown, text, word, words};
use crate::several::Several;
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("tickets:read");
const WRITE: Access = Access::Scope("tickets:write");

/// The kinds of things, as idempotency keys remember them.
const KIND: &str = "ticket";
const MESSAGE: &str = "ticket.message";

/// The longest text of a message, in characters.
const LONGEST: usize = 10_000;

/// The newest messages that stand in a ticket.
const MESSAGES: i64 = 500;

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/tickets", READ, index)
            .summary("List tickets")
            .describe("Those with the latest activity first; without their messages.")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/tickets", WRITE, create)
            .summary("Open a ticket")
            .describe("`description` is its first message.")
            .body(new)
            .sample(json!({
                "customer_id": "$CUSTOMER_ID", "debt_account_id": "$DEBT_ACCOUNT_ID", "subject": "A question",
                "description": "How much is it, and since when?",
            }))
            .answers(201, shown(schema())),
        get("/tickets/{id}", READ, show)
            .summary("Get a ticket, with its messages")
            .query(includes)
            .answers(200, shown(schema())),
        put("/tickets/{id}", WRITE, update)
            .summary("Change a ticket")
            .describe("Its status, subject or category. What was written stays as it is.")
            .body(changes)
            .sample(json!({ "status": "in_progress" }))
            .answers(200, shown(schema())),
        post("/tickets/{id}/read", WRITE, read)
            .idempotent(false)
            .summary("Mark a ticket as read")
            .body(reader)
            .answers(200, shown(schema())),
        get("/tickets/{id}/messages", READ, messages)
            .summary("List the messages of a ticket")
            .query(|r| paging(r, Some(15), BY_AGE))
            .answers(200, edge::listing::schema(message_schema())),
        post("/tickets/{id}/messages", WRITE, write)
            .summary("Write to a ticket")
            .describe("From the organization, unless `from` says that it is the customer's. A closed ticket takes none.")
            .body(message)
            .sample(json!({ "message": "We will look at it." }))
            .answers(201, shown(message_schema())),
    ]
}

const STATUSES: &[(&str, Status)] = &[
    ("open", Status::Open),
    ("in_progress", Status::InProgress),
    ("resolved", Status::Resolved),
    ("closed", Status::Closed),
];
const SOURCES: &[(&str, Source)] =
    &[("api", Source::Api), ("collect", Source::Collect), ("guest", Source::Guest)];
const CATEGORIES: &[(&str, Category)] = &[
    ("other", Category::Other),
    ("trouble-logging-in", Category::LoggingIn),
    ("change-payment-plan-info", Category::ChangePlan),
    ("need-info-about-my-account", Category::AccountInfo),
    ("need-call-support", Category::CallSupport),
];
const AUTHORS: &[(&str, Author)] = &[("customer", Author::Customer), ("organization", Author::Organization)];

fn message_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("ticket_id", id()),
            ("author", word(&words(AUTHORS))),
            ("message", maybe(text())),
            ("created_by", text()),
            ("created_at", instant()),
        ],
        &[],
    )
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("customer_id", maybe(id())),
            ("debt_account_id", maybe(id())),
            ("name", maybe(text())),
            ("email", maybe(text())),
            ("phone", maybe(text())),
            ("category", word(&words(CATEGORIES))),
            ("status", word(&words(STATUSES))),
            ("source", word(&words(SOURCES))),
            ("is_read_by_customer", flag()),
            ("is_read_by_organization", flag()),
            ("last_activity_at", instant()),
            ("resolved_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("subject", text()),
            ("description", text()),
            ("messages", list(message_schema())),
            ("customer", maybe(any_object())),
            ("debt_account", maybe(any_object())),
            ("payment_plan", maybe(any_object())),
        ],
    )
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["last_activity_at" => "last_activity_at"; "updated_at" => "updated_at"];

struct Asked {
    paging: Listing,
    wanted: Vec<Include>,
    customer: Option<Ref>,
    debt: Option<Ref>,
    status: Option<Vec<Status>>,
    source: Option<Vec<Source>>,
    category: Option<Vec<Category>>,
    read_by_customer: Option<bool>,
    read_by_organization: Option<bool>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(15), SORTS),
        wanted: includes(r),
        customer: r.reference("customer_id").describe("Only this customer's.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only those about this account.")
            .optional(),
        status: r.field("status", Several(STATUSES)).describe("Only those that stand like this.").optional(),
        source: r.field("source", Several(SOURCES)).describe("Only those that came from there.").optional(),
        category: r.field("category", Several(CATEGORIES)).describe("Only those about this.").optional(),
        read_by_customer: r
            .boolean("is_read_by_customer")
            .describe("Only those that their customer has read, or only the others.")
            .optional(),
        read_by_organization: r
            .boolean("is_read_by_organization")
            .describe("Only those that somebody of yours has read, or only the others.")
            .optional(),
    }
}

pub(crate) async fn present(view: &View<'_>, all: &[Ticket]) -> Result<Vec<Value>> {
    let told = tickets::views(view.tx, view.tenant, all).await?;
    let item = |(ticket, json): (&Ticket, Value)| Shown {
        json,
        customer: ticket.customer_id,
        debt: ticket.debt_id,
        ..Shown::default()
    };
    let mut items: Vec<Shown> = all.iter().zip(told).map(item).collect();
    view.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
        status: asked.status,
        source: asked.source,
        category: asked.category,
        read_by_customer: asked.read_by_customer,
        read_by_organization: asked.read_by_organization,
    };
    let listed = tickets::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    let shown = present(&View::of(&call, &tx, asked.wanted), &listed.rows).await?;
    let last = listed.rows.last().map(|t| lists::key(&asked.paging, t.last_activity_at, t.id.0));
    lists::reply_saying(&call, &asked.paging, &listed, shown, last, serde_json::Map::new())
}

/// The ticket that the path names.
pub(crate) async fn find(call: &Call) -> Result<Ticket> {
    let id = call.id("id")?.ours().ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    tickets::find(&tx, &call.caller().tenant, TicketId(id)).await?.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: TicketId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let wanted = call.ask(includes)?;
    let ticket = tickets::find(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let view = View::of(call, &tx, wanted);
    let mut told = present(&view, std::slice::from_ref(&ticket)).await?.remove(0);
    let mut messages = tickets::messages(&tx, tenant, id, base::Page::first(MESSAGES)).await?.rows;
    messages.reverse();
    told["messages"] = tickets::message_views(&tx, tenant, &messages).await?.into();
    Ok(Reply::json(status, &json!({ "data": told })))
}

async fn show(call: Call) -> Result<Reply> {
    let ticket = find(&call).await?;
    shown_one(&call, ticket.id, 200).await
}

struct Given {
    customer: Option<Ref>,
    debt: Option<Ref>,
    subject: String,
    description: String,
    category: Category,
    author: Author,
    contact: Contact,
}

fn new(r: &mut Reader<'_>) -> Given {
    Given {
        customer: r.reference("customer_id").describe("Whose it is.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("The account it is about; of that customer.")
            .optional(),
        subject: r.text("subject").required(),
        description: r.text("description").max(LONGEST).describe("The first message.").required(),
        category: r.one_of("category", CATEGORIES).or(Category::Other),
        author: r
            .one_of("from", AUTHORS)
            .describe("Who wrote it; the customer unless said.")
            .or(Author::Customer),
        contact: Contact {
            name: r.text("name").describe("Who wrote; the customer's name unless said.").optional(),
            email: r
                .text("email")
                .describe("Likewise.")
                .parse("must be a valid email address.", "ada@example.com", us::email)
                .optional(),
            phone: r
                .text("phone")
                .describe("Likewise.")
                .parse("must be a valid US phone number.", "+12125550123", us::phone)
                .optional(),
        },
    }
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, TicketId(id), 201).await?.replayed());
    }
    let given = call.read(new)?;
    let tenant = &call.caller().tenant;
    let (customer, debt) = {
        let tx = call.state.db.read().await?;
        let customer = named::customer(&tx, tenant, given.customer.as_ref()).await?;
        (customer, named::debt(&tx, tenant, given.debt.as_ref(), "debt_account_id").await?)
    };
    let new = New {
        customer,
        debt,
        category: given.category,
        subject: given.subject,
        description: given.description,
        author: given.author,
        source: Source::Api,
        contact: given.contact,
    };
    let (once, id, by): (_, TicketId, _) = (once(&call), call.state.db.seams().id(), call.caller().by());
    let work = tickets::Create { tenant, id, new: &new, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, TicketId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

fn changes(r: &mut Reader<'_>) -> Changes {
    Changes {
        status: r.one_of("status", STATUSES).replace(),
        category: r.one_of("category", CATEGORIES).replace(),
        subject: r.text("subject").replace(),
    }
}

async fn update(call: Call) -> Result<Reply> {
    let ticket = find(&call).await?;
    let changes = call.read(changes)?;
    let work = tickets::Update { tenant: &call.caller().tenant, id: ticket.id, changes: &changes };
    call.state.db.run(&work).await?;
    shown_one(&call, ticket.id, 200).await
}

fn reader(r: &mut Reader<'_>) -> Author {
    r.one_of("by", AUTHORS)
        .describe("Who has read it; the organization unless said.")
        .or(Author::Organization)
}

async fn read(call: Call) -> Result<Reply> {
    let ticket = find(&call).await?;
    let by = call.read(reader)?;
    call.state.db.run(&tickets::MarkRead { tenant: &call.caller().tenant, id: ticket.id, by }).await?;
    shown_one(&call, ticket.id, 200).await
}

async fn messages(call: Call) -> Result<Reply> {
    let ticket = find(&call).await?;
    let paging: Paging = call.ask(|r| paging(r, Some(15), BY_AGE))?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = tickets::messages(&tx, tenant, ticket.id, lists::page(&paging)?).await?;
    let rows = tickets::message_views(&tx, tenant, &listed.rows).await?;
    let last = listed.rows.last().map(|m| m.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

fn message(r: &mut Reader<'_>) -> (String, Author) {
    let text = r.text("message").max(LONGEST).required();
    (text, r.one_of("from", AUTHORS).describe("Who wrote it.").or(Author::Organization))
}

async fn written(call: &Call, ticket: TicketId, id: MessageId) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let found = tickets::message(&tx, tenant, ticket, id).await?.ok_or_else(Failure::not_found)?;
    let told = tickets::message_views(&tx, tenant, &[found]).await?.remove(0);
    Ok(Reply::created(&told))
}

async fn write(call: Call) -> Result<Reply> {
    let ticket = find(&call).await?;
    if let Some(id) = before(&call, MESSAGE).await? {
        return Ok(written(&call, ticket.id, MessageId(id)).await?.replayed());
    }
    let (text, author) = call.read(message)?;
    let (tenant, once, by) = (&call.caller().tenant, once(&call), call.caller().by());
    let id: MessageId = call.state.db.seams().id();
    let work = tickets::Write { tenant, id: ticket.id, message: id, author, text: &text, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: MESSAGE, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = written(&call, ticket.id, MessageId(made.id())).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}
