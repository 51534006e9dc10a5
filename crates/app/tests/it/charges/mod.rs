//! Charges: what a customer, an integrator and the books see of one.

mod ach;
mod capabilities;
mod cards;
mod families;
mod many;
mod races;
mod refunds;
mod review;
mod rules;
mod scheduled;
mod sweep;
mod unanswered;
mod verify_mode;
