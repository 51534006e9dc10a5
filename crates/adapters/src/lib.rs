//! The world outside: the card and bank processor, reached in process or over HTTP.

pub mod http;
pub mod processor;
