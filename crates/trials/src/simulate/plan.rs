//! How hard a seed makes it: how often calls are lost, nodes die or sleep, and the processor is away.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use base::db::{Faults, Planted};

use super::dice::Dice;

/// What a run is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) days: i64,
    /// How often something is begun in a short while, so that things happen at once.
    pub(crate) bursts: i64,
    /// How many things at most in one of them.
    pub(crate) acts: i64,
    pub(crate) weather: Weather,
    /// How often in a thousand a burst brings each of these.
    pub(crate) crash: i64,
    pub(crate) sleep: i64,
    pub(crate) outage: i64,
    /// How many in a thousand commits are refused, and how many answers of commits are lost.
    pub(crate) refused_commits: i64,
    pub(crate) lost_commits: i64,
    /// How long bank debits take to settle, in seconds.
    pub(crate) settle_after: u32,
    /// After how many seconds the processor forgets its keys, if it does.
    pub(crate) window: Option<i64>,
    /// How many in a thousand payments come back.
    pub(crate) comes_back: i64,
}

/// How many in a thousand calls meet each fate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    lost_before: i64,
    lost_after: i64,
    hung_before: i64,
    hung_after: i64,
    late: i64,
    slow: i64,
}

/// What becomes of a call: when it arrives, and when the caller hears of it, in microseconds from its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) word: &'static str,
    pub(crate) arrives: Option<i64>,
    pub(crate) answered: Option<i64>,
    pub(crate) hung_up: Option<i64>,
}

const SECOND: i64 = 1_000_000;

impl Plan {
    /// What a seed makes of sixty days.
    pub(crate) fn of(seed: u64) -> Plan {
        let mut dice = Dice::new(seed, 1);
        let weather = match dice.between(0, 3) {
            0 => Weather { lost_before: 10, lost_after: 10, ..Weather::default() },
            1 => Weather {
                lost_before: 40,
                lost_after: 60,
                hung_before: 20,
                hung_after: 30,
                late: 30,
                slow: 60,
            },
            2 => Weather {
                lost_before: 30,
                lost_after: 250,
                hung_after: 100,
                late: 20,
                slow: 100,
                hung_before: 0,
            },
            _ => Weather {
                lost_before: 150,
                lost_after: 100,
                hung_before: 100,
                hung_after: 50,
                late: 150,
                slow: 50,
            },
        };
        Plan {
            days: 60,
            bursts: dice.between(6, 12),
            acts: dice.between(2, 5),
            weather,
            crash: dice.pick(&[0, 150, 400]),
            sleep: dice.pick(&[0, 150, 400]),
            outage: dice.pick(&[0, 0, 60, 120]),
            refused_commits: dice.pick(&[0, 10, 40]),
            lost_commits: dice.pick(&[0, 10, 40]),
            settle_after: u32::try_from(dice.pick(&[60, 3_600, 20 * 3_600, 50 * 3_600]))
                .expect("it is small"),
            window: dice.pick(&[None, None, None, Some(86_400)]),
            comes_back: dice.pick(&[0, 50, 250]),
        }
    }
}

impl Weather {
    /// Everything arrives, and nobody hears of it.
    pub(crate) fn never_answered() -> Weather {
        Weather { hung_after: 1_000, ..Weather::default() }
    }

    /// What becomes of a call.
    pub(crate) fn fate(&self, dice: &mut Dice) -> Fate {
        let arrives = dice.between(2_000, SECOND / 2);
        let most = if dice.per_mille(50) { 4 * SECOND } else { SECOND / 2 };
        let back = dice.between(2_000, most);
        let all =
            Fate { word: "answered", arrives: Some(arrives), answered: Some(arrives + back), hung_up: None };
        let mut roll = dice.between(0, 999);
        let mut is = |often: i64| {
            let hit = roll < often;
            roll -= often;
            hit && roll < 0
        };
        if is(self.lost_before) {
            return Fate { word: "lost on its way", arrives: None, answered: None, hung_up: Some(back) };
        }
        if is(self.lost_after) {
            return Fate { word: "its answer lost", answered: None, hung_up: Some(arrives + back), ..all };
        }
        if is(self.hung_before) {
            return Fate { word: "never arriving", arrives: None, answered: None, hung_up: None };
        }
        if is(self.hung_after) {
            return Fate { word: "never answered", answered: None, ..all };
        }
        if is(self.late) {
            let arrives = dice.between(9 * SECOND, 90 * SECOND);
            return Fate { word: "arriving late", arrives: Some(arrives), answered: None, hung_up: None };
        }
        if is(self.slow) {
            let answered = arrives + dice.between(4 * SECOND, 60 * SECOND);
            return Fate { word: "answered late", answered: Some(answered), ..all };
        }
        all
    }
}

/// Faults around commits, as the seed has them. None while it is calm.
pub(crate) struct Commits {
    dice: Mutex<Dice>,
    refused: i64,
    lost: i64,
    pub(crate) calm: AtomicBool,
    /// How many there were, whatever became of them.
    pub(crate) seen: AtomicU64,
}

impl Commits {
    pub(crate) fn new(seed: u64, plan: &Plan) -> Commits {
        Commits {
            dice: Mutex::new(Dice::new(seed, 4)),
            refused: plan.refused_commits,
            lost: plan.lost_commits,
            calm: false.into(),
            seen: 0.into(),
        }
    }
}

impl Faults for Commits {
    fn before_commit(&self, _command: &'static str) -> Planted {
        self.seen.fetch_add(1, Ordering::Relaxed);
        if self.calm.load(Ordering::Relaxed) {
            return Planted::Nothing;
        }
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        let roll = dice.between(0, 999);
        if roll < self.refused {
            Planted::Serialization
        } else if roll < self.refused + self.lost {
            Planted::LostAnswer
        } else {
            Planted::Nothing
        }
    }
}
