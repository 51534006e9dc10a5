//! Lines of bank statements over HTTP: the queue, and what people decide about it.

use base::{Failure, Ref, Result};
use edge::routes::{get, post};
use edge::rules::Reference;
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use payments::bank::{
    self, BankLineId, Direction, ExpectationId, Ignore, Line, LineFilter, LineStatus, Match, Unmatch,
};
use serde_json::{Value, json};

use super::{DIRECTIONS, history_schema};
use crate::lists::{Listing, listing};
use crate::schema::{cents, day, flag, id, instant, list, maybe, object, shown, text, whole, word, words};
use crate::{App, Call, lists, named};

const READ: Access = Access::Scope("bank_lines:read");
const WRITE: Access = Access::Scope("bank_lines:write");

/// How many lines or expectations are named at once.
const MOST: usize = 100;

const STATUSES: &[(&str, LineStatus)] = &[
    ("unmatched", LineStatus::Unmatched),
    ("matched", LineStatus::Matched),
    ("ignored", LineStatus::Ignored),
    ("pending", LineStatus::Pending),
    ("withdrawn", LineStatus::Withdrawn),
];

pub(super) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/bank-lines", READ, index)
            .summary("List the lines of bank statements")
            .describe(
                "`status=unmatched` is what nothing was found to; with `queued=true` what waits for a person, because a day \
                 has passed or somebody took a match apart.",
            )
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        get("/bank-lines/{id}", READ, show)
            .summary("Get a line of a bank statement")
            .describe("With the payments that it stands for, and what was decided about it, by whom and when.")
            .answers(200, shown(schema())),
        post("/bank-lines/{id}/match", WRITE, put_together)
            .idempotent(false)
            .summary("Say what a line is")
            .describe(
                "One line and any number of expectations, or, with `bank_line_ids`, several lines and one expectation: all of \
                 one account, all open, and coming to the same amount.",
            )
            .body(named_in)
            .sample(json!({ "bank_expectation_ids": ["$BANK_EXPECTATION_ID"] }))
            .answers(200, shown(schema())),
        post("/bank-lines/{id}/unmatch", WRITE, unmatch)
            .idempotent(false)
            .summary("Take back what was decided about a line")
            .describe(
                "Its match with everything in it, or that nothing belongs to it. From then on only a person matches it again.",
            )
            .answers(200, shown(schema())),
        post("/bank-lines/{id}/ignore", WRITE, ignore)
            .idempotent(false)
            .summary("Say that nothing belongs to a line")
            .body(reason)
            .sample(json!({ "reason": "A transfer between our own accounts." }))
            .answers(200, shown(schema())),
    ]
}

fn references_schema() -> Value {
    let names = [
        "bank",
        "customer",
        "entry",
        "end_to_end",
        "transaction",
        "clearing",
        "batch",
        "message",
        "mandate",
        "check",
        "creditor",
        "ach_trace",
    ];
    object(&names.map(|name| (name, maybe(text()))), &[])
}

fn part_schema() -> Value {
    object(
        &[
            ("amount", maybe(cents())),
            ("direction", maybe(word(&words(DIRECTIONS)))),
            ("return_reason", maybe(text())),
            ("debtor", maybe(text())),
            ("creditor", maybe(text())),
            ("text", maybe(text())),
            ("references", json!({ "type": "object" })),
        ],
        &[],
    )
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("bank_account_id", id()),
            ("bank_statement_id", id()),
            ("number", whole()),
            ("amount", cents()),
            ("direction", word(&words(DIRECTIONS))),
            ("is_reversal", flag()),
            ("day", day()),
            ("value_day", maybe(day())),
            ("bank_code", text()),
            ("return_reason", maybe(text())),
            ("payments", whole()),
            ("status", word(&words(STATUSES))),
            ("match_id", maybe(id())),
            ("queued_at", maybe(instant())),
            ("debtor", maybe(text())),
            ("creditor", maybe(text())),
            ("text", maybe(text())),
            ("references", references_schema()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("parts", list(part_schema())), ("history", history_schema())],
    )
}

struct Asked {
    paging: Listing,
    account: Option<Ref>,
    statement: Option<Ref>,
    status: Option<LineStatus>,
    direction: Option<Direction>,
    is_queued: Option<bool>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), BY_AGE),
        account: r.reference("bank_account_id").describe("Only those of this account.").optional(),
        statement: r.reference("bank_statement_id").describe("Only those of this statement.").optional(),
        status: r.one_of("status", STATUSES).describe("Only those that stand so.").optional(),
        direction: r.one_of("direction", DIRECTIONS).describe("Only those that go this way.").optional(),
        is_queued: r
            .boolean("queued")
            .describe("Only those that wait for a person, or only the others.")
            .optional(),
    }
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = LineFilter {
        account: named::bank_account(&tx, tenant, asked.account.as_ref()).await?,
        statement: named::bank_statement(&tx, tenant, asked.statement.as_ref()).await?,
        status: asked.status,
        direction: asked.direction,
        is_queued: asked.is_queued,
    };
    let listed = bank::list_lines(&tx, tenant, filter, asked.paging.page(tenant)?).await?;
    let rows = bank::line_views(tenant, &listed.rows)?;
    let last = listed.rows.last().map(|line| line.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

async fn find(call: &Call) -> Result<Line> {
    let id = BankLineId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = bank::find_line(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.ok_or_else(Failure::not_found)
}

async fn show(call: Call) -> Result<Reply> {
    let line = find(&call).await?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let history = bank::history_of_line(&tx, tenant, line.id).await?;
    let parts = bank::parts_of(tenant, &line)?;
    let mut shown = bank::line_views(tenant, &[line])?.pop().unwrap_or_default();
    (shown["parts"], shown["history"]) = (parts, history.into());
    Ok(Reply::ok(&shown))
}

/// Expectations and further lines, as they are named.
fn named_in(r: &mut Reader<'_>) -> (Vec<Ref>, Vec<Ref>) {
    let expectations =
        r.each("bank_expectation_ids", MOST, Reference).not_empty().describe("What the line is.").required();
    let lines = r
        .each("bank_line_ids", MOST, Reference)
        .describe("Further lines, where several are one expectation.")
        .optional();
    (expectations, lines.unwrap_or_default())
}

/// Ours, all of them: a name that cannot be an id of ours names nothing.
fn ours<I: From<base::ids::Uuid>>(all: &[Ref], field: &str) -> Result<Vec<I>> {
    let one = |which: &Ref| which.ours().map(I::from).ok_or_else(|| Failure::unknown_reference(field));
    all.iter().map(one).collect()
}

async fn put_together(call: Call) -> Result<Reply> {
    let line = find(&call).await?;
    let (expectations, lines) = call.read(named_in)?;
    let expectations: Vec<ExpectationId> = ours(&expectations, "bank_expectation_ids")?;
    let lines: Vec<BankLineId> = ours(&lines, "bank_line_ids")?;
    let (tenant, by) = (&call.caller().tenant, call.caller().by());
    let work = Match { tenant, line: line.id, lines: &lines, expectations: &expectations, by: &by };
    call.state.db.run(&work).await?;
    show(call).await
}

async fn unmatch(call: Call) -> Result<Reply> {
    let line = find(&call).await?;
    let (tenant, by) = (&call.caller().tenant, call.caller().by());
    call.state.db.run(&Unmatch { tenant, id: line.id, by: &by }).await?;
    show(call).await
}

fn reason(r: &mut Reader<'_>) -> String {
    r.text("reason").max(500).describe("Why, in your words. It is sealed.").required()
}

async fn ignore(call: Call) -> Result<Reply> {
    let line = find(&call).await?;
    let reason = call.read(reason)?;
    let (tenant, by) = (&call.caller().tenant, call.caller().by());
    call.state.db.run(&Ignore { tenant, id: line.id, reason: &reason, by: &by }).await?;
    show(call).await
}
