//! What an action says, field by field and in full, so that it can be read, and done again, where
//! it was not accepted.

use super::{
    Names,
    command::numbers,
    field::{field_label, in_words},
};
use crate::{catalogue::t, clock::short_date};
use keyrack_model::{
    command::{Command, DeskCommand, RoomCommand, WorkCommand, WorkOrderDraft, WorkOrderEdit},
    ids::{DocumentKind, DocumentRef, WorkOrderId},
    work_order::WorkOrderChange,
};

/// One field with what the action says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    pub field: &'static str,
    pub text: String,
}

/// What the headline of a command leaves out.
pub fn content(command: &Command, names: &Names<'_>) -> Vec<Said> {
    match command.asked() {
        Command::SetCleanliness { rooms, .. } if rooms.len() > 1 => vec![Said {
            field: t("field.room"),
            text: numbers(rooms, names),
        }],
        Command::CreateWorkOrder { work_order, draft } => {
            said(*work_order, drafted(draft.clone()), names)
        }
        Command::EditWorkOrder { work_order, edit } => {
            said(*work_order, edited(edit.clone()), names)
        }
        Command::AddComment { text, .. } => vec![Said {
            field: t("field.comment"),
            text: text.clone(),
        }],
        Command::EditGuest { guest, .. } => {
            let name = (t("guest.title"), &guest.name);
            let phone = (t("field.phone"), &guest.phone);
            let said = [name, phone].into_iter();
            said.filter(|(_, text)| !text.is_empty())
                .map(|(field, text)| Said {
                    field,
                    text: text.clone(),
                })
                .collect()
        }
        Command::Desk(asked) => of_desk(asked),
        Command::Rooms(RoomCommand::Note { text, .. })
        | Command::Work(WorkCommand::Note { text, .. }) => vec![note(text)],
        Command::Rooms(RoomCommand::Block { draft, .. }) => vec![Said {
            field: t("field.reason"),
            text: draft.reason.clone(),
        }],
        Command::Rooms(_) | Command::Work(_) => vec![],
        Command::SetCleanliness { .. }
        | Command::SetOccupancySeen { .. }
        | Command::SetServiceStatus { .. }
        | Command::StartTask { .. }
        | Command::PauseTask { .. }
        | Command::FinishTask { .. }
        | Command::AssignTask { .. }
        | Command::SetRule { .. }
        | Command::Settle { .. }
        | Command::NameHotel { .. }
        | Command::CheckIn { .. }
        | Command::CheckOut { .. }
        | Command::Undo { .. }
        | Command::EraseGuest { .. }
        | Command::OpenHotel { .. }
        | Command::Approved(_)
        | Command::Import(_)
        | Command::Redacted => vec![],
    }
}

fn of_desk(asked: &DeskCommand) -> Vec<Said> {
    match asked {
        DeskCommand::Book { draft, .. } => {
            let (arrival, departure) = (short_date(draft.arrival), short_date(draft.departure));
            let days = Said {
                field: t("field.stay"),
                text: format!("{arrival} – {departure}"),
            };
            let written = (!draft.note.is_empty()).then(|| note(&draft.note));
            std::iter::once(days).chain(written).collect()
        }
        DeskCommand::EditStay { edit, .. } => edit.note.iter().map(|text| note(text)).collect(),
        DeskCommand::CancelStay { .. }
        | DeskCommand::MarkNoShow { .. }
        | DeskCommand::AssignRoom { .. }
        | DeskCommand::MoveRoom { .. }
        | DeskCommand::SetQueued { .. }
        | DeskCommand::CloseDay { .. }
        | DeskCommand::PlanRoom { .. } => vec![],
    }
}

fn note(text: &str) -> Said {
    Said {
        field: t("field.note"),
        text: text.to_owned(),
    }
}

fn said(id: WorkOrderId, changes: Vec<WorkOrderChange>, names: &Names<'_>) -> Vec<Said> {
    let document: DocumentRef = id.into();
    changes
        .into_iter()
        .filter_map(|change| {
            let field = field_label(DocumentKind::WorkOrder, change.key())?;
            let text = in_words(document, change.key(), &change.value(), names);
            Some(Said { field, text })
        })
        .collect()
}

fn drafted(draft: WorkOrderDraft) -> Vec<WorkOrderChange> {
    let described = !draft.description.is_empty();
    let description = described.then_some(WorkOrderChange::Description(draft.description));
    std::iter::once(WorkOrderChange::Title(draft.title))
        .chain(description)
        .chain([
            WorkOrderChange::Room(draft.room),
            WorkOrderChange::Priority(draft.priority),
            WorkOrderChange::Assignee(draft.assignee),
        ])
        .collect()
}

fn edited(edit: WorkOrderEdit) -> Vec<WorkOrderChange> {
    [
        edit.title.map(WorkOrderChange::Title),
        edit.description.map(WorkOrderChange::Description),
        edit.room.map(WorkOrderChange::Room),
        edit.priority.map(WorkOrderChange::Priority),
        edit.status.map(WorkOrderChange::Status),
        edit.assignee.map(WorkOrderChange::Assignee),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::cabinet::Cabinet;
    use keyrack_model::{
        ids::{CommentId, UserId},
        policy::Role,
        record::Guest,
        rows::Person,
        work_order::Priority,
    };
    use uuid::Uuid;

    const TOMAS: UserId = UserId(Uuid::from_u128(6));
    const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(7));

    fn read(command: &Command) -> Vec<(&'static str, String)> {
        let people = [Person {
            id: TOMAS,
            name: "tomas".into(),
            display: "Tomás Nunes".into(),
            role: Role::Engineer,
            left: false,
        }];
        let names = Names {
            cabinet: &Cabinet::default(),
            people: &people,
            devices: &[],
            here: None,
        };
        let said = content(command, &names).into_iter();
        said.map(|said| (said.field, said.text)).collect()
    }

    #[test]
    fn a_comment_is_there_in_full() {
        let text = "The right one too.\nBoth are torn.".to_owned();
        let said = read(&Command::AddComment {
            comment: CommentId::default(),
            subject: ORDER,
            text: text.clone(),
        });
        assert_eq!(said, [("Comment", text)]);
    }

    #[test]
    fn a_guest_that_was_refused_is_there_to_be_typed_again() {
        let said = read(&Command::EditGuest {
            stay: Default::default(),
            expected: 1,
            guest: Guest {
                name: "A. Guest".into(),
                phone: String::new(),
            },
        });
        assert_eq!(said, [("Guest", "A. Guest".to_owned())]);
    }

    #[test]
    fn an_edit_says_the_fields_that_it_gave_and_no_others() {
        let edit = WorkOrderEdit {
            title: Some("Curtain is torn".into()),
            description: Some("Left side.".into()),
            assignee: Some(Some(TOMAS)),
            room: Some(None),
            ..WorkOrderEdit::default()
        };
        let said = read(&Command::EditWorkOrder {
            work_order: ORDER,
            edit,
        });
        let expected = [
            ("Title", "Curtain is torn"),
            ("Description", "Left side."),
            ("Room", "No room"),
            ("Assigned to", "Tomás Nunes"),
        ];
        assert_eq!(said, expected.map(|(field, text)| (field, text.to_owned())));
    }

    #[test]
    fn a_new_work_order_says_everything_that_was_filled_in() {
        let draft = WorkOrderDraft {
            title: "Tap is loose".into(),
            description: "Drips at night.".into(),
            priority: Priority::P2,
            ..WorkOrderDraft::default()
        };
        let said = read(&Command::CreateWorkOrder {
            work_order: ORDER,
            draft,
        });
        assert_eq!(said[1], ("Description", "Drips at night.".to_owned()));
        assert!(
            said.contains(&("Priority", "P2 · today".to_owned())),
            "{said:?}"
        );
    }
}
