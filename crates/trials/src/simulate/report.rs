//! What a run is told as: how many, how fast, how often each branch was taken, and which never were.

use std::fmt::Write as _;

use super::Totals;

/// Every branch that must be taken, and how often in a thousand seeds at least.
const BRANCHES: &[(&str, u64)] = &[
    ("409, the first request still runs", 100),
    ("503, the outcome of a request not known", 3),
    ("above the balance, refused", 1_000),
    ("answer reaching a node that sleeps", 20),
    ("answer under an old fence, refused", 500),
    ("charge arriving after its deadline", 200),
    ("charge ended canceled", 20),
    ("charge ended declined", 80),
    ("charge ended refunded in part", 200),
    ("charge ended refunded in whole", 200),
    ("charge ended returned after it settled", 200),
    ("charge ended returned before it settled", 80),
    ("charge for a later day", 300),
    ("charge for a person to decide", 5),
    ("charge lost on its way", 300),
    ("charge sent again", 150),
    ("charged, and the answer lost", 300),
    ("client cut off by a crash", 50),
    ("commit whose answer was lost", 1_500),
    ("conflict, run again", 1_500),
    ("crash with something on its way", 200),
    ("key used for another request, refused", 50),
    ("no answer settled as unknown", 5_000),
    ("payments competing for one balance", 400),
    ("processor away", 80),
    ("question lost", 5_000),
    ("refund ended declined", 50),
    ("refund for a person to decide", 2),
    ("refund lost or late on its way", 100),
    ("refund of a payment split over children", 40),
    ("refund sent again", 10),
    ("refunded, and the answer lost", 60),
    ("replay of a refund", 300),
    ("replay of an open charge", 1_500),
    ("request sent again after its answer", 300),
    ("return after thirty days", 10),
    ("return of a payment split over children", 15),
    ("return of what was refunded in part", 5),
];

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
