//! A hotel in memory, in which whatever is planned must be within the rights of its command.

use crate::{
    change::{Change, Entity},
    cleanliness::Turn,
    command::Command,
    hotel::Hotel,
    identity,
    ids::{DocumentKind, DocumentRef, HotelId, OperationId, RoomId, StayId, TaskId, UserId},
    plan::{
        Context, Effect, PastAction, Unplanned, View, entering::check_going_in, plan,
        rules::rules_of_clean,
    },
    policy::Role,
    refusal::Refusal,
    rights::{Rights, Undone},
    room::Room,
    rows::RowKeys,
    rule_sheet::{RuleHeld, TaskRules},
    stay::{Stay, StayStatus},
    task::Task,
    time::{BusinessDate, Timestamp},
};
use std::{collections::BTreeMap, convert::Infallible};
use uuid::Uuid;

pub(crate) const ANA: UserId = UserId(Uuid::from_u128(1));
pub(crate) const ROOM: RoomId = RoomId(Uuid::from_u128(204));
pub(crate) const GUEST: StayId = StayId(Uuid::from_u128(31));

/// A hotel of one room in memory, to which planned changes are applied one after another.
#[derive(Default)]
pub(crate) struct House {
    pub(crate) hotel: HotelId,
    pub(crate) entities: BTreeMap<DocumentRef, Entity>,
    pub(crate) past: BTreeMap<OperationId, PastAction>,
    pub(crate) operations: u128,
    /// What the clock on the wall said before the first of them.
    pub(crate) clock: Timestamp,
    /// Fields in which what these actions wrote stands side by side.
    pub(crate) contested: BTreeMap<(DocumentRef, String), Vec<OperationId>>,
}

impl View for House {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        Ok(self.entities.get(&document).cloned())
    }

    fn about_room(
        &self,
        room: RoomId,
        kind: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, Infallible> {
        let entities = self.entities.iter();
        Ok(entities
            .filter(|(document, entity)| {
                document.kind == kind && RowKeys::of(entity).subject == Some(room.0)
            })
            .map(|(document, entity)| (*document, entity.clone()))
            .collect())
    }

    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, Infallible> {
        Ok(self.past.get(&operation).cloned())
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        Ok(self.contested.contains_key(&(document, key.to_owned())))
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Infallible> {
        let beside = self.contested.get(&(document, key.to_owned()));
        let last = || Self::last_writer(self.past.iter(), document, key);
        Ok(beside.cloned().unwrap_or_else(last))
    }

    fn writers_before(
        &self,
        document: DocumentRef,
        key: &str,
        operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, Infallible> {
        let mut effects = self.past[&operation].effects.iter();
        if effects.any(|effect| effect.document == document && effect.created) {
            return Ok(None);
        }
        let before = self.past.range(..operation);
        Ok(Some(Self::last_writer(before, document, key)))
    }

    fn written_by_person(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        let writers = self.writers(document, key)?;
        let is_import = |writer| matches!(self.past[writer].command, Command::Import(_));
        Ok(writers.iter().any(|writer| !is_import(writer)))
    }
}

impl House {
    fn last_writer<'a>(
        past: impl DoubleEndedIterator<Item = (&'a OperationId, &'a PastAction)>,
        document: DocumentRef,
        key: &str,
    ) -> Vec<OperationId> {
        let wrote = |past: &PastAction| {
            let mut effects = past.effects.iter();
            effects.any(|effect| effect.document == document && effect.key == key)
        };
        let last = past.rev().find(|(_, past)| wrote(past));
        last.map(|(operation, _)| *operation).into_iter().collect()
    }

    /// Room 204, whose guest leaves today, in a hotel on 25 May 2017.
    pub(crate) fn with_guest_due_out() -> Self {
        let mut house = Self {
            hotel: identity::hotel("resort"),
            ..Self::default()
        };
        let date = today();
        house.put(
            house.hotel.into(),
            Entity::Hotel(Hotel {
                name: "Resort".into(),
                business_date: date,
            }),
        );
        let mut room = Room {
            number: "204".into(),
            ..Room::default()
        };
        room.cleanliness.turn = Turn::night(date, Some(GUEST));
        house.put(ROOM.into(), Entity::Room(room));
        house.put(
            GUEST.into(),
            Entity::Stay(stay("2017-05-22", "2017-05-25", StayStatus::InHouse)),
        );
        house
    }

    pub(crate) fn put(&mut self, document: DocumentRef, entity: Entity) {
        self.entities.insert(document, entity);
    }

    /// Has what these actions wrote into a field stand side by side, the one that is there shown.
    pub(crate) fn contest(
        &mut self,
        document: impl Into<DocumentRef>,
        key: &str,
        writers: &[OperationId],
    ) {
        let field = (document.into(), key.to_owned());
        self.contested.insert(field, writers.to_vec());
    }

    /// Whatever is planned, in any of the tests, is within the rights of its command.
    pub(crate) fn act(&mut self, role: Role, command: Command) -> Result<OperationId, Refusal> {
        self.act_as(ANA, role, command).map(|done| done.operation)
    }

    pub(crate) fn act_as(
        &mut self,
        author: UserId,
        role: Role,
        command: Command,
    ) -> Result<Done, Refusal> {
        check_going_in(&command, role, self).map_err(refused)?;
        self.act_again(author, role, command)
    }

    /// What was done before, whatever has become of the house since.
    pub(crate) fn act_again(
        &mut self,
        author: UserId,
        role: Role,
        command: Command,
    ) -> Result<Done, Refusal> {
        self.operations += 1;
        let operation = OperationId(Uuid::from_u128(1_000 + self.operations));
        let context = Context {
            hotel: self.hotel,
            operation,
            author,
            role,
            at: Timestamp(self.clock.0 + self.operations as i64 * 60_000),
        };
        let changes = plan(&command, context, self).map_err(refused)?;
        let done = Done {
            operation,
            command: command.clone(),
            context,
            before: changes
                .iter()
                .map(Change::document)
                .map(|document| (document, self.entities.get(&document).cloned()))
                .collect(),
            undone: self.undone(&command),
            self_check: self.self_check(&command, (role, author)),
            today: self.business_date(),
            changes: changes.clone(),
        };
        done.assert_within_rights();
        let made: Vec<DocumentRef> = changes
            .iter()
            .map(Change::document)
            .filter(|document| !self.entities.contains_key(document))
            .collect();
        let mut effects = Vec::new();
        for change in changes {
            let document = change.document();
            let entity = self
                .entities
                .entry(document)
                .or_insert_with(|| Entity::empty(document.kind));
            effects.push(Effect {
                document,
                created: made.contains(&document),
                key: change.key().to_owned(),
                before: entity.field(change.key()).unwrap(),
                after: change.value(),
            });
            assert!(entity.put(change.key(), &change.value()));
            self.contested.remove(&(document, change.key().to_owned()));
        }
        self.past.insert(
            operation,
            PastAction {
                command,
                author,
                effects,
            },
        );
        Ok(done)
    }

    fn self_check(&self, command: &Command, cleaner: (Role, UserId)) -> RuleHeld {
        let Command::FinishTask { task } = command else {
            return RuleHeld::Never;
        };
        let stay = self.task(*task).stay;
        let stay = stay.and_then(|stay| match self.entities.get(&stay.into()) {
            Some(Entity::Stay(stay)) => Some(stay),
            _ => None,
        });
        match rules_of_clean(self, self.hotel, (&self.room(), stay), cleaner) {
            Ok(TaskRules { self_check: 0, .. }) => RuleHeld::Never,
            Ok(_) => RuleHeld::Lately,
            Err(never) => match never {},
        }
    }

    fn undone(&self, command: &Command) -> Option<Undone> {
        let past = self.past.get(&command.recalls()?)?.clone();
        let mut first = &past;
        while let Some(operation) = first.command.recalls() {
            first = &self.past[&operation];
        }
        let first = first.command.asked().clone();
        let standing = Vec::new();
        Some(Undone {
            past,
            first,
            standing,
        })
    }

    pub(crate) fn business_date(&self) -> BusinessDate {
        match self.entities.get(&self.hotel.into()) {
            Some(Entity::Hotel(hotel)) => hotel.business_date,
            _ => today(),
        }
    }

    pub(crate) fn room(&self) -> Room {
        match &self.entities[&ROOM.into()] {
            Entity::Room(room) => room.clone(),
            other => panic!("not a room: {other:?}"),
        }
    }

    pub(crate) fn task(&self, id: TaskId) -> Task {
        match &self.entities[&id.into()] {
            Entity::Task(task) => task.clone(),
            other => panic!("not a task: {other:?}"),
        }
    }
}

fn refused(unplanned: Unplanned<Infallible>) -> Refusal {
    match unplanned {
        Unplanned::Refused(refusal) => refusal,
        Unplanned::Unread(never) => match never {},
    }
}

/// An action that was planned, with what was known before it.
pub(crate) struct Done {
    pub(crate) operation: OperationId,
    pub(crate) command: Command,
    pub(crate) context: Context,
    pub(crate) before: BTreeMap<DocumentRef, Option<Entity>>,
    pub(crate) undone: Option<Undone>,
    pub(crate) self_check: RuleHeld,
    pub(crate) today: BusinessDate,
    pub(crate) changes: Vec<Change>,
}

impl Done {
    pub(crate) fn rights(&self) -> Rights<'_> {
        Rights {
            command: &self.command,
            context: self.context,
            before: &self.before,
            today: self.today,
            undone: self.undone.as_ref(),
            self_check: self.self_check,
        }
    }

    fn assert_within_rights(&self) {
        let rights = self.rights();
        assert_eq!(rights.allows_command(), Ok(()), "{:?}", self.command);
        for change in &self.changes {
            assert_eq!(
                rights.allows_write(change),
                Ok(()),
                "{:?} writes {change:?}",
                self.command
            );
        }
    }
}

pub(crate) fn today() -> BusinessDate {
    "2017-05-25".parse().unwrap()
}

pub(crate) fn stay(arrival: &str, departure: &str, status: StayStatus) -> Stay {
    Stay {
        room: Some(ROOM),
        arrival: arrival.parse().unwrap(),
        departure: departure.parse().unwrap(),
        status,
        ..Stay::default()
    }
}
