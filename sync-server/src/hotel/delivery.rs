//! Log entries on their way to the sessions, encoded once for all of them.

use super::Stored;
use crate::log::{Page, stored_size};
use axum::body::Bytes;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    class::{Reading, classes_in},
    ids::DeviceId,
    limits::{MAX_DELIVER_ENTRIES, MAX_PUSH_BYTES},
    record::{Record, RecordRef},
};
use keyrack_wire::Told;
use serde::Serialize;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// What fits one `Deliver` frame.
pub const PAGE: Page = Page {
    entries: MAX_DELIVER_ENTRIES,
    bytes: MAX_PUSH_BYTES,
};

/// Consecutive entries, at least one, that fit one frame.
#[derive(Debug)]
pub struct Delivery {
    entries: Vec<LogEntry>,
    /// Where they were done.
    devices: HashSet<DeviceId>,
    /// What one has to be able to read to get all of it.
    classes: Reading,
    frame: OnceLock<Bytes>,
    /// The same in parts; None where it has to go out as it is.
    told: OnceLock<Option<Arc<Told>>>,
    /// For those who may not read everything: there are few kinds of readers.
    partial: Mutex<Vec<(Reading, Bytes)>>,
}

/// A delivery on its way to a reader who takes the compact form.
#[derive(Clone, Debug)]
pub enum Telling {
    /// In parts, of which the connection leaves out what it has told before.
    Parts(Arc<Told>),
    /// As the plain frame.
    Frame(Bytes),
}

impl Telling {
    fn of(entries: &[LogEntry]) -> Self {
        let frame = encode(entries);
        match Told::of(&frame, entries) {
            Some(told) => Self::Parts(Arc::new(told)),
            None => Self::Frame(frame),
        }
    }
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
            devices: entries.iter().filter_map(device_of).collect(),
            classes: classes_in(&entries),
            entries,
            frame: OnceLock::new(),
            told: OnceLock::new(),
            partial: Mutex::default(),
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

    /// Whether it has a version of a record. After one of a person the role may be another, after
    /// one of a device that may not be trusted any more.
    pub fn tells_of(&self, record: RecordRef) -> bool {
        let records = self.entries.iter().filter_map(LogEntry::record);
        let mut told = records.map(Record::reference);
        told.any(|told| told == record)
    }

    /// Whether it tells of something after a place that was done on a device.
    pub fn tells_of_work_on(&self, device: DeviceId, after: Sequence) -> bool {
        let mut later = self.entries.iter().filter(|entry| entry.sequence > after);
        self.devices.contains(&device) && later.any(|entry| device_of(entry) == Some(device))
    }

    /// The frame for a reader who was told of some places already; None when that is all.
    pub fn frame_without(&self, left_out: &[Stored], reading: Reading) -> Option<Bytes> {
        if self.is_apart_from(left_out) {
            return Some(self.frame(reading));
        }
        let entries = self.entries_without(left_out);
        (!entries.is_empty()).then(|| encode(&reading.shown(&entries)))
    }

    /// [`Delivery::frame_without`] for a reader who takes the compact form.
    pub fn said_without(&self, left_out: &[Stored], reading: Reading) -> Option<Telling> {
        if !self.is_apart_from(left_out) {
            let entries = self.entries_without(left_out);
            return (!entries.is_empty()).then(|| Telling::of(&reading.shown(&entries)));
        }
        if !reading.covers(self.classes) {
            return Some(Telling::Frame(self.frame(reading)));
        }
        let told = self.told.get_or_init(|| match Telling::of(&self.entries) {
            Telling::Parts(told) => Some(told),
            Telling::Frame(_) => None,
        });
        Some(match told {
            Some(told) => Telling::Parts(Arc::clone(told)),
            None => Telling::Frame(self.frame(reading)),
        })
    }

    /// Whether nothing of it was told by an answer to a push.
    fn is_apart_from(&self, left_out: &[Stored]) -> bool {
        let is_apart = |stored: &Stored| stored.last < self.first() || self.last() < stored.first;
        left_out.iter().all(is_apart)
    }

    fn entries_without(&self, left_out: &[Stored]) -> Vec<LogEntry> {
        let is_told = |entry: &&LogEntry| !left_out.iter().any(|stored| stored.has(entry.sequence));
        self.entries.iter().filter(is_told).cloned().collect()
    }

    /// The CBOR of the `Deliver` frame for a reader. Nothing else of the entries leaves here.
    pub fn frame(&self, reading: Reading) -> Bytes {
        if reading.covers(self.classes) {
            return self.frame.get_or_init(|| encode(&self.entries)).clone();
        }
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = partial.iter().find(|(known, _)| *known == reading) {
            return frame.clone();
        }
        let frame = encode(&reading.shown(&self.entries));
        partial.push((reading, frame.clone()));
        frame
    }
}

/// On which device an action was done.
fn device_of(entry: &LogEntry) -> Option<DeviceId> {
    match entry.content {
        Content::Action { device, .. } => Some(device),
        Content::Record { .. } | Content::Hidden { .. } => None,
    }
}

fn encode(entries: &[LogEntry]) -> Bytes {
    let mut bytes = Vec::new();
    ciborium::into_writer(&Frame::Deliver { entries }, &mut bytes)
        .expect("an entry has no value that CBOR lacks, and memory takes all bytes");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pretend::*;
    use keyrack_model::{
        action::Content,
        cleanliness::Cleanliness,
        limits::{MAX_CHANGE, MAX_FRAME},
        wire::ServerFrame,
    };

    fn entries(count: u64) -> Vec<LogEntry> {
        let mut maria = Device::of(MARIA, 1);
        let device = maria.id;
        let entry = |sequence| LogEntry {
            sequence: Sequence(sequence),
            content: Content::Action {
                received_at: NOW,
                device,
                action: maria.mark(Cleanliness::Clean),
            },
        };
        (1..=count).map(entry).collect()
    }

    #[test]
    fn a_delivery_reads_as_the_frame_of_the_protocol() {
        let entries = entries(3);
        let delivery = Delivery::of(entries.clone()).unwrap();
        let frame: ServerFrame =
            ciborium::from_reader(&delivery.frame(Reading::all())[..]).unwrap();
        assert_eq!(frame, ServerFrame::Deliver { entries });
    }

    #[test]
    fn deliveries_are_cut_at_their_bounds_and_hold_every_entry_once() {
        let by_count = entries(MAX_DELIVER_ENTRIES as u64 + 1);
        let mut by_size = entries(10);
        for entry in &mut by_size {
            if let Content::Action { action, .. } = &mut entry.content {
                action.changes[0].bytes = vec![0; MAX_CHANGE];
            }
        }
        for entries in [by_count, by_size] {
            let deliveries = Delivery::cut(entries.clone());
            assert!(deliveries.len() > 1);
            for delivery in &deliveries {
                assert!(delivery.entries().len() <= MAX_DELIVER_ENTRIES);
                assert!(delivery.frame(Reading::all()).len() <= MAX_FRAME);
            }
            let all: Vec<LogEntry> = deliveries
                .iter()
                .flat_map(|delivery| delivery.entries().to_vec())
                .collect();
            assert_eq!(all, entries);
        }
    }
}
