//! The texts of messages over HTTP: an organization's own for a kind, a channel and a language, or ours.

use base::{Failure, Result};
use books::messages::{self, Language, Reset, Save, Template, TemplateId, Text, Wanted};
use edge::routes::{delete, get, post, put};
use edge::{Change, Endpoint, Reader, Reply, Sorts, sorts};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::messages::{CHANNELS, KINDS, READ, WRITE};
use crate::schema::{flag, id, instant, list, maybe, object, shown, success, text, whole, word, words};
use crate::{App, Call, lists};

/// The longest texts that are taken, in characters, before they are filled in.
const SUBJECT: usize = 500;
const BODY: usize = 20_000;

const LANGUAGES: &[(&str, Language)] = &[("en", Language::English), ("es", Language::Spanish)];

/// What the list can be sorted by.
const SORTS: Sorts = sorts!["updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/message-templates", READ, index)
            .summary("List the texts of messages")
            .describe(
                "One for each kind, channel and language: your own, the last written first, then the defaults. A default was \
                 there before anything that you wrote.",
            )
            .query(filters)
            .sample_query(&[("kind", "payment_receipt"), ("language", "es")])
            .answers(200, edge::listing::schema(schema())),
        get("/message-templates/{id}", READ, show)
            .summary("Get the text of a message")
            .answers(200, shown(schema())),
        put("/message-templates/{id}", WRITE, save)
            .summary("Write a text of your own")
            .describe(
                "The name of one of `variables` in double braces is filled in; `{% if name %}…{% endif %}` is left out where it is \
                 empty. There are no filters and no calculations. A text to a customer has to hold `opt_out` (12 CFR \
                 1006.6(e)), and a text message has at most 480 characters with the samples filled in.",
            )
            .body(changes)
            .sample(json!({ "subject": "A webhook is off", "body": "Please look at the endpoint." }))
            .answers(200, shown(schema())),
        delete("/message-templates/{id}", WRITE, reset)
            .summary("Go back to the default text")
            .answers(200, success()),
        post("/message-templates/{id}/preview", READ, preview)
            .summary("See a text filled in with samples")
            .describe("The one that stands, or one that is sent. Nothing is kept.")
            .body(changes)
            .idempotent(false)
            .sample(json!({ "subject": "A webhook is off", "body": "Please look at the endpoint." }))
            .answers(200, shown(preview_schema())),
    ]
}

pub(crate) fn schema() -> Value {
    let variable = object(&[("name", text()), ("description", text()), ("always", flag())], &[]);
    object(
        &[
            ("id", id()),
            ("kind", word(&words(KINDS))),
            ("channel", word(&words(CHANNELS))),
            ("language", word(&words(LANGUAGES))),
            ("source", word(&["own", "default"])),
            ("subject", maybe(text())),
            ("body", text()),
            ("variables", list(variable)),
            ("updated_at", maybe(instant())),
        ],
        &[],
    )
}

fn preview_schema() -> Value {
    object(&[("subject", maybe(text())), ("body", text()), ("characters", whole())], &[])
}

fn filters(r: &mut Reader<'_>) -> (Listing, Wanted) {
    let wanted = Wanted {
        kind: r.one_of("kind", KINDS).describe("Only texts of this kind.").optional(),
        channel: r.one_of("channel", CHANNELS).describe("Only e-mails, or only text messages.").optional(),
        language: r.one_of("language", LANGUAGES).describe("Only texts in this language.").optional(),
    };
    (listing(r, None, SORTS), wanted)
}

struct Changes {
    subject: Change<String>,
    body: Option<String>,
}

fn changes(r: &mut Reader<'_>) -> Changes {
    Changes {
        subject: r.text("subject").max(SUBJECT).describe("Of an e-mail: one line.").change(),
        body: r.text("body").max(BODY).describe("Plain text.").replace(),
    }
}

impl Changes {
    /// The text with what was sent.
    fn over(self, now: Text) -> Text {
        Text { subject: self.subject.over(now.subject), body: self.body.unwrap_or(now.body) }
    }
}

async fn index(call: Call) -> Result<Reply> {
    let (asked, wanted) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = messages::templates(&tx, tenant, &wanted, asked.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Template::view).collect();
    let last = listed.rows.last().map(Template::key);
    lists::reply(&call, &asked, &listed, rows, last)
}

/// The text that the path names.
async fn find(call: &Call) -> Result<Template> {
    let id = TemplateId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = messages::template(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.ok_or_else(Failure::not_found)
}

async fn show(call: Call) -> Result<Reply> {
    Ok(Reply::ok(&find(&call).await?.view()))
}

async fn save(call: Call) -> Result<Reply> {
    let template = find(&call).await?;
    let text = call.read(changes)?.over(template.text);
    call.state.db.run(&Save { tenant: &call.caller().tenant, id: template.id, text: &text }).await?;
    show(call).await
}

async fn reset(call: Call) -> Result<Reply> {
    let template = find(&call).await?;
    call.state.db.run(&Reset { tenant: &call.caller().tenant, id: template.id }).await?;
    Ok(Reply::success())
}

async fn preview(call: Call) -> Result<Reply> {
    let Template { kind, channel, language, text, .. } = find(&call).await?;
    let text = call.read(changes)?.over(text);
    let faults = messages::faults(kind, channel, language, &text);
    if !faults.is_empty() {
        return Err(Failure::fields(faults));
    }
    let samples = kind.samples(channel, language, false);
    let unfit = |_| Failure::field("body", "The body field cannot be filled in.");
    let filled = messages::fill(channel, &text, &samples).map_err(unfit)?;
    let characters = filled.body.chars().count();
    Ok(Reply::ok(&json!({ "subject": filled.subject, "body": filled.body, "characters": characters })))
}
