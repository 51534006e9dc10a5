//! Reading a file, whichever it is.

use std::io::{self, BufRead as _, Read};

use crate::fault::{Fault, Faults, Found, Kind, Spoils};
use crate::forms::{Form, Forms};
use crate::input::Input;
use crate::sink::{Sink, Wrong};
use crate::statement::{Format, Piece};
use crate::{bai, camt, detect};

/// How many faults are kept unless something else is asked for.
pub const FAULT_LIMIT: usize = 1_000;

/// What reading a file came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it is written in; nothing where it is neither, or was not begun.
    pub format: Option<Format>,
    /// The first faults, as many as were asked for.
    pub faults: Vec<Fault>,
    /// How many there are in all.
    pub fault_count: u64,
    /// How many of them spoil the file as a whole.
    pub file_faults: u64,
    /// How it strays from its standard.
    pub forms: Forms,
    /// How many statements it has.
    pub statements: u64,
    /// How many lines they have.
    pub lines: u64,
    /// Whether it was read to its end.
    pub ended: bool,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.ended && self.fault_count == 0
    }

    /// Whether statements of it that are right can be used: nothing is wrong with the file itself.
    pub fn is_usable(&self) -> bool {
        self.ended && self.file_faults == 0
    }
}

enum Inner<R> {
    /// Nothing was read.
    New(Input<R>),
    Bai(Box<bai::Reader<R>>),
    Camt(Box<camt::Reader<R>>),
    Ended,
}

/// Reads a file, piece by piece.
///
/// It is an iterator; [`Reader::into_report`] says what was wrong. A statement is to be believed only once the file has been
/// read to its end, the report is [usable](Report::is_usable), and both the statement's [`End`](crate::End) and its group's end
/// are sound: totals stand behind what they are of.
///
/// ```
/// let mut reader = statements::Reader::new(&b"01,not much of a file/"[..]);
/// let pieces = reader.by_ref().count();
/// let report = reader.into_report();
/// assert_eq!((pieces, report.is_sound()), (1, false));
/// assert_eq!(report.faults[0].to_string(), "line 1, version number: found nothing, expected 2");
/// ```
pub struct Reader<R> {
    inner: Inner<R>,
    format: Option<Format>,
    sink: Sink,
    /// All was read.
    ended: bool,
    /// The input failed.
    failed: bool,
}

impl<R: Read> Reader<R> {
    /// Reads from `input`, which needs no buffer of its own.
    pub fn new(input: R) -> Reader<R> {
        Reader::with_fault_limit(input, FAULT_LIMIT)
    }

    /// As [`Reader::new`], and keeps so many faults. The others are counted.
    pub fn with_fault_limit(input: R, limit: usize) -> Reader<R> {
        let sink = Sink { faults: Faults::up_to(limit), ..Sink::default() };
        Reader { inner: Inner::New(Input::new(input)), format: None, sink, ended: false, failed: false }
    }

    /// What was found so far: where all pieces were taken, in the whole file.
    pub fn into_report(self) -> Report {
        Report {
            format: self.format,
            faults: self.sink.faults.kept,
            fault_count: self.sink.faults.many,
            file_faults: self.sink.faults.file,
            forms: self.sink.forms,
            statements: self.sink.statements,
            lines: self.sink.lines,
            ended: self.ended,
        }
    }

    /// Looks at the first bytes, and decides how to read the rest.
    fn begin(&mut self, mut input: Input<R>) -> io::Result<Inner<R>> {
        if input.ahead()?.starts_with(b"\xef\xbb\xbf") {
            self.sink.note(Form::ByteOrderMark, 1);
            input.consume(3);
        }
        let first = input.ahead()?;
        self.format = Format::of(first);
        let Some(format) = self.format else {
            let found = Found::Words(detect::looks_like(first));
            let expected = "a BAI2 file, which begins with 01, or a camt message, which begins with <";
            self.sink.at(1, 1, "file", Wrong::new(Kind::Format, found, expected, Spoils::File));
            return Ok(Inner::Ended);
        };
        // XML has nothing before its declaration; some banks have a blank line all the same.
        let blanks = first.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if format == Format::Camt && blanks > 0 {
            self.sink.note(Form::BlankLines, 1);
            input.consume(blanks);
        }
        Ok(match format {
            Format::Bai2 => Inner::Bai(Box::new(bai::Reader::new(input))),
            Format::Camt => Inner::Camt(Box::new(camt::Reader::new(input))),
        })
    }

    fn step(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.sink.pieces.pop_front() {
                return Ok(Some(piece));
            }
            let more = match std::mem::replace(&mut self.inner, Inner::Ended) {
                Inner::New(input) => {
                    self.inner = self.begin(input)?;
                    true
                }
                Inner::Bai(mut reader) => {
                    let more = reader.step(&mut self.sink)?;
                    self.inner = Inner::Bai(reader);
                    more
                }
                Inner::Camt(mut reader) => {
                    let more = reader.step(&mut self.sink)?;
                    self.inner = Inner::Camt(reader);
                    more
                }
                Inner::Ended => {
                    self.ended = true;
                    return Ok(None);
                }
            };
            if !more {
                self.inner = Inner::Ended;
            }
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Piece>;

    /// The next piece. An input that fails once is not asked again.
    fn next(&mut self) -> Option<io::Result<Piece>> {
        if self.ended || self.failed {
            return None;
        }
        let piece = self.step().transpose();
        self.failed = matches!(piece, Some(Err(_)));
        piece
    }
}
