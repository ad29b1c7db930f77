//! A log that fails.

use crate::log::{
    ActorBinding, Appended, Basis, Head, KnownRecord, Log, LogError, NewEntry, Page, Refused,
    Served, StoredChange, StoredVerdict,
    memory::MemoryLog,
    review::{Review, RoleChange, Standing, Step},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::Suspicion,
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    record::RecordRef,
    rows::Person,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// A log whose appends fail for a while, before or after they are stored.
pub struct Failing {
    pub log: Arc<MemoryLog>,
    /// Appends that still fail.
    pub failures: AtomicUsize,
    pub stores: Stores,
    /// Questions so far for verdicts and for who may do what.
    pub asked: AtomicUsize,
    /// Questions so far for what documents are made of.
    pub fetched: AtomicUsize,
    /// Appends for which somebody's role has just changed.
    pub moves: AtomicUsize,
    /// Appends so far, by how many entries they brought.
    pub appended: Mutex<Vec<usize>>,
}

impl Failing {
    /// One that does not, as yet.
    pub fn that_works(log: Arc<MemoryLog>) -> Self {
        Self {
            log,
            failures: AtomicUsize::new(0),
            stores: Stores::Nothing,
            asked: AtomicUsize::new(0),
            fetched: AtomicUsize::new(0),
            moves: AtomicUsize::new(0),
            appended: Mutex::default(),
        }
    }

    pub fn appends(&self) -> Vec<usize> {
        self.appended.lock().unwrap().clone()
    }
}

/// Whether there was one left.
fn take_one(count: &AtomicUsize) -> bool {
    let one_less = |left: usize| left.checked_sub(1);
    let taken = count.try_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    taken.is_ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    BeforeItFails,
    Nothing,
}

impl Log for Failing {
    async fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        self.appended.lock().unwrap().push(entries.len());
        if take_one(&self.moves) {
            return Ok(Appended::StandingMoved);
        }
        let failed = LogError::Unavailable("the disk is full".into());
        let fails = take_one(&self.failures);
        if fails && self.stores == Stores::Nothing {
            return Err(failed);
        }
        let appended = self.log.append(hotel, basis, entries, refused).await?;
        if fails { Err(failed) } else { Ok(appended) }
    }

    async fn head(&self, hotel: HotelId) -> Result<Head, LogError> {
        self.log.head(hotel).await
    }

    async fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> Result<Head, LogError> {
        self.log.begin_epoch(hotel, epoch, shared, now).await
    }

    async fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> Result<Option<Served>, LogError> {
        self.log.served_as(hotel, person, device).await
    }

    async fn has(&self, hotel: HotelId, known: KnownPlace) -> Result<bool, LogError> {
        self.log.has(hotel, known).await
    }

    async fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> Result<Option<Sequence>, LogError> {
        self.log.shared_with(hotel, epoch).await
    }

    async fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> Result<Vec<LogEntry>, LogError> {
        self.log.read(hotel, after, page).await
    }

    async fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<Vec<StoredChange>, LogError> {
        self.fetched.fetch_add(1, Ordering::Relaxed);
        self.log.document_changes(hotel, documents).await
    }

    async fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<Vec<StoredVerdict>, LogError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.log.verdicts(hotel, operations).await
    }

    async fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> Result<Vec<ActorId>, LogError> {
        self.log.register_actors(hotel, device, actors).await
    }

    async fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> Result<Vec<ActorBinding>, LogError> {
        self.log.actors(hotel, actors).await
    }

    async fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> Result<Vec<KnownRecord>, LogError> {
        self.log.records(hotel, records).await
    }

    async fn people(&self, hotel: HotelId) -> Result<Vec<Person>, LogError> {
        self.log.people(hotel).await
    }

    async fn standing(&self, hotel: HotelId, after: Timestamp) -> Result<Standing, LogError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.log.standing(hotel, after).await
    }

    async fn note_role_change(&self, hotel: HotelId, change: RoleChange) -> Result<(), LogError> {
        self.log.note_role_change(hotel, change).await
    }

    async fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.log.note_told(hotel, device, up_to, now).await
    }

    async fn note_suspicion(
        &self,
        hotel: HotelId,
        of: (DeviceId, Option<UserId>),
        suspicion: Suspicion,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.log.note_suspicion(hotel, of, suspicion, now).await
    }

    async fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        self.log.distrust(hotel, device, now).await
    }

    async fn reviews(&self, hotel: HotelId) -> Result<Vec<Review>, LogError> {
        self.log.reviews(hotel).await
    }

    async fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> Result<Option<Review>, LogError> {
        self.log.review(hotel, operation).await
    }

    async fn decide(&self, hotel: HotelId, step: Step) -> Result<bool, LogError> {
        self.log.decide(hotel, step).await
    }
}
