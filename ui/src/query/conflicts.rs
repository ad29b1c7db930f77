//! Everything that people have to decide, in one list: fields that several wrote at the same time,
//! and rooms that were given out twice.

use super::{
    few::in_order,
    given_twice::{DoubleBooking, double_bookings},
};
use crate::mirror::cabinet::Cabinet;
use keyrack_model::{
    change::Entity,
    ids::{DocumentRef, RoomId, StayId, WorkOrderId},
    rows::{ConflictSide, FieldConflict, Row},
    time::BusinessDate,
};

/// One field of one document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contested {
    pub document: DocumentRef,
    /// Where it is opened from.
    pub place: Place,
    pub conflict: FieldConflict,
}

/// The thing that a document is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Room(RoomId),
    Stay(StayId),
    WorkOrder(WorkOrderId),
    Hotel,
    /// The hotel's rules.
    Rules,
    Nowhere,
}

/// Which value of a contested field is to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Shown,
    /// The one that gave way.
    Other,
}

impl Which {
    /// None where several gave way: which of them is meant is said for each field by itself.
    pub fn of(self, conflict: &FieldConflict) -> Option<&ConflictSide> {
        match (self, &conflict.gave_way[..]) {
            (Self::Shown, _) => Some(&conflict.shown),
            (Self::Other, [other]) => Some(other),
            (Self::Other, _) => None,
        }
    }
}

/// Contested fields, what was written last first.
pub fn contested(cabinet: &Cabinet) -> Vec<Contested> {
    let rows = cabinet.rows().filter(|row| !row.conflicts.is_empty());
    let fields = rows.flat_map(|row| {
        row.conflicts.iter().map(|conflict| Contested {
            document: row.document,
            place: place_of(row),
            conflict: conflict.clone(),
        })
    });
    let mut ordered = in_order(fields, |it| {
        (newest(&it.conflict), it.document, it.conflict.key.clone())
    });
    ordered.reverse();
    ordered
}

/// How many decisions wait.
pub fn count(cabinet: &Cabinet, date: BusinessDate) -> usize {
    let fields = cabinet.rows().map(|row| row.conflicts.len());
    fields.sum::<usize>() + double_bookings(cabinet, date).len()
}

/// Everything that waits to be decided.
pub fn open(cabinet: &Cabinet, date: BusinessDate) -> (Vec<DoubleBooking>, Vec<Contested>) {
    (double_bookings(cabinet, date), contested(cabinet))
}

/// What is shown and what gave way.
pub fn sides(conflict: &FieldConflict) -> impl Iterator<Item = &ConflictSide> {
    std::iter::once(&conflict.shown).chain(&conflict.gave_way)
}

fn newest(conflict: &FieldConflict) -> Option<i64> {
    sides(conflict).map(|side| side.at.0).max()
}

fn place_of(row: &Row) -> Place {
    let in_room = |room: Option<RoomId>| room.map_or(Place::Nowhere, Place::Room);
    match &row.entity {
        Entity::Room(_) => Place::Room(RoomId(row.id().0)),
        Entity::Stay(_) => Place::Stay(StayId(row.id().0)),
        Entity::Task(task) => in_room(task.room),
        Entity::RoomBlock(block) => in_room(block.room),
        Entity::RoomLink(link) => in_room(link.first),
        Entity::WorkOrder(_) => Place::WorkOrder(WorkOrderId(row.id().0)),
        Entity::Comment(comment) => comment.subject.map_or(Place::Nowhere, Place::WorkOrder),
        Entity::Hotel(_) => Place::Hotel,
        Entity::RuleSheet(_) => Place::Rules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        field::FieldValue,
        ids::{OperationId, UserId},
        room::Room,
        stay::{Stay, StayStatus},
        time::Timestamp,
        work_order::WorkOrder,
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(204));

    fn conflict(key: &str, at: i64) -> FieldConflict {
        let side = |at| ConflictSide {
            value: FieldValue::Nothing,
            operation: OperationId::default(),
            author: UserId::default(),
            at: Timestamp(at),
        };
        FieldConflict {
            key: key.into(),
            shown: side(at - 1),
            gave_way: vec![side(at)],
        }
    }

    fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    #[test]
    fn every_contested_field_is_listed_once_the_latest_first() {
        let order = WorkOrderId(Uuid::from_u128(7));
        let in_room = WorkOrder {
            room: Some(ROOM),
            ..WorkOrder::default()
        };
        let waiting = StayId(Uuid::from_u128(8));
        let mut cabinet = Cabinet::default();
        let with = |row: Row, conflicts| Row { conflicts, ..row };
        cabinet.apply(
            true,
            vec![
                with(row(ROOM, Room::default()), vec![conflict("note", 10)]),
                with(row(order, in_room), vec![conflict("title", 30)]),
                with(
                    row(waiting, Stay::default()),
                    vec![conflict("arrival", 20), conflict("departure", 20)],
                ),
            ],
        );
        let found = contested(&cabinet);
        let listed: Vec<_> = found
            .iter()
            .map(|it| (&*it.conflict.key, it.place))
            .collect();
        assert_eq!(
            listed,
            [
                ("title", Place::WorkOrder(order)),
                ("departure", Place::Stay(waiting)),
                ("arrival", Place::Stay(waiting)),
                ("note", Place::Room(ROOM)),
            ]
        );
        assert_eq!(count(&cabinet, BusinessDate::default()), 4);
    }

    #[test]
    fn the_other_value_is_one_that_is_the_only_other() {
        let mut conflict = conflict("note", 10);
        let at = |which: Which, conflict: &FieldConflict| which.of(conflict).map(|side| side.at.0);
        assert_eq!(at(Which::Shown, &conflict), Some(9));
        assert_eq!(at(Which::Other, &conflict), Some(10));
        conflict.gave_way.push(conflict.shown.clone());
        assert_eq!(at(Which::Shown, &conflict), Some(9));
        assert_eq!(at(Which::Other, &conflict), None);
    }

    #[test]
    fn a_room_that_was_given_out_twice_waits_to_be_decided() {
        let stay = |number| {
            let stay = Stay {
                room: Some(ROOM),
                status: StayStatus::InHouse,
                ..Stay::default()
            };
            row(StayId(Uuid::from_u128(number)), stay)
        };
        let mut cabinet = Cabinet::default();
        cabinet.apply(true, vec![row(ROOM, Room::default()), stay(1), stay(2)]);
        let date = BusinessDate::default();
        assert_eq!(open(&cabinet, date).0.len(), 1);
        assert_eq!(count(&cabinet, date), 1);
    }
}
