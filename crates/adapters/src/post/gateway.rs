//! Text messages by way of an HTTP gateway at an address of the operator's choice.
//!
//! The contract, for whoever writes one (docs/MESSAGES.md): `POST` of `{"id", "from", "to", "body"}` with the message's id as
//! `Idempotency-Key` and the token as a bearer; any 2xx says that it was taken, once for each id.

use std::time::Duration;

use base::secret::Secret;
use exchange::post::{Answer, Later, Reason, Text, Texter};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{NotUsable, is_loopback, their_id};
use crate::http;

/// How long a call may take.
const WITHIN: Duration = Duration::from_secs(10);

/// The most of an answer that is read.
const MOST: usize = 64 * 1024;

/// A gateway.
pub struct Gateway {
    client: Client,
    url: Url,
    token: Option<Secret<String>>,
    from: Option<String>,
}

#[derive(Deserialize)]
struct Taken {
    id: Value,
}

impl Gateway {
    /// The gateway at `url`, which lets in who sends `token`; `from` is the number or name that texts come from, where the
    /// gateway wants to be told.
    pub fn new(url: &str, token: Option<Secret<String>>, from: Option<String>) -> Result<Gateway, NotUsable> {
        let url: Url = url.parse().map_err(|_| NotUsable::NoGateway)?;
        let host = url.host_str().unwrap_or_default();
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(host));
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !is_safe || !plain {
            return Err(NotUsable::NoGateway);
        }
        let client = http::client(WITHIN).map_err(NotUsable::NoClient)?;
        Ok(Gateway { client, url, token, from })
    }

    async fn ask(&self, text: &Text) -> Answer {
        let body = json!({
            "id": text.id.to_string(),
            "from": self.from,
            "to": text.to.reveal(),
            "body": text.body.reveal(),
        });
        let call =
            self.client.post(self.url.clone()).header("idempotency-key", text.id.to_string()).json(&body);
        let call = match &self.token {
            Some(token) => call.bearer_auth(token.reveal()),
            None => call,
        };
        match call.send().await {
            Ok(response) => answer(response).await,
            Err(error) if error.is_timeout() => Answer::failed(Reason::TimedOut),
            Err(error) => {
                let error = error.without_url();
                tracing::warn!(id = %text.id, %error, "the gateway for text messages cannot be reached");
                Answer::failed(Reason::Unreachable)
            }
        }
    }
}

async fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let later = |why| Answer::Failed { why, retry_after: wait.map(Duration::from_secs) };
    match status {
        // It is theirs, whatever else they say.
        200..=299 => Answer::Sent { provider_id: taken(response).await },
        // That is about us, and not about the message: for the operator to mend.
        401 | 403 => later(Reason::NotLetIn),
        408 | 429 => later(Reason::TryLater),
        400..=499 => Answer::Refused(Reason::Refused),
        _ => later(Reason::TryLater),
    }
}

/// What they call it, where they say so in JSON.
async fn taken(mut response: Response) -> Option<String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            return None;
        }
    }
    match serde_json::from_slice::<Taken>(&body).ok()?.id {
        Value::String(id) => their_id(&id),
        Value::Number(id) => their_id(&id.to_string()),
        _ => None,
    }
}

impl Texter for Gateway {
    fn send<'a>(&'a self, text: &'a Text) -> Later<'a, Answer> {
        Box::pin(async move {
            let answer = self.ask(text).await;
            if !matches!(answer, Answer::Sent { .. }) {
                tracing::warn!(id = %text.id, ?answer, "the gateway did not take a text message");
            }
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_reached_safely_or_on_this_machine() {
        for good in ["https://sms.example/send?account=1", "http://127.0.0.1:9000/", "http://localhost/sms"] {
            assert!(Gateway::new(good, None, None).is_ok(), "{good}");
        }
        for bad in
            ["http://sms.example/", "https://user:secret@sms.example/", "sms.example", "https://a/#b", ""]
        {
            assert!(matches!(Gateway::new(bad, None, None), Err(NotUsable::NoGateway)), "{bad}");
        }
    }
}
