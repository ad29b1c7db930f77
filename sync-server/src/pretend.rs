//! A hotel's people and a device in miniature, for tests: documents without a store.

use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Action, DocumentChange},
    change::Change,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    command::Command,
    ids::{
        ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, RoomId, UserId, WorkOrderId,
    },
    limits::SCHEMA,
    policy::Role,
    room::RoomChange,
    rows::Person,
    time::{HybridTime, Timestamp},
    wire::ActorRegistration,
    work_order::WorkOrderChange,
};
use std::collections::HashMap;
use uuid::Uuid;

pub const HOTEL: HotelId = HotelId(Uuid::from_u128(1));
pub const EPOCH: LogEpoch = LogEpoch(Uuid::from_u128(2));
pub const NOW: Timestamp = Timestamp(1_495_700_000_000);
pub const ROOM: RoomId = RoomId(Uuid::from_u128(204));
pub const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(9));
pub const MARIA: UserId = UserId(Uuid::from_u128(0xA1));
pub const RUI: UserId = UserId(Uuid::from_u128(0xA2));
pub const TOMAS: UserId = UserId(Uuid::from_u128(0xA3));

pub fn people() -> Vec<Person> {
    let person = |id, name: &str, role| Person {
        id,
        name: name.into(),
        display: name.into(),
        role,
    };
    vec![
        person(MARIA, "maria", Role::Housekeeper),
        person(RUI, "rui", Role::FrontDesk),
        person(TOMAS, "tomas", Role::Engineer),
    ]
}

/// One person on one device.
#[derive(Clone)]
pub struct Device {
    pub id: DeviceId,
    pub user: UserId,
    pub actor: ActorId,
    documents: HashMap<DocumentRef, Document>,
    operations: u128,
}

impl Device {
    pub fn of(user: UserId, number: u128) -> Self {
        Self {
            id: DeviceId(Uuid::from_u128(0xD000 + number)),
            user,
            actor: ActorId(Uuid::from_u128(0xAC00 + number)),
            documents: HashMap::new(),
            operations: 0,
        }
    }

    pub fn registration(&self) -> ActorRegistration {
        ActorRegistration {
            actor: self.actor,
            user: self.user,
        }
    }

    pub fn document(&mut self, reference: DocumentRef) -> &mut Document {
        self.documents
            .entry(reference)
            .or_insert_with(|| Document::genesis(reference))
    }

    /// An operation that this device has not used.
    pub fn operation(&mut self) -> OperationId {
        self.operations += 1;
        let id = Uuid::from_u128((self.id.0.as_u128() << 64) + self.operations);
        OperationId(
            uuid::Builder::from_u128(id.as_u128())
                .with_version(uuid::Version::SortRand)
                .into_uuid(),
        )
    }

    /// Marks the room.
    pub fn mark(&mut self, value: Cleanliness) -> Action {
        let operation = self.operation();
        let mark = CleanlinessMark {
            value,
            cause: MarkCause::Person,
            action: operation,
            ..CleanlinessMark::default()
        };
        let change = Change::Room(ROOM, RoomChange::Cleanliness(mark));
        let command = Command::SetCleanliness {
            rooms: vec![ROOM],
            value,
        };
        self.act(operation, command, &[change])
    }

    /// Edits the work order.
    pub fn edit(&mut self, fields: Vec<WorkOrderChange>) -> Action {
        let operation = self.operation();
        let changes: Vec<Change> = fields
            .into_iter()
            .map(|field| Change::WorkOrder(ORDER, field))
            .collect();
        let command = Command::EditWorkOrder {
            work_order: ORDER,
            edit: Default::default(),
        };
        self.act(operation, command, &changes)
    }

    /// An action whose changes are all of one document.
    pub fn act(&mut self, operation: OperationId, command: Command, changes: &[Change]) -> Action {
        let (actor, author) = (self.actor, self.user);
        let document = changes[0].document();
        let stamp = Stamp { operation, at: NOW };
        let bytes = self
            .document(document)
            .write(actor, stamp, changes)
            .unwrap();
        let changes = bytes.map(|bytes| DocumentChange { document, bytes });
        Action {
            operation,
            author,
            at: HybridTime {
                wall: NOW,
                counter: 0,
            },
            schema: SCHEMA,
            command,
            changes: changes.into_iter().collect(),
        }
    }

    /// Takes in what the server delivered.
    pub fn receive(&mut self, action: &Action) {
        for change in &action.changes {
            self.document(change.document).apply(&change.bytes).unwrap();
        }
    }
}
