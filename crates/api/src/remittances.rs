//! Remittances over HTTP: prepared, approved by a second person, paid, and told as a statement.

use base::db::{Command, Db};
use base::page::{Order, Page, Past};
use base::{Day, Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use books::orgs::Tenant;
use edge::listing::{Paging, unsorted};
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use futures_util::stream::try_unfold;
use remittance::remittances::{self, Approve, Filter, Pay, Prepare, Remittance, RemittanceId, State, Void};
use remittance::statement;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client_terms::METHODS;
use crate::csv::Row;
use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, maybe, object, shown, text, whole, word, words};
use crate::trust_deposits::LONGEST_REFERENCE;
use crate::{App, Call, before, lists, named, once};

const READ: Access = Access::Scope("remittances:read");
const WRITE: Access = Access::Scope("remittances:write");
const APPROVE: Access = Access::Scope("remittances:approve");
const PAY: Access = Access::Scope("remittances:pay");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "remittance";

/// How many lines are read at a time for a table.
const SLICE: i64 = 500;

const STATES: &[(&str, State)] =
    &[("draft", State::Draft), ("approved", State::Approved), ("paid", State::Paid), ("void", State::Void)];

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["last_day" => "last_day", "net" => "net", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/remittances", READ, index)
            .summary("List remittances")
            .query(filters)
            .sample_query(&[("state", "draft")])
            .answers(200, edge::listing::schema(schema())),
        post("/remittances", WRITE, create)
            .summary("Prepare a remittance")
            .describe(
                "A draft of what a client has coming: payments whose days of hold are over by `last_day`, and \
                 what came back of payments that are on it or were remitted before. Nothing moves before a \
                 second person approves it. Refused while another draft for the client waits.",
            )
            .body(new)
            .sample(json!({ "location_id": "$LOCATION_ID" }))
            .answers(201, shown(schema())),
        get("/remittances/{id}", READ, show).summary("Get a remittance").answers(200, shown(schema())),
        get("/remittances/{id}/lines", READ, lines_of)
            .summary("List the lines of a remittance")
            .describe("`amount`, `fee` and `net` are below nothing where money came back, so that they add up.")
            .query(asked_lines)
            .answers(200, edge::listing::schema(line_schema())),
        get("/remittances/{id}/statement", READ, tell)
            .summary("Get the statement of a remittance")
            .describe(
                "What the client is sent. `format=csv` is a table of its lines, in which what is carried over \
                 is the last; `format=pdf` a page to read, with the first 1,000 lines.",
            )
            .query(asked_format)
            .gives(&["text/csv", "application/pdf"])
            .sample_query(&[("format", "pdf")])
            .answers(200, text()),
        post("/remittances/{id}/approve", APPROVE, approve)
            .summary("Approve a remittance")
            .describe("By a second person: refused for the token that prepared it.")
            .answers(200, shown(schema())),
        post("/remittances/{id}/pay", PAY, pay)
            .summary("Note that a remittance is paid")
            .describe(
                "Out of the trust account, which must have as much; of a client with `net` terms the fee moves \
                 to the operating account.",
            )
            .body(payment)
            .sample(json!({ "bank_reference": "WIRE-2026-0042" }))
            .answers(200, shown(schema())),
        post("/remittances/{id}/void", WRITE, void)
            .summary("Throw a prepared remittance away")
            .describe("Its lines are free for another one. One that was thrown away stays so.")
            .answers(200, shown(schema())),
    ]
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("client_terms_id", id()),
            ("location_id", id()),
            ("state", word(&words(STATES))),
            ("method", word(&words(METHODS))),
            ("first_day", maybe(day())),
            ("last_day", day()),
            ("lines", whole()),
            ("gross", cents()),
            ("clawed_back", cents()),
            ("fees", cents()),
            ("fees_back", cents()),
            ("billed", cents()),
            ("carried_in", cents()),
            ("net", cents()),
            ("carried_to_id", maybe(id())),
            ("prepared_by", text()),
            ("approved_by", maybe(text())),
            ("approved_at", maybe(instant())),
            ("paid_by", maybe(text())),
            ("paid_at", maybe(instant())),
            ("bank_reference", maybe(text())),
            ("voided_by", maybe(text())),
            ("voided_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn line_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("type", word(&["payment", "refund", "return"])),
            ("payment_line_id", id()),
            ("moved_on", day()),
            ("debt_account_id", id()),
            ("debt_account_external_id", maybe(text())),
            ("account_number", maybe(text())),
            ("charge_id", id()),
            ("amount", cents()),
            ("fee_rule", whole()),
            ("basis_points", whole()),
            ("fee", cents()),
            ("net", cents()),
        ],
        &[],
    )
}

fn filters(r: &mut Reader<'_>) -> (Listing, Option<Ref>, Option<State>) {
    (
        listing(r, Some(10), SORTS),
        r.reference("location_id").describe("Only what is remitted to this client.").optional(),
        r.one_of("state", STATES).describe("Only remittances that have come so far.").optional(),
    )
}

fn new(r: &mut Reader<'_>) -> (Ref, Option<Day>) {
    (
        r.reference("location_id").describe("The client: our id or yours.").required(),
        r.day("last_day")
            .describe("Its last day; yesterday, where your organization is, unless said.")
            .optional(),
    )
}

fn payment(r: &mut Reader<'_>) -> String {
    r.text("bank_reference")
        .max(LONGEST_REFERENCE)
        .describe("The bank's reference of the payment.")
        .required()
}

async fn index(call: Call) -> Result<Reply> {
    let (paging, location, state) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let filter = Filter { location: named::location(&tx, tenant, location.as_ref()).await?, state };
    let listed = remittances::list(&tx, tenant, &filter, paging.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Remittance::view).collect();
    let last = listed.rows.last().map(|remittance| remittance.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

async fn in_path(call: &Call) -> Result<Remittance> {
    let which = call.id("id")?;
    let found = remittances::find(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, which: RemittanceId, status: u16) -> Result<Reply> {
    let found = remittances::by_id(&call.state.db.read().await?, &call.caller().tenant, which).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(status, &json!({ "data": found.view() })))
}

async fn show(call: Call) -> Result<Reply> {
    Ok(Reply::ok(&in_path(&call).await?.view()))
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, RemittanceId(id), 201).await?.replayed());
    }
    let (which, last_day) = call.read(new)?;
    let (tenant, id): (_, RemittanceId) = (&call.caller().tenant, call.state.db.seams().id());
    let location = named::location(&call.state.db.read().await?, tenant, Some(&which)).await?;
    let location = location.ok_or_else(|| Failure::unknown_reference("location_id"))?;
    let work = Prepare { tenant, id, location, last_day, by: &call.caller().by(), now: call.now };
    done(&call, KIND, id, work, 201).await
}

/// Does it once, and shows what came of it.
async fn done(
    call: &Call,
    kind: &'static str,
    id: RemittanceId,
    work: impl Command<Out = ()> + Send,
    status: u16,
) -> Result<Reply> {
    let (tenant, once) = (&call.caller().tenant, once(call));
    let run = AtMostOnce { tenant, once: once.as_ref(), kind, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(call, RemittanceId(made.id()), status).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn approve(call: Call) -> Result<Reply> {
    let id = in_path(&call).await?.id;
    let work = Approve { tenant: &call.caller().tenant, id, by: &call.caller().by(), now: call.now };
    done(&call, "remittance.approve", id, work, 200).await
}

async fn void(call: Call) -> Result<Reply> {
    let id = in_path(&call).await?.id;
    let work = Void { tenant: &call.caller().tenant, id, by: &call.caller().by(), now: call.now };
    done(&call, "remittance.void", id, work, 200).await
}

async fn pay(call: Call) -> Result<Reply> {
    let id = in_path(&call).await?.id;
    let bank_reference = &call.read(payment)?;
    let (tenant, by) = (&call.caller().tenant, &call.caller().by());
    done(&call, "remittance.pay", id, Pay { tenant, id, bank_reference, by, now: call.now }, 200).await
}

/// In the order of the ledger.
const OLDEST: Order = Order { is_ascending: true, ..Order::NEWEST };

fn asked_lines(r: &mut Reader<'_>) -> Paging {
    unsorted(r, Some(10))
}

async fn lines_of(call: Call) -> Result<Reply> {
    let of = in_path(&call).await?;
    let paging = call.ask(asked_lines)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let page = Page { order: OLDEST, ..lists::page(&paging)? };
    let listed = remittances::lines(&tx, tenant, of.id, page).await?;
    let rows = statement::views(&tx, tenant, &of, &listed.rows).await?;
    let last = listed.rows.last().map(|line| line.id);
    lists::reply(&call, &paging, &listed, rows, last)
}

/// How a statement is written.
#[derive(Clone, Copy)]
enum Format {
    Csv,
    Pdf,
}

const FORMATS: &[(&str, Format)] = &[("csv", Format::Csv), ("pdf", Format::Pdf)];

fn asked_format(r: &mut Reader<'_>) -> Format {
    r.one_of("format", FORMATS).describe("`csv` unless said.").or(Format::Csv)
}

async fn tell(call: Call) -> Result<Reply> {
    let of = in_path(&call).await?;
    let format = call.ask(asked_format)?;
    let tenant = &call.caller().tenant;
    let name = |extension: &str| format!("remittance-{}-{}.{extension}", of.last_day, of.id);
    match format {
        Format::Pdf => {
            let sheet = statement::sheet(&call.state.db.read().await?, tenant, &of).await?;
            Ok(Reply::raw(200, "application/pdf", paper::file(&sheet)?).attachment(&name("pdf")))
        }
        Format::Csv => {
            let name = name("csv");
            let slices = table(call.state.db.clone(), tenant.clone(), of);
            Ok(Reply::flow("text/csv; charset=utf-8", slices).attachment(&name))
        }
    }
}

/// The lines as a table, some at a time.
fn table(
    db: Db,
    tenant: Tenant,
    of: Remittance,
) -> impl futures_util::Stream<Item = Result<Vec<u8>>> + Send + 'static {
    let header = Row::header(statement::COLUMNS.iter().copied()).end();
    try_unfold(Some((None, header)), move |place: Option<(Option<Uuid>, String)>| {
        let (db, tenant, of) = (db.clone(), tenant.clone(), of.clone());
        async move {
            let Some((after, mut text)) = place else { return Ok(None) };
            let past = after.map(|id| Past { at: None, id });
            let page = Page { walks: true, past, order: OLDEST, ..Page::first(SLICE) };
            let tx = db.read().await?;
            let listed = remittances::lines(&tx, &tenant, of.id, page).await?;
            for line in statement::views(&tx, &tenant, &of, &listed.rows).await? {
                text.push_str(&row(&line));
            }
            let next = listed.rows.last().filter(|_| listed.more).map(|line| (Some(line.id), String::new()));
            if next.is_none() && !of.carried_in.is_zero() {
                text.push_str(&row(&json!({ "type": "carried_in", "net": of.carried_in.get() })));
            }
            Ok(Some((text.into_bytes(), next)))
        }
    })
}

fn row(line: &Value) -> String {
    let mut row = Row::default();
    for column in statement::COLUMNS {
        match &line[*column] {
            Value::Null => row.nothing(),
            Value::String(text) if matches!(*column, "debt_account_external_id" | "account_number") => {
                row.text(text);
            }
            Value::String(word) => row.plain(word),
            other => row.plain(other),
        }
    }
    row.end()
}
