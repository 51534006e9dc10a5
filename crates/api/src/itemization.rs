//! The itemization of a debt over HTTP.

use base::{Failure, Result};
use books::debts::{self, DebtId};
use consumer::itemization::{self, DateKind, Line, LineKind, New};
use edge::routes::{delete, get, put};
use edge::{Access, Endpoint, Reader, Reply};
use serde_json::{Value, json};

use crate::schema::{cents, day, id, instant, list, maybe, object, shown, success, text, word, words};
use crate::{App, Call};

const READ: Access = Access::Scope("debt_accounts:read");
const WRITE: Access = Access::Scope("debt_accounts:write");

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    let path = "/debt-accounts/{id}/itemization";
    vec![
        get(path, READ, show)
            .summary("Get the itemization of an account, with what happened since")
            .answers(200, shown(schema())),
        put(path, WRITE, record)
            .summary("Record the itemization of an account")
            .describe(
                "The amount on the itemization date, with interest and fees and without payments and credits since, has to be \
                 the current balance to the cent (12 CFR 1006.34(c)(2)); what is booked afterwards is read from the ledger. \
                 The date is chosen once (1006.34(b)(3)): recording again keeps it.",
            )
            .body(new)
            .sample(json!({ "itemization_date": "2026-01-31", "itemization_date_kind": "charge_off", "amount": 15000 }))
            .answers(200, shown(schema())),
        delete(path, WRITE, withdraw)
            .summary("Withdraw the itemization of an account")
            .describe("It stays in the books and holds no more, so that another date can be chosen.")
            .answers(200, success()),
    ]
}

const DATES: &[(&str, DateKind)] = &[
    ("last_statement", DateKind::LastStatement),
    ("charge_off", DateKind::ChargeOff),
    ("last_payment", DateKind::LastPayment),
    ("transaction", DateKind::Transaction),
    ("judgment", DateKind::Judgment),
];
const LINES: &[(&str, LineKind)] = &[
    ("interest", LineKind::Interest),
    ("fee", LineKind::Fee),
    ("payment", LineKind::Payment),
    ("credit", LineKind::Credit),
];

fn schema() -> Value {
    let sums = |names: &[&'static str]| {
        let all: Vec<(&str, Value)> = names.iter().map(|name| (*name, cents())).collect();
        object(&all, &[])
    };
    object(
        &[
            ("debt_account_id", id()),
            ("itemization_date", day()),
            ("itemization_date_kind", word(&words(DATES))),
            ("amount", cents()),
            (
                "components",
                list(object(
                    &[
                        ("kind", word(&words(LINES))),
                        ("date", day()),
                        ("amount", cents()),
                        ("description", maybe(text())),
                    ],
                    &[],
                )),
            ),
            ("totals", sums(&["interest", "fees", "payments", "credits"])),
            ("recorded_balance", cents()),
            ("since", sums(&["payments", "payments_given_back", "increases", "decreases"])),
            ("current_balance", cents()),
            ("created_by", text()),
            ("created_at", instant()),
        ],
        &[],
    )
}

/// The account that the path names.
pub(crate) async fn in_path(call: &Call) -> Result<DebtId> {
    let which = call.id("id")?;
    let found = debts::resolve(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_of(call: &Call, debt: DebtId) -> Result<Reply> {
    // The ledger and the recording are of one instant.
    let (tx, tenant) = (call.state.db.snapshot().await?, &call.caller().tenant);
    let known = itemization::find(&tx, tenant, debt).await?.ok_or_else(Failure::not_found)?;
    Ok(Reply::ok(&itemization::view(&tx, tenant, &known).await?))
}

async fn show(call: Call) -> Result<Reply> {
    let debt = in_path(&call).await?;
    shown_of(&call, debt).await
}

fn line(r: &mut Reader<'_>) -> Line {
    Line {
        kind: r.one_of("kind", LINES).required(),
        day: r.day("date").required(),
        amount: r.cents("amount").positive().required(),
        description: r.text("description").optional(),
    }
}

fn new(r: &mut Reader<'_>) -> New {
    New {
        date_kind: r.one_of("itemization_date_kind", DATES).describe("What happened on the date.").required(),
        as_of: r.day("itemization_date").required(),
        amount: r.cents("amount").describe("What was owed on the itemization date.").required(),
        lines: r
            .list("components", 500, line)
            .describe("What was added and taken off from then on.")
            .optional()
            .unwrap_or_default(),
    }
}

async fn record(call: Call) -> Result<Reply> {
    let debt = in_path(&call).await?;
    let (new, by) = (call.read(new)?, call.caller().by());
    let work = itemization::Record { tenant: &call.caller().tenant, debt, new: &new, by: &by };
    call.state.db.run(&work).await?;
    shown_of(&call, debt).await
}

async fn withdraw(call: Call) -> Result<Reply> {
    let debt = in_path(&call).await?;
    call.state.db.run(&itemization::Withdraw { tenant: &call.caller().tenant, debt }).await?;
    Ok(Reply::success())
}
