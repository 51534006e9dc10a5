//! Other systems: what they send us in one piece, and how it is applied; what they are asked and told; and what is sent to people.
//!
//! In reading order; each may call only those above it.

pub mod egress;

pub mod upsert;

pub mod bulk;

pub mod jit;

pub mod webhooks;

pub mod post;
