//! The working set as a new device receives it: documents in packed segments, all as of one place
//! in the log.

use crate::{
    action::{LogEntry, Sequence},
    class::Class,
    command::Command,
    ids::{DeviceId, LogEpoch, OperationId, UserId},
    rows::{HistoryField, Row},
    time::{BusinessDate, HybridTime, Timestamp},
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

/// Body of `GET /v1/records`: what is no document, as of an entry. Segments have none of it, because
/// what is erased has to be gone, and because not everybody reads all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecordPage {
    pub epoch: LogEpoch,
    /// What the person's role reads.
    pub classes: Vec<Class>,
    /// The last version of each record up to the entry, in log order.
    pub entries: Vec<LogEntry>,
    /// Whether nothing follows after the last of them.
    pub is_last: bool,
}

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
    pub at: HybridTime,
    pub received_at: Timestamp,
    /// How many documents it changed: whoever has its part in all of them has all of it.
    pub documents: u16,
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
