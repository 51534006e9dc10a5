//! The itemization of a debt: what it was on a day in its past, and how it became what it is.
//!
//! - The day is that of the last statement, the charge-off, the last payment, the transaction or the judgment: one is
//!   chosen, and kept (12 CFR 1006.34(b)(3)). Another takes withdrawing the itemization first.
//! - The amount then, with interest and fees and without payments and credits, is what is owed when it is recorded, to
//!   the cent (12 CFR 1006.34(c)(2)(vii)-(ix)); anything else is refused with the difference.
//! - It stays true by itself: what was booked since is read from the ledger, so what was recorded and what happened
//!   since always come to the current balance.

mod model;
mod store;

pub use model::{DateKind, Itemization, Line, LineKind, New};
pub use store::{Record, Withdraw, find, view};
