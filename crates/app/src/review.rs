//! `quittance review`: what the processor did and the books did not know, charges that only a person can decide, and
//! verify mode.

use std::process::ExitCode;

use anyhow::{Result, bail};
use books::orgs::Environment;
use clap::Subcommand;
use payments::charges::findings::{self, Finding};
use payments::charges::till::watch::{self, Watch};
use serde_json::json;

use crate::settings::{Common, start_logging};
use crate::telling::table;
use crate::wiring;

/// The most findings shown at once.
const SHOWN: i64 = 500;

/// What a person looks at.
#[derive(Subcommand)]
pub(crate) enum Review {
    /// Show what waits for a person, and how each processor stands
    ///
    /// Reads beside a running server. Ends with status 1 while anything waits.
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Note that a finding was dealt with
    #[command(
        after_help = "Example:\n  quittance review close ch_0000000042 --environment sandbox --by \"Ann Lee\""
    )]
    Close {
        /// The processor's id of it, as `review list` shows it
        processor_id: String,
        /// production or sandbox
        #[arg(long)]
        environment: Environment,
        /// Who dealt with it
        #[arg(long)]
        by: String,
    },
    /// Switch verify mode off before a clean sweep has done so
    ///
    /// Only where you know that the books have everything the processor did: from then on charges are sent without
    /// being looked up.
    LeaveVerifyMode {
        /// production or sandbox
        #[arg(long)]
        environment: Environment,
        /// Who says so
        #[arg(long)]
        by: String,
    },
}

/// Runs it.
pub(crate) async fn run(common: &Common, command: Review) -> Result<ExitCode> {
    match command {
        Review::List { json } => list(common, json).await,
        Review::Close { processor_id, environment, by } => {
            start_logging(common);
            let (db, _) = wiring::open_database(common).await?;
            if !findings::close(&db, environment, &processor_id, &by).await? {
                bail!(
                    "there is no open finding {processor_id} in {environment}; `quittance review list` shows them all"
                );
            }
            println!("Closed.");
            Ok(ExitCode::SUCCESS)
        }
        Review::LeaveVerifyMode { environment, by } => {
            start_logging(common);
            let (db, _) = wiring::open_database(common).await?;
            let left = watch::leave_verify_mode(&db, environment, &by).await?;
            println!("{}", if left { "Verify mode is off." } else { "Verify mode was off already." });
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn list(common: &Common, as_json: bool) -> Result<ExitCode> {
    let (db, _) = wiring::open_to_read(common).await?;
    let tx = db.read().await?;
    let found = findings::open(&tx, SHOWN).await?;
    let charges = tx.number("SELECT count(*) FROM charge WHERE review = true", &[]).await?;
    let refunds = tx.number("SELECT count(*) FROM refund WHERE review = true", &[]).await?;
    let mut watches: Vec<Watch> = Vec::new();
    for environment in Environment::ALL {
        watches.extend(watch::of(&tx, environment).await?);
    }
    if as_json {
        let rows: Vec<_> = found.iter().map(in_json).collect();
        let processors: Vec<_> = watches
            .iter()
            .map(|w| {
                json!({
                    "environment": w.environment,
                    "swept_to": w.swept_to.to_string(),
                    "verify_since": w.verify_since.map(|at| at.to_string()),
                    "reason": w.reason,
                })
            })
            .collect();
        println!(
            "{}",
            json!({ "findings": rows, "charges": charges, "refunds": refunds, "processors": processors })
        );
    } else {
        show(&found, &watches);
        println!(
            "{charges} charges and {refunds} refunds wait for a person: GET /charges?review=true shows them,"
        );
        println!("POST /charges/{{id}}/resolve decides one.");
    }
    let nothing = found.is_empty() && charges + refunds == 0;
    Ok(if nothing { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn show(found: &[Finding], watches: &[Watch]) {
    let mut processors = table(&["processor", "books have all until", "verify mode", "why"], 1..=1);
    for watch in watches {
        processors.add_row([
            watch.environment.clone(),
            watch.swept_to.to_string(),
            watch.verify_since.map_or_else(|| "off".into(), |at| format!("since {at}")),
            watch.reason.clone().unwrap_or_default(),
        ]);
    }
    println!("{processors}");
    if found.is_empty() {
        println!("Nothing was found at a processor that a person must look at.");
        return;
    }
    let mut findings =
        table(&["processor's id", "environment", "kind", "amount", "posted", "found", "why"], 3..=3);
    for finding in found {
        findings.add_row([
            finding.processor_id.clone(),
            finding.environment.clone(),
            finding.kind.as_str().to_owned(),
            finding.amount.to_string(),
            finding.posted.as_str().to_owned(),
            finding.found_at.to_string(),
            finding.why.clone(),
        ]);
    }
    println!("{findings}");
}

fn in_json(finding: &Finding) -> serde_json::Value {
    json!({
        "processor_id": finding.processor_id,
        "environment": finding.environment,
        "kind": finding.kind.as_str(),
        "key": finding.pkey,
        "amount": finding.amount.get(),
        "charge_id": finding.charge_id.map(|id| id.to_string()),
        "refund_id": finding.refund_id.map(|id| id.to_string()),
        "posted": finding.posted.as_str(),
        "why": finding.why,
        "found_at": finding.found_at.to_string(),
    })
}
