//! `quittance bank expect`, `expectations` and `cancel`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use base::{Cents, Day};
use clap::Args;
use payments::bank::{
    self, BankAccountId, Direction, ExpectationFilter, ExpectationId, ExpectationKind, ExpectationStatus,
    NewExpectation,
};
use serde_json::Value;
use uuid::Uuid;

use super::{By, Shown, Whose};
use crate::settings::Common;
use crate::telling::table;

/// What is to be expected.
#[derive(Args)]
pub(crate) struct Expect {
    #[command(flatten)]
    whose: Whose,
    /// On which account
    #[arg(long)]
    account: Uuid,
    /// ach_settlement, ach_return, processor_payout, remittance, fee or other
    #[arg(long, value_parser = kind)]
    kind: ExpectationKind,
    /// How much, in whole cents
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=Cents::MOST.get()))]
    amount: i64,
    /// credit (to the account) or debit (from it)
    #[arg(long, value_parser = direction)]
    direction: Direction,
    /// The first day on which it may be booked
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Day,
    /// The last; when that is over, it is late
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Day,
    /// What the bank repeats of it: a trace number, a batch's reference
    #[arg(long, value_parser = key)]
    key: Option<String>,
    #[command(flatten)]
    by: By,
}

fn kind(word: &str) -> Result<ExpectationKind, String> {
    ExpectationKind::parse(word).ok_or_else(|| {
        format!("`{word}` is none of ach_settlement, ach_return, processor_payout, remittance, fee, other")
    })
}

fn direction(word: &str) -> Result<Direction, String> {
    Direction::parse(word).ok_or_else(|| format!("`{word}` is neither credit nor debit"))
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("`{text}` is no day; write it as 2026-11-20"))
}

fn key(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_one = (1..=140).contains(&text.chars().count());
    is_one.then(|| text.to_owned()).ok_or_else(|| "a key has 1 to 140 characters".to_owned())
}

fn status(word: &str) -> Result<ExpectationStatus, String> {
    ExpectationStatus::parse(word).ok_or_else(|| format!("`{word}` is none of open, matched, cancelled"))
}

/// Which expectations.
#[derive(Args)]
pub(crate) struct Expectations {
    #[command(flatten)]
    whose: Whose,
    /// Only those on this account
    #[arg(long)]
    account: Option<Uuid>,
    /// open, matched or cancelled
    #[arg(long, value_parser = status, default_value = "open")]
    status: ExpectationStatus,
    /// Only those that are late
    #[arg(long)]
    overdue: bool,
    #[command(flatten)]
    shown: Shown,
}

/// An expectation.
#[derive(Args)]
pub(crate) struct Cancel {
    /// Its id, as `bank expectations` shows it
    expectation: Uuid,
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    by: By,
}

pub(super) async fn expect(common: &Common, asked: &Expect) -> Result<ExitCode> {
    if asked.to < asked.from {
        bail!("--to must not be before --from");
    }
    let (db, tenant) = asked.whose.to_write(common).await?;
    let id: ExpectationId = db.seams().id();
    let new = NewExpectation {
        account: BankAccountId(asked.account),
        kind: asked.kind,
        amount: Cents::new(asked.amount),
        direction: asked.direction,
        from_day: asked.from,
        to_day: asked.to,
        key: asked.key.clone(),
        source: None,
    };
    db.run(&bank::Add { tenant: &tenant, id, new: &new, by: &asked.by.by }).await?;
    println!("{id}");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn list(common: &Common, asked: &Expectations) -> Result<ExitCode> {
    let (db, tenant) = asked.whose.to_read(common).await?;
    let filter = ExpectationFilter {
        account: asked.account.map(BankAccountId),
        status: Some(asked.status),
        kind: None,
        is_overdue: asked.overdue.then_some(true),
    };
    let rows = bank::list_expectations(&db.read().await?, &tenant, filter, asked.shown.page()).await?.rows;
    if asked.shown.json {
        println!("{}", Value::from(rows.iter().map(bank::Expectation::view).collect::<Vec<_>>()));
        return Ok(ExitCode::SUCCESS);
    }
    let mut told =
        table(&["id", "account", "kind", "amount", "direction", "from", "to", "key", "late since"], 3..=3);
    for one in rows {
        told.add_row([
            one.id.to_string(),
            one.bank_account_id.to_string(),
            one.kind.as_str().to_owned(),
            one.amount.to_string(),
            one.direction.as_str().to_owned(),
            one.from_day.to_string(),
            one.to_day.to_string(),
            one.exact_key.unwrap_or_default(),
            one.overdue_at.map_or_else(String::new, |at| at.to_string()),
        ]);
    }
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn cancel(common: &Common, asked: &Cancel) -> Result<ExitCode> {
    let (db, tenant) = asked.whose.to_write(common).await?;
    let id = ExpectationId(asked.expectation);
    db.run(&bank::Cancel { tenant: &tenant, id, by: &asked.by.by }).await?;
    println!("Cancelled.");
    Ok(ExitCode::SUCCESS)
}
