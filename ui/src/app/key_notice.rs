//! Whether a person is told that the key of the local data lies in a file: before anybody signs in
//! and after, until they have read it, once for each time somebody signs in.

use super::App;
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyNotice {
    /// The key is in a keyring, as far as is known.
    NotNeeded,
    Due,
    Read,
}

impl KeyNotice {
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
        self.turn_notice(KeyNotice::unread);
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
