//! What an operator may set about requests, and who learns of their answers.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::body::Limits;
use crate::headers::Range;

/// Learns of every answer: for metrics.
pub trait Recorder: Send + Sync + 'static {
    /// `method` is `OTHER` for one that no standard knows, so that labels stay few; `pattern` is the path pattern, never the path as called; `status` 499 is a caller that hung up.
    fn answered(&self, method: &str, pattern: &str, status: u16, took: Duration);
}

impl Recorder for () {
    fn answered(&self, _: &str, _: &str, _: u16, _: Duration) {}
}

/// What an operator may set.
#[derive(Clone)]
pub struct Settings {
    /// The address this installation is known by: `https://pay.example.com`.
    pub public_url: String,
    /// Requests a minute a caller may make.
    pub rate_a_minute: u32,
    /// Failed sign-ins a minute from one address.
    pub failures_a_minute: u32,
    /// Requests handled at the same time.
    pub in_flight: usize,
    /// How large and slow a body may be, unless a row says otherwise.
    pub body: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Range>,
    /// Who learns of every answer.
    pub recorder: Arc<dyn Recorder>,
    /// The work that nobody's hanging up ends. The server waits for it before it stops.
    pub running: TaskTracker,
}

impl Settings {
    /// The usual, for this public URL.
    pub fn new(public_url: &str) -> Settings {
        let (idle, total) = (Duration::from_secs(10), Duration::from_secs(30));
        Settings {
            public_url: public_url.trim_end_matches('/').into(),
            rate_a_minute: 300,
            failures_a_minute: 60,
            in_flight: 512,
            body: Limits { bytes: 1 << 20, idle, total },
            proxies: Vec::new(),
            recorder: Arc::new(()),
            running: TaskTracker::new(),
        }
    }
}
