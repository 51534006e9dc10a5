//! Files that are made anew: numbers, hashes and totals are computed, and what the format cannot say is refused before
//! anything of it is written.

use std::io::Write;

use super::lines::{RecordWriter, Shape};
use super::{Refused, WriteError};
use crate::codes::{
    ChangeCode, ChangeKind, Correction, Direction, Purpose, ReturnCode, ReturnKind, SecCode, ServiceClass,
    TransactionCode,
};
use crate::description;
use crate::layout::{RECORD_LENGTH, Unfit};
use crate::read::HASH_END;
use crate::records::{
    Addenda, BatchControl, BatchHeader, ChangeAddenda, CommonEntry, CompanyBatchControl, CompanyBatchHeader,
    ContestedAddenda, DishonoredAddenda, Entry, EntryLayout, FileControl, FileHeader, PaymentAddenda, Record,
    RefusedChangeAddenda, ReturnAddenda, StandardFileControl,
};
use crate::{Date, Private, RoutingNumber, SettlementDay, Text, Time};

/// Twelve digits: what a total can be, in cents.
const TOTAL_END: u64 = 1_000_000_000_000;

/// Six digits: how many records a batch's control can count, and how many batches and blocks a file's.
const COUNT_END: u64 = 1_000_000;

/// An amount of a micro-entry is below a dollar. Source: Nacha Operating Rules, Section 2.7 (Micro-Entries).
const MICRO_END: u64 = 100;

/// How a file begins.
#[derive(Clone, Copy, Debug)]
pub struct FileOpening<'a> {
    /// The bank or operator that it goes to.
    pub destination: RoutingNumber,
    /// From whom: nine digits, or up to ten characters that the destination gave.
    pub origin: &'a str,
    /// When it is made.
    pub created_on: Date,
    /// At what time.
    pub created_at: Time,
    /// Tells files of one day apart: A to Z, 0 to 9.
    pub modifier: char,
    /// The destination's name.
    pub destination_name: &'a str,
    /// The origin's name.
    pub origin_name: &'a str,
    /// For the originator's own bookkeeping.
    pub reference: &'a str,
}

/// How a batch begins.
#[derive(Clone, Copy, Debug)]
pub struct BatchOpening<'a> {
    /// Whether it has debits, credits or both.
    pub class: ServiceClass,
    /// The class of its entries: PPD, WEB, TEL or CCD; COR for changes; for returns that of what is returned.
    pub sec: SecCode,
    /// By what name receivers know the originator.
    pub company_name: &'a str,
    /// The originator's id, as agreed with the bank.
    pub company_id: &'a str,
    /// What receivers read on their statements; see [`description`] for words that mean something to the network.
    pub description: &'a str,
    /// A date for receivers to read, or `SD` and a time for same-day entries; may be empty.
    pub descriptive_date: &'a str,
    /// For the originator's own bookkeeping; may be empty.
    pub discretionary: &'a str,
    /// When its entries shall settle. Those of returns and changes have none.
    pub effective_on: Date,
    /// The bank that originates it; of a return the bank that returns.
    pub odfi: RoutingNumber,
}

/// Whether a payment is one of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentType {
    /// It is the only one that was authorized.
    Single,
    /// It is one of several.
    Recurring,
}

/// Which entry a return or a change is about.
#[derive(Clone, Copy, Debug)]
pub struct Original {
    /// Its trace number.
    pub trace: u64,
    /// The bank that received it.
    pub bank: RoutingNumber,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A payment, prenote or micro-entry, and what is said of it in addenda of type 05.
    Payment {
        /// Up to 80 characters.
        note: Option<&'a str>,
    },
    /// An entry that is returned.
    Return {
        /// Which.
        original: Original,
        /// Why.
        code: ReturnCode,
        /// When somebody died: R14 and R15.
        died_on: Date,
        /// Whatever is to be said besides; may be empty.
        information: &'a str,
    },
    /// A return that is dishonored.
    Dishonored {
        /// The entry that was returned.
        original: Original,
        /// Why: R61, R62, R67 to R70.
        code: ReturnCode,
        /// The return's trace number, day of settlement and code.
        returned: (u64, SettlementDay, ReturnCode),
        /// Of R69 which fields; may be empty.
        information: &'a str,
    },
    /// A dishonored return that is contested.
    Contested {
        /// The entry that was returned.
        original: Original,
        /// Why: R71 to R77.
        code: ReturnCode,
        /// When the entry was returned, and the day on which it had settled.
        returned_on: (Date, SettlementDay),
        /// The return's trace number, day of settlement and code.
        returned: (u64, SettlementDay, ReturnCode),
        /// The dishonored return's.
        dishonored: (u64, SettlementDay, ReturnCode),
    },
    /// A change that a bank asks for.
    Change {
        /// The entry that it is about.
        original: Original,
        /// What is right instead.
        correction: Correction<'a>,
    },
    /// A change that is refused.
    RefusedChange {
        /// The entry that the change was about.
        original: Original,
        /// Why: C61 to C69.
        code: ChangeCode,
        /// The notification's code and the last seven digits of its trace number.
        notification: (ChangeCode, u32),
        /// What it asked for, as it did.
        corrected: &'a str,
    },
}

/// An entry to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// What it does to which kind of account.
    pub code: TransactionCode,
    /// The receiver's bank.
    pub bank: RoutingNumber,
    /// The receiver's account: up to 17 letters, digits, blanks and hyphens.
    pub account: &'a str,
    /// In cents: 0 for prenotes, below 100 for micro-entries.
    pub amount_cents: u64,
    /// By what the originator knows the receiver: up to 15 characters.
    pub id: &'a str,
    /// The receiver's name. It is spelled in ASCII and cut to 22 characters.
    pub name: &'a str,
    /// Whether it is one of many: demanded of WEB debits, allowed of TEL.
    pub payment_type: Option<PaymentType>,
    /// The last seven digits of its trace number: above those of the entry before, and never used again.
    pub sequence: u32,
    /// What it is about.
    pub about: About<'a>,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Batches.
    pub batches: u32,
    /// Entries and addenda.
    pub entries: u32,
    /// The sum of the entries' routing numbers without check digits, its last ten digits.
    pub hash: u64,
    /// What is debited, in cents.
    pub debits_cents: u64,
    /// What is credited, in cents.
    pub credits_cents: u64,
}

impl Written {
    /// With an entry and its addenda; nothing where a total would have too many digits.
    fn with(self, entry: &NewEntry<'_>, records: u32) -> Option<Written> {
        let (debit, credit) = match entry.code.direction() {
            Direction::Debit => (entry.amount_cents, 0),
            Direction::Credit => (0, entry.amount_cents),
        };
        self.plus(Written {
            batches: 0,
            entries: records,
            hash: u64::from(entry.bank.bank()),
            debits_cents: debit,
            credits_cents: credit,
        })
    }

    fn plus(self, other: Written) -> Option<Written> {
        let sum = |a: u64, b: u64| a.checked_add(b).filter(|sum| *sum < TOTAL_END);
        Some(Written {
            batches: self.batches.checked_add(other.batches)?,
            entries: self.entries.checked_add(other.entries)?,
            hash: self.hash.checked_add(other.hash)? % HASH_END,
            debits_cents: sum(self.debits_cents, other.debits_cents)?,
            credits_cents: sum(self.credits_cents, other.credits_cents)?,
        })
    }
}

/// Writes a file, batch by batch, entry by entry.
///
/// ```
/// use nacha::{About, BatchOpening, Date, FileOpening, NewEntry, Originator, PaymentType, RoutingNumber};
/// use nacha::{SecCode, ServiceClass, Time, TransactionCode, description};
///
/// let bank = RoutingNumber::parse("121042882").ok_or("a routing number")?;
/// let opening = FileOpening {
///     destination: bank,
///     origin: "1234567890",
///     created_on: Date::new(2026, 11, 30).ok_or("a day")?,
///     created_at: Time::NONE,
///     modifier: 'A',
///     destination_name: "Bank of Examples",
///     origin_name: "Harbor Point Recovery",
///     reference: "",
/// };
/// let mut file = Originator::begin(Vec::new(), &opening)?;
/// let mut batch = file.batch(&BatchOpening {
///     class: ServiceClass::Debits,
///     sec: SecCode::Web,
///     company_name: "Harbor Point",
///     company_id: "1234567890",
///     description: "PAYMENT",
///     descriptive_date: "",
///     discretionary: "",
///     effective_on: Date::new(2026, 12, 1).ok_or("a day")?,
///     odfi: bank,
/// })?;
/// let trace = batch.entry(&NewEntry {
///     code: TransactionCode::CHECKING_DEBIT,
///     bank: RoutingNumber::parse("021000021").ok_or("a routing number")?,
///     account: "744-5678-99",
///     amount_cents: 50_00,
///     id: "HPR-1006",
///     name: "Siobhán Kelly",
///     payment_type: Some(PaymentType::Single),
///     sequence: 1,
///     about: About::Payment { note: None },
/// })?;
/// assert_eq!(trace, 121042880000001);
/// batch.finish()?;
/// let (bytes, written) = file.finish()?;
/// assert_eq!((bytes.len(), written.debits_cents), (950, 50_00));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Originator<W> {
    out: RecordWriter<W>,
    sums: Written,
    /// Whether a batch was begun and not finished, or the output failed: then what is there is not a file.
    broken: Option<&'static str>,
}

impl<W: Write> Originator<W> {
    /// Begins a file.
    pub fn begin(out: W, opening: &FileOpening<'_>) -> Result<Originator<W>, WriteError> {
        let numeric = opening.origin.len() == 9 && opening.origin.bytes().all(|b| b.is_ascii_digit());
        let origin = if numeric { format!(" {}", opening.origin) } else { opening.origin.to_owned() };
        if !(opening.modifier.is_ascii_uppercase() || opening.modifier.is_ascii_digit()) {
            return Err(Refused::Rule("the file id modifier must be A to Z or 0 to 9").into());
        }
        if opening.created_on.is_none() {
            return Err(Refused::Rule("a file needs the day on which it is made").into());
        }
        let header = FileHeader {
            destination: exact("immediate destination", &format!(" {}", opening.destination))?,
            origin: filled("immediate origin", &origin)?,
            created_on: opening.created_on,
            created_at: opening.created_at,
            modifier: exact("file id modifier", opening.modifier.encode_utf8(&mut [0; 4]))?,
            destination_name: spelled("immediate destination name", opening.destination_name)?,
            origin_name: spelled("immediate origin name", opening.origin_name)?,
            reference: spelled("reference code", opening.reference)?,
        };
        let mut out = RecordWriter::new(out, Shape::CANONICAL);
        out.write(&Record::FileHeader(header))?;
        Ok(Originator { out, sums: Written::default(), broken: None })
    }

    /// Begins a batch. Nothing of it is written before its first entry.
    pub fn batch(&mut self, opening: &BatchOpening<'_>) -> Result<BatchWriter<'_, W>, WriteError> {
        self.whole()?;
        let number = u32::from(self.sums.batches < 999_999) * (self.sums.batches + 1);
        if number == 0 {
            return Err(Refused::Rule("a file has at most 999,999 batches: begin another").into());
        }
        if EntryLayout::of(opening.sec) != EntryLayout::Common || matches!(opening.sec, SecCode::Unknown(_)) {
            return Err(Refused::Rule("batches of this standard entry class are read and not written").into());
        }
        if opening.class == ServiceClass::Advices {
            return Err(Refused::Rule("accounting advices are made by ACH operators alone").into());
        }
        let header = CompanyBatchHeader {
            class: opening.class,
            company_name: filled("company name", opening.company_name)?,
            discretionary: spelled("company discretionary data", opening.discretionary)?,
            company_id: filled("company identification", opening.company_id)?,
            sec: opening.sec,
            description: filled("company entry description", opening.description)?,
            descriptive_date: spelled("company descriptive date", opening.descriptive_date)?,
            effective_on: opening.effective_on,
            settled_on: SettlementDay::NONE,
            originator_status: exact("originator status code", "1")?,
            odfi: opening.odfi.bank(),
            number,
        };
        // What cannot be written is refused now, not with the first entry.
        let line = Record::BatchHeader(BatchHeader::Company(header)).to_line().map_err(Refused::from)?;
        Ok(BatchWriter { file: self, header, line, sums: Written::default(), last: 0 })
    }

    /// Ends the file: its control record, and the filling of its last block.
    pub fn finish(mut self) -> Result<(W, Written), WriteError> {
        self.whole()?;
        let records = self.out.records() + 1;
        let control = StandardFileControl {
            batches: self.sums.batches,
            blocks: u32::try_from(records.div_ceil(10)).unwrap_or(u32::MAX),
            entries: self.sums.entries,
            hash: self.sums.hash,
            debits_cents: self.sums.debits_cents,
            credits_cents: self.sums.credits_cents,
        };
        self.out.write(&Record::FileControl(FileControl::Standard(control)))?;
        Ok((self.out.finish()?, self.sums))
    }

    fn whole(&self) -> Result<(), Refused> {
        self.broken.map_or(Ok(()), |why| Err(Refused::Rule(why)))
    }
}

/// Writes the entries of a batch.
pub struct BatchWriter<'f, W> {
    file: &'f mut Originator<W>,
    header: CompanyBatchHeader,
    line: [u8; RECORD_LENGTH],
    sums: Written,
    last: u32,
}

impl<W: Write> BatchWriter<'_, W> {
    /// Its number in the file.
    pub fn number(&self) -> u32 {
        self.header.number
    }

    /// Writes an entry with its addenda, and says its trace number. One that is refused leaves the batch as it was.
    pub fn entry(&mut self, new: &NewEntry<'_>) -> Result<u64, WriteError> {
        self.file.whole().or_else(|why| if self.sums.entries > 0 { Ok(()) } else { Err(why) })?;
        self.check(new)?;
        let trace = u64::from(self.header.odfi) * 10_000_000 + u64::from(new.sequence);
        let addenda = addenda_of(new, trace)?;
        let entry = Record::Entry(Entry::Common(CommonEntry {
            code: new.code,
            bank: new.bank,
            account: Private::new(filled("account number", new.account)?),
            amount_cents: new.amount_cents,
            id: Private::new(spelled("identification number", new.id)?),
            name: Private::new(
                Text::cut(new.name).map_err(|why| Refused::Text { field: "individual name", why })?,
            ),
            discretionary: match new.payment_type {
                Some(PaymentType::Single) => exact("payment type code", "S")?,
                Some(PaymentType::Recurring) => exact("payment type code", "R")?,
                None => Text::BLANK,
            },
            addenda: addenda.is_some(),
            trace,
        }));
        let entry = entry.to_line().map_err(Refused::from)?;
        let addenda =
            addenda.map(|addenda| Record::Addenda(addenda).to_line()).transpose().map_err(Refused::from)?;
        let sums = self.sums.with(new, 1 + u32::from(addenda.is_some()));
        let sums = sums.filter(|sums| u64::from(sums.entries) < COUNT_END).ok_or(Refused::Rule(
            "a batch has at most 999,999 entries and addenda, and totals of twelve digits: begin another batch",
        ))?;
        // Room for this batch's header and control, and for the file's control.
        let records = self.file.out.records() + u64::from(self.sums.entries == 0) + 4;
        if records.div_ceil(10) >= COUNT_END || self.file.sums.plus(sums).is_none() {
            let why = "a file has at most 999,999 blocks of ten records, and totals of twelve digits: begin another file";
            return Err(Refused::Rule(why).into());
        }
        if self.sums.entries == 0 {
            self.put(self.line)?;
            self.file.broken =
                Some("a batch was begun and not finished: finish it before the next and before the file");
        }
        self.put(entry)?;
        if let Some(addenda) = addenda {
            self.put(addenda)?;
        }
        (self.sums, self.last) = (sums, new.sequence);
        Ok(trace)
    }

    fn put(&mut self, line: [u8; RECORD_LENGTH]) -> Result<(), WriteError> {
        self.file.out.put(&line).map_err(|error| {
            self.file.broken =
                Some("an earlier write failed, and what is there is not a file: write it anew");
            WriteError::Io(error)
        })
    }

    /// Ends the batch. One without entries is refused, and nothing of it is in the file.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        if self.sums.entries == 0 {
            return Err(Refused::Rule("a batch needs at least one entry: leave it out").into());
        }
        let control = CompanyBatchControl {
            class: self.header.class,
            entries: self.sums.entries,
            hash: self.sums.hash,
            debits_cents: self.sums.debits_cents,
            credits_cents: self.sums.credits_cents,
            company_id: self.header.company_id,
            authentication: Text::BLANK,
            odfi: self.header.odfi,
            number: self.header.number,
        };
        self.sums.batches = 1;
        let line = Record::BatchControl(BatchControl::Company(control)).to_line().map_err(Refused::from)?;
        self.put(line)?;
        let file =
            self.file.sums.plus(self.sums).ok_or(Refused::Rule("the file's totals have too many digits"))?;
        self.file.sums = file;
        self.file.broken = None;
        Ok(self.sums)
    }

    /// What the format, or the class of the batch, does not allow.
    fn check(&self, new: &NewEntry<'_>) -> Result<(), Refused> {
        let rule = |holds: bool, words| if holds { Ok(()) } else { Err(Refused::Rule(words)) };
        rule(
            (self.last + 1..=9_999_999).contains(&new.sequence),
            "trace numbers ascend within a batch and have seven digits of their own: give the next one",
        )?;
        rule(
            self.header.class.allows(new.code.direction()),
            "the batch's service class has no entries of this direction: 225 has debits alone, 220 credits",
        )?;
        rule(
            new.account.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b' ')),
            "an account number has letters, digits, blanks and hyphens alone",
        )?;
        let (sec, purpose) = (self.header.sec, new.code.purpose());
        let answers = !matches!(new.about, About::Payment { .. });
        rule(
            (sec == SecCode::Cor) == matches!(new.about, About::Change { .. } | About::RefusedChange { .. }),
            "changes and their refusals have batches of class COR of their own",
        )?;
        if answers {
            let words =
                "a return or a change has a transaction code of its own: see TransactionCode::for_return";
            rule(purpose == Purpose::ReturnOrChange, words)?;
            return rule(
                sec != SecCode::Cor || new.amount_cents == 0,
                "a notification of change has no amount",
            );
        }
        let words =
            "entries of this standard entry class are read, returned and not originated: PPD, WEB, TEL, CCD";
        rule(matches!(sec, SecCode::Ppd | SecCode::Web | SecCode::Tel | SecCode::Ccd), words)?;
        rule(!self.header.effective_on.is_none(), "a batch of payments needs an effective entry date")?;
        match purpose {
            Purpose::Prenote => rule(new.amount_cents == 0, "a prenote has no amount")?,
            Purpose::Live => {
                rule(new.amount_cents > 0, "an entry that moves money needs an amount; a prenote has none")?
            }
            Purpose::ZeroDollar | Purpose::ReturnOrChange | Purpose::Advice => {
                rule(false, "payments have codes such as 22, 27, 32 and 37, and their prenotes")?;
            }
        }
        let reversal = self.header.description.as_str() == description::REVERSAL;
        if self.header.description.as_str() == description::MICRO_ENTRY {
            rule(new.amount_cents < MICRO_END, "a micro-entry is below a dollar")?;
        }
        let debit = new.code.direction() == Direction::Debit;
        rule(sec != SecCode::Tel || debit || reversal, "TEL has no credits but reversals")?;
        let typed = new.payment_type.is_some();
        rule(sec != SecCode::Web || !debit || typed, "a WEB debit says whether it is single or recurring")?;
        rule(
            !typed || matches!(sec, SecCode::Web | SecCode::Tel),
            "WEB and TEL alone say whether a payment is single",
        )?;
        let note = matches!(new.about, About::Payment { note: Some(_) });
        rule(!note || sec != SecCode::Tel, "entries of TEL have no addenda")
    }
}

/// The addenda that an entry needs.
fn addenda_of(new: &NewEntry<'_>, trace: u64) -> Result<Option<Addenda>, Refused> {
    let two = |code: ReturnCode| u16::from(code.get());
    let kind = |code: ReturnCode, kind| {
        let words =
            "the return code is of another kind: R61, R62 and R67 to R70 dishonor, R71 to R77 contest";
        if code.kind() == kind { Ok(()) } else { Err(Refused::Rule(words)) }
    };
    Ok(Some(match new.about {
        About::Payment { note: None } => return Ok(None),
        About::Payment { note: Some(note) } => Addenda::Payment(PaymentAddenda {
            information: Private::new(filled("payment related information", note)?),
            sequence: 1,
            entry: new.sequence,
        }),
        About::Return { original, code, died_on, information } => {
            kind(code, ReturnKind::Return)?;
            if matches!(code.get(), 14 | 15) == died_on.is_none() {
                return Err(Refused::Rule("R14 and R15 say when somebody died, and no other code does"));
            }
            Addenda::Return(ReturnAddenda {
                code,
                original_trace: original.trace,
                died_on,
                original_bank: original.bank.bank(),
                information: Private::new(spelled("addenda information", information)?),
                trace,
            })
        }
        About::Dishonored { original, code, returned, information } => {
            kind(code, ReturnKind::Dishonored)?;
            Addenda::Dishonored(DishonoredAddenda {
                code,
                original_trace: original.trace,
                original_bank: original.bank.bank(),
                return_trace: returned.0,
                return_settled_on: returned.1,
                return_reason: two(returned.2),
                information: Private::new(spelled("addenda information", information)?),
                trace,
            })
        }
        About::Contested { original, code, returned_on, returned, dishonored } => {
            kind(code, ReturnKind::Contested)?;
            Addenda::Contested(ContestedAddenda {
                code,
                original_trace: original.trace,
                returned_on: returned_on.0,
                original_bank: original.bank.bank(),
                original_settled_on: returned_on.1,
                return_trace: returned.0,
                return_settled_on: returned.1,
                return_reason: two(returned.2),
                dishonored_trace: dishonored.0,
                dishonored_settled_on: dishonored.1,
                dishonored_reason: two(dishonored.2),
                trace,
            })
        }
        About::Change { original, correction } => Addenda::Change(ChangeAddenda {
            code: correction.change_code(),
            original_trace: original.trace,
            original_bank: original.bank.bank(),
            corrected: correction.data().map_err(|why| Refused::Text { field: "corrected data", why })?,
            trace,
        }),
        About::RefusedChange { original, code, notification, corrected } => {
            if code.kind() != ChangeKind::Refusal || notification.0.kind() == ChangeKind::Refusal {
                return Err(Refused::Rule("C61 to C69 refuse a change, and only a change is refused"));
            }
            Addenda::RefusedChange(RefusedChangeAddenda {
                code,
                original_trace: original.trace,
                original_bank: original.bank.bank(),
                corrected: Private::new(exact("corrected data", corrected)?),
                change: notification.0,
                notification: notification.1,
                trace,
            })
        }
    }))
}

/// A text as it is.
fn exact<const N: usize>(field: &'static str, text: &str) -> Result<Text<N>, Refused> {
    Text::new(text).map_err(|why| Refused::Text { field, why })
}

/// A text in ASCII.
fn spelled<const N: usize>(field: &'static str, text: &str) -> Result<Text<N>, Refused> {
    Text::spelled(text).map_err(|why| Refused::Text { field, why })
}

/// A text in ASCII that may not be missing.
fn filled<const N: usize>(field: &'static str, text: &str) -> Result<Text<N>, Refused> {
    let text = spelled(field, text)?;
    if text.is_blank() { Err(Unfit { field, why: "may not be blank: give it" }.into()) } else { Ok(text) }
}
