//! `quittance import`: a file of accounts or customers, straight into the database.

use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use api::bulk::FieldRules;
use base::db::Db;
use base::{Cents, OrgId};
use books::orgs::{Environment, Tenant};
use clap::ValueEnum;
use exchange::bulk::{
    self, Asked as Controls, Batch, Begun, Bulk, Format, Kind, Open, Origin, Outcomes, Readers as _, Reading,
    Source, Words, Wrong,
};
use futures_util::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use uuid::Uuid;

use super::reader::{self, Stretch};
use crate::settings::{Common, start_logging};
use crate::{telling, wiring};

/// How many records are applied in one transaction. An embedded database is nobody else's meanwhile; on a server others
/// wait for the accounts that a transaction holds.
const fn records(is_embedded: bool) -> usize {
    if is_embedded { 5_000 } else { 1_000 }
}

/// What is asked for.
#[derive(clap::Args)]
pub(crate) struct Asked {
    /// The file: a table with a header of field names, a JSON object a line, or a JSON text
    file: PathBuf,
    /// The organization's id
    #[arg(long)]
    org: Uuid,
    /// production or sandbox
    #[arg(long, visible_alias = "env")]
    environment: Environment,
    /// How it is written; told by its name unless said
    #[arg(long, value_enum)]
    format: Option<Written>,
    /// What stands in it: accounts, or customers with their accounts (a JSON list or lines)
    #[arg(long = "type", value_enum, default_value = "debt-accounts")]
    kind: Holds,
    /// A column of theirs and the field that it means: --map ACCTNO=external_id --map NAME=customer.name
    #[arg(long, value_name = "THEIRS=OURS", value_parser = pair, value_delimiter = ',')]
    map: Vec<(String, String)>,
    /// How many records there are: where it is not so, nothing is applied
    #[arg(long, value_name = "N")]
    total_rows: Option<i64>,
    /// The sum of their balances in whole cents: where it is not so, nothing is applied
    #[arg(long, value_name = "CENTS")]
    total_balance: Option<i64>,
    /// Set current_balance also where a payment is later than the record's last_payment_date
    #[arg(long)]
    overwrite_later_payments: bool,
    /// Only look what would become of it; nothing is written
    #[arg(long)]
    dry_run: bool,
    /// Apply it though the same file was applied before
    #[arg(long)]
    force: bool,
    /// Where to write what was wrong [default: FILE.errors.csv]
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// How a file is written.
#[derive(Clone, Copy, ValueEnum)]
enum Written {
    /// A table: comma, semicolon, pipe or tab.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// {"debt_accounts": […]}, or a list of customers.
    Json,
}

/// What stands in a file.
#[derive(Clone, Copy, ValueEnum)]
enum Holds {
    /// Accounts, and in a table their customers too.
    DebtAccounts,
    /// Customers with their accounts.
    Customers,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((theirs, ours)) if !theirs.trim().is_empty() && api::bulk::knows(ours.trim()) => {
            Ok((theirs.trim().to_owned(), ours.trim().to_owned()))
        }
        Some((_, ours)) => {
            Err(format!("`{ours}` is no field; write it like ACCTNO=external_id or NAME=customer.name"))
        }
        None => Err("write it like ACCTNO=external_id".into()),
    }
}

/// What came of it.
enum End {
    /// It is over.
    Over(Box<Bulk>),
    /// Somebody stopped it, or goes on with it elsewhere.
    Taken,
    /// Ctrl-C.
    Interrupted(i64),
}

/// `quittance import …`.
pub(crate) async fn run(common: &Common, asked: &Asked) -> Result<ExitCode> {
    start_logging(common);
    let reading = reading(asked)?;
    let (db, tenants) = wiring::open_database(common).await?;
    let tenant = tenants.of(&db.read().await?, OrgId(asked.org), asked.environment).await?;
    let db = tenant.db(&db);
    let controls = Controls {
        total_rows: asked.total_rows,
        total_balance: asked.total_balance.map(Cents::new),
        force: asked.force,
        keep_later_payments: !asked.overwrite_later_payments,
    };
    let counts = controls.total_rows.is_some() || controls.total_balance.is_some() || asked.dry_run;
    let size = std::fs::metadata(&asked.file)
        .with_context(|| format!("{} cannot be read", asked.file.display()))?
        .len();
    let bar = bar(size, "looking through it");
    let looked = {
        let (path, reading, bar) = (asked.file.clone(), reading.clone(), bar.clone());
        tokio::task::spawn_blocking(move || {
            reader::look(&path, counts.then_some(reading), |bytes| bar.inc(bytes as u64))
        })
        .await??
    };
    bar.finish_and_clear();
    if let Some(told) = &looked.told {
        controls.check(told)?;
    }
    let open = Open { reading: reading.clone(), words: Words::Guide, source: Source::File };
    let file = bulk::File {
        digest: looked.digest,
        bytes: i64::try_from(looked.bytes)?,
        told: looked.told.as_ref().map(|told| (told.records, told.balance)),
    };
    if asked.dry_run {
        let rows = looked.told.map_or(0, |told| told.records);
        return rehearse(asked, &db, &tenant, reading, &open, &controls, rows).await;
    }
    let began = bulk::begin_file(&db, &tenant, &open, &controls, &file).await?;
    let bulk = match began {
        Begun::New(bulk) => bulk,
        Begun::GoesOn(bulk) => {
            eprintln!("Goes on where it was: {} records are applied already.", bulk.place);
            bulk
        }
        Begun::Known(bulk) => {
            say(asked, &bulk);
            eprintln!(
                "The same file was received at {}: nothing was done. Apply it again with --force.",
                bulk.created_at
            );
            return Ok(ExitCode::SUCCESS);
        }
    };
    let many = records(common.is_embedded());
    match apply(asked, &db, &tenant, reading, &bulk, (size, many)).await? {
        End::Taken => {
            bail!("somebody stopped this import or goes on with it elsewhere; see `GET /bulk/{}`", bulk.id)
        }
        End::Interrupted(place) => {
            eprintln!("Stopped after {place} records. Give the same command again to go on.");
            Ok(ExitCode::from(130))
        }
        End::Over(bulk) => {
            say(asked, &bulk);
            if bulk.failed == 0 {
                return Ok(ExitCode::SUCCESS);
            }
            let path = errors_path(asked);
            write_errors(&db, &tenant, &bulk, &path).await?;
            eprintln!("{} records were refused: {}", bulk.failed, path.display());
            Ok(ExitCode::FAILURE)
        }
    }
}

/// How the file is to be read.
fn reading(asked: &Asked) -> Result<Reading> {
    let named = || match asked.file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" | "tsv" | "txt" | "psv" => Some(Written::Csv),
        "ndjson" | "jsonl" => Some(Written::Ndjson),
        "json" => Some(Written::Json),
        _ => None,
    };
    let written = asked
        .format
        .or_else(named)
        .with_context(|| format!("say how {} is written with --format", asked.file.display()))?;
    let kind = match asked.kind {
        Holds::DebtAccounts => Kind::DebtAccounts,
        Holds::Customers => Kind::Customers,
    };
    let format = match (written, kind) {
        (Written::Csv, Kind::Customers) => {
            bail!("a table holds accounts; tell of their customers in columns like customer.name")
        }
        (Written::Csv, _) => Format::Csv,
        (Written::Ndjson, _) => Format::Ndjson,
        (Written::Json, _) => Format::Json,
    };
    let columns: HashMap<String, String> = asked.map.iter().cloned().collect();
    if !columns.is_empty() && format != Format::Csv {
        bail!("--map is for tables; a JSON file names its fields itself");
    }
    Ok(Reading { columns, ..api::bulk::reading(kind, format) })
}

fn bar(size: u64, what: &'static str) -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(size) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent}% {msg}, {eta} left") {
        bar.set_style(style);
    }
    bar.with_message(what)
}

/// Applies everything behind the place, until the end or Ctrl-C.
async fn apply(
    asked: &Asked,
    db: &Db,
    tenant: &Tenant,
    reading: Reading,
    bulk: &Bulk,
    (size, many): (u64, usize),
) -> Result<End> {
    let rules = FieldRules::new();
    let (words, format) = (bulk.words, bulk.format);
    let mut batches = reader::batches(asked.file.clone(), reading, bulk.place, many);
    let bar = bar(size, "applied");
    let mut stop = pin!(tokio::signal::ctrl_c());
    let (mut place, mut applied) = (bulk.place, 0u64);
    loop {
        let batch = tokio::select! {
            biased;
            _ = stop.as_mut() => return Ok(End::Interrupted(place)),
            batch = batches.recv() => batch.context("the file ended before its end")??,
        };
        let Stretch { items, bytes, last } = batch;
        let many = i64::try_from(items.len())?;
        let batch = Batch {
            tenant,
            rules: rules.of(words, format),
            bulk,
            from: place,
            items,
            origin: Origin::File(last.as_ref().map(|told| told.balance)),
        };
        // A batch is applied whole, whoever wants us to stop meanwhile.
        if batch.apply(db).await?.is_none() {
            return Ok(End::Taken);
        }
        place += many;
        applied += 1;
        if applied.is_power_of_two() {
            // No server is there that would: plans made for empty tables seek each row through all of them.
            db.look_at_grown_tables().await?;
        }
        bar.set_position(bytes);
        bar.set_message(format!("{place} records"));
        if let Some(told) = last {
            bar.finish_and_clear();
            if !told.ignored.is_empty() {
                eprintln!("Columns that nobody knows were left out: {}", told.ignored.join(", "));
            }
            let now = bulk::find(&db.read().await?, tenant, bulk.id).await?;
            return Ok(End::Over(Box::new(now.ok_or_else(|| anyhow!("the import is gone"))?)));
        }
    }
}

/// Looks what would become of the file.
async fn rehearse(
    asked: &Asked,
    db: &Db,
    tenant: &Tenant,
    reading: Reading,
    open: &Open,
    controls: &Controls,
    rows: i64,
) -> Result<ExitCode> {
    let (rules, mut made) = (FieldRules::new(), HashSet::new());
    let bulk = bulk::only_told(db, tenant, open, controls);
    let mut batches = reader::batches(asked.file.clone(), reading, 0, records(false));
    let (mut all, mut place) = (Outcomes::default(), 0);
    let bar = bar(u64::try_from(rows)?, "looked at");
    while let Some(batch) = batches.recv().await {
        let Stretch { items, last, .. } = batch?;
        let many = i64::try_from(items.len())?;
        let rules = rules.of(bulk.words, bulk.format);
        let batch = Batch { tenant, rules, bulk: &bulk, from: place, items, origin: Origin::File(None) };
        all.add(bulk::rehearse(batch, db, &mut made).await?);
        place += many;
        bar.set_position(u64::try_from(place)?);
        if last.is_some() {
            break;
        }
    }
    bar.finish_and_clear();
    let failed = all.wrong.len();
    if asked.json {
        let told = json!({ "dry_run": true, "total": place, "created": all.created, "updated": all.updated,
                           "unchanged": all.unchanged, "failed": failed, "balances_kept": all.kept });
        println!("{told}");
    } else {
        println!(
            "Of {place} records {} would be new, {} would change something, {} would change nothing, {failed} would be refused. Nothing was written.",
            all.created, all.updated, all.unchanged
        );
    }
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let path = errors_path(asked);
    let mut text = telling::csv(&["position", "line", "external_id", "field", "message"].map(str::to_owned));
    for wrong in &all.wrong {
        text.push_str(&lines(wrong));
    }
    std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    eprintln!("What is wrong with them: {}", path.display());
    Ok(ExitCode::FAILURE)
}

fn lines(wrong: &Wrong) -> String {
    let cells = |(field, said): &(String, Vec<String>)| {
        let line = wrong.line.map(|line| line.to_string()).unwrap_or_default();
        let external = wrong.external_id.clone().unwrap_or_default();
        let each = said.iter().map(|message| {
            telling::csv(&[
                wrong.position.to_string(),
                line.clone(),
                external.clone(),
                field.clone(),
                message.clone(),
            ])
        });
        each.collect::<String>()
    };
    wrong.errors.iter().map(cells).collect()
}

fn errors_path(asked: &Asked) -> PathBuf {
    asked.errors.clone().unwrap_or_else(|| asked.file.with_added_extension("errors.csv"))
}

/// Writes what was wrong, also what was before an interruption.
async fn write_errors(db: &Db, tenant: &Tenant, bulk: &Bulk, path: &Path) -> Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).with_context(cannot)?);
    let mut slices = pin!(api::bulk::errors_as_csv(db.clone(), tenant.clone(), bulk.id));
    while let Some(slice) = slices.try_next().await? {
        file.write_all(&slice).with_context(cannot)?;
    }
    file.flush().with_context(cannot)
}

/// Says what became of it.
fn say(asked: &Asked, bulk: &Bulk) {
    if asked.json {
        println!("{}", api::bulk::json(bulk));
        return;
    }
    let rate = bulk.records_a_second().map(|rate| format!(", {rate} a second")).unwrap_or_default();
    let kept = match bulk.kept {
        0 => String::new(),
        kept => format!(" {kept} balances were left alone: a payment is later than the creditor's last."),
    };
    println!(
        "{} of {} records{rate}: {} new, {} changed, {} unchanged, {} refused.{kept}",
        bulk.place,
        bulk.total,
        bulk.created,
        bulk.updated,
        bulk.place - bulk.created - bulk.updated - bulk.failed,
        bulk.failed
    );
}
