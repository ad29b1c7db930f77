//! Instants, the hybrid logical clock and the business date.

use crate::limits;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An instant, in milliseconds since the Unix epoch.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to `self`; zero when `earlier` is the later one.
    pub fn millis_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// Milliseconds between the two, whichever is the later one: also after a clock was set back.
    pub fn millis_apart(self, other: Timestamp) -> i64 {
        self.0.saturating_sub(other.0).saturating_abs()
    }
}

/// A reading of a hybrid logical clock: ordered like wall time, and never equal or backwards on
/// one device even when its wall clock is.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct HybridTime {
    pub wall: Timestamp,
    pub counter: u32,
}

/// The device's own clock state; `now` is always an argument.
#[derive(Clone, Copy, Debug, Default)]
pub struct HybridClock {
    last: HybridTime,
}

impl HybridClock {
    pub fn starting_at(last: HybridTime) -> Self {
        Self { last }
    }

    /// The next reading: later than every reading given or seen before.
    pub fn tick(&mut self, now: Timestamp) -> HybridTime {
        self.last = if now > self.last.wall {
            HybridTime {
                wall: now,
                counter: 0,
            }
        } else {
            HybridTime {
                wall: self.last.wall,
                counter: self.last.counter.saturating_add(1),
            }
        };
        self.last
    }

    /// Takes note of another device's reading, unless it lies so far ahead of `now` that
    /// following it would carry that device's wrong clock to everybody.
    pub fn observe(&mut self, seen: HybridTime, now: Timestamp) {
        let tolerated = now.0.saturating_add(limits::CLOCK_AHEAD_MILLIS);
        if seen > self.last && seen.wall.0 <= tolerated {
            self.last = seen;
        }
    }
}

/// How the event time of an action lies beside the server's own clock when it learned of that. It is
/// admitted all the same: a clock that is wrong takes nothing from anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockReading {
    Plausible,
    /// Further ahead than [`limits::CLOCK_AHEAD_MILLIS`]: the device's clock was wrong.
    Ahead,
    /// Further behind than [`limits::CLOCK_BEHIND_MILLIS`]: it was wrong, or waited for that long.
    Behind,
}

impl ClockReading {
    pub fn of(at: Timestamp, received_at: Timestamp) -> Self {
        if at.millis_since(received_at) > limits::CLOCK_AHEAD_MILLIS {
            Self::Ahead
        } else if received_at.millis_since(at) > limits::CLOCK_BEHIND_MILLIS {
            Self::Behind
        } else {
            Self::Plausible
        }
    }
}

/// The hotel's day, written as `2017-05-25`. The night audit moves it, not midnight.
///
/// Reading and writing are spelled out here: jiff's own parser and its messages would be a tenth
/// of the interface's download.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BusinessDate(pub jiff::civil::Date);

impl BusinessDate {
    /// The day so many days later, or earlier; the first or last day that can be written, when it
    /// is beyond them.
    pub fn plus_days(self, days: i32) -> Self {
        let moved = self.0.saturating_add(jiff::Span::new().days(days));
        Self(moved.max(jiff::civil::Date::ZERO))
    }

    /// Days from `earlier` to `self`; fewer than none when `earlier` is the later one.
    pub fn days_since(self, earlier: Self) -> i64 {
        let span = earlier.0.until(self.0).unwrap_or_default();
        i64::from(span.get_days())
    }
}

impl Default for BusinessDate {
    fn default() -> Self {
        Self(jiff::civil::Date::ZERO)
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(date) = self;
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

/// A text that is not a date like `2017-05-25`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a date like 2017-05-25")]
pub struct NotADate;

impl FromStr for BusinessDate {
    type Err = NotADate;
    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().ok_or(NotADate)?;
            if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(NotADate);
            }
            part.parse::<i16>().map_err(|_| NotADate)
        };
        let (year, month, day) = (number(4)?, number(2)? as i8, number(2)? as i8);
        if parts.next().is_some() {
            return Err(NotADate);
        }
        jiff::civil::Date::new(year, month, day)
            .map(Self)
            .map_err(|_| NotADate)
    }
}

impl From<BusinessDate> for String {
    fn from(date: BusinessDate) -> String {
        date.to_string()
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = NotADate;
    fn try_from(text: String) -> Result<Self, NotADate> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_taken_for_right_within_its_bounds() {
        let received = Timestamp(1_495_700_000_000);
        for (off, reading) in [
            (0, ClockReading::Plausible),
            (limits::CLOCK_AHEAD_MILLIS, ClockReading::Plausible),
            (limits::CLOCK_AHEAD_MILLIS + 1, ClockReading::Ahead),
            (-limits::CLOCK_BEHIND_MILLIS, ClockReading::Plausible),
            (-limits::CLOCK_BEHIND_MILLIS - 1, ClockReading::Behind),
        ] {
            let at = Timestamp(received.0 + off);
            assert_eq!(ClockReading::of(at, received), reading, "{off}");
        }
    }

    #[test]
    fn a_clock_set_back_still_gives_later_readings() {
        let mut clock = HybridClock::default();
        let first = clock.tick(Timestamp(2_000));
        let second = clock.tick(Timestamp(1_000));
        let third = clock.tick(Timestamp(1_001));
        assert!(first < second && second < third);
    }

    #[test]
    fn a_reading_far_in_the_future_is_not_followed() {
        let mut clock = HybridClock::default();
        let far = HybridTime {
            wall: Timestamp(limits::CLOCK_AHEAD_MILLIS + 1_001),
            counter: 0,
        };
        clock.observe(far, Timestamp(1_000));
        assert_eq!(clock.tick(Timestamp(1_000)).wall, Timestamp(1_000));
    }

    #[test]
    fn a_business_date_reads_back_as_it_was_written_and_nothing_else_is_one() {
        for text in ["2017-05-25", "2016-02-29", "0000-01-01"] {
            let date: BusinessDate = text.parse().unwrap();
            assert_eq!(date.to_string(), text);
            assert_eq!(date.to_string(), date.0.to_string());
        }
        for text in [
            "2017-5-25",
            "2017-02-29",
            "20170525",
            "2017-05-25T10:00",
            "+017-05-25",
            "",
        ] {
            assert_eq!(text.parse::<BusinessDate>(), Err(NotADate), "{text}");
        }
    }
}
