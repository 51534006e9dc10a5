//! Tables that go out: RFC 4180, and safe to open in a spreadsheet.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab, a line's end or a NUL for a formula. In a
//! column of text such a cell gets an apostrophe in front; so does one that begins with apostrophes before such a
//! character, so that taking one away gives back what was stored. Columns of numbers stay numbers.

/// One row that is being written.
#[derive(Default)]
pub(crate) struct Row(String);

impl Row {
    /// The header of these columns.
    pub(crate) fn header<'n>(names: impl IntoIterator<Item = &'n str>) -> Row {
        let mut row = Row::default();
        for name in names {
            row.text(name);
        }
        row
    }

    /// A cell of text.
    pub(crate) fn text(&mut self, text: &str) {
        let begins = text.trim_start_matches('\'');
        let is_formula = begins.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']);
        self.next();
        let needs_quotes =
            text.contains([',', '"', '\r', '\n', '\'']) || text.starts_with(' ') || text.ends_with(' ');
        if !needs_quotes && !is_formula {
            self.0.push_str(text);
            return;
        }
        self.0.push('"');
        if is_formula {
            self.0.push('\'');
        }
        self.0.push_str(&text.replace('"', "\"\""));
        self.0.push('"');
    }

    /// A cell of a number, a day, an instant, a word of ours: nothing that anybody writes.
    pub(crate) fn plain(&mut self, value: &dyn std::fmt::Display) {
        self.next();
        self.0.push_str(&value.to_string());
    }

    /// A cell with nothing in it.
    pub(crate) fn nothing(&mut self) {
        self.next();
    }

    fn next(&mut self) {
        // The first cell of a row has no comma in front; a row that has begun is never empty.
        match self.0.is_empty() {
            true => self.0.push('\u{2}'),
            false => self.0.push(','),
        }
    }

    /// The row with its line's end.
    pub(crate) fn end(mut self) -> String {
        if self.0.starts_with('\u{2}') {
            self.0.remove(0);
        }
        self.0.push_str("\r\n");
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut row = Row::default();
        row.text(text);
        row.end().trim_end_matches("\r\n").to_owned()
    }

    #[test]
    fn what_a_spreadsheet_would_run_begins_with_an_apostrophe() {
        for (text, written) in [
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-10", "\"'-10\""),
            ("\tx", "\"'\tx\""),
            ("'=x", "\"''=x\""),
            ("'tis", "\"'tis\""),
            ("plain", "plain"),
            ("a, \"b\"", "\"a, \"\"b\"\"\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn a_row_has_a_comma_between_its_cells_also_where_the_first_is_empty() {
        let mut row = Row::default();
        row.nothing();
        row.plain(&-1000);
        row.text("x");
        row.nothing();
        assert_eq!(row.end(), ",-1000,x,\r\n");
    }
}
