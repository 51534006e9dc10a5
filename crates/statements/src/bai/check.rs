//! What must hold between the records of a BAI2 file: their order, and that totals and counts are those of what is there.
//! Source: BAI2, section 3, records 49, 98 and 99.
//!
//! A total is the sum of all amounts as they are signed, balances, credits and debits alike; it proves that nothing was lost on
//! the way, and says nothing of what was booked.

use super::fields::Fields;
use super::head;
use super::records::Record;
use super::totals::{Sums, count, hold_count, hold_records, hold_total, records, total};
use crate::fault::{Found, Kind, Spoils};
use crate::money::Currency;
use crate::sink::{Sink, Wrong};
use crate::statement::{Direction, End, Group, Head, Piece, Sum};

/// An account that is being read.
pub(super) struct Account {
    pub(super) head: Head,
    pub(super) sums: Sums,
    pub(super) lines: u64,
    pub(super) credits: Sum,
    pub(super) debits: Sum,
    /// How many faults there were before it.
    faults: u64,
}

/// A group that is being read.
struct Open {
    group: Option<Group>,
    sums: Sums,
    accounts: u64,
    faults: u64,
}

/// Holds the records of one file against each other.
#[derive(Default)]
pub(super) struct Checks {
    begun: bool,
    ended: bool,
    sums: Sums,
    groups: u64,
    group: Option<Open>,
    account: Option<Box<Account>>,
}

impl Checks {
    /// What a line spoils that cannot be read at all.
    fn spoils(&self) -> Spoils {
        match (&self.account, &self.group) {
            (Some(_), _) => Spoils::Statement,
            (None, Some(_)) => Spoils::Group,
            (None, None) => Spoils::File,
        }
    }

    /// A line that is no record.
    pub(super) fn lost(&mut self, line: u64, wrong: impl FnOnce(Spoils) -> Wrong, sink: &mut Sink) {
        sink.on(line, "record", wrong(self.spoils()));
        self.sums.lost = true;
        if let Some(group) = &mut self.group {
            group.sums.lost = true;
        }
        if let Some(account) = &mut self.account {
            account.sums.lost = true;
            account.sums.unsure = true;
        }
    }

    fn order(&self, record: &Record, expected: &'static str, spoils: Spoils, sink: &mut Sink) {
        let found = match &record.code {
            b"01" => "a file header",
            b"02" => "a group header",
            b"03" => "an account",
            b"16" => "a transaction",
            b"49" => "an account trailer",
            b"98" => "a group trailer",
            b"99" => "a file trailer",
            _ => "a continuation",
        };
        sink.on(record.line, "record", Wrong::new(Kind::Order, Found::Words(found), expected, spoils));
    }

    /// Takes the next record.
    pub(super) fn record(&mut self, record: &Record, sink: &mut Sink) {
        record.finish(sink);
        if self.ended {
            self.order(record, "nothing behind the file trailer: one file at a time", Spoils::File, sink);
            return;
        }
        if !self.begun && record.code != *b"01" {
            self.order(record, "a file header, 01, as the first record", Spoils::File, sink);
        }
        match &record.code {
            b"01" => self.file_header(record, sink),
            b"02" => self.group_header(record, sink),
            b"03" => self.account(record, sink),
            b"16" => self.transaction(record, sink),
            b"49" => self.account_trailer(record, sink),
            b"98" => self.group_trailer(record, sink),
            b"99" => self.file_trailer(record, sink),
            _ => self.order(record, "a record before the one that continues it", self.spoils(), sink),
        }
        self.begun = true;
    }

    fn file_header(&mut self, record: &Record, sink: &mut Sink) {
        if self.begun {
            self.order(record, "one file header, as the first record", Spoils::File, sink);
        }
        self.sums.count(record);
        let head = head::file(record, sink);
        sink.piece(Piece::File(head));
    }

    fn group_header(&mut self, record: &Record, sink: &mut Sink) {
        if self.group.is_some() {
            self.order(record, "a group trailer, 98, before the next group", Spoils::Group, sink);
            self.close_group(record.line, sink);
        }
        self.groups += 1;
        self.sums.count(record);
        let mut sums = Sums::default();
        sums.count(record);
        let faults = sink.faults.group;
        let group = head::group(record, sink);
        sink.piece(Piece::Group(group.clone()));
        self.group = Some(Open { group: Some(group), sums, accounts: 0, faults });
    }

    fn account(&mut self, record: &Record, sink: &mut Sink) {
        if self.account.is_some() {
            self.order(record, "an account trailer, 49, before the next account", Spoils::Statement, sink);
            self.close_account(record.line, sink);
        }
        if self.group.is_none() {
            self.order(record, "a group header, 02, before accounts", Spoils::File, sink);
        }
        self.sums.count(record);
        let group = self.group.get_or_insert_with(|| Open {
            group: None,
            sums: Sums::default(),
            accounts: 0,
            faults: sink.faults.group,
        });
        group.sums.count(record);
        group.accounts += 1;
        let faults = sink.faults.statement;
        let mut sums = Sums::default();
        sums.count(record);
        let head = head::account(record, group.group.as_ref(), &mut sums, sink);
        sink.piece(Piece::Statement(Box::new(head.clone())));
        let (credits, debits) = (Sum::default(), Sum::default());
        self.account = Some(Box::new(Account { head, sums, lines: 0, credits, debits, faults }));
    }

    fn count_within(&mut self, record: &Record) {
        self.sums.count(record);
        if let Some(group) = &mut self.group {
            group.sums.count(record);
        }
        if let Some(account) = &mut self.account {
            account.sums.count(record);
        }
    }

    fn transaction(&mut self, record: &Record, sink: &mut Sink) {
        self.count_within(record);
        if self.account.is_none() {
            self.order(record, "an account, 03, before transactions", self.spoils(), sink);
        }
        if let Some(account) = &mut self.account {
            head::transaction(record, account, sink);
        }
    }

    fn account_trailer(&mut self, record: &Record, sink: &mut Sink) {
        self.count_within(record);
        if self.account.is_none() {
            self.order(record, "an account, 03, before its trailer", self.spoils(), sink);
            if let Some(group) = &mut self.group {
                group.sums.unsure = true;
            }
            return;
        }
        let Some(account) = &self.account else { return };
        let (currency, sums) = (account.head.currency, account.sums);
        let mut fields = Fields::of(record, Spoils::Statement, sink);
        let total = total(&mut fields, "account control total", currency);
        let records = records(&mut fields);
        fields.end("account trailer");
        let sound = fields.sound;
        if sound {
            hold_total(&total, sums, "account control total", Spoils::Statement, sink);
            hold_records(&records, sums, Spoils::Statement, sink);
        }
        if let Some(group) = &mut self.group {
            // What the trailer says, right or wrong: the group's total is the sum of these.
            group.sums.cents += i128::from(total.number);
            group.sums.unsure |= !sound;
        }
        self.end_account(record.line, sink);
    }

    /// Ends an account whose trailer is missing.
    fn close_account(&mut self, line: u64, sink: &mut Sink) {
        if self.account.is_some() {
            if let Some(group) = &mut self.group {
                group.sums.unsure = true;
            }
            self.end_account(line, sink);
        }
    }

    fn end_account(&mut self, line: u64, sink: &mut Sink) {
        let Some(account) = self.account.take() else { return };
        let balances = account.head.opening_booked_cents.zip(account.head.closing_booked_cents);
        let adds_up = balances.map(|(opening, closing)| {
            i128::from(opening) + account.credits.cents - account.debits.cents == i128::from(closing)
        });
        sink.piece(Piece::End(End {
            line,
            lines: account.lines,
            credits: account.credits,
            debits: account.debits,
            adds_up,
            sound: sink.faults.statement == account.faults,
        }));
    }

    fn group_trailer(&mut self, record: &Record, sink: &mut Sink) {
        if self.account.is_some() {
            self.order(record, "an account trailer, 49, before the group's", Spoils::Statement, sink);
            self.close_account(record.line, sink);
        }
        self.count_within(record);
        let Some(group) = &self.group else {
            self.order(record, "a group header, 02, before its trailer", Spoils::File, sink);
            self.sums.unsure = true;
            return;
        };
        let currency = group.group.as_ref().map_or(Currency::USD, |group| group.currency);
        let (sums, accounts) = (group.sums, group.accounts);
        let mut fields = Fields::of(record, Spoils::Group, sink);
        let total = total(&mut fields, "group control total", currency);
        let named = count(&mut fields, "number of accounts");
        let records = records(&mut fields);
        fields.end("group trailer");
        let sound = fields.sound;
        if sound {
            hold_total(&total, sums, "group control total", Spoils::Group, sink);
            hold_count(&named, accounts, "number of accounts", "accounts in the group", Spoils::Group, sink);
            hold_records(&records, sums, Spoils::Group, sink);
        }
        self.sums.cents += i128::from(total.number);
        self.sums.unsure |= !sound;
        self.end_group(sink);
    }

    /// Ends a group whose trailer is missing.
    fn close_group(&mut self, line: u64, sink: &mut Sink) {
        if self.account.is_some() {
            let wrong = Wrong::new(
                Kind::Order,
                Found::Words("the end of its group"),
                "an account trailer, 49",
                Spoils::Statement,
            );
            sink.on(line, "record", wrong);
            self.close_account(line, sink);
        }
        self.sums.unsure = true;
        self.end_group(sink);
    }

    fn end_group(&mut self, sink: &mut Sink) {
        if let Some(group) = self.group.take() {
            sink.piece(Piece::GroupEnd(sink.faults.group == group.faults));
        }
    }

    fn file_trailer(&mut self, record: &Record, sink: &mut Sink) {
        if self.group.is_some() {
            self.order(record, "a group trailer, 98, before the file's", Spoils::Group, sink);
            self.close_group(record.line, sink);
        }
        self.sums.count(record);
        let mut fields = Fields::of(record, Spoils::File, sink);
        let total = total(&mut fields, "file control total", Currency::USD);
        let named = count(&mut fields, "number of groups");
        let records = records(&mut fields);
        fields.end("file trailer");
        if fields.sound {
            hold_total(&total, self.sums, "file control total", Spoils::File, sink);
            hold_count(&named, self.groups, "number of groups", "groups in the file", Spoils::File, sink);
            hold_records(&records, self.sums, Spoils::File, sink);
        }
        self.ended = true;
    }

    /// The file has ended.
    pub(super) fn end(&mut self, line: u64, sink: &mut Sink) {
        if self.ended {
            return;
        }
        let wrong = Wrong::new(Kind::Order, Found::Nothing, "a file trailer, 99, at the end", Spoils::File);
        sink.on(line.max(1), "file trailer", wrong);
        if self.group.is_some() {
            self.close_group(line, sink);
        }
        self.ended = true;
    }
}

/// Adds what a transaction moves to the sums of its account.
pub(super) fn add(account: &mut Account, direction: Direction, cents: i64) {
    account.lines += 1;
    let sum = match direction {
        Direction::Credit => &mut account.credits,
        Direction::Debit => &mut account.debits,
    };
    sum.count += 1;
    sum.cents += i128::from(cents);
}
