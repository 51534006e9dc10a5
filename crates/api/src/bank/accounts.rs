//! Bank accounts over HTTP.

use base::{Failure, Result, us};
use books::idempotency::{AtMostOnce, Made};
use edge::routes::{get, post, put};
use edge::{Access, BY_AGE, Endpoint, Reader, Reply};
use payments::bank::{self, Account, AccountChanges, AccountKind, BankAccountId, NewAccount, Number};
use serde_json::{Value, json};

use crate::lists::{Listing, listing};
use crate::schema::{cents, day, id, instant, maybe, object, shown, text, word, words};
use crate::{App, Call, before, lists, once};

const READ: Access = Access::Scope("bank_accounts:read");
const WRITE: Access = Access::Scope("bank_accounts:write");

/// The kind of thing, as idempotency keys remember it.
const KIND: &str = "bank_account";

const KINDS: &[(&str, AccountKind)] = &[("trust", AccountKind::Trust), ("operating", AccountKind::Operating)];

pub(super) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/bank-accounts", READ, index)
            .summary("List bank accounts")
            .query(filters)
            .answers(200, edge::listing::schema(schema())),
        post("/bank-accounts", WRITE, create)
            .summary("Make a bank account")
            .describe(
                "An account of the organization's at a bank in the United States, in dollars. Its number is sealed: only the \
                 last four characters are ever shown. Routing number and number together are unique among those that are not closed.",
            )
            .body(new)
            .sample(json!({
                "name": "Trust account", "kind": "trust", "routing_number": "091000019", "account_number": "004417752200",
            }))
            .answers(201, shown(schema())),
        get("/bank-accounts/{id}", READ, show)
            .summary("Get a bank account")
            .describe("`balance` is what its newest statement closed with, at the end of `balance_day`.")
            .answers(200, shown(schema())),
        put("/bank-accounts/{id}", WRITE, update)
            .summary("Change a bank account")
            .describe("Its numbers never change: another number is another account.")
            .body(changes)
            .sample(json!({ "name": "Trust account at Harbor Bank" }))
            .answers(200, shown(schema())),
        post("/bank-accounts/{id}/close", WRITE, close)
            .idempotent(false)
            .summary("Close a bank account")
            .describe("Nothing more is read or expected of it; what was stays. Refused while something is expected on it.")
            .answers(200, shown(schema())),
    ]
}

pub(crate) fn schema() -> Value {
    object(
        &[
            ("id", id()),
            ("name", text()),
            ("kind", word(&words(KINDS))),
            ("routing_number", text()),
            ("last_four", text()),
            ("currency", word(&["USD"])),
            ("closed_at", maybe(instant())),
            ("created_at", instant()),
            ("updated_at", instant()),
        ],
        &[("balance", maybe(cents())), ("balance_day", maybe(day()))],
    )
}

fn filters(r: &mut Reader<'_>) -> (Listing, Option<bool>) {
    let is_open =
        r.boolean("open").describe("Only those that are not closed, or only the others.").optional();
    (listing(r, Some(10), BY_AGE), is_open)
}

async fn index(call: Call) -> Result<Reply> {
    let (asked, is_open) = call.ask(filters)?;
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let listed = bank::list_accounts(&tx, tenant, is_open, asked.page(tenant)?).await?;
    let rows = listed.rows.iter().map(Account::view).collect();
    let last = listed.rows.last().map(|account| account.id.0);
    lists::reply(&call, &asked, &listed, rows, last)
}

async fn find(call: &Call) -> Result<Account> {
    let id = BankAccountId(call.id("id")?.ours().ok_or_else(Failure::not_found)?);
    let found = bank::find_account(&call.state.db.read().await?, &call.caller().tenant, id).await?;
    found.ok_or_else(Failure::not_found)
}

async fn shown_one(call: &Call, id: BankAccountId, status: u16) -> Result<Reply> {
    let (tx, tenant) = (call.state.db.read().await?, &call.caller().tenant);
    let account = bank::find_account(&tx, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let balance = bank::balance(&tx, tenant, id).await?;
    let mut shown = account.view();
    shown["balance"] = balance.map(|(_, cents)| cents.get()).into();
    shown["balance_day"] = balance.map(|(day, _)| day.to_string()).into();
    Ok(Reply::json(status, &json!({ "data": shown })))
}

async fn show(call: Call) -> Result<Reply> {
    let account = find(&call).await?;
    shown_one(&call, account.id, 200).await
}

fn new(r: &mut Reader<'_>) -> NewAccount {
    NewAccount {
        name: r.text("name").describe("What you call it.").required(),
        kind: r
            .one_of("kind", KINDS)
            .describe("`trust`: what was collected for those who are owed. `operating`: your own money.")
            .required(),
        routing_number: r
            .digits("routing_number")
            .long(9, 9)
            .parse("must be a valid routing number.", "021000021", us::routing_number)
            .required(),
        number: r
            .text("account_number")
            .min(4)
            .max(40)
            .describe(
                "Letters and digits, as the bank writes it in its statements; zeros in front do not count.",
            )
            .parse("must be a valid account number.", "004417752200", Number::parse)
            .write_only()
            .required(),
    }
}

async fn create(call: Call) -> Result<Reply> {
    if let Some(id) = before(&call, KIND).await? {
        return Ok(shown_one(&call, BankAccountId(id), 201).await?.replayed());
    }
    let new = call.read(new)?;
    let tenant = &call.caller().tenant;
    let (once, id): (_, BankAccountId) = (once(&call), call.state.db.seams().id());
    let work = bank::Create { tenant, id, new: &new };
    let once = AtMostOnce { tenant, once: once.as_ref(), kind: KIND, object: id.0, work };
    let made = call.state.db.run(&once).await?;
    let reply = shown_one(&call, BankAccountId(made.id()), 201).await?;
    Ok(if matches!(made, Made::Before(_)) { reply.replayed() } else { reply })
}

fn changes(r: &mut Reader<'_>) -> AccountChanges {
    AccountChanges { name: r.text("name").replace(), kind: r.one_of("kind", KINDS).replace() }
}

async fn update(call: Call) -> Result<Reply> {
    let account = find(&call).await?;
    let changes = call.read(changes)?;
    let tenant = &call.caller().tenant;
    call.state.db.run(&bank::Update { tenant, id: account.id, changes: &changes }).await?;
    shown_one(&call, account.id, 200).await
}

async fn close(call: Call) -> Result<Reply> {
    let account = find(&call).await?;
    call.state.db.run(&bank::Close { tenant: &call.caller().tenant, id: account.id }).await?;
    shown_one(&call, account.id, 200).await
}
