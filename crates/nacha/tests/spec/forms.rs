//! What the standard tolerates, and how the reader says that it had to.

use nacha::Form;

use crate::support::{again, file, names, read, with};

/// Reads the same file in another form: it stays sound, and the form is told.
#[track_caller]
fn tolerated(text: impl AsRef<[u8]>, forms: &[Form]) {
    let report = read(&text);
    assert_eq!(report.faults, []);
    assert_eq!(report.forms.iter().map(|(form, _)| form).collect::<Vec<_>>(), forms);
    assert!(report.is_sound() && !report.is_canonical());
}

#[test]
fn line_ends_are_told_and_written_back() {
    for name in names() {
        let text = file(&name);
        for (other, forms) in [
            (text.replace('\n', "\r\n"), &[Form::CarriageReturns][..]),
            (text.replace('\n', ""), &[Form::OneLine]),
            (text.trim_end_matches('\n').to_owned(), &[Form::NoLastLineEnd]),
            (
                text.trim_end_matches('\n').replace('\n', "\r\n"),
                &[Form::CarriageReturns, Form::NoLastLineEnd],
            ),
        ] {
            tolerated(&other, forms);
            assert_eq!(String::from_utf8(again(&other)).unwrap(), other, "{name}, {forms:?}");
        }
        tolerated(text.replace('\n', "\r"), &[Form::CarriageReturnsAlone]);
    }
}

#[test]
fn one_long_line_may_end_and_its_records_are_counted() {
    let text = file("ppd").replace('\n', "");
    tolerated(text.clone() + "\n", &[Form::OneLine]);
    let broken = with(&text, 1, 2 * 94 + 30, "X");
    let report = read(broken);
    assert_eq!((report.faults[0].line, report.faults[0].columns), (3, Some((30, 39))));
}

#[test]
fn filling_may_be_missing_short_or_more_than_needed() {
    let text = file("tel");
    let nines = "9".repeat(94) + "\n";
    let bare = text.replace(&nines, "");
    tolerated(&bare, &[Form::NoFilling]);
    assert_eq!(String::from_utf8(again(&bare)).unwrap(), bare);
    tolerated(bare.clone() + &nines, &[Form::ShortFilling]);
    tolerated(text.clone() + &nines.repeat(2), &[Form::ExtraFilling]);
    tolerated(text.replace(&nines, "9\n"), &[Form::ShortFillingLines]);
}

#[test]
fn blanks_at_the_end_of_lines_may_be_cut_or_more() {
    let cut: String = file("tel").lines().map(|line| format!("{}\n", line.trim_end())).collect();
    tolerated(cut, &[Form::BlanksCut]);
    tolerated(file("tel").replace('\n', "   \n"), &[Form::BlanksBeyond]);
}

#[test]
fn marks_and_blank_lines_around_a_file_are_passed_over() {
    let text = file("tel");
    tolerated(format!("\u{feff}{text}"), &[Form::ByteOrderMark]);
    tolerated(format!("{text}\x1a"), &[Form::NoLastLineEnd, Form::EndMark]);
    tolerated(format!("\n{text}   \n\n"), &[Form::BlankLines]);
}
