//! How somebody wants to be reached: in which language, by which ways, or not at all.

use std::sync::Arc;

use askama::Template;
use base::Result;
use base::db::Ids;
use books::holds::{self, Contact, HoldId, Scope};
use books::preferences::{self, Changes, Channel, Language};
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method;

use crate::door::within;
use crate::page::{self, Choice, Fault, Frame};
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms};

/// Who says so, and how it was learned.
const BY: &str = "customer";
const HOW: &str = "portal";

/// The hold that a request to stop all contact places (12 CFR 1006.6(c)).
const STOP: &str = "cease_and_desist";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![
        within(Method::GET, "/contact", show),
        within(Method::POST, "/contact", save),
        within(Method::POST, "/contact/stop", stop),
    ]
}

const fn way(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "way-email",
        Channel::Sms => "way-sms",
        Channel::Phone => "way-phone",
        Channel::Mail => "way-mail",
    }
}

/// A way of being reached.
struct Way {
    word: &'static str,
    say: String,
    /// The address or number that is known, where one is.
    at: Option<String>,
    is_wanted: bool,
}

#[derive(Template)]
#[template(path = "contact.html")]
struct Wishes {
    frame: Frame,
    nonce: String,
    languages: Vec<Choice>,
    ways: Vec<Way>,
    was_saved: bool,
    is_stopped: bool,
}

async fn page_of(call: &Call, visitor: &Visitor, faults: Vec<Fault>) -> Result<Reply> {
    let (tenant, customer) = (&visitor.tenant, &visitor.customer);
    let frame = Frame::inside(call, visitor, "contact-title").with(faults);
    let tx = call.state.db.read().await?;
    let wishes = preferences::of(&tx, tenant, customer.id).await?;
    let held = holds::of_customers(&tx, tenant, &Ids::of([customer.id]), tx.now()).await?;
    let at = |channel: Channel| match channel {
        Channel::Email => customer.email.clone(),
        Channel::Sms | Channel::Phone => customer.phone.clone(),
        Channel::Mail => None,
    };
    let ways = Channel::ALL.iter().map(|channel| Way {
        word: channel.as_str(),
        say: frame.t.say(way(*channel)),
        at: at(*channel),
        is_wanted: wishes["channels"][channel.as_str()].as_bool().unwrap_or(true),
    });
    let chosen = wishes["language"].as_str().and_then(Language::parse).unwrap_or(Language::English);
    let languages = Language::ALL.iter().map(|one| Choice {
        word: one.as_str().into(),
        say: Texts(*one).say("language-name"),
        is_chosen: *one == chosen,
    });
    let status = if frame.faults.is_empty() { 200 } else { 422 };
    let wishes = Wishes {
        nonce: forms::nonce(&call.caller().secret),
        languages: languages.collect(),
        ways: ways.collect(),
        was_saved: call.query["saved"].is_string(),
        is_stopped: held.on_customer(customer.id).contact == Contact::Stop,
        frame,
    };
    page::html(status, &wishes)
}

async fn show(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    page_of(&call, &visitor, Vec::new()).await
}

async fn save(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let Some(language) = Language::parse(&forms::text(&call, "language")) else {
        let say = Texts(page::language(call.headers())).say("contact-language-wrong");
        return page_of(&call, &visitor, vec![Fault { field: "language", say }]).await;
    };
    let channels = Channel::ALL.iter().map(|channel| (*channel, forms::has(&call, channel.as_str())));
    let changes = Changes {
        language: Some(language),
        channels: channels.collect(),
        how: Some(HOW.into()),
        ..Changes::default()
    };
    let work = preferences::Update {
        tenant: &visitor.tenant,
        customer: visitor.customer.id,
        changes: &changes,
        by: BY,
    };
    call.state.db.run(&work).await?;
    let reply = page::see(&format!("{PREFIX}/contact?saved=1"));
    Ok(page::keep_language(reply, language, call.state.is_secure))
}

/// Stops all contact: the law lets anybody ask for that in writing, and this is one.
async fn stop(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let (db, tenant, customer) = (&call.state.db, &visitor.tenant, visitor.customer.id);
    let tx = db.read().await?;
    let held = holds::of_customers(&tx, tenant, &Ids::of([customer]), tx.now()).await?;
    drop(tx);
    // Asked for twice, it is one request.
    if held.on_customer(customer).contact != Contact::Stop {
        let new = holds::New {
            scope: Scope::Customer(customer),
            reason: STOP.into(),
            note: None,
            evidence: Some(HOW.into()),
            reviewer: None,
            review_on: None,
            starts_at: None,
            ends_at: None,
        };
        let id: HoldId = db.seams().id();
        db.run(&holds::Place { tenant, id, new: &new, by: BY }).await?;
    }
    Ok(page::see(&format!("{PREFIX}/contact")))
}
