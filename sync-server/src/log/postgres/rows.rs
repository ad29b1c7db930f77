//! Log entries as columns, and columns as log entries.

use super::packs::{Packable, PackedEntry};
use crate::log::{ActorBinding, LogError, NewEntry, Refused, StoredChange, StoredVerdict};
use keyrack_model::{
    action::{Action, Content, DocumentChange, LogEntry, Sequence},
    ids::{ActorId, DeviceId, DocumentId, DocumentKind, DocumentRef, OperationId, UserId},
    rows::Person,
    time::{ClockReading, HybridTime, Timestamp},
};
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;
use uuid::Uuid;

/// A column that does not read back.
#[derive(Debug, thiserror::Error)]
#[error("the column {0} of the log does not read back")]
struct Unreadable(&'static str);

pub(super) fn unreadable(column: &'static str) -> LogError {
    LogError::Unavailable(Box::new(Unreadable(column)))
}

pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|error| unreachable!("a value of the model encodes: {error}"))
}

pub(super) fn from_json<T: DeserializeOwned>(
    text: &str,
    column: &'static str,
) -> Result<T, LogError> {
    serde_json::from_str(text).map_err(|_| unreadable(column))
}

pub(super) fn word<T: FromStr>(text: &str, column: &'static str) -> Result<T, LogError> {
    text.parse().map_err(|_| unreadable(column))
}

/// A new entry with the place that it takes in the log.
pub(crate) struct Place<'a> {
    pub(crate) entry: &'a NewEntry,
    pub(crate) sequence: u64,
}

impl<'a> Place<'a> {
    /// Those after one.
    pub(super) fn following(expected: Sequence, entries: &'a [NewEntry]) -> Vec<Self> {
        let placed = entries.iter().zip(expected.0 + 1..);
        placed
            .map(|(entry, sequence)| Self { entry, sequence })
            .collect()
    }
}

pub(super) fn cbor<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)
        .unwrap_or_else(|error| unreachable!("a value of the model encodes: {error}"));
    bytes
}

pub(super) fn decode<T: DeserializeOwned>(
    bytes: &[u8],
    column: &'static str,
) -> Result<T, LogError> {
    ciborium::from_reader(bytes).map_err(|_| unreadable(column))
}

pub(super) fn sequence(number: i64) -> Sequence {
    Sequence(number.max(0) as u64)
}

pub(super) fn kind(document: DocumentRef) -> i16 {
    i16::from(u8::from(document.kind))
}

pub(super) fn document(id: Uuid, kind: i16) -> Result<DocumentRef, LogError> {
    let kind = u8::try_from(kind).map_err(|_| unreadable("kind"))?;
    Ok(DocumentRef {
        kind: DocumentKind::try_from(kind).map_err(|_| unreadable("kind"))?,
        id: DocumentId(id),
    })
}

/// New actions, a list a column.
#[derive(Default)]
pub(super) struct ActionColumns {
    pub(super) sequences: Vec<i64>,
    pub(super) operations: Vec<Uuid>,
    pub(super) authors: Vec<Uuid>,
    pub(super) roles: Vec<String>,
    pub(super) devices: Vec<Uuid>,
    pub(super) walls: Vec<i64>,
    pub(super) counters: Vec<i64>,
    pub(super) received: Vec<i64>,
    pub(super) clocks: Vec<String>,
    pub(super) schemas: Vec<i32>,
    pub(super) commands: Vec<Vec<u8>>,
    pub(super) sizes: Vec<i64>,
}

impl ActionColumns {
    pub(super) fn of(entries: &[Place<'_>]) -> Self {
        let mut columns = Self::default();
        let actions = entries.iter().filter(|place| place.entry.record.is_none());
        for Place { entry, sequence } in actions {
            let (entry, sequence) = (*entry, *sequence);
            let action = &entry.action;
            columns.sequences.push(sequence as i64);
            columns.operations.push(action.operation.0);
            columns.authors.push(action.author.0);
            columns.roles.push(entry.role.to_string());
            columns.devices.push(entry.device.0);
            columns.walls.push(action.at.wall.0);
            columns.counters.push(i64::from(action.at.counter));
            columns.received.push(entry.received_at.0);
            columns.clocks.push(clock(entry.clock).to_owned());
            columns.schemas.push(i32::from(action.schema));
            columns.commands.push(cbor(&action.command));
            columns.sizes.push(size(entry, sequence));
        }
        columns
    }
}

pub(super) fn clock(reading: ClockReading) -> &'static str {
    match reading {
        ClockReading::Plausible => "plausible",
        ClockReading::Ahead => "ahead",
        ClockReading::Behind => "behind",
    }
}

/// Bytes that the entry takes on the wire.
pub(super) fn size(entry: &NewEntry, sequence: u64) -> i64 {
    crate::log::stored_size(&entry.at(Sequence(sequence))) as i64
}

/// New changes, a list a column.
#[derive(Default)]
pub(super) struct ChangeColumns<'a> {
    pub(super) sequences: Vec<i64>,
    pub(super) ordinals: Vec<i32>,
    pub(super) documents: Vec<Uuid>,
    pub(super) kinds: Vec<i16>,
    pub(super) actors: Vec<Uuid>,
    pub(super) actor_seqs: Vec<i64>,
    pub(super) hashes: Vec<&'a [u8]>,
    pub(super) bytes: Vec<&'a [u8]>,
}

impl<'a> ChangeColumns<'a> {
    pub(super) fn of(entries: &[Place<'a>]) -> Self {
        let mut columns = Self::default();
        for Place { entry, sequence } in entries {
            let (entry, sequence) = (*entry, *sequence);
            let changes = entry.changes.iter().zip(&entry.action.changes);
            for ((name, change), ordinal) in changes.zip(0..) {
                columns.sequences.push(sequence as i64);
                columns.ordinals.push(ordinal);
                columns.documents.push(name.document.id.0);
                columns.kinds.push(kind(name.document));
                columns.actors.push(name.actor.0);
                columns.actor_seqs.push(name.seq as i64);
                columns.hashes.push(&name.hash);
                columns.bytes.push(&change.bytes);
            }
        }
        columns
    }
}

/// New refusals, a list a column.
#[derive(Default)]
pub(super) struct RefusalColumns<'a> {
    pub(super) operations: Vec<Uuid>,
    pub(super) digests: Vec<&'a [u8]>,
    pub(super) authors: Vec<Uuid>,
    pub(super) devices: Vec<Uuid>,
    pub(super) received: Vec<i64>,
    pub(super) refusals: Vec<Vec<u8>>,
}

impl<'a> RefusalColumns<'a> {
    pub(super) fn of(refused: &'a [Refused]) -> Self {
        let mut columns = Self::default();
        for refused in refused {
            columns.operations.push(refused.operation.0);
            columns.digests.push(&refused.digest);
            columns.authors.push(refused.author.0);
            columns.devices.push(refused.device.0);
            columns.received.push(refused.received_at.0);
            columns.refusals.push(cbor(&refused.refusal));
        }
        columns
    }
}

/// Without its command when its range of the log is packed.
#[derive(sqlx::FromRow)]
pub(super) struct ActionRow {
    pub(super) sequence: i64,
    operation: Uuid,
    author: Uuid,
    device: Uuid,
    wall: i64,
    counter: i64,
    received_at: i64,
    schema: i32,
    pub(super) command: Option<Vec<u8>>,
}

/// Without its bytes when its range of the log is packed.
#[derive(sqlx::FromRow)]
pub(super) struct ChangeRow {
    pub(super) sequence: i64,
    pub(super) ordinal: i32,
    document: Uuid,
    kind: i16,
    pub(super) bytes: Option<Vec<u8>>,
}

impl Packable for ActionRow {
    fn sequence(&self) -> i64 {
        self.sequence
    }

    fn is_packed(&self) -> bool {
        self.command.is_none()
    }

    fn unpack(&mut self, entry: &PackedEntry) {
        self.command = Some(entry.command());
    }
}

impl Packable for ChangeRow {
    fn sequence(&self) -> i64 {
        self.sequence
    }

    fn is_packed(&self) -> bool {
        self.bytes.is_none()
    }

    fn unpack(&mut self, entry: &PackedEntry) {
        self.bytes = entry.change(self.ordinal);
    }
}

impl ChangeRow {
    pub(super) fn stored(self) -> Result<StoredChange, LogError> {
        Ok(StoredChange {
            document: document(self.document, self.kind)?,
            bytes: self.bytes.ok_or_else(|| unreadable("bytes"))?,
        })
    }
}

/// Puts actions and their changes together; both come in the order of the log.
pub(super) fn entries(
    actions: Vec<ActionRow>,
    changes: Vec<ChangeRow>,
) -> Result<Vec<LogEntry>, LogError> {
    let mut changes = changes.into_iter().peekable();
    let mut entries = Vec::with_capacity(actions.len());
    for row in actions {
        let mut own = Vec::new();
        while let Some(change) = changes.next_if(|change| change.sequence == row.sequence) {
            own.push(DocumentChange {
                document: document(change.document, change.kind)?,
                bytes: change.bytes.ok_or_else(|| unreadable("bytes"))?,
            });
        }
        entries.push(row.entry(own)?);
    }
    Ok(entries)
}

impl ActionRow {
    fn entry(self, changes: Vec<DocumentChange>) -> Result<LogEntry, LogError> {
        let command = self.command.ok_or_else(|| unreadable("command"))?;
        let action = Action {
            operation: OperationId(self.operation),
            author: UserId(self.author),
            at: time(self.wall, self.counter)?,
            schema: u16::try_from(self.schema).map_err(|_| unreadable("schema"))?,
            command: decode(&command, "command")?,
            changes,
        };
        Ok(LogEntry {
            sequence: sequence(self.sequence),
            content: Content::Action {
                received_at: Timestamp(self.received_at),
                device: DeviceId(self.device),
                action,
            },
        })
    }
}

pub(super) fn time(wall: i64, counter: i64) -> Result<HybridTime, LogError> {
    Ok(HybridTime {
        wall: Timestamp(wall),
        counter: u32::try_from(counter).map_err(|_| unreadable("counter"))?,
    })
}

pub(super) fn accepted((operation, at, received_at): (Uuid, i64, i64)) -> StoredVerdict {
    StoredVerdict::Accepted {
        operation: OperationId(operation),
        sequence: sequence(at),
        received_at: Timestamp(received_at),
    }
}

pub(super) fn refused(
    (operation, digest, refusal): (Uuid, Vec<u8>, Vec<u8>),
) -> Result<StoredVerdict, LogError> {
    Ok(StoredVerdict::Refused {
        operation: OperationId(operation),
        digest: digest.try_into().map_err(|_| unreadable("digest"))?,
        refusal: decode(&refusal, "refusal")?,
    })
}

pub(super) fn binding((actor, person, device): (Uuid, Uuid, Uuid)) -> ActorBinding {
    ActorBinding {
        actor: ActorId(actor),
        user: UserId(person),
        device: DeviceId(device),
    }
}

pub(super) fn person(
    (id, name, display, role, left): (Uuid, String, String, String, bool),
) -> Result<Person, LogError> {
    Ok(Person {
        id: UserId(id),
        name,
        display,
        role: role.parse().map_err(|_| unreadable("role"))?,
        left,
    })
}
