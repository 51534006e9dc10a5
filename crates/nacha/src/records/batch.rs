//! The first and the last record of a batch. Source: Nacha Operating Rules, Appendix Three, Company/Batch Header, IAT
//! Company/Batch Header, Company/Batch Control and ADV Batch Control Records.

use crate::codes::{SecCode, ServiceClass};
use crate::layout::layout;
use crate::{Date, SettlementDay, Text};

layout! {
    /// The first record of a batch: who originates its entries, of which class, for which day.
    CompanyBatchHeader begins with b'5' {
        /// Whether it has debits, credits or both.
        class: ServiceClass = 2..=4 "service class code",
        /// By what name receivers know the originator.
        company_name: Text<16> = 5..=20 "company name",
        /// For the originator's own bookkeeping.
        discretionary: Text<20> = 21..=40 "company discretionary data",
        /// The originator's id.
        company_id: Text<10> = 41..=50 "company identification",
        /// The class of its entries.
        sec: SecCode = 51..=53 "standard entry class code",
        /// What receivers read on their statements: the purpose of the entries.
        description: Text<10> = 54..=63 "company entry description",
        /// A date for receivers to read, or `SD` and a time for same-day entries. No program acts on it.
        descriptive_date: Text<6> = 64..=69 "company descriptive date",
        /// The day on which the originator wants the entries to settle.
        effective_on: Date = 70..=75 "effective entry date",
        /// The day on which they settled: filled in by the operator.
        settled_on: SettlementDay = 76..=78 "settlement date",
        /// `1` for banks, `2` for the government, `0` for operators.
        originator_status: Text<1> = 79..=79 "originator status code",
        /// The originating bank: a routing number without its check digit.
        odfi: u32 = 80..=87 "originating bank",
        /// Its number in this file, from 1 on.
        number: u32 = 88..=94 "batch number",
    } always {}
}

layout! {
    /// The first record of a batch of international entries.
    IatBatchHeader begins with b'5' {
        /// Whether it has debits, credits or both.
        class: ServiceClass = 2..=4 "service class code",
        /// Blank, or `IATCOR` where changes are notified.
        indicator: Text<16> = 5..=20 "IAT indicator",
        /// How currencies are exchanged: `FV`, `VF` or `FF`.
        exchange: Text<2> = 21..=22 "foreign exchange indicator",
        /// What kind of reference follows: `1`, `2` or `3`.
        exchange_reference_kind: Text<1> = 23..=23 "foreign exchange reference indicator",
        /// The rate, or a reference to it.
        exchange_reference: Text<15> = 24..=38 "foreign exchange reference",
        /// Where the money goes: an ISO country code.
        country: Text<2> = 39..=40 "destination country",
        /// The originator's id.
        company_id: Text<10> = 41..=50 "originator identification",
        /// The class of its entries: `IAT`, or `COR`.
        sec: SecCode = 51..=53 "standard entry class code",
        /// What receivers read on their statements.
        description: Text<10> = 54..=63 "company entry description",
        /// The currency it begins in: an ISO code.
        from_currency: Text<3> = 64..=66 "originating currency",
        /// The currency it ends in: an ISO code.
        to_currency: Text<3> = 67..=69 "destination currency",
        /// The day on which the originator wants the entries to settle.
        effective_on: Date = 70..=75 "effective entry date",
        /// The day on which they settled: filled in by the operator.
        settled_on: SettlementDay = 76..=78 "settlement date",
        /// `1` for banks, `2` for the government, `0` for operators.
        originator_status: Text<1> = 79..=79 "originator status code",
        /// The originating bank: a routing number without its check digit.
        odfi: u32 = 80..=87 "originating bank",
        /// Its number in this file, from 1 on.
        number: u32 = 88..=94 "batch number",
    } always {}
}

layout! {
    /// The last record of a batch.
    CompanyBatchControl begins with b'8' {
        /// As in its header.
        class: ServiceClass = 2..=4 "service class code",
        /// How many entries and addenda it has.
        entries: u32 = 5..=10 "entry and addenda count",
        /// The sum of its entries' routing numbers without check digits, its last ten digits.
        hash: u64 = 11..=20 "entry hash",
        /// What is debited, in cents.
        debits_cents: u64 = 21..=32 "total debits",
        /// What is credited, in cents.
        credits_cents: u64 = 33..=44 "total credits",
        /// As in its header.
        company_id: Text<10> = 45..=54 "company identification",
        /// A code that proves who sent it, where bank and originator agreed on one.
        authentication: Text<19> = 55..=73 "message authentication code",
        /// As in its header.
        odfi: u32 = 80..=87 "originating bank",
        /// As in its header.
        number: u32 = 88..=94 "batch number",
    } always { 74..=79 "reserved" "", }
}

layout! {
    /// The last record of a batch of accounting advices.
    AdvBatchControl begins with b'8' {
        /// As in its header.
        class: ServiceClass = 2..=4 "service class code",
        /// How many entries and addenda it has.
        entries: u32 = 5..=10 "entry and addenda count",
        /// The sum of its entries' routing numbers without check digits, its last ten digits.
        hash: u64 = 11..=20 "entry hash",
        /// What is debited, in cents.
        debits_cents: u128 = 21..=40 "total debits",
        /// What is credited, in cents.
        credits_cents: u128 = 41..=60 "total credits",
        /// The operator's own.
        operator_data: Text<19> = 61..=79 "ACH operator data",
        /// As in its header.
        odfi: u32 = 80..=87 "originating bank",
        /// As in its header.
        number: u32 = 88..=94 "batch number",
    } always {}
}

/// The first record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchHeader {
    /// Of any class but IAT.
    Company(CompanyBatchHeader),
    /// Of international entries, or of changes to such.
    Iat(IatBatchHeader),
}

/// A field that both headers have.
macro_rules! both {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {$(
        $(#[$doc])*
        pub fn $field(&self) -> $type {
            match self {
                BatchHeader::Company(header) => header.$field,
                BatchHeader::Iat(header) => header.$field,
            }
        }
    )*};
}

impl BatchHeader {
    both! {
        /// Whether it has debits, credits or both.
        class: ServiceClass,
        /// The originator's id.
        company_id: Text<10>,
        /// The class of its entries.
        sec: SecCode,
        /// What receivers read on their statements.
        description: Text<10>,
        /// The day on which the originator wants the entries to settle.
        effective_on: Date,
        /// The day on which they settled.
        settled_on: SettlementDay,
        /// The originating bank: a routing number without its check digit.
        odfi: u32,
        /// Its number in this file.
        number: u32,
    }

    /// By what name receivers know the originator; blank where the batch is international.
    pub fn company_name(&self) -> Text<16> {
        match self {
            BatchHeader::Company(header) => header.company_name,
            BatchHeader::Iat(_) => Text::BLANK,
        }
    }
}

/// The last record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchControl {
    /// Of any class but ADV.
    Company(CompanyBatchControl),
    /// Of accounting advices.
    Adv(AdvBatchControl),
}

impl BatchControl {
    /// As in its header.
    pub fn class(&self) -> ServiceClass {
        match self {
            BatchControl::Company(c) => c.class,
            BatchControl::Adv(c) => c.class,
        }
    }

    /// How many entries and addenda it has.
    pub fn entries(&self) -> u32 {
        match self {
            BatchControl::Company(c) => c.entries,
            BatchControl::Adv(c) => c.entries,
        }
    }

    /// The sum of its entries' routing numbers without check digits, its last ten digits.
    pub fn hash(&self) -> u64 {
        match self {
            BatchControl::Company(c) => c.hash,
            BatchControl::Adv(c) => c.hash,
        }
    }

    /// What is debited and credited, in cents.
    pub fn totals_cents(&self) -> (u128, u128) {
        match self {
            BatchControl::Company(c) => (u128::from(c.debits_cents), u128::from(c.credits_cents)),
            BatchControl::Adv(c) => (c.debits_cents, c.credits_cents),
        }
    }

    /// As in its header: the originating bank and the batch's number.
    pub fn place(&self) -> (u32, u32) {
        match self {
            BatchControl::Company(c) => (c.odfi, c.number),
            BatchControl::Adv(c) => (c.odfi, c.number),
        }
    }
}
