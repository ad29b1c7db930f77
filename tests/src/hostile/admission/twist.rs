//! A command that says something else than what was made for it.

use crate::hostile::choices::Choices;
use keyrack_model::{
    command::{Command, DeskCommand, RoomCommand, WorkCommand},
    ids::{DocumentRef, OperationId, RoomId, StayId, TaskId, WorkOrderId},
    limits::{MAX_BULK_ROOMS, MAX_MERGED_TEXT},
    policy::Role,
    rule_sheet::RuleScope,
    task::InspectionOutcome,
    time::BusinessDate,
};
use keyrack_server::pretend::{
    GUEST, HOTEL, MARIA, NEXT, ORDER, ROOM, TOMAS, departure, stayover, today,
};
use uuid::Uuid;

const NOBODYS: Uuid = Uuid::from_u128(0xBAD);

/// Changes one argument of a command. One that is not among these does not compile.
pub fn twisted(command: &mut Command, choices: &mut Choices<'_>) {
    let mut other = Other(choices);
    match command {
        Command::SetCleanliness { rooms, .. } => *rooms = other.rooms(),
        Command::SetOccupancySeen { room, .. } | Command::SetServiceStatus { room, .. } => {
            *room = other.room();
        }
        Command::StartTask { task }
        | Command::PauseTask { task }
        | Command::FinishTask { task }
        | Command::AssignTask { task, .. } => *task = other.task(),
        Command::CheckIn { stay }
        | Command::CheckOut { stay }
        | Command::EditGuest { stay, .. }
        | Command::EraseGuest { stay } => *stay = other.stay(),
        Command::CreateWorkOrder { draft, .. } => match other.which(3) {
            0 => draft.title = other.text(),
            1 => draft.room = Some(RoomId(NOBODYS)),
            _ => draft.assignee = Some(TOMAS),
        },
        Command::EditWorkOrder { work_order, edit } => match other.which(3) {
            0 => *work_order = other.order(),
            1 => edit.description_base = Some(other.text()),
            _ => edit.assignee = Some(Some(TOMAS)),
        },
        Command::AddComment { subject, text, .. } => match other.which(2) {
            0 => *subject = other.order(),
            _ => *text = other.text(),
        },
        Command::Desk(asked) => of_desk(asked, &mut other),
        Command::Rooms(asked) => of_rooms(asked, &mut other),
        Command::Work(asked) => of_work(asked, &mut other),
        Command::SetRule { scope, number, .. } => match other.which(3) {
            0 => *scope = RuleScope::Rate(other.text()),
            1 => *scope = RuleScope::Role(Role::Housekeeper),
            _ => *number = Some(other.number()),
        },
        Command::Settle {
            document,
            key,
            chosen,
        } => match other.which(3) {
            0 => *document = other.document(),
            1 => *key = other.text(),
            _ => *chosen = OperationId(NOBODYS),
        },
        Command::NameHotel { name } => *name = other.text(),
        Command::Undo { operation } => *operation = OperationId(NOBODYS),
        // Nobody's app makes anything of these.
        Command::OpenHotel { .. }
        | Command::Import(_)
        | Command::Approved(_)
        | Command::Redacted => {}
    }
}

fn of_desk(asked: &mut DeskCommand, other: &mut Other<'_, '_>) {
    match asked {
        DeskCommand::Book { stay, draft } => match other.which(5) {
            0 => *stay = other.stay(),
            1 => draft.room = Some(other.room()),
            2 => draft.departure = other.day(),
            3 => draft.adults = other.number(),
            _ => draft.note = other.text(),
        },
        DeskCommand::EditStay { stay, edit } => match other.which(5) {
            0 => *stay = other.stay(),
            1 => edit.arrival = Some(other.day()),
            2 => edit.departure = Some(other.day()),
            3 => edit.children = Some(other.number()),
            _ => edit.note_base = Some(other.text()),
        },
        DeskCommand::CancelStay { stay } | DeskCommand::MarkNoShow { stay } => {
            *stay = other.stay();
        }
        DeskCommand::AssignRoom { stay, room } => match other.which(3) {
            0 => *stay = other.stay(),
            1 => *room = Some(other.room()),
            _ => *room = None,
        },
        DeskCommand::MoveRoom { stay, room } => match other.which(2) {
            0 => *stay = other.stay(),
            _ => *room = other.room(),
        },
        DeskCommand::SetQueued { stay, queued } => match other.which(2) {
            0 => *stay = other.stay(),
            _ => *queued = !*queued,
        },
        DeskCommand::CloseDay { date } => *date = other.day(),
        DeskCommand::PlanRoom { room, date } => match other.which(2) {
            0 => *room = other.room(),
            _ => *date = other.day(),
        },
    }
}

fn of_rooms(asked: &mut RoomCommand, other: &mut Other<'_, '_>) {
    match asked {
        RoomCommand::Add { room, draft } => match other.which(3) {
            0 => *room = other.room(),
            1 => draft.number = other.text(),
            _ => draft.floor = other.number(),
        },
        RoomCommand::Edit { room, edit } => match other.which(3) {
            0 => *room = other.room(),
            1 => edit.section = Some(other.text()),
            _ => edit.floor = Some(other.number()),
        },
        RoomCommand::SetRush { rooms, rush } => match other.which(2) {
            0 => *rooms = other.rooms(),
            _ => *rush = !*rush,
        },
        RoomCommand::Note { room, text, base } => match other.which(3) {
            0 => *room = other.room(),
            1 => *text = other.text(),
            _ => *base = other.text(),
        },
        RoomCommand::Link {
            first,
            second,
            kind,
        } => match other.which(3) {
            0 => *first = other.room(),
            1 => *second = *first,
            _ => *kind = None,
        },
        RoomCommand::Block { draft, .. } => match other.which(3) {
            0 => draft.room = other.room(),
            1 => draft.until = other.day(),
            _ => draft.reason = other.text(),
        },
        RoomCommand::EditBlock { block, edit } => match other.which(3) {
            0 => block.0 = NOBODYS,
            1 => edit.until = Some(other.day()),
            _ => edit.reason = Some(other.text()),
        },
        RoomCommand::EndBlock { block } => block.0 = NOBODYS,
    }
}

fn of_work(asked: &mut WorkCommand, other: &mut Other<'_, '_>) {
    match asked {
        WorkCommand::Add { task, draft } => match other.which(5) {
            0 => *task = other.task(),
            1 => draft.room = other.room(),
            2 => draft.business_date = other.day(),
            3 => draft.stay = Some(other.stay()),
            _ => draft.note = other.text(),
        },
        WorkCommand::Cancel { task } => *task = other.task(),
        WorkCommand::Pin { task, pinned } => match other.which(2) {
            0 => *task = other.task(),
            _ => *pinned = !*pinned,
        },
        WorkCommand::KeptOut { task, by } => match other.which(2) {
            0 => *task = other.task(),
            _ => *by = Default::default(),
        },
        WorkCommand::Enter { task, .. } => *task = other.task(),
        WorkCommand::Note { task, text, base } => match other.which(3) {
            0 => *task = other.task(),
            1 => *text = other.text(),
            _ => *base = other.text(),
        },
        WorkCommand::Inspect {
            task,
            outcome,
            reason,
        } => match other.which(4) {
            0 => *task = other.task(),
            1 => *outcome = InspectionOutcome::Open,
            2 => *outcome = InspectionOutcome::Failed,
            _ => *reason = other.text(),
        },
    }
}

/// What a command may say instead.
struct Other<'a, 'b>(&'a mut Choices<'b>);

impl Other<'_, '_> {
    fn which(&mut self, count: u8) -> u8 {
        self.0.byte() % count
    }

    fn room(&mut self) -> RoomId {
        *self.0.one_of(&[ROOM, RoomId(NOBODYS)])
    }

    fn rooms(&mut self) -> Vec<RoomId> {
        let counts = [0, 2, MAX_BULK_ROOMS + 1];
        vec![ROOM; *self.0.one_of(&counts)]
    }

    fn stay(&mut self) -> StayId {
        *self.0.one_of(&[NEXT, GUEST, StayId(NOBODYS)])
    }

    fn task(&mut self) -> TaskId {
        *self.0.one_of(&[stayover(), departure(), TaskId(NOBODYS)])
    }

    fn order(&mut self) -> WorkOrderId {
        *self.0.one_of(&[ORDER, WorkOrderId(NOBODYS)])
    }

    fn document(&mut self) -> DocumentRef {
        let all: [DocumentRef; 3] = [ROOM.into(), HOTEL.into(), RoomId(MARIA.0).into()];
        *self.0.one_of(&all)
    }

    fn day(&mut self) -> BusinessDate {
        let days = *self.0.one_of(&[-1, 0, 1, 3, 5_000, -800_000]);
        today().plus_days(days)
    }

    fn number(&mut self) -> i64 {
        *self.0.one_of(&[-1, 0, 1, 5_000, i64::MIN, i64::MAX])
    }

    /// As the bytes say, or longer than any that somebody types.
    fn text(&mut self) -> String {
        match self.which(2) {
            0 => String::from_utf8_lossy(self.0.bytes()).into_owned(),
            _ => "x".repeat(MAX_MERGED_TEXT + 1),
        }
    }
}
