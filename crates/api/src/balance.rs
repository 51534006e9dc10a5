//! What stands in the ledger, over HTTP.

use base::Result;
use books::ledger::posting::{Account, Side};
use books::ledger::{self, Moves};
use edge::routes::get;
use edge::{Access, Endpoint, Reader, Reply};
use serde_json::{Value, json};

use crate::bounds::Bound;
use crate::schema::{cents, instant, list, maybe, object, shown, whole, word};
use crate::{App, Call};

/// The rows of the table.
pub(crate) fn rows() -> Vec<Endpoint<App>> {
    vec![
        get("/balance", Access::Scope("balance:read"), show)
            .summary("Get the balances of the ledger")
            .describe(
                "What every account of the ledger has moved, and what stands on it, summed from the entries: of all of them, or of \
                 those of some days. `balance` is told on the account's normal side.",
            )
            .query(span)
            .answers(200, shown(schema())),
    ]
}

fn schema() -> Value {
    let account = object(
        &[
            ("account", word(&Account::ALL.iter().map(|a| a.as_str()).collect::<Vec<_>>())),
            ("normal_side", word(&["debit", "credit"])),
            ("debits", cents()),
            ("credits", cents()),
            ("balance", cents()),
        ],
        &[],
    );
    object(
        &[
            ("as_of", instant()),
            ("from", maybe(instant())),
            ("to", maybe(instant())),
            ("entries", whole()),
            ("accounts", list(account)),
        ],
        &[],
    )
}

fn span(r: &mut Reader<'_>) -> [Option<Bound>; 2] {
    [
        Bound::of(r, "start_date", "Only what moved from this day or instant on."),
        Bound::of(r, "end_date", "Only what moved to this day, including it, or instant."),
    ]
}

async fn show(call: Call) -> Result<Reply> {
    let [from, to] = call.ask(span)?;
    let tenant = &call.caller().tenant;
    let (from, to) = (from.map(|b| b.start(&tenant.zone)), to.map(|b| b.end(&tenant.zone)));
    let (all, entries) = ledger::moves(&call.state.db.read().await?, tenant, from, to).await?;
    let told = |moves: &Moves| {
        let side = match moves.account.normal_side() {
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        Ok(json!({
            "account": moves.account.as_str(), "normal_side": side,
            "debits": moves.debits.get(), "credits": moves.credits.get(), "balance": moves.balance()?.get(),
        }))
    };
    let accounts: Vec<Value> = all.iter().map(told).collect::<Result<_>>()?;
    Ok(Reply::ok(&json!({
        "as_of": call.now.to_string(),
        "from": from.map(|at| at.to_string()),
        "to": to.map(|at| at.to_string()),
        "entries": entries,
        "accounts": accounts,
    })))
}
