//! Deliveries among which some cannot be opened and some panic: how long the others take, beside how long they take alone.
//!
//! The real courier, SQL and HTTP to a server in this process. The same number of events is told twice: with none of them
//! spoiled, and with one in a hundred that no key opens and one in a hundred over whose object the program panics.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adapters::egress::{Policy, Web};
use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::routing::post;
use base::db::{Command, Db, Ids, Location, Tx, migrate};
use base::net::Range;
use base::seams::Seams;
use base::secret::Secret;
use base::vault::MasterKey;
use books::events::{self, EventRow};
use books::orgs::{self, Environment, Tenant, Tenants};
use exchange::webhooks::{self, Courier, FanOut, Fields, WebhookId};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How to poison.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where an embedded database is made
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// An empty PostgreSQL database
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// How many events each time
    #[arg(long, default_value_t = 10_000)]
    events: u64,
    /// How often both are measured
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// Of how many events one cannot be opened, and of how many one panics
    #[arg(long, default_value_t = 100)]
    one_in: u64,
}

/// Writes events about as many things.
struct Tell<'a> {
    tenant: &'a Tenant,
    many: u64,
    one_in: Option<u64>,
}

impl Command for Tell<'_> {
    type Out = ();

    fn name(&self) -> &'static str {
        "trials.tell"
    }

    async fn exec(&self, tx: &Tx) -> Result<(), base::Failure> {
        let is = |n: u64, kind| self.one_in.is_some_and(|one_in| n % one_in == kind);
        let mut rows: Vec<EventRow> = (0..self.many)
            .map(|n| {
                let body = json!({ "name": if is(n, 1) { "panic" } else { "a bank" }, "n": n });
                events::row(tx, self.tenant, "ticket.create", "ticket", tx.new_id::<uuid::Uuid>(), &body)
            })
            .collect();
        let spoiled: Vec<_> =
            (0u64..).zip(&rows).filter(|(n, _)| is(*n, 0)).map(|(_, row)| row.id()).collect();
        for rows in rows.chunks_mut(1_000) {
            tx.insert(rows).await?;
        }
        if !spoiled.is_empty() {
            let sql = "UPDATE event SET body = $3 WHERE tenant_id = $1 AND id IN ids($2)";
            tx.run(sql, &[&self.tenant.id, &Ids::of(spoiled), &vec![0u8; 64]]).await?;
        }
        Ok(())
    }
}

fn present(_: &str, _: &str, body: Value) -> Value {
    assert_ne!(body["name"], "panic", "an object that nobody can show");
    body
}

/// A server that answers 200 and counts.
async fn server() -> Result<(String, Arc<AtomicU64>)> {
    let (listener, count) = (TcpListener::bind("127.0.0.1:0").await?, Arc::new(AtomicU64::new(0)));
    let url = format!("http://{}/hook", listener.local_addr()?);
    let counted = count.clone();
    let answer = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { "" }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(answer))).await });
    Ok((url, count))
}

struct House {
    db: Db,
    tenant: Tenant,
    courier: Courier,
    arrived: Arc<AtomicU64>,
}

impl House {
    async fn make(args: &Args) -> Result<House> {
        let location = match (&args.database, &args.database_url) {
            (Some(path), None) => Location::Lite { path: path.clone(), inline: false },
            (None, Some(url)) => Location::Pg { url: Secret::new(url.clone()), connections: 8 },
            _ => bail!("name --database or --database-url"),
        };
        let seams = Seams::system();
        let db = Db::open(&location, seams.clone()).await?;
        migrate::migrate(&db, books::schema::MIGRATIONS).await?;
        let tenants = Arc::new(Tenants::new(MasterKey::generate(&seams)));
        let new =
            orgs::Create { tenants: &tenants, name: "Agency".into(), time_zone: "America/New_York".into() };
        let org = db.run(&new).await?;
        let tenant = tenants.of(&db.read().await?, org, Environment::Sandbox).await?;
        let (url, arrived) = server().await?;
        let fields =
            Fields { url: Some(url), events: Some(vec!["ticket.create".into()]), ..Fields::default() };
        let id: WebhookId = seams.id();
        db.run(&webhooks::Create { tenant: &tenant, id, fields: &fields }).await?;
        let policy = Policy::allowing(vec![Range::parse("127.0.0.1").context("an address")?]);
        let courier = Courier::new(db.clone(), tenants, Arc::new(Web::new(policy)?), present);
        Ok(House { db, tenant, courier, arrived })
    }

    /// Tells so many things, and gives how long it took until those that can be told have arrived.
    async fn told(&self, many: u64, one_in: Option<u64>) -> Result<Duration> {
        self.db.run(&Tell { tenant: &self.tenant, many, one_in }).await?;
        while events::sequence(&self.db, &FanOut).await? > 0 {}
        self.db.look_at_grown_tables().await?; // as the program's loop does
        let good = many - one_in.map_or(0, |one_in| 2 * (many / one_in));
        let (before, began) = (self.arrived.load(Ordering::Relaxed), self.db.seams().monotonic());
        while self.arrived.load(Ordering::Relaxed) - before < good {
            if self.courier.step(16).await? == 0 {
                bail!("of {good} deliveries {} arrived", self.arrived.load(Ordering::Relaxed) - before);
            }
        }
        Ok(self.db.seams().monotonic().saturating_sub(began))
    }
}

/// Measures, and says how long the others took alone and beside, in milliseconds.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let house = House::make(args).await?;
    let good = args.events - 2 * (args.events / args.one_in);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    house.told(args.events / 10, None).await?; // the first ones warm everything up
    for _ in 0..args.times {
        alone.push(u64::try_from(house.told(good, None).await?.as_millis())?);
        beside.push(u64::try_from(house.told(args.events, Some(args.one_in)).await?.as_millis())?);
    }
    println!("{}", json!({ "others": good, "alone_ms": alone, "beside_ms": beside }));
    Ok(ExitCode::SUCCESS)
}
