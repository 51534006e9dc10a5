//! The loop that runs the steps: what waits, on every node, until the signal to stop.
//!
//! A step claims what it works on, so any number of nodes may run it. It does a bounded amount and says how much,
//! and is run again at once while there is more.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use api::App;
use base::db::Db;
use base::{Failure, Result};
use books::orgs::Environment;
use payments::charges::till::Till;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::metrics::Metrics;

/// How much a step does at a time.
const BUDGET: i64 = 64;
/// How many of a processor's records a sweep takes at a time.
const SWEPT: i64 = 2_000;

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
    run.of_till(till, "charges.start_due", 1_000, |till| async move { till.start_due(BUDGET).await });
    // Loops of their own, so that one processor's silence does not hold up what waits for the other.
    for (environment, step) in [
        (Environment::Production, "charges.reconcile.production"),
        (Environment::Sandbox, "charges.reconcile.sandbox"),
    ] {
        run.of_till(
            till,
            step,
            1_000,
            move |till| async move { till.reconcile_in(environment, BUDGET).await },
        );
    }
    for (environment, step) in [
        (Environment::Production, "processor.sweep.production"),
        (Environment::Sandbox, "processor.sweep.sandbox"),
    ] {
        run.of_till(till, step, 1_000, move |till| async move { till.sweep_in(environment, SWEPT).await });
    }
    run.of_till(till, "processor.ask_about_settled", 600_000, |till| async move {
        till.ask_about_settled(BUDGET).await
    });
    run.of_till(till, "database.recognize", 5_000, |till| async move { till.recognize().await });
    run.of_till(till, "refunds.reconcile", 1_000, |till| async move { till.reconcile_refunds(BUDGET).await });
    run.every("database.look_at_grown_tables", 5_000, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { db.look_at_grown_tables().await }
        }
    });
    run.every("database.shorten_log", 100, {
        let db = db.clone();
        move || {
            let db = db.clone();
            // However many pages that were, the next time is soon enough.
            async move { db.shorten_log().await.map(|_| 0) }
        }
    });
    run.every("events.sequence", 250, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { books::events::sequence(&db).await }
        }
    });
    run.every("lists.build", 5_000, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { books::counts::build(&db).await }
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
    run.every("customers.index", 60_000, {
        let (db, tenants) = (db.clone(), app.tenants.clone());
        move || {
            let (db, tenants) = (db.clone(), tenants.clone());
            async move { books::people::index_unindexed(&db, &tenants, BUDGET).await }
        }
    });
    run.every("bulk.apply", 500, {
        let (db, tenants, rules) = (db.clone(), app.tenants.clone(), Arc::new(api::bulk::FieldRules::new()));
        move || {
            let (db, tenants, rules) = (db.clone(), tenants.clone(), rules.clone());
            async move { exchange::bulk::step(&db, &tenants, &*rules).await }
        }
    });
    run.every("tokens.touch", 10_000, {
        let app = app.clone();
        move || {
            let app = app.clone();
            async move { app.note_token_use().await }
        }
    });
    run.of_till(till, "charges.count", 5_000, {
        let metrics = metrics.clone();
        move |till| {
            let metrics = metrics.clone();
            async move {
                metrics.till(&till.figures().await?);
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
    /// A step of the till.
    fn of_till<F>(
        &self,
        till: &Till,
        name: &'static str,
        millis: u64,
        step: impl Fn(Till) -> F + Send + 'static,
    ) where
        F: Future<Output = Result<u64>> + Send + 'static,
    {
        let till = till.clone();
        self.every(name, millis, move || step(till.clone()));
    }

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
