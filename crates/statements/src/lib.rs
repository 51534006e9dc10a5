//! Bank statements: what an agency's bank says each morning of what was on an account, and what moved.
//!
//! [`Reader`] takes any bytes of BAI2 or camt (which of them it is, their first bytes tell), piece by piece, in memory that does
//! not grow with the file, and names every fault with its line, its column, and what should be there; it never panics, and what
//! it says never shows an account number or a name. [`File`] is a small file as a whole, with what is wrong kept apart.
//!
//! What comes out is the same for both ([`Statement`], [`Line`]): plain data. It depends on nothing of the workspace, knows no
//! clock, no calendar and no database, and its amounts are whole numbers of the currency's smallest unit.
//!
//! Sources: BAI, Cash Management Balance Reporting Specifications, version 2 (10/2005; since 2009 of ASC X9); ISO 20022,
//! message definition reports of bank-to-customer cash management (camt.052, camt.053, camt.054). Where files of banks stray
//! from these and what they say is clear all the same ([`Form`]), they are read, and the report says so.

mod bai;
mod camt;
mod code;
mod date;
mod detect;
mod fault;
mod file;
mod forms;
mod input;
mod money;
mod reader;
mod sink;
mod statement;
mod text;

pub use bai::{Level, TypeCode};
pub use code::{BankCode, FigureCode, IsoCode};
pub use date::{Date, Time};
pub use fault::{Expected, Fault, Found, Glimpse, Kind, Spoils};
pub use file::{File, Statement};
pub use forms::{Form, Forms};
pub use money::Currency;
pub use reader::{FAULT_LIMIT, Reader, Report};
pub use statement::{
    AsOf, Batch, Direction, End, Figure, FileHead, Format, Funds, Group, GroupStatus, Head, Line, Page, Part,
    Piece, References, State, StatementKind, Sum,
};
pub use text::{AccountId, Private, Reference};
