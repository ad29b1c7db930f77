//! What failed because somebody might not, counted until the audit log tells of it: sign-ins, those that
//! were turned away on a device, and what people asked for who have no right to it.
//!
//! Kept in memory: a restart forgets at most the failures of a minute.
//!
//! **Architecture Invariant**: the log tells of failures of one person or device, and of names that nobody
//! of a hotel has, at most once a minute each: guessing fills no disk.

use keyrack_model::{
    ids::HotelId,
    limits::{AUDIT_FAILED_KEPT, AUDIT_FAILED_MILLIS},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Failures of one kind, by whose they are. Clones share it.
#[derive(Clone)]
pub(crate) struct Failed<W>(Arc<Mutex<HashMap<(HotelId, W), Counted>>>);

impl<W> Default for Failed<W> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[derive(Clone, Copy)]
struct Counted {
    told_at: Timestamp,
    /// Since then.
    untold: u64,
}

impl<W: Copy + Eq + Hash> Failed<W> {
    /// Counts one more. Those that the log is to tell of at once, when it is time to.
    pub(crate) fn count(&self, hotel: HotelId, whose: W, now: Timestamp) -> Option<Untold<W>> {
        let whose = (hotel, whose);
        let mut all = self.all();
        if all.len() >= AUDIT_FAILED_KEPT {
            all.retain(|_, counted| counted.untold > 0 || !is_time(counted.told_at, now));
        }
        let known = all.get_mut(&whose).map(|counted| {
            counted.untold = counted.untold.saturating_add(1);
            is_time(counted.told_at, now).then(|| std::mem::take(&mut counted.untold))
        });
        // Nobody has heard of the first.
        let count = known.unwrap_or(Some(1))?;
        let told = Counted {
            told_at: now,
            untold: 0,
        };
        all.insert(whose, told);
        drop(all);
        Some(Untold {
            all: self.clone(),
            whose,
            told_at: now,
            count,
        })
    }

    /// Somebody's that are untold, for whoever tells of them together with what came after them.
    pub(crate) fn take(&self, hotel: HotelId, whose: W) -> Option<Untold<W>> {
        let whose = (hotel, whose);
        let mut all = self.all();
        let counted = all.get_mut(&whose)?;
        let count = std::mem::take(&mut counted.untold);
        let told_at = counted.told_at;
        drop(all);
        (count > 0).then(|| Untold {
            all: self.clone(),
            whose,
            told_at,
            count,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(HotelId, W), Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Failures that somebody is about to tell of. Dropped before that, because the log could not be
/// written, they are untold as before.
pub(crate) struct Untold<W: Copy + Eq + Hash> {
    all: Failed<W>,
    whose: (HotelId, W),
    told_at: Timestamp,
    count: u64,
}

impl<W: Copy + Eq + Hash> Untold<W> {
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// They are in the log.
    pub(crate) fn told(mut self) {
        self.count = 0;
    }
}

impl<W: Copy + Eq + Hash> Drop for Untold<W> {
    fn drop(&mut self) {
        if self.count == 0 {
            return;
        }
        let mut all = self.all.all();
        let counted = all.entry(self.whose).or_insert(Counted {
            told_at: self.told_at,
            untold: 0,
        });
        counted.untold = counted.untold.saturating_add(self.count);
    }
}

/// A clock that was set back holds nothing up.
fn is_time(told_at: Timestamp, now: Timestamp) -> bool {
    now.millis_apart(told_at) >= AUDIT_FAILED_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{identity, ids::UserId};
    use uuid::Uuid;

    /// How many the log tells of.
    fn tell(untold: Option<Untold<Option<UserId>>>) -> Option<u64> {
        untold.map(|untold| {
            let count = untold.count();
            untold.told();
            count
        })
    }

    #[test]
    fn what_the_log_could_not_be_told_is_told_a_minute_later() {
        let failed = Failed::default();
        let hotel = identity::hotel("resort");
        for person in [None, Some(UserId(Uuid::from_u128(1)))] {
            let count = |at| failed.count(hotel, person, Timestamp(at));
            // The database is down.
            drop(count(0));
            assert_eq!(tell(count(1)), None);
            drop(count(AUDIT_FAILED_MILLIS));
            assert_eq!(tell(count(2 * AUDIT_FAILED_MILLIS)), Some(4));
        }
    }

    #[test]
    fn the_log_is_told_once_a_minute_and_of_all_that_failed_meanwhile() {
        let failed = Failed::default();
        let hotel = identity::hotel("resort");
        let maria = UserId(Uuid::from_u128(1));
        let count = |person, at| tell(failed.count(hotel, person, Timestamp(at)));
        assert_eq!(count(Some(maria), 0), Some(1));
        for at in 1..100 {
            assert_eq!(count(Some(maria), at), None);
        }
        assert_eq!(count(None, 50), Some(1));
        assert_eq!(count(Some(maria), AUDIT_FAILED_MILLIS), Some(100));
        assert!(failed.take(hotel, Some(maria)).is_none());
        assert_eq!(count(Some(maria), AUDIT_FAILED_MILLIS + 1), None);
        let untold = failed.take(hotel, Some(maria)).unwrap();
        assert_eq!(untold.count(), 1);
        untold.told();
        assert!(failed.take(hotel, Some(maria)).is_none());
    }

    #[test]
    fn what_was_not_told_after_all_is_told_with_what_comes_next() {
        let failed = Failed::default();
        let hotel = identity::hotel("resort");
        let maria = UserId(Uuid::from_u128(1));
        for at in 0..3 {
            tell(failed.count(hotel, Some(maria), Timestamp(at)));
        }
        let untold = failed.take(hotel, Some(maria)).unwrap();
        assert!(failed.count(hotel, Some(maria), Timestamp(3)).is_none());
        drop(untold);
        assert_eq!(
            failed.take(hotel, Some(maria)).map(|untold| untold.count()),
            Some(3)
        );
        let later = Timestamp(AUDIT_FAILED_MILLIS);
        assert_eq!(tell(failed.count(hotel, Some(maria), later)), Some(4));
    }

    #[test]
    fn whoever_is_guessed_at_from_everywhere_is_remembered_and_others_are_forgotten() {
        let failed = Failed::default();
        let person = |number| Some(UserId(Uuid::from_u128(number)));
        let hotel = identity::hotel("resort");
        for number in 0..AUDIT_FAILED_KEPT as u128 {
            tell(failed.count(hotel, person(number), Timestamp(0)));
        }
        tell(failed.count(hotel, person(0), Timestamp(1)));
        tell(failed.count(hotel, None, Timestamp(AUDIT_FAILED_MILLIS)));
        assert_eq!(failed.all().len(), 2);
    }
}
