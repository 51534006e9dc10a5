//! The portal, as the people see it who come by a link: through a browser that keeps cookies and sends forms.

mod bank;
pub(crate) mod browser;
mod changing;
mod door;
pub(crate) mod fields;
mod log_in;
mod looks;
mod offers;
mod owed;
pub(crate) mod paying;
mod plans;
mod saying;
mod writing;
