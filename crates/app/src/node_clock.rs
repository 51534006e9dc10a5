//! The clock of a node that shares its database with others: its own, as long as that is right, and else the database's.
//!
//! What is due and what is leased goes by the database's clock in any case. But what happens is dated by the node it happens
//! on, and the day it is there decides what is too early, too late or expired: a node whose clock is wrong must not date a
//! payment a year ahead, nor try a card again before its network allows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use base::db::Db;
use base::seams::{Clock, SystemClock};
use base::{Failure, Result, Ts};
use tokio_util::sync::CancellationToken;

/// How far a node's clock may be off, in microseconds, before it is set right. Less is what two good clocks differ by.
const TOLERATED: i64 = 2_000_000;
/// How often it is compared, and how often where the database did not answer.
const EVERY: Duration = Duration::from_secs(5);

/// The clock.
pub(crate) struct Agreed {
    own: Arc<dyn Clock>,
    /// How far its own is ahead of the database's, in microseconds.
    ahead: AtomicI64,
}

impl Clock for Agreed {
    fn now(&self) -> Ts {
        Ts::from_micros(self.own.now().micros().saturating_sub(self.ahead.load(Ordering::Relaxed)))
    }

    fn monotonic(&self) -> Duration {
        self.own.monotonic()
    }
}

impl Agreed {
    /// The system's, until it is compared.
    pub(crate) fn new() -> Agreed {
        Agreed { own: Arc::new(SystemClock::new()), ahead: AtomicI64::new(0) }
    }

    /// Compares it with the database's.
    pub(crate) async fn compare(&self, db: &Db) -> Result<()> {
        let before = self.own.now();
        let theirs = db.now().await?;
        let ahead = ahead(before, theirs, self.own.now());
        let was = self.ahead.swap(ahead, Ordering::Relaxed);
        if ahead.abs_diff(was) > TOLERATED.unsigned_abs() {
            let seconds = ahead / 1_000_000;
            if ahead == 0 {
                tracing::warn!("this machine's clock is right again");
            } else {
                tracing::error!(seconds, "this machine's clock is wrong: the database's is gone by instead");
            }
        }
        Ok(())
    }

    /// Compares it again and again.
    pub(crate) async fn follow(self: Arc<Agreed>, db: Db, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(failure) = self.compare(&db).await {
                tracing::debug!(error = Failure::chain(&failure), "the clocks could not be compared");
            }
        }
    }
}

/// How far a clock is ahead that said `before` and `after` around the other's answer. Nothing where that can be the way
/// there and back, or is too little to matter.
fn ahead(before: Ts, theirs: Ts, after: Ts) -> i64 {
    let (before, theirs, after) = (before.micros(), theirs.micros(), after.micros());
    let ahead = (before / 2 + after / 2) - theirs;
    let doubt = TOLERATED.saturating_add((after - before).max(0));
    if ahead.abs() > doubt { ahead } else { 0 }
}

#[cfg(test)]
mod tests {
    use base::seams::StillClock;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn at(seconds: i64) -> Ts {
        Ts::from_micros(seconds * SECOND)
    }

    #[test]
    fn a_wrong_clock_is_told_from_a_slow_answer() {
        assert_eq!(ahead(at(1_000), at(1_000), at(1_000)), 0);
        assert_eq!(ahead(at(1_001), at(1_000), at(1_001)), 0, "good clocks differ by that");
        assert_eq!(ahead(at(1_000), at(1_009), at(1_010)), 0, "ten seconds there and back");
        assert_eq!(ahead(at(4_600), at(1_000), at(4_600)), 3_600 * SECOND);
        assert_eq!(ahead(at(1_000), at(4_600), at(1_002)), -3_599 * SECOND);
    }

    #[test]
    fn a_wrong_clock_says_what_the_database_says() {
        let clock =
            Agreed { own: Arc::new(StillClock::at(at(4_600))), ahead: AtomicI64::new(3_600 * SECOND) };
        assert_eq!(clock.now(), at(1_000));
        assert_eq!(clock.monotonic(), Duration::from_secs(4_600), "deadlines go on by its own");
    }
}
