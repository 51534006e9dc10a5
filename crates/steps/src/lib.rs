//! What is done without anybody asking: each as a step that a loop, a test or a test clock runs.
//!
//! A step claims what it works on, so any number of nodes may run it. It does a bounded amount and says how much, and is
//! run again at once while there is more.

pub mod clocks;
mod files;

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use ach::deliver::Bank;
use api::App;
use api::bulk::FieldRules;
use base::db::Db;
use base::{Result, TenantId};
use books::orgs::Environment;
use books::queues::{self, Queue};
use exchange::post::{self, Means};
use exchange::webhooks::{self, Courier, FanOut};
use payments::charges::till::Till;
use payments::plans;

/// How much a step does at a time.
pub const BUDGET: i64 = 64;
/// How many of a processor's records a sweep takes at a time.
const SWEPT: i64 = 2_000;
/// How many webhooks are told something at once, where a step tells them.
const TOLD: usize = 16;

/// What the steps work with. Cheap to clone.
#[derive(Clone)]
pub struct Work {
    /// The database, the tenants, the till and the way out.
    pub app: App,
    /// Who delivers messages.
    pub means: Means,
    /// Where files for the bank lie, where there is such a place.
    bank: Option<Arc<dyn Bank>>,
    rules: Arc<FieldRules>,
    /// Whose clocks are in hand in this process. Capacity, and nothing that decides anything.
    in_hand: Arc<Mutex<HashSet<TenantId>>>,
}

impl Work {
    /// With these.
    pub fn new(app: App, means: Means) -> Work {
        Work { app, means, bank: None, rules: Arc::new(FieldRules::new()), in_hand: Arc::default() }
    }

    /// The same, with a place where files for the bank lie.
    #[must_use]
    pub fn with_bank(self, bank: Option<Arc<dyn Bank>>) -> Work {
        Work { bank, ..self }
    }

    /// The same over another handle of the database: in somebody's own time.
    fn over(&self, db: Db) -> Work {
        Work { app: self.app.over(db), ..self.clone() }
    }

    fn db(&self) -> &Db {
        &self.app.db
    }

    fn till(&self) -> &Till {
        &self.app.till
    }

    /// Whoever brings deliveries to webhooks.
    pub fn courier(&self) -> Courier {
        Courier::new(self.db().clone(), self.app.tenants.clone(), self.app.egress.clone(), api::told)
    }
}

/// What a step gives, later: how much it did.
type Later = Pin<Box<dyn Future<Output = Result<u64>> + Send>>;

/// A step.
pub struct Step {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// How long a loop waits after it found nothing to do.
    pub millis: u64,
    /// How many loops run it beside each other.
    pub loops: usize,
    /// The queue that it takes from: while an operator holds that, it is not run.
    pub queue: Option<Queue>,
    /// Whether what it does depends on what time it is for a tenant, so that a test clock runs it too.
    pub is_of_tenants: bool,
    /// The columns that say when there is something for it to do: a test clock stops there. None where it looks for itself,
    /// and once a day is enough.
    pub due_by: &'static [Due],
    run: fn(Work) -> Later,
}

/// A table, and its column that says when a row of it is due.
pub type Due = (&'static str, &'static str);

/// What the courier has to bring.
const TO_BRING: Due = ("webhook_queue", "due_at");
/// An event without a place, which is due as soon as it has happened.
const TO_PLACE: Due = ("event", "created_at");

impl Step {
    /// Runs it once.
    pub fn run(&self, work: &Work) -> Later {
        (self.run)(work.clone())
    }
}

const fn of_tenants(
    name: &'static str,
    millis: u64,
    queue: Option<Queue>,
    due_by: &'static [Due],
    run: fn(Work) -> Later,
) -> Step {
    Step { name, millis, loops: 1, queue, is_of_tenants: true, due_by, run }
}

const fn of_house(name: &'static str, millis: u64, run: fn(Work) -> Later) -> Step {
    Step { name, millis, loops: 1, queue: None, is_of_tenants: false, due_by: &[], run }
}

macro_rules! step {
    (|$work:ident| $body:expr) => {
        |$work: Work| -> Later { Box::pin(async move { $body.await }) }
    };
}

/// Every step but two that have a loop of their own, because somebody rings for them: [`sequence`] and the courier.
pub const ALL: &[Step] = &[
    of_tenants(
        "charges.start_due",
        1_000,
        Some(Queue::Charges),
        &[("charge", "due_at")],
        step!(|w| w.till().start_due(BUDGET)),
    ),
    of_tenants(
        "payment_plans.present_due",
        1_000,
        Some(Queue::Charges),
        &[("instalment", "due_at")],
        step!(|w| plans::run::present_due(w.till(), BUDGET)),
    ),
    of_tenants(
        "payment_plans.remind_due",
        60_000,
        None,
        &[("instalment", "remind_at")],
        step!(|w| plans::notices::remind_due(w.db(), &w.app.tenants, BUDGET)),
    ),
    of_tenants(
        "payment_plans.break_due",
        60_000,
        None,
        &[("payment_plan", "breaks_at")],
        step!(|w| plans::breaking::break_due(w.db(), &w.app.tenants, BUDGET)),
    ),
    // By themselves, so that one processor's silence does not hold up what waits for the other.
    of_tenants(
        "charges.reconcile.production",
        1_000,
        None,
        &[],
        step!(|w| w.till().reconcile_in(Environment::Production, BUDGET)),
    ),
    of_tenants(
        "charges.reconcile.sandbox",
        1_000,
        None,
        &[("charge", "due_at")],
        step!(|w| w.till().reconcile_in(Environment::Sandbox, BUDGET)),
    ),
    of_tenants(
        "refunds.reconcile",
        1_000,
        None,
        &[("refund", "due_at")],
        step!(|w| w.till().reconcile_refunds(BUDGET)),
    ),
    of_tenants(
        "processor.ask_about_settled",
        600_000,
        None,
        &[],
        step!(|w| w.till().ask_about_settled(BUDGET)),
    ),
    of_tenants(
        "webhooks.replay",
        1_000,
        Some(Queue::Deliveries),
        &[("webhook_replay", "due_at")],
        step!(|w| webhooks::go_on(w.db())),
    ),
    of_tenants(
        "bank.match",
        5_000,
        None,
        &[("bank_account", "match_at"), ("bank_line", "due_at"), ("bank_expectation", "due_at")],
        step!(|w| payments::bank::step(w.db(), &w.app.tenants, BUDGET)),
    ),
    of_tenants("events.empty", 600_000, None, &[], step!(|w| books::retention::step(w.db(), &FanOut))),
    of_tenants("idempotency.forget", 600_000, None, &[], step!(|w| books::idempotency::forget_old(w.db()))),
    of_tenants(
        "one_time_tokens.forget",
        600_000,
        None,
        &[],
        step!(|w| payments::methods::one_time::forget_old(w.db())),
    ),
    of_tenants("velocity.forget", 600_000, None, &[], step!(|w| payments::velocity::forget_old(w.db()))),
    of_tenants(
        "bulk.apply",
        500,
        Some(Queue::Bulk),
        &[("bulk", "due_at")],
        step!(|w| exchange::bulk::step(w.db(), &w.app.tenants, &*w.rules)),
    ),
    of_tenants(
        "messages.send",
        1_000,
        Some(Queue::Messages),
        &[("message", "due_at")],
        step!(|w| post::step(w.db(), &w.app.tenants, &w.means, BUDGET)),
    ),
    Step { queue: Some(Queue::Files), ..of_house("ach.cut", 5_000, step!(|w| files::cut(&w))) },
    Step { queue: Some(Queue::Files), ..of_house("ach.bring", 5_000, step!(|w| files::bring(&w))) },
    of_house("ach.collect", 60_000, step!(|w| files::collect(&w))),
    of_house("ach.settle", 10_000, step!(|w| files::settle(&w))),
    of_house("ach.forget", 600_000, step!(|w| ach::settle::forget(w.db()))),
    of_house(
        "processor.sweep.production",
        1_000,
        step!(|w| w.till().sweep_in(Environment::Production, SWEPT)),
    ),
    of_house("processor.sweep.sandbox", 1_000, step!(|w| w.till().sweep_in(Environment::Sandbox, SWEPT))),
    of_house("database.recognize", 5_000, step!(|w| w.till().recognize())),
    of_house("database.look_at_grown_tables", 5_000, step!(|w| w.db().look_at_grown_tables())),
    of_house("webhooks.forget", 600_000, step!(|w| webhooks::forget(w.db()))),
    of_house("lists.build", 5_000, step!(|w| books::counts::build(w.db()))),
    of_house("keys.rotate", 1_000, step!(|w| books::keys::step(w.db(), &w.app.tenants, BUDGET))),
    of_house(
        "customers.index",
        60_000,
        step!(|w| books::people::index_unindexed(w.db(), &w.app.tenants, BUDGET)),
    ),
    of_house("tokens.touch", 10_000, step!(|w| w.app.note_token_use())),
    // Several, so that one whose webhooks do not answer holds up no other.
    Step { loops: 4, ..of_house("test_clocks.go_on", 500, step!(|w| clocks::go_on(&w))) },
];

/// Gives committed events their places, and makes deliveries of them.
pub async fn sequence(db: &Db) -> Result<u64> {
    books::events::sequence(db, &FanOut).await
}

/// Runs everything once that depends on what time it is for tenants, and tells webhooks, but for what an operator holds; gives
/// how much was done.
pub async fn turn(work: &Work) -> Result<u64> {
    turn_of(work, |_| true).await
}

/// The same, of those steps alone for which something is due by one of these columns.
async fn turn_for(work: &Work, due: &[Due]) -> Result<u64> {
    turn_of(work, |by| by.iter().any(|by| due.contains(by))).await
}

async fn turn_of(work: &Work, is_meant: impl Fn(&[Due]) -> bool) -> Result<u64> {
    let held: Vec<Queue> =
        queues::held(&work.db().read().await?).await?.into_iter().map(|one| one.id).collect();
    let mut done = 0;
    for step in ALL.iter().filter(|step| step.is_of_tenants && is_meant(step.due_by)) {
        if step.queue.is_none_or(|queue| !held.contains(&queue)) {
            done += step.run(work).await?;
        }
    }
    if is_meant(&[TO_PLACE]) || done > 0 {
        done += sequence(work.db()).await?;
    }
    if !held.contains(&Queue::Deliveries) && is_meant(&[TO_BRING]) {
        done += work.courier().step(TOLD).await?;
    }
    Ok(done)
}
