//! What is to happen, in the order in which it will.

use std::collections::BTreeMap;

use base::Ts;

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Somebody begins a few things at once.
    Burst,
    /// A request is sent, for the first time or again.
    Send(usize),
    /// Somebody asks the processor about some charges that were settled.
    LookAround,
    /// A call reaches the processor.
    Arrive(u64),
    /// Its answer reaches the node.
    Answer(u64),
    /// The connection closes without one.
    HangUp(u64),
    /// A time-out elapses.
    TimeOut,
    /// A node's loop runs its steps.
    Tick(usize),
    /// A node looks through the processor's list.
    Sweep(usize),
    Crash(usize),
    Restart(usize),
    Sleep(usize),
    Wake(usize),
    /// The processor goes away: refuses connections, or swallows what is sent.
    OutageBegins {
        swallows: bool,
        seconds: i64,
    },
    /// The weather clears up.
    Clears,
    OutageEnds(u64),
    /// Midnight: everything is looked at.
    DayEnds,
}

/// The agenda.
#[derive(Default)]
pub(crate) struct Agenda {
    acts: BTreeMap<(Ts, u64), Act>,
    next: u64,
}

impl Agenda {
    pub(crate) fn at(&mut self, at: Ts, act: Act) {
        self.next += 1;
        self.acts.insert((at, self.next), act);
    }

    /// What comes next.
    pub(crate) fn pop(&mut self) -> Option<(Ts, Act)> {
        self.acts.pop_first().map(|((at, _), act)| (at, act))
    }
}

/// `micros` after `at`.
pub(crate) fn later(at: Ts, micros: i64) -> Ts {
    Ts::from_micros(at.micros() + micros)
}
