//! Disputes: what a customer says they do not owe, and what the organization answers.
//!
//! - Placing one places a hold for the reason `dispute` on its account, in the same transaction, and closing it lifts
//!   that: collecting stops until the dispute is settled (12 CFR 1006.38(d), 15 USC 1692g(b)). A dispute about a part
//!   holds the whole account: stricter than the rule, since a payment cannot be told apart by part.
//! - It is open, then answered, and ends upheld, rejected or withdrawn; ended it stays as it is.
//! - One that repeats an earlier one without anything new may be answered by reference to that (12 CFR 1006.38(a)(1)
//!   and (d)(2)(ii)).
//! - What was written and answered is never changed.

mod model;
mod store;

pub use model::{Changes, Dispute, DisputeId, Kind, New, Reason, Reasons, Status};
pub use store::{Answer, Filter, Place, Update, answers, find, list, views};
