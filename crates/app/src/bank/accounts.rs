//! `quittance bank account`.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use base::us;
use clap::Subcommand;
use payments::bank::{self, AccountChanges, AccountKind, BankAccountId, NewAccount, Number};
use serde_json::Value;
use uuid::Uuid;

use super::{Shown, Whose};
use crate::settings::Common;
use crate::telling::table;

/// Bank accounts.
#[derive(Subcommand)]
pub(crate) enum Account {
    /// Make a bank account: its number is sealed, and only its end is ever shown
    #[command(
        after_help = "Example:\n  quittance bank account create --org 0193… --env production --name \"Trust account\" --kind trust --routing-number 091000019 --account-number - < number.txt"
    )]
    Create {
        #[command(flatten)]
        whose: Whose,
        /// What you call it
        #[arg(long)]
        name: String,
        /// trust (what was collected for those who are owed) or operating (your own money)
        #[arg(long, value_parser = kind)]
        kind: AccountKind,
        /// The bank's routing number
        #[arg(long)]
        routing_number: String,
        /// Its number; - reads it from standard input, where no list of commands keeps it
        #[arg(long)]
        account_number: String,
    },
    /// List bank accounts, with what their newest statements closed with
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        shown: Shown,
    },
    /// Change what a bank account is called, or whose money is on it
    Update {
        /// The account's id, as `bank account list` shows it
        id: Uuid,
        #[command(flatten)]
        whose: Whose,
        /// What you call it
        #[arg(long)]
        name: Option<String>,
        /// trust or operating
        #[arg(long, value_parser = kind)]
        kind: Option<AccountKind>,
    },
    /// Close a bank account: nothing more is read or expected of it
    Close {
        /// The account's id, as `bank account list` shows it
        id: Uuid,
        #[command(flatten)]
        whose: Whose,
    },
}

fn kind(word: &str) -> Result<AccountKind, String> {
    AccountKind::parse(word).ok_or_else(|| format!("`{word}` is neither trust nor operating"))
}

pub(super) async fn run(common: &Common, command: Account) -> Result<ExitCode> {
    match command {
        Account::Create { whose, name, kind, routing_number, account_number } => {
            let written = match account_number.as_str() {
                "-" => from_input()?,
                _ => account_number,
            };
            let number = Number::parse(written.trim());
            let number = number.context("the account number must be 4 to 34 letters and digits")?;
            let routing_number = us::routing_number(&routing_number)
                .with_context(|| format!("`{routing_number}` is no routing number of a bank"))?;
            let (db, tenant) = whose.to_write(common).await?;
            let id: BankAccountId = db.seams().id();
            let new = NewAccount { name: named(&name)?, kind, routing_number, number };
            db.run(&bank::Create { tenant: &tenant, id, new: &new }).await?;
            println!("{id}");
        }
        Account::List { whose, shown } => list(common, &whose, &shown).await?,
        Account::Update { id, whose, name, kind } => {
            let (db, tenant) = whose.to_write(common).await?;
            let changes = AccountChanges { name: name.as_deref().map(named).transpose()?, kind };
            db.run(&bank::Update { tenant: &tenant, id: BankAccountId(id), changes: &changes }).await?;
            println!("Changed.");
        }
        Account::Close { id, whose } => {
            let (db, tenant) = whose.to_write(common).await?;
            db.run(&bank::Close { tenant: &tenant, id: BankAccountId(id) }).await?;
            println!("Closed.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    let is_one = (1..=255).contains(&name.chars().count());
    is_one.then(|| name.to_owned()).ok_or_else(|| anyhow!("the name must have 1 to 255 characters"))
}

fn from_input() -> Result<String> {
    let mut text = String::new();
    let input = std::io::stdin().lock();
    input.take(256).read_to_string(&mut text).context("the account number cannot be read")?;
    Ok(text)
}

async fn list(common: &Common, whose: &Whose, shown: &Shown) -> Result<()> {
    let (db, tenant) = whose.to_read(common).await?;
    let tx = db.read().await?;
    let all = bank::list_accounts(&tx, &tenant, None, shown.page()).await?.rows;
    let mut rows: Vec<Value> = Vec::new();
    let mut told = table(&["id", "name", "kind", "ends", "balance", "as of", "state"], 4..=4);
    for account in all {
        let balance = bank::balance(&tx, &tenant, account.id).await?;
        let mut row = account.view();
        row["balance"] = balance.map(|(_, cents)| cents.get()).into();
        row["balance_day"] = balance.map(|(day, _)| day.to_string()).into();
        rows.push(row);
        told.add_row([
            account.id.to_string(),
            account.name,
            account.kind.as_str().to_owned(),
            account.last_four,
            balance.map_or_else(String::new, |(_, cents)| cents.to_string()),
            balance.map_or_else(String::new, |(day, _)| day.to_string()),
            account.closed_at.map_or_else(|| "open".to_owned(), |at| format!("closed {at}")),
        ]);
    }
    if shown.json {
        println!("{}", Value::from(rows));
    } else {
        println!("{told}");
    }
    Ok(())
}
