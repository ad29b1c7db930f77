//! The secret of this installation, from which the keys of its stores and its identity towards
//! servers are derived: in the desktop's keyring, or in a file where there is none.
//!
//! **Architecture Invariant**: where there is data, no other secret is ever made. A keyring that
//! is silent today does not turn into a file tomorrow.

mod keyring;
mod next;

pub(crate) use keyring::{Keyring, system_keyring};
pub(crate) use next::{OldKey, drop_next, let_go_of_present, make_next, next, promote_next};

use crate::{data_folder::DataFolder, pin::PinSecret, trouble::Trouble};
use keyrack_model::{ids::DeviceId, limits};
use keyrack_replica::{NewDevice, StoreKey};
use keyring::{entrust, recall};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Under which names a folder keeps a secret.
struct Names {
    /// The file that has it.
    key: &'static str,
    /// The file that has its name in the keyring.
    keyring: &'static str,
}

const PRESENT: Names = Names {
    key: "device.key",
    keyring: "device.keyring",
};

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

/// The secret of this folder; made when the folder has neither one nor data.
pub(crate) fn obtain(
    folder: &DataFolder,
    keyring: Keyring,
) -> Result<(DeviceSecret, KeyPlace), Trouble> {
    if let Some(found) = present(folder, keyring)? {
        return Ok(found);
    }
    let secret = DeviceSecret::random()?;
    let name = Uuid::new_v4().to_string();
    match entrust(&secret, keyring, name.clone()) {
        Ok(()) => {
            folder.write(PRESENT.keyring, &name)?;
            Ok((secret, KeyPlace::Keyring))
        }
        Err(reason) => {
            tracing::warn!(%reason, "no keyring: the key to the data is kept in a file");
            folder.write(PRESENT.key, &secret.to_hex())?;
            Ok((secret, KeyPlace::File))
        }
    }
}

/// The secret of this folder; none when the folder has neither one nor data.
pub(crate) fn present(
    folder: &DataFolder,
    keyring: Keyring,
) -> Result<Option<(DeviceSecret, KeyPlace)>, Trouble> {
    let found = kept(folder, keyring, &PRESENT)?;
    if found.is_none() && folder.has_stores()? {
        return Err(Trouble::KeyMissing {
            place: "its folder",
            path: folder.root().to_owned(),
        });
    }
    Ok(found)
}

fn kept(
    folder: &DataFolder,
    keyring: Keyring,
    names: &Names,
) -> Result<Option<(DeviceSecret, KeyPlace)>, Trouble> {
    if let Some(text) = folder.read(names.key)?.map(Zeroizing::new) {
        let secret = DeviceSecret::from_hex(&text).ok_or_else(|| Trouble::KeyDamaged {
            path: folder.file(names.key),
        })?;
        folder.make_private(names.key)?;
        return Ok(Some((secret, KeyPlace::File)));
    }
    if let Some(name) = folder.read(names.keyring)? {
        let secret = recall(folder, keyring, name.trim().to_owned())?;
        return Ok(Some((secret, KeyPlace::Keyring)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
