//! Clients that ask as fast as they are answered, each over a connection of its own, and measure how long that takes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base::seams::Seams;
use futures_util::future::try_join_all;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// What to ask, and how.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where, like 127.0.0.1:8080
    #[arg(long)]
    address: String,
    /// A bearer token
    #[arg(long)]
    token: String,
    /// What to ask for
    #[arg(long, value_enum)]
    what: What,
    /// The accounts to work on, as `seed` writes them
    #[arg(long, value_name = "FILE")]
    accounts: PathBuf,
    /// How many accounts `seed` makes
    #[arg(long, default_value_t = 1_000)]
    many: usize,
    /// Clients at once
    #[arg(long, default_value_t = 1)]
    clients: usize,
    /// How long
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// What to ask for.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Make accounts with a customer and a card each, and write them down
    Seed,
    /// Charge one dollar, each client on accounts of its own, each request under a key of its own
    Charges,
    /// Get an account by its id
    ById,
    /// Get an account by the caller's own id
    ByExternalId,
    /// Get a page of 100 accounts
    List,
}

/// An account to work on.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Account {
    debt: String,
    external: String,
    method: String,
}

/// One client's connection.
struct Client {
    send: SendRequest<Full<Bytes>>,
    host: String,
    bearer: String,
}

impl Client {
    async fn open(args: &Args) -> Result<Client> {
        let stream = TcpStream::connect(&args.address)
            .await
            .with_context(|| format!("connecting to {}", args.address))?;
        stream.set_nodelay(true)?;
        let (send, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Client { send, host: args.address.clone(), bearer: format!("Bearer {}", args.token) })
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        key: Option<String>,
        body: String,
    ) -> Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::AUTHORIZATION, &self.bearer)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.send.ready().await?;
        let answer = self.send.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    async fn made(&mut self, path: &str, body: Value) -> Result<String> {
        let (status, text) = self.ask(Method::POST, path, None, body.to_string()).await?;
        let answer: Value = serde_json::from_slice(&text)?;
        match answer["data"]["id"].as_str() {
            Some(id) => Ok(id.to_owned()),
            None => bail!("{path} answered {status}: {answer}"),
        }
    }
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let seams = Seams::system();
    if args.what == What::Seed {
        seed(args, &seams).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = std::fs::read(&args.accounts).context("reading the accounts; make them with --what seed")?;
    let accounts: Arc<Vec<Account>> = Arc::new(serde_json::from_slice(&text)?);
    let name = seams.random_hex().reveal()[..16].to_owned();
    let end = seams.monotonic() + Duration::from_secs(args.seconds);
    let began = seams.monotonic();
    let clients = (0..args.clients).map(|number| {
        let (accounts, name, seams) = (accounts.clone(), name.clone(), seams.clone());
        async move { one_client(args, number, &accounts, &name, &seams, end).await }
    });
    let done = try_join_all(clients).await?;
    let seconds = (seams.monotonic() - began).as_secs_f64();
    let refused: u64 = done.iter().map(|(_, refused)| refused).sum();
    let mut took: Vec<u64> = done.into_iter().flat_map(|(took, _)| took).collect();
    took.sort_unstable();
    let at = |per_mille: usize| took.get((took.len() * per_mille / 1_000).min(took.len().saturating_sub(1)));
    let told = json!({
        "answers": took.len(), "refused": refused, "seconds": seconds,
        "p50_us": at(500), "p99_us": at(990), "p999_us": at(999), "cpu_ticks": own_ticks()?,
    });
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}

/// Asks until the end; gives how long each good answer took, in microseconds, and how many were none.
async fn one_client(
    args: &Args,
    number: usize,
    accounts: &[Account],
    name: &str,
    seams: &Seams,
    end: Duration,
) -> Result<(Vec<u64>, u64)> {
    let mut client = Client::open(args).await?;
    let (mut took, mut refused) = (Vec::new(), 0);
    // Every client has accounts of its own, so that none waits for another's lock.
    let own: Vec<&Account> = accounts.iter().skip(number).step_by(args.clients).collect();
    for (n, account) in own.iter().cycle().enumerate() {
        let before = seams.monotonic();
        if before >= end {
            break;
        }
        let (status, text) = match args.what {
            What::Charges => {
                let body = json!({ "debt_account_id": account.debt, "payment_method_id": account.method, "amount": 100 });
                let key = format!("{name}-{number}-{n}");
                client.ask(Method::POST, "/api/v1/charges", Some(key), body.to_string()).await?
            }
            What::ById => get(&mut client, &format!("/api/v1/debt-accounts/{}", account.debt)).await?,
            What::ByExternalId => {
                get(&mut client, &format!("/api/v1/debt-accounts/{}", account.external)).await?
            }
            What::List => get(&mut client, "/api/v1/debt-accounts?limit=100").await?,
            What::Seed => bail!("seeding measures nothing"),
        };
        if status.is_success() {
            took.push(u64::try_from((seams.monotonic() - before).as_micros())?);
        } else {
            if refused == 0 {
                eprintln!("{status}: {}", String::from_utf8_lossy(&text));
            }
            refused += 1;
        }
    }
    Ok((took, refused))
}

async fn get(client: &mut Client, path: &str) -> Result<(StatusCode, Bytes)> {
    client.ask(Method::GET, path, None, String::new()).await
}

async fn seed(args: &Args, seams: &Seams) -> Result<()> {
    let name = seams.random_hex().reveal()[..8].to_owned();
    let share = args.many.div_ceil(args.clients);
    let clients = (0..args.clients).map(|number| {
        let name = &name;
        async move {
            let mut client = Client::open(args).await?;
            let mut made = Vec::with_capacity(share);
            for n in 0..share {
                let external = format!("acct-{name}-{number}-{n}");
                let customer = client.made("/api/v1/customers", json!({ "name": "Ada Lovelace" })).await?;
                let debt =
                    json!({ "customer_id": customer, "balance": 100_000_000, "external_id": external });
                let debt = client.made("/api/v1/debt-accounts", debt).await?;
                let method = json!({ "customer_id": customer, "token": "tok_visa" });
                let method = client.made("/api/v1/payment-methods", method).await?;
                made.push(Account { debt, external, method });
            }
            anyhow::Ok(made)
        }
    });
    let made: Vec<Account> = try_join_all(clients).await?.into_iter().flatten().collect();
    std::fs::write(&args.accounts, serde_json::to_vec(&made)?)?;
    println!("{}", made.len());
    Ok(())
}

/// The processor time this process has taken, in ticks of the kernel's clock.
fn own_ticks() -> Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(ticks.sum::<Result<u64, _>>()?)
}
