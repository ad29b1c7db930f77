//! The working set as a new device receives it: documents in packed segments, all as of one place
//! in the log.

use crate::{
    action::Sequence,
    command::Command,
    ids::{DeviceId, LogEpoch, OperationId, UserId},
    rows::{HistoryField, Row},
    time::{BusinessDate, Timestamp},
};
use serde::{Deserialize, Serialize};

/// Body of `GET /v1/working-set`: what to ask for, most wanted first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkingSet {
    pub epoch: LogEpoch,
    /// Every document is as of this entry; what came later is read from the log.
    pub sequence: Sequence,
    /// What was over before this business date is left out.
    pub since: BusinessDate,
    pub segments: Vec<SegmentName>,
}

/// A segment before it is asked for. Its bytes never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SegmentName {
    pub id: SegmentId,
    /// Bytes to receive.
    pub packed: u32,
    /// Bytes of its CBOR.
    pub unpacked: u32,
    pub documents: u32,
}

/// BLAKE3 of the packed bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentId(#[serde(with = "serde_bytes")] pub [u8; 32]);

/// What `GET /v1/segments/{id}` and `GET /v1/documents/{kind}/{id}` answer: this as CBOR in one
/// zstd frame.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Segment {
    /// Whose story the documents tell, in log order; each once.
    pub actions: Vec<ActionLine>,
    pub documents: Vec<DocumentState>,
}

/// An action without its changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActionLine {
    pub sequence: Sequence,
    pub operation: OperationId,
    pub author: UserId,
    pub device: DeviceId,
    /// When it happened, by the author's device.
    pub at: Timestamp,
    pub received_at: Timestamp,
    pub command: Command,
}

/// A document at the working set's place in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentState {
    pub row: Row,
    /// The saved Automerge document: every admitted change of it up to that place.
    #[serde(with = "serde_bytes")]
    pub snapshot: Vec<u8>,
    /// What the actions did to it, in log order.
    pub story: Vec<StoryPart>,
    /// Whether the story begins with the document; otherwise the server has more of it.
    pub is_whole: bool,
}

/// What one action did to one document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoryPart {
    pub sequence: Sequence,
    /// Whether it made the document.
    pub created: bool,
    pub fields: Vec<HistoryField>,
}
