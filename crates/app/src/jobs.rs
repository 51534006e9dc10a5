//! `quittance jobs`: how the queues stand, what was given up, and what an operator does about it.

use std::process::ExitCode;

use anyhow::{Result, bail};
use base::db::{Db, Tx};
use base::ids::Uuid;
use base::{TenantId, Ts};
use books::messages::{self, Message};
use books::orgs::{Environment, Tenant};
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
    /// Show deliveries to webhooks and messages that were given up, the newest first, and why
    ///
    /// Reads beside a running server.
    Failed {
        /// Only of this queue
        #[arg(long)]
        queue: Option<Sent>,
        /// The most that are shown of each
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send deliveries and messages again that were given up: those named, or all of them
    ///
    /// The same ones, under their ids, unless something has come up against a message since. On SQLite the server has to be
    /// stopped, or use the API: POST /webhooks/{id}/deliveries/{id}/resend, POST /messages/{id}/resend (which makes another).
    #[command(
        after_help = "Examples:\n  quittance jobs retry 0193…\n  quittance jobs retry --all --queue messages --org 0193… --environment production"
    )]
    Retry {
        /// Deliveries and messages, as `jobs failed` shows them
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<Uuid>,
        /// Every one that was given up
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// Only of this queue
        #[arg(long, requires = "all")]
        queue: Option<Sent>,
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
    /// ACH files.
    Files,
}

impl From<Which> for Queue {
    fn from(which: Which) -> Queue {
        match which {
            Which::Charges => Queue::Charges,
            Which::Deliveries => Queue::Deliveries,
            Which::Bulk => Queue::Bulk,
            Which::Messages => Queue::Messages,
            Which::Files => Queue::Files,
        }
    }
}

/// A queue of what is sent somewhere, and may be given up.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sent {
    /// Deliveries to webhooks.
    Deliveries,
    /// E-mails and text messages.
    Messages,
}

impl Sent {
    /// Whether this queue is meant where one was named, or none.
    fn is_in(self, named: Option<Sent>) -> bool {
        named.is_none_or(|named| named == self)
    }
}

/// Runs it.
pub(crate) async fn run(common: &Common, command: Jobs) -> Result<ExitCode> {
    match command {
        Jobs::List { json } => list(common, json).await,
        Jobs::Failed { queue, limit, json } => failed(common, queue, limit, json).await,
        Jobs::Retry { ids, all, queue, org, environment } => {
            start_logging(common);
            let (db, tenants) = wiring::open_database(common).await?;
            let is_meant = |tenant: &Tenant| {
                org.is_none_or(|org| tenant.org.0 == org)
                    && environment.is_none_or(|environment| tenant.environment == environment)
            };
            let all_tenants = tenants.all(&db.read().await?).await?;
            let again = match all {
                true => everything(&db, all_tenants.iter().filter(|t| is_meant(t)), queue).await?,
                false => named(&db, &all_tenants, &ids).await?,
            };
            again.tell();
            Ok(ExitCode::SUCCESS)
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
        (Queue::Files, ach::standing(tx, now).await?),
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
        "`quittance jobs failed` shows deliveries and messages that were given up, `quittance review list` charges for a person."
    );
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

async fn failed(common: &Common, queue: Option<Sent>, limit: i64, as_json: bool) -> Result<ExitCode> {
    let (db, tenants) = wiring::open_to_read(common).await?;
    let tx = db.read().await?;
    let all = tenants.all(&tx).await?;
    let mut deliveries: Vec<Value> = Vec::new();
    if Sent::Deliveries.is_in(queue) {
        for row in webhooks::given_up(&tx, limit).await? {
            deliveries.push(of(whose(&all, row.tenant_id), row.view()));
        }
    }
    let mut messages: Vec<Value> = Vec::new();
    if Sent::Messages.is_in(queue) {
        for row in messages::given_up(&tx, limit).await? {
            let Some(tenant) = whose(&all, row.tenant_id) else { continue };
            // One that does not open was given up for just that.
            let shown = match messages::views(&tx, tenant, std::slice::from_ref(&row)).await {
                Ok(mut shown) => shown.pop().unwrap_or_default(),
                Err(_) => json!({
                    "id": row.id.to_string(), "kind": row.kind, "channel": row.channel.as_str(), "attempts": row.attempts,
                    "last_error": row.last_error, "updated_at": row.updated_at.to_string(),
                }),
            };
            messages.push(of(Some(tenant), shown));
        }
    }
    if as_json {
        println!("{}", json!({ "deliveries": deliveries, "messages": messages }));
        return Ok(ExitCode::SUCCESS);
    }
    if deliveries.is_empty() && messages.is_empty() {
        println!("Nothing was given up.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = table(&["id", "whose", "what", "to", "attempts", "came to", "given up"], 4..=4);
    let word = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    for row in &deliveries {
        let status = row["last_status"].as_i64().map_or_else(String::new, |status| format!(" {status}"));
        shown.add_row([
            word(row, "id"),
            word(row, "whose"),
            word(row, "event"),
            format!("webhook {}", word(row, "webhook_id")),
            row["attempts"].to_string(),
            format!("{}{status}", word(row, "last_outcome")),
            word(row, "ended_at"),
        ]);
    }
    for row in &messages {
        shown.add_row([
            word(row, "id"),
            word(row, "whose"),
            word(row, "kind"),
            word(row, "to"),
            row["attempts"].to_string(),
            word(row, "last_error"),
            word(row, "updated_at"),
        ]);
    }
    println!("{shown}");
    println!("`quittance jobs retry ID` sends one again, `--all` all of them.");
    Ok(ExitCode::SUCCESS)
}

fn whose(all: &[Tenant], id: TenantId) -> Option<&Tenant> {
    all.iter().find(|tenant| tenant.id == id)
}

/// What is shown of a thing, and whose it is.
fn of(tenant: Option<&Tenant>, mut shown: Value) -> Value {
    let name = |tenant: &Tenant| format!("{} {}", tenant.org, tenant.environment.as_str());
    shown["whose"] = tenant.map_or_else(String::new, name).into();
    shown
}

/// How much is asked for at a time.
const AT_A_TIME: i64 = 500;

/// Sends these again. Nothing of it happens where one of them was not given up.
async fn named(db: &Db, all: &[Tenant], ids: &[Uuid]) -> Result<Again> {
    let (mut deliveries, mut messages) = (Vec::new(), Vec::new());
    for tenant in all {
        let tx = db.read().await?;
        let of_theirs = webhooks::given_up_of(&tx, tenant.id, ids).await?;
        deliveries.extend(of_theirs.into_iter().map(|row| (tenant, row)));
        messages
            .extend(messages::given_up_of(&tx, tenant.id, ids).await?.into_iter().map(|row| (tenant, row)));
    }
    let is_known = |id: &Uuid| {
        deliveries.iter().any(|(_, row)| row.id.0 == *id) || messages.iter().any(|(_, row)| row.id.0 == *id)
    };
    if let Some(unknown) = ids.iter().find(|id| !is_known(id)) {
        bail!("nothing was given up under {unknown}; `quittance jobs failed` shows what was");
    }
    let mut again = Again::default();
    for (tenant, row) in &deliveries {
        again.delivery(db, tenant, row).await?;
    }
    for (tenant, row) in &messages {
        again.message(db, tenant, row).await?;
    }
    Ok(again)
}

/// Sends everything again that was given up of these, or of one queue.
async fn everything(db: &Db, meant: impl Iterator<Item = &Tenant>, queue: Option<Sent>) -> Result<Again> {
    let mut again = Again::default();
    for tenant in meant {
        // What is sent again is given up no longer: the next are others.
        while Sent::Deliveries.is_in(queue) {
            let rows = webhooks::given_up_by(&db.read().await?, tenant.id, AT_A_TIME).await?;
            for row in &rows {
                again.delivery(db, tenant, row).await?;
            }
            if rows.is_empty() {
                break;
            }
        }
        while Sent::Messages.is_in(queue) {
            let rows = messages::given_up_by(&db.read().await?, tenant.id, AT_A_TIME).await?;
            for row in &rows {
                again.message(db, tenant, row).await?;
            }
            if rows.is_empty() {
                break;
            }
        }
    }
    Ok(again)
}

/// What was sent again, and how many of the deliveries wait all the same.
#[derive(Default)]
struct Again {
    deliveries: u64,
    waiting: u64,
    messages: u64,
}

impl Again {
    async fn delivery(&mut self, db: &Db, tenant: &Tenant, row: &Delivery) -> Result<()> {
        let db = &tenant.db(db);
        db.run(&webhooks::Resend { tenant, hook: row.webhook_id, id: row.id }).await?;
        let hook = webhooks::find(&db.read().await?, tenant, row.webhook_id).await?;
        self.deliveries += 1;
        self.waiting += u64::from(hook.is_none_or(|hook| !hook.is_sent_to()));
        Ok(())
    }

    async fn message(&mut self, db: &Db, tenant: &Tenant, row: &Message) -> Result<()> {
        tenant.db(db).run(&messages::Retry { tenant: row.tenant_id, id: row.id }).await?;
        self.messages += 1;
        Ok(())
    }

    fn tell(&self) {
        println!("{} deliveries and {} messages are sent again.", self.deliveries, self.messages);
        if self.waiting > 0 {
            println!(
                "{} of the deliveries wait: their webhook is paused, not active, or gone.",
                self.waiting
            );
        }
    }
}
