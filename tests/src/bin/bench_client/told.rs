//! A sum by which devices are compared that do not keep what they are told.

use crate::outbox::encode;
use keyrack_model::action::{Content, LogEntry, Sequence};

/// The sum over all that a device knows of the log, its own actions among it, each with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Told(u128);

impl Told {
    pub fn entry(entry: &LogEntry) -> Self {
        match &entry.content {
            Content::Action { action, .. } => Self::action(entry.sequence, &encode(action)),
            Content::Record { .. } | Content::Hidden { .. } => {
                Self::action(entry.sequence, &encode(entry))
            }
        }
    }

    /// An action as its CBOR.
    pub fn action(place: Sequence, action: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&place.0.to_le_bytes()).update(action);
        let mut half = [0; 16];
        hasher.finalize_xof().fill(&mut half);
        Self(u128::from_le_bytes(half))
    }
}

impl std::ops::AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}
