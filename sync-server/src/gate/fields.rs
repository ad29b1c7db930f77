//! What a field can hold, and how large a command can be. Who may write it is in the model's rights.

use keyrack_model::{
    change::Change,
    command::{Command, WorkOrderDraft, WorkOrderEdit, bounds::check_bounds},
    field::FieldValue,
    ids::{DocumentKind, DocumentRef},
    limits::{MAX_BULK_ROOMS, MAX_MERGED_TEXT, MAX_NAME, MAX_TEXT, MAX_TITLE},
    refusal::{GateReason, Refusal},
};

/// Refuses a value that no field of this name holds, or not in the form in which Keyrack writes
/// it, or that is too long.
pub(super) fn check_value(
    document: DocumentRef,
    key: &str,
    value: &FieldValue,
) -> Result<(), Refusal> {
    let written = Change::from_field(document, key, value).map(|change| change.value());
    if written.as_ref() != Some(value) {
        return Err(Refusal::Gate {
            reason: GateReason::UnknownField,
        });
    }
    match value {
        FieldValue::Text(text) => check_length(key, text, longest(document.kind, key)),
        FieldValue::Nothing
        | FieldValue::Integer(_)
        | FieldValue::Time(_)
        | FieldValue::Flag(_) => Ok(()),
    }
}

/// Characters of the longest value of a field of text.
fn longest(kind: DocumentKind, key: &str) -> usize {
    match (kind, key) {
        (DocumentKind::WorkOrder | DocumentKind::Task, "title")
        | (DocumentKind::RoomBlock, "reason") => MAX_TITLE,
        // The kind of scope before its name.
        (DocumentKind::RuleSheet, "scope") => 2 * MAX_NAME,
        (DocumentKind::Comment, "text") | (DocumentKind::Room | DocumentKind::Stay, "note") => {
            MAX_TEXT
        }
        (DocumentKind::Task, "note") => MAX_MERGED_TEXT,
        // A value, a turn, a cause and an action in one.
        (DocumentKind::Room, "cleanliness") => 2 * MAX_NAME,
        _ => MAX_NAME,
    }
}

pub(super) fn check_length(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.chars().count() > limit {
        return Err(Refusal::TooLong {
            field: field.to_owned(),
            limit,
        });
    }
    Ok(())
}

/// Refuses a command that is larger than any a person can give.
pub(super) fn check_command(command: &Command) -> Result<(), Refusal> {
    match command.asked() {
        Command::SetCleanliness { rooms, .. } if rooms.len() > MAX_BULK_ROOMS => {
            Err(Refusal::TooMany {
                limit: MAX_BULK_ROOMS,
            })
        }
        Command::CreateWorkOrder {
            draft: WorkOrderDraft {
                title, description, ..
            },
            ..
        } => {
            check_length("title", title, MAX_TITLE)?;
            check_length("description", description, MAX_TEXT)
        }
        Command::EditWorkOrder {
            edit:
                WorkOrderEdit {
                    title,
                    title_base,
                    description,
                    description_base,
                    ..
                },
            ..
        } => {
            for (field, text, limit) in [
                ("title", title, MAX_TITLE),
                ("title", title_base, MAX_TITLE),
                ("description", description, MAX_TEXT),
                // Several may have written what the person saw.
                ("description", description_base, MAX_MERGED_TEXT),
            ] {
                check_length(field, text.as_deref().unwrap_or_default(), limit)?;
            }
            Ok(())
        }
        Command::AddComment { text, .. } => check_length("comment", text, MAX_TEXT),
        asked @ (Command::Desk(_)
        | Command::Rooms(_)
        | Command::Work(_)
        | Command::SetRule { .. }
        | Command::Settle { .. }
        | Command::NameHotel { .. }) => check_bounds(asked),
        Command::EditGuest { guest, .. } => {
            if guest.checked()? == *guest {
                Ok(())
            } else {
                Err(GateReason::UnknownField.into())
            }
        }
        Command::SetCleanliness { .. }
        | Command::SetOccupancySeen { .. }
        | Command::SetServiceStatus { .. }
        | Command::StartTask { .. }
        | Command::PauseTask { .. }
        | Command::FinishTask { .. }
        | Command::AssignTask { .. }
        | Command::CheckIn { .. }
        | Command::CheckOut { .. }
        | Command::Undo { .. }
        | Command::EraseGuest { .. }
        | Command::OpenHotel { .. }
        | Command::Import(_)
        // One within another is nobody's.
        | Command::Approved(_)
        | Command::Redacted => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        command::{BlockEdit, DeskCommand, RoomCommand, StayEdit, WorkCommand},
        ids::{BlockId, DocumentId, OperationId, RoomId, StayId, TaskId},
        rule_sheet::{RuleKey, RuleScope},
        task::InspectionOutcome,
    };
    use uuid::Uuid;

    #[test]
    fn what_a_person_saw_while_typing_is_bounded_like_what_can_be_there() {
        let check = |title: usize, description: usize| {
            check_command(&Command::EditWorkOrder {
                work_order: Default::default(),
                edit: WorkOrderEdit {
                    title_base: Some("é".repeat(title)),
                    description_base: Some("é".repeat(description)),
                    ..WorkOrderEdit::default()
                },
            })
        };
        assert_eq!(check(MAX_TITLE, MAX_MERGED_TEXT), Ok(()));
        assert!(check(MAX_TITLE + 1, 0).is_err());
        assert!(check(0, MAX_MERGED_TEXT + 1).is_err());
    }

    #[test]
    fn what_is_asked_of_desk_rooms_work_and_rules_is_bounded_at_the_gate_too() {
        let text = |length: usize| "é".repeat(length);
        let edit = |length| {
            Command::Desk(DeskCommand::EditStay {
                stay: StayId::default(),
                edit: Box::new(StayEdit {
                    note_base: Some(text(length)),
                    ..StayEdit::default()
                }),
            })
        };
        let block = |length| {
            Command::Rooms(RoomCommand::EditBlock {
                block: BlockId::default(),
                edit: Box::new(BlockEdit {
                    reason: Some(text(length)),
                    ..BlockEdit::default()
                }),
            })
        };
        let rush = |count| {
            Command::Rooms(RoomCommand::SetRush {
                rooms: vec![RoomId::default(); count],
                rush: false,
            })
        };
        let inspect = |length| {
            Command::Work(WorkCommand::Inspect {
                task: TaskId::default(),
                outcome: InspectionOutcome::Failed,
                reason: text(length),
            })
        };
        let turndown = |number: usize| Command::SetRule {
            scope: RuleScope::Hotel,
            rule: RuleKey::Turndown,
            number: i64::try_from(number).ok(),
        };
        let called = |length| Command::NameHotel { name: text(length) };
        let settle = |length| Command::Settle {
            document: RoomId::default().into(),
            key: text(length),
            chosen: OperationId::default(),
        };
        for (limit, command) in [
            (MAX_TEXT, &edit as &dyn Fn(usize) -> Command),
            (MAX_TITLE, &block),
            (MAX_BULK_ROOMS, &rush),
            (MAX_TEXT, &inspect),
            (1, &turndown),
            (MAX_NAME, &settle),
            (MAX_NAME, &called),
        ] {
            let name = command(0).name();
            assert_eq!(check_command(&command(limit)), Ok(()), "{name}");
            assert!(check_command(&command(limit + 1)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_value_is_taken_only_in_the_form_in_which_it_is_written() {
        let stay = DocumentRef {
            kind: DocumentKind::Stay,
            id: DocumentId(Uuid::from_u128(1)),
        };
        let check = |key, text: &str| check_value(stay, key, &FieldValue::Text(text.into()));
        assert!(check("arrival", "2017-05-25").is_ok());
        assert!(check("arrival", "2017-05-25T00:00").is_err());
        assert!(check("arrival", "tomorrow").is_err());
        assert!(check("adults", "2").is_err());
        assert!(check("guest", "Maria").is_err());
        assert!(check("booking", &"9".repeat(MAX_NAME)).is_ok());
        assert!(matches!(
            check("booking", &"9".repeat(MAX_NAME + 1)),
            Err(Refusal::TooLong { .. })
        ));
    }
}
