//! Transactions over HTTP.

use std::collections::HashMap;

use base::date_range::{NAMES, date_range};
use base::db::Tx;
use base::ids::Uuid;
use base::{Failure, Ref, Result, Ts};
use books::orgs::Tenant;
use books::people::{self, Address, Customer};
use edge::routes::get;
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use payments::methods::{self, Kind as MethodKind, Method};
use payments::transactions::{self, Filter, Kind, Status, Txn};
use serde_json::{Map, Value, json};

use crate::bounds::Bound;
use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{any_object, cents, id, instant, list, maybe, object, shown, text, whole, word};
use crate::{App, Call, lists, named};

const READ: Access = Access::Scope("transactions:read");

const KINDS: &[(&str, Kind)] =
    &[("payment", Kind::Payment), ("refund", Kind::Refund), ("reversal", Kind::Reversal)];
const STATUSES: &[(&str, Status)] =
    &[("pending", Status::Pending), ("completed", Status::Completed), ("failed", Status::Failed)];

/// What the list can be sorted by.
const SORTS: Sorts =
    sorts!["submitted_date" => "submitted_at"; "amount" => "amount", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/transactions", READ, index)
            .summary("List transactions")
            .describe("Newest first. `start_date` and `end_date` each alone or together, as a day, `Y-m-d H:i:s` or RFC 3339, or one `date_range`; days are your organization's.")
            .query(filters)
            .sample_query(&[("start_date", "2026-11-01"), ("end_date", "2026-11-30")])
            .answers(200, listing_schema()),
        get("/transactions/{id}", READ, show).summary("Get a transaction").query(includes).answers(200, shown(schema())),
    ]
}

/// A list says which days it is of.
fn listing_schema() -> Value {
    let mut schema = edge::listing::schema(schema());
    for name in ["from_submitted_date", "to_submitted_date"] {
        schema["properties"]["meta"]["properties"][name] = maybe(text());
    }
    schema
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", json!({ "type": "string", "pattern": "^tx_[0-9a-f]{32}$" })),
            ("type", word(&["payment", "refund", "reversal"])),
            ("status", word(&["pending", "completed", "failed"])),
            ("amount", cents()),
            ("customer_id", maybe(id())),
            ("debt_account_id", maybe(id())),
            ("refund_id", maybe(id())),
            ("batch_number", maybe(text())),
            ("payment_method_details", maybe(any_object())),
            ("shipping_details", maybe(any_object())),
            ("processor_id", maybe(text())),
            ("code", maybe(text())),
            ("message", maybe(text())),
            ("submitted_date", whole()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("charge_id", id()),
            ("payment_source", text()),
            ("charge", maybe(any_object())),
            ("customer", maybe(any_object())),
            ("debt_account", maybe(any_object())),
            ("payment_method", maybe(any_object())),
            ("payment_plan", maybe(any_object())),
            ("charges", list(any_object())),
        ],
    )
}

/// A transaction by itself; both spellings say the same.
fn json(txn: &Txn) -> Value {
    let mut all = match txn.event_body() {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    all.insert("message".into(), txn.message.clone().into());
    all.insert("processor_id".into(), txn.processor_id.clone().into());
    all.insert("batch_number".into(), Value::Null);
    all.insert("created_at".into(), txn.created_at.to_string().into());
    all.insert("updated_at".into(), txn.updated_at.to_string().into());
    all.into()
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

struct Asked {
    paging: Listing,
    wanted: Vec<Include>,
    start: Option<Bound>,
    end: Option<Bound>,
    range: Option<String>,
    customer: Option<Ref>,
    debt: Option<Ref>,
    charge: Option<Ref>,
    kind: Option<Kind>,
    status: Option<Status>,
    method: Option<Ref>,
    source: Option<String>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    let asked = Asked {
        paging: listing(r, Some(10), SORTS),
        wanted: includes(r),
        start: Bound::of(r, "start_date", "From this day or instant on."),
        end: Bound::of(r, "end_date", "To this day, including it, or instant."),
        range: r
            .text("date_range")
            .describe(format!("One of {}.", NAMES.join(", ")))
            .is_one_of(NAMES.iter().copied())
            .try_parse("this_month", |name| {
                NAMES.contains(&name).then(|| name.to_owned()).ok_or_else(|| "is invalid.".into())
            })
            .optional(),
        customer: r.reference("customer_id").optional(),
        debt: r.reference("debt_account_id").alias("debt_account_external_id").optional(),
        charge: r.reference("charge_id").optional(),
        kind: r.one_of("type", KINDS).optional(),
        status: r.one_of("status", STATUSES).optional(),
        method: r.reference("payment_method_id").describe("Only transactions of this method.").optional(),
        source: r
            .text("payment_source")
            .describe("Only transactions that came from there, as `api`.")
            .optional(),
    };
    r.at_most_one_of(&["date_range", "start_date"]);
    r.at_most_one_of(&["date_range", "end_date"]);
    asked
}

fn item(txn: &Txn, json: Value) -> Shown {
    Shown {
        json,
        customer: txn.customer_id,
        debt: txn.debt_id,
        method: Some(txn.payment_method_id),
        charge: Some(txn.charge_id),
        ..Shown::default()
    }
}

/// What was charged, as the vendor shows it: of a number the last four digits.
fn method_details(method: &Method) -> Value {
    match method.kind {
        MethodKind::Card => {
            json!({ "type": "Card", "card": { "last4": format!("XXXXXXXXXXXX{}", method.last_four) } })
        }
        MethodKind::Ach => {
            json!({ "type": "ACH", "ach": { "last4": format!("XXXXX{}", method.last_four) } })
        }
    }
}

/// Whose it was and where they live. Nothing of it for a token that may not read customers.
fn shipping_details(customer: Option<&Customer>) -> Value {
    let address = customer.and_then(|c| c.addresses.iter().find(|a| a.is_primary));
    let of = |part: fn(&Address) -> &Option<String>| address.and_then(|a| part(a).clone());
    json!({
        "company": Value::Null,
        "name": customer.map(|c| c.name.clone()),
        "phone": customer.and_then(|c| c.phone.clone()),
        "fax": Value::Null,
        "address": {
            "line1": of(|a| &a.line1),
            "line2": of(|a| &a.line2),
            "city": of(|a| &a.city),
            "state": of(|a| &a.state),
            "postal_code": of(|a| &a.postal_code),
            "country": of(|a| &a.country),
        },
    })
}

/// Transactions as they are told: with what was charged, and where its owner lives for those who may read customers.
pub(crate) async fn views(tx: &Tx, tenant: &Tenant, all: &[Txn], with_owners: bool) -> Result<Vec<Value>> {
    let used = methods::load(tx, tenant, all.iter().map(|txn| txn.payment_method_id)).await?;
    let owners = match with_owners {
        true => people::load(tx, tenant, all.iter().filter_map(|txn| txn.customer_id)).await?,
        false => HashMap::new(),
    };
    let told = all.iter().map(|txn| {
        let mut json = json(txn);
        json["payment_method_details"] = used.get(&txn.payment_method_id).map(method_details).into();
        json["shipping_details"] = shipping_details(txn.customer_id.and_then(|id| owners.get(&id)));
        json
    });
    Ok(told.collect())
}

async fn present(call: &Call, all: &[Txn], wanted: Vec<Include>) -> Result<Vec<Value>> {
    let tx = call.state.db.read().await?;
    let view = View::of(call, &tx, wanted);
    let told = views(&tx, view.tenant, all, view.reads(Include::Customer)).await?;
    let mut items: Vec<Shown> = all.iter().zip(told).map(|(txn, json)| item(txn, json)).collect();
    view.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let customer = named::customer(&tx, tenant, asked.customer.as_ref()).await?;
    let debt = named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?;
    let charge = named::charge(&tx, tenant, asked.charge.as_ref()).await?;
    let named =
        asked.range.as_deref().and_then(|name| date_range(name, tenant.today(call.now), tenant.week_start));
    let (from, to) = match named {
        Some((first, last)) => (Some(first.start_in(&tenant.zone)), Some(last.next().start_in(&tenant.zone))),
        None => (asked.start.map(|b| b.start(&tenant.zone)), asked.end.map(|b| b.end(&tenant.zone))),
    };
    let method = named::method(&tx, tenant, asked.method.as_ref()).await?;
    let (kind, status, source) = (asked.kind, asked.status, asked.source);
    let filter = Filter { customer, debt, charge, kind, status, from, to, method, source };
    let listed = transactions::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    drop(tx);
    // As the vendor says it, where the organization is: the span that was asked for, else that of what is shown.
    let submitted = || listed.rows.iter().map(|txn| txn.submitted_at);
    let (first, last) = (from.or(submitted().min()), to.map(|to| to.plus_seconds(-1)).or(submitted().max()));
    let at = |at: Option<Ts>| {
        at.map(|at| at.timestamp().to_zoned(tenant.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let mut meta = Map::new();
    meta.insert("from_submitted_date".into(), at(first).into());
    meta.insert("to_submitted_date".into(), at(last).into());
    let rows = present(&call, &listed.rows, asked.wanted).await?;
    let last = listed.rows.last().map(|t| lists::key(&asked.paging, t.submitted_at, t.id.0));
    lists::reply_saying(&call, &asked.paging, &listed, rows, last, meta)
}

async fn show(call: Call) -> Result<Reply> {
    // As it is shown, or as the UUID that it is.
    let named = call.param("id");
    let which = Uuid::try_parse(named.strip_prefix("tx_").unwrap_or(named)).ok();
    let tx = call.state.db.read().await?;
    let ids = base::db::Ids::of(which);
    let txn =
        transactions::load(&tx, &call.caller().tenant, &ids).await?.pop().ok_or_else(Failure::not_found)?;
    drop(tx);
    let data = present(&call, &[txn], call.ask(includes)?).await?.pop();
    Ok(Reply::json(200, &json!({ "data": data })))
}
