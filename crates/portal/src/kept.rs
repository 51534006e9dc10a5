//! The cards and bank accounts that somebody keeps here, and deleting one.

use std::sync::Arc;

use askama::Template;
use base::{Code, Failure, Result};
use consumer::sessions::Visitor;
use edge::{Endpoint, Reply};
use http::Method as Verb;
use payments::methods::{self, Delete, Method, MethodId};

use crate::door::within;
use crate::page::{self, Frame};
use crate::payments::named;
use crate::state::Portal;
use crate::texts::Texts;
use crate::{Call, PREFIX, forms};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<Portal>> {
    vec![within(Verb::GET, "/methods", list), within(Verb::POST, "/methods/{method}/delete", delete)]
}

/// A card or bank account in words.
struct Line {
    id: String,
    say: String,
    /// Why it is not charged, if it is not.
    not: Option<String>,
}

#[derive(Template)]
#[template(path = "methods.html")]
struct List {
    frame: Frame,
    nonce: String,
    methods: Vec<Line>,
    was_deleted: bool,
}

/// All that somebody keeps, newest first.
async fn all(call: &Call, visitor: &Visitor) -> Result<Vec<Method>> {
    let (tx, customer) = (call.state.db.read().await?, visitor.customer.id);
    let mut all = methods::of_customers(&tx, &visitor.tenant, [customer]).await?;
    Ok(all.remove(&customer).unwrap_or_default())
}

fn line(call: &Call, visitor: &Visitor, method: &Method, t: Texts) -> Line {
    let halt = &method.halt;
    let is_halted = halt.stopped.is_some() || halt.retry_at.is_some_and(|at| call.now < at);
    let not = match method.is_expired(visitor.tenant.today(call.now)) {
        true => Some("kept-expired"),
        false => is_halted.then_some("kept-stopped"),
    };
    Line {
        id: method.id.to_string(),
        say: named(method.kind, method.brand.as_deref(), &method.last_four, t),
        not: not.map(|key| t.say(key)),
    }
}

async fn list(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let frame = Frame::inside(&call, &visitor, "kept-title");
    let kept = all(&call, &visitor).await?;
    let list = List {
        nonce: forms::nonce(&call.caller().secret),
        methods: kept.iter().map(|method| line(&call, &visitor, method, frame.t)).collect(),
        was_deleted: call.query["deleted"].is_string(),
        frame,
    };
    page::html(200, &list)
}

async fn delete(call: Call, visitor: Arc<Visitor>) -> Result<Reply> {
    let id = call.id("method")?.ours().map(MethodId).ok_or_else(Failure::not_found)?;
    let is_theirs = all(&call, &visitor).await?.iter().any(|method| method.id == id);
    if !is_theirs {
        return Err(Failure::not_found());
    }
    match call.state.db.run(&Delete { tenant: &visitor.tenant, id }).await {
        // A payment that is on its way still needs it, or a plan.
        Err(refused) if refused.code() == Some(Code::NotAllowedNow) => {
            page::notice(422, Frame::inside(&call, &visitor, "kept-in-use-title"), &["kept-in-use"])
        }
        done => done.map(|()| page::see(&format!("{PREFIX}/methods?deleted=1"))),
    }
}
