//! What a change says of itself, read without applying it.

use automerge::Change;
use keyrack_model::{
    ids::{ActorId, OperationId},
    time::Timestamp,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use uuid::Uuid;

/// SHA-256 name of a change.
pub type ChangeHash = [u8; 32];

/// Identity and place of one change in the graph of its document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeHeader {
    pub hash: ChangeHash,
    pub actor: ActorId,
    pub seq: u64,
    pub start_op: u64,
    pub max_op: u64,
    pub operations: usize,
    pub deps: Vec<ChangeHash>,
    /// The action that the change names as its own.
    pub operation: Option<OperationId>,
    pub at: Timestamp,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("the bytes are not one Automerge change")]
    NotAChange,
    #[error("the change does not match its checksum")]
    Checksum,
    #[error("the change's actor is not 16 bytes long")]
    Actor,
    #[error("Automerge panicked while reading the change")]
    Panicked,
}

/// Offset and length of the checksum in a chunk: four bytes after the magic ones.
const CHECKSUM: std::ops::Range<usize> = 4..8;

impl ChangeHeader {
    /// Reads a plain change chunk. Automerge does not compare the checksum; this does.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Change), HeaderError> {
        let owned = bytes.to_vec();
        let change = catch_unwind(AssertUnwindSafe(|| Change::from_bytes(owned)))
            .map_err(|_| HeaderError::Panicked)?
            .map_err(|_| HeaderError::NotAChange)?;
        let hash = change.hash().0;
        if bytes.get(CHECKSUM) != Some(&hash[..4]) {
            return Err(HeaderError::Checksum);
        }
        let actor =
            Uuid::from_slice(change.actor_id().to_bytes()).map_err(|_| HeaderError::Actor)?;
        let header = Self {
            hash,
            actor: ActorId(actor),
            seq: change.seq(),
            start_op: change.start_op().get(),
            max_op: change.max_op(),
            operations: change.len(),
            deps: change.deps().iter().map(|dep| dep.0).collect(),
            operation: change.message().and_then(|message| message.parse().ok()),
            at: Timestamp(change.timestamp()),
        };
        Ok((header, change))
    }
}
