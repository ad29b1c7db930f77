//! Whether a person is told that the key of the local data lies in a file: before anybody signs in
//! and after, until they have read it, once for each time somebody signs in. That it was read is
//! kept, so that whoever stays signed in is not told at each start.

use super::App;
use crate::kept::{keep, kept};
use leptos::prelude::*;

const READ_KEPT_AS: &str = "keyrack.key-notice-read";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyNotice {
    /// The key is in a keyring, as far as is known.
    NotNeeded,
    Due,
    Read,
}

impl KeyNotice {
    /// As the last start left it.
    pub fn of_last_start() -> Self {
        match kept(READ_KEPT_AS) {
            Some(_) => Self::Read,
            None => Self::NotNeeded,
        }
    }

    /// After the host has said where the key is.
    fn after_hearing(self, key_in_file: bool) -> Self {
        match (key_in_file, self) {
            (false, _) => Self::NotNeeded,
            (true, Self::Read) => Self::Read,
            (true, Self::NotNeeded | Self::Due) => Self::Due,
        }
    }

    /// For whoever signs in next.
    fn unread(self) -> Self {
        match self {
            Self::NotNeeded => Self::NotNeeded,
            Self::Due | Self::Read => Self::Due,
        }
    }
}

impl App {
    pub(super) fn hear_of_key(self, in_file: bool) {
        self.turn_notice(|notice| notice.after_hearing(in_file));
    }

    pub(super) fn remind_of_key(self) {
        keep(READ_KEPT_AS, None);
        self.turn_notice(KeyNotice::unread);
    }

    /// The person has read it.
    pub fn know_of_key(self) {
        keep(READ_KEPT_AS, Some("yes"));
        self.turn_notice(|_| KeyNotice::Read);
    }

    fn turn_notice(self, turn: impl FnOnce(KeyNotice) -> KeyNotice) {
        let before = self.key_notice.get_untracked();
        let next = turn(before);
        if next != before {
            self.key_notice.set(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeyNotice::{Due, NotNeeded, Read};

    #[test]
    fn it_is_due_before_the_first_sign_in_and_once_for_each_that_follows() {
        let at_the_sign_in = NotNeeded.after_hearing(true);
        assert_eq!(at_the_sign_in, Due);
        assert_eq!(at_the_sign_in.after_hearing(true), Due);
        assert_eq!(Read.after_hearing(true), Read, "who read it then signs in");
        assert_eq!(Read.unread(), Due, "somebody else may be next");
    }

    #[test]
    fn nobody_is_told_of_a_key_in_a_keyring() {
        for before in [NotNeeded, Due, Read] {
            assert_eq!(before.after_hearing(false), NotNeeded);
        }
        assert_eq!(NotNeeded.unread(), NotNeeded);
    }
}
