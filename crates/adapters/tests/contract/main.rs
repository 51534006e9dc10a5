//! The contract that every processor keeps: by the sandbox in process and over HTTP, and by Stripe and Authorize.net, whose other
//! ends are played by servers that behave as their documentation says.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing where it did")]

mod authorize_net;
#[path = "../authorize_net_end/mod.rs"]
mod authorize_net_end;
mod pages;
mod sandbox;
mod shared;
mod stripe;
#[path = "../stripe_end/mod.rs"]
mod stripe_end;
mod worlds;
