//! Webhooks over HTTP.

mod deliveries;

use base::web::Address;
use base::{Failure, Result};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{delete, get, post, put};
use edge::rules::OneOf;
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use exchange::webhooks::{self, Act, EVENTS, Fields, Queue, SHORTEST_SECRET, Webhook, WebhookId};
use serde_json::{Value, json};

use crate::just_in_time::may_call;
use crate::lists::{Listing, listing};
use crate::schema::{flag, id, instant, list, maybe, object, shown, success, text, whole, word};
use crate::{App, Call, before, lists, once};

const READ: Access = Access::Scope("webhooks:read");
const WRITE: Access = Access::Scope("webhooks:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "webhook";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let mut rows = of_webhooks();
    rows.extend(deliveries::rows());
    rows
}

fn of_webhooks() -> Vec<Endpoint<App>> {
    vec![
        get("/webhooks", READ, index)
            .summary("List webhooks")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/webhooks", WRITE, create)
            .summary("Create a webhook")
            .describe(
                "In production `url` begins with https. Without a `secret` one is made and shown here, and never again. One \
                 change is told once, also where `events` names it in both spellings: under the name that is first. `*` \
                 asks for everything, also for what has no name of its own here.",
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
        post("/webhooks/{id}/pause", WRITE, pause)
            .idempotent(false)
            .summary("Pause a webhook")
            .describe("Nothing is sent until it is resumed; what happens meanwhile is kept and sent then.")
            .answers(200, shown(schema())),
        post("/webhooks/{id}/resume", WRITE, resume)
            .idempotent(false)
            .summary("Resume a webhook")
            .answers(200, shown(schema())),
        post("/webhooks/{id}/rotate-secret", WRITE, rotate)
            .idempotent(false)
            .summary("Give a webhook another secret")
            .describe(
                "We make it and show it here, and never again. The one before signs as well for a day: Standard Webhooks' \
                 header has both signatures, and the vendor's stands beside `X-Tratta-Signature-256-Previous`.",
            )
            .answers(200, shown(schema())),
        post("/webhooks/{id}/test", WRITE, test)
            .idempotent(false)
            .summary("Try a webhook out")
            .describe(
                "Sends it a `webhook.test`, whatever it asks for, signed and tried again like everything else. What came \
                 of it stands among its deliveries.",
            )
            .answers(200, success()),
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
            ("paused_at", maybe(instant())),
            ("disabled_at", maybe(instant())),
            ("disabled_reason", maybe(word(&["failures", "gone"]))),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("secret", text()), ("health", health_schema())],
    )
}

fn health_schema() -> Value {
    object(
        &[
            ("failures", whole()),
            ("failing_since", maybe(instant())),
            ("resting_until", maybe(instant())),
            ("last_delivered_at", maybe(instant())),
            ("next_attempt_at", maybe(instant())),
        ],
        &[],
    )
}

/// How it fares: attempts in a row that failed, since when, and what comes next.
fn health(queue: Option<&Queue>) -> Value {
    let instant = |of: fn(&Queue) -> Option<base::Ts>| queue.and_then(of).map(|at| at.to_string());
    json!({
        "failures": queue.map_or(0, |queue| queue.failures),
        "failing_since": instant(|queue| queue.failing_since),
        "resting_until": instant(|queue| queue.rest_until),
        "last_delivered_at": instant(|queue| queue.succeeded_at),
        "next_attempt_at": instant(|queue| queue.due_at),
    })
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
    let hook = find(&call).await?;
    let queues =
        webhooks::queues(&call.state.db.read().await?, call.caller().tenant.id, vec![hook.id]).await?;
    let mut shown = hook.view();
    shown["health"] = health(queues.first());
    Ok(Reply::ok(&shown))
}

/// A webhook with its secret where that is ours: whoever had it made cannot know it otherwise.
async fn with_secret(call: &Call, id: WebhookId) -> Result<Value> {
    let found = webhooks::find(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    let hook = found.ok_or_else(Failure::not_found)?;
    let mut shown = hook.view();
    if hook.made_secret {
        shown["secret"] = json!(hook.secret.reveal());
    }
    Ok(shown)
}

async fn made_one(call: &Call, id: WebhookId) -> Result<Reply> {
    Ok(Reply::created(&with_secret(call, id).await?))
}

async fn perform(call: &Call, act: Act) -> Result<WebhookId> {
    let (hook, tenant) = (find(call).await?, &call.caller().tenant);
    call.state.db.run(&webhooks::Perform { tenant, id: hook.id, act }).await?;
    Ok(hook.id)
}

async fn pause(call: Call) -> Result<Reply> {
    perform(&call, Act::Pause).await?;
    show(call).await
}

async fn resume(call: Call) -> Result<Reply> {
    perform(&call, Act::Resume).await?;
    show(call).await
}

async fn rotate(call: Call) -> Result<Reply> {
    let id = perform(&call, Act::RotateSecret).await?;
    Ok(Reply::ok(&with_secret(&call, id).await?))
}

async fn test(call: Call) -> Result<Reply> {
    perform(&call, Act::Test).await?;
    Ok(Reply::success())
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
