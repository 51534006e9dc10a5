//! Whether the time of an answer tells somebody known from somebody unknown: Welch's t over samples that are interleaved
//! at random, in the process itself, where the network hides nothing.
//!
//! As in dudect (Reparaz, Balasch and Verbauwhede 2017), samples above a percentile of all of them are left out, for
//! several percentiles, and the largest |t| counts: interruptions only hide a difference. A third class does one look
//! into an index more, so that a run shows what it would have found.

#![expect(clippy::float_arithmetic, reason = "statistics of durations")]

use std::time::Duration;

use anyhow::Result;
use base::db::Location;
use base::seams::{Clock as _, SystemClock};
use base::secret::Secret;
use books::orgs::Environment;
use books::people::{self, Sought};
use http::Method;
use serde_json::{Value, json};

use super::house::House;
use super::people::{UNKNOWN, by_ssn, phone, ssn};
use crate::dice::Dice;

/// How much is measured.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many samples of each of the two classes
    #[arg(long, default_value_t = 100_000)]
    samples: u64,
    /// How many of the one that does a little more
    #[arg(long, default_value_t = 20_000)]
    control: u64,
}

/// A phone is tried so often, and then another is.
const TRIES: u64 = 4;

/// Of all samples so many of a thousand are kept.
const KEPT: [usize; 6] = [1_000, 990, 950, 900, 750, 500];

/// Whom a sample is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Unknown,
    Known,
    /// Unknown too, with one look into the index more.
    More,
}

pub(super) async fn run(location: &Location, args: &Args, seed: u64) -> Result<Value> {
    let house = House::make(location, 1, 1_000_000).await?;
    let people = args.samples.div_ceil(TRIES);
    for n in 0..people {
        house.post("/customers", &super::people::person(n, &ssn(n))).await?;
    }
    let app = &house.nodes[0].app;
    let org = books::orgs::list(&app.db.read().await?).await?[0].id;
    let tenant = app.tenants.of(&app.db.read().await?, org, Environment::Sandbox).await?;
    let (dice, clock) = (Dice::of(seed), SystemClock::new());
    let mut took: [Vec<Duration>; 3] = Default::default();
    for round in 0..TRIES {
        let mut jobs: Vec<(Class, u64)> = Vec::new();
        for n in 0..people {
            jobs.push((Class::Known, n));
            jobs.push((Class::Unknown, UNKNOWN + n));
        }
        jobs.extend((0..args.control.div_ceil(TRIES)).map(|n| (Class::More, 2 * UNKNOWN + n)));
        for at in (1..jobs.len()).rev() {
            let other = dice.index(at + 1);
            jobs.swap(at, other);
        }
        for (class, n) in jobs {
            // Five seconds apart, or all that may fail in a day everywhere would be used up.
            house.clock.advance(5);
            let phone = phone(n);
            let wrong = ssn(n % UNKNOWN + 1 + round);
            let request =
                house.request(Method::POST, "/debt-accounts/lookup", Some(&by_ssn(&phone, &wrong)))?;
            let sought = Sought::PhoneSsn(format!("+1{}", phone.replace('-', "")), Secret::new(wrong));
            let began = clock.monotonic();
            if class == Class::More {
                people::lookup(&app.db.read().await?, &tenant, &sought).await?;
            }
            let answer = house.send(0, request).await?;
            took[class as usize].push(clock.monotonic() - began);
            if answer.status != 200 || answer.found() {
                anyhow::bail!("a sample was answered {}", answer.status);
            }
        }
        // The first round makes rows and fills caches, for all classes alike; hours pass before the next.
        house.clock.advance(86_400);
    }
    let [unknown, known, more] = took;
    Ok(json!({
        "samples": unknown.len(),
        "known": compare(&unknown, &known),
        "control": compare(&unknown, &more),
        "control_samples": more.len(),
    }))
}

/// Two classes: the largest |t|, what was kept for it, their means, and how large a difference would have been found.
fn compare(one: &[Duration], other: &[Duration]) -> Value {
    let micros = |all: &[Duration]| all.iter().map(|d| d.as_secs_f64() * 1e6).collect::<Vec<_>>();
    let (one, other) = (micros(one), micros(other));
    let mut all: Vec<f64> = one.iter().chain(&other).copied().collect();
    all.sort_by(f64::total_cmp);
    let mut best: Option<(f64, Value)> = None;
    let mut by_kept = Vec::new();
    for kept in KEPT {
        let most = all[(all.len() * kept / 1_000).saturating_sub(1)];
        let below = |all: &[f64]| Moments::of(all.iter().copied().filter(|x| *x <= most));
        let (a, b) = (below(&one), below(&other));
        let error = (a.variance / a.count + b.variance / b.count).sqrt();
        let t = (a.mean - b.mean) / error;
        by_kept.push(json!({ "kept": kept, "t": t }));
        if best.as_ref().is_none_or(|(before, _)| t.abs() > before.abs()) {
            let told = json!({
                "t": t, "kept": kept, "mean_micros": a.mean, "other_mean_micros": b.mean, "would_see_micros": 4.5 * error,
            });
            best = Some((t, told));
        }
    }
    let mut told = best.map(|(_, told)| told).unwrap_or_default();
    told["by_kept"] = by_kept.into();
    told
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    /// In one pass (Welford).
    fn of(all: impl Iterator<Item = f64>) -> Moments {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for x in all {
            count += 1.0;
            let delta = x - mean;
            mean += delta / count;
            squares += delta * (x - mean);
        }
        Moments { count, mean, variance: squares / (count - 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(around: u64, dice: &Dice) -> Vec<Duration> {
        (0..20_000)
            .map(|n| Duration::from_micros(around + dice.below(50) + if n % 100 == 0 { 5_000 } else { 0 }))
            .collect()
    }

    #[test]
    fn a_difference_below_the_noise_of_one_answer_is_found_and_none_is_not() {
        let dice = Dice::of(3);
        let (one, same, slower) = (sample(200, &dice), sample(200, &dice), sample(201, &dice));
        assert!(compare(&one, &same)["t"].as_f64().unwrap().abs() < 4.5);
        assert!(compare(&one, &slower)["t"].as_f64().unwrap().abs() > 4.5);
    }
}
