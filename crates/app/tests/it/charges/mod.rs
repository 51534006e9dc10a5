//! Charges: what a customer, an integrator and the books see of one.

mod ach;
mod cards;
mod families;
mod many;
mod races;
mod refunds;
mod rules;
mod scheduled;
mod unanswered;
