//! What clients saw: every request and every answer, one JSON line each, on disk before the next.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use base::seams::Seams;
use serde::{Deserialize, Serialize};

/// A line of a history.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// An account that was made beforehand.
    Account(Account),
    /// A request is about to be sent.
    Asked(Asked),
    /// An answer came, or none.
    Heard(Heard),
}

/// An account that was made beforehand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The organization, by its place among the tokens.
    pub(crate) org: usize,
    /// Its id.
    pub(crate) id: String,
    /// What was owed on it, in cents.
    pub(crate) placed: i64,
}

/// A request, sent for the first time or again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Microseconds since 1970.
    pub(crate) at: i64,
    /// Which request; the same for every try.
    pub(crate) n: u64,
    /// Counting from 1.
    pub(crate) attempt: u32,
    /// The organization, by its place among the tokens.
    pub(crate) org: usize,
    /// Its idempotency key.
    pub(crate) key: String,
    /// What is asked.
    pub(crate) what: What,
}

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Money. No two charges of a history are for the same amount, so that the processor's own journal tells
    /// without our books whether one was made twice.
    Charge {
        /// The account's id.
        account: String,
        /// In cents.
        amount: i64,
        /// What is charged.
        by: Instrument,
        /// A later day, where it is not now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// Money back.
    Refund {
        /// The charge's id.
        charge: String,
        /// In cents; all that is left where absent.
        amount: Option<i64>,
    },
}

/// What is charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Instrument {
    /// A stored method's id.
    Stored(String),
    /// One of the processor's ready-made tokens.
    Token(String),
}

/// An answer, or that there was none.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Heard {
    /// Microseconds since 1970.
    pub(crate) at: i64,
    /// To which request.
    pub(crate) n: u64,
    /// To which try.
    pub(crate) attempt: u32,
    /// The HTTP status; 0 where nothing came.
    pub(crate) status: u16,
    /// The charge's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) charge: Option<String>,
    /// How the charge stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    /// The charge's amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<i64>,
    /// The error's code, or why nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Whether a 503 said when to come again.
    #[serde(default)]
    pub(crate) retry_after: bool,
    /// Whether it says of itself that it was done before.
    #[serde(default)]
    pub(crate) replayed: bool,
    /// Which of the addresses was asked.
    #[serde(default)]
    pub(crate) node: usize,
}

impl Heard {
    /// Whether the client need not ask again: done, declined or refused.
    pub(crate) fn is_definite(&self) -> bool {
        match self.status {
            0 | 408 | 429 | 500.. => false,
            409 => !matches!(self.code.as_deref(), Some("idempotency_in_progress" | "conflict")),
            _ => true,
        }
    }

    /// Whether it acknowledges a charge or refund: it was accepted, and what became of it will be told.
    pub(crate) fn is_acknowledged(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A history being written.
pub(crate) struct Writer {
    file: Mutex<File>,
    seams: Seams,
}

impl Writer {
    /// A new one at `path`.
    pub(crate) fn create(path: &Path, seams: Seams) -> Result<Writer> {
        let file = File::create(path)
            .with_context(|| format!("the history {} cannot be written", path.display()))?;
        Ok(Writer { file: Mutex::new(file), seams })
    }

    /// The instant it is, in microseconds.
    pub(crate) fn now(&self) -> i64 {
        self.seams.now().micros()
    }

    /// Adds a line. A history that cannot be written proves nothing: then everything ends.
    pub(crate) fn add(&self, line: &Line) {
        let mut text = serde_json::to_vec(line).expect("a line has only string keys");
        text.push(b'\n');
        let written = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text);
        written.expect("the history can be written");
    }
}

/// The lines of a history.
pub(crate) fn read(path: &Path) -> Result<Vec<Line>> {
    let file = File::open(path).with_context(|| format!("the history {} cannot be read", path.display()))?;
    let mut lines = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line?;
        match serde_json::from_str(&line) {
            Ok(line) => lines.push(line),
            Err(why) => anyhow::bail!("line {} of {} is none: {why}", number + 1, path.display()),
        }
    }
    Ok(lines)
}
