//! The contract that every processor keeps: by the sandbox in process and over HTTP, and by Stripe, whose other end is played
//! by a server that behaves as Stripe's documentation says.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing where it did")]

mod pages;
mod sandbox;
mod shared;
mod stripe;
#[path = "../stripe_end/mod.rs"]
mod stripe_end;
mod worlds;
