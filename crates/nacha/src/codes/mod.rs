//! The codes of the format, and what each of them says. What to do about one is not said here: that is whoever reads it.

mod changes;
mod class;
mod returns;
mod sec;
mod transaction;

pub use changes::{ChangeCode, ChangeKind, Corrected, Correction};
pub use class::ServiceClass;
pub use returns::{ReturnCode, ReturnKind};
pub use sec::{Directions, SecCode};
pub use transaction::{AccountType, Direction, Purpose, TransactionCode};
