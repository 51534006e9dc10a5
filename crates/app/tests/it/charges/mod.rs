//! Charges: what a customer, an integrator and the books see of one.

mod ach;
mod by_file;
mod capabilities;
mod cards;
mod declines;
mod families;
mod many;
mod races;
mod refunds;
mod returns;
mod review;
mod rules;
mod scheduled;
mod stripe;
mod sweep;
mod unanswered;
mod verify_mode;
mod voids;
