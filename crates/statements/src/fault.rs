//! What is wrong in a file, said without telling whose it is.
//!
//! A fault never holds more than three characters of what stands in the file, and those only of codes and numbers, except
//! sums of accounts in which every record is right. Where a comma is missing an account number stands where an amount
//! should be: whatever was quoted from there could end up in a log.

use std::fmt;

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The file is of no format that is read here, or of a version that cannot be.
    Format,
    /// The file is no XML, or not well formed.
    Syntax,
    /// Something that is refused whatever it says: document types, entities.
    Refused,
    /// More than anybody writes: a line, a record, an entry, a depth.
    Size,
    /// A record or an element stands where it may not, or one is missing.
    Order,
    /// A character that may not be there.
    Character,
    /// A code that does not exist, or not here.
    Code,
    /// A day or time that does not exist.
    Date,
    /// Something that is no amount, or too large a one, or has more decimals than its currency.
    Amount,
    /// Something that is no currency, or another than that of the account.
    Currency,
    /// A field that must be filled is empty or missing.
    Missing,
    /// A count is not that of what is there.
    Count,
    /// A total is not the sum of the amounts.
    Total,
    /// The opening balance and what was booked do not come to the closing balance.
    Balance,
}

impl Kind {
    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Format => "format",
            Kind::Syntax => "syntax",
            Kind::Refused => "refused",
            Kind::Size => "size",
            Kind::Order => "order",
            Kind::Character => "character",
            Kind::Code => "code",
            Kind::Date => "date",
            Kind::Amount => "amount",
            Kind::Currency => "currency",
            Kind::Missing => "missing",
            Kind::Count => "count",
            Kind::Total => "total",
            Kind::Balance => "balance",
        }
    }
}

/// A few characters of a code or number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Glimpse([u8; 3]);

impl Glimpse {
    /// The first three characters; what is not printable ASCII becomes `?`.
    pub(crate) fn of(bytes: &[u8]) -> Glimpse {
        let mut glimpse = [0; 3];
        for (to, byte) in glimpse.iter_mut().zip(bytes) {
            *to = if (b' '..=b'~').contains(byte) { *byte } else { b'?' };
        }
        Glimpse(glimpse)
    }
}

impl fmt::Display for Glimpse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().filter(|byte| **byte != 0).try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for Glimpse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// What stands there instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// This byte.
    Byte(u8),
    /// Something that begins so.
    Glimpse(Glimpse),
    /// This number: a count, or a sum in the currency's smallest unit.
    Number(i128),
    /// So many of these.
    Many(u64, &'static str),
    /// This, in words of ours.
    Words(&'static str),
    /// Something that is not shown.
    Hidden,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Nothing => f.write_str("nothing"),
            Found::Byte(byte) if byte.is_ascii_graphic() => write!(f, "\"{}\"", char::from(*byte)),
            Found::Byte(b' ') => f.write_str("a blank"),
            Found::Byte(byte) => write!(f, "the byte {byte:02X}"),
            Found::Glimpse(glimpse) => write!(f, "\"{glimpse}\""),
            Found::Number(number) => write!(f, "{number}"),
            Found::Many(many, what) => write!(f, "{many} {what}"),
            Found::Words(words) => f.write_str(words),
            Found::Hidden => f.write_str("something else"),
        }
    }
}

/// What should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This.
    Words(&'static str),
    /// This number, and what it is.
    Number(i128, &'static str),
    /// No more than this.
    AtMost(u64, &'static str),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Words(words) => f.write_str(words),
            Expected::Number(number, what) => write!(f, "{number}, {what}"),
            Expected::AtMost(many, what) => write!(f, "at most {many} {what}"),
        }
    }
}

/// How much of a file a fault makes unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spoils {
    /// The statement it is in: an account of BAI2, a statement of camt.
    Statement,
    /// All accounts of its group.
    Group,
    /// All of the file.
    File,
}

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which line, counted from 1; in a file of records without line ends, in which record.
    pub line: u64,
    /// In which column, counted from 1; nothing where it is about a whole record or what is missing.
    pub column: Option<u64>,
    /// What the standard calls the field, the record or the element.
    pub field: &'static str,
    /// What kind of thing is wrong.
    pub kind: Kind,
    /// What stands there.
    pub found: Found,
    /// What should.
    pub expected: Expected,
    /// What cannot be used because of it.
    pub spoils: Spoils,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ", {}: found {}, expected {}", self.field, self.found, self.expected)
    }
}

/// Where faults go: the first of them are kept, all are counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) kept: Vec<Fault>,
    pub(crate) many: u64,
    pub(crate) limit: usize,
    /// How many spoiled a statement, a group, the file.
    pub(crate) statement: u64,
    pub(crate) group: u64,
    pub(crate) file: u64,
}

impl Faults {
    pub(crate) fn up_to(limit: usize) -> Faults {
        Faults { limit, ..Faults::default() }
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        self.many = self.many.saturating_add(1);
        let spoiled = match fault.spoils {
            Spoils::Statement => &mut self.statement,
            Spoils::Group => &mut self.group,
            Spoils::File => &mut self.file,
        };
        *spoiled = spoiled.saturating_add(1);
        if self.kept.len() < self.limit {
            self.kept.push(fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_shows_three_characters_at_most() {
        let fault = Fault {
            line: 3,
            column: Some(4),
            field: "type code",
            kind: Kind::Code,
            found: Found::Glimpse(Glimpse::of(b"000123456789")),
            expected: Expected::Words("three digits"),
            spoils: Spoils::Statement,
        };
        assert_eq!(fault.to_string(), "line 3, column 4, type code: found \"000\", expected three digits");
        assert_eq!(Glimpse::of(b"\x07A").to_string(), "?A");
    }

    #[test]
    fn faults_beyond_the_limit_are_counted() {
        let mut faults = Faults::up_to(1);
        let (found, expected) = (Found::Nothing, Expected::Words("a day"));
        let mut fault = Fault {
            line: 1,
            column: None,
            field: "day",
            kind: Kind::Date,
            found,
            expected,
            spoils: Spoils::File,
        };
        faults.push(fault);
        fault.spoils = Spoils::Statement;
        faults.push(fault);
        assert_eq!((faults.kept.len(), faults.many, faults.file, faults.statement), (1, 2, 1, 1));
    }
}
