//! A request body as a tree of values, whatever it was written in, within limits of size and time.
//!
//! Must always hold: nobody can make us keep more than the limit or wait longer than the deadline, and a body we
//! cannot read in exactly one way is refused.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use base::{Code, Failure, Result};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{brackets, json};

/// How large and how slow a body may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes.
    pub bytes: usize,
    /// The longest pause between two pieces.
    pub idle: Duration,
    /// The longest a whole body may take.
    pub total: Duration,
}

/// A file of a multipart body.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The field it stands under.
    pub field: String,
    /// The name the caller gave it.
    pub file_name: String,
    /// What it says to be.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// What a body was read as.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The fields.
    pub value: Value,
    /// Whether they came as form fields, where everything is text.
    pub is_form: bool,
    /// The files, where the endpoint takes any.
    pub files: Vec<Upload>,
}

/// What stands in a body, by its content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Multipart,
    None,
}

fn unsupported(say: &str) -> Failure {
    Failure::refused(Code::UnsupportedMediaType, say)
}

/// A small compressed body can be gigabytes: none is ever unpacked.
fn plain(headers: &HeaderMap) -> Result<()> {
    let is_plain = |v: &HeaderValue| v.as_bytes().eq_ignore_ascii_case(b"identity");
    match headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        true => Ok(()),
        false => Err(unsupported("Compressed bodies are not read. Send it without a Content-Encoding.")),
    }
}

fn kind(headers: &HeaderMap) -> Result<Kind> {
    plain(headers)?;
    if headers.get_all(CONTENT_TYPE).iter().count() > 1 {
        return Err(unsupported("Send one Content-Type."));
    }
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(Kind::None) };
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let (essence, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let kind = match essence.trim() {
        "" => Kind::None,
        "application/json" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        "multipart/form-data" => Kind::Multipart,
        _ => {
            return Err(unsupported(
                "Send application/json, application/x-www-form-urlencoded or multipart/form-data.",
            ));
        }
    };
    for parameter in parameters.split(';') {
        if let Some((name, charset)) = parameter.split_once('=')
            && name.trim() == "charset"
            && !matches!(charset.trim().trim_matches('"'), "utf-8" | "utf8")
        {
            return Err(unsupported("The only charset that is read is utf-8."));
        }
    }
    Ok(kind)
}

/// Refuses in advance what the content type says we cannot read.
pub fn check(headers: &HeaderMap) -> Result<()> {
    kind(headers).map(drop)
}

/// Refuses a stream in advance that is compressed or says to be too large. Its content type is the handler's.
pub fn check_stream(headers: &HeaderMap, limits: Limits) -> Result<()> {
    plain(headers)?;
    too_large_in_advance(headers, limits)
}

fn too_large(limits: Limits) -> Failure {
    Failure::refused(Code::BodyTooLarge, format!("The body must not be larger than {} bytes.", limits.bytes))
}

fn too_large_in_advance(headers: &HeaderMap, limits: Limits) -> Result<()> {
    let said = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    match said {
        Some(length) if length > u64::try_from(limits.bytes).unwrap_or(u64::MAX) => Err(too_large(limits)),
        _ => Ok(()),
    }
}

/// Reads a body to its end, in memory.
pub async fn collect(headers: &HeaderMap, mut body: Body, limits: Limits) -> Result<Bytes> {
    if let Err(refused) = too_large_in_advance(headers, limits) {
        drain(body).await;
        return Err(refused);
    }
    let mut all = Vec::new();
    let end = Instant::now() + limits.total;
    loop {
        let Some(piece) = next(&mut body, limits.idle, end).await? else { return Ok(all.into()) };
        if all.len() + piece.len() > limits.bytes {
            drain(body).await;
            return Err(too_large(limits));
        }
        all.extend_from_slice(&piece);
    }
}

async fn next(body: &mut Body, idle: Duration, end: Instant) -> Result<Option<Bytes>> {
    let slow = || Failure::refused(Code::RequestTimeout, "The body took too long to arrive.");
    loop {
        let frame = timeout_at(end, timeout(idle, body.frame())).await;
        match frame.map_err(|_| slow())?.map_err(|_| slow())? {
            None => return Ok(None),
            Some(Err(_)) => return Err(Failure::refused(Code::MalformedBody, "The body broke off.")),
            Some(Ok(frame)) => {
                if let Ok(piece) = frame.into_data() {
                    return Ok(Some(piece));
                }
            }
        }
    }
}

/// Reads on for a moment and throws it away: a connection that is closed while its sender still writes is reset,
/// and the sender would see that instead of our answer.
async fn drain(mut body: Body) {
    const MOST: usize = 16 << 20; // bytes
    let mut seen = 0;
    let end = Instant::now() + Duration::from_secs(2);
    while seen < MOST {
        match next(&mut body, Duration::from_secs(1), end).await {
            Ok(Some(piece)) => seen += piece.len(),
            _ => return,
        }
    }
}

/// Reads a body that is streamed to the handler: piece by piece, under the same limits.
pub struct Stream {
    body: Body,
    limits: Limits,
    seen: usize,
    end: Instant,
    /// A piece that was looked at and put back.
    again: Option<Bytes>,
}

impl Stream {
    pub(crate) fn new(body: Body, limits: Limits) -> Stream {
        Stream { body, limits, seen: 0, end: Instant::now() + limits.total, again: None }
    }

    /// The same with a piece put back that was read from it.
    #[must_use]
    pub fn again(mut self, piece: Bytes) -> Stream {
        self.again = Some(piece);
        self
    }

    /// The next piece, `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some(piece) = self.again.take() {
            return Ok(Some(piece));
        }
        let piece = next(&mut self.body, self.limits.idle, self.end).await?;
        self.seen += piece.as_ref().map_or(0, Bytes::len);
        if self.seen > self.limits.bytes { Err(too_large(self.limits)) } else { Ok(piece) }
    }
}

/// A multipart body that is streamed: its parts one after the other, each in pieces.
pub struct Parts {
    parts: Multipart,
}

/// What stands in a streamed multipart body.
pub enum Part<'p> {
    /// A field: its name and its text.
    Field(String, String),
    /// A file, to be read to its end before what follows it.
    File(Box<FilePart<'p>>),
}

/// A file in a streamed multipart body.
pub struct FilePart<'p> {
    /// What it says to be.
    pub content_type: String,
    /// The name the caller gave it.
    pub file_name: String,
    part: axum::extract::multipart::Field<'p>,
}

impl FilePart<'_> {
    /// Its next piece, `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.part.chunk().await.map_err(|e| broken_off(&e))
    }
}

/// The most bytes of a field beside a file.
const FIELD_BYTES: usize = 64 << 10;

impl Stream {
    /// The parts of a multipart body. Once it is taken apart so, nothing is left of it.
    pub async fn parts(self, headers: &HeaderMap) -> Result<Parts> {
        let pieces = futures_util::stream::try_unfold(self, |mut stream| async move {
            Ok::<_, Failure>(stream.next().await?.map(|piece| (piece, stream)))
        });
        let mut request = Request::new(Body::from_stream(pieces));
        let content_type = headers.get(CONTENT_TYPE).cloned().unwrap_or(HeaderValue::from_static(""));
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        // The limit is the stream's own.
        axum::extract::DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, &()).await.map_err(|_| not_multipart())?;
        Ok(Parts { parts })
    }
}

fn not_multipart() -> Failure {
    malformed("The body is not valid multipart/form-data.")
}

impl Parts {
    /// The next part, `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>> {
        let Some(mut part) = self.parts.next_field().await.map_err(|e| broken_off(&e))? else {
            return Ok(None);
        };
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file_name) = part.file_name().map(str::to_owned) {
            let content_type = part.content_type().unwrap_or_default().to_owned();
            return Ok(Some(Part::File(Box::new(FilePart { content_type, file_name, part }))));
        }
        let mut text = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(|e| broken_off(&e))? {
            if text.len() + piece.len() > FIELD_BYTES {
                return Err(malformed("A field beside the file is too large."));
            }
            text.extend_from_slice(&piece);
        }
        let text = String::from_utf8(text).map_err(|_| malformed("The body is not valid UTF-8."))?;
        Ok(Some(Part::Field(name, text)))
    }
}

/// What the stream itself said, where it was not the multipart that is wrong.
fn broken_off(error: &axum::extract::multipart::MultipartError) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(Failure::Refused(refusal)) = error.downcast_ref::<Failure>() {
            return Failure::Refused(refusal.clone());
        }
        cause = error.source();
    }
    not_multipart()
}

/// Makes a tree of a whole body, by its content type.
pub async fn decode(headers: &HeaderMap, bytes: Bytes, takes_files: bool) -> Result<Input> {
    let kind = kind(headers)?;
    if bytes.iter().all(u8::is_ascii_whitespace) && kind != Kind::Multipart {
        return Ok(Input {
            value: Value::Object(Map::new()),
            is_form: kind != Kind::Json,
            files: Vec::new(),
        });
    }
    match kind {
        Kind::Json => {
            let value = json::parse(&bytes).map_err(malformed)?;
            Ok(Input { value, is_form: false, files: Vec::new() })
        }
        Kind::Form => {
            let value = brackets::parse(&bytes).map_err(bad_form)?;
            Ok(Input { value, is_form: true, files: Vec::new() })
        }
        Kind::Multipart => multipart(headers, bytes, takes_files).await,
        Kind::None => {
            let say = "Say what the body is: Content-Type: application/json.";
            Err(Failure::refused(Code::UnsupportedMediaType, say))
        }
    }
}

fn malformed(say: impl Into<String>) -> Failure {
    Failure::refused(Code::MalformedBody, say)
}

fn bad_form(bad: brackets::Bad) -> Failure {
    match bad {
        brackets::Bad::Twice(_) => malformed("The body has the same field twice."),
        brackets::Bad::Unreadable(say) => malformed(say),
    }
}

async fn multipart(headers: &HeaderMap, bytes: Bytes, takes_files: bool) -> Result<Input> {
    let unreadable = || malformed("The body is not valid multipart/form-data.");
    let mut request = Request::new(Body::from(bytes));
    let content_type = headers.get(CONTENT_TYPE).cloned().unwrap_or(HeaderValue::from_static(""));
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    // The limit is the row's, and was kept while the body was read; the library's own is 2 MiB.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let (mut tree, mut files) = (Map::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or_default().to_owned();
        if name.is_empty() || name.contains('\0') {
            return Err(unreadable());
        }
        match part.file_name().map(str::to_owned) {
            Some(_) if !takes_files => {
                let words = name.replace('_', " ");
                return Err(Failure::field(name, format!("The {words} field must be a string.")));
            }
            Some(file_name) => {
                let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
                let bytes = part.bytes().await.map_err(|_| unreadable())?;
                files.push(Upload { field: name, file_name, content_type, bytes });
            }
            None => {
                let bytes = part.bytes().await.map_err(|_| unreadable())?;
                let text = String::from_utf8(bytes.to_vec())
                    .ok()
                    .filter(|text| !text.contains('\0'))
                    .ok_or_else(|| malformed("The body is not valid UTF-8."))?;
                brackets::insert(&mut tree, &name, text).map_err(bad_form)?;
            }
        }
    }
    Ok(Input { value: Value::Object(tree), is_form: true, files })
}
