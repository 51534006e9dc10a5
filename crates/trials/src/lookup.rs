//! Looking people up, as somebody does who should not find them: the real handlers and SQL, with a clock that is moved.
//!
//! - `attack`: months of attempts at known phones by everything that is let through, and a spray over many phones.
//! - `count`: failures that are counted by several nodes at once, and by those that come after them.
//! - `alike`: the answers to whom we know and whom we do not, byte by byte.
//! - `timing`: whether the time an answer takes tells one from the other.
//! - `flat`: what a lookup costs among so many customers.

mod alike;
mod attack;
mod count;
mod flat;
mod house;
mod people;
mod timing;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use base::db::Location;
use base::secret::Secret;

/// What is tried, and where.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
    /// An embedded database: made where there is none
    #[arg(long, global = true, value_name = "FILE")]
    database: Option<PathBuf>,
    /// A PostgreSQL database, empty where one is made
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Decides what is tried
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
}

#[derive(clap::Subcommand)]
enum What {
    /// Try to find people for thirty days each, and spray over many phones
    Attack(attack::Args),
    /// Fail on several nodes at once, and see that each failure counts once
    Count(count::Args),
    /// Compare the answers about whom we know and whom we do not
    Alike,
    /// Compare the time that those answers take
    Timing(timing::Args),
    /// Measure lookups among the customers that are there
    Flat(flat::Args),
}

impl Args {
    fn location(&self) -> Result<Location> {
        match (&self.database, &self.database_url) {
            (Some(path), None) => Ok(Location::Lite { path: path.clone(), inline: false }),
            (None, Some(url)) => Ok(Location::Pg { url: Secret::new(url.clone()), connections: 16 }),
            _ => bail!("name a database: --database FILE or --database-url URL"),
        }
    }
}

/// Tries it, and says what came of it on one line of JSON.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let location = args.location()?;
    let told = match &args.what {
        What::Attack(what) => attack::run(&location, what, args.seed).await?,
        What::Count(what) => count::run(&location, what).await?,
        What::Alike => alike::run(&location).await?,
        What::Timing(what) => timing::run(&location, what, args.seed).await?,
        What::Flat(what) => flat::run(&location, what, args.seed).await?,
    };
    println!("{told}");
    Ok(ExitCode::SUCCESS)
}
