//! "This is not right": what somebody disputes, and what they are answered.
//!
//! A dispute stops collecting on its account until it is settled, as one by letter does (12 CFR 1006.38(d)).

use std::sync::Arc;

use askama::Template;
use base::page::Page;
use base::{Failure, Result};
use books::debts::DebtId;
use books::idempotency::AtMostOnce;
use consumer::disputes::{
    self, Changes, Dispute, DisputeId, Filter, Kind, New, Place, Reason, Reasons, Status, Update,
};
use consumer::owed::Account;
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;
use serde_json::Value;

use crate::accounts::{self, Shown};
use crate::door::within;
use crate::page::{self, Choice, Fault, Frame};
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, documents, forms};

/// The longest text, in characters.
const LONGEST: usize = 10_000;

/// Who places one.
const BY: &str = "customer";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Method::GET, "/accounts/{account}/dispute", ask),
        within(Method::POST, "/accounts/{account}/dispute", place),
        within(Method::GET, "/accounts/{account}/disputes/{dispute}", show),
        within(Method::POST, "/accounts/{account}/disputes/{dispute}/withdraw", withdraw),
    ]
}

/// A reason's words.
const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NotMine => "reason-not-mine",
        Reason::WrongAmount => "reason-wrong-amount",
        Reason::OriginalCreditor => "reason-original-creditor",
        Reason::Paid => "reason-paid",
        Reason::Settled => "reason-settled",
        Reason::IdentityTheft => "reason-identity-theft",
        Reason::Bankruptcy => "reason-bankruptcy",
        Reason::TooOld => "reason-too-old",
        Reason::SomebodyElse => "reason-somebody-else",
        Reason::Service => "reason-service",
        Reason::Other => "reason-other",
    }
}

/// In the order in which they are offered: what most people come for stands on top.
const OFFERED: &[Reason] = &[
    Reason::NotMine,
    Reason::WrongAmount,
    Reason::Paid,
    Reason::Settled,
    Reason::OriginalCreditor,
    Reason::SomebodyElse,
    Reason::Service,
    Reason::IdentityTheft,
    Reason::Bankruptcy,
    Reason::TooOld,
    Reason::Other,
];

const fn standing(status: Status) -> &'static str {
    match status {
        Status::Open => "dispute-open",
        Status::Answered => "dispute-answered",
        Status::Upheld => "dispute-upheld",
        Status::Rejected => "dispute-rejected",
        Status::Withdrawn => "dispute-withdrawn",
    }
}

/// A dispute in a list.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) day: String,
    pub(crate) standing: String,
}

fn path(dispute: &Dispute) -> String {
    format!("{PREFIX}/accounts/{}/disputes/{}", dispute.debt_id, dispute.id)
}

/// The newest disputes of an account.
pub(crate) async fn on_account(
    call: &Call,
    visitor: &Visitor,
    account: DebtId,
    t: Texts,
) -> Result<Vec<Line>> {
    let filter = Filter { customer: Some(visitor.customer.id), debt: Some(account), ..Filter::default() };
    let tx = call.state.db.read().await?;
    let listed = disputes::list(&tx, &visitor.tenant, &filter, Page::first(10)).await?;
    let line = |dispute: &Dispute| Line {
        path: path(dispute),
        day: t.day(dispute.received_on),
        standing: t.say(standing(dispute.status)),
    };
    Ok(listed.rows.iter().map(line).collect())
}

#[derive(Template)]
#[template(path = "dispute_new.html")]
struct Form {
    frame: Frame,
    nonce: String,
    once: String,
    account: Shown,
    reasons: Vec<Choice>,
    text: String,
}

/// The form, as it was filled in.
async fn form(call: &Call, visitor: &Visitor, once: String, faults: Vec<Fault>) -> Result<Reply> {
    let account = accounts::find(call, visitor).await?;
    let frame = Frame::inside(call, visitor, "dispute-new-title").with(faults);
    let (t, chosen) = (frame.t, forms::text(call, "reason"));
    let offered = |one: &Reason| Choice {
        word: one.as_str().into(),
        say: t.say(reason(*one)),
        is_chosen: one.as_str() == chosen,
    };
    let form = Form {
        nonce: forms::nonce(&call.caller().secret),
        once,
        account: Shown::of(&account, t),
        reasons: OFFERED.iter().map(offered).collect(),
        text: forms::text(call, "text"),
        frame,
    };
    page::html(if form.frame.faults.is_empty() { 200 } else { 422 }, &form)
}

async fn ask(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let once = forms::new_once(&call);
    form(&call, &visitor, once, Vec::new()).await
}

async fn place(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (tenant, t) = (&visitor.tenant, Texts(page::language(call.headers())));
    let account = accounts::find(&call, &visitor).await?;
    let once = forms::once(&call, &visitor, &format!("dispute {}", account.debt.id))?;
    let (chosen, text) = (forms::text(&call, "reason"), forms::text(&call, "text"));
    let mut faults = Vec::new();
    let chosen = Reason::parse(&chosen).filter(|reason| OFFERED.contains(reason));
    if chosen.is_none() {
        faults.push(Fault { field: "reason", say: t.say("dispute-reason-wrong") });
    }
    if text.chars().count() > LONGEST {
        faults.push(Fault { field: "text", say: t.say("text-too-long") });
    }
    let Some(chosen) = chosen.filter(|_| faults.is_empty()) else {
        return form(&call, &visitor, forms::text(&call, forms::ONCE), faults).await;
    };
    let new = New {
        debt: account.debt.id,
        kind: Kind::Whole,
        amount: None,
        reasons: Reasons(vec![chosen]),
        text: (!text.is_empty()).then_some(text),
        received_on: None,
        duplicate_of: None,
    };
    let id: DisputeId = call.state.db.seams().id();
    let work = Place { tenant, id, new: &new, source: "portal", by: BY };
    let made = AtMostOnce { tenant, once: Some(&once), kind: "dispute", object: id.0, work };
    let made = call.state.db.run(&made).await?.id();
    Ok(page::see(&format!("{PREFIX}/accounts/{}/disputes/{made}", account.debt.id)))
}

/// The dispute that the path names, if it is one on an account that the visitor may see.
async fn find(call: &Call, visitor: &Visitor) -> Result<(Dispute, Account)> {
    let account = accounts::find(call, visitor).await?;
    let id = call.id("dispute")?.ours().map(DisputeId).ok_or_else(Failure::not_found)?;
    let found = disputes::find(&call.state.db.read().await?, &visitor.tenant, id).await?;
    let is_theirs = |d: &Dispute| d.debt_id == account.debt.id && d.customer_id == visitor.customer.id;
    Ok((found.filter(is_theirs).ok_or_else(Failure::not_found)?, account))
}

#[derive(Template)]
#[template(path = "dispute.html")]
struct One {
    frame: Frame,
    nonce: String,
    account: Shown,
    standing: String,
    is_over: bool,
    facts: Vec<(String, String)>,
    text: Option<String>,
    /// Each with its day.
    answers: Vec<(String, String)>,
    documents: Vec<documents::Line>,
    here: String,
}

async fn show(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (dispute, account) = find(&call, &visitor).await?;
    let frame = Frame::inside(&call, &visitor, "dispute-title");
    let (t, tenant) = (frame.t, &visitor.tenant);
    let tx = call.state.db.read().await?;
    let told = disputes::views(&tx, tenant, std::slice::from_ref(&dispute)).await?.pop().unwrap_or_default();
    let answered = |answer: &Value| {
        let day = answer["created_at"].as_str().and_then(base::Ts::parse).map(|at| t.day(tenant.today(at)));
        (day.unwrap_or_default(), answer["message"].as_str().unwrap_or_default().to_owned())
    };
    let answers = disputes::answers(&tx, tenant, &dispute).await?.iter().map(answered).collect();
    let said = dispute.reasons.0.iter().map(|one| t.say(reason(*one))).collect::<Vec<_>>().join(" · ");
    let mut facts = vec![
        (t.say("dispute-received"), t.day(dispute.received_on)),
        (t.say("dispute-reason"), said),
        (t.say("payment-reference"), dispute.id.to_string()),
    ];
    if let Some(amount) = dispute.amount {
        facts.push((t.say("dispute-amount"), t.money(amount)));
    }
    let one = One {
        nonce: forms::nonce(&call.caller().secret),
        account: Shown::of(&account, t),
        standing: t.say(standing(dispute.status)),
        is_over: dispute.status.is_over(),
        facts,
        text: told["description"].as_str().map(str::to_owned),
        answers,
        documents: documents::of_dispute(&call, &visitor, dispute.id, t).await?,
        here: path(&dispute),
        frame,
    };
    page::html(200, &one)
}

async fn withdraw(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (dispute, _) = find(&call, &visitor).await?;
    // Sent twice, it is over by the second time, and stays as it is.
    if !dispute.status.is_over() {
        let changes = Changes { status: Some(Status::Withdrawn), ..Changes::default() };
        let work = Update { tenant: &visitor.tenant, id: dispute.id, changes: &changes, by: BY };
        call.state.db.run(&work).await?;
    }
    Ok(page::see(&path(&dispute)))
}
