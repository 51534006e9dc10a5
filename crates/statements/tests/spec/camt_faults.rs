//! What is wrong in camt is named, and what could do harm is refused.

use statements::{File, Spoils};

use crate::support::{faults, file, read, with};

/// The statement with something replaced: exactly these faults.
#[track_caller]
fn wrong(from: &str, to: &str, expected: &[&str]) {
    assert_eq!(faults(with(&file("statement-v08.xml"), from, to)), expected, "{from} as {to}");
}

#[test]
fn opening_balance_and_entries_come_to_the_closing_balance() {
    wrong(
        "159412.50",
        "159412.51",
        &[
            "line 38, closing balance: found 15941251, expected 15941250, the opening balance and all booked entries",
        ],
    );
    let text = with(&file("statement-v08.xml"), "159412.50", "159412.51");
    let (read, report) = File::read(text.as_bytes()).unwrap();
    let read = read.unwrap();
    assert_eq!(
        (read.statements.len(), read.spoiled.len(), report.faults[0].spoils),
        (0, 1, Spoils::Statement)
    );
}

#[test]
fn an_amount_has_digits_a_point_and_the_currencys_decimals() {
    let amount = "<Amt Ccy=\"USD\">8000.00</Amt>";
    wrong(
        amount,
        "<Amt Ccy=\"USD\">8O00.00</Amt>",
        &["line 57, column 25, Ntry/Amt: found \"O\", expected digits, and a point before the decimals"],
    );
    wrong(
        amount,
        "<Amt Ccy=\"USD\">8000.001</Amt>",
        &["line 57, column 24, Ntry/Amt: found more decimals, expected as many decimals as the currency has"],
    );
    wrong(
        amount,
        "<Amt Ccy=\"USD\">-8000.00</Amt>",
        &["line 57, column 24, Ntry/Amt: found \"-\", expected no sign: credit or debit is said beside"],
    );
    wrong(
        amount,
        "<Amt>8000.00</Amt>",
        &["line 57, column 14, Ntry/Amt: found nothing, expected the currency of the amount, such as USD"],
    );
    wrong(
        amount,
        "<Amt Ccy=\"EUR\">8000.00</Amt>",
        &["line 55, column 7, Ntry/Amt: found another currency, expected the currency of the account"],
    );
}

#[test]
fn an_entry_has_an_amount_a_direction_and_a_state() {
    wrong(
        "<Sts><Cd>BOOK</Cd></Sts>",
        "",
        &["line 55, column 7, Ntry/Sts: found nothing, expected BOOK, PDNG, INFO or FUTR"],
    );
    wrong(
        "<Sts><Cd>BOOK</Cd></Sts>",
        "<Sts><Cd>BOKD</Cd></Sts>",
        &["line 59, column 18, Ntry/Sts: found \"BOK\", expected BOOK, PDNG, INFO or FUTR"],
    );
    wrong(
        "<CdtDbtInd>DBIT</CdtDbtInd>\n        <RvslInd>",
        "<RvslInd>",
        &["line 113, column 7, Ntry/CdtDbtInd: found nothing, expected CRDT or DBIT"],
    );
}

#[test]
fn days_exist() {
    wrong(
        "<BookgDt><Dt>2026-11-19",
        "<BookgDt><Dt>2026-11-31",
        &["line 60, column 22, Ntry/BookgDt: found \"202\", expected a day as YYYY-MM-DD"],
    );
}

#[test]
fn the_banks_own_summary_is_that_of_the_entries() {
    wrong(
        "<TtlNtries><NbOfNtries>4",
        "<TtlNtries><NbOfNtries>6",
        &["line 51, column 32, TxsSummry/NbOfNtries: found 6, expected 5, entries in the statement"],
    );
    wrong(
        "<Sum>9500</Sum>",
        "<Sum>9501</Sum>",
        &[
            "line 52, column 54, TxsSummry/Sum: found 950100, expected 980000, the sum of the statement's entries",
        ],
    );
}

#[test]
fn an_account_and_its_currency_must_be_known() {
    wrong(
        "<Id>004417752200</Id>",
        "<Id/>",
        &["line 9, Acct/Id: found nothing, expected the account that this is of"],
    );
    wrong(
        "<Bal>\n        <Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp>\n        <Amt Ccy=\"USD\">",
        "<Bal>\n        <Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp>\n        <Amt Ccy=\"CAD\">",
        &["line 44, Bal/Amt: found another currency, expected the currency of the account"],
    );
}

#[test]
fn document_types_and_entities_are_refused() {
    let text = file("statement-v08.xml");
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<Document ";
    assert_eq!(
        faults(with(&text, "<Document ", bomb)),
        [
            "line 3, column 1, document type: found a document type, expected none: they can harm who reads them"
        ]
    );
    assert_eq!(
        faults(with(&text, "&amp;", "&b;")),
        ["line 75, column 54, entity: found something else, expected no entities but the five of XML"]
    );
    let (read, report) = File::read(with(&text, "<Document ", bomb).as_bytes()).unwrap();
    assert!(read.is_none() && report.file_faults == 1);
}

#[test]
fn what_is_not_well_formed_is_told_where() {
    let text = file("statement-v08.xml");
    assert_eq!(
        faults(with(&text, "</BookgDt>", "</BookDt>")),
        [
            "line 60, column 37, document: found something else, expected the end of the element that began last"
        ]
    );
    assert_eq!(
        faults(with(&text, "<Ccy>USD</Ccy>", "<Ccy a=1>USD</Ccy>")),
        ["line 27, column 9, attribute: found something else, expected a name and a value in quotes, once"]
    );
    let cut = text.split_at(text.find("R01").unwrap()).0;
    assert_eq!(
        faults(cut).last().unwrap(),
        "line 138, column 27, document: found nothing, expected the end of every element"
    );
}

#[test]
fn depth_has_an_end() {
    let deep = "<a>".repeat(100_000);
    assert_eq!(
        faults(deep),
        ["line 1, column 193, element: found another, expected at most 64 elements within each other"]
    );
}

#[test]
fn the_beginning_of_an_element_has_an_end() {
    let long = format!("<Document {}>", "a=\"\" ".repeat(10_000));
    let expected =
        ["line 1, column 1, element: found 50009 bytes, expected at most 16384 bytes to begin an element"];
    assert_eq!(faults(long), expected);
}

#[test]
fn other_messages_are_called_by_what_they_are_not() {
    let text = with(&file("statement-v08.xml"), "<BkToCstmrStmt>", "<CstmrCdtTrfInitn>");
    assert_eq!(
        faults(text),
        [
            "line 4, column 3, Document: found another message, expected a statement of camt.053, a report of camt.052 or a notification of camt.054"
        ]
    );
    assert_eq!(
        faults("<html><body>Log in</body></html>"),
        ["line 1, Document: found nothing, expected a document of ISO 20022"]
    );
    assert_eq!(
        faults("<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>"),
        ["line 1, Document: found nothing, expected a statement"]
    );
    let twice = "<a><Document><BkToCstmrStmt/></Document><Document/></a>";
    assert_eq!(
        faults(twice),
        ["line 1, column 41, Document: found another document, expected one message at a time"]
    );
    let utf16 = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Document/>";
    assert_eq!(
        faults(utf16),
        ["line 1, column 1, encoding: found another encoding, expected UTF-8 or ISO-8859-1"]
    );
}

#[test]
fn a_fault_never_shows_an_account_number_or_a_name() {
    for (from, to) in [
        ("<Ccy>USD</Ccy>", "<Ccy>004417752200</Ccy>"),
        ("<Amt Ccy=\"USD\">87.50</Amt>", "<Amt Ccy=\"USD\">ROSA DIAZ</Amt>"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts><Cd>ROSA DIAZ</Cd></Sts>"),
        ("<PgNb>1</PgNb>", "<PgNb>004417752200</PgNb>"),
    ] {
        let told = faults(with(&file("statement-v08.xml"), from, to)).join("\n");
        assert!(!told.contains("ROSA") && !told.contains("0044"), "{to}: {told}");
    }
}

#[test]
fn an_entry_that_cannot_be_read_hides_no_other() {
    let (pieces, report) = read(with(&file("statement-v08.xml"), ">8000.00<", ">?<"));
    let lines = pieces.iter().filter(|piece| matches!(piece, statements::Piece::Line(_))).count();
    assert_eq!((lines, report.fault_count), (4, 1), "sums of which one is not known are not compared");
}
