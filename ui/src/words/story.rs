//! History entries as a story: one line for each action, with what it changed.

use super::{Names, command::command_for_room};
use crate::{
    catalogue::{t, t_word},
    clock::short_date,
    query::standing::stands,
};
use keyrack_model::{
    change::Change,
    command::{Command, DeskCommand, RoomCommand, WorkCommand},
    field::FieldValue,
    hotel::HotelChange,
    ids::{DocumentKind, DocumentRef, OperationId, RoomId},
    room::RoomChange,
    room_block::RoomBlockChange,
    rows::{HistoryEntry, HistoryField},
    rule_sheet::RuleKey,
    stay::StayChange,
    task::TaskChange,
    time::Timestamp,
    work_order::{CommentChange, WorkOrderChange},
};

/// One action of a story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    pub operation: OperationId,
    pub what: String,
    pub who: String,
    pub at: Timestamp,
    pub known_at: Option<Timestamp>,
    pub changes: Vec<FieldStory>,
    /// None for what nobody takes back.
    pub way_back: Option<WayBack>,
}

/// Taking an action back, or why that cannot be.
pub type WayBack = Result<(), String>;

/// A field from what to what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldStory {
    pub field: &'static str,
    pub before: String,
    pub after: String,
}

/// Entries come newest first; those of one action stand together. `refuses` says why the person's
/// role may not do something.
pub fn story(
    entries: &[HistoryEntry],
    room: Option<RoomId>,
    names: &Names<'_>,
    refuses: &dyn Fn(&Command) -> Option<String>,
) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for entry in entries {
        // What an action made from nothing is in its headline.
        let made = matches!(
            entry.command.asked(),
            Command::CreateWorkOrder { .. }
                | Command::AddComment { .. }
                | Command::Desk(DeskCommand::Book { .. })
                | Command::Rooms(RoomCommand::Add { .. } | RoomCommand::Block { .. })
                | Command::Work(WorkCommand::Add { .. })
        );
        // What an import made was nothing before, whatever an empty field reads as.
        let imported = matches!(entry.command.asked(), Command::Import(_))
            && entry.fields.iter().any(|field| is_of_beginning(&field.key));
        let changes = entry
            .fields
            .iter()
            .filter(|_| !made)
            .filter_map(|field| field_story(entry.document, field, names, imported));
        match chapters
            .iter_mut()
            .find(|chapter| chapter.operation == entry.operation)
        {
            Some(chapter) => chapter.changes.extend(changes),
            None => chapters.push(Chapter {
                operation: entry.operation,
                what: command_for_room(&entry.command, room, names),
                who: names.person(entry.author),
                at: entry.at,
                known_at: entry.known_at,
                changes: changes.collect(),
                way_back: way_back(entry, entries, refuses),
            }),
        }
    }
    chapters
}

fn way_back(
    entry: &HistoryEntry,
    entries: &[HistoryEntry],
    refuses: &dyn Fn(&Command) -> Option<String>,
) -> Option<WayBack> {
    if matches!(
        entry.command,
        Command::Import(_) | Command::OpenHotel { .. } | Command::Redacted
    ) {
        return None;
    }
    if !stands(entries, entry.operation) {
        return Some(Err(t("history.written-over").to_owned()));
    }
    Some(refuses(first(&entry.command, entries)).map_or(Ok(()), Err))
}

/// What somebody did in the beginning, where the story tells it: taking back a taking back is doing
/// it again.
fn first<'a>(command: &'a Command, entries: &'a [HistoryEntry]) -> &'a Command {
    let mut command = command.asked();
    for entry in entries {
        if command.undoes() == Some(entry.operation) {
            command = entry.command.asked();
        }
    }
    command
}

/// Whether a field is written by what makes a room, a stay or a task, and never again.
fn is_of_beginning(key: &str) -> bool {
    matches!(key, "number" | "booking" | "kind")
}

/// None for fields that only machines read, and for values that were confirmed.
fn field_story(
    document: DocumentRef,
    changed: &HistoryField,
    names: &Names<'_>,
    from_nothing: bool,
) -> Option<FieldStory> {
    let field = field_label(document.kind, &changed.key)?;
    let before = if from_nothing {
        t("value.none").to_owned()
    } else {
        in_words(document, &changed.key, &changed.before, names)
    };
    let after = in_words(document, &changed.key, &changed.after, names);
    (before != after).then_some(FieldStory {
        field,
        before,
        after,
    })
}

/// The name of a field that people know; None for the others.
pub fn field_label(kind: DocumentKind, key: &str) -> Option<&'static str> {
    use DocumentKind::{Comment, Hotel, Room, RoomBlock, RuleSheet, Stay, Task, WorkOrder};
    Some(match (kind, key) {
        (Hotel, "business_date") => t("field.business-date"),
        (Room, "cleanliness") => t("field.cleanliness"),
        (Room, "hk_occupancy") => t("field.hk-occupancy"),
        (Room, "service_status") => t("field.service"),
        (Room, "section") => t("field.section"),
        (Room, "rush") => t("field.rush"),
        (Room | Stay | Task, "note") => t("field.note"),
        (Room | Stay, "room_type") => t("field.room-type"),
        (Stay, "adults") => t("field.adults"),
        (Stay, "children") => t("field.children"),
        (Stay, "meal") => t("field.meal"),
        (Stay, "rate") => t("field.rate"),
        (Stay, "vip") => t("short.vip"),
        (Stay, "early_check_in") => t("field.early-check-in"),
        (Stay, "late_check_out") => t("field.late-check-out"),
        (Stay, "stayover_wish") => t("field.stayover-wish"),
        (Task, "outcome") => t("field.outcome"),
        (RoomBlock, "kind") => t("field.block-kind"),
        (RoomBlock, "reason") => t("field.reason"),
        (RoomBlock, "from") => t("field.from"),
        (RoomBlock, "until") => t("field.until"),
        (RoomBlock, "return_status") => t("field.return-status"),
        (RuleSheet, key) => {
            let rule: RuleKey = key.replace('_', "-").parse().ok()?;
            t_word("rule", rule.word())
        }
        (Stay, "status") => t("field.stay"),
        (Stay | WorkOrder, "room") => t("field.room"),
        (Stay, "arrival") => t("field.arrival"),
        (Stay, "departure") => t("field.departure"),
        (Task, "status") => t("field.task"),
        (Task | WorkOrder, "assignee") => t("field.assignee"),
        (WorkOrder, "title") => t("field.title"),
        (WorkOrder, "description") => t("field.description"),
        (WorkOrder, "priority") => t("field.priority"),
        (WorkOrder, "status") => t("field.status"),
        (Comment, "text") => t("field.comment"),
        _ => return None,
    })
}

/// A stored value as people say it.
pub fn in_words(document: DocumentRef, key: &str, value: &FieldValue, names: &Names<'_>) -> String {
    let Some(change) = Change::from_field(document, key, value) else {
        return t("value.none").to_owned();
    };
    let date = |date: &keyrack_model::time::BusinessDate| short_date(*date);
    match change {
        Change::Hotel(_, HotelChange::BusinessDate(value)) => date(&value),
        Change::Room(_, RoomChange::Cleanliness(mark)) => {
            t_word("cleanliness", mark.value.word()).to_owned()
        }
        Change::Room(_, RoomChange::HkOccupancy(seen)) => {
            t_word("occupancy", seen.value.word()).to_owned()
        }
        Change::Room(_, RoomChange::ServiceStatus(value)) => {
            t_word("service", value.word()).to_owned()
        }
        Change::Stay(_, StayChange::Status(value)) => t_word("stay", value.word()).to_owned(),
        Change::Stay(_, StayChange::Room(room)) => names.room_or_none(room),
        Change::Stay(_, StayChange::StayoverWish(wish)) => t_word("wish", wish.word()).to_owned(),
        Change::Task(_, TaskChange::Outcome(value)) => t_word("outcome", value.word()).to_owned(),
        Change::RoomBlock(_, RoomBlockChange::Kind(kind)) => {
            t_word("block", kind.word()).to_owned()
        }
        Change::RoomBlock(_, RoomBlockChange::ReturnStatus(value)) => {
            t_word("cleanliness", value.word()).to_owned()
        }
        Change::RoomBlock(_, RoomBlockChange::From(value) | RoomBlockChange::Until(value)) => {
            date(&value)
        }
        Change::Stay(_, StayChange::Arrival(value) | StayChange::Departure(value)) => date(&value),
        Change::Task(_, TaskChange::Status(value)) => t_word("task", value.word()).to_owned(),
        Change::Task(_, TaskChange::Assignee(person)) => names.person_or_nobody(person),
        Change::WorkOrder(_, change) => of_work_order(change, names),
        Change::Comment(_, CommentChange::Text(text)) => text,
        Change::Hotel(..)
        | Change::Room(..)
        | Change::Stay(..)
        | Change::Task(..)
        | Change::Comment(..)
        | Change::RoomBlock(..)
        | Change::RoomLink(..)
        | Change::RuleSheet(..) => plain(value),
    }
}

fn of_work_order(change: WorkOrderChange, names: &Names<'_>) -> String {
    match change {
        WorkOrderChange::Title(text) | WorkOrderChange::Description(text) => {
            if text.is_empty() {
                t("value.none").to_owned()
            } else {
                text
            }
        }
        WorkOrderChange::Room(room) => names.room_or_none(room),
        WorkOrderChange::Priority(value) => t_word("priority", value.word()).to_owned(),
        WorkOrderChange::Status(value) => t_word("order", value.word()).to_owned(),
        WorkOrderChange::Assignee(person) | WorkOrderChange::ReportedBy(person) => {
            names.person_or_nobody(person)
        }
        WorkOrderChange::ReportedAt(_) => t("value.none").to_owned(),
    }
}

fn plain(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) if !text.is_empty() => text.clone(),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Flag(true) => t("value.yes").to_owned(),
        FieldValue::Flag(false) => t("value.no").to_owned(),
        FieldValue::Text(_) | FieldValue::Nothing | FieldValue::Time(_) => {
            t("value.none").to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::cabinet::Cabinet;
    use keyrack_model::{
        change::Entity,
        cleanliness::{Cleanliness, CleanlinessMark},
        field::FieldType,
        ids::{DeviceId, UserId},
        policy::Role,
        room::Room,
        rows::{Person, Row},
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(204));
    const MARIA: UserId = UserId(Uuid::from_u128(3));

    fn mark(value: Cleanliness) -> FieldValue {
        CleanlinessMark {
            value,
            ..CleanlinessMark::default()
        }
        .to_value()
    }

    #[test]
    fn an_action_reads_as_who_did_what_from_what_to_what() {
        let mut cabinet = Cabinet::default();
        let room = Room {
            number: "204".into(),
            ..Room::default()
        };
        cabinet.apply(
            true,
            vec![Row {
                document: ROOM.into(),
                entity: Entity::Room(room),
                conflicts: vec![],
                changed_at: Timestamp(0),
            }],
        );
        let people = [Person {
            id: MARIA,
            name: "maria".into(),
            display: "Maria Silva".into(),
            role: Role::Housekeeper,
            left: false,
        }];
        let entry = HistoryEntry {
            document: ROOM.into(),
            operation: OperationId::default(),
            command: Command::SetCleanliness {
                rooms: vec![ROOM, RoomId(Uuid::from_u128(205))],
                value: Cleanliness::Clean,
            },
            author: MARIA,
            device: DeviceId::default(),
            at: Timestamp(1),
            known_at: None,
            fields: vec![HistoryField {
                key: "cleanliness".into(),
                before: mark(Cleanliness::Dirty),
                after: mark(Cleanliness::Clean),
            }],
        };
        let names = Names {
            cabinet: &cabinet,
            people: &people,
        };
        let told = story(&[entry], Some(ROOM), &names, &|_| None);
        assert_eq!(told[0].what, "204 set to Clean");
        assert_eq!(told[0].who, "Maria Silva");
        let change = &told[0].changes[0];
        assert_eq!(
            (change.field, change.before.as_str(), change.after.as_str()),
            ("Cleanliness", "Dirty", "Clean")
        );
    }
}
