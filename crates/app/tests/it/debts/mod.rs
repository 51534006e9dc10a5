//! Debt accounts: what an integrator can say of one, and what it then shows.

mod accounts;
mod ids;
mod lists;
mod lookup;
mod nesting;
mod trees;
