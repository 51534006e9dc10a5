//! Customer sessions over HTTP: links that log a customer in.

use base::web::Address;
use base::{Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use books::messages::Channel;
use consumer::notices::SendLink;
use consumer::sessions::{
    self, About, Destination, Filter, Lifetime, New, ReturnTo, Session, SessionId, State, Tag,
};
use edge::routes::{delete, get, post};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{flag, id, instant, list, maybe, object, shown, success, text, word};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("customer_sessions:read");
const WRITE: Access = Access::Scope("customer_sessions:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "customer_session";

/// What the list can be sorted by.
const SORTS: Sorts =
    sorts!["expiration" => "expires_at", "expires_at" => "expires_at", "last_used_at" => "last_used_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/customer-sessions", READ, index)
            .summary("List customer sessions")
            .describe("Never with their links.")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/customer-sessions", WRITE, create)
            .summary("Make a link that logs a customer in")
            .describe(
                "For exactly one of a customer, an account or a dispute. The link is told here, and again where the same \
                 request is repeated under its idempotency key; never elsewhere but in the message that `send_by` asks for. It lasts `valid_until` hours or `expires_in` \
                 seconds; with neither, 24 hours after it was last used, and 2,160 hours at most.",
            )
            .body(new)
            .sample_spelled(json!({ "customer_id": "$CUSTOMER_ID", "valid_until": 24 }), json!({ "customer_id": "$CUSTOMER_ID", "expires_in": 86400 }))
            .answers(201, shown(schema())),
        get("/customer-sessions/{id}", READ, show)
            .summary("Get a customer session")
            .answers(200, shown(schema())),
        post("/customer-sessions/{id}/revoke", WRITE, revoke)
            .idempotent(false)
            .summary("End a customer session")
            .describe("Its link opens nothing from then on. One that was ended stays as it is.")
            .answers(200, shown(schema())),
        delete("/customer-sessions/{id}", WRITE, destroy)
            .summary("End a customer session")
            .describe("The same as `revoke`.")
            .answers(200, success()),
    ]
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("customer_id", id()),
            ("debt_account_id", maybe(id())),
            ("debt_account_dispute_id", maybe(id())),
            ("destination", word(&words(Destination::ALL, Destination::as_str))),
            ("status", word(&words(State::ALL, State::as_str))),
            ("sliding", flag()),
            ("return_url", maybe(text())),
            ("expiration_return_url", maybe(text())),
            ("tags", list(object(&[("name", text()), ("value", text())], &[]))),
            ("expiration", instant()),
            ("expires_at", instant()),
            ("created_by", text()),
            ("last_used_at", maybe(instant())),
            ("revoked_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("portal_url", text()), ("magic_link", text())],
    )
}

struct Asked {
    paging: Listing,
    customer: Option<Ref>,
    debt: Option<Ref>,
    dispute: Option<Ref>,
    state: Option<State>,
}

const STATES: &[(&str, State)] =
    &[("active", State::Active), ("expired", State::Expired), ("revoked", State::Revoked)];

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        customer: r.reference("customer_id").describe("Only this customer's.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only those that open this account.")
            .optional(),
        dispute: r
            .reference("debt_account_dispute_id")
            .describe("Only those that open this dispute.")
            .optional(),
        state: r.one_of("status", STATES).describe("Only those that stand like this.").optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
        dispute: named::dispute(&tx, tenant, asked.dispute.as_ref(), "debt_account_dispute_id").await?,
        state: asked.state,
    };
    let listed = sessions::list(&tx, tenant, &filter, call.now, asked.paging.page(tenant)?).await?;
    let rows = sessions::view(&tx, tenant, &listed.rows, call.now).await?;
    let last = listed.rows.last().map(|s| s.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

/// The session that the path names.
async fn find(call: &Call) -> Result<Session> {
    let id = call.id("id")?.ours().ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    sessions::find(&tx, &call.caller().tenant, SessionId(id)).await?.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: SessionId, status: u16, with_link: bool) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let session = sessions::find(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let mut told = sessions::view(&tx, tenant, std::slice::from_ref(&session), call.now).await?.remove(0);
    if with_link {
        sessions::link(&tx, tenant, &session, call.public_url(), &mut told).await?;
    }
    Ok(Reply::json(status, &json!({ "data": told })))
}

async fn show(call: Call) -> Result<Reply> {
    let session = find(&call).await?;
    shown_one(&call, session.id, 200, false).await
}

struct Given {
    customer: Option<Ref>,
    debt: Option<Ref>,
    dispute: Option<Ref>,
    destination: Option<Destination>,
    lifetime: Lifetime,
    return_to: Option<ReturnTo>,
    expired_to: Option<ReturnTo>,
    tags: Vec<Tag>,
    send_by: Option<Channel>,
}

const CHANNELS: &[(&str, Channel)] = &[("email", Channel::Email), ("sms", Channel::Sms)];

const DESTINATIONS: &[(&str, Destination)] = &[
    ("accounts_list", Destination::AccountsList),
    ("account_checkout", Destination::AccountCheckout),
    ("account_detail", Destination::AccountDetail),
    ("account_documents", Destination::AccountDocuments),
    ("account_disputes_detail", Destination::DisputeDetail),
];

fn tag(r: &mut Reader<'_>) -> Tag {
    Tag { name: r.text("name").required(), value: r.text("value").required() }
}

fn new(r: &mut Reader<'_>) -> Given {
    let given = Given {
        customer: r.reference("customer_id").describe("Opens all that is this customer's.").optional(),
        debt: r.reference("debt_account_id").alias("debt_account_external_id").describe("Opens this account.").optional(),
        dispute: r.reference("debt_account_dispute_id").describe("Opens this dispute.").optional(),
        destination: r
            .one_of("destination", DESTINATIONS)
            .describe("Where it begins. For a customer `accounts_list`; for an account any but `account_disputes_detail`, which is a dispute's.")
            .optional(),
        lifetime: match (
            r.int("valid_until")
                .between(1, sessions::LONGEST_SECONDS / 3_600)
                .describe("Hours it lasts, whether it is used or not.")
                .optional(),
            r.int("expires_in")
                .between(60, sessions::LONGEST_SECONDS)
                .describe("The same in seconds.")
                .optional(),
        ) {
            (Some(hours), _) => Lifetime::Fixed(hours * 3_600),
            (None, Some(seconds)) => Lifetime::Fixed(seconds),
            (None, None) => Lifetime::Sliding,
        },
        return_to: {
            let field = if r.has("return_url") { "return_url" } else { "redirect_url" };
            r.text("return_url")
                .max(base::web::LONGEST)
                .describe("Where the customer goes after a payment: an origin of the organization's `allowed_origins`.")
                .parse("must be a valid URL.", "https://www.example.com/thanks", Address::parse)
                .alias("redirect_url")
                .optional()
                .map(|to| ReturnTo { field, to })
        },
        expired_to: r
            .text("expiration_return_url")
            .max(base::web::LONGEST)
            .describe("Where the customer goes once the session has expired: likewise.")
            .parse("must be a valid URL.", "https://www.example.com/expired", Address::parse)
            .optional()
            .map(|to| ReturnTo { field: "expiration_return_url", to }),
        tags: r.list("tags", 20, tag).describe("Query parameters of the link.").optional().unwrap_or_default(),
        send_by: r
            .one_of("send_by", CHANNELS)
            .describe("Send the link to the customer's own address or number, unless they want no such messages.")
            .optional(),
    };
    r.exactly_one_of(&["customer_id", "debt_account_id", "debt_account_dispute_id"]);
    r.at_most_one_of(&["valid_until", "expires_in"]);
    given
}

async fn about(call: &Call, given: &Given) -> Result<About> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let customer = named::customer(&tx, tenant, given.customer.as_ref()).await?.map(About::Customer);
    let debt = named::debt(&tx, tenant, given.debt.as_ref(), "debt_account_id").await?.map(About::Account);
    let dispute = named::dispute(&tx, tenant, given.dispute.as_ref(), "debt_account_dispute_id").await?;
    let about = customer.or(debt).or(dispute.map(About::Dispute));
    about.ok_or_else(|| Failure::unknown_reference("customer_id"))
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, SessionId(id), 201, true).await?.replayed());
    }
    let given = call.read(new)?;
    let (tenant, about) = (&call.caller().tenant, about(&call, &given).await?);
    let new = New {
        about,
        destination: given.destination,
        lifetime: given.lifetime,
        return_to: given.return_to,
        expired_to: given.expired_to,
        tags: given.tags,
    };
    let (once, id, by): (_, SessionId, _) = (once(&call), call.state.db.seams().id(), call.caller().by());
    let (create, once) =
        (sessions::Create { tenant, id, new: &new, by: &by, sent: given.send_by.is_some() }, once.as_ref());
    let made = match given.send_by {
        None => {
            call.state.db.run(&AtMostOnce { tenant, once, kind: KIND, object: id.0, work: create }).await?
        }
        Some(channel) => {
            let work = SendLink { create, channel, public_url: call.public_url() };
            call.state.db.run(&AtMostOnce { tenant, once, kind: KIND, object: id.0, work }).await?
        }
    };
    let reply = shown_one(&call, SessionId(made.id()), 201, true).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn end(call: &Call) -> Result<SessionId> {
    let session = find(call).await?;
    call.state.db.run(&sessions::Revoke { tenant: &call.caller().tenant, id: session.id }).await?;
    Ok(session.id)
}

async fn revoke(call: Call) -> Result<Reply> {
    let id = end(&call).await?;
    shown_one(&call, id, 200, false).await
}

async fn destroy(call: Call) -> Result<Reply> {
    end(&call).await?;
    Ok(Reply::success())
}
