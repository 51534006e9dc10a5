//! What is made from the route table: every endpoint, what it takes, and what it answers. Nobody edits it by hand:
//! `QUITTANCE_WRITE_CLIENT=1 cargo test -p api --test client_source` writes it anew.

pub(crate) mod answers;
mod endpoints;
pub(crate) mod requests;
pub(crate) mod words;
