//! The program: command line, settings, wiring, and the loop that runs the steps.

mod backup;
mod bank;
mod clock;
mod commands;
mod deliveries;
mod demo;
mod doctor;
mod files;
mod jobs;
mod keys;
mod loops;
mod metrics;
mod nacha_files;
mod news;
mod node_clock;
mod reconcile;
mod review;
mod schedule;
mod serve;
mod server;
mod settings;
mod telling;
mod verify;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::settings::{Common, Serving};

/// Quittance: people settle their debts, agencies run it on their own server.
///
/// Try it:          quittance demo
/// Run it:          quittance serve
/// Prove the books: quittance verify
///
/// By default everything is kept in one directory (SQLite). To grow, or to run several nodes, set
/// QUITTANCE_DATABASE_URL to a PostgreSQL database.
#[derive(Parser)]
#[command(
    name = "quittance",
    version,
    verbatim_doc_comment,
    arg_required_else_help = true,
    max_term_width = 110
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill a fresh directory with a believable agency, serve it, and say what to type
    #[command(
        after_help = "Example:\n  quittance demo\n  quittance demo --json | head -1 | python3 -m json.tool"
    )]
    Demo {
        /// Print one line of JSON first: base_url, organization, sandbox_token, production_token, publishable_key
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        serving: Serving,
    },
    /// Serve the API, and run what waits: due charges, open questions, events
    #[command(
        after_help = "Example:\n  quittance --data-dir /var/lib/quittance serve --listen 0.0.0.0:8080 --public-url https://pay.example.com"
    )]
    Serve {
        #[command(flatten)]
        serving: Serving,
    },
    /// Bring the database's schema up to date and stop
    Migrate,
    /// Make and list organizations (agencies, law firms, creditors)
    #[command(subcommand)]
    Org(commands::Org),
    /// Make, list and revoke bearer tokens
    #[command(subcommand)]
    Token(commands::Token),
    /// List keys, and exchange them while everything is in use
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Recompute the books from the entries and compare them with every balance and with the processor's own list
    ///
    /// Reads beside a running server and changes nothing. Ends with status 1 on the first cent of difference.
    Verify {
        /// Open every sealed value too
        #[arg(long)]
        deep: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare every charge and refund with the processor's own books, both ways
    ///
    /// Reads beside a running server and changes nothing. Ends with status 1 where anything differs, and says what to
    /// do about it.
    #[command(
        after_help = "Examples:\n  quittance reconcile\n  quittance reconcile --since 2026-11-01 --csv november.csv"
    )]
    Reconcile(reconcile::Asked),
    /// Copy the database, live and consistent, into a directory with a manifest
    ///
    /// An embedded database is copied with the sandbox's journal; of PostgreSQL a dump is taken with its own tools.
    /// The master key is not copied: keep it elsewhere, or the copy could be read by whoever finds it.
    #[command(
        after_help = "Examples:\n  quittance backup /backups/2026-11-21\n  quittance backup --verify /backups/2026-11-21"
    )]
    Backup {
        /// The directory to make
        target: std::path::PathBuf,
        /// Do not copy: prove the backup that is there, that its files are whole, open, and hold right books
        #[arg(long)]
        verify: bool,
    },
    /// Put a backup in place, and switch verify mode on: nothing is charged before the processor was asked about it
    ///
    /// Goes where --data-dir or QUITTANCE_DATABASE_URL say. The processor's own books are never rolled back.
    #[command(after_help = "Example:\n  quittance --data-dir /var/lib/quittance restore /backups/2026-11-21")]
    Restore {
        /// The backup's directory
        from: std::path::PathBuf,
        /// Replace what is there, and keep it aside
        #[arg(long)]
        force: bool,
    },
    /// Take a file of accounts and customers in, straight into the database
    ///
    /// A table needs a header of field names: external_id, customer_id, balance, current_balance, status, metadata.desk …
    /// and, for the customer and the location, customer.external_id, customer.name, customer.address.line1,
    /// location.name. Known accounts (by external_id) are changed, unknown ones are made; an empty cell changes nothing.
    /// Comma, semicolon, pipe and tab separate; UTF-8 and Windows-1252 are read; amounts are whole cents.
    ///
    /// Records are applied some thousand at a time, each whole or not at all. One that is refused is listed in
    /// FILE.errors.csv and costs no other record anything; the status is 1 then. Stop with Ctrl-C, or kill it: the same
    /// command goes on where it was, and a file that was applied is not applied again within a day. On SQLite the server
    /// has to be stopped; on PostgreSQL it may run.
    #[command(
        after_help = "Examples:\n  quittance import accounts.csv --org 0193… --env production --dry-run\n  quittance import accounts.csv --org 0193… --env production --total-rows 250000 --total-balance 1840022317\n  quittance import placement.txt --org 0193… --env production --format csv --map ACCTNO=external_id,NAME=customer.name,DEBTOR=customer.external_id,BAL=balance\n  quittance import customers.ndjson --org 0193… --env sandbox --type customers"
    )]
    Import(files::Importing),
    /// Write everything that has a list into a file, as a table or as a JSON object a line
    ///
    /// Reads beside a running server, newest first, in memory that does not grow. Text that a spreadsheet would take for a
    /// formula begins with an apostrophe; `import` takes it away again.
    #[command(
        after_help = "Examples:\n  quittance export debt-accounts --org 0193… --env production -o accounts.csv\n  quittance export transactions --org 0193… --env production --format ndjson --from 2026-11-01 | gzip > november.ndjson.gz"
    )]
    Export(files::Exporting),
    /// Look whether an installation is fit to take real money, and say what to do
    ///
    /// Secrets, database, processors, calendars, clock, disk, backups, tokens, webhooks, what waits for people, mail and the
    /// public address. Give it the flags and the environment that the server has. It reads beside a running server and changes
    /// nothing. Ends with status 1 where something must be mended; warnings do not fail.
    #[command(
        after_help = "Examples:\n  quittance --data-dir /var/lib/quittance doctor --public-url https://pay.example.com --backups /backups\n  quittance doctor --json"
    )]
    Doctor(doctor::Asked),
    /// Read what banks send, and hold it against what is expected of them
    #[command(subcommand)]
    Bank(bank::Bank),
    /// See how the queues stand, send again what was given up, hold a queue
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Print the calendar of a payment plan, and why each day was chosen
    #[command(subcommand)]
    Schedule(schedule::Schedule),
    /// Look into ACH files: what is in them, and every fault with its line and columns
    #[command(subcommand)]
    Nacha(nacha_files::Nacha),
    /// Freeze and advance a sandbox's time: two years of payment plans in a minute
    ///
    /// Everything in that environment follows. Asks a running server, with a token of the sandbox.
    #[command(subcommand)]
    Clock(clock::Clock),
    /// See what only a person can decide, and how each processor stands
    #[command(subcommand)]
    Review(review::Review),
    /// Print the versions of the program, the schema and the database libraries
    Version,
}

/// How a program ends that wrote to a pipe which nobody reads: as if the signal for it had ended it.
const NOBODY_READS: i32 = 128 + 13;

/// Lets `quittance … | head` end without a word: whoever has read enough is no fault.
fn end_quietly_where_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(NOBODY_READS);
        }
        usual(panic);
    }));
}

fn main() -> ExitCode {
    end_quietly_where_nobody_reads();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error.into()),
    };
    let Cli { common, command } = cli;
    let done = runtime.block_on(async move {
        match command {
            Command::Demo { json, serving } => demo::run(&common, serving, json).await,
            Command::Serve { serving } => serve::run(&common, serving).await,
            Command::Migrate => commands::migrate(&common).await,
            Command::Org(command) => commands::org(&common, command).await,
            Command::Token(command) => commands::token(&common, command).await,
            Command::Keys(command) => keys::run(&common, command).await,
            Command::Verify { deep, json } => verify::run(&common, deep, json).await,
            Command::Reconcile(asked) => reconcile::run(&common, &asked).await,
            Command::Backup { target, verify: true } => backup::prove(&common, &target).await,
            Command::Backup { target, verify: false } => backup::run(&common, &target).await,
            Command::Restore { from, force } => backup::restore(&common, &from, force).await,
            Command::Import(asked) => files::import(&common, &asked).await,
            Command::Export(asked) => files::export(&common, &asked).await,
            Command::Doctor(asked) => doctor::run(&common, &asked).await,
            Command::Bank(command) => bank::run(&common, command).await,
            Command::Jobs(command) => jobs::run(&common, command).await,
            Command::Review(command) => review::run(&common, command).await,
            Command::Schedule(command) => schedule::run(&command),
            Command::Nacha(command) => nacha_files::run(&command),
            Command::Clock(command) => clock::run(command).await,
            Command::Version => commands::version(),
        }
    });
    done.unwrap_or_else(|error| refuse(&error))
}

/// Says what is wrong and what to do, on one line for each cause.
fn refuse(error: &anyhow::Error) -> ExitCode {
    let words: Vec<String> = error.chain().map(settings::plain).collect();
    eprintln!("quittance: {}", words.join("\n  because: "));
    ExitCode::from(2)
}
