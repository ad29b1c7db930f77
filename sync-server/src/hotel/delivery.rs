//! Log entries on their way to the sessions, encoded once for all of them.

use crate::log::{Page, stored_size};
use axum::body::Bytes;
use keyrack_model::{
    action::{LogEntry, Sequence},
    limits::{MAX_DELIVER_ENTRIES, MAX_PUSH_BYTES},
};
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// What fits one `Deliver` frame.
pub const PAGE: Page = Page {
    entries: MAX_DELIVER_ENTRIES,
    bytes: MAX_PUSH_BYTES,
};

/// Consecutive entries, at least one, that fit one frame.
#[derive(Debug)]
pub struct Delivery {
    entries: Vec<LogEntry>,
    frame: OnceLock<Bytes>,
}

/// `ServerFrame::Deliver` without owning its entries; a test holds the two together.
#[derive(Serialize)]
enum Frame<'a> {
    Deliver { entries: &'a [LogEntry] },
}

impl Delivery {
    /// None for no entries at all.
    pub fn of(entries: Vec<LogEntry>) -> Option<Self> {
        let is_consecutive = entries
            .windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence.next());
        debug_assert!(is_consecutive, "a delivery has a gap");
        (!entries.is_empty()).then(|| Self {
            entries,
            frame: OnceLock::new(),
        })
    }

    /// Cuts consecutive entries into deliveries.
    pub fn cut(entries: Vec<LogEntry>) -> Vec<Arc<Self>> {
        let mut deliveries = Vec::new();
        let mut batch = Vec::new();
        let mut bytes = 0;
        for entry in entries {
            let size = stored_size(&entry);
            let is_full = batch.len() == PAGE.entries || bytes + size > PAGE.bytes;
            if is_full {
                deliveries.extend(Self::of(std::mem::take(&mut batch)));
                bytes = 0;
            }
            bytes += size;
            batch.push(entry);
        }
        deliveries.extend(Self::of(batch));
        deliveries.into_iter().map(Arc::new).collect()
    }

    pub fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    pub fn first(&self) -> Sequence {
        self.entries[0].sequence
    }

    pub fn last(&self) -> Sequence {
        self.entries[self.entries.len() - 1].sequence
    }

    /// The part after a cursor that lies within this delivery.
    pub fn after(&self, cursor: Sequence) -> Option<Self> {
        let entries = self.entries.iter();
        let rest = entries.filter(|entry| entry.sequence > cursor).cloned();
        Self::of(rest.collect())
    }

    /// The CBOR of the `Deliver` frame.
    pub fn frame(&self) -> Bytes {
        let frame = self.frame.get_or_init(|| {
            let mut bytes = Vec::new();
            let frame = Frame::Deliver {
                entries: &self.entries,
            };
            ciborium::into_writer(&frame, &mut bytes)
                .expect("an entry has no value that CBOR lacks, and memory takes all bytes");
            bytes.into()
        });
        frame.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pretend::*;
    use keyrack_model::{
        cleanliness::Cleanliness,
        limits::{MAX_CHANGE, MAX_FRAME},
        wire::ServerFrame,
    };

    fn entries(count: u64) -> Vec<LogEntry> {
        let mut maria = Device::of(MARIA, 1);
        let device = maria.id;
        let entry = |sequence| LogEntry {
            sequence: Sequence(sequence),
            received_at: NOW,
            device,
            action: maria.mark(Cleanliness::Clean),
        };
        (1..=count).map(entry).collect()
    }

    #[test]
    fn a_delivery_reads_as_the_frame_of_the_protocol() {
        let entries = entries(3);
        let delivery = Delivery::of(entries.clone()).unwrap();
        let frame: ServerFrame = ciborium::from_reader(&delivery.frame()[..]).unwrap();
        assert_eq!(frame, ServerFrame::Deliver { entries });
    }

    #[test]
    fn deliveries_are_cut_at_their_bounds_and_hold_every_entry_once() {
        let by_count = entries(MAX_DELIVER_ENTRIES as u64 + 1);
        let mut by_size = entries(10);
        for entry in &mut by_size {
            entry.action.changes[0].bytes = vec![0; MAX_CHANGE];
        }
        for entries in [by_count, by_size] {
            let deliveries = Delivery::cut(entries.clone());
            assert!(deliveries.len() > 1);
            for delivery in &deliveries {
                assert!(delivery.entries().len() <= MAX_DELIVER_ENTRIES);
                assert!(delivery.frame().len() <= MAX_FRAME);
            }
            let all: Vec<LogEntry> = deliveries
                .iter()
                .flat_map(|delivery| delivery.entries().to_vec())
                .collect();
            assert_eq!(all, entries);
        }
    }
}
