//! Transactions over HTTP.

use std::collections::HashMap;

use base::date_range::{NAMES, date_range};
use base::ids::Uuid;
use base::{Day, Failure, Ref, Result, Ts};
use books::people::{self, Address, Customer};
use edge::routes::get;
use edge::{Access, Caller as _, Endpoint, Paging, Reader, Reply, paging};
use jiff::civil::DateTime;
use payments::methods::{self, Kind as MethodKind, Method};
use payments::transactions::{self, Filter, Kind, Status, Txn};
use serde_json::{Map, Value, json};

use crate::include::{Include, Shown, VOCABULARY, View};
use crate::schema::{any_object, cents, id, instant, list, maybe, object, shown, text, whole, word};
use crate::spelling::Words;
use crate::{App, Call, lists, named};

const READ: Access = Access::Scope("transactions:read");

const KINDS: &[(&str, Kind)] =
    &[("payment", Kind::Payment), ("refund", Kind::Refund), ("reversal", Kind::Reversal)];
const STATUSES: &[(&str, Status)] =
    &[("pending", Status::Pending), ("completed", Status::Completed), ("failed", Status::Failed)];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/transactions", READ, index)
            .summary("List transactions")
            .describe("Newest first. `start_date` and `end_date` each alone or together, as a day, `Y-m-d H:i:s` or RFC 3339, or one `date_range`; days are your organization's.")
            .query(filters)
            .sample_query(&[("start_date", "2026-11-01"), ("end_date", "2026-11-30")])
            .answers(200, edge::listing::schema(schema())),
        get("/transactions/{id}", READ, show).summary("Get a transaction").query(includes).answers(200, shown(schema())),
    ]
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
            ("charges", list(any_object())),
        ],
    )
}

/// A transaction by itself; both spellings say the same.
pub(crate) fn json(txn: &Txn, _words: Words) -> Value {
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
    paging: Paging,
    wanted: Vec<Include>,
    start: Option<Bound>,
    end: Option<Bound>,
    range: Option<String>,
    customer: Option<Ref>,
    debt: Option<Ref>,
    charge: Option<Ref>,
    kind: Option<Kind>,
    status: Option<Status>,
}

/// One end of a span: a day, a civil instant, or an instant.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Day(Day),
    Civil(DateTime),
    Instant(Ts),
}

impl Bound {
    pub(crate) fn parse(text: &str) -> Option<Bound> {
        if let Some(day) = Day::parse(text) {
            return Some(Bound::Day(day));
        }
        if let Some(instant) = Ts::parse(text) {
            return Some(Bound::Instant(instant));
        }
        let shaped = text.len() == 19 && text.as_bytes().get(10) == Some(&b' ');
        shaped.then(|| text.parse::<DateTime>().ok()).flatten().map(Bound::Civil)
    }

    /// The first instant that is not before this bound.
    pub(crate) fn start(self, zone: &jiff::tz::TimeZone) -> Ts {
        match self {
            Bound::Day(day) => day.start_in(zone),
            Bound::Civil(civil) => {
                civil.to_zoned(zone.clone()).map_or(Ts::from_micros(i64::MAX), |z| Ts::from(z.timestamp()))
            }
            Bound::Instant(at) => at,
        }
    }

    /// The first instant after this bound: a day is included whole, an instant to the second.
    pub(crate) fn end(self, zone: &jiff::tz::TimeZone) -> Ts {
        match self {
            Bound::Day(day) => day.next().start_in(zone),
            Bound::Civil(_) | Bound::Instant(_) => self.start(zone).plus_seconds(1),
        }
    }
}

fn filters(r: &mut Reader<'_>) -> Asked {
    let asked = Asked {
        paging: paging(r, Some(10)),
        wanted: includes(r),
        start: r
            .text("start_date")
            .describe("From this day or instant on.")
            .parse("must be a valid date.", "2026-11-20", Bound::parse)
            .optional(),
        end: r
            .text("end_date")
            .describe("To this day, including it, or instant.")
            .parse("must be a valid date.", "2026-11-20", Bound::parse)
            .optional(),
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
    };
    r.at_most_one_of(&["date_range", "start_date"]);
    r.at_most_one_of(&["date_range", "end_date"]);
    asked
}

fn item(txn: &Txn, words: Words) -> Shown {
    Shown {
        json: json(txn, words),
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

async fn present(call: &Call, all: &[Txn], wanted: Vec<Include>) -> Result<Vec<Value>> {
    let (tx, words) = (call.state.db.read().await?, Words::of(call));
    let tenant = &call.caller().tenant;
    let used = methods::load(&tx, tenant, all.iter().map(|txn| txn.payment_method_id)).await?;
    let owners = match call.caller().may("customers:read") {
        true => people::load(&tx, tenant, all.iter().filter_map(|txn| txn.customer_id)).await?,
        false => HashMap::new(),
    };
    let mut items: Vec<Shown> = all.iter().map(|txn| item(txn, words)).collect();
    for (shown, txn) in items.iter_mut().zip(all) {
        shown.json["payment_method_details"] = used.get(&txn.payment_method_id).map(method_details).into();
        let owner = txn.customer_id.and_then(|id| owners.get(&id));
        shown.json["shipping_details"] = shipping_details(owner);
    }
    View { tx: &tx, tenant: &call.caller().tenant, words, wanted }.embed(&mut items).await?;
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
    let filter = Filter { customer, debt, charge, kind: asked.kind, status: asked.status, from, to };
    let listed = transactions::list(&tx, tenant, &filter, lists::page(&asked.paging)?).await?;
    drop(tx);
    let rows = present(&call, &listed.rows, asked.wanted).await?;
    let last = listed.rows.last().map(|t| t.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
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
