//! Messages: what somebody asks their organization, and what they are answered.

use std::sync::Arc;

use askama::Template;
use base::page::Page;
use base::{Failure, Result, Ts};
use books::idempotency::AtMostOnce;
use consumer::owed;
use consumer::sessions::Visitor;
use consumer::tickets::{
    self, Author, Category, Create, Filter, MarkRead, MessageId, New, Source, Status, Ticket, TicketId, Write,
};
use edge::{Endpoint, Reply};
use http::Method;
use serde_json::Value;
use uuid::Uuid;

use crate::accounts::Shown;
use crate::door::within;
use crate::page::{self, Choice, Fault, Frame};
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms};

/// How many conversations a page has.
const A_PAGE: i64 = 25;

/// How many conversations somebody may begin in a day.
const A_DAY: usize = 20;

/// How many messages of a conversation are shown: the newest.
const SHOWN: i64 = 100;

/// The longest text, and the longest line, in characters.
const LONGEST: usize = 10_000;
const LONGEST_LINE: usize = 200;

/// Who writes.
const BY: &str = "customer";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Method::GET, "/messages", list),
        within(Method::GET, "/messages/new", ask),
        within(Method::POST, "/messages/new", begin),
        within(Method::GET, "/messages/{ticket}", show),
        within(Method::POST, "/messages/{ticket}", answer),
        within(Method::POST, "/messages/{ticket}/read", read),
    ]
}

/// What a conversation may be about, in the order in which that is offered. Who is in has no trouble getting in.
const OFFERED: &[Category] =
    &[Category::AccountInfo, Category::ChangePlan, Category::CallSupport, Category::Other];

const fn about(category: Category) -> &'static str {
    match category {
        Category::AccountInfo => "about-account",
        Category::ChangePlan => "about-plan",
        Category::CallSupport => "about-call",
        Category::LoggingIn => "about-logging-in",
        Category::Other => "about-other",
    }
}

const fn standing(status: Status) -> &'static str {
    match status {
        Status::Open | Status::InProgress => "ticket-open",
        Status::Resolved => "ticket-resolved",
        Status::Closed => "ticket-closed",
    }
}

/// A conversation in a list.
struct Line {
    path: String,
    subject: String,
    day: String,
    standing: String,
    is_new: bool,
}

/// Whether there is something that its customer has not read.
fn is_new(ticket: &Ticket) -> bool {
    !ticket.is_read_by_customer
}

fn path(id: TicketId) -> String {
    format!("{PREFIX}/messages/{id}")
}

#[derive(Template)]
#[template(path = "tickets.html")]
struct List {
    frame: Frame,
    tickets: Vec<Line>,
    /// The last one that is shown, where there are older ones.
    older: Option<String>,
}

async fn list(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (frame, tenant) = (Frame::inside(&call, &visitor, "tickets-title"), &visitor.tenant);
    let before =
        call.query["before"].as_str().map(|id| Uuid::try_parse(id).map_err(|_| Failure::not_found()));
    let page = match before.transpose()? {
        Some(before) => Page::older(A_PAGE, before),
        None => Page::first(A_PAGE),
    };
    let filter = Filter { customer: Some(visitor.customer.id), ..Filter::default() };
    let tx = call.state.db.read().await?;
    let listed = tickets::list(&tx, tenant, &filter, page).await?;
    let told = tickets::views(&tx, tenant, &listed.rows).await?;
    let line = |(ticket, told): (&Ticket, Value)| Line {
        path: path(ticket.id),
        subject: told["subject"].as_str().unwrap_or_default().to_owned(),
        day: frame.t.day(tenant.today(ticket.last_activity_at)),
        standing: frame.t.say(standing(ticket.status)),
        is_new: is_new(ticket),
    };
    let older = listed.rows.last().filter(|_| listed.more).map(|ticket| ticket.id.to_string());
    let tickets = listed.rows.iter().zip(told).map(line).collect();
    page::html(200, &List { tickets, older, frame })
}

#[derive(Template)]
#[template(path = "ticket_new.html")]
struct Form {
    frame: Frame,
    nonce: String,
    once: String,
    abouts: Vec<Choice>,
    /// What it may be about; none where they have no account.
    accounts: Vec<Choice>,
    subject: String,
    text: String,
}

/// The accounts of somebody, as a conversation may be about one.
async fn accounts_of(call: &Call, visitor: &Visitor, chosen: &str, t: Texts) -> Result<Vec<Choice>> {
    let tx = call.state.db.read().await?;
    let all = owed::accounts(&tx, &visitor.tenant, visitor.customer.id, tx.now()).await?;
    let choice = |shown: Shown| Choice { is_chosen: shown.id == chosen, word: shown.id, say: shown.name };
    Ok(all.iter().map(|account| choice(Shown::of(account, t))).collect())
}

/// The form, as it was filled in. `account` is the one that is chosen.
async fn form(
    call: &Call,
    visitor: &Visitor,
    once: String,
    account: &str,
    faults: Vec<Fault>,
) -> Result<Reply> {
    let frame = Frame::inside(call, visitor, "ticket-new-title").with(faults);
    let (t, chosen) = (frame.t, forms::text(call, "about"));
    let offered = |one: &Category| Choice {
        word: one.as_str().into(),
        say: t.say(about(*one)),
        is_chosen: one.as_str() == chosen,
    };
    let form = Form {
        nonce: forms::nonce(&call.caller().secret),
        once,
        abouts: OFFERED.iter().map(offered).collect(),
        accounts: accounts_of(call, visitor, account, t).await?,
        subject: forms::text(call, "subject"),
        text: forms::text(call, "text"),
        frame,
    };
    page::html(if form.frame.faults.is_empty() { 200 } else { 422 }, &form)
}

async fn ask(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let once = forms::new_once(&call);
    let account = call.query["account"].as_str().unwrap_or_default().to_owned();
    form(&call, &visitor, once, &account, Vec::new()).await
}

/// What is wrong with a text, if anything is.
fn text_fault(text: &str, t: Texts) -> Option<Fault> {
    let say = match text.chars().count() {
        0 => t.say("ticket-text-missing"),
        many if many > LONGEST => t.say("text-too-long"),
        _ => return None,
    };
    Some(Fault { field: "text", say })
}

async fn begin(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (tenant, customer, t) = (&visitor.tenant, visitor.customer.id, Texts(page::language(call.headers())));
    let once = forms::once(&call, &visitor, "message")?;
    let account = forms::text(&call, "account");
    let (subject, text) = (forms::text(&call, "subject"), forms::text(&call, "text"));
    let category = Category::parse(&forms::text(&call, "about")).filter(|one| OFFERED.contains(one));
    let mut faults = Vec::new();
    if category.is_none() {
        faults.push(Fault { field: "about", say: t.say("ticket-about-wrong") });
    }
    match subject.chars().count() {
        0 => faults.push(Fault { field: "subject", say: t.say("ticket-subject-missing") }),
        many if many > LONGEST_LINE => {
            faults.push(Fault { field: "subject", say: t.say("ticket-subject-too-long") });
        }
        _ => {}
    }
    faults.extend(text_fault(&text, t));
    let tx = call.state.db.read().await?;
    let all = owed::accounts(&tx, tenant, customer, tx.now()).await?;
    let debt = all.iter().map(|one| one.debt.id).find(|id| id.to_string() == account);
    if debt.is_none() && !account.is_empty() {
        faults.push(Fault { field: "account", say: t.say("ticket-account-wrong") });
    }
    let (since, theirs) =
        (tx.now().plus_seconds(-86_400), Filter { customer: Some(customer), ..Filter::default() });
    let newest = tickets::list(&tx, tenant, &theirs, Page::first(A_PAGE)).await?;
    drop(tx);
    let Some(category) = category.filter(|_| faults.is_empty()) else {
        return form(&call, &visitor, forms::text(&call, forms::ONCE), &account, faults).await;
    };
    let of_today = newest.rows.iter().filter(|one| one.source == Source::Collect && one.created_at > since);
    if of_today.count() >= A_DAY {
        return page::notice(429, Frame::inside(&call, &visitor, "ticket-many-title"), &["ticket-many"]);
    }
    let new = New {
        customer: Some(customer),
        debt,
        category,
        subject,
        description: text,
        author: Author::Customer,
        source: Source::Collect,
        contact: tickets::Contact::default(),
    };
    let id: TicketId = call.state.db.seams().id();
    let work = Create { tenant, id, new: &new, by: BY };
    let made = AtMostOnce { tenant, once: Some(&once), kind: "ticket", object: id.0, work };
    let made = call.state.db.run(&made).await?.id();
    Ok(page::see(&path(TicketId(made))))
}

/// The conversation that the path names, if it is the visitor's.
async fn find(call: &Call, visitor: &Visitor) -> Result<Ticket> {
    let id = call.id("ticket")?.ours().map(TicketId).ok_or_else(Failure::not_found)?;
    let found = tickets::find(&call.state.db.read().await?, &visitor.tenant, id).await?;
    found.filter(|one| one.customer_id == Some(visitor.customer.id)).ok_or_else(Failure::not_found)
}

/// A message of a conversation.
struct Said {
    is_theirs: bool,
    day: String,
    text: String,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct One {
    frame: Frame,
    nonce: String,
    once: String,
    here: String,
    subject: String,
    standing: String,
    facts: Vec<(String, String)>,
    messages: Vec<Said>,
    is_new: bool,
    is_closed: bool,
    text: String,
}

async fn conversation(call: &Call, visitor: &Visitor, once: String, faults: Vec<Fault>) -> Result<Reply> {
    let ticket = find(call, visitor).await?;
    let (frame, tenant) = (Frame::inside(call, visitor, "ticket-title").with(faults), &visitor.tenant);
    let t = frame.t;
    let tx = call.state.db.read().await?;
    let told = tickets::views(&tx, tenant, std::slice::from_ref(&ticket)).await?.pop().unwrap_or_default();
    let mut rows = tickets::messages(&tx, tenant, ticket.id, Page::first(SHOWN)).await?.rows;
    rows.reverse();
    let said = tickets::message_views(&tx, tenant, &rows).await?;
    let said = said.iter().map(|one| Said {
        is_theirs: one["author"] == Author::Customer.as_str(),
        day: one["created_at"]
            .as_str()
            .and_then(Ts::parse)
            .map_or_else(String::new, |at| t.day(tenant.today(at))),
        text: one["message"].as_str().unwrap_or_default().to_owned(),
    });
    let one = One {
        nonce: forms::nonce(&call.caller().secret),
        once,
        here: path(ticket.id),
        subject: told["subject"].as_str().unwrap_or_default().to_owned(),
        standing: t.say(standing(ticket.status)),
        facts: vec![
            (t.say("ticket-about"), t.say(about(ticket.category))),
            (t.say("payment-reference"), ticket.id.to_string()),
        ],
        messages: said.collect(),
        is_new: is_new(&ticket),
        is_closed: ticket.status == Status::Closed,
        text: forms::text(call, "text"),
        frame,
    };
    page::html(if one.frame.faults.is_empty() { 200 } else { 422 }, &one)
}

async fn show(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let once = forms::new_once(&call);
    conversation(&call, &visitor, once, Vec::new()).await
}

async fn answer(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (tenant, t) = (&visitor.tenant, Texts(page::language(call.headers())));
    let ticket = find(&call, &visitor).await?;
    let once = forms::once(&call, &visitor, &format!("message {}", ticket.id))?;
    let text = forms::text(&call, "text");
    if let Some(fault) = text_fault(&text, t) {
        return conversation(&call, &visitor, forms::text(&call, forms::ONCE), vec![fault]).await;
    }
    let message: MessageId = call.state.db.seams().id();
    let work = Write { tenant, id: ticket.id, message, author: Author::Customer, text: &text, by: BY };
    let work = AtMostOnce { tenant, once: Some(&once), kind: "ticket.message", object: message.0, work };
    match call.state.db.run(&work).await {
        Ok(_) => Ok(page::see(&path(ticket.id))),
        // Closed meanwhile: the page says so.
        Err(Failure::Refused(_)) => conversation(&call, &visitor, forms::new_once(&call), Vec::new()).await,
        Err(broken) => Err(broken),
    }
}

/// Takes note that the customer has read it: only they say so, since whoever fetches a page ahead reads nothing.
async fn read(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let ticket = find(&call, &visitor).await?;
    let work = MarkRead { tenant: &visitor.tenant, id: ticket.id, by: Author::Customer };
    call.state.db.run(&work).await?;
    Ok(page::see(&path(ticket.id)))
}
