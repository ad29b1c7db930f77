//! Another key for all data of the folder, in small steps of which each may be the last one before
//! a power cut.
//!
//! **Architecture Invariant**: until it is decided, the folder is under the present key and what was
//! prepared is thrown away; from then on every store has a checked copy under the next key on the
//! disk, and what is left to do needs no key. A start settles first what was broken off.

mod renewed;

pub(crate) use renewed::Renewed;

use crate::{
    data_folder::DataFolder,
    device_secret::{self, DeviceSecret, KeyPlace, Keyring, OldKey},
    trouble::Trouble,
};
use keyrack_replica::{KeyRenewal, OpenError, StoreError, damaged_aside};
use std::{
    io,
    path::{Path, PathBuf},
};

/// The file that is there from the decision until all is done.
const DECIDED: &str = "device.renewed";

/// What is done while the renewal can still be thrown away.
enum Preparing {
    MakeKey,
    Copy(PathBuf),
    /// Whoever comes after this goes on to the end.
    Decide,
}

/// What is done once it is decided; doing a step again is doing the rest of it.
enum Finishing {
    Replace(PathBuf),
    LetGoOfOldKey,
    PromoteNextKey,
    Close,
}

/// Gives all data of the folder, which is this process's alone, another key.
///
/// # Errors
/// What keeps it from being done. Nothing was changed then, unless it is [`Trouble::RenewalWaits`].
pub(crate) fn renew(folder: &DataFolder, keyring: Keyring) -> Result<Renewed, Trouble> {
    let mut renewal = Renewal::begin(folder, keyring)?;
    for step in renewal.preparing() {
        if let Err(trouble) = renewal.prepare(&step) {
            // The next start tries again what cannot be thrown away at present.
            if let Err(error) = settle(folder, keyring) {
                tracing::error!(%error, "what was prepared of a renewal is still there");
            }
            return Err(trouble);
        }
    }
    let old_key = finish(folder, keyring)?;
    Ok(renewal.done(old_key))
}

/// Brings a renewal that was broken off to its end, or throws away what was prepared of it. Comes
/// before anything of the folder is opened.
///
/// # Errors
/// What the folder says.
pub(crate) fn settle(folder: &DataFolder, keyring: Keyring) -> Result<(), Trouble> {
    if folder.read(DECIDED)?.is_some() {
        tracing::warn!("a renewal of the key was broken off; it is finished");
        finish(folder, keyring).map(drop)
    } else {
        undo(folder, keyring)
    }
}

struct Renewal<'a> {
    folder: &'a DataFolder,
    keyring: Keyring,
    present: DeviceSecret,
    place: KeyPlace,
    stores: Vec<PathBuf>,
    next_place: KeyPlace,
    sealed_sessions: usize,
}

impl<'a> Renewal<'a> {
    fn begin(folder: &'a DataFolder, keyring: Keyring) -> Result<Self, Trouble> {
        settle(folder, keyring)?;
        let no_key = || Trouble::NoKeyYet {
            path: folder.root().to_owned(),
        };
        let (present, place) = device_secret::present(folder, keyring)?.ok_or_else(no_key)?;
        let failed = |source| folder.failed(source);
        let mut stores = Vec::new();
        for path in folder.stores()? {
            if let Some(path) = damaged_aside(&path).map_err(failed)? {
                return Err(Trouble::DamagedAside { path });
            }
            let store = KeyRenewal { path: &path };
            if store.is_of_something().map_err(failed)? {
                stores.push(path);
            }
        }
        Ok(Self {
            folder,
            keyring,
            present,
            place,
            stores,
            next_place: place,
            sealed_sessions: 0,
        })
    }

    fn preparing(&self) -> Vec<Preparing> {
        let copies = self.stores.iter().cloned().map(Preparing::Copy);
        let mut steps = vec![Preparing::MakeKey];
        steps.extend(copies);
        steps.push(Preparing::Decide);
        steps
    }

    fn prepare(&mut self, step: &Preparing) -> Result<(), Trouble> {
        match step {
            Preparing::MakeKey => {
                device_secret::make_next(self.folder, self.keyring, self.place)?;
                (_, self.next_place) = self.next()?;
                Ok(())
            }
            Preparing::Copy(path) => {
                let (next, _) = self.next()?;
                let copied = KeyRenewal { path }
                    .copy(&self.present.store_key(), &next.store_key())
                    .map_err(|error| not_copied(path, error))?;
                self.sealed_sessions += copied.sealed_sessions;
                Ok(())
            }
            Preparing::Decide => {
                // Whatever keeps it has to give it out again: from here on there is no other.
                self.next()?;
                self.folder.write(DECIDED, "")
            }
        }
    }

    /// As it is kept, so that a keyring that forgets is found out before it matters.
    fn next(&self) -> Result<(DeviceSecret, KeyPlace), Trouble> {
        device_secret::next(self.folder, self.keyring)?.ok_or_else(|| Trouble::KeyringFull {
            reason: String::new(),
        })
    }

    fn done(&self, old_key: OldKey) -> Renewed {
        Renewed {
            folder: self.folder.root().to_owned(),
            hotels: self.stores.len(),
            before: self.place,
            place: self.next_place,
            sealed_sessions: self.sealed_sessions,
            old_key,
        }
    }
}

fn undo(folder: &DataFolder, keyring: Keyring) -> Result<(), Trouble> {
    let failed = |source| folder.failed(source);
    for path in folder.stores()? {
        KeyRenewal { path: &path }.drop_copy().map_err(failed)?;
    }
    device_secret::drop_next(folder, keyring).map_err(failed)
}

fn finish(folder: &DataFolder, keyring: Keyring) -> Result<OldKey, Trouble> {
    let mut old_key = OldKey::Gone;
    for step in finishing(folder)? {
        take(folder, keyring, &step, &mut old_key).map_err(|source| Trouble::RenewalWaits {
            path: folder.root().to_owned(),
            source,
        })?;
    }
    Ok(old_key)
}

fn finishing(folder: &DataFolder) -> Result<Vec<Finishing>, Trouble> {
    let replaced = folder.stores()?.into_iter().map(Finishing::Replace);
    let rest = [
        Finishing::LetGoOfOldKey,
        Finishing::PromoteNextKey,
        Finishing::Close,
    ];
    Ok(replaced.chain(rest).collect())
}

fn take(
    folder: &DataFolder,
    keyring: Keyring,
    step: &Finishing,
    old_key: &mut OldKey,
) -> io::Result<()> {
    match step {
        Finishing::Replace(path) => KeyRenewal { path }.put_in_place(),
        Finishing::LetGoOfOldKey => {
            *old_key = device_secret::let_go_of_present(folder, keyring)?;
            Ok(())
        }
        Finishing::PromoteNextKey => device_secret::promote_next(folder),
        Finishing::Close => folder.remove(DECIDED),
    }
}

fn not_copied(path: &Path, error: OpenError) -> Trouble {
    let path = path.to_owned();
    match error {
        OpenError::Store(StoreError::DiskFull(_)) => Trouble::NoRoomToRenew { path },
        OpenError::Store(
            source @ (StoreError::Damaged
            | StoreError::WrongKeyOrCorrupt(_)
            | StoreError::NotCopied),
        ) => Trouble::NotRenewed {
            path,
            source: Box::new(source),
        },
        OpenError::Store(source) => Trouble::store(path, source),
        OpenError::Folder(source) => Trouble::Folder { path, source }.in_renewal(),
    }
}

#[cfg(test)]
mod tests;
