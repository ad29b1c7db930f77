//! The terms on which a device is served, the same through a WebSocket and through requests.

use super::{Greeted, Identity, refusing, refusing::refuse};
use crate::gate::Claim;
use ed25519_dalek::Signature;
use keyrack_model::{
    action::Sequence,
    class::Reading,
    ids::{LogEpoch, UserId},
    limits::{
        GRANT_MILLIS, GRANT_RENEWED_MILLIS, MAX_FRAME, MAX_HELLO_ACTORS, MAX_PUSH_ACTIONS,
        MAX_PUSH_BYTES, OLDEST_PROTOCOL, PROTOCOL,
    },
    refusal::{GateReason, Refusal},
    time::Timestamp,
    wire::{
        ActorRegistration, Batch, ClientFrame, ErrorBody, ErrorCode, OperationVerdict, Proof,
        ServerFrame, Verdict,
    },
};

/// A push as it came.
#[derive(Clone, Copy)]
pub struct SignedBatch<'a> {
    pub batch: &'a [u8],
    pub signature: &'a [u8],
    pub proofs: &'a [Proof],
    /// Bytes of the frame that it is.
    pub sent: usize,
}

impl Identity {
    /// Those of the actors that may be bound: of people who have signed in on the device. A server
    /// that was restored from a backup may have lost such a sign-in: what these people did is then
    /// nobody's until they sign in again, and everybody else goes on.
    ///
    /// # Errors
    /// `TooLarge` when there are too many; `SignedOut` when a device of an earlier version names
    /// anybody else: it would take what they did for refused.
    pub fn known_actors(
        &self,
        protocol: u16,
        mut actors: Vec<ActorRegistration>,
    ) -> Result<Vec<ActorRegistration>, ErrorBody> {
        if actors.len() > MAX_HELLO_ACTORS {
            return Err(refusing::too_large());
        }
        self.check_people(protocol, actors.iter().map(|actor| actor.user))?;
        actors.retain(|actor| self.people.contains(&actor.user));
        Ok(actors)
    }

    fn check_people(
        &self,
        protocol: u16,
        mut people: impl Iterator<Item = UserId>,
    ) -> Result<(), ErrorBody> {
        if protocol >= FIRST_WITH_PROOFS || people.all(|person| self.people.contains(&person)) {
            Ok(())
        } else {
            Err(refuse(
                ErrorCode::SignedOut,
                "Somebody whose work waits here has never signed in on this device. Their work is kept; they must sign in here once.",
            ))
        }
    }

    /// The actions of a push, once it is known that the device signed them, each with what its
    /// author says to it.
    ///
    /// # Errors
    /// `BadRequest` for one of nothing, too: it would be answered at no cost.
    pub fn open_push(&self, protocol: u16, push: SignedBatch<'_>) -> Result<Vec<Claim>, ErrorBody> {
        let SignedBatch {
            batch,
            signature,
            proofs,
            sent,
        } = push;
        if batch.len() > MAX_PUSH_BYTES {
            return Err(refusing::too_large());
        }
        let is_signed = Signature::from_slice(signature)
            .and_then(|signature| self.key.verify_strict(batch, &signature))
            .is_ok();
        if !is_signed {
            return Err(refuse(
                ErrorCode::DeviceKey,
                "What this device sent is not signed with its own key. Its work is kept here; ask whoever runs the server to look at the device.",
            ));
        }
        let actions: Batch = decode(batch)?;
        if actions.len() > MAX_PUSH_ACTIONS {
            return Err(refusing::too_large());
        }
        if actions.is_empty() {
            return Err(refusing::bad_request());
        }
        // What has no changes has no actor that would say whose it is.
        let actorless = actions.iter().filter(|action| action.changes.is_empty());
        self.check_people(protocol, actorless.map(|action| action.author))?;
        self.claims(actions, proofs, sent)
    }
}

/// Earlier versions know nothing of work that waits for its author.
const FIRST_WITH_PROOFS: u16 = 3;

/// Reads one frame.
pub fn read_frame(bytes: &[u8]) -> Result<ClientFrame, ErrorBody> {
    if bytes.len() > MAX_FRAME {
        return Err(refusing::too_large());
    }
    decode(bytes)
}

pub fn check_protocol(protocol: u16) -> Result<(), ErrorBody> {
    if protocol < OLDEST_PROTOCOL {
        Err(refuse(
            ErrorCode::OldProtocol,
            "This version of Keyrack is too old for the server. Nothing is lost: update Keyrack on this device, and what waits here will be sent.",
        ))
    } else if protocol > PROTOCOL {
        Err(refuse(
            ErrorCode::NewProtocol,
            "The server is older than this version of Keyrack. Nothing is lost: what waits here will be sent once the server has been updated.",
        ))
    } else {
        Ok(())
    }
}

/// The answer, in a version of the protocol, to a device that has the log of `epoch` up to `cursor`,
/// as far as `held` goes if it says so, and the entry after which it is told what the log has.
pub fn welcome(
    now: Timestamp,
    protocol: u16,
    epoch: Option<LogEpoch>,
    cursor: Sequence,
    held: Option<Reading>,
    greeted: Greeted,
) -> Result<(ServerFrame, Sequence), ErrorBody> {
    refusing::clashes(&greeted.clashes)?;
    let Some(after) = first_after(epoch, cursor, &greeted) else {
        return Err(refuse(
            ErrorCode::EpochChanged,
            "The server's log is not the one that this device has read: it was probably restored from a backup, and the server does not know. Everything is kept on this device; tell whoever runs the server.",
        ));
    };
    let has_all = held.is_none_or(|held| held.covers(greeted.reading));
    // Of another epoch it has to learn first: what it lacks it would ask for in vain.
    let knows_the_log = epoch == Some(greeted.head.epoch);
    if knows_the_log && after > Sequence::default() && !has_all {
        return Err(refuse(
            ErrorCode::MustRefetch,
            "There is more to read than this device has read so far. It reads again from the beginning; nothing is lost.",
        ));
    }
    let welcome = ServerFrame::Welcome {
        protocol,
        epoch: greeted.head.epoch,
        head: greeted.head.sequence,
        after,
        server_time: now,
        classes: greeted.reading.classes(),
        grant_millis: (protocol >= FIRST_WITH_GRANTS && greeted.reading != Reading::default())
            .then_some(GRANT_TOLD_MILLIS),
    };
    Ok((welcome, after))
}

/// Verdicts as a version of the protocol has words for them.
pub fn told_in(protocol: u16, mut verdicts: Vec<OperationVerdict>) -> Vec<OperationVerdict> {
    if protocol >= FIRST_WITH_GRANTS {
        return verdicts;
    }
    for told in &mut verdicts {
        let Verdict::Refused(refusal) = &mut told.verdict else {
            continue;
        };
        if let Refusal::GrantEnded { command, role } = refusal {
            *refusal = Refusal::NotAllowed {
                command: std::mem::take(command),
                role: *role,
            };
        } else if matches!(refusal, Refusal::NoSelfCheck | Refusal::InspectionAwaited) {
            *refusal = GateReason::NotOfCommand.into();
        } else if matches!(refusal, Refusal::ControlCharacter { .. }) {
            *refusal = GateReason::UnknownField.into();
        }
    }
    verdicts
}

/// Earlier versions have no `grant_millis` and no refusal that says that a grant was over, that a rule is
/// not what it was, that an inspection is open, or that a name holds what is not seen.
const FIRST_WITH_GRANTS: u16 = 4;
/// Without the time for which a connected device may not have been noted: no device counts on more
/// than the server gives.
const GRANT_TOLD_MILLIS: u32 = (GRANT_MILLIS - GRANT_RENEWED_MILLIS) as u32;

/// After which entry a device is told what the log has; None when the log lost what it had.
fn first_after(epoch: Option<LogEpoch>, cursor: Sequence, greeted: &Greeted) -> Option<Sequence> {
    match epoch {
        None => (cursor == Sequence::default()).then_some(cursor),
        Some(epoch) if epoch == greeted.head.epoch => {
            (cursor <= greeted.head.sequence && greeted.agrees).then_some(cursor)
        }
        // What the device has of an epoch that nobody knows any more is all in doubt.
        Some(_) => Some(cursor.min(greeted.shared.unwrap_or_default())),
    }
}

/// Reads one CBOR value that takes all of the bytes.
fn decode<T: serde::de::DeserializeOwned>(mut bytes: &[u8]) -> Result<T, ErrorBody> {
    let value = ciborium::from_reader(&mut bytes).map_err(|_| refusing::bad_request())?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        Err(refusing::bad_request())
    }
}
