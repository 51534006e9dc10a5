//! Documents over HTTP: on accounts, disputes and tickets.

use base::{Failure, Ref, Result};
use books::idempotency::{AtMostOnce, Made};
use consumer::documents::{self, Changes, Document, DocumentId, Filter, Kind, LARGEST, MediaType, New, On};
use edge::routes::{delete, get, post, put};
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{flag, id, instant, maybe, object, shown, success, text, whole, word};
use crate::{App, Call, before, disputes, itemization, lists, named, once, tickets};

const READ: Access = Access::Scope("documents:read");
const WRITE: Access = Access::Scope("documents:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "document";

/// Room for the fields and the wrapping around a file, in bytes.
const AROUND: usize = 64 << 10;

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let mut rows = vec![
        get("/documents", READ, index)
            .summary("List documents")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        get("/documents/{id}", READ, show)
            .summary("Get what is known of a document")
            .answers(200, shown(schema())),
        put("/documents/{id}", WRITE, update)
            .summary("Change what is said of a document")
            .describe("Never its bytes.")
            .body(changes)
            .sample(json!({ "name": "Statement of October", "visible_to_customer": true }))
            .answers(200, shown(schema())),
        get("/documents/{id}/content", READ, content)
            .summary("Get a document's bytes")
            .gives(&["application/octet-stream"])
            .answers(200, json!({})),
        delete("/documents/{id}", WRITE, destroy).summary("Delete a document").answers(200, success()),
    ];
    type On = fn(&Call) -> Belonging;
    let places: [(&str, &str, On); 3] = [
        ("/debt-accounts/{id}/documents", "account", |_| Belonging::Account),
        ("/debt-account-disputes/{id}/documents", "dispute", |_| Belonging::Dispute),
        ("/tickets/{id}/documents", "ticket", |_| Belonging::Ticket),
    ];
    for (path, what, of) in places {
        rows.push(
            get(path, READ, move |call: Call| async move {
                let on = of(&call);
                index_of(call, on).await
            })
            .tag("documents")
            .summary(&format!("List the documents of a {what}"))
            .query(|r| listing(r, Some(10), BY_AGE))
            .answers(200, edge::listing::schema(schema())),
        );
        rows.push(
            post(path, WRITE, move |call: Call| async move {
                let on = of(&call);
                create(call, on).await
            })
            .tag("documents")
            .summary(&format!("Add a document to a {what}"))
            .describe(
                "As multipart/form-data, with the document under `file`: PDF, PNG, JPEG or plain text, told by its bytes, at \
                 most 10 MiB. It is sealed with the customer's key.",
            )
            .body(|r| new(r, true))
            .files()
            .body_limit(LARGEST + AROUND)
            .sample(json!({ "kind": "statement", "name": "Statement of October" }))
            .answers(201, shown(schema())),
        );
    }
    rows
}

#[derive(Clone, Copy)]
enum Belonging {
    Account,
    Dispute,
    Ticket,
}

const KINDS: &[(&str, Kind)] = &[
    ("statement", Kind::Statement),
    ("validation_notice", Kind::ValidationNotice),
    ("contract", Kind::Contract),
    ("judgment", Kind::Judgment),
    ("other", Kind::Other),
];

pub(crate) fn schema() -> Value {
    let kinds: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
    let media: Vec<&str> = MediaType::ALL.iter().map(|media| media.as_str()).collect();
    object(
        &[
            ("id", id()),
            ("customer_id", maybe(id())),
            ("debt_account_id", maybe(id())),
            ("debt_account_dispute_id", maybe(id())),
            ("ticket_id", maybe(id())),
            ("kind", word(&kinds)),
            ("name", maybe(text())),
            ("media_type", word(&media)),
            ("bytes", whole()),
            ("visible_to_customer", flag()),
            ("created_by", text()),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

struct Asked {
    paging: Listing,
    customer: Option<Ref>,
    debt: Option<Ref>,
    dispute: Option<Ref>,
    ticket: Option<Ref>,
    kind: Option<Kind>,
    visible: Option<bool>,
}

fn filters(r: &mut Reader<'_>) -> Asked {
    Asked {
        paging: listing(r, Some(10), BY_AGE),
        customer: r.reference("customer_id").describe("Only this customer's.").optional(),
        debt: r
            .reference("debt_account_id")
            .alias("debt_account_external_id")
            .describe("Only those of this account, and of its disputes.")
            .optional(),
        dispute: r.reference("debt_account_dispute_id").describe("Only those of this dispute.").optional(),
        ticket: r.reference("ticket_id").describe("Only those of this ticket.").optional(),
        kind: r.one_of("kind", KINDS).describe("Only those of this kind.").optional(),
        visible: r
            .boolean("visible_to_customer")
            .describe("Only those the customer may read, or only the others.")
            .optional(),
    }
}

async fn listed(call: &Call, filter: &Filter, paging: &Listing) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = documents::list(&tx, tenant, filter, paging.page(tenant)?).await?;
    let rows = documents::views(&tx, tenant, &listed.rows).await?;
    let last = listed.rows.last().map(|d| d.id.0);
    lists::reply(call, paging, &listed, rows, last)
}

async fn index(call: Call) -> Result<Reply> {
    let asked = call.ask(filters)?;
    let filter = {
        let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
        Filter {
            customer: named::customer(&tx, tenant, asked.customer.as_ref()).await?,
            debt: named::debt(&tx, tenant, asked.debt.as_ref(), "debt_account_id").await?,
            dispute: named::dispute(&tx, tenant, asked.dispute.as_ref(), "debt_account_dispute_id").await?,
            ticket: named::ticket(&tx, tenant, asked.ticket.as_ref()).await?,
            kind: asked.kind,
            visible: asked.visible,
        }
    };
    listed(&call, &filter, &asked.paging).await
}

/// What the path names.
async fn on(call: &Call, belonging: Belonging) -> Result<On> {
    Ok(match belonging {
        Belonging::Account => On::Account(itemization::in_path(call).await?),
        Belonging::Dispute => On::Dispute(disputes::find(call).await?.id),
        Belonging::Ticket => On::Ticket(tickets::find(call).await?.id),
    })
}

async fn index_of(call: Call, belonging: Belonging) -> Result<Reply> {
    let filter = match on(&call, belonging).await? {
        On::Account(debt) => Filter { debt: Some(debt), ..Filter::default() },
        On::Dispute(dispute) => Filter { dispute: Some(dispute), ..Filter::default() },
        On::Ticket(ticket) => Filter { ticket: Some(ticket), ..Filter::default() },
    };
    let paging = call.ask(|r| listing(r, Some(10), BY_AGE))?;
    listed(&call, &filter, &paging).await
}

/// The document that the path names.
async fn find(call: &Call) -> Result<Document> {
    let id = call.id("id")?.ours().ok_or_else(Failure::not_found)?;
    let tx = call.state.db.read().await?;
    documents::find(&tx, &call.caller().tenant, DocumentId(id)).await?.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: DocumentId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let document = documents::find(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let told = documents::views(&tx, tenant, &[document]).await?.remove(0);
    Ok(Reply::json(status, &json!({ "data": told })))
}

async fn show(call: Call) -> Result<Reply> {
    let document = find(&call).await?;
    shown_one(&call, document.id, 200).await
}

struct Given {
    kind: Kind,
    name: Option<String>,
    visible: bool,
}

fn new(r: &mut Reader<'_>, has_file: bool) -> Given {
    let given = Given {
        kind: r.one_of("kind", KINDS).describe("What it is; `other` unless said.").or(Kind::Other),
        name: r.text("name").describe("What it is called; the file's own name unless said.").optional(),
        visible: r
            .boolean("visible_to_customer")
            .describe("Whether its customer may read it; no unless said.")
            .or(false),
    };
    if !has_file {
        r.fault("file", "is required.");
    }
    given
}

async fn create(call: Call, belonging: Belonging) -> Result<Reply> {
    let on = on(&call, belonging).await?;
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, DocumentId(id), 201).await?.replayed());
    }
    let file = call.files.iter().find(|file| file.field == "file");
    let given = call.read(|r| new(r, file.is_some()))?;
    let file = file.ok_or_else(|| Failure::field("file", "The file field is required."))?;
    if call.files.len() > 1 {
        return Err(Failure::field("file", "The file field must be the only file."));
    }
    if file.bytes.len() > LARGEST {
        return Err(Failure::field("file", "The file field must not be greater than 10240 kilobytes."));
    }
    let media_type = MediaType::of(&file.bytes).ok_or_else(|| {
        Failure::field("file", "The file field must be a file of type: pdf, png, jpeg, txt.")
    })?;
    let name = given.name.unwrap_or_else(|| own_name(&file.file_name));
    let new = New {
        on,
        kind: given.kind,
        name,
        bytes: &file.bytes,
        media_type,
        visible_to_customer: given.visible,
    };
    let (tenant, once, by) = (&call.caller().tenant, once(&call), call.caller().by());
    let id: DocumentId = call.state.db.seams().id();
    let work = documents::Add { tenant, id, new: &new, by: &by };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, DocumentId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

/// The name of a file without the folders that some clients send with it.
fn own_name(file_name: &str) -> String {
    let last = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let tidy: String = last.chars().filter(|c| !c.is_control()).take(255).collect();
    let tidy = tidy.trim();
    if tidy.is_empty() { "document".into() } else { tidy.to_owned() }
}

fn changes(r: &mut Reader<'_>) -> Changes {
    Changes {
        kind: r.one_of("kind", KINDS).replace(),
        name: r.text("name").replace(),
        visible_to_customer: r.boolean("visible_to_customer").replace(),
    }
}

async fn update(call: Call) -> Result<Reply> {
    let document = find(&call).await?;
    let changes = call.read(changes)?;
    let work = documents::Update { tenant: &call.caller().tenant, id: document.id, changes: &changes };
    call.state.db.run(&work).await?;
    shown_one(&call, document.id, 200).await
}

async fn destroy(call: Call) -> Result<Reply> {
    let document = find(&call).await?;
    let work = documents::Delete { tenant: &call.caller().tenant, id: document.id };
    call.state.db.run(&work).await?;
    Ok(Reply::success())
}

async fn content(call: Call) -> Result<Reply> {
    let document = find(&call).await?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let bytes = documents::content(&tx, tenant, &document).await?.ok_or_else(Failure::not_found)?;
    let told = documents::views(&tx, tenant, std::slice::from_ref(&document)).await?.remove(0);
    // It is never shown within a page of ours, whatever is in it: `nosniff` stands on every answer.
    let kind = match document.media_type {
        MediaType::Text => "text/plain; charset=utf-8",
        other => other.as_str(),
    };
    Ok(Reply::raw(200, kind, bytes).attachment(told["name"].as_str().unwrap_or("document")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder() {
        assert_eq!(own_name("C:\\Users\\ada\\bill.pdf"), "bill.pdf");
        assert_eq!(own_name("../../etc/passwd"), "passwd");
        assert_eq!(own_name("\n"), "document");
    }
}
