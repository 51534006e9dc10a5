//! Tickets: what customers and the organization write to each other, for an auditable record.
//!
//! - A ticket begins with a message, its description. Messages are never changed or taken away.
//! - Each side has read a ticket, or has not; whoever writes has read it, and the other has not.
//! - A ticket that is closed takes no more messages. A message of the customer opens one that was resolved.
//! - Texts are sealed with the customer's key, or where there is no customer with the tenant's.

mod model;
mod store;

pub use model::{Author, Category, Changes, Contact, MessageId, New, Source, Status, Ticket, TicketId};
pub use store::{
    Create, Filter, MarkRead, Message, Update, Write, find, list, load, message, message_views, messages,
    views,
};
