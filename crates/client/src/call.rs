//! One request: how it is sent, sent again, and read.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::client::Client;
use crate::upload::{File, Upload};
use crate::{Error, Refusal, query};

/// The longest that `Retry-After` is obeyed. Beyond it the refusal is handed on.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

type Read<T> = fn(&Heard) -> Result<T, Error>;

/// A request that is ready: `.await` sends it.
#[must_use = "it is sent when it is awaited"]
pub struct Call<T> {
    client: Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<(String, Vec<u8>)>,
    fault: Option<String>,
    key: Option<String>,
    read: Read<T>,
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Call<T> {
        Call {
            client: self.client.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            body: self.body.clone(),
            fault: self.fault.clone(),
            key: self.key.clone(),
            read: self.read,
        }
    }
}

/// What was answered, and what is to be known of it.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// Whether the server says that it had done this before, under the same idempotency key.
    pub is_replay: bool,
    /// The request's id, to ask its operator about.
    pub request_id: Option<String>,
}

/// An answer as it came.
pub(crate) struct Heard {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

#[derive(Deserialize)]
struct Shown<T> {
    data: T,
}

impl Heard {
    fn text(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().ok()?.to_owned())
    }

    fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|why| Error::Unreadable { status: self.status, why: why.to_string() })
    }

    fn refusal(&self) -> Refusal {
        // What stands between us and the server may answer without JSON.
        let read = serde_json::from_slice(&self.body).unwrap_or_default();
        Refusal {
            status: self.status,
            request_id: self.text("x-request-id"),
            retry_after: self.text(RETRY_AFTER.as_str()).and_then(|text| text.parse().ok()),
            ..read
        }
    }
}

/// How the answers of an endpoint are read.
pub(crate) mod read {
    use super::*;

    /// What stands under `data`.
    pub(crate) fn data<T: DeserializeOwned>(heard: &Heard) -> Result<T, Error> {
        heard.json::<Shown<T>>().map(|shown| shown.data)
    }

    /// The whole.
    pub(crate) fn whole<T: DeserializeOwned>(heard: &Heard) -> Result<T, Error> {
        heard.json()
    }

    /// That it succeeded.
    pub(crate) fn nothing(_: &Heard) -> Result<(), Error> {
        Ok(())
    }

    /// A file.
    pub(crate) fn file(heard: &Heard) -> Result<File, Error> {
        let content_type = heard.text(CONTENT_TYPE.as_str()).unwrap_or_default();
        Ok(File { content_type, bytes: heard.body.clone() })
    }
}

impl<T> Call<T> {
    pub(crate) fn new(client: &Client, method: Method, path: String, read: Read<T>) -> Call<T> {
        let (query, body, fault, key) = Default::default();
        Call { client: client.clone(), method, path, query, body, fault, key, read }
    }

    /// An endpoint that remembers keys gets one, so that sending it again is safe.
    pub(crate) fn keyed(mut self) -> Call<T> {
        self.key = Some(random());
        self
    }

    pub(crate) fn json(mut self, body: &(impl Serialize + ?Sized)) -> Call<T> {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Some(("application/json".into(), bytes)),
            Err(why) => self.fault = Some(why.to_string()),
        }
        self
    }

    pub(crate) fn bytes(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Call<T> {
        self.body = Some((content_type.into(), bytes.into()));
        self
    }

    pub(crate) fn upload(mut self, file: &Upload, fields: &impl Serialize) -> Call<T> {
        self.body = Some(file.form(fields, &random()));
        self
    }

    pub(crate) fn filter(mut self, filter: &impl Serialize) -> Call<T> {
        self.query.extend(query::pairs(filter));
        self
    }

    /// Sends it under this key: under the same key it happens once, however often it is sent, and by whomever. Without it
    /// the client makes one for its own tries.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Call<T> {
        self.key = Some(key.into());
        self
    }

    /// What the answer shows besides: `customer,debt_account`.
    pub fn include(self, words: &str) -> Call<T> {
        self.query("include", words)
    }

    /// A parameter of the query.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Call<T> {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends it, and says what is to be known of the answer.
    pub async fn answer(self) -> Result<Answer<T>, Error> {
        let url = self.url()?;
        let mut tried = 0;
        loop {
            let heard = self.once(&url).await;
            let again = match &heard {
                Ok(heard) => self.again_after(heard, tried),
                Err(why) => self.again_without(why, tried),
            };
            if let Some(pause) = again {
                tried += 1;
                tokio::time::sleep(pause).await;
                continue;
            }
            let heard = heard.map_err(|why| Error::Unanswered(why.without_url()))?;
            if heard.status >= 400 {
                return Err(Error::Refused(Box::new(heard.refusal())));
            }
            let is_replay = heard.text("idempotent-replayed").is_some_and(|value| value == "true");
            let request_id = heard.text("x-request-id");
            return (self.read)(&heard).map(|value| Answer { value, is_replay, request_id });
        }
    }

    fn url(&self) -> Result<Url, Error> {
        if let Some(fault) = &self.fault {
            return Err(Error::Unsendable(fault.clone()));
        }
        let address = format!("{}{}", self.client.inner.base, self.path);
        let mut url = Url::parse(&address).map_err(|why| Error::Unsendable(why.to_string()))?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    async fn once(&self, url: &Url) -> Result<Heard, reqwest::Error> {
        let inner = &self.client.inner;
        let mut request = inner.http.request(self.method.clone(), url.clone());
        let bearer = HeaderValue::from_str(&format!("Bearer {}", inner.token.reveal()));
        if let Ok(mut bearer) = bearer {
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some((content_type, bytes)) = &self.body {
            request = request.header(CONTENT_TYPE, content_type).body(bytes.clone());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Heard { status, headers, body: response.bytes().await?.into() })
    }

    /// The pause after which a request that nothing came of is sent again.
    fn again_without(&self, why: &reqwest::Error, tried: u32) -> Option<Duration> {
        let may_repeat = self.key.is_some() || self.method == Method::GET || self.method == Method::PUT;
        (may_repeat || why.is_connect()).then(|| self.pause(tried, None)).flatten()
    }

    /// The same for one that was refused for now.
    fn again_after(&self, heard: &Heard, tried: u32) -> Option<Duration> {
        let refusal = heard.refusal();
        let is_for_now = match (heard.status, refusal.code.as_str()) {
            (429 | 503, _) => true,
            // An earlier try of ours is still at it.
            (409, "idempotency_in_progress") => tried > 0,
            _ => false,
        };
        let told = refusal.retry_after.map(Duration::from_secs);
        is_for_now.then(|| self.pause(tried, told)).flatten()
    }

    fn pause(&self, tried: u32, told: Option<Duration>) -> Option<Duration> {
        let retries = self.client.inner.retries;
        let own = retries.pause.saturating_mul(1 << tried.min(10));
        // Whoever was turned away together does not come again together.
        let spread = own / 512 * u32::from(random_byte());
        let pause = told.unwrap_or_default().max(own).saturating_add(spread);
        (tried < retries.most && told.unwrap_or_default() <= LONGEST_PAUSE).then_some(pause)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this crate runs in other people's programs, which have no seams"
)]
fn random() -> String {
    Uuid::new_v4().to_string()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this crate runs in other people's programs, which have no seams"
)]
fn random_byte() -> u8 {
    Uuid::new_v4().as_bytes()[0]
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.answer().await.map(|answer| answer.value) })
    }
}
