//! Webhooks: where an organization wants to be told what happened, and how it is told.
//!
//! - A webhook asks for events by the names of either source; a change that has several of them is told once, under the
//!   name that is first in the webhook's list.
//! - Its secret signs what is sent. One that we made is shown by the request that made it, and by its replays; never
//!   again. After a change the one before signs as well for a day, so that nobody misses a delivery.
//! - Address and secrets are sealed; no event and no log line has a secret.
//! - What is committed is told, at least once, under one id however often, and of one thing in order. What fails is tried
//!   again for 72 hours; then, or for whoever missed something, it is told again when somebody asks for it.

mod again;
mod courier;
mod delivery;
mod model;
mod queue;
mod schedule;
mod signing;
mod standing;
mod store;
mod upkeep;

pub use self::again::{
    Begin, Cancel, Replay, ReplayId, ReplayState, Resend, Start, Stop, What, go_on, replay, replays,
};
pub use self::courier::{Brought, Courier, Present, Room, Turn, let_go_of_all};
pub use self::delivery::{
    Attempt, Delivery, DeliveryId, Filter, Outcome, State, find as find_delivery, list as deliveries,
};
pub use self::model::{
    DISABLED, EVENTS, EVERYTHING, Fields, MOST, OVERLAP_SECONDS, SHORTEST_SECRET, TEST, Webhook, WebhookId,
    Why,
};
pub use self::queue::{FanOut, Queue, queues};
pub use self::schedule::{MOST_TRIES, WITHIN};
pub use self::standing::{failing, given_up, given_up_by, given_up_of, standing};
pub use self::store::{Act, Create, Delete, Perform, Update, find, list};
pub use self::upkeep::{KEPT_DAYS, forget};
