//! What the processor did, line by line of its own journal.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The processor's journal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) charges: Vec<Charged>,
    pub(crate) refunds: Vec<GivenBack>,
}

/// A charge that was decided.
#[derive(Clone, Debug)]
pub(crate) struct Charged {
    pub(crate) key: String,
    pub(crate) amount: i64,
    /// When it was made by the caller's clock, in microseconds.
    pub(crate) at: i64,
    pub(crate) declined: bool,
    /// When it comes back, in microseconds.
    pub(crate) returns_at: Option<i64>,
}

/// A refund that was decided.
#[derive(Clone, Debug)]
pub(crate) struct GivenBack {
    pub(crate) key: String,
    pub(crate) charge_key: String,
    pub(crate) amount: i64,
    pub(crate) declined: bool,
}

impl Oracle {
    /// Reads the journal's file. That its sums are right is asked of the sandbox; what it says is read here.
    pub(crate) fn read(path: &Path) -> Result<Oracle> {
        sandbox::read_journal(path)?;
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let mut oracle = Oracle::default();
        // A last line may still be on its way.
        for line in text.lines().filter(|line| line.ends_with(']')) {
            let line: Value = serde_json::from_str(line).context("a line of the journal")?;
            oracle.take(&line[1]);
        }
        Ok(oracle)
    }

    fn take(&mut self, entry: &Value) {
        let word = |of: &Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
        if let Some(charge) = entry.get("charge") {
            self.charges.push(Charged {
                key: word(charge, "key"),
                amount: charge["amount"].as_i64().unwrap_or(0),
                at: charge["at"].as_i64().unwrap_or(0),
                declined: !charge["decline"].is_null(),
                returns_at: charge["returns"][0].as_i64(),
            });
        } else if let Some(refund) = entry.get("refund") {
            self.refunds.push(GivenBack {
                key: word(refund, "key"),
                charge_key: word(refund, "charge_key"),
                amount: refund["amount"].as_i64().unwrap_or(0),
                declined: !refund["decline"].is_null(),
            });
        }
    }
}

impl Charged {
    /// Whether money is ours by this charge at `now`, or will be.
    pub(crate) fn moved(&self, now: i64) -> bool {
        !self.declined && self.returns_at.is_none_or(|at| at > now)
    }
}
