//! The way to Stripe: who we are, which version we speak, and what counts as an answer.
//!
//! What must hold: a refusal is definite only where Stripe says so in so many words. Anything else, and anything that
//! cannot be read, is silence, behind which money may have moved.

use std::time::Duration;

use base::secret::Secret;
use payments::processor::Metadata;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, Url};
use serde::de::DeserializeOwned;

use super::objects::{Error, Failed};
use crate::http;

/// The version of the API that we speak, whatever the account's own is: the first that tells the network's code of a
/// decline. <https://docs.stripe.com/changelog/acacia/2024-12-18/network-advice-code-network-decline-code>,
/// <https://docs.stripe.com/api/versioning>
pub(super) const VERSION: &str = "2024-12-18.acacia";

/// What was configured is of no use.
#[derive(Debug, thiserror::Error)]
pub enum NotUsable {
    /// It does not read as an address.
    #[error(
        "Stripe's address must be https://…, or http://… on this machine, without a user, path, query or fragment"
    )]
    Address,
    /// It does not read as a secret key.
    #[error(
        "a secret key of Stripe begins with sk_live_ or rk_live_ (with sk_test_ or rk_test_ no money moves)"
    )]
    Key,
    /// No client could be made.
    #[error("no HTTP client for Stripe")]
    NoClient(#[source] reqwest::Error),
}

/// Why there is nothing to show for a call.
pub(super) enum Not {
    /// Stripe said no. Nothing was done.
    Refused(Box<Error>),
    /// There was no answer that could be understood; words for the operator.
    Silent(String),
}

impl Not {
    /// In words, where even a refusal leaves a question open.
    pub(super) fn words(self) -> String {
        match self {
            Not::Refused(error) => {
                format!("Stripe refused the question: {}", error.code.as_deref().unwrap_or(&error.kind))
            }
            Not::Silent(why) => why,
        }
    }
}

/// The line. Cheap to clone.
#[derive(Clone)]
pub(super) struct Line {
    client: Client,
    base: Url,
    key: Secret<String>,
}

/// Names and values, as a form or a query.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn with(mut self, name: &str, value: impl ToString) -> Fields {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    pub(super) fn with_some(self, name: &str, value: Option<&String>) -> Fields {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn with_metadata(self, all: &Metadata) -> Fields {
        all.iter().fold(self, |fields, (name, value)| fields.with(&format!("metadata[{name}]"), value))
    }
}

impl Line {
    pub(super) fn new(address: &str, key: Secret<String>, deadline: Duration) -> Result<Line, NotUsable> {
        let base = http::origin(address).ok_or(NotUsable::Address)?;
        if !is_key(key.reveal()) {
            return Err(NotUsable::Key);
        }
        let client = http::client(deadline).map_err(NotUsable::NoClient)?;
        Ok(Line { client, base, key })
    }

    /// Whether real money moves over it.
    pub(super) fn is_live(&self) -> bool {
        self.key.reveal().get(2..).is_some_and(|rest| rest.starts_with("_live_"))
    }

    /// Asks. Nothing is changed by it, and it may be asked again.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: Fields) -> Result<T, Not> {
        self.ask(self.client.get(self.url(path, &query)?)).await
    }

    /// Has something done, once for each key: the same key with the same fields gives the first answer again, with others
    /// an error, for at least 24 hours. <https://docs.stripe.com/api/idempotent_requests>
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        key: &str,
        form: Fields,
    ) -> Result<T, Not> {
        // A form is written as a query is.
        let written = self.url(&[], &form)?.query().unwrap_or_default().to_owned();
        let call = self.client.post(self.url(path, &Fields::default())?);
        let call =
            call.header("idempotency-key", key).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(call.body(written)).await
    }

    fn url(&self, path: &[&str], query: &Fields) -> Result<Url, Not> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.clear().push("v1").extend(path);
            }
            Err(()) => return Err(Not::Silent("the address cannot be made".into())),
        }
        if !query.0.is_empty() {
            url.query_pairs_mut().extend_pairs(&query.0);
        }
        Ok(url)
    }

    async fn ask<T: DeserializeOwned>(&self, call: RequestBuilder) -> Result<T, Not> {
        let call = call.bearer_auth(self.key.reveal()).header("stripe-version", VERSION);
        let (status, body) = http::send(call).await.map_err(|none| Not::Silent(none.0))?;
        let status = status.as_u16();
        if status == 200 {
            // What it said instead may hold anything: it is not repeated.
            return serde_json::from_slice(&body)
                .map_err(|_| Not::Silent("Stripe's answer cannot be read".into()));
        }
        Err(refused(status, &body))
    }
}

/// What an answer that is no 200 means. Errors about the card or the order are definite: what was refused by the checks
/// before it began was not begun, and what failed is kept and said again. Not so a key that is used for another order (400)
/// or at this moment (409), who we are (401, 403), how often we ask (429), and whatever happened to Stripe (5xx).
/// <https://docs.stripe.com/error-low-level>
fn refused(status: u16, body: &[u8]) -> Not {
    let read = serde_json::from_slice::<Failed>(body).map(|failed| failed.error);
    match (status, read) {
        (400 | 402 | 404, Ok(error))
            if matches!(error.kind.as_str(), "card_error" | "invalid_request_error") =>
        {
            Not::Refused(Box::new(error))
        }
        (400, Ok(error)) if error.kind == "idempotency_error" => {
            Not::Silent("another order stands under this key at Stripe".into())
        }
        (401 | 403, _) => Not::Silent(format!("Stripe answered {status}: our key may not do this")),
        _ => Not::Silent(format!("Stripe answered {status}")),
    }
}

/// Secret and restricted keys, of either mode. <https://docs.stripe.com/keys>
fn is_key(text: &str) -> bool {
    let starts = ["sk_live_", "rk_live_", "sk_test_", "rk_test_"];
    starts.iter().any(|start| text.len() > start.len() && text.starts_with(start))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(address: &str, key: &str) -> Result<Line, NotUsable> {
        Line::new(address, Secret::new(key.to_owned()), Duration::from_secs(1))
    }

    #[test]
    fn it_is_reached_safely_or_on_this_machine() {
        for good in ["https://api.stripe.com", "https://api.stripe.com/", "http://127.0.0.1:12111"] {
            assert!(line(good, "sk_test_1").is_ok(), "{good}");
        }
        for bad in
            ["http://api.stripe.com", "https://u:p@api.stripe.com", "https://api.stripe.com/v1", "x", ""]
        {
            assert!(matches!(line(bad, "sk_test_1"), Err(NotUsable::Address)), "{bad}");
        }
    }

    #[test]
    fn a_key_is_a_secret_one_and_says_whether_money_is_real() {
        for bad in ["", "pk_live_1", "sk_live_", "whsec_1", "sk_live_1\r\nx", "sk_test_é"] {
            let made = line("https://api.stripe.com", bad);
            assert!(matches!(made, Err(NotUsable::Key)), "{bad}");
        }
        let is_live = |key| line("https://api.stripe.com", key).unwrap().is_live();
        assert!(is_live("sk_live_1") && is_live("rk_live_1"));
        assert!(!is_live("sk_test_1") && !is_live("rk_test_1"));
    }

    #[test]
    fn only_errors_about_the_card_or_the_order_are_definite() {
        let said = |status, kind: &str| {
            let body = format!(r#"{{"error":{{"type":"{kind}","message":"pm_1"}}}}"#);
            matches!(refused(status, body.as_bytes()), Not::Refused(_))
        };
        assert!(
            said(402, "card_error")
                && said(400, "invalid_request_error")
                && said(404, "invalid_request_error")
        );
        assert!(!said(400, "idempotency_error") && !said(400, "api_error"));
        for status in [401, 403, 409, 424, 429, 500, 502, 503, 504, 302] {
            assert!(!said(status, "invalid_request_error"), "{status}");
        }
        assert!(matches!(refused(402, b"<html>"), Not::Silent(_)));
    }

    #[test]
    fn ids_cannot_lead_elsewhere() {
        let line = line("https://api.stripe.com", "sk_test_1").unwrap();
        let Ok(url) = line.url(&["refunds", "../x?y"], &Fields::default()) else { panic!() };
        assert_eq!(url.as_str(), "https://api.stripe.com/v1/refunds/..%2Fx%3Fy");
    }
}
