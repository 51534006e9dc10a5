//! Locations over HTTP.

use base::{Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use books::locations::{self, Fields, Filter, Kind, Location, LocationId};
use books::refs;
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Value, json};

use crate::include::{Include, Shown, VOCABULARY, View};
use crate::lists::{Listing, listing};
use crate::schema::{any_object, id, instant, list, maybe, metadata, object, shown, success, text, word};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("locations:read");
const WRITE: Access = Access::Scope("locations:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "location";

/// How many of the locations below one are shown within it.
const NEWEST: i64 = 25;

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/locations", READ, index)
            .summary("List locations")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/locations", WRITE, create)
            .summary("Create a location")
            .describe("An original creditor unless `type` says otherwise. Name and type together are unique.")
            .body(|r| fields(r, true))
            .sample(json!({
                "name": "First Example Bank", "type": "original_creditor", "external_id": "$EXTERNAL_ID",
            }))
            .answers(201, shown(schema())),
        get("/locations/{id}", READ, show)
            .summary("Get a location")
            .query(includes)
            .answers(200, shown(schema())),
        put("/locations/{id}", WRITE, update)
            .summary("Change a location")
            .body(|r| fields(r, false))
            .sample(json!({ "name": "First Example Bank of Albany" }))
            .answers(200, shown(schema())),
        delete("/locations/{id}", WRITE, destroy)
            .summary("Delete a location")
            .describe("Refused while a debt account, another location or a client's terms name it.")
            .answers(200, success()),
    ]
}

/// The fields of a location, as answered.
pub(crate) fn schema() -> Value {
    let kinds: Vec<&str> = Kind::WORDS.iter().map(|(word, _)| *word).collect();
    object(
        &[
            ("id", id()),
            ("external_id", maybe(text())),
            ("name", text()),
            ("type", word(&kinds)),
            ("parent_id", maybe(id())),
            ("metadata", metadata()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[
            ("parent", maybe(any_object())),
            ("children", list(any_object())),
            ("debt_accounts", list(any_object())),
        ],
    )
}

async fn present(view: &View<'_>, all: &[Location]) -> Result<Vec<Value>> {
    let item = |l: &Location| Shown {
        json: locations::view(l),
        own: Some(("location_id", l.id.0)),
        ..Shown::default()
    };
    let mut items: Vec<Shown> = all.iter().map(item).collect();
    view.embed(&mut items).await?;
    if view.wanted.contains(&Include::Parent) {
        let parents = locations::load(view.tx, view.tenant, all.iter().filter_map(|l| l.parent)).await?;
        for (shown, location) in items.iter_mut().zip(all) {
            shown.json["parent"] =
                location.parent.and_then(|id| parents.get(&id)).map(locations::view).into();
        }
    }
    if view.wanted.contains(&Include::Children) {
        for (shown, location) in items.iter_mut().zip(all) {
            let below = locations::children(view.tx, view.tenant, location.id, NEWEST).await?;
            shown.json["children"] = below.iter().map(locations::view).collect();
        }
    }
    Ok(items.into_iter().map(|item| item.json).collect())
}

async fn shown_one(call: &Call, which: LocationId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let wanted = call.ask(includes)?;
    let location = locations::find(&tx, tenant, which).await?.ok_or_else(Failure::not_found)?;
    let mut all = present(&View::of(call, &tx, wanted), &[location]).await?;
    Ok(Reply::json(status, &json!({ "data": all.pop() })))
}

fn includes(r: &mut Reader<'_>) -> Vec<Include> {
    r.includes(VOCABULARY)
}

fn filters(r: &mut Reader<'_>) -> (Listing, Vec<Include>, Filter, Option<Ref>) {
    let filter = Filter {
        external_id: r.text("external_id").describe("The location with this id of yours.").optional(),
        name: r.text("name").describe("Only locations of exactly this name.").optional(),
        kind: r.one_of("type", Kind::WORDS).describe("Only locations of this type.").optional(),
        parent: None,
    };
    let parent = r.reference("parent_id").describe("Only locations that belong to this one.").optional();
    (listing(r, Some(10), SORTS), includes(r), filter, parent)
}

/// What a request says about a location; `is_new` asks for its name.
pub(crate) fn fields(r: &mut Reader<'_>, is_new: bool) -> Fields {
    let name = r.text("name").example("First Example Bank");
    Fields {
        name: if is_new { Some(name.required()) } else { name.replace() }.into(),
        kind: r.one_of("type", Kind::WORDS).change(),
        external_id: r
            .text("external_id")
            .describe("Your own id of it. Unique; not a word that stands in a path, as `lookup` does.")
            .parse("must not be a word of a path.", "L-1", |text| {
                refs::fault(text).is_none().then(|| text.to_owned())
            })
            .change(),
        parent: r.reference("parent_id").describe("The location it belongs to: our id or yours.").change(),
        metadata: r.metadata("metadata").change().map(|all| all.into_iter().collect()),
    }
}

async fn in_path(call: &Call) -> Result<LocationId> {
    let which = call.id("id")?;
    let found = locations::resolve(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn index(call: Call) -> Result<Reply> {
    let (paging, wanted, filter, parent) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter { parent: named::parent_location(&tx, tenant, parent.as_ref()).await?, ..filter };
    let listed = locations::list(&tx, tenant, &filter, paging.page(tenant)?).await?;
    let rows = present(&View::of(&call, &tx, wanted), &listed.rows).await?;
    let last = listed.rows.last().map(|l| l.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

async fn show(call: Call) -> Result<Reply> {
    shown_one(&call, in_path(&call).await?, 200).await
}

async fn create(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, LocationId(id), 201).await?.replayed());
    }
    let fields = call.read(|r| fields(r, true))?;
    let (tenant, once, id): (_, _, LocationId) =
        (&call.caller().tenant, once(&call), call.state.db.seams().id());
    let work = locations::Create { tenant, id, fields: &fields };
    let made = call
        .state
        .db
        .run(&AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work })
        .await?;
    let reply = shown_one(&call, LocationId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    call.ask(includes)?;
    let id = in_path(&call).await?;
    let fields = call.read(|r| fields(r, false))?;
    call.state.db.run(&locations::Update { tenant: &call.caller().tenant, id, fields: &fields }).await?;
    shown_one(&call, id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let id = in_path(&call).await?;
    call.state.db.run(&locations::Delete { tenant: &call.caller().tenant, id }).await?;
    Ok(Reply::success())
}
