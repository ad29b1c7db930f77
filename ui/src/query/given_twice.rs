//! Rooms that were given out twice, or while they are out of order, by people who had not heard of one
//! another.

use super::few::in_order;
use crate::mirror::cabinet::{Cabinet, RoomFile};
use keyrack_model::{
    availability::{Interval, clashes},
    field::FieldType,
    ids::{RoomId, StayId},
    room_block::BlockKind,
    rows::HistoryEntry,
    stay::{Stay, StayStatus},
    time::BusinessDate,
};

/// A room that stays cannot have as they do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DoubleBooking {
    pub room: RoomId,
    /// Earliest first.
    pub stays: Vec<StayId>,
    /// The end of the block that keeps a single stay out; None where stays are in each other's way.
    pub blocked_until: Option<BusinessDate>,
}

/// Every room that was given out twice, or to somebody and out of order.
pub fn double_bookings(cabinet: &Cabinet, date: BusinessDate) -> Vec<DoubleBooking> {
    let rooms = cabinet
        .rooms()
        .filter_map(|(room, _)| double_booking(room, cabinet.file_of(room)?, date));
    rooms.collect()
}

/// The stays of a room that are in it together, have it for the same nights from a business date on, or
/// have it while it is out of order.
pub fn double_booking(room: RoomId, file: &RoomFile, date: BusinessDate) -> Option<DoubleBooking> {
    let keeps_out = |stay: &Stay| matches!(stay.status, StayStatus::Expected | StayStatus::InHouse);
    let stays: Vec<_> = file.stays().filter(|(_, stay)| keeps_out(stay)).collect();
    let fights = |(id, stay): &(StayId, &Stay)| {
        stays.iter().any(|(other, theirs)| {
            let both_here = stay.status == StayStatus::InHouse && theirs.status == stay.status;
            let their_days = Interval::of(theirs).from_day(date);
            other != id && (both_here || clashes(days_left(stay, date), their_days))
        })
    };
    let earliest = |(id, stay): &(StayId, &Stay)| (stay.arrival, *id);
    let fighting = in_order(stays.iter().copied().filter(fights), earliest);
    if !fighting.is_empty() {
        return Some(DoubleBooking {
            room,
            stays: fighting.into_iter().map(|(id, _)| id).collect(),
            blocked_until: None,
        });
    }
    let (stay, until) = in_order(stays.iter().copied(), earliest)
        .into_iter()
        .find_map(|(id, stay)| Some((id, out_of_order_until(file, stay, date)?)))?;
    Some(DoubleBooking {
        room,
        stays: vec![stay],
        blocked_until: Some(until),
    })
}

fn days_left(stay: &Stay, date: BusinessDate) -> Interval {
    Interval::of(stay).from_day(date)
}

/// The end of a block that has the room out of order on a stay's days.
fn out_of_order_until(file: &RoomFile, stay: &Stay, date: BusinessDate) -> Option<BusinessDate> {
    let blocks = file.blocks().map(|(_, block)| block);
    let in_the_way = blocks.filter(|block| {
        block.kind == BlockKind::OutOfOrder
            && !block.ended
            && clashes(days_left(stay, date), Interval::of_block(block))
    });
    in_the_way.map(|block| block.until).max()
}

/// What gave a stay a room last, or brought its guest into it; a story is told newest first. None
/// where only the server knows.
pub fn giving(story: &[HistoryEntry], stay: StayId, room: RoomId) -> Option<&HistoryEntry> {
    story.iter().find(|entry| {
        let mut fields = entry.fields.iter();
        entry.document == stay.into()
            && fields.any(|field| match field.key.as_str() {
                "room" => Option::<RoomId>::from_value(&field.after).flatten() == Some(room),
                "status" => StayStatus::from_value(&field.after) == Some(StayStatus::InHouse),
                _ => false,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        change::Entity,
        command::Command,
        ids::{BlockId, DeviceId, DocumentRef, OperationId, UserId},
        room::Room,
        room_block::RoomBlock,
        rows::{HistoryField, Row},
        time::Timestamp,
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(101));

    fn day(day: i8) -> BusinessDate {
        BusinessDate(jiff::civil::date(2017, 5, day))
    }

    fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    fn stay(number: u128, status: StayStatus, from: i8, to: i8) -> Row {
        let stay = Stay {
            room: Some(ROOM),
            status,
            arrival: day(from),
            departure: day(to),
            ..Stay::default()
        };
        row(StayId(Uuid::from_u128(number)), stay)
    }

    #[test]
    fn a_room_is_given_twice_when_two_have_it_for_a_night_or_are_in_it() {
        use StayStatus::{Cancelled, Expected, InHouse};
        for (one, other, twice) in [
            ((InHouse, 20, 25), (Expected, 25, 28), false),
            ((InHouse, 20, 24), (Expected, 24, 28), false),
            ((Cancelled, 25, 28), (Expected, 25, 28), false),
            ((Expected, 25, 28), (Expected, 24, 26), true),
            ((InHouse, 20, 25), (InHouse, 25, 28), true),
        ] {
            let rows = [(1, one), (2, other)]
                .map(|(number, (status, from, to))| stay(number, status, from, to));
            let mut cabinet = Cabinet::default();
            let room = row(ROOM, Room::default());
            cabinet.apply(true, rows.into_iter().chain([room]).collect());
            let found = double_bookings(&cabinet, day(25));
            assert_eq!(found.len(), usize::from(twice), "{one:?} {other:?}");
            assert!(found.iter().all(|found| found.stays.len() == 2));
        }
    }

    #[test]
    fn a_room_that_is_out_of_order_on_the_days_of_a_stay_is_to_be_decided_about() {
        use BlockKind::{OutOfOrder, OutOfService};
        use StayStatus::{Departed, Expected, InHouse};
        for (status, kind, ended, (from, until), expected) in [
            (InHouse, OutOfOrder, false, (24, 27), Some(27)),
            (Expected, OutOfOrder, false, (27, 30), Some(30)),
            (Expected, OutOfOrder, false, (28, 30), None),
            (InHouse, OutOfOrder, false, (21, 25), None),
            (InHouse, OutOfOrder, true, (24, 27), None),
            (InHouse, OutOfService, false, (24, 27), None),
            (Departed, OutOfOrder, false, (24, 27), None),
        ] {
            let block = RoomBlock {
                room: Some(ROOM),
                kind,
                from: day(from),
                until: day(until),
                ended,
                ..RoomBlock::default()
            };
            let mut cabinet = Cabinet::default();
            let rows = [
                row(ROOM, Room::default()),
                stay(1, status, 23, 28),
                row(BlockId(Uuid::from_u128(9)), block),
            ];
            cabinet.apply(true, rows.into_iter().collect());
            let found = double_bookings(&cabinet, day(25));
            let until = found.first().and_then(|found| found.blocked_until);
            assert_eq!(until, expected.map(day), "{status} {kind} {from}");
        }
    }

    #[test]
    fn who_gave_a_stay_its_room_is_who_wrote_it_last() {
        let stay = StayId(Uuid::from_u128(1));
        let elsewhere = RoomId(Uuid::from_u128(102));
        let entry = |number, key: &str, after| HistoryEntry {
            document: stay.into(),
            operation: OperationId(Uuid::from_u128(number)),
            command: Command::Redacted,
            author: UserId::default(),
            device: DeviceId::default(),
            at: Timestamp(0),
            known_at: None,
            fields: vec![HistoryField {
                key: key.into(),
                before: Option::<RoomId>::None.to_value(),
                after,
            }],
        };
        let story = [
            entry(3, "note", "Late".to_owned().to_value()),
            entry(2, "room", Some(ROOM).to_value()),
            entry(1, "room", Some(elsewhere).to_value()),
        ];
        let by = |room| giving(&story, stay, room).map(|entry| entry.operation.0.as_u128());
        assert_eq!(by(ROOM), Some(2));
        assert_eq!(by(elsewhere), Some(1));
        assert_eq!(by(RoomId(Uuid::from_u128(103))), None);
        assert_eq!(giving(&story, StayId::default(), ROOM), None);
    }
}
