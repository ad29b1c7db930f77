//! That a sign-in comes from the device that it names: its key signed who asks, where and when.
//!
//! **Architecture Invariant**: it is checked against what the sign-in itself says, before anything is
//! read or a password is hashed. Whether that key is the device's is for [`super::devices`] to say.

use super::{AccountError, devices, names, public_key};
use ed25519_dalek::{Signature, VerifyingKey};
use keyrack_model::{
    audit_head::from_hexadecimal,
    identity::{self, SERVER_DEVICE},
    ids::{DeviceId, HotelId},
    limits::SIGN_IN_PROOF_MILLIS,
    proof::sign_in_statement,
    time::Timestamp,
    wire::{DeviceRegistration, SignIn},
};

/// A device that has signed what it asks for. Whether the hotel knows it is another question.
#[derive(Clone, Copy, Debug)]
pub struct ProvenDevice {
    pub hotel: HotelId,
    pub id: DeviceId,
    pub key: VerifyingKey,
}

impl ProvenDevice {
    /// The device that asks for a sign-in.
    ///
    /// # Errors
    /// When it has not signed that, or another time than this.
    pub fn of(asked: &SignIn, now: Timestamp) -> Result<Self, AccountError> {
        Ok(Self {
            key: proven_key(asked, now)?,
            hotel: identity::hotel(&names::code(&asked.hotel)?),
            id: asked.device.id,
        })
    }
}

/// The key of the device that asks, which has signed it.
pub(super) fn proven_key(asked: &SignIn, now: Timestamp) -> Result<VerifyingKey, AccountError> {
    if asked.device.id == SERVER_DEVICE {
        return Err(AccountError::BadRequest(
            "this id of a device is the server's own",
        ));
    }
    let key = device_key(&asked.device)?;
    check(asked, &key, now)?;
    Ok(key)
}

fn device_key(device: &DeviceRegistration) -> Result<VerifyingKey, AccountError> {
    names::shown(&device.name, devices::NAME)?;
    public_key(&device.public_key).ok_or(AccountError::BadRequest(
        "the device's public key must be 64 hexadecimal digits",
    ))
}

/// Refuses a sign-in without a proof, with one of another time, and with one that the key did not
/// sign.
fn check(asked: &SignIn, key: &VerifyingKey, now: Timestamp) -> Result<(), AccountError> {
    let proof = asked.proof.as_ref().ok_or(AccountError::OldSignIn)?;
    if proof.at.0.abs_diff(now.0) > SIGN_IN_PROOF_MILLIS {
        return Err(AccountError::StaleProof { server_time: now });
    }
    let signature = from_hexadecimal(&proof.signature).ok_or(AccountError::Unproven)?;
    let stated = sign_in_statement(asked, proof.at);
    key.verify_strict(&stated, &Signature::from_bytes(&signature))
        .map_err(|_| AccountError::Unproven)
}

#[cfg(test)]
mod tests;
