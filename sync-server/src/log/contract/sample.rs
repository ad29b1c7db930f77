//! Entries for the contract: what they say does not matter, only that each is another.

use super::{ACTOR, Ground};
use crate::log::{
    ChangeName, NewEntry, Refused, digest,
    review::{Cause, Kept},
};
use keyrack_model::{
    action::{Action, DocumentChange},
    command::Command,
    ids::{DocumentId, DocumentKind, DocumentRef, OperationId, TaskId},
    limits::SCHEMA,
    policy::Role,
    refusal::{GateReason, Refusal},
    time::{ClockReading, HybridTime, Timestamp},
};
use uuid::Uuid;

pub(super) fn operation(number: u128) -> OperationId {
    OperationId(Uuid::from_u128(0x0A00 + number))
}

pub(super) fn shared_document() -> DocumentRef {
    document(0)
}

pub(super) fn own_document(number: u128) -> DocumentRef {
    document(number)
}

fn document(number: u128) -> DocumentRef {
    DocumentRef {
        kind: DocumentKind::Task,
        id: DocumentId(Uuid::from_u128(0x0D00 + number)),
    }
}

impl Ground {
    /// The entry of one number: a change of the document that all share, and one of its own.
    pub(in crate::log) fn entry(&self, number: u128) -> NewEntry {
        let name = |document, side| ChangeName {
            document,
            actor: ACTOR,
            seq: if document == shared_document() {
                number as u64
            } else {
                1
            },
            hash: *blake3::hash(&[number as u8, side]).as_bytes(),
        };
        NewEntry {
            action: self.action(number),
            role: Role::Housekeeper,
            device: self.device,
            received_at: Timestamp(1_495_700_000_000 + number as i64),
            clock: ClockReading::Plausible,
            changes: vec![name(shared_document(), 0), name(own_document(number), 1)],
            record: None,
            names_hotel: None,
        }
    }

    fn action(&self, number: u128) -> Action {
        let change = |document, bytes: String| DocumentChange {
            document,
            bytes: bytes.into_bytes(),
        };
        Action {
            operation: operation(number),
            author: self.user,
            at: HybridTime {
                wall: Timestamp(1_495_600_000_000 + number as i64),
                counter: 3,
            },
            schema: SCHEMA,
            command: Command::StartTask {
                task: TaskId(Uuid::from_u128(number)),
            },
            changes: vec![
                change(shared_document(), format!("shared {number}")),
                change(own_document(number), format!("own {number}")),
            ],
        }
    }

    /// An entry after which the hotel is called something else.
    #[cfg(test)]
    pub(in crate::log) fn naming(&self, number: u128, name: &str) -> NewEntry {
        NewEntry {
            names_hotel: Some(name.to_owned()),
            ..self.entry(number)
        }
    }

    /// A refused one that is kept.
    pub(super) fn kept(&self, number: u128, cause: Cause) -> Refused {
        Refused {
            refusal: Refusal::UnderReview,
            kept: Some(Box::new(Kept {
                cause,
                role: Some(Role::Supervisor),
                action: self.action(number),
            })),
            ..self.refused(number)
        }
    }

    pub(super) fn refused(&self, number: u128) -> Refused {
        Refused {
            operation: operation(number),
            digest: digest(&self.action(number)),
            author: self.user,
            device: self.device,
            received_at: Timestamp(1_495_700_000_000),
            refusal: Refusal::Gate {
                reason: GateReason::Checksum,
            },
            kept: None,
        }
    }
}
