//! Rows of a replica's projection, as the interface mirrors them.

use crate::{
    change::Entity,
    class::GuestNames,
    command::Command,
    field::FieldValue,
    field::is_default,
    hotel::Hotel,
    ids::{
        BlockId, CommentId, DeviceId, DocumentId, DocumentRef, HotelId, LinkId, OperationId,
        RoomId, RuleSheetId, StayId, TaskId, UserId, WorkOrderId,
    },
    policy::Role,
    record::Guest,
    room::Room,
    room_block::RoomBlock,
    room_link::RoomLink,
    rule_sheet::RuleSheet,
    stay::{Stay, StayStatus},
    task::Task,
    time::{BusinessDate, Timestamp},
    work_order::{Comment, WorkOrder},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One document as its row, with what people should decide about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Row {
    pub document: DocumentRef,
    pub entity: Entity,
    /// Fields in which somebody's value gave way to another's.
    pub conflicts: Vec<FieldConflict>,
    /// When the newest action that touched the document happened.
    pub changed_at: Timestamp,
}

/// Concurrent values of one field: what is shown and what gave way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FieldConflict {
    pub key: String,
    pub shown: ConflictSide,
    pub gave_way: Vec<ConflictSide>,
}

/// A concurrent value with the action that wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConflictSide {
    pub value: FieldValue,
    pub operation: OperationId,
    pub author: UserId,
    pub at: Timestamp,
}

macro_rules! typed_rows {
    ($($as_kind:ident: $kind:ident by $id:ident),* $(,)?) => {
        impl Row {
            $(/// The row as its own kind; None for another kind.
            pub fn $as_kind(&self) -> Option<($id, &$kind)> {
                match &self.entity {
                    Entity::$kind(entity) => Some(($id(self.document.id.0), entity)),
                    _ => None,
                }
            })*
        }
    };
}

typed_rows! {
    as_hotel: Hotel by HotelId,
    as_room: Room by RoomId,
    as_stay: Stay by StayId,
    as_task: Task by TaskId,
    as_work_order: WorkOrder by WorkOrderId,
    as_comment: Comment by CommentId,
    as_room_block: RoomBlock by BlockId,
    as_room_link: RoomLink by LinkId,
    as_rule_sheet: RuleSheet by RuleSheetId,
}

impl Row {
    pub fn id(&self) -> DocumentId {
        self.document.id
    }
}

/// What a store finds a row by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowKeys {
    /// The room that it is in, or the work order that it is about.
    pub subject: Option<Uuid>,
    pub from: Option<BusinessDate>,
    pub to: Option<BusinessDate>,
    /// Whether it asks for attention whatever the date.
    pub open: bool,
}

impl RowKeys {
    pub fn of(entity: &Entity) -> Self {
        let mut keys = Self {
            subject: None,
            from: None,
            to: None,
            open: true,
        };
        match entity {
            Entity::Hotel(_) | Entity::Room(_) => {}
            Entity::Stay(stay) => {
                keys.subject = stay.room.map(|room| room.0);
                keys.from = Some(stay.arrival);
                keys.to = Some(stay.departure);
                keys.open = stay.status == StayStatus::InHouse;
            }
            Entity::Task(task) => {
                keys.subject = task.room.map(|room| room.0);
                keys.from = Some(task.business_date);
                keys.to = Some(task.business_date);
                keys.open = task.status.is_open();
            }
            Entity::WorkOrder(order) => {
                keys.subject = order.room.map(|room| room.0);
                keys.open = order.status.is_open();
            }
            Entity::Comment(comment) => {
                keys.subject = comment.subject.map(|order| order.0);
                keys.open = !comment.withdrawn;
            }
            Entity::RoomBlock(block) => {
                keys.subject = block.room.map(|room| room.0);
                keys.from = Some(block.from);
                keys.to = Some(block.until);
                keys.open = !block.ended;
            }
            Entity::RoomLink(link) => {
                keys.subject = link.first.map(|room| room.0);
                keys.open = !link.removed;
            }
            Entity::RuleSheet(_) => {}
        }
        keys
    }
}

/// Who the guest of a stay is, as this device knows it: what waits to be sent counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GuestRow {
    pub stay: StayId,
    /// What an edit is written on top of.
    pub version: u64,
    /// None when the guest was erased.
    pub guest: Option<Guest>,
}

/// What people call a device of the hotel. One that is not trusted any more keeps its name: what was
/// done there was done there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub name: String,
    /// Whether who the guests are may be there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub guests: GuestNames,
}

/// A person of the hotel, as others see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    /// The name that person signs in with.
    pub name: String,
    pub display: String,
    pub role: Role,
    /// Does not work here any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
}

/// What one action did to one field, with who, where and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub document: DocumentRef,
    pub operation: OperationId,
    pub command: Command,
    pub author: UserId,
    pub device: DeviceId,
    /// When it happened, by the author's device.
    pub at: Timestamp,
    /// When the server learned of it; None while it waits on this device.
    pub known_at: Option<Timestamp>,
    pub fields: Vec<HistoryField>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryField {
    pub key: String,
    pub before: FieldValue,
    pub after: FieldValue,
}
