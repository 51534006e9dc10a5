//! Taking money: payment methods, charges, refunds, and the processor's seam.

pub mod card;
pub mod charges;
pub mod methods;
pub mod processor;
