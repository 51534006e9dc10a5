//! `quittance bank read`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use base::Failure;
use clap::Args;
use payments::bank::{self, Asked, BankFileId, LARGEST, TakeIn};
use serde_json::{Value, json};

use super::Whose;
use crate::settings::Common;
use crate::telling::table;

/// What is read, and how.
#[derive(Args)]
pub(crate) struct Reading {
    /// The file; - for standard input
    file: PathBuf,
    #[command(flatten)]
    whose: Whose,
    /// Pass over statements of accounts that are no bank accounts here; else they make the file be refused
    #[arg(long)]
    skip_unknown_accounts: bool,
    /// Book statements that do not follow the ones before them; the difference stands on them
    #[arg(long)]
    accept_gaps: bool,
    /// Who brings it
    #[arg(long, value_name = "NAME", default_value = "the command line")]
    by: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(common: &Common, asked: &Reading) -> Result<ExitCode> {
    let bytes = contents(&asked.file)?;
    let received = match bank::read_aside(bytes).await {
        Ok(received) => received,
        Err(failure) => return refused(failure, asked.json),
    };
    let (db, tenant) = asked.whose.to_write(common).await?;
    let id: BankFileId = db.seams().id();
    let how = Asked { skip_unknown_accounts: asked.skip_unknown_accounts, accept_gaps: asked.accept_gaps };
    let work = TakeIn { tenant: &tenant, id, received: &received, asked: how, by: &asked.by, once: None };
    let taken = match db.run(&work).await {
        Ok(taken) => taken,
        Err(failure) => return refused(failure, asked.json),
    };
    let all = bank::statements_of_file(&db.read().await?, &tenant, taken.id).await?;
    if asked.json {
        let rows: Vec<Value> = all.iter().map(bank::Statement::view).collect();
        let file = json!({ "id": taken.id.to_string(), "is_known": taken.is_known, "statements": rows });
        println!("{file}");
        return Ok(ExitCode::SUCCESS);
    }
    let mut told =
        table(&["account", "day", "status", "opens", "closes", "lines", "gap", "unexplained"], 3..=7);
    for one in all {
        let cents = |cents: Option<base::Cents>| cents.map_or_else(String::new, |cents| cents.to_string());
        told.add_row([
            one.bank_account_id.to_string(),
            one.day.to_string(),
            one.status.as_str().to_owned(),
            cents(one.opening),
            cents(one.closing),
            one.lines.to_string(),
            cents(one.gap),
            cents(one.unexplained),
        ]);
    }
    println!("{told}");
    println!("{}", if taken.is_known { "This file was read before: nothing has changed." } else { "Read." });
    Ok(ExitCode::SUCCESS)
}

fn contents(file: &Path) -> Result<Vec<u8>> {
    // One byte more than may be, so that what is too large is told from what just fits.
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let doing = || format!("{} cannot be read", file.display());
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).with_context(doing)?;
    } else {
        let opened = std::fs::File::open(file).with_context(doing)?;
        opened.take(most).read_to_end(&mut bytes).with_context(doing)?;
    }
    Ok(bytes)
}

/// What is wrong with a file is its sender's to mend; anything else is told as any failure.
fn refused(failure: Failure, as_json: bool) -> Result<ExitCode> {
    let Failure::Refused(refusal) = &failure else { return Err(failure.into()) };
    let said: Vec<&String> =
        refusal.fields.iter().filter(|(name, _)| name == "file").flat_map(|(_, said)| said).collect();
    if said.is_empty() {
        return Err(failure.into());
    }
    if as_json {
        println!("{}", json!({ "errors": said }));
    } else {
        said.iter().for_each(|line| println!("{line}"));
    }
    Ok(ExitCode::FAILURE)
}
