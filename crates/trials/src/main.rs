//! Programs that try the platform hard. Each is run by a script of the same name under `script/`, which starts what
//! it needs and says what came of it; none of them is part of the product.

mod check;
mod client;
mod dice;
mod history;
mod load;
mod simulate;

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
    /// Hold what clients saw, what the processor did and what the books say against each other
    Check(check::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Simulate(args) => simulate::run(&args),
        Command::Load(args) => wait(load::run(&args)),
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
