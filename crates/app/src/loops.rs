//! The loops that run the steps on every node, until the signal to stop.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base::{Failure, Result};
use books::queues::{self, Queue};
use exchange::webhooks;
use payments::charges::till::Till;
use steps::{BUDGET, Work};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::deliveries;
use crate::metrics::Metrics;

/// Starts the loops.
pub(crate) fn start(
    work: &Work,
    till: &Till,
    metrics: &Metrics,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let db = &work.app.db;
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
    for step in steps::ALL.iter().flat_map(|step| std::iter::repeat_n(step, step.loops)) {
        let (work, held) = (work.clone(), held.clone());
        run.every(step.name, step.millis, move || {
            let run = step.queue.is_none_or(|queue| !held.is(queue)).then(|| step.run(&work));
            async move { if let Some(run) = run { run.await } else { Ok(0) } }
        });
    }
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
                let done = steps::sequence(&db).await?;
                if done > 0 {
                    places.send_replace(());
                }
                Ok(done)
            }
        }
    });
    tasks.spawn(deliveries::bring(
        work.courier(),
        placed,
        held,
        metrics.clone(),
        tasks.clone(),
        stop.clone(),
    ));
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
    run.every("charges.count", 5_000, {
        let (till, metrics) = (till.clone(), metrics.clone());
        move || {
            let (till, metrics) = (till.clone(), metrics.clone());
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
