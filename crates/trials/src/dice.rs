//! Chance that a seed decides: the same seed and number give the same throws, whoever runs first.

use base::seams::{Entropy as _, SeededEntropy};

/// Throws that belong to one seed.
pub(crate) struct Dice(SeededEntropy);

impl Dice {
    /// The throws of `seed`.
    pub(crate) fn of(seed: u64) -> Dice {
        Dice(SeededEntropy::new(seed))
    }

    /// The throws of the `n`-th thing under `seed`.
    pub(crate) fn of_nth(seed: u64, n: u64) -> Dice {
        Dice::of(seed ^ (n + 1).wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    /// A number below `end`, which is more than nothing.
    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end.max(1)
    }

    /// An index into something `len` long.
    pub(crate) fn index(&self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).unwrap_or(1))).unwrap_or(0)
    }
}
