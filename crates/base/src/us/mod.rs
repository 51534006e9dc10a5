//! How people, places and banks are written in the United States: read leniently, kept in one form.
//!
//! Every function here answers with the one form that is stored, or `None`. Reading a kept form again gives
//! the same form, so a value that was stored can always be sent back.

mod bank;
mod contact;
mod names;
mod states;

pub use bank::routing_number;
pub use contact::{email, phone, postal_code5};
pub use names::{fold_name, split_name};
pub use states::state;
