//! The first and the last record of a file. Source: Nacha Operating Rules, Appendix Three, File Header and File Control
//! Records.

use crate::layout::layout;
use crate::{Date, Text, Time};

layout! {
    /// The first record of a file: from whom, to whom, when.
    FileHeader begins with b'1' {
        /// To whom: mostly a blank and a routing number.
        destination: Text<10> = 4..=13 "immediate destination",
        /// From whom: mostly a blank and a routing number, or ten digits that the destination gave.
        origin: Text<10> = 14..=23 "immediate origin",
        /// When it was made.
        created_on: Date = 24..=29 "file creation date",
        /// At what time, where that is told.
        created_at: Time = 30..=33 "file creation time",
        /// Tells files of one day apart: A to Z, 0 to 9.
        modifier: Text<1> = 34..=34 "file id modifier",
        /// To whom, in words.
        destination_name: Text<23> = 41..=63 "immediate destination name",
        /// From whom, in words.
        origin_name: Text<23> = 64..=86 "immediate origin name",
        /// For the originator's own bookkeeping.
        reference: Text<8> = 87..=94 "reference code",
    } always {
        2..=3 "priority code" "01",
        35..=37 "record size" "094",
        38..=39 "blocking factor" "10",
        40..=40 "format code" "1",
    }
}

layout! {
    /// The last record of a file, before its filling.
    StandardFileControl begins with b'9' {
        /// How many batches there are.
        batches: u32 = 2..=7 "batch count",
        /// How many blocks of ten records, filling included.
        blocks: u32 = 8..=13 "block count",
        /// How many entries and addenda.
        entries: u32 = 14..=21 "entry and addenda count",
        /// The sum of the batches' hashes, its last ten digits.
        hash: u64 = 22..=31 "entry hash",
        /// What is debited, in cents.
        debits_cents: u64 = 32..=43 "total debits",
        /// What is credited, in cents.
        credits_cents: u64 = 44..=55 "total credits",
    } always { 56..=94 "reserved" "", }
}

layout! {
    /// The last record of a file of accounting advices.
    AdvFileControl begins with b'9' {
        /// How many batches there are.
        batches: u32 = 2..=7 "batch count",
        /// How many blocks of ten records, filling included.
        blocks: u32 = 8..=13 "block count",
        /// How many entries and addenda.
        entries: u32 = 14..=21 "entry and addenda count",
        /// The sum of the batches' hashes, its last ten digits.
        hash: u64 = 22..=31 "entry hash",
        /// What is debited, in cents.
        debits_cents: u128 = 32..=51 "total debits",
        /// What is credited, in cents.
        credits_cents: u128 = 52..=71 "total credits",
    } always { 72..=94 "reserved" "", }
}

/// The last record of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileControl {
    /// Of payments.
    Standard(StandardFileControl),
    /// Of accounting advices alone.
    Adv(AdvFileControl),
}

impl FileControl {
    /// Batches, blocks, and entries with addenda.
    pub fn counts(&self) -> (u32, u32, u32) {
        match self {
            FileControl::Standard(c) => (c.batches, c.blocks, c.entries),
            FileControl::Adv(c) => (c.batches, c.blocks, c.entries),
        }
    }

    /// The sum of the batches' hashes, its last ten digits.
    pub fn hash(&self) -> u64 {
        match self {
            FileControl::Standard(c) => c.hash,
            FileControl::Adv(c) => c.hash,
        }
    }

    /// What is debited and credited, in cents.
    pub fn totals_cents(&self) -> (u128, u128) {
        match self {
            FileControl::Standard(c) => (u128::from(c.debits_cents), u128::from(c.credits_cents)),
            FileControl::Adv(c) => (c.debits_cents, c.credits_cents),
        }
    }
}
