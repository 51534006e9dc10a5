//! The accept loop: who may connect, how long they may dawdle, and how the last ones finish.
//!
//! `axum::serve` has no limit on how long a request's head may take, so a thousand half-sent ones would stay for
//! ever. Must always hold: a connection that does not send a whole head in time is closed, and after the signal to
//! stop nothing new is accepted while what runs may finish.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::dispatch::Peer;

/// Limits on connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a request's head may take, and how long a connection may idle.
    pub head: Duration,
    /// How long requests in flight may take to finish after the signal to stop.
    pub drain: Duration,
    /// The most connections at the same time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { head: Duration::from_secs(10), drain: Duration::from_secs(30), connections: 4096 }
    }
}

/// Serves `router` until `stop`, then finishes what is in flight: connections, and the `running` work of callers who
/// hung up ([`Settings::running`](crate::Settings)).
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    running: TaskTracker,
    stop: CancellationToken,
) {
    let seats = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    loop {
        // A seat first: beyond the cap, callers wait in the system's queue and not in our memory.
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        match accepted {
            Some((stream, seat)) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    converse(stream, router, limits, stop).await;
                    drop(seat);
                });
            }
            // Out of file descriptors, most likely: trying again at once would only burn the processor.
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    drop(listener);
    connections.close();
    running.close();
    let finished = async {
        connections.wait().await;
        running.wait().await;
    };
    if tokio::time::timeout(limits.drain, finished).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            requests = running.len(),
            "stopped with work unfinished"
        );
    }
}

async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, seat)),
        Err(error) => {
            tracing::warn!(%error, "could not accept a connection");
            None
        }
    }
}

async fn converse(stream: TcpStream, router: Router, limits: Limits, stop: CancellationToken) {
    let Ok(peer) = stream.peer_addr() else { return };
    // Answers are small and written whole: waiting to fill a packet only makes them late.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let has_spoken = Arc::new(AtomicBool::new(false));
    let spoke = has_spoken.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        spoke.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(Peer(peer.ip().to_canonical()));
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(100)
        .max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.head)
        .keep_alive_timeout(limits.head)
        .max_concurrent_streams(100)
        .max_header_list_size(32 << 10);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Before the first head hyper-util is still finding out which HTTP it is, and has no timer running.
    let first_head = tokio::time::sleep(limits.head);
    tokio::pin!(first_head);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // How a connection ends is the other side's business.
            _ = connection.as_mut() => return,
            () = &mut first_head, if !has_spoken.load(Ordering::Relaxed) => {
                if !has_spoken.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
