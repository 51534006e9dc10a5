//! `quittance bank lines`, `match`, `unmatch` and `ignore`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use payments::bank::{self, BankAccountId, BankLineId, ExpectationId, LineFilter, LineStatus};
use serde_json::Value;
use uuid::Uuid;

use super::{By, Shown, Whose};
use crate::settings::Common;
use crate::telling::table;

/// Which lines.
#[derive(Args)]
pub(crate) struct Lines {
    #[command(flatten)]
    whose: Whose,
    /// Only those of this account
    #[arg(long)]
    account: Option<Uuid>,
    /// unmatched, matched, ignored, pending or withdrawn
    #[arg(long, value_parser = status, default_value = "unmatched")]
    status: LineStatus,
    /// Only those that wait for a person
    #[arg(long)]
    queued: bool,
    #[command(flatten)]
    shown: Shown,
}

fn status(word: &str) -> Result<LineStatus, String> {
    LineStatus::parse(word)
        .ok_or_else(|| format!("`{word}` is none of unmatched, matched, ignored, pending, withdrawn"))
}

/// A line, and what it is.
#[derive(Args)]
pub(crate) struct Match {
    /// The line's id, as `bank lines` shows it
    line: Uuid,
    /// What it is: an expectation's id, as `bank expectations` shows it. May be given several times
    #[arg(long = "expectation", value_name = "ID", required = true)]
    expectations: Vec<Uuid>,
    /// A further line, where several are one expectation. May be given several times
    #[arg(long = "line", value_name = "ID")]
    lines: Vec<Uuid>,
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    by: By,
}

/// One line.
#[derive(Args)]
pub(crate) struct One {
    /// The line's id, as `bank lines` shows it
    line: Uuid,
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    by: By,
}

/// A line that nothing belongs to.
#[derive(Args)]
pub(crate) struct Ignore {
    #[command(flatten)]
    one: One,
    /// Why. It is sealed
    #[arg(long)]
    reason: String,
}

pub(super) async fn list(common: &Common, asked: &Lines) -> Result<ExitCode> {
    let (db, tenant) = asked.whose.to_read(common).await?;
    let filter = LineFilter {
        account: asked.account.map(BankAccountId),
        status: Some(asked.status),
        is_queued: asked.queued.then_some(true),
        ..LineFilter::default()
    };
    let rows = bank::list_lines(&db.read().await?, &tenant, filter, asked.shown.page()).await?.rows;
    if asked.shown.json {
        println!("{}", Value::from(bank::line_views(&tenant, &rows)?));
        return Ok(ExitCode::SUCCESS);
    }
    // Names and texts are shown to programs alone: a terminal's history keeps what it showed.
    let mut told = table(&["id", "account", "day", "amount", "direction", "code", "waits since"], 3..=3);
    for line in rows {
        told.add_row([
            line.id.to_string(),
            line.bank_account_id.to_string(),
            line.day.to_string(),
            line.amount.to_string(),
            line.direction.as_str().to_owned(),
            line.bank_code,
            line.queued_at.map_or_else(String::new, |at| at.to_string()),
        ]);
    }
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn put_together(common: &Common, asked: &Match) -> Result<ExitCode> {
    let (db, tenant) = asked.whose.to_write(common).await?;
    let lines: Vec<BankLineId> = asked.lines.iter().copied().map(BankLineId).collect();
    let expectations: Vec<ExpectationId> = asked.expectations.iter().copied().map(ExpectationId).collect();
    let work = bank::Match {
        tenant: &tenant,
        line: BankLineId(asked.line),
        lines: &lines,
        expectations: &expectations,
        by: &asked.by.by,
    };
    db.run(&work).await?;
    println!("Matched.");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn unmatch(common: &Common, asked: &One) -> Result<ExitCode> {
    let (db, tenant) = asked.whose.to_write(common).await?;
    db.run(&bank::Unmatch { tenant: &tenant, id: BankLineId(asked.line), by: &asked.by.by }).await?;
    println!("Taken back.");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn ignore(common: &Common, asked: &Ignore) -> Result<ExitCode> {
    let one = &asked.one;
    let (db, tenant) = one.whose.to_write(common).await?;
    let work =
        bank::Ignore { tenant: &tenant, id: BankLineId(one.line), reason: &asked.reason, by: &one.by.by };
    db.run(&work).await?;
    println!("Ignored.");
    Ok(ExitCode::SUCCESS)
}
