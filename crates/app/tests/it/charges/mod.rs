//! Charges: what a customer, an integrator and the books see of one.

mod ach;
mod authorize_net;
mod by_file;
mod capabilities;
mod cards;
mod declines;
mod families;
mod many;
mod races;
mod real;
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
