//! BAI2: Cash Management Balance Reporting Specifications, version 2.

mod check;
mod codes;
mod fields;
mod head;
mod lines;
mod records;
mod totals;

pub use codes::{Level, TypeCode};

pub(crate) use fields::spell;
pub(crate) use head::is_trace;

use std::io::{self, Read};

use check::Checks;
use lines::{Lines, MAX_LINE, Taken};
use records::{Habits, Part, Record, code_at};

use crate::fault::{Expected, Found, Kind};
use crate::forms::Form;
use crate::input::Input;
use crate::sink::{Sink, Wrong};

/// How long a record is called long without being read.
const LONGEST: u64 = MAX_LINE as u64;

/// Reads a BAI2 file, line by line.
pub(crate) struct Reader<R> {
    input: Input<R>,
    lines: Lines,
    /// The record that is being put together: those of code 88 that follow belong to it.
    record: Option<Record>,
    habits: Habits,
    checks: Checks,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(input: Input<R>) -> Reader<R> {
        let (lines, checks) = (Lines::new(), Checks::default());
        Reader { input, lines, record: None, habits: Habits::default(), checks }
    }

    /// Reads another line. Whether there may be more.
    pub(crate) fn step(&mut self, sink: &mut Sink) -> io::Result<bool> {
        match self.lines.take(&mut self.input, sink)? {
            Taken::Line => self.line(sink),
            Taken::TooLong(bytes) => {
                let wrong = |spoils| Wrong {
                    kind: Kind::Size,
                    found: Found::Many(bytes, "bytes"),
                    expected: Expected::AtMost(LONGEST, "bytes in a line"),
                    spoils,
                };
                self.finish(sink);
                self.checks.lost(self.lines.number, wrong, sink);
            }
            Taken::End => {
                self.finish(sink);
                self.checks.end(self.lines.number, sink);
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn finish(&mut self, sink: &mut Sink) {
        if let Some(record) = self.record.take() {
            self.checks.record(&record, sink);
        }
    }

    /// Takes the records of a line: one, where a bank does as it should.
    fn line(&mut self, sink: &mut Sink) {
        let line = std::mem::take(&mut self.lines.line);
        let number = self.lines.number;
        let mut at = line.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        if at > 0 && line.get(at..).and_then(code_at).is_some() {
            sink.note(Form::BlanksAroundFields, number);
        }
        let mut first = true;
        while at < line.len() {
            let rest = line.get(at..).unwrap_or_default();
            let Some(code) = code_at(rest) else {
                let end = if first { self.bare(&line, at, sink) } else { None };
                match end {
                    Some(end) => at = skip_blanks(&line, end),
                    None if first => break,
                    None => {
                        sink.note(Form::BehindSlash, number);
                        break;
                    }
                }
                first = false;
                continue;
            };
            if !first {
                sink.note(Form::RecordsInOneLine, number);
                self.habits.packed = true;
            }
            first = false;
            let part = Part { line: &line, number, from: at + rest.len().min(3) };
            at = skip_blanks(&line, self.physical(code, part, sink));
        }
        self.lines.line = line;
    }

    /// Takes a physical record. Returns where it ends.
    fn physical(&mut self, code: [u8; 2], part: Part<'_>, sink: &mut Sink) -> usize {
        if code != *b"88" || self.record.is_none() {
            self.finish(sink);
            self.record = Some(Record::new(code, part.number));
        }
        let Some(record) = &mut self.record else { return part.line.len() };
        // The file header is there before anything that could depend on what it shows.
        if code == *b"01" {
            self.habits.slashes = part.line.iter().skip(part.from).any(|byte| *byte == b'/');
        }
        record.take(part, self.habits, sink)
    }

    /// Takes a line without a record code: it is more of a text, or it is nothing. Returns where it ends.
    fn bare(&mut self, line: &[u8], at: usize, sink: &mut Sink) -> Option<usize> {
        let number = self.lines.number;
        let part = Part { line, number, from: at };
        if let Some(end) =
            self.record.as_mut().and_then(|record| record.take_bare_line(part, self.habits, sink))
        {
            return Some(end);
        }
        self.finish(sink);
        let expected = "a record code: 01, 02, 03, 16, 49, 88, 98 or 99";
        self.checks.lost(number, |spoils| Wrong::new(Kind::Order, Found::Hidden, expected, spoils), sink);
        None
    }
}

fn skip_blanks(line: &[u8], from: usize) -> usize {
    let rest = line.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}
