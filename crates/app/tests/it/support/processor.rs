//! The sandbox processor in process, as a story sees it: it can be asked what it did, and tells when a charge hangs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adapters::processor::InProcess;
use base::{Cents, Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, TokenizeError, Tokenized,
    Unreachable,
};
use sandbox::wire::Stats;
use sandbox::{Book, Service, Settings};
use tokio::sync::Notify;

/// The processor.
#[derive(Clone)]
pub(crate) struct Bank {
    inner: InProcess,
    service: Service,
    journal: PathBuf,
    hangs: Arc<Notify>,
}

impl Bank {
    pub(crate) fn open(journal: &Path) -> Bank {
        let random: sandbox::Random = Arc::new(|bytes: &mut [u8]| {
            use base::seams::Entropy as _;
            base::seams::SystemEntropy.fill(bytes);
        });
        let service = Service::open(Settings::at(journal), random).expect("the sandbox opens");
        Bank {
            inner: InProcess::new(service.clone()),
            service,
            journal: journal.to_owned(),
            hangs: Arc::default(),
        }
    }

    /// Returns once a charge was made whose answer will never come.
    pub(crate) async fn hangs(&self) {
        self.hangs.notified().await;
    }

    /// From now on it breaks calls like this: a fault script, as `docs/SANDBOX.md` describes it.
    pub(crate) fn script(&self, rules: serde_json::Value) {
        self.service.set_faults(serde_json::from_value(rules).expect("a fault script"));
    }

    /// What its journal adds up to, read like somebody who does not trust the running program.
    pub(crate) fn book(&self) -> Book {
        sandbox::read_journal(&self.journal).expect("the journal can be read")
    }

    /// Everything in its journal, as the program's own check reads it.
    pub(crate) fn list(&self, now: Ts) -> Vec<payments::processor::Record> {
        adapters::processor::read_journal(&self.journal, now).expect("the journal can be read")
    }

    /// Its figures, from the journal.
    pub(crate) fn stats(&self) -> Stats {
        self.book().stats()
    }

    /// How many charges it made.
    pub(crate) fn charges(&self) -> u64 {
        self.stats().charges
    }

    /// How often anything was submitted.
    pub(crate) fn submits(&self) -> u64 {
        self.stats().keys.values().map(|key| key.submits).sum()
    }
}

impl Processor for Bank {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn tokenize<'a>(
        &'a self,
        now: Ts,
        instrument: &'a Instrument,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        self.inner.tokenize(now, instrument)
    }

    fn inspect<'a>(
        &'a self,
        now: Ts,
        token: &'a Secret<String>,
    ) -> Later<'a, Result<Tokenized, TokenizeError>> {
        self.inner.inspect(now, token)
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        if order.token.reveal() != "tok_hang" {
            return self.inner.submit(now, order);
        }
        Box::pin(async move {
            let hung = async {
                while matches!(self.inner.lookup(now, &order.key).await, Lookup::NotFound) {
                    tokio::task::yield_now().await;
                }
                self.hangs.notify_one();
                std::future::pending().await
            };
            tokio::select! {
                answer = self.inner.submit(now, order) => answer,
                answer = hung => answer,
            }
        })
    }

    fn refund<'a>(&'a self, now: Ts, key: &'a str, charge_key: &'a str, amount: Cents) -> Later<'a, Answer> {
        self.inner.refund(now, key, charge_key, amount)
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge_key: &'a str) -> Later<'a, Answer> {
        self.inner.void(now, key, charge_key)
    }

    fn lookup<'a>(&'a self, now: Ts, key: &'a str) -> Later<'a, Lookup> {
        self.inner.lookup(now, key)
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        self.inner.list_since(now, since, after)
    }
}
