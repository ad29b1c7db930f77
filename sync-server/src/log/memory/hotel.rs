//! One hotel of the log in memory.

use crate::log::{
    ActorBinding, Appended, Basis, ChangeName, Grant, Head, KnownRecord, LogError, Mark, NewEntry,
    Refused, StoredVerdict,
    review::{Outcome, Review, RoleChange},
};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    administration::Suspicion,
    class::GuestNames,
    ids::{ActorId, DeviceId, DocumentRef, LogEpoch, OperationId, UserId},
    record::{Payload, Record, RecordRef},
    rows::Person,
    time::Timestamp,
    wire::KnownPlace,
};
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Default)]
pub(super) struct Hotel {
    pub epoch: LogEpoch,
    pub restored: Vec<Restored>,
    /// With what was erased in it, so that it is back where the log is brought back to before the
    /// erasure, as in an older backup; nobody is told of it.
    pub entries: Vec<LogEntry>,
    /// By which entry a record was erased last.
    pub erased: HashMap<RecordRef, Sequence>,
    pub accepted: HashMap<OperationId, (Sequence, Timestamp)>,
    pub refused: HashMap<OperationId, Refused>,
    pub names: Vec<(Sequence, ChangeName)>,
    pub hashes: HashSet<Hash>,
    pub places: HashSet<Place>,
    pub actors: HashMap<ActorId, ActorBinding>,
    pub people: BTreeMap<String, Person>,
    /// Counts up with every change of what follows, and of the people's roles.
    pub moved: u64,
    pub changes: Vec<RoleChange>,
    pub left: HashSet<UserId>,
    pub distrusted: Vec<DeviceId>,
    /// When each device was last known to have heard the server.
    pub told: BTreeMap<DeviceId, Timestamp>,
    /// With where the log ended before it told of the change.
    pub grants: Vec<(Sequence, Grant)>,
    /// What the audit log would tell of.
    pub suspected: Vec<(DeviceId, Suspicion)>,
    /// In the order in which they came.
    pub reviews: Vec<Review>,
}

pub(super) type Hash = (DocumentRef, [u8; 32]);
pub(super) type Place = (DocumentRef, ActorId, u64);

pub(super) fn hash(name: &ChangeName) -> Hash {
    (name.document, name.hash)
}

pub(super) fn place(name: &ChangeName) -> Place {
    (name.document, name.actor, name.seq)
}

/// An epoch after the first.
pub(super) struct Restored {
    pub previous: LogEpoch,
    pub shared: Sequence,
    pub at: Timestamp,
}

impl Hotel {
    pub fn head(&self) -> Head {
        Head {
            epoch: self.epoch,
            sequence: self.last(),
            restored_at: self.restored.last().map(|restored| restored.at),
        }
    }

    pub fn mark(&self) -> Mark {
        Mark {
            epoch: self.epoch,
            count: self.moved,
        }
    }

    pub fn has(&self, known: KnownPlace) -> bool {
        let at = known.sequence.0.checked_sub(1);
        let entry = at.and_then(|at| self.entries.get(usize::try_from(at).ok()?));
        entry.is_some_and(|entry| {
            let received_at = known.received_at.or(entry.received_at());
            entry.operation() == Some(known.operation) && entry.received_at() == received_at
        })
    }

    pub fn last(&self) -> Sequence {
        Sequence(self.entries.len() as u64)
    }

    pub fn append(
        &mut self,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        let has_verdict = |operation: &OperationId| self.verdict(*operation).is_some();
        if basis.unknown.iter().any(has_verdict) {
            return Ok(Appended::Known);
        }
        if basis.end != self.last() || basis.last.is_some_and(|known| !self.has(known)) {
            return Ok(Appended::HeadMoved);
        }
        if basis.standing.is_some_and(|mark| mark != self.mark()) {
            return Ok(Appended::StandingMoved);
        }
        if !self.is_free(entries) {
            return Err(LogError::Taken);
        }
        for entry in entries {
            let sequence = self.last().next();
            let operation = entry.action.operation;
            self.accepted
                .insert(operation, (sequence, entry.received_at));
            for name in &entry.changes {
                self.names.push((sequence, *name));
                self.hashes.insert(hash(name));
                self.places.insert(place(name));
            }
            self.entries.push(entry.at(sequence));
            self.note_erasure(self.entries.len() - 1);
        }
        for refused in refused {
            self.keep(refused);
            self.refused.insert(refused.operation, refused.clone());
        }
        Ok(Appended::Stored { last: self.last() })
    }

    pub fn note_role_change(&mut self, change: RoleChange) {
        let end = self.last();
        if change.after.is_some() {
            let grants = self.told.iter().map(|(device, told_at)| Grant {
                device: *device,
                person: change.person,
                role: change.before,
                told_at: *told_at,
                ended_at: None,
            });
            self.grants.extend(grants.map(|grant| (end, grant)));
        }
        self.changes.push(change);
        self.moved += 1;
    }

    fn keep(&mut self, refused: &Refused) {
        let Some(kept) = &refused.kept else { return };
        let of_it = |review: &Review| review.kept.action.operation == refused.operation;
        if self
            .reviews
            .iter()
            .any(|review| of_it(review) && review.outcome == Outcome::Approving)
        {
            return;
        }
        self.moved += 1;
        self.reviews.retain(|review| !of_it(review));
        self.reviews.push(Review {
            kept: (**kept).clone(),
            device: refused.device,
            received_at: refused.received_at,
            outcome: Outcome::Waiting,
        });
    }

    /// Whether no entry takes what another one, stored or in the same append, has.
    fn is_free(&self, entries: &[NewEntry]) -> bool {
        let (mut operations, mut hashes, mut places) =
            (HashSet::new(), HashSet::new(), HashSet::new());
        let mut versions = HashSet::new();
        entries.iter().all(|entry| {
            let operation = entry.action.operation;
            let record = entry.record.as_ref();
            let version = record.map(|record| (record.reference(), record.version));
            !self.accepted.contains_key(&operation)
                && operations.insert(operation)
                && version.is_none_or(|it| !self.has_version(it) && versions.insert(it))
                && entry.changes.iter().all(|name| {
                    let (hash, place) = (hash(name), place(name));
                    !self.hashes.contains(&hash)
                        && !self.places.contains(&place)
                        && hashes.insert(hash)
                        && places.insert(place)
                })
        })
    }

    fn versions_of(&self, of: RecordRef) -> impl Iterator<Item = &Record> {
        let records = self.entries.iter().filter_map(LogEntry::record);
        records.filter(move |record| record.reference() == of)
    }

    fn has_version(&self, (of, version): (RecordRef, u64)) -> bool {
        self.versions_of(of).any(|record| record.version == version)
    }

    fn last_version(&self, of: RecordRef) -> Option<&Record> {
        self.versions_of(of).max_by_key(|record| record.version)
    }

    /// Whether who the guests are may be on a device, as its record says.
    pub fn guests_on(&self, device: DeviceId) -> GuestNames {
        let row = self.last_version(device.into()).and_then(Record::device);
        row.map(|row| row.guests).unwrap_or_default()
    }

    pub fn version(&self, of: RecordRef) -> Option<KnownRecord> {
        let last = self.last_version(of)?;
        Some(KnownRecord {
            record: of,
            version: last.version,
            is_erased: last.payload == Payload::Erased,
        })
    }

    pub fn note_erasure(&mut self, at: usize) {
        let entry = &self.entries[at];
        if let Some(record) = entry.record()
            && record.payload == Payload::Erased
        {
            let erased = record.reference();
            self.reviews
                .retain(|review| review.kept.action.command.record() != Some(erased));
            self.erased.insert(erased, entry.sequence);
        }
    }

    /// An entry as it is read, without what was erased since.
    pub fn told(&self, entry: &LogEntry) -> LogEntry {
        let mut told = entry.clone();
        if let Content::Record { record, .. } = &mut told.content
            && let Some(erased) = self.erased.get(&record.reference())
            && told.sequence < *erased
        {
            record.payload = Payload::Erased;
        }
        told
    }

    pub fn verdict(&self, operation: OperationId) -> Option<StoredVerdict> {
        if let Some((sequence, received_at)) = self.accepted.get(&operation) {
            return Some(StoredVerdict::Accepted {
                operation,
                sequence: *sequence,
                received_at: *received_at,
            });
        }
        let refused = self.refused.get(&operation)?;
        Some(StoredVerdict::Refused {
            operation,
            digest: refused.digest,
            refusal: refused.refusal.clone(),
        })
    }
}
