//! `quittance jobs`: how the queues stand, what was given up, and what an operator does about it.

use std::process::ExitCode;

use anyhow::{Result, bail};
use base::Ts;
use base::db::{Db, Tx};
use base::ids::Uuid;
use books::messages;
use books::orgs::{Environment, Tenant, Tenants};
use books::queues::{self, Held, Queue, Standing};
use clap::{Subcommand, ValueEnum};
use exchange::bulk;
use exchange::webhooks::{self, Delivery};
use payments::charges::till;
use serde_json::{Value, json};

use crate::settings::{Common, start_logging};
use crate::telling::table;
use crate::wiring;

/// What an operator looks at and does.
#[derive(Subcommand)]
pub(crate) enum Jobs {
    /// Show how each queue stands: what waits, what is due, what was given up or waits for a person
    ///
    /// Reads beside a running server.
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show deliveries to webhooks that were given up, the newest first, and why
    ///
    /// Reads beside a running server.
    Failed {
        /// The most that are shown
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send deliveries again that were given up: those named, or all of them
    ///
    /// On SQLite the server has to be stopped, or use the API: POST /webhooks/{id}/deliveries/{id}/resend.
    #[command(
        after_help = "Examples:\n  quittance jobs retry 0193…\n  quittance jobs retry --all --org 0193… --environment production"
    )]
    Retry {
        /// Deliveries, as `jobs failed` shows them
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<Uuid>,
        /// Every one that was given up
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// Only of this organization
        #[arg(long, requires = "all", value_name = "ID")]
        org: Option<Uuid>,
        /// Only of production or sandbox
        #[arg(long, requires = "all")]
        environment: Option<Environment>,
    },
    /// Hold a queue on all nodes: what waits there goes on waiting until `jobs resume`
    ///
    /// Beside running servers on PostgreSQL, within two seconds. On SQLite the server has to be stopped; started again, it
    /// finds the queue held.
    #[command(after_help = "Example:\n  quittance jobs pause deliveries --by \"Ann Lee\"")]
    Pause {
        /// Which
        queue: Which,
        /// Who says so
        #[arg(long)]
        by: String,
    },
    /// Let a queue go on
    Resume {
        /// Which
        queue: Which,
    },
}

/// A queue that can be held.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Which {
    /// Charges whose day has come.
    Charges,
    /// Deliveries to webhooks, and replays.
    Deliveries,
    /// What was received in one piece.
    Bulk,
    /// E-mails and text messages.
    Messages,
}

impl From<Which> for Queue {
    fn from(which: Which) -> Queue {
        match which {
            Which::Charges => Queue::Charges,
            Which::Deliveries => Queue::Deliveries,
            Which::Bulk => Queue::Bulk,
            Which::Messages => Queue::Messages,
        }
    }
}

/// Runs it.
pub(crate) async fn run(common: &Common, command: Jobs) -> Result<ExitCode> {
    match command {
        Jobs::List { json } => list(common, json).await,
        Jobs::Failed { limit, json } => failed(common, limit, json).await,
        Jobs::Retry { ids, all, org, environment } => {
            start_logging(common);
            let (db, tenants) = wiring::open_database(common).await?;
            let is_meant = |tenant: &Tenant| {
                org.is_none_or(|org| tenant.org.0 == org)
                    && environment.is_none_or(|environment| tenant.environment == environment)
            };
            retry(&db, &tenants, (!all).then_some(ids), is_meant).await
        }
        Jobs::Pause { queue, by } => set(common, queue.into(), Some(&by)).await,
        Jobs::Resume { queue } => set(common, queue.into(), None).await,
    }
}

async fn set(common: &Common, queue: Queue, by: Option<&str>) -> Result<ExitCode> {
    start_logging(common);
    let (db, _) = wiring::open_database(common).await?;
    let changed = queues::set(&db, queue, by).await?;
    let name = queue.as_str();
    println!(
        "{}",
        match (by.is_some(), changed) {
            (true, true) => format!("{name} are held. `quittance jobs resume {name}` lets them go on."),
            (true, false) => format!("{name} were held already."),
            (false, true) => format!("{name} go on."),
            (false, false) => format!("{name} were not held."),
        }
    );
    Ok(ExitCode::SUCCESS)
}

async fn standings(tx: &Tx, now: Ts) -> Result<Vec<(Queue, Standing)>> {
    Ok(vec![
        (Queue::Charges, till::standing(tx, now).await?),
        (Queue::Deliveries, webhooks::standing(tx, now).await?),
        (Queue::Bulk, bulk::standing(tx, now).await?),
        (Queue::Messages, messages::standing(tx, now).await?),
    ])
}

async fn list(common: &Common, as_json: bool) -> Result<ExitCode> {
    let (db, _) = wiring::open_to_read(common).await?;
    let now = db.now().await?;
    let tx = db.read().await?;
    let (all, held) = (standings(&tx, now).await?, queues::held(&tx).await?);
    let holds = |queue: Queue| held.iter().find(|held| held.id == queue);
    if as_json {
        let rows: Vec<Value> = all.iter().map(|(queue, s)| in_json(*queue, s, holds(*queue))).collect();
        println!("{}", json!({ "queues": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows =
        table(&["queue", "waiting", "due", "given up or for a person", "oldest due", "held"], 1..=3);
    for (queue, standing) in &all {
        rows.add_row([
            queue.as_str().to_owned(),
            standing.waiting.to_string(),
            standing.due.to_string(),
            standing.failed.to_string(),
            standing.oldest.map_or_else(String::new, |at| format!("{} s ago", now.since(at).as_secs())),
            holds(*queue)
                .map_or_else(String::new, |held| format!("by {} since {}", held.held_by, held.since)),
        ]);
    }
    println!("{rows}");
    println!(
        "`quittance jobs failed` shows deliveries that were given up, `quittance review list` charges for a person,"
    );
    println!("GET /messages?state=failed the messages.");
    Ok(ExitCode::SUCCESS)
}

fn in_json(queue: Queue, standing: &Standing, held: Option<&Held>) -> Value {
    json!({
        "queue": queue.as_str(),
        "waiting": standing.waiting,
        "due": standing.due,
        "failed": standing.failed,
        "oldest_due_at": standing.oldest.map(|at| at.to_string()),
        "held_by": held.map(|held| held.held_by.clone()),
        "held_since": held.map(|held| held.since.to_string()),
    })
}

async fn failed(common: &Common, limit: i64, as_json: bool) -> Result<ExitCode> {
    let (db, tenants) = wiring::open_to_read(common).await?;
    let tx = db.read().await?;
    let (rows, all) = (webhooks::given_up(&tx, limit).await?, tenants.all(&tx).await?);
    let whose = |row: &Delivery| {
        let tenant = all.iter().find(|tenant| tenant.id == row.tenant_id);
        tenant.map_or_else(String::new, |tenant| format!("{} {}", tenant.org, tenant.environment.as_str()))
    };
    if as_json {
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                let mut shown = row.view();
                shown["whose"] = whose(row).into();
                shown
            })
            .collect();
        println!("{}", json!({ "deliveries": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        println!("Nothing was given up.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown =
        table(&["delivery", "whose", "webhook", "event", "attempts", "came to", "given up"], 4..=4);
    for row in &rows {
        let status = row.status.map_or_else(String::new, |status| format!(" {status}"));
        shown.add_row([
            row.id.to_string(),
            whose(row),
            row.webhook_id.to_string(),
            row.name.clone(),
            row.attempts.to_string(),
            format!("{}{status}", row.outcome.map_or("-", |outcome| outcome.as_str())),
            row.ended_at.map_or_else(String::new, |at| at.to_string()),
        ]);
    }
    println!("{shown}");
    println!("`quittance jobs retry ID` sends one again, `--all` all of them.");
    Ok(ExitCode::SUCCESS)
}

/// How many deliveries are asked for at a time.
const AT_A_TIME: i64 = 500;

/// Sends again what was given up: these, or all of whom it is meant for.
async fn retry(
    db: &Db,
    tenants: &Tenants,
    ids: Option<Vec<Uuid>>,
    is_meant: impl Fn(&Tenant) -> bool,
) -> Result<ExitCode> {
    let all = tenants.all(&db.read().await?).await?;
    let mut told = Told::default();
    match ids {
        Some(ids) => {
            let mut found = Vec::new();
            for tenant in &all {
                let rows = webhooks::given_up_of(&db.read().await?, tenant.id, &ids).await?;
                found.extend(rows.into_iter().map(|row| (tenant, row)));
            }
            if let Some(unknown) = ids.iter().find(|id| found.iter().all(|(_, row)| row.id.0 != **id)) {
                bail!("no delivery {unknown} was given up; `quittance jobs failed` shows those that were");
            }
            for (tenant, row) in found {
                told.send(db, tenant, &row).await?;
            }
        }
        None => {
            for tenant in all.iter().filter(|tenant| is_meant(tenant)) {
                // What is sent again is given up no longer: the next are others.
                loop {
                    let rows = webhooks::given_up_by(&db.read().await?, tenant.id, AT_A_TIME).await?;
                    if rows.is_empty() {
                        break;
                    }
                    for row in &rows {
                        told.send(db, tenant, row).await?;
                    }
                }
            }
        }
    }
    println!("{} deliveries are sent again.", told.again);
    if told.waiting > 0 {
        println!("{} of them wait: their webhook is paused, not active, or gone.", told.waiting);
    }
    Ok(ExitCode::SUCCESS)
}

/// What was sent again, and how much of it waits all the same.
#[derive(Default)]
struct Told {
    again: u64,
    waiting: u64,
}

impl Told {
    async fn send(&mut self, db: &Db, tenant: &Tenant, row: &Delivery) -> Result<()> {
        db.run(&webhooks::Resend { tenant, hook: row.webhook_id, id: row.id }).await?;
        let hook = webhooks::find(&db.read().await?, tenant, row.webhook_id).await?;
        self.again += 1;
        self.waiting += u64::from(hook.is_none_or(|hook| !hook.is_sent_to()));
        Ok(())
    }
}
