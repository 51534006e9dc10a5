//! Addenda: what an entry says besides. Source: Nacha Operating Rules, Appendix Three, Addenda Records; Appendix Four
//! (returns) and Five (changes) for types 98 and 99.

use crate::codes::{ChangeCode, ReturnCode};
use crate::layout::layout;
use crate::{Date, Private, SettlementDay, Text};

layout! {
    /// Type 02: where a card was used. POS, SHR and MTE.
    TerminalAddenda begins with b'7' {
        /// The terminal's reference; of MTE what kind of transaction it is.
        reference: Text<7> = 4..=10 "reference information 1",
        /// More of it; of MTE the network.
        more_reference: Text<3> = 11..=13 "reference information 2",
        /// The terminal.
        terminal: Text<6> = 14..=19 "terminal identification code",
        /// The transaction's number there.
        serial: Text<6> = 20..=25 "transaction serial number",
        /// The day, MMDD.
        date: Text<4> = 26..=29 "transaction date",
        /// The authorization, or until when the card is good; of MTE the time.
        authorization: Private<6> = 30..=35 "authorization code or expiration date",
        /// The street, or the name of the place.
        location: Private<27> = 36..=62 "terminal location",
        /// The town.
        city: Private<15> = 63..=77 "terminal city",
        /// The state.
        state: Text<2> = 78..=79 "terminal state",
        /// The entry's.
        trace: u64 = 80..=94 "trace number",
    } always { 2..=3 "addenda type code" "02", }
}

layout! {
    /// Type 05: what the payment is about.
    PaymentAddenda begins with b'7' {
        /// The text, often in an X12 or banking convention. It can hold anything, of anybody.
        information: Private<80> = 4..=83 "payment related information",
        /// Its number among the entry's addenda, from 1 on.
        sequence: u16 = 84..=87 "addenda sequence number",
        /// The last seven digits of the entry's trace number.
        entry: u32 = 88..=94 "entry detail sequence number",
    } always { 2..=3 "addenda type code" "05", }
}

layout! {
    /// Type 10: what an international payment is, and for whom.
    IatAmountAddenda begins with b'7' {
        /// Its kind, such as `ANN` or `SAL`.
        transaction_type: Text<3> = 4..=6 "transaction type code",
        /// What it is abroad, in the smallest unit there.
        foreign_amount: u64 = 7..=24 "foreign payment amount",
        /// The foreign system's number for it.
        foreign_trace: Private<22> = 25..=46 "foreign trace number",
        /// The receiver.
        name: Private<35> = 47..=81 "receiving company or individual name",
        /// The last seven digits of the entry's trace number.
        entry: u32 = 88..=94 "entry detail sequence number",
    } always { 2..=3 "addenda type code" "10", 82..=87 "reserved" "", }
}

/// Two texts of 35: types 11, 12 and 16.
macro_rules! two_texts {
    ($(#[$doc:meta])* $name:ident $code:literal, $first:literal, $second:literal) => {
        layout! {
            $(#[$doc])*
            $name begins with b'7' {
                #[doc = concat!("The ", $first, ".")]
                first: Private<35> = 4..=38 $first,
                #[doc = concat!("The ", $second, ".")]
                second: Private<35> = 39..=73 $second,
                /// A date of birth, where banks agreed to tell it.
                birth: Private<10> = 74..=83 "date of birth",
                /// The last seven digits of the entry's trace number.
                entry: u32 = 88..=94 "entry detail sequence number",
            } always { 2..=3 "addenda type code" $code, 84..=87 "reserved" "", }
        }
    };
}

two_texts! {
    /// Type 11: who originates an international payment.
    IatOriginatorAddenda "11", "originator name", "originator street address"
}
two_texts! {
    /// Type 12: where the originator is. Parts end with `*`, the last with `\`.
    IatOriginatorPlaceAddenda "12", "originator city and state", "originator country and postal code"
}
two_texts! {
    /// Type 16: where the receiver is. Parts end with `*`, the last with `\`.
    IatReceiverPlaceAddenda "16", "receiver city and state", "receiver country and postal code"
}

/// A bank: types 13, 14 and, with a number of its own, 18.
macro_rules! banks {
    ($(#[$doc:meta])* $name:ident $code:literal, $whose:literal) => {
        layout! {
            $(#[$doc])*
            $name begins with b'7' {
                /// Its name.
                name: Private<35> = 4..=38 "bank name",
                /// What kind of number identifies it: `01` national, `02` BIC, `03` IBAN.
                qualifier: Text<2> = 39..=40 "bank identification number qualifier",
                /// That number.
                identification: Private<34> = 41..=74 "bank identification number",
                /// The country of its branch: an ISO code.
                country: Text<3> = 75..=77 "bank branch country code",
                /// The last seven digits of the entry's trace number.
                entry: u32 = 88..=94 "entry detail sequence number",
            } always { 2..=3 "addenda type code" $code, 78..=87 "reserved" "", }
        }
    };
}

banks! {
    /// Type 13: the bank of whoever originates an international payment.
    IatOriginatingBankAddenda "13", "originating"
}
banks! {
    /// Type 14: the bank of whoever receives it.
    IatReceivingBankAddenda "14", "receiving"
}

layout! {
    /// Type 15: who receives an international payment, and their street.
    IatReceiverAddenda begins with b'7' {
        /// By what the originator knows them.
        id: Private<15> = 4..=18 "receiver identification number",
        /// Their street.
        street: Private<35> = 19..=53 "receiver street address",
        /// The last seven digits of the entry's trace number.
        entry: u32 = 88..=94 "entry detail sequence number",
    } always { 2..=3 "addenda type code" "15", 54..=87 "reserved" "", }
}

layout! {
    /// Type 17: what an international payment is about.
    IatRemittanceAddenda begins with b'7' {
        /// The text.
        information: Private<80> = 4..=83 "payment related information",
        /// Its number among the entry's addenda of this type, from 1 on.
        sequence: u16 = 84..=87 "addenda sequence number",
        /// The last seven digits of the entry's trace number.
        entry: u32 = 88..=94 "entry detail sequence number",
    } always { 2..=3 "addenda type code" "17", }
}

layout! {
    /// Type 18: a bank that an international payment passes through.
    IatCorrespondentAddenda begins with b'7' {
        /// Its name.
        name: Private<35> = 4..=38 "foreign correspondent bank name",
        /// What kind of number identifies it: `01` national, `02` BIC, `03` IBAN.
        qualifier: Text<2> = 39..=40 "foreign correspondent bank identification number qualifier",
        /// That number.
        identification: Private<34> = 41..=74 "foreign correspondent bank identification number",
        /// The country of its branch: an ISO code.
        country: Text<3> = 75..=77 "foreign correspondent bank branch country code",
        /// Its number among the entry's addenda of this type, from 1 on.
        sequence: u16 = 84..=87 "addenda sequence number",
        /// The last seven digits of the entry's trace number.
        entry: u32 = 88..=94 "entry detail sequence number",
    } always { 2..=3 "addenda type code" "18", 78..=83 "reserved" "", }
}

layout! {
    /// Type 98: a bank asks for a change.
    ChangeAddenda begins with b'7' {
        /// Which change.
        code: ChangeCode = 4..=6 "change code",
        /// The trace number of the entry that it is about.
        original_trace: u64 = 7..=21 "original entry trace number",
        /// The bank that received that entry, without check digit.
        original_bank: u32 = 28..=35 "original receiving bank",
        /// What is right instead, laid out as the code asks: 29 columns, of international entries 35.
        corrected: Private<35> = 36..=70 "corrected data",
        /// This notification's own trace number: its entry's.
        trace: u64 = 80..=94 "trace number",
    } always { 2..=3 "addenda type code" "98", 22..=27 "reserved" "", 71..=79 "reserved" "", }
}

layout! {
    /// Type 98, with a code from C61 to C69: the notification of a change is refused.
    RefusedChangeAddenda begins with b'7' {
        /// Why.
        code: ChangeCode = 4..=6 "refused change code",
        /// The trace number of the entry that the notification was about.
        original_trace: u64 = 7..=21 "original entry trace number",
        /// The bank that received that entry, without check digit.
        original_bank: u32 = 28..=35 "original receiving bank",
        /// What the notification asked for.
        corrected: Private<29> = 36..=64 "corrected data",
        /// With which code it did.
        change: ChangeCode = 65..=67 "change code",
        /// The last seven digits of the notification's trace number.
        notification: u32 = 68..=74 "trace sequence number",
        /// This refusal's own trace number: its entry's.
        trace: u64 = 80..=94 "trace number",
    } always { 2..=3 "addenda type code" "98", 22..=27 "reserved" "", 75..=79 "reserved" "", }
}

layout! {
    /// Type 99: an entry is returned.
    ReturnAddenda begins with b'7' {
        /// Why.
        code: ReturnCode = 4..=6 "return reason code",
        /// The trace number of the entry that is returned.
        original_trace: u64 = 7..=21 "original entry trace number",
        /// When somebody died, of R14 and R15.
        died_on: Date = 22..=27 "date of death",
        /// The bank that received the entry, without check digit.
        original_bank: u32 = 28..=35 "original receiving bank",
        /// Whatever the bank says besides; of an international entry its first ten columns are its amount.
        information: Private<44> = 36..=79 "addenda information",
        /// This return's own trace number: its entry's.
        trace: u64 = 80..=94 "trace number",
    } always { 2..=3 "addenda type code" "99", }
}

layout! {
    /// Type 99, with a code from R61 to R70: the return is dishonored.
    DishonoredAddenda begins with b'7' {
        /// Why.
        code: ReturnCode = 4..=6 "dishonored return reason code",
        /// The trace number of the entry that was returned.
        original_trace: u64 = 7..=21 "original entry trace number",
        /// The bank that received it, without check digit.
        original_bank: u32 = 28..=35 "original receiving bank",
        /// The return's trace number.
        return_trace: u64 = 39..=53 "return trace number",
        /// When the return settled.
        return_settled_on: SettlementDay = 54..=56 "return settlement date",
        /// Why it was returned: the two digits of the code.
        return_reason: u16 = 57..=58 "return reason code",
        /// Of R69 which fields were wrong; else whatever is to be said.
        information: Private<21> = 59..=79 "addenda information",
        /// This dishonored return's own trace number: its entry's.
        trace: u64 = 80..=94 "trace number",
    } always { 2..=3 "addenda type code" "99", 22..=27 "reserved" "", 36..=38 "reserved" "", }
}

layout! {
    /// Type 99, with a code from R71 to R77: the dishonored return is contested.
    ContestedAddenda begins with b'7' {
        /// Why.
        code: ReturnCode = 4..=6 "contested dishonored return reason code",
        /// The trace number of the entry that was returned.
        original_trace: u64 = 7..=21 "original entry trace number",
        /// When it was returned.
        returned_on: Date = 22..=27 "date original entry returned",
        /// The bank that received it, without check digit.
        original_bank: u32 = 28..=35 "original receiving bank",
        /// When the entry settled.
        original_settled_on: SettlementDay = 36..=38 "original settlement date",
        /// The return's trace number.
        return_trace: u64 = 39..=53 "return trace number",
        /// When the return settled.
        return_settled_on: SettlementDay = 54..=56 "return settlement date",
        /// Why it was returned: the two digits of the code.
        return_reason: u16 = 57..=58 "return reason code",
        /// The dishonored return's trace number.
        dishonored_trace: u64 = 59..=73 "dishonored return trace number",
        /// When the dishonored return settled.
        dishonored_settled_on: SettlementDay = 74..=76 "dishonored return settlement date",
        /// Why it was dishonored: the two digits of the code.
        dishonored_reason: u16 = 77..=78 "dishonored return reason code",
        /// This contested return's own trace number: its entry's.
        trace: u64 = 80..=94 "trace number",
    } always { 2..=3 "addenda type code" "99", 79..=79 "reserved" "", }
}

/// Addenda of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addenda {
    /// 02.
    Terminal(TerminalAddenda),
    /// 05.
    Payment(PaymentAddenda),
    /// 10.
    IatAmount(IatAmountAddenda),
    /// 11.
    IatOriginator(IatOriginatorAddenda),
    /// 12.
    IatOriginatorPlace(IatOriginatorPlaceAddenda),
    /// 13.
    IatOriginatingBank(IatOriginatingBankAddenda),
    /// 14.
    IatReceivingBank(IatReceivingBankAddenda),
    /// 15.
    IatReceiver(IatReceiverAddenda),
    /// 16.
    IatReceiverPlace(IatReceiverPlaceAddenda),
    /// 17.
    IatRemittance(IatRemittanceAddenda),
    /// 18.
    IatCorrespondent(IatCorrespondentAddenda),
    /// 98.
    Change(ChangeAddenda),
    /// 98, refused.
    RefusedChange(RefusedChangeAddenda),
    /// 99.
    Return(ReturnAddenda),
    /// 99, dishonored.
    Dishonored(DishonoredAddenda),
    /// 99, contested.
    Contested(ContestedAddenda),
}

/// How addenda name the entry that they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// By its whole trace number.
    Trace(u64),
    /// By its last seven digits.
    Sequence(u32),
}

impl Addenda {
    /// The type: 2, 5, 10 to 18, 98 or 99.
    pub fn type_code(&self) -> u8 {
        match self {
            Addenda::Terminal(_) => 2,
            Addenda::Payment(_) => 5,
            Addenda::IatAmount(_) => 10,
            Addenda::IatOriginator(_) => 11,
            Addenda::IatOriginatorPlace(_) => 12,
            Addenda::IatOriginatingBank(_) => 13,
            Addenda::IatReceivingBank(_) => 14,
            Addenda::IatReceiver(_) => 15,
            Addenda::IatReceiverPlace(_) => 16,
            Addenda::IatRemittance(_) => 17,
            Addenda::IatCorrespondent(_) => 18,
            Addenda::Change(_) | Addenda::RefusedChange(_) => 98,
            Addenda::Return(_) | Addenda::Dishonored(_) | Addenda::Contested(_) => 99,
        }
    }

    /// Why an entry was returned, a return dishonored, or that contested.
    pub fn return_code(&self) -> Option<ReturnCode> {
        match self {
            Addenda::Return(addenda) => Some(addenda.code),
            Addenda::Dishonored(addenda) => Some(addenda.code),
            Addenda::Contested(addenda) => Some(addenda.code),
            _ => None,
        }
    }

    /// What is to be changed, or why that is refused.
    pub fn change_code(&self) -> Option<ChangeCode> {
        match self {
            Addenda::Change(addenda) => Some(addenda.code),
            Addenda::RefusedChange(addenda) => Some(addenda.code),
            _ => None,
        }
    }

    /// The trace number of the entry that a return or a change is about.
    pub fn original_trace(&self) -> Option<u64> {
        match self {
            Addenda::Return(addenda) => Some(addenda.original_trace),
            Addenda::Dishonored(addenda) => Some(addenda.original_trace),
            Addenda::Contested(addenda) => Some(addenda.original_trace),
            Addenda::Change(addenda) => Some(addenda.original_trace),
            Addenda::RefusedChange(addenda) => Some(addenda.original_trace),
            _ => None,
        }
    }

    /// Its number among the entry's addenda, where it has one.
    pub(crate) fn sequence(&self) -> Option<u16> {
        match self {
            Addenda::Payment(addenda) => Some(addenda.sequence),
            Addenda::IatRemittance(addenda) => Some(addenda.sequence),
            Addenda::IatCorrespondent(addenda) => Some(addenda.sequence),
            _ => None,
        }
    }

    pub(crate) fn belongs(&self) -> Belongs {
        match self {
            Addenda::Terminal(addenda) => Belongs::Trace(addenda.trace),
            Addenda::Payment(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatAmount(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatOriginator(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatOriginatorPlace(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatOriginatingBank(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatReceivingBank(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatReceiver(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatReceiverPlace(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatRemittance(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::IatCorrespondent(addenda) => Belongs::Sequence(addenda.entry),
            Addenda::Change(addenda) => Belongs::Trace(addenda.trace),
            Addenda::RefusedChange(addenda) => Belongs::Trace(addenda.trace),
            Addenda::Return(addenda) => Belongs::Trace(addenda.trace),
            Addenda::Dishonored(addenda) => Belongs::Trace(addenda.trace),
            Addenda::Contested(addenda) => Belongs::Trace(addenda.trace),
        }
    }
}
