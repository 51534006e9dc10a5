//! Tries the crate hard: random and mutated bytes without end, and files of up to a million entries beside a copy of the
//! same bytes. `script/nacha` runs it.
//!
//! ```text
//! trial mutate RUNS SEED      prints what came of it; ends with status 1 on the first thing that may not be
//! trial speed ENTRIES         files of 1 to so many entries
//! trial files FILE...         what is said of each, and whether it is written back byte for byte
//! ```

#![expect(clippy::disallowed_methods, reason = "it measures, and is no part of the product")]
#![expect(clippy::float_arithmetic, reason = "ratios for people")]

#[path = "trial/dice.rs"]
mod dice;
#[path = "trial/mutate.rs"]
mod mutate;
#[path = "trial/speed.rs"]
mod speed;

use std::error::Error;
use std::process::ExitCode;

use nacha::{File, Reader, RecordWriter};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["mutate", runs, seed] => numbers(runs, seed).and_then(|(runs, seed)| mutate::run(runs, seed)),
        ["speed", entries] => numbers(entries, "0").and_then(|(entries, _)| speed::run(entries)),
        ["files", files @ ..] => show(files),
        _ => Err("say `mutate RUNS SEED`, `speed ENTRIES` or `files FILE...`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trial: {error}");
            ExitCode::FAILURE
        }
    }
}

fn numbers(a: &str, b: &str) -> Result<(u64, u64), Box<dyn Error>> {
    Ok((a.parse()?, b.parse()?))
}

/// Reads each file, says what is wrong and what is not canonical, and whether the same bytes come out again.
fn show(files: &[&str]) -> Result<(), Box<dyn Error>> {
    for path in files {
        let bytes = std::fs::read(path)?;
        let report = read(&bytes)?;
        let same = written_back(&bytes)?.is_some_and(|written| written == bytes);
        let forms: Vec<&str> = report.forms.iter().map(|(form, _)| form.as_str()).collect();
        let whole = File::read(&*bytes)?.0.is_some();
        println!(
            "{path}: {} faults, {}, {}{}",
            report.fault_count,
            if same { "the same bytes again" } else { "OTHER BYTES" },
            if forms.is_empty() { "canonical".into() } else { forms.join(" ") },
            if whole == report.is_sound() { "" } else { ", and no file as a whole" }
        );
        for fault in &report.faults {
            println!("    {fault}");
        }
    }
    Ok(())
}

/// What reading says of these bytes.
fn read(bytes: &[u8]) -> Result<nacha::Report, Box<dyn Error>> {
    let mut reader = Reader::new(bytes);
    for read in reader.by_ref() {
        read?;
    }
    Ok(reader.into_report())
}

/// The records of these bytes written again in the shape they had; nothing where one cannot be.
fn written_back(bytes: &[u8]) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let shape = read(bytes)?.shape();
    let mut out = RecordWriter::new(Vec::with_capacity(bytes.len()), shape);
    for read in Reader::new(bytes) {
        match read?.record {
            Some(record) => {
                if out.write(&record).is_err() {
                    return Ok(None);
                }
            }
            None => return Ok(None),
        }
    }
    Ok(Some(out.finish()?))
}
