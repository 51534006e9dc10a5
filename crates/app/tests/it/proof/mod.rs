//! The books prove themselves, against the processor and against every way of being wrong.

mod flips;
mod large;
mod reconcile;
mod upgrades;
