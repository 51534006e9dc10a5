//! What a statement says around its entries, and whether they come to its closing balance. Source: ISO 20022,
//! AccountStatement and CashBalance.

use super::entry::sum;
use super::value::{amount, day, direction, flag, number};
use super::xml::Value;
use crate::code::FigureCode;
use crate::date::Date;
use crate::fault::{Found, Kind, Spoils};
use crate::forms::Form;
use crate::input::Place;
use crate::money::Currency;
use crate::sink::{Sink, Wrong};
use crate::statement::{Direction, End, Figure, Funds, Head, Line, Page, Piece, State, StatementKind, Sum};
use crate::text::{AccountId, Reference};

/// A balance that is being read.
#[derive(Default)]
struct Balance {
    line: u64,
    code: String,
    /// Of several pages, all but the first opening and the last closing balance are marked so.
    intermediate: bool,
    amount: Option<(i64, Currency)>,
    direction: Option<Direction>,
    day: Option<Date>,
}

/// A number that the bank's own summary gives, and where.
#[derive(Clone, Copy, Default)]
struct Told {
    count: Option<(u64, Place)>,
    cents: Option<(i64, Place)>,
}

/// A statement that is being read.
pub(super) struct Statement {
    head: Head,
    place: Place,
    currency: Option<Currency>,
    page: Page,
    paged: bool,
    /// The part of the message that the file is.
    of_file: Option<Page>,
    balance: Balance,
    opening: Option<(i64, Option<Date>)>,
    previous: Option<(i64, Option<Date>)>,
    closing: Option<(i64, Option<Date>, u64)>,
    /// Of all entries, of credits, of debits.
    told: [Told; 3],
    shown: bool,
    lines: u64,
    /// All credits and debits, and those of them that are booked.
    all: [Sum; 2],
    booked: [Sum; 2],
    /// An entry could not be read, so sums say nothing.
    unsure: bool,
    faults: u64,
}

impl Statement {
    pub(super) fn new(place: Place, kind: StatementKind, of_file: Option<Page>, sink: &Sink) -> Statement {
        let head = Head {
            line: place.line,
            kind,
            id: Reference::default(),
            sequence: None,
            page: None,
            duplicate: false,
            group: None,
            account: AccountId::default(),
            currency: Currency::USD,
            from: None,
            to: None,
            opening_booked_cents: None,
            closing_booked_cents: None,
            available_cents: None,
            figures: Vec::new(),
        };
        Statement {
            head,
            place,
            currency: None,
            page: Page { number: 1, last: true },
            paged: false,
            of_file,
            balance: Balance::default(),
            opening: None,
            previous: None,
            closing: None,
            told: [Told::default(); 3],
            shown: false,
            lines: 0,
            all: [Sum::default(); 2],
            booked: [Sum::default(); 2],
            unsure: false,
            faults: sink.faults.statement,
        }
    }

    /// A value within it, outside of its entries.
    pub(super) fn value(&mut self, path: &[&str], value: Value, sink: &mut Sink) {
        match path {
            ["Id"] => self.head.id = Reference::new(value.text),
            ["ElctrncSeqNb"] => self.head.sequence = number(&value, "ElctrncSeqNb", sink),
            ["StmtPgntn" | "RptPgntn" | "NtfctnPgntn", "PgNb"] => {
                self.paged = true;
                self.page.number = number(&value, "StmtPgntn/PgNb", sink).unwrap_or(1);
            }
            ["StmtPgntn" | "RptPgntn" | "NtfctnPgntn", "LastPgInd"] => {
                self.page.last = flag(&value, "StmtPgntn/LastPgInd", sink).unwrap_or(true);
            }
            ["FrToDt", "FrDt" | "FrDtTm"] => self.head.from = day(&value, "FrToDt/FrDtTm", sink),
            ["FrToDt", "ToDt" | "ToDtTm"] => self.head.to = day(&value, "FrToDt/ToDtTm", sink),
            ["CpyDplctInd"] => self.head.duplicate = matches!(value.text.as_str(), "DUPL" | "CODU"),
            ["Acct", "Id", "IBAN"] | ["Acct", "Id", "Othr", "Id"] => {
                self.head.account = AccountId::new(value.text)
            }
            ["Acct", "Ccy"] => {
                self.currency = Currency::of(&value.text);
                if self.currency.is_none() {
                    let wrong = Wrong::new(
                        Kind::Currency,
                        Found::Hidden,
                        "a currency such as USD",
                        Spoils::Statement,
                    );
                    sink.at(value.place.line, value.place.column, "Acct/Ccy", wrong);
                }
            }
            ["Bal", rest @ ..] => self.balance_value(rest, value, sink),
            ["TxsSummry", which, rest @ ..] => self.summary(which, rest, &value, sink),
            ["AddtlStmtInf" | "AddtlRptInf" | "AddtlNtfctnInf"] => {
                self.show(None, sink);
                sink.piece(Piece::Remark(crate::Private::new(value.text)));
            }
            _ => {}
        }
    }

    fn summary(&mut self, which: &str, path: &[&str], value: &Value, sink: &mut Sink) {
        let of = match which {
            "TtlNtries" => 0,
            "TtlCdtNtries" => 1,
            "TtlDbtNtries" => 2,
            _ => return,
        };
        let Some(told) = self.told.get_mut(of) else { return };
        match path {
            ["NbOfNtries"] => told.count = number(value, "NbOfNtries", sink).map(|many| (many, value.place)),
            ["Sum"] => told.cents = sum(value, "Sum", self.currency, sink).map(|cents| (cents, value.place)),
            _ => {}
        }
    }

    /// A balance begins.
    pub(super) fn open_balance(&mut self, place: Place, sink: &mut Sink) {
        if self.shown {
            let found = Found::Words("a balance behind entries");
            let wrong = Wrong::new(Kind::Order, found, "balances before entries", Spoils::Statement);
            sink.at(place.line, place.column, "Bal", wrong);
        }
        self.balance = Balance { line: place.line, ..Balance::default() };
    }

    fn balance_value(&mut self, path: &[&str], value: Value, sink: &mut Sink) {
        let balance = &mut self.balance;
        match path {
            ["Tp", "CdOrPrtry", "Cd" | "Prtry"] | ["Tp", "Cd" | "Prtry"] => balance.code = value.text,
            ["Tp", "SubTp", "Cd"] => balance.intermediate = value.text == "INTM",
            ["Amt"] => balance.amount = amount(&value, "Bal/Amt", sink),
            ["CdtDbtInd"] => balance.direction = direction(&value, "Bal/CdtDbtInd", sink),
            ["Dt", "Dt" | "DtTm"] => balance.day = day(&value, "Bal/Dt", sink),
            _ => {}
        }
    }

    /// A balance ends.
    pub(super) fn close_balance(&mut self, sink: &mut Sink) {
        let balance = std::mem::take(&mut self.balance);
        let (Some((cents, currency)), Some(direction)) = (balance.amount, balance.direction) else {
            if sink.faults.statement == self.faults {
                let expected = "an amount, and CRDT or DBIT";
                let wrong = Wrong::new(Kind::Missing, Found::Nothing, expected, Spoils::Statement);
                sink.on(balance.line, "Bal", wrong);
            }
            return;
        };
        if self.currency.is_none() {
            sink.note(Form::NoAccountCurrency, balance.line);
        }
        if *self.currency.get_or_insert(currency) != currency {
            let found = Found::Words("another currency");
            sink.on(
                balance.line,
                "Bal/Amt",
                Wrong::new(Kind::Currency, found, "the currency of the account", Spoils::Statement),
            );
            return;
        }
        let cents = match direction {
            Direction::Credit => cents,
            Direction::Debit => -cents,
        };
        let earlier =
            |known: Option<Date>| known.is_none_or(|known| balance.day.is_some_and(|day| day < known));
        match balance.code.as_str() {
            _ if balance.intermediate => {}
            // A statement of several days may give those of each: its own are the first and the last.
            "OPBD" if self.opening.is_none_or(|(_, day)| earlier(day)) => {
                self.opening = Some((cents, balance.day))
            }
            "PRCD" if self.previous.is_none_or(|(_, day)| earlier(day)) => {
                self.previous = Some((cents, balance.day))
            }
            "CLBD" if self.closing.is_none_or(|(_, day, _)| !earlier(day)) => {
                self.closing = Some((cents, balance.day, balance.line));
            }
            "CLAV" => self.head.available_cents = Some(cents),
            _ => {}
        }
        self.head.figures.push(Figure {
            code: FigureCode::Iso(balance.code),
            cents: Some(cents),
            items: None,
            funds: Funds::Unknown,
            day: balance.day,
        });
    }

    /// Gives what stands before the entries, once. `own` is the currency of the first of them.
    pub(super) fn show(&mut self, own: Option<Currency>, sink: &mut Sink) -> Currency {
        if self.shown {
            return self.head.currency;
        }
        self.shown = true;
        let missing = |field, expected, sink: &mut Sink| {
            let wrong = Wrong::new(Kind::Missing, Found::Nothing, expected, Spoils::Statement);
            sink.on(self.place.line, field, wrong);
        };
        if self.head.account.reveal().is_empty() {
            missing("Acct/Id", "the account that this is of", sink);
        }
        if self.currency.is_none() && own.is_some() {
            sink.note(Form::NoAccountCurrency, self.place.line);
        }
        match self.currency.or(own) {
            Some(currency) => self.head.currency = currency,
            None => missing("Acct/Ccy", "the currency of the account", sink),
        }
        let head = &mut self.head;
        head.page = self.paged.then_some(self.page);
        head.opening_booked_cents = self.opening.or(self.previous).map(|(cents, _)| cents);
        head.closing_booked_cents = self.closing.map(|(cents, _, _)| cents);
        // A statement of one day may say so by its balances alone.
        head.from = head.from.or(self.opening.and_then(|(_, day)| day));
        head.to = head.to.or(self.closing.and_then(|(_, day, _)| day));
        sink.piece(Piece::Statement(Box::new(head.clone())));
        head.currency
    }

    /// The number of the next line.
    pub(super) fn next(&self) -> u64 {
        self.lines + 1
    }

    /// Takes a line; nothing where an entry could not be read.
    pub(super) fn line(&mut self, line: Option<Line>, sink: &mut Sink) {
        self.lines += 1;
        let Some(line) = line else {
            self.unsure = true;
            return;
        };
        let way = usize::from(line.direction == Direction::Debit);
        let add = |sums: &mut [Sum; 2]| {
            if let Some(sum) = sums.get_mut(way) {
                sum.count += 1;
                sum.cents += i128::from(line.cents);
            }
        };
        add(&mut self.all);
        if line.state == State::Booked {
            add(&mut self.booked);
        }
        sink.piece(Piece::Line(Box::new(line)));
    }

    /// The statement ends in that line.
    pub(super) fn finish(mut self, line: u64, sink: &mut Sink) {
        self.show(None, sink);
        let [credits, debits] = self.booked;
        let balances = self.head.opening_booked_cents.zip(self.closing);
        let adds_up = balances.map(|(opening, (closing, _, at))| {
            let sum = i128::from(opening) + credits.cents - debits.cents;
            (sum, i128::from(closing), at)
        });
        // Of one page of many, and of what may still change, it cannot be said.
        let pages = [self.head.page, self.of_file];
        let whole = pages.into_iter().flatten().all(|page| page.number == 1 && page.last);
        let held = self.head.kind == StatementKind::Statement && whole && !self.unsure;
        if let Some((sum, closing, at)) = adds_up.filter(|(sum, closing, _)| held && sum != closing) {
            let what = "the opening balance and all booked entries";
            sink.on(
                at,
                "closing balance",
                Wrong::differ(Kind::Balance, closing, sum, what, Spoils::Statement),
            );
        }
        if !self.unsure {
            self.hold_summary(sink);
        }
        let [credits, debits] = match self.head.kind {
            StatementKind::Statement => self.booked,
            StatementKind::Interim | StatementKind::Notification => self.all,
        };
        sink.piece(Piece::End(End {
            line,
            lines: self.lines,
            credits,
            debits,
            adds_up: adds_up.map(|(sum, closing, _)| sum == closing),
            sound: sink.faults.statement == self.faults,
        }));
    }

    /// The file cannot be read on. Of a statement that was not shown, nobody knows.
    pub(super) fn abandon(self, line: u64, sink: &mut Sink) {
        if self.shown {
            let [credits, debits] = self.all;
            let lines = self.lines;
            sink.piece(Piece::End(End { line, lines, credits, debits, adds_up: None, sound: false }));
        }
    }

    /// Holds the bank's own summary against the entries: all of them, or those that are booked.
    fn hold_summary(&self, sink: &mut Sink) {
        let both = |[credits, debits]: [Sum; 2]| Sum {
            count: credits.count + debits.count,
            cents: credits.cents + debits.cents,
        };
        let ways = |sums: [Sum; 2]| [both(sums), sums[0], sums[1]];
        for ((told, all), booked) in self.told.iter().zip(ways(self.all)).zip(ways(self.booked)) {
            if let Some((count, place)) =
                told.count.filter(|(count, _)| ![all.count, booked.count].contains(count))
            {
                let numbers = (i128::from(count), i128::from(all.count));
                let wrong = Wrong::differ(
                    Kind::Count,
                    numbers.0,
                    numbers.1,
                    "entries in the statement",
                    Spoils::Statement,
                );
                sink.at(place.line, place.column, "TxsSummry/NbOfNtries", wrong);
            }
            let sums = [all.cents, booked.cents];
            if let Some((cents, place)) = told.cents.filter(|(cents, _)| !sums.contains(&i128::from(*cents)))
            {
                let what = "the sum of the statement's entries";
                let wrong = Wrong::differ(Kind::Total, i128::from(cents), all.cents, what, Spoils::Statement);
                sink.at(place.line, place.column, "TxsSummry/Sum", wrong);
            }
        }
    }
}
