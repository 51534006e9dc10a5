//! Reading: record by record, with every fault named, in memory that does not grow.

mod check;
mod entries;
mod forms;
mod lines;

pub use forms::{Form, Forms};

pub(crate) use check::HASH_END;

use std::io;

use check::{At, Checked, Checks};
use lines::{Lines, Taken};

use crate::fault::{Fault, Faults};
use crate::records::Record;
use crate::write::Shape;

/// How many faults are kept unless something else is asked for.
pub const FAULT_LIMIT: usize = 1_000;

/// A line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its number, counted from 1; in a file without line ends that of the record.
    pub line: u64,
    /// What it says; nothing where a number or a code in it cannot be known. There is a fault then.
    pub record: Option<Record>,
}

/// What reading a file came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The first faults, as many as were asked for.
    pub faults: Vec<Fault>,
    /// How many there are in all.
    pub fault_count: u64,
    /// How its bytes differ from the canonical form.
    pub forms: Forms,
    /// How many records there are, filling aside.
    pub records: u64,
    /// How many of them begin a batch.
    pub batches: u64,
    /// How many of them are entries.
    pub entries: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.fault_count == 0
    }

    /// Whether nothing is wrong and its bytes are as they should be: a header for each batch, lines that end with a line
    /// feed, the last block filled.
    pub fn is_canonical(&self) -> bool {
        self.is_sound() && self.forms.are_canonical()
    }

    /// How to write it so that its line ends and its filling are the same again.
    pub fn shape(&self) -> Shape {
        Shape::of(&self.forms)
    }
}

/// Reads a file, record by record.
///
/// It is an iterator over lines; [`Reader::into_report`] says what was wrong. A file is to be believed only when it has
/// been read to its end and the report is sound: totals stand behind the entries that they are of.
///
/// ```
/// let mut reader = nacha::Reader::new(&b"101 not much of a file"[..]);
/// let records = reader.by_ref().count();
/// let report = reader.into_report();
/// assert_eq!((records, report.is_sound()), (1, false));
/// assert!(report.faults[0].to_string().starts_with("line 1, columns 35-37, record size"));
/// ```
pub struct Reader<R> {
    lines: Lines<R>,
    checks: Checks,
    faults: Faults,
    ended: bool,
}

impl<R: io::Read> Reader<R> {
    /// Reads from `input`, which needs no buffer of its own.
    pub fn new(input: R) -> Reader<R> {
        Reader::with_fault_limit(input, FAULT_LIMIT)
    }

    /// As [`Reader::new`], and keeps so many faults. The others are counted.
    pub fn with_fault_limit(input: R, limit: usize) -> Reader<R> {
        let faults = Faults { limit, ..Faults::default() };
        Reader { lines: Lines::new(input), checks: Checks::new(), faults, ended: false }
    }

    /// What was found so far: where all lines were taken, in the whole file.
    pub fn into_report(self) -> Report {
        let (records, batches, entries) = self.checks.counts();
        Report {
            faults: self.faults.kept,
            fault_count: self.faults.many,
            forms: self.lines.forms,
            records,
            batches,
            entries,
        }
    }

    fn step(&mut self) -> io::Result<Option<Read>> {
        let taken = self.lines.take()?;
        let line = self.lines.number;
        let one_line = self.lines.is_one_line();
        let mut at = At { line, length: 0, one_line, faults: &mut self.faults, forms: &mut self.lines.forms };
        Ok(match taken {
            Taken::Line { length } => {
                at.length = length;
                match self.checks.line(&self.lines.line, &mut at) {
                    Checked::Record(record) => Some(Read { line, record }),
                    Checked::Lost => {
                        self.ended = true;
                        Some(Read { line, record: None })
                    }
                }
            }
            Taken::TooLong { characters } => {
                self.checks.too_long(self.lines.line[0], characters, &mut at);
                Some(Read { line, record: None })
            }
            Taken::End => {
                self.checks.end(&mut at);
                self.ended = true;
                None
            }
        })
    }
}

impl<R: io::Read> Iterator for Reader<R> {
    type Item = io::Result<Read>;

    fn next(&mut self) -> Option<io::Result<Read>> {
        if self.ended {
            return None;
        }
        let read = self.step().transpose();
        // An input that fails once is not asked again.
        self.ended |= matches!(read, Some(Err(_)));
        read
    }
}
