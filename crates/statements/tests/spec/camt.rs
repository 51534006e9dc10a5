//! camt as it is specified, and as banks write it.

use statements::{
    Batch, Currency, Direction, FigureCode, Format, Page, State, StatementKind, Time, TypeCode,
};

use crate::support::{day, file, forms, only, whole, with};

#[test]
fn a_statement_says_what_was_on_the_account_and_what_moved() {
    let read = whole(file("statement-v08.xml"));
    assert_eq!(forms(file("statement-v08.xml")), []);
    assert_eq!(
        (read.head.format, read.head.version, read.head.id.as_str()),
        (Format::Camt, 8, "FFB-20261120-0001")
    );
    assert_eq!((read.head.created_on, read.head.created_at), (day(2026, 11, 20), Time::new(6, 0)));
    let statement = &read.statements[0];
    let head = &statement.head;
    assert_eq!(
        (head.kind, head.id.as_str(), head.sequence),
        (StatementKind::Statement, "STMT-224", Some(224))
    );
    assert_eq!(head.page, Some(Page { number: 1, last: true }));
    assert_eq!((head.account.reveal(), head.currency), ("004417752200", Currency::USD));
    assert_eq!((head.from, head.to), (day(2026, 11, 19), day(2026, 11, 19)));
    assert_eq!((head.opening_booked_cents, head.closing_booked_cents), (Some(152_000_00), Some(159_412_50)));
    assert_eq!(head.available_cents, Some(157_912_50));
    let codes: Vec<_> = head.figures.iter().map(|figure| figure.code.clone()).collect();
    assert_eq!(codes, ["OPBD", "CLBD", "CLAV"].map(|code| FigureCode::Iso(code.into())));
    let moved: Vec<_> = statement.lines.iter().map(|line| (line.signed_cents(), line.state)).collect();
    assert_eq!(
        moved,
        [
            (8_000_00, State::Booked),
            (1_500_00, State::Booked),
            (-87_50, State::Booked),
            (-2_000_00, State::Booked),
            (300_00, State::Pending),
        ]
    );
    let end = statement.end;
    assert_eq!(
        (end.lines, end.credits.count, end.credits.cents, end.debits.cents),
        (5, 2, 9_500_00, 2_087_50),
        "booked alone"
    );
    assert_eq!(end.adds_up, Some(true));
    assert_eq!(statement.remarks[0].reveal(), "DETAILS OF 11/19 ARE FINAL");
}

#[test]
fn an_entry_of_one_payment_is_that_payment() {
    let statement = only(file("statement-v08.xml"));
    let line = &statement.lines[0];
    let references = &line.references;
    assert_eq!(references.bank.as_ref().unwrap().as_str(), "9100001123");
    assert_eq!(references.customer.as_ref().unwrap().as_str(), "PROC-20261118");
    assert_eq!(references.end_to_end, None, "NOTPROVIDED says that there is none");
    assert_eq!(line.text.reveal(), "DEPOSIT BATCH 4471\nCARD PROCESSOR DEPOSIT");
    assert_eq!(line.debtor.reveal(), "CARD PROCESSOR & SONS");
    assert_eq!(
        (line.code.to_string().as_str(), line.code.type_code()),
        ("PMNT/MCRD/POSP/169", TypeCode::from_digits(b"169"))
    );
    assert_eq!((line.booked_on, line.value_on, line.parts.len()), (day(2026, 11, 19), day(2026, 11, 19), 0));
}

#[test]
fn an_entry_of_many_payments_has_them_as_parts() {
    let statement = only(file("statement-v08.xml"));
    let line = &statement.lines[1];
    assert_eq!(line.batch, Some(Batch { count: Some(2), cents: Some(1_500_00) }));
    assert_eq!((line.booked_on, line.value_on), (day(2026, 11, 19), day(2026, 11, 20)));
    let parts: Vec<_> = line
        .parts
        .iter()
        .map(|part| {
            (
                part.cents.unwrap(),
                part.references.end_to_end.as_ref().unwrap().as_str(),
                part.references.ach_trace.as_ref().unwrap().as_str(),
            )
        })
        .collect();
    assert_eq!(parts, [(900_00, "CHG-1001", "091000010000411"), (600_00, "CHG-1002", "091000010000412")]);
    assert_eq!(line.parts_add_up(), Some(true));
    assert_eq!(line.references.batch.as_ref().unwrap().as_str(), "FILE-A");
    let less = with(&file("statement-v08.xml"), "600.00", "599.00");
    assert_eq!(
        only(less).lines[1].parts_add_up(),
        Some(false),
        "told, and no fault: banks give parts before fees"
    );
}

#[test]
fn a_returned_debit_says_why_and_which() {
    let statement = only(file("statement-v08.xml"));
    let line = &statement.lines[2];
    assert_eq!((line.direction, line.reversal), (Direction::Debit, true));
    assert_eq!(line.return_reason.as_deref(), Some("R01"));
    assert_eq!(
        line.references.ach_trace.as_ref().unwrap().as_str(),
        "124000050000009",
        "what the bank calls so goes first"
    );
    assert_eq!(line.references.transaction.as_ref().unwrap().as_str(), "091000010000417");
    assert_eq!(line.references.mandate.as_ref().unwrap().as_str(), "M-5521");
    assert_eq!(line.text.reveal(), "INSUFFICIENT FUNDS");
    assert!(line.code.type_code().unwrap().is_ach_return());
}

#[test]
fn a_remittance_has_the_payees_reference() {
    let statement = only(file("statement-v08.xml"));
    let line = &statement.lines[3];
    assert_eq!(line.references.creditor.as_ref().unwrap().as_str(), "RF18539007547034");
    assert_eq!(line.creditor.reveal(), "LARKSPUR DENTAL GROUP");
}

#[test]
fn version_two_has_states_names_and_amounts_elsewhere() {
    let read = whole(file("statement-v02.xml"));
    assert_eq!(read.head.version, 2);
    let [first, second] = read.statements.as_slice() else { panic!("two statements") };
    assert_eq!(first.head.opening_booked_cents, Some(-250_75), "the closing balance before, overdrawn");
    let line = &first.lines[0];
    assert_eq!(
        (line.state, line.debtor.reveal(), line.text.reveal()),
        (State::Booked, "PAYER OF NOWHERE", "LINE ONE\nLINE TWO")
    );
    assert_eq!((second.lines.len(), second.end.adds_up), (0, Some(true)), "a day without movement");
}

#[test]
fn every_version_and_those_to_come_are_read() {
    for version in 1..=14 {
        let text = with(&file("statement-v08.xml"), "camt.053.001.08", &format!("camt.053.001.{version:02}"));
        assert_eq!((forms(&text), whole(text).head.version), (vec![], version));
    }
    let text = with(&file("statement-v08.xml"), "camt.053.001.08", "camt.053.001.15");
    assert_eq!((forms(&text), whole(text).head.version), (vec![("unknown_version", 4)], 15));
    let text =
        with(&file("statement-v08.xml"), " xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"", "");
    assert_eq!((forms(&text), whole(text).head.version), (vec![("other_namespace", 3)], 0));
}

#[test]
fn a_report_within_a_day_and_a_notification_are_told_apart() {
    let report = only(file("report-v06.xml"));
    assert_eq!(
        (report.head.kind, report.head.opening_booked_cents),
        (StatementKind::Interim, Some(1_594_12))
    );
    assert_eq!(report.lines[0].state, State::Pending);
    assert_eq!((report.lines[1].state, report.lines[1].code.to_string().as_str()), (State::Information, ""));
    assert_eq!((report.end.credits.cents, report.end.adds_up), (100_00, None));
    let notification = only(file("notification-v04.xml"));
    assert_eq!((notification.head.kind, notification.head.duplicate), (StatementKind::Notification, true));
    assert_eq!(notification.head.currency, Currency::USD);
    assert_eq!(notification.lines[0].return_reason.as_deref(), Some("AM04"));
}

#[test]
fn an_envelope_prefixes_zeros_and_other_elements_are_read() {
    let text = file("stray-envelope.xml");
    assert_eq!(
        forms(&text),
        [
            ("blank_lines", 1),
            ("unknown_version", 6),
            ("other_namespace", 5),
            ("envelope", 5),
            ("extra_zeros", 17),
            ("no_account_currency", 11),
        ]
    );
    let statement = only(text);
    assert_eq!(
        (statement.head.opening_booked_cents, statement.head.closing_booked_cents),
        (Some(10_00), Some(12_50))
    );
    assert_eq!(
        (statement.lines.len(), statement.lines[0].cents),
        (1, 2_50),
        "what another namespace says is not read"
    );
    assert_eq!(statement.lines[0].text.reveal(), "A <B> & C");
    assert_eq!(statement.lines[0].booked_on, day(2026, 11, 19));
}

#[test]
fn one_page_of_many_is_not_held_against_the_whole() {
    let text = with(&file("statement-v08.xml"), "<LastPgInd>true", "<LastPgInd>false");
    let text = with(&text, ">159412.50<", ">999.00<");
    let statement = only(text);
    assert_eq!(
        (statement.head.page, statement.end.adds_up),
        (Some(Page { number: 1, last: false }), Some(false))
    );
}

#[test]
fn before_version_eight_pages_are_those_of_the_message() {
    let pages = "<MsgPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>";
    let text = with(&file("statement-v02.xml"), "</GrpHdr>", pages);
    let read = whole(with(&text, ">100.00<", ">999.00<"));
    assert_eq!(read.head.page, Some(Page { number: 2, last: true }));
    assert_eq!(read.statements[0].end.adds_up, Some(false));
}

#[test]
fn latin_1_is_read_where_it_is_declared_or_meant() {
    let text = with(&file("statement-v08.xml"), "ROSA DIAZ", "RÓSA DÍAZ");
    let declared = with(&text, "UTF-8", "ISO-8859-1");
    for text in [text, declared] {
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let read = whole(&bytes);
        assert_eq!(read.statements[0].lines[2].debtor.reveal(), "RÓSA DÍAZ");
        assert_eq!(forms(&bytes)[0].0, "other_letters");
    }
}

#[test]
fn what_is_printed_shows_nobody() {
    let printed = format!("{:?}", whole(file("statement-v08.xml")));
    for secret in ["004417752200", "ROSA", "VEGA", "LARKSPUR", "CHG-0977", "RF18539007547034"] {
        assert!(!printed.contains(secret), "{secret} is printed");
    }
}
