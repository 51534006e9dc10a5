//! Random sequences of what callers do, held against a plain model of what must come of it; and the same sequence on
//! both engines, compared answer by answer and in the end row by row.
//!
//! `MODEL_SEEDS=200` runs more of them. A sequence that goes wrong is printed by its seed, shortened to what is
//! needed for it to go wrong.

mod dump;
mod ops;
mod plain;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use self::dump::Tables;
use self::ops::{Both, Op, sequence};
use crate::support::agency::Agency;
use crate::support::engine::{Home, is_here, runtime};
use crate::support::{Engine, postgres};

/// How many things are done in a sequence.
const LENGTH: usize = 60;

/// What a sequence on one engine gives: every answer and every row, with ids in the order in which they appear.
struct Told {
    said: Vec<String>,
    rows: Vec<String>,
}

fn seeds() -> u64 {
    std::env::var_os("MODEL_SEEDS").and_then(|n| n.into_string().ok()?.parse().ok()).unwrap_or(6)
}

/// Carries a sequence out on an engine.
fn run(engine: Engine, ops: &[Op], tables: &Tables) -> Result<Told, String> {
    engine.template();
    runtime(false).block_on(async {
        let agency = Agency::open(engine).await;
        let database = agency.home.database.clone();
        let told = AssertUnwindSafe(tell(&agency, ops, tables)).catch_unwind().await;
        drop(agency);
        Home::forget(database.as_deref()).await;
        told.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            Err(format!("panic: {}", text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("")))
        })
    })
}

async fn tell(agency: &Agency, ops: &[Op], tables: &Tables) -> Result<Told, String> {
    let mut both = Both::new(agency);
    for (number, op) in ops.iter().enumerate() {
        both.does(op).await.map_err(|wrong| format!("step {number}, {wrong}"))?;
    }
    let said = std::mem::take(&mut both.said);
    agency.books_hold().await;
    let mut names = dump::Names::default();
    let said = said.into_iter().map(|answer| names.rename(&answer)).collect();
    Ok(Told { said, rows: dump::rows(agency, tables, &mut names).await })
}

/// As few steps as go wrong still.
fn shortened(engine: Engine, mut ops: Vec<Op>) -> (Vec<Op>, String) {
    let mut wrong = String::new();
    let mut chunk = ops.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < ops.len() {
            let mut fewer = ops.clone();
            fewer.drain(at..(at + chunk).min(ops.len()));
            match run(engine, &fewer, &Tables::new()) {
                Err(still) => (ops, wrong) = (fewer, still),
                Ok(_) => at += chunk,
            }
        }
        chunk /= 2;
    }
    (ops, wrong)
}

fn model_holds(engine: Engine) {
    if !is_here(engine) {
        return;
    }
    for seed in 1..=seeds() {
        let ops = sequence(seed, LENGTH);
        if let Err(wrong) = run(engine, &ops, &Tables::new()) {
            let (few, still) = shortened(engine, ops);
            panic!("seed {seed} on {engine:?}: {wrong}\nshortened to {few:#?}\n{still}");
        }
    }
}

#[test]
fn what_comes_of_any_sequence_is_what_the_rules_say() {
    model_holds(Engine::Sqlite);
}

#[test]
fn the_same_sequence_gives_the_same_answers_and_rows_on_both_engines() {
    if postgres::server().is_none() {
        return;
    }
    let tables = dump::tables();
    for seed in 1..=seeds() {
        let ops = sequence(seed, LENGTH);
        let told = [Engine::Sqlite, Engine::Postgres].map(|engine| {
            run(engine, &ops, &tables).unwrap_or_else(|wrong| panic!("seed {seed} on {engine:?}: {wrong}"))
        });
        let [here, there] = &told;
        for (what, here, there) in [("answer", &here.said, &there.said), ("row", &here.rows, &there.rows)] {
            for (number, (a, b)) in here.iter().zip(there).enumerate() {
                assert_eq!(a, b, "seed {seed}: {what} {number} on SQLite and on PostgreSQL");
            }
            assert_eq!(here.len(), there.len(), "seed {seed}: the number of {what}s");
        }
    }
}
