//! What failed because somebody might not, counted until the audit log tells of it: sign-ins, and what
//! people asked for who have no right to it.
//!
//! Kept in memory: a restart forgets at most the failures of a minute.
//!
//! **Architecture Invariant**: the log tells of failures of one person, and of names that nobody of a
//! hotel has, at most once a minute each: guessing fills no disk.

use keyrack_model::{
    ids::{HotelId, UserId},
    limits::{AUDIT_FAILED_KEPT, AUDIT_FAILED_MILLIS},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Failures of one kind. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Failed(Arc<Mutex<HashMap<Whose, Counted>>>);

/// Nobody, where nobody has the name.
type Whose = (HotelId, Option<UserId>);

#[derive(Clone, Copy)]
struct Counted {
    told_at: Timestamp,
    /// Since then.
    untold: u64,
}

impl Failed {
    /// Counts one more. How many the log is to tell of at once, when it is time to.
    pub(crate) fn count(
        &self,
        hotel: HotelId,
        person: Option<UserId>,
        now: Timestamp,
    ) -> Option<u64> {
        let mut all = self.all();
        if all.len() >= AUDIT_FAILED_KEPT {
            all.retain(|_, counted| counted.untold > 0 || !is_time(counted.told_at, now));
        }
        let Some(counted) = all.get_mut(&(hotel, person)) else {
            let told = Counted {
                told_at: now,
                untold: 0,
            };
            all.insert((hotel, person), told);
            return Some(1);
        };
        counted.untold = counted.untold.saturating_add(1);
        if !is_time(counted.told_at, now) {
            return None;
        }
        counted.told_at = now;
        Some(std::mem::take(&mut counted.untold))
    }

    /// How many of somebody's are untold, for whoever is told of what came after them. They count as
    /// told from here on.
    pub(crate) fn take(&self, hotel: HotelId, person: UserId) -> Option<u64> {
        let mut all = self.all();
        let counted = all.get_mut(&(hotel, Some(person)))?;
        let untold = std::mem::take(&mut counted.untold);
        (untold > 0).then_some(untold)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Whose, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that was set back holds nothing up.
fn is_time(told_at: Timestamp, now: Timestamp) -> bool {
    now.millis_since(told_at).abs() >= AUDIT_FAILED_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use uuid::Uuid;

    #[test]
    fn the_log_is_told_once_a_minute_and_of_all_that_failed_meanwhile() {
        let failed = Failed::default();
        let hotel = identity::hotel("resort");
        let maria = UserId(Uuid::from_u128(1));
        let count = |person, at| failed.count(hotel, person, Timestamp(at));
        assert_eq!(count(Some(maria), 0), Some(1));
        for at in 1..100 {
            assert_eq!(count(Some(maria), at), None);
        }
        assert_eq!(count(None, 50), Some(1));
        assert_eq!(count(Some(maria), AUDIT_FAILED_MILLIS), Some(100));
        assert_eq!(failed.take(hotel, maria), None);
        assert_eq!(count(Some(maria), AUDIT_FAILED_MILLIS + 1), None);
        assert_eq!(failed.take(hotel, maria), Some(1));
        assert_eq!(failed.take(hotel, maria), None);
    }

    #[test]
    fn whoever_is_guessed_at_from_everywhere_is_remembered_and_others_are_forgotten() {
        let failed = Failed::default();
        let person = |number| Some(UserId(Uuid::from_u128(number)));
        let hotel = identity::hotel("resort");
        for number in 0..AUDIT_FAILED_KEPT as u128 {
            failed.count(hotel, person(number), Timestamp(0));
        }
        failed.count(hotel, person(0), Timestamp(1));
        failed.count(hotel, None, Timestamp(AUDIT_FAILED_MILLIS));
        assert_eq!(failed.all().len(), 2);
    }
}
