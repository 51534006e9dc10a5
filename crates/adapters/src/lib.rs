//! The world outside: the card and bank processor, reached in process or over HTTP, whoever an organization has us call, and
//! whoever delivers messages; and where files for a bank lie.

pub mod authorize_net;
pub mod bank;
pub mod egress;
pub mod http;
pub mod post;
pub mod processor;
pub mod stripe;
