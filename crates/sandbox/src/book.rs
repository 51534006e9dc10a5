//! What the journal adds up to: tokens, charges, refunds and voids, and how each stands at an instant.
//!
//! What must hold: the book is a pure function of the entries applied, in order. What was journaled has happened,
//! whatever instant is asked for; only settlement and return wait for the caller's `now`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::journal::{ChargeEntry, Entry};
use crate::magic::Scenario;
use crate::turns::Turns;
use crate::wire::{About, Answer, Decline, KeyStats, Page, Record, Standing, Stats};

/// The most records on one page.
pub(crate) const PAGE: usize = 500;

/// The sandbox's books, as of the journal they were read from.
#[derive(Debug, Default)]
pub struct Book {
    tokens: HashMap<String, Known>,
    acts: Vec<Act>,
    by_key: HashMap<String, usize>,
    /// Every instant at which an act changed or will change, for the list.
    changes: BTreeSet<(i64, usize)>,
    submits: BTreeMap<String, u64>,
    /// How many charges each token has had, declined ones among them.
    charges: HashMap<String, usize>,
}

/// A token's instrument.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) scenario: &'static Scenario,
    pub(crate) about: About,
    /// What becomes of one charge after the other, where that is not always the same.
    pub(crate) turns: Option<Turns>,
}

/// What was decided under a key.
#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) key: String,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) decline: Option<Decline>,
    pub(crate) kind: Kind,
    metadata: BTreeMap<String, String>,
    /// The journal's place up to which must be on disk before anybody hears of it as it stands now.
    pub(crate) place: u64,
    /// When it was last changed by another act.
    touched_at: i64,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Charge {
        token: String,
        scenario: &'static Scenario,
        settles_at: Option<i64>,
        returns: Option<(i64, Decline)>,
        refunded: i64,
        voided: bool,
    },
    Refund {
        charge_key: String,
    },
    Void {
        charge_key: String,
    },
}

impl Book {
    /// What became of `key` by `now`.
    pub fn lookup(&self, now: i64, key: &str) -> Option<Record> {
        self.act(key).map(|(seq, act)| record(seq, act, now))
    }

    /// A page of charges and refunds that last changed at or after `since`, oldest change first.
    pub fn list_since(&self, now: i64, since: i64, cursor: Option<&str>) -> Page {
        let from = cursor.and_then(parse_cursor).map_or((since, 0), |(at, seq)| (at, seq.saturating_add(1)));
        let mut records = Vec::new();
        for &(at, seq) in self.changes.range(from..) {
            let act = &self.acts[seq];
            if act.standing(now).1 != at || matches!(act.kind, Kind::Void { .. }) {
                continue; // Not yet, or changed again since: it comes where it changed last.
            }
            records.push(record(seq, act, now));
            if records.len() == PAGE {
                return Page { records, cursor: Some(format!("{at}.{seq}")) };
            }
        }
        Page { records, cursor: None }
    }

    /// Every charge and refund as it stands at `now`, by last change.
    pub fn all(&self, now: i64) -> Vec<Record> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let mut page = self.list_since(now, i64::MIN, cursor.as_deref());
            all.append(&mut page.records);
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return all,
            }
        }
    }

    /// The figures a fault test compares. The syncs are not the book's to know.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        for (key, submits) in &self.submits {
            stats.keys.insert(key.clone(), KeyStats { submits: *submits, ..KeyStats::default() });
        }
        for act in self.acts.iter().filter(|a| a.decline.is_none()) {
            match act.kind {
                Kind::Charge { .. } => {
                    (stats.charges, stats.charged) = (stats.charges + 1, stats.charged + act.amount);
                    let key = stats.keys.entry(act.key.clone()).or_default();
                    (key.charges, key.charged) = (key.charges + 1, key.charged + act.amount);
                }
                Kind::Refund { .. } => {
                    (stats.refunds, stats.refunded) = (stats.refunds + 1, stats.refunded + act.amount);
                }
                Kind::Void { .. } => {}
            }
        }
        stats
    }

    /// The last thing decided under `key`.
    pub(crate) fn act(&self, key: &str) -> Option<(usize, &Act)> {
        self.by_key.get(key).map(|&seq| (seq, &self.acts[seq]))
    }

    /// What `key` still stands for at `now`, where keys are remembered for `window` microseconds; `None` for ever.
    pub(crate) fn remembered(&self, now: i64, key: &str, window: Option<i64>) -> Option<(usize, &Act)> {
        self.act(key).filter(|(_, act)| window.is_none_or(|window| now.saturating_sub(act.at) < window))
    }

    /// The instrument behind a token's hash.
    pub(crate) fn token(&self, hash: &str) -> Option<&Known> {
        self.tokens.get(hash)
    }

    /// The row that decides the next charge on a token with this hash.
    pub(crate) fn row(&self, hash: &str, known: &Known) -> &'static Scenario {
        let before = self.charges.get(hash).copied().unwrap_or(0);
        let turn = known.turns.as_ref().and_then(|turns| turns.row(known.scenario.is_card(), before));
        turn.unwrap_or(known.scenario)
    }

    /// Takes in a ready-made token, which no journal holds.
    pub(crate) fn know(&mut self, hash: &str, known: Known) {
        self.tokens.entry(hash.to_owned()).or_insert(known);
    }

    /// The number of the act decided last.
    pub(crate) fn last(&self) -> usize {
        self.acts.len().saturating_sub(1)
    }

    /// The act with this number.
    pub(crate) fn numbered(&self, seq: usize) -> &Act {
        &self.acts[seq]
    }

    /// How often a charge was submitted under `key`.
    pub(crate) fn submits(&self, key: &str) -> u64 {
        self.submits.get(key).copied().unwrap_or(0)
    }

    /// Takes in the next entry of the journal.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        self.apply_at(entry, 0);
    }

    /// Takes in an entry that stands at `place` of the open journal.
    pub(crate) fn apply_at(&mut self, entry: &Entry, place: u64) {
        match entry {
            Entry::Opened { .. } => {}
            Entry::Token { hash, scenario, about, turns } => {
                if let Some(scenario) = Scenario::named(scenario) {
                    let turns = turns.as_deref().and_then(Turns::parse);
                    self.tokens.insert(hash.clone(), Known { scenario, about: about.clone(), turns });
                }
            }
            Entry::Charge(charge) => self.apply_charge(charge, place),
            Entry::Refund { key, charge_key, amount, at, decline, metadata } => {
                if decline.is_none() {
                    self.touch(charge_key, *at, place, |voided, refunded| (voided, refunded + amount));
                }
                let kind = Kind::Refund { charge_key: charge_key.clone() };
                let seq = self.push(key, *amount, *at, decline, kind, place);
                self.acts[seq].metadata.clone_from(metadata);
            }
            Entry::Void { key, charge_key, at, decline } => {
                let amount = self.act(charge_key).map_or(0, |(_, charge)| charge.amount);
                if decline.is_none() {
                    self.touch(charge_key, *at, place, |_, refunded| (true, refunded));
                }
                let kind = Kind::Void { charge_key: charge_key.clone() };
                self.push(key, amount, *at, decline, kind, place);
            }
            Entry::Attempt { key } => *self.submits.entry(key.clone()).or_default() += 1,
        }
    }

    fn apply_charge(&mut self, c: &ChargeEntry, place: u64) {
        *self.submits.entry(c.key.clone()).or_default() += 1;
        *self.charges.entry(c.token.clone()).or_default() += 1;
        let kind = Kind::Charge {
            token: c.token.clone(),
            scenario: Scenario::named(&c.scenario).unwrap_or(&crate::magic::SCENARIOS[0]),
            settles_at: c.settles_at,
            returns: c.returns.clone(),
            refunded: 0,
            voided: false,
        };
        let seq = self.push(&c.key, c.amount, c.at, &c.decline, kind, place);
        self.acts[seq].metadata.clone_from(&c.metadata);
        let returns_at = c.returns.as_ref().map(|(at, _)| *at);
        self.changes.extend(c.settles_at.into_iter().chain(returns_at).map(|at| (at, seq)));
    }

    fn push(
        &mut self,
        key: &str,
        amount: i64,
        at: i64,
        decline: &Option<Decline>,
        kind: Kind,
        place: u64,
    ) -> usize {
        let seq = self.acts.len();
        let (key, decline) = (key.to_owned(), decline.clone());
        self.by_key.insert(key.clone(), seq);
        self.changes.insert((at, seq));
        let metadata = BTreeMap::new();
        self.acts.push(Act { key, amount, at, decline, kind, metadata, place, touched_at: at });
        seq
    }

    fn touch(&mut self, charge_key: &str, at: i64, place: u64, change: impl Fn(bool, i64) -> (bool, i64)) {
        let Some(&seq) = self.by_key.get(charge_key) else { return };
        let act = &mut self.acts[seq];
        if let Kind::Charge { refunded, voided, .. } = &mut act.kind {
            (*voided, *refunded) = change(*voided, *refunded);
            act.touched_at = act.touched_at.max(at);
            act.place = place;
            self.changes.insert((act.touched_at, seq));
        }
    }
}

impl Act {
    /// How it stands by `now`, and since when.
    pub(crate) fn standing(&self, now: i64) -> (Standing, i64) {
        if let Some(decline) = &self.decline {
            return (Standing::Declined(decline.clone()), self.at);
        }
        let Kind::Charge { settles_at, returns, voided, .. } = &self.kind else {
            return (Standing::Succeeded, self.at);
        };
        let due = |at: i64| at <= now;
        match (returns, settles_at) {
            _ if *voided => (Standing::Voided, self.touched_at),
            (Some((at, why)), _) if due(*at) => (Standing::Returned(why.clone()), self.touched_at.max(*at)),
            (_, Some(at)) if due(*at) => (Standing::Succeeded, self.touched_at.max(*at)),
            (_, Some(_)) => (Standing::Pending, self.touched_at),
            (_, None) => (Standing::Succeeded, self.touched_at),
        }
    }

    /// What was said to it when it was made, and is said for ever.
    pub(crate) fn answer(&self, seq: usize) -> Answer {
        let processor_id = self.processor_id(seq);
        match (&self.decline, &self.kind) {
            (Some(decline), _) => {
                Answer::Declined { processor_id: Some(processor_id), decline: decline.clone() }
            }
            (None, Kind::Charge { settles_at: Some(_), .. }) => Answer::Accepted { processor_id },
            (None, _) => Answer::Succeeded { processor_id },
        }
    }

    fn processor_id(&self, seq: usize) -> String {
        let kind = match self.kind {
            Kind::Charge { .. } => "ch",
            Kind::Refund { .. } => "re",
            Kind::Void { .. } => "vo",
        };
        format!("{kind}_{:010}", seq + 1)
    }
}

fn record(seq: usize, act: &Act, now: i64) -> Record {
    let (standing, changed_at) = act.standing(now);
    let (refund_of, refunded) = match &act.kind {
        Kind::Charge { refunded, .. } => (None, *refunded),
        Kind::Refund { charge_key } | Kind::Void { charge_key } => (Some(charge_key.clone()), 0),
    };
    Record {
        key: act.key.clone(),
        processor_id: act.processor_id(seq),
        refund_of,
        amount: act.amount,
        refunded,
        standing,
        made_at: act.at,
        changed_at,
        metadata: act.metadata.clone(),
    }
}

fn parse_cursor(text: &str) -> Option<(i64, usize)> {
    let (at, seq) = text.split_once('.')?;
    Some((at.parse().ok()?, seq.parse().ok()?))
}
