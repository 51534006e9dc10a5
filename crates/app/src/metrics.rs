//! What Prometheus reads at `/metrics`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::Ts;
use books::queues::Standing;
use exchange::webhooks::Brought;
use payments::charges::till::Figures;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The metrics of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Mutex<Registry>>,
    answers: Family<Answer, Counter>,
    seconds: Family<Route, Histogram>,
    failed_steps: Family<Step, Counter>,
    open: Gauge,
    review: Gauge,
    oldest_open: Gauge,
    orphans: Gauge,
    findings: Gauge,
    verifying: Family<Processor, Gauge>,
    swept: Family<Processor, Gauge>,
    ready: Gauge<i64>,
    attempts: Family<Attempt, Counter>,
    waiting: Gauge,
    failing: Gauge,
    late: Gauge,
    messages_waiting: Gauge,
    messages_failed: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Step {
    step: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Processor {
    environment: &'static str,
}

impl Metrics {
    /// New ones, for a program over this database engine.
    pub(crate) fn new(engine: &'static str) -> Metrics {
        let mut registry = Registry::with_prefix("quittance");
        let metrics = Metrics {
            registry: Arc::default(),
            answers: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 15))),
            failed_steps: Family::default(),
            open: Gauge::default(),
            review: Gauge::default(),
            oldest_open: Gauge::default(),
            orphans: Gauge::default(),
            findings: Gauge::default(),
            verifying: Family::default(),
            swept: Family::default(),
            ready: Gauge::default(),
            attempts: Family::default(),
            waiting: Gauge::default(),
            failing: Gauge::default(),
            late: Gauge::default(),
            messages_waiting: Gauge::default(),
            messages_failed: Gauge::default(),
        };
        registry.register("http_answers", "Requests answered", metrics.answers.clone());
        registry.register("http_seconds", "How long answering took", metrics.seconds.clone());
        registry.register("steps_failed", "Runs of a step that failed", metrics.failed_steps.clone());
        registry.register("charges_open", "Charges whose outcome is not known yet", metrics.open.clone());
        registry.register(
            "charges_review",
            "Charges and refunds that wait for a person",
            metrics.review.clone(),
        );
        registry.register(
            "charges_oldest_open_seconds",
            "For how long the oldest charge without an outcome has been open",
            metrics.oldest_open.clone(),
        );
        registry.register(
            "processor_orphans",
            "Charges and refunds that a processor had made and the books did not know, ever",
            metrics.orphans.clone(),
        );
        registry.register(
            "processor_findings",
            "What was found at the processors and nobody has dealt with",
            metrics.findings.clone(),
        );
        registry.register(
            "verify_mode",
            "Whether every charge is looked up before it is sent, because the books may lack something",
            metrics.verifying.clone(),
        );
        registry.register(
            "processor_swept_seconds",
            "How long ago the last whole sweep of the processor's list began",
            metrics.swept.clone(),
        );
        registry.register("ready", "Whether this process is ready to take charges", metrics.ready.clone());
        registry.register(
            "webhook_attempts",
            "Attempts to tell webhooks something",
            metrics.attempts.clone(),
        );
        registry.register(
            "webhook_deliveries_waiting",
            "Deliveries to webhooks that have not arrived and are tried again",
            metrics.waiting.clone(),
        );
        registry.register("webhooks_failing", "Webhooks that fail again and again", metrics.failing.clone());
        registry.register(
            "webhooks_late_seconds",
            "For how long the webhook that waits longest has been due",
            metrics.late.clone(),
        );
        registry.register(
            "messages_waiting",
            "E-mails and text messages that wait to be sent",
            metrics.messages_waiting.clone(),
        );
        registry.register(
            "messages_failed",
            "E-mails and text messages that could not be sent, ever",
            metrics.messages_failed.clone(),
        );
        let build = Family::<Vec<(String, String)>, Gauge<i64, std::sync::atomic::AtomicI64>>::default();
        build
            .get_or_create(&vec![
                ("version".into(), env!("CARGO_PKG_VERSION").into()),
                ("engine".into(), engine.into()),
            ])
            .set(1);
        registry.register("build", "Version and database engine", build);
        *metrics.registry.lock().unwrap_or_else(PoisonError::into_inner) = registry;
        metrics
    }

    /// The till in figures.
    pub(crate) fn till(&self, figures: &Figures) {
        self.open.set(figures.open);
        self.review.set(figures.review);
        self.oldest_open.set(figures.oldest_open_seconds);
        self.orphans.set(figures.orphans);
        self.findings.set(figures.findings);
        for &(environment, verifying, swept) in &figures.watched {
            let of = Processor { environment: environment.as_str() };
            self.verifying.get_or_create(&of).set(i64::from(verifying));
            self.swept.get_or_create(&of).set(swept);
        }
    }

    /// What became of attempts to tell webhooks something.
    pub(crate) fn brought(&self, brought: Brought) {
        for (outcome, many) in [("delivered", brought.delivered), ("failed", brought.failed)] {
            self.attempts.get_or_create(&Attempt { outcome }).inc_by(many);
        }
    }

    /// How deliveries to webhooks stand, and how many webhooks fail.
    pub(crate) fn deliveries(&self, standing: &Standing, failing: i64, now: Ts) {
        self.waiting.set(standing.waiting);
        self.failing.set(failing);
        self.late.set(standing.oldest.map_or(0, |due| now.since(due).as_secs().max(0)));
    }

    /// How messages stand.
    pub(crate) fn messages(&self, standing: &Standing) {
        self.messages_waiting.set(standing.waiting);
        self.messages_failed.set(standing.failed);
    }

    /// Whether this process is ready.
    pub(crate) fn ready(&self, is: bool) {
        self.ready.set(i64::from(is));
    }

    /// A step failed.
    pub(crate) fn step_failed(&self, step: &'static str) {
        self.failed_steps.get_or_create(&Step { step }).inc();
    }

    /// Everything, in OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = text::encode(&mut out, &registry) {
            tracing::error!(%error, "the metrics could not be written");
        }
        out
    }
}

impl edge::Recorder for Metrics {
    fn answered(&self, method: &str, pattern: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), pattern.to_owned());
        self.answers.get_or_create(&Answer { method: method.clone(), route: route.clone(), status }).inc();
        self.seconds.get_or_create(&Route { method, route }).observe(took.as_secs_f64());
    }
}
