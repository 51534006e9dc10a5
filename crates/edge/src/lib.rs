//! HTTP without the business: bodies, rules, errors, limits, the route table, OpenAPI.
pub mod brackets;
pub mod json;
pub mod rules;
pub mod body;
pub mod headers;
pub mod limits;
pub mod reply;
