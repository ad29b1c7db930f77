//! The action: the unit of what people do, stored, sent, judged, delivered and undone as a whole.

use crate::{
    command::Command,
    ids::{DeviceId, DocumentRef, OperationId, UserId},
    limits::MAX_COUNTED,
    record::Record,
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

/// A place in the hotel's log: 1 for the first entry, no gaps. Zero stands before the first. What
/// comes from elsewhere is at most [`MAX_COUNTED`].
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Sequence(pub u64);

impl Sequence {
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A number that no place in a log has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no log has {0} entries")]
pub struct BeyondEveryLog(pub u64);

impl TryFrom<u64> for Sequence {
    type Error = BeyondEveryLog;

    fn try_from(number: u64) -> Result<Self, BeyondEveryLog> {
        if number <= MAX_COUNTED {
            Ok(Self(number))
        } else {
            Err(BeyondEveryLog(number))
        }
    }
}

impl From<Sequence> for u64 {
    fn from(sequence: Sequence) -> Self {
        sequence.0
    }
}

/// What stands at one place of the log, or at several that a reader may not see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LogEntry {
    /// The entry's place; of hidden ones, the last of theirs.
    pub sequence: Sequence,
    pub content: Content,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
// With pointers of a web view's size it is small enough.
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "nearly all of a log is actions: a box would be one more allocation for each"
    )
)]
pub enum Content {
    /// An action with what the server knows of it.
    Action {
        received_at: Timestamp,
        device: DeviceId,
        action: Action,
    },
    /// A version of a record, and what made it.
    Record {
        received_at: Timestamp,
        device: DeviceId,
        author: UserId,
        operation: OperationId,
        record: Record,
    },
    /// What this reader may not see, from `first` to the entry's place.
    Hidden {
        first: Sequence,
        /// What stands at the entry's place, by its name alone: so a log that was put back among
        /// hidden entries is told from the one that was read. Since version 3.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operation: Option<OperationId>,
    },
}

impl LogEntry {
    /// The first place that the entry stands for.
    pub fn first(&self) -> Sequence {
        match self.content {
            Content::Hidden { first, .. } => first,
            Content::Action { .. } | Content::Record { .. } => self.sequence,
        }
    }

    pub fn action(&self) -> Option<&Action> {
        match &self.content {
            Content::Action { action, .. } => Some(action),
            Content::Record { .. } | Content::Hidden { .. } => None,
        }
    }

    pub fn record(&self) -> Option<&Record> {
        match &self.content {
            Content::Record { record, .. } => Some(record),
            Content::Action { .. } | Content::Hidden { .. } => None,
        }
    }

    /// What was done, by its name.
    pub fn operation(&self) -> Option<OperationId> {
        match &self.content {
            Content::Action { action, .. } => Some(action.operation),
            Content::Record { operation, .. } => Some(*operation),
            Content::Hidden { operation, .. } => *operation,
        }
    }

    /// When the server learned of it.
    pub fn received_at(&self) -> Option<Timestamp> {
        match self.content {
            Content::Action { received_at, .. } | Content::Record { received_at, .. } => {
                Some(received_at)
            }
            Content::Hidden { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_no_store_can_count_to_does_not_read() {
        let read = |number: u64| serde_json::from_str::<Sequence>(&number.to_string());
        assert_eq!(read(0).unwrap(), Sequence(0));
        assert_eq!(read(MAX_COUNTED).unwrap(), Sequence(MAX_COUNTED));
        assert!(i64::try_from(MAX_COUNTED).is_ok());
        for beyond in [MAX_COUNTED + 1, u64::MAX] {
            assert!(read(beyond).is_err(), "{beyond}");
            assert_eq!(Sequence::try_from(beyond), Err(BeyondEveryLog(beyond)));
        }
    }
}
