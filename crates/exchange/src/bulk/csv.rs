//! Separated values with a header of field names, taken apart while they arrive.
//!
//! Comma, semicolon, pipe or tab, as the header shows; UTF-8, or the encoding of older spreadsheets where a row is no
//! UTF-8. An empty cell is as good as no cell. A column stands for a field (`balance`), or for one within another
//! (`customer.name`, `metadata[desk]`).

use base::{Code, Failure, Result};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::model::Item;
use super::split::{RECORD_BYTES, Reading, too_large};

/// The longest header, in bytes.
const HEADER_BYTES: usize = 64 << 10;
/// The most columns.
const COLUMNS: usize = 1_000;

/// Takes a table apart.
pub(super) struct Csv {
    reading: Reading,
    /// The first line, until it is whole: it tells what separates.
    head: Vec<u8>,
    reader: Option<Reader>,
    columns: Option<Vec<Column>>,
    ignored: Vec<String>,
    /// The cells of the row that is arriving, one behind the other, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    used: (usize, usize),
    /// Line ends behind us.
    lines: i64,
    /// The line in which the row that is arriving began.
    began: Option<i64>,
}

struct Column {
    /// Where the cell goes: `["customer", "name"]`. Empty: nowhere.
    path: Vec<String>,
    name: String,
}

impl Column {
    fn is_an_id(&self) -> bool {
        let names = ["external_id", "external_account_number", "account_number", "external_company_id"];
        let names = names.iter().chain(&["parent_external_id", "customer_id", "location_id"]);
        self.path.last().is_some_and(|last| names.into_iter().any(|name| name == last))
    }

    /// Whether a cell may hold a JSON text.
    fn may_be_json(&self) -> bool {
        let names =
            ["metadata", "rules", "locations", "payment_plan", "address", "addresses", "billing_type"];
        self.path.last().is_some_and(|last| names.contains(&last.as_str()))
    }
}

impl Csv {
    pub(super) fn new(reading: Reading) -> Csv {
        Csv {
            reading,
            head: Vec::new(),
            reader: None,
            columns: None,
            ignored: Vec::new(),
            cells: vec![0; 8 << 10],
            ends: vec![0; 64],
            used: (0, 0),
            lines: 0,
            began: None,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        if self.reader.is_some() {
            return self.feed(bytes, take);
        }
        self.head.extend_from_slice(bytes);
        let Some(end) = self.head.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
            if self.head.len() > HEADER_BYTES {
                return Err(bad("The header is too long."));
            }
            return Ok(());
        };
        self.reader = Some(ReaderBuilder::new().delimiter(separator(&self.head[..end])).build());
        let head = std::mem::take(&mut self.head);
        self.feed(&head, take)
    }

    fn feed(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        // Without bytes the reader would believe that this is the end.
        while let Some(byte) = bytes.first() {
            if self.began.is_none() && matches!(byte, b'\r' | b'\n') {
                self.lines += i64::from(*byte == b'\n');
                bytes = &bytes[1..];
                continue;
            }
            let Some(reader) = &mut self.reader else { return Ok(()) };
            self.began.get_or_insert(self.lines + 1);
            let (cells, ends) = self.used;
            let (result, read, written, ended) =
                reader.read_record(bytes, &mut self.cells[cells..], &mut self.ends[ends..]);
            let line_ends = bytes[..read].iter().filter(|b| **b == b'\n').count();
            self.lines += i64::try_from(line_ends).unwrap_or(i64::MAX);
            bytes = &bytes[read..];
            self.used = (cells + written, ends + ended);
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
                ReadRecordResult::OutputFull => {
                    if self.cells.len() > RECORD_BYTES {
                        return Err(too_large());
                    }
                    self.cells.resize(self.cells.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    if self.ends.len() > COLUMNS * 2 {
                        return Err(bad("A row has too many cells."));
                    }
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::Record => {
                    self.whole(take)?;
                    (self.used, self.began) = ((0, 0), None);
                }
            }
        }
        Ok(())
    }

    fn whole(&mut self, take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        let (cells, ends) = (&self.cells[..self.used.0], &self.ends[..self.used.1]);
        let text = readable(cells, ends);
        let row: Vec<&str> = text.iter().map(|cell| cell.trim()).collect();
        let Some(columns) = &self.columns else {
            let (columns, ignored) = header(&row, &self.reading)?;
            (self.columns, self.ignored) = (Some(columns), ignored);
            return Ok(());
        };
        if row.iter().all(|cell| cell.is_empty()) {
            return Ok(()); // a row of a spreadsheet in which nothing stands
        }
        let fields = fields(columns, &row, &self.reading);
        take(Item { line: self.began, fields })
    }

    /// The columns that nobody knows.
    pub(super) fn end(self) -> Result<Vec<String>> {
        if let Some(line) = self.began {
            // It may have swallowed any number of rows.
            return Err(bad(&format!("A quote in the row that begins in line {line} is never closed.")));
        }
        if self.columns.is_none() {
            return Err(bad("The first row must name the columns, like external_id,customer_id,balance."));
        }
        Ok(self.ignored)
    }
}

fn bad(say: &str) -> Failure {
    Failure::refused(Code::ValidationFailed, say)
}

/// What separates the cells of a header: whichever of the four stands in it most often outside quotes.
fn separator(header: &[u8]) -> u8 {
    let mut in_quotes = false;
    let mut counts = [(b',', 0), (b';', 0), (b'|', 0), (b'\t', 0)];
    for byte in header {
        match byte {
            b'"' => in_quotes = !in_quotes,
            _ if in_quotes => {}
            byte => counts.iter_mut().filter(|(known, _)| known == byte).for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| *separator)
}

/// The cells of a row as text: UTF-8, or Windows-1252 where the row is none.
fn readable(cells: &[u8], ends: &[usize]) -> Vec<String> {
    let is_utf8 = std::str::from_utf8(cells).is_ok();
    let mut from = 0;
    let each = ends.iter().map(|end| {
        let cell = &cells[from..*end];
        from = *end;
        match std::str::from_utf8(cell) {
            Ok(text) if is_utf8 => text.to_owned(),
            _ => cell.iter().map(|byte| windows_1252(*byte)).collect(),
        }
    });
    each.collect()
}

/// A byte of Windows-1252. It is Latin-1 but for these 32, of which five are nothing.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        byte => char::from(byte),
    }
}

/// The columns that a header names, and the names that nobody knows.
fn header(row: &[&str], reading: &Reading) -> Result<(Vec<Column>, Vec<String>)> {
    let (mut columns, mut ignored): (Vec<Column>, Vec<String>) = (Vec::new(), Vec::new());
    if row.len() > COLUMNS {
        return Err(bad("The header has too many columns."));
    }
    for theirs in row {
        let ours = reading.columns.get(*theirs).map_or(*theirs, String::as_str);
        let path = path(ours);
        let name = path.join(".");
        if path.is_empty() || !(reading.knows)(&name) {
            if !theirs.is_empty() {
                ignored.push(theirs.chars().filter(|c| !c.is_whitespace() && *c != '\0').take(100).collect());
            }
            columns.push(Column { path: Vec::new(), name });
            continue;
        }
        let clashes =
            |c: &&Column| !c.path.is_empty() && (c.path.starts_with(&path) || path.starts_with(&c.path));
        if let Some(other) = columns.iter().find(clashes) {
            return Err(bad(&format!("Two columns stand for the same field: {} and {name}.", other.name)));
        }
        columns.push(Column { path, name });
    }
    if columns.iter().all(|column| column.path.is_empty()) {
        return Err(bad(
            "None of the columns is known. The first row must name them as the API does, like external_id,customer_id,balance.",
        ));
    }
    Ok((columns, ignored))
}

/// `Customer.External ID`, `customer[external_id]`: a path of field names. What a caller keeps (metadata) is named as
/// the caller writes it.
fn path(name: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for step in name.split(['.', '[']).map(|step| step.trim().trim_end_matches(']')) {
        let is_theirs = steps.last().is_some_and(|above| above == "metadata");
        let step = match is_theirs {
            true => step.to_owned(),
            false => step.to_lowercase().replace([' ', '-'], "_"),
        };
        if step.is_empty() || step.chars().count() > 255 {
            return Vec::new();
        }
        steps.push(step);
    }
    if steps.len() > 4 { Vec::new() } else { steps }
}

type Told = Result<Value, (String, String)>;

fn fields(columns: &[Column], row: &[&str], reading: &Reading) -> Told {
    if row.len() != columns.len() {
        let say = format!("The row has {} cells, the header has {}.", row.len(), columns.len());
        return Err((String::new(), say));
    }
    let mut all = Map::new();
    for (column, cell) in columns.iter().zip(row) {
        let cell = plain(cell);
        if column.path.is_empty() || cell.is_empty() {
            continue;
        }
        if cell.contains('\0') {
            return Err((column.name.clone(), told(column, "must not have a NUL character.")));
        }
        if column.is_an_id() && is_rounded(cell) {
            let say = "looks like a number that was rounded by a spreadsheet (such as 1.23E+11). Format the column as text and export the file again.";
            return Err((column.name.clone(), told(column, say)));
        }
        put(&mut all, &column.path, value(column, cell, reading)?);
    }
    Ok(all.into())
}

fn told(column: &Column, predicate: &str) -> String {
    format!("The {} field {predicate}", column.name.replace('_', " "))
}

/// The cell without the apostrophe that keeps a spreadsheet from taking it for a formula.
fn plain(cell: &str) -> &str {
    let rest = cell.trim_start_matches('\'');
    match rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        true => cell.strip_prefix('\'').unwrap_or(cell),
        false => cell,
    }
}

/// `1.23E+11`: digits that are gone for good.
fn is_rounded(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    exponent.strip_prefix('+').is_some_and(digits) && digits(whole) && digits(fraction)
}

fn value(column: &Column, cell: &str, reading: &Reading) -> Told {
    if column.may_be_json() && cell.starts_with(['{', '[']) {
        let wrong = |_| (column.name.clone(), told(column, "must be valid JSON."));
        return (reading.parse)(cell.as_bytes()).map_err(wrong);
    }
    if column.path.last().is_some_and(|last| last == "billing_type") {
        let words = cell.split(['|', ';', ',']).map(str::trim).filter(|word| !word.is_empty());
        return Ok(words.map(Value::from).collect());
    }
    Ok(cell.into())
}

fn put(all: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        all.insert(first.clone(), value);
        return;
    }
    let inner = all.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_spreadsheet_rounds_counts_as_rounded() {
        for bad in ["1.23E+11", "1,23E+11", "4E+15", "1.0e+3"] {
            assert!(is_rounded(bad), "{bad}");
        }
        for good in ["123456789012", "1E5", "AE+1", "1.5", "E+1", "1E+", "ACC-1E+1"] {
            assert!(!is_rounded(good), "{good}");
        }
    }

    #[test]
    fn an_apostrophe_is_taken_away_only_where_an_export_puts_it() {
        assert_eq!(plain("'=1+1"), "=1+1");
        assert_eq!(plain("''=x"), "'=x");
        assert_eq!(plain("'tis"), "'tis");
        assert_eq!(plain("-5"), "-5");
    }

    #[test]
    fn a_name_is_a_path_however_people_write_it() {
        assert_eq!(path("Customer.External ID"), ["customer", "external_id"]);
        assert_eq!(path("metadata[Desk No]"), ["metadata", "Desk No"]);
        assert_eq!(path("customer[address][postal-code]"), ["customer", "address", "postal_code"]);
        assert!(path("").is_empty() && path("a..b").is_empty() && path("a.b.c.d.e").is_empty());
    }
}
