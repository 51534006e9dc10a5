//! Money that arrives on the trust account, over HTTP.

use base::{Cents, Day, Failure, Result};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{get, post};
use edge::{Access, Endpoint, Reader, Reply, Sorts, sorts};
use remittance::trust::{self, Cleared, Deposit, DepositId, Filter, Record, Reverse};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, maybe, object, shown, text, word, words};
use crate::{App, Call, before, lists, once};

const READ: Access = Access::Scope("trust_deposits:read");
const WRITE: Access = Access::Scope("trust_deposits:write");

/// The kind of thing, as idempotency keys remember it, and what is done to one.
const KIND: &str = "trust_deposit";
const REVERSE: &str = "trust_deposit.reverse";

/// The longest reference of a bank, in characters: that of ISO 20022.
pub(crate) const LONGEST_REFERENCE: usize = 140;

const CLEARED: &[(&str, Cleared)] = &[("card_clearing", Cleared::Card), ("ach_clearing", Cleared::Ach)];

/// What the list can be sorted by.
const SORTS: Sorts =
    sorts!["amount" => "amount", "received_on" => "received_on", "updated_at" => "updated_at"];

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/trust-deposits", READ, index)
            .summary("List deposits on the trust account")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/trust-deposits", WRITE, create)
            .summary("Record that money arrived on the trust account")
            .describe(
                "What was taken by card or bank debit has cleared, and is at your bank now. Never more than \
                 stands on that account of the ledger, and of deposits that stand no two have one reference.",
            )
            .body(new)
            .sample(json!({ "account": "card_clearing", "amount": 100, "reference": "$EXTERNAL_ID" }))
            .answers(201, shown(schema())),
        get("/trust-deposits/{id}", READ, show)
            .summary("Get a deposit on the trust account")
            .answers(200, shown(schema())),
        post("/trust-deposits/{id}/reverse", WRITE, reverse)
            .summary("Undo a deposit on the trust account")
            .describe(
                "By the contrary entry: nothing is edited. One that was undone stays so. Refused where what it \
                 brought was paid out.",
            )
            .answers(200, shown(schema())),
    ]
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("account", word(&words(CLEARED))),
            ("amount", cents()),
            ("reference", text()),
            ("received_on", day()),
            ("recorded_by", text()),
            ("reversed_by", maybe(text())),
            ("reversed_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[],
    )
}

struct Given {
    account: Cleared,
    amount: Cents,
    reference: String,
    received_on: Option<Day>,
}

fn new(r: &mut Reader<'_>) -> Given {
    Given {
        account: r
            .one_of("account", CLEARED)
            .describe("Where it cleared, as the ledger calls it.")
            .required(),
        amount: r.cents("amount").positive().describe("How much, in whole cents.").required(),
        reference: r
            .text("reference")
            .max(LONGEST_REFERENCE)
            .describe("The bank's reference of it.")
            .required(),
        received_on: r
            .day("received_on")
            .describe("The day on which it arrived; today, where your organization is, unless said.")
            .optional(),
    }
}

fn filters(r: &mut Reader<'_>) -> (Listing, Filter) {
    let paging = listing(r, Some(10), SORTS);
    let filter = Filter {
        account: r.one_of("account", CLEARED).describe("Only what cleared there.").optional(),
        reference: r.text("reference").describe("Only deposits of exactly this reference.").optional(),
    };
    (paging, filter)
}

async fn index(call: Call) -> Result<Reply> {
    let (paging, filter) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = trust::list(&tx, tenant, &filter, paging.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Deposit::view).collect();
    let last = listed.rows.last().map(|deposit| deposit.id.0);
    lists::reply(&call, &paging, &listed, rows, last)
}

async fn in_path(call: &Call) -> Result<Deposit> {
    let which = call.id("id")?;
    let found = trust::find(&call.state.db.read().await?, &call.caller().tenant, &which).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, which: DepositId, status: u16) -> Result<Reply> {
    let found = trust::by_id(&call.state.db.read().await?, &call.caller().tenant, which).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    Ok(Reply::json(status, &json!({ "data": found.view() })))
}

async fn show(call: Call) -> Result<Reply> {
    Ok(Reply::ok(&in_path(&call).await?.view()))
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, DepositId(id), 201).await?.replayed());
    }
    let Given { account, amount, reference, received_on } = call.read(new)?;
    let (tenant, once, id): (_, _, DepositId) =
        (&call.caller().tenant, once(&call), call.state.db.seams().id());
    trust::refuse_more_than_cleared(&call.state.db.read().await?, tenant, account, amount).await?;
    let (by, now) = (&call.caller().by(), call.now);
    let work = Record { tenant, id, account, amount, reference: &reference, received_on, by, now };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, DepositId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

async fn reverse(call: Call) -> Result<Reply> {
    let (deposit, tenant, once) = (in_path(&call).await?, &call.caller().tenant, once(&call));
    let work = Reverse { tenant, id: deposit.id, by: &call.caller().by(), now: call.now };
    let run = AtMostOnce { tenant, once: once.as_ref(), kind: REVERSE, object: deposit.id.0, work };
    let made = call.state.db.run(&run).await?;
    let reply = shown_one(&call, deposit.id, 200).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}
