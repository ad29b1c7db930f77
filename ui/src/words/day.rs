//! What the desk, the rooms' keepers and whoever plans the work did, as a line.

use super::{Names, command::numbers};
use crate::catalogue::{t, t_with, t_word};
use keyrack_model::command::{DeskCommand, RoomCommand, WorkCommand};

pub(super) fn desk(asked: &DeskCommand, names: &Names<'_>) -> String {
    match asked {
        DeskCommand::Book { draft, .. } if draft.booking.is_empty() => {
            let arrival = crate::clock::short_date(draft.arrival);
            t_with("did.book-for", &[("date", &arrival)])
        }
        DeskCommand::Book { draft, .. } => t_with("did.book", &[("booking", &draft.booking)]),
        DeskCommand::EditStay { stay, .. } => {
            t_with("did.edit-stay", &[("stay", &names.stay(*stay))])
        }
        DeskCommand::CancelStay { stay } => {
            t_with("did.cancel-stay", &[("stay", &names.stay(*stay))])
        }
        DeskCommand::MarkNoShow { stay } => {
            t_with("did.mark-no-show", &[("stay", &names.stay(*stay))])
        }
        DeskCommand::AssignRoom { room, .. } => {
            t_with("did.assign-room", &[("room", &names.room_or_none(*room))])
        }
        DeskCommand::MoveRoom { room, .. } => {
            t_with("did.move-room", &[("room", &names.room(*room))])
        }
        DeskCommand::SetQueued { stay, queued: true } => {
            t_with("did.queue", &[("stay", &names.stay(*stay))])
        }
        DeskCommand::SetQueued {
            stay,
            queued: false,
        } => t_with("did.unqueue", &[("stay", &names.stay(*stay))]),
        DeskCommand::CloseDay { date } => t_with(
            "did.close-day",
            &[("date", &crate::clock::short_date(*date))],
        ),
        DeskCommand::PlanRoom { room, .. } => {
            t_with("did.plan-room", &[("room", &names.room(*room))])
        }
    }
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
        RoomCommand::EditBlock { .. } => t("did.edit-block").to_owned(),
        RoomCommand::EndBlock { .. } => t("did.end-block").to_owned(),
    }
}

pub(super) fn work(asked: &WorkCommand, names: &Names<'_>) -> String {
    let task = |task| names.task(task);
    match asked {
        WorkCommand::Add { draft, .. } => t_with(
            "did.add-task",
            &[
                ("task", t_word("task-kind", draft.kind.word())),
                ("room", &names.room(draft.room)),
            ],
        ),
        WorkCommand::Cancel { task: id } => t_with("did.cancel-task", &[("task", &task(*id))]),
        WorkCommand::Pin {
            task: id,
            pinned: true,
        } => t_with("did.pin-task", &[("task", &task(*id))]),
        WorkCommand::Pin {
            task: id,
            pinned: false,
        } => t_with("did.unpin-task", &[("task", &task(*id))]),
        WorkCommand::KeptOut { task, by } => t_with(
            "did.kept-out",
            &[
                ("task", &names.task(*task)),
                ("value", t_word("service", by.word())),
            ],
        ),
        WorkCommand::Enter { task, reason } => t_with(
            "did.enter",
            &[
                ("task", &names.task(*task)),
                ("reason", t_word("entry", reason.word())),
            ],
        ),
        WorkCommand::Note { task: id, .. } => t_with("did.note-task", &[("task", &task(*id))]),
        WorkCommand::Inspect { task, outcome, .. } => t_with(
            "did.inspect",
            &[
                ("task", &names.task(*task)),
                ("value", t_word("outcome", outcome.word())),
            ],
        ),
    }
}
