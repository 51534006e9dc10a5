//! Customer sessions: links that log a customer in.
//!
//! - A link's secret is made from the tenant's key and the session's id, so that a repeated request can tell it again;
//!   only a hash of it is kept. It is told when the session is made, and never after.
//! - A session ends at a fixed instant, or a day after it was last used, 90 days after it was made at the latest; and
//!   at once where it is revoked, or its customer deleted.
//! - Opening the link consumes nothing: mail scanners open links too.
//! - Who may not see an account, by its status, the customer's, or a hold, gets no link to it, and a link from before
//!   shows nothing.
//! - A customer is sent back only to origins the organization allows; a sandbox may send them to the machine itself.

mod model;
mod store;

pub use model::{
    About, Destination, LONGEST_SECONDS, Lifetime, New, ReturnTo, SLIDES_SECONDS, Session, SessionId, State,
    Tag,
};
pub(crate) use store::linked;
pub use store::{Create, Filter, Opened, Revoke, find, link, list, open, view};
