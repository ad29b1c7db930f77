//! Times and dates in words, on the local clock.

use crate::catalogue::{t, t_count, t_with};
use jiff::civil::DateTime;
use keyrack_model::time::{BusinessDate, Timestamp};

const MINUTE: i64 = 60_000;

/// How far the local clock is from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LocalClock {
    pub utc_offset_minutes: i32,
}

impl LocalClock {
    /// `14:05`.
    pub fn time(self, at: Timestamp) -> String {
        let local = self.civil(at);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// The time alone for the day of `now`, with the day for others.
    pub fn moment(self, at: Timestamp, now: Timestamp) -> String {
        let local = self.civil(at);
        let time = self.time(at);
        if local.date() == self.civil(now).date() {
            return time;
        }
        t_with(
            "moment.other-day",
            &[
                ("day", &local.day().to_string()),
                ("month", month(local.month())),
                ("time", &time),
            ],
        )
    }

    /// `Thu 25 May 2017, 14:05`.
    pub fn in_full(self, at: Timestamp) -> String {
        let date = long_date(BusinessDate(self.civil(at).date()));
        t_with(
            "moment.in-full",
            &[("date", &date), ("time", &self.time(at))],
        )
    }

    fn civil(self, at: Timestamp) -> DateTime {
        let local =
            at.0.saturating_add(i64::from(self.utc_offset_minutes) * MINUTE);
        let instant = jiff::Timestamp::from_millisecond(local).unwrap_or_default();
        jiff::tz::Offset::UTC.to_datetime(instant)
    }
}

/// `Thu 25 May 2017`.
pub fn long_date(date: BusinessDate) -> String {
    t_with(
        "date.long",
        &[
            ("weekday", weekday(date)),
            ("day", &date.0.day().to_string()),
            ("month", month(date.0.month())),
            ("year", &date.0.year().to_string()),
        ],
    )
}

/// `Thu`.
pub fn weekday(date: BusinessDate) -> &'static str {
    t(&format!(
        "weekday.{}",
        date.0.weekday().to_monday_one_offset()
    ))
}

/// `25 May`.
pub fn short_date(date: BusinessDate) -> String {
    t_with(
        "date.short",
        &[
            ("day", &date.0.day().to_string()),
            ("month", month(date.0.month())),
        ],
    )
}

/// A running timer: `4:07`, `1:12:30`.
pub fn timer(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// `28 min`.
pub fn minutes(millis: i64) -> String {
    t_with("minutes", &[("n", &(millis.max(0) / MINUTE).to_string())])
}

/// How long, coarsely: `12 min`, `3 h`, `2 days`.
pub fn span(millis: i64) -> String {
    let passed = millis.max(0) / MINUTE;
    match passed {
        0..60 => minutes(millis),
        60..1_440 => t_with("hours", &[("n", &(passed / 60).to_string())]),
        _ => t_count("days", usize::try_from(passed / 1_440).unwrap_or_default()),
    }
}

/// How long ago, coarsely: `just now`, `12 min ago`, `3 h ago`, `2 days ago`.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.millis_since(at) / MINUTE;
    let number = |n: i64| usize::try_from(n).unwrap_or_default();
    match minutes {
        0 => t("ago.now").to_owned(),
        1..60 => t_with("ago.minutes", &[("n", &minutes.to_string())]),
        60..1_440 => t_with("ago.hours", &[("n", &(minutes / 60).to_string())]),
        _ => t_count("ago.days", number(minutes / 1_440)),
    }
}

fn month(number: i8) -> &'static str {
    t(&format!("month.{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2017-05-25T12:05:00Z
    const NOON: Timestamp = Timestamp(1_495_713_900_000);

    #[test]
    fn a_moment_names_its_day_only_when_it_is_not_today() {
        let lisbon = LocalClock {
            utc_offset_minutes: 60,
        };
        assert_eq!(lisbon.moment(NOON, NOON), "13:05");
        let next_day = Timestamp(NOON.0 + 24 * 60 * MINUTE);
        assert_eq!(lisbon.moment(NOON, next_day), "25 May 13:05");
        assert_eq!(lisbon.in_full(NOON), "Thu 25 May 2017, 13:05");
    }

    #[test]
    fn a_business_date_reads_as_a_day_of_the_week() {
        let date = "2017-05-25".parse().unwrap();
        assert_eq!(long_date(date), "Thu 25 May 2017");
        assert_eq!(short_date(date), "25 May");
    }

    #[test]
    fn a_timer_shows_hours_only_when_there_are_any() {
        assert_eq!(timer(247_000), "4:07");
        assert_eq!(timer(4_350_000), "1:12:30");
        assert_eq!(timer(-5), "0:00");
    }

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        let told = |minutes: i64| span(minutes * MINUTE);
        assert_eq!(
            [12, 200, 1_441, 3_000].map(told),
            ["12 min", "3 h", "1 day", "2 days"]
        );
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let later = |minutes: i64| Timestamp(NOON.0 + minutes * MINUTE);
        assert_eq!(ago(NOON, later(0)), "just now");
        assert_eq!(ago(NOON, later(12)), "12 min ago");
        assert_eq!(ago(NOON, later(200)), "3 h ago");
        assert_eq!(ago(NOON, later(1_441)), "1 day ago");
        assert_eq!(ago(NOON, later(3_000)), "2 days ago");
    }
}
