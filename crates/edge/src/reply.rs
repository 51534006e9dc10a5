//! What goes out: a status, JSON, and a few headers.
//!
//! Must always hold: nothing of a `Broken` failure is rendered but the request id that finds it in the log.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::response::Response;
use base::{Code, Failure, Result};
use futures_util::{Stream, TryStreamExt};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    flow: Option<Flow>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A body that is made while it is sent.
#[derive(Clone)]
struct Flow(Arc<Mutex<Option<Pieces>>>);

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flow")
    }
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no strings cannot be serialized; no answer has one.
    serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec())
}

#[derive(Serialize)]
struct Data<'a, T: ?Sized> {
    data: &'a T,
}

impl Reply {
    /// 200 with `{"data": …}`.
    pub fn ok<T: Serialize + ?Sized>(data: &T) -> Reply {
        Reply::json(200, &Data { data })
    }

    /// 201 with `{"data": …}`.
    pub fn created<T: Serialize + ?Sized>(data: &T) -> Reply {
        Reply::json(201, &Data { data })
    }

    /// 200 with `{"success": true}`: deleted.
    pub fn success() -> Reply {
        Reply::json(200, &json!({"success": true}))
    }

    /// `body` as it is, without a `data` around it.
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Reply {
        Reply::raw(status, "application/json", bytes(&body))
    }

    /// Bytes that are written already.
    pub fn raw(status: u16, content_type: &'static str, body: Vec<u8>) -> Reply {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Reply { status, content_type, body, flow: None, headers: Vec::new() }
    }

    /// 200 with a body that is made while it is sent, so that it may be larger than memory. Where it fails the
    /// connection breaks off, so that nobody takes a part of it for the whole.
    pub fn flow(
        content_type: &'static str,
        pieces: impl Stream<Item = Result<Vec<u8>>> + Send + 'static,
    ) -> Reply {
        let pieces: Pieces = Box::pin(pieces.map_ok(Bytes::from).inspect_err(|failure| {
            tracing::error!(error = failure.chain(), "an answer broke off");
        }));
        Reply {
            flow: Some(Flow(Arc::new(Mutex::new(Some(pieces))))),
            ..Reply::raw(200, content_type, Vec::new())
        }
    }

    /// No body at all: 204.
    pub fn nothing() -> Reply {
        Reply::raw(204, "", Vec::new())
    }

    /// A refusal that shows what it is about: a declined charge under `data`.
    pub fn refused<T: Serialize + ?Sized>(failure: &Failure, request_id: &str, data: &T) -> Reply {
        let mut reply = Reply::failure(failure, request_id);
        if let Ok(mut body) = serde_json::from_slice::<Map<String, Value>>(&reply.body) {
            body.insert("data".into(), serde_json::to_value(data).unwrap_or_default());
            reply.body = bytes(&body);
        }
        reply
    }

    /// A failure in JSON's clothes.
    pub fn failure(failure: &Failure, request_id: &str) -> Reply {
        match failure {
            Failure::Refused(refusal) => {
                let errors: Map<String, Value> =
                    refusal.fields.iter().map(|(at, said)| (at.clone(), json!(said))).collect();
                let body = json!({
                    "error": refusal.say,
                    "errorCode": refusal.code.name(),
                    "message": refusal.say,
                    "errors": errors,
                });
                let reply = Reply::json(refusal.code.status(), &body);
                let reply = match refusal.code {
                    Code::Unauthenticated => reply.header(WWW_AUTHENTICATE, "Bearer"),
                    _ => reply,
                };
                let wait = refusal.retry_after.or((refusal.code.status() == 503).then_some(5));
                match wait {
                    Some(seconds) => reply.header(RETRY_AFTER, seconds),
                    None => reply,
                }
            }
            Failure::Broken { .. } => {
                let say = format!("Something went wrong on our side. Request id: {request_id}");
                let code = Code::InternalError;
                let body = json!({
                    "error": say, "errorCode": code.name(), "message": say, "errors": {}, "request_id": request_id,
                });
                Reply::json(code.status(), &body)
            }
        }
    }

    /// Adds a header. A value that cannot stand in one is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl ToString) -> Reply {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same as a file to be kept, under this name: it is not shown within a page.
    #[must_use]
    pub fn attachment(self, name: &str) -> Reply {
        self.header(CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", in_a_header(name)))
    }

    /// The same answer marked as one given before: `Idempotent-Replayed: true`.
    #[must_use]
    pub fn replayed(self) -> Reply {
        self.header(HeaderName::from_static("idempotent-replayed"), "true")
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body, as written.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn into_response(self, is_head: bool) -> Response {
        let length = self.body.len();
        let flow = self.flow.and_then(|flow| flow.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        let is_whole = flow.is_none();
        let mut response = Response::new(match flow {
            _ if is_head => Body::empty(),
            Some(pieces) => Body::from_stream(pieces),
            None => Body::from(self.body),
        });
        *response.status_mut() = self.status;
        if !self.content_type.is_empty() {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if is_head && is_whole {
            response.headers_mut().insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        for (name, value) in self.headers {
            // Each cookie has a header of its own; of all others the last one counts.
            match name == SET_COOKIE {
                true => drop(response.headers_mut().append(name, value)),
                false => drop(response.headers_mut().insert(name, value)),
            }
        }
        response
    }
}

/// A name as RFC 8187 writes it in a header.
fn in_a_header(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(reply: &Reply) -> Value {
        serde_json::from_slice(reply.body()).unwrap()
    }

    #[test]
    fn a_refusal_tells_everything_and_a_breakage_nothing() {
        let reply = Reply::failure(&Failure::field("balance", "The balance field is required."), "r1");
        assert_eq!(reply.status(), 422);
        assert_eq!(
            body(&reply),
            json!({
                "error": "The balance field is required.",
                "errorCode": "validation_failed",
                "message": "The balance field is required.",
                "errors": {"balance": ["The balance field is required."]},
            })
        );
        let reply = Reply::failure(&Failure::broken("reading /etc/secret", "SELECT 10.0.0.1"), "r1");
        assert_eq!(reply.status(), 500);
        let text = String::from_utf8(reply.body().to_vec()).unwrap();
        assert!(text.contains("r1") && !text.contains("secret") && !text.contains("SELECT"), "{text}");
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(in_a_header("a \"b\"\r\nX: é.pdf"), "a%20%22b%22%0D%0AX%3A%20%C3%A9.pdf");
    }

    #[test]
    fn a_decline_shows_its_charge() {
        let failure = Failure::refused(Code::ChargeDeclined, "Insufficient funds.");
        let reply = Reply::refused(&failure, "r1", &json!({"id": 1}));
        assert_eq!((reply.status(), &body(&reply)["data"]["id"]), (400, &json!(1)));
    }
}
