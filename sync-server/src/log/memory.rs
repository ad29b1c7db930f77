//! The log in memory: the twin of Postgres for tests and simulations, held to the same contract.

use super::{
    ActorBinding, Appended, Basis, ChangeName, Grant, Head, KnownRecord, Log, LogError, Mark,
    NewEntry, Page, Refused, StoredChange, StoredVerdict,
    review::{self, Outcome, Review, RoleChange, Standing, Step, kept_size},
    stored_size,
};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    limits::{GRANT_KEPT_MILLIS, GRANT_RENEWED_MILLIS},
    policy::Role,
    record::{Colleague, Payload, Record, RecordRef, Workplace},
    refusal::Refusal,
    rows::Person,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Clones share one store.
#[derive(Clone, Default)]
pub struct MemoryLog {
    hotels: Arc<Mutex<HashMap<HotelId, Hotel>>>,
}

#[derive(Default)]
struct Hotel {
    epoch: LogEpoch,
    restored: Vec<Restored>,
    /// With what was erased in it, so that it is back where the log is brought back to before the
    /// erasure, as in an older backup; nobody is told of it.
    entries: Vec<LogEntry>,
    /// By which entry a record was erased last.
    erased: HashMap<RecordRef, Sequence>,
    accepted: HashMap<OperationId, (Sequence, Timestamp)>,
    refused: HashMap<OperationId, Refused>,
    names: Vec<(Sequence, ChangeName)>,
    hashes: HashSet<Hash>,
    places: HashSet<Place>,
    actors: HashMap<ActorId, ActorBinding>,
    people: BTreeMap<String, Person>,
    /// Counts up with every change of what follows, and of the people's roles.
    moved: u64,
    changes: Vec<RoleChange>,
    left: HashSet<UserId>,
    distrusted: Vec<DeviceId>,
    /// When each device was last known to have heard the server.
    told: BTreeMap<DeviceId, Timestamp>,
    /// With where the log ended before it told of the change.
    grants: Vec<(Sequence, Grant)>,
    /// In the order in which they came.
    reviews: Vec<Review>,
}

type Hash = (DocumentRef, [u8; 32]);
type Place = (DocumentRef, ActorId, u64);

fn hash(name: &ChangeName) -> Hash {
    (name.document, name.hash)
}

fn place(name: &ChangeName) -> Place {
    (name.document, name.actor, name.seq)
}

/// An epoch after the first.
struct Restored {
    previous: LogEpoch,
    shared: Sequence,
    at: Timestamp,
}

impl MemoryLog {
    /// Begins a hotel with an empty log.
    pub fn open(&self, hotel: HotelId, epoch: LogEpoch, people: Vec<Person>) {
        let people = people
            .into_iter()
            .map(|person| (person.name.clone(), person))
            .collect();
        let hotels = &mut *self.lock();
        hotels.insert(
            hotel,
            Hotel {
                epoch,
                people,
                ..Hotel::default()
            },
        );
    }

    /// Adds a person, or gives one another role: the next version of that person's record.
    pub fn put_person(
        &self,
        hotel: HotelId,
        person: Person,
        now: Timestamp,
    ) -> Result<Sequence, LogError> {
        let id = hotel;
        self.with(hotel, |hotel| {
            let of = RecordRef::from(person.id);
            let version = hotel.version(of).map_or(0, |known| known.version) + 1;
            let payload = Payload::Person(Colleague::from(&person));
            let record = Record::version(of, version, payload);
            let entry = NewEntry::of_the_server(id, record, now);
            if let Some(before) = hotel.people.get(&person.name).map(|it| it.role)
                && before != person.role
            {
                hotel.note_role_change(RoleChange {
                    person: person.id,
                    at: now,
                    before,
                    after: Some(person.role),
                });
            }
            hotel.append(Basis::end(hotel.last()), &[entry], &[])?;
            hotel.people.insert(person.name.clone(), person);
            hotel.moved += 1;
            Ok(hotel.last())
        })?
    }

    /// How many versions a record has.
    pub fn versions(&self, hotel: HotelId, record: RecordRef) -> Result<u64, LogError> {
        self.with(hotel, |hotel| {
            hotel.version(record).map_or(0, |known| known.version)
        })
    }

    /// Gives somebody another role, as a change of their row does in Postgres.
    pub fn change_role(
        &self,
        hotel: HotelId,
        person: UserId,
        role: Role,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            let mut people = hotel.people.values_mut();
            if let Some(found) = people.find(|found| found.id == person) {
                let before = std::mem::replace(&mut found.role, role);
                hotel.note_role_change(RoleChange {
                    person,
                    at: now,
                    before,
                    after: Some(role),
                });
            }
        })
    }

    /// Takes somebody away.
    pub fn dismiss(&self, hotel: HotelId, person: UserId) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            hotel.people.retain(|_, found| found.id != person);
            hotel.left.insert(person);
            hotel.moved += 1;
        })
    }

    /// Brings a hotel's log back to an older state, as an older backup would.
    pub fn restore(&self, hotel: HotelId, to: Sequence) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            let kept = usize::try_from(to.0).unwrap_or(usize::MAX);
            hotel.entries.truncate(kept);
            hotel.erased.clear();
            (0..hotel.entries.len()).for_each(|at| hotel.note_erasure(at));
            hotel.accepted.retain(|_, (sequence, _)| *sequence <= to);
            hotel.names.retain(|(sequence, _)| *sequence <= to);
            hotel.hashes = hotel.names.iter().map(|(_, name)| hash(name)).collect();
            hotel.places = hotel.names.iter().map(|(_, name)| place(name)).collect();
            let records = hotel.entries.iter().filter_map(LogEntry::record);
            for person in records.filter_map(Record::person) {
                hotel.people.insert(person.name.clone(), person);
            }
            hotel.moved += 1;
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HotelId, Hotel>> {
        self.hotels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, hotel: HotelId, ask: impl FnOnce(&mut Hotel) -> T) -> Result<T, LogError> {
        let hotels = &mut *self.lock();
        hotels
            .get_mut(&hotel)
            .map(ask)
            .ok_or(LogError::UnknownHotel)
    }
}

impl Log for MemoryLog {
    async fn head(&self, hotel: HotelId) -> Result<Head, LogError> {
        self.with(hotel, |hotel| hotel.head())
    }

    async fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> Result<Head, LogError> {
        self.with(hotel, |hotel| {
            let previous = std::mem::replace(&mut hotel.epoch, epoch);
            hotel.restored.push(Restored {
                previous,
                shared,
                at: now,
            });
            hotel.head()
        })
    }

    async fn has(&self, hotel: HotelId, known: KnownPlace) -> Result<bool, LogError> {
        self.with(hotel, |hotel| hotel.has(known))
    }

    async fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> Result<Option<Sequence>, LogError> {
        self.with(hotel, |hotel| {
            if epoch == hotel.epoch {
                return Some(hotel.last());
            }
            let mut after = hotel
                .restored
                .iter()
                .skip_while(|next| next.previous != epoch);
            let first = after.next()?.shared;
            Some(after.map(|next| next.shared).fold(first, Sequence::min))
        })
    }

    async fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        self.with(hotel, |hotel| hotel.append(basis, entries, refused))?
    }

    async fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> Result<Vec<LogEntry>, LogError> {
        self.with(hotel, |hotel| {
            let mut bytes = 0;
            let from = usize::try_from(after.0).unwrap_or(usize::MAX);
            let rest = hotel.entries.iter().skip(from);
            rest.take(page.entries.max(1))
                .enumerate()
                .take_while(|(index, entry)| {
                    bytes += stored_size(entry);
                    *index == 0 || bytes <= page.bytes
                })
                .map(|(_, entry)| hotel.told(entry))
                .collect()
        })
    }

    async fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<Vec<StoredChange>, LogError> {
        self.with(hotel, |hotel| {
            let actions = hotel.entries.iter().filter_map(LogEntry::action);
            let changes = actions.flat_map(|action| &action.changes);
            changes
                .filter(|change| documents.contains(&change.document))
                .map(|change| StoredChange {
                    document: change.document,
                    bytes: change.bytes.clone(),
                })
                .collect()
        })
    }

    async fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<Vec<StoredVerdict>, LogError> {
        self.with(hotel, |hotel| {
            let asked: HashSet<_> = operations.iter().collect();
            asked
                .into_iter()
                .filter_map(|operation| hotel.verdict(*operation))
                .collect()
        })
    }

    async fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> Result<Vec<ActorId>, LogError> {
        self.with(hotel, |hotel| {
            let mut clashes = Vec::new();
            for ActorRegistration { actor, user } in actors.iter().copied() {
                let asked = ActorBinding {
                    actor,
                    user,
                    device,
                };
                if *hotel.actors.entry(actor).or_insert(asked) != asked {
                    clashes.push(actor);
                }
            }
            clashes
        })
    }

    async fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> Result<Vec<ActorBinding>, LogError> {
        self.with(hotel, |hotel| {
            let asked: HashSet<_> = actors.iter().collect();
            asked
                .into_iter()
                .filter_map(|actor| hotel.actors.get(actor).copied())
                .collect()
        })
    }

    async fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> Result<Vec<KnownRecord>, LogError> {
        self.with(hotel, |hotel| {
            let asked: HashSet<_> = records.iter().collect();
            asked
                .into_iter()
                .filter_map(|record| hotel.version(*record))
                .collect()
        })
    }

    async fn people(&self, hotel: HotelId) -> Result<Vec<Person>, LogError> {
        self.with(hotel, |hotel| hotel.people.values().cloned().collect())
    }

    async fn standing(&self, hotel: HotelId, after: Timestamp) -> Result<Standing, LogError> {
        self.with(hotel, |hotel| {
            let changes = hotel.changes.iter().filter(|change| change.at > after);
            let told_after = Timestamp(after.0.saturating_sub(GRANT_KEPT_MILLIS));
            let grants = hotel.grants.iter().map(|(_, grant)| *grant);
            let people = hotel.people.values();
            let mut standing = Standing {
                mark: hotel.mark(),
                roles: people.map(|person| (person.id, person.role)).collect(),
                changes: changes.copied().collect(),
                left: hotel.left.clone(),
                distrusted: hotel.distrusted.clone(),
                grants: grants.filter(|it| it.told_at > told_after).collect(),
                ..Standing::default()
            };
            for review in hotel.reviews.iter().filter(|review| review.is_open()) {
                let amount = standing.kept.of(review.kept.cause);
                amount.actions += 1;
                amount.bytes += kept_size(&review.kept.action);
            }
            standing
        })
    }

    async fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> Result<Option<Role>, LogError> {
        self.with(hotel, |hotel| {
            let mut people = hotel.people.values();
            let found = people.find(|found| found.id == person);
            let found = found.filter(|_| !hotel.distrusted.contains(&device));
            found.map(|found| found.role)
        })
    }

    async fn note_role_change(&self, hotel: HotelId, change: RoleChange) -> Result<(), LogError> {
        self.with(hotel, |hotel| hotel.note_role_change(change))
    }

    async fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            let told = hotel.told.entry(device).or_insert(now);
            if now < *told || now.millis_since(*told) >= GRANT_RENEWED_MILLIS {
                *told = now;
            }
            for (sequence, grant) in &mut hotel.grants {
                if grant.device == device && grant.ended_at.is_none() && *sequence < up_to {
                    grant.ended_at = Some(now);
                    hotel.moved += 1;
                }
            }
        })
    }

    async fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        let id = hotel;
        self.with(hotel, |hotel| {
            if hotel.distrusted.contains(&device) {
                return Ok(true);
            }
            hotel.distrusted.push(device);
            hotel.moved += 1;
            let of = RecordRef::from(device);
            let version = hotel.version(of).map_or(0, |known| known.version) + 1;
            let revoked = Payload::Device(Workplace {
                name: String::new(),
                revoked: true,
            });
            let record = Record::version(of, version, revoked);
            let entry = NewEntry::of_the_server(id, record, now);
            hotel.append(Basis::end(hotel.last()), &[entry], &[])?;
            Ok(true)
        })?
    }

    async fn reviews(&self, hotel: HotelId) -> Result<Vec<Review>, LogError> {
        self.with(hotel, |hotel| {
            let reviews = hotel.reviews.iter().filter(|review| review.is_open());
            reviews.cloned().collect()
        })
    }

    async fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> Result<Option<Review>, LogError> {
        let mut open = self.reviews(hotel).await?.into_iter();
        Ok(open.find(|review| review.kept.action.operation == operation))
    }

    async fn decide(&self, hotel: HotelId, step: Step) -> Result<bool, LogError> {
        review::check(step)?;
        self.with(hotel, |hotel| {
            let found = hotel.reviews.iter_mut().find(|review| {
                review.kept.action.operation == step.operation && review.outcome == step.from
            });
            let Some(review) = found else { return false };
            review.outcome = step.to;
            hotel.moved += 1;
            if step.to == Outcome::Declined
                && let Some(refused) = hotel.refused.get_mut(&step.operation)
            {
                refused.refusal = Refusal::Declined;
            }
            true
        })
    }
}

impl Hotel {
    fn head(&self) -> Head {
        Head {
            epoch: self.epoch,
            sequence: self.last(),
            restored_at: self.restored.last().map(|restored| restored.at),
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            epoch: self.epoch,
            count: self.moved,
        }
    }

    fn has(&self, known: KnownPlace) -> bool {
        let at = known.sequence.0.checked_sub(1);
        let entry = at.and_then(|at| self.entries.get(usize::try_from(at).ok()?));
        entry.is_some_and(|entry| {
            let received_at = known.received_at.or(entry.received_at());
            entry.operation() == Some(known.operation) && entry.received_at() == received_at
        })
    }

    fn last(&self) -> Sequence {
        Sequence(self.entries.len() as u64)
    }

    fn append(
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

    fn note_role_change(&mut self, change: RoleChange) {
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

    fn version(&self, of: RecordRef) -> Option<KnownRecord> {
        let last = self.versions_of(of).max_by_key(|record| record.version)?;
        Some(KnownRecord {
            record: of,
            version: last.version,
            is_erased: last.payload == Payload::Erased,
        })
    }

    fn note_erasure(&mut self, at: usize) {
        let entry = &self.entries[at];
        if let Some(record) = entry.record()
            && record.payload == Payload::Erased
        {
            self.erased.insert(record.reference(), entry.sequence);
        }
    }

    /// An entry as it is read, without what was erased since.
    fn told(&self, entry: &LogEntry) -> LogEntry {
        let mut told = entry.clone();
        if let Content::Record { record, .. } = &mut told.content
            && let Some(erased) = self.erased.get(&record.reference())
            && told.sequence < *erased
        {
            record.payload = Payload::Erased;
        }
        told
    }

    fn verdict(&self, operation: OperationId) -> Option<StoredVerdict> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::contract::{self, Ground};

    #[tokio::test]
    async fn what_was_erased_is_told_where_the_log_is_brought_back_to_before_that() {
        let (log, ground) = (MemoryLog::default(), Ground::sample());
        let (hotel, person) = ground.people().into_iter().next().unwrap();
        log.open(hotel, ground.epoch, Vec::new());
        let of = RecordRef::from(person.id);
        log.put_person(hotel, person.clone(), Timestamp(1)).unwrap();
        let erased = Record::version(of, 2, Payload::Erased);
        let erased = NewEntry::of_the_server(hotel, erased, Timestamp(2));
        let basis = Basis::end(Sequence(1));
        log.append(hotel, basis, &[erased], &[]).await.unwrap();
        let told = async || {
            let page = Page {
                entries: 1,
                bytes: usize::MAX,
            };
            let read = log.read(hotel, Sequence(0), page).await.unwrap();
            read[0].record().and_then(Record::person)
        };
        assert_eq!(told().await, None);
        log.restore(hotel, Sequence(1)).unwrap();
        assert_eq!(told().await, Some(person));
    }

    #[tokio::test]
    async fn the_log_in_memory_keeps_the_contract() {
        contract::holds(async || {
            let log = MemoryLog::default();
            let ground = Ground::sample();
            for (hotel, person) in ground.people() {
                log.open(hotel, ground.epoch, vec![person]);
            }
            (log, ground)
        })
        .await;
    }
}
