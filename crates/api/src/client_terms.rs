//! Clients' terms over HTTP: ours, since no source has them.

use base::{Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{delete, get, post, put};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use remittance::terms::{
    self, Create, Delete, FeeRule, Fields, Filter, Method, NO_MORE_RULES, Terms, TermsId, Update,
};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, list, maybe, object, shown, success, whole, word, words};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("client_terms:read");
const WRITE: Access = Access::Scope("client_terms:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "client_terms";

/// The longest a payment may be held, in days, and the oldest an account may be.
const LONGEST_HOLD: i64 = 365;
const OLDEST: i64 = 36_500;

pub(crate) const METHODS: &[(&str, Method)] = &[("net", Method::Net), ("gross", Method::Gross)];

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/client-terms", READ, index)
            .summary("List the terms of clients")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/client-terms", WRITE, create)
            .summary("Make a creditor a client")
            .describe(
                "By its terms a location gets what is collected on its accounts: an account is that of its \
                 current creditor that has terms, else of its original one. Payments of earlier days are \
                 remitted too, unless `since` says from which day on.",
            )
            .body(new)
            .sample(json!({
                "location_id": "$LOCATION_ID", "method": "net",
                "fee_rules": [
                    { "basis_points": 2000, "max_age_days": 89 },
                    { "basis_points": 2500 },
                ],
            }))
            .answers(201, shown(schema())),
        get("/client-terms/{id}", READ, show)
            .summary("Get the terms of a client")
            .answers(200, shown(schema())),
        put("/client-terms/{id}", WRITE, update)
            .summary("Change the terms of a client")
            .describe("For what is remitted from now on: what a line was reckoned by stays with it.")
            .body(|r| fields(r, false))
            .sample(json!({ "ach_hold_days": 10 }))
            .answers(200, shown(schema())),
        delete("/client-terms/{id}", WRITE, destroy)
            .summary("Delete the terms of a client")
            .describe("Refused once a remittance was prepared by them.")
            .answers(200, success()),
    ]
}

pub(crate) fn schema() -> Value {
    let rule = object(
        &[
            ("basis_points", whole()),
            ("from", maybe(day())),
            ("min_age_days", maybe(whole())),
            ("max_age_days", maybe(whole())),
            ("min_balance", maybe(cents())),
            ("max_balance", maybe(cents())),
        ],
        &[],
    );
    object(
        &[
            ("id", id()),
            ("location_id", id()),
            ("method", word(&words(METHODS))),
            ("card_hold_days", whole()),
            ("ach_hold_days", whole()),
            ("since", maybe(day())),
            ("fee_rules", list(rule)),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn new(r: &mut Reader<'_>) -> (Ref, Fields) {
    let location = r
        .reference("location_id")
        .describe("The creditor, which is a client from now on: our id or yours.")
        .required();
    (location, fields(r, true))
}

/// What a request says of terms; `is_new` asks for their fee rules.
fn fields(r: &mut Reader<'_>, is_new: bool) -> Fields {
    let method = r
        .one_of("method", METHODS)
        .describe("`net`: less your fee, which is kept; `gross`: all of it, and your fee is billed.")
        .replace();
    let card_hold_days = r
        .int("card_hold_days")
        .between(0, LONGEST_HOLD)
        .describe("For how many days a card payment waits before it is remitted; 2 where nothing is said.")
        .replace();
    let ach_hold_days = r
        .int("ach_hold_days")
        .between(0, LONGEST_HOLD)
        .describe("The same for a bank debit; 5 where nothing is said: by then ordinary returns have come.")
        .replace();
    let since = r.day("since").describe("Payments of earlier days are never remitted.").change();
    let rules = r.list("fee_rules", NO_MORE_RULES, fee_rule).not_empty().describe(
        "What of a payment is yours: the first rule counts whose conditions hold on the payment's day. The last has none.",
    );
    let rules = if is_new { Some(rules.required()) } else { rules.replace() };
    if let Some([before @ .., last]) = rules.as_deref()
        && (!last.is_for_all() || before.iter().any(FeeRule::is_for_all))
    {
        r.fault("fee_rules", "must end with a rule that has no conditions, and have no other one like it.");
    }
    Fields { method, card_hold_days, ach_hold_days, since, rules }
}

fn fee_rule(r: &mut Reader<'_>) -> FeeRule {
    let rule = FeeRule {
        basis_points: r
            .int("basis_points")
            .between(0, 10_000)
            .describe("The fee in hundredths of a percent: 2500 is 25 %.")
            .required(),
        from: r.day("from").describe("Only payments from this day on.").optional(),
        min_age_days: r
            .int("min_age_days")
            .between(0, OLDEST)
            .describe("Only accounts placed at least so many days before the payment.")
            .optional(),
        max_age_days: r
            .int("max_age_days")
            .between(0, OLDEST)
            .describe("Only accounts placed at most so many days before the payment.")
            .optional(),
        min_balance: r.cents("min_balance").describe("Only accounts placed with at least this.").optional(),
        max_balance: r.cents("max_balance").describe("Only accounts placed with at most this.").optional(),
    };
    if rule.max_age_days < rule.min_age_days && rule.max_age_days.is_some() {
        r.fault("max_age_days", "must not be less than min age days.");
    }
    if rule.max_balance < rule.min_balance && rule.max_balance.is_some() {
        r.fault("max_balance", "must not be less than min balance.");
    }
    rule
}

fn filters(r: &mut Reader<'_>) -> (Listing, Option<Ref>, Option<Method>) {
    (
        listing(r, Some(10), SORTS),
        r.reference("location_id").describe("Only this client's terms.").optional(),
        r.one_of("method", METHODS).describe("Only terms with this method.").optional(),
    )
}

async fn index(call: Call) -> Result<Reply> {
    let (paging, location, method) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter { location: named::location(&tx, tenant, location.as_ref()).await?, method };
    let listed = terms::list(&tx, tenant, &filter, paging.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Terms::view).collect();
    let last = listed.rows.last().map(|terms| terms.row.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

async fn in_path(call: &Call) -> Result<Terms> {
    let which = call.id("id")?;
    let found = terms::find(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, which: TermsId, status: u16) -> Result<Reply> {
    let found = terms::by_id(&call.state.db.read().await?, &call.caller().tenant, which).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(status, &json!({ "data": found.view() })))
}

async fn show(call: Call) -> Result<Reply> {
    Ok(Reply::ok(&in_path(&call).await?.view()))
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, TermsId(id), 201).await?.replayed());
    }
    let (which, fields) = call.read(new)?;
    let (tenant, once, id): (_, _, TermsId) =
        (&call.caller().tenant, once(&call), call.state.db.seams().id());
    let location = named::location(&call.state.db.read().await?, tenant, Some(&which)).await?;
    let location = location.ok_or_else(|| Failure::unknown_reference("location_id"))?;
    let work = Create { tenant, id, location, fields: &fields };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, TermsId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn update(call: Call) -> Result<Reply> {
    let terms = in_path(&call).await?;
    let fields = call.read(|r| fields(r, false))?;
    call.state.db.run(&Update { tenant: &call.caller().tenant, id: terms.row.id, fields: &fields }).await?;
    shown_one(&call, terms.row.id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let terms = in_path(&call).await?;
    call.state.db.run(&Delete { tenant: &call.caller().tenant, id: terms.row.id }).await?;
    Ok(Reply::success())
}
