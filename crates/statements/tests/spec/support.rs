//! What the tests share.

use std::path::PathBuf;

use statements::{Date, File, Line, Piece, Reader, Report, Statement};

/// The file of that name, of `tests/files`.
pub(crate) fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The names of all of them.
pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files")).unwrap();
    let mut names: Vec<String> = files.map(|f| f.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Everything that comes out, and what reading says.
pub(crate) fn read(bytes: impl AsRef<[u8]>) -> (Vec<Piece>, Report) {
    let mut reader = Reader::new(bytes.as_ref());
    let pieces = reader.by_ref().map(|piece| piece.unwrap()).collect();
    (pieces, reader.into_report())
}

/// Its faults, as people read them.
pub(crate) fn faults(bytes: impl AsRef<[u8]>) -> Vec<String> {
    read(bytes).1.faults.iter().map(ToString::to_string).collect()
}

/// How it strays, as programs read it, with the line.
pub(crate) fn forms(bytes: impl AsRef<[u8]>) -> Vec<(&'static str, u64)> {
    read(bytes).1.forms.iter().map(|(form, line)| (form.as_str(), line)).collect()
}

/// The file as a whole, in which nothing may be wrong.
pub(crate) fn whole(bytes: impl AsRef<[u8]>) -> File {
    let (file, report) = File::read(bytes.as_ref()).unwrap();
    assert!(report.is_sound(), "{:#?}", faults(bytes));
    file.unwrap()
}

/// The only statement of a file in which nothing may be wrong.
pub(crate) fn only(bytes: impl AsRef<[u8]>) -> Statement {
    let mut statements = whole(bytes).statements;
    assert_eq!(statements.len(), 1);
    statements.remove(0)
}

/// A line's movement, kind, bank reference, customer reference, text.
pub(crate) fn told(line: &Line) -> (i64, String, &str, &str, &str) {
    let reference =
        |one: &'_ Option<statements::Reference>| one.as_ref().map_or("", |one| one.as_str()).to_owned();
    let (bank, customer) = (reference(&line.references.bank), reference(&line.references.customer));
    let (bank, customer): (&'static str, &'static str) = (bank.leak(), customer.leak());
    (line.signed_cents(), line.code.to_string(), bank, customer, line.text.reveal())
}

/// That day.
pub(crate) fn day(year: u16, month: u8, day: u8) -> Option<Date> {
    Some(Date::new(year, month, day).unwrap())
}

/// The file with the first `from` replaced, which must be there.
pub(crate) fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the file");
    text.replacen(from, to, 1)
}

/// The file without a line, counted from 1.
pub(crate) fn without(text: &str, line: usize) -> String {
    let lines = text.split_inclusive('\n').enumerate().filter(|(n, _)| n + 1 != line);
    lines.map(|(_, line)| line).collect()
}
