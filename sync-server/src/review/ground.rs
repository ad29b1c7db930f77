//! What an approved command is planned on: the documents that its author's plan touched or that it
//! names, as they are in the log.
//!
//! The log does not tell which stays and tasks a room has, so a plan knows of those alone; the gate
//! asks for no more either.

use crate::{
    hotel::{Hotels, past},
    log::Log,
    server_author::AuthorError,
};
use keyrack_document::{Document, DocumentError};
use keyrack_model::{
    action::Action,
    change::{Entity, fields_of},
    command::Command,
    identity,
    ids::{DocumentKind, DocumentRef, HotelId, OperationId, RoomId},
    invariants::references,
    limits::MAX_UNDO_CHAIN,
    plan::{
        Effect, PastAction, View,
        origin::{Writings, is_as_left},
    },
    rows::RowKeys,
};
use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
};

/// Documents and earlier actions.
pub(crate) struct Ground {
    pub(crate) documents: HashMap<DocumentRef, Document>,
    past: HashMap<OperationId, PastAction>,
}

/// Reads what a kept action has to be planned on.
pub(super) async fn of<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
    action: &Action,
) -> Result<Ground, AuthorError> {
    let log = &**hotels.log();
    let undone: BTreeSet<_> = action.command.recalls().into_iter().collect();
    let mut actions = past::with_undone(log, hotel, undone).await?;
    let changes = actions.values().chain([action]).flat_map(|it| &it.changes);
    let mut wanted: BTreeSet<DocumentRef> = changes.map(|change| change.document).collect();
    wanted.extend(references(&action.command));
    wanted.insert(hotel.into());
    let mut ground = Ground {
        documents: HashMap::new(),
        past: HashMap::new(),
    };
    ground.read(hotels, hotel, wanted).await?;
    let around = ground.around(hotel, &action.command);
    ground.read(hotels, hotel, around).await?;
    for _ in 0..MAX_UNDO_CHAIN {
        let needed = ground.unknown_writers(&actions, &action.command);
        if needed.is_empty() {
            break;
        }
        actions.extend(past::with_undone(log, hotel, needed).await?);
    }
    for (operation, action) in actions {
        let past = ground.past_of(action)?;
        ground.past.insert(operation, past);
    }
    Ok(ground)
}

impl Ground {
    async fn read<L: Log>(
        &mut self,
        hotels: &Hotels<L>,
        hotel: HotelId,
        wanted: BTreeSet<DocumentRef>,
    ) -> Result<(), AuthorError> {
        let documents = hotels
            .documents(hotel, wanted.into_iter().collect())
            .await?;
        let documents = documents.into_iter();
        self.documents
            .extend(documents.map(|document| (document.reference(), document)));
        Ok(())
    }

    /// The rooms of the stays and tasks, and the tasks of the day that a check-out writes to.
    fn around(&self, hotel: HotelId, command: &Command) -> BTreeSet<DocumentRef> {
        let mut around = BTreeSet::new();
        let entities = || self.documents.values().map(|it| it.reading().entity);
        for entity in entities() {
            match entity {
                Entity::Stay(stay) => around.extend(stay.room.map(DocumentRef::from)),
                Entity::Task(task) => around.extend(task.room.map(DocumentRef::from)),
                _ => {}
            }
        }
        if let Command::CheckOut { stay } = *command {
            let rooms: Vec<RoomId> = entities()
                .filter_map(|entity| match entity {
                    Entity::Stay(stay) => stay.room,
                    _ => None,
                })
                .collect();
            for entity in entities() {
                if let Entity::Hotel(house) = entity {
                    let date = house.business_date;
                    let departure =
                        |room: &RoomId| identity::departure_task(hotel, date, (stay, *room));
                    around.insert(identity::stayover_task(hotel, date, stay).into());
                    around.extend(rooms.iter().map(departure).map(DocumentRef::from));
                    let earlier = identity::departure_task_of_version_3(hotel, date, stay);
                    around.insert(earlier.into());
                }
            }
        }
        around
    }

    /// Actions that hold the next step to who wrote what is taken back.
    fn unknown_writers(
        &self,
        actions: &HashMap<OperationId, Action>,
        command: &Command,
    ) -> BTreeSet<OperationId> {
        let undone = command.undoes();
        let changes = undone.and_then(|undone| actions.get(&undone));
        let changes = changes.map(|action| &action.changes).into_iter().flatten();
        let documents = changes.filter_map(|change| self.documents.get(&change.document));
        let fields = documents.flat_map(|document| {
            let fields = fields_of(document.reference().kind).iter();
            fields.map(move |(key, _)| Field {
                actions,
                document,
                key,
            })
        });
        let left = |field: &Field<'_>| match undone {
            Some(undone) => field.document.writers_after(field.key, undone),
            None => Vec::new(),
        };
        fields
            .filter_map(|field| {
                let writers = field.document.writers(field.key);
                is_as_left(&left(&field), writers, &field).err()
            })
            .collect()
    }

    fn past_of(&self, action: Action) -> Result<PastAction, DocumentError> {
        let mut effects = Vec::new();
        for change in &action.changes {
            let Some(document) = self.documents.get(&change.document) else {
                continue;
            };
            let part = document.effects(&change.bytes)?;
            effects.extend(part.writes.into_iter().map(|write| Effect {
                document: change.document,
                created: part.created,
                key: write.key.to_owned(),
                before: write.before,
                after: write.after,
            }));
        }
        Ok(PastAction {
            command: action.command,
            author: action.author,
            effects,
        })
    }

    fn entities(&self) -> impl Iterator<Item = (DocumentRef, Entity)> {
        let documents = self.documents.values();
        documents
            .filter(|document| is_written(document))
            .map(|document| (document.reference(), document.reading().entity))
    }
}

/// The writers of one field, as far as their actions are known.
struct Field<'a> {
    actions: &'a HashMap<OperationId, Action>,
    document: &'a Document,
    key: &'a str,
}

impl Writings for Field<'_> {
    /// An action that is not known.
    type Error = OperationId;

    fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, OperationId> {
        let action = self.actions.get(&operation).ok_or(operation)?;
        Ok(action.command.undoes())
    }

    fn writers_before(
        &self,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, OperationId> {
        Ok(self.document.writers_before(self.key, operation))
    }
}

fn is_written(document: &Document) -> bool {
    document.heads() != Document::genesis(document.reference()).heads()
}

impl View for Ground {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        let found = self.documents.get(&document).filter(|it| is_written(it));
        Ok(found.map(|document| document.reading().entity))
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
        Ok(self.past.get(&operation).cloned())
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        let contested = self
            .documents
            .get(&document)
            .map(|document| document.reading().contested);
        let mut contested = contested.into_iter().flatten();
        Ok(contested.any(|field| field.key == key))
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Infallible> {
        let writers = self.documents.get(&document).map(|it| it.writers(key));
        Ok(writers.unwrap_or_default())
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

    /// Only imports ask.
    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(true)
    }
}
