//! Whether people are told that the key of the local data lies in a file: before anybody signs in
//! and after, until somebody at this computer has read it. That they have is kept with what the web
//! view keeps here, for as long as the key stays in a file.

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
}

impl App {
    pub(super) fn hear_of_key(self, in_file: bool) {
        self.turn_notice(|notice| notice.after_hearing(in_file));
    }

    /// The person has read it.
    pub fn know_of_key(self) {
        self.turn_notice(|_| KeyNotice::Read);
    }

    fn turn_notice(self, turn: impl FnOnce(KeyNotice) -> KeyNotice) {
        let before = self.key_notice.get_untracked();
        let next = turn(before);
        if next == before {
            return;
        }
        // Should the key lie in a file once more, that is to be read again.
        keep(READ_KEPT_AS, (next == KeyNotice::Read).then_some("yes"));
        self.key_notice.set(next);
    }
}

#[cfg(test)]
mod tests {
    use super::KeyNotice::{Due, NotNeeded, Read};

    #[test]
    fn it_is_due_until_somebody_at_this_computer_has_read_it() {
        let at_the_sign_in = NotNeeded.after_hearing(true);
        assert_eq!(at_the_sign_in, Due);
        assert_eq!(at_the_sign_in.after_hearing(true), Due);
        assert_eq!(Read.after_hearing(true), Read, "whoever comes next, too");
    }

    #[test]
    fn a_key_that_was_in_a_keyring_meanwhile_is_told_of_anew() {
        for before in [NotNeeded, Due, Read] {
            assert_eq!(before.after_hearing(false), NotNeeded);
        }
        assert_eq!(Read.after_hearing(false).after_hearing(true), Due);
    }
}
