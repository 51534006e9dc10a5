//! A file as a whole, for those that are small enough: returns, changes, acknowledgments.

use std::io;

use crate::read::{Reader, Report};
use crate::records::{Addenda, BatchControl, BatchHeader, Entry, FileControl, FileHeader, Record};
use crate::write::{RecordWriter, Shape, WriteError};

/// An entry with its addenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullEntry {
    /// In which line it stands.
    pub line: u64,
    /// The entry.
    pub entry: Entry,
    /// What it says besides.
    pub addenda: Vec<Addenda>,
}

/// A batch with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its first record.
    pub header: BatchHeader,
    /// Its entries.
    pub entries: Vec<FullEntry>,
    /// Its last record.
    pub control: BatchControl,
}

/// A file with its batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its first record.
    pub header: FileHeader,
    /// Its batches.
    pub batches: Vec<Batch>,
    /// Its last record.
    pub control: FileControl,
}

impl File {
    /// Reads a whole file. Where anything is wrong there is none, and the report says what: half a file of returns, applied,
    /// is worse than none.
    pub fn read(input: impl io::Read) -> io::Result<(Option<File>, Report)> {
        let mut reader = Reader::new(input);
        let (mut header, mut control) = (None, None);
        let (mut batches, mut open): (Vec<Batch>, Option<(BatchHeader, Vec<FullEntry>)>) = (Vec::new(), None);
        for read in reader.by_ref() {
            let read = read?;
            match (read.record, &mut open) {
                (Some(Record::FileHeader(record)), _) => header = Some(record),
                (Some(Record::BatchHeader(record)), _) => open = Some((record, Vec::new())),
                (Some(Record::Entry(entry)), Some((_, entries))) => {
                    entries.push(FullEntry { line: read.line, entry, addenda: Vec::new() });
                }
                (Some(Record::Addenda(record)), Some((_, entries))) => {
                    if let Some(last) = entries.last_mut() {
                        last.addenda.push(record);
                    }
                }
                (Some(Record::BatchControl(control)), _) => {
                    if let Some((header, entries)) = open.take() {
                        batches.push(Batch { header, entries, control });
                    }
                }
                (Some(Record::FileControl(record)), _) => control = Some(record),
                (Some(Record::Entry(_) | Record::Addenda(_) | Record::Filling) | None, _) => {}
            }
        }
        let report = reader.into_report();
        let whole = header.zip(control).filter(|_| report.is_sound());
        Ok((whole.map(|(header, control)| File { header, batches, control }), report))
    }

    /// Writes it as it is: of a file that was read and is canonical, the same bytes.
    pub fn write<W: io::Write>(&self, out: W, shape: Shape) -> Result<W, WriteError> {
        let mut out = RecordWriter::new(out, shape);
        out.write(&Record::FileHeader(self.header))?;
        for batch in &self.batches {
            out.write(&Record::BatchHeader(batch.header))?;
            for entry in &batch.entries {
                out.write(&Record::Entry(entry.entry))?;
                for addenda in &entry.addenda {
                    out.write(&Record::Addenda(*addenda))?;
                }
            }
            out.write(&Record::BatchControl(batch.control))?;
        }
        out.write(&Record::FileControl(self.control))?;
        Ok(out.finish()?)
    }
}
