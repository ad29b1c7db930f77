//! What deciding a contested field comes to: who may choose a value, and what becomes of texts of
//! which both are wanted.

use super::conflicts::sides;
use keyrack_model::{
    change::{Change, Entity},
    command::{Command, DeskCommand, RoomCommand, StayEdit, WorkCommand, WorkOrderEdit},
    field::FieldValue,
    hotel::HotelChange,
    ids::{DocumentKind, DocumentRef, RoomId, StayId, TaskId, UserId, WorkOrderId},
    limits::{MAX_TEXT, MAX_TITLE},
    policy::{Role, allows_deciding},
    refusal::Refusal,
    room::RoomChange,
    room_block::RoomBlockChange,
    rows::{ConflictSide, FieldConflict, Row},
    rule_sheet::RuleScope,
    stay::StayChange,
    task::TaskChange,
    work_order::WorkOrderChange,
};

/// What the note is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteOf {
    Room(RoomId),
    Stay(StayId),
    Task(TaskId),
}

impl NoteOf {
    pub fn document(self) -> DocumentRef {
        match self {
            Self::Room(id) => id.into(),
            Self::Stay(id) => id.into(),
            Self::Task(id) => id.into(),
        }
    }

    /// Writes `text` over `base`.
    pub fn writing(self, text: String, base: String) -> Command {
        match self {
            Self::Room(room) => Command::Rooms(RoomCommand::Note { room, text, base }),
            Self::Task(task) => Command::Work(WorkCommand::Note { task, text, base }),
            Self::Stay(stay) => {
                let edit = StayEdit {
                    note: Some(text),
                    note_base: Some(base),
                    ..StayEdit::default()
                };
                let edit = Box::new(edit);
                Command::Desk(DeskCommand::EditStay { stay, edit })
            }
        }
    }
}

pub fn note_of(document: DocumentRef, key: &str) -> Option<NoteOf> {
    let id = document.id.0;
    match (document.kind, key) {
        (DocumentKind::Room, "note") => Some(NoteOf::Room(RoomId(id))),
        (DocumentKind::Stay, "note") => Some(NoteOf::Stay(StayId(id))),
        (DocumentKind::Task, "note") => Some(NoteOf::Task(TaskId(id))),
        _ => None,
    }
}

/// What keeps all that several wrote into a text: notes one below the other, titles one after the
/// other. None for what is no text, and when they are too long together.
pub fn both(document: DocumentRef, conflict: &FieldConflict) -> Option<Command> {
    if let Some(of) = note_of(document, &conflict.key) {
        let (text, base) = joined(conflict, "\n", MAX_TEXT)?;
        return Some(of.writing(text, base));
    }
    if (document.kind, &*conflict.key) != (DocumentKind::WorkOrder, "title") {
        return None;
    }
    let (title, base) = joined(conflict, " / ", MAX_TITLE)?;
    Some(Command::EditWorkOrder {
        work_order: WorkOrderId(document.id.0),
        edit: WorkOrderEdit {
            title: Some(title),
            title_base: Some(base),
            ..WorkOrderEdit::default()
        },
    })
}

/// All texts of a conflict with something between them, what is shown first, and that by itself.
fn joined(conflict: &FieldConflict, between: &str, most: usize) -> Option<(String, String)> {
    let texts: Vec<&str> = sides(conflict)
        .filter_map(|side| match &side.value {
            FieldValue::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let joined = texts.join(between);
    let is_short = joined.chars().count() <= most;
    let shown = texts.first().copied().unwrap_or_default().to_owned();
    is_short.then_some((joined, shown))
}

/// The command that writes a value into a field of a document; None where there are several, or
/// none that is known.
pub fn writing(document: DocumentRef, key: &str, value: &FieldValue) -> Option<Command> {
    match Change::from_field(document, key, value)? {
        Change::Room(room, RoomChange::Cleanliness(mark)) => Some(Command::SetCleanliness {
            rooms: vec![room],
            value: mark.value,
        }),
        Change::Room(room, RoomChange::ServiceStatus(value)) => {
            Some(Command::SetServiceStatus { room, value })
        }
        Change::Task(task, TaskChange::Assignee(assignee)) => {
            Some(Command::AssignTask { task, assignee })
        }
        Change::Task(task, TaskChange::Outcome(outcome)) => {
            Some(Command::Work(WorkCommand::Inspect {
                task,
                outcome,
                reason: String::new(),
            }))
        }
        Change::WorkOrder(work_order, change) => Some(Command::EditWorkOrder {
            work_order,
            edit: edit_of(change)?,
        }),
        Change::Stay(stay, StayChange::Room(room)) => {
            Some(Command::Desk(DeskCommand::AssignRoom { stay, room }))
        }
        Change::Stay(stay, _) => Some(Command::Desk(DeskCommand::EditStay {
            stay,
            edit: Box::new(StayEdit::default()),
        })),
        Change::RoomBlock(block, RoomBlockChange::Ended(_)) => {
            Some(Command::Rooms(RoomCommand::EndBlock { block }))
        }
        Change::RoomBlock(block, _) => Some(Command::Rooms(RoomCommand::EditBlock {
            block,
            edit: Box::default(),
        })),
        Change::Room(..) | Change::Task(..) => {
            let of = note_of(document, key)?;
            Some(of.writing(String::new(), String::new()))
        }
        Change::RuleSheet(..) => Some(Command::SetRule {
            scope: RuleScope::Hotel,
            rule: key.replace('_', "-").parse().ok()?,
            number: None,
        }),
        Change::Hotel(_, HotelChange::Name(name)) => Some(Command::NameHotel { name }),
        Change::Hotel(..) | Change::Comment(..) | Change::RoomLink(..) => None,
    }
}

/// Why somebody does not decide for a side of a contested field of a work order, whose field it is
/// and how far the work is counting beside their role; None when they may, and of other documents.
pub fn refuses_deciding(
    hand: (Role, UserId),
    row: &Row,
    key: &str,
    chosen: &ConflictSide,
) -> Option<Refusal> {
    let Entity::WorkOrder(order) = &row.entity else {
        return None;
    };
    let written = |side: &ConflictSide| match Change::from_field(row.document, key, &side.value)? {
        Change::WorkOrder(_, change) => Some(change),
        _ => None,
    };
    let conflict = row.conflicts.iter().find(|conflict| conflict.key == key)?;
    let standing: Vec<_> = sides(conflict).filter_map(written).collect();
    let settle = Command::Settle {
        document: row.document,
        key: key.to_owned(),
        chosen: chosen.operation,
    };
    allows_deciding(hand, order, &standing, &written(chosen)?, &settle).err()
}

fn edit_of(change: WorkOrderChange) -> Option<WorkOrderEdit> {
    let mut edit = WorkOrderEdit::default();
    match change {
        WorkOrderChange::Title(title) => edit.title = Some(title),
        WorkOrderChange::Description(text) => edit.description = Some(text),
        WorkOrderChange::Room(room) => edit.room = Some(room),
        WorkOrderChange::Priority(priority) => edit.priority = Some(priority),
        WorkOrderChange::Status(status) => edit.status = Some(status),
        WorkOrderChange::Assignee(person) => edit.assignee = Some(person),
        WorkOrderChange::ReportedBy(_) | WorkOrderChange::ReportedAt(_) => return None,
    }
    Some(edit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        field::FieldType,
        ids::{OperationId, UserId},
        room::ServiceStatus,
        rows::ConflictSide,
        stay::StayStatus,
        time::Timestamp,
        work_order::{WorkOrder, WorkOrderStatus},
    };

    fn of(kind: DocumentKind) -> DocumentRef {
        DocumentRef {
            kind,
            id: Default::default(),
        }
    }

    #[test]
    fn whoever_may_write_a_field_may_decide_it() {
        use DocumentKind::{Hotel, Room, RoomBlock, RuleSheet, Stay, Task};
        let text = FieldValue::Text("Late".into());
        let number = FieldValue::Integer(3);
        let nobody = FieldValue::Nothing;
        for (kind, key, value, name) in [
            (Room, "note", &text, "note-room"),
            (
                Room,
                "service_status",
                &ServiceStatus::DoNotDisturb.to_value(),
                "set-service-status",
            ),
            (Task, "note", &text, "note-task"),
            (Stay, "note", &text, "edit-stay"),
            (Stay, "status", &StayStatus::InHouse.to_value(), "edit-stay"),
            (Stay, "room", &nobody, "assign-room"),
            (Task, "assignee", &nobody, "assign-task"),
            (RoomBlock, "ended", &FieldValue::Flag(true), "end-block"),
            (RuleSheet, "linen_every", &number, "set-rule"),
            (Hotel, "name", &text, "name-hotel"),
        ] {
            let command = writing(of(kind), key, value).map(|command| command.name());
            assert_eq!(command, Some(name), "{kind:?} {key}");
        }
        assert_eq!(writing(of(Room), "unheard_of", &number), None);
    }

    fn side(value: FieldValue) -> ConflictSide {
        ConflictSide {
            value,
            operation: OperationId::default(),
            author: UserId::default(),
            at: Timestamp(0),
        }
    }

    #[test]
    fn what_was_cancelled_at_the_same_time_is_decided_by_who_might_cancel_it() {
        let side = |status: WorkOrderStatus| side(status.to_value());
        let (begun, cancelled) = (WorkOrderStatus::InProgress, WorkOrderStatus::Cancelled);
        let row = Row {
            document: of(DocumentKind::WorkOrder),
            entity: Entity::WorkOrder(WorkOrder {
                status: begun,
                ..WorkOrder::default()
            }),
            conflicts: vec![FieldConflict {
                key: "status".into(),
                shown: side(begun),
                gave_way: vec![side(cancelled)],
            }],
            changed_at: Timestamp(0),
        };
        for status in [begun, cancelled] {
            let refused = |role| {
                let hand = (role, UserId::default());
                refuses_deciding(hand, &row, "status", &side(status)).is_some()
            };
            assert!(refused(Role::Engineer), "{status}");
            assert!(!refused(Role::Supervisor), "{status}");
        }
    }

    #[test]
    fn both_texts_are_kept_what_is_shown_first() {
        let side = |text: String| side(FieldValue::Text(text));
        let conflict = |key: &str, shown: &str, other: String| FieldConflict {
            key: key.into(),
            shown: side(shown.into()),
            gave_way: vec![side(other)],
        };
        let room = of(DocumentKind::Room);
        let note = both(room, &conflict("note", "Cot", "Late".into()));
        assert_eq!(
            note,
            Some(Command::Rooms(RoomCommand::Note {
                room: RoomId(room.id.0),
                text: "Cot\nLate".into(),
                base: "Cot".into(),
            }))
        );
        let order = of(DocumentKind::WorkOrder);
        let title = both(order, &conflict("title", "Drips", "Shower".into()));
        let Some(Command::EditWorkOrder { edit, .. }) = title else {
            panic!("{title:?}");
        };
        assert_eq!(edit.title.as_deref(), Some("Drips / Shower"));
        assert_eq!(edit.title_base.as_deref(), Some("Drips"));
        for (document, key, other) in [
            (room, "note", "x".repeat(MAX_TEXT)),
            (order, "title", "x".repeat(MAX_TITLE)),
            (order, "priority", "p1".to_owned()),
        ] {
            assert_eq!(both(document, &conflict(key, "Cot", other)), None, "{key}");
        }
    }
}
