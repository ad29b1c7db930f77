//! What a field can hold, and how large a command can be. Who may write it is in the model's rights.

use keyrack_model::{
    change::Change,
    command::{Command, WorkCommand, WorkOrderDraft, WorkOrderEdit},
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
        Command::Work(asked) => check_work(asked),
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
        | Command::Desk(_)
        | Command::Rooms(_)
        | Command::SetRule { .. }
        | Command::Settle { .. }
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

fn check_work(asked: &WorkCommand) -> Result<(), Refusal> {
    match asked {
        WorkCommand::Add { draft, .. } => {
            check_length("title", &draft.title, MAX_TITLE)?;
            check_length("note", &draft.note, MAX_TEXT)
        }
        WorkCommand::Note { text, base, .. } => {
            check_length("note", text, MAX_TEXT)?;
            check_length("note", base, MAX_MERGED_TEXT)
        }
        WorkCommand::Inspect { reason, .. } => check_length("reason", reason, MAX_TEXT),
        WorkCommand::Cancel { .. } | WorkCommand::Pin { .. } | WorkCommand::KeptOut { .. } => {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::ids::DocumentId;
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
