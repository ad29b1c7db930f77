//! What an action may write: for each command the documents and fields, and the values that it
//! gives them, seen from what its author knew.
//!
//! **Architecture Invariant**: whatever `plan` makes of a command is within its rights, and nothing
//! else is. The rights look at one write at a time, so that none of a change's operations hides
//! behind another.

use crate::{
    change::{Change, Entity},
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Approval, Command, DeskCommand, ImportedRow},
    field::FieldValue,
    hotel::{Hotel, HotelChange},
    ids::{BlockId, DocumentRef, HotelId, RoomId, StayId, TaskId, WorkOrderId},
    plan::{Context, PastAction},
    policy::allows,
    refusal::{GateReason, Refusal},
    room::{OccupancySeen, Room, RoomChange},
    room_block::RoomBlock,
    rule_sheet::RuleHeld,
    stay::{Stay, StayStatus},
    task::Task,
    time::BusinessDate,
    work_order::WorkOrder,
};
use std::collections::BTreeMap;

mod day;
mod desk;
mod due;
mod hotel;
mod marks;
mod rooms;
mod rules;
mod settle;
mod stay_days;
mod stays;
mod tasks;
mod undo;
mod work;
mod work_orders;

/// An action being judged, with what its author knew.
pub struct Rights<'a> {
    pub command: &'a Command,
    pub context: Context,
    /// Every document that the action touches, as it was for its author; None for one that was not
    /// there.
    pub before: &'a BTreeMap<DocumentRef, Option<Entity>>,
    /// The business date. The author may have known an earlier one.
    pub today: BusinessDate,
    /// What an `Undo` takes back, or what a `Settle` makes hold.
    pub undone: Option<&'a Undone>,
    /// Whether the rules of the room have whoever finishes a clean inspect it with that, by what the
    /// author may have known.
    pub self_check: RuleHeld,
}

/// The action that is recalled, with its effects on the documents that the recalling one touches.
pub struct Undone {
    pub past: PastAction,
    /// What somebody did in the beginning: taking back a taking back is doing it again, and to choose
    /// what somebody did is to do it.
    pub first: Command,
    /// What stood in the field that is settled, as its author saw it; empty for what is taken back.
    pub standing: Vec<FieldValue>,
}

/// What a write is, once it is not refused for a reason of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Write {
    OfCommand,
    Beyond,
}

impl Write {
    fn when(is_of_command: bool) -> Self {
        if is_of_command {
            Self::OfCommand
        } else {
            Self::Beyond
        }
    }
}

type Judged = Result<Write, Refusal>;

impl Rights<'_> {
    /// Refuses a command that the author's role does not hold.
    pub fn allows_command(&self) -> Result<(), Refusal> {
        allows(self.context.role, self.command)?;
        if let Command::Approved(approval) = self.command {
            return self.of(approval).allows_command();
        }
        match self.undone {
            Some(undone) => allows(self.context.role, &undone.first),
            None => Ok(()),
        }
    }

    /// Refuses a write that the command does not make, or not on what its author knew.
    pub fn allows_write(&self, change: &Change) -> Result<(), Refusal> {
        match self.judge(change)? {
            Write::OfCommand => Ok(()),
            Write::Beyond => Err(beyond()),
        }
    }

    fn judge(&self, change: &Change) -> Judged {
        match self.command {
            Command::SetCleanliness { rooms, value } => self.set_cleanliness(rooms, *value, change),
            Command::SetOccupancySeen { room, value } => {
                self.room(*room)?;
                let at = self.context.at;
                let seen = RoomChange::HkOccupancy(OccupancySeen { value: *value, at });
                Ok(Write::when(*change == Change::Room(*room, seen)))
            }
            Command::SetServiceStatus { room, value } => {
                self.room(*room)?;
                let status = RoomChange::ServiceStatus(*value);
                Ok(Write::when(*change == Change::Room(*room, status)))
            }
            Command::StartTask { task } => self.start_task(*task, change),
            Command::PauseTask { task } => self.pause_task(*task, change),
            Command::FinishTask { task } => self.finish_task(*task, change),
            Command::AssignTask { task, assignee } => self.assign_task(*task, *assignee, change),
            Command::CheckIn { stay } => self.check_in(*stay, change),
            Command::CheckOut { stay } => self.check_out(*stay, change),
            Command::CreateWorkOrder { work_order, draft } => {
                self.create_work_order(*work_order, draft, change)
            }
            Command::EditWorkOrder { work_order, edit } => {
                self.edit_work_order(*work_order, edit, change)
            }
            Command::AddComment {
                comment,
                subject,
                text,
            } => self.add_comment(*comment, *subject, text, change),
            Command::EditGuest { .. } | Command::EraseGuest { .. } | Command::Redacted => {
                Ok(Write::Beyond)
            }
            Command::Desk(asked) => self.desk(asked, change),
            Command::Rooms(asked) => self.rooms(asked, change),
            Command::Settle { document, key, .. } => self.settle(*document, key, change),
            Command::Work(asked) => self.work(asked, change),
            Command::SetRule {
                scope,
                rule,
                number,
            } => self.set_rule(scope, *rule, *number, change),
            Command::NameHotel { name } => self.name_hotel(name, change),
            Command::Undo { .. } => self.undo(change),
            Command::OpenHotel {
                hotel,
                name,
                business_date,
            } => Ok(self.open_hotel(*hotel, name, *business_date, change)),
            Command::Import(row) => Ok(self.import(row, change)),
            Command::Approved(approval) => self.of(approval).judge(change),
        }
    }

    fn desk(&self, asked: &DeskCommand, change: &Change) -> Judged {
        match asked {
            DeskCommand::Book { stay, draft } => self.book(*stay, draft, change),
            DeskCommand::EditStay { stay, edit } => self.edit_stay(*stay, edit, change),
            DeskCommand::CancelStay { stay } => {
                self.end_before_it_began(*stay, StayStatus::Cancelled, change)
            }
            DeskCommand::MarkNoShow { stay } => {
                self.end_before_it_began(*stay, StayStatus::NoShow, change)
            }
            DeskCommand::AssignRoom { stay, room } => self.assign_room(*stay, *room, change),
            DeskCommand::MoveRoom { stay, room } => self.move_room(*stay, *room, change),
            DeskCommand::SetQueued { stay, queued } => self.set_queued(*stay, *queued, change),
            DeskCommand::CloseDay { date } => self.close_day(*date, change),
            DeskCommand::PlanRoom { room, date } => self.plan_room(*room, *date, change),
        }
    }

    /// What an approved command may write is what its author might have written.
    fn of<'b>(&'b self, approval: &'b Approval) -> Rights<'b> {
        Rights {
            command: &approval.command,
            context: self.context.of(approval),
            before: self.before,
            today: self.today,
            undone: self.undone,
            self_check: self.self_check,
        }
    }

    /// An import brings fields back to their default too.
    fn import(&self, row: &ImportedRow, change: &Change) -> Write {
        let (document, source): (DocumentRef, Entity) = match row {
            ImportedRow::Room { room, fields } => {
                let mut fields = fields.clone();
                fields.cleanliness.action = self.context.operation;
                ((*room).into(), fields.into())
            }
            ImportedRow::Stay { stay, fields } => ((*stay).into(), fields.clone().into()),
            ImportedRow::Task { task, fields } => ((*task).into(), fields.clone().into()),
            ImportedRow::BusinessDate { hotel, date } => {
                let moved = Change::Hotel(*hotel, HotelChange::BusinessDate(*date));
                return Write::when(*hotel == self.context.hotel && *change == moved);
            }
        };
        Write::when(
            change.document() == document && source.field(change.key()) == Some(change.value()),
        )
    }

    fn mark(&self, value: Cleanliness, turn: Turn, cause: MarkCause) -> CleanlinessMark {
        CleanlinessMark {
            value,
            turn,
            cause,
            action: self.context.operation,
        }
    }

    /// Whether the action makes the document. A document that it does not touch is beyond it.
    fn makes(&self, document: DocumentRef) -> Result<bool, Refusal> {
        let before = self.before.get(&document).ok_or_else(beyond)?;
        Ok(before.is_none())
    }
}

macro_rules! find {
    ($($name:ident: $kind:ident by $id:ident),* $(,)?) => {
        impl Rights<'_> {
            $(fn $name(&self, id: $id) -> Result<&$kind, Refusal> {
                match self.before.get(&id.into()) {
                    Some(Some(Entity::$kind(entity))) => Ok(entity),
                    Some(_) => Err(Refusal::NotFound),
                    None => Err(beyond()),
                }
            })*
        }
    };
}

find! {
    hotel: Hotel by HotelId,
    room: Room by RoomId,
    room_block: RoomBlock by BlockId,
    stay: Stay by StayId,
    task: Task by TaskId,
    work_order: WorkOrder by WorkOrderId,
}

fn beyond() -> Refusal {
    GateReason::NotOfCommand.into()
}

#[cfg(test)]
mod tests;
