//! Taking money: payment methods, what customers authorize, charges, refunds, plans, and the processor's seam.
//!
//! In reading order; each may call only those above it.

mod forget;

pub mod processor;

pub mod card;

pub mod networks;

mod acceptance;

pub mod bank;

pub mod methods;

pub mod velocity;

pub mod authorizations;

pub mod charges;

pub mod plans;

pub mod transactions;

pub mod verify;

pub mod reconcile;
