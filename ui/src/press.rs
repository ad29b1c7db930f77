//! One press, one deed: the second click of a double click, or what a held key repeats, may land on
//! whatever has come to lie there meanwhile.

use std::cell::Cell;
use web_sys::MouseEvent;

/// A second click this soon, in milliseconds, and this close, in pixels, is no second wish.
const ECHO_MILLIS: f64 = 500.0;
const ECHO_PIXELS: i32 = 8;

/// When and where somebody clicked; a click that a key makes is nowhere.
#[derive(Clone, Copy, Debug)]
struct Press {
    at: f64,
    place: (i32, i32),
}

thread_local! {
    static LAST: Cell<Option<Press>> = const { Cell::new(None) };
}

/// What a click does. As one type for all of them: each type of handler is downloaded by itself.
pub fn click(does: impl FnMut(MouseEvent) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(does)
}

/// Whether a click is the echo of the one before.
pub fn is_echo(event: &MouseEvent) -> bool {
    // A key's click has no count. What a held key repeats does not come this far.
    if event.detail() == 0 {
        return false;
    }
    let press = Press {
        at: event.time_stamp(),
        place: (event.screen_x(), event.screen_y()),
    };
    let last = LAST.replace(Some(press));
    last.is_some_and(|last| press.echoes(last))
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
}
