//! Programs that try the platform hard. Each is run by a script of the same name under `script/`, which starts what
//! it needs and says what came of it; none of them is part of the product.

mod simulate;

use std::process::ExitCode;

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
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Simulate(args) => simulate::run(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("trials: {error:#}");
        ExitCode::from(2)
    })
}
