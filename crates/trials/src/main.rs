//! Programs that try the platform hard. Each is run by a script of the same name under `script/`, which starts what
//! it needs and says what came of it; none of them is part of the product.

#![expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]

mod bench;
mod check;
mod client;
mod days;
mod dice;
mod floor;
mod history;
mod import_floor;
mod load;
mod lookup;
mod plans;
mod poison;
mod proxy;
mod receive;
mod schedule;
mod simulate;
mod storm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tries the platform hard.
#[derive(Parser)]
#[command(name = "trials", version, arg_required_else_help = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the real code and SQL through simulated months, in one thread, decided by a seed
    Simulate(simulate::Args),
    /// Pay from many clients at once, and keep a history of all that was asked and heard
    Load(load::Args),
    /// Ask as fast as some clients can, and measure how long each answer takes
    BenchLoad(bench::Args),
    /// Do in a bare loop what a payment costs the embedded database and the journal, and measure how many fit
    Floor(floor::Args),
    /// Write the rows that an import made by one prepared insert a table, and measure how long that takes
    ImportFloor(import_floor::Args),
    /// Send the same requests from everybody at once
    Storm(storm::Args),
    /// Make many charges for one later day, or as many plans
    Schedule(schedule::Args),
    /// Compute the calendars of plans: terms as JSON, line by line, from standard input
    Days,
    /// Let nothing run for 72 hours while instalments of plans fall due
    Standstill(plans::standstill::Args),
    /// Refuse and return what plans present, in random sequences
    Returns(plans::returns::Args),
    /// Look people up as somebody does who should not find them
    Lookup(lookup::Args),
    /// Be a wire that can fail
    Proxy(proxy::Args),
    /// Tell webhooks things of which some cannot be told, and measure how long the others take
    Poison(poison::Args),
    /// Be the server that webhooks lead to
    Receive(receive::Args),
    /// Tell that server something again and again, with a bare client
    Tell(receive::TellArgs),
    /// Hold what clients saw, what the processor did and what the books say against each other
    Check(check::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Simulate(args) => simulate::run(&args),
        Command::Load(args) => wait(load::run(&args)),
        Command::BenchLoad(args) => wait(bench::run(&args)),
        Command::Floor(args) => wait(floor::run(&args)),
        Command::ImportFloor(args) => wait(import_floor::run(&args)),
        Command::Storm(args) => wait(storm::run(&args)),
        Command::Schedule(args) => wait(schedule::run(&args)),
        Command::Days => days::run(),
        Command::Standstill(args) => wait(plans::standstill::run(&args)),
        Command::Returns(args) => wait(plans::returns::run(&args)),
        Command::Lookup(args) => wait(lookup::run(&args)),
        Command::Proxy(args) => wait(proxy::run(&args)),
        Command::Poison(args) => wait(poison::run(&args)),
        Command::Receive(args) => wait(receive::run(&args)),
        Command::Tell(args) => wait(receive::tell(&args)),
        Command::Check(args) => wait(check::run(&args)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("trials: {error:#}");
        ExitCode::from(2)
    })
}

fn wait(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}
