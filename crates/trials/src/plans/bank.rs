//! The processor of the trial. What an account says to the n-th charge for a debt follows from the seed alone, so it is the
//! same on every engine and whoever comes first. It keeps a journal of its own, in the order in which things happened: what
//! was presented, and when we were told that it came to nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::secret::Secret;
use base::{Cents, Ts};
use payments::processor::{
    About, Answer, Capabilities, Decline, Instrument, Later, Lookup, Metadata, Order, Page, Processor,
    Record, RefundOrder, Standing, TokenizeError, Tokenized, Trace, Unreachable,
};

use super::codes::{AMEX, BANKS, MASTERCARD, Means, Network, Said, VISA};
use crate::dice::Dice;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// The most records on one page.
const PAGE: usize = 500;

/// How somebody pays.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mood {
    /// Mostly.
    Steady,
    /// There is seldom enough money.
    Poor,
    /// Anything may happen.
    Mixed,
    /// They say afterwards that it was not them.
    Hostile,
}

/// How an account behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habit {
    pub(crate) seed: u64,
    pub(crate) network: Network,
    pub(crate) mood: Mood,
}

/// What comes of a charge.
#[derive(Clone, Copy, Debug)]
struct Fate {
    declined: Option<Said>,
    settles_at: Option<Ts>,
    returns: Option<(Ts, Said)>,
}

/// A charge in the journal.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// The number of the account or card.
    pub(crate) account: String,
    pub(crate) network: Network,
    pub(crate) amount: i64,
    pub(crate) at: Ts,
    /// The debt that is written on it, and who asked for it.
    pub(crate) debt: String,
    pub(crate) source: String,
    metadata: Metadata,
    fate: Fate,
    told: bool,
}

/// What happened, in its order.
#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// A charge reached the processor.
    Presented(usize),
    /// We were told at this instant that one was refused, or came back.
    Refused(usize, Ts),
    /// A new authorization of an account was taken at this instant.
    Authorized(String, Ts),
    /// Somebody lets the plan of a debt go on.
    GoesOn(String),
}

/// The processor's books.
#[derive(Default)]
pub(crate) struct Book {
    habits: HashMap<String, Habit>,
    /// The debts of the trial, each with its place among those of its payer.
    debts: HashMap<String, u64>,
    presented: HashMap<(String, String), u64>,
    lost: HashSet<String>,
    by_key: HashMap<String, usize>,
    changes: BTreeSet<(i64, usize)>,
    step: u64,
    pub(crate) entries: Vec<Entry>,
    /// What happened, each with the number of the step it happened in.
    pub(crate) journal: Vec<(u64, Happened)>,
    /// How many answers were lost, before and after the charge.
    pub(crate) answers_lost: (u64, u64),
}

/// The processor. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Bank(Arc<Mutex<Book>>);

impl Bank {
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is another step: what is told in one is known in the next.
    pub(crate) fn next_step(&self) {
        self.book().step += 1;
    }

    /// Somebody outside the processor did something.
    pub(crate) fn note(&self, happened: Happened) {
        let mut book = self.book();
        let step = book.step;
        book.journal.push((step, happened));
    }

    pub(crate) fn knows(&self, account: &str, habit: Habit) {
        self.book().habits.insert(account.to_owned(), habit);
    }

    pub(crate) fn knows_debt(&self, debt: String, place: u64) {
        self.book().debts.insert(debt, place);
    }

    /// Everything it did, as it stands.
    pub(crate) fn list(&self, now: Ts) -> Vec<Record> {
        let book = self.book();
        (0..book.entries.len()).map(|n| book.record(n, now)).collect()
    }
}

impl Habit {
    fn fate(&self, dice: &Dice, now: Ts) -> Fate {
        let roll = dice.below(100);
        let (pays, funds) = match self.mood {
            Mood::Steady => (85, 10),
            Mood::Poor => (20, 72),
            Mood::Mixed => (45, 30),
            Mood::Hostile => (50, 20),
        };
        let (pays, funds) = (roll < pays, roll < pays + funds);
        let late = || i64::try_from(dice.below(59 * 86_400)).unwrap_or(0) + DAY;
        let nothing = Fate { declined: None, settles_at: None, returns: None };
        let table = match self.network {
            Network::Bank => return self.debit(dice, now, (pays, funds), late()),
            Network::Visa => VISA,
            Network::Mastercard => MASTERCARD,
            Network::Amex => AMEX,
        };
        let last = table.len() - 1;
        if pays {
            let disputed = matches!(self.mood, Mood::Hostile) && dice.below(3) > 0 || dice.below(50) == 0;
            let returns = disputed.then(|| (now.plus_seconds(late()), table[last].0));
            return Fate { returns, ..nothing };
        }
        let said = if funds { ("51", None) } else { table[dice.index(last)].0 };
        Fate { declined: Some(said), ..nothing }
    }

    /// A bank debit settles a day later. It comes back within three days, or at any time within sixty.
    fn debit(&self, dice: &Dice, now: Ts, (pays, funds): (bool, bool), late: i64) -> Fate {
        let unauthorized = || {
            let all: Vec<&str> =
                BANKS.iter().filter(|(_, means)| *means == Means::Unauthorized).map(|(c, _)| *c).collect();
            all[dice.index(all.len())]
        };
        let code = match self.mood {
            _ if pays => None,
            _ if funds => Some(["R01", "R09"][dice.index(2)]),
            Mood::Hostile => Some(unauthorized()),
            Mood::Steady | Mood::Poor | Mood::Mixed => Some(BANKS[dice.index(BANKS.len())].0),
        };
        let soon = 6 * HOUR + i64::try_from(dice.below(66 * 3_600)).unwrap_or(0);
        let after = if dice.below(100) < 30 { late } else { soon };
        Fate {
            declined: None,
            settles_at: Some(now.plus_seconds(DAY)),
            returns: code.map(|code| (now.plus_seconds(after), (code, None))),
        }
    }
}

impl Entry {
    /// How it stands at `now`, and since when.
    pub(crate) fn standing(&self, now: Ts) -> (Standing, Ts) {
        if let Some(said) = self.fate.declined {
            return (Standing::Declined(decline(said)), self.at);
        }
        match (self.fate.returns, self.fate.settles_at) {
            (Some((at, said)), _) if at <= now => (Standing::Returned(decline(said)), at),
            (_, Some(at)) if at <= now => (Standing::Succeeded, at),
            (_, Some(_)) => (Standing::Pending, self.at),
            (_, None) => (Standing::Succeeded, self.at),
        }
    }

    /// Why it came to nothing, sooner or later; `None` where it is paid.
    pub(crate) fn said(&self) -> Option<Said> {
        self.fate.declined.or(self.fate.returns.map(|(_, said)| said))
    }

    /// How many days after it was made it came back, where it did.
    pub(crate) fn came_back_after(&self) -> Option<i64> {
        self.fate.returns.map(|(at, _)| at.since(self.at).as_secs() / DAY)
    }

    /// Whether it is a debit that has not settled at `now`.
    pub(crate) fn settles_after(&self, now: Ts) -> bool {
        self.fate.settles_at.is_some_and(|at| at > now)
    }

    /// Whether money is ours by it at `now`.
    pub(crate) fn is_paid(&self, now: Ts) -> bool {
        self.standing(now).0 == Standing::Succeeded
    }
}

fn decline((code, advice): Said) -> Decline {
    Decline {
        code: format!("refused_{}", code.to_lowercase()),
        network_code: Some(code.to_owned()),
        advice_code: advice.map(str::to_owned),
        message: "It was refused.".into(),
    }
}

impl Book {
    fn submit(&mut self, now: Ts, order: &Order) -> Answer {
        if let Some(&n) = self.by_key.get(&order.key) {
            return self.answer(n, now);
        }
        let account = order.token.reveal().clone();
        let Some(habit) = self.habits.get(&account).copied() else {
            return Answer::Unknown { why: "nobody's account".into() };
        };
        let written = |name: &str| order.metadata.get(name).cloned().unwrap_or_default();
        let (debt, source) = (written("debt"), written("source"));
        let place = self.debts.get(&debt).copied().unwrap_or(0);
        let times = self.presented.entry((account.clone(), debt.clone())).or_default();
        let dice = Dice::of_nth(habit.seed, place * 1_000 + *times);
        let lost = dice.below(100);
        if lost == 0 && self.lost.insert(order.key.clone()) {
            self.answers_lost.0 += 1;
            return Answer::Unknown { why: "it was lost on its way".into() };
        }
        *times += 1;
        let fate = habit.fate(&dice, now);
        let n = self.entries.len();
        let amount = order.amount.get();
        let (key, network) = (order.key.clone(), habit.network);
        self.by_key.insert(key.clone(), n);
        self.changes.insert((now.micros(), n));
        let later = fate.settles_at.into_iter().chain(fate.returns.map(|(at, _)| at));
        self.changes.extend(later.map(|at| (at.micros(), n)));
        let metadata = order.metadata.clone();
        let entry =
            Entry { key, account, network, amount, at: now, debt, source, metadata, fate, told: false };
        self.entries.push(entry);
        self.journal.push((self.step, Happened::Presented(n)));
        if lost == 1 {
            self.answers_lost.1 += 1;
            return Answer::Unknown { why: "its answer was lost".into() };
        }
        self.answer(n, now)
    }

    fn answer(&mut self, n: usize, now: Ts) -> Answer {
        let (processor_id, fate) = (format!("ch_{n}"), self.entries[n].fate);
        match fate {
            Fate { declined: Some(said), .. } => {
                self.tell(n, now);
                Answer::Declined { processor_id: Some(processor_id), decline: decline(said) }
            }
            Fate { settles_at: Some(_), .. } => Answer::Accepted { processor_id },
            Fate { .. } => Answer::Succeeded { processor_id },
        }
    }

    fn tell(&mut self, n: usize, now: Ts) {
        if !std::mem::replace(&mut self.entries[n].told, true) {
            self.journal.push((self.step, Happened::Refused(n, now)));
        }
    }

    fn record(&self, n: usize, now: Ts) -> Record {
        let entry = &self.entries[n];
        let (standing, changed_at) = entry.standing(now);
        Record {
            key: entry.key.clone(),
            processor_id: format!("ch_{n}"),
            refund_of: None,
            amount: Cents::new(entry.amount),
            refunded: Cents::ZERO,
            standing,
            made_at: entry.at,
            changed_at,
            metadata: entry.metadata.clone(),
        }
    }

    /// A record that goes out: whoever hears that it came to nothing has been told.
    fn shown(&mut self, n: usize, now: Ts) -> Record {
        let record = self.record(n, now);
        if matches!(record.standing, Standing::Declined(_) | Standing::Returned(_)) {
            self.tell(n, now);
        }
        record
    }

    fn page(&mut self, now: Ts, since: Ts, after: Option<&str>) -> Page {
        let place = |text: &str| {
            let (at, n) = text.split_once('.')?;
            Some((at.parse().ok()?, n.parse::<usize>().ok()? + 1))
        };
        let from = after.and_then(place).unwrap_or((since.micros(), 0));
        let (mut found, mut cursor) = (Vec::new(), None);
        for &(at, n) in self.changes.range(from..=(now.micros(), usize::MAX)) {
            if self.entries[n].standing(now).1.micros() != at {
                continue; // it comes where it changed last
            }
            found.push(n);
            if found.len() == PAGE {
                cursor = Some(format!("{at}.{n}"));
                break;
            }
        }
        Page { records: found.into_iter().map(|n| self.shown(n, now)).collect(), cursor }
    }
}

impl Processor for Bank {
    fn capabilities(&self) -> Capabilities {
        Capabilities { idempotency_seconds: None, lookup: true, list: true, void: false }
    }

    fn tokenize<'a>(&'a self, _: Ts, given: &'a Instrument) -> Later<'a, Result<Tokenized, TokenizeError>> {
        let (number, about) = match given {
            Instrument::Card { number, expiry_month, expiry_year, .. } => {
                let digits = number.reveal();
                let about = About::Card {
                    brand: "Visa".into(), // the number tells better
                    bin: digits[..6].to_owned(),
                    last_four: digits[digits.len() - 4..].to_owned(),
                    expiry_month: *expiry_month,
                    expiry_year: *expiry_year,
                    funding: None,
                };
                (number.clone(), about)
            }
            Instrument::Bank { routing_number, account_number, .. } => {
                let digits = account_number.reveal();
                let last_four = digits[digits.len() - 4..].to_owned();
                (account_number.clone(), About::Bank { routing_number: routing_number.clone(), last_four })
            }
        };
        Box::pin(async move { Ok(Tokenized { token: Secret::new(number.reveal().clone()), about }) })
    }

    fn inspect<'a>(&'a self, _: Ts, _: &'a Secret<String>) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async { Err(TokenizeError::Refused("Only numbers are taken here.".into())) })
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(async move { self.book().submit(now, order) })
    }

    fn refund<'a>(&'a self, _: Ts, _: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(async { Answer::Unknown { why: "nothing is given back here".into() } })
    }

    fn void<'a>(&'a self, _: Ts, _: &'a str, _: &'a Trace) -> Later<'a, Answer> {
        Box::pin(async { Answer::Unknown { why: "nothing is taken back here".into() } })
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(async move {
            let mut book = self.book();
            match book.by_key.get(&what.key).copied() {
                Some(n) => Lookup::Found(book.shown(n, now)),
                None => Lookup::NotFound,
            }
        })
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move { Ok(self.book().page(now, since, after.as_deref())) })
    }
}
