//! Who is asked, by whom, and how patiently.

use std::sync::Arc;
use std::time::Duration;

use crate::{Error, Secret};

/// Longer than the server waits for a processor.
const PATIENCE: Duration = Duration::from_secs(40);

/// How often and how soon a request is sent again, where that cannot make anything happen twice: no connection came
/// about; the server said that it did nothing (429, 503); or no answer came to a GET, a PUT, or a POST with an
/// idempotency key.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// How often it is sent again at most.
    pub most: u32,
    /// The pause before the second try. Each pause is about twice the one before; `Retry-After` counts where it is sent.
    pub pause: Duration,
}

impl Default for Retries {
    fn default() -> Retries {
        Retries { most: 3, pause: Duration::from_millis(250) }
    }
}

impl Retries {
    /// Nothing is ever sent again.
    pub const NEVER: Retries = Retries { most: 0, pause: Duration::ZERO };
}

/// The API at one address, with one token. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: Secret,
    pub(crate) retries: Retries,
}

impl Client {
    /// A client of the API below `base`, which ends in `/api/v1`.
    pub fn new(base: &str, token: impl Into<Secret>) -> Result<Client, Error> {
        Client::with_retries(base, token, Retries::default())
    }

    /// The same with another idea of how patient to be.
    pub fn with_retries(base: &str, token: impl Into<Secret>, retries: Retries) -> Result<Client, Error> {
        // A redirect would carry the token elsewhere, and reqwest's own retries know nothing of keys.
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("quittance-client/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|why| Error::Unsendable(why.to_string()))?;
        let base = base.trim_end_matches('/').to_owned();
        if reqwest::Url::parse(&base).is_err() {
            return Err(Error::Unsendable(format!("{base:?} is no address")));
        }
        Ok(Client { inner: Arc::new(Inner { http, base, token: token.into(), retries }) })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.inner.base).finish_non_exhaustive()
    }
}
