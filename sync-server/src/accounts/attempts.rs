//! Failed sign-ins in a row, and how long the next one has to wait.
//!
//! Kept in memory: it slows guessing down, and a restart forgives an honest person.

use super::AccountError;
use keyrack_model::{ids::HotelId, time::Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Tries that cost no waiting.
const FREE: u32 = 5;
/// The longest wait, in milliseconds.
const LONGEST: i64 = 60_000;
/// After so long without a try the failures are forgotten, in milliseconds.
const FORGOTTEN: i64 = 15 * 60 * 1_000;
/// Names kept; beyond it those whose wait is over are forgotten.
const KEPT: usize = 10_000;

#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<(HotelId, String), Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    until: Timestamp,
}

impl Attempts {
    /// Counts a try as failed until it succeeds.
    ///
    /// # Errors
    /// `TryLater` while the wait after earlier failures is not over.
    pub(super) fn begin(
        &self,
        hotel: HotelId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.retain(|_, failures| failures.until > now);
        }
        let failures = all.entry((hotel, name.to_owned())).or_insert(Failures {
            count: 0,
            until: now,
        });
        // A clock that was set back makes nobody wait longer.
        let longest = now.0.saturating_add(wait_after(failures.count));
        failures.until = failures.until.min(Timestamp(longest));
        if failures.until > now {
            let seconds = (failures.until.millis_since(now) + 999) / 1_000;
            return Err(AccountError::TryLater {
                seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            });
        }
        if now.millis_since(failures.until) >= FORGOTTEN {
            failures.count = 0;
        }
        failures.count += 1;
        failures.until = Timestamp(now.0.saturating_add(wait_after(failures.count)));
        Ok(())
    }

    pub(super) fn succeeded(&self, hotel: HotelId, name: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&(hotel, name.to_owned()));
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

    #[test]
    fn guessing_gets_slower_and_a_success_forgives() {
        let (attempts, hotel) = (Attempts::default(), identity::hotel("resort"));
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        for _ in 0..FREE {
            attempts.begin(hotel, "maria", at(0)).unwrap();
        }
        assert!(matches!(
            attempts.begin(hotel, "maria", at(0)),
            Err(AccountError::TryLater { seconds: 1 })
        ));
        attempts.begin(hotel, "joao", at(0)).unwrap();
        attempts.begin(hotel, "maria", at(2)).unwrap();
        assert!(attempts.begin(hotel, "maria", at(3)).is_err());
        attempts.begin(hotel, "maria", at(5)).unwrap();
        assert!(attempts.begin(hotel, "maria", at(6)).is_err());
        for _ in 0..FREE {
            attempts.begin(hotel, "maria", at(1_000)).unwrap();
        }
        assert!(attempts.begin(hotel, "maria", at(1_000)).is_err());
        attempts.begin(hotel, "maria", at(1_005)).unwrap();
        attempts.succeeded(hotel, "maria");
        attempts.begin(hotel, "maria", at(1_005)).unwrap();
    }

    #[test]
    fn a_clock_that_is_set_back_lengthens_no_wait() {
        let (attempts, hotel) = (Attempts::default(), identity::hotel("resort"));
        let tomorrow = Timestamp(24 * 60 * 60 * 1_000);
        attempts.begin(hotel, "maria", tomorrow).unwrap();
        attempts.begin(hotel, "maria", Timestamp(0)).unwrap();
        for _ in 0..FREE {
            attempts.begin(hotel, "joao", tomorrow).unwrap();
        }
        assert!(matches!(
            attempts.begin(hotel, "joao", Timestamp(0)),
            Err(AccountError::TryLater { seconds: 1 })
        ));
    }
}
