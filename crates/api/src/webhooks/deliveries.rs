//! Deliveries over HTTP: what was sent to a webhook and what came of it, and what is told again.

use base::{Failure, Result, Ts};
use books::events::EventId;
use books::idempotency::{AtMostOnce, Made};
use books::stream;
use edge::routes::{get, post};
use edge::{BY_AGE, Endpoint, Reader, Reply, Sorts, sorts};
use exchange::webhooks::{
    self, Delivery, DeliveryId, Filter, Outcome, Replay, ReplayId, ReplayState, Start, State, WebhookId, What,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{READ, WRITE, find};
use crate::lists::{Listing, listing};
use crate::schema::{id, instant, list, maybe, object, shown, text, whole, word, words};
use crate::several::Several;
use crate::{App, Call, before, lists, once};

/// The kind of thing, as idempotency keys remember it.
const REPLAY: &str = "webhook.replay";

pub(super) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/webhooks/{id}/deliveries", READ, index)
            .summary("List the deliveries of a webhook")
            .describe(
                "One for each event that it was told of, the newest first, kept for thirty days. A delivery that is \
                 `pending` is tried again at `next_attempt_at`; without one it waits for an earlier event about the same thing.",
            )
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        get("/webhooks/{id}/deliveries/{delivery_id}", READ, show)
            .summary("Get a delivery, with its attempts")
            .describe("`answer` is the beginning of what was answered.")
            .answers(200, shown(schema())),
        post("/webhooks/{id}/deliveries/{delivery_id}/resend", WRITE, resend)
            .idempotent(false)
            .summary("Send a delivery again")
            .describe("Whether it has arrived or not, under the same id; one that waits for its next attempt is sent now.")
            .answers(200, shown(schema())),
        post("/webhooks/{id}/deliveries/{delivery_id}/cancel", WRITE, cancel)
            .idempotent(false)
            .summary("Take a delivery back")
            .describe("One that has not arrived. Later events about the same thing are told then.")
            .answers(200, shown(schema())),
        post("/webhooks/{id}/replay", WRITE, replay)
            .summary("Tell a webhook again")
            .describe(
                "From an event, an instant or a place in the stream on, to `until` or to where the stream ends now: what it \
                 asks for of that, under the ids it had. `which` is `missing` for what has not arrived.",
            )
            .body(asked)
            .sample(json!({ "since": "2026-11-01T00:00:00Z", "which": "missing" }))
            .answers(200, shown(replay_schema())),
        get("/webhooks/{id}/replays", READ, replays)
            .summary("List the replays of a webhook")
            .query(|r| listing(r, Some(10), BY_AGE))
            .answers(200, edge::listing::schema(replay_schema())),
        get("/webhooks/{id}/replays/{replay_id}", READ, show_replay)
            .summary("Get a replay")
            .answers(200, shown(replay_schema())),
        post("/webhooks/{id}/replays/{replay_id}/cancel", WRITE, stop)
            .idempotent(false)
            .summary("Stop a replay")
            .describe("What it has queued by then is sent.")
            .answers(200, shown(replay_schema())),
    ]
}

const STATES: &[(&str, State)] = &[
    ("pending", State::Pending),
    ("delivered", State::Delivered),
    ("failed", State::Failed),
    ("canceled", State::Canceled),
];
const OUTCOMES: &[(&str, Outcome)] = &[
    ("delivered", Outcome::Delivered),
    ("refused", Outcome::Refused),
    ("redirected", Outcome::Redirected),
    ("gone", Outcome::Gone),
    ("timed_out", Outcome::TimedOut),
    ("unreachable", Outcome::Unreachable),
    ("broken", Outcome::Broken),
];
const WHICH: &[(&str, What)] = &[("all", What::All), ("missing", What::Missing)];

fn schema() -> Value {
    let attempt = object(
        &[
            ("number", whole()),
            ("at", instant()),
            ("duration_ms", whole()),
            ("status", maybe(whole())),
            ("outcome", word(&words(OUTCOMES))),
            ("answer", maybe(text())),
        ],
        &[],
    );
    object(
        &[
            ("id", id()),
            ("webhook_id", id()),
            ("event_id", id()),
            ("sequence", whole()),
            ("event", text()),
            ("object_id", id()),
            ("state", word(&words(STATES))),
            ("attempts", whole()),
            ("last_status", maybe(whole())),
            ("last_outcome", maybe(word(&words(OUTCOMES)))),
            ("last_attempt_at", maybe(instant())),
            ("next_attempt_at", maybe(instant())),
            ("ended_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("log", list(attempt))],
    )
}

fn replay_schema() -> Value {
    let states: Vec<&str> = ReplayState::ALL.iter().map(|state| state.as_str()).collect();
    object(
        &[
            ("id", id()),
            ("webhook_id", id()),
            ("state", word(&states)),
            ("which", word(&words(WHICH))),
            ("first_sequence", whole()),
            ("last_sequence", whole()),
            ("processed", whole()),
            ("total", whole()),
            ("queued", whole()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

/// What the list can be sorted by.
const SORTS: Sorts = sorts![
    "updated_at" => "updated_at", "attempts" => "attempts", "last_attempt_at" => "attempted_at",
    "next_attempt_at" => "due_at",
];

fn of_ours(r: &mut Reader<'_>, name: &'static str, said: &'static str) -> Option<Uuid> {
    r.text(name)
        .describe(said)
        .parse("must be a valid UUID.", "01900000-0000-7000-8000-000000000000", |written| {
            Uuid::try_parse(written).ok()
        })
        .optional()
}

fn filters(r: &mut Reader<'_>) -> (Listing, Filter) {
    let listing = listing(r, Some(10), SORTS);
    let filter = Filter {
        states: r.field("state", Several(STATES)).describe("Only those that stand like this.").optional(),
        outcomes: r
            .field("outcome", Several(OUTCOMES))
            .describe("Only those whose last attempt came to this.")
            .optional(),
        name: r.text("event").describe("Only those that were told under this name.").optional(),
        event: of_ours(r, "event_id", "Only that of this event.").map(EventId),
        object: of_ours(r, "object_id", "Only those about this thing: our id."),
    };
    (listing, filter)
}

async fn index(call: Call) -> Result<Reply> {
    let (asked, filter) = call.ask(filters)?;
    let hook = find(&call).await?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    if let Some(event) = filter.event
        && stream::find(&tx, tenant, event).await?.is_none()
    {
        return Err(Failure::field("event_id", "The selected event id is invalid."));
    }
    let listed = webhooks::deliveries(&tx, tenant, hook.id, &filter, asked.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Delivery::view).collect();
    let last = listed.rows.last().map(|delivery| delivery.id.0);
    lists::reply(&call, &asked, &listed, rows, last)
}

/// The webhook and the delivery that the path names.
async fn named(call: &Call) -> Result<(WebhookId, DeliveryId)> {
    let hook = find(call).await?;
    let id = DeliveryId(call.id("delivery_id")?.ours().ok_or_else(Failure::not_found)?);
    Ok((hook.id, id))
}

async fn show(call: Call) -> Result<Reply> {
    let (hook, id) = named(&call).await?;
    shown_one(&call, hook, id).await
}

async fn shown_one(call: &Call, hook: WebhookId, id: DeliveryId) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let found = webhooks::find_delivery(&tx, tenant, hook, id).await?.ok_or_else(Failure::not_found)?;
    let mut shown = found.view();
    shown["log"] = found.log(tenant)?.into();
    Ok(Reply::ok(&shown))
}

async fn resend(call: Call) -> Result<Reply> {
    let (hook, id) = named(&call).await?;
    call.state.db.run(&webhooks::Resend { tenant: &call.caller().tenant, hook, id }).await?;
    shown_one(&call, hook, id).await
}

async fn cancel(call: Call) -> Result<Reply> {
    let (hook, id) = named(&call).await?;
    call.state.db.run(&webhooks::Cancel { tenant: &call.caller().tenant, hook, id }).await?;
    shown_one(&call, hook, id).await
}

struct Asked {
    from: Option<Start>,
    until: Option<Ts>,
    which: What,
}

fn asked(r: &mut Reader<'_>) -> Asked {
    let event = of_ours(r, "event_id", "From this event on.").map(|id| Start::Event(EventId(id)));
    let since = r.timestamp("since").describe("From this instant on.").optional().map(Start::Instant);
    let after = r
        .int("after")
        .at_least(0)
        .describe("From behind this `sequence` on; 0 for everything.")
        .optional()
        .map(Start::After);
    r.exactly_one_of(&["event_id", "since", "after"]);
    Asked {
        from: event.or(since).or(after),
        until: r.timestamp("until").describe("Only what happened before this instant.").optional(),
        which: r
            .one_of("which", WHICH)
            .describe("All of it, unless said: `missing` for what has not arrived.")
            .or(What::All),
    }
}

async fn replay(call: Call) -> Result<Reply> {
    let hook = find(&call).await?;
    if let Some(id) = before(&call, REPLAY).await? {
        return Ok(shown_replay(&call, hook.id, ReplayId(id)).await?.replayed());
    }
    let asked = call.read(asked)?;
    let from = asked.from.ok_or_else(|| Failure::broken("reading a replay", "it begins nowhere"))?;
    let (tenant, once, id) = (&call.caller().tenant, once(&call), call.state.db.seams().id::<ReplayId>());
    let work = webhooks::Begin { tenant, id, hook: hook.id, from, until: asked.until, which: asked.which };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: REPLAY, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_replay(&call, hook.id, ReplayId(made.id())).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn shown_replay(call: &Call, hook: WebhookId, id: ReplayId) -> Result<Reply> {
    let tx = call.state.db.read().await?;
    let found = webhooks::replay(&tx, &call.caller().tenant, hook, id).await?;
    Ok(Reply::ok(&found.ok_or_else(Failure::not_found)?.view()))
}

async fn replays(call: Call) -> Result<Reply> {
    let asked = call.ask(|r| listing(r, Some(10), BY_AGE))?;
    let hook = find(&call).await?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = webhooks::replays(&tx, tenant, hook.id, asked.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Replay::view).collect();
    let last = listed.rows.last().map(|replay| replay.id.0);
    lists::reply(&call, &asked, &listed, rows, last)
}

async fn named_replay(call: &Call) -> Result<(WebhookId, ReplayId)> {
    let hook = find(call).await?;
    Ok((hook.id, ReplayId(call.id("replay_id")?.ours().ok_or_else(Failure::not_found)?)))
}

async fn show_replay(call: Call) -> Result<Reply> {
    let (hook, id) = named_replay(&call).await?;
    shown_replay(&call, hook, id).await
}

async fn stop(call: Call) -> Result<Reply> {
    let (hook, id) = named_replay(&call).await?;
    let tenant = &call.caller().tenant;
    // Another webhook's is none of this one's.
    webhooks::replay(&call.state.db.read().await?, tenant, hook, id).await?.ok_or_else(Failure::not_found)?;
    call.state.db.run(&webhooks::Stop { tenant, id }).await?;
    shown_replay(&call, hook, id).await
}
