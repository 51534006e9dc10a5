//! One file a standard entry class, and those that answer: what they say, and that they are written back byte for byte.

use nacha::records::Addenda;
use nacha::{Batch, File, SecCode, Shape};

use crate::support::{again, file, names, read, whole};

/// A file in a few words a line: batches, entries, addenda.
fn told(file: &File) -> String {
    let mut lines = String::new();
    for Batch { header, entries, .. } in &file.batches {
        let (class, sec, day) = (header.class().get(), header.sec().as_str(), header.effective_on());
        lines += &format!("{class} {sec} {} {day}\n", header.description());
        for full in entries {
            let (entry, code) = (&full.entry, full.entry.code());
            let words = (code.account().as_str(), code.direction().as_str(), code.purpose().as_str());
            lines += &format!(
                "  {} {} {} {} {} {} {}\n",
                words.0,
                words.1,
                words.2,
                entry.amount_cents(),
                entry.bank(),
                entry.account_last_four(),
                entry.trace()
            );
            for addenda in &full.addenda {
                lines += &format!("    {:02}{}\n", addenda.type_code(), about(addenda));
            }
        }
    }
    lines
}

fn about(addenda: &Addenda) -> String {
    let code = addenda.return_code().map(|code| (code.to_string(), code.title()));
    let code = code.or(addenda.change_code().map(|code| (code.to_string(), code.title())));
    match (code, addenda.original_trace()) {
        (Some((code, title)), Some(trace)) => format!(" {code} {} of {trace}", title.unwrap_or("(unknown)")),
        _ => String::new(),
    }
}

#[test]
fn every_class_is_read_and_written_back_byte_for_byte() {
    let names = names();
    for name in &names {
        let text = file(name);
        let report = read(&text);
        assert_eq!(report.faults, [], "{name}");
        assert!(report.is_canonical(), "{name}: {:?}", report.forms);
        assert_eq!(String::from_utf8(again(&text)).unwrap(), text, "{name}, record by record");
        let bytes = whole(&text).write(Vec::new(), Shape::CANONICAL).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), text, "{name}, as a whole");
    }
    for class in SecCode::ALL {
        assert!(names.contains(&class.as_str().to_lowercase()), "no file of {}", class.as_str());
    }
}

/// Holds what a file says against these words.
#[track_caller]
fn says(name: &str, words: &str) {
    let told = told(&whole(file(name)));
    let words: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let told: Vec<&str> = told.lines().map(str::trim).collect();
    assert_eq!(told, words, "{name}");
}

#[test]
fn debits_credits_and_prenotes_are_told_apart() {
    says(
        "ppd",
        "
        200 PPD PAYMENT 2026-12-01
          checking debit live 12500 073000228 ****7265 61000100000001
            05
          savings debit live 7500 124000313 ****7-66 61000100000002
          checking credit live 3100 073000228 ****2914 61000100000003
          checking debit prenote 0 124000313 ****5546 61000100000005",
    );
}

#[test]
fn micro_entries_and_reversals_are_known_by_their_description() {
    says(
        "micro-and-reversal",
        "
        200 WEB ACCTVERIFY 2026-12-01
          checking credit live 11 073000228 ****7265 61000100000001
          checking credit live 7 073000228 ****7265 61000100000002
          checking debit live 18 073000228 ****7265 61000100000003
        220 TEL REVERSAL 2026-12-01
          checking credit live 4200 073000228 ****7265 61000100000004",
    );
}

#[test]
fn returns_name_the_entry_and_the_reason_known_or_not() {
    says(
        "returns",
        "
        225 PPD PAYMENT -
          checking debit return or change 12500 061000104 ****7265 73000220000001
            99 R01 Insufficient funds of 61000100000001
          savings debit return or change 7500 061000104 ****7-66 73000220000002
            99 R15 Beneficiary or account holder deceased of 61000100000002
        225 WEB PAYMENT -
          checking debit return or change 5000 061000104 ****7265 73000220000003
            99 R97 (unknown) of 61000100000011",
    );
}

#[test]
fn a_return_can_be_dishonored_and_that_contested() {
    says(
        "dishonored-return",
        "
        225 PPD PAYMENT -
          checking debit return or change 12500 073000228 ****7265 61000100000001
            99 R68 Dishonored: untimely return of 61000100000001",
    );
    says(
        "contested-return",
        "
        225 PPD PAYMENT -
          checking debit return or change 12500 061000104 ****7265 73000220000009
            99 R73 Contested: timely original return of 61000100000001",
    );
}

#[test]
fn a_change_says_what_is_right_instead() {
    let file = whole(file("cor"));
    let corrected: Vec<_> = file.batches[0]
        .entries
        .iter()
        .map(|entry| match entry.addenda[..] {
            [Addenda::Change(change)] => change.code.corrected(&change.corrected).unwrap(),
            _ => panic!("a change"),
        })
        .collect();
    assert_eq!(corrected[0].routing.unwrap().to_string(), "124000313");
    assert_eq!(corrected[0].account.unwrap().reveal(), "715826937");
    assert_eq!(corrected[1].code.unwrap().get(), 37);
    says(
        "cor-refused",
        "
        225 COR PAYMENT -
          checking debit return or change 0 073000228 ****7265 61000100000001
            98 C65 Refused: corrected data of 61000100000001",
    );
}

#[test]
fn international_entries_have_seven_addenda_and_their_returns_one_more() {
    let types = |name| -> Vec<u8> {
        whole(file(name)).batches[0].entries[0].addenda.iter().map(Addenda::type_code).collect()
    };
    assert_eq!(types("iat"), [10, 11, 12, 13, 14, 15, 16, 17, 18]);
    assert_eq!(types("iat-return"), [10, 11, 12, 13, 14, 15, 16, 99]);
}

#[test]
fn advices_have_wider_amounts_and_totals() {
    let file = whole(file("adv"));
    assert_eq!(file.control.totals_cents(), (250_000, 50_000));
    assert_eq!(file.batches[0].control.totals_cents(), (250_000, 50_000));
}
