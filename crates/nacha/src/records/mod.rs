//! The records of a file, as they are laid out.

mod addenda;
mod batch;
mod entry;
mod file;

pub use addenda::{
    Addenda, ChangeAddenda, ContestedAddenda, DishonoredAddenda, IatAmountAddenda, IatCorrespondentAddenda,
    IatOriginatingBankAddenda, IatOriginatorAddenda, IatOriginatorPlaceAddenda, IatReceiverAddenda,
    IatReceiverPlaceAddenda, IatReceivingBankAddenda, IatRemittanceAddenda, PaymentAddenda,
    RefusedChangeAddenda, ReturnAddenda, TerminalAddenda,
};
pub use batch::{
    AdvBatchControl, BatchControl, BatchHeader, CompanyBatchControl, CompanyBatchHeader, IatBatchHeader,
};
pub use entry::{AdvEntry, CommonEntry, CtxEntry, Entry, IatEntry, PopEntry, ShrEntry, TrcEntry};
pub use file::{AdvFileControl, FileControl, FileHeader, StandardFileControl};

pub(crate) use addenda::Belongs;
pub(crate) use entry::EntryLayout;

use crate::fault::{Field, Kind};
use crate::layout::{Layout, Line, RECORD_LENGTH, Reading, Unfit};

/// A record of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// 1: the first of a file.
    FileHeader(FileHeader),
    /// 5: the first of a batch.
    BatchHeader(BatchHeader),
    /// 6: one receiver.
    Entry(Entry),
    /// 7: what the entry before says besides.
    Addenda(Addenda),
    /// 8: the last of a batch.
    BatchControl(BatchControl),
    /// 9: the last of a file.
    FileControl(FileControl),
    /// 9 throughout: fills the last block of ten records.
    Filling,
}

impl Record {
    /// The record as it stands in a file, without line end.
    pub fn to_line(&self) -> Result<[u8; RECORD_LENGTH], Unfit> {
        let mut line = [b' '; RECORD_LENGTH];
        match self {
            Record::FileHeader(record) => record.write(&mut line)?,
            Record::BatchHeader(BatchHeader::Company(record)) => record.write(&mut line)?,
            Record::BatchHeader(BatchHeader::Iat(record)) => record.write(&mut line)?,
            Record::Entry(entry) => entry.write(&mut line)?,
            Record::Addenda(addenda) => addenda.write(&mut line)?,
            Record::BatchControl(BatchControl::Company(record)) => record.write(&mut line)?,
            Record::BatchControl(BatchControl::Adv(record)) => record.write(&mut line)?,
            Record::FileControl(FileControl::Standard(record)) => record.write(&mut line)?,
            Record::FileControl(FileControl::Adv(record)) => record.write(&mut line)?,
            Record::Filling => line.fill(b'9'),
        }
        Ok(line)
    }
}

impl Entry {
    fn write(&self, line: &mut Line) -> Result<(), Unfit> {
        match self {
            Entry::Common(record) => record.write(line),
            Entry::Pop(record) => record.write(line),
            Entry::Shr(record) => record.write(line),
            Entry::Ctx(record) => record.write(line),
            Entry::Trc(record) => record.write(line),
            Entry::Iat(record) => record.write(line),
            Entry::Adv(record) => record.write(line),
        }
    }

    pub(crate) fn read(layout: EntryLayout, line: &Line, at: &mut Reading<'_>) -> Option<Entry> {
        match layout {
            EntryLayout::Common => CommonEntry::read(line, at).map(Entry::Common),
            EntryLayout::Pop => PopEntry::read(line, at).map(Entry::Pop),
            EntryLayout::Shr => ShrEntry::read(line, at).map(Entry::Shr),
            EntryLayout::Ctx => CtxEntry::read(line, at).map(Entry::Ctx),
            EntryLayout::Trc => TrcEntry::read(line, at).map(Entry::Trc),
            EntryLayout::Iat => IatEntry::read(line, at).map(Entry::Iat),
            EntryLayout::Adv => AdvEntry::read(line, at).map(Entry::Adv),
        }
    }
}

impl BatchHeader {
    pub(crate) fn read(line: &Line, at: &mut Reading<'_>) -> Option<BatchHeader> {
        if is_iat_header(line) {
            IatBatchHeader::read(line, at).map(BatchHeader::Iat)
        } else {
            CompanyBatchHeader::read(line, at).map(BatchHeader::Company)
        }
    }
}

/// Whether a batch header is an international one: by its class, or because changes to such entries are notified.
pub(crate) fn is_iat_header(line: &Line) -> bool {
    line[50..53] == *b"IAT" || line[4..10] == *b"IATCOR"
}

impl Addenda {
    fn write(&self, line: &mut Line) -> Result<(), Unfit> {
        match self {
            Addenda::Terminal(record) => record.write(line),
            Addenda::Payment(record) => record.write(line),
            Addenda::IatAmount(record) => record.write(line),
            Addenda::IatOriginator(record) => record.write(line),
            Addenda::IatOriginatorPlace(record) => record.write(line),
            Addenda::IatOriginatingBank(record) => record.write(line),
            Addenda::IatReceivingBank(record) => record.write(line),
            Addenda::IatReceiver(record) => record.write(line),
            Addenda::IatReceiverPlace(record) => record.write(line),
            Addenda::IatRemittance(record) => record.write(line),
            Addenda::IatCorrespondent(record) => record.write(line),
            Addenda::Change(record) => record.write(line),
            Addenda::RefusedChange(record) => record.write(line),
            Addenda::Return(record) => record.write(line),
            Addenda::Dishonored(record) => record.write(line),
            Addenda::Contested(record) => record.write(line),
        }
    }

    /// Reads addenda by their type, and of 98 and 99 by the digits of their code, which decide on the layout.
    pub(crate) fn read(line: &Line, at: &mut Reading<'_>) -> Option<Addenda> {
        match (&line[1..3], &line[3..6]) {
            (b"02", _) => TerminalAddenda::read(line, at).map(Addenda::Terminal),
            (b"05", _) => PaymentAddenda::read(line, at).map(Addenda::Payment),
            (b"10", _) => IatAmountAddenda::read(line, at).map(Addenda::IatAmount),
            (b"11", _) => IatOriginatorAddenda::read(line, at).map(Addenda::IatOriginator),
            (b"12", _) => IatOriginatorPlaceAddenda::read(line, at).map(Addenda::IatOriginatorPlace),
            (b"13", _) => IatOriginatingBankAddenda::read(line, at).map(Addenda::IatOriginatingBank),
            (b"14", _) => IatReceivingBankAddenda::read(line, at).map(Addenda::IatReceivingBank),
            (b"15", _) => IatReceiverAddenda::read(line, at).map(Addenda::IatReceiver),
            (b"16", _) => IatReceiverPlaceAddenda::read(line, at).map(Addenda::IatReceiverPlace),
            (b"17", _) => IatRemittanceAddenda::read(line, at).map(Addenda::IatRemittance),
            (b"18", _) => IatCorrespondentAddenda::read(line, at).map(Addenda::IatCorrespondent),
            (b"98", [b'C', b'6', b'1'..=b'9']) => {
                RefusedChangeAddenda::read(line, at).map(Addenda::RefusedChange)
            }
            (b"98", _) => ChangeAddenda::read(line, at).map(Addenda::Change),
            (b"99", b"R61" | b"R62" | b"R67" | b"R68" | b"R69" | b"R70") => {
                DishonoredAddenda::read(line, at).map(Addenda::Dishonored)
            }
            (b"99", [b'R', b'7', b'1'..=b'7']) => ContestedAddenda::read(line, at).map(Addenda::Contested),
            (b"99", _) => ReturnAddenda::read(line, at).map(Addenda::Return),
            (other, _) => {
                let field = Field { name: "addenda type code", from: 2, to: 3 };
                let found = crate::layout::glimpse(other);
                at.fault(&field, Kind::Code, found, "an addenda type: 02, 05, 10 to 18, 98 or 99");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::addenda::*;
    use super::batch::*;
    use super::entry::*;
    use super::file::*;

    #[test]
    fn the_fields_of_every_record_fill_its_line() {
        FileHeader::hold_against_the_line();
        StandardFileControl::hold_against_the_line();
        AdvFileControl::hold_against_the_line();
        CompanyBatchHeader::hold_against_the_line();
        IatBatchHeader::hold_against_the_line();
        CompanyBatchControl::hold_against_the_line();
        AdvBatchControl::hold_against_the_line();
        CommonEntry::hold_against_the_line();
        PopEntry::hold_against_the_line();
        ShrEntry::hold_against_the_line();
        CtxEntry::hold_against_the_line();
        TrcEntry::hold_against_the_line();
        IatEntry::hold_against_the_line();
        AdvEntry::hold_against_the_line();
        TerminalAddenda::hold_against_the_line();
        PaymentAddenda::hold_against_the_line();
        IatAmountAddenda::hold_against_the_line();
        IatOriginatorAddenda::hold_against_the_line();
        IatOriginatorPlaceAddenda::hold_against_the_line();
        IatOriginatingBankAddenda::hold_against_the_line();
        IatReceivingBankAddenda::hold_against_the_line();
        IatReceiverAddenda::hold_against_the_line();
        IatReceiverPlaceAddenda::hold_against_the_line();
        IatRemittanceAddenda::hold_against_the_line();
        IatCorrespondentAddenda::hold_against_the_line();
        ChangeAddenda::hold_against_the_line();
        RefusedChangeAddenda::hold_against_the_line();
        ReturnAddenda::hold_against_the_line();
        DishonoredAddenda::hold_against_the_line();
        ContestedAddenda::hold_against_the_line();
    }
}
