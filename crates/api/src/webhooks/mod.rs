//! Webhooks over HTTP.

use base::web::Address;
use base::{Failure, Result};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{delete, get, post, put};
use edge::rules::OneOf;
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use exchange::webhooks::{self, EVENTS, Fields, SHORTEST_SECRET, Webhook, WebhookId};
use serde_json::{Value, json};

use crate::just_in_time::may_call;
use crate::lists::{Listing, listing};
use crate::schema::{flag, id, instant, list, object, shown, success, text, word};
use crate::{App, Call, before, lists, once};

const READ: Access = Access::Scope("webhooks:read");
const WRITE: Access = Access::Scope("webhooks:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "webhook";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/webhooks", READ, index)
            .summary("List webhooks")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/webhooks", WRITE, create)
            .summary("Create a webhook")
            .describe(
                "In production `url` begins with https. Without a `secret` one is made and shown here, and never again. One \
                 change is told once, also where `events` names it in both spellings: under the name that is first.",
            )
            .body(|r| new(r, &|_| true))
            .sample(json!({
                "url": "https://agency.example/hooks", "events": ["charge.completed", "payment-plan.create"],
            }))
            .answers(201, shown(schema())),
        get("/webhooks/{id}", READ, show).summary("Get a webhook").answers(200, shown(schema())),
        put("/webhooks/{id}", WRITE, update)
            .summary("Change a webhook")
            .describe(
                "`events` replaces all of them. After a change of `secret` the one before signs as well for a day.",
            )
            .body(|r| changes(r, &|_| true))
            .sample(json!({ "events": ["charge.completed"], "active": false }))
            .answers(200, shown(schema())),
        delete("/webhooks/{id}", WRITE, destroy).summary("Delete a webhook").answers(200, success()),
    ]
}

pub(crate) fn schema() -> Value {
    let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
    object(
        &[
            ("id", id()),
            ("url", text()),
            ("events", list(word(&names))),
            ("active", flag()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("secret", text())],
    )
}

const AN_ADDRESS: &str = "must be a valid URL that begins with https.";

fn unique(events: Vec<&'static str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::with_capacity(events.len());
    for event in events {
        if !all.iter().any(|known| known == event) {
            all.push(event.to_owned());
        }
    }
    all
}

fn new(r: &mut Reader<'_>, may_call: &dyn Fn(&Address) -> bool) -> Fields {
    let url = r.text("url").max(2_048).parse(AN_ADDRESS, "https://agency.example/hook", |written| {
        Address::parse(written).filter(may_call).map(|address| address.as_str().to_owned())
    });
    Fields {
        url: Some(url.required()),
        events: Some(unique(r.each("events", 100, OneOf(EVENTS)).not_empty().required())),
        secret: r
            .text("secret")
            .min(SHORTEST_SECRET)
            .describe("Signs what is sent. Best 32 random bytes or more.")
            .secret()
            .optional(),
        active: r.boolean("active").describe("Whether it is told anything; true unless said.").optional(),
    }
}

fn changes(r: &mut Reader<'_>, may_call: &dyn Fn(&Address) -> bool) -> Fields {
    let url = r.text("url").max(2_048).parse(AN_ADDRESS, "https://agency.example/hook", |written| {
        Address::parse(written).filter(may_call).map(|address| address.as_str().to_owned())
    });
    Fields {
        url: url.replace(),
        events: r.each("events", 100, OneOf(EVENTS)).not_empty().replace().map(unique),
        secret: r.text("secret").min(SHORTEST_SECRET).secret().replace(),
        active: r.boolean("active").replace(),
    }
}

async fn find(call: &Call) -> Result<Webhook> {
    let id = WebhookId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = webhooks::find(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.ok_or_else(Failure::not_found)
}

fn filters(r: &mut Reader<'_>) -> (Listing, Option<bool>) {
    let active = r.boolean("active").describe("Only those that are told, or only the others.").optional();
    (listing(r, None, BY_AGE), active)
}

async fn index(call: Call) -> Result<Reply> {
    let (asked, active) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = webhooks::list(&tx, tenant, active, asked.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Webhook::view).collect();
    let last = listed.rows.last().map(|hook| hook.id.0);
    lists::reply(&call, &asked, &listed, rows, last)
}

async fn show(call: Call) -> Result<Reply> {
    Ok(Reply::ok(&find(&call).await?.view()))
}

/// What was made, with the secret where that is ours: its maker cannot know it otherwise.
async fn made_one(call: &Call, id: WebhookId) -> Result<Reply> {
    let found = webhooks::find(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    let hook = found.ok_or_else(Failure::not_found)?;
    let mut shown = hook.view();
    if hook.made_secret {
        shown["secret"] = json!(hook.secret.reveal());
    }
    Ok(Reply::created(&shown))
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(made_one(&call, WebhookId(id)).await?.replayed());
    }
    let tenant = &call.caller().tenant;
    let fields = call.read(|r| new(r, &may_call(&call)))?;
    let (once, id): (_, WebhookId) = (once(&call), call.state.db.seams().id());
    let work = webhooks::Create { tenant, id, fields: &fields };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = made_one(&call, WebhookId(made.id())).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    let (hook, tenant) = (find(&call).await?, &call.caller().tenant);
    let fields = call.read(|r| changes(r, &may_call(&call)))?;
    call.state.db.run(&webhooks::Update { tenant, id: hook.id, fields: &fields }).await?;
    show(call).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let hook = find(&call).await?;
    call.state.db.run(&webhooks::Delete { tenant: &call.caller().tenant, id: hook.id }).await?;
    Ok(Reply::success())
}
