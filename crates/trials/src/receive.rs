//! A server that webhooks lead to: it keeps what it is told, and answers as it is told to; and a bare client that tells it the
//! same, as the floor of what that costs.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{get, post, put};
use base::Ts;
use base::seams::Seams;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

/// Where to receive.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// How a webhook is answered.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mode {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    delay_ms: u64,
    /// Never.
    #[serde(default)]
    hang: bool,
}

fn ok() -> u16 {
    200
}

const FINE: Mode = Mode { status: 200, delay_ms: 0, hang: false };

/// A delivery.
struct Got {
    hook: String,
    delivery: String,
    event: String,
    /// When it happened, and when it arrived.
    happened: Option<Ts>,
    arrived: Ts,
    status: u16,
}

#[derive(Clone)]
struct Kept {
    seams: Seams,
    modes: Arc<Mutex<HashMap<String, Mode>>>,
    got: Arc<Mutex<Vec<Got>>>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Deserialize)]
struct Told {
    id: String,
}

/// When an event's id was made, in its transaction: to the millisecond, which `created_at` does not tell.
fn made(event: &str) -> Option<Ts> {
    let millis = uuid::Uuid::try_parse(event).ok()?.as_u128() >> 80;
    Some(Ts::from_micros(i64::try_from(millis).ok()? * 1_000))
}

async fn take(
    State(kept): State<Kept>,
    Path(hook): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let arrived = kept.seams.now();
    let mode = locked(&kept.modes).get(&hook).copied().unwrap_or(FINE);
    if mode.hang {
        std::future::pending::<()>().await;
    }
    if mode.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(mode.delay_ms)).await;
    }
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let told: Option<Told> = serde_json::from_slice(&body).ok();
    let got = Got {
        delivery: header("webhook-id"),
        happened: told.as_ref().and_then(|told| made(&told.id)),
        event: told.map(|told| told.id).unwrap_or_default(),
        hook,
        arrived,
        status: mode.status,
    };
    locked(&kept.got).push(got);
    StatusCode::from_u16(mode.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What was received, a line each: webhook, delivery, event, status, microseconds since it happened, and when it arrived.
async fn told(State(kept): State<Kept>, uri: Uri) -> String {
    let from = uri.query().and_then(|query| query.strip_prefix("from=")?.parse().ok()).unwrap_or(0);
    let mut text = String::new();
    for one in locked(&kept.got).iter().skip(from) {
        let took = one.happened.map_or(-1, |at| one.arrived.micros() - at.micros());
        let Got { hook, delivery, event, status, arrived, .. } = one;
        writeln!(text, "{hook} {delivery} {event} {status} {took} {}", arrived.micros())
            .expect("writing to a string cannot fail");
    }
    text
}

async fn count(State(kept): State<Kept>) -> String {
    locked(&kept.got).len().to_string()
}

async fn answer_so(State(kept): State<Kept>, Path(hook): Path<String>, body: Bytes) -> StatusCode {
    match serde_json::from_slice(&body) {
        Ok(mode) => {
            locked(&kept.modes).insert(hook, mode);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

/// Receives until it is killed; says its address first.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    let kept = Kept { seams: Seams::system(), modes: Arc::default(), got: Arc::default() };
    let router = Router::new()
        .route("/hook/{hook}", post(take))
        .route("/told", get(told))
        .route("/count", get(count))
        .route("/mode/{hook}", put(answer_so))
        .with_state(kept);
    let listener = TcpListener::bind(args.listen).await.context("listening")?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(ExitCode::SUCCESS)
}

/// What is told, and how.
#[derive(clap::Args)]
pub(crate) struct TellArgs {
    /// Where
    #[arg(long, value_name = "URL")]
    to: String,
    /// How often
    #[arg(long, default_value_t = 20_000)]
    many: u64,
    /// How many at once
    #[arg(long, default_value_t = 4)]
    at_once: usize,
    /// How many bytes the object has
    #[arg(long, default_value_t = 900)]
    bytes: usize,
}

/// Tells it so often over kept connections, and says how many a second that were.
pub(crate) async fn tell(args: &TellArgs) -> Result<ExitCode> {
    let (seams, http) = (Seams::system(), adapters::http::client(Duration::from_secs(10))?);
    let id: uuid::Uuid = seams.id();
    let body = json!({ "id": id, "event": "location.create", "created_at": seams.now().to_string(), "data": { "name": "x".repeat(args.bytes) } });
    let body = Bytes::from(body.to_string());
    let began = seams.monotonic();
    let sent = stream::iter(0..args.many).map(|_| {
        let call = http.post(&args.to).header("content-type", "application/json");
        let call = call.header("webhook-id", id.to_string()).body(body.clone());
        async move { call.send().await.is_ok_and(|answer| answer.status().is_success()) }
    });
    let arrived = sent.buffer_unordered(args.at_once).filter(|ok| std::future::ready(*ok)).count().await;
    let took = seams.monotonic().saturating_sub(began);
    println!("{}", json!({ "arrived": arrived, "milliseconds": u64::try_from(took.as_millis())? }));
    Ok(ExitCode::SUCCESS)
}
