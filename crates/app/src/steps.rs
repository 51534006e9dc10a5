//! The loop that runs the steps: what waits, on every node, until the signal to stop.
//!
//! A step claims what it works on, so any number of nodes may run it. It does a bounded amount and says how much,
//! and is run again at once while there is more.

use std::future::Future;
use std::time::Duration;

use api::App;
use base::db::Db;
use base::{Failure, Result};
use payments::charges::till::Till;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::metrics::Metrics;

/// How much a step does at a time.
const BUDGET: i64 = 64;

/// Starts the loops.
pub(crate) fn start(
    app: &App,
    till: &Till,
    db: &Db,
    metrics: &Metrics,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let run = Runner { metrics: metrics.clone(), tasks: tasks.clone(), stop: stop.clone() };
    run.every("charges.start_due", 1_000, {
        let till = till.clone();
        move || {
            let till = till.clone();
            async move { till.start_due(BUDGET).await }
        }
    });
    run.every("charges.reconcile", 1_000, {
        let till = till.clone();
        move || {
            let till = till.clone();
            async move { till.reconcile(BUDGET).await }
        }
    });
    run.every("refunds.reconcile", 1_000, {
        let till = till.clone();
        move || {
            let till = till.clone();
            async move { till.reconcile_refunds(BUDGET).await }
        }
    });
    run.every("events.sequence", 250, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { books::events::sequence(&db).await }
        }
    });
    run.every("idempotency.forget", 600_000, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { books::idempotency::forget_old(&db).await }
        }
    });
    run.every("keys.rotate", 1_000, {
        let (db, tenants) = (db.clone(), app.tenants.clone());
        move || {
            let (db, tenants) = (db.clone(), tenants.clone());
            async move { books::keys::step(&db, &tenants, BUDGET).await }
        }
    });
    run.every("tokens.touch", 10_000, {
        let app = app.clone();
        move || {
            let app = app.clone();
            async move { app.note_token_use().await }
        }
    });
    run.every("charges.count", 5_000, {
        let (till, metrics) = (till.clone(), metrics.clone());
        move || {
            let (till, metrics) = (till.clone(), metrics.clone());
            async move {
                let (open, review) = till.open_charges().await?;
                metrics.charges(open, review);
                Ok(0)
            }
        }
    });
}

struct Runner {
    metrics: Metrics,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Runner {
    fn every<F>(&self, name: &'static str, millis: u64, step: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = Result<u64>> + Send + 'static,
    {
        let (metrics, stop) = (self.metrics.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            loop {
                // A task of its own: a panic ends this run, not the loop.
                let ran = tokio::spawn(step()).await;
                let pause = match ran.unwrap_or_else(|panic| Err(Failure::broken("running a step", panic))) {
                    // A full load: there is more, most likely.
                    Ok(done) if done >= BUDGET.unsigned_abs() => Duration::ZERO,
                    Ok(_) => Duration::from_millis(millis),
                    Err(failure) => {
                        metrics.step_failed(name);
                        tracing::error!(
                            step = name,
                            error = failure.chain(),
                            "a step failed; it will be tried again"
                        );
                        Duration::from_millis(millis.max(2_000))
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        });
    }
}
