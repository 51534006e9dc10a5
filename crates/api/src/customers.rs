//! Customers over HTTP.

use base::us;
use base::{Change, Failure, Result};
use books::idempotency::{AtMostOnce, Made};
use books::people::{self, AddressFields, AddressWrite, Customer, CustomerId, Fields, Filter, Status};
use books::refs;
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::addresses::{self, PostalText};
use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{
    any_object, day, id, instant, list, maybe, metadata, object, shown, success, text, word,
};
use crate::{App, Call, before, lists, once};

pub(crate) const READ: Access = Access::Scope("customers:read");
pub(crate) const WRITE: Access = Access::Scope("customers:write");

/// The kind of thing, as idempotency keys remember it.
pub(crate) const KIND: &str = "customer";

/// The most addresses one request may name.
const ADDRESSES: usize = 50;

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/customers", READ, index)
            .summary("List customers")
            .query(filters)
            .sample_query(&[("email", "ada@example.com")])
            .answers(200, edge::listing::schema(schema())),
        post("/customers", WRITE, create)
            .summary("Create a customer")
            .describe(
                "`name`, or `first_name` and `last_name`; a name without its parts is divided at its last space.",
            )
            .body(|r| fields(r, None, true))
            .sample(json!({
                "first_name": "Ada", "last_name": "Lovelace", "external_id": "$EXTERNAL_ID", "email": "ada@example.com",
                "phone": "+12125550123", "date_of_birth": "1985-12-10", "ssn_last4": "0042",
                "address": { "line1": "1 Main St", "city": "Albany", "state": "NY", "postal_code": "12207" },
                "metadata": { "desk": "7" },
            }))
            .answers(201, shown(schema())),
        get("/customers/{id}", READ, show)
            .summary("Get a customer")
            .query(includes)
            .answers(200, shown(schema())),
        put("/customers/{id}", WRITE, update)
            .summary("Change a customer")
            .describe("What is not sent stays; what is sent empty is cleared.")
            .body(|r| fields(r, None, false))
            .sample(json!({ "email": "ada@example.org", "phone": "+12125550199" }))
            .answers(200, shown(schema())),
        delete("/customers/{id}", WRITE, destroy)
            .summary("Delete a customer")
            .describe("Erases what is known of them, but for the evidence of what they authorized (12 CFR 1005.13(b)). Refused while one of their accounts still owes.")
            .answers(200, success()),
    ]
}

/// The fields of a customer, as answered.
pub(crate) fn schema() -> Value {
    let statuses: Vec<&str> = Status::WORDS.iter().map(|(word, _)| *word).collect();
    object(
        &[
            ("id", id()),
            ("external_id", maybe(text())),
            ("status", word(&statuses)),
            ("name", text()),
            ("dob", maybe(day())),
            ("date_of_birth", maybe(day())),
            ("ssn", maybe(text())),
            ("address", list(addresses::schema())),
            ("addresses", list(addresses::schema())),
            ("metadata", metadata()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("first_name", text()),
            ("last_name", text()),
            ("email", text()),
            ("phone", text()),
            ("debt_accounts", list(any_object())),
            ("payment_methods", list(any_object())),
            ("charges", list(any_object())),
            ("transactions", list(any_object())),
            ("tickets", list(any_object())),
        ],
    )
}

async fn present(view: &View<'_>, all: &[Customer]) -> Result<Vec<Value>> {
    let item = |c: &Customer| Shown {
        json: people::view::customer(c),
        own: Some(("customer_id", c.id.0)),
        ..Shown::default()
    };
    let mut items: Vec<Shown> = all.iter().map(item).collect();
    view.embed(&mut items).await?;
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn shown_one(call: &Call, which: CustomerId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let wanted = call.ask(includes)?;
    let customer = people::find(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
    let mut all = present(&View::of(call, &tx, wanted), &[customer]).await?;
    Ok(Reply::json(status, &json!({ "data": all.pop() })))
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

fn filters(r: &mut Reader<'_>) -> (Listing, Vec<Include>, Filter) {
    let filter = Filter {
        external_id: r.text("external_id").describe("The customer with this id of yours.").optional(),
        email: r.text("email").describe("Only customers with this e-mail, whatever its case.").optional(),
        phone: r.text("phone").describe("Only customers with this phone, however written.").optional(),
        name: r.text("name").describe("Only customers of this whole name, whatever its case.").optional(),
        status: r.one_of("status", Status::WORDS).describe("Only customers in this state.").optional(),
    };
    (listing(r, Some(10), SORTS), includes(r), filter)
}

/// What a request says about a customer. `stored` is how they stand, so that a reply of ours can be sent back;
/// `is_new` asks for a name.
pub(crate) fn fields(r: &mut Reader<'_>, stored: Option<&Customer>, is_new: bool) -> Fields {
    let name = r.text("name").describe("Of a person or a company.").example("Ada Lovelace").change();
    let first_name = r.text("first_name").change();
    let last_name = r.text("last_name").change();
    if is_new {
        r.needs(&[&["name"], &["first_name", "last_name"]]);
        let has = |change: &Change<String>| change.as_set().is_some();
        match (has(&name), has(&first_name), has(&last_name)) {
            (true, _, _) | (_, true, true) => {}
            (false, true, false) => r.fault("last_name", "is required."),
            (false, false, true) => r.fault("first_name", "is required."),
            (false, false, false) => r.fault("name", "is required."),
        }
    }
    // Where it is tomorrow already is the tenant's to say; here is refused what has begun nowhere.
    let nowhere_yet = r.now().day_in(&TimeZone::UTC).next().next();
    let birth = r.day("date_of_birth").before_today(nowhere_yet).alias("dob");
    let birth = match stored {
        Some(stored) => birth.stored(stored.date_of_birth),
        None => birth,
    };
    let date_of_birth = birth.change();
    let said = if r.was_sent("address") { "address" } else { "addresses" };
    let addresses = r.one_or_many("address", ADDRESSES, address).alias("addresses");
    let addresses = match stored {
        Some(stored) => addresses.stored(Some(stored.addresses.iter().map(as_sent).collect())),
        None => addresses,
    };
    let mut addresses = addresses.change().set().unwrap_or_default();
    let (many, now) = (addresses.len() > 1, r.now());
    for (index, write) in addresses.iter_mut().enumerate() {
        write.at = if many { format!("{said}.{index}") } else { said.to_owned() };
        // By the guide one that is added to a customer who is there needs it; what is sent again is added nowhere.
        let has_none = write.fields.postal_code.as_set().is_none();
        if has_none && stored.is_some_and(|stored| write.adds_to(&stored.addresses, now)) {
            r.fault(&format!("{}.postal_code", write.at), "is required when id is not present.");
        }
    }
    Fields {
        name,
        first_name,
        last_name,
        external_id: r
            .text("external_id")
            .describe("Your own id of them. Unique; not a word that stands in a path, as `lookup` does.")
            .parse("must not be a word of a path.", "C-1001", |text| {
                refs::fault(text).is_none().then(|| text.to_owned())
            })
            .change(),
        status: r.one_of("status", Status::WORDS).change(),
        email: r.text("email").parse("must be a valid email address.", "ada@example.com", us::email).change(),
        phone: r
            .text("phone")
            .describe("A US phone number in any punctuation.")
            .parse("must be a valid US phone number.", "+12125550123", us::phone)
            .change(),
        date_of_birth,
        ssn_last4: r
            .digits("ssn_last4")
            .long(1, 4)
            .describe("The last four digits of the Social Security number; missing zeros are put in front.")
            .write_only()
            .change(),
        metadata: r.metadata("metadata").change().map(|all| all.into_iter().collect()),
        addresses,
    }
}

fn address(r: &mut Reader<'_>) -> AddressWrite {
    let id = r.text("id").describe("Updates this address; without it, one is added.").optional();
    AddressWrite { at: String::new(), id, fields: address_fields(r) }
}

fn address_fields(r: &mut Reader<'_>) -> AddressFields {
    AddressFields {
        name: r.text("name").change(),
        line1: r.text("line1").change(),
        line2: r.text("line2").change(),
        city: r.text("city").change(),
        state: r.text("state").change(),
        postal_code: r.field("postal_code", PostalText::Any).change(),
        country: r.text("country").change(),
        is_primary: r.boolean("is_primary").optional(),
    }
}

/// A stored address as it comes back when our reply is sent back.
fn as_sent(a: &people::Address) -> AddressWrite {
    let sent = |text: &Option<String>| text.clone().map_or(Change::Clear, Change::Set);
    AddressWrite {
        at: String::new(),
        id: Some(a.id.to_string()),
        fields: AddressFields {
            name: sent(&a.name),
            line1: sent(&a.line1),
            line2: sent(&a.line2),
            city: sent(&a.city),
            state: sent(&a.state),
            postal_code: sent(&a.postal_code),
            country: sent(&a.country),
            is_primary: Some(a.is_primary),
        },
    }
}

/// The customer in the path.
pub(crate) async fn in_path(call: &Call) -> Result<CustomerId> {
    let which = call.id("id")?;
    let found = people::resolve(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn index(call: Call) -> Result<Reply> {
    let (paging, wanted, filter) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = people::list(&tx, tenant, &filter, paging.page(tenant)?).await?;
    let rows = present(&View::of(&call, &tx, wanted), &listed.rows).await?;
    let last = listed.rows.last().map(|c| c.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

async fn show(call: Call) -> Result<Reply> {
    shown_one(&call, in_path(&call).await?, 200).await
}

async fn create(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, CustomerId(id), 201).await?.replayed());
    }
    let fields = call.read(|r| fields(r, None, true))?;
    let (tenant, once, id): (_, _, CustomerId) =
        (&call.caller().tenant, once(&call), call.state.db.seams().id());
    let work = people::Create { tenant, id, fields: &fields };
    let made = call
        .state
        .db
        .run(&AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work })
        .await?;
    let reply = shown_one(&call, CustomerId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    let (id, tenant) = (in_path(&call).await?, &call.caller().tenant);
    let stored = people::find(&call.state.db.read().await?, tenant, id).await?;
    let stored = stored.ok_or_else(Failure::not_found)?;
    let fields = call.read(|r| fields(r, Some(&stored), false))?;
    call.state.db.run(&people::Update { tenant, id, fields: &fields }).await?;
    shown_one(&call, id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let id = in_path(&call).await?;
    call.state.db.run(&people::Delete { tenant: &call.caller().tenant, id }).await?;
    Ok(Reply::success())
}
