//! How long to wait before the next try: doubling, spread, bounded.

/// The first wait at most, in milliseconds.
const FIRST: u64 = 500;
/// The longest wait at most, in milliseconds.
const LONGEST: u64 = 15_000;

/// The pauses between tries that fail, one after the other.
#[derive(Debug)]
pub struct Backoff {
    failures: u32,
    seed: u64,
}

impl Backoff {
    /// `seed` spreads the pauses of one device from those of others.
    pub fn seeded(seed: u64) -> Self {
        Self { failures: 0, seed }
    }

    /// Something succeeded.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Milliseconds until the next try: between half of the present bound and all of it, so that
    /// a thousand devices do not come back in one instant.
    pub fn pause(&mut self) -> i64 {
        let bound = FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        // SplitMix64: the spread needs no unpredictability.
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        (bound / 2 + mixed % (bound / 2 + 1)) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_stay_bounded_and_start_over_after_success() {
        let mut backoff = Backoff::seeded(7);
        let waits: Vec<i64> = (0..40).map(|_| backoff.pause()).collect();
        assert!(waits[0] <= FIRST as i64);
        assert!(waits.iter().all(|wait| *wait <= LONGEST as i64));
        assert!(waits[39] >= (LONGEST / 2) as i64);
        backoff.reset();
        assert!(backoff.pause() <= FIRST as i64);
    }
}
