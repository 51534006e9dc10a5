//! Logical records: a record with those of code 88 that continue it, taken apart into fields. Source: BAI2, section 2,
//! "record characteristics", and section 3, record 88.
//!
//! A comma ends a field and a slash the last one; a text, which only record 16 has, runs to the end of its line. A record that
//! is continued ends with a slash too, between two fields.

use crate::fault::{Found, Kind, Spoils};
use crate::forms::Form;
use crate::sink::{Sink, Wrong};
use crate::text::decode;

/// How long a record may be, its continuations included.
pub(crate) const MAX_RECORD: usize = 256 * 1024;

/// The codes of records.
const CODES: [[u8; 2]; 8] = [*b"01", *b"02", *b"03", *b"16", *b"49", *b"88", *b"98", *b"99"];

/// The record code that a line begins with, if it begins with one.
pub(super) fn code_at(line: &[u8]) -> Option<[u8; 2]> {
    let (code, rest) = line.split_first_chunk::<2>()?;
    (CODES.contains(code) && matches!(rest, [] | [b',' | b'/', ..])).then_some(*code)
}

/// What the file has shown of its bank's ways.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    /// Its first record ends with a slash. Of a bank that leaves it out, a line's end is the end of a field.
    pub(super) slashes: bool,
    /// Records stand behind each other in one line.
    pub(super) packed: bool,
}

/// Where a field stands: its bytes in [`Record::data`], and its line and column in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: u64,
    pub(super) column: u64,
}

/// A physical line, or what is left of it.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) line: &'a [u8],
    pub(super) number: u64,
    /// Where in the line its fields begin, behind the record code and its comma.
    pub(super) from: usize,
}

/// A logical record.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) code: [u8; 2],
    /// In which line it begins.
    pub(super) line: u64,
    pub(super) data: Vec<u8>,
    pub(super) fields: Vec<Span>,
    /// The text of a record 16, line by line, once it was reached.
    pub(super) text: Option<String>,
    /// How many physical records it has.
    pub(super) physical: u64,
    /// Its last field did not end in its line.
    open: bool,
    /// It is longer than a record may be; the rest was left out.
    full: bool,
}

impl Record {
    pub(super) fn new(code: [u8; 2], line: u64) -> Record {
        let (data, fields) = (Vec::new(), Vec::new());
        Record { code, line, data, fields, text: None, physical: 0, open: false, full: false }
    }

    /// Takes a physical record of it: its first, or one of code 88. Returns where in the line it ends.
    pub(super) fn take(&mut self, part: Part<'_>, habits: Habits, sink: &mut Sink) -> usize {
        self.physical += 1;
        if self.is_full(part, sink) {
            return part.line.len();
        }
        if self.text.is_some() {
            return self.take_text(part, part.from, habits, sink);
        }
        let mut at = part.from;
        if std::mem::take(&mut self.open) {
            if !habits.slashes || self.ended_in_reference() {
                sink.note(Form::NoSlash, self.line);
            } else {
                sink.note(Form::DividedField, part.number);
                let end = part.line.iter().skip(at).position(|byte| matches!(byte, b',' | b'/'));
                let end = end.map_or(part.line.len(), |end| at + end);
                self.data.extend_from_slice(part.line.get(at..end).unwrap_or_default());
                if let Some(last) = self.fields.last_mut() {
                    last.end = self.data.len();
                }
                match part.line.get(end) {
                    Some(b',') => at = end + 1,
                    Some(_) => return end + 1,
                    None => {
                        self.open = true;
                        return end;
                    }
                }
            }
        }
        self.take_fields(part, at, habits, sink)
    }

    /// Whether there is no room for more; said once.
    fn is_full(&mut self, part: Part<'_>, sink: &mut Sink) -> bool {
        let there = self.data.len() + self.text.as_ref().map_or(0, String::len);
        if !self.full && there + part.line.len() > MAX_RECORD {
            let many = Found::Many(u64::try_from(MAX_RECORD).unwrap_or(u64::MAX), "bytes and more");
            let wrong = Wrong::new(Kind::Size, many, "a shorter record", Spoils::Statement);
            sink.on(self.line, "record", wrong);
            self.full = true;
        }
        self.full
    }

    fn take_fields(&mut self, part: Part<'_>, mut at: usize, habits: Habits, sink: &mut Sink) -> usize {
        loop {
            if self.is_text_next() {
                return self.take_text(part, at, habits, sink);
            }
            let rest = part.line.get(at..).unwrap_or_default();
            let end = self.field_end(rest, habits);
            if self.in_references() && rest.iter().take(end).any(|byte| *byte == b'/') {
                sink.note(Form::SlashInReference, part.number);
            }
            let start = self.data.len();
            self.data.extend_from_slice(rest.get(..end).unwrap_or_default());
            let column = u64::try_from(at + 1).unwrap_or(u64::MAX);
            self.fields.push(Span { start, end: self.data.len(), line: part.number, column });
            at += end + 1;
            match rest.get(end) {
                Some(b',') => {}
                Some(_) => return at,
                None => {
                    self.open = true;
                    return part.line.len();
                }
            }
        }
    }

    /// Where the next field ends: at a comma, at a slash that ends the record, or with the line.
    fn field_end(&self, rest: &[u8], habits: Habits) -> usize {
        let references = self.in_references();
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b',' => return at,
                b'/' if !references
                    || at == 0
                    || ends_record(rest.get(at + 1..).unwrap_or_default(), habits) =>
                {
                    return at;
                }
                _ => {}
            }
        }
        rest.len()
    }

    /// The next line of the text of a record 16. A slash alone where it should begin says that there is none.
    fn take_text(&mut self, part: Part<'_>, from: usize, habits: Habits, sink: &mut Sink) -> usize {
        let rest = part.line.get(from..).unwrap_or_default();
        let first = self.text.is_none();
        let text = self.text.get_or_insert_default();
        if first && rest.strip_prefix(b"/").is_some_and(|behind| ends_record(behind, habits)) {
            return from + 1;
        }
        let packed = habits.packed.then(|| packed_end(rest)).flatten();
        let (mut end, next) = packed.map_or((rest.len(), part.line.len()), |end| (end, from + end + 1));
        if packed.is_none() && rest.last() == Some(&b'/') {
            sink.note(Form::SlashBehindText, part.number);
            end -= 1;
        }
        let (line, plain) = decode(rest.get(..end).unwrap_or_default());
        if !plain {
            sink.note(Form::OtherLetters, part.number);
        }
        let line = line.trim();
        if !line.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
        next
    }

    /// A line that has no record code, where a text is being read: the bank broke a line within it.
    pub(super) fn take_bare_line(
        &mut self,
        part: Part<'_>,
        habits: Habits,
        sink: &mut Sink,
    ) -> Option<usize> {
        self.text.as_ref()?;
        if self.is_full(part, sink) {
            return Some(part.line.len());
        }
        sink.note(Form::BareTextLine, part.number);
        Some(self.take_text(part, 0, habits, sink))
    }

    /// The bytes of a field, without the blanks around it.
    pub(super) fn field(&self, at: usize) -> Option<(&[u8], Span)> {
        let span = self.fields.get(at)?;
        Some((self.data.get(span.start..span.end).unwrap_or_default().trim_ascii(), *span))
    }

    /// How many fields stand before the references of a record 16: they depend on its funds type. Nothing where that is not
    /// known yet.
    fn before_references(&self) -> Option<usize> {
        let complete = |at: usize| self.field(at).filter(|_| at + 1 < self.fields.len() || !self.open);
        Some(match complete(2)?.0 {
            b"S" => 6,
            b"V" => 5,
            b"D" => {
                let pairs = str::from_utf8(complete(3)?.0).ok().and_then(|pairs| pairs.parse::<u8>().ok());
                4 + 2 * usize::from(pairs.unwrap_or(0))
            }
            _ => 3,
        })
    }

    /// Whether the next field is a reference: banks write slashes into them.
    fn in_references(&self) -> bool {
        let next = self.fields.len();
        self.code == *b"16"
            && self.before_references().is_some_and(|before| (before..before + 2).contains(&next))
    }

    /// Whether the last field that was taken is a reference: those are short, and not divided between records.
    fn ended_in_reference(&self) -> bool {
        let last = self.fields.len().saturating_sub(1);
        self.code == *b"16" && self.before_references().is_some_and(|before| last >= before)
    }

    fn is_text_next(&self) -> bool {
        self.code == *b"16" && self.before_references().is_some_and(|before| self.fields.len() >= before + 2)
    }

    /// Says what is left to say at its end.
    pub(super) fn finish(&self, sink: &mut Sink) {
        if self.open {
            sink.note(Form::NoSlash, self.line);
        }
    }
}

/// Whether a record ends where this stands behind a slash.
fn ends_record(behind: &[u8], habits: Habits) -> bool {
    let behind = behind.trim_ascii_start();
    behind.is_empty() || (habits.packed && code_at(behind).is_some())
}

/// Where a text ends in a line of several records: at a slash with a record behind it, or at the last one of the line.
fn packed_end(rest: &[u8]) -> Option<usize> {
    let slashes = rest.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.into_iter().find(|at| {
        let behind = rest.get(at + 1..).unwrap_or_default().trim_ascii_start();
        behind.is_empty() || code_at(behind).is_some_and(|code| code != *b"16" || is_transaction(behind))
    })
}

/// Whether these are the first fields of a record 16, and not a number in a text, such as `16,000`.
fn is_transaction(record: &[u8]) -> bool {
    let mut fields = record.split(|byte| matches!(byte, b',' | b'/'));
    let code = fields.nth(1).and_then(super::TypeCode::from_digits);
    code.is_some_and(|code| code.level() != super::Level::Unknown)
        && fields
            .next()
            .is_some_and(|amount| amount.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.')))
}
