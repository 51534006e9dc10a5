//! The world outside: the card and bank processor, reached in process or over HTTP, and whoever an organization has us call.

pub mod egress;
pub mod http;
pub mod processor;
