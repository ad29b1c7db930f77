//! Whether a person is told that the key of the local data lies in a file: until they have read
//! it, once for each time somebody signs in.

use super::App;
use crate::theme::storage;
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyNotice {
    /// The key is in a keyring, as far as is known.
    NotNeeded,
    Due,
    Read,
}

/// Before anybody signs in the host does not say where the key is: what it said last holds.
const KEPT_AS: &str = "keyrack.key-in-file";

impl KeyNotice {
    pub fn kept() -> Self {
        let kept = storage().and_then(|storage| storage.get_item(KEPT_AS).ok().flatten());
        match kept {
            Some(_) => Self::Due,
            None => Self::NotNeeded,
        }
    }
}

impl App {
    /// Takes in where the host says that the key is.
    pub(super) fn hear_of_key(self, in_file: bool) {
        let before = self.key_notice.get_untracked();
        let next = match (in_file, before) {
            (false, _) => KeyNotice::NotNeeded,
            (true, KeyNotice::Read) => KeyNotice::Read,
            (true, KeyNotice::NotNeeded | KeyNotice::Due) => KeyNotice::Due,
        };
        if next != before {
            self.key_notice.set(next);
        }
        if let Some(storage) = storage() {
            // Where nothing can be kept, the next sign-in tells it first.
            let _ = if in_file {
                storage.set_item(KEPT_AS, "yes")
            } else {
                storage.remove_item(KEPT_AS)
            };
        }
    }

    pub(super) fn remind_of_key(self) {
        if self.key_notice.get_untracked() == KeyNotice::Read {
            self.key_notice.set(KeyNotice::Due);
        }
    }
}
