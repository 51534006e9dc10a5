//! The portal, as the people see it who come by a link: through a browser that keeps cookies and sends forms.

pub(crate) mod browser;
mod door;
mod log_in;
mod looks;
mod offers;
mod owed;
mod paying;
mod plans;
mod saying;
mod writing;
