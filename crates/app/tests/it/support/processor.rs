//! The sandbox processor in process, as a story sees it: it can be asked what it did, and tells when a charge hangs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use adapters::processor::InProcess;
use base::{Cents, Ts, secret::Secret};
use payments::processor::{
    Answer, Capabilities, Instrument, Later, Lookup, Order, Page, Processor, Record, RefundOrder, Standing,
    TokenizeError, Tokenized, Trace, Unreachable,
};
use sandbox::wire::Stats;
use sandbox::{Book, Service, Settings};
use tokio::sync::{Barrier, Notify};

/// The processor.
#[derive(Clone)]
pub(crate) struct Bank {
    inner: InProcess,
    service: Service,
    journal: PathBuf,
    hangs: Arc<Notify>,
    /// What it lists beside its journal: made by somebody else.
    foreign: Arc<Mutex<Vec<Record>>>,
    /// Whoever lists waits for so many others who list.
    meeting: Arc<Mutex<Option<Arc<Barrier>>>>,
    /// Happens once, between a page's listing and its arrival.
    meanwhile: Arc<Mutex<Option<Later<'static, ()>>>>,
}

impl Bank {
    /// One that can do no more than this.
    pub(crate) fn pretending(journal: &Path, capabilities: sandbox::wire::Capabilities) -> Bank {
        let random: sandbox::Random = Arc::new(|bytes: &mut [u8]| {
            use base::seams::Entropy as _;
            base::seams::SystemEntropy.fill(bytes);
        });
        let service = Service::open(Settings { capabilities, ..Settings::at(journal) }, random)
            .expect("the sandbox opens");
        Bank {
            inner: InProcess::new(service.clone()),
            service,
            journal: journal.to_owned(),
            hangs: Arc::default(),
            foreign: Arc::default(),
            meeting: Arc::default(),
            meanwhile: Arc::default(),
        }
    }

    /// It lists a charge that somebody else made, with these words on it.
    pub(crate) fn lists(&self, key: &str, cents: i64, at: Ts, metadata: &[(&str, &str)]) {
        let record = Record {
            key: key.into(),
            processor_id: format!("foreign_{key}"),
            refund_of: None,
            amount: Cents::new(cents),
            refunded: Cents::ZERO,
            standing: Standing::Succeeded,
            made_at: at,
            changed_at: at,
            metadata: metadata
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        self.foreign.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }

    /// So many who list go on together.
    pub(crate) fn list_meets(&self, many: usize) {
        *self.meeting.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(Barrier::new(many)));
    }

    /// This happens once, between a page's listing and its arrival.
    pub(crate) fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        *self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::pin(what));
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
                while matches!(
                    self.inner.lookup(now, &Trace::of_key(&order.key, now)).await,
                    Lookup::NotFound
                ) {
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

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        self.inner.refund(now, order)
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        self.inner.void(now, key, charge)
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        self.inner.lookup(now, what)
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move {
            let page = self.inner.list_since(now, since, after).await;
            let meeting = self.meeting.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(meeting) = meeting {
                meeting.wait().await;
            }
            let meanwhile = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            let mut page = page?;
            let foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner).clone();
            page.records.extend(foreign.into_iter().filter(|record| record.changed_at >= since));
            Ok(page)
        })
    }
}
