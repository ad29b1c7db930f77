//! The log of a hotel: every admitted action and every version of a record in the one order that
//! all devices see, the verdicts, and who writes under which actor.
//!
//! **Architecture Invariant**: sequences of a hotel begin at 1 and have no gap, a stored action
//! never changes, of a record only what was erased goes away, and what a function returned as
//! stored survives a crash. No function returns anything of another hotel than the one it was asked
//! for.

use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    administration::Suspicion,
    command::Command,
    identity::{SERVER, SERVER_DEVICE, record_operation},
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    limits::SCHEMA,
    policy::Role,
    record::{Record, RecordRef},
    refusal::Refusal,
    rows::Person,
    time::{ClockReading, HybridTime, Timestamp},
    wire::{ActorRegistration, KnownPlace},
};
use review::{Kept, Review, RoleChange, Standing, Step};
use std::future::Future;

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod grant;
pub mod memory;
pub mod postgres;
pub mod review;
mod served;

pub use grant::Grant;
pub use served::Served;

/// Where the log of every hotel is kept: Postgres, or memory in tests.
pub trait Log: Send + Sync + 'static {
    /// The identity and the end of the hotel's log.
    fn head(&self, hotel: HotelId) -> impl Future<Output = Result<Head, LogError>> + Send;

    /// Stores judged actions in one transaction, if the basis of the judgement still holds: entries
    /// after its end, in the order given, and the verdicts of entries and refusals.
    ///
    /// A refusal replaces an earlier one of the same operation. An operation that was refused
    /// before may be among the entries; being accepted is what counts from then on.
    ///
    /// # Errors
    /// [`LogError::Taken`] when a change's hash or its place under its actor is in the log
    /// already, or an entry's operation or version of a record is; nothing is stored then.
    fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> impl Future<Output = Result<Appended, LogError>> + Send;

    /// Entries after `after` in order. Never empty while there is one, whatever its size.
    fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> impl Future<Output = Result<Vec<LogEntry>, LogError>> + Send;

    /// Every admitted change of the documents, in log order; nothing for an unknown document.
    fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> impl Future<Output = Result<Vec<StoredChange>, LogError>> + Send;

    /// The verdicts of those operations that have one, each at most once, in any order.
    fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> impl Future<Output = Result<Vec<StoredVerdict>, LogError>> + Send;

    /// Binds actors to the device and each to its user. The first binding stays; the same one
    /// again is no clash. All that do not clash are bound, whatever the others do.
    ///
    /// Returns the actors that are bound otherwise.
    fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> impl Future<Output = Result<Vec<ActorId>, LogError>> + Send;

    /// The bindings of those actors that have one, in any order.
    fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> impl Future<Output = Result<Vec<ActorBinding>, LogError>> + Send;

    /// Begins another epoch, after the hotel's log was brought back to an older state. Entries up
    /// to `shared` are the same as in the epoch before. Codes for devices end: they may have been used.
    ///
    /// Returns the end of the log in the new epoch.
    fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> impl Future<Output = Result<Head, LogError>> + Send;

    /// The last entry that is the same in an earlier epoch and in the present one; None for an
    /// epoch that this hotel never had. An epoch shares with itself all that there is.
    fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> impl Future<Output = Result<Option<Sequence>, LogError>> + Send;

    /// Whether the log has what was read at one of its places.
    fn has(
        &self,
        hotel: HotelId,
        known: KnownPlace,
    ) -> impl Future<Output = Result<bool, LogError>> + Send;

    /// The present versions of those records that there are, each once, in any order.
    fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> impl Future<Output = Result<Vec<KnownRecord>, LogError>> + Send;

    /// The people of the hotel with their present roles, and those who have left, by name.
    fn people(&self, hotel: HotelId) -> impl Future<Output = Result<Vec<Person>, LogError>> + Send;

    /// As whom somebody is served on a device; None for whoever does not work here, and on a device that
    /// is not trusted.
    fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> impl Future<Output = Result<Option<Served>, LogError>> + Send;

    /// The roles of a hotel's people, their changes after a time, what devices knew of them until
    /// [`keyrack_model::limits::GRANT_KEPT_MILLIS`] before it, the devices that are not trusted, and
    /// how much is kept for review and in quarantine.
    fn standing(
        &self,
        hotel: HotelId,
        after: Timestamp,
    ) -> impl Future<Output = Result<Standing, LogError>> + Send;

    /// Takes note of a change of somebody's role, or that they left. In Postgres a change of the
    /// person's row does so by itself.
    fn note_role_change(
        &self,
        hotel: HotelId,
        change: RoleChange,
    ) -> impl Future<Output = Result<(), LogError>> + Send;

    /// Takes note that a device has heard all that the log has up to a place: of everybody's role it
    /// knows what that tells. Written down every few minutes at most, and when it ends a grant.
    fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), LogError>> + Send;

    /// Writes into the audit log that something of a device looks like an attack.
    fn note_suspicion(
        &self,
        hotel: HotelId,
        of: (DeviceId, Option<UserId>),
        suspicion: Suspicion,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), LogError>> + Send;

    /// What a device sends from here on goes to quarantine, and nobody reads anything on it. The log
    /// tells everybody. False for a device that is not there.
    fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, LogError>> + Send;

    /// Kept actions that nobody has decided on to the end, in the order in which they came.
    fn reviews(&self, hotel: HotelId)
    -> impl Future<Output = Result<Vec<Review>, LogError>> + Send;

    /// One of them.
    fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> impl Future<Output = Result<Option<Review>, LogError>> + Send;

    /// Takes a decision one step further, if it is where the step begins. What is declined has that
    /// verdict from then on.
    ///
    /// Returns whether it was there.
    fn decide(
        &self,
        hotel: HotelId,
        step: Step,
    ) -> impl Future<Output = Result<bool, LogError>> + Send;
}

/// The end of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    pub epoch: LogEpoch,
    /// The last entry; zero for an empty log.
    pub sequence: Sequence,
    /// When the epoch began; None for a log that was never brought back.
    pub restored_at: Option<Timestamp>,
}

/// What a judgement rests on: the log takes it while all of that still holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Basis<'a> {
    /// Where the log ended.
    pub end: Sequence,
    /// What stood there, where that was read: a log that was brought back may have grown to the same
    /// end since.
    pub last: Option<KnownPlace>,
    /// Who might do what; None for what does not depend on anybody.
    pub standing: Option<Mark>,
    /// Operations that were taken to have no verdict.
    pub unknown: &'a [OperationId],
}

impl Basis<'static> {
    /// Nothing but where the log ended.
    pub fn end(end: Sequence) -> Self {
        Self {
            end,
            last: None,
            standing: None,
            unknown: &[],
        }
    }
}

/// Tells two states of a hotel's [`Standing`] apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mark {
    pub epoch: LogEpoch,
    /// Counts up with every change.
    pub count: u64,
}

/// What an append came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Appended {
    /// The last entry stored has this sequence; the basis' end when there were only refusals.
    Stored { last: Sequence },
    /// An operation that was taken to have no verdict has one. Nothing was stored.
    Known,
    /// The log ends elsewhere, or with something else, so the judgement may be outdated. Nothing was
    /// stored.
    HeadMoved,
    /// Somebody may do other things by now. Nothing was stored.
    StandingMoved,
}

/// How much one read returns at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    pub entries: usize,
    /// Sum of [`LogEntry`] sizes as [`stored_size`] counts them.
    pub bytes: usize,
}

/// An admitted action on its way into the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEntry {
    pub action: Action,
    /// The author's role when the server judged the action.
    pub role: Role,
    pub device: DeviceId,
    pub received_at: Timestamp,
    pub clock: ClockReading,
    /// The name of each change of the action, in the action's order.
    pub changes: Vec<ChangeName>,
    /// The version of a record that it makes: this is then what the log keeps, and not the action.
    pub record: Option<Record>,
    /// What the hotel is called by it, where it writes that: whoever signs in on a device without the
    /// hotel's document is told from beside the log.
    pub names_hotel: Option<String>,
}

impl NewEntry {
    /// A version of a record that the server makes by itself.
    pub fn of_the_server(hotel: HotelId, record: Record, now: Timestamp) -> Self {
        Self {
            action: Action {
                operation: record_operation(hotel, record.reference(), record.version),
                author: SERVER,
                at: HybridTime {
                    wall: now,
                    counter: 0,
                },
                schema: SCHEMA,
                // Stands for nothing that anybody asked for.
                command: Command::Redacted,
                changes: Vec::new(),
            },
            role: Role::Server,
            device: SERVER_DEVICE,
            received_at: now,
            clock: ClockReading::Plausible,
            changes: Vec::new(),
            record: Some(record),
            names_hotel: None,
        }
    }

    /// The entry as it is read, at its place.
    pub fn at(&self, sequence: Sequence) -> LogEntry {
        let (received_at, device) = (self.received_at, self.device);
        let content = match &self.record {
            Some(record) => Content::Record {
                received_at,
                device,
                author: self.action.author,
                operation: self.action.operation,
                record: record.clone(),
            },
            None => Content::Action {
                received_at,
                device,
                action: self.action.clone(),
            },
        };
        LogEntry { sequence, content }
    }
}

/// The present version of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownRecord {
    pub record: RecordRef,
    pub version: u64,
    pub is_erased: bool,
}

/// What is unique about a change within a hotel: `(document, hash)` and `(document, actor, seq)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChangeName {
    pub document: DocumentRef,
    pub actor: ActorId,
    /// 1 for the actor's first change of the document.
    pub seq: u64,
    pub hash: [u8; 32],
}

/// An action refused for good, with the content that was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub operation: OperationId,
    /// The content that was judged, see [`digest`].
    pub digest: [u8; 32],
    pub author: UserId,
    pub device: DeviceId,
    pub received_at: Timestamp,
    pub refusal: Refusal,
    /// Stored with the verdict, in the place of what is kept of the operation already, unless that
    /// is being carried out.
    pub kept: Option<Box<Kept>>,
}

/// One admitted change of one document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredChange {
    pub document: DocumentRef,
    /// The plain change chunk.
    pub bytes: Vec<u8>,
}

/// A verdict as the log remembers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoredVerdict {
    Accepted {
        operation: OperationId,
        sequence: Sequence,
        received_at: Timestamp,
    },
    /// Holds for this content alone: a device that was refused makes the action again from its
    /// command, under the same operation, on what it knows by then.
    Refused {
        operation: OperationId,
        digest: [u8; 32],
        refusal: Refusal,
    },
}

impl StoredVerdict {
    pub fn operation(&self) -> OperationId {
        match self {
            Self::Accepted { operation, .. } | Self::Refused { operation, .. } => *operation,
        }
    }
}

/// Who writes under an actor, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActorBinding {
    pub actor: ActorId,
    pub user: UserId,
    pub device: DeviceId,
}

/// Why the log did not answer.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("there is no such hotel")]
    UnknownHotel,
    /// The gate let in what the log already has; a fault of the server.
    #[error("the log already has a change or an operation of this name")]
    Taken,
    /// The store could not be reached, or it failed; nothing is known of what it did.
    #[error("the log could not be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The content of an action as one hash: CBOR under BLAKE3. Personal data are left out: a hash of
/// a name can be guessed, and what is kept of a refusal is kept for ever.
pub fn digest(action: &Action) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let bare = action.command.record().map(|_| Action {
        command: action.command.clone().without_personal_data(),
        ..action.clone()
    });
    ciborium::into_writer(bare.as_ref().unwrap_or(action), &mut hasher)
        .expect("an action has no value that CBOR lacks");
    *hasher.finalize().as_bytes()
}

/// What an entry counts for in a page: its CBOR.
pub fn stored_size(entry: &LogEntry) -> usize {
    cbor_size(entry)
}

fn cbor_size<T: serde::Serialize>(value: &T) -> usize {
    let mut size = Size(0);
    ciborium::into_writer(value, &mut size).expect("the model has no value that CBOR lacks");
    size.0
}

/// Counts what is written to it.
struct Size(usize);

impl std::io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
