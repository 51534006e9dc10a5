//! Disputes over HTTP.

use base::{Cents, Day, Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use consumer::disputes::{self, Changes, Dispute, DisputeId, Filter, Kind, New, Reason, Reasons, Status};
use edge::routes::{get, post, put};
use edge::rules::OneOf;
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, list, maybe, object, shown, text, word, words};
use crate::several::Several;
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("disputes:read");
const WRITE: Access = Access::Scope("disputes:write");

/// The kinds of things, as idempotency keys remember them.
const KIND: &str = "dispute";
const ANSWER: &str = "dispute.answer";

/// The longest text, in characters.
const LONGEST: usize = 10_000;

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["received_on" => "received_on", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/debt-account-disputes", READ, index)
            .summary("List disputes")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/debt-account-disputes", WRITE, create)
            .summary("Place a dispute on an account")
            .describe(
                "A block for the reason `dispute` is placed on the account with it, and lifted when the dispute ends: \
                 collecting stops meanwhile (12 CFR 1006.38(d)). The block is on the whole account, also where a part is \
                 disputed.",
            )
            .body(new)
            .sample(json!({
                "debt_account_id": "$DEBT_ACCOUNT_ID", "reasons": ["wrong_amount"],
                "description": "I have paid a part of it.",
            }))
            .answers(201, shown(schema())),
        get("/debt-account-disputes/{id}", READ, show)
            .summary("Get a dispute, with what was answered")
            .answers(200, shown(schema())),
        put("/debt-account-disputes/{id}", WRITE, update)
            .summary("Change or end a dispute")
            .describe("`upheld`, `rejected` and `withdrawn` end it, and lift its block. Ended it stays as it is.")
            .body(changes)
            .sample(json!({ "status": "upheld" }))
            .answers(200, shown(schema())),
        post("/debt-account-disputes/{id}/answers", WRITE, answer)
            .summary("Answer a dispute")
            .describe(
                "One that repeats an earlier one without anything new may be answered by naming that in `duplicate_of` \
                 (12 CFR 1006.38(d)(2)(ii)). Documents are added with `/documents`.",
            )
            .body(answered)
            .sample(json!({ "message": "We asked the bank for its records." }))
            .answers(201, shown(schema())),
    ]
}

const STATUSES: &[(&str, Status)] = &[
    ("open", Status::Open),
    ("answered", Status::Answered),
    ("upheld", Status::Upheld),
    ("rejected", Status::Rejected),
    ("withdrawn", Status::Withdrawn),
];
const KINDS: &[(&str, Kind)] = &[("whole", Kind::Whole), ("part", Kind::Part)];
const REASONS: &[(&str, Reason)] = &[
    ("not_my_debt", Reason::NotMine),
    ("wrong_amount", Reason::WrongAmount),
    ("original_creditor", Reason::OriginalCreditor),
    ("already_paid", Reason::Paid),
    ("settled", Reason::Settled),
    ("identity_theft", Reason::IdentityTheft),
    ("bankruptcy", Reason::Bankruptcy),
    ("too_old", Reason::TooOld),
    ("somebody_else_owes", Reason::SomebodyElse),
    ("goods_or_services", Reason::Service),
    ("other", Reason::Other),
];

pub(crate) fn schema() -> Value {
    let answer = object(
        &[("id", id()), ("message", maybe(text())), ("created_by", text()), ("created_at", instant())],
        &[],
    );
    object(
        &[
            ("id", id()),
            ("customer_id", id()),
            ("debt_account_id", id()),
            ("kind", word(&words(KINDS))),
            ("amount", maybe(cents())),
            ("reasons", list(word(&words(REASONS)))),
            ("description", maybe(text())),
            ("status", word(&words(STATUSES))),
            ("source", text()),
            ("received_on", day()),
            ("duplicate_of", maybe(id())),
            ("block_id", maybe(id())),
            ("answered_at", maybe(instant())),
            ("closed_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("answers", list(answer))],
    )
}

struct Asked {
    paging: Listing,
    customer: Option<Ref>,
    debt: Option<Ref>,
    status: Option<Vec<Status>>,
    kind: Option<Kind>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), SORTS),
        customer: r.reference("customer_id").describe("Only this customer's.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only those on this account.")
            .optional(),
        status: r.field("status", Several(STATUSES)).describe("Only those that stand like this.").optional(),
        kind: r
            .one_of("kind", KINDS)
            .describe("Only those of the whole of a debt, or only of a part.")
            .optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter {
        customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
        debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
        status: asked.status,
        kind: asked.kind,
    };
    let listed = disputes::list(&tx, tenant, &filter, asked.paging.page(tenant)?).await?;
    let rows = disputes::views(&tx, tenant, &listed.rows).await?;
    let last = listed.rows.last().map(|d| d.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

/// The dispute that the path names.
pub(crate) async fn find(call: &Call) -> Result<Dispute> {
    let id = call.id("id")?.ours().ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    disputes::find(&tx, &call.caller().tenant, DisputeId(id)).await?.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: DisputeId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let dispute = disputes::find(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let mut told = disputes::views(&tx, tenant, std::slice::from_ref(&dispute)).await?.remove(0);
    told["answers"] = disputes::answers(&tx, tenant, &dispute).await?.into();
    Ok(Reply::json(status, &json!({ "data": told })))
}

async fn show(call: Call) -> Result<Reply> {
    let dispute = find(&call).await?;
    shown_one(&call, dispute.id, 200).await
}

struct Given {
    debt: Ref,
    kind: Kind,
    amount: Option<Cents>,
    reasons: Vec<Reason>,
    text: Option<String>,
    received_on: Option<Day>,
    duplicate_of: Option<Ref>,
}

fn new(r: &mut Reader<'_>) -> Given {
    let tomorrow = r.now().day_in(&jiff::tz::TimeZone::UTC).next().next();
    let debt = r
        .reference("debt_account_id")
        .alias("debt_account_external_id")
        .describe("The account that is disputed.")
        .required();
    let kind =
        r.one_of("kind", KINDS).describe("All of the debt, or a part; all unless said.").or(Kind::Whole);
    let is_part = kind == Kind::Part;
    Given {
        debt,
        kind,
        amount: r
            .cents("amount")
            .positive()
            .describe("Of a part: how much is disputed.")
            .required_when(is_part, "kind is part"),
        reasons: r.each("reasons", 11, OneOf(REASONS)).describe("Why.").optional().unwrap_or_default(),
        text: r.text("description").max(LONGEST).describe("In the customer's words.").optional(),
        received_on: r
            .day("received_on")
            .before_today(tomorrow)
            .describe("The day it was received; today unless said.")
            .optional(),
        duplicate_of: r
            .reference("duplicate_of")
            .describe("The earlier dispute of the account that it repeats.")
            .optional(),
    }
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, DisputeId(id), 201).await?.replayed());
    }
    let given = call.read(new)?;
    let tenant = &call.caller().tenant;
    let (debt, duplicate_of) = {
        let tx = call.state.db.read().await?;
        let debt = named::debt(&tx, tenant, Some(&given.debt), "debt_account_id").await?;
        let debt = debt.ok_or_else(|| Failure::unknown_reference("debt_account_id"))?;
        (debt, named::dispute(&tx, tenant, given.duplicate_of.as_ref(), "duplicate_of").await?)
    };
    let mut reasons = given.reasons;
    reasons.dedup();
    let new = New {
        debt,
        kind: given.kind,
        amount: given.amount,
        reasons: Reasons(reasons),
        text: given.text,
        received_on: given.received_on,
        duplicate_of,
    };
    let (once, id, by): (_, DisputeId, _) = (once(&call), call.state.db.seams().id(), call.caller().by());
    let work = disputes::Place { tenant, id, new: &new, source: "api", by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, DisputeId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

fn changes(r: &mut Reader<'_>) -> Changes {
    Changes {
        status: r.one_of("status", STATUSES).replace(),
        amount: r.cents("amount").positive().optional(),
        reasons: r.each("reasons", 11, OneOf(REASONS)).optional().map(Reasons),
    }
}

async fn update(call: Call) -> Result<Reply> {
    let dispute = find(&call).await?;
    let (changes, by) = (call.read(changes)?, call.caller().by());
    let work = disputes::Update { tenant: &call.caller().tenant, id: dispute.id, changes: &changes, by: &by };
    call.state.db.run(&work).await?;
    shown_one(&call, dispute.id, 200).await
}

fn answered(r: &mut Reader<'_>) -> (String, Option<Ref>) {
    let text = r.text("message").max(LONGEST).describe("What is said, for the customer to read.").required();
    let earlier = r
        .reference("duplicate_of")
        .describe("The earlier, answered dispute of the account that it repeats.")
        .optional();
    (text, earlier)
}

async fn answer(call: Call) -> Result<Reply> {
    let dispute = find(&call).await?;
    if before(&call, ANSWER).await?.is_some() {
        return Ok(shown_one(&call, dispute.id, 201).await?.replayed());
    }
    let (text, earlier) = call.read(answered)?;
    let tenant = &call.caller().tenant;
    let duplicate_of =
        named::dispute(&call.state.db.read().await?, tenant, earlier.as_ref(), "duplicate_of").await?;
    let (once, id, by): (_, Uuid, _) = (once(&call), call.state.db.seams().id(), call.caller().by());
    let work = disputes::Answer { tenant, id: dispute.id, answer: id, text: &text, duplicate_of, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: ANSWER, object: id, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, dispute.id, 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}
