//! Whether the authors of a push did what it says: the token and the device's key vouch for the
//! person of the session, and for nobody else.

use super::{Identity, refusing};
use crate::gate::{Claim, Word};
use ed25519_dalek::{Signature, VerifyingKey};
use keyrack_model::{
    action::Action,
    ids::UserId,
    proof::statement,
    wire::{Batch, ErrorBody, Proof},
};
use std::collections::HashMap;

/// A key with which somebody signs what they do on a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuthorKey {
    pub author: UserId,
    /// Ed25519. Of many a session uses few, so they are not unpacked before.
    pub key: [u8; 32],
}

impl Identity {
    /// Each action with what its author says to it, and what else of `sent` bytes is its part.
    ///
    /// # Errors
    /// `BadRequest` when there are more proofs than actions, or one of nothing.
    pub(super) fn claims(
        &self,
        actions: Batch,
        proofs: &[Proof],
        sent: usize,
    ) -> Result<Vec<Claim>, ErrorBody> {
        let is_of_none = |proof: &Proof| usize::from(proof.index) >= actions.len();
        if proofs.len() > actions.len() || proofs.iter().any(is_of_none) {
            return Err(refusing::bad_request());
        }
        let proofs: HashMap<usize, &Proof> = proofs
            .iter()
            .map(|proof| (usize::from(proof.index), proof))
            .collect();
        let beside = beside_changes(&actions, sent);
        let claims = actions.into_iter().enumerate().map(|(index, action)| {
            let word = self.word_on(&action, proofs.get(&index).copied());
            Claim {
                action,
                word,
                beside,
            }
        });
        Ok(claims.collect())
    }

    fn word_on(&self, action: &Action, proof: Option<&Proof>) -> Word {
        let author = action.author;
        if author == self.user {
            return Word::Given;
        }
        // Of whoever has not signed in here, as far as the server knows, there is nothing to hold
        // their word against.
        if !self.people.contains(&author) {
            return Word::Missing;
        }
        let is_proven = match proof {
            Some(proof) => {
                let known = AuthorKey {
                    author,
                    key: proof.key,
                };
                self.keys.contains(&known) && self.is_signed(action, proof)
            }
            None => self.unkeyed.contains(&author),
        };
        if is_proven {
            Word::Given
        } else {
            Word::Missing
        }
    }

    fn is_signed(&self, action: &Action, proof: &Proof) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&proof.key) else {
            return false;
        };
        let mut bytes = Vec::new();
        if ciborium::into_writer(action, &mut bytes).is_err() {
            return false;
        }
        let stated = statement(self.hotel, self.device, &bytes);
        let signature = Signature::from_bytes(&proof.signature);
        key.verify_strict(&stated, &signature).is_ok()
    }
}

/// What of a push is no change, as far as it is each action's.
fn beside_changes(actions: &[Action], sent: usize) -> u64 {
    let changes = actions.iter().flat_map(|action| &action.changes);
    let changes: usize = changes.map(|change| change.bytes.len()).sum();
    sent.saturating_sub(changes).div_ceil(actions.len().max(1)) as u64
}

#[cfg(test)]
mod tests;
