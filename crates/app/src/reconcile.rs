//! `quittance reconcile`: our charges and refunds against the processor's, both ways.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use adapters::processor::Remote;
use anyhow::{Context, Result};
use base::db::Db;
use base::{Day, Ts};
use books::orgs::{Environment, Tenant, Tenants};
use payments::processor::{Later, Lookup, Page, Processor, Trace, Unreachable};
use payments::reconcile::{self, Kind, Line, Sink, Theirs};
use serde_json::json;

use crate::settings::Common;
use crate::telling::{Meter, csv, table};
use crate::wiring;

/// How many differences a table lists; CSV and JSON have them all.
const LISTED: usize = 50;

/// What is asked for.
#[derive(clap::Args)]
pub(crate) struct Asked {
    /// Only what was made or changed on this day (UTC) or later: 2026-11-01
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<Day>,
    /// Write every charge and refund as CSV to this file; - is the terminal
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Print totals and differences as JSON
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("`{text}` is no day; write it as 2026-11-01"))
}

/// Where the processor's books of an environment are.
pub(crate) enum Books {
    /// At its address.
    Remote(Remote, Ts),
    /// In its journal's file beside the database.
    Journal(PathBuf, Ts),
    /// With whoever takes real money.
    Production(Arc<dyn Processor>, Ts),
}

impl Books {
    /// The sandbox's, as they stand now.
    pub(crate) fn of_sandbox(common: &Common, now: Ts) -> Result<Books> {
        Ok(match wiring::remote_processor(common)? {
            Some(remote) => Books::Remote(remote, now),
            None => Books::Journal(common.journal_file(), now),
        })
    }

    /// Production's, where a processor is configured for it.
    pub(crate) async fn of_production(
        common: &Common,
        db: &Db,
        tenants: &Arc<Tenants>,
    ) -> Result<Option<Books>> {
        let now = db.now().await?;
        Ok(wiring::production(common, db, tenants)?.map(|theirs| Books::Production(theirs, now)))
    }
}

/// Tenants that live by one time, with what time that is: all who live by the world's, and each who has a clock.
pub(crate) async fn by_time(db: &Db, tenants: Vec<Tenant>) -> Result<Vec<(Ts, Vec<Tenant>)>> {
    let (clocks, world): (Vec<Tenant>, Vec<Tenant>) =
        tenants.into_iter().partition(|tenant| tenant.own_time.is_some());
    let mut all = vec![(db.now().await?, world)];
    for tenant in clocks {
        all.push((tenant.db(db).now().await?, vec![tenant]));
    }
    Ok(all)
}

impl Theirs for Books {
    fn page<'a>(&'a self, since: Ts, after: Option<String>) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move {
            match self {
                Books::Remote(remote, now) => remote.list_since(*now, since, after).await,
                Books::Production(theirs, now) => theirs.list_since(*now, since, after).await,
                Books::Journal(file, now) => {
                    let mut records = journal(file, *now)?;
                    records.retain(|r| r.changed_at >= since);
                    Ok(Page { records, cursor: None })
                }
            }
        })
    }

    fn ask<'a>(&'a self, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(async move {
            match self {
                Books::Remote(remote, now) => remote.lookup(*now, what).await,
                Books::Production(theirs, now) => theirs.lookup(*now, what).await,
                Books::Journal(file, now) => match journal(file, *now) {
                    Ok(all) => {
                        all.into_iter().find(|r| r.key == what.key).map_or(Lookup::NotFound, Lookup::Found)
                    }
                    Err(why) => Lookup::Unreachable(why.0),
                },
            }
        })
    }
}

fn journal(file: &Path, now: Ts) -> Result<Vec<payments::processor::Record>, Unreachable> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    adapters::processor::read_journal(file, now)
        .map_err(|e| Unreachable(format!("the sandbox's journal {} cannot be read: {e}", file.display())))
}

/// What a run adds up, and the differences it found.
#[derive(Default)]
struct Found {
    totals: BTreeMap<(&'static str, &'static str), (u64, i128)>,
    differences: Vec<(&'static str, Line)>,
}

struct Teller<'a> {
    environment: Environment,
    found: Found,
    meter: &'a Meter,
    csv: Option<Box<dyn Write + Send>>,
    failed: Option<std::io::Error>,
}

impl Sink for Teller<'_> {
    fn line(&mut self, line: Line) {
        let total = self.found.totals.entry((self.environment.as_str(), line.kind.as_str())).or_default();
        let amount = line.their_amount.or(line.our_amount).map_or(0, |a| i128::from(a.get()));
        *total = (total.0 + 1, total.1 + amount);
        if let Some(out) = self.csv.as_mut()
            && let Err(error) = out.write_all(csv(&cells(self.environment, &line)).as_bytes())
        {
            self.failed.get_or_insert(error);
        }
        if line.kind.differs() {
            self.found.differences.push((self.environment.as_str(), line));
        }
    }

    fn read(&mut self, rows: u64) {
        self.meter.read("charges and refunds", rows);
    }
}

const HEADER: [&str; 11] = [
    "environment",
    "what",
    "kind",
    "id",
    "key",
    "our_state",
    "our_cents",
    "their_state",
    "their_cents",
    "processor_id",
    "made_at",
];

fn cells(environment: Environment, line: &Line) -> [String; 11] {
    let or_nothing = |text: Option<String>| text.unwrap_or_default();
    [
        environment.to_string(),
        line.what.to_owned(),
        line.kind.as_str().to_owned(),
        or_nothing(line.id.map(|(_, id)| id.to_string())),
        line.key.clone(),
        or_nothing(line.our_state.clone()),
        or_nothing(line.our_amount.map(|a| a.get().to_string())),
        or_nothing(line.their_state.map(str::to_owned)),
        or_nothing(line.their_amount.map(|a| a.get().to_string())),
        or_nothing(line.processor_id.clone()),
        or_nothing(line.made_at.map(|at| at.to_string())),
    ]
}

/// Prints what matches and what differs; ends with 1 where anything differs.
pub(crate) async fn run(common: &Common, asked: &Asked) -> Result<ExitCode> {
    let (db, tenants) = wiring::open_to_read(common).await?;
    let all = tenants.all(&db.read().await?).await?;
    let since = asked.since.map(|day| day.start_in(&jiff::tz::TimeZone::UTC));
    let to_terminal = asked.csv.as_deref() == Some(Path::new("-"));
    let mut out: Option<Box<dyn Write + Send>> = match &asked.csv {
        None => None,
        Some(_) if to_terminal => Some(Box::new(std::io::stdout())),
        Some(file) => {
            let made = std::fs::File::create(file)
                .with_context(|| format!("{} cannot be written", file.display()))?;
            Some(Box::new(std::io::BufWriter::new(made)))
        }
    };
    if let Some(out) = &mut out {
        out.write_all(csv(&HEADER.map(str::to_owned)).as_bytes())?;
    }
    let meter = Meter::new();
    let rehearsing: Vec<Tenant> =
        all.iter().filter(|t| t.environment == Environment::Sandbox).cloned().collect();
    let mut teller = Teller {
        environment: Environment::Sandbox,
        found: Found::default(),
        meter: &meter,
        csv: out,
        failed: None,
    };
    for (now, tenants) in by_time(&db, rehearsing).await? {
        let theirs = Books::of_sandbox(common, now)?;
        reconcile::run(&db, &tenants, &theirs, since, &mut teller).await?;
    }
    let real: Vec<Tenant> = all.into_iter().filter(|t| t.environment == Environment::Production).collect();
    let without = match Books::of_production(common, &db, &tenants).await? {
        Some(theirs) => {
            teller.environment = Environment::Production;
            reconcile::run(&db, &real, &theirs, since, &mut teller).await?;
            0
        }
        None => charges_of(&db, &real).await?,
    };
    let Teller { found, csv: out, failed, .. } = teller;
    if let Some(error) = failed {
        return Err(error).context("the CSV cannot be written");
    }
    if let Some(mut out) = out {
        out.flush().context("the CSV cannot be written")?;
    }
    meter.finish();
    match (asked.json, to_terminal) {
        (true, _) => println!("{}", told_in_json(&found, without)),
        (false, true) => eprintln!("{}", told(&found, without)),
        (false, false) => println!("{}", told(&found, without)),
    }
    Ok(if found.differences.is_empty() && without == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn charges_of(db: &Db, tenants: &[Tenant]) -> Result<i64> {
    let (tx, mut count) = (db.read().await?, 0);
    for tenant in tenants {
        let sql = "SELECT count(*) FROM charge WHERE tenant_id = $1 AND state NOT IN ('scheduled', 'canceled', 'declined')";
        count += tx.number(sql, &[&tenant.id]).await?;
    }
    Ok(count)
}

fn told(found: &Found, without: i64) -> String {
    let mut totals = table(&["environment", "", "how many", "amount"], 2..=3);
    for ((environment, kind), (count, cents)) in &found.totals {
        totals.add_row([
            (*environment).to_owned(),
            kind.replace('_', " "),
            count.to_string(),
            payments::verify::money(*cents),
        ]);
    }
    let mut said = format!("{totals}\n");
    if without > 0 {
        said += &format!(
            "\n{without} charges of real money, and no processor is configured to compare them with.\n"
        );
    }
    if found.differences.is_empty() {
        return said + if without == 0 { "\nOurs and the processor's are the same." } else { "" };
    }
    let mut list = table(&["what", "kind", "id or key", "ours", "theirs", "made"], 3..=4);
    for (_, line) in found.differences.iter().take(LISTED) {
        let side = |state: Option<&str>, amount: Option<base::Cents>| match (state, amount) {
            (Some(state), Some(amount)) => format!("{state} {amount}"),
            _ => "-".to_owned(),
        };
        list.add_row([
            line.what.to_owned(),
            line.kind.as_str().replace('_', " "),
            line.id.map_or_else(|| line.key.clone(), |(_, id)| id.to_string()),
            side(line.our_state.as_deref(), line.our_amount),
            side(line.their_state, line.their_amount),
            line.made_at.map_or_else(|| "-".to_owned(), |at| at.to_string()),
        ]);
    }
    said += &format!("\n{list}\n");
    if found.differences.len() > LISTED {
        said += &format!("… and {} more; --csv FILE has them all.\n", found.differences.len() - LISTED);
    }
    said += "\nWhat to do:\n";
    for kind in Kind::ALL.iter().filter(|k| found.differences.iter().any(|(_, line)| line.kind == **k)) {
        said += &format!("  {}: {}\n", kind.as_str().replace('_', " "), kind.next());
    }
    said
}

fn told_in_json(found: &Found, without: i64) -> serde_json::Value {
    let totals: Vec<_> = found
        .totals
        .iter()
        .map(|((environment, kind), (count, cents))| json!({ "environment": environment, "kind": kind, "count": count, "cents": i64::try_from(*cents).ok() }))
        .collect();
    let differences: Vec<_> = found
        .differences
        .iter()
        .map(|(environment, line)| {
            json!({
                "environment": environment, "what": line.what, "kind": line.kind.as_str(), "next": line.kind.next(),
                "id": line.id.map(|(_, id)| id.to_string()), "key": line.key,
                "our_state": line.our_state, "our_cents": line.our_amount.map(|a| a.get()),
                "their_state": line.their_state, "their_cents": line.their_amount.map(|a| a.get()),
                "processor_id": line.processor_id, "made_at": line.made_at.map(|at| at.to_string()),
            })
        })
        .collect();
    json!({ "differences": differences.len(), "totals": totals, "list": differences, "production_without_processor": without })
}
