//! The only place that builds an HTTP client.
//!
//! What must hold: every call has a deadline for the whole of it, body included; no redirect is followed and no proxy
//! asked, so a call goes where it was told to go or nowhere; no answer is read without an end.

use std::error::Error as _;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect::Policy};

/// The most of an answer that is read.
const MOST: usize = 8 * 1024 * 1024;

/// A client whose calls take no longer than `deadline`, from the first packet to the last.
pub fn client(deadline: Duration) -> Result<Client, reqwest::Error> {
    Client::builder()
        .timeout(deadline)
        .connect_timeout(deadline)
        .redirect(Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .user_agent(concat!("quittance/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The address of somebody to whom money is entrusted: https, or http on this machine, and nothing besides the host and port.
pub(crate) fn origin(address: &str) -> Option<Url> {
    let base: Url = address.parse().ok()?;
    let is_safe = base.scheme() == "https"
        || base.scheme() == "http" && crate::post::is_loopback(base.host_str().unwrap_or_default());
    let plain = base.username().is_empty() && base.password().is_none() && base.path() == "/";
    (is_safe && plain && base.query().is_none() && base.fragment().is_none()).then_some(base)
}

/// Why there is no answer to be had, for the operator. It names no address, header or body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// Sends `call` and reads the whole answer.
pub(crate) async fn send(call: RequestBuilder) -> Result<(StatusCode, Vec<u8>), NoAnswer> {
    let mut response = call.send().await.map_err(explain)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(explain)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            return Err(NoAnswer("the answer does not end".into()));
        }
    }
    Ok((response.status(), body))
}

fn explain(error: reqwest::Error) -> NoAnswer {
    let error = error.without_url();
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line = format!("{line}: {cause}");
        next = cause.source();
    }
    NoAnswer(line)
}
