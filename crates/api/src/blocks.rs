//! Blocks over HTTP: holds on a customer, an account or a payment method.

use base::{Day, Failure, Ref, Result, Ts};
use books::holds::{self, Changes, Filter, Hold, HoldId, New, Scope};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{any_object, day, flag, id, instant, list, maybe, object, shown, success, text, word};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("blocks:read");
const WRITE: Access = Access::Scope("blocks:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "block";

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["starts_at" => "starts_at", "ends_at" => "ends_at", "review_on" => "review_on", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/blocks", READ, index)
            .summary("List blocks")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/blocks", WRITE, create)
            .summary("Place a block")
            .describe(
                "On exactly one of a customer, an account or a payment method. What it stops follows from its reason: see \
                 `GET /blocks/reasons`. Several together stop what any of them stops. It is in force from `starts_at` (or \
                 now) until `ends_at`, or until it is lifted.",
            )
            .body(new)
            .sample(json!({ "customer_id": "$CUSTOMER_ID", "reason": "vip", "note": "A friend of the house." }))
            .answers(201, shown(schema())),
        get("/blocks/reasons", READ, reasons)
            .summary("List the reasons, what each stops, and by which law")
            .answers(200, shown(list(reason_schema()))),
        get("/blocks/{id}", READ, show)
            .summary("Get a block, with everything that happened to it")
            .answers(200, shown(schema())),
        put("/blocks/{id}", WRITE, update)
            .summary("Change a block")
            .describe("Its reason and what it is on never change: lift it, and place another one.")
            .body(changes)
            .sample(json!({ "note": "Ask the desk first." }))
            .answers(200, shown(schema())),
        post("/blocks/{id}/lift", WRITE, lift)
            .summary("Lift a block")
            .describe("It stays, with its history. One that was lifted stays as it is.")
            .body(lift_body)
            .sample(json!({ "reason": "As the customer asked." }))
            .answers(200, shown(schema())),
        delete("/blocks/{id}", WRITE, destroy)
            .summary("Lift a block")
            .describe("The same as `lift` without a reason: nothing is erased.")
            .answers(200, success()),
    ]
}

fn effects_schema() -> Value {
    object(
        &[
            ("visible", flag()),
            ("pays", text()),
            ("applies", text()),
            ("autopay", text()),
            ("contact", text()),
            ("report", text()),
        ],
        &[],
    )
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("customer_id", id()),
            ("debt_account_id", maybe(id())),
            ("payment_method_id", maybe(id())),
            ("reason", text()),
            ("kind", maybe(text())),
            ("effects", maybe(effects_schema())),
            ("note", maybe(text())),
            ("evidence", maybe(text())),
            ("source", text()),
            ("placed_by", text()),
            ("reviewer", maybe(text())),
            ("review_on", maybe(day())),
            ("starts_at", instant()),
            ("ends_at", maybe(instant())),
            ("active", flag()),
            ("lifted_at", maybe(instant())),
            ("lifted_by", maybe(text())),
            ("lift_reason", maybe(text())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[(
            "history",
            list(object(
                &[
                    ("what", word(&["placed", "changed", "lifted"])),
                    ("by", text()),
                    ("at", instant()),
                    ("block", maybe(any_object())),
                ],
                &[],
            )),
        )],
    )
}

fn reason_schema() -> Value {
    object(
        &[
            ("reason", text()),
            ("kind", text()),
            ("title", text()),
            ("effects", effects_schema()),
            ("from", day()),
            ("to", maybe(day())),
            ("source", text()),
        ],
        &[],
    )
}

struct Asked {
    paging: Listing,
    customer: Option<Ref>,
    debt: Option<Ref>,
    method: Option<Ref>,
    reason: Option<String>,
    active: Option<bool>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        customer: r
            .reference("customer_id")
            .describe("Only blocks about this customer, on whatever of theirs.")
            .optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only blocks on this account.")
            .optional(),
        method: r.reference("payment_method_id").describe("Only blocks on this method.").optional(),
        reason: r.text("reason").describe("Only blocks for this reason.").optional(),
        active: r.boolean("active").describe("Only those in force, or only the others.").optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
        method: named::method(&tx, tenant, asked.method.as_ref()).await?.map(|id| id.0),
        reason: asked.reason,
        active: asked.active,
    };
    let listed = holds::list(&tx, tenant, &filter, call.now, asked.paging.page(tenant)?).await?;
    let rows = holds::views(&tx, tenant, &listed.rows, call.now).await?;
    let last = listed.rows.last().map(|h| h.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

async fn reasons(call: Call) -> Result<Reply> {
    let today = call.caller().tenant.today(call.now);
    let told = |r: &holds::Rule| {
        json!({
            "reason": r.reason,
            "kind": r.kind,
            "title": r.title,
            "effects": holds::rule_effects(r),
            "from": r.from.to_string(),
            "to": r.to.map(|day| day.to_string()),
            "source": r.source,
        })
    };
    let in_force = holds::rules().iter().filter(|r| r.from <= today && r.to.is_none_or(|last| today <= last));
    Ok(Reply::ok(&in_force.map(told).collect::<Vec<_>>()))
}

/// The hold that the path names.
async fn find(call: &Call) -> Result<Hold> {
    let id = call.id("id")?.ours().ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    holds::find(&tx, &call.caller().tenant, HoldId(id)).await?.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: HoldId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let hold = holds::find(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    // As of now: one that begins with this request begins after the request came in.
    let mut told = holds::views(&tx, tenant, std::slice::from_ref(&hold), tx.now()).await?.remove(0);
    told["history"] = holds::history(&tx, tenant, &hold).await?.into();
    Ok(Reply::json(status, &json!({ "data": told })))
}

async fn show(call: Call) -> Result<Reply> {
    let hold = find(&call).await?;
    shown_one(&call, hold.id, 200).await
}

struct Given {
    customer: Option<Ref>,
    debt: Option<Ref>,
    method: Option<Ref>,
    reason: String,
    note: Option<String>,
    evidence: Option<String>,
    reviewer: Option<String>,
    review_on: Option<Day>,
    starts_at: Option<Ts>,
    ends_at: Option<Ts>,
}

fn new(r: &mut Reader<'_>) -> Given {
    let today = r.now().day_in(&jiff::tz::TimeZone::UTC);
    let given = Given {
        customer: r.reference("customer_id").describe("All that is this customer's.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("This account, and those under it.")
            .optional(),
        method: r.reference("payment_method_id").describe("This method of a customer's.").optional(),
        reason: r
            .text("reason")
            .describe("One of `GET /blocks/reasons`.")
            .is_one_of(holds::rules().iter().map(|rule| rule.reason.as_str()))
            .try_parse("hardship", move |text| match holds::rule(text, today.max(FIRST)) {
                Some(rule) => Ok(rule.reason.clone()),
                None => Err("must be one of the reasons of /blocks/reasons.".into()),
            })
            .required(),
        note: r.text("note").max(2_000).describe("In your words; sealed with the customer's key.").optional(),
        evidence: r
            .text("evidence")
            .max(2_000)
            .describe("What proves it: a case number, a letter's date; sealed too.")
            .optional(),
        reviewer: r.text("reviewer").describe("Who is to look at it again.").optional(),
        review_on: r.day("review_on").describe("When they are to.").optional(),
        starts_at: r.timestamp("starts_at").describe("From when; absent, now.").optional(),
        ends_at: r.timestamp("ends_at").describe("Until when; absent, until it is lifted.").optional(),
    };
    r.exactly_one_of(&["customer_id", "debt_account_id", "payment_method_id"]);
    given
}

/// A day on which every reason has a rule: for the documentation, whose clock stands at 1970.
const FIRST: Day = Day(jiff::civil::date(2026, 1, 1));

async fn scope(call: &Call, given: &Given) -> Result<Scope> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let customer = named::customer(&tx, tenant, given.customer.as_ref()).await?.map(Scope::Customer);
    let debt = named::debt(&tx, tenant, given.debt.as_ref(), "debt_account_id").await?.map(Scope::Account);
    let method = named::method(&tx, tenant, given.method.as_ref()).await?.map(|id| Scope::Method(id.0));
    customer.or(debt).or(method).ok_or_else(|| Failure::unknown_reference("customer_id"))
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, HoldId(id), 201).await?.replayed());
    }
    let given = call.read(new)?;
    let (tenant, scope) = (&call.caller().tenant, scope(&call, &given).await?);
    let new = New {
        scope,
        reason: given.reason,
        note: given.note,
        evidence: given.evidence,
        reviewer: given.reviewer,
        review_on: given.review_on,
        starts_at: given.starts_at,
        ends_at: given.ends_at,
    };
    let (once, id, by): (_, HoldId, _) = (once(&call), call.state.db.seams().id(), call.caller().by());
    let work = holds::Place { tenant, id, new: &new, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, HoldId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

fn changes(r: &mut Reader<'_>) -> Changes {
    Changes {
        note: r.text("note").max(2_000).change(),
        evidence: r.text("evidence").max(2_000).change(),
        reviewer: r.text("reviewer").change(),
        review_on: r.day("review_on").change(),
        starts_at: r.timestamp("starts_at").replace(),
        ends_at: r.timestamp("ends_at").change(),
    }
}

async fn update(call: Call) -> Result<Reply> {
    let hold = find(&call).await?;
    let (changes, by) = (call.read(changes)?, call.caller().by());
    let work = holds::Update { tenant: &call.caller().tenant, id: hold.id, changes: &changes, by: &by };
    call.state.db.run(&work).await?;
    shown_one(&call, hold.id, 200).await
}

fn lift_body(r: &mut Reader<'_>) -> Option<String> {
    r.text("reason").max(2_000).describe("Why, in your words; sealed with the customer's key.").optional()
}

async fn lift_it(call: &Call, reason: Option<String>) -> Result<HoldId> {
    let hold = find(call).await?;
    let by = call.caller().by();
    let (tenant, once) = (&call.caller().tenant, once(call));
    let work = holds::Lift { tenant, id: hold.id, reason, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: "block.lift", object: hold.id.0, work };
    call.state.db.run(&once).await?;
    Ok(hold.id)
}

async fn lift(call: Call) -> Result<Reply> {
    find(&call).await?;
    if let Some(id) = before(&call, "block.lift").await? {
        return Ok(shown_one(&call, HoldId(id), 200).await?.replayed());
    }
    let reason = call.read(lift_body)?;
    let id = lift_it(&call, reason).await?;
    shown_one(&call, id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    lift_it(&call, None).await?;
    Ok(Reply::success())
}
