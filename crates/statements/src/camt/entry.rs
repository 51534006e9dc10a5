//! One entry of a statement and the payments within it. Source: ISO 20022, ReportEntry and EntryDetails.

use super::value::{amount, cents, code, day, direction, flag, number};
use super::xml::Value;
use crate::bai::is_trace;
use crate::code::{BankCode, IsoCode};
use crate::date::Date;
use crate::fault::{Found, Kind, Spoils};
use crate::input::Place;
use crate::money::Currency;
use crate::sink::{Sink, Wrong};
use crate::statement::{Batch, Direction, Funds, Line, Part, References, State};
use crate::text::{Private, Reference};

const STATES: [(&str, State); 4] = [
    ("BOOK", State::Booked),
    ("PDNG", State::Pending),
    ("INFO", State::Information),
    ("FUTR", State::Future),
];

/// A payment that is being read.
#[derive(Default)]
struct Payment {
    part: Part,
    amount: Option<(i64, Currency)>,
    /// The amount by which it was instructed, which stands for the other where that is missing.
    transaction_amount: Option<(i64, Currency)>,
    iso: IsoCode,
    /// What a reference of the bank's own kind is called, until it comes.
    own_kind: String,
}

/// An entry that is being read.
pub(super) struct Entry {
    place: Place,
    amount: Option<(i64, Currency)>,
    direction: Option<Direction>,
    reversal: bool,
    state: Option<State>,
    state_read: bool,
    booked_on: Option<Date>,
    value_on: Option<Date>,
    iso: IsoCode,
    references: References,
    batch: Option<Batch>,
    batch_amount: Option<Currency>,
    text: Private,
    payment: Option<Box<Payment>>,
    payments: Vec<Payment>,
    /// How many faults there were before it.
    faults: u64,
}

fn reference(value: Value) -> Option<Reference> {
    Some(value.text).filter(|text| !text.is_empty()).map(Reference::new)
}

impl Entry {
    pub(super) fn new(place: Place, sink: &Sink) -> Entry {
        Entry {
            place,
            amount: None,
            direction: None,
            reversal: false,
            state: None,
            state_read: false,
            booked_on: None,
            value_on: None,
            iso: IsoCode::default(),
            references: References::default(),
            batch: None,
            batch_amount: None,
            text: Private::default(),
            payment: None,
            payments: Vec::new(),
            faults: sink.faults.statement,
        }
    }

    /// An element within it begins.
    pub(super) fn open(&mut self, path: &[&str]) {
        match path {
            ["NtryDtls", "TxDtls"] => self.payment = Some(Box::default()),
            ["NtryDtls", "Btch"] => self.batch = Some(self.batch.unwrap_or_default()),
            _ => {}
        }
    }

    /// An element within it ends.
    pub(super) fn close(&mut self, path: &[&str]) {
        if matches!(path, ["NtryDtls", "TxDtls"]) {
            self.payments.extend(self.payment.take().map(|payment| *payment));
        }
    }

    /// A value within it.
    pub(super) fn value(&mut self, path: &[&str], value: Value, sink: &mut Sink) {
        match path {
            ["NtryRef"] => self.references.entry = reference(value),
            ["Amt"] => self.amount = amount(&value, "Ntry/Amt", sink),
            ["CdtDbtInd"] => self.direction = direction(&value, "Ntry/CdtDbtInd", sink),
            ["RvslInd"] => self.reversal = flag(&value, "Ntry/RvslInd", sink).unwrap_or(false),
            ["Sts"] | ["Sts", "Cd" | "Prtry"] => {
                self.state_read = true;
                self.state = code(&value, "Ntry/Sts", &STATES, "BOOK, PDNG, INFO or FUTR", sink);
            }
            ["BookgDt", "Dt" | "DtTm"] => self.booked_on = day(&value, "Ntry/BookgDt", sink),
            ["ValDt", "Dt" | "DtTm"] => self.value_on = day(&value, "Ntry/ValDt", sink),
            ["AcctSvcrRef"] => self.references.bank = reference(value),
            ["BkTxCd", rest @ ..] => bank_code(&mut self.iso, rest, value),
            ["NtryDtls", "Btch", rest @ ..] => self.batch_value(rest, value, sink),
            ["NtryDtls", "TxDtls", rest @ ..] => {
                if let Some(payment) = &mut self.payment {
                    payment.value(rest, value, sink);
                }
            }
            ["AddtlNtryInf"] => self.text.add_line(&value.text),
            _ => {}
        }
    }

    fn batch_value(&mut self, path: &[&str], value: Value, sink: &mut Sink) {
        let batch = self.batch.get_or_insert_default();
        match path {
            ["MsgId"] => self.references.message = reference(value),
            ["PmtInfId"] => self.references.batch = reference(value),
            ["NbOfTxs"] => batch.count = number(&value, "Btch/NbOfTxs", sink),
            ["TtlAmt"] => {
                let read = amount(&value, "Btch/TtlAmt", sink);
                (batch.cents, self.batch_amount) =
                    (read.map(|(cents, _)| cents), read.map(|(_, currency)| currency));
            }
            _ => {}
        }
    }

    /// The currency of its amount.
    pub(super) fn currency(&self) -> Option<Currency> {
        self.amount.map(|(_, currency)| currency)
    }

    fn needs(&self, there: bool, field: &'static str, expected: &'static str, sink: &mut Sink) {
        // Where something is there and wrong, that was said already.
        if !there && sink.faults.statement == self.faults {
            let wrong = Wrong::new(Kind::Missing, Found::Nothing, expected, Spoils::Statement);
            sink.at(self.place.line, self.place.column, field, wrong);
        }
    }

    /// The line that it is, in a statement of that currency; nothing where an amount, a direction or a state is missing.
    pub(super) fn finish(mut self, number: u64, currency: Currency, sink: &mut Sink) -> Option<Line> {
        self.needs(self.amount.is_some(), "Ntry/Amt", "an amount", sink);
        self.needs(self.direction.is_some(), "Ntry/CdtDbtInd", "CRDT or DBIT", sink);
        self.needs(self.state_read, "Ntry/Sts", "BOOK, PDNG, INFO or FUTR", sink);
        let (cents, own) = self.amount?;
        if own != currency {
            let wrong = Wrong::new(
                Kind::Currency,
                Found::Words("another currency"),
                "the currency of the account",
                Spoils::Statement,
            );
            sink.at(self.place.line, self.place.column, "Ntry/Amt", wrong);
            return None;
        }
        let (direction, state) = (self.direction?, self.state?);
        if self.batch_amount.is_some_and(|own| own != currency)
            && let Some(batch) = &mut self.batch
        {
            batch.cents = None;
        }
        let mut line = Line {
            line: self.place.line,
            number,
            cents,
            direction,
            reversal: self.reversal,
            state,
            booked_on: self.booked_on,
            value_on: self.value_on,
            code: BankCode::Iso(self.iso),
            references: self.references,
            return_reason: None,
            funds: Funds::Unknown,
            batch: self.batch,
            debtor: Private::default(),
            creditor: Private::default(),
            text: self.text,
            parts: self.payments.into_iter().map(|payment| payment.finish(currency)).collect(),
        };
        if line.parts.len() == 1
            && let Some(part) = line.parts.pop()
        {
            only(&mut line, part);
        }
        Some(line)
    }
}

/// Of an entry that stands for one payment, that payment is the entry.
fn only(line: &mut Line, part: Part) {
    let (of_entry, of_part) = (&mut line.references, part.references);
    of_entry.bank = of_entry.bank.take().or(of_part.bank);
    of_entry.batch = of_entry.batch.take().or(of_part.batch);
    of_entry.message = of_entry.message.take().or(of_part.message);
    of_entry.customer = of_part.customer;
    of_entry.end_to_end = of_part.end_to_end;
    of_entry.transaction = of_part.transaction;
    of_entry.clearing = of_part.clearing;
    of_entry.mandate = of_part.mandate;
    of_entry.check = of_part.check;
    of_entry.creditor = of_part.creditor;
    of_entry.ach_trace = of_part.ach_trace;
    line.return_reason = part.return_reason;
    line.debtor = part.debtor;
    line.creditor = part.creditor;
    let mut text = part.text;
    line.text.reveal().lines().for_each(|below| text.add_line(below));
    line.text = text;
    if let (BankCode::Iso(code), Some(own)) = (&line.code, part.code)
        && code.is_empty()
    {
        line.code = own;
    }
}

fn bank_code(code: &mut IsoCode, path: &[&str], value: Value) {
    let part = match path {
        ["Domn", "Cd"] => &mut code.domain,
        ["Domn", "Fmly", "Cd"] => &mut code.family,
        ["Domn", "Fmly", "SubFmlyCd"] => &mut code.subfamily,
        ["Prtry", "Cd"] => &mut code.proprietary,
        ["Prtry", "Issr"] => &mut code.issuer,
        _ => return,
    };
    *part = value.text;
}

impl Payment {
    fn value(&mut self, path: &[&str], value: Value, sink: &mut Sink) {
        let part = &mut self.part;
        match path {
            ["Refs", rest @ ..] => self.reference(rest, value),
            ["Amt"] => self.amount = amount(&value, "TxDtls/Amt", sink),
            ["AmtDtls", "TxAmt", "Amt"] => self.transaction_amount = amount(&value, "TxAmt/Amt", sink),
            ["CdtDbtInd"] => part.direction = direction(&value, "TxDtls/CdtDbtInd", sink),
            ["BkTxCd", rest @ ..] => bank_code(&mut self.iso, rest, value),
            // Version 8 puts another element between.
            ["RltdPties", "Dbtr", "Nm"] | ["RltdPties", "Dbtr", "Pty", "Nm"] => {
                part.debtor.add_line(&value.text)
            }
            ["RltdPties", "Cdtr", "Nm"] | ["RltdPties", "Cdtr", "Pty", "Nm"] => {
                part.creditor.add_line(&value.text)
            }
            ["RmtInf", "Strd", "CdtrRefInf", "Ref"] => {
                part.text.add_line(&value.text);
                part.references.creditor = reference(value);
            }
            ["RmtInf", "Ustrd"]
            | ["RmtInf", "Strd", "AddtlRmtInf"]
            | ["RmtInf", "Strd", "RfrdDocInf", "Nb"]
            | ["RtrInf" | "AddtlTxInf", "AddtlInf"]
            | ["AddtlTxInf"] => part.text.add_line(&value.text),
            ["RtrInf", "Rsn", "Cd" | "Prtry"] if !value.text.is_empty() => {
                part.return_reason = Some(value.text)
            }
            _ => {}
        }
    }

    fn reference(&mut self, path: &[&str], value: Value) {
        let references = &mut self.part.references;
        match path {
            ["AcctSvcrRef"] => references.bank = reference(value),
            ["MsgId"] => references.message = reference(value),
            ["PmtInfId"] => references.batch = reference(value),
            ["InstrId"] => references.customer = reference(value),
            // What a bank writes where the payer gave none.
            ["EndToEndId"] if value.text == "NOTPROVIDED" => {}
            ["EndToEndId"] => references.end_to_end = reference(value),
            ["TxId"] => references.transaction = reference(value),
            ["ClrSysRef"] => references.clearing = reference(value),
            ["MndtId"] => references.mandate = reference(value),
            ["ChqNb"] => references.check = reference(value),
            ["Prtry", "Tp"] => self.own_kind = value.text.to_ascii_lowercase(),
            // A bank that has no other place for the trace number calls it by its name.
            ["Prtry", "Ref"] if self.own_kind.contains("trace") || self.own_kind.contains("ach") => {
                references.ach_trace = reference(value).filter(is_trace);
            }
            _ => {}
        }
    }

    fn finish(self, currency: Currency) -> Part {
        let mut part = self.part;
        let amount = self.amount.or(self.transaction_amount);
        part.cents = amount.filter(|(_, own)| *own == currency).map(|(cents, _)| cents);
        part.code = Some(self.iso).filter(|code| !code.is_empty()).map(BankCode::Iso);
        let references = &mut part.references;
        if references.ach_trace.is_none() {
            let candidates = [&references.clearing, &references.transaction, &references.bank];
            references.ach_trace = candidates.into_iter().flatten().find(|one| is_trace(one)).cloned();
        }
        part
    }
}

/// A sum of a summary, which names no currency.
pub(super) fn sum(
    value: &Value,
    field: &'static str,
    currency: Option<Currency>,
    sink: &mut Sink,
) -> Option<i64> {
    cents(value, field, currency?, sink)
}
