//! That a sign-in comes from the device that it names, and is meant for this server: its key signed who
//! asks, where and when.
//!
//! **Architecture Invariant**: it is checked against what the sign-in itself says, before anything is
//! read or a password is hashed. Whether that key is the device's is for [`super::devices`] to say.

use super::{AccountError, devices, names, public_key};
use crate::addresses::Addresses;
use ed25519_dalek::{Signature, VerifyingKey};
use keyrack_model::{
    audit_head::from_hexadecimal,
    identity::{self, SERVER_DEVICE},
    ids::{DeviceId, HotelId},
    limits::{MAX_ADDRESS, SIGN_IN_PROOF_MILLIS},
    proof::sign_in_statement,
    time::Timestamp,
    wire::{DeviceProof, DeviceRegistration, SignIn},
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
    pub(super) fn of(
        asked: &SignIn,
        here: &Addresses,
        now: Timestamp,
    ) -> Result<Self, AccountError> {
        Ok(Self {
            key: proven_key(asked, here, now)?,
            hotel: identity::hotel(&names::code(&asked.hotel)?),
            id: asked.device.id,
        })
    }
}

/// The key of the device that asks, which has signed it.
fn proven_key(
    asked: &SignIn,
    here: &Addresses,
    now: Timestamp,
) -> Result<VerifyingKey, AccountError> {
    if asked.device.id == SERVER_DEVICE {
        return Err(AccountError::BadRequest(
            "this id of a device is the server's own",
        ));
    }
    let key = device_key(&asked.device)?;
    check(asked, &key, here, now)?;
    Ok(key)
}

fn device_key(device: &DeviceRegistration) -> Result<VerifyingKey, AccountError> {
    names::shown(&device.name, devices::NAME)?;
    public_key(&device.public_key).ok_or(AccountError::BadRequest(
        "the device's public key must be 64 hexadecimal digits",
    ))
}

/// Refuses a sign-in without a proof, with one that was made for another server or at another time, and
/// with one that the key did not sign.
fn check(
    asked: &SignIn,
    key: &VerifyingKey,
    here: &Addresses,
    now: Timestamp,
) -> Result<(), AccountError> {
    let proof = asked.proof.as_ref().ok_or(AccountError::OldSignIn)?;
    if !here.have(&proof.address) {
        let shown = proof.address.chars().take(MAX_ADDRESS).collect();
        return Err(AccountError::OtherAddress(shown));
    }
    if proof.at.0.abs_diff(now.0) > SIGN_IN_PROOF_MILLIS {
        return Err(AccountError::StaleProof { server_time: now });
    }
    if is_signed(asked, proof, key) {
        Ok(())
    } else {
        Err(AccountError::Unproven)
    }
}

/// The key that a sign-in shows and was signed with, whichever server it is meant for.
pub(super) fn signer(asked: &SignIn) -> Option<VerifyingKey> {
    let key = device_key(&asked.device).ok()?;
    let proof = asked.proof.as_ref()?;
    is_signed(asked, proof, &key).then_some(key)
}

fn is_signed(asked: &SignIn, proof: &DeviceProof, key: &VerifyingKey) -> bool {
    let stated = sign_in_statement(asked, &proof.address, proof.at);
    let signature = from_hexadecimal(&proof.signature);
    signature.is_some_and(|signature| {
        let signature = Signature::from_bytes(&signature);
        key.verify_strict(&stated, &signature).is_ok()
    })
}

#[cfg(test)]
mod tests;
