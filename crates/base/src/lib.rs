//! The vocabulary every other crate speaks: money, ids, time, failures, secrets, and the database seam.
//!
//! Nothing here knows a word of the business: no debt, no charge, no customer.

pub mod change;
pub mod date_range;
pub mod db;
pub mod failure;
pub mod ids;
pub mod money;
pub mod net;
pub mod page;
pub mod seams;
pub mod secret;
pub mod time;
mod turns;
pub mod us;
pub mod vault;
pub mod web;

pub use change::Change;
pub use failure::{Code, Failure, Refusal, Result};
pub use ids::{OrgId, Ref, TenantId};
pub use money::Cents;
pub use page::{Listed, Page};
pub use time::{Day, Ts};
pub use turns::in_turn;
