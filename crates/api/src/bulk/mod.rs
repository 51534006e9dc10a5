//! Files and lists that come in one piece, over HTTP: sent, watched, stopped, and what was wrong with them.

mod receive;
mod rules;

use std::sync::Arc;

use base::Result;
use base::db::Db;
use books::orgs::Tenant;
use edge::routes::{get, post};
use edge::rules::{Described, Kind, Sketch, Spot};
use edge::{Access, Endpoint, Paging, Part, Reader, Reply, Rows, Sorts, sorts, unsorted};
use exchange::bulk::{self, Bulk, BulkId, Filter, Source, State, Wrong};
use futures_util::stream::try_unfold;
use serde_json::{Map, Value, json};

pub use self::receive::reading;
pub use self::rules::{FieldRules, knows};
use crate::csv::Row;
use crate::lists::{Listing, listing};
use crate::schema::{any_object, cents, id, instant, list, maybe, object, shown, text, whole, word};
use crate::{App, Call, lists, once};

const READ: Access = Access::Scope("bulk:read");
const WRITE: Access = Access::Scope("bulk:write");

/// The most bytes of one body.
const BODY_BYTES: usize = 64 << 20;
/// How many errors are read at a time for a table.
const SLICE: i64 = 1_000;

const STATES: &[(&str, &[State])] = &[
    ("pending", &[State::Pending]),
    ("processing", &[State::Processing]),
    ("completed", &[State::Completed]),
    ("failed", &[State::Failed, State::Canceled]),
    ("canceled", &[State::Canceled]),
];

const KINDS: &[(&str, bulk::Kind)] =
    &[("customers", bulk::Kind::Customers), ("debt_accounts", bulk::Kind::DebtAccounts)];
const SOURCES: &[(&str, Source)] = &[("api", Source::Api), ("file", Source::File)];

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["total" => "total", "failed" => "failed", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/bulk", READ, index)
            .summary("List bulk operations")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/bulk", WRITE, receive::customers)
            .summary("Send customers with their accounts")
            .describe(
                "A list of at most 1,000 customers, each with an address, a location, parent accounts and accounts. \
                 Everything is known by its `external_id`: what is there is changed, what is not is made. A parent is \
                 named by its accounts' `parent_external_id`. The answer comes at once; `GET /bulk/{id}` tells how far it is.",
            )
            .body_described(customers_schema())
            .body_stream()
            .query(receive::options)
            .body_limit(BODY_BYTES)
            .sample(json!([{
                "customer": { "name": "Ada Lovelace", "external_id": "C-1001" },
                "location": { "name": "First Example Bank", "external_id": "L-1", "type": "original_creditor" },
                "debt_accounts": [{ "external_id": "A-1001", "balance": 15000 }],
            }]))
            .answers(201, shown(schema())),
        post("/bulk/debt-accounts", WRITE, receive::debt_accounts)
            .summary("Send debt accounts, any number of them")
            .describe(
                "`{\"debt_accounts\": […]}` as JSON or a form; or a JSON object a line (application/x-ndjson); or a table \
                 with a header of field names (text/csv), separated by comma, semicolon, pipe or tab, also as a file in \
                 multipart/form-data. A table may tell of the customer and the location too: `customer.external_id`, \
                 `customer.name`, `customer.address.line1`, `location.name`. An empty cell changes nothing. Accounts are \
                 known by `external_id`: what is there is changed, what is not is made, and needs `customer_id` and \
                 `balance`. The same bytes within 24 hours give the earlier operation, unless `force`.",
            )
            .body(envelope)
            .body_stream()
            .query(receive::options)
            .body_limit(BODY_BYTES)
            .sample(json!({
                "debt_accounts": [{ "customer_id": "$CUSTOMER_ID", "external_id": "A-1001", "balance": 15000 }],
            }))
            .sample_text(
                "application/x-ndjson",
                "{\"external_id\": \"A-1001\", \"customer_id\": \"$CUSTOMER_ID\", \"balance\": 15000}\n\
                 {\"external_id\": \"A-1002\", \"customer_id\": \"$CUSTOMER_ID\", \"balance\": 2500}\n",
            )
            .sample_text(
                "text/csv",
                "external_id,balance,customer.external_id,customer.name\nA-1001,15000,C-1001,Ada Lovelace\n\
                 A-1002,2500,C-1002,Bram Stoker\n",
            )
            .answers(201, shown(schema())),
        get("/bulk/{id}", READ, show).summary("Get a bulk operation").answers(200, shown(schema())),
        get("/bulk/{id}/errors", READ, errors)
            .summary("List what was wrong with its records")
            .describe("One row for each record that was refused, by position; with `format=csv` as a table, one row for each message.")
            .query(asked_errors)
            .gives_sometimes(&["text/csv"])
            .answers(200, edge::listing::schema(error_schema())),
        post("/bulk/{id}/cancel", WRITE, cancel)
            .summary("Stop a bulk operation")
            .describe("What was applied by then stays.")
            .answers(200, shown(schema())),
    ]
}

/// Records of which each is told by itself what is wrong with it: none makes the whole be refused.
struct Records(&'static str);

impl Records {
    fn schema_of(self, most: Option<i64>) -> Value {
        let mut schema = json!({ "type": "array", "minItems": 1, "items": { "description": self.0 } });
        if let Some(most) = most {
            schema["maxItems"] = most.into();
        }
        schema
    }
}

impl Kind for Records {
    type Out = ();

    fn read(&self, _: &Value, _: &mut Spot<'_>) -> Option<()> {
        Some(()) // read as it arrives
    }

    fn schema(&self, _: &mut Sketch) -> Value {
        Records(self.0).schema_of(None)
    }

    fn harmless(&self) {}
}

/// The guides' list.
fn customers_schema() -> Described {
    let item = "`{\"customer\": {…}, \"location\": {…}, \"parent_debt_accounts\": […], \"debt_accounts\": […]}`, each with the \
                fields that it is created and changed with by itself.";
    Described { schema: Arc::new(Records(item).schema_of(Some(bulk::MOST_CUSTOMERS))), left_out: Vec::new() }
}

fn envelope(r: &mut Reader<'_>) {
    let item = "The fields with which an account is created and changed by itself, and `last_payment_date`.";
    r.field("debt_accounts", Records(item)).required();
    receive::options(r);
}

/// The fields of an operation, as answered.
pub(crate) fn schema() -> Value {
    let states: Vec<&str> =
        State::ALL.iter().map(|state| state.as_str()).filter(|s| *s != "receiving").collect();
    object(
        &[
            ("id", id()),
            ("status", word(&["pending", "processing", "completed", "failed"])),
            ("state", word(&states)),
            ("type", word(&["customers", "debt_accounts"])),
            ("format", word(&["json", "form", "ndjson", "csv"])),
            ("source", word(&["api", "file"])),
            ("total", whole()),
            ("processed", whole()),
            ("created", whole()),
            ("updated", whole()),
            ("unchanged", whole()),
            ("failed", whole()),
            ("balances_kept", whole()),
            ("total_balance", cents()),
            ("bytes", whole()),
            ("rows_per_second", maybe(whole())),
            ("ignored_columns", list(text())),
            ("reason", maybe(text())),
            ("created_at", instant()),
            ("started_at", maybe(instant())),
            ("finished_at", maybe(instant())),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn error_schema() -> Value {
    object(
        &[
            ("position", whole()),
            ("line", maybe(whole())),
            ("external_id", maybe(text())),
            ("errors", any_object()),
        ],
        &[],
    )
}

/// An operation. Both spellings have the same words for it.
pub fn json(bulk: &Bulk) -> Value {
    let status = match bulk.state {
        State::Receiving | State::Pending => "pending",
        State::Processing => "processing",
        State::Completed => "completed",
        State::Failed | State::Canceled => "failed",
    };
    let at = |at: Option<base::Ts>| at.map(|at| at.to_string());
    json!({
        "id": bulk.id.to_string(),
        "status": status,
        "state": bulk.state.as_str(),
        "type": bulk.kind.as_str(),
        "format": bulk.format.as_str(),
        "source": bulk.source.as_str(),
        "total": bulk.total,
        "processed": bulk.place,
        "created": bulk.created,
        "updated": bulk.updated,
        "unchanged": bulk.place - bulk.created - bulk.updated - bulk.failed,
        "failed": bulk.failed,
        "balances_kept": bulk.kept,
        "total_balance": bulk.balance.get(),
        "bytes": bulk.bytes,
        "rows_per_second": bulk.records_a_second(),
        "ignored_columns": bulk.ignored.split_whitespace().collect::<Vec<_>>(),
        "reason": bulk.reason,
        "created_at": bulk.created_at.to_string(),
        "started_at": at(bulk.started_at),
        "finished_at": at(bulk.finished_at),
        "updated_at": bulk.updated_at.to_string(),
    })
}

fn filters(r: &mut Reader<'_>) -> (Listing, Filter) {
    let filter = Filter {
        states: r
            .one_of("status", STATES)
            .describe("Only operations that stand so.")
            .optional()
            .map(<[State]>::to_vec),
        kind: r.one_of("type", KINDS).describe("Only operations on these.").optional(),
        source: r.one_of("source", SOURCES).describe("Only operations from here.").optional(),
    };
    (listing(r, Some(10), SORTS), filter)
}

async fn index(call: Call) -> Result<Reply> {
    let (paging, filter) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = bulk::list(&tx, tenant, &filter, paging.page(tenant)?).await?;
    let (rows, last) = (listed.rows.iter().map(json).collect(), listed.rows.last().map(|bulk| bulk.id.0));
    lists::reply(&call, &paging, &listed, rows, last)
}

async fn in_path(call: &Call) -> Result<Bulk> {
    let which = call.id("id")?;
    let found = bulk::resolve(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(base::Failure::not_found)
}

/// The operation as it is now.
async fn shown_one(call: &Call, which: BulkId, status: u16) -> Result<Reply> {
    let found = bulk::find(&call.state.db.read().await?, &call.caller().tenant, which).await?;
    let found = found.ok_or_else(base::Failure::not_found)?;
    Ok(Reply::json(status, &json!({ "data": json(&found) })))
}

async fn show(call: Call) -> Result<Reply> {
    let bulk = in_path(&call).await?;
    Ok(Reply::ok(&json(&bulk)))
}

async fn cancel(call: Call) -> Result<Reply> {
    let bulk = in_path(&call).await?;
    let once = once(&call);
    let cancel = bulk::Cancel { tenant: &call.caller().tenant, id: bulk.id, once: once.as_ref() };
    call.state.db.run(&cancel).await?;
    shown_one(&call, bulk.id, 200).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Json,
    Csv,
}

fn asked_errors(r: &mut Reader<'_>) -> (Paging, As) {
    let paging = unsorted(r, Some(10));
    let how = r.one_of("format", &[("json", As::Json), ("csv", As::Csv)]);
    (paging, how.describe("`csv`: all of them, as a table.").or(As::Json))
}

async fn errors(call: Call) -> Result<Reply> {
    let bulk = in_path(&call).await?;
    let (paging, how) = call.ask(asked_errors)?;
    let (db, tenant) = (&call.state.db, &call.caller().tenant);
    if how == As::Csv {
        let slices = errors_as_csv(db.clone(), tenant.clone(), bulk.id);
        return Ok(Reply::flow("text/csv; charset=utf-8", slices));
    }
    let after = match paging.after() {
        Some(key) => {
            key.parse::<i64>().map_err(|_| base::Failure::field("cursor", "The cursor field is invalid."))?
        }
        None => 0,
    };
    let limit = i64::try_from(paging.take()).unwrap_or(i64::MAX - 1);
    let skip = i64::try_from(paging.offset()).unwrap_or(i64::MAX);
    let mut wrong = bulk::wrong_after(&db.read().await?, tenant, bulk.id, after, skip, limit + 1).await?;
    let more = i64::try_from(wrong.len()).is_ok_and(|many| many > limit);
    wrong.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let total = match &paging.part {
        Part::Page(_) => u64::try_from(bulk.failed).ok(),
        Part::After(_) => None,
    };
    let next = wrong.last().filter(|_| more).map(|last| last.position.to_string());
    let rows = wrong.iter().map(wrong_json).collect();
    paging.reply(&call, Rows::<Value> { rows, total, is_capped: false, next, meta: Map::new() })
}

fn wrong_json(wrong: &Wrong) -> Value {
    let errors: Map<String, Value> =
        wrong.errors.iter().map(|(at, said)| (at.clone(), json!(said))).collect();
    json!({
        "position": wrong.position, "line": wrong.line, "external_id": wrong.external_id, "errors": errors,
    })
}

/// What was wrong as a table, some at a time.
pub fn errors_as_csv(
    db: Db,
    tenant: Tenant,
    id: BulkId,
) -> impl futures_util::Stream<Item = Result<Vec<u8>>> + Send + 'static {
    try_unfold(Some(None), move |after: Option<Option<i64>>| {
        let (db, tenant) = (db.clone(), tenant.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let mut text = match after {
                None => Row::header(["position", "line", "external_id", "field", "message"]).end(),
                Some(_) => String::new(),
            };
            let tx = db.read().await?;
            let wrong = bulk::wrong_after(&tx, &tenant, id, after.unwrap_or(0), 0, SLICE).await?;
            for one in &wrong {
                for (field, message) in
                    one.errors.iter().flat_map(|(at, said)| said.iter().map(move |s| (at, s)))
                {
                    let mut row = Row::default();
                    row.plain(&one.position);
                    match one.line {
                        Some(line) => row.plain(&line),
                        None => row.nothing(),
                    }
                    row.text(one.external_id.as_deref().unwrap_or_default());
                    row.text(field);
                    row.text(message);
                    text.push_str(&row.end());
                }
            }
            let next = wrong.last().map(|last| Some(last.position));
            Ok(Some((text.into_bytes(), next)))
        }
    })
}
