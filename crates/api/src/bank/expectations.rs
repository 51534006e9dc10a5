//! What is expected of banks, over HTTP.

use base::{Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{get, post};
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use payments::bank::{
    self, Add, BankAccountId, Cancel, Expectation, ExpectationFilter, ExpectationId, ExpectationKind,
    ExpectationStatus, NewExpectation,
};
use serde_json::{Value, json};

use super::{DIRECTIONS, history_schema};
use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, maybe, object, shown, text, word, words};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("bank_expectations:read");
const WRITE: Access = Access::Scope("bank_expectations:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "bank_expectation";

const KINDS: &[(&str, ExpectationKind)] = &[
    ("ach_settlement", ExpectationKind::AchSettlement),
    ("ach_return", ExpectationKind::AchReturn),
    ("processor_payout", ExpectationKind::ProcessorPayout),
    ("remittance", ExpectationKind::Remittance),
    ("fee", ExpectationKind::Fee),
    ("other", ExpectationKind::Other),
];

const STATUSES: &[(&str, ExpectationStatus)] = &[
    ("open", ExpectationStatus::Open),
    ("matched", ExpectationStatus::Matched),
    ("cancelled", ExpectationStatus::Cancelled),
];

pub(super) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/bank-expectations", READ, index)
            .summary("List what is expected of banks")
            .describe("`overdue=true` is what did not come in its days and is still waited for.")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/bank-expectations", WRITE, create)
            .summary("Expect something on a bank account")
            .describe(
                "What a file of payments, a payout or a remittance will come to. A line of that amount and direction is matched by \
                 itself where it repeats `key`, or where it is booked in these days and nothing else has that amount.",
            )
            .body(new)
            .sample(json!({
                "bank_account_id": "$BANK_ACCOUNT_ID", "kind": "processor_payout", "amount": 80000, "direction": "credit",
                "from_day": "2026-11-20", "to_day": "2026-11-24", "key": "po_20261118",
            }))
            .answers(201, shown(schema())),
        get("/bank-expectations/{id}", READ, show)
            .summary("Get something that is expected of a bank")
            .describe("With what was decided about it, by whom and when.")
            .answers(200, shown(schema())),
        post("/bank-expectations/{id}/cancel", WRITE, cancel)
            .idempotent(false)
            .summary("Expect something no longer")
            .answers(200, shown(schema())),
    ]
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("bank_account_id", id()),
            ("kind", word(&words(KINDS))),
            ("amount", cents()),
            ("direction", word(&words(DIRECTIONS))),
            ("from_day", day()),
            ("to_day", day()),
            ("key", maybe(text())),
            ("source", maybe(text())),
            ("source_id", maybe(id())),
            ("status", word(&words(STATUSES))),
            ("match_id", maybe(id())),
            ("overdue_at", maybe(instant())),
            ("created_by", text()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("history", history_schema())],
    )
}

struct Asked {
    paging: Listing,
    account: Option<Ref>,
    status: Option<ExpectationStatus>,
    kind: Option<ExpectationKind>,
    is_overdue: Option<bool>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), BY_AGE),
        account: r.reference("bank_account_id").describe("Only those of this account.").optional(),
        status: r.one_of("status", STATUSES).describe("Only those that stand so.").optional(),
        kind: r.one_of("kind", KINDS).describe("Only those of this kind.").optional(),
        is_overdue: r
            .boolean("overdue")
            .describe("Only those that are late and still waited for, or only the others.")
            .optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let account = named::bank_account(&tx, tenant, asked.account.as_ref()).await?;
    let filter =
        ExpectationFilter { account, status: asked.status, kind: asked.kind, is_overdue: asked.is_overdue };
    let listed = bank::list_expectations(&tx, tenant, filter, asked.paging.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Expectation::view).collect();
    let last = listed.rows.last().map(|one| one.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

async fn find(call: &Call) -> Result<Expectation> {
    let id = ExpectationId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = bank::find_expectation(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: ExpectationId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let found = bank::find_expectation(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let mut shown = found.view();
    shown["history"] = bank::history_of_expectation(&tx, tenant, id).await?.into();
    Ok(Reply::json(status, &json!({ "data": shown })))
}

async fn show(call: Call) -> Result<Reply> {
    let found = find(&call).await?;
    shown_one(&call, found.id, 200).await
}

fn new(r: &mut Reader<'_>) -> (Ref, NewExpectation) {
    let which = r.reference("bank_account_id").describe("On which account.").required();
    let new = NewExpectation {
        account: BankAccountId(base::ids::Uuid::nil()),
        kind: r.one_of("kind", KINDS).required(),
        amount: r.cents("amount").positive().required(),
        direction: r
            .one_of("direction", DIRECTIONS)
            .describe("`credit`: to the account. `debit`: from it.")
            .required(),
        from_day: r.day("from_day").describe("The first day on which it may be booked.").required(),
        to_day: r.day("to_day").describe("The last; when that is over, it is late.").required(),
        key: r
            .text("key")
            .max(140)
            .describe(
                "What the bank repeats of it: a trace number, a batch's reference. Nothing about a person.",
            )
            .optional(),
        source: None,
    };
    if new.to_day < new.from_day {
        r.fault("to_day", "must be a date after or equal to from day.");
    }
    (which, new)
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, ExpectationId(id), 201).await?.replayed());
    }
    let (which, new) = call.read(new)?;
    let (tenant, by) = (&call.caller().tenant, call.caller().by());
    let account = named::bank_account(&call.state.db.read().await?, tenant, Some(&which)).await?;
    let account = account.ok_or_else(|| Failure::unknown_reference("bank_account_id"))?;
    let new = NewExpectation { account, ..new };
    let (once, id): (_, ExpectationId) = (once(&call), call.state.db.seams().id());
    let work = Add { tenant, id, new: &new, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, ExpectationId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn cancel(call: Call) -> Result<Reply> {
    let found = find(&call).await?;
    let (tenant, by) = (&call.caller().tenant, call.caller().by());
    call.state.db.run(&Cancel { tenant, id: found.id, by: &by }).await?;
    shown_one(&call, found.id, 200).await
}
