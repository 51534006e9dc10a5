//! Charges: what a customer, an integrator and the books see of one.

mod ach;
mod cards;
mod declines;
mod families;
mod races;
mod refunds;
mod returns;
mod rules;
mod scheduled;
mod unanswered;
mod voids;
