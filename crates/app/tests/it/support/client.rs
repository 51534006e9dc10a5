//! A small client: requests in domain words, answers that can be asked what they show. Every answer is held against
//! the schema that the documentation promises for it.

use axum::body::Body;
use http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::agency::{Agency, table};
use super::schema;

/// A request that is being put together.
pub(crate) struct Ask<'a> {
    agency: &'a Agency,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(agency: &'a Agency, method: Method, path: &str) -> Ask<'a> {
        Ask { agency, method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// Sets a header, in place of an earlier one of that name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Ask<'a> {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Ask<'a> {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Without a token.
    pub(crate) fn nobody(mut self) -> Ask<'a> {
        self.headers.retain(|(known, _)| known != "authorization");
        self
    }

    pub(crate) fn key(self, key: &str) -> Ask<'a> {
        self.header("idempotency-key", key)
    }

    pub(crate) fn json(self, body: &Value) -> Ask<'a> {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn form(self, body: &str) -> Ask<'a> {
        self.raw("application/x-www-form-urlencoded", body)
    }

    /// A form with a file in it.
    pub(crate) fn upload(self, fields: &[(&str, &str)], (name, kind, bytes): (&str, &str, &[u8])) -> Ask<'a> {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part =
                format!("--cut\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--cut--\r\n");
        self.raw("multipart/form-data; boundary=cut", body)
    }

    pub(crate) fn raw(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Ask<'a> {
        self = self.header("content-type", kind);
        self.body = body.into();
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let outside = ["/docs", "/openapi.json", "/postman.json", "/portal", "/mailbox"]
            .iter()
            .any(|known| self.path.starts_with(known));
        let uri = if outside { self.path.clone() } else { format!("/api/v1{}", self.path) };
        let mut request = Request::builder().method(self.method.clone()).uri(uri);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).expect("a request can be made of this");
        let response = self.agency.router.clone().oneshot(request).await.expect("a router always answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("an answer can be read").to_bytes();
        let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        let answer = Answer {
            asked: format!("{} {}", self.method, self.path),
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: if is_json {
                serde_json::from_slice(&body).expect("an answer in JSON")
            } else {
                Value::Null
            },
            text: String::from_utf8_lossy(&body).into_owned(),
            bytes: body.to_vec(),
        };
        let is_page = answer
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        // What an organization's own server says is handed on, whatever it is.
        let is_theirs = answer.headers.get("x-just-in-time").is_some();
        let is_json = !is_page && !is_theirs;
        if !outside && is_json && self.method != Method::HEAD && self.method != Method::OPTIONS {
            answer.keeps_its_promise(&self.method, &self.path);
        }
        answer
    }
}

/// An answer.
#[derive(Clone)]
pub(crate) struct Answer {
    asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// Its body, if it has this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        &self.json
    }

    /// The id of what was made.
    #[track_caller]
    pub(crate) fn made(&self) -> String {
        self.is(201)["data"]["id"].as_str().expect("what is made has an id").to_owned()
    }

    /// What stands under `data`, unless it was refused.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert!(self.status < 300, "{}: {}", self.asked, self.text);
        self.json["data"].clone()
    }

    /// That it was refused with this status, for these fields and no others, in this order.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, fields: &[&str]) {
        let errors = self.is(status)["errors"].as_object().expect("a refusal has errors");
        assert_eq!(errors.keys().collect::<Vec<_>>(), fields, "{}: {}", self.asked, self.text);
    }

    /// The stable code of a refusal with this status.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16) -> String {
        self.is(status)["errorCode"].as_str().expect("a refusal has a code").to_owned()
    }

    /// Refused as invalid, with the first message for this field.
    #[track_caller]
    pub(crate) fn invalid(&self, field: &str) -> String {
        let said = &self.is(422)["errors"][field][0];
        said.as_str()
            .unwrap_or_else(|| panic!("{}: nothing about {field}: {}", self.asked, self.text))
            .to_owned()
    }

    /// Whether it says of itself that it was given before.
    pub(crate) fn is_replay(&self) -> bool {
        self.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
    }

    /// Everything of it that depends only on what was done: for comparing two refusals.
    pub(crate) fn essence(&self) -> (u16, Value) {
        (self.status, self.json.clone())
    }

    /// Holds it against the documentation.
    fn keeps_its_promise(&self, method: &Method, path: &str) {
        let path = path.split('?').next().unwrap_or(path).trim_end_matches('/');
        let fits = |pattern: &str| {
            let (a, b): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(p, s)| p == s || p.starts_with('{'))
        };
        // Of several that fit, the one with the most fixed parts is called: `/lookup`, not `/{id}`.
        let fitting = table().rows().iter().filter(|row| row.method == *method && fits(&row.path));
        let row = fitting.min_by_key(|row| row.path.matches('{').count());
        let kind =
            self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        if self.status == 200 && row.is_some_and(|row| row.gives.contains(&kind)) {
            return; // a file, as promised
        }
        let promised = row.and_then(|row| row.responses.iter().find(|(status, _)| *status == self.status));
        let schema = match promised {
            Some((_, schema)) => schema.as_ref().clone(),
            None if self.status >= 400 => edge::openapi::error_schema(),
            // A path that is no row is answered by refusals alone.
            None => panic!("{} answers {}, which is not documented: {}", self.asked, self.status, self.text),
        };
        if let Err(wrong) = schema::validate(&self.json, &schema) {
            panic!(
                "{} answers {} otherwise than documented: {wrong}\n{}",
                self.asked, self.status, self.text
            );
        }
    }
}

impl std::ops::Index<&str> for Answer {
    type Output = Value;
    fn index(&self, name: &str) -> &Value {
        &self.json[name]
    }
}
