//! Receipts over HTTP: as data, as text, and as a page to print.

use base::Result;
use consumer::receipts;
use edge::routes::get;
use edge::{Access, Endpoint, Reply};
use serde_json::{Value, json};

use crate::plain::{escape, page};
use crate::schema::{cents, id, instant, list, maybe, object, shown, text, word};
use crate::{App, Call, charges};

const READ: Access = Access::Scope("charges:read");

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/charges/{id}/receipt", READ, show)
            .summary("Get the receipt of a charge")
            .describe(
                "Of a payment that was made, given back, returned or declined, and which of these. With `Accept: text/html` a \
                 page to print.",
            )
            .answers(200, shown(schema())),
        get("/charges/{id}/receipt.txt", READ, as_text)
            .summary("Get the receipt of a charge as text")
            .gives(&["text/plain"])
            .answers(200, json!({})),
    ]
}

fn schema() -> Value {
    object(
        &[
            ("reference", id()),
            ("processor_reference", maybe(text())),
            ("outcome", word(&["paid", "partly_refunded", "refunded", "returned", "declined"])),
            ("amount", cents()),
            ("refunded_amount", cents()),
            ("currency", text()),
            ("paid_at", maybe(instant())),
            ("paid_by", maybe(text())),
            (
                "paid_to",
                object(
                    &[
                        ("name", text()),
                        ("phone", maybe(text())),
                        ("email", maybe(text())),
                        ("website", maybe(text())),
                    ],
                    &[],
                ),
            ),
            (
                "method",
                object(&[("type", text()), ("brand", maybe(text())), ("last_four", maybe(text()))], &[]),
            ),
            ("debt_account_id", maybe(id())),
            ("account_number", maybe(text())),
            ("creditor", maybe(text())),
            (
                "allocations",
                list(object(
                    &[
                        ("debt_account_id", id()),
                        ("account_number", maybe(text())),
                        ("creditor", maybe(text())),
                        ("amount", cents()),
                        ("refunded_amount", cents()),
                        ("balance_after", cents()),
                    ],
                    &[],
                )),
            ),
            ("balance_after", maybe(cents())),
            ("reason", maybe(text())),
            ("description", maybe(text())),
            (
                "authorization",
                maybe(object(
                    &[
                        ("text", text()),
                        ("text_version", maybe(text())),
                        ("given_at", instant()),
                        ("sha256", text()),
                    ],
                    &[],
                )),
            ),
        ],
        &[],
    )
}

async fn receipt(call: &Call) -> Result<Value> {
    let charge = charges::find(call).await?;
    let tx = call.state.db.read().await?;
    receipts::of(&tx, &call.caller().tenant, &charge).await
}

async fn show(call: Call) -> Result<Reply> {
    let receipt = receipt(&call).await?;
    let wants_page = call.header("accept").is_some_and(|accept| {
        accept.split(',').next().is_some_and(|first| first.trim().starts_with("text/html"))
    });
    if !wants_page {
        return Ok(Reply::ok(&receipt));
    }
    let row = |(what, is): (String, String)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(&what), escape(&is));
    let rows: String = receipts::lines(&receipt).into_iter().map(row).collect();
    Ok(page("Receipt", &format!("<dl>\n{rows}</dl>\n")))
}

async fn as_text(call: Call) -> Result<Reply> {
    let receipt = receipt(&call).await?;
    let line = |(what, is): (String, String)| format!("{what}: {is}\n");
    let text: String = receipts::lines(&receipt).into_iter().map(line).collect();
    Ok(Reply::raw(200, "text/plain; charset=utf-8", format!("RECEIPT\n\n{text}").into_bytes()))
}
