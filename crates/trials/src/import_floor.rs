//! The floor of an import into the embedded database: the rows that an import made, read from it, and written into an
//! empty database of the same schema by one prepared insert a table, in one transaction with one sync. No file, no
//! checks, no ciphers.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base::db::{Db, Location, migrate};
use base::seams::Seams;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use serde_json::json;

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The database that an import filled
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Where to make the empty one
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// What an import does not make, and what it does. In this order, since rows refer to those before.
const THERE: &[&str] = &["organization", "tenant", "customer", "address", "location"];
const MADE: &[&str] = &["debt", "entry", "event"];

/// How many rows are held at a time.
const HELD: usize = 20_000;

pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let seams = Seams::system();
    let db = Db::open(&Location::Lite { path: args.to.clone(), inline: false }, seams.clone()).await?;
    migrate::migrate(&db, books::schema::MIGRATIONS).await?;
    db.close();
    drop(db);
    let from = Connection::open_with_flags(&args.from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let to = Connection::open(&args.to)?;
    to.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; \
         PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 20000; BEGIN;",
    )?;
    for table in THERE {
        copy(&from, &to, table, &seams)?;
    }
    to.execute_batch("COMMIT; BEGIN")?;
    let (mut took, mut rows) = (Duration::ZERO, 0u64);
    for table in MADE {
        let (time, many) = copy(&from, &to, table, &seams)?;
        (took, rows) = (took + time, rows + many);
    }
    let began = seams.monotonic();
    to.execute_batch("COMMIT")?;
    took += seams.monotonic() - began;
    println!("{}", json!({ "rows": rows, "seconds": took.as_secs_f64() }));
    Ok(ExitCode::SUCCESS)
}

/// Copies a table; gives how long the inserts took, without the reading, and how many they were.
fn copy(from: &Connection, to: &Connection, table: &str, seams: &Seams) -> Result<(Duration, u64)> {
    let mut select = from.prepare(&format!("SELECT * FROM {table}"))?;
    let columns: Vec<String> = select.column_names().map(str::to_owned).collect();
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    let mut insert = to.prepare(&sql).with_context(|| format!("preparing {table}"))?;
    let (mut took, mut many) = (Duration::ZERO, 0);
    let mut rows = select.query([])?;
    loop {
        let mut held: Vec<Vec<Value>> = Vec::with_capacity(HELD);
        while held.len() < HELD
            && let Some(row) = rows.next()?
        {
            held.push((0..columns.len()).map(|n| row.get(n)).collect::<rusqlite::Result<_>>()?);
        }
        if held.is_empty() {
            return Ok((took, many));
        }
        many += held.len() as u64;
        let began = seams.monotonic();
        for row in held {
            insert.execute(params_from_iter(row))?;
        }
        took += seams.monotonic() - began;
    }
}
