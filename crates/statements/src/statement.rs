//! What a statement says, in whichever format it came. Amounts are whole numbers of the currency's smallest unit.

use crate::code::{BankCode, FigureCode};
use crate::date::{Date, Time};
use crate::money::Currency;
use crate::text::{AccountId, Private, Reference};

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Cash Management Balance Reporting Specifications, version 2.
    Bai2,
    /// A message of ISO 20022, in XML.
    Camt,
}

/// What a statement is, and so what its lines may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatementKind {
    /// What was booked, for good: camt.053, and BAI2 that is final or does not say.
    Statement,
    /// What is known within a day and may change: camt.052, and BAI2 that is interim.
    Interim,
    /// What happened to single payments, told beside any statement: camt.054. A statement says the same again.
    Notification,
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHead {
    /// In which line it stands.
    pub line: u64,
    /// What the file is written in.
    pub format: Format,
    /// BAI2: the version, 2 or 3. camt: the version of the message, such as 8 of `camt.053.001.08`; 0 where it names none.
    pub version: u16,
    /// BAI2: the file identification number, new for each file of a day. camt: the message's id.
    pub id: Reference,
    /// BAI2: who sent it.
    pub sender: String,
    /// BAI2: who is to receive it.
    pub receiver: String,
    /// When it was made, as far as it says.
    pub created_on: Option<Date>,
    /// When in that day.
    pub created_at: Option<Time>,
    /// camt: which part of the message it is, where a statement may go on in another file.
    pub page: Option<Page>,
}

/// What a group of BAI2 asks for. Source: BAI2, section 4, "group status".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupStatus {
    /// 1: it is new.
    Update,
    /// 2: what was sent before is to be forgotten.
    Deletion,
    /// 3: it stands for what was sent before.
    Correction,
    /// 4: it is a test, and says nothing.
    Test,
}

/// Which kind of day a group of BAI2 is of. Source: BAI2, section 3, record 02, "as-of-date modifier".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AsOf {
    /// 1: the day before, not final.
    InterimPreviousDay,
    /// 2: the day before, final.
    FinalPreviousDay,
    /// 3: the same day, not final.
    InterimSameDay,
    /// 4: the same day, final.
    FinalSameDay,
}

/// A group of accounts, of one bank and one day. BAI2 alone has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// In which line it stands.
    pub line: u64,
    /// Who is to receive it in the end.
    pub receiver: String,
    /// Which bank it is from.
    pub originator: String,
    /// What it asks for.
    pub status: GroupStatus,
    /// The day it is of.
    pub as_of: Option<Date>,
    /// The time of that day.
    pub as_of_time: Option<Time>,
    /// The currency of accounts that name none.
    pub currency: Currency,
    /// Which kind of day that is, as far as it says.
    pub modifier: Option<AsOf>,
}

/// When money can be used. Source: BAI2, section 3, "funds type".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Funds {
    /// Z, or nothing: not known.
    #[default]
    Unknown,
    /// 0: at once.
    Immediate,
    /// 1: the next banking day.
    OneDay,
    /// 2: the one after it, or later.
    TwoOrMoreDays,
    /// S: so much at once, so much a day later, so much after that.
    Split([i64; 3]),
    /// V: from this day and time on.
    Value(Option<Date>, Option<Time>),
    /// D: so many days from now, so much.
    Spread(Vec<(u32, i64)>),
}

/// A balance or a total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is of.
    pub code: FigureCode,
    /// How much: less than nothing where an account is overdrawn. Nothing where the bank gave a code alone.
    pub cents: Option<i64>,
    /// How many transactions it is of.
    pub items: Option<u64>,
    /// When it can be used. BAI2 alone says so.
    pub funds: Funds,
    /// The day it is of. camt alone says so.
    pub day: Option<Date>,
}

/// Which part of a statement a file has, where it comes in several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// Its number, counted from 1.
    pub number: u64,
    /// Whether it is the last.
    pub last: bool,
}

/// What a statement says before its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// In which line it begins.
    pub line: u64,
    /// What it is.
    pub kind: StatementKind,
    /// What the bank calls it, in camt; some banks put the account's number into it.
    pub id: Reference,
    /// Its number among the account's statements. camt alone has one.
    pub sequence: Option<u64>,
    /// Which part of it this is, where it has several.
    pub page: Option<Page>,
    /// Whether the bank says that it was sent before.
    pub duplicate: bool,
    /// The group that the account stands in. BAI2 alone has one.
    pub group: Option<Group>,
    /// Which account it is of.
    pub account: AccountId,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Its first day, as far as it says.
    pub from: Option<Date>,
    /// Its last day: BAI2's as-of date.
    pub to: Option<Date>,
    /// What was on the account when it begins: BAI2's opening ledger (010), camt's OPBD or PRCD.
    pub opening_booked_cents: Option<i64>,
    /// What was on the account when it ends: BAI2's closing ledger (015), camt's CLBD.
    pub closing_booked_cents: Option<i64>,
    /// What can be used at its end: BAI2's closing available (045) or current available (060), camt's CLAV.
    pub available_cents: Option<i64>,
    /// All balances and totals that it gives, in its order.
    pub figures: Vec<Figure>,
}

impl Head {
    /// Whether what it says is meant to be booked: it is a statement, and its group is neither a test nor takes back what was
    /// sent before.
    pub fn is_binding(&self) -> bool {
        let status = self.group.as_ref().map_or(GroupStatus::Update, |group| group.status);
        self.kind == StatementKind::Statement
            && matches!(status, GroupStatus::Update | GroupStatus::Correction)
    }
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the account.
    Credit,
    /// From it.
    Debit,
}

/// How sure a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is on the account.
    Booked,
    /// It is expected, or may change: camt's PDNG, and all of BAI2 that is interim.
    Pending,
    /// It is told and never booked: camt's INFO, and all of a BAI2 group that is a test.
    Information,
    /// It is known to be booked on a later day: camt's FUTR.
    Future,
}

/// What a payment is called, by each who gave it a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The bank's: BAI2's bank reference number, camt's AcctSvcrRef.
    pub bank: Option<Reference>,
    /// The customer's: BAI2's customer reference number, camt's InstrId.
    pub customer: Option<Reference>,
    /// The entry's within the statement: camt's NtryRef.
    pub entry: Option<Reference>,
    /// The payer's, all the way: camt's EndToEndId, unless it says that none was given.
    pub end_to_end: Option<Reference>,
    /// The first bank's: camt's TxId.
    pub transaction: Option<Reference>,
    /// The clearing's: camt's ClrSysRef.
    pub clearing: Option<Reference>,
    /// That of the order it came in: camt's PmtInfId.
    pub batch: Option<Reference>,
    /// That of the message it came in: camt's MsgId.
    pub message: Option<Reference>,
    /// The mandate's: camt's MndtId.
    pub mandate: Option<Reference>,
    /// The number of a check: camt's ChqNb.
    pub check: Option<Reference>,
    /// The payee's, structured: camt's CdtrRefInf/Ref.
    pub creditor: Option<Reference>,
    /// The trace number of the ACH, where one of these is one: fifteen digits.
    pub ach_trace: Option<Reference>,
}

/// How many payments a line stands for. Source: camt, NtryDtls/Btch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// How many there are.
    pub count: Option<u64>,
    /// What they come to.
    pub cents: Option<i64>,
}

/// One payment of a line that stands for several. Source: camt, NtryDtls/TxDtls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// How much, in the account's currency, where it says so.
    pub cents: Option<i64>,
    /// Which way, where it says so; that of its line otherwise.
    pub direction: Option<Direction>,
    /// The bank's own kind, where it has one of its own.
    pub code: Option<BankCode>,
    /// What it is called.
    pub references: References,
    /// Why it came back: `R01`, `AC04`, whatever the bank writes.
    pub return_reason: Option<String>,
    /// Who paid.
    pub debtor: Private,
    /// Who was paid.
    pub creditor: Private,
    /// What was written about it.
    pub text: Private,
}

/// One movement on an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// In which line of the file it begins.
    pub line: u64,
    /// Its number within the statement, counted from 1.
    pub number: u64,
    /// How much. Never less than nothing in camt; BAI2 has transactions that take something back.
    pub cents: i64,
    /// Which way.
    pub direction: Direction,
    /// Whether it takes back what was booked before; its direction is that of the money now.
    pub reversal: bool,
    /// How sure it is.
    pub state: State,
    /// The day on which it was booked: BAI2's as-of date.
    pub booked_on: Option<Date>,
    /// The day from which on it counts.
    pub value_on: Option<Date>,
    /// The bank's own kind.
    pub code: BankCode,
    /// What it is called. Where it stands for one payment, that payment's too.
    pub references: References,
    /// Why it came back, where it did: `R01`, `AC04`, whatever the bank writes.
    pub return_reason: Option<String>,
    /// When it can be used. BAI2 alone says so.
    pub funds: Funds,
    /// How many payments it stands for, where it says so.
    pub batch: Option<Batch>,
    /// Who paid, where it stands for one payment.
    pub debtor: Private,
    /// Who was paid, where it stands for one payment.
    pub creditor: Private,
    /// What was written about it.
    pub text: Private,
    /// The payments that it stands for, where there are several.
    pub parts: Vec<Part>,
}

impl Line {
    /// What it does to the account's balance.
    pub fn signed_cents(&self) -> i64 {
        match self.direction {
            Direction::Credit => self.cents,
            Direction::Debit => self.cents.saturating_neg(),
        }
    }

    /// Whether its parts come to it; nothing where one of them has no amount, or there are none.
    pub fn parts_add_up(&self) -> Option<bool> {
        let mut sum = 0_i128;
        for part in &self.parts {
            let cents = i128::from(part.cents?);
            let same = part.direction.is_none_or(|direction| direction == self.direction);
            sum += if same { cents } else { -cents };
        }
        (!self.parts.is_empty()).then_some(sum == i128::from(self.cents))
    }
}

/// So many, which come to so much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// What they come to.
    pub cents: i128,
}

/// How a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// In which line.
    pub line: u64,
    /// How many lines it has.
    pub lines: u64,
    /// Its credits that are booked; in an interim report, all of them.
    pub credits: Sum,
    /// Its debits that are booked; in an interim report, all of them.
    pub debits: Sum,
    /// Whether the opening balance and these come to the closing balance; nothing where one of the two is not given. In camt
    /// it is a fault where they do not; BAI2 may leave transactions out.
    pub adds_up: Option<bool>,
    /// Whether nothing is wrong within it. Its group and its file have to be right too.
    pub sound: bool,
}

/// What comes next in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What the file says of itself.
    File(FileHead),
    /// A group begins.
    Group(Group),
    /// A statement begins.
    Statement(Box<Head>),
    /// One of its lines.
    Line(Box<Line>),
    /// What the bank says about the statement that is no movement: BAI2's type code 890, camt's AddtlStmtInf.
    Remark(Private),
    /// It ends.
    End(End),
    /// The group ends; whether nothing is wrong with it.
    GroupEnd(bool),
}
