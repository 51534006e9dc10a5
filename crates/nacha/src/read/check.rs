//! What must hold between the records of a file: their order, what closes what, counts, hashes and totals.
//!
//! Numbers are compared, and shown, only where all of the records that they come from are right in every column.

use super::entries::{BatchRules, Open};
use super::forms::{Form, Forms};
use crate::codes::{Direction, SecCode};
use crate::fault::{Expected, Fault, Faults, Field, Found, Kind};
use crate::layout::{Layout as _, Line, RECORD_LENGTH, Reading};
use crate::records::{
    Addenda, AdvBatchControl, AdvFileControl, BatchControl, BatchHeader, CompanyBatchControl, Entry,
    EntryLayout, FileControl, FileHeader, Record, StandardFileControl, is_iat_header,
};

/// Hashes have ten digits; what is above falls away. Source: Nacha Operating Rules, Appendix Three, "Entry Hash".
pub(crate) const HASH_END: u64 = 10_000_000_000;

const BATCH_NUMBER: Field = Field { name: "batch number", from: 88, to: 94 };
const COUNT: Field = Field { name: "entry and addenda count", from: 5, to: 10 };
const HASH: Field = Field { name: "entry hash", from: 11, to: 20 };
const DEBITS: Field = Field { name: "total debits", from: 21, to: 32 };
const CREDITS: Field = Field { name: "total credits", from: 33, to: 44 };

/// What entries come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Entries and addenda.
    pub(super) records: u64,
    /// The sum of routing numbers without check digits.
    pub(super) hash: u64,
    pub(super) debits: u128,
    pub(super) credits: u128,
    /// Whether a record could not be read or is wrong in a column, so that sums say nothing.
    pub(super) unsure: bool,
}

impl Sums {
    pub(super) fn entry(&mut self, entry: &Entry) {
        self.hash = self.hash.wrapping_add(u64::from(entry.bank().bank())) % HASH_END;
        let sum = match entry.code().direction() {
            Direction::Debit => &mut self.debits,
            Direction::Credit => &mut self.credits,
        };
        *sum = sum.saturating_add(u128::from(entry.amount_cents()));
    }

    fn add(&mut self, other: &Sums) {
        self.records = self.records.saturating_add(other.records);
        self.hash = self.hash.wrapping_add(other.hash) % HASH_END;
        self.debits = self.debits.saturating_add(other.debits);
        self.credits = self.credits.saturating_add(other.credits);
        self.unsure |= other.unsure;
    }
}

/// A batch that is being read.
struct Batch {
    line: u64,
    /// Nothing where the header could not be read, or there was none.
    header: Option<BatchHeader>,
    /// Whether the header is right in every column.
    sound: bool,
    layout: EntryLayout,
    adv: bool,
    sums: Sums,
    rules: BatchRules,
    open: Option<Open>,
}

/// Where in a file the next record stands.
enum Place {
    Start,
    Between,
    In(Box<Batch>),
    After,
}

/// Holds the records of one file against each other.
pub(super) struct Checks {
    place: Place,
    sums: Sums,
    batches: u64,
    entries: u64,
    /// Records up to the file's control, and lines of filling after it.
    records: u64,
    filling: u64,
    last_number: Option<u32>,
    only_advices: bool,
    control: Option<(u64, Option<FileControl>)>,
}

/// What is being read, and where what is found goes.
pub(super) struct At<'a> {
    pub(super) line: u64,
    pub(super) length: usize,
    pub(super) one_line: bool,
    pub(super) faults: &'a mut Faults,
    pub(super) forms: &'a mut Forms,
}

impl At<'_> {
    fn reading(&mut self) -> Reading<'_> {
        Reading { line: self.line, faults: self.faults, here: 0 }
    }

    fn order(&mut self, record: &'static str, found: u8, expected: &'static str) {
        let (found, expected) = (Found::Record(found), Expected::Words(expected));
        self.faults.push(Fault::on(self.line, record, Kind::Order, found, expected));
    }
}

/// What became of a line.
pub(super) enum Checked {
    /// A record; nothing where it cannot be read.
    Record(Option<Record>),
    /// From here on records cannot be told apart.
    Lost,
}

impl Checks {
    pub(super) fn new() -> Checks {
        Checks {
            place: Place::Start,
            sums: Sums::default(),
            batches: 0,
            entries: 0,
            records: 0,
            filling: 0,
            last_number: None,
            only_advices: true,
            control: None,
        }
    }

    pub(super) fn counts(&self) -> (u64, u64, u64) {
        (self.records, self.batches, self.entries)
    }

    /// A line that is too long to be a record.
    pub(super) fn too_long(&mut self, kind: u8, characters: u64, at: &mut At<'_>) {
        let (found, expected) = (Found::Characters(characters), Expected::Words("94 characters"));
        at.faults.push(Fault::on(at.line, "record", Kind::Length, found, expected));
        self.unreadable(kind);
    }

    /// Keeps in step with a record that cannot be read, so that one fault does not cause others.
    fn unreadable(&mut self, kind: u8) {
        self.records += 1;
        self.sums.unsure = true;
        match (kind, &mut self.place) {
            (b'6' | b'7', Place::In(batch)) => {
                batch.sums.records += 1;
                batch.sums.unsure = true;
                batch.open = None;
                batch.rules.lost_trace();
            }
            (b'5', place) => *place = Place::In(Box::new(Batch::unknown(0))),
            (b'8', place @ Place::In(_)) => *place = Place::Between,
            (b'1', place @ Place::Start) => *place = Place::Between,
            (b'9', place) => {
                self.control = Some((0, None));
                *place = Place::After;
            }
            _ => {}
        }
        if kind == b'5' {
            self.batches += 1;
        }
    }

    pub(super) fn line(&mut self, line: &Line, at: &mut At<'_>) -> Checked {
        let kind = line[0];
        let nines = line.iter().take(at.length).all(|b| *b == b'9');
        if nines && (at.length == RECORD_LENGTH || matches!(self.place, Place::After)) {
            return Checked::Record(self.take_filling(at));
        }
        if at.length < RECORD_LENGTH {
            // Only these end with blanks. Of another it is not known where the character is missing.
            if !matches!(kind, b'1' | b'9') {
                let found = Found::Characters(u64::try_from(at.length).unwrap_or(0));
                let expected = Expected::Words("94 characters");
                at.faults.push(Fault::on(at.line, "record", Kind::Length, found, expected));
                self.unreadable(kind);
                return if at.one_line { Checked::Lost } else { Checked::Record(None) };
            }
            at.forms.note(Form::BlanksCut, at.line);
        }
        if matches!(self.place, Place::After) {
            at.order(
                "file",
                kind,
                "nothing but lines of 9s after the file control record: one file at a time",
            );
        }
        let record = match kind {
            b'1' => self.file_header(line, at),
            b'5' => self.batch_header(line, at),
            b'6' => self.entry(line, at),
            b'7' => self.addenda(line, at),
            b'8' => self.batch_control(line, at),
            b'9' => self.file_control(line, at),
            other => {
                at.order("record", other, "a record of type 1, 5, 6, 7, 8 or 9");
                self.unreadable(other);
                if at.one_line {
                    return Checked::Lost;
                }
                None
            }
        };
        Checked::Record(record)
    }

    fn take_filling(&mut self, at: &mut At<'_>) -> Option<Record> {
        if at.length < RECORD_LENGTH {
            at.forms.note(Form::ShortFillingLines, at.line);
        }
        if !matches!(self.place, Place::After) {
            at.order("file control", b'9', "the file control record before lines of 9s");
            self.close_batch(at);
            self.control = Some((0, None));
            self.place = Place::After;
        }
        self.filling += 1;
        Some(Record::Filling)
    }

    fn file_header(&mut self, line: &Line, at: &mut At<'_>) -> Option<Record> {
        self.records += 1;
        if matches!(self.place, Place::Start) {
            self.place = Place::Between;
        } else if !matches!(self.place, Place::After) {
            at.order("file header", b'1', "one file header, as the first record");
        }
        let mut reading = at.reading();
        let header = FileHeader::read(line, &mut reading)?;
        if header.created_on.is_none() && reading.here == 0 {
            let field = Field { name: "file creation date", from: 24, to: 29 };
            reading.fault(&field, Kind::Missing, Found::Blank, "a day as YYMMDD");
        }
        if !header.modifier.as_str().bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            || header.modifier.is_blank()
        {
            let field = Field { name: "file id modifier", from: 34, to: 34 };
            reading.fault(&field, Kind::Code, crate::layout::glimpse(&line[33..34]), "A to Z or 0 to 9");
        }
        Some(Record::FileHeader(header))
    }

    /// Says what is missing where a file or a batch begins or ends too early.
    fn between(&mut self, kind: u8, at: &mut At<'_>) {
        match &self.place {
            Place::Start => {
                at.order("file header", kind, "a file header, type 1, as the first record");
                self.place = Place::Between;
            }
            Place::In(_) => {
                at.order("batch control", kind, "a batch control record, type 8, at the end of the batch");
                self.close_batch(at);
                self.place = Place::Between;
            }
            Place::Between | Place::After => {}
        }
    }

    fn batch_header(&mut self, line: &Line, at: &mut At<'_>) -> Option<Record> {
        self.between(b'5', at);
        self.records += 1;
        self.batches += 1;
        let mut reading = at.reading();
        let header = BatchHeader::read(line, &mut reading);
        let sound = reading.here == 0;
        let sec = SecCode::of([line[50], line[51], line[52]]);
        self.only_advices &= sec == SecCode::Adv;
        let layout = if is_iat_header(line) { EntryLayout::Iat } else { EntryLayout::of(sec) };
        let rules = BatchRules::new(header.as_ref(), sound);
        if let Some(header) = header.as_ref().filter(|_| sound) {
            rules.header(at.line, header, at.faults);
            let number = header.number();
            if let Some(last) = self.last_number.filter(|last| number <= *last) {
                let (found, expected) = (Found::Number(number.into()), Expected::Above(last.into()));
                at.faults.push(Fault::at(at.line, &BATCH_NUMBER, Kind::Sequence, found, expected));
            }
            self.last_number = Some(number);
        }
        let adv = layout == EntryLayout::Adv;
        let sums = Sums { unsure: !sound, ..Sums::default() };
        self.place =
            Place::In(Box::new(Batch { line: at.line, header, sound, layout, adv, sums, rules, open: None }));
        header.map(Record::BatchHeader)
    }

    fn entry(&mut self, line: &Line, at: &mut At<'_>) -> Option<Record> {
        self.records += 1;
        self.entries += 1;
        if !matches!(self.place, Place::In(_)) {
            at.order("batch header", b'6', "a batch header, type 5, before entries");
            if matches!(self.place, Place::After) {
                return None;
            }
            self.place = Place::In(Box::new(Batch::unknown(at.line)));
        }
        let Place::In(batch) = &mut self.place else { return None };
        if let Some(open) = batch.open.take() {
            batch.rules.close(&open, batch.header.as_ref(), at.faults);
        }
        batch.sums.records += 1;
        let mut reading = at.reading();
        let entry = Entry::read(batch.layout, line, &mut reading);
        let sound = reading.here == 0;
        let Some(entry) = entry.filter(|_| sound || batch.header.is_some()) else {
            batch.sums.unsure = true;
            batch.rules.lost_trace();
            return None;
        };
        if sound {
            batch.sums.entry(&entry);
            batch.rules.trace(at.line, &entry, at.faults);
        } else {
            batch.sums.unsure = true;
            batch.rules.lost_trace();
        }
        batch.open = Some(Open::new(at.line, entry, sound));
        Some(Record::Entry(entry))
    }

    fn addenda(&mut self, line: &Line, at: &mut At<'_>) -> Option<Record> {
        self.records += 1;
        let Place::In(batch) = &mut self.place else {
            at.order("addenda", b'7', "an entry, type 6, before its addenda");
            return None;
        };
        batch.sums.records += 1;
        let mut reading = at.reading();
        let addenda = Addenda::read(line, &mut reading);
        let sound = reading.here == 0;
        match (&mut batch.open, &addenda) {
            (Some(open), Some(addenda)) => {
                open.add(at.line, addenda, sound, &batch.rules, at.faults);
            }
            (Some(open), None) => open.lost(),
            // After an entry that could not be read nothing is known.
            (None, _) if batch.sums.unsure => {}
            (None, _) => at.order("addenda", b'7', "an entry, type 6, before its addenda"),
        }
        addenda.map(Record::Addenda)
    }

    /// Ends the batch that is open, as far as its own records go.
    fn close_batch(&mut self, at: &mut At<'_>) -> Option<Box<Batch>> {
        let Place::In(mut batch) = std::mem::replace(&mut self.place, Place::Between) else { return None };
        if let Some(open) = batch.open.take() {
            batch.rules.close(&open, batch.header.as_ref(), at.faults);
        }
        if let Some(header) = batch.header.as_ref().filter(|_| batch.sound) {
            batch.rules.end(batch.line, header, at.faults);
        }
        self.sums.add(&batch.sums);
        Some(batch)
    }

    fn batch_control(&mut self, line: &Line, at: &mut At<'_>) -> Option<Record> {
        self.records += 1;
        let batch = self.close_batch(at);
        if batch.is_none() && !matches!(self.place, Place::After) {
            at.order("batch header", b'8', "a batch header, type 5, before a batch control record");
        }
        let adv = batch.as_ref().is_some_and(|batch| batch.adv);
        let mut reading = at.reading();
        let control = if adv {
            AdvBatchControl::read(line, &mut reading).map(BatchControl::Adv)
        } else {
            CompanyBatchControl::read(line, &mut reading).map(BatchControl::Company)
        };
        let sound = reading.here == 0;
        if let (Some(batch), Some(control), true) = (batch, &control, sound) {
            hold_batch(&batch, control, at);
        }
        control.map(Record::BatchControl)
    }

    fn file_control(&mut self, line: &Line, at: &mut At<'_>) -> Option<Record> {
        self.between(b'9', at);
        self.records += 1;
        let mut reading = at.reading();
        // A file of advices alone has wider totals.
        let control = if self.only_advices && self.batches > 0 {
            AdvFileControl::read(line, &mut reading).map(FileControl::Adv)
        } else {
            StandardFileControl::read(line, &mut reading).map(FileControl::Standard)
        };
        let sound = reading.here == 0;
        if self.control.is_none() {
            self.control = Some((at.line, control.filter(|_| sound)));
        }
        self.place = Place::After;
        control.map(Record::FileControl)
    }

    /// What the end of a file shows. `at` is at its last line.
    pub(super) fn end(&mut self, at: &mut At<'_>) {
        if self.records == 0 {
            let expected = Expected::Words("a file header, type 1");
            at.faults.push(Fault::on(at.line.max(1), "file header", Kind::Order, Found::Nothing, expected));
            return;
        }
        if matches!(self.place, Place::In(_)) {
            let expected = Expected::Words("a batch control record, type 8, at the end of the batch");
            at.faults.push(Fault::on(at.line, "batch control", Kind::Order, Found::Nothing, expected));
            self.close_batch(at);
        }
        let needed = self.records.next_multiple_of(10) - self.records;
        match self.filling {
            0 if needed > 0 => at.forms.note(Form::NoFilling, at.line),
            many if many < needed => at.forms.note(Form::ShortFilling, at.line),
            many if many > needed => at.forms.note(Form::ExtraFilling, at.line),
            _ => {}
        }
        match self.control {
            Some((line, Some(control))) => self.hold_file(line, &control, at.faults),
            Some(_) => {}
            None => {
                let expected = Expected::Words("a file control record, type 9, as the last");
                at.faults.push(Fault::on(at.line, "file control", Kind::Order, Found::Nothing, expected));
            }
        }
    }

    fn hold_file(&self, line: u64, control: &FileControl, faults: &mut Faults) {
        let wide = matches!(control, FileControl::Adv(_));
        let field = |name, from, to| Field { name, from, to };
        let (batches, blocks, entries) = control.counts();
        let (debits, credits) = control.totals_cents();
        let mut hold = |field: Field, kind, says: u128, is: u128, why| {
            if says != is {
                let (found, expected) = (Found::Number(says), Expected::NumberOf(is, why));
                faults.push(Fault::at(line, &field, kind, found, expected));
            }
        };
        let count = "batch headers in the file";
        hold(field("batch count", 2, 7), Kind::Count, batches.into(), self.batches.into(), count);
        // Filling beyond the last block may be counted or not.
        let least = self.records.div_ceil(10);
        let all = self.records.saturating_add(self.filling).div_ceil(10);
        if u64::from(blocks) != all {
            let why = "blocks of ten records, filling included";
            hold(field("block count", 8, 13), Kind::Count, blocks.into(), least.into(), why);
        }
        let why = "entries and addenda in the file";
        hold(
            field("entry and addenda count", 14, 21),
            Kind::Count,
            entries.into(),
            self.sums.records.into(),
            why,
        );
        if self.sums.unsure {
            return;
        }
        let why = "the sum of the entries' routing numbers without check digits, its last ten digits";
        hold(field("entry hash", 22, 31), Kind::Hash, control.hash().into(), self.sums.hash.into(), why);
        let (to, from) = if wide { (51, 52) } else { (43, 44) };
        let why = "cents, the sum of the file's debits";
        hold(field("total debits", 32, to), Kind::Total, debits, self.sums.debits, why);
        let why = "cents, the sum of the file's credits";
        hold(
            field("total credits", from, if wide { 71 } else { 55 }),
            Kind::Total,
            credits,
            self.sums.credits,
            why,
        );
    }
}

impl Batch {
    /// One of which the header is not known.
    fn unknown(line: u64) -> Batch {
        Batch {
            line,
            header: None,
            sound: false,
            layout: EntryLayout::Common,
            adv: false,
            sums: Sums { unsure: true, ..Sums::default() },
            rules: BatchRules::new(None, false),
            open: None,
        }
    }
}

/// A batch's control record against its header and entries.
fn hold_batch(batch: &Batch, control: &BatchControl, at: &mut At<'_>) {
    let line = at.line;
    let mut push =
        |field: &Field, kind, found, expected| at.faults.push(Fault::at(line, field, kind, found, expected));
    let wide = matches!(control, BatchControl::Adv(_));
    if let Some(header) = batch.header.as_ref().filter(|_| batch.sound) {
        let mut same = |name, from, to, says: u32, is: u32| {
            if says != is {
                let (found, expected) =
                    (Found::Number(says.into()), Expected::NumberOf(is.into(), "as in the batch header"));
                push(&Field { name, from, to }, Kind::Mismatch, found, expected);
            }
        };
        let (odfi, number) = control.place();
        same("service class code", 2, 4, control.class().get(), header.class().get());
        same("originating bank", 80, 87, odfi, header.odfi());
        same("batch number", 88, 94, number, header.number());
        if let BatchControl::Company(control) = control
            && control.company_id != header.company_id()
        {
            let field = Field { name: "company identification", from: 45, to: 54 };
            push(&field, Kind::Mismatch, Found::Hidden, Expected::Words("the same as in the batch header"));
        }
    }
    let mut hold = |field: &Field, kind, says: u128, is: u128, why| {
        if says != is {
            push(field, kind, Found::Number(says), Expected::NumberOf(is, why));
        }
    };
    let why = "entries and addenda in the batch";
    hold(&COUNT, Kind::Count, control.entries().into(), batch.sums.records.into(), why);
    if batch.sums.unsure {
        return;
    }
    let why = "the sum of the entries' routing numbers without check digits, its last ten digits";
    hold(&HASH, Kind::Hash, control.hash().into(), batch.sums.hash.into(), why);
    let (debits, credits) = control.totals_cents();
    let wider = |field: Field, from, to| if wide { Field { from, to, ..field } } else { field };
    hold(
        &wider(DEBITS, 21, 40),
        Kind::Total,
        debits,
        batch.sums.debits,
        "cents, the sum of the batch's debits",
    );
    hold(
        &wider(CREDITS, 41, 60),
        Kind::Total,
        credits,
        batch.sums.credits,
        "cents, the sum of the batch's credits",
    );
}
