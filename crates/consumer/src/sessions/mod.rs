//! Customer sessions: links that log a customer in.
//!
//! - A link's secret is made from the tenant's key and the session's id, so that a repeated request can tell it again;
//!   only a hash of it is kept. It is told when the session is made, and never after.
//! - A session ends at a fixed instant, or a day after it was last used, 90 days after it was made at the latest; and
//!   at once where it is revoked, or its customer deleted.
//! - Opening the link changes nothing: mail scanners open links too. Coming in by it does, and that is a use.
//! - The first browser that comes in by a link is bound to it; any other says first who it is, by one thing that only the
//!   customer should know. So does everybody who comes by a link that we sent, or where the organization wants it. Five
//!   wrong answers in all close the link to whoever is not in by then.
//! - Who comes without a link, where the organization lets them, says who they are by what lookups ask for ([`crate::finding`]).
//! - Who may not see an account, by its status, the customer's, or a hold, gets no link to it, and a link from before
//!   shows nothing.
//! - A customer is sent back only to origins the organization allows; a sandbox may send them to the machine itself.

mod browsers;
mod model;
mod store;

pub use browsers::{
    Answer, Browser, BrowserId, Enter, Entered, IDLE_SECONDS, Leave, LogIn, Question, TRIES, Visit, Visitor,
    visit,
};

pub use model::{
    About, Destination, LONGEST_SECONDS, Lifetime, New, ReturnTo, SLIDES_SECONDS, Session, SessionId, State,
    Tag,
};
pub(crate) use store::linked;
pub use store::{Create, Filter, Link, Opened, Revoke, find, link, list, open, return_to, view};
