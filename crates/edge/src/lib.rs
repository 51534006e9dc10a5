//! HTTP without the business: bodies, rules, errors, limits, the route table, OpenAPI.
