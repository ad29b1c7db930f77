//! What a renewal of the key came to, for whoever asked for it.

use crate::device_secret::{KeyPlace, OldKey};
use std::{fmt, path::PathBuf};

#[derive(Debug)]
pub(crate) struct Renewed {
    pub(super) folder: PathBuf,
    pub(super) hotels: usize,
    pub(super) before: KeyPlace,
    pub(super) place: KeyPlace,
    pub(super) sealed_sessions: usize,
    pub(super) old_key: OldKey,
}

impl fmt::Display for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.folder.display();
        match self.hotels {
            0 => write!(
                f,
                "There is a new key in {folder}, where no hotel has data yet."
            )?,
            1 => write!(f, "The data of one hotel in {folder} are under a new key.")?,
            hotels => write!(
                f,
                "The data of {hotels} hotels in {folder} are under a new key."
            )?,
        }
        match (self.before, self.place) {
            (KeyPlace::File, KeyPlace::Keyring) => {
                write!(
                    f,
                    " It is in the desktop's keyring, and no longer in a file."
                )?;
            }
            (KeyPlace::Keyring, KeyPlace::Keyring) => {
                write!(f, " It is in the desktop's keyring.")?;
            }
            (_, KeyPlace::File) => write!(
                f,
                " It is in a file again, because there is no keyring that takes it: install or \
                 unlock one (GNOME Keyring, KWallet), and renew the key once more."
            )?,
        }
        match self.old_key {
            OldKey::Gone => write!(f, " The old key is gone.")?,
            OldKey::InKeyring => write!(
                f,
                " The keyring did not let go of the old key, which opens nothing here any more: \
                 remove it there by hand."
            )?,
        }
        match self.sealed_sessions {
            0 => Ok(()),
            1 => write!(
                f,
                " One person had a PIN here: they sign in by password once, and choose another. \
                 Their work is kept."
            ),
            people => write!(
                f,
                " {people} people had a PIN here: they sign in by password once, and choose \
                 another. Their work is kept."
            ),
        }
    }
}
