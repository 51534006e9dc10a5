//! The sandbox over HTTP: JSON in, JSON out.
//!
//! What must hold: a definite answer, declines included, is a 200. "No answer" is really none: the connection is cut
//! before a byte of the answer. An unreadable body is refused without repeating any of it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::serve::{IncomingStream, Listener};
use axum::{Router, serve as axum_serve};
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::magic;
use crate::service::{NoAnswer, Service};

/// How the sandbox is reached.
#[derive(Clone)]
pub struct Door {
    /// What callers must send as `Authorization: Bearer …`; `None` lets everybody in.
    pub secret: Option<String>,
    /// The instant for calls that carry no `now`; `None` refuses them.
    pub clock: Option<Clock>,
    /// How long a hanging call is held before its connection is cut.
    pub hang: Duration,
}

/// Says the instant it is, in microseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Default for Door {
    fn default() -> Door {
        Door { secret: None, clock: None, hang: Duration::from_secs(120) }
    }
}

#[derive(Clone)]
struct House {
    service: Service,
    door: Arc<Door>,
}

/// Serves until `stop` is done, then lets running calls finish.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    door: Door,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = router(service, door).into_make_service_with_connect_info::<Cut>();
    axum_serve(Lines(listener), app).with_graceful_shutdown(stop).await
}

fn router(service: Service, door: Door) -> Router {
    let house = House { service, door: Arc::new(door) };
    Router::new()
        .route("/tokens", post(tokenize))
        .route("/tokens/inspect", post(inspect))
        .route("/charges", post(charge))
        .route("/refunds", post(refund))
        .route("/voids", post(void))
        .route("/lookup", get(lookup))
        .route("/transactions", get(transactions))
        .route("/stats", get(stats))
        .route("/callers", get(callers))
        .route("/faults", put(faults))
        .route("/capabilities", get(capabilities))
        .route("/magic", get(show_magic))
        .layer(middleware::from_fn_with_state(house.clone(), let_in))
        .route("/health", get(health))
        .with_state(house)
}

async fn let_in(State(house): State<House>, request: Request, next: Next) -> Response {
    if let Some(secret) = &house.door.secret {
        let sent = request.headers().get(header::AUTHORIZATION).map(|v| v.as_bytes()).unwrap_or_default();
        let right = format!("Bearer {secret}");
        if !bool::from(subtle::ConstantTimeEq::ct_eq(sent, right.as_bytes())) {
            return refuse(StatusCode::UNAUTHORIZED, "The secret is missing or wrong.");
        }
    }
    next.run(request).await
}

async fn tokenize(State(house): State<House>, ConnectInfo(cut): ConnectInfo<Cut>, body: Bytes) -> Response {
    house.post(&cut, &body, |ask| house.service.tokenize(ask)).await
}

async fn inspect(State(house): State<House>, ConnectInfo(cut): ConnectInfo<Cut>, body: Bytes) -> Response {
    house.post(&cut, &body, |ask| house.service.inspect(ask)).await
}

async fn charge(State(house): State<House>, ConnectInfo(cut): ConnectInfo<Cut>, body: Bytes) -> Response {
    house.post(&cut, &body, |order| house.service.submit(order)).await
}

async fn refund(State(house): State<House>, ConnectInfo(cut): ConnectInfo<Cut>, body: Bytes) -> Response {
    house.post(&cut, &body, |order| house.service.refund(order)).await
}

async fn void(State(house): State<House>, ConnectInfo(cut): ConnectInfo<Cut>, body: Bytes) -> Response {
    house.post(&cut, &body, |order| house.service.void(order)).await
}

async fn lookup(
    State(house): State<House>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query(query.unwrap_or_default());
    let (Some(now), Some(key)) = (query.instant("now").or_else(|| house.now()), query.get("key")) else {
        return refuse(StatusCode::BAD_REQUEST, "Say which: ?key=…&now=<microseconds since 1970>");
    };
    house.answer(&cut, house.service.lookup(now, &key)).await
}

async fn transactions(
    State(house): State<House>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query(query.unwrap_or_default());
    let Some(now) = query.instant("now").or_else(|| house.now()) else {
        return refuse(StatusCode::BAD_REQUEST, "Say when: ?now=<microseconds since 1970>&since=…&cursor=…");
    };
    let since = query.instant("since").unwrap_or(i64::MIN);
    house.answer(&cut, house.service.list_since(now, since, query.get("cursor"))).await
}

async fn capabilities(State(house): State<House>) -> Response {
    json(StatusCode::OK, &house.service.capabilities())
}

async fn stats(State(house): State<House>) -> Response {
    json(StatusCode::OK, &house.service.stats())
}

async fn callers(State(house): State<House>) -> Response {
    json(StatusCode::OK, &house.service.callers())
}

async fn faults(State(house): State<House>, body: Bytes) -> Response {
    match serde_json::from_slice::<Vec<crate::faults::Rule>>(&body) {
        Ok(rules) => {
            let said = serde_json::json!({ "rules": rules.len() });
            house.service.set_faults(rules);
            json(StatusCode::OK, &said)
        }
        Err(wrong) => refuse(StatusCode::BAD_REQUEST, &format!("The fault script is not right: {wrong}")),
    }
}

async fn health(State(house): State<House>) -> Response {
    match house.service.broken() {
        None => json(StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Some(why) => refuse(StatusCode::SERVICE_UNAVAILABLE, &why),
    }
}

async fn show_magic(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !accept.contains("json") {
        return ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], magic::markdown()).into_response();
    }
    let row = |s: &magic::Scenario| {
        let (kind, number) = match s.on {
            magic::On::Card(brand, number) => (brand.name(), number),
            magic::On::Bank(number) => ("bank", number),
        };
        serde_json::json!({
            "token": format!("tok_{}", s.name), "kind": kind, "number": number, "amount": s.amount,
            "about": s.about(),
        })
    };
    json(StatusCode::OK, &magic::SCENARIOS.iter().map(row).collect::<Vec<_>>())
}

impl House {
    fn now(&self) -> Option<i64> {
        self.door.clock.as_ref().map(|clock| clock())
    }

    async fn post<A, T, F>(&self, cut: &Cut, body: &[u8], run: impl FnOnce(A) -> F) -> Response
    where
        A: DeserializeOwned,
        T: Serialize,
        F: Future<Output = Result<T, NoAnswer>>,
    {
        match self.read(body) {
            Some(asked) => self.answer(cut, run(asked)).await,
            None => refuse(StatusCode::BAD_REQUEST, "The body is not what this path reads."),
        }
    }

    /// The body, given the instant it is where it does not say one.
    fn read<A: DeserializeOwned>(&self, body: &[u8]) -> Option<A> {
        let mut body: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
        if let (false, Some(now)) = (body.contains_key("now"), self.now()) {
            body.insert("now".into(), now.into());
        }
        serde_json::from_value(body.into()).ok()
    }

    async fn answer<T, F>(&self, cut: &Cut, run: F) -> Response
    where
        T: Serialize,
        F: Future<Output = Result<T, NoAnswer>>,
    {
        match tokio::time::timeout(self.door.hang, run).await {
            Ok(Ok(says)) => json(StatusCode::OK, &says),
            Ok(Err(NoAnswer::Error)) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong."),
            Ok(Err(why @ NoAnswer::NotOffered)) => refuse(StatusCode::NOT_IMPLEMENTED, &why.to_string()),
            Ok(Err(NoAnswer::Broken(why))) => refuse(StatusCode::SERVICE_UNAVAILABLE, &why),
            Ok(Err(NoAnswer::HungUp)) | Err(_) => {
                cut.0.store(true, Ordering::Release);
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

fn json(status: StatusCode, says: &impl Serialize) -> Response {
    match serde_json::to_vec(says) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refuse(status: StatusCode, say: &str) -> Response {
    json(status, &serde_json::json!({ "error": say }))
}

struct Query(String);

impl Query {
    fn get(&self, name: &str) -> Option<String> {
        let pair = self.0.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name)?;
        let spaced = pair.1.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
    }

    fn instant(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }
}

/// Cuts a connection before the next byte is written to it.
#[derive(Clone)]
struct Cut(Arc<AtomicBool>);

impl Connected<IncomingStream<'_, Lines>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Cut {
        stream.io().cut.clone()
    }
}

/// A listener whose connections can be cut.
struct Lines(TcpListener);

struct Line {
    stream: TcpStream,
    cut: Cut,
}

impl Listener for Lines {
    type Io = Line;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Line, Self::Addr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "a connection stays with delayed answers");
        }
        (Line { stream, cut: Cut(Arc::default()) }, from)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.0.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
