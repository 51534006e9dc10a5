//! How the bytes of a file differ from the canonical form, where what they say is the same.

use std::fmt;

/// A way in which a file is not canonical. None of them is wrong: banks and operators read such files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Lines end with carriage return and line feed.
    CarriageReturns,
    /// Lines end with a carriage return alone.
    CarriageReturnsAlone,
    /// There are no line ends: one line of 94 characters for each record.
    OneLine,
    /// The last line has no end.
    NoLastLineEnd,
    /// Blanks at the end of lines were cut.
    BlanksCut,
    /// There are blanks after column 94.
    BlanksBeyond,
    /// There are lines of nothing.
    BlankLines,
    /// The last block of ten records is not filled with 9s.
    NoFilling,
    /// It is filled in part.
    ShortFilling,
    /// There is more filling than the block needs.
    ExtraFilling,
    /// Lines of filling are shorter than 94 characters.
    ShortFillingLines,
    /// A byte order mark comes first.
    ByteOrderMark,
    /// A control character marks the end, as DOS had it.
    EndMark,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 13] = [
        Form::CarriageReturns,
        Form::CarriageReturnsAlone,
        Form::OneLine,
        Form::NoLastLineEnd,
        Form::BlanksCut,
        Form::BlanksBeyond,
        Form::BlankLines,
        Form::NoFilling,
        Form::ShortFilling,
        Form::ExtraFilling,
        Form::ShortFillingLines,
        Form::ByteOrderMark,
        Form::EndMark,
    ];

    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::CarriageReturns => "carriage_returns",
            Form::CarriageReturnsAlone => "carriage_returns_alone",
            Form::OneLine => "one_line",
            Form::NoLastLineEnd => "no_last_line_end",
            Form::BlanksCut => "blanks_cut",
            Form::BlanksBeyond => "blanks_beyond",
            Form::BlankLines => "blank_lines",
            Form::NoFilling => "no_filling",
            Form::ShortFilling => "short_filling",
            Form::ExtraFilling => "extra_filling",
            Form::ShortFillingLines => "short_filling_lines",
            Form::ByteOrderMark => "byte_order_mark",
            Form::EndMark => "end_mark",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::CarriageReturns => "lines end with CR LF",
            Form::CarriageReturnsAlone => "lines end with CR alone",
            Form::OneLine => "there are no line ends",
            Form::NoLastLineEnd => "the last line has no end",
            Form::BlanksCut => "blanks at the end of lines were cut",
            Form::BlanksBeyond => "there are blanks after column 94",
            Form::BlankLines => "there are blank lines",
            Form::NoFilling => "the last block is not filled with 9s",
            Form::ShortFilling => "the last block is filled with too few lines of 9s",
            Form::ExtraFilling => "there are more lines of 9s than the last block needs",
            Form::ShortFillingLines => "lines of 9s are shorter than 94 characters",
            Form::ByteOrderMark => "a byte order mark comes first",
            Form::EndMark => "a control character marks the end",
        })
    }
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
        Form::ALL.into_iter().zip(self.0).filter(|(_, line)| *line > 0)
    }

    /// Whether it has this one.
    pub fn has(&self, form: Form) -> bool {
        self.iter().any(|(one, _)| one == form)
    }

    /// Whether it has none: then a file that is right is written back byte for byte.
    pub fn are_canonical(&self) -> bool {
        self.iter().next().is_none()
    }
}
