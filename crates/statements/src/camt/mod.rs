//! camt.053, the statement of ISO 20022, and its siblings of the same make: camt.052, the report within a day, and camt.054,
//! the notification of single payments.

mod entry;
mod head;
mod tags;
mod value;
mod version;
mod xml;

use std::io::{self, Read};

use entry::Entry;
use head::Statement;
use xml::{Opened, Step, Value, Xml};

use crate::date::{Date, Time};
use crate::fault::{Found, Kind, Spoils};
use crate::forms::Form;
use crate::input::{Input, Place};
use crate::sink::{Sink, Wrong};
use crate::statement::{FileHead, Format, Page, Piece, StatementKind};
use crate::text::Reference;

/// How many bytes an entry may have, and what stands before the first. An entry may stand for thousands of payments, each of a
/// few thousand bytes.
pub(crate) const MAX_ENTRY: u64 = 32 * 1024 * 1024;

/// Reads a message, entry by entry.
pub(crate) struct Reader<R> {
    xml: Xml<R>,
    currency: Option<String>,
    /// How deep the document lies within its envelope, once it was found.
    document: Option<usize>,
    /// A document was read to its end.
    done: bool,
    named: Option<version::Named>,
    kind: StatementKind,
    head: FileHead,
    head_given: bool,
    statement: Option<Box<Statement>>,
    entry: Option<Box<Entry>>,
    statements: u64,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(input: Input<R>) -> Reader<R> {
        let line = input.place().line;
        let mut xml = Xml::new(input);
        xml.allow(MAX_ENTRY);
        Reader {
            xml,
            currency: None,
            document: None,
            done: false,
            named: None,
            kind: StatementKind::Statement,
            head: FileHead {
                line,
                format: Format::Camt,
                version: 0,
                id: Reference::default(),
                sender: String::new(),
                receiver: String::new(),
                created_on: None,
                created_at: None,
                page: None,
            },
            head_given: false,
            statement: None,
            entry: None,
            statements: 0,
        }
    }

    /// Reads on to the next beginning or end of an element. Whether there may be more.
    pub(crate) fn step(&mut self, sink: &mut Sink) -> io::Result<bool> {
        match self.xml.step(&mut self.currency, sink)? {
            Step::Open(opened) => Ok(self.open(opened, sink)),
            Step::Close(value) => {
                self.close(value, sink);
                self.xml.leave();
                Ok(true)
            }
            Step::End => {
                self.end(sink);
                Ok(false)
            }
        }
    }

    fn open(&mut self, opened: Opened, sink: &mut Sink) -> bool {
        let Opened { place, namespace } = opened;
        let Some(document) = self.document else {
            return self.find(place, namespace.as_deref(), sink);
        };
        let path: Vec<&'static str> = self.xml.path.get(document..).unwrap_or_default().to_vec();
        match path.as_slice() {
            [message] => return self.message(message, place, sink),
            ["BkToCstmrStmt", "Stmt"] | ["BkToCstmrAcctRpt", "Rpt"] | ["BkToCstmrDbtCdtNtfctn", "Ntfctn"] => {
                self.give_head(sink);
                self.statements += 1;
                self.statement = Some(Box::new(Statement::new(place, self.kind, self.head.page, sink)));
                self.xml.allow(MAX_ENTRY);
            }
            [_, _, "Ntry"] if self.statement.is_some() => {
                self.entry = Some(Box::new(Entry::new(place, sink)));
                self.xml.allow(MAX_ENTRY);
            }
            [_, _, "Ntry", rest @ ..] => {
                if let Some(entry) = &mut self.entry {
                    entry.open(rest);
                }
            }
            [_, _, "Bal"] => {
                if let Some(statement) = &mut self.statement {
                    statement.open_balance(place, sink);
                }
            }
            _ => {}
        }
        true
    }

    /// Looks for the document, which may lie within an envelope.
    fn find(&mut self, place: Place, namespace: Option<&str>, sink: &mut Sink) -> bool {
        if self.xml.path.last() != Some(&"Document") {
            return true;
        }
        if self.done {
            let wrong = Wrong::new(
                Kind::Order,
                Found::Words("another document"),
                "one message at a time",
                Spoils::File,
            );
            sink.at(place.line, place.column, "Document", wrong);
            return false;
        }
        let depth = self.xml.path.len();
        if depth > 1 {
            sink.note(Form::Envelope, place.line);
        }
        self.document = Some(depth);
        self.head.line = place.line;
        self.named = namespace.and_then(version::named);
        if !self.named.is_some_and(|named| named.iso) {
            sink.note(Form::OtherNamespace, place.line);
        }
        true
    }

    /// The one element of a document: which message it is. Whether it is read.
    fn message(&mut self, element: &str, place: Place, sink: &mut Sink) -> bool {
        let Some((number, kind)) = version::message(element).filter(|_| !self.done) else {
            let expected = "a statement of camt.053, a report of camt.052 or a notification of camt.054";
            let wrong = Wrong::new(Kind::Format, Found::Words("another message"), expected, Spoils::File);
            sink.at(place.line, place.column, "Document", wrong);
            return false;
        };
        self.kind = kind;
        let version = self.named.filter(|named| named.message == number).map(|named| named.version);
        if version.is_none() {
            sink.note(Form::OtherNamespace, place.line);
        }
        self.head.version = version.unwrap_or(0);
        if self.head.version > version::LAST {
            sink.note(Form::UnknownVersion, place.line);
        }
        true
    }

    fn give_head(&mut self, sink: &mut Sink) {
        if !std::mem::replace(&mut self.head_given, true) {
            sink.piece(Piece::File(self.head.clone()));
        }
    }

    fn close(&mut self, value: Option<Value>, sink: &mut Sink) {
        let Some(document) = self.document else { return };
        let path: Vec<&'static str> = self.xml.path.get(document..).unwrap_or_default().to_vec();
        match path.as_slice() {
            [] => {
                self.document = None;
                self.done = true;
            }
            [_, "GrpHdr", "MsgId"] => {
                self.head.id = Reference::new(value.map(|value| value.text).unwrap_or_default())
            }
            [_, "GrpHdr", "CreDtTm"] => {
                let made = value.map(|value| value.text).unwrap_or_default();
                self.head.created_on = Date::from_iso(&made);
                let time = made.split_once('T').and_then(|(_, time)| time.get(..5)).unwrap_or_default();
                self.head.created_at = Time::from_digits(time.as_bytes()).map(|(time, _)| time);
            }
            [_, "GrpHdr", "MsgPgntn", field] => {
                let page = self.head.page.get_or_insert(Page { number: 1, last: true });
                let text = value.map(|value| value.text).unwrap_or_default();
                match *field {
                    "PgNb" => page.number = text.parse().unwrap_or(1),
                    "LastPgInd" => page.last = text != "false" && text != "0",
                    _ => {}
                }
            }
            [_, "GrpHdr"] | [_] => self.give_head(sink),
            [_, "Stmt" | "Rpt" | "Ntfctn"] => {
                if let Some(statement) = self.statement.take() {
                    statement.finish(self.xml.place().line, sink);
                }
                self.xml.allow(MAX_ENTRY);
            }
            [_, _, "Ntry"] => self.close_entry(sink),
            [_, _, "Ntry", rest @ ..] => {
                if let Some(entry) = &mut self.entry {
                    match value {
                        Some(value) => entry.value(rest, value, sink),
                        None => entry.close(rest),
                    }
                }
            }
            [_, _, "Bal"] => {
                if let Some(statement) = &mut self.statement {
                    statement.close_balance(sink);
                }
            }
            [_, _, rest @ ..] => {
                if let (Some(statement), Some(value)) = (&mut self.statement, value) {
                    statement.value(rest, value, sink);
                }
            }
        }
    }

    fn close_entry(&mut self, sink: &mut Sink) {
        if let (Some(statement), Some(entry)) = (&mut self.statement, self.entry.take()) {
            let currency = statement.show(entry.currency(), sink);
            let line = entry.finish(statement.next(), currency, sink);
            statement.line(line, sink);
        }
        self.xml.allow(MAX_ENTRY);
    }

    /// The document has ended, or cannot be read on.
    fn end(&mut self, sink: &mut Sink) {
        let line = self.xml.place().line;
        if sink.faults.file == 0 && !self.done {
            let expected = "a document of ISO 20022";
            sink.on(line, "Document", Wrong::new(Kind::Format, Found::Nothing, expected, Spoils::File));
        }
        if sink.faults.file == 0 && self.statements == 0 {
            let wrong = Wrong::new(Kind::Missing, Found::Nothing, "a statement", Spoils::File);
            sink.on(line, "Document", wrong);
        }
        self.abandon(line, sink);
    }

    /// Ends a statement that was begun and cannot be read to its end.
    fn abandon(&mut self, line: u64, sink: &mut Sink) {
        if let Some(statement) = self.statement.take() {
            statement.abandon(line, sink);
        }
    }
}
