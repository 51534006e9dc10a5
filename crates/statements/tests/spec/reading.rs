//! Whichever file it is: how it is found out, how much is held, and what an input that fails does.

use std::io::{self, Read};

use statements::{FAULT_LIMIT, Format, Piece, Reader};

use crate::support::{faults, file, names, read};

#[test]
fn the_first_bytes_say_which_format_it_is() {
    for name in names() {
        let expected = if name.ends_with(".bai") { Format::Bai2 } else { Format::Camt };
        assert_eq!(Format::of(file(&name).as_bytes()), Some(expected), "{name}");
    }
    assert_eq!(Format::of("\u{feff}01,A".as_bytes()), Some(Format::Bai2));
    assert_eq!(Format::of(b"\n\n <Document>"), Some(Format::Camt));
    for (bytes, says) in [
        (&b""[..], "nothing"),
        (b"101 091000019", "what may be an ACH file"),
        (b":20:STARTUMS", "what may be MT940"),
        (b"\xff\xfe<\0", "bytes of UTF-16"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "a compressed file"),
        (b"date,amount", "something else"),
    ] {
        let expected = "expected a BAI2 file, which begins with 01, or a camt message, which begins with <";
        assert_eq!(faults(bytes), [format!("line 1, column 1, file: found {says}, {expected}")]);
    }
}

/// Gives so many bytes at a time, and fails where there are no more.
struct Drip<'a>(&'a [u8], usize, bool);

impl Read for Drip<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let many = self.1.min(to.len()).min(self.0.len());
        if many == 0 && self.2 {
            return Err(io::Error::other("the line went dead"));
        }
        to[..many].copy_from_slice(&self.0[..many]);
        self.0 = &self.0[many..];
        Ok(many)
    }
}

#[test]
fn how_bytes_arrive_changes_nothing() {
    for name in names() {
        let text = file(&name);
        let (expected, report) = read(&text);
        for size in [1, 7, 100] {
            let mut reader = Reader::new(Drip(text.as_bytes(), size, false));
            let pieces: Vec<Piece> = reader.by_ref().map(|piece| piece.unwrap()).collect();
            assert_eq!(pieces, expected, "{name}");
            assert_eq!(reader.into_report().forms, report.forms, "{name}");
        }
    }
}

#[test]
fn an_input_that_fails_is_no_fault_of_the_file_and_no_end() {
    for name in names() {
        let text = file(&name);
        let mut reader = Reader::new(Drip(text.as_bytes(), 50, true));
        let failed = reader.by_ref().filter_map(Result::err).count();
        let report = reader.into_report();
        assert_eq!((failed, report.is_usable()), (1, false), "{name}");
    }
}

/// A BAI2 file of one account with so many transactions, made as it is read.
fn long_bai2(transactions: usize) -> impl Read {
    let head = "01,A,B,261120,0600,1,,,2/\n02,A,B,1,261119,,,2/\n03,5550001111,,015,0,,/\n";
    let line = "16,142,100,0,REF,CUST,A TEXT OF SOME LENGTH ABOUT SOMETHING\n88,AND MORE OF IT\n";
    let cents = 100 * transactions;
    let (account, group) = (2 * transactions + 2, 2 * transactions + 4);
    let tail = format!("49,{cents},{account}/\n98,{cents},1,{group}/\n99,{cents},1,{}/\n", group + 2);
    io::Cursor::new(head).chain(Repeated { line, left: transactions, at: 0 }).chain(io::Cursor::new(tail))
}

struct Repeated {
    line: &'static str,
    left: usize,
    at: usize,
}

impl Read for Repeated {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let rest = &self.line.as_bytes()[self.at..];
        let many = rest.len().min(to.len());
        to[..many].copy_from_slice(&rest[..many]);
        self.at += many;
        if self.at == self.line.len() {
            (self.at, self.left) = (0, self.left - 1);
        }
        Ok(many)
    }
}

#[test]
fn a_long_file_is_read_as_it_comes() {
    let mut reader = Reader::new(long_bai2(20_000));
    let lines = reader.by_ref().filter(|piece| matches!(piece, Ok(Piece::Line(_)))).count();
    let report = reader.into_report();
    assert_eq!((lines, report.is_sound()), (20_000, true), "{:?}", report.faults);
}

#[test]
fn a_message_may_be_longer_than_any_of_its_entries() {
    let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>\
                <Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>USD</Ccy></Acct>";
    let line = "<Ntry><Amt Ccy=\"USD\">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/></Ntry>\n";
    let tail = "</Stmt></BkToCstmrStmt></Document>";
    let left = 10_000;
    let long = io::Cursor::new(head).chain(Repeated { line, left, at: 0 }).chain(io::Cursor::new(tail));
    let mut reader = Reader::new(long);
    let lines = reader.by_ref().filter(|piece| matches!(piece, Ok(Piece::Line(_)))).count();
    let report = reader.into_report();
    assert_eq!((lines, report.is_sound()), (10_000, true), "{:?}", report.faults);
}

#[test]
fn a_line_without_end_and_a_record_without_end_are_told() {
    let endless = io::Cursor::new("01,A,B,261120,0600,1,,,2/\n02,").chain(io::repeat(b'x').take(3_000_000));
    let mut reader = Reader::new(endless);
    reader.by_ref().for_each(|piece| drop(piece.unwrap()));
    let report = reader.into_report();
    assert_eq!(
        report.faults[0].to_string(),
        "line 2, record: found 3000003 bytes, expected at most 1048576 bytes in a line"
    );

    let mut endless = String::from(
        "01,A,B,261120,0600,1,,,2/\n02,A,B,1,261119,,,2/\n03,5550001111,,015,0,,/\n16,142,100,,,,TEXT\n",
    );
    endless.push_str(&"88,MORE TEXT, AND MORE, AND MORE, AND MORE, AND MORE\n".repeat(20_000));
    assert_eq!(faults(endless)[0], "line 4, record: found 262144 bytes and more, expected a shorter record");
}

#[test]
fn an_entry_without_end_is_told() {
    let head = "<Document><BkToCstmrStmt><Stmt><Ntry><AddtlNtryInf>";
    let endless = io::Cursor::new(head).chain(io::repeat(b'x').take(50_000_000));
    let mut reader = Reader::new(endless);
    reader.by_ref().for_each(|piece| drop(piece.unwrap()));
    let faults = reader.into_report().faults;
    assert_eq!(
        faults.last().unwrap().to_string(),
        "line 1, document: found more, expected at most 33554432 bytes in an entry, or before the first"
    );
}

#[test]
fn so_many_faults_are_kept_and_all_are_counted() {
    let wrong = "16,1X2,100,,,,\n".repeat(5_000);
    let text = format!("01,A,B,261120,0600,1,,,2/\n02,A,B,1,261119,,,2/\n03,5550001111,,015,0,,/\n{wrong}");
    let (_, report) = read(text);
    assert_eq!(report.faults.len(), FAULT_LIMIT);
    assert!(report.fault_count >= 5_000);
}
