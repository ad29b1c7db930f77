//! The hotel's documents in memory: commands are planned on them, and applied one after another.
//!
//! **Invariant**: of a room it tells what a plan may count on and no more: what is open, or touches
//! the business date or a later one.

use super::{Broken, Lie};
use keyrack_model::{
    change::{Change, Entity},
    command::Command,
    hotel::Hotel,
    identity,
    ids::{DocumentKind, DocumentRef, HotelId, OperationId, RoomId, StayId, TaskId, UserId},
    plan::{Context, PastAction, Unplanned, View, plan, rules::rules_of_clean},
    policy::Role,
    refusal::Refusal,
    rights::Rights,
    room::Room,
    rows::RowKeys,
    rule_sheet::{RuleHeld, TaskRules},
    stay::Stay,
    task::Task,
    time::{BusinessDate, Timestamp},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    convert::Infallible,
};
use uuid::Uuid;

pub(super) struct House {
    pub(super) hotel: HotelId,
    pub(super) commands: u64,
    pub(super) rooms: BTreeSet<RoomId>,
    entities: HashMap<DocumentRef, Entity>,
    of_room: BTreeMap<Uuid, BTreeSet<DocumentRef>>,
    lie: Option<Lie>,
}

/// What an action made of a document.
pub(super) struct Written {
    pub(super) before: Option<Entity>,
    pub(super) after: Entity,
}

/// Milliseconds between two actions.
const PACE: i64 = 1_000;

impl House {
    pub(super) fn named(code: &str, lie: Option<Lie>) -> Self {
        Self {
            hotel: identity::hotel(code),
            commands: 0,
            rooms: BTreeSet::new(),
            entities: HashMap::new(),
            of_room: BTreeMap::new(),
            lie,
        }
    }

    /// Plans a command and applies it.
    pub(super) fn act(&mut self, role: Role, command: &Command) -> Result<Vec<Written>, Broken> {
        self.commands += 1;
        let context = self.context(role);
        let changes = self.planned(context, command).map_err(|refusal| {
            let today = self.today();
            Broken(format!("{today}: {command:?} was refused: {refusal}"))
        })?;
        self.check_rights(context, command, &changes)?;
        Ok(self.apply(&changes))
    }

    /// What planning a command now would be refused for.
    pub(super) fn refusal(&self, role: Role, command: &Command) -> Option<Refusal> {
        self.planned(self.context(role), command).err()
    }

    fn context(&self, role: Role) -> Context {
        Context {
            hotel: self.hotel,
            operation: OperationId(Uuid::from_u128(self.commands.into())),
            author: identity::SERVER,
            role,
            at: Timestamp(self.commands as i64 * PACE),
        }
    }

    fn planned(&self, context: Context, command: &Command) -> Result<Vec<Change>, Refusal> {
        plan(command, context, self).map_err(|unplanned| match unplanned {
            Unplanned::Refused(refusal) => refusal,
            Unplanned::Unread(never) => match never {},
        })
    }

    fn check_rights(
        &self,
        context: Context,
        command: &Command,
        changes: &[Change],
    ) -> Result<(), Broken> {
        let touched = changes.iter().map(Change::document);
        let before: BTreeMap<_, _> = touched
            .map(|document| (document, self.entities.get(&document).cloned()))
            .collect();
        let rights = Rights {
            command,
            context,
            before: &before,
            today: self.today(),
            undone: None,
            self_check: self.self_check(command, (context.role, context.author)),
        };
        let beyond = changes
            .iter()
            .find(|change| rights.allows_write(change).is_err());
        match beyond {
            Some(change) => Err(Broken(format!("{command:?} may not write {change:?}"))),
            None => Ok(()),
        }
    }

    fn self_check(&self, command: &Command, cleaner: (Role, UserId)) -> RuleHeld {
        let Command::FinishTask { task } = command else {
            return RuleHeld::Never;
        };
        let Some(Entity::Task(task)) = self.entities.get(&(*task).into()) else {
            return RuleHeld::Never;
        };
        let room = task.room.and_then(|room| self.entities.get(&room.into()));
        let Some(Entity::Room(room)) = room else {
            return RuleHeld::Never;
        };
        let stay = task
            .stay
            .and_then(|stay| match self.entities.get(&stay.into()) {
                Some(Entity::Stay(stay)) => Some(stay),
                _ => None,
            });
        match rules_of_clean(self, self.hotel, (room, stay), cleaner) {
            Ok(TaskRules { self_check: 0, .. }) => RuleHeld::Never,
            Ok(_) => RuleHeld::Lately,
            Err(never) => match never {},
        }
    }

    fn apply(&mut self, changes: &[Change]) -> Vec<Written> {
        let mut touched: Vec<DocumentRef> = Vec::new();
        let mut after: HashMap<DocumentRef, Entity> = HashMap::new();
        for change in changes {
            let document = change.document();
            let entity = after.entry(document).or_insert_with(|| {
                touched.push(document);
                let there = self.entities.get(&document).cloned();
                there.unwrap_or_else(|| Entity::empty(document.kind))
            });
            entity.put(change.key(), &change.value());
        }
        let mut written = Vec::new();
        for document in touched {
            if let Some(after) = after.remove(&document) {
                written.extend(self.write(document, after));
            }
        }
        written
    }

    fn write(&mut self, document: DocumentRef, after: Entity) -> Vec<Written> {
        let before = self.entities.get(&document);
        let writes = match self.lie {
            Some(lie) => lie.bent(document, before, after),
            None => vec![(document, after)],
        };
        let put = |(document, after): (DocumentRef, Entity)| Written {
            before: self.put(document, after.clone()),
            after,
        };
        writes.into_iter().map(put).collect()
    }

    fn put(&mut self, document: DocumentRef, after: Entity) -> Option<Entity> {
        let room_of = |entity: &Entity| RowKeys::of(entity).subject;
        let closes_day = matches!(after, Entity::Hotel(_));
        if let Some(room) = self.entities.get(&document).and_then(room_of) {
            self.of_room.entry(room).or_default().remove(&document);
        }
        match (document.kind, room_of(&after)) {
            (DocumentKind::Room, _) => {
                self.rooms.insert(RoomId(document.id.0));
            }
            (_, Some(room)) => {
                self.of_room.entry(room).or_default().insert(document);
            }
            (_, None) => {}
        }
        let before = self.entities.insert(document, after);
        if closes_day {
            self.let_go();
        }
        before
    }

    /// What is over and touches no day from today on is not told of its room any more.
    fn let_go(&mut self) {
        let today = self.today();
        let entities = &self.entities;
        let is_told = |document: &DocumentRef| {
            let keys = entities.get(document).map(RowKeys::of);
            keys.is_some_and(|keys| keys.open || keys.to.is_none_or(|to| to >= today))
        };
        for documents in self.of_room.values_mut() {
            documents.retain(is_told);
        }
    }

    pub(super) fn today(&self) -> BusinessDate {
        match self.entities.get(&self.hotel.into()) {
            Some(Entity::Hotel(Hotel { business_date, .. })) => *business_date,
            _ => BusinessDate::default(),
        }
    }

    pub(super) fn room(&self, id: RoomId) -> Option<&Room> {
        match self.entities.get(&id.into()) {
            Some(Entity::Room(room)) => Some(room),
            _ => None,
        }
    }

    pub(super) fn stay(&self, id: StayId) -> Option<&Stay> {
        match self.entities.get(&id.into()) {
            Some(Entity::Stay(stay)) => Some(stay),
            _ => None,
        }
    }

    pub(super) fn task(&self, id: TaskId) -> Option<&Task> {
        match self.entities.get(&id.into()) {
            Some(Entity::Task(task)) => Some(task),
            _ => None,
        }
    }

    pub(super) fn every_room(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        let rooms = self.rooms.iter();
        rooms.filter_map(|id| self.room(*id).map(|room| (*id, room)))
    }

    /// Tasks of a room that are open or of today.
    pub(super) fn tasks(&self, room: RoomId) -> impl Iterator<Item = (TaskId, &Task)> {
        let documents = self.of_room.get(&room.0).into_iter().flatten();
        documents.filter_map(|document| match self.entities.get(document) {
            Some(Entity::Task(task)) => Some((TaskId(document.id.0), task)),
            _ => None,
        })
    }

    pub(super) fn open_tasks(&self, room: RoomId) -> impl Iterator<Item = (TaskId, &Task)> {
        self.tasks(room).filter(|(_, task)| task.status.is_open())
    }
}

/// Nobody writes at the same time as somebody else, and nobody undoes.
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
        let documents = self.of_room.get(&room.0).into_iter().flatten();
        let of_kind = documents.filter(|document| document.kind == kind);
        let told = of_kind.filter_map(|document| {
            let entity = self.entities.get(document)?;
            Some((*document, entity.clone()))
        });
        Ok(told.collect())
    }

    fn past_action(&self, _: OperationId) -> Result<Option<PastAction>, Infallible> {
        Ok(None)
    }

    fn is_contested(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn writers(&self, _: DocumentRef, _: &str) -> Result<Vec<OperationId>, Infallible> {
        Ok(Vec::new())
    }

    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(true)
    }
}
