//! The elements of an XML document, one after another, with where they stand. Document types and entities are refused, depth
//! has an end, and so has what is read between two calls of [`Xml::allow`].

use std::io::{self, Read};

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::events::{BytesStart, Event};

use super::tags::known;
use crate::fault::{Expected, Found, Kind, Spoils};
use crate::forms::Form;
use crate::input::{Input, Place};
use crate::sink::{Sink, Wrong};
use crate::text::decode;

/// How deep elements may lie within each other. Messages have some fifteen.
pub(super) const MAX_DEPTH: usize = 64;

/// How long the beginning of an element may be. Looking for an attribute that stands twice takes the square of it.
const MAX_START: usize = 16 * 1024;

/// Reads a document.
pub(super) struct Xml<R> {
    reader: quick_xml::Reader<Input<R>>,
    buffer: Vec<u8>,
    /// The elements that are open, from the outside in; empty names where they are not read.
    pub(super) path: Vec<&'static str>,
    text: String,
    text_at: Place,
    /// No element has ended since the last began: what stands between is a value.
    leaf: bool,
    allowed: u64,
}

/// What comes next in a document.
#[derive(Debug)]
pub(super) enum Step {
    /// An element begins; it is the last of the path.
    Open(Opened),
    /// The last of the path ends; it is taken off with [`Xml::leave`]. What it holds, where that is no other element.
    Close(Option<Value>),
    /// The document ends, or cannot be read on.
    End,
}

/// Where an element begins, and of its attributes those that are read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) place: Place,
    pub(super) namespace: Option<String>,
}

/// What an element holds.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: String,
    /// Where its text begins.
    pub(super) place: Place,
    /// The currency that its element names.
    pub(super) currency: Option<String>,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(input: Input<R>) -> Xml<R> {
        let text_at = input.place();
        let mut reader = quick_xml::Reader::from_reader(input);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = true;
        Xml {
            reader,
            buffer: Vec::new(),
            path: Vec::new(),
            text: String::new(),
            text_at,
            leaf: false,
            allowed: u64::MAX,
        }
    }

    /// From here on, at most so many bytes.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.allowed = bytes;
        self.reader.get_mut().allow(bytes);
    }

    pub(super) fn place(&self) -> Place {
        self.reader.get_ref().place()
    }

    /// Takes the element that ended off the path.
    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// The next beginning or end of an element. `currency` keeps the attribute of the element that is open.
    pub(super) fn step(&mut self, currency: &mut Option<String>, sink: &mut Sink) -> io::Result<Step> {
        loop {
            self.buffer.clear();
            let here = self.place();
            let mut buffer = std::mem::take(&mut self.buffer);
            let event = self.reader.read_event_into(&mut buffer);
            let step = match event {
                Ok(event) => self.event(&event, here, currency, sink),
                Err(error) => self.error(&error, here, sink)?,
            };
            self.buffer = buffer;
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    fn event(
        &mut self,
        event: &Event<'_>,
        here: Place,
        currency: &mut Option<String>,
        sink: &mut Sink,
    ) -> Option<Step> {
        match event {
            Event::Start(start) => return Some(self.open(start, here, currency, sink)),
            Event::End(_) => {
                let text = std::mem::take(&mut self.text);
                let value =
                    Value { text: text.trim().to_owned(), place: self.text_at, currency: currency.take() };
                return Some(Step::Close(std::mem::take(&mut self.leaf).then_some(value)));
            }
            Event::Text(text) => self.add(text, sink),
            Event::CData(text) => self.add(text, sink),
            Event::GeneralRef(name) => match (&**name, name.resolve_char_ref()) {
                (_, Ok(Some(c))) => self.push(c),
                (b"lt", _) => self.push('<'),
                (b"gt", _) => self.push('>'),
                (b"amp", _) => self.push('&'),
                (b"quot", _) => self.push('"'),
                (b"apos", _) => self.push('\''),
                _ => {
                    let expected = "no entities but the five of XML";
                    return Some(refuse(here, "entity", Kind::Refused, Found::Hidden, expected, sink));
                }
            },
            Event::DocType(_) => {
                let found = Found::Words("a document type");
                return Some(refuse(
                    here,
                    "document type",
                    Kind::Refused,
                    found,
                    "none: they can harm who reads them",
                    sink,
                ));
            }
            Event::Decl(decl) => {
                let encoding = decl.encoding().and_then(Result::ok).unwrap_or_default().to_ascii_uppercase();
                match encoding.as_slice() {
                    b"" | b"UTF-8" | b"US-ASCII" | b"ASCII" => {}
                    b"ISO-8859-1" | b"ISO-8859-15" | b"WINDOWS-1252" => {
                        sink.note(Form::OtherLetters, here.line)
                    }
                    _ => {
                        let found = Found::Words("another encoding");
                        return Some(refuse(
                            here,
                            "encoding",
                            Kind::Format,
                            found,
                            "UTF-8 or ISO-8859-1",
                            sink,
                        ));
                    }
                }
            }
            Event::Eof => {
                if !self.path.is_empty() {
                    let expected = "the end of every element";
                    return Some(refuse(here, "document", Kind::Syntax, Found::Nothing, expected, sink));
                }
                return Some(Step::End);
            }
            Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
        }
        None
    }

    fn open(
        &mut self,
        start: &BytesStart<'_>,
        here: Place,
        currency: &mut Option<String>,
        sink: &mut Sink,
    ) -> Step {
        let many = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
        let too_much = match (self.path.len(), start.len()) {
            (MAX_DEPTH.., _) => Some((
                Found::Words("another"),
                Expected::AtMost(many(MAX_DEPTH), "elements within each other"),
            )),
            (_, length) if length > MAX_START => Some((
                Found::Many(many(length), "bytes"),
                Expected::AtMost(many(MAX_START), "bytes to begin an element"),
            )),
            _ => None,
        };
        if let Some((found, expected)) = too_much {
            let wrong = Wrong { kind: Kind::Size, found, expected, spoils: Spoils::File };
            sink.at(here.line, here.column, "element", wrong);
            return Step::End;
        }
        self.path.push(known(start.local_name().as_ref()));
        self.text.clear();
        self.text_at = self.place();
        self.leaf = true;
        *currency = None;
        let mut opened = Opened { place: here, namespace: None };
        let prefix = start.name().prefix().map(|prefix| prefix.into_inner().to_vec());
        for attribute in start.attributes() {
            let Ok(attribute) = attribute else {
                return refuse(
                    here,
                    "attribute",
                    Kind::Syntax,
                    Found::Hidden,
                    "a name and a value in quotes, once",
                    sink,
                );
            };
            let value = || Some(decode(&attribute.value).0.trim().to_owned());
            let key = attribute.key.as_ref();
            if key == b"Ccy" {
                *currency = value();
            }
            let own = match (&prefix, key.strip_prefix(b"xmlns")) {
                (Some(prefix), Some(rest)) => rest.strip_prefix(b":") == Some(prefix),
                (None, Some(rest)) => rest.is_empty(),
                (_, None) => false,
            };
            if own {
                opened.namespace = value();
            }
        }
        Step::Open(opened)
    }

    fn push(&mut self, c: char) {
        // Text between elements, and in those that are not read, is nothing.
        if self.leaf && self.path.last().is_some_and(|name| !name.is_empty()) {
            self.text.push(if c.is_control() { ' ' } else { c });
        }
    }

    fn add(&mut self, bytes: &[u8], sink: &mut Sink) {
        if self.leaf && self.path.last().is_some_and(|name| !name.is_empty()) {
            if str::from_utf8(bytes).is_err() {
                sink.note(Form::OtherLetters, self.place().line);
            }
            self.text.push_str(&decode(bytes).0);
        }
    }

    fn error(&mut self, error: &Error, here: Place, sink: &mut Sink) -> io::Result<Option<Step>> {
        let words = match error {
            Error::Io(_) if self.reader.get_ref().is_over() => {
                let wrong = Wrong {
                    kind: Kind::Size,
                    found: Found::Words("more"),
                    expected: Expected::AtMost(self.allowed, "bytes in an entry, or before the first"),
                    spoils: Spoils::File,
                };
                sink.on(self.place().line, "document", wrong);
                return Ok(Some(Step::End));
            }
            Error::Io(error) => return Err(io::Error::new(error.kind(), error.to_string())),
            Error::IllFormed(
                IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_),
            ) => "the end of the element that began last",
            Error::IllFormed(IllFormedError::UnclosedReference) => "a semicolon at the end of a reference",
            Error::Syntax(_) => "the end of what begins here",
            _ => "well-formed XML",
        };
        Ok(Some(refuse(here, "document", Kind::Syntax, Found::Hidden, words, sink)))
    }
}

/// Nothing can be read from here on.
fn refuse(
    here: Place,
    field: &'static str,
    kind: Kind,
    found: Found,
    expected: &'static str,
    sink: &mut Sink,
) -> Step {
    sink.at(here.line, here.column, field, Wrong::new(kind, found, expected, Spoils::File));
    Step::End
}
