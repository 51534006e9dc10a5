//! The one line a request leaves in the log.
//!
//! Must always hold: one line for each request, also for one whose caller hung up; and in it the pattern of the
//! path, never the path or the query.

use std::sync::Arc;
use std::time::Duration;

use base::seams::Seams;
use base::{Failure, Result};
use http::Method;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Span;

use crate::call::Teller;
use crate::reply::Reply;
use crate::settings::Recorder;

/// The status in the log of a request whose caller hung up before it was answered.
const HUNG_UP: u16 = 499;

/// A method's name, where a standard knows it: callers may invent any number of others.
pub(crate) fn name_of(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|known| method == *known).unwrap_or("OTHER")
}

/// A line that is written when it is dropped. It also holds the request's seat among those in flight.
pub(crate) struct Entry {
    seams: Seams,
    began: Duration,
    method: &'static str,
    pattern: Arc<str>,
    tenant: String,
    status: u16,
    recorder: Arc<dyn Recorder>,
    span: Span,
    seat: Option<OwnedSemaphorePermit>,
    teller: Teller,
}

impl Entry {
    pub(crate) fn open(
        seams: Seams,
        method: &'static str,
        pattern: &Arc<str>,
        recorder: &Arc<dyn Recorder>,
        span: Span,
        teller: Teller,
    ) -> Entry {
        Entry {
            began: seams.monotonic(),
            seams,
            method,
            pattern: pattern.clone(),
            tenant: String::new(),
            status: HUNG_UP,
            recorder: recorder.clone(),
            span,
            seat: None,
            teller,
        }
    }

    /// How failures are told here.
    pub(crate) fn teller(&self) -> Teller {
        self.teller
    }

    pub(crate) fn sit(&mut self, seat: OwnedSemaphorePermit) {
        self.seat = Some(seat);
    }

    pub(crate) fn tenant(&mut self, tenant: String) {
        self.tenant = tenant;
    }

    /// Dresses the outcome, tells the log what we have to mend, and writes the line.
    pub(crate) fn close(mut self, done: Result<Reply>, request_id: &str) -> Reply {
        let reply = done.unwrap_or_else(|failure| {
            if let Failure::Broken { .. } = failure {
                self.span.in_scope(|| tracing::error!(error = failure.chain(), "failed"));
            }
            (self.teller)(&failure, request_id)
        });
        self.status = reply.status();
        reply
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.seat = None;
        let took = self.seams.monotonic().saturating_sub(self.began);
        self.recorder.answered(self.method, &self.pattern, self.status, took);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.span.in_scope(|| {
            tracing::info!(status = self.status, duration_us = micros, tenant = self.tenant, "answered");
        });
    }
}
