//! The simulation: the real till, the real SQL, two nodes in one thread, and a seed that decides everything else.
//!
//! A run is sixty days, an outcome and a hash of all that happened. The same seed gives the same hash, on every
//! machine, which the program proves by running seeds twice; a seed that fails is printed and can be run again with
//! `--seed N --trace`. Rare branches are counted, and a run in which one was never taken fails: it proved nothing
//! about it. Stopped by hand, a run tells what it has done by then.
//!
//! It proves the protocol and its fences. On one thread nobody waits for a lock: races within the database are for
//! the harnesses that run the real program on PostgreSQL.

mod acts;
mod agenda;
mod check;
mod chronicle;
mod clients;
mod dice;
mod node;
mod outage;
mod plan;
mod report;
mod rows;
mod template;
mod wire;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use base::seams::{Clock as _, SystemClock};
use tokio::signal::unix::{SignalKind, signal};

use self::chronicle::{Counts, Ear};
use self::dice::hashed;
use self::plan::Plan;
use self::template::Template;
pub(crate) use self::wire::sandbox;
use self::world::World;

/// What is owed on an account, at least, in cents.
const EACH_OWES: i64 = 180_00;
/// After so many failed seeds a run gives up.
const ENOUGH: usize = 5;

/// What to simulate.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many seeds
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Only this seed
    #[arg(long, conflicts_with_all = ["seeds", "from", "quick", "deep"])]
    seed: Option<u64>,
    /// Print everything that happens, with --seed
    #[arg(long, requires = "seed")]
    trace: bool,
    /// 60 seeds, for every change
    #[arg(long, conflicts_with_all = ["seeds", "deep"])]
    quick: bool,
    /// 100,000 seeds
    #[arg(long, conflicts_with = "seeds")]
    deep: bool,
    /// Run every so manieth seed twice and compare the hashes [default: 1, with --quick 4, with --deep 100]
    #[arg(long)]
    twice: Option<u64>,
    /// Simulations at once, each on a thread of its own
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Where the databases are kept while they are used
    #[arg(long, default_value = "/dev/shm")]
    place: std::path::PathBuf,
    /// Write the result into this file, as Markdown
    #[arg(long)]
    record: Option<std::path::PathBuf>,
    /// Another scenario: `outage`, the processor away for 72 hours with thousands of open charges
    #[arg(long, value_parser = ["outage"], conflicts_with_all = ["seeds", "quick", "deep", "trace"])]
    scenario: Option<String>,
}

/// What came of one seed.
struct Run {
    hash: u64,
    counts: Counts,
    wrong: Option<String>,
}

/// What came of all of them.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) seeds: u64,
    pub(crate) twice: u64,
    pub(crate) days: u64,
    pub(crate) counts: Counts,
    /// Of every hash, whatever the order.
    pub(crate) hash: u64,
    pub(crate) wrong: Vec<(u64, String)>,
    pub(crate) seconds: u64,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    tracing::subscriber::set_global_default(Ear).context("somebody else listens to the log")?;
    let dir = Scratch::make(&args.place)?;
    if args.scenario.is_some() {
        return outage::run(dir.path(), args.seed.unwrap_or(1));
    }
    let template = futures_util::FutureExt::now_or_never(Template::make(dir.path(), EACH_OWES));
    let template = template.context("an inline database answers at once")??;
    if let Some(seed) = args.seed {
        let run = once(&template, Plan::of(seed), seed, &dir.path().join("one.db"), args.trace);
        let branches: String = run.counts.iter().map(|(branch, n)| format!("{n:8}  {branch}\n")).collect();
        println!("{branches}seed {seed}: hash {:016x}", run.hash);
        return Ok(run.wrong.map_or(ExitCode::SUCCESS, |wrong| {
            eprintln!("seed {seed} failed: {wrong}");
            ExitCode::FAILURE
        }));
    }
    let seeds = match (args.quick, args.deep) {
        (true, _) => 60,
        (_, true) => 100_000,
        _ => args.seeds,
    };
    let twice = args.twice.unwrap_or(match (args.quick, args.deep) {
        (true, _) => 4,
        (_, true) => 100,
        _ => 1,
    });
    let totals = all(&template, dir.path(), args.from, seeds, twice, args.jobs)?;
    report::print(&totals);
    if let Some(file) = &args.record {
        std::fs::write(file, report::markdown(&totals)).context("writing the record")?;
    }
    for (seed, wrong) in &totals.wrong {
        eprintln!("seed {seed} failed: {wrong}\n  run it again: script/simulate --seed {seed} --trace");
    }
    let missed = report::missed(&totals);
    for missed in &missed {
        eprintln!("{missed}");
    }
    Ok(if totals.wrong.is_empty() && missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the seeds, `jobs` at a time.
fn all(template: &Template, dir: &Path, from: u64, seeds: u64, twice: u64, jobs: usize) -> Result<Totals> {
    let clock = SystemClock::new();
    let bar = indicatif::ProgressBar::new(seeds);
    let style = "{bar:40} {pos}/{len} seeds, {per_sec}, {eta} left {msg}";
    bar.set_style(indicatif::ProgressStyle::with_template(style).context("the style of a bar")?);
    let next = AtomicU64::new(from);
    let totals = Mutex::new(Totals::default());
    let enough = stopped_by_hand()?;
    let of = || totals.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for job in 0..jobs.max(1) {
            let (next, of, bar, enough) = (&next, &of, &bar, &enough);
            let place = dir.join(format!("{job}.db"));
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let over = seed >= from + seeds || enough.load(Ordering::Relaxed);
                    if over || of().wrong.len() >= ENOUGH {
                        return;
                    }
                    let again = twice > 0 && seed.is_multiple_of(twice);
                    let run = one(template, seed, &place, again);
                    let mut totals = of();
                    totals.take(seed, again, run);
                    let wrong = totals.wrong.len();
                    drop(totals);
                    if wrong > 0 {
                        bar.set_message(format!("{wrong} failed"));
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    totals.seconds = clock.monotonic().as_secs().max(1);
    if totals.seeds == 0 {
        bail!("no seed was run");
    }
    Ok(totals)
}

/// Becomes true with Ctrl-C or SIGTERM: the seeds that were run by then are told, as if no more had been asked for.
fn stopped_by_hand() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let (runtime, told) = (tokio::runtime::Builder::new_current_thread().enable_all().build()?, stop.clone());
    std::thread::spawn(move || {
        runtime.block_on(async {
            let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
            tokio::select! { _ = terminate.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
            told.store(true, Ordering::Relaxed);
        });
    });
    Ok(stop)
}

/// A seed, and where asked for the same again, which must give the same hash.
fn one(template: &Template, seed: u64, place: &Path, again: bool) -> Run {
    let mut run = once(template, Plan::of(seed), seed, place, false);
    if again && run.wrong.is_none() {
        let second = once(template, Plan::of(seed), seed, place, false);
        if second.hash != run.hash {
            run.wrong = Some(format!("it does not replay: {:016x}, then {:016x}", run.hash, second.hash));
        }
    }
    run
}

fn once(template: &Template, plan: Plan, seed: u64, place: &Path, show: bool) -> Run {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut world =
            World::new(template, plan, seed, place, show).map_err(|e| (format!("{e:#}"), None))?;
        let done = world.run();
        let (hash, counts) = (world.chronicle.hash(), world.chronicle.counts());
        match done {
            Ok(()) => Ok(Run { hash, counts, wrong: None }),
            Err(wrong) => Err((wrong, Some((hash, counts)))),
        }
    }));
    let (wrong, rest) = match ran {
        Ok(Ok(run)) => return run,
        Ok(Err(failed)) => failed,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            (format!("panic: {}", text.unwrap_or_default()), None)
        }
    };
    let (hash, counts) = rest.unwrap_or_default();
    Run { hash, counts, wrong: Some(wrong) }
}

impl Totals {
    fn take(&mut self, seed: u64, again: bool, run: Run) {
        self.seeds += 1;
        self.twice += u64::from(again);
        self.days += 60;
        for (branch, n) in run.counts {
            *self.counts.entry(branch).or_default() += n;
        }
        self.hash = self.hash.wrapping_add(hashed(run.hash, &seed.to_le_bytes()));
        if let Some(wrong) = run.wrong {
            self.wrong.push((seed, wrong));
        }
    }
}

/// A directory of our own, removed at the end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn make(place: &Path) -> Result<Scratch> {
        let place = if place.is_dir() { place.to_owned() } else { std::env::temp_dir() };
        let dir = place.join(format!("quittance-simulate-{}", std::process::id()));
        std::fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
        Ok(Scratch(dir))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
