//! The sandbox's operations: the same in process and behind HTTP.
//!
//! What must hold: a decision and its journal entry are made in one step that cannot be interrupted, so a caller who
//! goes away changes nothing; nobody is answered before the entries their answer rests on are on disk.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::banking::Settles;
use crate::book::Book;
use crate::decide::{self, Decision, Manner, Terms};
use crate::faults::{Call, Fault, Op, Rule, Script};
use crate::journal::{Entry, Journal, JournalError};
use crate::tokens;
use crate::wire::{
    Answer, CAPABILITIES, Callers, Capabilities, Charge, Found, Inspect, Page, Refund, Stats, TokenAnswer,
    Tokenize, Void,
};

/// Where random bytes come from.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// How the sandbox is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The journal file; `None` keeps nothing, for tests and simulations.
    pub journal: Option<PathBuf>,
    /// How long bank debits take to settle or come back, in seconds of the caller's clock.
    pub settle_after_seconds: u32,
    /// Let them settle by the banking calendar instead, on the morning of the next banking day.
    pub settle_on_banking_days: bool,
    /// How long a slow answer takes.
    pub slow: Duration,
    /// Write and sync on the calling thread instead of one of its own: for simulations.
    pub inline: bool,
    /// What it can do. Pretending less, it really behaves so: where keys are forgotten, the same key charges twice.
    pub capabilities: Capabilities,
}

impl Settings {
    /// A journal at `path`, bank debits that settle after a minute.
    pub fn at(path: impl Into<PathBuf>) -> Settings {
        Settings { journal: Some(path.into()), ..Settings::in_memory() }
    }

    /// No journal: for tests and simulations.
    pub fn in_memory() -> Settings {
        Settings {
            journal: None,
            settle_after_seconds: 60,
            settle_on_banking_days: false,
            slow: Duration::from_secs(3),
            inline: false,
            capabilities: CAPABILITIES,
        }
    }
}

/// The caller hears nothing that can be understood. Whether anything was done is for [`Service::lookup`] to say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The connection is closed.
    #[error("the connection was closed without an answer")]
    HungUp,
    /// An internal error.
    #[error("the sandbox answered with an internal error")]
    Error,
    /// It pretends not to have this operation.
    #[error("the sandbox was told not to offer this")]
    NotOffered,
    /// The journal cannot be written.
    #[error("the sandbox cannot keep its journal: {0}")]
    Broken(String),
}

/// The sandbox. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    journal: Journal,
    settings: Settings,
    random: Random,
    submitting: AtomicU64,
    gone: AtomicU64,
}

struct State {
    book: Book,
    faults: Script,
}

/// What an operation did, the place of the journal it rests on, and how the caller shall hear of it.
struct Done<T> {
    says: T,
    place: u64,
    manner: Manner,
}

impl Service {
    /// Opens the sandbox over its journal, alone.
    pub fn open(settings: Settings, random: Random) -> Result<Service, JournalError> {
        let (journal, book) = match &settings.journal {
            Some(path) => Journal::open(path, settings.inline)?,
            None => (Journal::in_memory(), Book::default()),
        };
        let state = Mutex::new(State { book, faults: Script::default() });
        let (submitting, gone) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Service(Arc::new(Inner { state, journal, settings, random, submitting, gone })))
    }

    /// Turns raw data into a token.
    pub async fn tokenize(&self, ask: Tokenize) -> Result<TokenAnswer, NoAnswer> {
        let call = Call { op: Op::Tokenize, key: "", amount: None };
        self.run(call, move |inner| inner.tokenize(&ask)).await
    }

    /// Describes a token.
    pub async fn inspect(&self, ask: Inspect) -> Result<TokenAnswer, NoAnswer> {
        let call = Call { op: Op::Inspect, key: "", amount: None };
        self.run(call, move |inner| inner.inspect(&ask)).await
    }

    /// Charges a token, once for every key.
    pub async fn submit(&self, order: Charge) -> Result<Answer, NoAnswer> {
        let key = order.key.clone();
        let call = Call { op: Op::Submit, key: &key, amount: Some(order.amount) };
        let caller = Caller::comes(self.0.clone());
        let done = self.run(call, move |inner| inner.submit(&order)).await;
        caller.has_heard();
        done
    }

    /// Gives money back, once for every key.
    pub async fn refund(&self, order: Refund) -> Result<Answer, NoAnswer> {
        let key = order.key.clone();
        let call = Call { op: Op::Refund, key: &key, amount: Some(order.amount) };
        let terms = self.terms();
        let decide = move |book: &Book| decide::refund(book, &order, terms);
        self.run(call, move |inner| inner.carry_out(decide)).await
    }

    /// Takes back the whole of a charge that has not settled.
    pub async fn void(&self, order: Void) -> Result<Answer, NoAnswer> {
        self.offers(self.capabilities().void)?;
        let key = order.key.clone();
        let call = Call { op: Op::Void, key: &key, amount: None };
        let decide = move |book: &Book| decide::void(book, order.now, &order.key, &order.charge_key);
        self.run(call, move |inner| inner.carry_out(decide)).await
    }

    /// What became of `key` by `now`.
    pub async fn lookup(&self, now: i64, key: &str) -> Result<Found, NoAnswer> {
        self.offers(self.capabilities().lookup)?;
        let asked = key.to_owned();
        let look = move |inner: &Inner| {
            let state = inner.state();
            let place = state.book.act(&asked).map_or(0, |(_, act)| act.place);
            Done { says: Found { record: state.book.lookup(now, &asked) }, place, manner: Manner::Prompt }
        };
        self.run(Call { op: Op::Lookup, key, amount: None }, look).await
    }

    /// A page of what changed at or after `since`, oldest change first. What is made while the pages are turned, by
    /// a clock behind the page's, may be missed: begin the next sweep a little before the last one's end.
    pub async fn list_since(&self, now: i64, since: i64, cursor: Option<String>) -> Result<Page, NoAnswer> {
        self.offers(self.capabilities().list)?;
        let list = move |inner: &Inner| {
            let state = inner.state();
            let says = state.book.list_since(now, since, cursor.as_deref());
            Done { says, place: inner.journal.end(), manner: Manner::Prompt }
        };
        self.run(Call { op: Op::List, key: "", amount: None }, list).await
    }

    /// What it can do.
    pub fn capabilities(&self) -> Capabilities {
        self.0.settings.capabilities
    }

    fn offers(&self, it: bool) -> Result<(), NoAnswer> {
        if it { Ok(()) } else { Err(NoAnswer::NotOffered) }
    }

    fn terms(&self) -> Terms {
        self.0.terms()
    }

    /// The figures a fault test compares.
    pub fn stats(&self) -> Stats {
        Stats { syncs: self.0.journal.syncs(), ..self.0.state().book.stats() }
    }

    /// Who waits for the answer to a submit at this moment, and how many went away before theirs.
    pub fn callers(&self) -> Callers {
        Callers {
            submitting: self.0.submitting.load(Ordering::Relaxed),
            gone: self.0.gone.load(Ordering::Relaxed),
        }
    }

    /// Replaces the fault script.
    pub fn set_faults(&self, rules: Vec<Rule>) {
        self.0.state().faults = Script::new(rules);
    }

    /// Why it cannot go on, if so: its journal cannot be written.
    pub fn broken(&self) -> Option<String> {
        self.0.journal.broken().map(|why| why.to_string())
    }

    /// Runs `act` through the fault script and the journal.
    async fn run<T, F>(&self, call: Call<'_>, act: F) -> Result<T, NoAnswer>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Done<T> + Send + 'static,
    {
        let fault = self.0.state().faults.meets(call);
        let mut done = match fault {
            Some(Fault::DropAnswerBefore | Fault::RefuseConnection) => return Err(NoAnswer::HungUp),
            Some(Fault::Error500) => return Err(NoAnswer::Error),
            Some(Fault::ArriveLateMs(wait)) => {
                let inner = Arc::clone(&self.0);
                // Detached: it arrives also where the caller has gone.
                let late = tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                    act(&inner)
                });
                late.await.map_err(|_| NoAnswer::Error)?
            }
            _ => act(&self.0),
        };
        match fault {
            Some(Fault::DropAnswerAfter) => done.manner = Manner::HangUp,
            Some(Fault::Error500After) => done.manner = Manner::Error,
            Some(Fault::Hang) => done.manner = Manner::Hang,
            Some(Fault::DelayMs(wait)) => done.manner = Manner::After(wait),
            _ => {}
        }
        self.0.journal.durable(done.place).await.map_err(|why| NoAnswer::Broken(why.to_string()))?;
        match done.manner {
            Manner::Prompt => {}
            Manner::Slow => tokio::time::sleep(self.0.settings.slow).await,
            Manner::After(wait) => tokio::time::sleep(Duration::from_millis(wait)).await,
            Manner::Hang => std::future::pending().await,
            Manner::HangUp => return Err(NoAnswer::HungUp),
            Manner::Error => return Err(NoAnswer::Error),
        }
        Ok(done.says)
    }
}

/// Somebody who waits for the answer to a submit.
struct Caller {
    inner: Arc<Inner>,
    answered: bool,
}

impl Caller {
    fn comes(inner: Arc<Inner>) -> Caller {
        inner.submitting.fetch_add(1, Ordering::Relaxed);
        Caller { inner, answered: false }
    }

    fn has_heard(mut self) {
        self.answered = true;
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.inner.submitting.fetch_sub(1, Ordering::Relaxed);
        self.inner.gone.fetch_add(u64::from(!self.answered), Ordering::Relaxed);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn terms(&self) -> Terms {
        let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
        Terms {
            settles: if self.settings.settle_on_banking_days {
                Settles::OnBankingDays
            } else {
                Settles::After(micros(self.settings.settle_after_seconds.into()))
            },
            window: self.settings.capabilities.idempotency_seconds.map(micros),
        }
    }

    /// Journals `entry` and takes it into the book, in one step.
    fn keep(&self, state: &mut State, entry: &Entry) -> u64 {
        let place = self.journal.append(entry);
        state.book.apply_at(entry, place);
        place
    }

    fn tokenize(&self, ask: &Tokenize) -> Done<TokenAnswer> {
        let known = match tokens::read(&ask.instrument) {
            Ok(known) => known,
            Err(message) => {
                let says = TokenAnswer::Refused { message: message.into() };
                return Done { says, place: 0, manner: Manner::Prompt };
            }
        };
        let token = tokens::fresh(&*self.random);
        let (hash, about) = (tokens::hash(&token), known.about);
        let turns = known.turns.map(|turns| turns.digits());
        let entry = Entry::Token { hash, scenario: known.scenario.name.into(), about: about.clone(), turns };
        let place = self.keep(&mut self.state(), &entry);
        Done { says: TokenAnswer::Made { token, about }, place, manner: Manner::Prompt }
    }

    fn inspect(&self, ask: &Inspect) -> Done<TokenAnswer> {
        let known = tokens::ready_made(&ask.token)
            .or_else(|| self.state().book.token(&tokens::hash(&ask.token)).cloned());
        let says = match known {
            Some(known) => TokenAnswer::Made { token: ask.token.clone(), about: known.about },
            None => TokenAnswer::Refused { message: "The token is not known here.".into() },
        };
        Done { says, place: self.journal.end(), manner: Manner::Prompt }
    }

    fn submit(&self, order: &Charge) -> Done<Answer> {
        let hash = tokens::hash(&order.token);
        let ready_made = tokens::ready_made(&order.token);
        let mut state = self.state();
        if let Some(known) = ready_made {
            state.book.know(&hash, known);
        }
        let decision = decide::charge(&state.book, order, &hash, self.terms());
        if !matches!(decision, Decision::Keep(..)) {
            self.keep(&mut state, &Entry::Attempt { key: order.key.clone() });
        }
        self.settle(&mut state, decision)
    }

    fn carry_out(&self, decide: impl FnOnce(&Book) -> Decision) -> Done<Answer> {
        let mut state = self.state();
        let decision = decide(&state.book);
        self.settle(&mut state, decision)
    }

    fn settle(&self, state: &mut State, decision: Decision) -> Done<Answer> {
        let (seq, manner) = match decision {
            Decision::Again(seq) => (seq, Manner::Prompt),
            Decision::Conflict => {
                return Done { says: decide::conflict(), place: self.journal.end(), manner: Manner::Prompt };
            }
            // What would be said is never heard.
            Decision::Lost(manner) => return Done { says: decide::conflict(), place: 0, manner },
            Decision::Keep(entry, manner) => {
                self.keep(state, &entry);
                (state.book.last(), manner)
            }
        };
        let act = state.book.numbered(seq);
        Done { says: act.answer(seq), place: act.place, manner }
    }
}
