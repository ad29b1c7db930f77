//! The server's store as it behaves behind a network: slow, away at times, and in doubt when an
//! append fails. What it holds is the log's twin in memory.

use super::{
    faults::{Faults, Lie, happens},
    hotel::{self, BEGINNING},
    ledger::Ledger,
    world::Broken,
};
use fastrand::Rng;
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::Suspicion,
    identity::{SERVER, record_operation},
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    record::RecordRef,
    rows::Person,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};
use keyrack_server::log::{
    ActorBinding, Appended, Basis, Head, KnownRecord, Log, LogError, NewEntry, Page, Refused,
    Served, StoredChange, StoredVerdict,
    memory::MemoryLog,
    review::{Review, RoleChange, Standing, Step},
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};

/// The store that every server of a world finds. Clones share it.
#[derive(Clone)]
pub(super) struct Disk {
    pub memory: MemoryLog,
    pub ledger: Ledger,
    faults: Arc<Mutex<Faults>>,
    rng: Arc<Mutex<Rng>>,
    away_until: Arc<AtomicU64>,
    /// How far the clock of the server's machine is ahead, in milliseconds.
    skew: Arc<AtomicI64>,
    /// Told when the server that appends must be killed.
    pub killing: Arc<Notify>,
}

impl Disk {
    pub fn new(ledger: Ledger, faults: Faults, seed: u64) -> Self {
        Self {
            memory: MemoryLog::default(),
            ledger,
            faults: Arc::new(Mutex::new(faults)),
            rng: Arc::new(Mutex::new(Rng::with_seed(seed))),
            away_until: Arc::default(),
            skew: Arc::default(),
            killing: Arc::default(),
        }
    }

    /// Gives somebody a role, by another program than the server.
    pub fn put_person(
        &self,
        hotel: HotelId,
        person: Person,
        at: Timestamp,
    ) -> Result<(), LogError> {
        let record = RecordRef::from(person.id);
        let sequence = self.memory.put_person(hotel, person, at)?;
        let version = self.memory.versions(hotel, record)?;
        let operation = record_operation(hotel, record, version);
        self.ledger.recorded(sequence, operation);
        Ok(())
    }

    /// A device has heard what the log has up to there.
    pub async fn tell(
        &self,
        (device, up_to): (DeviceId, Sequence),
        at: Timestamp,
    ) -> Result<(), Broken> {
        let told = self.memory.note_told(hotel::id(), device, up_to, at);
        told.await.map_err(|error| Broken(error.to_string()))
    }

    pub fn set_clock(&self, skew: i64) {
        self.skew.store(skew, Ordering::Relaxed);
    }

    /// What the clock of the server's machine says.
    pub fn wall(&self) -> Timestamp {
        let now = BEGINNING.0 + self.ledger.now() as i64;
        Timestamp(now + self.skew.load(Ordering::Relaxed))
    }

    /// Nothing reaches the store until then.
    pub fn leave_until(&self, at: u64) {
        self.away_until.store(at, Ordering::Relaxed);
    }

    pub fn is_away(&self) -> bool {
        self.ledger.now() < self.away_until.load(Ordering::Relaxed)
    }

    /// From here on the store does what it is asked for.
    pub fn heal(&self) {
        let faults = &mut *self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.failed_appends = 0;
        faults.deadly_appends = 0;
        self.leave_until(0);
        self.set_clock(0);
    }

    /// How this server is broken, if it is.
    pub fn lie(&self) -> Option<Lie> {
        self.draw(|faults, _| faults.lie)
    }

    fn draw<T>(&self, draw: impl FnOnce(&Faults, &mut Rng) -> T) -> T {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let rng = &mut *self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        draw(&faults, rng)
    }

    async fn commit(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        mut entries: Vec<NewEntry>,
        refused: Vec<Refused>,
    ) -> Result<Appended, LogError> {
        let lie = self.lie();
        if lie == Some(Lie::AnswersBeforeItStores) && !entries.is_empty() {
            let last = Sequence(basis.end.0 + entries.len() as u64);
            return Ok(Appended::Stored { last });
        }
        if lie == Some(Lie::TearsActions) {
            entries.iter_mut().for_each(tear);
        }
        let log = &self.memory;
        let appended = log.append(hotel, basis, &entries, &refused).await?;
        if let Appended::Stored { .. } = appended {
            let actions = entries.iter().map(|entry| &entry.action);
            self.ledger.stored(basis.end, actions);
            for (entry, place) in entries.iter().zip(basis.end.0 + 1..) {
                if let Some(record) = &entry.record {
                    self.ledger.stored_record(Sequence(place), record);
                }
            }
            if lie == Some(Lie::StoresTwice) {
                let actions = entries.iter().map(|entry| &entry.action);
                self.ledger.stored(self.ledger.head(), actions);
            }
        }
        Ok(appended)
    }
}

/// Takes the last of several changes away.
fn tear(entry: &mut NewEntry) {
    if entry.changes.len() > 1 {
        entry.changes.pop();
        entry.action.changes.pop();
    }
}

/// The disk as one server sees it, for as long as that server lives.
#[derive(Clone)]
pub(super) struct ServerLog {
    disk: Disk,
    alive: Arc<AtomicBool>,
}

/// What becomes of an append.
#[derive(Clone, Copy)]
enum Fate {
    Works,
    Fails,
    FailsAfterStoring,
    KillsTheServer,
}

impl ServerLog {
    pub fn new(disk: Disk) -> Self {
        Self {
            disk,
            alive: Arc::new(AtomicBool::new(true)),
        }
    }

    /// The server is dead: whatever it still waits for never comes.
    pub fn die(&self) {
        self.alive.store(false, Ordering::Relaxed);
    }

    /// How this server is broken, if it is.
    pub fn lie(&self) -> Option<Lie> {
        self.disk.lie()
    }

    fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    /// A question takes a while to reach the store, or does not reach it.
    async fn reach(&self) -> Result<&MemoryLog, LogError> {
        let millis = self.disk.draw(|_, rng| rng.u64(0..4));
        sleep(Duration::from_millis(millis)).await;
        self.unless_dead().await;
        if self.disk.is_away() {
            return Err(unavailable());
        }
        Ok(&self.disk.memory)
    }

    async fn unless_dead(&self) {
        if !self.is_alive() {
            std::future::pending().await
        }
    }
}

fn unavailable() -> LogError {
    LogError::Unavailable("the store is away".into())
}

impl Log for ServerLog {
    async fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        self.reach().await?;
        let (fate, under_way) = self.disk.draw(|faults, rng| {
            let fate = if happens(faults.failed_appends, rng) {
                [Fate::Fails, Fate::FailsAfterStoring][rng.usize(0..2)]
            } else if happens(faults.deadly_appends, rng) {
                Fate::KillsTheServer
            } else {
                Fate::Works
            };
            (fate, rng.u64(0..6))
        });
        if let Fate::Fails = fate {
            return Err(unavailable());
        }
        if let Fate::KillsTheServer = fate {
            self.disk.killing.notify_one();
        }
        // What the server does itself is in no push.
        let own = entries.iter().map(|entry| &entry.action);
        let own = own.filter(|action| action.author == SERVER);
        self.disk.ledger.pushed(own);
        // The store goes on with what it was sent, whatever becomes of the server.
        let (disk, alive) = (self.disk.clone(), self.alive.clone());
        let (entries, refused) = (entries.to_vec(), refused.to_vec());
        let (end, last, standing) = (basis.end, basis.last, basis.standing);
        let mut unknown = basis.unknown.to_vec();
        if self.lie() == Some(Lie::ForgetsVerdicts) {
            unknown.clear();
        }
        let commit = tokio::spawn(async move {
            sleep(Duration::from_millis(under_way)).await;
            let is_dropped = !alive.load(Ordering::Relaxed) && disk.draw(|_, rng| rng.bool());
            if is_dropped {
                return Err(unavailable());
            }
            let basis = Basis {
                end,
                last,
                standing,
                unknown: &unknown,
            };
            disk.commit(hotel, basis, entries, refused).await
        });
        let appended = commit.await.map_err(|_| unavailable())?;
        self.unless_dead().await;
        match fate {
            Fate::FailsAfterStoring => Err(unavailable()),
            Fate::Works | Fate::Fails | Fate::KillsTheServer => appended,
        }
    }

    async fn head(&self, hotel: HotelId) -> Result<Head, LogError> {
        self.reach().await?.head(hotel).await
    }

    async fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> Result<Head, LogError> {
        let log = self.reach().await?;
        log.begin_epoch(hotel, epoch, shared, now).await
    }

    async fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> Result<Option<Served>, LogError> {
        self.reach().await?.served_as(hotel, person, device).await
    }

    async fn has(&self, hotel: HotelId, known: KnownPlace) -> Result<bool, LogError> {
        self.reach().await?.has(hotel, known).await
    }

    async fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> Result<Option<Sequence>, LogError> {
        self.reach().await?.shared_with(hotel, epoch).await
    }

    async fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> Result<Vec<LogEntry>, LogError> {
        self.reach().await?.read(hotel, after, page).await
    }

    async fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<Vec<StoredChange>, LogError> {
        let log = self.reach().await?;
        log.document_changes(hotel, documents).await
    }

    async fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<Vec<StoredVerdict>, LogError> {
        let log = self.reach().await?;
        match self.lie() {
            Some(Lie::ForgetsVerdicts) => Ok(Vec::new()),
            _ => log.verdicts(hotel, operations).await,
        }
    }

    async fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> Result<Vec<ActorId>, LogError> {
        let log = self.reach().await?;
        log.register_actors(hotel, device, actors).await
    }

    async fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> Result<Vec<ActorBinding>, LogError> {
        self.reach().await?.actors(hotel, actors).await
    }

    async fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> Result<Vec<KnownRecord>, LogError> {
        self.reach().await?.records(hotel, records).await
    }

    async fn people(&self, hotel: HotelId) -> Result<Vec<Person>, LogError> {
        self.reach().await?.people(hotel).await
    }

    async fn standing(&self, hotel: HotelId, after: Timestamp) -> Result<Standing, LogError> {
        self.reach().await?.standing(hotel, after).await
    }

    async fn note_role_change(&self, hotel: HotelId, change: RoleChange) -> Result<(), LogError> {
        self.reach().await?.note_role_change(hotel, change).await
    }

    async fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.reach()
            .await?
            .note_told(hotel, device, up_to, now)
            .await
    }

    async fn note_suspicion(
        &self,
        hotel: HotelId,
        of: (DeviceId, Option<UserId>),
        suspicion: Suspicion,
        now: Timestamp,
    ) -> Result<(), LogError> {
        let log = self.reach().await?;
        log.note_suspicion(hotel, of, suspicion, now).await
    }

    async fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        self.reach().await?.distrust(hotel, device, now).await
    }

    async fn reviews(&self, hotel: HotelId) -> Result<Vec<Review>, LogError> {
        self.reach().await?.reviews(hotel).await
    }

    async fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> Result<Option<Review>, LogError> {
        self.reach().await?.review(hotel, operation).await
    }

    async fn decide(&self, hotel: HotelId, step: Step) -> Result<bool, LogError> {
        self.reach().await?.decide(hotel, step).await
    }
}
