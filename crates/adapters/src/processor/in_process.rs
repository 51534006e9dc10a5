//! The sandbox inside this process: a direct call, with its own journal.
//!
//! What must hold: a hanging charge hangs here too. The caller has a deadline.

use base::{Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, RefundOrder, TokenizeError,
    Tokenized, Trace, Unreachable,
};
use sandbox::Service;

/// The sandbox inside this process.
#[derive(Clone)]
pub struct InProcess(Service);

impl InProcess {
    /// Over an opened sandbox.
    pub fn new(service: Service) -> InProcess {
        InProcess(service)
    }
}

impl Processor for InProcess {
    fn capabilities(&self) -> Capabilities {
        super::capabilities(self.0.capabilities())
    }

    fn tokenize<'a>(
        &'a self,
        now: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async move { super::tokenized(self.0.tokenize(super::tokenize(now, instrument)).await) })
    }

    fn inspect<'a>(
        &'a self,
        now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async move { super::tokenized(self.0.inspect(super::inspect(now, token)).await) })
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(async move { super::answer(self.0.submit(super::charge(now, order)).await) })
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async move { super::answer(self.0.refund(super::refund(now, order)).await) })
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        Box::pin(async move { super::answer(self.0.void(super::void(now, key, charge)).await) })
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(async move { super::lookup(self.0.lookup(now.micros(), &what.key).await) })
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move { super::page(self.0.list_since(now.micros(), since.micros(), after).await) })
    }
}
