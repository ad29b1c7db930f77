//! One press, one deed: the second click of a double click, or what a held key repeats, may land on
//! whatever has come to lie there meanwhile.

use leptos::{ev, prelude::window_event_listener};
use std::cell::Cell;
use web_sys::MouseEvent;

/// A second click this soon, in milliseconds, and this close, in pixels, is no second wish.
const ECHO_MILLIS: f64 = 500.0;
const ECHO_PIXELS: i32 = 8;

/// When and where somebody clicked.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Press {
    at: f64,
    place: (i32, i32),
}

/// The last click and the one before it, whatever they were on.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Presses {
    last: Option<Press>,
    before: Option<Press>,
}

thread_local! {
    static PRESSES: Cell<Presses> = const { Cell::new(Presses { last: None, before: None }) };
}

/// Takes note of every click: between two on one thing there may be one on another.
pub fn listen() {
    window_event_listener(ev::click, |event| {
        note(&event);
    });
}

/// What a click does. As one type for all of them: each type of handler is downloaded by itself.
pub fn click(does: impl FnMut(MouseEvent) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(does)
}

/// Whether a click is the echo of the one before.
pub fn is_echo(event: &MouseEvent) -> bool {
    let Presses { last, before } = note(event);
    // A key's click has no count. What a held key repeats does not come this far.
    event.detail() != 0
        && last
            .zip(before)
            .is_some_and(|(last, before)| last.echoes(before))
}

fn note(event: &MouseEvent) -> Presses {
    let press = Press {
        at: event.time_stamp(),
        place: (event.screen_x(), event.screen_y()),
    };
    let presses = PRESSES.get().with(press);
    PRESSES.set(presses);
    presses
}

impl Presses {
    /// Of one click several may take note.
    fn with(self, press: Press) -> Self {
        if self.last == Some(press) {
            return self;
        }
        Self {
            last: Some(press),
            before: self.last,
        }
    }
}

impl Press {
    fn echoes(self, last: Self) -> bool {
        let ((x, y), (last_x, last_y)) = (self.place, last.place);
        let is_close = (x - last_x).abs().max((y - last_y).abs()) <= ECHO_PIXELS;
        is_close && self.at - last.at < ECHO_MILLIS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_follows_at_once_in_the_same_place_is_an_echo() {
        let press = |at, x, y| Press { at, place: (x, y) };
        let first = press(1_000.0, 200, 300);
        for (next, expected) in [
            (press(1_180.0, 203, 299), true),
            (press(1_180.0, 200, 340), false),
            (press(1_180.0, 260, 300), false),
            (press(1_600.0, 200, 300), false),
        ] {
            assert_eq!(next.echoes(first), expected, "{next:?}");
        }
    }

    #[test]
    fn a_click_elsewhere_in_between_is_a_wish_and_so_is_what_follows_it() {
        let press = |at, x| Press {
            at,
            place: (x, 300),
        };
        let (tile, elsewhere, again) =
            (press(1_000.0, 200), press(1_200.0, 20), press(1_400.0, 200));
        let presses = Presses::default().with(tile).with(elsewhere).with(again);
        assert!(again.echoes(tile));
        assert_eq!(presses.before, Some(elsewhere));
        assert_eq!(presses.with(again), presses, "one click is noted once");
    }
}
