//! Where reading puts what it finds.

use std::collections::VecDeque;

use crate::fault::{Expected, Fault, Faults, Found, Kind, Spoils};
use crate::forms::{Form, Forms};
use crate::statement::Piece;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) faults: Faults,
    pub(crate) forms: Forms,
    /// Pieces that nobody has taken yet: those of one record or element, a handful.
    pub(crate) pieces: VecDeque<Piece>,
    pub(crate) statements: u64,
    pub(crate) lines: u64,
}

impl Sink {
    pub(crate) fn note(&mut self, form: Form, line: u64) {
        self.forms.note(form, line);
    }

    /// A fault about a whole record or element, or about what is missing.
    pub(crate) fn on(&mut self, line: u64, field: &'static str, wrong: Wrong) {
        self.fault(line, None, field, wrong);
    }

    /// A fault at a column.
    pub(crate) fn at(&mut self, line: u64, column: u64, field: &'static str, wrong: Wrong) {
        self.fault(line, Some(column), field, wrong);
    }

    fn fault(&mut self, line: u64, column: Option<u64>, field: &'static str, wrong: Wrong) {
        let Wrong { kind, found, expected, spoils } = wrong;
        self.faults.push(Fault { line, column, field, kind, found, expected, spoils });
    }

    pub(crate) fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Statement(_) => self.statements += 1,
            Piece::Line(_) => self.lines += 1,
            _ => {}
        }
        self.pieces.push_back(piece);
    }
}

/// What is wrong, without its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrong {
    pub(crate) kind: Kind,
    pub(crate) found: Found,
    pub(crate) expected: Expected,
    pub(crate) spoils: Spoils,
}

impl Wrong {
    pub(crate) fn new(kind: Kind, found: Found, expected: &'static str, spoils: Spoils) -> Wrong {
        Wrong { kind, found, expected: Expected::Words(expected), spoils }
    }

    /// Two numbers that should be the same.
    pub(crate) fn differ(
        kind: Kind,
        found: i128,
        expected: i128,
        what: &'static str,
        spoils: Spoils,
    ) -> Wrong {
        Wrong { kind, found: Found::Number(found), expected: Expected::Number(expected, what), spoils }
    }
}
