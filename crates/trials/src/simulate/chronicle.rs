//! What happened in a run: its lines, their hash, and how often each rare branch was taken.
//!
//! What the product logs belongs to it, so that two runs of a seed are the same only where the product's own words
//! are; and some branches are known only by those words.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::rc::Rc;

use base::Ts;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Level, Metadata, Subscriber};

use super::dice::{NO_HASH, hashed};

/// How often each branch was taken.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

thread_local! {
    /// The chronicle of the run on this thread, for what the product logs.
    static CURRENT: RefCell<Option<Chronicle>> = const { RefCell::new(None) };
}

/// The chronicle of one run. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Chronicle(Rc<RefCell<Inner>>);

struct Inner {
    begin: Ts,
    now: Ts,
    hash: u64,
    show: bool,
    line: String,
    counts: Counts,
}

impl Chronicle {
    /// An empty one, which hears what the product logs on this thread until the next one is begun.
    pub(crate) fn begin(at: Ts, show: bool) -> Chronicle {
        let inner =
            Inner { begin: at, now: at, hash: NO_HASH, show, line: String::new(), counts: Counts::new() };
        let chronicle = Chronicle(Rc::new(RefCell::new(inner)));
        CURRENT.with_borrow_mut(|current| *current = Some(chronicle.clone()));
        chronicle
    }

    /// From now on it is `now`.
    pub(crate) fn time(&self, now: Ts) {
        self.0.borrow_mut().now = now;
    }

    /// Writes a line.
    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        let mut inner = self.0.borrow_mut();
        let mut line = std::mem::take(&mut inner.line);
        line.clear();
        let micros = inner.now.micros() - inner.begin.micros();
        let (days, seconds) = (micros / 86_400_000_000, micros / 1_000_000 % 86_400);
        let _ = write!(
            line,
            "day {days:2} {:02}:{:02}:{:02}.{:06} {what}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60,
            micros % 1_000_000
        );
        inner.hash = hashed(inner.hash, line.as_bytes());
        if inner.show {
            println!("{line}");
        }
        inner.line = line;
    }

    /// Counts that a branch was taken.
    pub(crate) fn count(&self, branch: &'static str) {
        *self.0.borrow_mut().counts.entry(branch).or_default() += 1;
    }

    /// The hash of every line so far.
    pub(crate) fn hash(&self) -> u64 {
        self.0.borrow().hash
    }

    /// What was counted.
    pub(crate) fn counts(&self) -> Counts {
        self.0.borrow().counts.clone()
    }
}

/// Hears what the product logs, on the thread that set it.
pub(crate) struct Ear;

/// What the product says where a rare branch is taken, and what it is counted as.
const WORDS: &[(&str, &str)] = &[
    ("an answer came back under an old fence", "answer under an old fence, refused"),
    ("the commit's answer was lost", "commit whose answer was lost"),
    ("trying again after a conflict", "conflict, run again"),
    ("the processor gave no answer", "no answer settled as unknown"),
    ("a person must decide this charge", "charge for a person to decide"),
    ("a person must decide this refund", "refund for a person to decide"),
    ("the processor contradicts a settled charge", "processor contradicts what was settled"),
];

struct Words {
    text: String,
    counted: Option<&'static str>,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let begin = self.text.len();
        if field.name() == "message" {
            let _ = write!(self.text, "{value:?}");
            let said = &self.text[begin..];
            self.counted = WORDS.iter().find(|(word, _)| *word == said).map(|(_, branch)| *branch);
        } else {
            let _ = write!(self.text, " {}={value:?} ", field.name());
        }
    }
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = ["payments", "books", "base"].iter().any(|name| metadata.target().starts_with(name));
        ours && metadata.is_event() && *metadata.level() <= Level::DEBUG
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let chronicle = CURRENT.with_borrow(Clone::clone);
        let Some(chronicle) = chronicle else { return };
        let mut words = Words { text: String::new(), counted: None };
        event.record(&mut words);
        if let Some(branch) = words.counted {
            chronicle.count(branch);
        }
        chronicle.note(format_args!("  {} {}", event.metadata().level(), words.text));
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}
