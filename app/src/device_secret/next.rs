//! The secret that is to take the place of the present one, kept beside it under names of its own.
//!
//! **Architecture Invariant**: nothing gets into the keyring whose name is not in the folder first,
//! so that it is found again. A secret that is in the keyring is not followed by one in a file.

use super::{
    DeviceSecret, KeyPlace, Names, PRESENT, kept,
    keyring::{Keyring, entrust, forget},
};
use crate::{data_folder::DataFolder, trouble::Trouble};
use std::io;
use uuid::Uuid;

const NEXT: Names = Names {
    key: "device.key.next",
    keyring: "device.keyring.next",
};

/// What became of the secret of before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OldKey {
    Gone,
    /// The keyring did not let go of it.
    InKeyring,
}

/// Makes the next secret, in the keyring where there is one.
pub(crate) fn make_next(
    folder: &DataFolder,
    keyring: Keyring,
    present: KeyPlace,
) -> Result<(), Trouble> {
    let secret = DeviceSecret::random()?;
    let name = Uuid::new_v4().to_string();
    folder.write(NEXT.keyring, &name)?;
    let Err(silence) = entrust(&secret, keyring, name) else {
        return Ok(());
    };
    match present {
        KeyPlace::Keyring => Err(Trouble::KeyringFull {
            reason: format!(" ({silence})"),
        }),
        KeyPlace::File => {
            tracing::warn!(reason = %silence, "no keyring: the next key is kept in a file");
            drop_next(folder, keyring).map_err(|source| folder.failed(source))?;
            folder.write(NEXT.key, &secret.to_hex())
        }
    }
}

/// The next secret as it is kept, if there is one.
pub(crate) fn next(
    folder: &DataFolder,
    keyring: Keyring,
) -> Result<Option<(DeviceSecret, KeyPlace)>, Trouble> {
    kept(folder, keyring, &NEXT).map_err(|trouble| match trouble {
        Trouble::KeyMissing { .. } => Trouble::KeyringFull {
            reason: " (it has lost it)".to_owned(),
        },
        trouble => trouble,
    })
}

/// Forgets the next secret, under which nothing is kept.
pub(crate) fn drop_next(folder: &DataFolder, keyring: Keyring) -> io::Result<()> {
    let old = forget_named(folder, keyring, &NEXT)?;
    if old == OldKey::InKeyring {
        tracing::warn!("a key that was never used stays in the keyring");
    }
    remove(folder, &NEXT)
}

/// Forgets the present secret, under which nothing is kept any more; where there is no next one, that
/// has taken its place already.
pub(crate) fn let_go_of_present(folder: &DataFolder, keyring: Keyring) -> io::Result<OldKey> {
    if folder.look(NEXT.key)?.is_none() && folder.look(NEXT.keyring)?.is_none() {
        return Ok(OldKey::Gone);
    }
    let old = forget_named(folder, keyring, &PRESENT)?;
    remove(folder, &PRESENT)?;
    Ok(old)
}

/// Puts the next secret in the place of the present one.
pub(crate) fn promote_next(folder: &DataFolder) -> io::Result<()> {
    folder.rename(NEXT.key, PRESENT.key)?;
    folder.rename(NEXT.keyring, PRESENT.keyring)
}

fn forget_named(folder: &DataFolder, keyring: Keyring, names: &Names) -> io::Result<OldKey> {
    let Some(name) = folder.look(names.keyring)? else {
        return Ok(OldKey::Gone);
    };
    match forget(keyring, name.trim().to_owned()) {
        Ok(()) => Ok(OldKey::Gone),
        Err(silence) => {
            tracing::warn!(reason = %silence, "the keyring did not let go of a key");
            Ok(OldKey::InKeyring)
        }
    }
}

fn remove(folder: &DataFolder, names: &Names) -> io::Result<()> {
    folder.remove(names.key)?;
    folder.remove(names.keyring)
}
