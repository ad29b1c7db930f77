//! A computer that nobody touches is left to the next person, where its person has a PIN.

use keyrack_model::{ids::UserId, limits::IDLE_LOCK_MILLIS, time::Timestamp};
use leptos::{ev, prelude::*};
use std::time::Duration;

const LOOK: Duration = Duration::from_secs(5);

/// Who is at the window, and whether they go on by PIN after leaving it.
pub type Here = Option<(UserId, bool)>;

/// Notes what the person touches, and looks from time to time; `lock` leaves the computer.
pub fn watch(
    now: impl Fn() -> Timestamp + Copy + 'static,
    here: impl Fn() -> Here + 'static,
    lock: impl Fn() + 'static,
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
        let has_pin = here.is_some_and(|(_, has_pin)| has_pin);
        if has_pin && is_idle(touched_at.get_value(), now()) {
            touch();
            lock();
        }
    };
    set_interval(look, LOOK);
}

fn is_idle(touched_at: Timestamp, now: Timestamp) -> bool {
    now.millis_since(touched_at) >= IDLE_LOCK_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_while_without_a_touch_is_idle_and_no_clock_that_is_set_back() {
        let at = |millis| Timestamp(1_000_000_000 + millis);
        assert!(!is_idle(at(0), at(IDLE_LOCK_MILLIS - 1)));
        assert!(is_idle(at(0), at(IDLE_LOCK_MILLIS)));
        assert!(!is_idle(at(0), at(-IDLE_LOCK_MILLIS)));
    }
}
