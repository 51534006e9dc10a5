//! One run: two nodes over one database, their callers, the processor, and what a seed lets happen to them.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use base::Ts;
use base::db::{Db, Location};
use base::seams::{Seams, SeededEntropy, StillClock};
use base::vault::MasterKey;
use books::orgs::{Environment, Tenant, Tenants};
use exchange::webhooks::FanOut;
use futures_util::FutureExt as _;
use payments::processor::Standing;

use super::agenda::{Act, Agenda, later};
use super::check::{self, Books};
use super::chronicle::Chronicle;
use super::clients::{self, Clients};
use super::dice::Dice;
use super::node::Node;
use super::plan::{Commits, Plan, Weather};
use super::rows;
use super::template::{BEGIN, Template};
use super::wire::{Call, Net, locked};

pub(super) const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Callers and submissions wait so long, in seconds; a moment later their time-outs have elapsed.
const TIME_OUTS: [i64; 2] = [8, 10];
/// More than any run needs: where there is more to do than this, something goes round in circles.
const MOST_ACTS: u64 = 2_000_000;

/// A run in the middle.
pub(crate) struct World<'a> {
    pub(super) plan: Plan,
    pub(super) template: &'a Template,
    pub(super) chronicle: Chronicle,
    pub(super) now: Ts,
    pub(super) db: Db,
    pub(super) net: Arc<Mutex<Net>>,
    pub(super) agenda: Agenda,
    pub(super) dice: Dice,
    pub(super) clients: Clients,
    pub(super) tenants: Vec<Tenant>,
    clock: Arc<StillClock>,
    commits: Arc<Commits>,
    /// What is due first, as of so many commits.
    due: (u64, Option<Ts>),
    nodes: [Node; 2],
    books: Books,
    /// The processor is away; whether it swallows what is sent.
    outage: Option<bool>,
    outages: u64,
    calm: bool,
    /// Something was written since the books were last looked at.
    dirty: bool,
    acts: u64,
}

/// The database answers at once: it is in this process, and nobody waits for anybody on one thread.
pub(super) fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("an inline database answers at once")
}

impl<'a> World<'a> {
    /// A fresh copy of the template at `place`.
    pub(crate) fn new(
        template: &'a Template,
        plan: Plan,
        seed: u64,
        place: &Path,
        show: bool,
    ) -> anyhow::Result<World<'a>> {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", place.display()));
        }
        std::fs::write(place, &template.file)?;
        let begin = Ts::parse(BEGIN).expect("an instant");
        let clock = Arc::new(StillClock::at(begin));
        let chronicle = Chronicle::begin(begin, show);
        let seams = Seams::new(clock.clone(), Arc::new(SeededEntropy::new(seed)));
        let commits = Arc::new(Commits::new(seed, &plan));
        let location = Location::Lite { path: place.to_owned(), inline: true };
        let db = now(Db::open(&location, seams))?.with_faults(commits.clone());
        let tenants = Tenants::new(MasterKey::parse(template.master.reveal())?);
        let tx = now(db.read())?;
        let open = |org| now(tenants.of(&tx, org, Environment::Sandbox));
        let opened = template.houses.iter().map(|house| open(house.org)).collect::<base::Result<Vec<_>>>()?;
        drop(tx);
        let net = Net::new(seed, plan.settle_after, plan.window, plan.comes_back);
        chronicle.note(format_args!("seed {seed}: {plan:?}"));
        let mut world = World {
            template,
            chronicle,
            now: begin,
            db,
            net,
            agenda: Agenda::default(),
            dice: Dice::new(seed, 2),
            clients: Clients::default(),
            tenants: opened,
            clock,
            commits,
            due: (u64::MAX, None),
            nodes: [Node::down(begin), Node::down(begin)],
            books: Books::default(),
            outage: None,
            outages: 0,
            calm: false,
            dirty: true,
            acts: 0,
            plan,
        };
        for node in 0..world.nodes.len() {
            world.restart(node)?;
        }
        Ok(world)
    }

    /// Sixty days, and whatever it takes to come to rest. What must not be is an error.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        for _ in 0..self.plan.bursts {
            let at = later(self.now, self.dice.between(SECOND, self.plan.days * DAY));
            self.agenda.at(at, Act::Burst);
        }
        for day in 1..=self.plan.days {
            self.agenda.at(later(self.now, day * DAY), Act::DayEnds);
            for half in 0..2 {
                let at = later(self.now, (2 * day - 2 + half) * DAY / 2 + self.dice.between(0, DAY / 2));
                self.agenda.at(at, Act::Sweep(self.dice.index(2)));
            }
            if day % 6 == 0 {
                self.agenda.at(later(self.now, day * DAY - DAY / 2), Act::LookAround);
            }
        }
        self.until_rest()
    }

    /// Everything on the agenda, and whatever it takes to come to rest.
    pub(crate) fn until_rest(&mut self) -> Result<(), String> {
        self.go_on()?;
        self.come_to_rest()
    }

    /// The tables as they stand.
    pub(crate) fn tables(&self) -> base::Result<rows::Tables> {
        now(rows::read(&now(self.db.read())?))
    }

    /// How many charges moved money at the processor, by its own books.
    pub(crate) fn charged(&self) -> i64 {
        let list = locked(&self.net).all(self.now);
        let moved =
            list.iter().filter(|r| r.refund_of.is_none() && !matches!(r.standing, Standing::Declined(_)));
        i64::try_from(moved.count()).unwrap_or(i64::MAX)
    }

    /// No more faults: everything is finished, and the processor's list is looked through once more.
    fn come_to_rest(&mut self) -> Result<(), String> {
        self.chronicle.note(format_args!("from now on it is calm"));
        self.calm = true;
        self.outage = None;
        self.commits.calm.store(true, Ordering::Relaxed);
        for node in 0..self.nodes.len() {
            if !self.nodes[node].is_up() {
                self.step(self.now, Act::Wake(node))?;
                self.step(self.now, Act::Restart(node))?;
            }
        }
        self.step(self.now, Act::TimeOut)?;
        self.go_on()?;
        // A sweep that somebody died in has its lease still; and what it finds is settled by the next tick.
        for minutes in 1..=3 {
            self.agenda.at(self.now.plus_seconds(minutes * 90), Act::Sweep(0));
        }
        self.go_on()?;
        self.look(true)
    }

    /// Until there is nothing on the agenda.
    fn go_on(&mut self) -> Result<(), String> {
        while let Some((at, act)) = self.agenda.pop() {
            self.acts += 1;
            if self.acts > MOST_ACTS {
                return Err("liveness: it never comes to rest".into());
            }
            self.step(at.max(self.now), act)?;
        }
        Ok(())
    }

    fn step(&mut self, at: Ts, act: Act) -> Result<(), String> {
        if at > self.now {
            self.now = at;
            self.clock.set(at);
            self.chronicle.time(at);
            self.pump()?;
        }
        self.happens(act)?;
        self.pump()
    }

    /// Lets every node run as far as it can, and takes up what comes of it.
    fn pump(&mut self) -> Result<(), String> {
        let mut ran = false;
        for node in &mut self.nodes {
            ran |= node.pump(self.now);
        }
        if !ran {
            return Ok(());
        }
        self.dirty = true;
        let fresh = locked(&self.net).fresh();
        for flight in fresh {
            self.takes_off(flight);
        }
        for end in self.clients.ended(&self.chronicle) {
            self.chronicle.note(format_args!("request {} heard {}", end.request, end.heard));
            if let Some(wrong) = end.wrong {
                return Err(wrong);
            }
            let request = &mut self.clients.requests[end.request];
            if end.again && request.tries > 0 {
                request.tries -= 1;
                let wait = self.dice.pick(&[1, 5, 40, 600, 40_000]);
                let at = later(self.now, self.dice.between(SECOND, 2 * wait * SECOND));
                self.agenda.at(at, Act::Send(end.request));
            }
        }
        self.plan_ticks()
    }

    /// A call was begun: its fate is decided.
    fn takes_off(&mut self, id: u64) {
        let mut fate = if self.calm { Weather::default() } else { self.plan.weather }.fate(&mut self.dice);
        match self.outage {
            Some(true) => {
                (fate.word, fate.arrives, fate.answered, fate.hung_up) = ("swallowed", None, None, None)
            }
            Some(false) => {
                (fate.word, fate.arrives, fate.answered) = ("refused a connection", None, None);
                fate.hung_up = Some(SECOND / 20);
            }
            None => {}
        }
        {
            let net = locked(&self.net);
            let flight = net.flight(id).expect("it was just begun");
            let (node, word, key) = (flight.node, flight.call.word(), flight.call.key());
            self.chronicle.note(format_args!("node {node} calls {id}: {word} {key}, {}", fate.word));
            match (&flight.call, fate.word) {
                (Call::Submit(..), "never answered" | "its answer lost") => {
                    self.chronicle.count("charged, and the answer lost")
                }
                (Call::Submit(..), "lost on its way" | "never arriving") => {
                    self.chronicle.count("charge lost on its way")
                }
                (Call::Submit(..), "arriving late") => {
                    self.chronicle.count("charge arriving after its deadline")
                }
                (Call::Refund(..), "never answered" | "its answer lost") => {
                    self.chronicle.count("refunded, and the answer lost")
                }
                (Call::Refund(..), "lost on its way" | "never arriving" | "arriving late") => {
                    self.chronicle.count("refund lost or late on its way");
                }
                (Call::Lookup(..), word) if word != "answered" => self.chronicle.count("question lost"),
                _ => {}
            }
        }
        for (at, act) in [
            (fate.arrives, Act::Arrive(id)),
            (fate.answered, Act::Answer(id)),
            (fate.hung_up, Act::HangUp(id)),
        ] {
            if let Some(at) = at {
                self.agenda.at(later(self.now, at), act);
            }
        }
        let heard = fate.answered.into_iter().chain(fate.hung_up).min().unwrap_or(i64::MAX);
        for seconds in TIME_OUTS {
            if heard > seconds * SECOND {
                self.agenda.at(later(self.now, seconds * SECOND + 2_000), Act::TimeOut);
            }
        }
    }

    /// Each node's loop runs soon after something is due.
    fn plan_ticks(&mut self) -> Result<(), String> {
        let commits = self.commits.seen.load(Ordering::Relaxed);
        if self.due.0 != commits {
            self.due = (commits, now(rows::next_due(&self.db)).map_err(|f| f.chain())?);
        }
        let Some(due) = self.due.1 else { return Ok(()) };
        for (number, node) in self.nodes.iter_mut().enumerate() {
            if !node.is_up() {
                continue;
            }
            let soonest = due.max(self.now).max(node.last_tick.plus_seconds(1));
            if node.tick_at.is_none_or(|planned| planned > soonest.plus_seconds(1)) {
                let at = later(soonest, self.dice.between(0, SECOND));
                node.tick_at = Some(at);
                self.agenda.at(at, Act::Tick(number));
            }
        }
        Ok(())
    }

    fn happens(&mut self, act: Act) -> Result<(), String> {
        match act {
            Act::Burst => self.burst(),
            Act::LookAround => self.look_around(),
            Act::Send(request) => self.send(request),
            Act::Arrive(id) => self.arrives(id),
            Act::Answer(id) => {
                let node = locked(&self.net).flight(id).map(|flight| flight.node);
                let Some(node) = node else { return Ok(()) };
                if self.nodes[node].asleep {
                    self.chronicle.count("answer reaching a node that sleeps");
                }
                let heard = locked(&self.net).answer(id);
                self.chronicle.note(format_args!("call {id} answered, heard: {heard}"));
            }
            Act::HangUp(id) => locked(&self.net).hang_up(id),
            Act::TimeOut => {}
            Act::Tick(node) => {
                let node = &mut self.nodes[node];
                if node.tick_at == Some(self.now) {
                    node.tick_at = None;
                    if node.is_up() {
                        node.last_tick = self.now;
                        for said in node.tick() {
                            self.chronicle.note(format_args!("  {said}"));
                            if said.contains("panicked") {
                                return Err(said);
                            }
                        }
                    }
                }
            }
            Act::Sweep(node) => {
                if self.nodes[node].is_up()
                    && let Some(said) = self.nodes[node].sweep()
                {
                    self.chronicle.note(format_args!("  {said}"));
                    if said.contains("panicked") {
                        return Err(said);
                    }
                }
            }
            Act::Crash(node) => self.crash(node),
            Act::Restart(node) => {
                if !self.nodes[node].is_alive() {
                    self.chronicle.note(format_args!("node {node} starts"));
                    self.restart(node).map_err(|f| f.to_string())?;
                    self.plan_ticks()?;
                }
            }
            Act::Sleep(node) if !self.calm => self.nodes[node].asleep = self.nodes[node].is_alive(),
            Act::Wake(node) => {
                self.nodes[node].asleep = false;
                self.plan_ticks()?;
            }
            Act::OutageBegins { swallows, seconds } if !self.calm && self.outage.is_none() => {
                self.chronicle.count("processor away");
                self.outage = Some(swallows);
                self.outages += 1;
                self.agenda.at(self.now.plus_seconds(seconds), Act::OutageEnds(self.outages));
            }
            Act::Clears => self.plan.weather = Weather::default(),
            Act::OutageEnds(which) if which == self.outages => {
                self.outage = None;
                self.agenda.at(self.now.plus_seconds(60), Act::Sweep(0));
            }
            Act::DayEnds => self.look(false)?,
            Act::Sleep(_) | Act::OutageBegins { .. } | Act::OutageEnds(_) => {}
        }
        Ok(())
    }

    fn arrives(&mut self, id: u64) {
        let mut net = locked(&self.net);
        if self.outage.is_some() {
            return net.hang_up(id);
        }
        let Some(flight) = net.flight(id) else { return };
        let (submits, charge) = (matches!(flight.call, Call::Submit(..)), flight.call.clone());
        let Some(arrived) = net.arrive(id) else { return };
        if arrived.again {
            self.chronicle.count(if submits { "charge sent again" } else { "refund sent again" });
        }
        self.chronicle.note(format_args!(
            "call {id} arrives: {} {}: {}",
            charge.word(),
            charge.key(),
            arrived.said
        ));
    }

    fn crash(&mut self, number: usize) {
        if self.calm || !self.nodes[number].is_alive() {
            return;
        }
        let mut net = locked(&self.net);
        let flights = net.of_node(number);
        self.chronicle.note(format_args!("node {number} crashes with {} calls on their way", flights.len()));
        if !flights.is_empty() {
            self.chronicle.count("crash with something on its way");
        }
        for (id, arrived) in flights {
            if !arrived && self.dice.per_mille(500) {
                net.hang_up(id);
            }
        }
        drop(net);
        self.nodes[number].crash(self.now);
        let pause = self.dice.pick(&[1, 20, 1_200]);
        let at = later(self.now, self.dice.between(SECOND, 2 * pause * SECOND));
        self.agenda.at(at, Act::Restart(number));
    }

    fn restart(&mut self, node: usize) -> base::Result<()> {
        let (db, net, window) = (self.db.clone(), self.net.clone(), self.plan.window);
        self.nodes[node].start(node, &db, &self.template.master, &net, window, self.now)
    }

    /// A request goes to one of the nodes that are there.
    fn send(&mut self, number: usize) {
        let request = self.clients.requests[number].clone();
        let first = self.dice.index(self.nodes.len());
        let there = (0..self.nodes.len()).map(|n| (first + n) % self.nodes.len());
        let Some(node) = there.into_iter().find(|n| self.nodes[*n].is_alive()) else {
            self.agenda.at(later(self.now, 5 * SECOND), Act::Send(number));
            return;
        };
        if request.settled && request.key.is_some() {
            self.chronicle.count("request sent again after its answer");
        }
        self.chronicle.note(format_args!("request {number} to node {node}: {request}"));
        let (tenant, db) = (self.tenants[request.house].clone(), self.db.clone());
        let told = self.nodes[node].begin(|till| clients::ask(till, db, tenant, request));
        if let Some(told) = told {
            self.clients.running(number, told);
        }
    }

    /// The books against the processor's, and against what they were.
    fn look(&mut self, at_rest: bool) -> Result<(), String> {
        if !std::mem::take(&mut self.dirty) && !at_rest {
            return Ok(());
        }
        while now(books::events::sequence(&self.db, &FanOut)).map_err(|f| f.chain())? > 0 {}
        let tx = now(self.db.read()).map_err(|f| f.chain())?;
        let mut net = locked(&self.net);
        let world = check::World {
            tenants: &self.tenants,
            net: &mut net,
            clients: &self.clients,
            now: self.now,
            at_rest,
            chronicle: &self.chronicle,
        };
        now(self.books.look(&tx, world)).map_err(|f| f.chain())?
    }
}
