//! The fields of a record, one after another, each read as what it should be.

use super::codes::TypeCode;
use super::records::{Record, Span};
use crate::date::{Date, Time};
use crate::fault::{Found, Glimpse, Kind, Spoils};
use crate::forms::Form;
use crate::money::{self, Bad, Currency};
use crate::sink::{Sink, Wrong};
use crate::statement::Funds;
use crate::text::{Reference, decode};

/// How many pairs of days and amounts a distribution may have. The specification has no end to them; days of float are few.
const MAX_SPREAD: u64 = 99;

/// Reads the fields of a record in their order.
pub(super) struct Fields<'a> {
    record: &'a Record,
    at: usize,
    sink: &'a mut Sink,
    spoils: Spoils,
    /// Whether every field so far is what it should be.
    pub(super) sound: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn of(record: &'a Record, spoils: Spoils, sink: &'a mut Sink) -> Fields<'a> {
        Fields { record, at: 0, sink, spoils, sound: true }
    }

    /// Whether there is another.
    pub(super) fn more(&self) -> bool {
        self.at < self.record.fields.len()
    }

    /// The next field, without blanks around it; an empty one where there are no more.
    fn next(&mut self) -> (&'a [u8], Span) {
        let nowhere = Span { start: 0, end: 0, line: self.record.line, column: 0 };
        let (field, span) = self.record.field(self.at).unwrap_or((b"", nowhere));
        self.at += 1;
        if field.len() < span.end - span.start {
            self.sink.note(Form::BlanksAroundFields, span.line);
        }
        (field, span)
    }

    pub(super) fn wrong(
        &mut self,
        span: Span,
        name: &'static str,
        kind: Kind,
        found: Found,
        expected: &'static str,
    ) {
        self.sound = false;
        let wrong = Wrong::new(kind, found, expected, self.spoils);
        if span.column == 0 {
            self.sink.on(span.line, name, wrong);
        } else {
            self.sink.at(span.line, span.column, name, wrong);
        }
    }

    fn glimpse(field: &[u8]) -> Found {
        if field.is_empty() { Found::Nothing } else { Found::Glimpse(Glimpse::of(field)) }
    }

    pub(super) fn note(&mut self, form: Form) {
        self.sink.note(form, self.record.line);
    }

    /// Whatever is written.
    pub(super) fn text(&mut self) -> String {
        let (field, span) = self.next();
        let (text, plain) = decode(field);
        if !plain {
            self.sink.note(Form::OtherLetters, span.line);
        }
        text
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, name: &'static str, expected: &'static str) -> String {
        let (_, span) = self.next();
        self.at -= 1;
        let text = self.text();
        if text.is_empty() {
            self.wrong(span, name, Kind::Missing, Found::Nothing, expected);
        }
        text
    }

    /// What somebody calls a payment, if anything.
    pub(super) fn reference(&mut self) -> Option<Reference> {
        Some(self.text()).filter(|text| !text.is_empty()).map(Reference::new)
    }

    /// One of these digits; nothing where the field is empty.
    pub(super) fn digit<T: Copy>(
        &mut self,
        name: &'static str,
        known: &[(u8, T)],
        expected: &'static str,
    ) -> Option<T> {
        let (field, span) = self.next();
        let known = known.iter().find(|(digit, _)| field == [*digit]).map(|(_, meaning)| *meaning);
        if known.is_none() && !field.is_empty() {
            self.wrong(span, name, Kind::Code, Fields::glimpse(field), expected);
        }
        known
    }

    /// A day; nothing where the field is empty.
    pub(super) fn date(&mut self, name: &'static str) -> Option<Date> {
        let (field, span) = self.next();
        let date = Date::from_digits(field);
        if date.is_none() && !field.is_empty() {
            self.wrong(span, name, Kind::Date, Fields::glimpse(field), "a day as YYMMDD");
        }
        if date.is_some() && field.len() == 8 {
            self.sink.note(Form::LongYears, span.line);
        }
        date
    }

    /// A time; nothing where the field is empty.
    pub(super) fn time(&mut self, name: &'static str) -> Option<Time> {
        let (field, span) = self.next();
        let time = Time::from_digits(field);
        if time.is_none() && !field.is_empty() {
            self.wrong(span, name, Kind::Date, Fields::glimpse(field), "a time as HHMM, 2400 or 9999");
        }
        if time.is_some_and(|(_, strays)| strays) {
            self.sink.note(Form::LongTimes, span.line);
        }
        time.map(|(time, _)| time)
    }

    /// A currency; nothing where the field is empty.
    pub(super) fn currency(&mut self) -> Option<Currency> {
        let (field, span) = self.next();
        let currency = str::from_utf8(field).ok().and_then(Currency::of);
        if currency.is_none() && !field.is_empty() {
            self.wrong(
                span,
                "currency code",
                Kind::Currency,
                Fields::glimpse(field),
                "a currency such as USD",
            );
        }
        currency
    }

    /// A count; nothing where the field is empty.
    pub(super) fn count(&mut self, name: &'static str) -> Option<u64> {
        let (field, span) = self.next();
        let digits = field.iter().all(u8::is_ascii_digit);
        let count = str::from_utf8(field).ok().filter(|_| digits).and_then(|field| field.parse().ok());
        if count.is_none() && !field.is_empty() {
            self.wrong(span, name, Kind::Count, Fields::glimpse(field), "a whole number");
        }
        count
    }

    /// An amount; nothing where the field is empty.
    pub(super) fn amount(&mut self, name: &'static str, currency: Currency) -> Option<i64> {
        let (field, span) = self.next();
        if field.is_empty() {
            return None;
        }
        match money::implied(field, currency) {
            Ok(read) => {
                if read.point {
                    self.sink.note(Form::DecimalPoints, span.line);
                }
                if read.extra_zeros {
                    self.sink.note(Form::ExtraZeros, span.line);
                }
                return Some(read.cents);
            }
            Err(bad) => {
                let (at, found, expected) = spell(bad, "digits, in the currency's smallest unit");
                let column = span.column + u64::try_from(at).unwrap_or(0);
                self.wrong(Span { column, ..span }, name, Kind::Amount, found, expected);
            }
        }
        None
    }

    /// The type code of a transaction; nothing where the field is empty.
    pub(super) fn type_code(&mut self) -> Option<TypeCode> {
        let (field, span) = self.next();
        let code = TypeCode::from_digits(field);
        if code.is_none() && !field.is_empty() {
            self.wrong(span, "type code", Kind::Code, Fields::glimpse(field), "three digits");
        }
        code
    }

    /// The type code of the next balance or total; nothing where there are no more. Empty fields before it are passed over:
    /// some banks write a comma too many, and the specification itself has accounts whose only summary is empty.
    pub(super) fn next_type_code(&mut self) -> Option<TypeCode> {
        let mut passed = 0;
        while self.more() {
            let (field, span) = self.next();
            if field.is_empty() {
                passed += 1;
                continue;
            }
            if passed > 0 {
                self.sink.note(Form::EmptyTypeCodes, span.line);
            }
            let code = TypeCode::from_digits(field);
            if code.is_none() {
                self.wrong(span, "type code", Kind::Code, Fields::glimpse(field), "three digits");
            }
            return code;
        }
        None
    }

    /// A funds type, with what it brings.
    pub(super) fn funds(&mut self, currency: Currency) -> Funds {
        let (field, span) = self.next();
        match field {
            b"" | b"Z" => Funds::Unknown,
            b"0" => Funds::Immediate,
            b"1" => Funds::OneDay,
            b"2" => Funds::TwoOrMoreDays,
            b"S" => Funds::Split([
                self.amount("immediate availability amount", currency).unwrap_or(0),
                self.amount("one-day availability amount", currency).unwrap_or(0),
                self.amount("more than one-day availability amount", currency).unwrap_or(0),
            ]),
            b"V" => Funds::Value(self.date("value date"), self.time("value time")),
            b"D" => self.spread(currency),
            other => {
                let expected = "a funds type: Z, 0, 1, 2, S, V or D";
                self.wrong(span, "funds type", Kind::Code, Fields::glimpse(other), expected);
                Funds::Unknown
            }
        }
    }

    fn spread(&mut self, currency: Currency) -> Funds {
        let span = self.record.field(self.at).map(|(_, span)| span);
        let pairs = self.count("number of distributions").unwrap_or(0);
        if pairs > MAX_SPREAD {
            let (found, expected) = (Found::Hidden, "at most 99 distributions");
            if let Some(span) = span {
                self.wrong(span, "number of distributions", Kind::Count, found, expected);
            }
            return Funds::Unknown;
        }
        let mut spread = Vec::new();
        for _ in 0..pairs {
            let days = self.count("availability in days").and_then(|days| u32::try_from(days).ok());
            let cents = self.amount("available amount", currency);
            spread.push((days.unwrap_or(0), cents.unwrap_or(0)));
        }
        Funds::Spread(spread)
    }

    /// Where the next field stands.
    pub(super) fn here(&self) -> Span {
        self.place(self.at)
    }

    /// Where the field before it stands.
    pub(super) fn last(&self) -> Span {
        self.place(self.at.saturating_sub(1))
    }

    fn place(&self, at: usize) -> Span {
        let nowhere = Span { start: 0, end: 0, line: self.record.line, column: 0 };
        self.record.field(at).map_or(nowhere, |(_, span)| span)
    }

    /// Nothing may stand behind the last field: with a comma too many, each stands where another should.
    pub(super) fn end(&mut self, record: &'static str) {
        while self.more() {
            let (field, span) = self.next();
            if !field.is_empty() {
                self.wrong(span, record, Kind::Order, Found::Hidden, "no more fields in this record");
                return;
            }
        }
    }
}

/// Where in an amount something is wrong, and how to say it.
pub(crate) fn spell(bad: Bad, digits: &'static str) -> (usize, Found, &'static str) {
    match bad {
        Bad::Nothing => (0, Found::Nothing, digits),
        Bad::Byte(at, byte) => (at, Found::Byte(byte), digits),
        Bad::TooLarge => (0, Found::Words("more than can be counted"), digits),
        Bad::Decimals => (0, Found::Words("more decimals"), "as many decimals as the currency has"),
    }
}
