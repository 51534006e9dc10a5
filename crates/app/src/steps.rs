//! The loop that runs the steps: what waits, on every node, until the signal to stop.
//!
//! A step claims what it works on, so any number of nodes may run it. It does a bounded amount and says how much,
//! and is run again at once while there is more.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use api::App;
use base::{Failure, Result};
use books::orgs::Environment;
use books::queues::{self, Queue};
use exchange::post::Means;
use exchange::webhooks::{self, Courier, FanOut};
use payments::charges::till::Till;
use payments::plans;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::deliveries;
use crate::metrics::Metrics;

/// How much a step does at a time.
const BUDGET: i64 = 64;
/// How many of a processor's records a sweep takes at a time.
const SWEPT: i64 = 2_000;

/// Starts the loops.
pub(crate) fn start(
    app: &App,
    till: &Till,
    means: &Means,
    metrics: &Metrics,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let db = &app.db;
    let run = Runner { metrics: metrics.clone(), tasks: tasks.clone(), stop: stop.clone(), bell: db.bell() };
    let held = Held::default();
    run.every("queues.look", 1_000, {
        let (db, held) = (db.clone(), held.clone());
        move || {
            let (db, held) = (db.clone(), held.clone());
            async move {
                held.are(queues::held(&db.read().await?).await?);
                Ok(0)
            }
        }
    });
    run.of_till(till, "charges.start_due", 1_000, {
        let held = held.clone();
        move |till| {
            let held = held.clone();
            async move { if held.is(Queue::Charges) { Ok(0) } else { till.start_due(BUDGET).await } }
        }
    });
    run.of_till(till, "payment_plans.present_due", 1_000, {
        let held = held.clone();
        move |till| {
            let held = held.clone();
            async move {
                if held.is(Queue::Charges) { Ok(0) } else { plans::run::present_due(&till, BUDGET).await }
            }
        }
    });
    run.every("payment_plans.remind_due", 60_000, {
        let (db, tenants) = (db.clone(), app.tenants.clone());
        move || {
            let (db, tenants) = (db.clone(), tenants.clone());
            async move { plans::notices::remind_due(&db, &tenants, BUDGET).await }
        }
    });
    run.every("payment_plans.break_due", 60_000, {
        let (db, tenants) = (db.clone(), app.tenants.clone());
        move || {
            let (db, tenants) = (db.clone(), tenants.clone());
            async move { plans::run::break_due(&db, &tenants, BUDGET).await }
        }
    });
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
    let (places, placed) = watch::channel(());
    run.when_rung("events.sequence", 250, {
        let db = db.clone();
        move || {
            let (db, places) = (db.clone(), places.clone());
            async move {
                let done = books::events::sequence(&db, &FanOut).await?;
                if done > 0 {
                    places.send_replace(());
                }
                Ok(done)
            }
        }
    });
    let courier = Courier::new(db.clone(), app.tenants.clone(), app.egress.clone(), api::told);
    tasks.spawn(deliveries::bring(
        courier,
        placed,
        held.clone(),
        metrics.clone(),
        tasks.clone(),
        stop.clone(),
    ));
    run.every("webhooks.replay", 1_000, {
        let (db, held) = (db.clone(), held.clone());
        move || {
            let (db, held) = (db.clone(), held.clone());
            async move { if held.is(Queue::Deliveries) { Ok(0) } else { webhooks::go_on(&db).await } }
        }
    });
    run.every("webhooks.forget", 600_000, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { webhooks::forget(&db).await }
        }
    });
    run.every("events.empty", 600_000, {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { books::retention::step(&db, &FanOut).await }
        }
    });
    run.every("webhooks.count", 5_000, {
        let (db, metrics) = (db.clone(), metrics.clone());
        move || {
            let (db, metrics) = (db.clone(), metrics.clone());
            async move {
                let (now, tx) = (db.now().await?, db.read().await?);
                let (standing, failing) =
                    (webhooks::standing(&tx, now).await?, webhooks::failing(&tx).await?);
                metrics.deliveries(&standing, failing, now);
                Ok(0)
            }
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
        let (db, tenants, held) = (db.clone(), app.tenants.clone(), held.clone());
        let rules = Arc::new(api::bulk::FieldRules::new());
        move || {
            let (db, tenants, rules, held) = (db.clone(), tenants.clone(), rules.clone(), held.clone());
            async move {
                if held.is(Queue::Bulk) { Ok(0) } else { exchange::bulk::step(&db, &tenants, &*rules).await }
            }
        }
    });
    run.every("messages.send", 1_000, {
        let (db, tenants, means, held) = (db.clone(), app.tenants.clone(), means.clone(), held.clone());
        move || {
            let (db, tenants, means, held) = (db.clone(), tenants.clone(), means.clone(), held.clone());
            async move {
                if held.is(Queue::Messages) {
                    return Ok(0);
                }
                exchange::post::step(&db, &tenants, &means, BUDGET).await
            }
        }
    });
    run.every("messages.count", 5_000, {
        let (db, metrics) = (db.clone(), metrics.clone());
        move || {
            let (db, metrics) = (db.clone(), metrics.clone());
            async move {
                let now = db.now().await?;
                metrics.messages(&books::messages::standing(&db.read().await?, now).await?);
                Ok(0)
            }
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

/// The queues that somebody holds, as this process last saw it. All of them until it has looked: whoever holds one and
/// starts a node anew finds it held.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<RwLock<Option<Vec<Queue>>>>);

impl Held {
    fn are(&self, held: Vec<queues::Held>) {
        let held = Some(held.into_iter().map(|one| one.id).collect());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// Whether this one is.
    pub(crate) fn is(&self, queue: Queue) -> bool {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().is_none_or(|held| held.contains(&queue))
    }
}

struct Runner {
    metrics: Metrics,
    tasks: TaskTracker,
    stop: CancellationToken,
    bell: watch::Receiver<()>,
}

/// How long a step that is rung for waits for more of what it does: each run of it costs whoever pays a little.
const GATHERS: Duration = Duration::from_millis(20);

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
        self.run(name, millis, None, step);
    }

    /// A step that is run sooner where something was committed here that it may wait for.
    fn when_rung<F>(&self, name: &'static str, millis: u64, step: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = Result<u64>> + Send + 'static,
    {
        self.run(name, millis, Some(self.bell.clone()), step);
    }

    fn run<F>(
        &self,
        name: &'static str,
        millis: u64,
        mut bell: Option<watch::Receiver<()>>,
        step: impl Fn() -> F + Send + 'static,
    ) where
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
                    () = rung(&mut bell) => tokio::time::sleep(GATHERS).await,
                }
            }
        });
    }
}

/// Until it rings; for ever where there is no bell, or nobody left who could ring it.
async fn rung(bell: &mut Option<watch::Receiver<()>>) {
    let has_rung = match bell {
        Some(bell) => bell.changed().await.is_ok(),
        None => false,
    };
    if !has_rung {
        std::future::pending::<()>().await;
    }
}
