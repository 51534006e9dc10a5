//! Random bytes, and files that were right until something happened to them.
//!
//! Nothing may panic; no fault may show five characters of an account number or a name; what is sound and canonical is
//! written back byte for byte; bytes that come one by one are read as those that come at once; and a changed digit in an
//! amount, a count, a hash or a total is noticed.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use nacha::{Reader, Report};

use super::dice::Dice;
use super::{read, written_back};

/// What of the files of the tests may not be shown. Ids are not among them, but are as private.
const SECRETS: [&str; 12] = [
    "48219937265",
    "998-877-66",
    "5647382914",
    "18273645546",
    "948273615",
    "438271946502",
    "715826937",
    "LOVELACE",
    "BABBAGE",
    "HOPPER",
    "TURING",
    "MERCY",
];

/// Columns of numbers that something else must come to: record type, first, last.
const COUNTED: [(u8, usize, usize); 9] = [
    (b'6', 30, 39),
    (b'8', 5, 10),
    (b'8', 11, 20),
    (b'8', 21, 32),
    (b'8', 33, 44),
    (b'9', 2, 7),
    (b'9', 14, 21),
    (b'9', 22, 31),
    (b'9', 32, 55),
];

/// An input that gives one byte at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        match (self.0, to) {
            ([first, rest @ ..], [place, ..]) => {
                (*place, self.0) = (*first, rest);
                Ok(1)
            }
            _ => Ok(0),
        }
    }
}

pub(crate) fn run(runs: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files"))? {
        files.push(std::fs::read(entry?.path())?);
    }
    files.sort();
    let parts = parts();
    let (mut seen, began) = (BTreeMap::<&str, u64>::new(), Instant::now());
    std::panic::set_hook(Box::new(|_| {}));
    for n in 0..runs {
        let mut dice = Dice::of_nth(seed, n);
        let (bytes, what) = input(&mut dice, &files);
        let tried = catch_unwind(AssertUnwindSafe(|| hold(&bytes, what, &parts, &mut dice)));
        let came = match tried {
            Ok(Ok(came)) => came,
            Ok(Err(wrong)) => return Err(format!("run {n} of seed {seed} ({what}): {wrong}").into()),
            Err(_) => return Err(format!("run {n} of seed {seed} ({what}): a panic").into()),
        };
        *seen.entry(what).or_default() += 1;
        *seen.entry(came).or_default() += 1;
    }
    let _ = std::panic::take_hook();
    println!("seed {seed}, {runs} inputs in {:.1} s", began.elapsed().as_secs_f64());
    for (what, times) in seen {
        println!("{what}: {times}");
    }
    Ok(())
}

fn hold(
    bytes: &[u8],
    what: &str,
    parts: &HashSet<[u8; 5]>,
    dice: &mut Dice,
) -> Result<&'static str, Box<dyn Error>> {
    let report = read(bytes)?;
    if what == "a digit changed" && report.is_sound() {
        return Err("nobody noticed".into());
    }
    shows_nothing(&report, parts)?;
    if dice.below(8) == 0 {
        let mut drops = Reader::new(Drops(bytes));
        for read in drops.by_ref() {
            read?;
        }
        let drops = drops.into_report();
        if drops.faults != report.faults || drops.forms != report.forms {
            return Err("bytes that come one by one are read otherwise".into());
        }
    }
    if !report.is_sound() {
        return Ok("= wrong");
    }
    let same = written_back(bytes)?.is_some_and(|written| written == bytes);
    match (report.is_canonical(), same) {
        (true, false) => Err("canonical, and not written back byte for byte".into()),
        (true, true) => Ok("= sound and canonical"),
        (false, _) => Ok("= sound, of another form"),
    }
}

/// Every five characters of what may not be shown.
fn parts() -> HashSet<[u8; 5]> {
    let windows = SECRETS.iter().flat_map(|secret| secret.as_bytes().windows(5));
    windows.filter_map(|part| part.try_into().ok()).collect()
}

fn shows_nothing(report: &Report, parts: &HashSet<[u8; 5]>) -> Result<(), Box<dyn Error>> {
    for fault in report.faults.iter().take(40) {
        let told = format!("{fault} {fault:?}");
        let shown = told.as_bytes().windows(5).filter_map(|shown| shown.try_into().ok());
        if shown.into_iter().any(|shown: [u8; 5]| parts.contains(&shown)) {
            return Err(format!("a fault shows part of what is private: {fault}").into());
        }
    }
    Ok(())
}

/// Bytes, and what was done to them.
fn input(dice: &mut Dice, files: &[Vec<u8>]) -> (Vec<u8>, &'static str) {
    let mut bytes = files.get(dice.index(files.len())).cloned().unwrap_or_default();
    let what = match dice.below(16) {
        0 => {
            let length = dice.index(1_500);
            bytes = (0..length).map(|_| dice.byte()).collect();
            return (bytes, "random bytes");
        }
        1 => {
            const FEW: &[u8] = b"1567890 RCPD\n\r\x1a";
            let length = dice.index(1_500);
            bytes = (0..length).map(|_| FEW.get(dice.index(FEW.len())).copied().unwrap_or(b' ')).collect();
            return (bytes, "random records");
        }
        2 => return changed_digit(bytes, dice),
        3 => {
            bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes();
            "CR LF"
        }
        4 => {
            bytes.retain(|b| *b != b'\n');
            "one line"
        }
        5 => {
            bytes = String::from_utf8_lossy(&bytes)
                .lines()
                .map(|l| format!("{}\n", l.trim_end()))
                .collect::<String>()
                .into();
            "blanks cut"
        }
        6 => {
            let other = files.get(dice.index(files.len())).cloned().unwrap_or_default();
            let from = dice.index(other.len());
            bytes.truncate(dice.index(bytes.len()));
            bytes.extend(other.into_iter().skip(from));
            "two spliced"
        }
        7 => {
            bytes.truncate(dice.index(bytes.len()));
            "cut off"
        }
        8 => {
            let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
            let (a, b) = (dice.index(lines.len()), dice.index(lines.len()));
            match dice.below(3) {
                0 => lines.swap(a, b),
                1 => drop(lines.remove(a)),
                _ => lines.insert(a, lines.get(b).copied().unwrap_or_default()),
            }
            bytes = lines.concat();
            "lines moved"
        }
        9 => return (bytes, "nothing"),
        _ => "bytes changed",
    };
    if what != "bytes changed" && dice.below(2) == 0 {
        return (bytes, what);
    }
    for _ in 0..=dice.below(4) {
        let at = dice.index(bytes.len());
        match dice.below(4) {
            0 if !bytes.is_empty() => drop(bytes.remove(at)),
            1 => bytes.insert(at, dice.byte()),
            2 => bytes.insert(at, b"0123456789 AR\n"[dice.index(14)]),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = if dice.below(2) == 0 { dice.byte() } else { b"0123456789 AR\n"[dice.index(14)] };
                }
            }
        }
    }
    (bytes, what)
}

/// A digit of a number that something else must come to becomes another.
fn changed_digit(mut bytes: Vec<u8>, dice: &mut Dice) -> (Vec<u8>, &'static str) {
    let (kind, from, to) = COUNTED.get(dice.index(COUNTED.len())).copied().unwrap_or((b'9', 2, 7));
    let lines: Vec<usize> = (0..bytes.len())
        .step_by(95)
        .filter(|start| bytes.get(*start) == Some(&kind) && bytes.get(start + 93) != Some(&b'9'))
        .collect();
    // Advices have their own columns.
    let advices = bytes.get(95..).is_some_and(|rest| rest.starts_with(b"5280"));
    let Some(start) = lines.get(dice.index(lines.len())).filter(|_| !advices) else {
        return (bytes, "nothing");
    };
    let at = start + from - 1 + dice.index(to - from + 1);
    if let Some(digit) = bytes.get_mut(at) {
        *digit = b'0' + (*digit - b'0' + 1 + dice.byte() % 9) % 10;
    }
    (bytes, "a digit changed")
}
