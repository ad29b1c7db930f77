//! A command as a line of history, of a toast and of what waits.

use super::{
    Names,
    day::{desk, of_rooms, work},
    field::field_label,
    quoted, room_type,
};
use crate::{
    catalogue::{t, t_count, t_with, t_word},
    query::few::in_order,
};
use keyrack_model::{
    command::{Command, ImportedRow, WorkOrderEdit},
    ids::RoomId,
    rule_sheet::RuleScope,
};

/// Rooms that a sentence still names one by one.
const NAMED_ROOMS: usize = 4;

pub fn command(command: &Command, names: &Names<'_>) -> String {
    match command {
        Command::SetCleanliness { rooms, value } => t_with(
            "did.set-cleanliness",
            &[
                ("room", &rooms_in_words(rooms, names)),
                ("value", t_word("cleanliness", value.word())),
            ],
        ),
        Command::SetOccupancySeen { room, value } => t_with(
            "did.set-occupancy-seen",
            &[
                ("room", &names.room(*room)),
                ("value", t_word("occupancy", value.word())),
            ],
        ),
        Command::SetServiceStatus { room, value } => t_with(
            "did.set-service-status",
            &[
                ("room", &names.room(*room)),
                ("value", t_word("service", value.word())),
            ],
        ),
        Command::StartTask { task } => t_with("did.start-task", &[("task", &names.task(*task))]),
        Command::PauseTask { task } => t_with("did.pause-task", &[("task", &names.task(*task))]),
        Command::FinishTask { task } => t_with("did.finish-task", &[("task", &names.task(*task))]),
        Command::AssignTask { task, assignee } => t_with(
            "did.assign-task",
            &[
                ("task", &names.task(*task)),
                ("person", &names.person_or_nobody(*assignee)),
            ],
        ),
        Command::CheckIn { stay } => {
            t_with("did.check-in", &[("room", &names.room_of_stay(*stay))])
        }
        Command::CheckOut { stay } => {
            t_with("did.check-out", &[("room", &names.room_of_stay(*stay))])
        }
        Command::CreateWorkOrder { draft, .. } => {
            t_with("did.create-work-order", &[("title", &quoted(&draft.title))])
        }
        Command::EditWorkOrder { work_order, edit } => edited(&names.work_order(*work_order), edit),
        Command::AddComment { subject, .. } => {
            t_with("did.add-comment", &[("title", &names.work_order(*subject))])
        }
        Command::EditGuest { stay, .. } => {
            t_with("did.edit-guest", &[("room", &names.room_of_stay(*stay))])
        }
        Command::EraseGuest { stay } => {
            t_with("did.erase-guest", &[("room", &names.room_of_stay(*stay))])
        }
        Command::Desk(asked) => desk(asked, names),
        Command::Rooms(asked) => of_rooms(asked, names),
        Command::Work(asked) => work(asked, names),
        Command::SetRule { scope, rule, .. } => t_with(
            "did.set-rule",
            &[
                ("rule", t_word("rule", rule.word())),
                ("scope", &rule_scope(scope, names)),
            ],
        ),
        Command::Settle { document, key, .. } => {
            let field = field_label(document.kind, key).unwrap_or(t("field.other"));
            t_with("did.settle", &[("field", field)])
        }
        Command::NameHotel { name } => t_with("did.name-hotel", &[("name", &quoted(name))]),
        Command::Redacted => t("did.redacted").to_owned(),
        Command::Undo { .. } => t("did.undo").to_owned(),
        Command::OpenHotel { .. } => t("did.open-hotel").to_owned(),
        Command::Import(row) => t_with("did.import", &[("what", &imported(row))]),
        Command::Approved(approval) => t_with(
            "did.approved",
            &[
                ("what", &self::command(&approval.command, names)),
                ("person", &names.person(approval.author)),
                ("approver", &names.person(approval.approver)),
            ],
        ),
    }
}

/// What a sheet of rules is for.
pub fn rule_scope(scope: &RuleScope, names: &Names<'_>) -> String {
    match scope {
        RuleScope::Hotel => t("rules.hotel").to_owned(),
        RuleScope::RoomType(name) => room_type(name),
        RuleScope::Rate(name) => t_with("rules.rate", &[("rate", name)]),
        RuleScope::Role(role) => t_word("role-name", role.word()).to_owned(),
        RuleScope::Person(person) => names.person(*person),
    }
}

/// What the server refused: an undo that did not come about is not said to have.
pub fn refused(given: &Command, names: &Names<'_>) -> String {
    match given {
        Command::Undo { .. } => t("did.not-undone").to_owned(),
        other => command(other, names),
    }
}

/// What was done to one room among several, for that room's history.
pub fn command_for_room(given: &Command, room: Option<RoomId>, names: &Names<'_>) -> String {
    match (given, room) {
        (Command::SetCleanliness { value, .. }, Some(room)) => command(
            &Command::SetCleanliness {
                rooms: vec![room],
                value: *value,
            },
            names,
        ),
        _ => command(given, names),
    }
}

fn edited(title: &str, edit: &WorkOrderEdit) -> String {
    match edit {
        WorkOrderEdit {
            status: Some(status),
            ..
        } => t_with(
            "did.set-order-status",
            &[("title", title), ("value", t_word("order", status.word()))],
        ),
        WorkOrderEdit {
            priority: Some(priority),
            ..
        } => t_with(
            "did.set-order-priority",
            &[
                ("title", title),
                ("value", t_word("priority", priority.word())),
            ],
        ),
        _ => t_with("did.edit-work-order", &[("title", title)]),
    }
}

/// A few rooms by their numbers, many by how many they are.
fn rooms_in_words(rooms: &[RoomId], names: &Names<'_>) -> String {
    if rooms.len() > NAMED_ROOMS {
        return t_count("rooms", rooms.len());
    }
    numbers(rooms, names)
}

/// The rooms one by one.
pub fn numbers(rooms: &[RoomId], names: &Names<'_>) -> String {
    let numbers = rooms.iter().map(|room| names.room(*room));
    in_order(numbers, String::clone).join(", ")
}

fn imported(row: &ImportedRow) -> String {
    match row {
        ImportedRow::Room { .. } => t("imported.room").to_owned(),
        ImportedRow::Stay { fields, .. } if !fields.booking.is_empty() => {
            t_with("imported.booking", &[("booking", &fields.booking)])
        }
        ImportedRow::Stay { .. } => t("imported.stay").to_owned(),
        ImportedRow::Task { .. } => t("imported.task").to_owned(),
        ImportedRow::BusinessDate { .. } => t("imported.business-date").to_owned(),
    }
}
