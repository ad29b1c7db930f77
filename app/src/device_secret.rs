//! The secret of this installation, from which the keys of its stores and its identity towards
//! servers are derived: in the desktop's keyring, or in a file where there is none.
//!
//! **Architecture Invariant**: where there is data, no other secret is ever made. A keyring that
//! is silent today does not turn into a file tomorrow.

use crate::{data_folder::DataFolder, pin::PinSecret, trouble::Trouble};
use keyrack_model::{ids::DeviceId, limits};
use keyrack_replica::{NewDevice, StoreKey};
use keyring_core::{CredentialStore, Entry};
use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// How long the keyring may take, a person's unlocking it included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Under which the keyring files the secret, together with a name of its own for each folder.
const SERVICE: &str = "keyrack";

const KEY_FILE: &str = "device.key";
const KEYRING_FILE: &str = "device.keyring";

#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct DeviceSecret([u8; 32]);

/// Where the secret is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyPlace {
    Keyring,
    /// People are warned: whoever reads this user's files reads the data.
    File,
}

impl DeviceSecret {
    /// The key of every store of this installation.
    pub(crate) fn store_key(&self) -> StoreKey {
        StoreKey(self.derive("Keyrack 2026 store key"))
    }

    /// Without which no PIN of this installation opens anything.
    pub(crate) fn pin_secret(&self) -> PinSecret {
        PinSecret(self.derive("Keyrack 2026 PIN secret"))
    }

    /// Who this installation is towards servers.
    pub(crate) fn device(&self) -> NewDevice {
        let id = Zeroizing::new(self.derive("Keyrack 2026 device id"));
        let mut first = [0; 16];
        first.copy_from_slice(&id[..16]);
        NewDevice {
            id: DeviceId(uuid::Builder::from_custom_bytes(first).into_uuid()),
            signing_key: self.derive("Keyrack 2026 device signing key"),
            name: device_name(),
        }
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.0)
    }

    fn random() -> Result<Self, Trouble> {
        let mut secret = Self([0; 32]);
        getrandom::fill(&mut secret.0).map_err(Trouble::NoRandomness)?;
        Ok(secret)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut secret = Self([0; 32]);
        for (index, byte) in secret.0.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(secret)
    }

    fn to_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.0 {
            let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
            text.extend(digits.into_iter().flatten());
        }
        text
    }
}

/// What people see of this device in the history.
fn device_name() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy();
    let name: String = name.chars().take(limits::MAX_NAME).collect();
    if name.is_empty() {
        "desk".to_owned()
    } else {
        name
    }
}

type Keyring = Arc<CredentialStore>;

/// The keyring of the desktop session, by the Secret Service.
pub(crate) fn system_keyring() -> keyring_core::Result<Keyring> {
    let store = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

/// The secret of this folder; made when the folder has neither one nor data.
pub(crate) fn obtain(
    folder: &DataFolder,
    keyring: fn() -> keyring_core::Result<Keyring>,
) -> Result<(DeviceSecret, KeyPlace), Trouble> {
    if let Some(text) = folder.read(KEY_FILE)?.map(Zeroizing::new) {
        let secret = DeviceSecret::from_hex(&text).ok_or_else(|| Trouble::KeyDamaged {
            path: folder.file(KEY_FILE),
        })?;
        folder.make_private(KEY_FILE)?;
        return Ok((secret, KeyPlace::File));
    }
    if let Some(name) = folder.read(KEYRING_FILE)? {
        let secret = recall(folder, keyring, name.trim().to_owned())?;
        return Ok((secret, KeyPlace::Keyring));
    }
    if folder.has_stores()? {
        return Err(Trouble::KeyMissing {
            place: "its folder",
            path: folder.root().to_owned(),
        });
    }
    let secret = DeviceSecret::random()?;
    let name = Uuid::new_v4().to_string();
    match entrust(&secret, keyring, name.clone()) {
        Ok(()) => {
            folder.write(KEYRING_FILE, &name)?;
            Ok((secret, KeyPlace::Keyring))
        }
        Err(reason) => {
            tracing::warn!(%reason, "no keyring: the key to the data is kept in a file");
            folder.write(KEY_FILE, &secret.to_hex())?;
            Ok((secret, KeyPlace::File))
        }
    }
}

fn recall(
    folder: &DataFolder,
    keyring: fn() -> keyring_core::Result<Keyring>,
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

/// Puts the secret into the keyring and looks whether it is there.
fn entrust(
    secret: &DeviceSecret,
    keyring: fn() -> keyring_core::Result<Keyring>,
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

fn entry(
    keyring: fn() -> keyring_core::Result<Keyring>,
    name: &str,
) -> keyring_core::Result<Entry> {
    keyring()?.build(SERVICE, name, None)
}

/// Why the keyring is of no use.
#[derive(Debug, thiserror::Error)]
enum Silence {
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

#[cfg(test)]
mod tests;
