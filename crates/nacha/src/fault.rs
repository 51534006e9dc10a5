//! What is wrong in a file, said without telling whose it is.
//!
//! A fault never holds more than three characters of what stands in the file, except numbers of records that are right in
//! every column. A line that lost a character shows an account number where an amount should be: whatever was quoted from
//! there could end up in a log.

use std::fmt;

use crate::Text;

/// Where a field is, and what the standard calls it. Columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, in small letters.
    pub name: &'static str,
    /// Its first column.
    pub from: usize,
    /// Its last column.
    pub to: usize,
}

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A line has too many or too few characters.
    Length,
    /// A record stands where it may not, or one is missing.
    Order,
    /// A column has a character that may not be there.
    Character,
    /// A code that does not exist, or not here.
    Code,
    /// A day or time that does not exist.
    Date,
    /// A routing number whose check digit is wrong, or that is nobody's.
    Routing,
    /// A field that must be filled is blank.
    Missing,
    /// Two fields that must be the same differ.
    Mismatch,
    /// Numbers that must ascend do not.
    Sequence,
    /// A count is not that of what is there.
    Count,
    /// An entry hash is not the sum of the routing numbers.
    Hash,
    /// A total is not the sum of the amounts.
    Total,
    /// An amount that this entry may not have.
    Amount,
    /// An entry that its batch may not have.
    Class,
    /// Addenda that are missing, too many, or not of this kind of entry.
    Addenda,
}

impl Kind {
    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Length => "length",
            Kind::Order => "order",
            Kind::Character => "character",
            Kind::Code => "code",
            Kind::Date => "date",
            Kind::Routing => "routing",
            Kind::Missing => "missing",
            Kind::Mismatch => "mismatch",
            Kind::Sequence => "sequence",
            Kind::Count => "count",
            Kind::Hash => "hash",
            Kind::Total => "total",
            Kind::Amount => "amount",
            Kind::Class => "class",
            Kind::Addenda => "addenda",
        }
    }
}

/// What stands there instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Blanks.
    Blank,
    /// This byte, in this column counted from 1.
    Byte {
        /// The column.
        column: usize,
        /// The byte.
        byte: u8,
    },
    /// These few characters.
    Glimpse(Text<3>),
    /// This number, of a record that is right in every column.
    Number(u128),
    /// A text, which is not shown.
    Hidden,
    /// So many characters.
    Characters(u64),
    /// A record whose line begins so.
    Record(u8),
    /// Nothing: the file ended, or there is none.
    Nothing,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Blank => f.write_str("blanks"),
            Found::Byte { column, byte } if byte.is_ascii_graphic() => {
                write!(f, "\"{}\" in column {column}", char::from(*byte))
            }
            Found::Byte { column, byte: b' ' } => write!(f, "a blank in column {column}"),
            Found::Byte { column, byte } => write!(f, "the byte {byte:02X} in column {column}"),
            Found::Glimpse(text) => write!(f, "\"{text}\""),
            Found::Number(number) => fmt::Display::fmt(number, f),
            Found::Hidden => f.write_str("another text"),
            Found::Characters(many) => write!(f, "{many} characters"),
            Found::Record(byte) if byte.is_ascii_graphic() => {
                write!(f, "a record of type \"{}\"", char::from(*byte))
            }
            Found::Record(byte) => write!(f, "a line that begins with the byte {byte:02X}"),
            Found::Nothing => f.write_str("nothing"),
        }
    }
}

/// What should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This.
    Words(&'static str),
    /// This number.
    Number(u128),
    /// A number, and why it is that.
    NumberOf(u128, &'static str),
    /// A number above this one.
    Above(u128),
    /// No more than this.
    AtMost(u128, &'static str),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Words(words) => f.write_str(words),
            Expected::Number(number) => fmt::Display::fmt(number, f),
            Expected::NumberOf(number, why) => {
                fmt::Display::fmt(number, f)?;
                write!(f, ", {why}")
            }
            Expected::Above(number) => {
                f.write_str("more than ")?;
                fmt::Display::fmt(number, f)
            }
            Expected::AtMost(number, what) => write!(f, "at most {number} {what}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which line, counted from 1; in a file without line ends, in which record.
    pub line: u64,
    /// First and last column, counted from 1; nothing where it is about a whole line or what is missing.
    pub columns: Option<(usize, usize)>,
    /// What the standard calls the field, or the record.
    pub field: &'static str,
    /// What kind of thing is wrong.
    pub kind: Kind,
    /// What stands there.
    pub found: Found,
    /// What should.
    pub expected: Expected,
}

impl Fault {
    /// About a field of a line.
    pub(crate) fn at(line: u64, field: &Field, kind: Kind, found: Found, expected: Expected) -> Fault {
        Fault { line, columns: Some((field.from, field.to)), field: field.name, kind, found, expected }
    }

    /// About a whole line.
    pub(crate) fn on(line: u64, record: &'static str, kind: Kind, found: Found, expected: Expected) -> Fault {
        Fault { line, columns: None, field: record, kind, found, expected }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        match self.columns {
            Some((from, to)) if from == to => write!(f, ", column {from}")?,
            Some((from, to)) => write!(f, ", columns {from}-{to}")?,
            None => {}
        }
        // Trace numbers and banks are written with their zeros.
        let width = match self.columns {
            Some((80, 94)) => 15,
            Some((80, 87)) => 8,
            _ => 0,
        };
        write!(f, ", {}: found {:0width$}, expected {:0width$}", self.field, self.found, self.expected)
    }
}

/// Where faults go: the first of them are kept, all are counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) kept: Vec<Fault>,
    pub(crate) many: u64,
    pub(crate) limit: usize,
}

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.many = self.many.saturating_add(1);
        if self.kept.len() < self.limit {
            self.kept.push(fault);
        }
    }
}
