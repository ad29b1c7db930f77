//! A hotel's people and a device in miniature, for tests: documents without a store, on which
//! commands are planned as on a real one.

#![allow(
    clippy::unwrap_used,
    reason = "what is honest works, or the test fails"
)]

use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Action, DocumentChange},
    change::{Change, Entity},
    cleanliness::Cleanliness,
    command::{Command, WorkOrderEdit},
    ids::{
        ActorId, DeviceId, DocumentKind, DocumentRef, HotelId, LogEpoch, OperationId, RoomId,
        StayId, UserId,
    },
    limits::SCHEMA,
    plan::{Context, Effect, PastAction, Unplanned, View, plan},
    policy::Role,
    record::Guest,
    refusal::Refusal,
    rows::Person,
    rows::RowKeys,
    time::{HybridTime, Timestamp},
    wire::ActorRegistration,
    work_order::WorkOrderChange,
};
use std::{collections::HashMap, convert::Infallible};
use uuid::Uuid;

mod house;
mod sign_in;

pub use house::*;
pub use sign_in::{ADDRESS, person_key, proved, sign_in};

pub const HOTEL: HotelId = HotelId(Uuid::from_u128(1));
pub const EPOCH: LogEpoch = LogEpoch(Uuid::from_u128(2));
pub const NOW: Timestamp = Timestamp(1_495_700_000_000);
pub const MARIA: UserId = UserId(Uuid::from_u128(0xA1));
pub const RUI: UserId = UserId(Uuid::from_u128(0xA2));
pub const TOMAS: UserId = UserId(Uuid::from_u128(0xA3));
pub const INES: UserId = UserId(Uuid::from_u128(0xA4));

pub fn people() -> Vec<Person> {
    let person = |id, name: &str, role| Person {
        id,
        name: name.into(),
        display: name.into(),
        role,
        left: false,
    };
    vec![
        person(MARIA, "maria", Role::Housekeeper),
        person(RUI, "rui", Role::FrontDesk),
        person(TOMAS, "tomas", Role::Engineer),
        person(INES, "ines", Role::Supervisor),
    ]
}

/// One person on one device, which has received how the house was opened.
#[derive(Clone)]
pub struct Device {
    /// Of which its documents are named.
    pub hotel: HotelId,
    pub id: DeviceId,
    pub user: UserId,
    pub role: Role,
    pub actor: ActorId,
    pub at: Timestamp,
    documents: HashMap<DocumentRef, Document>,
    known: HashMap<OperationId, Action>,
    operations: u128,
}

impl Device {
    pub fn of(user: UserId, number: u128) -> Self {
        Self::that_knows(opening(), HOTEL, user, number)
    }

    /// The same at a hotel whose house is opened by [`open_house_of`].
    pub fn of_hotel(hotel: HotelId, user: UserId, number: u128) -> Self {
        Self::that_knows(&opening_of(hotel), hotel, user, number)
    }

    fn that_knows(told: &[Action], hotel: HotelId, user: UserId, number: u128) -> Self {
        let person = people().into_iter().find(|person| person.id == user);
        let role = person.map_or(Role::Server, |person| person.role);
        let mut device = Self::bare(hotel, user, role, number);
        told.iter().for_each(|action| device.receive(action));
        device
    }

    /// One that knows of nothing.
    fn bare(hotel: HotelId, user: UserId, role: Role, number: u128) -> Self {
        Self {
            hotel,
            id: DeviceId(Uuid::from_u128(0xD000 + number)),
            user,
            role,
            actor: ActorId(Uuid::from_u128(0xAC00 + number)),
            at: NOW,
            documents: HashMap::new(),
            known: HashMap::new(),
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

    /// Does what a command says, as the app does.
    pub fn ask(&mut self, command: Command) -> Result<Action, Refusal> {
        let operation = self.operation();
        let context = Context {
            hotel: self.hotel,
            operation,
            author: self.user,
            role: self.role,
            at: self.at,
        };
        let changes = plan(&command, context, self).map_err(|unplanned| match unplanned {
            Unplanned::Refused(refusal) => refusal,
            Unplanned::Unread(never) => match never {},
        })?;
        let action = self.act(operation, command, &changes);
        if action.changes.is_empty() {
            return Err(Refusal::NothingToDo);
        }
        Ok(action)
    }

    /// Marks the room.
    pub fn mark(&mut self, value: Cleanliness) -> Action {
        let rooms = vec![ROOM];
        self.act_beyond_role(Command::SetCleanliness { rooms, value })
    }

    /// Edits the work order. Values that it has already make no change.
    /// Writes who a guest is, on top of a version.
    pub fn name_guest(&mut self, stay: StayId, expected: u64, name: &str) -> Action {
        let guest = Guest {
            name: name.into(),
            phone: String::new(),
        };
        self.about_guest(Command::EditGuest {
            stay,
            expected,
            guest,
        })
    }

    /// A command that writes a record.
    pub fn about_guest(&mut self, command: Command) -> Action {
        Action {
            operation: self.operation(),
            author: self.user,
            at: HybridTime {
                wall: self.at,
                counter: 0,
            },
            schema: SCHEMA,
            command,
            changes: Vec::new(),
        }
    }

    pub fn edit(&mut self, fields: Vec<WorkOrderChange>) -> Action {
        let mut edit = WorkOrderEdit::default();
        for field in fields.clone() {
            match field {
                WorkOrderChange::Title(title) => edit.title = Some(title),
                WorkOrderChange::Description(text) => edit.description = Some(text),
                WorkOrderChange::Room(room) => edit.room = Some(room),
                WorkOrderChange::Priority(priority) => edit.priority = Some(priority),
                WorkOrderChange::Status(status) => edit.status = Some(status),
                WorkOrderChange::Assignee(person) => edit.assignee = Some(person),
                WorkOrderChange::ReportedBy(_) | WorkOrderChange::ReportedAt(_) => {
                    panic!("nobody edits who reported a work order")
                }
            }
        }
        let operation = self.operation();
        let changes: Vec<Change> = fields
            .into_iter()
            .map(|field| Change::WorkOrder(ORDER, field))
            .collect();
        let work_order = ORDER;
        self.act(
            operation,
            Command::EditWorkOrder { work_order, edit },
            &changes,
        )
    }

    /// Does what a command says, as the app would for somebody who may.
    pub fn act_beyond_role(&mut self, command: Command) -> Action {
        let role = std::mem::replace(&mut self.role, Role::Admin);
        let action = self.ask(command);
        self.role = role;
        action.unwrap()
    }

    /// An action with these changes, whatever its command.
    pub fn act(&mut self, operation: OperationId, command: Command, changes: &[Change]) -> Action {
        let (actor, at) = (self.actor, self.at);
        let mut references: Vec<DocumentRef> = Vec::new();
        for change in changes {
            if !references.contains(&change.document()) {
                references.push(change.document());
            }
        }
        let mut written = Vec::new();
        for document in references {
            let fields: Vec<Change> = changes
                .iter()
                .filter(|change| change.document() == document)
                .cloned()
                .collect();
            let stamp = Stamp { operation, at };
            let bytes = self.document(document).write(actor, stamp, &fields);
            let bytes = bytes.unwrap();
            written.extend(bytes.map(|bytes| DocumentChange { document, bytes }));
        }
        let action = Action {
            operation,
            author: self.user,
            at: HybridTime {
                wall: at,
                counter: 0,
            },
            schema: SCHEMA,
            command,
            changes: written,
        };
        self.known.insert(operation, action.clone());
        action
    }

    /// Takes in what the server delivered.
    pub fn receive(&mut self, action: &Action) {
        for change in &action.changes {
            self.document(change.document).apply(&change.bytes).unwrap();
        }
        self.known.insert(action.operation, action.clone());
    }

    /// The actions that this device made or received.
    pub fn knows(&self) -> Vec<OperationId> {
        let mut known: Vec<_> = self.known.keys().copied().collect();
        known.sort_unstable();
        known
    }

    /// Documents that something was written into.
    fn entities(&self) -> impl Iterator<Item = (DocumentRef, Entity)> {
        let touched = self
            .documents
            .values()
            .filter(|document| is_touched(document));
        touched.map(|document| (document.reference(), document.reading().entity))
    }
}

fn is_touched(document: &Document) -> bool {
    document.heads() != Document::genesis(document.reference()).heads()
}

impl View for Device {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        let document = self.documents.get(&document);
        Ok(document
            .filter(|document| is_touched(document))
            .map(|document| document.reading().entity))
    }

    fn about_room(
        &self,
        room: RoomId,
        kind: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, Infallible> {
        let entities = self.entities();
        Ok(entities
            .filter(|(document, entity)| {
                document.kind == kind && RowKeys::of(entity).subject == Some(room.0)
            })
            .collect())
    }

    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, Infallible> {
        let Some(action) = self.known.get(&operation) else {
            return Ok(None);
        };
        let mut effects = Vec::new();
        for change in &action.changes {
            let document = change.document;
            let part = self.documents[&document].effects(&change.bytes).unwrap();
            let created = part.created;
            effects.extend(part.writes.into_iter().map(|write| Effect {
                document,
                created,
                key: write.key.to_owned(),
                before: write.before,
                after: write.after,
            }));
        }
        Ok(Some(PastAction {
            command: action.command.clone(),
            author: action.author,
            effects,
        }))
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        let document = self.documents.get(&document);
        let contested = document.map(|document| document.reading().contested);
        Ok(contested.is_some_and(|fields| fields.iter().any(|field| field.key == key)))
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Infallible> {
        let document = self.documents.get(&document);
        Ok(document.map_or_else(Vec::new, |document| document.writers(key)))
    }

    fn writers_before(
        &self,
        document: DocumentRef,
        key: &str,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, Infallible> {
        let document = self.documents.get(&document);
        Ok(document.and_then(|document| document.writers_before(key, operation)))
    }

    fn writers_after(
        &self,
        document: DocumentRef,
        key: &str,
        operation: OperationId,
    ) -> Result<Vec<OperationId>, Infallible> {
        let document = self.documents.get(&document);
        let after = document.map(|document| document.writers_after(key, operation));
        Ok(after.unwrap_or_else(|| vec![operation]))
    }

    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }
}
