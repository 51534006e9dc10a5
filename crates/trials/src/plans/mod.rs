//! Payment plans over simulated time: the real till and SQL on either engine, by a clock that the trial moves.

mod bank;
mod codes;
mod house;
mod judge;
mod people;
pub(crate) mod returns;
pub(crate) mod standstill;
