//! The processor over HTTP.
//!
//! What must hold: a definite answer is a 200 that can be read; all else is "unknown". The deadline is for the whole
//! of a call.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base::{Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, RefundOrder, TokenizeError,
    Tokenized, Trace, Unreachable,
};
use reqwest::{Client, RequestBuilder, Url};
use sandbox::wire;
use serde::{Serialize, de::DeserializeOwned};

use crate::http::{self, NoAnswer};

/// The processor at an address.
#[derive(Clone)]
pub struct Remote {
    client: Client,
    base: Url,
    secret: Option<Secret<String>>,
    can: Arc<OnceLock<Capabilities>>,
}

/// What is taken for granted until it was asked: that nothing may be sent twice.
const CAREFUL: Capabilities =
    Capabilities { idempotency_seconds: Some(0), lookup: true, list: true, void: true };

/// What was configured cannot be an address of a processor.
#[derive(Debug, thiserror::Error)]
pub enum NotAnAddress {
    /// It does not read as one.
    #[error("the processor's address must be http://… or https://… without a user, query or fragment")]
    Unreadable,
    /// No client could be made for it.
    #[error("no HTTP client for the processor")]
    NoClient(#[source] reqwest::Error),
}

impl Remote {
    /// How long a call may take.
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// The processor at `address`, which lets in who sends `secret`.
    pub fn new(
        address: &str,
        secret: Option<Secret<String>>,
        deadline: Duration,
    ) -> Result<Remote, NotAnAddress> {
        let mut base: Url = address.parse().map_err(|_| NotAnAddress::Unreadable)?;
        let plain = base.username().is_empty() && base.password().is_none() && base.query().is_none();
        if !matches!(base.scheme(), "http" | "https") || !plain || base.fragment().is_some() {
            return Err(NotAnAddress::Unreadable);
        }
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        let client = http::client(deadline).map_err(NotAnAddress::NoClient)?;
        Ok(Remote { client, base, secret, can: Arc::default() })
    }

    /// Asks it what it can do: that it is there, lets us in, and speaks as we do. What it says first is what
    /// [`Processor::capabilities`] gives from then on.
    pub async fn check(&self) -> Result<Capabilities, Unreachable> {
        let said: Result<wire::Capabilities, _> = self.get("capabilities", &[]).await;
        let can = said.map(super::capabilities).map_err(|why| Unreachable(why.to_string()))?;
        Ok(*self.can.get_or_init(|| can))
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, NoAnswer> {
        self.ask(self.client.post(self.url(path)?).json(body)).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, NoAnswer> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.ask(self.client.get(url)).await
    }

    fn url(&self, path: &str) -> Result<Url, NoAnswer> {
        self.base.join(path).map_err(|_| NoAnswer("the address cannot be made".into()))
    }

    async fn ask<T: DeserializeOwned>(&self, call: RequestBuilder) -> Result<T, NoAnswer> {
        let call = match &self.secret {
            Some(secret) => call.bearer_auth(secret.reveal()),
            None => call,
        };
        let (status, body) = http::send(call).await?;
        if status != reqwest::StatusCode::OK {
            return Err(NoAnswer(format!("the processor answered {}", status.as_u16())));
        }
        // What it said instead may hold anything, a token included: it is not repeated.
        serde_json::from_slice(&body).map_err(|_| NoAnswer("the processor's answer cannot be read".into()))
    }
}

impl Processor for Remote {
    /// What it said to [`Remote::check`]; before that the least that is safe.
    fn capabilities(&self) -> Capabilities {
        self.can.get().copied().unwrap_or(CAREFUL)
    }

    fn tokenize<'a>(
        &'a self,
        now: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(
            async move { super::tokenized(self.post("tokens", &super::tokenize(now, instrument)).await) },
        )
    }

    fn inspect<'a>(
        &'a self,
        now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(
            async move { super::tokenized(self.post("tokens/inspect", &super::inspect(now, token)).await) },
        )
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(async move { super::answer(self.post("charges", &super::charge(now, order)).await) })
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async move { super::answer(self.post("refunds", &super::refund(now, order)).await) })
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        Box::pin(async move { super::answer(self.post("voids", &super::void(now, key, charge)).await) })
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(async move {
            let now = now.micros().to_string();
            super::lookup(self.get("lookup", &[("key", &what.key), ("now", &now)]).await)
        })
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move {
            let (now, since) = (now.micros().to_string(), since.micros().to_string());
            let mut query = vec![("now", now.as_str()), ("since", since.as_str())];
            query.extend(after.as_deref().map(|cursor| ("cursor", cursor)));
            super::page(self.get("transactions", &query).await)
        })
    }
}
