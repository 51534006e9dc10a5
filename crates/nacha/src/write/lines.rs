//! Records as lines, and the filling after them.

use std::io::{self, Write};

use super::{Refused, WriteError};
use crate::layout::RECORD_LENGTH;
use crate::read::{Form, Forms};
use crate::records::Record;

/// How many records a block has. Source: Nacha Operating Rules, Appendix One, Subpart 1.4 (blocking factor).
const BLOCK: u64 = 10;

/// How many bytes are handed on at once.
const BUFFER: usize = 64 * 1024;

/// What stands after each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// A line feed.
    LineFeed,
    /// Carriage return and line feed.
    CarriageReturnLineFeed,
    /// Nothing.
    None,
}

impl LineEnd {
    fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::LineFeed => b"\n",
            LineEnd::CarriageReturnLineFeed => b"\r\n",
            LineEnd::None => b"",
        }
    }
}

/// What a file looks like besides its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What stands after each record.
    pub line_end: LineEnd,
    /// Whether that stands after the last too.
    pub last_line_end: bool,
    /// Whether the last block is filled.
    pub filling: bool,
}

impl Shape {
    /// Line feeds, also after the last record, and the last block filled with 9s.
    pub const CANONICAL: Shape = Shape { line_end: LineEnd::LineFeed, last_line_end: true, filling: true };

    pub(crate) fn of(forms: &Forms) -> Shape {
        let line_end = if forms.has(Form::OneLine) {
            LineEnd::None
        } else if forms.has(Form::CarriageReturns) {
            LineEnd::CarriageReturnLineFeed
        } else {
            LineEnd::LineFeed
        };
        let last_line_end = !forms.has(Form::NoLastLineEnd);
        Shape { line_end, last_line_end, filling: !forms.has(Form::NoFilling) }
    }
}

/// Writes records as they are. It keeps no totals: see [`super::Originator`] for files that are made anew.
pub struct RecordWriter<W> {
    out: W,
    buffer: Vec<u8>,
    shape: Shape,
    records: u64,
}

impl<W: Write> RecordWriter<W> {
    /// Writes to `out`, which needs no buffer of its own.
    pub fn new(out: W, shape: Shape) -> RecordWriter<W> {
        RecordWriter { out, buffer: Vec::with_capacity(BUFFER + 2 * RECORD_LENGTH), shape, records: 0 }
    }

    /// Writes a record. Filling is passed over: [`RecordWriter::finish`] makes it.
    pub fn write(&mut self, record: &Record) -> Result<(), WriteError> {
        if matches!(record, Record::Filling) {
            return Ok(());
        }
        let line = record.to_line().map_err(Refused::from)?;
        self.put(&line)?;
        Ok(())
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        self.records
    }

    pub(super) fn put(&mut self, line: &[u8; RECORD_LENGTH]) -> io::Result<()> {
        if self.records > 0 {
            self.buffer.extend_from_slice(self.shape.line_end.bytes());
        }
        self.buffer.extend_from_slice(line);
        self.records = self.records.saturating_add(1);
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Fills the last block, ends the last line, and hands the output back, flushed.
    pub fn finish(mut self) -> io::Result<W> {
        while self.shape.filling && !self.records.is_multiple_of(BLOCK) {
            self.put(&[b'9'; RECORD_LENGTH])?;
        }
        if self.shape.last_line_end && self.records > 0 {
            self.buffer.extend_from_slice(self.shape.line_end.bytes());
        }
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok(self.out)
    }
}
