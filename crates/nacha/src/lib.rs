//! The ACH file format: records of 94 columns, in which banks of the United States are told whom to debit and credit, and
//! tell what came back.
//!
//! [`Reader`] takes any bytes, record by record, in memory that does not grow, and names every fault with its line, its
//! columns, and what should be there; it never panics, and what it says never shows an account number or a name. [`File`]
//! is a small file as a whole. [`Originator`] makes files anew: PPD, WEB, TEL and CCD, their prenotes, micro-entries and
//! reversals; returns, dishonored and contested; changes, and their refusal. Every record of every standard entry class is
//! a type in [`records`] that can be read and written again.
//!
//! What the codes say is in [`codes`], as facts; what to do about them is not for this crate. It depends on nothing, knows
//! no clock and no calendar, and its amounts are whole cents in plain integers.
//!
//! Sources: Nacha Operating Rules, Appendices One to Five. Where files in the wild are more liberal than the rules
//! ([`Form`]), so is the reader, and it says so.

pub mod codes;
mod date;
pub mod description;
mod fault;
mod file;
mod layout;
mod read;
pub mod records;
mod routing;
mod text;
mod write;

pub use codes::{
    AccountType, ChangeCode, Corrected, Correction, Direction, Purpose, ReturnCode, SecCode, ServiceClass,
    TransactionCode,
};
pub use date::{Date, SettlementDay, Time};
pub use fault::{Expected, Fault, Field, Found, Kind};
pub use file::{Batch, File, FullEntry};
pub use layout::{RECORD_LENGTH, Unfit};
pub use read::{FAULT_LIMIT, Form, Forms, Read, Reader, Report};
pub use records::Record;
pub use routing::{RoutingNumber, check_digit};
pub use text::{Private, Text, TextRefused, spell};
pub use write::{
    About, BatchOpening, BatchWriter, FileOpening, LineEnd, NewEntry, Original, Originator, PaymentType,
    RecordWriter, Refused, Shape, WriteError, Written,
};
