//! What the format is, as tests. The files are of our own making; nobody in them exists.

#![expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
#![expect(clippy::unwrap_used, reason = "in tests a panic is how something is said to be wrong")]

mod classes;
mod faults;
mod forms;
mod originating;
mod properties;
mod support;
