//! Serving: listen, run the steps, answer health, and drain on a signal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use base::db::Db;
use std::process::ExitCode;
use std::time::Duration;

use payments::charges::till::Till;
use steps::Work;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::metrics::Metrics;
use crate::settings::{Common, Serving, start_logging};
use crate::{loops, news, wiring};

/// How long stopping waits for charges that are at the processor.
const FINISHING: Duration = Duration::from_secs(30);

/// `quittance serve`.
pub(crate) async fn run(common: &Common, serving: Serving) -> Result<ExitCode> {
    start_logging(common);
    let house = wiring::open(common, &serving, false).await?;
    if books::orgs::list(&house.db.read().await?).await?.is_empty() {
        tracing::warn!(
            "there is no organization yet: `quittance org create` and `quittance token create` make one and its token"
        );
    }
    let listener = listen(&serving).await?;
    serve(house, &serving, listener).await
}

/// Listens where the settings say.
pub(crate) async fn listen(serving: &Serving) -> Result<TcpListener> {
    let address = serving.address();
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}; is another program there? Name another address with --listen or QUITTANCE_LISTEN"))
}

/// The address callers use.
pub(crate) fn public_url(serving: &Serving, listener: &TcpListener) -> Result<String> {
    let own = format!("http://{}", listener.local_addr()?);
    Ok(serving.public_url.clone().unwrap_or(own).trim_end_matches('/').to_owned())
}

/// Serves until SIGTERM or SIGINT, then finishes what is in flight.
pub(crate) async fn serve(
    house: wiring::House,
    serving: &Serving,
    listener: TcpListener,
) -> Result<ExitCode> {
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let metrics = Metrics::new(house.db.engine_name());
    let work = Work::new(house.app.clone(), house.post.means.clone()).with_bank(house.bank.clone());
    loops::start(&work, &house.till, &metrics, &tasks, &stop);
    if let Some(clock) = house.clock.clone() {
        tasks.spawn(clock.follow(house.db.clone(), stop.clone()));
    }
    tasks.close();

    let url = public_url(serving, &listener)?;
    let mut settings = edge::Settings::new(&url);
    settings.rate_a_minute = serving.rate_limit;
    settings.proxies.clone_from(&serving.trusted_proxies);
    settings.recorder = Arc::new(metrics.clone());
    let running = settings.running.clone();
    let ready = Arc::new(AtomicBool::new(false));
    tokio::spawn(become_ready(house.till.clone(), ready.clone(), metrics.clone(), stop.clone()));
    let health = health(Health { db: house.db.clone(), metrics: metrics.clone(), ready, stop: stop.clone() });
    let portal = portal::Portal::new(house.db.clone(), house.tenants.clone(), house.till.clone(), &url);
    // What a token may ask in a minute is the operator's; what a person may, is enough for any person.
    let of_people =
        edge::Settings { rate_a_minute: edge::Settings::new(&url).rate_a_minute, ..settings.clone() };
    let portal = portal::table().router(portal, of_people);
    let api = table(&house, serving, &listener)?.beside(portal::PREFIX, portal);
    let callers = news::Callers {
        stripe: serving.stripe_webhooks()?,
        authorize_net: serving.authorize_net_webhooks()?,
    };
    let news = news::routes(callers, &house.till, &house.db);
    let router = api.router(house.app.clone(), settings).merge(health).merge(news);
    tracing::info!(%url, engine = house.db.engine_name(), "listening");

    let (signalled, metrics) = (stop.clone(), metrics.clone());
    tokio::spawn(async move {
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            }
            _ => tracing::error!("signals cannot be heard; kill -9 is the only way to stop"),
        }
        metrics.ready(false);
        tracing::info!("stopping: no new connections, what is in flight is finished");
        signalled.cancel();
    });
    edge::server::serve(listener, router, edge::server::Limits::default(), running, stop).await;
    tasks.wait().await;
    if !house.till.drain(FINISHING).await {
        tracing::warn!("charges are still at the processor; the next start asks about them");
    }
    house.app.note_token_use().await?;
    house.db.close();
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The API's table, with the mailbox where it was asked for, and in a rehearsal to this machine. Never by itself where people
/// are served: what listens on this machine alone may have a proxy in front, which calls it by this machine's name.
fn table(house: &wiring::House, serving: &Serving, listener: &TcpListener) -> Result<edge::Table<api::App>> {
    let (is_local, is_asked_for) = (listener.local_addr()?.ip().is_loopback(), serving.posting.mailbox_page);
    let is_shown = is_asked_for || (house.post.is_rehearsal && is_local);
    let mailbox = house.post.mailbox.clone().filter(|_| is_shown);
    Ok(match mailbox {
        Some(mailbox) => {
            tracing::info!(directory = %mailbox.directory().display(), "what sandboxes send lies in the mailbox, at /mailbox");
            let mailbox: Arc<dyn exchange::post::Mailbox> = mailbox;
            api::table().pages(api::mailbox::pages(&mailbox, is_asked_for))
        }
        None => api::table(),
    })
}

/// Ready once the processor's list was looked through since the books were last known to be whole, and what was left
/// open when the last process ended was asked about. Nothing is charged before.
async fn become_ready(till: Till, ready: Arc<AtomicBool>, metrics: Metrics, stop: CancellationToken) {
    loop {
        let done = async {
            if !till.first_sweep().await? {
                return Ok(None); // another node is at it
            }
            till.reconcile(1_000).await.map(Some)
        };
        match done.await {
            Ok(Some(asked)) => {
                tracing::info!(charges = asked, "ready: what was left open was asked about");
                break;
            }
            Ok(None) => {}
            Err(failure) => {
                tracing::error!(error = failure.chain(), "the processor could not be asked yet")
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
    ready.store(true, Ordering::Relaxed);
    metrics.ready(true);
}

#[derive(Clone)]
struct Health {
    db: Db,
    metrics: Metrics,
    ready: Arc<AtomicBool>,
    stop: CancellationToken,
}

fn health(state: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(state)
}

/// Ready: what was left open was asked about, nobody is stopping us, and the database answers.
async fn readyz(State(health): State<Health>) -> impl IntoResponse {
    let answers = async { health.db.read().await?.number("SELECT CAST(1 AS bigint)", &[]).await };
    let not_yet = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why);
    if health.stop.is_cancelled() {
        return not_yet("stopping\n");
    }
    if !health.ready.load(Ordering::Relaxed) {
        return not_yet("comparing the books with the processor\n");
    }
    match answers.await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => not_yet("the database does not answer\n"),
    }
}

async fn metrics(State(health): State<Health>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")],
        health.metrics.text(),
    )
}
