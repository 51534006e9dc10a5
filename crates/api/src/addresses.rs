//! A customer's addresses over HTTP.

use base::{Change, Failure, Listed, Result};
use books::idempotency::{AtMostOnce, Made};
use books::people::{self, Address, AddressFields, AddressId, CustomerId};
use edge::routes::{delete, get, post, put};
use edge::rules::{Kind, Sketch, Spot};
use edge::{Endpoint, Paging, Reader, Reply, unsorted};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::customers::{READ, WRITE, in_path};
use crate::schema::{flag, id, maybe, object, shown, success, text};
use crate::{App, Call, before, lists, once};

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "address";

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/customers/{id}/addresses", READ, index)
            .summary("List a customer's addresses")
            .query(|r| unsorted(r, None))
            .answers(200, edge::listing::schema(schema())),
        post("/customers/{id}/addresses", WRITE, create)
            .summary("Add an address to a customer")
            .describe("The first one is primary; making another one primary unmakes it.")
            .body(|r| fields(r, None, true))
            .sample(json!({ "line1": "1 Main St", "city": "Albany", "state": "NY", "postal_code": "12207" }))
            .answers(201, shown(schema())),
        get("/customers/{id}/addresses/{address_id}", READ, show)
            .summary("Get an address of a customer")
            .answers(200, shown(schema())),
        put("/customers/{id}/addresses/{address_id}", WRITE, update)
            .summary("Change an address of a customer")
            .body(|r| fields(r, None, false))
            .sample(json!({ "line1": "2 Main St", "is_primary": true }))
            .answers(200, shown(schema())),
        delete("/customers/{id}/addresses/{address_id}", WRITE, destroy)
            .summary("Delete an address of a customer")
            .describe("Where it was the primary one, the oldest takes its place.")
            .answers(200, success()),
    ]
}

/// The fields of an address, as answered.
pub(crate) fn schema() -> Value {
    let line = || maybe(text());
    object(
        &[
            ("id", id()),
            ("name", line()),
            ("line1", line()),
            ("line2", line()),
            ("city", line()),
            ("state", line()),
            ("postal_code", line()),
            ("country", line()),
            ("is_primary", flag()),
        ],
        &[],
    )
}

/// A postal code, as text or, since many send ZIP codes so, as a number.
pub(crate) enum PostalText {
    /// Of any country.
    Any,
    /// Five digits. It says so in the documentation; `fields` demands it, and lets a stored one of another form be.
    Zip,
}

impl Kind for PostalText {
    type Out = String;

    fn read(&self, value: &Value, spot: &mut Spot<'_>) -> Option<String> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            // A number has lost the zeros of New England.
            Value::Number(n) if n.as_u64().is_some_and(|n| n < 1_000_000) => format!("{:0>5}", n.to_string()),
            // 10001.0 is the number 10001, and above a million nothing is a postal code.
            Value::Number(n) if n.as_f64().is_some_and(|f| f.fract() == 0.0 && (0.0..1e6).contains(&f)) => {
                format!("{:0>5}", n.to_string().trim_end_matches(".0"))
            }
            _ => {
                spot.say("must be a string.");
                return None;
            }
        };
        if text.chars().count() > 255 {
            spot.say("must not be greater than 255 characters.");
            return None;
        }
        Some(text)
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        match self {
            PostalText::Any => {
                json!({"anyOf": [{"type": "string", "maxLength": 255}, {"type": "integer", "minimum": 0, "maximum": 999_999}]})
            }
            PostalText::Zip => {
                json!({"anyOf": [{"type": "string", "pattern": r"^\s*[0-9]{5}\s*$"}, {"type": "integer", "minimum": 0, "maximum": 99_999}]})
            }
        }
    }

    fn harmless(&self) -> String {
        "00000".into()
    }
}

fn fields(r: &mut Reader<'_>, stored: Option<&Address>, is_new: bool) -> AddressFields {
    let postal_code = r.field("postal_code", PostalText::Zip).describe("Five digits.");
    let postal_code = if is_new { Change::Set(postal_code.required()) } else { postal_code.replace().into() };
    let is_five = |text: &str| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
    // One that came with the customer may have another form, and can be sent back.
    let is_stored = |text: &str| stored.is_some_and(|a| a.postal_code.as_deref() == Some(text));
    if postal_code.as_set().is_some_and(|text| !text.is_empty() && !is_five(text) && !is_stored(text)) {
        r.fault("postal_code", "must be 5 digits.");
    }
    AddressFields {
        name: r.text("name").change(),
        line1: r.text("line1").change(),
        line2: r.text("line2").change(),
        city: r.text("city").change(),
        state: r.text("state").change(),
        postal_code,
        country: r.text("country").change(),
        is_primary: r.boolean("is_primary").optional(),
    }
}

async fn addresses_of(call: &Call, customer: CustomerId) -> Result<Vec<Address>> {
    let found = people::find(&call.state.db.read().await?, &call.caller().tenant, customer).await?;
    Ok(found.ok_or_else(Failure::not_found)?.addresses)
}

/// The customer and the address in the path.
async fn both_in_path(call: &Call) -> Result<(CustomerId, Address)> {
    let customer = in_path(call).await?;
    let id = call.id("address_id")?.ours().map(AddressId).ok_or_else(Failure::not_found)?;
    let found = addresses_of(call, customer).await?.into_iter().find(|a| a.id == id);
    Ok((customer, found.ok_or_else(Failure::not_found)?))
}

async fn shown_one(call: &Call, customer: CustomerId, which: AddressId, status: u16) -> Result<Reply> {
    let found = addresses_of(call, customer).await?.into_iter().find(|a| a.id == which);
    let address = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(status, &json!({ "data": people::view::address(&address) })))
}

async fn index(call: Call) -> Result<Reply> {
    let paging: Paging = call.ask(|r| unsorted(r, None))?;
    let mut all = addresses_of(&call, in_path(&call).await?).await?;
    all.reverse();
    let (page, total) = (lists::page(&paging)?, i64::try_from(all.len()).ok());
    let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
    let take = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let older = all.iter().filter(|a| page.past.is_none_or(|past| a.id.0 < past.id)).skip(skip);
    let rows: Vec<&Address> = older.clone().take(take).collect();
    let more = older.count() > rows.len();
    let last = rows.last().map(|a| a.id.0);
    let shown: Vec<Value> = rows.iter().map(|a| people::view::address(a)).collect();
    lists::reply(&call, &paging, &Listed { rows, total, capped: false, more }, shown, last)
}

async fn show(call: Call) -> Result<Reply> {
    let (_, address) = both_in_path(&call).await?;
    Ok(Reply::ok(&people::view::address(&address)))
}

async fn create(call: Call) -> Result<Reply> {
    let customer = in_path(&call).await?;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, customer, AddressId(id), 201).await?.replayed());
    }
    let fields = call.read(|r| fields(r, None, true))?;
    let (tenant, once) = (&call.caller().tenant, once(&call));
    let object: Uuid = call.state.db.seams().id();
    let work = people::CreateAddress { tenant, customer, id: AddressId(object), fields: &fields };
    let made =
        call.state.db.run(&AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object, work }).await?;
    let reply = shown_one(&call, customer, AddressId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    let (customer, stored) = both_in_path(&call).await?;
    let fields = call.read(|r| fields(r, Some(&stored), false))?;
    let work =
        people::UpdateAddress { tenant: &call.caller().tenant, customer, id: stored.id, fields: &fields };
    call.state.db.run(&work).await?;
    shown_one(&call, customer, stored.id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let (customer, address) = both_in_path(&call).await?;
    let work = people::DeleteAddress { tenant: &call.caller().tenant, customer, id: address.id };
    call.state.db.run(&work).await?;
    Ok(Reply::success())
}
