//! PINs: what one may be, and how long a wrong one makes the next try wait.
//!
//! A PIN opens a session on one device alone, together with that device's own secret, and ten
//! tries are all there are: it keeps colleagues apart who share a computer.

use crate::{
    limits::{MAX_PIN, MIN_PIN},
    time::Timestamp,
};

/// Wrong PINs in a row that cost no waiting.
pub const FREE_TRIES: u32 = 5;
/// Wrong PINs in a row after which the session is gone from the device.
pub const MAX_TRIES: u32 = 10;
/// The first wait; each further one is twice as long.
const FIRST_WAIT_MILLIS: i64 = 30_000;

/// Whether a PIN is neither too short nor too long, nor one that everybody tries first: a digit or
/// a few that repeat, or a row.
pub fn is_fit(pin: &str) -> bool {
    let digits: Vec<i8> = pin
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| (digit - b'0').cast_signed())
        .collect();
    let is_of_digits = digits.len() == pin.len();
    is_of_digits && (MIN_PIN..=MAX_PIN).contains(&digits.len()) && !is_pattern(&digits)
}

fn is_pattern(digits: &[i8]) -> bool {
    let repeats = |period: usize| {
        digits
            .iter()
            .skip(period)
            .eq(&digits[..digits.len() - period])
    };
    let steps = |step: i8| digits.windows(2).all(|pair| pair[1] - pair[0] == step);
    (1..=3).any(repeats) || steps(1) || steps(-1)
}

/// Until when no PIN is tried after so many wrong ones, of which the last was tried at a time; None
/// when the next try costs no waiting.
pub fn waits_until(wrong: u32, tried_at: Timestamp) -> Option<Timestamp> {
    let wait = wait_millis(wrong, tried_at, tried_at);
    (wait > 0).then(|| Timestamp(tried_at.0.saturating_add(wait)))
}

/// Milliseconds until a PIN may be tried after so many wrong ones, of which the last was tried at a
/// time; 0 when it may be tried at once. A clock that was set back makes nobody wait longer than
/// the whole wait.
pub fn wait_millis(wrong: u32, tried_at: Timestamp, now: Timestamp) -> i64 {
    let Some(further) = wrong.checked_sub(FREE_TRIES) else {
        return 0;
    };
    let wait = FIRST_WAIT_MILLIS << further.min(MAX_TRIES);
    let since = now.millis_since(tried_at).max(0);
    (wait - since).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_that_everybody_tries_first_is_not_fit() {
        for fit in ["274950", "100200", "19830417", "112358", "135790246813"] {
            assert!(is_fit(fit), "{fit}");
        }
        for unfit in [
            "",
            "27495",
            "1352469753104",
            "27495a",
            "27 950",
            "２７４９５０",
            "000000",
            "121212",
            "123123",
            "123456",
            "654321",
            "3456789",
        ] {
            assert!(!is_fit(unfit), "{unfit}");
        }
    }

    #[test]
    fn guessing_gets_slower_whatever_the_clock_is_set_to() {
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        for (wrong, tried_at, now, wait) in [
            (0, at(0), at(0), 0),
            (4, at(100), at(100), 0),
            (5, at(100), at(100), 30),
            (5, at(100), at(129), 1),
            (5, at(100), at(130), 0),
            (6, at(100), at(100), 60),
            (9, at(100), at(100), 480),
            // Set back a year, it is the whole wait and no more.
            (6, at(31_536_000), at(0), 60),
            (6, at(0), at(31_536_000), 0),
            (u32::MAX, at(0), at(0), 30_720),
        ] {
            assert_eq!(wait_millis(wrong, tried_at, now), wait * 1_000, "{wrong}");
        }
    }

    #[test]
    fn the_end_of_a_wait_is_known_when_it_begins() {
        let tried_at = Timestamp(7_000);
        assert_eq!(waits_until(FREE_TRIES - 1, tried_at), None);
        assert_eq!(waits_until(FREE_TRIES, tried_at), Some(Timestamp(37_000)));
        let end = waits_until(FREE_TRIES + 1, tried_at).unwrap();
        assert_eq!(wait_millis(FREE_TRIES + 1, tried_at, end), 0);
    }
}
