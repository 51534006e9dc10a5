//! What must hold of an entry with its addenda, by the class of its batch.
//!
//! Sources: Nacha Operating Rules, Article Two, Section 2.5 (classes), Appendix Three (formats, addenda), Appendix Four
//! (returns), Appendix Five (changes).

use crate::codes::{Directions, Purpose, ReturnKind, SecCode, ServiceClass};
use crate::fault::{Expected, Fault, Faults, Field, Found, Kind};
use crate::records::{Addenda, BatchHeader, Belongs, Entry};
use crate::{Direction, description};

const INDICATOR: Field = Field { name: "addenda record indicator", from: 79, to: 79 };
const CODE: Field = Field { name: "transaction code", from: 2, to: 3 };
const TRACE: Field = Field { name: "trace number", from: 80, to: 94 };
const ENTRY_SEQUENCE: Field = Field { name: "entry detail sequence number", from: 88, to: 94 };
const SEQUENCE: Field = Field { name: "addenda sequence number", from: 84, to: 87 };
const TYPE: Field = Field { name: "addenda type code", from: 2, to: 3 };

/// What an entry is about, as its addenda tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// A payment, a prenote, a remark.
    Forward,
    /// A return of any kind.
    Return(ReturnKind),
    /// A change, or its refusal.
    Change,
}

/// An entry whose addenda are being read.
pub(super) struct Open {
    line: u64,
    entry: Entry,
    sound: bool,
    addenda: u32,
    /// Which types there were, one bit for each number, and how many of 05, 17 and 18.
    types: u128,
    numbered: [u16; 3],
    about: About,
    /// Whether addenda could not be read, so that nothing is said of what is missing.
    lost: bool,
}

impl Open {
    pub(super) fn new(line: u64, entry: Entry, sound: bool) -> Open {
        Open {
            line,
            entry,
            sound,
            addenda: 0,
            types: 0,
            numbered: [0; 3],
            about: About::Forward,
            lost: false,
        }
    }

    /// Addenda that cannot be read.
    pub(super) fn lost(&mut self) {
        self.addenda = self.addenda.saturating_add(1);
        self.lost = true;
    }

    pub(super) fn add(
        &mut self,
        line: u64,
        addenda: &Addenda,
        sound: bool,
        rules: &BatchRules,
        faults: &mut Faults,
    ) {
        self.addenda = self.addenda.saturating_add(1);
        self.types |= 1_u128 << (addenda.type_code() % 100);
        if let Some(code) = addenda.return_code() {
            self.about = About::Return(code.kind());
        } else if addenda.change_code().is_some() {
            self.about = About::Change;
        }
        if !rules.takes(addenda.type_code()) {
            let expected = Expected::Words("addenda that this standard entry class has");
            let found = Found::Number(addenda.type_code().into());
            faults.push(Fault::at(line, &TYPE, Kind::Addenda, found, expected));
        }
        if !sound || !self.sound {
            return;
        }
        self.hold_sequence(line, addenda, faults);
        let trace = self.entry.trace();
        let (field, says, is) = match addenda.belongs() {
            Belongs::Trace(says) => (TRACE, says, trace),
            Belongs::Sequence(says) => (ENTRY_SEQUENCE, u64::from(says), trace % 10_000_000),
        };
        if says != is {
            let expected = Expected::NumberOf(is.into(), "of the entry before");
            faults.push(Fault::at(line, &field, Kind::Mismatch, Found::Number(says.into()), expected));
        }
    }

    /// Addenda of one type are numbered from 1 on.
    fn hold_sequence(&mut self, line: u64, addenda: &Addenda, faults: &mut Faults) {
        let Some(says) = addenda.sequence() else { return };
        let [of_05, of_17, of_18] = &mut self.numbered;
        let last = match addenda.type_code() {
            17 => of_17,
            18 => of_18,
            _ => of_05,
        };
        *last = last.saturating_add(1);
        if says != *last {
            let expected = Expected::NumberOf((*last).into(), "one after another, from 1 on");
            faults.push(Fault::at(line, &SEQUENCE, Kind::Sequence, Found::Number(says.into()), expected));
        }
    }

    fn has(&self, kind: u8) -> bool {
        self.types >> (kind % 100) & 1 == 1
    }
}

/// What a batch asks of its entries.
pub(super) struct BatchRules {
    sec: Option<SecCode>,
    reversal: bool,
    last_trace: Option<u64>,
    entries: u64,
    forward: bool,
}

impl BatchRules {
    /// The rules of a batch with this header; those of none where it is not known or wrong.
    pub(super) fn new(header: Option<&BatchHeader>, sound: bool) -> BatchRules {
        let known = header.filter(|_| sound);
        BatchRules {
            sec: known.map(BatchHeader::sec),
            reversal: known.is_some_and(|header| header.description().as_str() == description::REVERSAL),
            last_trace: None,
            entries: 0,
            forward: false,
        }
    }

    /// A trace number that is not known: the next is held against none.
    pub(super) fn lost_trace(&mut self) {
        self.entries += 1;
        self.last_trace = None;
    }

    /// Whether entries of this class have addenda of this type.
    fn takes(&self, kind: u8) -> bool {
        use SecCode::{
            Ack, Adv, Atx, Ccd, Cie, Cor, Ctx, Dne, Enr, Iat, Mte, Pos, Ppd, Shr, Trx, Unknown, Web,
        };
        let Some(sec) = self.sec else { return true };
        match kind {
            2 => matches!(sec, Pos | Shr | Mte | Unknown(_)),
            5 => matches!(sec, Ack | Atx | Ccd | Cie | Ctx | Dne | Enr | Ppd | Trx | Web | Unknown(_)),
            98 => matches!(sec, Cor | Unknown(_)),
            99 => !matches!(sec, Cor | Adv),
            // Changes to an international entry come with what they are about.
            _ => matches!(sec, Iat | Cor | Unknown(_)),
        }
    }

    pub(super) fn header(&self, line: u64, header: &BatchHeader, faults: &mut Faults) {
        let mut missing = |name, from, to, blank: bool| {
            if blank {
                let expected = Expected::Words("a text: the field is mandatory");
                faults.push(Fault::at(
                    line,
                    &Field { name, from, to },
                    Kind::Missing,
                    Found::Blank,
                    expected,
                ));
            }
        };
        if let BatchHeader::Company(company) = header {
            missing("company name", 5, 20, company.company_name.is_blank());
        }
        missing("company identification", 41, 50, header.company_id().is_blank());
        missing("company entry description", 54, 63, header.description().is_blank());
        let wanted = match header.sec() {
            SecCode::Rck => Some((description::REDEPOSITED_CHECK, "REDEPCHECK, as this class asks")),
            SecCode::Enr => Some((description::ENROLLMENT, "AUTOENROLL, as this class asks")),
            _ => None,
        };
        if let Some((_, words)) =
            wanted.filter(|(word, _)| *word != header.description().as_str() && !self.reversal)
        {
            let field = Field { name: "company entry description", from: 54, to: 63 };
            faults.push(Fault::at(line, &field, Kind::Mismatch, Found::Hidden, Expected::Words(words)));
        }
        if (header.class() == ServiceClass::Advices) != (header.sec() == SecCode::Adv) {
            let field = Field { name: "service class code", from: 2, to: 4 };
            let found = Found::Number(header.class().get().into());
            let expected = Expected::Words("280 for accounting advices, and for nothing else");
            faults.push(Fault::at(line, &field, Kind::Class, found, expected));
        }
    }

    /// Trace numbers ascend, though not without gaps. Those of advices are not trace numbers.
    pub(super) fn trace(&mut self, line: u64, entry: &Entry, faults: &mut Faults) {
        self.entries += 1;
        if matches!(entry, Entry::Adv(_)) {
            return;
        }
        let trace = entry.trace();
        if let Some(last) = self.last_trace.filter(|last| trace <= *last) {
            let (found, expected) = (Found::Number(trace.into()), Expected::Above(last.into()));
            faults.push(Fault::at(line, &TRACE, Kind::Sequence, found, expected));
        }
        self.last_trace = Some(trace);
    }

    /// An entry to which no more addenda come.
    pub(super) fn close(&mut self, open: &Open, header: Option<&BatchHeader>, faults: &mut Faults) {
        // Addenda that cannot be read may be those of a return.
        self.forward |= open.about == About::Forward && !open.lost;
        // Of an entry that is wrong in a column no more is said: the columns may have shifted.
        if !open.sound {
            return;
        }
        self.hold_addenda(open, faults);
        self.hold_money(open, header, faults);
        let (Some(sec), Some(header)) = (self.sec, header) else { return };
        if open.about != About::Forward || sec == SecCode::Adv {
            return;
        }
        let bank = open.entry.trace() / 10_000_000;
        if bank != u64::from(header.odfi()) {
            let field = Field { to: 87, ..TRACE };
            let expected = Expected::NumberOf(header.odfi().into(), "the originating bank of the batch");
            faults.push(Fault::at(open.line, &field, Kind::Mismatch, Found::Number(bank.into()), expected));
        }
        if open.entry.reveal_account().is_empty() {
            let field = match open.entry {
                Entry::Iat(_) => Field { name: "account number", from: 40, to: 74 },
                _ => Field { name: "account number", from: 13, to: 29 },
            };
            let expected = Expected::Words("the receiver's account");
            faults.push(Fault::at(open.line, &field, Kind::Missing, Found::Blank, expected));
        }
        if let (SecCode::Web, Entry::Common(entry)) = (sec, &open.entry)
            && entry.code.direction() == Direction::Debit
            && !matches!(entry.discretionary.as_str(), "R" | "S")
        {
            let field = Field { name: "payment type code", from: 77, to: 78 };
            let found = crate::layout::glimpse(entry.discretionary.columns());
            let expected = Expected::Words("S for a single payment or R for one of many");
            faults.push(Fault::at(open.line, &field, Kind::Code, found, expected));
        }
    }

    fn hold_addenda(&self, open: &Open, faults: &mut Faults) {
        let mut push = |field: &Field, found, expected| {
            faults.push(Fault::at(open.line, field, Kind::Addenda, found, expected));
        };
        let (says, has) = (open.entry.addenda(), open.addenda > 0);
        if says && !has {
            push(&INDICATOR, Found::Number(1), Expected::Words("0, since no addenda follow"));
        } else if has && !says {
            push(&INDICATOR, Found::Number(0), Expected::Words("1, since addenda follow"));
        }
        let Some(sec) = self.sec else { return };
        let international = matches!(open.entry, Entry::Iat(_));
        let limit = match open.about {
            About::Forward => sec.addenda_limit(),
            About::Return(_) | About::Change if international => 8,
            About::Return(_) | About::Change => 1,
        };
        if open.addenda > limit {
            let expected = Expected::AtMost(limit.into(), "addenda records with this entry");
            push(&INDICATOR, Found::Number(open.addenda.into()), expected);
        }
        if open.lost {
            return;
        }
        if open.about == About::Forward {
            if let Some(count) = open.entry.addenda_count().filter(|count| u32::from(*count) != open.addenda)
            {
                let field = if international { (13, 16) } else { (55, 58) };
                let field = Field { name: "number of addenda records", from: field.0, to: field.1 };
                let expected = Expected::NumberOf(open.addenda.into(), "addenda that follow");
                push(&field, Found::Number(count.into()), expected);
            }
            let card = matches!(sec, SecCode::Pos | SecCode::Shr | SecCode::Mte);
            if card && !open.has(2) && open.entry.code().purpose() == Purpose::Live {
                push(&INDICATOR, Found::Nothing, Expected::Words("addenda of type 02"));
            }
            if international && (10..=16).any(|kind| !open.has(kind)) {
                push(&INDICATOR, Found::Hidden, Expected::Words("addenda of all types from 10 to 16"));
            }
            let [_, of_17, of_18] = open.numbered;
            if of_17 > 2 {
                push(&INDICATOR, Found::Number(of_17.into()), Expected::AtMost(2, "addenda of type 17"));
            }
            if of_18 > 5 {
                push(&INDICATOR, Found::Number(of_18.into()), Expected::AtMost(5, "addenda of type 18"));
            }
        }
        if sec == SecCode::Cor && open.about != About::Change {
            push(&INDICATOR, Found::Nothing, Expected::Words("addenda of type 98"));
        }
    }

    fn hold_money(&self, open: &Open, header: Option<&BatchHeader>, faults: &mut Faults) {
        let mut push = |field: &Field, kind, found, expected| {
            faults.push(Fault::at(open.line, field, kind, found, expected));
        };
        let (code, cents) = (open.entry.code(), open.entry.amount_cents());
        let number = Found::Number(code.get().into());
        let is_return = matches!(open.about, About::Return(ReturnKind::Return) | About::Change);
        if is_return && code.purpose() != Purpose::ReturnOrChange {
            let right = code.for_return().get();
            push(&CODE, Kind::Code, number, Expected::NumberOf(right.into(), "for a return or a change"));
        }
        if open.about == About::Forward && !open.lost && code.purpose() == Purpose::ReturnOrChange {
            push(&CODE, Kind::Code, number, Expected::Words("addenda of type 98 or 99 with this code"));
        }
        let Some(header) = header.filter(|_| self.sec.is_some()) else { return };
        let direction = code.direction();
        if !header.class().allows(direction) {
            let expected = match header.class() {
                ServiceClass::Credits => "a credit, since the batch is of class 220",
                _ => "a debit, since the batch is of class 225",
            };
            push(&CODE, Kind::Class, number, Expected::Words(expected));
        }
        let directions = header.sec().directions();
        if open.about == About::Forward && !self.reversal {
            let (not, expected) = match directions {
                Directions::Debits => (Direction::Credit, "a debit: the class has no credits but reversals"),
                Directions::Credits => (Direction::Debit, "a credit: the class has no debits but reversals"),
                Directions::Both | Directions::None => (direction, ""),
            };
            if direction == not && !expected.is_empty() {
                push(&CODE, Kind::Class, number, Expected::Words(expected));
            }
        }
        let amount = match open.entry {
            Entry::Adv(_) => Field { name: "amount", from: 28, to: 39 },
            _ => Field { name: "amount", from: 30, to: 39 },
        };
        let silent = matches!(code.purpose(), Purpose::Prenote | Purpose::ZeroDollar)
            || directions == Directions::None;
        if silent && cents > 0 {
            push(&amount, Kind::Amount, Found::Number(cents.into()), Expected::Words("0: no money moves"));
        }
        let moves =
            open.about == About::Forward && code.purpose() == Purpose::Live && directions != Directions::None;
        if moves && cents == 0 {
            push(
                &amount,
                Kind::Amount,
                Found::Number(0),
                Expected::Words("an amount: this entry moves money"),
            );
        }
    }

    /// A batch to which no more entries come.
    pub(super) fn end(&self, line: u64, header: &BatchHeader, faults: &mut Faults) {
        if self.entries == 0 {
            let expected = Expected::Words("at least one entry");
            faults.push(Fault::on(line, "batch", Kind::Order, Found::Nothing, expected));
        }
        use SecCode::{Ack, Adv, Atx, Cor, Dne, Enr};
        let dated = !matches!(header.sec(), Ack | Adv | Atx | Cor | Dne | Enr);
        if dated && self.forward && header.effective_on().is_none() {
            let field = Field { name: "effective entry date", from: 70, to: 75 };
            let expected = Expected::Words("a day as YYMMDD");
            faults.push(Fault::at(line, &field, Kind::Missing, Found::Blank, expected));
        }
    }
}
