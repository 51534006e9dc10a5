//! One node of the installation: a runtime of its own on the simulation's one thread, with time that stands still
//! unless the simulation moves it. A crash is the end of its runtime and every task in it; a node that sleeps is one
//! that nobody steps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::db::Db;
use base::secret::Secret;
use base::vault::MasterKey;
use base::{Result, Ts};
use books::orgs::Tenants;
use futures_util::FutureExt as _;
use payments::charges::till::{Processors, Till};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::wire::{Net, Wire};

/// How often a pump lets every task that can run do so.
const ROUNDS: u32 = 6;
/// How much a step does at a time.
const BUDGET: i64 = 64;
/// The steps of a node's loop.
const STEPS: usize = 4;
/// The step that reads the processor's list, and how much of it at a time.
const SWEEP: usize = 3;
const SWEPT: i64 = 2_000;

/// A node, up or down.
pub(crate) struct Node {
    alive: Option<Alive>,
    /// Asleep: neither its tasks nor its clock go on.
    pub(crate) asleep: bool,
    /// When its loop runs the steps next.
    pub(crate) tick_at: Option<Ts>,
    pub(crate) last_tick: Ts,
}

struct Alive {
    rt: Runtime,
    till: Till,
    steps: [Option<JoinHandle<Result<u64>>>; STEPS],
    /// Up to when its time-outs have elapsed.
    clock: Ts,
}

impl Node {
    /// One that is down.
    pub(crate) fn down(now: Ts) -> Node {
        Node { alive: None, asleep: false, tick_at: None, last_tick: now }
    }

    /// Starts it, knowing nothing.
    pub(crate) fn start(
        &mut self,
        node: usize,
        db: &Db,
        master: &Secret<String>,
        net: &Arc<Mutex<Net>>,
        window: Option<i64>,
        now: Ts,
    ) -> Result<()> {
        let rt = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let rt = rt.expect("a runtime can be made");
        let tenants = Arc::new(Tenants::new(MasterKey::parse(master.reveal())?));
        let wire = Wire { node, net: net.clone(), window };
        let processors = Processors { production: None, sandbox: Some(Arc::new(wire)) };
        let till = Till::new(db.clone(), tenants, processors);
        *self = Node::down(now);
        self.alive = Some(Alive { rt, till, steps: [const { None }; STEPS], clock: now });
        Ok(())
    }

    /// Ends it and everything it was about to do.
    pub(crate) fn crash(&mut self, now: Ts) {
        *self = Node::down(now);
    }

    /// Whether it has not crashed: who sleeps finds what came in meanwhile.
    pub(crate) fn is_alive(&self) -> bool {
        self.alive.is_some()
    }

    /// Whether it works.
    pub(crate) fn is_up(&self) -> bool {
        self.alive.is_some() && !self.asleep
    }

    /// Begins something on it. `None` where it is down; one that is asleep begins it when it wakes.
    pub(crate) fn begin<T, F>(&self, work: impl FnOnce(Till) -> F) -> Option<JoinHandle<T>>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let alive = self.alive.as_ref()?;
        Some(alive.rt.spawn(work(alive.till.clone())))
    }

    /// One round of its loop: every step that is not still running from before. Gives what steps said that ended.
    pub(crate) fn tick(&mut self) -> Vec<String> {
        (0..SWEEP).filter_map(|step| self.run(step)).collect()
    }

    /// Looks through the processor's list, where that is due.
    pub(crate) fn sweep(&mut self) -> Option<String> {
        self.run(SWEEP)
    }

    /// Runs a step, unless it still runs from before. Gives what it said the last time.
    fn run(&mut self, step: usize) -> Option<String> {
        let alive = self.alive.as_mut()?;
        let slot = &mut alive.steps[step];
        let said = match slot.as_mut().map(|running| running.now_or_never()) {
            Some(None) => return None,
            None | Some(Some(Ok(Ok(0)))) => None,
            Some(Some(Ok(Ok(done)))) => Some(format!("step {step} did {done}")),
            Some(Some(Ok(Err(failure)))) => Some(format!("step {step} failed: {}", failure.chain())),
            Some(Some(Err(panic))) => Some(format!("step {step} panicked: {panic}")),
        };
        let till = alive.till.clone();
        *slot = Some(match step {
            0 => alive.rt.spawn(async move { till.start_due(BUDGET).await }),
            1 => alive.rt.spawn(async move { till.reconcile(BUDGET).await }),
            2 => alive.rt.spawn(async move { till.reconcile_refunds(BUDGET).await }),
            _ => alive.rt.spawn(async move { till.sweep(SWEPT).await }),
        });
        said
    }

    /// Lets its time-outs elapse up to `now`, and its tasks run as far as they can. Gives whether there were any.
    pub(crate) fn pump(&mut self, now: Ts) -> bool {
        if self.asleep {
            return false;
        }
        let Some(alive) = &mut self.alive else { return false };
        let behind = now.since(alive.clock);
        alive.clock = now;
        if alive.rt.metrics().num_alive_tasks() == 0 {
            return false;
        }
        let behind = Duration::try_from(behind).unwrap_or_default();
        alive.rt.block_on(async {
            // What came in is looked at before the time-out is, as by anybody who wakes up.
            for _ in 0..2 {
                tokio::task::yield_now().await;
            }
            if !behind.is_zero() {
                tokio::time::advance(behind).await;
            }
            for _ in 0..ROUNDS {
                tokio::task::yield_now().await;
            }
        });
        true
    }
}
