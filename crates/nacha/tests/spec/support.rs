//! What the tests share.

use std::path::PathBuf;

use nacha::{File, Reader, RecordWriter, Report};

/// The file of that name, of `tests/files`.
pub(crate) fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(format!("{name}.ach"));
    std::fs::read_to_string(path).unwrap()
}

/// The names of all of them.
pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files")).unwrap();
    let mut names: Vec<String> =
        files.map(|f| f.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// What reading says.
pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Report {
    let mut reader = Reader::new(bytes.as_ref());
    for read in reader.by_ref() {
        read.unwrap();
    }
    reader.into_report()
}

/// Its faults, as people read them.
pub(crate) fn faults(bytes: impl AsRef<[u8]>) -> Vec<String> {
    read(bytes).faults.iter().map(ToString::to_string).collect()
}

/// Its records, written again one by one in the shape they had.
pub(crate) fn again(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    let mut out = RecordWriter::new(Vec::new(), read(bytes).shape());
    for read in Reader::new(bytes) {
        out.write(&read.unwrap().record.unwrap()).unwrap();
    }
    out.finish().unwrap()
}

/// The file as a whole, which must be right.
pub(crate) fn whole(bytes: impl AsRef<[u8]>) -> File {
    let (file, report) = File::read(bytes.as_ref()).unwrap();
    file.unwrap_or_else(|| panic!("{:?}", report.faults))
}

/// The file with the columns of a line, both counted from 1, replaced.
pub(crate) fn with(text: &str, line: usize, from: usize, new: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[line - 1].replace_range(from - 1..from - 1 + new.len(), new);
    lines.join("\n") + "\n"
}

/// The file without a line, counted from 1.
pub(crate) fn without(text: &str, line: usize) -> String {
    let lines = text.split_inclusive('\n').enumerate().filter(|(n, _)| n + 1 != line);
    lines.map(|(_, line)| line).collect()
}
