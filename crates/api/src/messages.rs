//! Messages over HTTP: what was said to whom, and whether it arrived with whoever delivers it.

use base::{Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use books::messages::{self, Cancel, Channel, Filter, Kind, Message, MessageId, State};
use consumer::notices::Resend;
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{id, instant, maybe, object, shown, text, whole, word, words};
use crate::{App, Call, before, lists, named, once};

pub(crate) const READ: Access = Access::Scope("messages:read");
pub(crate) const WRITE: Access = Access::Scope("messages:write");

/// The kind of thing, as idempotency keys remember it, and what is done to one.
const KIND: &str = "message";
const CANCEL: &str = "message.cancel";

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["sent_at" => "sent_at", "updated_at" => "updated_at"];

/// The words of the API for each, as the database has them.
pub(crate) const KINDS: &[(&str, Kind)] = &[
    ("webhook_disabled", Kind::WebhookDisabled),
    ("payment_receipt", Kind::PaymentReceipt),
    ("payment_failed", Kind::PaymentFailed),
    ("payment_upcoming", Kind::PaymentUpcoming),
    ("payment_plan_confirmation", Kind::PaymentPlanConfirmation),
    ("payment_plan_request", Kind::PaymentPlanRequest),
    ("session_link", Kind::SessionLink),
];
pub(crate) const CHANNELS: &[(&str, Channel)] = &[("email", Channel::Email), ("sms", Channel::Sms)];
const STATES: &[(&str, State)] = &[
    ("pending", State::Pending),
    ("sent", State::Sent),
    ("failed", State::Failed),
    ("canceled", State::Canceled),
];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/messages", READ, index)
            .summary("List messages")
            .describe("E-mails and text messages, never with what they say. Recipients are masked.")
            .query(filters)
            .sample_query(&[("state", "failed")])
            .answers(200, edge::listing::schema(schema())),
        get("/messages/{id}", READ, show).summary("Get a message").answers(200, shown(schema())),
        post("/messages/{id}/cancel", WRITE, cancel)
            .summary("Call a message off")
            .describe("One that waits to be sent. One that was called off stays so.")
            .answers(200, shown(schema())),
        post("/messages/{id}/resend", WRITE, resend)
            .summary("Send a message again")
            .describe(
                "One that was sent, failed or was called off, as another message with the text as it is written now. Refused \
                 where the customer wants no such messages, or a block keeps them from being written to.",
            )
            .answers(201, shown(schema())),
    ]
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("kind", text()),
            ("channel", word(&words(CHANNELS))),
            ("language", text()),
            ("to", maybe(text())),
            ("customer_id", maybe(id())),
            ("debt_account_id", maybe(id())),
            ("object", maybe(text())),
            ("object_id", maybe(id())),
            ("state", word(&words(STATES))),
            ("attempts", whole()),
            ("last_error", maybe(text())),
            ("next_attempt_at", maybe(instant())),
            ("provider_id", maybe(text())),
            ("sent_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

struct Asked {
    paging: Listing,
    customer: Option<Ref>,
    kind: Option<Kind>,
    channel: Option<Channel>,
    state: Option<State>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        customer: r.reference("customer_id").describe("Only those to this customer.").optional(),
        kind: r.one_of("kind", KINDS).describe("Only those of this kind.").optional(),
        channel: r.one_of("channel", CHANNELS).describe("Only e-mails, or only text messages.").optional(),
        state: r.one_of("state", STATES).describe("Only those that stand like this.").optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        kind: asked.kind,
        channel: asked.channel,
        state: asked.state,
    };
    let listed = messages::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    let rows = messages::views(&tx, tenant, &listed.rows).await?;
    let last = listed.rows.last().map(|message| message.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

/// The message that the path names.
async fn find(call: &Call) -> Result<Message> {
    let id = MessageId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = messages::find(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: MessageId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let message = messages::find(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let told = messages::views(&tx, tenant, &[message]).await?.pop();
    Ok(Reply::json(status, &json!({ "data": told })))
}

async fn show(call: Call) -> Result<Reply> {
    let id = find(&call).await?.id;
    shown_one(&call, id, 200).await
}

async fn cancel(call: Call) -> Result<Reply> {
    let (id, tenant, once) = (find(&call).await?.id, &call.caller().tenant, once(&call));
    let work = Cancel { tenant, id };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind: CANCEL, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, id, 200).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn resend(call: Call) -> Result<Reply> {
    let message = find(&call).await?.id;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, MessageId(id), 201).await?.replayed());
    }
    let (tenant, once, id): (_, _, MessageId) =
        (&call.caller().tenant, once(&call), call.state.db.seams().id());
    let work = Resend { tenant, message, id };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, MessageId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}
