//! That a sign-in comes from the device that it names: its key signed who asks, where and when.
//!
//! **Architecture Invariant**: it is checked against what the sign-in itself says, before anything is
//! read or a password is hashed. Whether that key is the device's is for [`super::devices`] to say.

use super::AccountError;
use ed25519_dalek::{Signature, VerifyingKey};
use keyrack_model::{
    audit_head::from_hexadecimal, limits::SIGN_IN_PROOF_MILLIS, proof::sign_in_statement,
    time::Timestamp, wire::SignIn,
};

/// Refuses a sign-in without a proof, with one of another time, and with one that the key did not
/// sign.
pub(super) fn check(
    asked: &SignIn,
    key: &VerifyingKey,
    now: Timestamp,
) -> Result<(), AccountError> {
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
