//! How people, places and banks are written in the United States: read leniently, kept in one form; and when its
//! banks are open.
//!
//! Every function that reads answers with the one form that is stored, or `None`. Reading a kept form again gives
//! the same form, so a value that was stored can always be sent back.

mod bank;
mod banking;
mod contact;
mod names;
mod states;

pub use bank::routing_number;
pub use banking::{
    HOLIDAYS, Holiday, banking_day_from, banking_holiday, is_banking_day, is_business_day, legal_holiday,
    minus_business_days, next_banking_day, plus_banking_days,
};
pub use contact::{email, phone, postal_code5};
pub use names::{fold_name, split_name};
pub use states::state;
