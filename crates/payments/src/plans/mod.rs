//! Payment plans.

pub mod schedule;
