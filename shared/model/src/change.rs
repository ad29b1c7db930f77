//! What became true: one field of one document.

use crate::{
    field::FieldValue,
    hotel::{Hotel, HotelChange},
    ids::{
        BlockId, CommentId, DocumentKind, DocumentRef, HotelId, LinkId, RoomId, RuleSheetId,
        StayId, TaskId, WorkOrderId,
    },
    merge::MergeRule,
    room::{Room, RoomChange},
    room_block::{RoomBlock, RoomBlockChange},
    room_link::{RoomLink, RoomLinkChange},
    rule_sheet::{RuleSheet, RuleSheetChange},
    stay::{Stay, StayChange},
    task::{Task, TaskChange},
    work_order::{Comment, CommentChange, WorkOrder, WorkOrderChange},
};
use serde::{Deserialize, Serialize};

/// A document read as what it means.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Entity {
    Hotel(Hotel),
    Room(Room),
    Stay(Stay),
    Task(Task),
    WorkOrder(WorkOrder),
    Comment(Comment),
    RoomBlock(RoomBlock),
    RoomLink(RoomLink),
    RuleSheet(RuleSheet),
}

/// One field of one document took a value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Change {
    Hotel(HotelId, HotelChange),
    Room(RoomId, RoomChange),
    Stay(StayId, StayChange),
    Task(TaskId, TaskChange),
    WorkOrder(WorkOrderId, WorkOrderChange),
    Comment(CommentId, CommentChange),
    RoomBlock(BlockId, RoomBlockChange),
    RoomLink(LinkId, RoomLinkChange),
    RuleSheet(RuleSheetId, RuleSheetChange),
}

macro_rules! each_kind {
    ($($kind:ident / $id:ident / $change:ident),* $(,)?) => {
        impl Change {
            pub fn document(&self) -> DocumentRef {
                match self { $(Self::$kind(id, _) => (*id).into()),* }
            }

            pub fn key(&self) -> &'static str {
                match self { $(Self::$kind(_, change) => change.key()),* }
            }

            pub fn value(&self) -> FieldValue {
                match self { $(Self::$kind(_, change) => change.value()),* }
            }

            /// Reads a stored field back; None for what this version does not know.
            pub fn from_field(document: DocumentRef, key: &str, value: &FieldValue) -> Option<Self> {
                match document.kind {
                    $(DocumentKind::$kind => {
                        $change::from_field(key, value).map(|change| Self::$kind($id(document.id.0), change))
                    }),*
                }
            }
        }

        impl Entity {
            pub fn empty(kind: DocumentKind) -> Self {
                match kind { $(DocumentKind::$kind => Self::$kind(Default::default())),* }
            }

            pub fn kind(&self) -> DocumentKind {
                match self { $(Self::$kind(_) => DocumentKind::$kind),* }
            }

            /// Puts a stored field into the entity; false for what this version does not know.
            pub fn put(&mut self, key: &str, value: &FieldValue) -> bool {
                match self {
                    $(Self::$kind(entity) => match $change::from_field(key, value) {
                        Some(change) => { entity.apply(change); true }
                        None => false,
                    }),*
                }
            }
        }

        impl Entity {
            /// The value of one field; None for a key that this version does not know.
            pub fn field(&self, key: &str) -> Option<FieldValue> {
                match self { $(Self::$kind(entity) => entity.field(key)),* }
            }
        }

        $(
            impl From<$kind> for Entity {
                fn from(entity: $kind) -> Self { Self::$kind(entity) }
            }

            impl $kind {
                /// The changes that make the empty document `id` read as this entity.
                pub fn creation(&self, id: $id) -> Vec<Change> {
                    self.as_changes().into_iter().map(|change| Change::$kind(id, change)).collect()
                }
            }
        )*

        /// Every field of a kind of document with its merge rule.
        pub fn fields_of(kind: DocumentKind) -> &'static [(&'static str, MergeRule)] {
            match kind { $(DocumentKind::$kind => $change::FIELDS),* }
        }
    };
}

each_kind! {
    Hotel / HotelId / HotelChange,
    Room / RoomId / RoomChange,
    Stay / StayId / StayChange,
    Task / TaskId / TaskChange,
    WorkOrder / WorkOrderId / WorkOrderChange,
    Comment / CommentId / CommentChange,
    RoomBlock / BlockId / RoomBlockChange,
    RoomLink / LinkId / RoomLinkChange,
    RuleSheet / RuleSheetId / RuleSheetChange,
}

/// The merge rule of one field; None for a field that this version does not know.
pub fn rule_of(kind: DocumentKind, key: &str) -> Option<MergeRule> {
    fields_of(kind)
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, rule)| *rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_entity_rebuilt_from_its_changes_is_the_same() {
        let stay = Stay {
            booking: "B-2017-7".into(),
            room: Some(RoomId(Uuid::from_u128(4))),
            arrival: "2017-05-25".parse().unwrap(),
            adults: 2,
            ..Stay::default()
        };
        let mut rebuilt = Entity::empty(DocumentKind::Stay);
        for change in stay.creation(StayId(Uuid::from_u128(1))) {
            let again = Change::from_field(change.document(), change.key(), &change.value());
            assert_eq!(again, Some(change.clone()));
            assert!(rebuilt.put(change.key(), &change.value()));
        }
        assert_eq!(rebuilt, Entity::Stay(stay));
    }
}
