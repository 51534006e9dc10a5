//! What is wrong in BAI2 is named: line, column, field, what stands there, what should; and what it spoils.

use statements::{File, Kind, Piece, Spoils};

use crate::support::{faults, file, read, with, without};

/// The morning's file with something replaced: exactly these faults.
#[track_caller]
fn wrong(from: &str, to: &str, expected: &[&str]) {
    assert_eq!(faults(with(&file("morning.bai"), from, to)), expected, "{from} as {to}");
}

#[test]
fn a_field_that_is_wrong_is_named_with_its_column() {
    wrong(
        "16,169,800000",
        "16,1G9,800000",
        &["line 4, column 4, type code: found \"1G9\", expected three digits"],
    );
    wrong(
        "16,169,800000",
        "16,169,80O000",
        &["line 4, column 10, amount: found \"O\", expected digits, in the currency's smallest unit"],
    );
    wrong(
        "V,261119",
        "V,261131",
        &["line 4, column 17, value date: found \"261\", expected a day as YYMMDD"],
    );
    wrong(
        "16,166,150000,0",
        "16,166,150000,9",
        &["line 5, column 15, funds type: found \"9\", expected a funds type: Z, 0, 1, 2, S, V or D"],
    );
    wrong(
        "1,261119,2400",
        "7,261119,2400",
        &["line 2, column 23, group status: found \"7\", expected 1, 2, 3 or 4"],
    );
    wrong(
        "2400,USD",
        "2460,USD",
        &["line 2, column 32, as-of time: found \"246\", expected a time as HHMM, 2400 or 9999"],
    );
    wrong(
        "2400,USD",
        "2400,U$D",
        &["line 2, column 37, currency code: found \"U$D\", expected a currency such as USD"],
    );
    wrong(",,,2/", ",,,1/", &["line 1, column 47, version number: found \"1\", expected 2"]);
}

#[test]
fn a_field_that_must_be_there_is_missed() {
    wrong("1,261119,", "1,,", &["line 2, column 25, as-of date: found nothing, expected a day as YYMMDD"]);
    wrong(
        "03,004417752218",
        "03,",
        &["line 13, column 4, customer account number: found nothing, expected the account that this is of"],
    );
    wrong(
        "16,495,200000",
        "16,,200000",
        &["line 11, column 4, type code: found nothing, expected a type code of movements"],
    );
}

#[test]
fn the_total_of_an_account_is_the_sum_of_its_amounts() {
    wrong(
        "16,495,200000",
        "16,495,200001",
        &[
            "line 12, column 4, account control total: found 49650000, expected 49650001, the sum of the account's amounts",
        ],
    );
    wrong(
        "010,15200000",
        "010,-15200000",
        &[
            "line 12, column 4, account control total: found 49650000, expected 19250000, the sum of the account's amounts",
        ],
    );
}

#[test]
fn the_totals_of_groups_and_of_the_file_are_sums_of_totals() {
    wrong(
        "98,49650000",
        "98,49650001",
        &[
            "line 15, column 4, group control total: found 49650001, expected 49650000, the sum of its accounts' control totals",
            "line 16, column 4, file control total: found 49650000, expected 49650001, the sum of its groups' control totals",
        ],
    );
}

#[test]
fn counts_are_those_of_what_is_there() {
    wrong(
        "49,49650000,10/",
        "49,49650000,11/",
        &[
            "line 12, column 13, number of records: found 11, expected 10, records from the header to the trailer, continuations included",
        ],
    );
    wrong(
        "98,49650000,2,",
        "98,49650000,3,",
        &["line 15, column 13, number of accounts: found 3, expected 2, accounts in the group"],
    );
    wrong(
        "99,49650000,1,",
        "99,49650000,2,",
        &["line 16, column 13, number of groups: found 2, expected 1, groups in the file"],
    );
    let cut = without(&file("morning.bai"), 8);
    assert_eq!(
        faults(cut),
        [
            "line 11, column 13, number of records: found 10, expected 9, records from the header to the trailer, continuations included",
            "line 14, column 15, number of records: found 14, expected 13, records from the header to the trailer, continuations included",
            "line 15, column 15, number of records: found 16, expected 15, records from the header to the trailer, continuations included",
        ],
        "a lost continuation changes no amount"
    );
}

#[test]
fn sums_are_not_compared_where_a_record_is_wrong() {
    wrong(
        "16,169,800000,V",
        "16,169800000,V",
        &[
            "line 4, column 4, type code: found \"169\", expected three digits",
            "line 4, column 14, amount: found \"V\", expected digits, in the currency's smallest unit",
            "line 4, column 16, funds type: found \"261\", expected a funds type: Z, 0, 1, 2, S, V or D",
        ],
    );
}

#[test]
fn a_fault_never_shows_an_account_number_or_a_name() {
    for (from, to) in [
        ("03,004417752200,USD", "03,USD,004417752200"),
        ("03,004417752200,USD,010,15200000", "03,USD,010,004417752200"),
        ("16,557,8750", "16,4000123412341234,8750"),
        ("16,557,8750", "16,557,ROSADIAZ"),
        ("88,ORIG: LARKSPUR DENTAL GROUP", "ORIG: LARKSPUR DENTAL GROUP 4000123412341234"),
        ("49,49650000,10/", "49,004417752200,10/"),
    ] {
        let told = faults(with(&file("morning.bai"), from, to)).join("\n");
        for secret in ["004417752", "ROSA", "LARK", "40001"] {
            // A control total is a number that the bank gave as one.
            assert!(!told.contains(secret) || to.starts_with("49"), "{to}: {told}");
        }
    }
}

#[test]
fn type_codes_stand_where_they_may() {
    wrong(
        "16,495,200000",
        "16,015,200000",
        &["line 11, column 4, type code: found \"015\", expected a type code of movements"],
    );
    wrong(
        "100,1050000,3",
        "890,1050000,3",
        &["line 3, column 66, type code: found \"890\", expected a type code of balances or totals"],
    );
}

#[test]
fn records_stand_in_their_order() {
    let morning = file("morning.bai");
    assert_eq!(
        faults(without(&morning, 1))[0],
        "line 1, record: found a group header, expected a file header, 01, as the first record"
    );
    assert_eq!(
        faults(without(&morning, 2))[0],
        "line 2, record: found an account, expected a group header, 02, before accounts"
    );
    assert_eq!(
        faults(without(&morning, 3))[0],
        "line 3, record: found a transaction, expected an account, 03, before transactions"
    );
    assert_eq!(
        faults(without(&morning, 12))[0],
        "line 12, record: found an account, expected an account trailer, 49, before the next account"
    );
    assert_eq!(
        faults(without(&morning, 15))[0],
        "line 15, record: found a file trailer, expected a group trailer, 98, before the file's"
    );
    assert_eq!(
        faults(without(&morning, 16)),
        ["line 15, file trailer: found nothing, expected a file trailer, 99, at the end"]
    );
    assert_eq!(
        faults(format!("{morning}{morning}"))[0],
        "line 17, record: found a file header, expected nothing behind the file trailer: one file at a time"
    );
    assert_eq!(
        faults(format!("{morning}88,MORE/\n")),
        ["line 17, column 4, file trailer: found something else, expected no more fields in this record"],
        "what continues the file trailer has nothing to say"
    );
}

#[test]
fn a_line_that_is_no_record_is_told_once() {
    let lost =
        with(&file("morning.bai"), "16,166,150000,0,9100001124,,ACH", "1G,166,150000,0,9100001124,,ACH");
    // Within the text of the transaction before, it is more of that text; the total tells that one is missing.
    let (_, report) = read(&lost);
    assert!(report.faults.iter().any(|fault| fault.kind == Kind::Total));
    let lost = with(&file("morning.bai"), "16,169,800000", "XX,169,800000");
    assert_eq!(
        faults(lost)[0],
        "line 4, record: found something else, expected a record code: 01, 02, 03, 16, 49, 88, 98 or 99"
    );
}

#[test]
fn a_comma_too_many_in_a_trailer_is_seen() {
    wrong(
        "49,49650000,10/",
        "49,,49650000,10/",
        &[
            "line 12, column 14, account trailer: found something else, expected no more fields in this record",
        ],
    );
}

#[test]
fn an_account_that_is_wrong_spoils_itself_alone() {
    let text = with(&file("morning.bai"), "16,495,200000", "16,495,200001");
    let (read, report) = File::read(text.as_bytes()).unwrap();
    let read = read.unwrap();
    assert_eq!(report.faults[0].spoils, Spoils::Statement);
    assert_eq!((read.statements.len(), read.spoiled.len()), (1, 1));
    assert_eq!(read.spoiled[0].account.last_four(), "****2200");
    assert!(report.is_usable() && !report.is_sound());
}

#[test]
fn a_group_that_is_wrong_spoils_its_accounts() {
    let text = with(&file("specification.bai"), "98,127500,1,", "98,127500,2,");
    let (read, report) = File::read(text.as_bytes()).unwrap();
    let read = read.unwrap();
    assert_eq!(report.faults[0].spoils, Spoils::Group);
    assert_eq!((read.statements.len(), read.spoiled.len()), (2, 1));
}

#[test]
fn a_file_that_is_wrong_gives_nothing() {
    for text in [
        without(&file("morning.bai"), 16),
        with(&file("morning.bai"), "99,49650000", "99,49650001"),
        with(&file("morning.bai"), ",,,2/", ",,,1/"),
    ] {
        let (file, report) = File::read(text.as_bytes()).unwrap();
        assert!(file.is_none() && !report.is_usable());
    }
}

#[test]
fn a_stream_says_with_each_end_whether_it_was_right() {
    let (pieces, _) = read(with(&file("morning.bai"), "16,495,200000", "16,495,200001"));
    let ends: Vec<_> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::End(end) => Some(end.sound),
            Piece::GroupEnd(sound) => Some(*sound),
            _ => None,
        })
        .collect();
    assert_eq!(ends, [false, true, true]);
}
