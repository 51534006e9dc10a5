//! Where time and chance come in. Nothing else asks the system for either.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::vault::hex;
use crate::{Ts, secret::Secret};

/// Time. The wall clock is for what people see; the monotonic one for deadlines.
pub trait Clock: Send + Sync + 'static {
    /// The instant it is.
    fn now(&self) -> Ts;
    /// Time since an arbitrary start that never goes backwards.
    fn monotonic(&self) -> Duration;
}

/// The system's clocks.
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The system's clocks, counting from now.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn new() -> SystemClock {
        SystemClock { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Ts {
        Ts::from(jiff::Timestamp::now())
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that stands still until it is moved: for tests and simulations.
#[derive(Default)]
pub struct StillClock(Mutex<Ts0>);

#[derive(Clone, Copy)]
struct Ts0(Ts);

impl Default for Ts0 {
    fn default() -> Self {
        Ts0(Ts::from_micros(0))
    }
}

impl StillClock {
    /// Stands at `at`.
    pub fn at(at: Ts) -> StillClock {
        StillClock(Mutex::new(Ts0(at)))
    }

    /// Moves to `at`.
    pub fn set(&self, at: Ts) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = at;
    }

    /// Moves on by `seconds`.
    pub fn advance(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.0 = now.0.plus_seconds(seconds);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Ts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.now().micros()).unwrap_or(0))
    }
}

/// Where random bytes come from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random bytes.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has random bytes");
    }
}

/// A stream of bytes that its seed decides (splitmix64): for simulations, never for secrets that matter.
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Time and chance together, as everything that makes a row needs them. Cheap to clone.
#[derive(Clone)]
pub struct Seams {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    last_id: Arc<Mutex<(u64, u16)>>,
    /// The instant at which somebody's time stands.
    stands_at: Option<Ts>,
}

impl Seams {
    /// These clocks and this entropy.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Seams {
        Seams { clock, entropy, last_id: Arc::default(), stands_at: None }
    }

    /// The system's.
    pub fn system() -> Seams {
        Seams::new(Arc::new(SystemClock::new()), Arc::new(SystemEntropy))
    }

    /// The same, for somebody whose time stands at this instant. Deadlines and ids go on by the real clocks.
    #[must_use]
    pub fn standing_at(&self, at: Ts) -> Seams {
        Seams { stands_at: Some(at), ..self.clone() }
    }

    /// The instant it is: by the wall clock, unless time stands.
    pub fn now(&self) -> Ts {
        self.stands_at.unwrap_or_else(|| self.clock.now())
    }

    /// The instant it is by the wall clock, whoever's time stands: for what the world outside compares with its own.
    pub fn wall(&self) -> Ts {
        self.clock.now()
    }

    /// The instant at which time stands, where it does.
    pub fn stands_at(&self) -> Option<Ts> {
        self.stands_at
    }

    /// Time for deadlines.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// 256 random bits as 64 lowercase hex digits, for tokens.
    pub fn random_hex(&self) -> Secret<String> {
        Secret::new(hex(&self.random::<32>()))
    }

    /// A new time-ordered id (UUID version 7): later ids of this process are greater, whatever the clock does.
    pub fn id<I: From<Uuid>>(&self) -> I {
        let millis = u64::try_from(self.wall().micros() / 1000).unwrap_or(0);
        let (millis, counter) = {
            let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
            *last = match *last {
                (at, _) if millis > at => (millis, u16::from_le_bytes(self.random()) & 0x7ff),
                (at, 0xfff) => (at + 1, 0),
                (at, count) => (at, count + 1),
            };
            *last
        };
        let mut bytes = [0u8; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6..8].copy_from_slice(&(0x7000 | counter).to_be_bytes());
        bytes[8..].copy_from_slice(&self.random::<8>());
        bytes[8] = bytes[8] & 0x3f | 0x80;
        I::from(Uuid::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_while_the_clock_stands_or_goes_back() {
        let clock = Arc::new(StillClock::at(Ts::from_micros(1_000_000_000)));
        let seams = Seams::new(clock.clone(), Arc::new(SeededEntropy::new(7)));
        let mut ids: Vec<Uuid> = (0..10_000).map(|_| seams.id()).collect();
        clock.advance(-500);
        ids.push(seams.id());
        assert!(ids.is_sorted());
        assert_eq!(ids[0].get_version_num(), 7);
    }

    #[test]
    fn whoever_s_time_stands_makes_ids_of_today() {
        let clock = Arc::new(StillClock::at(Ts::from_micros(1_000_000_000)));
        let seams = Seams::new(clock.clone(), Arc::new(SeededEntropy::new(7)));
        let theirs = seams.standing_at(Ts::from_micros(9_000_000_000));
        let (first, between): (Uuid, Uuid) = (theirs.id(), seams.id());
        clock.advance(60);
        let last: Uuid = seams.id();
        assert!(first < between && between < last);
        assert_eq!((theirs.now().micros(), theirs.wall().micros()), (9_000_000_000, 1_060_000_000));
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = || {
            let seams = Seams::new(Arc::new(StillClock::default()), Arc::new(SeededEntropy::new(42)));
            [(); 3].map(|()| seams.id::<Uuid>())
        };
        assert_eq!(ids(), ids());
    }
}
