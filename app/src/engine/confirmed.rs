//! When whoever is here last showed the server their password.
//!
//! **Architecture Invariant**: neither a clock that was set back nor a computer that slept lengthens it.

use crate::clock;
use keyrack_model::{limits::CONFIRMED_MILLIS, time::Timestamp};
use std::time::{Duration, Instant};

/// A moment by both clocks: one can be set, the other rests with the computer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confirmed {
    at: Timestamp,
    since: Instant,
}

impl Confirmed {
    pub(super) fn now() -> Self {
        Self {
            at: clock::now(),
            since: Instant::now(),
        }
    }

    pub(super) fn is_recent(self) -> bool {
        is_recent(clock::now().millis_since(self.at), self.since.elapsed())
    }
}

fn is_recent(by_the_clock: i64, running: Duration) -> bool {
    let longest = Duration::from_millis(CONFIRMED_MILLIS.unsigned_abs());
    (0..=CONFIRMED_MILLIS).contains(&by_the_clock) && running <= longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_was_shown_a_moment_ago_by_both_clocks_or_it_was_not() {
        let longest = CONFIRMED_MILLIS.unsigned_abs();
        for (by_the_clock, running, recent) in [
            (0, 0, true),
            (CONFIRMED_MILLIS, longest, true),
            (CONFIRMED_MILLIS + 1, 0, false),
            (0, longest + 1, false),
            (-1, 0, false),
        ] {
            let running = Duration::from_millis(running);
            assert_eq!(is_recent(by_the_clock, running), recent, "{by_the_clock}");
        }
    }
}
