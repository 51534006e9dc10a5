//! What happened, over HTTP: a stream that is read from its beginning, or from where one stopped.

use base::{Failure, Result, Ts};
use books::events::EventId;
use books::stream::{self, Event, Filter};
use edge::listing::walking;
use edge::routes::get;
use edge::{Access, Endpoint, Paging, Reader, Reply, Rows};
use serde_json::{Value, json};

use crate::event_data;
use crate::schema::{any_object, id, instant, list, maybe, object, shown, text, whole};
use crate::{App, Call};

const READ: Access = Access::Scope("events:read");

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/events", READ, index)
            .summary("List events")
            .describe(
                "Oldest first, without gaps. Go on with `cursor`, or with the last `sequence` as `after`: nothing that \
                 happened earlier comes later. One change is one event; `names` are all of its names, and `data` is the \
                 object as it was, in the words of the first: null once its person was erased, or what is superseded is no \
                 longer kept (`events.superseded_kept_days` of `/organization`).",
            )
            .query(asked)
            .sample_query(&[("since", "2026-11-01T00:00:00Z"), ("limit", "5")])
            .answers(200, edge::listing::schema(schema())),
        get("/events/{id}", READ, show).summary("Get an event").answers(200, shown(schema())),
    ]
}

fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("sequence", maybe(whole())),
            ("event", text()),
            ("names", list(text())),
            ("object", text()),
            ("object_id", id()),
            ("created_at", instant()),
            ("data", maybe(any_object())),
        ],
        &[],
    )
}

struct Asked {
    paging: Paging,
    after: i64,
    filter: Filter,
}

fn asked(r: &mut Reader<'_>) -> Asked {
    let paging = walking(r, 10);
    let after = r
        .int("after")
        .at_least(0)
        .describe("Only events after this `sequence`. A cursor is beyond it already.")
        .optional();
    let filter = Filter {
        name: r.text("name").describe("Only events of this name, in either source's words.").optional(),
        object: r.text("object").describe("Only events about such things: `debt_account`.").optional(),
        object_id: r
            .text("object_id")
            .describe("Only events about this thing: our id.")
            .parse("must be a valid UUID.", "01900000-0000-7000-8000-000000000000", |written| {
                uuid::Uuid::try_parse(written).ok()
            })
            .optional(),
        since: since(r),
    };
    Asked { paging, after: after.unwrap_or(0), filter }
}

fn since(r: &mut Reader<'_>) -> Option<Ts> {
    r.timestamp("since").describe("Only events at or after this instant.").optional()
}

fn present(event: Event) -> Value {
    let data = event.body.map(|body| event_data::told(&event.name, &event.object, body));
    json!({
        "id": event.id.to_string(),
        "sequence": event.seq,
        "names": stream::names(&event.name),
        "event": event.name,
        "object": event.object,
        "object_id": event.object_id.to_string(),
        "created_at": event.created_at.to_string(),
        "data": data,
    })
}

async fn index(call: Call) -> Result<Reply> {
    let Asked { paging, after, filter } = call.ask(asked)?;
    let invalid = || Failure::field("cursor", "The cursor field is invalid.");
    let after = match paging.after() {
        Some(place) => place.parse::<i64>().map_err(|_| invalid())?.max(after),
        None => after,
    };
    let limit = i64::try_from(paging.take()).unwrap_or(i64::MAX);
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let (events, more) = stream::after(&tx, tenant, after, &filter, limit).await?;
    let next = events.last().and_then(|event| event.seq).filter(|_| more).map(|place| place.to_string());
    let rows: Vec<Value> = events.into_iter().map(present).collect();
    paging.reply(&call, Rows { rows, total: None, is_capped: false, next, meta: serde_json::Map::new() })
}

async fn show(call: Call) -> Result<Reply> {
    let id = EventId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = stream::find(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    Ok(Reply::ok(&present(found.ok_or_else(Failure::not_found)?)))
}
