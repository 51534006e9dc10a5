//! How the long commands tell: bars while they run on a terminal, tables at the end, CSV that no spreadsheet runs.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::seams::Seams;
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use indicatif::{ProgressBar, ProgressStyle};

/// Rows of what, and how long they took.
type Read = BTreeMap<&'static str, (u64, Duration)>;

/// How many rows of what were read, and how long it took; a bar meanwhile where somebody looks.
pub(crate) struct Meter {
    seams: Seams,
    bar: ProgressBar,
    read: Mutex<(Duration, Read)>,
}

impl Meter {
    pub(crate) fn new() -> Meter {
        let bar =
            if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows, {per_sec}  {msg}") {
            bar.set_style(style);
        }
        let seams = Seams::system();
        Meter { read: Mutex::new((seams.monotonic(), BTreeMap::new())), seams, bar }
    }

    /// So many rows of `what` were read since the last call.
    pub(crate) fn read(&self, what: &'static str, rows: u64) {
        let now = self.seams.monotonic();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let took = now.saturating_sub(std::mem::replace(&mut read.0, now));
        let of = read.1.entry(what).or_default();
        (of.0, of.1) = (of.0 + rows, of.1 + took);
        self.bar.inc(rows);
        self.bar.set_message(what);
    }

    /// What was read, how many rows, in how many milliseconds.
    pub(crate) fn finish(&self) -> Vec<(&'static str, u64, u128)> {
        self.bar.finish_and_clear();
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.1.iter().map(|(what, (rows, took))| (*what, *rows, took.as_millis())).collect()
    }
}

/// Rows a second.
pub(crate) fn rate(rows: u64, millis: u128) -> u128 {
    u128::from(rows) * 1_000 / millis.max(1)
}

/// A table for people, with these columns set to the right.
pub(crate) fn table(header: &[&str], right: std::ops::RangeInclusive<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header.to_vec());
    for index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A line of CSV as RFC 4180 has it. A text that a spreadsheet would run is led by an apostrophe.
pub(crate) fn csv(cells: &[String]) -> String {
    let cell = |text: &String| {
        let number = text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) && !number;
        let text = if runs { format!("'{text}") } else { text.clone() };
        if text.contains([',', '"', '\r', '\n', '\'']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    format!("{}\r\n", cells.iter().map(cell).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[&str]) -> String {
        csv(&cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn amounts_stay_numbers_and_formulas_stay_text() {
        assert_eq!(line(&["-10.00", "12", "succeeded"]), "-10.00,12,succeeded\r\n");
        for formula in ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-cmd|'/c calc'!A0"] {
            let told = line(&[formula]);
            assert!(told.trim_start_matches('"').starts_with('\''), "{told}");
        }
        assert_eq!(
            line(&["a,b", "say \"so\"", "two\nlines"]),
            "\"a,b\",\"say \"\"so\"\"\",\"two\nlines\"\r\n"
        );
    }
}
