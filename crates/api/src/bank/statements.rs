//! Bank statements over HTTP: files that are read, and what was in them.

use base::{Failure, Ref, Result};
use edge::routes::{get, post};
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use payments::bank::{
    self, Asked, BankFileId, BankStatementId, LARGEST, Statement, StatementFilter, StatementStatus, TakeIn,
};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, list, maybe, object, shown, text, whole, word, words};
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("bank_statements:read");
const WRITE: Access = Access::Scope("bank_statements:write");

/// Room for the fields and the wrapping around a file, in bytes.
const AROUND: usize = 64 << 10;

const STATUSES: &[(&str, StatementStatus)] = &[
    ("booked", StatementStatus::Booked),
    ("pending", StatementStatus::Pending),
    ("replaced", StatementStatus::Replaced),
    ("withdrawn", StatementStatus::Withdrawn),
];

pub(super) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/bank-statements", READ, index)
            .summary("List bank statements")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/bank-statements", WRITE, take_in)
            .summary("Read a file of bank statements")
            .describe(
                "BAI2, camt.052, camt.053 or camt.054 under `file`, as multipart/form-data, at most 10 MiB. All of it is taken or \
                 nothing: each fault is told with its line and column. The same file again changes nothing. A statement is booked \
                 where it opens with what the one before it closed with; a report within a day is pending until a statement \
                 stands in its place. What is in it is listed by `GET /bank-lines`.",
            )
            .body(|r| asked(r, true))
            .files()
            .body_limit(LARGEST + AROUND)
            .sample(json!({ "skip_unknown_accounts": true }))
            .sample_file("statement.bai")
            .answers(201, shown(file_schema())),
        get("/bank-statements/{id}", READ, show)
            .summary("Get a bank statement")
            .describe(
                "`gap`: its opening balance less the closing balance before it. `unexplained`: its closing balance less what its \
                 opening balance and its lines come to; banks may leave transactions out.",
            )
            .answers(200, shown(schema())),
    ]
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("bank_account_id", id()),
            ("file_id", id()),
            ("status", word(&words(STATUSES))),
            ("from_day", maybe(day())),
            ("day", day()),
            ("sequence", maybe(whole())),
            ("page", whole()),
            ("opening_balance", maybe(cents())),
            ("closing_balance", maybe(cents())),
            ("available_balance", maybe(cents())),
            ("lines", whole()),
            ("credits", cents()),
            ("debits", cents()),
            ("gap", maybe(cents())),
            ("unexplained", maybe(cents())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn file_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("format", word(&["bai2", "camt"])),
            ("bytes", whole()),
            ("passed_over", whole()),
            ("created_by", text()),
            ("created_at", instant()),
            ("statements", list(schema())),
        ],
        &[],
    )
}

fn filters(r: &mut Reader<'_>) -> (Listing, Option<Ref>, Option<StatementStatus>) {
    let account = r.reference("bank_account_id").describe("Only those of this account.").optional();
    let status = r.one_of("status", STATUSES).describe("Only those that stand so.").optional();
    (listing(r, Some(10), BY_AGE), account, status)
}

async fn index(call: Call) -> Result<Reply> {
    let (asked, account, status) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let account = named::bank_account(&tx, tenant, account.as_ref()).await?;
    let filter = StatementFilter { account, status };
    let listed = bank::list_statements(&tx, tenant, filter, asked.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Statement::view).collect();
    let last = listed.rows.last().map(|statement| statement.id.0);
    lists::reply(&call, &asked, &listed, rows, last)
}

async fn show(call: Call) -> Result<Reply> {
    let id = BankStatementId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = bank::find_statement(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    Ok(Reply::ok(&found.ok_or_else(Failure::not_found)?.view()))
}

fn asked(r: &mut Reader<'_>, has_file: bool) -> Asked {
    let asked = Asked {
        skip_unknown_accounts: r
            .boolean("skip_unknown_accounts")
            .describe("Pass over statements of accounts that are no bank accounts here; else they make the file be refused.")
            .or(false),
        accept_gaps: r
            .boolean("accept_gaps")
            .describe("Book statements that do not follow the ones before them; the difference stands on them as `gap`.")
            .or(false),
    };
    if !has_file {
        r.fault("file", "is required.");
    }
    asked
}

async fn shown_file(call: &Call, id: BankFileId) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let file = bank::find_file(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let statements = bank::statements_of_file(&tx, tenant, id).await?;
    Ok(Reply::created(&json!({
        "id": file.id.to_string(),
        "format": file.format.as_str(),
        "bytes": file.bytes,
        "passed_over": file.passed_over,
        "created_by": file.by_whom,
        "created_at": file.created_at.to_string(),
        "statements": statements.iter().map(Statement::view).collect::<Vec<_>>(),
    })))
}

async fn take_in(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, bank::FILE).await? {
        return Ok(shown_file(&call, BankFileId(id)).await?.replayed());
    }
    let file = call.files.iter().find(|file| file.field == "file");
    let asked = call.read(|r| asked(r, file.is_some()))?;
    let file = file.ok_or_else(|| Failure::field("file", "The file field is required."))?;
    if call.files.len() > 1 {
        return Err(Failure::field("file", "The file field must be the only file."));
    }
    let received = bank::read_aside(file.bytes.clone()).await?;
    let (tenant, once, by) = (&call.caller().tenant, once(&call), call.caller().by());
    let id: BankFileId = call.state.db.seams().id();
    let work = TakeIn { tenant, id, received: &received, asked, by: &by, once: once.as_ref() };
    let taken = call.state.db.run(&work).await?;
    let reply = shown_file(&call, taken.id).await?;
    Ok(if taken.is_known { reply.replayed() } else { reply })
}
