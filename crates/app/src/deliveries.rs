//! Bringing deliveries to webhooks for as long as the program runs: what is due is claimed as soon as there is room for it,
//! and nobody waits for somebody else's slow server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::TenantId;
use books::queues::Queue;
use exchange::webhooks::{Courier, Room};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::loops::Held;
use crate::metrics::Metrics;

/// How many webhooks are told something at once.
const WEBHOOKS: usize = 64;

/// How long until it is looked what is due, where nobody rings.
const PAUSE: Duration = Duration::from_millis(500);

/// What is being brought by this process. Capacity, and nothing that decides anything.
#[derive(Clone, Default)]
struct Running {
    turns: Arc<Mutex<HashMap<(TenantId, bool), usize>>>,
    ended: Arc<Notify>,
}

impl Running {
    fn turns(&self) -> MutexGuard<'_, HashMap<(TenantId, bool), usize>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is free.
    fn room(&self) -> Room {
        let mut room = Room::of(WEBHOOKS);
        for (&(tenant, is_failing), &many) in &*self.turns() {
            let lane = if is_failing { &mut room.failing } else { &mut room.well };
            *lane = lane.saturating_sub(many);
            *room.taken.entry(tenant).or_default() += many;
        }
        room
    }

    fn begin(&self, tenant: TenantId, is_failing: bool) -> Place {
        *self.turns().entry((tenant, is_failing)).or_default() += 1;
        Place { running: self.clone(), of: (tenant, is_failing) }
    }
}

/// A turn's place, until it ends, however it does.
struct Place {
    running: Running,
    of: (TenantId, bool),
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut turns = self.running.turns();
        if let Some(many) = turns.get_mut(&self.of) {
            *many -= 1;
            if *many == 0 {
                turns.remove(&self.of);
            }
        }
        drop(turns);
        self.running.ended.notify_one();
    }
}

/// Brings what is due until the signal to stop; what turns have on the wire comes to its end, and they take on no more.
pub(crate) async fn bring(
    courier: Courier,
    mut placed: watch::Receiver<()>,
    held: Held,
    metrics: Metrics,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let running = Running::default();
    while !stop.is_cancelled() {
        let room = if held.is(Queue::Deliveries) { Room::of(0) } else { running.room() };
        match courier.claim(room).await {
            Ok(turns) => {
                for turn in turns {
                    let place = running.begin(turn.tenant(), turn.is_failing());
                    let (courier, metrics, stop) = (courier.clone(), metrics.clone(), stop.clone());
                    tasks.spawn(async move {
                        metrics.brought(courier.bring(turn, || !stop.is_cancelled()).await);
                        drop(place);
                    });
                }
            }
            Err(failure) => {
                metrics.step_failed("webhooks.claim");
                tracing::error!(
                    error = failure.chain(),
                    "what is due for webhooks could not be claimed; it will be tried again"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(PAUSE) => {}
            () = running.ended.notified() => {}
            rung = placed.changed() => if rung.is_err() { tokio::time::sleep(PAUSE).await },
        }
    }
}
