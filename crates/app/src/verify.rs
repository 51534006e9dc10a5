//! `quittance verify`: the books prove themselves.

use std::process::ExitCode;

use anyhow::{Context, Result};
use base::Ts;
use books::orgs::{Environment, Tenant};
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use payments::processor::{Processor as _, Record};
use payments::verify::{self, AccountTotal, Check};
use serde_json::json;

use crate::settings::Common;
use crate::wiring;

/// How far the clocks of nodes and database may lie apart.
const CLOCKS_DIFFER_SECONDS: i64 = 30;

/// Reads beside a running server, prints what was compared, and ends with 1 where a cent differs.
pub(crate) async fn run(common: &Common, as_json: bool) -> Result<ExitCode> {
    let (db, tenants) = wiring::open_to_read(common).await?;
    // Before the snapshot, and before what a node's clock may be behind: what the processor did later is left for the
    // next run.
    let taken_at = db.now().await?.plus_seconds(-CLOCKS_DIFFER_SECONDS);
    let tx = db.snapshot().await?;
    let all = tenants.all(&tx).await?;
    let mut checks = verify::books(&tx, &all).await?;
    let rehearsing: Vec<Tenant> =
        all.iter().filter(|t| t.environment == Environment::Sandbox).cloned().collect();
    let ours = verify::ours(&tx, &rehearsing).await?;
    let totals = verify::totals(&tx, &all).await?;
    drop(tx);
    let list = processor_list(common, db.now().await?).await?;
    checks.push(verify::processor(&ours, &list, taken_at));
    let wrong: u64 = checks.iter().map(|c| c.wrong).sum();
    if as_json {
        println!("{}", told_in_json(&checks, &totals, wrong));
    } else {
        tell(&checks, &totals, wrong);
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The processor's own list: from its journal's file where it runs in the server's process, else by asking it.
async fn processor_list(common: &Common, now: Ts) -> Result<Vec<Record>> {
    if let Some(remote) = wiring::remote_processor(common)? {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = remote
                .list_since(now, Ts::from_micros(0), after)
                .await
                .map_err(|e| anyhow::anyhow!("{}", e.0))
                .context("the processor's list cannot be had")?;
            all.extend(page.records);
            after = page.cursor;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
    let journal = common.journal_file();
    if !journal.exists() {
        return Ok(Vec::new());
    }
    adapters::processor::read_journal(&journal, now)
        .with_context(|| format!("the sandbox's journal {} cannot be read", journal.display()))
}

fn tell(checks: &[Check], totals: &[AccountTotal], wrong: u64) {
    let mut books = Table::new();
    books.load_style(UTF8_FULL_CONDENSED).set_header(["account", "debits", "credits", "balance"]);
    for total in totals {
        let balance = total.debits.minus(total.credits).map_or_else(|| "-".to_owned(), |b| b.to_string());
        books.add_row([
            total.account.to_string(),
            total.debits.to_string(),
            total.credits.to_string(),
            balance,
        ]);
    }
    right_aligned(&mut books, 1..=3);
    let mut found = Table::new();
    found.load_style(UTF8_FULL_CONDENSED).set_header(["compared", "how many", "wrong"]);
    for check in checks {
        found.add_row([check.name.to_owned(), check.compared.to_string(), check.wrong.to_string()]);
    }
    right_aligned(&mut found, 1..=2);
    println!("{books}\n\n{found}");
    for check in checks {
        for example in &check.examples {
            println!("  {}: {example}", check.name);
        }
    }
    println!(
        "\n{}",
        if wrong == 0 { "The books are right.".to_owned() } else { format!("{wrong} things are wrong.") }
    );
}

fn right_aligned(table: &mut Table, columns: std::ops::RangeInclusive<usize>) {
    for index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn told_in_json(checks: &[Check], totals: &[AccountTotal], wrong: u64) -> serde_json::Value {
    let checks: Vec<_> = checks
        .iter()
        .map(|c| json!({ "name": c.name, "compared": c.compared, "wrong": c.wrong, "examples": c.examples }))
        .collect();
    let totals: Vec<_> = totals.iter().map(|t| json!({ "account": t.account.as_str(), "debits": t.debits.get(), "credits": t.credits.get() })).collect();
    json!({ "wrong": wrong, "checks": checks, "accounts": totals })
}
