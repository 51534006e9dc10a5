//! The books prove themselves, against the processor and against every way of being wrong.

mod flips;
mod large;
pub(crate) mod reconcile;
mod upgrades;
