//! What a lookup costs among the customers that are there: how long it takes and how much of the processor.

#![expect(clippy::float_arithmetic, reason = "statistics of durations")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base::db::Location;
use base::seams::{Clock as _, SystemClock};
use base::secret::Secret;
use serde_json::{Value, json};

use super::house::House;
use super::people::{UNKNOWN, by_ssn, phone, ssn};
use crate::dice::Dice;

/// What is there.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The master key of the installation
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// A token of the organization
    #[arg(long)]
    token: String,
    /// How many customers there are
    #[arg(long)]
    customers: u64,
    /// Every so manieth has an account
    #[arg(long, default_value_t = 10)]
    owing: u64,
    /// How many lookups of each kind
    #[arg(long, default_value_t = 3_000)]
    samples: u64,
}

pub(super) async fn run(location: &Location, args: &Args, seed: u64) -> Result<Value> {
    let master = std::fs::read_to_string(&args.key_file).context("reading the master key")?;
    let house =
        House::over(location, Secret::new(master.trim().to_owned()), Secret::new(args.token.clone())).await?;
    let (dice, clock) = (Dice::of(seed ^ args.customers), SystemClock::new());
    // Somebody who owes, somebody whose proof is wrong, and nobody: by turns, so that no kind has the warmer caches.
    let mut took: [Vec<Duration>; 3] = Default::default();
    let (warm, mut before) = (args.samples / 10, Duration::ZERO);
    for round in 0..warm + args.samples {
        if round == warm {
            before = processor_time()?;
        }
        for (kind, took) in took.iter_mut().enumerate() {
            house.clock.advance(7);
            let n = dice.below(args.customers / args.owing) * args.owing;
            let body = match kind {
                0 => by_ssn(&phone(n), &ssn(n)),
                1 => by_ssn(&phone(n + 1), &ssn(n)),
                _ => by_ssn(&phone(UNKNOWN + dice.below(UNKNOWN)), &ssn(n)),
            };
            let began = clock.monotonic();
            let answer = house.look(0, &body).await?;
            if round >= warm {
                took.push(clock.monotonic() - began);
            }
            // By chance the same phone may be tried too often.
            if answer.found() != (kind == 0) && answer.status != 429 {
                anyhow::bail!("lookup {kind} of {n} was answered {}", answer.status);
            }
        }
    }
    let used = processor_time()?.saturating_sub(before);
    let told = took.map(|mut all| {
        all.sort_unstable();
        let micros = |at: usize| all[at.min(all.len() - 1)].as_secs_f64() * 1e6;
        json!({ "median_micros": micros(all.len() / 2), "p99_micros": micros(all.len() * 99 / 100) })
    });
    let lookups = 3 * args.samples;
    Ok(json!({
        "customers": args.customers, "found": told[0], "wrong": told[1], "unknown": told[2],
        "processor_micros": used.as_secs_f64() * 1e6 / f64::from(u32::try_from(lookups)?),
    }))
}

/// What this process has used of the processor, in hundredths of a second.
fn processor_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    // After the name, which may hold anything: the 12th and the 13th are the program's and the system's on its behalf.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|n| n.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
