//! Fields and their values as people say them.

use super::Names;
use crate::{
    catalogue::{t, t_word},
    clock::short_date,
};
use keyrack_model::{
    change::Change,
    field::FieldValue,
    hotel::HotelChange,
    ids::{DocumentKind, DocumentRef},
    room::RoomChange,
    room_block::RoomBlockChange,
    rule_sheet::RuleKey,
    stay::StayChange,
    task::TaskChange,
    work_order::{CommentChange, WorkOrderChange},
};

/// The name of a field that people know; None for the others.
pub fn field_label(kind: DocumentKind, key: &str) -> Option<&'static str> {
    use DocumentKind::{Comment, Hotel, Room, RoomBlock, RuleSheet, Stay, Task, WorkOrder};
    Some(match (kind, key) {
        (Hotel, "name") => t("field.hotel-name"),
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
        (Task, "entered_because") => t("field.entered-because"),
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
    match change {
        Change::Hotel(_, HotelChange::BusinessDate(value)) => short_date(value),
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
        Change::Task(_, TaskChange::EnteredBecause(Some(reason))) => {
            t_word("entry", reason.word()).to_owned()
        }
        Change::RoomBlock(_, RoomBlockChange::Kind(kind)) => {
            t_word("block", kind.word()).to_owned()
        }
        Change::RoomBlock(_, RoomBlockChange::ReturnStatus(value)) => {
            t_word("cleanliness", value.word()).to_owned()
        }
        Change::RoomBlock(_, RoomBlockChange::From(value) | RoomBlockChange::Until(value)) => {
            short_date(value)
        }
        Change::Stay(_, StayChange::Arrival(value) | StayChange::Departure(value)) => {
            short_date(value)
        }
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
