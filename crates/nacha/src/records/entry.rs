//! Entries: one receiver each. Source: Nacha Operating Rules, Appendix Three, Entry Detail Records of each standard entry
//! class.

use crate::codes::{SecCode, TransactionCode};
use crate::layout::layout;
use crate::{Private, RoutingNumber, Text};

layout! {
    /// An entry of PPD, CCD, WEB, TEL, and of all classes that have no layout of their own.
    ///
    /// ARC, BOC, RCK and XCK have a check's serial number where others have an id; ACK the trace number of what is
    /// acknowledged; CIE and MTE share the columns of id and name otherwise: the name comes first.
    CommonEntry begins with b'6' {
        /// What it does to which kind of account.
        code: TransactionCode = 2..=3 "transaction code",
        /// The receiver's bank.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// The receiver's account.
        account: Private<17> = 13..=29 "account number",
        /// In cents.
        amount_cents: u64 = 30..=39 "amount",
        /// By what the originator knows the receiver.
        id: Private<15> = 40..=54 "identification number",
        /// The receiver's name.
        name: Private<22> = 55..=76 "individual or company name",
        /// WEB and TEL: `S` for a single payment, `R` for one of many. Others: what the originator likes.
        discretionary: Text<2> = 77..=78 "discretionary data",
        /// Whether addenda follow.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The originating bank's number and seven digits that ascend within the batch.
        trace: u64 = 80..=94 "trace number",
    } always {}
}

layout! {
    /// An entry for a check taken at the point of purchase.
    PopEntry begins with b'6' {
        /// What it does to which kind of account.
        code: TransactionCode = 2..=3 "transaction code",
        /// The receiver's bank.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// The receiver's account.
        account: Private<17> = 13..=29 "account number",
        /// In cents.
        amount_cents: u64 = 30..=39 "amount",
        /// The check's number.
        check_number: Private<9> = 40..=48 "check serial number",
        /// Where: the first letters of the town.
        city: Text<4> = 49..=52 "terminal city",
        /// Where: the state.
        state: Text<2> = 53..=54 "terminal state",
        /// The receiver's name.
        name: Private<22> = 55..=76 "individual name",
        /// What the originator likes.
        discretionary: Text<2> = 77..=78 "discretionary data",
        /// Whether addenda follow.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The originating bank's number and seven digits that ascend within the batch.
        trace: u64 = 80..=94 "trace number",
    } always {}
}

layout! {
    /// An entry of a shared network, by card.
    ShrEntry begins with b'6' {
        /// What it does to which kind of account.
        code: TransactionCode = 2..=3 "transaction code",
        /// The receiver's bank.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// The receiver's account.
        account: Private<17> = 13..=29 "account number",
        /// In cents.
        amount_cents: u64 = 30..=39 "amount",
        /// The card's last month, MMYY.
        card_expires: Private<4> = 40..=43 "card expiration date",
        /// The network's reference.
        document: Private<11> = 44..=54 "document reference number",
        /// The card.
        card: Private<22> = 55..=76 "individual card account number",
        /// What kind of transaction it is by card.
        card_transaction: Text<2> = 77..=78 "card transaction type code",
        /// Whether addenda follow.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The originating bank's number and seven digits that ascend within the batch.
        trace: u64 = 80..=94 "trace number",
    } always {}
}

layout! {
    /// An entry of CTX, TRX and ATX, which says how many addenda it has.
    CtxEntry begins with b'6' {
        /// What it does to which kind of account.
        code: TransactionCode = 2..=3 "transaction code",
        /// The receiver's bank.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// The receiver's account.
        account: Private<17> = 13..=29 "account number",
        /// In cents.
        amount_cents: u64 = 30..=39 "amount",
        /// By what the originator knows the receiver; the trace number that an ATX entry acknowledges.
        id: Private<15> = 40..=54 "identification number",
        /// How many addenda follow.
        addenda_count: u16 = 55..=58 "number of addenda records",
        /// The receiving company.
        name: Private<16> = 59..=74 "receiving company name",
        /// What the originator likes; of TRX the kind of item.
        discretionary: Text<2> = 77..=78 "discretionary data",
        /// Whether addenda follow.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The originating bank's number and seven digits that ascend within the batch.
        trace: u64 = 80..=94 "trace number",
    } always { 75..=76 "reserved" "", }
}

layout! {
    /// An entry for a check that was truncated or destroyed: TRC and XCK.
    TrcEntry begins with b'6' {
        /// What it does to which kind of account.
        code: TransactionCode = 2..=3 "transaction code",
        /// The receiver's bank.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// The receiver's account.
        account: Private<17> = 13..=29 "account number",
        /// In cents.
        amount_cents: u64 = 30..=39 "amount",
        /// The check's number.
        check_number: Private<15> = 40..=54 "check serial number",
        /// From the check's line of magnetic ink.
        process_control: Private<6> = 55..=60 "process control field",
        /// By what the bank finds the item.
        research: Private<16> = 61..=76 "item research number",
        /// What kind of item; of XCK what the originator likes.
        item_type: Text<2> = 77..=78 "item type indicator",
        /// Whether addenda follow.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The originating bank's number and seven digits that ascend within the batch.
        trace: u64 = 80..=94 "trace number",
    } always {}
}

layout! {
    /// An international entry. Who and where is in its addenda.
    IatEntry begins with b'6' {
        /// What it does to which kind of account.
        code: TransactionCode = 2..=3 "transaction code",
        /// The bank here: the gateway, or the receiver's.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// How many addenda follow.
        addenda_count: u16 = 13..=16 "number of addenda records",
        /// In cents.
        amount_cents: u64 = 30..=39 "amount",
        /// The receiver's account, here or abroad.
        account: Private<35> = 40..=74 "foreign receiver's account number",
        /// The gateway's sanctions screening.
        screening: Text<1> = 77..=77 "gateway screening indicator",
        /// Another's.
        second_screening: Text<1> = 78..=78 "secondary screening indicator",
        /// Whether addenda follow: always.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The originating bank's number and seven digits that ascend within the batch.
        trace: u64 = 80..=94 "trace number",
    } always { 17..=29 "reserved" "", 75..=76 "reserved" "", }
}

layout! {
    /// An accounting advice of an ACH operator.
    AdvEntry begins with b'6' {
        /// Which accounting.
        code: TransactionCode = 2..=3 "transaction code",
        /// The bank that is told.
        bank: RoutingNumber = 4..=12 "receiving bank",
        /// Its account.
        account: Private<15> = 13..=27 "account number",
        /// In cents.
        amount_cents: u64 = 28..=39 "amount",
        /// Whom the advice is about.
        advice_routing: Private<9> = 40..=48 "advice routing number",
        /// Which file it is about.
        file_identification: Text<5> = 49..=53 "file identification",
        /// The operator's own.
        operator_data: Text<1> = 54..=54 "ACH operator data",
        /// Whose account.
        name: Private<22> = 55..=76 "individual name",
        /// The operator's own.
        discretionary: Text<2> = 77..=78 "discretionary data",
        /// Whether addenda follow: never.
        addenda: bool = 79..=79 "addenda record indicator",
        /// The operator, without check digit.
        operator: u32 = 80..=87 "routing number of the ACH operator",
        /// On which day of the year the advice was made.
        day: u16 = 88..=90 "Julian date",
        /// Its number on that day.
        sequence: u16 = 91..=94 "sequence number within the batch",
    } always {}
}

/// An entry, as its class lays it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Most classes.
    Common(CommonEntry),
    /// POP.
    Pop(PopEntry),
    /// SHR.
    Shr(ShrEntry),
    /// CTX, TRX, ATX.
    Ctx(CtxEntry),
    /// TRC, XCK.
    Trc(TrcEntry),
    /// IAT.
    Iat(IatEntry),
    /// ADV.
    Adv(AdvEntry),
}

/// A field that all entries have.
macro_rules! all {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {$(
        $(#[$doc])*
        pub fn $field(&self) -> $type {
            match self {
                Entry::Common(entry) => entry.$field,
                Entry::Pop(entry) => entry.$field,
                Entry::Shr(entry) => entry.$field,
                Entry::Ctx(entry) => entry.$field,
                Entry::Trc(entry) => entry.$field,
                Entry::Iat(entry) => entry.$field,
                Entry::Adv(entry) => entry.$field,
            }
        }
    )*};
}

impl Entry {
    all! {
        /// What it does to which kind of account.
        code: TransactionCode,
        /// The receiver's bank.
        bank: RoutingNumber,
        /// In cents.
        amount_cents: u64,
        /// Whether addenda follow.
        addenda: bool,
    }

    /// The receiver's account. What it is given to must not log it.
    pub fn reveal_account(&self) -> &str {
        match self {
            Entry::Common(entry) => entry.account.reveal(),
            Entry::Pop(entry) => entry.account.reveal(),
            Entry::Shr(entry) => entry.account.reveal(),
            Entry::Ctx(entry) => entry.account.reveal(),
            Entry::Trc(entry) => entry.account.reveal(),
            Entry::Iat(entry) => entry.account.reveal(),
            Entry::Adv(entry) => entry.account.reveal(),
        }
    }

    /// Stars and the last four characters of the receiver's account.
    pub fn account_last_four(&self) -> String {
        match self {
            Entry::Common(entry) => entry.account.last_four(),
            Entry::Pop(entry) => entry.account.last_four(),
            Entry::Shr(entry) => entry.account.last_four(),
            Entry::Ctx(entry) => entry.account.last_four(),
            Entry::Trc(entry) => entry.account.last_four(),
            Entry::Iat(entry) => entry.account.last_four(),
            Entry::Adv(entry) => entry.account.last_four(),
        }
    }

    /// The receiver's name, where the entry itself has one. What it is given to must not log it.
    pub fn reveal_name(&self) -> &str {
        match self {
            Entry::Common(entry) => entry.name.reveal(),
            Entry::Pop(entry) => entry.name.reveal(),
            Entry::Ctx(entry) => entry.name.reveal(),
            Entry::Adv(entry) => entry.name.reveal(),
            Entry::Shr(_) | Entry::Trc(_) | Entry::Iat(_) => "",
        }
    }

    /// The originating bank's number and seven digits; of an advice its operator, day and number, which are as wide.
    pub fn trace(&self) -> u64 {
        match self {
            Entry::Common(entry) => entry.trace,
            Entry::Pop(entry) => entry.trace,
            Entry::Shr(entry) => entry.trace,
            Entry::Ctx(entry) => entry.trace,
            Entry::Trc(entry) => entry.trace,
            Entry::Iat(entry) => entry.trace,
            Entry::Adv(entry) => {
                u64::from(entry.operator) * 10_000_000
                    + u64::from(entry.day) * 10_000
                    + u64::from(entry.sequence)
            }
        }
    }

    /// How many addenda it says to have, where it says a number.
    pub fn addenda_count(&self) -> Option<u16> {
        match self {
            Entry::Ctx(entry) => Some(entry.addenda_count),
            Entry::Iat(entry) => Some(entry.addenda_count),
            Entry::Common(_) | Entry::Pop(_) | Entry::Shr(_) | Entry::Trc(_) | Entry::Adv(_) => None,
        }
    }
}

/// Which layout the entries of a batch have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryLayout {
    Common,
    Pop,
    Shr,
    Ctx,
    Trc,
    Iat,
    Adv,
}

impl EntryLayout {
    pub(crate) fn of(sec: SecCode) -> EntryLayout {
        match sec {
            SecCode::Pop => EntryLayout::Pop,
            SecCode::Shr => EntryLayout::Shr,
            SecCode::Ctx | SecCode::Trx | SecCode::Atx => EntryLayout::Ctx,
            SecCode::Trc | SecCode::Xck => EntryLayout::Trc,
            SecCode::Iat => EntryLayout::Iat,
            SecCode::Adv => EntryLayout::Adv,
            SecCode::Ack
            | SecCode::Arc
            | SecCode::Boc
            | SecCode::Ccd
            | SecCode::Cie
            | SecCode::Cor
            | SecCode::Dne
            | SecCode::Enr
            | SecCode::Mte
            | SecCode::Pos
            | SecCode::Ppd
            | SecCode::Rck
            | SecCode::Tel
            | SecCode::Web
            | SecCode::Unknown(_) => EntryLayout::Common,
        }
    }
}
