//! How long to wait before trying again: exponentially longer, and by chance, so that ninety
//! points whose power came back together do not all call together.

use rand::{Rng, RngExt};

/// Counts failures and spreads retries ("full jitter": anywhere between nothing and the limit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    base_ms: u64,
    most_ms: u64,
    failures: u32,
}

impl Backoff {
    /// The first wait is below `base_ms`, each next limit is twice the last, up to `most_ms`.
    pub const fn new(base_ms: u64, most_ms: u64) -> Self {
        Self { base_ms, most_ms, failures: 0 }
    }

    /// It failed again: how many milliseconds to wait now.
    pub fn failed(&mut self, rng: &mut impl Rng) -> u64 {
        let limit = self.limit_ms();
        self.failures = self.failures.saturating_add(1);
        rng.random_range(0..=limit)
    }

    /// The longest that the next wait may be, in milliseconds.
    pub fn limit_ms(&self) -> u64 {
        let factor = 1_u64.checked_shl(self.failures).unwrap_or(u64::MAX);
        self.base_ms.saturating_mul(factor).min(self.most_ms)
    }

    /// How often it failed in a row.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// It worked.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
    }
}
