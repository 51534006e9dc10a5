//! How a file differs from what its standard asks for, where what it says is clear all the same.

use std::fmt;

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $as_str:literal $says:literal)*) => {
        /// A way in which a file strays. None of them is a fault: banks send such files every day.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Form {
            $($(#[$doc])* $name,)*
        }

        impl Form {
            /// All of them.
            pub const ALL: &[Form] = &[$(Form::$name),*];

            /// As programs read it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Form::$name => $as_str,)*
                }
            }
        }

        impl fmt::Display for Form {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Form::$name => $says,)*
                })
            }
        }
    };
}

forms! {
    /// A byte order mark comes first.
    ByteOrderMark "byte_order_mark" "a byte order mark comes first"
    /// Letters that are not ASCII, in BAI2; another encoding than UTF-8, in camt.
    OtherLetters "other_letters" "there are letters beyond ASCII, or in another encoding than UTF-8"

    /// Lines end with carriage return and line feed.
    CarriageReturns "carriage_returns" "lines end with CR LF"
    /// Lines end with a carriage return alone.
    CarriageReturnsAlone "carriage_returns_alone" "lines end with CR alone"
    /// Records have the length that the file header says, and no line ends.
    FixedLength "fixed_length" "records have a fixed length and no line ends"
    /// Lines end with blanks.
    BlanksAtEnd "blanks_at_end" "lines are filled with blanks"
    /// There are lines of nothing.
    BlankLines "blank_lines" "there are blank lines"
    /// A control character marks the end, as DOS had it.
    EndMark "end_mark" "a control character marks the end"
    /// Records follow each other in one line.
    RecordsInOneLine "records_in_one_line" "several records stand in one line"
    /// Records end without a slash.
    NoSlash "no_slash" "records end without a slash"
    /// Something stands behind the slash that ends a record. It is not read.
    BehindSlash "behind_slash" "something stands behind the slash that ends a record"
    /// A slash ends a text, which has none.
    SlashBehindText "slash_behind_text" "a slash stands behind a text"
    /// A slash stands within a reference.
    SlashInReference "slash_in_reference" "a slash stands within a reference"
    /// A field goes on in a continuation record.
    DividedField "divided_field" "a field is divided between a record and its continuation"
    /// A text goes on in a line that has no record code.
    BareTextLine "bare_text_line" "a text goes on in a line without a record code"
    /// There are blanks around fields.
    BlanksAroundFields "blanks_around_fields" "there are blanks around fields"
    /// Fields are empty where a type code should stand.
    EmptyTypeCodes "empty_type_codes" "there are more empty fields than a summary has"
    /// A year has four digits.
    LongYears "long_years" "years have four digits"
    /// A time has colons or seconds.
    LongTimes "long_times" "times have colons or seconds"
    /// An amount has a decimal point.
    DecimalPoints "decimal_points" "amounts have a decimal point"
    /// A transaction has no amount.
    NoAmount "no_amount" "a transaction has no amount: none is taken as zero"
    /// A transaction's amount has a minus sign.
    NegativeTransactions "negative_transactions" "a transaction has a negative amount"
    /// A control total is left out.
    NoControl "no_control" "a control total is left out: none is taken as zero"
    /// Records are counted without those that continue them.
    LogicalCounts "logical_counts" "records are counted without their continuations"
    /// The file says that it is of version 3, in the records of version 2.
    VersionThree "version_three" "the file says that it is of version 3"
    /// A group says neither what it updates nor which kind of day it is of.
    NoGroupStatus "no_group_status" "a group has no status: update is meant"

    /// A version of the message that did not exist when this was written.
    UnknownVersion "unknown_version" "the message is of a version that is not known here"
    /// The message has no namespace of ISO 20022, or none at all.
    OtherNamespace "other_namespace" "the message has another namespace than that of ISO 20022"
    /// The message stands in an envelope.
    Envelope "envelope" "the message stands within an envelope"
    /// Amounts have more decimals than the currency, all of them zeros.
    ExtraZeros "extra_zeros" "amounts have more decimals than their currency, all zeros"
    /// The account has no currency of its own; its amounts do.
    NoAccountCurrency "no_account_currency" "an account has no currency but that of its amounts"
}

/// Which of them a file has, and in which line first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms([u64; Form::ALL.len()]);

impl Forms {
    pub(crate) fn note(&mut self, form: Form, line: u64) {
        for (known, first) in Form::ALL.iter().zip(&mut self.0) {
            if *known == form && *first == 0 {
                *first = line.max(1);
            }
        }
    }

    /// Each, with the line in which it is first seen.
    pub fn iter(&self) -> impl Iterator<Item = (Form, u64)> + '_ {
        Form::ALL.iter().copied().zip(self.0).filter(|(_, line)| *line > 0)
    }

    /// Whether it has this one.
    pub fn has(&self, form: Form) -> bool {
        self.iter().any(|(one, _)| one == form)
    }

    /// Whether it has none.
    pub fn are_strict(&self) -> bool {
        self.iter().next().is_none()
    }
}
