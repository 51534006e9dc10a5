//! What is wrong is named: line, columns, field, what stands there, what should.

use nacha::{Kind, Reader};

use crate::support::{faults, file, read, with, without};

/// A file with columns of a line changed: exactly these faults.
#[track_caller]
fn wrong(name: &str, line: usize, from: usize, new: &str, expected: &[&str]) {
    assert_eq!(faults(with(&file(name), line, from, new)), expected, "{name}, line {line}, column {from}");
}

#[test]
fn a_field_that_is_wrong_is_named_with_its_columns() {
    wrong(
        "tel",
        3,
        30,
        "00000O4200",
        &["line 3, columns 30-39, amount: found \"O\" in column 35, expected digits alone"],
    );
    wrong(
        "tel",
        3,
        2,
        "25",
        &[
            "line 3, columns 2-3, transaction code: found \"25\", expected a transaction code such as 22, 27, 32 or 37",
        ],
    );
    wrong(
        "tel",
        2,
        72,
        "13",
        &["line 2, columns 72-73, effective entry date: found \"13\", expected a month from 01 to 12"],
    );
    wrong(
        "tel",
        2,
        51,
        "PPX",
        &[
            "line 2, columns 51-53, standard entry class code: found \"PPX\", expected a standard entry class such as PPD, WEB, TEL or CCD",
        ],
    );
    wrong(
        "tel",
        1,
        35,
        "080",
        &[
            "line 1, columns 35-37, record size: found \"8\" in column 36, expected 094, the length of a record",
        ],
    );
    wrong(
        "returns",
        4,
        4,
        "X01",
        &["line 4, columns 4-6, return reason code: found \"X01\", expected R and two digits, such as R01"],
    );
}

#[test]
fn a_routing_number_has_a_right_check_digit_and_belongs_to_somebody() {
    wrong(
        "tel",
        3,
        12,
        "9",
        &["line 3, column 12, check digit: found 9, expected 8, by the eight digits before it"],
    );
    wrong(
        "tel",
        3,
        4,
        "450000009",
        &["line 3, column 12, check digit: found 9, expected 3, by the eight digits before it"],
    );
    wrong(
        "tel",
        3,
        4,
        "450000003",
        &[
            "line 3, columns 4-5, receiving bank: found \"45\", expected a routing number that banks have: 00-12, 21-32, 61-72 or 80",
        ],
    );
}

#[test]
fn totals_hashes_and_counts_are_held_against_the_entries() {
    wrong(
        "tel",
        3,
        39,
        "1",
        &[
            "line 4, columns 21-32, total debits: found 4200, expected 4201, cents, the sum of the batch's debits",
            "line 5, columns 32-43, total debits: found 4200, expected 4201, cents, the sum of the file's debits",
        ],
    );
    wrong(
        "tel",
        4,
        20,
        "3",
        &[
            "line 4, columns 11-20, entry hash: found 7300023, expected 7300022, the sum of the entries' routing numbers without check digits, its last ten digits",
        ],
    );
    wrong(
        "tel",
        4,
        10,
        "2",
        &[
            "line 4, columns 5-10, entry and addenda count: found 2, expected 1, entries and addenda in the batch",
        ],
    );
    wrong(
        "tel",
        5,
        7,
        "2",
        &["line 5, columns 2-7, batch count: found 2, expected 1, batch headers in the file"],
    );
    wrong(
        "tel",
        5,
        13,
        "2",
        &["line 5, columns 8-13, block count: found 2, expected 1, blocks of ten records, filling included"],
    );
}

#[test]
fn a_batch_ends_as_it_began() {
    wrong(
        "tel",
        4,
        2,
        "200",
        &["line 4, columns 2-4, service class code: found 200, expected 225, as in the batch header"],
    );
    wrong(
        "tel",
        4,
        45,
        "1234567891",
        &[
            "line 4, columns 45-54, company identification: found another text, expected the same as in the batch header",
        ],
    );
    wrong(
        "tel",
        4,
        88,
        "0000002",
        &["line 4, columns 88-94, batch number: found 2, expected 1, as in the batch header"],
    );
    wrong(
        "tel",
        4,
        80,
        "06100011",
        &[
            "line 4, columns 80-87, originating bank: found 06100011, expected 06100010, as in the batch header",
        ],
    );
}

#[test]
fn trace_numbers_ascend_and_belong_to_the_originating_bank() {
    wrong(
        "micro-and-reversal",
        4,
        94,
        "1",
        &["line 4, columns 80-94, trace number: found 061000100000001, expected more than 061000100000001"],
    );
    wrong(
        "tel",
        3,
        80,
        "07300022",
        &[
            "line 3, columns 80-87, trace number: found 07300022, expected 06100010, the originating bank of the batch",
        ],
    );
}

#[test]
fn batch_numbers_ascend() {
    let text = with(&file("ccd"), 6, 88, "0000001");
    assert_eq!(
        faults(with(&text, 8, 88, "0000001")),
        ["line 6, columns 88-94, batch number: found 1, expected more than 1",]
    );
}

#[test]
fn addenda_are_announced_numbered_and_of_a_type_that_the_class_has() {
    wrong(
        "ctx",
        5,
        84,
        "0003",
        &[
            "line 5, columns 84-87, addenda sequence number: found 3, expected 2, one after another, from 1 on",
        ],
    );
    wrong(
        "ctx",
        3,
        55,
        "0002",
        &["line 3, columns 55-58, number of addenda records: found 2, expected 3, addenda that follow"],
    );
    wrong(
        "ctx",
        6,
        88,
        "0000009",
        &["line 6, columns 88-94, entry detail sequence number: found 9, expected 1, of the entry before"],
    );
    wrong(
        "ppd",
        3,
        79,
        "0",
        &["line 3, column 79, addenda record indicator: found 0, expected 1, since addenda follow"],
    );
    wrong(
        "tel",
        3,
        79,
        "1",
        &["line 3, column 79, addenda record indicator: found 1, expected 0, since no addenda follow"],
    );
    wrong(
        "web",
        2,
        51,
        "TEL",
        &[
            "line 5, columns 2-3, addenda type code: found 5, expected addenda that this standard entry class has",
            "line 4, column 79, addenda record indicator: found 1, expected at most 0 addenda records with this entry",
        ],
    );
}

#[test]
fn entries_fit_their_batch() {
    wrong(
        "ccd",
        3,
        2,
        "27",
        &[
            "line 3, columns 2-3, transaction code: found 27, expected a credit, since the batch is of class 220",
            "line 5, columns 21-32, total debits: found 0, expected 1234567, cents, the sum of the batch's debits",
            "line 5, columns 33-44, total credits: found 1234567, expected 0, cents, the sum of the batch's credits",
            "line 9, columns 32-43, total debits: found 9900, expected 1244467, cents, the sum of the file's debits",
            "line 9, columns 44-55, total credits: found 1234567, expected 0, cents, the sum of the file's credits",
        ],
    );
    wrong(
        "ppd",
        7,
        2,
        "27",
        &["line 7, columns 30-39, amount: found 0, expected an amount: this entry moves money"],
    );
    wrong(
        "web",
        3,
        77,
        "  ",
        &[
            "line 3, columns 77-78, payment type code: found blanks, expected S for a single payment or R for one of many",
        ],
    );
    wrong(
        "returns",
        3,
        2,
        "27",
        &["line 3, columns 2-3, transaction code: found 27, expected 26, for a return or a change"],
    );
    wrong(
        "tel",
        3,
        13,
        "                 ",
        &["line 3, columns 13-29, account number: found blanks, expected the receiver's account"],
    );
    wrong(
        "tel",
        2,
        70,
        "      ",
        &["line 2, columns 70-75, effective entry date: found blanks, expected a day as YYMMDD"],
    );
    wrong(
        "rck",
        2,
        54,
        "CHECK     ",
        &[
            "line 2, columns 54-63, company entry description: found another text, expected REDEPCHECK, as this class asks",
        ],
    );
}

#[test]
fn records_stand_where_they_belong() {
    let tel = file("tel");
    let kinds = |text: String| -> Vec<(u64, &'static str, Kind)> {
        read(text).faults.iter().map(|fault| (fault.line, fault.field, fault.kind)).collect()
    };
    assert_eq!(kinds(without(&tel, 1)), [(1, "file header", Kind::Order)]);
    assert_eq!(kinds(without(&tel, 2))[0], (2, "batch header", Kind::Order));
    assert_eq!(kinds(without(&tel, 4)), [(4, "batch control", Kind::Order)]);
    assert_eq!(kinds(without(&tel, 5)), [(5, "file control", Kind::Order)]);
    assert_eq!(
        kinds(tel.lines().take(3).map(|l| format!("{l}\n")).collect()),
        [(3, "batch control", Kind::Order), (3, "file control", Kind::Order),]
    );
    assert_eq!(kinds(tel.clone() + &tel)[0], (11, "file", Kind::Order), "two files in one");
    assert_eq!(kinds(String::new()), [(1, "file header", Kind::Order)]);
    assert_eq!(kinds(with(&tel, 3, 1, "3"))[0], (3, "record", Kind::Order));
}

#[test]
fn a_line_that_is_too_long_or_too_short_is_not_guessed_at() {
    let tel = file("tel");
    let longer = tel.replace("LOVELACE", "LOVELACES");
    assert_eq!(faults(longer), ["line 3, record: found 95 characters, expected 94 characters"]);
    let shorter = tel.replace("LOVELACE", "LOVELAC");
    assert_eq!(faults(shorter), ["line 3, record: found 93 characters, expected 94 characters"]);
}

#[test]
fn all_faults_are_counted_and_the_first_are_kept() {
    let text: String = file("ppd").replace(" ADA", "\u{1}ADA").repeat(9);
    let mut reader = Reader::with_fault_limit(text.as_bytes(), 3);
    assert!(reader.by_ref().all(|read| read.is_ok()));
    let report = reader.into_report();
    assert_eq!(report.faults.len(), 3);
    assert!(report.fault_count > 9, "{}", report.fault_count);
}

#[test]
fn an_account_number_is_not_shown_where_columns_have_shifted() {
    // The bank's number lost a digit and the name gained one: 94 characters, and the account where the check digit was.
    let shifted = file("tel").replace("627073000228482", "62707300022482").replace("LOVELACE", "LOVELACE ");
    for fault in faults(shifted) {
        assert!(!fault.contains("4821") && !fault.contains("LOVEL"), "{fault}");
    }
}

#[test]
fn a_name_in_another_encoding_is_told_without_the_name() {
    let mut bytes = file("tel").into_bytes();
    let at = bytes.windows(3).position(|w| w == b"ADA").unwrap();
    bytes[at + 1] = 0xc9;
    assert_eq!(
        faults(&bytes),
        [
            "line 3, columns 55-76, individual or company name: found the byte C9 in column 56, expected printable ASCII",
        ]
    );
}
