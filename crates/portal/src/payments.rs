//! What was paid: every payment of somebody's, each with how it stands, and its receipt.

use std::sync::Arc;

use askama::Template;
use base::db::{Ids, Tx};
use base::page::Page;
use base::{Cents, Day, Failure, Result};
use books::debts::DebtId;
use consumer::receipts;
use consumer::sessions::{self, Visitor};
use edge::{Endpoint, Reply};
use http::{HeaderName, Method as Verb};
use paper::{Part, Sheet};
use payments::charges::machine::State;
use payments::charges::postings::Rail;
use payments::charges::{self, Charge, ChargeId, Filter, authorization};
use payments::methods::{self, Kind, Method};
use payments::networks::Class;
use serde_json::Value;
use uuid::Uuid;

use crate::Call;
use crate::door::within;
use crate::page::{self, Frame};
use crate::state::Portal;
use crate::texts::Texts;

/// How many payments a page has.
const A_PAGE: i64 = 25;

/// How soon a page about a payment that is not decided asks again, in seconds.
const ASKS_AGAIN: u32 = 10;

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Verb::GET, "/payments", list),
        within(Verb::GET, "/payments/{payment}", show),
        within(Verb::GET, "/payments/{payment}/receipt.pdf", keep),
    ]
}

/// How a payment stands, by the key of its words.
fn standing(charge: &Charge) -> &'static str {
    match charge.state {
        State::Scheduled => "payment-scheduled",
        State::Submitting | State::Unknown => "payment-checking",
        State::Pending => "payment-pending",
        State::Succeeded if charge.refunded_amount.is_positive() => "payment-partly-refunded",
        State::Succeeded => "payment-succeeded",
        State::Declined => "payment-declined",
        State::Canceled => "payment-canceled",
        State::Refunded => "payment-refunded",
        State::Returned => "payment-returned",
    }
}

/// The day that a payment is of.
fn day(charge: &Charge, visitor: &Visitor) -> Day {
    let at = charge.completed_at.or(charge.submitted_at).unwrap_or(charge.created_at);
    charge
        .scheduled_at
        .filter(|_| charge.state == State::Scheduled)
        .unwrap_or_else(|| visitor.tenant.today(at))
}

/// A payment in a list.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) day: String,
    pub(crate) amount: String,
    pub(crate) standing: String,
}

fn line(charge: &Charge, visitor: &Visitor, t: Texts) -> Line {
    Line {
        id: charge.id.to_string(),
        day: t.day(day(charge, visitor)),
        amount: t.money(charge.amount),
        standing: t.say(standing(charge)),
    }
}

/// The newest payments on an account.
pub(crate) async fn on_account(
    call: &Call,
    visitor: &Visitor,
    account: DebtId,
    t: Texts,
) -> Result<Vec<Line>> {
    let filter = Filter { customer: Some(visitor.customer.id), debt: Some(account), ..Filter::default() };
    let tx = call.state.db.read().await?;
    let listed = charges::list(&tx, &visitor.tenant, &filter, Page::first(10)).await?;
    Ok(listed.rows.iter().map(|charge| line(charge, visitor, t)).collect())
}

#[derive(Template)]
#[template(path = "payments.html")]
struct List {
    frame: Frame,
    payments: Vec<Line>,
    /// The last one that is shown, where there are older ones.
    older: Option<String>,
}

async fn list(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let frame = Frame::inside(&call, &visitor, "payments-title");
    let before =
        call.query["before"].as_str().map(|id| Uuid::try_parse(id).map_err(|_| Failure::not_found()));
    let page = match before.transpose()? {
        Some(before) => Page::older(A_PAGE, before),
        None => Page::first(A_PAGE),
    };
    let filter = Filter { customer: Some(visitor.customer.id), ..Filter::default() };
    let tx = call.state.db.read().await?;
    let listed = charges::list(&tx, &visitor.tenant, &filter, page).await?;
    let older = listed.rows.last().filter(|_| listed.more).map(|charge| charge.id.to_string());
    let payments = listed.rows.iter().map(|charge| line(charge, &visitor, frame.t)).collect();
    page::html(200, &List { frame, payments, older })
}

#[derive(Template)]
#[template(path = "payment.html")]
struct One {
    frame: Frame,
    standing: String,
    /// What it means, and what comes next.
    says: Option<String>,
    facts: Vec<(String, String)>,
    /// What they authorized: the words, and when.
    authorized: Option<(String, String)>,
    is_open: bool,
    /// Where its receipt is as a file, where it is worth keeping.
    file: Option<String>,
    /// Where they go on from here, where the session says so.
    back: Option<String>,
}

/// A payment of the visitor's, in words.
struct Told {
    charge: Charge,
    has_receipt: bool,
    facts: Vec<(String, String)>,
    authorized: Option<(String, String)>,
}

/// The payment that the path names.
async fn told(call: &Call, visitor: &Visitor, tx: &Tx, t: Texts) -> Result<Told> {
    let id = call.id("payment")?.ours().map(ChargeId).ok_or_else(Failure::not_found)?;
    let charge = charges::by_id(tx, &visitor.tenant, id).await?;
    let charge =
        charge.filter(|c| c.customer_id == Some(visitor.customer.id)).ok_or_else(Failure::not_found)?;
    let receipt = match receipts::of(tx, &visitor.tenant, &charge).await {
        Ok(receipt) => Some(receipt),
        Err(Failure::Refused(_)) => None, // nothing to receipt yet
        Err(broken) => return Err(broken),
    };
    let mut facts = vec![
        (t.say("payment-amount"), t.money(charge.amount)),
        (t.say("payment-day"), t.day(day(&charge, visitor))),
    ];
    match &receipt {
        Some(receipt) => facts.extend(facts_of(receipt, t)),
        None => facts.extend(with(tx, visitor, &charge, t).await?),
    }
    facts.push((t.say("payment-reference"), charge.id.to_string()));
    let authorized = authorization::of(tx, &visitor.tenant, &Ids::of([id])).await?.remove(&id);
    let authorized = authorized.map(|given| {
        let day = t.day(visitor.tenant.today(given.row.given_at));
        (given.text, t.say1("payment-authorized-on", "day", day))
    });
    Ok(Told { has_receipt: receipt.is_some(), charge, facts, authorized })
}

async fn show(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let tx = call.state.db.read().await?;
    let frame = Frame::inside(&call, &visitor, "payment-title");
    let t = frame.t;
    let Told { charge, facts, authorized, .. } = told(&call, &visitor, &tx, t).await?;
    let is_kept = matches!(charge.state, State::Succeeded | State::Refunded);
    let file = is_kept.then(|| format!("{}/receipt.pdf", call.path()));
    let is_open = matches!(charge.state, State::Submitting | State::Unknown);
    let says = match charge.state {
        State::Submitting | State::Unknown => Some(t.say("payment-checking-says")),
        State::Pending => Some(match (charge.rail, charge.settles_on) {
            (Rail::Ach, Some(day)) => t.say1("payment-pending-bank", "day", t.day(day)),
            (Rail::Card, Some(day)) => t.say1("payment-pending-until", "day", t.day(day)),
            (_, None) => t.say("payment-pending-says"),
        }),
        State::Declined => Some(t.say(why(&charge))),
        State::Returned => Some(t.say("payment-returned-says")),
        State::Scheduled => Some(t.say("payment-scheduled-says")),
        State::Succeeded | State::Refunded | State::Canceled => None,
    };
    // They came to pay, and have.
    let is_done = charge.source == "portal" && matches!(charge.state, State::Succeeded | State::Pending);
    let back = match is_done {
        true => sessions::return_to(&tx, &visitor.tenant, &visitor.settings, &visitor.session).await?,
        false => None,
    };
    let back = back.map(|to| to.as_str().to_owned());
    let standing = t.say(standing(&charge));
    let reply = page::html(200, &One { frame, standing, says, facts, authorized, is_open, file, back })?;
    // Not a `meta` element: whoever reads the page aloud is not thrown out of it by one they cannot see.
    Ok(if is_open { reply.header(HeaderName::from_static("refresh"), ASKS_AGAIN) } else { reply })
}

/// The receipt of a payment as a file; 404 where there is none yet.
async fn keep(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let tx = call.state.db.read().await?;
    let frame = Frame::inside(&call, &visitor, "receipt-title");
    let t = frame.t;
    let Told { charge, has_receipt, facts, authorized } = told(&call, &visitor, &tx, t).await?;
    if !has_receipt {
        return Err(Failure::not_found());
    }
    let standing = t.say(standing(&charge));
    let mut parts = Vec::new();
    if let Some(organization) = &frame.organization {
        parts.push(Part::Text(organization.name.clone()));
    }
    parts.extend([Part::Heading(1, frame.title.clone()), Part::Text(standing), Part::Facts(facts)]);
    if let Some((words, when)) = authorized {
        parts.extend([Part::Heading(2, t.say("payment-authorized")), Part::Text(words), Part::Text(when)]);
    }
    parts.extend(frame.own_at_the_foot().map(|text| Part::Text(text.to_owned())));
    if let Some(organization) = &frame.organization {
        let reached = organization.reached(t);
        if !reached.is_empty() {
            let heading = t.say1("reach", "name", &organization.name);
            parts.extend([Part::Heading(2, heading), Part::Facts(reached)]);
        }
    }
    let file = paper::file(&Sheet { title: frame.title, language: t.code(), parts })?;
    let name = format!("{}-{}.pdf", t.say("receipt-file"), charge.id);
    Ok(Reply::raw(200, "application/pdf", file).attachment(&name))
}

/// What pays it, of a payment that has no receipt yet.
async fn with(tx: &Tx, visitor: &Visitor, charge: &Charge, t: Texts) -> Result<Option<(String, String)>> {
    let id = charge.payment_method_id;
    let method = methods::load(tx, &visitor.tenant, [id]).await?.remove(&id);
    let say = |method: &Method| named(method.kind, method.brand.as_deref(), &method.last_four, t);
    Ok(method.map(|method| (t.say("payment-with"), say(&method))))
}

/// Why a payment was declined, by the key of its words.
fn why(charge: &Charge) -> &'static str {
    match (charge.code.as_deref(), charge.decline_class) {
        (Some("expired_card"), _) => "declined-expired",
        (Some("incorrect_cvv"), _) => "declined-code",
        (_, Some(Class::Funds)) => "declined-funds",
        (_, Some(Class::Account | Class::Details)) => "declined-number",
        (_, Some(Class::Later)) => "declined-later",
        _ => "declined-other",
    }
}

/// What a receipt says besides, in words.
fn facts_of(receipt: &Value, t: Texts) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |key: &str, is: Option<String>| {
        if let Some(is) = is.filter(|is| !is.is_empty()) {
            facts.push((t.say(key), is));
        }
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let money = |value: &Value| value.as_i64().map(|cents| t.money(Cents::new(cents)));
    fact(
        "payment-refunded-amount",
        money(&receipt["refunded_amount"]).filter(|_| receipt["refunded_amount"] != 0),
    );
    fact("payment-to", text(&receipt["paid_to"]["name"]));
    fact("payment-by", text(&receipt["paid_by"]));
    fact("payment-with", Some(method(&receipt["method"], t)));
    fact("creditor-original", text(&receipt["creditor"]));
    fact("creditor-number", text(&receipt["account_number"]));
    let parts = receipt["allocations"].as_array().map_or(&[][..], Vec::as_slice);
    for part in parts.iter().filter(|_| parts.len() > 1) {
        let name = [text(&part["creditor"]), text(&part["account_number"])];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = if name.is_empty() { t.say("account") } else { name };
        fact("payment-part", money(&part["amount"]).map(|amount| format!("{amount}: {name}")));
    }
    fact("payment-balance-after", money(&receipt["balance_after"]));
    facts
}

/// What it was paid with, as a receipt tells it.
fn method(method: &Value, t: Texts) -> String {
    let kind = if method["type"] == "ach" { Kind::Ach } else { Kind::Card };
    named(kind, method["brand"].as_str(), method["last_four"].as_str().unwrap_or_default(), t)
}

/// A method in words: `Visa card ending in 4242`.
pub(crate) fn named(kind: Kind, brand: Option<&str>, last_four: &str, t: Texts) -> String {
    let kind = match (kind, brand) {
        (Kind::Ach, _) => t.say("method-bank"),
        (Kind::Card, Some(brand)) => t.say1("method-brand", "brand", brand),
        (Kind::Card, None) => t.say("method-card"),
    };
    match last_four {
        "" => kind,
        four => t.with("method-ending", &[("kind", kind), ("four", four.to_owned())]),
    }
}
