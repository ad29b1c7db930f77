//! The keyring of the desktop session, which may be missing, locked, or silent for a while.

use super::DeviceSecret;
use crate::{data_folder::DataFolder, trouble::Trouble};
use keyring_core::{CredentialStore, Entry};
use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use zeroize::Zeroizing;

/// How long the keyring may take, a person's unlocking it included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Under which the keyring files a secret, together with a name of its own for each.
const SERVICE: &str = "keyrack";

/// How the keyring is reached.
pub(crate) type Keyring = fn() -> keyring_core::Result<Arc<CredentialStore>>;

/// By the Secret Service.
pub(crate) fn system_keyring() -> keyring_core::Result<Arc<CredentialStore>> {
    let store = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

pub(super) fn recall(
    folder: &DataFolder,
    keyring: Keyring,
    name: String,
) -> Result<DeviceSecret, Trouble> {
    let missing = || Trouble::KeyMissing {
        place: "the desktop's keyring",
        path: folder.root().to_owned(),
    };
    let answer = patiently(move || {
        let bytes = Zeroizing::new(entry(keyring, &name)?.get_secret()?);
        Ok(DeviceSecret::from_bytes(&bytes))
    });
    match answer {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) | Err(Silence::Error(keyring_core::Error::NoEntry)) => Err(missing()),
        Err(silence) => Err(Trouble::KeyringSilent {
            reason: format!(" ({silence})"),
        }),
    }
}

/// Puts a secret into the keyring and looks whether it is there.
pub(super) fn entrust(
    secret: &DeviceSecret,
    keyring: Keyring,
    name: String,
) -> Result<(), Silence> {
    let bytes = Zeroizing::new(secret.0);
    let kept = patiently(move || {
        let entry = entry(keyring, &name)?;
        entry.set_secret(&*bytes)?;
        let kept = Zeroizing::new(entry.get_secret()?);
        Ok(kept.as_slice() == bytes.as_slice())
    })?;
    if kept {
        Ok(())
    } else {
        Err(Silence::Forgetful)
    }
}

/// Has the keyring forget a secret; one that it does not have is forgotten.
pub(super) fn forget(keyring: Keyring, name: String) -> Result<(), Silence> {
    patiently(move || match entry(keyring, &name)?.delete_credential() {
        Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
        Err(error) => Err(error),
    })
}

fn entry(keyring: Keyring, name: &str) -> keyring_core::Result<Entry> {
    keyring()?.build(SERVICE, name, None)
}

/// Why the keyring is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silence {
    #[error("{0}")]
    Error(keyring_core::Error),
    #[error("no answer in {} seconds", PATIENCE.as_secs())]
    NoAnswer,
    #[error("it does not keep what it is given")]
    Forgetful,
}

/// Asks on a thread of its own: a keyring behind a bus that hangs must not keep the app from
/// starting.
fn patiently<T: Send + 'static>(
    ask: impl FnOnce() -> keyring_core::Result<T> + Send + 'static,
) -> Result<T, Silence> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        // Nobody listens after the patience is over.
        let _ = tell.send(ask());
    });
    match told.recv_timeout(PATIENCE) {
        Ok(answer) => answer.map_err(Silence::Error),
        Err(_) => Err(Silence::NoAnswer),
    }
}
