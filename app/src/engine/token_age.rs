//! How old the token of the session is by this device's clock, and when to ask for the next one.
//!
//! **Architecture Invariant**: only how far this clock has moved on counts, never what it shows, so
//! one that is wrong, or is set while the app runs, makes nobody sign in again.

use keyrack_model::{
    limits::{MAX_REFRESHED_IN_VAIN, REFRESH_AHEAD_MILLIS, REFRESH_APART_MILLIS},
    time::Timestamp,
};
use keyrack_replica::{Backoff, KeptRenewal};

pub(super) struct TokenAge {
    /// The time of the last look.
    last: Timestamp,
    received_at: Timestamp,
    lasts_millis: i64,
    standing: Standing,
    /// When to ask again after something went wrong.
    retry_at: Timestamp,
    /// Before that the server wants to hear of no refresh.
    wait_until: Timestamp,
    backoff: Backoff,
    /// How often another token was had for one that the server did not know, since it last greeted.
    in_vain: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Believed,
    /// The server says that it does not know the token, or nobody can tell how old it is.
    Doubted,
}

impl TokenAge {
    pub(super) fn of(renewal: &KeptRenewal, now: Timestamp, jitter: u64) -> Self {
        let mut age = Self {
            last: now,
            received_at: renewal.received_at,
            lasts_millis: renewal.lasts_millis,
            standing: Standing::Believed,
            retry_at: now,
            wait_until: now,
            backoff: Backoff::seeded(jitter),
            in_vain: 0,
        };
        // The clock was set back while the app was closed.
        if renewal.received_at > now {
            age.standing = Standing::Doubted;
        }
        age
    }

    /// What came when the clock showed more counts as much after it was set back.
    pub(super) fn look(&mut self, now: Timestamp) {
        if now < self.last {
            let millis = self.last.millis_since(now);
            let moments = [
                &mut self.received_at,
                &mut self.retry_at,
                &mut self.wait_until,
            ];
            for moment in moments {
                moment.0 = moment.0.saturating_sub(millis);
            }
        }
        self.last = now;
    }

    /// Whether the token can be used, as far as this device knows.
    pub(super) fn opens(&self) -> bool {
        self.standing == Standing::Believed && self.age() < self.lasts_millis
    }

    /// Whether it is time to ask for the next one.
    pub(super) fn is_due(&self) -> bool {
        let ahead = REFRESH_AHEAD_MILLIS.min(self.lasts_millis / 2);
        let young = self.lasts_millis.saturating_sub(ahead);
        let is_old = self.age() >= young.max(REFRESH_APART_MILLIS);
        (is_old || self.standing == Standing::Doubted) && self.may_retry()
    }

    /// Whether the pause after the last failure is over.
    pub(super) fn may_retry(&self) -> bool {
        self.retry_at.max(self.wait_until) <= self.last
    }

    /// Seconds for which the server has asked for no refresh, and that are not over.
    pub(super) fn asked_to_wait(&self) -> Option<u32> {
        let millis = self.wait_until.millis_since(self.last);
        let seconds = u64::try_from(millis).ok()?.div_ceil(1_000);
        u32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
    }

    /// The server asks to be left alone for so long.
    pub(super) fn told_to_wait(&mut self, seconds: u32) {
        self.wait_until = Timestamp(self.last.0.saturating_add(i64::from(seconds) * 1_000));
    }

    /// Whether the session may go on with another token, if the server does not know this one.
    pub(super) fn may_go_on(&self) -> bool {
        self.in_vain < MAX_REFRESHED_IN_VAIN
    }

    /// The server does not know the token.
    pub(super) fn doubt(&mut self) {
        self.standing = Standing::Doubted;
        self.retry_at = self.last;
    }

    /// The next token is here.
    pub(super) fn renewed(&mut self, renewal: &KeptRenewal) {
        if self.standing == Standing::Doubted {
            self.in_vain = self.in_vain.saturating_add(1);
        }
        self.standing = Standing::Believed;
        self.received_at = renewal.received_at;
        self.lasts_millis = renewal.lasts_millis;
        self.retry_at = self.last;
        self.backoff.reset();
    }

    /// It could not be had, or not be kept.
    pub(super) fn failed(&mut self) {
        self.retry_at = Timestamp(self.last.0.saturating_add(self.backoff.pause()));
    }

    /// The server knows the token.
    pub(super) fn greeted(&mut self) {
        self.in_vain = 0;
    }

    fn age(&self) -> i64 {
        self.last.millis_since(self.received_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const NOON: i64 = 1_495_700_000_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp(NOON + minutes * MINUTE)
    }

    fn hour_from(minutes: i64) -> KeptRenewal {
        KeptRenewal {
            token: "next".to_owned(),
            received_at: at(minutes),
            lasts_millis: 60 * MINUTE,
        }
    }

    /// A minute of the true time after another, whatever the clock shows.
    #[track_caller]
    fn check(age: &mut TokenAge, minutes: i64, opens: bool, is_due: bool) {
        age.look(at(minutes));
        assert_eq!((age.opens(), age.is_due()), (opens, is_due), "{minutes}");
    }

    #[test]
    fn the_next_token_is_asked_for_a_quarter_of_an_hour_before_the_end() {
        let mut age = TokenAge::of(&hour_from(0), at(0), 7);
        check(&mut age, 0, true, false);
        check(&mut age, 44, true, false);
        check(&mut age, 45, true, true);
        check(&mut age, 59, true, true);
        check(&mut age, 60, false, true);
        age.renewed(&hour_from(60));
        check(&mut age, 61, true, false);
    }

    #[test]
    fn a_clock_that_is_set_back_while_the_app_runs_makes_a_token_no_younger() {
        let mut age = TokenAge::of(&hour_from(0), at(0), 7);
        check(&mut age, 40, true, false);
        check(&mut age, -1_000, true, false);
        check(&mut age, -996, true, false);
        check(&mut age, -995, true, true);
        check(&mut age, -980, false, true);
    }

    #[test]
    fn a_token_from_the_future_is_doubted_and_not_given_up() {
        let mut age = TokenAge::of(&hour_from(1_000), at(0), 7);
        check(&mut age, 0, false, true);
        assert!(age.may_go_on());
    }

    #[test]
    fn a_failure_is_followed_by_a_pause_that_a_clock_set_back_does_not_lengthen() {
        let mut age = TokenAge::of(&hour_from(0), at(50), 7);
        check(&mut age, 50, true, true);
        age.failed();
        check(&mut age, 50, true, false);
        check(&mut age, -100, true, false);
        check(&mut age, -99, true, true);
    }

    #[test]
    fn a_server_that_asks_for_a_pause_is_left_alone_even_when_it_knows_no_token() {
        let mut age = TokenAge::of(&hour_from(0), at(50), 7);
        assert_eq!(age.asked_to_wait(), None);
        age.failed();
        age.told_to_wait(90);
        assert_eq!(age.asked_to_wait(), Some(90));
        age.doubt();
        age.look(at(51));
        assert!(!age.is_due());
        assert_eq!(age.asked_to_wait(), Some(30));
        // A clock that is set back lengthens nothing.
        age.look(at(-100));
        assert_eq!(age.asked_to_wait(), Some(30));
        age.look(at(-99));
        assert!(age.is_due());
        assert_eq!(age.asked_to_wait(), None);
    }

    #[test]
    fn a_server_that_gives_tokens_and_knows_none_is_believed_in_the_end() {
        let mut age = TokenAge::of(&hour_from(0), at(0), 7);
        for _ in 0..MAX_REFRESHED_IN_VAIN {
            assert!(age.may_go_on());
            age.doubt();
            // Whatever else says the same of the same token changes nothing.
            age.doubt();
            assert!(!age.opens() && age.is_due());
            age.renewed(&hour_from(0));
        }
        assert!(!age.may_go_on());
        age.greeted();
        assert!(age.may_go_on());
    }

    #[test]
    fn a_token_that_lasts_no_time_is_not_asked_for_again_and_again() {
        for lasts_millis in [i64::MIN, 0, MINUTE / 2] {
            let renewal = KeptRenewal {
                lasts_millis,
                ..hour_from(0)
            };
            let mut age = TokenAge::of(&renewal, at(0), 7);
            age.look(Timestamp(NOON + MINUTE - 1));
            assert!(!age.is_due(), "{lasts_millis}");
            age.look(at(1));
            assert!(age.is_due(), "{lasts_millis}");
        }
    }
}
