//! The lines of a BAI2 file, as bytes. They may have ends, or one length; memory does not grow with the file.

use std::io::{self, BufRead as _, Read};

use super::records::code_at;
use crate::forms::Form;
use crate::input::Input;
use crate::sink::Sink;

/// The longest line that is read. The specification has none; records of a bank are some hundred characters.
pub(crate) const MAX_LINE: usize = 1024 * 1024;

/// The longest physical record that a file header may announce and be believed.
const MAX_FIXED: usize = 4096;

/// Takes lines from a file.
pub(super) struct Lines {
    /// The line that was taken, without its end and the blanks before it.
    pub(super) line: Vec<u8>,
    /// Its number, counted from 1; in a file of fixed length that of the record.
    pub(super) number: u64,
    /// The length of every record, where there are no line ends.
    fixed: Option<usize>,
    /// The length that the file header announces: lines of it are filled with blanks by right.
    announced: Option<usize>,
    begun: bool,
}

/// What was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Line,
    /// A line of so many bytes, of which the first are there.
    TooLong(u64),
    End,
}

impl Lines {
    pub(super) fn new() -> Lines {
        Lines { line: Vec::new(), number: 0, fixed: None, announced: None, begun: false }
    }

    /// The next line that is not blank.
    pub(super) fn take<R: Read>(&mut self, input: &mut Input<R>, sink: &mut Sink) -> io::Result<Taken> {
        if !self.begun {
            self.begin(input, sink)?;
        }
        loop {
            self.line.clear();
            if input.fill_buf()?.is_empty() {
                return Ok(Taken::End);
            }
            self.number += 1;
            let length = match self.fixed {
                Some(length) => self.take_fixed(length, input)?,
                None => self.take_line(input, sink)?,
            };
            if length > u64::try_from(MAX_LINE).unwrap_or(u64::MAX) {
                return Ok(Taken::TooLong(length));
            }
            if self.line.last() == Some(&0x1a) {
                sink.note(Form::EndMark, self.number);
                while self.line.last() == Some(&0x1a) {
                    self.line.pop();
                }
                if self.line.is_empty() {
                    continue;
                }
            }
            let filled = self.line.len();
            let kept =
                self.line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
            self.line.truncate(kept);
            if kept == 0 {
                // In a file without line ends it is the end of the last line.
                if self.fixed.is_none() {
                    sink.note(Form::BlankLines, self.number);
                }
                continue;
            }
            if kept < filled && self.fixed.is_none() && self.announced != Some(filled) {
                sink.note(Form::BlanksAtEnd, self.number);
            }
            return Ok(Taken::Line);
        }
    }

    /// Learns from the file header whether records have one length and no ends.
    fn begin<R: Read>(&mut self, input: &mut Input<R>, sink: &mut Sink) -> io::Result<()> {
        self.begun = true;
        if input.ahead()?.starts_with(b"\xef\xbb\xbf") {
            sink.note(Form::ByteOrderMark, 1);
            input.consume(3);
        }
        let ahead = input.ahead()?;
        let header =
            ahead.iter().position(|byte| matches!(byte, b'/' | b'\n' | b'\r')).unwrap_or(ahead.len());
        let length = ahead.get(..header).and_then(|header| header.split(|byte| *byte == b',').nth(6));
        let length: Option<usize> =
            length.and_then(|digits| str::from_utf8(digits).ok()?.trim().parse().ok());
        self.announced = length.filter(|length| (header..=MAX_FIXED).contains(length));
        let one_line = |length: &usize| {
            let first = ahead
                .get(..length + 1)
                .is_some_and(|line| !line.iter().any(|byte| matches!(byte, b'\n' | b'\r')));
            first && ahead.get(*length..).and_then(code_at).is_some()
        };
        self.fixed = self.announced.filter(one_line);
        if self.fixed.is_some() {
            sink.note(Form::FixedLength, 1);
        }
        Ok(())
    }

    /// The next bytes of that length, or whatever is left. A line end may stand behind the last all the same.
    fn take_fixed<R: Read>(&mut self, length: usize, input: &mut Input<R>) -> io::Result<u64> {
        while self.line.len() < length {
            let from = input.fill_buf()?;
            let take = from.len().min(length - self.line.len());
            if take == 0 {
                break;
            }
            self.line.extend(from.iter().take(take).filter(|byte| !matches!(byte, b'\n' | b'\r')));
            input.consume(take);
        }
        Ok(u64::try_from(self.line.len()).unwrap_or(u64::MAX))
    }

    fn take_line<R: Read>(&mut self, input: &mut Input<R>, sink: &mut Sink) -> io::Result<u64> {
        let mut length = 0_u64;
        loop {
            let from = input.fill_buf()?;
            if from.is_empty() {
                return Ok(length);
            }
            let ends = from.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let take = ends.unwrap_or(from.len());
            let room = MAX_LINE.saturating_sub(self.line.len()).min(take);
            self.line.extend_from_slice(from.get(..room).unwrap_or_default());
            length = length.saturating_add(u64::try_from(take).unwrap_or(0));
            input.consume(take);
            if ends.is_some() {
                break;
            }
        }
        match *input.ahead()? {
            [b'\r', b'\n', ..] => {
                sink.note(Form::CarriageReturns, self.number);
                input.consume(2);
            }
            [b'\r', ..] => {
                sink.note(Form::CarriageReturnsAlone, self.number);
                input.consume(1);
            }
            _ => input.consume(1),
        }
        Ok(length)
    }
}
