//! Bank debits by file over HTTP: as whom an organization originates, its files, what its bank said, and how much came back.

use ach::rates::{self, Figure};
use ach::settle::{Said, Say};
use ach::{Class, CutNow, File, FileId, FileState, Notice, Originator, Outcome, SetUp, Terms};
use base::{Change, Failure, Result};
use edge::routes::{get, post, put};
use edge::rules::parsed;
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use payments::networks::Counter;
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{cents, day, flag, id, instant, list, maybe, object, shown, text, whole, word, words};
use crate::{App, Call, lists};

pub(crate) const READ: Access = Access::Scope("ach:read");
const WRITE: Access = Access::Scope("ach:write");

/// What the lists can be sorted by.
const SORTS: Sorts = sorts!["updated_at" => "updated_at"];

const CLASSES: &[(&str, Class)] = &[("web", Class::Web), ("tel", Class::Tel), ("ppd", Class::Ppd)];
const STATES: &[(&str, FileState)] = &[
    ("waiting", FileState::Waiting),
    ("uploading", FileState::Uploading),
    ("placing", FileState::Placing),
    ("delivered", FileState::Delivered),
    ("acknowledged", FileState::Acknowledged),
    ("rejected", FileState::Rejected),
];
const RESULTS: &[(&str, Outcome)] = &[
    ("applied", Outcome::Applied),
    ("recorded", Outcome::Recorded),
    ("again", Outcome::Again),
    ("unmatched", Outcome::Unmatched),
    ("unreadable", Outcome::Unreadable),
];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/ach-originator", READ, show)
            .summary("Get as whom you originate bank debits")
            .describe("404 until that is set up. Files are made in production alone.")
            .answers(200, shown(originator_schema())),
        put("/ach-originator", WRITE, set_up)
            .summary("Set up as whom you originate bank debits, or change it")
            .describe("With what your bank agreed to. The first time every field is needed but those that have a default.")
            .body(terms)
            .sample(sample())
            .answers(200, shown(originator_schema())),
        post("/ach-originator/cut", WRITE, cut)
            .summary("Have a file made now")
            .describe("Whatever the cut-offs say: what waits goes into a file within seconds.")
            .idempotent(false)
            .answers(200, shown(originator_schema())),
        get("/ach-files", READ, files)
            .summary("List ACH files")
            .query(of_files)
            .sample_query(&[("state", "delivered")])
            .answers(200, edge::listing::schema(file_schema())),
        get("/ach-files/{id}", READ, file).summary("Get an ACH file").answers(200, shown(file_schema())),
        post("/ach-files/{id}/acknowledge", WRITE, acknowledge)
            .summary("Note that the bank accepted a file")
            .idempotent(false)
            .answers(200, shown(file_schema())),
        post("/ach-files/{id}/reject", WRITE, reject)
            .summary("Note that the bank refused a file as a whole")
            .describe(
                "Its entries go into another file at the next cut-off. Refused where any of them has settled or come back: then the \
                 bank has processed it.",
            )
            .idempotent(false)
            .answers(200, shown(file_schema())),
        get("/ach-notices", READ, notices)
            .summary("List what the bank said of entries")
            .describe("Returns, notifications of change, and what follows on returns. `unmatched` and `unreadable` ones are for a person.")
            .query(of_notices)
            .sample_query(&[("result", "unmatched")])
            .answers(200, edge::listing::schema(notice_schema())),
        get("/ach-return-rates", READ, return_rates)
            .summary("Get how many debits came back")
            .describe("Held against Nacha's limits: `near` from four fifths of one on, `above` beyond it.")
            .answers(200, json!({ "type": "object", "properties": { "data": list(rate_schema()) }, "required": ["data"] })),
    ]
}

fn originator_schema() -> Value {
    object(
        &[
            ("company_name", text()),
            ("company_id", text()),
            ("odfi", text()),
            ("destination", text()),
            ("destination_name", text()),
            ("origin", text()),
            ("origin_name", text()),
            ("description", text()),
            ("entry_class", word(&words(CLASSES))),
            ("prenotes", flag()),
            ("same_day", flag()),
            ("cut_offs", list(text())),
            ("next_cut_off_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

fn originator(row: &Originator) -> Value {
    json!({
        "company_name": row.company_name,
        "company_id": row.company_id,
        "odfi": row.odfi,
        "destination": row.destination,
        "destination_name": row.destination_name,
        "origin": row.origin,
        "origin_name": row.origin_name,
        "description": row.description,
        "entry_class": row.entry_class.as_str(),
        "prenotes": row.prenotes,
        "same_day": row.same_day,
        "cut_offs": row.cut_offs.split(',').collect::<Vec<_>>(),
        "next_cut_off_at": row.due_at.map(|at| at.to_string()),
        "created_at": row.created_at.to_string(),
        "updated_at": row.updated_at.to_string(),
    })
}

/// What a request says of an originator; what it leaves out stays as it is.
#[derive(Default)]
struct Asked {
    texts: [Option<String>; 8],
    class: Option<Class>,
    prenotes: Option<bool>,
    same_day: Option<bool>,
    cut_offs: Option<Vec<String>>,
}

/// The fields that are texts: their names, how long they may be, what they are, and an example.
const TEXTS: [(&str, usize, &str, &str); 8] = [
    ("company_name", 16, "What receivers know you by.", "Harbor Point"),
    ("company_id", 10, "What your bank gave you.", "1234567890"),
    ("odfi", 9, "The routing number of the bank that originates.", "121042882"),
    ("destination", 9, "To whom files go: a routing number, your bank's or its operator's.", "121042882"),
    ("destination_name", 23, "Its name.", "Bank of Examples"),
    ("origin", 10, "From whom they come: nine digits, or what your bank gave you.", "1234567890"),
    ("origin_name", 23, "Its name.", "Harbor Point Recovery"),
    ("description", 10, "What receivers read on their statements.", "PAYMENT"),
];

fn sample() -> Value {
    let mut body = json!({ "entry_class": "web", "prenotes": true, "cut_offs": ["10:00", "16:00"] });
    for (name, _, _, example) in TEXTS {
        body[name] = example.into();
    }
    body
}

fn terms(r: &mut Reader<'_>) -> Asked {
    let one = |text: &str| ach::cut_offs(text).filter(|all| all.len() == 1).map(|_| text.to_owned());
    let time = parsed("must be a time of the day like 16:00.", "16:00", one);
    Asked {
        texts: TEXTS.map(|(name, most, about, example)| {
            r.text(name).max(most).describe(about).example(example).replace()
        }),
        class: r
            .one_of("entry_class", CLASSES)
            .describe("How debits are authorized that do not come from the portal, which are `web`: `tel` orally, `ppd` in writing. `tel` if nothing is said.")
            .replace(),
        prenotes: r
            .boolean("prenotes")
            .describe("Whether an account is tried with a prenote before its first debit, which then waits for three banking days. `true` if nothing is said; `false` where you validate accounts otherwise.")
            .replace(),
        same_day: r
            .boolean("same_day")
            .describe("Whether entries settle on the same day, where the network allows it. `false` if nothing is said.")
            .replace(),
        cut_offs: match r
            .each("cut_offs", 24, time)
            .describe(
                "At which times of banking days files are made, Eastern: before your bank's own. `16:00` if nothing is said.",
            )
            .change()
        {
            Change::Set(times) => Some(times),
            Change::Clear => Some(Vec::new()),
            Change::Keep => None,
        },
    }
}

impl Asked {
    /// What is agreed upon, with what stays as it was.
    fn over(self, before: Option<Terms>) -> Result<Terms> {
        let is_new = before.is_none();
        let mut terms = before.unwrap_or_default();
        let heading = &mut terms.heading;
        let kept = [
            &mut heading.company_name,
            &mut heading.company_id,
            &mut heading.odfi,
            &mut heading.destination,
            &mut heading.destination_name,
            &mut heading.origin,
            &mut heading.origin_name,
            &mut heading.description,
        ];
        let mut missing = Vec::new();
        for ((kept, given), (name, ..)) in kept.into_iter().zip(self.texts).zip(TEXTS) {
            match given {
                Some(given) => *kept = given,
                None if is_new => missing.push((
                    name.to_owned(),
                    vec![format!("The {} field is required.", name.replace('_', " "))],
                )),
                None => {}
            }
        }
        terms.entry_class = self.class.unwrap_or(terms.entry_class);
        terms.prenotes = self.prenotes.unwrap_or(terms.prenotes);
        terms.same_day = self.same_day.unwrap_or(terms.same_day);
        if let Some(times) = self.cut_offs {
            terms.cut_offs = times.join(",");
        }
        if !missing.is_empty() {
            return Err(Failure::fields(missing));
        }
        let faults = terms.faults();
        if faults.is_empty() {
            return Ok(terms);
        }
        let said = |(field, predicate): (&str, String)| {
            (field.to_owned(), vec![format!("The {} field {predicate}.", field.replace('_', " "))])
        };
        Err(Failure::fields(faults.into_iter().map(said).collect()))
    }
}

async fn show(call: Call) -> Result<Reply> {
    let found = ach::originator(&call.state.db.read().await?, &call.caller().tenant).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(200, &json!({ "data": originator(&found) })))
}

async fn set_up(call: Call) -> Result<Reply> {
    let asked = call.read(terms)?;
    let tenant = &call.caller().tenant;
    let before = ach::originator(&call.state.db.read().await?, tenant).await?;
    let terms = asked.over(before.as_ref().map(Terms::from))?;
    let row = call.state.db.run(&SetUp { tenant, terms: &terms }).await?;
    Ok(Reply::json(200, &json!({ "data": originator(&row) })))
}

async fn cut(call: Call) -> Result<Reply> {
    let row = call.state.db.run(&CutNow { tenant: &call.caller().tenant }).await?;
    Ok(Reply::json(200, &json!({ "data": originator(&row) })))
}

pub(crate) fn file_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("name", text()),
            ("state", word(&words(STATES))),
            ("entries", whole()),
            ("debits", cents()),
            ("credits", cents()),
            ("created_on", day()),
            ("effective_on", day()),
            ("sha256", maybe(text())),
            ("attempts_failed", whole()),
            ("next_attempt_at", maybe(instant())),
            ("note", maybe(text())),
            ("delivered_at", maybe(instant())),
            ("said_by", maybe(text())),
            ("said_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

pub(crate) fn file_view(row: &File) -> Value {
    json!({
        "id": row.id.to_string(),
        "name": row.name,
        "state": row.state.as_str(),
        "entries": row.entries,
        "debits": row.debits.get(),
        "credits": row.credits.get(),
        "created_on": row.created_on.to_string(),
        "effective_on": row.effective_on.to_string(),
        "sha256": row.sha256,
        "attempts_failed": row.tries,
        "next_attempt_at": row.due_at.map(|at| at.to_string()),
        "note": row.why,
        "delivered_at": row.delivered_at.map(|at| at.to_string()),
        "said_by": row.said_by,
        "said_at": row.said_at.map(|at| at.to_string()),
        "created_at": row.created_at.to_string(),
        "updated_at": row.updated_at.to_string(),
    })
}

struct OfFiles {
    paging: Listing,
    state: Option<FileState>,
}

fn of_files(r: &mut Reader<'_>) -> OfFiles {
    OfFiles {
        paging: listing(r, Some(10), SORTS),
        state: r.one_of("state", STATES).describe("Only those that stand like this.").optional(),
    }
}

async fn files(call: Call) -> Result<Reply> {
    let asked = call.ask(of_files)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = ach::files(&tx, tenant, asked.state, asked.paging.page(tenant)?).await?;
    let rows: Vec<Value> = listed.rows.iter().map(file_view).collect();
    let last = listed.rows.last().map(|file| file.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

fn file_id(call: &Call) -> Result<FileId> {
    call.id("id")?.ours().map(FileId).ok_or_else(Failure::not_found)
}

async fn file(call: Call) -> Result<Reply> {
    let found = ach::file(&call.state.db.read().await?, &call.caller().tenant, file_id(&call)?).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(200, &json!({ "data": file_view(&found) })))
}

async fn acknowledge(call: Call) -> Result<Reply> {
    say(&call, Said::Acknowledged).await
}

async fn reject(call: Call) -> Result<Reply> {
    say(&call, Said::Rejected).await
}

async fn say(call: &Call, said: Said) -> Result<Reply> {
    let (tenant, by) = (&call.caller().tenant, call.caller().by());
    let file = call.state.db.run(&Say { tenant, id: file_id(call)?, said, by: &by }).await?;
    Ok(Reply::json(200, &json!({ "data": file_view(&file) })))
}

pub(crate) fn notice_schema() -> Value {
    object(
        &[
            ("id", id()),
            ("kind", word(&["return", "change", "dishonored", "contested", "refused_change"])),
            ("code", text()),
            ("title", maybe(text())),
            ("result", word(&words(RESULTS))),
            ("amount", cents()),
            ("entry_id", maybe(id())),
            ("trace_number", text()),
            ("original_trace_number", text()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

pub(crate) fn notice_view(row: &Notice) -> Value {
    json!({
        "id": row.id.to_string(),
        "kind": row.kind.as_str(),
        "code": row.code,
        "title": row.title(),
        "result": row.result.as_str(),
        "amount": row.amount.get(),
        "entry_id": row.entry_id.map(|id| id.to_string()),
        "trace_number": format!("{:015}", row.trace),
        "original_trace_number": format!("{:015}", row.original_trace),
        "created_at": row.created_at.to_string(),
        "updated_at": row.updated_at.to_string(),
    })
}

struct OfNotices {
    paging: Listing,
    result: Option<Outcome>,
}

fn of_notices(r: &mut Reader<'_>) -> OfNotices {
    OfNotices {
        paging: listing(r, Some(10), SORTS),
        result: r.one_of("result", RESULTS).describe("Only those of which this came.").optional(),
    }
}

async fn notices(call: Call) -> Result<Reply> {
    let asked = call.ask(of_notices)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = ach::notices(&tx, tenant, asked.result, asked.paging.page(tenant)?).await?;
    let rows: Vec<Value> = listed.rows.iter().map(notice_view).collect();
    let last = listed.rows.last().map(|notice| notice.id.0);
    lists::reply(&call, &asked.paging, &listed, rows, last)
}

fn rate_schema() -> Value {
    object(
        &[
            ("counter", word(&Counter::ALL.iter().map(|counter| counter.as_str()).collect::<Vec<_>>())),
            ("debits", whole()),
            ("returns", whole()),
            ("percent", text()),
            ("limit_percent", text()),
            ("days", whole()),
            ("standing", word(&["fine", "near", "above"])),
        ],
        &[],
    )
}

fn rate_view(figure: &Figure) -> Value {
    let (whole, tenths) = (figure.most_per_mille / 10, figure.most_per_mille % 10);
    json!({
        "counter": figure.counter.as_str(),
        "debits": figure.debits,
        "returns": figure.returns,
        "percent": figure.percent(),
        "limit_percent": format!("{whole}.{tenths}"),
        "days": figure.days,
        "standing": figure.standing.as_str(),
    })
}

async fn return_rates(call: Call) -> Result<Reply> {
    let tx = call.state.db.read().await?;
    let figures = rates::figures(&tx, &call.caller().tenant, call.now).await?;
    Ok(Reply::json(200, &json!({ "data": figures.iter().map(rate_view).collect::<Vec<_>>() })))
}
