//! The sandbox processor as a program of its own.
//!
//! What must hold: it says where it listens once it does; it stops on SIGTERM or ctrl-c after its running calls; the
//! secret never stands on its command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, ValueEnum};
use sandbox::http::{Clock, Door};
use sandbox::wire::Capabilities;
use sandbox::{Random, Service, Settings};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const EXAMPLES: &str = "\
Examples:
  Run it, then charge a test card:
    quittance-sandbox --journal sandbox.journal
    curl http://127.0.0.1:4010/charges -d '{\"key\":\"a1\",\"token\":\"tok_visa\",\"amount\":5000}'

  Ask what became of it, and say the same again: the same answer, and no second charge:
    curl 'http://127.0.0.1:4010/lookup?key=a1'

  See every test card, account, token and amount:
    quittance-sandbox --magic

  Lose one answer in ten, the same ones every time:
    echo '[{\"match\":{\"op\":\"submit\",\"one_in\":10,\"seed\":7},\"do\":\"drop_answer_after\"}]' > faults.json
    quittance-sandbox --fault-script faults.json

The secret callers must send (Authorization: Bearer …) is read from --secret-file, or else from the
environment variable QUITTANCE_PROCESSOR_SECRET. Without one it listens on this machine only.";

/// A card and bank processor to rehearse against: test cards, declines, lost answers, ACH returns.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4010", value_name = "ADDRESS")]
    listen: SocketAddr,

    /// The file that remembers every charge
    #[arg(long, default_value = "sandbox.journal", value_name = "PATH")]
    journal: PathBuf,

    /// How long bank debits take to settle or come back
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    settle_after_seconds: u32,

    /// What bank debits settle by: `--settle-after-seconds`, or the Federal Reserve's calendar
    #[arg(long, default_value = "seconds", value_name = "WHAT")]
    settle: Settle,

    /// Rules that break calls on purpose, as a JSON list
    #[arg(long, value_name = "FILE")]
    fault_script: Option<PathBuf>,

    /// A file that holds the secret callers must send
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// Forget keys after so long, and charge again under them; 0: at once
    #[arg(long, env = "QUITTANCE_SANDBOX_IDEMPOTENCY_SECONDS", value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..))]
    idempotency_seconds: Option<i64>,

    /// Pretend that keys cannot be looked up
    #[arg(long, env = "QUITTANCE_SANDBOX_NO_LOOKUP")]
    no_lookup: bool,

    /// Pretend that there is no list of charges
    #[arg(long, env = "QUITTANCE_SANDBOX_NO_LIST")]
    no_list: bool,

    /// Pretend that charges cannot be voided
    #[arg(long, env = "QUITTANCE_SANDBOX_NO_VOID")]
    no_void: bool,

    /// Print the table of test cards, accounts, tokens and amounts, and leave
    #[arg(long)]
    magic: bool,
}

/// What bank debits settle by.
#[derive(Clone, Copy, ValueEnum)]
enum Settle {
    /// A number of seconds.
    Seconds,
    /// The morning of the next banking day.
    BankingDays,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    if args.magic {
        print!("{}", sandbox::magic::markdown());
        return Ok(());
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();

    let secret = secret(&args)?;
    if secret.is_none() && !args.listen.ip().is_loopback() {
        bail!("listening on {} needs a secret: give --secret-file", args.listen);
    }
    let capabilities = Capabilities {
        idempotency_seconds: args.idempotency_seconds,
        lookup: !args.no_lookup,
        list: !args.no_list,
        void: !args.no_void,
    };
    let settings = Settings {
        settle_after_seconds: args.settle_after_seconds,
        settle_on_banking_days: matches!(args.settle, Settle::BankingDays),
        capabilities,
        ..Settings::at(&args.journal)
    };
    let service = Service::open(settings, system_random())?;
    if let Some(path) = &args.fault_script {
        let script = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let rules = serde_json::from_slice(&script).with_context(|| format!("in {}", path.display()))?;
        service.set_faults(rules);
    }

    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("listening on {}", args.listen))?;
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    println!("quittance-sandbox listening on http://{}", listener.local_addr()?);

    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let stop = async move {
        tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
        // Nobody listens any more only where serving has failed already.
        let _ = stopping.send(());
    };
    let door = Door { secret, clock: Some(system_clock()), ..Door::default() };
    let serving = sandbox::http::serve(listener, service, door, stop);
    let out_of_patience = async {
        match stopped.await {
            Ok(()) => tokio::time::sleep(Duration::from_secs(5)).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = serving => served.context("serving"),
        () = out_of_patience => Ok(()), // What still runs was told to hang.
    }
}

#[expect(clippy::disallowed_methods, reason = "a secret has no place on a command line")]
fn secret(args: &Args) -> Result<Option<String>> {
    let read = match &args.secret_file {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?,
        None => std::env::var("QUITTANCE_PROCESSOR_SECRET").unwrap_or_default(),
    };
    let secret = read.trim().to_owned();
    if secret.is_empty() && args.secret_file.is_some() {
        bail!("the secret file is empty");
    }
    Ok((!secret.is_empty()).then_some(secret))
}

fn system_random() -> Random {
    #[expect(clippy::disallowed_methods, reason = "the program's one source of chance")]
    Arc::new(|bytes| getrandom::fill(bytes).expect("the system has random bytes"))
}

fn system_clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "for people with curl; programs say `now` themselves")]
    Arc::new(|| jiff::Timestamp::now().as_microsecond())
}
