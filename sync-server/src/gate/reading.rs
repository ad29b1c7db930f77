//! A pushed action, scanned and read as far as that goes without knowing anything of the hotel.

use super::scanner;
use crate::log::digest;
use automerge::{Change, legacy::Op};
use keyrack_document::{ChangeHeader, HeaderError};
use keyrack_model::{
    action::{Action, DocumentChange},
    ids::{DocumentRef, OperationId},
    limits::{MAX_ACTION_CHANGES, MAX_CHANGE_ROWS},
    refusal::{GateReason, Refusal},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An action with what its changes say, or why they cannot be read.
pub struct ReadAction {
    pub action: Action,
    /// The content as one hash, see [`digest`].
    pub digest: [u8; 32],
    pub(super) changes: Result<Vec<ReadChange>, Refusal>,
}

pub(super) struct ReadChange {
    pub document: DocumentRef,
    pub header: ChangeHeader,
    pub operations: Vec<Op>,
}

impl ReadAction {
    /// Reads every change. What is unfit becomes the action's verdict when its turn comes.
    pub fn of(action: Action) -> Self {
        Self {
            digest: digest(&action),
            changes: read_changes(&action).map_err(|reason| Refusal::Gate { reason }),
            action,
        }
    }

    /// The documents and actors whose state decides about the action.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (DocumentRef, &ChangeHeader)> {
        let changes = self.changes.as_deref().unwrap_or_default();
        changes
            .iter()
            .map(|change| (change.document, &change.header))
    }
}

fn read_changes(action: &Action) -> Result<Vec<ReadChange>, GateReason> {
    if action.changes.is_empty() {
        return Err(GateReason::NoChanges);
    }
    if action.changes.len() > MAX_ACTION_CHANGES {
        return Err(GateReason::TooLarge);
    }
    let changes = action.changes.iter();
    changes
        .map(|change| ReadChange::of(change, action.operation))
        .collect()
}

impl ReadChange {
    fn of(sent: &DocumentChange, operation: OperationId) -> Result<Self, GateReason> {
        scanner::measure(&sent.bytes)?;
        let (header, change) = ChangeHeader::parse(&sent.bytes).map_err(|error| match error {
            HeaderError::NotAChange | HeaderError::Actor => GateReason::NotAChange,
            HeaderError::Checksum => GateReason::Checksum,
            HeaderError::Panicked => GateReason::Panicked,
        })?;
        if header.operation != Some(operation) {
            return Err(GateReason::WrongOperation);
        }
        if header.operations == 0 {
            return Err(GateReason::NoChanges);
        }
        if header.operations as u64 > MAX_CHANGE_ROWS {
            return Err(GateReason::TooManyOperations);
        }
        Ok(Self {
            document: sent.document,
            header,
            operations: decode(&change)?,
        })
    }
}

/// Automerge panics on an unknown action and on an actor that is not there.
fn decode(change: &Change) -> Result<Vec<Op>, GateReason> {
    catch_unwind(AssertUnwindSafe(|| change.decode().operations)).map_err(|_| GateReason::Panicked)
}
