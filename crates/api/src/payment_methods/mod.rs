//! Payment methods over HTTP: a customer's, and standalone ones for later charges.
//!
//! What is sent here goes to the tokenizer and nowhere else; what is answered has four digits of it.

mod requests;

use base::{Day, Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use books::people::CustomerId;
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use payments::methods::{self, Filter, Kind, Method, MethodId, NewMethod, Ownership, Stop, bank_kind_str};
use payments::networks::{Class, Lift};
use serde_json::{Map, Value, json};

pub(crate) use payments::methods::Given;
pub(crate) use requests::given;

use requests::{New, changes, new};

use crate::customers;
use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{any_object, flag, id, instant, list, maybe, object, shown, success, text, whole, word};
use crate::spelling::Words;
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("payment_methods:read");
const WRITE: Access = Access::Scope("payment_methods:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "payment_method";

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let made = "Exactly one of `card`, `ach` and `token`. Numbers go to the processor and are not kept; the security code is kept nowhere.";
    vec![
        get("/customers/{id}/payment-methods", READ, index_of_customer)
            .summary("List a customer's payment methods")
            .tag("payment methods")
            .query(filters_of_customer)
            .answers(200, edge::listing::schema(schema())),
        post("/customers/{id}/payment-methods", WRITE, create_of_customer)
            .summary("Create a payment method of a customer")
            .describe(made)
            .tag("payment methods")
            .body(new)
            .sample_spelled(json!({
                "ach": {
                    "account_holder": "Ada Lovelace", "account_type": "checking", "ownership_type": "personal",
                    "routing_number": "021000021", "account_number": "000123456789", "account_zip": "12207",
                    "account_state": "NY",
                },
            }), json!({
                "bank_account": {
                    "account_holder": "Ada Lovelace", "account_type": "checking", "ownership_type": "personal",
                    "routing_number": "021000021", "account_number": "000123456789", "account_zip": "12207",
                    "account_state": "NY",
                },
            }))
            .answers(201, shown(schema())),
        get("/payment-methods", READ, index)
            .summary("List payment methods")
            .query(filters)
            .sample_query(&[("customer_id", "$CUSTOMER_ID")])
            .answers(200, edge::listing::schema(schema())),
        post("/payment-methods", WRITE, create)
            .summary("Create a payment method")
            .describe(made)
            .body(|r| (r.reference("customer_id").optional(), new(r)))
            .sample(json!({
                "customer_id": "$CUSTOMER_ID",
                "card": {
                    "card_holder": "Ada Lovelace", "card_number": "4242424242424242", "card_expiration_month": "12",
                    "card_expiration_year": "2030", "card_security_code": "123", "card_postal_code": "12207",
                },
            }))
            .answers(201, shown(schema())),
        get("/payment-methods/{id}", READ, show)
            .summary("Get a payment method")
            .query(includes)
            .answers(200, shown(schema())),
        put("/payment-methods/{id}", WRITE, update)
            .summary("Change a payment method")
            .describe(
                "The holder, the expiration, the ZIP, and whether it is the primary one. A number never changes. A new \
                 expiration lets a card be charged again that was stopped for its details.",
            )
            .body(|r| changes(r, None))
            .sample(json!({
                "card": { "card_expiration_month": "11", "card_expiration_year": "2031" }, "is_primary": true,
            }))
            .answers(200, shown(schema())),
        post("/payment-methods/{id}/reauthorize", WRITE, reauthorize)
            .summary("Let a stopped payment method be charged again")
            .describe(
                "After its holder authorized it anew, or a person has looked at it: see `stopped.lifted_by`. Every method of \
                 yours that is the same card or account follows. Refused where the method is not stopped, or this does not \
                 help.",
            )
            .idempotent(false)
            .body(evidence)
            .sample(json!({ "evidence": "A signed form, received by mail." }))
            .answers(200, shown(schema())),
        delete("/payment-methods/{id}", WRITE, destroy)
            .summary("Delete a payment method")
            .describe("Refused while a charge that is not completed uses it.")
            .answers(200, success()),
    ]
}

/// The fields of a payment method, as answered.
pub(crate) fn schema() -> Value {
    let kinds: Vec<&str> = Kind::WORDS.iter().map(|(word, _)| *word).collect();
    let line = || maybe(text());
    let card = object(
        &[
            ("card_holder", line()),
            ("card_number", text()),
            ("expiration_month", line()),
            ("expiration_year", line()),
            ("card_type", line()),
            ("card_zip", line()),
        ],
        &[],
    );
    let bank = object(
        &[
            ("account_holder", line()),
            ("account_type", line()),
            ("ownership_type", line()),
            ("routing_number", line()),
            ("account_number", text()),
            ("account_zip", line()),
            ("account_state", line()),
        ],
        &[],
    );
    let classes: Vec<&str> = Class::ALL.iter().map(|class| class.as_str()).collect();
    let lifts: Vec<&str> = Lift::ALL.iter().map(|lift| lift.as_str()).collect();
    let stop = object(
        &[("code", text()), ("reason", word(&classes)), ("since", instant()), ("lifted_by", word(&lifts))],
        &[],
    );
    object(
        &[
            ("id", id()),
            ("customer_id", maybe(id())),
            ("type", word(&kinds)),
            ("card_token", maybe(card)),
            ("bank_account", maybe(bank)),
            ("is_primary", flag()),
            ("is_expired", flag()),
            ("stopped", maybe(stop)),
            ("retry_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("last_four", text()),
            ("brand", text()),
            ("funding", word(&["credit", "debit", "prepaid"])),
            ("expiry_month", whole()),
            ("expiry_year", whole()),
            ("customer", maybe(any_object())),
            ("charges", list(any_object())),
            ("transactions", list(any_object())),
        ],
    )
}

/// A payment method by itself: the union of both sources' fields; only `type` asks the spelling.
pub(crate) fn json(m: &Method, words: Words, today: Day) -> Value {
    let card = || {
        json!({
            "card_holder": m.holder,
            "card_number": m.last_four,
            "expiration_month": m.expiry.map(|expiry| format!("{:02}", expiry.month())),
            "expiration_year": m.expiry.map(|expiry| expiry.year().to_string()),
            "card_type": m.brand,
            "card_zip": m.postal_code,
        })
    };
    let bank = || {
        json!({
            "account_holder": m.holder,
            "account_type": m.account_type.map(bank_kind_str),
            "ownership_type": m.ownership.map(Ownership::as_str),
            "routing_number": m.routing_number,
            "account_number": m.last_four,
            "account_zip": m.postal_code,
            "account_state": m.state,
        })
    };
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
    put("id", m.id.to_string().into());
    put("customer_id", m.customer_id.map(|id| id.to_string()).into());
    put("type", words.method_type(m.rail()).into());
    put("card_token", if m.kind == Kind::Card { card() } else { Value::Null });
    put("bank_account", if m.kind == Kind::Ach { bank() } else { Value::Null });
    if !m.last_four.is_empty() {
        put("last_four", m.last_four.clone().into());
    }
    if let Some(brand) = &m.brand {
        put("brand", brand.clone().into());
    }
    if let Some(funding) = m.funding {
        put("funding", funding.as_str().into());
    }
    if let Some(expiry) = m.expiry {
        put("expiry_month", expiry.month().into());
        put("expiry_year", expiry.year().into());
    }
    put("is_primary", m.is_primary.into());
    put("is_expired", m.is_expired(today).into());
    put("stopped", m.halt.stopped.as_ref().map(Stop::told).into());
    put("retry_at", m.halt.retry_at.map(|at| at.to_string()).into());
    put("created_at", m.created_at.to_string().into());
    put("updated_at", m.updated_at.to_string().into());
    Value::Object(all)
}

async fn present(view: &View<'_>, all: &[Method]) -> Result<Vec<Value>> {
    let today = view.tenant.today(view.tx.now());
    let item = |m: &Method| Shown {
        json: json(m, view.words, today),
        own: Some(("payment_method_id", m.id.0)),
        customer: m.customer_id,
        ..Shown::default()
    };
    let mut items: Vec<Shown> = all.iter().map(item).collect();
    view.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn shown_one(call: &Call, which: MethodId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let wanted = call.ask(includes)?;
    let method = methods::by_id(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
    let mut all = present(&View::of(call, &tx, wanted), &[method]).await?;
    Ok(Reply::json(status, &json!({ "data": all.pop() })))
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

struct Asked {
    paging: Listing,
    wanted: Vec<Include>,
    kind: Option<Kind>,
    is_primary: Option<bool>,
    is_stopped: Option<bool>,
}

fn filters(r: &mut Reader<'_>) -> (Asked, Option<Ref>) {
    let customer = r.reference("customer_id").describe("Only this customer's methods.").optional();
    (filters_of_customer(r), customer)
}

/// Where the path names the customer.
fn filters_of_customer(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        wanted: includes(r),
        kind: r.one_of("type", Kind::WORDS).describe("Only cards, or only bank accounts.").optional(),
        is_primary: r
            .boolean("is_primary")
            .describe("Only their customers' first choices, or only the others.")
            .optional(),
        is_stopped: r
            .boolean("is_stopped")
            .describe("Only those that are not charged any more, or only the others.")
            .optional(),
    }
}

/// Has the tenant's processor make a method of what was sent, which can be stored. No transaction is open.
pub(crate) async fn tokenize(call: &Call, given: Given) -> Result<NewMethod> {
    let tenant = &call.caller().tenant;
    let processor = call.state.till.processor(tenant)?;
    if let Given::Token { token, kind } = &given
        && methods::one_time::is_one(token)
    {
        let new = methods::one_time::find(&call.state.db.read().await?, tenant, token).await?;
        return methods::of_kind(new, *kind);
    }
    methods::tokenize(processor.as_ref(), tenant, call.now, given).await
}

async fn listed(call: &Call, customer: Option<CustomerId>, asked: Asked) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let Asked { kind, is_primary, is_stopped, .. } = asked;
    let filter = Filter { customer_id: customer, kind, is_primary, is_stopped };
    let listed = methods::list(&tx, tenant, filter, asked.paging.page(tenant)?).await?;
    let view = View::of(call, &tx, asked.wanted);
    let rows = present(&view, &listed.rows).await?;
    let last = listed.rows.last().map(|m| m.id.0);
    lists::reply(call, &asked.paging, &listed, rows, last)
}

async fn index(call: Call) -> Result<Reply> {
    let (asked, customer) = call.ask(filters)?;
    let customer =
        named::customer(&call.state.db.read().await?, &call.caller().tenant, customer.as_ref()).await?;
    listed(&call, customer, asked).await
}

async fn index_of_customer(call: Call) -> Result<Reply> {
    let (asked, customer) = (call.ask(filters_of_customer)?, customers::in_path(&call).await?);
    listed(&call, Some(customer), asked).await
}

async fn show(call: Call) -> Result<Reply> {
    shown_one(&call, in_path(&call).await?, 200).await
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(reply) = replayed(&call).await? {
        return Ok(reply);
    }
    let (customer, new) = call.read(|r| (r.reference("customer_id").optional(), new(r)))?;
    let customer =
        named::customer(&call.state.db.read().await?, &call.caller().tenant, customer.as_ref()).await?;
    store(&call, customer, new).await
}

async fn create_of_customer(call: Call) -> Result<Reply> {
    let customer = customers::in_path(&call).await?;
    if let Some(reply) = replayed(&call).await? {
        return Ok(reply);
    }
    let new = call.read(new)?;
    store(&call, Some(customer), new).await
}

/// The answer to a request that was sent before. Asked first, so that nothing is tokenized twice.
async fn replayed(call: &Call) -> Result<Option<Reply>> {
    call.ask(includes)?;
    match before(call, KIND).await? {
        Some(id) => Ok(Some(shown_one(call, MethodId(id), 201).await?.replayed())),
        None => Ok(None),
    }
}

async fn store(call: &Call, customer: Option<CustomerId>, new: New) -> Result<Reply> {
    let given = new.given.ok_or_else(|| Failure::field("card", "The card field is required."))?;
    let method = tokenize(call, given).await?;
    let (tenant, once, id): (_, _, MethodId) =
        (&call.caller().tenant, once(call), call.state.db.seams().id());
    let work = methods::Create { tenant, id, customer, new: &method, is_primary: new.is_primary };
    let made = call
        .state
        .db
        .run(&AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work })
        .await?;
    let reply = shown_one(call, MethodId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn in_path(call: &Call) -> Result<MethodId> {
    let which = call.id("id")?;
    let found = methods::find(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    Ok(found.ok_or_else(Failure::not_found)?.id)
}

async fn update(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    let (id, tenant) = (in_path(&call).await?, &call.caller().tenant);
    let stored = methods::by_id(&call.state.db.read().await?, tenant, id).await?;
    let stored = stored.ok_or_else(Failure::not_found)?;
    let fields = call.read(|r| changes(r, Some(&stored)))?;
    call.state.db.run(&methods::Update { tenant, id, fields: &fields }).await?;
    shown_one(&call, id, 200).await
}

fn evidence(r: &mut Reader<'_>) -> String {
    r.text("evidence")
        .describe("What proves the new authorization, or who looked: kept with the event.")
        .example("Signed form of 2026-11-20, archive no. 4711")
        .required()
}

async fn reauthorize(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    let (id, tenant) = (in_path(&call).await?, &call.caller().tenant);
    let evidence = call.read(evidence)?;
    call.state.db.run(&methods::Reauthorize { tenant, id, evidence: &evidence }).await?;
    shown_one(&call, id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let id = in_path(&call).await?;
    call.state.db.run(&methods::Delete { tenant: &call.caller().tenant, id }).await?;
    Ok(Reply::success())
}
