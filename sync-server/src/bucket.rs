//! Buckets that fill steadily, and from which is taken what something costs.
//!
//! **Architecture Invariant**: no clock is read here, and of no kind are more than so many kept,
//! whoever asks under however many names.

use keyrack_model::{limits::Rate, time::Timestamp};
use std::{collections::HashMap, hash::Hash};

/// What something takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    pub operations: u64,
    pub bytes: u64,
}

/// Operations and bytes, in thousandths, as they were at an instant. Below zero is what was taken on
/// credit.
pub(crate) struct Bucket {
    rate: Rate,
    operations: i64,
    bytes: i64,
    at: Timestamp,
}

/// What a bucket holds of one thing; a second fills it by as many thousandths as a millisecond
/// fills it by whole ones.
const PARTS: u64 = 1_000;

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Timestamp) -> Self {
        Self {
            rate,
            operations: parts(rate.operations.at_once),
            bytes: parts(rate.bytes.at_once),
            at: now,
        }
    }

    /// What is in it by now. A clock that goes back fills nothing.
    fn filled(&self, now: Timestamp) -> (i64, i64) {
        let millis = now.millis_since(self.at).unsigned_abs();
        let fill = |held: i64, at_once: u64, each_second: u64| {
            let added = i64::try_from(each_second.saturating_mul(millis)).unwrap_or(i64::MAX);
            held.saturating_add(added).min(parts(at_once))
        };
        let Rate { operations, bytes } = self.rate;
        (
            fill(self.operations, operations.at_once, operations.each_second),
            fill(self.bytes, bytes.at_once, bytes.each_second),
        )
    }

    /// After a clock was set back, it fills again from there.
    pub(crate) fn follow(&mut self, now: Timestamp) {
        self.at = self.at.min(now);
    }

    pub(crate) fn is_full(&self, now: Timestamp) -> bool {
        let Rate { operations, bytes } = self.rate;
        self.filled(now) == (parts(operations.at_once), parts(bytes.at_once))
    }

    /// Milliseconds until the cost can be taken; zero when it can be at once.
    pub(crate) fn wait(&self, cost: Cost, now: Timestamp) -> u32 {
        let (operations, bytes) = self.filled(now);
        let lacking = |held: i64, cost: u64, each_second: u64| {
            let lacking = parts(cost).saturating_sub(held);
            u64::try_from(lacking).unwrap_or(0).div_ceil(each_second)
        };
        let operations = lacking(
            operations,
            cost.operations,
            self.rate.operations.each_second,
        );
        let bytes = lacking(bytes, cost.bytes, self.rate.bytes.each_second);
        u32::try_from(operations.max(bytes)).unwrap_or(u32::MAX)
    }

    /// Takes it, on credit of at most a full bucket where there is not enough.
    pub(crate) fn take(&mut self, cost: Cost, now: Timestamp) {
        let (operations, bytes) = self.filled(now);
        let left = |held: i64, cost: u64, at_once: u64| {
            held.saturating_sub(parts(cost)).max(-parts(at_once))
        };
        let rate = self.rate;
        self.operations = left(operations, cost.operations, rate.operations.at_once);
        self.bytes = left(bytes, cost.bytes, rate.bytes.at_once);
        self.at = now;
    }
}

fn parts(whole: u64) -> i64 {
    i64::try_from(whole.saturating_mul(PARTS)).unwrap_or(i64::MAX)
}

/// A bucket for each of many, of one rate.
pub(crate) struct Buckets<K> {
    rate: Rate,
    /// The most that are kept.
    most: usize,
    known: HashMap<K, Bucket>,
}

impl<K: Eq + Hash + Copy> Buckets<K> {
    pub(crate) fn new(rate: Rate, most: usize) -> Self {
        Self {
            rate,
            most,
            known: HashMap::new(),
        }
    }

    /// Whether so much could be taken, without taking it.
    ///
    /// # Errors
    /// The milliseconds after which it could.
    pub(crate) fn has(&mut self, whose: K, cost: Cost, now: Timestamp) -> Result<(), u32> {
        match self.known.get_mut(&whose) {
            Some(bucket) => {
                bucket.follow(now);
                in_time(bucket.wait(cost, now))
            }
            None => Ok(()),
        }
    }

    /// Takes what something costs, or nothing.
    ///
    /// # Errors
    /// The milliseconds after which there is enough.
    pub(crate) fn take(&mut self, whose: K, cost: Cost, now: Timestamp) -> Result<(), u32> {
        let bucket = self.bucket(whose, now);
        in_time(bucket.wait(cost, now))?;
        bucket.take(cost, now);
        Ok(())
    }

    /// Takes what something has cost, on credit where there is not enough.
    pub(crate) fn charge(&mut self, whose: K, cost: Cost, now: Timestamp) {
        self.bucket(whose, now).take(cost, now);
    }

    fn bucket(&mut self, whose: K, now: Timestamp) -> &mut Bucket {
        if !self.known.contains_key(&whose) {
            self.make_room(now);
        }
        let rate = self.rate;
        let made = || Bucket::full(rate, now);
        let bucket = self.known.entry(whose).or_insert_with(made);
        bucket.follow(now);
        bucket
    }

    /// A full bucket is as good as none. When there are too many others, the fuller half goes: what
    /// it has to forgive is little, and the next one has room for long.
    fn make_room(&mut self, now: Timestamp) {
        if self.known.len() < self.most {
            return;
        }
        self.known.retain(|_, bucket| !bucket.is_full(now));
        if self.known.len() < self.most {
            return;
        }
        let wait = |bucket: &Bucket| {
            let Rate { operations, bytes } = bucket.rate;
            let full = Cost {
                operations: operations.at_once,
                bytes: bytes.at_once,
            };
            bucket.wait(full, now)
        };
        let mut waits: Vec<_> = self
            .known
            .iter()
            .map(|(whose, bucket)| (wait(bucket), *whose))
            .collect();
        let half = waits.len() / 2;
        waits.select_nth_unstable_by_key(half, |(wait, _)| *wait);
        for (_, whose) in &waits[..=half] {
            self.known.remove(whose);
        }
    }
}

fn in_time(wait: u32) -> Result<(), u32> {
    if wait == 0 { Ok(()) } else { Err(wait) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::limits::Steady;

    const NOW: Timestamp = Timestamp(1_495_700_000_000);
    const RATE: Rate = Rate {
        operations: Steady {
            at_once: 10,
            each_second: 2,
        },
        bytes: Steady {
            at_once: 1_000,
            each_second: 100,
        },
    };

    fn later(millis: i64) -> Timestamp {
        Timestamp(NOW.0 + millis)
    }

    fn cost(operations: u64, bytes: u64) -> Cost {
        Cost { operations, bytes }
    }

    #[test]
    fn each_takes_from_their_own_and_waits_for_as_long_as_it_takes_to_fill() {
        let mut buckets = Buckets::new(RATE, 8);
        for (whose, at, cost, taken) in [
            (1, NOW, cost(10, 0), Ok(())),
            (1, NOW, cost(1, 0), Err(500)),
            (1, NOW, cost(0, 1_000), Ok(())),
            (1, NOW, cost(0, 50), Err(500)),
            (2, NOW, cost(10, 1_000), Ok(())),
            (1, later(499), cost(1, 0), Err(1)),
            (1, later(500), cost(1, 50), Ok(())),
            (1, later(500), cost(4, 300), Err(3_000)),
            // A clock that goes back gives nothing, and goes on from there.
            (1, NOW, cost(1, 0), Err(500)),
            (1, later(500), cost(1, 0), Ok(())),
        ] {
            assert_eq!(buckets.take(whose, cost, at), taken, "{whose} {cost:?}");
        }
    }

    #[test]
    fn what_was_had_on_credit_is_waited_for_and_never_more_than_a_full_bucket() {
        let mut buckets = Buckets::new(RATE, 8);
        assert_eq!(buckets.has(1, cost(1, 1), NOW), Ok(()));
        buckets.charge(1, cost(1, 1_500), NOW);
        assert_eq!(buckets.has(1, cost(1, 1), NOW), Err(5_010));
        buckets.charge(1, cost(0, u64::MAX), NOW);
        assert_eq!(buckets.has(1, cost(1, 1), NOW), Err(10_010));
        assert_eq!(buckets.has(1, cost(1, 1), later(10_010)), Ok(()));
    }

    #[test]
    fn however_many_come_so_many_are_kept_and_the_emptiest_are_not_forgotten() {
        let mut buckets = Buckets::new(RATE, 8);
        assert_eq!(buckets.take(0, cost(10, 0), NOW), Ok(()));
        for whose in 1..1_000 {
            assert_eq!(buckets.take(whose, cost(1, 0), NOW), Ok(()));
            assert!(buckets.known.len() <= 8);
            assert_eq!(buckets.take(0, cost(1, 0), NOW), Err(500), "{whose}");
        }
        assert_eq!(buckets.take(1_000, cost(1, 0), later(60_000)), Ok(()));
        assert!(buckets.known.len() <= 8);
    }
}
