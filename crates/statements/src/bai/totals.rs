//! What trailers say, held against what is there. Totals are compared, and shown, only where every record that they come from is
//! right in every field; counts always are.

use super::fields::Fields;
use super::records::{Record, Span};
use crate::fault::{Found, Kind, Spoils};
use crate::forms::Form;
use crate::money::Currency;
use crate::sink::{Sink, Wrong};

/// What records come to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) cents: i128,
    /// Records, those that continue another among them.
    pub(super) physical: u64,
    /// Records without those.
    pub(super) logical: u64,
    /// An amount could not be read, so the sum says nothing.
    pub(super) unsure: bool,
    /// A line could not be told to be a record, so the counts say nothing.
    pub(super) lost: bool,
}

impl Sums {
    pub(super) fn count(&mut self, record: &Record) {
        self.physical += record.physical;
        self.logical += 1;
    }
}

/// A number that a trailer gives, and where; nothing is zero.
pub(super) struct Declared {
    pub(super) number: i64,
    span: Span,
}

pub(super) fn total(fields: &mut Fields<'_>, name: &'static str, currency: Currency) -> Declared {
    let span = fields.here();
    let number = fields.amount(name, currency);
    if number.is_none() && fields.sound {
        fields.note(Form::NoControl);
    }
    Declared { number: number.unwrap_or(0), span }
}

pub(super) fn count(fields: &mut Fields<'_>, name: &'static str) -> Declared {
    let span = fields.here();
    let number = fields.count(name).and_then(|number| i64::try_from(number).ok());
    if number.is_none() && fields.sound {
        fields.wrong(span, name, Kind::Missing, Found::Nothing, "a whole number");
    }
    Declared { number: number.unwrap_or(0), span }
}

pub(super) fn records(fields: &mut Fields<'_>) -> Declared {
    count(fields, "number of records")
}

fn differ(declared: &Declared, name: &'static str, wrong: Wrong, sink: &mut Sink) {
    if declared.span.column == 0 {
        sink.on(declared.span.line, name, wrong);
    } else {
        sink.at(declared.span.line, declared.span.column, name, wrong);
    }
}

/// A total that is left out is taken as zero: banks leave it out for accounts without movement, and for no others.
pub(super) fn hold_total(
    declared: &Declared,
    sums: Sums,
    name: &'static str,
    spoils: Spoils,
    sink: &mut Sink,
) {
    let found = i128::from(declared.number);
    if !sums.unsure && found != sums.cents {
        let what = match spoils {
            Spoils::Statement => "the sum of the account's amounts",
            Spoils::Group => "the sum of its accounts' control totals",
            Spoils::File => "the sum of its groups' control totals",
        };
        differ(declared, name, Wrong::differ(Kind::Total, found, sums.cents, what, spoils), sink);
    }
}

pub(super) fn hold_count(
    declared: &Declared,
    there: u64,
    name: &'static str,
    what: &'static str,
    spoils: Spoils,
    sink: &mut Sink,
) {
    let found = i128::from(declared.number);
    if found != i128::from(there) {
        differ(declared, name, Wrong::differ(Kind::Count, found, i128::from(there), what, spoils), sink);
    }
}

pub(super) fn hold_records(declared: &Declared, sums: Sums, spoils: Spoils, sink: &mut Sink) {
    let found = i128::from(declared.number);
    if sums.lost || found == i128::from(sums.physical) {
        return;
    }
    if found == i128::from(sums.logical) {
        sink.note(Form::LogicalCounts, declared.span.line);
        return;
    }
    let what = "records from the header to the trailer, continuations included";
    let wrong = Wrong::differ(Kind::Count, found, i128::from(sums.physical), what, spoils);
    differ(declared, "number of records", wrong, sink);
}
