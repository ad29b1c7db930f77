//! A computer that nobody touches is left to the next person.

use keyrack_model::{ids::UserId, limits::IDLE_LOCK_MILLIS, time::Timestamp};
use leptos::{ev, prelude::*};
use std::time::Duration;

const LOOK: Duration = Duration::from_secs(5);

/// Who is at the window, and how they come back to it.
pub type Here = Option<(UserId, Return)>;

/// How somebody comes back to a computer that they have left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Return {
    /// With or without the server: their session waits.
    ByPin,
    /// Their session ends, and they sign in.
    ByPassword,
    /// They would need the server, which cannot be reached: they are not sent away.
    NotNow,
}

impl Return {
    pub fn of(has_pin: bool, is_offline: bool) -> Self {
        if has_pin {
            Self::ByPin
        } else if is_offline {
            Self::NotNow
        } else {
            Self::ByPassword
        }
    }
}

/// What is done with the session of somebody who is left no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leave {
    Lock,
    SignOut,
}

/// Notes what the person touches, and looks from time to time; `leave` leaves the computer.
pub fn watch(
    now: impl Fn() -> Timestamp + Copy + 'static,
    here: impl Fn() -> Here + 'static,
    leave: impl Fn(Leave) + 'static,
) {
    let last_touch = StoredValue::new(LastTouch::at(now()));
    let touch = move || last_touch.set_value(LastTouch::at(now()));
    window_event_listener(ev::pointerdown, move |_| touch());
    window_event_listener(ev::pointermove, move |_| touch());
    window_event_listener(ev::keydown, move |_| touch());
    window_event_listener(ev::wheel, move |_| touch());
    let before = StoredValue::new(None);
    let look = move || {
        let here = untrack(&here);
        let me = here.map(|(me, _)| me);
        // Whoever has just come has touched it.
        if before.get_value() != me {
            before.set_value(me);
            touch();
        }
        let idle = last_touch.try_update_value(|touch| touch.idle_millis(now()));
        if let Some((_, back)) = here
            && let Some(how) = left(back, idle.unwrap_or_default())
        {
            touch();
            leave(how);
        }
    };
    set_interval(look, LOOK);
}

/// When somebody touched the computer last, by a clock that may be set meanwhile.
#[derive(Clone, Copy)]
struct LastTouch {
    at: Timestamp,
    looked_at: Timestamp,
}

impl LastTouch {
    fn at(now: Timestamp) -> Self {
        Self {
            at: now,
            looked_at: now,
        }
    }

    /// How long ago that was. What a clock is set back by does not count: it goes back with it.
    fn idle_millis(&mut self, now: Timestamp) -> i64 {
        let set_back = self.looked_at.millis_since(now).max(0);
        self.at = Timestamp(self.at.0 - set_back);
        self.looked_at = now;
        now.millis_since(self.at)
    }
}

/// How somebody leaves who has not touched the computer for so long.
fn left(back: Return, idle_millis: i64) -> Option<Leave> {
    if idle_millis < IDLE_LOCK_MILLIS {
        return None;
    }
    match back {
        Return::ByPin => Some(Leave::Lock),
        Return::ByPassword => Some(Leave::SignOut),
        Return::NotNow => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_without_a_touch_is_idle_whatever_the_clock_is_set_back_to() {
        let at = |millis| Timestamp(1_000_000_000 + millis);
        let left = |looks: &[i64]| {
            let mut touch = LastTouch::at(at(0));
            let idle = looks.iter().map(|look| touch.idle_millis(at(*look)));
            left(Return::ByPin, idle.last().unwrap_or_default())
        };
        let half = IDLE_LOCK_MILLIS / 2;
        assert_eq!(left(&[IDLE_LOCK_MILLIS - 1]), None);
        assert_eq!(left(&[half, IDLE_LOCK_MILLIS]), Some(Leave::Lock));
        // Set back by an hour in the middle of it.
        let hour = 60 * 60 * 1_000;
        assert_eq!(left(&[half, half - hour]), None);
        let ends = IDLE_LOCK_MILLIS - hour;
        assert_eq!(left(&[half, half - hour, ends - 1]), None);
        assert_eq!(left(&[half, half - hour, ends]), Some(Leave::Lock));
    }

    #[test]
    fn whoever_has_no_pin_comes_back_by_password_where_the_server_is_there_for_it() {
        for (has_pin, is_offline, leave) in [
            (true, false, Some(Leave::Lock)),
            (true, true, Some(Leave::Lock)),
            (false, false, Some(Leave::SignOut)),
            (false, true, None),
        ] {
            let back = Return::of(has_pin, is_offline);
            assert_eq!(left(back, IDLE_LOCK_MILLIS), leave, "{back:?}");
        }
    }
}
