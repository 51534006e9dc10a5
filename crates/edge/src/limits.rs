//! How often somebody may ask: a bucket per key that refills steadily.
//!
//! Our own thirty lines instead of governor, because the time comes from the seams, failed sign-ins must be looked
//! at without being counted, and the remainder has to be told. Must always hold: memory stays flat, since a bucket
//! that is full again is the same as none and is dropped.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What a bucket says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the request may go on.
    pub is_allowed: bool,
    /// How many a minute there are in all.
    pub limit: u32,
    /// How many more may come at once.
    pub remaining: u32,
    /// Seconds after which the next one may come.
    pub retry_after: u32,
}

/// Buckets of `limit` requests that refill over a minute.
pub struct Limiter {
    limit: u32,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// When each bucket will be full again.
    full_at: HashMap<u128, Duration>,
    pruned_at: Duration,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Limiter {
    /// `limit` requests a minute for each key, all of them at once if they like.
    pub fn a_minute(limit: u32) -> Limiter {
        Limiter { limit: limit.max(1), buckets: Mutex::default() }
    }

    /// Counts a request that comes at `now`.
    pub fn take(&self, key: u128, now: Duration) -> Verdict {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(buckets.pruned_at) >= MINUTE {
            buckets.pruned_at = now;
            buckets.full_at.retain(|_, full_at| *full_at > now);
            buckets.full_at.shrink_to_fit();
        }
        let full_at = buckets.full_at.get(&key).copied().unwrap_or(now).max(now);
        let verdict = self.judge(full_at, now);
        if verdict.is_allowed {
            buckets.full_at.insert(key, full_at + MINUTE / self.limit);
        }
        verdict
    }

    /// What [`Limiter::take`] would say, without counting.
    pub fn look(&self, key: u128, now: Duration) -> Verdict {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        self.judge(buckets.full_at.get(&key).copied().unwrap_or(now).max(now), now)
    }

    fn judge(&self, full_at: Duration, now: Duration) -> Verdict {
        let each = MINUTE / self.limit;
        let after = (full_at - now) + each;
        // The division of a minute leaves a rest; the limit itself must still fit.
        let is_allowed = after <= each * self.limit;
        let left = (each * self.limit).saturating_sub(after).as_nanos() / each.as_nanos();
        let wait = after.saturating_sub(each * self.limit);
        Verdict {
            is_allowed,
            limit: self.limit,
            remaining: u32::try_from(left).unwrap_or(u32::MAX),
            retry_after: u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1),
        }
    }

    /// How many keys are remembered.
    pub fn size(&self) -> usize {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).full_at.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_may_come_at_once_and_then_one_by_one() {
        let limiter = Limiter::a_minute(300);
        let start = Duration::from_secs(1000);
        for left in (0..300).rev() {
            let verdict = limiter.take(1, start);
            assert!(verdict.is_allowed);
            assert_eq!(verdict.remaining, left);
        }
        let refused = limiter.take(1, start);
        assert_eq!((refused.is_allowed, refused.remaining, refused.retry_after), (false, 0, 1));
        assert!(limiter.take(2, start).is_allowed, "another key has a bucket of its own");
        assert!(limiter.take(1, start + Duration::from_millis(200)).is_allowed);
        assert!(!limiter.take(1, start + Duration::from_millis(200)).is_allowed);
    }

    #[test]
    fn looking_costs_nothing() {
        let limiter = Limiter::a_minute(1);
        let now = Duration::from_secs(5);
        assert!(limiter.look(1, now).is_allowed && limiter.look(1, now).is_allowed);
        limiter.take(1, now);
        assert_eq!(limiter.look(1, now).retry_after, 60);
    }

    #[test]
    fn a_million_strangers_are_forgotten() {
        let limiter = Limiter::a_minute(10);
        for key in 0..100_000 {
            limiter.take(key, Duration::from_secs(100));
        }
        limiter.take(0, Duration::from_secs(200));
        assert_eq!(limiter.size(), 1);
    }
}
