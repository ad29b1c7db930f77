//! Failed sign-ins in a row, and how long the next one has to wait.
//!
//! Kept in memory: it slows guessing down, and a restart forgives an honest person.
//!
//! **Architecture Invariant**: a try counts once its password was found wrong, and one whose password
//! is still looked at takes the place of one that was: guesses at once are no more than one after
//! another.

use super::AccountError;
use keyrack_model::{ids::HotelId, time::Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Tries that cost no waiting.
const FREE: u32 = 5;
/// The longest wait, in milliseconds.
const LONGEST: i64 = 60_000;
/// After so long without a try the failures are forgotten, in milliseconds.
const FORGOTTEN: i64 = 15 * 60 * 1_000;
/// Names kept; beyond it those whose wait is over are forgotten.
const KEPT: usize = 10_000;

/// Clones share it.
#[derive(Clone, Default)]
pub(super) struct Attempts(Arc<Mutex<HashMap<Who, Tries>>>);

type Who = (HotelId, String);

#[derive(Clone, Copy)]
struct Tries {
    failed: u32,
    /// Whose password is not checked yet.
    under_way: u32,
    /// When the next may begin.
    until: Timestamp,
}

/// A try under way. Dropped without a verdict, it was none.
pub(super) struct Attempt {
    all: Attempts,
    who: Who,
    began: Timestamp,
}

impl Attempts {
    /// # Errors
    /// `TryLater` while the wait after earlier failures is not over, and while those that are under
    /// way may be the last that cost none.
    pub(super) fn begin(
        &self,
        hotel: HotelId,
        name: &str,
        now: Timestamp,
    ) -> Result<Attempt, AccountError> {
        let who = (hotel, name.to_owned());
        let mut all = self.all();
        if all.len() >= KEPT {
            all.retain(|_, tries| tries.until > now || tries.under_way > 0);
        }
        let tries = all.entry(who.clone()).or_insert(Tries {
            failed: 0,
            under_way: 0,
            until: now,
        });
        // A clock that was set back makes nobody wait longer.
        let longest = now.0.saturating_add(wait_after(tries.failed));
        tries.until = tries.until.min(Timestamp(longest));
        if tries.until > now {
            let seconds = (tries.until.millis_since(now) + 999) / 1_000;
            return Err(AccountError::TryLater {
                seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            });
        }
        if now.millis_since(tries.until) >= FORGOTTEN {
            tries.failed = 0;
        }
        if tries.under_way > 0 && tries.failed.saturating_add(tries.under_way) >= FREE {
            return Err(AccountError::TryLater { seconds: 1 });
        }
        tries.under_way += 1;
        drop(all);
        Ok(Attempt {
            all: self.clone(),
            who,
            began: now,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Who, Tries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// The password was wrong.
    pub(super) fn failed(self) {
        if let Some(tries) = self.all.all().get_mut(&self.who) {
            tries.failed = tries.failed.saturating_add(1);
            let until = self.began.0.saturating_add(wait_after(tries.failed));
            tries.until = tries.until.max(Timestamp(until));
        }
    }

    /// The password was right, and forgives what was wrong before.
    pub(super) fn succeeded(self) {
        if let Some(tries) = self.all.all().get_mut(&self.who) {
            tries.failed = 0;
            tries.until = self.began;
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut all = self.all.all();
        let Some(tries) = all.get_mut(&self.who) else {
            return;
        };
        tries.under_way = tries.under_way.saturating_sub(1);
        if tries.under_way == 0 && tries.failed == 0 {
            all.remove(&self.who);
        }
    }
}

fn wait_after(count: u32) -> i64 {
    match count.checked_sub(FREE) {
        None => 0,
        Some(more) => (1_000_i64 << more.min(10)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;

    /// Attempts at one hotel.
    struct Door(Attempts);

    impl Door {
        fn begin(&self, name: &str, seconds: i64) -> Result<Attempt, AccountError> {
            let now = Timestamp(seconds * 1_000);
            self.0.begin(identity::hotel("resort"), name, now)
        }

        #[track_caller]
        fn fail(&self, name: &str, seconds: i64) {
            self.begin(name, seconds).unwrap().failed();
        }

        #[track_caller]
        fn waits(&self, name: &str, at: i64, wait: u32) {
            match self.begin(name, at) {
                Err(AccountError::TryLater { seconds }) => assert_eq!(seconds, wait),
                Err(other) => panic!("{other}"),
                Ok(_) => panic!("it does not wait"),
            }
        }
    }

    #[test]
    fn guessing_gets_slower_and_a_success_forgives() {
        let door = Door(Attempts::default());
        for _ in 0..FREE {
            door.fail("maria", 0);
        }
        door.waits("maria", 0, 1);
        door.fail("joao", 0);
        door.fail("maria", 2);
        door.waits("maria", 3, 1);
        door.fail("maria", 5);
        door.waits("maria", 6, 3);
        for _ in 0..FREE {
            door.fail("maria", 1_000);
        }
        door.waits("maria", 1_000, 1);
        door.begin("maria", 1_005).unwrap().succeeded();
        for _ in 0..FREE {
            door.fail("maria", 1_005);
        }
        door.waits("maria", 1_005, 1);
    }

    #[test]
    fn guesses_at_once_are_no_more_than_those_that_cost_no_waiting() {
        let door = Door(Attempts::default());
        door.fail("maria", 0);
        let at_once: Vec<_> = (0..200)
            .filter_map(|_| door.begin("maria", 0).ok())
            .collect();
        assert_eq!(at_once.len(), FREE as usize - 1);
        for attempt in at_once {
            attempt.failed();
        }
        door.waits("maria", 0, 1);
        // After that, one at a time.
        let one = door.begin("maria", 1).unwrap();
        door.waits("maria", 1, 1);
        one.failed();
        door.waits("maria", 1, 2);
    }

    #[test]
    fn what_was_broken_off_does_not_count_and_is_not_remembered() {
        let door = Door(Attempts::default());
        for _ in 0..20 {
            drop(door.begin("maria", 0).unwrap());
        }
        assert!(door.0.all().is_empty());
        door.fail("maria", 0);
        drop(door.begin("maria", 0).unwrap());
        for _ in 1..FREE {
            door.fail("maria", 0);
        }
        door.waits("maria", 0, 1);
    }

    #[test]
    fn a_clock_that_is_set_back_lengthens_no_wait() {
        let door = Door(Attempts::default());
        let tomorrow = 24 * 60 * 60;
        door.fail("maria", tomorrow);
        door.fail("maria", 0);
        for _ in 0..FREE {
            door.fail("joao", tomorrow);
        }
        door.waits("joao", 0, 1);
    }
}
