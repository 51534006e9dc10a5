//! Bytes taken apart into lines of 94 characters, in memory that does not grow.

use std::io::{self, Read};

use super::forms::{Form, Forms};
use crate::layout::{Line, RECORD_LENGTH};

/// How many bytes are asked for at once.
const BUFFER: usize = 64 * 1024;

/// How far is looked ahead: enough for two records and the ends of their lines.
const AHEAD: usize = 256;

/// A line that was taken.
pub(super) enum Taken {
    /// One of at most 94 characters, filled up with blanks.
    Line {
        /// How many it had.
        length: usize,
    },
    /// One of more. What it says is passed over.
    TooLong {
        /// How many it has.
        characters: u64,
    },
    /// There are no more.
    End,
}

/// Takes lines from an input.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    /// Whether there are no line ends; not known before the first line.
    one_line: Option<bool>,
    /// The number of the line taken last.
    pub(super) number: u64,
    pub(super) line: Line,
    pub(super) forms: Forms,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines {
            input,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            at_end: false,
            one_line: None,
            number: 0,
            line: [b' '; RECORD_LENGTH],
            forms: Forms::default(),
        }
    }

    /// Whether the file has no line ends.
    pub(super) fn is_one_line(&self) -> bool {
        self.one_line == Some(true)
    }

    /// What comes next, `AHEAD` bytes of it or all.
    fn ahead(&mut self) -> io::Result<&[u8]> {
        while self.end - self.start < AHEAD && !self.at_end {
            if self.buffer.len() - self.end < AHEAD {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            }
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => self.at_end = true,
                // An input that claims to have read more than there was room for is not believed.
                Ok(many) => self.end = (self.end + many).min(self.buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn pass(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// Takes the next line into `self.line`. Lines of nothing are passed over.
    pub(super) fn take(&mut self) -> io::Result<Taken> {
        // What nearly every line is: 94 characters and a line feed.
        if self.one_line == Some(false)
            && let Some(next) = self.buffer.get(self.start..self.end)
            && let Some((line, [b'\n', _, ..])) = next.split_first_chunk::<RECORD_LENGTH>()
            && line.iter().fold(true, |whole, b| whole & (*b > b'\x1a'))
            && line[0] != b' '
        {
            self.line = *line;
            self.number += 1;
            self.start += RECORD_LENGTH + 1;
            return Ok(Taken::Line { length: RECORD_LENGTH });
        }
        if self.number == 0 && self.ahead()?.starts_with(b"\xef\xbb\xbf") {
            self.forms.note(Form::ByteOrderMark, 1);
            self.pass(3);
        }
        loop {
            if self.ahead()?.is_empty() {
                return Ok(Taken::End);
            }
            self.number = self.number.saturating_add(1);
            let taken = if self.one_line == Some(true) { self.take_record()? } else { self.take_line()? };
            let Taken::Line { length } = taken else { return Ok(taken) };
            let rest = self.line.get(..length).unwrap_or_default();
            if !rest.is_empty() && rest.iter().all(|b| *b == b'\x1a') {
                self.forms.note(Form::EndMark, self.number);
            } else if rest.iter().all(|b| *b == b' ') {
                if self.one_line != Some(true) || length > 0 {
                    self.forms.note(Form::BlankLines, self.number);
                }
            } else {
                return Ok(taken);
            }
            if self.one_line == Some(true) {
                self.number -= 1;
            }
        }
    }

    fn keep(&mut self, length: usize) {
        self.line = [b' '; RECORD_LENGTH];
        let from = self.buffer.get(self.start..self.start + length).unwrap_or_default();
        for (to, byte) in self.line.iter_mut().zip(from) {
            *to = *byte;
        }
        self.pass(length);
    }

    /// The next 94 characters of a file without line ends, or whatever is left. One may end with a line end all the same.
    fn take_record(&mut self) -> io::Result<Taken> {
        let ahead = self.ahead()?;
        let ends = ahead.iter().take(RECORD_LENGTH).position(|b| matches!(b, b'\n' | b'\r'));
        let length = ends.unwrap_or(RECORD_LENGTH).min(ahead.len());
        self.keep(length);
        while self.ahead()?.first().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            self.pass(1);
        }
        Ok(Taken::Line { length })
    }

    fn take_line(&mut self) -> io::Result<Taken> {
        let undecided = self.one_line.is_none();
        let ahead = self.ahead()?;
        let ends = ahead.iter().position(|b| matches!(b, b'\n' | b'\r'));
        // Two records without an end between them: there are none.
        if undecided && ends.unwrap_or(ahead.len()) >= 2 * RECORD_LENGTH {
            self.one_line = Some(true);
            self.forms.note(Form::OneLine, 1);
            return self.take_record();
        }
        let length = ends.unwrap_or(ahead.len());
        let blank = ahead.get(RECORD_LENGTH..length).is_some_and(|rest| rest.iter().all(|b| *b == b' '));
        let whole = ends.is_some() || self.at_end;
        let taken = if length <= RECORD_LENGTH || (whole && blank) {
            if length > RECORD_LENGTH {
                self.forms.note(Form::BlanksBeyond, self.number);
            }
            self.keep(length.min(RECORD_LENGTH));
            self.pass(length.saturating_sub(RECORD_LENGTH));
            Taken::Line { length: length.min(RECORD_LENGTH) }
        } else {
            self.keep(RECORD_LENGTH);
            let mut characters = 94_u64;
            loop {
                let ahead = self.ahead()?;
                let rest = ahead.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(ahead.len());
                let more = rest < ahead.len() || rest == 0;
                self.pass(rest);
                characters = characters.saturating_add(u64::try_from(rest).unwrap_or(0));
                if more {
                    break;
                }
            }
            Taken::TooLong { characters }
        };
        if undecided && !matches!(taken, Taken::Line { length: 0 }) {
            self.one_line = Some(false);
        }
        match *self.ahead()? {
            [b'\n', ..] => self.pass(1),
            [b'\r', b'\n', ..] => {
                self.forms.note(Form::CarriageReturns, self.number);
                self.pass(2);
            }
            [b'\r', ..] => {
                self.forms.note(Form::CarriageReturnsAlone, self.number);
                self.pass(1);
            }
            _ => self.forms.note(Form::NoLastLineEnd, self.number),
        }
        Ok(taken)
    }
}
