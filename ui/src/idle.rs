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
    let touched_at = StoredValue::new(now());
    let touch = move || touched_at.set_value(now());
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
        if let Some((_, back)) = here
            && let Some(how) = left(back, touched_at.get_value(), now())
        {
            touch();
            leave(how);
        }
    };
    set_interval(look, LOOK);
}

/// How somebody leaves who has not touched the computer since.
fn left(back: Return, touched_at: Timestamp, now: Timestamp) -> Option<Leave> {
    if now.millis_since(touched_at) < IDLE_LOCK_MILLIS {
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
    fn only_a_while_without_a_touch_is_idle_and_no_clock_that_is_set_back() {
        let at = |millis| Timestamp(1_000_000_000 + millis);
        let left = |now| left(Return::ByPin, at(0), at(now));
        assert_eq!(left(IDLE_LOCK_MILLIS - 1), None);
        assert_eq!(left(IDLE_LOCK_MILLIS), Some(Leave::Lock));
        assert_eq!(left(-IDLE_LOCK_MILLIS), None);
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
            let idle = Timestamp(IDLE_LOCK_MILLIS);
            assert_eq!(left(back, Timestamp(0), idle), leave, "{back:?}");
        }
    }
}
