//! From a command to the changes it makes, given what this replica knows.
//!
//! **Architecture Invariant**: a plan depends on its arguments alone. The same command on the same
//! knowledge makes the same changes on a device and on the server.

use crate::{
    change::{Change, Entity},
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Approval, Command, DeskCommand, RoomCommand, WorkCommand},
    field::FieldValue,
    hotel::Hotel,
    ids::{
        BlockId, DocumentKind, DocumentRef, HotelId, OperationId, RoomId, StayId, TaskId, UserId,
        WorkOrderId,
    },
    policy::{Role, allows},
    refusal::Refusal,
    room::{Room, RoomChange},
    room_block::RoomBlock,
    stay::{Stay, StayStatus},
    task::Task,
    time::{BusinessDate, Timestamp},
    work_order::WorkOrder,
};

pub(crate) mod blocks;
pub mod day;
pub(crate) mod desk;
pub(crate) mod due;
pub mod entering;
pub(crate) mod hotel;
mod import;
pub(crate) mod inspections;
pub(crate) mod marks;
pub mod origin;
pub(crate) mod recall;
pub(crate) mod rooms;
pub mod rules;
pub(crate) mod settle;
pub(crate) mod stay_days;
pub(crate) mod stays;
pub(crate) mod tasks;
pub(crate) mod undo;
pub(crate) mod work;
pub(crate) mod work_orders;

pub use inspections::is_awaited;

/// What a plan may ask of the replica it is made on.
pub trait View {
    type Error;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Self::Error>;
    /// Documents of a kind that are about a room: all that are open, or touch the business date or
    /// a later one. Earlier ones may be among them or not.
    fn about_room(
        &self,
        room: RoomId,
        kind: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, Self::Error>;
    /// Stays of a room that are expected, in house, or over not before the business date.
    fn stays_of(&self, room: RoomId) -> Result<Vec<(StayId, Stay)>, Self::Error> {
        let found = self.about_room(room, DocumentKind::Stay)?;
        let stay = |(document, entity): (DocumentRef, Entity)| match entity {
            Entity::Stay(stay) if stay.room == Some(room) => Some((StayId(document.id.0), stay)),
            _ => None,
        };
        Ok(found.into_iter().filter_map(stay).collect())
    }
    /// Stays in house in a room.
    fn stays_in_house(&self, room: RoomId) -> Result<Vec<(StayId, Stay)>, Self::Error> {
        let mut stays = self.stays_of(room)?;
        stays.retain(|(_, stay)| stay.status == StayStatus::InHouse);
        Ok(stays)
    }
    /// Open tasks of a room, of whichever business date.
    fn open_tasks_of(&self, room: RoomId) -> Result<Vec<(TaskId, Task)>, Self::Error> {
        let found = self.about_room(room, DocumentKind::Task)?;
        let task = |(document, entity): (DocumentRef, Entity)| match entity {
            Entity::Task(task) if task.room == Some(room) && task.status.is_open() => {
                Some((TaskId(document.id.0), task))
            }
            _ => None,
        };
        Ok(found.into_iter().filter_map(task).collect())
    }
    /// Open tasks of a room on a business date.
    fn open_tasks(
        &self,
        room: RoomId,
        date: BusinessDate,
    ) -> Result<Vec<(TaskId, Task)>, Self::Error> {
        let mut tasks = self.open_tasks_of(room)?;
        tasks.retain(|(_, task)| task.business_date == date);
        Ok(tasks)
    }
    /// An earlier action, with what it did.
    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, Self::Error>;
    /// What an earlier action asked for, whatever is here of the rest of it.
    fn asked(&self, operation: OperationId) -> Result<Option<Command>, Self::Error> {
        let past = self.past_action(operation)?;
        Ok(past.map(|past| past.command))
    }
    /// The action that an earlier one took back.
    fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, Self::Error> {
        let asked = self.asked(operation)?;
        Ok(asked.and_then(|command| command.undoes()))
    }
    /// Whether a field has concurrent values that people were told of: writing the value that is
    /// shown then says something, namely that it is the one to keep.
    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Self::Error>;
    /// The actions that wrote the values a field has: none, one, or several at the same time. A
    /// text, which many write together, has none.
    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Self::Error>;
    /// The actions that had written the values which an action found in a field; None where it made
    /// the document, and for an action that is not known: where nobody undoes, none is.
    fn writers_before(
        &self,
        _document: DocumentRef,
        _key: &str,
        _operation: OperationId,
    ) -> Result<Option<Vec<OperationId>>, Self::Error> {
        Ok(None)
    }
    /// The actions that had written the values which an action left in a field: itself, but for one
    /// that decided for a value that was there.
    fn writers_after(
        &self,
        _document: DocumentRef,
        _key: &str,
        operation: OperationId,
    ) -> Result<Vec<OperationId>, Self::Error> {
        Ok(vec![operation])
    }
    /// Whether somebody other than the server wrote the value that a field has.
    fn written_by_person(&self, document: DocumentRef, key: &str) -> Result<bool, Self::Error>;
}

/// An action as the history remembers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastAction {
    pub command: Command,
    pub author: UserId,
    pub effects: Vec<Effect>,
}

/// One field of one document before and after an action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    pub document: DocumentRef,
    /// Whether the action made the document.
    pub created: bool,
    pub key: String,
    pub before: FieldValue,
    pub after: FieldValue,
}

/// Who asks, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    pub hotel: HotelId,
    pub operation: OperationId,
    pub author: UserId,
    pub role: Role,
    pub at: Timestamp,
}

impl Context {
    /// In which a command that was approved is carried out: as its author had asked for it.
    pub(crate) fn of(self, approval: &Approval) -> Self {
        Self {
            author: approval.author,
            role: approval.role,
            at: approval.at,
            ..self
        }
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Unplanned<E> {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the replica could not be read")]
    Unread(#[source] E),
}

type Planned<V> = Result<Vec<Change>, Unplanned<<V as View>::Error>>;

/// The changes that a command makes, at least one.
///
/// # Errors
/// A refusal when the role, the state of things or the arguments forbid it.
pub fn plan<V: View>(command: &Command, context: Context, view: &V) -> Planned<V> {
    allows(context.role, command)?;
    if let Command::Approved(approval) = command {
        return plan(&approval.command, context.of(approval), view);
    }
    let planner = Planner { context, view };
    let changes = match command {
        Command::SetCleanliness { rooms, value } => planner.set_cleanliness(rooms, *value),
        Command::SetOccupancySeen { room, value } => planner.set_occupancy_seen(*room, *value),
        Command::SetServiceStatus { room, value } => planner.set_service_status(*room, *value),
        Command::StartTask { task } => planner.start_task(*task),
        Command::PauseTask { task } => planner.pause_task(*task),
        Command::FinishTask { task } => planner.finish_task(*task),
        Command::AssignTask { task, assignee } => planner.assign_task(*task, *assignee),
        Command::CheckIn { stay } => planner.check_in(*stay),
        Command::CheckOut { stay } => planner.check_out(*stay),
        Command::CreateWorkOrder { work_order, draft } => {
            planner.create_work_order(*work_order, draft)
        }
        Command::EditWorkOrder { work_order, edit } => planner.edit_work_order(*work_order, edit),
        Command::AddComment {
            comment,
            subject,
            text,
        } => planner.add_comment(*comment, *subject, text),
        Command::Desk(asked) => planner.desk(asked),
        Command::Rooms(asked) => planner.rooms(asked),
        Command::Work(asked) => planner.work(asked),
        Command::SetRule {
            scope,
            rule,
            number,
        } => planner.set_rule(scope, *rule, *number),
        Command::Settle {
            document,
            key,
            chosen,
        } => planner.settle(*document, key, *chosen, command),
        Command::NameHotel { name } => planner.name_hotel(name),
        // Records are not made of changes.
        Command::EditGuest { .. } | Command::EraseGuest { .. } | Command::Redacted => Ok(vec![]),
        Command::Undo { operation } => planner.undo(*operation, command),
        Command::OpenHotel {
            hotel,
            name,
            business_date,
        } => planner.open_hotel(*hotel, name, *business_date),
        Command::Import(row) => planner.import(row),
        // Planned above as what was approved.
        Command::Approved(_) => Ok(vec![]),
    }?;
    if changes.is_empty() {
        return Err(Refusal::NothingToDo.into());
    }
    Ok(changes)
}

/// One command being planned.
struct Planner<'a, V> {
    context: Context,
    view: &'a V,
}

macro_rules! find {
    ($($name:ident: $kind:ident by $id:ident),* $(,)?) => {
        impl<V: View> Planner<'_, V> {
            $(fn $name(&self, id: $id) -> Result<$kind, Unplanned<V::Error>> {
                match self.view.entity(id.into()).map_err(Unplanned::Unread)? {
                    Some(Entity::$kind(entity)) => Ok(entity),
                    _ => Err(Refusal::NotFound.into()),
                }
            })*
        }
    };
}

find! {
    hotel: Hotel by HotelId,
    room: Room by RoomId,
    stay: Stay by StayId,
    task: Task by TaskId,
    work_order: WorkOrder by WorkOrderId,
    room_block: RoomBlock by BlockId,
}

impl<V: View> Planner<'_, V> {
    fn desk(&self, asked: &DeskCommand) -> Planned<V> {
        match asked {
            DeskCommand::Book { stay, draft } => self.book(*stay, draft),
            DeskCommand::EditStay { stay, edit } => self.edit_stay(*stay, edit),
            DeskCommand::CancelStay { stay } => self.cancel_stay(*stay),
            DeskCommand::MarkNoShow { stay } => self.mark_no_show(*stay),
            DeskCommand::AssignRoom { stay, room } => self.assign_room(*stay, *room),
            DeskCommand::MoveRoom { stay, room } => self.move_room(*stay, *room),
            DeskCommand::SetQueued { stay, queued } => self.set_queued(*stay, *queued),
            DeskCommand::CloseDay { date } => self.close_day(*date),
            DeskCommand::PlanRoom { room, date } => self.plan_room(*room, *date),
        }
    }

    fn rooms(&self, asked: &RoomCommand) -> Planned<V> {
        match asked {
            RoomCommand::Add { room, draft } => self.add_room(*room, draft),
            RoomCommand::Edit { room, edit } => self.edit_room(*room, edit),
            RoomCommand::SetRush { rooms, rush } => self.set_rush(rooms, *rush),
            RoomCommand::Note { room, text, base } => self.note_room(*room, text, base),
            RoomCommand::Link {
                first,
                second,
                kind,
            } => self.link_rooms(*first, *second, *kind),
            RoomCommand::Block { block, draft } => self.block_room(*block, draft),
            RoomCommand::EditBlock { block, edit } => self.edit_block(*block, edit),
            RoomCommand::EndBlock { block } => self.end_block(*block),
        }
    }

    fn work(&self, asked: &WorkCommand) -> Planned<V> {
        match asked {
            WorkCommand::Add { task, draft } => self.add_task(*task, draft),
            WorkCommand::Cancel { task } => self.cancel_task(*task),
            WorkCommand::Pin { task, pinned } => self.pin_task(*task, *pinned),
            WorkCommand::KeptOut { task, by } => self.kept_out(*task, *by),
            WorkCommand::Enter { task, reason } => self.enter(*task, *reason),
            WorkCommand::Note { task, text, base } => self.note_task(*task, text, base),
            WorkCommand::Inspect {
                task,
                outcome,
                reason,
            } => self.inspect(*task, *outcome, reason),
        }
    }

    fn business_date(&self) -> Result<BusinessDate, Unplanned<V::Error>> {
        Ok(self.hotel(self.context.hotel)?.business_date)
    }

    fn exists(&self, document: DocumentRef) -> Result<bool, Unplanned<V::Error>> {
        let found = self.view.entity(document).map_err(Unplanned::Unread)?;
        Ok(found.is_some())
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Unplanned<V::Error>> {
        let contested = self.view.is_contested(document, key);
        contested.map_err(Unplanned::Unread)
    }

    fn mark(&self, room: RoomId, value: Cleanliness, turn: Turn, cause: MarkCause) -> Change {
        Change::Room(
            room,
            RoomChange::Cleanliness(CleanlinessMark {
                value,
                turn,
                cause,
                action: self.context.operation,
            }),
        )
    }
}

/// A text that a person typed: trimmed, not empty, not too long.
pub(crate) fn text(field: &str, typed: &str, limit: usize) -> Result<String, Refusal> {
    let typed = optional_text(field, typed, limit)?;
    if typed.is_empty() {
        return Err(Refusal::Empty {
            field: field.to_owned(),
        });
    }
    Ok(typed)
}

fn optional_text(field: &str, typed: &str, limit: usize) -> Result<String, Refusal> {
    let typed = typed.trim();
    check_length(field, typed, limit)?;
    Ok(typed.to_owned())
}

fn check_length(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.chars().count() > limit {
        return Err(Refusal::TooLong {
            field: field.to_owned(),
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
