//! What a device had been told of somebody's role when that was changed, and until when this covers
//! what they do there.
//!
//! **Architecture Invariant**: a grant admits nothing. It decides whether people look at something
//! or it is refused.

use keyrack_model::{
    ids::{DeviceId, UserId},
    limits::{CLOCK_AHEAD_MILLIS, GRANT_MILLIS},
    policy::Role,
    time::Timestamp,
};

/// A role that has changed, as one device knew it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    pub device: DeviceId,
    pub person: UserId,
    /// Theirs until the change.
    pub role: Role,
    /// When the device heard of it last. This and what follows by the server's clock.
    pub told_at: Timestamp,
    /// When the server knew that the device knew of the change.
    pub ended_at: Option<Timestamp>,
}

impl Grant {
    /// Whether something may have been done under this: `at` its device's clock, and here `now`.
    ///
    /// What is here before the grant is over was done under it, whatever the clock says. After that
    /// the clock decides, which may be as wrong as any is taken to be. One that is wrong beyond
    /// doubt, because it is ahead of the server's, says nothing: then it may have been.
    pub fn may_cover(&self, at: Timestamp, now: Timestamp) -> bool {
        let over = self.over();
        now <= over
            || at.millis_since(over) <= CLOCK_AHEAD_MILLIS
            || at.millis_since(now) > CLOCK_AHEAD_MILLIS
    }

    /// When the device knew of the change, or had heard nothing for too long.
    fn over(&self) -> Timestamp {
        let ends = Timestamp(self.told_at.0.saturating_add(GRANT_MILLIS));
        self.ended_at.map_or(ends, |ended| ended.min(ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;

    #[test]
    fn a_grant_covers_what_was_done_until_the_device_knew_better_or_had_heard_nothing_for_too_long()
    {
        let grant = |ended_at: Option<i64>| Grant {
            device: DeviceId(Uuid::from_u128(1)),
            person: UserId(Uuid::from_u128(2)),
            role: Role::Housekeeper,
            told_at: Timestamp(0),
            ended_at: ended_at.map(Timestamp),
        };
        for (ended_at, at, now, covers, why) in [
            (None, HOUR, 2 * HOUR, true, "an honest clock"),
            (None, GRANT_MILLIS, 30 * HOUR, true, "to the last moment"),
            (
                None,
                12 * HOUR + 10 * MINUTE,
                30 * HOUR,
                true,
                "as wrong as any clock",
            ),
            (None, 12 * HOUR + 11 * MINUTE, 30 * HOUR, false, "too late"),
            (None, -HOUR, 30 * HOUR, true, "from before it was told"),
            (
                None,
                3 * HOUR,
                2 * HOUR,
                true,
                "all of the time since is covered",
            ),
            (
                None,
                300 * HOUR,
                GRANT_MILLIS,
                true,
                "the same to the last moment",
            ),
            (None, 31 * HOUR, 30 * HOUR, true, "the clock is wrong"),
            (
                None,
                30 * HOUR + 10 * MINUTE,
                30 * HOUR,
                false,
                "the clock may be right",
            ),
            (Some(HOUR), 59 * MINUTE, 2 * HOUR, true, "before it knew"),
            (Some(HOUR), 71 * MINUTE, 2 * HOUR, false, "it knew"),
            (Some(HOUR), 71 * MINUTE, HOUR, true, "it was here by then"),
            (
                Some(HOUR),
                5 * HOUR,
                2 * HOUR,
                true,
                "the clock is wrong, and it waited",
            ),
            (
                Some(30 * HOUR),
                13 * HOUR,
                30 * HOUR,
                false,
                "too late before it knew",
            ),
        ] {
            let covered = grant(ended_at).may_cover(Timestamp(at), Timestamp(now));
            assert_eq!(covered, covers, "{why}");
        }
    }
}
