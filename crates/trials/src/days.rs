//! The calendars of plans, line by line: terms as JSON in, every payment's day, amount and instant out.
//!
//! For somebody else's model to be held against (`script/plans`).

use std::io::{BufRead as _, BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use base::{Cents, Day};
use books::debts::Frequency;
use jiff::tz::TimeZone;
use payments::plans::schedule::{Down, Terms, schedule};
use serde::Deserialize;
use serde_json::json;

/// Terms, as a line of the input.
#[derive(Deserialize)]
struct Line {
    frequency: String,
    start: String,
    amount: i64,
    total: i64,
    down: Option<(i64, String)>,
    zone: String,
}

pub(crate) fn run() -> Result<ExitCode> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line?)?;
        let day = |text: &str| Day::parse(text).context("a day");
        let down = match &line.down {
            Some((amount, on)) => Some(Down { amount: Cents::new(*amount), on: day(on)? }),
            None => None,
        };
        let terms = Terms {
            frequency: Frequency::parse(&line.frequency).context("a frequency")?,
            start: day(&line.start)?,
            amount: Cents::new(line.amount),
            total: Cents::new(line.total),
            down,
        };
        let zone = TimeZone::get(&line.zone)?;
        let told = match schedule(&terms) {
            Ok(all) => {
                let one = |p: &payments::plans::schedule::Planned| {
                    let due = p.on.start_in(&zone);
                    json!([
                        p.number,
                        p.on.to_string(),
                        p.amount.get(),
                        due.to_string(),
                        due.day_in(&zone).to_string()
                    ])
                };
                json!(all.iter().map(one).collect::<Vec<_>>())
            }
            Err(odd) => json!(format!("{odd:?}").split([' ', '{']).next()),
        };
        writeln!(out, "{told}")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
