//! What holds of every entity whatever was merged into it, and what an action says of documents
//! and people that are not its own.

use crate::{
    change::{Change, Entity},
    command::{Command, ImportedRow, RoomCommand, WorkCommand},
    ids::{DocumentRef, UserId},
    refusal::Refusal,
    room_block::RoomBlock,
    room_link::RoomLink,
    rule_sheet::{RuleKey, RuleSheet},
    stay::Stay,
    task::{Task, TaskChange},
    work_order::{Comment, WorkOrder, WorkOrderChange},
};

/// Documents of the hotel that a command names beside those that it is about.
pub fn references(command: &Command) -> Vec<DocumentRef> {
    let named: [Option<DocumentRef>; 2] = match command.asked() {
        Command::CreateWorkOrder { draft, .. } => [draft.room.map(Into::into), None],
        Command::EditWorkOrder { edit, .. } => [edit.room.flatten().map(Into::into), None],
        Command::AddComment { subject, .. } => [Some((*subject).into()), None],
        Command::EditGuest { stay, .. } | Command::EraseGuest { stay } => {
            [Some((*stay).into()), None]
        }
        Command::Desk(asked) => [asked.rooms().map(Into::into), None],
        Command::Rooms(RoomCommand::Link { first, second, .. }) => {
            [Some((*first).into()), Some((*second).into())]
        }
        Command::Rooms(RoomCommand::Block { draft, .. }) => [Some(draft.room.into()), None],
        Command::Work(WorkCommand::Add { draft, .. }) => {
            [Some(draft.room.into()), draft.stay.map(Into::into)]
        }
        Command::Import(ImportedRow::Stay { fields, .. }) => [fields.room.map(Into::into), None],
        Command::Import(ImportedRow::Task { fields, .. }) => {
            [fields.room.map(Into::into), fields.stay.map(Into::into)]
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
        | Command::Rooms(_)
        | Command::Work(_)
        | Command::SetRule { .. }
        | Command::Settle { .. }
        | Command::NameHotel { .. }
        | Command::Undo { .. }
        | Command::OpenHotel { .. }
        | Command::Approved(_)
        | Command::Redacted
        | Command::Import(ImportedRow::Room { .. } | ImportedRow::BusinessDate { .. }) => {
            [None, None]
        }
    };
    named.into_iter().flatten().collect()
}

/// Whom of the hotel a change gives something to do.
pub fn person(change: &Change) -> Option<UserId> {
    match change {
        Change::Task(_, TaskChange::Assignee(person))
        | Change::WorkOrder(_, WorkOrderChange::Assignee(person)) => *person,
        Change::Hotel(..)
        | Change::Room(..)
        | Change::Stay(..)
        | Change::Task(..)
        | Change::WorkOrder(..)
        | Change::Comment(..)
        | Change::RoomBlock(..)
        | Change::RoomLink(..)
        | Change::RuleSheet(..) => None,
    }
}

/// Refuses an entity that no plan leads to, alone or merged with others.
pub fn check(entity: &Entity) -> Result<(), Refusal> {
    match entity {
        Entity::Hotel(hotel) => filled("name", !hotel.name.is_empty()),
        Entity::Room(room) => filled("number", !room.number.is_empty()),
        Entity::Stay(stay) => check_stay(stay),
        Entity::Task(task) => check_task(task),
        Entity::WorkOrder(order) => check_work_order(order),
        Entity::Comment(comment) => check_comment(comment),
        Entity::RoomBlock(block) => check_room_block(block),
        Entity::RoomLink(link) => check_room_link(link),
        Entity::RuleSheet(sheet) => check_rule_sheet(sheet),
    }
}

fn check_stay(stay: &Stay) -> Result<(), Refusal> {
    filled("arrival", stay.arrival <= stay.departure)?;
    filled("adults", stay.adults >= 0 && stay.children >= 0)
}

fn check_task(task: &Task) -> Result<(), Refusal> {
    filled("room", task.room.is_some())?;
    filled("business_date", task.business_date != Default::default())?;
    filled("worked_millis", task.worked_millis >= 0)
}

fn check_room_block(block: &RoomBlock) -> Result<(), Refusal> {
    filled("room", block.room.is_some())?;
    filled("reason", !block.reason.is_empty())?;
    filled("until", block.from < block.until)
}

fn check_room_link(link: &RoomLink) -> Result<(), Refusal> {
    filled("room", link.first.is_some() && link.second.is_some())?;
    filled("room", link.first != link.second)
}

fn check_rule_sheet(sheet: &RuleSheet) -> Result<(), Refusal> {
    let within = |rule: &RuleKey| {
        let (least, most) = rule.bounds();
        rule.of(sheet)
            .is_none_or(|number| (least..=most).contains(&number))
    };
    filled("rule", RuleKey::ALL.iter().all(within))
}

fn check_work_order(order: &WorkOrder) -> Result<(), Refusal> {
    filled("title", !order.title.is_empty())?;
    filled("reported_by", order.reported_by.is_some())?;
    filled("reported_at", order.reported_at.is_some())
}

fn check_comment(comment: &Comment) -> Result<(), Refusal> {
    filled("subject", comment.subject.is_some())?;
    filled("comment", !comment.text.is_empty())?;
    filled("author", comment.author.is_some())?;
    filled("written_at", comment.written_at.is_some())
}

fn filled(field: &str, is_filled: bool) -> Result<(), Refusal> {
    if is_filled {
        return Ok(());
    }
    Err(Refusal::Empty {
        field: field.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::{WorkOrderDraft, WorkOrderEdit},
        ids::{CommentId, RoomId, StayId, TaskId, WorkOrderId},
    };
    use uuid::Uuid;

    const ID: Uuid = Uuid::from_u128(7);

    #[test]
    fn a_command_names_the_documents_that_it_only_speaks_of() {
        let (room, stay, order) = (RoomId(ID), StayId(ID), WorkOrderId(ID));
        let create = Command::CreateWorkOrder {
            work_order: order,
            draft: WorkOrderDraft {
                room: Some(room),
                ..WorkOrderDraft::default()
            },
        };
        let edit = |room| Command::EditWorkOrder {
            work_order: order,
            edit: WorkOrderEdit {
                room,
                ..WorkOrderEdit::default()
            },
        };
        let comment = Command::AddComment {
            comment: CommentId(ID),
            subject: order,
            text: "Done".into(),
        };
        let task = Command::Import(ImportedRow::Task {
            task: TaskId(ID),
            fields: Task {
                room: Some(room),
                stay: Some(stay),
                ..Task::default()
            },
        });
        for (command, named) in [
            (create, vec![room.into()]),
            (edit(Some(Some(room))), vec![room.into()]),
            (edit(Some(None)), vec![]),
            (comment, vec![order.into()]),
            (task, vec![room.into(), stay.into()]),
        ] {
            assert_eq!(references(&command), named);
        }
    }

    #[test]
    fn an_entity_that_says_too_little_is_refused_until_it_says_enough() {
        let refused = |entity: Entity, lacks: &str| {
            let field = lacks.to_owned();
            assert_eq!(check(&entity), Err(Refusal::Empty { field }));
        };
        let mut order = WorkOrder::default();
        refused(order.clone().into(), "title");
        order.title = "Shower drips".into();
        refused(order.clone().into(), "reported_by");
        order.reported_by = Some(UserId(ID));
        order.reported_at = Some(crate::time::Timestamp(1));
        assert_eq!(check(&order.into()), Ok(()));
        let mut task = Task {
            room: Some(RoomId(ID)),
            business_date: "2017-05-25".parse().unwrap(),
            ..Task::default()
        };
        assert_eq!(check(&task.clone().into()), Ok(()));
        task.worked_millis = -1;
        refused(task.into(), "worked_millis");
        let stay = Stay {
            arrival: "2017-05-25".parse().unwrap(),
            departure: "2017-05-24".parse().unwrap(),
            ..Stay::default()
        };
        refused(stay.into(), "arrival");
        refused(Comment::default().into(), "subject");
    }
}
