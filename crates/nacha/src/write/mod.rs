//! Writing: records one after another, without a file being held in memory.

mod lines;
mod originate;

pub use lines::{LineEnd, RecordWriter, Shape};
pub use originate::{
    About, BatchOpening, BatchWriter, FileOpening, NewEntry, Original, Originator, PaymentType, Written,
};

use std::{fmt, io};

use crate::layout::Unfit;
use crate::text::TextRefused;

/// Why something is not written. Nothing of it was, then, and the file can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A value does not fit its field.
    Unfit(Unfit),
    /// A text does not fit its field.
    Text {
        /// What the standard calls the field.
        field: &'static str,
        /// Why.
        why: TextRefused,
    },
    /// The format has no such thing.
    Rule(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Unfit(unfit) => unfit.fmt(f),
            Refused::Text { field, why } => write!(f, "the {field} {why}"),
            Refused::Rule(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for Refused {}

/// Why writing failed.
#[derive(Debug)]
pub enum WriteError {
    /// The output failed: what was written so far is not a file.
    Io(io::Error),
    /// What was to be written is refused.
    Refused(Refused),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Io(error) => write!(f, "the ACH file could not be written: {error}"),
            WriteError::Refused(refused) => refused.fmt(f),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WriteError::Io(error) => Some(error),
            WriteError::Refused(refused) => Some(refused),
        }
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> WriteError {
        WriteError::Io(error)
    }
}

impl From<Refused> for WriteError {
    fn from(refused: Refused) -> WriteError {
        WriteError::Refused(refused)
    }
}

impl From<Unfit> for Refused {
    fn from(unfit: Unfit) -> Refused {
        Refused::Unfit(unfit)
    }
}
