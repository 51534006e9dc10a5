//! The simulation.

use std::process::ExitCode;

use anyhow::Result;

/// What to simulate.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many seeds
    #[arg(long, default_value_t = 100)]
    seeds: u64,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    println!("{} seeds", args.seeds);
    Ok(ExitCode::SUCCESS)
}
