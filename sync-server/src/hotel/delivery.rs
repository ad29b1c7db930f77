//! Log entries on their way to the sessions, encoded once for all of them.

use super::Stored;
use crate::log::{Page, stored_size};
use axum::body::Bytes;
use encoded::Encoded;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    class::{Reading, classes_in},
    ids::DeviceId,
    limits::{DELIVER_BYTES, MAX_DELIVER_ENTRIES, MAX_PUSH_BYTES},
    record::{Payload, Record, RecordRef},
};
use keyrack_wire::{Told, TooLarge, alone};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

mod encoded;

/// What fits one `Deliver` frame.
pub const PAGE: Page = Page {
    entries: MAX_DELIVER_ENTRIES,
    bytes: MAX_PUSH_BYTES,
};

/// What is sent to a session at once.
const BATCH: Page = Page {
    entries: MAX_DELIVER_ENTRIES,
    bytes: DELIVER_BYTES,
};

/// Consecutive entries, at least one, that fit one frame.
#[derive(Debug)]
pub struct Delivery {
    entries: Vec<LogEntry>,
    /// Where they were done.
    devices: HashSet<DeviceId>,
    /// What one has to be able to read to get all of it.
    classes: Reading,
    /// All of it.
    whole: Encoded,
    /// The same in parts; None where it has to go out as it is.
    told: OnceLock<Option<Told>>,
    /// As a message for those who read all of it.
    message: OnceLock<Bytes>,
    /// For those who may not read everything: there are few kinds of readers.
    partial: Mutex<Vec<(Reading, Shown)>>,
}

/// What one kind of reader is told.
#[derive(Clone, Debug)]
struct Shown {
    frame: Bytes,
    message: Arc<OnceLock<Bytes>>,
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
            whole: Encoded::of(&entries),
            entries,
            told: OnceLock::new(),
            message: OnceLock::new(),
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
            let is_full = batch.len() == BATCH.entries || bytes + size > BATCH.bytes;
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

    /// Bytes that it holds encoded for those who read everything; each other kind of reader adds no
    /// more than that.
    pub fn size(&self) -> usize {
        self.whole.size()
    }

    /// Whether something was erased in it: what was read before may hold that still.
    pub fn erases(&self) -> bool {
        let mut records = self.entries.iter().filter_map(LogEntry::record);
        records.any(|record| record.payload == Payload::Erased)
    }

    /// The frame for a reader who was told of some places already; None when that is all.
    pub fn frame_without(&self, left_out: &[Stored], reading: Reading) -> Option<Bytes> {
        if self.is_apart_from(left_out) {
            return Some(self.frame(reading));
        }
        let is_told = |entry: &LogEntry| !left_out.iter().any(|stored| stored.has(entry.sequence));
        if reading.covers(self.classes) {
            return self.whole.frame_of(|at| is_told(&self.entries[at]));
        }
        let entries = self.entries.iter().filter(|entry| is_told(entry));
        let entries: Vec<LogEntry> = entries.cloned().collect();
        (!entries.is_empty()).then(|| encoded::frame(&reading.shown(&entries)))
    }

    /// Whether nothing of it is among places that were told already.
    pub fn is_apart_from(&self, left_out: &[Stored]) -> bool {
        let mut left_out = left_out.iter();
        left_out.all(|stored| stored.last < self.first() || self.last() < stored.first)
    }

    /// All of it in parts, taken apart once for all who read it and take the compact form; None where
    /// the frame has to go out by itself.
    pub fn told(&self, reading: Reading) -> Option<&Told> {
        if !reading.covers(self.classes) {
            return None;
        }
        let told = || Told::of(&self.whole.frame(), &self.entries);
        self.told.get_or_init(told).as_ref()
    }

    /// The CBOR of the `Deliver` frame for a reader. Nothing else of the entries leaves here.
    pub fn frame(&self, reading: Reading) -> Bytes {
        if reading.covers(self.classes) {
            return self.whole.frame();
        }
        self.shown(reading).frame
    }

    /// The same frame as a message that stands by itself, packed once for all readers of a kind.
    pub fn message(&self, reading: Reading) -> Result<Bytes, TooLarge> {
        if reading.covers(self.classes) {
            return packed(&self.message, &self.whole.frame());
        }
        let shown = self.shown(reading);
        packed(&shown.message, &shown.frame)
    }

    fn shown(&self, reading: Reading) -> Shown {
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, shown)) = partial.iter().find(|(known, _)| *known == reading) {
            return shown.clone();
        }
        let shown = Shown {
            frame: encoded::frame(&reading.shown(&self.entries)),
            message: Arc::default(),
        };
        partial.push((reading, shown.clone()));
        shown
    }

    /// How often its entries were encoded.
    #[cfg(test)]
    pub fn encodings(&self) -> usize {
        1 + self.partial.lock().unwrap().len()
    }
}

fn packed(message: &OnceLock<Bytes>, frame: &[u8]) -> Result<Bytes, TooLarge> {
    if let Some(packed) = message.get() {
        return Ok(packed.clone());
    }
    let packed = Bytes::from(alone::pack(frame)?);
    Ok(message.get_or_init(|| packed).clone())
}

/// On which device an action was done.
fn device_of(entry: &LogEntry) -> Option<DeviceId> {
    match entry.content {
        Content::Action { device, .. } => Some(device),
        Content::Record { .. } | Content::Hidden { .. } => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
