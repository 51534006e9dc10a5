//! What a run is told as: how many, how fast, how often each branch was taken, and which never were.

use std::fmt::Write as _;

use super::Totals;

/// Every branch that must be taken, and how often in a thousand seeds at least.
const BRANCHES: &[(&str, u64)] = &[];

/// The branches that were taken too rarely for so many seeds.
pub(crate) fn missed(totals: &Totals) -> Vec<String> {
    let taken = |branch: &str| totals.counts.get(branch).copied().unwrap_or(0);
    let too_rare = BRANCHES.iter().filter_map(|(branch, often)| {
        let least = often * totals.seeds / 1_000;
        (taken(branch) < least)
            .then(|| format!("`{branch}` was taken {} times, at least {least} are needed: this run proves nothing about it", taken(branch)))
    });
    too_rare.collect()
}

/// For people.
pub(crate) fn print(totals: &Totals) {
    print!("{}", table(totals));
    println!("{}", summary(totals));
}

fn table(totals: &Totals) -> String {
    let mut text = String::new();
    for (branch, taken) in &totals.counts {
        let least =
            BRANCHES.iter().find(|(known, _)| known == branch).map(|(_, often)| often * totals.seeds / 1_000);
        let least = least.map(|least| format!("at least {least}")).unwrap_or_default();
        let _ = writeln!(text, "{taken:10}  {branch:52} {least}");
    }
    text
}

fn summary(totals: &Totals) -> String {
    let rate = (totals.seeds + totals.twice) / totals.seconds;
    format!(
        "{} seeds of 60 days, {} of them twice, in {} s: {rate} runs a second; {} failed; hash of all {:016x}",
        totals.seeds,
        totals.twice,
        totals.seconds,
        totals.wrong.len(),
        totals.hash
    )
}

/// For `bench/simulation.md`.
pub(crate) fn markdown(totals: &Totals) -> String {
    let mut text = String::from(
        "# Simulation\n\nThe last full run of `script/simulate`; see `crates/trials/src/simulate.rs` for what it does.\n\n",
    );
    let _ = writeln!(text, "{}\n\n| branch | taken |\n|---|---:|", summary(totals));
    for (branch, taken) in &totals.counts {
        let _ = writeln!(text, "| {branch} | {taken} |");
    }
    text
}
