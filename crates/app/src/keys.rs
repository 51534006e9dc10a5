//! `quittance keys`: which keys there are, and their rotation.
//!
//! On the database itself where that can be had: PostgreSQL beside running servers, whose steps help, or an embedded
//! database that nobody serves at the moment. Where a server owns the embedded database, it is asked over HTTP.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::db::Db;
use base::{OrgId, TenantId};
use books::keys::{self, Kind, Wish};
use books::orgs::{Environment, Tenant, Tenants};
use books::people::CustomerId;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::table;
use crate::server::Server;
use crate::settings::{Common, start_logging};
use crate::wiring;

/// How many rows are moved in one transaction.
const BUDGET: i64 = 64;

/// Keys.
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// List the keys, with how many rows stand under each version
    ///
    /// After a rotation no row stands under the old version. Ends with status 1 where rows need a key that is missing.
    List {
        #[command(flatten)]
        whose: Whose,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Exchange keys for new ones and wait until no row stands under an old one
    #[command(
        after_help = "Examples:\n  quittance keys rotate tenant --org 0193… --environment production\n  quittance keys rotate customers --older-than-days 365\n  QUITTANCE_TOKEN=qt_live_… quittance keys rotate index --url http://127.0.0.1:8080"
    )]
    Rotate {
        /// master, tenant, index or customers
        #[arg(value_parser = kind)]
        kind: Kind,
        #[command(flatten)]
        whose: Whose,
        /// Of customers' keys only this one's
        #[arg(long)]
        customer: Option<Uuid>,
        /// Of customers' keys only those that are older
        #[arg(long, conflicts_with = "url")]
        older_than_days: Option<i32>,
    },
}

/// Whose keys, and how they are reached.
#[derive(Args)]
pub(crate) struct Whose {
    /// Only this organization's
    #[arg(long)]
    org: Option<Uuid>,
    /// Only of this environment: production or sandbox
    #[arg(long)]
    environment: Option<Environment>,
    /// Ask a running server, here: http://127.0.0.1:8080. Then the token decides whose keys
    #[arg(long, env = "QUITTANCE_URL", value_name = "URL", conflicts_with_all = ["org", "environment"])]
    url: Option<String>,
    /// The bearer token for that, with the scopes keys:read and keys:rotate. Prefer the environment
    #[arg(long, env = "QUITTANCE_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
}

fn kind(word: &str) -> Result<Kind, String> {
    let found = Kind::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
    found.ok_or_else(|| format!("`{word}` is none of master, tenant, index, customers"))
}

/// `quittance keys …`.
pub(crate) async fn run(common: &Common, command: Keys) -> Result<ExitCode> {
    match command {
        Keys::List { whose, json } => list(common, &whose, json).await,
        Keys::Rotate { kind, whose, customer, older_than_days } => {
            start_logging(common);
            match &whose.url {
                Some(url) => over_http(&Server::at(url, whose.token.as_deref())?, kind, customer).await?,
                None => directly(common, &whose, kind, customer, older_than_days).await?,
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Has every tenant's keys wrapped with the newest master.
pub(crate) async fn begin_masters(db: &Db, tenants: &Tenants) -> Result<()> {
    for tenant in tenants.all(&db.read().await?).await? {
        begin(db, tenants, tenant.id, &Wish::all(Kind::Master)).await?;
    }
    Ok(())
}

/// Begins a rotation, or joins the one that runs.
async fn begin(db: &Db, tenants: &Tenants, tenant: TenantId, wish: &Wish) -> Result<()> {
    match keys::begin(db, tenants, tenant, wish).await {
        Err(failure) if failure.code() == Some(base::Code::Conflict) => {
            tracing::info!(?tenant, "it is running already");
            Ok(())
        }
        begun => Ok(begun?),
    }
}

async fn chosen(db: &Db, tenants: &Tenants, whose: &Whose) -> Result<Vec<Tenant>> {
    let mut all = tenants.all(&db.read().await?).await?;
    all.retain(|tenant| {
        whose.org.is_none_or(|org| tenant.org == OrgId(org))
            && whose.environment.is_none_or(|environment| tenant.environment == environment)
    });
    if all.is_empty() {
        bail!("there is no such organization; `quittance org list` shows them all");
    }
    Ok(all)
}

async fn directly(
    common: &Common,
    whose: &Whose,
    kind: Kind,
    customer: Option<Uuid>,
    older_than_days: Option<i32>,
) -> Result<()> {
    let mut common = common.clone();
    if common.is_embedded() {
        // The file is ours alone as long as we have it: there is nobody to wait for.
        common.key_wait_seconds = 0;
    }
    let (db, tenants) = wiring::open_database(&common).await.context(
        "where a server owns the database, let it do the work: name it with --url, and set QUITTANCE_TOKEN",
    )?;
    let before =
        older_than_days.map(|days| db.seams().now().plus(SignedDuration::from_hours(-24 * i64::from(days))));
    let wish = Wish { kind, before, only: customer.map(CustomerId) };
    let chosen = chosen(&db, &tenants, whose).await?;
    for tenant in &chosen {
        begin(&db, &tenants, tenant.id, &wish).await?;
    }
    let bar = bar();
    loop {
        let done = keys::step(&db, &tenants, BUDGET).await?;
        let (mut left, mut walked, mut many, mut phases) = (0, 0, 0, Vec::new());
        let tx = db.read().await?;
        for tenant in &chosen {
            for rotation in keys::rotations(&tx, tenant.id).await? {
                if !rotation.is_done() {
                    left += 1;
                    phases.push(rotation.phase.clone());
                }
                walked += rotation.walked;
                many += rotation.many;
            }
        }
        drop(tx);
        show(&bar, walked, many, &phases);
        if left == 0 {
            break;
        }
        if done == 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    bar.finish_and_clear();
    eprintln!("Done: no row stands under an old key of {} environments.", chosen.len());
    db.close();
    Ok(())
}

fn bar() -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg:10} {bar:40} {pos} of about {len} rows, {elapsed}")
    {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, walked: i64, many: i64, phases: &[String]) {
    bar.set_length(u64::try_from(many).unwrap_or(0));
    bar.set_position(u64::try_from(walked.min(many)).unwrap_or(0));
    bar.set_message(phases.first().cloned().unwrap_or_else(|| "done".into()));
}

async fn list(common: &Common, whose: &Whose, as_json: bool) -> Result<ExitCode> {
    let lines: Vec<Value> = match &whose.url {
        Some(url) => {
            let told = Server::at(url, whose.token.as_deref())?.ask("GET", "/keys", None).await?;
            told.as_array().cloned().unwrap_or_default()
        }
        None => {
            let (db, tenants) = wiring::open_to_read(common).await?;
            let mut lines = Vec::new();
            let tx = db.snapshot().await?;
            for tenant in chosen(&db, &tenants, whose).await? {
                let tenant = tenants.open(&tx, tenant.id).await?;
                for line in keys::list(&tx, &tenants, &tenant).await? {
                    lines.push(of_tenant(&tenant, &line));
                }
            }
            lines
        }
    };
    if as_json {
        println!("{}", Value::from(lines.clone()));
    } else {
        let mut shown = table(&["organization", "environment", "kind", "version", "state", "rows", "made"]);
        for line in &lines {
            let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            shown.add_row([
                word("organization"),
                word("environment"),
                word("kind"),
                word("version"),
                word("state"),
                line["rows"].to_string(),
                word("created_at"),
            ]);
        }
        println!("{shown}");
    }
    let missing = lines.iter().any(|line| line["state"] == "missing");
    Ok(if missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn of_tenant(tenant: &Tenant, line: &keys::Line) -> Value {
    let mut told = line.to_json();
    told["organization"] = json!(tenant.org.to_string());
    told["environment"] = json!(tenant.environment.as_str());
    told
}

async fn over_http(server: &Server, kind: Kind, customer: Option<Uuid>) -> Result<()> {
    let mut wish = json!({ "kind": kind.as_str() });
    if let Some(customer) = customer {
        wish["customer_id"] = customer.to_string().into();
    }
    server.ask("POST", "/keys/rotate", Some(wish)).await?;
    let bar = bar();
    loop {
        let all = server.ask("GET", "/keys/rotations", None).await?;
        let running: Vec<&Value> =
            all.as_array().into_iter().flatten().filter(|r| r["done"] == false).collect();
        let sum = |name: &str| running.iter().filter_map(|r| r[name].as_i64()).sum();
        let phases: Vec<String> =
            running.iter().filter_map(|r| r["phase"].as_str().map(str::to_owned)).collect();
        show(&bar, sum("walked"), sum("rows"), &phases);
        if running.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    bar.finish_and_clear();
    eprintln!("Done: no row stands under an old key.");
    Ok(())
}
