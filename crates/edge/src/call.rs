//! What a handler is given, and who decides that it may be called.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base::seams::Seams;
use base::secret::Secret;
use base::{Failure, Ref, Result, Ts};
use http::Method;
use http::request::Parts;
use serde_json::Value;

use crate::body::{Input, Stream, Upload};
use crate::json;
use crate::reply::Reply;
use crate::rules::{self, Context, Reader};

/// Somebody who was let in.
pub trait Caller: Clone + Send + Sync + 'static {
    /// Whether they hold the right that an endpoint asks for.
    fn may(&self, scope: &str) -> bool;
    /// Whom their requests are counted against: a token, as a rule.
    fn rate_key(&self) -> u128;
    /// The tenant, for the log. Nothing personal.
    fn tenant(&self) -> String;
}

/// How a failure is told, and under which request id.
pub type Teller = fn(&Failure, &str) -> Reply;

/// The application's state, and its door: who comes in.
pub trait Gate: Clone + Send + Sync + 'static {
    /// Who came in.
    type Caller: Caller;

    /// Finds out who asks. `Unauthenticated` for nobody.
    fn admit(&self, door: &Door<'_>) -> impl Future<Output = Result<Self::Caller>> + Send;

    /// The state as this caller has it: where it is another time for them, in that.
    fn seen_by(&self, _caller: &Self::Caller) -> Self {
        self.clone()
    }

    /// How failures are told to whoever stands at this door: in JSON, unless a face has clothes of its own.
    fn teller(&self, _door: &Door<'_>) -> Teller {
        Reply::failure
    }

    /// Time and chance.
    fn seams(&self) -> &Seams;
}

/// What is known of a request before anybody is let in.
pub struct Door<'a> {
    /// Method, address and headers.
    pub parts: &'a Parts,
    /// Where it comes from, trusted proxies seen through.
    pub from: IpAddr,
}

impl Door<'_> {
    /// The token of the Authorization header.
    pub fn bearer(&self) -> Result<Secret<String>> {
        crate::headers::bearer(&self.parts.headers)
    }

    /// The host the caller asked for, in lowercase and without a port.
    pub fn host(&self) -> Option<String> {
        crate::headers::host(self.parts)
    }

    /// A cookie's value; see [`headers::cookie`](crate::headers::cookie).
    pub fn cookie(&self, name: &str) -> Option<Secret<String>> {
        crate::headers::cookie(&self.parts.headers, name)
    }
}

/// How a path was spelled, by its fixed parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// A hyphen somewhere: `/debt-accounts`.
    Hyphens,
    /// An underscore somewhere: `/debt_accounts`.
    Underscores,
    /// Neither: `/customers`.
    Plain,
}

impl Spelling {
    /// The spelling of a path pattern. Parameters are not part of it.
    pub fn of(pattern: &str) -> Spelling {
        let fixed = || pattern.split('/').filter(|step| !step.starts_with('{'));
        if fixed().any(|step| step.contains('-')) {
            Spelling::Hyphens
        } else if fixed().any(|step| step.contains('_')) {
            Spelling::Underscores
        } else {
            Spelling::Plain
        }
    }
}

/// One request, authenticated, counted and read.
pub struct Call<S: Gate> {
    /// The application.
    pub state: S,
    /// The id it goes by in the log and in the answer.
    pub request_id: String,
    /// When it came.
    pub now: Ts,
    /// Where it comes from.
    pub from: IpAddr,
    /// The key it may be repeated under. Only on endpoints that are idempotent.
    pub idempotency_key: Option<String>,
    /// The body as it was sent: fields, unknown ones too.
    pub body: Value,
    /// The files of a multipart body, where the endpoint takes any.
    pub files: Vec<Upload>,
    /// The query, as fields.
    pub query: Value,
    pub(crate) is_form: bool,
    pub(crate) caller: Option<S::Caller>,
    /// Locked only so that a call can be shared between threads.
    pub(crate) stream: Mutex<Option<Stream>>,
    pub(crate) parts: Parts,
    pub(crate) pattern: Arc<str>,
    pub(crate) params: HashMap<String, String>,
    pub(crate) left_out: Arc<[Vec<String>]>,
    pub(crate) public_url: Arc<str>,
}

impl<S: Gate> Call<S> {
    /// Who asks.
    ///
    /// # Panics
    /// On an endpoint that is open to anyone, where nobody was asked who they are.
    pub fn caller(&self) -> &S::Caller {
        self.caller.as_ref().expect("an endpoint that is not open to anyone has a caller")
    }

    /// The thing in the path, by our id or the caller's own. Nothing that can be neither is found.
    pub fn id(&self, name: &str) -> Result<Ref> {
        self.params.get(name).and_then(|text| Ref::new(text)).ok_or_else(Failure::not_found)
    }

    /// A parameter of the path as it was sent.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// Reads the body by `rules`: every failing field at once.
    pub fn read<T>(&self, rules: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T> {
        rules::read(&self.body, self.context(), rules)
    }

    /// Reads a body that is a list of at most `most` objects.
    pub fn read_all<T>(&self, most: usize, rules: impl Fn(&mut Reader<'_>) -> T) -> Result<Vec<T>> {
        rules::read_all(&self.body, most, self.context(), rules)
    }

    /// Reads the query by `rules`.
    pub fn ask<T>(&self, rules: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T> {
        rules::read(&self.query, Context { now: self.now, is_form: true }, rules)
    }

    fn context(&self) -> Context {
        Context { now: self.now, is_form: self.is_form }
    }

    /// The body of an endpoint that takes it in pieces. Once.
    pub fn take_stream(&mut self) -> Option<Stream> {
        self.stream.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How the path was spelled.
    pub fn spelling(&self) -> Spelling {
        Spelling::of(&self.pattern)
    }

    /// The path pattern as called: `/api/v1/customers/{id}`.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The path as called, without a trailing slash and without the query.
    pub fn path(&self) -> &str {
        self.parts.uri.path().trim_end_matches('/')
    }

    /// The headers.
    pub fn headers(&self) -> &http::HeaderMap {
        &self.parts.headers
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// A cookie's value; see [`headers::cookie`](crate::headers::cookie).
    pub fn cookie(&self, name: &str) -> Option<Secret<String>> {
        crate::headers::cookie(self.headers(), name)
    }

    /// The host and port that the caller asked for.
    pub fn authority(&self) -> Option<&str> {
        let named = self.parts.uri.authority().map(http::uri::Authority::as_str);
        named.or_else(|| self.header("host"))
    }

    /// The absolute address of the path as called.
    pub fn url(&self) -> String {
        format!("{}{}", self.public_url, self.path())
    }

    /// The address this installation is known by, without a trailing slash.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The query as it was sent, without its question mark.
    pub fn raw_query(&self) -> &str {
        self.parts.uri.query().unwrap_or("")
    }

    /// What a fingerprint of this request is made of: method, path, query and body, each the same for the same
    /// request however its keys are ordered, without the fields that no fingerprint may contain. Only ever keep a
    /// keyed hash of it: it holds card numbers. A streamed body is not part of it.
    pub fn fingerprint_input(&self) -> Secret<Vec<u8>> {
        let mut bytes = format!("{} {}\n", self.parts.method, self.path()).into_bytes();
        bytes.extend(json::canonical(&self.query, &[]));
        bytes.push(b'\n');
        bytes.extend(json::canonical(&self.body, &self.left_out));
        Secret::new(bytes)
    }

    pub(crate) fn fill(&mut self, input: Input) {
        self.body = input.value;
        self.is_form = input.is_form;
        self.files = input.files;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_do_not_decide_the_spelling() {
        for (pattern, spelling) in [
            ("/customers/{customer_id}", Spelling::Plain),
            ("/debt-accounts/{debt_account_id}", Spelling::Hyphens),
            ("/customers/{id}/payment_methods", Spelling::Underscores),
        ] {
            assert_eq!(Spelling::of(pattern), spelling, "{pattern}");
        }
    }
}
