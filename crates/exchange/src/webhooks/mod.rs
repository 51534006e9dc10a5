//! Webhooks: where an organization wants to be told what happened.
//!
//! - A webhook asks for events by the names of either source; a change that has several of them is told once, under the
//!   name that is first in the webhook's list.
//! - Its secret signs what is sent. One that we made is shown by the request that made it, and by its replays; never
//!   again. After a change the one before signs as well for a day, so that nobody misses a delivery.
//! - Address and secrets are sealed; no event and no log line has a secret.

mod model;
mod store;

pub use self::model::{EVENTS, Fields, MOST, OVERLAP_SECONDS, SHORTEST_SECRET, Webhook, WebhookId};
pub use self::store::{Create, Delete, Update, find, list};
