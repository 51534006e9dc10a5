//! BAI2 as banks write it: each stray form is read, and told.

use statements::{Form, Reader};

use crate::support::{day, faults, file, forms, only, read, told, whole, with};

#[test]
fn commas_too_many_blanks_long_years_and_points_are_read() {
    let text = file("stray-commas-and-blanks.bai");
    assert_eq!(
        forms(&text),
        [
            ("blanks_at_end", 5),
            ("blank_lines", 9),
            ("behind_slash", 10),
            ("slash_behind_text", 12),
            ("slash_in_reference", 12),
            ("blanks_around_fields", 1),
            ("empty_type_codes", 4),
            ("long_years", 1),
            ("long_times", 1),
            ("decimal_points", 11),
            ("no_control", 17),
            ("no_group_status", 2),
        ]
        .into_iter()
        .collect::<Vec<_>>()
    );
    let file = whole(text);
    assert_eq!(file.head.created_on, day(2026, 11, 20));
    let [first, second, third] = file.statements.as_slice() else { panic!("three accounts") };
    assert_eq!(
        (first.head.closing_booked_cents, first.head.available_cents),
        (Some(72_184_33), Some(72_184_33))
    );
    assert_eq!(told(&first.lines[0]), (1_182_00, "142".into(), "B-40021", "", "OFFSET OF ACH FILE 40021"));
    assert_eq!(second.head.available_cents, Some(7_000_10));
    assert_eq!(
        told(&second.lines[0]),
        (-600_00, "447".into(), "BK0001", "AB/GS/0001", "ACH PAYMENT, SEC: CCD\nEREF: AB/GS/0001")
    );
    assert_eq!(third.head.figures, []);
}

#[test]
fn a_bank_that_writes_no_slashes_ends_fields_with_lines() {
    let text = file("stray-no-slashes.bai");
    assert_eq!(forms(&text), [("no_slash", 1)]);
    let statement = only(text);
    assert_eq!(statement.head.closing_booked_cents, Some(5_125_00));
    assert_eq!(told(&statement.lines[0]), (125_00, "142".into(), "REF1", "CUST1", "CARD PROCESSOR DEPOSIT"));
}

#[test]
fn a_bank_that_writes_slashes_may_divide_a_field() {
    let text = file("stray-divided-field.bai");
    assert_eq!(forms(&text), [("divided_field", 4)]);
    let statement = only(text);
    assert_eq!(statement.head.closing_booked_cents, Some(5_125_00));
    assert_eq!(statement.lines[0].text.reveal(), "CARD PROCESSOR\nDEPOSIT");
}

#[test]
fn records_may_stand_in_one_line_and_texts_break_without_a_code() {
    let text = file("stray-packed.bai");
    assert_eq!(forms(&text), [("records_in_one_line", 1), ("bare_text_line", 6)]);
    let file = whole(text);
    let first: Vec<_> =
        file.statements[0].lines.iter().map(|line| (line.signed_cents(), line.text.reveal())).collect();
    assert_eq!(first[0], (30_00, "TRANSFER   LARKSPUR          PPD"));
    assert_eq!(first[2], (3_00, "PAID 5/ 16,000 STILL OWED"), "a number in a text is no record");
    assert_eq!(first[3].1, "222222     ACH_SETL           2222222222\n333333333333333\n4444444444");
    assert_eq!(file.statements.len(), 3);
}

#[test]
fn records_of_one_length_need_no_line_ends() {
    let text = with(&file("morning.bai"), "20261120A,,,2/", "20261120A,100,,2/");
    let one_line: String = text.lines().map(|line| format!("{line:100}")).collect();
    assert_eq!(forms(&one_line), [("fixed_length", 1)]);
    assert_eq!(whole(&one_line).statements, whole(&text).statements, "lines are counted as records");
    let ended = format!("{one_line}\r\n");
    assert_eq!(forms(ended), [("fixed_length", 1)]);
    let filled: String = text.lines().map(|line| format!("{line:100}\n")).collect();
    assert_eq!(forms(filled), [], "lines of the length that was announced are filled by right");
    let wrong = with(&one_line, "49,0,2/ ", "49,0,3/ ");
    assert_eq!(
        faults(wrong),
        [
            "line 14, column 6, number of records: found 3, expected 2, records from the header to the trailer, continuations included"
        ]
    );
}

#[test]
fn lines_end_as_on_any_machine() {
    let text = file("morning.bai");
    let expected = whole(&text).statements;
    for (changed, form) in [
        (text.replace('\n', "\r\n"), vec![("carriage_returns", 1)]),
        (text.replace('\n', "\r"), vec![("carriage_returns_alone", 1)]),
        (text.trim_end().to_owned(), vec![]),
        (format!("\u{feff}{text}"), vec![("byte_order_mark", 1)]),
        (format!("{text}\x1a"), vec![("end_mark", 17)]),
        (format!("{text}\n  \n"), vec![("blank_lines", 17)]),
    ] {
        assert_eq!(forms(&changed), form);
        assert_eq!(whole(changed).statements, expected);
    }
}

#[test]
fn a_text_that_begins_with_a_slash_is_a_text() {
    let text = with(&file("morning.bai"), "88,ORIG: LARKSPUR", "88,/ORIG: LARKSPUR");
    assert!(whole(&text).statements[0].lines[2].text.reveal().starts_with("/ORIG: LARKSPUR"));
    let text = with(&file("morning.bai"), "REMIT-1108,REMITTANCE", "REMIT-1108,/REMITTANCE");
    assert!(whole(&text).statements[0].lines[4].text.reveal().starts_with("/REMITTANCE"));
}

#[test]
fn counts_without_continuations_are_taken() {
    let text = with(&file("morning.bai"), ",10/\n", ",7/\n");
    let text = with(&text, ",2,14/", ",2,11/");
    let text = with(&text, ",1,16/", ",1,13/");
    assert_eq!(forms(&text), [("logical_counts", 12)]);
    whole(text);
}

#[test]
fn version_three_is_read_where_it_is_version_two_in_all_but_name() {
    let text = with(&file("morning.bai"), "20261120A,,,2/", "20261120A,,,3/");
    assert_eq!(forms(&text), [("version_three", 1)]);
    assert_eq!(whole(text).head.version, 3);
}

#[test]
fn letters_beyond_ascii_are_utf_8_or_latin_1() {
    let text = with(&file("morning.bai"), "ROSA DIAZ", "RÓSA DÍAZ");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for bytes in [text.into_bytes(), latin] {
        let (_, report) = read(&bytes);
        assert!(report.forms.has(Form::OtherLetters) && report.is_sound());
        assert!(whole(&bytes).statements[0].lines[3].text.reveal().starts_with("RÓSA DÍAZ"));
    }
}

#[test]
fn a_transaction_may_have_no_amount_or_take_something_back() {
    let text =
        with(&file("morning.bai"), "16,169,800000,V,261119,,9100001123", "16,169,,V,261119,,9100001123");
    let text = with(&text, "49,49650000,", "49,48850000,");
    let text = with(&text, "98,49650000,", "98,48850000,");
    let text = with(&text, "99,49650000,", "99,48850000,");
    assert_eq!(forms(&text), [("no_amount", 4)]);
    let read = whole(text);
    assert_eq!((read.statements[0].lines[0].cents, read.statements[0].end.adds_up), (0, Some(false)));

    let text =
        with(&file("stray-no-slashes.bai"), "16,142,12500,", "16,142,-12500,").replace("1037500", "1012500");
    assert_eq!(forms(&text), [("no_slash", 1), ("negative_transactions", 5)]);
    assert_eq!(only(text).lines[0].signed_cents(), -125_00);
}

#[test]
fn a_file_that_strays_is_told_so_and_no_fault() {
    for name in crate::support::names() {
        let (_, report) = read(file(&name));
        assert_eq!(
            report.forms.are_strict(),
            !name.starts_with("stray") && name != "notification-v04.xml",
            "{name}"
        );
        assert!(report.is_sound(), "{name}: {:?}", faults(file(&name)));
    }
}

#[test]
fn the_first_line_of_a_form_is_kept() {
    let mut reader = Reader::new(&b"01,A,B,261120,0600,1,,,2/\n\n\n"[..]);
    reader.by_ref().for_each(drop);
    let forms: Vec<_> = reader.into_report().forms.iter().collect();
    assert_eq!(forms, [(Form::BlankLines, 2)]);
}
