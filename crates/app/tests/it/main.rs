//! The platform as a whole, as those see it who use it: over HTTP, on both engines.
//!
//! One binary, so that there is one PostgreSQL server for all of it. Every story has a database of its own and a
//! clock that stands still until the story moves it, and ends with the question whether the books hold.

#![expect(clippy::inconsistent_digit_grouping, reason = "money reads as dollars_cents")]
#![expect(clippy::unwrap_used, reason = "a story that goes wrong says where")]

#[macro_use]
mod support;

mod bad_input;
mod balance;
mod bank;
mod blocks;
mod bulk;
mod canaries;
mod charges;
mod clocks;
mod consumer;
mod db;
mod debts;
mod doctor;
mod events;
mod exposure;
mod jit;
mod keys;
mod lists;
mod locations;
mod messages;
mod methods;
mod model;
mod nacha_check;
mod openapi;
mod organization;
mod people;
mod plans;
mod portal;
mod proof;
mod remittance;
mod samples;
mod tenancy;
mod transactions;
mod typed_client;
mod webhooks;
