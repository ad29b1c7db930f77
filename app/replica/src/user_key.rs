//! A person's own key on this device: with it they sign what they do here, so that the device alone
//! cannot say that they did something.
//!
//! **Architecture Invariant**: the secret is where the session is and nowhere else, sealed with it
//! where the person has a PIN.

use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::wire::Proof;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// An Ed25519 secret key, made for one sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct UserKey(#[serde(with = "serde_bytes")] [u8; 32]);

impl UserKey {
    /// Of 32 random bytes.
    pub fn of(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The half that a sign-in shows, in lower-case hexadecimal.
    pub fn public_key(&self) -> String {
        hexadecimal(self.pair().verifying_key().as_bytes())
    }

    pub(crate) fn sign(&self, stated: &[u8; 32]) -> Signature {
        let pair = self.pair();
        Signature {
            key: *pair.verifying_key().as_bytes(),
            signature: pair.sign(stated).to_bytes(),
        }
    }

    fn pair(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }
}

/// In lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a key made of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Signature {
    key: [u8; 32],
    signature: [u8; 64],
}

impl Signature {
    /// As the proof of an action in a batch.
    pub(crate) fn of(self, index: u16) -> Proof {
        let Self { key, signature } = self;
        Proof {
            index,
            key,
            signature,
        }
    }

    pub(crate) fn to_bytes(self) -> [u8; 96] {
        let mut bytes = [0; 96];
        bytes[..32].copy_from_slice(&self.key);
        bytes[32..].copy_from_slice(&self.signature);
        bytes
    }

    /// None for other than [`Self::to_bytes`] makes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, signature) = bytes.split_at_checked(32)?;
        Some(Self {
            key: key.try_into().ok()?,
            signature: signature.try_into().ok()?,
        })
    }
}
