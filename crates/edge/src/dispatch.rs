//! The way of a request: known by an id, matched, admitted, counted, read, handled, and written to the log once.
//!
//! Must always hold: a client that hangs up cannot cancel what it started, a panic costs one answer and never the
//! process, and no log line holds a path as called, a query, a body or a header's value.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::Response;
use axum::routing::any;
use base::{Code, Failure, Result};
use futures_util::FutureExt;
use http::header::{ALLOW, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::Instrument;

use crate::body::{self, Limits, Stream};
use crate::brackets;
use crate::call::{Call, Caller, Door, Gate, Teller};
use crate::entry::{Entry, name_of};
use crate::headers;
use crate::limits::{Limiter, Verdict};
use crate::reply::Reply;
use crate::routes::{Access, Endpoint, Takes};
use crate::settings::Settings;
use crate::table::Table;

/// The address of the other end of the connection; the server puts it on every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

struct Shop<S: Gate> {
    state: S,
    settings: Settings,
    public_url: Arc<str>,
    callers: Limiter,
    failures: Limiter,
    in_flight: Arc<Semaphore>,
}

/// One row, ready to be called.
struct Row<S: Gate> {
    endpoint: Arc<Endpoint<S>>,
    left_out: Arc<[Vec<String>]>,
}

/// The rows of one path.
struct Place<S: Gate> {
    pattern: Arc<str>,
    rows: HashMap<Method, Row<S>>,
    allow: String,
}

impl<S: Gate> Table<S> {
    /// The router of all rows, with what stands beside them; everything else is answered as not found.
    pub fn router(self, state: S, settings: Settings) -> Router {
        let public_url: Arc<str> = settings.public_url.as_str().into();
        let shop = Arc::new(Shop {
            state,
            public_url,
            callers: Limiter::a_minute(settings.rate_a_minute),
            failures: Limiter::a_minute(settings.failures_a_minute),
            in_flight: Arc::new(Semaphore::new(settings.in_flight)),
            settings,
        });
        let mut router = Router::new();
        for place in self.places() {
            let (pattern, place, shop) = (place.pattern.clone(), Arc::new(place), shop.clone());
            let handler = any(move |request: Request| way_of_a_request(shop.clone(), place.clone(), request));
            // With a slash at the end it is the same place: many clients join paths that way.
            if !pattern.ends_with('/') {
                router = router.route(&format!("{pattern}/"), handler.clone());
            }
            router = router.route(&pattern, handler);
        }
        let nowhere =
            Arc::new(Place { pattern: "(no such path)".into(), rows: HashMap::new(), allow: String::new() });
        let beside = self.beside;
        router.fallback(move |request: Request| {
            let (shop, nowhere) = (shop.clone(), nowhere.clone());
            let face = beside.iter().find(|(prefix, _)| is_below(request.uri().path(), prefix));
            let face = face.map(|(_, face)| face.clone());
            async move {
                match face {
                    Some(face) => face.oneshot(request).await.unwrap_or_else(|never| match never {}),
                    None => way_of_a_request(shop, nowhere, request).await,
                }
            }
        })
    }

    fn places(&self) -> Vec<Place<S>> {
        let mut places: Vec<Place<S>> = Vec::new();
        let about = if self.is_documented { self.documentation() } else { Vec::new() };
        for row in self.rows().iter().cloned().chain(self.pages.iter().cloned()).chain(about) {
            let pattern =
                if row.is_outside { row.path.clone() } else { format!("{}{}", self.base(), row.path) };
            let left_out = row.all_left_out().into();
            let entry = (row.method.clone(), Row { endpoint: Arc::new(row), left_out });
            match places.iter_mut().find(|place| *place.pattern == *pattern) {
                Some(place) => place.rows.extend([entry]),
                None => {
                    let rows = HashMap::from([entry]);
                    places.push(Place { pattern: pattern.into(), rows, allow: String::new() });
                }
            }
        }
        for place in &mut places {
            let mut methods: Vec<&str> = place.rows.keys().map(Method::as_str).collect();
            if methods.contains(&"GET") {
                methods.push("HEAD");
            }
            methods.push("OPTIONS");
            methods.sort_unstable();
            place.allow = methods.join(", ");
        }
        places
    }
}

/// Whether a path is a prefix, or goes on below it.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn way_of_a_request<S: Gate>(shop: Arc<Shop<S>>, place: Arc<Place<S>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let seams = shop.state.seams();
    let request_id = match headers::request_id(&parts.headers) {
        Some(id) => id.to_owned(),
        None => seams.id::<uuid::Uuid>().to_string(),
    };
    let is_head = parts.method == Method::HEAD;
    let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
    let from = headers::client(peer, &parts.headers, &shop.settings.proxies);
    let teller = shop.state.teller(&Door { parts: &parts, from });
    let span = tracing::info_span!(
        "request",
        id = request_id,
        method = name_of(&parts.method),
        route = &*place.pattern
    );
    let mut entry = Entry::open(
        seams.clone(),
        name_of(&parts.method),
        &place.pattern,
        &shop.settings.recorder,
        span.clone(),
        teller,
    );
    let way = async {
        let told = match admit_and_count(&shop, &place, &parts, from, &mut entry).await {
            Ok(told) => told,
            Err(reply) => return entry.close(reply, &request_id),
        };
        let verdict = told.verdict;
        let reply = match read(&shop, &place, parts, body, &request_id, told).await {
            Ok((call, handler)) => run(call, handler, entry, teller, &shop.settings.running).await,
            Err(failure) => entry.close(Err(failure), &request_id),
        };
        with_limits(reply, verdict)
    };
    let reply = way.instrument(span).await;
    let mut response = reply.into_response(is_head);
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(headers::REQUEST_ID, id);
    }
    headers::secure(response.headers_mut(), shop.public_url.starts_with("https://"));
    response
}

/// What is known of a request that may go on.
struct Told<S: Gate> {
    caller: Option<S::Caller>,
    from: IpAddr,
    verdict: Option<Verdict>,
}

type Refused = Result<Reply>;

async fn admit_and_count<S: Gate>(
    shop: &Shop<S>,
    place: &Place<S>,
    parts: &Parts,
    from: IpAddr,
    entry: &mut Entry,
) -> std::result::Result<Told<S>, Refused> {
    let tell = entry.teller();
    if place.rows.is_empty() {
        return Err(Err(Failure::not_found()));
    }
    if parts.method == Method::OPTIONS {
        return Err(Ok(Reply::nothing().header(ALLOW, &place.allow)));
    }
    let Some(Row { endpoint: row, .. }) = place.row(&parts.method) else {
        let say = format!("The {} method is not supported here. Supported: {}.", parts.method, place.allow);
        let failure = Failure::refused(Code::MethodNotAllowed, say);
        return Err(Ok(tell(&failure, "").header(ALLOW, &place.allow)));
    };
    let Ok(seat) = shop.in_flight.clone().try_acquire_owned() else {
        return Err(Err(busy()));
    };
    entry.sit(seat);

    if row.access == Access::Anyone {
        return Ok(Told { caller: None, from, verdict: None });
    }
    let now = shop.state.seams().monotonic();
    let address = headers::address_key(from);
    let failures = shop.failures.look(address, now);
    if !failures.is_allowed {
        return Err(Ok(too_many(tell, failures, "Too many failed sign-ins from this address.")));
    }
    let door = Door { parts, from };
    let admitted = AssertUnwindSafe(shop.state.admit(&door)).catch_unwind().await;
    let admitted =
        admitted.unwrap_or_else(|panic| Err(Failure::broken("admitting a caller", words_of(&*panic))));
    let caller = match admitted {
        Ok(caller) => caller,
        Err(failure) => {
            if failure.code() == Some(Code::Unauthenticated) {
                shop.failures.take(address, now);
            }
            return Err(Err(failure));
        }
    };
    entry.tenant(caller.tenant());
    let verdict = shop.callers.take(caller.rate_key(), now);
    if !verdict.is_allowed {
        return Err(Ok(too_many(tell, verdict, "Too many requests.")));
    }
    if let Access::Scope(scope) = row.access
        && !caller.may(scope)
    {
        let failure =
            Failure::refused(Code::Forbidden, format!("This token does not have the scope {scope}."));
        return Err(Ok(with_limits(tell(&failure, ""), Some(verdict))));
    }
    Ok(Told { caller: Some(caller), from, verdict: Some(verdict) })
}

impl<S: Gate> Place<S> {
    fn row(&self, method: &Method) -> Option<&Row<S>> {
        self.rows.get(if method == Method::HEAD { &Method::GET } else { method })
    }
}

fn busy() -> Failure {
    Failure::refused(Code::Busy, "Too much to do at the moment. Try again shortly.")
}

fn too_many(tell: Teller, verdict: Verdict, say: &str) -> Reply {
    let failure = Failure::refused(Code::RateLimited, say);
    with_limits(tell(&failure, ""), Some(verdict)).header(RETRY_AFTER, verdict.retry_after)
}

fn with_limits(reply: Reply, verdict: Option<Verdict>) -> Reply {
    let Some(verdict) = verdict else { return reply };
    reply
        .header(HeaderName::from_static("x-ratelimit-limit"), verdict.limit)
        .header(HeaderName::from_static("x-ratelimit-remaining"), verdict.remaining)
}

type Ready<S> = (Call<S>, Arc<Endpoint<S>>);

async fn read<S: Gate>(
    shop: &Shop<S>,
    place: &Place<S>,
    mut parts: Parts,
    body: Body,
    request_id: &str,
    told: Told<S>,
) -> Result<Ready<S>> {
    let Row { endpoint: row, left_out } = place.row(&parts.method).ok_or_else(Failure::not_found)?;
    // A parameter that is no UTF-8 names nothing.
    let params =
        RawPathParams::from_request_parts(&mut parts, &()).await.map_err(|_| Failure::not_found())?;
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query = brackets::parse(parts.uri.query().unwrap_or("").as_bytes()).map_err(bad_query)?;
    let idempotency_key = if row.idempotent { headers::idempotency_key(&parts.headers)? } else { None };
    let mut limits = shop.settings.body;
    limits.bytes = row.body_limit.unwrap_or(limits.bytes);
    let state = told.caller.as_ref().map_or_else(|| shop.state.clone(), |caller| shop.state.seen_by(caller));
    let mut call = Call {
        now: state.seams().now(),
        state,
        request_id: request_id.to_owned(),
        from: told.from,
        idempotency_key,
        body: Value::Null,
        files: Vec::new(),
        query,
        is_form: false,
        caller: told.caller,
        stream: Mutex::new(None),
        parts,
        pattern: place.pattern.clone(),
        params,
        left_out: left_out.clone(),
        public_url: shop.public_url.clone(),
    };
    match row.takes {
        Takes::Stream => {
            limits.total = row.body_within.unwrap_or(STREAM_WITHIN);
            body::check_stream(&call.parts.headers, limits)?;
            call.stream = Mutex::new(Some(Stream::new(body, limits)));
        }
        // Many clients name a content type on every request; where there is no body to read it means nothing.
        Takes::Nothing if matches!(row.method, Method::GET | Method::DELETE) => {}
        _ => {
            limits.total = row.body_within.unwrap_or(limits.total);
            fill(&mut call, row, body, limits).await?;
        }
    }
    Ok((call, row.clone()))
}

/// How long a streamed body may take as a whole, unless its row says otherwise: 64 MiB at 1 Mbit/s.
const STREAM_WITHIN: Duration = Duration::from_secs(600);

async fn fill<S: Gate>(call: &mut Call<S>, row: &Endpoint<S>, body: Body, limits: Limits) -> Result<()> {
    body::check(&call.parts.headers)?;
    let bytes = body::collect(&call.parts.headers, body, limits).await?;
    let input = body::decode(&call.parts.headers, bytes, row.takes_files).await?;
    let wrong = match row.takes {
        Takes::List if !input.value.is_array() => Some("a list"),
        Takes::Object if !input.value.is_object() => Some("an object"),
        _ => None,
    };
    if let Some(what) = wrong {
        return Err(Failure::refused(Code::MalformedBody, format!("The body must be {what}.")));
    }
    call.fill(input);
    Ok(())
}

fn bad_query(bad: brackets::Bad) -> Failure {
    match bad {
        brackets::Bad::Twice(name) if name.chars().count() <= 255 => {
            let words = name.replace('_', " ");
            Failure::field(name, format!("The {words} field must be given only once."))
        }
        brackets::Bad::Twice(_) => {
            Failure::refused(Code::MalformedRequest, "A query parameter was given twice.")
        }
        brackets::Bad::Unreadable(_) => Failure::refused(Code::MalformedRequest, "The query cannot be read."),
    }
}

/// Runs the handler. What may change something runs in a task of its own, which nobody's hanging up ends.
async fn run<S: Gate>(
    call: Call<S>,
    row: Arc<Endpoint<S>>,
    entry: Entry,
    tell: Teller,
    running: &TaskTracker,
) -> Reply {
    let is_safe = matches!(*call.method(), Method::GET | Method::HEAD);
    let (id, id_here) = (call.request_id.clone(), call.request_id.clone());
    let work = async move {
        let done = AssertUnwindSafe(async move { (row.handler)(call).await }).catch_unwind().await;
        let done = done.unwrap_or_else(|panic| Err(Failure::broken("handling a request", words_of(&*panic))));
        entry.close(done, &id)
    };
    if is_safe {
        return work.await;
    }
    match running.spawn(work.in_current_span()).await {
        Ok(reply) => reply,
        // Only at shutdown: the runtime itself is going away.
        Err(_) => tell(&busy(), &id_here),
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.unwrap_or_default())
}
