//! The action: the unit of what people do, stored, sent, judged, delivered and undone as a whole.

use crate::{
    command::Command,
    ids::{DeviceId, DocumentRef, OperationId, UserId},
    time::{HybridTime, Timestamp},
};
use serde::{Deserialize, Serialize};

/// One command in full and all the changes it made, in whatever documents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Action {
    pub operation: OperationId,
    pub author: UserId,
    pub at: HybridTime,
    /// Schema version that the changes were written under.
    pub schema: u16,
    pub command: Command,
    pub changes: Vec<DocumentChange>,
}

/// One Automerge change of one document, as a plain change chunk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentChange {
    pub document: DocumentRef,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// A place in the hotel's log: 1 for the first entry, no gaps. Zero stands before the first.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// An action with its place in the log and what the server knows of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LogEntry {
    pub sequence: Sequence,
    pub received_at: Timestamp,
    pub device: DeviceId,
    pub action: Action,
}
