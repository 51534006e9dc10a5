//! The checker: what clients saw, what the processor did, and what our books say, held against each other.
//!
//! Books that sum to zero prove nothing about double charges. Here the processor's own journal is the judge, read
//! from its file and not through anything that our side wrote; and no two charges of a history are for the same
//! amount, so that even a key we got wrong cannot hide a second charge.

mod books;
mod invariants;
pub(crate) mod oracle;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use base::db::{Db, Location};
use base::seams::Seams;
use base::secret::Secret;
use serde_json::json;

use self::books::Books;
use self::invariants::{Case, Finding};
use self::oracle::Oracle;
use crate::history;

/// What to check.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The data directory of an embedded database
    #[arg(long, value_name = "DIR", required_unless_present = "database_url")]
    data_dir: Option<PathBuf>,
    /// The PostgreSQL database
    #[arg(long, value_name = "URL", conflicts_with = "data_dir")]
    database_url: Option<String>,
    /// The processor's journal
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// What clients saw; may be given several times, or not at all
    #[arg(long = "history", value_name = "FILE")]
    histories: Vec<PathBuf>,
    /// Wait at most so many seconds until every charge and refund is decided
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    final_within: u64,
    /// Only wait for that, and say how long it took and how many were open
    #[arg(long)]
    only_wait: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Checks, prints a table, and ends with 1 where anything is wrong.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let seams = Seams::system();
    let location = match (&args.database_url, &args.data_dir) {
        (Some(url), _) => Location::Pg { url: Secret::new(url.clone()), connections: 2 },
        (None, dir) => Location::LiteReader { path: dir.clone().unwrap_or_default().join("quittance.db") },
    };
    let db = Db::open(&location, seams.clone()).await?;
    let (waited, open) = wait_until_final(&db, Duration::from_secs(args.final_within)).await?;
    if args.only_wait {
        println!("{}", json!({ "open": open, "waited_ms": waited }));
        return Ok(if open == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let mut lines = Vec::new();
    for path in &args.histories {
        lines.extend(history::read(path)?);
    }
    let books = Books::read(&db).await?;
    // After the books, so that everything they know is in it.
    let oracle = Oracle::read(&args.journal)?;
    let case = Case::new(&lines, books, oracle, seams.now().micros());
    let findings = invariants::all(&case);
    let wrong: u64 = findings.iter().map(|f| f.wrong).sum();
    if args.json {
        let rows: Vec<_> = findings
            .iter()
            .map(|f| json!({ "name": f.name, "compared": f.compared, "wrong": f.wrong, "examples": f.examples }))
            .collect();
        println!("{}", json!({ "wrong": wrong, "waited_ms": waited, "checks": rows }));
    } else {
        tell(&findings, waited);
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Waits until nothing is open any more; gives how long that took in milliseconds, and what is open still.
async fn wait_until_final(db: &Db, most: Duration) -> Result<(u128, i64)> {
    let began = tokio::time::Instant::now();
    loop {
        let open = books::open(db).await?;
        if open == 0 || began.elapsed() >= most {
            return Ok((began.elapsed().as_millis(), open));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn tell(findings: &[Finding], waited: u128) {
    println!("All were decided, or waiting ended, after {waited} ms.\n");
    let widest = findings.iter().map(|f| f.name.chars().count()).max().unwrap_or(0);
    println!("{:widest$}  {:>9}  {:>6}", "invariant", "compared", "wrong");
    for finding in findings {
        println!("{:widest$}  {:>9}  {:>6}", finding.name, finding.compared, finding.wrong);
    }
    for finding in findings {
        for example in &finding.examples {
            println!("  {}: {example}", finding.name);
        }
    }
}
