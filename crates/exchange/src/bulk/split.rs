//! Bytes as they arrive, taken apart into records: in memory that no file makes larger.
//!
//! A file that is not what it says to be is refused as a whole. A record that cannot be read is a record with a
//! reason, so that the others are not lost over it.

use std::collections::HashMap;

use base::{Code, Failure, Result};
use serde_json::Value;

use super::csv::Csv;
use super::json::Json;
use super::model::{Format, Item, Kind};

/// Reads one JSON text strictly; the reason is a sentence that quotes nothing.
pub type Parse = fn(&[u8]) -> Result<Value, String>;

/// The most bytes of one record.
pub(super) const RECORD_BYTES: usize = 1 << 20;

/// How what arrives is to be read.
#[derive(Clone)]
pub struct Reading {
    /// What stands in it.
    pub kind: Kind,
    /// How it is written.
    pub format: Format,
    /// Reads one JSON text.
    pub parse: Parse,
    /// Whether a column of this name means anything: `balance`, `customer.name`, `metadata.desk`.
    pub knows: fn(&str) -> bool,
    /// The most records there may be.
    pub most: Option<i64>,
    /// Columns that mean another: theirs, ours.
    pub columns: HashMap<String, String>,
}

/// Takes what arrives apart.
pub struct Splitter {
    reading: Reading,
    how: How,
    /// The first bytes, until it is known whether they are a mark.
    head: Option<Vec<u8>>,
    records: i64,
    balance: i64,
}

enum How {
    Json(Box<Json>),
    Lines(Lines),
    Csv(Box<Csv>),
}

/// What was told around the records, and how many there were.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What stood around the list of a JSON text.
    pub around: Value,
    /// Columns that nobody knows.
    pub ignored: Vec<String>,
    /// Records.
    pub records: i64,
    /// The sum of their balances, as sent.
    pub balance: i64,
}

/// The most records of the guides' list in a request.
pub const MOST_CUSTOMERS: i64 = 1_000;

impl Splitter {
    /// For what arrives so.
    pub fn new(reading: Reading) -> Splitter {
        let how = match reading.format {
            Format::Json | Format::Form => {
                let names: &[&str] = match reading.kind {
                    Kind::Customers => &[],
                    Kind::DebtAccounts => &["debt_accounts", "debt-accounts"],
                };
                How::Json(Box::new(Json::new(names, reading.parse)))
            }
            Format::Ndjson => How::Lines(Lines::new(reading.parse)),
            Format::Csv => How::Csv(Box::new(Csv::new(reading.clone()))),
        };
        Splitter { reading, how, head: Some(Vec::new()), records: 0, balance: 0 }
    }

    /// The next bytes; `take` is given each record that they complete.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Item) -> Result<()>) -> Result<()> {
        let held;
        let bytes = match self.head.take() {
            None => bytes,
            Some(mut head) => {
                head.extend_from_slice(bytes);
                if head.len() < 3 {
                    self.head = Some(head);
                    return Ok(());
                }
                held = head;
                without_mark(&held)?
            }
        };
        self.feed(bytes, &mut take)
    }

    fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        let Reading { kind, most, .. } = self.reading;
        let (records, balance) = (&mut self.records, &mut self.balance);
        let mut counted = |item: Item| {
            *records += 1;
            if let Some(most) = most.filter(|most| *records > *most) {
                let say = format!("The body must not have more than {most} items.");
                return Err(Failure::refused(Code::ValidationFailed, say));
            }
            *balance = balance.saturating_add(item.balance(kind));
            take(item)
        };
        match &mut self.how {
            How::Json(json) => json.push(bytes, &mut counted),
            How::Lines(lines) => lines.push(bytes, &mut counted),
            How::Csv(csv) => csv.push(bytes, &mut counted),
        }
    }

    /// The end: `take` is given what is left. Fails where there was nothing at all.
    pub fn end(mut self, mut take: impl FnMut(Item) -> Result<()>) -> Result<Told> {
        if let Some(head) = self.head.take() {
            self.feed(&head, &mut take)?;
        }
        // What ends without a line's end.
        if !matches!(self.how, How::Json(_)) {
            self.feed(b"\n", &mut take)?;
        }
        let mut told = Told { records: self.records, balance: self.balance, ..Told::default() };
        match self.how {
            How::Json(json) => (told.around, _) = json.end()?,
            How::Lines(_) => {}
            How::Csv(csv) => told.ignored = csv.end()?,
        }
        if told.records == 0 {
            let what = match (self.reading.kind, self.reading.format) {
                (Kind::Customers, _) => {
                    Failure::refused(Code::ValidationFailed, "The body must have at least 1 item.")
                }
                _ => Failure::field("debt_accounts", "The debt accounts field is required."),
            };
            return Err(what);
        }
        Ok(told)
    }
}

/// The bytes behind a byte order mark. Texts of two bytes a character are not read.
fn without_mark(bytes: &[u8]) -> Result<&[u8]> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(rest),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(Failure::refused(
            Code::MalformedBody,
            "The file is written in UTF-16. Save it as UTF-8 (a spreadsheet calls it \"CSV UTF-8\") and send it again.",
        )),
        _ => Ok(bytes),
    }
}

/// The refusal of a record that is too large.
pub(super) fn too_large() -> Failure {
    Failure::refused(Code::BodyTooLarge, format!("One record must not be larger than {RECORD_BYTES} bytes."))
}

/// A JSON object a line.
struct Lines {
    parse: Parse,
    line: Vec<u8>,
    number: i64,
}

impl Lines {
    fn new(parse: Parse) -> Lines {
        Lines { parse, line: Vec::new(), number: 0 }
    }

    fn push(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            self.line.extend_from_slice(&bytes[..end]);
            self.whole(take)?;
            bytes = &bytes[end + 1..];
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() > RECORD_BYTES { Err(too_large()) } else { Ok(()) }
    }

    fn whole(&mut self, take: &mut dyn FnMut(Item) -> Result<()>) -> Result<()> {
        self.number += 1;
        let line = std::mem::take(&mut self.line);
        if line.len() > RECORD_BYTES {
            return Err(too_large());
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let fields = (self.parse)(&line).map_err(|say| (String::new(), say.replace("The body", "The line")));
        take(Item { line: Some(self.number), fields })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(bytes: &[u8]) -> Result<Value, String> {
        serde_json::from_slice(bytes).map_err(|_| "The body is not valid JSON.".into())
    }

    pub(super) fn read(format: Format, text: &[u8], step: usize) -> Result<(Vec<Item>, Told)> {
        let knows = |name: &str| ["balance", "external_id"].contains(&name) || name.contains('.');
        let columns = HashMap::from([("ACCT".to_owned(), "external_id".to_owned())]);
        let reading = Reading { kind: Kind::DebtAccounts, format, parse, knows, most: None, columns };
        let (mut splitter, mut all) = (Splitter::new(reading), Vec::new());
        for part in text.chunks(step) {
            splitter.push(part, |item| {
                all.push(item);
                Ok(())
            })?;
        }
        let told = splitter.end(|item| {
            all.push(item);
            Ok(())
        })?;
        Ok((all, told))
    }

    #[test]
    fn a_line_that_is_no_json_is_a_record_with_a_reason() {
        let text = b"\xef\xbb\xbf{\"balance\":\"5\"}\n\n{\"balance\":\n{\"balance\":7}";
        for step in [1, 2, 5, 100] {
            let (items, told) = read(Format::Ndjson, text, step).unwrap();
            assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [Some(1), Some(3), Some(4)]);
            assert_eq!(items[1].fields, Err((String::new(), "The line is not valid JSON.".into())));
            assert_eq!((told.records, told.balance), (3, 12));
        }
    }

    #[test]
    fn nothing_at_all_and_utf_16_are_refused() {
        for (format, text) in [
            (Format::Ndjson, &b"\n\n"[..]),
            (Format::Csv, b"balance\n"),
            (Format::Json, b"{}"),
            (Format::Csv, b"\xff\xfeb\0"),
        ] {
            assert!(read(format, text, 2).is_err());
        }
    }

    #[test]
    fn a_table_is_read_whatever_separates_and_encodes_it() {
        let told = |text: &[u8], step| {
            let (items, told) = read(Format::Csv, text, step).unwrap();
            let fields = items.into_iter().map(|item| item.fields.map_err(|(field, _)| field));
            (fields.collect::<Vec<_>>(), told.ignored)
        };
        let expected =
            vec![Ok(json!({ "external_id": "A-1", "balance": "100", "customer": { "name": "Zoé, Ltd." } }))];
        for separator in [b',', b';', b'|', b'\t'] {
            let table = "ACCT,Balance,customer.name,desk\r\nA-1,100,\"Zoé, Ltd.\",7\r\n";
            let quoted = table.replace("Zoé, Ltd.", "Zoé\u{1} Ltd.");
            let other = quoted.replace(',', &char::from(separator).to_string()).replace('\u{1}', ",");
            for step in [1, 3, 100] {
                assert_eq!(told(other.as_bytes(), step), (expected.clone(), vec!["desk".to_owned()]));
            }
        }
        // The same in the encoding of older spreadsheets.
        assert_eq!(told(b"ACCT,balance,customer[name],desk\nA-1,100,\"Zo\xe9, Ltd.\",7", 2).0, expected);
    }

    #[test]
    fn rows_of_another_length_and_numbers_that_a_spreadsheet_rounded_are_told() {
        let (items, told) =
            read(Format::Csv, b"external_id,balance\nA,1,2\n1.23E+11,5\nB\n\nC,\"x\ny\"\nD,9\n", 4).unwrap();
        let said: Vec<(Option<i64>, Option<String>)> = items
            .iter()
            .map(|item| (item.line, item.fields.as_ref().err().map(|(_, say)| say.clone())))
            .collect();
        assert_eq!(said[0], (Some(2), Some("The row has 3 cells, the header has 2.".into())));
        assert!(said[1].1.as_ref().unwrap().contains("rounded by a spreadsheet"), "{said:?}");
        assert_eq!(said[2], (Some(4), Some("The row has 1 cells, the header has 2.".into())));
        assert_eq!((said[3].clone(), said[4].clone()), ((Some(6), None), (Some(8), None)));
        assert_eq!((told.records, told.balance), (5, 9));
    }
}
