//! What statements are, as tests. The files are of our own making; nobody in them exists.

#![expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
#![expect(clippy::unwrap_used, reason = "in tests a panic is how something is said to be wrong")]

mod bai2;
mod bai2_faults;
mod bai2_strays;
mod camt;
mod camt_faults;
mod properties;
mod reading;
mod support;
