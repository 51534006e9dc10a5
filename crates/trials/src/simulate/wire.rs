//! The way to the processor and back, in the hands of the simulation: what is asked waits until it is let in, what is
//! answered waits until it is let out, and either may be lost. And the processor itself, which is the sandbox, with
//! two habits of its own: money can come back up to sixty days later, and keys may be forgotten after a window.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::processor::InProcess;
use base::seams::{Entropy as _, SeededEntropy};
use base::secret::Secret;
use base::{Cents, Ts};
use futures_util::FutureExt as _;
use payments::processor::{
    Answer, Capabilities, Decline, Instrument, Later, Lookup, Order, Page, Processor, Record, RefundOrder,
    Standing, TokenizeError, Tokenized, Trace, Unreachable,
};
use tokio::sync::oneshot;

use super::dice::Dice;

/// An empty sandbox in memory, whose bank debits settle after so many seconds.
pub(crate) fn sandbox(seed: u64, settle_after_seconds: u32) -> sandbox::Service {
    let entropy = SeededEntropy::new(seed);
    let random: sandbox::Random = Arc::new(move |bytes: &mut [u8]| entropy.fill(bytes));
    let settings = sandbox::Settings { settle_after_seconds, inline: true, ..sandbox::Settings::in_memory() };
    sandbox::Service::open(settings, random).expect("a sandbox in memory opens")
}

/// Something asked.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Submit(Ts, Order),
    Refund(Ts, RefundOrder),
    Void(Ts, String, Trace),
    Lookup(Ts, Trace),
    List(Ts, Ts, Option<String>),
}

impl Call {
    /// What it is, in a word.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Call::Submit(..) => "submit",
            Call::Refund(..) => "refund",
            Call::Void(..) => "void",
            Call::Lookup(..) => "lookup",
            Call::List(..) => "list",
        }
    }

    /// The key it is about.
    pub(crate) fn key(&self) -> &str {
        match self {
            Call::Submit(_, order) => &order.key,
            Call::Refund(_, order) => &order.key,
            Call::Void(_, key, _) => key,
            Call::Lookup(_, what) => &what.key,
            Call::List(..) => "",
        }
    }
}

/// Something answered.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Answer(Answer),
    Lookup(Lookup),
    Page(Page),
}

/// A call on its way.
pub(crate) struct Flight {
    pub(crate) node: usize,
    pub(crate) call: Call,
    back: Option<oneshot::Sender<Said>>,
    /// What the processor said, once the call has arrived.
    said: Option<Said>,
}

/// Everything on its way, and the processor behind it.
pub(crate) struct Net {
    processor: InProcess,
    dice: Dice,
    flights: BTreeMap<u64, Flight>,
    /// Asked since somebody last looked.
    fresh: Vec<u64>,
    next: u64,
    window: Option<i64>,
    known: BTreeMap<String, (u32, Ts)>,
    /// How many in a thousand payments come back within sixty days, of those that would not otherwise.
    comes_back: i64,
    late: BTreeMap<String, (Ts, Decline)>,
    refused: BTreeMap<String, Record>,
}

/// What happened to a call that arrived, for the counts.
pub(crate) struct Arrived {
    pub(crate) said: String,
    pub(crate) again: bool,
}

impl Net {
    pub(crate) fn new(seed: u64, settle_after: u32, window: Option<i64>, comes_back: i64) -> Arc<Mutex<Net>> {
        Arc::new(Mutex::new(Net {
            processor: InProcess::new(sandbox(seed, settle_after)),
            dice: Dice::new(seed, 3),
            flights: BTreeMap::new(),
            fresh: Vec::new(),
            next: 0,
            window,
            known: BTreeMap::new(),
            comes_back,
            late: BTreeMap::new(),
            refused: BTreeMap::new(),
        }))
    }

    /// The calls begun since somebody last asked.
    pub(crate) fn fresh(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.fresh)
    }

    pub(crate) fn flight(&self, id: u64) -> Option<&Flight> {
        self.flights.get(&id)
    }

    /// The calls of a node that are on their way: those that have not arrived, and those that have.
    pub(crate) fn of_node(&self, node: usize) -> Vec<(u64, bool)> {
        let of = self.flights.iter().filter(|(_, f)| f.node == node);
        of.map(|(id, f)| (*id, f.said.is_some())).collect()
    }

    /// The call is let in; gives what came of it.
    pub(crate) fn arrive(&mut self, id: u64) -> Option<Arrived> {
        let call = self.flights.get(&id)?.call.clone();
        let known =
            matches!(call, Call::Submit(..) | Call::Refund(..)) && self.known.contains_key(call.key());
        let said = self.act(&call);
        let arrived = Arrived { said: format!("{said:?}"), again: known };
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.said = Some(said);
        }
        Some(arrived)
    }

    /// The answer is let out; gives whether anybody took it.
    pub(crate) fn answer(&mut self, id: u64) -> bool {
        let Some(flight) = self.flights.remove(&id) else { return false };
        match (flight.back, flight.said) {
            (Some(back), Some(said)) => back.send(said).is_ok(),
            _ => false,
        }
    }

    /// The connection closes without an answer.
    pub(crate) fn hang_up(&mut self, id: u64) {
        self.flights.remove(&id);
    }

    /// The key a processor with a window knows this one by: another one, once it has forgotten it.
    fn alias(&mut self, now: Ts, key: &str, acts: bool) -> String {
        let known = self.known.get(key).copied();
        let forgotten = |first: Ts| self.window.is_some_and(|window| now.since(first).as_secs() > window);
        let (times, first) = match known {
            Some((times, first)) if acts && forgotten(first) => (times + 1, now),
            Some(known) => known,
            None => (0, now),
        };
        if acts {
            self.known.insert(key.to_owned(), (times, first));
        }
        if times == 0 { key.to_owned() } else { format!("{key}#{times}") }
    }

    fn act(&mut self, call: &Call) -> Said {
        match call {
            Call::Submit(now, order) => {
                let key = self.alias(*now, &order.key, true);
                let alias = Order { key, ..order.clone() };
                let answer = ready(self.processor.submit(*now, &alias));
                let plain =
                    ["tok_visa", "tok_mastercard", "tok_bank"].contains(&order.token.reveal().as_str());
                let took = matches!(answer, Answer::Succeeded { .. } | Answer::Accepted { .. });
                if took
                    && plain
                    && !self.late.contains_key(&alias.key)
                    && self.dice.per_mille(self.comes_back)
                {
                    let at = now.plus_seconds(self.dice.between(3_600, 60 * 86_400));
                    self.late.insert(alias.key, (at, came_back(&order.token)));
                }
                Said::Answer(answer)
            }
            Call::Refund(now, order) => {
                let RefundOrder { key, charge, amount, .. } = order;
                let charge_key = self.alias(*now, &charge.key, false);
                if let Some(record) = self.refused.get(key) {
                    return Said::Answer(refusal(record));
                }
                let made = self.known.contains_key(key);
                let back = self.late.get(&charge_key).is_some_and(|(at, _)| at <= now);
                if back && !made {
                    let record = refused(*now, key, &charge_key, *amount);
                    let answer = refusal(&record);
                    self.refused.insert(key.clone(), record);
                    return Said::Answer(answer);
                }
                let charge = Trace { key: charge_key, ..charge.clone() };
                let alias = RefundOrder { key: self.alias(*now, key, true), charge, ..order.clone() };
                Said::Answer(ready(self.processor.refund(*now, &alias)))
            }
            Call::Void(now, key, charge) => {
                let charge = Trace { key: self.alias(*now, &charge.key, false), ..charge.clone() };
                Said::Answer(ready(self.processor.void(*now, key, &charge)))
            }
            Call::Lookup(now, what) => Said::Lookup(match self.lookup(*now, &what.key) {
                Some(record) => Lookup::Found(record),
                None => Lookup::NotFound,
            }),
            Call::List(now, since, after) => {
                let page = ready(self.processor.list_since(*now, *since, after.clone()));
                let mut page = page.expect("a sandbox in memory gives its list");
                if page.cursor.is_none() {
                    let back = self.late.iter().filter(|(_, (at, _))| at >= since && at <= now);
                    page.records.extend(back.filter_map(|(key, _)| self.book(*now, key)));
                }
                page.records = page.records.into_iter().map(|record| self.seen(*now, record)).collect();
                Said::Page(page)
            }
        }
    }

    fn book(&self, now: Ts, key: &str) -> Option<Record> {
        match ready(self.processor.lookup(now, &Trace::of_key(key, now))) {
            Lookup::Found(record) => Some(record),
            Lookup::NotFound => None,
            Lookup::Unreachable(why) => unreachable!("a sandbox in memory answers: {why}"),
        }
    }

    /// How a charge or refund stands at the processor.
    pub(crate) fn lookup(&mut self, now: Ts, key: &str) -> Option<Record> {
        if let Some(record) = self.refused.get(key) {
            return Some(record.clone());
        }
        let alias = self.alias(now, key, false);
        self.book(now, &alias).map(|record| self.seen(now, record))
    }

    /// Everything the processor has done, as it stands: under the keys it was asked with, a forgotten one twice.
    pub(crate) fn all(&self, now: Ts) -> Vec<Record> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = ready(self.processor.list_since(now, Ts::from_micros(0), after));
            let page = page.expect("a sandbox in memory gives its list");
            all.extend(page.records.into_iter().map(|record| self.seen(now, record)));
            after = page.cursor;
            if after.is_none() {
                return all;
            }
        }
    }

    /// A record as the outside sees it: under the caller's key, and come back where it has.
    fn seen(&self, now: Ts, mut record: Record) -> Record {
        if let Some((at, decline)) = self.late.get(&record.key)
            && *at <= now
            && matches!(record.standing, Standing::Succeeded | Standing::Pending)
        {
            record.standing = Standing::Returned(decline.clone());
            record.changed_at = record.changed_at.max(*at);
        }
        record.key = callers_key(&record.key);
        record.refund_of = record.refund_of.as_deref().map(callers_key);
        record
    }
}

fn callers_key(key: &str) -> String {
    key.split('#').next().unwrap_or_default().to_owned()
}

fn came_back(token: &Secret<String>) -> Decline {
    let (code, network) =
        if token.reveal() == "tok_bank" { ("unauthorized", "R10") } else { ("chargeback", "10.4") };
    Decline {
        code: code.into(),
        network_code: Some(network.into()),
        advice_code: None,
        message: "The holder says it was not them.".into(),
    }
}

fn refused(now: Ts, key: &str, charge_key: &str, amount: Cents) -> Record {
    let decline = Decline {
        code: "not_refundable".into(),
        network_code: None,
        advice_code: None,
        message: "The charge holds no money.".into(),
    };
    Record {
        key: key.to_owned(),
        processor_id: format!("re_{key}"),
        refund_of: Some(charge_key.to_owned()),
        amount,
        refunded: Cents::ZERO,
        standing: Standing::Declined(decline),
        made_at: now,
        changed_at: now,
        metadata: payments::processor::Metadata::new(),
    }
}

fn refusal(record: &Record) -> Answer {
    let decline = match &record.standing {
        Standing::Declined(decline) => decline.clone(),
        other => unreachable!("a refusal is {other:?}"),
    };
    Answer::Declined { processor_id: Some(record.processor_id.clone()), decline }
}

/// The sandbox in memory answers at once.
fn ready<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("a sandbox in memory answers at once")
}

pub(crate) fn locked(net: &Mutex<Net>) -> MutexGuard<'_, Net> {
    net.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The processor as one node sees it.
pub(crate) struct Wire {
    pub(crate) node: usize,
    pub(crate) net: Arc<Mutex<Net>>,
    pub(crate) window: Option<i64>,
}

impl Wire {
    async fn ask(&self, call: Call) -> Option<Said> {
        let (back, said) = oneshot::channel();
        {
            let mut net = locked(&self.net);
            let id = net.next;
            net.next += 1;
            net.fresh.push(id);
            net.flights.insert(id, Flight { node: self.node, call, back: Some(back), said: None });
        }
        said.await.ok()
    }

    async fn answer(&self, call: Call) -> Answer {
        match self.ask(call).await {
            Some(Said::Answer(answer)) => answer,
            _ => Answer::Unknown { why: "the connection was closed without an answer".into() },
        }
    }
}

impl Processor for Wire {
    fn capabilities(&self) -> Capabilities {
        Capabilities { idempotency_seconds: self.window, lookup: true, list: true, void: true }
    }

    fn tokenize<'a>(&'a self, _: Ts, _: &'a Instrument) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async { Err(TokenizeError::Unreachable("no new cards here".into())) })
    }

    fn inspect<'a>(&'a self, _: Ts, _: &'a Secret<String>) -> Later<'a, Result<Tokenized, TokenizeError>> {
        Box::pin(async { Err(TokenizeError::Unreachable("no new cards here".into())) })
    }

    fn submit<'a>(&'a self, now: Ts, order: &'a Order) -> Later<'a, Answer> {
        Box::pin(self.answer(Call::Submit(now, order.clone())))
    }

    fn refund<'a>(&'a self, now: Ts, order: &'a RefundOrder) -> Later<'a, Answer> {
        Box::pin(self.answer(Call::Refund(now, order.clone())))
    }

    fn void<'a>(&'a self, now: Ts, key: &'a str, charge: &'a Trace) -> Later<'a, Answer> {
        Box::pin(self.answer(Call::Void(now, key.to_owned(), charge.clone())))
    }

    fn lookup<'a>(&'a self, now: Ts, what: &'a Trace) -> Later<'a, Lookup> {
        Box::pin(async move {
            match self.ask(Call::Lookup(now, what.clone())).await {
                Some(Said::Lookup(found)) => found,
                _ => Lookup::Unreachable("the connection was closed without an answer".into()),
            }
        })
    }

    fn list_since<'a>(
        &'a self,
        now: Ts,
        since: Ts,
        after: Option<String>,
    ) -> Later<'a, Result<Page, Unreachable>> {
        Box::pin(async move {
            match self.ask(Call::List(now, since, after)).await {
                Some(Said::Page(page)) => Ok(page),
                _ => Err(Unreachable("the connection was closed without an answer".into())),
            }
        })
    }
}
