//! What the desk, the rooms' keepers and whoever plans the work did, as a line.

use super::{Names, command::numbers};
use crate::catalogue::{t_with, t_word};
use keyrack_model::command::{DeskCommand, RoomCommand, WorkCommand};

pub(super) fn desk(asked: &DeskCommand, names: &Names<'_>) -> String {
    match asked {
        DeskCommand::Book { draft, .. } => t_with("did.book", &[("booking", &draft.booking)]),
        DeskCommand::EditStay { stay, .. } => of_stay("did.edit-stay", *stay, names),
        DeskCommand::CancelStay { stay } => of_stay("did.cancel-stay", *stay, names),
        DeskCommand::MarkNoShow { stay } => of_stay("did.mark-no-show", *stay, names),
        DeskCommand::AssignRoom { room, .. } => {
            t_with("did.assign-room", &[("room", &names.room_or_none(*room))])
        }
        DeskCommand::MoveRoom { room, .. } => {
            t_with("did.move-room", &[("room", &names.room(*room))])
        }
        DeskCommand::SetQueued { stay, queued: true } => of_stay("did.queue", *stay, names),
        DeskCommand::SetQueued {
            stay,
            queued: false,
        } => of_stay("did.unqueue", *stay, names),
        DeskCommand::CloseDay { date } => t_with(
            "did.close-day",
            &[("date", &crate::clock::short_date(*date))],
        ),
        DeskCommand::PlanRoom { room, .. } => {
            t_with("did.plan-room", &[("room", &names.room(*room))])
        }
    }
}

fn of_stay(key: &'static str, stay: keyrack_model::ids::StayId, names: &Names<'_>) -> String {
    t_with(key, &[("room", &names.room_of_stay(stay))])
}

pub(super) fn of_rooms(asked: &RoomCommand, names: &Names<'_>) -> String {
    match asked {
        RoomCommand::Add { draft, .. } => t_with("did.add-room", &[("room", &draft.number)]),
        RoomCommand::Edit { room, .. } => t_with("did.edit-room", &[("room", &names.room(*room))]),
        RoomCommand::SetRush { rooms, rush: true } => {
            t_with("did.rush", &[("room", &numbers(rooms, names))])
        }
        RoomCommand::SetRush { rooms, rush: false } => {
            t_with("did.no-rush", &[("room", &numbers(rooms, names))])
        }
        RoomCommand::Note { room, .. } => t_with("did.note-room", &[("room", &names.room(*room))]),
        RoomCommand::Link { first, second, .. } => t_with(
            "did.link-rooms",
            &[("room", &numbers(&[*first, *second], names))],
        ),
        RoomCommand::Block { draft, .. } => t_with(
            "did.block-room",
            &[
                ("room", &names.room(draft.room)),
                ("value", t_word("block", draft.kind.word())),
            ],
        ),
        RoomCommand::EditBlock { .. } => t_with("did.edit-block", &[]),
        RoomCommand::EndBlock { .. } => t_with("did.end-block", &[]),
    }
}

pub(super) fn work(asked: &WorkCommand, names: &Names<'_>) -> String {
    let of_task = |key, task| t_with(key, &[("task", &names.task(task))]);
    match asked {
        WorkCommand::Add { draft, .. } => t_with(
            "did.add-task",
            &[
                ("task", t_word("task-kind", draft.kind.word())),
                ("room", &names.room(draft.room)),
            ],
        ),
        WorkCommand::Cancel { task } => of_task("did.cancel-task", *task),
        WorkCommand::Pin { task, pinned: true } => of_task("did.pin-task", *task),
        WorkCommand::Pin {
            task,
            pinned: false,
        } => of_task("did.unpin-task", *task),
        WorkCommand::KeptOut { task, by } => t_with(
            "did.kept-out",
            &[
                ("task", &names.task(*task)),
                ("value", t_word("service", by.word())),
            ],
        ),
        WorkCommand::Note { task, .. } => of_task("did.note-task", *task),
        WorkCommand::Inspect { task, outcome, .. } => t_with(
            "did.inspect",
            &[
                ("task", &names.task(*task)),
                ("value", t_word("outcome", outcome.word())),
            ],
        ),
    }
}
